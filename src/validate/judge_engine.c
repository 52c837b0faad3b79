/* Findings of the engine become notes of the model. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "validate/judge_engine.h"
#include "validate/judge_ice.h"
#include "validate/rules.h"

/* Of allocations, then of Bindings, the newest that had begun; the same of
 * registrations. */
struct owners_of {
	const struct model *model;
	struct index allocations, bindings, registrations; /* by client */
	uint32_t *calls; /* the first of each registration, + 1; or NULL */
};

struct wanted {
	const struct replay_finding *finding;
	const struct model *model;
	uint32_t best; /* or INDEX_NONE */
	nanoseconds begun;
};

static uint64_t hash_of(const struct endpoint *client)
{
	return hash_bytes(0, slice_of(client, sizeof(*client)));
}

static void add(struct index *index, const struct endpoint *client, size_t row)
{
	/* Without memory the finding is noted, of no call. */
	(void)!index_add(index, hash_of(client), (uint32_t)row);
}

/* NULL: there are no registrations, or memory is out. */
static uint32_t *first_calls(const struct model *model)
{
	size_t count = model->registrations.count;
	uint32_t *first = count ? calloc(count, sizeof(*first)) : NULL;

	for (size_t i = 0; first && i < model->calls.count; i++) {
		const struct members *m =
			&MODEL_ROWS(call, model->calls)[i].registrations;

		for (size_t k = 0; k < m->count; k++)
			if (!first[m->list[k]])
				first[m->list[k]] = (uint32_t)i + 1;
	}
	return first;
}

static void owners_init(struct owners_of *o, const struct model *model)
{
	*o = (struct owners_of){.model = model};
	for (size_t i = 0; i < model->allocations.count; i++)
		add(&o->allocations,
		    end_at(model, MODEL_ROWS(allocation, model->allocations)[i]
					  .client),
		    i);
	for (size_t i = 0; i < model->bindings.count; i++)
		add(&o->bindings,
		    end_at(model,
			   MODEL_ROWS(binding, model->bindings)[i].client),
		    i);
	for (size_t i = 0; i < model->registrations.count; i++)
		add(&o->registrations,
		    &MODEL_ROWS(registration, model->registrations)[i].client,
		    i);
	o->calls = first_calls(model);
}

static void owners_free(struct owners_of *o)
{
	index_free(&o->allocations);
	index_free(&o->bindings);
	index_free(&o->registrations);
	free(o->calls);
}

/* Never says yes: all rows are looked at, the best is kept. */
static bool keep_best(struct wanted *w, uint32_t row,
		      const struct endpoint *client, nanoseconds begun)
{
	if (endpoint_equal(client, &w->finding->client) &&
	    begun <= w->finding->time &&
	    (w->best == INDEX_NONE || begun >= w->begun)) {
		w->best = row;
		w->begun = begun;
	}
	return false;
}

static bool see_allocation(const void *rows, uint32_t row, const void *key)
{
	const struct allocation *a = (const struct allocation *)rows + row;
	struct wanted *w = *(struct wanted *const *)key;

	return keep_best(w, row, end_at(w->model, a->client),
			 place_time(w->model, a->request));
}

static bool see_binding(const void *rows, uint32_t row, const void *key)
{
	const struct binding *b = (const struct binding *)rows + row;
	struct wanted *w = *(struct wanted *const *)key;

	return keep_best(w, row, end_at(w->model, b->client),
			 place_time(w->model, b->request));
}

static bool see_registration(const void *rows, uint32_t row, const void *key)
{
	const struct registration *r = (const struct registration *)rows + row;
	struct wanted *w = *(struct wanted *const *)key;

	return endpoint_equal(&r->server, &w->finding->server) &&
	       keep_best(w, row, &r->client,
			 place_time(w->model, r->cited.first));
}

static size_t call_of_registration(const struct owners_of *o,
				   const struct replay_finding *f)
{
	struct wanted want = {
		.finding = f, .model = o->model, .best = INDEX_NONE};
	struct wanted *w = &want;

	(void)index_find(&o->registrations, hash_of(&f->client),
			 see_registration, o->model->registrations.rows, &w);
	if (want.best == INDEX_NONE || !o->calls || !o->calls[want.best])
		return LIST_NONE;
	return o->calls[want.best] - 1;
}

/* The allocation that the client had there then, or NULL. */
static const struct allocation *allocation_of(const struct owners_of *o,
					      const struct replay_finding *f)
{
	struct wanted want = {
		.finding = f, .model = o->model, .best = INDEX_NONE};
	struct wanted *w = &want;

	(void)index_find(&o->allocations, hash_of(&f->client), see_allocation,
			 o->model->allocations.rows, &w);
	return want.best == INDEX_NONE
		       ? NULL
		       : list_at(&o->model->allocations, want.best);
}

static size_t call_of_binding(const struct owners_of *o,
			      const struct replay_finding *f)
{
	struct wanted want = {
		.finding = f, .model = o->model, .best = INDEX_NONE};
	struct wanted *w = &want;

	(void)index_find(&o->bindings, hash_of(&f->client), see_binding,
			 o->model->bindings.rows, &w);
	return want.best == INDEX_NONE
		       ? LIST_NONE
		       : ((struct binding *)list_at(&o->model->bindings,
						    want.best))
				 ->call;
}

/* A server that does not know the client any more refuses rightly: why that
 * came about is said with the allocation. */
static bool is_explained(const struct owners_of *o, const struct allocation *a,
			 const struct replay_finding *f)
{
	return a && place_time(o->model, a->granted) <= f->time &&
	       (f->rule == REPLAY_REFUSED_WRONGLY ||
		f->rule == REPLAY_OTHER_ERROR) &&
	       (fact_of(o->model, &a->facts, FACT_REBOUND) ||
		fact_of(o->model, &a->facts, FACT_RELAY_GONE));
}

/* What comes through the relay later shows that the client took the answer. */
static bool is_taken(const struct owners_of *o, const struct allocation *a,
		     const struct replay_finding *f)
{
	const struct fact *data =
		a && f->rule == REPLAY_INTEGRITY_WRONG
			? fact_of(o->model, &a->facts, FACT_DATA_BACK)
			: NULL;

	for (; data; data = fact_after(o->model, data))
		if (place_time(o->model, data->last) > f->time)
			return true;
	return false;
}

static bool is_in(const struct members *m, size_t row)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i] == row)
			return true;
	return false;
}

/* The first call whose token was asked for there; few findings are of
 * MRAS. */
static size_t call_of_token(const struct model *model,
			    const struct replay_finding *f)
{
	const struct token *tokens = model->tokens.rows;
	size_t row = 0;

	while (row < model->tokens.count &&
	       (place_at(model, tokens[row].request).frame != f->asked_frame ||
		place_at(model, tokens[row].request).file != f->asked_file))
		row++;
	for (size_t i = 0; row < model->tokens.count && i < model->calls.count;
	     i++)
		if (is_in(&MODEL_ROWS(call, model->calls)[i].tokens, row))
			return i;
	return LIST_NONE;
}

static size_t call_of(const struct owners_of *o, const struct allocation *a,
		      const struct replay_finding *f)
{
	if (f->of_mras)
		return call_of_token(o->model, f);
	if (f->asked_frame)
		return call_of_registration(o, f);
	return a ? a->call : call_of_binding(o, f);
}

static void note(struct model *model, const struct owners_of *o,
		 const struct replay_finding *f)
{
	struct place place = {.file = f->file & UINT16_MAX,
			      .frame = f->frame & PLACE_FRAME_MAX,
			      .time = f->time};
	const struct allocation *a =
		f->asked_frame ? NULL : allocation_of(o, f);
	char server[ENDPOINT_TEXT_MAX];
	struct note *note;

	if (is_explained(o, a, f) || is_taken(o, a, f))
		return;
	note = model_note(model, &rules_engine[f->rule],
			  model_place(model, &place), call_of(o, a, f));
	if (note)
		note->text = model_sentence(model, "%s: %s",
					    endpoint_string(&f->server, server),
					    f->text);
}

void judge_engine(struct model *model, const struct replay *replay)
{
	const struct replay_finding *findings;
	struct owners_of owners;
	size_t count;

	judge_ice(model);
	findings = replay_findings(replay, &count);
	if (count == 0)
		return;
	owners_init(&owners, model);
	for (size_t i = 0; i < count; i++)
		note(model, &owners, &findings[i]);
	owners_free(&owners);
}
