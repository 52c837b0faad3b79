/* What stands in front of the lines of a message in a log. */
#include "config.h"

#include <string.h>

#include "capture/log_announced.h"
#include "capture/log_front.h"
#include "capture/log_scan.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The place of the second word before `end`, which is that of a blank: the
 * method, where the URI stands between them. */
static bool word_before(struct slice line, size_t end, size_t *at)
{
	size_t i = end;

	while (i && !is_blank(line.p[i - 1]))
		i--;
	if (i == 0 || i == end)
		return false;
	i--;
	end = i;
	while (i && line.p[i - 1] > ' ' && line.p[i - 1] < 0x7F &&
	       !strchr(":|]>)\"", line.p[i - 1]))
		i--;
	*at = i;
	return i < end;
}

static const char *const methods[] = {
	"INVITE",    "REGISTER", "SUBSCRIBE", "OPTIONS", "MESSAGE", "BENOTIFY",
	"NOTIFY",    "PUBLISH",  "SERVICE",   "CANCEL",  "UPDATE",  "PRACK",
	"NEGOTIATE", "REFER",    "INFO",      "BYE",     "ACK",
};

static struct slice word_at(struct slice line, size_t at)
{
	struct slice word = slice_from(line, at);

	return slice_split(&word, ' ');
}

void log_skip_to_method(struct slice line, size_t *at)
{
	struct slice word = word_at(line, *at);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_ends(word, slice_of_text(methods[i]))) {
			*at += word.n - strlen(methods[i]);
			return;
		}
}

static bool is_method_at(struct slice line, size_t at)
{
	struct slice word = word_at(line, at);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_is(word, methods[i]))
			return true;
	return false;
}

static bool is_in_capitals(struct slice line, size_t at)
{
	while (at < line.n && line.p[at] >= 'A' && line.p[at] <= 'Z')
		at++;
	return at < line.n && line.p[at] == ' ';
}

/* The place of the method that stands two words before the version. */
static bool find_method(struct slice line, size_t *at)
{
	struct slice s = slice_trim(line);
	size_t end;

	if (!slice_ends(s, SLICE(" SIP/2.0")))
		return false;
	end = (size_t)(s.p - line.p) + s.n - strlen(" SIP/2.0");
	return word_before(line, end, at);
}

/* Bytes of a packet's headers may be a blank and more words, and the last one
 * goes on as the method. */
static bool find_glued_method(struct slice line, size_t *at)
{
	size_t word;

	if (!find_method(line, &word))
		return false;
	*at = word;
	log_skip_to_method(line, at);
	return *at > word && *at <= LOG_FRONT_MAX &&
	       is_sip_start(slice_from(line, *at));
}

bool log_front_of(struct slice line, size_t *at)
{
	struct slice s = slice_trim(line);

	/* ngrep shows a CR as a dot. */
	if (slice_ends(s, SLICE(" SIP/2.0.")))
		line.n = (size_t)(s.p - line.p) + s.n - 1;
	/* Words in front of a method could be one, and an address. */
	if (find_method(line, at) && *at > 0 && *at <= LOG_FRONT_MAX &&
	    !is_method_at(line, 0) && is_method_at(line, *at))
		return is_sip_start(slice_from(line, *at));
	*at = 0;
	if (is_sip_start(line)) {
		if (is_in_capitals(line, 0) || find_glued_method(line, at))
			return true;
		*at = 0;
		log_skip_to_method(line, at);
		return true;
	}
	if (slice_search(line, SLICE("SIP/2.0 "), at))
		return *at <= LOG_FRONT_MAX &&
		       is_sip_start(slice_from(line, *at));
	if (!find_method(line, at))
		return false;
	if (!is_in_capitals(line, *at))
		log_skip_to_method(line, at);
	return *at <= LOG_FRONT_MAX && is_sip_start(slice_from(line, *at));
}

void log_front_set(struct log_front *front, struct slice bytes)
{
	front->n = bytes.n < LOG_FRONT_MAX ? bytes.n : LOG_FRONT_MAX;
	if (front->n)
		memcpy(front->bytes, bytes.p, front->n);
}

static bool same_shape(uint8_t a, uint8_t b)
{
	return a == b || (is_digit(a) && (is_digit(b) || b == ' ')) ||
	       (a == ' ' && is_digit(b));
}

bool log_front_take(const struct log_front *front, struct slice *line)
{
	size_t i = 0;

	while (i < front->n && i < line->n &&
	       same_shape(front->bytes[i], line->p[i]))
		i++;
	if (i == front->n) {
		*line = slice_from(*line, i);
		return true;
	}
	if (i < line->n ||
	    slice_trim(slice_of(front->bytes + i, front->n - i)).n > 0)
		return false;
	line->n = 0;
	return true;
}

bool log_front_drop_arrow(struct log_front *front)
{
	struct slice s = slice_of(front->bytes, front->n);
	size_t end;

	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	end = s.n;
	while (s.n && !is_blank(s.p[s.n - 1]))
		s.n--;
	if (announced_arrow(slice_cut(slice_of(front->bytes, front->n), s.n,
				      end - s.n)) == ANNOUNCED_NOT)
		return false;
	front->n = s.n;
	return true;
}

struct slice log_split_piece(struct slice line, struct slice *rest)
{
	static const char *const ends[] = {"#015#012",   "#012",  "\\r\\n",
					   "<013><010>", "<010>", "^M "};
	struct slice piece = line;
	size_t cut = 0, at;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (slice_search(piece, slice_of_text(ends[i]), &at)) {
			piece = slice_first(piece, at);
			cut = at + strlen(ends[i]);
		}
	*rest = cut ? slice_from(line, cut) : (struct slice){0};
	/* As cat -v shows a CR. */
	if (slice_ends(piece, SLICE("^M")))
		piece.n -= strlen("^M");
	return piece;
}
