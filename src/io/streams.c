/* TCP by libuv. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <uv.h>

#include "io/sockets.h"
#include "io/streams.h"

#define BACKLOG 1024
#define READ_ROOM ((size_t)65536)

struct stream_set {
	struct loop *loop;
	struct recorder *recorder;
	struct stream_events events;
	struct sigaction broken_pipe; /* as it was before */
	char *room; /* that all read into, one after the other */
	struct stream *first;
};

struct stream {
	uv_tcp_t tcp;
	uv_connect_t connect;
	struct stream_set *all;
	struct stream *next, *before; /* of all */
	void *user;
	struct endpoint here, there;
	struct recorded_stream recorded;
	nanoseconds began; /* to connect */
	size_t queued;
	int error;
	bool came; /* the other end connected */
	bool connecting;
	bool known; /* the owner is told when it closes */
	bool paused, finishing, closing;
};

struct listener {
	uv_tcp_t tcp;
	struct stream_set *all;
	uint32_t number;
};

struct pending {
	uv_write_t write;
	struct stream *stream;
	size_t n;
	char bytes[];
};

static nanoseconds now_of(const struct stream *s)
{
	return loop_now(s->all->loop);
}

static void record(struct stream *s, bool received, struct slice bytes)
{
	recorder_stream(s->all->recorder, &s->recorded, received != s->came,
			bytes, now_of(s));
}

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle)
{
	struct stream *s = handle->data;

	if (s->known)
		s->all->events.closed(s->all->events.context, s);
	if (s->next)
		s->next->before = s->before;
	if (s->before)
		s->before->next = s->next;
	else
		s->all->first = s->next;
	free(s);
}

/* `here`: this end was the first to end it. */
static void close_stream(struct stream *s, bool here)
{
	if (s->closing)
		return;
	s->closing = true;
	if (s->connecting)
		recorder_attempt(s->all->recorder, &s->here, &s->there,
				 s->error == ECONNREFUSED, s->began);
	recorder_closed(s->all->recorder, &s->recorded, here == s->came,
			now_of(s));
	uv_close((uv_handle_t *)&s->tcp, on_closed);
}

/* By the system: `error` is libuv's, a negative errno. */
static void break_off(struct stream *s, int error)
{
	if (!s->closing)
		s->error = -error;
	close_stream(s, false);
}

void stream_close(struct stream *s)
{
	close_stream(s, true);
}

void stream_finish(struct stream *s)
{
	s->finishing = true;
	if (s->queued == 0)
		stream_close(s);
}

/* ---- reading ---- */

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct stream *s = handle->data;

	(void)wanted;
	*out = uv_buf_init(s->all->room, READ_ROOM);
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *buffer)
{
	struct stream *s = tcp->data;
	struct slice bytes;

	if (s->closing || n == 0)
		return;
	if (n == UV_EOF) {
		uv_read_stop(tcp);
		s->all->events.ended(s->all->events.context, s);
		return;
	}
	if (n < 0) {
		break_off(s, (int)n);
		return;
	}
	bytes = slice_of(buffer->base, (size_t)n);
	record(s, true, bytes);
	s->all->events.received(s->all->events.context, s, bytes);
}

void stream_pause(struct stream *s, bool paused)
{
	if (s->closing || s->paused == paused)
		return;
	s->paused = paused;
	if (paused)
		uv_read_stop((uv_stream_t *)&s->tcp);
	else if (uv_read_start((uv_stream_t *)&s->tcp, give_room, on_read) != 0)
		stream_close(s);
}

/* ---- writing ---- */

static void on_written(uv_write_t *write, int status)
{
	struct pending *p = write->data;
	struct stream *s = p->stream;

	s->queued -= p->n;
	free(p);
	if (s->closing)
		return;
	if (status != 0)
		break_off(s, status);
	else if (s->queued == 0 && s->finishing)
		stream_close(s);
	else if (s->queued == 0)
		s->all->events.drained(s->all->events.context, s);
}

static bool queue(struct stream *s, struct slice bytes)
{
	struct pending *p;
	uv_buf_t buffer;

	if (s->queued + bytes.n > STREAM_QUEUE_MAX)
		return false;
	p = malloc(sizeof(*p) + bytes.n);
	if (!p)
		return false;
	p->stream = s;
	p->n = bytes.n;
	memcpy(p->bytes, bytes.p, bytes.n);
	p->write.data = p;
	buffer = uv_buf_init(p->bytes, (unsigned)bytes.n);
	if (uv_write(&p->write, (uv_stream_t *)&s->tcp, &buffer, 1,
		     on_written) != 0) {
		free(p);
		return false;
	}
	s->queued += bytes.n;
	return true;
}

/* The buffer is only read. */
static uv_buf_t buffer_of(struct slice bytes)
{
	union {
		const uint8_t *from;
		char *to;
	} p = {.from = bytes.p};

	return uv_buf_init(p.to, (unsigned)bytes.n);
}

bool stream_write(struct stream *s, struct slice bytes)
{
	if (s->closing || s->finishing)
		return false;
	if (bytes.n == 0)
		return true;
	record(s, false, bytes);
	if (s->queued == 0) {
		uv_buf_t buffer = buffer_of(bytes);
		int n = uv_try_write((uv_stream_t *)&s->tcp, &buffer, 1);

		if (n > 0)
			bytes = slice_from(bytes, (size_t)n);
		else if (n != UV_EAGAIN && n != UV_ENOSYS) {
			break_off(s, n);
			return false;
		}
	}
	if (bytes.n == 0 || queue(s, bytes))
		return true;
	stream_close(s);
	return false;
}

size_t stream_queued(const struct stream *s)
{
	return s->queued;
}

/* ---- beginning ---- */

static struct stream *new_stream(struct stream_set *all)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->all = all;
	if (uv_tcp_init(loop_uv(all->loop), &s->tcp) != 0) {
		free(s);
		return NULL;
	}
	s->tcp.data = s;
	s->paused = true;
	s->next = all->first;
	if (s->next)
		s->next->before = s;
	all->first = s;
	return s;
}

static struct endpoint local_of(struct stream *s)
{
	union socket_address a = {.any.sa_family = AF_UNSPEC};
	int n = sizeof(a);

	if (uv_tcp_getsockname(&s->tcp, &a.any, &n) != 0)
		return (struct endpoint){0};
	return endpoint_of_socket(&a);
}

static void learn_ends(struct stream *s)
{
	union socket_address a = {.any.sa_family = AF_UNSPEC};
	int n = sizeof(a);

	s->here = local_of(s);
	if (uv_tcp_getpeername(&s->tcp, &a.any, &n) == 0)
		s->there = endpoint_of_socket(&a);
	uv_tcp_nodelay(&s->tcp, 1);
	recorder_opened(s->all->recorder, &s->recorded,
			s->came ? &s->there : &s->here,
			s->came ? &s->here : &s->there, now_of(s));
}

static void on_connection(uv_stream_t *tcp, int status)
{
	struct listener *listener = tcp->data;
	struct stream_set *all = listener->all;
	struct stream *s;

	if (status != 0)
		return;
	s = new_stream(all);
	if (!s)
		return;
	s->came = true;
	if (uv_accept(tcp, (uv_stream_t *)&s->tcp) != 0) {
		stream_close(s);
		return;
	}
	learn_ends(s);
	s->known =
		all->events.accepted(all->events.context, listener->number, s);
	if (!s->known)
		stream_close(s);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct stream *s = connect->data;

	if (s->closing)
		return;
	if (status == 0) {
		s->connecting = false;
		learn_ends(s);
	} else {
		s->error = -status;
	}
	s->all->events.connected(s->all->events.context, s, status == 0);
	if (status != 0)
		close_stream(s, false);
}

struct stream *stream_set_connect(struct stream_set *all, int fd,
				  const struct endpoint *to, void *user)
{
	union socket_address a;
	struct stream *s = new_stream(all);
	int result;

	if (!s || socket_address_of(to, &a) == 0 ||
	    (fd >= 0 && uv_tcp_open(&s->tcp, fd) != 0)) {
		socket_close(fd);
		if (s)
			stream_close(s);
		errno = s ? EAFNOSUPPORT : ENOMEM;
		return NULL;
	}
	s->connect.data = s;
	s->user = user;
	s->there = *to;
	result = uv_tcp_connect(&s->connect, &s->tcp, &a.any, on_connected);
	if (result != 0) {
		stream_close(s);
		errno = -result;
		return NULL;
	}
	s->began = now_of(s);
	s->connecting = true;
	s->here = local_of(s);
	s->known = true;
	return s;
}

static void listener_gone(uv_handle_t *handle)
{
	free(handle->data);
}

void listener_close(struct listener *listener)
{
	if (listener)
		uv_close((uv_handle_t *)&listener->tcp, listener_gone);
}

struct listener *stream_set_listen(struct stream_set *all, int fd,
				   uint32_t number)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener || uv_tcp_init(loop_uv(all->loop), &listener->tcp) != 0) {
		socket_close(fd);
		free(listener);
		return NULL;
	}
	listener->all = all;
	listener->number = number;
	listener->tcp.data = listener;
	if (uv_tcp_open(&listener->tcp, fd) != 0) {
		socket_close(fd);
	} else if (uv_listen((uv_stream_t *)&listener->tcp, BACKLOG,
			     on_connection) == 0) {
		return listener;
	}
	listener_close(listener);
	return NULL;
}

void *stream_user(const struct stream *s)
{
	return s->user;
}

void stream_own(struct stream *s, void *user)
{
	s->user = user;
}

struct endpoint stream_here(const struct stream *s)
{
	return s->here;
}

struct endpoint stream_there(const struct stream *s)
{
	return s->there;
}

int stream_error(const struct stream *s)
{
	return s->error;
}

struct stream_set *stream_set_new(struct loop *loop, struct recorder *recorder,
				  const struct stream_events *events)
{
	struct stream_set *all = calloc(1, sizeof(*all));
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (!all)
		return NULL;
	sigaction(SIGPIPE, &ignore, &all->broken_pipe);
	all->loop = loop;
	all->recorder = recorder;
	all->events = *events;
	all->room = malloc(READ_ROOM);
	if (all->room)
		return all;
	stream_set_free(all);
	return NULL;
}

void stream_set_free(struct stream_set *all)
{
	if (!all)
		return;
	for (struct stream *s = all->first; s; s = s->next)
		stream_close(s);
	while (all->first)
		uv_run(loop_uv(all->loop), UV_RUN_ONCE);
	sigaction(SIGPIPE, &all->broken_pipe, NULL);
	free(all->room);
	free(all);
}
