/*
 * Which calls are listed, and in which order.
 */
#ifndef UI_LISTING_H
#define UI_LISTING_H

#include "ui/filter.h"
#include "ui/settings.h"

#define LISTING_TEXT_MAX 256

struct sort_row;

/* A list in the making, some rows at a time. */
struct listing_work {
	bool on;
	nanoseconds at; /* the moment that it is made for */
	size_t all;     /* rows to ask, and */
	size_t next;    /* the one whose turn it is */
	size_t calls;   /* as in the listing */
	struct sort_row *rows;
	size_t count, room;
	size_t shown;      /* of them, by listing_show */
	struct text texts; /* that rows are sorted by */
};

struct listing {
	uint32_t *rows; /* numbers of calls; NULL: all, in their order */
	size_t count, room;
	size_t calls; /* rows of the view that were calls when it was made */
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
	struct listing_work work;
};

/* What a list is made from. */
struct listing_source {
	struct feed *feed;
	const struct settings *settings;
	nanoseconds at;
};

/*
 * Makes the list in steps of some thousand rows, so that keys need not wait:
 * begin, then step until it returns false.  What was listed before is listed
 * until then; it is all that is asked for when `rows` is NULL.
 * listing_show shows what fits so far, in the order of the calls.
 */
void listing_begin(struct listing *l, const struct listing_source *from);
bool listing_step(struct listing *l, const struct listing_source *from);
/* False: memory is out, and the listing is as far as it got. */
bool listing_show(struct listing *l);
void listing_free(struct listing *l);

/* The row of the view: other ones than calls stand behind those, and calls may
 * have come since. */
static inline size_t listing_at(const struct listing *l,
				const struct feed *feed, size_t row)
{
	size_t number = l->rows ? l->rows[row] : row;

	if (l->rows && number >= l->calls)
		number += view_calls(feed) - l->calls;
	return number;
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
