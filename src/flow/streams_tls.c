/*
 * Streams inside of TLS: where keys are known, the application data of a
 * connection is a stream of its own, read as if it had come over TCP.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/rules.h"
#include "flow/streams_state.h"

/* Decrypted bytes of a side that wait for the rest of their message. */
#define UNREAD_MAX ((size_t)TCP_UNREAD_MAX)
#define RECORD_HEAD 5u

static void say_unreadable(struct reading *r, unsigned side)
{
	struct origin from = streams_origin(r, side);

	take_finding(r->d, &from, &flow_rules[FLOW_RULE_TLS]);
}

/* ---- decrypted bytes that wait ---- */

static void forget(struct tls_stream *tls, unsigned side, size_t n)
{
	struct text *unread = &tls->unread[side];
	struct slice rest = slice_from(text_slice(unread), n);

	tls->limits->bytes_now -= unread->n - rest.n;
	if (rest.n)
		memmove(unread->p, rest.p, rest.n);
	unread->n = rest.n;
	if (rest.n == 0)
		text_free(unread);
}

void tls_stream_skip(struct tls_stream *tls, unsigned side)
{
	forget(tls, side, tls->unread[side].n);
	streams_lost(&tls->sides[side]);
}

static bool keep(struct tls_stream *tls, unsigned side, struct slice bytes)
{
	struct text *unread = &tls->unread[side];

	if (bytes.n > tls->limits->bytes_max - tls->limits->bytes_now) {
		tls->limits->refused++;
		tls_stream_skip(tls, side);
		return false;
	}
	text_put(unread, bytes);
	if (unread->failed != STATUS_OK) {
		tls_stream_skip(tls, side);
		return false;
	}
	tls->limits->bytes_now += bytes.n;
	return true;
}

static void read_inside(struct reading *r, unsigned side, struct slice plain,
			bool ended)
{
	struct tls_stream *tls = streams_tcp(r)->tls;
	struct reading inner = *r;
	struct tcp_shown shown = {.bytes = plain,
				  .old = tls->unread[side].n,
				  .own = plain.n ? streams_mark(r)
						 : tls->marks[side]};
	size_t used;

	inner.sides = tls->sides;
	inner.inside = true;
	shown.mark = shown.own;
	if (shown.old) {
		if (!keep(tls, side, plain))
			return;
		shown.bytes = text_slice(&tls->unread[side]);
		shown.mark = tcp_mark_later(tls->marks[side], shown.own);
	}
	used = streams_read(&inner, side, &shown, ended);
	tls->marks[side] = used < shown.old ? shown.mark : shown.own;
	if (shown.old)
		forget(tls, side, used);
	else if (used < plain.n)
		(void)keep(tls, side, slice_from(plain, used));
}

/* ---- from outside ---- */

static struct tls_stream *begin(struct driver *d, uint32_t row)
{
	struct tls_stream *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->limits = &d->tcp;
	for (unsigned i = 0; i < 2; i++)
		tls->unread[i] = text_new(UNREAD_MAX);
	tls->session = tls_session_new(&d->tls);
	if (!tls->session) {
		free(tls);
		return NULL;
	}
	held_begin(d, &tls->held, row);
	return tls;
}

static bool has_ended(const struct tls_stream *tls)
{
	return tls && tls->ended[0] && tls->ended[1];
}

bool tls_stream_read(struct reading *r, unsigned side,
		     const struct tls_record *record, bool told)
{
	struct slice plain;
	enum status status = tls_session_record(streams_tcp(r)->tls->session,
						side, record, &plain);

	if (told)
		return true;
	if (status == STATUS_BAD)
		say_unreadable(r, side);
	if (plain.n)
		read_inside(r, side, plain, false);
	return plain.n || status == STATUS_BAD;
}

void tls_stream_take(struct reading *r, unsigned side,
		     const struct tls_record *record)
{
	struct tcp_flow *tcp = streams_tcp(r);

	/* TLS inside of TLS stays shut. */
	if (r->inside)
		return;
	if ((!tcp->tls || has_ended(tcp->tls)) &&
	    tls_session_begins(&r->d->tls, record)) {
		tls_stream_free(r->d, tcp->tls);
		tcp->tls = begin(r->d, r->row);
	}
	if (tcp->tls && !has_ended(tcp->tls))
		streams_hold(r, side, record,
			     tls_stream_read(r, side, record, false));
}

void tls_stream_lose(struct reading *r, unsigned side)
{
	struct tls_stream *tls = streams_tcp(r)->tls;

	if (!tls || r->inside || has_ended(tls))
		return;
	streams_hold(r, side, NULL, tls_session_is_open(tls->session, side));
	tls_stream_skip(tls, side);
	if (tls_session_lose(tls->session, side) == STATUS_BAD)
		say_unreadable(r, side);
}

void tls_stream_finish(struct reading *r)
{
	struct tcp_flow *tcp = streams_tcp(r);

	for (unsigned side = 0; side < 2; side++)
		if (tcp->tls->unread[side].n)
			read_inside(r, side, (struct slice){0}, true);
	tls_stream_free(r->d, tcp->tls);
	tcp->tls = NULL;
}

void tls_stream_end(struct reading *r, unsigned side)
{
	struct tls_stream *tls = streams_tcp(r)->tls;

	if (!tls)
		return;
	tls->ended[side] = true;
	/* Its key may come when it is over. */
	if (tls->held.on)
		return;
	if (tls->unread[side].n)
		read_inside(r, side, (struct slice){0}, true);
	if (has_ended(tls))
		tls_stream_finish(r);
}

size_t tls_stream_search(struct slice bytes)
{
	for (size_t at = 0; bytes.n - at >= RECORD_HEAD; at++)
		if (tls_claims(slice_from(bytes, at), true) == CLAIM_SURE)
			return at;
	return bytes.n;
}

void tls_stream_free(struct driver *d, struct tls_stream *tls)
{
	if (!tls)
		return;
	held_end(d, &tls->held);
	for (unsigned i = 0; i < 2; i++)
		forget(tls, i, tls->unread[i].n);
	for (unsigned i = 0; i < 2; i++) {
		streams_websocket_end(d, &tls->sides[i]);
		streams_http2_end(d, &tls->sides[i]);
	}
	tls_session_free(tls->session);
	free(tls);
}
