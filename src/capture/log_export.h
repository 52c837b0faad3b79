/*
 * Messages of logs as Wireshark's exported PDUs (spec "capture-formats" 3.5),
 * so that a capture file can hold them.
 */
#ifndef CAPTURE_LOG_EXPORT_H
#define CAPTURE_LOG_EXPORT_H

#include "capture/frame.h"
#include "core/text.h"

/*
 * Makes a frame of LINKTYPE_WIRESHARK_UPPER_PDU from one of LINKTYPE_LOG; its
 * bytes are in `bytes`, which is cleared before.  STATUS_NOT_MINE: it holds no
 * message, or an end of it is no address of IP; STATUS_NOMEM.
 */
MUST_CHECK enum status log_export(const struct frame *log, struct text *bytes,
				  struct frame *out);

#endif /* CAPTURE_LOG_EXPORT_H */
