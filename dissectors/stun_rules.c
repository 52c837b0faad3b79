/*
 * What can be wrong in the bytes of one STUN message.
 *
 * A structural fault is filed under gathering whatever the message is for,
 * those of the FINGERPRINT under probing: it is there to tell checks from
 * media.
 */
#include "config.h"

#include "dissectors/stun_parts.h"

const struct rule stun_rules[STUN_RULES + 1] = {
	[STUN_RULE_COOKIE] = {
		.id = "gathering/stun-cookie-missing",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "a TURN message has no magic cookie",
		.source = "RFC 8489 5, RFC 8656 5",
		.remedy = "a TURN server drops it: look for a client that is "
			  "older than RFC 5389",
	},
	[STUN_RULE_LENGTH] = {
		.id = "gathering/stun-length-wrong",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the length in the STUN header is not that of the "
			 "datagram",
		.source = "RFC 8489 5",
		.remedy = "receivers drop it: look for a box on the path that "
			  "cuts or appends bytes",
	},
	[STUN_RULE_ALIGNMENT] = {
		.id = "gathering/stun-length-unaligned",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the length in the STUN header is not a multiple of "
			 "four",
		.source = "RFC 8489 5",
		.remedy = "receivers take it for another protocol",
	},
	[STUN_RULE_OVERRUN] = {
		.id = "gathering/stun-attribute-overrun",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the STUN attributes do not end where the message "
			 "ends",
		.source = "RFC 8489 14",
		.remedy = NULL,
	},
	[STUN_RULE_NO_PADDING] = {
		.id = "gathering/stun-padding-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the last STUN attribute lacks its padding",
		.source = "RFC 8489 14",
		.remedy = NULL,
	},
	[STUN_RULE_PADDING] = {
		.id = "gathering/stun-padding-not-zero",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "the padding of a STUN attribute is not zero",
		.source = "RFC 8489 14; RFC 5389 15 allows any value",
		.remedy = NULL,
	},
	[STUN_RULE_VALUE_LENGTH] = {
		.id = "gathering/stun-attribute-length",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "a STUN attribute has a length that its kind cannot "
			 "have",
		.source = "RFC 8489 14, RFC 8656 18, [MS-TURN] 2.2.2",
		.remedy = NULL,
	},
	[STUN_RULE_PLACE] = {
		.id = "gathering/stun-attribute-misplaced",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a STUN attribute comes after the integrity or the "
			 "fingerprint",
		.source = "RFC 8489 14.5, 14.6, 14.7",
		.remedy = "receivers ignore what stands there",
	},
	[STUN_RULE_FINGERPRINT] = {
		.id = "probing/stun-fingerprint-wrong",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "the FINGERPRINT of a STUN message is wrong",
		.source = "RFC 8489 14.7",
		.remedy = "receivers drop it: look for a box on the path that "
			  "rewrites addresses inside",
	},
	[STUN_RULE_FINGERPRINT_MS] = {
		.id = "probing/stun-fingerprint-ms-table",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "the FINGERPRINT fits only with the CRC table of old "
			 "Microsoft clients",
		.source = "[MS-ICE2]; RFC 8489 14.7",
		.remedy = "peers that follow the RFC drop such checks",
	},
	[STUN_RULE_UNKNOWN] = {
		.id = "gathering/stun-attribute-unknown",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a STUN attribute that must be understood is not "
			 "known",
		.source = "RFC 8489 14",
		.remedy = "expect the answer 420",
	},
	[STUN_RULE_UNEXPECTED] = {
		.id = "gathering/stun-attribute-unexpected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "a STUN success response repeats credentials",
		.source = "RFC 8489 9.2.4",
		.remedy = NULL,
	},
	[STUN_RULE_CHECK_UNEXPECTED] = {
		.id = "probing/answer-repeats-username",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "the answer to a check repeats its USERNAME",
		.source = "RFC 8489 9.1.3, RFC 5389 10.1.2",
		.remedy = NULL,
	},
	[STUN_RULE_ERROR_CODE] = {
		.id = "gathering/stun-error-code-range",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "an ERROR-CODE is outside 300 to 699",
		.source = "RFC 8489 14.8",
		.remedy = NULL,
	},
	[STUN_RULE_NO_UNKNOWN_LIST] = {
		.id = "gathering/stun-unknown-attributes-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "an error 420 does not say which attribute was "
			 "unknown",
		.source = "RFC 8489 6.3.1.1",
		.remedy = NULL,
	},
	[STUN_RULE_FAMILY] = {
		.id = "gathering/stun-address-family",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the family of a STUN address does not fit its "
			 "length",
		.source = "RFC 8489 14.1, 14.2",
		.remedy = NULL,
	},
	[STUN_RULE_CLASS] = {
		.id = "gathering/stun-class-wrong",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "a TURN method comes in a class that it does not "
			 "have",
		.source = "RFC 8656 17",
		.remedy = NULL,
	},
	[STUN_RULE_MS_SECRET] = {
		.id = "gathering/ms-shared-secret",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a SharedSecret message is sent, which [MS-TURN] "
			 "does without",
		.source = "[MS-TURN] 2.2.1",
		.remedy = "the relay takes no notice: give the client a token "
			  "of MRAS",
	},
	[STUN_RULE_TEXT_LENGTH] = {
		.id = "gathering/stun-text-too-long",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a text in a STUN message is longer than allowed",
		.source = "RFC 8489 14",
		.remedy = NULL,
	},
	[STUN_RULE_LIMIT] = {
		.id = "capture/limit-stun-attributes",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "a STUN message has more attributes than are read",
		.source = "256 attributes are read",
		.remedy = NULL,
	},
	{0},
};
