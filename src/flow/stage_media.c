/*
 * Media that was counted becomes rows of the model: one for each stream, with
 * what each vantage saw of it where there are several.
 *
 * The figures of the row are those of the vantage that misses most, or else
 * has the most jitter, which is the one next to the receiver.  Captures that
 * follow one another on one way are parts of one stream, and add up.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/stages_state.h"
#include "model/series.h"

/* Anything can be one packet of RTP. */
#define MEDIA_PACKETS_MIN 2u
/* Parts of a stream that follow each other may overlap so much. */
#define PARTS_OVERLAP NS_PER_S

/* The number of the model's copy of a series, from 1; or 0. */
static uint32_t take_series(struct stages *s, const struct media_table *table,
			    uint32_t number)
{
	struct media_series *to = number ? list_add(&s->model->series) : NULL;

	if (!to)
		return 0;
	memcpy(to, list_at(&table->series, number - 1), sizeof(*to));
	return (uint32_t)s->model->series.count;
}

/* Where RTCP says that it ends. */
static place_number take_bye(struct stages *s, const struct media_table *table,
			     uint32_t number)
{
	return number ? model_place(s->model, list_at(&table->byes, number - 1))
		      : PLACE_NONE;
}

static place_number first_place(struct stages *s,
				const struct media_stream *from)
{
	struct place place = {.file = from->file & UINT16_MAX,
			      .frame = from->first_frame & PLACE_FRAME_MAX,
			      .time = from->first};

	return model_place(s->model, &place);
}

static struct media *add_row(struct stages *s, const struct media_stream *from)
{
	struct media *media = list_add(&s->model->media);

	if (!media)
		return NULL;
	*media = (struct media){
		.src = from->src,
		.dst = from->dst,
		.ssrc = from->ssrc,
		.codec = model_text(s->model, slice_of_text(from->codec)),
		.first = from->first,
		.last = from->last,
		.wrapped = from->wrapped,
		.foreign = from->foreign,
		.kind = media_kind_name((enum media_kind)from->kind),
		.pair = LIST_NONE,
		.length = from->length,
		.payload_type = from->payload_type,
		.clock_rate = from->clock_rate,
		.place = first_place(s, from),
		.call = LIST_NONE,
	};
	return media;
}

static struct media_figures figures_of(const struct media_stream *from)
{
	const struct rtp_statistics *statistics = &from->statistics;

	return (struct media_figures){
		.packets = statistics->packets,
		.lost = rtp_statistics_lost(statistics),
		.jitter_ms =
			rtp_statistics_jitter_ms(statistics, from->clock_rate),
		.first = from->first,
		.last = from->last,
		.vantage = from->vantage,
	};
}

static uint32_t span_of(const struct media_stream *from)
{
	return from->statistics.highest - from->statistics.base_sequence;
}

static void measure(struct stages *s, const struct media_table *table,
		    struct media *media, const struct media_stream *from)
{
	struct media_figures now = figures_of(from);

	media->packets = now.packets;
	media->lost = now.lost;
	media->jitter_ms = now.jitter_ms;
	media->tones = from->tones;
	media->gap_from = from->gap_from;
	media->gap_ms = from->gap_ms;
	media->gap_lost = from->gap_lost;
	media->jumps = (uint32_t)from->statistics.restarts;
	media->sequence = (uint16_t)from->statistics.base_sequence;
	media->spanned = span_of(from);
	media->series = take_series(s, table, from->series);
}

/* ---- several vantages ---- */

static void add_point(struct stages *s, struct media *media,
		      const struct media_stream *from)
{
	struct list *points = &s->model->media_points;
	uint32_t last = media->points.last;
	bool first = media->points.count == 0;
	struct media_point *point = list_add(points);

	if (!point)
		return;
	*point = (struct media_point){figures_of(from), CHAIN_END};
	model_chain(
		&media->points, (uint32_t)points->count - 1,
		first ? NULL
		      : &((struct media_point *)list_at(points, last))->next);
}

static bool misses_more(const struct media *media,
			const struct media_figures *now)
{
	uint64_t ours = media->lost * (now->packets + now->lost);
	uint64_t theirs = now->lost * (media->packets + media->lost);

	return now->packets >= media->packets / 2 &&
	       (theirs > ours ||
		(theirs == ours && now->jitter_ms > media->jitter_ms));
}

/* Does one begin where the other ends? */
static bool are_parts(const struct media *media,
		      const struct media_figures *now)
{
	nanoseconds mine = media->last - media->first;
	nanoseconds other = now->last - now->first;
	nanoseconds most = (mine < other ? mine : other) / 2;

	if (most > PARTS_OVERLAP)
		most = PARTS_OVERLAP;
	return now->first >= media->last - most ||
	       now->last <= media->first + most;
}

/* Are the packets of both the same, whatever the clocks say? */
static bool are_same(const struct media *media, const struct media_stream *from)
{
	uint16_t base = (uint16_t)from->statistics.base_sequence;
	int ahead = (int16_t)(base - media->sequence);
	uint32_t span = span_of(from);
	uint32_t least = span < media->spanned ? span : media->spanned;

	return from->statistics.restarts == 0 && media->jumps == 0 &&
	       least < UINT16_MAX / 2 && 2u * (unsigned)abs(ahead) <= least;
}

static void join_row(struct stages *s, const struct media_table *table,
		     struct media *media, const struct media_stream *from)
{
	struct media_figures now = figures_of(from);

	if (are_parts(media, &now) && !are_same(media, from)) {
		media->packets += now.packets;
		media->lost += now.lost;
		media->tones += from->tones;
	} else if (misses_more(media, &now)) {
		measure(s, table, media, from);
	}
	media->wrapped |= from->wrapped;
	if (now.last > media->last)
		media->last = now.last;
	if (now.first >= media->first)
		return;
	media->first = now.first;
	media->place = first_place(s, from);
}

static bool same_media(const void *rows, uint32_t row, const void *key)
{
	const struct media *m = (const struct media *)rows + row;
	const struct media_stream *from = key;

	return m->ssrc == from->ssrc && endpoint_equal(&m->src, &from->src) &&
	       endpoint_equal(&m->dst, &from->dst);
}

/* ---- all of them ---- */

struct taking {
	struct stages *s;
	const struct media_table *table;
	struct index
		rows; /* of the model's, where there are several vantages */
};

/* The row that an earlier vantage made, or INDEX_NONE. */
static uint32_t row_before(const struct taking *t,
			   const struct media_stream *from)
{
	if (!t->table->several)
		return INDEX_NONE;
	return index_find(&t->rows, media_stream_hash(from), same_media,
			  t->s->model->media.rows, from);
}

static struct media *new_row(struct taking *t, const struct media_stream *from)
{
	struct media *media = add_row(t->s, from);
	uint32_t row = (uint32_t)t->s->model->media.count - 1;

	if (!media)
		return NULL;
	measure(t->s, t->table, media, from);
	if (t->table->several &&
	    index_add(&t->rows, media_stream_hash(from), row) != STATUS_OK)
		t->s->model->out_of_memory = true;
	return media;
}

static void take(struct taking *t, const struct media_stream *from)
{
	struct media *media;
	uint32_t row;

	if (!from->believed || from->statistics.packets < MEDIA_PACKETS_MIN)
		return;
	row = row_before(t, from);
	if (row == INDEX_NONE) {
		media = new_row(t, from);
		if (!media)
			return;
	} else {
		media = list_at(&t->s->model->media, row);
		join_row(t->s, t->table, media, from);
	}
	if (t->table->several)
		add_point(t->s, media, from);
	if (!media->bye)
		media->bye = take_bye(t->s, t->table, from->bye);
	stages_note_time(t->s->model, from->first);
	stages_note_time(t->s->model, from->last);
}

void stage_media(struct stages *s, const struct media_table *table)
{
	struct taking t = {.s = s, .table = table};

	for (size_t i = 0; i < table->count; i++)
		take(&t, &table->rows[i]);
	index_free(&t.rows);
}
