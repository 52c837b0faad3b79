/*
 * Sockets of the system as endpoints: addresses both ways, opening, and which
 * addresses this machine has.  All are non-blocking and close on exec.
 */
#ifndef IO_SOCKETS_H
#define IO_SOCKETS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/endpoint.h"

union socket_address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* Its size; 0 when the endpoint is neither IPv4 nor IPv6. */
socklen_t socket_address_of(const struct endpoint *e,
			    union socket_address *out);
struct endpoint endpoint_of_socket(const union socket_address *a);

/* What opening a socket takes. */
struct socket_wish {
	struct endpoint at; /* port 0: the system chooses */
	int type;           /* SOCK_DGRAM or SOCK_STREAM */
	bool shared; /* the address may be had by several (SO_REUSEPORT) */
	int buffer;  /* bytes to send and receive; 0: the system's */
};

/* Opens and binds; -1: errno tells. */
int socket_open(const struct socket_wish *wish);
void socket_close(int fd);
/* The address that a socket is bound to, or FAMILY_NONE. */
struct endpoint socket_local(int fd);

/* The address of ours from which `to` is reached, port 0; false: there is no
 * way (errno). */
bool socket_towards(const struct endpoint *to, struct endpoint *out);

/* Of a UDP socket: ICMP errors come by datagram_errors (io/datagrams.h); all
 * packets may, or none may, be fragmented.  False: errno tells. */
bool socket_wants_errors(int fd, enum address_family family);
bool socket_dont_fragment(int fd, enum address_family family, bool on);

/* The machine's unicast addresses (port 0), those of the loopback last; at
 * most `max`.  Returns how many. */
size_t socket_addresses(struct endpoint *out, size_t max);

#endif /* IO_SOCKETS_H */
