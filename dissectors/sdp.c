/*
 * SDP descriptions: the lines and the session level (RFC 8866 5 and 9).
 *
 * Tolerant where real senders are sloppy: order, missing lines, blanks, LF or
 * CR alone, and values that a log export wrapped into a line of their own.
 */
#include "config.h"

#include "core/scan.h"
#include "dissectors/sdp_parts.h"

bool sdp_address_read(struct slice value, uint16_t port, struct endpoint *out)
{
	struct slice rest = value;
	struct slice net = sdp_word(&rest);
	struct slice kind = sdp_word(&rest);
	struct slice host = sdp_word(&rest);
	bool six = slice_is_nocase(kind, "IP6");

	host = slice_split(&host, '/');
	*out = (struct endpoint){0};
	if (!slice_is_nocase(net, "IN") || host.n == 0 ||
	    (!six && !slice_is_nocase(kind, "IP4")))
		return false;
	if (endpoint_parse(host, port, out) != STATUS_OK)
		return true; /* a name */
	return out->family == (six ? FAMILY_IPV6 : FAMILY_IPV4);
}

bool sdp_is_token(struct slice s)
{
	static const char separators[] = "\"(),/:;<=>?@[\\]";

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f ||
		    strchr(separators, s.p[i]))
			return false;
	return s.n > 0;
}

/* ---- lines ---- */

/* CR, LF or both end a line; none is left at the end of *rest. */
static bool next_line(struct slice *rest, struct slice *line)
{
	struct slice s = *rest;
	size_t n;

	while (s.n && s.p[0] == '\n')
		s = slice_from(s, 1);
	n = scan_line_end(s);
	*line = slice_first(s, n);
	if (n + 1 < s.n && s.p[n] == '\r' && s.p[n + 1] == '\n')
		n++;
	*rest = slice_from(s, n + 1);
	return s.n > 0;
}

/* "x=", a letter and the sign without blanks between. */
static bool is_typed(struct slice line)
{
	return line.n >= 2 && line.p[0] >= 'a' && line.p[0] <= 'z' &&
	       line.p[1] == '=';
}

/* Does the next line go on with the value of the one before? */
static bool continues(struct slice rest, struct slice *more)
{
	if (rest.n == 0 || (rest.p[0] != ' ' && rest.p[0] != '\t') ||
	    !next_line(&rest, more))
		return false;
	*more = slice_trim(*more);
	return more->n && !is_typed(*more);
}

static enum status join(struct arena *arena, struct slice *line,
			struct slice more)
{
	uint8_t *to = arena_alloc(arena, line->n + 1 + more.n);

	if (!to)
		return STATUS_NOMEM;
	memcpy(to, line->p, line->n);
	to[line->n] = ' ';
	memcpy(to + line->n + 1, more.p, more.n);
	*line = slice_of(to, line->n + 1 + more.n);
	return STATUS_OK;
}

/* ---- what must stand where (RFC 8866 5) ---- */

static unsigned rank_of(char letter, bool in_media)
{
	static const uint8_t session[128] = {
		['v'] = 1,  ['o'] = 2,  ['s'] = 3,  ['i'] = 4,  ['u'] = 5,
		['e'] = 6,  ['p'] = 7,  ['c'] = 8,  ['b'] = 9,  ['t'] = 10,
		['r'] = 10, ['z'] = 10, ['k'] = 11, ['a'] = 12,
	};
	static const uint8_t media[128] = {
		['m'] = 1, ['i'] = 2, ['c'] = 3,
		['b'] = 4, ['k'] = 5, ['a'] = 6,
	};

	return (in_media ? media : session)[letter & 127];
}

static void check_order(struct sdp_pass *p, char letter, struct slice line)
{
	const unsigned rank = rank_of(letter, p->current || letter == 'm');
	/* Of the session, but behind m=; or of a time that is yet to come. */
	const bool misplaced = rank == 0 ? p->current && rank_of(letter, false)
					 : (letter == 'r' || letter == 'z') &&
						   !sdp_has_letter(p, 't');

	if (letter == 'm')
		p->rank = 0;
	if ((misplaced || (rank && rank < p->rank)) && !p->disorder) {
		p->disorder = true;
		sdp_find(p, SDP_RULE_ORDER, line);
	}
	if (rank)
		p->rank = rank;
}

/* A description with none of these is a fragment or a Microsoft fallback. */
static void check_required(struct sdp_pass *p, struct slice in)
{
	static const char letters[] = "vost";
	unsigned missing = 0;

	for (size_t i = 0; letters[i]; i++)
		if (!sdp_has_letter(p, letters[i]))
			missing++;
	if (missing && missing < sizeof(letters) - 1)
		sdp_find(p, SDP_RULE_REQUIRED, slice_first(in, 3));
}

/* ---- the session level ---- */

static bool is_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static void read_origin(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value;
	struct endpoint address;

	p->sdp->origin = value;
	p->sdp->origin_username = sdp_word(&rest);
	p->sdp->session_id = sdp_word(&rest);
	p->sdp->session_version = sdp_word(&rest);
	if (!sdp_address_read(rest, 0, &address) ||
	    !is_digits(p->sdp->session_id) ||
	    !is_digits(p->sdp->session_version))
		sdp_find(p, SDP_RULE_ORIGIN, value);
}

/* ---- b=, t=, r= and z= (RFC 8866 5.8 to 5.11) ---- */

/* Digits, and behind them perhaps a unit: "7d"; in z= with a sign. */
static bool is_typed_time(struct slice word, bool sign)
{
	static const char units[] = "dhms";

	if (sign && word.n && word.p[0] == '-')
		word = slice_from(word, 1);
	if (word.n && word.p[word.n - 1] && strchr(units, word.p[word.n - 1]))
		word = slice_first(word, word.n - 1);
	return is_digits(word);
}

/* "AS:64", "X-YZ:128" */
static bool is_bandwidth(struct slice value)
{
	struct slice type = slice_split(&value, ':');

	return sdp_is_token(type) && is_digits(value);
}

/* "0 0" */
static bool is_active_time(struct slice value)
{
	struct slice start = sdp_word(&value), stop = sdp_word(&value);

	return is_digits(start) && is_digits(stop) && !sdp_word(&value).n;
}

/* "7d 1h 0 25h": interval, duration and offsets. */
static bool is_repeat(struct slice value)
{
	struct slice word;
	size_t n = 0;

	while ((word = sdp_word(&value)).n && is_typed_time(word, false))
		n++;
	return word.n == 0 && n >= 3;
}

/* "2882844526 -1h 2898848070 0": pairs of a time and an offset. */
static bool is_zones(struct slice value)
{
	struct slice time, offset;
	size_t n = 0;

	while ((time = sdp_word(&value)).n) {
		offset = sdp_word(&value);
		if (!is_digits(time) || !is_typed_time(offset, true))
			return false;
		n++;
	}
	return n > 0;
}

static bool is_well_formed(char letter, struct slice value)
{
	switch (letter) {
	case 'b':
		return is_bandwidth(value);
	case 't':
		return is_active_time(value);
	case 'r':
		return is_repeat(value);
	case 'z':
		return is_zones(value);
	default:
		return true;
	}
}

/* Networks that IANA has beside IN; their addresses are numbers of telephones
 * and the like (RFC 2848, RFC 3108, RFC 7195). */
static bool is_other_network(struct slice value)
{
	struct slice net = sdp_word(&value);

	return sdp_word(&value).n && value.n &&
	       (slice_is(net, "PSTN") || slice_is(net, "TN") ||
		slice_is(net, "ATM"));
}

/* Behind the address: the TTL of IPv4, then how many addresses. */
static bool counts_fit(struct slice value)
{
	struct slice kind, rest;
	uint64_t number;
	bool ttl;

	(void)sdp_word(&value);
	kind = sdp_word(&value);
	rest = sdp_word(&value);
	ttl = slice_is_nocase(kind, "IP4");
	(void)slice_split(&rest, '/');
	while (rest.n) {
		struct slice word = slice_split(&rest, '/');

		if (slice_number(word, ttl ? UINT8_MAX : UINT32_MAX, &number) !=
		    STATUS_OK)
			return false;
		ttl = false;
	}
	return true;
}

/*
 * Further c= lines of a section are for multicast; the first counts, and one
 * that cannot be read is there all the same.
 */
static void read_connection(struct sdp_pass *p, struct slice value)
{
	struct sdp_transport *to =
		p->current ? &p->current->transport : &p->sdp->transport;
	struct endpoint address;

	if (!sdp_address_read(value, 0, &address) && !is_other_network(value)) {
		sdp_find(p, SDP_RULE_CONNECTION, value);
		if (to->connection.n == 0)
			to->connection = value;
		return;
	}
	if (!counts_fit(value))
		sdp_find(p, SDP_RULE_CONNECTION, value);
	if (p->has_connection)
		return;
	p->has_connection = true;
	to->connection = value;
	to->address = address;
}

static enum status read_line(struct sdp_pass *p, struct slice line)
{
	const char letter = (char)line.p[0];
	const struct slice value = slice_trim(slice_from(line, 2));

	if (p->dropped)
		return STATUS_OK;
	check_order(p, letter, line);
	p->letters |= UINT32_C(1) << (letter - 'a');
	if (letter == 'a')
		return sdp_attribute_read(p, value);
	if (letter == 'm')
		return sdp_media_open(p, value);
	if (letter == 'c')
		read_connection(p, value);
	else if (letter == 'o' && !p->current)
		read_origin(p, value);
	else if (letter == 'v' && !slice_is(value, "0"))
		sdp_find(p, SDP_RULE_VERSION, line);
	else if (!is_well_formed(letter, value))
		sdp_find(p, SDP_RULE_FIELD, line);
	return STATUS_OK;
}

/* ---- the description ---- */

static enum status read_lines(struct sdp_pass *p, struct slice in)
{
	const uint8_t *end = in.n ? in.p + in.n : in.p;
	enum status status = STATUS_OK;
	struct slice line, more;
	size_t count = 0;

	while (status == STATUS_OK && next_line(&in, &line)) {
		/* What the capture cut in the middle says nothing. */
		if (p->d->cut && line.p + line.n == end)
			break;
		if (++count > SDP_LINES_MAX) {
			p->limit = true;
			break;
		}
		line = slice_trim(line);
		if (line.n == 0)
			continue;
		if (!is_typed(line)) {
			sdp_find(p, SDP_RULE_LINE, line);
			continue;
		}
		while (status == STATUS_OK && continues(in, &more)) {
			status = join(p->d->arena, &line, more);
			(void)next_line(&in, &more);
		}
		if (status == STATUS_OK)
			status = read_line(p, line);
	}
	return status;
}

static bool is_fragment(const struct sdp_pass *p)
{
	bool named = p->sdp->transport.ice_ufrag.n > 0;

	if (sdp_has_letter(p, 'v') || sdp_has_letter(p, 'o') ||
	    sdp_has_letter(p, 's'))
		return false;
	for (size_t i = 0; i < p->sdp->media_count; i++)
		if (p->media[i].mid.n || p->media[i].transport.ice_ufrag.n)
			named = true;
	return named || !sdp_has_letter(p, 'm');
}

enum status sdp_decode(struct decoding *d, struct slice in, struct sdp *out,
		       size_t *used)
{
	struct sdp sdp = {.text = in};
	struct sdp_pass p = {.d = d, .sdp = &sdp};
	enum status status = read_lines(&p, in);

	if (status != STATUS_OK)
		return status;
	if (p.letters == 0)
		return STATUS_NOT_MINE;
	/* What is missing may stand behind the cut. */
	if (!d->cut) {
		sdp_media_close(&p);
		check_required(&p, in);
	}
	sdp.media = p.media;
	sdp_extmap_check(&p);
	sdp.fragment = is_fragment(&p);
	*out = sdp;
	if (p.limit) {
		sdp_find(&p, SDP_RULE_LIMIT, slice_first(in, 3));
		return STATUS_LIMIT;
	}
	*used = in.n;
	return STATUS_OK;
}

static enum claim claims(struct slice first, bool stream)
{
	(void)stream;
	first = slice_trim(first);
	if (slice_starts(first, SLICE("v=0\r")) ||
	    slice_starts(first, SLICE("v=0\n")))
		return CLAIM_SURE;
	return slice_starts(first, SLICE("m=")) ||
			       slice_starts(first, SLICE("a="))
		       ? CLAIM_MAYBE
		       : CLAIM_NO;
}

static enum status decode(struct decoding *d, struct slice in, void *out,
			  size_t *used)
{
	return sdp_decode(d, in, out, used);
}

static void walk(const void *message, struct field_sink *to)
{
	sdp_walk(message, to);
}

const struct dissector sdp_dissector = {
	.name = "sdp",
	.size = sizeof(struct sdp),
	.rules = sdp_rules,
	.claims = claims,
	.decode = decode,
	.walk = walk,
};
