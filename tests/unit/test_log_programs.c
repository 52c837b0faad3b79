/* Messages among the other lines of programs' logs: who sent them whom, when,
 * and where they end. */
#include "config.h"

#include "capture/log_announced.h"
#include "capture/log_front.h"
#include "capture/source.h"
#include "core/text.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

/* ---- lines that announce a message ---- */

static const struct {
	const char *line;
	enum announced_way way;
	enum record_transport transport;
	const char *peer, *own;
} announced[] = {
	/* Asterisk, chan_sip and PJSIP */
	{"<--- SIP read from UDP:192.0.2.1:5060 --->", ANNOUNCED_RECEIVED,
	 RECORD_UDP, "192.0.2.1:5060", "-"},
	{"Reliably Transmitting (NAT) to 192.0.2.1:5062:", ANNOUNCED_SENT,
	 RECORD_UNKNOWN, "192.0.2.1:5062", "-"},
	{"Retransmitting #3 (no NAT) to 192.0.2.1:5062:", ANNOUNCED_SENT,
	 RECORD_UNKNOWN, "192.0.2.1:5062", "-"},
	{"[2026-11-30 12:00:00.1] VERBOSE[8] res_pjsip_logger.c: <--- "
	 "Received SIP request (952 bytes) from TLS:[2001:db8::1]:5061 --->",
	 ANNOUNCED_RECEIVED, RECORD_TLS, "[2001:db8::1]:5061", "-"},
	{"<--- Transmitting SIP response (543 bytes) to WSS:192.0.2.1:3 --->",
	 ANNOUNCED_SENT, RECORD_WSS, "192.0.2.1:3", "-"},
	/* Sofia-SIP, and what is made of it */
	{"recv 1100 bytes from udp/[192.0.2.1]:5060 at 12:34:56.789012:",
	 ANNOUNCED_RECEIVED, RECORD_UDP, "192.0.2.1:5060", "-"},
	{"2021-09-07 07:36:14.784843 send 812 bytes to tcp/[2001:db8::1]:5060 "
	 "at 07:36:14.784706:",
	 ANNOUNCED_SENT, RECORD_TCP, "[2001:db8::1]:5060", "-"},
	{"recv 1100 bytes from udp/[BW_SBC]:5060 at 12:34:56.789012:",
	 ANNOUNCED_RECEIVED, RECORD_UDP, "BW_SBC:5060", "-"},
	/* PJSIP */
	{"20:51:04.597           pjsua_core.c !.RX 377 bytes Response msg "
	 "100/INVITE/cseq=8501 (rdata0) from tls [2001:db8::1]:5061:",
	 ANNOUNCED_RECEIVED, RECORD_TLS, "[2001:db8::1]:5061", "-"},
	{"00:00:07.167 pjsua_core.c ........TX 910 bytes Request msg "
	 "INVITE/cseq=21755 (tdta0) to UDP 192.0.2.1:5060:",
	 ANNOUNCED_SENT, RECORD_UDP, "192.0.2.1:5060", "-"},
	/* belle-sip */
	{"channel [0x7f]: message sent to [UDP://192.0.2.1:5060], size: [5] "
	 "bytes",
	 ANNOUNCED_SENT, RECORD_UDP, "192.0.2.1:5060", "-"},
	{"channel [0x7f]: received [722] new bytes from "
	 "[TLS://sip.example.org:5061]:",
	 ANNOUNCED_RECEIVED, RECORD_TLS, "sip.example.org", "-"},
	/* SIPp, JsSIP, SIP.js, IOS: no peer */
	{"UDP message sent (506 bytes):", ANNOUNCED_SENT, RECORD_UDP, "-", "-"},
	{"TCP message received [305] bytes :", ANNOUNCED_RECEIVED, RECORD_TCP,
	 "-", "-"},
	{"JsSIP:Transport received text message:", ANNOUNCED_RECEIVED,
	 RECORD_UNKNOWN, "-", "-"},
	{"Mon | sip.transport | sending WebSocket message:", ANNOUNCED_SENT,
	 RECORD_UNKNOWN, "-", "-"},
	{"Sent: ", ANNOUNCED_SENT, RECORD_UNKNOWN, "-", "-"},
	{"Received:", ANNOUNCED_RECEIVED, RECORD_UNKNOWN, "-", "-"},
	/* CUCM, AudioCodes, Oracle, Twinkle, phones, Yate */
	{"SIPTcp - wait_SdlReadRsp: Incoming SIP TCP message from 192.0.2.1 on "
	 "port 5062 index 12 with 1000 bytes:",
	 ANNOUNCED_RECEIVED, RECORD_TCP, "192.0.2.1:5062", "-"},
	{"---- Outgoing SIP Message to 192.0.2.1:5060 from SIPInterface #1 "
	 "(X) UDP TO(#1) ----",
	 ANNOUNCED_SENT, RECORD_UDP, "192.0.2.1:5060", "-"},
	{"Nov 30 12:00:00.123 On [0:0]192.0.2.9:5060 received from "
	 "192.0.2.1:5062",
	 ANNOUNCED_RECEIVED, RECORD_UNKNOWN, "192.0.2.1:5062",
	 "192.0.2.9:5060"},
	{"Nov 30 12:00:00.123 On [0:0][2001:db8::9]:5060 sent to "
	 "[2001:db8::1]:5062",
	 ANNOUNCED_SENT, RECORD_UNKNOWN, "[2001:db8::1]:5062",
	 "[2001:db8::9]:5060"},
	{"Send to: udp:192.0.2.1:5060", ANNOUNCED_SENT, RECORD_UDP,
	 "192.0.2.1:5060", "-"},
	{"Recv from udp: 192.0.2.1:5060 00:00:00:01:066 (937 bytes)",
	 ANNOUNCED_RECEIVED, RECORD_UDP, "192.0.2.1:5060", "-"},
	{"<sip:ALL> 'udp:0.0.0.0:5060' received 444 byte SIP message from "
	 "192.0.2.1:5062 [0x7f]",
	 ANNOUNCED_RECEIVED, RECORD_UDP, "192.0.2.1:5062", "-"},
	/* Phones and an attendant of Avaya, a bridge for meetings */
	{"<167>Jan 11 09:01:09 192.0.2.7 SIPMESSAGE: -04:00 2022 920 1 .TEL | 0"
	 " CSIPServer::SendToNetwork(): Outbound SIP message to 192.0.2.1:5096",
	 ANNOUNCED_SENT, RECORD_UNKNOWN, "192.0.2.1:5096", "-"},
	{"CNetworkInputManager::ProcessInput(): Inbound SIP message from ip = "
	 "192.0.2.1 port: 5096",
	 ANNOUNCED_RECEIVED, RECORD_UNKNOWN, "192.0.2.1:5096", "-"},
	{"2016-11-04 08:07:41.305 [.INFO] [..MESSAGE] <--- 192.0.2.1:58851 1 9",
	 ANNOUNCED_RECEIVED, RECORD_UNKNOWN, "192.0.2.1:58851", "-"},
	{"---> [2001:db8::1]:5060 1 1460", ANNOUNCED_SENT, RECORD_UNKNOWN,
	 "[2001:db8::1]:5060", "-"},
	/* Nothing of the kind */
	{"192.0.2.1:5060 --> 192.0.2.9:5060", ANNOUNCED_NOT, RECORD_UNKNOWN,
	 "-", "-"},
	{"state --> next", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"<--- 200 OK", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"unbound SIP messages", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"2026-11-30 12:00:00 [NOTICE] New Channel sofia/internal/1004",
	 ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"  <send retrans=\"500\">", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"<recv response=\"180\"/>", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
	{"", ANNOUNCED_NOT, RECORD_UNKNOWN, "-", "-"},
};

static void words_of_many_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(announced) / sizeof(announced[0]); i++) {
		struct announced got;
		struct slice line = t_exact(slice_of_text(announced[i].line));

		print_message("# %s\n", announced[i].line);
		assert_int_equal(announced_of(line, &got),
				 announced[i].way != ANNOUNCED_NOT);
		assert_int_equal(got.way, announced[i].way);
		assert_int_equal(got.transport, announced[i].transport);
		if (got.peer.family == FAMILY_NAME)
			assert_int_not_equal(got.peer.port, 0);
		else
			t_is_end(&got.peer, announced[i].peer);
		t_is_end(&got.own, announced[i].own);
		t_release(line);
	}
}

/* ---- fronts and pieces ---- */

static void fronts_have_a_shape(void **state)
{
	static const struct {
		const char *front, *line, *want; /* NULL: it has none */
	} rows[] = {
		{"", "Via: x", "Via: x"},
		{"11-30 08:05 3103 I: ", "11-30 08:05 3104 I: Via: x",
		 "Via: x"},
		{"Nov 30 09:59 a: ", "Nov  1 10:00 a: Via: x", "Via: x"},
		{"Nov  1 09:59 a: ", "Nov 30 10:00 a: Via: x", "Via: x"},
		{"11-30 08:05 3103 I: ", "11-30 08:05 3103 I:", ""},
		{"11-30 08:05 3103 I: ", "11-30 08:05 3103 W: Via: x", NULL},
		{"11-30 08:05 3103 I: ", "11-30 08:05", NULL},
		{"   ", "", ""},
		{"   ", "   a=x", "a=x"},
		{"   ", "a=x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice line = slice_of_text(rows[i].line);
		struct log_front front;
		bool has;

		log_front_set(&front, slice_of_text(rows[i].front));
		has = log_front_take(&front, &line);
		assert_int_equal(has, rows[i].want != NULL);
		if (has)
			t_equal_text(line, rows[i].want);
	}
}

static void first_lines_stand_behind_fronts(void **state)
{
	static const struct {
		const char *line;
		int at; /* -1: none */
	} rows[] = {
		{"INVITE sip:x@y SIP/2.0", 0},
		{"SIP/2.0 200 OK", 0},
		{"I/app: INVITE sip:x@y SIP/2.0", 7},
		{"2026 [m] SIP/2.0 180 Ringing", 9},
		{"   BYE sip:x@y SIP/2.0", 3},
		{"Nov 30 12:00:00 host app[12]: BYE sip:x@y SIP/2.0", 30},
		{"DANCE sip:x@y SIP/2.0", 0},
		{"INVITE sip:a b@y SIP/2.0", 0},
		{"....E.....BYE sip:x@y SIP/2.0.", 10},
		{"E...% @.@..E......BYE sip:x@y SIP/2.0", 18},
		{"E...% @.@..E......bye sip:x@y SIP/2.0", 0},
		{"\"data\":\"BYE sip:x@y SIP/2.0", 8},
		{"Via: SIP/2.0/UDP 192.0.2.1", -1},
		{"SIP/2.0", -1},
		{" SIP/2.0", -1},
		{"got 180 of SIP/2.0 at last", -1},
		{"", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t at;

		print_message("# %s\n", rows[i].line);
		assert_int_equal(log_front_of(slice_of_text(rows[i].line), &at),
				 rows[i].at >= 0);
		if (rows[i].at >= 0)
			assert_int_equal(at, rows[i].at);
	}
}

static void lines_come_in_pieces(void **state)
{
	struct slice rest = SLICE("a#015#012b#012c\\r\\nd"), piece;
	static const char *const want[] = {"a", "b", "c", "d"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		piece = log_split_piece(rest, &rest);
		t_equal_text(piece, want[i]);
		assert_int_equal(rest.n > 0, i < 3);
	}
}

/* ---- whole logs ---- */

#define REQUEST                                             \
	"INVITE sip:bob@192.0.2.9:5060 SIP/2.0\n"           \
	"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n" \
	"From: <sip:alice@example.org>;tag=a\n"             \
	"To: <sip:bob@example.org>\n"                       \
	"Call-ID: one\n"                                    \
	"CSeq: 1 INVITE\n"
#define ANSWER                                              \
	"SIP/2.0 200 OK\n"                                  \
	"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n" \
	"From: <sip:alice@example.org>;tag=a\n"             \
	"To: <sip:bob@example.org>;tag=b\n"                 \
	"Call-ID: one\n"                                    \
	"CSeq: 1 INVITE\n"
#define NOTHING "Content-Length: 0\n\n"
/* 22 bytes with CR LF on the wire */
#define SDP "v=0\ns=-\nt=0 0\na=x\n"
#define LENGTH "Content-Type: application/sdp\nContent-Length: 22\n\n"

struct want {
	const char *src, *dst, *time;
	const char *end; /* with which the text of the message ends */
};

static void is_log(const char *text, size_t count, const struct want *want)
{
	struct t_log got;

	t_read_log(slice_of_text(text), &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_string_equal(got.frames.info.format, "sip-text");
	assert_int_equal(got.frames.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct record *r = &got.records[i];

		assert_int_equal(r->kind, RECORD_MESSAGE);
		assert_false(r->cut);
		t_is_end(&r->src, want[i].src);
		t_is_end(&r->dst, want[i].dst);
		if (want[i].time)
			t_is_time(&got.frames.list[i], want[i].time);
		assert_true(slice_ends(r->text, slice_of_text(want[i].end)));
	}
}

static bool has(struct slice text, const char *words)
{
	size_t at;

	return slice_search(text, slice_of_text(words), &at);
}

#define A "192.0.2.1:5062"
#define B "192.0.2.9:5060"

/* The own end is where the first request went. */
static void a_server_tells_peers_only(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", "a=x\n"},
		{B, A, "2026-11-30T12:00:00.200000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("[2026-11-30 12:00:00.050] NOTICE: started\n"
	       "[2026-11-30 12:00:00.100] VERBOSE[8]: <--- Received SIP "
	       "request "
	       "(9 bytes) from UDP:" A " --->\n" REQUEST LENGTH SDP
	       "\n[2026-11-30 12:00:00.150] NOTICE: bridging\n"
	       "[2026-11-30 12:00:00.200] VERBOSE[8]: <--- Transmitting SIP "
	       "response (9 bytes) to UDP:" A " --->\n" ANSWER NOTHING
	       "[2026-11-30 12:00:00.300] NOTICE: done\n",
	       2, want);
}

/* The own end is the sent-by of its own requests; a body may end where the log
 * goes on, and an empty line may be lost. */
static void a_client_is_its_own_via(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T23:59:59.500000000Z", "a=x\n"},
		{B, A, "2026-12-01T00:00:00.500000000Z", ": 1 INVITE\r\n\r\n"},
	};

	(void)state;
	is_log("2026-11-30 23:59:59.000000 [INFO] begun\n"
	       "send 400 bytes to udp/[192.0.2.9]:5060 at 23:59:59.500000:\n"
	       "   "
	       "------------------------------------------------------"
	       "\n" REQUEST "\n" SDP
	       "2026-11-30 23:59:59.600000 [DEBUG] goes on\n"
	       "recv 400 bytes from udp/[192.0.2.9]:5060 at 00:00:00.500000:\n"
	       "   "
	       "------------------------------------------------------\n" ANSWER
	       "---\n",
	       2, want);
}

/* Without the peer one end at least is known. */
static void directions_without_ends(void **state)
{
	static const struct want want[] = {
		{A, "-", "2026-11-30T12:00:00.100000000Z", "a=x\n"},
		{"-", A, "2026-11-30T12:00:01.200000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("----------------------------------- 2026-11-30 "
	       "12:00:00.100000\n"
	       "UDP message sent (9 bytes):\n\n" REQUEST LENGTH SDP "\n"
	       "----------------------------------- 2026-11-30 "
	       "12:00:01.200000\n"
	       "UDP message received [9] bytes :\n\n" ANSWER NOTHING "\n",
	       2, want);
}

/* Each line has a front, also the empty one; the year is that of Date. */
static void fronts_are_taken_off(void **state)
{
#define F "11-30 12:00:00.100  31  31 I app: "
#define G "11-30 12:00:00.250  31  31 I app: "
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", "a=x\n"},
		{B, A, "2026-11-30T12:00:00.250000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log(F "channel [0x7]: message sent to [UDP://" B "], size: [9]\n" F
		 "INVITE sip:bob@192.0.2.9:5060 SIP/2.0\n" F
		 "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n" F
		 "From: <sip:alice@example.org>;tag=a\n" F
		 "To: <sip:bob@example.org>\n" F "Call-ID: one\n" F
		 "CSeq: 1 INVITE\n" F "Date: Mon, 30 Nov 2026 12:00:00 GMT\n" F
		 "Content-Length: 22\n"
		 "11-30 12:00:00.100  31  31 I app:\n" F "v=0\n" F "s=-\n" F
		 "t=0 0\n" F "a=x\n" F "Dialog [0x1] updated\n" G
		 "channel [0x7]: received [9] new bytes from [UDP://" B "]:\n" G
		 "SIP/2.0 200 OK\n" G
		 "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n" G
		 "To: <sip:bob@example.org>;tag=b\n" G "Call-ID: one\n" G
		 "CSeq: 1 INVITE\n" G "Content-Length: 0\n" G "other\n",
	       2, want);
#undef F
#undef G
}

/* One line each, as syslog and JSON have it. */
static void messages_in_one_line(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
		{B, A, "2026-11-30T12:00:00.250000000Z", ": 0\r\n\r\n"},
	};
	static const char first[] =
		"2026-11-30 12:00:00.100 sbc ---- Incoming SIP Message from " A
		" to SIPInterface #2 UDP ---- #012INVITE sip:bob@192.0.2.9:5060"
		" SIP/2.0#015#012Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK"
		"1#015#012From: <sip:a@b>;tag=a#015#012To: <sip:bob@example.org"
		">#015#012Call-ID: one#015#012CSeq: 1 INVITE#015#012Content-Len"
		"gth: 0#015#012#015#012\n";

	(void)state;
	is_log(first, 1, want);
	is_log("{\"time\":\"2026-11-30T12:00:00.250Z\",\"msg\":\"sent to " A
	       "\",\"data\":\"SIP/2.0 200 OK\\r\\nVia: SIP/2.0/UDP 192.0.2.1:50"
	       "62;branch=z9hG4bK1\\r\\nFrom: \\\"A\\\" <sip:a@b>;tag=a\\r\\nTo"
	       ": <sip:bob@example.org>;tag=b\\r\\nCall-ID: one\\r\\nCSeq: 1 IN"
	       "VITE\\r\\nContent-Length: 0\\r\\n\\r\\n\"}\n",
	       1, (const struct want[]){{"-", A, want[1].time, want[1].end}});
}

/* The first line alone has an arrow behind what all have in front. */
static void arrows_behind_fronts(void **state)
{
#define F "2026-11-30 12:00:00.100 [.INFO] [..MESSAGE] "
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", "a=x\n"},
		{B, A, "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log(F "---> " B " 1 9\n" F "---> INVITE sip:bob@192.0.2.9:5060 "
		 "SIP/2.0 \n" F "Via: SIP/2.0/UDP 192.0.2.1:5062;"
		 "branch=z9hG4bK1 \n" F "From: <sip:a@b>;tag=a \n" F
		 "To: <sip:bob@example.org> \n" F "Call-ID: one \n" F
		 "CSeq: 1 INVITE \n" F "Content-Length: 22 \n" F " \n" F
		 "v=0\n" F "s=-\n" F "t=0 0\n" F "a=x\n" F "\n" F "<--- " B
		 " 0 9\n" F "<--- SIP/2.0 200 OK \n" F
		 "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1 \n" F
		 "To: <sip:bob@example.org>;tag=b \n" F "Call-ID: one \n" F
		 "CSeq: 1 INVITE \n" F "Content-Length: 0 \n" F " \n" F "\n"
		 "2026-11-30 12:00:00.200 [.INFO] [...B2BAPP] goes on\n",
	       2, want);
#undef F
}

/* Zone, year and milliseconds stand behind the tag; the next part of a message
 * begins anywhere in a line, or in front of one. */
static void phones_cut_messages_into_parts(void **state)
{
#define F                                                             \
	"<167>Jan 11 09:01:09 192.0.2.1 SIPMESSAGE: -04:00 2022 920 " \
	"1 .TEL | 0 "
	static const struct want want[] = {
		{A, B, "2022-01-11T09:01:09.920000000Z", "a=x\n"},
		{B, A, "2022-01-11T09:01:09.920000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log(F "[Part 01 of 03]\nSend(): Outbound SIP message to " B
		 "\nTX INVITE sip:bob@192.0.2.9:5060 SIP/2.0\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG" F
		 "[Part 02 of 03]\n4bK1\nFrom: <sip:a@b>;tag=a\n"
		 "To: <sip:bob@example.org>\nCall-ID: one\nCSeq: 1 INVITE\n" F
		 "[Part 03 of 03]\nContent-Length: 22\n\n" SDP "\n" F
		 "Got(): Inbound SIP message from ip = 192.0.2.9 port: 5060\n"
		 "RX " ANSWER NOTHING,
	       2, want);
#undef F
}

/* A part that is said to be one, and is none, stays what it is. */
static void a_subject_of_parts_is_none(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("2026-11-30 12:00:00.100 received from " A ":\n" ANSWER
			 "Subject: <5>Jan 11 09:01:09 x [Part 01 of 02]\n"
			 "Organization: x [Part 02 of 02]\n" NOTHING),
		   &got);
	assert_int_equal(got.frames.count, 1);
	assert_true(has(got.records[0].text, "09:01:09 x [Part 01 of 02]"));
	assert_true(has(got.records[0].text, "x [Part 02 of 02]"));
}

/* What syslog of phones cuts off is missing, in the middle of a head, too. */
static void lines_that_are_cut_are_told(void **state)
{
	static const char line[] =
		"2026-11-30 12:00:00.100 received from " A " SIP/2.0 200 OK^M "
		"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1^M From: <sip:a"
		"@b>;tag=a^M To: <sip:b@b>;tag=b^M Call-ID: one^M CSeq: 1 ";
	struct t_log got;

	(void)state;
	t_read_log(slice_of_text(line), &got);
	assert_int_equal(got.frames.count, 1);
	assert_true(got.records[0].cut);
	assert_true(got.records[0].shown);
	assert_true(slice_ends(got.records[0].text, SLICE("CSeq: 1")));
}

static void other_ends_of_lines_in_one(void **state)
{
	static const struct want want[] = {
		{A, "-", "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
	};
#define MESSAGE(end)                                                     \
	"2026-11-30 12:00:00.100 received from " A " SIP/2.0 200 OK" end \
	"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1" end            \
	"From: <sip:a@b>;tag=a" end "To: <sip:b@b>;tag=b" end            \
	"Call-ID: one" end "CSeq: 1 INVITE" end "Content-Length: 0" end end "\n"
	struct want own = want[0];

	(void)state;
	own.dst = "192.0.2.9:5060";
	is_log(MESSAGE("^M "), 1, &own);
	is_log(MESSAGE("<013><010>"), 1, &own);
	is_log(MESSAGE("<010>"), 1, &own);
	is_log(MESSAGE("^M\n"), 1, &own);
#undef MESSAGE
}

/* A time since the start of a program keeps what lies between messages. */
static void times_since_a_start(void **state)
{
	static const struct want want[] = {
		{A, B, "1970-02-08T07:18:12.437000000Z", "a=x\n"},
		{B, A, "1970-02-08T07:18:13.500000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("3309492437mS SIP Rx: UDP " A " -> " B "\n" REQUEST LENGTH SDP
	       "\n3309492440mS CMCallEvt: NEW\n"
	       "3309493500mS SIP Tx: UDP " B " -> " A "\n" ANSWER NOTHING,
	       2, want);
}

/* CR CR LF becomes two line ends on its way. */
static void doubled_messages(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("2026-11-30 12:00:00:100 begins\n"
	       "2026-11-30 12:00:00:100 received [9] new bytes from [UDP://" A
	       "]:\n"
	       "INVITE sip:bob@192.0.2.9:5060 SIP/2.0\n\n"
	       "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n\n"
	       "From: <sip:alice@example.org>;tag=a\n\n"
	       "To: <sip:bob@example.org>\n\n"
	       "Call-ID: one\n\nCSeq: 1 INVITE\n\n"
	       "Content-Length: 0\n\n\n\n"
	       "2026-11-30 12:00:00:200 goes on\n",
	       1, want);
}

/* A dot for each CR, colours, and what ICMP quotes. */
static void prints_of_ngrep(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", "a=x\r\n"},
		{B, A, "2026-11-30T12:00:00.250000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("input: call.pcap\nfilter: ( udp ) and ip\n#\n"
	       "U 2026/11/30 12:00:00.100000 192.0.2.1:5062 -> 192.0.2.9:5060 "
	       "#1\n\n"
	       "\033[1m\033[31mINVITE \033[0msip:bob@192.0.2.9:5060 SIP/2.0.\n"
	       "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1.\033[0m\n"
	       "From: <sip:alice@example.org>;tag=a.\n"
	       "To: <sip:bob@example.org>.\nCall-ID: one.\nCSeq: 1 INVITE.\n"
	       "Content-Length: 22.\n.\nv=0.\ns=-.\nt=0 0.\na=x.\n\n#\n"
	       "I 2026/11/30 12:00:00.150000 192.0.2.9 -> 192.0.2.1 3:3 #2\n"
	       "....E.....INVITE sip:bob@192.0.2.9:5060 SIP/2.0.\n"
	       "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1.\n"
	       "To: <sip:bob@example.org>.\nCall-ID: one.\nCSeq: 1 INVITE.\n"
	       "Content-Length: 99.\n.\nv=0.\n\n"
	       "#\n"
	       "U 2026/11/30 12:00:00.250000 192.0.2.9:5060 -> 192.0.2.1:5062 "
	       "#3\n"
	       "SIP/2.0 200 OK.\n"
	       "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1.\n"
	       "To: <sip:bob@example.org>;tag=b.\nCall-ID: one.\n"
	       "CSeq: 1 INVITE.\nContent-Length: 0.\n.\n\n",
	       2, want);
}

/* Ends with dots, ports by name; headers of IP as text, also capitals, in front
 * of the method; a line of them may end early. */
static void prints_of_tcpdump(void **state)
{
	static const struct want want[] = {
		{A, B, "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
		{B, A, "2026-11-30T12:00:00.250000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("2026-11-30 12:00:00.100000 IP 192.0.2.1.5062 > 192.0.2.9.sip: "
	       "SIP: INVITE sip:bob@192.0.2.9:5060 SIP/2.0\n"
	       "E..8..@.@...\n.....q..GG" REQUEST NOTHING "\n"
	       "2026-11-30 12:00:00.250000 IP 192.0.2.9.sip > 192.0.2.1.5062: "
	       "SIP: SIP/2.0 200 OK\n"
	       "E..Q..@.@.S..........].\\.=.P" ANSWER NOTHING,
	       2, want);
	is_log("1796040000.100000 IP6 (flowlabel 0x1, hlim 64)\n"
	       "    192.0.2.1.5062 > 192.0.2.9.5060: [udp sum ok] SIP, length: "
	       "9\n"
	       "\tINVITE sip:bob@192.0.2.9:5060 SIP/2.0\n"
	       "\tVia: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n"
	       "\tTo: <sip:bob@example.org>\n"
	       "\tCall-ID: one\n\tCSeq: 1 INVITE\n\tContent-Length: 0\n\t\n"
	       "1796040000.200000 IP (tos 0xc0, ttl 64)\n"
	       "    192.0.2.9 > 192.0.2.1: ICMP 192.0.2.9 udp port 5060 "
	       "unreachable, length 556\n"
	       "\tIP (tos 0x0, ttl 63)\n"
	       "    192.0.2.1.5062 > 192.0.2.9.5060: SIP, length: 9\n"
	       "\tINVITE sip:bob@192.0.2.9:5060 SIP/2.0\n"
	       "\tVia: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1\n"
	       "\tTo: <sip:bob@example.org>\n"
	       "\tCall-ID: one\n\tCSeq: 1 INVITE\n\t\n",
	       1,
	       (const struct want[]){{A, B, "2026-11-30T12:00:00.100000000Z",
				      ": 0\r\n\r\n"}});
}

/* What looks like a first line and has no headers is none; what has too few,
 * and was not announced, is something that the program prints. */
static void lines_that_only_look_like_it(void **state)
{
	struct t_log got;

	(void)state;
	t_read_log(SLICE("2026-11-30 12:00:00.1 recv 9 bytes from udp/[192.0.2."
			 "1]:5062 at 12:00:00.1:\n" REQUEST NOTHING
			 "SIP/2.0 200 OK\nTo: <sip:bob@example.org>\n"
			 "2026-11-30 12:00:00.2 got SIP/2.0 200 OK\n"
			 "2026-11-30 12:00:00.3 end\n"),
		   &got);
	assert_int_equal(got.frames.count, 1);
	assert_true(got.frames.info.passed >= 2);
}

/* Addresses that were made unknowable on the way here are no names. */
static void addresses_that_are_none(void **state)
{
	static const struct want want[] = {
		{"-", "-", "2026-11-30T12:00:00.100000000Z", ": 0\r\n\r\n"},
	};

	(void)state;
	is_log("2026-11-30 12:00:00.100 .RX 9 bytes Response msg 200/INVITE "
	       "from tls [24aa:ac00]:5061:\n"
	       "SIP/2.0 200 OK\n"
	       "v:SIP/2.0/TLS [24aa:acc2]:2309;branch=z9hG4bK1\n"
	       "i:one\nCSeq:1 INVITE\nl:0\nContent-Length: 0\n\n",
	       1, want);
}

/* ---- where it begins ---- */

#define LINES_BEFORE 200u

/* What comes only once, as from a pipe or out of gzip, is looked at as far as a
 * file, and nothing of what was looked at is lost. */
static bool read_once(void *context)
{
	struct slice text = *(struct slice *)context;
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	enum status status = bytes_open_memory(text, &bytes);
	uint64_t frames = 0;

	if (status != STATUS_OK)
		return false;
	bytes->read_at = NULL;
	bytes->size = UINT64_MAX;
	status = source_open(bytes, NULL, &source, &fault);
	/* Without memory no more than the front is looked at. */
	if (status != STATUS_OK) {
		assert_true(status == STATUS_NOMEM ||
			    status == STATUS_NOT_MINE);
		return false;
	}
	while ((status = source->next(source, &frame)) == STATUS_OK)
		frames++;
	if (status == STATUS_END) {
		assert_int_equal(frames, 2);
		assert_int_equal(source->info.passed, LINES_BEFORE);
	}
	source->close(source);
	return status == STATUS_END;
}

static void what_comes_once_is_looked_at_as_far(void **state)
{
	struct text log = text_new(20000);
	struct slice text;

	(void)state;
	for (unsigned i = 0; i < LINES_BEFORE; i++)
		text_puts(&log, "nothing to tell of this in the least\n");
	text_puts(&log, "Received:\n" REQUEST NOTHING "Sent:\n" ANSWER NOTHING);
	text = text_slice(&log);
	assert_true(read_once(&text));
	t_failing_walk(read_once, &text);
	text_free(&log);
}

/* ---- times ---- */

static void dates_in_words_and_without_a_year(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"Nov 30 2026 12:00:00.5", "2026-11-30T12:00:00.500000000Z"},
		{"30 Nov 2026 12:00:00", "2026-11-30T12:00:00.000000000Z"},
		{"30-Nov-2026 12:00:00", "2026-11-30T12:00:00.000000000Z"},
		{"Tue Jun 26 2018 18:13:02 GMT+0600 (+06)",
		 "2018-06-26T12:13:02.000000000Z"},
		{"Tue Jun 26 18:13:02 2018", "2018-06-26T18:13:02.000000000Z"},
		{"*Mar  1 00:11:29.123:", "1972-03-01T00:11:29.123000000Z"},
		{"Feb 29 00:11:29 host", "1972-02-29T00:11:29.000000000Z"},
		{"11-30 08:05:44.264 3103", "1972-11-30T08:05:44.264000000Z"},
		{"2026-11-30 16:08:04:063 x", "2026-11-30T16:08:04.063000000Z"},
		{"2026-11-30_16:08:04.063 x", "2026-11-30T16:08:04.063000000Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text file = text_new(4096);
		struct t_log got;

		print_message("# %s\n", rows[i].line);
		text_printf(&file, "%s sent to " B ":\n" REQUEST NOTHING,
			    rows[i].line);
		t_read_log(text_slice(&file), &got);
		assert_int_equal(got.frames.count, 1);
		t_is_time(&got.frames.list[0], rows[i].want);
		assert_int_equal(got.frames.info.undated,
				 strstr(rows[i].want, "1972") != NULL);
		text_free(&file);
	}
}

static const struct t_case cases[] = {
	{"words_of_many_programs", words_of_many_programs},
	{"fronts_have_a_shape", fronts_have_a_shape},
	{"first_lines_stand_behind_fronts", first_lines_stand_behind_fronts},
	{"lines_come_in_pieces", lines_come_in_pieces},
	{"a_server_tells_peers_only", a_server_tells_peers_only},
	{"a_client_is_its_own_via", a_client_is_its_own_via},
	{"directions_without_ends", directions_without_ends},
	{"fronts_are_taken_off", fronts_are_taken_off},
	{"messages_in_one_line", messages_in_one_line},
	{"arrows_behind_fronts", arrows_behind_fronts},
	{"phones_cut_messages_into_parts", phones_cut_messages_into_parts},
	{"a_subject_of_parts_is_none", a_subject_of_parts_is_none},
	{"lines_that_are_cut_are_told", lines_that_are_cut_are_told},
	{"other_ends_of_lines_in_one", other_ends_of_lines_in_one},
	{"times_since_a_start", times_since_a_start},
	{"doubled_messages", doubled_messages},
	{"prints_of_ngrep", prints_of_ngrep},
	{"prints_of_tcpdump", prints_of_tcpdump},
	{"addresses_that_are_none", addresses_that_are_none},
	{"what_comes_once_is_looked_at_as_far",
	 what_comes_once_is_looked_at_as_far},
	{"lines_that_only_look_like_it", lines_that_only_look_like_it},
	{"dates_in_words_and_without_a_year",
	 dates_in_words_and_without_a_year},
};
T_MAIN(cases)
