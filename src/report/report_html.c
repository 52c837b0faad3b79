/* The page around the data. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/pack.h"
#include "report/json_parts.h"
#include "report/report_calls.h"
#include "report/report_html.h"

#define PART_MAX ((size_t)1 << 30)
#define SCRATCH_MAX ((size_t)1 << 20)
#define FLUSH_AT ((size_t)1 << 20)
#define TEXT_CALLS_MAX 200u   /* with more, no text report */
#define PLAIN_CALLS_MAX 50u   /* with more, data is packed */
#define NAMED_MAX ((size_t)8) /* captures, at the top */

struct page {
	const struct model *m;
	const struct report_html_options *options;
	struct text *to;
	struct text part;      /* JSON before it is made fit for HTML */
	struct packer *packer; /* NULL: data stands there plain */
	uint32_t *told; /* the last call that each message was told with */
};

static void flush(struct page *p)
{
	const struct report_json_options *o = p->options->json;

	if (p->to->n > FLUSH_AT && o->flush)
		o->flush(o->context, p->to);
}

static void put_lines(struct page *p, const char *const *lines)
{
	for (size_t i = 0; lines[i]; i++)
		text_puts(p->to, lines[i]);
}

/* HTML 13.1.2: text as content or attribute value. */
static void put_escaped(struct page *p, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c == '&')
			text_puts(p->to, "&amp;");
		else if (c == '<')
			text_puts(p->to, "&lt;");
		else if (c == '>')
			text_puts(p->to, "&gt;");
		else if (c == '"')
			text_puts(p->to, "&quot;");
		else
			text_putc(p->to, (char)c);
	}
}

/* ---- data ---- */

/* A "<" stands in strings only; escaped it can end no element. */
static void put_plain(struct page *p)
{
	struct slice s = text_slice(&p->part);
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '<')
			continue;
		text_put(p->to, slice_cut(s, from, i - from));
		text_puts(p->to, "\\u003c");
		from = i + 1;
	}
	text_put(p->to, slice_from(s, from));
}

static void put_data(struct page *p, const char *id, size_t number)
{
	text_printf(p->to, "<script type=\"%s\" id=\"%s",
		    p->packer ? "text/plain" : "application/json", id);
	if (number)
		text_printf(p->to, "-%zu", number);
	text_puts(p->to, "\">");
	if (p->packer)
		packer_put(p->packer, text_slice(&p->part), p->to);
	else
		put_plain(p);
	text_puts(p->to, "</script>\n");
	if (p->part.failed != STATUS_OK)
		p->to->failed = p->part.failed;
	text_clear(&p->part);
	flush(p);
}

static struct document document_of(struct page *p,
				   struct report_json_options *options)
{
	/* All of a part is in memory before it goes out. */
	*options = *p->options->json;
	options->flush = NULL;
	return (struct document){.j = json_to(&p->part),
				 .m = p->m,
				 .options = options,
				 .scratch = text_new(SCRATCH_MAX)};
}

/* What is not a call, in parts that are read when they are looked at. */
static void put_document(struct page *p, const char *id, enum json_member first,
			 enum json_member second)
{
	const struct member members[2] = {json_member[first],
					  json_member[second]};
	struct report_json_options options;
	struct document d = document_of(p, &options);

	json_object(&d.j);
	json_members(&d, members, 2);
	json_object_end(&d.j);
	text_free(&d.scratch);
	put_data(p, id, 0);
}

static void put_documents(struct page *p)
{
	put_document(p, "document", JSON_CAPTURES, JSON_FINDINGS);
	put_document(p, "lives", JSON_TOKENS, JSON_ALLOCATIONS);
	put_document(p, "ways", JSON_PATHS, JSON_OPENINGS);
}

static bool is_chosen(const struct page *p, size_t row)
{
	return selection_has(p->options->json->selection, SELECTED_CALLS, row);
}

/* A list of the lines that databases get. */
static void put_index(struct page *p)
{
	struct report_json_options options = *p->options->json;
	struct text lines = text_new(PART_MAX);
	struct slice rest;
	bool more = false;

	options.flush = NULL;
	report_calls_ndjson(p->m, &options, &lines);
	if (lines.failed != STATUS_OK)
		p->to->failed = lines.failed;
	rest = text_slice(&lines);
	text_putc(&p->part, '[');
	while (rest.n) {
		text_puts(&p->part, more ? ",\n" : "");
		text_put(&p->part, slice_split(&rest, '\n'));
		more = true;
	}
	text_putc(&p->part, ']');
	text_free(&lines);
	put_data(p, "index", 0);
}

/* ---- messages ---- */

static const struct html_message *find(const struct page *p,
				       place_number number)
{
	struct place place = place_at(p->m, number);
	const struct html_message *rows = p->options->messages;
	size_t low = 0, high = p->options->message_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct html_message *row = &rows[middle];

		if (row->file < place.file ||
		    (row->file == place.file && row->frame < place.frame))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == p->options->message_count || rows[low].file != place.file ||
	    rows[low].frame != place.frame)
		return NULL;
	return &rows[low];
}

/* The message of a frame, each once a call. */
static void put_message(struct page *p, struct json *j, size_t number,
			place_number place)
{
	const struct html_message *m = find(p, place);
	uint32_t *told = m ? &p->told[m - p->options->messages] : NULL;
	char name[48];

	if (!m || *told == number)
		return;
	*told = (uint32_t)number;
	snprintf(name, sizeof(name), "%u:%llu", (unsigned)m->file,
		 (unsigned long long)m->frame);
	json_key(j, name);
	json_string(j, m->text);
}

static void put_dialog(struct page *p, struct json *j, size_t number,
		       const struct dialog *dialog)
{
	const struct sip_row *rows = p->m->sip_rows.rows;
	const struct chain *chain = &dialog->messages_seen;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		put_message(p, j, number, rows[at].place);
}

static void put_cited(struct page *p, struct json *j, size_t number,
		      const struct cited *cited)
{
	for (size_t i = 0; i < cited->kept; i++)
		put_message(p, j, number, cited_at(cited, i));
	put_message(p, j, number, cited->last);
}

/* What it cites, and where its state changed. */
static void put_allocation(struct page *p, struct json *j, size_t number,
			   const struct allocation *a)
{
	const struct change *rows = p->m->changes.rows;
	uint32_t at = a->history.count ? a->history.first : CHAIN_END;

	put_cited(p, j, number, &a->cited);
	for (; at != CHAIN_END; at = rows[at].next)
		put_message(p, j, number, rows[at].place);
}

static void put_pairs(struct page *p, struct json *j, size_t number,
		      const struct session *x)
{
	const struct pair *pairs = p->m->pairs.rows;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next)
		put_cited(p, j, number, &pairs[i].cited);
}

static void put_raw(struct page *p, const struct call *call, size_t number)
{
	const struct dialog *dialogs = p->m->dialogs.rows;
	const struct allocation *allocations = p->m->allocations.rows;
	const struct session *sessions = p->m->sessions.rows;
	struct json j = json_to(&p->part);

	json_object(&j);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		put_dialog(p, &j, number, &dialogs[call->dialogs.list[i]]);
	for (uint32_t i = 0; i < call->allocations.count; i++)
		put_allocation(p, &j, number,
			       &allocations[call->allocations.list[i]]);
	for (uint32_t i = 0; i < call->sessions.count; i++)
		put_pairs(p, &j, number, &sessions[call->sessions.list[i]]);
	json_object_end(&j);
	put_data(p, "raw", number);
}

static void put_calls(struct page *p)
{
	struct report_json_options options;
	struct document d = document_of(p, &options);
	size_t number = 0;

	for (size_t i = 0; i < p->m->calls.count; i++) {
		if (!is_chosen(p, i))
			continue;
		d.j = json_to(&p->part);
		json_call(&d, i);
		put_data(p, "call", ++number);
		if (p->options->message_count)
			put_raw(p, list_at(&p->m->calls, i), number);
	}
	text_free(&d.scratch);
}

/* ---- the page ---- */

#define OUTCOMES (OUTCOME_OK + 1)

static void put_kind(struct page *p, enum call_kind kind,
		     const size_t counts[OUTCOMES])
{
	static const char *const nouns[][2] = {
		[CALL_DIALOG] = {"call", "calls"},
		[CALL_ICE] = {"ICE session without readable SIP",
			      "ICE sessions without readable SIP"},
		[CALL_ATTEMPT] = {"attempt that led to no call",
				  "attempts that led to no call"},
	};
	const char *between = ": ";
	size_t all = 0;

	for (size_t i = 0; i < OUTCOMES; i++)
		all += counts[i];
	text_printf(p->to, "%zu %s", all, nouns[kind][all != 1]);
	for (size_t i = 0; i < OUTCOMES; i++) {
		if (!counts[i])
			continue;
		text_puts(p->to, between);
		if (all > 1)
			text_printf(p->to, "%zu ", counts[i]);
		text_puts(p->to, i == OUTCOME_OK
					 ? "without a failure"
					 : outcome_name((enum outcome)i));
		between = ", ";
	}
}

/* As the report for a terminal begins. */
static void put_headline(struct page *p)
{
	size_t counts[CALL_ATTEMPT + 1][OUTCOMES] = {{0}};
	size_t kinds[CALL_ATTEMPT + 1] = {0};
	bool more = false;

	for (size_t i = 0; i < p->m->calls.count; i++) {
		const struct call *call = list_at(&p->m->calls, i);
		enum outcome outcome = call->outcome;

		if (!is_chosen(p, i))
			continue;
		/* What was tried without a call either failed or did not. */
		if (call->kind == CALL_ATTEMPT && outcome == OUTCOME_UNKNOWN)
			outcome = OUTCOME_OK;
		kinds[call->kind]++;
		counts[call->kind][outcome]++;
	}
	for (unsigned kind = 0; kind <= CALL_ATTEMPT; kind++) {
		if (!kinds[kind])
			continue;
		if (more)
			text_puts(p->to, "; ");
		put_kind(p, (enum call_kind)kind, counts[kind]);
		more = true;
	}
	if (more)
		return;
	text_puts(p->to, p->m->calls.count
				 ? "No call fits what --call says"
				 : "No call, ICE session, registration or "
				   "relay allocation in the input");
}

/* Without scripts: the report for a terminal. */
static void put_text(struct page *p)
{
	struct report_options options = *p->options->text;
	struct text report = text_new(PART_MAX);

	options.flush = NULL;
	options.color = false;
	text_puts(p->to, "<noscript><pre>");
	if (p->m->calls.count <= TEXT_CALLS_MAX) {
		report_text(p->m, &options, &report);
		put_escaped(p, text_slice(&report));
	} else {
		text_puts(p->to, "This page needs its script to show so many "
				 "calls.");
	}
	text_puts(p->to, "</pre></noscript>\n");
	text_free(&report);
	flush(p);
}

static void put_head(struct page *p)
{
	text_puts(p->to,
		  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		  "<meta charset=\"utf-8\">\n"
		  "<meta name=\"viewport\" "
		  "content=\"width=device-width, initial-scale=1\">\n"
		  "<meta http-equiv=\"Content-Security-Policy\" "
		  "content=\"default-src 'none'; style-src 'unsafe-inline'; "
		  "script-src 'unsafe-inline'; base-uri 'none'; "
		  "form-action 'none'\">\n"
		  "<meta name=\"referrer\" content=\"no-referrer\">\n"
		  "<title>mrascope: ");
	put_headline(p);
	text_puts(p->to, "</title>\n<style>\n");
	put_lines(p, html_style_lines);
	text_puts(p->to, "</style>\n</head>\n");
}

static void put_body(struct page *p)
{
	size_t count = p->options->json->capture_count;

	text_puts(p->to, "<body>\n<a class=\"skip\" href=\"#app\">"
			 "Skip to the calls</a>\n<header>\n<h1>");
	put_headline(p);
	text_puts(p->to, "</h1>\n<p class=\"soft\">mrascope ");
	put_escaped(p, slice_of_text(p->options->json->version));
	for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
		text_puts(p->to, i ? ", " : " on ");
		put_escaped(p,
			    slice_of_text(p->options->json->captures[i].path));
	}
	if (count > NAMED_MAX)
		text_printf(p->to, " and %zu more", count - NAMED_MAX);
	text_puts(p->to, "</p>\n</header>\n<main id=\"app\" tabindex=\"-1\">"
			 "</main>\n");
	put_text(p);
	put_documents(p);
	put_index(p);
	put_calls(p);
	text_puts(p->to, "<script>\n");
	put_lines(p, html_script_lines);
	text_puts(p->to, "</script>\n</body>\n</html>\n");
}

void report_html(const struct model *model,
		 const struct report_html_options *options, struct text *to)
{
	struct page p = {.m = model,
			 .options = options,
			 .to = to,
			 .part = text_new(PART_MAX)};

	p.told = calloc(options->message_count + 1, sizeof(*p.told));
	if (!p.told) {
		to->failed = STATUS_NOMEM;
		text_free(&p.part);
		return;
	}
	if (model->calls.count > PLAIN_CALLS_MAX) {
		p.packer = packer_new();
		if (!p.packer)
			to->failed = STATUS_NOMEM;
	}
	put_head(&p);
	put_body(&p);
	packer_free(p.packer);
	free(p.told);
	text_free(&p.part);
}
