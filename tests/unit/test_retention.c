/*
 * Watching: what is seen in the middle does not change what is seen at the
 * end, what is kept tells the same again, and what is over makes room.
 */
#include "config.h"

#include <glob.h>

#include "capture/set.h"
#include "flow/driver.h"
#include "flow/retention.h"
#include "flow/stages.h"
#include "report/report_json.h"
#include "tests/support/t.h"
#include "tests/support/wire.h"
#include "validate/verdict.h"

#define DOCUMENT_MAX ((size_t)64 << 20)

struct watch {
	struct keyring *keys;
	struct driver *driver;
	struct model model;
	struct stages *stages;
	struct retention *retention;
	size_t messages, view_every;
};

static void judge(struct watch *w, struct model *view)
{
	struct stages_copy copy;
	struct stages *stages;

	assert_true(stages_copy_begin(&copy, w->stages, view));
	while (stages_copy_step(&copy))
		;
	stages = stages_copy_end(&copy);
	assert_non_null(stages);
	stages_finish(stages, driver_media(w->driver));
	stages_free(stages);
	verdict_all(view, 1);
}

static void take(void *context, const struct message *m)
{
	struct watch *w = context;
	struct model view;

	stages_take(w->stages, m);
	if (w->retention)
		retention_take(w->retention, m);
	if (!w->view_every || ++w->messages % w->view_every)
		return;
	judge(w, &view);
	model_free(&view);
}

static void watch_open(struct watch *w, const struct message_sink *sink,
		       struct retention *retention)
{
	*w = (struct watch){.keys = keyring_new(), .retention = retention};
	model_init(&w->model);
	w->stages = stages_new(&w->model, w->keys);
	w->driver = driver_new(w->keys, sink);
	assert_true(w->keys && w->stages && w->driver);
}

static void watch_close(struct watch *w)
{
	stages_free(w->stages);
	model_free(&w->model);
	driver_free(w->driver);
	keyring_free(w->keys);
}

static void read_capture(struct watch *w, const char *path)
{
	struct capture_set *set = capture_set_new();
	struct fault fault;
	struct frame frame;

	assert_non_null(set);
	assert_int_equal(capture_set_add(set, path, &fault), STATUS_OK);
	while (capture_set_next(set, &frame) == STATUS_OK)
		assert_int_equal(driver_frame(w->driver, &frame), STATUS_OK);
	driver_finish(w->driver);
	capture_set_free(set);
}

static struct text document_of(struct model *model)
{
	struct text text = text_new(DOCUMENT_MAX);
	struct keys keys = keys_of(model);
	struct report_json_options options = {.version = "0", .keys = &keys};

	report_json(model, &options, &text);
	assert_int_equal(text.failed, STATUS_OK);
	keys_free(&keys);
	return text;
}

/* As one who does not watch would have it. */
static struct text plain_document(const char *path)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct text text;

	watch_open(&w, &sink, NULL);
	read_capture(&w, path);
	stages_finish(w.stages, driver_media(w.driver));
	verdict_all(&w.model, 1);
	text = document_of(&w.model);
	watch_close(&w);
	return text;
}

static void same_documents(struct text *a, struct text *b)
{
	assert_true(a->n == b->n);
	assert_memory_equal(a->p, b->p, a->n);
	text_free(a);
	text_free(b);
}

static void for_each_capture(void (*run)(const char *path))
{
	const char *top = getenv("srcdir");
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/captures/*.pcap*",
		 top ? top : ".");
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 20);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run(found.gl_pathv[i]);
	globfree(&found);
}

static void look_often(const char *path)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct text want = plain_document(path), got;
	struct model view;

	watch_open(&w, &sink, NULL);
	w.view_every = 7;
	read_capture(&w, path);
	judge(&w, &view);
	got = document_of(&view);
	model_free(&view);
	watch_close(&w);
	same_documents(&want, &got);
}

static void a_look_changes_nothing(void **state)
{
	(void)state;
	for_each_capture(look_often);
}

/* The evidence anew, from the messages that were kept. */
static void tell_again(struct watch *w)
{
	struct message_sink sink = {.take = stages_take};
	struct keyring *keys = keyring_new();

	stages_free(w->stages);
	model_free(&w->model);
	model_init(&w->model);
	w->stages = stages_new(&w->model, keys);
	assert_true(keys && w->stages);
	sink.context = w->stages;
	(void)retention_replay(w->retention, 0, SIZE_MAX, keys, &sink);
	keyring_free(w->keys);
	w->keys = keys;
}

static void keep_and_tell(const char *path)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct retention *r = retention_new(&RETENTION_DEFAULT);
	struct text want = plain_document(path), got;

	assert_non_null(r);
	watch_open(&w, &sink, r);
	read_capture(&w, path);
	tell_again(&w);
	stages_finish(w.stages, driver_media(w.driver));
	verdict_all(&w.model, 1);
	got = document_of(&w.model);
	watch_close(&w);
	retention_free(r);
	same_documents(&want, &got);
}

static void what_is_kept_tells_the_same(void **state)
{
	(void)state;
	for_each_capture(keep_and_tell);
}

/* ---- what is over ---- */

static void send_text(struct wire *w, bool from_caller, const char *start,
		      const char *cseq, unsigned call)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
			 "%s\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK"
			 "%u%s\r\nFrom: <sip:a@x.example>;tag=1\r\n"
			 "To: <sip:b@x.example>%s\r\nCall-ID: call-%u\r\n"
			 "CSeq: %s\r\nContent-Length: 0\r\n\r\n",
			 start, call, cseq, from_caller ? "" : ";tag=2", call,
			 cseq);

	wire_udp(w, from_caller ? "1:5060" : "2:5060",
		 from_caller ? "2:5060" : "1:5060", slice_of(text, (size_t)n));
}

/* Set up, and over if it `ends`. */
static void send_call(struct wire *w, unsigned call, bool ends)
{
	send_text(w, true, "INVITE sip:b@x.example SIP/2.0", "1 INVITE", call);
	send_text(w, false, "SIP/2.0 200 OK", "1 INVITE", call);
	send_text(w, true, "ACK sip:b@x.example SIP/2.0", "1 ACK", call);
	if (!ends)
		return;
	send_text(w, true, "BYE sip:b@x.example SIP/2.0", "2 BYE", call);
	send_text(w, false, "SIP/2.0 200 OK", "2 BYE", call);
}

static void hear(struct watch *w, const struct wire *wire)
{
	for (size_t i = 0; i < wire->count; i++) {
		struct frame frame = {
			.number = i + 1,
			.time = wire->times[i],
			.has_time = true,
			.link_type = LINKTYPE_RAW,
			.wire_length = (uint32_t)wire->frames[i].n,
			.bytes = wire->frames[i],
		};

		assert_int_equal(driver_frame(w->driver, &frame), STATUS_OK);
	}
}

/* Twenty calls, each third of which goes on. */
static void watch_calls(struct watch *w, const struct message_sink *sink,
			struct retention *r, struct wire *wire)
{
	wire_open(wire);
	for (unsigned i = 0; i < 20; i++) {
		send_call(wire, i, i % 3 != 0);
		wire_wait(wire, NS_PER_S);
	}
	watch_open(w, sink, r);
	hear(w, wire);
}

static size_t calls_after_trim(struct watch *w, nanoseconds now)
{
	struct model view;
	size_t calls;

	judge(w, &view);
	assert_true(retention_trim_begin(w->retention, &view, now));
	while (retention_trim_step(w->retention, w->driver, SIZE_MAX))
		;
	(void)retention_trim_end(w->retention);
	model_free(&view);
	tell_again(w);
	judge(w, &view);
	calls = view.calls.count;
	model_free(&view);
	return calls;
}

static void calls_that_are_over_make_room(void **state)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct retention_limits limits = RETENTION_DEFAULT;
	struct retention *r = retention_new(&limits);
	struct wire wire;

	(void)state;
	watch_calls(&w, &sink, r, &wire);
	assert_int_equal(calls_after_trim(&w, wire.now), 20);
	assert_int_equal(calls_after_trim(&w, wire.now + limits.linger / 2),
			 20);
	assert_int_equal(calls_after_trim(&w, wire.now + limits.linger), 7);
	assert_int_equal(retention_counts(r).messages, 7 * 3);
	assert_int_equal(retention_counts(r).ended, 13 * 5);
	/* Without a sign of life for so long these are over, too. */
	assert_int_equal(calls_after_trim(&w, wire.now + limits.silent), 0);
	assert_int_equal(retention_counts(r).bytes, 0);
	wire_close(&wire);
	watch_close(&w);
	retention_free(r);
}

static void limits_push_the_oldest_out(void **state)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct retention_limits limits = RETENTION_DEFAULT;
	struct retention *r;
	struct wire wire;

	(void)state;
	limits.calls = 4;
	r = retention_new(&limits);
	watch_calls(&w, &sink, r, &wire);
	assert_int_equal(calls_after_trim(&w, wire.now + limits.linger), 4);
	wire_close(&wire);
	watch_close(&w);
	retention_free(r);

	limits = RETENTION_DEFAULT;
	limits.bytes = 20000;
	r = retention_new(&limits);
	watch_calls(&w, &sink, r, &wire);
	assert_true(retention_due(r));
	assert_true(calls_after_trim(&w, wire.now) < 20);
	assert_true(retention_counts(r).bytes <= 15000);
	assert_true(retention_counts(r).pushed > 0);
	assert_false(retention_due(r));
	wire_close(&wire);
	watch_close(&w);
	retention_free(r);
}

static void compare_web(void *context, const struct message *m)
{
	const struct message *want = context;

	assert_int_equal(m->kind, MESSAGE_WEB);
	assert_int_equal(m->u.web->stream, want->u.web->stream);
	t_equal_bytes(m->bytes, want->bytes);
	t_equal_bytes(m->fits, want->fits);
	assert_memory_equal(&m->from, &want->from, sizeof(m->from));
	assert_int_equal(m->token_until, want->token_until);
}

/* All that a message has, and of what most have little of it takes little. */
static void all_of_a_message_comes_back(void **state)
{
	struct retention *r = retention_new(&RETENTION_DEFAULT);
	struct web_message web = {.stream = 7};
	struct message m = {
		.kind = MESSAGE_WEB,
		.bytes = SLICE("POST /WebTicket/WebTicketService.svc "
			       "HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
		.u.web = &web,
	};
	struct message_sink sink = {.context = &m, .take = compare_web};
	struct keyring *keys = keyring_new();

	(void)state;
	m.from.src = m.from.outer_src = wire_end("1:5000");
	m.from.dst = m.from.outer_dst = wire_end("2:443");
	m.from.frame = 1;
	m.from.time = 3;
	m.from.transport = TRANSPORT_TLS;
	retention_take(r, &m);
	assert_true(retention_counts(r).bytes < m.bytes.n + 192);
	assert_int_equal(retention_replay(r, 0, 1, keys, &sink), 1);
	retention_free(r);

	memset(&m.from.outer_src, 0x5A, sizeof(m.from.outer_src));
	memset(m.from.outer_dst.ip, 0xA5, sizeof(m.from.outer_dst.ip));
	m.from.wraps[0] = WRAP_TLS;
	m.from.wrap_count = 1;
	m.from.turn_session = UINT64_MAX;
	m.from.flow = UINT32_MAX;
	m.from.cut = m.from.logged = true;
	m.fits = SLICE("ufrag");
	m.token_until = INT64_MAX;
	r = retention_new(&RETENTION_DEFAULT);
	retention_take(r, &m);
	assert_int_equal(retention_replay(r, 0, 1, keys, &sink), 1);
	retention_free(r);
	keyring_free(keys);
}

/* How many of 250 are left. */
static uint64_t kept_of_many(const char *start, const char *cseq)
{
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct retention *r = retention_new(&RETENTION_DEFAULT);
	struct wire wire;
	uint64_t left;

	wire_open(&wire);
	for (unsigned i = 0; i < 250; i++)
		send_text(&wire, true, start, cseq, 7);
	watch_open(&w, &sink, r);
	hear(&w, &wire);
	assert_int_equal(retention_counts(r).messages, 250);
	(void)calls_after_trim(&w, wire.now);
	left = retention_counts(r).messages;
	wire_close(&wire);
	watch_close(&w);
	retention_free(r);
	return left;
}

/* A registration that is renewed for ever keeps its first and last messages,
 * and fewer: there are thousands of them. */
static void the_middle_of_long_talks_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(
		kept_of_many("OPTIONS sip:b@x.example SIP/2.0", "1 OPTIONS"),
		128);
	assert_int_equal(
		kept_of_many("REGISTER sip:x.example SIP/2.0", "1 REGISTER"),
		32);
	assert_int_equal(kept_of_many("SIP/2.0 200 OK", "1 REGISTER"), 32);
}

static void the_driver_forgets_what_is_silent(void **state)
{
	static const uint8_t rtp[40] = {0x80, 8};
	struct watch w;
	struct message_sink sink = {.context = &w, .take = take};
	struct keyring *fresh = keyring_new();
	struct wire wire;

	(void)state;
	wire_open(&wire);
	for (unsigned i = 0; i < 20; i++) {
		uint8_t packet[40];

		memcpy(packet, rtp, sizeof(packet));
		packet[3] = (uint8_t)i;
		packet[11] = 1;
		wire_udp(&wire, "1:4000", "2:4000", slice_of(packet, 40));
		if (i < 10)
			wire_udp(&wire, "3:4000", "4:4000",
				 slice_of(packet, 40));
	}
	watch_open(&w, &sink, NULL);
	hear(&w, &wire);
	assert_int_equal(driver_media(w.driver)->count, 2);
	assert_int_equal(driver_held(w.driver), 4);
	assert_true(driver_forget(w.driver, wire.now - 60 * NS_PER_S));
	assert_int_equal(driver_held(w.driver), 4);
	assert_true(driver_renew(w.driver, fresh, wire.now - 5 * WIRE_STEP));
	assert_int_equal(driver_media(w.driver)->count, 1);
	assert_int_equal(driver_held(w.driver), 2);
	assert_int_equal(driver_media(w.driver)->rows[0].statistics.packets,
			 20);
	assert_int_equal(driver_limits(w.driver).flows_evicted, 0);
	/* The stream goes on where it was. */
	hear(&w, &wire);
	assert_int_equal(driver_media(w.driver)->count, 2);
	wire_close(&wire);
	watch_close(&w);
	keyring_free(fresh);
}

static const struct t_case cases[] = {
	{"a_look_changes_nothing", a_look_changes_nothing},
	{"what_is_kept_tells_the_same", what_is_kept_tells_the_same},
	{"calls_that_are_over_make_room", calls_that_are_over_make_room},
	{"limits_push_the_oldest_out", limits_push_the_oldest_out},
	{"all_of_a_message_comes_back", all_of_a_message_comes_back},
	{"the_middle_of_long_talks_is_dropped",
	 the_middle_of_long_talks_is_dropped},
	{"the_driver_forgets_what_is_silent",
	 the_driver_forgets_what_is_silent},
};
T_MAIN(cases)
