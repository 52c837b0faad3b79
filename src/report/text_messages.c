/*
 * The SIP messages of a call as a ladder: who told whom what.  Ends are named
 * by letters; what was sent again is folded into its first sending.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/text_parts.h"

#define ENDS_MAX 8u    /* letters A to H */
#define LEGS_MAX 8u    /* of a call, that are shown */
#define FIRST_SHOWN 8u /* messages at the beginning */
#define LAST_SHOWN 4u  /* and at the end */
#define SENTENCE 25    /* column where the first line of a message is */

struct ladder {
	struct printer *p;
	uint32_t ends[ENDS_MAX]; /* of the model */
	size_t end_count;
	uint32_t next[LEGS_MAX]; /* message of each leg, or CHAIN_END */
	size_t leg_count;
	size_t total, at;
};

static const struct sip_row *row_at(const struct ladder *l, uint32_t at)
{
	return list_at(&l->p->model->sip_rows, at);
}

/* The earliest of all legs; NULL when none is left. */
static const struct sip_row *take(struct ladder *l)
{
	const struct model *m = l->p->model;
	const struct sip_row *best = NULL;
	size_t leg = 0;

	for (size_t i = 0; i < l->leg_count; i++) {
		const struct sip_row *row;

		if (l->next[i] == CHAIN_END)
			continue;
		row = row_at(l, l->next[i]);
		if (best &&
		    place_time(m, best->place) <= place_time(m, row->place))
			continue;
		best = row;
		leg = i;
	}
	if (best)
		l->next[leg] = best->next;
	return best;
}

static void begin(struct ladder *l, const struct call *call)
{
	const struct dialog *rows = l->p->model->dialogs.rows;

	l->leg_count = 0;
	l->total = 0;
	for (size_t i = 0; i < call->dialogs.count && i < LEGS_MAX; i++) {
		const struct chain *seen =
			&rows[call->dialogs.list[i]].messages_seen;

		l->next[l->leg_count++] = seen->count ? seen->first : CHAIN_END;
		l->total += seen->count;
	}
}

/* The letter of an end; 0 when there are too many. */
static char letter(struct ladder *l, uint32_t end)
{
	size_t i = 0;

	while (i < l->end_count && l->ends[i] != end)
		i++;
	if (i == ENDS_MAX)
		return 0;
	if (i == l->end_count)
		l->ends[l->end_count++] = end;
	return (char)('A' + (int)i);
}

static bool is_shown(const struct ladder *l, size_t at)
{
	return at < FIRST_SHOWN || at + LAST_SHOWN >= l->total ||
	       l->total <= FIRST_SHOWN + LAST_SHOWN + 1;
}

static void print_ends(struct ladder *l)
{
	struct printer *p = l->p;

	printer_puts(p, "    ");
	for (size_t i = 0; i < l->end_count; i++) {
		printer_printf(p, "%s%c", i ? "   " : "", (char)('A' + (int)i));
		printer_joined(p, " ");
		if (end_at(p->model, l->ends[i])->family == FAMILY_NONE)
			printer_joined(p, "(not told by the log)");
		else
			printer_endpoint(p, end_at(p->model, l->ends[i]));
	}
	printer_end(p, 4);
}

/* Who is who, before the first line; only ends of lines that are shown. */
static void name_ends(struct ladder *l, const struct call *call)
{
	const struct sip_row *row;

	begin(l, call);
	for (size_t at = 0; (row = take(l)) != NULL; at++) {
		if (!is_shown(l, at))
			continue;
		(void)letter(l, row->src);
		(void)letter(l, row->dst);
	}
	print_ends(l);
}

static void print_end(struct ladder *l, uint32_t end)
{
	char name = letter(l, end);

	if (name)
		printer_printf(l->p, "%c", name);
	else
		printer_endpoint(l->p, end_at(l->p->model, end));
}

static void print_tail(struct printer *p, const struct sip_row *row)
{
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_joined(p, "[frame ");
	printer_place(p, row->place);
	if (row->retransmissions)
		printer_joined(p, "; sent %u times", row->retransmissions + 1u);
	if (row->copies)
		printer_joined(p, "; captured %u times", row->copies + 1u);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

/* The version is the same in all of them. */
static void print_start(struct printer *p, const struct sip_row *row)
{
	static const char version[] = "SIP/2.0 ";
	const char *rest = text_at(p->model, row->rest);
	size_t from = p->line.n;

	if (!rest)
		return;
	if (!row->method && strncmp(rest, version, strlen(version)) == 0) {
		printer_puts(p, rest + strlen(version));
		return;
	}
	if (row->method) {
		printer_puts(p, text_at(p->model, row->method));
		printer_puts(p, " ");
	}
	printer_uris(p, rest);
	printer_part_uri(p, from);
}

static void print_message(struct ladder *l, const struct sip_row *row)
{
	struct printer *p = l->p;

	printer_puts(p, "    ");
	printer_clock(p, place_time(p->model, row->place));
	printer_joined(p, "  ");
	print_end(l, row->src);
	printer_joined(p, " > ");
	print_end(l, row->dst);
	printer_puts(p, "  ");
	print_start(p, row);
	print_tail(p, row);
	printer_end(p, SENTENCE);
}

void text_messages(struct printer *p, const struct call *call)
{
	struct ladder l = {.p = p};
	const struct sip_row *row;

	begin(&l, call);
	if (l.total == 0)
		return;
	printer_heading(p, "SIP messages");
	name_ends(&l, call);
	begin(&l, call);
	for (size_t at = 0; (row = take(&l)) != NULL; at++) {
		if (is_shown(&l, at))
			print_message(&l, row);
		else if (at == FIRST_SHOWN) {
			printer_printf(p, "    ... %zu more ...",
				       l.total - FIRST_SHOWN - LAST_SHOWN);
			printer_end(p, 4);
		}
	}
}
