/*
 * How the NAT in front of a client behaves, as RFC 5780 finds it out: mapping
 * (4.3), filtering (4.4) and hairpinning (4.5).  Lifetimes (4.6) take minutes
 * and are left out.
 *
 * Two sockets of the same host are used: the first maps, the second has sent
 * to the server only and tells what is let in.
 */
#ifndef ENGINE_NAT_PROBE_H
#define ENGINE_NAT_PROBE_H

#include "engine/turn_client.h"

enum nat_test {
	NAT_MAP_SERVER,     /* socket 0 to the server */
	NAT_MAP_OTHER_IP,   /* to its other address, same port */
	NAT_MAP_OTHER_BOTH, /* to its other address and port */
	NAT_FILTER_OPEN,    /* socket 1 to the server */
	NAT_FILTER_BOTH,    /* an answer from the other address and port */
	NAT_FILTER_PORT,    /* an answer from the other port */
	NAT_HAIRPIN,        /* socket 1 to where socket 0 is mapped */
	NAT_TESTS,
};

enum nat_behaviour {
	NAT_UNKNOWN,
	NAT_NONE, /* of mapping: the address is not changed */
	NAT_ENDPOINT_INDEPENDENT,
	NAT_ADDRESS_DEPENDENT,
	NAT_ADDRESS_AND_PORT_DEPENDENT,
};

enum nat_answer {
	NAT_NO,
	NAT_YES,
	NAT_NOT_KNOWN,
};

/* Why something is not known. */
enum nat_obstacle {
	NAT_OBSTACLE_NONE,
	NAT_OBSTACLE_UNANSWERED,   /* no answer at all */
	NAT_OBSTACLE_NOT_OFFERED,  /* no OTHER-ADDRESS: RFC 5389 only */
	NAT_OBSTACLE_OTHER_SILENT, /* its other address does not answer */
	NAT_OBSTACLE_NOT_HONOURED, /* CHANGE-REQUEST has no effect */
};

struct nat_result {
	enum client_outcome outcome;
	bool ran;
	nanoseconds took;
	unsigned code;
	struct endpoint mapped, from; /* where the answer came from */
};

struct nat_report {
	struct endpoint local, mapped, other; /* of socket 0; OTHER-ADDRESS */
	enum nat_behaviour mapping, filtering;
	enum nat_answer hairpin;
	enum nat_obstacle obstacle, filter_obstacle;
	struct nat_result tests[NAT_TESTS];
};

struct nat_provider {
	void *context;
	/* socket: 0 or 1. */
	void (*send)(void *context, unsigned socket, const struct endpoint *to,
		     struct slice bytes);
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct nat_probe;

/* `local` is where socket 0 is bound.  NULL without memory. */
struct nat_probe *nat_probe_new(const struct endpoint *server,
				const struct endpoint *local,
				nanoseconds patience,
				const struct nat_provider *provider);
void nat_probe_free(struct nat_probe *p);

/* Sends the first request (RFC 5780 4.3). */
void nat_probe_begin(struct nat_probe *p, nanoseconds now);
/* A datagram that came to that socket; borrowed. */
void nat_probe_receive(struct nat_probe *p, unsigned socket,
		       const struct endpoint *from, struct slice bytes,
		       nanoseconds now);
/* Sends again, and gives up what took too long. */
void nat_probe_tick(struct nat_probe *p, nanoseconds now);
/* When tick has work; INT64_MAX: never, it is over. */
nanoseconds nat_probe_next(const struct nat_probe *p);

bool nat_probe_is_over(const struct nat_probe *p);
/* What is known so far; good as long as `p`. */
const struct nat_report *nat_probe_report(const struct nat_probe *p);

/* "endpoint-independent" */
const char *nat_behaviour_text(enum nat_behaviour behaviour);

#endif /* ENGINE_NAT_PROBE_H */
