/* What was counted of a stream. */
#include "config.h"

#include <inttypes.h>

#include "model/mos.h"
#include "ui/reading.h"
#include "ui/stream_page.h"

#define NAME_COLUMNS 14

static void put(struct page *page, const char *name, struct text *value)
{
	page_printf(page, STYLE_NAME, "%-*s", NAME_COLUMNS, name);
	page_put(page, STYLE_PLAIN, text_slice(value));
	page_end(page);
	text_clear(value);
}

static void put_what(const struct app *app, const struct media *m,
		     struct page *page, struct text *value)
{
	page_printf(page, STYLE_BOLD, "RTP %s%s%s",
		    m->codec[0] ? m->codec : "of an unknown codec",
		    m->kind ? ", " : "", m->kind ? m->kind : "");
	page_end(page);
	app_put_end(app, &m->src, false, value);
	put(page, "from", value);
	app_put_end(app, &m->dst, false, value);
	put(page, "to", value);
	text_printf(value, "0x%08" PRIx32, m->ssrc);
	put(page, "SSRC", value);
	text_printf(value, "%u%s", m->payload_type,
		    m->foreign ? ", which the receiver's description lacks"
			       : "");
	put(page, "payload type", value);
	if (m->wrapped) {
		text_puts(value, "TURN");
		put(page, "inside of", value);
	}
}

static void put_time(const struct media *m, struct page *page,
		     struct text *value)
{
	clock_of_day(m->first, value);
	put(page, "first packet", value);
	clock_of_day(m->last, value);
	text_printf(value, ", %.3f s later",
		    (double)(m->last - m->first) / (double)NS_PER_S);
	put(page, "last packet", value);
}

static void put_quality(const struct app *app, const struct media *m,
			struct page *page, struct text *value)
{
	struct mos mos = mos_of(app->feed->model, m);

	text_printf(value, "%" PRIu64, m->packets);
	put(page, "packets", value);
	text_printf(value, "%" PRIu64 " (%.1f%%)", m->lost,
		    m->packets ? 100.0 * (double)m->lost /
					 (double)(m->packets + m->lost)
			       : 0.0);
	put(page, "lost", value);
	if (m->clock_rate)
		text_printf(value, "%.1f ms", m->jitter_ms);
	else
		text_puts(value, "not known, for want of a clock rate");
	put(page, "jitter", value);
	if (m->tones) {
		text_printf(value, "%" PRIu32 " telephone events (DTMF)",
			    m->tones);
		put(page, "digits", value);
	}
	if (mos.value > 0) {
		text_printf(value, "%s%.1f", mos.indicative ? "about " : "",
			    mos.value);
		put(page, "MOS", value);
	}
}

/* Where the same was seen in several places. */
static void put_points(const struct app *app, const struct media *m,
		       struct page *page, struct text *value)
{
	const struct media_point *rows = app->feed->model->media_points.rows;
	uint32_t at = m->points.first;

	for (uint32_t i = 0; m->points.count > 1 && i < m->points.count;
	     i++, at = rows[at].next) {
		const struct media_figures *seen = &rows[at].seen;

		text_printf(value, "at v%u %" PRIu64 " of %" PRIu64,
			    seen->vantage + 1, seen->packets,
			    seen->packets + seen->lost);
		put(page, i ? "" : "seen", value);
	}
}

static void write_all(const struct app *app, const struct media *m,
		      struct page *page)
{
	struct text value = text_new(1024);

	page_words(page);
	page_hang(page, NAME_COLUMNS);
	put_what(app, m, page, &value);
	page_end(page);
	put_quality(app, m, page, &value);
	put_points(app, m, page, &value);
	page_end(page);
	put_time(m, page, &value);
	page_end(page);
	page_puts(page, STYLE_DIM,
		  "Packets of media are counted, and not kept.");
	page_end(page);
	text_free(&value);
}

void stream_page(struct app *app, const struct media *m, struct page *page,
		 int width)
{
	page_begin(page, width);
	write_all(app, m, page);
}

/* Rows may be other ones by now: it is told by who sends it, and since when. */
static void write(struct app *app, struct reading *r, int width)
{
	const struct model *m = app->feed->model;
	const struct media *rows = m->media.rows;

	(void)width;
	for (size_t i = 0; i < m->media.count; i++)
		if (rows[i].ssrc == r->numbers[0] &&
		    (uint64_t)rows[i].first == r->numbers[1]) {
			write_all(app, &rows[i], &r->page);
			return;
		}
	page_puts(&r->page, STYLE_DIM, "this stream is forgotten");
	page_end(&r->page);
}

void open_stream(struct app *app, const struct media *m)
{
	struct reading r = {.title = "media stream",
			    .write = write,
			    .numbers = {m->ssrc, (uint64_t)m->first}};

	open_reading(app, &r);
}
