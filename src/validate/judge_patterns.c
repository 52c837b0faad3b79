/* The verdict in an administrator's words: which patterns a call shows, with
 * what proves each. */
#include "config.h"

#include "validate/checks.h"
#include "validate/patterns.h"

/* The root, and so many consequences of it. */
#define CAUSES_KEPT 4u

/* What shows a term; frame 0: it is shown by what is absent. */
typedef bool term_fn(struct judging *j, const struct term *t,
		     place_number *out);

static bool is_found(struct judging *j, const struct term *t, place_number *out)
{
	const struct note *rows = j->model->notes.rows;

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = rows[i].next)
		if (strcmp(rows[i].rule->id, t->text) == 0) {
			*out = rows[i].first;
			return true;
		}
	return false;
}

static bool is_not_found(struct judging *j, const struct term *t,
			 place_number *out)
{
	return !is_found(j, t, out);
}

/* ---- what was said ---- */

typedef bool wanted_fn(struct judging *j, const struct diagnosis *d,
		       const struct term *t);

static bool said_in(struct judging *j, const struct chain *chain,
		    wanted_fn *wanted, const struct term *t, place_number *out)
{
	const struct diagnosis *rows = j->model->diagnoses.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (wanted(j, &rows[at], t)) {
			*out = rows[at].place;
			return true;
		}
	return false;
}

static bool said_in_dialogs(struct judging *j, wanted_fn *wanted,
			    const struct term *t, place_number *out)
{
	const struct dialog *dialogs = j->model->dialogs.rows;

	for (size_t i = 0; i < j->call->dialogs.count; i++)
		if (said_in(j, &dialogs[j->call->dialogs.list[i]].diagnoses,
			    wanted, t, out))
			return true;
	return false;
}

static bool said(struct judging *j, wanted_fn *wanted, const struct term *t,
		 place_number *out)
{
	for (size_t i = 0; i < j->call->registrations.count; i++)
		if (said_in(j, &call_registration(j, i)->diagnoses, wanted, t,
			    out))
			return true;
	for (size_t i = 0; i < j->call->tokens.count; i++)
		if (said_in(j, &call_token(j, i)->diagnoses, wanted, t, out))
			return true;
	return said_in_dialogs(j, wanted, t, out);
}

static bool has_id(struct judging *j, const struct diagnosis *d,
		   const struct term *t)
{
	(void)j;
	return d->id == t->value &&
	       (d->kind == DIAGNOSIS_SERVER || d->kind == DIAGNOSIS_PUBLIC ||
		d->kind == DIAGNOSIS_CLIENT || d->kind == DIAGNOSIS_SDP);
}

static bool has_cause(struct judging *j, const struct diagnosis *d,
		      const struct term *t)
{
	(void)j;
	return d->kind == DIAGNOSIS_Q850 && d->id == t->value;
}

static bool has_status(struct judging *j, const struct diagnosis *d,
		       const struct term *t)
{
	(void)j;
	return d->kind == DIAGNOSIS_SIP && d->id == t->value;
}

static bool has_words(struct judging *j, const struct diagnosis *d,
		      const struct term *t)
{
	(void)j;
	return d->text && strstr(d->text, t->text);
}

static bool has_bit(struct judging *j, const struct diagnosis *d,
		    const struct term *t)
{
	const struct media_debug *rows = j->model->media_debugs.rows;

	for (uint32_t at = d->debug; at != CHAIN_END; at = rows[at].next)
		if (!rows[at].old_table &&
		    (rows[at].warn & t->value & ~rows[at].denied))
			return true;
	return false;
}

static bool is_said(struct judging *j, const struct term *t, place_number *out)
{
	return said(j, has_id, t, out);
}

/* In the answer to a REGISTER it speaks of no trunk and no number. */
static bool is_q850(struct judging *j, const struct term *t, place_number *out)
{
	return said_in_dialogs(j, has_cause, t, out);
}

static bool is_sip(struct judging *j, const struct term *t, place_number *out)
{
	return said_in_dialogs(j, has_status, t, out);
}

/* Bits stay set from ways that were tried: where media goes both ways they are
 * the cause of nothing. */
static bool is_warned(struct judging *j, const struct term *t,
		      place_number *out)
{
	return !media_both_ways(j) && said(j, has_bit, t, out);
}

static bool is_not_warned(struct judging *j, const struct term *t,
			  place_number *out)
{
	place_number place;

	(void)out;
	return !said(j, has_bit, t, &place);
}

static bool is_worded(struct judging *j, const struct term *t,
		      place_number *out)
{
	return said(j, has_words, t, out);
}

static bool is_logged(struct judging *j, const struct term *t,
		      place_number *out)
{
	const struct remark *rows = j->model->remarks.rows;
	uint32_t at = j->call->logged.count ? j->call->logged.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (remark_has_result(&rows[at], t->text)) {
			*out = rows[at].place;
			return true;
		}
	return false;
}

/* ---- states ---- */

static bool is_reason(struct judging *j, const struct term *t,
		      place_number *out)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *token = call_token(j, i);

		*out = token->answer;
		if (token->state == STATE_FAILED && token->reason &&
		    strcmp(token->reason, t->text) == 0)
			return true;
	}
	return false;
}

/* In the place of a phrase stands the status. */
static bool is_without_reason(struct judging *j, const struct term *t,
			      place_number *out)
{
	(void)t;
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *token = call_token(j, i);

		*out = token->answer;
		if (token->state == STATE_FAILED &&
		    (!token->reason ||
		     (token->reason[0] >= '0' && token->reason[0] <= '9')))
			return true;
	}
	return false;
}

static bool is_token_status(struct judging *j, const struct term *t,
			    place_number *out)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *token = call_token(j, i);
		const struct token_request *q =
			token->asked ? list_at(&j->model->token_requests,
					       token->asked - 1)
				     : NULL;

		*out = token->answer;
		if (q && q->status == t->value)
			return true;
	}
	return false;
}

static bool is_register_status(struct judging *j, const struct term *t,
			       place_number *out)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		size_t kept = r->attempt_count < ATTEMPTS_KEPT
				      ? r->attempt_count
				      : ATTEMPTS_KEPT;

		if (!kept)
			continue;
		*out = r->attempts[kept - 1].place;
		if (r->attempts[kept - 1].status == t->value)
			return true;
	}
	return false;
}

static bool has_failed(struct judging *j, const struct term *t,
		       place_number *out)
{
	(void)t;
	(void)out;
	return j->call->outcome == OUTCOME_FAILED ||
	       j->call->outcome == OUTCOME_REJECTED ||
	       j->call->outcome == OUTCOME_UNANSWERED;
}

static bool is_final(struct judging *j, const struct term *t,
		     place_number *out)
{
	const struct dialog *dialogs = j->model->dialogs.rows;

	for (size_t i = 0; i < j->call->dialogs.count; i++) {
		const struct dialog *d = &dialogs[j->call->dialogs.list[i]];

		*out = d->answer;
		if (d->final == t->value)
			return has_failed(j, t, out);
	}
	return false;
}

static bool is_in_state(struct judging *j, const struct term *t,
			place_number *out)
{
	const struct stage_view *v = view(j, (enum stage)(t->value >> 8));

	if (v->cited.count)
		*out = v->cited.last;
	return v->state == (enum stage_state)(t->value & 255);
}

static bool is_not_in_state(struct judging *j, const struct term *t,
			    place_number *out)
{
	(void)out;
	return view(j, (enum stage)(t->value >> 8))->state !=
	       (enum stage_state)(t->value & 255);
}

static bool has_no_relay(struct judging *j, const struct term *t,
			 place_number *out)
{
	(void)t;
	(void)out;
	return !j->call->allocations.count && !named_relay(j) &&
	       !hidden_relay_of(j);
}

/* The numbers of struct candidate's type. */
enum { TYPE_HOST = 1, TYPE_RELAY = 4 };

struct named {
	bool any, relay, hosts; /* a public relay, private hosts alone */
};

static struct named named_by(struct judging *j, uint8_t side)
{
	struct named out = {.hosts = true};

	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c =
			list_at(&j->model->candidates,
				j->call->candidates.list[i]);
		bool hidden = endpoint_is_private(where(j, c->endpoint));

		if (c->learned || c->side != side)
			continue;
		out.any = true;
		out.relay |= c->type == TYPE_RELAY && !hidden;
		out.hosts &= c->type == TYPE_HOST && hidden;
	}
	return out;
}

/* RFC 8656 9: a permission is for an address, and that is one that was told. */
static bool is_untold(struct judging *j, const struct term *t,
		      place_number *out)
{
	struct named offer = named_by(j, SIDE_OFFER);
	struct named answer = named_by(j, SIDE_ANSWER);

	(void)t;
	(void)out;
	return offer.any && answer.any &&
	       ((offer.hosts && answer.relay) || (answer.hosts && offer.relay));
}

static bool is_first(struct judging *j, const struct term *t, place_number *out)
{
	(void)t;
	(void)out;
	return j->call->causes.count == 0;
}

/* Rows that say only what the status does stand behind those that know more. */
static bool is_first_of_stage(struct judging *j, const struct term *t,
			      place_number *out)
{
	const struct cause *rows = j->model->causes.rows;
	uint32_t at = j->call->causes.count ? j->call->causes.first : CHAIN_END;

	(void)out;
	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].stage == t->value)
			return false;
	return true;
}

static bool holds(struct judging *j, const struct term *t, place_number *out)
{
	static term_fn *const shown[] = {
		[TERM_FOUND] = is_found,
		[TERM_NOT_FOUND] = is_not_found,
		[TERM_SAYS] = is_said,
		[TERM_Q850] = is_q850,
		[TERM_SIP] = is_sip,
		[TERM_WARNS] = is_warned,
		[TERM_NOT_WARNS] = is_not_warned,
		[TERM_REASON] = is_reason,
		[TERM_NO_REASON] = is_without_reason,
		[TERM_TOKEN_STATUS] = is_token_status,
		[TERM_REGISTER_STATUS] = is_register_status,
		[TERM_FINAL] = is_final,
		[TERM_STATE] = is_in_state,
		[TERM_FAILED] = has_failed,
		[TERM_NOT_STATE] = is_not_in_state,
		[TERM_FIRST] = is_first,
		[TERM_FIRST_OF] = is_first_of_stage,
		[TERM_TEXT] = is_worded,
		[TERM_NO_RELAY] = has_no_relay,
		[TERM_UNTOLD] = is_untold,
		[TERM_LOGGED] = is_logged,
	};

	return shown[t->kind](j, t, out);
}

static bool fits(struct judging *j, const struct pattern *p,
		 struct cause *cause)
{
	for (size_t i = 0; i < TERMS_MAX && p->terms[i].kind; i++) {
		place_number place = PLACE_NONE;

		if (!holds(j, &p->terms[i], &place))
			return false;
		if (p->terms[i].kind != TERM_NOT_FOUND)
			cite(j->model, &cause->evidence, place);
	}
	return true;
}

/* ---- the call ---- */

/* The row whose words it shares: its own, or one above. */
static const struct pattern *worded(const struct pattern *p)
{
	while (!p->headline)
		p--;
	return p;
}

static void keep(struct judging *j, const struct pattern *p,
		 struct cause *cause)
{
	const struct pattern *words = worded(p);
	struct list *list = &j->model->causes;
	struct chain *chain = &j->call->causes;
	struct cause *row = list_add(list), *last;

	if (!row)
		return;
	*row = *cause;
	row->id = p->id;
	row->headline = words->headline;
	row->remedy = words->remedy;
	row->source = words->source;
	row->finding = p->terms[0].kind == TERM_FOUND ? p->terms[0].text : NULL;
	row->stage = (uint8_t)words->stage;
	row->helper = (uint8_t)words->helper;
	row->confidence = (uint8_t)words->confidence;
	row->next = CHAIN_END;
	last = chain->count ? list_at(list, chain->last) : NULL;
	model_chain(chain, (uint32_t)list->count - 1,
		    last ? &last->next : NULL);
}

/* ---- what cannot fit ---- */

static uint64_t bit_of(const char *rule)
{
	unsigned h = 0;

	while (*rule)
		h = h * 31 + (unsigned char)*rule++;
	return UINT64_C(1) << (h ^ h >> 6 ^ h >> 12) % 64;
}

static bool is_of_words(enum term_kind kind)
{
	return kind == TERM_SAYS || kind == TERM_Q850 || kind == TERM_SIP ||
	       kind == TERM_WARNS || kind == TERM_TEXT || kind == TERM_LOGGED;
}

static void list_wants(struct catalogue *to, const struct pattern *p)
{
	struct pattern_wants *w = &to->wants[to->pattern_count++];

	*w = (struct pattern_wants){.pattern = p};
	for (size_t i = 0; i < TERMS_MAX; i++) {
		const struct term *t = &p->terms[i];

		if (t->kind == TERM_FOUND)
			w->findings |= bit_of(t->text);
		w->words |= is_of_words(t->kind);
	}
}

void patterns_list_wants(struct catalogue *to)
{
	to->pattern_count = 0;
	for (size_t n = 0; n < PATTERN_TABLES; n++)
		for (const struct pattern *p = pattern_tables[n];
		     p->id && to->pattern_count < PATTERNS_MAX; p++)
			list_wants(to, p);
}

static uint64_t findings_of(const struct judging *j)
{
	const struct note *rows = j->model->notes.rows;
	uint64_t bits = 0;

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = rows[i].next)
		bits |= bit_of(rows[i].rule->id);
	return bits;
}

static bool has_words_of(struct judging *j)
{
	const struct dialog *dialogs = j->model->dialogs.rows;
	uint32_t count = j->call->logged.count;

	for (uint32_t i = 0; i < j->call->registrations.count; i++)
		count |= call_registration(j, i)->diagnoses.count;
	for (uint32_t i = 0; i < j->call->tokens.count; i++)
		count |= call_token(j, i)->diagnoses.count;
	for (uint32_t i = 0; i < j->call->dialogs.count; i++)
		count |= dialogs[j->call->dialogs.list[i]].diagnoses.count;
	return count != 0;
}

static bool may_fit(const struct pattern_wants *w, uint64_t findings,
		    bool words)
{
	return (w->findings & ~findings) == 0 && (words || !w->words);
}

/* Was the same finding told already, in a row that says more? */
static bool is_told(struct judging *j, const struct pattern *p)
{
	const struct cause *rows = j->model->causes.rows;
	uint32_t at = j->call->causes.count ? j->call->causes.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (p->terms[0].kind == TERM_FOUND && rows[at].finding &&
		    strcmp(rows[at].finding, p->terms[0].text) == 0)
			return true;
	return false;
}

static bool try_pattern(struct judging *j, const struct pattern *p)
{
	struct cause cause = {.id = p->id};

	if (!fits(j, p, &cause))
		return false;
	keep(j, p, &cause);
	return true;
}

void judge_patterns(struct judging *j)
{
	const struct catalogue *c = j->catalogue;
	const char *last = NULL;
	uint64_t findings = findings_of(j);
	bool words = has_words_of(j);

	if (!findings && !words)
		return;
	for (size_t i = 0;
	     i < c->pattern_count && j->call->causes.count < CAUSES_KEPT; i++) {
		const struct pattern *p = c->wants[i].pattern;

		if (!may_fit(&c->wants[i], findings, words))
			continue;
		if ((last && strcmp(last, p->id) == 0) || is_told(j, p))
			continue;
		if (try_pattern(j, p))
			last = p->id;
	}
}
