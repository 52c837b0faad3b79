/* The ends of messages in a log. */
#include "config.h"

#include "capture/log_ends.h"
#include "capture/log_scan.h"

#define SIP_PORT 5060u
#define SIPS_PORT 5061u

/* ---- lines about ends ---- */

static uint64_t port_of_word(struct slice word)
{
	uint64_t port;

	if (slice_is_nocase(word, "sip"))
		return SIP_PORT;
	if (slice_is_nocase(word, "sips") || slice_is_nocase(word, "sip-tls"))
		return SIPS_PORT;
	return slice_number(word, UINT16_MAX, &port) == STATUS_OK ? port : 0;
}

/* "192.0.2.1.5060", "2001:db8::1.sip", "pbx.example.com.5060" */
static bool dotted_end(struct slice word, struct endpoint *out)
{
	struct slice port;
	uint64_t number;

	if (!slice_split_last(&word, '.', &port))
		return false;
	number = port_of_word(port);
	if (number == 0 || word.n == 0)
		return false;
	if (endpoint_parse(word, (uint16_t)number, out) != STATUS_OK)
		*out = endpoint_of_name(word, (uint16_t)number);
	return true;
}

static bool tcpdump_ends(struct slice line, struct endpoint *src,
			 struct endpoint *dst)
{
	struct slice before = {0};

	while (line.n) {
		struct slice word = scan_word(&line);

		if (slice_is(word, ">")) {
			word = scan_word(&line);
			return slice_ends(word, SLICE(":")) &&
			       dotted_end(before, src) &&
			       dotted_end(slice_first(word, word.n - 1), dst);
		}
		before = word;
	}
	return false;
}

bool log_ends_in(struct slice line, struct endpoint *src, struct endpoint *dst)
{
	struct slice rest = line;
	size_t at;

	if (slice_search(line, SLICE("->"), &at) && find_end(&rest, src) &&
	    find_end(&rest, dst))
		return true;
	return slice_search(line, SLICE(" > "), &at) &&
	       tcpdump_ends(line, src, dst);
}

/* ---- the own end ---- */

/* "192.0.2.1", "[2001:db8::1]:5060", "pbx.example.com" */
static bool sent_by(struct slice s, struct slice transport,
		    struct endpoint *out)
{
	bool tls = slice_is_nocase(transport, "TLS");
	bool web = slice_starts_nocase(transport, "WS");
	uint16_t port = tls ? SIPS_PORT : SIP_PORT;
	size_t at;

	s = slice_trim(s);
	if (s.n == 0)
		return false;
	if (end_of(s, out))
		return true;
	if (s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = slice_cut(s, 1, s.n - 2);
	if (endpoint_parse(s, port, out) == STATUS_OK)
		return true;
	/* What somebody made unknowable is no name. */
	if (slice_find(s, '[', &at) || slice_find(s, ':', &at))
		return false;
	/* A name that a browser made up has no port. */
	*out = endpoint_of_name(s, web ? 0 : port);
	return true;
}

/* "SIP/2.0/UDP 192.0.2.1:5060;branch=..." */
static bool read_via(struct slice value, struct endpoint *out)
{
	struct slice protocol = slice_split(&value, ' ');
	struct slice transport;

	value = slice_split(&value, ',');
	value = slice_split(&value, ';');
	return slice_split_last(&protocol, '/', &transport) &&
	       sent_by(value, transport, out);
}

bool log_via_of(struct slice message, struct endpoint *out)
{
	while (message.n) {
		struct slice line = slice_trim(slice_split(&message, '\n'));
		struct slice value;

		if (line.n == 0)
			return false;
		if (field_value(line, "Via", &value) ||
		    field_value(line, "v", &value))
			return read_via(value, out);
	}
	return false;
}

bool log_tells_own(const struct announced *said, struct slice message)
{
	bool response = slice_starts(message, SLICE("SIP/2.0 "));

	return said->way == (response ? ANNOUNCED_RECEIVED : ANNOUNCED_SENT);
}

static struct endpoint *own_for(struct log_ends *ends,
				const struct endpoint *peer)
{
	for (unsigned i = 0; i < ends->used; i++)
		if (endpoint_equal(&ends->rows[i].peer, peer))
			return &ends->rows[i].own;
	return NULL;
}

static void learn(struct log_ends *ends, const struct endpoint *peer,
		  const struct endpoint *own)
{
	struct endpoint *row = own_for(ends, peer);

	if (!row && ends->used < LOG_PEERS_MAX) {
		ends->rows[ends->used].peer = *peer;
		row = &ends->rows[ends->used++].own;
	}
	if (row)
		*row = *own;
	if (ends->own.family == FAMILY_NONE)
		ends->own = *own;
}

void log_ends_of(struct log_ends *ends, const struct announced *said,
		 struct slice message, struct endpoint *src,
		 struct endpoint *dst)
{
	struct endpoint own = said->own;
	const struct endpoint *known = own_for(ends, &said->peer);

	if (own.family == FAMILY_NONE && log_tells_own(said, message) &&
	    log_via_of(message, &own))
		learn(ends, &said->peer, &own);
	else if (own.family == FAMILY_NONE)
		own = known ? *known : ends->own;
	*src = said->way == ANNOUNCED_SENT ? own : said->peer;
	*dst = said->way == ANNOUNCED_SENT ? said->peer : own;
}
