/* The canvas: clipping, escaping, widths, and its text. */
#include "config.h"

#include "report/canvas.h"
#include "tests/support/t.h"

static void expect(const struct canvas *c, const char *want)
{
	struct text to = text_new(100000);

	canvas_text(c, &to);
	if (!slice_is(text_slice(&to), want))
		print_error("got:\n%.*swant:\n%s", (int)to.n, to.p, want);
	assert_true(slice_is(text_slice(&to), want));
	text_free(&to);
}

struct row {
	const char *name;
	int x, room;
	const char *text, *want;
	int used;
};

static void text_is_clipped_and_escaped(void **state)
{
	static const struct row rows[] = {
		{"fits", 0, 6, "abc", "abc\n", 3},
		{"exactly", 0, 3, "abc", "abc\n", 3},
		{"too long", 0, 3, "abcdef", "ab\xe2\x80\xa6\n", 3},
		{"no room", 0, 0, "abc", "\n", 0},
		{"over the right edge", 8, 9, "abcdef", "        ab\n", 6},
		{"before the left edge", -2, 9, "abcd", "cd\n", 4},
		{"escape codes", 0, 10, "\033[2J", "\\x1b[2J\n", 7},
		{"bidi controls", 0, 10,
		 "a\xe2\x80\xae"
		 "b",
		 "a\\xe2\\x80\xe2\x80\xa6\n", 10},
		{"broken UTF-8", 0, 10,
		 "a\xff"
		 "b",
		 "a\\xffb\n", 6},
		{"wide characters", 0, 10, "\xe4\xb8\xad\xe6\x96\x87",
		 "\xe4\xb8\xad\xe6\x96\x87\n", 4},
		{"a wide one at the edge of the room", 0, 4,
		 "a\xe4\xb8\xad\xe6\x96\x87", "a\xe4\xb8\xad\xe2\x80\xa6\n", 4},
		{"a combining mark", 0, 10, "e\xcc\x81x", "e\xcc\x81x\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct canvas c = {0};
		int used;

		assert_int_equal(canvas_resize(&c, 10, 1), STATUS_OK);
		used = canvas_puts(&c, rows[i].x, 0, rows[i].room, STYLE_PLAIN,
				   rows[i].text);
		if (used != rows[i].used)
			print_error("%s: %d columns\n", rows[i].name, used);
		assert_int_equal(used, rows[i].used);
		expect(&c, rows[i].want);
		canvas_free(&c);
	}
}

static void half_of_a_wide_character_is_none(void **state)
{
	struct canvas c = {0};

	(void)state;
	assert_int_equal(canvas_resize(&c, 6, 1), STATUS_OK);
	canvas_puts(&c, 0, 0, 6, STYLE_PLAIN, "\xe4\xb8\xad\xe6\x96\x87");
	canvas_puts(&c, 1, 0, 1, STYLE_PLAIN, "x");
	expect(&c, " x\xe6\x96\x87\n");
	canvas_puts(&c, 2, 0, 1, STYLE_PLAIN, "y");
	expect(&c, " xy\n");
	canvas_free(&c);
}

static void boxes_have_ascii_lines_where_asked(void **state)
{
	struct canvas c = {.ascii = true};
	struct area a = {0, 0, 8, 3};

	(void)state;
	assert_int_equal(canvas_resize(&c, 8, 3), STATUS_OK);
	canvas_box(&c, &a, "t");
	canvas_repeat(&c, 2, 1, 1, STYLE_GOOD, 0x2713);
	expect(&c, "+- t --+\n| +    |\n+------+\n");
	canvas_free(&c);
}

static void drawing_outside_changes_nothing(void **state)
{
	struct canvas c = {0};
	struct area a = {-5, -5, 40, 40};

	(void)state;
	assert_int_equal(canvas_resize(&c, 3, 2), STATUS_OK);
	canvas_puts(&c, 0, 2, 3, STYLE_PLAIN, "abc");
	canvas_puts(&c, 0, -1, 3, STYLE_PLAIN, "abc");
	canvas_repeat(&c, -9, 0, 4, STYLE_PLAIN, '-');
	canvas_down(&c, 1, -4, 3, STYLE_PLAIN, '|');
	canvas_choose(&c, -1, 9, 100);
	canvas_box(&c, &a, "title");
	expect(&c, "\n\n");
	canvas_free(&c);
}

static void sizes_have_limits(void **state)
{
	struct canvas c = {0};

	(void)state;
	assert_int_equal(canvas_resize(&c, 0, 5), STATUS_LIMIT);
	assert_int_equal(canvas_resize(&c, 5, CANVAS_SIDE_MAX + 1),
			 STATUS_LIMIT);
	assert_int_equal(canvas_resize(&c, CANVAS_SIDE_MAX, 1), STATUS_OK);
	canvas_free(&c);
}

static const struct t_case cases[] = {
	{"text_is_clipped_and_escaped", text_is_clipped_and_escaped},
	{"half_of_a_wide_character_is_none", half_of_a_wide_character_is_none},
	{"boxes_have_ascii_lines_where_asked",
	 boxes_have_ascii_lines_where_asked},
	{"drawing_outside_changes_nothing", drawing_outside_changes_nothing},
	{"sizes_have_limits", sizes_have_limits},
};
T_MAIN(cases)
