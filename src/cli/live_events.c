/* Lines of mrascope.event/1: what is new since the last view. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/live_events.h"
#include "core/hash.h"
#include "model/ending.h"
#include "report/json.h"
#include "report/keys.h"
#include "report/secrets.h"

#define EVENT_SCHEMA "mrascope.event/1"
#define LINE_MAX_BYTES ((size_t)1 << 20)

/* Who an event is about, as it was told first: for when it is gone. */
struct name {
	bool registration;
	const char *kind;
	char *key, *call_id, *from, *to;
};

/* As it was told last. */
struct told {
	uint64_t key;
	struct name name;       /* until it has ended */
	uint8_t stages[STAGES]; /* enum stage_state */
	bool ended, met;
};

/* ---- one event ---- */

static void put_time(struct json *j, const char *name, nanoseconds time)
{
	json_key(j, name);
	if (time)
		json_time(j, time);
	else
		json_null(j);
}

static void put_text(struct json *j, const char *name, const char *text)
{
	json_key(j, name);
	json_text(j, text);
}

static void put_head(struct json *j, const char *what, nanoseconds time,
		     const struct name *name)
{
	json_object(j);
	put_text(j, "schema", EVENT_SCHEMA);
	put_text(j, "event", what);
	put_time(j, "time", time);
	put_text(j, name->registration ? "registration" : "call", name->key);
	put_text(j, "kind", name->kind);
	put_text(j, "call_id", name->call_id);
	put_text(j, "from", name->from);
	put_text(j, "to", name->to);
}

static void finish_line(struct events *e, struct json *j)
{
	json_object_end(j);
	text_putc(&e->line, '\n');
	if (fwrite(e->line.p, 1, e->line.n, e->out) != e->line.n)
		e->failed = true;
	text_clear(&e->line);
}

/* ---- names ---- */

static char *copy_of(const char *text)
{
	return text ? strdup(text) : NULL;
}

/* Passwords in URIs are secrets. */
static char *clean_uri(const struct events *e, const char *uri)
{
	struct text clean = text_new(LINE_MAX_BYTES);
	char *copy = NULL;

	if (uri) {
		secret_put_uris(slice_of_text(uri), e->show_secrets, &clean);
		copy = strndup(clean.p ? clean.p : "", clean.n);
	}
	text_free(&clean);
	return copy;
}

static void name_free(struct name *name)
{
	free(name->key);
	free(name->call_id);
	free(name->from);
	free(name->to);
	*name = (struct name){.kind = name->kind};
}

static char *key_of(struct events *e, const struct keys *keys,
		    enum key_kind kind, size_t row)
{
	text_clear(&e->key);
	key_put(keys, kind, row, &e->key);
	return strndup(e->key.p ? e->key.p : "", e->key.n);
}

static struct name call_name(struct events *e, const struct keys *keys,
			     size_t row)
{
	const struct call *call = list_at(&keys->model->calls, row);

	return (struct name){
		.kind = call_kind_name(call->kind),
		.key = key_of(e, keys, KEY_CALL, row),
		.call_id = copy_of(call->call_id),
		.from = clean_uri(e, call->from),
		.to = clean_uri(e, call->to),
	};
}

static struct name registration_name(struct events *e, const struct keys *keys,
				     size_t row)
{
	const struct registration *r =
		list_at(&keys->model->registrations, row);

	return (struct name){
		.registration = true,
		.kind = "registration",
		.key = key_of(e, keys, KEY_REGISTRATION, row),
		.call_id = copy_of(r->call_id),
		.from = clean_uri(e, r->aor),
	};
}

/* ---- books ---- */

static bool same_key(const void *rows, uint32_t row, const void *key)
{
	return ((const struct told *)rows)[row].key == *(const uint64_t *)key;
}

static struct book book_new(void)
{
	return (struct book){
		.rows = list_of(sizeof(struct told), MODEL_CALLS_MAX)};
}

static void book_free(struct book *b)
{
	struct told *rows = b->rows.rows;

	for (size_t i = 0; i < b->rows.count; i++)
		name_free(&rows[i].name);
	list_free(&b->rows);
	index_free(&b->index);
}

/* The row of the last view, which is met now; or NULL. */
static struct told *meet(struct book *was, uint64_t key)
{
	uint32_t row =
		index_find(&was->index, key, same_key, was->rows.rows, &key);
	struct told *told;

	if (row == INDEX_NONE)
		return NULL;
	told = list_at(&was->rows, row);
	/* Two of the same key: the second is as new. */
	if (told->met)
		return NULL;
	told->met = true;
	return told;
}

/* One for this view; its name is that of the last one, if there was any. */
static struct told *note(struct book *now, struct told *was, uint64_t key)
{
	struct told *told = list_add(&now->rows);

	if (!told)
		return NULL;
	told->key = key;
	if (was) {
		*told = *was;
		told->met = false;
		was->name = (struct name){.kind = NULL};
	}
	if (index_add(&now->index, key, (uint32_t)now->rows.count - 1) ==
	    STATUS_OK)
		return told;
	name_free(&told->name);
	now->rows.count--;
	return NULL;
}

/* What is not there any more, and did not end before. */
static void tell_gone(struct events *e, struct book *was)
{
	struct told *rows = was->rows.rows;

	for (size_t i = 0; i < was->rows.count && !e->failed; i++) {
		struct json j;

		if (rows[i].met || rows[i].ended || !rows[i].name.key)
			continue;
		j = json_to(&e->line);
		put_head(&j, "end", e->now, &rows[i].name);
		put_text(&j, "ending", ending_name(ENDING_GONE));
		finish_line(e, &j);
	}
}

static void turn_page(struct events *e, struct book *book, struct book fresh)
{
	tell_gone(e, book);
	book_free(book);
	*book = fresh;
}

/* ---- calls ---- */

static void tell_stage(struct events *e, const struct call *call,
		       const struct told *told, enum stage stage)
{
	struct json j = json_to(&e->line);
	const struct stage_view *view = &call->stages[stage];

	put_head(&j, "stage", call->end, &told->name);
	put_text(&j, "stage", stage_name(stage));
	put_text(&j, "state", state_name(view->state));
	put_text(&j, "text", view->text);
	finish_line(e, &j);
}

static void tell_end(struct events *e, const struct call *call,
		     const struct told *told, enum ending ending)
{
	struct json j = json_to(&e->line);
	bool by_time = ending == ENDING_EXPIRED || ending == ENDING_SILENT;

	put_head(&j, "end", by_time ? e->now : call->end, &told->name);
	put_text(&j, "ending", ending_name(ending));
	put_time(&j, "start", call->start);
	put_text(&j, "outcome", outcome_name(call->outcome));
	put_text(&j, "stage",
		 call->stopped == STAGE_NONE ? NULL
					     : stage_name(call->stopped));
	put_text(&j, "rule", call->rule ? call->rule->id : NULL);
	put_text(&j, "confidence",
		 confidence_name((enum confidence)call->confidence));
	put_text(&j, "text", call->text);
	finish_line(e, &j);
}

/* A dialog's key grows by the tag of who answers. */
static uint64_t call_key(struct events *e, const struct keys *keys, size_t row)
{
	const struct call *call = list_at(&keys->model->calls, row);

	if (call->call_id)
		return hash_bytes(8, slice_of_text(call->call_id));
	text_clear(&e->key);
	key_put(keys, KEY_CALL, row, &e->key);
	return hash_bytes(7, text_slice(&e->key));
}

static void tell_call(struct events *e, const struct model *m,
		      const struct call *call, struct told *told)
{
	enum ending ending;

	for (int i = 0; i < STAGES; i++) {
		uint8_t is = (uint8_t)call->stages[i].state;

		if (is != told->stages[i] && is != STATE_UNSEEN &&
		    is != STATE_UNNEEDED && told->name.key)
			tell_stage(e, call, told, (enum stage)i);
		told->stages[i] = is;
	}
	ending = told->ended ? ENDING_NONE : call_ending(m, call, e->now);
	if (ending == ENDING_NONE)
		return;
	tell_end(e, call, told, ending);
	told->ended = true;
}

static void tell_calls(struct events *e, const struct keys *keys)
{
	const struct model *m = keys->model;
	struct book fresh = book_new();

	for (size_t i = 0; i < m->calls.count && !e->failed; i++) {
		uint64_t key = call_key(e, keys, i);
		struct told *told = note(&fresh, meet(&e->calls, key), key);

		if (told && !told->name.key)
			told->name = call_name(e, keys, i);
		if (told)
			tell_call(e, m, list_at(&m->calls, i), told);
	}
	turn_page(e, &e->calls, fresh);
}

/* ---- registrations ---- */

static void put_registration(struct json *j, const struct registration *r)
{
	size_t kept = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						       : ATTEMPTS_KEPT;

	json_key(j, "client");
	json_endpoint(j, &r->client);
	json_key(j, "server");
	json_endpoint(j, &r->server);
	put_text(j, "scheme", r->scheme);
	json_key(j, "status");
	if (kept)
		json_number(j, r->attempts[kept - 1].status);
	else
		json_null(j);
	json_key(j, "expires_s");
	json_number(j, r->expires);
}

static void tell_state(struct events *e, const struct model *m,
		       const struct registration *r, const struct told *told)
{
	struct json j = json_to(&e->line);

	put_head(&j, "stage", place_time(m, r->cited.last), &told->name);
	put_text(&j, "stage", stage_name(STAGE_REGISTRATION));
	put_text(&j, "state", state_name(r->state));
	put_registration(&j, r);
	finish_line(e, &j);
}

static void tell_over(struct events *e, const struct model *m,
		      const struct registration *r, const struct told *told,
		      enum ending ending)
{
	struct json j = json_to(&e->line);
	bool by_time = ending == ENDING_EXPIRED || ending == ENDING_SILENT;

	put_head(&j, "end", by_time ? e->now : place_time(m, r->cited.last),
		 &told->name);
	put_text(&j, "ending", ending_name(ending));
	put_time(&j, "start", place_time(m, r->request));
	put_text(&j, "state", state_name(r->state));
	put_registration(&j, r);
	finish_line(e, &j);
}

static void tell_registration(struct events *e, const struct model *m,
			      const struct registration *r, struct told *told)
{
	enum ending ending = registration_ending(m, r, e->now);
	uint8_t is = (uint8_t)r->state;

	/* One that comes back begins anew. */
	if (ending == ENDING_NONE && told->ended)
		told->stages[0] = STATE_UNSEEN;
	if (is != told->stages[0] && is != STATE_UNSEEN)
		tell_state(e, m, r, told);
	told->stages[0] = is;
	if (ending != ENDING_NONE && !told->ended)
		tell_over(e, m, r, told, ending);
	told->ended = ending != ENDING_NONE;
}

static void tell_registrations(struct events *e, const struct keys *keys)
{
	const struct model *m = keys->model;
	struct book fresh = book_new();

	for (size_t i = 0; i < m->registrations.count && !e->failed; i++) {
		struct told *told;
		uint64_t key;

		text_clear(&e->key);
		key_put(keys, KEY_REGISTRATION, i, &e->key);
		key = hash_bytes(9, text_slice(&e->key));
		told = note(&fresh, meet(&e->registrations, key), key);
		if (told && !told->name.key)
			told->name = registration_name(e, keys, i);
		if (told && told->name.key)
			tell_registration(e, m, list_at(&m->registrations, i),
					  told);
	}
	turn_page(e, &e->registrations, fresh);
}

/* ---- all ---- */

void events_open(struct events *e, FILE *out, bool show_secrets)
{
	*e = (struct events){.out = out, .show_secrets = show_secrets};
	e->line = text_new(LINE_MAX_BYTES);
	e->key = text_new(LINE_MAX_BYTES);
	e->calls = book_new();
	e->registrations = book_new();
}

void events_close(struct events *e)
{
	book_free(&e->calls);
	book_free(&e->registrations);
	text_free(&e->line);
	text_free(&e->key);
}

void events_tell_news(struct events *e, const struct model *view,
		      nanoseconds now)
{
	struct keys keys = keys_of(view);

	e->now = now;
	tell_registrations(e, &keys);
	tell_calls(e, &keys);
	keys_free(&keys);
	if (fflush(e->out) != 0)
		e->failed = true;
}
