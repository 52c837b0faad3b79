/*
 * A frame: what every source of captures yields, one at a time.
 *
 * This is the one header of capture/ that net/ may see.
 */
#ifndef CAPTURE_FRAME_H
#define CAPTURE_FRAME_H

#include "core/clock.h"
#include "core/slice.h"

struct window;

/*
 * Link types are LINKTYPE_ values as stored in pcap files (spec
 * "capture-formats" 3.1).  Sources whose format has its own numbers (NetMon,
 * snoop, ERF) translate; those without a counterpart get one of ours.
 */
#define LINKTYPE_NULL 0
#define LINKTYPE_ETHERNET 1
#define LINKTYPE_TOKEN_RING 6
#define LINKTYPE_PPP 9
#define LINKTYPE_FDDI 10
#define LINKTYPE_PPP_HDLC 50
#define LINKTYPE_PPP_ETHER 51
#define LINKTYPE_ATM_RFC1483 100
#define LINKTYPE_RAW 101
#define LINKTYPE_C_HDLC 104
#define LINKTYPE_IEEE802_11 105
#define LINKTYPE_FRELAY 107
#define LINKTYPE_LOOP 108
#define LINKTYPE_LINUX_SLL 113
#define LINKTYPE_PRISM 119
#define LINKTYPE_RADIOTAP 127
#define LINKTYPE_AVS 163
#define LINKTYPE_PPI 192
#define LINKTYPE_MPLS 219
#define LINKTYPE_IPV4 228
#define LINKTYPE_IPV6 229
#define LINKTYPE_NFLOG 239
#define LINKTYPE_WIRESHARK_UPPER_PDU 252
#define LINKTYPE_LINUX_SLL2 276
/* Ours, above the 16 bits that files can hold: */
#define LINKTYPE_UNKNOWN 0x10000u      /* counted, never decoded */
#define LINKTYPE_METADATA 0x10001u     /* NetMon filter, custom block, ... */
#define LINKTYPE_ETW 0x10002u          /* NetMon ETW event, spec 1.8 */
#define LINKTYPE_NETMON_80211 0x10003u /* NetMon 802.11 header, spec 1.6 */
#define LINKTYPE_NETMON_ATM 0x10004u   /* NetMon "WAN", spec 1.5 row 4 */
#define LINKTYPE_LOG 0x10005u /* a record of a log, see core/record.h */

enum frame_direction {
	FRAME_DIRECTION_UNKNOWN,
	FRAME_RECEIVED,
	FRAME_SENT,
};

/* The comment that says so of a frame in pcapng. */
#define FRAME_LEFT_OUT \
	"mrascope: what stood before this in its TCP stream was left out"

/* The offset of a frame whose bytes cannot be read again at one place of the
 * file: it lies there in several pieces, or packed. */
#define FRAME_NOWHERE UINT64_MAX

struct frame {
	uint32_t file;    /* from 0, the order of the capture set */
	uint64_t number;  /* from 1 within the file */
	nanoseconds time; /* UTC */
	uint32_t link_type;
	uint32_t interface; /* pcapng, ERF: index within the file; else 0 */
	uint32_t vantage; /* of the set: where it was seen, see capture/set.h */
	uint32_t wire_length;
	enum frame_direction direction;
	bool has_time; /* false: a simple packet block, time is 0 */
	bool left_out; /* bytes in front of it in its TCP stream were left out
			* by whoever wrote the file: FRAME_LEFT_OUT */
	uint64_t
		offset; /* of the frame's bytes in the file, or FRAME_NOWHERE */
	struct slice bytes;    /* what was captured; until the next frame, */
	struct window *window; /* or longer by holding this; NULL: it cannot be
				* held (core/window.h) */
};

/* Did the capture cut this frame (snaplen)? */
static inline bool frame_is_cut(const struct frame *frame)
{
	return frame->bytes.n < frame->wire_length;
}

#endif /* CAPTURE_FRAME_H */
