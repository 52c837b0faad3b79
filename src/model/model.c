/* The evidence: its lists, its strings, its words. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/format.h"
#include "model/model.h"
#include "model/series.h"

void model_init(struct model *m)
{
	*m = (struct model){
		.arena = arena_new(MODEL_ARENA_MAX),
		.registrations = list_of(sizeof(struct registration),
					 MODEL_REGISTRATIONS_MAX),
		.tokens = list_of(sizeof(struct token), MODEL_TOKENS_MAX),
		.allocations = list_of(sizeof(struct allocation),
				       MODEL_ALLOCATIONS_MAX),
		.bindings =
			list_of(sizeof(struct binding), MODEL_ALLOCATIONS_MAX),
		.dialogs = list_of(sizeof(struct dialog), MODEL_DIALOGS_MAX),
		.candidates =
			list_of(sizeof(struct candidate), MODEL_PAIRS_MAX),
		.sessions = list_of(sizeof(struct session), MODEL_SESSIONS_MAX),
		.pairs = list_of(sizeof(struct pair), MODEL_PAIRS_MAX),
		.media = list_of(sizeof(struct media), MODEL_PAIRS_MAX),
		.handshakes =
			list_of(sizeof(struct handshake), MODEL_SESSIONS_MAX),
		.calls = list_of(sizeof(struct call), MODEL_CALLS_MAX),
		.notes = list_of(sizeof(struct note), MODEL_NOTES_MAX),
		.ends = list_of(sizeof(struct endpoint), MODEL_ENDS_MAX),
		.parties = list_of(sizeof(struct party), MODEL_PARTIES_MAX),
		.changes = list_of(sizeof(struct change), MODEL_CHANGES_MAX),
		.sip_rows = list_of(sizeof(struct sip_row), MODEL_SIP_ROWS_MAX),
		.openings = list_of(sizeof(struct opening), MODEL_OPENINGS_MAX),
		.crossings =
			list_of(sizeof(struct crossing), MODEL_CROSSINGS_MAX),
		.facts = list_of(sizeof(struct fact), MODEL_FACTS_MAX),
		.paths = list_of(sizeof(struct path), MODEL_PATHS_MAX),
		.diagnoses =
			list_of(sizeof(struct diagnosis), MODEL_DIAGNOSES_MAX),
		.media_debugs = list_of(sizeof(struct media_debug),
					MODEL_DIAGNOSES_MAX),
		.qualities =
			list_of(sizeof(struct quality), MODEL_DIAGNOSES_MAX),
		.finals =
			list_of(sizeof(struct final_offer), MODEL_DIALOGS_MAX),
		.agreements =
			list_of(sizeof(struct agreement), MODEL_DIALOGS_MAX),
		.ms_turns =
			list_of(sizeof(struct ms_turn), MODEL_ALLOCATIONS_MAX),
		.remarks = list_of(sizeof(struct remark), MODEL_REMARKS_MAX),
		.sign_ins = list_of(sizeof(struct sign_in),
				    MODEL_REGISTRATIONS_MAX),
		.provisioned = list_of(sizeof(struct provisioned),
				       MODEL_REGISTRATIONS_MAX),
		.token_requests =
			list_of(sizeof(struct token_request), MODEL_TOKENS_MAX),
		.resolved =
			list_of(sizeof(struct resolved), MODEL_RESOLVED_MAX),
		.shuts = list_of(sizeof(struct shut), MODEL_SHUTS_MAX),
		.hidden_relays = list_of(sizeof(struct hidden_relay),
					 MODEL_HIDDEN_RELAYS_MAX),
		.stuck = list_of(sizeof(struct stuck), MODEL_STUCK_MAX),
		.lifelines = list_of(sizeof(struct lifeline),
				     MODEL_REGISTRATIONS_MAX),
		.causes = list_of(sizeof(struct cause), MODEL_NOTES_MAX),
		.series = list_of(sizeof(struct media_series), SERIES_MAX),
		.texts = list_of(sizeof(const char *), MODEL_TEXTS_MAX),
		/* Differs from run to run where addresses are random; need not
		 * be a secret offline. */
		.texts_key =
			(uint64_t)(uintptr_t)m * UINT64_C(0x9e3779b97f4a7c15),
		.places = list_of(sizeof(uint64_t), MODEL_PLACES_MAX),
		.place_bases = list_of(sizeof(struct place),
				       MODEL_PLACES_MAX / PLACES_A_BASE + 1),
		.far_places = list_of(sizeof(struct place), MODEL_PLACES_MAX),
		.media_points = list_of(sizeof(struct media_point),
					MODEL_MEDIA_POINTS_MAX),
		.webs = list_of(sizeof(struct web_call), MODEL_WEBS_MAX),
		.extras = list_of(sizeof(struct candidate_extra),
				  MODEL_PAIRS_MAX),
		.pair_extras =
			list_of(sizeof(struct pair_extra), MODEL_PAIRS_MAX),
		.hops = list_of(sizeof(struct hop), MODEL_DIALOGS_MAX),
		.told = list_of(sizeof(struct told_description),
				MODEL_TOLD_MAX),
		.unplaced =
			list_of(sizeof(struct unplaced), MODEL_UNPLACED_MAX),
		.proofs = list_of(sizeof(struct proof), MODEL_NOTES_MAX),
		.vantages = list_of(sizeof(struct vantage), MODEL_VANTAGES_MAX),
		.notes_alone = {LIST_NONE, LIST_NONE},
	};
}

#define MODEL_LISTS 50

/* All lists of a model; returns how many. */
static size_t lists_of(struct model *m, struct list *out[MODEL_LISTS])
{
	struct list *lists[] = {
		&m->registrations, &m->tokens,       &m->allocations,
		&m->bindings,      &m->dialogs,      &m->candidates,
		&m->sessions,      &m->pairs,        &m->media,
		&m->handshakes,    &m->calls,        &m->notes,
		&m->ends,          &m->parties,      &m->changes,
		&m->sip_rows,      &m->openings,     &m->paths,
		&m->vantages,      &m->crossings,    &m->facts,
		&m->diagnoses,     &m->media_debugs, &m->qualities,
		&m->ms_turns,      &m->finals,       &m->remarks,
		&m->sign_ins,      &m->provisioned,  &m->token_requests,
		&m->resolved,      &m->causes,       &m->proofs,
		&m->shuts,         &m->series,       &m->lifelines,
		&m->stuck,         &m->places,       &m->webs,
		&m->media_points,  &m->told,         &m->unplaced,
		&m->hops,          &m->extras,       &m->pair_extras,
		&m->agreements,    &m->place_bases,  &m->far_places,
		&m->texts,         &m->hidden_relays,
	};

	_Static_assert(sizeof(lists) / sizeof(lists[0]) <= MODEL_LISTS,
		       "room for all");
	memcpy(out, lists, sizeof(lists));
	return sizeof(lists) / sizeof(lists[0]);
}

void model_free(struct model *m)
{
	struct list *lists[MODEL_LISTS];
	size_t count = lists_of(m, lists);

	for (size_t i = 0; i < count; i++)
		list_free(lists[i]);
	index_free(&m->ends_index);
	index_free(&m->texts_index);
	arena_free(&m->arena);
}

void model_copy_begin(struct model *to, const struct model *from)
{
	struct list *ours[MODEL_LISTS];
	size_t count;

	*to = *from;
	to->arena = arena_new(MODEL_ARENA_MAX);
	to->ends_index = to->texts_index = (struct index){0};
	count = lists_of(to, ours);
	for (size_t i = 0; i < count; i++)
		*ours[i] = list_of(ours[i]->size, ours[i]->max);
}

bool model_copy_part(struct model *to, struct model *from, size_t part,
		     bool *more)
{
	struct list *theirs[MODEL_LISTS], *ours[MODEL_LISTS];
	size_t count = lists_of(from, theirs);

	lists_of(to, ours);
	*more = part < count + 1;
	if (part < count)
		return list_copy(ours[part], theirs[part]);
	return part == count ? index_copy(&to->ends_index, &from->ends_index)
			     : index_copy(&to->texts_index, &from->texts_index);
}

const char *model_text(struct model *m, struct slice s)
{
	const char *text = arena_text(&m->arena, s);

	if (!text)
		m->out_of_memory = true;
	return text ? text : "";
}

bool model_text_is(const char *text, struct slice s)
{
	if (strlen(text) != s.n)
		return false;
	if (s.n == 0 || memcmp(text, s.p, s.n) == 0)
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (text[i] != (s.p[i] ? (char)s.p[i] : '?'))
			return false;
	return true;
}

void model_set_text(struct model *m, const char **text, struct slice s)
{
	if (!*text || !model_text_is(*text, s))
		*text = model_text(m, s);
}

struct slice model_bytes(struct model *m, struct slice s)
{
	struct slice copy = arena_copy(&m->arena, s);

	if (copy.n != s.n)
		m->out_of_memory = true;
	return copy;
}

const char *model_sentence(struct model *m, const char *format, ...)
{
	char buffer[1024];
	struct slice text;
	va_list args;
	int n = 0;

	va_start(args, format);
	if (!format_plainly(&text, buffer, sizeof(buffer) - 1, format, args)) {
		n = vsnprintf(buffer, sizeof(buffer), format, args);
		text = slice_of_text(n < 0 ? "" : buffer);
	}
	va_end(args);
	return model_text(m, text);
}

static bool more_members(struct model *m, struct members *members)
{
	uint32_t room = members->room ? members->room * 2 : 2;
	uint32_t *list = arena_array(&m->arena, room, sizeof(*list));

	if (!list) {
		m->out_of_memory = true;
		return false;
	}
	if (members->count)
		memcpy(list, members->list, members->count * sizeof(*list));
	members->list = list;
	members->room = room;
	return true;
}

void model_member(struct model *m, struct members *members, size_t number)
{
	for (uint32_t i = 0; i < members->count; i++)
		if (members->list[i] == number)
			return;
	if (members->count == CALL_MEMBERS_MAX)
		m->members_refused++;
	else if (members->count < members->room || more_members(m, members))
		members->list[members->count++] = (uint32_t)number;
}

struct call *model_call(struct model *m, enum call_kind kind, nanoseconds start)
{
	struct call *call = list_add(&m->calls);

	if (!call)
		return NULL;
	call->kind = kind;
	call->start = call->end = start;
	call->dialog = LIST_NONE;
	call->stopped = STAGE_NONE;
	call->told[0] = call->told[1] = CHAIN_END;
	call->notes = (struct note_chain){LIST_NONE, LIST_NONE};
	return call;
}

/* ---- endpoints by number ---- */

/* Need not be secret: who floods it with ends reaches the cap first. */
#define ENDS_KEY UINT64_C(0x5ca1ab1e0ddba11)

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	return endpoint_equal((const struct endpoint *)rows + row, key);
}

static bool is_nowhere(const struct endpoint *e)
{
	return endpoint_equal(e, &endpoint_nowhere);
}

/* Each message asks for two or three. */
static uint64_t end_hash(const struct endpoint *e)
{
	uint64_t front, back;
	uint32_t rest;

	_Static_assert(sizeof(*e) ==
			       sizeof(front) + sizeof(back) + sizeof(rest),
		       "all of it");
	memcpy(&front, e->ip, sizeof(front));
	memcpy(&back, e->ip + sizeof(front), sizeof(back));
	memcpy(&rest, &e->port, sizeof(rest));
	return hash_mix(front * UINT64_C(0x9fb21c651e98df25) +
			back * UINT64_C(0x9e3779b97f4a7c15) +
			(rest ^ ENDS_KEY) * UINT64_C(0xd6e8feb86659fd93));
}

end_number model_end(struct model *m, const struct endpoint *e)
{
	uint64_t hash = end_hash(e);
	struct endpoint *added;
	uint32_t row;

	if (is_nowhere(e))
		return 0;
	row = index_seek(&m->ends_index, hash, same_end, m->ends.rows, e);
	if (row != INDEX_NONE)
		return row + 1;
	added = list_add(&m->ends);
	if (!added)
		return 0;
	*added = *e;
	row = (uint32_t)m->ends.count - 1;
	if (index_add(&m->ends_index, hash, row) != STATUS_OK)
		m->out_of_memory = true;
	return row + 1;
}

bool model_find_end(const struct model *m, const struct endpoint *e,
		    end_number *out)
{
	uint32_t row = index_seek(&m->ends_index, end_hash(e), same_end,
				  m->ends.rows, e);

	*out = row == INDEX_NONE ? 0 : row + 1;
	return *out || is_nowhere(e);
}

bool allocation_gave(const struct model *m, const struct allocation *a,
		     const struct endpoint *e)
{
	end_number end;

	return model_find_end(m, e, &end) && end &&
	       (end == a->relayed || end == a->relayed_other);
}

bool pair_lies_at(const struct model *m, const struct pair *pair,
		  const struct endpoint *e)
{
	end_number end;

	return model_find_end(m, e, &end) &&
	       (end == pair->a || end == pair->b || end == pair->seen_as[0] ||
		end == pair->seen_as[1]);
}

static bool same_extra(const struct candidate_extra *a,
		       const struct candidate_extra *b)
{
	return a->host == b->host && a->mid == b->mid &&
	       a->network == b->network && a->turn_session == b->turn_session;
}

/* Of the candidates of a section one behind the other has the same. */
void candidate_set_extra(struct model *m, struct candidate *candidate,
			 const struct candidate_extra *extra)
{
	static const struct candidate_extra nothing;
	size_t count = m->extras.count;
	struct candidate_extra *row;

	candidate->extra = 0;
	if (same_extra(extra, &nothing))
		return;
	if (!count || !same_extra(list_at(&m->extras, count - 1), extra)) {
		row = list_add(&m->extras);
		if (!row)
			return;
		*row = *extra;
	}
	candidate->extra = (uint32_t)m->extras.count;
}

const struct candidate_extra *
candidate_extra_of(const struct model *m, const struct candidate *candidate)
{
	static const struct candidate_extra nothing;

	return candidate->extra ? list_at(&m->extras, candidate->extra - 1)
				: &nothing;
}

/* Did that host get an answer there, from whatever port it asked? */
static bool was_answered_beside(const struct model *m,
				const struct allocation *a)
{
	const struct path *rows = m->paths.rows;

	for (size_t i = 0; i < m->paths.count; i++)
		if (rows[i].purpose == PATH_TURN && rows[i].answered &&
		    rows[i].dst == a->server &&
		    strcmp(rows[i].transport, a->transport) == 0 &&
		    endpoint_same_ip(end_at(m, rows[i].src),
				     end_at(m, a->client)))
			return true;
	return false;
}

bool allocation_was_challenged(const struct model *m,
			       const struct allocation *a)
{
	return a->last_authenticated && a->nonce && a->unanswered &&
	       (a->error_count ||
		!fact_of(m, &a->facts, FACT_NONCE_ELSEWHERE) ||
		was_answered_beside(m, a));
}

const struct pair_extra *pair_extra_of(const struct model *m,
				       const struct pair *pair)
{
	static const struct pair_extra nothing;

	return pair->extra ? list_at(&m->pair_extras, pair->extra - 1)
			   : &nothing;
}

struct pair_extra *pair_extra_make(struct model *m, struct pair *pair)
{
	struct pair_extra *row;

	if (pair->extra)
		return list_at(&m->pair_extras, pair->extra - 1);
	row = list_add(&m->pair_extras);
	if (row)
		pair->extra = (uint32_t)m->pair_extras.count;
	return row;
}

const char *provisioning_call_id(const struct model *m,
				 const struct registration *r)
{
	const struct sign_in *x;

	if (!r->sign_in)
		return NULL;
	x = list_at(&m->sign_ins, r->sign_in - 1);
	if (!x->provisioned)
		return NULL;
	return ((const struct provisioned *)list_at(&m->provisioned,
						    x->provisioned - 1))
		->call_id;
}

unsigned model_restarts(const struct model *m, const struct call *call)
{
	const struct dialog *dialogs = m->dialogs.rows;
	const struct session *sessions = m->sessions.rows;
	unsigned told = 0, seen = 0;

	for (uint32_t i = 0; i < call->dialogs.count; i++)
		told += dialogs[call->dialogs.list[i]].restarts;
	for (uint32_t i = 0; i < call->sessions.count; i++)
		seen += sessions[call->sessions.list[i]].restarts != LIST_NONE;
	return told > seen ? told : seen;
}

/* Is q what p is behind the NAT of one end, or behind those of both?  What that
 * end was told to be is an end of q; the other one is the same, or was itself
 * told to be what p knows. */
static bool is_translated(const struct pair *p, const struct pair *q)
{
	const end_number of_p[2] = {p->a, p->b}, of_q[2] = {q->a, q->b};

	for (unsigned x = 0; x < 2; x++)
		for (unsigned y = 0; y < 2; y++)
			if (p->seen_as[x] && p->seen_as[x] == of_q[y] &&
			    (of_p[!x] == of_q[!y] ||
			     of_p[!x] == q->seen_as[!y]))
				return true;
	return false;
}

bool pairs_are_one(const struct model *model, const struct pair *p,
		   const struct pair *q)
{
	bool shared =
		p->a == q->a || p->b == q->b || p->a == q->b || p->b == q->a;

	return p->nominated && q->nominated &&
	       (is_translated(p, q) || is_translated(q, p) ||
		(shared && place_at(model, p->nominated).file !=
				   place_at(model, q->nominated).file));
}

bool vantage_is_half(const struct model *m, uint32_t vantage)
{
	const struct vantage *rows = m->vantages.rows;
	const size_t count = m->vantages.count;
	bool half = false;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].number != vantage)
			continue;
		if (rows[i].one_way)
			return true;
		if (rows[i].shared)
			return false;
		for (size_t k = 0; k < count && !half; k++)
			half = rows[k].file == rows[i].file &&
			       rows[k].number != vantage;
	}
	return half;
}
