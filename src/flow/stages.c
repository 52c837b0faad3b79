/* The listener: which stages a message belongs to. */
#include "config.h"

#include <stdlib.h>

#include "flow/stages_state.h"

struct stages *stages_new(struct model *model, const struct keyring *keys)
{
	struct stages *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->model = model;
	s->keys = keys;
	/* Differs from run to run where addresses are random; need not be a
	 * secret offline. */
	s->key = (uint64_t)(uintptr_t)s * UINT64_C(0x9e3779b97f4a7c15);
	s->ways = list_of(sizeof(struct way), WAYS_MAX);
	s->more_peers = list_of(sizeof(struct more_peer), MORE_PEERS_MAX);
	s->tickets = list_of(sizeof(struct ticket), TICKETS_MAX);
	s->last_way = CHAIN_END;
	s->certificates = list_of(sizeof(struct certificate), CERTIFICATES_MAX);
	s->fingerprints = owners_new();
	s->newest = list_of(sizeof(uint32_t), MODEL_PARTIES_MAX);
	s->heard = recent_of(sizeof(struct heard), HEARD_MAX, HEARD_LIFE);
	s->leg_notes = list_of(sizeof(struct leg_note), LEG_NOTES_MAX);
	s->leg_names = list_of(sizeof(struct leg_name), LEG_NOTES_MAX);
	s->referrals = list_of(sizeof(struct referral), LEG_NOTES_MAX);
	s->scratch = text_new(NAME_TEXT_MAX);
	s->errors = list_of(sizeof(struct network_error), ERRORS_MAX);
	s->lookups = list_of(sizeof(struct lookup), LOOKUPS_MAX);
	s->twins = list_of(sizeof(struct twin), TWINS_MAX);
	s->connections_used =
		list_of(sizeof(struct connection_used), CONNECTIONS_USED_MAX);
	s->greetings = list_of(sizeof(struct greeting), GREETINGS_MAX);
	s->passings = list_of(sizeof(struct passing), PASSINGS_MAX);
	unasked_begin(s);
	s->signings = signings_new();
	s->names = owners_new();
	s->namings = list_of(sizeof(struct named_end), NAMINGS_MAX);
	s->addresses = owners_new();
	s->forks = owners_new();
	s->pending =
		recent_of(sizeof(struct pending), PENDING_MAX, PENDING_LIFE);
	if (!recent_start(&s->pending)) {
		free(s);
		return NULL;
	}
	return s;
}

/* What a struct stages is made of, each list with NULL behind its last: all
 * but what only messages need. */
struct parts {
	struct list *lists[24];
	struct index *indexes[32];
	struct owners *owners[8];
};

static struct parts parts_of(struct stages *s)
{
	return (struct parts){
		.lists = {&s->ways, &s->more_peers, &s->newest, &s->leg_notes,
			  &s->leg_names, &s->referrals, &s->errors,
			  &s->certificates, &s->tickets, &s->signings,
			  &s->passings, &s->lookups, &s->unasked,
			  &s->connections_used, &s->namings, &s->twins,
			  &s->greetings},
		.indexes = {&s->errors_index,  &s->registrations,
			    &s->parties,       &s->dialogs,
			    &s->tokens,        &s->token_requests,
			    &s->resolved,      &s->allocations,
			    &s->bindings,      &s->openings,
			    &s->sessions,      &s->pairs,
			    &s->handshakes,    &s->paths,
			    &s->lifelines,     &s->lifeline_hosts,
			    &s->tickets_index, &s->passings_index,
			    &s->unasked_index, &s->told_index,
			    &s->findings},
		.owners = {&s->names, &s->addresses, &s->forks,
			   &s->fingerprints},
	};
}

void stages_free(struct stages *s)
{
	struct parts parts;

	if (!s)
		return;
	parts = parts_of(s);
	signings_wipe(&s->signings);
	for (size_t i = 0; parts.lists[i]; i++)
		list_free(parts.lists[i]);
	for (size_t i = 0; parts.indexes[i]; i++)
		index_free(parts.indexes[i]);
	for (size_t i = 0; parts.owners[i]; i++)
		owners_free(parts.owners[i]);
	recent_free(&s->pending);
	recent_free(&s->heard);
	certificates_free(s);
	free(s->server_certificates);
	legs_free(s);
	candidates_end(s);
	text_free(&s->scratch);
	free(s);
}

/* ---- a copy that joins may change; it fills another model ---- */

bool stages_copy_begin(struct stages_copy *c, struct stages *from,
		       struct model *view)
{
	struct stages *s = calloc(1, sizeof(*s));
	struct parts parts;

	if (!s)
		return false;
	*s = *from;
	s->model = view;
	s->assemblies = NULL;
	s->server_certificates = NULL;
	s->scratch = text_new(NAME_TEXT_MAX);
	parts = parts_of(s);
	for (size_t i = 0; parts.lists[i]; i++)
		*parts.lists[i] =
			list_of(parts.lists[i]->size, parts.lists[i]->max);
	for (size_t i = 0; parts.indexes[i]; i++)
		*parts.indexes[i] = (struct index){0};
	for (size_t i = 0; parts.owners[i]; i++)
		*parts.owners[i] = (struct owners){0};
	model_copy_begin(view, from->model);
	*c = (struct stages_copy){.from = from, .to = s, .view = view};
	c->failed = !recent_copy(&s->pending, &from->pending);
	/* Only messages ask for those, and none follow. */
	s->heard = recent_of(sizeof(struct heard), HEARD_MAX, HEARD_LIFE);
	return true;
}

/* One of the parts; false: there are not so many. */
static bool copy_part(struct stages_copy *c, size_t part)
{
	struct parts theirs = parts_of(c->from), ours = parts_of(c->to);
	size_t n = 0;

	for (size_t i = 0; ours.lists[i]; i++)
		if (n++ == part)
			c->failed |= !list_copy(ours.lists[i], theirs.lists[i]);
	for (size_t i = 0; ours.indexes[i]; i++)
		if (n++ == part)
			c->failed |=
				!index_copy(ours.indexes[i], theirs.indexes[i]);
	for (size_t i = 0; ours.owners[i]; i++)
		if (n++ == part)
			c->failed |=
				!owners_copy(ours.owners[i], theirs.owners[i]);
	return part < n;
}

#define PARTS_MAX 64u

/* Those of the stages come first, then those of the model. */
bool stages_copy_step(struct stages_copy *c)
{
	bool more = true;

	if (c->failed)
		return false;
	if (c->part < PARTS_MAX) {
		c->part = copy_part(c, c->part) ? c->part + 1 : PARTS_MAX;
		return true;
	}
	c->failed |= !model_copy_part(c->view, c->from->model,
				      c->part++ - PARTS_MAX, &more);
	return more && !c->failed;
}

void stages_copy_drop(struct stages_copy *c)
{
	stages_free(c->to);
	model_free(c->view);
}

struct stages *stages_copy_end(struct stages_copy *c)
{
	if (!c->failed)
		return c->to;
	stages_copy_drop(c);
	return NULL;
}

struct place place_of(const struct origin *from)
{
	return (struct place){.file = from->file & UINT16_MAX,
			      .frame = from->frame & PLACE_FRAME_MAX,
			      .time = from->time};
}

place_number stages_place(struct stages *s, const struct origin *from)
{
	bool here = from == s->here_of;
	place_number number = here ? s->here : PLACE_NONE;
	struct place place;

	if (number)
		return number;
	place = place_of(from);
	number = model_place(s->model, &place);
	if (here)
		s->here = number;
	return number;
}

static end_number here_end(struct stages *s, const struct origin *from,
			   end_number *here, const struct endpoint *e)
{
	end_number number = from == s->here_of ? *here : 0;

	if (number)
		return number;
	number = model_end(s->model, e);
	if (from == s->here_of)
		*here = number;
	return number;
}

end_number stages_src(struct stages *s, const struct origin *from)
{
	return here_end(s, from, &s->here_src, &from->src);
}

end_number stages_dst(struct stages *s, const struct origin *from)
{
	return here_end(s, from, &s->here_dst, &from->dst);
}

bool stages_is_src(const struct stages *s, const struct origin *from,
		   end_number end)
{
	if (from == s->here_of && s->here_src)
		return s->here_src == end;
	return endpoint_equal(end_at(s->model, end), &from->src);
}

bool stages_is_dst(const struct stages *s, const struct origin *from,
		   end_number end)
{
	if (from == s->here_of && s->here_dst)
		return s->here_dst == end;
	return endpoint_equal(end_at(s->model, end), &from->dst);
}

uint64_t stages_hash(const struct stages *s, struct slice value)
{
	return hash_bytes(s->key, value);
}

uint64_t stages_hash_ends(const struct stages *s, const struct endpoint *a,
			  const struct endpoint *b)
{
	uint64_t x = stages_hash(s, slice_of(a, sizeof(*a)));
	uint64_t y = stages_hash(s, slice_of(b, sizeof(*b)));

	return hash_mix((x + y) ^ (x * y));
}

bool stages_nonce(const struct stages *s, uint32_t *kept, struct slice nonce)
{
	uint32_t hash = (uint32_t)stages_hash(s, nonce) | 1u;
	bool fresh = nonce.n && *kept != hash;

	if (fresh)
		*kept = hash;
	return fresh;
}

/* ---- what is found in a message ---- */

static bool same_finding(const void *rows, uint32_t row, const void *key)
{
	const struct unplaced *a = (const struct unplaced *)rows + row;
	const struct unplaced *b = key;

	return a->rule == b->rule && a->subject == b->subject;
}

/* The row of that rule and subject, a new one if need be; NULL: no room. */
static struct unplaced *finding_of(struct stages *s, const struct unplaced *key)
{
	struct list *list = &s->model->unplaced;
	uint64_t hash = stages_hash(s, slice_of(&key->rule, sizeof(key->rule)));
	struct unplaced *row;
	uint32_t number;

	hash = hash_mix(hash ^ key->subject);
	number = index_find(&s->findings, hash, same_finding, list->rows, key);
	if (number != INDEX_NONE)
		return list_at(list, number);
	if (list->count == list->max)
		return NULL;
	row = list_add(list);
	if (!row)
		return NULL;
	*row = *key;
	if (index_add(&s->findings, hash, (uint32_t)list->count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

void stages_found(struct stages *s, const struct rule *rule,
		  const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	struct unplaced key = {.rule = rule, .call = LIST_NONE}, *row;

	s->model->unplaced_key = s->key;
	if (m->kind != MESSAGE_SIP)
		key.subject = unplaced_ends(s->key, &m->from.src, &m->from.dst);
	else if (m->u.sip->call_id.n)
		key.subject = unplaced_sip(s->key, m->u.sip->call_id);
	row = key.subject ? finding_of(s, &key) : NULL;
	if (!row) {
		(void)model_note(s->model, rule, place, LIST_NONE);
		return;
	}
	cite(s->model, &row->cited, place);
	row->count++;
}

static void note_findings(struct stages *s, const struct message *m)
{
	for (size_t i = 0; m->findings && i < m->findings->count; i++)
		stages_found(s, m->findings->list[i].rule, m);
}

void stages_note_time(struct model *model, nanoseconds time)
{
	if (model->first_time == 0 || time < model->first_time)
		model->first_time = time;
	if (time > model->last_time)
		model->last_time = time;
}

static void note_vantage(struct model *model, const struct origin *from)
{
	if (from->vantage < MODEL_VANTAGES_TOLD &&
	    from->time > model->heard_until[from->vantage])
		model->heard_until[from->vantage] = from->time;
}

static void take_sip(struct stages *s, const struct message *m)
{
	s->model->answers += !m->u.sip->request;
	path_sip(s, m);
	lifeline_hear(s, m);
	if (m->u.sip->call_id.n == 0)
		s->model->unreadable = m->from.time;
	stage_registration(s, m);
	stage_signin(s, m);
	stage_provisioning(s, m);
	stage_token(s, m);
	stage_exchange(s, m);
	stage_diagnostics(s, m);
	stage_quality(s, m);
}

static void take_stun(struct stages *s, const struct message *m)
{
	/* One whose request is missing shows but one direction. */
	if (!s->model->answers && (m->u.stun->class == STUN_SUCCESS ||
				   m->u.stun->class == STUN_ERROR))
		s->model->answers = pending_same(s, m)->count != 0;
	if (m->u.stun->method == STUN_BINDING && is_check(s, m))
		stage_probing(s, m);
	else
		stage_gathering(s, m);
}

void stages_take(void *context, const struct message *m)
{
	struct stages *s = context;

	s->here_of = &m->from;
	s->here = PLACE_NONE;
	s->here_src = s->here_dst = 0;
	s->same_id_of = NULL;
	s->apart |= m->from.vantage != 0;
	stages_note_time(s->model, m->from.time);
	note_vantage(s->model, &m->from);
	/* No RFC tells how it has to be, or who has to answer. */
	if (m->kind == MESSAGE_STUN && stun_is_private(m->u.stun))
		return;
	note_findings(s, m);
	switch (m->kind) {
	case MESSAGE_SIP:
		take_sip(s, m);
		break;
	case MESSAGE_STUN:
		take_stun(s, m);
		break;
	case MESSAGE_DTLS:
		stage_handshake(s, m);
		break;
	case MESSAGE_ICMP:
		stage_icmp(s, m);
		break;
	case MESSAGE_HOLE:
		s->model->holes++;
		if (m->u.hole.in_ours)
			s->model->unreadable = m->from.time;
		allocation_hole(s, m);
		lifeline_hear(s, m);
		break;
	case MESSAGE_KEEPALIVE:
		lifeline_hear(s, m);
		break;
	case MESSAGE_TCP:
		stage_tcp(s, m);
		break;
	case MESSAGE_DNS:
		stage_dns(s, m);
		break;
	case MESSAGE_MALFORMED:
		s->model->unreadable = m->from.time;
		stage_malformed(s, m);
		break;
	case MESSAGE_CHANNEL_DATA:
		stage_relayed_data(s, m);
		break;
	case MESSAGE_TLS:
		stage_tls(s, m);
		break;
	case MESSAGE_HELLO:
		stage_hello(s, m);
		break;
	case MESSAGE_REMARK:
		stage_remark(s, m);
		break;
	case MESSAGE_WEB:
		stage_web(s, m);
		break;
	case MESSAGE_TOLD:
		stage_told(s, m);
		break;
	case MESSAGE_FINDING:
		break;
	}
	s->here_of = NULL;
	s->same_id_of = NULL;
}

static void (*const ends[])(struct stages *s) = {
	obstacles_finish,   tokens_resolve, twins_find,    shuts_finish,
	allocations_finish, lookups_finish, paths_finish,  sign_ins_finish,
	webs_finish,        unasked_finish, asides_finish,
};

/* No message follows: what they are found by is needed no more. */
static void forget_messages(struct stages *s)
{
	recent_free(&s->pending);
	recent_free(&s->heard);
}

bool stages_finish_step(struct stages *s, const struct media_table *media)
{
	const size_t count = sizeof(ends) / sizeof(ends[0]);
	size_t at = s->joining.ends;

	if (at <= count) {
		s->joining.ends++;
		if (at == count)
			forget_messages(s);
		if (at)
			ends[at - 1](s);
		else
			stage_media(s, media);
		return true;
	}
	if (calls_join_step(s))
		return true;
	remarks_join(s);
	return false;
}

void stages_finish(struct stages *s, const struct media_table *media)
{
	while (stages_finish_step(s, media))
		;
}
