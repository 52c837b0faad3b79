/* Rules of the capture itself. */
#include "config.h"

#include "validate/rules.h"

const struct rule rules_capture[] = {
	[RULE_ROW(RULE_CAPTURE_HOLES)] = {
		.id = "capture/tcp-holes",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "bytes are missing in TCP streams",
		.source = "RFC 9293 3.4",
		.remedy = "capture with a larger buffer, or nearer to the "
			  "client",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_FLOWS)] = {
		.id = "capture/limit-flows",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "conversations were forgotten: too many at once",
		.source = "mrascope: 1048576 flows",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_FRAGMENTS)] = {
		.id = "capture/fragments-incomplete",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "fragmented datagrams never became whole",
		.source = "RFC 791 3.2",
		.remedy = "capture where all fragments pass; look for a "
			  "firewall that drops them",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_SEGMENTS)] = {
		.id = "capture/limit-segments",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "TCP segments were dropped: too many wait for "
			 "missing ones",
		.source = "mrascope: 256 MiB",
		.remedy = "capture with a larger buffer",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_MEDIA)] = {
		.id = "capture/limit-media",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "RTP streams were not counted: too many",
		.source = "mrascope: 262144 streams",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_EVIDENCE)] = {
		.id = "capture/limit-evidence",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "there is more evidence than is kept: verdicts may "
			 "miss some",
		.source = "mrascope: model.h",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_ROW(RULE_CAPTURE_LIMIT_MEMORY)] = {
		.id = "capture/limit-memory",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_CAPTURE,
		.title = "memory ran out: verdicts may miss evidence",
		.source = "mrascope: 4 GiB",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_ROW(RULE_CAPTURE_CUT)] = {
		.id = "capture/snap-length",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "frames were cut by the snap length",
		.source = "pcap-savefile(5)",
		.remedy = "capture whole frames (tcpdump -s 0)",
	},
	[RULE_ROW(RULE_CAPTURE_SWALLOWED)] = {
		.id = "capture/tcp-segments-lost",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "long segments of TCP are sent again and again and "
			 "never acknowledged, while short ones arrive",
		.source = "RFC 2923 2.1, RFC 1191 3, RFC 8201 4",
		.remedy = "let firewalls on the way pass ICMP (3/4, Packet Too "
			  "Big), or clamp the MSS where a tunnel, VPN or "
			  "PPPoE begins",
	},
	{.id = NULL},
};
