/*
 * The server machine as [MS-TURN] has it: messages of two clients and of
 * peers, in any order and at any time, also multiplexed and of MSN.  What it
 * sends is a message that can be read, with the cookie in front, or data of a
 * destination that is set; the judge, who hears it all, finds no fault with
 * the server; and nothing is left when time is over.
 *
 * The input is one byte, whether clients share a port, and the script of
 * server_world.h.  Where `who` has the bit 8, the bytes are the type of a
 * request and attributes; a token's name, realm, a good nonce and the integrity
 * are put behind them.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "dissectors/stun_integrity.h"
#include "engine/attributes.h"
#include "tests/fuzz/one.h"
#include "tests/fuzz/server_world.h"

#define QUOTED "\"rtcmedia\""

struct world {
	struct server_world base;
	struct mras_keys keys;
	struct mras_token token;
	bool active; /* a destination was asked for: data may be bare */
};

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct world *w = context;
	struct decoding d = {.arena = &w->base.arena};
	struct stun_message m;
	size_t used;

	if (to->framing == TURN_FRAMING_MS) {
		if (bytes.n < 4 || (bytes.p[0] != 2 && bytes.p[0] != 3))
			abort();
		if (bytes.p[0] == 3)
			return;
		bytes = slice_from(bytes, 4);
	}
	arena_reset(&w->base.arena);
	if (stun_decode(&d, bytes, &m, &used) != STATUS_OK || used != bytes.n ||
	    m.walk_broken) {
		if (!w->active)
			abort();
		return;
	}
	server_world_tell(&w->base, &m, to, true);
}

static struct turn_server *make(struct world *w, bool shared)
{
	struct turn_provider provider =
		server_world_provider(&w->base, take_send);
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
	char nonce[NONCE_SIZE];
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
		server_world_nonce(&w->base, NONCE_ANONYMITY, client, nonce);
		stun_write_bytes(&to, MS_NONCE, slice_of(nonce, NONCE_SIZE));
	}
	stun_write_integrity(&to, &key, false, true);
}

static void receive(struct world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct text framed = text_new(70000);
	struct stun_message m;
	uint8_t header[4] = {2, 0, (uint8_t)(bytes.n >> 8),
			     (uint8_t)(bytes.n & 0xFF)};

	w->active |=
		server_world_ask(&w->base, path, bytes, &m) && m.type == 0x0006;
	if (path->stream)
		text_put(&framed, slice_of(header, 4));
	text_put(&framed, bytes);
	if (framed.failed == STATUS_OK)
		turn_server_receive(w->base.server, path, text_slice(&framed),
				    w->base.now);
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

static void step(struct server_world *base, uint8_t who, struct slice bytes)
{
	struct world *w = (struct world *)(void *)base;
	struct turn_path path = server_world_path(who);
	struct endpoint peer = server_world_peer(who);

	path.framing = path.stream ? TURN_FRAMING_MS : TURN_FRAMING_NONE;
	switch (who >> 4) {
	case 1:
		turn_server_relayed(base->server, who & 15, &peer, bytes,
				    base->now);
		break;
	case 3:
		server_world_closed(base, &path);
		break;
	default:
		if (who & 8)
			request(w, &path, bytes);
		else
			receive(w, &path, bytes);
		break;
	}
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
	struct cursor c = cursor_over(slice_of(data, size));
	struct world w = {.active = false};

	server_world_begin(&w.base);
	w.base.never_whole = true;
	mras_keys_prepare(SLICE("a"), SLICE("b"), SLICE("c"), &w.keys);
	mras_token_issue(&w.keys, SLICE("sip:u@example.org"),
			 SERVER_WORLD_BEGIN + 86400 * NS_PER_S, 2, &w.token);
	w.base.server = make(&w, cursor_u8(&c) & 1);
	if (!w.base.server)
		abort();
	server_world_run(&w.base, &c, step);
	judge(w.base.judge);
	server_world_end(&w.base);
	return 0;
}
