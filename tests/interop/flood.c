/*
 * Sends broken packets to a server of STUN and TURN, as fast as it takes them,
 * for tests/interop/test_serve.py.
 *
 *	mrascope-flood ADDRESS PORT COUNT SEED FD... < SEEDS
 *
 * Standard input has whole packets, a line of hexadecimal digits each; what is
 * sent are mutants of them, from each of the UDP sockets FD (which were opened
 * by whoever started this) in turn.  Behind each batch it asks a Binding and
 * waits for the answer, so that what the server has no time for is not lost
 * before the server sees it.  Prints how many were sent and how many batches
 * were answered.
 */
#define _GNU_SOURCE /* sendmmsg */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/slice.h"
#include "io/sockets.h"
#include "tests/bench/dice.h"

#define SEEDS_MAX 32u
#define PACKET_MAX 1400u
#define BATCH 256u
#define PATIENCE_MS 2000
#define BINDING_SIZE 20u

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t n;
};

struct flood {
	struct packet seeds[SEEDS_MAX], out[BATCH];
	size_t seed_count;
	struct iovec parts[BATCH];
	struct mmsghdr heads[BATCH];
	union socket_address to;
	socklen_t to_size;
	struct dice dice;
};

static void stop(const char *why)
{
	fprintf(stderr, "flood: %s: %s\n", why, strerror(errno));
	exit(1);
}

static size_t number(const char *text)
{
	uint64_t n;

	if (slice_number(slice_of_text(text), UINT32_MAX, &n) != STATUS_OK)
		stop(text);
	return (size_t)n;
}

static void read_seeds(struct flood *f)
{
	char line[2 * PACKET_MAX + 2];

	while (f->seed_count < SEEDS_MAX && fgets(line, sizeof(line), stdin)) {
		struct packet *p = &f->seeds[f->seed_count++];
		struct slice rest = slice_trim(slice_of_text(line));

		for (; rest.n >= 2 && p->n < PACKET_MAX;
		     rest = slice_from(rest, 2)) {
			uint64_t byte;

			if (slice_hex(slice_first(rest, 2), 255, &byte) !=
			    STATUS_OK)
				stop("not hexadecimal");
			p->bytes[p->n++] = (uint8_t)byte;
		}
	}
	if (f->seed_count == 0)
		stop("no packets");
}

/* ---- mutants ---- */

/* The front of the packet once more, before `at`. */
static void repeat(struct packet *p, size_t at, size_t n)
{
	uint8_t front[64];

	if (n > p->n)
		n = p->n;
	if (p->n + n > PACKET_MAX)
		return;
	memcpy(front, p->bytes, n);
	memmove(p->bytes + at + n, p->bytes + at, p->n - at);
	memcpy(p->bytes + at, front, n);
	p->n += n;
}

static void mutate_once(struct dice *dice, struct packet *p)
{
	static const uint8_t edges[] = {0, 1, 0x7F, 0x80, 0xFF};
	size_t at = dice_below(dice, (uint32_t)p->n);

	switch (dice_below(dice, 5)) {
	case 0:
		p->bytes[at] ^= (uint8_t)(1u << dice_below(dice, 8));
		break;
	case 1:
		p->bytes[at] = edges[dice_below(dice, sizeof(edges))];
		break;
	case 2:
		p->n = at ? at : p->n;
		break;
	case 3:
		repeat(p, at, 1 + dice_below(dice, 39));
		break;
	default:
		if (p->n >= 4)
			dice_bytes(dice, p->bytes + 2, 2);
		break;
	}
}

static void make_batch(struct flood *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct packet *p = &f->out[i];
		unsigned ways = 1 + dice_below(&f->dice, 4);

		*p = f->seeds[dice_below(&f->dice, (uint32_t)f->seed_count)];
		while (ways--)
			mutate_once(&f->dice, p);
		f->parts[i] = (struct iovec){p->bytes, p->n};
		f->heads[i].msg_hdr = (struct msghdr){
			.msg_name = &f->to,
			.msg_namelen = f->to_size,
			.msg_iov = &f->parts[i],
			.msg_iovlen = 1,
		};
	}
}

/* ---- sending ---- */

static void send_batch(struct flood *f, int fd, size_t n)
{
	size_t sent = 0;

	while (sent < n) {
		int done =
			sendmmsg(fd, f->heads + sent, (unsigned)(n - sent), 0);

		if (done < 0 && errno != EAGAIN && errno != ECONNREFUSED)
			stop("sendmmsg");
		sent += done > 0 ? (size_t)done : 0;
	}
}

/* What comes until the Binding's answer is let go. */
static bool is_answered(struct flood *f, int fd)
{
	uint8_t ask[BINDING_SIZE] = {0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42};
	uint8_t got[2048];
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	dice_bytes(&f->dice, ask + 8, 12);
	if (sendto(fd, ask, sizeof(ask), 0, &f->to.any, f->to_size) < 0)
		stop("sendto");
	while (poll(&ready, 1, PATIENCE_MS) > 0) {
		ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);

		if (n >= (ssize_t)sizeof(ask) &&
		    memcmp(got + 8, ask + 8, 12) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static struct flood f;
	struct endpoint to;
	size_t count, sent = 0, answered = 0, batches = 0, fds;

	if (argc < 6)
		stop("ADDRESS PORT COUNT SEED FD...");
	if (endpoint_parse(slice_of_text(argv[1]), (uint16_t)number(argv[2]),
			   &to) != STATUS_OK)
		stop(argv[1]);
	f.to_size = socket_address_of(&to, &f.to);
	count = number(argv[3]);
	f.dice = dice_for(number(argv[4]), 0);
	fds = (size_t)argc - 5;
	read_seeds(&f);
	for (; sent < count; batches++) {
		int fd = (int)number(argv[5 + batches % fds]);
		size_t n = count - sent < BATCH ? count - sent : BATCH;

		make_batch(&f, n);
		send_batch(&f, fd, n);
		sent += n;
		answered += is_answered(&f, fd);
	}
	printf("%zu %zu %zu\n", sent, batches, answered);
	return 0;
}
