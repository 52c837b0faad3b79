/* How far the clocks of captures are apart. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/clocks.h"
#include "flow/clocks_course.h"
#include "model/list.h"

/* The first time that a message was seen in a file. */
struct seen_message {
	uint64_t key;
	nanoseconds time;
	uint32_t file;
};

/* Differences of the times in two files: [0] of requests, [1] responses. */
struct clock_pair {
	uint32_t a, b; /* b saw it after a in the order of reading */
	uint64_t shared;
	unsigned count[2];
	nanoseconds samples[2][CLOCKS_SAMPLES_MAX];
};

struct clocks {
	struct list messages; /* struct seen_message */
	struct index first;   /* by message */
	struct index in_file; /* by message and file */
	struct list pairs;    /* struct clock_pair */
	struct course course; /* what logs tell */
	bool several;
	bool no_logs;
};

struct clocks *clocks_new(bool several)
{
	struct clocks *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->messages = list_of(sizeof(struct seen_message), CLOCKS_MESSAGES_MAX);
	c->pairs = list_of(sizeof(struct clock_pair), CLOCKS_PAIRS_MAX);
	c->course = course_new();
	c->several = several;
	return c;
}

void clocks_free(struct clocks *c)
{
	if (!c)
		return;
	list_free(&c->messages);
	list_free(&c->pairs);
	course_free(&c->course);
	index_free(&c->first);
	index_free(&c->in_file);
	free(c);
}

void clocks_without_logs(struct clocks *c)
{
	c->no_logs = true;
}

/* ---- messages ---- */

static uint64_t sip_key(const struct sip_message *sip)
{
	uint64_t key = hash_bytes(1, sip->call_id);

	key = hash_bytes(key, sip->via.branch);
	key = hash_bytes(key, sip->cseq_method);
	key = hash_bytes(key, sip->to_tag);
	return hash_mix(key + ((uint64_t)sip->cseq << 16) +
			(sip->request ? 0 : sip->status));
}

static uint64_t stun_key(const struct stun_message *stun)
{
	return hash_mix(hash_bytes(2, slice_of(stun->id, 16)) +
			(unsigned)stun->class * 65536u + stun->type);
}

/* 0: it says nothing about clocks.  What travels inside of TURN is delayed by
 * the relay like the rest. */
static uint64_t key_of(const struct message *m, bool *response)
{
	if (m->kind == MESSAGE_SIP && m->u.sip->call_id.n) {
		*response = !m->u.sip->request;
		return sip_key(m->u.sip);
	}
	if (m->kind == MESSAGE_STUN && m->u.stun->class != STUN_INDICATION) {
		*response = m->u.stun->class != STUN_REQUEST;
		return stun_key(m->u.stun) + m->from.wrap_count;
	}
	return 0;
}

static bool same_message(const void *rows, uint32_t row, const void *key)
{
	const struct seen_message *a = (const struct seen_message *)rows + row;

	return a->key == *(const uint64_t *)key;
}

static bool same_in_file(const void *rows, uint32_t row, const void *key)
{
	const struct seen_message *a = (const struct seen_message *)rows + row;
	const struct seen_message *b = key;

	return a->key == b->key && a->file == b->file;
}

static struct clock_pair *pair_of(struct clocks *c, uint32_t a, uint32_t b)
{
	struct clock_pair *rows = c->pairs.rows, *added;

	for (size_t i = c->pairs.count; i-- > 0;)
		if (rows[i].a == a && rows[i].b == b)
			return &rows[i];
	added = list_add(&c->pairs);
	if (added) {
		added->a = a;
		added->b = b;
	}
	return added;
}

static void sample(struct clocks *c, const struct seen_message *a,
		   const struct seen_message *b, bool response)
{
	bool turned = a->file > b->file;
	struct clock_pair *pair = turned ? pair_of(c, b->file, a->file)
					 : pair_of(c, a->file, b->file);
	nanoseconds difference = b->time - a->time;

	if (!pair)
		return;
	pair->shared++;
	if (pair->count[response] < CLOCKS_SAMPLES_MAX)
		pair->samples[response][pair->count[response]++] =
			turned ? -difference : difference;
}

static void note_message(struct clocks *c, const struct message *m)
{
	bool response = false;
	struct seen_message now = {.key = key_of(m, &response),
				   .time = m->from.time,
				   .file = m->from.file};
	uint64_t in_file = hash_mix(now.key + now.file + 1);
	struct seen_message *added;
	uint32_t first;

	if (now.key == 0 || index_find(&c->in_file, in_file, same_in_file,
				       c->messages.rows, &now) != INDEX_NONE)
		return;
	first = index_find(&c->first, now.key, same_message, c->messages.rows,
			   &now.key);
	added = list_add(&c->messages);
	if (!added)
		return;
	*added = now;
	if (index_add(&c->in_file, in_file, (uint32_t)c->messages.count - 1) !=
	    STATUS_OK)
		return;
	if (first != INDEX_NONE)
		sample(c, list_at(&c->messages, first), &now, response);
	else if (index_add(&c->first, now.key,
			   (uint32_t)c->messages.count - 1) != STATUS_OK)
		return;
}

void clocks_take(struct clocks *c, const struct message *m)
{
	if (!c->several && !m->from.logged)
		return;
	if (!c->no_logs)
		course_take(&c->course, m);
	if (c->several)
		note_message(c, m);
}

/* ---- offsets ---- */

static int compare_times(const void *a, const void *b)
{
	const nanoseconds *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static nanoseconds median(nanoseconds *samples, unsigned count)
{
	qsort(samples, count, sizeof(*samples), compare_times);
	return samples[count / 2];
}

/* One behind the other: what both hold may be repetitions across the cut. */
static bool overlap(const struct clock_span *a, const struct clock_span *b)
{
	return a->first < b->last && b->first < a->last;
}

/* Does the pair tell, and what? */
static bool difference_of(struct clock_pair *pair, bool apart, nanoseconds *out)
{
	unsigned needed = apart ? 2 : 1;
	nanoseconds there, back;

	if (pair->count[0] < needed || pair->count[1] < needed)
		return false;
	there = median(pair->samples[0], pair->count[0]);
	back = median(pair->samples[1], pair->count[1]);
	/* Half of the sum, which itself might not fit. */
	*out = there / 2 + back / 2 + (there % 2 + back % 2) / 2;
	return true;
}

/* Goes from file to file: an offset that is known gives that of the next. */
static bool spread(struct clock_pair *pair, const struct clock_span *spans,
		   struct clock_offset *out, bool *reached)
{
	bool apart = !overlap(&spans[pair->a], &spans[pair->b]);
	uint32_t from = reached[pair->a] ? pair->a : pair->b;
	uint32_t to = from == pair->a ? pair->b : pair->a;
	nanoseconds difference;

	if (reached[to] || !reached[from] ||
	    !difference_of(pair, apart, &difference))
		return false;
	out[from].known = out[to].known = true;
	out[to].basis = CLOCK_BY_MESSAGES;
	if (out[from].basis == CLOCK_UNKNOWN)
		out[from].basis = CLOCK_BY_MESSAGES;
	out[to].apart = apart;
	difference = clock_bounded(difference);
	out[to].offset = clock_bounded(
		out[from].offset + (to == pair->b ? difference : -difference));
	reached[to] = true;
	return true;
}

static void spread_all(struct clocks *c, const struct clock_span *spans,
		       struct clock_offset *out, bool *reached)
{
	struct clock_pair *pairs = c->pairs.rows;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < c->pairs.count; i++)
			more |= spread(&pairs[i], spans, out, reached);
	}
}

/* Files whose offset is settled, and that. */
struct solving {
	bool *reached;
	nanoseconds *offsets;
};

/* What a log tells of its own clock, against the files that are reached. */
static bool set_log(struct clocks *c, uint32_t file, struct clock_offset *out,
		    const struct solving *s)
{
	struct course_known with = {s->offsets, s->reached};
	struct course_bounds bounds = course_bounds_of(&c->course, file, &with);
	nanoseconds zone;

	if (bounds.has_low || bounds.has_high) {
		out[file].offset = clock_bounded(course_offset(&bounds));
		out[file].basis = CLOCK_BY_COURSE;
	} else if (course_zone(&c->course, file, &zone)) {
		out[file].offset = clock_bounded(zone);
		out[file].basis = CLOCK_BY_DATE;
	} else {
		return false;
	}
	out[file].known = true;
	/* It seems to follow another file only by its wrong clock. */
	out[file].apart = out[file].offset != 0;
	return true;
}

enum pass { PASS_CAPTURES, PASS_LOGS_THAT_TELL, PASS_OTHER_LOGS, PASSES };

/* Makes a file the measure of those that share with it, if it is its turn. */
static bool begin_with(struct clocks *c, uint32_t file, enum pass pass,
		       struct clock_offset *out, const struct solving *s)
{
	bool log = course_is_log(&c->course, file);

	if (s->reached[file] || log != (pass != PASS_CAPTURES))
		return false;
	return pass != PASS_LOGS_THAT_TELL || set_log(c, file, out, s);
}

static void solve_all(struct clocks *c, const struct clock_span *spans,
		      size_t count, struct clock_offset *out, struct solving *s)
{
	for (int pass = 0; pass < PASSES; pass++) {
		for (uint32_t i = 0; i < count; i++) {
			if (!begin_with(c, i, (enum pass)pass, out, s))
				continue;
			s->reached[i] = true;
			spread_all(c, spans, out, s->reached);
			for (size_t k = 0; k < count; k++)
				s->offsets[k] = out[k].offset;
		}
	}
}

enum status clocks_solve(struct clocks *c, const struct clock_span *spans,
			 size_t count, struct clock_offset *out)
{
	struct clock_pair *pairs = c->pairs.rows;
	struct solving s = {
		.reached = calloc(count + 1, sizeof(*s.reached)),
		.offsets = calloc(count + 1, sizeof(*s.offsets)),
	};
	enum status status = STATUS_NOMEM;

	for (size_t i = 0; i < count; i++)
		out[i] = (struct clock_offset){.known = false};
	for (size_t i = 0; i < c->pairs.count; i++) {
		out[pairs[i].a].shared += pairs[i].shared;
		out[pairs[i].b].shared += pairs[i].shared;
	}
	if (s.reached && s.offsets) {
		solve_all(c, spans, count, out, &s);
		status = STATUS_OK;
	}
	free(s.reached);
	free(s.offsets);
	return status;
}
