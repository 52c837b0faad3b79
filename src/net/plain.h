/*
 * The short way through what most frames are, for where each counts: see
 * net_plain() of net/packet.h.
 */
#ifndef NET_PLAIN_H
#define NET_PLAIN_H

#include "core/hep.h"
#include "net/packet.h"
#include "net/tunnel_ports.h"

/* Ethernet, IPv4 without options and UDP: where things are. */
#define PLAIN_IP 14u
#define PLAIN_ADDRESSES 26u
#define PLAIN_UDP 34u
#define PLAIN_PAYLOAD 42u

static inline unsigned plain_u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* A frame of Ethernet; *out is written only when it is such a one. */
static inline bool plain_find(struct slice s, struct plain_packet *out)
{
	size_t length, udp;

	if (s.n < PLAIN_PAYLOAD || plain_u16(s.p + 12) != 0x0800 ||
	    s.p[PLAIN_IP] != 0x45 || s.p[PLAIN_IP + 9] != IP_UDP ||
	    plain_u16(s.p + PLAIN_IP + 6) & 0x3FFF)
		return false;
	length = plain_u16(s.p + PLAIN_IP + 2);
	udp = plain_u16(s.p + PLAIN_UDP + 4);
	if (length > s.n - PLAIN_IP || udp < 8 || udp + 20 > length ||
	    tunnel_is_port(plain_u16(s.p + PLAIN_UDP)) ||
	    tunnel_is_port(plain_u16(s.p + PLAIN_UDP + 2)))
		return false;
	out->ends = s.p + PLAIN_ADDRESSES;
	out->payload = slice_of(s.p + PLAIN_PAYLOAD, udp - 8);
	return !hep_is_3(out->payload);
}

#endif /* NET_PLAIN_H */
