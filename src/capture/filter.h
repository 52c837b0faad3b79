/*
 * Packet filters in the language of pcap-filter(7), by way of libpcap.
 *
 * One expression becomes a program for each link type that comes along.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include "capture/source.h"

struct packet_filter;

enum filter_verdict {
	FILTER_MATCH,
	FILTER_NO_MATCH,
	FILTER_UNABLE, /* not for this link type */
};

/*
 * STATUS_BAD: the expression is wrong for all common link types, *fault holds
 * libpcap's sentence.  STATUS_NOMEM.
 */
MUST_CHECK enum status packet_filter_new(const char *expression,
					 struct packet_filter **out,
					 struct fault *fault);

/*
 * Does the packet match?  FILTER_UNABLE: libpcap does not know the link type,
 * the expression has no meaning there, or the frame holds no packet.
 */
enum filter_verdict packet_filter_test(struct packet_filter *filter,
				       const struct frame *frame);

/* NULL is fine. */
void packet_filter_free(struct packet_filter *filter);

#endif /* CAPTURE_FILTER_H */
