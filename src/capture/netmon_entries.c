/* The frame table of a Network Monitor file (capture-formats 1.2). */
#include "config.h"

#include <stdlib.h>

#include "capture/netmon_entries.h"

#include "core/cursor.h"

#define ENTRY_SIZE 4u

/* What the look over the whole table finds out. */
struct survey {
	uint32_t last;
	bool ordered;	   /* as it stands */
	bool wide;	   /* every second entry is 0, no other is */
	bool wide_ordered; /* without those */
};

static void survey_entry(struct survey *s, uint64_t i, uint32_t record)
{
	if (i % 2)
		s->wide = s->wide && record == 0;
	else
		s->wide = s->wide && record != 0;
	if (record == 0) {
		s->ordered = false;
		return;
	}
	if (i && record <= s->last)
		s->ordered = s->wide_ordered = false;
	s->last = record;
}

static enum status survey_table(struct block *in, uint64_t at, uint64_t count,
				struct survey *s)
{
	struct slice bytes;
	enum status status = block_seek(in, at);

	for (uint64_t i = 0; i < count && status == STATUS_OK; i++) {
		status = block_need(in, ENTRY_SIZE, &bytes);
		if (status == STATUS_OK) {
			struct cursor c = cursor_over(bytes);

			survey_entry(s, i, cursor_u32le(&c));
			block_take(in, ENTRY_SIZE);
		}
	}
	return status;
}

struct row {
	uint32_t record;
	uint32_t entry;
};

static int by_record(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static size_t entry_size(const struct netmon_entries *e)
{
	return e->wide ? ENTRY_SIZE * 2 : ENTRY_SIZE;
}

/* Reads entry `i`; there is one. */
static enum status read_entry(const struct netmon_entries *e, struct block *in,
			      uint64_t i, uint32_t *record)
{
	struct slice bytes;
	struct cursor c;
	enum status status = block_seek(in, e->at + i * entry_size(e));

	if (status == STATUS_OK)
		status = block_need(in, entry_size(e), &bytes);
	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? STATUS_NOMEM : STATUS_IO;
	c = cursor_over(bytes);
	*record = cursor_u32le(&c);
	return STATUS_OK;
}

/*
 * Marks the entries whose record an earlier one names.  Sorting, not a hash:
 * the places are chosen by whoever wrote the file.
 */
static enum status mark_doubles(struct netmon_entries *e, struct block *in)
{
	size_t n = e->total < NETMON_SORTED_MAX ? (size_t)e->total
						: NETMON_SORTED_MAX;
	struct row *rows = calloc(n, sizeof(*rows));
	enum status status = rows ? STATUS_OK : STATUS_NOMEM;

	e->doubles = calloc(n / 8 + 1, 1);
	if (!e->doubles)
		status = STATUS_NOMEM;
	for (size_t i = 0; i < n && status == STATUS_OK; i++) {
		status = read_entry(e, in, i, &rows[i].record);
		rows[i].entry = (uint32_t)i;
	}
	if (status == STATUS_OK) {
		qsort(rows, n, sizeof(*rows), by_record);
		for (size_t i = 1; i < n; i++)
			if (rows[i].record == rows[i - 1].record)
				e->doubles[rows[i].entry / 8] |=
					(uint8_t)(1u << rows[i].entry % 8);
		e->sorted = n;
	}
	free(rows);
	return status;
}

enum status netmon_entries_open(struct block *in,
				const struct netmon_header *header,
				uint64_t size, struct netmon_entries *out)
{
	uint64_t at = header->table.at;
	uint64_t room = at >= NETMON_HEADER_SIZE && at < size
				? (size - at) / ENTRY_SIZE
				: 0;
	uint64_t claimed = header->table.n / ENTRY_SIZE;
	uint64_t count = claimed < room ? claimed : room;
	struct survey s = {.ordered = true, .wide = true, .wide_ordered = true};
	enum status status = survey_table(in, at, count, &s);

	if (status != STATUS_OK)
		return status == STATUS_NOMEM ? STATUS_NOMEM : STATUS_IO;
	s.wide = s.wide && count >= 2 && count % 2 == 0;
	*out = (struct netmon_entries){
		.at = at,
		.total = s.wide ? count / 2 : count,
		.lost = claimed - count,
		.ordered = s.wide ? s.wide_ordered : s.ordered,
		.wide = s.wide,
	};
	return out->ordered ? STATUS_OK : mark_doubles(out, in);
}

enum status netmon_entries_next(struct netmon_entries *entries,
				struct block *in, struct netmon_entry *out)
{
	uint64_t i = entries->next;
	enum status status;

	if (i == entries->total)
		return STATUS_END;
	status = read_entry(entries, in, i, &out->record);
	if (status != STATUS_OK)
		return status;
	out->at = entries->at + i * entry_size(entries);
	out->doubled = i < entries->sorted &&
		       (entries->doubles[i / 8] >> i % 8 & 1);
	entries->next++;
	return STATUS_OK;
}

void netmon_entries_free(struct netmon_entries *entries)
{
	free(entries->doubles);
	entries->doubles = NULL;
}
