/* Packets around bytes, into a pcapng file. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/source.h"
#include "capture/writer.h"
#include "core/hash.h"
#include "io/recorder.h"

#define ROOM_MAX (RECORDER_BUFFER + ((size_t)1 << 18))
#define HEADERS_MAX 94u /* Ethernet 14, IPv6 40, TCP 20 and some */
#define SEGMENT_MAX 1400u
#define DATAGRAM_MAX 65507u

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
};

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PUSH = 0x08,
	TCP_ACK = 0x10,
};

struct recorder {
	struct capture_writer writer;
	struct text waits;  /* for the file */
	struct text packet; /* that is being made */
	uint64_t packets;
	int fd;
	bool failed;
};

/* What the headers of a packet say. */
struct heading {
	const struct endpoint *from, *to;
	struct slice transport; /* the header, checksum 0 */
	struct slice data;
	uint8_t protocol;
	uint8_t checksum_at; /* in that header */
};

static void put_u16(struct text *to, unsigned v)
{
	text_putc(to, (char)(v >> 8));
	text_putc(to, (char)v);
}

static void put_u32(struct text *to, uint32_t v)
{
	put_u16(to, v >> 16);
	put_u16(to, v & 0xFFFF);
}

/* ---- checksums (RFC 1071) ---- */

static uint32_t sum(uint32_t so_far, struct slice s)
{
	size_t i;

	for (i = 0; i + 1 < s.n; i += 2)
		so_far += (uint32_t)(s.p[i] << 8 | s.p[i + 1]);
	if (i < s.n)
		so_far += (uint32_t)(s.p[i] << 8);
	return (so_far & 0xFFFF) + (so_far >> 16);
}

static uint16_t folded(uint32_t so_far)
{
	while (so_far >> 16)
		so_far = (so_far & 0xFFFF) + (so_far >> 16);
	return (uint16_t)~so_far;
}

static size_t ip_size(const struct endpoint *e)
{
	return e->family == FAMILY_IPV4 ? 4 : 16;
}

/* Over the pseudo header, the header and the data (RFC 768, RFC 9293); ICMP
 * has no pseudo header (RFC 792). */
static uint16_t transport_checksum(const struct heading *h)
{
	uint32_t n = (uint32_t)(h->transport.n + h->data.n);
	uint32_t s = h->protocol + (n & 0xFFFF) + (n >> 16);
	uint16_t checksum;

	s = sum(s, slice_of(h->from->ip, ip_size(h->from)));
	s = sum(s, slice_of(h->to->ip, ip_size(h->to)));
	if (h->protocol == PROTOCOL_ICMP)
		s = 0;
	s = sum(s, h->transport);
	s = sum(s, h->data);
	checksum = folded(s);
	/* 0 means none in UDP. */
	return h->protocol == PROTOCOL_UDP && checksum == 0 ? 0xFFFF : checksum;
}

/* ---- packets ---- */

/* Locally administered, the same for the same address. */
static void put_mac(struct text *to, const struct endpoint *e)
{
	uint64_t h = hash_bytes(1, slice_of(e->ip, sizeof(e->ip)));

	put_u16(to, 0x0200 | (h & 0xFF));
	put_u32(to, (uint32_t)(h >> 8));
}

static void put_ipv4(struct recorder *r, const struct heading *h)
{
	struct text *to = &r->packet;
	size_t at = to->n, length = 20 + h->transport.n + h->data.n;
	uint16_t checksum;

	put_u16(to, 0x4500);
	put_u16(to, (unsigned)length);
	put_u16(to, (unsigned)(r->packets & 0xFFFF));
	put_u16(to, 0x4000); /* not fragmented */
	text_putc(to, 64);
	text_putc(to, (char)h->protocol);
	put_u16(to, 0);
	text_put(to, slice_of(h->from->ip, 4));
	text_put(to, slice_of(h->to->ip, 4));
	if (to->failed != STATUS_OK)
		return;
	checksum = folded(sum(0, slice_of(to->p + at, 20)));
	to->p[at + 10] = (char)(checksum >> 8);
	to->p[at + 11] = (char)checksum;
}

static void put_ipv6(struct recorder *r, const struct heading *h)
{
	struct text *to = &r->packet;

	put_u32(to, UINT32_C(0x60000000));
	put_u16(to, (unsigned)(h->transport.n + h->data.n));
	text_putc(to, (char)h->protocol);
	text_putc(to, 64);
	text_put(to, slice_of(h->from->ip, 16));
	text_put(to, slice_of(h->to->ip, 16));
}

static void put_packet(struct recorder *r, const struct heading *h,
		       nanoseconds now)
{
	struct text *to = &r->packet;
	bool four = h->from->family == FAMILY_IPV4;
	uint16_t checksum = transport_checksum(h);
	struct frame frame = {
		.time = now, .has_time = true, .link_type = LINKTYPE_ETHERNET};
	size_t at;

	text_clear(to);
	put_mac(to, h->to);
	put_mac(to, h->from);
	put_u16(to, four ? 0x0800 : 0x86DD);
	if (four)
		put_ipv4(r, h);
	else
		put_ipv6(r, h);
	at = to->n + h->checksum_at;
	text_put(to, h->transport);
	text_put(to, h->data);
	if (to->failed != STATUS_OK)
		return;
	to->p[at] = (char)(checksum >> 8);
	to->p[at + 1] = (char)checksum;
	frame.bytes = text_slice(to);
	frame.wire_length = (uint32_t)to->n;
	r->packets++;
	if (capture_writer_frame(&r->writer, &frame, NULL, 0) != STATUS_OK ||
	    r->waits.n >= RECORDER_BUFFER)
		(void)recorder_flush(r);
}

static bool can_be_written(const struct endpoint *from,
			   const struct endpoint *to)
{
	return from->family == to->family &&
	       (from->family == FAMILY_IPV4 || from->family == FAMILY_IPV6);
}

void recorder_datagram(struct recorder *r, const struct endpoint *from,
		       const struct endpoint *to, struct slice data,
		       nanoseconds now)
{
	size_t length = 8 + data.n;
	uint8_t udp[8] = {(uint8_t)(from->port >> 8), (uint8_t)from->port,
			  (uint8_t)(to->port >> 8),   (uint8_t)to->port,
			  (uint8_t)(length >> 8),     (uint8_t)length};
	struct heading h = {.from = from,
			    .to = to,
			    .transport = slice_of(udp, sizeof(udp)),
			    .data = data,
			    .protocol = PROTOCOL_UDP,
			    .checksum_at = 6};

	if (r && can_be_written(from, to) && data.n <= DATAGRAM_MAX)
		put_packet(r, &h, now);
}

/* One segment; *sequence of its sender moves on. */
static void put_segment(struct recorder *r, struct recorded_stream *s,
			bool back, unsigned flags, struct slice data,
			nanoseconds now)
{
	const struct endpoint *from = &s->ends[back], *to = &s->ends[!back];
	uint32_t seq = s->sequence[back];
	uint32_t ack = flags & TCP_ACK ? s->sequence[!back] : 0;
	uint8_t tcp[20] = {(uint8_t)(from->port >> 8),
			   (uint8_t)from->port,
			   (uint8_t)(to->port >> 8),
			   (uint8_t)to->port,
			   (uint8_t)(seq >> 24),
			   (uint8_t)(seq >> 16),
			   (uint8_t)(seq >> 8),
			   (uint8_t)seq,
			   (uint8_t)(ack >> 24),
			   (uint8_t)(ack >> 16),
			   (uint8_t)(ack >> 8),
			   (uint8_t)ack,
			   5 << 4,
			   (uint8_t)flags,
			   0xFF,
			   0xFF};
	struct heading h = {.from = from,
			    .to = to,
			    .transport = slice_of(tcp, sizeof(tcp)),
			    .data = data,
			    .protocol = PROTOCOL_TCP,
			    .checksum_at = 16};

	put_packet(r, &h, now);
	s->sequence[back] =
		(uint32_t)(seq + data.n + ((flags & (TCP_SYN | TCP_FIN)) != 0));
}

void recorder_opened(struct recorder *r, struct recorded_stream *s,
		     const struct endpoint *from, const struct endpoint *to,
		     nanoseconds now)
{
	struct slice none = {0};
	uint64_t h;

	*s = (struct recorded_stream){.ends = {*from, *to}};
	if (!r || !can_be_written(from, to))
		return;
	h = hash_mix(r->packets + 1);
	s->sequence[0] = (uint32_t)h;
	s->sequence[1] = (uint32_t)(h >> 32);
	s->open = true;
	put_segment(r, s, false, TCP_SYN, none, now);
	put_segment(r, s, true, TCP_SYN | TCP_ACK, none, now);
	put_segment(r, s, false, TCP_ACK, none, now);
}

void recorder_stream(struct recorder *r, struct recorded_stream *s, bool back,
		     struct slice data, nanoseconds now)
{
	if (!r || !s->open)
		return;
	while (data.n) {
		struct slice part = slice_first(data, SEGMENT_MAX);

		data = slice_from(data, part.n);
		put_segment(r, s, back, data.n ? TCP_ACK : TCP_ACK | TCP_PUSH,
			    part, now);
	}
}

void recorder_closed(struct recorder *r, struct recorded_stream *s, bool back,
		     nanoseconds now)
{
	struct slice none = {0};

	if (!r || !s->open)
		return;
	s->open = false;
	put_segment(r, s, back, TCP_FIN | TCP_ACK, none, now);
	put_segment(r, s, !back, TCP_FIN | TCP_ACK, none, now);
	put_segment(r, s, back, TCP_ACK, none, now);
}

void recorder_attempt(struct recorder *r, const struct endpoint *from,
		      const struct endpoint *to, bool refused, nanoseconds now)
{
	struct recorded_stream s = {.ends = {*from, *to}};
	struct slice none = {0};

	if (!r || !can_be_written(from, to))
		return;
	s.sequence[0] = (uint32_t)hash_mix(r->packets + 1);
	put_segment(r, &s, false, TCP_SYN, none, now);
	if (refused)
		put_segment(r, &s, true, TCP_RST | TCP_ACK, none, now);
}

/* The datagram that it is about: its IP header, and the ports. */
static void put_quoted(struct recorder *r, const struct recorded_icmp *icmp)
{
	struct heading h = {.from = &icmp->from,
			    .to = &icmp->to,
			    .transport = slice_of("\0\0\0\0\0\0\0", 8),
			    .protocol = PROTOCOL_UDP};

	if (icmp->from.family == FAMILY_IPV4)
		put_ipv4(r, &h);
	else
		put_ipv6(r, &h);
	put_u16(&r->packet, icmp->from.port);
	put_u16(&r->packet, icmp->to.port);
	put_u32(&r->packet, 8u << 16);
}

void recorder_icmp(struct recorder *r, const struct recorded_icmp *icmp,
		   nanoseconds now)
{
	uint8_t header[8] = {icmp->type, icmp->code}, quoted[64];
	struct heading h = {.from = &icmp->by,
			    .to = &icmp->from,
			    .transport = slice_of(header, sizeof(header)),
			    .protocol = icmp->by.family == FAMILY_IPV4
						? PROTOCOL_ICMP
						: PROTOCOL_ICMPV6,
			    .checksum_at = 2};

	if (!r || !can_be_written(&icmp->from, &icmp->to) ||
	    !can_be_written(&icmp->by, &icmp->from))
		return;
	text_clear(&r->packet);
	put_quoted(r, icmp);
	if (r->packet.failed != STATUS_OK || r->packet.n > sizeof(quoted))
		return;
	memcpy(quoted, r->packet.p, r->packet.n);
	h.data = slice_of(quoted, r->packet.n);
	put_packet(r, &h, now);
}

void recorder_secret(struct recorder *r, struct slice line)
{
	if (!r)
		return;
	text_clear(&r->packet);
	text_put(&r->packet, line);
	text_putc(&r->packet, '\n');
	if (r->packet.failed == STATUS_OK)
		capture_writer_secrets(&r->writer, SECRETS_TLS_KEY_LOG,
				       text_slice(&r->packet));
}

/* ---- the file ---- */

enum status recorder_open(const char *path, const char *program,
			  struct recorder **out)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return STATUS_NOMEM;
	r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->fd < 0) {
		free(r);
		return STATUS_IO;
	}
	r->waits = text_new(ROOM_MAX);
	r->packet = text_new(DATAGRAM_MAX + HEADERS_MAX);
	capture_writer_begin(&r->writer, &r->waits, program);
	*out = r;
	return STATUS_OK;
}

/* A text that failed holds half a block: nothing can follow it. */
enum status recorder_flush(struct recorder *r)
{
	struct slice rest;

	if (!r)
		return STATUS_OK;
	rest = text_slice(&r->waits);
	r->failed = r->failed || r->waits.failed != STATUS_OK;
	while (!r->failed && rest.n) {
		ssize_t n = write(r->fd, rest.p, rest.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r->failed = true;
		else
			rest = slice_from(rest, (size_t)n);
	}
	text_clear(&r->waits);
	return r->failed ? STATUS_IO : STATUS_OK;
}

enum status recorder_close(struct recorder *r)
{
	enum status status = recorder_flush(r);

	if (!r)
		return STATUS_OK;
	if (close(r->fd) != 0)
		status = STATUS_IO;
	text_free(&r->waits);
	text_free(&r->packet);
	free(r);
	return status;
}
