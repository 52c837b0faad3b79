/*
 * Facts of the talk with a relay: how requests are repeated, which nonces and
 * algorithms are used where, connections for data (RFC 6062) and tickets
 * (RFC 8016).
 *
 * Only of RFC 8489 and 8656: [MS-TURN] and Google's dialect have timers and
 * nonces of their own.
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/stun_integrity.h"
#include "flow/facts.h"

#define ACCESS_TOKEN 0x001B
#define CONNECTION_ID 0x002A
#define PASSWORD_ALGORITHMS 0x8002
#define THIRD_PARTY_AUTHORIZATION 0x802E
#define MOBILITY_TICKET 0x8030

/* The shortest first interval of any profile is 100 ms (RFC 3489 9.3). */
#define RESENT_SOON (90 * NS_PER_MS)
/* After the last of its requests a client waits 16 times RTO (RFC 8489
 * 6.2.1), which is half a second. */
#define PATIENCE (8 * NS_PER_S)
/* RFC 8656 5. */
#define NONCE_LIFE (3600 * NS_PER_S)
/* RFC 6062 5.3. */
#define BIND_LIFE (30 * NS_PER_S)

static bool is_rfc(const struct stun_message *stun)
{
	return stun->dialect == STUN_RFC || stun->dialect == STUN_TURN;
}

static uint32_t value_hash(const struct stages *s,
			   const struct stun_message *stun, uint16_t type)
{
	const struct stun_attribute *a = stun_find(stun, type);

	return a && a->value.n ? short_hash(s, a->value) | 1 : 0;
}

/* ---- what is kept for a while, of all allocations ---- */

static void keep(struct stages *s, enum issued_kind kind, uint64_t value,
		 uint32_t allocation, const struct message *m)
{
	struct issued *row = &s->issued[s->next_issued++ % ISSUED_ROWS];

	*row = (struct issued){
		.value = value,
		.client = m->from.dst,
		.time = m->from.time,
		.allocation = allocation,
		.kind = (uint8_t)kind,
	};
}

/* The newest one, that was given to this client if there is one. */
static const struct issued *issued_of(const struct stages *s,
				      enum issued_kind kind, uint64_t value,
				      const struct endpoint *client)
{
	const struct issued *best = NULL;

	for (size_t i = 0; i < ISSUED_ROWS; i++) {
		const struct issued *row = &s->issued[i];

		if (row->kind != kind || row->value != value)
			continue;
		if (client && endpoint_equal(&row->client, client))
			return row;
		if (!best || row->time > best->time)
			best = row;
	}
	return best;
}

/* ---- requests ---- */

/* Equal for equal bytes; few others have the same length and the same end,
 * where integrity or fingerprint stand. */
static uint32_t sign_of(const struct stun_message *stun)
{
	struct cursor c = cursor_over(stun->whole);

	cursor_skip(&c, stun->whole.n >= 4 ? stun->whole.n - 4 : 0);
	return (cursor_u32(&c) ^ (uint32_t)stun->whole.n << 8) | 1;
}

static void again(struct stages *s, struct allocation *a,
		  const struct message *m, const struct pending *p,
		  nanoseconds before)
{
	nanoseconds gap = m->from.time - before;

	if (p->first_method != m->u.stun->method)
		facts_note(s, &a->facts, FACT_ID_REUSED, m->u.stun->method, m);
	else if (!m->u.stun->cut && p->sign && p->sign != sign_of(m->u.stun))
		facts_note(s, &a->facts, FACT_RESENT_OTHERWISE,
			   m->u.stun->method, m);
	else if (m->from.transport != TRANSPORT_UDP)
		facts_note(s, &a->facts, FACT_RESENT_ON_STREAM, 0, m);
	else if (gap < RESENT_SOON)
		facts_note(s, &a->facts, FACT_RESENT_SOON,
			   (uint32_t)(gap / NS_PER_MS), m);
}

/* Of one that the relay gave to this allocation the age, else to whom it gave
 * it. */
static void use_nonce(struct stages *s, struct allocation *a,
		      const struct message *m, struct pending *p)
{
	const struct stun_message *stun = m->u.stun;
	uint32_t hash = short_hash(s, stun->nonce);
	const struct fact *f = fact_with(s->model, &a->facts, FACT_NONCE, hash);
	const struct issued *given;

	if (f) {
		p->nonce_old = m->from.time - place_time(s->model, f->first) >
			       NONCE_LIFE;
		return;
	}
	given = a->requests ? NULL
			    : issued_of(s, ISSUED_NONCE, hash, &m->from.src);
	if (given && !endpoint_equal(&given->client, &m->from.src))
		facts_note(s, &a->facts, FACT_NONCE_ELSEWHERE,
			   endpoint_same_ip(&given->client, &m->from.src), m);
}

static void use_algorithms(struct stages *s, struct allocation *a,
			   const struct message *m)
{
	uint32_t hash = value_hash(s, m->u.stun, PASSWORD_ALGORITHMS);

	if (hash && fact_of(s->model, &a->facts, FACT_ALGORITHMS) &&
	    !fact_with(s->model, &a->facts, FACT_ALGORITHMS, hash))
		facts_note(s, &a->facts, FACT_ALGORITHMS_DIFFER, 0, m);
}

/* RFC 7635 6.2: a nonce with its length, then what AEAD made of a key of 20 or
 * 32 bytes with its length, a time and a lifetime. */
#define TOKEN_SEALED_MIN (2u + 20u + 8u + 4u)
#define TOKEN_NONCE_MAX 32u

static void use_token(struct stages *s, struct allocation *a,
		      const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	const struct stun_attribute *token = stun_find(stun, ACCESS_TOKEN);
	struct cursor c;
	uint16_t nonce;

	if (!token)
		return;
	c = cursor_over(token->value);
	nonce = cursor_u16(&c);
	facts_note(s, &a->facts, FACT_ACCESS_TOKEN, 0, m);
	if (c.bad || nonce == 0 || nonce > TOKEN_NONCE_MAX ||
	    c.left < (size_t)nonce + TOKEN_SEALED_MIN)
		facts_note(s, &a->facts, FACT_TOKEN_SIZE,
			   (uint32_t)token->value.n, m);
	if (!stun->has_username)
		facts_note(s, &a->facts, FACT_TOKEN_NAMELESS, 0, m);
	if (fact_of(s->model, &a->facts, FACT_NONCE) &&
	    !fact_of(s->model, &a->facts, FACT_TOKEN_WANTED))
		facts_note(s, &a->facts, FACT_TOKEN_UNASKED, 0, m);
}

/* The client has moved, and the relay serves it there (RFC 8016 3.2). */
static void from_old_place(struct stages *s, struct allocation *a,
			   const struct message *m, const struct pending *p)
{
	const struct fact *f = fact_of(s->model, &a->facts, FACT_MOVED);

	if (f && !p->moves &&
	    endpoint_equal(&m->from.src, end_at(s->model, a->client)))
		facts_note(s, &a->facts, FACT_OLD_PLACE, 0, m);
}

void turn_asks_anew(struct stages *s, struct allocation *a,
		    const struct message *m, struct pending *p)
{
	const struct stun_message *stun = m->u.stun;

	if (!p->answered.count || !p->sign || p->sign == sign_of(stun) ||
	    stun->cut || !stun_has_integrity(stun) ||
	    p->first_method != stun->method)
		return;
	facts_note(s, &a->facts, FACT_RESENT_OTHERWISE, stun->method, m);
	p->asked = p->answered = (struct sighting){.count = 0};
}

void turn_request(struct stages *s, struct allocation *a,
		  const struct message *m, struct pending *p,
		  nanoseconds before)
{
	const struct stun_message *stun = m->u.stun;

	if (!is_rfc(stun))
		return;
	if (p->asked.count > 1) {
		again(s, a, m, p, before);
		return;
	}
	p->sign = sign_of(stun);
	p->first_method = (uint16_t)stun->method;
	if (stun->method == STUN_CONNECTION_BIND)
		facts_note(s, &a->facts, FACT_BIND_ON_CONTROL, 0, m);
	if (stun->method == STUN_REFRESH)
		p->ticket = value_hash(s, stun, MOBILITY_TICKET);
	if (stun->has_nonce)
		use_nonce(s, a, m, p);
	use_algorithms(s, a, m);
	use_token(s, a, m);
	from_old_place(s, a, m, p);
}

/* Over a connection of its own, which is known by the number only. */
void turn_bind(struct stages *s, const struct message *m)
{
	uint32_t id = value_hash(s, m->u.stun, CONNECTION_ID);
	const struct issued *given =
		id ? issued_of(s, ISSUED_CONNECTION, id, NULL) : NULL;
	struct allocation *a;

	if (!given || m->from.time - given->time <= BIND_LIFE)
		return;
	a = list_at(&s->model->allocations, given->allocation);
	facts_note(s, &a->facts, FACT_BIND_LATE,
		   (uint32_t)((m->from.time - given->time) / NS_PER_S), m);
}

/* ---- answers ---- */

/* RFC 8489 9.2, 18.1: "obMatJos2" and 24 bits in base64; the first of them
 * says that PASSWORD-ALGORITHMS comes with the nonce. */
static bool nonce_promises_algorithms(struct slice nonce)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
	const uint8_t *first = nonce.p + 9;

	/* Values of 32 and more have the highest of six bits. */
	return nonce.n >= 13 && slice_starts(nonce, SLICE("obMatJos2")) &&
	       !memchr(letters, *first, sizeof(letters) - 1);
}

static void challenge(struct stages *s, struct allocation *a, uint32_t number,
		      const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	uint32_t hash = short_hash(s, stun->nonce);
	uint32_t offered = value_hash(s, stun, PASSWORD_ALGORITHMS);

	facts_note(s, &a->facts, FACT_NONCE, hash, m);
	keep(s, ISSUED_NONCE, hash, number, m);
	if (offered)
		facts_note(s, &a->facts, FACT_ALGORITHMS, offered, m);
	else if (nonce_promises_algorithms(stun->nonce))
		facts_note(s, &a->facts, FACT_BID_DOWN, 0, m);
	if (stun_find(stun, THIRD_PARTY_AUTHORIZATION))
		facts_note(s, &a->facts, FACT_TOKEN_WANTED, 0, m);
}

static void success(struct stages *s, struct allocation *a,
		    const struct message *m, const struct pending *p)
{
	if (p->nonce_old)
		facts_note(s, &a->facts, FACT_NONCE_OLD, 0, m);
	if (p->moves)
		facts_note(s, &a->facts, FACT_MOVED, 0, m);
	/* A request that was sent again is answered again, as it should be. */
	if (!p->ticket || p->answered.count > 1)
		return;
	if (fact_with(s->model, &a->facts, FACT_TICKET_USED, p->ticket))
		facts_note(s, &a->facts, FACT_TICKET_AGAIN, 0, m);
	facts_note(s, &a->facts, FACT_TICKET_USED, p->ticket, m);
}

static void note_connection(struct stages *s, uint32_t number,
			    const struct message *m)
{
	uint32_t id = value_hash(s, m->u.stun, CONNECTION_ID);

	if (id)
		keep(s, ISSUED_CONNECTION, id, number, m);
}

/* Where one place shows the requests and another one the answers, nothing tells
 * how far their clocks are apart. */
static bool was_asked_here(const struct pending *p, const struct message *m)
{
	for (size_t i = 0; i < SIGHTING_PLACES; i++)
		if (p->asked.places[i].count &&
		    p->asked.places[i].vantage == m->from.vantage)
			return true;
	return false;
}

void turn_answer(struct stages *s, const struct message *m,
		 const struct pending *p)
{
	const struct stun_message *stun = m->u.stun;
	struct allocation *a = list_at(&s->model->allocations, p->row);
	nanoseconds waited = m->from.time - p->asked.time;

	if (!is_rfc(stun))
		return;
	if (waited > PATIENCE && m->from.transport == TRANSPORT_UDP &&
	    was_asked_here(p, m))
		facts_note(s, &a->facts, FACT_ANSWER_LATE,
			   (uint32_t)(waited / NS_PER_S), m);
	if ((stun->error == 401 || stun->error == 438) && stun->has_nonce)
		challenge(s, a, p->row, m);
	if (stun->class != STUN_SUCCESS)
		return;
	success(s, a, m, p);
	if (p->method == STUN_CONNECT)
		note_connection(s, p->row, m);
}

void turn_attempt(struct stages *s, uint32_t number, const struct message *m)
{
	if (m->u.stun->method == STUN_CONNECTION_ATTEMPT)
		note_connection(s, number, m);
}
