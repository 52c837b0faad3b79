/* SIP as Wireshark takes it apart: the message again, its ends and its time. */
#include "config.h"

#include "capture/formats.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define FRAME                                                           \
	"Frame 1: 631 bytes on wire (5048 bits), 631 bytes captured\n"  \
	"    Encapsulation type: Ethernet (1)\n"                        \
	"    Arrival Time: Nov 30, 2026 12:00:00.123456000 UTC\n"       \
	"    Epoch Time: 1796025345.222367000 seconds\n"                \
	"Ethernet II, Src: 9e:59:f5:73:14:92, Dst: 8e:c4:a8:94:17:5c\n" \
	"    Type: IPv4 (0x0800)\n"
#define IP                                                              \
	"Internet Protocol Version 4, Src: 192.0.2.1, Dst: 192.0.2.2\n" \
	"    0100 .... = Version: 4\n"
#define UDP                                                        \
	"User Datagram Protocol, Src Port: 5062, Dst Port: 5060\n" \
	"    Source Port: 5062\n"
#define INVITE                                                      \
	"Session Initiation Protocol (INVITE)\n"                    \
	"    Request-Line: INVITE sip:bob@example.org SIP/2.0\n"    \
	"        Method: INVITE\n"                                  \
	"    Message Header\n"                                      \
	"        Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n" \
	"            Transport: UDP\n"                              \
	"        Call-ID: a@b\n"                                    \
	"        [Generated Call-ID: a@b]\n"                        \
	"        CSeq: 1 INVITE\n"                                  \
	"        Content-Type: application/sdp\n"                   \
	"        Content-Length: 10\n"                              \
	"    Message Body\n"                                        \
	"        Session Description Protocol\n"                    \
	"            Session Description Protocol Version (v): 0\n" \
	"            Session Name (s): -\n"                         \
	"                Anything (x): 1\n"
#define INVITE_BYTES                                          \
	"INVITE sip:bob@example.org SIP/2.0\r\n"              \
	"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\r\n" \
	"Call-ID: a@b\r\n"                                    \
	"CSeq: 1 INVITE\r\n"                                  \
	"Content-Type: application/sdp\r\n"                   \
	"Content-Length: 10\r\n\r\n"                          \
	"v=0\r\n"                                             \
	"s=-\r\n"
#define OK                                    \
	"Session Initiation Protocol (200)\n" \
	"    Status-Line: SIP/2.0 200 OK\n"   \
	"        Status-Code: 200\n"          \
	"    Message Header\n"                \
	"        Call-ID: a@b\n"              \
	"        CSeq: 1 INVITE\n"            \
	"        Content-Length: 0\n"         \
	"\n"
#define OK_BYTES             \
	"SIP/2.0 200 OK\r\n" \
	"Call-ID: a@b\r\n"   \
	"CSeq: 1 INVITE\r\n" \
	"Content-Length: 0\r\n\r\n"

static struct t_log got;

static void read_text(const char *text, size_t messages)
{
	t_read_log(slice_of_text(text), &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_string_equal(got.frames.info.format, "dissection");
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, messages);
}

static void is_message(size_t i, const char *src, const char *dst,
		       const char *text)
{
	assert_int_equal(got.records[i].kind, RECORD_MESSAGE);
	t_is_end(&got.records[i].src, src);
	t_is_end(&got.records[i].dst, dst);
	t_equal_text(got.records[i].text, text);
}

static void messages_come_back(void **state)
{
	(void)state;
	read_text(FRAME IP UDP INVITE "\n" FRAME IP UDP OK, 2);
	is_message(0, "192.0.2.1:5062", "192.0.2.2:5060", INVITE_BYTES);
	is_message(1, "192.0.2.1:5062", "192.0.2.2:5060", OK_BYTES);
	t_is_time(&got.frames.list[0], "2026-11-30T12:00:00.123456000Z");
	assert_int_equal(got.records[0].transport, RECORD_UDP);
	assert_false(got.records[0].cut);
	assert_false(got.frames.info.zoneless);
}

static void ends_of_many_versions(void **state)
{
	static const struct {
		const char *text, *src, *dst;
		enum record_transport transport;
	} rows[] = {
		{OK, "-", "-", RECORD_UNKNOWN},
		{IP OK, "192.0.2.1:0", "192.0.2.2:0", RECORD_UNKNOWN},
		{"Internet Protocol, Src: a.example (192.0.2.1), Dst: "
		 "192.0.2.2 (192.0.2.2)\n"
		 "User Datagram Protocol, Src Port: sip (5060), Dst Port: "
		 "h323 (1720)\n" OK,
		 "192.0.2.1:5060", "192.0.2.2:1720", RECORD_UDP},
		{"Internet Protocol Version 6, Src: 2001:db8::1, Dst: "
		 "2001:db8::2\n"
		 "Transmission Control Protocol, Src Port: 5060, Dst Port: "
		 "40000, Seq: 1, Ack: 1, Len: 503\n" OK,
		 "[2001:db8::1]:5060", "[2001:db8::2]:40000", RECORD_TCP},
		{IP "Transmission Control Protocol, Src Port: 5061, Dst Port: "
		    "40000, Seq: 1, Ack: 1, Len: 503\n"
		    "Transport Layer Security\n" OK,
		 "192.0.2.1:5061", "192.0.2.2:40000", RECORD_TLS},
		{IP "Transmission Control Protocol, Src Port: 443, Dst Port: "
		    "40000, Seq: 1, Ack: 1, Len: 503\n"
		    "Transport Layer Security\nWebSocket\n" OK,
		 "192.0.2.1:443", "192.0.2.2:40000", RECORD_WSS},
		{IP "Stream Control Transmission Protocol, Src Port: 5060 "
		    "(5060), Dst Port: 5061 (5061)\n" OK,
		 "192.0.2.1:5060", "192.0.2.2:5061", RECORD_SCTP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(rows[i].text, 1);
		is_message(0, rows[i].src, rows[i].dst, OK_BYTES);
		assert_int_equal(got.records[0].transport, rows[i].transport);
	}
}

static void several_in_one_frame(void **state)
{
	(void)state;
	read_text(FRAME IP UDP OK OK, 2);
	is_message(1, "192.0.2.1:5062", "192.0.2.2:5060", OK_BYTES);
	t_is_time(&got.frames.list[1], "2026-11-30T12:00:00.123456000Z");
}

/* A message that could not be delivered was sent before. */
static void quotes_of_icmp(void **state)
{
	(void)state;
	read_text(FRAME IP UDP INVITE FRAME IP
		  "Internet Control Message Protocol\n" IP UDP INVITE FRAME IP
			  UDP OK,
		  2);
	is_message(1, "192.0.2.1:5062", "192.0.2.2:5060", OK_BYTES);
}

static void what_is_not_shown_is_told(void **state)
{
	(void)state;
	read_text("Session Initiation Protocol (200)\n"
		  "    Status-Line: SIP/2.0 200 OK\n"
		  "    Message Header\n"
		  "        [truncated]Via: SIP/2.0/UDP 192.0.2.1\n"
		  "        Route [\xE2\x80\xA6]: <sip:192.0.2.3\n"
		  "        Content-Length: 0\n"
		  "Session Initiation Protocol (200)\n"
		  "    Status-Line: SIP/2.0 200 OK\n"
		  "    Message Header\n"
		  "        Content-Length: 5\n"
		  "    Message Body\n"
		  "        eXtensible Markup Language\n"
		  "            <?xml\n"
		  "Session Traversal Utilities for NAT\n"
		  "    [Response In: 2]\n",
		  2);
	is_message(0, "-", "-",
		   "SIP/2.0 200 OK\r\n"
		   "Via: SIP/2.0/UDP 192.0.2.1\r\n"
		   "Route: <sip:192.0.2.3\r\n"
		   "Content-Length: 0\r\n\r\n");
	assert_true(got.records[0].cut);
	is_message(1, "-", "-", "SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\n");
	assert_true(got.records[1].cut);
	assert_int_equal(got.frames.info.truncated, 2);
	assert_int_equal(got.frames.info.passed, 1);
}

static void bodies_of_text(void **state)
{
	(void)state;
	read_text("Session Initiation Protocol (NOTIFY)\n"
		  "    Request-Line: NOTIFY sip:bob@example.org SIP/2.0\n"
		  "    Message Header\n"
		  "        Content-Type: message/sipfrag\n"
		  "        Content-Length: 20\n"
		  "    Message Body\n"
		  "        Sipfrag\n"
		  "            SIP/2.0 100 Trying\n"
		  "Session Initiation Protocol (MESSAGE)\n"
		  "    Request-Line: MESSAGE sip:bob@example.org SIP/2.0\n"
		  "    Message Header\n"
		  "        Content-Length: 7\n"
		  "    Message Body\n"
		  "        Line-based text data: text/plain (1 lines)\n"
		  "            hello\\r\\n\n",
		  2);
	is_message(0, "-", "-",
		   "NOTIFY sip:bob@example.org SIP/2.0\r\n"
		   "Content-Type: message/sipfrag\r\n"
		   "Content-Length: 20\r\n\r\n"
		   "SIP/2.0 100 Trying\r\n");
	is_message(1, "-", "-",
		   "MESSAGE sip:bob@example.org SIP/2.0\r\n"
		   "Content-Length: 7\r\n\r\n"
		   "hello\r\n");
	assert_int_equal(got.frames.info.truncated, 0);
}

/* Wireshark prints the local time, and that of UTC behind it. */
static void utc_counts(void **state)
{
	(void)state;
	read_text("Frame 1: 631 bytes on wire\n"
		  "    Arrival Time: Nov 30, 2026 13:00:00.5 CET\n"
		  "    UTC Arrival Time: Nov 30, 2026 12:00:00.5 UTC\n" OK
		  "Frame 2: 631 bytes on wire\n"
		  "    Arrival Time: Nov 30, 2026 13:00:01.5 CET\n" OK,
		  2);
	t_is_time(&got.frames.list[0], "2026-11-30T12:00:00.500000000Z");
	t_is_time(&got.frames.list[1], "2026-11-30T13:00:01.500000000Z");
}

static void quoted_trees(void **state)
{
	(void)state;
	read_text("> Session Initiation Protocol (200)\n"
		  ">     Status-Line: SIP/2.0 200 OK\n"
		  ">     Message Header\n"
		  ">         Call-ID: a@b\n"
		  ">         CSeq: 1 INVITE\n"
		  ">         Content-Length: 0\n",
		  1);
	is_message(0, "-", "-", OK_BYTES);
}

static void other_trees_are_none(void **state)
{
	(void)state;
	assert_false(format_dissection.claims(
		SLICE("Session Initiation Protocol (200)\nHello\n")));
	assert_false(format_dissection.claims(
		SLICE("Status-Line: SIP/2.0 200 OK\n    Status-Code: 200\n")));
}

static void without_memory(void **state)
{
	struct t_log_need need = {
		.text = SLICE(FRAME IP UDP INVITE FRAME IP UDP OK),
		.records = 2,
	};

	(void)state;
	assert_true(t_log_reads(&need));
	t_failing_walk(t_log_reads, &need);
}

/* Quoted in a mail; nothing of SIP is near the front of the file. */
static void quoted_behind_other_packets(void **state)
{
	static const char frame[] = "> Frame 1: 60 bytes on wire\n"
				    ">     Anything: 1\n>\n";
	struct text text = text_new(SIZE_MAX / 2);
	struct slice rest = SLICE(FRAME IP UDP INVITE);

	(void)state;
	while (text.n < 3 * 4096)
		text_puts(&text, frame);
	while (rest.n) {
		text_puts(&text, "> ");
		text_put(&text, slice_split(&rest, '\n'));
		text_putc(&text, '\n');
	}
	t_read_log(text_slice(&text), &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, 1);
	t_equal_text(got.records[0].text, INVITE_BYTES);
	t_is_end(&got.records[0].src, "192.0.2.1:5062");
	text_free(&text);
}

/* The mark stands in front where the name is no field of its own. */
static void marks_of_cuts_stand_in_front(void **state)
{
	static const char *const marks[] = {"[truncated]", "[truncated] ",
					    "[\xE2\x80\xA6]", "[\xE2\x80\xA6] ",
					    "[\xE2\x80\xA6]: "};

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		struct text text = text_new(4096);

		text_printf(&text,
			    "Session Initiation Protocol (200)\n"
			    "    Status-Line: SIP/2.0 200 OK\n"
			    "    Message Header\n"
			    "        %sVia: SIP/2.0/UDP 192.0.2.1\n"
			    "        Content-Length: 0\n",
			    marks[i]);
		t_read_log(text_slice(&text), &got);
		text_free(&text);
		assert_int_equal(got.frames.count, 1);
		t_equal_text(got.records[0].text,
			     "SIP/2.0 200 OK\r\n"
			     "Via: SIP/2.0/UDP 192.0.2.1\r\n"
			     "Content-Length: 0\r\n\r\n");
		assert_true(got.records[0].cut);
	}
}

#define COLLAPSED "Frame 1: 631 bytes on wire\n"

/* tshark -P -O sip shows of a frame its first line only; what a frame tells
 * itself counts more. */
static void times_of_the_list(void **state)
{
	(void)state;
	read_text("    1 2026-11-30 12:00:00.5 192.0.2.1 x\n\n" COLLAPSED IP UDP
			  OK
		  "   11 2026-11-30 12:00:01.5 192.0.2.1 x\n\n" COLLAPSED IP UDP
			  OK COLLAPSED IP UDP OK
		  "   13 2026-11-30 12:00:03.5 192.0.2.1 x\n\n" FRAME IP UDP OK,
		  4);
	t_is_time(&got.frames.list[0], "2026-11-30T12:00:00.500000000Z");
	t_is_time(&got.frames.list[1], "2026-11-30T12:00:01.500000000Z");
	/* In no log is a message earlier than the one in front of it. */
	t_is_time(&got.frames.list[2], "2026-11-30T12:00:01.500000000Z");
	t_is_time(&got.frames.list[3], "2026-11-30T12:00:00.123456000Z");
}

static const struct t_case cases[] = {
	{"marks_of_cuts_stand_in_front", marks_of_cuts_stand_in_front},
	{"times_of_the_list", times_of_the_list},
	{"quoted_behind_other_packets", quoted_behind_other_packets},
	{"messages_come_back", messages_come_back},
	{"ends_of_many_versions", ends_of_many_versions},
	{"several_in_one_frame", several_in_one_frame},
	{"quotes_of_icmp", quotes_of_icmp},
	{"what_is_not_shown_is_told", what_is_not_shown_is_told},
	{"bodies_of_text", bodies_of_text},
	{"utc_counts", utc_counts},
	{"quoted_trees", quoted_trees},
	{"other_trees_are_none", other_trees_are_none},
	{"without_memory", without_memory},
};

T_MAIN(cases)
