/* Messages to read, with the colours of their syntax. */
#include "config.h"

#include <string.h>

#include "report/masking.h"
#include "report/secrets.h"
#include "ui/message_page.h"

#define MESSAGE_MAX ((size_t)1 << 20)
#define HEX_ROW 16u

/* ---- secrets ---- */

void message_secrets(struct feed *feed, const struct entry *e,
		     struct slice bytes, struct masking *m)
{
	struct field_sink sink = masking_sink(m);

	masking_begin(m, bytes);
	if (feed->show_secrets)
		return;
	(void)feed->fields(feed, e, bytes, &sink);
	masking_finish(m);
}

void message_masked(struct feed *feed, const struct entry *e,
		    struct slice bytes, struct text *to)
{
	struct masking m;

	message_secrets(feed, e, bytes, &m);
	masking_put(&m, to);
	masking_free(&m);
}

/* ---- SIP as it was sent ---- */

static bool is_text(struct slice s)
{
	size_t strange = 0;

	for (size_t i = 0; i < s.n; i++)
		strange += s.p[i] < ' ' && s.p[i] != '\r' && s.p[i] != '\n' &&
			   s.p[i] != '\t';
	return strange * 16 <= s.n;
}

static void put_tagged(struct page *page, bool syntax, struct slice value)
{
	/* What tells calls apart is worth a colour of its own. */
	static const char *const marks[] = {"tag=", "branch="};
	size_t at, best = value.n;

	for (size_t i = 0; syntax && i < 2; i++)
		if (slice_search(value, slice_of_text(marks[i]), &at) &&
		    at < best)
			best = at;
	page_put(page, STYLE_PLAIN, slice_first(value, best));
	page_put(page, STYLE_VALUE, slice_from(value, best));
}

static void put_header(struct page *page, bool syntax, struct slice line)
{
	size_t at;

	if (!syntax || !slice_find(line, ':', &at)) {
		page_put(page, STYLE_PLAIN, line);
		return;
	}
	page_put(page, STYLE_NAME, slice_first(line, at + 1));
	put_tagged(page, syntax, slice_from(line, at + 1));
}

static void put_body_line(struct page *page, bool syntax, struct slice line)
{
	if (syntax && line.n > 1 && line.p[1] == '=') {
		page_put(page, STYLE_NAME, slice_first(line, 2));
		page_put(page, line.p[0] == 'm' ? STYLE_BOLD : STYLE_PLAIN,
			 slice_from(line, 2));
	} else {
		page_put(page, STYLE_PLAIN, line);
	}
}

static struct slice without_return(struct slice line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static void put_sip(struct app *app, const struct entry *e, struct page *page,
		    struct slice bytes)
{
	bool syntax = app->settings.values[SETTING_SYNTAX];
	bool body = e->kind == ENTRY_TOLD, first = !body;

	while (bytes.n) {
		struct slice line = without_return(slice_split(&bytes, '\n'));

		if (first)
			page_put(page, syntax ? STYLE_BOLD : STYLE_PLAIN, line);
		else if (body)
			put_body_line(page, syntax, line);
		else
			put_header(page, syntax, line);
		page_end(page);
		first = false;
		body |= line.n == 0;
	}
}

/* ---- anything as hexadecimal ---- */

static char shown(uint8_t byte)
{
	return byte >= ' ' && byte < 0x7F && byte != '\\' ? (char)byte : '.';
}

static void put_hex_row(struct page *page, const struct masking *m, size_t at)
{
	struct slice row = slice_cut(m->bytes, at, HEX_ROW);
	struct text hex = text_new(128);

	text_printf(&hex, "%04zx  ", at);
	page_put(page, STYLE_DIM, text_slice(&hex));
	text_clear(&hex);
	for (size_t i = 0; i < HEX_ROW; i++) {
		if (i >= row.n)
			text_puts(&hex, "   ");
		else if (masking_hides(m, at + i))
			text_puts(&hex, "** ");
		else
			text_printf(&hex, "%02x ", row.p[i]);
	}
	text_putc(&hex, ' ');
	page_put(page, STYLE_PLAIN, text_slice(&hex));
	text_clear(&hex);
	for (size_t i = 0; i < row.n; i++)
		text_putc(&hex,
			  masking_hides(m, at + i) ? '*' : shown(row.p[i]));
	page_put(page, STYLE_VALUE, text_slice(&hex));
	page_end(page);
	text_free(&hex);
}

static void put_hex(struct app *app, const struct entry *e, struct slice bytes,
		    struct page *page)
{
	struct masking m;

	message_secrets(app->feed, e, bytes, &m);
	for (size_t at = 0; at < bytes.n; at += HEX_ROW)
		put_hex_row(page, &m, at);
	masking_free(&m);
}

/* ---- fields ---- */

struct field_page {
	struct page *page;
	const struct masking *secrets; /* NULL: shown */
	int depth;
};

void message_value(const struct field *field, const struct masking *secrets,
		   struct text *to)
{
	if (field->secret) {
		secret_put(field->text, !secrets, to);
		return;
	}
	switch (field->kind) {
	case FIELD_NUMBER:
		text_number(to, field->number);
		break;
	case FIELD_FLAG:
		text_puts(to, field->number ? "yes" : "no");
		break;
	case FIELD_CODE:
		text_printf(to, "0x%04llx ", (unsigned long long)field->number);
		text_put(to, field->text);
		break;
	case FIELD_TEXT:
		if (secrets)
			masking_put_field(secrets, field, to);
		else
			text_put(to, field->text);
		break;
	case FIELD_BYTES:
		text_hex(to, slice_first(field->text, 64));
		break;
	case FIELD_ENDPOINT:
		endpoint_text(&field->endpoint, to);
		break;
	case FIELD_GROUP:
	case FIELD_END:
		break;
	}
}

static void take_field(void *context, const struct field *field)
{
	struct field_page *f = context;
	struct text value = text_new(MESSAGE_MAX);
	int indent = f->depth * 2;

	if (field->kind == FIELD_END) {
		f->depth -= f->depth > 0;
		return;
	}
	page_printf(f->page, STYLE_PLAIN, "%*s", indent, "");
	page_puts(f->page, STYLE_NAME, field->name);
	if (field->kind == FIELD_GROUP) {
		f->depth++;
	} else {
		message_value(field, f->secrets, &value);
		page_puts(f->page, STYLE_PLAIN, ": ");
		page_put(f->page, STYLE_PLAIN, text_slice(&value));
	}
	page_end(f->page);
	text_free(&value);
}

static bool put_fields(struct app *app, const struct entry *e,
		       struct slice bytes, struct page *page)
{
	struct masking m;
	struct field_page f = {page, app->feed->show_secrets ? NULL : &m, 0};
	struct field_sink sink = {&f, take_field};
	bool any;

	message_secrets(app->feed, e, bytes, &m);
	any = app->feed->fields(app->feed, e, bytes, &sink);
	masking_free(&m);
	return any;
}

/* ---- what was found in it ---- */

static void put_findings(struct app *app, const struct entry *e,
			 struct page *page)
{
	const struct model *m = app->feed->model;
	const struct note *notes = m->notes.rows;

	for (size_t i = 0; i < m->notes.count; i++) {
		const struct note *n = &notes[i];
		struct place first = place_at(m, n->first);

		if (first.frame != e->place.frame ||
		    first.file != e->place.file)
			continue;
		page_printf(page,
			    note_severity(n) == SEVERITY_ERROR ? STYLE_BAD
							       : STYLE_WARN,
			    "%s: ", severity_name(note_severity(n)));
		page_puts(page, STYLE_PLAIN, n->rule->title);
		if (n->text)
			page_printf(page, STYLE_PLAIN, ": %s", n->text);
		page_end(page);
		page_printf(page, STYLE_DIM, "  [%s; %s]", n->rule->id,
			    n->rule->source ? n->rule->source : "");
		page_end(page);
	}
}

/* Text on the wire; all else is told by its fields. */
static bool is_text_kind(const struct entry *e)
{
	return e->kind <= ENTRY_SIP_RESPONSE || e->kind == ENTRY_WEB ||
	       e->kind == ENTRY_TOLD || e->kind == ENTRY_SAID;
}

static const char *transport_of(const struct app *app, const struct entry *e)
{
	if (e->flags & ENTRY_LOGGED)
		return "from a log";
	return e->kind == ENTRY_ICMP ? "icmp"
				     : app->feed->transports[e->transport];
}

static void put_head(struct app *app, const struct entry *e, struct page *page)
{
	const struct journal *j = app->feed->journal;
	struct text line = text_new(512);

	clock_of_day(e->place.time, &line);
	text_puts(&line, "  ");
	app_put_end(app, journal_end_at(j, e->src), false, &line);
	text_puts(&line, " \xe2\x86\x92 ");
	app_put_end(app, journal_end_at(j, e->dst), false, &line);
	page_put(page, STYLE_BOLD, text_slice(&line));
	page_end(page);
	text_clear(&line);
	text_printf(&line, "frame %llu, %s, %u bytes",
		    (unsigned long long)e->place.frame, transport_of(app, e),
		    e->length);
	if (e->flags & ENTRY_RELAYED) {
		text_puts(&line, ", through a relay: ");
		app_put_end(app, journal_end_at(j, e->outer_src), false, &line);
		text_puts(&line, " \xe2\x86\x92 ");
		app_put_end(app, journal_end_at(j, e->outer_dst), false, &line);
	}
	page_put(page, STYLE_DIM, text_slice(&line));
	page_end(page);
	text_free(&line);
}

void message_page(struct app *app, const struct entry *e, bool fields,
		  struct page *page, int width)
{
	struct text bytes = text_new(MESSAGE_MAX),
		    clean = text_new(MESSAGE_MAX);

	page_begin(page, width);
	put_head(app, e, page);
	put_findings(app, e, page);
	page_end(page);
	page_hang(page, 4);
	if (!app->feed->bytes(app->feed, e, &bytes)) {
		page_puts(page, STYLE_WARN,
			  "its bytes cannot be read any more");
		page_end(page);
	} else if (is_text_kind(e) && !fields && is_text(text_slice(&bytes))) {
		message_masked(app->feed, e, text_slice(&bytes), &clean);
		put_sip(app, e, page, text_slice(&clean));
	} else if (fields == !is_text_kind(e) ||
		   !put_fields(app, e, text_slice(&bytes), page)) {
		put_hex(app, e, text_slice(&bytes), page);
	}
	text_free(&bytes);
	text_free(&clean);
}
