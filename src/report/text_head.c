/* The head of the report: how many calls came how far, then the captures. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/text_parts.h"

#define ENDINGS_MAX 32u  /* told apart */
#define ENDINGS_SHOWN 6u /* of one kind */
#define KINDS 3

/* Calls that ended alike. */
struct ending {
	enum call_kind kind;
	enum outcome outcome;
	enum stage stopped;
	const struct rule *rule;
	const struct call *first;
	uint64_t count;
	bool differs; /* others tell another story than the first */
};

struct endings {
	struct ending rows[ENDINGS_MAX];
	size_t count;
	uint64_t kinds[KINDS];  /* calls of each */
	uint64_t others[KINDS]; /* more than are told apart */
};

/* What was tried without a call either failed or did not. */
static enum outcome ending_of(const struct call *call)
{
	return call->kind == CALL_ATTEMPT && call->outcome == OUTCOME_OK
		       ? OUTCOME_UNKNOWN
		       : call->outcome;
}

static bool is_same(const struct ending *e, const struct call *call)
{
	return e->kind == call->kind && e->outcome == ending_of(call) &&
	       e->stopped == call->stopped && e->rule == call->rule;
}

/* What the stage says at which it stopped, or NULL. */
static const char *own_story(const struct call *call)
{
	return call->stopped < STAGES ? call->stages[call->stopped].text : NULL;
}

static bool tells_the_same(const struct call *a, const struct call *b)
{
	const char *one = own_story(a), *other = own_story(b);

	return one && other && strcmp(one, other) == 0;
}

static void count_ending(struct endings *endings, const struct call *call)
{
	size_t i = 0;

	endings->kinds[call->kind]++;
	while (i < endings->count && !is_same(&endings->rows[i], call))
		i++;
	if (i == ENDINGS_MAX) {
		endings->others[call->kind]++;
		return;
	}
	if (i == endings->count)
		endings->rows[endings->count++] =
			(struct ending){.kind = call->kind,
					.outcome = ending_of(call),
					.stopped = call->stopped,
					.rule = call->rule,
					.first = call};
	endings->rows[i].differs |=
		!tells_the_same(endings->rows[i].first, call);
	endings->rows[i].count++;
}

/* The largest that is left, taken out; NULL when none is. */
static struct ending *next_ending(struct endings *endings, enum call_kind kind)
{
	struct ending *best = NULL;

	for (size_t i = 0; i < endings->count; i++) {
		struct ending *e = &endings->rows[i];

		if (e->kind == kind && e->count &&
		    (!best || e->count > best->count))
			best = e;
	}
	return best;
}

/* One tells its own story; of several, the rule that they share, with the
 * answer if they had the same. */
static void print_reason(struct printer *p, const struct ending *e, bool among)
{
	const struct cause *rows = p->model->causes.rows;
	const char *text = NULL, *answer = NULL;

	if (e->stopped < STAGES && (e->count == 1 || !e->rule))
		text = e->count == 1 || !e->differs ? own_story(e->first)
						    : NULL;
	else if (e->rule)
		text = e->rule->title;
	if (e->count > 1 && e->rule && e->outcome == OUTCOME_REJECTED &&
	    !e->differs)
		answer = own_story(e->first);
	if (e->stopped != STAGE_NONE)
		printer_printf(p, " at %s", stage_name(e->stopped));
	if (text) {
		printer_puts(p, ": ");
		printer_uris(p, text);
	}
	if (answer) {
		printer_puts(p, " (");
		printer_uris(p, answer);
		printer_puts(p, ")");
	}
	/* Among others: they may have stopped in the same words. */
	if (among && e->count == 1 && e->first->causes.count &&
	    e->stopped < STAGES)
		printer_printf(p, "; %s",
			       rows[e->first->causes.first].headline);
}

/* What is wrong though no stage failed, as where a registration or a relay is
 * lost later on; or NULL. */
static const char *trouble_of(const struct printer *p, const struct ending *e)
{
	const struct cause *rows = p->model->causes.rows;

	if (e->count != 1 || e->first->causes.count == 0 ||
	    (e->outcome != OUTCOME_ESTABLISHED &&
	     (e->outcome != OUTCOME_UNKNOWN || e->kind != CALL_ATTEMPT)))
		return NULL;
	return rows[e->first->causes.first].headline;
}

/* The first stage that has begun and not ended; or STAGES. */
static enum stage unfinished_of(const struct ending *e)
{
	int at = STAGES;

	if (e->kind == CALL_ATTEMPT && e->outcome == OUTCOME_UNKNOWN &&
	    e->count == 1)
		for (at = 0; at < STAGES; at++)
			if (e->first->stages[at].state == STATE_INCOMPLETE)
				break;
	return (enum stage)at;
}

static void print_unfinished(struct printer *p, const struct ending *e,
			     enum stage stage)
{
	printer_printf(p, "unfinished at %s: ", stage_name(stage));
	printer_uris(p, e->first->stages[stage].text);
}

static void print_ending(struct printer *p, const struct ending *e,
			 bool with_count)
{
	if (with_count)
		printer_printf(p, "%" PRIu64 " ", e->count);
	printer_color(p, text_paint_of(e->outcome));
	if (trouble_of(p, e))
		printer_printf(p, "%s, but %s",
			       e->outcome == OUTCOME_ESTABLISHED
				       ? text_outcome(e->first)
				       : "no stage failed",
			       trouble_of(p, e));
	else if (unfinished_of(e) != STAGES)
		print_unfinished(p, e, unfinished_of(e));
	else if (e->kind == CALL_ATTEMPT && e->outcome == OUTCOME_UNKNOWN)
		printer_puts(p, with_count ? "without a failure"
					   : "nothing failed");
	else
		printer_puts(p, text_outcome(e->first));
	printer_color(p, PAINT_NONE);
	printer_color(p, PAINT_BOLD);
	print_reason(p, e, with_count);
}

static void print_noun(struct printer *p, enum call_kind kind, uint64_t count)
{
	static const struct {
		const char *noun, *more;
	} words[] = {
		[CALL_DIALOG] = {"call", ""},
		[CALL_ICE] = {"ICE session", " without readable SIP"},
		[CALL_ATTEMPT] = {"attempt", " that led to no call"},
	};

	printer_count(p, count, words[kind].noun);
	printer_puts(p, words[kind].more);
}

/* Did all calls of this kind end alike? */
static bool is_one_ending(const struct endings *endings, enum call_kind kind)
{
	size_t count = endings->others[kind] ? 1 : 0;

	for (size_t i = 0; i < endings->count; i++)
		count += endings->rows[i].kind == kind;
	return count == 1;
}

static void begin_row(struct printer *p)
{
	printer_color(p, PAINT_NONE);
	printer_end(p, 4);
	printer_puts(p, "  - ");
	printer_color(p, PAINT_BOLD);
}

/* One line where all ended alike, else a row for each ending. */
static void print_kind(struct printer *p, struct endings *endings,
		       enum call_kind kind)
{
	uint64_t left = endings->kinds[kind];
	bool rows = !is_one_ending(endings, kind);
	struct ending *e;

	if (left == 0)
		return;
	printer_color(p, PAINT_BOLD);
	print_noun(p, kind, left);
	printer_puts(p, rows ? ":" : ": ");
	for (size_t i = 0;
	     i < ENDINGS_SHOWN && (e = next_ending(endings, kind)); i++) {
		if (rows)
			begin_row(p);
		print_ending(p, e, endings->kinds[kind] > 1);
		left -= e->count;
		e->count = 0;
	}
	if (left) {
		begin_row(p);
		printer_printf(p, "%" PRIu64 " ended otherwise", left);
	}
	printer_color(p, PAINT_NONE);
	printer_end(p, rows ? 4 : 2);
}

bool text_reads_nothing(const struct printer *p)
{
	for (size_t i = 0; i < p->options->capture_count; i++)
		if (p->options->captures[i].format)
			return false;
	return p->options->capture_count != 0;
}

static void print_headline(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	struct endings endings = {.count = 0};

	for (size_t i = 0; i < p->model->calls.count; i++)
		if (text_tells(p, i))
			count_ending(&endings, &calls[i]);
	if (p->model->calls.count == 0) {
		printer_paint(p, PAINT_BOLD,
			      text_reads_nothing(p)
				      ? "No input could be read"
				      : "No call, ICE session, registration "
					"or relay allocation in the input");
		printer_end(p, 2);
	} else if (p->calls == 0) {
		printer_paint(p, PAINT_BOLD, "No call fits what --call says");
		printer_end(p, 2);
	}
	for (int kind = 0; kind < KINDS; kind++)
		print_kind(p, &endings, (enum call_kind)kind);
}

/* Clocks that are nearer were not told apart. */
#define OFFSET_TOLD NS_PER_MS

static bool has_several_vantages(const struct model *m)
{
	const struct vantage *rows = m->vantages.rows;

	for (size_t i = 1; i < m->vantages.count; i++)
		if (rows[i].number != rows[0].number)
			return true;
	return false;
}

/* What stands right in the report, and how it stood. */
static void print_offset(struct printer *p, const struct vantage *v,
			 const char *whose)
{
	static const char *const bases[] = {
		[CLOCK_UNKNOWN] = "",
		[CLOCK_BY_MESSAGES] = "",
		[CLOCK_BY_COURSE] = "by tokens, relays and checks ",
		[CLOCK_BY_DATE] = "by the Date of its messages ",
	};
	nanoseconds ahead = v->offset < 0 ? -v->offset : v->offset;

	if (v->offset_known && ahead >= OFFSET_TOLD)
		printer_printf(p, ", %s%s clock is %.3f s %s and was set right",
			       bases[v->basis], whose, (double)ahead / 1e9,
			       v->offset < 0 ? "behind" : "ahead");
}

/* Interfaces of a file, each with a clock that may be its own. */
static void print_interfaces(struct printer *p, size_t file)
{
	const struct vantage *rows = p->model->vantages.rows;

	for (size_t i = p->options->capture_count; i < p->model->vantages.count;
	     i++) {
		if (rows[i].file != file)
			continue;
		printer_printf(p, ", v%u", rows[i].number + 1);
		print_offset(p, &rows[i], "whose");
	}
}

/* Which vantage a file is, and how its clock stands. */
static void print_vantage(struct printer *p, size_t number)
{
	const struct vantage *v;

	if (number >= p->model->vantages.count)
		return;
	v = list_at(&p->model->vantages, number);
	if (has_several_vantages(p->model))
		printer_printf(p, ", vantage v%u", v->number + 1);
	print_offset(p, v, "its");
	print_interfaces(p, number);
}

/* What a log leaves out is part of what it says. */
static void print_warnings(struct printer *p, const struct report_capture *c)
{
	for (size_t i = 0; i < c->warning_count; i++) {
		printer_puts(p, "  - ");
		printer_puts(p, c->warnings[i]);
		printer_end(p, 4);
	}
}

static void print_capture(struct printer *p, size_t number)
{
	const struct report_capture *c = &p->options->captures[number];

	if (p->options->capture_count > 1)
		printer_printf(p, "%zu: ", number);
	printer_puts(p, c->path);
	if (c->format) {
		printer_printf(p, ": %s, ", c->format);
		printer_count(p, c->frames, "frame");
		print_vantage(p, number);
	}
	if (c->damage) {
		printer_color(p, PAINT_BAD);
		printer_puts(p, c->format ? ", DAMAGED: " : ": unreadable: ");
		printer_puts(p, c->damage);
		printer_color(p, PAINT_NONE);
	}
	printer_end(p, 4);
	if (c->log)
		print_warnings(p, c);
	printer_flush(p);
}

static void print_span(struct printer *p)
{
	const struct model *m = p->model;

	if (m->first_time == 0)
		return;
	printer_puts(p, ", ");
	printer_date(p, m->first_time);
	printer_joined(p, " ");
	clock_of_day(m->first_time, &p->line);
	printer_joined(p, " to ");
	if (clock_civil(m->first_time).day != clock_civil(m->last_time).day) {
		printer_date(p, m->last_time);
		printer_joined(p, " ");
	}
	clock_of_day(m->last_time, &p->line);
	printer_joined(p, " UTC");
}

static void print_counts(struct printer *p)
{
	printer_printf(p, "%" PRIu64 " SIP and ", p->options->sip);
	printer_count(p, p->options->stun, "STUN message");
	printer_puts(p, ", ");
	printer_count(p, p->options->rtp, "RTP packet");
	print_span(p);
	printer_end(p, 2);
}

/* "TITLE a, b, c", dim; no part is broken. */
static void print_legend(struct printer *p, const char *title,
			 const char *const *parts, size_t hanging)
{
	printer_color(p, PAINT_DIM);
	printer_puts(p, title);
	for (size_t i = 0; parts[i]; i++) {
		printer_puts(p, " ");
		printer_joined(p, "%s%s", parts[i], parts[i + 1] ? "," : "");
	}
	printer_color(p, PAINT_NONE);
	printer_end(p, hanging);
}

/* What marks mean, and in the list what their places do. */
static void print_legends(struct printer *p)
{
	static const char *const marks[] = {
		"+ ok",         "X failed",
		"~ unfinished", "* proved by what followed",
		"? not seen",   "- not needed",
		NULL,
	};
	static const char *const stages[] = {
		"registration",    "token for a relay", "gathering addresses",
		"exchange of SDP", "probing",           NULL,
	};

	printer_end(p, 0);
	print_legend(p, "Marks:", marks, 7);
	if (p->calls > 1)
		print_legend(p, "Stages 1-5:", stages, 12);
}

void text_head(struct printer *p)
{
	print_headline(p);
	for (size_t i = 0; i < p->options->capture_count; i++)
		print_capture(p, i);
	print_counts(p);
	if (p->calls)
		print_legends(p);
}
