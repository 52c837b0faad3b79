/* Rules of tokens. */
#include "config.h"

#include "validate/rules.h"

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
	{.id = NULL},
};
