/*
 * The prober's ways to a server, numbered by their owner: datagrams and streams
 * of src/io with TLS or DTLS over them, and a loop that their owner turns.
 * What goes over them is recorded where there is a recorder.
 */
#ifndef PROBE_SOCKETS_H
#define PROBE_SOCKETS_H

#include "engine/probe_path.h"
#include "io/recorder.h"
#include "io/tls.h"

#define SOCKETS_MAX 6u

enum socket_kind {
	SOCKET_UDP,
	SOCKET_TCP,
	SOCKET_TLS,
	SOCKET_DTLS,
};

/* Where hands are shaken: the contexts of clients, borrowed. */
struct probe_tls {
	struct tls_context *streams, *datagrams;
	const char *name; /* that the certificate must have; or NULL */
};

/* What happens; any of them may open, write to and close sockets. */
struct socket_listener {
	void *context;
	/* TCP: connected; TLS, DTLS: twice, the second time `secured`. */
	void (*opened)(void *context, unsigned number, bool secured,
		       nanoseconds now);
	/* It is closed already. */
	void (*failed)(void *context, unsigned number,
		       enum probe_trouble trouble, struct slice reason,
		       nanoseconds now);
	void (*received)(void *context, unsigned number,
			 const struct endpoint *from, struct slice bytes,
			 nanoseconds now);
};

struct sockets;

/* `recorder` may be NULL.  NULL: memory or descriptors are out. */
struct sockets *sockets_new(const struct socket_listener *listener,
			    const struct probe_tls *tls,
			    struct recorder *recorder);
void sockets_free(struct sockets *s);

/*
 * Opens: the listener hears what becomes of it during sockets_wait, never at
 * once.  A UDP socket is bound to the address from which `server` is reached.
 */
void sockets_open(struct sockets *s, unsigned number, enum socket_kind kind,
		  const struct endpoint *server);
/* TLS says good bye; what waits is sent still. */
void sockets_close(struct sockets *s, unsigned number);
/* `to` counts for UDP only. */
void sockets_send(struct sockets *s, unsigned number, const struct endpoint *to,
		  struct slice bytes);
/* Where it is bound; FAMILY_NONE when it is not open. */
struct endpoint sockets_local(const struct sockets *s, unsigned number);

/* Waits until something has happened, or this time. */
void sockets_wait(struct sockets *s, nanoseconds until);

/* The time, as the recorder and the machines are told it: wall time that does
 * not jump. */
nanoseconds sockets_now(const struct sockets *s);

/* TLS of a socket, for people; empty when there is none. */
void sockets_describe(const struct sockets *s, unsigned number,
		      struct text *to);

#endif /* PROBE_SOCKETS_H */
