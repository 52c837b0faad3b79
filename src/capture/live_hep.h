/*
 * What agents of Homer send in HEP, heard on a port of UDP or TCP, as frames:
 * each message becomes an exported PDU with the ends and the time that it says.
 */
#ifndef CAPTURE_LIVE_HEP_H
#define CAPTURE_LIVE_HEP_H

#include "capture/source.h"

struct hep_listener;

/* "udp:0.0.0.0:9060", "tcp:[::]:9060"; false: it is the name of an
 * interface. */
bool hep_listener_is(const char *name);

/* Messages without the key are passed over, but for NULL; it must outlive the
 * listener.  STATUS_BAD: no such address; STATUS_IO, STATUS_NOMEM; *why, of
 * `size` bytes, says what is wrong. */
MUST_CHECK enum status hep_listener_open(const char *name, const char *key,
					 struct hep_listener **out, char *why,
					 size_t size);
void hep_listener_close(struct hep_listener *listener); /* NULL is fine */

int hep_listener_descriptor(const struct hep_listener *listener);

/* The next message of SIP or RTP: bytes, link type and time of the frame, good
 * until the next call.  STATUS_SHORT: none at the moment. */
enum status hep_listener_next(struct hep_listener *listener,
			      struct frame *frame);

#endif /* CAPTURE_LIVE_HEP_H */
