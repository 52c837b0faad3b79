/*
 * The prober's sockets: a handful, UDP, TCP and TLS, numbered by their owner,
 * and one loop over them.  What goes over them is recorded where there is a
 * recorder.
 */
#ifndef PROBE_SOCKETS_H
#define PROBE_SOCKETS_H

#include "io/recorder.h"
#include "probe/tls.h"

#define SOCKETS_MAX 6u

enum socket_kind {
	SOCKET_UDP,
	SOCKET_TCP,
	SOCKET_TLS,
};

/* What happens; any of them may open, write to and close sockets. */
struct socket_listener {
	void *context;
	/* TCP: connected; TLS: twice, the second time `secured`. */
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

/* `tls` is copied, its secrets go to the recorder (which may be NULL). */
struct sockets *sockets_new(const struct socket_listener *listener,
			    const struct tls_choice *tls,
			    struct recorder *recorder);
void sockets_free(struct sockets *s);

/*
 * Opens: the listener hears what becomes of it during sockets_wait, never at
 * once.  A UDP socket is bound to the address from which `server` is reached.
 */
void sockets_open(struct sockets *s, unsigned number, enum socket_kind kind,
		  const struct endpoint *server);
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
