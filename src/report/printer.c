/* Lines of the text report. */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "report/printer.h"
#include "report/secrets.h"
#include "report/wrap.h"

#define FLUSH_AT ((size_t)65536)
#define URIS_MAX ((size_t)1 << 20)
#define RUNS_MAX 4u /* of frames, before "..." */

void printer_color(struct printer *p, enum paint with)
{
	static const char *const codes[] = {"\033[0m",  "\033[32m", "\033[31m",
					    "\033[33m", "\033[2m",  "\033[1m"};

	if (p->options->color)
		text_puts(&p->line, codes[with]);
}

void printer_puts(struct printer *p, const char *text)
{
	text_escaped(&p->line, slice_of_text(text));
}

void printer_uris(struct printer *p, const char *text)
{
	struct text masked = text_new(URIS_MAX);

	if (!secret_in_uris(slice_of_text(text))) {
		printer_puts(p, text);
		return;
	}
	secret_put_uris(slice_of_text(text), p->options->show_secrets, &masked);
	text_escaped(&p->line, text_slice(&masked));
	text_free(&masked);
}

void printer_part_uri(struct printer *p, size_t from)
{
	struct slice whole = slice_from(text_slice(&p->line), from);
	struct text parted = text_new(URIS_MAX);

	for (size_t i = 0; i < whole.n; i++) {
		if (memchr(";?&", whole.p[i], 3))
			text_putc(&parted, WRAP_SEAM);
		text_putc(&parted, (char)whole.p[i]);
	}
	if (parted.failed == STATUS_OK) {
		p->line.n = from;
		text_put(&p->line, text_slice(&parted));
	}
	text_free(&parted);
}

void printer_paint(struct printer *p, enum paint with, const char *text)
{
	if (with != PAINT_NONE)
		printer_color(p, with);
	printer_uris(p, text);
	if (with != PAINT_NONE)
		printer_color(p, PAINT_NONE);
}

/* Ours but for what may have got into it: a backslash is one, and blanks stand
 * as they are to. */
static void put_own(struct printer *p, const char *text, char blank)
{
	struct slice rest = slice_of_text(text);

	for (size_t i = 0; i < rest.n;) {
		const uint8_t c = rest.p[i];

		if (c != ' ' && c != '\\') {
			i++;
			continue;
		}
		text_escaped(&p->line, slice_first(rest, i));
		text_putc(&p->line, c == ' ' ? blank : (char)c);
		rest = slice_from(rest, i + 1);
		i = 0;
	}
	text_escaped(&p->line, rest);
}

void printer_printf(struct printer *p, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_own(p, text, ' ');
}

void printer_joined(struct printer *p, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_own(p, text, WRAP_JOINT);
}

static size_t width_of(const struct printer *p)
{
	size_t width = p->options->width;

	if (width == 0 || width > WRAP_WIDTH_MAX)
		return WRAP_WIDTH_MAX;
	return width < WRAP_WIDTH_MIN ? WRAP_WIDTH_MIN : width;
}

bool printer_fits(const struct printer *p)
{
	return wrap_columns(text_slice(&p->line)) <= width_of(p);
}

void printer_end(struct printer *p, size_t hanging)
{
	struct wrapping how = {.width = width_of(p), .hanging = hanging};

	wrap_write(text_slice(&p->line), &how, p->to);
	if (p->line.failed != STATUS_OK)
		p->to->failed = p->line.failed;
	text_clear(&p->line);
}

void printer_heading(struct printer *p, const char *text)
{
	printer_end(p, 0);
	printer_puts(p, "  ");
	printer_paint(p, PAINT_BOLD, text);
	printer_end(p, 4);
}

void printer_flush(struct printer *p)
{
	if (p->to->n >= FLUSH_AT && p->options->flush)
		p->options->flush(p->options->context, p->to);
}

void printer_endpoint(struct printer *p, const struct endpoint *e)
{
	endpoint_text(e, &p->line);
}

void printer_place(struct printer *p, place_number place)
{
	struct place at = place_at(p->model, place);

	if (p->options->capture_count > 1)
		printer_printf(p, "%u:", (unsigned)at.file);
	text_number(&p->line, at.frame);
}

/* How many of them from `at` on stand one behind the other. */
static size_t run_length(const struct model *m, const struct cited *cited,
			 size_t at)
{
	struct place first = place_at(m, cited_at(cited, at));
	size_t n = 1;

	for (; at + n < cited->kept; n++) {
		struct place next = place_at(m, cited_at(cited, at + n));

		if (next.file != first.file || next.frame != first.frame + n)
			break;
	}
	return n;
}

/* A run of two is no shorter as one. */
static size_t print_run(struct printer *p, const struct cited *cited, size_t at)
{
	size_t n = run_length(p->model, cited, at);
	place_number first = cited_at(cited, at);

	if (at)
		printer_joined(p, ", ");
	printer_place(p, first);
	if (n < 3)
		return 1;
	printer_printf(p, "-%" PRIu64,
		       (uint64_t)place_at(p->model, first).frame + n - 1);
	return n;
}

void printer_frames(struct printer *p, const struct cited *cited)
{
	size_t at = 0;

	if (cited->count == 0)
		return;
	printer_joined(p, cited->count == 1 ? "frame " : "frames ");
	for (unsigned runs = 0; at < cited->kept && runs < RUNS_MAX; runs++)
		at += print_run(p, cited, at);
	if (at < cited->count) {
		printer_joined(p, " ... ");
		printer_place(p, cited->last);
	}
}

void printer_cited(struct printer *p, const struct cited *cited)
{
	if (cited->count == 0)
		return;
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_puts(p, "[");
	printer_frames(p, cited);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

void printer_date(struct printer *p, nanoseconds time)
{
	struct civil_time c = clock_civil(time);

	printer_printf(p, "%04d-%02d-%02d", c.year, c.month, c.day);
}

bool printer_has_times(const struct printer *p)
{
	return p->model->first_time || p->model->last_time;
}

void printer_clock(struct printer *p, nanoseconds time)
{
	if (printer_has_times(p))
		clock_of_day(time, &p->line);
	else
		printer_joined(p, "--:--:--.---");
}

void printer_right(struct printer *p, size_t from, size_t width)
{
	struct slice written = slice_from(text_slice(&p->line), from);
	size_t columns = wrap_columns(written);
	size_t n = written.n, more = columns < width ? width - columns : 0;

	for (size_t i = 0; i < more; i++)
		text_putc(&p->line, ' ');
	if (p->line.failed != STATUS_OK || more == 0)
		return;
	memmove(p->line.p + from + more, p->line.p + from, n);
	memset(p->line.p + from, ' ', more);
}

void printer_duration(struct printer *p, nanoseconds duration)
{
	int64_t seconds = duration / NS_PER_S;
	double ms = (double)duration / 1e6;

	if (ms < 10)
		printer_joined(p, "%.1f ms", ms);
	else if (seconds == 0)
		printer_joined(p, "%.0f ms", ms);
	else if (seconds < 100)
		printer_joined(p, "%.1f s", ms / 1000);
	else if (seconds < 100 * 60)
		printer_joined(p, "%.1f min", ms / 60e3);
	else
		printer_joined(p, "%.1f h", ms / 3600e3);
}

void printer_count(struct printer *p, uint64_t count, const char *noun)
{
	printer_joined(p, "%" PRIu64 " %s%s", count, noun,
		       count == 1 ? "" : "s");
}

char printer_mark(enum stage_state state)
{
	static const char marks[] = {
		[STATE_UNSEEN] = '?',   [STATE_OK] = '+',
		[STATE_FAILED] = 'X',   [STATE_INCOMPLETE] = '~',
		[STATE_INFERRED] = '*', [STATE_UNNEEDED] = '-',
	};

	return marks[state];
}

enum paint printer_paint_of(enum stage_state state)
{
	static const enum paint paints[] = {
		[STATE_UNSEEN] = PAINT_DIM,    [STATE_OK] = PAINT_GOOD,
		[STATE_FAILED] = PAINT_BAD,    [STATE_INCOMPLETE] = PAINT_WARN,
		[STATE_INFERRED] = PAINT_GOOD, [STATE_UNNEEDED] = PAINT_DIM,
	};

	return paints[state];
}
