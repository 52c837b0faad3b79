/*
 * The ladder of calls: what goes between whom, in order of time; made from the
 * journal and the media of the model, and drawn by flow_draw.c.
 */
#ifndef UI_FLOW_H
#define UI_FLOW_H

#include "ui/app.h"

#define FLOW_LANES_MAX 64u
#define FLOW_CALLS_MAX 64u

/* An arrow of the ladder. */
struct flow_item {
	nanoseconds time;
	uint32_t row;     /* of the journal; of the media when `stream` */
	uint16_t repeats; /* folded into it */
	uint8_t src, dst; /* lanes */
	uint8_t outer_src, outer_dst;
	bool stream;
};

struct flow {
	/* What is told of which calls. */
	uint64_t keys[FLOW_CALLS_MAX];
	size_t call_count;
	bool legs, only_media, only_sdp, only_sip;
	bool one_pair; /* only checks between these ends */
	struct endpoint ends[2];

	struct flow_item *items;
	size_t count, room;
	struct endpoint lanes[FLOW_LANES_MAX]; /* those of a host together */
	size_t lane_count;
	bool by_host;
	nanoseconds begin;
};

/* Columns of the time, before the lanes. */
int flow_time_columns(const struct app *app);

/* Makes items and lanes anew; `columns` are those that lanes share.  False:
 * memory is out. */
bool flow_make(struct app *app, struct flow *f, int columns);
void flow_free(struct flow *f);

/* The calls of the flow that are there; at most FLOW_CALLS_MAX. */
size_t flow_calls(struct app *app, const struct flow *f,
		  struct view_call out[FLOW_CALLS_MAX]);

/* What stands at an arrow. */
void flow_label(struct app *app, const struct flow_item *item, struct text *to);
enum style flow_style(struct app *app, const struct flow_item *item);

/* Rows of heads: hosts, with their ports below unless a lane is for all. */
static inline int flow_head(const struct flow *f)
{
	return f->by_host ? 2 : 3;
}

/* Heads of the lanes in the first rows of the area, the arrows below; `top`
 * and `cursor` are items. */
void flow_draw(struct app *app, const struct flow *f, const struct lister *list,
	       struct canvas *c, const struct area *area);

#endif /* UI_FLOW_H */
