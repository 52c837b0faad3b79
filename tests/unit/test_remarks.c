/* What programs say beside their messages, and which call it is about. */
#include "config.h"

#include "core/record.h"
#include "flow/driver.h"
#include "flow/stages.h"
#include "tests/support/t.h"
#include "validate/verdict.h"

#define HEADERS(call)                                         \
	"Via: SIP/2.0/TCP 192.0.2.1:5010;branch=z9hG4bK" call \
	"\r\nFrom: <sip:alice@example.com>;tag=a\r\n"         \
	"To: <sip:bob@example.com>\r\nCall-ID: " call         \
	"\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"          \
	"Content-Length: 0\r\n\r\n"
#define INVITE(call) "INVITE sip:bob@example.com SIP/2.0\r\n" HEADERS(call)
#define BUSY(call) "SIP/2.0 486 Busy Here\r\n" HEADERS(call)

struct scene {
	struct keyring *keys;
	struct model model;
	struct stages *stages;
	struct driver *driver;
	uint64_t frames;
};

static void begin(struct scene *s)
{
	struct message_sink sink = {.take = stages_take};

	*s = (struct scene){.frames = 0};
	model_init(&s->model);
	s->keys = keyring_new();
	assert_non_null(s->keys);
	s->stages = stages_new(&s->model, s->keys);
	assert_non_null(s->stages);
	sink.context = s->stages;
	s->driver = driver_new(s->keys, &sink);
	assert_non_null(s->driver);
}

static void tell(struct scene *s, nanoseconds time, enum record_kind kind,
		 const char *text)
{
	struct record record = {.kind = (uint8_t)kind,
				.level = RECORD_WARNS,
				.text = slice_of_text(text)};
	struct text bytes = text_new(RECORD_MAX);
	struct frame frame = {.link_type = LINKTYPE_LOG,
			      .number = ++s->frames,
			      .time = time,
			      .has_time = true};
	bool answer = slice_starts(record.text, SLICE("SIP/2.0"));
	struct endpoint ends[2];

	assert_int_equal(endpoint_parse(SLICE("192.0.2.1"), 5010, &ends[0]),
			 STATUS_OK);
	assert_int_equal(endpoint_parse(SLICE("192.0.2.2"), 5061, &ends[1]),
			 STATUS_OK);
	record.src = ends[answer];
	record.dst = ends[!answer];
	record_write(&record, &bytes);
	frame.bytes = text_slice(&bytes);
	frame.wire_length = (uint32_t)bytes.n;
	assert_int_equal(driver_frame(s->driver, &frame), STATUS_OK);
	text_free(&bytes);
}

/* Joins and judges. */
static const struct remark *finish(struct scene *s)
{
	struct media_table media = {.count = 0};

	driver_finish(s->driver);
	stages_finish(s->stages, &media);
	verdict_all(&s->model, 1);
	return s->model.remarks.rows;
}

static void end(struct scene *s)
{
	driver_free(s->driver);
	stages_free(s->stages);
	model_free(&s->model);
	keyring_free(s->keys);
}

static size_t call_of(const struct scene *s, const char *call_id)
{
	for (size_t i = 0; i < s->model.calls.count; i++) {
		const struct call *call = list_at(&s->model.calls, i);

		if (call->call_id && strcmp(call->call_id, call_id) == 0)
			return i;
	}
	return LIST_NONE;
}

static void diagnostics_are_joined_by_call_id(void **state)
{
	struct scene s;
	const struct remark *r;

	(void)state;
	begin(&s);
	tell(&s, 1 * NS_PER_S, RECORD_MESSAGE, INVITE("one"));
	tell(&s, 2 * NS_PER_S, RECORD_MESSAGE, INVITE("two"));
	tell(&s, 9 * NS_PER_S, RECORD_DIAGNOSTIC,
	     "Severity: warning\nSIP-Call-ID: two\n");
	tell(&s, 9 * NS_PER_S, RECORD_DIAGNOSTIC,
	     "Severity: warning\nSIP-Call-ID: three\n");
	tell(&s, 10 * NS_PER_S, RECORD_MESSAGE, BUSY("one"));
	tell(&s, 10 * NS_PER_S, RECORD_MESSAGE, BUSY("two"));
	r = finish(&s);
	assert_int_equal(s.model.remarks.count, 2);
	assert_int_equal(r[0].kind, REMARK_DIAGNOSTIC);
	assert_int_equal(r[0].level, REMARK_WARNING);
	assert_int_not_equal(r[0].call, LIST_NONE);
	assert_int_equal(r[0].call, call_of(&s, "two"));
	assert_int_equal(r[1].call, LIST_NONE);
	end(&s);
}

static bool has_cause(const struct scene *s, const struct call *call,
		      const char *id)
{
	const struct cause *rows = s->model.causes.rows;
	uint32_t at = call->causes.count ? call->causes.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (strcmp(rows[at].id, id) == 0)
			return true;
	return false;
}

static bool same_or_none(const char *got, const char *want)
{
	return got && want ? strcmp(got, want) == 0 : got == want;
}

static void results_of_diagnostics_are_causes(void **state)
{
	static const struct {
		const char *lines, *said, *result;
		uint32_t code;
		const char *cause; /* or NULL */
	} rows[] = {
		/* the result at the end of Text */
		{"Text: no match Result-Code: 0xC3E93D6F "
		 "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH\n"
		 "Peer: a.example:5061\nData: domain=\"b\"\n",
		 "no match; peer a.example:5061",
		 "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH",
		 0xc3e93d6f, "federation-dns"},
		/* a name alone, a number alone, a name that differs */
		{"Text: x\nResult-Code: WSAETIMEDOUT\n", "x", "WSAETIMEDOUT", 0,
		 "next-server-down"},
		{"Text: x\nResult-Code: 0x80090322\n", "x", NULL, 0x80090322,
		 "federation-trust"},
		{"Text: x\nResult-Code: 0xc3e93d67 OTHER\n", "x", "OTHER",
		 0xc3e93d67, "federation-trust"},
		/* not known here */
		{"Text: x\nResult-Code: 0xc3e93c5e SIPPROXY_E_ROUTING\n", "x",
		 "SIPPROXY_E_ROUTING", 0xc3e93c5e, "server-log-tells"},
		{"Text: x\n", "x", NULL, 0, "server-log-tells"},
		{"Result-Code: 0x\n", NULL, "0x", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text lines = text_new(1000);
		struct scene s;
		const struct remark *r;
		const struct call *call;

		text_printf(&lines, "%sSIP-Call-ID: one\nSIP-CSeq: 1 INVITE\n",
			    rows[i].lines);
		text_putc(&lines, '\0');
		begin(&s);
		tell(&s, 1 * NS_PER_S, RECORD_MESSAGE, INVITE("one"));
		tell(&s, 2 * NS_PER_S, RECORD_DIAGNOSTIC, lines.p);
		tell(&s, 3 * NS_PER_S, RECORD_MESSAGE, BUSY("one"));
		r = finish(&s);
		call = list_at(&s.model.calls, 0);
		assert_int_equal(r[0].code, rows[i].code);
		assert_true(same_or_none(r[0].result, rows[i].result));
		assert_true(same_or_none(r[0].said, rows[i].said));
		assert_string_equal(r[0].method, "INVITE");
		assert_int_equal(call->logged.count, 1);
		assert_true(rows[i].cause
				    ? has_cause(&s, call, rows[i].cause)
				    : !has_cause(&s, call, "server-log-tells"));
		text_free(&lines);
		end(&s);
	}
}

static void traces_are_joined_by_the_time_of_one_call(void **state)
{
	struct scene s;
	const struct remark *r;

	(void)state;
	begin(&s);
	tell(&s, 1 * NS_PER_S, RECORD_MESSAGE, INVITE("one"));
	tell(&s, 2 * NS_PER_S, RECORD_TRACE, "ICEWarn=0x120,more");
	tell(&s, 3 * NS_PER_S, RECORD_MESSAGE, INVITE("two"));
	tell(&s, 4 * NS_PER_S, RECORD_TRACE, "MR-INFO of either");
	tell(&s, 5 * NS_PER_S, RECORD_MESSAGE, BUSY("one"));
	tell(&s, 6 * NS_PER_S, RECORD_MESSAGE, BUSY("two"));
	tell(&s, 60 * NS_PER_S, RECORD_TRACE, "ICEWarn=0x1234567890");
	r = finish(&s);
	assert_int_equal(s.model.remarks.count, 3);
	assert_int_equal(r[0].call, call_of(&s, "one"));
	assert_true(r[0].has_warn);
	assert_int_equal(r[0].warn, 0x120);
	assert_int_equal(r[1].call, LIST_NONE);
	assert_int_equal(r[2].call, LIST_NONE);
	assert_false(r[2].has_warn);
	end(&s);
}

static void events_of_known_numbers_are_findings(void **state)
{
	static const struct {
		const char *provider;
		uint32_t id;
		const char *rule; /* NULL: none */
	} rows[] = {
		{"MSExchange Unified Messaging", 1438,
		 "gathering/event-guessed-edge"},
		{"MSExchange Unified Messaging", 1439,
		 "token/event-no-credentials"},
		{"MSExchange Unified Messaging", 1440,
		 "gathering/event-no-relay"},
		{"MSExchange Unified Messaging", 1441, NULL},
		{"LS Mediation Server", 25026, "token/event-no-service"},
		{"LS Mediation Server", 1439, NULL},
		{"Another Program", 25026, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct winevent event = {
			.provider = slice_of_text(rows[i].provider),
			.data = {SLICE("one"), SLICE("two")},
			.data_count = 2,
			.id = rows[i].id,
			.level = 3};
		struct scene s;
		const struct remark *r;

		begin(&s);
		stages_take_event(s.stages, &event);
		r = finish(&s);
		assert_int_equal(s.model.remarks.count, 1);
		assert_string_equal(r->text, "one; two");
		assert_int_equal(r->level, REMARK_WARNING);
		assert_int_equal(s.model.notes.count, rows[i].rule ? 1 : 0);
		if (rows[i].rule) {
			const struct note *note = s.model.notes.rows;

			assert_string_equal(note->rule->id, rows[i].rule);
			assert_true(note->rule->severity < SEVERITY_ERROR);
		}
		end(&s);
	}
}

static const struct t_case cases[] = {
	{"diagnostics_are_joined_by_call_id",
	 diagnostics_are_joined_by_call_id},
	{"results_of_diagnostics_are_causes",
	 results_of_diagnostics_are_causes},
	{"traces_are_joined_by_the_time_of_one_call",
	 traces_are_joined_by_the_time_of_one_call},
	{"events_of_known_numbers_are_findings",
	 events_of_known_numbers_are_findings},
};
T_MAIN(cases)
