/* Dumps of chrome://webrtc-internals. */
#include "config.h"

#include "tests/support/failing.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define ENTRY(type, value, when)                                        \
	"    {\n     \"type\": \"" type "\",\n     \"value\": \"" value \
	"\",\n     " when "\n    },\n"
#define AT(ms) "\"timestamp\": " ms
#define LOG(name, entries)                                                   \
	"  \"" name "\": {\n   \"pid\": 7,\n   \"stats\": {\n    \"A-b\": {" \
	"\n     \"values\": \"[1,2]\"\n    }\n   },\n"                       \
	"   \"updateLog\": [\n" entries "   ],\n   \"url\": \"x\"\n  },\n"
#define DUMP(logs) \
	"{\n \"getUserMedia\": [],\n \"PeerConnections\": {\n" logs " }\n}\n"

#define OFFER "{\\\"type\\\":\\\"offer\\\",\\\"sdp\\\":\\\"v=0\\\\r\\\\n\\\"}"
#define OFFER_READ "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}"

/* clang-format off */
#define COURSE                                                             \
	ENTRY("setLocalDescription", "", AT("1000.5"))                     \
	ENTRY("setLocalDescriptionOnSuccess", OFFER, AT("1001"))           \
	ENTRY("onicegatheringstatechange", "\\\"gathering\\\"",            \
	      AT("1002.062"))                                              \
	ENTRY("setRemoteDescription", OFFER, AT("1003"))                   \
	ENTRY("oniceconnectionstatechange", "\\\"failed\\\"", AT("1004"))  \
	ENTRY("transceiverAdded", "{}", AT("1005"))                        \
	ENTRY("icecandidateerror", "{\\\"error_code\\\":701}", AT("1006"))
#define FIRST                                                              \
	ENTRY("setLocalDescription", OFFER, AT("10"))                      \
	ENTRY("close", "", AT("30"))
#define SECOND                                                             \
	ENTRY("setRemoteDescription", OFFER, AT("20"))                     \
	ENTRY("close", "", AT("40"))
#define CONFIGURED                                                         \
	"{\n\"PeerConnections\": {\n\"1-2\": {\n"                           \
	"\"rtcConfiguration\": \"{\\\"iceServers\\\":[{"                    \
	"\\\"urls\\\":[\\\"turn:192.0.2.1\\\"]}]}\",\n"                      \
	"\"updateLog\": [\n"                                               \
	ENTRY("addIceCandidate", "{}", AT("1"))                            \
	ENTRY("setLocalDescription", OFFER, AT("2"))                       \
	ENTRY("setLocalDescription", OFFER, AT("3"))
#define OLDER                                                              \
	ENTRY("setLocalDescription",                                       \
	      "type: offer, sdp: v=0\\r\\ns=\\\"-\\r\\n",                     \
	      "\"time\": \"2020-03-14 12:00:00\"")                         \
	ENTRY("icecandidate",                                              \
	      "sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:1 1 udp " \
	      "1 192.0.2.1 9 typ host, url: stun:x",                       \
	      "\"time\": \"2020-03-14 12:00:01\"")                         \
	ENTRY("iceConnectionStateChange", "kICEConnectionStateConnected",  \
	      "\"time\": \"nobody knows\"")
/* clang-format on */

static struct t_log got;

static void is_record(size_t at, enum record_kind kind, const char *src,
		      const char *dst, const char *text)
{
	const struct record *r = &got.records[at];

	assert_true(at < got.frames.count);
	assert_int_equal(r->kind, kind);
	t_is_end(&r->src, src);
	t_is_end(&r->dst, dst);
	t_equal_text(r->text, text);
}

static void entries_become_records(void **state)
{
	(void)state;
	t_read_log(SLICE(DUMP(LOG("8-2", COURSE))), &got);
	assert_string_equal(got.frames.info.format, "webrtc-internals");
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, 5);
	assert_false(got.frames.info.zoneless);
	is_record(0, RECORD_TOLD, "browser-8-2", "far-end-8-2", OFFER_READ);
	t_is_time(&got.frames.list[0], "1970-01-01T00:00:01.001000000Z");
	is_record(1, RECORD_STATE, "browser-8-2", "far-end-8-2",
		  "candidates: gathering");
	t_is_time(&got.frames.list[1], "1970-01-01T00:00:01.002062000Z");
	is_record(2, RECORD_TOLD, "far-end-8-2", "browser-8-2", OFFER_READ);
	is_record(3, RECORD_STATE, "browser-8-2", "far-end-8-2", "ICE: failed");
	assert_int_equal(got.records[3].level, RECORD_FAILS);
	is_record(4, RECORD_TRACE, "browser-8-2", "far-end-8-2",
		  "no candidate: {error_code:701}");
	assert_int_equal(got.records[4].level, RECORD_WARNS);
}

/* Each connection has a log of its own; there is one time. */
static void connections_are_told_together(void **state)
{
	(void)state;
	t_read_log(SLICE(DUMP(LOG("8-1", FIRST) LOG("8-1234567", SECOND))),
		   &got);
	assert_int_equal(got.frames.count, 4);
	is_record(0, RECORD_TOLD, "browser-8-1", "far-end-8-1", OFFER_READ);
	assert_false(endpoint_equal(&got.records[1].src, &got.records[0].dst));
	is_record(2, RECORD_STATE, "browser-8-1", "far-end-8-1",
		  "connection closed");
}

#define STAT(name, values)                          \
	"\"" name "\": {\n \"statsType\": \"x\",\n" \
	" \"values\": \"" values "\"\n},\n"

/* clang-format off */
#define FIGURES                                                            \
	STAT("T01-selectedCandidatePairId",                                \
	     "[\\\"CPa-x\\\",\\\"CPb\\\"]")                                \
	STAT("T02-selectedCandidatePairId", "[\\\"CPno\\\"]")              \
	STAT("CPb-localCandidateId", "[\\\"I1\\\"]")                       \
	STAT("CPb-remoteCandidateId", "[\\\"I-2\\\"]")                     \
	STAT("I1-address", "[\\\"192.0.2.1\\\"]")                          \
	STAT("I1-port", "[1,5000]")                                        \
	STAT("I1-candidateType", "[\\\"relay\\\"]")                        \
	STAT("I1-protocol", "[\\\"udp\\\"]")                               \
	STAT("I1-relayProtocol", "[\\\"tls\\\"]")                          \
	STAT("I-2-address", "[\\\"2001:db8::1\\\"]")                       \
	STAT("I-2-port", "[6000]")
#define ENDED_BY_FIGURES                                                   \
	"{\n\"PeerConnections\": {\n\"1-2\": {\n\"updateLog\": [\n"        \
	ENTRY("setLocalDescription", OFFER, AT("5"))                       \
	"],\n\"stats\": {\n" FIGURES "}\n}\n}\n}\n"
#define NONSENSE                                                           \
	ENTRY("setLocalDescription", OFFER, AT("99999999999999999999"))    \
	ENTRY("setLocalDescription", "v=0", AT("-1"))                      \
	ENTRY("setRemoteDescription", "type: offer", AT("1.x"))            \
	"    {\n     \"type\": 7,\n     \"value\"\n }\n"                   \
	ENTRY("icecandidate", "sdpMid: 0", AT(""))
/* clang-format on */

/* Figures behind the log: the last of each says which pair was in use. */
static void the_pair_in_use_is_told(void **state)
{
	const struct slice text = SLICE(ENDED_BY_FIGURES);

	(void)state;
	t_read_log(text, &got);
	assert_int_equal(got.frames.count, 2);
	is_record(1, RECORD_STATE, "browser-1-2", "far-end-1-2",
		  "pair in use: relay udp 192.0.2.1:5000 (over tls) - ? ? "
		  "[2001:db8::1]:6000");
	t_is_time(&got.frames.list[1], "1970-01-01T00:00:00.005000000Z");
}

/* What the page allows stands behind the first own description. */
static void configuration_is_told_once(void **state)
{
	(void)state;
	t_read_log(SLICE(CONFIGURED), &got);
	assert_int_equal(got.frames.count, 4);
	is_record(2, RECORD_STATE, "browser-1-2", "far-end-1-2",
		  "configured: {iceServers:[{urls:[turn:192.0.2.1]}]}");
}

/* Until Chrome 89 values were no JSON, and times those of the language. */
static void older_words_are_known(void **state)
{
	(void)state;
	t_read_log(SLICE(DUMP(LOG("8-2", OLDER))), &got);
	assert_int_equal(got.frames.count, 3);
	is_record(0, RECORD_TOLD, "browser-8-2", "far-end-8-2",
		  "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\ns=-\\r\\n\"}");
	t_is_time(&got.frames.list[0], "2020-03-14T12:00:00.000000000Z");
	assert_true(got.frames.info.zoneless);
	is_record(1, RECORD_TOLD, "browser-8-2", "far-end-8-2",
		  "{\"sdpMid\":\"0\",\"candidate\":\"candidate:1 1 udp 1 "
		  "192.0.2.1 9 typ host\"}");
	is_record(2, RECORD_STATE, "browser-8-2", "far-end-8-2",
		  "ICE: connected");
	t_is_time(&got.frames.list[2], "2020-03-14T12:00:01.000000000Z");
}

static void nonsense_is_passed_over(void **state)
{
	(void)state;
	t_read_log(SLICE(DUMP(LOG("8-2", NONSENSE) "  \"x-2\": {\n  },\n"
						   " \"8-2\": [\n")),
		   &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, 1);
	assert_false(got.frames.list[0].has_time);
}

static void without_memory(void **state)
{
	struct t_log_need need = {
		.text = SLICE(DUMP(LOG(
			"8-2", ENTRY("setLocalDescription", OFFER, AT("10"))))),
		.records = 1,
	};

	(void)state;
	assert_true(t_log_reads(&need));
	t_failing_walk(t_log_reads, &need);
}

static const struct t_case cases[] = {
	{"entries_become_records", entries_become_records},
	{"connections_are_told_together", connections_are_told_together},
	{"the_pair_in_use_is_told", the_pair_in_use_is_told},
	{"configuration_is_told_once", configuration_is_told_once},
	{"older_words_are_known", older_words_are_known},
	{"nonsense_is_passed_over", nonsense_is_passed_over},
	{"without_memory", without_memory},
};

T_MAIN(cases)
