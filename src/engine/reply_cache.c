/* A ring of replies, and where each stands in it. */
#include "config.h"

#include <stdlib.h>

#include "engine/reply_cache.h"

void reply_cache_free(struct reply_cache *c)
{
	free(c->bytes);
	free(c->slots);
	*c = (struct reply_cache){0};
}

static bool has_memory(struct reply_cache *c)
{
	if (!c->bytes)
		c->bytes = malloc(REPLY_CACHE_BYTES);
	if (!c->slots)
		c->slots = calloc(REPLY_CACHE_SLOTS, sizeof(*c->slots));
	return c->bytes && c->slots;
}

static struct reply_slot *slot_of(const struct reply_cache *c, uint64_t key)
{
	return &c->slots[key % REPLY_CACHE_SLOTS];
}

/* A reply stands in one piece: what is left at the end stays free. */
void reply_cache_keep(struct reply_cache *c, uint64_t key, struct slice reply,
		      nanoseconds now)
{
	size_t at = c->written % REPLY_CACHE_BYTES;

	if (!reply.n || reply.n > REPLY_CACHE_BYTES / 8 || !has_memory(c))
		return;
	if (at + reply.n > REPLY_CACHE_BYTES) {
		c->written += REPLY_CACHE_BYTES - at;
		at = 0;
	}
	memcpy(c->bytes + at, reply.p, reply.n);
	*slot_of(c, key) = (struct reply_slot){.key = key,
					       .at = c->written,
					       .time = now,
					       .size = (uint32_t)reply.n};
	c->written += reply.n;
}

struct slice reply_cache_find(const struct reply_cache *c, uint64_t key,
			      nanoseconds now)
{
	const struct reply_slot *slot = c->slots ? slot_of(c, key) : NULL;

	if (!slot || !slot->size || slot->key != key ||
	    now - slot->time >= REPLY_CACHE_LIFE ||
	    c->written - slot->at > REPLY_CACHE_BYTES)
		return (struct slice){0};
	return slice_of(c->bytes + slot->at % REPLY_CACHE_BYTES, slot->size);
}
