/*
 * TCP connections and listeners, with libuv behind them.  Bytes only: TLS and
 * messages are their owners'.
 *
 * A stream belongs to this until `closed` has been called for it; stream_close
 * leads there.  All of it can be recorded.
 */
#ifndef IO_STREAMS_H
#define IO_STREAMS_H

#include "core/endpoint.h"
#include "io/loop.h"
#include "io/recorder.h"

/* What may wait to be sent; more closes the stream. */
#define STREAM_QUEUE_MAX ((size_t)8 << 20)

struct stream;
struct stream_set;

struct stream_events {
	void *context;
	/* Somebody has connected to the listener with this number; false: not
	 * wanted.  Nothing is read before it returns. */
	bool (*accepted)(void *context, uint32_t listener, struct stream *s);
	/* An attempt to connect has ended; after false comes `closed`. */
	void (*connected)(void *context, struct stream *s, bool success);
	void (*received)(void *context, struct stream *s, struct slice bytes);
	/* The other end sends nothing more. */
	void (*ended)(void *context, struct stream *s);
	/* All that waited is sent. */
	void (*drained)(void *context, struct stream *s);
	/* It is gone when this returns. */
	void (*closed)(void *context, struct stream *s);
};

/* `recorder` may be NULL.  NULL: memory is out.  As long as there is one,
 * SIGPIPE is ignored. */
struct stream_set *stream_set_new(struct loop *loop, struct recorder *recorder,
				  const struct stream_events *events);
/* Closes what is left, and tells that; the loop must live still. */
void stream_set_free(struct stream_set *streams);

struct listener;

/* Listens on a socket that is bound (socket_open), and takes it over.  NULL:
 * it cannot; the socket is closed then. */
struct listener *stream_set_listen(struct stream_set *streams, int fd,
				   uint32_t number);
/* Its number is told no more. */
void listener_close(struct listener *listener);

/* Connects a socket that is bound, or not (-1: one is made), to `to`; NULL: it
 * failed at once (errno), and the socket is closed.  An attempt that came to
 * nothing is recorded, too. */
struct stream *stream_set_connect(struct stream_set *streams, int fd,
				  const struct endpoint *to, void *user);

/* Whatever its owner has hung on it. */
void *stream_user(const struct stream *s);
void stream_own(struct stream *s, void *user);
/* This end and the other. */
struct endpoint stream_here(const struct stream *s);
struct endpoint stream_there(const struct stream *s);

/* Why it could not be connected, or broke off: errno, or 0. */
int stream_error(const struct stream *s);

/* Sent, or queued; false: the queue is full, and the stream is closed. */
bool stream_write(struct stream *s, struct slice bytes);
/* Bytes that wait. */
size_t stream_queued(const struct stream *s);
/* Reads no more, or again. */
void stream_pause(struct stream *s, bool paused);
/* Closes at once, or when all that waits is sent. */
void stream_close(struct stream *s);
void stream_finish(struct stream *s);

#endif /* IO_STREAMS_H */
