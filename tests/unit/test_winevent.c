/* Windows events as XML (capture-formats 5). */
#include "config.h"

#include "dissectors/winevent.h"
#include "tests/support/t.h"

#define SPACE "http://schemas.microsoft.com/win/2004/08/events/event"
#define EVENT(id, time, rest)                                            \
	"<Event xmlns='" SPACE "'><System><Provider Name='LS Mediation " \
	"Server'/><EventID Qualifiers=\"50153\">" id                     \
	"</EventID><Level>3</Level><TimeCreated SystemTime='" time       \
	"'/><EventRecordID>7</EventRecordID><Channel>Lync Server"        \
	"</Channel><Computer>fe01.example.com</Computer></System>" rest  \
	"</Event>"
#define TIME "2016-07-08T18:12:51.681640600Z"

static void read_one(const char *text, enum status want, struct arena *arena,
		     struct winevent *out)
{
	struct slice rest = slice_of_text(text), element;

	assert_true(winevent_next(&rest, &element));
	assert_int_equal(winevent_read(element, arena, out), want);
}

static void fields_of_an_event(void **state)
{
	struct arena arena = arena_new(1 << 20);
	struct winevent e;
	struct text time = text_new(64);

	(void)state;
	read_one(EVENT("25026", TIME,
		       "<EventData><Data Name='a'>one</Data><Data>two</Data>"
		       "</EventData><RenderingInfo Culture='en-US'><Message>"
		       "It &amp; that</Message></RenderingInfo>"),
		 STATUS_OK, &arena, &e);
	assert_int_equal(e.id, 25026);
	assert_int_equal(e.level, 3);
	assert_int_equal(e.record, 7);
	t_equal_text(e.provider, "LS Mediation Server");
	t_equal_text(e.channel, "Lync Server");
	t_equal_text(e.computer, "fe01.example.com");
	t_equal_text(e.message, "It & that");
	assert_int_equal(e.data_count, 2);
	t_equal_text(e.data[0], "one");
	t_equal_text(e.data[1], "two");
	clock_rfc3339(e.time, &time);
	t_equal_text(text_slice(&time), "2016-07-08T18:12:51.681640600Z");
	text_free(&time);
	arena_free(&arena);
}

static void times_have_any_fraction(void **state)
{
	static const struct {
		const char *text;
		nanoseconds want;
	} rows[] = {
		{EVENT("1", "1970-01-01T00:00:01Z", ""), NS_PER_S},
		{EVENT("1", "1970-01-01T00:00:01.5Z", ""), 1500 * NS_PER_MS},
		{EVENT("1", "1970-01-01T00:00:01.1234567Z", ""), 1123456700},
		{EVENT("1", "yesterday", ""), 0},
		{EVENT("1", "", ""), 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = arena_new(1 << 20);
		struct winevent e;

		read_one(rows[i].text, STATUS_OK, &arena, &e);
		assert_int_equal(e.time, rows[i].want);
		arena_free(&arena);
	}
}

static void elements_are_found_whatever_is_around(void **state)
{
	static const char *const rows[] = {
		EVENT("1", TIME, "") EVENT("2", TIME, ""),
		"<?xml version='1.0'?>\n<Events>" EVENT(
			"1", TIME, "") "\r\n" EVENT("2", TIME, "") "</Events>",
		"noise <EventLog> " EVENT("1", TIME,
					  "") " and " EVENT("2", TIME, ""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_of_text(rows[i]), element;
		struct arena arena = arena_new(1 << 20);
		struct winevent e;

		for (uint32_t id = 1; id <= 2; id++) {
			assert_true(winevent_next(&rest, &element));
			assert_int_equal(winevent_read(element, &arena, &e),
					 STATUS_OK);
			assert_int_equal(e.id, id);
		}
		assert_false(winevent_next(&rest, &element));
		arena_free(&arena);
	}
}

static void what_is_no_event_is_bad(void **state)
{
	static const struct {
		const char *text;
		enum status want;
	} rows[] = {
		{"<Event>", STATUS_BAD},
		{"<Event></Event>", STATUS_BAD},
		{"<Event ><System></System></Event>", STATUS_BAD},
		{EVENT("x", TIME, ""), STATUS_BAD},
		{"<Event><!DOCTYPE x></Event>", STATUS_LIMIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = arena_new(1 << 20);
		struct winevent e;

		read_one(rows[i].text, rows[i].want, &arena, &e);
		arena_free(&arena);
	}
}

static void cut_events_are_bad(void **state)
{
	struct slice all = SLICE(EVENT("25026", TIME, "<EventData/>"));

	(void)state;
	for (size_t n = 0; n < all.n; n++) {
		struct slice exact = t_exact(slice_first(all, n));
		struct slice rest = exact, element;
		struct arena arena = arena_new(1 << 20);
		struct winevent e;

		if (winevent_next(&rest, &element))
			assert_int_not_equal(winevent_read(element, &arena, &e),
					     STATUS_OK);
		arena_free(&arena);
		t_release(exact);
	}
}

static const struct t_case cases[] = {
	{"fields_of_an_event", fields_of_an_event},
	{"times_have_any_fraction", times_have_any_fraction},
	{"elements_are_found_whatever_is_around",
	 elements_are_found_whatever_is_around},
	{"what_is_no_event_is_bad", what_is_no_event_is_bad},
	{"cut_events_are_bad", cut_events_are_bad},
};
T_MAIN(cases)
