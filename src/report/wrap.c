/* Lines that fit a width. */
#include "config.h"

#include "report/wrap.h"

/* Where a word goes that is longer than the room beside the indentation. */
#define HANGING_LESS ((size_t)4)

/* What stands together on the screen: a character, or a colour (no column). */
struct glyph {
	size_t bytes;
	size_t columns;
};

static size_t color_length(struct slice s)
{
	size_t n = 2;

	if (s.n < 2 || s.p[0] != '\033' || s.p[1] != '[')
		return 0;
	while (n < s.n && s.p[n] != 'm')
		n++;
	return n < s.n ? n + 1 : n;
}

static struct glyph glyph_at(struct slice s)
{
	struct glyph g = {color_length(s), 0};
	uint32_t code;

	if (g.bytes)
		return g;
	if (s.n && s.p[0] == WRAP_SEAM)
		return (struct glyph){1, 0};
	g.bytes = utf8_sequence(s, &code);
	if (g.bytes == 0)
		return (struct glyph){1, 1};
	g.columns = utf8_columns(code);
	return g;
}

size_t wrap_columns(struct slice line)
{
	size_t columns = 0;

	while (line.n) {
		struct glyph g = glyph_at(line);

		columns += g.columns;
		line = slice_from(line, g.bytes);
	}
	return columns;
}

struct writer {
	const struct wrapping *how;
	struct text *to;
	size_t column;
	bool begun; /* a word stands in this line */
};

static void spaces(struct writer *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_putc(w->to, ' ');
	w->column += n;
}

static void next_line(struct writer *w, size_t indent)
{
	text_putc(w->to, '\n');
	w->column = 0;
	spaces(w, indent);
	w->begun = false;
}

/* A word that no line holds is broken where the line ends. */
static void put_word(struct writer *w, struct slice word, size_t indent)
{
	while (word.n) {
		struct glyph g = glyph_at(word);

		if (w->begun && w->column + g.columns > w->how->width)
			next_line(w, indent);
		if (word.p[0] == WRAP_JOINT)
			text_putc(w->to, ' ');
		else if (word.p[0] != WRAP_SEAM)
			text_put(w->to, slice_first(word, g.bytes));
		w->column += g.columns;
		w->begun = true;
		word = slice_from(word, g.bytes);
	}
}

/* Each part where there is room for it. */
static void place_parts(struct writer *w, struct slice word, size_t before)
{
	while (word.n) {
		size_t end = word.n;
		struct slice part;

		(void)slice_find(word, WRAP_SEAM, &end);
		part = slice_first(word, end);
		if (w->begun &&
		    w->column + before + wrap_columns(part) > w->how->width)
			next_line(w, w->how->hanging);
		else
			spaces(w, before);
		put_word(w, part, w->how->hanging);
		word = slice_from(word, end + 1);
		before = 0;
	}
}

static void place_word(struct writer *w, struct slice word, size_t before)
{
	size_t columns = wrap_columns(word), seam;
	size_t indent = w->how->hanging;

	if (columns + indent > w->how->width &&
	    slice_find(word, WRAP_SEAM, &seam)) {
		place_parts(w, word, before);
		return;
	}
	if (columns + indent > w->how->width && indent > HANGING_LESS)
		indent = HANGING_LESS;
	if (w->begun && w->column + before + columns > w->how->width)
		next_line(w, indent);
	else
		spaces(w, before);
	put_word(w, word, indent);
}

void wrap_write(struct slice line, const struct wrapping *how, struct text *to)
{
	struct writer w = {.how = how, .to = to};

	while (line.n) {
		size_t before = 0, end;

		while (before < line.n && line.p[before] == ' ')
			before++;
		line = slice_from(line, before);
		end = line.n;
		(void)slice_find(line, ' ', &end);
		if (line.n)
			place_word(&w, slice_first(line, end), before);
		line = slice_from(line, end);
	}
	text_putc(to, '\n');
}
