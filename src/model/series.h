/*
 * A media stream over time, for graphs: a fixed number of samples, whose width
 * doubles when the stream outlasts them.  Kept only where somebody asked.
 */
#ifndef MODEL_SERIES_H
#define MODEL_SERIES_H

#include "core/clock.h"

#define SERIES_SAMPLES 64u
#define SERIES_WIDTH (NS_PER_S / 8) /* of a sample at first */
#define SERIES_MAX ((size_t)1 << 16)

/* Sums up to the end of the sample; jitter is the highest within it. */
struct media_sample {
	uint32_t packets, lost;
	uint64_t bytes;
	float jitter_ms;
};

struct media_series {
	nanoseconds start, width;
	uint64_t bytes; /* so far */
	uint32_t used;  /* samples */
	struct media_sample samples[SERIES_SAMPLES];
};

/* After a packet of `bytes`, what `now` (but its bytes) says of the stream;
 * the first one begins it.  A packet of the past counts for the present. */
void series_add(struct media_series *series, nanoseconds time, size_t bytes,
		const struct media_sample *now);

/* What came within a sample, not up to it. */
struct media_sample series_at(const struct media_series *series, uint32_t at);

#endif /* MODEL_SERIES_H */
