/*
 * Stage 5: connectivity checks (RFC 8445 7, [MS-ICE2]).
 *
 * A session is two user fragments seen together in USERNAME, whatever the
 * order; a pair is two endpoints that check each other.  Checks inside TURN
 * are seen from the relayed address, so that they meet the direct ones.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/stages_state.h"

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

/* ---- pairs ---- */

struct pair_key {
	end_number src, dst;
	uint32_t session;
};

static bool same_pair(const void *rows, uint32_t row, const void *key)
{
	const struct pair *p = (const struct pair *)rows + row;
	const struct pair_key *k = key;

	if (p->session != k->session)
		return false;
	return (p->a == k->src && p->b == k->dst) ||
	       (p->a == k->dst && p->b == k->src);
}

static uint64_t pair_hash(const struct stages *s, const struct pair_key *k)
{
	uint64_t low = k->src < k->dst ? k->src : k->dst;
	uint64_t high = k->src < k->dst ? k->dst : k->src;

	return hash_mix(hash_mix(s->key + (low << 32 | high)) + k->session);
}

uint32_t pair_between(const struct stages *s, uint32_t session, end_number a,
		      end_number b)
{
	struct pair_key k = {a, b, session};

	return index_find(&s->pairs, pair_hash(s, &k), same_pair,
			  s->model->pairs.rows, &k);
}

static void begin_pair(struct pair *p, const struct message *m,
		       const struct pair_key *k, unsigned sender)
{
	p->a = k->src;
	p->b = k->dst;
	p->session = k->session;
	p->next = LIST_NONE;
	p->ufrag_of_a = (uint8_t)sender;
	p->tcp = m->from.transport != TRANSPORT_UDP;
	for (unsigned i = 0; i < 2; i++) {
		p->candidates[i] = CHAIN_END;
		p->valid[i] = CHAIN_END;
		p->through[i] = CHAIN_END;
	}
}

static uint32_t add_pair(struct stages *s, const struct message *m,
			 uint32_t session, unsigned sender)
{
	struct pair_key k = {stages_src(s, &m->from), stages_dst(s, &m->from),
			     session};
	struct session *x = list_at(&s->model->sessions, session);
	struct list *list = &s->model->pairs;
	struct pair *p = list_add(list);
	uint32_t row = (uint32_t)list->count - 1;

	if (!p)
		return INDEX_NONE;
	begin_pair(p, m, &k, sender);
	if (x->first_pair == LIST_NONE)
		x->first_pair = row;
	else
		((struct pair *)list_at(list, x->last_pair))->next = row;
	x->last_pair = row;
	x->pairs++;
	if (index_add(&s->pairs, pair_hash(s, &k), row) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

static uint32_t pair_of(struct stages *s, const struct message *m,
			uint32_t session, unsigned sender)
{
	uint32_t row = pair_between(s, session, stages_src(s, &m->from),
				    stages_dst(s, &m->from));

	return row == INDEX_NONE ? add_pair(s, m, session, sender) : row;
}

/* The envelope that a check is in, when it is one of TURN. */
static enum wrap envelope_of(const struct origin *from, bool *any)
{
	enum wrap wrap = WRAP_SEND;

	*any = false;
	for (unsigned i = 0; i < from->wrap_count; i++) {
		if (from->wraps[i] != WRAP_SEND &&
		    from->wraps[i] != WRAP_DATA &&
		    from->wraps[i] != WRAP_CHANNEL_DATA)
			continue;
		*any = true;
		wrap = (enum wrap)from->wraps[i];
	}
	return wrap;
}

/* Its grant is not in the capture, but the driver knows the address. */
static void note_relayed(struct stages *s, uint32_t number,
			 const struct endpoint *client,
			 const struct endpoint *relayed)
{
	struct allocation *a = list_at(&s->model->allocations, number);

	if (!a->relayed && !endpoint_equal(client, relayed))
		a->relayed = model_end(s->model, relayed);
}

/* Inside of TURN a client's own address stands for one that nobody told. */
static bool is_hidden(const struct origin *from)
{
	bool any;

	(void)envelope_of(from, &any);
	return any && endpoint_equal(&from->src, &from->outer_src);
}

/* Whose relayed address is an end?  The envelope's client tells. */
static void note_envelope(struct stages *s, struct pair *p, unsigned side,
			  const struct origin *from)
{
	uint32_t number = CHAIN_END;
	bool any;
	enum wrap wrap = envelope_of(from, &any);

	p->plain |= !any;
	if (!any)
		return;
	p->relayed = true;
	p->hidden[side] |= endpoint_equal(&from->src, &from->outer_src);
	p->hidden[!side] |= endpoint_equal(&from->dst, &from->outer_dst);
	if (wrap != WRAP_DATA)
		number = allocation_at(s, &from->outer_src, &from->outer_dst);
	if (number != CHAIN_END) {
		p->through[side] = number;
		note_relayed(s, number, &from->outer_src, &from->src);
		return;
	}
	if (wrap != WRAP_SEND)
		number = allocation_at(s, &from->outer_dst, &from->outer_src);
	if (number == CHAIN_END)
		return;
	p->through[!side] = number;
	p->delivered[side] = true;
	note_relayed(s, number, &from->outer_dst, &from->dst);
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

static void change(struct stages *s, struct pair *p, enum word to,
		   const struct message *m)
{
	uint32_t code = to == WORD_FAILED ? m->u.stun->error : 0;
	place_number place = stages_place(s, &m->from);

	model_becomes(s->model, &p->history, place, to, code);
}

static void count_request(struct stages *s, struct pair *p,
			  const struct message *m,
			  const struct pending *pending)
{
	struct session *x = list_at(&s->model->sessions, p->session);
	struct direction *way = &p->way[pending->side];
	place_number place = stages_place(s, &m->from);

	if (p->way[0].requests + p->way[1].requests == 0)
		change(s, p, WORD_IN_PROGRESS, m);
	if (way->requests++ == 0)
		way->first = place;
	if (pending->asked.count > way->most_sends)
		way->most_sends = pending->asked.count;
	if (pending->unheard > way->unheard)
		way->unheard = pending->unheard;
	way->last = place;
	way->silent++;
	way->nominating += m->u.stun->use_candidate;
	if (m->u.stun->has_priority)
		way->priority = m->u.stun->priority;
	x->requests++;
	integrity_note(&p->integrity, m->integrity);
	facts_check(s, x, m);
	if (pending->asked.count == 1)
		session_note_check(s, x, p->ufrag_of_a ^ pending->side, m);
}

/* Which session of its relay an end has: it says so itself, and what goes
 * there is framed for it. */
static void note_session(struct stages *s, struct pair *p, unsigned side,
			 const struct message *m)
{
	struct session *x = list_at(&s->model->sessions, p->session);
	struct pair_extra *extra;

	if (!m->u.stun->has_ms_session && !m->from.turn_session)
		return;
	extra = pair_extra_make(s->model, p);
	if (!extra)
		return;
	if (m->u.stun->has_ms_session) {
		p->behind_relay[side] = true;
		extra->turn_sessions[side] =
			turn_session_of(m->u.stun->ms_session);
	}
	if (!m->from.turn_session)
		return;
	p->behind_relay[!side] = true;
	if (!extra->turn_sessions[!side])
		extra->turn_sessions[!side] = m->from.turn_session;
	else if (extra->turn_sessions[!side] != m->from.turn_session)
		facts_note(s, &x->facts, FACT_FRAME_SESSION, 0, m);
}

/* What [MS-ICE2] 2.2 adds to a message of this agent. */
static void note_ms(struct stages *s, struct pair *p, unsigned side,
		    const struct stun_message *stun)
{
	struct session *x = list_at(&s->model->sessions, p->session);
	struct pair_extra *extra;
	unsigned agent = p->ufrag_of_a ^ side;
	struct slice name = stun->candidate_identifier;

	if (stun->ms_implementation)
		x->versions[agent] = stun->ms_implementation < UINT8_MAX
					     ? (uint8_t)stun->ms_implementation
					     : UINT8_MAX;
	if (name.n == 0 || name.n > sizeof(extra->identifiers[side]))
		return;
	extra = pair_extra_make(s->model, p);
	if (!extra)
		return;
	memset(extra->identifiers[side], 0, sizeof(extra->identifiers[side]));
	memcpy(extra->identifiers[side], name.p, name.n);
}

static void note_fits(struct stages *s, struct pair *p, struct slice ufrag)
{
	struct pair_extra *extra = pair_extra_make(s->model, p);

	if (extra && !extra->fits)
		extra->fits = stages_text(s, ufrag);
}

static void request(struct stages *s, const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	unsigned sender = 0;
	uint32_t session = session_of(s, m, &sender);
	struct pending *pending;
	struct pair *p;
	uint32_t row;
	unsigned side;

	if (session == INDEX_NONE)
		return;
	row = pair_of(s, m, session, sender);
	if (row == INDEX_NONE)
		return;
	p = list_at(&s->model->pairs, row);
	side = p->a != stages_src(s, &m->from);
	pending = pending_note(s, m);
	/* Clients may nominate with the transaction id of the first check. */
	pending->nominating |= m->u.stun->use_candidate;
	pending->subject = SUBJECT_CHECK;
	pending->row = row;
	pending->side = (uint8_t)side;
	pending->hidden = is_hidden(&m->from);
	note_envelope(s, p, side, &m->from);
	note_session(s, p, side, m);
	if (m->u.stun->ms_implementation || m->u.stun->candidate_identifier.n)
		note_ms(s, p, side, m->u.stun);
	if (m->fits.n)
		note_fits(s, p, m->fits);
	((struct session *)list_at(&s->model->sessions, session))->last = place;
	cite(s->model, &p->cited, place);
	crossings_note(s, m, pending);
	if (!sighting_note(&pending->asked, &m->from))
		return;
	/* Who repeats what was answered did not hear the answer. */
	if (pending->answered.count && pending->unheard < UINT16_MAX)
		pending->unheard++;
	if (!is_hidden(&m->from))
		pending->path = path_ask(s, &m->from, PATH_CHECK);
	count_request(s, p, m, pending);
}

/* Mostly it is the address that the end asked from. */
static end_number mapped_of(struct stages *s, const struct pair *p,
			    unsigned side, const struct message *m)
{
	end_number own = side ? p->b : p->a;
	const struct endpoint *mapped = &m->u.stun->mapped;

	return endpoint_equal(mapped, end_at(s->model, own))
		       ? own
		       : model_end(s->model, mapped);
}

static void success(struct stages *s, const struct message *m, struct pair *p,
		    const struct pending *pending)
{
	struct direction *way = &p->way[pending->side];
	struct session *x = list_at(&s->model->sessions, p->session);
	place_number place = stages_place(s, &m->from);

	note_ms(s, p, !pending->side, m->u.stun);
	note_session(s, p, !pending->side, m);
	consent_renew(s, p, way, place);
	way->obstacle = (struct obstacle){0};
	if (way->responses++ == 0)
		way->answered = place;
	if (p->way[0].responses + p->way[1].responses == 1)
		change(s, p, WORD_SUCCEEDED, m);
	/* Of a request that was repeated nobody knows which is answered. */
	if (!way->rtt && pending->asked.count == 1)
		way->rtt = m->from.time - pending->asked.time;
	if (!x->first_success)
		x->first_success = place;
	p->seen_as[pending->side] = mapped_of(s, p, pending->side, m);
	if (!pending->nominating)
		return;
	way->nominated++;
	if (x->favourite != pending->row)
		x->favours = 0;
	x->favourite = pending->row;
	if (x->favours < UINT8_MAX)
		x->favours++;
	if (!p->nominated) {
		p->nominated = place;
		change(s, p, WORD_NOMINATED, m);
	}
	if (!x->nomination)
		x->nomination = place;
}

/* A role conflict is no failure: the pair is checked again (RFC 8445
 * 7.2.5.1). */
#define ERROR_ROLE_CONFLICT 487

static void failure(struct stages *s, const struct message *m, struct pair *p,
		    struct direction *way)
{
	struct session *x = list_at(&s->model->sessions, p->session);
	unsigned code = m->u.stun->error;

	way->errors++;
	facts_check_error(s, x, m);
	way->last_error = code;
	if (code == ERROR_ROLE_CONFLICT) {
		way->conflicts++;
		if (!x->conflict)
			x->conflict = stages_place(s, &m->from);
	} else if (p->way[0].responses + p->way[1].responses == 0) {
		change(s, p, WORD_FAILED, m);
	}
}

static void response(struct stages *s, const struct message *m)
{
	struct pending *pending = pending_find(s, m);
	place_number place = stages_place(s, &m->from);
	struct pair *p;

	if (!pending || pending->subject != SUBJECT_CHECK)
		return;
	p = list_at(&s->model->pairs, pending->row);
	cite(s->model, &p->cited, place);
	((struct session *)list_at(&s->model->sessions, p->session))->last =
		place;
	/* RFC 8445 7.2.5.2.1: only an answer from where the request went; where
	 * that is, inside of TURN, may be unknown. */
	if (!stages_is_src(s, &m->from, pending->side ? p->a : p->b) &&
	    !is_hidden(&m->from)) {
		p->way[pending->side].strays++;
		return;
	}
	crossings_note(s, m, pending);
	if (!answer_note(pending, &m->from))
		return;
	path_answer(s, pending->path);
	integrity_note(&p->integrity, m->integrity);
	if (m->u.stun->class == STUN_SUCCESS)
		success(s, m, p, pending);
	else
		failure(s, m, p, &p->way[pending->side]);
}

void stage_probing(struct stages *s, const struct message *m)
{
	if (m->u.stun->class == STUN_REQUEST)
		request(s, m);
	else
		response(s, m);
}
