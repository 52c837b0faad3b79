/*
 * SIP start lines: what they hold, and whether bytes could be one (RFC 3261
 * 7.1, 7.2, 25.1; RFC 4475 for what is met in the wild).
 */
#include "config.h"

#include "dissectors/sip_parts.h"

#define STATUS_MAX 999u

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* "SIP/" digit "." digit, in any case; 0 or its size. */
static size_t version_size(struct slice s)
{
	if (s.n < 7 || !slice_starts_nocase(s, "SIP/") || !is_digit(s.p[4]) ||
	    s.p[5] != '.' || !is_digit(s.p[6]))
		return 0;
	return 7;
}

static void check_version(struct decoding *d, struct slice version)
{
	if (version.p[4] != '2' || version.p[6] != '0')
		sip_find(d, SIP_RULE_VERSION, version);
}

/* Digits to a status; more than three of them saturate. */
static unsigned status_of(struct slice digits)
{
	uint64_t status;

	if (slice_number(digits, STATUS_MAX, &status) != STATUS_OK)
		return STATUS_MAX;
	return (unsigned)status;
}

/* `line` starts with a version. */
static bool read_status_line(struct slice line, struct sip_message *m,
			     struct decoding *d)
{
	struct slice rest = slice_from(line, 7), code;
	size_t n = 0;

	if (rest.n < 2 || rest.p[0] != ' ' || !is_digit(rest.p[1]))
		return false;
	rest = slice_from(rest, 1);
	while (n < rest.n && is_digit(rest.p[n]))
		n++;
	code = slice_first(rest, n);
	rest = slice_from(rest, n);
	if (rest.n && rest.p[0] != ' ')
		return false;
	m->request = false;
	m->version = slice_first(line, 7);
	m->status = status_of(code);
	m->reason = slice_from(rest, 1);
	check_version(d, m->version);
	if (code.n != 3 || m->status < 100 || m->status > 699)
		sip_find(d, SIP_RULE_STATUS, code);
	else if (rest.n == 0)
		sip_find(d, SIP_RULE_REASON_SPACE, line);
	return true;
}

/* The version at the end of a request line, after a blank. */
static bool cut_version(struct slice *rest, struct slice *version)
{
	struct slice s = *rest;
	size_t at = s.n;

	while (at && s.p[at - 1] != ' ')
		at--;
	*version = slice_from(s, at);
	if (at < 2 || version->n != 7 || version_size(*version) == 0)
		return false;
	*rest = slice_first(s, at - 1);
	return true;
}

static bool read_request_line(struct slice line, struct sip_message *m,
			      struct decoding *d)
{
	struct slice rest, uri;
	size_t n = 0, at;
	bool loose = false;

	while (n < line.n && sip_is_token_byte(line.p[n]))
		n++;
	if (n == 0 || n >= line.n || line.p[n] != ' ')
		return false;
	rest = slice_trim(slice_from(line, n + 1));
	loose = n + 1 + rest.n != line.n;
	if (!cut_version(&rest, &m->version))
		return false;
	uri = slice_trim(rest);
	if (uri.n == 0 || slice_find(uri, 0, &at))
		return false;
	/* Blanks in the URI are met, but then it should look like one. */
	if (slice_find(uri, ' ', &at) && !slice_find(uri, ':', &at))
		return false;
	m->request = true;
	m->method_text = slice_first(line, n);
	m->method = sip_method_of(m->method_text);
	m->request_uri = uri;
	check_version(d, m->version);
	if (loose || uri.n != rest.n)
		sip_find(d, SIP_RULE_START_LINE, line);
	return true;
}

bool sip_start_line_read(struct slice line, struct sip_message *m,
			 struct decoding *d)
{
	m->start_line = line;
	if (version_size(line))
		return read_status_line(line, m, d);
	return read_request_line(line, m, d);
}

/* Could a line that has not ended become a start line? */
static bool may_become(struct slice line)
{
	size_t n = 0;

	if (line.n < 7 && slice_equal_nocase(slice_first(line, 4),
					     slice_first(SLICE("SIP/"),
							 line.n)))
		return true;
	if (version_size(line))
		return line.n == 7 || line.p[7] == ' ';
	while (n < line.n && sip_is_token_byte(line.p[n]))
		n++;
	return n == line.n || (n > 0 && line.p[n] == ' ');
}

enum claim sip_claims(struct slice first, bool stream)
{
	struct sip_message m;
	size_t at = 0;
	bool ended;

	while (at < first.n && (first.p[at] == '\r' || first.p[at] == '\n'))
		at++;
	first = slice_from(first, at);
	if (first.n == 0)
		return stream ? CLAIM_MAYBE : CLAIM_NO;
	if (!sip_is_token_byte(first.p[0]))
		return CLAIM_NO;
	ended = slice_find(first, '\n', &at);
	if (ended)
		first = slice_first(first, at);
	if (first.n && first.p[first.n - 1] == '\r')
		first.n--;
	if (!ended && stream)
		return may_become(first) ? CLAIM_MAYBE : CLAIM_NO;
	return sip_start_line_read(first, &m, NULL) ? CLAIM_SURE : CLAIM_NO;
}

bool sip_is_keepalive(struct slice bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i] != '\r' && bytes.p[i] != '\n' &&
		    bytes.p[i] != ' ' && bytes.p[i] != 0)
			return false;
	return bytes.n > 0;
}

bool sip_find_start(struct slice stream, size_t *at)
{
	size_t from = 0, step;

	while (slice_find(slice_from(stream, from), '\n', &step)) {
		struct slice rest;

		from += step + 1;
		rest = slice_from(stream, from);
		if (rest.n && rest.p[0] > ' ' &&
		    sip_claims(rest, true) == CLAIM_SURE) {
			*at = from;
			return true;
		}
	}
	return false;
}
