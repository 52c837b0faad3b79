/*
 * Quality reports ([MS-QoE]): what a client says that it measured, kept beside
 * the dialog that the report names.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Products before Lync 2010 number the bits of IceWarningFlags otherwise:
 * UCCAPI 2 and 3, OC 2 ([MS-QoE] 2.2.1.7.1). */
bool quality_is_old(struct slice agent)
{
	size_t at;

	return slice_search(agent, SLICE("UCCAPI/2."), &at) ||
	       slice_search(agent, SLICE("UCCAPI/3."), &at) ||
	       slice_search(agent, SLICE(" OC/2."), &at) ||
	       slice_starts(agent, SLICE("OC/2."));
}

static const char *text_of(struct stages *s, struct slice text)
{
	return text.n ? stages_text(s, text) : NULL;
}

static void keep(struct stages *s, struct dialog *d, const struct quality *q)
{
	struct list *list = &s->model->qualities;
	struct quality *row = list_add(list), *last;

	if (!row)
		return;
	*row = *q;
	last = d->qualities.count ? list_at(list, d->qualities.last) : NULL;
	model_chain(&d->qualities, (uint32_t)list->count - 1,
		    last ? &last->next : NULL);
}

static void take_line(struct stages *s, struct dialog *d,
		      const struct qoe_line *line, struct quality q)
{
	const struct qoe_stream *ways[] = {&line->inbound, &line->outbound};

	q.label = text_of(s, line->label);
	q.connectivity = text_of(s, line->connectivity);
	q.transport = text_of(s, line->transport);
	q.local = line->local;
	q.remote = line->remote;
	q.relay = line->relay;
	q.has_warn = line->has_warn;
	q.warn = line->warn;
	for (size_t i = 0; i < 2; i++) {
		if (!ways[i]->present)
			continue;
		q.inbound = i == 0;
		q.ssrc = ways[i]->ssrc;
		q.packets = ways[i]->packets;
		q.loss_permyriad = ways[i]->loss_permyriad;
		q.jitter_ms = ways[i]->jitter_ms;
		q.round_trip_ms = ways[i]->round_trip_ms;
		q.mos_hundredth = ways[i]->mos_hundredth;
		keep(s, d, &q);
	}
}

/* The same report is seen on each hop. */
static bool is_known(const struct stages *s, const struct dialog *d,
		     const struct message *m)
{
	const struct quality *rows = s->model->qualities.rows;
	uint32_t at = d->qualities.count ? d->qualities.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].reporter == stages_hash(s, m->u.sip->call_id))
			return true;
	return false;
}

void stage_quality(struct stages *s, const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++) {
		const struct qoe *qoe = m->contents[i].qoe;
		struct dialog *d = qoe && qoe->call_id.n
					   ? dialog_find(s, qoe->call_id)
					   : NULL;
		struct quality q = {
			.place = stages_place(s, &m->from),
			.next = CHAIN_END,
			.media = LIST_NONE,
			.reporter = stages_hash(s, m->u.sip->call_id),
		};

		if (!d || is_known(s, d, m))
			continue;
		q.old_table = quality_is_old(qoe->local_agent);
		for (size_t k = 0; k < qoe->count; k++)
			take_line(s, d, &qoe->lines[k], q);
	}
}
