/* The rows of the inventory. */
#include "config.h"

#include "model/inventory.h"

const char *traffic_name(enum traffic kind)
{
	static const char *const names[TRAFFICS] = {
		[TRAFFIC_OTHER] = "other", [TRAFFIC_SIP] = "sip",
		[TRAFFIC_STUN] = "stun",   [TRAFFIC_RTP] = "rtp",
		[TRAFFIC_RTCP] = "rtcp",   [TRAFFIC_DTLS] = "dtls",
		[TRAFFIC_TLS] = "tls",     [TRAFFIC_DNS] = "dns",
		[TRAFFIC_QUIC] = "quic",   [TRAFFIC_HTTP] = "http",
		[TRAFFIC_EMPTY] = "empty", [TRAFFIC_LOG] = "log",
	};

	return names[kind];
}

static struct traffic_row *find(struct inventory *inventory, enum traffic kind,
				enum traffic_way way, uint16_t port)
{
	for (size_t i = 0; i < inventory->row_count; i++) {
		struct traffic_row *row = &inventory->rows[i];

		if (row->port == port && row->kind == kind && row->way == way)
			return row;
	}
	return NULL;
}

struct traffic_row *inventory_row(struct inventory *inventory,
				  enum traffic kind, enum traffic_way way,
				  uint16_t port)
{
	struct traffic_row *row = find(inventory, kind, way, port);

	if (row)
		return row;
	if (port && inventory->row_count >= INVENTORY_PORTS_MAX)
		return inventory_row(inventory, kind, way, 0);
	row = &inventory->rows[inventory->row_count++];
	*row = (struct traffic_row){
		.kind = (uint8_t)kind, .way = (uint8_t)way, .port = port};
	return row;
}

struct traffic_row inventory_sum(const struct inventory *inventory,
				 enum traffic kind, enum traffic_way way)
{
	struct traffic_row sum = {.kind = (uint8_t)kind, .way = (uint8_t)way};

	for (size_t i = 0; i < inventory->row_count; i++) {
		const struct traffic_row *row = &inventory->rows[i];

		if (row->kind != kind || row->way != way)
			continue;
		sum.flows += row->flows;
		sum.one_way += row->one_way;
		sum.silent += row->silent;
		sum.started += row->started;
		sum.packets += row->packets;
	}
	return sum;
}

const struct traffic_row *inventory_next(const struct inventory *inventory,
					 const struct traffic_row *after)
{
	const struct traffic_row *best = NULL;

	for (size_t i = 0; i < inventory->row_count; i++) {
		const struct traffic_row *row = &inventory->rows[i];

		if (after && (row->packets > after->packets ||
			      (row->packets == after->packets && row <= after)))
			continue;
		if (!best || row->packets > best->packets)
			best = row;
	}
	return best;
}
