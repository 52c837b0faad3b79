/*
 * Offers and answers of a dialog (RFC 3264, RFC 3261 13.2.1), and what comes
 * after them: trickled candidates (RFC 8840), descriptions that change it.
 */
#include "config.h"

#include "core/crypto.h"
#include "flow/facts.h"
#include "flow/stages_state.h"

static void add_candidate(struct stages *s, struct description *d,
			  const struct sdp_candidate *from, bool answer)
{
	struct list *list = &s->model->candidates;
	struct candidate *c;

	if (d->candidate_count == DESCRIPTION_CANDIDATES_MAX) {
		list->refused++;
		return;
	}
	c = list_add(list);
	if (!c)
		return;
	*c = (struct candidate){
		.side = answer ? SIDE_ANSWER : SIDE_OFFER,
		.type = (uint8_t)from->type,
		.tcp = from->transport == CANDIDATE_TCP,
		.component = (uint16_t)from->component,
		.dialog = CHAIN_END,
		.call = CHAIN_END,
		.allocation = CHAIN_END,
		.turn_session = from->turn_session,
		.priority = from->priority,
		.endpoint = from->endpoint,
		.next = LIST_NONE,
	};
	if (from->endpoint.family == FAMILY_NONE) {
		c->host = model_text(s->model, from->host);
		c->endpoint.port = from->port;
	}
	if (d->candidate_count++ == 0)
		d->first_candidate = list->count - 1;
	else
		((struct candidate *)list_at(list, d->last_candidate))->next =
			list->count - 1;
	d->last_candidate = list->count - 1;
	d->relay |= from->type == CANDIDATE_RELAY;
}

/* A section in use that is to carry RTP. */
static bool is_rtp(const struct sdp_media *media)
{
	size_t at;

	return (media->port || media->bundle_only) &&
	       slice_search(media->proto, SLICE("RTP"), &at);
}

static void add_media(struct stages *s, struct description *d,
		      const struct sdp_media *media, bool answer)
{
	enum sdp_direction way = media->transport.direction;

	if (is_rtp(media)) {
		d->sends |= way == SDP_SENDRECV || way == SDP_SENDONLY;
		d->receives |= way == SDP_SENDRECV || way == SDP_RECVONLY;
	}
	if (media->transport.ice_ufrag.n && !d->ufrag)
		d->ufrag = model_text(s->model, media->transport.ice_ufrag);
	for (size_t i = 0; i < media->candidate_count; i++)
		add_candidate(s, d, &media->candidates[i], answer);
	d->ice |= media->candidate_count || media->transport.ice_ufrag.n;
}

/* Only the first of each kind makes the call; later ones change it. */
static void note_description(struct stages *s, struct description *d,
			     const struct message *m, const struct sdp *sdp,
			     bool answer)
{
	if (d->place.frame)
		return;
	d->place = place_of(&m->from);
	d->media_lines = (unsigned)sdp->media_count;
	d->lite = sdp->ice_lite;
	facts_sections(s, d, m, sdp);
	for (size_t i = 0; i < sdp->media_count; i++)
		add_media(s, d, &sdp->media[i], answer);
}

/* [MS-ICE] checks name candidates by their decoded id (draft-06 7.5). */
static void own_candidate_id(struct stages *s, size_t call,
			     const struct sdp_candidate *c, nanoseconds from)
{
	uint8_t id[64];
	struct text text;
	size_t n;

	if (c->grammar != GRAMMAR_MS_06 || c->foundation.n > 64 ||
	    base64_decode(c->foundation, id, &n) != STATUS_OK)
		return;
	text = text_new(NAME_TEXT_MAX);
	calls_own_name(s, call, name_text(slice_of(id, n), &text), from);
	text_free(&text);
}

/* Every description names what belongs to the call, also one that changes it
 * later (ICE restart, hold, move) or that a proxy rewrote on its hop. */
static void own_media(struct stages *s, size_t call,
		      const struct sdp_media *media, nanoseconds from)
{
	struct endpoint at = media->transport.address;

	at.port = media->port;
	calls_own_address(s, call, &at, from);
	calls_own_name(s, call, media->transport.ice_ufrag, from);
	certificate_promise(s, call, media->transport.fingerprint, from);
	for (size_t i = 0; i < media->candidate_count; i++) {
		const struct sdp_candidate *c = &media->candidates[i];

		calls_own_address(s, call, &c->endpoint, from);
		calls_own_name(s, call, c->ufrag, from);
		own_candidate_id(s, call, c, from);
	}
}

/* Trickled candidates: a fragment repeats those that were sent before (RFC
 * 8840 4.3), which are known by their address. */
static void take_fragment(struct stages *s, struct dialog *d,
			  const struct message *m, const struct sdp *sdp)
{
	bool caller = stages_hash(s, m->u.sip->from_tag) == d->from_tag;
	bool answer = caller != d->caller_offers;
	struct description *to = answer ? &d->reply : &d->offer;

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		for (size_t k = 0; k < media->candidate_count; k++) {
			const struct sdp_candidate *c = &media->candidates[k];

			if (!calls_owns_address(s, d->call, &c->endpoint))
				add_candidate(s, to, c, answer);
		}
	}
}

/*
 * Which side a description belongs to: an INVITE with SDP is an offer;
 * without, the first response with SDP offers and the ACK or PRACK answers.
 * Of several forks that answer the one with the 2xx counts.
 */
static void take_description(struct stages *s, struct dialog *d,
			     const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	uint64_t tag = stages_hash(s, sip->to_tag);
	bool accepted = !sip->request && sip->status >= 200;

	if (d->offer.place.frame == 0) {
		d->caller_offers = sip->request;
		note_description(s, &d->offer, m, sdp, false);
		return;
	}
	if (sip->request && sip->method == SIP_INVITE)
		return; /* a copy on another hop, or a re-INVITE */
	if (accepted && d->caller_offers && d->reply.place.frame &&
	    tag != d->reply_tag && d->reply_tag)
		d->reply = (struct description){0};
	if (d->reply.place.frame == 0 && !sip->request)
		d->reply_tag = tag;
	note_description(s, &d->reply, m, sdp, true);
}

/* Of the INVITE only what belongs to its newest try, before it is answered. */
static bool sets_up(const struct dialog *d, const struct sip_message *sip)
{
	return sip->cseq == d->cseq ||
	       slice_is_nocase(sip->cseq_method, "PRACK") ||
	       slice_is_nocase(sip->cseq_method, "UPDATE");
}

void stage_description(struct stages *s, struct dialog *d,
		       const struct message *m, const struct sdp *sdp)
{
	facts_sdp(s, d, m, sdp);
	if (sdp->fragment)
		take_fragment(s, d, m, sdp);
	calls_own_name(s, d->call, sdp->transport.ice_ufrag, m->from.time);
	for (size_t i = 0; i < sdp->media_count; i++)
		own_media(s, d->call, &sdp->media[i], m->from.time);
	if (!sdp->fragment && sets_up(d, m->u.sip))
		take_description(s, d, m, sdp);
}
