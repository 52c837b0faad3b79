/* How long things take. */
#include "config.h"

#include <sys/resource.h>
#include <time.h>

#include "cli/timing.h"

nanoseconds timing_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return clock_of(t.tv_sec, t.tv_nsec);
}

void timing_add(struct timing *t, nanoseconds took)
{
	t->count++;
	t->sum += took;
	t->slow += took > TIMING_SLOW;
	if (took > t->longest)
		t->longest = took;
}

static double milliseconds(nanoseconds t)
{
	return (double)t / (double)NS_PER_MS;
}

void timing_say(const struct timing *t, const char *what, FILE *to)
{
	double mean = t->count ? milliseconds(t->sum) / (double)t->count : 0;

	fprintf(to,
		"mrascope: %s: %llu, mean %.1f ms, longest %.1f ms, %llu above "
		"%.0f ms\n",
		what, (unsigned long long)t->count, mean,
		milliseconds(t->longest), (unsigned long long)t->slow,
		milliseconds(TIMING_SLOW));
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

void timing_say_usage(FILE *to)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	fprintf(to, "mrascope: processor %.2f s, peak memory %.1f MB\n",
		seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
		(double)usage.ru_maxrss / 1024);
}
