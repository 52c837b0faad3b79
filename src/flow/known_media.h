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

uint32_t known_media_hash(const struct known_key *key);

/* The stream of a packet, or NULL; `hash` as above. */
const struct known_stream *known_media_find(const struct known_media *known,
					    const struct known_key *key,
					    uint32_t hash);

/* A packet with this hash will be asked for soon: its rows are fetched from
 * memory meanwhile.  The one that stands where it might; or NULL. */
const struct known_stream *known_media_expect(const struct known_media *known,
					      uint32_t hash);

/* From now on its packets go the short way; those of IPv4 and of the first
 * KNOWN_VANTAGES, others are passed over.  `stream` has all but the ends. */
void known_media_note(struct known_media *known, const struct endpoint *src,
		      const struct endpoint *dst,
		      const struct known_stream *stream);

/* Rows were given away: nothing is known any more. */
void known_media_forget(struct known_media *known);
void known_media_free(struct known_media *known);

#endif /* FLOW_KNOWN_MEDIA_H */
