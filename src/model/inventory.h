/*
 * What traffic an input holds, whether it is ours or not: flows by kind and
 * port, TLS servers by name, and what hides part of it.  It answers "why do I
 * see nothing?".
 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "core/clock.h"

enum traffic {
	TRAFFIC_OTHER,
	TRAFFIC_SIP,
	TRAFFIC_STUN, /* and TURN, MS-TURN, ChannelData */
	TRAFFIC_RTP,
	TRAFFIC_RTCP, /* alone on its flow */
	TRAFFIC_DTLS, /* without RTP or STUN on the same flow */
	TRAFFIC_TLS,
	TRAFFIC_DNS,
	TRAFFIC_QUIC,
	TRAFFIC_HTTP,
	TRAFFIC_EMPTY, /* TCP that carried no byte */
	TRAFFIC_LOG,   /* records of logs: no packets at all */
	TRAFFICS,
};

/* What carries it. */
enum traffic_way {
	TRAFFIC_UDP,
	TRAFFIC_TCP,
	TRAFFIC_SCTP,
	TRAFFIC_EXPORTED, /* HEP, exported PDUs: it is not told by packets */
	TRAFFIC_WAYS,
};

/* The first rows each have a port of their own; when they are full, what
 * comes shares a row of its kind with port 0. */
#define INVENTORY_ROWS_MAX 108u
#define INVENTORY_PORTS_MAX (INVENTORY_ROWS_MAX - TRAFFIC_WAYS * TRAFFICS)
#define INVENTORY_NAMES_MAX 64u

struct traffic_row {
	uint8_t kind;  /* enum traffic */
	uint8_t way;   /* enum traffic_way */
	uint16_t port; /* of the server; 0: none that all share */
	uint32_t flows;
	uint32_t one_way; /* answered or carrying on, one side not captured */
	uint32_t silent;  /* TCP: asked to connect, nobody answered */
	uint32_t started; /* TCP: they were open before the capture began */
	uint64_t packets;
};

/* A server that TLS clients asked for by name (RFC 6066 3). */
struct server_name {
	const char *name;
	uint16_t port;
	uint32_t hellos;
};

struct inventory {
	struct traffic_row rows[INVENTORY_ROWS_MAX];
	size_t row_count;
	struct server_name names[INVENTORY_NAMES_MAX];
	size_t name_count;
	uint64_t more_names; /* hellos to others than these */
	uint64_t hellos;     /* of TLS clients, with a name or without */
	/* By what the server chose: versions that are not decrypted. */
	uint64_t ssl3;   /* connections */
	uint64_t dtls13; /* associations */

	uint64_t frames;      /* that passed the filter */
	uint64_t filtered;    /* that did not */
	uint64_t cut;         /* frames cut by the snap length */
	uint32_t snap_length; /* bytes of the longest of them */
	uint64_t not_ip;      /* frames without IP: ARP, 802.11 beacons ... */
	uint64_t malformed;   /* frames whose headers lie */
	uint64_t fragments, fragments_lost;
	uint64_t others[256]; /* packets by IP protocol, but those above */
};

/* "SIP", "STUN or TURN", ... */
const char *traffic_name(enum traffic kind);

/* The row for a flow of this kind; never NULL. */
struct traffic_row *inventory_row(struct inventory *inventory,
				  enum traffic kind, enum traffic_way way,
				  uint16_t port);

/* The rows with the most packets first, of equals as they came: NULL begins,
 * and NULL is the end. */
const struct traffic_row *inventory_next(const struct inventory *inventory,
					 const struct traffic_row *after);

/* Flows of a kind over all ports. */
struct traffic_row inventory_sum(const struct inventory *inventory,
				 enum traffic kind, enum traffic_way way);

#endif /* MODEL_INVENTORY_H */
