/*
 * Offers and answers behind those that made the call (RFC 3264 8, RFC 6337
 * 2.1): in a re-INVITE and its 2xx, or that and its ACK; in an UPDATE, or in a
 * PRACK, and its 2xx.
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
	return a->cseq == sip->cseq && a->to == short_hash(s, sip->to_tag) &&
	       a->of_caller == (stages_hash(s, sip->from_tag) == d->from_tag);
}

/* The row of this transaction; NULL: none. */
static struct agreement *find(const struct stages *s, const struct dialog *d,
			      const struct sip_message *sip)
{
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n)))
		if (is_of(s, row_at(s, n), d, sip))
			return row_at(s, n);
	return NULL;
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

#define KNOWN_MAX (2 * AGREEMENTS_KEPT + 2)

static const struct section *sections(struct stages *s, const struct dialog *d,
				      const struct sdp *sdp)
{
	struct known_sections known[KNOWN_MAX];
	size_t count = 0;

	known[count++] = (struct known_sections){d->offer.sections,
						 d->offer.media_lines};
	known[count++] = (struct known_sections){d->reply.sections,
						 d->reply.media_lines};
	for (uint32_t n = d->agreements; n; n = after(row_at(s, n))) {
		const struct agreement *a = row_at(s, n);

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

		if (a != new && a->answered && a->offer == new->offer &&
		    a->answer == new->answer)
			return true;
	}
	return false;
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
	if (a->answered || !comes_back(s, a, m))
		return;
	a->answered = stages_place(s, &m->from);
	a->answer = sections(s, d, sdp);
	a->answer_lines = (uint8_t)sdp->media_count;
	if (!a->offer || !a->answer || is_known(s, d, a))
		drop(s, d, a);
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

void agreement_take(struct stages *s, struct dialog *d, const struct message *m,
		    const struct sdp *sdp)
{
	const struct sip_message *sip = m->u.sip;
	bool accepts = sip->status >= 200 && sip->status < 300;
	struct agreement *a;

	if (sdp->fragment || sdp->media_count == 0 || !facts_is_alone(m) ||
	    !d->offer.place || (!sip->request && !accepts))
		return;
	a = find(s, d, sip);
	if (!a && is_offer(s, d, m))
		offer(s, d, m, sdp);
	else if (a && a->in_answer == (sip->method == SIP_ACK) &&
		 sip->request == a->in_answer)
		answer(s, d, a, m, sdp);
}
