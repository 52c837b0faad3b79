/* Items and lanes of a ladder. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/record.h"
#include "ui/flow.h"

/* Narrower lanes show no words. */
#define LANE_MIN 16

void flow_free(struct flow *f)
{
	free(f->items);
	f->items = NULL;
	f->count = f->room = 0;
}

size_t flow_calls(struct app *app, const struct flow *f,
		  struct view_call out[FLOW_CALLS_MAX])
{
	size_t count = 0, all = view_count(app->feed);

	for (size_t i = 0; i < all && count < f->call_count; i++) {
		struct view_call v =
			view_call(app->feed, i, &app->settings, app->at);
		uint64_t key = view_key(&v);

		for (size_t k = 0; k < f->call_count; k++)
			if (f->keys[k] == key) {
				out[count++] = v;
				break;
			}
	}
	return count;
}

static struct flow_item *add(struct flow *f)
{
	if (f->count == f->room) {
		size_t room = f->room ? f->room * 2 : 64;
		struct flow_item *items =
			realloc(f->items, room * sizeof(*items));

		if (!items)
			return NULL;
		f->items = items;
		f->room = room;
	}
	f->items[f->count] = (struct flow_item){.repeats = 0};
	return &f->items[f->count++];
}

/* ---- messages ---- */

static bool is_told(const struct flow *f, const struct journal *j,
		    const struct entry *e)
{
	const struct endpoint *a = journal_end_at(j, e->src);
	const struct endpoint *b = journal_end_at(j, e->dst);

	if (f->only_media || (f->only_sdp && !(e->flags & ENTRY_SDP)) ||
	    (f->only_sip && e->kind > ENTRY_SIP_RESPONSE))
		return false;
	if (!f->one_pair)
		return true;
	return (endpoint_equal(a, &f->ends[0]) &&
		endpoint_equal(b, &f->ends[1])) ||
	       (endpoint_equal(a, &f->ends[1]) &&
		endpoint_equal(b, &f->ends[0]));
}

/* The same bytes on the same way: sent again, or seen twice. */
static bool is_repeat(const struct entry *a, const struct entry *b)
{
	return a->bytes == b->bytes && a->src == b->src && a->dst == b->dst &&
	       a->kind == b->kind && a->length == b->length &&
	       a->outer_src == b->outer_src;
}

#define REPEATS_BACK 64u

static bool fold(struct app *app, struct flow *f, const struct entry *e)
{
	const struct journal *j = app->feed->journal;

	/* Of one pair each check is of interest. */
	if (app->settings.values[SETTING_REPEATS] || f->one_pair)
		return false;
	for (size_t n = 1; n <= f->count && n <= REPEATS_BACK; n++) {
		struct flow_item *item = &f->items[f->count - n];

		if (item->stream || !is_repeat(journal_at(j, item->row), e))
			continue;
		if (item->repeats < UINT16_MAX)
			item->repeats++;
		return true;
	}
	return false;
}

static bool add_messages(struct app *app, struct flow *f,
			 const struct view_messages *m)
{
	const struct journal *j = app->feed->journal;

	for (size_t i = 0; i < m->count; i++) {
		const struct entry *e = journal_at(j, m->rows[i]);
		struct flow_item *item;

		if (!is_told(f, j, e) || fold(app, f, e))
			continue;
		item = add(f);
		if (!item)
			return false;
		item->time = e->place.time;
		item->row = m->rows[i];
	}
	return true;
}

/* ---- media ---- */

static bool add_media(struct app *app, struct flow *f,
		      const struct view_call *v)
{
	const struct members *list = v->call ? &v->call->media : NULL;

	if (!list || f->only_sdp || f->only_sip || f->one_pair)
		return true;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct media *s =
			list_at(&app->feed->model->media, list->list[i]);
		struct flow_item *item = add(f);

		if (!item)
			return false;
		item->time = s->first;
		item->row = list->list[i];
		item->stream = true;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct flow_item *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->stream != y->stream)
		return x->stream ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

/* ---- lanes ---- */

static struct endpoint lane_end(const struct flow *f, struct endpoint e)
{
	if (f->by_host)
		e.port = 0;
	return e;
}

/* The lane of an end, made if need be; the last one takes what is too much. */
static uint8_t lane_of(struct flow *f, const struct endpoint *at)
{
	struct endpoint e = lane_end(f, *at);

	for (size_t i = 0; i < f->lane_count; i++)
		if (endpoint_equal(&f->lanes[i], &e))
			return (uint8_t)i;
	if (f->lane_count == FLOW_LANES_MAX)
		return FLOW_LANES_MAX - 1;
	f->lanes[f->lane_count] = e;
	return (uint8_t)f->lane_count++;
}

static void place_item(struct app *app, struct flow *f, struct flow_item *item)
{
	const struct journal *j = app->feed->journal;
	const struct entry *e;

	if (item->stream) {
		const struct media *s =
			list_at(&app->feed->model->media, item->row);

		item->src = item->outer_src = lane_of(f, &s->src);
		item->dst = item->outer_dst = lane_of(f, &s->dst);
		return;
	}
	e = journal_at(j, item->row);
	item->outer_src = lane_of(f, journal_end_at(j, e->outer_src));
	item->outer_dst = lane_of(f, journal_end_at(j, e->outer_dst));
	item->src = item->outer_src;
	item->dst = item->outer_dst;
	if (e->flags & ENTRY_RELAYED) {
		item->src = lane_of(f, journal_end_at(j, e->src));
		item->dst = lane_of(f, journal_end_at(j, e->dst));
	}
}

#define NO_LANE UINT8_MAX

static void move_items(struct flow *f, const uint8_t now[FLOW_LANES_MAX])
{
	for (size_t i = 0; i < f->count; i++) {
		struct flow_item *item = &f->items[i];

		item->src = now[item->src];
		item->dst = now[item->dst];
		item->outer_src = now[item->outer_src];
		item->outer_dst = now[item->outer_dst];
	}
}

/* Ports of a host come beside one another, under its name. */
static void group_lanes(struct flow *f)
{
	struct endpoint old[FLOW_LANES_MAX];
	uint8_t now[FLOW_LANES_MAX], next = 0;

	memcpy(old, f->lanes, sizeof(old));
	memset(now, NO_LANE, sizeof(now));
	for (size_t i = 0; i < f->lane_count; i++)
		for (size_t k = i; k < f->lane_count; k++)
			if (now[k] == NO_LANE &&
			    endpoint_same_ip(&old[i], &old[k])) {
				f->lanes[next] = old[k];
				now[k] = next++;
			}
	move_items(f, now);
}

static void place_items(struct app *app, struct flow *f, bool by_host)
{
	f->by_host = by_host;
	f->lane_count = 0;
	for (size_t i = 0; i < f->count; i++)
		place_item(app, f, &f->items[i]);
	if (!by_host)
		group_lanes(f);
}

bool flow_make(struct app *app, struct flow *f, int columns)
{
	struct view_call calls[FLOW_CALLS_MAX];
	size_t count = flow_calls(app, f, calls);
	struct view_messages m;
	int how = app->settings.values[SETTING_COMPRESS];
	bool fine;

	f->count = 0;
	if (view_messages(calls, count, f->legs, &m) != STATUS_OK)
		return false;
	fine = add_messages(app, f, &m);
	view_messages_free(&m);
	if (app->settings.values[SETTING_MEDIA] || f->only_media)
		for (size_t i = 0; i < count && fine; i++)
			if (calls[i].call)
				fine = add_media(app, f, &calls[i]);
	if (f->count)
		qsort(f->items, f->count, sizeof(*f->items), by_time);
	f->begin = f->count ? f->items[0].time : 0;
	place_items(app, f, how == THREE_ON);
	if (how == THREE_AUTO && (int)f->lane_count * LANE_MIN > columns)
		place_items(app, f, true);
	return fine;
}

/* ---- words and colours ---- */

static void stream_label(const struct media *s, struct text *to)
{
	text_printf(to, "RTP %s%s%llu pkt", s->codec, s->codec[0] ? " " : "",
		    (unsigned long long)s->packets);
	if (s->lost)
		text_printf(to, " %.1f%% lost",
			    100.0 * (double)s->lost /
				    (double)(s->packets + s->lost));
	if (s->clock_rate)
		text_printf(to, " jitter %.0fms", s->jitter_ms);
	if (s->tones)
		text_printf(to, " %lu DTMF", (unsigned long)s->tones);
}

/* "192.0.2.1:4000 PCMU" of the first media line; nothing when there is
 * none. */
static void put_sdp(struct slice body, struct text *to)
{
	struct slice address = {0}, port = {0}, kind = {0};

	while (body.n) {
		struct slice line = slice_trim(slice_split(&body, '\n'));

		if (slice_starts(line, SLICE("c=IN IP4 ")) ||
		    slice_starts(line, SLICE("c=IN IP6 ")))
			address = slice_from(line, 9);
		if (slice_starts(line, SLICE("m=")) && !port.n) {
			struct slice rest = slice_from(line, 2);

			kind = slice_split(&rest, ' ');
			port = slice_split(&rest, ' ');
		}
	}
	if (!port.n)
		return;
	text_putc(to, ' ');
	text_put(to, kind);
	text_putc(to, ' ');
	text_put(to, address);
	text_putc(to, ':');
	text_put(to, port);
}

void flow_label(struct app *app, const struct flow_item *item, struct text *to)
{
	const struct entry *e;

	if (item->stream) {
		stream_label(list_at(&app->feed->model->media, item->row), to);
		return;
	}
	e = journal_at(app->feed->journal, item->row);
	app->feed->label(app->feed, e, to);
	if (app->settings.values[SETTING_SDP_INFO] && (e->flags & ENTRY_SDP)) {
		struct text bytes = text_new((size_t)1 << 20);

		if (app->feed->bytes(app->feed, e, &bytes))
			put_sdp(text_slice(&bytes), to);
		text_free(&bytes);
	}
	if (item->repeats)
		text_printf(to, " \xc3\x97%u", item->repeats + 1u);
}

static uint64_t cseq_of(struct app *app, const struct entry *e)
{
	struct text bytes = text_new((size_t)1 << 20);
	uint64_t hash = 0;
	struct slice rest;

	if (app->feed->bytes(app->feed, e, &bytes)) {
		rest = text_slice(&bytes);
		while (rest.n && !hash) {
			struct slice line =
				slice_trim(slice_split(&rest, '\n'));

			if (slice_starts_nocase(line, "CSeq:"))
				hash = hash_bytes(3, line) | 1;
		}
	}
	text_free(&bytes);
	return hash;
}

static enum style hue_of(uint64_t value)
{
	return (enum style)(STYLE_HUE_1 + value % STYLE_HUES);
}

static enum style said_style(const struct entry *e)
{
	if (e->code == RECORD_FAILS)
		return STYLE_BAD;
	return e->code == RECORD_WARNS ? STYLE_WARN : STYLE_HUE_2;
}

static enum style kind_style(const struct entry *e)
{
	switch ((enum entry_kind)e->kind) {
	case ENTRY_SIP_REQUEST:
		return STYLE_HUE_1;
	case ENTRY_WEB:
		if (!e->code)
			return STYLE_HUE_1;
		return e->code < 300    ? STYLE_GOOD
		       : e->code == 401 ? STYLE_WARN
					: STYLE_BAD;
	case ENTRY_SIP_RESPONSE:
		if (e->code < 200)
			return STYLE_HUE_2;
		if (e->code < 300)
			return STYLE_GOOD;
		return e->code == 401 || e->code == 407 ? STYLE_WARN
							: STYLE_BAD;
	case ENTRY_STUN:
		if (e->error)
			return e->error == 401 || e->error == 438 ? STYLE_WARN
								  : STYLE_BAD;
		return STYLE_HUE_3;
	case ENTRY_DTLS:
		return STYLE_HUE_4;
	case ENTRY_TOLD:
		return STYLE_HUE_1;
	case ENTRY_SAID:
		return said_style(e);
	case ENTRY_ICMP:
	case ENTRY_MALFORMED:
		return STYLE_BAD;
	case ENTRY_RTP:
		break;
	}
	return STYLE_HUE_5;
}

enum style flow_style(struct app *app, const struct flow_item *item)
{
	const struct entry *e;

	if (item->stream)
		return STYLE_HUE_5;
	e = journal_at(app->feed->journal, item->row);
	if (e->kind > ENTRY_SIP_RESPONSE ||
	    app->settings.values[SETTING_HUES] == HUES_KIND)
		return kind_style(e);
	if (app->settings.values[SETTING_HUES] == HUES_CALL)
		return hue_of(e->group);
	return hue_of(cseq_of(app, e));
}
