/* The world of the server machine's fuzz targets. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/stun_integrity.h"
#include "tests/fuzz/server_world.h"

#define ARENA_MAX ((size_t)1 << 20)

void server_world_begin(struct server_world *w)
{
	*w = (struct server_world){.arena = arena_new(ARENA_MAX),
				   .judge = replay_new(),
				   .now = SERVER_WORLD_BEGIN};
	if (!w->judge)
		abort();
}

/* ---- the provider ---- */

static bool take_open(void *context, uint32_t relay,
		      const struct turn_wish *wish, struct endpoint *out)
{
	struct server_world *w = context;
	uint8_t ip[16] = {192, 0, 2, 1};

	if (relay >= SERVER_WORLD_RELAYS)
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
	const struct server_world *w = context;

	(void)peer;
	(void)data;
	if (relay >= SERVER_WORLD_RELAYS || (dont_fragment && w->never_whole))
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

struct turn_provider
server_world_provider(struct server_world *w,
		      void (*send)(void *context, const struct turn_path *to,
				   struct slice bytes))
{
	return (struct turn_provider){.context = w,
				      .send = send,
				      .open = take_open,
				      .close = take_close,
				      .relay = take_relay,
				      .connect = take_connect,
				      .splice = take_splice,
				      .drop = take_drop,
				      .random = take_random};
}

void server_world_nonce(const struct server_world *w, unsigned features,
			const struct endpoint *client, char out[NONCE_SIZE])
{
	struct nonce_maker maker = {.features = features};
	uint8_t sevens[32];

	memset(sevens, 7, sizeof(sevens));
	hmac_prepare(HASH_SHA256, slice_of(sevens, sizeof(sevens)), &maker.key);
	nonce_make(&maker, client, w->now, out);
}

/* ---- who speaks ---- */

struct turn_path server_world_path(uint8_t who)
{
	uint8_t ip[4] = {198, 51, 100, (uint8_t)(who & 1)};

	return (struct turn_path){.client = endpoint_of(slice_of(ip, 4), 4000),
				  .server = endpoint_of(slice_of(ip, 4), 3478),
				  .stream = (who & 2) != 0,
				  .transport = who & 2};
}

struct endpoint server_world_peer(uint8_t who)
{
	uint8_t ip[4] = {198, 51, 100, (uint8_t)(who & 1)};

	return endpoint_of(slice_of(ip, 4), 9);
}

/* ---- the judge ---- */

static uint32_t flow_of(const struct turn_path *path)
{
	return (uint32_t)(path->client.ip[3] << 1 | path->stream);
}

void server_world_tell(struct server_world *w, const struct stun_message *m,
		       const struct turn_path *path, bool reply)
{
	struct replay_message heard = {
		.stun = m,
		.src = reply ? path->server : path->client,
		.dst = reply ? path->client : path->server,
		.time = w->now,
		.flow = flow_of(path),
		.stream = path->stream,
		.integrity = stun_has_integrity(m) ? REPLAY_UNCHECKED
						   : REPLAY_ABSENT,
	};

	replay_take(w->judge, &heard);
}

bool server_world_ask(struct server_world *w, const struct turn_path *path,
		      struct slice bytes, struct stun_message *out)
{
	struct decoding d = {.arena = &w->arena};
	size_t used;

	arena_reset(&w->arena);
	if (bytes.n < STUN_HEADER || bytes.p[0] & 0xC0 ||
	    stun_decode(&d, bytes, out, &used) != STATUS_OK)
		return false;
	server_world_tell(w, out, path, false);
	return true;
}

void server_world_closed(struct server_world *w, const struct turn_path *path)
{
	turn_server_closed(w->server, path, w->now);
	replay_closed(w->judge, flow_of(path));
}

/* ---- the script ---- */

void server_world_run(struct server_world *w, struct cursor *script,
		      void (*step)(struct server_world *w, uint8_t who,
				   struct slice bytes))
{
	while (script->left >= 4) {
		uint8_t who = cursor_u8(script);
		uint8_t later = cursor_u8(script);
		size_t n = cursor_u16(script);

		w->now += later * NS_PER_S;
		turn_server_tick(w->server, w->now);
		step(w, who,
		     cursor_take(script, n < script->left ? n : script->left));
		turn_server_tick(w->server, w->now);
	}
}

void server_world_end(struct server_world *w)
{
	turn_server_tick(w->server, w->now + 86400 * NS_PER_S);
	if (turn_server_counts(w->server).allocations)
		abort();
	turn_server_free(w->server);
	replay_free(w->judge);
	arena_free(&w->arena);
}
