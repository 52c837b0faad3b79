/* Which ends did a message have that a log shows without them? */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/clocks.h"
#include "flow/shared_ends.h"
#include "model/list.h"

struct seen_ends {
	uint64_t key;
	struct endpoint src, dst;
	uint8_t transport;
};

struct shared_ends {
	struct list seen;   /* struct seen_ends: messages of captures */
	struct index index; /* of these, by key */
	struct list wanted; /* uint64_t: keys of messages that lack an end */
};

struct shared_ends *shared_ends_new(void)
{
	struct shared_ends *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->seen = list_of(sizeof(struct seen_ends), SHARED_ENDS_MAX);
	e->wanted = list_of(sizeof(uint64_t), SHARED_ENDS_MAX);
	return e;
}

void shared_ends_free(struct shared_ends *e)
{
	if (!e)
		return;
	list_free(&e->seen);
	list_free(&e->wanted);
	index_free(&e->index);
	free(e);
}

static bool lacks_end(const struct origin *from)
{
	return from->src.family == FAMILY_NONE ||
	       from->dst.family == FAMILY_NONE;
}

/* 0: it is no message of SIP, or has nothing to know it by. */
static uint64_t key_of(const struct message *m)
{
	return m->kind == MESSAGE_SIP && m->u.sip->call_id.n
		       ? clocks_sip_key(m->u.sip)
		       : 0;
}

static bool same_key(const void *rows, uint32_t row, const void *key)
{
	return ((const struct seen_ends *)rows)[row].key ==
	       *(const uint64_t *)key;
}

static const struct seen_ends *find(const struct shared_ends *e, uint64_t key)
{
	uint32_t row = index_find(&e->index, key, same_key, e->seen.rows, &key);

	return row == INDEX_NONE ? NULL : list_at(&e->seen, row);
}

static void take_wanted(struct shared_ends *e, uint64_t key)
{
	uint64_t *added = list_add(&e->wanted);

	if (added)
		*added = key;
}

void shared_ends_take(struct shared_ends *e, const struct message *m)
{
	uint64_t key = key_of(m);
	struct seen_ends *added;

	if (key == 0)
		return;
	if (m->from.logged) {
		if (lacks_end(&m->from))
			take_wanted(e, key);
		return;
	}
	if (find(e, key))
		return;
	added = list_add(&e->seen);
	if (!added)
		return;
	*added = (struct seen_ends){key, m->from.src, m->from.dst,
				    (uint8_t)m->from.transport};
	/* What is not in the index is not found: that is all. */
	(void)!index_add(&e->index, key, (uint32_t)e->seen.count - 1);
}

bool shared_ends_help(const struct shared_ends *e)
{
	const uint64_t *keys = e->wanted.rows;

	for (size_t i = 0; i < e->wanted.count; i++)
		if (find(e, keys[i]))
			return true;
	return false;
}

static bool fits(const struct endpoint *told, const struct endpoint *seen)
{
	return told->family == FAMILY_NONE || endpoint_equal(told, seen);
}

bool shared_ends_fill(const struct shared_ends *e, const struct message *m,
		      struct origin *out)
{
	const struct seen_ends *seen;

	if (!m->from.logged || !lacks_end(&m->from))
		return false;
	seen = find(e, key_of(m));
	if (!seen || !fits(&m->from.src, &seen->src) ||
	    !fits(&m->from.dst, &seen->dst))
		return false;
	*out = m->from;
	out->src = out->outer_src = seen->src;
	out->dst = out->outer_dst = seen->dst;
	if (out->transport_guessed) {
		out->transport = seen->transport;
		out->transport_guessed = false;
	}
	return true;
}
