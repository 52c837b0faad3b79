/*
 * Media that is known: the short way for packets of RTP streams that are
 * believed, which are nearly all packets of most captures.
 *
 * A cache from a packet's ends and SSRC, as they stand on the wire, and from
 * where it was seen, to the rows of its flow and its stream.  It only saves
 * time: what it does not know takes the long way to the same rows.
 */
#ifndef FLOW_KNOWN_MEDIA_H
#define FLOW_KNOWN_MEDIA_H

#include "core/endpoint.h"
#include "net/packet.h"

#define KNOWN_VANTAGES UINT16_MAX

struct known_stream {
	uint8_t ends[PLAIN_ENDS];
	uint32_t ssrc;
	uint32_t flow;
	uint32_t media; /* row + 1; 0: free */
	uint16_t vantage;
	uint8_t side; /* of the flow, that sends */
};

struct known_media {
	struct known_stream *rows; /* NULL until the first one */
	bool forgotten;            /* the rows are good no more */
};

/* What a packet is found by. */
struct known_key {
	const uint8_t *ends; /* PLAIN_ENDS */
	uint32_t ssrc;
	uint32_t vantage;
};

/* No secret: who makes streams collide only takes the long way. */
static inline uint32_t known_media_hash(const struct known_key *key)
{
	uint64_t a;
	uint32_t b;

	memcpy(&a, key->ends, 8);
	memcpy(&b, key->ends + 8, 4);
	a = (a ^ key->ssrc) * UINT64_C(0x9fb21c651e98df25) +
	    (b ^ key->vantage) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((a ^ a >> 29) >> 32);
}

/* Two streams may stand in one place. */
#define KNOWN_PLACES ((size_t)32768)
#define KNOWN_WAYS ((size_t)2)

static inline bool known_media_any(const struct known_media *known)
{
	return known->rows && !known->forgotten;
}

/* Where a stream with this hash stands, when known_media_any(). */
static inline struct known_stream *
known_media_place(const struct known_media *known, uint32_t hash)
{
	return &known->rows[(hash & (KNOWN_PLACES - 1)) * KNOWN_WAYS];
}

static inline bool known_media_is(const struct known_stream *s,
				  const struct known_key *key)
{
	return s->media && s->ssrc == key->ssrc && s->vantage == key->vantage &&
	       memcmp(s->ends, key->ends, PLAIN_ENDS) == 0;
}

/* The stream of a packet, or NULL; `hash` as above. */
static inline const struct known_stream *
known_media_find(const struct known_media *known, const struct known_key *key,
		 uint32_t hash)
{
	const struct known_stream *s;

	if (!known_media_any(known))
		return NULL;
	s = known_media_place(known, hash);
	if (known_media_is(s, key))
		return s;
	return known_media_is(s + 1, key) ? s + 1 : NULL;
}

/* From now on its packets go the short way; those of IPv4 and of the first
 * KNOWN_VANTAGES, others are passed over.  `stream` has all but the ends. */
void known_media_note(struct known_media *known, const struct endpoint *src,
		      const struct endpoint *dst,
		      const struct known_stream *stream);

/* Rows were given away: nothing is known any more. */
void known_media_forget(struct known_media *known);
void known_media_free(struct known_media *known);

#endif /* FLOW_KNOWN_MEDIA_H */
