/* Timestamps of pcapng. */
#include "config.h"

#include "capture/ticks.h"

#define BINARY 0x80u
#define NS_DIGITS 9u

/* Far outside what nanoseconds can hold, and safe to add. */
#define SECONDS_LIMIT (INT64_C(1) << 61)

static const uint64_t powers_of_10[] = {
	UINT64_C(1),
	UINT64_C(10),
	UINT64_C(100),
	UINT64_C(1000),
	UINT64_C(10000),
	UINT64_C(100000),
	UINT64_C(1000000),
	UINT64_C(10000000),
	UINT64_C(100000000),
	UINT64_C(1000000000),
	UINT64_C(10000000000),
	UINT64_C(100000000000),
	UINT64_C(1000000000000),
	UINT64_C(10000000000000),
	UINT64_C(100000000000000),
	UINT64_C(1000000000000000),
	UINT64_C(10000000000000000),
	UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000),
	UINT64_C(10000000000000000000),
};
#define POWERS_OF_10 (sizeof(powers_of_10) / sizeof(powers_of_10[0]))

struct ticks ticks_new(uint8_t resolution, int64_t offset)
{
	struct ticks ticks = {.resolution = resolution, .offset = offset};

	if (resolution <= NS_DIGITS && offset == 0) {
		ticks.scale = (uint32_t)powers_of_10[NS_DIGITS - resolution];
		ticks.most = (uint64_t)INT64_MAX / ticks.scale;
	}
	return ticks;
}

/* Seconds in `count`, and the nanoseconds over them in *ns. */
static uint64_t decimal(unsigned digits, uint64_t count, uint64_t *ns)
{
	uint64_t seconds = 0;

	/* From 10^-20 on 64 bits hold less than a second. */
	if (digits < POWERS_OF_10) {
		seconds = count / powers_of_10[digits];
		count %= powers_of_10[digits];
	}
	if (digits <= NS_DIGITS)
		*ns = count * powers_of_10[NS_DIGITS - digits];
	else if (digits - NS_DIGITS < POWERS_OF_10)
		*ns = count / powers_of_10[digits - NS_DIGITS];
	else
		*ns = 0;
	return seconds;
}

static uint64_t binary(unsigned bits, uint64_t count, uint64_t *ns)
{
	const uint64_t second = (uint64_t)NS_PER_S;
	uint64_t seconds = 0;
	uint64_t high;

	if (bits < 64) {
		seconds = count >> bits;
		count -= seconds << bits;
	}
	/* (count * 10^9) >> bits in two halves: the product has 94 bits. */
	if (bits <= 32) {
		*ns = (count * second) >> bits;
		return seconds;
	}
	high = (count >> 32) * second + ((count & UINT32_MAX) * second >> 32);
	*ns = bits - 32 < 64 ? high >> (bits - 32) : 0;
	return seconds;
}

/* Seconds and nanoseconds of a count that is not negative. */
static uint64_t split(const struct ticks *ticks, uint64_t count, uint64_t *ns)
{
	if (ticks->resolution & BINARY)
		return binary(ticks->resolution & ~BINARY, count, ns);
	return decimal(ticks->resolution, count, ns);
}

nanoseconds ticks_time_slow(const struct ticks *ticks, uint64_t count)
{
	const uint64_t latest = (uint64_t)(INT64_MAX / NS_PER_S);
	int64_t offset = ticks->offset;
	uint64_t ns;
	uint64_t seconds = split(ticks, count, &ns);
	bool negative = count > INT64_MAX && seconds > latest;

	if (negative)
		seconds = split(ticks, -count, &ns);
	if (seconds > (uint64_t)SECONDS_LIMIT)
		seconds = (uint64_t)SECONDS_LIMIT;
	if (offset > SECONDS_LIMIT)
		offset = SECONDS_LIMIT;
	else if (offset < -SECONDS_LIMIT)
		offset = -SECONDS_LIMIT;
	if (negative)
		return clock_of(offset - (int64_t)seconds, -(int64_t)ns);
	return clock_of(offset + (int64_t)seconds, (int64_t)ns);
}
