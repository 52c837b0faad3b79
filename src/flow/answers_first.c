/*
 * Answers of STUN that a capture has before their requests: they wait a moment
 * for them.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/answers_first.h"
#include "flow/driver_state.h"

/* Two queues of one card, or two interfaces, are apart by less. */
#define WAIT_MAX (5 * NS_PER_MS)
#define WAITING_MAX 32u
#define ANSWER_MAX 2048u

struct early_answer {
	struct origin from;
	unsigned depth;
	uint8_t id[16];
	size_t n;
	uint8_t bytes[ANSWER_MAX];
};

struct answers_first {
	unsigned first, count; /* of a ring; the oldest, and how many */
	bool telling;          /* one of them: it waits no more */
	struct early_answer rows[WAITING_MAX];
};

struct answers_first *answers_first_new(void)
{
	return calloc(1, sizeof(struct answers_first));
}

void answers_first_free(struct answers_first *a)
{
	free(a);
}

static struct early_answer *row_at(struct answers_first *a, unsigned at)
{
	return &a->rows[(a->first + at) % WAITING_MAX];
}

static void tell(struct driver *d, const struct early_answer *row)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = &d->scratch,
				    .findings = &findings,
				    .depth = row->depth};
	struct stun_message m;
	size_t used;

	d->answers->telling = true;
	if (stun_decode(&decoding, slice_of(row->bytes, row->n), &m, &used) ==
	    STATUS_OK)
		take_stun(d, &row->from, &m, &findings, row->depth);
	d->answers->telling = false;
}

/* It is gone before it is told: what it brings may come here again. */
static void tell_oldest(struct driver *d)
{
	struct answers_first *a = d->answers;
	struct early_answer row = a->rows[a->first];

	a->first = (a->first + 1) % WAITING_MAX;
	a->count--;
	if (row.n)
		tell(d, &row);
}

bool answers_first_hold(struct driver *d, const struct origin *from,
			const struct stun_message *m, unsigned depth)
{
	struct answers_first *a = d->answers;
	struct early_answer *row;

	if (!a || a->telling || d->skimming || from->cut || from->logged ||
	    (m->class != STUN_SUCCESS && m->class != STUN_ERROR) ||
	    m->whole.n > ANSWER_MAX ||
	    transaction_find(&d->transactions, m->id))
		return false;
	if (a->count == WAITING_MAX)
		tell_oldest(d);
	row = row_at(a, a->count++);
	row->from = *from;
	row->depth = depth;
	memcpy(row->id, m->id, sizeof(row->id));
	row->n = m->whole.n;
	memcpy(row->bytes, m->whole.p, row->n);
	return true;
}

void answers_first_asked(struct driver *d, const struct origin *from,
			 const struct stun_message *request)
{
	struct answers_first *a = d->answers;

	for (unsigned i = 0; i < a->count; i++) {
		struct early_answer *row = row_at(a, i), found;

		if (row->n == 0 || row->from.vantage != from->vantage ||
		    memcmp(row->id, request->id, sizeof(row->id)) != 0)
			continue;
		found = *row;
		row->n = 0;
		/* It cannot have been sent sooner. */
		if (found.from.time < from->time)
			found.from.time = from->time;
		tell(d, &found);
	}
}

void answers_first_due(struct driver *d, nanoseconds now)
{
	struct answers_first *a = d->answers;

	while (a->count && now - a->rows[a->first].from.time > WAIT_MAX) {
		arena_reset(&d->scratch);
		tell_oldest(d);
	}
}

void answers_first_finish(struct driver *d)
{
	while (answers_first_wait(d->answers)) {
		arena_reset(&d->scratch);
		tell_oldest(d);
	}
}

void answers_first_drop(struct driver *d)
{
	if (d->answers)
		d->answers->first = d->answers->count = 0;
}

bool answers_first_wait(const struct answers_first *a)
{
	return a && a->count != 0;
}
