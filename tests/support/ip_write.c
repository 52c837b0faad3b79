/* Writing IP packets: headers, lengths, checksums. */
#include "config.h"

#include "net/packet.h"
#include "tests/support/ip_write.h"
#include "tests/support/put.h"

#define IPV4_HEADER 20u
#define IPV6_HEADER 40u
#define FRAGMENT_HEADER 8u
#define SEGMENT_MAX ((size_t)1 << 16)

static void put_ip(struct text *to, const struct endpoint *e)
{
	text_put(to, slice_of(e->ip, e->family == FAMILY_IPV6 ? 16 : 4));
}

/* RFC 1071, to be folded by checksum(). */
static uint32_t sum(uint32_t before, struct slice s)
{
	uint64_t total = before;

	for (size_t i = 0; i < s.n; i++)
		total += (uint32_t)s.p[i] << (i % 2 ? 0 : 8);
	while (total >> 16)
		total = (total & 0xFFFF) + (total >> 16);
	return (uint32_t)total;
}

static void set16(struct text *to, size_t at, unsigned n)
{
	if (to->failed != STATUS_OK || at + 2 > to->n)
		return;
	to->p[at] = (char)(n >> 8 & 0xFF);
	to->p[at + 1] = (char)(n & 0xFF);
}

static void write_ipv4(struct text *to, const struct ip_way *way,
		       uint8_t protocol, size_t n)
{
	size_t at = to->n;

	put16(to, 0x4500);
	put16(to, (unsigned)(IPV4_HEADER + n));
	put16(to, way->id);
	put16(to, 0);
	put8(to, way->ttl ? way->ttl : 64);
	put8(to, protocol);
	put16(to, 0);
	put_ip(to, &way->src);
	put_ip(to, &way->dst);
	set16(to, at + 10, ~sum(0, slice_from(text_slice(to), at)) & 0xFFFF);
}

static void write_ipv6(struct text *to, const struct ip_way *way,
		       uint8_t protocol, size_t n)
{
	put32(to, 0x60000000);
	put16(to, (unsigned)n);
	put8(to, protocol);
	put8(to, way->ttl ? way->ttl : 64);
	put_ip(to, &way->src);
	put_ip(to, &way->dst);
}

void ip_write(struct text *to, const struct ip_way *way, uint8_t protocol,
	      struct slice payload)
{
	if (payload.n > UINT16_MAX - IPV4_HEADER) {
		to->failed = STATUS_LIMIT;
		return;
	}
	if (way->src.family == FAMILY_IPV6)
		write_ipv6(to, way, protocol, payload.n);
	else
		write_ipv4(to, way, protocol, payload.n);
	text_put(to, payload);
}

/* Puts the checksum over pseudo-header and `inner` into it, at `at`. */
static void seal(struct text *inner, const struct ip_way *way, uint8_t protocol,
		 size_t at)
{
	struct text pseudo = text_new(64);
	uint32_t total;

	put_ip(&pseudo, &way->src);
	put_ip(&pseudo, &way->dst);
	put32(&pseudo, (uint32_t)inner->n);
	put32(&pseudo, protocol);
	total = sum(sum(0, text_slice(&pseudo)), text_slice(inner));
	set16(inner, at, total == 0xFFFF ? 0xFFFF : ~total & 0xFFFF);
	text_free(&pseudo);
}

static void write_inner(struct text *to, const struct ip_way *way,
			uint8_t protocol, struct text *inner)
{
	if (inner->failed != STATUS_OK)
		to->failed = inner->failed;
	else
		ip_write(to, way, protocol, text_slice(inner));
	text_free(inner);
}

void ip_write_udp(struct text *to, const struct ip_way *way,
		  struct slice payload)
{
	struct text inner = text_new(SEGMENT_MAX);

	put16(&inner, way->src.port);
	put16(&inner, way->dst.port);
	put16(&inner, (unsigned)(8 + payload.n));
	put16(&inner, 0);
	text_put(&inner, payload);
	seal(&inner, way, IP_UDP, 6);
	write_inner(to, way, IP_UDP, &inner);
}

void ip_write_tcp(struct text *to, const struct ip_way *way,
		  const struct tcp_write *segment)
{
	struct text inner = text_new(SEGMENT_MAX);

	put16(&inner, way->src.port);
	put16(&inner, way->dst.port);
	put32(&inner, segment->sequence);
	put32(&inner, segment->flags & TCP_ACK ? segment->acknowledged : 0);
	put8(&inner, 0x50);
	put8(&inner, segment->flags);
	put16(&inner, 8192);
	put32(&inner, 0);
	text_put(&inner, segment->payload);
	seal(&inner, way, IP_TCP, 16);
	write_inner(to, way, IP_TCP, &inner);
}

void ip_write_icmp(struct text *to, const struct ip_way *way, uint8_t type,
		   uint8_t code, struct slice quoted)
{
	struct text inner = text_new(SEGMENT_MAX);

	put8(&inner, type);
	put8(&inner, code);
	put16(&inner, 0);
	put32(&inner, 0);
	text_put(&inner, quoted);
	if (way->src.family == FAMILY_IPV6) {
		seal(&inner, way, IP_ICMP6, 2);
		write_inner(to, way, IP_ICMP6, &inner);
		return;
	}
	set16(&inner, 2, ~sum(0, text_slice(&inner)) & 0xFFFF);
	write_inner(to, way, IP_ICMP, &inner);
}

static void fragment_ipv4(struct text *to, struct slice packet, size_t at,
			  size_t n)
{
	bool more = IPV4_HEADER + at + n < packet.n;
	size_t start = to->n;

	text_put(to, slice_first(packet, IPV4_HEADER));
	set16(to, start + 2, (unsigned)(IPV4_HEADER + n));
	set16(to, start + 6, (unsigned)(at / 8) | (more ? 0x2000u : 0));
	set16(to, start + 10, 0);
	set16(to, start + 10,
	      ~sum(0, slice_from(text_slice(to), start)) & 0xFFFF);
	text_put(to, slice_cut(packet, IPV4_HEADER + at, n));
}

static void fragment_ipv6(struct text *to, struct slice packet, size_t at,
			  size_t n)
{
	bool more = IPV6_HEADER + at + n < packet.n;
	uint8_t next = packet.p[6];
	size_t start = to->n;

	text_put(to, slice_first(packet, IPV6_HEADER));
	set16(to, start + 4, (unsigned)(FRAGMENT_HEADER + n));
	if (to->failed == STATUS_OK)
		to->p[start + 6] = 44;
	put8(to, next);
	put8(to, 0);
	put16(to, (unsigned)at | (more ? 1u : 0));
	put32(to, 77);
	text_put(to, slice_cut(packet, IPV6_HEADER + at, n));
}

void ip_write_fragment(struct text *to, struct slice packet, size_t at,
		       size_t n)
{
	if (packet.n && packet.p[0] >> 4 == 6)
		fragment_ipv6(to, packet, at, n);
	else
		fragment_ipv4(to, packet, at, n);
}
