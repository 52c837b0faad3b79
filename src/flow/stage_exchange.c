/*
 * Stage 4: INVITE dialogs with offer and answer (RFC 3261 13, RFC 3264).
 *
 * All messages of a Call-ID are one dialog here.  The same request again on
 * the same hop is a retransmission; on another hop it is a copy.
 */
#include "config.h"

#include "flow/stages_state.h"

static bool same_call_id(const void *rows, uint32_t row, const void *key)
{
	const struct dialog *d = (const struct dialog *)rows + row;

	return model_text_is(d->call_id, *(const struct slice *)key);
}

static struct dialog *find_dialog(struct stages *s, struct slice call_id)
{
	struct list *list = &s->model->dialogs;
	uint32_t row = index_find(&s->dialogs, stages_hash(s, call_id),
				  same_call_id, list->rows, &call_id);

	return row == INDEX_NONE ? NULL : list_at(list, row);
}

static struct dialog *new_dialog(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct list *list = &s->model->dialogs;
	bool forward = sip->request;
	struct dialog *d = list_add(list);

	if (!d)
		return NULL;
	d->call_id = model_text(s->model, sip->call_id);
	d->from = aor_text(s, &sip->from);
	d->to = aor_text(s, &sip->to);
	d->src = forward ? m->from.src : m->from.dst;
	d->dst = forward ? m->from.dst : m->from.src;
	d->call = calls_new(s, CALL_DIALOG, m->from.time);
	if (d->call != LIST_NONE) {
		struct call *call = list_at(&s->model->calls, d->call);

		call->dialog = list->count - 1;
		call->from = d->from;
		call->to = d->to;
		call->call_id = d->call_id;
	}
	if (index_add(&s->dialogs, stages_hash(s, sip->call_id),
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	return d;
}

/* ---- descriptions ---- */

static void add_candidate(struct stages *s, struct description *d,
			  const struct sdp_candidate *from, bool answer)
{
	struct candidate *c = list_add(&s->model->candidates);

	if (!c)
		return;
	*c = (struct candidate){
		.answer = answer,
		.type = (uint8_t)from->type,
		.tcp = from->transport == CANDIDATE_TCP,
		.component = from->component,
		.priority = from->priority,
		.endpoint = from->endpoint,
	};
	if (from->endpoint.family == FAMILY_NONE)
		c->host = model_text(s->model, from->host);
	d->candidate_count++;
	d->relay |= from->type == CANDIDATE_RELAY;
}

static void add_ufrag(struct stages *s, struct description *d,
		      struct slice ufrag)
{
	if (ufrag.n == 0 || d->ufrag_count == MEDIA_LINES_KEPT)
		return;
	for (size_t i = 0; i < d->ufrag_count; i++)
		if (slice_is(ufrag, d->ufrags[i]))
			return;
	d->ufrags[d->ufrag_count++] = model_text(s->model, ufrag);
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
	struct endpoint at = media->transport.address;

	at.port = media->port;
	if (at.family != FAMILY_NONE && at.port &&
	    d->media_count < MEDIA_LINES_KEPT)
		d->media[d->media_count++] = at;
	if (is_rtp(media)) {
		enum sdp_direction way = media->transport.direction;

		d->sends |= way == SDP_SENDRECV || way == SDP_SENDONLY;
		d->receives |= way == SDP_SENDRECV || way == SDP_RECVONLY;
	}
	add_ufrag(s, d, media->transport.ice_ufrag);
	for (size_t i = 0; i < media->candidate_count; i++)
		add_candidate(s, d, &media->candidates[i], answer);
	d->ice |= media->candidate_count || media->transport.ice_ufrag.n;
}

static void note_description(struct stages *s, struct description *d,
			     const struct message *m, const struct sdp *sdp,
			     bool answer)
{
	/* Only the first of each kind makes the call; later ones change it. */
	if (d->place.frame)
		return;
	d->place = place_of(&m->from);
	d->first_candidate = s->model->candidates.count;
	d->media_lines = (unsigned)sdp->media_count;
	d->lite = sdp->ice_lite;
	for (size_t i = 0; i < sdp->media_count; i++)
		add_media(s, d, &sdp->media[i], answer);
}

/* Every description names what belongs to the call, also one that changes it
 * later (ICE restart, hold, move) or that a proxy rewrote on its hop. */
static void own_description(struct stages *s, const struct dialog *d,
			    const struct message *m, const struct sdp *sdp)
{
	nanoseconds now = m->from.time;

	calls_own_name(s, d->call, sdp->transport.ice_ufrag, now);
	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		struct endpoint at = media->transport.address;

		at.port = media->port;
		calls_own_address(s, d->call, &at, now);
		calls_own_name(s, d->call, media->transport.ice_ufrag, now);
		for (size_t k = 0; k < media->candidate_count; k++) {
			calls_own_address(s, d->call,
					  &media->candidates[k].endpoint, now);
			calls_own_name(s, d->call, media->candidates[k].ufrag,
				       now);
		}
	}
}

/*
 * Which side a description belongs to (RFC 3264, RFC 3261 13.2.1): an INVITE
 * with SDP is an offer; without, the first response with SDP offers and the
 * ACK or PRACK answers.
 */
static void take_sdp(struct stages *s, struct dialog *d,
		     const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;

	own_description(s, d, m, sdp);
	if (sdp->fragment)
		return;
	if (d->offer.place.frame == 0)
		note_description(s, &d->offer, m, sdp, false);
	else if (sip->request && sip->method == SIP_INVITE)
		return; /* a copy on another hop, or a re-INVITE */
	else
		note_description(s, &d->reply, m, sdp, true);
}

/* ---- the course of the INVITE ---- */

static bool has_credentials(const struct sip_message *sip)
{
	return sip_header(sip, SIP_AUTHORIZATION) ||
	       sip_header(sip, SIP_PROXY_AUTHORIZATION);
}

/* The same message on the same hop: what a retransmission repeats. */
static uint64_t hop_hash(const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	uint64_t h = hash_bytes(sip->cseq, sip->via.branch);

	h = hash_bytes(h, slice_of(&m->from.src, sizeof(m->from.src)));
	h = hash_bytes(h, slice_of(&m->from.dst, sizeof(m->from.dst)));
	return hash_bytes(h, sip->start_line);
}

static void invite(struct stages *s, struct dialog *d,
		   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice agent = sip_value(sip, SIP_USER_AGENT);
	uint64_t hash = hop_hash(m);

	if (sip->to_tag.n)
		return; /* a re-INVITE */
	if (hash == d->invite_hash) {
		d->retransmissions++;
		return;
	}
	d->invite_hash = hash;
	d->invites++;
	/* A new try after a challenge: the old final answer is history. */
	if (d->challenged && has_credentials(sip) && sip->cseq > d->cseq)
		d->final = 0;
	if (sip->cseq > d->cseq)
		d->cseq = sip->cseq;
	if (d->invite.frame == 0) {
		d->invite = place_of(&m->from);
		if (agent.n)
			d->user_agent = model_text(s->model, agent);
	}
}

static void provisional(struct dialog *d, const struct message *m)
{
	unsigned status = m->u.sip->status;

	if (status > 100 && d->ringing.frame == 0)
		d->ringing = place_of(&m->from);
	if (status >= d->last_provisional)
		d->last_provisional = status;
	d->replied = true;
}

static void final_answer(struct stages *s, struct dialog *d,
			 const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	d->replied = true;
	if (sip->status == 401 || sip->status == 407)
		d->challenged = true;
	/* The best branch wins: once answered, answered (RFC 3261 16.7). */
	if (d->final >= 200 && d->final < 300)
		return;
	if (sip->to_tag.n && sip->cseq < d->cseq)
		return;
	d->final = sip->status;
	model_set_text(s->model, &d->final_reason, sip->reason);
	d->answer = place_of(&m->from);
}

static void response(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->method != SIP_INVITE)
		return;
	/* Answers to a re-INVITE do not change how it was set up. */
	if (d->acked && d->final >= 200 && d->final < 300)
		return;
	if (sip->status < 200)
		provisional(d, m);
	else
		final_answer(s, d, m);
}

static void request(struct stages *s, struct dialog *d,
		    const struct message *m)
{
	enum sip_method method = m->u.sip->method;

	if (method == SIP_INVITE)
		invite(s, d, m);
	else if (method == SIP_ACK)
		d->acked |= d->final >= 200 && d->final < 300;
	else if (method == SIP_CANCEL)
		d->cancelled = true;
	else if (method == SIP_BYE && d->ended.frame == 0)
		d->ended = place_of(&m->from);
	d->bye |= method == SIP_BYE;
}

static bool begins_dialog(const struct sip_message *sip)
{
	return sip->method == SIP_INVITE;
}

void stage_exchange(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct place place = place_of(&m->from);
	struct dialog *d;

	if (sip->call_id.n == 0)
		return;
	d = find_dialog(s, sip->call_id);
	if (!d && !begins_dialog(sip))
		return;
	if (!d)
		d = new_dialog(s, m);
	if (!d)
		return;
	d->messages++;
	cite(&d->cited, &place);
	if (sip->request)
		request(s, d, m);
	else
		response(s, d, m);
	for (size_t i = 0; i < m->content_count; i++)
		if (m->contents[i].sdp)
			take_sdp(s, d, m, m->contents[i].sdp);
}
