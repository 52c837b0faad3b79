/* What flowed after set-up: DTLS handshakes and media streams. */
#include "config.h"

#include <inttypes.h>

#include "model/mos.h"
#include "report/text_parts.h"

#define HANGING 6
#define STREAMS_SHOWN 16u
#define HANDSHAKES_SHOWN 8u

static void print_ends(struct printer *p, const struct endpoint *a,
		       const char *arrow, const struct endpoint *b)
{
	printer_endpoint(p, a);
	printer_printf(p, " %s ", arrow);
	printer_endpoint(p, b);
	printer_puts(p, ": ");
}

/* Without agreed factors it is no more than "about". */
static void print_mos(struct printer *p, const struct media *m)
{
	struct mos mos = mos_of(p->model, m);

	if (mos.value > 0)
		printer_joined(p, ", MOS %s%.1f",
			       mos.indicative ? "about " : "", mos.value);
}

/* What got where, if there are several vantages. */
static void print_points(struct printer *p, const struct media *m)
{
	const struct media_point *rows = p->model->media_points.rows;
	uint32_t at = m->points.first;

	for (uint32_t i = 0; i < m->points.count; i++, at = rows[at].next) {
		const struct media_figures *seen = &rows[at].seen;

		printer_printf(p, "%s v%u ", i ? "," : "; at",
			       seen->vantage + 1);
		printer_joined(p, "%" PRIu64 " of %" PRIu64, seen->packets,
			       seen->packets + seen->lost);
	}
}

static void print_interruption(struct printer *p, const struct media *m)
{
	if (!m->gap_ms)
		return;
	printer_printf(p, " (%" PRIu32 " in one gap of ", m->gap_lost);
	printer_duration(p, (nanoseconds)m->gap_ms * NS_PER_MS);
	printer_puts(p, ")");
}

void text_stream(struct printer *p, const struct media *m)
{
	printer_puts(p, "      ");
	print_ends(p, &m->src, "->", &m->dst);
	printer_puts(p, m->codec && m->codec[0] ? m->codec : "codec unknown");
	printer_puts(p, ", ");
	printer_count(p, m->packets, "packet");
	printer_puts(p, " in ");
	printer_duration(p, m->last - m->first);
	printer_puts(p, ", ");
	if (m->lost)
		printer_joined(p, "%" PRIu64 " lost", m->lost);
	else
		printer_joined(p, "none lost");
	print_interruption(p, m);
	if (m->clock_rate) {
		printer_puts(p, ", ");
		printer_joined(p, "jitter %.1f ms", m->jitter_ms);
	}
	print_mos(p, m);
	if (m->wrapped)
		printer_puts(p, ", inside TURN");
	if (m->points.count > 1)
		print_points(p, m);
	printer_end(p, HANGING + 2);
}

/* A client that goes on has heard the server. */
static const char *progress(const struct handshake *h)
{
	if (h->server_hello)
		return "handshake answered";
	if (h->client_hello && (h->finished[0] || h->finished[1]))
		return "handshake went on, its answers are not in the capture";
	if (!h->client_hello)
		return "no hello on this way: the handshake went another one, "
		       "or is not in the capture";
	return "hello not answered";
}

static void print_handshake(struct printer *p, const struct handshake *h)
{
	const char *name = dtls_version_name(h->version);
	bool done = h->finished[0] && h->finished[1];

	printer_puts(p, "    ");
	if (h->alert || h->fingerprint == CERTIFICATE_DIFFERS)
		printer_paint(p, PAINT_BAD, "X");
	else
		printer_paint(p, done ? PAINT_GOOD : PAINT_WARN,
			      done ? "+" : "~");
	printer_puts(p, " ");
	printer_puts(p, name ? name : "DTLS");
	printer_puts(p, " ");
	print_ends(p, &h->a, "<->", &h->b);
	if (h->alert)
		printer_puts(p, "ended by an alert");
	else if (done)
		printer_puts(p, "handshake done");
	else
		printer_puts(p, progress(h));
	if (h->fingerprint == CERTIFICATE_MATCHES)
		printer_puts(p, ", certificate as promised in SDP");
	else if (h->fingerprint == CERTIFICATE_DIFFERS)
		printer_paint(p, PAINT_BAD,
			      ", another certificate than SDP promised");
	printer_cited(p, &h->cited);
	printer_end(p, HANGING);
}

static void print_more(struct printer *p, size_t count, size_t shown)
{
	if (count <= shown)
		return;
	printer_printf(p, "      and %zu more", count - shown);
	printer_end(p, HANGING);
}

void text_media(struct printer *p, const struct call *call)
{
	const struct handshake *handshakes = p->model->handshakes.rows;
	const struct media *media = p->model->media.rows;

	if (call->media.count == 0 && call->handshakes.count == 0)
		return;
	printer_heading(p, "Media");
	for (size_t i = 0; i < call->handshakes.count && i < HANDSHAKES_SHOWN;
	     i++)
		print_handshake(p, &handshakes[call->handshakes.list[i]]);
	print_more(p, call->handshakes.count, HANDSHAKES_SHOWN);
	for (size_t i = 0; i < call->media.count && i < STREAMS_SHOWN; i++)
		text_stream(p, &media[call->media.list[i]]);
	print_more(p, call->media.count, STREAMS_SHOWN);
}
