/*
 * The server machine: messages of two clients and of peers, in any order and
 * at any time.  What it sends is STUN or ChannelData that can be read, and the
 * judge, who hears it all, finds nothing.
 *
 * The input is a row of records: one byte who, one how many seconds later, two
 * of length, bytes.  Where `who` has the bit 8, the bytes are the type of a
 * request and attributes, and credentials are put behind them: else hardly any
 * message would get past the first rung.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/turn.h"
#include "dissectors/stun_integrity.h"
#include "engine/replay.h"
#include "engine/turn_server.h"
#include "tests/fuzz/one.h"

#define RELAYS 64u

struct world {
	struct arena arena;
	struct turn_server *server;
	struct replay *judge;
	nanoseconds now;
	uint16_t port;
};

/* The judge hears what a capture would show. */
static void tell(struct world *w, const struct stun_message *m,
		 const struct turn_path *path, bool reply)
{
	struct replay_message heard = {
		.stun = m,
		.src = reply ? path->server : path->client,
		.dst = reply ? path->client : path->server,
		.time = w->now,
		.flow = (uint32_t)(path->client.ip[3] << 1 | path->stream),
		.stream = path->stream,
		.integrity = stun_has_integrity(m) ? REPLAY_UNCHECKED
						   : REPLAY_ABSENT,
	};

	replay_take(w->judge, &heard);
}

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct world *w = context;
	struct decoding d = {.arena = &w->arena, .stream = to->stream};
	struct channel_data channel;
	struct stun_message m;
	size_t used;

	arena_reset(&w->arena);
	if (bytes.p[0] & 0x40) {
		if (channel_data_decode(&d, bytes, &channel, &used) !=
		    STATUS_OK)
			abort();
		return;
	}
	if (stun_decode(&d, bytes, &m, &used) != STATUS_OK || used != bytes.n ||
	    m.walk_broken || m.class == STUN_REQUEST ||
	    m.fingerprint == FINGERPRINT_BAD)
		abort();
	tell(w, &m, to, true);
}

static bool take_open(void *context, uint32_t relay,
		      const struct turn_wish *wish, struct endpoint *out)
{
	struct world *w = context;
	uint8_t ip[16] = {192, 0, 2, 1};

	if (relay >= RELAYS)
		return false;
	w->port = (uint16_t)(wish->port ? wish->port : w->port + 1u);
	if (!wish->port && wish->even && w->port % 2)
		w->port++;
	if (w->port == 0)
		return false;
	*out = endpoint_of(slice_of(ip, wish->family == FAMILY_IPV6 ? 16 : 4),
			   w->port);
	return true;
}

static void take_close(void *context, uint32_t relay)
{
	(void)context;
	(void)relay;
}

static void take_relay(void *context, uint32_t relay,
		       const struct endpoint *peer, struct slice data,
		       bool dont_fragment)
{
	(void)context;
	(void)peer;
	(void)data;
	(void)dont_fragment;
	if (relay >= RELAYS)
		abort();
}

static bool take_connect(void *context, uint32_t relay, uint32_t connection,
			 const struct endpoint *peer)
{
	(void)context;
	(void)relay;
	(void)peer;
	return connection % 3 != 0;
}

static void take_splice(void *context, const struct turn_path *client,
			uint32_t connection)
{
	(void)context;
	(void)client;
	(void)connection;
}

static void take_drop(void *context, uint32_t connection)
{
	(void)context;
	(void)connection;
}

/* The key of the nonces is known, so that saved inputs have good ones. */
static void take_random(void *context, uint8_t *out, size_t n)
{
	(void)context;
	memset(out, 7, n);
}

static struct turn_server *make(struct world *w)
{
	struct turn_provider provider = {.context = w,
					 .send = take_send,
					 .open = take_open,
					 .close = take_close,
					 .relay = take_relay,
					 .connect = take_connect,
					 .splice = take_splice,
					 .drop = take_drop,
					 .random = take_random};
	struct turn_config config;

	turn_config_default(&config);
	config.realm = SLICE("example.org");
	config.software = SLICE("fuzz");
	config.ipv6 = config.tcp = config.mobility = true;
	config.algorithms = config.dont_fragment = true;
	config.user_quota = 4;
	return turn_server_new(&config, &provider);
}

/* With the user, a good nonce and the integrity. */
static void sign(struct slice in, const struct endpoint *client,
		 nanoseconds now, struct text *out)
{
	struct nonce_maker maker = {.features =
					    NONCE_ALGORITHMS | NONCE_ANONYMITY};
	struct stun_writer w = {.to = out, .aligned = true};
	uint8_t sevens[32], id[16] = {0x21, 0x12, 0xA4, 0x42};
	char nonce[NONCE_SIZE];
	struct stun_key key;

	memset(sevens, 7, sizeof(sevens));
	hmac_prepare(HASH_SHA256, slice_of(sevens, 32), &maker.key);
	nonce_make(&maker, client, now, nonce);
	stun_key_long_term(SLICE("u"), SLICE("example.org"), SLICE("p"), false,
			   &key);
	id[15] = in.n > 1 ? in.p[1] : 0;
	stun_write_begin(&w, in.n ? in.p[0] : 3, id);
	in = slice_from(in, 2);
	text_put(out, slice_first(in, in.n / 4 * 4));
	stun_write_bytes(&w, 0x0006, SLICE("u"));
	stun_write_bytes(&w, 0x0014, SLICE("example.org"));
	stun_write_bytes(&w, 0x0015, slice_of(nonce, NONCE_SIZE));
	stun_write_integrity(&w, &key, false, false);
}

static void receive(struct world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct decoding d = {.arena = &w->arena};
	struct stun_message m;
	size_t used;

	arena_reset(&w->arena);
	if (bytes.n >= STUN_HEADER && !(bytes.p[0] & 0xC0) &&
	    stun_decode(&d, bytes, &m, &used) == STATUS_OK)
		tell(w, &m, path, false);
	turn_server_receive(w->server, path, bytes, w->now);
}

static void request(struct world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct text signed_ = text_new(70000);

	sign(bytes, &path->client, w->now, &signed_);
	if (signed_.failed == STATUS_OK)
		receive(w, path, text_slice(&signed_));
	text_free(&signed_);
}

static void step(struct world *w, uint8_t who, struct slice bytes)
{
	struct turn_server *s = w->server;
	nanoseconds now = w->now;
	uint8_t ip[4] = {198, 51, 100, (uint8_t)(who & 1)};
	struct turn_path path = {.client = endpoint_of(slice_of(ip, 4), 4000),
				 .server = endpoint_of(slice_of(ip, 4), 3478),
				 .stream = (who & 2) != 0,
				 .transport = who & 2};
	struct endpoint peer = endpoint_of(slice_of(ip, 4), 9);
	struct turn_icmp icmp = {.type = who, .code = 1};

	turn_server_tick(s, now);

	switch (who >> 4) {
	case 1:
		turn_server_relayed(s, who & 15, &peer, bytes, now);
		break;
	case 2:
		turn_server_icmp(s, who & 15, &peer, &icmp, now);
		break;
	case 3:
		turn_server_closed(s, &path, now);
		replay_closed(w->judge,
			      (uint32_t)(path.client.ip[3] << 1 | path.stream));
		break;
	case 4:
		turn_server_connected(s, who & 7, who & 8, now);
		break;
	case 5:
		(void)turn_server_peer(s, who & 15, &peer, now);
		break;
	case 6:
		turn_server_peer_closed(s, who & 15);
		break;
	default:
		if (who & 8) {
			request(w, &path, bytes);
			break;
		}
		receive(w, &path, bytes);
		break;
	}
	turn_server_tick(s, now);
}

/* The server keeps nothing of requests: where another request came between, a
 * repeated one may be answered otherwise than before. */
static void find_nothing(const struct replay *judge)
{
	size_t count;
	const struct replay_finding *findings = replay_findings(judge, &count);

	for (size_t i = 0; i < count; i++) {
		if (findings[i].rule == REPLAY_ANSWERS_DIFFER ||
		    findings[i].rule == REPLAY_KNOWN_DIFFERENCE)
			continue;
		fprintf(stderr, "%s\n", findings[i].text);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.arena = arena_new((size_t)1 << 20)};
	struct turn_server *s = make(&w);
	struct cursor c = cursor_over(slice_of(data, size));

	w.now = INT64_C(1800000000) * NS_PER_S;
	w.server = s;
	w.judge = replay_new();
	if (!s || !w.judge)
		abort();
	if (turn_server_add_user(s, SLICE("u"), SLICE("p")) != STATUS_OK)
		abort();
	while (c.left >= 4) {
		uint8_t who = cursor_u8(&c);
		uint8_t later = cursor_u8(&c);
		uint16_t n = cursor_u16(&c);

		w.now += later * NS_PER_S;
		step(&w, who, cursor_take(&c, n < c.left ? n : c.left));
	}
	find_nothing(w.judge);
	turn_server_tick(s, w.now + 7200 * NS_PER_S);
	if (turn_server_counts(s).allocations)
		abort();
	turn_server_free(s);
	replay_free(w.judge);
	arena_free(&w.arena);
	return 0;
}
