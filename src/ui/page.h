/*
 * A page: text in several styles, broken into lines of a width, to be read and
 * scrolled.
 */
#ifndef UI_PAGE_H
#define UI_PAGE_H

#include "report/canvas.h"

#define PAGE_TEXT_MAX ((size_t)8 << 20)

struct page_piece {
	uint32_t from, n; /* in the text */
	uint16_t column;
	uint8_t style;
};

struct page {
	int width;
	struct text text; /* escaped by now */
	struct page_piece *pieces;
	size_t piece_count, piece_room;
	uint32_t *lines; /* the first piece of each line, and one behind */
	size_t line_count, line_room;
	int column;  /* where the line being written stands */
	int hanging; /* where it goes on when it is too long */
	bool words;  /* prose: lines end between words */
	bool failed; /* memory is out: the rest is missing */
};

/* Empties it for lines of that width; the first call wants a page of zeros. */
void page_begin(struct page *page, int width);
void page_free(struct page *page);

/* Text from anywhere: escaped; what does not fit goes on in the next line. */
void page_put(struct page *page, enum style style, struct slice text);
/* Text that text_escaped has made. */
void page_put_clean(struct page *page, enum style style, struct slice text);
void page_puts(struct page *page, enum style style, const char *text);
void page_printf(struct page *page, enum style style, const char *format, ...)
	PRINTF_LIKE(3, 4);
void page_end(struct page *page);
/* From here on it is prose; page_begin ends that. */
void page_words(struct page *page);
/* From here on lines that are too long go on at this column. */
void page_hang(struct page *page, int column);

/* As many bytes of clean text as fit into so many columns, and what they take
 * of these. */
size_t page_fits(struct slice clean, int room, int *columns);

/* The lines from `top` on, as many as the area has rows. */
void page_draw(const struct page *page, size_t top, struct canvas *c,
	       const struct area *area);

/* The text of a line, for searches. */
void page_line(const struct page *page, size_t line, struct text *to);

#endif /* UI_PAGE_H */
