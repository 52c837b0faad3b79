/* What ngrep prints without -W byline: wrapped, in one line, in hexadecimal;
 * and which of its dots are ends of lines. */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "capture/log_ngrep.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define HEAD "U 2026/11/28 12:00:00.5 192.0.2.1:5060 -> 192.0.2.2:5062"
#define OPTIONS                                         \
	"OPTIONS sip:bob@example.org SIP/2.0\r\n"       \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9\r\n" \
	"Call-ID: 1\r\n"                                \
	"CSeq: 1 OPTIONS\r\n"                           \
	"Content-Length: 0\r\n\r\n"
#define IN_ONE                                                              \
	"OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP "            \
	"192.0.2.1:5060;branch=z9..Call-ID: 1..CSeq: 1 OPTIONS..Content-Le" \
	"ngth: 0...."

static struct t_log got;

static void read_text(const char *text, size_t messages)
{
	t_read_log(slice_of_text(text), &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_string_equal(got.frames.info.format, "sip-text");
	assert_int_equal(got.frames.end, STATUS_END);
	assert_int_equal(got.frames.count, messages);
}

static void is_options(size_t i)
{
	t_is_end(&got.records[i].src, "192.0.2.1:5060");
	t_is_end(&got.records[i].dst, "192.0.2.2:5062");
	t_equal_text(got.records[i].text, OPTIONS);
	t_is_time(&got.frames.list[i], "2026-11-28T12:00:00.500000000Z");
	assert_false(got.records[i].cut);
}

#define SHORT                                           \
	"OPTIONS sip:bob@example.org SIP/2.0\r\n"       \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9\r\n" \
	"Call-ID: 1\r\n"                                \
	"CSeq: 1 OPTIONS\r\n\r\n"
#define SHORT_IN_ONE                                             \
	"OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP " \
	"192.0.2.1:5060;branch=z9..Call-ID: 1..CSeq: 1 OPTIONS...."
#define SHORT_IN_HEX                                             \
	"  4f 50 54 49 4f 4e 53 20    73 69 70 3a 62 6f 62 40\n" \
	"  65 78 61 6d 70 6c 65 2e    6f 72 67 20 53 49 50 2f\n" \
	"  32 2e 30 0d 0a 56 69 61    3a 20 53 49 50 2f 32 2e\n" \
	"  30 2f 55 44 50 20 31 39    32 2e 30 2e 32 2e 31 3a\n" \
	"  35 30 36 30 3b 62 72 61    6e 63 68 3d 7a 39 0d 0a\n" \
	"  43 61 6c 6c 2d 49 44 3a    20 31 0d 0a 43 53 65 71\n" \
	"  3a 20 31 20 4f 50 54 49    4f 4e 53 0d 0a 0d 0a\n"

static void all_forms_are_one_message(void **state)
{
	static const char *const texts[] = {
		/* as it comes */
		HEAD " #1\n"
		     "  OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP "
		     "192.0.2.1:5060;branch\n"
		     "  =z9..Call-ID: 1..CSeq: 1 OPTIONS..Content-Length: 0...."
		     "                   \n\n",
		/* the blanks at the ends of lines are lost */
		HEAD
		"\n"
		"  OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP\n"
		"  192.0.2.1:5060;branch=z9..Call-ID: 1..CSeq: 1 OPTIONS.\n"
		"  .Content-Length: 0....\n\n",
		/* -W none, -W single; TCP has flags */
		HEAD "\n" IN_ONE "\n\n",
		HEAD " " IN_ONE "\n\n",
		"T 2026/11/28 12:00:00.5 192.0.2.1:5060 -> 192.0.2.2:5062 "
		"[AP] " IN_ONE "\n\n",
		"T 2026/11/28 12:00:00.5 192.0.2.1:5060 -> 192.0.2.2:5062 [AP] "
		"#7\n" IN_ONE "\r\n\r\n",
		/* quoted in a mail */
		"> " HEAD " #1\n>   " IN_ONE "\n>\n",
		"Hello,\n> " HEAD " #1\n"
		">   OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP "
		"192.0.2.1:5060;branch\n"
		">   =z9..Call-ID: 1..CSeq: 1 OPTIONS..Content-Length: 0....\n"
		"> ###\nyours\n",
		/* -x */
		HEAD " #1\n"
		     "  4f 50 54 49 4f 4e 53 20    73 69 70 3a 62 6f 62 40    "
		     "OPTIONS sip:bob@\n"
		     "  65 78 61 6d 70 6c 65 2e    6f 72 67 20 53 49 50 2f    "
		     "example.org SIP/\n"
		     "  32 2e 30 0d 0a 56 69 61    3a 20 53 49 50 2f 32 2e    "
		     "2.0..Via: SIP/2.\n"
		     "  30 2f 55 44 50 20 31 39    32 2e 30 2e 32 2e 31 3a    "
		     "0/UDP 192.0.2.1:\n"
		     "  35 30 36 30 3b 62 72 61    6e 63 68 3d 7a 39 0d 0a    "
		     "5060;branch=z9..\n"
		     "  43 61 6c 6c 2d 49 44 3a    20 31 0d 0a 43 53 65 71    "
		     "Call-ID: 1..CSeq\n"
		     "  3a 20 31 20 4f 50 54 49    4f 4e 53 0d 0a 43 6f 6e    "
		     ": 1 OPTIONS..Con\n"
		     "  74 65 6e 74 2d 4c 65 6e    67 74 68 3a 20 30 0d 0a    "
		     "tent-Length: 0..\n"
		     "  0d 0a                                                 "
		     "..              \n\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		print_message("# %s\n", texts[i]);
		read_text(texts[i], 1);
		is_options(0);
	}
}

static void dots_of_the_text_stay(void **state)
{
	static const struct {
		const char *printed, *want;
	} rows[] = {
		/* X-Lite's Call-ID, and a body behind it */
		{"BYE sip:bob@example.org SIP/2.0..Call-ID: a....CSeq: 1 BYE.."
		 "Max-Forwards: 7....",
		 "BYE sip:bob@example.org SIP/2.0\r\nCall-ID: a..\r\n"
		 "CSeq: 1 BYE\r\nMax-Forwards: 7\r\n\r\n"},
		{"BYE sip:bob@example.org SIP/2.0..Call-ID: a...CSeq: 1 BYE.."
		 "From: <sip:a..b@c>..Max-Forwards: 7....",
		 "BYE sip:bob@example.org SIP/2.0\r\nCall-ID: a.\r\n"
		 "CSeq: 1 BYE\r\nFrom: <sip:a..b@c>\r\n"
		 "Max-Forwards: 7\r\n\r\n"},
		{"INFO sip:bob@example.org SIP/2.0..Call-ID: a..CSeq: 1 INFO.."
		 "Content-Length: 20....Messages-Waiting: no..",
		 "INFO sip:bob@example.org SIP/2.0\r\nCall-ID: a\r\n"
		 "CSeq: 1 INFO\r\nContent-Length: 20\r\n\r\n"
		 "Messages-Waiting: no\r\n"},
		/* bytes behind the message */
		{"SIP/2.0 200 OK..Call-ID: a..CSeq: 1 INFO..To: <sip:b@c>.."
		 "Content-Length: 0.......?",
		 "SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 1 INFO\r\n"
		 "To: <sip:b@c>\r\nContent-Length: 0\r\n\r\n"},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), HEAD " %s\n\n",
			       rows[i].printed);
		print_message("# %s\n", text);
		read_text(text, 1);
		t_equal_text(got.records[0].text, rows[i].want);
	}
}

static void other_packets_stand_between(void **state)
{
	(void)state;
	read_text(
		HEAD
		" #1\n  ....                                        \n\n" HEAD
		"\n" IN_ONE "\n\n"
		"U 2026/11/28 12:00:01 192.0.2.1:4000 -> 192.0.2.2:4001\n"
		"  .o......                                          \n\n" HEAD
		"\n" IN_ONE "\n\n",
		2);
	is_options(0);
	is_options(1);
}

/* What ngrep prints between packets unless -q is given; no Content-Length says
 * where the message ends. */
static void its_progress_is_no_body(void **state)
{
	static const char *const texts[] = {
		"##\n" HEAD " #2\n" SHORT_IN_ONE "\n#\n" HEAD
		" #3\n" SHORT_IN_ONE "\n###exit\n",
		"#\n" HEAD " " SHORT_IN_ONE "\n##\n" HEAD " " SHORT_IN_ONE
		"\nexit\n9 received, 2 matched\n",
		"#\n" HEAD "\n" SHORT_IN_HEX "#\n" HEAD "\n" SHORT_IN_HEX
		"####\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		print_message("# %s\n", texts[i]);
		read_text(texts[i], 2);
		for (size_t n = 0; n < 2; n++) {
			t_equal_text(got.records[n].text, SHORT);
			assert_false(got.records[n].cut);
		}
	}
}

/* The first of several fragments holds the head. */
static void fragments_are_told(void **state)
{
	static const char *const words[] = {"4711@0:1440", "+4711@0:1440"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text), HEAD " %s #1\n" IN_ONE "\n\n",
			 words[i]);
		read_text(text, 1);
		is_options(0);
		snprintf(text, sizeof(text), HEAD " %s " IN_ONE "\n\n",
			 words[i]);
		read_text(text, 1);
		is_options(0);
	}
}

static void is_made_soon(struct slice text)
{
	struct log_maker *maker = ngrep_maker();
	clock_t began = clock();

	assert_non_null(maker);
	while (text.n)
		maker->line(maker, slice_split(&text, '\n'));
	maker->end(maker);
	assert_true(maker->out.n > 0);
	maker->close(maker);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 20);
}

/* Work that grows with the square of a packet takes minutes here. */
static void hostile_packets_take_no_time(void **state)
{
	struct text text = text_new(SIZE_MAX / 2);

	(void)state;
	for (unsigned packet = 0; packet < 16; packet++) {
		text_puts(&text, HEAD "\n");
		for (unsigned i = 0; i < 130000; i++)
			text_putc(&text, 'x');
		for (unsigned i = 0; i < 60000; i++)
			text_puts(&text, "\ny");
		text_puts(&text, "\n\n" HEAD "\n");
		for (unsigned i = 0; i < 80000; i++)
			text_puts(&text, "a..");
		text_puts(&text, "\n\n");
	}
	is_made_soon(text_slice(&text));
	text_free(&text);
}

static void with_byline_nothing_is_done(void **state)
{
	(void)state;
	assert_true(ngrep_claims(SLICE(HEAD "\n" IN_ONE "\n")));
	assert_false(ngrep_claims(
		SLICE(HEAD "\nOPTIONS sip:b@c SIP/2.0.\nVia: x.\n")));
	assert_false(ngrep_claims(SLICE(HEAD "\n  ....\n")));
	assert_false(ngrep_claims(SLICE(IN_ONE "\n")));
}

static void without_memory(void **state)
{
	struct t_log_need need = {
		.text = SLICE(HEAD "\n" IN_ONE "\n\n" HEAD "\n" IN_ONE),
		.records = 2,
		.by_more = true,
	};

	(void)state;
	assert_true(t_log_reads(&need));
	t_failing_walk(t_log_reads, &need);
}

static const struct t_case cases[] = {
	{"all_forms_are_one_message", all_forms_are_one_message},
	{"dots_of_the_text_stay", dots_of_the_text_stay},
	{"other_packets_stand_between", other_packets_stand_between},
	{"its_progress_is_no_body", its_progress_is_no_body},
	{"fragments_are_told", fragments_are_told},
	{"hostile_packets_take_no_time", hostile_packets_take_no_time},
	{"with_byline_nothing_is_done", with_byline_nothing_is_done},
	{"without_memory", without_memory},
};

T_MAIN(cases)
