/*
 * The client machines (TURN and MS-TURN, over datagrams and streams; MRAS; an
 * ICE agent) and whatever a server or peer may send them, at any time.  They
 * end, and what they send is no longer than it may be.
 *
 * The input: one byte which machine, then records: one byte how, one how many
 * tenths of a second later, two of length, bytes.  Where `how` has the bit 1,
 * the bytes are the type of a message and attributes, and get the id of the
 * last request in front; with the bit 2 an integrity behind.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/stun_integrity.h"
#include "engine/ice_agent.h"
#include "engine/mras_client.h"
#include "engine/turn_client.h"
#include "tests/fuzz/one.h"

#define SENT_MAX 66000u

struct world {
	struct turn_client *turn;
	struct mras_client *mras;
	struct ice_agent *ice;
	struct endpoint here, there;
	nanoseconds now;
	uint8_t id[16];
	uint8_t dice;
	unsigned asked;
};

static void remember(struct world *w, struct slice bytes)
{
	struct cursor c = cursor_over(bytes);
	struct slice id;

	if (bytes.n > SENT_MAX)
		abort();
	cursor_skip(&c, 4);
	id = cursor_take(&c, sizeof(w->id));
	if (!c.bad)
		memcpy(w->id, id.p, id.n);
}

static void take_send(void *context, struct slice bytes)
{
	remember(context, bytes);
}

static void take_check(void *context, const struct endpoint *base,
		       const struct endpoint *to, struct slice bytes)
{
	(void)base;
	(void)to;
	remember(context, bytes);
}

static void take_done(void *context, const struct client_answer *answer)
{
	struct world *w = context;

	if (answer->outcome == CLIENT_SUCCESS && !answer->message)
		abort();
	w->asked++;
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++)
		out[i] = w->dice++;
}

static void start_turn(struct world *w, uint8_t how)
{
	struct client_provider provider = {.context = w,
					   .send = take_send,
					   .done = take_done,
					   .random = take_random};
	struct client_config config = {.server = w->there,
				       .user = SLICE("user"),
				       .password = SLICE("password"),
				       .ms_version = 1 + (how >> 6),
				       .ms_turn = how & 4,
				       .stream = how & 8,
				       .pseudo_tls = (how & 0x1C) == 0x1C};

	w->turn = turn_client_new(&config, &provider);
}

static void start_mras(struct world *w, uint8_t how)
{
	struct mras_client_provider with = {
		.context = w, .send = take_send, .random = take_random};
	struct mras_client_config config = {
		.uri = how & 2 ? SLICE("") : SLICE("sip:edge@example"),
		.identity = SLICE("sip:user@example"),
		.user = SLICE("user"),
		.password = SLICE("password"),
		.registers = how & 1,
		.local = w->here};

	w->mras = mras_client_new(&config, &with);
	if (w->mras)
		mras_client_begin(w->mras, w->now);
}

static void start_ice(struct world *w, uint8_t how)
{
	struct ice_provider provider = {
		.context = w, .send = take_check, .random = take_random};
	struct ice_config config = {.profile = (enum ice_profile)(how % 3),
				    .controlling = how & 4,
				    .tie_breaker = 1000,
				    .ufrag = SLICE("us"),
				    .password = SLICE("password"),
				    .remote_ufrag = SLICE("them"),
				    .remote_password = SLICE("password"),
				    .components = 1};
	struct ice_candidate c = {.at = w->here,
				  .base = w->here,
				  .priority = 1000,
				  .component = 1,
				  .foundation = "1"};

	w->ice = ice_agent_new(&config, &provider);
	if (!w->ice || !ice_agent_add_local(w->ice, &c))
		return;
	c.at = c.base = w->there;
	(void)!ice_agent_add_remote(w->ice, &c);
	ice_agent_begin(w->ice, w->now);
}

static void start(struct world *w, uint8_t how)
{
	if ((how & 3) == 0)
		start_mras(w, how >> 2);
	else if ((how & 3) == 1)
		start_ice(w, how >> 2);
	else
		start_turn(w, how);
}

/* Asks whenever nothing runs, each thing in its turn. */
static void ask(struct world *w)
{
	struct client_request request = {
		.ask = (enum client_ask)(w->asked % CLIENT_ASKS),
		.peer = w->there,
		.channel = 0x4000};

	(void)!turn_client_ask(w->turn, &request, w->now);
}

static void hear(struct world *w, struct slice bytes)
{
	if (w->turn)
		turn_client_receive(w->turn, bytes, w->now);
	if (w->mras)
		mras_client_receive(w->mras, bytes, w->now);
	if (w->ice)
		ice_agent_receive(w->ice, &w->here, &w->there, bytes, w->now);
}

/* Type and attributes become an answer to the last request. */
static void hear_answer(struct world *w, uint8_t how, struct slice bytes)
{
	struct text text = text_new(SENT_MAX);
	struct stun_writer writer = {.to = &text, .aligned = true};
	struct cursor c = cursor_over(bytes);
	uint16_t type = cursor_u16(&c);
	struct stun_key key;
	size_t n;

	stun_write_begin(&writer, type, w->id);
	text_put(&text, cursor_rest(&c));
	n = text.n > STUN_HEADER ? text.n - STUN_HEADER : 0;
	if (text.failed == STATUS_OK && text.n >= STUN_HEADER) {
		text.p[2] = (char)(n >> 8 & 0xFF);
		text.p[3] = (char)(n & 0xFF);
	}
	if (how & 2) {
		if (w->ice)
			stun_key_short_term(SLICE("password"), &key);
		else
			stun_key_long_term(SLICE("user"), SLICE("r"),
					   SLICE("password"), false, &key);
		stun_write_integrity(&writer, &key, false, how & 4);
	}
	if (text.failed == STATUS_OK)
		hear(w, text_slice(&text));
	text_free(&text);
}

static void tick(struct world *w)
{
	if (w->turn)
		turn_client_tick(w->turn, w->now);
	if (w->mras)
		mras_client_tick(w->mras, w->now);
	if (w->ice)
		ice_agent_tick(w->ice, w->now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(slice_of(data, size));
	struct world w = {.now = NS_PER_S};

	(void)!endpoint_parse(SLICE("192.0.2.1"), 1, &w.here);
	(void)!endpoint_parse(SLICE("192.0.2.2"), 2, &w.there);
	start(&w, cursor_u8(&c));
	while (!c.bad && c.left) {
		uint8_t how = cursor_u8(&c);
		struct slice bytes;

		w.now += cursor_u8(&c) * (NS_PER_S / 10);
		bytes = cursor_take(&c, cursor_u16(&c));
		if (w.turn)
			ask(&w);
		if (c.bad)
			break;
		if (how & 1)
			hear_answer(&w, how, bytes);
		else
			hear(&w, bytes);
		tick(&w);
	}
	turn_client_free(w.turn);
	mras_client_free(w.mras);
	ice_agent_free(w.ice);
	return 0;
}
