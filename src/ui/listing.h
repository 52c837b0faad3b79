/*
 * Which calls are listed, and in which order.
 */
#ifndef UI_LISTING_H
#define UI_LISTING_H

#include "ui/filter.h"
#include "ui/settings.h"

#define LISTING_TEXT_MAX 256

struct listing {
	uint32_t *rows; /* numbers of calls; NULL: all, in their order */
	size_t count, room;
	struct filter filter;
	char text[LISTING_TEXT_MAX];    /* of the filter */
	char payload[LISTING_TEXT_MAX]; /* that a message must fit, or "" */
	struct pattern *pattern;        /* the same */
	bool inverted;
	uint64_t *holding; /* sorted hashes of the Call-IDs that do */
	size_t holding_count;
	size_t scanned;   /* rows of the journal before this one are known */
	uint64_t *hidden; /* keys, sorted, of calls that were cleared away */
	size_t hidden_count;
	uint8_t sort; /* column */
	bool down;    /* the greatest first */
};

/* False: memory is out, and the listing is as far as it got. */
bool listing_make(struct listing *l, struct feed *feed,
		  const struct settings *settings, nanoseconds at);
void listing_free(struct listing *l);

static inline size_t listing_at(const struct listing *l, size_t row)
{
	return l->rows ? l->rows[row] : row;
}

/* Sets the filter; false: *why says what is wrong, and all are shown. */
bool listing_filter(struct listing *l, const char *text,
		    char why[FILTER_WHY_MAX]);

/* Only calls with a SIP message that fits an expression, or without one; "":
 * all.  Each message is read once.  False: *why says what is wrong. */
struct listing_match {
	const char *expression;
	bool ignore_case, inverted;
};
bool listing_payload(struct listing *l, const struct listing_match *match,
		     char why[FILTER_WHY_MAX]);

/* No longer lists the calls that are there now: all, or those that the filter
 * does not let through. */
void listing_hide(struct listing *l, struct feed *feed,
		  const struct settings *settings, bool filtered);

#endif /* UI_LISTING_H */
