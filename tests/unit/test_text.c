/* Growing text, escapes for terminals, UTF-8 (RFC 3629). */
#include "config.h"

#include "core/text.h"
#include "tests/support/t.h"

static void all_ways_to_write(void **state)
{
	struct text t = text_new(1000);

	(void)state;
	assert_null(t.p);
	text_put(&t, (struct slice){0});
	text_puts(&t, "");
	assert_int_equal(t.n, 0);
	text_puts(&t, "ab");
	text_putc(&t, 'c');
	text_put(&t, SLICE("de\0f"));
	text_printf(&t, " %d %s", 42, "x");
	text_hex(&t, SLICE("\x00\xff\x1a"));
	text_putc(&t, ' ');
	text_number(&t, 0);
	text_putc(&t, ' ');
	text_number(&t, UINT64_MAX);
	t_equal_bytes(text_slice(&t),
		      SLICE("abcde\0f 42 x00ff1a 0 18446744073709551615"));
	text_clear(&t);
	assert_int_equal(t.n, 0);
	text_puts(&t, "again");
	t_equal_text(text_slice(&t), "again");
	text_free(&t);
	assert_null(t.p);
	text_puts(&t, "and again");
	t_equal_text(text_slice(&t), "and again");
	text_free(&t);
}

static void printf_of_any_length(void **state)
{
	char want[2001];

	(void)state;
	for (size_t n = 0; n < sizeof(want) - 1; n += n < 250 ? 25 : 1) {
		struct text t = text_new(4000);

		memset(want, 'x', n);
		want[n] = '\0';
		if (n > 270)
			n += 400;
		text_printf(&t, "%s", want);
		t_equal_text(text_slice(&t), want);
		text_free(&t);
	}
}

static void limit_is_remembered(void **state)
{
	(void)state;
	for (size_t max = 0; max < 700; max++) {
		struct text t = text_new(max);

		for (size_t i = 0; i < max; i++)
			text_putc(&t, 'x');
		assert_int_equal(t.failed, STATUS_OK);
		assert_int_equal(t.n, max);
		text_put(&t, SLICE("y"));
		assert_int_equal(t.failed, STATUS_LIMIT);
		text_puts(&t, "more");
		text_hex(&t, SLICE("more"));
		text_number(&t, 7);
		assert_int_equal(t.n, max);
		assert_true(t.room <= (max ? max : 1));
		text_clear(&t);
		assert_int_equal(t.failed, STATUS_OK);
		text_free(&t);
	}
}

static void too_much_at_once_writes_nothing(void **state)
{
	struct text t = text_new(10);

	(void)state;
	text_puts(&t, "12345");
	text_puts(&t, "123456");
	assert_int_equal(t.failed, STATUS_LIMIT);
	t_equal_text(text_slice(&t), "12345");
	text_clear(&t);
	text_hex(&t, SLICE("123456"));
	assert_int_equal(t.failed, STATUS_LIMIT);
	assert_int_equal(t.n, 0);
	text_free(&t);
}

static void utf8_is_told_apart(void **state)
{
	static const struct {
		const char *hex;
		size_t n;
		uint32_t code;
	} rows[] = {
		{"41", 1, 'A'},
		{"00", 1, 0},
		{"7f", 1, 0x7F},
		{"c2a3", 2, 0xA3}, /* RFC 3629 7 and the edges */
		{"c280", 2, 0x80},
		{"dfbf", 2, 0x7FF},
		{"e0a080", 3, 0x800},
		{"e289a2", 3, 0x2262},
		{"efbfbf", 3, 0xFFFF},
		{"ed9fbf", 3, 0xD7FF},
		{"ee8080", 3, 0xE000},
		{"f0908080", 4, 0x10000},
		{"f0a38eb4", 4, 0x233B4},
		{"f48fbfbf", 4, 0x10FFFF},
		{"", 0, 0},
		{"80", 0, 0},   /* a continuation alone */
		{"c0af", 0, 0}, /* overlong */
		{"c1bf", 0, 0},
		{"e09fbf", 0, 0},
		{"f08fbfbf", 0, 0},
		{"eda080", 0, 0}, /* surrogates */
		{"edbfbf", 0, 0},
		{"f4908080", 0, 0}, /* past the last */
		{"f5808080", 0, 0},
		{"ff", 0, 0},
		{"c2", 0, 0}, /* cut */
		{"e289", 0, 0},
		{"f0a38e", 0, 0},
		{"c241", 0, 0},
		{"e28941", 0, 0},
		{"e241a2", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].hex);
		struct slice exact = t_exact(in);
		uint32_t code = 0;

		if (utf8_sequence(exact, &code) != rows[i].n ||
		    code != rows[i].code)
			fail_msg("row %s", rows[i].hex);
		t_release(exact);
		t_release(in);
	}
}

static void escapes_for_a_terminal(void **state)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{"plain text", "plain text"},
		{"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
		{"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
		{"back\\slash", "back\\\\slash"},
		{"\x1b[2J", "\\x1b[2J"},
		{"\r\n\t", "\\x0d\\x0a\\x09"},
		{"\x7f", "\\x7f"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xC3", "\\xc3"},
		{"\xC2\x85", "\\xc2\\x85"},          /* NEL, in C1 */
		{"\xC2\x9B", "\\xc2\\x9b"},          /* CSI in one */
		{"\xE2\x80\xAE", "\\xe2\\x80\\xae"}, /* RLO */
		{"\xE2\x80\x8B", "\\xe2\\x80\\x8b"}, /* zero width */
		{"\xE2\x81\xA6", "\\xe2\\x81\\xa6"}, /* LRI */
		{"\xEF\xBB\xBF", "\\xef\\xbb\\xbf"}, /* BOM */
		{"\xEF\xBF\xBE", "\\xef\\xbf\\xbe"}, /* no character */
		{"\xE2\x80\x94", "\xE2\x80\x94"},    /* a dash is fine */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = text_new(100);

		text_escaped(&t, slice_of_text(rows[i].in));
		t_equal_text(text_slice(&t), rows[i].want);
		text_free(&t);
	}
}

static void nothing_unprintable_comes_through(void **state)
{
	struct text t = text_new(100);

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			uint8_t in[] = {(uint8_t)first, (uint8_t)second, 'x'};

			text_clear(&t);
			text_escaped(&t, slice_of(in, 3));
			for (size_t i = 0; i < t.n; i++) {
				uint8_t c = (uint8_t)t.p[i];

				assert_true(c >= 0x20 && c != 0x7F);
			}
		}
	}
	text_free(&t);
}

static bool write_much(void *context)
{
	struct text t = text_new(100000);
	bool ok;

	(void)context;
	for (int i = 0; i < 300; i++) {
		text_printf(&t, "%0300d", i);
		text_hex(&t, SLICE("abc"));
	}
	ok = t.failed == STATUS_OK;
	assert_int_equal(t.failed, t_failure_met() ? STATUS_NOMEM : STATUS_OK);
	text_free(&t);
	return ok;
}

static void failing_memory_is_remembered(void **state)
{
	(void)state;
	t_failing_walk(write_much, NULL);
}

/* What is written is read as the same, at the ends of each length. */
static void writes_utf8(void **state)
{
	static const uint32_t codes[] = {0,       0x7F,    0x80,   0x7FF,
					 0x800,   0xD7FF,  0xE000, 0xFFFF,
					 0x10000, 0x10FFFF};
	static const size_t lengths[] = {1, 1, 2, 2, 3, 3, 3, 3, 4, 4};
	struct text text = text_new(64);

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		uint8_t bytes[UTF8_MAX];
		size_t n = utf8_put(codes[i], bytes);
		uint32_t code = 1;

		assert_int_equal(n, lengths[i]);
		assert_int_equal(utf8_sequence(slice_of(bytes, n), &code), n);
		assert_int_equal(code, codes[i]);
	}
	text_code(&text, 0x20AC);
	assert_true(slice_is(text_slice(&text), "\xE2\x82\xAC"));
	text_free(&text);
}

static const struct t_case cases[] = {
	{"writes_utf8", writes_utf8},
	{"all_ways_to_write", all_ways_to_write},
	{"printf_of_any_length", printf_of_any_length},
	{"limit_is_remembered", limit_is_remembered},
	{"too_much_at_once_writes_nothing", too_much_at_once_writes_nothing},
	{"utf8_is_told_apart", utf8_is_told_apart},
	{"escapes_for_a_terminal", escapes_for_a_terminal},
	{"nothing_unprintable_comes_through",
	 nothing_unprintable_comes_through},
	{"failing_memory_is_remembered", failing_memory_is_remembered},
};
T_MAIN(cases)
