/* What stands in the lines of logs (spec "capture-formats" 4). */
#include "config.h"

#include "capture/log_scan.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool scan_char(struct slice *s, char c)
{
	if (s->n == 0 || s->p[0] != (uint8_t)c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

void scan_blanks(struct slice *s)
{
	while (s->n && is_blank(s->p[0]))
		*s = slice_from(*s, 1);
}

bool scan_digits(struct slice *s, unsigned n, int *out)
{
	int value = 0;

	if (s->n < n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	*s = slice_from(*s, n);
	*out = value;
	return true;
}

bool scan_hex(struct slice *s)
{
	size_t n = 0;

	while (n < s->n &&
	       (is_digit(s->p[n]) || (s->p[n] >= 'A' && s->p[n] <= 'F') ||
		(s->p[n] >= 'a' && s->p[n] <= 'f')))
		n++;
	*s = slice_from(*s, n);
	return n > 0;
}

bool scan_capitals(struct slice *s, struct slice *word)
{
	size_t n = 0;

	while (n < s->n &&
	       ((s->p[n] >= 'A' && s->p[n] <= 'Z') || s->p[n] == '_'))
		n++;
	*word = slice_first(*s, n);
	*s = slice_from(*s, n);
	return n > 0;
}

/* ---- addresses ---- */

static bool is_host(struct slice s)
{
	if (s.n == 0 || s.n > 255)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '.' &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

bool end_of(struct slice word, struct endpoint *out)
{
	size_t colon = word.n;
	struct slice host;
	uint64_t port;

	while (colon && word.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || slice_number(slice_from(word, colon), UINT16_MAX,
				      &port) != STATUS_OK)
		return false;
	host = slice_first(word, colon - 1);
	if (endpoint_parse(host, (uint16_t)port, out) == STATUS_OK)
		return true;
	if (!is_host(host))
		return false;
	*out = endpoint_of_name(host, (uint16_t)port);
	return true;
}

struct slice scan_word(struct slice *s)
{
	struct slice word;
	size_t n = 0;

	while (s->n && s->p[0] <= ' ')
		*s = slice_from(*s, 1);
	while (n < s->n && s->p[n] > ' ')
		n++;
	word = slice_first(*s, n);
	*s = slice_from(*s, n);
	return word;
}

bool find_end(struct slice *line, struct endpoint *out)
{
	while (line->n) {
		struct slice word = scan_word(line);

		while (word.n && (word.p[0] == '(' || word.p[0] == '<'))
			word = slice_from(word, 1);
		while (word.n &&
		       (word.p[word.n - 1] == ')' ||
			word.p[word.n - 1] == ',' ||
			word.p[word.n - 1] == '>' || word.p[word.n - 1] == ':'))
			word.n--;
		if (end_of(word, out) && out->family != FAMILY_NAME)
			return true;
	}
	return false;
}

/* ---- SIP ---- */

static bool is_token_char(uint8_t c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("-.!%*_+`'~", c));
}

static size_t token_of(struct slice s)
{
	size_t n = 0;

	while (n < s.n && is_token_char(s.p[n]))
		n++;
	return n;
}

/* A word, and no number of a line in front of another. */
static bool is_method(struct slice s)
{
	size_t n = 0;

	while (n < s.n && !is_letter(s.p[n]))
		n++;
	return n < s.n && s.n <= 32;
}

static bool is_response(struct slice line)
{
	int status;

	if (!slice_starts(line, SLICE("SIP/2.0 ")))
		return false;
	line = slice_from(line, 8);
	return scan_digits(&line, 3, &status) && status >= 100 &&
	       (line.n == 0 || is_blank(line.p[0]));
}

bool is_sip_start(struct slice line)
{
	size_t method = token_of(line), colon, at;

	if (is_response(line))
		return true;
	line = slice_trim(line);
	if (!is_method(slice_first(line, method)) || line.n < method + 10 ||
	    line.p[method] != ' ' ||
	    !slice_is(slice_from(line, line.n - 8), " SIP/2.0"))
		return false;
	line = slice_cut(line, method + 1, line.n - method - 9);
	return slice_find(line, ':', &colon) && colon > 0 &&
	       !slice_find(line, '\t', &at);
}

bool is_field(struct slice line)
{
	size_t n = token_of(line);

	while (n < line.n && is_blank(line.p[n]))
		n++;
	return n > 0 && n < line.n && line.p[n] == ':';
}

bool field_value(struct slice line, const char *name, struct slice *value)
{
	size_t n = strlen(name);

	if (!slice_starts_nocase(line, name))
		return false;
	line = slice_from(line, n);
	scan_blanks(&line);
	if (!scan_char(&line, ':'))
		return false;
	*value = slice_trim(line);
	return true;
}

/* ---- words ---- */

bool find_word(struct slice s, const char *word, size_t *at)
{
	size_t n = strlen(word);

	for (size_t i = 0; n && i + n <= s.n; i++)
		if (slice_starts_nocase(slice_from(s, i), word)) {
			*at = i;
			return true;
		}
	return false;
}

bool has_word(struct slice s, const char *word)
{
	size_t at;

	return find_word(s, word, &at);
}

/* "ICE" as a word of its own, or as the front of one in capitals. */
static bool names_ice(struct slice line)
{
	size_t at;

	while (slice_search(line, SLICE("ICE"), &at)) {
		bool before = at > 0 && is_letter(line.p[at - 1]);
		bool behind = at + 3 < line.n && is_letter(line.p[at + 3]);

		if (!before && !behind)
			return true;
		line = slice_from(line, at + 3);
	}
	return false;
}

bool is_evidence(struct slice line)
{
	static const char *const words[] = {
		"MR-INFO", "MR-WARN",    "MR-ERROR", "MediaStackErrorCode",
		"ICEWarn", "MrDns",      "MRAS",     "onnectivity check",
		"TURN ",   "edia relay", "andidate",
	};
	size_t at;

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (slice_search(line, slice_of_text(words[i]), &at))
			return true;
	return names_ice(line);
}

enum record_transport transport_of_word(struct slice word)
{
	static const struct {
		const char *word;
		enum record_transport transport;
	} rows[] = {
		{"udp", RECORD_UDP}, {"tcp", RECORD_TCP}, {"tls", RECORD_TLS},
		{"ws", RECORD_WS},   {"wss", RECORD_WSS}, {"sctp", RECORD_SCTP},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (slice_is_nocase(word, rows[i].word))
			return rows[i].transport;
	return RECORD_UNKNOWN;
}
