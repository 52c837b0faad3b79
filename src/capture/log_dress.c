/* What was put around the lines of a log (spec "capture-formats" 4: captures
 * pasted into mails, tickets and forums). */
#include "config.h"

#include <string.h>

#include "capture/log_dress.h"

#define QUOTES_MAX 16u
#define BLANKS_MAX 64u
#define DIGITS_MAX 8u
/* So many lines that are not empty must show that a file is doubled. */
#define DOUBLED_LEAST 4u

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static unsigned take_blanks(struct slice *s, unsigned most)
{
	unsigned n = 0;

	while (n < most && n < s->n && is_blank(s->p[n]))
		n++;
	*s = slice_from(*s, n);
	return n;
}

/* Each sign may have a blank behind it. */
static unsigned take_quotes(struct slice *s, unsigned most)
{
	unsigned n = 0;

	while (n < most && s->n && s->p[0] == '>') {
		*s = slice_from(*s, 1);
		(void)take_blanks(s, 1);
		n++;
	}
	return n;
}

/* Nothing is taken where there is no number. */
static char take_number(struct slice *s)
{
	struct slice rest = *s;
	size_t n = 0;

	(void)take_blanks(&rest, BLANKS_MAX);
	while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	if (n == 0 || n > DIGITS_MAX || n == rest.n ||
	    !memchr(":.)| \t", rest.p[n], 6))
		return 0;
	*s = slice_from(rest, n + 1);
	return (char)rest.p[n];
}

/* The dress of one line, if what it holds begins a record. */
static bool dress_of_line(struct slice line, log_begins *begins,
			  struct log_dress *out)
{
	struct slice numbered;

	*out = (struct log_dress){.mark = 0};
	if (begins(line))
		return true;
	out->before = (uint8_t)take_blanks(&line, BLANKS_MAX);
	out->quotes = (uint8_t)take_quotes(&line, QUOTES_MAX);
	numbered = line;
	out->behind = (uint8_t)take_blanks(&line, BLANKS_MAX);
	if (begins(line))
		return true;
	out->mark = take_number(&numbered);
	out->behind = (uint8_t)take_blanks(&numbered, BLANKS_MAX);
	return out->mark && begins(numbered);
}

/* Is every line that says something followed by one that says nothing? */
static bool is_doubled(const struct log_dress *dress, struct slice text)
{
	unsigned lines = 0;
	bool full = false;

	while (text.n) {
		struct slice line =
			log_undress(dress, slice_split(&text, '\n'));
		bool was_full = full;

		full = slice_trim(line).n > 0;
		if (full && was_full)
			return false;
		lines += full;
	}
	return lines >= DOUBLED_LEAST;
}

struct log_dress log_dress_of(struct slice text, log_begins *begins)
{
	struct log_dress dress = {.mark = 0};

	while (text.n) {
		struct slice rest = text;

		if (dress_of_line(log_undress(&(struct log_dress){.mark = 0},
					      slice_split(&rest, '\n')),
				  begins, &dress)) {
			dress.doubled = is_doubled(&dress, text);
			return dress;
		}
		text = rest;
	}
	return (struct log_dress){.mark = 0};
}

struct slice log_undress(const struct log_dress *dress, struct slice line)
{
	struct slice rest;

	while (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (!log_has_dress(dress))
		return line;
	(void)take_blanks(&line, dress->before);
	(void)take_quotes(&line, dress->quotes);
	rest = line;
	if (dress->mark && take_number(&rest) == dress->mark)
		line = rest;
	(void)take_blanks(&line, dress->behind);
	if (slice_trim(line).n == 0)
		line.n = 0;
	return line;
}

const char *log_dress_name(const struct log_dress *dress)
{
	if (dress->quotes)
		return "its lines are quoted as in a mail: the marks were "
		       "taken off";
	if (dress->mark)
		return "its lines have numbers in front: they were taken off";
	if (dress->before)
		return "its lines are indented: the blanks were taken off";
	return dress->doubled ? "an empty line stands behind each of its "
				"lines: it was taken out"
			      : NULL;
}
