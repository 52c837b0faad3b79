/*
 * Requests that belong to no call and no registration: a ping of a trunk
 * (OPTIONS), a message, a subscription.  Those that are sent again and again
 * without an answer are found (RFC 3261 17.1.2.2), and those that are refused;
 * nearly any status says that the one who is pinged is alive.
 */
#include "config.h"

#include "flow/rules.h"
#include "flow/stages_state.h"

static uint64_t key_of(const struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	return hash_mix(stages_hash(s, sip->call_id) +
			3 * stages_hash(s, sip->cseq_method) +
			5 * stages_hash_ends(s, &m->from.src, &m->from.dst) +
			7 * sip->cseq) |
	       1;
}

static struct aside *find(struct stages *s, uint64_t key)
{
	for (size_t i = 0; i < ASIDES; i++)
		if (s->asides[i].key == key)
			return &s->asides[i];
	return NULL;
}

static void found(struct stages *s, const struct aside *a)
{
	char to[ENDPOINT_TEXT_MAX];
	struct note *note;

	if (a->sent < UNANSWERED_PROOF)
		return;
	note = model_note(s->model, &flow_rules[FLOW_RULE_ASIDE], a->first,
			  LIST_NONE);
	if (note)
		note->text = model_sentence(
			s->model, "%s to %s", sip_method_text(a->method),
			endpoint_string(end_at(s->model, a->dst), to));
}

static void add(struct stages *s, const struct message *m, uint64_t key)
{
	struct aside *a = &s->asides[s->next_aside++ % ASIDES];

	if (a->key)
		found(s, a);
	*a = (struct aside){.key = key,
			    .time = m->from.time,
			    .vantage = m->from.vantage,
			    .first = stages_place(s, &m->from),
			    .dst = stages_dst(s, &m->from),
			    .method = m->u.sip->method,
			    .sent = 1};
}

/* Not what the client does better at once: it has no credentials yet (401,
 * 407), its state is not the newest (412, RFC 3903 4.3), or it asked for too
 * short a time (423).  Of pings only that nobody is there to take calls
 * (RFC 3261 11). */
static bool is_refusal(const struct sip_message *sip)
{
	if (sip->method == SIP_OPTIONS)
		return sip->status == 408 || sip->status == 503 ||
		       sip->status == 504;
	return sip->status >= 400 && sip->status != 401 && sip->status != 407 &&
	       sip->status != 412 && sip->status != 423;
}

/* Once for all its hops and copies. */
static bool is_new_refusal(struct stages *s, const struct sip_message *sip)
{
	uint64_t key = hash_mix(stages_hash(s, sip->call_id) +
				3 * stages_hash(s, sip->cseq_method) +
				7 * sip->cseq) |
		       1;

	for (size_t i = 0; i < ASIDE_REFUSALS; i++)
		if (s->aside_refusals[i] == key)
			return false;
	s->aside_refusals[s->next_aside_refusal++ % ASIDE_REFUSALS] = key;
	return true;
}

static void note_refusal(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	char by[ENDPOINT_TEXT_MAX];
	struct note *note;

	if (!is_refusal(sip) || !is_new_refusal(s, sip))
		return;
	note = model_note(s->model, &flow_rules[FLOW_RULE_ASIDE_REFUSED],
			  stages_place(s, &m->from), LIST_NONE);
	if (note)
		note->text = model_sentence(
			s->model, "%s: %u %s, by %s",
			sip_method_text(sip->method), sip->status,
			sip_reason_text(sip->status),
			endpoint_string(&m->from.src, by));
}

static bool is_aside(enum sip_method method)
{
	return method == SIP_OPTIONS || method == SIP_MESSAGE ||
	       method == SIP_SUBSCRIBE || method == SIP_NOTIFY ||
	       method == SIP_PUBLISH;
}

void stage_aside(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct aside *a;

	if (!is_aside(sip->method))
		return;
	if (!sip->request)
		note_refusal(s, m);
	if (m->from.transport != TRANSPORT_UDP)
		return;
	a = find(s, key_of(s, m));
	if (!sip->request) {
		if (a)
			*a = (struct aside){0};
	} else if (!a) {
		add(s, m, key_of(s, m));
	} else if (a->vantage == m->from.vantage &&
		   m->from.time - a->time >= COPY_LATE) {
		a->time = m->from.time;
		a->sent++;
	}
}

void asides_finish(struct stages *s)
{
	for (size_t i = 0; i < ASIDES; i++)
		if (s->asides[i].key)
			found(s, &s->asides[i]);
}
