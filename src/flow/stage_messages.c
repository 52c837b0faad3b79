/*
 * The messages of a dialog: a row for each message on each hop, once for all
 * that shows it again (RFC 3261 17.1.3, 17.2.3; design section 3).
 *
 * The same on its hop is sent again, unless it comes at once or was seen at
 * another vantage: those are copies.
 */
#include "config.h"

#include "flow/stages_state.h"

#define REPEATS_MAX UINT16_MAX

/* What makes a message itself; padding is zero, it is hashed as bytes. */
struct sip_identity {
	uint64_t line, branch, tag, reliable;
	uint64_t size;
	uint32_t dialog, cseq, src, dst;
};

static uint64_t identity_of(struct stages *s, const struct message *m,
			    const struct sip_row *row, uint32_t dialog)
{
	const struct sip_message *sip = m->u.sip;
	struct sip_identity x = {
		.line = stages_hash(s, sip->start_line),
		.branch = hop_branch(s, sip),
		.tag = stages_hash(s, sip->to_tag),
		.size = m->bytes.n,
		.dialog = dialog,
		.cseq = sip->cseq,
		.src = row->src,
		.dst = row->dst,
	};

	/* One transaction may have several of the same status (RFC 3262). */
	if (sip->status > 100 && sip->status < 200)
		x.reliable = stages_hash(s, sip_value(sip, SIP_RSEQ));
	/* "200 OK" alone does not say to what. */
	if (!sip->request)
		x.line += (uint64_t)sip->method;
	return stages_hash(s, slice_of(&x, sizeof(x)));
}

static bool same_message(const void *rows, uint32_t row, const void *key)
{
	return ((const struct heard *)rows)[row].recent.hash ==
	       *(const uint64_t *)key;
}

static void hear(struct stages *s, uint64_t identity, const struct message *m,
		 uint32_t row)
{
	struct heard *heard = recent_add(&s->heard, identity, m->from.time);

	if (!heard) {
		s->model->out_of_memory = true;
		return;
	}
	heard->time = m->from.time;
	heard->vantage = m->from.vantage;
	heard->datagram = m->from.datagram;
	heard->row = row;
}

static void repeat(struct stages *s, struct heard *heard,
		   const struct message *m)
{
	struct sip_row *row = list_at(&s->model->sip_rows, heard->row);
	bool copy = heard->vantage != m->from.vantage ||
		    is_copied(m->from.time - heard->time, heard->datagram,
			      m->from.datagram);
	uint16_t *count = copy ? &row->copies : &row->retransmissions;

	if (*count < REPEATS_MAX)
		++*count;
	if (copy)
		return;
	heard->time = m->from.time;
	heard->datagram = m->from.datagram;
	heard->recent.time = m->from.time; /* to be kept as long again */
}

static void chain_row(struct stages *s, struct dialog *d, uint32_t number)
{
	struct list *list = &s->model->sip_rows;
	uint32_t *next = NULL;

	if (d->messages_seen.count)
		next = &((struct sip_row *)list_at(list, d->messages_seen.last))
				->next;
	model_chain(&d->messages_seen, number, next);
}

/* Requests of one dialog go to the same URI more than once. */
static void keep_line(struct model *model, struct sip_row *row,
		      const struct sip_message *sip)
{
	struct slice line = sip->start_line, rest;

	if (sip->request) {
		rest = slice_from(line, sip->method_text.n + 1);
		if (slice_ends(rest, SLICE(SIP_ROW_VERSION))) {
			row->method = model_keep_text(model, sip->method_text);
			line = slice_first(rest,
					   rest.n - strlen(SIP_ROW_VERSION));
		}
	}
	row->rest = model_keep_text(model, line);
}

static void add_row(struct stages *s, struct dialog *d, const struct message *m,
		    const struct sip_row *fresh, uint64_t identity)
{
	struct list *list = &s->model->sip_rows;
	struct sip_row *row = list_add(list);

	if (!row)
		return;
	*row = *fresh;
	row->place = stages_place(s, &m->from);
	keep_line(s->model, row, m->u.sip);
	chain_row(s, d, (uint32_t)list->count - 1);
	hear(s, identity, m, (uint32_t)list->count - 1);
}

bool dialog_hears(struct stages *s, struct dialog *d, const struct message *m)
{
	const struct dialog *dialogs = s->model->dialogs.rows;
	struct sip_row fresh = {
		.src = stages_src(s, &m->from),
		.dst = stages_dst(s, &m->from),
		.next = CHAIN_END,
	};
	uint64_t identity = identity_of(s, m, &fresh, (uint32_t)(d - dialogs));
	struct heard *heard =
		recent_find(&s->heard, identity, same_message, &identity);

	if (!heard) {
		add_row(s, d, m, &fresh, identity);
		return true;
	}
	repeat(s, heard, m);
	return false;
}
