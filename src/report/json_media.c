/* JSON: whether media flowed. */
#include "config.h"

#include "model/mos.h"
#include "model/series.h"
#include "report/json_parts.h"

static void put_ssrc(struct document *d, uint32_t ssrc)
{
	uint8_t bytes[] = {(uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16),
			   (uint8_t)(ssrc >> 8), (uint8_t)ssrc};

	struct text *to;

	json_key(&d->j, "ssrc");
	to = json_open_raw(&d->j);
	text_put(to, SLICE("\"0x"));
	text_hex(to, slice_of(bytes, 4));
	text_putc(to, '"');
	json_close_raw(&d->j);
}

static void put_mos(struct document *d, const struct media *s)
{
	struct mos mos = mos_of(d->m, s);

	json_key(&d->j, "mos");
	if (mos.value > 0)
		json_double(&d->j, mos.value, 2);
	else
		json_null(&d->j);
	json_m_bool(d, "mos_indicative", mos.indicative);
}

typedef void sample_fn(struct document *d, const struct media_sample *s);

static void put_packets(struct document *d, const struct media_sample *s)
{
	json_number(&d->j, s->packets);
}

static void put_lost(struct document *d, const struct media_sample *s)
{
	json_number(&d->j, s->lost);
}

static void put_bytes(struct document *d, const struct media_sample *s)
{
	json_number(&d->j, s->bytes);
}

static void put_jitter(struct document *d, const struct media_sample *s)
{
	json_double(&d->j, (double)s->jitter_ms, 3);
}

/* Only where it was asked for. */
static void put_series(struct document *d, const struct media_series *series)
{
	static const struct {
		const char *name;
		sample_fn *put;
	} lines[] = {{"packets", put_packets},
		     {"lost", put_lost},
		     {"bytes", put_bytes},
		     {"jitter_ms", put_jitter}};

	json_key(&d->j, "series");
	json_object(&d->j);
	json_m_time(d, "start", series->start);
	json_m_ms(d, "width_ms", series->width);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_key(&d->j, lines[i].name);
		json_array(&d->j);
		for (uint32_t k = 0; k < series->used; k++) {
			struct media_sample sample = series_at(series, k);

			lines[i].put(d, &sample);
		}
		json_array_end(&d->j);
	}
	json_object_end(&d->j);
}

/* Without a clock rate timestamps tell no time, and nothing was measured. */
static void put_mean(struct document *d, const struct media *s, double jitter)
{
	json_key(&d->j, "jitter_ms");
	if (s->clock_rate)
		json_double(&d->j, jitter, 3);
	else
		json_null(&d->j);
}

/* Only where there are several. */
static void put_points(struct document *d, const struct media *s)
{
	const struct media_point *rows = d->m->media_points.rows;
	uint32_t at = s->points.first;

	json_key(&d->j, "vantages");
	json_array(&d->j);
	for (uint32_t i = 0; i < s->points.count; i++, at = rows[at].next) {
		const struct media_figures *seen = &rows[at].seen;

		json_object(&d->j);
		json_m_id(d, "vantage", 'v', seen->vantage);
		json_m_number(d, "packets", seen->packets);
		json_m_number(d, "lost", seen->lost);
		put_mean(d, s, seen->jitter_ms);
		json_m_time(d, "first", seen->first);
		json_m_time(d, "last", seen->last);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

/* Only where there is one. */
static void put_interruption(struct document *d, const struct media *s)
{
	json_key(&d->j, "interruption");
	json_object(&d->j);
	json_m_time(d, "start", s->gap_from);
	json_m_number(d, "duration_ms", s->gap_ms);
	json_m_number(d, "lost", s->gap_lost);
	json_object_end(&d->j);
}

static void put_stream(struct document *d, const struct media *s)
{
	json_object(&d->j);
	json_m_text(d, "kind", s->kind);
	put_ssrc(d, s->ssrc);
	json_m_end(d, "src", &s->src);
	json_m_end(d, "dst", &s->dst);
	json_m_text(d, "codec", s->codec && s->codec[0] ? s->codec : NULL);
	json_m_number(d, "payload_type", s->payload_type);
	json_m_number(d, "packets", s->packets);
	json_m_number(d, "lost", s->lost);
	put_mean(d, s, s->jitter_ms);
	put_mos(d, s);
	if (s->tones)
		json_m_number(d, "telephone_events", s->tones);
	if (s->gap_ms)
		put_interruption(d, s);
	json_m_time(d, "first", s->first);
	json_m_time(d, "last", s->last);
	json_m_bool(d, "relayed", s->wrapped);
	json_m_id(d, "pair", 'q', s->pair);
	json_m_place(d, "frame", s->place);
	if (s->points.count)
		put_points(d, s);
	if (s->series)
		put_series(d, list_at(&d->m->series, s->series - 1));
	json_object_end(&d->j);
}

void json_media(struct document *d, const struct call *call)
{
	const struct media *rows = d->m->media.rows;

	json_key(&d->j, "media");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->media.count; i++)
		put_stream(d, &rows[call->media.list[i]]);
	json_array_end(&d->j);
}

void json_stray_media(struct document *d)
{
	const struct media *rows = d->m->media.rows;
	bool any = false;

	for (size_t i = 0; i < d->m->media.count && !d->options->selection;
	     i++) {
		if (rows[i].call != LIST_NONE)
			continue;
		if (!any) {
			json_key(&d->j, "stray_media");
			json_array(&d->j);
		}
		any = true;
		put_stream(d, &rows[i]);
		json_flush(d);
	}
	if (any)
		json_array_end(&d->j);
}

static const char *handshake_state(const struct handshake *h)
{
	if (h->finished[0] && h->finished[1])
		return "ok";
	return h->alert ? "failed" : "incomplete";
}

static const char *certificate_word(uint8_t state)
{
	static const char *const words[] = {
		[CERTIFICATE_UNCHECKED] = "unchecked",
		[CERTIFICATE_MATCHES] = "matches",
		[CERTIFICATE_DIFFERS] = "differs",
	};

	return words[state];
}

/* The first and the last frame are what old evidence has. */
static void put_frames(struct document *d, const struct handshake *h)
{
	struct cited cited = h->cited;

	if (cited.count == 0) {
		cite(d->m, &cited, h->first);
		cite(d->m, &cited, h->last);
	}
	json_m_frames(d, &cited);
}

void json_dtls(struct document *d, const struct call *call)
{
	const struct handshake *rows = d->m->handshakes.rows;

	json_key(&d->j, "dtls");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->handshakes.count; i++) {
		const struct handshake *h = &rows[call->handshakes.list[i]];

		json_object(&d->j);
		json_m_end(d, "src", &h->a);
		json_m_end(d, "dst", &h->b);
		json_m_text(d, "state", handshake_state(h));
		json_m_text(d, "version", dtls_version_name(h->version));
		json_m_text(d, "fingerprint", certificate_word(h->fingerprint));
		put_frames(d, h);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
	json_flush(d);
}
