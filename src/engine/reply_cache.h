/*
 * Replies that went out over UDP a short while ago, for requests that come
 * again: the same bytes on the same path get the same reply (RFC 8489 6.3.1;
 * RFC 3489 9.2 for [MS-TURN]).
 *
 * A server keeps only replies to who has proved who it is, and only of requests
 * that would be answered otherwise the second time: what would be answered the
 * same way is done again, and costs nothing to remember.  The size is fixed;
 * under load the oldest replies go before their time.
 */
#ifndef ENGINE_REPLY_CACHE_H
#define ENGINE_REPLY_CACHE_H

#include "core/clock.h"
#include "core/slice.h"

#define REPLY_CACHE_BYTES ((size_t)1 << 16)
#define REPLY_CACHE_SLOTS ((size_t)512)
#define REPLY_CACHE_LIFE (40 * NS_PER_S) /* RFC 8489 6.3.1 */

struct reply_slot {
	uint64_t key;
	uint64_t at; /* its first byte, counted over all that were kept */
	nanoseconds time;
	uint32_t size; /* 0: free */
};

/* All zero is empty; memory comes with the first reply. */
struct reply_cache {
	uint8_t *bytes;
	struct reply_slot *slots;
	uint64_t written;
};

void reply_cache_free(struct reply_cache *c);

/* Without memory it is not kept; nor is one longer than an eighth of all. */
void reply_cache_keep(struct reply_cache *c, uint64_t key, struct slice reply,
		      nanoseconds now);

/* Empty where there is none.  Good until the next is kept. */
struct slice reply_cache_find(const struct reply_cache *c, uint64_t key,
			      nanoseconds now);

#endif /* ENGINE_REPLY_CACHE_H */
