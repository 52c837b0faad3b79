/*
 * Names of hosts and services to addresses, by the system's resolver.  These
 * wait for the answer: none of it is for a server's loop.
 */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include "core/endpoint.h"

#define RESOLVE_NAME 256u

/*
 * The first IPv4 and the first IPv6 address of a name (or of an address as
 * text), as the resolver orders them; the number of those, at most two.  0:
 * *reason says why, and is the system's own text.
 */
size_t resolve_host(const char *host, uint16_t port, struct endpoint out[2],
		    const char **reason);

/* Where a domain has a service. */
struct srv_host {
	char host[RESOLVE_NAME];
	uint16_t port, priority, weight;
};

enum resolve_answer {
	RESOLVE_NONE, /* the domain says nothing of it */
	RESOLVE_FOUND,
	RESOLVE_DENIED, /* it says that it has no such service */
	RESOLVE_SILENT, /* nobody could be asked */
};

/*
 * The SRV records (RFC 2782) of a service ("_turn._udp") of a domain: those
 * that come first, first; of equal priority the heavier ones.  *count of them,
 * at most `max`.
 */
enum resolve_answer resolve_service(const char *service, const char *domain,
				    struct srv_host *out, size_t max,
				    size_t *count);

/* The same of an answer of a DNS server, as it came. */
enum resolve_answer resolve_read(struct slice answer, struct srv_host *out,
				 size_t max, size_t *count);

#endif /* IO_RESOLVE_H */
