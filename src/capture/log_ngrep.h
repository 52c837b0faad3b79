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

#include "capture/log_maker.h"

/* Does this part of a text hold a SIP message printed so? */
bool ngrep_claims(struct slice part);

/* Makes lines of them; NULL: memory is out. */
struct log_maker *ngrep_maker(void);

#endif /* CAPTURE_LOG_NGREP_H */
