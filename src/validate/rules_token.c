/* Rules of tokens. */
#include "config.h"

#include "validate/checks.h"

/* Refreshes of the allocation behind that time would be refused. */
static void check_ends_in_call(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		if (t->expires > j->call->start && t->expires < j->call->end)
			found(j, self,
			      t->answer.frame ? &t->answer : &t->cited.first[0],
			      model_sentence(
				      j->model, "%.0f s before the call's end",
				      (double)(j->call->end - t->expires) /
					      1e9));
	}
}

static void check_ended(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *t =
			a->token == LIST_NONE
				? NULL
				: list_at(&j->model->tokens, a->token);

		if (t && t->expires && a->accepted && a->granted.frame &&
		    a->granted.time > t->expires)
			found(j, self, &a->granted,
			      model_sentence(
				      j->model, "%.0f s after their end",
				      (double)(a->granted.time - t->expires) /
					      1e9));
	}
}

/* ---- the table ---- */

const struct rule rules_token[] = {
	[RULE_ROW(RULE_TOKEN_REFUSED)] = {
		.id = "token/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "MRAS gives no token",
		.source = "[MS-AVEDGEA] 3.1.4.2",
		.remedy = "look at the reason phrase and at the Edge's A/V "
			  "authentication service",
	},
	[RULE_ROW(RULE_TOKEN_EXPIRED)] = {
		.id = "token/expired",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "the relay's credentials had ended when they were "
			 "used",
		.source = "draft-uberti-behave-turn-rest 2.2",
		.remedy = "renew the credentials before they end; compare the "
			  "clocks",
	},
	{
		.id = "token/ends-in-call",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the relay's credentials end in the middle of the "
			 "call",
		.source = "draft-uberti-behave-turn-rest 2.2",
		.remedy = "issue them for longer than the longest call, or "
			  "renew them: the relay may refuse the next refresh",
		.check = check_ends_in_call,
	},
	{
		.id = "token/ended-but-accepted",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the relay took credentials whose time was over",
		.source = "draft-uberti-behave-turn-rest 2.2",
		.remedy = "compare the clocks of relay, issuer and capture",
		.check = check_ended,
	},
	{.id = NULL},
};
