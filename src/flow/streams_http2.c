/*
 * HTTP/2 over TCP that says so at once, and inside of TLS that can be read:
 * each stream's request and response are handed on as those of HTTP/1.1 are,
 * and a WebSocket in a stream (RFC 8441) as one on a connection of its own.
 *
 * A direction whose bytes are not all there cannot be read on, since the table
 * that its headers refer to is not known any more: that is said, and no more.
 */
#include "config.h"

#include <stdlib.h>

#include "core/hpack.h"
#include "dissectors/http2.h"
#include "flow/rules.h"
#include "flow/streams_state.h"

/* Connections that are followed at a time, and streams of each: browsers open
 * a hundred at most (RFC 9113 6.5.2). */
#define CONNECTIONS_MAX 512u
#define STREAMS_MAX 256u
/* A header block in its frames, or a frame of data that is wanted. */
#define BLOCK_MAX ((size_t)65536)
#define FRAME_MAX ((size_t)1 << 18)
/* The head of a message as HTTP/1.1 would write it. */
#define HEAD_MAX (HPACK_FIELDS_MAX * 2)

/* What is wanted of what a side says in a stream. */
enum want {
	WANT_NOTHING,
	WANT_BODY, /* it may tell SDP */
	WANT_WEB,  /* all of it, head and body: a web service of Lync */
	WANT_BYTES /* a WebSocket */
};

struct said {
	enum want want;
	enum http_body kind;
	bool begun, ended;
	struct text head;     /* of WANT_WEB */
	struct text body;     /* or bytes that wait */
	struct tcp_mark mark; /* the latest of these */
};

struct http2_stream {
	uint32_t id;
	bool web;
	struct tcp_side sides[2];
	struct said said[2];
};

/* A direction. */
struct half {
	struct hpack *table;
	uint64_t skip;
	bool open; /* its first bytes were seen */
	/* A header block that comes in several frames. */
	bool in_block;
	struct http2_frame block_head;
	struct text block;
	struct tcp_mark block_mark; /* the latest of its frames */
};

struct http2 {
	unsigned users; /* sides that it is of */
	bool web;       /* there was a web service of Lync */
	bool full;      /* that was said */
	struct half halves[2];
	struct http2_stream *streams[STREAMS_MAX];
	size_t count;
};

/* ---- streams ---- */

static void forget(struct driver *d, struct text *text)
{
	d->tcp.bytes_now -= text->n;
	text_free(text);
}

/* What one connection holds counts as the bytes that TCP keeps. */
static bool keep(struct driver *d, struct text *text, struct slice bytes)
{
	if (bytes.n > d->tcp.bytes_max - d->tcp.bytes_now) {
		d->tcp.refused++;
		return false;
	}
	if (text->max == 0)
		*text = text_new(HEAD_MAX + WEB_BODY_MAX);
	if (bytes.n > text->max - text->n)
		return false;
	text_put(text, bytes);
	if (text->failed != STATUS_OK)
		return false;
	d->tcp.bytes_now += bytes.n;
	return true;
}

static void stream_free(struct driver *d, struct http2_stream *s)
{
	for (unsigned i = 0; i < 2; i++) {
		streams_websocket_end(d, &s->sides[i]);
		forget(d, &s->said[i].head);
		forget(d, &s->said[i].body);
	}
	free(s);
}

static size_t find(const struct http2 *h, uint32_t id)
{
	size_t at = h->count;

	/* The newest is asked for most. */
	while (at && h->streams[at - 1]->id != id)
		at--;
	return at;
}

static struct http2_stream *stream_of(const struct http2 *h, uint32_t id)
{
	size_t at = find(h, id);

	return at ? h->streams[at - 1] : NULL;
}

static void stream_close(struct driver *d, struct http2 *h, uint32_t id)
{
	size_t at = find(h, id);

	if (!at)
		return;
	stream_free(d, h->streams[at - 1]);
	memmove(&h->streams[at - 1], &h->streams[at],
		(h->count - at) * sizeof(struct http2_stream *));
	h->count--;
}

static void say(struct reading *r, unsigned side, enum flow_rule rule)
{
	struct origin from = streams_origin(r, side);

	take_finding(r->d, &from, &flow_rules[rule]);
}

/* Once for a connection. */
static void say_limit(struct reading *r, unsigned side, struct http2 *h)
{
	if (!h->full)
		say(r, side, FLOW_RULE_HTTP2_LIMIT);
	h->full = true;
}

static struct http2_stream *stream_open(struct reading *r, unsigned side,
					struct http2 *h, uint32_t id)
{
	struct http2_stream *s;

	if (h->count == STREAMS_MAX) {
		say_limit(r, side, h);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->id = id;
	h->streams[h->count++] = s;
	return s;
}

/* ---- what a stream says ---- */

static struct reading reading_of(const struct reading *r,
				 struct http2_stream *s)
{
	struct reading inner = *r;

	inner.sides = s->sides;
	inner.exchange = s->id;
	return inner;
}

/* The first `old` bytes waited. */
static void read_websocket(struct reading *r, unsigned side,
			   struct http2_stream *s, size_t old)
{
	struct reading inner = reading_of(r, s);
	struct said *said = &s->said[side];
	struct text *text = &said->body;
	struct slice all = text_slice(text);
	const struct tcp_mark own = streams_mark(r);
	size_t used = 0, n;

	/* Many may be told in one stream. */
	inner.exchange = 0;
	streams_set_mark(&inner, &said->mark);
	do {
		if (used >= old)
			streams_set_mark(&inner, &own);
		n = streams_websocket(&inner, side, slice_from(all, used));
		used += n;
	} while (n && used < all.n &&
		 s->sides[side].framing == FRAMING_WEBSOCKET);
	if (s->sides[side].framing != FRAMING_WEBSOCKET) {
		said->want = WANT_NOTHING;
		forget(r->d, text);
		return;
	}
	if (used >= old)
		said->mark = own;
	memmove(text->p, text->p + used, text->n - used);
	r->d->tcp.bytes_now -= used;
	text->n -= used;
}

/* As HTTP/1.1 would have it. */
static void read_web(struct reading *r, unsigned side, struct http2_stream *s)
{
	struct reading inner = reading_of(r, s);
	struct said *said = &s->said[side];
	struct text whole = text_new(HEAD_MAX + WEB_BODY_MAX + 64);

	text_put(&whole, text_slice(&said->head));
	text_printf(&whole, "Content-Length: %zu\r\n\r\n", said->body.n);
	text_put(&whole, text_slice(&said->body));
	if (whole.failed == STATUS_OK)
		streams_web_of(&inner, side, s->id, text_slice(&whole));
	text_free(&whole);
}

static void read_whole(struct reading *r, unsigned side, struct http2_stream *s)
{
	struct said *said = &s->said[side];
	struct reading inner = reading_of(r, s);

	streams_set_mark(&inner, &said->mark);
	if (said->want == WANT_WEB) {
		read_web(&inner, side, s);
	} else if (said->want == WANT_BODY) {
		arena_reset(&r->d->scratch);
		streams_http_body(&inner, side, said->kind,
				  text_slice(&said->body));
	}
	said->want = WANT_NOTHING;
	forget(r->d, &said->head);
	forget(r->d, &said->body);
}

/* A frame of a stream came. */
static void note_mark(const struct reading *r, struct said *said)
{
	said->mark = tcp_mark_later(said->mark, streams_mark(r));
}

static void end_side(struct reading *r, unsigned side, struct http2 *h,
		     struct http2_stream *s)
{
	const struct tcp_side *other = &r->sides[!side];

	note_mark(r, &s->said[side]);
	read_whole(r, side, s);
	s->said[side].ended = true;
	if (s->said[!side].ended || other->framing == FRAMING_OTHER)
		stream_close(r->d, h, s->id);
}

static bool wants_data(const struct http2 *h, unsigned side, uint32_t id)
{
	const struct http2_stream *s = stream_of(h, id);

	return s && s->said[side].want != WANT_NOTHING;
}

static void take_data(struct reading *r, unsigned side, struct http2 *h,
		      struct http2_stream *s, struct slice bytes)
{
	struct said *said = &s->said[side];
	const size_t old = said->body.n;

	note_mark(r, said);
	if (old + bytes.n > WEB_BODY_MAX || !keep(r->d, &said->body, bytes)) {
		say_limit(r, side, h);
		said->want = WANT_NOTHING;
		forget(r->d, &said->body);
		return;
	}
	if (said->want == WANT_BYTES && said->body.n)
		read_websocket(r, side, s, old);
}

/* ---- heads ---- */

/* What a header block says; in the arena of what is taken apart. */
struct heads {
	struct arena *arena;
	struct slice method, path, authority, protocol, status;
	struct text rest; /* lines of the others */
};

/* RFC 9113 8.2.1: what would end a line there is none of a field. */
static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == 0)
			return false;
	return true;
}

/* Those that are looked at in HTTP/1.1; how long a body is its frames tell. */
static bool is_read(struct slice name)
{
	static const char *const names[] = {"content-type", "content-encoding",
					    "x-ms-diagnostics", "host"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static void take_field(void *context, struct slice name, struct slice value)
{
	struct heads *heads = context;
	const struct {
		const char *name;
		struct slice *to;
	} rows[] = {{":method", &heads->method},
		    {":path", &heads->path},
		    {":authority", &heads->authority},
		    {":protocol", &heads->protocol},
		    {":status", &heads->status}};

	if (!name.n || !is_plain(name) || !is_plain(value))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_is(name, rows[i].name))
			*rows[i].to = arena_copy(heads->arena, value);
	if (!is_read(name))
		return;
	text_put(&heads->rest, name);
	text_puts(&heads->rest, ": ");
	text_put(&heads->rest, value);
	text_puts(&heads->rest, "\r\n");
}

static void write_head(const struct heads *heads, struct text *to)
{
	if (heads->method.n) {
		text_put(to, heads->method);
		text_putc(to, ' ');
		text_put(to, heads->path);
		text_puts(to, " HTTP/1.1\r\n");
		if (heads->authority.n) {
			text_puts(to, "Host: ");
			text_put(to, heads->authority);
			text_puts(to, "\r\n");
		}
	} else {
		text_puts(to, "HTTP/1.1 ");
		text_put(to, heads->status);
		text_puts(to, " \r\n");
	}
	text_put(to, text_slice(&heads->rest));
}

/* A request to a web service of Lync makes all that follows on the connection
 * part of it, as over HTTP/1.1. */
static void choose(struct reading *r, unsigned side, struct http2 *h,
		   struct http2_stream *s, struct text *head)
{
	struct said *said = &s->said[side];
	const size_t n = head->n;
	struct http_head m;

	text_puts(head, "\r\n");
	if (head->failed != STATUS_OK ||
	    http_head_read(text_slice(head), &m) != STATUS_OK)
		return;
	if (m.request && web_claims(text_slice(head)) == CLAIM_SURE)
		h->web = true;
	if (m.request && h->web)
		s->web = true;
	said->kind = m.kind;
	if (s->web && keep(r->d, &said->head, slice_first(text_slice(head), n)))
		said->want = WANT_WEB;
	else if (!s->web && m.kind != HTTP_BODY_OTHER)
		said->want = WANT_BODY;
}

/* RFC 8441 4: the stream is a WebSocket where the server agrees to it. */
static void begin_tunnel(struct http2_stream *s)
{
	for (unsigned i = 0; i < 2; i++) {
		s->said[i].want = WANT_BYTES;
		s->sides[i].framing = FRAMING_WEBSOCKET;
	}
}

static void refuse_tunnel(struct reading *r, struct http2_stream *s)
{
	for (unsigned i = 0; i < 2; i++) {
		s->said[i].want = WANT_NOTHING;
		forget(r->d, &s->said[i].body);
	}
}

static void begin_message(struct reading *r, unsigned side, struct http2 *h,
			  struct http2_stream *s, const struct heads *heads)
{
	struct said *said = &s->said[side];
	struct text head = text_new(HEAD_MAX);

	said->begun = true;
	note_mark(r, said);
	if (said->want == WANT_BYTES) {
		if (!slice_starts(heads->status, SLICE("2")))
			refuse_tunnel(r, s);
	} else if (slice_is(heads->method, "CONNECT")) {
		if (slice_is(heads->protocol, "websocket"))
			begin_tunnel(s);
	} else {
		write_head(heads, &head);
		choose(r, side, h, s, &head);
	}
	text_free(&head);
}

static bool is_interim(const struct heads *heads)
{
	return slice_starts(heads->status, SLICE("1"));
}

/* Behind the first block that counts come trailers, which tell nothing. */
static void take_heads(struct reading *r, unsigned side, struct http2 *h,
		       const struct http2_frame *f, const struct heads *heads)
{
	struct http2_stream *s = stream_of(h, f->stream);

	if (f->type == HTTP2_PUSH_PROMISE)
		return;
	if (!s && (heads->method.n || heads->status.n)) {
		s = stream_open(r, side, h, f->stream);
		/* Asked for before, or pushed. */
		if (s && !heads->method.n)
			s->said[!side].ended = true;
	}
	if (!s)
		return;
	if (!s->said[side].begun && !is_interim(heads))
		begin_message(r, side, h, s, heads);
	if (f->flags & HTTP2_END_STREAM)
		end_side(r, side, h, s);
}

/* ---- frames ---- */

/* Nothing more is read of this direction. */
static size_t give_up(struct reading *r, unsigned side, size_t used)
{
	streams_http2_unreadable(r, side);
	r->sides[side].framing = FRAMING_OTHER;
	r->sides[side].lost = true;
	return used;
}

static bool read_block(struct reading *r, unsigned side, struct http2 *h,
		       const struct http2_frame *f, struct slice block)
{
	struct heads heads = {.arena = &r->d->scratch,
			      .rest = text_new(HEAD_MAX)};
	enum status status;

	arena_reset(&r->d->scratch);
	status = hpack_read(h->halves[side].table, block, take_field, &heads);
	if (status == STATUS_OK && heads.rest.failed == STATUS_OK)
		take_heads(r, side, h, f, &heads);
	text_free(&heads.rest);
	return status == STATUS_OK;
}

/* A block in frames that follow each other without another between them (RFC
 * 9113 6.10). */
static bool take_block(struct reading *r, unsigned side, struct http2 *h,
		       const struct http2_frame *f, struct slice part)
{
	struct half *half = &h->halves[side];
	struct reading latest = *r;
	bool whole, fine;

	if (f->type != HTTP2_CONTINUATION) {
		if (f->flags & HTTP2_END_HEADERS)
			return read_block(r, side, h, f, part);
		half->block_head = *f;
		half->block = text_new(BLOCK_MAX);
		half->block_mark = streams_mark(r);
		half->in_block = true;
	}
	text_put(&half->block, part);
	half->block_mark = tcp_mark_later(half->block_mark, streams_mark(r));
	streams_set_mark(&latest, &half->block_mark);
	whole = f->flags & HTTP2_END_HEADERS;
	fine = half->block.failed == STATUS_OK;
	if (fine && whole)
		fine = read_block(&latest, side, h, &half->block_head,
				  text_slice(&half->block));
	if (!fine || whole) {
		half->in_block = false;
		text_free(&half->block);
	}
	return fine;
}

/* False: it cannot be read on. */
static bool take_frame(struct reading *r, unsigned side, struct http2 *h,
		       const struct http2_frame *f, struct slice in)
{
	struct http2_stream *s;
	struct slice content;

	switch (f->type) {
	case HTTP2_HEADERS:
	case HTTP2_PUSH_PROMISE:
	case HTTP2_CONTINUATION:
		return http2_content(f, in, &content) == STATUS_OK &&
		       take_block(r, side, h, f, content);
	case HTTP2_DATA:
		s = stream_of(h, f->stream);
		if (!s)
			return true;
		if (in.n && http2_content(f, in, &content) != STATUS_OK)
			return false;
		if (in.n && s->said[side].want != WANT_NOTHING)
			take_data(r, side, h, s, content);
		if (f->flags & HTTP2_END_STREAM)
			end_side(r, side, h, s);
		return true;
	case HTTP2_RST_STREAM:
		stream_close(r->d, h, f->stream);
		return true;
	default:
		return true;
	}
}

static bool is_block(const struct http2_frame *f)
{
	return f->type == HTTP2_HEADERS || f->type == HTTP2_PUSH_PROMISE ||
	       f->type == HTTP2_CONTINUATION;
}

/* Must its content be there in one piece? */
static bool is_wanted(const struct http2 *h, unsigned side,
		      const struct http2_frame *f)
{
	return is_block(f) ||
	       (f->type == HTTP2_DATA && f->length <= FRAME_MAX &&
		wants_data(h, side, f->stream));
}

static size_t pass_over(struct reading *r, unsigned side, struct http2 *h,
			const struct http2_frame *f)
{
	h->halves[side].skip = f->length;
	if (wants_data(h, side, f->stream) && f->type == HTTP2_DATA) {
		struct http2_stream *s = stream_of(h, f->stream);

		say_limit(r, side, h);
		s->said[side].want = WANT_NOTHING;
	}
	return take_frame(r, side, h, f, (struct slice){0})
		       ? HTTP2_HEAD
		       : give_up(r, side, HTTP2_HEAD);
}

static size_t next_frame(struct reading *r, unsigned side, struct http2 *h,
			 struct slice bytes)
{
	const struct half *half = &h->halves[side];
	struct http2_frame f;
	enum status status = http2_head_read(bytes, &f);

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK ||
	    half->in_block != (f.type == HTTP2_CONTINUATION) ||
	    (half->in_block && half->block_head.stream != f.stream) ||
	    (is_block(&f) && f.length > BLOCK_MAX))
		return give_up(r, side, bytes.n);
	if (!is_wanted(h, side, &f))
		return pass_over(r, side, h, &f);
	if (f.length > bytes.n - HTTP2_HEAD)
		return 0;
	return take_frame(r, side, h, &f,
			  slice_cut(bytes, HTTP2_HEAD, f.length))
		       ? HTTP2_HEAD + f.length
		       : give_up(r, side, bytes.n);
}

size_t streams_http2(struct reading *r, unsigned side, struct slice bytes)
{
	struct http2 *h = r->sides[side].http2;
	struct half *half = &h->halves[side];
	size_t n = half->skip < bytes.n ? (size_t)half->skip : bytes.n;

	if (n) {
		half->skip -= n;
		return n;
	}
	if (!half->open) {
		switch (http2_preface_claims(bytes)) {
		case CLAIM_MAYBE:
			return 0;
		case CLAIM_SURE:
			half->open = true;
			return HTTP2_PREFACE_SIZE;
		case CLAIM_NO:
			half->open = true;
			break;
		}
	}
	return next_frame(r, side, h, bytes);
}

/* ---- connections ---- */

static void half_end(struct half *half)
{
	hpack_free(half->table);
	text_free(&half->block);
	*half = (struct half){.open = false};
}

void streams_http2_end(struct driver *d, struct tcp_side *side)
{
	struct http2 *h = side->http2;

	side->http2 = NULL;
	if (!h || --h->users)
		return;
	for (size_t i = 0; i < h->count; i++)
		stream_free(d, h->streams[i]);
	for (unsigned i = 0; i < 2; i++)
		half_end(&h->halves[i]);
	d->http2s--;
	free(h);
}

void streams_http2_unreadable(struct reading *r, unsigned side)
{
	struct http2 *h = r->sides[side].http2;

	say(r, side, FLOW_RULE_HTTP2);
	for (size_t i = h->count; i-- > 0;) {
		struct http2_stream *s = h->streams[i];

		s->said[side].ended = true;
		if (s->said[!side].ended)
			stream_close(r->d, h, s->id);
	}
	streams_http2_end(r->d, &r->sides[side]);
}

static struct http2 *begin(struct driver *d)
{
	struct http2 *h;

	if (d->http2s == CONNECTIONS_MAX)
		return NULL;
	h = calloc(1, sizeof(*h));
	d->http2s += h != NULL;
	return h;
}

/* What one side speaks the other will, too. */
void streams_http2_begin(struct reading *r, unsigned side)
{
	struct tcp_side *self = &r->sides[side], *other = &r->sides[!side];
	struct http2 *h = other->http2;

	streams_note_http(r);
	self->framing = FRAMING_OTHER;
	if (self->http2)
		return;
	if (!h)
		h = begin(r->d);
	if (!h) {
		say(r, side, FLOW_RULE_HTTP2_LIMIT);
		return;
	}
	h->users++;
	self->http2 = h;
	half_end(&h->halves[side]);
	h->halves[side].table = hpack_new();
	if (!h->halves[side].table) {
		streams_http2_unreadable(r, side);
		return;
	}
	self->framing = FRAMING_HTTP2;
}

static bool is_from_begin(const struct reading *r)
{
	return streams_events(streams_tcp(r)) & (TCP_SAW_SYN | TCP_SAW_SYN_ACK);
}

/* Who was asked in HTTP/2 may answer in HTTP/1.1 that it does not know that. */
bool streams_http2_claims(const struct reading *r, unsigned side,
			  struct slice bytes, bool *wait)
{
	bool asked = r->sides[!side].framing == FRAMING_HTTP2;
	enum claim claim;

	if (r->sides[side].lost)
		return false;
	claim = http2_preface_claims(bytes);
	*wait |= claim == CLAIM_MAYBE ||
		 (asked && http2_settings_claims(bytes) == CLAIM_MAYBE);
	return claim == CLAIM_SURE ||
	       ((asked || r->inside || is_from_begin(r)) &&
		http2_settings_claims(bytes) == CLAIM_SURE);
}

bool streams_http2_say_middle(struct reading *r, unsigned side,
			      struct slice bytes)
{
	if (r->inside || is_from_begin(r) || !http2_is_chain(bytes))
		return false;
	say(r, side, FLOW_RULE_HTTP2);
	return true;
}
