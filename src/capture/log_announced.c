/* Lines that announce a message of a log. */
#include "config.h"

#include "capture/log_announced.h"
#include "capture/log_scan.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
/* Longer lines announce nothing: they are dumps and lists. */
#define LINE_MAX_ANNOUNCED 4096u

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_mark(uint8_t c)
{
	return c && strchr("<>()[]{}\"'|#*-=:,;.!", c) != NULL;
}

/* A word without the marks around it; those in it stay. */
static struct slice bare(struct slice word)
{
	while (word.n && is_mark(word.p[0]))
		word = slice_from(word, 1);
	while (word.n && is_mark(word.p[word.n - 1]))
		word.n--;
	return word;
}

static enum announced_way way_of_word(struct slice word)
{
	static const struct {
		const char *word;
		enum announced_way way;
	} rows[] = {
		{"sent", ANNOUNCED_SENT},
		{"send", ANNOUNCED_SENT},
		{"sending", ANNOUNCED_SENT},
		{"sends", ANNOUNCED_SENT},
		{"tx", ANNOUNCED_SENT},
		{"outgoing", ANNOUNCED_SENT},
		{"transmit", ANNOUNCED_SENT},
		{"transmitted", ANNOUNCED_SENT},
		{"transmitting", ANNOUNCED_SENT},
		{"retransmitting", ANNOUNCED_SENT},
		{"received", ANNOUNCED_RECEIVED},
		{"receive", ANNOUNCED_RECEIVED},
		{"receiving", ANNOUNCED_RECEIVED},
		{"receives", ANNOUNCED_RECEIVED},
		{"recv", ANNOUNCED_RECEIVED},
		{"recvd", ANNOUNCED_RECEIVED},
		{"rcvd", ANNOUNCED_RECEIVED},
		{"rx", ANNOUNCED_RECEIVED},
		{"incoming", ANNOUNCED_RECEIVED},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (slice_is_nocase(word, rows[i].word))
			return rows[i].way;
	return ANNOUNCED_NOT;
}

/* ---- ends ---- */

static bool is_bracket(uint8_t c)
{
	return c && strchr("<([\"'", c) != NULL;
}

/* "UDP://", "udp:", "tls/" in front of an address; a transport alone is no
 * end yet. */
static struct slice behind_transport(struct slice s, uint8_t *transport)
{
	static const char *const marks[] = {"://", ":", "/", " "};
	size_t n = 0;
	enum record_transport found;

	while (n < s.n && is_letter(s.p[n]))
		n++;
	found = transport_of_word(slice_first(s, n));
	if (found == RECORD_UNKNOWN)
		return s;
	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (slice_starts(slice_from(s, n), slice_of_text(marks[i]))) {
			*transport = (uint8_t)found;
			s = slice_from(s, n + strlen(marks[i]));
			scan_blanks(&s);
			return s;
		}
	return s;
}

/* "ip = 192.0.2.1" */
static struct slice behind_label(struct slice s)
{
	struct slice rest = s;

	return slice_is_nocase(scan_word(&rest), "ip") &&
			       slice_is(scan_word(&rest), "=")
		       ? rest
		       : s;
}

/* "[192.0.2.1]:5060": brackets that only IPv6 needs. */
static bool bracketed_end(struct slice word, struct endpoint *out)
{
	uint8_t plain[64];
	size_t close;

	if (word.n == 0 || word.p[0] != '[' || !slice_find(word, ']', &close) ||
	    word.n - 2 > sizeof(plain))
		return false;
	memcpy(plain, word.p + 1, close - 1);
	memcpy(plain + close - 1, word.p + close + 1, word.n - close - 1);
	return end_of(slice_of(plain, word.n - 2), out);
}

/* "192.0.2.1 on port 5060", "192.0.2.1 port: 5060" */
static bool end_with_words(struct slice word, struct slice rest,
			   struct endpoint *out)
{
	struct slice next = scan_word(&rest);
	uint64_t port;

	if (slice_is_nocase(next, "on"))
		next = scan_word(&rest);
	if (slice_is_nocase(bare(next), "port") &&
	    slice_number(bare(scan_word(&rest)), UINT16_MAX, &port) ==
		    STATUS_OK)
		return endpoint_parse(bare(word), (uint16_t)port, out) ==
		       STATUS_OK;
	return false;
}

/* Marks behind the port; a bracket that closes one in front of all. */
static struct slice without_tail(struct slice word)
{
	while (word.n && (word.p[word.n - 1] < '0' || word.p[word.n - 1] > '9'))
		word.n--;
	return word;
}

static bool is_end(struct slice word, struct endpoint *out)
{
	return bracketed_end(word, out) || end_of(word, out);
}

/* "udp:192.0.2.1:5060", "tls/[2001:db8::1]:5061", "[UDP://192.0.2.1:5060],":
 * a peer at the front of a text, with or without its transport, in brackets,
 * with marks behind; "192.0.2.1 on port 5060", "ip = 192.0.2.1 port: 5060". */
static bool announced_end(struct slice s, struct endpoint *end,
			  uint8_t *transport)
{
	struct slice word, rest;

	scan_blanks(&s);
	s = behind_label(s);
	rest = behind_transport(s, transport);
	/* "[UDP://192.0.2.1:5060]", but not "[2001:db8::1]:5060" */
	if (rest.p == s.p && s.n && is_bracket(s.p[0])) {
		rest = behind_transport(slice_from(s, 1), transport);
		if (rest.p == s.p + 1 && s.p[0] == '[')
			rest = s;
	}
	word = scan_word(&rest);
	if (end_with_words(word, rest, end))
		return true;
	return is_end(without_tail(word), end);
}

/* The peer behind "to" or "from", wherever that stands. */
static void find_peer(struct slice line, const char *before,
		      struct announced *out)
{
	while (line.n) {
		if (!slice_is_nocase(bare(scan_word(&line)), before))
			continue;
		if (announced_end(line, &out->peer, &out->transport))
			return;
	}
}

/* "On [0:0]192.0.2.1:5060 received from": the program tells its own end. */
static void find_own(struct slice line, struct announced *out)
{
	struct slice word;
	uint8_t transport;
	size_t at;

	while (line.n) {
		if (!slice_is_nocase(scan_word(&line), "on"))
			continue;
		word = scan_word(&line);
		if (word.n && word.p[0] == '[' && slice_find(word, ']', &at) &&
		    at + 1 < word.n && word.p[at + 1] != ':')
			word = slice_from(word, at + 1);
		if (announced_end(word, &out->own, &transport))
			return;
	}
}

/* ---- lines ---- */

/* The next run of letters; what follows a '<' is a tag, as in a scenario of
 * SIPp, and none of a log. */
static bool scan_letters(struct slice *s, struct slice *word)
{
	bool tag = false;
	size_t n = 0;

	while (s->n && !is_letter(s->p[0])) {
		tag = s->p[0] == '<';
		*s = slice_from(*s, 1);
	}
	while (n < s->n && is_letter(s->p[n]))
		n++;
	*word = slice_first(*s, n);
	*s = slice_from(*s, n);
	if (tag)
		word->n = 0;
	return n > 0;
}

/* Words that tell a way as they stand together, and not each alone. */
static enum announced_way way_of_phrase(struct slice line)
{
	size_t at;

	if (has_word(line, "SIP read from"))
		return ANNOUNCED_RECEIVED;
	if (!find_word(line, "bound SIP message", &at) || at < 2)
		return ANNOUNCED_NOT;
	if (slice_is_nocase(slice_cut(line, at - 2, 2), "in"))
		return ANNOUNCED_RECEIVED;
	return slice_is_nocase(slice_cut(line, at - 2, 2), "ut")
		       ? ANNOUNCED_SENT
		       : ANNOUNCED_NOT;
}

enum announced_way announced_arrow(struct slice word)
{
	size_t strokes = 0;
	bool back = word.n && word.p[0] == '<';
	bool on = word.n && word.p[word.n - 1] == '>';

	for (size_t i = 0; i < word.n; i++)
		strokes += word.p[i] == '-' || word.p[i] == '=';
	if (strokes < 2 || strokes + 1 != word.n || back == on)
		return ANNOUNCED_NOT;
	return back ? ANNOUNCED_RECEIVED : ANNOUNCED_SENT;
}

/* "<--- 192.0.2.1:5060": an arrow, and the peer right behind it, and none in
 * front. */
static bool find_arrow(struct slice line, struct announced *out)
{
	struct slice before = {0};

	while (line.n) {
		struct slice word = scan_word(&line);
		enum announced_way way = announced_arrow(word);
		struct endpoint other;

		if (way != ANNOUNCED_NOT) {
			if (is_end(before, &other) ||
			    !is_end(scan_word(&line), &out->peer))
				return false;
			out->way = (uint8_t)way;
			return true;
		}
		before = word;
	}
	return false;
}

bool announced_of(struct slice line, struct announced *out)
{
	struct slice rest = line, word;
	enum record_transport transport = RECORD_UNKNOWN;

	*out = (struct announced){.way = ANNOUNCED_NOT};
	if (line.n > LINE_MAX_ANNOUNCED)
		return false;
	while (scan_letters(&rest, &word)) {
		if (out->way == ANNOUNCED_NOT)
			out->way = (uint8_t)way_of_word(word);
		if (transport == RECORD_UNKNOWN)
			transport = transport_of_word(word);
	}
	if (out->way == ANNOUNCED_NOT)
		out->way = (uint8_t)way_of_phrase(line);
	if (out->way == ANNOUNCED_NOT && !find_arrow(line, out))
		return false;
	find_peer(line, out->way == ANNOUNCED_SENT ? "to" : "from", out);
	find_own(line, out);
	if (out->transport == RECORD_UNKNOWN)
		out->transport = (uint8_t)transport;
	return true;
}
