/* Secrets behind words that are damaged. */
#include "config.h"

#include <string.h>

#include "report/secret_traces.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Keys are no shorter, and names seldom so long. */
#define KEY_LEAST 16u
/* Behind a damaged word: how far keys are looked for, and over how many ends
 * of lines. */
#define SUSPECT_MAX 1024u
#define SUSPECT_LINES 4u
/* Between a word and a value of which only the signs between are damaged. */
#define BETWEEN_MAX 16u
/* " Negotiate". */
#define SCHEME_MAX 12u
/* Of them, so many parts. */
#define BROKEN_MAX 2u
/* Ends of lines and the blanks of the next, at most. */
#define BREAK_MAX 64u

/* ---- words, in any form ---- */

/*
 * Each word is a run of bits, one a letter, in one of the lanes: Shift-And with
 * one error, a letter that is another, lost or too many (Wu and Manber, "Fast
 * text searching allowing errors", 1992).
 */
#define LANES 3u
#define LANE_BITS 64u

enum trace_kind {
	TRACE_VALUE,  /* its value follows, whatever parts them */
	TRACE_HEADER, /* so it is without a colon */
	TRACE_SDP,    /* of a line "a=" */
	TRACE_ONLY,   /* so it is, in quotes */
	TRACE_TORN, /* where lines are broken in it: there are words like it */
};

static const struct trace_row {
	const char *word;
	enum trace_kind kind;
} trace_rows[] = {
	{"password", TRACE_VALUE},      {"credential", TRACE_VALUE},
	{"gssapi-data", TRACE_VALUE},   {"response", TRACE_ONLY},
	{"rspauth", TRACE_VALUE},       {"secret", TRACE_VALUE},
	{"assertion", TRACE_ONLY},      {"webticket", TRACE_HEADER},
	{"cookie", TRACE_HEADER},       {"authorization", TRACE_HEADER},
	{"ciphervalue", TRACE_VALUE},   {"signaturevalue", TRACE_VALUE},
	{"securitytoken", TRACE_VALUE}, {"ice-pwd", TRACE_VALUE},
	{"inline", TRACE_TORN},         {"candidate", TRACE_SDP},
	{"base64", TRACE_VALUE},
};

struct lanes {
	uint64_t of[256][LANES]; /* the letters of each byte */
	uint64_t first[LANES];
	uint64_t last[LANES];
	uint8_t row[LANES][LANE_BITS]; /* whose last letter it is */
};

static void lanes_init(struct lanes *l)
{
	unsigned lane = 0, bit = 0;

	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < ELEMENTS(trace_rows); i++) {
		const char *word = trace_rows[i].word;
		size_t n = strlen(word);

		if (bit + n > LANE_BITS) {
			lane++;
			bit = 0;
		}
		l->first[lane] |= 1ull << bit;
		for (size_t k = 0; k < n; k++, bit++) {
			uint8_t c = (uint8_t)word[k];

			l->of[c][lane] |= 1ull << bit;
			if (c >= 'a' && c <= 'z')
				l->of[c - 'a' + 'A'][lane] |= 1ull << bit;
		}
		l->last[lane] |= 1ull << (bit - 1);
		l->row[lane][bit - 1] = (uint8_t)i;
	}
}

/* What has been read of the words in one lane. */
struct progress {
	uint64_t whole, damaged; /* letters */
	uint64_t found;          /* words that were whole two letters ago */
	uint64_t maybe;          /* and those that were damaged one ago */
};

struct found {
	uint64_t whole, damaged; /* with this byte, and with the one before */
	size_t end;              /* behind this byte */
};

static struct found step(const struct lanes *l, unsigned lane, uint8_t byte,
			 struct progress *p)
{
	uint64_t mask = l->of[byte][lane], first = l->first[lane];
	/* No letter of a word follows from the last of another. */
	uint64_t next = ~first, old = p->whole;
	struct found f;

	p->whole = ((old << 1 & next) | first) & mask;
	p->damaged = (((p->damaged << 1 & next) | first) & mask) | old |
		     (old << 1 & next) | (p->whole << 1 & next) | first;
	f.whole = p->whole & l->last[lane];
	f.damaged = p->maybe & ~f.whole;
	f.end = 0;
	p->maybe = p->damaged & l->last[lane] & ~f.whole & ~p->found;
	p->found = f.whole;
	return f;
}

/* ---- what looks like a key ---- */

struct tracer {
	struct slice text;
	const struct secret_sink *sink;
};

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_of_key(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
	       c == '=' || c == '-' || c == '_';
}

static bool is_blank(const struct tracer *t, size_t at)
{
	return at < t->text.n &&
	       (t->text.p[at] == ' ' || t->text.p[at] == '\t');
}

static bool is_end(const struct tracer *t, size_t at)
{
	return at < t->text.n &&
	       (t->text.p[at] == '\r' || t->text.p[at] == '\n');
}

/* Behind ends of lines and the blanks of the next; `at`: none is there. */
static size_t behind_break(const struct tracer *t, size_t at)
{
	size_t end = at;

	if (!is_end(t, at))
		return at;
	while (end - at < BREAK_MAX && (is_end(t, end) || is_blank(t, end)))
		end++;
	return end;
}

/* Does a header or a line of SDP begin here?  Names of headers have letters and
 * '-' alone. */
static bool begins_line(const struct tracer *t, size_t at)
{
	size_t end = at;

	while (end < t->text.n &&
	       (is_letter(t->text.p[end]) || t->text.p[end] == '-'))
		end++;
	return slice_starts(slice_from(t->text, end), SLICE(":")) ||
	       slice_starts(slice_from(t->text, at + 1), SLICE("="));
}

/* Signs of keys in a row, and what there is among them: letters small and
 * large, and digits. */
struct run {
	size_t end, signs;
	bool small, large, digit;
};

static struct run run_at(const struct tracer *t, size_t at)
{
	struct run r = {.end = at};

	while (at < t->text.n) {
		uint8_t c = t->text.p[at];
		size_t next;

		if (is_of_key(c)) {
			r.small |= c >= 'a' && c <= 'z';
			r.large |= c >= 'A' && c <= 'Z';
			r.digit |= c >= '0' && c <= '9';
			r.signs++;
			r.end = ++at;
			continue;
		}
		next = behind_break(t, at);
		if (next == at || next >= t->text.n ||
		    !is_of_key(t->text.p[next]) || begins_line(t, next))
			break;
		at = next;
	}
	return r;
}

static bool looks_like_key(const struct run *r)
{
	return r->signs >= KEY_LEAST &&
	       (unsigned)r->small + r->large + r->digit >= 2;
}

static void hide(struct tracer *t, size_t from, size_t end)
{
	t->sink->hide(t->sink->context, from, end - from);
}

/* Each key that begins near behind a word, in so many lines. */
static void suspect(struct tracer *t, size_t from, unsigned lines)
{
	size_t at = from;

	while (at < t->text.n && at - from < SUSPECT_MAX && lines) {
		struct run r = run_at(t, at);

		if (r.end == at) {
			lines -= t->text.p[at++] == '\n';
			continue;
		}
		if (looks_like_key(&r))
			hide(t, at, r.end);
		at = r.end;
	}
}

/* ---- whole words ---- */

static bool is_between(const struct tracer *t, size_t at)
{
	uint8_t c = at < t->text.n ? t->text.p[at] : 'a';

	return !is_of_key(c) || c == '=';
}

/* The key that is next, if nothing but signs, ends of lines and one letter too
 * many part it from its word; `quoted`: and a quote. */
static void look_behind(struct tracer *t, size_t from, bool quoted)
{
	size_t at = from;
	unsigned broken = 0;
	bool letter = false;
	struct run r;

	while (at - from < BETWEEN_MAX) {
		size_t next = behind_break(t, at);

		if (next != at && ++broken > BROKEN_MAX)
			return;
		if (!is_between(t, at)) {
			if (letter || !is_between(t, at + 1))
				break;
			letter = true;
		}
		quoted &= t->text.p[at] != '"' && t->text.p[at] != '\'';
		at = next != at ? next : at + 1;
	}
	r = run_at(t, at);
	if (!quoted && looks_like_key(&r))
		hide(t, at, r.end);
}

static size_t end_of_line(const struct tracer *t, size_t at)
{
	while (at < t->text.n && !is_end(t, at))
		at++;
	return at;
}

/* The last word of a line, where it goes on in the next. */
static void look_at_last(struct tracer *t, size_t end)
{
	size_t at = end;
	struct run r;

	while (at && is_of_key(t->text.p[at - 1]))
		at--;
	r = run_at(t, at);
	if (r.end > end && looks_like_key(&r))
		hide(t, at, r.end);
}

/* Others know "Authorization: SCHEME value".  A header that has no more than a
 * scheme in its line goes on in the next, whatever that begins with. */
static void look_at_header(struct tracer *t, size_t end)
{
	size_t at = end, blank;
	struct slice value;

	while (is_blank(t, at))
		at++;
	value = slice_trim(slice_cut(t->text, at, end_of_line(t, at) - at));
	if (!slice_starts(value, SLICE(":"))) {
		suspect(t, end, value.n ? 1 : SUSPECT_LINES);
		return;
	}
	value = slice_trim(slice_from(value, 1));
	if (slice_find(value, ' ', &blank))
		look_at_last(t, end_of_line(t, at));
	else
		suspect(t, end, value.n > SCHEME_MAX ? 1 : 2);
}

/* Does the line of a candidate tell a transport, as in all grammars but
 * [MS-ICE], where a password stands in its place? */
static bool is_open_candidate(const struct tracer *t, size_t at)
{
	unsigned blanks = 0;

	for (; at < t->text.n && blanks < 2; at++)
		if (t->text.p[at] == '\r' || t->text.p[at] == '\n')
			return false;
		else
			blanks += t->text.p[at] == ' ';
	return slice_starts_nocase(slice_from(t->text, at), "udp") ||
	       slice_starts_nocase(slice_from(t->text, at), "tcp");
}

/* A line of SDP as it should be, which others know. */
static bool is_line(const struct tracer *t, size_t from, size_t end)
{
	struct slice before = slice_first(t->text, from);
	uint8_t first = from > 2 ? before.p[from - 3] : ' ';

	return (first == ' ' || first == '\t' || first == '\n') && from > 1 &&
	       slice_equal(slice_from(before, from - 2), SLICE("a=")) &&
	       slice_starts(slice_from(t->text, end), SLICE(":"));
}

/* Are there words enough in a line? */
static bool has_blanks(const struct tracer *t, size_t at, unsigned count)
{
	size_t end = end_of_line(t, at);

	for (; at < end && count; at++)
		count -= t->text.p[at] == ' ';
	return count == 0;
}

static void look_at_candidate(struct tracer *t, size_t from, size_t end)
{
	struct slice before = slice_first(t->text, from);
	bool is_other = slice_equal(slice_from(before, from < 3 ? 0 : from - 3),
				    SLICE("of-")) ||
			slice_equal(slice_from(before, from < 4 ? 0 : from - 4),
				    SLICE("ote-")) ||
			/* a=x-candidate-info of [MS-SDPEXT] */
			slice_starts(slice_from(t->text, end),
				     SLICE("-info:"));

	if (is_other)
		return;
	if (is_line(t, from, end) && has_blanks(t, end, 3))
		return;
	if (!is_open_candidate(t, end))
		suspect(t, end, SUSPECT_LINES);
}

static void take_whole(struct tracer *t, const struct trace_row *row,
		       size_t end, bool torn)
{
	if (torn) {
		suspect(t, end, SUSPECT_LINES);
		return;
	}
	switch (row->kind) {
	case TRACE_VALUE:
		look_behind(t, end, false);
		break;
	case TRACE_HEADER:
		look_at_header(t, end);
		break;
	case TRACE_SDP:
		look_at_candidate(t, end - strlen(row->word), end);
		break;
	case TRACE_ONLY:
		look_behind(t, end, true);
		break;
	case TRACE_TORN:
		if (is_end(t, end))
			look_behind(t, end, false);
		break;
	}
}

/* Words of one lane that end here; `broken` is behind the last end of a line.
 */
static void take_lane(struct tracer *t, const struct lanes *l, unsigned lane,
		      struct found found, size_t broken)
{
	for (unsigned bit = 0; bit < LANE_BITS; bit++) {
		const struct trace_row *row = &trace_rows[l->row[lane][bit]];

		if (found.whole >> bit & 1)
			take_whole(t, row, found.end,
				   broken + strlen(row->word) > found.end &&
					   broken);
		if (found.damaged >> bit & 1 && row->kind != TRACE_TORN)
			suspect(t, found.end - 1, SUSPECT_LINES);
	}
}

void secret_traces_find(struct slice text, const struct secret_sink *sink)
{
	struct tracer t = {text, sink};
	struct progress p[LANES] = {{0}};
	size_t broken = 0;
	struct lanes l;

	lanes_init(&l);
	for (size_t at = 0; at < text.n; at++) {
		size_t next = behind_break(&t, at);

		if (next != at) {
			broken = next;
			at = next - 1;
			continue;
		}
		for (unsigned lane = 0; lane < LANES; lane++) {
			struct found found =
				step(&l, lane, text.p[at], &p[lane]);

			found.end = at + 1;
			if (found.whole | found.damaged)
				take_lane(&t, &l, lane, found, broken);
		}
	}
}
