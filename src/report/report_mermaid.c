/* Sequence diagrams. */
#include "config.h"

#include <stdlib.h>

#include "report/report_mermaid.h"
#include "report/secrets.h"

#define LABEL_MAX ((size_t)1 << 16)
#define LABEL_COLUMNS 80u

struct arrow {
	nanoseconds time;
	size_t order;
	const struct endpoint *src, *dst;
	const struct sip_row *message; /* NULL: a pair or allocation */
	const struct pair *pair; /* checks of one direction */
	unsigned way;
	const struct allocation *allocation;
	unsigned again; /* copies and retransmissions */
};

struct diagram {
	const struct model *m;
	const struct report_json_options *options;
	struct text *to;
	struct text label;
	struct arrow *arrows;
	size_t count, left;
	struct endpoint hosts[MERMAID_HOSTS_MAX];
	size_t host_count;
};

/* ---- gathering ---- */

static void add(struct diagram *d, struct arrow arrow)
{
	if (d->count == MERMAID_ARROWS_MAX) {
		d->left++;
		return;
	}
	arrow.order = d->count;
	d->arrows[d->count++] = arrow;
}

static void add_messages(struct diagram *d, const struct dialog *dialog)
{
	const struct sip_row *rows = d->m->sip_rows.rows;
	const struct chain *chain = &dialog->messages_seen;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		add(d, (struct arrow){
			       .time = place_time(d->m, rows[at].place),
			       .src = end_at(d->m, rows[at].src),
			       .dst = end_at(d->m, rows[at].dst),
			       .message = &rows[at],
			       .again = rows[at].retransmissions,
		       });
}

static void add_checks(struct diagram *d, const struct session *session)
{
	const struct pair *rows = d->m->pairs.rows;
	size_t k = session->first_pair;

	for (; k != LIST_NONE; k = rows[k].next)
		for (unsigned way = 0; way < 2; way++) {
			const struct direction *one = &rows[k].way[way];

			if (!one->requests)
				continue;
			add(d, (struct arrow){
				       .time = place_time(d->m, one->first),
				       .src = end_at(d->m, way ? rows[k].b
							       : rows[k].a),
				       .dst = end_at(d->m, way ? rows[k].a
							       : rows[k].b),
				       .pair = &rows[k],
				       .way = way,
			       });
		}
}

static void add_allocation(struct diagram *d, const struct allocation *a)
{
	add(d, (struct arrow){.time = a->cited.count
					      ? place_time(d->m, a->cited.first)
					      : 0,
			      .src = end_at(d->m, a->client),
			      .dst = end_at(d->m, a->server),
			      .allocation = a});
}

static void add_call(struct diagram *d, const struct call *call)
{
	const struct dialog *dialogs = d->m->dialogs.rows;
	const struct session *sessions = d->m->sessions.rows;
	const struct allocation *allocations = d->m->allocations.rows;

	for (uint32_t i = 0; i < call->allocations.count; i++)
		add_allocation(d, &allocations[call->allocations.list[i]]);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		add_messages(d, &dialogs[call->dialogs.list[i]]);
	for (uint32_t i = 0; i < call->sessions.count; i++)
		add_checks(d, &sessions[call->sessions.list[i]]);
}

static int by_time(const void *a, const void *b)
{
	const struct arrow *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* ---- hosts ---- */

static bool same_host(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* The number of the participant; hosts past the limit share the last one. */
static size_t host_of(struct diagram *d, const struct endpoint *e)
{
	size_t i = 0;

	while (i < d->host_count && !same_host(&d->hosts[i], e))
		i++;
	if (i < d->host_count)
		return i;
	if (d->host_count == MERMAID_HOSTS_MAX)
		return MERMAID_HOSTS_MAX - 1;
	d->hosts[d->host_count++] = *e;
	return i;
}

static void put_hosts(struct diagram *d)
{
	for (size_t i = 0; i < d->count; i++) {
		(void)host_of(d, d->arrows[i].src);
		(void)host_of(d, d->arrows[i].dst);
	}
	for (size_t i = 0; i < d->host_count; i++) {
		text_printf(d->to, "    participant h%zu as ", i);
		endpoint_ip_text(&d->hosts[i], d->to);
		text_putc(d->to, '\n');
	}
}

/* ---- arrows ---- */

/* What means something to Mermaid or HTML is written as an entity. */
static void put_label(struct diagram *d)
{
	struct slice rest = text_slice(&d->label);

	for (size_t n = 0; rest.n && n < LABEL_COLUMNS; n++) {
		uint32_t code;
		size_t size = utf8_sequence(rest, &code);

		if (size == 1 && memchr("#;<>&\"", (int)code, 6))
			text_printf(d->to, "#%u;", code);
		else if (size && code >= ' ')
			text_put(d->to, slice_first(rest, size));
		else
			text_putc(d->to, ' ');
		rest = slice_from(rest, size ? size : 1);
	}
	text_putc(d->to, '\n');
}

static void say_line(struct diagram *d, const struct arrow *a)
{
	struct text shown = text_new(LABEL_MAX), line = text_new(LABEL_MAX);

	secret_put_uris(sip_row_line(d->m, a->message, &line),
			d->options->show_secrets, &shown);
	text_escaped(&d->label, text_slice(&shown));
	if (a->again)
		text_printf(&d->label, " (%u times more)", a->again);
	text_free(&shown);
	text_free(&line);
}

static void say_checks(struct diagram *d, const struct arrow *a)
{
	const struct direction *way = &a->pair->way[a->way];

	text_printf(&d->label, "%u check%s, %u answered%s%s", way->requests,
		    way->requests == 1 ? "" : "s", way->responses,
		    way->nominating ? ", nominates" : "",
		    a->pair->selected ? ", selected" : "");
}

static void say_allocation(struct diagram *d, const struct arrow *a)
{
	text_puts(&d->label, "Allocate: ");
	text_puts(&d->label, state_name(a->allocation->state));
	if (a->allocation->relayed) {
		text_puts(&d->label, ", relayed ");
		endpoint_text(end_at(d->m, a->allocation->relayed), &d->label);
		if (a->allocation->relayed_other) {
			text_puts(&d->label, " and ");
			endpoint_text(
				end_at(d->m, a->allocation->relayed_other),
				&d->label);
		}
	}
	if (a->allocation->last_error && a->allocation->state == STATE_FAILED)
		text_printf(&d->label, ", error %u", a->allocation->last_error);
}

static const char *shape_of(const struct diagram *d, const struct arrow *a)
{
	if (a->pair)
		return a->pair->way[a->way].responses ? "-)" : "--x";
	if (a->allocation)
		return a->allocation->state == STATE_FAILED ? "-x" : "->>";
	return sip_row_starts(d->m, a->message, "SIP/") ? "-->>" : "->>";
}

static void put_arrow(struct diagram *d, const struct arrow *a)
{
	text_clear(&d->label);
	text_printf(d->to, "    h%zu%sh%zu: ", host_of(d, a->src),
		    shape_of(d, a), host_of(d, a->dst));
	if (a->message)
		say_line(d, a);
	else if (a->pair)
		say_checks(d, a);
	else
		say_allocation(d, a);
	put_label(d);
}

static void put_verdict(struct diagram *d, const struct call *call)
{
	if (!d->host_count)
		return;
	text_clear(&d->label);
	text_puts(&d->label, outcome_name(call->outcome));
	if (call->text) {
		text_puts(&d->label, ": ");
		text_escaped(&d->label, slice_of_text(call->text));
	}
	text_printf(d->to, "    Note over h0,h%zu: ",
		    d->host_count > 1 ? d->host_count - 1 : 0);
	put_label(d);
}

static void draw(struct diagram *d)
{
	text_puts(d->to, "sequenceDiagram\n");
	for (size_t i = 0; i < d->m->calls.count; i++)
		if (selection_has(d->options->selection, SELECTED_CALLS, i))
			add_call(d, list_at(&d->m->calls, i));
	qsort(d->arrows, d->count, sizeof(*d->arrows), by_time);
	put_hosts(d);
	for (size_t i = 0; i < d->count; i++)
		put_arrow(d, &d->arrows[i]);
	if (d->left)
		text_printf(d->to, "    Note over h0: and %zu more\n", d->left);
	for (size_t i = 0; i < d->m->calls.count && !d->left; i++)
		if (selection_has(d->options->selection, SELECTED_CALLS, i))
			put_verdict(d, list_at(&d->m->calls, i));
}

void report_mermaid(const struct model *model,
		    const struct report_json_options *options, struct text *to)
{
	struct diagram d = {.m = model,
			    .options = options,
			    .to = to,
			    .label = text_new(LABEL_MAX)};

	d.arrows = calloc(MERMAID_ARROWS_MAX, sizeof(*d.arrows));
	if (d.arrows)
		draw(&d);
	else
		to->failed = STATUS_NOMEM;
	free(d.arrows);
	text_free(&d.label);
}
