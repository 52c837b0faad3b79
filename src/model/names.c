/* The words of the model's enums, mostly as the JSON contract has them. */
#include "config.h"

#include "model/model.h"

const char *state_name(enum stage_state state)
{
	static const char *const names[] = {
		[STATE_UNSEEN] = "unseen",
		[STATE_OK] = "ok",
		[STATE_FAILED] = "failed",
		[STATE_INCOMPLETE] = "incomplete",
		[STATE_INFERRED] = "inferred",
		[STATE_UNNEEDED] = "unneeded",
	};

	return names[state];
}

const char *state_word(enum stage_state state)
{
	static const char *const words[] = {
		[STATE_UNSEEN] = "not seen", [STATE_OK] = "ok",
		[STATE_FAILED] = "failed",   [STATE_INCOMPLETE] = "unfinished",
		[STATE_INFERRED] = "proved", [STATE_UNNEEDED] = "not needed",
	};

	return words[state];
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_UNKNOWN] = "unknown",
		[OUTCOME_ESTABLISHED] = "established",
		[OUTCOME_FAILED] = "failed",
		[OUTCOME_REJECTED] = "rejected",
		[OUTCOME_CANCELLED] = "cancelled",
		[OUTCOME_UNANSWERED] = "unanswered",
		[OUTCOME_IN_PROGRESS] = "in-progress",
		[OUTCOME_OK] = "ok",
	};

	return names[outcome];
}

const char *call_kind_name(enum call_kind kind)
{
	static const char *const names[] = {
		[CALL_DIALOG] = "call",
		[CALL_ICE] = "ice",
		[CALL_ATTEMPT] = "attempt",
	};

	return names[kind];
}

const char *web_service_word(uint8_t service)
{
	static const char *const words[] = {"web ticket", "certificate",
					    "autodiscovery", "other"};

	return service < sizeof(words) / sizeof(words[0]) ? words[service]
							  : "other";
}

const char *candidate_word(uint8_t type)
{
	static const char *const words[] = {"unknown", "host", "srflx", "prflx",
					    "relay"};

	return type < 5 ? words[type] : words[0];
}

const char *leg_link_name(enum leg_link link)
{
	static const char *const names[] = {
		[LINK_SESSION_ID] = "session-id",
		[LINK_REPLACES] = "replaces",
		[LINK_REFER] = "refer",
		[LINK_CONVERSATION] = "conversation-id",
		[LINK_CONFERENCE] = "conference",
		[LINK_X_CID] = "x-cid",
		[LINK_ICID] = "icid",
		[LINK_FAMILIES] = "families",
		[LINK_SDP] = "sdp",
		[LINK_MEDIA] = "media",
		[LINK_COURSE] = "course",
	};

	return link <= LINK_COURSE ? names[link] : NULL;
}

const char *path_purpose_name(enum path_purpose purpose)
{
	static const char *const names[] = {
		[PATH_SIP] = "sip",   [PATH_STUN] = "stun",
		[PATH_TURN] = "turn", [PATH_CHECK] = "check",
		[PATH_DNS] = "dns",
	};

	return names[purpose];
}

const char *path_verdict_name(enum path_verdict verdict)
{
	static const char *const names[] = {
		[PATH_OPEN] = "open",
		[PATH_BLOCKED] = "blocked",
		[PATH_UNANSWERED] = "unanswered",
		[PATH_REFUSED] = "refused",
	};

	return names[verdict];
}

const char *obstacle_text(const struct obstacle *obstacle)
{
	static const char *const texts[] = {
		[OBSTACLE_NONE] = "no word",
		[OBSTACLE_PORT] = "ICMP port unreachable",
		[OBSTACLE_RESET] = "TCP reset",
		[OBSTACLE_ABORT] = "SCTP abort",
		[OBSTACLE_ENDED] = "connection closed",
		[OBSTACLE_GUARD] =
			"ICMP port unreachable from a host on the way",
		[OBSTACLE_HOST] = "ICMP host unreachable",
		[OBSTACLE_NET] = "ICMP network unreachable",
		[OBSTACLE_PROHIBITED] = "ICMP administratively prohibited",
		[OBSTACLE_TIME] = "ICMP time exceeded",
		[OBSTACLE_FRAGMENTS] = "ICMP fragment reassembly time exceeded",
		[OBSTACLE_SIZE] = "ICMP packet too big",
		[OBSTACLE_SWALLOWED] = ("long TCP segments are never "
					"acknowledged, short ones are"),
	};

	return texts[obstacle->kind];
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {
		[CONFIDENCE_PROVED] = "proved",
		[CONFIDENCE_LIKELY] = "likely",
		[CONFIDENCE_GUESS] = "guess",
	};

	return names[confidence];
}

const char *ice_dialect_name(enum ice_dialect dialect)
{
	static const char *const names[] = {
		[DIALECT_NONE] = NULL,
		[DIALECT_DRAFT_06] = "draft-06",
		[DIALECT_DRAFT_19] = "draft-19",
	};

	return names[dialect];
}

const char *role_name(enum ice_role role)
{
	static const char *const names[] = {
		[ROLE_UNKNOWN] = "unknown",
		[ROLE_CONTROLLING] = "controlling",
		[ROLE_CONTROLLED] = "controlled",
	};

	return names[role];
}

const char *dtls_version_name(uint16_t version)
{
	switch (version) { /* RFC 6347 4.1, RFC 9147 4 */
	case 0xFEFF:
		return "DTLS 1.0";
	case 0xFEFD:
		return "DTLS 1.2";
	case 0xFEFC:
		return "DTLS 1.3";
	default:
		return NULL;
	}
}
