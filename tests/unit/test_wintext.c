/* UTF-16 and RTF become UTF-8. */
#include "config.h"

#include "capture/wintext.h"
#include "tests/support/t.h"

static void becomes(void (*read)(struct slice, struct text *), struct slice in,
		    const char *want)
{
	struct text text = text_new(1000);
	struct slice exact = t_exact(in);

	read(exact, &text);
	assert_int_equal(text.failed, STATUS_OK);
	t_equal_text(text_slice(&text), want);
	text_free(&text);
	t_release(exact);
}

static void utf16_becomes_utf8(void **state)
{
	(void)state;
	becomes(wintext_utf16, SLICE(""), "");
	becomes(wintext_utf16, SLICE("a\0b\0"), "ab");
	becomes(wintext_utf16, SLICE("a\0b\0c"), "ab");
	becomes(wintext_utf16, SLICE("a\0\0\0b\0"), "a");
	becomes(wintext_utf16, SLICE("\xE4\0\xAC\x20"), "\xC3\xA4\xE2\x82\xAC");
	becomes(wintext_utf16, SLICE("\x3D\xD8\x00\xDE"), "\xF0\x9F\x98\x80");
}

static void half_surrogates_are_replaced(void **state)
{
	(void)state;
	becomes(wintext_utf16, SLICE("\x3D\xD8"), "\xEF\xBF\xBD");
	becomes(wintext_utf16, SLICE("\x3D\xD8z\0"), "\xEF\xBF\xBDz");
	becomes(wintext_utf16, SLICE("\x00\xDEz\0"), "\xEF\xBF\xBDz");
}

static void rtf_keeps_the_words(void **state)
{
	static const struct {
		const char *rtf;
		const char *text;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"{\\rtf1\\ansi{\\fonttbl{\\f0\\fnil MS Shell;}}"
		 "\\pard\\f0\\fs17 one\\par\r\ntwo\\tab three\\par}",
		 "one\ntwo\tthree\n"},
		{"{\\rtf1{\\colortbl ;\\red0;}{\\*\\generator X;}a}", "a"},
		{"{\\rtf1 a{\\b b}c}", "abc"},
		{"{\\rtf1 \\{\\\\\\}}", "{\\}"},
		{"{\\rtf1 \\'e4\\'80\\'zz}", "\xC3\xA4\xE2\x82\xAC"},
		{"{\\rtf1 \\u8364?x}", "\xE2\x82\xACx"},
		{"{\\rtf1 \\u8364\\'80x}", "\xE2\x82\xACx"},
		{"{\\rtf1\\uc0 \\u8364 x}", "\xE2\x82\xACx"},
		{"{\\rtf1 \\u-10179?\\u-8704?}", "\xF0\x9F\x98\x80"},
		{"{\\rtf1 \\u-10179?x}", "\xEF\xBF\xBDx"},
		{"{\\rtf1 \\u-10179?}", "\xEF\xBF\xBD"},
		{"{\\rtf1 a\\~b\\_c\\emdash d}", "a b-c\xE2\x80\x94"
						 "d"},
		{"{\\rtf1 a\\bin3 }}}b}", "ab"},
		{"{\\rtf1 a\\bin99999999999 }", "a"},
		{"{\\rtf1 a\\", "a"},
		{"{\\rtf1 a\\'4", "a"},
		{"}}}a{\\*b", "a"},
		{"\\*a", "a"},
		{"{\\rtf1\\pict 00{\\b 00}00}a", "a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		becomes(wintext_rtf, slice_of_text(rows[i].rtf), rows[i].text);
	becomes(wintext_rtf, SLICE("a\0b"), "a");
}

static void text_stays_below_its_limit(void **state)
{
	struct text text = text_new(10);

	(void)state;
	wintext_rtf(SLICE("0123456789ABCDEF"), &text);
	assert_int_equal(text.failed, STATUS_LIMIT);
	assert_true(text.n <= 10);
	text_free(&text);
}

static const struct t_case cases[] = {
	{"utf16_becomes_utf8", utf16_becomes_utf8},
	{"half_surrogates_are_replaced", half_surrogates_are_replaced},
	{"rtf_keeps_the_words", rtf_keeps_the_words},
	{"text_stays_below_its_limit", text_stays_below_its_limit},
};
T_MAIN(cases)
