/*
 * mkcapture RECIPE OUTPUT: a recipe, as tests/recipes/README explains it,
 * becomes a capture in pcapng, and so on for more pairs of them.  With -s each
 * vantage goes into a file of its own: OUTPUT with its number put before the
 * last dot.  What the recipe logs goes into a file beside it: OUTPUT with
 * another suffix.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "capture/writer.h"
#include "tests/support/mkcapture/maker.h"

/* 2026-01-01, 00:00:00 UTC */
#define START (INT64_C(1767225600) * NS_PER_S)
#define STEP (20 * NS_PER_MS)
#define MEMORY_MAX ((size_t)256 << 20)
#define OUTPUT_MAX ((size_t)256 << 20)

static void run_block(struct maker *m, size_t first);

/* ---- settings ---- */

static void set_host(struct maker *m, const struct line *line,
		     const struct words *w)
{
	const char *name = words_at(line, w, 1, "the name");

	if (m->host_count == HOSTS_MAX)
		recipe_stop(line, "more than %u hosts", HOSTS_MAX);
	m->hosts[m->host_count].ip =
		maker_host(m, line, words_at(line, w, 2, "the address"));
	m->hosts[m->host_count++].name = name;
}

static void set_wait(struct maker *m, const struct line *line,
		     const struct words *w)
{
	m->now += maker_time(line, words_at(line, w, 1, "how long"));
}

static void set_step(struct maker *m, const struct line *line,
		     const struct words *w)
{
	m->step = maker_time(line, words_at(line, w, 1, "how long"));
}

static void set_ttl(struct maker *m, const struct line *line,
		    const struct words *w)
{
	m->ttl = (uint8_t)recipe_number(
		line, words_at(line, w, 1, "the number"), 255);
}

/* ice UFRAG PASSWORD: of a description that the recipe does not show. */
static void set_password(struct maker *m, const struct line *line,
			 const struct words *w)
{
	maker_know_password(m, line, words_at(line, w, 1, "the ufrag"),
			    words_at(line, w, 2, "the password"));
}

/* vantage N[+TIME] ...: who sees the frames from here on, and how late. */
static void set_vantage(struct maker *m, const struct line *line,
			const struct words *w)
{
	m->observer_count = 0;
	for (size_t i = 1; i < w->count; i++) {
		struct slice rest = slice_of_text(w->list[i]);
		struct slice number = slice_split(&rest, '+');
		struct observer *o = &m->observers[m->observer_count++];

		if (m->observer_count == VANTAGES_MAX)
			recipe_stop(line, "too many vantages");
		o->vantage = (unsigned)recipe_number(
			line, maker_keep(m, number), VANTAGES_MAX);
		o->offset = rest.n ? maker_time(line, maker_keep(m, rest)) : 0;
	}
}

/* ---- blocks ---- */

static void unseen(struct maker *m, size_t at, const struct words *w)
{
	bool before = m->unseen;

	(void)w;
	m->unseen = true;
	run_block(m, recipe_child(m->recipe, at));
	m->unseen = before;
}

/* repeat N [TIME]: the block N times, TIME (else a step) between the starts
 * of two. */
static void repeat(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];
	uint64_t n = recipe_number(line, words_at(line, w, 1, "how often"),
				   FRAMES_MAX);
	nanoseconds every = w->count > 2 ? maker_time(line, w->list[2]) : 0;

	for (uint64_t i = 0; i < n; i++) {
		nanoseconds start = m->now;

		run_block(m, recipe_child(m->recipe, at));
		if (every)
			m->now = start + every;
	}
}

/* snap N: of each frame of the block only N bytes are captured. */
static void snap(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];

	m->snap = (size_t)recipe_number(line, words_at(line, w, 1, "bytes"),
					UINT16_MAX);
	run_block(m, recipe_child(m->recipe, at));
	m->snap = 0;
}

/* fragments N [without=I]: the packets of the block in pieces of N bytes. */
static void fragments(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];
	const char *without = words_value(w, "without");

	m->fragment = (size_t)recipe_number(line, words_at(line, w, 1, "bytes"),
					    UINT16_MAX);
	if (m->fragment == 0 || m->fragment % 8)
		recipe_stop(line, "fragments have a multiple of 8 bytes");
	m->lost_fragment =
		without ? (unsigned)recipe_number(line, without, 10000) : 0;
	run_block(m, recipe_child(m->recipe, at));
	m->fragment = 0;
	m->lost_fragment = 0;
}

/* chunks N [without=I] [order=2,1] [unordered] [interleaved] [together]
 * [resent] [longer=N]: what the block says over SCTP, in chunks of N bytes. */
static void chunks(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];
	const char *without = words_value(w, "without");
	const char *order = words_value(w, "order");
	const char *longer = words_value(w, "longer");

	m->chunks.size = (size_t)recipe_number(
		line, words_at(line, w, 1, "bytes"), UINT16_MAX);
	m->chunks.lost =
		without ? (unsigned)recipe_number(line, without, 10000) : 0;
	m->chunks.longer =
		longer ? (unsigned)recipe_number(line, longer, 10000) : 0;
	m->chunks.order = order;
	m->chunks.unordered = words_has(w, "unordered");
	m->chunks.interleaved = words_has(w, "interleaved");
	m->chunks.together = words_has(w, "together");
	m->chunks.resent = words_has(w, "resent");
	run_block(m, recipe_child(m->recipe, at));
	memset(&m->chunks, 0, sizeof(m->chunks));
}

/* swallowed N: segments of N bytes are lost on their way. */
static void swallowed(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];

	m->swallowed = (size_t)recipe_number(
		line, words_at(line, w, 1, "bytes"), UINT16_MAX);
	if (m->swallowed == 0)
		recipe_stop(line, "segments have bytes");
	run_block(m, recipe_child(m->recipe, at));
	m->swallowed = 0;
}

static void logged(struct maker *m, size_t at, const struct words *w)
{
	log_begin(m, &m->recipe->lines[at], w);
	run_block(m, recipe_child(m->recipe, at));
	m->log.on = false;
}

static void trace(struct maker *m, size_t at, const struct words *w)
{
	(void)w;
	log_trace(m, &m->recipe->lines[at]);
}

/* again [N] [TIME]: the last payload N times more, TIME after each other. */
static void again(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];
	uint64_t n =
		w->count > 1 ? recipe_number(line, w->list[1], FRAMES_MAX) : 1;
	nanoseconds every = w->count > 2 ? maker_time(line, w->list[2]) : 0;

	if (m->last_said == RECIPE_NONE)
		recipe_stop(line, "nothing was said before");
	for (uint64_t i = 0; i < n; i++) {
		m->now += every ? every - m->step : 0;
		say_top(m, m->last_said);
	}
}

/* rtp has words of its own for many packets: count=50 every=20ms */
static void payload(struct maker *m, size_t at, const struct words *w)
{
	const struct line *line = &m->recipe->lines[at];
	const char *count = words_value(w, "count");
	const char *every = words_value(w, "every");
	uint64_t n = count ? recipe_number(line, count, FRAMES_MAX) : 1;
	nanoseconds wait = every ? maker_time(line, every) - m->step : 0;

	for (uint64_t i = 0; i < n; i++) {
		m->now += i ? wait : 0;
		say_top(m, at);
	}
}

static bool setting(struct maker *m, const struct line *line,
		    const struct words *w)
{
	static const struct {
		const char *name;
		void (*set)(struct maker *m, const struct line *line,
			    const struct words *w);
	} rows[] = {{"host", set_host},    {"wait", set_wait},
		    {"step", set_step},    {"ttl", set_ttl},
		    {"ice", set_password}, {"vantage", set_vantage}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, w->list[0]) == 0) {
			rows[i].set(m, line, w);
			return true;
		}
	return false;
}

static bool block(struct maker *m, size_t at, const struct words *w)
{
	static const struct {
		const char *name;
		void (*run)(struct maker *m, size_t at, const struct words *w);
	} rows[] = {{"unseen", unseen}, {"repeat", repeat},
		    {"snap", snap},     {"fragments", fragments},
		    {"chunks", chunks}, {"swallowed", swallowed},
		    {"logged", logged}, {"trace", trace},
		    {"again", again}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, w->list[0]) == 0) {
			rows[i].run(m, at, w);
			return true;
		}
	return false;
}

static void run_block(struct maker *m, size_t first)
{
	for (size_t i = first; i != RECIPE_NONE;
	     i = recipe_next(m->recipe, i)) {
		const struct line *line = &m->recipe->lines[i];
		struct words w;

		recipe_words(line, &w);
		if (setting(m, line, &w) || block(m, i, &w) ||
		    frames_statement(m, i, &w))
			continue;
		if (!say_find(w.list[0]))
			recipe_stop(line, "no such statement: %s", w.list[0]);
		payload(m, i, &w);
	}
}

/* ---- output ---- */

static int by_time(const void *a, const void *b)
{
	const struct made_frame *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void stop_output(const char *path, const char *why)
{
	fprintf(stderr, "mkcapture: %s: %s\n", path, why);
	exit(1);
}

static void save(const char *path, const struct text *to)
{
	FILE *f = fopen(path, "wb");

	if (to->failed != STATUS_OK)
		stop_output(path, "too large");
	if (!f || fwrite(to->p, 1, to->n, f) != to->n || fclose(f) != 0)
		stop_output(path, strerror(errno));
}

/* The frames of one vantage, or of all (UINT_MAX). */
static size_t write_frames(const struct maker *m, unsigned vantage,
			   struct text *to)
{
	struct capture_writer writer;
	size_t count = 0;

	capture_writer_begin(&writer, to, "mrascope mkcapture");
	for (size_t i = 0; i < m->frame_count; i++) {
		const struct made_frame *made = &m->frames[i];
		struct frame frame = {
			.number = ++count,
			.time = made->time,
			.has_time = true,
			.link_type = LINKTYPE_RAW,
			.interface = made->vantage,
			.wire_length = made->wire_length,
			.bytes = made->bytes,
		};

		if (vantage != UINT32_MAX && made->vantage != vantage)
			count--;
		else if (capture_writer_frame(&writer, &frame, NULL, 0) !=
			 STATUS_OK)
			to->failed = STATUS_LIMIT;
	}
	return count;
}

static void write_all(struct maker *m, const char *path, bool split)
{
	const char *dot = strrchr(path, '.');
	struct text to = text_new(OUTPUT_MAX);

	qsort(m->frames, m->frame_count, sizeof(*m->frames), by_time);
	for (unsigned v = 0; split && v <= VANTAGES_MAX; v++) {
		text_clear(&to);
		if (write_frames(m, v, &to))
			save(maker_text(m, "%.*s%u%s",
					(int)(dot ? dot - path
						  : (long)strlen(path)),
					path, v, dot ? dot : ""),
			     &to);
	}
	/* A recipe of a log alone makes no capture. */
	if (!split && (m->frame_count || !m->log.text.n)) {
		text_clear(&to);
		(void)write_frames(m, UINT32_MAX, &to);
		save(path, &to);
	}
	if (m->log.text.n)
		save(maker_text(m, "%.*s%s",
				(int)(dot ? dot - path : (long)strlen(path)),
				path, log_suffix(m)),
		     &m->log.text);
	text_free(&m->log.text);
	text_free(&to);
}

static void make(const char *from, const char *path, bool split)
{
	struct arena arena = arena_new(MEMORY_MAX);
	struct recipe *recipe = calloc(1, sizeof(*recipe));
	struct maker *m = calloc(1, sizeof(*m));

	if (!recipe || !m)
		stop_output(path, "out of memory");
	recipe_read(recipe, from, &arena);
	*m = (struct maker){.arena = &arena,
			    .recipe = recipe,
			    .now = START,
			    .step = STEP,
			    .observer_count = 1,
			    .last_said = RECIPE_NONE};
	m->frames = calloc(FRAMES_MAX, sizeof(*m->frames));
	if (!m->frames)
		stop_output(path, "out of memory");
	if (recipe->count)
		run_block(m, 0);
	write_all(m, path, split);
	free(m->frames);
	free(m);
	free(recipe);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	int split = argc > 1 && strcmp(argv[1], "-s") == 0;

	if (argc - split < 3 || (argc - split) % 2 == 0) {
		fputs("usage: mkcapture [-s] RECIPE OUTPUT ...\n", stderr);
		return 2;
	}
	for (int i = 1 + split; i < argc; i += 2)
		make(argv[i], argv[i + 1], split);
	return 0;
}
