/* Words beside which secrets stand. */
#include "config.h"

#include <string.h>

#include "report/secret_traces.h"
#include "report/secret_words.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* A tag that is longer than that is none. */
#define TAG_MAX 256u
/* Words that are shorter must stand as they are. */
#define DAMAGED_LEAST 6u
/* Blanks and quotes between a word and what parts it from its value. */
#define BETWEEN_MAX 4u

struct finder {
	struct slice text;
	const struct secret_sink *sink;
};

static void hide(struct finder *f, size_t from, size_t n)
{
	if (n)
		f->sink->hide(f->sink->context, from, n);
}

static bool is_one_of(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Is it this word, in any case, with one wrong byte at most? */
static bool is_word_of(struct slice s, const char *word, size_t n)
{
	unsigned wrong = 0, allowed = n >= DAMAGED_LEAST;

	if (s.n < n)
		return false;
	for (size_t i = 0; i < n && wrong <= allowed; i++)
		wrong += lower(s.p[i]) != (uint8_t)word[i];
	return wrong <= allowed;
}

static bool is_word(struct slice s, const char *word)
{
	return is_word_of(s, word, strlen(word));
}

/* The end of the value that begins here. */
static size_t until(const struct finder *f, size_t from, const char *set)
{
	while (from < f->text.n && !is_one_of(f->text.p[from], set))
		from++;
	return from;
}

static size_t behind(const struct finder *f, size_t from, const char *set)
{
	while (from < f->text.n && is_one_of(f->text.p[from], set))
		from++;
	return from;
}

static size_t end_of_line(const struct finder *f, size_t from)
{
	return until(f, from, "\r\n");
}

/* ---- SDP ---- */

static void hide_to(struct finder *f, size_t from, size_t end)
{
	if (from < end)
		hide(f, from, end - from);
}

/* Keys are longer than that, words of a line that follows are seldom. */
#define WRAPPED_LEAST 16u

static bool is_of_key(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || is_one_of(c, "+/");
}

static size_t end_of_key(const struct finder *f, size_t at)
{
	while (at < f->text.n && is_of_key(f->text.p[at]))
		at++;
	return at;
}

/* Where the next line begins; `from` if none does there. */
static size_t next_line(const struct finder *f, size_t from)
{
	size_t at = behind(f, from, "\r\n");

	return at - from > 4 ? from : behind(f, at, " \t");
}

/* Behind a word that ends its line, in a log that wraps: where its value
 * begins in the next one, also behind the rest of that word; `from` where none
 * does. */
static size_t wrapped(const struct finder *f, size_t from)
{
	size_t at = next_line(f, from), end = end_of_key(f, at);

	if (at == from)
		return from;
	if (end < f->text.n && f->text.p[end] == ':') {
		at = end + 1;
		end = end_of_key(f, at);
	}
	return end - at >= WRAPPED_LEAST ? at : from;
}

/* What is left of a key in a line that follows is not shorter, where it does
 * not end as keys do. */
#define REST_LEAST 6u
#define REST_LINES 64u

/* Is it the rest of a key, from `at` to before `end`?  A line that has nothing
 * else is none of SIP, SDP or XML. */
static bool is_rest(const struct finder *f, size_t at, size_t end)
{
	uint8_t c = end < f->text.n ? f->text.p[end] : '\n';

	if (end == at)
		return false;
	return is_one_of(c, "\r\n\"<|") ||
	       (end - at >= REST_LEAST && is_one_of(c, " \t';,&"));
}

/* Hides a value, also where a log wraps it over lines. */
static void hide_on(struct finder *f, size_t from, size_t end)
{
	if (from < end)
		hide(f, from, end - from);
	for (unsigned i = 0; i < REST_LINES; i++) {
		size_t at = next_line(f, end), to = end_of_key(f, at);

		to = behind(f, to, "=");
		if (at == end || !is_rest(f, at, to))
			return;
		hide(f, at, to - at);
		end = to;
	}
}

/* The word of this number in a line; false: there are fewer. */
static bool word_of(const struct finder *f, size_t from, size_t end,
		    unsigned number, struct slice *word)
{
	struct slice rest = slice_cut(f->text, from, end - from);

	for (unsigned i = 0; i <= number; i++) {
		size_t n = 0;

		while (rest.n && is_one_of(rest.p[0], " \t"))
			rest = slice_from(rest, 1);
		while (n < rest.n && !is_one_of(rest.p[n], " \t"))
			n++;
		*word = slice_first(rest, n);
		rest = slice_from(rest, n);
	}
	return word->n > 0;
}

/* "a=crypto:1 SUITE inline:KEY|...": where the keys cannot be told, all behind
 * the suite. */
static void hide_keys(struct finder *f, size_t from, size_t end)
{
	struct slice word, line = slice_cut(f->text, from, end - from);
	size_t at = from, from_next;
	bool any = false;

	while (at < end) {
		struct slice rest = slice_cut(f->text, at, end - at);

		if (slice_starts_nocase(rest, "inline:")) {
			size_t key = wrapped(f, at + strlen("inline:"));

			at = until(f, key, "|; \t\r\n");
			hide_on(f, key, at);
			any = true;
		} else {
			at++;
		}
	}
	if (any)
		return;
	from_next = wrapped(f, end);
	if (from_next != end)
		hide_on(f, from_next, end_of_key(f, from_next));
	if (word_of(f, from, end, 2, &word) || word_of(f, from, end, 1, &word))
		hide_to(f, from + (size_t)(word.p - line.p), end);
}

/* RFC 8839 5.4: a password has 22 signs or more; so what lost a letter, too. */
#define PASSWORD_LEAST 22u

static bool is_transport(struct slice word)
{
	return slice_starts_nocase(word, "udp") ||
	       slice_starts_nocase(word, "tcp");
}

static bool is_number(struct slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return word.n > 0;
}

/* The third word of a candidate is a password in [MS-ICE], and the transport
 * in later grammars; where the second is no component, or the third too short,
 * any behind the first may be. */
static void hide_in_candidate(struct finder *f, size_t from, size_t end)
{
	struct slice second, third, word;

	if (!word_of(f, from, end, 1, &second) ||
	    !word_of(f, from, end, 2, &third))
		return;
	if (!is_transport(third))
		hide(f, (size_t)(third.p - f->text.p), third.n);
	if (is_number(second) &&
	    (is_transport(third) || third.n >= PASSWORD_LEAST))
		return;
	for (unsigned i = 1; word_of(f, from, end, i, &word); i++)
		if (word.n >= PASSWORD_LEAST)
			hide(f, (size_t)(word.p - f->text.p), word.n);
}

/* "k=clear:KEY", or whatever became of it. */
static void hide_in_k(struct finder *f, size_t from, size_t end)
{
	size_t colon = until(f, from, ":\r\n");

	if (slice_is_nocase(slice_cut(f->text, from, end - from), "prompt"))
		return;
	hide_to(f, colon < end ? colon + 1 : from, end);
}

static void hide_password(struct finder *f, size_t from, size_t end)
{
	size_t next = from == end ? wrapped(f, from) : from;

	hide_on(f, next, next == from ? end : until(f, next, " \t\r\n"));
}

static void hide_in_ice(struct finder *f, size_t from, size_t end)
{
	size_t colon = until(f, from, ":\r\n");

	if (colon < end && end - colon > PASSWORD_LEAST)
		hide_on(f, colon + 1, end);
}

/* A line of SDP, from behind its '='. */
static void look_at_sdp(struct finder *f, size_t from)
{
	struct slice rest = slice_from(f->text, from);
	size_t end = end_of_line(f, from);

	if (is_word(rest, "ice-pwd"))
		hide_password(f, from + strlen("ice-pwd") + 1, end);
	else if (slice_starts_nocase(rest, "ice-p") ||
		 slice_starts_nocase(rest, "ic-p"))
		hide_in_ice(f, from, end);
	else if (is_word(rest, "crypto"))
		hide_keys(f, from, end);
	else if (is_word(rest, "candidate"))
		hide_in_candidate(f, from, end);
	else if (is_word(rest, "key-mgmt") ||
		 is_word(rest, "3gpp-integrity-key"))
		hide_to(f, until(f, from, ": \r\n") + 1, end);
	else if (lower(f->text.p[from - 2]) == 'k')
		hide_in_k(f, from, end);
}

/* A letter and '=' where a line or a word begins; also in a string of JSON,
 * whose line ends are "\r\n" in four letters. */
static bool begins_sdp(const struct finder *f, size_t at)
{
	if (at < 1 || !is_letter(f->text.p[at - 1]))
		return false;
	return at < 2 || is_one_of(f->text.p[at - 2], " \t\r\n");
}

/* ---- credentials in headers ---- */

/* What is no secret in them. */
static bool is_open(struct slice name)
{
	static const char *const names[] = {
		"realm",    "nonce",           "uri",       "qop",
		"username", "algorithm",       "opaque",    "cnonce",
		"nc",       "targetname",      "version",   "crand",
		"cnum",     "srand",           "snum",      "epid",
		"sts-uri",  "domain",          "stale",     "userhash",
		"charset",  "trusted_issuers", "client_id", "authorization_uri",
	};

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (slice_is_nocase(name, names[i]))
			return true;
	return false;
}

/* A header goes on in lines that begin with a blank. */
static size_t end_of_header(const struct finder *f, size_t from)
{
	for (;;) {
		size_t end = end_of_line(f, from);
		size_t next = end;

		next += next < f->text.n && f->text.p[next] == '\r';
		next += next < f->text.n && f->text.p[next] == '\n';
		if (next == end || next >= f->text.n ||
		    !is_one_of(f->text.p[next], " \t"))
			return end;
		from = next;
	}
}

/* The value of a parameter; behind it goes on what is next. */
static size_t value_end(const struct finder *f, size_t from, size_t end,
			size_t *n)
{
	bool quoted = from < end && f->text.p[from] == '"';
	size_t to = quoted ? until(f, from + 1, "\"") : until(f, from, ", \t");

	to = to < end ? to : end;
	*n = to - from - quoted;
	return quoted && to < end ? to + 1 : to;
}

/* A word, or a parameter; its end. */
static size_t look_at_credential(struct finder *f, size_t from, size_t end,
				 bool scheme)
{
	size_t to = until(f, from, "=, \t\r\n"), value = to + 1, n;
	bool quoted;

	if (to >= end || f->text.p[to] != '=') {
		to = to < end ? to : end;
		if (!scheme)
			hide_to(f, from, to);
		return to;
	}
	value = behind(f, value, " \t");
	value = value < end ? value : end;
	quoted = value < end && f->text.p[value] == '"';
	to = value_end(f, value, end, &n);
	if (is_open(slice_cut(f->text, from, until(f, from, "=") - from)))
		return to;
	/* The signs at the end of base64. */
	if (!quoted && (n == 0 || f->text.p[value] == '='))
		hide_to(f, from, to);
	else
		hide_on(f, value + quoted, value + quoted + n);
	return to;
}

static void look_at_credentials(struct finder *f, size_t from)
{
	size_t end = end_of_header(f, from);
	bool scheme = true;

	while ((from = behind(f, from, ", \t\r\n\"")) < end) {
		from = look_at_credential(f, from, end, scheme);
		scheme = false;
	}
}

/* ---- words ---- */

enum word_kind {
	WORD_ANY,    /* password: x, password=x, "password":"x", <password>x */
	WORD_MARKED, /* but not behind a bare colon, as of free text */
	WORD_HEADER, /* to the end of the line */
	WORD_AUTH,   /* credentials */
	WORD_TAG,    /* in tags alone */
};

#define ROW(word, kind)                      \
	{                                    \
		word, sizeof(word) - 1, kind \
	}

static const struct word_row {
	const char *word;
	size_t n;
	enum word_kind kind;
} word_rows[] = {
	ROW("password", WORD_ANY),     ROW("passwd", WORD_ANY),
	ROW("pwd", WORD_ANY),          ROW("secret", WORD_ANY),
	ROW("credential", WORD_ANY),   ROW("inline", WORD_ANY),
	ROW("token", WORD_MARKED),     ROW("ticket", WORD_MARKED),
	ROW("assertion", WORD_MARKED), ROW("response", WORD_MARKED),
	ROW("rspauth", WORD_MARKED),   ROW("gssapi-data", WORD_ANY),
	ROW("mac_key", WORD_MARKED),   ROW("webticket", WORD_HEADER),
	ROW("cookie", WORD_HEADER),    ROW("authorization", WORD_AUTH),
	ROW("ciphervalue", WORD_TAG),  ROW("signaturevalue", WORD_TAG),
	ROW("auth", WORD_TAG),
};

/* The row of a word that ends here; a plural is the same word. */
static const struct word_row *row_before(const struct finder *f, size_t end)
{
	for (size_t i = 0; i < ELEMENTS(word_rows); i++) {
		size_t n = word_rows[i].n;

		for (size_t s = 0; s < 2; s++) {
			size_t at = end - s;

			if (s && lower(f->text.p[at]) != 's')
				continue;
			if (at >= n && is_word_of(slice_cut(f->text, at - n, n),
						  word_rows[i].word, n))
				return &word_rows[i];
			if (end == 0)
				break;
		}
	}
	return NULL;
}

/* Behind "word=", "word": quotes end it that begin it. */
static void hide_value(struct finder *f, size_t from)
{
	static const char set[] = " \t\r\n\"'\\<>&;,|}";
	uint8_t quote = 0;

	for (; from < f->text.n && is_one_of(f->text.p[from], " \t\"'\\:=");
	     from++)
		if (is_one_of(f->text.p[from], "\"'"))
			quote = f->text.p[from];
	from = quote ? from : wrapped(f, from);
	/* An empty one, in quotes. */
	if (quote && from > 1 && f->text.p[from - 1] == quote &&
	    f->text.p[from - 2] == quote)
		return;
	hide_on(f, from,
		until(f, from,
		      quote == '\'' ? "'\\\r\n"
		      : quote       ? "\"\\\r\n"
				    : set));
}

/* Is a word before a bare colon one of a header, "X-Auth-Token:"? */
static bool is_marked(const struct finder *f, size_t word, size_t at,
		      size_t end)
{
	return f->text.p[at] == '=' || end < at ||
	       (word > 0 && f->text.p[word - 1] == '-');
}

static void look_at_word(struct finder *f, size_t at)
{
	const struct word_row *row;
	size_t end = at;

	while (end && at - end < BETWEEN_MAX &&
	       is_one_of(f->text.p[end - 1], " \t\"'\\"))
		end--;
	row = row_before(f, end);
	if (!row || row->kind == WORD_TAG)
		return;
	if (row->kind == WORD_AUTH)
		look_at_credentials(f, at + 1);
	else if (row->kind == WORD_HEADER)
		hide_to(f, behind(f, at + 1, " \t"), end_of_line(f, at));
	else if (row->kind == WORD_ANY || is_marked(f, end - row->n, at, end))
		hide_value(f, at + 1);
}

/* ---- tags ---- */

/* "<m:password x='1'>": where its name ends; 0: it is none, or ends one. */
static size_t name_of_tag(const struct finder *f, size_t at)
{
	size_t from = at, end;

	while (from && at - from < TAG_MAX && f->text.p[from - 1] != '<' &&
	       f->text.p[from - 1] != '>')
		from--;
	/* What lost its '<' is known by the word right before. */
	if (from == 0 || f->text.p[from - 1] != '<')
		return at;
	if (from < at && (f->text.p[from] == '/' || f->text.p[at - 1] == '/'))
		return 0;
	end = until(f, from, " \t\r\n>");
	return end < at ? end : at;
}

static void look_at_tag(struct finder *f, size_t at)
{
	static const char cdata[] = "<![CDATA[";
	size_t end = name_of_tag(f, at), from;

	if (end == 0 || !row_before(f, end))
		return;
	from = behind(f, at + 1, " \t\r\n");
	if (slice_starts_nocase(slice_from(f->text, from), cdata))
		from += strlen(cdata);
	hide_on(f, from, until(f, from, " \r\n<"));
}

/* ---- what lost its beginning ---- */

#define TAIL_LEAST 6u

/* The rest of a key in front of what follows keys alone. */
static void hide_before(struct finder *f, size_t end)
{
	size_t from = end;

	while (from &&
	       (is_of_key(f->text.p[from - 1]) || f->text.p[from - 1] == '='))
		from--;
	if (end - from >= TAIL_LEAST)
		hide(f, from, end - from);
}

/* "...KEY|2^31|1:1" (RFC 4568 6.1), of a log that begins in the middle. */
static void look_at_lifetime(struct finder *f, size_t at)
{
	if (slice_starts(slice_from(f->text, at), SLICE("|2^")))
		hide_before(f, at);
}

/* "...KEY</password>". */
static void look_at_end_tag(struct finder *f, size_t at)
{
	size_t from = at;

	while (from && at - from < TAG_MAX && f->text.p[from] != '<')
		from--;
	if (f->text.p[from] == '<' && from + 1 < at &&
	    f->text.p[from + 1] == '/' && row_before(f, at))
		hide_before(f, from);
}

/* ---- percent-encoding ---- */

/* The byte that "%3A" stands for; 0: it stands for none. */
static uint8_t percent_at(const struct finder *f, size_t at)
{
	unsigned high, low;

	if (at + 2 >= f->text.n || f->text.p[at] != '%')
		return 0;
	high = hex_digit(f->text.p[at + 1]);
	low = hex_digit(f->text.p[at + 2]);
	return high != HEX_NONE && low != HEX_NONE
		       ? (uint8_t)(high << 4 | low)
		       : 0;
}

/* To the first byte, encoded or not, that is one of the set. */
static size_t until_percent(const struct finder *f, size_t from,
			    const char *set)
{
	while (from < f->text.n) {
		uint8_t c = percent_at(f, from);

		if (is_one_of(c ? c : f->text.p[from], set))
			break;
		from += c ? 3 : 1;
	}
	return from < f->text.n ? from : f->text.n;
}

/* Behind "password%3D", "ice-pwd%3A", "%3Cpassword%3E". */
static void look_at_percent(struct finder *f, size_t at)
{
	static const char quotes[] = " \t\"'\\";
	uint8_t sign = percent_at(f, at);
	const struct word_row *row;
	size_t end = at, from = at + 3;

	if (!sign || !is_one_of(sign, ":=>"))
		return;
	while (end >= 3 && is_one_of(percent_at(f, end - 3), quotes))
		end -= 3;
	row = row_before(f, end);
	if (!row || (row->kind == WORD_TAG && sign != '>'))
		return;
	while (is_one_of(percent_at(f, from), quotes))
		from += 3;
	hide_to(f, from,
		until_percent(f, from,
			      row->kind == WORD_AUTH || row->kind == WORD_HEADER
				      ? "\r\n"
				      : " \t\r\n\"'<>&;,|}"));
}

void secret_words_find(struct slice text, const struct secret_sink *sink)
{
	struct finder f = {text, sink};

	secret_traces_find(text, sink);
	for (size_t at = 0; at < text.n; at++) {
		switch (text.p[at]) {
		case '=':
			if (begins_sdp(&f, at))
				look_at_sdp(&f, at + 1);
			look_at_word(&f, at);
			break;
		case ':':
			look_at_word(&f, at);
			break;
		case '>':
			look_at_tag(&f, at);
			look_at_end_tag(&f, at);
			break;
		case '|':
			look_at_lifetime(&f, at);
			break;
		case '%':
			look_at_percent(&f, at);
			break;
		default:
			break;
		}
	}
}
