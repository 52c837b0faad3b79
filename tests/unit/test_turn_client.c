/* The client machine against the server machine, and against forgers. */
#include "config.h"

#include "engine/attributes.h"
#include "engine/credential.h"
#include "engine/turn_client.h"
#include "tests/support/turn_world.h"

#define QUEUE 32u

/* What happens to what is on its way to the server, or back. */
struct wire {
	struct turn_world world;
	struct turn_client *client;
	struct text sent[QUEUE]; /* by the client, in order */
	size_t sent_count, served;
	struct text data; /* of peers */
	uint16_t data_channel;
	struct endpoint data_from, moved_to;
	bool has_answer;
	struct client_answer answer;
	struct endpoint mapped, relayed;
	unsigned lose; /* this many more of the client's messages */
	uint64_t dice;
};

static void take_send(void *context, struct slice bytes)
{
	struct wire *w = context;

	assert_true(w->sent_count < QUEUE);
	w->sent[w->sent_count] = text_new(1 << 17);
	text_put(&w->sent[w->sent_count++], bytes);
}

static void take_done(void *context, const struct client_answer *answer)
{
	struct wire *w = context;

	assert_false(w->has_answer);
	w->has_answer = true;
	w->answer = *answer;
	if (answer->message) {
		w->mapped = answer->message->mapped;
		w->relayed = answer->message->relayed;
	}
	w->answer.message = NULL;
}

static void take_data(void *context, const struct endpoint *peer,
		      uint16_t channel, struct slice data)
{
	struct wire *w = context;

	w->data_from = *peer;
	w->data_channel = channel;
	text_clear(&w->data);
	text_put(&w->data, data);
}

static bool take_moves(void *context, const struct endpoint *server)
{
	((struct wire *)context)->moved_to = *server;
	return true;
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct wire *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static void open_wire(struct wire *w, const struct client_config *config)
{
	struct client_provider provider = {.context = w,
					   .send = take_send,
					   .done = take_done,
					   .data = take_data,
					   .moves = take_moves,
					   .random = take_random};

	w->data = text_new(1 << 17);
	w->dice = 7;
	w->client = turn_client_new(config, &provider);
	assert_non_null(w->client);
}

/* Who alice is, over UDP. */
static struct client_config alice(const struct wire *w)
{
	return (struct client_config){.server = w->world.path.server,
				      .user = SLICE("alice"),
				      .password = SLICE("wonder")};
}

static void start(struct wire *w)
{
	struct client_config config;

	memset(w, 0, sizeof(*w));
	world_init(&w->world);
	world_start(&w->world);
	config = alice(w);
	open_wire(w, &config);
}

static void end(struct wire *w)
{
	turn_client_free(w->client);
	for (size_t i = 0; i < w->sent_count; i++)
		text_free(&w->sent[i]);
	text_free(&w->data);
	if (w->world.server)
		world_free(&w->world);
}

/* The next message reaches the server; its reply is in the world. */
static bool serve(struct wire *w)
{
	while (w->served < w->sent_count && w->lose) {
		w->lose--;
		w->served++;
	}
	if (w->served == w->sent_count)
		return false;
	world_send(&w->world, text_slice(&w->sent[w->served++]));
	return true;
}

/* To and fro, and on to the next timer, until there is an answer. */
static void pump(struct wire *w)
{
	while (!w->has_answer) {
		if (serve(w)) {
			if (w->world.replied)
				turn_client_receive(w->client,
						    text_slice(&w->world.sent),
						    w->world.now);
		} else {
			w->world.now = turn_client_next(w->client);
			assert_true(w->world.now < INT64_MAX);
			turn_client_tick(w->client, w->world.now);
		}
	}
}

static enum client_outcome ask(struct wire *w, struct client_request request)
{
	w->has_answer = false;
	assert_true(turn_client_ask(w->client, &request, w->world.now));
	pump(w);
	return w->answer.outcome;
}

#define ASK(w, ...) ask(w, (struct client_request){__VA_ARGS__})

static struct endpoint at(const char *ip, uint16_t port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), port, &e),
			 STATUS_OK);
	return e;
}

/* ---- with the server ---- */

static void a_whole_session_succeeds(void **state)
{
	struct endpoint peer = at("192.0.2.9", 5000);
	struct wire w;

	(void)state;
	start(&w);
	assert_int_equal(ASK(&w, .ask = CLIENT_BINDING), CLIENT_SUCCESS);
	assert_true(endpoint_equal(&w.mapped, &w.world.path.client));
	assert_int_equal(w.answer.challenges, 0);
	assert_int_equal(ASK(&w, .ask = CLIENT_ALLOCATE), CLIENT_SUCCESS);
	assert_int_equal(w.answer.challenges, 1);
	assert_true(endpoint_equal(&w.relayed, &w.world.relays[0]));
	assert_int_equal(ASK(&w, .ask = CLIENT_PERMISSION, .peer = peer),
			 CLIENT_SUCCESS);
	turn_client_send(w.client, &peer, SLICE("hello"));
	assert_true(serve(&w));
	t_equal_text(text_slice(&w.world.relayed), "hello");
	assert_int_equal(
		ASK(&w, .ask = CLIENT_CHANNEL, .peer = peer, .channel = 0x4000),
		CLIENT_SUCCESS);
	turn_client_send_channel(w.client, 0x4000, SLICE("channel"));
	assert_true(serve(&w));
	t_equal_text(text_slice(&w.world.relayed), "channel");
	assert_int_equal(ASK(&w, .ask = CLIENT_REFRESH, .has_lifetime = true),
			 CLIENT_SUCCESS);
	assert_false(w.world.open[0]);
	end(&w);
}

static void data_comes_back_either_way(void **state)
{
	struct endpoint peer = at("192.0.2.9", 5000);
	struct wire w;

	(void)state;
	start(&w);
	assert_int_equal(ASK(&w, .ask = CLIENT_ALLOCATE), CLIENT_SUCCESS);
	assert_int_equal(ASK(&w, .ask = CLIENT_PERMISSION, .peer = peer),
			 CLIENT_SUCCESS);
	turn_server_relayed(w.world.server, 0, &peer, SLICE("one"),
			    w.world.now);
	turn_client_receive(w.client, text_slice(&w.world.sent), w.world.now);
	t_equal_text(text_slice(&w.data), "one");
	assert_true(endpoint_equal(&w.data_from, &peer));
	assert_int_equal(w.data_channel, 0);
	assert_int_equal(
		ASK(&w, .ask = CLIENT_CHANNEL, .peer = peer, .channel = 0x4000),
		CLIENT_SUCCESS);
	turn_server_relayed(w.world.server, 0, &peer, SLICE("two"),
			    w.world.now);
	turn_client_receive(w.client, text_slice(&w.world.sent), w.world.now);
	t_equal_text(text_slice(&w.data), "two");
	assert_int_equal(w.data_channel, 0x4000);
	end(&w);
}

static void lost_messages_are_sent_again(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	w.lose = 2;
	assert_int_equal(ASK(&w, .ask = CLIENT_BINDING), CLIENT_SUCCESS);
	assert_int_equal(w.answer.sends, 3);
	assert_int_equal(w.answer.took, 1500 * NS_PER_MS);
	/* The same bytes each time (RFC 8489 6.2.1). */
	t_equal_bytes(text_slice(&w.sent[1]), text_slice(&w.sent[0]));
	t_equal_bytes(text_slice(&w.sent[2]), text_slice(&w.sent[0]));
	end(&w);
}

static void nobody_answers(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	w.lose = QUEUE;
	assert_int_equal(ASK(&w, .ask = CLIENT_BINDING), CLIENT_UNANSWERED);
	assert_int_equal(w.answer.sends, 7);
	assert_int_equal(w.answer.took, 39500 * NS_PER_MS);
	end(&w);
}

static void credentials_are_refused_once(void **state)
{
	static const struct {
		const char *user, *password;
		enum client_outcome want;
	} rows[] = {
		{"alice", "wonder", CLIENT_SUCCESS},
		{"alice", "wrong", CLIENT_REFUSED},
		{"nobody", "wonder", CLIENT_REFUSED},
		{"", "", CLIENT_UNKNOWN},
	};
	struct client_config config;
	struct wire w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&w);
		turn_client_free(w.client);
		text_free(&w.data);
		config = alice(&w);
		config.user = slice_of_text(rows[i].user);
		config.password = slice_of_text(rows[i].password);
		open_wire(&w, &config);
		assert_int_equal(ASK(&w, .ask = CLIENT_ALLOCATE), rows[i].want);
		if (rows[i].want != CLIENT_SUCCESS)
			assert_int_equal(w.answer.code, 401);
		assert_true(w.sent_count <= 2);
		end(&w);
	}
}

static void a_stale_nonce_is_followed(void **state)
{
	struct wire w;

	(void)state;
	memset(&w, 0, sizeof(w));
	world_init(&w.world);
	w.world.config.nonce_life = 10;
	world_start(&w.world);
	{
		struct client_config config = alice(&w);

		open_wire(&w, &config);
	}
	assert_int_equal(ASK(&w, .ask = CLIENT_ALLOCATE), CLIENT_SUCCESS);
	w.world.now += 60 * NS_PER_S;
	assert_int_equal(ASK(&w, .ask = CLIENT_REFRESH), CLIENT_SUCCESS);
	assert_int_equal(w.answer.challenges, 1);
	end(&w);
}

/* A name as a hash is wanted only where all names are in a list. */
static void take_newer_algorithms(bool listed)
{
	const struct credential *who;
	struct client_config config;
	struct wire w;

	memset(&w, 0, sizeof(w));
	world_init(&w.world);
	w.world.config.algorithms = true;
	if (listed)
		w.world.config.secret = (struct slice){0};
	world_start(&w.world);
	config = alice(&w);
	open_wire(&w, &config);
	assert_int_equal(ASK(&w, .ask = CLIENT_ALLOCATE), CLIENT_SUCCESS);
	who = turn_client_credential(w.client);
	assert_int_equal(who->algorithm, PASSWORD_SHA256);
	assert_true(who->sha256);
	assert_int_equal(who->anonymous, listed);
	end(&w);
}

static void newer_algorithms_are_taken(void **state)
{
	(void)state;
	take_newer_algorithms(true);
	take_newer_algorithms(false);
}

/* ---- forgers ---- */

/* A reply to the last request, by who does not know the key. */
static void forge(struct wire *w, uint16_t type, unsigned code)
{
	struct text bytes = text_new(1024);
	struct stun_writer writer = {.to = &bytes, .aligned = true};
	struct endpoint e = at("198.51.100.66", 666);

	stun_write_begin(&writer, type,
			 (const uint8_t *)w->sent[w->sent_count - 1].p + 4);
	if (code)
		stun_write_error(&writer, code, SLICE("forged"));
	else
		stun_write_xor_address(&writer, AT_XOR_RELAYED_ADDRESS, &e);
	turn_client_receive(w->client, text_slice(&bytes), w->world.now);
	text_free(&bytes);
}

/* The Allocate with credentials is out, its answer is not in. */
static void ask_and_wait(struct wire *w)
{
	struct client_request request = {.ask = CLIENT_ALLOCATE};

	assert_true(turn_client_ask(w->client, &request, w->world.now));
	assert_true(serve(w));
	turn_client_receive(w->client, text_slice(&w->world.sent),
			    w->world.now);
	assert_int_equal(w->sent_count, 2);
}

static void an_unsigned_success_is_passed_over(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	ask_and_wait(&w);
	forge(&w, 0x0103, 0);
	assert_false(w.has_answer);
	pump(&w);
	assert_int_equal(w.answer.outcome, CLIENT_SUCCESS);
	assert_int_equal(w.answer.passed_over, 1);
	assert_true(endpoint_equal(&w.relayed, &w.world.relays[0]));
	end(&w);
}

static void forgers_alone_prove_nothing(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	ask_and_wait(&w);
	forge(&w, 0x0103, 0);
	forge(&w, 0x0103, 0);
	w.lose = QUEUE;
	pump(&w);
	assert_int_equal(w.answer.outcome, CLIENT_UNPROVED);
	assert_int_equal(w.answer.passed_over, 2);
	end(&w);
}

static void an_unsigned_error_waits_for_a_better_one(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	ask_and_wait(&w);
	forge(&w, 0x0113, 486);
	assert_false(w.has_answer);
	pump(&w); /* the true one */
	assert_int_equal(w.answer.outcome, CLIENT_SUCCESS);
	end(&w);
}

static void an_unsigned_error_is_told_as_such(void **state)
{
	struct wire w;

	(void)state;
	start(&w);
	ask_and_wait(&w);
	w.lose = QUEUE;
	forge(&w, 0x0113, 486);
	pump(&w);
	assert_int_equal(w.answer.outcome, CLIENT_ERROR);
	assert_int_equal(w.answer.code, 486);
	assert_true(w.answer.unproved);
	assert_int_equal(w.answer.took, 500 * NS_PER_MS);
	end(&w);
}

static void only_its_own_answer_counts(void **state)
{
	struct text bytes = text_new(1024);
	struct stun_writer writer = {.to = &bytes, .aligned = true};
	static const uint8_t other[16] = {0x21, 0x12, 0xA4, 0x42, 1};
	struct client_request request = {.ask = CLIENT_BINDING};
	struct wire w;

	(void)state;
	start(&w);
	assert_true(turn_client_ask(w.client, &request, w.world.now));
	/* Another id; another method; a request; not STUN at all. */
	stun_write_begin(&writer, 0x0101, other);
	turn_client_receive(w.client, text_slice(&bytes), w.world.now);
	forge(&w, 0x0103, 0);
	forge(&w, 0x0001, 0);
	turn_client_receive(w.client, SLICE("GET / HTTP/1.1"), w.world.now);
	turn_client_receive(w.client, SLICE(""), w.world.now);
	assert_false(w.has_answer);
	pump(&w);
	assert_int_equal(w.answer.outcome, CLIENT_SUCCESS);
	/* Late and double: the request is over. */
	turn_client_receive(w.client, text_slice(&w.world.sent), w.world.now);
	assert_false(turn_client_next(w.client) < INT64_MAX);
	text_free(&bytes);
	end(&w);
}

/* A challenge with this nonce, and with an offer or not. */
static void challenge(struct wire *w, const char *nonce, const char *offer)
{
	struct text bytes = text_new(1024);
	struct stun_writer writer = {.to = &bytes, .aligned = true};
	struct slice value = t_hex(offer);

	stun_write_begin(&writer, 0x0113,
			 (const uint8_t *)w->sent[w->sent_count - 1].p + 4);
	stun_write_error(&writer, 401, SLICE("Unauthorized"));
	stun_write_bytes(&writer, AT_REALM, SLICE("example.org"));
	if (*nonce)
		stun_write_bytes(&writer, AT_NONCE, slice_of_text(nonce));
	if (value.n)
		stun_write_bytes(&writer, AT_PASSWORD_ALGORITHMS, value);
	turn_client_receive(w->client, text_slice(&bytes), w->world.now);
	t_release(value);
	text_free(&bytes);
}

static void offers_are_read_with_care(void **state)
{
	static const struct {
		const char *nonce, *offer;
		int want; /* enum client_outcome; -1: it goes on */
		unsigned algorithm;
	} rows[] = {
		{"0123456789", "", -1, 0},
		{"obMatJos2gAAA0123", "00020000 00010000", -1, PASSWORD_SHA256},
		{"obMatJos2gAAA0123", "00010000 00020000", -1, PASSWORD_MD5},
		{"obMatJos2gAAA0123", "00990000 00020000", -1, PASSWORD_SHA256},
		{"obMatJos2gAAA0123", "", CLIENT_BID_DOWN, 0},
		{"obMatJos2gAAA0123", "00990000", CLIENT_MALFORMED, 0},
		{"obMatJos2gAAA0123", "0002", CLIENT_MALFORMED, 0},
		{"obMatJos2gAAA0123", "0002ffff", CLIENT_MALFORMED, 0},
		{"", "", CLIENT_MALFORMED, 0},
	};
	struct client_request request = {.ask = CLIENT_ALLOCATE};
	struct wire w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&w);
		assert_true(turn_client_ask(w.client, &request, w.world.now));
		challenge(&w, rows[i].nonce, rows[i].offer);
		assert_int_equal(w.has_answer, rows[i].want >= 0);
		if (w.has_answer)
			assert_int_equal(w.answer.outcome, rows[i].want);
		else
			assert_int_equal(
				turn_client_credential(w.client)->algorithm,
				rows[i].algorithm);
		end(&w);
	}
}

static void a_server_that_asks_for_ever_is_left(void **state)
{
	struct client_request request = {.ask = CLIENT_ALLOCATE};
	struct text bytes;
	struct wire w;

	(void)state;
	start(&w);
	assert_true(turn_client_ask(w.client, &request, w.world.now));
	challenge(&w, "0", "");
	for (unsigned i = 0; i < 8 && !w.has_answer; i++) {
		struct stun_writer writer = {.to = &bytes, .aligned = true};

		bytes = text_new(1024);
		stun_write_begin(&writer, 0x0113,
				 (const uint8_t *)w.sent[w.sent_count - 1].p +
					 4);
		stun_write_error(&writer, 438, SLICE("Stale"));
		stun_write_bytes(&writer, AT_REALM, SLICE("example.org"));
		stun_write_bytes(&writer, AT_NONCE, SLICE("1"));
		turn_client_receive(w.client, text_slice(&bytes), w.world.now);
		text_free(&bytes);
	}
	assert_true(w.has_answer);
	assert_int_equal(w.answer.outcome, CLIENT_MALFORMED);
	assert_true(w.sent_count < 8);
	end(&w);
}

/* ---- streams ---- */

static void start_stream(struct wire *w, struct client_config config)
{
	memset(w, 0, sizeof(*w));
	config.stream = true;
	open_wire(w, &config);
}

static void streams_come_in_any_pieces(void **state)
{
	struct client_request request = {.ask = CLIENT_CHANNEL};
	struct text both = text_new(1024);
	struct stun_writer w2 = {.to = &both, .aligned = true};
	struct endpoint e = at("192.0.2.1", 4711);
	struct wire w;

	(void)state;
	start_stream(&w, (struct client_config){0});
	request.channel = 0x4000;
	assert_true(turn_client_ask(w.client, &request, 0));
	stun_write_begin(&w2, 0x0109, (const uint8_t *)w.sent[0].p + 4);
	stun_write_xor_address(&w2, AT_XOR_MAPPED_ADDRESS, &e);
	text_put(&both, SLICE("\x40\x00\x00\x03"
			      "abc\0"));
	for (size_t i = 0; i < both.n; i++)
		turn_client_receive(w.client, slice_of(both.p + i, 1), 5);
	assert_int_equal(w.answer.outcome, CLIENT_SUCCESS);
	assert_true(endpoint_equal(&w.mapped, &e));
	t_equal_text(text_slice(&w.data), "abc");
	assert_int_equal(w.data_channel, 0x4000);
	text_free(&both);
	end(&w);
}

static void other_protocols_break_a_stream(void **state)
{
	static const struct {
		const char *bytes;
		bool ms_turn, pseudo_tls;
	} rows[] = {
		{"15030300020228", false, false},   /* an alert of TLS */
		{"485454502f312e31", false, false}, /* HTTP/1.1 */
		{"5353482d322e302d", false, false}, /* SSH-2.0- */
		{"0101000801020304", false, false}, /* classic STUN */
		{"010100082112a442", true, false},  /* without the frame */
		{"02010008", true, false},
		{"15030100020228", true, true},
	};
	struct client_request request = {.ask = CLIENT_ALLOCATE};
	struct slice bytes;
	struct wire w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_stream(&w, (struct client_config){
					 .ms_turn = rows[i].ms_turn,
					 .pseudo_tls = rows[i].pseudo_tls});
		assert_true(turn_client_ask(w.client, &request, 0));
		bytes = t_hex(rows[i].bytes);
		turn_client_receive(w.client, bytes, 1);
		assert_true(w.has_answer);
		assert_int_equal(w.answer.outcome, CLIENT_BROKEN);
		t_equal_bytes(turn_client_oddity(w.client), bytes);
		t_release(bytes);
		assert_false(turn_client_ask(w.client, &request, 2));
		end(&w);
	}
}

/* ---- [MS-TURN] ---- */

#define MS_ID "2112a442 00112233 44556677 8899aabb"

static void take_vector_random(void *context, uint8_t *out, size_t n)
{
	static const uint8_t id[12] = {0,    0x11, 0x22, 0x33, 0x44, 0x55,
				       0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB};

	(void)context;
	for (size_t i = 0; i < n; i++)
		out[i] = id[i % sizeof(id)];
}

/* The vectors of the working paper: their id is the same twice, too. */
static void start_ms(struct wire *w, bool stream, bool pseudo_tls)
{
	struct client_provider provider = {.context = w,
					   .send = take_send,
					   .done = take_done,
					   .data = take_data,
					   .moves = take_moves,
					   .random = take_vector_random};
	struct client_config config = {.server = at("192.0.2.3", 3478),
				       .ms_turn = true,
				       .ms_version = 2,
				       .stream = stream,
				       .pseudo_tls = pseudo_tls};
	static uint8_t user[32], password[16];

	memset(w, 0, sizeof(*w));
	for (unsigned i = 0; i < sizeof(user); i++)
		user[i] = (uint8_t)(0x10 + i);
	for (unsigned i = 0; i < sizeof(password); i++)
		password[i] = (uint8_t)(0x40 + i);
	config.user = slice_of(user, sizeof(user));
	config.password = slice_of(password, sizeof(password));
	w->data = text_new(1 << 17);
	w->client = turn_client_new(&config, &provider);
	assert_non_null(w->client);
}

static void assert_sent(const struct wire *w, size_t i, const char *hex)
{
	struct slice want = t_hex(hex);

	assert_true(i < w->sent_count);
	t_equal_bytes(text_slice(&w->sent[i]), want);
	t_release(want);
}

static void hear(struct wire *w, const char *hex)
{
	struct slice bytes = t_hex(hex);

	turn_client_receive(w->client, bytes, w->world.now);
	t_release(bytes);
}

#define MS_FIRST "00030010" MS_ID "000f0004 72c64bc6 80080004 00000002"
/* 401, alternate server, nonce and realm with their quotes. */
#define MS_401                                                 \
	"01130040" MS_ID "000f0004 72c64bc6 00090004 00000401" \
	"000e0008 00010d96 c0000204"                           \
	"00140012 2230313233343536373839616263646566 22"       \
	"0015000a 2272 74636d65 64696122"
#define MS_SECOND                                                             \
	"00030070" MS_ID "000f0004 72c64bc6 80080004 00000002 00060020"       \
	"1011121314151617 18191a1b1c1d1e1f 2021222324252627 28292a2b2c2d2e2f" \
	"00140012 22303132333435363738396162636465 6622"                      \
	"0015000a 2272 74636d65 64696122"                                     \
	"00080014 b4f26b9c aeb1d2a0 cfd00d81 2dee80cd 0361bf5f"

static void ms_turn_speaks_as_the_vectors(void **state)
{
	struct client_request request = {.ask = CLIENT_ALLOCATE};
	struct endpoint other = at("192.0.2.4", 3478);
	struct wire w;

	(void)state;
	start_ms(&w, false, false);
	assert_true(turn_client_ask(w.client, &request, 0));
	assert_sent(&w, 0, MS_FIRST);
	hear(&w, MS_401);
	assert_int_equal(w.sent_count, 2);
	assert_true(endpoint_equal(&w.moved_to, &other));
	assert_sent(&w, 1, MS_SECOND);
	assert_int_equal(w.answer.outcome, 0);
	end(&w);
}

/* A reply of the server in this frame, after its hello. */
static void pseudo_tls_says_hello_first(void **state)
{
	struct client_request request = {.ask = CLIENT_ALLOCATE};
	uint8_t hello[83] = {0x16, 3, 1, 0, 0x4E, 2, 0, 0, 0x46, 3, 1};
	struct wire w;

	(void)state;
	hello[43] = 0x20;
	hello[77] = 0x18;
	hello[79] = 0x0E;
	start_ms(&w, true, true);
	assert_true(turn_client_ask(w.client, &request, 0));
	assert_int_equal(w.sent_count, 1);
	assert_int_equal(w.sent[0].n, 50);
	assert_false(turn_client_greeted(w.client));
	turn_client_receive(w.client, slice_of(hello, 40), 1);
	assert_int_equal(w.sent_count, 1);
	turn_client_receive(w.client, slice_of(hello + 40, 43), 1);
	assert_true(turn_client_greeted(w.client));
	assert_sent(&w, 1, "02000024" MS_FIRST);
	hear(&w, "02000054" MS_401);
	/* Over TCP it stays where it is. */
	assert_int_equal(w.moved_to.family, FAMILY_NONE);
	assert_sent(&w, 2, "02000084" MS_SECOND);
	end(&w);
}

static const struct t_case cases[] = {
	{"a_whole_session_succeeds", a_whole_session_succeeds},
	{"data_comes_back_either_way", data_comes_back_either_way},
	{"lost_messages_are_sent_again", lost_messages_are_sent_again},
	{"nobody_answers", nobody_answers},
	{"credentials_are_refused_once", credentials_are_refused_once},
	{"a_stale_nonce_is_followed", a_stale_nonce_is_followed},
	{"newer_algorithms_are_taken", newer_algorithms_are_taken},
	{"an_unsigned_success_is_passed_over",
	 an_unsigned_success_is_passed_over},
	{"forgers_alone_prove_nothing", forgers_alone_prove_nothing},
	{"an_unsigned_error_waits_for_a_better_one",
	 an_unsigned_error_waits_for_a_better_one},
	{"an_unsigned_error_is_told_as_such",
	 an_unsigned_error_is_told_as_such},
	{"only_its_own_answer_counts", only_its_own_answer_counts},
	{"offers_are_read_with_care", offers_are_read_with_care},
	{"a_server_that_asks_for_ever_is_left",
	 a_server_that_asks_for_ever_is_left},
	{"streams_come_in_any_pieces", streams_come_in_any_pieces},
	{"other_protocols_break_a_stream", other_protocols_break_a_stream},
	{"ms_turn_speaks_as_the_vectors", ms_turn_speaks_as_the_vectors},
	{"pseudo_tls_says_hello_first", pseudo_tls_says_hello_first},
};
T_MAIN(cases)
