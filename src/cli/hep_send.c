/* HEP to a collector. */
#define _DEFAULT_SOURCE /* getaddrinfo, struct timeval */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/hep_send.h"
#include "cli/timing.h"
#include "core/hep.h"
#include "net/packet.h"

#define NAME_SIZE 256
#define PORT_SIZE 8

/* Of a collector of TCP that is slow: what it has not yet taken. */
#define WAITING_MAX ((size_t)1 << 20)
#define PATIENCE_S 5
#define AGAIN_EVERY NS_PER_S

struct hep_sender {
	int fd; /* -1: the connection is lost */
	int kind;
	const struct options *options;
	struct text message;
	struct text waiting; /* of a stream: what was not sent */
	nanoseconds tried;
	socklen_t to_size;
	struct sockaddr_storage to;
};

struct collector {
	int kind; /* SOCK_DGRAM, SOCK_STREAM */
	char name[NAME_SIZE], port[PORT_SIZE];
};

bool hep_send_connects(const struct options *o)
{
	return o->hep_send && !o->hep_port &&
	       strncmp(o->hep_send, "tcp:", 4) == 0;
}

/* "udp:NAME:PORT", "tcp:[2001:db8::1]:9060"; or a name from the settings, which
 * have the port in a line of their own. */
static bool read_collector(const struct options *o, struct collector *c)
{
	struct slice rest = slice_of_text(o->hep_send);
	const char *colon = strrchr(o->hep_send, ':');
	struct slice name = rest;

	c->kind = hep_send_connects(o) ? SOCK_STREAM : SOCK_DGRAM;
	if (!o->hep_port) {
		if ((c->kind == SOCK_DGRAM &&
		     !slice_starts(rest, SLICE("udp:"))) ||
		    colon[1] == 0 || colon - o->hep_send < 5)
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

/* Who waits for it, waits so long. */
static int open_socket(const struct hep_sender *s, int flags)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(s->to.ss_family, s->kind | SOCK_CLOEXEC | flags, 0);

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
				 sizeof(patience));
	return fd;
}

/* To the first of its addresses. */
static bool connect_to(struct hep_sender *s, const struct collector *c,
		       const char **why)
{
	struct addrinfo hints = {.ai_socktype = c->kind,
				 .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	int error = getaddrinfo(c->name, c->port, &hints, &found);

	if (error) {
		*why = gai_strerror(error);
		return false;
	}
	s->kind = c->kind;
	s->to_size = found->ai_addrlen;
	memcpy(&s->to, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	s->fd = open_socket(s, 0);
	if (s->fd >= 0 &&
	    connect(s->fd, (const struct sockaddr *)&s->to, s->to_size) == 0)
		return true;
	/* What the time limit of the socket says. */
	*why = strerror(errno == EINPROGRESS ? ETIMEDOUT : errno);
	return false;
}

struct hep_sender *hep_sender_open(const struct options *o)
{
	struct hep_sender *s = calloc(1, sizeof(*s));
	const char *why = "not udp|tcp:ADDRESS:PORT";
	struct collector c;
	bool fine;

	if (!s)
		return NULL;
	s->fd = -1;
	s->options = o;
	s->message = text_new(2 * (size_t)HEP_MAX);
	s->waiting = text_new(WAITING_MAX);
	fine = read_collector(o, &c);
	if (fine && c.kind == SOCK_STREAM && o->hep_2) {
		why = "HEP2 has no lengths, so that it cannot go over TCP";
		fine = false;
	}
	if (fine && connect_to(s, &c, &why))
		return s;
	fprintf(stderr, "mrascope: --hep-send %s: %s\n", o->hep_send, why);
	hep_sender_close(s);
	return NULL;
}

/* ---- a stream ---- */

/* What it had not taken is lost: a message that was sent in part cannot be told
 * in another connection. */
static void lose(struct hep_sender *s)
{
	close(s->fd);
	s->fd = -1;
	text_clear(&s->waiting);
}

static void connect_again(struct hep_sender *s)
{
	nanoseconds now = timing_now();

	if (now - s->tried < AGAIN_EVERY)
		return;
	s->tried = now;
	s->fd = open_socket(s, SOCK_NONBLOCK);
	if (s->fd >= 0 &&
	    connect(s->fd, (const struct sockaddr *)&s->to, s->to_size) != 0 &&
	    errno != EINPROGRESS)
		lose(s);
}

static void push(struct hep_sender *s, int flags)
{
	while (s->fd >= 0 && s->waiting.n) {
		ssize_t n = send(s->fd, s->waiting.p, s->waiting.n,
				 flags | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		/* ENOTCONN, EALREADY: it is still connecting. */
		if (n < 0 && (flags & MSG_DONTWAIT) &&
		    (errno == EAGAIN || errno == ENOTCONN || errno == EALREADY))
			return;
		if (n < 0) {
			lose(s);
			return;
		}
		s->waiting.n -= (size_t)n;
		memmove(s->waiting.p, s->waiting.p + n, s->waiting.n);
	}
}

/* What there is no room for is lost as a whole. */
static void put_in_stream(struct hep_sender *s, int flags)
{
	if (s->fd < 0)
		connect_again(s);
	if (s->fd < 0)
		return;
	if (s->waiting.n + s->message.n > WAITING_MAX)
		push(s, flags);
	if (s->fd >= 0 && s->waiting.n + s->message.n <= WAITING_MAX)
		text_put(&s->waiting, text_slice(&s->message));
	push(s, flags);
}

void hep_sender_push(struct hep_sender *s)
{
	if (s->waiting.n)
		push(s, MSG_DONTWAIT);
}

void hep_sender_close(struct hep_sender *s)
{
	if (!s)
		return;
	push(s, 0);
	if (s->fd >= 0)
		close(s->fd);
	text_free(&s->message);
	text_free(&s->waiting);
	free(s);
}

/* ---- messages ---- */

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
	if ((s->options->hep_2 ? hep_encode_2(hep, &s->message)
			       : hep_encode(hep, &s->message)) != STATUS_OK)
		return;
	if (s->kind == SOCK_STREAM)
		put_in_stream(s, flags);
	else
		(void)!send(s->fd, s->message.p, s->message.n,
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
