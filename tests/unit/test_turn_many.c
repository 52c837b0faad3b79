/*
 * The server machine under load: many allocations, floods of nonsense and of
 * strangers, and memory that ends.
 */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "engine/replay.h"
#include "engine/turn_server.h"
#include "tests/support/t.h"

#define REALM "example.org"
#define ALLOCATIONS 100000u
#if defined(__SANITIZE_ADDRESS__)
#define FLOOD 50000u
#else
#define FLOOD 1000000u
#endif

struct world {
	struct turn_server *server;
	struct turn_path path;
	nanoseconds now;
	uint64_t dice;
	uint32_t ports; /* opened by now */
	unsigned open;
	struct text request;
	uint8_t reply[2048]; /* the last one */
	size_t reply_size;
	unsigned replies;
	char nonce[NONCE_SIZE];
};

/* ---- the provider: relays are numbers ---- */

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct world *w = context;

	(void)to;
	w->replies++;
	w->reply_size = bytes.n < sizeof(w->reply) ? bytes.n : 0;
	memcpy(w->reply, bytes.p, w->reply_size);
}

static bool take_open(void *context, uint32_t relay,
		      const struct turn_wish *wish, struct endpoint *out)
{
	struct world *w = context;
	uint32_t n = w->ports++;
	uint8_t ip[4] = {203, 0, (uint8_t)(n / 16384 >> 8),
			 (uint8_t)(n / 16384)};

	(void)relay;
	(void)wish;
	*out = endpoint_of(slice_of(ip, 4), (uint16_t)(49152 + n % 16384));
	w->open++;
	return true;
}

static void take_close(void *context, uint32_t relay)
{
	struct world *w = context;

	(void)relay;
	w->open--;
}

static void take_relay(void *context, uint32_t relay,
		       const struct endpoint *peer, struct slice data,
		       bool dont_fragment)
{
	(void)context;
	(void)relay;
	(void)peer;
	(void)data;
	(void)dont_fragment;
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static bool start(struct world *w)
{
	struct turn_provider provider = {.context = w,
					 .send = take_send,
					 .open = take_open,
					 .close = take_close,
					 .relay = take_relay,
					 .random = take_random};
	uint8_t ip[4] = {203, 0, 113, 1};
	struct turn_config config;

	*w = (struct world){.now = INT64_C(1800000000) * NS_PER_S,
			    .request = text_new(4096)};
	turn_config_default(&config);
	config.realm = SLICE(REALM);
	config.mobility = true;
	w->path.server = endpoint_of(slice_of(ip, 4), 3478);
	w->server = turn_server_new(&config, &provider);
	if (!w->server)
		return false;
	return turn_server_add_user(w->server, SLICE("u"), SLICE("p")) ==
	       STATUS_OK;
}

static void finish(struct world *w)
{
	turn_server_free(w->server);
	text_free(&w->request);
}

/* ---- a client ---- */

static void be_client(struct world *w, uint32_t n)
{
	uint8_t ip[4] = {198, 51, (uint8_t)(n / 50000), 7};

	w->path.client =
		endpoint_of(slice_of(ip, 4), (uint16_t)(1024 + n % 50000));
}

static struct stun_writer begin(struct world *w, uint16_t type)
{
	struct stun_writer out = {.to = &w->request, .aligned = true};
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};

	take_random(w, id + 4, 12);
	text_clear(&w->request);
	stun_write_begin(&out, type, id);
	return out;
}

static unsigned ask(struct world *w)
{
	w->replies = 0;
	turn_server_receive(w->server, &w->path, text_slice(&w->request),
			    w->now);
	return w->replies;
}

static void challenge(struct world *w)
{
	struct stun_writer out = begin(w, 0x0003);
	size_t at;

	stun_write_u32(&out, 0x0019, UINT32_C(17) << 24);
	(void)ask(w);
	if (slice_search(slice_of(w->reply, w->reply_size), SLICE("obMatJos2"),
			 &at) &&
	    at + NONCE_SIZE <= w->reply_size)
		memcpy(w->nonce, w->reply + at, NONCE_SIZE);
}

static void sign(struct world *w, struct stun_writer *out,
		 const struct stun_key *key)
{
	stun_write_bytes(out, 0x0006, SLICE("u"));
	stun_write_bytes(out, 0x0014, SLICE(REALM));
	stun_write_bytes(out, 0x0015, slice_of(w->nonce, NONCE_SIZE));
	stun_write_integrity(out, key, false, false);
}

/* The type of the reply; 0: none. */
static unsigned allocate(struct world *w, const struct stun_key *key)
{
	struct stun_writer out;

	challenge(w);
	out = begin(w, 0x0003);
	stun_write_u32(&out, 0x0019, UINT32_C(17) << 24);
	sign(w, &out, key);
	return ask(w) ? (unsigned)w->reply[0] << 8 | w->reply[1] : 0;
}

static struct stun_key key_of_u(void)
{
	struct stun_key key;

	stun_key_long_term(SLICE("u"), SLICE(REALM), SLICE("p"), false, &key);
	return key;
}

/* ---- the tests ---- */

static void a_hundred_thousand_allocations_live(void **state)
{
	struct stun_key key = key_of_u();
	struct world w;

	(void)state;
	assert_true(start(&w));
	for (uint32_t i = 0; i < ALLOCATIONS; i++) {
		be_client(&w, i);
		assert_int_equal(allocate(&w, &key), 0x0103);
	}
	assert_int_equal(turn_server_counts(w.server).allocations, ALLOCATIONS);
	assert_int_equal(w.open, ALLOCATIONS);
	/* All end at the same time, and nothing stays. */
	turn_server_tick(w.server, w.now + 599 * NS_PER_S);
	assert_int_equal(w.open, ALLOCATIONS);
	turn_server_tick(w.server, w.now + 600 * NS_PER_S);
	assert_int_equal(w.open, 0);
	finish(&w);
}

/* A client is served in the midst of it, before and after. */
static void nonsense_leaves_it_serving(void **state)
{
	struct stun_key key = key_of_u();
	uint8_t bytes[256];
	struct world w;
	size_t n;

	(void)state;
	assert_true(start(&w));
	be_client(&w, 1);
	assert_int_equal(allocate(&w, &key), 0x0103);
	n = w.request.n;
	assert_true(n <= sizeof(bytes));
	for (uint32_t i = 0; i < FLOOD; i++) {
		uint8_t dice[4];

		take_random(&w, dice, sizeof(dice));
		memcpy(bytes, w.request.p, n);
		bytes[dice[0] % n] ^= (uint8_t)(1u << dice[1] % 8);
		if (dice[2] < 64)
			bytes[dice[3] % n] = dice[1];
		be_client(&w, 1 + i % 2);
		turn_server_receive(
			w.server, &w.path,
			slice_of(bytes, dice[2] < 8 ? dice[3] % n : n), w.now);
	}
	assert_true(turn_server_counts(w.server).allocations <= 2);
	be_client(&w, 3);
	assert_int_equal(allocate(&w, &key), 0x0103);
	finish(&w);
}

static void strangers_leave_no_trace(void **state)
{
	struct world w;

	(void)state;
	assert_true(start(&w));
	for (uint32_t i = 0; i < FLOOD / 10; i++) {
		be_client(&w, i);
		challenge(&w);
	}
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	assert_int_equal(w.ports, 0);
	assert_true(turn_server_next(w.server) == INT64_MAX);
	finish(&w);
}

/* What cannot be had is an error to the client, or silence; never a crash, and
 * nothing is lost. */
static bool serve_one(void *context)
{
	static const uint8_t peer[] = {0,    1,    0x30, 0x39,
				       0xE1, 0xBA, 0xA6, 0x43};
	struct stun_key key = key_of_u();
	struct stun_writer out;
	struct world w;

	(void)context;
	if (start(&w)) {
		be_client(&w, 1);
		(void)allocate(&w, &key);
		out = begin(&w, 0x0009);
		stun_write_u32(&out, 0x000C, UINT32_C(0x40000000));
		stun_write_bytes(&out, 0x0012, slice_of(peer, sizeof(peer)));
		sign(&w, &out, &key);
		(void)ask(&w);
		out = begin(&w, 0x0004);
		stun_write_bytes(&out, 0x8030, (struct slice){0});
		sign(&w, &out, &key);
		(void)ask(&w);
		turn_server_tick(w.server, w.now + 7200 * NS_PER_S);
		assert_int_equal(turn_server_counts(w.server).allocations, 0);
		assert_int_equal(w.open, 0);
	}
	finish(&w);
	return !t_failure_met();
}

static void failing_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(serve_one, NULL);
}

static bool judge_one(void *context)
{
	struct stun_key key = key_of_u();
	struct replay *judge = replay_new();
	struct arena arena = arena_new(1 << 16);
	struct decoding d = {.arena = &arena};
	struct replay_message heard = {.flow = 70};
	struct stun_message m;
	struct world w;
	size_t used, found;

	(void)context;
	if (judge && start(&w)) {
		be_client(&w, 1);
		(void)allocate(&w, &key);
		heard.stun = &m;
		heard.src = w.path.client;
		heard.dst = w.path.server;
		heard.time = w.now;
		if (stun_decode(&d, text_slice(&w.request), &m, &used) ==
		    STATUS_OK)
			replay_take(judge, &heard);
		/* A success of somebody else's lifetime. */
		w.reply[1] = 0x04;
		heard.src = w.path.server;
		heard.dst = w.path.client;
		if (stun_decode(&d, slice_of(w.reply, w.reply_size), &m,
				&used) == STATUS_OK)
			replay_take(judge, &heard);
		(void)replay_findings(judge, &found);
		assert_true(found == 1 || t_failure_met());
	}
	if (judge)
		finish(&w);
	replay_free(judge);
	arena_free(&arena);
	return !t_failure_met();
}

static void failing_memory_is_no_finding(void **state)
{
	(void)state;
	t_failing_walk(judge_one, NULL);
}

static const struct t_case cases[] = {
	{"a_hundred_thousand_allocations_live",
	 a_hundred_thousand_allocations_live},
	{"nonsense_leaves_it_serving", nonsense_leaves_it_serving},
	{"strangers_leave_no_trace", strangers_leave_no_trace},
	{"failing_memory_is_survived", failing_memory_is_survived},
	{"failing_memory_is_no_finding", failing_memory_is_no_finding},
};

T_MAIN(cases)
