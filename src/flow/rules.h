/*
 * What the way from frames to messages finds itself: the network's own
 * errors, and messages that cannot be opened.
 */
#ifndef FLOW_RULES_H
#define FLOW_RULES_H

#include "core/finding.h"

enum flow_rule {
	FLOW_RULE_ICMP,
	FLOW_RULE_ICMP_LATE,
	FLOW_RULE_UNREADABLE,
	FLOW_RULE_REFUSED,
	FLOW_RULE_UNANSWERED,
	FLOW_RULE_ASIDE,
	FLOW_RULE_ASIDE_REFUSED,
	FLOW_RULE_WEBSOCKET,
	FLOW_RULE_NAME,
	FLOW_RULE_TOO_DEEP,
	FLOW_RULE_TLS,
	FLOW_RULE_MS_FRAME,
	FLOW_RULE_LOG_CUT,
	FLOW_RULE_COMPRESSED,
	FLOW_RULE_MRAS_CARRIER,
	FLOW_RULE_MRAS_FORM,
	FLOW_RULE_DIAGNOSTICS,
	FLOW_RULE_SCTP,
	FLOW_RULE_PIECES,
	FLOW_RULE_ENCODING,
	FLOW_RULE_HTTP2,
	FLOW_RULE_HTTP2_LIMIT,
	FLOW_RULES,
};

/* Ends with a row that has no id. */
extern const struct rule flow_rules[FLOW_RULES + 1];

#endif /* FLOW_RULES_H */
