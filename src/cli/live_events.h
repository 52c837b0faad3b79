/*
 * Events of who watches without a screen: a line of JSON whenever a stage of a
 * call or a registration changes its state, and when one ends.
 */
#ifndef CLI_LIVE_EVENTS_H
#define CLI_LIVE_EVENTS_H

#include <stdio.h>

#include "core/text.h"
#include "model/list.h"
#include "model/model.h"

/* What was told of them, in the order of the last view. */
struct book {
	struct list rows;
	struct index index;
};

struct events {
	FILE *out;
	bool show_secrets;
	bool failed; /* a line could not be written */
	/* Of what the events are, by the clock of the packets. */
	nanoseconds now;
	struct book calls, registrations;
	struct text line, key;
};

void events_open(struct events *e, FILE *out, bool show_secrets);
void events_close(struct events *e);

/* Tells what is new in a view, at `now`: it may be the same view again, since
 * some things end with time. */
void events_tell_news(struct events *e, const struct model *view,
		      nanoseconds now);

#endif /* CLI_LIVE_EVENTS_H */
