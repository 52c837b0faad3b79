/* Clients of [MS-TURN] by script. */
#include "config.h"

#include "engine/attributes.h"
#include "tests/support/ms_world.h"

#define TIME_ZERO (INT64_C(1800000000) * NS_PER_S)
#define TOKEN_LIFE (8 * 3600 * NS_PER_S)
#define QUOTED "\"example.org\""

void ms_world_init(struct ms_world *ms)
{
	memset(ms, 0, sizeof(*ms));
	world_init(&ms->w);
	mras_keys_prepare(SLICE("k0"), SLICE("k1"), SLICE("k2"), &ms->keys);
	ms->w.config.ms.enabled = true;
	ms->w.config.ms.keys = ms->keys;
	ms->w.config.ms.bandwidth = 1000;
	ms->w.also = &ms->key;
}

void ms_world_start(struct ms_world *ms)
{
	mras_token_issue(&ms->keys, SLICE("sip:alice@example.org"),
			 ms->w.now + TOKEN_LIFE, 2, &ms->token);
	world_start(&ms->w);
}

void ms_world_free(struct ms_world *ms)
{
	world_free(&ms->w);
}

/* ---- words ---- */

struct step {
	struct ms_world *ms;
	struct stun_writer w;
	struct text bytes;
	struct mras_token token;
	uint16_t type;
	bool plain, nameless, no_realm, no_nonce, bad_nonce, bad_password;
	bool sha256, key256, msn, unpadded, no_cookie, as_data, framed;
};

static bool manner(struct step *step, struct slice word)
{
	static const struct {
		const char *name;
		size_t at;
	} flags[] = {
		{"plain", offsetof(struct step, plain)},
		{"nameless", offsetof(struct step, nameless)},
		{"no-realm", offsetof(struct step, no_realm)},
		{"no-nonce", offsetof(struct step, no_nonce)},
		{"bad-nonce", offsetof(struct step, bad_nonce)},
		{"bad-password", offsetof(struct step, bad_password)},
		{"sha256", offsetof(struct step, sha256)},
		{"key256", offsetof(struct step, key256)},
		{"msn", offsetof(struct step, msn)},
		{"unpadded", offsetof(struct step, unpadded)},
		{"no-cookie", offsetof(struct step, no_cookie)},
		{"framed", offsetof(struct step, framed)},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (slice_is(word, flags[i].name)) {
			*((bool *)step + flags[i].at) = true;
			return true;
		}
	return false;
}

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

static struct endpoint end_of(struct slice s)
{
	struct slice ip = slice_split(&s, '@');
	struct endpoint e;

	assert_int_equal(endpoint_parse(ip, (uint16_t)number_of(s), &e),
			 STATUS_OK);
	return e;
}

/* Whose token: another user's, another pool's, one that is over. */
static bool token_word(struct step *step, struct slice word)
{
	struct ms_world *ms = step->ms;
	struct mras_keys other = ms->keys;
	nanoseconds now = ms->w.now;

	mras_keys_prepare(SLICE("a"), SLICE("b"), SLICE("c"), &other);
	if (slice_is(word, "bob"))
		mras_token_issue(&ms->keys, SLICE("sip:bob@example.org"),
				 now + TOKEN_LIFE, 2, &step->token);
	else if (slice_is(word, "other-pool"))
		mras_token_issue(&other, SLICE("sip:alice@example.org"),
				 now + TOKEN_LIFE, 2, &step->token);
	else if (slice_is(word, "over"))
		mras_token_issue(&ms->keys, SLICE("sip:alice@example.org"),
				 now - NS_PER_S, 2, &step->token);
	else if (slice_is(word, "renewed"))
		mras_token_issue(&ms->keys, SLICE("sip:alice@example.org"),
				 now + 2 * TOKEN_LIFE, 1, &step->token);
	else
		return false;
	return true;
}

static void put_number(struct step *step, uint64_t n, bool with_id, bool good)
{
	uint8_t value[24] = {0};
	size_t at = with_id ? 20 : 0;

	if (with_id && good)
		memcpy(value, step->ms->connection, 20);
	for (size_t i = 0; i < 4; i++)
		value[at + i] = (uint8_t)(n >> (24 - 8 * i));
	stun_write_bytes(&step->w, MS_SEQUENCE, slice_of(value, at + 4));
}

/* "10,20": least and most, both ways, for a call between two sites. */
static void put_admission(struct step *step, uint16_t kind, struct slice word)
{
	static const uint8_t profile[4] = {1, 2, 0, 0};
	uint32_t least = (uint32_t)number_of(slice_split(&word, ','));
	uint32_t most = (uint32_t)number_of(word);
	uint32_t words[4] = {most, least, most, least};
	uint8_t amount[16];

	for (size_t i = 0; i < sizeof(amount); i++)
		amount[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	stun_write_u32(&step->w, MS_ADMISSION, kind);
	stun_write_bytes(&step->w, MS_AMOUNT, slice_of(amount, 16));
	stun_write_xor_address(&step->w, MS_REMOTE_SITE,
			       &step->ms->w.path.client);
	stun_write_bytes(&step->w, MS_LOCATION_PROFILE, slice_of(profile, 4));
}

static bool attribute(struct step *step, struct slice word)
{
	uint8_t family[4] = {0};
	struct endpoint e;

	if (word_is(&word, "version")) {
		stun_write_u32(&step->w, MS_VERSION, (uint32_t)number_of(word));
	} else if (word_is(&word, "life")) {
		stun_write_u32(&step->w, AT_LIFETIME,
			       (uint32_t)number_of(word));
	} else if (word_is(&word, "kbit")) {
		stun_write_u32(&step->w, MS_BANDWIDTH,
			       (uint32_t)number_of(word));
	} else if (word_is(&word, "family")) {
		family[0] = (uint8_t)number_of(word);
		stun_write_bytes(&step->w, MS_FAMILY, slice_of(family, 4));
	} else if (word_is(&word, "peer")) {
		e = end_of(word);
		stun_write_address(&step->w, MS_DESTINATION_ADDRESS, &e);
	} else if (word_is(&word, "data")) {
		stun_write_bytes(&step->w, AT_DATA, word);
	} else if (word_is(&word, "number")) {
		put_number(step, number_of(word), true, true);
	} else if (word_is(&word, "bare-number")) {
		put_number(step, number_of(word), false, true);
	} else if (word_is(&word, "foreign-number")) {
		put_number(step, number_of(word), true, false);
	} else if (word_is(&word, "check")) {
		put_admission(step, 0, word);
	} else if (word_is(&word, "commit")) {
		put_admission(step, 1, word);
	} else if (word_is(&word, "unknown")) {
		stun_write_u32(&step->w, 0x0018, 1);
	} else if (word_is(&word, "short-life")) {
		stun_write_bytes(&step->w, AT_LIFETIME, SLICE("12"));
	} else if (word_is(&word, "session")) {
		stun_write_bytes(&step->w, MS_SESSION,
				 slice_of(step->ms->session, 8));
	} else {
		return false;
	}
	return true;
}

static bool is_set(struct step *step, struct slice word)
{
	struct turn_world *w = &step->ms->w;

	if (word_is(&word, "at"))
		w->now = TIME_ZERO + (nanoseconds)number_of(word) * NS_PER_S;
	else if (word_is(&word, "from"))
		w->path.client.port = (uint16_t)(40000 + number_of(word));
	else if (word_is(&word, "stream"))
		w->path.framing = (w->path.stream = number_of(word) != 0)
					  ? TURN_FRAMING_MS
					  : TURN_FRAMING_NONE;
	else
		return false;
	return true;
}

/* ---- credentials ---- */

static struct stun_key key_of(const struct step *step)
{
	struct slice name = slice_of(step->token.name, step->token.name_size);
	struct slice password =
		step->bad_password
			? SLICE("wrong")
			: slice_of(step->token.password, MRAS_PASSWORD_SIZE);
	struct stun_key key;

	if (step->msn)
		stun_key_short_term(password, &key);
	else
		stun_key_long_term(name, SLICE(QUOTED), password, step->key256,
				   &key);
	return key;
}

/* Without padding, which no client of Microsoft's has been seen to do. */
static void sign_unpadded(struct step *step)
{
	struct stun_key *key = &step->ms->key;
	uint8_t hash[SHA256_SIZE];
	struct slice text;

	stun_write_bytes(&step->w, AT_INTEGRITY, slice_of(hash, SHA1_SIZE));
	text = slice_first(text_slice(&step->bytes),
			   step->bytes.n - 4 - SHA1_SIZE);
	hmac_compute(&key->sha1, &text, 1, hash);
	memcpy(step->bytes.p + step->bytes.n - SHA1_SIZE, hash, SHA1_SIZE);
}

static void put_credentials(struct step *step)
{
	struct ms_world *ms = step->ms;
	bool challenge = step->type == 0x0003 && !step->msn;

	ms->key = key_of(step);
	/* Nobody knows a key of a password that is wrong. */
	ms->w.also = step->bad_password || step->unpadded ? NULL : &ms->key;
	if (!step->nameless)
		stun_write_bytes(
			&step->w, AT_USERNAME,
			slice_of(step->token.name, step->token.name_size));
	if (challenge && !step->no_realm)
		stun_write_bytes(&step->w, MS_REALM, SLICE(QUOTED));
	if (challenge && !step->no_nonce)
		stun_write_bytes(&step->w, MS_NONCE,
				 step->bad_nonce
					 ? SLICE("\"0123456789abcdef\"")
					 : slice_of(ms->nonce, ms->nonce_size));
	if (step->unpadded)
		sign_unpadded(step);
	else
		stun_write_integrity(&step->w, &ms->key, step->sha256, true);
}

bool ms_reply_is_signed(const struct ms_world *ms)
{
	return ms->w.reply.m.integrity_at &&
	       stun_check_integrity(&ms->w.reply.m, &ms->key) ==
		       COVERAGE_PADDED;
}

struct endpoint ms_reply_address(const struct ms_world *ms, uint16_t type)
{
	const struct stun_attribute *a = stun_find(&ms->w.reply.m, type);
	struct endpoint e = {0};

	if (a && stun_address(&ms->w.reply.m, a, &e) != STATUS_OK)
		fail_msg("0x%04x is no address", (unsigned)type);
	return e;
}

/* ---- steps ---- */

static void learn(struct ms_world *ms)
{
	const struct stun_message *m = &ms->w.reply.m;
	const struct stun_attribute *a = stun_find(m, MS_NONCE);

	if (a && a->value.n <= sizeof(ms->nonce)) {
		memcpy(ms->nonce, a->value.p, a->value.n);
		ms->nonce_size = a->value.n;
	}
	a = stun_find(m, MS_SEQUENCE);
	if (a && a->value.n == 24)
		memcpy(ms->connection, a->value.p, 20);
	ms->has_session = m->has_ms_session;
	if (ms->has_session)
		memcpy(ms->session, m->ms_session, 8);
}

static uint16_t type_of(struct slice name)
{
	if (slice_is(name, "allocate"))
		return 0x0003;
	if (slice_is(name, "send"))
		return 0x0004;
	if (slice_is(name, "active"))
		return 0x0006;
	if (!slice_is(name, "shared-secret"))
		fail_msg("no request of that name");
	return 0x0002;
}

/* As its transport has it, or in a multiplexed frame. */
static void send_step(struct step *step)
{
	struct ms_world *ms = step->ms;
	size_t n = step->bytes.n + (step->framed ? 8 : 0);
	uint8_t header[4] = {step->framed ? 0xFF : 2, step->framed ? 0x10 : 0,
			     (uint8_t)(n >> 8), (uint8_t)(n & 0xFF)};
	struct text out = text_new(1 << 17);

	if (step->framed || ms->w.path.framing == TURN_FRAMING_MS)
		text_put(&out, slice_of(header, sizeof(header)));
	if (step->framed)
		text_put(&out, slice_of(ms->session, 8));
	text_put(&out, text_slice(&step->bytes));
	world_send(&ms->w, text_slice(&out));
	text_free(&out);
}

static int run_step(struct ms_world *ms, struct slice line)
{
	struct step step = {.ms = ms, .token = ms->token};
	uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42};
	struct slice words, word;

	line = slice_trim(line);
	step.type = type_of(slice_split(&line, ' '));
	step.bytes = text_new(1 << 16);
	for (words = line; words.n;) {
		word = slice_split(&words, ' ');
		if (!manner(&step, word))
			(void)token_word(&step, word);
	}
	step.w = (struct stun_writer){.to = &step.bytes, .aligned = step.msn};
	ms->w.steps++;
	id[15] = (uint8_t)ms->w.steps;
	stun_write_begin(&step.w, step.type, id);
	if (!step.no_cookie)
		stun_write_u32(&step.w, MS_COOKIE, MS_TURN_COOKIE);
	for (words = line; words.n;) {
		word = slice_split(&words, ' ');
		if (!manner(&step, word) && !token_word(&step, word) &&
		    !is_set(&step, word) && !attribute(&step, word))
			fail_msg("no such word");
	}
	if (!step.plain)
		put_credentials(&step);
	send_step(&step);
	text_free(&step.bytes);
	if (!ms->w.replied || ms->w.reply.status != STATUS_OK)
		return -1;
	learn(ms);
	return (int)ms->w.reply.m.error;
}

int ms_run(struct ms_world *ms, const char *script)
{
	struct slice steps = slice_of_text(script);
	struct slice rest = steps;
	struct slice first = slice_split(&rest, ';');
	size_t at;
	int code = -1;

	if (ms->nonce_size == 0 && !slice_search(first, SLICE("plain"), &at))
		(void)run_step(ms, SLICE("allocate plain version=2"));
	while (steps.n)
		code = run_step(ms, slice_split(&steps, ';'));
	return code;
}
