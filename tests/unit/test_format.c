/* What printf does with the formats of reports. */
#include "config.h"

#include <stdio.h>

#include "core/format.h"
#include "tests/support/t.h"

#define ROOM 64u

/* What printf says, when it was not left to it. */
static bool same(const char *format, ...) PRINTF_LIKE(1, 2);

static bool same(const char *format, ...)
{
	char got[ROOM], want[ROOM + 1];
	struct slice out;
	va_list args;
	bool ok;

	va_start(args, format);
	(void)vsnprintf(want, sizeof(want), format, args);
	va_end(args);
	va_start(args, format);
	ok = format_plainly(&out, got, sizeof(got), format, args);
	va_end(args);
	if (ok)
		t_equal_text(out, want);
	return ok;
}

static void what_reports_have(void **state)
{
	(void)state;
	assert_true(same("nothing"));
	assert_true(same("%s", ""));
	assert_true(same("%s and %s", "one", "the other"));
	assert_true(same("100 %% of %u", 3u));
	assert_true(same("%u%u", 0u, UINT32_MAX));
	assert_true(same("%d, %d, %d", 0, INT32_MAX, INT32_MIN));
	assert_true(same("%zu candidate%s", SIZE_MAX, "s"));
	assert_true(same("%c%c", 'a', '%'));
}

static void tenths_are_rounded_as_printf_does(void **state)
{
	unsigned left = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		left += !same(" after %.1f s", (double)i * 0.0137);
	assert_in_range(left, 0, 200);
	for (unsigned i = 0; i < 1000; i++)
		(void)same("%.1f", (double)i / 20);
	assert_true(same("%.1f", 0.0));
	assert_true(same("%.1f", 9.96));
	assert_true(same("%.1f", 123456.78));
}

/* And those that reports have seldom are left to printf. */
static void others_are_left_alone(void **state)
{
	(void)state;
	assert_false(same("%5u", 3u));
	assert_false(same("%-3s", "a"));
	assert_false(same("%x", 3u));
	assert_false(same("%lu", 3ul));
	assert_false(same("%.*s", 1, "ab"));
	assert_false(same("%.2f", 0.5));
	assert_false(same("%.1f", -0.5));
	assert_false(same("%.1f", 1e300));
	assert_false(same("%.1f", 1.25));
}

static void room_is_kept(void **state)
{
	char text[ROOM + 2];

	(void)state;
	for (size_t n = 0; n <= ROOM + 1; n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		assert_int_equal(same("%s", text), n <= ROOM);
		assert_int_equal(same("%s%u", text, 10u), n + 2 <= ROOM);
		assert_int_equal(same("%s%%", text), n + 1 <= ROOM);
	}
}

static const struct t_case cases[] = {
	{"what_reports_have", what_reports_have},
	{"tenths_are_rounded_as_printf_does",
	 tenths_are_rounded_as_printf_does},
	{"others_are_left_alone", others_are_left_alone},
	{"room_is_kept", room_is_kept},
};
T_MAIN(cases)
