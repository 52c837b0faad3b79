/* Ways to a server, over src/io. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "io/datagrams.h"
#include "io/sockets.h"
#include "io/streams.h"
#include "probe/sockets.h"

#define PLAIN_MAX ((size_t)1 << 20)

struct one_socket {
	struct sockets *all;
	enum socket_kind kind;
	bool open;
	bool opens; /* that is to be told, or is told soon */
	bool shaking;
	int error;             /* to be told at the next wait: errno, or 0 */
	int fd;                /* of datagrams, else -1 */
	struct stream *stream; /* or NULL */
	struct tls *tls;
	struct endpoint local, server;
	unsigned generation; /* of what has this place */
};

struct sockets {
	struct socket_listener listener;
	struct probe_tls tls;
	struct recorder *recorder;
	struct loop *loop;
	struct datagrams *datagrams;
	struct stream_set *streams;
	struct one_socket sockets[SOCKETS_MAX];
	struct text plain;
};

nanoseconds sockets_now(const struct sockets *s)
{
	return loop_now(s->loop);
}

static bool is_datagrams(const struct one_socket *one)
{
	return one->kind == SOCKET_UDP || one->kind == SOCKET_DTLS;
}

static unsigned number_of(const struct one_socket *one)
{
	return (unsigned)(one - one->all->sockets);
}

/* As the datagrams know it: with its generation, since what was sent to the
 * one before may still come. */
static uint32_t datagram_number(const struct one_socket *one)
{
	return one->generation * SOCKETS_MAX + number_of(one);
}

/* ---- what went wrong ---- */

static enum probe_trouble trouble_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return TROUBLE_PORT_CLOSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EACCES:
	case EPERM:
		return TROUBLE_UNREACHABLE;
	case ETIMEDOUT:
		return TROUBLE_UNANSWERED;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
		return TROUBLE_MEMORY;
	default:
		return TROUBLE_CLOSED;
	}
}

static void fail(struct one_socket *one, enum probe_trouble trouble,
		 struct slice reason)
{
	struct sockets *s = one->all;
	unsigned number = number_of(one);

	sockets_close(s, number);
	s->listener.failed(s->listener.context, number, trouble, reason,
			   sockets_now(s));
}

static void fail_errno(struct one_socket *one, int error)
{
	fail(one, trouble_of(error),
	     slice_of_text(error ? strerror(error) : ""));
}

static void fail_tls(struct one_socket *one)
{
	static const enum probe_trouble troubles[] = {
		[TLS_FAULT_NONE] = TROUBLE_TLS,
		[TLS_FAULT_PROTOCOL] = TROUBLE_TLS,
		[TLS_FAULT_NAME] = TROUBLE_TLS_NAME,
		[TLS_FAULT_DATE] = TROUBLE_TLS_DATE,
		[TLS_FAULT_TRUST] = TROUBLE_TLS_TRUST,
	};
	struct text reason = text_new(PROBE_REASON);

	tls_reason(one->tls, &reason);
	fail(one, troubles[tls_fault(one->tls)], text_slice(&reason));
	text_free(&reason);
}

/* ---- TLS ---- */

static void wire(void *context, struct slice bytes)
{
	struct one_socket *one = context;
	struct sockets *s = one->all;

	if (one->stream) {
		(void)stream_write(one->stream, bytes);
		return;
	}
	if (one->fd < 0)
		return;
	datagrams_send(s->datagrams, one->fd, &one->server, bytes);
	recorder_datagram(s->recorder, &one->local, &one->server, bytes,
			  sockets_now(s));
}

static void shake_hands(struct one_socket *one)
{
	struct sockets *s = one->all;

	one->tls = tls_new(one->kind == SOCKET_DTLS ? s->tls.datagrams
						    : s->tls.streams,
			   s->tls.name, wire, one);
	one->shaking = true;
	if (!one->tls)
		one->error = ENOMEM;
	else if (tls_begin(one->tls) == TLS_FAILED)
		fail_tls(one);
}

static void give_plain(struct one_socket *one)
{
	struct sockets *s = one->all;
	struct endpoint server = one->server;

	s->listener.received(s->listener.context, number_of(one), &server,
			     text_slice(&s->plain), sockets_now(s));
}

/* What came over the wire, a datagram or a part of a stream. */
static void take_tls(struct one_socket *one, struct slice bytes)
{
	struct sockets *s = one->all;
	unsigned generation = one->generation;
	enum tls_state state;

	text_clear(&s->plain);
	state = tls_receive(one->tls, bytes, &s->plain);
	if (one->shaking && (state == TLS_OPEN || state == TLS_ENDED)) {
		one->shaking = false;
		s->listener.opened(s->listener.context, number_of(one), true,
				   sockets_now(s));
	}
	while (one->generation == generation && s->plain.n) {
		give_plain(one);
		if (one->generation != generation || one->stream ||
		    !tls_next(one->tls, &s->plain))
			break;
	}
	if (one->generation != generation)
		return;
	if (state == TLS_FAILED)
		fail_tls(one);
	else if (state == TLS_ENDED && !one->stream)
		fail(one, TROUBLE_CLOSED, SLICE(""));
}

/* DTLS repeats what nobody has answered. */
static nanoseconds repeat_handshakes(struct sockets *s)
{
	nanoseconds next = INT64_MAX, wait;

	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		struct one_socket *one = &s->sockets[i];

		if (!one->tls || one->stream)
			continue;
		if (tls_waits(one->tls) <= 0)
			tls_again(one->tls);
		wait = tls_waits(one->tls);
		if (wait != INT64_MAX && sockets_now(s) + wait < next)
			next = sockets_now(s) + wait;
	}
	datagrams_flush(s->datagrams);
	return next;
}

/* ---- datagrams ---- */

static struct one_socket *of_datagram(struct sockets *s, uint32_t number)
{
	struct one_socket *one = &s->sockets[number % SOCKETS_MAX];

	return one->open && datagram_number(one) == number ? one : NULL;
}

static void got_datagram(void *context, uint32_t number,
			 const struct endpoint *from, struct slice data)
{
	struct sockets *s = context;
	struct one_socket *one = of_datagram(s, number);

	if (!one)
		return;
	recorder_datagram(s->recorder, from, &one->local, data, sockets_now(s));
	if (one->tls && endpoint_equal(from, &one->server))
		take_tls(one, data);
	else if (one->kind == SOCKET_UDP)
		s->listener.received(s->listener.context, number_of(one), from,
				     data, sockets_now(s));
}

/* What is said of another than the server is no news of it. */
static void got_error(void *context, uint32_t number,
		      const struct datagram_error *error)
{
	struct sockets *s = context;
	struct one_socket *one = of_datagram(s, number);
	struct recorded_icmp icmp = {.by = error->by,
				     .to = error->to,
				     .type = error->type,
				     .code = error->code};

	if (!one)
		return;
	icmp.from = one->local;
	recorder_icmp(s->recorder, &icmp, sockets_now(s));
	if (endpoint_equal(&error->to, &one->server))
		one->error = error->error;
}

static void could_not_send(void *context, int fd, int error)
{
	struct sockets *s = context;

	for (unsigned i = 0; i < SOCKETS_MAX; i++)
		if (s->sockets[i].open && s->sockets[i].fd == fd &&
		    error != ECONNREFUSED)
			s->sockets[i].error = error;
}

static bool open_datagrams(struct one_socket *one)
{
	struct socket_wish wish = {.type = SOCK_DGRAM};

	if (!socket_towards(&one->server, &wish.at))
		return false;
	one->fd = socket_open(&wish);
	if (one->fd < 0)
		return false;
	one->local = socket_local(one->fd);
	/* The socket is not connected, since answers may come from another
	 * address than the one that was asked. */
	(void)socket_wants_errors(one->fd, one->server.family);
	return datagrams_add(one->all->datagrams, one->fd,
			     datagram_number(one));
}

/* ---- streams ---- */

static bool accepts_nobody(void *context, uint32_t listener, struct stream *s)
{
	(void)context;
	(void)listener;
	(void)s;
	return false;
}

static void connected(void *context, struct stream *stream, bool success)
{
	struct sockets *s = context;
	struct one_socket *one = stream_user(stream);
	unsigned generation;

	if (!one || !success)
		return;
	generation = one->generation;
	one->local = stream_here(stream);
	stream_pause(stream, false);
	s->listener.opened(s->listener.context, number_of(one), false,
			   sockets_now(s));
	if (one->generation == generation && one->kind == SOCKET_TLS)
		shake_hands(one);
}

static void got_bytes(void *context, struct stream *stream, struct slice bytes)
{
	struct sockets *s = context;
	struct one_socket *one = stream_user(stream);

	if (!one)
		return;
	if (one->tls)
		take_tls(one, bytes);
	else
		s->listener.received(s->listener.context, number_of(one),
				     &one->server, bytes, sockets_now(s));
}

static void ended(void *context, struct stream *stream)
{
	struct one_socket *one = stream_user(stream);

	(void)context;
	if (one)
		fail(one, TROUBLE_CLOSED, SLICE(""));
	else
		stream_close(stream);
}

static void drained(void *context, struct stream *stream)
{
	(void)context;
	(void)stream;
}

/* Nobody has closed it here: the system has. */
static void closed(void *context, struct stream *stream)
{
	struct one_socket *one = stream_user(stream);

	(void)context;
	if (!one)
		return;
	one->stream = NULL;
	fail_errno(one, stream_error(stream));
}

/* ---- opening ---- */

void sockets_open(struct sockets *s, unsigned number, enum socket_kind kind,
		  const struct endpoint *server)
{
	struct one_socket *one = &s->sockets[number];

	sockets_close(s, number);
	one->kind = kind;
	one->server = *server;
	one->open = true;
	one->error = 0;
	if (is_datagrams(one)) {
		if (open_datagrams(one))
			one->opens = true;
		else
			one->error = errno;
		return;
	}
	one->stream = stream_set_connect(s->streams, -1, server, one);
	if (one->stream)
		one->local = stream_here(one->stream);
	else
		one->error = errno;
}

void sockets_close(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];

	if (!one->open)
		return;
	if (one->tls && tls_state(one->tls) == TLS_OPEN)
		tls_close(one->tls);
	tls_free(one->tls);
	if (one->stream) {
		stream_own(one->stream, NULL);
		stream_finish(one->stream);
	}
	if (one->fd >= 0)
		datagrams_remove(s->datagrams, one->fd);
	socket_close(one->fd);
	*one = (struct one_socket){
		.all = s, .fd = -1, .generation = one->generation + 1};
}

struct endpoint sockets_local(const struct sockets *s, unsigned number)
{
	return s->sockets[number].local;
}

void sockets_describe(const struct sockets *s, unsigned number, struct text *to)
{
	if (s->sockets[number].tls)
		tls_describe(s->sockets[number].tls, to);
}

void sockets_send(struct sockets *s, unsigned number, const struct endpoint *to,
		  struct slice bytes)
{
	struct one_socket *one = &s->sockets[number];

	if (!one->open)
		return;
	if (one->tls) {
		if (!tls_send(one->tls, bytes))
			one->error = EPROTO;
	} else if (one->stream) {
		(void)stream_write(one->stream, bytes);
	} else if (one->fd >= 0) {
		datagrams_send(s->datagrams, one->fd, to, bytes);
		recorder_datagram(s->recorder, &one->local, to, bytes,
				  sockets_now(s));
	}
}

/* ---- the loop ---- */

/* What was put off, so that nobody is called from within a call. */
static bool tell_early(struct sockets *s)
{
	bool told = false;

	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		struct one_socket *one = &s->sockets[i];
		unsigned generation = one->generation;

		if (one->open && one->error) {
			told = true;
			fail_errno(one, one->error);
		} else if (one->opens) {
			one->opens = false;
			told = true;
			s->listener.opened(s->listener.context, i, false,
					   sockets_now(s));
			if (one->generation == generation &&
			    one->kind == SOCKET_DTLS)
				shake_hands(one);
		}
	}
	return told;
}

static void wake(void *context)
{
	(void)context;
}

void sockets_wait(struct sockets *s, nanoseconds until)
{
	nanoseconds handshake;

	if (tell_early(s))
		return;
	handshake = repeat_handshakes(s);
	loop_wake(s->loop, handshake < until ? handshake : until, wake, NULL);
	loop_once(s->loop);
	(void)tell_early(s);
}

/* ---- beginning and end ---- */

struct sockets *sockets_new(const struct socket_listener *listener,
			    const struct probe_tls *tls,
			    struct recorder *recorder)
{
	struct sockets *s = calloc(1, sizeof(*s));
	struct datagrams_events datagrams = {.context = s,
					     .received = got_datagram,
					     .failed = got_error,
					     .unsent = could_not_send};
	struct stream_events streams = {.context = s,
					.accepted = accepts_nobody,
					.connected = connected,
					.received = got_bytes,
					.ended = ended,
					.drained = drained,
					.closed = closed};

	if (!s)
		return NULL;
	s->listener = *listener;
	s->tls = *tls;
	s->recorder = recorder;
	s->plain = text_new(PLAIN_MAX);
	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		s->sockets[i].all = s;
		s->sockets[i].fd = -1;
	}
	s->loop = loop_new();
	if (s->loop) {
		s->datagrams = datagrams_new(s->loop, &datagrams);
		s->streams = stream_set_new(s->loop, recorder, &streams);
	}
	if (s->datagrams && s->streams)
		return s;
	sockets_free(s);
	return NULL;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SOCKETS_MAX; i++)
		sockets_close(s, i);
	stream_set_free(s->streams);
	datagrams_free(s->datagrams);
	loop_free(s->loop);
	text_free(&s->plain);
	free(s);
}
