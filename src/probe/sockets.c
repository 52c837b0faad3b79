/* Sockets and their loop. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/errqueue.h>
#endif

#include "io/sockets.h"
#include "probe/address.h"
#include "probe/sockets.h"

#define BUFFER 65536u
#define WRITE_MAX ((size_t)1 << 20)
#define WAIT_MAX 1000 /* ms: at most that long at a time */

struct one_socket {
	enum socket_kind kind;
	int fd;       /* -1: not open */
	int error;    /* to be told at the next wait: errno, or 0 */
	bool new_udp; /* its opening is to be told */
	bool connecting, shut;
	struct endpoint local, server;
	struct text out; /* not written yet */
	struct tls_end *tls;
	struct recorded_stream recorded;
	nanoseconds began; /* to connect */
	unsigned generation;
};

struct sockets {
	struct socket_listener listener;
	struct tls_choice tls;
	struct recorder *recorder;
	nanoseconds ahead; /* of wall time over the clock that never jumps */
	struct one_socket sockets[SOCKETS_MAX];
	struct text wire, plain;
	uint8_t *buffer;
};

static nanoseconds read_clock(clockid_t which)
{
	struct timespec t = {0};

	(void)clock_gettime(which, &t);
	return clock_of(t.tv_sec, t.tv_nsec);
}

nanoseconds sockets_now(const struct sockets *s)
{
	return read_clock(CLOCK_MONOTONIC) + s->ahead;
}

static void take_secret(void *context, struct slice line)
{
	recorder_secret(((struct sockets *)context)->recorder, line);
}

struct sockets *sockets_new(const struct socket_listener *listener,
			    const struct tls_choice *tls,
			    struct recorder *recorder)
{
	struct sockets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->buffer = malloc(BUFFER);
	if (!s->buffer) {
		free(s);
		return NULL;
	}
	s->listener = *listener;
	s->tls = *tls;
	s->tls.secret = take_secret;
	s->tls.context = s;
	s->recorder = recorder;
	s->ahead = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
	s->wire = text_new(WRITE_MAX);
	s->plain = text_new(WRITE_MAX);
	for (unsigned i = 0; i < SOCKETS_MAX; i++)
		s->sockets[i].fd = -1;
	return s;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SOCKETS_MAX; i++)
		sockets_close(s, i);
	text_free(&s->wire);
	text_free(&s->plain);
	free(s->buffer);
	free(s);
}

void sockets_close(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];

	if (one->fd < 0)
		return;
	if (one->connecting) /* nobody answered */
		recorder_attempt(s->recorder, &one->local, &one->server, false,
				 one->began);
	recorder_closed(s->recorder, &one->recorded, false, sockets_now(s));
	(void)close(one->fd);
	tls_end_free(one->tls);
	text_free(&one->out);
	*one = (struct one_socket){.fd = -1, .generation = one->generation + 1};
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

static void fail(struct sockets *s, unsigned number, enum probe_trouble trouble,
		 const char *reason)
{
	sockets_close(s, number);
	s->listener.failed(s->listener.context, number, trouble,
			   slice_of_text(reason), sockets_now(s));
}

static void fail_errno(struct sockets *s, unsigned number, int error)
{
	fail(s, number, trouble_of(error), strerror(error));
}

/* ---- opening ---- */

static bool set_up(int fd)
{
	int flags = fcntl(fd, F_GETFL, 0);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* ICMP errors come by a queue, since the socket is not connected: answers may
 * come from another address than the one that was asked. */
static void hear_errors(const struct one_socket *one)
{
#ifdef IP_RECVERR
	int on = 1;

	if (one->server.family == FAMILY_IPV4)
		(void)setsockopt(one->fd, IPPROTO_IP, IP_RECVERR, &on,
				 sizeof(on));
	else
		(void)setsockopt(one->fd, IPPROTO_IPV6, IPV6_RECVERR, &on,
				 sizeof(on));
#else
	(void)one;
#endif
}

static bool open_udp(struct one_socket *one)
{
	union socket_address at;
	struct endpoint from;
	socklen_t n;

	if (!address_from(&one->server, &from))
		return false;
	n = socket_address_of(&from, &at);
	if (bind(one->fd, &at.any, n) != 0)
		return false;
	one->local = socket_local(one->fd);
	hear_errors(one);
	one->new_udp = true;
	return true;
}

static bool open_stream(struct one_socket *one)
{
	union socket_address at;
	socklen_t n = socket_address_of(&one->server, &at);
	int on = 1;

	(void)setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	one->connecting = true;
	(void)address_from(&one->server, &one->local); /* until it is known */
	return connect(one->fd, &at.any, n) == 0 || errno == EINPROGRESS;
}

void sockets_open(struct sockets *s, unsigned number, enum socket_kind kind,
		  const struct endpoint *server)
{
	struct one_socket *one = &s->sockets[number];
	int family = server->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;

	sockets_close(s, number);
	one->kind = kind;
	one->server = *server;
	one->began = sockets_now(s);
	one->out = text_new(WRITE_MAX);
	one->error = 0;
	one->fd = socket(family, kind == SOCKET_UDP ? SOCK_DGRAM : SOCK_STREAM,
			 0);
	if (one->fd < 0) {
		one->error = errno;
		return;
	}
	if (!set_up(one->fd) ||
	    !(kind == SOCKET_UDP ? open_udp(one) : open_stream(one)))
		one->error = errno;
}

struct endpoint sockets_local(const struct sockets *s, unsigned number)
{
	return s->sockets[number].local;
}

void sockets_describe(const struct sockets *s, unsigned number, struct text *to)
{
	if (s->sockets[number].tls)
		tls_end_describe(s->sockets[number].tls, to);
}

/* ---- writing ---- */

static void write_out(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];
	ssize_t n;

	while (one->out.n) {
		n = send(one->fd, one->out.p, one->out.n, MSG_NOSIGNAL);
		if (n <= 0) {
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				one->error = errno;
			return;
		}
		recorder_stream(s->recorder, &one->recorded, false,
				slice_of(one->out.p, (size_t)n),
				sockets_now(s));
		one->out.n -= (size_t)n;
		memmove(one->out.p, one->out.p + n, one->out.n);
	}
}

static void send_datagram(struct sockets *s, struct one_socket *one,
			  const struct endpoint *to, struct slice bytes)
{
	union socket_address at;
	socklen_t n = socket_address_of(to, &at);
	ssize_t sent =
		sendto(one->fd, bytes.p, bytes.n, MSG_NOSIGNAL, &at.any, n);

	/* An ICMP error that was waiting: what is sent now goes out at the
	 * second try, and the error is read from its queue. */
	if (sent < 0 && errno == ECONNREFUSED)
		sent = sendto(one->fd, bytes.p, bytes.n, MSG_NOSIGNAL, &at.any,
			      n);
	if (sent < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		one->error = errno;
	if (sent >= 0)
		recorder_datagram(s->recorder, &one->local, to, bytes,
				  sockets_now(s));
}

void sockets_send(struct sockets *s, unsigned number, const struct endpoint *to,
		  struct slice bytes)
{
	struct one_socket *one = &s->sockets[number];

	if (one->fd < 0)
		return;
	if (one->kind == SOCKET_UDP) {
		send_datagram(s, one, to, bytes);
		return;
	}
	if (!one->tls)
		text_put(&one->out, bytes);
	else if (!tls_end_send(one->tls, bytes, &one->out))
		one->error = EPROTO;
	if (!one->connecting)
		write_out(s, number);
}

/* ---- reading ---- */

/* An ICMP error; false: there is none.  Soft ones are left alone: the next
 * request may get through. */
static bool read_error(struct sockets *s, unsigned number)
{
#ifdef IP_RECVERR
	struct one_socket *one = &s->sockets[number];
	union {
		char bytes[512];
		struct cmsghdr align;
	} control;
	union socket_address to;
	struct iovec part = {.iov_base = s->buffer, .iov_len = BUFFER};
	struct msghdr message = {.msg_name = &to,
				 .msg_namelen = sizeof(to),
				 .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct recorded_icmp icmp = {0};
	int error = 0;

	if (recvmsg(one->fd, &message, MSG_ERRQUEUE) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c;
	     c = CMSG_NXTHDR(&message, c)) {
		struct sock_extended_err what;
		union socket_address by = {.any.sa_family = AF_UNSPEC};

		if ((c->cmsg_level != IPPROTO_IP ||
		     c->cmsg_type != IP_RECVERR) &&
		    (c->cmsg_level != IPPROTO_IPV6 ||
		     c->cmsg_type != IPV6_RECVERR))
			continue;
		memcpy(&what, CMSG_DATA(c), sizeof(what));
		memcpy(&by, CMSG_DATA(c) + sizeof(what),
		       one->local.family == FAMILY_IPV6
			       ? sizeof(struct sockaddr_in6)
			       : sizeof(struct sockaddr_in));
		error = (int)what.ee_errno;
		icmp.by = endpoint_of_socket(&by);
		icmp.type = what.ee_type;
		icmp.code = what.ee_code;
	}
	icmp.from = one->local;
	icmp.to = endpoint_of_socket(&to);
	recorder_icmp(s->recorder, &icmp, sockets_now(s));
	/* What is said of another than the server is no news of it. */
	if (error && endpoint_equal(&icmp.to, &one->server))
		one->error = error;
	return true;
#else
	(void)s;
	(void)number;
	return false;
#endif
}

static void read_datagrams(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];
	unsigned generation = one->generation;
	union socket_address at;
	struct endpoint from;
	socklen_t size;
	ssize_t n;

	while (read_error(s, number))
		;
	while (one->fd >= 0 && one->generation == generation) {
		size = sizeof(at);
		n = recvfrom(one->fd, s->buffer, BUFFER, 0, &at.any, &size);
		if (n < 0)
			return;
		from = endpoint_of_socket(&at);
		recorder_datagram(s->recorder, &from, &one->local,
				  slice_of(s->buffer, (size_t)n),
				  sockets_now(s));
		s->listener.received(s->listener.context, number, &from,
				     slice_of(s->buffer, (size_t)n),
				     sockets_now(s));
	}
}

/* Bytes of TLS; false: the socket is gone. */
static bool take_tls(struct sockets *s, unsigned number, struct slice bytes)
{
	struct one_socket *one = &s->sockets[number];
	unsigned generation = one->generation;
	bool greeting = one->shut;
	enum tls_end_state state;
	struct endpoint server = one->server;

	text_clear(&s->plain);
	state = tls_end_receive(one->tls, bytes, &one->out, &s->plain);
	write_out(s, number);
	if (greeting && state != TLS_END_GREETS && state != TLS_END_FAILED) {
		one->shut = false;
		s->listener.opened(s->listener.context, number, true,
				   sockets_now(s));
	}
	if (one->generation == generation && s->plain.n)
		s->listener.received(s->listener.context, number, &server,
				     text_slice(&s->plain), sockets_now(s));
	if (one->generation != generation)
		return false;
	if (state == TLS_END_FAILED) {
		char reason[PROBE_REASON];

		snprintf(reason, sizeof(reason), "%s",
			 tls_end_reason(one->tls));
		fail(s, number, tls_end_trouble(one->tls), reason);
		return false;
	}
	return true;
}

static void read_stream(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];
	unsigned generation = one->generation;
	ssize_t n;

	while (one->fd >= 0 && one->generation == generation) {
		struct slice bytes;

		n = recv(one->fd, s->buffer, BUFFER, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			fail(s, number,
			     n < 0 ? trouble_of(errno) : TROUBLE_CLOSED,
			     n < 0 ? strerror(errno) : "");
			return;
		}
		bytes = slice_of(s->buffer, (size_t)n);
		recorder_stream(s->recorder, &one->recorded, true, bytes,
				sockets_now(s));
		if (one->tls)
			(void)take_tls(s, number, bytes);
		else
			s->listener.received(s->listener.context, number,
					     &one->server, bytes,
					     sockets_now(s));
	}
}

/* ---- connecting ---- */

static void connected(struct sockets *s, unsigned number)
{
	struct one_socket *one = &s->sockets[number];
	unsigned generation = one->generation;
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		error = errno;
	one->local = socket_local(one->fd);
	one->connecting = error && error != ECONNREFUSED;
	if (error == ECONNREFUSED)
		recorder_attempt(s->recorder, &one->local, &one->server, true,
				 one->began);
	if (error) {
		fail_errno(s, number, error);
		return;
	}
	recorder_opened(s->recorder, &one->recorded, &one->local, &one->server,
			sockets_now(s));
	s->listener.opened(s->listener.context, number, false, sockets_now(s));
	if (one->generation != generation)
		return;
	if (one->kind != SOCKET_TLS) {
		write_out(s, number);
		return;
	}
	one->tls = tls_end_new(&s->tls);
	one->shut = true; /* until the handshake is done */
	if (!one->tls)
		fail(s, number, TROUBLE_TLS, "libssl cannot be set up");
	else
		(void)take_tls(s, number, SLICE(""));
}

/* ---- the loop ---- */

/* What was put off, so that nobody is called from within a call. */
static bool tell_early(struct sockets *s)
{
	bool told = false;

	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		struct one_socket *one = &s->sockets[i];
		int error = one->error;

		if (error) {
			one->error = 0;
			told = true;
			fail_errno(s, i, error);
		} else if (one->new_udp) {
			one->new_udp = false;
			told = true;
			s->listener.opened(s->listener.context, i, false,
					   sockets_now(s));
		}
	}
	return told;
}

static void serve(struct sockets *s, unsigned number, short events)
{
	struct one_socket *one = &s->sockets[number];

	if (one->connecting) {
		if (events & (POLLOUT | POLLERR | POLLHUP))
			connected(s, number);
		return;
	}
	if (one->kind == SOCKET_UDP) {
		read_datagrams(s, number);
		return;
	}
	if (events & POLLOUT)
		write_out(s, number);
	if (one->fd >= 0 && (events & (POLLIN | POLLERR | POLLHUP)))
		read_stream(s, number);
}

static int milliseconds(const struct sockets *s, nanoseconds until)
{
	nanoseconds now = sockets_now(s);

	if (until <= now)
		return 0;
	if (until - now > WAIT_MAX * NS_PER_MS)
		return WAIT_MAX;
	return (int)((until - now + NS_PER_MS - 1) / NS_PER_MS);
}

void sockets_wait(struct sockets *s, nanoseconds until)
{
	struct pollfd polled[SOCKETS_MAX];
	unsigned numbers[SOCKETS_MAX], generations[SOCKETS_MAX];
	nfds_t count = 0;

	if (tell_early(s))
		return;
	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		const struct one_socket *one = &s->sockets[i];

		if (one->fd < 0)
			continue;
		numbers[count] = i;
		generations[count] = one->generation;
		polled[count].fd = one->fd;
		polled[count].revents = 0;
		polled[count++].events =
			(short)(POLLIN |
				(one->connecting || one->out.n ? POLLOUT : 0));
	}
	if (poll(polled, count, milliseconds(s, until)) <= 0)
		return;
	for (nfds_t i = 0; i < count; i++)
		if (polled[i].revents &&
		    s->sockets[numbers[i]].generation == generations[i])
			serve(s, numbers[i], polled[i].revents);
	(void)tell_early(s);
}
