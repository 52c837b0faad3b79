/*
 * Who names a value, and since when: the calls behind user fragments and
 * addresses, the registrations behind an address of record.
 *
 * Many may name the same value (a media address shared by all calls, a port
 * that is used again), so nothing here picks one: a join asks for those near
 * a time and decides with what else it knows.
 */
#ifndef FLOW_OWNERS_H
#define FLOW_OWNERS_H

#include "core/clock.h"
#include "core/hash.h"
#include "model/list.h"

#define OWNERS_MAX ((size_t)1 << 22)

/*
 * Owners of a value are chained from the newest to the first, which is its head
 * and stands for it.  Most values have one owner.
 */
struct owner {
	uint64_t value; /* a hash */
	nanoseconds from;
	uint32_t number; /* of the call, the registration, ... */
	uint32_t head;   /* row */
	uint32_t link; /* row + 1: of a head the newest, else the one before */
	/* Of a head, how many there are; of the newest of several, once they
	 * are arranged, where they begin in `sorted`. */
	uint32_t count;
};

struct owner_stay {
	nanoseconds from;
	uint32_t number;
};

struct owners {
	struct list rows;      /* struct owner: each value and number once */
	struct index by_value; /* heads */
	struct index by_row;   /* the owners of values that many name */
	struct owner_stay *sorted; /* of values that several name; or NULL */
};

/* Empty; takes no memory yet. */
struct owners owners_new(void);
void owners_free(struct owners *o);
/* The same, not arranged yet; false: memory is out, free it all the same. */
MUST_CHECK bool owners_copy(struct owners *to, const struct owners *from);

/* `number` names the value since `from`; only the first time counts.
 * STATUS_NOMEM; what is over the limit is counted in rows.refused. */
enum status owners_add(struct owners *o, uint64_t value, uint32_t number,
		       nanoseconds from);

/* The same in no order: the earliest time counts. */
enum status owners_add_earlier(struct owners *o, uint64_t value,
			       uint32_t number, nanoseconds from);

/* Does `number` name the value? */
bool owners_has(const struct owners *o, uint64_t value, uint32_t number);

/* Each number becomes map[number], OWNERS_NOBODY is forgotten; what is the
 * same then counts once, since the first.  STATUS_NOMEM: some are lost. */
#define OWNERS_NOBODY UINT32_MAX
MUST_CHECK enum status owners_renumber(struct owners *o, const uint32_t *map);

/* Sorts what was added; call it before the two below, and again when more
 * was added.  STATUS_NOMEM. */
MUST_CHECK enum status owners_arrange(struct owners *o);

/* At most `max` that name the value since `time` or earlier, newest first;
 * returns how many. */
size_t owners_until(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max);
/* The same for those that name it only since after `time`, oldest first. */
size_t owners_after(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max);

#endif /* FLOW_OWNERS_H */
