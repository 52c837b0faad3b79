/* The list of calls: one line each. */
#include "config.h"

#include <string.h>

#include "report/secrets.h"
#include "report/text_parts.h"

#define HANGING 49       /* column of who took part */
#define HANGING_DATED 51 /* the same where the time has a date */

/* What a row leaves out when it is too long for a line. */
struct row_style {
	bool hosts; /* of the parties */
	bool stage; /* by name: the marks show it, too */
};

/* Of "sip:alice:password@host" alice is told; what has no user, whole. */
static struct slice user_of(const char *uri)
{
	struct slice s = slice_of_text(uri);
	size_t colon, at;

	if (!slice_find(s, ':', &colon) || !slice_find(s, '@', &at) ||
	    colon > at)
		return s;
	s = slice_cut(s, colon + 1, at - colon - 1);
	if (slice_find(s, ':', &at))
		s = slice_first(s, at);
	return s;
}

static const char *without_scheme(const char *uri)
{
	bool shorter = strncmp(uri, "sip:", 4) == 0 &&
		       !secret_in_uris(slice_of_text(uri));

	return shorter ? uri + 4 : uri;
}

static void print_party(struct printer *p, const char *uri,
			const struct row_style *style)
{
	if (style->hosts)
		printer_uris(p, without_scheme(uri));
	else
		text_escaped(&p->line, user_of(uri));
}

static void print_parties(struct printer *p, const struct call *call,
			  const struct row_style *style)
{
	if (call->from && call->to) {
		print_party(p, call->from, style);
		printer_puts(p, " -> ");
		print_party(p, call->to, style);
	} else if (call->kind == CALL_ICE) {
		printer_puts(p, "ICE session");
	} else if (call->from && call->from[0]) {
		print_party(p, call->from, style);
	} else {
		printer_puts(p, "relay client");
	}
}

static void print_bar(struct printer *p, const struct call *call)
{
	for (int i = 0; i < STAGES; i++) {
		enum stage_state state = call->stages[i].state;

		printer_color(p, printer_paint_of(state));
		printer_printf(p, "%c", printer_mark(state));
		printer_color(p, PAINT_NONE);
	}
}

/* What is in brackets is detail. */
static void print_reason(struct printer *p, const struct call *call,
			 const struct row_style *style)
{
	const char *text;
	size_t n;

	/* That it was cancelled says all, unless it was answered. */
	if (call->stopped == STAGE_NONE ||
	    (call->outcome == OUTCOME_CANCELLED &&
	     call->stopped == STAGE_EXCHANGE))
		return;
	text = call_stop_text(call);
	if (!*text)
		return;
	n = strcspn(text, "(;");
	while (n && text[n - 1] == ' ')
		n--;
	printer_puts(p, "; ");
	if (style->stage)
		printer_printf(p, "%s: ", stage_name(call->stopped));
	text_escaped(&p->line, slice_of(text, n));
}

/* The whole story if it fits in the line, else as much as does. */
static void print_story(struct printer *p, const struct call *call)
{
	static const struct row_style styles[] = {
		{true, true},
		{false, true},
		{false, false},
	};
	size_t begin = p->line.n;

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		p->line.n = begin;
		print_parties(p, call, &styles[i]);
		print_reason(p, call, &styles[i]);
		if (printer_fits(p))
			return;
	}
}

/* Do the calls begin on several days? */
static bool is_dated(const struct printer *p)
{
	struct civil_time first = clock_civil(p->model->first_time);
	struct civil_time last = clock_civil(p->model->last_time);

	return first.day != last.day || first.month != last.month ||
	       first.year != last.year;
}

static void print_time(struct printer *p, nanoseconds time)
{
	struct civil_time c = clock_civil(time);

	if (is_dated(p))
		printer_printf(p, "%02d-%02d %02d:%02d:%02d", c.month, c.day,
			       c.hour, c.minute, c.second);
	else
		printer_clock(p, time);
}

static size_t hanging(const struct printer *p)
{
	return is_dated(p) ? HANGING_DATED : HANGING;
}

static void print_row(struct printer *p, size_t number)
{
	const struct call *call = list_at(&p->model->calls, number);
	size_t from;

	printer_printf(p, "%5zu  ", number + 1);
	print_time(p, call->start);
	printer_puts(p, "  ");
	print_bar(p, call);
	printer_puts(p, "  ");
	printer_color(p, text_paint_of(call->outcome));
	printer_printf(p, "%-11s", text_outcome(call));
	printer_color(p, PAINT_NONE);
	from = p->line.n;
	printer_duration(p, call->end - call->start);
	printer_right(p, from, 8);
	printer_puts(p, "  ");
	print_story(p, call);
	printer_end(p, hanging(p));
	printer_flush(p);
}

/* Where only some follow in detail: which, and how to see the others. */
static void print_rest(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	size_t wrong = 0;

	for (size_t i = 0; i < p->model->calls.count; i++)
		wrong += text_tells(p, i) && text_has_gone_wrong(&calls[i]);
	printer_end(p, 0);
	if (wrong > TEXT_DETAILS_MAX)
		printer_printf(p,
			       "Below: the first %u of %zu that failed or got "
			       "no answer.",
			       TEXT_DETAILS_MAX, wrong);
	else if (wrong)
		printer_printf(p,
			       "Below: the %zu that failed or got no answer.",
			       wrong);
	else
		printer_puts(p, "None failed.");
	printer_puts(p, "  Any other is told whole with --call and its "
			"number, as in `-c 7', or with one of the selectors "
			"of mrascope(1), as in `-c outcome:rejected'.");
	printer_end(p, 0);
}

void text_overview(struct printer *p)
{
	bool dated = is_dated(p);

	if (p->calls < 2)
		return;
	printer_end(p, 0);
	printer_color(p, PAINT_BOLD);
	printer_printf(p, "%5s  %-*s  %-5s  %-11s%8s  %s", "call",
		       dated ? 14 : 12, "begin (UTC)", "12345", "outcome",
		       "lasted", "who; where it stopped and why");
	printer_color(p, PAINT_NONE);
	printer_end(p, hanging(p));
	for (size_t i = 0; i < p->model->calls.count; i++)
		if (text_tells(p, i))
			print_row(p, i);
	if (!text_all_in_detail(p))
		print_rest(p);
}
