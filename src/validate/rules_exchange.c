/* Rules of the exchange (RFC 3261, RFC 3264). */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_exchange[] = {
	[RULE_ROW(RULE_EXCHANGE_UNANSWERED)] = {
		.id = "exchange/invite-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "INVITE is retransmitted and nothing comes back",
		.source = "RFC 3261 17.1.1.2",
		.remedy = "check the next hop's address and the path to it",
	},
	[RULE_ROW(RULE_EXCHANGE_REJECTED)] = {
		.id = "exchange/rejected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE got a final answer that is no success",
		.source = "RFC 3261 13.3.1",
		.remedy = NULL,
	},
	[RULE_ROW(RULE_EXCHANGE_CANCELLED)] = {
		.id = "exchange/cancelled",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the caller gave up before an answer",
		.source = "RFC 3261 9.1",
		.remedy = NULL,
	},
	[RULE_ROW(RULE_EXCHANGE_CREDENTIALS)] = {
		.id = "exchange/not-authorised",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is challenged again although credentials "
			 "were sent",
		.source = "RFC 3261 22.3",
		.remedy = "check the user name, password and realm for the "
			  "proxy",
	},
	[RULE_ROW(RULE_EXCHANGE_NO_CREDENTIALS)] = {
		.id = "exchange/challenge-not-answered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is challenged and the client gives up",
		.source = "RFC 3261 22.3",
		.remedy = "the client has no credentials for this realm",
	},
	[RULE_ROW(RULE_EXCHANGE_NO_ACK)] = {
		.id = "exchange/no-ack",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a 2xx to INVITE without ACK in the capture",
		.source = "RFC 3261 13.2.2.4",
		.remedy = "the answer may not have reached the caller: look "
			  "at Contact and Record-Route",
	},
	[RULE_ROW(RULE_EXCHANGE_ACK_LOST)] = {
		.id = "exchange/ack-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the 2xx to INVITE is retransmitted: no ACK arrives",
		.source = "RFC 3261 13.3.1.4",
		.remedy = "look at Contact and Record-Route of the answer, and "
			  "at NAT and ALGs on the way of the ACK",
	},
	{.id = NULL},
};
