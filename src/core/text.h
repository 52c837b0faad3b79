/*
 * Growing text with a limit: what reports and encoders write into.
 *
 * A failure (limit or memory) is remembered in `failed`; later writes do
 * nothing.  Write all, then test once.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/slice.h"

struct text {
	char *p; /* not NUL-terminated; NULL while empty */
	size_t n;
	size_t room;
	size_t max;
	enum status failed; /* STATUS_OK, STATUS_LIMIT or STATUS_NOMEM */
};

/* Text that may grow to `max` bytes; takes no memory yet. */
struct text text_new(size_t max);
void text_free(struct text *text);
/* Forgets the contents and a failure, keeps the memory. */
void text_clear(struct text *text);

static inline struct slice text_slice(const struct text *text)
{
	return slice_of(text->p, text->n);
}

/* When the room at hand is not enough. */
void text_put_slowly(struct text *text, struct slice s);
bool text_reserve(struct text *text, size_t n);

/* Where `n` more bytes can be written, for those who count them in themselves
 * (text->n); NULL when the text has failed. */
static inline char *text_room(struct text *text, size_t n)
{
	if ((text->failed != STATUS_OK || n > text->room - text->n) &&
	    !text_reserve(text, n))
		return NULL;
	return text->p + text->n;
}

static inline void text_put(struct text *text, struct slice s)
{
	if (text->failed != STATUS_OK || s.n > text->room - text->n) {
		text_put_slowly(text, s);
	} else if (s.n) {
		memcpy(text->p + text->n, s.p, s.n);
		text->n += s.n;
	}
}

static inline void text_puts(struct text *text, const char *s)
{
	text_put(text, slice_of_text(s));
}

static inline void text_putc(struct text *text, char c)
{
	char *to = text_room(text, 1);

	if (to) {
		*to = c;
		text->n++;
	}
}

/* Appended; what does not fit makes it fail, as above. */
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
/* Two lower-case digits for each byte. */
void text_hex(struct text *text, struct slice s);
/* Decimal, the fast way. */
void text_number(struct text *text, uint64_t n);

/* The same for those who have room: at most DECIMAL_MAX characters go to `to`;
 * returns what is behind them. */
#define DECIMAL_MAX 20u
char *decimal_put(uint64_t n, char *to);
/* The last digits of a number, with zeros in front. */
char *decimal_put_fixed(uint32_t n, unsigned digits, char *to);
/* All nine of what is below 10^9. */
char *decimal_put_nine(uint32_t n, char *to);

/*
 * Captured bytes for a terminal, a page or a log: UTF-8 that is well formed
 * and printable stays, all else becomes \xNN; a backslash is doubled.
 */
void text_escaped(struct text *text, struct slice s);

/* A code point (up to 10FFFF) as UTF-8 (RFC 3629 3): at most so many bytes;
 * returns how many. */
#define UTF8_MAX 4u
size_t utf8_put(uint32_t code, uint8_t *to);
void text_code(struct text *text, uint32_t code);

/*
 * Length in bytes of the well-formed UTF-8 sequence at the front of `s` and
 * its code point in *code; 0 when there is none.
 */
size_t utf8_sequence(struct slice s, uint32_t *code);
/* Columns of a terminal that a character takes: 0 (combining marks), 1 or 2
 * (East Asian wide, emoji; Unicode UAX #11). */
size_t utf8_columns(uint32_t code);
/* Not controls, nor the marks that turn text around. */
bool utf8_is_printable(uint32_t code);

#endif /* CORE_TEXT_H */
