/* Relay sockets: one for each address that an allocation has. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "io/sockets.h"
#include "serve/server_parts.h"

/* Ports that others on this machine have, before giving up: as many are tried
 * anywhere, then one behind the other. */
#define TRIES_ANYWHERE 32u
#define TRIES 1024u

/* ---- ports ---- */

static bool is_taken(const struct ports *p, unsigned port)
{
	return p->taken[port / 8] >> port % 8 & 1;
}

static void take(struct ports *p, unsigned port, bool taken)
{
	if (taken)
		p->taken[port / 8] |= (uint8_t)(1u << port % 8);
	else
		p->taken[port / 8] &= (uint8_t) ~(1u << port % 8);
}

/* A free port at or behind `from` (RFC 8656 7.2: not one that can be guessed,
 * so it begins anywhere); 0: there is none. */
static unsigned free_port(const struct server *s, const struct ports *p,
			  bool even, unsigned from)
{
	unsigned min = s->config->port_min;
	unsigned count = s->config->port_max - min + 1u;

	for (unsigned i = 0; i < count; i++) {
		unsigned port = min + (from - min + i) % count;

		if (!is_taken(p, port) && !(even && port % 2) &&
		    port != s->config->ms_shared_port)
			return port;
	}
	return 0;
}

static unsigned any_port(struct server *s)
{
	uint8_t dice[4];
	uint32_t n;
	unsigned count = s->config->port_max - s->config->port_min + 1u;

	server_random(s, dice, sizeof(dice));
	n = (uint32_t)dice[0] << 24 | (uint32_t)dice[1] << 16 |
	    (uint32_t)dice[2] << 8 | dice[3];
	return s->config->port_min + n % count;
}

static int open_at(const struct endpoint *at, bool tcp)
{
	struct socket_wish wish = {.at = *at,
				   .type = tcp ? SOCK_STREAM : SOCK_DGRAM,
				   .shared = tcp};

	return socket_open(&wish);
}

/* Opens at a port as wished and tells which; -1. */
static int open_wished(struct server *s, const struct turn_wish *wish,
		       struct endpoint *at)
{
	struct ports *p = &s->ports[wish->tcp][wish->family == FAMILY_IPV6];
	unsigned port = wish->port ? wish->port : any_port(s);
	unsigned tries = wish->port ? 1 : TRIES;

	if (wish->port && (port < s->config->port_min ||
			   port > s->config->port_max || is_taken(p, port)))
		return -1;
	while (tries--) {
		int fd;

		port = wish->port ? port : free_port(s, p, wish->even, port);
		if (port == 0)
			return -1;
		at->port = (uint16_t)port;
		fd = open_at(at, wish->tcp);
		if (fd >= 0) {
			take(p, port, true);
			return fd;
		}
		if (errno != EADDRINUSE && errno != EACCES)
			return -1;
		if (tries > TRIES - TRIES_ANYWHERE)
			port = any_port(s);
		else
			port = port == s->config->port_max ? s->config->port_min
							   : port + 1;
	}
	return -1;
}

/* ---- what the machine wishes ---- */

static bool make_room(struct server *s, uint32_t number)
{
	size_t room = s->relay_room ? s->relay_room * 2 : 64;
	struct relay_socket *relays;

	if (number < s->relay_room)
		return true;
	while (room <= number)
		room *= 2;
	relays = realloc(s->relays, room * sizeof(*relays));
	if (!relays)
		return false;
	for (size_t i = s->relay_room; i < room; i++)
		relays[i] = (struct relay_socket){.fd = -1};
	s->relays = relays;
	s->relay_room = room;
	return true;
}

static bool attach(struct server *s, uint32_t number, int fd, bool tcp,
		   enum address_family family)
{
	struct relay_socket *r = &s->relays[number];

	if (tcp) {
		r->listener = stream_set_listen(s->streams, fd,
						NUMBER_RELAY | number);
		return r->listener != NULL;
	}
	r->fd = fd;
	if (socket_wants_errors(fd, family) &&
	    socket_dont_fragment(fd, family, false) &&
	    datagrams_add(s->datagrams, fd, NUMBER_RELAY | number))
		return true;
	socket_close(fd);
	r->fd = -1;
	return false;
}

bool relay_open(void *context, uint32_t number, const struct turn_wish *wish,
		struct endpoint *out)
{
	struct server *s = context;
	bool six = wish->family == FAMILY_IPV6;
	struct endpoint at = s->relay_at[six];
	int fd;

	if (at.family == FAMILY_NONE || !make_room(s, number))
		return false;
	s->relays[number] = (struct relay_socket){.fd = -1};
	fd = open_wished(s, wish, &at);
	if (fd < 0)
		return false;
	if (!attach(s, number, fd, wish->tcp, wish->family)) {
		take(&s->ports[wish->tcp][six], at.port, false);
		return false;
	}
	s->relays[number].at = at;
	*out = at;
	if (s->config->external[six].family != FAMILY_NONE) {
		*out = s->config->external[six];
		out->port = at.port;
	}
	return true;
}

void relay_close(void *context, uint32_t number)
{
	struct server *s = context;
	struct relay_socket *r = &s->relays[number];
	bool tcp = r->listener != NULL;

	take(&s->ports[tcp][r->at.family == FAMILY_IPV6], r->at.port, false);
	listener_close(r->listener);
	if (r->fd >= 0) {
		datagrams_remove(s->datagrams, r->fd);
		socket_close(r->fd);
	}
	*r = (struct relay_socket){.fd = -1};
}

void relay_send(void *context, uint32_t number, const struct endpoint *peer,
		struct slice data, bool whole)
{
	struct server *s = context;
	struct relay_socket *r = &s->relays[number];

	if (number >= s->relay_room || r->fd < 0 || server_is(s, peer, true))
		return;
	if (whole != r->whole) {
		datagrams_flush(s->datagrams);
		if (!socket_dont_fragment(r->fd, r->at.family, whole))
			return;
		r->whole = whole;
	}
	datagrams_send(s->datagrams, r->fd, peer, data);
	if (s->recorder)
		recorder_datagram(s->recorder, &r->at, peer, data,
				  server_now(s));
}

/* ---- what comes ---- */

void relay_received(struct server *s, uint32_t number,
		    const struct endpoint *from, struct slice data)
{
	nanoseconds now = server_now(s);

	if (s->recorder)
		recorder_datagram(s->recorder, from, &s->relays[number].at,
				  data, now);
	turn_server_relayed(s->machine, number, from, data, now);
}

void relay_failed(struct server *s, uint32_t number,
		  const struct datagram_error *error)
{
	struct turn_icmp icmp = {
		.type = error->type, .code = error->code, .data = error->data};

	turn_server_icmp(s->machine, number, &error->to, &icmp, server_now(s));
}

void relays_free(struct server *s)
{
	for (size_t i = 0; i < s->relay_room; i++) {
		listener_close(s->relays[i].listener);
		socket_close(s->relays[i].fd);
	}
	free(s->relays);
	s->relays = NULL;
	s->relay_room = 0;
}
