/*
 * A SERVICE for a token, hop by hop as one: client, Access Edge, Front End,
 * Edge:5062 ([MS-AVEDGEA]; spec mras-and-registration 4.2).
 */
#include "config.h"

#include "flow/facts.h"

static struct token_request *request_of(const struct stages *s,
					const struct token *t)
{
	return t->asked ? list_at(&s->model->token_requests, t->asked - 1)
			: NULL;
}

static struct token_request *made(struct stages *s, struct token *t)
{
	struct list *list = &s->model->token_requests;
	struct token_request *q = request_of(s, t);

	if (q)
		return q;
	q = list_add(list);
	if (q)
		t->asked = (uint32_t)list->count;
	return q;
}

static const char *text_of(struct stages *s, struct slice text)
{
	return text.n ? stages_text(s, text) : NULL;
}

/* ---- who asks ---- */

/* Servers have GRUUs of their own: "...;opaque=srvr:Type:..."; programs say
 * what they are in User-Agent. */
static const struct {
	const char *word, *who;
} askers[] = {
	{"MediationServer", "Mediation Server"},
	{"Mediation Server", "Mediation Server"},
	{"AVMCU", "A/V conferencing"},
	{"ASMCU", "application sharing conferencing"},
	{"DataMCU", "web conferencing"},
	{"ConferencingAttendant", "Conferencing Attendant"},
	{"MSExchangeUM", "Exchange UM"},
	{"ExUM", "Exchange UM"},
	{"UCCAPI", "client"},
	{"UCCP", "client"},
	{"SIPE", "client"},
	{"RTCC", "UCMA application"},
};

static const char *asker_in(struct slice text)
{
	size_t at;

	for (size_t i = 0; i < sizeof(askers) / sizeof(askers[0]); i++)
		if (slice_search(text, slice_of_text(askers[i].word), &at))
			return askers[i].who;
	return NULL;
}

static const char *asker_of(const struct sip_message *sip)
{
	struct slice agent = sip_value(sip, SIP_USER_AGENT);
	struct slice contact = sip_value(sip, SIP_CONTACT), epid;
	const char *who;
	size_t at;

	who = asker_in(sip->from.uri);
	if (!who)
		who = asker_in(contact);
	if (!who)
		who = asker_in(agent);
	if (who)
		return who;
	if (slice_search(sip->from.uri, SLICE("opaque=srvr:"), &at) ||
	    slice_search(contact, SLICE("opaque=srvr:"), &at))
		return "server";
	return sip_param(sip->from.params, ';', "epid", &epid) ? "client"
							       : NULL;
}

/* The same for the same ids, in any order. */
static uint32_t sum_of_ids(const struct stages *s, const struct mras *mras)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < mras->count; i++)
		sum += short_hash(s, mras->credentials[i].id);
	return sum;
}

/* What an answer has to repeat: of the newest request. */
static void keep_ids(struct stages *s, struct token_request *q,
		     const struct message *m, const struct mras *mras)
{
	if (q->cseq && m->u.sip->cseq <= q->cseq)
		return;
	q->cseq = m->u.sip->cseq;
	q->request_id = text_of(s, mras->request_id);
	q->asked_ids = sum_of_ids(s, mras);
	q->asked_count = (uint32_t)mras->count;
}

/* Who asks for both at once, in two credentialsRequests, asks as one does that
 * names none. */
static struct slice location_of(const struct mras *mras)
{
	const struct slice first = mras->credentials[0].location;
	const struct slice none = {0};

	for (size_t i = 1; i < mras->count; i++)
		if (!slice_equal(mras->credentials[i].location, first))
			return none;
	return first;
}

void token_asks(struct stages *s, struct token *t, const struct message *m,
		const struct mras *mras)
{
	struct token_request *q = made(s, t);

	if (!q)
		return;
	q->version = text_of(s, mras->version);
	keep_ids(s, q, m, mras);
	q->to = text_of(s, mras->to);
	q->from = text_of(s, mras->from);
	q->requester = asker_of(m->u.sip);
	q->agent = text_of(s, sip_value(m->u.sip, SIP_USER_AGENT));
	if (mras->count == 0)
		return;
	q->identity = text_of(s, mras->credentials[0].identity);
	q->location = text_of(s, location_of(mras));
	q->route = text_of(s, mras->credentials[0].route);
	q->asked_min = mras->credentials[0].duration_min;
}

/* ---- hops ---- */

static struct token_hop *hop_between(struct token_request *q,
				     const struct endpoint *src,
				     const struct endpoint *dst)
{
	for (unsigned i = 0; i < q->hop_count; i++)
		if (endpoint_equal(&q->hops[i].src, src) &&
		    endpoint_equal(&q->hops[i].dst, dst))
			return &q->hops[i];
	return NULL;
}

void token_passes(struct stages *s, struct token *t, const struct message *m,
		  const struct mras *mras)
{
	struct token_request *q = request_of(s, t);
	struct token_hop *hop;

	if (!q)
		return;
	keep_ids(s, q, m, mras);
	hop = hop_between(q, &m->from.src, &m->from.dst);
	if (hop) {
		/* Retransmitted, or asked again after a challenge. */
		hop->sent++;
		if (hop->status == 401 || hop->status == 407) {
			hop->status = 0;
			hop->request = stages_place(s, &m->from);
		}
		return;
	}
	if (q->hop_count == TOKEN_HOPS_KEPT)
		return;
	q->hops[q->hop_count++] = (struct token_hop){
		.src = m->from.src,
		.dst = m->from.dst,
		.request = stages_place(s, &m->from),
		.uri = text_of(s, m->u.sip->request_uri),
		.sent = 1,
		.reliable = m->from.transport != TRANSPORT_UDP,
	};
}

static void note_answer(struct stages *s, struct token_request *q,
			const struct message *m, const struct mras *mras)
{
	if (!q->server_version)
		q->server_version = text_of(s, mras->server_version);
	if (!q->answer_version)
		q->answer_version = text_of(s, mras->version);
	/* One to an older request repeats that. */
	if (m->u.sip->cseq != q->cseq)
		return;
	if (q->request_id && mras->request_id.n &&
	    !model_text_is(q->request_id, mras->request_id))
		q->echo_differs = true;
	if (q->to && mras->to.n && !model_text_is(q->to, mras->to))
		q->echo_differs = true;
	if (q->from && mras->from.n && !model_text_is(q->from, mras->from))
		q->echo_differs = true;
	if (q->asked_count && mras->count &&
	    (mras->count != q->asked_count ||
	     sum_of_ids(s, mras) != q->asked_ids))
		q->ids_differ = true;
}

void token_answered(struct stages *s, struct token *asked, struct token *t,
		    const struct message *m, const struct mras *mras)
{
	struct token_request *q;
	struct token_hop *hop;

	if (asked && !t->asked)
		t->asked = asked->asked;
	q = made(s, t);
	if (!q)
		return;
	q->status = (uint16_t)m->u.sip->status;
	hop = hop_between(q, &m->from.dst, &m->from.src);
	if (hop && !hop->status) {
		hop->status = (uint16_t)m->u.sip->status;
		hop->answer = stages_place(s, &m->from);
	}
	if (mras)
		note_answer(s, q, m, mras);
}
