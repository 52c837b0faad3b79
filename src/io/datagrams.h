/*
 * Many UDP sockets at once: received and sent in batches (recvmmsg, sendmmsg),
 * watched by one epoll of their own, so that a socket costs no memory here.
 *
 * A socket is known by a number that its owner gives it.
 */
#ifndef IO_DATAGRAMS_H
#define IO_DATAGRAMS_H

#include "core/endpoint.h"
#include "io/loop.h"

#define DATAGRAM_MAX ((size_t)65536)

/* An ICMP error about what a socket had sent. */
struct datagram_error {
	struct endpoint to; /* where the datagram went */
	struct endpoint by; /* who says so; FAMILY_NONE: not known */
	uint8_t type, code;
	int error;     /* the system's number for it */
	uint32_t data; /* the MTU of "too big", else 0 */
};

struct datagrams_events {
	void *context;
	/* `data` is good until the callback returns. */
	void (*received)(void *context, uint32_t number,
			 const struct endpoint *from, struct slice data);
	void (*failed)(void *context, uint32_t number,
		       const struct datagram_error *error);
	/* The system does not take a datagram (errno); or NULL. */
	void (*unsent)(void *context, int fd, int error);
	/* All that had come has been worked on; or NULL. */
	void (*rested)(void *context);
};

struct datagrams;

/* NULL when memory or descriptors are out. */
struct datagrams *datagrams_new(struct loop *loop,
				const struct datagrams_events *events);
/* The sockets stay their owners'. */
void datagrams_free(struct datagrams *d);

/* What comes to the socket is told with this number; false: errno says why. */
MUST_CHECK bool datagrams_add(struct datagrams *d, int fd, uint32_t number);
/* Sends what waits for it; call before the socket is closed. */
void datagrams_remove(struct datagrams *d, int fd);

/* Queued; goes out when the batch is full, or all that came is worked on, or
 * by datagrams_flush.  What the system does not take is lost, as is usual. */
void datagrams_send(struct datagrams *d, int fd, const struct endpoint *to,
		    struct slice data);
void datagrams_flush(struct datagrams *d);

#endif /* IO_DATAGRAMS_H */
