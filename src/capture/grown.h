/*
 * Bytes that somebody else is still writing, for follow.c.
 */
#ifndef CAPTURE_GROWN_H
#define CAPTURE_GROWN_H

#include "core/byte_source.h"

/* What a capture begins with, as far as its kind is told by it. */
#define GROWN_FRONT 32u

struct grown {
	struct byte_source bytes; /* first: it is handed to readers */
	int fd;
	bool stream; /* no file, so that its end is one */
	uint64_t at; /* of the next byte to be read of a file */
	uint8_t front[GROWN_FRONT];
	size_t front_count, front_given;
};

/* Over a descriptor, which it closes unless that is standard input; NULL when
 * memory is out. */
struct grown *grown_new(int fd, bool stream);

/* Tries to have the front of it: as much as there is by now.  False: an
 * error, by errno. */
bool grown_look(struct grown *g);

/* Has its last byte been written?  Of a stream only. */
bool grown_ended(const struct grown *g);

#endif /* CAPTURE_GROWN_H */
