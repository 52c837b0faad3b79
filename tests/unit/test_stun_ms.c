/*
 * The dialects of Microsoft and of old relays.  The messages are made by hand
 * after [MS-TURN] and after what a Teams client and its relay were seen to
 * send.
 */
#include "config.h"

#include "tests/support/stun_reading.h"
#include "tests/support/stun_vectors.h"

static void assert_endpoint(const struct endpoint *e, const char *want)
{
	char buffer[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_string(e, buffer), want);
}

static void ms_turn_swaps_realm_and_nonce(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, MS_ALLOCATE_SIGNED);
	assert_int_equal(r.m.dialect, STUN_MS_TURN);
	assert_true(r.m.unaligned);
	assert_int_equal(r.m.attribute_count, 6);
	t_equal_text(r.m.nonce, "\"0123456789abcdef\"");
	t_equal_text(r.m.realm, "\"rtcmedia\"");
	assert_int_equal(r.m.ms_version, 2);
	assert_int_equal(r.m.integrity_at, 108);
	assert_only_found(&r, NULL);
	read_stun_done(&r);

	read_stun_hex(&r, MS_ALLOCATE_SIGNED_ALIGNED);
	assert_int_equal(r.m.dialect, STUN_MS_TURN);
	assert_false(r.m.unaligned);
	t_equal_text(r.m.realm, "\"rtcmedia.x\"");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

/* Padded to four in earnest: the second walk is the one that fits. */
static void ms_turn_may_be_padded(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0003, STUN_ID_COOKIE,
		     "000f0004 72c64bc6 80080004 00000002"
		     "0015000a 2272746d656469612222 0000");
	assert_int_equal(r.m.dialect, STUN_MS_TURN);
	assert_false(r.m.unaligned);
	assert_int_equal(r.m.attribute_count, 3);
	assert_false(r.m.walk_broken);
	assert_int_equal(r.m.realm.n, 10);
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

/* As a Teams client and its relay send them (values are ours). */
static void ms_turn_challenge(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0113, STUN_ID_COOKIE,
		     "000f0004 72c64bc6 80080004 00000006"
		     "00090005 0000040121"
		     "000e0008 00010d96c6336402"
		     "00140003 0a0b0c 00150004 22722022"
		     "00010008 00010d98c6336402"
		     "80950008 0102030405060708"
		     "80200008 00018000e1122345");
	assert_int_equal(r.m.dialect, STUN_MS_TURN);
	assert_true(r.m.unaligned);
	assert_int_equal(r.m.error, 401);
	assert_endpoint(&r.m.alternate_server, "198.51.100.2:3478");
	assert_endpoint(&r.m.relayed, "198.51.100.2:3480");
	assert_endpoint(&r.m.mapped, "192.0.135.7:41234");
	assert_true(r.m.has_ms_session);
	assert_int_equal(r.m.ms_session[7], 8);
	assert_int_equal(r.m.nonce.n, 3);
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void ms_turn_success(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0103, STUN_ID_COOKIE,
		     "000f0004 72c64bc6 000d0004 0000003c"
		     "00010008 00010d98c6336402 80080004 00000006"
		     "80500018 000102030405060708090a0b0c0d0e0f10111213"
		     "00000000 80220009 322e302e312e323131"
		     "00100004 00002ee0 00080020 "
		     "000102030405060708090a0b0c0d0e0f"
		     "101112131415161718191a1b1c1d1e1f");
	assert_int_equal(r.m.lifetime, 60);
	assert_int_equal(r.m.ms_version, 6);
	t_equal_text(r.m.software, "2.0.1.211");
	assert_true(r.m.integrity_at != 0);
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void ms_turn_has_its_own_types(void **state)
{
	static const struct {
		unsigned type;
		enum stun_class class;
		unsigned method;
	} rows[] = {
		{0x0003, STUN_REQUEST, STUN_ALLOCATE},
		{0x0103, STUN_SUCCESS, STUN_ALLOCATE},
		{0x0113, STUN_ERROR, STUN_ALLOCATE},
		{0x0004, STUN_REQUEST, STUN_SEND},
		{0x0115, STUN_INDICATION, STUN_DATA},
		{0x0006, STUN_REQUEST, STUN_SET_ACTIVE_DESTINATION},
		{0x0106, STUN_SUCCESS, STUN_SET_ACTIVE_DESTINATION},
		{0x0116, STUN_ERROR, STUN_SET_ACTIVE_DESTINATION},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stun_reading r;

		read_stun_of(&r, rows[i].type, STUN_ID_PLAIN,
			     "000f0004 72c64bc6");
		assert_int_equal(r.m.dialect, STUN_MS_TURN);
		assert_int_equal(r.m.class, rows[i].class);
		assert_int_equal(r.m.method, rows[i].method);
		assert_false(r.m.cookie);
		assert_int_equal(stun_transaction(&r.m).n, 16);
		assert_int_equal(stun_claims(r.bytes, false), CLAIM_SURE);
		read_stun_done(&r);
	}
}

/* The data makes the length odd; the address is not XORed. */
static void ms_turn_data_indication(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0115, STUN_ID_PLAIN,
		     "000f0004 72c64bc6"
		     "00120008 00013fccc0000209 00130003 616263");
	assert_int_equal(r.m.dialect, STUN_MS_TURN);
	assert_endpoint(&r.m.peer, "192.0.2.9:16332");
	t_equal_text(r.m.data, "abc");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

/* XOR with all 16 bytes of the id, whatever stands in the first four. */
static void ms_turn_xors_with_the_whole_id(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0103, STUN_ID_PLAIN,
		     "000f0004 72c64bc6 80080004 00000004"
		     "80200014 0002 dd87 f0102f8b 44556677"
		     "8899aabb ccddeefe");
	assert_endpoint(&r.m.mapped, "[2001:db8::1]:3478");
	read_stun_done(&r);
}

static void google_relay_has_a_short_user_and_no_integrity(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0004, STUN_ID_PLAIN,
		     "000f0004 72c64bc6 00060008 6162636465666768"
		     "00110008 00011f90c0000209 80010004 00000001");
	assert_int_equal(r.m.dialect, STUN_GOOGLE);
	assert_endpoint(&r.m.peer, "192.0.2.9:8080");
	assert_string_equal(stun_find(&r.m, 0x8001)->row->name, "OPTIONS");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void an_msn_relay_tells_the_reflexive_address(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0103, STUN_ID_PLAIN,
		     "000f0004 72c64bc6 000d0004 00000258 "
		     "00010008 0001c350c0000201 80000008 00011f90c0000209");
	assert_int_equal(r.m.dialect, STUN_GOOGLE);
	assert_endpoint(&r.m.relayed, "192.0.2.1:50000");
	assert_endpoint(&r.m.mapped, "192.0.2.9:8080");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void ms_ice2_check(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0001, STUN_ID_COOKIE,
		     "00060005 613a623a63 000000 80700004 00000002"
		     "80540004 31202020");
	assert_int_equal(r.m.dialect, STUN_MS_ICE2);
	assert_int_equal(r.m.ms_implementation, 2);
	t_equal_text(r.m.candidate_identifier, "1   ");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void microsoft_table_is_recognised(void **state)
{
	/* A check whose CRC runs over the entry that is wrong there. */
	struct stun_reading r;
	bool met = false;

	(void)state;
	for (unsigned i = 0; i < 4096 && !met; i++) {
		struct text t = text_new(128);
		struct stun_writer w = {.to = &t, .aligned = true};
		uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, (uint8_t)(i >> 8),
				  (uint8_t)(i & 0xFF)};
		uint32_t crc = 0xFFFFFFFF;

		stun_write_begin(&w, 0x0001, id);
		stun_write_fingerprint(&w);
		assert_int_equal(t.failed, STATUS_OK);
		for (size_t k = 0; k < 20; k++) {
			uint32_t e = (crc ^ (uint8_t)t.p[k]) & 0xFF;

			for (int bit = 0; bit < 8; bit++)
				e = e & 1 ? e >> 1 ^ 0xEDB88320 : e >> 1;
			met = met || e == 0x8BBEB8EA;
			crc = crc >> 8 ^ (e == 0x8BBEB8EA ? 0x08BBE8EA : e);
		}
		crc = ~crc ^ 0x5354554E;
		for (unsigned k = 0; k < 4; k++)
			t.p[24 + k] = (char)(crc >> (24 - 8 * k) & 0xFF);
		read_stun(&r, text_slice(&t));
		assert_int_equal(r.m.fingerprint,
				 met ? FINGERPRINT_OK_MS_TABLE
				     : FINGERPRINT_OK);
		assert_int_equal(r.m.dialect,
				 met ? STUN_MS_ICE2 : STUN_RFC);
		read_stun_done(&r);
		text_free(&t);
	}
	assert_true(met);
}

static const struct t_case cases[] = {
	{"ms_turn_swaps_realm_and_nonce", ms_turn_swaps_realm_and_nonce},
	{"ms_turn_may_be_padded", ms_turn_may_be_padded},
	{"ms_turn_challenge", ms_turn_challenge},
	{"ms_turn_success", ms_turn_success},
	{"ms_turn_has_its_own_types", ms_turn_has_its_own_types},
	{"ms_turn_data_indication", ms_turn_data_indication},
	{"ms_turn_xors_with_the_whole_id", ms_turn_xors_with_the_whole_id},
	{"an_msn_relay_tells_the_reflexive_address",
	 an_msn_relay_tells_the_reflexive_address},
	{"google_relay_has_a_short_user_and_no_integrity",
	 google_relay_has_a_short_user_and_no_integrity},
	{"ms_ice2_check", ms_ice2_check},
	{"microsoft_table_is_recognised", microsoft_table_is_recognised},
};
T_MAIN(cases)
