/*
 * Stage 5: connectivity checks (RFC 8445 7, [MS-ICE2]) and the DTLS handshake
 * that follows.
 *
 * A session is two user fragments seen together in USERNAME, whatever the
 * order; a pair is two endpoints that check each other.  Checks inside TURN
 * are seen from the relayed address, so that they meet the direct ones.
 */
#include "config.h"

#include "flow/stages_state.h"

/* The two halves of USERNAME: receiver's first (RFC 8445 7.2.2). */
struct halves {
	struct slice receiver, sender;
};

/* [MS-ICE] 69 bytes: two ids of 32 and two components, padded with NULs. */
#define MS_ICE_USERNAME 69u
#define MS_ICE_ID 32u

static bool is_ms_ice(struct slice name)
{
	return name.n >= MS_ICE_USERNAME && name.n <= MS_ICE_USERNAME + 3 &&
	       name.p[MS_ICE_ID] == ':' && name.p[MS_ICE_ID + 2] == ':' &&
	       name.p[2 * MS_ICE_ID + 3] == ':';
}

/*
 * "R:L"; [MS-ICE] has "R:1:L:1" in binary; the MSN dialect puts two names of
 * equal length side by side.  Padding NULs do not count.
 */
static bool split_username(struct slice name, struct halves *out)
{
	struct slice rest, first, second, third;

	if (is_ms_ice(name)) {
		*out = (struct halves){
			slice_first(name, MS_ICE_ID),
			slice_cut(name, MS_ICE_ID + 3, MS_ICE_ID)};
		return true;
	}
	while (name.n && name.p[name.n - 1] == 0)
		name.n--;
	rest = name;
	first = slice_split(&rest, ':');
	if (first.n == name.n) {
		*out = (struct halves){slice_first(name, name.n / 2),
				       slice_from(name, name.n / 2)};
		return name.n >= 2 && name.n % 2 == 0;
	}
	second = slice_split(&rest, ':');
	third = slice_split(&rest, ':');
	*out = (struct halves){first, third.n ? third : second};
	return out->receiver.n && out->sender.n;
}

bool is_check(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct pending *p;

	switch (stun->class) {
	case STUN_REQUEST:
		return stun->has_username || stun->has_priority ||
		       stun->has_controlling || stun->has_controlled;
	case STUN_SUCCESS:
	case STUN_ERROR:
		p = pending_find(s, m);
		return p && p->subject == SUBJECT_CHECK;
	case STUN_INDICATION:
		break;
	}
	return false;
}

/* ---- sessions ---- */

static bool same_session(const void *rows, uint32_t row, const void *key)
{
	const struct session *x = (const struct session *)rows + row;
	const struct halves *h = key;

	return (slice_is(h->receiver, x->ufrags[0]) &&
		slice_is(h->sender, x->ufrags[1])) ||
	       (slice_is(h->receiver, x->ufrags[1]) &&
		slice_is(h->sender, x->ufrags[0]));
}

static bool is_plain(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= 0x20 || name.p[i] >= 0x7F || name.p[i] == '\\')
			return false;
	return true;
}

/* Names are binary in old dialects. */
struct slice name_text(struct slice name, struct text *to)
{
	if (is_plain(name))
		return name;
	text_escaped(to, name);
	return text_slice(to);
}

static uint32_t new_session(struct stages *s, const struct message *m,
			    const struct halves *h)
{
	struct list *list = &s->model->sessions;
	struct session *x = list_add(list);

	if (!x)
		return INDEX_NONE;
	x->ufrags[0] = model_text(s->model, h->receiver);
	x->ufrags[1] = model_text(s->model, h->sender);
	x->first_pair = LIST_NONE;
	x->call = LIST_NONE;
	x->restarts = LIST_NONE;
	x->first_candidate = LIST_NONE;
	x->first = place_of(&m->from);
	x->aggressive = m->u.stun->use_candidate;
	return (uint32_t)list->count - 1;
}

static uint32_t find_session(struct stages *s, const struct message *m,
			     const struct halves *h)
{
	uint64_t hash = hash_mix(stages_hash(s, h->receiver) +
				 stages_hash(s, h->sender));
	uint32_t row = index_find(&s->sessions, hash, same_session,
				  s->model->sessions.rows, h);

	if (row != INDEX_NONE)
		return row;
	row = new_session(s, m, h);
	if (row != INDEX_NONE &&
	    index_add(&s->sessions, hash, row) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

static uint32_t session_of(struct stages *s, const struct message *m)
{
	struct text receiver = text_new(NAME_TEXT_MAX);
	struct text sender = text_new(NAME_TEXT_MAX);
	struct halves h;
	uint32_t row;

	if (!split_username(m->u.stun->username, &h))
		return INDEX_NONE;
	h.receiver = name_text(h.receiver, &receiver);
	h.sender = name_text(h.sender, &sender);
	row = find_session(s, m, &h);
	text_free(&receiver);
	text_free(&sender);
	return row;
}

/* ---- pairs ---- */

struct pair_key {
	const struct endpoint *src, *dst;
	uint32_t session;
};

static bool same_pair(const void *rows, uint32_t row, const void *key)
{
	const struct pair *p = (const struct pair *)rows + row;
	const struct pair_key *k = key;

	if (p->session != k->session)
		return false;
	return (endpoint_equal(&p->a, k->src) &&
		endpoint_equal(&p->b, k->dst)) ||
	       (endpoint_equal(&p->a, k->dst) && endpoint_equal(&p->b, k->src));
}

static uint64_t pair_hash(const struct stages *s, const struct pair_key *k)
{
	return hash_mix(stages_hash_ends(s, k->src, k->dst) + k->session);
}

static uint32_t pair_of(struct stages *s, const struct message *m,
			uint32_t session)
{
	struct pair_key k = {&m->from.src, &m->from.dst, session};
	struct list *list = &s->model->pairs;
	uint64_t hash = pair_hash(s, &k);
	uint32_t row = index_find(&s->pairs, hash, same_pair, list->rows, &k);
	struct session *x = list_at(&s->model->sessions, session);
	struct pair *p;

	if (row != INDEX_NONE)
		return row;
	p = list_add(list);
	if (!p)
		return INDEX_NONE;
	row = (uint32_t)list->count - 1;
	p->a = m->from.src;
	p->b = m->from.dst;
	p->session = session;
	p->next = LIST_NONE;
	p->candidates[0] = p->candidates[1] = CHAIN_END;
	p->valid[0] = p->valid[1] = CHAIN_END;
	if (x->first_pair == LIST_NONE)
		x->first_pair = row;
	else
		((struct pair *)list_at(list, x->last_pair))->next = row;
	x->last_pair = row;
	x->pairs++;
	if (index_add(&s->pairs, hash, row) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

static bool inside_turn(const struct origin *from)
{
	for (unsigned i = 0; i < from->wrap_count; i++)
		if (from->wraps[i] == WRAP_SEND ||
		    from->wraps[i] == WRAP_DATA ||
		    from->wraps[i] == WRAP_CHANNEL_DATA)
			return true;
	return false;
}

void integrity_note(struct integrity_counts *counts, enum integrity integrity)
{
	switch (integrity) {
	case INTEGRITY_VERIFIED:
		counts->verified++;
		break;
	case INTEGRITY_BAD:
		counts->bad++;
		break;
	case INTEGRITY_NO_KEY_FITS:
		counts->no_key_fits++;
		break;
	case INTEGRITY_UNCHECKED:
		counts->unchecked++;
		break;
	case INTEGRITY_ABSENT:
		counts->absent++;
		break;
	}
}

static void count_request(struct session *x, struct direction *way,
			  const struct message *m,
			  const struct pending *pending)
{
	struct place place = place_of(&m->from);

	if (way->requests++ == 0)
		way->first = place;
	if (pending->asked.count > way->most_sends)
		way->most_sends = pending->asked.count;
	way->last = place;
	way->nominating += m->u.stun->use_candidate;
	x->requests++;
	x->roles |= m->u.stun->has_controlling || m->u.stun->has_controlled;
}

static void request(struct stages *s, const struct message *m)
{
	struct place place = place_of(&m->from);
	uint32_t session = session_of(s, m);
	struct pending *pending;
	struct session *x;
	struct pair *p;
	uint32_t row;
	unsigned side;

	if (session == INDEX_NONE)
		return;
	row = pair_of(s, m, session);
	if (row == INDEX_NONE)
		return;
	p = list_at(&s->model->pairs, row);
	x = list_at(&s->model->sessions, session);
	side = !endpoint_equal(&p->a, &m->from.src);
	pending = pending_note(s, m);
	/* Clients may nominate with the transaction id of the first check. */
	pending->nominating |= m->u.stun->use_candidate;
	pending->subject = SUBJECT_CHECK;
	pending->row = row;
	pending->side = (uint8_t)side;
	p->relayed |= inside_turn(&m->from);
	x->last = place;
	cite(&p->cited, &place);
	crossings_note(s, m, pending);
	if (!sighting_note(&pending->asked, &m->from))
		return;
	integrity_note(&p->integrity, m->integrity);
	count_request(x, &p->way[side], m, pending);
}

static void success(struct stages *s, const struct message *m, struct pair *p,
		    const struct pending *pending)
{
	struct direction *way = &p->way[pending->side];
	struct session *x = list_at(&s->model->sessions, p->session);
	struct place place = place_of(&m->from);

	if (way->responses++ == 0)
		way->answered = place;
	/* Of a request that was repeated nobody knows which is answered. */
	if (!way->rtt && pending->asked.count == 1)
		way->rtt = m->from.time - pending->asked.time;
	if (x->first_success.frame == 0)
		x->first_success = place;
	p->seen_as[pending->side] = m->u.stun->mapped;
	if (!pending->nominating)
		return;
	way->nominated++;
	if (p->nominated.frame == 0)
		p->nominated = place;
	if (x->nomination.frame == 0)
		x->nomination = place;
}

static void response(struct stages *s, const struct message *m)
{
	struct pending *pending = pending_find(s, m);
	struct place place = place_of(&m->from);
	struct pair *p;

	if (!pending || pending->subject != SUBJECT_CHECK)
		return;
	p = list_at(&s->model->pairs, pending->row);
	cite(&p->cited, &place);
	((struct session *)list_at(&s->model->sessions, p->session))->last =
		place;
	/* RFC 8445 7.2.5.2.1: only an answer from where the request went. */
	if (!endpoint_equal(&m->from.src, pending->side ? &p->a : &p->b)) {
		p->way[pending->side].strays++;
		return;
	}
	crossings_note(s, m, pending);
	if (!sighting_note(&pending->answered, &m->from))
		return;
	integrity_note(&p->integrity, m->integrity);
	if (m->u.stun->class == STUN_SUCCESS) {
		success(s, m, p, pending);
		return;
	}
	p->way[pending->side].errors++;
	p->way[pending->side].last_error = m->u.stun->error;
	if (m->u.stun->error == 487)
		p->way[pending->side].conflicts++;
}

void stage_probing(struct stages *s, const struct message *m)
{
	if (m->u.stun->class == STUN_REQUEST)
		request(s, m);
	else
		response(s, m);
}

/* ---- DTLS ---- */

static bool same_handshake(const void *rows, uint32_t row, const void *key)
{
	const struct handshake *h = (const struct handshake *)rows + row;
	const struct message *m = key;

	return (endpoint_equal(&h->a, &m->from.src) &&
		endpoint_equal(&h->b, &m->from.dst)) ||
	       (endpoint_equal(&h->a, &m->from.dst) &&
		endpoint_equal(&h->b, &m->from.src));
}

static struct handshake *handshake_of(struct stages *s, const struct message *m)
{
	struct list *list = &s->model->handshakes;
	uint64_t hash = stages_hash_ends(s, &m->from.src, &m->from.dst);
	uint32_t row =
		index_find(&s->handshakes, hash, same_handshake, list->rows, m);
	struct handshake *h;

	if (row != INDEX_NONE)
		return list_at(list, row);
	h = list_add(list);
	if (!h)
		return NULL;
	h->a = m->from.src;
	h->b = m->from.dst;
	h->call = LIST_NONE;
	h->first = place_of(&m->from);
	if (index_add(&s->handshakes, hash, (uint32_t)list->count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
	return h;
}

void stage_handshake(struct stages *s, const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	struct handshake *h = handshake_of(s, m);

	if (!h)
		return;
	h->last = place_of(&m->from);
	if (record->content == TLS_HANDSHAKE && record->handshake_readable) {
		h->client_hello |= record->handshake == TLS_CLIENT_HELLO;
		h->server_hello |= record->handshake == TLS_SERVER_HELLO;
	}
	/* What follows ChangeCipherSpec is the Finished message. */
	if (record->content == TLS_CHANGE_CIPHER_SPEC)
		h->finished[!endpoint_equal(&h->a, &m->from.src)] = true;
	h->alert |= record->content == TLS_ALERT && record->alert_readable &&
		    record->alert_level == 2;
}
