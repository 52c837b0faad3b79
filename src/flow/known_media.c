/* The cache of media streams. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/known_media.h"

/* Two streams may stand in one place. */
#define PLACES ((size_t)32768)
#define WAYS ((size_t)2)

/* No secret: who makes streams collide only takes the long way. */
uint32_t known_media_hash(const struct known_key *key)
{
	uint64_t a;
	uint32_t b;

	memcpy(&a, key->ends, 8);
	memcpy(&b, key->ends + 8, 4);
	a = (a ^ key->ssrc) * UINT64_C(0x9fb21c651e98df25) +
	    (b ^ key->vantage) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((a ^ a >> 29) >> 32);
}

static struct known_stream *place_of(const struct known_media *known,
				     uint32_t hash)
{
	return &known->rows[(hash & (PLACES - 1)) * WAYS];
}

static bool is_stream(const struct known_stream *s, const struct known_key *key)
{
	return s->media && s->ssrc == key->ssrc && s->vantage == key->vantage &&
	       memcmp(s->ends, key->ends, PLAIN_ENDS) == 0;
}

const struct known_stream *known_media_find(const struct known_media *known,
					    const struct known_key *key,
					    uint32_t hash)
{
	const struct known_stream *s;

	if (!known->rows || known->forgotten)
		return NULL;
	s = place_of(known, hash);
	if (is_stream(s, key))
		return s;
	return is_stream(s + 1, key) ? s + 1 : NULL;
}

const struct known_stream *known_media_expect(const struct known_media *known,
					      uint32_t hash)
{
	if (!known->rows || known->forgotten)
		return NULL;
	return place_of(known, hash);
}

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
		known->rows = calloc(PLACES * WAYS, sizeof(*known->rows));
	else if (known->forgotten)
		memset(known->rows, 0, PLACES * WAYS * sizeof(*known->rows));
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
	place = place_of(known, known_media_hash(&key));
	if (!is_stream(place, &key))
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
