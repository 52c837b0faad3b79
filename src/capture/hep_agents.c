/* Connections of agents. */
#define _GNU_SOURCE /* accept4 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/hep_agents.h"
#include "core/hep.h"

#define HEAD 6u
#define ROOM (2 * (size_t)HEP_MAX)

struct agent {
	int fd;
	size_t begin, end; /* of what is not yet told */
	uint8_t bytes[ROOM];
};

struct hep_agents {
	int listening, epoll;
	unsigned turn;
	struct agent *agents[HEP_AGENTS_MAX]; /* NULL: a free place */
};

static bool watch(const struct hep_agents *l, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

enum status hep_agents_new(int listening, struct hep_agents **out)
{
	struct hep_agents *l = calloc(1, sizeof(*l));
	bool fine;

	if (!l) {
		close(listening);
		return STATUS_NOMEM;
	}
	l->listening = listening;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	fine = l->epoll >= 0 && watch(l, listening);
	if (!fine) {
		int error = errno;

		hep_agents_free(l);
		errno = error;
		return STATUS_IO;
	}
	*out = l;
	return STATUS_OK;
}

static void leave(struct hep_agents *l, unsigned place)
{
	close(l->agents[place]->fd);
	free(l->agents[place]);
	l->agents[place] = NULL;
}

void hep_agents_free(struct hep_agents *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < HEP_AGENTS_MAX; i++)
		if (l->agents[i])
			leave(l, i);
	if (l->epoll >= 0)
		close(l->epoll);
	close(l->listening);
	free(l);
}

int hep_agents_descriptor(const struct hep_agents *l)
{
	return l->epoll;
}

/* One that waits, if any; false: none does. */
static bool enter(struct hep_agents *l)
{
	int fd = accept4(l->listening, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK),
	    on = 1;
	unsigned i = 0;

	if (fd < 0)
		return false;
	while (i < HEP_AGENTS_MAX && l->agents[i])
		i++;
	if (i < HEP_AGENTS_MAX)
		l->agents[i] = malloc(sizeof(*l->agents[i]));
	if (i == HEP_AGENTS_MAX || !l->agents[i]) {
		close(fd);
		return true;
	}
	/* One that went away without a word holds its place no longer than
	 * the kernel asks. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	l->agents[i]->fd = fd;
	l->agents[i]->begin = l->agents[i]->end = 0;
	if (!watch(l, fd))
		leave(l, i);
	return true;
}

/* The first whole message of those that came; what is none is passed over. */
static bool cut_message(struct agent *a, struct slice *message)
{
	while (a->end - a->begin >= HEAD) {
		const uint8_t *p = a->bytes + a->begin, *next;
		size_t there = a->end - a->begin;
		size_t n = (size_t)p[4] << 8 | p[5];

		if (memcmp(p, "HEP3", 4) == 0 && n >= HEAD) {
			if (n > there)
				return false;
			*message = slice_of(p, n);
			a->begin += n;
			return true;
		}
		next = memchr(p + 1, 'H', there - 1);
		a->begin = next ? (size_t)(next - a->bytes) : a->end;
	}
	return false;
}

/* False: nothing is there at the moment, or it has gone. */
static bool fill(struct hep_agents *l, unsigned place)
{
	struct agent *a = l->agents[place];
	ssize_t n;

	memmove(a->bytes, a->bytes + a->begin, a->end - a->begin);
	a->end -= a->begin;
	a->begin = 0;
	n = recv(a->fd, a->bytes + a->end, ROOM - a->end, MSG_DONTWAIT);
	if (n > 0) {
		a->end += (size_t)n;
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		leave(l, place);
	return false;
}

static bool next_of(struct hep_agents *l, unsigned place, struct slice *message)
{
	if (!l->agents[place])
		return false;
	return cut_message(l->agents[place], message) ||
	       (fill(l, place) && cut_message(l->agents[place], message));
}

enum status hep_agents_next(struct hep_agents *l, struct slice *message)
{
	do {
		for (unsigned i = 0; i < HEP_AGENTS_MAX; i++) {
			l->turn = (l->turn + 1) % HEP_AGENTS_MAX;
			if (next_of(l, l->turn, message))
				return STATUS_OK;
		}
	} while (enter(l));
	return STATUS_SHORT;
}
