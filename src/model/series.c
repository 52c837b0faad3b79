/* Samples of media over time. */
#include "config.h"

#include "model/series.h"

/* Two samples become one. */
static void widen(struct media_series *s)
{
	uint32_t used = (s->used + 1) / 2;

	for (uint32_t i = 0; i < used; i++) {
		struct media_sample a = s->samples[2 * i];

		if (2 * i + 1 < s->used) {
			struct media_sample b = s->samples[2 * i + 1];

			if (a.jitter_ms > b.jitter_ms)
				b.jitter_ms = a.jitter_ms;
			a = b;
		}
		s->samples[i] = a;
	}
	s->used = used;
	s->width *= 2;
}

/* The sample of a time; those between it and the last are silent. */
static struct media_sample *sample_of(struct media_series *s, nanoseconds time)
{
	nanoseconds since = time - s->start;

	while (since / s->width >= (nanoseconds)SERIES_SAMPLES)
		widen(s);
	while (since > 0 && (nanoseconds)s->used <= since / s->width) {
		s->samples[s->used] = s->samples[s->used - 1];
		s->samples[s->used++].jitter_ms = 0;
	}
	return &s->samples[s->used - 1];
}

void series_add(struct media_series *s, nanoseconds time, size_t bytes,
		const struct media_sample *now)
{
	struct media_sample *to;
	float jitter;

	if (!s->used) {
		s->start = time;
		s->width = SERIES_WIDTH;
		s->used = 1;
	}
	to = sample_of(s, time);
	jitter =
		now->jitter_ms > to->jitter_ms ? now->jitter_ms : to->jitter_ms;
	s->bytes += bytes;
	*to = *now;
	to->bytes = s->bytes;
	to->jitter_ms = jitter;
}

struct media_sample series_at(const struct media_series *s, uint32_t at)
{
	struct media_sample here = s->samples[at];
	struct media_sample before = {.packets = 0};

	if (at)
		before = s->samples[at - 1];
	here.packets -= before.packets;
	here.bytes -= before.bytes;
	/* Of what came late less is lost than was thought. */
	here.lost = here.lost > before.lost ? here.lost - before.lost : 0;
	return here;
}
