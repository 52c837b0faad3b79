/*
 * STUN requests that wait for their answers: the newest ones, found by
 * transaction id.
 */
#include "config.h"

#include "flow/stages_state.h"

struct pending_search {
	const struct recent *pending;
	const uint8_t *id;
	struct pending_set *set;
};

/* Collects; goes on until the set is full. */
static bool same_id(const void *rows, uint32_t row, const void *key)
{
	const struct pending *p = (const struct pending *)rows + row;
	const struct pending_search *k = key;

	if (memcmp(p->id, k->id, sizeof(p->id)) == 0)
		k->set->rows[k->set->count++] = recent_at(k->pending, row);
	return k->set->count == PENDING_SAME_MAX;
}

static uint64_t id_hash(const struct stages *s, const uint8_t id[16])
{
	return stages_hash(s, slice_of(id, 16));
}

struct pending_set pending_with(const struct stages *s, const uint8_t id[16])
{
	struct pending_set set = {.count = 0};
	struct pending_search k = {&s->pending, id, &set};

	(void)recent_find(&s->pending, id_hash(s, id), same_id, &k);
	return set;
}

/* Each message asks several times. */
const struct pending_set *pending_same(struct stages *s,
				       const struct message *m)
{
	if (s->same_id_of != m) {
		s->same_id = pending_with(s, m->u.stun->id);
		s->same_id_of = m;
	}
	return &s->same_id;
}

/* The answer to a check that a relay sent, from where it was sent to: its
 * relayed address is told only now. */
static bool is_at_relay(const struct stages *s, const struct pending *row,
			const struct message *m)
{
	return row->hidden && m->from.wrap_count &&
	       stages_is_src(s, &m->from, row->server);
}

/* Some clients ask several servers with one id: the one that answers is
 * preferred, then whichever was asked last. */
struct pending *pending_find(struct stages *s, const struct message *m)
{
	const struct pending_set *set = pending_same(s, m);
	struct pending *best = NULL;

	for (size_t i = 0; i < set->count; i++) {
		struct pending *row = set->rows[i];

		if (!stages_is_dst(s, &m->from, row->client) &&
		    !is_at_relay(s, row, m))
			continue;
		if (stages_is_src(s, &m->from, row->server))
			return row;
		if (!best || row->asked.time > best->asked.time)
			best = row;
	}
	return best;
}

static bool is_between(const struct stages *s, const struct pending *row,
		       const struct message *m)
{
	return stages_is_src(s, &m->from, row->client) &&
	       stages_is_dst(s, &m->from, row->server);
}

static struct pending *same_request(struct stages *s, const struct message *m)
{
	const struct pending_set *set = pending_same(s, m);

	for (size_t i = 0; i < set->count; i++)
		if (is_between(s, set->rows[i], m))
			return set->rows[i];
	return NULL;
}

/* One capture may hold both sides of a NAT, too.  Ids that a poor client never
 * changes come from several hosts as well, but not at once. */
static bool is_behind_nat(const struct stages *s, const struct pending *row,
			  const struct message *m)
{
	return stages_is_dst(s, &m->from, row->server) &&
	       m->from.time - row->asked.time < COPY_WINDOW;
}

/* Clients that ask several servers with one id do so at one vantage.  The row
 * that is counted is preferred to copies of it. */
struct pending *pending_twin(struct stages *s, const struct message *m)
{
	const struct pending_set *set = pending_same(s, m);
	struct pending *best = NULL;

	for (size_t i = 0; i < set->count; i++) {
		struct pending *row = set->rows[i];

		if (is_between(s, row, m) ||
		    (row->home == m->from.vantage && !is_behind_nat(s, row, m)))
			continue;
		if (!best || (best->copy && !row->copy))
			best = row;
	}
	return best;
}

bool pending_seen(struct stages *s, const struct message *m)
{
	return same_request(s, m) != NULL;
}

struct pending *pending_note(struct stages *s, const struct message *m)
{
	struct pending *row = same_request(s, m);
	const struct pending *old;

	if (row)
		return row;
	old = recent_oldest(&s->pending, m->from.time);
	if (old && old->answered.count == 0 &&
	    m->from.time - old->asked.time < PENDING_LIFE)
		s->model->requests_forgotten++;
	row = recent_add(&s->pending, id_hash(s, m->u.stun->id), m->from.time);
	s->same_id_of = NULL;
	row->client = stages_src(s, &m->from);
	row->server = stages_dst(s, &m->from);
	row->home = m->from.vantage;
	row->path = CHAIN_END;
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

#define VANTAGES 0x7FFFFFFFu

/* What was seen there, a new row for a new place; NULL when there is none. */
static struct sighted *sighted_at(struct sighting *seen, uint32_t vantage,
				  bool wrapped)
{
	for (size_t i = 0; i < SIGHTING_PLACES; i++) {
		struct sighted *at = &seen->places[i];

		if (at->count == 0)
			*at = (struct sighted){.vantage = vantage & VANTAGES,
					       .wrapped = wrapped};
		if (at->vantage == vantage && at->wrapped == wrapped)
			return at;
	}
	return NULL;
}

/* What is repeated sooner than a mirror port shows the first is followed by
 * copies of both. */
static bool is_copy(const struct sighted *at, const struct origin *from)
{
	nanoseconds gap = from->time - at->time;

	return is_copied(gap, at->datagram[0], from->datagram) ||
	       (at->count > 1 &&
		is_copied(gap, at->datagram[1], from->datagram));
}

bool sighting_note(struct sighting *seen, const struct origin *from)
{
	struct sighted *at = sighted_at(seen, from->vantage, is_wrapped(from));

	if (!at || at->count == UINT16_MAX || (at->count && is_copy(at, from)))
		return false;
	at->time = from->time;
	at->datagram[1] = at->datagram[0];
	at->datagram[0] = from->datagram;
	if (++at->count <= seen->count)
		return false;
	seen->count = at->count;
	seen->time = from->time;
	return true;
}

bool answer_note(struct pending *p, const struct origin *from)
{
	return sighting_note(&p->answered, from) &&
	       p->answered.count <= p->asked.count;
}
