/*
 * Pairs of addresses that were checked: those that mattered, one by one, then
 * those that did not, together with others that share their reason.
 */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

#define HANGING 6
#define REASONS_MAX 8u   /* told apart; the rest are one group */
#define MATTERED_MAX 12u /* shown of a session */
#define GROUP_MAX 6u     /* shown of a reason */

/* Pairs that share a reason, up to its details in brackets. */
struct group {
	struct slice reason;
	size_t count;
	bool half_seen, cut_off;
};

struct groups {
	struct group rows[REASONS_MAX];
	size_t count;
};

static bool answered(const struct pair *pair)
{
	return pair->way[0].responses || pair->way[1].responses;
}

/* What came of it; *details are what its own numbers are. */
static struct slice reason_of(const struct pair *pair, struct slice *details)
{
	struct slice why = slice_of_text(pair->why ? pair->why : "no answer");
	size_t at = why.n;

	(void)slice_find(why, '(', &at);
	*details = slice_from(why, at);
	return slice_trim(slice_first(why, at));
}

/* As its description says ([MS-SDPEXT]); NULL: it does not. */
static const char *network_of(const struct printer *p, uint32_t candidate)
{
	return candidate == CHAIN_END
		       ? NULL
		       : candidate_extra_of(p->model,
					    list_at(&p->model->candidates,
						    candidate))
				 ->network;
}

static void print_end(struct printer *p, const struct pair *pair, int side)
{
	uint64_t session = pair_extra_of(p->model, pair)->turn_sessions[side];

	if (pair->types[side])
		printer_joined(p, "%s ", candidate_word(pair->types[side]));
	if (end_at(p->model, side ? pair->b : pair->a)->family == FAMILY_NONE)
		printer_puts(p, "at an unknown address");
	else
		printer_endpoint(p, end_at(p->model, side ? pair->b : pair->a));
	if (network_of(p, pair->candidates[side]))
		printer_joined(p, " (%s)",
			       network_of(p, pair->candidates[side]));
	if (session)
		printer_joined(p, " (session %016" PRIx64 ")", session);
}

static void print_ends(struct printer *p, const struct pair *pair)
{
	bool there = pair->way[0].requests, back = pair->way[1].requests;

	print_end(p, pair, 0);
	printer_puts(p, there && back ? " <-> " : there ? " -> " : " <- ");
	print_end(p, pair, 1);
	if (pair->relayed)
		printer_joined(p, " (through TURN)");
}

static void print_way(struct printer *p, const char *arrow,
		      const struct direction *way)
{
	printer_joined(p, " %u/%u %s", way->responses, way->requests, arrow);
	if (way->errors) {
		printer_joined(p, " (%u error%s", way->errors,
			       way->errors == 1 ? "" : "s");
		if (way->last_error)
			printer_joined(p, ", last %u", way->last_error);
		printer_puts(p, ")");
	}
	if (way->strays)
		printer_printf(p, " (%u from another address)", way->strays);
}

static void print_checks(struct printer *p, const struct pair *pair)
{
	printer_puts(p, "checks answered");
	for (int side = 0; side < 2; side++)
		if (pair->way[side].requests)
			print_way(p, side ? "<-" : "->", &pair->way[side]);
	if (pair->way[0].rtt || pair->way[1].rtt) {
		printer_puts(p, ", ");
		printer_duration(p, pair->way[0].rtt ? pair->way[0].rtt
						     : pair->way[1].rtt);
	}
	if (pair->integrity.verified)
		printer_puts(p, ", integrity verified");
	if (pair->integrity.bad || pair->integrity.no_key_fits) {
		printer_puts(p, ", ");
		printer_paint(p, PAINT_BAD, "integrity does not fit");
	}
}

static void print_mattering(struct printer *p, const struct pair *pair)
{
	printer_puts(p, "    ");
	printer_paint(p, PAINT_GOOD, pair->selected ? "+" : " ");
	printer_puts(p, " ");
	print_ends(p, pair);
	printer_puts(p, ": ");
	printer_paint(p, pair->selected ? PAINT_GOOD : PAINT_NONE,
		      pair->why        ? pair->why
		      : pair->selected ? "nominated"
				       : "answered");
	printer_puts(p, "; ");
	print_checks(p, pair);
	printer_cited(p, &pair->cited);
	printer_end(p, HANGING);
}

static void print_others(struct printer *p, size_t count)
{
	printer_color(p, PAINT_DIM);
	printer_printf(p, "      and %" PRIu64 " more like %s", (uint64_t)count,
		       count == 1 ? "it" : "these");
	printer_color(p, PAINT_NONE);
	printer_end(p, HANGING);
}

/* Of a session: the nominated pairs, or those that were only answered. */
static void print_mattered(struct printer *p, const struct session *x,
			   bool selected)
{
	const struct pair *pairs = p->model->pairs.rows;
	size_t shown = 0;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next) {
		if (pairs[i].selected != selected ||
		    (!selected && !answered(&pairs[i])))
			continue;
		if (shown++ < MATTERED_MAX)
			print_mattering(p, &pairs[i]);
	}
	if (shown > MATTERED_MAX)
		print_others(p, shown - MATTERED_MAX);
}

static bool is_idle(const struct pair *pair)
{
	return !pair->selected && !answered(pair);
}

static size_t group_of(struct groups *groups, const struct pair *pair)
{
	struct slice details, reason = reason_of(pair, &details);
	size_t i = 0;

	while (i < groups->count &&
	       !slice_equal(groups->rows[i].reason, reason))
		i++;
	if (i == groups->count && i < REASONS_MAX)
		groups->rows[groups->count++] =
			(struct group){reason, 0, pair->half_seen,
				       pair->cut_off};
	return i < REASONS_MAX ? i : REASONS_MAX - 1;
}

static void print_details(struct printer *p, const struct pair *pair)
{
	struct slice details;

	(void)reason_of(pair, &details);
	if (details.n) {
		printer_puts(p, " ");
		text_escaped(&p->line, details);
	} else {
		printer_puts(p, ", ");
		printer_count(p, pair->way[0].requests + pair->way[1].requests,
			      "check");
	}
}

/* Under the head of its group. */
static void print_idle(struct printer *p, const struct pair *pair)
{
	printer_puts(p, "        ");
	print_ends(p, pair);
	print_details(p, pair);
	printer_cited(p, &pair->cited);
	printer_end(p, HANGING + 4);
}

static void print_idle_mark(struct printer *p, bool half_seen, bool cut_off)
{
	printer_puts(p, "    ");
	printer_paint(p, half_seen || cut_off ? PAINT_WARN : PAINT_BAD,
		      half_seen ? "?"
		      : cut_off ? "~"
				: "X");
	printer_puts(p, " ");
}

static void print_alone(struct printer *p, const struct pair *pair)
{
	struct slice details, reason = reason_of(pair, &details);

	print_idle_mark(p, pair->half_seen, pair->cut_off);
	print_ends(p, pair);
	printer_puts(p, ": ");
	text_escaped(&p->line, reason);
	print_details(p, pair);
	printer_cited(p, &pair->cited);
	printer_end(p, HANGING);
}

static void print_group_head(struct printer *p, const struct group *group)
{
	print_idle_mark(p, group->half_seen, group->cut_off);
	printer_count(p, group->count, "pair");
	printer_puts(p, ": ");
	text_escaped(&p->line, group->reason);
	printer_end(p, HANGING);
}

static void print_group(struct printer *p, const struct session *x,
			struct groups *groups, size_t at)
{
	const struct pair *pairs = p->model->pairs.rows;
	size_t count = groups->rows[at].count, shown = 0;
	/* To leave out one saves nothing. */
	size_t most = count == GROUP_MAX + 1 ? count : GROUP_MAX;

	if (count > 1)
		print_group_head(p, &groups->rows[at]);
	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next) {
		if (!is_idle(&pairs[i]) || group_of(groups, &pairs[i]) != at)
			continue;
		if (count == 1)
			print_alone(p, &pairs[i]);
		else if (shown++ < most)
			print_idle(p, &pairs[i]);
	}
	if (count > 1 && count > most)
		print_others(p, count - most);
}

static void print_idles(struct printer *p, const struct session *x)
{
	const struct pair *pairs = p->model->pairs.rows;
	struct groups groups = {.count = 0};

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next)
		if (is_idle(&pairs[i]))
			groups.rows[group_of(&groups, &pairs[i])].count++;
	for (size_t at = 0; at < groups.count; at++)
		print_group(p, x, &groups, at);
}

static size_t count_answered(const struct printer *p, const struct session *x)
{
	const struct pair *pairs = p->model->pairs.rows;
	size_t n = 0;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next)
		n += answered(&pairs[i]);
	return n;
}

/* Who never spoke told none. */
static void print_versions(struct printer *p, const struct session *x)
{
	int side = x->versions[0] ? 0 : 1;

	if (x->versions[0] && x->versions[1]) {
		printer_printf(p, ", MS-ICE2 versions %u and %u",
			       x->versions[0], x->versions[1]);
	} else if (x->versions[side]) {
		printer_printf(p, ", MS-ICE2 version %u of ",
			       x->versions[side]);
		printer_puts(p, text_or_empty(p->model, x->ufrags[side]));
	}
}

static void print_heading(struct printer *p, const struct session *x)
{
	printer_end(p, 0);
	printer_puts(p, "  ");
	printer_paint(p, PAINT_BOLD, "Ways that were checked");
	printer_printf(p, ": %u pair%s, %zu answered ", x->pairs,
		       x->pairs == 1 ? "" : "s", count_answered(p, x));
	printer_color(p, PAINT_DIM);
	printer_puts(p, "[user fragments ");
	printer_puts(p, text_or_empty(p->model, x->ufrags[0]));
	printer_puts(p, " and ");
	printer_puts(p, text_or_empty(p->model, x->ufrags[1]));
	print_versions(p, x);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
	printer_end(p, HANGING);
}

void text_pairs(struct printer *p, const struct call *call)
{
	const struct session *rows = p->model->sessions.rows;

	text_offers(p, call);
	for (size_t i = 0; i < call->sessions.count; i++) {
		const struct session *x = &rows[call->sessions.list[i]];

		print_heading(p, x);
		print_mattered(p, x, true);
		print_mattered(p, x, false);
		print_idles(p, x);
	}
	if (call->sessions.count)
		text_matrix(p, call);
}
