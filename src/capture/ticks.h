/*
 * Timestamps of pcapng: counts of ticks whose size each interface states in
 * its options if_tsresol and if_tsoffset (spec "capture-formats" 2.2).
 */
#ifndef CAPTURE_TICKS_H
#define CAPTURE_TICKS_H

#include "core/clock.h"

struct ticks {
	uint32_t scale;     /* nanoseconds in a tick, or 0: it takes longer */
	uint64_t most;      /* so many of them do not overflow */
	uint8_t resolution; /* the byte of if_tsresol */
	int64_t offset;     /* seconds */
};

/* `resolution` n: 10^-n seconds; 128 + n: 2^-n seconds. */
struct ticks ticks_new(uint8_t resolution, int64_t offset);

/* As ticks_time, for any size of tick. */
nanoseconds ticks_time_slow(const struct ticks *ticks, uint64_t count);

/*
 * Time of a count; parts of a nanosecond are cut off, overflow saturates.  A
 * count above 2^63 that would mean a time after 2262 is a negative one: some
 * writers count from another start than 1970.
 */
static inline nanoseconds ticks_time(const struct ticks *ticks, uint64_t count)
{
	if (ticks->scale && count <= ticks->most)
		return (nanoseconds)count * ticks->scale;
	return ticks_time_slow(ticks, count);
}

#endif /* CAPTURE_TICKS_H */
