/*
 * SIP in the WebSockets of an HTTP archive, as browsers export it (.har), which
 * is JSON with a line for each value:
 *
 *   "_webSocketMessages": [
 *     {
 *       "type": "send",
 *       "time": 1796040000.5,
 *       "opcode": 1,
 *       "data": "REGISTER sip:example.org SIP/2.0\r\nVia: ..."
 *     },
 *
 * Made of it is what the console of a browser shows of JsSIP, with times.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_HAR_H
#define CAPTURE_LOG_HAR_H

#include "capture/log_maker.h"

/* Does this part of a text hold SIP so? */
bool har_claims(struct slice part);

/* Makes lines of it; NULL: memory is out. */
struct log_maker *har_maker(void);

#endif /* CAPTURE_LOG_HAR_H */
