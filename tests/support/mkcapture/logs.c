/*
 * Logs: what a program would have written of the messages, instead of the
 * frames that carry them (capture-formats 4).
 */
#include "config.h"

#include <string.h>

#include "tests/support/mkcapture/maker.h"

#define LOG_MAX ((size_t)16 << 20)

/* ---- what forms have in common ---- */

static const char *end_text(struct maker *m, const struct endpoint *e)
{
	char buffer[ENDPOINT_TEXT_MAX];

	return maker_text(m, "%s", endpoint_string(e, buffer));
}

static struct civil_time civil_of(const struct maker *m, unsigned *ms)
{
	nanoseconds time = m->now + m->log.ahead;

	*ms = (unsigned)(time % NS_PER_S / NS_PER_MS);
	return clock_civil(time);
}

/* 02/03/2015|09:07:12.045, with `between` in the middle. */
static const char *time_text(struct maker *m, char between)
{
	unsigned ms;
	struct civil_time c = civil_of(m, &ms);

	return maker_text(m, "%02d/%02d/%04d%c%02d:%02d:%02d.%03u", c.month,
			  c.day, c.year, between, c.hour, c.minute, c.second,
			  ms);
}

static bool is_sent(const struct saying *s)
{
	return endpoint_same_ip(&s->src, &s->m->log.host);
}

/* ---- the forms ---- */

static void uccapi_line(struct maker *m)
{
	text_printf(&m->log.text, "%s 2A4C:1B0 INFO  :: ", time_text(m, '|'));
}

static void uccapi_message(struct saying *s, struct slice shown, size_t bytes)
{
	struct maker *m = s->m;
	bool sent = is_sent(s);
	const char *marker = maker_text(
		m, "%s%s (%s Local Address: %s) %zu bytes",
		sent ? "Sending Packet - " : "Data Received -",
		end_text(m, sent ? &s->dst : &s->src), sent ? "From" : "To",
		end_text(m, sent ? &s->src : &s->dst), bytes);

	uccapi_line(m);
	text_printf(&m->log.text, "%s:\r\n", marker);
	uccapi_line(m);
	text_put(&m->log.text, shown);
	text_puts(&m->log.text, "\r\n");
	uccapi_line(m);
	text_printf(&m->log.text, "End of %s\r\n", marker);
}

static void uccapi_trace(struct maker *m, const char *line)
{
	uccapi_line(m);
	text_printf(&m->log.text, "%s\r\n", line);
}

static void server_head(struct maker *m, const char *flag)
{
	text_printf(&m->log.text,
		    "TL_%s [pool\\%s]0B2C.0F18::%s.%08x (SIPStack,"
		    "SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))",
		    flag, m->log.name, time_text(m, '-'), ++m->log.number);
}

/* The first line, the headers, "Message-Body:" and the body. */
static void server_message(struct saying *s, struct slice shown, size_t bytes)
{
	struct text *to = &s->m->log.text;
	size_t end = shown.n;
	struct slice body;

	(void)bytes;
	(void)slice_search(shown, SLICE("\r\n\r\n"), &end);
	body = slice_from(shown, end + 4);
	server_head(s->m, "INFO(TF_PROTOCOL)");
	text_printf(to,
		    " [%u] $$begin_record\r\nTrace-Correlation-Id: %u\r\n"
		    "Instance-Id: %08X\r\nDirection: %s\r\nPeer: %s\r\n"
		    "Message-Type: %s\r\nStart-Line: ",
		    s->m->log.number, s->m->log.number, s->m->log.number,
		    is_sent(s) ? "outgoing" : "incoming",
		    end_text(s->m, is_sent(s) ? &s->dst : &s->src),
		    slice_starts(shown, SLICE("SIP/")) ? "response"
						       : "request");
	text_put(to, slice_first(shown, end));
	text_puts(to, "\r\nMessage-Body: ");
	if (body.n)
		text_put(to, body);
	else
		text_putc(to, '-');
	text_puts(to, "\r\n$$end_record\r\n");
}

/* "trace diagnostic LINE|LINE": a record of TF_DIAG. */
static void server_diagnostic(struct maker *m, struct slice lines)
{
	struct text *to = &m->log.text;

	server_head(m, "WARN(TF_DIAG)");
	text_puts(to, " [1] $$begin_record\r\n");
	while (lines.n) {
		text_put(to, slice_split(&lines, '|'));
		text_puts(to, "\r\n");
	}
	text_puts(to, "$$end_record\r\n");
}

static void server_trace(struct maker *m, const char *line)
{
	struct slice text = slice_of_text(line);

	if (slice_starts(text, SLICE("diagnostic "))) {
		server_diagnostic(m, slice_from(text, 11));
		return;
	}
	server_head(m, "INFO(TF_COMPONENT)");
	text_printf(&m->log.text, "%s\r\n", line);
}

static void sipdump_message(struct saying *s, struct slice shown, size_t bytes)
{
	struct text *to = &s->m->log.text;
	nanoseconds time = s->m->now + s->m->log.ahead;
	struct endpoint src = s->src, dst = s->dst;

	(void)bytes;
	text_printf(to,
		    "====================\ntag: %s\npid: 7\nprocess: 1\n"
		    "time: %llu.%06llu\nproto: %s ipv4\n",
		    is_sent(s) ? "snd" : "rcv",
		    (unsigned long long)(time / NS_PER_S),
		    (unsigned long long)(time % NS_PER_S / NS_PER_US),
		    s->connection ? "tcp" : "udp");
	text_puts(to, "srcip: ");
	endpoint_ip_text(&src, to);
	text_printf(to, "\nsrcport: %u\ndstip: ", src.port);
	endpoint_ip_text(&dst, to);
	text_printf(to, "\ndstport: %u\n~~~~~~~~~~~~~~~~~~~~\n", dst.port);
	text_put(to, shown);
	text_puts(to, "||||||||||||||||||||\n");
}

static void no_trace(struct maker *m, const char *line)
{
	(void)m;
	(void)line;
}

static void put_escaped(struct text *to, const char *value)
{
	for (const char *p = value; *p; p++) {
		if (*p == '"' || *p == '\\')
			text_putc(to, '\\');
		text_putc(to, *p);
	}
}

/* "trace TYPE VALUE": an entry of the log of one connection; the first may be
 * rtcConfiguration, which stands in front of the log. */
static void internals_trace(struct maker *m, const char *line)
{
	struct text *to = &m->log.text;
	nanoseconds time = m->now + m->log.ahead;
	const char *space = strchr(line, ' ');
	const char *value = space ? space + 1 : "";
	size_t n = space ? (size_t)(space - line) : strlen(line);

	if (to->n == 0)
		text_puts(to, "{\n \"PeerConnections\": {\n  \"8-2\": {\n");
	if (slice_is(slice_of(line, n), "rtcConfiguration")) {
		text_puts(to, "   \"rtcConfiguration\": \"");
		put_escaped(to, value);
		text_puts(to, "\",\n");
		return;
	}
	if (m->log.number++ == 0)
		text_puts(to, "   \"updateLog\": [\n");
	text_printf(to,
		    "    {\n     \"type\": \"%.*s\",\n     \"value\": \"",
		    (int)n, line);
	put_escaped(to, value);
	text_printf(to,
		    "\",\n     \"timestamp\": %llu.%03llu\n    },\n",
		    (unsigned long long)(time / NS_PER_MS),
		    (unsigned long long)(time % NS_PER_MS / NS_PER_US));
}

static void no_message(struct saying *s, struct slice shown, size_t bytes)
{
	(void)s;
	(void)shown;
	(void)bytes;
}

static const struct log_form {
	const char *name, *suffix;
	void (*message)(struct saying *s, struct slice shown, size_t bytes);
	void (*trace)(struct maker *m, const char *line);
} forms[] = {
	{"uccapi", ".uccapilog", uccapi_message, uccapi_trace},
	{"cls", ".log", server_message, server_trace},
	{"sipdump", ".data", sipdump_message, no_trace},
	{"internals", ".internals.json", no_message, internals_trace},
};

static const struct log_form *form_of(const struct maker *m)
{
	return &forms[m->log.form];
}

const char *log_suffix(const struct maker *m)
{
	return form_of(m)->suffix;
}

/* ---- statements ---- */

void log_message(struct saying *s)
{
	struct slice all = text_slice(s->to);
	size_t cut = s->m->log.cut;

	s->m->now += s->m->step;
	form_of(s->m)->message(s, cut ? slice_first(all, cut) : all, all.n);
}

void log_trace(struct maker *m, const struct line *line)
{
	if (!m->log.on)
		recipe_stop(line, "there is no log to write to");
	m->now += m->step;
	form_of(m)->trace(m, line->text + strlen("trace "));
}

/* logged FORM HOST [ahead=TIME] [cut=BYTES] */
void log_begin(struct maker *m, const struct line *line, const struct words *w)
{
	const char *name = words_at(line, w, 1, "the form");
	const char *ahead = words_value(w, "ahead");
	const char *cut = words_value(w, "cut");
	size_t i = 0;

	while (i < sizeof(forms) / sizeof(forms[0]) &&
	       strcmp(forms[i].name, name) != 0)
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]))
		recipe_stop(line, "no such log: %s", name);
	if (m->log.text.max == 0)
		m->log.text = text_new(LOG_MAX);
	m->log.form = (unsigned)i;
	m->log.name = words_at(line, w, 2, "the host");
	m->log.host = maker_host(m, line, m->log.name);
	m->log.ahead = ahead ? maker_time(line, ahead) : 0;
	m->log.cut = cut ? (size_t)recipe_number(line, cut, PAYLOAD_MAX) : 0;
	m->log.on = true;
}
