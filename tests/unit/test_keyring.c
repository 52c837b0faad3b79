/* The ring of keys: whose key is tried, and what the verdict says. */
#include "config.h"

#include "flow/keyring.h"
#include "tests/support/stun_reading.h"
#include "tests/support/stun_vectors.h"

/* "Matrix" in Katakana. */
#define MATRIX                                                     \
	"\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82" \
	"\xaf\xe3\x82\xb9"
#define NO_REALM ((struct slice){0})

static struct keyring *new_ring(void)
{
	struct keyring *ring = keyring_new();

	assert_non_null(ring);
	return ring;
}

/* The verdict on a request, by the names it gives. */
static enum integrity judged(struct keyring *ring, const char *digits,
			     bool *proven)
{
	struct stun_reading r;
	enum integrity verdict;

	read_stun_hex(&r, digits);
	assert_int_equal(r.status, STATUS_OK);
	verdict =
		keyring_judge(ring, keyring_name_of(ring, &r.m), &r.m, proven);
	read_stun_done(&r);
	return verdict;
}

/* What a message is made of. */
struct made {
	const char *user, *realm, *password; /* realm NULL: short-term */
	struct slice raw_password;           /* used when it has bytes */
	bool with_sha256;
};

/* Writes a signed request and reads it. */
static void read_made(struct stun_reading *r, const struct made *made)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 1, 2, 3};
	struct slice password = made->raw_password.n
					? made->raw_password
					: slice_of_text(made->password);
	struct text t = text_new(2048);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_key key;

	stun_write_begin(&w, made->realm ? 0x0003 : 0x0001, id);
	stun_write_bytes(&w, 0x0006, slice_of_text(made->user));
	stun_key_short_term(password, &key);
	if (made->realm) {
		stun_write_bytes(&w, 0x0014, slice_of_text(made->realm));
		stun_key_long_term(slice_of_text(made->user),
				   slice_of_text(made->realm), password,
				   made->with_sha256, &key);
	}
	if (made->with_sha256)
		stun_write_bytes(&w, 0x001D, SLICE("\0\2\0\0"));
	stun_write_integrity(&w, &key, made->with_sha256, false);
	read_stun(r, text_slice(&t));
	assert_int_equal(r->status, STATUS_OK);
	text_free(&t);
}

static enum integrity judged_of(struct keyring *ring, const struct made *made,
				bool *proven)
{
	struct stun_reading r;
	enum integrity verdict;

	read_made(&r, made);
	verdict =
		keyring_judge(ring, keyring_name_of(ring, &r.m), &r.m, proven);
	read_stun_done(&r);
	return verdict;
}

/* ---- ICE ---- */

static void ice_password_verifies_requests(void **state)
{
	struct keyring *ring = new_ring();

	(void)state;
	assert_int_equal(judged(ring, RFC5769_REQUEST, NULL),
			 INTEGRITY_UNCHECKED);
	keyring_add_ice(ring, SLICE("h6vY"), SLICE("the-other-side's"));
	assert_int_equal(judged(ring, RFC5769_REQUEST, NULL),
			 INTEGRITY_UNCHECKED);
	keyring_add_ice(ring, SLICE("evtj"), SLICE(RFC5769_PASSWORD));
	assert_int_equal(judged(ring, RFC5769_REQUEST, NULL),
			 INTEGRITY_VERIFIED);
	keyring_free(ring);
}

/* The other half of a key is made when it is asked for, and once. */
static void ice_password_serves_both_hashes(void **state)
{
	const struct made sha256 = {"evtj:h6vY", NULL, RFC5769_PASSWORD,
				    .with_sha256 = true};
	const struct made wrong = {"evtj:h6vY", NULL, "another",
				   .with_sha256 = true};
	struct keyring *ring = new_ring();

	(void)state;
	keyring_add_ice(ring, SLICE("evtj"), SLICE(RFC5769_PASSWORD));
	assert_int_equal(judged_of(ring, &wrong, NULL), INTEGRITY_NO_KEY_FITS);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(judged_of(ring, &sha256, NULL),
				 INTEGRITY_VERIFIED);
		assert_int_equal(judged(ring, RFC5769_REQUEST, NULL),
				 INTEGRITY_VERIFIED);
	}
	keyring_free(ring);
}

static void responses_take_the_name_of_their_request(void **state)
{
	struct keyring *ring = new_ring();
	struct stun_reading request, response;
	uint32_t name;

	(void)state;
	keyring_add_ice(ring, SLICE("evtj"), SLICE(RFC5769_PASSWORD));
	read_stun_hex(&request, RFC5769_REQUEST);
	read_stun_hex(&response, RFC5769_RESPONSE_IPV6);
	assert_int_equal(keyring_name_of(ring, &response.m), KEYRING_NO_NAME);
	name = keyring_name_of(ring, &request.m);
	assert_int_not_equal(name, KEYRING_NO_NAME);
	assert_int_equal(keyring_judge(ring, name, &response.m, NULL),
			 INTEGRITY_VERIFIED);
	assert_int_equal(
		keyring_judge(ring, KEYRING_NO_NAME, &response.m, NULL),
		INTEGRITY_UNCHECKED);
	read_stun_done(&request);
	read_stun_done(&response);
	keyring_free(ring);
}

/* "bad" is said only where the key was proven before. */
static void ice_key_is_proven_by_use(void **state)
{
	struct keyring *ring = new_ring();
	struct made right = {.user = "evtj:h6vY", .password = RFC5769_PASSWORD};
	struct made wrong = {.user = "evtj:h6vY", .password = "looking-glass"};

	(void)state;
	keyring_add_ice(ring, SLICE("evtj"), SLICE(RFC5769_PASSWORD));
	assert_int_equal(judged_of(ring, &wrong, NULL), INTEGRITY_NO_KEY_FITS);
	assert_int_equal(judged_of(ring, &right, NULL), INTEGRITY_VERIFIED);
	assert_int_equal(judged_of(ring, &wrong, NULL), INTEGRITY_BAD);
	keyring_free(ring);
}

/* User fragments come again: every password of one is tried. */
static void one_fragment_may_have_several_passwords(void **state)
{
	struct keyring *ring = new_ring();
	char password[] = "password-a";

	(void)state;
	for (unsigned i = 0; i < KEYRING_KEYS_PER_NAME + 3; i++) {
		password[9] = (char)('a' + i);
		keyring_add_ice(ring, SLICE("frag"), slice_of_text(password));
		keyring_add_ice(ring, SLICE("frag"), slice_of_text(password));
	}
	for (unsigned i = 0; i < KEYRING_KEYS_PER_NAME + 3; i++) {
		struct made made = {.user = "frag:x", .password = password};

		password[9] = (char)('a' + i);
		assert_int_equal(judged_of(ring, &made, NULL),
				 i < KEYRING_KEYS_PER_NAME ? INTEGRITY_VERIFIED
							   : INTEGRITY_BAD);
	}
	keyring_free(ring);
}

static void empty_fragments_and_passwords_are_none(void **state)
{
	struct keyring *ring = new_ring();
	struct made made = {.user = ":x", .password = "p"};

	(void)state;
	keyring_add_ice(ring, SLICE(""), SLICE("p"));
	keyring_add_ice(ring, SLICE("frag"), SLICE(""));
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_UNCHECKED);
	made.user = "frag:x";
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_UNCHECKED);
	keyring_free(ring);
}

/* ---- long-term ---- */

static void long_term_by_user_and_realm(void **state)
{
	struct keyring *ring = new_ring();
	bool proven = false;

	(void)state;
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, &proven),
			 INTEGRITY_UNCHECKED);
	keyring_add_credential(ring, SLICE("somebody else"),
			       SLICE("example.org"), SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, &proven),
			 INTEGRITY_UNCHECKED);
	keyring_add_credential(ring, SLICE(MATRIX), SLICE("example.org"),
			       SLICE("a wrong one"));
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, &proven),
			 INTEGRITY_NO_KEY_FITS);
	assert_false(proven);
	keyring_add_credential(ring, SLICE(MATRIX), SLICE("example.org"),
			       SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, &proven),
			 INTEGRITY_VERIFIED);
	assert_true(proven);
	keyring_free(ring);
}

static void any_realm_will_do(void **state)
{
	struct keyring *ring = new_ring();

	(void)state;
	keyring_add_credential(ring, SLICE(MATRIX), NO_REALM,
			       SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, NULL),
			 INTEGRITY_VERIFIED);
	keyring_free(ring);
}

/* For this realm no password is known, so none was tried. */
static void password_of_another_realm_is_no_key(void **state)
{
	struct keyring *ring = new_ring();

	(void)state;
	keyring_add_credential(ring, SLICE(MATRIX), SLICE("example.net"),
			       SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC5769_LONG_TERM, NULL),
			 INTEGRITY_UNCHECKED);
	keyring_free(ring);
}

/* [MS-TURN]: servers put the realm in quotes; users do not. */
static void quotes_of_a_realm_do_not_count(void **state)
{
	struct keyring *ring = new_ring();
	struct made made = {.user = "alice",
			    .realm = "\"rtcmedia\"",
			    .password = "wonderland"};

	(void)state;
	keyring_add_credential(ring, SLICE("alice"), SLICE("rtcmedia"),
			       SLICE("wonderland"));
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_VERIFIED);
	keyring_free(ring);
}

/* Proof belongs to an allocation: another one starts without. */
static void proof_belongs_to_the_allocation(void **state)
{
	struct keyring *ring = new_ring();
	struct made right = {.user = "alice",
			     .realm = "lab.example",
			     .password = "wonderland"};
	struct made wrong = {.user = "alice",
			     .realm = "lab.example",
			     .password = "looking-glass"};
	bool one = false, two = false;

	(void)state;
	keyring_add_credential(ring, SLICE("alice"), NO_REALM,
			       SLICE("wonderland"));
	assert_int_equal(judged_of(ring, &right, &one), INTEGRITY_VERIFIED);
	assert_int_equal(judged_of(ring, &wrong, &one), INTEGRITY_BAD);
	assert_int_equal(judged_of(ring, &wrong, &two), INTEGRITY_NO_KEY_FITS);
	assert_int_equal(judged_of(ring, &wrong, NULL), INTEGRITY_NO_KEY_FITS);
	keyring_free(ring);
}

/* RFC 8489 9.2.2 and B.1: the user name is hashed, the key is SHA-256. */
static void userhash_and_sha256_keys(void **state)
{
	struct keyring *ring = new_ring();

	(void)state;
	keyring_add_credential(ring, SLICE("nobody"), NO_REALM,
			       SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC8489_B1, NULL), INTEGRITY_UNCHECKED);
	keyring_add_credential(ring, SLICE(MATRIX), SLICE("example.org"),
			       SLICE("TheMatrIX"));
	assert_int_equal(judged(ring, RFC8489_B1, NULL), INTEGRITY_VERIFIED);
	keyring_free(ring);
}

static void both_kinds_of_keys_side_by_side(void **state)
{
	struct keyring *ring = new_ring();
	struct made made = {.user = "alice",
			    .realm = "lab.example",
			    .password = "wonderland"};

	(void)state;
	keyring_add_credential(ring, SLICE("alice"), NO_REALM,
			       SLICE("wonderland"));
	for (unsigned i = 0; i < 4; i++) {
		made.with_sha256 = i & 1;
		assert_int_equal(judged_of(ring, &made, NULL),
				 INTEGRITY_VERIFIED);
	}
	keyring_free(ring);
}

/* ---- TURN REST (vector of the project's own, computed apart) ---- */

static void secrets_make_passwords(void **state)
{
	struct keyring *ring = new_ring();
	struct made made = {.user = "1709308800:alice",
			    .realm = "example.test",
			    .password = "DWpI/Ucuw372Ww/f7Z7IfH0Yf/U="};

	(void)state;
	keyring_add_turn_secret(ring, SLICE("another-secret"));
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_NO_KEY_FITS);
	/* Several secrets may be valid at once. */
	keyring_add_turn_secret(ring, SLICE("north-wind-shared-secret"));
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_VERIFIED);
	keyring_free(ring);
}

/* ---- tokens: bytes, not text ---- */

static void raw_bytes_are_passwords_too(void **state)
{
	struct keyring *ring = new_ring();
	struct made made = {.user = "token",
			    .realm = "rtcmedia",
			    .raw_password = SLICE("\x03\x64\x00\x40\xfe\xdf")};

	(void)state;
	keyring_add_credential(ring, SLICE("token"), NO_REALM,
			       made.raw_password);
	assert_int_equal(judged_of(ring, &made, NULL), INTEGRITY_VERIFIED);
	keyring_free(ring);
}

/* ---- the rest ---- */

static void no_integrity_is_absent(void **state)
{
	struct keyring *ring = new_ring();
	struct stun_reading r;
	bool proven = true;

	(void)state;
	keyring_add_turn_secret(ring, SLICE("secret"));
	read_stun_hex(&r, CHROME_ALLOCATE);
	assert_int_equal(
		keyring_judge(ring, keyring_name_of(ring, &r.m), &r.m, &proven),
		INTEGRITY_ABSENT);
	read_stun_done(&r);
	keyring_free(ring);
}

static void passwords_for_digest(void **state)
{
	struct keyring *ring = new_ring();

	(void)state;
	assert_int_equal(keyring_password(ring, SLICE("alice"), SLICE("lab")).n,
			 0);
	keyring_add_credential(ring, SLICE("alice"), SLICE("lab"),
			       SLICE("one"));
	keyring_add_credential(ring, SLICE("bob"), NO_REALM, SLICE("two"));
	t_equal_text(keyring_password(ring, SLICE("alice"), SLICE("lab")),
		     "one");
	assert_int_equal(
		keyring_password(ring, SLICE("alice"), SLICE("other")).n, 0);
	t_equal_text(keyring_password(ring, SLICE("bob"), SLICE("any")), "two");
	keyring_free(ring);
}

static bool fill(void *context)
{
	struct keyring *ring = keyring_new();
	const struct stun_message *m = context;
	enum integrity verdict;

	if (!ring)
		return false;
	for (char c = 'a'; c < 'z'; c++) {
		keyring_add_ice(ring, slice_of(&c, 1), SLICE("password"));
		keyring_add_credential(ring, slice_of(&c, 1), SLICE("r"),
				       SLICE("pw"));
	}
	keyring_add_credential(ring, SLICE("u"), SLICE("r"), SLICE("p1"));
	keyring_add_credential(ring, SLICE("u"), SLICE("r"), SLICE("p2"));
	keyring_add_turn_secret(ring, SLICE("secret"));
	/* Memory may end, but nothing that is wrong comes of it. */
	for (char c = 'a'; c < 'z'; c++) {
		struct slice p =
			keyring_password(ring, slice_of(&c, 1), SLICE("r"));

		assert_true(p.n == 0 || slice_is(p, "pw"));
		assert_int_equal(
			keyring_password(ring, slice_of(&c, 1), SLICE("x")).n,
			0);
	}
	verdict = keyring_judge(ring, keyring_name_of(ring, m), m, NULL);
	assert_true(verdict != INTEGRITY_BAD && verdict != INTEGRITY_ABSENT);
	keyring_free(ring);
	return verdict == INTEGRITY_VERIFIED && !t_failure_met();
}

static void failing_memory_makes_no_wrong_keys(void **state)
{
	struct made made = {.user = "u", .realm = "r", .password = "p2"};
	struct stun_reading r;

	(void)state;
	read_made(&r, &made);
	t_failing_walk(fill, &r.m);
	read_stun_done(&r);
}

/* ---- access tokens ---- */

/* A request with, or without, a token of coturn's turnutils_oauth that was made
 * for turn.example.org; signed with `mac`. */
static void read_access(struct stun_reading *r, bool token, struct slice mac)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 1, 2, 3};
	struct text t = text_new(2048);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_key key;
	uint8_t bytes[128];
	size_t n;

	assert_int_equal(
		base64_decode(SLICE("AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2"
				    "/dddPK0mMXQcqfaoetYR4ynPebFt6D96ZhqF+RncO"
				    "gQuA=="),
			      bytes, &n),
		STATUS_OK);
	stun_key_short_term(mac, &key);
	stun_write_begin(&w, 0x0003, id);
	if (token)
		stun_write_bytes(&w, 0x001B, slice_of(bytes, n));
	stun_write_bytes(&w, 0x0006, SLICE("kid-1"));
	stun_write_bytes(&w, 0x0014, SLICE("example.org"));
	stun_write_integrity(&w, &key, false, false);
	read_stun(r, text_slice(&t));
	assert_int_equal(r->status, STATUS_OK);
	text_free(&t);
}

static enum integrity judged_access(struct keyring *ring, const char *mac)
{
	struct stun_reading r;
	enum integrity verdict;

	read_access(&r, true, slice_of_text(mac));
	verdict = keyring_judge(ring, keyring_name_of(ring, &r.m), &r.m, NULL);
	read_stun_done(&r);
	return verdict;
}

static struct keyring *access_ring(const char *text)
{
	struct keyring *ring = new_ring();
	struct access_key key;

	assert_int_equal(access_key_parse(slice_of_text(text), &key),
			 STATUS_OK);
	keyring_add_access_key(ring, &key);
	return ring;
}

static void note_server(struct keyring *ring, const char *name)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 1, 2, 3};
	struct text t = text_new(2048);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_reading r;

	stun_write_begin(&w, 0x0113, id);
	stun_write_bytes(&w, 0x802E, slice_of_text(name));
	read_stun(&r, text_slice(&t));
	keyring_note_challenge(ring, &r.m);
	read_stun_done(&r);
	text_free(&t);
}

#define ACCESS_KEY "kid-1:A256GCM:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY="

static void access_tokens_hold_the_key(void **state)
{
	struct keyring *ring = access_ring(ACCESS_KEY);
	struct stun_reading r;
	nanoseconds made = 0, until = 0;
	uint32_t name;

	(void)state;
	note_server(ring, "elsewhere.example.org");
	note_server(ring, "turn.example.org");
	assert_int_equal(judged_access(ring, "a-mac-key-of-twenty-"),
			 INTEGRITY_VERIFIED);
	/* As coturn's client signs. */
	assert_int_equal(judged_access(ring, "a-mac-key-of-twe"),
			 INTEGRITY_VERIFIED);
	assert_int_equal(judged_access(ring, "a-mac-key-of-twent"),
			 INTEGRITY_NO_KEY_FITS);
	/* Without the token the kid tells no key: the flow knows. */
	read_access(&r, true, SLICE("a-mac-key-of-twenty-"));
	name = keyring_name_of(ring, &r.m);
	read_stun_done(&r);
	keyring_token_span(ring, name, &made, &until);
	assert_int_equal(made, INT64_C(1700000000500) * NS_PER_MS);
	assert_int_equal(until - made, 3600 * NS_PER_S);
	read_access(&r, false, SLICE("a-mac-key-of-twenty-"));
	assert_int_equal(keyring_name_of(ring, &r.m), KEYRING_NO_NAME);
	assert_int_equal(keyring_judge(ring, name, &r.m, NULL),
			 INTEGRITY_VERIFIED);
	read_stun_done(&r);
	keyring_free(ring);
}

static void tokens_that_stay_shut_are_not_judged(void **state)
{
	struct keyring *ring = access_ring(ACCESS_KEY);

	nanoseconds made = 0, until = 0;

	(void)state;
	assert_int_equal(judged_access(ring, "a-mac-key-of-twenty-"),
			 INTEGRITY_UNCHECKED);
	keyring_token_span(ring, 1, &made, &until);
	assert_true(made == 0 && until == 0);
	keyring_free(ring);
	ring = access_ring("kid-1:A128GCM:MDEyMzQ1Njc4OWFiY2RlZg==");
	note_server(ring, "turn.example.org");
	assert_int_equal(judged_access(ring, "a-mac-key-of-twenty-"),
			 INTEGRITY_UNCHECKED);
	keyring_free(ring);
}

static const struct t_case cases[] = {
	{"access_tokens_hold_the_key", access_tokens_hold_the_key},
	{"tokens_that_stay_shut_are_not_judged",
	 tokens_that_stay_shut_are_not_judged},
	{"ice_password_verifies_requests", ice_password_verifies_requests},
	{"ice_password_serves_both_hashes", ice_password_serves_both_hashes},
	{"responses_take_the_name_of_their_request",
	 responses_take_the_name_of_their_request},
	{"ice_key_is_proven_by_use", ice_key_is_proven_by_use},
	{"one_fragment_may_have_several_passwords",
	 one_fragment_may_have_several_passwords},
	{"empty_fragments_and_passwords_are_none",
	 empty_fragments_and_passwords_are_none},
	{"long_term_by_user_and_realm", long_term_by_user_and_realm},
	{"any_realm_will_do", any_realm_will_do},
	{"password_of_another_realm_is_no_key",
	 password_of_another_realm_is_no_key},
	{"quotes_of_a_realm_do_not_count", quotes_of_a_realm_do_not_count},
	{"proof_belongs_to_the_allocation", proof_belongs_to_the_allocation},
	{"userhash_and_sha256_keys", userhash_and_sha256_keys},
	{"both_kinds_of_keys_side_by_side", both_kinds_of_keys_side_by_side},
	{"secrets_make_passwords", secrets_make_passwords},
	{"raw_bytes_are_passwords_too", raw_bytes_are_passwords_too},
	{"no_integrity_is_absent", no_integrity_is_absent},
	{"passwords_for_digest", passwords_for_digest},
	{"failing_memory_makes_no_wrong_keys",
	 failing_memory_makes_no_wrong_keys},
};
T_MAIN(cases)
