/* Rules of media and its keys. */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_media[] = {
	[RULE_ROW(RULE_MEDIA_NONE)] = {
		.id = "media/none",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "the call was answered but no media is in the capture",
		.source = "RFC 3264 5.1",
		.remedy = "media may take another path than the one captured",
	},
	[RULE_ROW(RULE_MEDIA_ONE_WAY)] = {
		.id = "media/one-way",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media is seen in one direction only",
		.source = "RFC 3264 5.1",
		.remedy = "compare the addresses in SDP with those that media "
			  "comes from; look for NAT without ICE",
	},
	[RULE_ROW(RULE_MEDIA_NOT_RETURNED)] = {
		.id = "media/not-returned",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "no address gets media back from where it sends to",
		.source = "RFC 4961 4",
		.remedy = "compare the addresses in SDP with those that media "
			  "comes from; look for NAT without ICE",
	},
	[RULE_ROW(RULE_MEDIA_DTLS_FAILED)] = {
		.id = "media/dtls-failed",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "the DTLS handshake ends in a fatal alert",
		.source = "RFC 5763 5, RFC 6347 4.2",
		.remedy = "compare the fingerprints in SDP with the "
			  "certificates",
	},
	{.id = NULL},
};
