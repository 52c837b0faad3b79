/* A call as a row: what it is, and what it was at a moment. */
#include "config.h"

#include <string.h>

#include "report/canvas.h"
#include "ui/view.h"

/* RFC 8489 6.2.1: after 39.5 s no answer to a request is waited for. */
#define LATE_AFTER (40 * NS_PER_S)

size_t view_calls(const struct feed *feed)
{
	return feed->joined ? feed->model->calls.count
			    : feed->model->dialogs.count;
}

size_t view_count(const struct feed *feed)
{
	return view_calls(feed) + journal_others(feed->journal);
}

struct view_call view_call(struct feed *feed, size_t row,
			   const struct settings *settings, nanoseconds at)
{
	const struct model *m = feed->model;
	struct view_call v = {
		.feed = feed,
		.model = m,
		.number = (uint32_t)row,
		.at = at,
		.settings = settings,
	};

	if (row >= view_calls(feed)) {
		v.other =
			journal_other_at(feed->journal, row - view_calls(feed));
		return v;
	}
	if (!feed->joined) {
		v.dialog = list_at(&m->dialogs, row);
		return v;
	}
	v.call = list_at(&m->calls, row);
	if (v.call->dialog != LIST_NONE)
		v.dialog = list_at(&m->dialogs, v.call->dialog);
	return v;
}

nanoseconds view_start(const struct view_call *v)
{
	if (v->other)
		return v->other->begin;
	return v->call ? v->call->start
		       : place_time(v->model, v->dialog->invite);
}

nanoseconds view_end(const struct view_call *v)
{
	if (v->other)
		return v->other->end;
	return v->call ? v->call->end
		       : place_time(v->model, v->dialog->cited.last);
}

uint64_t view_key(const struct view_call *v)
{
	const char *id = v->dialog ? v->dialog->call_id
			 : v->call ? v->call->from
				   : NULL;
	uint64_t hash = hash_bytes(1, slice_of_text(id ? id : ""));

	if (v->other)
		return hash_mix(v->other->group);
	/* With a Call-ID the time adds nothing, and a better clock moves it. */
	return v->dialog ? hash : hash_mix(hash ^ (uint64_t)view_start(v));
}

bool view_find(struct feed *feed, uint64_t key, const struct settings *settings,
	       nanoseconds at, struct view_call *out)
{
	size_t count = view_count(feed);

	for (size_t i = 0; i < count; i++) {
		struct view_call v = view_call(feed, i, settings, at);

		if (view_key(&v) == key) {
			*out = v;
			return true;
		}
	}
	return false;
}

/* ---- at a moment ---- */

static bool is_past(const struct view_call *v, nanoseconds time)
{
	return v->at == 0 || time <= v->at;
}

/* What is known of the exchange before the joins. */
static enum stage_state state_of_dialog(const struct dialog *d)
{
	if (d->final >= 200 && d->final < 300)
		return STATE_OK;
	return d->final ? STATE_FAILED : STATE_INCOMPLETE;
}

enum stage_state view_stage(const struct view_call *v, enum stage stage,
			    bool *begun)
{
	const struct stage_view *s;

	*begun = true;
	if (v->other)
		return STATE_UNNEEDED;
	if (!v->call) {
		*begun = stage == STAGE_EXCHANGE;
		return *begun ? state_of_dialog(v->dialog) : STATE_UNSEEN;
	}
	s = &v->call->stages[stage];
	if (v->at == 0 || s->start == 0)
		return s->state;
	*begun = s->start <= v->at;
	if (*begun && s->end > v->at)
		return STATE_INCOMPLETE;
	return s->state;
}

uint32_t view_mark(enum stage_state state, bool begun)
{
	static const uint32_t marks[] = {
		[STATE_UNSEEN] = '?',    [STATE_OK] = 0x2713,
		[STATE_FAILED] = 0x2717, [STATE_INCOMPLETE] = '~',
		[STATE_INFERRED] = '*',  [STATE_UNNEEDED] = '-',
	};

	return begun ? marks[state] : 0xB7;
}

int view_mark_style(enum stage_state state, bool begun)
{
	static const uint8_t styles[] = {
		[STATE_UNSEEN] = STYLE_DIM,    [STATE_OK] = STYLE_GOOD,
		[STATE_FAILED] = STYLE_BAD,    [STATE_INCOMPLETE] = STYLE_WARN,
		[STATE_INFERRED] = STYLE_GOOD, [STATE_UNNEEDED] = STYLE_DIM,
	};

	return begun ? styles[state] : STYLE_DIM;
}

/* The last state that a history tells at v->at; NULL: none yet. */
static const struct change *last_change(const struct view_call *v,
					const struct chain *history)
{
	const struct change *found = NULL;
	uint32_t at = history->count ? history->first : CHAIN_END;

	while (at != CHAIN_END) {
		const struct change *c = list_at(&v->model->changes, at);

		if (!is_past(v, place_time(v->model, c->place)))
			break;
		if (c->what == WORD_STATE)
			found = c;
		at = c->next;
	}
	return found;
}

static const char *word_of_dialog(const struct view_call *v)
{
	const struct change *c = last_change(v, &v->dialog->history);

	if (!c)
		return "begins";
	if (c->to == WORD_PROCEEDING && c->value >= 180)
		return "ringing";
	return word_text((enum word)c->to);
}

static bool is_over(const struct view_call *v)
{
	const struct dialog *d = v->dialog;

	if (v->other)
		return v->other->final && is_past(v, view_end(v));
	if (!d)
		return is_past(v, view_end(v));
	if (d->ended)
		return is_past(v, place_time(v->model, d->ended));
	return d->final >= 300 && is_past(v, place_time(v->model, d->answer));
}

bool view_may_change(const struct view_call *v)
{
	if (v->feed->state != FEED_LIVE || v->at)
		return false;
	/* Without a dialog there is no end but silence. */
	if (v->other || !v->dialog)
		return v->model->last_time - view_end(v) < LATE_AFTER;
	return !is_over(v);
}

static const char *outcome_of_other(const struct view_call *v)
{
	if (!v->other->final || !is_past(v, view_end(v)))
		return "no answer";
	return v->other->final < 300 ? "ok" : "refused";
}

const char *view_outcome(const struct view_call *v)
{
	if (v->other)
		return outcome_of_other(v);
	if (v->at && !is_past(v, view_end(v)))
		return v->dialog ? word_of_dialog(v) : "in progress";
	if (!v->call)
		return word_of_dialog(v);
	switch (v->call->outcome) {
	case OUTCOME_ESTABLISHED:
		if (v->feed->state == FEED_LIVE && !is_over(v))
			return "in call";
		return "established";
	case OUTCOME_IN_PROGRESS:
		if (v->dialog && v->feed->state == FEED_LIVE)
			return word_of_dialog(v);
		return "in progress";
	case OUTCOME_UNKNOWN:
	case OUTCOME_FAILED:
	case OUTCOME_REJECTED:
	case OUTCOME_CANCELLED:
	case OUTCOME_UNANSWERED:
	case OUTCOME_OK:
		break;
	}
	return outcome_name(v->call->outcome);
}

int view_outcome_style(const struct view_call *v)
{
	if (v->other)
		return v->other->final && v->other->final < 300 ? STYLE_PLAIN
								: STYLE_WARN;
	if (!v->call || (v->at && !is_past(v, view_end(v))))
		return STYLE_WARN;
	switch (v->call->outcome) {
	case OUTCOME_ESTABLISHED:
	case OUTCOME_OK:
		return STYLE_GOOD;
	case OUTCOME_FAILED:
		return STYLE_BAD;
	case OUTCOME_REJECTED:
	case OUTCOME_UNANSWERED:
	case OUTCOME_IN_PROGRESS:
		return STYLE_WARN;
	case OUTCOME_CANCELLED:
	case OUTCOME_UNKNOWN:
		break;
	}
	return STYLE_PLAIN;
}

/* ---- what it waits for ---- */

static void put_since(const struct view_call *v, nanoseconds since,
		      struct text *to)
{
	nanoseconds now = v->at ? v->at : v->model->last_time;

	if (since && now > since)
		text_printf(to, ", for %.1f s",
			    (double)(now - since) / (double)NS_PER_S);
}

static bool dialog_waits(const struct view_call *v, struct text *to)
{
	const struct change *c =
		v->dialog ? last_change(v, &v->dialog->history) : NULL;
	const char *what;

	if (!c)
		return false;
	switch (c->to) {
	case WORD_INVITED:
		what = "any answer to the INVITE";
		break;
	case WORD_PROCEEDING:
		what = c->value >= 180 ? "somebody to answer"
				       : "the far end to ring";
		break;
	case WORD_CHALLENGED:
		what = "the caller to send credentials";
		break;
	case WORD_ANSWERED:
		what = "the ACK";
		break;
	default:
		return false;
	}
	text_printf(to, "waits for %s", what);
	put_since(v, place_time(v->model, c->place), to);
	return true;
}

static bool allocation_waits(const struct view_call *v, struct text *to)
{
	const struct members *list = &v->call->allocations;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct allocation *a =
			list_at(&v->model->allocations, list->list[i]);
		const struct change *c = last_change(v, &a->history);

		if (!c || (c->to != WORD_REQUESTED && c->to != WORD_CHALLENGED))
			continue;
		text_puts(to, c->to == WORD_REQUESTED
				      ? "waits for the relay at "
				      : "waits for credentials for the relay "
					"at ");
		endpoint_text(end_at(v->model, a->server), to);
		put_since(v, place_time(v->model, c->place), to);
		return true;
	}
	return false;
}

static bool pairs_wait(const struct view_call *v, struct text *to)
{
	const struct members *list = &v->call->sessions;
	unsigned open = 0, good = 0;
	nanoseconds since = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct session *s =
			list_at(&v->model->sessions, list->list[i]);
		size_t at = s->first_pair;

		while (at != LIST_NONE) {
			const struct pair *p = list_at(&v->model->pairs, at);
			const struct change *c = last_change(v, &p->history);

			open += c && c->to == WORD_IN_PROGRESS;
			good += c && c->to != WORD_IN_PROGRESS &&
				c->to != WORD_FAILED;
			if (c && c->to == WORD_IN_PROGRESS &&
			    (!since || place_time(v->model, c->place) < since))
				since = place_time(v->model, c->place);
			at = p->next;
		}
	}
	if (!open || good)
		return false;
	text_printf(to, "waits for answers to checks of %u pair%s", open,
		    open == 1 ? "" : "s");
	put_since(v, since, to);
	return true;
}

void view_waits_for(const struct view_call *v, struct text *to)
{
	if (is_over(v)) {
		text_puts(to, "is over");
		return;
	}
	if (v->other) {
		text_puts(to, "waits for an answer");
		return;
	}
	if (v->call && (pairs_wait(v, to) || allocation_waits(v, to)))
		return;
	if (!dialog_waits(v, to))
		text_puts(to, v->dialog ? "waits for the end of the call"
					: "waits for nothing that is known");
}
