/* The tables of rules, and how their checks are run. */
#include "config.h"

#include "validate/checks.h"

static const struct rule *const tables[] = {
	[STAGE_REGISTRATION] = rules_registration,
	[STAGE_TOKEN] = rules_token,
	[STAGE_GATHERING] = rules_gathering,
	[STAGE_EXCHANGE] = rules_exchange,
	[STAGE_PROBING] = rules_probing,
	[STAGE_MEDIA] = rules_media,
	[STAGE_CAPTURE] = rules_capture,
	[STAGE_ENGINE] = rules_engine,
	/* Those that no number names. */
	rules_offer,
	rules_ms_turn,
	rules_ms_offer,
	rules_events,
	rules_signin,
	rules_said,
	rules_ways,
	rules_lifeline,
	rules_pairs,
	rules_turn,
	rules_provisioning,
	rules_streams,
	rules_standing,
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

const struct rule *rule_at(enum rule_id id)
{
	return &tables[(unsigned)id >> 8][RULE_ROW((unsigned)id)];
}

const struct rule *rules_at(size_t i)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct rule *r = tables[t]; r->id; r++)
			if (i-- == 0)
				return r;
	return NULL;
}

static void mark(struct judging *j, const struct chain *facts)
{
	facts_mark(j->model, facts, j->facts);
}

/* So that checks need not look into each part for what none has. */
static void mark_facts(struct judging *j)
{
	const struct call *call = j->call;

	for (uint32_t i = 0; i < call->registrations.count; i++)
		mark(j, &call_registration(j, i)->facts);
	for (uint32_t i = 0; i < call->allocations.count; i++)
		mark(j, &call_allocation(j, i)->facts);
	for (uint32_t i = 0; i < call->bindings.count; i++)
		mark(j, &call_binding(j, i)->facts);
	for (uint32_t i = 0; i < call->sessions.count; i++)
		mark(j, &call_session(j, i)->facts);
	for (uint32_t i = 0; i < call->handshakes.count; i++)
		mark(j, &call_handshake(j, i)->facts);
	if (j->dialog)
		mark(j, &j->dialog->facts);
}

void rules_list_checks(struct catalogue *to)
{
	to->check_count = 0;
	for (size_t t = 0; t < TABLES; t++)
		for (const struct rule *r = tables[t]; r->id; r++)
			/* Whether there is room for all, recipes tell. */
			if (r->check && to->check_count < CHECKS_MAX)
				to->checks[to->check_count++] =
					(struct listed_check){r->check, r};
}

void rules_check(struct judging *j)
{
	const struct catalogue *c = j->catalogue;

	mark_facts(j);
	for (size_t i = 0; i < c->check_count; i++)
		c->checks[i].check(j, c->checks[i].rule);
}
