/* RTCP compound packets (RFC 3550 6), and SRTCP as far as it can be read. */
#include "config.h"

#include "dissectors/rtp.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

/* A sender report with one block, SDES with a CNAME, BYE. */
#define SR                                                              \
	"81c8000c 3cd03666 e8f1c2a380000000 00004e20 0000007e 00004ec0" \
	"c3958223 40fffffe 0001a0b1 00000011 c2a38000 00010000"
#define SDES "81ca0004 3cd03666 01067563406161 0000000000"
#define BYE "81cb0001 3cd03666"

static void compound_packet_is_read(void **state)
{
	struct slice in = t_hex(SR SDES BYE);
	struct t_decoding r;
	struct rtcp m;
	const struct rtcp_report_block *b;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, in.n);
	assert_int_equal(m.count, 3);
	assert_false(m.encrypted);
	assert_int_equal(m.packets[0].type, 200);
	assert_int_equal(m.packets[0].count, 1);
	assert_true(m.packets[0].ssrc == 0x3cd03666);
	assert_int_equal(m.packets[0].packets, 126);
	assert_int_equal(m.packets[0].octets, 20160);
	assert_int_equal(m.packets[0].block_count, 1);
	b = m.packets[0].blocks;
	assert_true(b->ssrc == 0xc3958223);
	assert_int_equal(b->fraction_lost, 64);
	assert_int_equal(b->cumulative_lost, -2); /* signed: duplicates */
	assert_int_equal(b->highest_sequence, 0x1a0b1);
	assert_int_equal(b->jitter, 17);
	assert_true(b->last_sr == 0xc2a38000);
	assert_int_equal(b->delay_since_last_sr, 65536);
	assert_int_equal(m.packets[1].type, 202);
	assert_int_equal(m.packets[2].type, 203);
	t_decode_done(&r);
	t_fields_equal(&rtcp_dissector, in,
		       "packet{ type=200 ssrc=1020278374 packets=126 "
		       "octets=20160 report-block{ ssrc=3281355299 "
		       "fraction-lost=64 highest-sequence=106673 jitter=17 } "
		       "} packet{ type=202 ssrc=1020278374 } "
		       "packet{ type=203 ssrc=1020278374 } ");
	t_release(in);
}

static void receiver_report_without_blocks(void **state)
{
	struct slice in = t_hex("80c90001 00000007");
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.packets[0].ssrc, 7);
	assert_int_equal(m.packets[0].block_count, 0);
	t_decode_done(&r);
	t_release(in);
}

/* The count says more blocks than the packet holds. */
static void blocks_past_the_packet_are_not_read(void **state)
{
	struct slice in = t_hex("9fc90007 00000007"
				"c3958223 00000001 0001a0b1 00000011 "
				"c2a38000 00010000" BYE);
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.packets[0].count, 31);
	assert_int_equal(m.packets[0].block_count, 1);
	assert_int_equal(m.count, 2);
	t_decode_done(&r);
	t_release(in);
}

static void a_bye_may_be_empty(void **state)
{
	struct slice in = t_hex("80cb0000");
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.packets[0].ssrc, 0);
	t_decode_done(&r);
	t_release(in);
}

/* RFC 3711 3.4: behind the first 8 bytes all is cipher text. */
static void encrypted_packets_show_their_head(void **state)
{
	struct slice in = t_hex("80c90001 00000007 80000001"
				"0102030405060708090a");
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, 1);
	assert_true(m.encrypted);
	t_decode_done(&r);
	t_release(in);
}

static void cut_packets_are_not_called_encrypted(void **state)
{
	struct slice in = t_hex(SR "81ca0004 3cd0");
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	t_decode(&r, &rtcp_dissector, in, T_CUT, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, 1);
	assert_false(m.encrypted);
	t_decode_done(&r);
	t_release(in);
}

static void packets_have_a_limit(void **state)
{
	uint8_t bytes[8 * (RTCP_PACKETS_MAX + 8)];
	struct slice bye = t_hex(BYE);
	struct t_decoding r;
	struct rtcp m;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i += bye.n)
		memcpy(bytes + i, bye.p, bye.n);
	t_decode(&r, &rtcp_dissector, slice_of(bytes, sizeof(bytes)),
		 T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, RTCP_PACKETS_MAX);
	t_decode_done(&r);
	t_release(bye);
}

static void claims_go_by_version_type_and_length(void **state)
{
	static const struct {
		const char *digits;
		enum claim claim;
	} rows[] = {
		{BYE, CLAIM_MAYBE},
		{"80c90001 00000007", CLAIM_MAYBE},
		{"80c00000", CLAIM_MAYBE},
		{"80df0000", CLAIM_MAYBE},
		{"80bf0000", CLAIM_NO},
		{"80e00000", CLAIM_NO},
		{"40c90001 00000007", CLAIM_NO},
		{"c0c90001 00000007", CLAIM_NO},
		{"80c90002 00000007", CLAIM_NO},
		{"80c9ffff 00000007", CLAIM_NO},
		{"80c900", CLAIM_NO},
		{"", CLAIM_NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);

		if (rtcp_claims(in, false) != rows[i].claim)
			fail_msg("row %s", rows[i].digits);
		t_release(in);
	}
}

static void what_is_none_is_bad(void **state)
{
	static const char *const rows[] = {
		"", "80", "80c9ffff 00000007", "00c90001 00000007",
		"80bf0001 00000007"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i]);
		struct t_decoding r;
		struct rtcp m;

		t_decode(&r, &rtcp_dissector, in, T_DATAGRAM, &m);
		assert_int_equal(r.status, STATUS_BAD);
		t_decode_done(&r);
		t_decode(&r, &rtcp_dissector, in, T_CUT, &m);
		assert_int_equal(r.status, STATUS_SHORT);
		t_decode_done(&r);
		t_release(in);
	}
}

static void every_length_is_safe(void **state)
{
	struct slice in = t_hex(SR SDES BYE);

	(void)state;
	t_prefixes(&rtcp_dissector, in, false);
	t_decode_failing(&rtcp_dissector, in);
	t_release(in);
}

static const struct t_case cases[] = {
	{"compound_packet_is_read", compound_packet_is_read},
	{"receiver_report_without_blocks", receiver_report_without_blocks},
	{"blocks_past_the_packet_are_not_read",
	 blocks_past_the_packet_are_not_read},
	{"a_bye_may_be_empty", a_bye_may_be_empty},
	{"encrypted_packets_show_their_head",
	 encrypted_packets_show_their_head},
	{"cut_packets_are_not_called_encrypted",
	 cut_packets_are_not_called_encrypted},
	{"packets_have_a_limit", packets_have_a_limit},
	{"claims_go_by_version_type_and_length",
	 claims_go_by_version_type_and_length},
	{"what_is_none_is_bad", what_is_none_is_bad},
	{"every_length_is_safe", every_length_is_safe},
};
T_MAIN(cases)
