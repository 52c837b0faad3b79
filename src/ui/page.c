/* Pieces of text in lines. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/page.h"

static bool grow(void **rows, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room * 2 : 64;
	void *p;

	if (count < *room)
		return true;
	p = realloc(*rows, more * size);
	if (!p)
		return false;
	*rows = p;
	*room = more;
	return true;
}

static void begin_line(struct page *page)
{
	void *lines = page->lines;

	if (!grow(&lines, &page->line_room, page->line_count + 1,
		  sizeof(*page->lines))) {
		page->failed = true;
		return;
	}
	page->lines = lines;
	page->lines[page->line_count] = (uint32_t)page->piece_count;
}

void page_begin(struct page *page, int width)
{
	if (page->text.max == 0)
		page->text = text_new(PAGE_TEXT_MAX);
	text_clear(&page->text);
	page->width = width > 8 ? width : 8;
	page->piece_count = page->line_count = 0;
	page->column = page->hanging = 0;
	page->words = page->failed = false;
	begin_line(page);
}

void page_free(struct page *page)
{
	text_free(&page->text);
	free(page->pieces);
	free(page->lines);
	*page = (struct page){.width = 0};
}

void page_hang(struct page *page, int column)
{
	page->hanging = column < page->width / 2 ? column : page->width / 2;
}

void page_words(struct page *page)
{
	page->words = true;
}

void page_end(struct page *page)
{
	if (page->failed)
		return;
	page->line_count++;
	begin_line(page);
	page->column = 0;
}

/* Escaped text without line ends, that fits. */
static void put_piece(struct page *page, enum style style, struct slice s,
		      int columns)
{
	void *pieces = page->pieces;
	size_t from = page->text.n;

	if (s.n == 0)
		return;
	text_put(&page->text, s);
	if (page->text.failed != STATUS_OK ||
	    !grow(&pieces, &page->piece_room, page->piece_count,
		  sizeof(*page->pieces))) {
		page->failed = true;
		return;
	}
	page->pieces = pieces;
	page->pieces[page->piece_count++] = (struct page_piece){
		.from = (uint32_t)from,
		.n = (uint32_t)s.n,
		.column = (uint16_t)page->column,
		.style = (uint8_t)style,
	};
	page->column += columns;
}

size_t page_fits(struct slice s, int room, int *columns)
{
	size_t n = 0;

	*columns = 0;
	while (n < s.n) {
		uint32_t code;
		size_t one = utf8_sequence(slice_from(s, n), &code);
		int wide = one ? (int)utf8_columns(code) : 1;

		if (*columns + wide > room)
			break;
		*columns += wide;
		n += one ? one : 1;
	}
	return n;
}

/* Of so many bytes those that end with a word; none: it begins better in a
 * line of its own. */
static size_t whole_words(const struct page *page, struct slice s, size_t n)
{
	if (!page->words || n >= s.n)
		return n;
	for (size_t i = n; i > 0; i--)
		if (s.p[i - 1] == ' ')
			return i;
	return page->column > page->hanging ? 0 : n;
}

void page_put_clean(struct page *page, enum style style, struct slice s)
{
	while (s.n && !page->failed) {
		int columns, room = page->width - page->column;
		size_t n = whole_words(page, s, page_fits(s, room, &columns));

		n = page_fits(slice_first(s, n), room, &columns);

		put_piece(page, style, slice_first(s, n), columns);
		s = slice_from(s, n);
		if (s.n) {
			page_end(page);
			page->column = page->hanging;
		}
	}
}

void page_put(struct page *page, enum style style, struct slice text)
{
	struct text clean = text_new(PAGE_TEXT_MAX);

	while (text.n && !page->failed) {
		bool ends = false;
		size_t at = text.n;
		struct slice line;

		if (slice_find(text, '\n', &at))
			ends = true;
		line = slice_first(text, at);
		text = slice_from(text, at + 1);
		text_clear(&clean);
		text_escaped(&clean, line);
		page_put_clean(page, style, text_slice(&clean));
		if (ends)
			page_end(page);
	}
	text_free(&clean);
}

void page_puts(struct page *page, enum style style, const char *text)
{
	page_put(page, style, slice_of_text(text));
}

void page_printf(struct page *page, enum style style, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		page_puts(page, style, line);
}

static size_t end_of(const struct page *page, size_t line)
{
	return line + 1 <= page->line_count ? page->lines[line + 1]
					    : page->piece_count;
}

/* Our escapes are part of the text by now: they are not escaped again. */
static void put_raw(struct canvas *c, int x, int y, const struct area *a,
		    const struct page *page, const struct page_piece *piece)
{
	struct slice s =
		slice_cut(text_slice(&page->text), piece->from, piece->n);

	while (s.n) {
		size_t at, n = s.n;

		/* A backslash that canvas_put would double goes alone. */
		if (slice_find(s, '\\', &at))
			n = at;
		if (n)
			x += canvas_put(c, x, y, a->x + a->width - x,
					(enum style)piece->style,
					slice_first(s, n));
		else if (x < a->x + a->width)
			canvas_repeat(c, x++, y, 1, (enum style)piece->style,
				      '\\');
		s = slice_from(s, n ? n : 1);
	}
}

void page_draw(const struct page *page, size_t top, struct canvas *c,
	       const struct area *a)
{
	for (int row = 0; row < a->height; row++) {
		size_t line = top + (size_t)row;

		if (line >= page->line_count)
			return;
		for (size_t i = page->lines[line]; i < end_of(page, line); i++)
			put_raw(c, a->x + page->pieces[i].column, a->y + row, a,
				page, &page->pieces[i]);
	}
}

void page_line(const struct page *page, size_t line, struct text *to)
{
	if (line >= page->line_count)
		return;
	for (size_t i = page->lines[line]; i < end_of(page, line); i++)
		text_put(to,
			 slice_cut(text_slice(&page->text),
				   page->pieces[i].from, page->pieces[i].n));
}
