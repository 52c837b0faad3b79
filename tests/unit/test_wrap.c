/* Lines that fit a width: breaks, hanging, words that are too long. */
#include "config.h"

#include "report/wrap.h"
#include "tests/support/t.h"

struct row {
	const char *name;
	size_t width, hanging;
	const char *line, *want;
};

static void lines_break_between_words(void **state)
{
	static const struct row rows[] = {
		{"empty", 10, 0, "", "\n"},
		{"spaces alone", 10, 2, "    ", "\n"},
		{"fits exactly", 7, 2, "abc def", "abc def\n"},
		{"one too many", 6, 2, "abc def", "abc\n  def\n"},
		{"its own indentation, then the hanging one", 8, 4,
		 "  abc def ghi", "  abc\n    def\n    ghi\n"},
		{"columns stay apart", 20, 2, "a    b  c", "a    b  c\n"},
		{"no line ends in spaces", 6, 1, "abc     def   ",
		 "abc\n def\n"},
		{"joints keep words together", 8, 2, "abc d\001e\001f",
		 "abc\n  d e f\n"},
		{"a long word hangs less", 16, 10, "  + abc 192.0.2.1:10",
		 "  + abc\n    192.0.2.1:10\n"},
		{"and breaks when nothing helps", 8, 4, "ab 0123456789",
		 "ab\n    0123\n    4567\n    89\n"},
		{"also when it stands alone", 4, 2, "0123456",
		 "0123\n  45\n  6\n"},
		{"seams do not show", 16, 2, "abc d\002;e\002;f",
		 "abc d;e;f\n"},
		{"nor part what fits beside the indentation", 10, 4,
		 "abc def 01\002;345", "abc def\n    01;345\n"},
		{"but what does not", 12, 4, "abc def 0\002;2345\002;6789 x",
		 "abc def 0\n    ;2345\n    ;6789 x\n"},
		{"whose parts may be too long as well", 8, 4,
		 "abc 0123456\002;8 x", "abc\n    0123\n    456\n    ;8 x\n"},
		{"narrower than its indentation", 2, 8, "abc d",
		 "ab\n    c\n    d\n"},
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct wrapping how = {row->width, row->hanging};
		struct text to = text_new(1000);

		wrap_write(slice_of_text(row->line), &how, &to);
		if (!slice_is(text_slice(&to), row->want)) {
			print_error("%s\n got: %.*s", row->name, (int)to.n,
				    to.p);
			wrong++;
		}
		text_free(&to);
	}
	assert_int_equal(wrong, 0);
}

static void columns_are_those_of_the_screen(void **state)
{
	static const struct {
		const char *line;
		size_t columns;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"\033[31mred\033[0m", 3},
		{"\033[31", 0},
		{"\xc3\xa9", 1},         /* e with acute, one character */
		{"e\xcc\x81", 1},        /* the same, with a combining mark */
		{"\xe6\xbc\xa2", 2},     /* a Chinese one */
		{"\xf0\x9f\x93\x9e", 2}, /* a telephone */
		{"\xff\xfe", 2},         /* no UTF-8: a column each */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(wrap_columns(slice_of_text(rows[i].line)),
				 rows[i].columns);
}

static void characters_are_never_parted(void **state)
{
	struct wrapping how = {.width = 5, .hanging = 0};
	struct text to = text_new(1000);

	(void)state;
	wrap_write(SLICE("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2 "
			 "\033[1ma\xc3\xa9\033[0m"),
		   &how, &to);
	t_equal_text(text_slice(&to), "\xe6\xbc\xa2\xe6\xbc\xa2\n\xe6\xbc\xa2 "
				      "\033[1ma\xc3\xa9\033[0m\n");
	text_free(&to);
}

/* Whatever the words: no line is wider, no word is lost. */
static void no_line_is_wider(void **state)
{
	static const char words[] = "  a bb ccc dddd 203.0.113.255:65535 "
				    "[2001:db8:0:1:2:3:4:5]:50000  e  ffff";

	(void)state;
	for (size_t width = 30; width < 80; width++) {
		struct wrapping how = {.width = width, .hanging = width / 2};
		struct text to = text_new(4000);
		struct slice rest;
		size_t at;

		wrap_write(slice_of_text(words), &how, &to);
		assert_true(slice_search(text_slice(&to),
					 SLICE("203.0.113.255:65535"), &at));
		assert_true(slice_search(text_slice(&to),
					 SLICE("[2001:db8:0:1:2:3:4:5]:50000"),
					 &at) ||
			    width < 32);
		for (rest = text_slice(&to); rest.n;
		     rest = slice_from(rest, at + 1)) {
			assert_true(slice_find(rest, '\n', &at));
			assert_true(wrap_columns(slice_first(rest, at)) <=
				    width);
		}
		text_free(&to);
	}
}

static const struct t_case cases[] = {
	{"lines_break_between_words", lines_break_between_words},
	{"columns_are_those_of_the_screen", columns_are_those_of_the_screen},
	{"characters_are_never_parted", characters_are_never_parted},
	{"no_line_is_wider", no_line_is_wider},
};
T_MAIN(cases)
