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

struct tls_stream {
	struct tls_session *session;
	struct tcp_limits *limits; /* its bytes count as those of TCP */
	struct tcp_side sides[2];
	struct text unread[2];
	bool ended[2];
};

static void say_unreadable(struct reading *r, unsigned side)
{
	struct findings findings = {
		.count = 1, .list = {{&flow_rules[FLOW_RULE_TLS], {NULL, 0}}}};
	struct message message = {
		.kind = MESSAGE_FINDING,
		.from = streams_origin(r, side),
		.findings = &findings,
	};

	take_other(r->d, &message);
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

static void lose_message(struct tls_stream *tls, unsigned side)
{
	forget(tls, side, tls->unread[side].n);
	streams_lost(&tls->sides[side]);
}

static bool keep(struct tls_stream *tls, unsigned side, struct slice bytes)
{
	struct text *unread = &tls->unread[side];

	if (bytes.n > tls->limits->bytes_max - tls->limits->bytes_now) {
		tls->limits->refused++;
		lose_message(tls, side);
		return false;
	}
	text_put(unread, bytes);
	if (unread->failed != STATUS_OK) {
		lose_message(tls, side);
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
	bool waiting = tls->unread[side].n != 0;
	size_t used;

	inner.sides = tls->sides;
	inner.inside = true;
	if (waiting) {
		if (!keep(tls, side, plain))
			return;
		plain = text_slice(&tls->unread[side]);
	}
	used = streams_read(&inner, side, plain, ended);
	if (waiting)
		forget(tls, side, used);
	else if (used < plain.n)
		(void)keep(tls, side, slice_from(plain, used));
}

/* ---- from outside ---- */

static struct tls_stream *begin(struct driver *d)
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
	return tls;
}

void tls_stream_take(struct reading *r, unsigned side,
		     const struct tls_record *record)
{
	struct tcp_flow *tcp = streams_tcp(r);
	struct slice plain;

	/* TLS inside of TLS stays shut. */
	if (r->inside)
		return;
	if (!tcp->tls && tls_session_begins(&r->d->tls, record))
		tcp->tls = begin(r->d);
	if (!tcp->tls)
		return;
	if (tls_session_record(tcp->tls->session, side, record, &plain) ==
	    STATUS_BAD)
		say_unreadable(r, side);
	if (plain.n)
		read_inside(r, side, plain, false);
}

void tls_stream_lose(struct reading *r, unsigned side)
{
	struct tls_stream *tls = streams_tcp(r)->tls;

	if (!tls || r->inside)
		return;
	lose_message(tls, side);
	if (tls_session_lose(tls->session, side) == STATUS_BAD)
		say_unreadable(r, side);
}

void tls_stream_end(struct reading *r, unsigned side)
{
	struct tcp_flow *tcp = streams_tcp(r);

	if (!tcp->tls)
		return;
	if (tcp->tls->unread[side].n)
		read_inside(r, side, (struct slice){0}, true);
	tcp->tls->ended[side] = true;
	if (!tcp->tls->ended[!side])
		return;
	tls_stream_free(tcp->tls);
	tcp->tls = NULL;
}

size_t tls_stream_search(struct slice bytes)
{
	for (size_t at = 0; bytes.n - at >= RECORD_HEAD; at++)
		if (tls_claims(slice_from(bytes, at), true) == CLAIM_SURE)
			return at;
	return bytes.n;
}

void tls_stream_free(struct tls_stream *tls)
{
	if (!tls)
		return;
	for (unsigned i = 0; i < 2; i++)
		forget(tls, i, tls->unread[i].n);
	tls_session_free(tls->session);
	free(tls);
}
