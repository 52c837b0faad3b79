/*
 * The server machine as [MS-TURN] has it: messages of two clients and of peers,
 * in any order and at any time, also multiplexed and of MSN.  What it sends is a
 * message that can be read, with the cookie in front, or data of a destination
 * that is set; the judge, who hears it all, finds no fault with the server; and
 * nothing is left when time is over.
 *
 * The input is a row of records as of fuzz_turn_server.c: one byte who, one how
 * many seconds later, two of length, bytes.  Where `who` has the bit 8, the
 * bytes are the type of a request and attributes; a token's name, realm, a good
 * nonce and the integrity are put behind them.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/stun_integrity.h"
#include "engine/attributes.h"
#include "engine/replay.h"
#include "engine/turn_server.h"
#include "tests/fuzz/one.h"

#define RELAYS 64u
#define QUOTED "\"rtcmedia\""
#define TIME_ZERO (INT64_C(1800000000) * NS_PER_S)

struct world {
	struct arena arena;
	struct turn_server *server;
	struct replay *judge;
	struct mras_keys keys;
	struct mras_token token;
	nanoseconds now;
	uint16_t port;
	bool active; /* a destination was asked for: data may be bare */
};

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

/* ---- the provider ---- */

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct world *w = context;
	struct decoding d = {.arena = &w->arena};
	struct stun_message m;
	size_t used;

	if (to->framing == TURN_FRAMING_MS) {
		if (bytes.n < 4 || (bytes.p[0] != 2 && bytes.p[0] != 3))
			abort();
		if (bytes.p[0] == 3)
			return;
		bytes = slice_from(bytes, 4);
	}
	arena_reset(&w->arena);
	if (stun_decode(&d, bytes, &m, &used) != STATUS_OK || used != bytes.n ||
	    m.walk_broken) {
		if (!w->active)
			abort();
		return;
	}
	tell(w, &m, to, true);
}

static bool take_open(void *context, uint32_t relay,
		      const struct turn_wish *wish, struct endpoint *out)
{
	struct world *w = context;
	uint8_t ip[16] = {192, 0, 2, 1};

	if (relay >= RELAYS || w->port == UINT16_MAX)
		return false;
	w->port++;
	*out = endpoint_of(slice_of(ip, wish->family == FAMILY_IPV6 ? 16 : 4),
			   wish->port ? wish->port : w->port);
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
	if (relay >= RELAYS || dont_fragment)
		abort();
}

/* The key of the nonces is known, so that saved inputs have good ones. */
static void take_random(void *context, uint8_t *out, size_t n)
{
	(void)context;
	memset(out, 7, n);
}

static struct turn_server *make(struct world *w, bool shared)
{
	struct turn_provider provider = {.context = w,
					 .send = take_send,
					 .open = take_open,
					 .close = take_close,
					 .relay = take_relay,
					 .random = take_random};
	struct turn_config config;

	turn_config_default(&config);
	config.realm = SLICE("rtcmedia");
	config.ipv6 = true;
	config.user_quota = 4;
	config.ms.enabled = true;
	config.ms.keys = w->keys;
	config.ms.bandwidth = 1000;
	config.ms.admission = 1000;
	config.ms.shared_port = shared ? 3480 : 0;
	return turn_server_new(&config, &provider);
}

/* ---- clients ---- */

static void put_nonce(const struct world *w, const struct endpoint *client,
		      struct stun_writer *out)
{
	struct nonce_maker maker = {.features = NONCE_ANONYMITY};
	uint8_t sevens[32];
	char nonce[NONCE_SIZE];

	memset(sevens, 7, sizeof(sevens));
	hmac_prepare(HASH_SHA256, slice_of(sevens, 32), &maker.key);
	nonce_make(&maker, client, w->now, nonce);
	stun_write_bytes(out, MS_NONCE, slice_of(nonce, NONCE_SIZE));
}

/* Attributes are as they came, and those of who asks behind them; MSN's have
 * neither realm nor nonce. */
static void sign(const struct world *w, struct slice in,
		 const struct endpoint *client, struct text *out)
{
	struct stun_writer to = {.to = out};
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};
	bool msn = in.n > 1 && (in.p[1] & 0x80);
	struct slice name = slice_of(w->token.name, w->token.name_size);
	struct slice password = slice_of(w->token.password, MRAS_PASSWORD_SIZE);
	struct stun_key key;

	id[15] = in.n > 1 ? in.p[1] : 0;
	stun_write_begin(&to, in.n ? in.p[0] : 3, id);
	stun_write_u32(&to, MS_COOKIE, MS_TURN_COOKIE);
	text_put(out, slice_from(in, 2));
	stun_write_bytes(&to, AT_USERNAME, name);
	if (msn) {
		stun_key_short_term(password, &key);
	} else {
		stun_key_long_term(name, SLICE(QUOTED), password, false, &key);
		stun_write_bytes(&to, MS_REALM, SLICE(QUOTED));
		put_nonce(w, client, &to);
	}
	stun_write_integrity(&to, &key, false, true);
}

static void receive(struct world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct decoding d = {.arena = &w->arena};
	struct stun_message m;
	struct text framed = text_new(70000);
	uint8_t header[4] = {2, 0, (uint8_t)(bytes.n >> 8),
			     (uint8_t)(bytes.n & 0xFF)};
	size_t used;

	arena_reset(&w->arena);
	if (bytes.n >= STUN_HEADER && !(bytes.p[0] & 0xC0) &&
	    stun_decode(&d, bytes, &m, &used) == STATUS_OK) {
		w->active |= m.type == 0x0006;
		tell(w, &m, path, false);
	}
	if (path->stream)
		text_put(&framed, slice_of(header, 4));
	text_put(&framed, bytes);
	if (framed.failed == STATUS_OK)
		turn_server_receive(w->server, path, text_slice(&framed),
				    w->now);
	text_free(&framed);
}

static void request(struct world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct text signed_ = text_new(66000);

	sign(w, bytes, &path->client, &signed_);
	if (signed_.failed == STATUS_OK)
		receive(w, path, text_slice(&signed_));
	text_free(&signed_);
}

static void step(struct world *w, uint8_t who, struct slice bytes)
{
	uint8_t ip[4] = {198, 51, 100, (uint8_t)(who & 1)};
	bool stream = (who & 2) != 0;
	struct turn_path path = {.client = endpoint_of(slice_of(ip, 4), 4000),
				 .server = endpoint_of(slice_of(ip, 4), 3478),
				 .stream = stream,
				 .framing = stream ? TURN_FRAMING_MS
						   : TURN_FRAMING_NONE,
				 .transport = who & 2};
	struct endpoint peer = endpoint_of(slice_of(ip, 4), 9);

	turn_server_tick(w->server, w->now);
	switch (who >> 4) {
	case 1:
		turn_server_relayed(w->server, who & 15, &peer, bytes, w->now);
		break;
	case 3:
		turn_server_closed(w->server, &path, w->now);
		replay_closed(w->judge, (uint32_t)(ip[3] << 1 | stream));
		break;
	default:
		if (who & 8)
			request(w, &path, bytes);
		else
			receive(w, &path, bytes);
		break;
	}
	turn_server_tick(w->server, w->now);
}

/* What a client says wrongly is not the server's fault. */
static void judge(const struct replay *judge)
{
	const struct replay_finding *findings;
	size_t count;

	findings = replay_findings(judge, &count);
	for (size_t i = 0; i < count; i++)
		if (!strstr(findings[i].text,
			    "than the server's answer gave")) {
			fprintf(stderr, "%s\n", findings[i].text);
			abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.arena = arena_new((size_t)1 << 20),
			  .now = TIME_ZERO,
			  .judge = replay_new()};
	struct cursor c = cursor_over(slice_of(data, size));

	mras_keys_prepare(SLICE("a"), SLICE("b"), SLICE("c"), &w.keys);
	mras_token_issue(&w.keys, SLICE("sip:u@example.org"),
			 TIME_ZERO + 86400 * NS_PER_S, 2, &w.token);
	w.server = make(&w, cursor_u8(&c) & 1);
	if (!w.server || !w.judge)
		abort();
	while (c.left >= 4) {
		uint8_t who = cursor_u8(&c);
		uint8_t later = cursor_u8(&c);
		uint16_t n = cursor_u16(&c);

		w.now += later * NS_PER_S;
		step(&w, who, cursor_take(&c, n < c.left ? n : c.left));
	}
	judge(w.judge);
	turn_server_tick(w.server, w.now + 86400 * NS_PER_S);
	if (turn_server_counts(w.server).allocations)
		abort();
	turn_server_free(w.server);
	replay_free(w.judge);
	arena_free(&w.arena);
	return 0;
}
