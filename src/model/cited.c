/* Places, and the frames that prove something. */
#include "config.h"

#include "model/model.h"

const struct place place_nowhere;
const struct endpoint endpoint_nowhere;

static bool is_frame(const struct place *a, const struct place *b)
{
	return a->frame == b->frame && a->file == b->file;
}

place_number model_place(struct model *m, const struct place *place)
{
	size_t count = m->places.count;
	const struct place *last =
		count ? list_at(&m->places, count - 1) : &place_nowhere;
	struct place *row;

	if (is_frame(last, place) && last->time == place->time)
		return (place_number)count;
	row = list_add(&m->places);
	if (!row)
		return PLACE_NONE;
	*row = *place;
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
	if (!place_at(m, place)->frame || place_same(m, cited->last, place))
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
