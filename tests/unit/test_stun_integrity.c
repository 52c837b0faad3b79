/* MESSAGE-INTEGRITY in all its forms: published vectors first. */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "tests/support/stun_reading.h"
#include "tests/support/stun_vectors.h"

static struct stun_key short_term(const char *password)
{
	struct stun_key key;

	stun_key_short_term(slice_of_text(password), &key);
	return key;
}

static enum stun_coverage check_hex(const char *digits,
				    const struct stun_key *key)
{
	struct stun_reading r;
	enum stun_coverage fit;

	read_stun_hex(&r, digits);
	assert_int_equal(r.status, STATUS_OK);
	fit = stun_check_integrity(&r.m, key);
	read_stun_done(&r);
	return fit;
}

static void rfc5769_short_term(void **state)
{
	struct stun_key key = short_term(RFC5769_PASSWORD);
	struct stun_key other = short_term("VOkJxbRl1RmTxUk/WvJxBu");

	(void)state;
	assert_int_equal(check_hex(RFC5769_REQUEST, &key), COVERAGE_RFC);
	assert_int_equal(check_hex(RFC5769_RESPONSE_IPV4, &key),
			 COVERAGE_RFC);
	assert_int_equal(check_hex(RFC5769_RESPONSE_IPV6, &key),
			 COVERAGE_RFC);
	assert_int_equal(check_hex(RFC5769_REQUEST, &other), COVERAGE_NONE);
}

/* "Matrix" in Katakana; the password is prepared already. */
#define MATRIX "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82" \
	       "\xaf\xe3\x82\xb9"

static void rfc5769_long_term(void **state)
{
	struct stun_key key;

	(void)state;
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), false, &key);
	assert_int_equal(check_hex(RFC5769_LONG_TERM, &key), COVERAGE_RFC);
	/* Quotes and trailing NULs do not count. */
	stun_key_long_term(SLICE(MATRIX), SLICE("\"example.org\""),
			   SLICE("TheMatrIX\0\0"), false, &key);
	assert_int_equal(check_hex(RFC5769_LONG_TERM, &key), COVERAGE_RFC);
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), true, &key);
	assert_int_equal(check_hex(RFC5769_LONG_TERM, &key), COVERAGE_NONE);
}

static void rfc8489_sha256(void **state)
{
	struct stun_key key;

	(void)state;
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), true, &key);
	assert_int_equal(check_hex(RFC8489_B1, &key), COVERAGE_RFC);
	/* The vector as printed fits only its wrong length. */
	assert_int_equal(check_hex(RFC8489_B1_AS_PRINTED, &key),
			 COVERAGE_AS_SENT);
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), false, &key);
	assert_int_equal(check_hex(RFC8489_B1, &key), COVERAGE_NONE);
}

static void flip(const char *digits, size_t at, const struct stun_key *key,
		 enum stun_fingerprint fingerprint)
{
	struct slice bytes = t_hex(digits);
	uint8_t copy[256];
	struct stun_reading r;

	assert_true(bytes.n <= sizeof(copy));
	memcpy(copy, bytes.p, bytes.n);
	copy[at] ^= 1;
	read_stun(&r, slice_of(copy, bytes.n));
	assert_int_equal(stun_check_integrity(&r.m, key), COVERAGE_NONE);
	assert_int_equal(stun_check_fingerprint(&r.m), fingerprint);
	read_stun_done(&r);
	t_release(bytes);
}

static void one_bit_breaks_it(void **state)
{
	struct stun_key key = short_term(RFC5769_PASSWORD), matrix;

	(void)state;
	flip(RFC5769_REQUEST, 27, &key, FINGERPRINT_BAD);
	flip(RFC5769_RESPONSE_IPV4, 27, &key, FINGERPRINT_BAD);
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), false, &matrix);
	flip(RFC5769_LONG_TERM, 32, &matrix, FINGERPRINT_ABSENT);
}

/* RFC 8489 14.5: the length is rewritten to end at the integrity. */
static void what_follows_does_not_count(void **state)
{
	struct stun_key key = short_term(RFC5769_PASSWORD);
	struct slice bytes = t_hex(RFC5769_REQUEST);
	uint8_t copy[128];
	struct stun_reading r;

	(void)state;
	memcpy(copy, bytes.p, 100);
	memcpy(copy + 100, "\x00\x25\x00\x00", 4);
	copy[3] = 84;
	read_stun(&r, slice_of(copy, 104));
	assert_int_equal(stun_check_integrity(&r.m, &key), COVERAGE_RFC);
	assert_false(r.m.use_candidate);
	assert_true(stun_found(&r, "gathering/stun-attribute-misplaced"));
	read_stun_done(&r);
	t_release(bytes);
}

static void classic_is_padded(void **state)
{
	struct stun_key key = short_term("classicpass1");

	(void)state;
	assert_int_equal(check_hex(CLASSIC_SIGNED, &key), COVERAGE_PADDED);
}

static void ms_key(const char *realm, bool with_sha256, struct stun_key *key)
{
	uint8_t user[32], password[16];

	for (unsigned i = 0; i < sizeof(user); i++)
		user[i] = (uint8_t)(0x10 + i);
	for (unsigned i = 0; i < sizeof(password); i++)
		password[i] = (uint8_t)(0x40 + i);
	stun_key_long_term(slice_of(user, sizeof(user)),
			   slice_of_text(realm),
			   slice_of(password, sizeof(password)), with_sha256,
			   key);
}

static void ms_turn_is_padded(void **state)
{
	struct stun_key key;

	(void)state;
	ms_key("\"rtcmedia\"", false, &key);
	assert_int_equal(check_hex(MS_ALLOCATE_SIGNED, &key),
			 COVERAGE_PADDED);
	ms_key("\"rtcmedia.x\"", false, &key);
	assert_int_equal(check_hex(MS_ALLOCATE_SIGNED_ALIGNED, &key),
			 COVERAGE_PADDED);
}

/* A message of our own, signed, is read back with the coverage it has. */
struct form_row {
	const char *name;
	bool aligned, ms, with_sha256, fingerprint;
	const char *attributes; /* that tell the dialect */
	enum stun_coverage want;
};

static const struct form_row forms[] = {
	{"RFC", true, false, false, false, "", COVERAGE_RFC},
	{"RFC, fingerprint", true, false, false, true, "", COVERAGE_RFC},
	{"RFC, SHA-256", true, false, true, true, "", COVERAGE_RFC},
	{"MS-TURN", false, true, false, false,
	 "000f000472c64bc68008000400000002", COVERAGE_PADDED},
	{"MS-TURN, SHA-256", false, true, true, false,
	 "000f000472c64bc68008000400000003", COVERAGE_PADDED},
	{"MS-TURN, signed as the RFC does", false, false, false, false,
	 "000f000472c64bc68008000400000003", COVERAGE_AS_SENT},
	{"RFC, padded as MS-TURN does", true, true, false, true, "",
	 COVERAGE_REWRITTEN_PADDED},
	{"MS-ICE2, not padded", true, false, false, true,
	 "8070000400000002", COVERAGE_RFC},
};

static void write_form(struct text *t, const struct form_row *row,
		       const struct stun_key *key)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 1, 2, 3};
	struct stun_writer w = {.to = t, .aligned = row->aligned};
	struct slice extra = t_hex(row->attributes);

	stun_write_begin(&w, stun_type(STUN_REQUEST, STUN_BINDING), id);
	text_put(t, extra);
	stun_write_bytes(&w, 0x0006, SLICE("user:name"));
	stun_write_integrity(&w, key, row->with_sha256, row->ms);
	if (row->fingerprint)
		stun_write_fingerprint(&w);
	t_release(extra);
}

static void every_form_is_read_back(void **state)
{
	struct stun_key key = short_term("pass");
	struct stun_key other = short_term("word");

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct text t = text_new(1024);
		struct stun_reading r;

		print_message("# %s\n", forms[i].name);
		write_form(&t, &forms[i], &key);
		read_stun(&r, text_slice(&t));
		assert_int_equal(r.status, STATUS_OK);
		assert_only_found(&r, NULL);
		assert_true(stun_has_integrity(&r.m));
		assert_int_equal(stun_check_integrity(&r.m, &key),
				 forms[i].want);
		assert_int_equal(stun_check_integrity(&r.m, &other),
				 COVERAGE_NONE);
		read_stun_done(&r);
		text_free(&t);
	}
}

/* [MS-ICE2] as libnice signs it: with FINGERPRINT counted, and padded. */
static void ms_ice2_counts_the_fingerprint(void **state)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 9};
	struct stun_key key = short_term("icepassword");
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct slice pieces[2];
	static const uint8_t zeros[64];
	uint8_t mac[32];
	struct stun_reading r;

	(void)state;
	stun_write_begin(&w, 0x0001, id);
	stun_write_u32(&w, 0x8070, 2);
	stun_write_bytes(&w, 0x0008, slice_of(zeros, 20));
	stun_write_fingerprint(&w);
	pieces[0] = slice_first(text_slice(&t), 28);
	pieces[1] = slice_of(zeros, 64 - 28);
	hmac_compute(&key.sha1, pieces, 2, mac);
	memcpy(t.p + 32, mac, 20);
	read_stun(&r, text_slice(&t));
	assert_int_equal(r.m.dialect, STUN_MS_ICE2);
	assert_int_equal(stun_check_integrity(&r.m, &key), COVERAGE_PADDED);
	read_stun_done(&r);
	/* SHA-256 cut to twenty bytes, as newer clients may do. */
	hmac_compute(&key.sha256, pieces, 2, mac);
	memcpy(t.p + 32, mac, 20);
	read_stun(&r, text_slice(&t));
	assert_int_equal(stun_check_integrity(&r.m, &key), COVERAGE_PADDED);
	read_stun_done(&r);
	text_free(&t);
}

static void google_ping_has_four_bytes(void **state)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 7};
	struct stun_key key = short_term("pw");
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct slice piece;
	uint8_t mac[32];
	struct stun_reading r;

	(void)state;
	stun_write_begin(&w, stun_type(STUN_REQUEST, STUN_GOOG_PING), id);
	t.p[3] = 8;
	piece = text_slice(&t);
	hmac_compute(&key.sha1, &piece, 1, mac);
	stun_write_bytes(&w, 0xC060, slice_of(mac, 4));
	stun_write_fingerprint(&w);
	read_stun(&r, text_slice(&t));
	assert_int_equal(r.m.dialect, STUN_RFC);
	assert_only_found(&r, NULL);
	assert_int_equal(stun_check_integrity(&r.m, &key), COVERAGE_RFC);
	read_stun_done(&r);
	text_free(&t);
}

/* Both attributes: SHA-256 decides, and it covers the other one. */
static void strongest_decides(void **state)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 8};
	struct stun_key key = short_term("pw"), other = short_term("no");
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_reading r;

	(void)state;
	stun_write_begin(&w, 0x0001, id);
	stun_write_integrity(&w, &other, false, false);
	stun_write_integrity(&w, &key, true, false);
	stun_write_fingerprint(&w);
	read_stun(&r, text_slice(&t));
	assert_only_found(&r, NULL);
	assert_int_equal(stun_check_integrity(&r.m, &key), COVERAGE_RFC);
	assert_int_equal(stun_check_integrity(&r.m, &other), COVERAGE_NONE);
	read_stun_done(&r);
	text_free(&t);
}

static void no_attribute_no_coverage(void **state)
{
	struct stun_key key = short_term("pw");

	(void)state;
	assert_int_equal(check_hex(CHROME_ALLOCATE, &key), COVERAGE_NONE);
	/* A length that no hash has. */
	assert_int_equal(check_hex("00010008" STUN_ID_COOKIE
				   "00080004 00000000", &key),
			 COVERAGE_NONE);
	assert_int_equal(check_hex("00010004" STUN_ID_COOKIE
				   "c0600000", &key),
			 COVERAGE_NONE);
}

/* The vectors of RFC 5769 come out of the writer, byte for byte. */
static void rfc5769_is_written(void **state)
{
	struct stun_key key = short_term(RFC5769_PASSWORD);
	struct slice want = t_hex(RFC5769_RESPONSE_IPV6);
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct endpoint e;

	(void)state;
	assert_int_equal(
		endpoint_parse(SLICE("2001:db8:1234:5678:11:2233:4455:6677"),
			       32853, &e),
		STATUS_OK);
	stun_write_begin(&w, stun_type(STUN_SUCCESS, STUN_BINDING),
			 want.p + 4);
	stun_write_bytes(&w, 0x8022, SLICE("test vector"));
	t.p[t.n - 1] = ' '; /* the RFC pads with a blank */
	stun_write_xor_address(&w, 0x0020, &e);
	stun_write_integrity(&w, &key, false, false);
	stun_write_fingerprint(&w);
	t_equal_bytes(text_slice(&t), want);
	text_free(&t);
	t_release(want);
}

static void rfc8489_is_written(void **state)
{
	struct slice want = t_hex(RFC8489_B1);
	struct slice userhash = slice_cut(want, 24, 32);
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_key key;

	(void)state;
	stun_key_long_term(SLICE(MATRIX), SLICE("example.org"),
			   SLICE("TheMatrIX"), true, &key);
	stun_write_begin(&w, 0x0001, want.p + 4);
	stun_write_bytes(&w, 0x001E, userhash);
	stun_write_bytes(&w, 0x0015,
			 SLICE("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"));
	stun_write_bytes(&w, 0x0014, SLICE("example.org"));
	stun_write_u32(&w, 0x001D, 0x00020000);
	stun_write_integrity(&w, &key, true, false);
	t_equal_bytes(text_slice(&t), want);
	text_free(&t);
	t_release(want);
}

static void ms_turn_is_written(void **state)
{
	struct slice want = t_hex(MS_ALLOCATE_SIGNED);
	struct text t = text_new(1024);
	struct stun_writer w = {.to = &t, .aligned = false};
	struct stun_key key;

	(void)state;
	ms_key("\"rtcmedia\"", false, &key);
	stun_write_begin(&w, 0x0003, want.p + 4);
	stun_write_u32(&w, 0x000F, MS_TURN_COOKIE);
	stun_write_u32(&w, 0x8008, 2);
	stun_write_bytes(&w, 0x0006, slice_cut(want, 40, 32));
	stun_write_bytes(&w, 0x0014, SLICE("\"0123456789abcdef\""));
	stun_write_bytes(&w, 0x0015, SLICE("\"rtcmedia\""));
	stun_write_integrity(&w, &key, false, true);
	t_equal_bytes(text_slice(&t), want);
	text_free(&t);
	t_release(want);
}

/* Computed with another program: openssl dgst -sha1 -hmac ... | base64. */
static void rest_password(void **state)
{
	char password[28];

	(void)state;
	assert_int_equal(turn_rest_password(SLICE("north"),
					    SLICE("1433895918:user"),
					    password),
			 28);
	t_equal_text(slice_of(password, 28), "/gk4t5tUc08OpM3NjrVjHSFVNmY=");
}

static const struct t_case cases[] = {
	{"rfc5769_short_term", rfc5769_short_term},
	{"rfc5769_long_term", rfc5769_long_term},
	{"rfc8489_sha256", rfc8489_sha256},
	{"one_bit_breaks_it", one_bit_breaks_it},
	{"what_follows_does_not_count", what_follows_does_not_count},
	{"classic_is_padded", classic_is_padded},
	{"ms_turn_is_padded", ms_turn_is_padded},
	{"every_form_is_read_back", every_form_is_read_back},
	{"ms_ice2_counts_the_fingerprint", ms_ice2_counts_the_fingerprint},
	{"google_ping_has_four_bytes", google_ping_has_four_bytes},
	{"strongest_decides", strongest_decides},
	{"no_attribute_no_coverage", no_attribute_no_coverage},
	{"rfc5769_is_written", rfc5769_is_written},
	{"rfc8489_is_written", rfc8489_is_written},
	{"ms_turn_is_written", ms_turn_is_written},
	{"rest_password", rest_password},
};
T_MAIN(cases)
