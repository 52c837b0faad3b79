/*
 * Messages of logs as Wireshark's exported PDUs (spec "capture-formats" 3.5),
 * so that a capture file can hold them.
 */
#ifndef CAPTURE_LOG_EXPORT_H
#define CAPTURE_LOG_EXPORT_H

#include "capture/frame.h"
#include "core/endpoint.h"
#include "core/text.h"

/*
 * Makes a frame of LINKTYPE_WIRESHARK_UPPER_PDU from one of LINKTYPE_LOG; its
 * bytes are in `bytes`, which is cleared before.  STATUS_NOT_MINE: it holds no
 * message, or an end of it is no address of IP; STATUS_NOMEM.
 */
MUST_CHECK enum status log_export(const struct frame *log, struct text *bytes,
				  struct frame *out);

/* One message, in the clear. */
struct exported {
	const char *dissector; /* Wireshark's: "sip", "stun-udp" */
	struct endpoint src, dst;
	uint8_t transport; /* enum record_transport */
	struct slice text;
};

/*
 * The same from its parts: *frame, whose time and numbers stay as they are,
 * gets its link type and bytes.  STATUS_NOT_MINE: an end is no address of IP;
 * STATUS_NOMEM.
 */
MUST_CHECK enum status log_export_message(const struct exported *message,
					  struct text *bytes,
					  struct frame *frame);

#endif /* CAPTURE_LOG_EXPORT_H */
