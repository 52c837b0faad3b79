/* A socket instead of an interface. */
#define _DEFAULT_SOURCE /* struct sockaddr_in6 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/hep_agents.h"
#include "capture/hep_export.h"
#include "capture/live_hep.h"
#include "core/crypto.h"
#include "core/hep.h"

#define BACKLOG 16

struct hep_listener {
	int fd;                    /* -1: agents connect */
	struct hep_agents *agents; /* or NULL */
	const char *key;           /* that agents must say; NULL: none */
	struct text frame, unpacked;
	uint8_t datagram[HEP_MAX];
};

bool hep_listener_is(const char *name)
{
	return strncmp(name, "udp:", 4) == 0 || strncmp(name, "tcp:", 4) == 0;
}

static enum status open_socket(const struct endpoint *at, int kind, int *fd)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons(at->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(at->port)};
	bool is_v4 = at->family == FAMILY_IPV4;
	int on = 1;

	memcpy(&v4.sin_addr, at->ip, 4);
	memcpy(&v6.sin6_addr, at->ip, 16);
	*fd = socket(is_v4 ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return STATUS_IO;
	/* Connections of an earlier run may still be dying. */
	if (kind != SOCK_DGRAM)
		(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
	if (is_v4 ? bind(*fd, (const struct sockaddr *)&v4, sizeof(v4)) == 0
		  : bind(*fd, (const struct sockaddr *)&v6, sizeof(v6)) == 0)
		return STATUS_OK;
	close(*fd);
	return STATUS_IO;
}

static enum status open_stream(const struct endpoint *at,
			       struct hep_agents **out)
{
	int fd;
	enum status status = open_socket(at, SOCK_STREAM | SOCK_NONBLOCK, &fd);

	if (status != STATUS_OK)
		return status;
	if (listen(fd, BACKLOG) == 0)
		return hep_agents_new(fd, out);
	close(fd);
	return STATUS_IO;
}

enum status hep_listener_open(const char *name, const char *key,
			      struct hep_listener **out, char *why, size_t size)
{

	struct hep_listener *l = calloc(1, sizeof(*l));
	struct endpoint at;
	enum status status = STATUS_NOMEM;

	if (l && endpoint_parse_with_port(slice_from(slice_of_text(name), 4),
					  &at) != STATUS_OK) {
		snprintf(why, size, "not udp|tcp:ADDRESS:PORT");
		status = STATUS_BAD;
	} else if (l) {
		l->fd = -1;
		status = name[0] == 't' ? open_stream(&at, &l->agents)
					: open_socket(&at, SOCK_DGRAM, &l->fd);
		if (status != STATUS_OK)
			snprintf(why, size, "%s", strerror(errno));
	}
	if (status != STATUS_OK) {
		free(l);
		return status;
	}
	l->key = key;
	l->frame = text_new(2 * (size_t)HEP_MAX);
	l->unpacked = text_new(2 * (size_t)HEP_MAX);
	*out = l;
	return STATUS_OK;
}

void hep_listener_close(struct hep_listener *l)
{
	if (!l)
		return;
	hep_agents_free(l->agents);
	if (l->fd >= 0)
		close(l->fd);
	text_free(&l->frame);
	text_free(&l->unpacked);
	free(l);
}

int hep_listener_descriptor(const struct hep_listener *l)
{
	return l->agents ? hep_agents_descriptor(l->agents) : l->fd;
}

static bool is_key(const struct hep_listener *l, const struct hep *hep)
{
	return !l->key ||
	       bytes_equal_constant_time(slice_of_text(l->key), hep->key);
}

/* For agents that tell no time. */
static void set_time(struct frame *frame)
{
	struct timespec now;

	if (frame->has_time || clock_gettime(CLOCK_REALTIME, &now) != 0)
		return;
	frame->time = clock_of(now.tv_sec, now.tv_nsec);
	frame->has_time = true;
}

/* False: it is none of ours, or of no use. */
static bool make_frame(struct hep_listener *l, struct slice datagram,
		       struct frame *frame)
{
	struct hep hep;

	frame->has_time = false;
	if (hep_decode(datagram, &hep) != STATUS_OK || !is_key(l, &hep) ||
	    hep_export(&hep, &l->unpacked, &l->frame, frame) != STATUS_OK)
		return false;
	set_time(frame);
	return true;
}

enum status hep_listener_next(struct hep_listener *l, struct frame *frame)
{
	struct slice message;
	ssize_t n;

	if (l->agents) {
		while (hep_agents_next(l->agents, &message) == STATUS_OK)
			if (make_frame(l, message, frame))
				return STATUS_OK;
		return STATUS_SHORT;
	}
	while ((n = recv(l->fd, l->datagram, sizeof(l->datagram),
			 MSG_DONTWAIT)) >= 0)
		if (make_frame(l, slice_of(l->datagram, (size_t)n), frame))
			return STATUS_OK;
	return STATUS_SHORT;
}
