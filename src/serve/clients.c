/* Clients over TCP, TLS and DTLS. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "engine/turn_stream.h"
#include "serve/server_parts.h"

#define IN_MAX ((size_t)128 * 1024)

/* ---- the table ---- */

struct client *client_of(struct server *s, uint32_t number)
{
	return number && number <= s->client_count ? s->clients[number - 1]
						   : NULL;
}

/* A number that nobody has; 0: there is no room. */
static uint32_t free_number(struct server *s)
{
	size_t room = s->client_room ? s->client_room * 2 : 64;
	struct client **clients;

	if (s->client_live >= s->config->clients_max)
		return 0;
	if (s->client_live < s->client_count)
		for (uint32_t i = 0; i < s->client_count; i++)
			if (!s->clients[i])
				return i + 1;
	if (s->client_count == s->client_room) {
		clients = realloc(s->clients, room * sizeof(*clients));
		if (!clients)
			return 0;
		s->clients = clients;
		s->client_room = room;
	}
	s->clients[s->client_count++] = NULL;
	return (uint32_t)s->client_count;
}

static struct client *new_client(struct server *s, uint32_t place,
				 const struct endpoint *from)
{
	uint32_t number = free_number(s);
	struct client *c = number ? calloc(1, sizeof(*c)) : NULL;
	const struct place *at = &s->places[place];

	if (!c) {
		s->refused++;
		return NULL;
	}
	c->kind = LINK_CLIENT;
	c->number = number;
	c->place = place;
	c->in = text_new(IN_MAX);
	c->path = (struct turn_path){
		.client = *from,
		.server = at->at,
		.connection = number,
		.stream = at->transport != SERVE_DTLS,
		.transport = at->transport,
	};
	c->deadline = server_now(s) + CLIENT_PATIENCE;
	s->clients[number - 1] = c;
	s->client_live++;
	return c;
}

static void free_client(struct server *s, struct client *c)
{
	s->clients[c->number - 1] = NULL;
	s->client_live--;
	tls_free(c->tls);
	text_free(&c->in);
	free(c);
}

/* ---- out ---- */

static void wire_stream(void *context, struct slice bytes)
{
	struct client *c = context;

	(void)stream_write(c->stream, bytes);
}

bool client_send(struct server *s, struct client *c, struct slice bytes)
{
	if (c->stream && stream_queued(c->stream) > QUEUE_HIGH && !c->peer) {
		/* It reads too slowly: data is lost, but no answers of SIP. */
		if (c->sip)
			stream_close(c->stream);
		return !c->sip;
	}
	s->wired = c;
	if (c->tls)
		return tls_send(c->tls, bytes);
	return stream_write(c->stream, bytes);
}

void client_hang_up(struct server *s, struct client *c)
{
	s->wired = c;
	if (c->tls)
		tls_close(c->tls);
	if (c->stream)
		stream_finish(c->stream);
}

/* ---- in ---- */

/* Of pseudo-TLS ([MS-TURN] 2.1.1). */
static void answer_hello(struct server *s, struct client *c)
{
	uint8_t answer[TURN_HELLO_ANSWER];

	turn_hello_answer(s->machine, answer);
	(void)client_send(s, c, slice_of(answer, sizeof(answer)));
}

/* What the front of a stream is; not all of it is wanted here. */
static enum turn_piece piece_of(struct server *s, struct client *c,
				struct slice in, size_t *n)
{
	enum turn_piece piece = turn_stream_piece(&c->path, in, n);

	if (c->path.framing == TURN_FRAMING_MS && !s->config->ms_turn)
		return PIECE_BROKEN;
	return piece;
}

/* Whole messages at the front of `in` go to the machine; returns what is left.
 * A stream that is spliced meanwhile has no messages any more. */
static struct slice take_messages(struct server *s, struct client *c,
				  struct slice in)
{
	while (in.n && !c->peer) {
		size_t n = 0;

		switch (piece_of(s, c, in, &n)) {
		case PIECE_SHORT:
			return in;
		case PIECE_BROKEN:
			stream_close(c->stream);
			return (struct slice){0};
		case PIECE_HELLO:
			answer_hello(s, c);
			break;
		case PIECE_MESSAGE:
			turn_server_receive(s->machine, &c->path,
					    slice_first(in, n), server_now(s));
			break;
		}
		in = slice_from(in, n);
	}
	return in;
}

static void to_peer(struct client *c, struct slice bytes)
{
	if (bytes.n && stream_write(c->peer->stream, bytes) &&
	    stream_queued(c->peer->stream) > QUEUE_HIGH)
		stream_pause(c->stream, true);
}

static void take_stream(struct server *s, struct client *c, struct slice in)
{
	struct slice rest;

	if (c->sip) {
		sip_front_received(s, c, in);
		return;
	}
	if (c->peer) {
		to_peer(c, in);
		return;
	}
	if (c->in.n) {
		text_put(&c->in, in);
		in = text_slice(&c->in);
	}
	rest = take_messages(s, c, in);
	if (c->peer) {
		to_peer(c, rest);
		rest = (struct slice){0};
	}
	if (rest.n == 0) {
		text_free(&c->in);
	} else if (c->in.n == 0) {
		text_put(&c->in, rest);
	} else {
		memmove(c->in.p, rest.p, rest.n);
		c->in.n = rest.n;
	}
	if (c->in.failed != STATUS_OK)
		stream_close(c->stream);
}

/* Silent ones go when nothing that they had can live any more. */
static void put_off(struct server *s, struct client *c, bool whole)
{
	nanoseconds silence = s->config->lifetime_max * NS_PER_S;

	if (c->sip)
		silence = sip_server_silence(s->sip, c->number);
	if (whole)
		c->deadline = server_now(s) + silence + CLIENT_PATIENCE;
}

static void take_tls(struct server *s, struct client *c, struct slice wire)
{
	enum tls_state state;

	text_clear(&s->plain);
	s->wired = c;
	state = tls_receive(c->tls, wire, &s->plain);
	if (s->plain.n)
		take_stream(s, c, text_slice(&s->plain));
	if (state == TLS_ENDED)
		client_ended(s, c);
	else if (state == TLS_FAILED)
		stream_close(c->stream);
}

/* Hands are shaken, and nothing waits for the rest of a message. */
static bool is_whole(const struct server *s, const struct client *c)
{
	if (c->tls && tls_state(c->tls) != TLS_OPEN)
		return false;
	return c->sip ? !sip_server_waits(s->sip, c->number) : c->in.n == 0;
}

void client_received(struct server *s, struct client *c, struct slice bytes)
{
	if (c->tls)
		take_tls(s, c, bytes);
	else
		take_stream(s, c, bytes);
	put_off(s, c, is_whole(s, c));
	/* What goes to peers waits for no datagram that comes. */
	datagrams_flush(s->datagrams);
	server_rest(s);
}

static bool is_tls(uint8_t transport)
{
	return transport == SERVE_TLS || transport == SERVE_SIPS;
}

bool client_accepted(struct server *s, uint32_t place, struct stream *stream)
{
	struct endpoint from = stream_there(stream);
	struct client *c = new_client(s, place, &from);

	if (!c)
		return false;
	c->stream = stream;
	/* Where all addresses are listened at, this is the one. */
	c->path.server = stream_here(stream);
	if ((is_tls(s->places[place].transport) &&
	     !(c->tls = tls_new(s->tls, NULL, wire_stream, c))) ||
	    (serve_is_sip(s->places[place].transport) &&
	     !sip_front_opened(s, c))) {
		free_client(s, c);
		return false;
	}
	stream_own(stream, c);
	stream_pause(stream, false);
	return true;
}

void client_ended(struct server *s, struct client *c)
{
	if (c->peer)
		stream_finish(c->peer->stream);
	client_hang_up(s, c);
}

void client_drained(struct server *s, struct client *c)
{
	(void)s;
	if (c->peer)
		stream_pause(c->peer->stream, false);
}

void client_closed(struct server *s, struct client *c)
{
	if (c->peer)
		c->peer->client = NULL;
	if (c->sip)
		sip_server_closed(s->sip, c->number);
	else
		turn_server_closed(s->machine, &c->path, server_now(s));
	free_client(s, c);
	server_rest(s);
}

/* ---- DTLS ---- */

struct session_key {
	uint32_t place;
	struct endpoint client;
	struct client **clients;
};

static uint64_t session_hash(const struct server *s, uint32_t place,
			     const struct endpoint *from)
{
	return hash_bytes(s->key + place, slice_of(from, sizeof(*from)));
}

static bool is_session(const void *rows, uint32_t row, const void *key)
{
	const struct session_key *k = key;
	const struct client *c = k->clients[row];

	(void)rows;
	return c->place == k->place &&
	       endpoint_equal(&c->path.client, &k->client);
}

static void wire_session(void *context, struct slice bytes)
{
	struct server *s = context;
	struct client *c = s->wired;

	place_send(s, &s->places[c->place], &c->path.client, bytes);
}

static void close_session(struct server *s, struct client *c)
{
	s->wired = c;
	tls_close(c->tls);
	turn_server_closed(s->machine, &c->path, server_now(s));
	(void)index_remove(&s->sessions,
			   session_hash(s, c->place, &c->path.client),
			   c->number - 1);
	free_client(s, c);
}

/* A hello without a session: the machine's hands are shaken with who returns
 * the cookie. */
static void hear_hello(struct server *s, uint32_t place,
		       const struct endpoint *from, struct slice data)
{
	struct client asking = {.place = place, .path.client = *from};
	struct client *c;
	bool heard;

	s->wired = &asking;
	if (!s->listening)
		s->listening = tls_new(s->dtls, NULL, wire_session, s);
	heard = s->listening && tls_listen(s->listening, from, data);
	s->wired = NULL;
	if (!heard)
		return;
	c = new_client(s, place, from);
	if (!c) {
		tls_free(s->listening);
		s->listening = NULL;
		return;
	}
	c->tls = s->listening;
	s->listening = NULL;
	if (index_add(&s->sessions, session_hash(s, place, from),
		      c->number - 1) != STATUS_OK)
		free_client(s, c);
}

void session_received(struct server *s, uint32_t place,
		      const struct endpoint *from, struct slice data)
{
	struct session_key key = {
		.place = place, .client = *from, .clients = s->clients};
	uint32_t row = index_find(&s->sessions, session_hash(s, place, from),
				  is_session, NULL, &key);
	struct client *c;

	if (row == INDEX_NONE) {
		hear_hello(s, place, from, data);
		return;
	}
	c = s->clients[row];
	text_clear(&s->plain);
	s->wired = c;
	(void)tls_receive(c->tls, data, &s->plain);
	while (s->plain.n) {
		turn_server_receive(s->machine, &c->path, text_slice(&s->plain),
				    server_now(s));
		s->wired = c;
		(void)tls_next(c->tls, &s->plain);
	}
	if (tls_state(c->tls) > TLS_OPEN)
		close_session(s, c);
	else
		put_off(s, c, tls_state(c->tls) == TLS_OPEN);
}

/* ---- time ---- */

void clients_sweep(struct server *s, nanoseconds now)
{
	for (size_t i = 0; i < s->client_count; i++) {
		struct client *c = s->clients[i];

		if (!c)
			continue;
		if (c->deadline <= now && !c->peer) {
			if (c->stream)
				stream_close(c->stream);
			else
				close_session(s, c);
		} else if (!c->stream && tls_waits(c->tls) <= 0) {
			s->wired = c;
			tls_again(c->tls);
		}
	}
}

void clients_free(struct server *s)
{
	for (size_t i = 0; i < s->client_count; i++)
		if (s->clients[i])
			free_client(s, s->clients[i]);
	tls_free(s->listening);
	free(s->clients);
	index_free(&s->sessions);
}
