/*
 * The SIP front and whatever clients may send it, cut anywhere, on several
 * connections that come and go.  It ends, what it says is SIP (or the pong of a
 * ping), nobody gets in who does not know the password, and what it keeps is
 * bounded.
 *
 * The input: one byte with the schemes, then records: one byte which connection
 * (0x80: it is closed first), one how many seconds later, two of length, bytes.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/sip.h"
#include "engine/sip_server.h"
#include "tests/fuzz/one.h"

#define CONNECTIONS 4u

struct world {
	struct sip_server *s;
	struct arena memory;
	bool open[CONNECTIONS];
	uint8_t dice;
};

static void take_send(void *context, uint32_t connection, struct slice bytes)
{
	struct world *w = context;
	struct decoding d = {.arena = &w->memory, .stream = true};
	struct sip_message m;
	size_t used;

	if (connection >= CONNECTIONS)
		abort();
	arena_reset(&w->memory);
	if (!slice_is(bytes, "\r\n") &&
	    (sip_decode(&d, bytes, &m, &used) != STATUS_OK || used != bytes.n))
		abort();
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++)
		out[i] = w->dice++;
}

static size_t take_relays(void *context, uint32_t connection,
			  struct mras_relay *out, size_t max)
{
	(void)context;
	(void)connection;
	(void)max;
	out[0] = (struct mras_relay){.location = SLICE("internet"),
				     .host = SLICE("h"),
				     .udp_port = 3478};
	return 1;
}

static void start(struct world *w, unsigned schemes)
{
	struct sip_provider provider = {.context = w,
					.send = take_send,
					.random = take_random,
					.relays = take_relays};
	struct sip_server_config config = {.realm = SLICE("test"),
					   .host = SLICE("h"),
					   .schemes = schemes,
					   .expires = 7200,
					   .nonce_life = 3600 * NS_PER_S};

	mras_keys_of_secret(SLICE("s"), &config.keys);
	w->s = sip_server_new(&config, &provider);
	if (!w->s ||
	    sip_server_add_account(w->s, SLICE("user"),
				   SLICE("no input knows this")) != STATUS_OK)
		abort();
}

static void step(struct world *w, struct cursor *c, nanoseconds *now)
{
	uint8_t which = cursor_u8(c);
	uint32_t number = which % CONNECTIONS;
	struct sip_path path = {.connection = number, .tls = which & 0x40};
	struct slice bytes;
	uint16_t n;

	*now += cursor_u8(c) * NS_PER_S;
	n = cursor_u16(c);
	bytes = cursor_take(c, n < c->left ? n : c->left);
	if (w->open[number] && which & 0x80) {
		sip_server_closed(w->s, number);
		w->open[number] = false;
	}
	if (!w->open[number])
		w->open[number] = sip_server_opened(w->s, &path);
	if (!sip_server_receive(w->s, number, bytes, *now)) {
		sip_server_closed(w->s, number);
		w->open[number] = false;
	}
	sip_server_tick(w->s, *now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.memory = arena_new((size_t)8 << 20)};
	struct cursor c = cursor_over(slice_of(data, size));
	unsigned schemes = cursor_u8(&c) & 7;
	nanoseconds now = INT64_C(1800000000) * NS_PER_S;
	struct sip_counts counts;

	start(&w, schemes);
	while (!c.bad && c.left)
		step(&w, &c, &now);
	counts = sip_server_counts(w.s);
	if (schemes && (counts.bindings || counts.tokens))
		abort();
	sip_server_free(w.s);
	arena_free(&w.memory);
	return 0;
}
