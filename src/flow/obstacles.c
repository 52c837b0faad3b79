/*
 * What the network says instead of an answer: ICMP errors and resets of TCP,
 * joined to the requests that they answer.
 *
 * By what is quoted where that tells: the transaction of STUN, the Call-ID or
 * the branch of SIP.  A router need only quote the ports (RFC 792), and a reset
 * quotes nothing: they are about what is still open between these ends.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/rules.h"
#include "flow/stages_state.h"

/* ---- what an error says ---- */

#define ANY_CODE 255u

/* RFC 792, RFC 1812 5.2.7.1, RFC 4443 3. */
static enum obstacle_kind kind_of(const struct icmp_error *e)
{
	static const struct {
		uint8_t version, type, code, kind;
	} rows[] = {
		{4, 3, 3, OBSTACLE_PORT},
		{4, 3, 2, OBSTACLE_PORT}, /* protocol */
		{4, 3, 0, OBSTACLE_NET},
		{4, 3, 6, OBSTACLE_NET},
		{4, 3, 11, OBSTACLE_NET},
		{4, 3, 4, OBSTACLE_SIZE},
		{4, 3, 9, OBSTACLE_PROHIBITED},
		{4, 3, 10, OBSTACLE_PROHIBITED},
		{4, 3, 13, OBSTACLE_PROHIBITED},
		{4, 3, ANY_CODE, OBSTACLE_HOST},
		{4, 11, 1, OBSTACLE_FRAGMENTS},
		{4, 11, ANY_CODE, OBSTACLE_TIME},
		{6, 1, 4, OBSTACLE_PORT},
		{6, 1, 0, OBSTACLE_NET},
		{6, 1, 1, OBSTACLE_PROHIBITED},
		{6, 1, 5, OBSTACLE_PROHIBITED},
		{6, 1, 6, OBSTACLE_PROHIBITED},
		{6, 1, ANY_CODE, OBSTACLE_HOST},
		{6, 2, ANY_CODE, OBSTACLE_SIZE},
		{6, 3, 1, OBSTACLE_FRAGMENTS},
		{6, 3, ANY_CODE, OBSTACLE_TIME},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].version == e->version && rows[i].type == e->type &&
		    (rows[i].code == e->code || rows[i].code == ANY_CODE))
			return (enum obstacle_kind)rows[i].kind;
	return OBSTACLE_NONE;
}

/* Only the host itself knows that nobody listens there; firewalls like to say
 * so, too. */
enum obstacle_kind message_obstacle(const struct message *m)
{
	enum obstacle_kind kind = kind_of(m->u.icmp);

	if (kind == OBSTACLE_PORT &&
	    !endpoint_same_ip(&m->from.src, &m->u.icmp->dst))
		return OBSTACLE_GUARD;
	return kind;
}

/* ---- what it is about ---- */

#define STUN_HEADER 20u

/* An error is worth a word when what it quotes is STUN, or goes to a port of
 * ours; unreachable RTP after a hang-up is not. */
static bool quotes_signalling(const struct icmp_error *e)
{
	return stun_claims(e->quoted, true) == CLAIM_SURE ||
	       sip_claims(e->quoted, true) == CLAIM_SURE ||
	       port_is_ours(e->dst.port) || port_is_ours(e->src.port);
}

/* The first header of this name, as far as the quotation goes. */
static struct slice quoted_header(struct slice quoted, const char *full,
				  const char *compact)
{
	while (quoted.n) {
		struct slice value = slice_split(&quoted, '\n');
		struct slice name = slice_trim(slice_split(&value, ':'));

		/* The last line may be cut. */
		if (quoted.n && (slice_is_nocase(name, full) ||
				 slice_is_nocase(name, compact)))
			return slice_trim(value);
	}
	return (struct slice){0};
}

/* Of the hop that the packet was on; Lync's clients give none. */
static struct slice quoted_branch(struct slice quoted)
{
	struct slice params = quoted_header(quoted, "via", "v");
	/* Several may stand in one header. */
	struct slice via = slice_split(&params, ',');

	while (via.n) {
		struct slice value = slice_split(&via, ';');
		struct slice name = slice_trim(slice_split(&value, '='));

		if (slice_is_nocase(name, "branch"))
			return slice_trim(value);
	}
	return (struct slice){0};
}

static bool is_hop(const struct model *m, const struct hop *hop,
		   const struct network_error *e)
{
	return endpoint_equal(end_at(m, hop->src), &e->src) &&
	       endpoint_equal(end_at(m, hop->dst), &e->dst);
}

static void about_stun(struct stages *s, struct network_error *e,
		       struct slice quoted)
{
	uint8_t id[16];
	struct pending_set set;

	memcpy(id, slice_cut(quoted, 4, sizeof(id)).p, sizeof(id));
	set = pending_with(s, id);
	for (size_t i = 0; i < set.count; i++) {
		const struct pending *p = set.rows[i];

		if (!endpoint_equal(end_at(s->model, p->client), &e->src) ||
		    !endpoint_equal(end_at(s->model, p->server), &e->dst))
			continue;
		e->subject = (uint8_t)p->subject;
		e->row = p->row;
		e->side = p->side;
		return;
	}
}

static void about_sip(struct stages *s, struct network_error *e,
		      struct slice quoted)
{
	struct slice call_id = quoted_header(quoted, "call-id", "i");
	const struct registration *r;
	const struct dialog *d;

	if (call_id.n == 0)
		return;
	r = registration_find(s, call_id);
	if (r && is_hop(s->model, &r->hop, e)) {
		e->subject = SUBJECT_REGISTRATION;
		e->row = (uint32_t)(r - MODEL_ROWS(registration,
						   s->model->registrations));
		return;
	}
	d = dialog_find(s, call_id);
	for (unsigned i = 0; d && i < d->hop_count; i++) {
		if (!is_hop(s->model, dialog_hop(s->model, d, i), e))
			continue;
		e->subject = SUBJECT_DIALOG;
		e->row = (uint32_t)(d - MODEL_ROWS(dialog, s->model->dialogs));
		e->hop = (uint8_t)i;
		return;
	}
}

static void find_subject(struct stages *s, struct network_error *e,
			 struct slice quoted)
{
	if (quoted.n < STUN_HEADER)
		e->blind = true;
	else if (stun_claims(quoted, true) == CLAIM_SURE)
		about_stun(s, e, quoted);
	else
		about_sip(s, e, quoted);
}

static struct hop *hop_it_met(const struct model *m,
			      const struct network_error *e)
{
	return hop_at(m, list_at(&m->dialogs, e->row), e->hop);
}

static struct obstacle *obstacle_of(struct stages *s,
				    const struct network_error *e)
{
	struct model *m = s->model;

	switch ((enum subject)e->subject) {
	case SUBJECT_ALLOCATION:
		return &MODEL_ROWS(allocation, m->allocations)[e->row].obstacle;
	case SUBJECT_BINDING:
		return &MODEL_ROWS(binding, m->bindings)[e->row].obstacle;
	case SUBJECT_CHECK:
		return &MODEL_ROWS(pair, m->pairs)[e->row]
				.way[e->side]
				.obstacle;
	case SUBJECT_DIALOG:
		return &hop_it_met(m, e)->obstacle;
	case SUBJECT_REGISTRATION:
		return &MODEL_ROWS(registration, m->registrations)[e->row]
				.hop.obstacle;
	case SUBJECT_NONE:
		break;
	}
	return NULL;
}

static void add(struct obstacle *o, const struct network_error *e,
		place_number place, unsigned count)
{
	if (o->count == 0)
		o->place = place;
	o->count += count;
	o->kind = e->kind;
}

/* ---- errors as they come ---- */

/* So much of a quotation says which packet it was. */
#define QUOTED_ENOUGH 64u

static uint64_t ends_hash(const struct stages *s, const struct endpoint *src,
			  const struct endpoint *dst)
{
	return hash_mix(stages_hash(s, slice_of(src, sizeof(*src))) +
			2 * stages_hash(s, slice_of(dst, sizeof(*dst))));
}

static uint64_t quoted_identity(uint64_t quoted, uint8_t type)
{
	return quoted + type + 1;
}

/* On the other side of a NAT the same packet has other ends.  Every INVITE to
 * a server begins like all others. */
static uint64_t identity_of(const struct stages *s, const struct icmp_error *e)
{
	struct slice branch;

	if (e->quoted.n < STUN_HEADER)
		return ends_hash(s, &e->src, &e->dst);
	branch = quoted_branch(e->quoted);
	if (branch.n == 0)
		branch = slice_first(e->quoted, QUOTED_ENOUGH);
	return quoted_identity(stages_hash(s, branch), e->type);
}

/* All errors about requests of SIP between these ends. */
static uint64_t way_identity(const struct stages *s, const struct endpoint *src,
			     const struct endpoint *dst)
{
	return hash_mix(ends_hash(s, src, dst));
}

static bool same_error(const void *rows, uint32_t row, const void *key)
{
	return ((const struct network_error *)rows + row)->identity ==
	       *(const uint64_t *)key;
}

static struct network_error *error_find(const struct stages *s,
					uint64_t identity)
{
	uint32_t row = index_find(&s->errors_index, identity, same_error,
				  s->errors.rows, &identity);

	return row == INDEX_NONE ? NULL : list_at(&s->errors, row);
}

/* The row of this error, new or seen elsewhere; NULL: no room. */
static struct network_error *error_of(struct stages *s, uint64_t identity,
				      const struct endpoint *src,
				      const struct endpoint *dst)
{
	struct network_error *e = error_find(s, identity);

	if (e)
		return e;
	e = list_add(&s->errors);
	if (!e)
		return NULL;
	e->src = *src;
	e->dst = *dst;
	e->identity = identity;
	if (index_add(&s->errors_index, identity,
		      (uint32_t)s->errors.count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	return e;
}

/* What a server sends to a socket that is gone ends every call. */
static bool is_late(struct stages *s, const struct network_error *e)
{
	return (port_is_ours(e->src.port) && !port_is_ours(e->dst.port)) ||
	       allocation_at(s, &e->dst, &e->src) != CHAIN_END;
}

static void note(struct stages *s, const struct network_error *e)
{
	bool late = is_late(s, e);
	const struct rule *rule =
		&flow_rules[late ? FLOW_RULE_ICMP_LATE : FLOW_RULE_ICMP];
	struct note *note = model_note(s->model, rule, e->place, LIST_NONE);
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

	if (note)
		note->text = model_sentence(s->model, "%s to %s",
					    endpoint_string(&e->src, src),
					    endpoint_string(&e->dst, dst));
}

/* What a client sends to the relay that granted it something: the relay, or
 * the way to it, is gone.  Told with the allocation. */
static void note_relay_gone(struct stages *s, struct network_error *e,
			    const struct message *m)
{
	uint32_t number = allocation_at(s, &e->src, &e->dst);
	struct allocation *a;

	if (number == CHAIN_END)
		return;
	a = list_at(&s->model->allocations, number);
	if (a->state != STATE_OK || m->from.time > a->until ||
	    (a->released && !fact_of(s->model, &a->facts, FACT_RELAY_GONE)))
		return;
	facts_note(s, &a->facts, FACT_RELAY_GONE, e->kind, m);
	e->signalling = false;
}

/* Browsers gather for each section, and close what a bundle leaves over: who
 * closed its socket cannot answer a challenge. */
static void note_deaf(struct stages *s, const struct network_error *e)
{
	uint32_t number = allocation_at(s, &e->dst, &e->src);
	struct allocation *a;

	if (number == CHAIN_END || e->kind != OBSTACLE_PORT)
		return;
	a = list_at(&s->model->allocations, number);
	a->deaf = true;
}

/* Hosts send few errors a second (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)): what one
 * request is told holds for others that go the same way. */
static void note_way(struct stages *s, const struct network_error *said,
		     place_number place)
{
	struct endpoint src = said->src, dst = said->dst;
	uint8_t kind = said->kind;
	struct network_error *e =
		error_of(s, way_identity(s, &src, &dst), &src, &dst);

	if (!e)
		return;
	e->place = place;
	e->kind = kind;
}

void obstacle_nearby(struct stages *s, struct hop *hop)
{
	const struct network_error *e;

	if (s->errors.count == 0 || hop->answered || hop->obstacle.count)
		return;
	e = error_find(s, way_identity(s, end_at(s->model, hop->src),
				       end_at(s->model, hop->dst)));
	if (e && place_time(s->model, e->place) > hop->time)
		add(&hop->obstacle, e, e->place, 1);
}

/* All errors about what is no signalling between these ends: media has no
 * identity of its own. */
static uint64_t stream_identity(const struct stages *s,
				const struct endpoint *src,
				const struct endpoint *dst)
{
	return hash_mix(ends_hash(s, src, dst) + 1);
}

/* Each is about another packet, and does not come twice but at another
 * vantage. */
static void note_stream(struct stages *s, const struct message *m)
{
	const struct icmp_error *icmp = m->u.icmp;
	struct network_error *e =
		error_of(s, stream_identity(s, &icmp->src, &icmp->dst),
			 &icmp->src, &icmp->dst);

	if (!e)
		return;
	if (e->seen.count == 0)
		e->place = stages_place(s, &m->from);
	e->kind = OBSTACLE_PORT;
	(void)sighting_note(&e->seen, &m->from);
}

void obstacle_of_media(const struct stages *s, struct media *media)
{
	const struct network_error *e;

	if (s->errors.count == 0)
		return;
	e = error_find(s, stream_identity(s, &media->src, &media->dst));
	if (!e)
		return;
	media->refused = e->place;
	media->refusals = e->seen.count;
	media->refused_until = e->seen.time;
}

/* What answers an INVITE came to its receiver in part.  Told with the call. */
static void note_answer_in_pieces(struct stages *s, struct network_error *e,
				  const struct message *m)
{
	struct slice quoted = m->u.icmp->quoted;
	struct slice call_id = quoted_header(quoted, "call-id", "i");
	struct dialog *d = slice_starts(quoted, SLICE("SIP/2.0 2")) && call_id.n
				   ? dialog_find(s, call_id)
				   : NULL;

	if (!d || !d->answer ||
	    !endpoint_equal(end_at(s->model, d->dst), &e->src))
		return;
	facts_note(s, &d->facts, FACT_PIECES, PIECES_REPORTED, m);
	e->signalling = false;
}

/* A request that has the dialog's tags, and no INVITE, goes where the other
 * side said in the call (RFC 3261 12.2.1.1). */
static bool quotes_within_dialog(struct slice quoted)
{
	static const char *const methods[] = {"BYE ",    "ACK ",   "INFO ",
					      "UPDATE ", "PRACK ", "REFER "};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_starts(quoted, slice_of_text(methods[i])))
			return true;
	return false;
}

/* A BYE that was lost before was not answered by this. */
#define AT_ONCE (2 * NS_PER_S)

static bool is_bye_asked_long(const struct stages *s, const struct dialog *d,
			      nanoseconds time)
{
	const struct fact *f = fact_of(s->model, &d->facts, FACT_BYE);
	bool asked = f;

	for (; f; f = fact_after(s->model, f))
		if (time - place_time(s->model, f->first) <= AT_ONCE)
			return false;
	return asked;
}

/* Told with the call: who was there when it was set up is there no more. */
static void note_unreached(struct stages *s, struct network_error *e,
			   const struct message *m)
{
	struct slice quoted = m->u.icmp->quoted;
	struct slice call_id = quoted_header(quoted, "call-id", "i");
	struct dialog *d = quotes_within_dialog(quoted) && call_id.n
				   ? dialog_find(s, call_id)
				   : NULL;

	if (!d || !(d->answer || d->older) ||
	    is_bye_asked_long(s, d, m->from.time))
		return;
	facts_note(s, &d->facts, FACT_UNREACHED,
		   (uint32_t)e->kind << UNREACHED_KIND |
			   model_end(s->model, &e->dst),
		   m);
	e->signalling = false;
}

void obstacle_icmp(struct stages *s, const struct message *m)
{
	const struct icmp_error *icmp = m->u.icmp;
	place_number place = stages_place(s, &m->from);
	struct network_error *e;
	struct obstacle *o;

	e = error_of(s, identity_of(s, icmp), &icmp->src, &icmp->dst);
	if (!e) {
		s->model->notes.refused++;
		return;
	}
	if (e->seen.count == 0) {
		e->place = place;
		e->signalling = quotes_signalling(icmp);
	}
	e->kind = (uint8_t)message_obstacle(m);
	if (e->kind != OBSTACLE_NONE && e->subject == SUBJECT_NONE)
		find_subject(s, e, icmp->quoted);
	if (!sighting_note(&e->seen, &m->from))
		return;
	o = obstacle_of(s, e);
	if (o)
		add(o, e, place, 1);
	if (e->kind == OBSTACLE_NONE || e->kind == OBSTACLE_SIZE)
		return;
	note_relay_gone(s, e, m);
	note_deaf(s, e);
	note_unreached(s, e, m);
	if (e->kind == OBSTACLE_FRAGMENTS)
		note_answer_in_pieces(s, e, m);
	if (sip_claims(icmp->quoted, true) == CLAIM_SURE)
		note_way(s, e, place);
	else if (!e->signalling && e->kind == OBSTACLE_PORT)
		note_stream(s, m);
}

void obstacle_ended(struct stages *s, const struct message *m, bool reset)
{
	uint64_t identity = ends_hash(s, &m->from.src, &m->from.dst);
	struct network_error *e =
		error_of(s, identity, &m->from.src, &m->from.dst);

	if (!e) {
		s->model->notes.refused++;
		return;
	}
	e->kind = !reset                                ? OBSTACLE_ENDED
		  : m->from.transport == TRANSPORT_SCTP ? OBSTACLE_ABORT
							: OBSTACLE_RESET;
	e->blind = true;
	if (sighting_note(&e->seen, &m->from) && !e->place)
		e->place = stages_place(s, &m->from);
}

/* ---- what TCP repeats in vain ---- */

static place_number place_of_mark(struct stages *s, const struct origin *of,
				  const struct tcp_mark *mark)
{
	struct origin from = *of;

	from.file = mark->file;
	from.vantage = mark->vantage;
	from.frame = mark->frame;
	from.time = mark->time;
	return stages_place(s, &from);
}

void obstacle_stuck(struct stages *s, const struct message *m, bool ours)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct tcp_stuck *t = &m->u.tcp.stuck[side];
		struct stuck *row = t->sent ? list_add(&s->model->stuck) : NULL;

		if (!row)
			continue;
		*row = (struct stuck){
			.src = side ? m->from.dst : m->from.src,
			.dst = side ? m->from.src : m->from.dst,
			.first = place_of_mark(s, &m->from, &t->first),
			.last = place_of_mark(s, &m->from, &t->last),
			.size = t->size,
			.sent = t->sent,
			.ours = ours,
		};
	}
}

/* A message whose end was sent with that segment or behind it did not come. */
static bool swallow(struct stages *s, struct hop *hop)
{
	struct stuck *rows = s->model->stuck.rows;

	for (size_t i = 0; i < s->model->stuck.count; i++) {
		struct stuck *x = &rows[i];

		if (!hop->reliable ||
		    place_time(s->model, x->first) > hop->time ||
		    !endpoint_equal(&x->src, end_at(s->model, hop->src)) ||
		    !endpoint_equal(&x->dst, end_at(s->model, hop->dst)))
			continue;
		x->told = true;
		hop->obstacle = (struct obstacle){
			.place = x->first,
			.count = x->sent,
			.kind = OBSTACLE_SWALLOWED,
			.size = (uint16_t)(x->size < UINT16_MAX ? x->size
								: UINT16_MAX),
		};
		return true;
	}
	return false;
}

/* ---- when all is known ---- */

/* A request is answered by what comes this soon. */
#define ERROR_PATIENCE (4 * NS_PER_S)

/* The blind error that answers what was asked last at that time; NULL: none,
 * or what came before it may have been an answer that cannot be read. */
static struct network_error *blind_error(struct stages *s,
					 const struct endpoint *src,
					 const struct endpoint *dst,
					 nanoseconds asked)
{
	struct network_error *e = error_find(s, ends_hash(s, src, dst));

	if (!e || !e->blind || s->model->unreadable >= asked ||
	    e->seen.time < asked - COPY_WINDOW ||
	    place_time(s->model, e->place) > asked + ERROR_PATIENCE)
		return NULL;
	return e;
}

/* It is about this, and told with it. */
static void answer(struct stages *s, struct obstacle *o,
		   const struct endpoint *src, const struct endpoint *dst,
		   nanoseconds asked)
{
	struct network_error *e = blind_error(s, src, dst, asked);

	if (!e)
		return;
	if (o->count == 0)
		add(o, e, e->place, e->seen.count);
	e->signalling = false;
}

/* Many quotations end in front of the Call-ID, or overtake what they quote. */
static void answer_branch(struct stages *s, struct hop *hop)
{
	static const uint8_t types[] = {1, 2, 3, 11}; /* see kind_of() */

	if (hop->branch == 0)
		return;
	for (size_t i = 0; i < sizeof(types); i++) {
		struct network_error *e =
			error_find(s, quoted_identity(hop->branch, types[i]));

		if (!e || e->subject != SUBJECT_NONE ||
		    e->kind == OBSTACLE_NONE || !is_hop(s->model, hop, e))
			continue;
		if (hop->obstacle.count == 0)
			add(&hop->obstacle, e, e->place, e->seen.count);
		e->signalling = false;
	}
}

/* Where a request could be sent, somebody listens, also when a reset follows
 * it. */
static void answer_hop(struct stages *s, struct hop *hop)
{
	bool told = hop->obstacle.count != 0;

	if (swallow(s, hop))
		return;
	answer(s, &hop->obstacle, end_at(s->model, hop->src),
	       end_at(s->model, hop->dst), hop->time);
	answer_branch(s, hop);
	if (!told && (hop->obstacle.kind == OBSTACLE_RESET ||
		      hop->obstacle.kind == OBSTACLE_ABORT))
		hop->obstacle.kind = OBSTACLE_ENDED;
}

static void answer_sip(struct stages *s)
{
	struct registration *r = s->model->registrations.rows;
	struct dialog *d = s->model->dialogs.rows;
	struct hop *hops = s->model->hops.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++)
		if (r[i].unanswered)
			answer_hop(s, &r[i].hop);
	for (size_t i = 0; i < s->model->dialogs.count; i++)
		if (d[i].hop_count && !d[i].hop.answered)
			answer_hop(s, &d[i].hop);
	for (size_t i = 0; i < s->model->hops.count; i++)
		if (!hops[i].answered)
			answer_hop(s, &hops[i]);
}

/* Who asked over a connection that had come about did find somebody. */
static void answer_stream(struct stages *s, struct obstacle *o,
			  const struct endpoint *src,
			  const struct endpoint *dst, nanoseconds asked)
{
	bool told = o->count != 0;

	answer(s, o, src, dst, asked);
	if (!told && o->kind == OBSTACLE_RESET)
		o->kind = OBSTACLE_ENDED;
}

static void answer_stun(struct stages *s)
{
	struct allocation *a = s->model->allocations.rows;
	struct binding *b = s->model->bindings.rows;
	struct pair *p = s->model->pairs.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		/* Of what it asked first the answer may be lost. */
		if (a[i].unanswered &&
		    s->model->unreadable < place_time(s->model, a[i].request))
			answer_stream(s, &a[i].obstacle,
				      end_at(s->model, a[i].client),
				      end_at(s->model, a[i].server),
				      place_time(s->model, a[i].cited.last));
	for (size_t i = 0; i < s->model->bindings.count; i++)
		if (!b[i].answers)
			answer_stream(s, &b[i].obstacle,
				      end_at(s->model, b[i].client),
				      end_at(s->model, b[i].server),
				      place_time(s->model, b[i].request));
	for (size_t i = 0; i < s->model->pairs.count; i++) {
		if (p[i].way[0].silent)
			answer_stream(s, &p[i].way[0].obstacle,
				      end_at(s->model, p[i].a),
				      end_at(s->model, p[i].b),
				      place_time(s->model, p[i].way[0].last));
		if (p[i].way[1].silent)
			answer_stream(s, &p[i].way[1].obstacle,
				      end_at(s->model, p[i].b),
				      end_at(s->model, p[i].a),
				      place_time(s->model, p[i].way[1].last));
	}
}

/* Is what it answers still open, so that a stage will tell it? */
static bool is_told(const struct stages *s, const struct network_error *e)
{
	const struct model *m = s->model;

	switch ((enum subject)e->subject) {
	case SUBJECT_ALLOCATION:
		return MODEL_ROWS(allocation, m->allocations)[e->row]
			       .unanswered != 0;
	case SUBJECT_BINDING:
		return !MODEL_ROWS(binding, m->bindings)[e->row].answers;
	case SUBJECT_CHECK:
		return MODEL_ROWS(pair, m->pairs)[e->row].way[e->side].silent !=
		       0;
	case SUBJECT_DIALOG:
		return !hop_it_met(m, e)->answered;
	case SUBJECT_REGISTRATION:
		return MODEL_ROWS(registration, m->registrations)[e->row]
			       .unanswered != 0;
	case SUBJECT_NONE:
		break;
	}
	return false;
}

void obstacles_finish(struct stages *s)
{
	const struct network_error *rows = s->errors.rows;

	if (s->errors.count == 0 && s->model->stuck.count == 0)
		return;
	answer_sip(s);
	answer_stun(s);
	for (size_t i = 0; i < s->errors.count; i++) {
		if (!rows[i].signalling || is_told(s, &rows[i]))
			continue;
		for (unsigned k = 0; k < rows[i].seen.count; k++)
			note(s, &rows[i]);
	}
}
