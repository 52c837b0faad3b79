/*
 * Media: RTP streams, counted and forgotten.
 *
 * A stream is (source, destination, SSRC), and each vantage that sees it counts
 * for itself: what one of them misses is lost before it.  A stream is believed
 * when its address was announced in SDP or proved by ICE, or when packets
 * follow each other as RFC 3550 A.1 asks; until then a flow side holds one row
 * at most, whatever the vantage, so that traffic that only looks like RTP costs
 * nothing.
 */
#ifndef FLOW_MEDIA_TABLE_H
#define FLOW_MEDIA_TABLE_H

#include "core/hash.h"
#include "dissectors/rtp.h"
#include "dissectors/sdp.h"
#include "model/evidence.h"
#include "model/list.h"

#define MEDIA_STREAMS_MAX ((size_t)1 << 18)
#define MEDIA_ANNOUNCED_MAX ((size_t)1 << 18)
/* Of one address: browsers describe 31 in a bundle of audio and video. */
#define MEDIA_CODECS_MAX 64u
#define MEDIA_BELIEVE_AFTER 4u /* packets in a row */
/* Packets out of their order, or where every other one is in no capture: so
 * many, each of them so near to the highest number before it. */
#define MEDIA_BELIEVE_NEAR 16u
#define MEDIA_NEAR 8u
#define MEDIA_BYES_MAX ((size_t)1 << 16)

struct media_stream {
	struct endpoint src, dst;
	uint32_t ssrc;
	uint32_t clock_rate; /* Hz, 0 unknown */
	/* Payload types of telephone-event (RFC 4733): a bit for each of 96 to
	 * 127, as the receiver described them. */
	uint32_t tone_types;
	uint32_t tones;  /* events: packets of one have its time stamp */
	uint32_t tone;   /* that of the newest */
	uint16_t length; /* of the first packet; 0: it was cut */
	uint8_t payload_type;
	uint8_t kind; /* enum media_kind */
	bool believed, wrapped;
	bool foreign; /* described, but not with its payload type */
	bool counted; /* by media_table_count() */
	uint8_t in_a_row, nearby;
	char codec[15];
	nanoseconds first, last;
	nanoseconds gap_from; /* the longest time without a packet in which */
	uint32_t gap_ms;      /* some are missing; 0: none of seconds */
	uint32_t gap_lost;
	uint64_t first_frame;
	uint32_t file;
	uint32_t vantage;
	uint32_t series; /* of the table's, from 1; 0: none */
	uint32_t bye;    /* of the table's byes, from 1; 0: none */
	struct rtp_statistics statistics;
};

/* What SDP calls a medium (RFC 8866 8.2.1). */
enum media_kind {
	MEDIA_UNKNOWN,
	MEDIA_AUDIO,
	MEDIA_VIDEO,
	MEDIA_TEXT,
	MEDIA_IMAGE,
	MEDIA_APPLICATION,
};

/* What SDP said of an address where media is to arrive. */
struct media_codec {
	uint8_t payload_type;
	char name[15];
	uint32_t clock_rate : 28; /* Hz, 0 unknown */
	uint32_t kind : 4;        /* enum media_kind */
};

#define MEDIA_CLOCK_MAX ((1u << 28) - 1)

/* Each set once, since most descriptions say the same. */
#define MEDIA_CODEC_SETS_MAX ((size_t)1 << 16)
#define MEDIA_CODEC_ROWS_MAX ((size_t)1 << 20) /* of all sets */

struct codec_set {
	uint32_t first, count; /* in the table's codecs */
};

struct media_announced {
	struct endpoint at;
	uint32_t codecs; /* number of the set, + 1; 0: none */
};

struct media_table {
	struct media_stream *rows;
	size_t count, room;
	struct index index;
	struct media_announced *announced;
	size_t announced_count, announced_room;
	size_t announced_next; /* that makes room, when all are in use */
	bool fragments;        /* some are announced for user fragments */
	struct index announced_index;
	struct codec_set *sets;
	size_t set_count, set_room;
	struct media_codec *codecs; /* of sets, those of one together */
	size_t codec_count, codec_room;
	struct index set_index;
	uint64_t refused;   /* streams over the limit */
	bool several;       /* vantages */
	struct list series; /* struct media_series of streams, if asked for */
	struct list byes;   /* struct place: RTCP says that a stream ends */
};

void media_table_free(struct media_table *table);

/* SDP says that media arrives at `at`. */
void media_table_announce(struct media_table *table, const struct endpoint *at,
			  const struct sdp_media *media);

/*
 * The same for whoever has this user fragment of ICE, wherever that is: its
 * candidates are told later, or not at all.  Then: a check for it went to `at`.
 */
void media_table_announce_fragment(struct media_table *table,
				   struct slice ufrag,
				   const struct sdp_media *media);
void media_table_place_fragment(struct media_table *table, struct slice ufrag,
				const struct endpoint *at);

/* "audio", ...; NULL for MEDIA_UNKNOWN. */
const char *media_kind_name(enum media_kind kind);

/* What a packet is seen as. */
struct media_packet {
	const struct endpoint *src, *dst;
	struct rtp rtp;
	nanoseconds time;
	uint64_t frame;
	uint32_t file;
	uint32_t vantage;
	uint16_t length; /* with its header; 0: it was cut */
	bool trusted;    /* ICE or SDP vouch for the flow */
	bool wrapped;    /* inside TURN */
};

/*
 * Counts a packet.  `last` is the row of the last stream of this flow side, +
 * 1, or 0; returns the row of this one, + 1, or 0 when there is no room.
 */
uint32_t media_table_add(struct media_table *table, uint32_t last,
			 const struct media_packet *packet);

/* How many packets of RTP are known of by the one that was just added to
 * stream `row` (+ 1): none while nobody believes that it is RTP, and all that
 * came before once somebody does. */
uint64_t media_table_count(struct media_table *table, uint32_t row);

/* A packet of stream `row` (+ 1), of `bytes`, becomes part of its series. */
void media_table_sample(struct media_table *table, uint32_t row,
			nanoseconds time, size_t bytes);

/* RTCP from `src` to `dst` says that `ssrc` ends (RFC 3550 6.6): on the port of
 * the stream, or on the one behind it. */
void media_table_end(struct media_table *table, const struct endpoint *src,
		     const struct endpoint *dst, uint32_t ssrc,
		     const struct place *place);

/* The rows of a stream, one for each vantage that sees it, have this in common;
 * other streams may have it, too. */
uint64_t media_stream_hash(const struct media_stream *stream);

/* Counts a packet of a stream that is believed; of it sequence number, time
 * stamp and payload type are asked. */
void media_stream_add(struct media_stream *stream, const struct rtp *rtp,
		      nanoseconds time);

/*
 * Forgets streams without a packet since before a time.  map[row], one for
 * each row that there was, becomes the row's new number + 1, or 0.  False:
 * memory is out; then nothing is forgotten.
 */
bool media_table_forget(struct media_table *table, nanoseconds before,
			uint32_t *map);

#endif /* FLOW_MEDIA_TABLE_H */
