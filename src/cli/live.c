/* mrascope live: events of calls, and ring files, without a screen. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/sandbox.h"
#include "cli/watch.h"
#include "report/json.h"
#include "report/keys.h"
#include "report/secrets.h"

#define EVENT_SCHEMA "mrascope.event/1"
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define READ_TIME (50 * NS_PER_MS)
#define WAIT_MS 100

/* A call as it was told last. */
struct told {
	uint64_t key;
	uint8_t stages[STAGES]; /* enum stage_state */
	uint8_t outcome;
	bool ended;
};

struct events {
	struct watch watch;
	struct list told; /* of the last view, in its order */
	struct index index;
	FILE *out;
	struct text line, key;
	bool failed;
};

/* ---- one event ---- */

static void put_time(struct json *j, const char *name, nanoseconds time)
{
	struct text text = text_new(64);

	json_key(j, name);
	clock_rfc3339(time, &text);
	json_string(j, text_slice(&text));
	text_free(&text);
}

static void put_text(struct json *j, const char *name, const char *text)
{
	json_key(j, name);
	if (text)
		json_text(j, text);
	else
		json_null(j);
}

/* Passwords in URIs are secrets. */
static void put_uri(struct events *e, struct json *j, const char *name,
		    const char *uri)
{
	struct text clean = text_new(LINE_MAX_BYTES);

	json_key(j, name);
	if (uri) {
		secret_put_uris(slice_of_text(uri),
				e->watch.options->show_secrets, &clean);
		json_string(j, text_slice(&clean));
	} else {
		json_null(j);
	}
	text_free(&clean);
}

static void put_head(struct events *e, struct json *j, const char *what,
		     const struct call *call)
{
	json_object(j);
	put_text(j, "schema", EVENT_SCHEMA);
	put_text(j, "event", what);
	put_time(j, "time", call->end);
	json_key(j, "call");
	json_string(j, text_slice(&e->key));
	put_text(j, "kind", call_kind_name(call->kind));
	put_text(j, "call_id", call->call_id);
	put_uri(e, j, "from", call->from);
	put_uri(e, j, "to", call->to);
}

static void finish_line(struct events *e, struct json *j)
{
	json_object_end(j);
	text_putc(&e->line, '\n');
	if (fwrite(e->line.p, 1, e->line.n, e->out) != e->line.n)
		e->failed = true;
	text_clear(&e->line);
}

static void tell_stage(struct events *e, const struct call *call,
		       enum stage stage)
{
	struct json j = json_to(&e->line);
	const struct stage_view *view = &call->stages[stage];

	put_head(e, &j, "stage", call);
	put_text(&j, "stage", stage_name(stage));
	put_text(&j, "state", state_name(view->state));
	put_text(&j, "text", view->text);
	finish_line(e, &j);
}

static void tell_end(struct events *e, const struct call *call)
{
	struct json j = json_to(&e->line);

	put_head(e, &j, "end", call);
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

/* ---- what is new ---- */

static bool has_ended(const struct model *m, const struct call *call)
{
	bool any = false;

	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		if (!d->bye && d->final < 300)
			return false;
		any = true;
	}
	return any;
}

static bool same_key(const void *rows, uint32_t row, const void *key)
{
	return ((const struct told *)rows)[row].key == *(const uint64_t *)key;
}

static void compare(struct events *e, const struct call *call,
		    const struct told *was, const struct told *is)
{
	static const struct told nothing;

	if (!was)
		was = &nothing;
	for (int i = 0; i < STAGES; i++)
		if (is->stages[i] != was->stages[i] &&
		    is->stages[i] != STATE_UNSEEN &&
		    is->stages[i] != STATE_UNNEEDED)
			tell_stage(e, call, (enum stage)i);
	if (is->ended && !was->ended)
		tell_end(e, call);
}

static void tell_news(struct events *e)
{
	const struct model *m = &e->watch.view;
	struct keys keys = keys_of(m);
	struct list fresh = list_of(sizeof(struct told), MODEL_CALLS_MAX);
	struct index index = {0};

	for (size_t i = 0; i < m->calls.count && !e->failed; i++) {
		const struct call *call = list_at(&m->calls, i);
		struct told is = {.outcome = (uint8_t)call->outcome,
				  .ended = has_ended(m, call)};
		struct told *row = list_add(&fresh);
		uint32_t was;

		text_clear(&e->key);
		key_put(&keys, KEY_CALL, i, &e->key);
		/* A dialog's key grows by the tag of who answers. */
		is.key = call->call_id
				 ? hash_bytes(8, slice_of_text(call->call_id))
				 : hash_bytes(7, text_slice(&e->key));
		for (int k = 0; k < STAGES; k++)
			is.stages[k] = (uint8_t)call->stages[k].state;
		was = index_find(&e->index, is.key, same_key, e->told.rows,
				 &is.key);
		compare(e, call,
			was == INDEX_NONE ? NULL : list_at(&e->told, was), &is);
		if (row && index_add(&index, is.key, (uint32_t)i) == STATUS_OK)
			*row = is;
	}
	keys_free(&keys);
	list_free(&e->told);
	index_free(&e->index);
	e->told = fresh;
	e->index = index;
	if (fflush(e->out) != 0)
		e->failed = true;
}

/* ---- the loop ---- */

static void hold_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void wait_for_frames(const struct watch *w)
{
	struct pollfd polls[LIVE_INTERFACES_MAX];
	int descriptors[LIVE_INTERFACES_MAX];
	size_t n = watch_descriptors(w, descriptors, LIVE_INTERFACES_MAX);

	for (size_t i = 0; i < n; i++)
		polls[i] = (struct pollfd){descriptors[i], POLLIN, 0};
	(void)poll(polls, (nfds_t)n, WAIT_MS);
}

static void run(struct events *e)
{
	struct timespec none = {0, 0};
	sigset_t ending;

	hold_signals(&ending);
	while (!e->failed && !e->watch.ended &&
	       sigtimedwait(&ending, NULL, &none) <= 0) {
		if (!watch_read(&e->watch, READ_TIME) && !e->watch.ended &&
		    !watch_is_looking(&e->watch))
			wait_for_frames(&e->watch);
		if (watch_look(&e->watch, READ_TIME))
			tell_news(e);
	}
	/* What was under way is told as it stands. */
	watch_finish(&e->watch);
	if (watch_look_now(&e->watch))
		tell_news(e);
}

static void say_statistics(struct events *e)
{
	const struct options *o = e->watch.options;

	if (!o->quiet || o->stats)
		watch_say(&e->watch, stderr);
	if (o->stats)
		timing_say_usage(stderr);
}

static bool is_usable(const struct options *o)
{
	const char *why = NULL;

	if (o->interface_count == 0 && !o->follow)
		why = "live needs an interface: -i IFACE, or -i any; or a "
		      "capture that grows: --follow FILE";
	else if (o->interface_count && o->follow)
		why = "live: either -i IFACE or --follow FILE";
	else if (o->path_count)
		why = "live reads no files that are finished: see mrascope "
		      "analyze; --follow FILE reads one that grows";
	if (why)
		fprintf(stderr, "mrascope: %s\n", why);
	return !why;
}

int command_live(const struct options *options)
{
	struct events *e = calloc(1, sizeof(*e));
	int status = EXIT_USAGE;

	if (!e)
		return EXIT_LIMIT;
	e->line = text_new(LINE_MAX_BYTES);
	e->key = text_new(LINE_MAX_BYTES);
	e->told = list_of(sizeof(struct told), MODEL_CALLS_MAX);
	if (is_usable(options) && watch_open(&e->watch, options, &status) &&
	    (e->out = pipeline_output(options)) != NULL &&
	    (options->no_sandbox || sandbox_close())) {
		run(e);
		say_statistics(e);
		status = e->failed && errno != EPIPE ? EXIT_INPUT : EXIT_FINE;
		if (!pipeline_output_close(options, e->out) &&
		    status == EXIT_FINE && !e->failed)
			status = EXIT_INPUT;
	}
	list_free(&e->told);
	index_free(&e->index);
	text_free(&e->line);
	text_free(&e->key);
	watch_close(&e->watch);
	free(e);
	return status;
}
