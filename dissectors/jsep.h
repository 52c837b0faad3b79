/*
 * Offers, answers and candidates that applications send in JSON (RFC 8259),
 * mostly over WebSocket: descriptions as JavaScript has them (RFC 9429 4.2),
 * {"type": "offer", "sdp": "v=0..."}, and {"candidate": "candidate:..."},
 * wherever they stand in what the application puts around them.
 */
#ifndef DISSECTORS_JSEP_H
#define DISSECTORS_JSEP_H

#include "core/dissector.h"

#define JSEP_ITEMS_MAX 32u
#define JSEP_DEPTH_MAX 16u /* objects in objects */
#define JSEP_PACKED_MAX 2u /* JSON in strings of JSON */

enum jsep_kind {
	JSEP_UNKNOWN, /* a description; nothing says which */
	JSEP_OFFER,
	JSEP_ANSWER,
	JSEP_CANDIDATE,
};

/* "offer", "answer", "candidate" or "description" */
const char *jsep_kind_name(enum jsep_kind kind);

struct jsep_item {
	enum jsep_kind kind;
	struct slice text; /* SDP, or a fragment of it (RFC 8840); in the
			    * arena */
};

/*
 * What stands in a message, in its order; returns how many.  Text before the
 * first bracket is passed over (socket.io).  STATUS of memory is no matter
 * here: what there is no room for is not there.
 */
size_t jsep_read(struct arena *arena, struct slice in,
		 struct jsep_item out[JSEP_ITEMS_MAX]);

/*
 * What an application may know by to which of several descriptions a message
 * belongs: hashes of the texts of 4 to 64 bytes and the numbers of as many
 * digits in it that are no part of a description, none twice; returns how many.
 */
#define JSEP_MARKS_MAX 12u
size_t jsep_marks(struct slice in, uint32_t out[JSEP_MARKS_MAX]);

#endif /* DISSECTORS_JSEP_H */
