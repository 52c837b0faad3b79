/*
 * From frame to packet: link layer, tunnels, IP and fragments.
 */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include "capture/frame.h"
#include "core/endpoint.h"

/* IP protocol numbers that are looked into. */
#define IP_ICMP 1
#define IP_TCP 6
#define IP_UDP 17
#define IP_ICMP6 58
#define IP_SCTP 132

/* TCP flags (RFC 9293 3.1). */
#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_ACK 0x10u

/* The frame where something was seen. */
struct frame_mark {
	nanoseconds time;
	uint64_t number;
	uint32_t file, vantage;
};

/* What a packet of SCTP holds, up to the message that it is shown with. */
enum sctp_seen { /* bits */
	SCTP_SAW_DATA = 1,
	SCTP_SAW_INIT = 2,
	SCTP_SAW_INIT_ACK = 4,
	SCTP_SAW_ABORT = 8,
	SCTP_SAW_SHUTDOWN = 16,
	SCTP_SAW_COOKIE = 32, /* or that it is agreed to */
};

/* An ICMP error and the packet that it quotes (RFC 792, RFC 4443). */
struct icmp_error {
	uint8_t version; /* 4 or 6 */
	uint8_t type, code;
	uint8_t protocol;         /* of the quoted packet */
	struct endpoint src, dst; /* of the quoted packet */
	struct slice quoted;      /* what is quoted of its payload */
};

struct packet {
	struct endpoint src, dst;
	uint8_t protocol; /* IP_UDP, IP_TCP, IP_ICMP, IP_ICMP6, IP_SCTP, ... */
	uint16_t identification; /* of IPv4 (RFC 791 3.1) */
	bool cut;         /* payload is shorter than it was on the wire */
	bool reassembled; /* from fragments: payload until the next packet */
	bool continued;   /* of a packet that was shown before */
	bool left_out;    /* bytes in front of it are left out on purpose */
	uint8_t sctp;     /* bits of enum sctp_seen */
	bool damaged;     /* a chunk of SCTP lies about its length */
	/* Of UDP or TCP; of SCTP one user message, empty where there is none;
	 * else of IP. */
	struct slice payload;
	size_t wire_payload; /* its length on the wire */

	/* TCP only */
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags;
	bool tcp_parsed; /* false: the TCP header was cut off */

	/* ICMP errors only */
	bool has_icmp;
	struct icmp_error icmp;

	/* SCTP only, of a message that was put together: where its pieces
	 * were, this frame among them; until the next packet. */
	const struct frame_mark *pieces;
	size_t piece_count;

	unsigned tunnels; /* layers of tunnel stripped */

	/*
	 * A message that a dissector took out of its packets (Wireshark's
	 * "export PDUs"): whole, whatever carried it, so `protocol` is IP_UDP;
	 * here is the true one.  0 for packets.
	 */
	uint8_t exported_from;
};

/* Fragments in the making and limits; one per analysis. */
struct net;

struct net_counts {
	uint64_t packets;
	uint64_t not_ip;         /* ARP, STP, unknown link types ... */
	uint64_t malformed;      /* header lies about its length */
	uint64_t too_deep;       /* limits of nesting */
	uint64_t fragments;      /* seen */
	uint64_t fragments_lost; /* datagrams given up: time or limit */
};

struct net *net_new(void); /* NULL: memory is out */
void net_free(struct net *net);
const struct net_counts *net_counts(const struct net *net);

/* The capture ended: datagrams that wait for fragments are given up. */
void net_end(struct net *net);

/*
 * Finds the innermost packet of a frame.  STATUS_OK; STATUS_NOT_MINE: no IP
 * in it; STATUS_SHORT: a fragment that waits for others, or cut before its
 * header ended; STATUS_BAD: malformed; STATUS_LIMIT: nests too deep;
 * STATUS_NOMEM.
 *
 * *out is good on STATUS_OK only, its TCP fields for IP_TCP only, and `icmp`
 * if has_icmp.  Slices borrow from the frame, or from `net` until the next
 * call.  A tunnel that carries something else than IP is itself the innermost
 * packet.
 */
MUST_CHECK enum status net_packet(struct net *net, const struct frame *frame,
				  struct packet *out);

/* Of which datagrams the frame that was read last is a fragment, the outermost
 * first: those in tunnels nest.  Not good for what is plain. */
#define NET_PIECES_MAX 4u
struct fragment_key;
size_t net_pieces(const struct net *net, const struct fragment_key **keys);

/*
 * What most frames are: a whole UDP datagram in IPv4 on Ethernet, no options,
 * no fragment, no tunnel.
 */
#define PLAIN_ENDS 12u

struct plain_packet {
	const uint8_t *ends; /* PLAIN_ENDS bytes: source and destination
			      * address, then their ports, as on the wire */
	struct slice payload;
};

/* False: it is not such a frame, see net_packet(). */
bool net_plain(const struct frame *frame, struct plain_packet *out);

/* Counts frames that were dealt with by net_plain() alone. */
void net_count_plain(struct net *net, size_t count);

/*
 * The next packet of the same frame, for a frame that holds several (A-MSDU),
 * or the next message of a packet of SCTP; STATUS_END when there is none.
 * Call after each net_packet.
 */
enum status net_packet_more(struct net *net, struct packet *out);

/* A message whose other parts did not come. */
struct net_lost {
	struct packet packet; /* cut; its payload is what there is from the
			       * beginning on, and may be empty */
	struct frame_mark mark; /* of the frame with the last of that; of IP,
				 * with the first */
};

/* The next one that was given up; false: there is none now.  To be asked after
 * the last packet of each frame, and after net_end(). */
bool net_next_lost(struct net *net, struct net_lost *out);

#endif /* NET_PACKET_H */
