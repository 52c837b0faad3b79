/*
 * Stage 3: allocations on TURN and MS-TURN relays (RFC 8656, [MS-TURN]), from
 * the first request to release or expiry.
 *
 * The first 401 is how every allocation begins and no error.  A client may be
 * sent to another server of the pool by that 401 ([MS-TURN] 2.2.2.7), and the
 * answer may come from a third address: an allocation is known by its client.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/stages_state.h"

/* ---- requests ---- */

static const char *dialect_name(enum stun_dialect dialect)
{
	if (dialect == STUN_MS_TURN)
		return "ms-turn";
	return dialect == STUN_GOOGLE ? "google" : "turn";
}

uint32_t allocation_new(struct stages *s, const struct message *m,
			const char *dialect)
{
	struct list *list = &s->model->allocations;
	struct allocation *a = list_add(list);
	uint32_t number = (uint32_t)list->count - 1;

	if (!a)
		return CHAIN_END;
	a->client = stages_src(s, &m->from);
	a->server = stages_dst(s, &m->from);
	a->transport = transport_name(m->from.transport);
	a->dialect = dialect;
	a->state = STATE_INCOMPLETE;
	a->token = LIST_NONE;
	a->party = LIST_NONE;
	a->call = LIST_NONE;
	a->request = stages_place(s, &m->from);
	allocation_lies_at(s, number, &m->from.src, &m->from.dst);
	return number;
}

/* Clients have few ports for media, and take one again for the next call:
 * longer than between two retransmissions (RFC 8489 6.2.1), shorter than from
 * one call to another. */
#define GIVEN_UP (10 * NS_PER_S)

/* Was it asked for in vain, and asked for the first time again much later? */
static bool is_given_up(const struct stages *s, const struct allocation *a,
			const struct message *m)
{
	return !a->granted && a->allocates && !stun_has_integrity(m->u.stun) &&
	       m->from.time - place_time(s->model, a->cited.last) > GIVEN_UP;
}

/* Behind the end of the old one, and not a repetition of older words. */
static bool starts_anew(struct stages *s, const struct allocation *a,
			const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	bool over = a->released || a->lost || is_given_up(s, a, m) ||
		    (a->until && m->from.time > a->until + CALLS_SLACK);

	return over && stun->method == STUN_ALLOCATE &&
	       !(stun->has_lifetime && stun->lifetime == 0) &&
	       !pending_seen(s, m);
}

/* The ticket says whose it is, though the client has another address now. */
static bool moves(struct stages *s, const struct message *m, uint32_t *number)
{
	uint32_t holder = ticket_holder(s, m);

	if (holder == CHAIN_END)
		return false;
	*number = holder;
	allocation_lies_at(s, holder, &m->from.src, &m->from.dst);
	return true;
}

/* The client's allocation at that server (or one it was sent to).  An old row
 * stays; the way to it leads to the new one. */
static struct allocation *
allocation_of(struct stages *s, const struct message *m, uint32_t *number)
{
	struct pending *twin;
	struct allocation *a;

	*number = allocation_at(s, &m->from.src, &m->from.dst);
	if (*number != CHAIN_END) {
		a = list_at(&s->model->allocations, *number);
		if (!starts_anew(s, a, m))
			return a;
	}
	/* The other side of a NAT shows the same allocation. */
	twin = pending_twin(s, m);
	if (twin && twin->subject == SUBJECT_ALLOCATION) {
		*number = twin->row;
		allocation_lies_at(s, *number, &m->from.src, &m->from.dst);
		return list_at(&s->model->allocations, *number);
	}
	/* RFC 6062 4.3: the connection for data is none to an allocation. */
	if (m->u.stun->method == STUN_CONNECTION_BIND)
		return NULL;
	if (moves(s, m, number))
		return list_at(&s->model->allocations, *number);
	if (m->u.stun->method != STUN_ALLOCATE && !m->u.stun->has_realm)
		return NULL;
	*number = allocation_new(s, m, dialect_name(m->u.stun->dialect));
	if (*number == CHAIN_END)
		return NULL;
	a = list_at(&s->model->allocations, *number);
	a->ms_turn = m->u.stun->dialect == STUN_MS_TURN;
	return a;
}

/* Most clients of a server have its realm, and many one user name. */
static struct slice bytes_kept(struct stages *s, struct slice *newest,
			       struct slice value)
{
	if (!slice_equal(*newest, value))
		*newest = model_bytes(s->model, value);
	return *newest;
}

static void note_credentials(struct stages *s, struct allocation *a,
			     const struct stun_message *stun)
{
	if (!stun->has_username || slice_equal(a->username, stun->username))
		return;
	a->username = bytes_kept(s, &s->username, stun->username);
	a->realm = bytes_kept(s, &s->realm, stun->realm);
}

/* Who has a nonce that is new, or opens what was allocated, was answered
 * before, also where the capture shows one direction only; so was who has a
 * nonce and asks something else without asking again before. */
static bool has_heard(struct stages *s, struct allocation *a,
		      const struct stun_message *stun, bool again)
{
	if (stun->method != STUN_ALLOCATE)
		return stun->method == STUN_CREATE_PERMISSION ||
		       stun->method == STUN_CHANNEL_BIND;
	return stages_nonce(s, &a->nonce, stun->nonce) ||
	       (stun_has_integrity(stun) &&
		(!a->authenticated ||
		 (!again && !a->repeated && !s->model->answers)));
}

/* [MS-TURN] refreshes by Allocate. */
static bool asks_for_more(const struct allocation *a,
			  const struct stun_message *stun)
{
	return a->granted && (!stun->has_lifetime || stun->lifetime) &&
	       (stun->method == STUN_REFRESH || stun->method == STUN_ALLOCATE);
}

/* Retransmissions count too, copies of the capture do not. */
static void count_request(struct stages *s, struct allocation *a,
			  const struct message *m, bool again)
{
	const struct stun_message *stun = m->u.stun;
	place_number place = stages_place(s, &m->from);

	facts_request(s, a, m);
	if (asks_for_more(a, stun)) {
		facts_note(s, &a->facts, FACT_REFRESH_ASKED, 0, m);
		if (!a->asked && m->from.time < a->until)
			a->asked = m->from.time;
	}
	a->requests++;
	if (has_heard(s, a, stun, again))
		a->unanswered = 0;
	a->repeated = again;
	if (stun->method == STUN_ALLOCATE) {
		a->allocates++;
		a->unanswered++;
		a->last_authenticated = stun_has_integrity(stun);
		if (a->allocates == 1)
			model_becomes(s->model, &a->history, place,
				      WORD_REQUESTED, 0);
	}
	a->authenticated |= stun_has_integrity(stun);
	note_credentials(s, a, stun);
	integrity_note(&a->integrity, m->integrity);
	a->released |= stun->has_lifetime && stun->lifetime == 0;
}

static void request(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	place_number place = stages_place(s, &m->from);
	struct pending *pending, *twin;
	struct allocation *a;
	nanoseconds before;
	uint32_t number;
	bool new_here =
		allocation_at(s, &m->from.src, &m->from.dst) == CHAIN_END;

	a = allocation_of(s, m, &number);
	if (!a) {
		if (stun->method == STUN_CONNECTION_BIND)
			turn_bind(s, m);
		return;
	}
	pending = pending_note(s, m);
	turn_asks_anew(s, a, m, pending);
	before = pending->asked.time;
	pending->moves |= new_here && number == ticket_holder(s, m);
	twin = pending_twin(s, m);
	pending->copy |=
		twin && !twin->copy && twin->subject == SUBJECT_ALLOCATION;
	pending->subject = SUBJECT_ALLOCATION;
	pending->row = number;
	pending->method = stun->method;
	pending->authenticated = stun_has_integrity(stun);
	openings_ask(s, pending, stun);
	cite(s->model, &a->cited, place);
	if (pending->copy || !sighting_note(&pending->asked, &m->from))
		return;
	if (pending->asked.count == 1)
		a->unheard = 0;
	else if (pending->answered.count)
		a->unheard++;
	turn_request(s, a, m, pending, before);
	pending->path = path_ask(s, &m->from, PATH_TURN);
	if (a->ms_turn && pending->asked.count == 1)
		ms_turn_request(s, a, m);
	count_request(s, a, m, pending->asked.count > 1);
}

/* ---- answers ---- */

/* RFC 8656 3.2: what a server grants when it names no time. */
#define LIFETIME_DEFAULT 600u

static void note_lifetime(struct allocation *a, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	if (stun->has_lifetime)
		a->lifetime = stun->lifetime;
	else if (!a->lifetime)
		a->lifetime = LIFETIME_DEFAULT;
	a->until = m->from.time + (nanoseconds)a->lifetime * NS_PER_S;
	a->served = 0;
	a->asked = 0;
}

static void refreshed(struct stages *s, struct allocation *a,
		      place_number place)
{
	a->refreshes++;
	model_refreshed(s->model, &a->history, place, a->lifetime);
}

static void note_session(struct allocation *a, const struct stun_message *stun)
{
	if (!stun->has_ms_session)
		return;
	a->has_session = true;
	memcpy(a->session, stun->ms_session, sizeof(a->session));
}

/* Others borrow Allocate for ends of their own, and say nothing of a transport
 * (RFC 8656 7.1). */
static bool names_no_relay(struct stages *s, const struct allocation *a,
			   const struct message *m)
{
	return !calls_is_somewhere(&m->u.stun->relayed) && !m->u.stun->cut &&
	       (a->ms_turn ||
		fact_of(s->model, &a->facts, FACT_TRANSPORT_ASKED));
}

static void granted(struct stages *s, uint32_t number, const struct message *m)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	place_number place = stages_place(s, &m->from);
	bool again = a->state == STATE_OK;

	a->nowhere = !again && names_no_relay(s, a, m);
	a->state = a->nowhere ? STATE_FAILED : STATE_OK;
	if (!a->granted) {
		a->granted = place;
		rebinding_granted(s, number);
	}
	a->answered_from = stages_src(s, &m->from);
	allocation_also_at(s, number, end_at(s->model, a->answered_from));
	if (!again || m->u.stun->relayed.family != FAMILY_NONE) {
		a->relayed = model_end(s->model, &m->u.stun->relayed);
		a->relayed_other =
			model_end(s->model, &m->u.stun->relayed_other);
	}
	a->reflexive = model_end(s->model, &m->u.stun->mapped);
	note_session(a, m->u.stun);
	note_lifetime(a, m);
	if (again)
		refreshed(s, a, place);
	else
		model_becomes(s->model, &a->history, place,
			      a->nowhere ? WORD_FAILED : WORD_OK,
			      a->nowhere ? 0 : a->lifetime);
}

static void released(struct stages *s, struct allocation *a, place_number place)
{
	a->until = place_time(s->model, place);
	model_becomes(s->model, &a->history, place, WORD_RELEASED, 0);
}

static void prolonged(struct stages *s, struct allocation *a,
		      const struct message *m, const struct pending *p)
{
	place_number place = stages_place(s, &m->from);

	note_lifetime(a, m);
	if (p->moves)
		model_becomes(s->model, &a->history, place, WORD_MOVED, 0);
	refreshed(s, a, place);
}

#define CLOCKS_DIFFER (5 * NS_PER_S)

/* It serves its client though its time is over: a Refresh, answer and all, was
 * lost in the capture, and gave as much time once more. */
static void serves(struct allocation *a, nanoseconds now)
{
	nanoseconds life = (nanoseconds)a->lifetime * NS_PER_S;

	if (!a->until || !life || now <= a->until + CLOCKS_DIFFER ||
	    a->released || a->lost || a->closed)
		return;
	a->until += ((now - a->until) / life + 1) * life;
	a->served = now;
}

static void opened(struct stages *s, const struct pending *p,
		   struct allocation *a, place_number place)
{
	a->permissions += p->method == STUN_CREATE_PERMISSION;
	a->channels += p->method == STUN_CHANNEL_BIND;
	if (p->method == STUN_CREATE_PERMISSION ||
	    p->method == STUN_CHANNEL_BIND) {
		serves(a, place_time(s->model, place));
		openings_grant(s, p, place);
	}
}

/* The relay knew its user then. */
static void note_taker(struct stages *s, const struct allocation *a)
{
	struct endpoint relay = *end_at(s->model, a->server);
	struct token *t = a->token == LIST_NONE
				  ? NULL
				  : list_at(&s->model->tokens, a->token);
	end_number taker;

	relay.port = 0;
	taker = t ? model_end(s->model, &relay) : 0;
	for (unsigned i = 0; t && i < TOKEN_TAKERS_KEPT; i++) {
		if (!t->takers[i])
			t->takers[i] = taker;
		if (t->takers[i] == taker)
			return;
	}
}

static void success(struct stages *s, const struct message *m,
		    const struct pending *p)
{
	struct allocation *a = list_at(&s->model->allocations, p->row);
	const struct stun_message *stun = m->u.stun;
	bool release = stun->has_lifetime && stun->lifetime == 0;
	place_number place = stages_place(s, &m->from);

	if (!a->accepted && p->authenticated)
		a->token = (uint32_t)token_of_username(s, m, a);
	a->accepted |= p->authenticated;
	if (p->authenticated)
		note_taker(s, a);
	ticket_note(s, p->row, m);
	if (release)
		released(s, a, place);
	else if (p->method == STUN_ALLOCATE)
		granted(s, p->row, m);
	else if (p->method == STUN_REFRESH)
		prolonged(s, a, m, p);
	else
		opened(s, p, a, place);
	/* Only who has an allocation can refresh or release it, open it to
	 * peers or bind channels. */
	if (a->allocates == 0 && a->state == STATE_INCOMPLETE)
		a->state = STATE_INFERRED;
}

/* How it begins, or how the server sends the client on. */
static bool goes_on(const struct allocation *a, unsigned code,
		    bool authenticated)
{
	return (code == 401 && !authenticated) || code == 438 ||
	       (code == REDIRECT && a->alternate);
}

static void note_alternate(struct stages *s, uint32_t number,
			   const struct stun_message *stun)
{
	struct allocation *a = list_at(&s->model->allocations, number);

	if (stun->alternate_server.family != FAMILY_NONE) {
		a->alternate = model_end(s->model, &stun->alternate_server);
		allocation_also_at(s, number, end_at(s->model, a->alternate));
	}
	note_session(a, stun);
}

/* RFC 8656 5 and 7.4: there is none (any more) for this client. */
#define ERROR_MISMATCH 437

static void lost(struct stages *s, struct allocation *a, place_number place)
{
	a->lost = place;
	if (a->until > place_time(s->model, place))
		a->until = place_time(s->model, place);
	model_becomes(s->model, &a->history, place, WORD_LOST, ERROR_MISMATCH);
}

/* Who asks for more before the Allocate is answered is told 437 rightly. */
static bool is_awaited(const struct allocation *a)
{
	return a->allocates && !a->granted && a->state != STATE_OK;
}

static void go_on(struct stages *s, struct allocation *a,
		  const struct message *m)
{
	place_number place = stages_place(s, &m->from);

	a->state = STATE_INCOMPLETE;
	if (m->u.stun->error != REDIRECT)
		model_becomes(s->model, &a->history, place, WORD_CHALLENGED,
			      m->u.stun->error);
	if (m->u.stun->alternate_server.family != FAMILY_NONE)
		model_becomes(s->model, &a->history, place, WORD_REDIRECTED, 0);
}

static struct slice unquoted(struct slice s)
{
	if (s.n && s.p[0] == '"')
		s = slice_from(s, 1);
	return s.n && s.p[s.n - 1] == '"' ? slice_first(s, s.n - 1) : s;
}

/* Does it ask for another realm than the client signs for?  [MS-TURN]'s stands
 * in quotes, or not. */
static bool is_other_realm(const struct allocation *a,
			   const struct stun_message *stun)
{
	return (stun->error == 401 ||
		(stun->error == 431 && stun->dialect == STUN_MS_TURN)) &&
	       stun->has_realm && a->realm.n &&
	       !slice_equal(unquoted(a->realm), unquoted(stun->realm));
}

static void failure(struct stages *s, const struct message *m,
		    const struct pending *p)
{
	struct allocation *a = list_at(&s->model->allocations, p->row);
	place_number place = stages_place(s, &m->from);
	unsigned code = m->u.stun->error;

	if (a->error_count < ERRORS_KEPT)
		a->errors[a->error_count] = (uint16_t)code;
	a->error_count++;
	a->last_error = code;
	note_alternate(s, p->row, m->u.stun);
	/* This one, or one that is still repeated. */
	if (p->asked.time < a->asked + PENDING_LIFE)
		a->asked = 0;
	if (code == ERROR_MISMATCH && p->method != STUN_ALLOCATE &&
	    !a->released && !is_awaited(a))
		lost(s, a, place);
	if (allocation_error_is_unknown(code) && p->method != STUN_ALLOCATE)
		rebinding_unknown(s, p->row, m);
	if (p->method != STUN_ALLOCATE || a->state == STATE_OK)
		return;
	if (goes_on(a, code, p->authenticated)) {
		go_on(s, a, m);
		return;
	}
	a->state = STATE_FAILED;
	model_becomes(s->model, &a->history, place, WORD_FAILED, code);
	if (p->authenticated) {
		if (is_other_realm(a, m->u.stun))
			facts_note(s, &a->facts, FACT_REALM_OTHER, 0, m);
		a->error_after_credentials = code;
		token_refused(s, m, a);
	}
}

/* A grant whose request the capture lacks, to a client that was only challenged
 * so far. */
static void granted_unasked(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	uint32_t number = allocation_at(s, &m->from.dst, &m->from.src);
	struct allocation *a;

	if (number == CHAIN_END || stun->class != STUN_SUCCESS ||
	    stun->method != STUN_ALLOCATE ||
	    stun->relayed.family == FAMILY_NONE)
		return;
	a = list_at(&s->model->allocations, number);
	if (!allocation_is_left(a))
		return;
	cite(s->model, &a->cited, stages_place(s, &m->from));
	a->unanswered = 0;
	granted(s, number, m);
}

/* Permissions and channels, for whom is not known. */
static void allow_unknown(struct stages *s, const struct message *m,
			  const struct endpoint *client,
			  const struct endpoint *server)
{
	uint32_t number = allocation_at(s, client, server);
	struct allocation *a;

	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	facts_note(s, &a->facts, FACT_PEER_ASKED, FACT_OF_UNKNOWN, m);
	facts_note(s, &a->facts, FACT_BIND_ASKED, FACT_OF_UNKNOWN, m);
}

/* Whom a permission or a channel is for stood in the request. */
static void allowed_unasked(struct stages *s, const struct message *m)
{
	unsigned method = m->u.stun->method;

	if (m->u.stun->class == STUN_SUCCESS &&
	    (method == STUN_CREATE_PERMISSION || method == STUN_CHANNEL_BIND))
		allow_unknown(s, m, &m->from.dst, &m->from.src);
}

/* Requests may have stood in it. */
void allocation_hole(struct stages *s, const struct message *m)
{
	allow_unknown(s, m, &m->from.src, &m->from.dst);
}

static void response(struct stages *s, const struct message *m)
{
	struct pending *p = pending_find(s, m);
	place_number place = stages_place(s, &m->from);
	struct allocation *a;

	if (!p) {
		granted_unasked(s, m);
		allowed_unasked(s, m);
	}
	if (!p || p->subject != SUBJECT_ALLOCATION)
		return;
	a = list_at(&s->model->allocations, p->row);
	cite(s->model, &a->cited, place);
	if (p->copy || !answer_note(p, &m->from)) {
		facts_again(s, &a->facts, end_at(s->model, a->reflexive), m);
		return;
	}
	path_answer(s, p->path);
	integrity_note(&a->integrity, m->integrity);
	facts_answer(s, a, m, p);
	turn_answer(s, m, p);
	if (a->ms_turn)
		ms_turn_answer(s, a, m, p);
	if (p->method == STUN_ALLOCATE) {
		a->unanswered = 0;
		a->obstacle = (struct obstacle){0};
	}
	if (m->u.stun->class == STUN_SUCCESS)
		success(s, m, p);
	else
		failure(s, m, p);
}

/* ---- data through the relay ---- */

/* What comes through a relay proves that peers were told of it. */
static void prove_way(struct stages *s, struct allocation *a,
		      const struct message *m)
{
	place_number place = stages_place(s, &m->from);

	if (!allocation_leads_nowhere(a))
		return;
	a->nowhere = false;
	a->state = STATE_OK;
	model_becomes(s->model, &a->history, place, WORD_OK, a->lifetime);
}

/* The client of a Send indication or request is its sender, of a Data
 * indication its receiver, of ChannelData either. */
void stage_relayed_data(struct stages *s, const struct message *m)
{
	bool channel = m->kind == MESSAGE_CHANNEL_DATA;
	bool sends = channel || (m->u.stun->method == STUN_SEND &&
				 m->u.stun->class <= STUN_INDICATION);
	uint32_t number = CHAIN_END;
	struct allocation *a;
	bool back;

	if (sends)
		number = allocation_at(s, &m->from.src, &m->from.dst);
	back = number == CHAIN_END;
	if (back && (channel || !sends))
		number = allocation_at(s, &m->from.dst, &m->from.src);
	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	integrity_note(&a->integrity, m->integrity);
	if (back)
		serves(a, m->from.time);
	facts_relayed(s, a, m, back);
	if (back)
		prove_way(s, a, m);
	if (back && !channel)
		turn_attempt(s, number, m);
	if (a->ms_turn)
		ms_turn_data(s, number, m, back);
}

void stage_allocation(struct stages *s, const struct message *m)
{
	switch (m->u.stun->class) {
	case STUN_REQUEST:
		if (m->u.stun->method == STUN_SEND)
			stage_relayed_data(s, m);
		else
			request(s, m);
		break;
	case STUN_SUCCESS:
	case STUN_ERROR:
		/* [MS-TURN] 2.2.1: nobody may answer a Send. */
		if (m->u.stun->method == STUN_SEND)
			stage_relayed_data(s, m);
		else
			response(s, m);
		break;
	case STUN_INDICATION:
		stage_relayed_data(s, m);
		break;
	}
}

/* An allocation belongs to its 5-tuple (RFC 8656 5): one over TCP ends with the
 * connection. */
void allocation_close(struct stages *s, const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	uint32_t number = allocation_at(s, &m->from.src, &m->from.dst);
	struct allocation *a;

	if (number == CHAIN_END)
		number = allocation_at(s, &m->from.dst, &m->from.src);
	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	if (a->until <= m->from.time || a->released || a->lost ||
	    place_time(s->model, a->granted) > m->from.time ||
	    a->transport == transport_name(TRANSPORT_UDP))
		return;
	a->closed = place;
	a->until = m->from.time;
	cite(s->model, &a->cited, place);
	model_becomes(s->model, &a->history, place, WORD_ENDED, 0);
}

/* Sent on to another server, which the client then asked from another
 * address: what became of it there is another allocation. */
static bool is_left_behind(const struct allocation *a)
{
	return a->state == STATE_INCOMPLETE && a->last_error == REDIRECT &&
	       !a->unanswered && a->alternate_asked;
}

/* One that was never answered; one that was not refreshed, nor released,
 * before it ran out. */
static void finish(struct stages *s, struct allocation *a)
{
	struct place end = {.time = a->until};

	hello_finish(s, a);
	a->alternate_asked =
		a->alternate && path_was_asked(s, end_at(s->model, a->client),
					       end_at(s->model, a->alternate),
					       a->transport, PATH_TURN);
	if (is_left_behind(a)) {
		a->state = STATE_FAILED;
		model_becomes(s->model, &a->history, a->cited.last, WORD_FAILED,
			      REDIRECT);
	}
	if (allocation_is_unanswered(a) || allocation_is_unheard(a)) {
		a->state = STATE_FAILED;
		model_becomes(s->model, &a->history, a->cited.last, WORD_FAILED,
			      0);
	}
	if (!a->until)
		return;
	if (!a->lost && !a->released && !a->closed &&
	    a->until < s->model->last_time)
		model_becomes(s->model, &a->history,
			      model_place(s->model, &end), WORD_EXPIRED, 0);
	openings_end(s, a, a->until);
}

void allocations_finish(struct stages *s)
{
	struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		finish(s, &rows[i]);
}
