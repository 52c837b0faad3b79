/* How many of what: verdicts, stages, answers, traffic. */
#include "config.h"

#include <string.h>

#include "ui/reading.h"

#define BAR_COLUMNS 30
#define NAME_COLUMNS 24
#define COUNT_COLUMNS 20 /* with what is between */
/* What is too narrow for bars has none, and shorter names. */
#define BAR_LEAST 6
#define NAME_LEAST 16

/* Columns of the bar. */
static int room_for_bar(const struct page *page, int *name)
{
	int room = page->width - NAME_COLUMNS - COUNT_COLUMNS;

	*name = NAME_COLUMNS;
	if (room < BAR_LEAST) {
		*name = NAME_LEAST;
		room = page->width - NAME_LEAST - COUNT_COLUMNS;
	}
	if (room > BAR_COLUMNS)
		return BAR_COLUMNS;
	return room < BAR_LEAST ? 0 : room;
}

static void put_row(struct page *page, const char *name, uint64_t count,
		    uint64_t all)
{
	int columns, bar = room_for_bar(page, &columns);
	int cells = all ? (int)(count * (unsigned)bar / all) : 0;

	/* A little is not nothing. */
	if (count && !cells)
		cells = 1;
	page_printf(page, STYLE_PLAIN, "  %-*s %8llu %5.1f%%", columns, name,
		    (unsigned long long)count,
		    all ? 100.0 * (double)count / (double)all : 0.0);
	page_puts(page, STYLE_PLAIN, bar ? "  " : "");
	for (int i = 0; i < bar; i++)
		page_puts(page, i < cells ? STYLE_GOOD : STYLE_DIM,
			  i < cells ? "\xe2\x96\x88" : "\xe2\x96\x91");
	page_end(page);
}

static void heading(struct page *page, const char *text, uint64_t all)
{
	page_printf(page, STYLE_BOLD, "%s (%llu)", text,
		    (unsigned long long)all);
	page_end(page);
}

#define OUTCOMES (OUTCOME_OK + 1)

static void put_outcomes(const struct model *m, struct page *page)
{
	uint64_t counts[OUTCOMES] = {0};
	const struct call *calls = m->calls.rows;

	for (size_t i = 0; i < m->calls.count; i++)
		counts[calls[i].outcome]++;
	heading(page, "Calls by verdict", m->calls.count);
	for (int i = 0; i < OUTCOMES; i++)
		if (counts[i])
			put_row(page, outcome_name((enum outcome)i), counts[i],
				m->calls.count);
	page_end(page);
}

static void put_stops(const struct model *m, struct page *page)
{
	uint64_t counts[STAGE_NONE + 1] = {0}, all = 0;
	const struct call *calls = m->calls.rows;

	for (size_t i = 0; i < m->calls.count; i++)
		if (calls[i].stopped < STAGE_NONE) {
			counts[calls[i].stopped]++;
			all++;
		}
	if (!all)
		return;
	heading(page, "Where those stopped that did", all);
	for (int i = 0; i < STAGE_NONE; i++)
		if (counts[i])
			put_row(page, stage_name((enum stage)i), counts[i],
				all);
	page_end(page);
}

static void put_messages(const struct journal *j, struct page *page)
{
	static const char *const classes[] = {"1xx", "2xx", "3xx",
					      "4xx", "5xx", "6xx"};
	uint64_t requests = 0, answers[6] = {0}, sip = 0, kinds[ENTRY_RTP + 1];
	const struct entry *rows = j->rows.rows;

	memset(kinds, 0, sizeof(kinds));
	for (size_t i = 0; i < j->rows.count; i++) {
		const struct entry *e = &rows[i];

		kinds[e->kind]++;
		requests += e->kind == ENTRY_SIP_REQUEST;
		if (e->kind == ENTRY_SIP_RESPONSE && e->code >= 100 &&
		    e->code < 700)
			answers[e->code / 100 - 1]++;
	}
	sip = requests + kinds[ENTRY_SIP_RESPONSE];
	heading(page, "SIP messages", sip);
	put_row(page, "requests", requests, sip);
	for (size_t i = 0; i < 6; i++)
		if (answers[i])
			put_row(page, classes[i], answers[i], sip);
	page_end(page);
	heading(page, "All messages", j->rows.count);
	put_row(page, "SIP", sip, j->rows.count);
	put_row(page, "STUN and TURN", kinds[ENTRY_STUN], j->rows.count);
	put_row(page, "DTLS", kinds[ENTRY_DTLS], j->rows.count);
	put_row(page, "ICMP errors", kinds[ENTRY_ICMP], j->rows.count);
	if (kinds[ENTRY_WEB])
		put_row(page, "HTTP of sign-in", kinds[ENTRY_WEB],
			j->rows.count);
	if (kinds[ENTRY_TOLD])
		put_row(page, "SDP in JSON", kinds[ENTRY_TOLD], j->rows.count);
	if (kinds[ENTRY_SAID])
		put_row(page, "states that agents say", kinds[ENTRY_SAID],
			j->rows.count);
	put_row(page, "unreadable", kinds[ENTRY_MALFORMED], j->rows.count);
	page_end(page);
}

static void put_methods(struct app *app, struct page *page)
{
	const struct entry *rows = app->feed->journal->rows.rows;
	uint64_t counts[64] = {0}, all = 0;

	for (size_t i = 0; i < app->feed->journal->rows.count; i++)
		if (rows[i].kind == ENTRY_SIP_REQUEST && rows[i].code < 64) {
			counts[rows[i].code]++;
			all++;
		}
	heading(page, "SIP requests by method", all);
	for (unsigned i = 0; i < 64; i++)
		if (counts[i])
			put_row(page, app->feed->method(i), counts[i], all);
	page_end(page);
}

static void put_evidence(const struct model *m, struct page *page)
{
	const struct {
		const char *name;
		size_t count;
	} rows[] = {
		{"parties", m->parties.count},
		{"registrations", m->registrations.count},
		{"tokens", m->tokens.count},
		{"allocations", m->allocations.count},
		{"dialogs", m->dialogs.count},
		{"candidates", m->candidates.count},
		{"candidate pairs", m->pairs.count},
		{"media streams", m->media.count},
		{"findings", m->notes.count},
	};

	page_puts(page, STYLE_BOLD, "Evidence");
	page_end(page);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_printf(page, STYLE_PLAIN, "  %-24s %9zu", rows[i].name,
			    rows[i].count);
		page_end(page);
	}
}

static void write(struct app *app, struct reading *r, int width)
{
	const struct model *m = app->feed->model;

	(void)width;
	put_outcomes(m, &r->page);
	put_stops(m, &r->page);
	put_messages(app->feed->journal, &r->page);
	put_methods(app, &r->page);
	put_evidence(m, &r->page);
}

void open_statistics(struct app *app)
{
	struct reading r = {.title = "statistics", .write = write};

	open_reading(app, &r);
}
