/*
 * Offers and answers of a dialog (RFC 3264, RFC 3261 13.2.1), and what comes
 * after them: trickled candidates (RFC 8840), descriptions that change it.
 */
#include "config.h"

#include "core/crypto.h"
#include "flow/facts.h"
#include "flow/stages_state.h"

/* Where a candidate stands: whose description, of which message and medium. */
struct standing {
	struct dialog *dialog;    /* NULL: of none */
	struct description *told; /* this, or NULL: one of the dialog's */
	const struct message *message;
	bool answer;
	bool other;            /* the body that comes second */
	size_t section;        /* from 1; 0: unknown */
	const char *mid;       /* or NULL */
	const struct sdp *sdp; /* that names networks, or NULL */
	kept_text ufrag;       /* or 0 */
};

static const char *text_or_null(struct stages *s, struct slice text)
{
	return text.n ? stages_text(s, text) : NULL;
}

static struct description *described(const struct standing *at)
{
	if (at->told)
		return at->told;
	if (at->other)
		return at->dialog->other;
	return at->answer ? &at->dialog->reply : &at->dialog->offer;
}

static void fill_candidate(struct stages *s, const struct standing *at,
			   const struct sdp_candidate *from,
			   struct candidate *to)
{
	const struct dialog *dialogs = s->model->dialogs.rows;
	struct candidate_extra extra = {.mid = at->mid,
					.turn_session = from->turn_session};
	struct endpoint endpoint = from->endpoint;

	if (at->sdp)
		extra.network =
			text_or_null(s, sdp_network_of(at->sdp, at->section,
						       from->foundation));
	/* Of a name the port is still one. */
	if (endpoint.family == FAMILY_NONE) {
		extra.host = stages_text(s, from->host);
		endpoint.port = from->port;
	}

	*to = (struct candidate){
		.side = at->answer ? SIDE_ANSWER : SIDE_OFFER,
		.type = (uint8_t)from->type,
		.tcp = from->transport == CANDIDATE_TCP,
		.tcp_type = (uint8_t)from->tcp_type,
		.section = (uint8_t)(at->section <= SECTIONS_TOLD ? at->section
								  : 0),
		.component = (uint16_t)from->component,
		.priority = from->priority,
		.foundation = model_keep_text(s->model, from->foundation),
		.ufrag = from->ufrag.n ? model_keep_text(s->model, from->ufrag)
				       : at->ufrag,
		.endpoint = model_end(s->model, &endpoint),
		.related = model_end(s->model, &from->related),
		.place = stages_place(s, &at->message->from),
		.dialog = at->dialog ? (uint32_t)(at->dialog - dialogs)
				     : CHAIN_END,
		.call = CHAIN_END,
		.allocation = CHAIN_END,
		.next = LIST_NONE,
	};
	candidate_set_extra(s->model, to, &extra);
}

static void add_candidate(struct stages *s, const struct standing *at,
			  const struct sdp_candidate *from)
{
	struct description *d = described(at);
	struct list *list = &s->model->candidates;
	struct candidate *c;

	if (d->candidate_count == DESCRIPTION_CANDIDATES_MAX) {
		list->refused++;
		return;
	}
	c = list_add(list);
	if (!c)
		return;
	fill_candidate(s, at, from, c);
	if (d->candidate_count++ == 0)
		d->first_candidate = (uint32_t)list->count - 1;
	else
		((struct candidate *)list_at(list, d->last_candidate))->next =
			(uint32_t)list->count - 1;
	d->last_candidate = (uint32_t)list->count - 1;
	d->relay |= from->type == CANDIDATE_RELAY;
}

static enum ice_dialect dialect_of(const struct sdp_media *media)
{
	return media->candidate_count &&
			       media->candidates[0].grammar == GRAMMAR_MS_06
		       ? DIALECT_DRAFT_06
		       : DIALECT_DRAFT_19;
}

static void add_candidates(struct stages *s, struct standing *at,
			   const struct sdp_media *media)
{
	at->mid = text_or_null(s, media->mid);
	at->ufrag = model_keep_text(s->model, media->transport.ice_ufrag);
	for (size_t i = 0; i < media->candidate_count; i++)
		add_candidate(s, at, &media->candidates[i]);
	if (media->candidate_count || media->transport.ice_ufrag.n)
		described(at)->dialect = (uint8_t)dialect_of(media);
}

/* A section in use that is to carry RTP. */
static bool is_rtp(const struct sdp_media *media)
{
	size_t at;

	return (media->port || media->bundle_only) &&
	       slice_search(media->proto, SLICE("RTP"), &at);
}

/* The first that is said of each stands for all: sections of one description
 * share them in nearly all calls. */
static void note_transport(struct stages *s, struct description *d,
			   const struct sdp_media *media)
{
	const struct sdp_transport *t = &media->transport;
	struct endpoint at = t->address;

	if (t->ice_ufrag.n && !d->ufrag) {
		d->ufrag = model_keep_text(s->model, t->ice_ufrag);
		d->pwd = model_keep_text(s->model, t->ice_pwd);
	}
	if (!d->fingerprint)
		d->fingerprint = model_keep_text(s->model, t->fingerprint);
	if (!d->setup)
		d->setup = (uint8_t)t->setup;
	at.port = media->port;
	if (!d->transport && calls_is_somewhere(&at))
		d->transport = calls_address_value(s, &at);
}

static void add_media(struct stages *s, struct standing *at,
		      const struct sdp_media *media)
{
	struct description *d = described(at);
	enum sdp_direction way = media->transport.direction;

	if (is_rtp(media)) {
		d->sends |= way == SDP_SENDRECV || way == SDP_SENDONLY;
		d->receives |= way == SDP_SENDRECV || way == SDP_RECVONLY;
	}
	note_transport(s, d, media);
	add_candidates(s, at, media);
	d->ice |= media->candidate_count || media->transport.ice_ufrag.n;
}

/* Numbers that short are made up or constant ("0", "1"). */
#define SESSION_ID_MIN 6u

bool sdp_is_numbered(const struct sdp *sdp)
{
	size_t significant = 0;

	for (size_t i = 0; i < sdp->session_id.n; i++)
		significant += significant || sdp->session_id.p[i] != '0';
	return significant >= SESSION_ID_MIN;
}

/*
 * o= without its version: the same in two calls means that one description was
 * handed on.  "o=- 0 0 IN IP4 0.0.0.0" and its like say nothing.
 */
static uint64_t identity_of(const struct stages *s, const struct sdp *sdp)
{
	struct slice address = sdp->origin;
	uint64_t session;
	size_t at;

	if (!sdp_is_numbered(sdp))
		return 0;
	while (slice_find(address, ' ', &at))
		address = slice_from(address, at + 1);
	session = hash_mix(stages_hash(s, sdp->session_id) +
			   3 * stages_hash(s, sdp->origin_username));
	return session >> 32 << 32 | stages_hash(s, address) >> 32;
}

/* What rewrites descriptions on the way does so with offer and answer: they
 * have to agree on the caller's hop, where the offer was seen first. */
static void hear_answer(struct stages *s, struct dialog *d,
			const struct message *m, const struct sdp *sdp)
{
	const struct known_sections known[] = {
		{d->reply.sections, d->reply.media_lines},
		{d->offer.sections, d->offer.media_lines},
	};

	if (d->reply.heard || !d->caller_offers || m->u.sip->request ||
	    !stages_is_dst(s, &m->from, d->src) ||
	    sdp->media_count != d->reply.media_lines)
		return;
	d->reply.heard = stages_place(s, &m->from);
	d->reply.sections = sections_of(s, sdp, known, 2);
}

/* Only the first of each kind makes the call; later ones change it. */
static void note_description(struct stages *s, struct standing *at,
			     const struct sdp *sdp)
{
	struct description *d = described(at);
	struct known_sections known = {NULL, 0};
	size_t trickle;

	if (d->place)
		return;
	d->place = stages_place(s, &at->message->from);
	d->media_lines = (uint16_t)sdp->media_count;
	d->lite = sdp->ice_lite;
	d->trickles =
		slice_search(sdp->ice_options, SLICE("trickle"), &trickle);
	d->identity = identity_of(s, sdp);
	if (at->dialog)
		known = (struct known_sections){at->dialog->offer.sections,
						at->dialog->offer.media_lines};
	d->sections = sections_of(s, sdp, &known, 1);
	at->sdp = sdp->networks ? sdp : NULL;
	for (size_t i = 0; i < sdp->media_count; i++) {
		at->section = i + 1;
		add_media(s, at, &sdp->media[i]);
	}
}

#define CANDIDATE_ID_MAX 64u

/* [MS-ICE] checks name candidates by their decoded id (draft-06 7.5). */
static struct slice id_of(const struct sdp_candidate *c,
			  uint8_t id[CANDIDATE_ID_MAX], struct text *text)
{
	size_t n;

	if (c->grammar != GRAMMAR_MS_06 || c->foundation.n > CANDIDATE_ID_MAX ||
	    base64_decode(c->foundation, id, &n) != STATUS_OK)
		return (struct slice){0};
	return name_text(slice_of(id, n), text);
}

static void own_candidate_id(struct stages *s, size_t call,
			     const struct sdp_candidate *c, nanoseconds from)
{
	uint8_t id[CANDIDATE_ID_MAX];
	struct text text = text_new(NAME_TEXT_MAX);
	struct slice name = id_of(c, id, &text);

	if (name.n)
		calls_own_name(s, call, name, from);
	text_free(&text);
}

/* Draft-06 has no user fragments: the id of the first candidate stands for
 * them. */
static bool is_fresh_id(const struct stages *s, const struct dialog *d,
			const struct sdp_media *media)
{
	const struct dialog *dialogs = s->model->dialogs.rows;
	uint8_t id[CANDIDATE_ID_MAX];
	struct text text = text_new(NAME_TEXT_MAX);
	struct slice name = {0};
	bool fresh;

	if (media->candidate_count)
		name = id_of(&media->candidates[0], id, &text);
	fresh = name.n && !calls_owns_name(s, (size_t)(d - dialogs), name);
	text_free(&text);
	return fresh;
}

/* Every description names what belongs to the call, also one that changes it
 * later (ICE restart, hold, move) or that a proxy rewrote on its hop. */
static void own_media(struct stages *s, uint32_t call,
		      const struct sdp_media *media, const struct message *m)
{
	struct endpoint at = media->transport.address;
	nanoseconds from = m->from.time;
	place_number place = stages_place(s, &m->from);

	at.port = media->port;
	dialog_names_address(s, call, &at, place);
	calls_own_name(s, call, media->transport.ice_ufrag, from);
	certificate_promise(s, call, media->transport.fingerprint, from);
	for (size_t i = 0; i < media->candidate_count; i++) {
		const struct sdp_candidate *c = &media->candidates[i];

		dialog_names_address(s, call, &c->endpoint, place);
		calls_own_name(s, call, c->ufrag, from);
		own_candidate_id(s, call, c, from);
	}
}

/* Who wrote this: the one that offered first or the one that answers? */
static bool is_answerers(const struct stages *s, const struct dialog *d,
			 const struct sip_message *sip)
{
	bool callers = stages_hash(s, sip->from_tag) == d->from_tag;

	return (callers == sip->request) != d->caller_offers;
}

static bool has_candidate(const struct stages *s, const struct description *d,
			  const struct sdp_candidate *c)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *row =
			list_at(&s->model->candidates, at);
		const char *host = candidate_extra_of(s->model, row)->host;

		if (c->endpoint.family != FAMILY_NONE
			    ? endpoint_equal(end_at(s->model, row->endpoint),
					     &c->endpoint)
			    : host && slice_is(c->host, host))
			return true;
		at = row->next;
	}
	return false;
}

/* Trickled candidates: a fragment repeats those that were sent before (RFC
 * 8840 4.3), which are known by their address. */
static void take_fragment(struct stages *s, struct standing *at,
			  const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		at->mid = text_or_null(s, media->mid);
		at->ufrag =
			model_keep_text(s->model, media->transport.ice_ufrag);
		for (size_t k = 0; k < media->candidate_count; k++) {
			const struct sdp_candidate *c = &media->candidates[k];

			if (!has_candidate(s, described(at), c))
				add_candidate(s, at, c);
		}
	}
}

/* ---- descriptions of no dialog ---- */

void description_told(struct stages *s, struct description *d, bool answer,
		      const struct message *m)
{
	struct standing at = {.told = d, .message = m, .answer = answer};

	note_description(s, &at, m->u.told->sdp);
}

void description_trickles(struct stages *s, struct description *d, bool answer,
			  const struct message *m)
{
	struct standing at = {.told = d, .message = m, .answer = answer};
	const struct sdp *sdp = m->u.told->sdp;

	at.ufrag = d->ufrag;
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		at.mid = text_or_null(s, media->mid);
		for (size_t k = 0; k < media->candidate_count; k++)
			if (!has_candidate(s, d, &media->candidates[k]))
				add_candidate(s, &at, &media->candidates[k]);
	}
}

/* ---- one offer in two dialects ---- */

static bool is_at(struct stages *s, place_number place, const struct message *m)
{
	return place_same(s->model, place, stages_place(s, &m->from));
}

/* The other body of the message that offers. */
static bool is_second_body(struct stages *s, const struct dialog *d,
			   const struct message *m)
{
	return m->u.sip->request && !d->other && is_at(s, d->offer.place, m);
}

static void take_second_body(struct stages *s, struct standing *at,
			     const struct sdp *sdp)
{
	struct dialog *d = at->dialog;

	d->other = arena_alloc(&s->model->arena, sizeof(*d->other));
	if (!d->other) {
		s->model->out_of_memory = true;
		return;
	}
	*d->other = (struct description){0};
	at->answer = false;
	at->other = true;
	note_description(s, at, sdp);
}

/* The answer has one body: its dialect tells which one of the offer it is
 * for.  Without ICE it is for the newer one: of alternatives the last that is
 * understood counts (RFC 2046 5.1.4). */
static bool is_for_other(const struct dialog *d)
{
	if (!d->reply.dialect)
		return d->reply.place && d->offer.dialect != DIALECT_DRAFT_19 &&
		       d->other->dialect == DIALECT_DRAFT_19;
	return d->offer.dialect != d->reply.dialect &&
	       d->other->dialect == d->reply.dialect;
}

static void choose_body(struct dialog *d)
{
	struct description kept = d->offer;

	if (!d->other || !is_for_other(d))
		return;
	d->offer = *d->other;
	*d->other = kept;
}

/* The INVITE is not in the capture: what a response describes is the answer to
 * it, until an ACK with a description shows that it was an offer. */
static bool answers_unseen(const struct dialog *d,
			   const struct sip_message *sip)
{
	return !d->offer.place && !d->invite && !sip->request;
}

static void make_offer(struct stages *s, struct dialog *d)
{
	size_t at = d->reply.first_candidate;

	for (size_t i = 0; i < d->reply.candidate_count; i++) {
		struct candidate *c = list_at(&s->model->candidates, at);

		c->side = SIDE_OFFER;
		at = c->next;
	}
	d->offer = d->reply;
	d->reply = (struct description){0};
	d->caller_offers = false;
}

/* ---- another hop ---- */

static bool is_fresh(const struct stages *s, const struct dialog *d,
		     const struct sdp_media *media)
{
	const struct dialog *dialogs = s->model->dialogs.rows;
	struct slice ufrag = media->transport.ice_ufrag;

	return ufrag.n && (d->offer.ufrag || d->reply.ufrag) &&
	       !calls_owns_name(s, (size_t)(d - dialogs), ufrag);
}

/* What stands in the middle of the media, with user fragments of its own,
 * rewrites the description on its way: the checks on each side of it are of
 * candidates that stand there. */
static void take_hop(struct stages *s, struct standing *at,
		     const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		if (!is_fresh(s, at->dialog, &sdp->media[i]))
			continue;
		at->section = i + 1;
		add_candidates(s, at, &sdp->media[i]);
	}
}

/* ---- branches of a fork ---- */

static struct branch *branch_of(struct stages *s, struct dialog *d,
				uint64_t tag)
{
	struct branch *b = d->branches;
	size_t count = 0;

	for (; b; b = b->next, count++)
		if (b->tag == tag)
			return b;
	if (count == BRANCHES_KEPT)
		return NULL;
	b = arena_alloc(&s->model->arena, sizeof(*b));
	if (!b) {
		s->model->out_of_memory = true;
		return NULL;
	}
	*b = (struct branch){.next = d->branches, .tag = tag};
	d->branches = b;
	return b;
}

static bool is_any_fresh(const struct stages *s, const struct dialog *d,
			 const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (is_fresh(s, d, &sdp->media[i]) ||
		    is_fresh_id(s, d, &sdp->media[i]))
			return true;
	return false;
}

/* The candidates of a branch may be checked, whether its answer will count or
 * not.  What has no user fragments of its own is the answer that counts, to
 * which somebody on the way gave another tag. */
static void take_branch(struct stages *s, struct standing *at,
			const struct sdp *sdp, uint64_t tag)
{
	struct branch *b;

	if (!is_any_fresh(s, at->dialog, sdp))
		return;
	b = branch_of(s, at->dialog, tag);
	if (!b)
		return;
	at->told = &b->answer;
	note_description(s, at, sdp);
	at->told = NULL;
}

/* Does it repeat the user fragments, or in draft-06 a candidate, of the answer
 * that counts so far? */
static bool is_same_answer(struct stages *s, const struct dialog *d,
			   const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (d->reply.ufrag
			    ? model_keep_text(s->model,
					      media->transport.ice_ufrag) ==
				      d->reply.ufrag
			    : media->candidate_count &&
				      has_candidate(s, &d->reply,
						    &media->candidates[0]))
			return true;
	}
	return false;
}

static bool has_names(const struct description *d)
{
	return d->ufrag ||
	       (d->candidate_count && d->dialect == DIALECT_DRAFT_06);
}

/* The answer of another branch counts from here on. */
static void change_branch(struct stages *s, struct dialog *d,
			  const struct sdp *sdp, uint64_t tag)
{
	struct branch *counts = d->branches;
	struct branch *b = NULL;

	if (has_names(&d->reply) && !is_same_answer(s, d, sdp))
		b = branch_of(s, d, d->reply_tag);
	if (b)
		b->answer = d->reply;
	d->reply = (struct description){0};
	while (counts && counts->tag != tag)
		counts = counts->next;
	if (counts)
		counts->answer = (struct description){0};
}

/* The callee offered, and its response says so once more: no answer. */
static bool is_offer_again(const struct stages *s, const struct dialog *d,
			   const struct sip_message *sip)
{
	return !d->caller_offers && !sip->request && !is_answerers(s, d, sip);
}

static bool is_of_branch(const struct dialog *d, const struct sip_message *sip,
			 uint64_t tag)
{
	return d->caller_offers && d->reply.place && d->reply_tag &&
	       tag != d->reply_tag && !sip->request && sip->to_tag.n &&
	       sip->method == SIP_INVITE;
}

/*
 * Which side a description belongs to: an INVITE with SDP is an offer;
 * without, the first response with SDP offers and the ACK or PRACK answers.
 * Of several forks that answer the one with the 2xx counts.
 */
static void take_description(struct stages *s, struct standing *at,
			     const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	struct dialog *d = at->dialog;
	uint64_t tag = stages_hash(s, sip->to_tag);
	bool accepted = !sip->request && sip->status >= 200;

	if (answers_unseen(d, sip))
		d->caller_offers = true;
	else if (!d->offer.place && sip->method == SIP_ACK && d->reply.place)
		make_offer(s, d);
	else if (!d->offer.place) {
		d->caller_offers = sip->request;
		at->answer = false;
		note_description(s, at, sdp);
		return;
	}
	if (is_second_body(s, d, m)) {
		take_second_body(s, at, sdp);
		return;
	}
	if (sip->request && sip->method == SIP_INVITE) {
		at->answer = false;
		if (d->caller_offers)
			take_hop(s, at, sdp);
		return;
	}
	/* In a 2xx behind a 183, or in a copy. */
	if (is_offer_again(s, d, sip)) {
		at->answer = false;
		take_hop(s, at, sdp);
		return;
	}
	if (accepted && d->caller_offers && d->reply.place &&
	    tag != d->reply_tag && d->reply_tag)
		change_branch(s, d, sdp, tag);
	if (!d->reply.place && !sip->request)
		d->reply_tag = tag;
	at->answer = true;
	if (is_of_branch(d, sip, tag)) {
		take_branch(s, at, sdp, tag);
		return;
	}
	if (d->reply.place && d->caller_offers && !sip->request &&
	    tag == d->reply_tag)
		take_hop(s, at, sdp);
	note_description(s, at, sdp);
	if (facts_is_alone(m) && tag == d->reply_tag)
		hear_answer(s, d, m, sdp);
	choose_body(d);
}

/* ---- the final offer of [MS-ICE2] ---- */

/* "1 192.0.2.1 6000 2 ..." (RFC 8839 5.2): the address of component 1. */
static struct endpoint first_remote(struct slice text)
{
	struct endpoint e;
	struct slice ip;
	uint64_t port;

	(void)slice_split(&text, ' ');
	ip = slice_split(&text, ' ');
	if (slice_number(slice_split(&text, ' '), UINT16_MAX, &port) !=
		    STATUS_OK ||
	    endpoint_parse(ip, (uint16_t)port, &e) != STATUS_OK)
		return (struct endpoint){0};
	return e;
}

static void take_final(struct stages *s, struct dialog *d,
		       const struct message *m, const struct sdp *sdp)
{
	const struct sdp_media *media = sdp->media;
	struct list *list = &s->model->finals;
	struct final_offer *row;
	uint32_t *next = NULL;

	if (sdp->media_count == 0 ||
	    (!media->remote_candidates.n && !media->remote_candidate_id.n))
		return;
	row = list_add(list);
	if (!row)
		return;
	row->place = stages_place(s, &m->from);
	row->local = media->transport.address;
	row->local.port = media->port;
	row->remote = first_remote(media->remote_candidates);
	row->answer = !m->u.sip->request;
	row->next = CHAIN_END;
	if (d->finals.count)
		next = &((struct final_offer *)list_at(list, d->finals.last))
				->next;
	model_chain(&d->finals, (uint32_t)list->count - 1, next);
}

/* ---- ICE restarts (RFC 8839 4.4.1.1.1) ---- */

/* A user fragment that neither side has used before, on whatever hop. */
static void take_restart(struct stages *s, struct standing *at,
			 const struct message *m, const struct sdp *sdp)
{
	bool any = false;

	for (size_t i = 0; i < sdp->media_count; i++) {
		if (!is_fresh(s, at->dialog, &sdp->media[i]))
			continue;
		at->section = i + 1;
		add_candidates(s, at, &sdp->media[i]);
		any = true;
	}
	if (any)
		dialog_restarts(s, at->dialog, m);
}

/* Of the INVITE only what belongs to its newest try.  An UPDATE comes when
 * offer and answer are there (RFC 3311 5.1). */
static bool sets_up(const struct stages *s, const struct dialog *d,
		    const struct sip_message *sip)
{
	return dialog_is_setup(s, d, sip) || sip->method == SIP_PRACK;
}

void stage_description(struct stages *s, struct dialog *d,
		       const struct message *m, const struct sdp *sdp)
{
	size_t number = (size_t)(d - (struct dialog *)s->model->dialogs.rows);
	struct standing at = {
		.dialog = d,
		.message = m,
		.answer = is_answerers(s, d, m->u.sip),
	};

	/* What a refusal describes is what could have been taken, no answer
	 * (RFC 3261 21.4.26, RFC 3264 6). */
	if (!m->u.sip->request && m->u.sip->status >= 300)
		return;
	facts_sdp(s, d, m, sdp);
	agreement_take(s, d, m, sdp);
	take_final(s, d, m, sdp);
	if (sdp->fragment)
		take_fragment(s, &at, sdp);
	else if (sets_up(s, d, m->u.sip))
		take_description(s, &at, m, sdp);
	else
		take_restart(s, &at, m, sdp);
	calls_own_name(s, number, sdp->transport.ice_ufrag, m->from.time);
	for (size_t i = 0; i < sdp->media_count; i++)
		own_media(s, (uint32_t)number, &sdp->media[i], m);
}
