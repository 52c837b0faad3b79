/*
 * Writes IP packets with UDP or TCP inside (RFC 791, RFC 8200, RFC 768,
 * RFC 9293), with right checksums.  IPv4 or IPv6 follows from the source.
 *
 * Knows no test framework, since mkcapture is linked with it too.
 */
#ifndef TESTS_SUPPORT_IP_WRITE_H
#define TESTS_SUPPORT_IP_WRITE_H

#include "core/endpoint.h"
#include "core/text.h"

struct ip_way {
	struct endpoint src, dst; /* of one family */
	uint16_t id;              /* IPv4, and of IPv6 fragments */
	uint8_t ttl;              /* 0: 64 */
};

/* All of these append to `to`; what is too long for the header's length field
 * fails with STATUS_LIMIT. */
void ip_write(struct text *to, const struct ip_way *way, uint8_t protocol,
	      struct slice payload);
void ip_write_udp(struct text *to, const struct ip_way *way,
		  struct slice payload);

struct tcp_write {
	uint32_t sequence, acknowledged;
	uint8_t flags; /* TCP_SYN ... of net/packet.h */
	struct slice payload;
};
void ip_write_tcp(struct text *to, const struct ip_way *way,
		  const struct tcp_write *segment);

/* ICMP or ICMPv6 (by the family of the way) with its checksum. */
void ip_write_icmp(struct text *to, const struct ip_way *way, uint8_t type,
		   uint8_t code, struct slice quoted);

/* The fragment of a packet made by the functions above that holds the `n`
 * bytes of its payload from `at` on; both multiples of 8 but for the last. */
void ip_write_fragment(struct text *to, struct slice packet, size_t at,
		       size_t n);

#endif /* TESTS_SUPPORT_IP_WRITE_H */
