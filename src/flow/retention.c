/* Which messages stay, and for how long. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/retention_state.h"

#define SCRATCH_MAX ((size_t)64 << 20)
#define DUE_FIRST ((size_t)4096)
/* What is younger goes only where the bytes want it: whose it is may come to
 * light. */
#define YOUNG (60 * NS_PER_S)

struct retention *retention_new(const struct retention_limits *limits)
{
	struct retention *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->limits = *limits;
	r->due = DUE_FIRST;
	return r;
}

struct retention_counts retention_counts(const struct retention *r)
{
	struct retention_counts counts = r->counts;

	counts.messages = r->count;
	return counts;
}

static bool make_room(struct retention *r)
{
	size_t room = r->room ? r->room * 2 : 1024;
	struct kept **rows;

	if (r->count < r->room)
		return true;
	rows = realloc(r->rows, room * sizeof(struct kept *));
	if (!rows)
		return false;
	r->rows = rows;
	r->room = room;
	return true;
}

void retention_take(void *context, const struct message *m)
{
	struct retention *r = context;
	struct kept *k = make_room(r) ? kept_new(m) : NULL;

	if (!k)
		return;
	r->rows[r->count++] = k;
	r->counts.bytes += k->size;
}

bool retention_due(const struct retention *r)
{
	return r->count >= r->due || r->counts.bytes > r->limits.bytes;
}

/* ---- who lives ---- */

struct group {
	uint64_t hash;
	uint64_t count; /* of its messages */
	uint64_t seen;  /* while they are gone through */
	bool alive;
};

struct groups {
	struct list rows; /* struct group */
	struct index index;
};

static bool same_group(const void *rows, uint32_t row, const void *key)
{
	return ((const struct group *)rows)[row].hash == *(const uint64_t *)key;
}

static struct group *group_at(const struct groups *g, uint64_t hash)
{
	uint32_t row = index_find(&g->index, hash_mix(hash), same_group,
				  g->rows.rows, &hash);

	return row == INDEX_NONE ? NULL : list_at(&g->rows, row);
}

static struct group *group_made(struct groups *g, uint64_t hash)
{
	struct group *group = group_at(g, hash);

	if (group)
		return group;
	group = list_add(&g->rows);
	if (!group)
		return NULL;
	group->hash = hash;
	if (index_add(&g->index, hash_mix(hash), (uint32_t)g->rows.count - 1) !=
	    STATUS_OK)
		return NULL;
	return group;
}

static void make_alive(struct groups *g, const char *call_id)
{
	struct group *group;

	if (!call_id)
		return;
	group = group_made(g, hash_bytes(0, slice_of_text(call_id)));
	if (group)
		group->alive = true;
}

/* ---- calls ---- */

struct living {
	nanoseconds last;
	uint32_t call;
};

static int newest_first(const void *a, const void *b)
{
	const struct living *x = a, *y = b;

	if (x->last != y->last)
		return x->last > y->last ? -1 : 1;
	return (x->call > y->call) - (x->call < y->call);
}

static bool has_ended(const struct model *m, const struct call *call)
{
	if (call->outcome == OUTCOME_IN_PROGRESS ||
	    call->outcome == OUTCOME_UNKNOWN)
		return false;
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		if (!d->bye && d->final < 300 && !d->cancelled)
			return false;
	}
	return true;
}

static bool lives(const struct retention *r, const struct model *m,
		  const struct call *call, nanoseconds now)
{
	nanoseconds stay =
		has_ended(m, call) ? r->limits.linger : r->limits.silent;

	return call->end + stay >= now;
}

static void keep_call(struct groups *g, const struct model *m,
		      const struct call *call)
{
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		make_alive(g, d->call_id);
	}
	make_alive(g, call->call_id);
}

/* The newest ones, as many as there is room for. */
static enum status keep_calls(const struct retention *r, struct groups *g,
			      const struct model *m, nanoseconds now)
{
	struct living *all = calloc(m->calls.count + 1, sizeof(*all));
	const struct call *calls = m->calls.rows;
	size_t count = 0;

	if (!all)
		return STATUS_NOMEM;
	for (size_t i = 0; i < m->calls.count; i++)
		if (lives(r, m, &calls[i], now))
			all[count++] =
				(struct living){calls[i].end, (uint32_t)i};
	qsort(all, count, sizeof(*all), newest_first);
	for (size_t i = 0; i < count && i < r->limits.calls; i++)
		keep_call(g, m, &calls[all[i].call]);
	free(all);
	return STATUS_OK;
}

/* What it was told of its server, too. */
static void keep_registration(struct groups *g, const struct model *m,
			      const struct registration *r)
{
	make_alive(g, r->call_id);
	make_alive(g, provisioning_call_id(m, r));
}

static void keep_registrations(const struct retention *r, struct groups *g,
			       const struct model *m, nanoseconds now)
{
	const struct registration *rows = m->registrations.rows;
	const struct token *tokens = m->tokens.rows;

	for (size_t i = 0; i < m->registrations.count; i++)
		if (rows[i].until >= now ||
		    place_time(m, rows[i].cited.last) + r->limits.linger >= now)
			keep_registration(g, m, &rows[i]);
	for (size_t i = 0; i < m->tokens.count; i++)
		if (tokens[i].expires >= now ||
		    place_time(m, tokens[i].cited.last) + r->limits.linger >=
			    now)
			make_alive(g, tokens[i].call_id);
}

/* ---- messages ---- */

static bool is_sip(const struct kept *k)
{
	return k->kind == MESSAGE_SIP;
}

/* Something goes on on its flow, if only media. */
static bool flow_lives(const struct retention *r, const struct kept *k,
		       const struct driver *driver, nanoseconds now)
{
	const struct message m = kept_message(k);

	return driver_last_packet(driver, &m.from) + r->limits.linger >= now;
}

static bool in_the_middle(const struct group *group, const struct kept *k)
{
	return group->seen > (k->renews ? RENEWAL_HEAD : GROUP_HEAD) &&
	       group->count - group->seen >=
		       (k->renews ? RENEWAL_TAIL : GROUP_TAIL);
}

static bool stays(const struct retention *r, const struct kept *k,
		  struct group *group, const struct driver *driver,
		  nanoseconds now)
{
	group->seen++;
	if (in_the_middle(group, k))
		return false;
	if (k->time + YOUNG >= now)
		return true;
	return is_sip(k) ? group->alive : flow_lives(r, k, driver, now);
}

static void drop(struct retention *r, struct kept *k)
{
	r->counts.bytes -= k->size;
	kept_free(k);
}

/* A quarter more than must go, so that it does not begin anew at once. */
bool retention_squeeze(struct retention *r)
{
	size_t gone = 0;

	if (r->counts.bytes <= r->limits.bytes)
		return false;
	while (gone < r->count &&
	       r->counts.bytes > r->limits.bytes - r->limits.bytes / 4)
		drop(r, r->rows[gone++]);
	r->count -= gone;
	memmove(r->rows, r->rows + gone, r->count * sizeof(struct kept *));
	r->counts.pushed += gone;
	return true;
}

/* ---- trimming ---- */

/* First the messages of each group are counted, then those of the dead go. */
struct trim {
	struct groups groups;
	nanoseconds now;
	size_t counted, seen, kept; /* messages */
	bool failed;
};

static void count(struct retention *r, struct trim *t)
{
	struct group *group =
		group_made(&t->groups, r->rows[t->counted]->group);

	t->counted++;
	if (group)
		group->count++;
	else
		t->failed = true;
}

static void sort_out(struct retention *r, struct trim *t,
		     const struct driver *driver)
{
	struct kept *k = r->rows[t->seen++];
	struct group *group = group_at(&t->groups, k->group);

	if (!group || stays(r, k, group, driver, t->now))
		r->rows[t->kept++] = k;
	else
		drop(r, k);
}

static void trim_free(struct retention *r)
{
	if (!r->trim)
		return;
	list_free(&r->trim->groups.rows);
	index_free(&r->trim->groups.index);
	free(r->trim);
	r->trim = NULL;
}

bool retention_trim_begin(struct retention *r, const struct model *view,
			  nanoseconds now)
{
	struct trim *t = calloc(1, sizeof(*t));

	if (!t)
		return false;
	t->groups.rows = list_of(sizeof(struct group), SIZE_MAX);
	t->now = now;
	t->failed = keep_calls(r, &t->groups, view, now) != STATUS_OK;
	if (!t->failed)
		keep_registrations(r, &t->groups, view, now);
	r->trim = t;
	return true;
}

bool retention_trim_step(struct retention *r, const struct driver *driver,
			 size_t messages)
{
	struct trim *t = r->trim;

	for (; messages && !t->failed && t->counted < r->count; messages--)
		count(r, t);
	if (t->failed || t->counted < r->count)
		return !t->failed;
	for (; messages && t->seen < r->count; messages--)
		sort_out(r, t, driver);
	return t->seen < r->count;
}

bool retention_trim_end(struct retention *r)
{
	size_t gone = r->trim->seen - r->trim->kept;

	r->count -= gone;
	r->counts.ended += gone;
	trim_free(r);
	gone += retention_squeeze(r);
	r->due = r->count * 2 > DUE_FIRST ? r->count * 2 : DUE_FIRST;
	return gone != 0;
}

/* ---- the end ---- */

/* Of one whose trimming is under way some rows stand twice: what was seen and
 * not kept is gone. */
static void close_gap(struct retention *r)
{
	struct trim *t = r->trim;

	if (!t)
		return;
	memmove(r->rows + t->kept, r->rows + t->seen,
		(r->count - t->seen) * sizeof(struct kept *));
	r->count -= t->seen - t->kept;
	trim_free(r);
}

bool retention_free_some(struct retention *r, size_t messages)
{
	close_gap(r);
	for (; messages && r->count; messages--)
		kept_free(r->rows[--r->count]);
	if (r->count)
		return true;
	free(r->rows);
	free(r);
	return false;
}

void retention_free(struct retention *r)
{
	if (r)
		(void)retention_free_some(r, SIZE_MAX);
}

size_t retention_replay(const struct retention *r, size_t from, size_t count,
			struct keyring *keys, const struct message_sink *sink)
{
	struct arena scratch = arena_new(SCRATCH_MAX);

	for (; from < r->count && count; from++, count--)
		kept_tell(r->rows[from], &scratch, keys, sink);
	arena_free(&scratch);
	return from;
}
