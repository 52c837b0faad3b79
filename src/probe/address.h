/* Addresses of hosts, and ours towards them. */
#ifndef PROBE_ADDRESS_H
#define PROBE_ADDRESS_H

#include "core/endpoint.h"

/* The address of ours from which `to` is reached, port 0; false: there is no
 * way (errno). */
bool address_from(const struct endpoint *to, struct endpoint *out);

/*
 * The first IPv4 and the first IPv6 address of a name (or of an address as
 * text), as the resolver orders them; the number of those, at most two.  0:
 * *reason says why, and is the system's own text.
 */
size_t address_find(const char *host, uint16_t port, struct endpoint out[2],
		    const char **reason);

#endif /* PROBE_ADDRESS_H */
