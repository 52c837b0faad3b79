/*
 * Debug recordings of AudioCodes' gateways and SBCs: what passes through the
 * device, also inside of TLS, is sent to a computer that captures it.  There is
 * no document of the format; AudioCodes gave its dissector to Wireshark
 * (packet-acdr.c), whose facts these are.
 *
 *   version   major and minor, 4 bits each                        1 byte
 *   time      microseconds; from version 4 with 2 bytes of number 6 bytes
 *   source, destination   channels              2 bytes each, 4 from version 9
 *   extra     what follows, in bits                               1 byte
 *   trace point, media type                                 1 byte each
 *   length of the extension                                       1 byte
 *   session   from version 5                             4, 8 or 9 bytes
 *   extension: the ends of what follows
 *   what passed: a packet of IP, or a message without its packets
 */
#include "config.h"

#include "core/cursor.h"
#include "core/hep.h"
#include "net/ip.h"

#define VERSION_LAST 9u
#define EXTRA_IPV6 0x02u
#define EXTRA_FRAGMENTED 0x04u /* the rest is in the next recording */
#define EXTRA_HEADER 0x08u     /* what passed begins with its own headers */
#define EXTRA_ENCRYPTED 0x10u
#define TRACE_POINT_LAST 35u
#define TLS_SIP 3u

enum media_type {
	MEDIA_RTP = 1,
	MEDIA_RTCP = 2,
	MEDIA_T38 = 3,
	MEDIA_SIP = 10,
	MEDIA_VIDEO_RTP = 27,
	MEDIA_VIDEO_RTCP = 28,
	MEDIA_TLS = 33,
	MEDIA_TLS_PEEK = 34,
	MEDIA_DTLS = 61,
	MEDIA_LAST = 61,
};

enum trace_point {
	POINT_FROM_NETWORK = 0, /* to the signal processor */
	POINT_TO_NETWORK = 1,
	POINT_NETWORK_TO_HOST = 4,
	POINT_HOST_TO_NETWORK = 5,
	POINT_SYSTEM = 6,
};

struct recording {
	uint8_t extra, trace_point, media;
	struct slice extension;
	struct slice passed;
};

static size_t session_size(unsigned version)
{
	if (version < 5)
		return 0;
	if (version < 7)
		return 4;
	return version == 7 ? 8 : 9;
}

/* False: no recording begins so. */
static bool read_header(struct slice s, struct recording *r)
{
	struct cursor c = cursor_over(s);
	unsigned version = cursor_u8(&c), length;

	cursor_skip(&c, 6 + (version < 9 ? 4 : 8));
	r->extra = cursor_u8(&c);
	r->trace_point = cursor_u8(&c);
	r->media = cursor_u8(&c);
	length = cursor_u8(&c);
	cursor_skip(&c, session_size(version));
	/* Older ones tell where the payload begins, and have no ends. */
	r->extension = cursor_take(&c, version < 5 ? 0 : length);
	r->passed = cursor_rest(&c);
	return !c.bad && version >= 1 && version <= VERSION_LAST &&
	       r->trace_point <= TRACE_POINT_LAST && r->media <= MEDIA_LAST &&
	       r->passed.n;
}

static void read_ip(struct cursor *c, bool ipv6, struct endpoint *to)
{
	struct slice ip = cursor_take(c, ipv6 ? 16 : 4);

	to->family = ipv6 ? FAMILY_IPV6 : FAMILY_IPV4;
	if (!c->bad)
		memcpy(to->ip, ip.p, ip.n);
}

/* What the device has seen without the packets around it. */
static enum status without_packets(struct walk *w, const struct recording *r,
				   const struct hep *seen)
{
	w->out->src = seen->src;
	w->out->dst = seen->dst;
	w->out->exported_from = seen->protocol;
	if (r->extra & EXTRA_FRAGMENTED && !w->missing)
		w->missing = 1;
	return transport_other(w, IP_UDP, seen->payload);
}

/* Both addresses, both ports, the protocol, the direction. */
static enum status system_sip(struct walk *w, const struct recording *r)
{
	struct hep seen = {.payload = r->passed};
	struct cursor c = cursor_over(r->extension);
	bool ipv6 = r->extra & EXTRA_IPV6;

	read_ip(&c, ipv6, &seen.src);
	read_ip(&c, ipv6, &seen.dst);
	seen.src.port = cursor_u16(&c);
	seen.dst.port = cursor_u16(&c);
	seen.protocol = cursor_u8(&c);
	return !c.bad && hep_is_sip(&seen) ? without_packets(w, r, &seen)
					   : STATUS_NOT_MINE;
}

/* Both ports, both addresses, what is in TLS; the device has opened it. */
static enum status opened_tls(struct walk *w, const struct recording *r)
{
	struct hep seen = {.protocol = IP_TCP, .payload = r->passed};
	struct cursor c = cursor_over(r->extension);
	bool ipv6 = r->extra & EXTRA_IPV6;

	seen.src.port = cursor_u16(&c);
	seen.dst.port = cursor_u16(&c);
	read_ip(&c, ipv6, &seen.src);
	read_ip(&c, ipv6, &seen.dst);
	return cursor_u8(&c) == TLS_SIP && !c.bad && hep_is_sip(&seen)
		       ? without_packets(w, r, &seen)
		       : STATUS_NOT_MINE;
}

/* The address of the peer, its port, the device's; that records itself. */
static enum status media(struct walk *w, const struct recording *r)
{
	struct hep seen = {.protocol = IP_UDP, .payload = r->passed};
	struct cursor c = cursor_over(r->extension);
	struct endpoint peer = {.family = FAMILY_NONE}, own = w->out->src;
	bool received = r->trace_point == POINT_FROM_NETWORK ||
			r->trace_point == POINT_NETWORK_TO_HOST;

	read_ip(&c, r->extra & EXTRA_IPV6, &peer);
	peer.port = cursor_u16(&c);
	own.port = cursor_u16(&c);
	/* Where it sends recordings over the other family, its address of this
	 * one is not known. */
	if (c.bad || peer.family != own.family)
		return STATUS_NOT_MINE;
	seen.src = received ? peer : own;
	seen.dst = received ? own : peer;
	return without_packets(w, r, &seen);
}

/* One packet passes many points: the one next to the network counts. */
static bool is_at_network(unsigned trace_point)
{
	return trace_point == POINT_FROM_NETWORK ||
	       trace_point == POINT_TO_NETWORK ||
	       trace_point == POINT_NETWORK_TO_HOST ||
	       trace_point == POINT_HOST_TO_NETWORK;
}

static enum status message(struct walk *w, const struct recording *r)
{
	switch (r->media) {
	case MEDIA_SIP:
		return r->trace_point == POINT_SYSTEM ? system_sip(w, r)
						      : STATUS_NOT_MINE;
	case MEDIA_TLS:
	case MEDIA_TLS_PEEK:
		return opened_tls(w, r);
	case MEDIA_RTP:
	case MEDIA_RTCP:
	case MEDIA_VIDEO_RTP:
	case MEDIA_VIDEO_RTCP:
		return is_at_network(r->trace_point) ? media(w, r)
						     : STATUS_NOT_MINE;
	default:
		return STATUS_NOT_MINE;
	}
}

enum status tunnel_acdr(struct walk *w, struct slice s)
{
	struct recording r;

	if (!read_header(s, &r) || r.extra & EXTRA_ENCRYPTED)
		return STATUS_NOT_MINE;
	if (!(r.extra & EXTRA_HEADER))
		return message(w, &r);
	if (r.media == MEDIA_DTLS || r.media == MEDIA_T38 ||
	    ip_looks(r.passed, w->missing) == IP_NO)
		return STATUS_NOT_MINE;
	return ip_any(w, r.passed);
}
