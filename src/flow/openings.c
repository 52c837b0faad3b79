/*
 * What lets peers through a relay: permissions by address for five minutes,
 * channels by number and port for ten (RFC 8656 9 and 12), both renewed.  A
 * relay of [MS-TURN] lets in whom its client sends to.
 */
#include "config.h"

#include "flow/stages_state.h"

#define PERMISSION_LIFE (300 * NS_PER_S)
#define CHANNEL_LIFE (600 * NS_PER_S)
#define ATTRIBUTE_PEER 0x0012
#define PEERS_MAX 64u /* of one request */

struct opening_key {
	end_number peer;
	unsigned channel;
	uint32_t allocation;
};

static uint64_t opening_hash(const struct stages *s,
			     const struct opening_key *k)
{
	return hash_mix(
		hash_mix(s->key + ((uint64_t)k->allocation << 32 | k->peer)) +
		k->channel);
}

static bool same_opening(const void *rows, uint32_t row, const void *key)
{
	const struct opening *o = (const struct opening *)rows + row;
	const struct opening_key *k = key;

	return o->allocation == k->allocation && o->channel == k->channel &&
	       o->peer == k->peer;
}

static void add_opening(struct stages *s, const struct opening_key *k,
			place_number place, nanoseconds life)
{
	struct list *list = &s->model->openings;
	struct allocation *a = list_at(&s->model->allocations, k->allocation);
	struct opening *o = list_add(list);
	uint32_t *next = NULL;

	if (!o)
		return;
	*o = (struct opening){.peer = k->peer,
			      .channel = k->channel,
			      .to = place_time(s->model, place) + life,
			      .granted = place,
			      .allocation = k->allocation,
			      .next = CHAIN_END};
	if (a->openings.count)
		next = &((struct opening *)list_at(list, a->openings.last))
				->next;
	model_chain(&a->openings, (uint32_t)list->count - 1, next);
	if (index_add(&s->openings, opening_hash(s, k),
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* One that ran out before it was renewed stays as it was. */
static void open_to(struct stages *s, const struct opening_key *k,
		    place_number place, nanoseconds life)
{
	struct list *list = &s->model->openings;
	uint64_t hash = opening_hash(s, k);
	uint32_t row =
		index_find(&s->openings, hash, same_opening, list->rows, k);
	struct opening *o = row == INDEX_NONE ? NULL : list_at(list, row);

	if (o && place_time(s->model, place) <= o->to) {
		o->to = place_time(s->model, place) + life;
		return;
	}
	if (o)
		index_remove(&s->openings, hash, row);
	add_opening(s, k, place, life);
}

/* 0: it is none. */
static end_number host_of(struct stages *s, const struct endpoint *peer)
{
	struct endpoint host = *peer;

	host.port = 0;
	return model_end(s->model, &host);
}

static void permit(struct stages *s, uint32_t allocation, end_number host,
		   place_number place)
{
	struct opening_key k = {host, 0, allocation};

	if (k.peer)
		open_to(s, &k, place, PERMISSION_LIFE);
}

/* ---- what a request asks for ---- */

static void ask_more(struct stages *s, struct pending *p,
		     const struct endpoint *peer)
{
	struct more_peer *more = list_add(&s->more_peers);

	if (!more) {
		s->model->openings.refused++;
		return;
	}
	*more = (struct more_peer){host_of(s, peer), p->more};
	p->more = (uint32_t)s->more_peers.count - 1;
}

void openings_ask(struct stages *s, struct pending *p,
		  const struct stun_message *stun)
{
	unsigned seen = 0;

	if (p->asked.count)
		return; /* the same request again */
	p->peer = model_end(s->model, &stun->peer);
	p->channel = stun->has_channel ? stun->channel : 0;
	p->more = CHAIN_END;
	if (stun->method != STUN_CREATE_PERMISSION)
		return;
	for (size_t i = 0; i < stun->attribute_count && seen < PEERS_MAX; i++) {
		const struct stun_attribute *a = &stun->attributes[i];
		struct endpoint peer;

		if (a->type == ATTRIBUTE_PEER && !a->ignored &&
		    stun_address(stun, a, &peer) == STATUS_OK && seen++)
			ask_more(s, p, &peer);
	}
}

void openings_grant(struct stages *s, const struct pending *p,
		    place_number place)
{
	const struct more_peer *rows = s->more_peers.rows;
	struct opening_key k = {.channel = p->channel, .allocation = p->row};

	if (p->method == STUN_CHANNEL_BIND && p->channel) {
		k.peer = p->peer;
		open_to(s, &k, place, CHANNEL_LIFE);
	}
	permit(s, p->row, host_of(s, end_at(s->model, p->peer)), place);
	for (uint32_t i = p->more; i != CHAIN_END; i = rows[i].next)
		permit(s, p->row, rows[i].host, place);
}

void openings_send(struct stages *s, uint32_t allocation,
		   const struct endpoint *peer, place_number place)
{
	const struct allocation *a =
		list_at(&s->model->allocations, allocation);
	struct opening_key k = {host_of(s, peer), 0, allocation};

	if (k.peer && a->until > place_time(s->model, place))
		open_to(s, &k, place, a->until - place_time(s->model, place));
}

void openings_end(struct stages *s, const struct allocation *a, nanoseconds end)
{
	struct opening *rows = s->model->openings.rows;
	uint32_t at = a->openings.count ? a->openings.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next) {
		nanoseconds from = place_time(s->model, rows[at].granted);

		if (rows[at].to > end)
			rows[at].to = end > from ? end : from;
	}
}
