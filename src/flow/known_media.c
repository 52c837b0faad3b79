/* The cache of media streams. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/known_media.h"

#define STREAMS ((size_t)16384)

/* No key: who makes streams collide only takes the long way. */
static size_t place_of(const uint8_t ends[PLAIN_ENDS], uint32_t ssrc)
{
	uint64_t a;
	uint32_t b;

	memcpy(&a, ends, 8);
	memcpy(&b, ends + 8, 4);
	a = (a ^ ssrc) * UINT64_C(0x9fb21c651e98df25) +
	    b * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)((a ^ a >> 29) >> 32) & (STREAMS - 1);
}

const struct known_stream *known_media_find(const struct known_media *known,
					    const uint8_t ends[PLAIN_ENDS],
					    uint32_t ssrc)
{
	const struct known_stream *s;

	if (!known->rows)
		return NULL;
	s = &known->rows[place_of(ends, ssrc)];
	if (s->media == 0 || s->ssrc != ssrc ||
	    memcmp(s->ends, ends, PLAIN_ENDS) != 0)
		return NULL;
	return s;
}

static void put_end(uint8_t ends[PLAIN_ENDS], unsigned at,
		    const struct endpoint *e)
{
	memcpy(ends + at * 4, e->ip, 4);
	ends[8 + at * 2] = (uint8_t)(e->port >> 8);
	ends[9 + at * 2] = (uint8_t)e->port;
}

void known_media_note(struct known_media *known, const struct endpoint *src,
		      const struct endpoint *dst,
		      const struct known_stream *stream)
{
	struct known_stream s = *stream;

	if (src->family != FAMILY_IPV4 || dst->family != FAMILY_IPV4)
		return;
	if (!known->rows)
		known->rows = calloc(STREAMS, sizeof(*known->rows));
	if (!known->rows)
		return;
	put_end(s.ends, 0, src);
	put_end(s.ends, 1, dst);
	known->rows[place_of(s.ends, s.ssrc)] = s;
}

void known_media_forget(struct known_media *known)
{
	if (known->rows)
		memset(known->rows, 0, STREAMS * sizeof(*known->rows));
}

void known_media_free(struct known_media *known)
{
	free(known->rows);
	known->rows = NULL;
}
