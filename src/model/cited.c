/* Frames that prove something. */
#include "config.h"

#include "model/evidence.h"

/* The frame with that lower half which is the nearest to the first one. */
static uint64_t whole_frame(const struct cited *cited, uint32_t lower)
{
	uint64_t first = cited->first.frame;

	return first + (uint64_t)(int64_t)(int32_t)(lower - (uint32_t)first);
}

static void keep_cited(struct cited *cited, const struct place *place)
{
	if (cited->kept == 0) {
		cited->first = *place;
	} else {
		cited->frames[cited->kept - 1] = (uint32_t)place->frame;
		cited->files[cited->kept - 1] = (uint16_t)place->file;
		/* Too far from the first: it is only counted. */
		if (whole_frame(cited, (uint32_t)place->frame) != place->frame)
			return;
	}
	cited->kept++;
}

void cite(struct cited *cited, const struct place *place)
{
	if (place->frame == 0 || (cited->last.frame == place->frame &&
				  cited->last.file == place->file))
		return;
	if (cited->kept < CITED_MAX && cited->kept == cited->count)
		keep_cited(cited, place);
	cited->count += cited->count < UINT32_MAX;
	cited->last = *place;
}

struct place cited_at(const struct cited *cited, size_t i)
{
	struct place place = cited->first;

	if (i + 1 == cited->count)
		return cited->last;
	if (i) {
		place.frame = whole_frame(cited, cited->frames[i - 1]) &
			      PLACE_FRAME_MAX;
		place.file = cited->files[i - 1];
	}
	return place;
}

void cite_again(struct cited *cited, const struct cited *from)
{
	for (size_t i = 0; i < from->kept; i++) {
		struct place place = cited_at(from, i);

		cite(cited, &place);
	}
}
