/*
 * TCP: which framing does each side of a connection speak, and its messages
 * one by one.
 *
 * A side is UNKNOWN until its first bytes tell; what is none of ours is
 * passed over without being kept.  After a hole, or where a capture starts in
 * the middle, the stream is searched for the next message.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/websocket.h"
#include "flow/rules.h"
#include "flow/streams_state.h"

/* How far into a stream of unknown kind a message's start is searched. */
#define SEARCH_WINDOW ((size_t)65536)

struct tcp_flow *streams_tcp(const struct reading *r)
{
	return r->d->flows.rows[r->row].tcp;
}

struct tcp_mark streams_mark(const struct reading *r)
{
	return (struct tcp_mark){.time = r->from.time,
				 .frame = r->from.frame,
				 .file = r->from.file,
				 .vantage = r->from.vantage};
}

void streams_set_mark(struct reading *r, const struct tcp_mark *mark)
{
	r->from.file = mark->file;
	r->from.vantage = mark->vantage;
	r->from.frame = mark->frame;
	r->from.time = mark->time;
}

void streams_note_http(const struct reading *r)
{
	r->d->flows.rows[r->row].seen |=
		FLOW_SEEN_HTTP | (r->inside ? FLOW_SEEN_INSIDE : 0);
}

struct origin streams_origin(const struct reading *r, unsigned side)
{
	const struct flow *flow = &r->d->flows.rows[r->row];
	struct origin from = r->from;

	from.side = side;
	from.src = from.outer_src = flow->ends[side];
	from.dst = from.outer_dst = flow->ends[!side];
	from.flow = r->row;
	if (flow->tcp->pseudo_tls)
		from.transport = TRANSPORT_PSEUDO_TLS;
	if (r->inside) {
		from.transport = TRANSPORT_TLS;
		from.wraps[from.wrap_count++] = WRAP_TLS;
	}
	if (r->sides[side].framing == FRAMING_WEBSOCKET) {
		from.transport = r->inside ? TRANSPORT_WSS : TRANSPORT_WS;
		from.wraps[from.wrap_count++] = WRAP_WEBSOCKET;
	}
	return from;
}

/* ---- one message of each framing: returns the bytes used, 0: wait ---- */

static size_t line_end(struct slice bytes)
{
	size_t at;

	return slice_find(bytes, '\n', &at) ? at + 1 : 0;
}

static size_t blank_lines(struct slice bytes)
{
	size_t n = 0;

	while (n < bytes.n && (bytes.p[n] == '\r' || bytes.p[n] == '\n'))
		n++;
	return n;
}

/* Over the rest of a broken message: line by line to a start line. */
static size_t skip_to_sip(struct slice bytes)
{
	size_t used = 0;

	while (used < bytes.n) {
		struct slice rest = slice_from(bytes, used);
		size_t line = line_end(rest);

		if (used && sip_claims(rest, true) != CLAIM_NO)
			break;
		if (line == 0)
			return bytes.n - used > SEARCH_WINDOW ? bytes.n : used;
		used += line;
	}
	return used;
}

static size_t next_sip(struct reading *r, unsigned side, struct slice bytes)
{
	struct findings findings = {0};
	struct decoding decoding = {
		.arena = &r->d->scratch, .findings = &findings, .stream = true};
	struct origin from = streams_origin(r, side);
	struct sip_message m;
	size_t used = blank_lines(bytes);
	enum status status;

	if (used) {
		take_keepalive(r->d, &from, slice_first(bytes, used));
		return used;
	}
	if (sip_claims(bytes, true) == CLAIM_NO)
		return skip_to_sip(bytes);
	arena_reset(&r->d->scratch);
	status = sip_decode(&decoding, bytes, &m, &used);
	if (status == STATUS_SHORT)
		return 0;
	if (status == STATUS_OK) {
		r->d->flows.rows[r->row].seen |= FLOW_SEEN_SIP;
		take_sip(r->d, &from, &m, slice_first(bytes, used), &findings);
		return used;
	}
	if (status != STATUS_NOT_MINE)
		take_malformed(r->d, &from,
			       &(struct unreadable){"sip", status, bytes},
			       &findings);
	return skip_to_sip(bytes);
}

/* To the next place where a STUN header could be (cookie at offset 4). */
static size_t skip_to_stun(struct slice bytes)
{
	static const uint8_t cookie[] = {0x21, 0x12, 0xA4, 0x42};
	size_t at;

	if (slice_search(slice_from(bytes, 5), slice_of(cookie, 4), &at))
		return at + 1;
	return bytes.n > 8 ? bytes.n - 8 : 0;
}

static size_t next_stun(struct reading *r, unsigned side, struct slice bytes)
{
	struct findings findings = {0};
	struct decoding decoding = {
		.arena = &r->d->scratch, .findings = &findings, .stream = true};
	struct origin from = streams_origin(r, side);
	struct stun_message m;
	enum status status;
	size_t used;

	if (stun_claims(bytes, true) == CLAIM_NO)
		return skip_to_stun(bytes);
	arena_reset(&r->d->scratch);
	status = stun_decode(&decoding, bytes, &m, &used);
	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK) {
		take_malformed(r->d, &from,
			       &(struct unreadable){"stun", status, bytes},
			       &findings);
		return skip_to_stun(bytes);
	}
	r->d->flows.rows[r->row].seen |= FLOW_SEEN_STUN;
	take_stun(r->d, &from, &m, &findings, 0);
	return used;
}

static size_t next_channel_data(struct reading *r, unsigned side,
				struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct origin from = streams_origin(r, side);
	struct channel_data m;
	size_t used;
	enum status status = channel_data_decode(&decoding, bytes, &m, &used);

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK)
		return skip_to_stun(bytes);
	arena_reset(&r->d->scratch);
	take_channel_data(r->d, &from, &m, slice_first(bytes, used), 0);
	return used;
}

static size_t next_multiplexed(struct reading *r, unsigned side,
			       struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct origin from = streams_origin(r, side);
	struct multiplexed m;
	size_t used;
	enum status status = multiplexed_decode(&decoding, bytes, &m, &used);

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK)
		return skip_to_stun(bytes);
	arena_reset(&r->d->scratch);
	from.turn_session = turn_session_of(m.session);
	take_nested(r->d, &from, WRAP_MTURN, m.data, 0);
	return used;
}

static bool is_bound_channel(struct reading *r, struct slice bytes)
{
	struct cursor c = cursor_over(bytes);
	uint16_t number = cursor_u16(&c);

	return !c.bad &&
	       relay_channel_find(r->d->flows.rows[r->row].turn, number);
}

/* Behind a hole only a cookie or a bound channel begins a message; what else
 * looks like a header may be the middle of anything. */
static enum claim begins_turn(struct reading *r, struct slice bytes)
{
	return is_bound_channel(r, bytes) ? CLAIM_SURE
					  : stun_claims(bytes, true);
}

static size_t next_turn(struct reading *r, unsigned side, struct slice bytes)
{
	struct tcp_side *self = &r->sides[side];

	if (self->lost) {
		enum claim claim = begins_turn(r, bytes);

		if (claim != CLAIM_SURE)
			return claim == CLAIM_MAYBE ? 0 : skip_to_stun(bytes);
		self->lost = false;
	}
	if (bytes.p[0] < 4)
		return next_stun(r, side, bytes);
	if (bytes.p[0] == 0xFF)
		return next_multiplexed(r, side, bytes);
	if (bytes.p[0] >= 0x40 && bytes.p[0] < 0x80)
		return next_channel_data(r, side, bytes);
	return skip_to_stun(bytes);
}

static size_t next_rfc4571(struct reading *r, unsigned side, struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct origin from = streams_origin(r, side);
	struct rfc4571_frame m;
	size_t used;
	enum status status = rfc4571_decode(&decoding, bytes, &m, &used);

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK)
		return bytes.n;
	arena_reset(&r->d->scratch);
	take_nested(r->d, &from, WRAP_RFC4571, m.data, 0);
	return used;
}

/* Data frames carry a second length, RFC 4571's ([MS-TURN] 2.1.4). */
static void take_ms_data(struct reading *r, const struct origin *from,
			 struct slice data)
{
	struct cursor c = cursor_over(data);
	uint16_t length = cursor_u16(&c);
	struct origin inner = *from;

	if (!c.bad && length == c.left) {
		inner.wraps[inner.wrap_count++] = WRAP_MS_TCP;
		take_nested(r->d, &inner, WRAP_RFC4571, cursor_rest(&c), 0);
		return;
	}
	take_nested(r->d, from, WRAP_MS_TCP, data, 0);
}

/* Behind a lost segment the fault is the capture's: `lost` says so. */
static void say_wrong_frame(struct reading *r, unsigned side)
{
	struct origin from = streams_origin(r, side);

	if (!r->sides[side].lost)
		take_finding(r->d, &from, &flow_rules[FLOW_RULE_MS_FRAME]);
}

static size_t next_ms_tcp(struct reading *r, unsigned side, struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct origin from = streams_origin(r, side);
	struct ms_tcp_frame m;
	size_t used;
	enum status status = ms_tcp_decode(&decoding, bytes, &m, &used);

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK) {
		say_wrong_frame(r, side);
		r->sides[side].framing = FRAMING_OTHER;
		return bytes.n;
	}
	arena_reset(&r->d->scratch);
	if (m.type == 2)
		take_nested(r->d, &from, WRAP_MS_TCP, m.data, 0);
	else
		take_ms_data(r, &from, m.data);
	return used;
}

/* Behind a handshake of TLS 1.3, which looks like data, and what refuses it
 * there, a client asks and is answered, and so again. */
#define TLS_TURNS 4u

static void note_use(struct reading *r, unsigned side)
{
	struct tcp_flow *tcp = streams_tcp(r);

	if (r->inside)
		return;
	if (side)
		tcp->spoke = r->from.time;
	/* What a server sends first asks nothing. */
	if (tcp->spoke_last != side + 1 && (tcp->spoke_last || !side) &&
	    tcp->turns < TLS_TURNS)
		tcp->turns++;
	tcp->spoke_last = (uint8_t)(side + 1);
	if (tcp->turns == TLS_TURNS && side && !tcp->used)
		tcp->used = r->from.time;
}

static size_t next_tls(struct reading *r, unsigned side, struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct tls_record record;
	struct message message = {.kind = MESSAGE_TLS, .u.tls = &record};
	enum status status;
	size_t used;

	arena_reset(&r->d->scratch);
	status = tls_decode(&decoding, bytes, &record, &used);
	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK) {
		r->sides[side].framing = FRAMING_OTHER;
		tls_stream_lose(r, side);
		return bytes.n;
	}
	r->d->counts.tls++;
	r->d->flows.rows[r->row].seen |= FLOW_SEEN_TLS;
	message.from = streams_origin(r, side);
	message.bytes = slice_first(bytes, used);
	if (record.content == TLS_APPLICATION_DATA)
		note_use(r, side);
	else
		take_other(r->d, &message);
	tls_stream_take(r, side, &record);
	return used;
}

/* ---- which framing? ---- */

/* A hello that only looks like TLS ([MS-TURN] 2.1.1); its size or 0. */
static size_t pseudo_tls(struct slice bytes, bool *server, bool *wait)
{
	size_t size = 0;

	for (int side = 0; side < 2; side++) {
		switch (pseudo_tls_claims(bytes, side, &size)) {
		case CLAIM_SURE:
			*server = side;
			return size;
		case CLAIM_MAYBE:
			*wait = true;
			break;
		case CLAIM_NO:
			break;
		}
	}
	return 0;
}

static enum framing claimed(struct slice bytes, bool *wait)
{
	const struct {
		enum claim claim;
		enum framing framing;
	} rows[] = {
		{ms_tcp_claims(bytes), FRAMING_MS_TCP},
		{stun_claims(bytes, true), FRAMING_STUN},
		{rfc4571_claims(bytes), FRAMING_RFC4571},
		{multiplexed_claims(bytes, true), FRAMING_STUN},
		{sip_claims(bytes, true), FRAMING_SIP},
		{tls_claims(bytes, true), FRAMING_TLS},
		{websocket_claims(bytes), FRAMING_WEBSOCKET},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].claim == CLAIM_SURE)
			return rows[i].framing;
		if (rows[i].claim == CLAIM_MAYBE)
			*wait = true;
	}
	return FRAMING_OTHER;
}

/* What HTTP asked for is no answer of SIP, however it begins. */
static enum framing claimed_here(const struct reading *r, unsigned side,
				 struct slice bytes, bool *wait)
{
	enum framing framing = claimed(bytes, wait);

	if (framing == FRAMING_SIP && r->sides[!side].framing != FRAMING_SIP &&
	    (r->d->flows.rows[r->row].seen & FLOW_SEEN_HTTP) &&
	    slice_starts(bytes, SLICE("SIP/2.0 ")))
		return FRAMING_OTHER;
	return framing;
}

/* Google's relays have hellos of another size. */
#define MS_HELLO_CLIENT 50u
#define MS_HELLO_SERVER 83u

static void hand_on_hello(struct reading *r, unsigned side, enum hello hello)
{
	struct message message = {.kind = MESSAGE_HELLO,
				  .from = streams_origin(r, side),
				  .u.hello = hello};

	message.from.transport = TRANSPORT_PSEUDO_TLS;
	take_other(r->d, &message);
}

static void take_hello(struct reading *r, unsigned side, bool server,
		       size_t size)
{
	struct tcp_flow *tcp = streams_tcp(r);

	tcp->pseudo_tls = true;
	if (size != (server ? MS_HELLO_SERVER : MS_HELLO_CLIENT))
		return;
	tcp->hello |= !server;
	tcp->answered |= server;
	tcp->hello_side = (uint8_t)(server ? !side : side);
	hand_on_hello(r, side, server ? HELLO_OF_SERVER : HELLO_OF_CLIENT);
}

/* What stands first behind the client's hello, when it is no hello. */
static void behind_hello(struct reading *r, unsigned side, bool http)
{
	struct tcp_flow *tcp = streams_tcp(r);
	enum framing framing = r->sides[side].framing;

	if (!tcp->hello || tcp->answered || r->inside)
		return;
	if (side == tcp->hello_side) {
		if (framing == FRAMING_MS_TCP)
			hand_on_hello(r, side, HELLO_TOO_EARLY);
		return;
	}
	tcp->answered = true;
	if (framing != FRAMING_MS_TCP)
		hand_on_hello(r, side,
			      framing == FRAMING_TLS ? HELLO_AS_TLS
			      : http                 ? HELLO_AS_HTTP
						     : HELLO_AS_OTHER);
}

/* An answer of HTTP that is no 101, which would have been taken for one; or the
 * end of the connection in its place. */
static void say_refused(struct reading *r, unsigned side)
{
	struct origin from = streams_origin(r, side);

	if (!r->sides[!side].asks_sip)
		return;
	r->sides[!side].asks_sip = false;
	take_finding(r->d, &from, &flow_rules[FLOW_RULE_WEBSOCKET]);
}

/*
 * Decides by what is at hand.  Returns the bytes used (a pseudo-TLS hello,
 * blank lines before SIP, all of what is none of ours), 0 when decided or
 * waiting; *again when there is more to do.
 */
static size_t detect(struct reading *r, unsigned side, struct slice bytes,
		     bool ended, bool *again)
{
	bool wait = false, server = false, http;
	size_t used = blank_lines(bytes);

	if (used)
		return used;
	used = pseudo_tls(bytes, &server, &wait);
	if (used) {
		take_hello(r, side, server, used);
		return used;
	}
	if (streams_http2_claims(r, side, bytes, &wait)) {
		streams_http2_begin(r, side);
		*again = true;
		return 0;
	}
	switch (websocket_hello_claims(bytes, &used)) {
	case CLAIM_SURE:
		r->sides[side].framing = FRAMING_WEBSOCKET;
		r->sides[side].asks_sip =
			websocket_asks_sip(slice_first(bytes, used));
		streams_note_http(r);
		return used;
	case CLAIM_MAYBE:
		wait = true;
		break;
	case CLAIM_NO:
		break;
	}
	r->sides[side].framing = claimed_here(r, side, bytes, &wait);
	if (r->sides[side].framing == FRAMING_OTHER &&
	    web_claims(bytes) == CLAIM_SURE) {
		streams_web_begin(r, side);
		*again = true;
		return 0;
	}
	if (r->sides[side].framing == FRAMING_OTHER && wait && !ended) {
		r->sides[side].framing = FRAMING_UNKNOWN;
		*again = false;
		return 0;
	}
	http = r->sides[side].framing == FRAMING_OTHER && http_begins(bytes);
	if (r->sides[side].framing == FRAMING_OTHER && !http)
		(void)streams_http2_say_middle(r, side, bytes);
	behind_hello(r, side, http);
	if (http) {
		say_refused(r, side);
		streams_http_begin(r, side);
	}
	*again = true;
	return 0;
}

/* Bytes that belong to nobody: a later segment may start a message. */
static size_t pass_over(struct reading *r, unsigned side, struct slice bytes)
{
	struct tcp_side *self = &r->sides[side];
	bool wait = false;
	enum framing framing = claimed_here(r, side, bytes, &wait);

	if (self->http2)
		streams_http2_unreadable(r, side);
	if (framing != FRAMING_OTHER) {
		self->framing = framing;
		return 0;
	}
	/* Both agreed to it in HTTP/1.1 (RFC 7540 3.2). */
	if (streams_http2_claims(r, side, bytes, &wait)) {
		streams_http2_begin(r, side);
		return 0;
	}
	if (http_begins(bytes)) {
		streams_http_begin(r, side);
		return 0;
	}
	if (streams_tcp(r)->tls && !r->inside)
		return tls_stream_search(bytes);
	/* Only where SIP is expected is the rest worth a search. */
	if (r->sides[!side].framing == FRAMING_SIP || self->lost) {
		size_t used = skip_to_sip(slice_first(bytes, SEARCH_WINDOW));

		if (used && used < bytes.n) {
			self->framing = FRAMING_SIP;
			return used;
		}
	}
	return bytes.n;
}

static size_t step(struct reading *r, unsigned side, struct slice bytes,
		   bool ended, bool *again)
{
	size_t used;

	switch (r->sides[side].framing) {
	case FRAMING_UNKNOWN:
		return detect(r, side, bytes, ended, again);
	case FRAMING_SIP:
		return next_sip(r, side, bytes);
	case FRAMING_STUN:
		return next_turn(r, side, bytes);
	case FRAMING_MS_TCP:
		return next_ms_tcp(r, side, bytes);
	case FRAMING_RFC4571:
		return next_rfc4571(r, side, bytes);
	case FRAMING_TLS:
		return next_tls(r, side, bytes);
	case FRAMING_WEBSOCKET:
		return streams_websocket(r, side, bytes);
	case FRAMING_WEB:
		return streams_web(r, side, bytes);
	case FRAMING_HTTP:
		*again = true;
		return streams_http(r, side, bytes, ended, again);
	case FRAMING_HTTP2:
		used = streams_http2(r, side, bytes);
		*again = r->sides[side].framing != FRAMING_HTTP2;
		return used;
	case FRAMING_OTHER:
		*again = true;
		return pass_over(r, side, bytes);
	}
	return bytes.n;
}

size_t streams_read(struct reading *r, unsigned side,
		    const struct tcp_shown *shown, bool ended)
{
	const struct slice bytes = shown->bytes;
	size_t used = 0;
	/* Each step uses bytes or settles the framing: this many at most. */
	size_t patience = bytes.n * 2 + 8;

	streams_set_mark(r, &shown->mark);
	while (used < bytes.n && patience--) {
		bool again = false;
		size_t n;

		if (used >= shown->old)
			streams_set_mark(r, &shown->own);
		n = step(r, side, slice_from(bytes, used), ended, &again);
		used += n < bytes.n - used ? n : bytes.n - used;
		if (n == 0 && !again)
			break;
	}
	return used;
}

static size_t read_side(void *context, unsigned side,
			const struct tcp_shown *shown, bool ended)
{
	struct reading *r = context;
	size_t used = 0;

	if (shown->bytes.n)
		used = streams_read(r, side, shown, ended);
	/* The same ports may be used again, for something else. */
	if (ended) {
		if (r->sides[side].framing == FRAMING_UNKNOWN)
			say_refused(r, side);
		tls_stream_end(r, side);
		streams_websocket_end(r->d, &r->sides[side]);
		streams_http2_end(r->d, &r->sides[side]);
		r->sides[side] = (struct tcp_side){.lost = false};
		streams_tcp(r)->pseudo_tls = false;
		streams_tcp(r)->hello = false;
		streams_tcp(r)->answered = false;
	}
	return used;
}

/* What the capture cut off a segment takes the end of a message with it: what
 * is there of its head is read all the same. */
static void take_cut(struct reading *r, unsigned side, struct slice bytes)
{
	struct origin from = streams_origin(r, side);

	from.cut = true;
	bytes = slice_from(bytes, blank_lines(bytes));
	if (sip_claims(bytes, false) == CLAIM_SURE ||
	    stun_claims(bytes, true) == CLAIM_SURE)
		classify_datagram(r->d, &from, bytes, 0);
}

void streams_lost(struct tcp_side *side)
{
	side->lost = true;
	side->skip = 0;
	side->chunks = false;
	streams_websocket_lose(side);
	/* Length-framed streams cannot be trusted behind a hole. */
	if (side->framing != FRAMING_SIP && side->framing != FRAMING_STUN)
		side->framing = FRAMING_OTHER;
}

static void lose(void *context, unsigned side, enum tcp_hole kind,
		 uint64_t size, struct slice unread)
{
	struct reading *r = context;
	const unsigned seen = r->d->flows.rows[r->row].seen;
	struct message message = {
		.kind = MESSAGE_HOLE,
		.from = streams_origin(r, side),
		.bytes = unread,
		.u.hole = {kind, size, seen & (FLOW_SEEN_SIP | FLOW_SEEN_STUN)},
	};

	if (kind == TCP_HOLE_LEFT_OUT) {
		streams_lost(&r->sides[side]);
		tls_stream_lose(r, side);
		return;
	}
	if (kind == TCP_HOLE_CAPTURE && unread.n && r->cut)
		take_cut(r, side, unread);
	r->d->counts.holes++;
	streams_lost(&r->sides[side]);
	take_other(r->d, &message);
	tls_stream_lose(r, side);
}

static struct tcp_reader reader_of(struct reading *r)
{
	return (struct tcp_reader){
		.context = r,
		.mark = streams_mark(r),
		.data = read_side,
		.hole = lose,
	};
}

/* Another connection between the same ends is open again. */
static void note_close(struct tcp_flow *tcp)
{
	const unsigned ends = TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_RST;

	if (!(tcp_stream_events(tcp->stream) & ends))
		tcp->closed = (struct tcp_mark){0};
	else if (tcp->closed.frame == 0)
		tcp->closed = tcp->last;
}

void streams_feed(struct driver *d, uint32_t row, const struct packet *packet,
		  struct origin *from)
{
	struct reading r = {
		.d = d, .row = row, .cut = packet->cut, .from = *from};
	struct tcp_reader reader = reader_of(&r);
	struct tcp_flow *tcp = d->flows.rows[row].tcp;

	if (!packet->tcp_parsed)
		return;
	if (!tcp) {
		tcp = calloc(1, sizeof(*tcp));
		d->flows.rows[row].tcp = tcp;
		if (tcp)
			tcp->stream = tcp_stream_new(&d->tcp);
		if (!tcp || !tcp->stream) {
			d->status = STATUS_NOMEM;
			return;
		}
	}
	if (!tcp->stream)
		return;
	r.sides = tcp->sides;
	tcp->last = reader.mark;
	if (tcp_stream_feed(tcp->stream, from->side, packet, from->time,
			    &reader) != STATUS_OK)
		d->status = STATUS_NOMEM;
	note_close(tcp);
}

void streams_end(struct driver *d, uint32_t row)
{
	struct flow *flow = &d->flows.rows[row];
	struct tcp_flow *tcp = flow->tcp;
	struct reading r = {.d = d, .row = row};
	struct message message = {.kind = MESSAGE_TCP};
	struct tcp_reader reader;

	if (!tcp || tcp->ended)
		return;
	tcp->ended = true;
	if (!tcp->stream) {
		sctp_flow_end(d, row);
		return;
	}
	r.sides = tcp->sides;
	r.from = (struct origin){.file = tcp->last.file,
				 .vantage = tcp->last.vantage,
				 .frame = tcp->last.frame,
				 .time = tcp->last.time,
				 .flow = row,
				 .transport = TRANSPORT_TCP};
	reader = reader_of(&r);
	tcp_stream_end(tcp->stream, &reader);
	if (tcp->tls)
		tls_stream_finish(&r);
	message.from = streams_origin(&r, 0);
	if (tcp->closed.frame) {
		message.from.file = tcp->closed.file;
		message.from.vantage = tcp->closed.vantage;
		message.from.frame = tcp->closed.frame;
		message.from.time = tcp->closed.time;
	}
	message.u.tcp =
		(struct tcp_end){.events = tcp_stream_events(tcp->stream),
				 .used = tcp->used,
				 .spoke = tcp->spoke};
	for (unsigned i = 0; i < 2; i++)
		(void)tcp_stream_stuck(tcp->stream, i, &message.u.tcp.stuck[i]);
	take_other(d, &message);
}

unsigned streams_events(const struct tcp_flow *tcp)
{
	if (!tcp)
		return 0;
	return tcp->stream ? tcp_stream_events(tcp->stream) : tcp->association;
}

void streams_free(struct driver *d, struct tcp_flow *tcp)
{
	if (!tcp)
		return;
	if (tcp->stream)
		tcp_stream_free(tcp->stream);
	tls_stream_free(d, tcp->tls);
	for (unsigned i = 0; i < 2; i++) {
		streams_websocket_end(d, &tcp->sides[i]);
		streams_http2_end(d, &tcp->sides[i]);
	}
	free(tcp);
}
