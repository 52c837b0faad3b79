/* Logs that went through mails, editors and other languages: the same records
 * come out, and what was passed over is told. */
#include "config.h"

#include "core/text.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

#define TIME "02/03/2015|09:07:12.045"
#define BEHIND " 2A4C:1B0 INFO  :: "
#define MESSAGE                          \
	"MESSAGE sip:bob@example.com "   \
	"SIP/2.0\r\nTo: "                \
	"<sip:bob@example.com>\r\n"      \
	" ;tag=b\r\nCall-ID: one\r\n"    \
	"Content-Type: application/sdp"  \
	"\r\nContent-Length: 10\r\n\r\n" \
	"v=0\r\ns=-\r\n"
#define CLIENT(time)                                                         \
	time BEHIND "Sending Packet - 192.0.2.10:5061 (From Local Address: " \
		    "192.0.2.35:49731) 145 bytes:\r\n" time BEHIND MESSAGE   \
		    "\r\n" time BEHIND                                       \
		    "End of Sending Packet - 192.0.2.10:5061 (From Local "   \
		    "Address: 192.0.2.35:49731) 145 bytes\r\n"

static const char client[] = CLIENT(TIME);
static const char server[] =
	"TL_INFO(TF_PROTOCOL) [pool01\\fe01]0B2C.0F18::02/03/2015-09:07:12.045."
	"0001a2c4 (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp("
	"125)) [271828182] $$begin_record\r\n"
	"Direction: outgoing\r\n"
	"Peer: 192.0.2.10:5061\r\n"
	"Start-Line: MESSAGE sip:bob@example.com SIP/2.0\r\n"
	"To: <sip:bob@example.com>\r\n ;tag=b\r\n"
	"Call-ID: one\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 10\r\n"
	"Message-Body: v=0\r\ns=-\r\n"
	"$$end_record\r\n";
static const char borrowed[] =
	"02/03/2015-09:07:12.045 [0x00001234] - --> Message to Send (Dest "
	"Address IP:  192.0.2.10:5061):$$begin_record\r\n" MESSAGE
	"$$end_record\r\n";
static const char sipdump[] =
	"====================\r\n"
	"tag: snd\r\n"
	"time: 1422954432.045000\r\n"
	"proto: tls ipv4\r\n"
	"srcip: 192.0.2.35\r\n"
	"srcport: 49731\r\n"
	"dstip: 192.0.2.10\r\n"
	"dstport: 5061\r\n"
	"~~~~~~~~~~~~~~~~~~~~\r\n" MESSAGE "||||||||||||||||||||\r\n";
static const char plain[] =
	"2015-02-03 09:07:12.045 192.0.2.35:49731 -> 192.0.2.10:5061\r\n"
	"\r\n" MESSAGE;

static const struct {
	const char *format, *text;
} forms[] = {
	{"uccapi", client},   {"cls", server},     {"cls", borrowed},
	{"sipdump", sipdump}, {"sip-text", plain},
};

/* One line as something on the way wrote it; `text` has no line end. */
typedef void write_line(struct text *to, struct slice line, unsigned number);

static void dress(const char *log, write_line *write, struct text *to)
{
	struct slice rest = slice_of_text(log);
	unsigned number = 8;

	text_clear(to);
	while (rest.n) {
		struct slice line = slice_split(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		write(to, line, number++);
	}
}

static void quoted(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_puts(to, line.n ? "> " : ">");
	text_put(to, line);
	text_puts(to, "\n");
}

static void quoted_twice(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_puts(to, line.n ? "> >" : ">>");
	text_put(to, line);
	text_puts(to, "\r\n");
}

static void indented(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_puts(to, line.n ? "    " : "");
	text_put(to, line);
	text_puts(to, "\r\n");
}

static void tabbed(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_puts(to, "\t");
	text_put(to, line);
	text_puts(to, "\n");
}

/* As grep -n does. */
static void numbered(struct text *to, struct slice line, unsigned number)
{
	text_printf(to, "%u:", number);
	text_put(to, line);
	text_puts(to, "\n");
}

/* As cat -n does, and nl, which gives an empty line no number. */
static void numbered_by_nl(struct text *to, struct slice line, unsigned number)
{
	if (line.n)
		text_printf(to, "%6u\t", number);
	else
		text_puts(to, "       ");
	text_put(to, line);
	text_puts(to, "\n");
}

static void numbered_by_editor(struct text *to, struct slice line,
			       unsigned number)
{
	text_printf(to, "%3u  ", number);
	text_put(to, line);
	text_puts(to, "\n");
}

static void numbered_and_quoted(struct text *to, struct slice line,
				unsigned number)
{
	text_printf(to, "> %u. ", number);
	text_put(to, line);
	text_puts(to, "\n");
}

static void returned_twice(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_put(to, line);
	text_puts(to, "\r\r\n");
}

static void doubled(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_put(to, line);
	text_puts(to, "\r\n\r\n");
}

static void doubled_and_quoted(struct text *to, struct slice line,
			       unsigned number)
{
	(void)number;
	text_puts(to, "> ");
	text_put(to, line);
	text_puts(to, "\n>\n");
}

/* A blog that makes many empty lines one. */
static void doubled_and_squeezed(struct text *to, struct slice line,
				 unsigned number)
{
	(void)number;
	if (line.n == 0)
		return;
	text_put(to, line);
	text_puts(to, "\n\n");
}

static void put_html(struct text *to, struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '<')
			text_puts(to, "&lt;");
		else if (line.p[i] == '>')
			text_puts(to, "&gt;");
		else if (line.p[i] == '"')
			text_puts(to, "&#34;");
		else if (line.p[i] == '&')
			text_puts(to, "&amp;");
		else if (line.p[i] == '-')
			text_puts(to, "&#x2d;");
		else
			text_putc(to, (char)line.p[i]);
}

/* As forums give a log back. */
static void broken_by_tags(struct text *to, struct slice line, unsigned number)
{
	text_puts(to, number == 8 ? "<pre class=\"code\">" : "");
	put_html(to, line);
	text_puts(to, "<br />\r\n");
}

static void tags_without_lines(struct text *to, struct slice line,
			       unsigned number)
{
	(void)number;
	put_html(to, line);
	text_puts(to, "<br>");
}

static void divided(struct text *to, struct slice line, unsigned number)
{
	(void)number;
	text_puts(to, "<div><span style='a'>");
	put_html(to, line);
	text_puts(to, line.n ? "</span></div>\n" : "</span><br></div>\n");
}

/* Heads are CR LF; a body is as the file has it. */
static void is_message(struct slice text)
{
	struct text bare = text_new(4096), want = text_new(4096);

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			text_putc(&bare, (char)text.p[i]);
	for (const char *p = MESSAGE; *p; p++)
		if (*p != '\r')
			text_putc(&want, *p);
	t_equal_bytes(slice_first(text_slice(&bare), want.n),
		      text_slice(&want));
	assert_int_equal(slice_trim(slice_from(text_slice(&bare), want.n)).n,
			 0);
	text_free(&bare);
	text_free(&want);
}

static void is_read(struct slice file, const char *format, bool dressed)
{
	struct t_log got;

	t_read_log(file, &got);
	assert_int_equal(got.frames.opened, STATUS_OK);
	assert_string_equal(got.frames.info.format, format);
	assert_int_equal(got.frames.count, 1);
	assert_int_equal(got.records[0].kind, RECORD_MESSAGE);
	t_is_end(&got.records[0].dst, "192.0.2.10:5061");
	t_is_time(&got.frames.list[0], "2015-02-03T09:07:12.045000000Z");
	assert_false(got.records[0].cut);
	is_message(got.records[0].text);
	assert_int_equal(got.frames.info.dress != NULL, dressed);
}

static void all_forms_are_read_in_all_dresses(void **state)
{
	static const struct {
		write_line *write;
		const char *said;
	} rows[] = {
		{quoted, "quoted"},
		{quoted_twice, "quoted"},
		{indented, "indented"},
		{tabbed, "indented"},
		{numbered, "numbers"},
		{numbered_by_nl, "numbers"},
		{numbered_by_editor, "numbers"},
		{numbered_and_quoted, "quoted"},
		{returned_twice, NULL},
		{doubled, "empty line"},
		{doubled_and_quoted, "quoted"},
		{doubled_and_squeezed, "empty line"},
		{broken_by_tags, "HTML"},
		{tags_without_lines, "HTML"},
		{divided, "HTML"},
	};
	struct text file = text_new(65536);

	(void)state;
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		is_read(slice_of_text(forms[f].text), forms[f].format, false);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			print_message("# %s, dress %zu\n", forms[f].format, i);
			dress(forms[f].text, rows[i].write, &file);
			is_read(text_slice(&file), forms[f].format,
				rows[i].said);
		}
	}
	text_free(&file);
}

static void what_stands_around_a_quotation_is_told(void **state)
{
	struct text log = text_new(65536), file = text_new(65536);
	struct t_log got;

	(void)state;
	dress(client, quoted, &log);
	text_puts(&file, "On Tuesday Bob wrote:\n\n");
	text_put(&file, text_slice(&log));
	text_puts(&file, "\nAnd what does that mean?\n");
	t_read_log(text_slice(&file), &got);
	assert_int_equal(got.frames.count, 1);
	is_message(got.records[0].text);
	assert_int_equal(got.frames.info.passed, 2);
	assert_int_equal(got.frames.info.passed_first.offset, 0);
	assert_string_equal(got.frames.info.passed_first.text,
			    "On Tuesday Bob wrote:");
	assert_non_null(strstr(got.frames.info.dress, "quoted"));
	text_free(&log);
	text_free(&file);
}

/* What looks like a dress in some lines of a file without one is content. */
static void lines_without_a_dress_stay(void **state)
{
	static const char log[] =
		TIME BEHIND "MESSAGE sip:bob@example.com SIP/2.0\r\n"
			    "To: <sip:bob@example.com>\r\n\ttag=b\r\n"
			    "Content-Length: 24\r\n\r\n"
			    "> 1: a\r\n\r\n  2: b\r\n\r\n3: c\r\n";
	struct t_log got;

	(void)state;
	t_read_log(slice_of_text(log), &got);
	assert_int_equal(got.frames.count, 1);
	assert_null(got.frames.info.dress);
	t_equal_text(got.records[0].text,
		     "MESSAGE sip:bob@example.com SIP/2.0\r\n"
		     "To: <sip:bob@example.com>\r\n\ttag=b\r\n"
		     "Content-Length: 24\r\n\r\n"
		     "> 1: a\r\n\r\n  2: b\r\n\r\n3: c\r\n");
}

/* Two messages, by the times in front of them; `header` is in the second. */
static void day_or_month(void **state)
{
	static const struct {
		const char *times[2], *header, *want, *said;
	} rows[] = {
		{{"05/02/2015|09:07:12", "05/02/2015|09:07:13"},
		 NULL,
		 "2015-05-02T09:07:12.000000000Z",
		 "month first"},
		{{"05.02.2015|09:07:12", "05.02.2015|09:07:13"},
		 NULL,
		 "2015-02-05T09:07:12.000000000Z",
		 "day first"},
		{{"05/02/2015|09:07:12", "05/02/2015|09:07:13"},
		 "Date: Thu, 05 Feb 2015 10:07:13 GMT\r\n",
		 "2015-02-05T09:07:12.000000000Z",
		 "Date of"},
		{{"05.02.2015|09:07:12", "05.02.2015|09:07:13"},
		 "Date: Sat, 02 May 2015 10:07:13 GMT\r\n",
		 "2015-05-02T09:07:12.000000000Z",
		 "Date of"},
		{{"05/02/2015|09:07:12", "05/02/2015|09:07:13"},
		 "Date: Sat, 02 May 2015 10:07:13 GMT\r\n",
		 "2015-05-02T09:07:12.000000000Z",
		 NULL},
		{{"12/01/2015|09:07:12", "13/01/2015|09:07:13"},
		 NULL,
		 "2015-01-12T09:07:12.000000000Z",
		 "above 12"},
		{{"01/12/2015|09:07:12", "01/13/2015|09:07:13"},
		 NULL,
		 "2015-01-12T09:07:12.000000000Z",
		 NULL},
		{{"01.12.2015|09:07:12", "01.13.2015|09:07:13"},
		 NULL,
		 "2015-01-12T09:07:12.000000000Z",
		 "above 12"},
		{{"05/02/2015|09:07:12", "06/02/2015|09:07:13"},
		 NULL,
		 "2015-02-05T09:07:12.000000000Z",
		 "leap"},
		{{"02/05/2015|09:07:12", "02/06/2015|09:07:13"},
		 NULL,
		 "2015-02-05T09:07:12.000000000Z",
		 NULL},
		{{"03/03/2015|09:07:12", "03/03/2015|09:07:13"},
		 NULL,
		 "2015-03-03T09:07:12.000000000Z",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text file = text_new(4096);
		struct t_log got;

		print_message("# row %zu\n", i);
		text_printf(&file,
			    "%s" BEHIND MESSAGE "\r\n%s" BEHIND
			    "MESSAGE sip:bob@example.com SIP/2.0\r\n%s"
			    "To: <sip:bob@example.com>\r\n"
			    "Content-Length: 0\r\n\r\n",
			    rows[i].times[0], rows[i].times[1],
			    rows[i].header ? rows[i].header : "");
		t_read_log(text_slice(&file), &got);
		assert_int_equal(got.frames.count, 2);
		t_is_time(&got.frames.list[0], rows[i].want);
		assert_int_equal(got.frames.info.dates != NULL,
				 rows[i].said != NULL);
		if (rows[i].said)
			assert_non_null(
				strstr(got.frames.info.dates, rows[i].said));
		text_free(&file);
	}
}

static void times_have_many_forms(void **state)
{
	static const struct {
		const char *time, *want;
		bool zoned;
	} rows[] = {
		{"02/03/2015|09:07:12.045", "2015-02-03T09:07:12.045", false},
		{"2/3/2015|9:07:12.045", "2015-02-03T09:07:12.045", false},
		{"23/02/2015|09:07:12.045", "2015-02-23T09:07:12.045", false},
		{"03.02.2015|09:07:12.045", "2015-02-03T09:07:12.045", false},
		{"3.2.2015 09:07:12,045", "2015-02-03T09:07:12.045", false},
		{"02.23.2015 09:07:12,045", "2015-02-23T09:07:12.045", false},
		{"03-02-2015 09:07:12", "2015-02-03T09:07:12.000", false},
		{"2015-02-03T09:07:12.045", "2015-02-03T09:07:12.045", false},
		{"2015-02-03 09:07:12,045", "2015-02-03T09:07:12.045", false},
		{"2015/02/03|09:07:12.045", "2015-02-03T09:07:12.045", false},
		{"2/3/2015, 9:07:12.045 AM", "2015-02-03T09:07:12.045", false},
		{"2/3/2015 9:07:12 PM", "2015-02-03T21:07:12.000", false},
		{"2/3/2015 12:07:12 am", "2015-02-03T00:07:12.000", false},
		{"2/3/2015 12:07:12 p.m.", "2015-02-03T12:07:12.000", false},
		{"2015-02-03T09:07:12.045Z", "2015-02-03T09:07:12.045", true},
		{"2015-02-03T09:07:12.045+01:00", "2015-02-03T08:07:12.045",
		 true},
		{"2015-02-03T20:07:12.045-0530", "2015-02-04T01:37:12.045",
		 true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text file = text_new(4096), want = text_new(64);
		struct t_log got;

		print_message("# %s\n", rows[i].time);
		text_printf(&file, "%s" BEHIND MESSAGE, rows[i].time);
		text_printf(&want, "%s000000Z", rows[i].want);
		text_putc(&want, 0);
		t_read_log(text_slice(&file), &got);
		assert_int_equal(got.frames.opened, STATUS_OK);
		assert_int_equal(got.frames.count, 1);
		t_is_time(&got.frames.list[0], want.p);
		assert_false(got.frames.info.undated);
		assert_int_equal(got.frames.info.zoneless, !rows[i].zoned);
		text_free(&file);
		text_free(&want);
	}
}

/* No time, and no log. */
static void other_numbers_are_no_times(void **state)
{
	static const char *const rows[] = {
		"02/32/2015|09:07:12.045",
		"13/13/2015|09:07:12.045",
		"02/03.2015|09:07:12.045",
		"02/03/2015|09:07",
		"02/03/2015",
		"192.0.2.2015 09:07:12.045",
		"2015-02-03X09:07:12.045",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text file = text_new(4096);
		struct t_log got;

		print_message("# %s\n", rows[i]);
		text_printf(&file, "%s" BEHIND MESSAGE, rows[i]);
		t_read_log(text_slice(&file), &got);
		assert_int_equal(got.frames.opened, STATUS_NOT_MINE);
		text_free(&file);
	}
}

static const struct t_case cases[] = {
	{"all_forms_are_read_in_all_dresses",
	 all_forms_are_read_in_all_dresses},
	{"what_stands_around_a_quotation_is_told",
	 what_stands_around_a_quotation_is_told},
	{"lines_without_a_dress_stay", lines_without_a_dress_stay},
	{"day_or_month", day_or_month},
	{"times_have_many_forms", times_have_many_forms},
	{"other_numbers_are_no_times", other_numbers_are_no_times},
};
T_MAIN(cases)
