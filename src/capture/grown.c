/* A byte source whose end moves on. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/grown.h"

/* A pipe that has nothing at the moment is left alone. */
static bool is_ready(const struct grown *g)
{
	struct pollfd p = {.fd = g->fd, .events = POLLIN};

	return !g->stream || !g->bytes.growing || poll(&p, 1, 0) > 0;
}

static enum status read_some(struct grown *g, uint8_t *to, size_t n,
			     size_t *got)
{
	ssize_t done;

	*got = 0;
	if (!is_ready(g))
		return STATUS_OK;
	do {
		done = g->stream ? read(g->fd, to, n)
				 : pread(g->fd, to, n, (off_t)g->at);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return STATUS_IO;
	*got = (size_t)done;
	g->at += *got;
	/* A pipe that was ready and gives nothing has come to its end. */
	if (done == 0 && g->stream)
		g->bytes.growing = false;
	return STATUS_OK;
}

static enum status grown_read(struct byte_source *self, uint8_t *to, size_t n,
			      size_t *got)
{
	struct grown *g = (struct grown *)self;
	struct slice front = slice_cut(slice_of(g->front, g->front_count),
				       g->front_given, n);

	if (!front.n)
		return read_some(g, to, n, got);
	memcpy(to, front.p, front.n);
	g->front_given += front.n;
	*got = front.n;
	return STATUS_OK;
}

static void grown_close(struct byte_source *self)
{
	struct grown *g = (struct grown *)self;

	if (g->fd != STDIN_FILENO)
		close(g->fd);
	free(g);
}

struct grown *grown_new(int fd, bool stream)
{
	struct grown *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->fd = fd;
	g->stream = stream;
	g->bytes.read = grown_read;
	g->bytes.close = grown_close;
	g->bytes.size = UINT64_MAX;
	g->bytes.growing = true;
	return g;
}

bool grown_look(struct grown *g)
{
	size_t got = 1;

	while (got && g->front_count < GROWN_FRONT) {
		if (read_some(g, g->front + g->front_count,
			      GROWN_FRONT - g->front_count, &got) != STATUS_OK)
			return false;
		g->front_count += got;
	}
	return true;
}

bool grown_ended(const struct grown *g)
{
	return g->stream && !g->bytes.growing;
}
