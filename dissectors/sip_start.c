/*
 * SIP start lines: what they hold, and whether bytes could be one (RFC 3261
 * 7.1, 7.2, 25.1; RFC 4475 for what is met in the wild).
 */
#include "config.h"

#include "dissectors/sip_parts.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* How many bytes at the front are "SIP/" 1*digit "." 1*digit, in any case. */
static size_t version_size(struct slice s)
{
	size_t n = 4, dot;

	if (s.n < 7 || (s.p[0] | 0x20) != 's' || (s.p[1] | 0x20) != 'i' ||
	    (s.p[2] | 0x20) != 'p' || s.p[3] != '/')
		return 0;
	while (n < s.n && is_digit(s.p[n]))
		n++;
	dot = n++;
	if (dot == 4 || dot >= s.n || s.p[dot] != '.')
		return 0;
	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n > dot + 1 ? n : 0;
}

/* A string, not two numbers: "02.00" is another version (RFC 3261 7.1). */
static void check_version(struct decoding *d, struct slice version)
{
	if (version.n != 7 || version.p[4] != '2' || version.p[6] != '0')
		sip_find(d, SIP_RULE_VERSION, version);
}

/* `line` starts with a version. */
static enum status read_status_line(struct slice line, struct sip_message *m,
				    struct decoding *d)
{
	struct slice rest, code;
	uint64_t status;
	size_t n = 0;

	m->version = slice_first(line, version_size(line));
	rest = slice_from(line, m->version.n);
	if (rest.n < 2 || rest.p[0] != ' ' || !is_digit(rest.p[1]))
		return STATUS_NOT_MINE;
	rest = slice_from(rest, 1);
	while (n < rest.n && is_digit(rest.p[n]))
		n++;
	code = slice_first(rest, n);
	rest = slice_from(rest, n);
	m->request = false;
	m->reason = slice_from(rest, 1);
	check_version(d, m->version);
	if (code.n != 3 || slice_number(code, 999, &status) != STATUS_OK ||
	    (rest.n && rest.p[0] != ' ')) {
		sip_find(d, SIP_RULE_STATUS, line);
		return STATUS_BAD;
	}
	m->status = (unsigned)status;
	if (status < 100 || status > 699)
		sip_find(d, SIP_RULE_STATUS, line);
	if (rest.n == 0)
		sip_find(d, SIP_RULE_REASON_SPACE, line);
	return STATUS_OK;
}

/* The version at the end of a request line, after a blank. */
static bool cut_version(struct slice *rest, struct slice *version)
{
	struct slice s = *rest;
	size_t at = s.n;

	while (at && s.p[at - 1] != ' ')
		at--;
	*version = slice_from(s, at);
	if (at < 2 || version->n == 0 || version_size(*version) != version->n)
		return false;
	*rest = slice_first(s, at - 1);
	return true;
}

static enum status read_request_line(struct slice line, struct sip_message *m,
				     struct decoding *d)
{
	struct slice rest, uri;
	size_t n = 0, at;
	bool loose;

	while (n < line.n && sip_is_token_byte(line.p[n]))
		n++;
	if (n == 0 || n >= line.n || line.p[n] != ' ')
		return STATUS_NOT_MINE;
	rest = slice_trim(slice_from(line, n + 1));
	loose = n + 1 + rest.n != line.n;
	if (!cut_version(&rest, &m->version))
		return STATUS_NOT_MINE;
	uri = slice_trim(rest);
	if (uri.n == 0)
		return STATUS_NOT_MINE;
	m->request = true;
	m->method_text = slice_first(line, n);
	m->method = sip_method_of(m->method_text);
	m->request_uri = uri;
	check_version(d, m->version);
	if (!slice_find(uri, ':', &at)) {
		sip_find(d, SIP_RULE_REQUEST_URI, line);
		return STATUS_BAD;
	}
	if (loose || uri.n != rest.n)
		sip_find(d, SIP_RULE_START_LINE, line);
	return STATUS_OK;
}

enum status sip_start_line_read(struct slice line, struct sip_message *m,
				struct decoding *d)
{
	size_t at;

	/* No text has it, and binary protocols do not get in by chance. */
	if (slice_find(line, 0, &at))
		return STATUS_NOT_MINE;
	m->start_line = line;
	if (version_size(line))
		return read_status_line(line, m, d);
	return read_request_line(line, m, d);
}

/* Could a line that has not ended become a start line? */
static bool may_become(struct slice line)
{
	size_t n = 0;

	if (line.n < 7 &&
	    slice_equal_nocase(slice_first(line, 4),
			       slice_first(SLICE("SIP/"), line.n)))
		return true;
	if ((n = version_size(line)) != 0)
		return line.n == n || line.p[n] == ' ';
	while (n < line.n && sip_is_token_byte(line.p[n]))
		n++;
	return n == line.n || (n > 0 && line.p[n] == ' ');
}

enum claim sip_claims(struct slice first, bool stream)
{
	struct sip_lines lines;
	struct sip_message m;
	struct slice line;
	size_t at = 0;

	while (at < first.n && (first.p[at] == '\r' || first.p[at] == '\n'))
		at++;
	first = slice_from(first, at);
	if (first.n == 0)
		return stream ? CLAIM_MAYBE : CLAIM_NO;
	if (!sip_is_token_byte(first.p[0]))
		return CLAIM_NO;
	lines = sip_lines_over(first);
	if (!sip_line_next(&lines, &line)) {
		line = slice_trim(first);
		if (stream)
			return may_become(line) ? CLAIM_MAYBE : CLAIM_NO;
	}
	return sip_start_line_read(line, &m, NULL) == STATUS_NOT_MINE
		       ? CLAIM_NO
		       : CLAIM_SURE;
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
