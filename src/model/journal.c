/* Rows of messages, and the ends that they go between. */
#include "config.h"

#include <string.h>

#include "model/journal.h"

void journal_init(struct journal *j)
{
	*j = (struct journal){
		.rows = list_of(sizeof(struct entry), JOURNAL_ROWS_MAX),
		.ends = list_of(sizeof(struct endpoint), JOURNAL_ENDS_MAX),
		.conversations =
			list_of(sizeof(struct conversation), JOURNAL_ENDS_MAX),
		.others = list_of(sizeof(uint32_t), JOURNAL_ENDS_MAX),
		.late = list_of(sizeof(struct row_range), JOURNAL_ENDS_MAX),
	};
	/* Differs from run to run where addresses are random; need not be a
	 * secret offline. */
	j->key = (uint64_t)(uintptr_t)j * UINT64_C(0x9e3779b97f4a7c15);
}

void journal_free(struct journal *j)
{
	list_free(&j->rows);
	list_free(&j->ends);
	index_free(&j->index);
	list_free(&j->conversations);
	index_free(&j->by_group);
	list_free(&j->others);
	list_free(&j->late);
}

void journal_clear(struct journal *j)
{
	j->rows.count = 0;
	j->first = 0;
	j->late.count = 0;
	j->newest = 0;
	j->ends.count = 0;
	index_free(&j->index);
	j->index = (struct index){0};
	j->conversations.count = j->others.count = 0;
	index_free(&j->by_group);
	j->by_group = (struct index){0};
}

/* ---- rows ---- */

/* The newest row is older than one before it. */
static bool note_late(struct journal *j)
{
	size_t row = journal_last(j) - 1;
	struct row_range *last =
		j->late.count ? list_at(&j->late, j->late.count - 1) : NULL;

	if (!last || last->end != row) {
		last = list_add(&j->late);
		if (!last)
			return false;
		last->first = row;
	}
	last->end = row + 1;
	return true;
}

bool journal_add(struct journal *j, const struct entry *e)
{
	struct entry *row = list_add(&j->rows);

	if (!row)
		return false;
	*row = *e;
	if (e->place.time + JOURNAL_DISORDER < j->newest)
		return note_late(j);
	if (e->place.time > j->newest)
		j->newest = e->place.time;
	return true;
}

/* The late rows that this one is among; NULL: it is not late. */
static const struct row_range *range_of(const struct journal *j, size_t row)
{
	const struct row_range *ranges = j->late.rows;
	size_t low = 0, high = j->late.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges[middle].end <= row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < j->late.count && ranges[low].first <= row ? &ranges[low]
							       : NULL;
}

size_t journal_row_at(const struct journal *j, nanoseconds time)
{
	size_t low = journal_first(j), high = journal_last(j);

	while (low < high) {
		size_t middle = low + (high - low) / 2, probe = middle;
		const struct row_range *late = range_of(j, middle);

		/* Those behind late ones are in order again. */
		if (late)
			probe = late->end;
		if (probe >= high)
			high = late && late->first > low ? late->first : low;
		else if (journal_at(j, probe)->place.time < time)
			low = probe + 1;
		else
			high = late && late->first > low ? late->first : middle;
	}
	return low;
}

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	const struct endpoint *ends = rows;

	return memcmp(&ends[row], key, sizeof(*ends)) == 0;
}

uint32_t journal_end(struct journal *j, const struct endpoint *e)
{
	uint64_t hash = hash_bytes(j->key, slice_of(e, sizeof(*e)));
	uint32_t row = index_find(&j->index, hash, same_end, j->ends.rows, e);
	struct endpoint *fresh;

	if (row != INDEX_NONE)
		return row;
	fresh = list_add(&j->ends);
	if (!fresh)
		return CHAIN_END;
	*fresh = *e;
	row = (uint32_t)j->ends.count - 1;
	if (index_add(&j->index, hash, row) != STATUS_OK) {
		j->ends.count--;
		return CHAIN_END;
	}
	return row;
}

uint64_t journal_hash_of_ends(const struct journal *j, const struct endpoint *a,
			      const struct endpoint *b)
{
	uint64_t x = hash_bytes(j->key, slice_of(a, sizeof(*a)));
	uint64_t y = hash_bytes(j->key, slice_of(b, sizeof(*b)));

	return hash_mix((x + y) ^ (x * y));
}

const struct endpoint *journal_end_at(const struct journal *j, uint32_t end)
{
	static const struct endpoint none;

	return end < j->ends.count ? list_at(&j->ends, end) : &none;
}

const struct entry *journal_at(const struct journal *j, size_t row)
{
	static const struct entry gone = {.kind = ENTRY_MALFORMED,
					  .offset = UINT64_MAX,
					  .frame = UINT64_MAX,
					  .flags = ENTRY_SPILLED,
					  .src = CHAIN_END,
					  .dst = CHAIN_END,
					  .outer_src = CHAIN_END,
					  .outer_dst = CHAIN_END};

	if (row < j->first || row - j->first >= j->rows.count)
		return &gone;
	return list_at(&j->rows, row - j->first);
}

/* ---- conversations ---- */

static bool same_group(const void *rows, uint32_t row, const void *key)
{
	const struct conversation *all = rows;

	return all[row].group == *(const uint64_t *)key;
}

/* A copy of `c`, with its place among the others; NULL: there is no room. */
static struct conversation *add_conversation(struct journal *j,
					     const struct conversation *c)
{
	struct conversation *row = list_add(&j->conversations);
	uint32_t number = (uint32_t)j->conversations.count - 1;
	uint32_t *other;

	if (!row)
		return NULL;
	*row = *c;
	if (index_add(&j->by_group, c->group, number) != STATUS_OK) {
		j->conversations.count--;
		return NULL;
	}
	other = c->owned ? NULL : list_add(&j->others);
	if (other)
		*other = number;
	return row;
}

static struct conversation *conversation_of(struct journal *j,
					    const struct entry *e,
					    unsigned method, bool owned)
{
	struct conversation fresh = {
		.group = e->group,
		.first = journal_last(j) - 1,
		.begin = e->place.time,
		.method = (uint16_t)method,
		.owned = owned,
	};
	uint32_t row = index_find(&j->by_group, e->group, same_group,
				  j->conversations.rows, &e->group);

	return row == INDEX_NONE ? add_conversation(j, &fresh)
				 : list_at(&j->conversations, row);
}

/* Something that is known has taken it over: seldom, so nothing is spared. */
static void disown(struct journal *j, const struct conversation *c)
{
	uint32_t number =
		(uint32_t)(c - (struct conversation *)j->conversations.rows);
	uint32_t *others = j->others.rows;
	size_t kept = 0;

	for (size_t i = 0; i < j->others.count; i++)
		if (others[i] != number)
			others[kept++] = others[i];
	j->others.count = kept;
}

void journal_converse(struct journal *j, unsigned method, bool owned)
{
	const struct entry *e = journal_at(j, journal_last(j) - 1);
	struct conversation *c = conversation_of(j, e, method, owned);

	if (!c)
		return;
	if (owned && !c->owned) {
		c->owned = true;
		disown(j, c);
	}
	c->last = journal_last(j) - 1;
	c->end = e->place.time;
	c->messages++;
	if (e->kind == ENTRY_SIP_RESPONSE && e->code >= 200)
		c->final = e->code;
}

const struct conversation *journal_other_at(const struct journal *j, size_t at)
{
	static const struct conversation gone;

	if (at >= j->others.count)
		return &gone;
	return list_at(&j->conversations, *(uint32_t *)list_at(&j->others, at));
}

/* Those of which a row is left. */
static bool keep_conversations(struct journal *fresh, const struct journal *j)
{
	const struct conversation *all = j->conversations.rows;
	bool ok = true;

	for (size_t i = 0; i < j->conversations.count && ok; i++)
		if (all[i].last >= fresh->first)
			ok = add_conversation(fresh, &all[i]) != NULL;
	return ok;
}

bool journal_trim(struct journal *j, size_t drop)
{
	struct journal fresh;
	size_t kept = drop < j->rows.count ? j->rows.count - drop : 0;
	bool ok = true;

	journal_init(&fresh);
	fresh.key = j->key; /* hashes in the rows are made with it */
	fresh.first = j->first + (j->rows.count - kept);
	for (size_t i = 0; i < kept && ok; i++) {
		struct entry e = *(struct entry *)list_at(&j->rows, drop + i);

		e.src = journal_end(&fresh, journal_end_at(j, e.src));
		e.dst = journal_end(&fresh, journal_end_at(j, e.dst));
		e.outer_src =
			journal_end(&fresh, journal_end_at(j, e.outer_src));
		e.outer_dst =
			journal_end(&fresh, journal_end_at(j, e.outer_dst));
		ok = journal_add(&fresh, &e);
	}
	if (ok && keep_conversations(&fresh, j)) {
		journal_free(j);
		*j = fresh;
		return true;
	}
	journal_free(&fresh);
	return false;
}
