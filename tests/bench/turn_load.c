/*
 * Loads a TURN server on the loopback, for tests/bench/serve: many clients,
 * each with a socket of its own, allocate, bind a channel, and send through
 * it, both ways, as fast as the server takes it.
 *
 *	turn-load ADDRESS PORT USER PASSWORD CLIENTS SENDERS PACKETS SIZE
 *
 * After each phase it prints a line, "PHASE count seconds", and waits for a
 * line on standard input, so that whoever started it can look at the server.
 */
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/resource.h>

#include "dissectors/stun_integrity.h"
#include "engine/attributes.h"
#include "io/sockets.h"

#define WINDOW 64u   /* requests that wait for answers */
#define BATCH 32u    /* datagrams at once */
#define FLYING 1024u /* datagrams between sender and receiver */
#define PATIENCE_MS 200
#define CHANNEL 0x4001u

enum step {
	STEP_ASK,      /* without credentials */
	STEP_ALLOCATE, /* with them */
	STEP_BIND,     /* a channel to the peer */
	STEP_DONE,
};

struct client {
	int fd;
	enum step step;
	char nonce[128];
	size_t nonce_size;
	struct endpoint relayed;
};

struct load {
	struct endpoint server, peer;
	struct slice user, password;
	struct client *clients;
	size_t count, begun, done;
	struct stun_key key;
	char realm[128];
	size_t realm_size;
	bool has_key;
	struct text out;
	struct arena scratch;
	int sink; /* the peer's socket */
	uint64_t dice;
};

static void stop(const char *why)
{
	fprintf(stderr, "turn-load: %s: %s\n", why, strerror(errno));
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *phase, size_t count, double since)
{
	char line[16];

	printf("%s %zu %.6f\n", phase, count, seconds() - since);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

/* ---- requests ---- */

static void begin(struct load *l, struct stun_writer *w, unsigned method)
{
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};

	for (size_t i = 4; i < 16; i++) {
		l->dice = l->dice * UINT64_C(6364136223846793005) + 1;
		id[i] = (uint8_t)(l->dice >> 56);
	}
	text_clear(&l->out);
	*w = (struct stun_writer){.to = &l->out, .aligned = true};
	stun_write_begin(w, (uint16_t)method, id);
}

static void credentials(struct load *l, const struct client *c,
			struct stun_writer *w)
{
	stun_write_bytes(w, AT_USERNAME, l->user);
	stun_write_bytes(w, AT_REALM, slice_of(l->realm, l->realm_size));
	stun_write_bytes(w, AT_NONCE, slice_of(c->nonce, c->nonce_size));
	stun_write_integrity(w, &l->key, false, false);
}

static void ask(struct load *l, struct client *c)
{
	static const uint8_t udp[4] = {17};
	uint8_t channel[4] = {CHANNEL >> 8, CHANNEL & 0xFF};
	struct stun_writer w;

	if (c->step == STEP_BIND) {
		begin(l, &w, 0x0009);
		stun_write_bytes(&w, AT_CHANNEL_NUMBER, slice_of(channel, 4));
		stun_write_xor_address(&w, AT_XOR_PEER_ADDRESS, &l->peer);
	} else {
		begin(l, &w, 0x0003);
		stun_write_bytes(&w, AT_REQUESTED_TRANSPORT, slice_of(udp, 4));
	}
	if (c->step != STEP_ASK)
		credentials(l, c, &w);
	if (send(c->fd, l->out.p, l->out.n, 0) < 0)
		stop("send");
}

static void learn(struct load *l, struct client *c,
		  const struct stun_message *m)
{
	if (m->nonce.n > sizeof(c->nonce) || m->realm.n > sizeof(l->realm))
		stop("a long nonce or realm");
	memcpy(c->nonce, m->nonce.p, m->nonce.n);
	c->nonce_size = m->nonce.n;
	if (l->has_key)
		return;
	memcpy(l->realm, m->realm.p, m->realm.n);
	l->realm_size = m->realm.n;
	stun_key_long_term(l->user, m->realm, l->password, false, &l->key);
	l->has_key = true;
}

static void take_answer(struct load *l, struct client *c)
{
	uint8_t bytes[2048];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct decoding d = {.arena = &l->scratch};
	struct stun_message m;
	size_t used;

	if (n <= 0)
		return;
	arena_reset(&l->scratch);
	if (stun_decode(&d, slice_of(bytes, (size_t)n), &m, &used) != STATUS_OK)
		return;
	if (c->step == STEP_ASK) {
		learn(l, c, &m);
	} else if (m.class != STUN_SUCCESS) {
		fprintf(stderr, "turn-load: refused at step %d: %u\n", c->step,
			m.error);
		exit(1);
	} else if (c->step == STEP_ALLOCATE) {
		c->relayed = m.relayed;
	}
	c->step++;
	if (c->step == STEP_DONE)
		l->done++;
	else
		ask(l, c);
}

static void open_client(struct load *l, struct client *c)
{
	struct socket_wish wish = {.at = l->server, .type = SOCK_DGRAM};
	union socket_address to;
	socklen_t n = socket_address_of(&l->server, &to);

	wish.at.port = 0;
	c->fd = socket_open(&wish);
	if (c->fd < 0 || connect(c->fd, &to.any, n) != 0)
		stop("a client's socket");
	ask(l, c);
}

/* A window of clients at a time, each through all its steps. */
static void allocate_all(struct load *l)
{
	struct pollfd polls[WINDOW];
	struct client *who[WINDOW];
	size_t n = 0;

	while (l->done < l->count) {
		for (size_t i = 0; i < n;) {
			if (who[i]->step != STEP_DONE) {
				i++;
				continue;
			}
			n--;
			who[i] = who[n];
		}
		while (n < WINDOW && l->begun < l->count) {
			who[n] = &l->clients[l->begun++];
			open_client(l, who[n++]);
		}
		for (size_t i = 0; i < n; i++)
			polls[i] = (struct pollfd){.fd = who[i]->fd,
						   .events = POLLIN};
		if (poll(polls, (nfds_t)n, 1000) == 0)
			for (size_t i = 0; i < n; i++)
				ask(l, who[i]); /* lost on the way */
		for (size_t i = 0; i < n; i++)
			if (polls[i].revents)
				take_answer(l, who[i]);
	}
}

/* ---- data ---- */

struct batch {
	struct iovec parts[BATCH];
	struct mmsghdr heads[BATCH];
	uint8_t bytes[BATCH][2048];
};

static void prepare(struct batch *b, size_t size)
{
	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < BATCH; i++) {
		b->parts[i] = (struct iovec){b->bytes[i], size};
		b->heads[i].msg_hdr = (struct msghdr){.msg_iov = &b->parts[i],
						      .msg_iovlen = 1};
	}
}

static size_t drain(int fd, struct batch *b)
{
	size_t got = 0;
	int n;

	do {
		n = recvmmsg(fd, b->heads, BATCH, MSG_DONTWAIT, NULL);
		if (n > 0)
			got += (size_t)n;
	} while (n == (int)BATCH);
	return got;
}

static void wait_for(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	(void)poll(&p, 1, PATIENCE_MS);
}

/* Clients send in turns over their channels; the peer counts. */
static size_t to_peer(struct load *l, size_t senders, size_t packets,
		      size_t size)
{
	static struct batch out, in;
	size_t sent = 0, got = 0, lost = 0;

	prepare(&in, sizeof(in.bytes[0]));
	prepare(&out, size + 4);
	for (size_t i = 0; i < BATCH; i++) {
		out.bytes[i][0] = CHANNEL >> 8;
		out.bytes[i][1] = CHANNEL & 0xFF;
		out.bytes[i][2] = (uint8_t)(size >> 8);
		out.bytes[i][3] = (uint8_t)size;
	}
	for (size_t turn = 0; sent < packets; turn++) {
		int fd = l->clients[turn % senders].fd;
		size_t before = got;
		int n = sendmmsg(fd, out.heads, 4, 0);

		if (n > 0)
			sent += (size_t)n;
		got += drain(l->sink, &in);
		while (sent - got - lost > FLYING) {
			wait_for(l->sink);
			before = got;
			got += drain(l->sink, &in);
			if (got == before)
				lost = sent - got;
		}
	}
	wait_for(l->sink);
	return got + drain(l->sink, &in);
}

/* The peer sends to relays in turns; clients count. */
static size_t to_clients(struct load *l, size_t senders, size_t packets,
			 size_t size)
{
	static struct batch out, in;
	union socket_address to;
	size_t sent = 0, got = 0, lost = 0;

	prepare(&in, sizeof(in.bytes[0]));
	prepare(&out, size);
	for (size_t turn = 0; sent < packets || sent - got > lost; turn++) {
		struct client *c = &l->clients[turn % senders];
		size_t before = got;

		for (size_t i = 0; i < 4; i++) {
			out.heads[i].msg_hdr.msg_namelen =
				socket_address_of(&c->relayed, &to);
			out.heads[i].msg_hdr.msg_name = &to;
		}
		if (sent < packets && sent - got - lost <= FLYING) {
			int n = sendmmsg(l->sink, out.heads, 4, 0);

			sent += n > 0 ? (size_t)n : 0;
			got += drain(l->clients[(turn + 1) % senders].fd, &in);
			continue;
		}
		for (size_t i = 0; i < senders; i++)
			got += drain(l->clients[i].fd, &in);
		if (got != before)
			continue;
		wait_for(c->fd);
		for (size_t i = 0; i < senders; i++)
			got += drain(l->clients[i].fd, &in);
		if (got == before)
			lost = sent - got;
	}
	return got;
}

static size_t number(const char *text)
{
	uint64_t n;

	if (slice_number(slice_of_text(text), 100000000, &n) != STATUS_OK)
		stop(text);
	return (size_t)n;
}

static void prepare_load(struct load *l, char **argv)
{
	struct rlimit files;
	struct socket_wish wish = {.type = SOCK_DGRAM, .buffer = 8 << 20};

	if (endpoint_parse(slice_of_text(argv[1]), (uint16_t)number(argv[2]),
			   &l->server) != STATUS_OK)
		stop(argv[1]);
	l->user = slice_of_text(argv[3]);
	l->password = slice_of_text(argv[4]);
	l->count = number(argv[5]);
	l->clients = calloc(l->count, sizeof(*l->clients));
	if (!l->clients || getrlimit(RLIMIT_NOFILE, &files) != 0)
		stop("memory");
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	l->out = text_new(4096);
	l->scratch = arena_new((size_t)1 << 20);
	l->dice = (uint64_t)time(NULL);
	wish.at = l->server;
	wish.at.port = 0;
	l->sink = socket_open(&wish);
	if (l->sink < 0)
		stop("the peer's socket");
	l->peer = socket_local(l->sink);
}

int main(int argc, char **argv)
{
	struct load l = {.sink = -1};
	size_t senders, packets, size, got;
	double since;

	if (argc != 9)
		stop("ADDRESS PORT USER PASSWORD CLIENTS SENDERS PACKETS SIZE");
	prepare_load(&l, argv);
	senders = number(argv[6]);
	packets = number(argv[7]);
	size = number(argv[8]);
	if (senders > l.count || size > 1500)
		stop("too many SENDERS, or SIZE");
	say("ready", 0, seconds());
	since = seconds();
	allocate_all(&l);
	say("allocated", l.count, since);
	since = seconds();
	got = to_peer(&l, senders, packets, size);
	say("to-peer", got, since);
	since = seconds();
	got = to_clients(&l, senders, packets, size);
	say("to-clients", got, since);
	return 0;
}
