/*
 * Records whose keys come later, as they do where a program writes its key log
 * while it is watched: what was seen of a connection is held for a while, and
 * read when the keys are there.  Private to the driver (flow/driver_state.h).
 */
#ifndef FLOW_HELD_H
#define FLOW_HELD_H

#include "core/arena.h"
#include "dissectors/tls.h"
#include "net/tcp.h"

/* A record as it was seen; or that some are missing here. */
struct held_record {
	struct held_record *next;
	struct tls_record record; /* of its head no slice but `body` */
	struct tcp_mark mark;
	uint32_t vantage;
	uint8_t side;
	bool lost; /* bytes are missing, there is no record */
	bool told; /* what it holds was read already */
};

/* Those of a connection, from its ClientHello on, while its keys are not all
 * known. */
struct held {
	struct held_record *first, *last;
	struct arena arena;
	uint64_t left_out[2]; /* that came when the limit was reached */
	struct held *older, *newer;
	uint32_t row; /* of the flow */
	bool datagrams;
	bool on;
	/* Only what follows the ChangeCipherSpec of a later handshake, for
	 * what was before is read; and which sides have sent it. */
	bool resumes, changed[2];
};

/* Connections whose records are held, in the order in which they began. */
struct held_line {
	struct held *oldest, *newest;
	size_t bytes;
};

struct driver;

/* A connection begins; nothing is held of it unless keys may come later. */
void held_begin(struct driver *d, struct held *h, uint32_t row);
void held_end(struct driver *d, struct held *h);

/* A record, or a loss, of which the bytes are copied.  The oldest connections
 * make room, and go. */
void held_add(struct driver *d, struct held *h,
	      const struct held_record *record);

/* Secrets came: what was held for them is read. */
void held_take_secrets(struct driver *d);

#endif /* FLOW_HELD_H */
