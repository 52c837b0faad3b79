/*
 * UDP (RFC 768), TCP (RFC 9293) and the errors of ICMP (RFC 792, RFC 4443): the
 * last header before the payload.
 */
#include "config.h"

#include "core/cursor.h"
#include "core/hep.h"
#include "net/ip.h"

#define UDP_HEADER 8u
#define TCP_HEADER 20u
#define SCTP_HEADER 12u
#define ICMP_HEADER 8u
#define PORTS 4u

enum status transport_other(struct walk *w, unsigned protocol, struct slice s)
{
	struct packet *out = w->out;

	out->protocol = (uint8_t)protocol;
	out->payload = s;
	out->cut = w->missing > 0;
	out->wire_payload = s.n + w->missing;
	return STATUS_OK;
}

void transport_take_ports(struct packet *out, struct slice s)
{
	out->src.port = walk_u16(s, 0);
	out->dst.port = walk_u16(s, 2);
}

/* The header was cut behind the ports: nothing of the payload is there. */
enum status transport_ports(struct walk *w, unsigned protocol, struct slice s,
			    size_t header)
{
	size_t all = s.n + w->missing;

	if (s.n < PORTS || w->missing == 0)
		return walk_ended(w);
	transport_take_ports(w->out, s);
	w->missing = all > header ? all - header : 0;
	(void)transport_other(w, protocol, (struct slice){0});
	return STATUS_OK;
}

/* ---- UDP ---- */

static enum status udp(struct walk *w, struct slice s)
{
	size_t length = walk_u16(s, 4);

	if (s.n < UDP_HEADER)
		return transport_ports(w, IP_UDP, s, UDP_HEADER);
	if (length && length < UDP_HEADER)
		return STATUS_BAD;
	transport_take_ports(w->out, s);
	/* 0: cut by the network card, or a jumbogram (RFC 2675 4). */
	if (length)
		s = walk_bound(w, s, length);
	return transport_other(w, IP_UDP, slice_from(s, UDP_HEADER));
}

/* A port, or what it begins with, says that. */
static bool may_be_tunnel(const struct walk *w, unsigned port)
{
	return tunnel_is_port(port) || hep_is_3(w->out->payload);
}

/* Who waits at `port` may be a tunnel's end; *status is written if it is. */
static bool is_tunnel(struct walk *w, unsigned port, enum status *status)
{
	struct packet around = *w->out;
	size_t missing = w->missing;
	unsigned layers = w->layers;
	uint64_t malformed = w->net->counts.malformed;

	if (++w->out->tunnels > NET_TUNNELS_MAX) {
		*status = STATUS_LIMIT;
		return true;
	}
	*status = tunnel_udp(w, port, around.payload);
	/* Whatever is no sane packet was no tunnel either. */
	if (*status != STATUS_NOT_MINE && *status != STATUS_BAD)
		return true;
	*w->out = around;
	w->missing = missing;
	w->layers = layers;
	w->net->counts.malformed = malformed;
	return false;
}

enum status transport_udp(struct walk *w, struct slice s)
{
	enum status status = udp(w, s);
	unsigned src = w->out->src.port, dst = w->out->dst.port;

	if (status != STATUS_OK)
		return status;
	if (may_be_tunnel(w, dst) && is_tunnel(w, dst, &status))
		return status;
	if (tunnel_is_port(src) && is_tunnel(w, src, &status))
		return status;
	return STATUS_OK;
}

/* ---- TCP ---- */

enum status transport_tcp(struct walk *w, struct slice s)
{
	struct packet *out = w->out;
	struct cursor c = cursor_over(s);
	size_t header, all = s.n + w->missing;

	if (s.n < TCP_HEADER)
		return transport_ports(w, IP_TCP, s, TCP_HEADER);
	header = (size_t)(s.p[12] >> 4) * 4;
	if (header < TCP_HEADER || header > all)
		return STATUS_BAD;
	transport_take_ports(out, s);
	cursor_skip(&c, PORTS);
	out->seq = cursor_u32(&c);
	out->ack = cursor_u32(&c);
	out->flags = s.p[13];
	out->window = walk_u16(s, 14);
	out->tcp_parsed = true;
	if (header > s.n) /* some options were cut */
		w->missing = all - header;
	return transport_other(w, IP_TCP, slice_from(s, header));
}

/* ---- ICMP ---- */

/*
 * Messages that quote the packet they are about, and whose answer to it is no.
 * A redirect (type 5) is not one: the packet went on its way.  Some state the
 * length of the quotation, in units, at a place in the header (RFC 4884 4).
 */
static const struct {
	uint8_t version, type;
	uint8_t length_at, unit;
} icmp_errors[] = {
	{4, 3, 5, 4},  /* destination unreachable */
	{4, 4, 0, 0},  /* source quench */
	{4, 11, 5, 4}, /* time exceeded */
	{4, 12, 5, 4}, /* parameter problem */
	{6, 1, 4, 8},  /* destination unreachable */
	{6, 2, 0, 0},  /* packet too big */
	{6, 3, 4, 8},  /* time exceeded */
	{6, 4, 0, 0},  /* parameter problem */
};

/* The ports and the payload of what is quoted. */
static void quoted_transport(struct icmp_error *e, struct slice s)
{
	size_t header = 0;

	switch (e->protocol) {
	case IP_UDP:
		header = UDP_HEADER;
		break;
	case IP_TCP:
		header = s.n > 12 ? (size_t)(s.p[12] >> 4) * 4 : TCP_HEADER;
		break;
	case IP_SCTP:
		header = SCTP_HEADER;
		break;
	default:
		e->quoted = s;
		return;
	}
	e->src.port = walk_u16(s, 0);
	e->dst.port = walk_u16(s, 2);
	e->quoted = slice_from(s, header);
}

static bool quoted_ipv4(struct icmp_error *e, struct slice s)
{
	size_t header = s.n ? (size_t)(s.p[0] & 0x0F) * 4 : 0;
	size_t total = walk_u16(s, 2);

	if (s.n < 20 || s.p[0] >> 4 != 4 || header < 20)
		return false;
	e->protocol = s.p[9];
	e->src = endpoint_of(slice_cut(s, 12, 4), 0);
	e->dst = endpoint_of(slice_cut(s, 16, 4), 0);
	if (total >= header)
		s = slice_first(s, total);
	if (walk_u16(s, 6) & 0x1FFF) /* a later fragment: no ports in it */
		e->quoted = slice_from(s, header);
	else
		quoted_transport(e, slice_from(s, header));
	return true;
}

/* The next header behind this one, in *next; false at the payload. */
static bool quoted_extension(struct slice *s, uint8_t *next, bool *later)
{
	size_t n;

	switch (*next) {
	case 0:
	case 43:
	case 60:
		n = s->n < 2 ? 8 : ((size_t)s->p[1] + 1) * 8;
		break;
	case 44:
		n = 8;
		*later = walk_u16(*s, 2) & 0xFFF8;
		break;
	default:
		return false;
	}
	*next = s->n ? s->p[0] : 59;
	*s = slice_from(*s, n);
	return true;
}

static bool quoted_ipv6(struct icmp_error *e, struct slice s)
{
	bool later = false;
	unsigned headers = 0;

	if (s.n < 40 || s.p[0] >> 4 != 6)
		return false;
	e->protocol = s.p[6];
	e->src = endpoint_of(slice_cut(s, 8, 16), 0);
	e->dst = endpoint_of(slice_cut(s, 24, 16), 0);
	if (walk_u16(s, 4))
		s = slice_first(s, (size_t)walk_u16(s, 4) + 40);
	s = slice_from(s, 40);
	while (!later && headers++ < NET_EXTENSIONS_MAX &&
	       quoted_extension(&s, &e->protocol, &later))
		;
	if (later)
		e->quoted = s;
	else
		quoted_transport(e, s);
	return true;
}

static struct slice quotation(struct slice s, size_t length_at, size_t unit)
{
	size_t length = unit ? s.p[length_at] * unit : 0;

	s = slice_from(s, ICMP_HEADER);
	return length && length <= s.n ? slice_first(s, length) : s;
}

static enum status icmp(struct walk *w, unsigned version, struct slice s)
{
	struct icmp_error e = {.version = (uint8_t)version};

	for (size_t i = 0; i < sizeof(icmp_errors) / sizeof(icmp_errors[0]);
	     i++) {
		struct slice inside;

		if (s.n < ICMP_HEADER || icmp_errors[i].version != version ||
		    icmp_errors[i].type != s.p[0])
			continue;
		inside = quotation(s, icmp_errors[i].length_at,
				   icmp_errors[i].unit);
		e.type = s.p[0];
		e.code = s.p[1];
		w->out->has_icmp = version == 4 ? quoted_ipv4(&e, inside)
						: quoted_ipv6(&e, inside);
		if (w->out->has_icmp)
			w->out->icmp = e;
	}
	return transport_other(w, version == 4 ? IP_ICMP : IP_ICMP6, s);
}

enum status transport_icmp(struct walk *w, struct slice s)
{
	return icmp(w, 4, s);
}

enum status transport_icmp6(struct walk *w, struct slice s)
{
	return icmp(w, 6, s);
}
