/*
 * What is shared between the two halves of the pcapng reader: pcapng.c finds
 * the blocks, pcapng_blocks.c reads what is in them.
 */
#ifndef CAPTURE_PCAPNG_BLOCKS_H
#define CAPTURE_PCAPNG_BLOCKS_H

#include "capture/pcapng_format.h"
#include "capture/reader.h"
#include "capture/ticks.h"

/* A section may not describe more interfaces than this. */
#define PCAPNG_INTERFACES_MAX 65536u

struct pcapng_interface {
	uint32_t link_type;
	uint32_t snaplen; /* 0: none */
	struct ticks ticks;
	uint64_t dropped; /* as its last statistics say */
};

struct pcapng {
	struct source source;
	struct block block;
	enum status ended; /* STATUS_OK while frames may come */
	bool big;          /* byte order of this section */
	struct pcapng_interface *interfaces; /* of this section */
	uint32_t count;
	uint32_t room;
	uint32_t before;               /* interfaces of earlier sections */
	uint64_t dropped_between;      /* by the count of the packets */
	uint64_t dropped_by_interface; /* by the count of the statistics */
};

struct pcapng_head {
	uint32_t type;
	uint32_t length; /* as it stands there */
	bool big;        /* the section's order; a section header's own */
	bool bad;        /* a section header without byte-order magic */
};

/*
 * Reads `body`, the block's bytes between its two lengths, which stands at the
 * front of the window behind its head.  STATUS_OK: *frame is complete, and
 * good until the window moves; STATUS_END: the block held no frame;
 * STATUS_NOT_MINE: it is too short for its type; STATUS_NOMEM.
 */
MUST_CHECK enum status pcapng_block_read(struct pcapng *ng,
					 const struct pcapng_head *head,
					 struct slice body,
					 struct frame *frame);

#endif /* CAPTURE_PCAPNG_BLOCKS_H */
