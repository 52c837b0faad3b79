/* Flows as rows of the inventory: their kind, the server's port, and whether
 * all of them was captured. */
#include "config.h"

#include "flow/driver_state.h"

#define TURN_PORT 3478
#define TURN_TLS_PORT 5349

/* Ports from here on are clients' and media's: they tell nothing. */
#define PORT_TELLS_BELOW 10000

static enum traffic kind_of(const struct flow *flow)
{
	static const struct {
		unsigned seen;
		enum traffic kind;
	} rows[] = {
		{FLOW_SEEN_SIP, TRAFFIC_SIP},
		{FLOW_SEEN_RTP, TRAFFIC_RTP},
		{FLOW_SEEN_STUN | FLOW_SEEN_TURN | FLOW_SEEN_MS_TURN |
			 FLOW_SEEN_MTURN,
		 TRAFFIC_STUN},
		{FLOW_SEEN_DTLS, TRAFFIC_DTLS},
		{FLOW_SEEN_TLS, TRAFFIC_TLS},
		{FLOW_SEEN_DNS, TRAFFIC_DNS},
		{FLOW_SEEN_QUIC, TRAFFIC_QUIC},
		{FLOW_SEEN_HTTP, TRAFFIC_HTTP},
		{FLOW_SEEN_RTCP, TRAFFIC_RTCP},
	};
	const unsigned data = TCP_SAW_DATA_0 | TCP_SAW_DATA_1;

	if (flow->protocol == IP_TCP && flow->seen & FLOW_SEEN_INSIDE &&
	    !(flow->seen & FLOW_SEEN_SIP))
		return TRAFFIC_HTTP;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (flow->seen & rows[i].seen)
			return rows[i].kind;
	if (flow->tcp && !(streams_events(flow->tcp) & data))
		return TRAFFIC_EMPTY;
	return TRAFFIC_OTHER;
}

static uint16_t lower_port(const struct flow *flow)
{
	uint16_t a = flow->ends[0].port, b = flow->ends[1].port;
	uint16_t lower = a < b ? a : b;

	return lower < PORT_TELLS_BELOW ? lower : 0;
}

/* Of DTLS only those of TURN tell: all else is media. */
static uint16_t turn_port(const struct flow *flow)
{
	for (unsigned i = 0; i < 2; i++)
		if (flow->ends[i].port == TURN_PORT ||
		    flow->ends[i].port == TURN_TLS_PORT)
			return flow->ends[i].port;
	return 0;
}

/* Of TCP the handshake tells who serves; else a low port does. */
static uint16_t server_port(const struct flow *flow, enum traffic kind,
			    unsigned events)
{
	if (kind == TRAFFIC_DTLS)
		return turn_port(flow);
	if (kind == TRAFFIC_RTP || kind == TRAFFIC_RTCP)
		return 0;
	if (events & TCP_SAW_SYN)
		return flow->ends[1].port;
	if (events & TCP_SAW_SYN_ACK)
		return flow->ends[0].port;
	return lower_port(flow);
}

static void note_tcp(struct traffic_row *row, const struct flow *flow,
		     unsigned events)
{
	bool one_sided = !flow->packets[0] || !flow->packets[1];

	if (!(events & (TCP_SAW_SYN | TCP_SAW_SYN_ACK)))
		row->started++;
	/* Nobody sends more than SYNs to who does not answer (an ACK counts as
	 * TCP_SAW_SYN_ACK); a single packet proves nothing. */
	if (!one_sided)
		return;
	if ((events & (TCP_SAW_SYN | TCP_SAW_SYN_ACK | TCP_SAW_DATA_0)) ==
	    TCP_SAW_SYN)
		row->silent++;
	else if (flow->packets[0] > 1)
		row->one_way++;
}

static enum traffic_way way_of(const struct flow *flow)
{
	return flow->seen & FLOW_SEEN_EXPORTED ? TRAFFIC_EXPORTED
	       : flow->protocol == IP_TCP      ? TRAFFIC_TCP
	       : flow->protocol == IP_SCTP     ? TRAFFIC_SCTP
					       : TRAFFIC_UDP;
}

void inventory_note_flow(struct inventory *to, const struct flow *flow)
{
	unsigned events = streams_events(flow->tcp);
	bool logged = flow->protocol == FLOW_OF_LOG;
	enum traffic kind = logged ? TRAFFIC_LOG : kind_of(flow);
	struct traffic_row *row =
		inventory_row(to, kind, way_of(flow),
			      logged ? 0 : server_port(flow, kind, events));

	row->flows++;
	row->packets += (uint64_t)flow->packets[0] + flow->packets[1];
	if (flow->tcp)
		note_tcp(row, flow, events);
	else if (!logged && !flow->packets[1] && flow->packets[0] > 1)
		row->one_way++;
}
