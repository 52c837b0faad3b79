/*
 * The way of one frame through its layers: what the files of this room that
 * unwrap share.
 *
 * Each layer is a function that takes the bytes it may look at and hands what
 * is inside to the next one.  A layer that ends before the bytes do cuts them
 * (walk_bound), so nothing below sees padding or a trailer.
 */
#ifndef NET_WALK_H
#define NET_WALK_H

#include "core/text.h"
#include "net/fragment.h"
#include "net/packet.h"
#include "net/sctp.h"

/* How deep layers may nest in all, and how many of them may be tunnels. */
#define NET_LAYERS_MAX 24u
#define NET_TUNNELS_MAX 8u
#define NET_VLANS_MAX 4u
#define NET_EXTENSIONS_MAX 16u /* headers between IPv6 and its payload */

/* Link types that must be guessed (capture-formats 3.6): so many at once. */
#define NET_GUESSES_MAX 16u
struct guess {
	uint32_t link_type;
	uint8_t offset; /* where IP was found */
	uint8_t times;  /* so many packets agreed; 0: this row is free */
};

/* What is left of a frame that holds several packets. */
struct more {
	struct slice bytes;
	size_t missing;
	nanoseconds time;
	unsigned layers;
};

/* What is left of a packet of SCTP. */
struct chunks {
	struct slice bytes;
	size_t missing;
	uint32_t tag;         /* verification tag */
	struct packet around; /* without its payload */
};

struct net {
	struct net_counts counts;
	struct frame_mark mark; /* of the frame in hand */
	struct fragments fragments;
	struct fragment_key pieces[NET_PIECES_MAX];
	size_t piece_count;
	struct sctp sctp;
	struct chunks chunks;
	struct guess guesses[NET_GUESSES_MAX];
	struct more more;
	struct text unpacked; /* what was packed in HEP */
};

struct walk {
	struct net *net;
	struct packet *out;
	nanoseconds time; /* of the frame */
	size_t missing;   /* bytes on the wire behind the bytes at hand */
	unsigned layers;
};

/* A layer: as net_packet, for `s` only. */
typedef enum status walk_fn(struct walk *w, struct slice s);

/*
 * Empties a packet, but for what may only be read where something else says
 * so: `icmp` and the fields of TCP.  That is most of its size, and this is
 * done for each frame.
 */
static inline void walk_begin(struct packet *out)
{
	memset(&out->src, 0, sizeof(out->src));
	memset(&out->dst, 0, sizeof(out->dst));
	out->protocol = 0;
	out->identification = 0;
	out->cut = out->reassembled = out->tcp_parsed = false;
	out->continued = out->damaged = out->left_out = false;
	out->sctp = 0;
	out->piece_count = 0;
	out->payload = (struct slice){0};
	out->wire_payload = 0;
	out->flags = 0;
	out->has_icmp = false;
	out->tunnels = 0;
	out->exported_from = 0;
}

/* Counts a layer; false when that is one too many. */
static inline bool walk_enter(struct walk *w)
{
	return ++w->layers <= NET_LAYERS_MAX;
}

/* A header ended early: did the capture cut it, or the sender? */
static inline enum status walk_ended(const struct walk *w)
{
	return w->missing ? STATUS_SHORT : STATUS_BAD;
}

/*
 * Cuts the bytes to the length that a header states.  A length past the end is
 * a cut when the capture is short of bytes and a lie otherwise; what is there
 * is used in both cases.
 */
static inline struct slice walk_bound(struct walk *w, struct slice s,
				      size_t length)
{
	if (length <= s.n) {
		w->missing = 0;
		return slice_first(s, length);
	}
	if (length - s.n > w->missing)
		w->net->counts.malformed++;
	w->missing = length - s.n;
	return s;
}

/* Two bytes in network order; 0 past the end. */
static inline uint16_t walk_u16(struct slice s, size_t at)
{
	if (s.n < 2 || at > s.n - 2)
		return 0;
	return (uint16_t)((unsigned)s.p[at] << 8 | s.p[at + 1]);
}

#endif /* NET_WALK_H */
