/* Framing on TURN connections: ChannelData, Microsoft's frames, RFC 4571. */
#include "config.h"

#include "dissectors/stun.h"
#include "dissectors/turn.h"
#include "tests/support/stun_vectors.h"
#include "tests/support/t.h"

static struct decoding datagram(void)
{
	return (struct decoding){0};
}

static struct decoding stream(void)
{
	return (struct decoding){.stream = true};
}

/* ---- ChannelData ---- */

static void channel_data_may_be_padded_in_a_datagram(void **state)
{
	static const char *const rows[] = {
		"40000005 6162636465", "40000005 6162636465000000"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct slice in = t_hex(rows[i]);
		struct decoding d = datagram();
		struct channel_data m;
		size_t used;

		assert_int_equal(channel_data_claims(in, false), CLAIM_MAYBE);
		assert_int_equal(channel_data_decode(&d, in, &m, &used),
				 STATUS_OK);
		assert_int_equal(m.channel, 0x4000);
		t_equal_text(m.data, "abcde");
		assert_int_equal(m.padding.n, i ? 3 : 0);
		assert_int_equal(used, in.n);
		t_release(in);
	}
}

static void channel_data_must_fit(void **state)
{
	static const struct {
		const char *digits;
		enum status want, want_cut;
	} rows[] = {
		{"40000005 61626364", STATUS_BAD, STATUS_OK},
		{"400000", STATUS_BAD, STATUS_SHORT},
		{"40000004 6162636465666768", STATUS_BAD, STATUS_BAD},
		{"00010000", STATUS_NOT_MINE, STATUS_NOT_MINE},
		{"80000000", STATUS_NOT_MINE, STATUS_NOT_MINE},
		{"7fff0000", STATUS_OK, STATUS_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);
		struct decoding d = datagram();
		struct channel_data m;
		size_t used;

		assert_int_equal(channel_data_decode(&d, in, &m, &used),
				 rows[i].want);
		d.cut = true;
		assert_int_equal(channel_data_decode(&d, in, &m, &used),
				 rows[i].want_cut);
		assert_int_equal(channel_data_claims(in, false),
				 rows[i].want == STATUS_OK ? CLAIM_MAYBE
							   : CLAIM_NO);
		t_release(in);
	}
}

static void tcp_waits_for_padding(void **state)
{
	struct slice in = t_hex("4abc0005 6162636465 000000 40000000");

	(void)state;
	for (size_t n = 0; n <= in.n; n++) {
		struct slice part = t_exact(slice_first(in, n));
		struct decoding d = stream();
		struct channel_data m;
		size_t used;
		enum status status = channel_data_decode(&d, part, &m, &used);

		assert_int_equal(status, n < 12 ? STATUS_SHORT : STATUS_OK);
		assert_int_equal(channel_data_claims(part, true), CLAIM_MAYBE);
		if (status == STATUS_OK)
			assert_int_equal(used, 12);
		t_release(part);
	}
	t_release(in);
}

static void stun_inside_makes_it_sure(void **state)
{
	struct slice in = t_hex("40000038" CHROME_ALLOCATE);

	(void)state;
	assert_int_equal(channel_data_claims(in, false), CLAIM_SURE);
	assert_int_equal(channel_data_claims(in, true), CLAIM_SURE);
	assert_int_equal(channel_data_claims(SLICE("\x30\0\0\0"), true),
			 CLAIM_NO);
	t_release(in);
}

static void channel_data_written_is_read(void **state)
{
	(void)state;
	for (size_t n = 0; n < 9; n++) {
		for (int tcp = 0; tcp < 2; tcp++) {
			struct text t = text_new(64);
			struct decoding d = {.stream = tcp != 0};
			struct channel_data m;
			size_t used;

			channel_data_write(&t, 0x4001,
					   slice_first(SLICE("12345678"), n),
					   tcp != 0);
			assert_int_equal(channel_data_decode(&d,
							     text_slice(&t),
							     &m, &used),
					 STATUS_OK);
			assert_int_equal(used, t.n);
			assert_int_equal(m.data.n, n);
			assert_int_equal(t.n % 4 && tcp, 0);
			text_free(&t);
		}
	}
}

static void too_much_data_is_not_written(void **state)
{
	static const uint8_t much[65536];
	struct text t = text_new(1 << 20);

	(void)state;
	channel_data_write(&t, 0x4000, slice_of(much, sizeof(much)), false);
	assert_int_equal(t.failed, STATUS_LIMIT);
	text_free(&t);
}

static void count_fields(void *context, const struct field *field)
{
	size_t *n = context;

	assert_non_null(field->name);
	(*n)++;
}

static void channel_data_has_fields(void **state)
{
	struct slice in = t_hex("40000005 6162636465000000");
	struct decoding d = datagram();
	struct channel_data m;
	size_t used, n = 0;
	struct field_sink sink = {&n, count_fields};

	(void)state;
	assert_int_equal(channel_data_dissector.decode(&d, in, &m, &used),
			 STATUS_OK);
	channel_data_dissector.walk(&m, &sink);
	assert_int_equal(n, 3);
	t_release(in);
}

/* ---- Microsoft's frames ---- */

static void multiplexed_has_a_session(void **state)
{
	struct slice in = t_hex("ff10002c 0102030405060708" MS_ALLOCATE);

	(void)state;
	for (size_t n = 0; n <= in.n; n++) {
		struct slice part = t_exact(slice_first(in, n));
		struct decoding s = stream(), u = datagram();
		struct multiplexed m;
		size_t used;

		assert_int_equal(multiplexed_decode(&s, part, &m, &used),
				 n < in.n ? STATUS_SHORT : STATUS_OK);
		assert_int_equal(multiplexed_decode(&u, part, &m, &used),
				 n < in.n ? STATUS_BAD : STATUS_OK);
		assert_int_equal(multiplexed_claims(part, false),
				 n < in.n ? CLAIM_NO : CLAIM_SURE);
		assert_int_equal(multiplexed_claims(part, true),
				 n < 4 ? CLAIM_MAYBE : CLAIM_SURE);
		if (n == in.n) {
			assert_int_equal(used, in.n);
			assert_int_equal(m.session[7], 8);
			assert_int_equal(m.data.n, 36);
			assert_int_equal(stun_claims(m.data, false),
					 CLAIM_SURE);
		}
		t_release(part);
	}
	t_release(in);
}

static void multiplexed_needs_room_for_its_session(void **state)
{
	struct slice in = t_hex("ff100004 01020304");
	struct decoding d = datagram();
	struct multiplexed m;
	size_t used;

	(void)state;
	assert_int_equal(multiplexed_decode(&d, in, &m, &used), STATUS_BAD);
	assert_int_equal(multiplexed_claims(in, false), CLAIM_NO);
	assert_int_equal(multiplexed_decode(&d, SLICE("\xff\x11\0\0"), &m,
					    &used),
			 STATUS_NOT_MINE);
	t_release(in);
}

static void ms_tcp_frames_follow_one_another(void **state)
{
	struct slice in = t_hex("02000024" MS_ALLOCATE "03000003 616263");
	struct slice rest = in;
	struct decoding d = stream();
	struct ms_tcp_frame m;
	size_t used;

	(void)state;
	assert_int_equal(ms_tcp_claims(in), CLAIM_SURE);
	assert_int_equal(ms_tcp_decode(&d, rest, &m, &used), STATUS_OK);
	assert_int_equal(m.type, 2);
	assert_int_equal(used, 40);
	assert_int_equal(stun_claims(m.data, true), CLAIM_SURE);
	rest = slice_from(rest, used);
	assert_int_equal(ms_tcp_claims(rest), CLAIM_MAYBE);
	assert_int_equal(ms_tcp_decode(&d, rest, &m, &used), STATUS_OK);
	assert_int_equal(m.type, 3);
	t_equal_text(m.data, "abc");
	for (size_t n = 0; n < 40; n++) {
		struct slice part = t_exact(slice_first(in, n));

		assert_int_equal(ms_tcp_decode(&d, part, &m, &used),
				 STATUS_SHORT);
		assert_int_not_equal(ms_tcp_claims(part), CLAIM_NO);
		t_release(part);
	}
	t_release(in);
}

static void ms_tcp_refuses_others(void **state)
{
	struct decoding d = stream();
	struct ms_tcp_frame m;
	size_t used;

	(void)state;
	assert_int_equal(ms_tcp_decode(&d, SLICE("\x16\x03\x01\0"), &m, &used),
			 STATUS_NOT_MINE);
	assert_int_equal(ms_tcp_decode(&d, SLICE("\x02\x01\0\0"), &m, &used),
			 STATUS_BAD);
	assert_int_equal(ms_tcp_claims(SLICE("\x02\x01\0\0")), CLAIM_NO);
	assert_int_equal(ms_tcp_claims(SLICE("\x02\0\0\x04GET ")), CLAIM_NO);
}

/* ---- RFC 4571 ---- */

/* A check of a client of 2007, without its integrity. */
#define MS_ICE_CHECK                                                           \
	"0001000c 143e60e36e97f03e3011ff4b81618a72"                            \
	"00060008 613a313a623a3100"

static void rfc4571_is_claimed_by_what_is_inside(void **state)
{
	static const struct {
		const char *digits;
		enum claim want;
	} rows[] = {
		{"0038" CHROME_ALLOCATE, CLAIM_SURE},
		{"0038 00030024 2112a442", CLAIM_SURE},
		{"0038 00030024 2112a4", CLAIM_MAYBE},
		{"0039" CHROME_ALLOCATE, CLAIM_NO},
		/* [MS-ICE]: no cookie, and all of it has to fit. */
		{"0020" MS_ICE_CHECK, CLAIM_SURE},
		{"0020 0001000c 143e60e3", CLAIM_MAYBE},
		{"0020 0001000c 143e60e36e97f03e3011ff4b81618a72"
		 "00060008 613a",
		 CLAIM_MAYBE},
		{"0020 0001000c 143e60e36e97f03e3011ff4b81618a72"
		 "00060010 613a623a 00000000",
		 CLAIM_NO},
		{"000c 80000001 00000001 00000001", CLAIM_MAYBE},
		{"0008 80c80001 00000001", CLAIM_MAYBE},
		{"0006 80c80001 0000", CLAIM_NO},
		{"0020 16feff00 0000000000000000 0010", CLAIM_MAYBE},
		{"0020 16030100 0000000000000000 0010", CLAIM_NO},
		{"4745 54202f20", CLAIM_NO},
		{"00", CLAIM_MAYBE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);
		struct slice exact = t_exact(in);

		assert_int_equal(rfc4571_claims(exact), rows[i].want);
		t_release(exact);
		t_release(in);
	}
}

static void rfc4571_frames_follow_one_another(void **state)
{
	struct slice in = t_hex("0038" CHROME_ALLOCATE "0000 0001 80");
	struct decoding d = stream();
	struct rfc4571_frame m;
	size_t used;
	struct slice rest = in;

	(void)state;
	assert_int_equal(rfc4571_decode(&d, rest, &m, &used), STATUS_OK);
	assert_int_equal(m.data.n, 56);
	rest = slice_from(rest, used);
	assert_int_equal(rfc4571_decode(&d, rest, &m, &used), STATUS_OK);
	assert_int_equal(m.data.n, 0);
	rest = slice_from(rest, used);
	assert_int_equal(rfc4571_decode(&d, rest, &m, &used), STATUS_OK);
	assert_int_equal(m.data.n, 1);
	assert_int_equal(rfc4571_decode(&d, slice_first(rest, 2), &m, &used),
			 STATUS_SHORT);
	t_release(in);
}

/* ---- pseudo-TLS ---- */

#define RANDOM_32                                                           \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct hello_row {
	const char *digits;
	bool from_server;
	size_t size;
};

static const struct hello_row hello_rows[] = {
	{"160301002d 01000029 0301" RANDOM_32 "00 0002 0018 0100", false, 50},
	{"160301004e 02000046 0301" RANDOM_32 "20" RANDOM_32
	 "0018 00 0e000000", true, 83},
	{"80460103 01002d00 000010" RANDOM_32 "0011223344556677"
	 "00112233445566778899aabbccddeeff0011223344", false, 72},
	{"160301004a 02000046 0301428545a7" RANDOM_32 RANDOM_32, true, 79},
};

static void pseudo_tls_hellos_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hello_rows) / sizeof(hello_rows[0]);
	     i++) {
		const struct hello_row *row = &hello_rows[i];
		struct slice in = t_hex(row->digits);
		size_t size = 0;

		assert_true(in.n == row->size);
		for (size_t n = 0; n <= in.n; n++) {
			struct slice part = t_exact(slice_first(in, n));

			assert_int_equal(pseudo_tls_claims(part,
							   row->from_server,
							   &size),
					 n < in.n ? CLAIM_MAYBE : CLAIM_SURE);
			t_release(part);
		}
		assert_int_equal(size, row->size);
		assert_int_equal(pseudo_tls_claims(in, !row->from_server,
						   &size),
				 CLAIM_NO);
		t_release(in);
	}
}

static void true_tls_is_no_pseudo_tls(void **state)
{
	static const struct hello_row rows[] = {
		/* another cipher, a session, a certificate behind it */
		{"160301002d 01000029 0301" RANDOM_32 "00 0002 002f 0100",
		 false, 0},
		{"1603010200 010001fc 0303" RANDOM_32, false, 0},
		{"160301004e 02000046 0301" RANDOM_32 "20" RANDOM_32
		 "0018 00 0b000000", true, 0},
	};
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);

		assert_int_equal(pseudo_tls_claims(in, rows[i].from_server,
						   &size),
				 CLAIM_NO);
		t_release(in);
	}
}

static const struct t_case cases[] = {
	{"channel_data_may_be_padded_in_a_datagram",
	 channel_data_may_be_padded_in_a_datagram},
	{"channel_data_must_fit", channel_data_must_fit},
	{"tcp_waits_for_padding", tcp_waits_for_padding},
	{"stun_inside_makes_it_sure", stun_inside_makes_it_sure},
	{"channel_data_written_is_read", channel_data_written_is_read},
	{"too_much_data_is_not_written", too_much_data_is_not_written},
	{"channel_data_has_fields", channel_data_has_fields},
	{"multiplexed_has_a_session", multiplexed_has_a_session},
	{"multiplexed_needs_room_for_its_session",
	 multiplexed_needs_room_for_its_session},
	{"ms_tcp_frames_follow_one_another", ms_tcp_frames_follow_one_another},
	{"ms_tcp_refuses_others", ms_tcp_refuses_others},
	{"rfc4571_is_claimed_by_what_is_inside",
	 rfc4571_is_claimed_by_what_is_inside},
	{"rfc4571_frames_follow_one_another",
	 rfc4571_frames_follow_one_another},
	{"pseudo_tls_hellos_are_known", pseudo_tls_hellos_are_known},
	{"true_tls_is_no_pseudo_tls", true_tls_is_no_pseudo_tls},
};
T_MAIN(cases)
