/*
 * Datagrams put together from fragments (RFC 791 3.2, RFC 8200 4.5).
 *
 * Bounds: spec "capture-formats" 3.3.  Where fragments overlap the first one
 * counts.  A fragment that comes twice because two vantages saw it does not
 * begin a new datagram, and one that comes once more behind its datagram is not
 * missed by anybody: no other one may have its number so soon (RFC 6864 4.3).
 */
#ifndef NET_FRAGMENT_H
#define NET_FRAGMENT_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/hash.h"
#include "net/packet.h"

#define FRAGMENT_DATAGRAM_MAX 65535u
#define FRAGMENT_PENDING_MAX 1024u
#define FRAGMENT_PATIENCE (30 * NS_PER_S)
/* So long may copies of a finished datagram's fragments follow it. */
#define FRAGMENT_ECHO (1 * NS_PER_S)
#define FRAGMENT_ECHOES 64u

/* Compared and hashed as bytes: no padding. */
struct fragment_key {
	struct endpoint src, dst; /* port 0 */
	uint32_t id;
	uint32_t protocol; /* IPv4 only, else 0 */
};

struct fragment {
	struct fragment_key key;
	size_t offset;
	bool last;
	uint8_t protocol; /* of the payload; counts at offset 0 */
	struct slice bytes;
	size_t missing; /* bytes of it that the capture lacks */
	struct frame_mark mark;
};

struct datagram {
	struct slice bytes; /* borrows, until fragments_recycle */
	size_t missing;	    /* bytes behind them, that no capture holds */
	uint8_t protocol;
};

/* The beginning of a datagram of UDP whose other fragments did not come. */
struct fragment_rest {
	struct endpoint src, dst; /* port 0 */
	uint16_t id;
	struct slice head; /* borrows, until fragments_recycle */
	struct frame_mark mark;
};

struct fragment_slot;

struct fragments {
	struct fragment_slot *slots[FRAGMENT_PENDING_MAX]; /* made by need */
	uint32_t count;		      /* of slots made */
	struct index index;
	struct fragment_slot *oldest, *newest; /* pending, by age */
	struct fragment_slot *idle;   /* may be used */
	struct fragment_slot *lent;   /* handed out */
	struct fragment_slot *given_up; /* to be told of, the oldest first */
	struct fragment_slot *given_up_last;
	uint64_t key;		      /* of the hash */
	struct fragment_echo {
		uint64_t hash;
		nanoseconds time;
		bool used;
	} echoes[FRAGMENT_ECHOES];
	uint32_t next_echo;
	struct fragment_echo wholes[FRAGMENT_ECHOES]; /* all that ended */
	uint32_t next_whole;

	uint64_t *lost; /* counts datagrams that are given up; may be NULL */
};

/*
 * Takes a fragment in.  STATUS_OK: it completes *out; STATUS_SHORT: it waits,
 * or is a copy of what is there; STATUS_BAD: no fragment can be like this;
 * STATUS_NOMEM.
 */
MUST_CHECK enum status fragments_take(struct fragments *fragments,
				      const struct fragment *in,
				      struct datagram *out);

/* The next beginning that was given up; false: there is none. */
bool fragments_next_rest(struct fragments *fragments,
			 struct fragment_rest *out);

/* What was handed out is not needed any more. */
void fragments_recycle(struct fragments *fragments);

/* Gives up all that is pending. */
void fragments_end(struct fragments *fragments);

void fragments_free(struct fragments *fragments);

#endif /* NET_FRAGMENT_H */
