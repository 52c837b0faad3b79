/* Batches of datagrams. */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <sys/epoll.h>

#include "io/datagrams.h"
#include "io/sockets.h"

#define BATCH 32u
#define READY 128u
#define ROUNDS 16u /* before others have their turn */
#define SEND_ROOM ((size_t)256 * 1024)
#define ERRORS_MAX 16u /* of a socket at once */

struct waiting {
	union socket_address to;
	socklen_t to_size;
	int fd;
	size_t at, n;
};

struct datagrams {
	struct datagrams_events events;
	int epoll;
	struct epoll_event ready[READY];
	int ready_at, ready_count; /* of those, while they are worked on */
	/* in */
	uint8_t *in; /* BATCH times DATAGRAM_MAX */
	union socket_address from[BATCH];
	struct iovec in_parts[BATCH];
	struct mmsghdr in_heads[BATCH];
	/* out */
	uint8_t *out;
	size_t out_n, waiting_count;
	struct waiting waiting[BATCH];
	struct iovec out_parts[BATCH];
	struct mmsghdr out_heads[BATCH];
};

/* ---- out ---- */

/* A socket that has an error of an earlier datagram tells it instead of
 * sending: the second try sends. */
static void send_all(struct datagrams *d, int fd, unsigned n)
{
	struct mmsghdr *heads = d->out_heads;
	unsigned at = 0, tries = 0;

	while (at < n) {
		int sent = sendmmsg(fd, heads + at, n - at, MSG_NOSIGNAL);

		if (sent > 0) {
			at += (unsigned)sent;
			tries = 0;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (++tries > 1) {
			if (d->events.unsent)
				d->events.unsent(d->events.context, fd, errno);
			at++;
			tries = 0;
		}
	}
}

/* All that waits for one socket, in order, with one call. */
static void send_to_one(struct datagrams *d, size_t first)
{
	int fd = d->waiting[first].fd;
	unsigned n = 0;

	for (size_t i = first; i < d->waiting_count; i++) {
		struct waiting *w = &d->waiting[i];

		if (w->fd != fd)
			continue;
		d->out_parts[n] = (struct iovec){.iov_base = d->out + w->at,
						 .iov_len = w->n};
		d->out_heads[n].msg_hdr =
			(struct msghdr){.msg_name = &w->to,
					.msg_namelen = w->to_size,
					.msg_iov = &d->out_parts[n],
					.msg_iovlen = 1};
		w->fd = -1;
		n++;
	}
	send_all(d, fd, n);
}

void datagrams_flush(struct datagrams *d)
{
	for (size_t i = 0; i < d->waiting_count; i++)
		if (d->waiting[i].fd >= 0)
			send_to_one(d, i);
	d->waiting_count = 0;
	d->out_n = 0;
}

void datagrams_send(struct datagrams *d, int fd, const struct endpoint *to,
		    struct slice data)
{
	struct waiting *w;

	if (data.n > DATAGRAM_MAX)
		return;
	if (d->waiting_count == BATCH || d->out_n + data.n > SEND_ROOM)
		datagrams_flush(d);
	w = &d->waiting[d->waiting_count];
	w->to_size = socket_address_of(to, &w->to);
	if (w->to_size == 0)
		return;
	w->fd = fd;
	w->at = d->out_n;
	w->n = data.n;
	if (data.n)
		memcpy(d->out + d->out_n, data.p, data.n);
	d->out_n += data.n;
	d->waiting_count++;
}

/* ---- in ---- */

static bool receive(struct datagrams *d, int fd, uint32_t number)
{
	int n;

	for (size_t i = 0; i < BATCH; i++)
		d->in_heads[i].msg_hdr.msg_namelen = sizeof(d->from[i]);
	n = recvmmsg(fd, d->in_heads, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct endpoint from = endpoint_of_socket(&d->from[i]);

		d->events.received(d->events.context, number, &from,
				   slice_of(d->in_parts[i].iov_base,
					    d->in_heads[i].msg_len));
	}
	return n == (int)BATCH;
}

/* What the kernel says of a datagram in its error queue, and whose address
 * follows that: the sender's of the ICMP error. */
static bool told_error(struct msghdr *head, struct sock_extended_err *error,
		       struct endpoint *by)
{
	union socket_address offender = {.any.sa_family = AF_UNSPEC};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c;
	     c = CMSG_NXTHDR(head, c)) {
		if (!(c->cmsg_level == IPPROTO_IP &&
		      c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 &&
		      c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(error, CMSG_DATA(c), sizeof(*error));
		if (c->cmsg_len >= CMSG_LEN(sizeof(*error) + sizeof(offender)))
			memcpy(&offender, CMSG_DATA(c) + sizeof(*error),
			       sizeof(offender));
		else if (c->cmsg_len >=
			 CMSG_LEN(sizeof(*error) + sizeof(offender.four)))
			memcpy(&offender, CMSG_DATA(c) + sizeof(*error),
			       sizeof(offender.four));
		*by = endpoint_of_socket(&offender);
		return error->ee_origin == SO_EE_ORIGIN_ICMP ||
		       error->ee_origin == SO_EE_ORIGIN_ICMP6;
	}
	return false;
}

static bool is_too_big(const struct sock_extended_err *e)
{
	return e->ee_origin == SO_EE_ORIGIN_ICMP
		       ? e->ee_type == ICMP_DEST_UNREACH &&
				 e->ee_code == ICMP_FRAG_NEEDED
		       : e->ee_type == ICMPV6_PKT_TOOBIG;
}

static void take_errors(struct datagrams *d, int fd, uint32_t number)
{
	for (unsigned i = 0; i < ERRORS_MAX; i++) {
		union socket_address to = {.any.sa_family = AF_UNSPEC};
		union {
			struct cmsghdr align;
			uint8_t bytes[512];
		} control;
		uint8_t begin[64];
		struct iovec part = {.iov_base = begin,
				     .iov_len = sizeof(begin)};
		struct msghdr head = {.msg_name = &to,
				      .msg_namelen = sizeof(to),
				      .msg_iov = &part,
				      .msg_iovlen = 1,
				      .msg_control = control.bytes,
				      .msg_controllen = sizeof(control.bytes)};
		struct sock_extended_err e;
		struct datagram_error error;
		struct endpoint by = {0};

		if (recvmsg(fd, &head, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		if (!told_error(&head, &e, &by))
			continue;
		error = (struct datagram_error){
			.to = endpoint_of_socket(&to),
			.by = by,
			.error = (int)e.ee_errno,
			.type = e.ee_type,
			.code = e.ee_code,
			.data = is_too_big(&e) ? e.ee_info : 0};
		d->events.failed(d->events.context, number, &error);
	}
}

/* The number and the descriptor share the 64 bits that epoll keeps. */
static void take(struct datagrams *d, const struct epoll_event *event)
{
	uint32_t number = (uint32_t)(event->data.u64 >> 32);
	int fd = (int)(uint32_t)event->data.u64;

	if (event->events & EPOLLERR)
		take_errors(d, fd, number);
	if (event->events & EPOLLIN)
		(void)receive(d, fd, number);
}

static void ready(void *context)
{
	struct datagrams *d = context;

	for (unsigned i = 0; i < ROUNDS; i++) {
		d->ready_count = epoll_wait(d->epoll, d->ready, READY, 0);
		for (d->ready_at = 0; d->ready_at < d->ready_count;)
			take(d, &d->ready[d->ready_at++]);
		datagrams_flush(d);
		if (d->ready_count <= 0)
			break;
	}
	if (d->events.rested)
		d->events.rested(d->events.context);
	datagrams_flush(d);
}

/* ---- sockets ---- */

bool datagrams_add(struct datagrams *d, int fd, uint32_t number)
{
	struct epoll_event event = {.events = EPOLLIN,
				    .data.u64 = (uint64_t)number << 32 |
						(uint32_t)fd};

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void datagrams_remove(struct datagrams *d, int fd)
{
	struct epoll_event event = {.events = 0};

	datagrams_flush(d);
	epoll_ctl(d->epoll, EPOLL_CTL_DEL, fd, &event);
	/* Its number in the system may be another's soon. */
	for (int i = d->ready_at; i < d->ready_count; i++)
		if ((int)(uint32_t)d->ready[i].data.u64 == fd)
			d->ready[i].events = 0;
}

struct datagrams *datagrams_new(struct loop *loop,
				const struct datagrams_events *events)
{
	struct datagrams *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->events = *events;
	d->in = malloc(BATCH * DATAGRAM_MAX);
	d->out = malloc(SEND_ROOM);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!d->in || !d->out || d->epoll < 0 ||
	    !loop_watch(loop, d->epoll, ready, d)) {
		datagrams_free(d);
		return NULL;
	}
	for (size_t i = 0; i < BATCH; i++) {
		d->in_parts[i] =
			(struct iovec){.iov_base = d->in + i * DATAGRAM_MAX,
				       .iov_len = DATAGRAM_MAX};
		d->in_heads[i].msg_hdr =
			(struct msghdr){.msg_name = &d->from[i],
					.msg_iov = &d->in_parts[i],
					.msg_iovlen = 1};
	}
	return d;
}

void datagrams_free(struct datagrams *d)
{
	if (!d)
		return;
	if (d->epoll >= 0)
		close(d->epoll);
	free(d->in);
	free(d->out);
	free(d);
}
