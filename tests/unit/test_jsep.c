/* Offers, answers and candidates in JSON. */
#include "config.h"

#include "core/arena.h"
#include "dissectors/jsep.h"
#include "tests/support/t.h"

#define SDP_TEXT "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\n"
#define SDP_JSON "v=0\\r\\no=- 1 2 IN IP4 0.0.0.0\\r\\n"
#define LINE "candidate:1 1 udp 99 192.0.2.1 5000 typ host"

static const struct {
	const char *name, *json;
	enum jsep_kind kind;
	const char *text; /* NULL: nothing is there */
} rows[] = {
	{"janus",
	 "{\"janus\":\"message\",\"body\":{\"audio\":true},\"jsep\":"
	 "{\"type\":\"offer\",\"sdp\":\"" SDP_JSON "\"}}",
	 JSEP_OFFER, SDP_TEXT},
	{"the type comes second",
	 "{\"sdp\": \"" SDP_JSON "\" , \"type\" : \"answer\"}", JSEP_ANSWER,
	 SDP_TEXT},
	{"provisional answer",
	 "{\"type\":\"pranswer\",\"sdp\":\"" SDP_JSON "\"}", JSEP_ANSWER,
	 SDP_TEXT},
	{"by the name of the member",
	 "{\"id\":\"presenter\",\"sdpOffer\":\"" SDP_JSON "\"}", JSEP_OFFER,
	 SDP_TEXT},
	{"nothing says which", "{\"sdp\":\"" SDP_JSON "\"}", JSEP_UNKNOWN,
	 SDP_TEXT},
	{"the type of another object",
	 "{\"a\":{\"type\":\"offer\"},\"b\":[{\"sdp\":\"" SDP_JSON "\"}]}",
	 JSEP_UNKNOWN, SDP_TEXT},
	{"socket.io, and JSON in a string of JSON",
	 "42[\"message\",{\"data\":\"{\\\"type\\\":\\\"offer\\\","
	 "\\\"sdp\\\":\\\"v=0\\\\r\\\\ns=\\\\u002d\\\\r\\\\n\\\"}\"}]",
	 JSEP_OFFER, "v=0\r\ns=-\r\n"},
	{"candidate",
	 "{\"candidate\":{\"candidate\":\"" LINE "\",\"sdpMid\":\"audio\","
	 "\"sdpMLineIndex\":0,\"usernameFragment\":\"abcd\"}}",
	 JSEP_CANDIDATE, "a=ice-ufrag:abcd\r\na=mid:audio\r\na=" LINE "\r\n"},
	{"candidate with its user fragment in the line",
	 "{\"candidate\":\"" LINE " ufrag wxyz network-id 1\"}", JSEP_CANDIDATE,
	 "a=ice-ufrag:wxyz\r\na=mid:0\r\na=" LINE
	 " ufrag wxyz network-id 1\r\n"},
	{"candidate as a line of SDP",
	 "{\"candidate\":\"a=" LINE "\",\"sdpMid\":\"1\"}", JSEP_CANDIDATE,
	 "a=mid:1\r\na=" LINE "\r\n"},
	{"end of candidates",
	 "{\"janus\":\"trickle\",\"candidate\":{\"completed\":true}}",
	 JSEP_UNKNOWN, NULL},
	{"no JSON", "v=0\r\n", JSEP_UNKNOWN, NULL},
	{"it ends within", "{\"sdp\":\"" SDP_JSON, JSEP_UNKNOWN, NULL},
	{"it ends behind a backslash", "{\"sdp\":\"v=0\\", JSEP_UNKNOWN, NULL},
	{"a bracket too many", "}{\"sdp\":\"" SDP_JSON "\"}}", JSEP_UNKNOWN,
	 SDP_TEXT},
};

static void descriptions_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = arena_new(1u << 16);
		struct jsep_item items[JSEP_ITEMS_MAX];
		size_t count =
			jsep_read(&arena, slice_of_text(rows[i].json), items);

		if (count != (rows[i].text != NULL))
			fail_msg("%s: %zu items", rows[i].name, count);
		if (count) {
			t_equal_text(items[0].text, rows[i].text);
			assert_int_equal(items[0].kind, rows[i].kind);
		}
		arena_free(&arena);
	}
}

static void every_length_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice whole = slice_of_text(rows[i].json);

		for (size_t n = 0; n <= whole.n; n++) {
			struct arena arena = arena_new(1u << 16);
			struct jsep_item items[JSEP_ITEMS_MAX];
			uint32_t marks[JSEP_MARKS_MAX];
			struct slice exact = t_exact(slice_first(whole, n));

			assert_true(jsep_read(&arena, exact, items) <= 1);
			assert_true(jsep_marks(exact, marks) <= 3);
			t_release(exact);
			arena_free(&arena);
		}
	}
}

static void nesting_has_an_end(void **state)
{
	struct arena arena = arena_new(1u << 16);
	struct jsep_item items[JSEP_ITEMS_MAX];
	struct text text = text_new(1u << 16);

	(void)state;
	for (unsigned i = 0; i <= JSEP_DEPTH_MAX; i++)
		text_puts(&text, "{\"a\":");
	text_puts(&text, "{\"sdp\":\"" SDP_JSON "\"}");
	assert_int_equal(jsep_read(&arena, text_slice(&text), items), 0);
	text_clear(&text);
	for (unsigned i = 0; i < 2 * JSEP_ITEMS_MAX; i++)
		text_puts(&text, "{\"sdp\":\"" SDP_JSON "\"}");
	assert_int_equal(jsep_read(&arena, text_slice(&text), items),
			 JSEP_ITEMS_MAX);
	text_free(&text);
	arena_free(&arena);
}

static void marks_are_what_is_no_description(void **state)
{
	uint32_t a[JSEP_MARKS_MAX], b[JSEP_MARKS_MAX];
	struct text text = text_new(1u << 16);

	(void)state;
	/* Names, short texts and numbers, and descriptions are none. */
	assert_int_equal(
		jsep_marks(SLICE("42[\"abc\",{\"handle_id\" :4711,\"x\":-17.25,"
				 "\"sdp\":\"" SDP_JSON "\",\"candidate\":\""
				 LINE "\"},true]"),
			   a),
		1);
	assert_int_equal(jsep_marks(SLICE("{\"a\":\"4711\",\"b\":4711,"
					  "\"c\":\"room-1\"}"),
				    b),
			 2);
	assert_int_equal(a[0], b[0]);
	for (unsigned i = 0; i < 2 * JSEP_MARKS_MAX; i++)
		text_printf(&text, "%u,\"mark%u\"", 1000 + i, i);
	assert_int_equal(jsep_marks(text_slice(&text), a), JSEP_MARKS_MAX);
	assert_int_equal(jsep_marks(SLICE("{\"a\":\"abcd"), a), 0);
	text_free(&text);
}

static bool read_some(void *context)
{
	struct arena arena = arena_new(1u << 16);
	struct jsep_item items[JSEP_ITEMS_MAX];

	(void)context;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)jsep_read(&arena, slice_of_text(rows[i].json), items);
	arena_free(&arena);
	return !t_failure_met();
}

static void no_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(read_some, NULL);
}

static const struct t_case cases[] = {
	{"descriptions_are_found", descriptions_are_found},
	{"every_length_is_safe", every_length_is_safe},
	{"nesting_has_an_end", nesting_has_an_end},
	{"marks_are_what_is_no_description", marks_are_what_is_no_description},
	{"no_memory_is_survived", no_memory_is_survived},
};
T_MAIN(cases)
