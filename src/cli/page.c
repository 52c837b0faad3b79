/*
 * analyze -f html: the analysis, and the messages beside it, which the model
 * does not keep: SIP as text, STUN and TURN in hexadecimal.
 */
#include "config.h"

#include <stdlib.h>

#include "cli/analysis.h"
#include "cli/page.h"
#include "cli/reports.h"
#include "flow/message.h"
#include "model/list.h"
#include "report/masking.h"
#include "report/report_html.h"

/* A page holds so much of messages; later ones are left out. */
#define MESSAGES_MAX ((size_t)64 << 20)
#define MESSAGE_MAX ((size_t)1 << 20)
/* Of that for STUN, of which there is much: what is cited comes early. */
#define STUN_TEXTS_MAX ((size_t)24 << 20)
#define STUN_MESSAGE_MAX 2048u
#define HEX_ROW 16u
#define ROWS_MAX ((size_t)1 << 22)

struct kept {
	uint32_t file;
	uint64_t frame;
	size_t at, n, order; /* in the texts */
};

struct page_job {
	const struct options *options;
	struct text texts;
	struct text masked;
	size_t stun_texts; /* bytes of the texts that are STUN */
	struct list rows;  /* struct kept */
};

static void put_masked(struct page_job *p, const struct message *message)
{
	struct masking masking;
	struct field_sink sink = masking_sink(&masking);

	masking_begin(&masking, message->bytes);
	if (!p->options->show_secrets) {
		sip_walk(message->u.sip, &sink);
		masking_finish(&masking);
	}
	masking_put(&masking, &p->masked);
	masking_free(&masking);
}

static void put_hex_row(struct text *to, const struct masking *m, size_t at)
{
	struct slice row = slice_cut(m->bytes, at, HEX_ROW);

	text_printf(to, "%04zx  ", at);
	for (size_t i = 0; i < HEX_ROW; i++)
		if (i >= row.n)
			text_puts(to, "   ");
		else if (masking_hides(m, at + i))
			text_puts(to, "** ");
		else
			text_printf(to, "%02x ", row.p[i]);
	text_putc(to, ' ');
	for (size_t i = 0; i < row.n; i++) {
		bool plain = row.p[i] >= ' ' && row.p[i] < 0x7F;

		text_putc(to, masking_hides(m, at + i) ? '*'
			      : plain                  ? (char)row.p[i]
						       : '.');
	}
	text_putc(to, '\n');
}

static void put_stun(struct page_job *p, const struct message *message)
{
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];
	struct masking masking;
	struct field_sink sink = masking_sink(&masking);

	masking_begin(&masking, message->bytes);
	if (!p->options->show_secrets) {
		stun_walk(message->u.stun, &sink);
		masking_finish(&masking);
	}
	text_printf(&p->masked, "%s > %s, %zu bytes\n",
		    endpoint_string(&message->from.src, src),
		    endpoint_string(&message->from.dst, dst), message->bytes.n);
	for (size_t at = 0; at < message->bytes.n; at += HEX_ROW)
		put_hex_row(&p->masked, &masking, at);
	masking_free(&masking);
}

static bool is_wanted(const struct page_job *p, const struct message *message)
{
	if (message->kind == MESSAGE_STUN)
		return message->bytes.n <= STUN_MESSAGE_MAX &&
		       p->stun_texts < STUN_TEXTS_MAX;
	return message->kind == MESSAGE_SIP &&
	       message->bytes.n <= MESSAGE_MAX &&
	       p->texts.n + message->bytes.n <= MESSAGES_MAX;
}

static void hear(void *context, const struct message *message)
{
	struct page_job *p = context;
	struct kept *row;

	if (!is_wanted(p, message))
		return;
	text_clear(&p->masked);
	if (message->kind == MESSAGE_STUN) {
		put_stun(p, message);
		p->stun_texts += p->masked.n;
	} else {
		put_masked(p, message);
	}
	row = list_add(&p->rows);
	if (!row)
		return;
	*row = (struct kept){.file = message->from.file,
			     .frame = message->from.frame,
			     .at = p->texts.n,
			     .n = p->masked.n,
			     .order = p->rows.count};
	text_put(&p->texts, text_slice(&p->masked));
	if (p->texts.failed != STATUS_OK || p->masked.failed != STATUS_OK)
		p->rows.count--;
}

static void restart(void *context)
{
	struct page_job *p = context;

	p->rows.count = 0;
	p->stun_texts = 0;
	text_clear(&p->texts);
}

static int by_frame(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Messages of one frame came one after the other: one text. */
static size_t merge(const struct page_job *p, struct html_message *out)
{
	size_t count = 0;

	for (size_t i = 0; i < p->rows.count; i++) {
		const struct kept *row = list_at(&p->rows, i);
		struct html_message *last = count ? &out[count - 1] : NULL;

		if (last && last->file == row->file &&
		    last->frame == row->frame) {
			if (last->text.p + last->text.n ==
			    (const uint8_t *)p->texts.p + row->at)
				last->text.n += row->n;
			continue;
		}
		out[count++] = (struct html_message){
			.file = row->file,
			.frame = row->frame,
			.text = slice_of(p->texts.p + row->at, row->n)};
	}
	return count;
}

static bool write_page(void *context, struct report_job *job)
{
	struct page_job *p = context;
	struct html_message *messages =
		calloc(p->rows.count + 1, sizeof(*messages));
	size_t count = 0;

	if (messages && p->rows.count) {
		qsort(p->rows.rows, p->rows.count, sizeof(struct kept),
		      by_frame);
		count = merge(p, messages);
	}
	if (messages)
		reports_write_page(job, messages, count);
	free(messages);
	return messages != NULL;
}

int page_write(const struct options *options)
{
	struct page_job p = {.options = options,
			     .texts = text_new(MESSAGES_MAX),
			     .masked = text_new(4 * MESSAGE_MAX),
			     .rows = list_of(sizeof(struct kept), ROWS_MAX)};
	struct analysis_reader reader = {.context = &p,
					 .hear = hear,
					 .restart = restart,
					 .write = write_page};
	int status = analysis_read(options, NULL, &reader);

	text_free(&p.texts);
	text_free(&p.masked);
	list_free(&p.rows);
	return status;
}
