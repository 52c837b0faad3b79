/* What the checks of rules share, where it is more than a line. */
#include "config.h"

#include "dissectors/sip.h"
#include "validate/checks.h"

#define PATIENCE (32 * NS_PER_S) /* 64 T1 */

static nanoseconds heard_until(const struct judging *j, uint32_t vantage)
{
	const struct model *m = j->model;

	if (!m->several_vantages)
		return m->last_time;
	return vantage < MODEL_VANTAGES_TOLD ? m->heard_until[vantage] : 0;
}

nanoseconds seen_until(const struct judging *j, place_number place)
{
	const struct list *rows = &j->model->vantages;
	struct place at = place_at(j->model, place);
	const struct vantage *v =
		at.file < rows->count ? list_at(rows, at.file) : NULL;
	nanoseconds until = heard_until(j, v ? v->number : 0);

	return until > at.time ? until : at.time;
}

unsigned seconds_behind(struct judging *j, nanoseconds last, uint32_t vantage)
{
	nanoseconds until = heard_until(j, vantage);

	if (!j->model->answers || until - last < PATIENCE ||
	    j->model->unreadable > last)
		return 0;
	return (unsigned)((until - last) / NS_PER_S);
}

const struct fact *answer_in_pieces(struct judging *j, const struct dialog *d)
{
	const struct fact *told =
		fact_with(j->model, &d->facts, FACT_PIECES, PIECES_REPORTED);
	const struct fact *seen =
		fact_with(j->model, &d->facts, FACT_PIECES, PIECES_OF_ANSWER);

	if (d->acked || !d->answer_repeats)
		return NULL;
	if (seen && seen->count > d->answer_repeats)
		return seen;
	return told;
}

bool hop_times_out(struct judging *j, const struct hop *hop)
{
	return hop->reliable && !hop->answered &&
	       seconds_behind(j, hop->time, hop->vantage);
}

const struct fact *answered_aside(struct judging *j, const struct chain *facts)
{
	const struct fact *f = part_fact(j, facts, FACT_ANSWERED_ASIDE);

	while (f && f->count < UNANSWERED_PROOF)
		f = fact_after(j->model, f);
	return f;
}

bool is_bye_answered(struct judging *j)
{
	return j->dialog &&
	       fact_with(j->model, &j->dialog->facts, FACT_BYE_ANSWERED, 0);
}

#define PORT_SIP_TLS 5061

/* Servers of TLS say no word to who speaks none: OpenSSL's, Kamailio's. */
bool hop_lacks_tls(struct judging *j, const struct hop *hop)
{
	return hop->clear && !hop->answered &&
	       where(j, hop->dst)->port == PORT_SIP_TLS &&
	       (hop->obstacle.kind == OBSTACLE_ENDED ||
		hop->obstacle.kind == OBSTACLE_RESET);
}

void found_swallowed(struct judging *j, const struct endpoint *at,
		     const struct obstacle *obstacle)
{
	if (obstacle->kind == OBSTACLE_SWALLOWED)
		found(j, rule_at(RULE_CAPTURE_SWALLOWED), obstacle->place,
		      obstacle_evidence(j, at, obstacle));
}

bool is_user_forgotten(const struct judging *j, const struct allocation *a)
{
	const struct token *t = allocation_token(j, a);

	if (!t || a->error_after_credentials != 436)
		return false;
	for (unsigned i = 0; i < TOKEN_TAKERS_KEPT && t->takers[i]; i++)
		if (endpoint_same_ip(end_at(j->model, t->takers[i]),
				     end_at(j->model, a->server)))
			return true;
	return false;
}

const char *status_text(struct judging *j, unsigned status)
{
	return model_sentence(j->model, "%u %s", status,
			      sip_reason_text(status));
}

const char *times_text(struct judging *j, unsigned count)
{
	return count > 1 ? model_sentence(j->model, "%u times", count) : NULL;
}

nanoseconds part_last(struct judging *j, const struct chain *facts,
		      enum fact_kind kind)
{
	nanoseconds last = 0;

	for (const struct fact *f = part_fact(j, facts, kind); f;
	     f = fact_after(j->model, f))
		if (when(j, f->last) > last)
			last = when(j, f->last);
	return last;
}

/* ---- relays ---- */

static bool is_answered_inside(struct judging *j, const struct pair *p,
			       end_number relayed)
{
	end_number other = p->a == relayed ? p->b : p->a;

	return (p->a == relayed || p->b == relayed) &&
	       (p->way[0].responses || p->way[1].responses) &&
	       endpoint_is_private(where(j, other)) &&
	       !endpoint_same_ip(where(j, other), where(j, relayed));
}

bool relay_serves_inside(struct judging *j, const struct allocation *a)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		for (const struct pair *p = pair_first(j, x); p;
		     p = pair_next(j, p))
			if (is_answered_inside(j, p, a->relayed))
				return true;
	}
	return false;
}

/* ---- refused credentials ---- */

/* Of Asterisk "Forbidden (Bad auth)", of Kamailio's examples "Forbidden auth
 * ID"; others speak of the password. */
static bool names_credentials(const char *text)
{
	static const char *const words[] = {
		"password",  "passwd",   "credential",     "bad auth",
		"auth fail", "auth id",  "authentication", "wrong auth",
		"digest",    "auth err",
	};
	struct slice rest = slice_of_text(text);

	for (; rest.n; rest = slice_from(rest, 1))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (slice_starts_nocase(rest, words[i]))
				return true;
	return false;
}

bool refuses_credentials(struct judging *j, const char *reason,
			 const struct chain *diagnoses, place_number answer)
{
	const struct diagnosis *rows = j->model->diagnoses.rows;
	uint32_t at = diagnoses->count ? diagnoses->first : CHAIN_END;

	if (reason && names_credentials(reason))
		return true;
	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].kind == DIAGNOSIS_WARNING && rows[at].text &&
		    place_same(j->model, rows[at].place, answer) &&
		    names_credentials(rows[at].text))
			return true;
	return false;
}

/* ---- relays ---- */

#define TYPE_RELAY 4

const struct candidate *named_relay(struct judging *j)
{
	for (size_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (c->type == TYPE_RELAY && !c->learned)
			return c;
	}
	return NULL;
}

/* By then permissions are granted, and what comes is from a peer. */
#define PERMITTED_IN (3 * NS_PER_S)

const struct hidden_relay *hidden_relay_of(const struct judging *j)
{
	return j->call->hidden_relay ? list_at(&j->model->hidden_relays,
					       j->call->hidden_relay - 1)
				     : NULL;
}

bool hidden_relay_speaks(const struct judging *j, place_number check)
{
	const struct hidden_relay *x = hidden_relay_of(j);

	return x && check && x->spoke - when(j, check) > PERMITTED_IN;
}

/* ---- allocations that go on ---- */

/* Clocks and late refreshes. */
#define SURELY (5 * NS_PER_S)

nanoseconds relayed_last(struct judging *j, const struct allocation *a)
{
	const struct endpoint *relayed = where(j, a->relayed);
	nanoseconds last = part_last(j, &a->facts, FACT_DATA_BACK);

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m =
			list_at(&j->model->media, j->call->media.list[i]);

		if (endpoint_equal(&m->src, relayed) && m->last > last)
			last = m->last;
	}
	return last;
}

bool is_renewed_unseen(struct judging *j, const struct allocation *a)
{
	nanoseconds asked = part_last(j, &a->facts, FACT_REFRESH_ASKED);
	nanoseconds granted = a->until - (nanoseconds)a->lifetime * NS_PER_S;

	if (a->lost || a->closed)
		return false;
	return (asked > granted && asked < a->until) ||
	       relayed_last(j, a) > a->until + SURELY;
}

void found_registration_fact(struct judging *j, const struct rule *self,
			     enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f =
			part_fact(j, &call_registration(j, i)->facts, kind);

		if (f)
			found_fact(j, self, f, times_text(j, f->count));
	}
}
