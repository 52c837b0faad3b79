/* Places, and the frames that prove something. */
#include "config.h"

#include "model/model.h"

const struct endpoint endpoint_nowhere;

static bool is_frame(struct place a, struct place b)
{
	return a.frame == b.frame && a.file == b.file;
}

/* The row of a place whose base is that one; false: it is too far from it. */
static bool pack(const struct place *base, const struct place *place,
		 uint64_t *row)
{
	uint64_t frames = (uint64_t)place->frame - base->frame;
	uint64_t time = (uint64_t)place->time - (uint64_t)base->time;

	*row = time << PLACE_FRAME_BITS | frames;
	return place->file == base->file && place->frame >= base->frame &&
	       frames <= PLACE_FRAMES && place->time >= base->time &&
	       time <= ~PLACE_FAR >> PLACE_FRAME_BITS;
}

/* False: there is no room. */
static bool add_base(struct model *m, const struct place *place)
{
	struct place *base;

	if (m->places.count < m->place_bases.count * PLACES_A_BASE)
		return true;
	base = list_add(&m->place_bases);
	if (base)
		*base = *place;
	return base != NULL;
}

static bool add_far(struct model *m, const struct place *place, uint64_t *row)
{
	struct place *far = list_add(&m->far_places);

	if (far)
		*far = *place;
	*row = PLACE_FAR | (m->far_places.count - 1);
	return far != NULL;
}

place_number model_place(struct model *m, const struct place *place)
{
	struct place last = place_at(m, (place_number)m->places.count);
	uint64_t packed;
	uint64_t *row;

	if (is_frame(last, *place) && last.time == place->time)
		return (place_number)m->places.count;
	if (!add_base(m, place))
		return PLACE_NONE;
	if (!pack(list_at(&m->place_bases, m->place_bases.count - 1), place,
		  &packed) &&
	    !add_far(m, place, &packed))
		return PLACE_NONE;
	row = list_add(&m->places);
	if (!row)
		return PLACE_NONE;
	*row = packed;
	return (place_number)m->places.count;
}

bool place_same(const struct model *m, place_number a, place_number b)
{
	return a == b || is_frame(place_at(m, a), place_at(m, b));
}

static void keep(struct cited *cited, place_number place)
{
	if (cited->kept == 0)
		cited->first = place;
	else
		cited->between[cited->kept - 1] = place;
	cited->kept++;
}

void cite(const struct model *m, struct cited *cited, place_number place)
{
	if (!place_at(m, place).frame || place_same(m, cited->last, place))
		return;
	if (cited->kept < CITED_MAX && cited->kept == cited->count)
		keep(cited, place);
	cited->count += cited->count < UINT32_MAX;
	cited->last = place;
}

void cite_again(const struct model *m, struct cited *cited,
		const struct cited *from)
{
	for (size_t i = 0; i < from->kept; i++)
		cite(m, cited, cited_at(from, i));
}
