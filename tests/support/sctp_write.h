/*
 * Writes packets of SCTP (RFC 9260 3): chunks, then the packet around them
 * with its CRC32c.
 *
 * Knows no test framework, since mkcapture is linked with it too.
 */
#ifndef TESTS_SUPPORT_SCTP_WRITE_H
#define TESTS_SUPPORT_SCTP_WRITE_H

#include "tests/support/ip_write.h"

enum sctp_chunk_type {
	SCTP_DATA = 0,
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_SACK = 3,
	SCTP_ABORT = 6,
	SCTP_SHUTDOWN = 7,
	SCTP_COOKIE_ECHO = 10,
	SCTP_COOKIE_ACK = 11,
	SCTP_I_DATA = 64,
};

/* All of these append to `to`; a chunk is padded to four bytes. */
void sctp_write_chunk(struct text *to, unsigned type, unsigned flags,
		      struct slice value);

/* A piece of a user message. */
struct sctp_write {
	uint32_t tsn;
	uint16_t stream;
	uint32_t number; /* SSN, or MID where it is interleaved */
	uint32_t fsn;    /* of interleaved pieces */
	bool begins, ends, unordered, interleaved;
	struct slice payload;
};
void sctp_write_data(struct text *to, const struct sctp_write *piece);

void sctp_write_init(struct text *to, unsigned type, uint32_t tag,
		     uint32_t tsn);
void sctp_write_sack(struct text *to, uint32_t tsn);

/* The common header and chunks, without IP. */
void sctp_write_packet(struct text *to, uint16_t src, uint16_t dst,
		       uint32_t tag, struct slice chunks);

#endif /* TESTS_SUPPORT_SCTP_WRITE_H */
