/* The cache of media streams. */
#include "config.h"

#include <stdlib.h>

#include "flow/known_media.h"

static void put_end(uint8_t ends[PLAIN_ENDS], unsigned at,
		    const struct endpoint *e)
{
	memcpy(ends + at * 4, e->ip, 4);
	ends[8 + at * 2] = (uint8_t)(e->port >> 8);
	ends[9 + at * 2] = (uint8_t)e->port;
}

static bool is_ready(struct known_media *known)
{
	if (!known->rows)
		known->rows =
			calloc(KNOWN_PLACES * KNOWN_WAYS, sizeof(*known->rows));
	else if (known->forgotten)
		memset(known->rows, 0,
		       KNOWN_PLACES * KNOWN_WAYS * sizeof(*known->rows));
	known->forgotten = false;
	return known->rows != NULL;
}

/* The one that was noted last stands first. */
void known_media_note(struct known_media *known, const struct endpoint *src,
		      const struct endpoint *dst,
		      const struct known_stream *stream)
{
	struct known_stream s = *stream, *place;
	struct known_key key = {s.ends, s.ssrc, s.vantage};

	if (src->family != FAMILY_IPV4 || dst->family != FAMILY_IPV4 ||
	    !is_ready(known))
		return;
	put_end(s.ends, 0, src);
	put_end(s.ends, 1, dst);
	place = known_media_place(known, known_media_hash(&key));
	if (!known_media_is(place, &key))
		place[1] = place[0];
	place[0] = s;
}

/* Clearing waits: flows are forgotten by the thousand. */
void known_media_forget(struct known_media *known)
{
	known->forgotten = true;
}

void known_media_free(struct known_media *known)
{
	free(known->rows);
	*known = (struct known_media){0};
}
