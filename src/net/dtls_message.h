/*
 * Handshake messages of DTLS: put together from fragments, which come in any
 * order and again (RFC 6347 4.2.2, 4.2.3).
 */
#ifndef NET_DTLS_MESSAGE_H
#define NET_DTLS_MESSAGE_H

#include "dissectors/tls.h"

#define DTLS_MESSAGE_HEAD 12u
/* Bytes of a message that is put together. */
#define DTLS_MESSAGE_MAX 16384u
/* Messages of one side that wait for a fragment or for their turn, and what
 * those of all connections may take. */
#define DTLS_WAITING_MAX 8u
#define DTLS_WAITING_BYTES_MAX ((size_t)64 << 20)

struct dtls_message {
	uint8_t type;
	uint16_t number; /* message_seq */
	uint32_t length, missing;
	uint8_t *bytes; /* the head, `length` bytes, then a mark for each of
			 * these: it is there; NULL: nothing */
};

/* The message that a fragment is of, without its bytes.  False: it is too
 * long, or memory is out. */
MUST_CHECK bool dtls_message_begin(struct dtls_message *m,
				   const struct dtls_fragment *part);
/* The bytes of a fragment, when it has the type and length of the message. */
void dtls_message_add(struct dtls_message *m, const struct dtls_fragment *part);
void dtls_message_free(struct dtls_message *m);

/* Of a message of which nothing is missing: with a head as if it had come in
 * one fragment, and without. */
struct slice dtls_message_whole(const struct dtls_message *m);
struct slice dtls_message_body(const struct dtls_message *m);

/* The messages of one side in one handshake; all zero to begin with. */
struct dtls_flight {
	struct dtls_message *waiting; /* DTLS_WAITING_MAX, or NULL */
	uint16_t next;                /* the number whose turn it is */
	uint64_t taken;               /* bits of the first numbers */
};

/* Takes a fragment in, unless its message was taken before.  *bytes: what the
 * messages of all connections take. */
void dtls_flight_put(struct dtls_flight *f, const struct dtls_fragment *part,
		     size_t *bytes);

/* The next whole message: in its turn, or (`late`) of those that wait for what
 * is missing, too.  False: there is none.  It is given to the caller. */
bool dtls_flight_take(struct dtls_flight *f, bool late, size_t *bytes,
		      struct dtls_message *out);

/* Forgets all: another handshake begins. */
void dtls_flight_reset(struct dtls_flight *f, size_t *bytes);

#endif /* NET_DTLS_MESSAGE_H */
