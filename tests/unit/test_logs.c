/* Logs of clients and servers (capture-formats 4), Kamailio's sipdump, plain
 * text: each form, in each encoding, and cut at every byte. */
#include "config.h"

#include "capture/log_export.h"
#include "capture/log_utf16.h"
#include "capture/source.h"
#include "core/record.h"
#include "net/packet.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define PEER "192.0.2.10:5061"
#define LOCAL "192.0.2.35:49731"
#define PREFIX(time) "02/03/2015|" time " 2A4C:1B0 INFO  :: "
/* Written out so that a row keeps the lines of its log. */
#define AT_FIRST PREFIX("09:07:12.045")
#define AT_SECOND PREFIX("09:07:12.291")
#define SENT(bytes)                                                        \
	"Sending Packet - " PEER " (From Local Address: " LOCAL ") " bytes \
	" bytes"
#define RECEIVED(bytes)                                                        \
	"Data Received -" PEER " (To Local Address: " LOCAL ") " bytes " byte" \
	"s"
#define REST                                      \
	"Via: SIP/2.0/TLS 192.0.2.35:49731\r\n"   \
	"From: <sip:alice@example.com>;tag=a\r\n" \
	"To: <sip:bob@example.com>\r\n"           \
	"Call-ID: one\r\n"                        \
	"CSeq: 1 MESSAGE\r\n"
#define MESSAGE                                        \
	"MESSAGE sip:bob@example.com SIP/2.0\r\n" REST \
	"Content-Length: 4\r\n\r\nabcd"
#define OK "SIP/2.0 200 OK\r\n" REST "Content-Length: 0\r\n\r\n"

static const char client_log[] =
	PREFIX("09:07:12.000") "CSIPClient::Start - nothing to tell\r\n" PREFIX(
		"09:07:12.045") SENT("167") ":\r\n" PREFIX("09:07:12.045")
		MESSAGE
	"\r\n" PREFIX("09:07:12.045") "End of " SENT("167") "\r\n" PREFIX(
		"09:07:12.291") RECEIVED("167") ":\r\n" PREFIX("09:07:12.291")
		OK PREFIX("09:07:12.291") "End of " RECEIVED(
			"167") "\r\n" PREFIX("09:07:13.000") "MR-INFO ICE: no "
							     "candidate pair "
							     "left\r\n";

/* ---- the client's log ---- */

static void is_client_log(const struct t_log *got)
{
	const struct record *r = got->records;

	assert_int_equal(got->frames.opened, STATUS_OK);
	assert_string_equal(got->frames.info.format, "uccapi");
	assert_int_equal(got->frames.end, STATUS_END);
	assert_int_equal(got->frames.count, 3);
	t_is_end(&r[0].src, LOCAL);
	t_is_end(&r[0].dst, PEER);
	t_is_end(&r[1].src, PEER);
	t_is_end(&r[1].dst, LOCAL);
	assert_int_equal(r[0].kind, RECORD_MESSAGE);
	assert_int_equal(r[2].kind, RECORD_TRACE);
	assert_false(r[0].cut);
	assert_false(r[1].cut);
	t_is_time(&got->frames.list[0], "2015-02-03T09:07:12.045000000Z");
	t_is_time(&got->frames.list[1], "2015-02-03T09:07:12.291000000Z");
	t_equal_text(r[2].text, "MR-INFO ICE: no candidate pair left\n");
	assert_int_equal(got->frames.info.passed, 1);
	assert_non_null(strstr(got->frames.info.passed_first.text, "Start"));
	assert_int_equal(got->frames.info.truncated, 0);
}

static void blocks_of_a_client_are_messages(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(slice_of_text(client_log), &got);
	is_client_log(&got);
	t_equal_text(slice_first(got.records[0].text, sizeof(MESSAGE) - 1),
		     MESSAGE);
	t_equal_text(slice_first(got.records[1].text, sizeof(OK) - 1), OK);
	assert_int_equal(got.records[0].offset,
			 strlen(PREFIX("09:07:12.000")) + 37);
}

/* Units of two bytes, in the order of `big`. */
static struct slice widened(const char *text, bool big, bool mark)
{
	size_t n = strlen(text), at = 0;
	uint8_t *to = calloc(n + 1, 2);

	assert_non_null(to);
	if (mark) {
		to[at++] = big ? 0xFE : 0xFF;
		to[at++] = big ? 0xFF : 0xFE;
	}
	for (size_t i = 0; i < n; i++) {
		to[at + big] = (uint8_t)text[i];
		at += 2;
	}
	return slice_of(to, at);
}

static void encodings_do_not_matter(void **state)
{
	struct t_log got;
	struct text marked = text_new(8192);

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct slice wide = widened(client_log, i & 1, i & 2);

		t_read_log(wide, &got);
		is_client_log(&got);
		t_equal_text(
			slice_first(got.records[0].text, sizeof(MESSAGE) - 1),
			MESSAGE);
		t_release(wide);
	}
	text_puts(&marked, "\xEF\xBB\xBF");
	text_puts(&marked, client_log);
	t_read_log(text_slice(&marked), &got);
	is_client_log(&got);
	text_free(&marked);
}

static void surrogates_and_odd_bytes(void **state)
{
	static const struct {
		const char *hex, *want;
	} rows[] = {
		{"fffe 4100 3dd8 00de", "A\xF0\x9F\x98\x80"},
		{"feff 0041 d83d de00", "A\xF0\x9F\x98\x80"},
		{"fffe 3dd8 4100", "\xEF\xBF\xBD"
				   "A"},
		{"fffe 00de 4100", "\xEF\xBF\xBD"
				   "A"},
		{"fffe 4100 42", "A"},
		{"fffe 41fe fffe", "\xEF\xB9\x81\xEF\xBB\xBF"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].hex);

		/* In pieces of every size. */
		for (size_t n = 1; n <= in.n; n++) {
			struct utf16_rest rest = {.high = 0};
			uint8_t out[64];
			size_t made = 0, at = 0, used;

			while (at < in.n) {
				made += utf16_convert(
					&rest, utf16_order_of(in),
					slice_cut(in, at, n), out + made,
					sizeof(out) - made, &used);
				at += used;
			}
			t_equal_text(slice_of(out, made), rows[i].want);
		}
		t_release(in);
	}
}

static void bare_line_feeds_give_the_same_heads(void **state)
{
	struct text bare = text_new(8192);
	struct t_log got;

	(void)state;
	for (const char *p = client_log; *p; p++)
		if (*p != '\r')
			text_putc(&bare, *p);
	t_read_log(text_slice(&bare), &got);
	is_client_log(&got);
	t_equal_text(slice_first(got.records[0].text, sizeof(MESSAGE) - 1),
		     MESSAGE);
	text_free(&bare);
}

static void wrapped_lines_are_joined(void **state)
{
	struct t_log got;

	(void)state;
	/* clang-format off */
	t_read_log(
		SLICE(AT_FIRST "Sending Packet - " PEER
			       " (From Local Address:\n" LOCAL
			       ") 60 bytes:\n"
			       AT_FIRST
			       "OPTIONS sip:x SIP/2.0\n"
			       "Record-Route: <sip:a>,\n"
			       "<sip:b>\n\n"
			       AT_FIRST "End of " SENT("60") "\n"),
		&got);
	/* clang-format on */
	assert_int_equal(got.frames.count, 1);
	t_is_end(&got.records[0].src, LOCAL);
	t_is_end(&got.records[0].dst, PEER);
	t_equal_text(got.records[0].text,
		     "OPTIONS sip:x SIP/2.0\r\nRecord-Route: <sip:a>,\r\n "
		     "<sip:b>\r\n\r\n");
}

static void what_lacks_an_end_is_cut(void **state)
{
	static const char *const rows[] = {
		/* clang-format off */
		/* another message begins */
		AT_FIRST SENT("167") ":\n"
		AT_FIRST "OPTIONS sip:x SIP/2.0\nTo: <sip:x>\n"
		AT_SECOND RECEIVED("30") ":\n"
		AT_SECOND "SIP/2.0 200 OK\nTo: <sip:x>\n\n"
		AT_SECOND "End of " RECEIVED("30") "\n",
		/* the count says so */
		AT_FIRST SENT("167") ":\n"
		AT_FIRST "OPTIONS sip:x SIP/2.0\nTo: <sip:x>\n"
		AT_FIRST "End of " SENT("167") "\n",
		/* the file ends */
		AT_FIRST SENT("40") ":\n"
		AT_FIRST "OPTIONS sip:x SIP/2.0\nTo: <sip:x>\n",
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_log got;

		t_read_log(slice_of_text(rows[i]), &got);
		assert_int_equal(got.frames.count, i == 0 ? 2 : 1);
		assert_true(got.records[0].cut);
		assert_int_equal(got.frames.info.truncated, 1);
		if (i == 0)
			assert_false(got.records[1].cut);
	}
}

static void old_logs_have_no_date(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("23:59:59.500 7D0:9A4 INFO :: OPTIONS sip:x SIP/2.0\n"
			 "To: <sip:x>\n\n"
			 "00:00:00.250 7D0:9A4 INFO :: SIP/2.0 200 OK\n"
			 "To: <sip:x>\n\n"),
		   &got);
	assert_string_equal(got.frames.info.format, "uccapi");
	assert_int_equal(got.frames.count, 2);
	assert_true(got.frames.info.undated);
	t_is_time(&got.frames.list[0], "1970-01-01T23:59:59.500000000Z");
	t_is_time(&got.frames.list[1], "1970-01-02T00:00:00.250000000Z");
	t_equal_text(got.records[1].text,
		     "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n");
}

/* The file tells the day: it was written behind what stands in it. */
static void old_logs_are_of_the_day_of_their_file(void **state)
{
	static const nanoseconds morning = 1109926800 * NS_PER_S; /* 09:00 */
	struct t_log got;

	(void)state;
	t_read_log_of(SLICE("08:15:02.410 7D0:9A4 INFO :: OPTIONS sip:x "
			    "SIP/2.0\nTo: <sip:x>\n\n"),
		      morning, &got);
	assert_true(got.frames.info.undated);
	assert_true(got.frames.info.dated_by_file);
	t_is_time(&got.frames.list[0], "2005-03-04T08:15:02.410000000Z");
	t_read_log_of(SLICE("23:59:59.500 7D0:9A4 INFO :: OPTIONS sip:x "
			    "SIP/2.0\nTo: <sip:x>\n\n"
			    "00:00:00.250 7D0:9A4 INFO :: SIP/2.0 200 OK\n"
			    "To: <sip:x>\n\n"),
		      morning, &got);
	t_is_time(&got.frames.list[0], "2005-03-03T23:59:59.500000000Z");
	t_is_time(&got.frames.list[1], "2005-03-04T00:00:00.250000000Z");
}

/* ---- server traces ---- */

#define SERVER_PREFIX                                               \
	"TL_INFO(TF_PROTOCOL) [pool01\\fe01]0B2C.0F18::03/09/2013-" \
	"14:22:07.518.0001a2c4 (SIPStack,SIPAdminLog::"             \
	"TraceProtocolRecord:SIPAdminLog.cpp(125)) [271828182] "
#define SERVER_RECORD                                       \
	"$$begin_record\n"                                  \
	"Trace-Correlation-Id: 314159265\n"                 \
	"Instance-Id: 0000A1B2\n"                           \
	"Direction: incoming;source=\"internal edge\"\n"    \
	"Peer: sip.example.com:50912\n"                     \
	"Message-Type: request\n"                           \
	"Start-Line: MESSAGE sip:bob@example.com SIP/2.0\n" \
	"To: <sip:bob@example.com>\n"                       \
	"Call-ID: one\n"                                    \
	"Content-Length: 10\n"                              \
	"Message-Body: abc\n\nef\n"                         \
	"$$end_record\n"

static void brackets_of_a_server_hold_messages(void **state)
{
	struct t_log got;
	const struct record *r = got.records;

	(void)state;
	t_read_log(SLICE("a line\n" SERVER_PREFIX SERVER_RECORD SERVER_PREFIX
			 "nothing\n" SERVER_PREFIX "\n" SERVER_RECORD),
		   &got);
	assert_string_equal(got.frames.info.format, "cls");
	assert_int_equal(got.frames.count, 2);
	assert_int_equal(got.frames.info.passed, 2);
	for (size_t i = 0; i < 2; i++) {
		t_is_end(&r[i].src, "sip.example.com:50912");
		t_is_end(&r[i].dst, "fe01");
		t_equal_text(r[i].id, "314159265");
		t_is_time(&got.frames.list[i],
			  "2013-03-09T14:22:07.518000000Z");
		assert_false(r[i].cut);
		t_equal_text(r[i].text,
			     "MESSAGE sip:bob@example.com SIP/2.0\r\n"
			     "To: <sip:bob@example.com>\r\nCall-ID: one\r\n"
			     "Content-Length: 10\r\n\r\nabc\n\nef\n");
	}
}

static void other_records_of_a_server(void **state)
{
	static const struct {
		const char *text, *src, *dst, *want;
		enum record_kind kind;
		bool cut;
	} rows[] = {
		{"TL_WARN(TF_DIAG) [0]0C30.1A08::05/11/2016-10:31:55.902."
		 "000041B7 (SIPStack,A::B:C.cpp(830)) $$begin_record\n"
		 "Severity: warning\nText: no Result-Code: 0xc3e93c5e\n"
		 "SIP-Call-ID: one\n$$end_record\n",
		 "-", "-",
		 "Severity: warning\nText: no Result-Code: 0xc3e93c5e\n"
		 "SIP-Call-ID: one\n",
		 RECORD_DIAGNOSTIC, false},
		/* an end without a beginning */
		{"TL_ERROR(TF_COMPONENT) [0]0C30.1A08::05/11/2016-10:31:55.902"
		 ".000041B7 (SIPStack,A::B:C.cpp(83))( 0001 ) failed\n"
		 "Result-Code: 0x1\n$$end_record\n",
		 "-", "-", "( 0001 ) failed\nResult-Code: 0x1\n",
		 RECORD_DIAGNOSTIC, false},
		/* a body that is none, no end, another way */
		{"TL_INFO(TF_PROTOCOL) [0]0B2C.0F18::03/09/2013-14:22:07.518."
		 "0001a2c4 (S,A::B:C.cpp(1))$$begin_record\n"
		 "Direction: outgoing\nPeer: 192.0.2.9:5061\n"
		 "Start-Line: SIP/2.0 200 OK\nTo: <sip:x>\nMessage-Body: -\n",
		 "server", "192.0.2.9:5061",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE, true},
		/* a whole message in a trace */
		{"TL_INFO(TF_COMPONENT) [0]0B2C.0F18::03/09/2013-14:22:07.518."
		 "0001a2c4 (S4,A::B:C.cs(1))<<<<Incoming SipMessage from "
		 "192.0.2.9:5061\nSIP/2.0 200 OK\nTo: <sip:x>\n\n",
		 "192.0.2.9:5061", "server",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE,
		 false},
		/* UCMA, with both addresses and an end of its own */
		{"TL_INFO(TF_PROTOCOL) [POOL01\\MED01]0B7C.1388::05/11/2016-"
		 "10:31:55.902.000041B7 (S4,A.B:c.cs(774)) [2463829]\n"
		 ">>>>>>>>>>>>Outgoing SipMessage c=[<SipTcpConnection_3C>], "
		 "192.0.2.10:5068->192.0.2.20:5060\n"
		 "SIP/2.0 200 OK\nTo: <sip:x>\n\n"
		 "------------EndOfOutgoing SipMessage\n",
		 "192.0.2.10:5068", "192.0.2.20:5060",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE,
		 false},
		{"TL_INFO(TF_PROTOCOL) [POOL01\\MED01]0B7C.1388::05/11/2016-"
		 "10:31:55.932.000041B9 (S4,A.B:c.cs(774)) [2463829]\n"
		 "<<<<<<<<<<<<Incoming SipMessage c=[<SipTlsConnection_3C>], "
		 "[2001:db8::a]:5067<-[2001:db8::b]:49169\n"
		 "SIP/2.0 200 OK\nTo: <sip:x>\n\n"
		 "------------EndOfIncoming SipMessage\n",
		 "[2001:db8::b]:49169", "[2001:db8::a]:5067",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE,
		 false},
		/* a dash that a blog made longer */
		{"TL_VERBOSE(TF_PROTOCOL) [0]0B2C.0F18::03/09/2013-14:22:07."
		 "518.0001a2c4 (S,A::B:C.cpp(1))$$begin_record\n"
		 "Direction: incoming\nPeer: 192.0.2.9:5061\n"
		 "Start-Line: SIP/2.0 200 OK\nTo: <sip:x>\n"
		 "Message-Body: \xE2\x80\x93\n$$end_record\n",
		 "192.0.2.9:5061", "server",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE,
		 false},
		/* a connection that fails */
		{"TL_ERROR(TF_CONNECTION) [POOL01\\FE01]0C30.1A08::05/11/2016-"
		 "10:31:58.902.000041C7 (SIPStack,A::B:C.cpp(460)) [0] "
		 "$$begin_record\nLogType: connection\nSeverity: error\n"
		 "Text: closed\nResult-Code: 0x80072746\n$$end_record\n",
		 "-", "-",
		 "LogType: connection\nSeverity: error\nText: closed\n"
		 "Result-Code: 0x80072746\n",
		 RECORD_DIAGNOSTIC, false},
		/* borrowed brackets */
		{"02/09/2021-10:11:12.131 [0x00001234] - --> Message to Send "
		 "(Dest Address IP:  192.0.2.2:5061):$$begin_record\n"
		 "SIP/2.0 200 OK\nTo: <sip:x>\n\n$$end_record\n",
		 "server", "192.0.2.2:5061",
		 "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n", RECORD_MESSAGE,
		 false},
		{"TL_INFO(TF_COMPONENT) [0]0B2C.0F18::03/09/2013-14:22:07.518."
		 "0001a2c4 (MediaStack,A::B:C.cs(1))ICEWarn=0x20\n",
		 "-", "-", "ICEWarn=0x20\n", RECORD_TRACE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_log got;

		t_read_log(slice_of_text(rows[i].text), &got);
		assert_int_equal(got.frames.count, 1);
		assert_int_equal(got.records[0].kind, rows[i].kind);
		t_equal_text(got.records[0].text, rows[i].want);
		t_is_end(&got.records[0].src, rows[i].src);
		t_is_end(&got.records[0].dst, rows[i].dst);
		assert_int_equal(got.records[0].cut, rows[i].cut);
		assert_true(got.frames.list[0].has_time);
	}
}

/* As they come out of tools, mail and blogs. */
static void markers_have_many_forms(void **state)
{
	static const char *const sent[] = {
		"INFO  :: Sending Packet - 192.0.2.10:5061 (From Local "
		"Address: 192.0.2.35:49731) 26 bytes:",
		"INFO :: Sending Packet - 192.0.2.10:5061 (From Local Address: "
		"192.0.2.35:49731) 26 bytes",
		"TRACE :: Sending packet -192.0.2.10:5061 (From Local Address: "
		"192.0.2.35:49731) 26 bytes:",
		"INFO\t::\tSending Packet - 192.0.2.10:5061 (From Local "
		"Address: 192.0.2.35:49731) 26 bytes:",
		"INFO  :: Sending Packet \xE2\x80\x93 192.0.2.10:5061 (From "
		"Local Address: 192.0.2.35:49731) 26 bytes:",
		"INFO  :: Sending Packet - 192.0.2.10:5061 (From Lo\n"
		"cal Address: 192.0.2.35:497\n31) 26 bytes:",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		struct text log = text_new(1024);
		struct t_log got;

		text_printf(&log,
			    "02/03/2015|09:07:12.045 2A4C:1B0 %s\n"
			    "02/03/2015|09:07:12.045 2A4C:1B0 INFO  :: "
			    "SIP/2.0 200 OK\nTo: <sip:x>\n\n"
			    "02/03/2015|09:07:12.046 2A4C:1B0 INFO  :: End of "
			    "Sending Packet\n",
			    sent[i]);
		t_read_log(text_slice(&log), &got);
		assert_int_equal(got.frames.count, 1);
		t_is_end(&got.records[0].src, "192.0.2.35:49731");
		t_is_end(&got.records[0].dst, "192.0.2.10:5061");
		t_equal_text(got.records[0].text,
			     "SIP/2.0 200 OK\r\nTo: <sip:x>\r\n\r\n");
		assert_false(got.records[0].cut);
		text_free(&log);
	}
}

/* ---- other programs ---- */

static void sipdump_is_read(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("====================\ntag: rcv\npid: 1\n"
			 "time: 1563963739.487692\n"
			 "date: Wed Jul 24 10:22:19 2019\nproto: tcp ipv6\n"
			 "srcip: 2001:db8::1\nsrcport: 5062\n"
			 "dstip: 2001:db8::2\ndstport: 5060\n"
			 "~~~~~~~~~~~~~~~~~~~~\n" MESSAGE
			 "||||||||||||||||||||\n"
			 "====================\ntag: snd\n"
			 "time: 1563963739.487693\nproto: udp ipv4\n"
			 "srcip: 192.0.2.1\nsrcport: 5060\n"
			 "dstip: 192.0.2.2\ndstport: 5060\n"
			 "~~~~~~~~~~~~~~~~~~~~\n" OK),
		   &got);
	assert_string_equal(got.frames.info.format, "sipdump");
	assert_int_equal(got.frames.count, 2);
	t_is_time(&got.frames.list[0], "2019-07-24T10:22:19.487692000Z");
	t_is_end(&got.records[0].src, "[2001:db8::1]:5062");
	t_is_end(&got.records[0].dst, "[2001:db8::2]:5060");
	assert_int_equal(got.records[0].transport, RECORD_TCP);
	assert_int_equal(got.records[1].transport, RECORD_UDP);
	t_equal_text(got.records[0].text, MESSAGE);
	assert_false(got.records[0].cut);
	assert_true(got.records[1].cut);
}

static void plain_messages_are_parted(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("2019/07/24 12:22:19.487692 192.0.2.1:5060 -> "
			 "192.0.2.2:5060\n" MESSAGE "\n\n"
			 "U 2019/07/24 12:22:20.000000 192.0.2.2:5060 -> "
			 "192.0.2.1:5060\n" OK "\n" MESSAGE),
		   &got);
	assert_string_equal(got.frames.info.format, "sip-text");
	assert_int_equal(got.frames.count, 3);
	t_is_time(&got.frames.list[0], "2019-07-24T12:22:19.487692000Z");
	t_is_end(&got.records[0].src, "192.0.2.1:5060");
	t_is_end(&got.records[1].src, "192.0.2.2:5060");
	assert_int_equal(got.records[1].transport, RECORD_UDP);
	t_is_time(&got.frames.list[2], "2019-07-24T12:22:20.000000000Z");
	assert_int_equal(got.frames.info.warnings, 1);
	/* Nothing but Via tells it. */
	t_is_end(&got.records[2].src, LOCAL);
	t_is_end(&got.records[2].dst, "-");
	for (size_t i = 0; i < 3; i++) {
		assert_false(got.records[i].cut);
		t_equal_text(slice_first(got.records[i].text,
					 strlen(i == 1 ? OK : MESSAGE)),
			     i == 1 ? OK : MESSAGE);
	}
}

static void rulers_and_times_part_messages(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("========================\n"
			 "2020-07-02 20:27:49.124  -- a program\n"
			 "------------------------\n" MESSAGE "\n"
			 "========================\n"
			 "2020-07-02 20:27:50.124  -- a program\n"
			 "------------------------\n" OK),
		   &got);
	assert_string_equal(got.frames.info.format, "sip-text");
	assert_int_equal(got.frames.count, 2);
	t_is_time(&got.frames.list[0], "2020-07-02T20:27:49.124000000Z");
	t_is_time(&got.frames.list[1], "2020-07-02T20:27:50.124000000Z");
	t_equal_text(slice_first(got.records[0].text, strlen(MESSAGE)),
		     MESSAGE);
	assert_int_equal(got.frames.info.passed, 0);
}

/* RFC 3420: a body may begin as a message does. */
static void a_message_in_a_body_is_no_message(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("NOTIFY sip:x SIP/2.0\r\nTo: <sip:x>\r\n"
			 "Content-Length: 16\r\n\r\nSIP/2.0 200 OK\r\n" OK),
		   &got);
	assert_int_equal(got.frames.count, 2);
	t_equal_text(got.records[0].text,
		     "NOTIFY sip:x SIP/2.0\r\nTo: <sip:x>\r\n"
		     "Content-Length: 16\r\n\r\nSIP/2.0 200 OK\r\n");
}

#define SCENARIO                                                          \
	"<send>\n  ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n" \
	"  Via: SIP/2.0/[transport] [local_ip]\n"

static void other_text_is_no_log(void **state)
{
	static const char *const rows[] = {
		"# A log of nothing, 09:07:12.045 and no message at all\n",
		"CLIENT_RANDOM 00 11\nCLIENT_RANDOM 22 33\n",
		"<html>\nINVITE sip:x SIP/2.0\nTo: <sip:x>\n",
		"one\ntwo\nthree\nINVITE sip:x SIP/2.0\nTo: <sip:x>\n",
		"INVITE sip:x SIP/2.0\nis the first line of a request\n",
		SCENARIO,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_log got;

		t_read_log(slice_of_text(rows[i]), &got);
		if (i != 2)
			assert_int_equal(got.frames.opened, STATUS_NOT_MINE);
	}
}

/* ---- cut files ---- */

/* Whatever the place of the cut, what is not marked as cut is whole. */
static void cut_logs_tell_no_lies(void **state)
{
	static const char *const rows[] = {
		client_log,
		SERVER_PREFIX SERVER_RECORD SERVER_PREFIX SERVER_RECORD};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct t_log whole;

		t_read_log(slice_of_text(rows[i]), &whole);
		for (size_t n = 0; n < strlen(rows[i]); n++) {
			struct t_log got;

			t_read_log(slice_of(rows[i], n), &got);
			assert_true(got.frames.count <= whole.frames.count);
			for (size_t k = 0; k < got.frames.count; k++)
				if (got.records[k].kind == RECORD_MESSAGE &&
				    !got.records[k].cut)
					t_equal_bytes(got.records[k].text,
						      whole.records[k].text);
		}
	}
}

static void long_records_are_cut(void **state)
{
	struct text text = text_new(RECORD_MAX * 2);
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	struct record record;

	(void)state;
	text_puts(&text, "MESSAGE sip:x SIP/2.0\r\nTo: <sip:x>\r\n");
	text_puts(&text, "Content-Length: 400000\r\n\r\n");
	while (text.n < RECORD_MAX + 1000)
		text_puts(&text, "0123456789abcdef");
	assert_int_equal(bytes_open_memory(text_slice(&text), &bytes),
			 STATUS_OK);
	assert_int_equal(source_open(bytes, NULL, &source, &fault), STATUS_OK);
	assert_int_equal(source->next(source, &frame), STATUS_OK);
	assert_true(frame.bytes.n <= FRAME_MAX);
	assert_int_equal(record_read(frame.bytes, &record), STATUS_OK);
	assert_true(record.cut);
	assert_int_equal(record.text.n, RECORD_TEXT_MAX);
	assert_int_equal(source->next(source, &frame), STATUS_END);
	source->close(source);
	text_free(&text);
}

/* ---- records as bytes ---- */

static void records_come_back(void **state)
{
	struct record record = {.kind = RECORD_DIAGNOSTIC,
				.transport = RECORD_SCTP,
				.level = RECORD_FAILS,
				.cut = true,
				.offset = UINT64_MAX - 1,
				.src = endpoint_of_name(SLICE("Fe01"), 5061),
				.id = SLICE("17"),
				.text = SLICE("text")};
	struct record again;
	struct text text = text_new(RECORD_MAX);

	(void)state;
	record_write(&record, &text);
	assert_int_equal(record_read(text_slice(&text), &again), STATUS_OK);
	assert_int_equal(again.kind, record.kind);
	assert_int_equal(again.transport, record.transport);
	assert_int_equal(again.level, record.level);
	assert_true(again.cut);
	assert_false(again.piece);
	assert_true(again.offset == record.offset);
	t_is_end(&again.src, "fe01:5061");
	t_is_end(&again.dst, "-");
	t_equal_text(again.id, "17");
	t_equal_text(again.text, "text");
	for (size_t n = 0; n < text.n - 4; n++) {
		struct slice s = t_exact(slice_of(text.p, n));

		assert_int_equal(record_read(s, &again), STATUS_BAD);
		t_release(s);
	}
	text_free(&text);
}

static void long_names_stay_apart(void **state)
{
	struct endpoint a = endpoint_of_name(SLICE("sip.one.example.com"), 1);
	struct endpoint b = endpoint_of_name(SLICE("sip.one.example.org"), 1);
	struct endpoint c = endpoint_of_name(SLICE("SIP.one.example.com"), 1);

	(void)state;
	assert_false(endpoint_equal(&a, &b));
	assert_true(endpoint_equal(&a, &c));
	assert_false(endpoint_is_public(&a));
	assert_false(endpoint_is_private(&a));
}

/* ---- into captures ---- */

static void messages_of_logs_fit_into_captures(void **state)
{
	static const char *const peers[][2] = {{"192.0.2.1", "192.0.2.2"},
					       {"2001:db8::1", "2001:db8::2"}};
	struct text bytes = text_new(RECORD_MAX), pdu = text_new(FRAME_MAX);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct record record = {.kind = RECORD_MESSAGE,
					.transport = RECORD_TCP,
					.text = SLICE(MESSAGE)};
		struct net *net = net_new();
		struct frame log = {
			.link_type = LINKTYPE_LOG, .number = 7, .time = 5};
		struct frame out;
		struct packet packet;

		assert_non_null(net);
		assert_int_equal(endpoint_parse(slice_of_text(peers[i][0]),
						5010, &record.src),
				 STATUS_OK);
		assert_int_equal(endpoint_parse(slice_of_text(peers[i][1]),
						5061, &record.dst),
				 STATUS_OK);
		text_clear(&bytes);
		record_write(&record, &bytes);
		log.bytes = text_slice(&bytes);
		assert_int_equal(log_export(&log, &pdu, &out), STATUS_OK);
		assert_int_equal(out.number, 7);
		assert_int_equal(out.time, 5);
		assert_int_equal(net_packet(net, &out, &packet), STATUS_OK);
		assert_true(endpoint_equal(&packet.src, &record.src));
		assert_true(endpoint_equal(&packet.dst, &record.dst));
		assert_int_equal(packet.exported_from, IP_TCP);
		t_equal_text(packet.payload, MESSAGE);
		net_free(net);
	}
	text_free(&bytes);
	text_free(&pdu);
}

static void what_is_no_message_does_not_fit(void **state)
{
	struct record rows[] = {
		{.kind = RECORD_TRACE},
		{.kind = RECORD_MESSAGE},
		{.kind = RECORD_MESSAGE,
		 .src = endpoint_of_name(SLICE("fe01"), 0)},
	};
	struct text bytes = text_new(RECORD_MAX), pdu = text_new(FRAME_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame log = {.link_type = LINKTYPE_LOG}, out;

		text_clear(&bytes);
		record_write(&rows[i], &bytes);
		log.bytes = text_slice(&bytes);
		assert_int_equal(log_export(&log, &pdu, &out), STATUS_NOT_MINE);
		log.link_type = LINKTYPE_ETHERNET;
		assert_int_equal(log_export(&log, &pdu, &out), STATUS_NOT_MINE);
	}
	text_free(&bytes);
	text_free(&pdu);
}

/* ---- memory ---- */

static bool read_in_need(void *context)
{
	const struct slice *file = context;
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	enum status status = bytes_open_memory(*file, &bytes);

	if (status == STATUS_OK)
		status = source_open(bytes, NULL, &source, &fault);
	if (status != STATUS_OK) {
		assert_int_equal(status, STATUS_NOMEM);
		return false;
	}
	do
		status = source->next(source, &frame);
	while (status == STATUS_OK);
	source->close(source);
	return status == STATUS_END;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	struct slice wide = widened(client_log, false, true);
	struct slice plain = slice_of_text(client_log);
	struct slice server = SLICE(SERVER_PREFIX SERVER_RECORD);

	(void)state;
	t_failing_walk(read_in_need, &plain);
	t_failing_walk(read_in_need, &wide);
	t_failing_walk(read_in_need, &server);
	t_release(wide);
}

/* A log that begins in the middle of a long message is told by what comes
 * behind that (spec 0: within 64 KiB; we look further), in UTF-16, too. */
static void a_log_may_begin_in_a_long_message(void **state)
{
	static const size_t before[] = {5000, 70000, 1100000};
	struct t_log got;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct text log = text_new(2000000), wide = text_new(4000000);

		while (log.n < before[i / 2])
			text_puts(&log, "<list>a part of a document</list>\n");
		text_puts(&log, client_log);
		if (i % 2) {
			text_put(&wide, SLICE("\xFF\xFE"));
			for (size_t at = 0; at < log.n; at++) {
				text_putc(&wide, log.p[at]);
				text_putc(&wide, 0);
			}
		}
		if (before[i / 2] * (1 + i % 2) > 1048576) {
			struct byte_source *bytes;
			struct source *source;
			struct fault fault;

			assert_int_equal(
				bytes_open_memory(
					text_slice(i % 2 ? &wide : &log),
					&bytes),
				STATUS_OK);
			assert_int_equal(
				source_open(bytes, NULL, &source, &fault),
				STATUS_NOT_MINE);
		} else {
			t_read_log(text_slice(i % 2 ? &wide : &log), &got);
			assert_string_equal(got.frames.info.format, "uccapi");
			assert_int_equal(got.frames.count, 3);
		}
		text_free(&log);
		text_free(&wide);
	}
}

static const struct t_case cases[] = {
	{"a_log_may_begin_in_a_long_message",
	 a_log_may_begin_in_a_long_message},
	{"blocks_of_a_client_are_messages", blocks_of_a_client_are_messages},
	{"encodings_do_not_matter", encodings_do_not_matter},
	{"surrogates_and_odd_bytes", surrogates_and_odd_bytes},
	{"bare_line_feeds_give_the_same_heads",
	 bare_line_feeds_give_the_same_heads},
	{"wrapped_lines_are_joined", wrapped_lines_are_joined},
	{"what_lacks_an_end_is_cut", what_lacks_an_end_is_cut},
	{"old_logs_have_no_date", old_logs_have_no_date},
	{"old_logs_are_of_the_day_of_their_file",
	 old_logs_are_of_the_day_of_their_file},
	{"brackets_of_a_server_hold_messages",
	 brackets_of_a_server_hold_messages},
	{"other_records_of_a_server", other_records_of_a_server},
	{"markers_have_many_forms", markers_have_many_forms},
	{"sipdump_is_read", sipdump_is_read},
	{"plain_messages_are_parted", plain_messages_are_parted},
	{"rulers_and_times_part_messages", rulers_and_times_part_messages},
	{"a_message_in_a_body_is_no_message",
	 a_message_in_a_body_is_no_message},
	{"other_text_is_no_log", other_text_is_no_log},
	{"cut_logs_tell_no_lies", cut_logs_tell_no_lies},
	{"long_records_are_cut", long_records_are_cut},
	{"records_come_back", records_come_back},
	{"long_names_stay_apart", long_names_stay_apart},
	{"messages_of_logs_fit_into_captures",
	 messages_of_logs_fit_into_captures},
	{"what_is_no_message_does_not_fit", what_is_no_message_does_not_fit},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
