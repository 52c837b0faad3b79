/*
 * The values of SIP headers: comma lists, parameters, addresses, Via entries
 * and URIs (RFC 3261 7.3.1, 19.1, 20 and 25.1).
 *
 * Readers take what can be understood and tell the rest as faults.
 */
#include "config.h"

#include "dissectors/sip_parts.h"

/* Token bytes by column of the ASCII table (RFC 3261 25.1). */
const uint8_t sip_token_bytes[256] = {
	['!'] = 1, ['%'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1,
	['.'] = 1, ['_'] = 1, ['`'] = 1,  ['~'] = 1, ['0'] = 1, ['1'] = 1,
	['2'] = 1, ['3'] = 1, ['4'] = 1,  ['5'] = 1, ['6'] = 1, ['7'] = 1,
	['8'] = 1, ['9'] = 1, ['A'] = 1,  ['B'] = 1, ['C'] = 1, ['D'] = 1,
	['E'] = 1, ['F'] = 1, ['G'] = 1,  ['H'] = 1, ['I'] = 1, ['J'] = 1,
	['K'] = 1, ['L'] = 1, ['M'] = 1,  ['N'] = 1, ['O'] = 1, ['P'] = 1,
	['Q'] = 1, ['R'] = 1, ['S'] = 1,  ['T'] = 1, ['U'] = 1, ['V'] = 1,
	['W'] = 1, ['X'] = 1, ['Y'] = 1,  ['Z'] = 1, ['a'] = 1, ['b'] = 1,
	['c'] = 1, ['d'] = 1, ['e'] = 1,  ['f'] = 1, ['g'] = 1, ['h'] = 1,
	['i'] = 1, ['j'] = 1, ['k'] = 1,  ['l'] = 1, ['m'] = 1, ['n'] = 1,
	['o'] = 1, ['p'] = 1, ['q'] = 1,  ['r'] = 1, ['s'] = 1, ['t'] = 1,
	['u'] = 1, ['v'] = 1, ['w'] = 1,  ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

bool sip_is_token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sip_is_token_byte(s.p[i]))
			return false;
	return s.n > 0;
}

/* Bytes of the quoted string at the front with both quotes; 0: not closed. */
static size_t quoted_size(struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

/*
 * Place of `byte` outside quoted strings and, if asked, outside <>; s.n when
 * there is none.  A quote or bracket that nothing closes hides the rest.
 */
static size_t find_hidden(struct slice s, uint8_t byte, bool angles)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		n = 1;
		if (s.p[i] == byte)
			return i;
		if (s.p[i] == '"') {
			n = quoted_size(slice_from(s, i));
			if (n == 0)
				return s.n;
		} else if (angles && s.p[i] == '<') {
			if (!slice_find(slice_from(s, i), '>', &n))
				return s.n;
			n++;
		}
	}
	return s.n;
}

/* Mostly there is nothing before it that could hide it. */
static inline size_t find_outside(struct slice s, uint8_t byte)
{
	size_t at = scan_two(s, byte, '"');

	if (at == s.n || s.p[at] == byte)
		return at;
	return at + find_hidden(slice_from(s, at), byte, false);
}

/* The comma behind the first entry of a list; s.n when there is none. */
static size_t find_comma(struct slice s)
{
	size_t at, hidden;

	if (!slice_find(s, ',', &at))
		return s.n;
	hidden = scan_two(slice_first(s, at), '"', '<');
	return hidden == at
		       ? at
		       : hidden + find_hidden(slice_from(s, hidden), ',', true);
}

size_t sip_find_unquoted(struct slice s, uint8_t byte)
{
	return find_outside(s, byte);
}

bool sip_list_next(struct slice *rest, struct slice *entry)
{
	struct slice all = slice_trim(*rest);
	size_t at;

	while (all.n) {
		at = find_comma(all);
		*entry = slice_trim(slice_first(all, at));
		all = at < all.n ? slice_trim(slice_from(all, at + 1))
				 : (struct slice){0};
		if (entry->n) {
			*rest = all;
			return true;
		}
	}
	*rest = all;
	return false;
}

/* Takes a parameter's value off the front, up to the separator. */
static struct slice take_value(struct slice *rest, uint8_t separator)
{
	struct slice s = *rest, value;
	size_t n = s.n && s.p[0] == '"' ? quoted_size(s) : 0;
	size_t at;

	if (n) {
		value = slice_cut(s, 1, n - 2);
		at = n + find_outside(slice_from(s, n), separator);
	} else {
		at = find_outside(s, separator);
		value = slice_trim(slice_first(s, at));
	}
	*rest = slice_from(s, at);
	return value;
}

bool sip_param_next(struct slice *rest, char separator, struct slice *name,
		    struct slice *value)
{
	const uint8_t stop = (uint8_t)separator;
	struct slice s = slice_trim(*rest);
	size_t n;

	if (s.n == 0)
		return false;
	if (s.p[0] == stop)
		s = slice_from(s, 1);
	n = scan_two(s, stop, '=');
	*name = slice_trim(slice_first(s, n));
	*value = (struct slice){0};
	if (n < s.n && s.p[n] == '=') {
		s = slice_trim(slice_from(s, n + 1));
		*value = take_value(&s, stop);
	} else {
		s = slice_from(s, n);
	}
	*rest = s;
	return true;
}

bool sip_param(struct slice params, char separator, const char *name,
	       struct slice *value)
{
	struct slice key = slice_of_text(name), got, text;

	while (sip_param_next(&params, separator, &got, &text)) {
		if (!slice_equal_nocase(got, key))
			continue;
		*value = text;
		return true;
	}
	return false;
}

struct slice sip_word(struct slice s)
{
	size_t n = 0;

	while (n < s.n && !sip_is_blank(s.p[n]))
		n++;
	return slice_first(s, n);
}

/* ";tag=x" and nothing else, as nearly all are. */
static bool is_plain_tag(struct slice params, struct slice *tag)
{
	const struct slice name = SLICE(";tag=");

	if (params.n <= name.n || !slice_starts(params, name) ||
	    params.p[name.n] <= ' ')
		return false;
	*tag = slice_from(params, name.n);
	return scan_two(*tag, ';', '"') == tag->n &&
	       sip_word(*tag).n == tag->n;
}

unsigned sip_tag_read(struct slice params, struct slice *tag)
{
	struct slice name, value;
	unsigned faults = 0;

	if (is_plain_tag(params, tag))
		return 0;
	*tag = (struct slice){0};
	while (sip_param_next(&params, ';', &name, &value)) {
		if (name.n == 0)
			faults |= SIP_FAULT_PARAM;
		else if (name.n == 3 && tag->n == 0 &&
			 slice_is_nocase(name, "tag"))
			*tag = sip_word(value);
	}
	return faults;
}

/* ---- From, To, Contact and their like (20.10, 20.20, 20.39) ---- */

static bool has_scheme(struct slice uri)
{
	size_t n = 0;

	while (n < uri.n && sip_is_token_byte(uri.p[n]))
		n++;
	return n > 0 && n < uri.n && uri.p[n] == ':';
}

/* Tokens, blanks and, for the many who send it, UTF-8 outside ASCII. */
static bool is_plain_display(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!sip_is_token_byte(s.p[i]) && !sip_is_blank(s.p[i]) &&
		    s.p[i] < 0x80)
			return false;
	return true;
}

/* "<uri>;params"; `s` starts with the bracket. */
static unsigned read_bracketed(struct slice s, struct sip_address *out)
{
	unsigned faults = 0;
	struct slice inside;
	size_t at;

	s = slice_from(s, 1);
	if (!slice_find(s, '>', &at)) {
		faults |= SIP_FAULT_ANGLE;
		at = s.n;
	}
	inside = slice_first(s, at);
	out->uri = slice_trim(inside);
	if (out->uri.n != inside.n)
		faults |= SIP_FAULT_BLANK;
	out->params = at < s.n ? slice_trim(slice_from(s, at + 1))
			       : (struct slice){0};
	if (out->params.n && out->params.p[0] != ';')
		faults |= SIP_FAULT_TRAIL;
	return faults;
}

/* "sip:user@host;params": all behind ';' belongs to the header (20.10). */
static unsigned read_bare(struct slice s, struct sip_address *out)
{
	unsigned faults = 0;
	size_t at = find_outside(s, ';');

	out->uri = slice_trim(slice_first(s, at));
	out->params = slice_trim(slice_from(s, at));
	if (slice_find(out->uri, '?', &at) || slice_find(out->uri, ',', &at))
		faults |= SIP_FAULT_BRACKETS;
	return faults;
}

static unsigned read_uri_part(struct slice s, struct sip_address *out)
{
	unsigned faults;

	if (s.n && s.p[0] == '<')
		return read_bracketed(s, out);
	faults = read_bare(s, out);
	if (out->display.n && out->uri.n)
		faults |= SIP_FAULT_BRACKETS;
	return faults;
}

/* A display name in quotes, then the URI. */
static unsigned read_quoted(struct slice s, struct sip_address *out)
{
	size_t n = quoted_size(s);
	size_t at;

	if (n) {
		out->display = slice_cut(s, 1, n - 2);
		return read_uri_part(slice_trim(slice_from(s, n)), out);
	}
	if (!slice_find(s, '<', &at))
		at = s.n;
	out->display = slice_trim(slice_cut(s, 1, at ? at - 1 : 0));
	return SIP_FAULT_QUOTE | read_uri_part(slice_from(s, at), out);
}

unsigned sip_address_read(struct slice value, struct sip_address *out)
{
	struct slice s = slice_trim(value);
	unsigned faults = 0;
	size_t at;

	*out = (struct sip_address){0};
	if (s.n && s.p[0] == '<') {
		faults = read_bracketed(s, out);
	} else if (s.n && s.p[0] == '"') {
		faults = read_quoted(s, out);
	} else if ((at = find_outside(s, '<')) < s.n) {
		out->display = slice_trim(slice_first(s, at));
		if (!is_plain_display(out->display))
			faults |= SIP_FAULT_DISPLAY;
		faults |= read_bracketed(slice_from(s, at), out);
	} else {
		faults = read_bare(s, out);
	}
	if (out->uri.n == 0)
		faults |= SIP_FAULT_NO_URI;
	else if (!has_scheme(out->uri) && !slice_is(s, "*"))
		faults |= SIP_FAULT_SCHEME;
	return faults;
}

enum status sip_address_parse(struct slice value, struct sip_address *out)
{
	struct sip_address got;

	if (sip_address_read(value, &got) & SIP_FAULT_NO_URI)
		return STATUS_BAD;
	*out = got;
	return STATUS_OK;
}

/* ---- hosts and ports ---- */

/*
 * "host", "host:port", "[v6]", "[v6]:port" with blanks around the colon.
 * STATUS_BAD for a port that is no number and for IPv6 without brackets.
 */
static enum status read_host_port(struct slice s, struct slice *host,
				  uint16_t *port)
{
	struct slice rest;
	uint64_t number;
	size_t at = 0;

	s = slice_trim(s);
	*host = s;
	*port = 0;
	if (s.n == 0)
		return STATUS_BAD;
	if (s.p[0] == '[' && !slice_find(s, ']', &at))
		return STATUS_BAD;
	rest = slice_from(s, at);
	if (!slice_find(rest, ':', &at))
		return STATUS_OK;
	*host = slice_trim(slice_of(s.p, s.n - rest.n + at));
	rest = slice_trim(slice_from(rest, at + 1));
	if (slice_number(rest, UINT16_MAX, &number) != STATUS_OK) {
		if (slice_find(rest, ':', &at))
			*host = s;
		return STATUS_BAD;
	}
	*port = (uint16_t)number;
	return host->n ? STATUS_OK : STATUS_BAD;
}

/* ---- Via (20.42) ---- */

/* The token at the front and the blanks behind it. */
static struct slice take_token(struct slice *rest)
{
	struct slice s = *rest, token;
	size_t n = 0;

	while (n < s.n && sip_is_token_byte(s.p[n]))
		n++;
	token = slice_first(s, n);
	while (n < s.n && sip_is_blank(s.p[n]))
		n++;
	*rest = slice_from(s, n);
	return token;
}

/* A slash with blanks around it. */
static bool take_slash(struct slice *rest)
{
	struct slice s = *rest;
	size_t n = 1;

	if (s.n == 0 || s.p[0] != '/')
		return false;
	while (n < s.n && sip_is_blank(s.p[n]))
		n++;
	*rest = slice_from(s, n);
	return true;
}

/* "SIP/2.0/", mostly without the blanks that may stand in it. */
static bool take_protocol(struct slice *rest)
{
	const struct slice plain = SLICE("SIP/2.0/");

	if (slice_starts(*rest, plain) && rest->n > plain.n &&
	    !sip_is_blank(rest->p[plain.n])) {
		*rest = slice_from(*rest, plain.n);
		return true;
	}
	return slice_is_nocase(take_token(rest), "SIP") && take_slash(rest) &&
	       slice_is(take_token(rest), "2.0") && take_slash(rest);
}

static unsigned read_via_params(struct sip_via *via)
{
	struct slice rest = via->params, name, value;
	unsigned faults = 0;

	while (sip_param_next(&rest, ';', &name, &value)) {
		if (name.n == 0)
			faults |= SIP_FAULT_PARAM;
		else if (name.n == 6 && via->branch.n == 0 &&
			 slice_is_nocase(name, "branch"))
			via->branch = value;
		else if (name.n == 8 && via->received.n == 0 &&
			 slice_is_nocase(name, "received"))
			via->received = value;
	}
	return faults;
}

unsigned sip_via_read(struct slice entry, struct sip_via *out)
{
	struct slice rest = slice_trim(entry);
	unsigned faults = 0;
	size_t at;

	*out = (struct sip_via){.whole = rest};
	if (!take_protocol(&rest))
		faults |= SIP_FAULT_VIA;
	out->transport = take_token(&rest);
	at = sip_find_unquoted(rest, ';');
	out->params = slice_trim(slice_from(rest, at));
	if (read_host_port(slice_first(rest, at), &out->host, &out->port) !=
		    STATUS_OK ||
	    out->transport.n == 0)
		faults |= SIP_FAULT_VIA;
	return faults | read_via_params(out);
}

enum status sip_via_parse(struct slice entry, struct sip_via *out)
{
	struct sip_via got;

	if (sip_via_read(entry, &got) & SIP_FAULT_VIA)
		return STATUS_BAD;
	*out = got;
	return STATUS_OK;
}

/* ---- URIs (19.1.1) ---- */

/* user[:password]@ off the front, if there is an '@'. */
static void take_user(struct slice *rest, struct sip_uri *out)
{
	size_t at;

	if (!slice_find(*rest, '@', &at))
		return;
	out->user = slice_first(*rest, at);
	*rest = slice_from(*rest, at + 1);
	if (slice_find(out->user, ':', &at)) {
		out->password = slice_from(out->user, at + 1);
		out->user = slice_first(out->user, at);
	}
}

enum status sip_uri_parse(struct slice uri, struct sip_uri *out)
{
	struct sip_uri got = {0};
	struct slice rest = slice_trim(uri);
	size_t at;

	if (!has_scheme(rest) || !slice_find(rest, ':', &at))
		return STATUS_BAD;
	got.scheme = slice_first(rest, at);
	rest = slice_from(rest, at + 1);
	if (!slice_is_nocase(got.scheme, "sip") &&
	    !slice_is_nocase(got.scheme, "sips")) {
		got.host = rest;
		if (rest.n == 0)
			return STATUS_BAD;
		*out = got;
		return STATUS_OK;
	}
	take_user(&rest, &got);
	if (slice_find(rest, '?', &at)) {
		got.headers = slice_from(rest, at);
		rest = slice_first(rest, at);
	}
	if (slice_find(rest, ';', &at)) {
		got.params = slice_from(rest, at);
		rest = slice_first(rest, at);
	}
	if (read_host_port(rest, &got.host, &got.port) != STATUS_OK)
		return STATUS_BAD;
	*out = got;
	return STATUS_OK;
}

struct slice sip_auth_scheme(struct slice value, struct slice *params)
{
	struct slice rest = slice_trim(value);
	struct slice scheme = take_token(&rest);

	*params = rest;
	return scheme;
}
