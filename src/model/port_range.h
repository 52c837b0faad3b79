/*
 * Which ports a firewall has to let through where one was tried: a relay gives
 * out another one for each allocation, and a client of Lync takes one of those
 * that it was told.
 */
#ifndef MODEL_PORT_RANGE_H
#define MODEL_PORT_RANGE_H

#include "core/hash.h"
#include "model/evidence.h"

struct model;
struct call;
struct pair;

/* An Edge gives out relayed ports of this range unless told otherwise; other
 * relays those that are dynamic (RFC 8656 7.2, RFC 6335 6). */
#define RELAY_PORT_LOW 50000u
#define RELAY_PORT_HIGH 59999u
#define DYNAMIC_PORT_LOW 49152u
#define DYNAMIC_PORT_HIGH 65535u

/* What tells the range. */
enum ports_by {
	PORTS_BY_TRIAL,        /* just the port that was tried */
	PORTS_BY_OBSERVATION,  /* from the lowest to the highest seen */
	PORTS_BY_PROVISIONING, /* [MS-SIPREGE] 2.2.2.5.1 */
	PORTS_BY_EDGE,
	PORTS_BY_TURN,
};

struct port_range {
	uint16_t low, high;
	uint8_t by; /* enum ports_by */
};

/* A host that relayed addresses lie at. */
struct relay_host {
	struct endpoint host; /* port 0 */
	uint16_t low, high;   /* of their ports; 0: none is known */
	bool allocated;       /* an allocation gave one, not just a candidate */
};

/* All of a model by address: made once for many questions. */
struct relay_hosts {
	struct list rows; /* struct relay_host */
	struct index index;
	uint64_t key; /* of its hashes */
	bool edges;   /* it is Lync's world: relays are Edges */
};

/* For relay_hosts_free; some are missing when memory is out. */
struct relay_hosts relay_hosts_of(const struct model *model);
void relay_hosts_free(struct relay_hosts *hosts);
/* The host of an address, or NULL. */
const struct relay_host *relay_host_at(const struct relay_hosts *hosts,
				       const struct endpoint *e);

/* Is it a pair of two Edges, by their ports alone?  What a capture outside of
 * one shows. */
bool pair_is_between_edges(const struct model *m, const struct pair *p);

/* The range of a relayed address; `e` is one. */
struct port_range ports_of_relay(const struct relay_hosts *hosts,
				 const struct endpoint *e);
/* The range of a client that takes part in this call and was told its ports;
 * else the port alone. */
struct port_range ports_of_client(const struct model *model,
				  const struct call *call,
				  const struct endpoint *e);

/* "trial", ... for JSON; a clause for people, or NULL. */
const char *ports_by_name(enum ports_by by);
const char *ports_by_text(enum ports_by by);

#endif /* MODEL_PORT_RANGE_H */
