/*
 * A message that a screen goes on with while the journal is written anew: its
 * rows have other numbers then.
 */
#ifndef UI_REMEMBERED_H
#define UI_REMEMBERED_H

#include "ui/feed.h"

struct remembered {
	struct entry entry;
	uint32_t row;       /* CHAIN_END: none, or not told again yet */
	uint64_t numbering; /* of the feed, that the row is of */
};

/* What stands in a row of the feed's journal; CHAIN_END: nothing. */
struct remembered remember(const struct feed *feed, uint32_t row);

/* Its row as things are now; CHAIN_END: it is not there (yet). */
uint32_t remembered_row(const struct feed *feed, struct remembered *r);

/* The entry in that row; NULL likewise. */
const struct entry *remembered_entry(const struct feed *feed,
				     struct remembered *r);

#endif /* UI_REMEMBERED_H */
