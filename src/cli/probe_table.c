/* The table of a probe: a row a way, a column a step, in 80 columns. */
#include "config.h"

#include "cli/probe_parts.h"

#define LABEL 15u /* "pseudo-tls 5349" */

static const struct column {
	enum probe_step step;
	unsigned width;
	const char *head, *ms_head;
} columns[] = {
	{PROBE_CONNECT, 8, "connect", "connect"},
	{PROBE_SECURE, 8, "TLS", "hello"},
	{PROBE_BINDING, 8, "Binding", "Binding"},
	{PROBE_ALLOCATE, 9, "Allocate", "Allocate"},
	{PROBE_PERMISSION, 8, "permit", "permit"},
	{PROBE_ECHO, 8, "echo", "echo"},
	{PROBE_CHANNEL, 8, "channel", "active"},
	{PROBE_ECHO_CHANNEL, 8, "echo", "echo"},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* At most seven columns, so that what stands side by side is apart. */
static void put_ms(struct printer *p, nanoseconds took)
{
	printer_joined(p, "%.*f ms", took < 10 * NS_PER_MS ? 1 : 0,
		       (double)took / (double)NS_PER_MS);
}

/* A step that has no column of its own shows in the next one. */
static bool fails_here(const struct probe_report *r, size_t column)
{
	unsigned first = column ? columns[column - 1].step + 1u : 0;

	for (unsigned i = first; i <= (unsigned)columns[column].step; i++)
		if (r->steps[i].state == PROBE_FAILED)
			return true;
	return false;
}

static void put_content(struct printer *p, const struct probe_report *report,
			size_t column)
{
	const struct probe_result *r = &report->steps[columns[column].step];

	if (fails_here(report, column)) {
		printer_paint(p, PAINT_BAD, "FAIL");
		return;
	}
	switch (r->state) {
	case PROBE_OK:
		put_ms(p, r->took);
		break;
	case PROBE_REFUSED_SO:
		printer_color(p, PAINT_WARN);
		printer_printf(p, "%u", r->code);
		printer_color(p, PAINT_NONE);
		break;
	case PROBE_UNNEEDED:
		printer_paint(p, PAINT_DIM, "-");
		break;
	case PROBE_UNTRIED:
	case PROBE_RUNS:
	case PROBE_FAILED:
		printer_paint(p, PAINT_DIM, ".");
		break;
	}
}

/* "tcp 3478" */
void probe_put_way(struct printer *p, const struct probe_target *t)
{
	printer_printf(p, "%s %u", probe_transport_text(t->transport),
		       (unsigned)t->server.port);
}

static void put_row(struct printer *p, const struct probe_target *t)
{
	size_t end = LABEL;

	probe_put_way(p, t);
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t from = p->line.n, width = columns[i].width;

		/* The first one takes what a long label has left. */
		if (i == 0)
			width += from < LABEL ? LABEL - from : 0;
		if (i == 0 && from > LABEL)
			width -= from - LABEL;
		put_content(p, &t->report, i);
		printer_right(p, from, width);
		end += columns[i].width;
	}
	printer_end(p, end);
}

static void put_heads(struct printer *p, bool ms_turn)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];
		size_t from = p->line.n;

		printer_paint(p, PAINT_BOLD, ms_turn ? c->ms_head : c->head);
		printer_right(p, from, c->width + (i ? 0 : LABEL));
	}
	printer_end(p, 0);
}

void probe_put_table(struct printer *p, const struct probe_session *s,
		     const struct probe_target *const *ways, size_t count)
{
	put_heads(p, s->ms_turn);
	for (size_t i = 0; i < count; i++)
		put_row(p, ways[i]);
}
