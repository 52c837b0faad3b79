/* Rules of gathering (RFC 8489, RFC 8656). */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_gathering[] = {
	[RULE_ROW(RULE_GATHERING_WRONG_CREDENTIALS)] = {
		.id = "gathering/wrong-credentials",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay refuses the credentials of Allocate",
		.source = "RFC 8489 9.2.4",
		.remedy = "compare user name, password and realm with the "
			  "relay's; for TURN REST the secret and the clocks",
	},
	[RULE_ROW(RULE_GATHERING_NO_CREDENTIALS)] = {
		.id = "gathering/challenge-not-answered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay's challenge is never answered",
		.source = "RFC 8656 7.1",
		.remedy = "the client has no credentials for this realm",
	},
	[RULE_ROW(RULE_GATHERING_REFUSED)] = {
		.id = "gathering/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay refuses the allocation",
		.source = "RFC 8656 7.2",
		.remedy = "look at the error code: quota, capacity, family or "
			  "transport",
	},
	[RULE_ROW(RULE_GATHERING_UNANSWERED)] = {
		.id = "gathering/allocate-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "Allocate is retransmitted and never answered",
		.source = "RFC 8489 6.2.1",
		.remedy = "open UDP and TCP to the relay in the firewall, or "
			  "check its address",
	},
	[RULE_ROW(RULE_GATHERING_LOST)] = {
		.id = "gathering/allocation-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay does not know the allocation any more: a "
			 "Refresh is answered 437",
		.source = "RFC 8656 8.2",
		.remedy = "look whether the relay restarted, or a load "
			  "balancer or NAT changed the way to it",
	},
	[RULE_ROW(RULE_GATHERING_OTHER_FAILED)] = {
		.id = "gathering/other-allocation-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "an allocation failed; another one was granted",
		.source = "RFC 8656 7",
		.remedy = "look at that server and transport if relayed calls "
			  "suffer",
	},
	{.id = NULL},
};
