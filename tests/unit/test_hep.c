/* HEP: the specification's example, what is broken, old versions, and both
 * ways. */
#include "config.h"

#include "core/hep.h"
#include "tests/support/t.h"

#define EXAMPLE                                                     \
	"48455033 0071 0000 0001 0007 02 0000 0002 0007 11 "        \
	"0000 0003 000A D4CA0001 0000 0004 000A 527400D3 "          \
	"0000 0007 0008 2EEA 0000 0008 0008 13C4 "                  \
	"0000 0009 000A 4E4982CB 0000 000A 000A 0001D4C0 "          \
	"0000 000B 0007 01 0000 000C 000A 000000E4 0000 000F 0014 " \
	"494E56495445207369703A626F62"

static void example_is_read(void **state)
{
	struct slice bytes = t_hex(EXAMPLE);
	struct text text = text_new(100);
	struct hep hep;

	(void)state;
	assert_int_equal(hep_decode(bytes, &hep), STATUS_OK);
	endpoint_text(&hep.src, &text);
	text_putc(&text, ' ');
	endpoint_text(&hep.dst, &text);
	assert_true(slice_is(text_slice(&text),
			     "212.202.0.1:12010 82.116.0.211:5060"));
	assert_int_equal(hep.protocol, 17);
	assert_int_equal(hep.content, HEP_SIP);
	assert_true(hep.has_time);
	assert_true(hep.time == INT64_C(1313440459120000000));
	assert_true(slice_is(hep.payload, "INVITE sip:bob"));
	text_free(&text);
	t_release(bytes);
}

/* No cut of it is read, and none is read past its end. */
static void what_is_cut_is_bad(void **state)
{
	struct slice bytes = t_hex(EXAMPLE);
	struct hep hep;

	(void)state;
	for (size_t n = 0; n < bytes.n; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, bytes.p, n);
		assert_int_equal(hep_decode(slice_of(copy, n), &hep),
				 n < 4 ? STATUS_NOT_MINE : STATUS_BAD);
		free(copy);
	}
	t_release(bytes);
}

static void lengths_that_lie_are_bad(void **state)
{
	static const char *const rows[] = {
		"48455033 0005",
		"48455033 FFFF 0000 000F 0007 41",
		"48455033 000C 0000 000F 0000", /* a chunk without a head */
		"48455033 000C 0000 000F 0005",
		"48455033 000D 0000 000F 0008 41",
		"48455033 000D 0000 000F 0007 41", /* and without ends */
	};
	struct hep hep;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = t_hex(rows[i]);

		assert_int_equal(hep_decode(bytes, &hep), STATUS_BAD);
		t_release(bytes);
	}
}

static void what_is_written_is_read(void **state)
{
	static const char *const ends[][2] = {
		{"192.0.2.1:5060", "192.0.2.2:5061"},
		{"[2001:db8::1]:5060", "[2001:db8::2]:5061"}};
	struct text text = text_new(2 * (size_t)HEP_MAX);
	uint8_t *large = calloc(1, HEP_MAX);
	struct hep hep = {.protocol = 6,
			  .content = HEP_SIP,
			  .time = INT64_C(1700000000123456000),
			  .agent = 77,
			  .key = SLICE("open sesame"),
			  .payload = SLICE("BYE sip:b SIP/2.0\r\n\r\n")};
	struct hep got;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(endpoint_parse_with_port(
					 slice_of_text(ends[i][0]), &hep.src),
				 STATUS_OK);
		assert_int_equal(endpoint_parse_with_port(
					 slice_of_text(ends[i][1]), &hep.dst),
				 STATUS_OK);
		assert_int_equal(hep_encode(&hep, &text), STATUS_OK);
		assert_int_equal(hep_decode(text_slice(&text), &got),
				 STATUS_OK);
		assert_true(endpoint_equal(&got.src, &hep.src));
		assert_true(endpoint_equal(&got.dst, &hep.dst));
		assert_true(got.time == hep.time);
		assert_int_equal(got.protocol, 6);
		assert_int_equal(got.agent, 77);
		assert_true(slice_is(got.key, "open sesame"));
		assert_true(slice_equal(got.payload, hep.payload));
		assert_int_equal(hep_encode_2(&hep, &text), STATUS_OK);
		assert_int_equal(text.n, (i ? 52 : 28) + hep.payload.n);
		assert_int_equal(hep_decode(text_slice(&text), &got),
				 STATUS_OK);
		assert_true(endpoint_equal(&got.src, &hep.src));
		assert_true(endpoint_equal(&got.dst, &hep.dst));
		assert_true(got.time == hep.time);
		assert_int_equal(got.protocol, 6);
		assert_int_equal(got.content, HEP_SIP);
		assert_true(slice_equal(got.payload, hep.payload));
	}
	hep.payload = slice_of(large, HEP_MAX - 1);
	assert_int_equal(hep_encode(&hep, &text), STATUS_LIMIT);
	assert_int_equal(hep_encode_2(&hep, &text), STATUS_LIMIT);
	hep.payload = slice_of(large, 1);
	hep.src.family = FAMILY_NONE;
	assert_int_equal(hep_encode(&hep, &text), STATUS_BAD);
	assert_int_equal(hep_encode_2(&hep, &text), STATUS_BAD);
	free(large);
	text_free(&text);
}

/* "INVITE sip:bob" in chunk 0x0010, by zlib and by gzip; and what is none. */
#define PACKED_HEAD(total)                                 \
	"48455033 " total " 0000 0002 0007 11 "            \
	"0000 0003 000A C0000201 0000 0004 000A C0000202 " \
	"0000 0007 0008 13C4 0000 0008 0008 13C4 "         \
	"0000 000B 0007 01 0000 0010 "

#define ZLIB_INVITE                                \
	"789cf3f40bf30c715528ce2cb04aca4f020020fb" \
	"04a9"
#define GZIP_INVITE                                \
	"1f8b0800000000000203f3f40bf30c715528ce2c" \
	"b04aca4f0200bb3245440e000000"
#define ZLIB_WRONG                                 \
	"789cf3f40bf30c715528ce2cb04aca4f020020fb" \
	"04a8"

static enum status unpacked(const char *hex, const char *expected)
{
	struct slice bytes = t_hex(hex);
	struct text room = text_new(2 * (size_t)HEP_MAX);
	struct hep hep;
	enum status status;

	assert_int_equal(hep_decode(bytes, &hep), STATUS_OK);
	assert_true(hep.packed);
	status = hep_unpack(&hep, &room);
	if (status == STATUS_OK) {
		assert_false(hep.packed);
		assert_true(slice_is(hep.payload, expected));
	}
	text_free(&room);
	t_release(bytes);
	return status;
}

static void what_is_packed_is_unpacked(void **state)
{
	static const char invite[] = "INVITE sip:bob";

	(void)state;
	assert_int_equal(
		unpacked(PACKED_HEAD("0054") "001C " ZLIB_INVITE, invite),
		STATUS_OK);
	assert_int_equal(
		unpacked(PACKED_HEAD("0060") "0028 " GZIP_INVITE, invite),
		STATUS_OK);
	/* Of another sum; cut off; and plain text. */
	assert_int_equal(
		unpacked(PACKED_HEAD("0054") "001C " ZLIB_WRONG, invite),
		STATUS_BAD);
	assert_int_equal(
		unpacked(PACKED_HEAD("0044") "000C 789CF3F40B73", invite),
		STATUS_BAD);
	assert_int_equal(
		unpacked(PACKED_HEAD("0044") "000C 494E56495445", invite),
		STATUS_BAD);
}

/* HEP1 and HEP2 (spec "capture-formats" 6.2): with the padding of a struct and
 * without it, in both orders of bytes, and of each family. */
static void old_versions_are_read(void **state)
{
	static const struct {
		const char *hex, *src;
		nanoseconds time;
	} rows[] = {
		{"01100211 13C4 13C5 C0000201 C0000202 494E56495445",
		 "192.0.2.1:5060", 0},
		{"02100211 13C4 13C5 C0000201 C0000202 CB82494E C0D40100 D207 "
		 "0000 494E56495445",
		 "192.0.2.1:5060", INT64_C(1313440459120000000)},
		{"02100211 13C4 13C5 C0000201 C0000202 CB82494E C0D40100 D207 "
		 "494E56495445",
		 "192.0.2.1:5060", INT64_C(1313440459120000000)},
		{"02000206 13C4 13C5 C0000201 C0000202 4E4982CB 0001D4C0 07D2 "
		 "0000 494E56495445",
		 "192.0.2.1:5060", INT64_C(1313440459120000000)},
		{"02FF1C11 13C4 13C5 20010DB8000000000000000000000001 "
		 "20010DB8000000000000000000000002 CB82494E C0D40100 D207 0000 "
		 "494E56495445",
		 "[2001:db8::1]:5060", INT64_C(1313440459120000000)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = t_hex(rows[i].hex);
		struct text src = text_new(100);
		struct hep hep;

		assert_int_equal(hep_decode(bytes, &hep), STATUS_OK);
		endpoint_text(&hep.src, &src);
		t_equal_text(text_slice(&src), rows[i].src);
		assert_int_equal(hep.dst.port, 5061);
		assert_true(hep.time == rows[i].time);
		assert_int_equal(hep.content, HEP_SIP);
		t_equal_text(hep.payload, "INVITE");
		/* No cut of it is read past its end. */
		for (size_t n = 0; n < bytes.n; n++)
			(void)!hep_decode(slice_first(bytes, n), &hep);
		text_free(&src);
		t_release(bytes);
	}
}

static void other_bytes_are_not_of_old_versions(void **state)
{
	static const char *const rows[] = {
		"03100211 13C4 13C5 C0000201 C0000202 494E56495445",
		"01100311 13C4 13C5 C0000201 C0000202 494E56495445",
		"01100212 13C4 13C5 C0000201 C0000202 494E56495445",
	};
	struct hep hep;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = t_hex(rows[i]);

		assert_int_equal(hep_decode(bytes, &hep), STATUS_NOT_MINE);
		t_release(bytes);
	}
}

/* Reading stops at a broken chunk; what came before it counts. */
static void what_is_behind_a_broken_chunk_is_left(void **state)
{
	struct slice bytes = t_hex("48455033 003C 0000 0003 000A D4CA0001 "
				   "0000 0004 000A 527400D3 0000 000F 0014 "
				   "494E56495445207369703A626F62 "
				   "0000 0011 0005 0000 0011 0040 41 00");
	struct hep hep;

	(void)state;
	assert_int_equal(hep_decode(bytes, &hep), STATUS_OK);
	t_equal_text(hep.payload, "INVITE sip:bob");
	t_release(bytes);
}

/* Agents number the content as they like. */
static void sip_is_what_starts_like_it(void **state)
{
	static const struct {
		uint8_t content;
		const char *payload;
		bool sip;
	} rows[] = {
		{HEP_SIP, "INVITE sip:bob", true},
		{0, "INVITE sip:bob SIP/2.0\r\nTo: x\r\n\r\n", true},
		{100, "SIP/2.0 200 OK\r\n\r\n", true},
		{100, "NOTICE: got INVITE\r\n", false},
		{5, "{\"type\":200}", false},
		{0, " SIP/2.0", false},
		{0, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hep hep = {.content = rows[i].content,
				  .payload = slice_of_text(rows[i].payload)};

		assert_int_equal(hep_is_sip(&hep), rows[i].sip);
	}
}

static const struct t_case cases[] = {
	{"what_is_behind_a_broken_chunk_is_left",
	 what_is_behind_a_broken_chunk_is_left},
	{"sip_is_what_starts_like_it", sip_is_what_starts_like_it},
	{"example_is_read", example_is_read},
	{"what_is_cut_is_bad", what_is_cut_is_bad},
	{"lengths_that_lie_are_bad", lengths_that_lie_are_bad},
	{"what_is_written_is_read", what_is_written_is_read},
	{"what_is_packed_is_unpacked", what_is_packed_is_unpacked},
	{"old_versions_are_read", old_versions_are_read},
	{"other_bytes_are_not_of_old_versions",
	 other_bytes_are_not_of_old_versions},
};
T_MAIN(cases)
