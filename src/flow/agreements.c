/*
 * Offers and answers behind those that made the call (RFC 3264 8, RFC 6337
 * 2.1): in a re-INVITE and its 2xx or reliable 1xx, or that and its ACK or
 * PRACK (RFC 3262 5); in an UPDATE, or in a PRACK, and its 2xx.  Beside those
 * that made it, what other branches of a fork answered (RFC 3261 13.2.2.4).
 *
 * Both are taken on one hop, since what rewrites descriptions on the way does
 * so with offer and answer.  What agrees on the same as before is not kept.
 */
#include "config.h"

#include "flow/facts.h"

static struct agreement *row_at(const struct stages *s, uint32_t number)
{
	return list_at(&s->model->agreements, number - 1);
}

/* The link in front of a row of the dialog, by which it can be taken out. */
static uint32_t after(const struct agreement *a)
{
	return a->next == CHAIN_END ? 0 : a->next + 1;
}

/* ---- the rows of a dialog ---- */

static bool is_of(const struct stages *s, const struct agreement *a,
		  const struct dialog *d, const struct sip_message *sip)
{
	return a->to == short_hash(s, sip->to_tag) &&
	       a->of_caller == (stages_hash(s, sip->from_tag) == d->from_tag);
}

/* The row of the transaction of that number; NULL: none. */
static struct agreement *find(const struct stages *s, const struct dialog *d,
			      const struct sip_message *sip, uint32_t cseq)
{
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n)))
		if (row_at(s, n)->cseq == cseq &&
		    is_of(s, row_at(s, n), d, sip))
			return row_at(s, n);
	return NULL;
}

/* "RAck: 1 314159 INVITE": the number of the INVITE (RFC 3262 7.2); 0: none. */
static uint32_t acknowledged(const struct sip_message *sip)
{
	struct slice rest = sip_value(sip, SIP_RACK);
	uint64_t cseq;

	(void)slice_split(&rest, ' ');
	return slice_number(slice_split(&rest, ' '), UINT32_MAX, &cseq) ==
			       STATUS_OK
		       ? (uint32_t)cseq
		       : 0;
}

/* An offer of that side that came to nothing; NULL: none. */
static struct agreement *find_open(const struct stages *s,
				   const struct dialog *d, bool of_caller)
{
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n)))
		if (!row_at(s, n)->answered &&
		    row_at(s, n)->of_caller == of_caller)
			return row_at(s, n);
	return NULL;
}

static uint32_t take_spare(struct stages *s)
{
	uint32_t number = s->spare_agreement;

	if (number) {
		s->spare_agreement = after(row_at(s, number));
		return number;
	}
	return list_add(&s->model->agreements)
		       ? (uint32_t)s->model->agreements.count
		       : 0;
}

/* A row at the end of the dialog's; NULL: it has enough, or there is no
 * room. */
static struct agreement *add(struct stages *s, struct dialog *d)
{
	struct agreement *last = NULL;
	unsigned count = 0;
	uint32_t number;

	for (uint32_t n = d->agreements; n; n = after(last), count++)
		last = row_at(s, n);
	number = count < AGREEMENTS_KEPT ? take_spare(s) : 0;
	if (!number)
		return NULL;
	*row_at(s, number) = (struct agreement){.next = CHAIN_END};
	/* The list may have moved. */
	last = NULL;
	for (uint32_t n = d->agreements; n; n = after(last))
		last = row_at(s, n);
	if (last)
		last->next = number - 1;
	else
		d->agreements = number;
	return row_at(s, number);
}

static void drop(struct stages *s, struct dialog *d, struct agreement *gone)
{
	struct agreement *before = NULL;
	uint32_t number = d->agreements;

	while (number && row_at(s, number) != gone) {
		before = row_at(s, number);
		number = after(before);
	}
	if (before)
		before->next = gone->next;
	else
		d->agreements = after(gone);
	gone->next = s->spare_agreement ? s->spare_agreement - 1 : CHAIN_END;
	s->spare_agreement = number;
}

/* ---- sections ---- */

#define KNOWN_MAX (3 * AGREEMENTS_KEPT + 3)

static const struct section *sections(struct stages *s, const struct dialog *d,
				      const struct sdp *sdp)
{
	struct known_sections known[KNOWN_MAX];
	size_t count = 0;

	known[count++] = (struct known_sections){d->offer.sections,
						 d->offer.media_lines};
	known[count++] = (struct known_sections){d->reply.sections,
						 d->reply.media_lines};
	if (d->other)
		known[count++] = (struct known_sections){d->other->sections,
							 d->other->media_lines};
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n))) {
		const struct agreement *a = row_at(s, n);

		known[count++] =
			(struct known_sections){a->other, a->other_lines};
		known[count++] =
			(struct known_sections){a->offer, a->offer_lines};
		known[count++] =
			(struct known_sections){a->answer, a->answer_lines};
	}
	return sections_of(s, sdp, known, count);
}

static bool is_known(const struct stages *s, const struct dialog *d,
		     const struct agreement *new)
{
	if (d->offer.sections == new->offer && d->reply.sections == new->answer)
		return true;
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n))) {
		const struct agreement *a = row_at(s, n);

		if (a != new && a->answered && a->of_branch == new->of_branch &&
		    a->offer == new->offer && a->answer == new->answer)
			return true;
	}
	return false;
}

/* ---- one offer in two bodies ---- */

static enum ice_dialect dialect_of(const struct sdp *sdp)
{
	bool ice = sdp->transport.ice_ufrag.n != 0;

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (media->candidate_count &&
		    media->candidates[0].grammar == GRAMMAR_MS_06)
			return DIALECT_DRAFT_06;
		ice |= media->candidate_count || media->transport.ice_ufrag.n;
	}
	return ice ? DIALECT_DRAFT_19 : DIALECT_NONE;
}

static bool is_offered_at(const struct stages *s, const struct agreement *a,
			  const struct message *m)
{
	struct place at = place_at(s->model, a->offered);

	return at.file == m->from.file && at.frame == m->from.frame;
}

/* Of two alternatives the last one comes first here. */
static void take_other(struct stages *s, struct dialog *d, struct agreement *a,
		       const struct sdp *sdp)
{
	a->other = sections(s, d, sdp);
	a->other_lines = (uint8_t)sdp->media_count;
	a->other_dialect = (uint8_t)dialect_of(sdp);
}

/* Could it answer that body?  ICE is answered in its dialect, or not at all,
 * and sections in their number and kind of profile. */
static bool may_answer(const struct section *offer, unsigned lines,
		       uint8_t dialect, const struct agreement *a,
		       enum ice_dialect answered)
{
	return offer && lines == a->answer_lines &&
	       (answered == DIALECT_NONE || answered == dialect) &&
	       offer[0].secure == a->answer[0].secure &&
	       offer[0].dtls == a->answer[0].dtls;
}

/* The body that was answered becomes the offer; false: it may be either. */
static bool choose_body(struct agreement *a, enum ice_dialect answered)
{
	bool first, second;

	if (!a->other)
		return true;
	if (!a->answer)
		return false;
	first = may_answer(a->offer, a->offer_lines, a->dialect, a, answered);
	second = may_answer(a->other, a->other_lines, a->other_dialect, a,
			    answered);
	if (first == second)
		return first && a->offer == a->other;
	if (second) {
		a->offer = a->other;
		a->offer_lines = a->other_lines;
	}
	return true;
}

/* ---- offers and answers ---- */

static void offer(struct stages *s, struct dialog *d, const struct message *m,
		  const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	bool of_caller = stages_hash(s, sip->from_tag) == d->from_tag;
	struct agreement *a = find_open(s, d, of_caller);
	uint32_t next;

	if (!a)
		a = add(s, d);
	if (!a)
		return;
	next = a->next;
	*a = (struct agreement){
		.offered = stages_place(s, &m->from),
		.src = stages_src(s, &m->from),
		.dst = stages_dst(s, &m->from),
		.offer = sections(s, d, sdp),
		.offer_lines = (uint8_t)sdp->media_count,
		.dialect = (uint8_t)dialect_of(sdp),
		.cseq = sip->cseq,
		.to = short_hash(s, sip->to_tag),
		.method = (uint8_t)sip->method,
		.of_caller = of_caller,
		.in_answer = !sip->request,
		.next = next,
	};
}

/* Where both ends of a hop are one host, ports tell them apart. */
static bool is_end(const struct stages *s, const struct agreement *a,
		   end_number end, const struct endpoint *e)
{
	if (ends_share_host(s->model, a->src, a->dst))
		return endpoint_equal(end_at(s->model, end), e);
	return endpoint_same_ip(end_at(s->model, end), e);
}

/* Does it come back on the way of the offer?  An ACK may go to another host
 * than the 2xx came from (RFC 3261 13.2.2.4). */
static bool comes_back(const struct stages *s, const struct agreement *a,
		       const struct message *m)
{
	return a->in_answer ? is_end(s, a, a->dst, &m->from.src)
			    : is_end(s, a, a->src, &m->from.dst);
}

static void answer(struct stages *s, struct dialog *d, struct agreement *a,
		   const struct message *m, const struct sdp *sdp)
{
	/* The 2xx may say once more what a 1xx did. */
	bool final = m->u.sip->request || m->u.sip->status >= 200;
	bool chosen = true;

	if (!comes_back(s, a, m))
		return;
	if (!a->answered) {
		a->answered = stages_place(s, &m->from);
		a->answer = sections(s, d, sdp);
		a->answer_lines = (uint8_t)sdp->media_count;
		chosen = choose_body(a, dialect_of(sdp));
	}
	if (!chosen || !a->offer || !a->answer ||
	    (final && is_known(s, d, a)))
		drop(s, d, a);
}

/* What a reliable 1xx offers the PRACK answers.  Was that it? */
static bool take_prack(struct stages *s, struct dialog *d,
		       const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	struct agreement *a =
		sip->request && sip->method == SIP_PRACK
			? find(s, d, sip, acknowledged(sip))
			: NULL;

	if (!a || !a->in_answer)
		return false;
	answer(s, d, a, m, sdp);
	return true;
}

/* ---- branches that do not get the call ---- */

static void add_branch(struct stages *s, struct dialog *d,
		       const struct description *reply, uint32_t to)
{
	struct agreement *a = add(s, d);
	uint32_t next;

	if (!a)
		return;
	next = a->next;
	*a = (struct agreement){
		.offered = d->offer.place,
		.answered = reply->heard,
		.src = d->src,
		.dst = d->dst,
		.offer = d->offer.sections,
		.answer = reply->sections,
		.offer_lines = (uint8_t)d->offer.media_lines,
		.answer_lines = (uint8_t)reply->media_lines,
		.cseq = d->cseq,
		.to = to,
		.method = SIP_INVITE,
		.of_caller = true,
		.of_branch = true,
		.next = next,
	};
	if (!a->offer || !a->answer ||
	    (reply != &d->reply && is_known(s, d, a)))
		drop(s, d, a);
}

/* Another branch answers than the one whose answer counts so far.  Where the
 * offer has two bodies nobody knows which of them that is for. */
static void take_branch(struct stages *s, struct dialog *d,
			const struct message *m, const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	struct agreement *a = find(s, d, sip, sip->cseq);

	if (d->other || !stages_is_dst(s, &m->from, d->src))
		return;
	if (sip->status >= 200) {
		if (a)
			drop(s, d, a);
		if (d->reply.heard)
			add_branch(s, d, &d->reply, (uint32_t)d->reply_tag);
	} else if (!a) {
		add_branch(s, d,
			   &(struct description){
				   .heard = stages_place(s, &m->from),
				   .sections = sections(s, d, sdp),
				   .media_lines = (uint16_t)sdp->media_count},
			   short_hash(s, sip->to_tag));
	}
}

static bool is_of_branch(const struct stages *s, const struct dialog *d,
			 const struct sip_message *sip)
{
	return !sip->request && sip->method == SIP_INVITE && sip->to_tag.n &&
	       d->caller_offers && d->reply.place && d->reply_tag &&
	       d->reply_tag != stages_hash(s, sip->to_tag) &&
	       dialog_is_setup(s, d, sip);
}

/* A PRACK offers when the first offer has its answer already (RFC 3262 5). */
static bool is_offer(const struct stages *s, const struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	switch ((int)sip->method) {
	case SIP_INVITE: /* of a request without SDP the 2xx offers */
		return sip->to_tag.n && !dialog_is_setup(s, d, sip);
	case SIP_UPDATE:
		return sip->request;
	case SIP_PRACK:
		return sip->request && d->reply.place;
	default:
		return false;
	}
}

/* RFC 3262 3: one that cannot be lost; what others describe is a preview. */
static bool is_reliable(const struct sip_message *sip)
{
	return sip->method == SIP_INVITE && sip->status > 100 &&
	       sip->status < 200 && sip_value(sip, SIP_RSEQ).n;
}

/* The INVITE or UPDATE may offer in two bodies; who answers takes one. */
static bool is_of_one(const struct message *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->content_count; i++)
		count += m->contents[i].sdp != NULL;
	return count == 1 || (count == 2 && m->u.sip->request &&
			      m->u.sip->method != SIP_ACK);
}

void agreement_take(struct stages *s, struct dialog *d, const struct message *m,
		    const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	bool accepts = sip->status >= 200 && sip->status < 300;
	struct agreement *a;

	if (sdp->fragment || sdp->media_count == 0 || !is_of_one(m) ||
	    !d->offer.place)
		return;
	if (is_of_branch(s, d, sip)) {
		if (sip->status < 300)
			take_branch(s, d, m, sdp);
		return;
	}
	if ((!sip->request && !accepts && !is_reliable(sip)) ||
	    (facts_is_alone(m) && take_prack(s, d, m, sdp)))
		return;
	a = find(s, d, sip, sip->cseq);
	if (!a && is_offer(s, d, m))
		offer(s, d, m, sdp);
	else if (a && !a->other && !facts_is_alone(m) &&
		 is_offered_at(s, a, m))
		take_other(s, d, a, sdp);
	else if (a && a->in_answer == (sip->method == SIP_ACK) &&
		 sip->request == a->in_answer)
		answer(s, d, a, m, sdp);
}
