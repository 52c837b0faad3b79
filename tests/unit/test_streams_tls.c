/*
 * Streams inside of TLS: SIP and TURN are read from the application data,
 * however records, segments and messages are cut, and behind holes.
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "tests/support/tls_wire.h"

/* The hellos are seen, and each ChangeCipherSpec and Finished. */
#define HANDSHAKE                      \
	"3 tls 1:40000 > 2:5061 tcp\n" \
	"4 tls 2:5061 > 1:40000 tcp\n" \
	"5 tls 1:40000 > 2:5061 tcp\n" \
	"5 tls 1:40000 > 2:5061 tcp\n" \
	"6 tls 2:5061 > 1:40000 tcp\n" \
	"6 tls 2:5061 > 1:40000 tcp\n"

static void begin(struct tls_wire *t, struct wire *w)
{
	wire_open(w);
	tls_wire_open(t, w, "1:40000", "2:5061");
}

static void both_sides_are_read(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	tls_wire_send(&t, 0, SLICE("\r\n\r\n"));
	tls_wire_send_options(&t, 0, "2 OPTIONS");
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			 "8 sip OPTIONS 2:5061 > 1:40000 tls in tls\n"
			 "10 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	wire_close(&w);
}

static void without_a_key_nothing_is_heard(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	assert_heard(&w, HANDSHAKE);
	wire_close(&w);
}

static void a_key_may_come_late(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	assert_heard_tls_late(&w, tls_wire_keylog,
			      HANDSHAKE
			      "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	wire_close(&w);
}

/* What was seen before is held, and told with its own frames. */
static void a_key_may_come_late_where_nothing_is_read_again(void **state)
{
	struct wire w;
	struct tls_wire t;
	char *got;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	tls_wire_send_options(&t, 0, "2 OPTIONS");
	for (size_t frames = 0; frames <= w.count; frames++) {
		got = heard_tls_live(&w, tls_wire_keylog, frames);
		assert_string_equal(
			got, HANDSHAKE
			"7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			"8 sip OPTIONS 2:5061 > 1:40000 tls in tls\n"
			"9 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
		free(got);
	}
	wire_close(&w);
}

/* Of a later handshake the key comes later than what it hides; what was before
 * is told once. */
static void a_later_handshake_may_wait_for_its_key(void **state)
{
	const char *const logs[] = {tls_wire_keylog, tls_wire_keylog_later};
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_renegotiate(&t);
	tls_wire_send_options(&t, 0, "2 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	tls_wire_send_options(&t, 0, "3 OPTIONS");
	for (size_t first = 0; first <= w.count; first++)
		for (size_t later = first; later <= w.count; later++) {
			const size_t frames[] = {first, later};
			char *got = heard_tls_growing(&w, logs, frames);
			char *sip = strstr(got, "7 sip");

			assert_non_null(sip);
			assert_non_null(strstr(sip, "12 sip OPTIONS"));
			assert_non_null(strstr(sip, "13 sip OPTIONS 2:5061"));
			assert_non_null(strstr(sip, "14 sip OPTIONS"));
			for (unsigned n = 0; n < 4; n++)
				sip = strstr(sip + 1, " sip ");
			assert_null(strstr(sip + 1, " sip "));
			free(got);
		}
	wire_close(&w);
}

static void a_key_may_come_when_it_is_over(void **state)
{
	struct wire w;
	struct tls_wire t;
	char *got;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	wire_tcp_reset(&w, &t.tcp, 1);
	got = heard_tls_live(&w, tls_wire_keylog, w.count);
	assert_string_equal(got, HANDSHAKE
			    "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	free(got);
	wire_close(&w);
}

/* What was held behind a hole, and what was past the limit, is searched for
 * the next message. */
static void what_is_held_has_holes_and_a_limit(void **state)
{
	static const uint8_t noise[16000];
	struct wire w;
	struct tls_wire t;
	char *got;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_lose(&t, 0, SLICE("lost"));
	tls_wire_send_options(&t, 0, "2 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	tls_wire_send_options(&t, 0, "3 OPTIONS");
	got = heard_tls_live(&w, tls_wire_keylog, w.count);
	assert_string_equal(got, HANDSHAKE
			    "9 hole capture of 33 1:40000 > 2:5061 tcp\n"
			    "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			    "8 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			    "9 sip OPTIONS 2:5061 > 1:40000 tls in tls\n"
			    "10 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	free(got);
	for (int i = 0; i < 20; i++)
		tls_wire_send(&t, 1, slice_of(noise, sizeof(noise)));
	tls_wire_send_options(&t, 1, "8 OPTIONS");
	got = heard_tls_live(&w, tls_wire_keylog, w.count);
	assert_non_null(strstr(got, "10 sip OPTIONS"));
	assert_null(strstr(got, "31 sip"));
	free(got);
	got = heard_tls_live(&w, tls_wire_keylog, w.count - 1);
	assert_non_null(strstr(got, "31 sip OPTIONS 2:5061 > 1:40000 tls"));
	assert_null(strstr(got, "unreadable"));
	free(got);
	wire_close(&w);
}

/* Of any message: the frame with its last record has it. */
static void messages_are_cut_into_records(void **state)
{
	struct text text = text_new(65536);

	(void)state;
	tls_wire_put_options(&text, "1 OPTIONS");
	for (size_t cut = 1; cut < text.n; cut += 7) {
		struct wire w;
		struct tls_wire t;

		begin(&t, &w);
		tls_wire_send(&t, 0, slice_first(text_slice(&text), cut));
		tls_wire_send(&t, 0, slice_from(text_slice(&text), cut));
		assert_heard_tls(&w, tls_wire_keylog, 0,
				 HANDSHAKE
				 "8 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
		wire_close(&w);
	}
	text_free(&text);
}

/* Two messages in one record, which comes in three segments. */
static void records_are_cut_into_segments(void **state)
{
	struct text text = text_new(65536), record = text_new(65536);
	struct wire w;
	struct tls_wire t;
	struct slice all;

	(void)state;
	begin(&t, &w);
	tls_wire_put_options(&text, "1 OPTIONS");
	tls_wire_put_options(&text, "2 OPTIONS");
	tls_wire_seal(&t, 0, text_slice(&text), &record);
	all = text_slice(&record);
	wire_tcp(&w, &t.tcp, 0, slice_first(all, 3));
	wire_tcp(&w, &t.tcp, 0, slice_cut(all, 3, 200));
	wire_tcp(&w, &t.tcp, 0, slice_from(all, 203));
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "9 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			 "9 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	text_free(&text);
	text_free(&record);
	wire_close(&w);
}

/* Lost records cost the messages in them; the other side acknowledges. */
static void reading_goes_on_behind_a_hole(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_lose(&t, 0, SLICE("first"));
	tls_wire_lose(&t, 0, SLICE("second"));
	tls_wire_send_options(&t, 0, "2 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	tls_wire_send_options(&t, 0, "3 OPTIONS");
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			 "9 hole capture of 69 1:40000 > 2:5061 tcp\n"
			 "8 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			 "9 sip OPTIONS 2:5061 > 1:40000 tls in tls\n"
			 "10 sip OPTIONS 1:40000 > 2:5061 tls in tls\n");
	wire_close(&w);
}

/* The hole ends within a record: the next one is searched for. */
static void the_next_record_is_searched_for(void **state)
{
	struct text text = text_new(65536), record = text_new(65536);
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_put_options(&text, "1 OPTIONS");
	tls_wire_seal(&t, 0, text_slice(&text), &record);
	tls_wire_seal(&t, 0, text_slice(&text), &record);
	wire_tcp_lose(&t.tcp, 0, 50);
	wire_tcp(&w, &t.tcp, 0, slice_from(text_slice(&record), 50));
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "8 hole capture of 50 1:40000 > 2:5061 tcp\n"
			 "7 sip OPTIONS 1:40000 > 2:5061 tls in tls\n"
			 "8 sip OPTIONS 2:5061 > 1:40000 tls in tls\n");
	text_free(&text);
	text_free(&record);
	wire_close(&w);
}

static void what_does_not_decrypt_is_said_once(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_seal_wrongly(&t, 0, SLICE("OPTIONS"), &text);
	wire_tcp(&w, &t.tcp, 0, text_slice(&text));
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_send_options(&t, 1, "7 OPTIONS");
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "7 capture/tls-unreadable 1:40000 > 2:5061 tcp\n"
			 "9 sip OPTIONS 2:5061 > 1:40000 tls in tls\n");
	text_free(&text);
	wire_close(&w);
}

static void turn_over_tls_is_read_with_its_envelopes(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_turn(&t);
	assert_heard_tls(
		&w, tls_wire_keylog, 0,
		HANDSHAKE
		"7 stun 0003 absent 1:40000 > 2:5061 tls in tls\n"
		"8 stun 0103 absent 2:5061 > 1:40000 tls in tls\n"
		"9 stun 0016 absent (stun) 1:40000 > 2:5061 tls in tls\n"
		"9 stun 0001 absent 9:50000 > 3:6000 tls in tls,send\n");
	wire_close(&w);
}

/* The ports are used again, after a reset or a new SYN. */
static void connections_follow_each_other(void **state)
{
	struct wire w;
	struct tls_wire t;
	char *got;

	(void)state;
	begin(&t, &w);
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	tls_wire_send(&t, 0, SLICE("half of a mess"));
	w.now += WIRE_STEP;
	tls_wire_open(&t, &w, "1:40000", "2:5061");
	tls_wire_send_options(&t, 0, "1 OPTIONS");
	got = heard_tls(&w, tls_wire_keylog, 0);
	assert_non_null(strstr(got, "7 sip OPTIONS 1:40000 > 2:5061 tls"));
	assert_null(strstr(got, "unreadable"));
	free(got);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"both_sides_are_read", both_sides_are_read},
	{"without_a_key_nothing_is_heard", without_a_key_nothing_is_heard},
	{"a_key_may_come_late", a_key_may_come_late},
	{"a_key_may_come_late_where_nothing_is_read_again",
	 a_key_may_come_late_where_nothing_is_read_again},
	{"a_later_handshake_may_wait_for_its_key",
	 a_later_handshake_may_wait_for_its_key},
	{"a_key_may_come_when_it_is_over", a_key_may_come_when_it_is_over},
	{"what_is_held_has_holes_and_a_limit",
	 what_is_held_has_holes_and_a_limit},
	{"messages_are_cut_into_records", messages_are_cut_into_records},
	{"records_are_cut_into_segments", records_are_cut_into_segments},
	{"reading_goes_on_behind_a_hole", reading_goes_on_behind_a_hole},
	{"the_next_record_is_searched_for", the_next_record_is_searched_for},
	{"what_does_not_decrypt_is_said_once",
	 what_does_not_decrypt_is_said_once},
	{"turn_over_tls_is_read_with_its_envelopes",
	 turn_over_tls_is_read_with_its_envelopes},
	{"connections_follow_each_other", connections_follow_each_other},
};
T_MAIN(cases)
