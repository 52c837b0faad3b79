/*
 * The server machine: messages of two clients and of peers, in any order and
 * at any time.  What it sends is STUN or ChannelData that can be read, and the
 * judge, who hears it all, finds nothing.
 *
 * The input is the script of server_world.h.  Where `who` has the bit 8, the
 * bytes are the type of a request and attributes, and credentials are put
 * behind them: else hardly any message would get past the first rung.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "dissectors/turn.h"
#include "dissectors/stun_integrity.h"
#include "tests/fuzz/one.h"
#include "tests/fuzz/server_world.h"

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct server_world *w = context;
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
	server_world_tell(w, &m, to, true);
}

static struct turn_server *make(struct server_world *w)
{
	struct turn_provider provider = server_world_provider(w, take_send);
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
static void sign(const struct server_world *world, struct slice in,
		 const struct endpoint *client, struct text *out)
{
	struct stun_writer w = {.to = out, .aligned = true};
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};
	char nonce[NONCE_SIZE];
	struct stun_key key;

	server_world_nonce(world, NONCE_ALGORITHMS | NONCE_ANONYMITY, client,
			   nonce);
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

static void receive(struct server_world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct stun_message m;

	(void)server_world_ask(w, path, bytes, &m);
	turn_server_receive(w->server, path, bytes, w->now);
}

static void request(struct server_world *w, const struct turn_path *path,
		    struct slice bytes)
{
	struct text signed_ = text_new(70000);

	sign(w, bytes, &path->client, &signed_);
	if (signed_.failed == STATUS_OK)
		receive(w, path, text_slice(&signed_));
	text_free(&signed_);
}

static void step(struct server_world *w, uint8_t who, struct slice bytes)
{
	struct turn_server *s = w->server;
	struct turn_path path = server_world_path(who);
	struct endpoint peer = server_world_peer(who);
	struct turn_icmp icmp = {.type = who, .code = 1};

	switch (who >> 4) {
	case 1:
		turn_server_relayed(s, who & 15, &peer, bytes, w->now);
		break;
	case 2:
		turn_server_icmp(s, who & 15, &peer, &icmp, w->now);
		break;
	case 3:
		server_world_closed(w, &path);
		break;
	case 4:
		turn_server_connected(s, who & 7, who & 8, w->now);
		break;
	case 5:
		(void)turn_server_peer(s, who & 15, &peer, w->now);
		break;
	case 6:
		turn_server_peer_closed(s, who & 15);
		break;
	default:
		if (who & 8)
			request(w, &path, bytes);
		else
			receive(w, &path, bytes);
		break;
	}
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
	struct cursor c = cursor_over(slice_of(data, size));
	struct server_world w;

	server_world_begin(&w);
	w.server = make(&w);
	if (!w.server ||
	    turn_server_add_user(w.server, SLICE("u"), SLICE("p")) != STATUS_OK)
		abort();
	server_world_run(&w, &c, step);
	find_nothing(w.judge);
	server_world_end(&w);
	return 0;
}
