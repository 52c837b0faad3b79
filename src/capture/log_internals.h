/*
 * Dumps of chrome://webrtc-internals as logs; see log_internals.c.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_INTERNALS_H
#define CAPTURE_LOG_INTERNALS_H

#include "capture/log_parts.h"

/* What is read of one; NULL: nothing is. */
struct internals;
void internals_free(struct internals *internals);

#endif /* CAPTURE_LOG_INTERNALS_H */
