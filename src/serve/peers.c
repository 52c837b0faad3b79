/* Connections to and from peers over TCP (RFC 6062). */
#include "config.h"

#include <stdlib.h>

#include "io/sockets.h"
#include "serve/server_parts.h"

static struct peer *peer_of(const struct server *s, uint32_t connection)
{
	return connection < s->peer_room ? s->peers[connection] : NULL;
}

static bool make_room(struct server *s, uint32_t connection)
{
	size_t room = s->peer_room ? s->peer_room : 64;
	struct peer **peers;

	if (connection < s->peer_room)
		return true;
	while (room <= connection)
		room *= 2;
	peers = realloc(s->peers, room * sizeof(*peers));
	if (!peers)
		return false;
	for (size_t i = s->peer_room; i < room; i++)
		peers[i] = NULL;
	s->peers = peers;
	s->peer_room = room;
	return true;
}

/* The peer of a number, once its stream is there. */
static struct peer *add_peer(struct server *s, uint32_t connection)
{
	struct peer *p =
		make_room(s, connection) ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->kind = LINK_PEER;
	p->connection = connection;
	s->peers[connection] = p;
	return p;
}

static void forget(struct server *s, struct peer *p)
{
	if (p->connection)
		s->peers[p->connection] = NULL;
	p->connection = 0;
}

bool peer_connect(void *context, uint32_t relay, uint32_t connection,
		  const struct endpoint *to)
{
	struct server *s = context;
	struct socket_wish wish = {
		.at = s->relays[relay].at, .type = SOCK_STREAM, .shared = true};
	struct peer *p;
	int fd;

	if (server_is(s, to, false))
		return false;
	p = add_peer(s, connection);
	if (!p)
		return false;
	fd = socket_open(&wish);
	if (fd >= 0)
		p->stream = stream_set_connect(s->streams, fd, to, p);
	if (p->stream)
		return true;
	forget(s, p);
	free(p);
	return false;
}

void peer_connected(struct server *s, struct peer *p, bool success)
{
	if (p->connection)
		turn_server_connected(s->machine, p->connection, success,
				      server_now(s));
	if (!success)
		forget(s, p);
	server_rest(s);
}

bool peer_accepted(struct server *s, uint32_t relay, struct stream *stream)
{
	struct endpoint from = stream_there(stream);
	uint32_t connection =
		turn_server_peer(s->machine, relay, &from, server_now(s));
	struct peer *p;

	if (!connection)
		return false;
	p = add_peer(s, connection);
	if (!p) {
		turn_server_peer_closed(s->machine, connection);
		return false;
	}
	p->stream = stream;
	stream_own(stream, p);
	server_rest(s);
	return true; /* and is read when somebody wants it */
}

void peer_splice(void *context, const struct turn_path *path,
		 uint32_t connection)
{
	struct server *s = context;
	struct client *c = client_of(s, path->connection);
	struct peer *p = peer_of(s, connection);

	if (!c || !p || !c->stream)
		return;
	c->peer = p;
	p->client = c;
	stream_pause(p->stream, false);
}

/* What was on the way still goes. */
void peer_drop(void *context, uint32_t connection)
{
	struct server *s = context;
	struct peer *p = peer_of(s, connection);

	if (!p)
		return;
	forget(s, p);
	if (p->client)
		client_hang_up(s, p->client);
	stream_finish(p->stream);
}

void peer_received(struct server *s, struct peer *p, struct slice bytes)
{
	struct client *c = p->client;

	if (c && client_send(s, c, bytes) &&
	    stream_queued(c->stream) > QUEUE_HIGH)
		stream_pause(p->stream, true);
}

void peer_ended(struct server *s, struct peer *p)
{
	if (p->client)
		client_hang_up(s, p->client);
	stream_finish(p->stream);
}

void peer_drained(struct server *s, struct peer *p)
{
	(void)s;
	if (p->client)
		stream_pause(p->client->stream, false);
}

void peer_closed(struct server *s, struct peer *p)
{
	uint32_t connection = p->connection;

	forget(s, p);
	if (connection)
		turn_server_peer_closed(s->machine, connection);
	if (p->client) {
		p->client->peer = NULL;
		client_hang_up(s, p->client);
	}
	free(p);
}

void peers_free(struct server *s)
{
	for (size_t i = 0; i < s->peer_room; i++)
		free(s->peers[i]);
	free(s->peers);
}
