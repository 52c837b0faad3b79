/* Cells, clipped and escaped. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/canvas.h"

#define LINE_MAX_BYTES ((size_t)1 << 16)

enum status canvas_resize(struct canvas *c, int width, int height)
{
	struct cell *cells;

	if (width < 1 || height < 1 || width > CANVAS_SIDE_MAX ||
	    height > CANVAS_SIDE_MAX)
		return STATUS_LIMIT;
	cells = calloc((size_t)width * (size_t)height, sizeof(*cells));
	if (!cells)
		return STATUS_NOMEM;
	free(c->cells);
	c->cells = cells;
	c->width = width;
	c->height = height;
	canvas_clear(c);
	return STATUS_OK;
}

void canvas_free(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

struct cell *canvas_at(const struct canvas *c, int x, int y)
{
	if (x < 0 || y < 0 || x >= c->width || y >= c->height)
		return NULL;
	return &c->cells[(size_t)y * (size_t)c->width + (size_t)x];
}

void canvas_clear(struct canvas *c)
{
	size_t count = (size_t)c->width * (size_t)c->height;

	for (size_t i = 0; i < count; i++)
		c->cells[i] = (struct cell){.code = ' '};
}

/* ---- one character ---- */

struct plain_row {
	uint16_t code;
	char plain;
};

/* What screens draw with, and what stands for it where the locale has no
 * more than ASCII; sorted. */
static const struct plain_row plain_rows[] = {
	{0x00B1, '+'}, {0x00B7, '.'}, {0x00D7, 'x'}, {0x2026, '~'},
	{0x2190, '<'}, {0x2191, '^'}, {0x2192, '>'}, {0x2193, 'v'},
	{0x2194, '-'}, {0x2217, '*'}, {0x2500, '-'}, {0x2502, '|'},
	{0x250C, '+'}, {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'},
	{0x251C, '+'}, {0x2524, '+'}, {0x252C, '+'}, {0x2534, '+'},
	{0x253C, '+'}, {0x2550, '='}, {0x254C, '.'}, {0x2588, '#'},
	{0x2591, '.'}, {0x25B2, '^'}, {0x25B6, '>'}, {0x25BA, '>'},
	{0x25BC, 'v'}, {0x25C0, '<'}, {0x25C4, '<'}, {0x25C6, 'o'},
	{0x25CF, 'o'}, {0x2713, '+'}, {0x2717, 'X'},
};

static uint32_t in_ascii(uint32_t code)
{
	if (code < 0x80)
		return code;
	for (size_t i = 0; i < sizeof(plain_rows) / sizeof(plain_rows[0]); i++)
		if (plain_rows[i].code == code)
			return (uint32_t)plain_rows[i].plain;
	return '?';
}

/* A wide character of which one half is overwritten is gone. */
static void break_wide(struct canvas *c, int x, int y)
{
	struct cell *at = canvas_at(c, x, y);
	struct cell *next = canvas_at(c, x + 1, y);
	struct cell *before = canvas_at(c, x - 1, y);

	if (at && at->code == 0 && before)
		before->code = ' ';
	if (next && next->code == 0)
		next->code = ' ';
}

static void set(struct canvas *c, int x, int y, enum style style, uint32_t code)
{
	struct cell *cell = canvas_at(c, x, y);

	if (!cell)
		return;
	break_wide(c, x, y);
	cell->code = c->ascii ? in_ascii(code) : code;
	cell->mark = 0;
	cell->style = (uint8_t)style;
}

static void set_wide(struct canvas *c, int x, int y, enum style style,
		     uint32_t code)
{
	struct cell *right = canvas_at(c, x + 1, y);

	set(c, x, y, style, right && !c->ascii ? code : '?');
	if (!right)
		return;
	break_wide(c, x + 1, y);
	*right = (struct cell){.code = c->ascii ? ' ' : 0,
			       .style = (uint8_t)style};
}

static void set_mark(struct canvas *c, int x, int y, uint32_t code)
{
	struct cell *cell = canvas_at(c, x, y);

	if (cell && cell->code == 0)
		cell = canvas_at(c, x - 1, y);
	if (cell && !c->ascii && cell->mark == 0)
		cell->mark = code;
}

/* ---- text ---- */

static int columns_of(struct slice s)
{
	size_t columns = 0;

	while (s.n) {
		uint32_t code;
		size_t n = utf8_sequence(s, &code);

		columns += n ? utf8_columns(code) : 1;
		s = slice_from(s, n ? n : 1);
	}
	return columns > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : (int)columns;
}

/* Puts what is printable by now, in `room` columns. */
static int put_clean(struct canvas *c, int x, int y, int room, enum style style,
		     struct slice s)
{
	int begin = x, end = x + room;

	while (s.n) {
		uint32_t code;
		size_t n = utf8_sequence(s, &code);
		int columns = n ? (int)utf8_columns(code) : 1;

		if (x + columns > end)
			break;
		if (columns == 0)
			set_mark(c, x - 1, y, code);
		else if (columns == 2)
			set_wide(c, x, y, style, code);
		else
			set(c, x, y, style, n ? code : '?');
		x += columns;
		s = slice_from(s, n ? n : 1);
	}
	return x - begin;
}

/* Most text is plain: is there nothing to escape? */
static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	return true;
}

int canvas_put(struct canvas *c, int x, int y, int room, enum style style,
	       struct slice text)
{
	struct text clean = text_new(LINE_MAX_BYTES);
	struct slice s = slice_first(text, LINE_MAX_BYTES / 8);
	int used;

	if (room <= 0 || y < 0 || y >= c->height)
		return 0;
	if (!is_plain(s)) {
		text_escaped(&clean, s);
		s = text_slice(&clean);
	}
	if (columns_of(s) <= room) {
		used = put_clean(c, x, y, room, style, s);
	} else {
		used = put_clean(c, x, y, room - 1, style, s);
		set(c, x + used, y, style, 0x2026);
		used++;
	}
	text_free(&clean);
	return used;
}

int canvas_puts(struct canvas *c, int x, int y, int room, enum style style,
		const char *text)
{
	/* Our own words may hold what escapes would spoil: none does. */
	return canvas_put(c, x, y, room, style, slice_of_text(text));
}

void canvas_right(struct canvas *c, int x, int y, int room, enum style style,
		  struct slice text)
{
	int columns = columns_of(text);

	if (columns < room) {
		x += room - columns;
		room = columns;
	}
	(void)canvas_put(c, x, y, room, style, text);
}

int canvas_printf(struct canvas *c, int x, int y, int room, enum style style,
		  const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0)
		return 0;
	return canvas_puts(c, x, y, room, style, line);
}

/* ---- lines and boxes ---- */

void canvas_repeat(struct canvas *c, int x, int y, int count, enum style style,
		   uint32_t code)
{
	for (int i = 0; i < count; i++)
		set(c, x + i, y, style, code);
}

void canvas_down(struct canvas *c, int x, int y, int count, enum style style,
		 uint32_t code)
{
	for (int i = 0; i < count; i++)
		set(c, x, y + i, style, code);
}

void canvas_choose(struct canvas *c, int x, int y, int count)
{
	for (int i = 0; i < count; i++) {
		struct cell *cell = canvas_at(c, x + i, y);

		if (cell)
			cell->chosen = true;
	}
}

void canvas_box(struct canvas *c, const struct area *a, const char *title)
{
	int right = a->x + a->width - 1, low = a->y + a->height - 1;

	for (int y = a->y + 1; y < low; y++) {
		canvas_repeat(c, a->x + 1, y, a->width - 2, STYLE_PLAIN, ' ');
		set(c, a->x, y, STYLE_FRAME, 0x2502);
		set(c, right, y, STYLE_FRAME, 0x2502);
	}
	canvas_repeat(c, a->x, a->y, a->width, STYLE_FRAME, 0x2500);
	canvas_repeat(c, a->x, low, a->width, STYLE_FRAME, 0x2500);
	set(c, a->x, a->y, STYLE_FRAME, 0x250C);
	set(c, right, a->y, STYLE_FRAME, 0x2510);
	set(c, a->x, low, STYLE_FRAME, 0x2514);
	set(c, right, low, STYLE_FRAME, 0x2518);
	if (title)
		(void)canvas_printf(c, a->x + 2, a->y, a->width - 4, STYLE_BOLD,
				    " %s ", title);
}

/* ---- as text ---- */

void canvas_text(const struct canvas *c, struct text *to)
{
	for (int y = 0; y < c->height; y++) {
		size_t end = to->n;

		for (int x = 0; x < c->width; x++) {
			const struct cell *cell = canvas_at(c, x, y);

			if (cell->code == 0)
				continue;
			text_code(to, cell->code);
			if (cell->mark)
				text_code(to, cell->mark);
			if (cell->code != ' ')
				end = to->n;
		}
		to->n = end;
		text_putc(to, '\n');
	}
}
