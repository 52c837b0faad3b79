/* The table of rules. */
#include "config.h"

#include "validate/rules.h"

static const struct rule rules[RULES] = {
	[RULE_REGISTRATION_WRONG_CREDENTIALS] = {
		.id = "registration/wrong-credentials",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar challenges again although credentials "
			 "were sent",
		.source = "RFC 3261 22.2",
		.remedy = "check the user name, password and realm of the "
			  "account",
	},
	[RULE_REGISTRATION_REFUSED] = {
		.id = "registration/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar refuses the registration",
		.source = "RFC 3261 10.3",
		.remedy = "read the status and reason; the account may be "
			  "unknown or disabled",
	},
	[RULE_REGISTRATION_UNANSWERED] = {
		.id = "registration/unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "REGISTER is retransmitted and never answered",
		.source = "RFC 3261 17.1.2.2",
		.remedy = "check the registrar's address and the path to it",
	},
	[RULE_REGISTRATION_LOST] = {
		.id = "registration/refresh-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a refresh of the registration is refused",
		.source = "RFC 3261 10.2.4",
		.remedy = "read the status; calls to the user fail when the "
			  "registration ends",
	},
	[RULE_TOKEN_REFUSED] = {
		.id = "token/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "MRAS gives no token",
		.source = "[MS-AVEDGEA] 3.1.4.2",
		.remedy = "look at the reason phrase and at the Edge's A/V "
			  "authentication service",
	},
	[RULE_TOKEN_EXPIRED] = {
		.id = "token/expired",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "the relay's credentials had ended when they were "
			 "used",
		.source = "draft-uberti-behave-turn-rest 2.2",
		.remedy = "renew the credentials before they end; compare the "
			  "clocks",
	},
	[RULE_GATHERING_WRONG_CREDENTIALS] = {
		.id = "gathering/wrong-credentials",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay refuses the credentials of Allocate",
		.source = "RFC 8489 9.2.4",
		.remedy = "compare user name, password and realm with the "
			  "relay's; for TURN REST the secret and the clocks",
	},
	[RULE_GATHERING_NO_CREDENTIALS] = {
		.id = "gathering/challenge-not-answered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay's challenge is never answered",
		.source = "RFC 8656 7.1",
		.remedy = "the client has no credentials for this realm",
	},
	[RULE_GATHERING_REFUSED] = {
		.id = "gathering/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay refuses the allocation",
		.source = "RFC 8656 7.2",
		.remedy = "look at the error code: quota, capacity, family or "
			  "transport",
	},
	[RULE_GATHERING_UNANSWERED] = {
		.id = "gathering/allocate-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "Allocate is retransmitted and never answered",
		.source = "RFC 8489 6.2.1",
		.remedy = "open UDP and TCP to the relay in the firewall, or "
			  "check its address",
	},
	[RULE_GATHERING_LOST] = {
		.id = "gathering/allocation-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay does not know the allocation any more: a "
			 "Refresh is answered 437",
		.source = "RFC 8656 8.2",
		.remedy = "look whether the relay restarted, or a load "
			  "balancer or NAT changed the way to it",
	},
	[RULE_GATHERING_OTHER_FAILED] = {
		.id = "gathering/other-allocation-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "an allocation failed; another one was granted",
		.source = "RFC 8656 7",
		.remedy = "look at that server and transport if relayed calls "
			  "suffer",
	},
	[RULE_EXCHANGE_UNANSWERED] = {
		.id = "exchange/invite-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "INVITE is retransmitted and nothing comes back",
		.source = "RFC 3261 17.1.1.2",
		.remedy = "check the next hop's address and the path to it",
	},
	[RULE_EXCHANGE_REJECTED] = {
		.id = "exchange/rejected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE got a final answer that is no success",
		.source = "RFC 3261 13.3.1",
		.remedy = NULL,
	},
	[RULE_EXCHANGE_CANCELLED] = {
		.id = "exchange/cancelled",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the caller gave up before an answer",
		.source = "RFC 3261 9.1",
		.remedy = NULL,
	},
	[RULE_EXCHANGE_CREDENTIALS] = {
		.id = "exchange/not-authorised",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is challenged again although credentials "
			 "were sent",
		.source = "RFC 3261 22.3",
		.remedy = "check the user name, password and realm for the "
			  "proxy",
	},
	[RULE_EXCHANGE_NO_CREDENTIALS] = {
		.id = "exchange/challenge-not-answered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is challenged and the client gives up",
		.source = "RFC 3261 22.3",
		.remedy = "the client has no credentials for this realm",
	},
	[RULE_EXCHANGE_NO_ACK] = {
		.id = "exchange/no-ack",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a 2xx to INVITE without ACK in the capture",
		.source = "RFC 3261 13.2.2.4",
		.remedy = "the answer may not have reached the caller: look "
			  "at Contact and Record-Route",
	},
	[RULE_EXCHANGE_ACK_LOST] = {
		.id = "exchange/ack-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the 2xx to INVITE is retransmitted: no ACK arrives",
		.source = "RFC 3261 13.3.1.4",
		.remedy = "look at Contact and Record-Route of the answer, and "
			  "at NAT and ALGs on the way of the ACK",
	},
	[RULE_PROBING_NO_PAIR] = {
		.id = "probing/no-pair",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "no connectivity check was answered",
		.source = "RFC 8445 8.1.2",
		.remedy = "offer a relay on both sides, and open the media "
			  "ports between them",
	},
	[RULE_PROBING_ERRORS] = {
		.id = "probing/errors-only",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "connectivity checks are answered by errors only",
		.source = "RFC 8445 7.3",
		.remedy = "487: both sides keep the same role; 401 or 400: "
			  "passwords or user fragments are of another session",
	},
	[RULE_PROBING_STRAY] = {
		.id = "probing/answer-from-elsewhere",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks are answered from another address than was "
			 "asked",
		.source = "RFC 8445 7.2.5.2.1",
		.remedy = "look for NAT on the answers of the peer or its SBC",
	},
	[RULE_PROBING_INTEGRITY] = {
		.id = "probing/integrity-wrong",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks whose integrity fits no password of the "
			 "descriptions",
		.source = "RFC 8489 14.5",
		.remedy = "look for a device that rewrites SDP or STUN",
	},
	[RULE_MEDIA_NONE] = {
		.id = "media/none",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "the call was answered but no media is in the capture",
		.source = "RFC 3264 5.1",
		.remedy = "media may take another path than the one captured",
	},
	[RULE_MEDIA_ONE_WAY] = {
		.id = "media/one-way",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media is seen in one direction only",
		.source = "RFC 3264 5.1",
		.remedy = "compare the addresses in SDP with those that media "
			  "comes from; look for NAT without ICE",
	},
	[RULE_MEDIA_NOT_RETURNED] = {
		.id = "media/not-returned",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "no address gets media back from where it sends to",
		.source = "RFC 4961 4",
		.remedy = "compare the addresses in SDP with those that media "
			  "comes from; look for NAT without ICE",
	},
	[RULE_MEDIA_DTLS_FAILED] = {
		.id = "media/dtls-failed",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "the DTLS handshake ends in a fatal alert",
		.source = "RFC 5763 5, RFC 6347 4.2",
		.remedy = "compare the fingerprints in SDP with the "
			  "certificates",
	},
	[RULE_CAPTURE_HOLES] = {
		.id = "capture/tcp-holes",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "TCP streams miss bytes",
		.source = "RFC 9293 3.4",
		.remedy = "capture with a larger buffer, or nearer to the "
			  "client",
	},
	[RULE_CAPTURE_LIMIT_FLOWS] = {
		.id = "capture/limit-flows",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "conversations were forgotten: too many at once",
		.source = "mrascope: 1048576 flows",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_CAPTURE_LIMIT_FRAGMENTS] = {
		.id = "capture/fragments-incomplete",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "fragmented datagrams never became whole",
		.source = "RFC 791 3.2",
		.remedy = "capture where all fragments pass; look for a "
			  "firewall that drops them",
	},
	[RULE_CAPTURE_LIMIT_SEGMENTS] = {
		.id = "capture/limit-segments",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "TCP segments were dropped: too many wait for "
			 "missing ones",
		.source = "mrascope: 256 MiB",
		.remedy = "capture with a larger buffer",
	},
	[RULE_CAPTURE_LIMIT_MEDIA] = {
		.id = "capture/limit-media",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "RTP streams were not counted: too many",
		.source = "mrascope: 262144 streams",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_CAPTURE_LIMIT_EVIDENCE] = {
		.id = "capture/limit-evidence",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "there is more evidence than is kept: verdicts may "
			 "miss some",
		.source = "mrascope: model.h",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_CAPTURE_LIMIT_MEMORY] = {
		.id = "capture/limit-memory",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_CAPTURE,
		.title = "memory ended: verdicts may miss evidence",
		.source = "mrascope: 4 GiB",
		.remedy = "split the capture, or use --filter",
	},
	[RULE_CAPTURE_CUT] = {
		.id = "capture/snap-length",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_CAPTURE,
		.title = "frames were cut by the snap length",
		.source = "pcap-savefile(5)",
		.remedy = "capture whole frames (tcpdump -s 0)",
	},
};

const struct rule *rule_at(enum rule_id id)
{
	return &rules[id];
}
