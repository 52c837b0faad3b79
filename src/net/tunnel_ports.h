/* The UDP ports on which tunnels are looked for. */
#ifndef NET_TUNNEL_PORTS_H
#define NET_TUNNEL_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Any of these may carry SIP, STUN or RTP all the same: each row's function
 * (net/tunnel.c) wants a sane header too.
 */
#define TUNNEL_PORTS(PORT)           \
	PORT(925, tunnel_acdr)       \
	PORT(1701, tunnel_l2tp)      \
	PORT(2152, tunnel_gtp)       \
	PORT(3544, tunnel_teredo)    \
	PORT(4500, tunnel_esp)       \
	PORT(4789, tunnel_vxlan)     \
	PORT(4790, tunnel_vxlan_gpe) \
	PORT(6081, tunnel_geneve)    \
	PORT(8472, tunnel_vxlan)     \
	PORT(9060, tunnel_hep)       \
	PORT(9899, tunnel_sctp)      \
	PORT(37008, tunnel_tzsp)

static inline bool tunnel_is_port(unsigned port)
{
#define TUNNEL_BIT(number, function) | UINT64_C(1) << (number & 63)
	/* Asked of each packet: most are none by their lowest bits. */
	const uint64_t lowest = 0 TUNNEL_PORTS(TUNNEL_BIT);
#undef TUNNEL_BIT

	if (!(lowest >> (port & 63) & 1))
		return false;
	switch (port) {
#define TUNNEL_CASE(number, function) case number:
		TUNNEL_PORTS(TUNNEL_CASE)
#undef TUNNEL_CASE
		return true;
	default:
		return false;
	}
}

#endif /* NET_TUNNEL_PORTS_H */
