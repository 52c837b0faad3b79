/*
 * IPv4 (RFC 791) and IPv6 (RFC 8200) with extension headers and fragments;
 * what they carry; and the tunnels among that (spec "capture-formats" 3.3).
 */
#ifndef NET_IP_H
#define NET_IP_H

#include "net/tunnel_ports.h"
#include "net/walk.h"

/* IPv4 or IPv6, by the version nibble. */
walk_fn ip_any;

/* What an IP packet carries, by protocol number; w->out has the addresses. */
enum status ip_payload(struct walk *w, unsigned protocol, struct slice s);

/* How sure it is that an IP header stands here; `missing` as in a walk. */
enum ip_look {
	IP_NO,
	IP_MAYBE, /* lengths fit, no checksum */
	IP_SURE,  /* checksum right, or IPv6 of just this length */
};
enum ip_look ip_looks(struct slice s, size_t missing);

/* transport.c: fill w->out from the transport header */
walk_fn transport_udp;
walk_fn transport_tcp;
walk_fn transport_sctp;
/* The next message of the packet; STATUS_END: there is none. */
enum status transport_more_sctp(struct walk *w);
walk_fn transport_icmp;
walk_fn transport_icmp6;
/* The ports that the first bytes of `s` are; and, where it was cut behind
 * them and before the end of its header, all there is. */
void transport_take_ports(struct packet *out, struct slice s);
enum status transport_ports(struct walk *w, unsigned protocol, struct slice s,
			    size_t header);
/* The packet ends here, with `s` as its payload. */
enum status transport_other(struct walk *w, unsigned protocol, struct slice s);

/*
 * tunnel.c: protocols that carry packets of their own.  STATUS_NOT_MINE when
 * what is inside is no IP: the packet around it is the innermost then.
 */
walk_fn tunnel_ip;
walk_fn tunnel_gre;
walk_fn tunnel_etherip;
walk_fn tunnel_esp; /* esp.c: that is not encrypted */
walk_fn tunnel_mpls;
walk_fn tunnel_l2tp_v3;
/* What a GRE header carries, by its protocol field. */
enum status tunnel_gre_inside(struct walk *w, unsigned protocol, bool sequenced,
			      struct slice s);

/* transport_sctp.c: SCTP in UDP. */
walk_fn tunnel_sctp;

/* acdr.c, tzsp.c: what a device sends of the packets it sees. */
walk_fn tunnel_acdr;
walk_fn tunnel_tzsp;

/* The payload of a datagram on such a port. */
enum status tunnel_udp(struct walk *w, unsigned port, struct slice s);

#endif /* NET_IP_H */
