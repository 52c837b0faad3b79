/* HEP3 to a collector. */
#define _DEFAULT_SOURCE /* getaddrinfo */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/hep_send.h"
#include "core/hep.h"
#include "net/packet.h"

#define NAME_SIZE 256
#define PORT_SIZE 8

struct hep_sender {
	int fd;
	const struct options *options;
	struct text datagram;
};

struct collector {
	char name[NAME_SIZE], port[PORT_SIZE];
};

/* "udp:NAME:PORT", "udp:[2001:db8::1]:9060"; or a name from the settings, which
 * have the port in a line of their own. */
static bool read_collector(const struct options *o, struct collector *c)
{
	struct slice rest = slice_of_text(o->hep_send);
	const char *colon = strrchr(o->hep_send, ':');
	struct slice name = rest;

	if (!o->hep_port) {
		if (!slice_starts(rest, SLICE("udp:")) || colon[1] == 0 ||
		    colon - o->hep_send < 5)
			return false;
		name = slice_cut(rest, 4, (size_t)(colon - o->hep_send) - 4);
		snprintf(c->port, sizeof(c->port), "%s", colon + 1);
	} else {
		snprintf(c->port, sizeof(c->port), "%u", o->hep_port);
	}
	if (name.n > 1 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = slice_cut(name, 1, name.n - 2);
	snprintf(c->name, sizeof(c->name), "%.*s", (int)name.n,
		 (const char *)name.p);
	return name.n > 0 && name.n < NAME_SIZE;
}

/* To the first of its addresses. */
static int connect_to(const struct collector *c, const char **why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
				 .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	int error = getaddrinfo(c->name, c->port, &hints, &found), fd = -1;

	*why = error ? gai_strerror(error) : NULL;
	if (!error)
		fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		*why = strerror(errno);
		close(fd);
		fd = -1;
	}
	if (found)
		freeaddrinfo(found);
	return fd;
}

struct hep_sender *hep_sender_open(const struct options *o)
{
	struct hep_sender *s = calloc(1, sizeof(*s));
	const char *why = "not udp:ADDRESS:PORT";
	struct collector c;

	if (!s)
		return NULL;
	s->fd = read_collector(o, &c) ? connect_to(&c, &why) : -1;
	if (s->fd < 0) {
		fprintf(stderr, "mrascope: --hep-send %s: %s\n", o->hep_send,
			why ? why : strerror(errno));
		free(s);
		return NULL;
	}
	s->options = o;
	s->datagram = text_new(2 * (size_t)HEP_MAX);
	return s;
}

void hep_sender_close(struct hep_sender *s)
{
	if (!s)
		return;
	close(s->fd);
	text_free(&s->datagram);
	free(s);
}

uint8_t hep_protocol_of(enum transport transport)
{
	switch (transport) {
	case TRANSPORT_UDP:
	case TRANSPORT_DTLS:
		return IP_UDP;
	case TRANSPORT_SCTP:
		return IP_SCTP;
	case TRANSPORT_TCP:
	case TRANSPORT_TLS:
	case TRANSPORT_WS:
	case TRANSPORT_WSS:
	case TRANSPORT_PSEUDO_TLS:
		break;
	}
	return IP_TCP;
}

static void send_it(struct hep_sender *s, struct hep *hep, int flags)
{
	hep->agent = s->options->hep_agent;
	if (s->options->hep_key)
		hep->key = slice_of_text(s->options->hep_key);
	if (hep_encode(hep, &s->datagram) == STATUS_OK)
		(void)!send(s->fd, s->datagram.p, s->datagram.n,
			    flags | MSG_NOSIGNAL);
}

void hep_send(struct hep_sender *s, const struct message *m)
{
	struct hep hep = {
		.src = m->from.src,
		.dst = m->from.dst,
		.protocol = hep_protocol_of(m->from.transport),
		.content = HEP_SIP,
		.time = m->from.time,
		.payload = m->bytes,
	};

	if (m->kind == MESSAGE_SIP)
		send_it(s, &hep, MSG_DONTWAIT);
}

void hep_send_slowly(struct hep_sender *s, struct hep *hep)
{
	send_it(s, hep, 0);
}
