/* The E-model, simplified. */
#include "config.h"

#include "model/mos.h"

/* Fewer packets say nothing of loss. */
#define PACKETS_MIN 50u
/* The default rating of a narrowband connection (G.107 7.7). */
#define RATING_DEFAULT 93.2
#define BUFFER_MIN_MS 20.0
#define DELAY_FELT_MS 177.3

/* Equipment impairment and robustness to loss (G.113 appendix I). */
struct codec_factors {
	const char *name;
	double impairment, robustness;
	bool indicative;
};

static const struct codec_factors factors[] = {
	{"PCMU", 0, 25.1, false},  {"PCMA", 0, 25.1, false},
	{"G729", 11, 19, false},   {"iLBC", 10, 28, false},
	{"G723", 15, 16.1, false}, {"G726-32", 7, 20, false},
	{"GSM-EFR", 5, 10, false}, {"AMR", 5, 10, false},
	{"G722", 0, 20, true},     {"opus", 0, 20, true},
	{"SILK", 0, 20, true},     {"SIREN", 0, 20, true},
	{"x-msrta", 0, 20, true},  {"speex", 0, 20, true},
	{"AMR-WB", 0, 20, true},
};

static const struct codec_factors *factors_of(const char *codec)
{
	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++)
		if (codec &&
		    slice_is_nocase(slice_of_text(codec), factors[i].name))
			return &factors[i];
	return NULL;
}

static double trip_ms(const struct model *m, const struct media *s)
{
	const struct pair *p;
	nanoseconds rtt;

	if (s->pair == LIST_NONE)
		return 0;
	p = list_at(&m->pairs, s->pair);
	rtt = p->way[0].rtt ? p->way[0].rtt : p->way[1].rtt;
	return (double)rtt / (double)NS_PER_MS;
}

static double delay_impairment(double ms)
{
	double late = ms - DELAY_FELT_MS;

	return 0.024 * ms + (late > 0 ? 0.11 * late : 0);
}

static double mos_of_rating(double r)
{
	double mos;

	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	mos = 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r);
	/* The polynomial dips below its range for the worst ratings. */
	return mos < 1 ? 1 : mos;
}

struct mos mos_of(const struct model *model, const struct media *s)
{
	const struct codec_factors *f = factors_of(s->codec);
	double buffer = 2 * s->jitter_ms, loss, equipment, delay;

	if (!f || s->packets < PACKETS_MIN)
		return (struct mos){.value = 0};
	if (buffer < BUFFER_MIN_MS)
		buffer = BUFFER_MIN_MS;
	loss = 100.0 * (double)s->lost / (double)(s->packets + s->lost);
	equipment = f->impairment +
		    (95 - f->impairment) * loss / (loss + f->robustness);
	delay = delay_impairment(trip_ms(model, s) / 2 + buffer);
	return (struct mos){
		.value = mos_of_rating(RATING_DEFAULT - delay - equipment),
		.indicative = f->indicative,
	};
}
