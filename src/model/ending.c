/* Endings, by the model as it was joined last. */
#include "config.h"

#include "model/ending.h"

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_HUNG_UP] = "hung-up",
		[ENDING_REFUSED] = "refused",
		[ENDING_CONSENT] = "consent-lost",
		[ENDING_RELEASED] = "released",
		[ENDING_EXPIRED] = "expired",
		[ENDING_LOST] = "lost",
		[ENDING_CLOSED] = "closed",
		[ENDING_REMOVED] = "removed",
		[ENDING_SILENT] = "silent",
		[ENDING_GONE] = "gone",
	};

	return names[ending];
}

/* ---- dialogs ---- */

/* Has each of its dialogs ended, and is there one? */
static bool call_is_hung_up(const struct model *m, const struct call *call)
{
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		if (!d->bye && d->final < 300)
			return false;
	}
	return call->dialogs.count != 0;
}

static enum ending of_dialogs(const struct model *m, const struct call *call)
{
	if (!call_is_hung_up(m, call))
		return ENDING_NONE;
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&m->dialogs, call->dialogs.list[i]);

		if (d->bye)
			return ENDING_HUNG_UP;
	}
	return ENDING_REFUSED;
}

/* ---- allocations ---- */

static enum ending of_allocation(const struct allocation *a, nanoseconds now)
{
	if (a->released)
		return ENDING_RELEASED;
	if (a->lost)
		return ENDING_LOST;
	if (a->closed)
		return ENDING_CLOSED;
	return a->until && a->until < now ? ENDING_EXPIRED : ENDING_NONE;
}

/* Of those that were granted; the ending of the last one that is listed. */
static enum ending of_allocations(const struct model *m,
				  const struct call *call, nanoseconds now)
{
	enum ending last = ENDING_NONE;

	for (uint32_t i = 0; i < call->allocations.count; i++) {
		const struct allocation *a =
			list_at(&m->allocations, call->allocations.list[i]);

		if (!a->granted)
			continue;
		last = of_allocation(a, now);
		if (last == ENDING_NONE)
			break;
	}
	return last;
}

static bool has_allocation(const struct model *m, const struct call *call)
{
	for (uint32_t i = 0; i < call->allocations.count; i++) {
		const struct allocation *a =
			list_at(&m->allocations, call->allocations.list[i]);

		if (a->granted)
			return true;
	}
	return false;
}

/* ---- ICE ---- */

/* By the pairs that were selected; *direct: one of them needs no relay. */
static bool lives_on(const struct model *m, const struct session *x,
		     bool *selected, bool *direct)
{
	bool lives = false;

	for (size_t i = x->first_pair; i != LIST_NONE;) {
		const struct pair *p = list_at(&m->pairs, i);

		if (p->selected) {
			*selected = true;
			*direct |= !p->relayed;
			lives |= !pair_extra_of(m, p)->consent_lost;
		}
		i = p->next;
	}
	return lives;
}

/* What a restart took the place of is over, and does not count. */
static bool is_restarted(const struct model *m, const struct call *call,
			 size_t session)
{
	for (uint32_t i = 0; i < call->sessions.count; i++) {
		const struct session *x =
			list_at(&m->sessions, call->sessions.list[i]);

		if (x->restarts == session)
			return true;
	}
	return false;
}

static enum ending of_ice(const struct model *m, const struct call *call,
			  nanoseconds now)
{
	bool selected = false, direct = false, lives = false;

	for (uint32_t i = 0; i < call->sessions.count; i++) {
		uint32_t row = call->sessions.list[i];

		if (!is_restarted(m, call, row))
			lives |= lives_on(m, list_at(&m->sessions, row),
					  &selected, &direct);
	}
	if (selected && !lives)
		return ENDING_CONSENT;
	return direct ? ENDING_NONE : of_allocations(m, call, now);
}

/* ---- calls ---- */

static bool is_silent(const struct model *m, const struct call *call,
		      nanoseconds now)
{
	if (call->kind == CALL_DIALOG)
		return call->end + ENDING_SILENT_CALL < now;
	/* Who holds an allocation may be silent for its time. */
	if (call->kind == CALL_ATTEMPT && has_allocation(m, call))
		return false;
	return call->end + ENDING_SILENT_OTHER < now;
}

enum ending call_ending(const struct model *m, const struct call *call,
			nanoseconds now)
{
	enum ending ending = ENDING_NONE;

	switch (call->kind) {
	case CALL_DIALOG:
		ending = of_dialogs(m, call);
		break;
	case CALL_ICE:
		ending = of_ice(m, call, now);
		break;
	case CALL_ATTEMPT:
		ending = of_allocations(m, call, now);
		break;
	}
	if (ending == ENDING_NONE && is_silent(m, call, now))
		ending = ENDING_SILENT;
	return ending;
}

/* ---- registrations ---- */

static bool is_closed(const struct model *m, const struct registration *r)
{
	const struct lifeline *line =
		r->lifeline ? list_at(&m->lifelines, r->lifeline - 1) : NULL;

	return line && line->stream && line->closed;
}

enum ending registration_ending(const struct model *m,
				const struct registration *r, nanoseconds now)
{
	if (r->removed)
		return ENDING_REMOVED;
	if (r->lost)
		return ENDING_LOST;
	if (is_closed(m, r))
		return ENDING_CLOSED;
	if (r->until)
		return r->until < now ? ENDING_EXPIRED : ENDING_NONE;
	return place_time(m, r->cited.last) + ENDING_SILENT_OTHER < now
		       ? ENDING_SILENT
		       : ENDING_NONE;
}
