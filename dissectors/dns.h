/*
 * DNS messages (RFC 1035; SRV RFC 2782, NAPTR RFC 3403, mDNS RFC 6762): the
 * questions and answers for SIP, STUN and TURN services and for the names
 * that signalling mentions.
 */
#ifndef DISSECTORS_DNS_H
#define DISSECTORS_DNS_H

#include "core/dissector.h"

#define DNS_RECORDS_MAX 128u
#define DNS_NAME_MAX 255u
#define DNS_PORT 53u
#define DNS_PORT_MULTICAST 5353u

/* What comes from or goes to such a port is asked for DNS first. */
static inline bool dns_is_port(uint16_t port)
{
	return port == DNS_PORT || port == DNS_PORT_MULTICAST;
}

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NAPTR = 35,
};

struct dns_record {
	struct slice name; /* dotted, lower case, no final dot; in the arena */
	uint16_t type;
	uint16_t class;
	struct endpoint address;   /* A, AAAA; SRV: port */
	struct slice target;       /* CNAME, PTR, SRV, NAPTR replacement */
	uint16_t priority, weight; /* SRV, NAPTR order and preference */
	struct slice service;      /* NAPTR */
};

struct dns {
	uint16_t id;
	bool response;
	uint8_t rcode; /* 0 ok, 2 SERVFAIL, 3 NXDOMAIN */
	const struct dns_record *questions;
	size_t question_count;
	const struct dns_record *answers; /* all three sections */
	size_t answer_count;
};

extern const struct dissector dns_dissector;

/* A sane header and a first name that can be read: MAYBE (ask the port). */
enum claim dns_claims(struct slice in, bool stream);
/*
 * Names follow compression pointers backwards only.  What comes behind a loop
 * or past the end is left out; STATUS_BAD when that leaves nothing.
 */
MUST_CHECK enum status dns_decode(struct decoding *d, struct slice in,
				  struct dns *out, size_t *used);
void dns_walk(const struct dns *m, struct field_sink *to);

#endif /* DISSECTORS_DNS_H */
