/*
 * Rules of the engine: replies of servers that a correct server would not have
 * given (RFC 8489, RFC 8656, RFC 6062, RFC 8016; [MS-AVEDGEA]; RFC 3261,
 * [MS-SIPAE]).
 *
 * The engine finds them while messages pass (engine/replay.h); a row here has
 * the number of its enum replay_rule.
 */
#include "config.h"

#include "engine/replay.h"
#include "validate/rules.h"

const struct rule rules_engine[RULE_ENGINE_ROWS + 1] = {
	[REPLAY_REFUSED_WRONGLY] =
		{
			.id = "engine/refused-wrongly",
			.blames = "policy",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server refused what it had no reason "
				 "to refuse",
			.source = "RFC 8489 9.2.4, RFC 8656 7.2, 8.2, 10.2, "
				  "12.2, [MS-AVEDGEA] 3.1.5, RFC 3261 10.3, "
				  "22.4",
			.remedy = "look into the server's log: it judges by "
				  "something that the capture does not show, "
				  "or wrongly",
		},
	[REPLAY_ACCEPTED_WRONGLY] =
		{
			.id = "engine/accepted-wrongly",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server accepted what it had to refuse",
			.source =
				"RFC 8489 9.2.4, RFC 8656 5, 7.2, 8.2, 10.2, "
				"12.2, [MS-AVEDGEA] 3.1.5, RFC 3261 10.3, 22.4",
			.remedy = "see whether the server asks for "
				  "credentials and keeps apart whose "
				  "allocation it is",
		},
	[REPLAY_OTHER_ERROR] =
		{
			.id = "engine/other-error",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server refused with another error than "
				 "the one that is due",
			.source = "RFC 8489 9.2.4, RFC 8656 7.2, 8.2, 10.2, "
				  "12.2, [MS-AVEDGEA] 3.1.5",
			.remedy = "a client acts by the code: update the "
				  "server",
		},
	[REPLAY_OTHER_METHOD] =
		{
			.id = "engine/other-method",
			.blames = "server",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_ENGINE,
			.title = "the reply is to another method than the "
				 "request",
			.source = "RFC 8489 6.3.3, RFC 3261 8.2.6.2",
			.remedy = "the client drops it; look for a server or "
				  "proxy that mixes transactions up",
		},
	[REPLAY_ATTRIBUTE_MISSING] =
		{
			.id = "engine/attribute-missing",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "an attribute, or element, is missing in a "
				 "server's reply",
			.source = "RFC 8656 7.2, 8.2, RFC 8489 9.2.4, 14.8, "
				  "[MS-AVEDGEA] 2.2.3, RFC 3261 10.3, 22.1, "
				  "[MS-SIPAE]",
			.remedy = "update the server, or look for what "
				  "changes messages on the way",
		},
	[REPLAY_ATTRIBUTE_FOREIGN] =
		{
			.id = "engine/attribute-foreign",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "an attribute, or element, does not belong "
				 "in a server's reply",
			.source = "RFC 8489 6.3.3, 9.2.4, RFC 8656 7.2, "
				  "[MS-AVEDGEA] 2.2.3, RFC 3261 20",
			.remedy = "a client that does not know it drops the "
				  "reply: update the server",
		},
	[REPLAY_ATTRIBUTE_BEHIND] =
		{
			.id = "engine/attribute-unprotected",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "an attribute comes after the integrity of "
				 "a server's reply",
			.source = "RFC 8489 14.5, 14.6",
			.remedy = "look for what adds it on the way; clients "
				  "do not read it",
		},
	[REPLAY_MAPPED_WRONG] =
		{
			.id = "engine/mapped-address-wrong",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the mapped address cannot be the client's",
			.source = "RFC 8489 14.2, RFC 8656 7.2",
			.remedy = "look for a proxy or load balancer in "
				  "front of the server",
		},
	[REPLAY_RELAYED_WRONG] =
		{
			.id = "engine/relayed-address-wrong",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the relayed address is not one that was "
				 "asked for",
			.source = "RFC 8656 7.2, 18.5",
			.remedy = "look at the server's relay addresses and "
				  "ports",
		},
	[REPLAY_LIFETIME_WRONG] =
		{
			.id = "engine/lifetime-wrong",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the lifetime that was granted does not "
				 "follow from what was asked for",
			.source =
				"RFC 8656 7.2, 8.2, [MS-AVEDGEA] 2.2.4.3, RFC "
				"3261 10.3",
			.remedy = "refresh by what was granted, and update "
				  "the server",
		},
	[REPLAY_VALUE_WRONG] =
		{
			.id = "engine/value-wrong",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "an attribute, or element, of a server's "
				 "reply has an impossible value",
			.source =
				"RFC 8489 9.2.4, 14.13, [MS-AVEDGEA] 2.2.3, "
				"RFC "
				"3261 8.2.6.2, 10.3, RFC 7616 3.5, [MS-SIPAE]",
			.remedy = "update the server; see whether one name "
				  "stands for servers of different realms",
		},
	[REPLAY_NONCE_NOT_NEW] =
		{
			.id = "engine/nonce-not-new",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server calls a nonce stale and gives "
				 "the same again",
			.source = "RFC 8489 9.2.4, RFC 7616 3.3",
			.remedy = "the client cannot get in that way: look "
				  "at the server's clock and at what stands "
				  "in front of it",
		},
	[REPLAY_INTEGRITY_WRONG] =
		{
			.id = "engine/integrity-wrong",
			.blames = "server",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_ENGINE,
			.title = "a server's reply is not signed with the "
				 "key of the request",
			.source = "RFC 8489 9.2.4, 9.2.5, RFC 7616 3.5, "
				  "[MS-SIPAE] 3.3",
			.remedy = "the client drops it: look for what "
				  "changes messages on the way (an ALG), or "
				  "for two servers with different passwords",
		},
	[REPLAY_CHANNEL_WRONG] =
		{
			.id = "engine/channel-wrong",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server sends data in a channel that "
				 "was not bound",
			.source = "RFC 8656 12.7",
			.remedy = "look for the ChannelBind: the capture may "
				  "lack it",
		},
	[REPLAY_ANSWERS_DIFFER] =
		{
			.id = "engine/answers-differ",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "one request got two different replies",
			.source = "RFC 8489 6.3.1, RFC 3261 17.2.2",
			.remedy = "look for two servers behind one address",
		},
	[REPLAY_NOT_ASKED] =
		{
			.id = "engine/not-asked",
			.blames = "server",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the server sends what nobody asked for",
			.source = "RFC 8656 11.3, [MS-TURN] 2.2.1",
			.remedy = "look at the relay: it lets in peers that "
				  "its client did not name, or answers what "
				  "has no answer; or the capture lacks what "
				  "the client asked",
		},
	[REPLAY_KNOWN_DIFFERENCE] =
		{
			.id = "engine/known-difference",
			.blames = "policy",
			.severity = SEVERITY_INFO,
			.stage = STAGE_ENGINE,
			.title = "the server answers otherwise than the RFC "
				 "says, as some are known to do",
			.source = "RFC 8656 7.2, 12.2, RFC 8489 9.2.4, "
				  "RFC 3261 8.2.6.2, 10.3, [MS-SIPAE] 3.2",
		},
	[RULE_ENGINE_CHECK_ORDER] =
		{
			.id = "engine/check-order",
			.blames = "client",
			.severity = SEVERITY_INFO,
			.stage = STAGE_ENGINE,
			.title = "checks began in another order than the "
				 "priorities of the candidates give",
			.source = "RFC 8445 6.1.2.3, 6.1.4.2",
		},
	[RULE_ENGINE_CHECK_PACING] =
		{
			.id = "engine/check-pacing",
			.blames = "client",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "an agent begins checks faster than one each "
				 "5 ms",
			.source = "RFC 8445 14.2",
			.remedy = "NATs and firewalls drop what opens too many "
				  "ways at once: let the agent pace its checks",
		},
	[RULE_ENGINE_NOMINATED_TWICE] =
		{
			.id = "engine/nominated-twice",
			.blames = "client",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_ENGINE,
			.title = "the controlling agent nominates a second "
				 "pair without an ICE restart",
			.source = "RFC 8445 8.1.1",
			.remedy = "the two sides may send on different pairs: "
				  "look at why the agent changed its mind",
		},
};
