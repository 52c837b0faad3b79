/*
 * Messages of HEP as Wireshark's exported PDUs (spec "capture-formats" 3.5, 6),
 * which is the form in which all that comes without its packets is read.
 */
#ifndef CAPTURE_HEP_EXPORT_H
#define CAPTURE_HEP_EXPORT_H

#include "capture/frame.h"
#include "core/hep.h"

/*
 * Makes a frame of a decoded message: link type, bytes and time, if HEP tells
 * one; all else stays as it is.  A packed payload is unpacked into `unpacked`,
 * the frame's bytes lie in `bytes`: both are cleared before.  STATUS_NOT_MINE:
 * it holds neither SIP nor RTP; STATUS_BAD, STATUS_LIMIT: it cannot be
 * unpacked; STATUS_NOMEM.
 */
MUST_CHECK enum status hep_export(struct hep *hep, struct text *unpacked,
				  struct text *bytes, struct frame *frame);

#endif /* CAPTURE_HEP_EXPORT_H */
