/*
 * Consent to send (RFC 7675): who does not get an answer to its checks for 30
 * seconds must stop.  A silence is believed where checks went on through it.
 */
#include "config.h"

#include "flow/stages_state.h"

#define CONSENT_LIFE (30 * NS_PER_S)
/* Checks go out every four to six seconds; so many without an answer in so
 * much time are no accident. */
#define CONSENT_CHECKS 4u
#define CONSENT_PROOF (20 * NS_PER_S)

static void lose(struct stages *s, struct pair *p, nanoseconds heard)
{
	struct place place = {.time = heard + CONSENT_LIFE};
	struct pair_extra *extra = pair_extra_make(s->model, p);

	if (!extra || extra->consent_lost)
		return;
	extra->consent_lost = place.time;
	model_becomes(s->model, &p->history, model_place(s->model, &place),
		      WORD_CONSENT_EXPIRED, 0);
}

void consent_renew(struct stages *s, struct pair *p, struct direction *way,
		   place_number place)
{
	if (p->nominated && way->heard && way->silent > CONSENT_CHECKS &&
	    place_time(s->model, place) - way->heard >= CONSENT_LIFE)
		lose(s, p, way->heard);
	way->heard = place_time(s->model, place);
	way->silent = 0;
}

/* After a hang-up nobody needs to answer. */
static bool had_ended(struct stages *s, const struct pair *p, nanoseconds time)
{
	const struct session *x = list_at(&s->model->sessions, p->session);
	const struct call *call = x->call == LIST_NONE
					  ? NULL
					  : list_at(&s->model->calls, x->call);
	const struct dialog *d =
		!call || call->dialog == LIST_NONE
			? NULL
			: list_at(&s->model->dialogs, call->dialog);

	return d && d->ended && place_time(s->model, d->ended) <= time;
}

static void finish_way(struct stages *s, struct pair *p,
		       const struct direction *way)
{
	if (way->heard && way->silent >= CONSENT_CHECKS &&
	    place_time(s->model, way->last) - way->heard >= CONSENT_PROOF &&
	    s->model->last_time >= way->heard + CONSENT_LIFE &&
	    !had_ended(s, p, way->heard + CONSENT_LIFE))
		lose(s, p, way->heard);
}

void consent_finish(struct stages *s)
{
	struct pair *rows = s->model->pairs.rows;

	for (size_t i = 0; i < s->model->pairs.count; i++) {
		if (!rows[i].nominated)
			continue;
		finish_way(s, &rows[i], &rows[i].way[0]);
		finish_way(s, &rows[i], &rows[i].way[1]);
	}
}
