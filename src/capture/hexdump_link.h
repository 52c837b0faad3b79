/*
 * Which link type has a frame of which nothing is known but its bytes?
 *
 * For the reader of dumps only: tcpdump -X leaves the link header out, -XX does
 * not, and neither says so.
 */
#ifndef CAPTURE_HEXDUMP_LINK_H
#define CAPTURE_HEXDUMP_LINK_H

#include "core/slice.h"

struct hexdump_link {
	uint32_t type; /* LINKTYPE_UNKNOWN: nothing fits */
	/* As IP says it, with what is in front; 0: no IP is there. */
	uint32_t length;
};

/*
 * An IP header (RFC 791 with its checksum, or zero; RFC 8200) decides: behind
 * the header of Ethernet, with or without VLAN tags, of Linux "cooked" v1 and
 * v2, of loopback devices, or at the front.  Without one only Ethernet is
 * recognised, by its type field.
 */
struct hexdump_link hexdump_link_of(struct slice frame);

#endif /* CAPTURE_HEXDUMP_LINK_H */
