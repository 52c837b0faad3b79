/*
 * The frame table of a Network Monitor file: where each frame's record is
 * (capture-formats 1.2).
 *
 * It is read as it is used, never as a whole, since a header can claim 2^30
 * entries.  One look over all of it at the start tells whether the records
 * come in order.
 */
#ifndef CAPTURE_NETMON_ENTRIES_H
#define CAPTURE_NETMON_ENTRIES_H

#include "capture/block.h"
#include "capture/netmon_file.h"

/* In a table without order doubles are found among so many entries. */
#define NETMON_SORTED_MAX (1u << 22)

struct netmon_entries {
	uint64_t at;	/* of the table in the file */
	uint64_t total; /* entries that lie in the file */
	uint64_t next;	/* the entry that comes next, from 0 */
	uint64_t lost;	/* entries that the header claims and are not there */
	bool ordered;	/* ascending, no doubles */
	bool wide;	/* 8 bytes each, by some foreign writer */
	/* A bit for each entry that names the record of an earlier one. */
	uint8_t *doubles;
	size_t sorted; /* it knows about so many entries */
};

/*
 * Looks at the table in a file of `size` bytes.  STATUS_OK, also for a table
 * that lies partly or wholly outside; STATUS_IO, STATUS_NOMEM.
 */
MUST_CHECK enum status netmon_entries_open(struct block *in,
					   const struct netmon_header *header,
					   uint64_t size,
					   struct netmon_entries *out);

struct netmon_entry {
	uint64_t at;	 /* of the entry */
	uint32_t record; /* of the record that it names */
	bool doubled;	 /* an earlier entry names it too */
};

/* The next entry; STATUS_END, STATUS_IO, STATUS_NOMEM. */
MUST_CHECK enum status netmon_entries_next(struct netmon_entries *entries,
					   struct block *in,
					   struct netmon_entry *out);

void netmon_entries_free(struct netmon_entries *entries);

#endif /* CAPTURE_NETMON_ENTRIES_H */
