/*
 * Quality reports of Lync and Skype for Business: what a client measured of a
 * call, in XML ([MS-QoE] 2.2.1, content type application/vq-rtcpxr+xml).
 *
 * Read by element names wherever they stand, since versions nest them
 * differently; what is not told stays so.
 */
#ifndef DISSECTORS_QOE_H
#define DISSECTORS_QOE_H

#include "core/dissector.h"
#include "core/endpoint.h"

#define QOE_NAMESPACE "ms-rtcp-metrics"
#define QOE_LINES_MAX 16u
#define QOE_UNTOLD UINT32_MAX

/* One direction of a media line. */
struct qoe_stream {
	bool present;
	uint32_t ssrc;
	uint64_t packets; /* 0: not told */
	/* QOE_UNTOLD where it is not told */
	uint32_t loss_permyriad; /* LossRate in hundredths of a percent */
	uint32_t jitter_ms, round_trip_ms;
	uint32_t mos_hundredth; /* listening, as the receiver estimates */
};

struct qoe_line {
	struct slice label;        /* "main-audio" */
	struct slice connectivity; /* Ice: "DIRECT", "RELAY", ... */
	struct slice transport;
	struct endpoint local, remote, relay;
	bool has_warn;
	uint32_t warn; /* IceWarningFlags */
	struct qoe_stream inbound, outbound;
};

struct qoe {
	struct slice call_id, from_tag, to_tag;
	struct slice local_agent;     /* LocalUserAgent */
	const struct qoe_line *lines; /* in the arena */
	size_t count;
};

extern const struct dissector qoe_dissector;

/* The namespace stands in it. */
enum claim qoe_claims(struct slice in, bool stream);
/* STATUS_NOT_MINE: another document; BAD: not well formed; LIMIT, NOMEM. */
MUST_CHECK enum status qoe_decode(struct decoding *d, struct slice in,
				  struct qoe *out, size_t *used);
void qoe_walk(const struct qoe *m, struct field_sink *to);

#endif /* DISSECTORS_QOE_H */
