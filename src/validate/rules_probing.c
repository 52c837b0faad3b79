/* Rules of connectivity checks (RFC 8445). */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_probing[] = {
	[RULE_ROW(RULE_PROBING_NO_PAIR)] = {
		.id = "probing/no-pair",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "no connectivity check was answered",
		.source = "RFC 8445 8.1.2",
		.remedy = "offer a relay on both sides, and open the media "
			  "ports between them",
	},
	[RULE_ROW(RULE_PROBING_ERRORS)] = {
		.id = "probing/errors-only",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "connectivity checks are answered by errors only",
		.source = "RFC 8445 7.3",
		.remedy = "487: both sides keep the same role; 401 or 400: "
			  "passwords or user fragments are of another session",
	},
	[RULE_ROW(RULE_PROBING_STRAY)] = {
		.id = "probing/answer-from-elsewhere",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks are answered from another address than was "
			 "asked",
		.source = "RFC 8445 7.2.5.2.1",
		.remedy = "look for NAT on the answers of the peer or its SBC",
	},
	[RULE_ROW(RULE_PROBING_INTEGRITY)] = {
		.id = "probing/integrity-wrong",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks whose integrity fits no password of the "
			 "descriptions",
		.source = "RFC 8489 14.5",
		.remedy = "look for a device that rewrites SDP or STUN",
	},
	[RULE_ROW(RULE_PROBING_LOST_BETWEEN)] = {
		.id = "probing/lost-between-vantages",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks pass one vantage and do not arrive at the "
			 "other end",
		.source = "RFC 8445 7.2.5.2",
		.remedy = "look at the NAT, firewall or route between these "
			  "two points",
	},
	[RULE_ROW(RULE_PROBING_ANSWER_LOST_BETWEEN)] = {
		.id = "probing/answer-lost-between-vantages",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks are answered at one end, and the answers do "
			 "not come back to the other",
		.source = "RFC 8445 7.2.5.2",
		.remedy = "look at the NAT, firewall or route between these "
			  "two points, in the direction of the answers",
	},
	{.id = NULL},
};
