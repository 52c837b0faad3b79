/* The judge: whose message it is, requests that wait, findings. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/replay_state.h"

#define WAITING_LIFE (40 * NS_PER_S)

struct replay *replay_new(void)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (r)
		r->key = (uint64_t)(uintptr_t)r * UINT64_C(0x9e3779b97f4a7c15);
	return r;
}

void replay_rest(struct replay *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->shadows[i].channels);
	r->count = r->room = r->flow_room = 0;
	free(r->shadows);
	free(r->by_flow);
	free(r->waiting);
	r->shadows = NULL;
	r->by_flow = NULL;
	r->waiting = NULL;
}

void replay_free(struct replay *r)
{
	if (!r)
		return;
	replay_rest(r);
	free(r->findings);
	replay_mras_free(r->mras);
	replay_registrar_free(r->registrar);
	free(r);
}

const struct replay_finding *replay_findings(const struct replay *r,
					     size_t *count)
{
	*count = r->finding_count;
	return r->findings;
}

struct replay_counts replay_counts(const struct replay *r)
{
	return r->counts;
}

uint32_t replay_hash(const struct replay *r, struct slice s)
{
	uint32_t hash = (uint32_t)(hash_bytes(r->key, s) >> 32);

	return hash ? hash : 1;
}

/* ---- findings ---- */

static struct replay_finding *new_finding(struct replay *r,
					  enum replay_rule rule)
{
	size_t room = r->finding_room ? r->finding_room * 2 : 16;
	struct replay_finding *rows;

	if (rule == REPLAY_KNOWN_DIFFERENCE)
		r->counts.known_differences++;
	r->counts.findings++;
	if (r->finding_count == r->finding_room) {
		if (r->finding_room >= REPLAY_FINDINGS_MAX)
			return NULL;
		rows = realloc(r->findings, room * sizeof(*rows));
		if (!rows)
			return NULL;
		r->findings = rows;
		r->finding_room = room;
	}
	return &r->findings[r->finding_count++];
}

void replay_note(struct replay *r, const struct replay_finding *finding,
		 const char *format, va_list arguments)
{
	struct replay_finding *f = new_finding(r, finding->rule);

	if (!f)
		return;
	*f = *finding;
	(void)vsnprintf(f->text, sizeof(f->text), format, arguments);
}

const char *replay_answer(unsigned code, char out[REPLAY_ANSWER_MAX])
{
	if (!code)
		return "success";
	(void)snprintf(out, REPLAY_ANSWER_MAX, "error %u", code);
	return out;
}

void replay_find(struct trial *t, enum replay_rule rule, const char *format,
		 ...)
{
	va_list arguments;
	struct replay_finding f = {
		.rule = rule,
		.file = t->m->file,
		.frame = t->m->frame,
		.time = t->m->time,
		.client = t->w ? t->w->client : t->m->dst,
		.server = t->w ? t->w->server : t->m->src,
	};
	va_start(arguments, format);
	replay_note(t->r, &f, format, arguments);
	va_end(arguments);
}

/* ---- flows ---- */

static bool index_flow(struct replay *r, uint32_t flow)
{
	size_t room = r->flow_room ? r->flow_room : 64;
	uint32_t *by_flow;

	if (flow < r->flow_room)
		return true;
	while (room <= flow)
		room *= 2;
	by_flow = realloc(r->by_flow, room * sizeof(*by_flow));
	if (!by_flow)
		return false;
	memset(by_flow + r->flow_room, 0,
	       (room - r->flow_room) * sizeof(*by_flow));
	r->by_flow = by_flow;
	r->flow_room = room;
	return true;
}

/* The shadow of a flow, or NULL.  A number of the driver may come to stand for
 * another flow. */
static struct shadow *shadow_of(const struct replay *r,
				const struct replay_message *m,
				bool from_client)
{
	const struct endpoint *client = from_client ? &m->src : &m->dst;
	uint32_t row = m->flow < r->flow_room ? r->by_flow[m->flow] : 0;
	struct shadow *s = row ? &r->shadows[row - 1] : NULL;

	return s && endpoint_equal(&s->client, client) ? s : NULL;
}

static struct shadow *new_shadow(struct replay *r,
				 const struct replay_message *m)
{
	size_t room = r->room ? r->room * 2 : 16;
	struct shadow *rows;

	if (!index_flow(r, m->flow) || r->count >= REPLAY_FLOWS_MAX)
		return NULL;
	if (r->count == r->room) {
		rows = realloc(r->shadows, room * sizeof(*rows));
		if (!rows)
			return NULL;
		r->shadows = rows;
		r->room = room;
	}
	rows = &r->shadows[r->count++];
	*rows = (struct shadow){.client = m->src,
				.server = m->dst,
				.alive = CLAIM_MAYBE,
				.used = true};
	r->by_flow[m->flow] = (uint32_t)r->count;
	return rows;
}

void replay_closed(struct replay *r, uint32_t flow)
{
	uint32_t row = flow < r->flow_room ? r->by_flow[flow] : 0;
	struct shadow *s = row ? &r->shadows[row - 1] : NULL;

	if (!s)
		return;
	free(s->channels);
	*s = (struct shadow){.client = s->client,
			     .server = s->server,
			     .alive = CLAIM_MAYBE,
			     .used = true};
}

/* ---- requests ---- */

static struct waiting *set_of(struct replay *r, const uint8_t id[16])
{
	uint64_t hash = hash_bytes(r->key, slice_of(id, 16));

	return r->waiting + (hash & (WAITING_SETS - 1)) * WAITING_WAYS;
}

/* The server's address does not count: some answer from another one. */
static struct waiting *find_waiting(struct replay *r,
				    const struct replay_message *m,
				    const struct endpoint *client)
{
	const uint8_t *id = m->stun->id;
	struct waiting *set;

	if (!r->waiting)
		return NULL;
	set = set_of(r, id);
	for (size_t i = 0; i < WAITING_WAYS; i++)
		if (set[i].used && memcmp(set[i].id, id, 16) == 0 &&
		    set[i].stream == m->stream &&
		    endpoint_equal(&set[i].client, client))
			return &set[i];
	return NULL;
}

static struct waiting *new_waiting(struct replay *r, const uint8_t id[16])
{
	struct waiting *set, *row;

	if (!r->waiting)
		r->waiting = calloc(WAITING_SETS * WAITING_WAYS,
				    sizeof(*r->waiting));
	if (!r->waiting)
		return NULL;
	set = row = set_of(r, id);
	for (size_t i = 0; i < WAITING_WAYS && row->used; i++)
		if (!set[i].used || set[i].time < row->time)
			row = &set[i];
	*row = (struct waiting){.used = true};
	memcpy(row->id, id, 16);
	return row;
}

/* A server may know an allocation by the id of its Allocate as long as it lives
 * (RFC 8656 7.2), and takes another request with that id for the first.  Of one
 * that may have come by a ticket the id is not known. */
static bool is_made_by(const struct replay *r, const struct shadow *s,
		       const struct stun_message *m)
{
	if (!s->made_by)
		return r->moves && m->method == STUN_ALLOCATE;
	return s->made_by == replay_hash(r, slice_of(m->id, sizeof(m->id)));
}

static uint64_t whole_hash(const struct replay *r, const struct stun_message *m)
{
	uint64_t hash = hash_bytes(r->key, m->whole);

	return hash ? hash : 1;
}

/* A Binding with a name or a key is a check of ICE, or short-term: those have
 * other judges. */
static bool is_ours(const struct stun_message *stun)
{
	if (stun->cut || stun->walk_broken)
		return false;
	if (replay_is_ms(stun))
		return true;
	if (stun->method == STUN_BINDING)
		return (stun->dialect == STUN_RFC ||
			stun->dialect == STUN_CLASSIC) &&
		       !stun->has_username && !stun->integrity_at &&
		       !stun->integrity256_at && !stun->has_priority;
	return stun->cookie && stun->dialect == STUN_TURN &&
	       turn_request_of(stun->method);
}

/* Other protocols borrow Allocate for ends of their own: they do not say what
 * to allocate (RFC 8656 7.1). */
static bool is_foreign(const struct stun_message *stun)
{
	return stun->method == STUN_ALLOCATE &&
	       !stun_find(stun, AT_REQUESTED_TRANSPORT);
}

/* What speaks another protocol is not judged; but a flow may be closed and
 * begin anew as one of TURN, and over UDP its server still repeats the answer
 * that it gave to that id (RFC 8489 6.3.1). */
static void note_foreign(struct replay *r, const struct replay_message *m,
			 struct waiting *w)
{
	if (!w)
		w = new_waiting(r, m->stun->id);
	if (!w)
		return;
	*w = (struct waiting){.used = true,
			      .client = m->src,
			      .server = m->dst,
			      .time = m->time,
			      .stream = m->stream,
			      .foreign = true};
	memcpy(w->id, m->stun->id, 16);
}

static void take_request(struct replay *r, const struct replay_message *m)
{
	const struct stun_message *stun = m->stun;
	struct waiting *w = find_waiting(r, m, &m->src);
	struct shadow *s = NULL;
	uint64_t asked = whole_hash(r, stun);
	bool ms = replay_is_ms(stun);
	bool known = w && m->time - w->time < WAITING_LIFE;

	if (known && w->asked == asked && !w->foreign) {
		/* Again, or the same packet once more.  On a stream nobody
		 * sends again: what comes of it is no server's fault. */
		w->again |= m->stream;
		return;
	}
	if (w)
		w->used = false; /* what it was is not asked any more */
	/* Whoever asks, and whether or not an answer is seen. */
	if (stun->method == STUN_REFRESH && stun_find(stun, AT_MOBILITY_TICKET))
		r->moves++;
	if (stun->method != STUN_BINDING) {
		s = shadow_of(r, m, true);
		if (!s)
			s = new_shadow(r, m);
		if (!s)
			return;
		s->foreign |= !ms && is_foreign(stun);
		if (s->foreign) {
			note_foreign(r, m, w);
			return;
		}
	}
	if (!w)
		w = new_waiting(r, stun->id);
	if (!w)
		return;
	known |= s && is_made_by(r, s, stun);
	*w = (struct waiting){.used = true,
			      .client = m->src,
			      .server = m->dst,
			      .time = m->time,
			      .asked = asked,
			      .again = known,
			      .moves = r->moves,
			      .shadow = s ? (uint32_t)(s - r->shadows) + 1 : 0};
	memcpy(w->id, stun->id, 16);
	if (ms) {
		replay_ms_claim(r, s, m, w);
		replay_asked(m, w, s);
		replay_ms_echo(&(struct trial){.r = r, .m = m, .w = w, .s = s});
		return;
	}
	replay_claim(r, s, m, w);
	if (s)
		replay_asked(m, w, s);
	if (w->request & (ASK_PERMISSION | ASK_CHANNEL))
		replay_let_in(r, s, stun);
}

/* Send of MS-TURN is never answered, but says which connection it is of. */
static void take_send(struct replay *r, const struct replay_message *m)
{
	struct trial t = {.r = r, .m = m, .s = shadow_of(r, m, true)};

	if (t.s && t.s->connection && !m->stun->walk_broken)
		replay_ms_heard(&t);
}

/* ---- replies ---- */

/* What a success made: a server that makes its answer anew may count LIFETIME
 * down, but gives the same addresses, token and connection. */
static uint32_t given_by(const struct replay *r, const struct stun_message *m)
{
	static const uint16_t types[] = {AT_XOR_RELAYED_ADDRESS,
					 AT_RESERVATION_TOKEN, AT_CONNECTION_ID,
					 MS_RELAY_ADDRESS};
	uint64_t hash = 0;

	for (size_t i = 0; i < m->attribute_count; i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++)
			if (m->attributes[i].type == types[k] &&
			    !m->attributes[i].ignored)
				hash += hash_bytes(r->key + types[k],
						   m->attributes[i].value);
	return (uint32_t)(hash_mix(hash) >> 32);
}

static uint32_t mapped_by(const struct replay *r, const struct stun_message *m)
{
	return replay_hash(r, slice_of(&m->mapped, sizeof(m->mapped)));
}

/*
 * Two successes (RFC 8489 6.3.1, RFC 8656 7.2).  Where another address was
 * mapped a NAT had the request sent again from elsewhere; of Binding nothing
 * else is to be seen.
 */
static void judge_two(struct trial *t)
{
	if (t->w->request == ASK_BINDING ||
	    t->w->given == given_by(t->r, t->m->stun) ||
	    t->w->mapped != mapped_by(t->r, t->m->stun))
		return;
	replay_find(t, REPLAY_ANSWERS_DIFFER,
		    "one request had success twice, with another %s",
		    t->w->method == STUN_CONNECT ? "CONNECTION-ID"
						 : "relayed address or token");
}

/*
 * A second reply to one request: the same is a retransmission or a copy.  A
 * server that keeps no replies finds, when it is asked again, that what it
 * released is gone; to the client that is as good (spec stun-turn 3.4, 4.5).
 */
static void judge_again(struct trial *t)
{
	bool release = t->w->request == ASK_REFRESH && t->w->has_lifetime &&
		       t->w->lifetime == 0;
	char first[REPLAY_ANSWER_MAX], then[REPLAY_ANSWER_MAX];

	if (t->w->again || t->m->stun->method != t->w->method ||
	    t->w->reply == whole_hash(t->r, t->m->stun) ||
	    (t->w->code == t->code && t->code != 0))
		return;
	if (t->code == 0 && t->w->code == 0)
		judge_two(t);
	else if (release && t->w->code == 0 && t->code == 437)
		replay_find(t, REPLAY_KNOWN_DIFFERENCE,
			    "the release was answered twice, with success and "
			    "with 437; RFC 8489 6.3.1 wants the same answer "
			    "again");
	else
		replay_find(t, REPLAY_ANSWERS_DIFFER,
			    "one request was answered with %s and with %s",
			    replay_answer(t->w->code, first),
			    replay_answer(t->code, then));
}

static void take_reply(struct replay *r, const struct replay_message *m)
{
	struct waiting *w = find_waiting(r, m, &m->dst);
	struct trial t = {.r = r, .m = m, .w = w};

	if (m->stun->cut)
		return;
	if (!w) {
		t.s = shadow_of(r, m, false);
		replay_not_asked(&t);
		if (t.s)
			replay_overheard(m->stun, t.s);
		return;
	}
	/* Checks of ICE are not kept (is_ours): one may have that id. */
	if (w->foreign ||
	    (m->stun->method == STUN_BINDING && w->method != STUN_BINDING))
		return;
	t.code = m->stun->class == STUN_ERROR ? m->stun->error : 0;
	t.s = w->shadow ? &r->shadows[w->shadow - 1] : NULL;
	if (w->reply) {
		judge_again(&t);
		return;
	}
	w->reply = whole_hash(r, m->stun);
	w->code = (uint16_t)t.code;
	w->given = given_by(r, m->stun);
	w->mapped = mapped_by(r, m->stun);
	/* A server may take the second request of an id for the first. */
	/* What was asked about may have been moved away meanwhile. */
	if (!w->again && (w->ms || w->moves == r->moves)) {
		r->counts.replies++;
		if (w->ms)
			replay_ms_judge(&t);
		else
			replay_judge(&t);
	}
	if (w->ms)
		replay_ms_adopt(&t);
	else
		replay_adopt(&t);
}

/* ---- data from the server ---- */

static void take_channel(struct replay *r, const struct replay_message *m)
{
	struct trial t = {.r = r, .m = m};

	t.s = shadow_of(r, m, false);
	if (!t.s || !t.s->whole || t.s->crowded || t.s->foreign ||
	    shadow_alive(r, t.s) != CLAIM_SURE)
		return;
	for (size_t i = 0; i < t.s->channel_count; i++)
		if (t.s->channels[i].number == m->channel)
			return;
	replay_find(&t, REPLAY_CHANNEL_WRONG,
		    "data in channel 0x%04x, which the client has not bound",
		    (unsigned)m->channel);
}

static void take_indication(struct replay *r, const struct replay_message *m)
{
	struct trial t = {.r = r, .m = m, .s = shadow_of(r, m, false)};

	replay_data(&t);
}

void replay_take(struct replay *r, const struct replay_message *m)
{
	if (!m->stun) {
		if (r->count)
			take_channel(r, m);
		return;
	}
	switch (m->stun->class) {
	case STUN_REQUEST:
		if (is_ours(m->stun))
			take_request(r, m);
		else if (r->count && ms_request_of(m->stun) == MS_SEND)
			take_send(r, m);
		break;
	case STUN_SUCCESS:
	case STUN_ERROR:
		if (r->waiting || r->count)
			take_reply(r, m);
		break;
	case STUN_INDICATION:
		if (r->count)
			take_indication(r, m);
		break;
	}
}
