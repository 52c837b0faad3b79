/* The world without sockets, and the language of its clients. */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "engine/attributes.h"
#include "engine/ladder.h"
#include "tests/support/turn_world.h"

#define REALM "example.org"
#define TIME_ZERO (INT64_C(1800000000) * NS_PER_S)

/* ---- access tokens ---- */

#define MAC SLICE("a-mac-key-of-twenty-")

/* Of turnutils_oauth for example.org: from now on for 20 minutes, from 1000 s
 * on for an hour, of long ago; and one for another server. */
static const struct {
	const char *name, *base64;
} access_tokens[] = {
	{"good", "AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2/dddPK0mMXeaITa3OtY"
		 "R4YH4NReeo6dHk7eNJ4f6FHPgA=="},
	{"late", "AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2/dddPK0mMXeaIMy3OtY"
		 "R4ynhUZfVqHhyU0u2tRJoc+KIg=="},
	{"old", "AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2/dddPK0mMXeaPwq3OtYR4"
		"DvTGWz1lNq+T1k8oZQUQLqvg=="},
	{"other", "AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2/dddPK0mMXeaITa3OtY"
		  "R4YHrsXOBuuONmMAknin82dZyw=="},
};

static void take_tokens(struct turn_server *server)
{
	struct access_key key;

	assert_int_equal(
		access_key_parse(SLICE("kid-1:A256GCM:MDEyMzQ1Njc4OWFiY2RlZjAxM"
				       "jM0NTY3ODlBQkNERUY="),
				 &key),
		STATUS_OK);
	assert_int_equal(turn_server_add_key(server, &key), STATUS_OK);
}

/* ---- the judge ---- */

static bool fits_alice(const struct stun_message *m)
{
	struct stun_key key;

	for (unsigned i = 0; i < 2; i++) {
		stun_key_long_term(SLICE("alice"), SLICE(REALM),
				   SLICE("wonder"), i, &key);
		if (stun_check_integrity(m, &key) == COVERAGE_RFC)
			return true;
	}
	return false;
}

static bool fits_mac(const struct stun_message *m)
{
	struct stun_key key;

	stun_key_short_term(MAC, &key);
	return stun_check_integrity(m, &key) == COVERAGE_RFC;
}

static bool fits_also(const struct turn_world *w, const struct stun_message *m)
{
	return w->also && stun_check_integrity(m, w->also) != COVERAGE_NONE;
}

static void tell(struct turn_world *w, const struct stun_message *m,
		 const struct turn_path *path, bool reply)
{
	struct replay_message heard = {
		.stun = m,
		.src = reply ? path->server : path->client,
		.dst = reply ? path->client : path->server,
		.time = w->now,
		.frame = w->steps,
		.flow = path->client.port,
		.stream = path->stream,
		.integrity = fits_alice(m) || fits_mac(m) || fits_also(w, m)
				     ? REPLAY_VERIFIED
			     : stun_has_integrity(m) ? REPLAY_UNCHECKED
						     : REPLAY_ABSENT,
	};

	if (w->judge)
		replay_take(w->judge, &heard);
}

/* ---- the provider ---- */

static void take_send(void *context, const struct turn_path *to,
		      struct slice bytes)
{
	struct turn_world *w = context;
	struct slice inside =
		to->framing == TURN_FRAMING_MS ? slice_from(bytes, 4) : bytes;

	t_fail_once(-1); /* memory fails the server, not its listener */
	if (w->replied)
		read_stun_done(&w->reply);
	w->replied = true;
	w->reply_to = *to;
	read_stun(&w->reply, inside);
	text_clear(&w->sent);
	text_put(&w->sent, bytes);
	if (w->reply.status == STATUS_OK && !(bytes.p[0] & 0x40))
		tell(w, &w->reply.m, to, true);
}

static bool is_free(const struct turn_world *w, uint16_t port,
		    enum address_family family)
{
	for (size_t i = 0; i < WORLD_RELAYS; i++)
		if (w->open[i] && w->relays[i].port == port &&
		    w->relays[i].family == family)
			return false;
	return true;
}

static bool take_open(void *context, uint32_t relay,
		      const struct turn_wish *wish, struct endpoint *out)
{
	struct turn_world *w = context;
	uint16_t port = wish->port;

	if (relay >= WORLD_RELAYS || w->ports_left == 0)
		return false;
	if (!port) {
		port = w->next_port++;
		if (wish->even && port % 2)
			port = w->next_port++;
	}
	if (!is_free(w, port, wish->family) ||
	    (w->odd_only && (wish->even || port % 2 == 0)))
		return false;
	w->ports_left--;
	if (endpoint_parse(wish->family == FAMILY_IPV4 ? SLICE("203.0.113.1")
						       : SLICE("2001:db8::1"),
			   port, out) != STATUS_OK)
		return false;
	w->relays[relay] = *out;
	w->open[relay] = true;
	return true;
}

static void take_close(void *context, uint32_t relay)
{
	struct turn_world *w = context;

	assert_true(relay < WORLD_RELAYS && w->open[relay]);
	w->open[relay] = false;
	w->ports_left++;
}

static void take_relay(void *context, uint32_t relay,
		       const struct endpoint *peer, struct slice data,
		       bool dont_fragment)
{
	struct turn_world *w = context;

	w->datagrams++;
	w->relayed_by = relay;
	w->relayed_to = *peer;
	w->relayed_whole = dont_fragment;
	text_clear(&w->relayed);
	text_put(&w->relayed, data);
}

static bool take_connect(void *context, uint32_t relay, uint32_t connection,
			 const struct endpoint *peer)
{
	struct turn_world *w = context;

	(void)relay;
	(void)peer;
	w->connecting = connection;
	return !w->connect_fails;
}

static void take_splice(void *context, const struct turn_path *client,
			uint32_t connection)
{
	struct turn_world *w = context;

	(void)client;
	w->spliced = connection;
}

static void take_drop(void *context, uint32_t connection)
{
	struct turn_world *w = context;

	w->dropped = connection;
}

/* Always the same dice: tests run alike. */
static void take_random(void *context, uint8_t *out, size_t n)
{
	struct turn_world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

/* ---- the world ---- */

static struct endpoint end_of(const char *text)
{
	struct slice rest = slice_of_text(text);
	struct slice ip = slice_split(&rest, '@');
	uint64_t port = 0;
	struct endpoint e;

	assert_int_equal(slice_number(rest, 65535, &port), STATUS_OK);
	assert_int_equal(endpoint_parse(ip, (uint16_t)port, &e), STATUS_OK);
	return e;
}

void world_init(struct turn_world *w)
{
	memset(w, 0, sizeof(*w));
	turn_config_default(&w->config);
	w->config.realm = SLICE(REALM);
	w->config.software = SLICE("mrascope");
	w->config.secret = SLICE("north");
	w->config.tcp = true;
	w->config.ipv6 = true;
	w->config.dont_fragment = true;
	w->now = TIME_ZERO;
	w->path.client = end_of("198.51.100.7@40000");
	w->path.server = end_of("203.0.113.1@3478");
	w->sent = text_new(1 << 17);
	w->asked = text_new(1 << 17);
	w->relayed = text_new(1 << 17);
	w->next_port = 49152;
	w->ports_left = WORLD_RELAYS;
}

void world_start(struct turn_world *w)
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

	w->server = turn_server_new(&w->config, &provider);
	assert_non_null(w->server);
	assert_int_equal(turn_server_add_user(w->server, SLICE("alice"),
					      SLICE("wonder")),
			 STATUS_OK);
	assert_int_equal(
		turn_server_add_user(w->server, SLICE("bob"), SLICE("builder")),
		STATUS_OK);
	if (w->tokens)
		take_tokens(w->server);
}

void world_free(struct turn_world *w)
{
	turn_server_free(w->server);
	if (w->replied)
		read_stun_done(&w->reply);
	text_free(&w->sent);
	text_free(&w->asked);
	text_free(&w->relayed);
}

void world_send(struct turn_world *w, struct slice bytes)
{
	struct stun_reading request;

	if (w->replied)
		read_stun_done(&w->reply);
	w->replied = false;
	text_clear(&w->asked);
	text_put(&w->asked, bytes);
	read_stun(&request, w->path.framing == TURN_FRAMING_MS
				    ? slice_from(bytes, 4)
				    : bytes);
	if (request.status == STATUS_OK)
		tell(w, &request.m, &w->path, false);
	read_stun_done(&request);
	t_fail_once(w->failing - 1);
	turn_server_receive(w->server, &w->path, bytes, w->now);
	t_fail_once(-1);
}

/* ---- what a step says ---- */

struct step {
	struct turn_world *world;
	struct stun_writer w;
	struct text bytes;
	uint16_t type;
	const char *user, *password;
	bool plain, nameless, bad_nonce, sha256, bid_down, hashed, again;
	bool fingerprint, silent, mac;
	bool no_transport;
};

static bool word_is(struct slice *word, const char *name)
{
	struct slice s = *word;
	struct slice key = slice_split(&s, '=');

	if (!slice_is(key, name))
		return false;
	*word = s;
	return true;
}

static uint64_t number_of(struct slice s)
{
	uint64_t n;

	assert_int_equal(slice_number(s, UINT32_MAX, &n), STATUS_OK);
	return n;
}

static struct endpoint peer_of(struct slice s)
{
	char text[64];

	assert_true(s.n < sizeof(text));
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return end_of(text);
}

static void put_byte(struct step *step, uint16_t type, uint64_t first)
{
	uint8_t value[4] = {(uint8_t)first};

	stun_write_bytes(&step->w, type,
			 slice_of(value, type == AT_EVEN_PORT ? 1 : 4));
}

static void put_channel(struct step *step, struct slice digits)
{
	uint64_t n;

	assert_int_equal(slice_hex(digits, 0xFFFF, &n), STATUS_OK);
	stun_write_u32(&step->w, AT_CHANNEL_NUMBER, (uint32_t)n << 16);
}

static void put_token(struct step *step, struct slice which)
{
	static const uint8_t bad[8] = {1, 2, 3};

	stun_write_bytes(&step->w, AT_RESERVATION_TOKEN,
			 slice_of(which.n ? bad : step->world->token, 8));
}

static void put_ticket(struct step *step, struct slice which)
{
	struct slice value = {0};

	if (slice_is(which, "last"))
		value = slice_of(step->world->ticket, step->world->ticket_size);
	else if (slice_is(which, "bad"))
		value = SLICE("0123456789abcdef");
	stun_write_bytes(&step->w, AT_MOBILITY_TICKET, value);
}

/* An attribute of a size that it cannot have. */
static void put_short(struct step *step, struct slice which)
{
	static const struct {
		const char *name;
		uint16_t type;
	} rows[] = {
		{"life", AT_LIFETIME},
		{"peer", AT_XOR_PEER_ADDRESS},
		{"number", AT_CHANNEL_NUMBER},
		{"transport", AT_REQUESTED_TRANSPORT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_is(which, rows[i].name))
			stun_write_bytes(&step->w, rows[i].type, SLICE("12"));
}

static void put_access(struct step *step, struct slice which)
{
	uint8_t bytes[128];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(access_tokens) / sizeof(*access_tokens);
	     i++)
		if (slice_is(which, access_tokens[i].name))
			assert_int_equal(
				base64_decode(
					slice_of_text(access_tokens[i].base64),
					bytes, &n),
				STATUS_OK);
	assert_true(n > 0);
	stun_write_bytes(&step->w, AT_ACCESS_TOKEN, slice_of(bytes, n));
}

/* Attributes with one argument, which is the word behind '='. */
static bool attribute(struct step *step, struct slice word)
{
	struct endpoint e;

	if (word_is(&word, "transport")) {
		step->no_transport = word.n == 0;
		if (word.n)
			put_byte(step, AT_REQUESTED_TRANSPORT, number_of(word));
	} else if (word_is(&word, "life")) {
		stun_write_u32(&step->w, AT_LIFETIME,
			       (uint32_t)number_of(word));
	} else if (word_is(&word, "even")) {
		put_byte(step, AT_EVEN_PORT, 0);
	} else if (word_is(&word, "reserve")) {
		put_byte(step, AT_EVEN_PORT, 0x80);
	} else if (word_is(&word, "df")) {
		stun_write_bytes(&step->w, AT_DONT_FRAGMENT, (struct slice){0});
	} else if (word_is(&word, "family")) {
		put_byte(step, AT_REQUESTED_FAMILY, number_of(word));
	} else if (word_is(&word, "also")) {
		put_byte(step, AT_ADDITIONAL_FAMILY, number_of(word));
	} else if (word_is(&word, "draft")) {
		put_byte(step, AT_ADDITIONAL_FAMILY_DRAFT, number_of(word));
	} else if (word_is(&word, "token")) {
		put_token(step, word);
	} else if (word_is(&word, "access")) {
		put_access(step, word);
	} else if (word_is(&word, "ticket")) {
		put_ticket(step, word);
	} else if (word_is(&word, "peer")) {
		e = peer_of(word);
		stun_write_xor_address(&step->w, AT_XOR_PEER_ADDRESS, &e);
	} else if (word_is(&word, "number")) {
		put_channel(step, word);
	} else if (word_is(&word, "unknown")) {
		stun_write_u32(&step->w, 0x7F00, 1);
	} else if (word_is(&word, "short")) {
		put_short(step, word);
	} else if (word_is(&word, "connection")) {
		stun_write_u32(&step->w, AT_CONNECTION_ID,
			       word.n ? (uint32_t)number_of(word)
				      : step->world->connection);
	} else if (word_is(&word, "change")) {
		stun_write_u32(&step->w, AT_CHANGE_REQUEST,
			       (uint32_t)number_of(word));
	} else if (word_is(&word, "padding")) {
		stun_write_bytes(&step->w, AT_PADDING, word);
	} else if (word_is(&word, "answer-to")) {
		stun_write_u32(&step->w, AT_RESPONSE_PORT,
			       (uint32_t)number_of(word) << 16);
	} else if (word_is(&word, "data")) {
		stun_write_bytes(&step->w, AT_DATA, word);
	} else {
		return false;
	}
	return true;
}

static bool manner(struct step *step, struct slice word)
{
	static const struct {
		const char *name;
		size_t at;
	} flags[] = {
		{"plain", offsetof(struct step, plain)},
		{"nameless", offsetof(struct step, nameless)},
		{"bad-nonce", offsetof(struct step, bad_nonce)},
		{"sha256", offsetof(struct step, sha256)},
		{"bid-down", offsetof(struct step, bid_down)},
		{"hashed", offsetof(struct step, hashed)},
		{"again", offsetof(struct step, again)},
		{"fingerprint", offsetof(struct step, fingerprint)},
		{"mac", offsetof(struct step, mac)},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (slice_is(word, flags[i].name)) {
			*((bool *)step + flags[i].at) = true;
			return true;
		}
	return false;
}

static const struct {
	const char *name;
	uint16_t type;
} requests[] = {
	{"allocate", 0x0003}, {"refresh", 0x0004}, {"permission", 0x0008},
	{"channel", 0x0009},  {"connect", 0x000A}, {"bind", 0x000B},
	{"binding", 0x0001},  {"send", 0x0016},
};

/* ---- credentials ---- */

static struct stun_key key_of(const struct step *step)
{
	struct stun_key key;

	if (step->mac) {
		stun_key_short_term(MAC, &key);
		return key;
	}
	stun_key_long_term(slice_of_text(step->user), SLICE(REALM),
			   slice_of_text(step->password), step->sha256, &key);
	return key;
}

static void put_user(struct step *step)
{
	struct slice user =
		step->mac ? SLICE("kid-1") : slice_of_text(step->user);
	struct slice pieces[] = {user, SLICE(":"), SLICE(REALM)};
	uint8_t hash[SHA256_SIZE];

	sha256(pieces, 3, hash);
	if (step->hashed)
		stun_write_bytes(&step->w, AT_USERHASH, slice_of(hash, 32));
	else
		stun_write_bytes(&step->w, AT_USERNAME, user);
}

static void put_algorithms(struct step *step)
{
	static const uint8_t list[] = {0, 2, 0, 0, 0, 1, 0, 0};
	static const uint8_t less[] = {0, 1, 0, 0};
	static const uint8_t choice[] = {0, 2, 0, 0};

	if (!step->sha256 && !step->bid_down)
		return;
	stun_write_bytes(&step->w, AT_PASSWORD_ALGORITHMS,
			 step->bid_down ? slice_of(less, 4)
					: slice_of(list, 8));
	stun_write_bytes(&step->w, AT_PASSWORD_ALGORITHM,
			 step->bid_down ? slice_of(less, 4)
					: slice_of(choice, 4));
}

static void put_credentials(struct step *step)
{
	struct turn_world *w = step->world;
	struct stun_key key = key_of(step);

	if (!step->nameless) {
		put_user(step);
		stun_write_bytes(&step->w, AT_REALM, SLICE(REALM));
		stun_write_bytes(&step->w, AT_NONCE,
				 step->bad_nonce
					 ? SLICE("0123456789abcdef")
					 : slice_of(w->nonce, w->nonce_size));
		put_algorithms(step);
	}
	stun_write_integrity(&step->w, &key, step->sha256, false);
}

bool world_reply_is_signed(const struct turn_world *w)
{
	return fits_alice(&w->reply.m);
}

bool world_reply_is_of_token(const struct turn_world *w)
{
	return fits_mac(&w->reply.m);
}

/* ---- steps ---- */

static void learn(struct turn_world *w)
{
	const struct stun_message *m = &w->reply.m;
	const struct stun_attribute *a;

	if (m->has_nonce && m->nonce.n <= sizeof(w->nonce)) {
		memcpy(w->nonce, m->nonce.p, m->nonce.n);
		w->nonce_size = m->nonce.n;
	}
	a = stun_find(m, AT_RESERVATION_TOKEN);
	if (a)
		memcpy(w->token, a->value.p, 8);
	a = stun_find(m, AT_MOBILITY_TICKET);
	if (a && a->value.n <= sizeof(w->ticket)) {
		memcpy(w->ticket, a->value.p, a->value.n);
		w->ticket_size = a->value.n;
	}
	a = stun_find(m, AT_CONNECTION_ID);
	if (a)
		w->connection = a->value.p[3];
}

static uint16_t type_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (slice_is(name, requests[i].name))
			return requests[i].type;
	fail_msg("no request of that name");
	return 0;
}

static bool is_set(struct step *step, struct slice word)
{
	struct turn_world *w = step->world;

	if (word_is(&word, "at"))
		w->now = TIME_ZERO + (nanoseconds)number_of(word) * NS_PER_S;
	else if (word_is(&word, "from"))
		w->path.client.port = (uint16_t)(40000 + number_of(word));
	else if (word_is(&word, "stream"))
		w->path.stream = number_of(word) != 0;
	else
		return false;
	return true;
}

static char *text_of(struct slice s, char *out, size_t room)
{
	assert_true(s.n < room);
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = 0;
	return out;
}

static int run_step(struct turn_world *w, struct slice line)
{
	struct step step = {.world = w, .user = "alice", .password = "wonder"};
	char user[64], password[64];
	struct slice words, word;
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};

	line = slice_trim(line);
	step.type = type_of(slice_split(&line, ' '));
	step.bytes = text_new(1 << 16);
	step.w = (struct stun_writer){.to = &step.bytes, .aligned = true};
	for (words = line; words.n;)
		(void)manner(&step, slice_split(&words, ' '));
	if (!step.again)
		w->steps++;
	id[15] = (uint8_t)w->steps;
	stun_write_begin(&step.w, step.type, id);
	for (words = line; words.n;) {
		word = slice_split(&words, ' ');
		if (word_is(&word, "user"))
			step.user = text_of(word, user, sizeof(user));
		else if (word_is(&word, "password"))
			step.password =
				text_of(word, password, sizeof(password));
		else if (!manner(&step, word) && !is_set(&step, word) &&
			 !attribute(&step, word))
			fail_msg("no such word");
	}
	if (!step.plain && step.type != 0x0016 && step.type != 0x0001)
		put_credentials(&step);
	if (step.fingerprint)
		stun_write_fingerprint(&step.w);
	world_send(w, text_slice(&step.bytes));
	text_free(&step.bytes);
	if (!w->replied || w->reply.status != STATUS_OK)
		return -1;
	learn(w);
	return (int)w->reply.m.error;
}

bool world_repeats(struct turn_world *w)
{
	struct text asked = text_new(1 << 17), before = text_new(1 << 17);
	bool same;

	text_put(&asked, text_slice(&w->asked));
	text_put(&before, text_slice(&w->sent));
	world_send(w, text_slice(&asked));
	same = w->replied &&
	       slice_equal(text_slice(&w->sent), text_slice(&before));
	text_free(&asked);
	text_free(&before);
	return same;
}

int world_run(struct turn_world *w, const char *script)
{
	struct slice steps = slice_of_text(script);
	struct slice rest = steps;
	struct slice first = slice_split(&rest, ';');
	size_t at;
	int code = -1;

	if (w->nonce_size == 0 && !slice_search(first, SLICE("plain"), &at))
		(void)run_step(w, SLICE("allocate plain transport=17"));
	while (steps.n)
		code = run_step(w, slice_split(&steps, ';'));
	return code;
}

struct endpoint world_end_at(const char *ip, uint16_t port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), port, &e),
			 STATUS_OK);
	return e;
}

void world_begin(struct turn_world *w)
{
	world_init(w);
	world_start(w);
}

void world_from_peer(struct turn_world *w, const char *ip, const char *data)
{
	struct endpoint peer = world_end_at(ip, 5000);

	if (w->replied)
		read_stun_done(&w->reply);
	w->replied = false;
	turn_server_relayed(w->server, 0, &peer, slice_of_text(data), w->now);
}
