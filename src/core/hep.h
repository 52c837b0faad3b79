/*
 * HEP, in which Homer's agents send what they have seen to a collector (spec
 * "capture-formats" 6): a message with its ends and its time; HEP3 in chunks,
 * HEP1 and HEP2 behind a head.
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
/* Who this agent is where it is not told; Homer's own say so, too. */
#define HEP_AGENT 2002u

enum hep_content {
	HEP_SIP = 1,
	HEP_RTP = 4,
};

struct hep {
	struct endpoint src, dst;
	uint8_t protocol; /* of IP: 6, 17, 132; what TLS carried is 6 */
	uint8_t content;  /* enum hep_content, and others */
	bool has_time;
	bool packed; /* the payload, see hep_unpack */
	nanoseconds time;
	uint32_t agent;
	struct slice key; /* of authentication, in clear text; or nothing */
	struct slice payload;
};

/* Is it HEP3, whatever port it came on?  HEP1 and HEP2 need theirs: their first
 * bytes say too little. */
static inline bool hep_is_3(struct slice datagram)
{
	return datagram.n > 6 && datagram.p[0] == 'H' && datagram.p[1] == 'E' &&
	       datagram.p[2] == 'P' && datagram.p[3] == '3';
}

/* A datagram.  STATUS_NOT_MINE: it is none of HEP; STATUS_BAD: it is broken, or
 * lacks its ends or its payload.  Chunks behind a broken one are left. */
MUST_CHECK enum status hep_decode(struct slice datagram, struct hep *out);

/* A packed payload (chunk 0x0010) becomes what it was, in `room`, which is
 * cleared before; any other stays.  STATUS_BAD, STATUS_LIMIT, STATUS_NOMEM. */
MUST_CHECK enum status hep_unpack(struct hep *hep, struct text *room);

/* Does it hold a SIP message?  What starts like one is, whatever the agent says
 * of the content.  Of what is still packed the agent's word counts. */
bool hep_is_sip(const struct hep *hep);

/* Writes HEP3, not packed; `to` is cleared before.  STATUS_LIMIT: it is too
 * long; STATUS_BAD: its ends are no two addresses of one family. */
MUST_CHECK enum status hep_encode(const struct hep *hep, struct text *to);

/* The same in HEP2, which tells no key and no content, and 16 bits of the
 * agent. */
MUST_CHECK enum status hep_encode_2(const struct hep *hep, struct text *to);

#endif /* CORE_HEP_H */
