/*
 * ICE candidates: RFC 8839 5.1, TCP (RFC 6544 4.5), and what Microsoft makes
 * of them: draft-06 ([MS-ICE])
 *
 *	id component password UDP|TCP q address port
 *
 * and draft-19 ([MS-ICE2]), where the direction of TCP stands in the transport
 *
 *	foundation component UDP|TCP-ACT|TCP-PASS priority address port typ ...
 */
#include "config.h"

#include "core/text.h"
#include "dissectors/sdp_parts.h"

#define COMPONENT_MAX 256u
#define PRIORITY_MAX INT32_MAX
#define CANDIDATES_FIRST 4u /* room taken at first */
#define WORDS_FIRST 7u /* before typ's own word */

static const char *const type_texts[] = {
	[CANDIDATE_UNKNOWN] = "unknown", [CANDIDATE_HOST] = "host",
	[CANDIDATE_SRFLX] = "srflx",	 [CANDIDATE_PRFLX] = "prflx",
	[CANDIDATE_RELAY] = "relay",
};

static const char *const tcp_type_texts[] = {
	[TCP_TYPE_NONE] = "",		 [TCP_TYPE_ACTIVE] = "active",
	[TCP_TYPE_PASSIVE] = "passive",	 [TCP_TYPE_SO] = "so",
	[TCP_TYPE_BOTH] = "both",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *candidate_type_text(enum candidate_type type)
{
	return (size_t)type < COUNT(type_texts) ? type_texts[type] : "";
}

const char *candidate_tcp_type_text(enum candidate_tcp_type type)
{
	return (size_t)type < COUNT(tcp_type_texts) ? tcp_type_texts[type]
						    : "";
}

#define TEXT(word) word, sizeof(word) - 1

/* Words of the transport field; the first of a kind is the one to write. */
static const struct {
	const char *word;
	size_t n;
	enum candidate_transport transport;
	enum candidate_tcp_type tcp_type;
	enum candidate_grammar grammar;
} transports[] = {
	{TEXT("UDP"), CANDIDATE_UDP, TCP_TYPE_NONE, GRAMMAR_RFC},
	{TEXT("TCP"), CANDIDATE_TCP, TCP_TYPE_NONE, GRAMMAR_RFC},
	{TEXT("TCP-ACT"), CANDIDATE_TCP, TCP_TYPE_ACTIVE, GRAMMAR_MS_19},
	{TEXT("TCP-PASS"), CANDIDATE_TCP, TCP_TYPE_PASSIVE, GRAMMAR_MS_19},
	{TEXT("TCP-SO"), CANDIDATE_TCP, TCP_TYPE_SO, GRAMMAR_MS_19},
	{TEXT("TCP-ACTIVE"), CANDIDATE_TCP, TCP_TYPE_ACTIVE, GRAMMAR_MS_19},
	{TEXT("TCP-PASSIVE"), CANDIDATE_TCP, TCP_TYPE_PASSIVE, GRAMMAR_MS_19},
};

static void read_transport(struct slice word, struct sdp_candidate *out)
{
	out->transport_text = word;
	out->transport = CANDIDATE_OTHER_TRANSPORT;
	for (size_t i = 0; i < COUNT(transports); i++) {
		if (word.n != transports[i].n ||
		    !slice_equal_nocase(word,
					slice_of(transports[i].word, word.n)))
			continue;
		out->transport = transports[i].transport;
		out->tcp_type = transports[i].tcp_type;
		out->grammar = transports[i].grammar;
		return;
	}
}

static enum candidate_type type_of(struct slice word)
{
	enum candidate_type type;

	/* No two begin alike. */
	switch (word.n ? word.p[0] | 0x20 : 0) {
	case 'h':
		type = CANDIDATE_HOST;
		break;
	case 's':
		type = CANDIDATE_SRFLX;
		break;
	case 'p':
		type = CANDIDATE_PRFLX;
		break;
	case 'r':
		type = CANDIDATE_RELAY;
		break;
	default:
		return CANDIDATE_UNKNOWN;
	}
	return slice_is_nocase(word, type_texts[type]) ? type
						       : CANDIDATE_UNKNOWN;
}

static enum candidate_tcp_type tcp_type_of(struct slice word)
{
	for (size_t i = TCP_TYPE_ACTIVE; i < TCP_TYPE_BOTH; i++)
		if (slice_is_nocase(word, tcp_type_texts[i]))
			return (enum candidate_tcp_type)i;
	return TCP_TYPE_NONE;
}

/* Component, address and port, which both grammars have. */
static bool read_place(struct slice component, struct slice host,
		       struct slice port, struct sdp_candidate *out)
{
	uint64_t number, at_port;

	if (slice_number(component, COMPONENT_MAX, &number) != STATUS_OK ||
	    number == 0 ||
	    slice_number(port, UINT16_MAX, &at_port) != STATUS_OK ||
	    host.n == 0)
		return false;
	out->component = (unsigned)number;
	out->host = host;
	out->port = (uint16_t)at_port;
	if (endpoint_parse(host, out->port, &out->endpoint) != STATUS_OK)
		out->endpoint = (struct endpoint){0};
	return true;
}

/* "0.830" to 830; at most 1, more than three decimals are cut. */
static bool read_q(struct slice word, uint32_t *out)
{
	static const uint32_t weights[] = {100, 10, 1};
	uint32_t q;

	if (word.n < 3 || (word.p[0] != '0' && word.p[0] != '1') ||
	    word.p[1] != '.')
		return false;
	q = word.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
		if (i - 2 < COUNT(weights))
			q += (uint32_t)(word.p[i] - '0') * weights[i - 2];
	}
	*out = q;
	return q <= 1000;
}

static unsigned read_draft_06(const struct slice words[WORDS_FIRST],
			      struct sdp_candidate *out)
{
	read_transport(words[3], out);
	if (!read_q(words[4], &out->priority) ||
	    !read_place(words[1], words[5], words[6], out) ||
	    out->transport == CANDIDATE_OTHER_TRANSPORT)
		return SDP_FAULT_BAD;
	out->grammar = GRAMMAR_MS_06;
	out->foundation = words[0];
	out->password = words[2];
	out->tcp_type = out->transport == CANDIDATE_TCP ? TCP_TYPE_BOTH
							: TCP_TYPE_NONE;
	return out->priority ? 0 : SDP_FAULT_PRIORITY;
}

/* raddr and rport, then any pairs of name and value. */
static unsigned read_extensions(struct slice rest, struct sdp_candidate *out)
{
	struct slice name, value, raddr = {0}, rport = {0};
	unsigned faults = 0;
	uint64_t number;

	while ((name = sdp_word(&rest)).n) {
		value = sdp_word(&rest);
		if (value.n == 0)
			faults |= SDP_FAULT_EXTENSION;
		if (slice_is_nocase(name, "raddr"))
			raddr = value;
		else if (slice_is_nocase(name, "rport"))
			rport = value;
		else if (slice_is_nocase(name, "tcptype"))
			out->tcp_type = tcp_type_of(value);
		else if (slice_is_nocase(name, "ufrag"))
			out->ufrag = value;
		else if (slice_is_nocase(name, "MTURNID") &&
			 slice_number(value, UINT64_MAX, &number) == STATUS_OK)
			out->turn_session = number;
	}
	if (raddr.n == 0 ||
	    slice_number(rport, UINT16_MAX, &number) != STATUS_OK)
		return faults | SDP_FAULT_RELATED;
	if (endpoint_parse(raddr, (uint16_t)number, &out->related) != STATUS_OK)
		out->related = (struct endpoint){0};
	return faults;
}

static unsigned read_rfc(const struct slice words[WORDS_FIRST],
			 struct slice rest, struct sdp_candidate *out)
{
	unsigned faults = 0;
	uint64_t priority;

	read_transport(words[2], out);
	out->foundation = words[0];
	out->type_text = sdp_word(&rest);
	out->type = type_of(out->type_text);
	if (slice_number(words[3], UINT32_MAX, &priority) != STATUS_OK ||
	    out->type_text.n == 0 ||
	    !read_place(words[1], words[4], words[5], out))
		return SDP_FAULT_BAD;
	out->priority = (uint32_t)priority;
	if (priority == 0 || priority > PRIORITY_MAX)
		faults |= SDP_FAULT_PRIORITY;
	faults |= read_extensions(rest, out);
	if (out->type == CANDIDATE_HOST || out->type == CANDIDATE_UNKNOWN)
		faults &= ~(unsigned)SDP_FAULT_RELATED;
	if (out->transport == CANDIDATE_TCP && out->tcp_type == TCP_TYPE_NONE)
		faults |= SDP_FAULT_TCPTYPE;
	return faults;
}

unsigned sdp_candidate_read(struct slice value, struct sdp_candidate *out)
{
	struct slice words[WORDS_FIRST];
	struct slice rest = slice_trim(value);

	*out = (struct sdp_candidate){.line = rest};
	for (size_t i = 0; i < WORDS_FIRST; i++)
		words[i] = sdp_word(&rest);
	if (slice_is_nocase(words[6], "typ"))
		return read_rfc(words, rest, out);
	if (sdp_word(&rest).n == 0)
		return read_draft_06(words, out);
	return SDP_FAULT_BAD;
}

enum status sdp_candidate_parse(struct slice value, struct sdp_candidate *out)
{
	struct sdp_candidate got;

	if (sdp_candidate_read(value, &got) & SDP_FAULT_BAD)
		return STATUS_BAD;
	*out = got;
	return STATUS_OK;
}

/* ---- keeping ---- */

/* Equal in all that a peer acts upon? */
static bool same_candidate(const struct sdp_candidate *a,
			   const struct sdp_candidate *b)
{
	return a->component == b->component && a->transport == b->transport &&
	       a->tcp_type == b->tcp_type && a->type == b->type &&
	       a->port == b->port && slice_equal(a->host, b->host) &&
	       a->turn_session == b->turn_session &&
	       endpoint_equal(&a->related, &b->related);
}

static void find_faults(struct sdp_pass *p, unsigned faults, struct slice line)
{
	static const struct {
		enum sdp_candidate_fault fault;
		enum sdp_rule rule;
	} rows[] = {
		{SDP_FAULT_BAD, SDP_RULE_CANDIDATE},
		{SDP_FAULT_PRIORITY, SDP_RULE_PRIORITY},
		{SDP_FAULT_RELATED, SDP_RULE_RELATED},
		{SDP_FAULT_TCPTYPE, SDP_RULE_TCPTYPE},
		{SDP_FAULT_EXTENSION, SDP_RULE_EXTENSION},
	};

	for (size_t i = 0; faults && i < COUNT(rows); i++)
		if (faults & rows[i].fault)
			sdp_find(p, rows[i].rule, line);
}

static bool room_for_candidate(struct sdp_pass *p)
{
	const size_t count = p->sdp->candidate_count;
	const size_t room =
		p->candidate_room ? p->candidate_room * 2 : CANDIDATES_FIRST;
	struct sdp_candidate *grown;

	if (count < p->candidate_room)
		return true;
	grown = arena_array(p->d->arena, room, sizeof(*grown));
	if (!grown)
		return false;
	if (count)
		memcpy(grown, p->candidates, count * sizeof(*grown));
	for (size_t i = 0; i < p->sdp->media_count; i++)
		if (p->media[i].candidate_count)
			p->media[i].candidates =
				grown +
				(p->media[i].candidates - p->candidates);
	p->candidates = grown;
	p->candidate_room = room;
	return true;
}

enum status sdp_candidate_keep(struct sdp_pass *p, struct slice value,
			       bool ipv6)
{
	struct sdp_media *media = p->current;
	struct sdp_candidate *to;
	unsigned faults;

	if (p->sdp->candidate_count == SDP_CANDIDATES_MAX) {
		p->limit = true;
		return STATUS_OK;
	}
	if (!room_for_candidate(p))
		return STATUS_NOMEM;
	to = &p->candidates[p->sdp->candidate_count];
	faults = sdp_candidate_read(value, to);
	find_faults(p, faults, value);
	if (faults & SDP_FAULT_BAD)
		return STATUS_OK;
	to->ipv6_attribute = ipv6;
	for (size_t i = 0; i < media->candidate_count; i++) {
		if (same_candidate(&media->candidates[i], to)) {
			sdp_find(p, SDP_RULE_CANDIDATE_REPEATED, value);
			break;
		}
	}
	if (media->candidate_count++ == 0)
		media->candidates = to;
	p->sdp->candidate_count++;
	return STATUS_OK;
}

/* ---- writing ---- */

static void write_address(const struct sdp_candidate *c, struct text *to)
{
	if (c->host.n)
		text_put(to, c->host);
	else
		endpoint_ip_text(&c->endpoint, to);
	text_putc(to, ' ');
	text_number(to, c->port);
}

static void write_draft_06(const struct sdp_candidate *c, struct text *to)
{
	text_put(to, c->foundation);
	text_printf(to, " %u ", c->component);
	text_put(to, c->password);
	text_puts(to, c->transport == CANDIDATE_TCP ? " TCP " : " UDP ");
	text_printf(to, "%u.%03u ", (unsigned)(c->priority / 1000),
		    (unsigned)(c->priority % 1000));
	write_address(c, to);
}

static void write_transport(const struct sdp_candidate *c, struct text *to)
{
	const enum candidate_tcp_type want =
		c->grammar == GRAMMAR_MS_19 ? c->tcp_type : TCP_TYPE_NONE;

	for (size_t i = 0; i < COUNT(transports); i++) {
		if (transports[i].transport == c->transport &&
		    transports[i].tcp_type == want) {
			text_puts(to, transports[i].word);
			return;
		}
	}
	text_put(to, c->transport_text);
}

static void write_extensions(const struct sdp_candidate *c, struct text *to)
{
	if (c->related.family != FAMILY_NONE) {
		text_puts(to, " raddr ");
		endpoint_ip_text(&c->related, to);
		text_puts(to, " rport ");
		text_number(to, c->related.port);
	}
	if (c->grammar == GRAMMAR_RFC && c->tcp_type != TCP_TYPE_NONE) {
		text_puts(to, " tcptype ");
		text_puts(to, candidate_tcp_type_text(c->tcp_type));
	}
	if (c->ufrag.n) {
		text_puts(to, " ufrag ");
		text_put(to, c->ufrag);
	}
	if (c->turn_session) {
		text_puts(to, " MTURNID ");
		text_number(to, c->turn_session);
	}
}

void sdp_candidate_write(const struct sdp_candidate *c, struct text *to)
{
	if (c->grammar == GRAMMAR_MS_06) {
		write_draft_06(c, to);
		return;
	}
	text_put(to, c->foundation);
	text_printf(to, " %u ", c->component);
	write_transport(c, to);
	text_putc(to, ' ');
	text_number(to, c->priority);
	text_putc(to, ' ');
	write_address(c, to);
	text_puts(to, " typ ");
	if (c->type == CANDIDATE_UNKNOWN)
		text_put(to, c->type_text);
	else
		text_puts(to, candidate_type_text(c->type));
	write_extensions(c, to);
}
