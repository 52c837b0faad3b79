/*
 * What ngrep prints of packets unless it is told to keep their lines: dots for
 * all that cannot be printed, wrapped to the width of the terminal, in one
 * line (-W none, -W single), or in hexadecimal (-x).  Of these is made what it
 * prints with -W byline, without dots.
 *
 *   U 2026/11/28 12:00:00.123456 192.0.2.1:5060 -> 192.0.2.2:5060 #1
 *     OPTIONS sip:bob@example.org SIP/2.0..Via: SIP/2.0/UDP 192.0.2.1;branch
 *     =z9hG4bK1..Call-ID: 1..CSeq: 1 OPTIONS..Content-Length: 0....
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_NGREP_H
#define CAPTURE_LOG_NGREP_H

#include "core/byte_source.h"

/* Does this part of a text hold a SIP message printed so? */
bool ngrep_claims(struct slice part);

/* Does it hold any packet? */
bool ngrep_begins(struct slice part);

/* Converts a front, of which the last packet may be cut; the result is in `to`,
 * which has room for `room` bytes, and may be where `first` stands.  What
 * memory or room is too short for is left out. */
struct slice ngrep_convert(struct slice first, uint8_t *to, size_t room);

/* A source of the text in another one.  Takes that over, also on failure:
 * STATUS_NOMEM.  `first` was read from it already. */
MUST_CHECK enum status ngrep_open(struct byte_source *packed,
				  struct slice first, struct byte_source **out);

#endif /* CAPTURE_LOG_NGREP_H */
