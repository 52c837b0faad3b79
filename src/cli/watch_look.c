/*
 * Looking at what is known while it goes on, and forgetting what is over: both
 * in steps, since somebody presses keys meanwhile.
 *
 * A look copies the evidence, joins the copy and judges its calls.  Forgetting
 * tells the messages that are kept to fresh stages; what comes meanwhile is
 * kept too, and told behind them.
 */
#include "config.h"

#include <stdlib.h>

#include "cli/watch.h"
#include "validate/verdict.h"

#define LOOK_EVERY (100 * NS_PER_MS)
/* Looking costs at most this share of the time. */
#define LOOK_SHARE 10
/* Flows and media that were silent so long are forgotten. */
#define FLOWS_SILENT (300 * NS_PER_S)
/* So many of them may be there before anybody asks which are silent. */
#define CROWD_FIRST ((size_t)32768)
/* Between two looks at the clock. */
#define CALLS_AT_ONCE ((size_t)16)
#define MESSAGES_AT_ONCE ((size_t)64)
#define TRIMMED_AT_ONCE ((size_t)512)
/* What messages of a call may take, one with another. */
#define BYTES_A_CALL ((uint64_t)26 << 10)
#define BYTES_LEAST ((uint64_t)8 << 20)

static struct model *model_made(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		model_init(m);
	return m;
}

static void drop_model(struct model **m)
{
	if (*m) {
		model_free(*m);
		free(*m);
	}
	*m = NULL;
}

/* ---- trash ---- */

static void throw_model(struct watch *w, struct model *m)
{
	if (m && w->trash.count < TRASH_MODELS)
		w->trash.models[w->trash.count++] = m;
	else
		drop_model(&m);
}

/* A piece of it; false: there is none. */
static bool empty_trash(struct watch *w)
{
	struct trash *t = &w->trash;

	if (t->count) {
		drop_model(&t->models[--t->count]);
		return true;
	}
	if (t->retention && !retention_free_some(t->retention, TRIMMED_AT_ONCE))
		t->retention = NULL;
	return t->retention != NULL;
}

/* ---- forgetting ---- */

static void drop_renewal(struct watch *w)
{
	struct renewal *r = &w->renewal;

	stages_free(r->stages);
	drop_model(&r->base);
	keyring_free(r->keys);
	*r = (struct renewal){.base = NULL};
}

/* Only the evidence is told again: others have heard it. */
static void take_again(void *context, const struct message *m)
{
	struct renewal *r = context;

	stages_take(r->stages, m);
}

static bool begin_renewal(struct watch *w)
{
	struct renewal *r = &w->renewal;

	*r = (struct renewal){.base = model_made(),
			      .keys = pipeline_keyring(w->options)};
	if (r->base && r->keys)
		r->stages = stages_new(r->base, r->keys);
	if (r->stages)
		return true;
	drop_renewal(w);
	return false;
}

/* The fresh evidence takes the place of the old. */
static void finish_renewal(struct watch *w)
{
	struct renewal r = w->renewal;

	w->renewal = (struct renewal){.base = NULL};
	stages_free(w->stages);
	/* The view's texts are those of the old one, until it is renewed. */
	if (w->old_base)
		throw_model(w, w->base);
	else
		w->old_base = w->base;
	w->base = r.base;
	w->stages = r.stages;
	(void)!driver_renew(w->pipeline.driver, r.keys,
			    w->newest - FLOWS_SILENT);
	keyring_free(w->pipeline.keys);
	w->pipeline.keys = r.keys;
	w->news = true;
}

static void go_on_renewing(struct watch *w, nanoseconds end)
{
	struct renewal *r = &w->renewal;
	struct message_sink again = {.context = r, .take = take_again};

	do {
		r->told = retention_replay(w->retention, r->told,
					   MESSAGES_AT_ONCE, r->keys, &again);
		if (r->told == retention_counts(w->retention).messages) {
			finish_renewal(w);
			return;
		}
	} while (timing_now() < end);
}

/* Media that no message tells of would never make the retention due. */
static bool is_crowded(const struct watch *w)
{
	return driver_held(w->pipeline.driver) >=
	       (w->crowd > CROWD_FIRST ? w->crowd : CROWD_FIRST);
}

static void forget_silent(struct watch *w)
{
	struct driver *d = w->pipeline.driver;

	if (!is_crowded(w))
		return;
	(void)!driver_forget(d, w->newest - FLOWS_SILENT);
	w->crowd = driver_held(d) * 2;
}

/* By the newest view: what is over goes. */
static void begin_trimming(struct watch *w)
{
	forget_silent(w);
	w->trimming = retention_due(w->retention) &&
		      retention_trim_begin(w->retention, &w->view, w->newest);
}

static void go_on_trimming(struct watch *w, nanoseconds end)
{
	do {
		if (retention_trim_step(w->retention, w->pipeline.driver,
					TRIMMED_AT_ONCE))
			continue;
		w->trimming = false;
		if (retention_trim_end(w->retention))
			(void)begin_renewal(w);
		return;
	} while (timing_now() < end);
}

/* ---- looking ---- */

static void drop_look(struct watch *w)
{
	if (!w->look.begun)
		return;
	if (w->look.copying) {
		stages_copy_drop(&w->look.copy);
	} else {
		stages_free(w->look.stages);
		model_free(&w->look.model);
	}
	w->look = (struct look){.begun = false};
}

static bool begin_look(struct watch *w)
{
	struct look *l = &w->look;

	w->counts = watch_counts(w);
	*l = (struct look){.copying = true};
	l->begun = stages_copy_begin(&l->copy, w->stages, &l->model);
	/* What comes from now on is for the next one. */
	w->news = w->wanted = false;
	return l->begun;
}

/* False: memory is out, and the look with it. */
static bool step_copy(struct look *l)
{
	if (stages_copy_step(&l->copy))
		return true;
	l->copying = false;
	l->stages = stages_copy_end(&l->copy);
	l->begun = l->stages != NULL;
	return l->begun;
}

/* One step; false: that was the last. */
static bool step_look(struct watch *w)
{
	struct look *l = &w->look;

	if (l->copying)
		return step_copy(l);
	if (!l->stages)
		return verdict_some(&l->model, &l->judged, CALLS_AT_ONCE, 1);
	if (stages_finish_step(l->stages, driver_media(w->pipeline.driver)))
		return true;
	stages_free(l->stages);
	l->stages = NULL;
	driver_inventory(w->pipeline.driver, &l->model.inventory);
	return true;
}

static void throw_view(struct watch *w)
{
	struct model *old = malloc(sizeof(*old));

	if (old)
		*old = w->view;
	else
		model_free(&w->view);
	throw_model(w, old);
	w->has_view = false;
}

static void finish_look(struct watch *w)
{
	pipeline_note_limits(&w->pipeline, &w->look.model);
	if (w->has_view)
		throw_view(w);
	w->view = w->look.model;
	w->has_view = true;
	w->cost = w->look.took;
	w->look = (struct look){.begun = false};
	throw_model(w, w->old_base);
	w->old_base = NULL;
	if (w->ring)
		ring_flush(w->ring);
	w->viewed = timing_now();
	timing_add(&w->looks, w->cost);
	begin_trimming(w);
}

/* True: it is finished. */
static bool go_on_looking(struct watch *w, nanoseconds end)
{
	nanoseconds begun = timing_now(), now = begun;
	bool more = true;

	while (more && now < end) {
		more = step_look(w);
		now = timing_now();
	}
	w->look.took += now - begun;
	if (more || !w->look.begun)
		return false;
	finish_look(w);
	return true;
}

static bool is_due(const struct watch *w)
{
	nanoseconds pause = w->cost * LOOK_SHARE;

	if (pause < LOOK_EVERY)
		pause = LOOK_EVERY;
	/* What goes is found by a look: memory does not wait for its time. */
	return w->wanted || is_crowded(w) ||
	       (w->news && (timing_now() - w->viewed >= pause ||
			    retention_due(w->retention)));
}

bool watch_is_full(const struct watch *w)
{
	return w->trimming || (w->look.begun && w->look.copying) ||
	       (w->follow && (retention_due(w->retention) || is_crowded(w)));
}

bool watch_is_looking(const struct watch *w)
{
	return w->look.begun || w->renewal.base || w->trimming || w->wanted ||
	       w->trash.count || w->trash.retention;
}

void watch_want_look(struct watch *w)
{
	w->wanted = true;
}

bool watch_look(struct watch *w, nanoseconds budget)
{
	nanoseconds begun = timing_now(), end = begun + budget;

	/* First what is not needed any more: what is made meanwhile would
	 * stand beside it. */
	while (empty_trash(w))
		if (timing_now() >= end)
			return false;
	if (w->trimming) {
		go_on_trimming(w, end);
		return false;
	}
	if (w->renewal.base) {
		go_on_renewing(w, end);
		return false;
	}
	if (!w->look.begun) {
		if (!is_due(w) || !begin_look(w))
			return false;
		w->look.took = timing_now() - begun;
	}
	return go_on_looking(w, end);
}

void watch_let_grow(struct watch *w)
{
	if (w->trimming)
		go_on_trimming(w, INT64_MAX);
	if (!w->look.begun || !w->look.copying)
		return;
	drop_look(w);
	w->news = true;
}

void watch_squeeze(struct watch *w, nanoseconds budget)
{
	/* The evidence waits for it. */
	watch_let_grow(w);
	if (is_crowded(w)) {
		drop_look(w);
		forget_silent(w);
	}
	if (!w->renewal.base) {
		if (!retention_squeeze(w->retention) || !begin_renewal(w))
			return;
		/* It is of the evidence that goes. */
		drop_look(w);
	}
	go_on_renewing(w, timing_now() + budget);
}

bool watch_look_now(struct watch *w)
{
	const nanoseconds never = INT64_MAX;

	watch_let_grow(w);
	if (w->renewal.base)
		go_on_renewing(w, never);
	drop_look(w);
	return begin_look(w) && go_on_looking(w, never);
}

/* ---- limits ---- */

struct retention *watch_retention(const struct watch *w)
{
	struct retention_limits limits = RETENTION_DEFAULT;

	if (w->calls) {
		limits.calls = w->calls;
		limits.bytes = w->calls * BYTES_A_CALL;
	}
	if (limits.bytes < BYTES_LEAST)
		limits.bytes = BYTES_LEAST;
	return retention_new(&limits);
}

void watch_limit(struct watch *w, uint64_t calls)
{
	struct retention *fresh;

	if (calls == 0 || retention_counts(w->retention).messages)
		return;
	w->calls = calls;
	fresh = watch_retention(w);
	if (!fresh)
		return;
	retention_free(w->retention);
	w->retention = fresh;
}

bool watch_clear(struct watch *w)
{
	struct retention *fresh = watch_retention(w);

	drop_look(w);
	drop_renewal(w);
	if (!fresh || !begin_renewal(w)) {
		retention_free(fresh);
		return false;
	}
	/* Two times in a row: the first one's goes at once. */
	retention_free(w->trash.retention);
	w->trash.retention = w->retention;
	w->trimming = false;
	w->retention = fresh;
	finish_renewal(w);
	/* Its texts are not needed any more. */
	if (w->has_view)
		throw_view(w);
	throw_model(w, w->old_base);
	w->old_base = NULL;
	model_init(&w->view);
	w->has_view = true;
	return true;
}

void watch_look_free(struct watch *w)
{
	drop_look(w);
	drop_renewal(w);
	while (empty_trash(w))
		;
	stages_free(w->stages);
	retention_free(w->retention);
	if (w->has_view)
		model_free(&w->view);
	drop_model(&w->base);
	drop_model(&w->old_base);
}
