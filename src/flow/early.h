/*
 * Early reading: plain datagrams of SIP and STUN decoded before their turn,
 * by another thread than the one that tells what they mean.
 *
 * Decoding knows no state, so when it is done makes no difference to what is
 * told; what is not decoded early is decoded in its turn.
 */
#ifndef FLOW_EARLY_H
#define FLOW_EARLY_H

#include "flow/message.h"
#include "net/packet.h"

/* The message is good where its status is STATUS_OK. */
struct early_sip {
	enum status status; /* of sip_decode */
	size_t used;
	struct sip_message message;
	const struct findings *findings; /* of it and its bodies; NULL: none */
	const struct sip_content *contents;
	size_t content_count;
};

struct early_stun {
	enum status status; /* of stun_decode */
	size_t used;
	struct stun_message message;
	const struct findings *findings; /* NULL: none */
	enum stun_fingerprint fingerprint;
};

/* What may be a packet of a stream that is known (flow/known_media.h), with all
 * that is needed to count it. */
struct early_media {
	nanoseconds time; /* of the frame */
	uint32_t length;  /* the same */
	uint32_t hash;
	uint32_t timestamp, ssrc;
	uint16_t sequence;
	uint8_t payload_type;
	bool marker;
	uint8_t ends[PLAIN_ENDS];
};

enum early_kind {
	EARLY_OTHER, /* that it is a plain datagram; when skimming only */
	EARLY_MEDIA,
	EARLY_SIP,
	EARLY_STUN,
};

/* What was read of one datagram.  One processor writes what another reads: a
 * line of their caches each. */
struct early {
	_Alignas(64) const uint8_t *payload; /* where the datagram begins */
	enum early_kind kind;
	uint32_t vantage; /* of the media */
	union {
		struct early_media media;
		const struct early_sip *sip;
		const struct early_stun *stun;
	};
};

/*
 * Reads a frame.  False: it is none that can be read early, or memory is out.
 * What *out points to lies in the arena and borrows from the frame's bytes.
 */
bool early_read(const struct frame *frame, struct arena *arena,
		struct early *out);

/* The same for a driver that skims (driver_skim): of SIP the message without
 * its bodies, of all other plain datagrams but that they are some. */
bool early_skim(const struct frame *frame, struct arena *arena,
		struct early *out);

#endif /* FLOW_EARLY_H */
