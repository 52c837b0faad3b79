/*
 * STUN requests that wait for their answers: a table of fixed size, in sets of
 * a few rows of which one that is answered, or the oldest, makes room.
 */
#include "config.h"

#include "flow/stages_state.h"

struct pending *pending_set(struct stages *s, const uint8_t id[16])
{
	uint64_t hash = stages_hash(s, slice_of(id, 16));

	return s->pending + (hash & (PENDING_SETS - 1)) * PENDING_WAYS;
}

/* Some clients ask several servers with one id: the one that answers is
 * preferred, then whichever was asked last. */
struct pending *pending_find(struct stages *s, const struct message *m)
{
	struct pending *set = pending_set(s, m->u.stun->id);
	struct pending *best = NULL;

	for (size_t i = 0; i < PENDING_WAYS; i++) {
		struct pending *row = &set[i];

		if (!row->used || memcmp(row->id, m->u.stun->id, 16) != 0 ||
		    !endpoint_equal(&row->client, &m->from.dst))
			continue;
		if (endpoint_equal(&row->server, &m->from.src))
			return row;
		if (!best || row->asked.time > best->asked.time)
			best = row;
	}
	return best;
}

static struct pending *same_request(struct pending *set,
				    const struct message *m)
{
	for (size_t i = 0; i < PENDING_WAYS; i++)
		if (set[i].used && memcmp(set[i].id, m->u.stun->id, 16) == 0 &&
		    endpoint_equal(&set[i].client, &m->from.src) &&
		    endpoint_equal(&set[i].server, &m->from.dst))
			return &set[i];
	return NULL;
}

/* Clients that ask several servers with one id do so at one vantage. */
struct pending *pending_twin(struct stages *s, const struct message *m)
{
	struct pending *set = pending_set(s, m->u.stun->id);

	for (size_t i = 0; i < PENDING_WAYS; i++) {
		struct pending *row = &set[i];

		if (row->used && row->home != m->from.vantage &&
		    memcmp(row->id, m->u.stun->id, 16) == 0 &&
		    !(endpoint_equal(&row->client, &m->from.src) &&
		      endpoint_equal(&row->server, &m->from.dst)))
			return row;
	}
	return NULL;
}

bool pending_seen(struct stages *s, const struct message *m)
{
	return same_request(pending_set(s, m->u.stun->id), m) != NULL;
}

/* One that is answered, then the oldest. */
static bool is_better_to_lose(const struct pending *a, const struct pending *b)
{
	bool answered_a = a->answered.count != 0;
	bool answered_b = b->answered.count != 0;

	return answered_a != answered_b ? answered_a
					: a->asked.time < b->asked.time;
}

struct pending *pending_note(struct stages *s, const struct message *m)
{
	struct pending *set = pending_set(s, m->u.stun->id);
	struct pending *row = same_request(set, m);

	if (row)
		return row;
	row = set;
	for (size_t i = 0; i < PENDING_WAYS && row->used; i++)
		if (!set[i].used || is_better_to_lose(&set[i], row))
			row = &set[i];
	if (row->used && row->answered.count == 0 &&
	    m->from.time - row->asked.time < PENDING_LIFE)
		s->model->requests_forgotten++;
	*row = (struct pending){
		.used = true,
		.client = m->from.src,
		.server = m->from.dst,
		.home = m->from.vantage,
		.path = CHAIN_END,
	};
	memcpy(row->id, m->u.stun->id, 16);
	return row;
}

static bool is_wrapped(const struct origin *from)
{
	for (unsigned i = 0; i < from->wrap_count; i++)
		if (from->wraps[i] == WRAP_SEND ||
		    from->wraps[i] == WRAP_DATA ||
		    from->wraps[i] == WRAP_CHANNEL_DATA)
			return true;
	return false;
}

/* What was seen there, a new row for a new place; NULL when there is none. */
static struct sighted *sighted_at(struct sighting *seen, uint32_t vantage,
				  bool wrapped)
{
	for (size_t i = 0; i < SIGHTING_PLACES; i++) {
		struct sighted *at = &seen->places[i];

		if (at->count == 0)
			*at = (struct sighted){.vantage = vantage,
					       .wrapped = wrapped};
		if (at->vantage == vantage && at->wrapped == wrapped)
			return at;
	}
	return NULL;
}

bool sighting_note(struct sighting *seen, const struct origin *from)
{
	struct sighted *at = sighted_at(seen, from->vantage, is_wrapped(from));

	if (!at || (at->count && from->time - at->time < COPY_WINDOW) ||
	    at->count == UINT16_MAX)
		return false;
	at->time = from->time;
	if (++at->count <= seen->count)
		return false;
	seen->count = at->count;
	seen->time = from->time;
	return true;
}
