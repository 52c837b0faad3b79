/*
 * What the input holds, where that is no call: flows by kind and port, TLS
 * servers by name, media without signalling.
 */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

#define HANGING 8
#define ROWS_SHOWN 14u
#define NAMES_SHOWN 12u
#define STREAMS_SHOWN 8u

/* What it says in the report. */
static const char *title_of(enum traffic kind)
{
	static const char *const titles[TRAFFICS] = {
		[TRAFFIC_SIP] = "SIP",
		[TRAFFIC_STUN] = "STUN or TURN",
		[TRAFFIC_RTP] = "RTP media",
		[TRAFFIC_RTCP] = "RTCP, reports about media",
		[TRAFFIC_DTLS] = "DTLS, encrypted",
		[TRAFFIC_TLS] = "TLS, encrypted",
		[TRAFFIC_DNS] = "DNS",
		[TRAFFIC_QUIC] = "QUIC, encrypted",
		[TRAFFIC_HTTP] = "HTTP",
		[TRAFFIC_EMPTY] = "without data",
		[TRAFFIC_LOG] = "records of logs",
	};

	return titles[kind];
}

/* What a port is for; only a guess: the bytes were not recognised. */
struct port_title {
	uint16_t port;
	char way;   /* 't', 'u', 's', or 'b' for TCP and UDP */
	bool calls; /* sets up calls */
	const char *title;
};

static const struct port_title *find_title(uint16_t port, enum traffic_way way)
{
	static const char letters[TRAFFIC_WAYS] = {'u', 't', 's', 0};
	static const struct port_title rows[] = {
		{22, 't', false, "SSH"},
		{67, 'u', false, "DHCP"},
		{68, 'u', false, "DHCP"},
		{69, 'u', false, "TFTP"},
		{123, 'u', false, "NTP"},
		{137, 'u', false, "NetBIOS"},
		{138, 'u', false, "NetBIOS"},
		{161, 'u', false, "SNMP"},
		{443, 't', false, "TLS, perhaps, without its start"},
		{443, 'u', false, "QUIC or TURN, perhaps"},
		{445, 't', false, "SMB"},
		{500, 'u', false, "IPsec IKE"},
		{514, 'b', false, "syslog"},
		{554, 't', false, "RTSP"},
		{1718, 'u', true, "H.323"},
		{1719, 'u', true, "H.323"},
		{1720, 't', true, "H.323"},
		{1900, 'u', false, "SSDP"},
		{1935, 't', false, "RTMP"},
		{2000, 't', true, "SCCP (Skinny)"},
		{2427, 'u', true, "MGCP"},
		{2727, 'u', true, "MGCP"},
		{2904, 's', true, "M2UA"},
		{2905, 's', true, "M3UA (SS7, ISUP)"},
		{2944, 'b', true, "H.248 (Megaco)"},
		{2944, 's', true, "H.248 (Megaco)"},
		{3389, 'b', false, "remote desktop"},
		{3868, 's', false, "Diameter"},
		{4500, 'u', false, "IPsec in UDP, encrypted"},
		{4569, 'u', true, "IAX2"},
		{5060, 'b', false, "the port of SIP, but no SIP"},
		{5060, 's', false, "the port of SIP, but no SIP"},
		{5061, 't', false, "SIP in TLS, perhaps, without its start"},
		{5222, 'b', false, "XMPP"},
		{5355, 'u', false, "LLMNR"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].port == port &&
		    (rows[i].way == letters[way] ||
		     (rows[i].way == 'b' && way != TRAFFIC_SCTP &&
		      way != TRAFFIC_EXPORTED)))
			return &rows[i];
	return NULL;
}

const char *text_foreign(uint16_t port, enum traffic_way way)
{
	const struct port_title *row = find_title(port, way);

	return row && row->calls ? row->title : NULL;
}

static const char *port_title(uint16_t port, enum traffic_way way)
{
	const struct port_title *row = find_title(port, way);

	return row ? row->title : "not recognised";
}

static void print_remark(struct printer *p, uint32_t count, uint32_t of,
			 const char *text)
{
	if (count == 0)
		return;
	printer_puts(p, "; ");
	if (count < of)
		printer_printf(p, "%" PRIu32 " ", count);
	else if (of > 1)
		printer_puts(p, "all ");
	printer_puts(p, text);
}

static void print_log(struct printer *p, const struct traffic_row *row)
{
	printer_puts(p, "    logs: ");
	printer_count(p, row->packets, "record");
	printer_end(p, HANGING);
}

static void print_row(struct printer *p, const struct traffic_row *row)
{
	static const char *const names[TRAFFIC_WAYS] = {
		[TRAFFIC_UDP] = "UDP conversation",
		[TRAFFIC_TCP] = "TCP connection",
		[TRAFFIC_SCTP] = "SCTP conversation",
		[TRAFFIC_EXPORTED] = "exported conversation",
	};
	const char *title = title_of((enum traffic)row->kind);

	printer_puts(p, "    ");
	printer_count(p, row->flows, names[row->way]);
	if (row->port)
		printer_joined(p,
			       row->way == TRAFFIC_TCP ? " to port %u"
						       : " at port %u",
			       row->port);
	printer_printf(
		p, ": %s, ",
		title ? title
		      : port_title(row->port, (enum traffic_way)row->way));
	printer_count(p, row->packets,
		      row->way == TRAFFIC_EXPORTED ? "message" : "packet");
	print_remark(p, row->silent, row->flows, "never answered");
	print_remark(p, row->one_way, row->flows, "in one direction only");
	print_remark(p, row->started, row->flows, "begun before the capture");
	printer_end(p, HANGING);
}

static void print_rows(struct printer *p)
{
	const struct inventory *inventory = &p->model->inventory;
	const struct traffic_row *row = inventory_next(inventory, NULL);
	uint64_t flows = 0, packets = 0;
	size_t shown = 0;

	for (; row; row = inventory_next(inventory, row)) {
		if (shown++ < ROWS_SHOWN) {
			if (row->kind == TRAFFIC_LOG)
				print_log(p, row);
			else
				print_row(p, row);
			continue;
		}
		flows += row->flows;
		packets += row->packets;
	}
	if (flows == 0)
		return;
	printer_puts(p, "    ");
	printer_count(p, flows, "more conversation");
	printer_puts(p, " at other ports, ");
	printer_count(p, packets, "packet");
	printer_end(p, HANGING);
}

static void print_others(struct printer *p)
{
	static const struct {
		uint8_t protocol;
		const char *title;
	} rows[] = {
		{1, "ICMP"},      {2, "IGMP"},
		{47, "GRE"},      {50, "IPsec ESP, encrypted"},
		{51, "IPsec AH"}, {58, "ICMPv6"},
		{88, "EIGRP"},    {89, "OSPF"},
		{103, "PIM"},     {112, "VRRP"},
	};
	const struct inventory *inventory = &p->model->inventory;

	for (unsigned i = 0; i < 256; i++) {
		const char *title = "unknown";

		if (inventory->others[i] == 0)
			continue;
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			if (rows[k].protocol == i)
				title = rows[k].title;
		printer_puts(p, "    ");
		printer_count(p, inventory->others[i], "packet");
		printer_printf(p, " of IP protocol %u: %s", i, title);
		printer_end(p, HANGING);
	}
	if (inventory->not_ip) {
		printer_puts(p, "    ");
		printer_count(p, inventory->not_ip, "frame");
		printer_puts(p, " without IP: ARP, spanning tree and the like");
		printer_end(p, HANGING);
	}
}

static void print_names(struct printer *p)
{
	const struct inventory *inventory = &p->model->inventory;
	size_t i;

	if (inventory->name_count == 0)
		return;
	printer_heading(p, "TLS servers, by the names that clients ask for");
	printer_puts(p, "    ");
	for (i = 0; i < inventory->name_count && i < NAMES_SHOWN; i++) {
		const struct server_name *row = &inventory->names[i];

		printer_puts(p, i ? ", " : "");
		printer_puts(p, row->name);
		printer_joined(p, ":%u", row->port);
		if (row->hellos > 1)
			printer_joined(p, " (%" PRIu32 " times)", row->hellos);
	}
	if (i < inventory->name_count || inventory->more_names)
		printer_puts(p, ", and others");
	printer_end(p, 4);
}

static void print_streams(struct printer *p)
{
	const struct media *rows = p->model->media.rows;
	size_t count = p->model->media.count;

	if (count == 0)
		return;
	printer_heading(p, "Media without signalling");
	for (size_t i = 0; i < count && i < STREAMS_SHOWN; i++)
		text_stream(p, &rows[i]);
	if (count > STREAMS_SHOWN) {
		printer_printf(p, "      and %zu more", count - STREAMS_SHOWN);
		printer_end(p, HANGING);
	}
}

/* Does anything in the capture go the other way? */
static bool is_returned(const struct model *m, const struct media *of)
{
	const struct media *rows = m->media.rows;

	for (size_t i = 0; i < m->media.count; i++)
		if (endpoint_same_ip(&rows[i].src, &of->dst) &&
		    endpoint_same_ip(&rows[i].dst, &of->src))
			return true;
	return false;
}

void text_stray_media(struct printer *p)
{
	const struct media *rows = p->model->media.rows;
	size_t count = 0;

	for (size_t i = 0; i < p->model->media.count; i++) {
		if (rows[i].call != LIST_NONE || count++ >= STREAMS_SHOWN)
			continue;
		if (count == 1)
			printer_heading(p, "Media of no call that can be read");
		text_stream(p, &rows[i]);
		if (is_returned(p->model, &rows[i]))
			continue;
		printer_puts(p, "        no media goes the other way");
		printer_end(p, HANGING);
	}
	if (count > STREAMS_SHOWN) {
		printer_printf(p, "      and %zu more", count - STREAMS_SHOWN);
		printer_end(p, HANGING);
	}
}

void text_inventory(struct printer *p)
{
	if (p->model->inventory.frames == 0)
		return;
	printer_heading(p, "What the input holds");
	print_rows(p);
	print_others(p);
	print_names(p);
	print_streams(p);
}
