/* Lines of a program that something wrapped up in objects of JSON, and messages
 * in archives of browsers. */
#include "config.h"

#include "capture/log_har.h"
#include "capture/log_json.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define DOCKER(line, ns)                                          \
	"{\"log\":\"" line "\",\"stream\":\"stdout\",\"time\":\"" \
	"2026-11-30T12:00:00." ns "Z\"}\n"
#define JOURNALD(line)                                             \
	"{ \"_PID\" : \"7\", \"MESSAGE\" : \"" line "\", \"a\" : " \
	"[1, {\"b\": \"]}\"}], "                                   \
	"\"__REALTIME_TIMESTAMP\" : \"1796040000500000\" }\n"
#define SHIPPER(line)                                                   \
	"{\"@timestamp\":\"2026-11-30T13:00:00.5+01:00\",\"n\":-1.5e3," \
	"\"message\":\"" line "\",\"ok\":true}\n"

#define MESSAGE(WRAP, a, b, c, d, e)                          \
	WRAP("Received:", a)                                  \
	WRAP("BYE sip:b@c SIP/2.0", b)                        \
	WRAP("Call-ID: \\u00e9\\\"\\\\1\\/\\ud83d\\ude00", c) \
	WRAP("CSeq: 1 BYE", d) WRAP("Content-Length: 0", e) WRAP("", e)
#define BYE                                           \
	"BYE sip:b@c SIP/2.0\r\n"                     \
	"Call-ID: \xC3\xA9\"\\1/\xF0\x9F\x98\x80\r\n" \
	"CSeq: 1 BYE\r\n"                             \
	"Content-Length: 0\r\n\r\n"

#define ENDED(line, ns) DOCKER(line "\\r\\n", ns)
#define BARE(line, ns) DOCKER(line "\\n", ns)
#define JOURNAL(line, ns) JOURNALD(line)
#define SHIPPED(line, ns) SHIPPER(line)

static struct t_log got;

static void lines_come_back(void **state)
{
	static const char *const texts[] = {
		MESSAGE(ENDED, "5", "500000001", "51", "520", "53"),
		MESSAGE(BARE, "5", "500000001", "51", "520", "53"),
		MESSAGE(JOURNAL, "", "", "", "", ""),
		MESSAGE(SHIPPED, "", "", "", "", ""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		print_message("# %s\n", texts[i]);
		t_read_log(slice_of_text(texts[i]), &got);
		assert_int_equal(got.frames.opened, STATUS_OK);
		assert_string_equal(got.frames.info.format, "sip-text");
		assert_int_equal(got.frames.end, STATUS_END);
		assert_int_equal(got.frames.count, 1);
		t_equal_text(got.records[0].text, BYE);
		t_is_time(&got.frames.list[0],
			  "2026-11-30T12:00:00.500000000Z");
	}
}

#define PRETTY(line, ns)                                          \
	"{\n\t\"_PID\" : \"7\",\n\t\"MESSAGE\" : \"" line "\",\n" \
	"\t\"A\" : [\n\t\t1,\n\t\t{\n\t\t}\n\t],\n"               \
	"\t\"__REALTIME_TIMESTAMP\" : \"1796040000500000\"\n}\n"

static void objects_over_several_lines(void **state)
{
	(void)state;
	t_read_log(SLICE("-- Boot --\n" MESSAGE(PRETTY, "", "", "", "", "")),
		   &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, 1);
	t_equal_text(got.records[0].text, BYE);
	t_is_time(&got.frames.list[0], "2026-11-30T12:00:00.500000000Z");
}

static const char *made_of(const char *text, char to[512])
{
	uint8_t room[512];
	struct slice made =
		log_maker_convert(json_lines_maker(), slice_of_text(text), room,
				  sizeof(room) - 1);

	memcpy(to, made.p, made.n);
	to[made.n] = 0;
	return to;
}

static void what_is_no_object_stays(void **state)
{
	static const char *const rows[] = {
		"hello\n",
		"{\n",
		"{\"log\":\"open\n",
		"{\"other\":\"x\"}\n",
		"{\"log\" \"x\"}\n",
		"{\"log\":\"x\"\n",
		"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1,\"log\":\"x\"}\n",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(made_of(rows[i], text), rows[i]);
	assert_string_equal(made_of("{\"log\":1}\n", text), "{\"log\":1}\n");
	assert_string_equal(made_of("{\"log\":\"\\u00\\q\\ud83dx\"}\n", text),
			    "\\u00q\xED\xA0\xBDx\n");
}

/* Whatever stands beside them in the object. */
static void times_and_lines_are_found(void **state)
{
	static const char *const rows[][2] = {
		{"{\"ts\":1796040000.5,\"msg\":\"a\"}",
		 "2026-11-30T12:00:00.500000000Z a\n"},
		{"{\"time\":1796040000500,\"msg\":\"a\"}",
		 "2026-11-30T12:00:00.500000000Z a\n"},
		{"{\"time\":\"2026-11-30T12:00:00.5Z\",\"ts\":7,\"msg\":\"a\"}",
		 "2026-11-30T12:00:00.500000000Z a\n"},
		{"{\"time\":\"2026-11-30 12:00:00.5\",\"msg\":\"a\"}",
		 "2026-11-30T12:00:00.500000000 a\n"},
		{"{\"ts\":17,\"msg\":\"a\"}", "a\n"},
		{"{\"message\":\"a\",\"log\":{\"level\":\"b\"}}", "a\n"},
		{"{\"message\":\"a\",\"line\":\"42\"}", "a\n"},
		{"{\"line\":\"42\",\"message\":\"a\"}", "a\n"},
		{"{\"msg\":\"a\",\"line\":42}", "a\n"},
		{"{\"MESSAGE\":[86, 105,195,169 ,13,10,97,13,10]}",
		 "Vi\xC3\xA9\na\n"},
		{"{\"MESSAGE\":[256,-1,\"a\",98]}", "b\n"},
		{"{\n\"msg\":\"a\"\n}\n{\n\"msg\":\"b\"\n}", "a\nb\n"},
		{"{\n\"msg\":\"a\"\n{\n\"msg\":\"b\"\n}",
		 "{\n\"msg\":\"a\"\nb\n"},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(made_of(rows[i][0], text), rows[i][1]);
}

static void messages_in_one_string_are_none(void **state)
{
	(void)state;
	assert_true(json_lines_claim(SLICE(DOCKER(
		"BYE sip:b@c SIP/2.0\\r\\n", "1") DOCKER("Via: x\\n", "2"))));
	assert_false(json_lines_claim(
		SLICE(DOCKER("BYE sip:b@c SIP/2.0\\r\\nVia: x\\r\\n", "1"))));
	assert_false(json_lines_claim(
		SLICE(DOCKER("hello", "1") DOCKER("Via: x", "2"))));
	assert_false(json_lines_claim(SLICE("BYE sip:b@c SIP/2.0\nVia: x\n")));
}

/* ---- archives of browsers ---- */

#define HAR_FRONT                                    \
	"{\n  \"log\": {\n    \"creator\": {\n"      \
	"      \"name\": \"WebInspector\"\n    },\n" \
	"    \"entries\": [\n      {\n"              \
	"        \"_webSocketMessages\": [\n"
#define HAR_MESSAGE(type, time, data)                                   \
	"          {\n            \"type\": \"" type "\",\n"            \
	"            \"time\": " time ",\n            \"opcode\": 1,\n" \
	"            \"data\": \"" data "\"\n          },\n"
#define HAR_BYE                                                              \
	"BYE sip:b@c SIP/2.0\\r\\nVia: SIP/2.0/WSS a.invalid;branch=1\\r\\n" \
	"Call-ID: \\\"1\\r\\nCSeq: 1 BYE\\r\\nContent-Length: 0\\r\\n\\r\\n"
#define HAR_OK                                                          \
	"SIP/2.0 200 OK\\r\\nVia: SIP/2.0/WSS a.invalid;branch=1\\r\\n" \
	"Call-ID: \\\"1\\r\\nCSeq: 1 BYE\\r\\nContent-Length: 0\\r\\n\\r\\n"
#define HAR                                                                 \
	HAR_FRONT HAR_MESSAGE("send", "1796040000.5", HAR_BYE) HAR_MESSAGE( \
		"send", "1796040000.6", "\\r\\n\\r\\n")                     \
		HAR_MESSAGE("receive", "1796040000.75", HAR_OK) "        ]\n"

static void messages_of_browsers(void **state)
{
	(void)state;
	t_read_log(SLICE(HAR), &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, 2);
	t_equal_text(got.records[0].text,
		     "BYE sip:b@c SIP/2.0\r\n"
		     "Via: SIP/2.0/WSS a.invalid;branch=1\r\n"
		     "Call-ID: \"1\r\nCSeq: 1 BYE\r\n"
		     "Content-Length: 0\r\n\r\n");
	t_is_time(&got.frames.list[0], "2026-11-30T12:00:00.500000000Z");
	t_is_time(&got.frames.list[1], "2026-11-30T12:00:00.750000000Z");
	assert_true(slice_starts(got.records[1].text, SLICE("SIP/2.0 200")));
	/* The browser sent one, and received the other. */
	assert_int_equal(got.records[0].src.family, FAMILY_NAME);
	assert_true(endpoint_equal(&got.records[0].src, &got.records[1].dst));
}

static void archives_without_sip_are_none(void **state)
{
	(void)state;
	assert_true(har_claims(SLICE(HAR)));
	assert_false(har_claims(SLICE(HAR_FRONT HAR_MESSAGE(
		"send", "1796040000.5", "{\\\"sdp\\\":1}"))));
	assert_false(har_claims(SLICE("\"data\": \"" HAR_BYE "\"\n")));
	assert_false(har_claims(SLICE("\"opcode\": 1\ndata: " HAR_BYE "\n")));
}

static void without_memory(void **state)
{
	struct t_log_need need = {
		.text = SLICE(MESSAGE(ENDED, "1", "2", "3", "4", "5")),
		.records = 1,
		.by_more = true,
	};

	(void)state;
	assert_true(t_log_reads(&need));
	t_failing_walk(t_log_reads, &need);
}

static const struct t_case cases[] = {
	{"lines_come_back", lines_come_back},
	{"objects_over_several_lines", objects_over_several_lines},
	{"times_and_lines_are_found", times_and_lines_are_found},
	{"what_is_no_object_stays", what_is_no_object_stays},
	{"messages_in_one_string_are_none", messages_in_one_string_are_none},
	{"messages_of_browsers", messages_of_browsers},
	{"archives_without_sip_are_none", archives_without_sip_are_none},
	{"without_memory", without_memory},
};

T_MAIN(cases)
