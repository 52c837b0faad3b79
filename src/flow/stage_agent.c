/*
 * What an agent of ICE that is no packet's end says of itself: a browser, in
 * the dump of its peer connections.  It is known by the name of its end, as are
 * the descriptions that it gave and got.
 */
#include "config.h"

#include "core/record.h"
#include "flow/stages_state.h"

/* So many descriptions back its newest are looked for. */
#define LOOKED_AT 64u

static struct told_description *told_at(struct stages *s, size_t at)
{
	return list_at(&s->model->told, at);
}

static bool gave(const struct told_description *t, end_number own)
{
	return t->src == own || t->again_src == own;
}

static bool got(const struct told_description *t, end_number own)
{
	return t->dst == own || t->again_dst == own;
}

/* The newest description that it gave, or got; LIST_NONE: none. */
static size_t newest(struct stages *s, end_number own,
		     bool (*fits)(const struct told_description *, end_number))
{
	size_t i = s->model->told.count;

	for (unsigned n = 0; own && i && n < LOOKED_AT; n++)
		if (fits(told_at(s, --i), own))
			return i;
	return LIST_NONE;
}

static void note(place_number *to, place_number place)
{
	if (!*to)
		*to = place;
}

static void says(struct told_description *t, struct slice text,
		 place_number place)
{
	if (slice_is(text, "ICE: checking"))
		note(&t->checking, place);
	else if (slice_is(text, "ICE: connected") ||
		 slice_is(text, "ICE: completed") ||
		 slice_is(text, "connection: connected"))
		note(&t->connected, place);
	else if (slice_is(text, "ICE: failed") ||
		 slice_is(text, "connection: failed"))
		note(&t->failed, place);
}

#define USED SLICE("pair in use: ")

/* What its agent used last is that of all that it described of one session. */
static void note_used(struct stages *s, size_t row, struct slice text)
{
	const struct told_description *of = told_at(s, row);
	const char *used = model_text(s->model, slice_from(text, USED.n));
	size_t i = row + 1;

	for (unsigned n = 0; i && n < LOOKED_AT; n++) {
		struct told_description *t = told_at(s, --i);

		if (i == row ||
		    (of->description.identity &&
		     t->description.identity == of->description.identity))
			t->used = used;
	}
}

/* "configured: {...,iceTransportPolicy:relay}"; older: "iceTransportPolicy:
 * relay" (W3C WebRTC 4.2.3). */
static bool allows_relays_alone(struct slice text)
{
	size_t at;

	return slice_starts(text, SLICE("configured: ")) &&
	       (slice_search(text, SLICE("iceTransportPolicy:relay"), &at) ||
		slice_search(text, SLICE("iceTransportPolicy: relay"), &at));
}

uint32_t stage_agent_says(struct stages *s, const struct message *m)
{
	const struct record *record = m->u.record;
	const end_number own =
		m->from.src.family == FAMILY_NAME ? stages_src(s, &m->from) : 0;
	const size_t rows[] = {newest(s, own, gave), newest(s, own, got)};
	const place_number place = stages_place(s, &m->from);

	for (unsigned i = 0; record->kind == RECORD_STATE && i < 2; i++) {
		if (rows[i] == LIST_NONE)
			continue;
		says(told_at(s, rows[i]), slice_trim(record->text), place);
		if (slice_starts(record->text, USED))
			note_used(s, rows[i], record->text);
	}
	if (rows[0] != LIST_NONE && record->kind == RECORD_STATE &&
	    allows_relays_alone(record->text))
		note(&told_at(s, rows[0])->relays_alone, place);
	if (rows[0] != LIST_NONE)
		return (uint32_t)rows[0];
	return rows[1] != LIST_NONE ? (uint32_t)rows[1] : CHAIN_END;
}
