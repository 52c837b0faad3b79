/*
 * Records of logs: messages that some program saw and wrote down.
 *
 * A message in a log is a copy: its lines may have lost their CR, its body may
 * be masked, its end left out.  So lengths are no errors here, and what the
 * logger cut is cut, not malformed.
 */
#include "config.h"

#include "core/record.h"
#include "flow/driver_state.h"
#include "flow/rules.h"

/* ---- where a message ends ---- */

/* Head and body of the first message of a text. */
struct extent {
	size_t head, size; /* with the empty line; all of it */
	uint64_t length;   /* Content-Length */
	size_t bare;       /* lines of the body that end in LF alone */
	bool has_length;
	bool ended; /* the empty line behind the head is there */
};

static void read_length(struct slice line, struct extent *e)
{
	struct slice name = slice_trim(slice_split(&line, ':'));

	if ((slice_is_nocase(name, "Content-Length") ||
	     slice_is_nocase(name, "l")) &&
	    slice_number(slice_trim(line), UINT32_MAX, &e->length) == STATUS_OK)
		e->has_length = true;
}

static size_t read_head(struct slice text, struct extent *e)
{
	struct slice rest = text;

	while (rest.n) {
		struct slice line = slice_trim(slice_split(&rest, '\n'));

		if (line.n == 0) {
			e->ended = true;
			break;
		}
		read_length(line, e);
	}
	return text.n - rest.n;
}

/* Text goes on with any word; a method that is known begins a message. */
static bool begins_message(struct slice s)
{
	struct slice rest = s;

	return sip_claims(s, false) == CLAIM_SURE &&
	       (slice_starts(s, SLICE("SIP/2.0 ")) ||
		sip_method_of(slice_split(&rest, ' ')) != SIP_METHOD_OTHER);
}

/* A body ends where the next message begins, but not before it is as long as
 * it should be: it may hold a message itself (RFC 3420). */
static struct extent extent_of(struct slice text)
{
	struct extent e = {0};
	struct slice rest;

	e.head = e.size = read_head(text, &e);
	rest = slice_from(text, e.head);
	if (e.has_length && e.length < rest.n &&
	    begins_message(slice_from(rest, (size_t)e.length))) {
		e.size = e.head + (size_t)e.length;
		return e;
	}
	while (rest.n) {
		struct slice line = slice_split(&rest, '\n');

		if (e.size - e.head + e.bare >= e.length &&
		    sip_claims(slice_from(text, e.size), false) == CLAIM_SURE)
			return e;
		e.bare += line.n == 0 || line.p[line.n - 1] != '\r';
		e.size = text.n - rest.n;
	}
	return e;
}

/* Over a stream each message tells its length (RFC 3261 18.3): a head without
 * it goes on. */
static bool lacks_head(const struct extent *e)
{
	return !e->ended && !e->has_length;
}

static bool has_body(const struct extent *e)
{
	return e->size - e->head + e->bare >= e->length;
}

/* ---- one message ---- */

static enum transport transport_of_record(const struct record *record)
{
	static const enum transport rows[] = {
		[RECORD_UNKNOWN] = TRANSPORT_TLS, [RECORD_UDP] = TRANSPORT_UDP,
		[RECORD_TCP] = TRANSPORT_TCP,     [RECORD_TLS] = TRANSPORT_TLS,
		[RECORD_WS] = TRANSPORT_WS,       [RECORD_WSS] = TRANSPORT_WSS,
		[RECORD_SCTP] = TRANSPORT_SCTP,
	};

	return rows[record->transport];
}

/* What the topmost Via says, where the log does not. */
static enum transport transport_of_via(struct slice word)
{
	static const struct {
		const char *word;
		enum transport transport;
	} rows[] = {
		{"UDP", TRANSPORT_UDP},   {"TCP", TRANSPORT_TCP},
		{"WS", TRANSPORT_WS},     {"WSS", TRANSPORT_WSS},
		{"SCTP", TRANSPORT_SCTP}, {"TLS-SCTP", TRANSPORT_SCTP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_is_nocase(word, rows[i].word))
			return rows[i].transport;
	return TRANSPORT_TLS;
}

/* CR LF for each line end of a body that has lost the CR. */
static struct slice with_line_ends(struct driver *d, struct slice text,
				   const struct extent *e)
{
	uint8_t *to = arena_alloc(&d->scratch, text.n + e->bare);
	size_t n = 0;

	if (!to)
		return text;
	for (size_t i = 0; i < text.n; i++) {
		if (i >= e->head && text.p[i] == '\n' && text.p[i - 1] != '\r')
			to[n++] = '\r';
		to[n++] = text.p[i];
	}
	return slice_of(to, n);
}

static bool needs_line_ends(const struct extent *e)
{
	size_t body = e->size - e->head;

	return e->bare &&
	       (!e->has_length || body < e->length || body > e->length + 1);
}

static void say_cut(struct driver *d, const struct origin *from,
		    struct slice bytes)
{
	struct findings findings = {
		.count = 1,
		.list = {{&flow_rules[FLOW_RULE_LOG_CUT], bytes}},
	};
	struct message message = {
		.kind = MESSAGE_FINDING,
		.from = *from,
		.bytes = bytes,
		.findings = &findings,
	};

	take_other(d, &message);
}

static void take_one(struct driver *d, struct origin *from, struct slice text,
		     const struct extent *e)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = &d->scratch,
				    .findings = &findings,
				    .logged = true,
				    .shown = from->shown,
				    .cut = from->cut};
	struct sip_message m;
	enum status status;
	size_t used;

	arena_reset(&d->scratch);
	if (needs_line_ends(e))
		text = with_line_ends(d, text, e);
	if (from->cut)
		say_cut(d, from, text);
	status = sip_decode(&decoding, text, &m, &used);
	if (status == STATUS_OK) {
		d->flows.rows[from->flow].seen |= FLOW_SEEN_SIP;
		if (from->transport_guessed)
			from->transport = transport_of_via(m.via.transport);
		take_sip(d, from, &m, slice_first(text, used), &findings);
	} else if (status != STATUS_NOT_MINE && !from->cut) {
		take_malformed(d, from,
			       &(struct unreadable){"sip", status, text},
			       &findings);
	}
}

/* ---- pieces of a stream ---- */

static struct waiting *waiting_of(struct driver *d, const struct origin *from)
{
	for (size_t i = 0; i < RECORDS_WAITING_MAX; i++) {
		struct waiting *w = &d->waiting[i];

		if (w->text.n && w->from.flow == from->flow &&
		    w->from.side == from->side)
			return w;
	}
	return NULL;
}

/* The rest never came: what is there is told. */
static void give_up(struct driver *d, struct waiting *w)
{
	struct slice text = text_slice(&w->text);
	struct extent e = extent_of(text);

	w->from.cut = true;
	take_one(d, &w->from, text, &e);
	text_clear(&w->text);
}

/* Keeps a message that lacks its end; false when there is no room. */
static bool wait_for_more(struct driver *d, const struct origin *from,
			  struct slice text)
{
	struct waiting *to = &d->waiting[0];

	for (size_t i = 0; i < RECORDS_WAITING_MAX && to->text.n; i++)
		to = &d->waiting[i];
	if (to->text.n)
		give_up(d, to);
	if (to->text.max == 0)
		to->text = text_new(RECORD_TEXT_MAX);
	to->from = *from;
	to->from.record = NULL;
	text_put(&to->text, text);
	return to->text.failed == STATUS_OK;
}

static void take_all(struct driver *d, struct origin *from, struct slice text,
		     bool piece)
{
	bool cut = from->cut;

	while (text.n) {
		struct extent e = extent_of(text);
		bool last = e.size == text.n;
		bool lacks = lacks_head(&e) || !has_body(&e);

		/* What the logger cut is the end of the record. */
		from->cut = cut && last;
		if (last && piece && !cut && lacks &&
		    wait_for_more(d, from, text))
			return;
		from->cut |= last && lacks && piece;
		take_one(d, from, slice_first(text, e.size), &e);
		text = slice_from(text, e.size);
	}
}

/* A record without a first line goes on with what waits, or is the end of
 * something that is not in the log. */
static void take_rest(struct driver *d, struct origin *from,
		      const struct record *record)
{
	struct waiting *w = waiting_of(d, from);
	struct text all = text_new(RECORD_MAX);

	if (!w) {
		say_cut(d, from, record->text);
		return;
	}
	text_put(&all, text_slice(&w->text));
	text_put(&all, record->text);
	text_clear(&w->text);
	from->cut |= all.failed != STATUS_OK;
	take_all(d, from, text_slice(&all), record->piece);
	text_free(&all);
}

static void take_message(struct driver *d, struct origin *from,
			 const struct record *record)
{
	struct waiting *w;

	if (sip_is_keepalive(record->text)) {
		d->counts.keepalives++;
		return;
	}
	w = waiting_of(d, from);
	if (sip_claims(record->text, false) != CLAIM_SURE ||
	    (w && !begins_message(record->text))) {
		take_rest(d, from, record);
		return;
	}
	if (w)
		give_up(d, w);
	take_all(d, from, record->text, record->piece);
}

static void take_remark(struct driver *d, const struct origin *from,
			const struct record *record)
{
	struct message message = {
		.kind = MESSAGE_REMARK,
		.from = *from,
		.bytes = record->text,
		.u.record = record,
	};

	take_other(d, &message);
}

/* ---- ends ---- */

static bool same_client(const void *rows, uint32_t row, const void *key)
{
	return endpoint_equal(&((const struct log_client *)rows)[row].client,
			      key);
}

static struct log_client *find_client(struct driver *d,
				      const struct endpoint *client)
{
	uint64_t hash = hash_bytes(6, slice_of(client, sizeof(*client)));
	uint32_t row = index_find(&d->log_clients_index, hash, same_client,
				  d->log_clients.rows, client);

	return row == INDEX_NONE ? NULL : list_at(&d->log_clients, row);
}

/* Where SIP is served; a client may have a lower port, but none of these. */
static bool is_served(uint16_t port)
{
	return port == 443 || (port >= 5060 && port <= 5062);
}

/* Clients have another port for each connection, mostly a higher one. */
static bool is_client(const struct endpoint *a, const struct endpoint *b)
{
	if (is_served(a->port) != is_served(b->port))
		return is_served(b->port);
	return a->port > b->port;
}

static void note_client(struct driver *d, const struct endpoint *a,
			const struct endpoint *b)
{
	const struct endpoint *client = is_client(a, b) ? a : b;
	struct log_client *row = find_client(d, client);
	uint64_t hash = hash_bytes(6, slice_of(client, sizeof(*client)));

	if (!row) {
		row = list_add(&d->log_clients);
		if (!row)
			return;
		row->client = *client;
		if (index_add(&d->log_clients_index, hash,
			      (uint32_t)d->log_clients.count - 1) !=
		    STATUS_OK) {
			d->log_clients.count--;
			return;
		}
	}
	row->server = client == a ? *b : *a;
}

/* A server that names itself is where the client says that it is. */
static void set_own_end(struct driver *d, struct record *record)
{
	struct endpoint *own = &record->src, *peer = &record->dst;
	const struct log_client *row;

	if (own->family >= FAMILY_IPV4 && peer->family >= FAMILY_IPV4) {
		note_client(d, own, peer);
		return;
	}
	if (own->family >= FAMILY_IPV4) {
		own = &record->dst;
		peer = &record->src;
	}
	if (own->family != FAMILY_NAME || own->port ||
	    peer->family < FAMILY_IPV4)
		return;
	row = find_client(d, peer);
	if (row)
		*own = row->server;
}

enum status records_take(struct driver *d, const struct frame *frame)
{
	struct record record;
	struct origin from = {
		.file = frame->file,
		.vantage = frame->vantage,
		.frame = frame->number,
		.time = frame->time,
		.logged = true,
		.record = &record,
	};

	if (record_read(frame->bytes, &record) != STATUS_OK)
		return d->status;
	set_own_end(d, &record);
	from.src = from.outer_src = record.src;
	from.dst = from.outer_dst = record.dst;
	from.transport = transport_of_record(&record);
	from.transport_guessed = record.transport == RECORD_UNKNOWN;
	from.cut = record.cut;
	from.shown = record.shown;
	from.flow = flow_table_find(&d->flows, FLOW_OF_LOG, &record.src,
				    &record.dst, &from.side);
	if (from.flow == INDEX_NONE) {
		d->status = STATUS_NOMEM;
		return d->status;
	}
	d->flows.rows[from.flow].last = from.time;
	d->flows.rows[from.flow].packets[from.side]++;
	arena_reset(&d->scratch);
	if (record.kind == RECORD_MESSAGE)
		take_message(d, &from, &record);
	else if (record.kind == RECORD_TOLD)
		take_jsep(d, &from, record.text, 0);
	else
		take_remark(d, &from, &record);
	return d->status;
}

void records_finish(struct driver *d)
{
	for (size_t i = 0; i < RECORDS_WAITING_MAX; i++)
		if (d->waiting[i].text.n)
			give_up(d, &d->waiting[i]);
}

void records_free(struct driver *d)
{
	list_free(&d->log_clients);
	index_free(&d->log_clients_index);
}

void records_drop(struct driver *d)
{
	for (size_t i = 0; i < RECORDS_WAITING_MAX; i++)
		text_free(&d->waiting[i].text);
}
