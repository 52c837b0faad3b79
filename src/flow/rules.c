/* What is found on the way from frames to messages, a row each. */
#include "config.h"

#include "flow/rules.h"

const struct rule flow_rules[FLOW_RULES + 1] = {
	[FLOW_RULE_ICMP] =
		{
			.id = "capture/icmp-unreachable",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "an ICMP error answers signalling or a check",
			.source = "RFC 792, RFC 4443 3",
			.remedy = "start the server there, or let the firewall "
				  "pass it",
		},
	[FLOW_RULE_ICMP_LATE] =
		{
			.id = "capture/icmp-socket-closed",
			.severity = SEVERITY_INFO,
			.stage = STAGE_CAPTURE,
			.title = "packets from a server reached a closed "
				 "socket of the client",
			.source = "RFC 792",
			.remedy = NULL,
		},
	[FLOW_RULE_UNREADABLE] =
		{
			.id = "capture/unreadable-message",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_CAPTURE,
			.title = "a message begins as it should and cannot be "
				 "read",
			.source = "RFC 3261 7, RFC 8489 5",
			.remedy = "look at the frame: its sender is wrong, or "
				  "it was cut",
		},
	[FLOW_RULE_REFUSED] =
		{
			.id = "capture/tcp-refused",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a connection for signalling was refused",
			.source = "RFC 9293 3.5.2, RFC 9260 5.1",
			.remedy = "start the server there, or let the firewall "
				  "pass it",
		},
	[FLOW_RULE_UNANSWERED] =
		{
			.id = "capture/tcp-unanswered",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a connection for signalling or to a relay "
				 "was never answered",
			.source = "RFC 9293 3.5, RFC 9260 5.1",
			.remedy = "open the port in the firewall, or check the "
				  "address",
		},
	[FLOW_RULE_ASIDE] =
		{
			.id = "capture/request-unanswered",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a request outside of calls is sent again and "
				 "again without an answer",
			.source = "RFC 3261 11, 17.1.2.2",
			.remedy = "see whether the server there runs, and "
				  "the way to it; a trunk that does not "
				  "answer counts as down",
		},
	[FLOW_RULE_ASIDE_REFUSED] =
		{
			.id = "capture/request-refused",
			.severity = SEVERITY_INFO,
			.stage = STAGE_CAPTURE,
			.title = "a request outside of calls is refused",
			.source = "RFC 3261 11.2, RFC 3428 7, RFC 3903 4, "
				  "RFC 6665 4.1.2.2",
			.remedy = "read the status: an unknown user, an event "
				  "package that the server does not have, a "
				  "subscription that is over (481), or a trunk "
				  "that takes no calls (503 to OPTIONS)",
		},
	[FLOW_RULE_WEBSOCKET] =
		{
			.id = "capture/websocket-refused",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a WebSocket for SIP is refused: no 101 "
				 "answers it",
			.source = "RFC 6455 4.2.2, RFC 7118 4.1",
			.remedy = "read the status that answers: the path or "
				  "origin that the server does not take, "
				  "credentials, or a proxy in front of it that "
				  "knows no Upgrade; of a server that hangs up "
				  "instead, read the log",
		},
	[FLOW_RULE_NAME] =
		{
			.id = "capture/dns-no-such-name",
			.severity = SEVERITY_INFO,
			.stage = STAGE_CAPTURE,
			.title = "a name of a SIP, STUN or TURN service does "
				 "not exist",
			.source = "RFC 2308 2.1, RFC 3263 4, RFC 8489 8",
			.remedy = "clients try several names; one of them must "
				  "exist",
		},
	[FLOW_RULE_TOO_DEEP] =
		{
			.id = "capture/limit-nesting",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "messages nest too deep and were not opened "
				 "further",
			.source = "mrascope: 8 layers",
			.remedy =
				"no real program nests so: see who sends this",
		},
	[FLOW_RULE_TLS] =
		{
			.id = "capture/tls-unreadable",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a TLS record, or many of DTLS, do not "
				 "decrypt, and the rest of the direction "
				 "stays unread",
			.source = "RFC 8446 5.2, RFC 5246 6.2.3, RFC 6347 "
				  "4.1",
			.remedy = "see whether the key log or private key "
				  "belongs to this connection, and whether "
				  "packets are missing",
		},
	[FLOW_RULE_MS_FRAME] =
		{
			.id = "gathering/ms-frame-wrong",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_GATHERING,
			.title = "what stands on a connection to a relay is no "
				 "frame of MS-TURN, and the rest of its "
				 "direction stays unread",
			.source = "[MS-TURN] 2.1.4, 3.1.10",
			.remedy = "the relay closes such a connection: look "
				  "for a box that changes bytes in it",
		},
	[FLOW_RULE_LOG_CUT] =
		{
			.id = "capture/log-truncated",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "the log left out a part of a message",
			.source = "mrascope: logs of clients and servers",
			.remedy = "log with larger files, or take the log "
				  "before it begins anew",
		},
	[FLOW_RULE_COMPRESSED] =
		{
			.id = "registration/compressed",
			.severity = SEVERITY_INFO,
			.stage = STAGE_REGISTRATION,
			.title = "SIP on this connection is compressed from "
				 "here on and cannot be read",
			.source = "[MS-SIPCOMP]",
			.remedy = "take the messages from the client's or the "
				  "server's log",
		},
	[FLOW_RULE_MRAS_CARRIER] =
		{
			.id = "token/mras-carrier",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "an MRAS request is no SERVICE, or has "
				 "another content type",
			.source = "[MS-AVEDGEA] 3.1.5.1",
			.remedy = "fix the client: the server refuses it "
				  "without a reason phrase",
		},
	[FLOW_RULE_MRAS_FORM] =
		{
			.id = "token/mras-form",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "a body sent as MRAS is no request or "
				 "response of its namespace",
			.source = "[MS-AVEDGEA] 2.2",
			.remedy = "fix the sender: the other side cannot "
				  "read it",
		},
	[FLOW_RULE_DIAGNOSTICS] =
		{
			.id = "exchange/diagnostics-form",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_EXCHANGE,
			.title = "a diagnostic header does not begin with its "
				 "number",
			.source = "[MS-OCER] 2.2.1",
			.remedy = "fix the sender",
		},
	[FLOW_RULE_SCTP] =
		{
			.id = "capture/sctp-damaged",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a chunk of SCTP is longer or shorter than "
				 "can be, and what follows in its packet is "
				 "not read",
			.source = "RFC 9260 3.2, 3.3.1",
			.remedy = "look for what changes packets on their way: "
				  "the receiver drops them for their checksum",
		},
	[FLOW_RULE_PIECES] =
		{
			.id = "capture/pieces-missing",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a message came in pieces, and only its "
				 "beginning is in the capture",
			.source = "RFC 791 3.2, RFC 8200 4.5, RFC 9260 6.9",
			.remedy = "let fragments pass the firewall, and filter "
				  "captures by host and not by port; large "
				  "messages belong on TCP (RFC 3261 18.1.1)",
		},
	[FLOW_RULE_ENCODING] =
		{
			.id = "exchange/body-encoding",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_EXCHANGE,
			.title = "a body is not in the encoding that its "
				 "header names",
			.source = "RFC 2045 6, RFC 3261 20.12",
			.remedy = "fix the sender: the other side cannot "
				  "read it",
		},
	[FLOW_RULE_HTTP2] =
		{
			.id = "capture/http2-unreadable",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "one direction of HTTP/2 cannot be read on: "
				 "its headers refer to what was not seen",
			.source = "RFC 9113 4.3, RFC 7541 2.2",
			.remedy = "capture from the start of the connection, "
				  "and see whether packets are missing",
		},
	[FLOW_RULE_HTTP2_LIMIT] =
		{
			.id = "capture/limit-http2",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_CAPTURE,
			.title = "a part of HTTP/2 was not read: a body that "
				 "is too long, or too much at once",
			.source = "mrascope: 262144 bytes of a body, 256 "
				  "streams, 512 connections",
			.remedy = "no signalling is so large; look at the "
				  "capture in another program",
		},
	[FLOW_RULES] = {.id = NULL},
};
