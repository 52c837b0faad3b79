/*
 * Writes what goes over sockets as a capture: pcapng with made-up Ethernet, IP
 * and UDP or TCP headers around the bytes (checksums and sequence numbers
 * right), and the keys of TLS in Decryption Secrets Blocks, so that an analyzer
 * reads it as if it had stood on the wire.
 *
 * It keeps what is written in memory until recorder_flush; the caller's loop
 * calls that.  The file is written in one go then, and never read.
 */
#ifndef IO_RECORDER_H
#define IO_RECORDER_H

#include "core/clock.h"
#include "core/endpoint.h"

/* When so much waits, it is written without being asked. */
#define RECORDER_BUFFER ((size_t)1 << 20)

struct recorder;

/*
 * Records to `path`, which is made anew (0600: it holds keys); `program` is
 * named as the writer.  STATUS_IO (errno tells) or STATUS_NOMEM.
 */
MUST_CHECK enum status recorder_open(const char *path, const char *program,
				     struct recorder **out);
/* Writes the rest and ends; STATUS_IO when not all could be written.  NULL is
 * fine. */
enum status recorder_close(struct recorder *recorder);
/* Writes what waits; STATUS_IO from the first failure on. */
enum status recorder_flush(struct recorder *recorder);

/* A datagram.  This and all below do nothing when `recorder` is NULL. */
void recorder_datagram(struct recorder *recorder, const struct endpoint *from,
		       const struct endpoint *to, struct slice data,
		       nanoseconds now);

/* A TCP connection as it is recorded: whoever has the socket keeps it. */
struct recorded_stream {
	struct endpoint ends[2]; /* who connected, who was there */
	uint32_t sequence[2];    /* of the next byte of each */
	bool open;
};

/* The handshake of a connection; `from` connected to `to`. */
void recorder_opened(struct recorder *recorder, struct recorded_stream *stream,
		     const struct endpoint *from, const struct endpoint *to,
		     nanoseconds now);
/* Bytes; `back`: from the end that had been there. */
void recorder_stream(struct recorder *recorder, struct recorded_stream *stream,
		     bool back, struct slice data, nanoseconds now);
/* It ends, from this side first. */
void recorder_closed(struct recorder *recorder, struct recorded_stream *stream,
		     bool back, nanoseconds now);

/* One that came to nothing: it was refused, or nobody answered. */
void recorder_attempt(struct recorder *recorder, const struct endpoint *from,
		      const struct endpoint *to, bool refused, nanoseconds now);

/* An ICMP or ICMPv6 error about a datagram: who said so, and what. */
struct recorded_icmp {
	struct endpoint by;       /* the port does not count */
	struct endpoint from, to; /* of the datagram */
	uint8_t type, code;
};
void recorder_icmp(struct recorder *recorder, const struct recorded_icmp *icmp,
		   nanoseconds now);

/* A line of a key log (SSLKEYLOGFILE), without its end. */
void recorder_secret(struct recorder *recorder, struct slice line);

#endif /* IO_RECORDER_H */
