/*
 * Frames from network interfaces, by way of libpcap: one or several, with
 * nanoseconds where the kernel gives them.
 *
 * Never blocks: who waits polls the descriptors.  An interface that goes away
 * is opened again as soon as it is back.
 */
#ifndef CAPTURE_LIVE_H
#define CAPTURE_LIVE_H

#include "capture/source.h"

#define LIVE_INTERFACES_MAX 32u
#define LIVE_SNAPLEN_MAX 262144u
/* libpcap takes bytes in an int. */
#define LIVE_BUFFER_MB_MAX 2047u

struct live;

struct live_options {
	/* "any" is one; "udp:ADDRESS:PORT" and "tcp:..." hear HEP
	 * there. */
	const char *const *interfaces;
	size_t count;
	const char *filter; /* pcap-filter(7), or NULL */
	unsigned snaplen;   /* 0: LIVE_SNAPLEN_MAX */
	unsigned buffer_mb; /* of the kernel, for each; 0: 16 */
	const char *hep_key; /* that messages of HEP must have, or NULL; it
			      * outlives the capture */
};

struct live_counts {
	uint64_t frames;  /* that were read */
	uint64_t dropped; /* by the kernel, for want of room */
	uint64_t missing; /* by the interface itself */
	unsigned away;    /* interfaces that are gone at the moment, */
	unsigned down;    /* and that are there, but down or unplugged */
};

/*
 * Opens all of them.  STATUS_NOT_MINE: the rights are missing; STATUS_BAD: the
 * filter is wrong; STATUS_IO, STATUS_LIMIT, STATUS_NOMEM; *fault says why, and
 * names the interface.
 */
MUST_CHECK enum status live_open(const struct live_options *options,
				 struct live **out, struct fault *fault);
void live_close(struct live *live); /* NULL is fine */

/*
 * The next frame that is there, numbered from 1 over all interfaces, or
 * STATUS_SHORT: none at the moment.  Its bytes are good until the next call.
 */
enum status live_next(struct live *live, struct frame *frame);

/* Descriptors to poll for reading; returns how many. */
size_t live_descriptors(const struct live *live, int *out, size_t max);

/* Tries to open again what went away; call it now and then.  True: one is
 * back. */
bool live_reopen(struct live *live);

struct live_counts live_counts(struct live *live);

#endif /* CAPTURE_LIVE_H */
