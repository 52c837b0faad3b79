/* HEP3 to a collector. */
#define _DEFAULT_SOURCE /* struct sockaddr_in6 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/hep_send.h"
#include "core/hep.h"
#include "net/packet.h"

struct hep_sender {
	int fd;
	struct text datagram;
};

static int connect_to(const struct endpoint *at)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons(at->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(at->port)};
	bool is_v4 = at->family == FAMILY_IPV4;
	int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC,
			0);

	memcpy(&v4.sin_addr, at->ip, 4);
	memcpy(&v6.sin6_addr, at->ip, 16);
	if (fd < 0 ||
	    (is_v4 ? connect(fd, (const struct sockaddr *)&v4, sizeof(v4))
		   : connect(fd, (const struct sockaddr *)&v6, sizeof(v6))) ==
		    0)
		return fd;
	close(fd);
	return -1;
}

struct hep_sender *hep_sender_open(const char *url)
{
	struct slice rest = slice_of_text(url);
	struct hep_sender *s = NULL;
	struct endpoint at;
	int fd;

	if (!slice_starts(rest, SLICE("udp:")) ||
	    endpoint_parse_with_port(slice_from(rest, 4), &at) != STATUS_OK) {
		fprintf(stderr,
			"mrascope: --hep-send %s: not "
			"udp:ADDRESS:PORT\n",
			url);
		return NULL;
	}
	fd = connect_to(&at);
	if (fd >= 0)
		s = calloc(1, sizeof(*s));
	if (!s) {
		fprintf(stderr, "mrascope: --hep-send %s: %s\n", url,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	s->fd = fd;
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

static uint8_t protocol_of(enum transport transport)
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

void hep_send(struct hep_sender *s, const struct message *m)
{
	struct hep hep = {
		.src = m->from.src,
		.dst = m->from.dst,
		.protocol = protocol_of(m->from.transport),
		.content = HEP_SIP,
		.time = m->from.time,
		.payload = m->bytes,
	};

	if (m->kind != MESSAGE_SIP ||
	    hep_encode(&hep, &s->datagram) != STATUS_OK)
		return;
	(void)!send(s->fd, s->datagram.p, s->datagram.n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}
