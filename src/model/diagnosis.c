/*
 * What the numbers of diagnostic headers mean: ErrorIds ([MS-OCER] and the
 * field), causes of Q.850 (ITU-T Q.850, RFC 3398), warn codes (RFC 3261
 * 20.43), and both tables of ICE warning bits.
 */
#include "config.h"

#include "model/diagnosis.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Sorted by number; those of servers and those of clients do not overlap. */
static const struct meaning error_ids[] = {
	{0, "internal server error",
	 "look at the event log of the server that the header names",
	 STAGE_NONE, HELPER_SERVER, false},
	{1, "the service is not available",
	 "start the service that the header names", STAGE_NONE, HELPER_SERVER,
	 false},
	{4, "bandwidth policy does not allow the call",
	 "raise the limit of the site link, or allow another way",
	 STAGE_EXCHANGE, HELPER_NETWORK, false},
	{21, "media found no way; where one end stands is not known",
	 "look at both ends' candidates and at the Edge", STAGE_PROBING,
	 HELPER_FIREWALL, false},
	{22, "media found no way although both ends are inside",
	 "open the media ports between the two subnets", STAGE_PROBING,
	 HELPER_FIREWALL, false},
	{23, "media found no way between an end inside and one outside",
	 "make the Edge reachable from both: UDP 3478 and TCP 443",
	 STAGE_PROBING, HELPER_EDGE, false},
	{24, "media found no way between two ends outside",
	 "look for the side without relay candidates", STAGE_PROBING,
	 HELPER_EDGE, false},
	{25, "media found no way between two companies, both ends inside",
	 "open the way between the Edges: UDP 3478, TCP 443, 50000-59999",
	 STAGE_PROBING, HELPER_EDGE, false},
	{26, "media found no way between two companies, one end outside",
	 "open the way between the Edges: UDP 3478, TCP 443, 50000-59999",
	 STAGE_PROBING, HELPER_EDGE, false},
	{27, "media found no way between two companies, both ends outside",
	 "open the way between the Edges: UDP 3478, TCP 443, 50000-59999",
	 STAGE_PROBING, HELPER_EDGE, false},
	{31, "media was lost in the call, both ends inside",
	 "look for a change of network or a timeout in between", STAGE_MEDIA,
	 HELPER_NETWORK, false},
	{32, "media was lost in the call, one end outside",
	 "look for a change of network or a NAT timeout", STAGE_MEDIA,
	 HELPER_NETWORK, false},
	{33, "media was lost in the call, both ends outside",
	 "look for a change of network or a NAT timeout", STAGE_MEDIA,
	 HELPER_NETWORK, false},
	{1002, "the sender may not talk to federated partners",
	 "grant external access to the user", STAGE_EXCHANGE, HELPER_SERVER,
	 false},
	{1003, "the user does not exist",
	 "check the SIP address and the type of its domain", STAGE_EXCHANGE,
	 HELPER_SERVER, false},
	{1007, "there is no route for the moment",
	 "check that the pool and the Edge services behind it run", STAGE_NONE,
	 HELPER_SERVER, false},
	{1008, "the SRV record of the domain does not resolve",
	 "publish or correct the SRV record", STAGE_NONE, HELPER_SERVER, false},
	{1009, "the SRV record names a host of another domain",
	 "let the target share the SIP domain", STAGE_NONE, HELPER_SERVER,
	 false},
	{1010, "there is no certificate trust with another server",
	 "check chain, subject names and clock of both", STAGE_NONE,
	 HELPER_SERVER, false},
	{1013, "the clocks are too far apart for authentication",
	 "synchronise the clocks", STAGE_REGISTRATION, HELPER_SERVER, false},
	{1017, "these two domains are not routed to each other",
	 "check the settings of a split domain", STAGE_NONE, HELPER_SERVER,
	 false},
	{1027, "federation does not carry this kind of request", NULL,
	 STAGE_NONE, HELPER_PARTNER, false},
	{1034, "the federated peer says nothing of why",
	 "ask the partner for the logs of that server", STAGE_NONE,
	 HELPER_PARTNER, false},
	{1037, "the client before says nothing of why",
	 "look at the log of that client", STAGE_NONE, HELPER_CLIENT, false},
	{1038, "a server cannot connect to the next one",
	 "check firewall, DNS and whether the next server runs", STAGE_NONE,
	 HELPER_SERVER, false},
	{1039, "TLS with the next server failed",
	 "check certificates and TLS versions of both", STAGE_NONE,
	 HELPER_SERVER, false},
	{1046, "a server cannot connect to the federated peer",
	 "check firewall, DNS and whether the partner's Edge runs", STAGE_NONE,
	 HELPER_PARTNER, false},
	{1047, "TLS with the federated peer failed",
	 "check certificates and TLS versions of both", STAGE_NONE,
	 HELPER_PARTNER, false},
	{4005, "the user is unknown or not enabled for SIP",
	 "enable the user and wait for replication", STAGE_REGISTRATION,
	 HELPER_SERVER, false},
	{4141, "the user is disabled", "enable the user again",
	 STAGE_REGISTRATION, HELPER_SERVER, false},
	{7008, "the conferencing server cannot read the description",
	 "none while the client tries the other ICE draft next", STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{10003, "the Mediation Server's proxy refused",
	 "read the diagnostics of the message before", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{10013, "the gateway is not in the topology",
	 "correct the trunk or gateway", STAGE_EXCHANGE, HELPER_VOICE, false},
	{12001, "the user's policy has no phone usage",
	 "add a phone usage to the voice policy", STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{12006, "trying the next hop", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{13004, "passed on to the endpoints that are registered", NULL,
	 STAGE_EXCHANGE, HELPER_NONE, true},
	{14010, "no normalisation rule fits the number",
	 "add a rule to the dial plan", STAGE_EXCHANGE, HELPER_VOICE, false},
	{15000, "Exchange UM routing cannot read the user",
	 "repair the contact object", STAGE_EXCHANGE, HELPER_SERVER, false},
	{15030, "the call cannot be routed to Exchange",
	 "look at the UM server that the header names, its dial plan and its "
	 "certificate",
	 STAGE_EXCHANGE, HELPER_SERVER, false},
	{24067, "the conferencing server is being exchanged", NULL,
	 STAGE_EXCHANGE, HELPER_SERVER, false},
	{24081, "the endpoint was terminated", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{24083, "a message outside of any dialog", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{51004, "the user did it", NULL, STAGE_NONE, HELPER_NONE, true},
	{51007, "the called side tells how its media connects", NULL,
	 STAGE_PROBING, HELPER_NONE, true},
	{52001, "the client could not handle it", "look at the client's log",
	 STAGE_NONE, HELPER_CLIENT, false},
	{52017, "the two sides ask for different encryption",
	 "align the encryption policies of both", STAGE_EXCHANGE, HELPER_CLIENT,
	 false},
	{52031, "the call ended since media did not connect",
	 "look at both ends' candidates and at the Edge", STAGE_PROBING,
	 HELPER_FIREWALL, false},
	{52063, "the client does not support the description",
	 "compare codecs, profiles and ICE dialects of both", STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{52085, "the client knows no such dialog", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{53000, "bandwidth policy leaves too little",
	 "raise the limit of the site link", STAGE_EXCHANGE, HELPER_NETWORK,
	 false},
};

static const struct {
	uint32_t from, to;
	const char *component;
} components[] = {
	{0, 999, "common"},
	{1000, 1999, "SIP routing"},
	{2000, 2999, "presence"},
	{3000, 3999, "conferencing focus"},
	{4000, 4999, "registrar and user services"},
	{5000, 5999, "API application"},
	{6000, 6999, "IM conferencing"},
	{7000, 7999, "A/V conferencing"},
	{8000, 8999, "telephony conferencing"},
	{9000, 9999, "MRAS"},
	{10000, 10999, "Mediation Server"},
	{11000, 11999, "quality of experience"},
	{12000, 12999, "outbound voice routing"},
	{13000, 13999, "inbound voice routing"},
	{14000, 14999, "dial plan"},
	{15000, 15999, "Exchange UM routing"},
	{16000, 16999, "IM filter"},
	{17000, 17999, "client version filter"},
	{24000, 24999, "UCMA platform"},
	{28000, 28999, "authentication web service"},
	{50000, 59999, "client"},
	{60000, 60999, "application, success"},
	{61000, 61999, "application, expected failure"},
	{62000, 62999, "application, unexpected failure"},
};

/* ITU-T Q.850 table 1, as RFC 3398 8.2.6.1 uses it; sorted. */
static const struct meaning q850[] = {
	{1, "unallocated number", "check the number that was called",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{2, "no route to the network", "check the routes of the gateway",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{3, "no route to the destination", "check the routes of the gateway",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{16, "normal clearing", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{17, "user busy", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{18, "no user responds", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{19, "no answer from the user", NULL, STAGE_EXCHANGE, HELPER_NONE,
	 true},
	{20, "subscriber absent", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{21, "call rejected", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{22, "the number has changed", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{23, "redirected to another number", NULL, STAGE_EXCHANGE, HELPER_NONE,
	 true},
	{26, "cleared, another user was selected", NULL, STAGE_EXCHANGE,
	 HELPER_NONE, true},
	{27, "destination out of order", "check the line behind the gateway",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{28, "the format of the number is not valid",
	 "check how numbers are written for the trunk", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{29, "facility rejected", NULL, STAGE_EXCHANGE, HELPER_VOICE, false},
	{31, "normal, unspecified", NULL, STAGE_EXCHANGE, HELPER_NONE, true},
	{34, "no circuit free", "add channels to the trunk", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{38, "network out of order", "ask the carrier", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{41, "temporary failure", "ask the carrier if it lasts", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{42, "congestion", "add capacity to the trunk", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{47, "no resource free", "add capacity", STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{55, "incoming calls barred", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{57, "bearer not authorised", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{58, "bearer not available now", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{63, "service not available", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{65, "bearer not implemented", "compare codecs and fax settings",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{70, "only restricted digital bearer", NULL, STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{79, "service not implemented", NULL, STAGE_EXCHANGE, HELPER_VOICE,
	 false},
	{87, "not a member of the closed user group", NULL, STAGE_EXCHANGE,
	 HELPER_VOICE, false},
	{88, "incompatible destination", "compare codecs and fax settings",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{102, "a timer ran out", "look for the message that did not come",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{111, "protocol error", "look at the message that was refused",
	 STAGE_EXCHANGE, HELPER_VOICE, false},
	{127, "interworking, unspecified", "ask the carrier", STAGE_EXCHANGE,
	 HELPER_VOICE, false},
};

/* RFC 3261 20.43, and 308 as [MS-SDPEXT] has it; sorted. */
static const struct meaning warn_codes[] = {
	{300, "the network protocol is not understood", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{301, "the address format is not understood", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{302, "the transport of media is not understood", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{303, "bandwidth units are not understood", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{304, "none of the media is available", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{305, "none of the formats is known", "compare the codecs of both",
	 STAGE_EXCHANGE, HELPER_CLIENT, false},
	{306, "an attribute is not understood", NULL, STAGE_EXCHANGE,
	 HELPER_CLIENT, false},
	{307, "a parameter of the description is not understood", NULL,
	 STAGE_EXCHANGE, HELPER_CLIENT, false},
	{308, "the encryption that is asked for does not fit",
	 "align the encryption policies of both", STAGE_EXCHANGE, HELPER_CLIENT,
	 false},
	{330, "multicast is not available", NULL, STAGE_EXCHANGE, HELPER_CLIENT,
	 false},
	{331, "unicast is not available", NULL, STAGE_EXCHANGE, HELPER_CLIENT,
	 false},
	{370, "there is too little bandwidth", "raise the limit of the link",
	 STAGE_EXCHANGE, HELPER_NETWORK, false},
	{399, "see the text", NULL, STAGE_EXCHANGE, HELPER_NONE, false},
};

static const struct meaning *find(const struct meaning *rows, size_t count,
				  uint32_t id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].id == id)
			return &rows[middle];
		if (rows[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* 10404, 10486, ...: the gateway's SIP status behind 10000. */
static const struct meaning gateway_said = {
	0,
	"the gateway answered with the SIP status in the last three digits",
	"look at the gateway",
	STAGE_EXCHANGE,
	HELPER_VOICE,
	false,
};

static const struct meaning *error_id(uint32_t id)
{
	const struct meaning *m = find(error_ids, ROWS(error_ids), id);

	if (!m && id >= 10400 && id <= 10699)
		return &gateway_said;
	return m;
}

const struct meaning *diagnosis_meaning(enum diagnosis_kind kind, uint32_t id)
{
	switch (kind) {
	case DIAGNOSIS_SERVER:
	case DIAGNOSIS_PUBLIC:
	case DIAGNOSIS_CLIENT:
	case DIAGNOSIS_SDP:
		return error_id(id);
	case DIAGNOSIS_Q850:
		return find(q850, ROWS(q850), id);
	case DIAGNOSIS_WARNING:
		return find(warn_codes, ROWS(warn_codes), id);
	case DIAGNOSIS_SIP:
	case DIAGNOSIS_CONFERENCE:
		break;
	}
	return NULL;
}

const char *diagnosis_component(uint32_t id)
{
	for (size_t i = 0; i < ROWS(components); i++)
		if (id >= components[i].from && id <= components[i].to)
			return components[i].component;
	return NULL;
}

const char *diagnosis_kind_name(enum diagnosis_kind kind)
{
	static const char *const names[] = {
		[DIAGNOSIS_SERVER] = "ms-diagnostics",
		[DIAGNOSIS_PUBLIC] = "ms-diagnostics-public",
		[DIAGNOSIS_CLIENT] = "ms-client-diagnostics",
		[DIAGNOSIS_SIP] = "reason-sip",
		[DIAGNOSIS_Q850] = "reason-q850",
		[DIAGNOSIS_WARNING] = "warning",
		[DIAGNOSIS_SDP] = "x-ms-sdp-diagnostics",
		[DIAGNOSIS_CONFERENCE] = "conference",
	};

	return names[kind];
}

const char *helper_name(enum helper helper)
{
	static const char *const names[] = {
		[HELPER_NONE] = NULL,
		[HELPER_FIREWALL] = "firewall team",
		[HELPER_EDGE] = "Edge administrator",
		[HELPER_SERVER] = "server administrator",
		[HELPER_CLIENT] = "client",
		[HELPER_NETWORK] = "network team",
		[HELPER_VOICE] = "telephony team",
		[HELPER_PARTNER] = "federation partner",
	};

	return names[helper];
}

/* ---- ICE warning bits ---- */

/* The Resource Kit of Lync Server 2010 as republished. */
static const struct ice_bit header_bits[] = {
	{0x1, "TURN server unreachable", STAGE_GATHERING, false},
	{0x2, "UDP allocation on the TURN server failed", STAGE_GATHERING,
	 false},
	{0x4, "sending UDP through the TURN server failed", STAGE_GATHERING,
	 false},
	{0x8, "TCP allocation on the TURN server failed", STAGE_GATHERING,
	 false},
	{0x10, "sending TCP through the TURN server failed", STAGE_GATHERING,
	 false},
	{0x20, "no local connectivity", STAGE_PROBING, true},
	{0x40, "no UDP connectivity through NAT", STAGE_PROBING, true},
	{0x80, "no UDP connectivity through the relay", STAGE_PROBING, false},
	{0x100, "no TCP connectivity through NAT", STAGE_PROBING, true},
	{0x200, "no TCP connectivity through the relay", STAGE_PROBING, true},
	{0x400, "a check's message integrity was wrong", STAGE_PROBING, false},
	{0x800, "the message integrity of a relay's answer was wrong",
	 STAGE_GATHERING, false},
	{0x1000, "a bandwidth policy server is configured", STAGE_NONE, true},
	{0x2000, "a check could not be sent", STAGE_PROBING, false},
	{0x4000, "TURN credentials expired or unknown", STAGE_TOKEN, false},
	{0x8000, "bandwidth policy removed candidates", STAGE_EXCHANGE, true},
	{0x10000, "bandwidth policy lowered the bandwidth", STAGE_EXCHANGE,
	 true},
	{0x20000, "keep-alive with the bandwidth policy server failed",
	 STAGE_NONE, false},
	{0x40000, "bandwidth policy refused the relayed way", STAGE_EXCHANGE,
	 false},
	{0x80000, "no TURN server configured, or its name does not resolve",
	 STAGE_TOKEN, false},
	{0x100000, "more than one TURN server configured", STAGE_NONE, true},
	{0x200000, "the port range is exhausted", STAGE_GATHERING, false},
	{0x400000, "the TURN server sent on to another one", STAGE_GATHERING,
	 true},
	{0x800000, "pseudo-TLS failed", STAGE_GATHERING, false},
	{0x1000000, "an HTTP proxy is configured", STAGE_NONE, true},
	{0x2000000, "the HTTP proxy refused authentication", STAGE_GATHERING,
	 false},
	{0x4000000, "a TCP check through the relay failed", STAGE_PROBING,
	 false},
	{0x8000000, "checks that nominate failed", STAGE_PROBING, false},
	{0, NULL, STAGE_NONE, false},
};

/* [MS-QoE] 2.2.1.7.1. */
static const struct ice_bit old_bits[] = {
	{0x10, "TURN server unreachable", STAGE_GATHERING, false},
	{0x20, "no shared secret from the TURN server", STAGE_TOKEN, false},
	{0x40, "UDP allocation on the TURN server failed", STAGE_GATHERING,
	 false},
	{0x200, "TCP allocation on the TURN server failed", STAGE_GATHERING,
	 false},
	{0x4000, "no UDP connectivity locally", STAGE_PROBING, true},
	{0x8000, "no UDP connectivity through NAT", STAGE_PROBING, true},
	{0x10000, "no UDP connectivity through the relay", STAGE_PROBING,
	 false},
	{0x40000, "no TCP connectivity through NAT", STAGE_PROBING, true},
	{0x80000, "no TCP connectivity through the relay", STAGE_PROBING, true},
	{0x100000, "integrity of a check was wrong", STAGE_PROBING, false},
	{0x200000, "integrity of a check's answer was wrong", STAGE_PROBING,
	 false},
	{0x400000, "a check came for no candidate", STAGE_PROBING, false},
	{0x800000, "an answer came for no candidate", STAGE_PROBING, false},
	{0x1000000, "a check could not be sent", STAGE_PROBING, false},
	{0x2000000, "an answer could not be sent", STAGE_PROBING, false},
	{0x4000000, "the name of the TURN server does not resolve",
	 STAGE_GATHERING, false},
	{0x8000000, "a condition of the TURN credentials", STAGE_TOKEN, false},
	{0, NULL, STAGE_NONE, false},
};

const struct ice_bit *ice_bits(enum ice_table table)
{
	return table == ICE_TABLE_OLD ? old_bits : header_bits;
}

const char *ice_table_name(enum ice_table table)
{
	return table == ICE_TABLE_OLD
		       ? "IceWarningFlags, [MS-QoE] 2.2.1.7.1"
		       : "ICEWarn, Lync Server 2010 Resource Kit";
}
