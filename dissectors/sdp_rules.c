/* What the SDP dissector may find in the bytes of one description. */
#include "config.h"

#include "dissectors/sdp_parts.h"

#define ROW(level, slug, what, document, todo)                              \
	{                                                                   \
		.id = "exchange/" slug, .severity = SEVERITY_##level,       \
		.stage = STAGE_EXCHANGE, .title = what, .source = document, \
		.remedy = todo                                              \
	}

const struct rule sdp_rules[SDP_RULES + 1] = {
	[SDP_RULE_LINE] = ROW(WARNING, "sdp-line",
			      "a line is not of the form letter=value",
			      "RFC 8866 5", "correct the sender"),
	[SDP_RULE_ORDER] =
		ROW(WARNING, "sdp-order",
		    "the lines are not in the order that SDP asks for",
		    "RFC 8866 5, 9",
		    "strict receivers refuse it; b= belongs before t="),
	[SDP_RULE_VERSION] =
		ROW(WARNING, "sdp-version", "the version of SDP is not 0",
		    "RFC 8866 5.1", NULL),
	[SDP_RULE_REQUIRED] = ROW(WARNING, "sdp-required-line",
				  "the description lacks v=, o=, s= or t=",
				  "RFC 8866 5", "strict receivers refuse it"),
	[SDP_RULE_ORIGIN] =
		ROW(WARNING, "sdp-origin",
		    "o= does not have its six fields, two of them numbers and "
		    "the last three as in c=",
		    "RFC 8866 5.2", NULL),
	[SDP_RULE_FIELD] =
		ROW(WARNING, "sdp-field",
		    "b=, t=, r= or z= does not follow its grammar",
		    "RFC 8866 5.8, 5.9, 5.10, 5.11",
		    "strict receivers refuse it; correct the sender"),
	[SDP_RULE_CONNECTION] =
		ROW(ERROR, "sdp-connection",
		    "c= is not IN, IP4 or IP6 and an address of that kind, "
		    "perhaps with a TTL",
		    "RFC 8866 5.7", "the peer does not know where to send"),
	[SDP_RULE_NO_CONNECTION] =
		ROW(ERROR, "sdp-connection-missing",
		    "a section has no c= and the session has none either",
		    "RFC 8866 5.7", "the peer does not know where to send"),
	[SDP_RULE_MEDIA] =
		ROW(ERROR, "sdp-media-line",
		    "m= does not have kind, port, protocol and formats",
		    "RFC 8866 5.14", "the peer refuses the section"),
	[SDP_RULE_REPEATED] =
		ROW(WARNING, "sdp-attribute-repeated",
		    "an attribute that may stand only once is repeated",
		    "RFC 8866 5.13", NULL),
	[SDP_RULE_LEVEL] =
		ROW(WARNING, "sdp-attribute-level",
		    "an attribute of a section stands at session level",
		    "RFC 8839 5.1; RFC 8866 6", NULL),
	[SDP_RULE_VALUE] = ROW(WARNING, "sdp-attribute-value",
			       "the value of an attribute does not follow its "
			       "grammar",
			       "RFC 8866 6; RFC 3605; RFC 8842 5", NULL),
	[SDP_RULE_CRYPTO] =
		ROW(ERROR, "sdp-crypto",
		    "the key of a crypto attribute does not fit its suite",
		    "RFC 4568 4, 6.1, 9.1; RFC 6188; RFC 7714 14.2",
		    "media cannot be decrypted with it; expect 488"),
	[SDP_RULE_FINGERPRINT] =
		ROW(ERROR, "sdp-fingerprint",
		    "the fingerprint does not have the length of its hash",
		    "RFC 8122 5", "the DTLS handshake fails with it"),
	[SDP_RULE_ICE_LENGTH] =
		ROW(ERROR, "sdp-ice-credentials",
		    "ice-ufrag has not 4 to 256 characters, or ice-pwd not 22 "
		    "to 256",
		    "RFC 8839 5.4", "the peer refuses ICE with it"),
	[SDP_RULE_ICE_CHARACTERS] =
		ROW(WARNING, "sdp-ice-characters",
		    "ice-ufrag or ice-pwd has characters other than letters, "
		    "digits, + and /",
		    "RFC 8839 5.4", NULL),
	[SDP_RULE_ICE_MISSING] =
		ROW(WARNING, "sdp-ice-credentials-missing",
		    "candidates without ice-ufrag and ice-pwd",
		    "RFC 8839 4.2.1, 5.4", "the peer goes on without ICE"),
	[SDP_RULE_CANDIDATE] =
		ROW(ERROR, "sdp-candidate",
		    "a candidate does not follow the grammar", "RFC 8839 5.1",
		    "correct the sender: the peer ignores it, or the whole "
		    "description"),
	[SDP_RULE_PRIORITY] =
		ROW(ERROR, "sdp-candidate-priority",
		    "the priority of a candidate is not 1 to 2^31-1",
		    "RFC 8445 5.1.2; RFC 8839 5.1", NULL),
	[SDP_RULE_RELATED] =
		ROW(WARNING, "sdp-candidate-related",
		    "a reflexive or relayed candidate has no raddr and rport",
		    "RFC 8839 5.1", NULL),
	[SDP_RULE_TCPTYPE] = ROW(WARNING, "sdp-candidate-tcptype",
				 "a TCP candidate has no tcptype",
				 "RFC 6544 4.5", "the peer ignores it"),
	[SDP_RULE_EXTENSION] =
		ROW(INFO, "sdp-candidate-extension",
		    "an extension of a candidate has a name but no value",
		    "RFC 8839 5.1", NULL),
	[SDP_RULE_CANDIDATE_REPEATED] =
		ROW(WARNING, "sdp-candidate-repeated",
		    "the same candidate stands twice in a section",
		    "RFC 8445 5.1.3", NULL),
	[SDP_RULE_EXTMAP] =
		ROW(WARNING, "sdp-extmap-clash",
		    "one id of a=extmap stands for two extensions within a "
		    "bundle",
		    "RFC 8285 5, RFC 9143",
		    "browsers refuse the whole description: give each "
		    "extension the same id in all sections"),
	[SDP_RULE_LIMIT] = {.id = "capture/limit-sdp",
			    .severity = SEVERITY_WARNING,
			    .stage = STAGE_CAPTURE,
			    .title = "a description has more lines, sections "
				     "or candidates than are kept",
			    .source = "mrascope: 8192 lines, 64 sections, 256 "
				      "candidates"},
	[SDP_RULES] = {.id = NULL},
};
