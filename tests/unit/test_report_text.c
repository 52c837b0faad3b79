/*
 * The text report of short stories: what it says, that it fits, and that what
 * was captured cannot steer the terminal.
 */
#include "config.h"

#include "report/report_text.h"
#include "report/wrap.h"
#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

static struct text report_of(const struct wire *w,
			     const struct report_options *options)
{
	struct text to = text_new(1 << 20);
	struct model model;

	heard_model(w, NULL, &model);
	report_text(&model, options, &to);
	assert_int_equal(to.failed, STATUS_OK);
	model_free(&model);
	return to;
}

static void expect(const struct text *to, const char *part)
{
	size_t at;

	if (!slice_search(text_slice(to), slice_of_text(part), &at))
		fail_msg("no \"%s\" in\n%.*s", part, (int)to->n, to->p);
}

static void expect_not(const struct text *to, const char *part)
{
	size_t at;

	if (slice_search(text_slice(to), slice_of_text(part), &at))
		fail_msg("\"%s\" in\n%.*s", part, (int)to->n, to->p);
}

static void expect_width(const struct text *to, size_t width)
{
	struct slice rest = text_slice(to);

	while (rest.n) {
		size_t end = rest.n;

		(void)slice_find(rest, '\n', &end);
		if (wrap_columns(slice_first(rest, end)) > width)
			fail_msg("wider than %zu: %.*s", width, (int)end,
				 (const char *)rest.p);
		rest = slice_from(rest, end + 1);
	}
}

static const char *const failing[STORY_MAX] = {
	"> INVITE 1 ice", "< 200 1 INVITE ice",
	"> ACK 1",        "1:5000 3:6000 check 1 controlling",
	"wait 1",         "1:5000 3:6000 check 1 controlling",
	"wait 1",         "1:5000 3:6000 check 1 controlling",
	"wait 2",         "1:5000 3:6000 check 1 controlling",
};

static void one_call_is_told_whole(void **state)
{
	struct report_options options = {.color = false};
	struct wire w;
	struct text to;

	(void)state;
	story(&w, failing);
	to = report_of(&w, &options);
	expect(&to, "1 call: failed at probing: ");
	expect(&to, "\n  + 4 exchange     ok         ");
	expect(&to, "\n  X 5 probing      failed     ");
	expect(&to, "\n  Ways that were checked: 1 pair, 0 answered ");
	expect(&to, "\n    ERROR: no connectivity check was answered ");
	expect_not(&to, "Stages 1-5"); /* the legend of the list */
	expect_not(&to, "What the input holds");
	expect_not(&to, "\033");
	expect_width(&to, 100);
	text_free(&to);
	wire_close(&w);
}

static void width_and_colour_change_no_word(void **state)
{
	struct report_options options = {.color = true};
	struct wire w;

	(void)state;
	story(&w, failing);
	for (options.width = 60; options.width <= 130; options.width += 7) {
		struct text to = report_of(&w, &options);

		expect(&to, "\033[31m");
		expect_width(&to, options.width < 100 ? options.width : 100);
		text_free(&to);
	}
	wire_close(&w);
}

static void several_calls_are_listed(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 call=one plain", "< 486 1 INVITE call=one",
		"> INVITE 1 call=two plain", "< 200 1 INVITE call=two plain",
		"> ACK 1 call=two",
	};
	struct report_options options = {.color = false};
	struct wire w;
	struct text to;

	(void)state;
	story(&w, lines);
	to = report_of(&w, &options);
	expect(&to, "2 calls:\n");
	expect(&to, "1 established");
	expect(&to, "1 rejected at exchange: ");
	expect(&to, "\n    1  00:00:00.");
	expect(&to, "\n    2  00:00:00.");
	expect(&to, "\nStages 1-5: ");
	expect_width(&to, 100);
	text_free(&to);
	wire_close(&w);
}

/* More calls than are told whole. */
static void of_many_calls_the_failed_are_told(void **state)
{
	struct report_options options = {.color = false};
	struct wire w;
	struct text to;
	char line[64];

	(void)state;
	wire_open(&w);
	for (int i = 0; i < 30; i++) {
		snprintf(line, sizeof(line), "> INVITE 1 call=c%d plain", i);
		story_line(&w, line);
		snprintf(line, sizeof(line), "< %d 1 INVITE call=c%d",
			 i == 17 ? 503 : 486, i);
		story_line(&w, line);
	}
	to = report_of(&w, &options);
	expect(&to, "30 calls:\n  - 29 rejected at exchange");
	expect(&to, "\n   30  00:00:0");
	expect(&to, "\nBelow: the 1 that failed");
	expect(&to, "\n18. sip:");
	expect_not(&to, "\n17. sip:");
	text_free(&to);
	wire_close(&w);
}

static void without_calls_it_says_what_is_there(void **state)
{
	struct report_options options = {.color = false};
	struct wire w;
	struct text to;

	(void)state;
	wire_open(&w);
	wire_udp(&w, "1:40000", "2:4569", SLICE("\x80\x01xx"));
	to = report_of(&w, &options);
	expect(&to, "No call, ");
	expect(&to, "\n    1 UDP conversation at port 4569: IAX2, 1 packet");
	expect(&to, "\n  Why there is no call to see\n"
		    "    - calls may be set up by IAX2");
	expect(&to, "\n    tcpdump ");
	expect_width(&to, 100);
	text_free(&to);
	wire_close(&w);
}

static void a_filter_that_matches_nothing_is_named(void **state)
{
	struct report_options options = {.color = false};
	struct text to = text_new(1 << 20);
	struct model model;

	(void)state;
	model_init(&model);
	model.inventory.filtered = 12;
	report_text(&model, &options, &to);
	expect(&to, "--filter matches none of the 12 frames");
	expect_not(&to, "What the input holds");
	text_free(&to);
	model_free(&model);
}

static void terminals_are_safe_from_captured_text(void **state)
{
	struct report_options options = {.color = false};
	struct wire_sip invite = {
		.start = "INVITE sip:bob@example.org",
		.call = "evil\033[2J\001id",
		.cseq = "1 INVITE",
		.from = "<sip:al\x9b"
			"ice:hidden@example.org>;tag=1",
	};
	struct wire w;
	struct text to;

	(void)state;
	wire_open(&w);
	wire_sip(&w, "1:5060", "2:5060", &invite);
	to = report_of(&w, &options);
	expect(&to, "al\\x9bice");
	expect_not(&to, "\033");
	expect_not(&to, "\001");
	expect_not(&to, "hidden");
	text_free(&to);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"one_call_is_told_whole", one_call_is_told_whole},
	{"width_and_colour_change_no_word", width_and_colour_change_no_word},
	{"several_calls_are_listed", several_calls_are_listed},
	{"of_many_calls_the_failed_are_told",
	 of_many_calls_the_failed_are_told},
	{"without_calls_it_says_what_is_there",
	 without_calls_it_says_what_is_there},
	{"a_filter_that_matches_nothing_is_named",
	 a_filter_that_matches_nothing_is_named},
	{"terminals_are_safe_from_captured_text",
	 terminals_are_safe_from_captured_text},
};
T_MAIN(cases)
