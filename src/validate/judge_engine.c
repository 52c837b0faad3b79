/* Findings of the engine become notes of the model. */
#include "config.h"

#include "core/hash.h"
#include "validate/judge_engine.h"
#include "validate/judge_ice.h"
#include "validate/rules.h"

/* Of allocations, then of Bindings, the newest that had begun. */
struct owners_of {
	const struct model *model;
	struct index allocations, bindings; /* by client */
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

static void owners_init(struct owners_of *o, const struct model *model)
{
	*o = (struct owners_of){.model = model};
	for (size_t i = 0; i < model->allocations.count; i++)
		add(&o->allocations,
		    &MODEL_ROWS(allocation, model->allocations)[i].client, i);
	for (size_t i = 0; i < model->bindings.count; i++)
		add(&o->bindings,
		    &MODEL_ROWS(binding, model->bindings)[i].client, i);
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

	return keep_best(w, row, &a->client, a->request.time);
}

static bool see_binding(const void *rows, uint32_t row, const void *key)
{
	const struct binding *b = (const struct binding *)rows + row;
	struct wanted *w = *(struct wanted *const *)key;

	return keep_best(w, row, &b->client, b->request.time);
}

static size_t call_of(const struct owners_of *o,
		      const struct replay_finding *finding)
{
	struct wanted want = {.finding = finding, .best = INDEX_NONE};
	struct wanted *w = &want;
	uint64_t hash = hash_of(&finding->client);

	(void)index_find(&o->allocations, hash, see_allocation,
			 o->model->allocations.rows, &w);
	if (want.best != INDEX_NONE)
		return MODEL_ROWS(allocation, o->model->allocations)[want.best]
			.call;
	(void)index_find(&o->bindings, hash, see_binding,
			 o->model->bindings.rows, &w);
	if (want.best != INDEX_NONE)
		return MODEL_ROWS(binding, o->model->bindings)[want.best].call;
	return LIST_NONE;
}

static void note(struct model *model, const struct owners_of *o,
		 const struct replay_finding *f)
{
	struct place place = {.file = f->file & UINT16_MAX,
			      .frame = f->frame & PLACE_FRAME_MAX,
			      .time = f->time};
	char server[ENDPOINT_TEXT_MAX];
	struct note *note = model_note(model, &rules_engine[f->rule], &place,
				       call_of(o, f));

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
	index_free(&owners.allocations);
	index_free(&owners.bindings);
}
