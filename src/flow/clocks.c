/* How far the clocks of captures are apart. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/clocks.h"
#include "flow/clocks_course.h"
#include "model/list.h"

/* The first time that a message was seen by a clock: that of a file, from
 * FURTHER on that of a further interface of one. */
struct seen_message {
	uint64_t key;
	nanoseconds time;
	uint32_t clock;
};

#define FURTHER UINT32_C(0x80000000)

/* Makes a key of its own for what is the same but for its wrapping. */
#define RELAYED 77u

/* How two clocks stand that a pair tells of. */
enum standing {
	WITHIN, /* two interfaces of one file */
	BESIDE, /* two files of one time */
	APART,  /* two files, one behind the other */
};

/* Differences of the times in two files: [0] of requests, [1] responses. */
struct clock_pair {
	uint32_t a, b; /* b saw it after a in the order of reading */
	enum standing how;
	bool relayed;               /* by what a relay wrapped or unwrapped */
	struct clock_span spans[2]; /* of the files of a and b */
	uint64_t shared;
	unsigned count[2];
	nanoseconds samples[2][CLOCKS_SAMPLES_MAX];
};

struct clocks {
	struct list messages; /* struct seen_message */
	struct index first;   /* by message */
	struct index in_file; /* by message and clock */
	struct list pairs;    /* struct clock_pair */
	size_t sights;        /* among the messages */
	struct course course; /* what logs tell */
	struct list homes;    /* struct clock_interface: the first of a file */
	struct list further;  /* struct clock_interface */
	bool several;
	bool no_logs;
	bool by_interface;
};

struct clocks *clocks_new(bool several)
{
	struct clocks *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->messages = list_of(sizeof(struct seen_message), CLOCKS_MESSAGES_MAX);
	c->pairs = list_of(sizeof(struct clock_pair), CLOCKS_PAIRS_MAX);
	c->course = course_new();
	c->homes =
		list_of(sizeof(struct clock_interface), CLOCKS_INTERFACES_MAX);
	c->further =
		list_of(sizeof(struct clock_interface), CLOCKS_INTERFACES_MAX);
	c->several = several;
	return c;
}

void clocks_free(struct clocks *c)
{
	if (!c)
		return;
	list_free(&c->messages);
	list_free(&c->pairs);
	list_free(&c->homes);
	list_free(&c->further);
	course_free(&c->course);
	index_free(&c->first);
	index_free(&c->in_file);
	free(c);
}

void clocks_without_logs(struct clocks *c)
{
	c->no_logs = true;
}

void clocks_by_interface(struct clocks *c)
{
	c->several = c->by_interface = true;
}

const struct clock_interface *clocks_interfaces(const struct clocks *c,
						size_t *count)
{
	*count = c->further.count;
	return c->further.rows;
}

/* ---- whose clock ---- */

static uint32_t interface_row(const struct list *list, uint32_t file,
			      const uint32_t *vantage)
{
	const struct clock_interface *rows = list->rows;

	for (uint32_t i = 0; i < list->count; i++)
		if (rows[i].file == file &&
		    (!vantage || rows[i].vantage == *vantage))
			return i;
	return INDEX_NONE;
}

static uint32_t interface_add(struct list *list, const struct origin *from)
{
	struct clock_interface *added = list_add(list);

	if (!added)
		return INDEX_NONE;
	*added = (struct clock_interface){from->file, from->vantage};
	return (uint32_t)list->count - 1;
}

/* The first interface of a file goes by the file's clock; so do those for
 * which there is no room. */
static uint32_t clock_at(struct clocks *c, const struct origin *from)
{
	uint32_t row;

	if (!c->by_interface)
		return from->file;
	if (interface_row(&c->homes, from->file, &from->vantage) != INDEX_NONE)
		return from->file;
	if (interface_row(&c->homes, from->file, NULL) == INDEX_NONE) {
		(void)interface_add(&c->homes, from);
		return from->file;
	}
	row = interface_row(&c->further, from->file, &from->vantage);
	if (row == INDEX_NONE)
		row = interface_add(&c->further, from);
	return row == INDEX_NONE ? from->file : FURTHER + row;
}

/* ---- messages ---- */

uint64_t clocks_sip_key(const struct sip_message *sip)
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
		return clocks_sip_key(m->u.sip);
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

	return a->key == b->key && a->clock == b->clock;
}

static struct clock_pair *pair_of(struct clocks *c, uint32_t a, uint32_t b,
				  bool relayed)
{
	struct clock_pair *rows = c->pairs.rows, *added;

	for (size_t i = c->pairs.count; i-- > 0;)
		if (rows[i].a == a && rows[i].b == b &&
		    rows[i].relayed == relayed)
			return &rows[i];
	added = list_add(&c->pairs);
	if (added) {
		added->a = a;
		added->b = b;
		added->relayed = relayed;
	}
	return added;
}

/* What is noted, and how. */
struct noting {
	uint64_t key;
	bool response;
	bool relayed;
};

static void sample(struct clocks *c, const struct seen_message *a,
		   const struct seen_message *b, const struct noting *what)
{
	bool turned = a->clock > b->clock, response = what->response;
	struct clock_pair *pair =
		turned ? pair_of(c, b->clock, a->clock, what->relayed)
		       : pair_of(c, a->clock, b->clock, what->relayed);
	nanoseconds difference = b->time - a->time;

	if (!pair)
		return;
	pair->shared += !what->relayed;
	if (pair->count[response] < CLOCKS_SAMPLES_MAX)
		pair->samples[response][pair->count[response]++] =
			turned ? -difference : difference;
}

/* Whoever saw it first by this clock is one sample, or none. */
static bool note(struct clocks *c, const struct origin *from,
		 const struct noting *what)
{
	struct seen_message now = {.key = what->key,
				   .time = from->time,
				   .clock = clock_at(c, from)};
	uint64_t in_file = hash_mix(now.key + now.clock + 1);
	struct seen_message *added;
	uint32_t first;

	if (now.key == 0 || index_find(&c->in_file, in_file, same_in_file,
				       c->messages.rows, &now) != INDEX_NONE)
		return false;
	first = index_find(&c->first, now.key, same_message, c->messages.rows,
			   &now.key);
	added = list_add(&c->messages);
	if (!added)
		return false;
	*added = now;
	if (index_add(&c->in_file, in_file, (uint32_t)c->messages.count - 1) !=
	    STATUS_OK)
		return true;
	if (first != INDEX_NONE)
		sample(c, list_at(&c->messages, first), &now, what);
	else if (index_add(&c->first, now.key,
			   (uint32_t)c->messages.count - 1) != STATUS_OK)
		return true;
	return true;
}

/* 100, CANCEL and ACK may be the proxy's own, and it keeps what refuses an
 * INVITE until all forks have answered (RFC 3261 16.7, 16.10, 17.1.1.3). */
static bool is_passed_on(const struct sip_message *sip)
{
	if (sip->method == SIP_CANCEL || sip->method == SIP_ACK)
		return false;
	return sip->request || (sip->status != 100 && sip->status < 300);
}

/* The same in front of a proxy and behind it, which adds a branch; or 0. */
static uint64_t proxied_key(const struct sip_message *sip)
{
	uint64_t key = hash_bytes(3, sip->call_id);

	if (!is_passed_on(sip))
		return 0;
	key = hash_bytes(key, sip->from_tag);
	key = hash_bytes(key, sip->cseq_method);
	key = hash_bytes(key, sip->to_tag);
	return hash_mix(key + ((uint64_t)sip->cseq << 16) +
			(sip->request ? 0 : sip->status));
}

/*
 * A check that one capture shows inside of TURN and another behind the relay,
 * or a message of SIP in front of a proxy and behind it: it tells, too, where
 * nothing better does, but the time that the relay took counts in one
 * direction.
 */
static void note_relayed(struct clocks *c, const struct message *m,
			 bool response)
{
	struct noting what = {.response = response, .relayed = true};

	if (m->kind == MESSAGE_SIP)
		what.key = proxied_key(m->u.sip);
	else if (m->kind == MESSAGE_STUN && m->u.stun->method == STUN_BINDING)
		what.key = hash_mix(stun_key(m->u.stun) + RELAYED);
	(void)note(c, &m->from, &what);
}

static void note_message(struct clocks *c, const struct message *m)
{
	struct noting what = {.response = false};

	what.key = key_of(m, &what.response);
	if (what.key == 0)
		return;
	(void)note(c, &m->from, &what);
	note_relayed(c, m, what.response);
}

void clocks_take_sight(struct clocks *c, const struct origin *from,
		       uint64_t key)
{
	const struct noting what = {.key = key, .response = from->side != 0};

	if (c->several && c->sights < CLOCKS_SIGHTS_MAX && note(c, from, &what))
		c->sights++;
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

/* Of two files one behind the other, what both hold may be repetitions: those
 * come after half a second, one, two, four.  Copies are all equally late. */
#define COPIES_WITHIN (200 * NS_PER_MS)

static bool agree(const nanoseconds *samples, unsigned count,
		  nanoseconds middle)
{
	unsigned near = 0;

	for (unsigned i = 0; i < count; i++)
		near += samples[i] - middle <= COPIES_WITHIN &&
			middle - samples[i] <= COPIES_WITHIN;
	return near >= 2 && near * 2 >= count;
}

/* One behind the other: what both hold may be repetitions across the cut. */
static bool overlap(const struct clock_span *a, const struct clock_span *b)
{
	return a->first < b->last && b->first < a->last;
}

/* Set by that, do both lie side by side?  Repetitions across a cut only seem to
 * differ a little: by less than a quarter of the shorter file. */
static bool lie_together(const struct clock_pair *pair, nanoseconds ahead)
{
	const struct clock_span *a = &pair->spans[0], *b = &pair->spans[1];
	nanoseconds first = b->first - ahead, last = b->last - ahead;
	nanoseconds least = b->last - b->first;

	if (a->last - a->first < least)
		least = a->last - a->first;
	if (first < a->first)
		first = a->first;
	if (last > a->last)
		last = a->last;
	return last - first >= least / 4;
}

/* Longer than anybody repeats one request or its answer (RFC 3261 17.1.1.2,
 * RFC 8489 6.2.1). */
#define REPEATED_WITHIN (64 * NS_PER_S)

/* Are these no repetitions: request and response are both as much too late? */
static bool is_far(nanoseconds there, nanoseconds back)
{
	nanoseconds between = there > back ? there - back : back - there;

	return between < REPEATED_WITHIN &&
	       ((there > REPEATED_WITHIN && back > REPEATED_WITHIN) ||
		(there < -REPEATED_WITHIN && back < -REPEATED_WITHIN));
}

/* What a relay or a proxy takes at most for something. */
#define RELAYED_WITHIN (10 * NS_PER_MS)

static bool has_one_just(bool ahead, const nanoseconds *samples, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (ahead ? samples[i] <= 0 && samples[i] > -RELAYED_WITHIN
			  : samples[i] >= 0 && samples[i] < RELAYED_WITHIN)
			return true;
	return false;
}

/* Where a tap shows what goes to a relay, or to a proxy, apart from what comes
 * from there, the one sees all first. */
static bool is_seen_behind(const struct clock_pair *pair, bool ahead)
{
	return pair->relayed &&
	       has_one_just(ahead, pair->samples[0], pair->count[0]) &&
	       has_one_just(ahead, pair->samples[1], pair->count[1]);
}

/* Does the pair tell, and what?  Interfaces of one file go by one clock unless
 * both ways prove that it is wrong: a request and its response cannot both
 * have passed the same one first. */
static bool difference_of(struct clock_pair *pair, nanoseconds *out)
{
	nanoseconds there, back;

	if (pair->count[0] == 0 || pair->count[1] == 0)
		return false;
	there = median(pair->samples[0], pair->count[0]);
	back = median(pair->samples[1], pair->count[1]);
	if ((pair->how == WITHIN && (there < 0) != (back < 0)) ||
	    is_seen_behind(pair, false) || is_seen_behind(pair, true)) {
		*out = 0;
		return true;
	}
	/* Half of the sum, which itself might not fit. */
	*out = there / 2 + back / 2 + (there % 2 + back % 2) / 2;
	if (pair->how != APART)
		return true;
	if (pair->count[0] < 2 || pair->count[1] < 2)
		return is_far(there, back) &&
		       lie_together(pair, clock_bounded(*out));
	return agree(pair->samples[0], pair->count[0], there) &&
	       agree(pair->samples[1], pair->count[1], back) &&
	       lie_together(pair, clock_bounded(*out));
}

/* Whose offset is settled, and that. */
struct solving {
	bool *reached;
	nanoseconds *offsets;
	size_t count; /* of clocks */
};

/* Goes from clock to clock: an offset that is known gives that of the next. */
static bool spread(struct clock_pair *pair, const struct solving *s,
		   struct clock_offset *out)
{
	bool *reached = s->reached;
	uint32_t from = reached[pair->a] ? pair->a : pair->b;
	uint32_t to = from == pair->a ? pair->b : pair->a;
	nanoseconds difference;

	if (reached[to] || !reached[from] || !difference_of(pair, &difference))
		return false;
	out[from].known = out[to].known = true;
	out[to].basis = CLOCK_BY_MESSAGES;
	if (out[from].basis == CLOCK_UNKNOWN)
		out[from].basis = CLOCK_BY_MESSAGES;
	out[to].apart = pair->how == APART;
	difference = clock_bounded(difference);
	out[to].offset = clock_bounded(
		out[from].offset + (to == pair->b ? difference : -difference));
	reached[to] = true;
	return true;
}

static bool spread_by(struct clocks *c, bool relayed, const struct solving *s,
		      struct clock_offset *out)
{
	struct clock_pair *pairs = c->pairs.rows;
	bool more = false;

	for (size_t i = 0; i < c->pairs.count; i++)
		if (pairs[i].relayed == relayed)
			more |= spread(&pairs[i], s, out);
	return more;
}

/* What a relay has changed only where nothing else goes on. */
static void spread_all(struct clocks *c, const struct solving *s,
		       struct clock_offset *out)
{
	while (spread_by(c, false, s, out) || spread_by(c, true, s, out)) {
	}
}

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

static void solve_all(struct clocks *c, struct clock_offset *out,
		      struct solving *s)
{
	size_t count = s->count;

	for (int pass = 0; pass < PASSES; pass++) {
		for (uint32_t i = 0; i < count; i++) {
			if (!begin_with(c, i, (enum pass)pass, out, s))
				continue;
			s->reached[i] = true;
			spread_all(c, s, out);
			for (size_t k = 0; k < count; k++)
				s->offsets[k] = out[k].offset;
		}
	}
}

/* ---- interfaces ---- */

/* Clocks by number: those of files, then those of further interfaces; and of
 * each the one that it goes by, most often itself. */
struct numbering {
	const struct clock_span *spans; /* of files */
	const struct clock_interface *further;
	size_t files, count;
	uint32_t *as;
};

static uint32_t file_of(const struct numbering *n, uint32_t clock)
{
	return clock < n->files ? clock : n->further[clock - n->files].file;
}

static enum standing standing_of(const struct clock_pair *pair,
				 const struct numbering *n)
{
	uint32_t a = file_of(n, pair->a), b = file_of(n, pair->b);

	if (a == b)
		return WITHIN;
	return overlap(&n->spans[a], &n->spans[b]) ? BESIDE : APART;
}

/* Now that the number of files is known. */
static void number_pairs(struct clocks *c, const struct numbering *n)
{
	struct clock_pair *pairs = c->pairs.rows;

	for (size_t i = 0; i < c->pairs.count; i++) {
		struct clock_pair *pair = &pairs[i];

		if (pair->a >= FURTHER)
			pair->a = pair->a - FURTHER + (uint32_t)n->files;
		if (pair->b >= FURTHER)
			pair->b = pair->b - FURTHER + (uint32_t)n->files;
		pair->how = standing_of(pair, n);
		pair->spans[0] = n->spans[file_of(n, pair->a)];
		pair->spans[1] = n->spans[file_of(n, pair->b)];
	}
}

/* Do both files only seem to follow one another? */
static bool is_proved_apart(struct clocks *c, uint32_t a, uint32_t b)
{
	struct clock_pair *pairs = c->pairs.rows;
	nanoseconds difference;

	for (size_t i = 0; i < c->pairs.count; i++)
		if (pairs[i].a == a && pairs[i].b == b &&
		    difference_of(&pairs[i], &difference))
			return true;
	return false;
}

/* An interface that goes on in a file that follows goes by the same clock. */
static void find_same(struct clocks *c, const struct clock_offset *out,
		      struct numbering *n)
{
	for (uint32_t i = 0; i < n->count; i++) {
		n->as[i] = i;
		for (uint32_t k = 0; out[i].has_vantage && k < i; k++) {
			if (!out[k].has_vantage || n->as[k] != k ||
			    out[k].vantage != out[i].vantage ||
			    is_proved_apart(c, k, i))
				continue;
			n->as[i] = k;
			break;
		}
	}
}

static void add_samples(struct clock_pair *to, const struct clock_pair *from)
{
	bool turned = to->a != from->a;

	for (unsigned way = 0; way < 2; way++)
		for (unsigned i = 0; i < from->count[way] &&
				     to->count[way] < CLOCKS_SAMPLES_MAX;
		     i++)
			to->samples[way][to->count[way]++] =
				turned ? -from->samples[way][i]
				       : from->samples[way][i];
	if (from->how < to->how)
		to->how = from->how;
}

static bool tell_of_same(const struct clock_pair *x, const struct clock_pair *y)
{
	return x->relayed == y->relayed && ((x->a == y->a && x->b == y->b) ||
					    (x->a == y->b && x->b == y->a));
}

/* What two clocks that are one tell of a third is told by one pair. */
static void join_pairs(struct clocks *c, const struct numbering *n)
{
	struct clock_pair *pairs = c->pairs.rows;

	for (size_t i = 0; i < c->pairs.count; i++) {
		struct clock_pair *pair = &pairs[i];
		size_t k = 0;

		pair->a = n->as[pair->a];
		pair->b = n->as[pair->b];
		while (k < i && !tell_of_same(&pairs[k], pair))
			k++;
		if (k < i)
			add_samples(&pairs[k], pair);
		/* Repetitions across a cut tell nothing. */
		if (k < i || pair->a == pair->b)
			pair->count[0] = pair->count[1] = 0;
	}
}

static void set_vantage(struct clock_offset *to,
			const struct clock_interface *of)
{
	to->has_vantage = true;
	to->vantage = of->vantage;
}

static void begin_offsets(struct clocks *c, const struct numbering *n,
			  struct clock_offset *out)
{
	const struct clock_interface *homes = c->homes.rows;
	const struct clock_pair *pairs = c->pairs.rows;

	for (size_t i = 0; i < n->count; i++)
		out[i] = (struct clock_offset){.known = false};
	for (size_t i = 0; i < c->homes.count; i++)
		set_vantage(&out[homes[i].file], &homes[i]);
	for (size_t i = 0; i < c->further.count; i++)
		set_vantage(&out[n->files + i], &n->further[i]);
	for (size_t i = 0; i < c->pairs.count; i++) {
		out[pairs[i].a].shared += pairs[i].shared;
		out[pairs[i].b].shared += pairs[i].shared;
	}
}

/* What goes by another clock stands like that. */
static void end_offsets(const struct numbering *n, struct clock_offset *out)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct clock_offset *as = &out[n->as[i]];

		if (n->as[i] == i)
			continue;
		out[i].known = as->known;
		out[i].basis = as->basis;
		out[i].offset = as->offset;
	}
}

/* ---- all ---- */

enum status clocks_solve(struct clocks *c, const struct clock_span *spans,
			 size_t count, struct clock_offset *out)
{
	size_t all = count + c->further.count;
	struct solving s = {
		.reached = calloc(all + 1, sizeof(*s.reached)),
		.offsets = calloc(all + 1, sizeof(*s.offsets)),
		.count = all,
	};
	struct numbering n = {
		.spans = spans,
		.further = c->further.rows,
		.files = count,
		.count = all,
		.as = calloc(all + 1, sizeof(*n.as)),
	};
	enum status status = STATUS_NOMEM;

	number_pairs(c, &n);
	begin_offsets(c, &n, out);
	if (s.reached && s.offsets && n.as) {
		find_same(c, out, &n);
		join_pairs(c, &n);
		solve_all(c, out, &s);
		end_offsets(&n, out);
		status = STATUS_OK;
	}
	free(s.reached);
	free(s.offsets);
	free(n.as);
	return status;
}
