/* Records of logs become messages: whole, in pieces, masked and cut. */
#include "config.h"

#include "core/record.h"
#include "flow/stages.h"
#include "flow/driver.h"
#include "tests/support/t.h"

#define HEAD(length)                                            \
	"MESSAGE sip:bob@example.com SIP/2.0\r\n"               \
	"Via: SIP/2.0/TCP 192.0.2.35:49731;branch=z9hG4bK1\r\n" \
	"From: <sip:alice@example.com>;tag=a\r\n"               \
	"To: <sip:bob@example.com>\r\n"                         \
	"Call-ID: one\r\n"                                      \
	"CSeq: 1 MESSAGE\r\n"                                   \
	"Max-Forwards: 70\r\n"                                  \
	"Content-Length: " length "\r\n\r\n"

/* What came out, a line a message: frame, method, transport, body. */
struct hearing {
	struct driver *driver;
	struct keyring *keys;
	struct text lines;
	uint64_t frames;
	enum status status; /* of the newest frame */
};

static void take(void *context, const struct message *m)
{
	struct hearing *h = context;
	const struct sip_message *sip = m->u.sip;

	text_printf(&h->lines, "%u ", (unsigned)m->from.frame);
	if (m->kind == MESSAGE_SIP)
		text_printf(&h->lines, "%.*s %s%s [%.*s]",
			    (int)sip->method_text.n, sip->method_text.p,
			    transport_name(m->from.transport),
			    sip->body_cut ? " cut" : "", (int)sip->body.n,
			    sip->body.n ? (const char *)sip->body.p : "");
	else if (m->kind == MESSAGE_REMARK)
		text_puts(&h->lines, "remark");
	else if (m->kind == MESSAGE_MALFORMED)
		text_puts(&h->lines, "malformed");
	for (size_t i = 0; m->findings && i < m->findings->count; i++)
		text_printf(&h->lines, " %s", m->findings->list[i].rule->id);
	text_putc(&h->lines, '\n');
}

static void begin(struct hearing *h)
{
	struct message_sink sink = {.context = h, .take = take};

	*h = (struct hearing){.lines = text_new(65536)};
	h->keys = keyring_new();
	assert_non_null(h->keys);
	h->driver = driver_new(h->keys, &sink);
	assert_non_null(h->driver);
}

/* Finishes, and compares. */
static void end(struct hearing *h, const char *want)
{
	driver_finish(h->driver);
	t_equal_text(text_slice(&h->lines), want);
	driver_free(h->driver);
	keyring_free(h->keys);
	text_free(&h->lines);
}

enum how { WHOLE = 0, PIECE = 1, CUT = 2, BACK = 4, TRACE = 8 };

/* Memory may be out. */
static void put(struct hearing *h, const struct record *record)
{
	struct text bytes = text_new(RECORD_MAX);
	struct frame frame = {.link_type = LINKTYPE_LOG, .number = ++h->frames};

	record_write(record, &bytes);
	frame.bytes = text_slice(&bytes);
	frame.wire_length = (uint32_t)bytes.n;
	h->status = driver_frame(h->driver, &frame);
	text_free(&bytes);
}

static void say(struct hearing *h, const char *text, unsigned how)
{
	struct endpoint ends[2];
	struct record record = {
		.kind = how & TRACE ? RECORD_TRACE : RECORD_MESSAGE,
		.piece = how & PIECE,
		.cut = how & CUT,
		.text = slice_of_text(text),
	};

	assert_int_equal(endpoint_parse(SLICE("192.0.2.35"), 49731, &ends[0]),
			 STATUS_OK);
	assert_int_equal(endpoint_parse(SLICE("192.0.2.10"), 5061, &ends[1]),
			 STATUS_OK);
	record.src = ends[!!(how & BACK)];
	record.dst = ends[!(how & BACK)];
	put(h, &record);
}

static void tell(struct hearing *h, const char *text, unsigned how)
{
	say(h, text, how);
	assert_int_equal(h->status, STATUS_OK);
}

static void a_message_is_told_once(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("4") "abcd\r\n", WHOLE);
	tell(&h, "\r\n\r\n", WHOLE);
	tell(&h, "ICEWarn=0x20\n", TRACE);
	assert_int_equal(driver_counts(h.driver)->sip, 1);
	assert_int_equal(driver_counts(h.driver)->keepalives, 1);
	end(&h, "1 MESSAGE tcp [abcd]\n3 remark\n");
}

static void pieces_are_put_together(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("8") "abcd", PIECE);
	/* The other way is another stream. */
	tell(&h, HEAD("0"), PIECE | BACK);
	tell(&h, "efgh" HEAD("3") "xyz", PIECE);
	end(&h, "2 MESSAGE tcp []\n3 MESSAGE tcp [abcdefgh]\n"
		"3 MESSAGE tcp [xyz]\n");
}

static void what_never_comes_is_cut_and_no_error(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("8") "abcd", PIECE);
	tell(&h, HEAD("0"), PIECE);
	tell(&h, HEAD("9") "ab", PIECE);
	end(&h, "1  capture/log-truncated\n1 MESSAGE tcp cut [abcd]\n"
		"2 MESSAGE tcp []\n"
		"3  capture/log-truncated\n3 MESSAGE tcp cut [ab]\n");
}

static void what_the_logger_cut_is_not_malformed(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("8") "abcd", CUT | PIECE);
	tell(&h, "MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/T",
	     CUT | PIECE);
	tell(&h, "the end of something", PIECE);
	end(&h, "1  capture/log-truncated\n1 MESSAGE tcp cut [abcd]\n"
		"2  capture/log-truncated\n2 MESSAGE tls cut []\n"
		"3  capture/log-truncated\n");
}

/* A masked body, or one whose lines lost their CR, proves nothing. */
static void lengths_are_no_errors(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("80") "***", WHOLE);
	tell(&h, HEAD("2") "***", WHOLE);
	tell(&h, HEAD("6") "a\nb\n", WHOLE);
	tell(&h, HEAD("4") "a\nb\n", WHOLE);
	end(&h, "1 MESSAGE tcp cut [***]\n2 MESSAGE tcp [***]\n"
		"3 MESSAGE tcp [a\r\nb\r\n]\n4 MESSAGE tcp [a\nb\n]\n");
}

static void a_restart_forgets_what_waits(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	tell(&h, HEAD("8") "abcd", PIECE);
	driver_restart(h.driver);
	tell(&h, HEAD("0"), PIECE);
	end(&h, "2 MESSAGE tcp []\n");
}

static void many_may_wait(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	for (int i = 0; i < 40; i++)
		tell(&h, HEAD("8") "abcd", i & 1 ? PIECE : PIECE | BACK);
	driver_finish(h.driver);
	assert_int_equal(driver_counts(h.driver)->sip, 40);
	assert_int_equal(driver_counts(h.driver)->malformed, 0);
	driver_free(h.driver);
	keyring_free(h.keys);
	text_free(&h.lines);
}

/* Nothing but a record has that link type, but nothing may fail either. */
static void other_bytes_are_passed_over(void **state)
{
	struct hearing h;
	struct frame frame = {.link_type = LINKTYPE_LOG,
			      .number = 1,
			      .bytes = SLICE("no record")};

	(void)state;
	begin(&h);
	assert_int_equal(driver_frame(h.driver, &frame), STATUS_OK);
	end(&h, "");
}

static void ends_of(void *context, const struct message *m)
{
	struct text *to = context;

	endpoint_text(&m->from.src, to);
	text_puts(to, " > ");
	endpoint_text(&m->from.dst, to);
	text_putc(to, '\n');
}

/* The log of the client knows both ends, that of the server only its peer's. */
static void a_server_is_where_its_client_says(void **state)
{
	struct text ends = text_new(4096);
	struct message_sink sink = {.context = &ends, .take = ends_of};
	struct hearing h = {.frames = 0};
	struct keyring *keys = keyring_new();
	struct record record = {.kind = RECORD_MESSAGE,
				.text = SLICE(HEAD("0"))};

	(void)state;
	h.driver = driver_new(keys, &sink);
	assert_non_null(h.driver);
	tell(&h, HEAD("0"), WHOLE);
	assert_int_equal(
		endpoint_parse(SLICE("192.0.2.35"), 49731, &record.src),
		STATUS_OK);
	record.dst = endpoint_of_name(SLICE("fe01"), 0);
	put(&h, &record);
	record.dst = record.src;
	record.src = endpoint_of_name(SLICE("fe01"), 0);
	put(&h, &record);
	record.dst.port++;
	put(&h, &record);
	t_equal_text(text_slice(&ends), "192.0.2.35:49731 > 192.0.2.10:5061\n"
					"192.0.2.35:49731 > 192.0.2.10:5061\n"
					"192.0.2.10:5061 > 192.0.2.35:49731\n"
					"fe01 > 192.0.2.35:49732\n");
	driver_free(h.driver);
	keyring_free(keys);
	text_free(&ends);
}

/* Pieces and remarks, with stages behind; whatever fails, all comes back. */
static bool hear_in_need(void *context)
{
	struct keyring *keys = keyring_new();
	struct model model;
	struct stages *stages = NULL;
	struct driver *driver = NULL;
	struct hearing h = {.lines = text_new(1)};

	(void)context;
	model_init(&model);
	if (keys)
		stages = stages_new(&model, keys);
	if (stages) {
		struct message_sink sink = {.context = stages,
					    .take = stages_take};

		driver = driver_new(keys, &sink);
	}
	if (driver) {
		struct media_table media = {.count = 0};

		h.driver = driver;
		say(&h, HEAD("8") "abcd", PIECE);
		say(&h, "efgh", PIECE);
		say(&h, HEAD("9") "a\nb\n", WHOLE);
		say(&h, "ICEWarn=0x20\n", TRACE);
		driver_finish(driver);
		stages_finish(stages, &media);
	}
	driver_free(driver);
	stages_free(stages);
	model_free(&model);
	keyring_free(keys);
	return !t_failure_met();
}

static void gives_all_back_when_memory_is_out(void **state)
{
	(void)state;
	t_failing_walk(hear_in_need, NULL);
}

static const struct t_case cases[] = {
	{"a_message_is_told_once", a_message_is_told_once},
	{"pieces_are_put_together", pieces_are_put_together},
	{"what_never_comes_is_cut_and_no_error",
	 what_never_comes_is_cut_and_no_error},
	{"what_the_logger_cut_is_not_malformed",
	 what_the_logger_cut_is_not_malformed},
	{"lengths_are_no_errors", lengths_are_no_errors},
	{"a_restart_forgets_what_waits", a_restart_forgets_what_waits},
	{"many_may_wait", many_may_wait},
	{"other_bytes_are_passed_over", other_bytes_are_passed_over},
	{"a_server_is_where_its_client_says",
	 a_server_is_where_its_client_says},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
