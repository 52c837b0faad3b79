/*
 * HEP3, in which Homer's agents send what they have seen to a collector (spec
 * "capture-formats" 6.1): a message with its ends and its time, in chunks.
 */
#ifndef CORE_HEP_H
#define CORE_HEP_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/status.h"
#include "core/text.h"

#define HEP_PORT 9060u
/* A length is of 16 bits. */
#define HEP_MAX 65535u

enum hep_content {
	HEP_SIP = 1,
	HEP_RTP = 4,
};

struct hep {
	struct endpoint src, dst;
	uint8_t protocol; /* of IP: 6, 17, 132; what TLS carried is 6 */
	uint8_t content;  /* enum hep_content, and others */
	bool has_time;
	nanoseconds time;
	struct slice payload;
};

/* A datagram.  STATUS_NOT_MINE: it is none of HEP3; STATUS_BAD: it is broken, or
 * lacks its ends or its payload (a compressed one is not read). */
MUST_CHECK enum status hep_decode(struct slice datagram, struct hep *out);

/* The other way; `to` is cleared before.  STATUS_LIMIT: it is too long;
 * STATUS_BAD: its ends are no two addresses of one family. */
MUST_CHECK enum status hep_encode(const struct hep *hep, struct text *to);

#endif /* CORE_HEP_H */
