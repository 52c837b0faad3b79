/* Slices and cursors: the two ways to touch outside bytes. */
#include "config.h"

#include "core/cursor.h"
#include "core/scan.h"
#include "tests/support/t.h"

static void splits_at_byte(void **state)
{
	struct slice rest = SLICE("a,b,,c");

	(void)state;
	t_equal_text(slice_split(&rest, ','), "a");
	t_equal_text(slice_split(&rest, ','), "b");
	t_equal_text(slice_split(&rest, ','), "");
	t_equal_text(slice_split(&rest, ','), "c");
	assert_int_equal(rest.n, 0);
}

static void cuts_never_leave_the_slice(void **state)
{
	struct slice s = SLICE("abc");

	(void)state;
	t_equal_text(slice_cut(s, 1, SIZE_MAX), "bc");
	t_equal_text(slice_cut(s, SIZE_MAX, 1), "");
	t_equal_text(slice_first(s, 9), "abc");
	t_equal_text(slice_from(s, 3), "");
}

static void numbers_keep_their_maximum(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		enum status status;
		uint64_t value;
	} rows[] = {
		{"0", 10, STATUS_OK, 0},
		{"10", 10, STATUS_OK, 10},
		{"11", 10, STATUS_BAD, 0},
		{"", 10, STATUS_BAD, 0},
		{"1a", 100, STATUS_BAD, 0},
		{"-1", 100, STATUS_BAD, 0},
		{" 1", 100, STATUS_BAD, 0},
		{"007", 10, STATUS_OK, 7},
		{"18446744073709551615", UINT64_MAX, STATUS_OK, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, STATUS_BAD, 0},
		{"9", 8, STATUS_BAD, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 0;

		assert_int_equal(slice_number(slice_of_text(rows[i].text),
					      rows[i].max, &value),
				 rows[i].status);
		assert_true(value == rows[i].value);
	}
}

static void search_finds_the_first(void **state)
{
	size_t at = 99;

	(void)state;
	assert_true(
		slice_search(SLICE("xx\r\r\n\r\ny"), SLICE("\r\n\r\n"), &at));
	assert_int_equal(at, 3);
	assert_false(slice_search(SLICE("abc"), SLICE("abcd"), &at));
	assert_false(slice_search(SLICE("abc"), SLICE(""), &at));
}

static void cursor_stays_bad_after_a_short_read(void **state)
{
	struct slice bytes = t_hex("01 0203 04050607 08");
	struct cursor c = cursor_over(bytes);

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_false(c.bad);
	assert_int_equal(cursor_u16(&c), 0);
	assert_true(c.bad);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(c.left, 1);
	t_release(bytes);
}

static void cursor_reads_both_orders(void **state)
{
	struct slice bytes = t_hex("0102030405060708 0102030405060708");
	struct cursor c = cursor_over(bytes);

	(void)state;
	assert_true(cursor_u64(&c) == UINT64_C(0x0102030405060708));
	assert_true(cursor_u64le(&c) == UINT64_C(0x0807060504030201));
	assert_false(c.bad);
	t_release(bytes);
}

/* Every place of one byte among others, in text of every length to 40. */
static void scans_find_the_first(void **state)
{
	static const char others[] = "a\t\xff\x80 :;\x8d\x8a\x0e";
	uint8_t text[40];

	(void)state;
	for (size_t n = 0; n <= sizeof(text); n++) {
		for (size_t at = 0; at < n; at++) {
			struct slice s;

			for (size_t i = 0; i < n; i++)
				text[i] = (uint8_t)
					others[(i + at) % (sizeof(others) - 1)];
			text[at] = at % 2 ? '\r' : '\n';
			s = t_exact(slice_of(text, n));
			assert_int_equal(scan_line_end(s), at);
			assert_int_equal(scan_two(s, '\r', '\n'), at);
			assert_int_equal(scan_one(s, text[at]), at);
			assert_int_equal(scan_one(s, 'z'), n);
			assert_int_equal(scan_line_end(slice_first(s, at)), at);
			t_release(s);
		}
	}
}

static void scans_compare(void **state)
{
	uint8_t a[40] = {0}, b[40] = {0};

	(void)state;
	for (size_t n = 0; n <= sizeof(a); n++) {
		assert_true(scan_same(a, b, n));
		for (size_t i = 0; i < n; i++) {
			b[i] = 0x80;
			assert_false(scan_same(a, b, n));
			b[i] = 0;
		}
	}
}

static void a_copy_fits_or_is_not_made(void **state)
{
	uint8_t room[4] = "....";
	size_t n = 9;

	(void)state;
	assert_false(slice_copy(SLICE("abcde"), room, sizeof(room), &n));
	assert_int_equal(n, 9);
	assert_memory_equal(room, "....", 4);
	assert_true(slice_copy(SLICE("abc"), room, sizeof(room), &n));
	assert_int_equal(n, 3);
	assert_memory_equal(room, "abc.", 4);
	assert_true(slice_copy((struct slice){0}, room, sizeof(room), &n));
	assert_int_equal(n, 0);
}

static const struct t_case cases[] = {
	{"a_copy_fits_or_is_not_made", a_copy_fits_or_is_not_made},
	{"scans_find_the_first", scans_find_the_first},
	{"scans_compare", scans_compare},
	{"slice_splits_at_byte", splits_at_byte},
	{"slice_cuts_never_leave_the_slice", cuts_never_leave_the_slice},
	{"slice_numbers_keep_their_maximum", numbers_keep_their_maximum},
	{"slice_search_finds_the_first", search_finds_the_first},
	{"cursor_stays_bad_after_a_short_read",
	 cursor_stays_bad_after_a_short_read},
	{"cursor_reads_both_orders", cursor_reads_both_orders},
};
T_MAIN(cases)
