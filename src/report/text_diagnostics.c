/* What servers and clients say of a failure, beside what packets show. */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

#define HANGING 6
#define SHOWN 12u

/* A list under a heading that only stands where there is something. */
struct said {
	struct printer *p;
	const char *heading; /* NULL: it stands already */
	unsigned count;
};

static bool begin(struct said *s)
{
	if (s->heading)
		printer_heading(s->p, s->heading);
	s->heading = NULL;
	return s->count++ < SHOWN;
}

static void print_frame(struct printer *p, place_number place)
{
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_joined(p, "[frame ");
	printer_place(p, place);
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

/* ---- media debug blocks ---- */

static void print_bit(struct printer *p, const struct ice_bit *row,
		      const struct media_debug *m)
{
	printer_joined(p, "0x%" PRIx32, row->bit);
	printer_printf(p, " %s", row->text);
	if (m && m->borne_out & row->bit)
		printer_puts(p, " (packets agree)");
	else if (m && m->denied & row->bit)
		printer_puts(p, " (packets disagree)");
}

static void print_bits(struct printer *p, enum ice_table table, uint32_t warn,
		       const struct media_debug *m)
{
	const struct ice_bit *row = ice_bits(table);
	const char *between = ": ";

	for (; row->bit; row++) {
		if (!(warn & row->bit))
			continue;
		printer_puts(p, between);
		print_bit(p, row, m);
		warn &= ~row->bit;
		between = "; ";
	}
	if (warn)
		printer_printf(p, "%s0x%" PRIx32 " in no published table",
			       between, warn);
}

static void print_warn(struct printer *p, enum ice_table table, uint32_t warn,
		       const struct media_debug *m)
{
	printer_printf(p, "      ICE warnings 0x%" PRIx32, warn);
	print_bits(p, table, warn, m);
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_printf(p, "[table: %s]", ice_table_name(table));
	printer_color(p, PAINT_NONE);
	printer_end(p, HANGING + 3);
}

static void print_ends(struct printer *p, const struct endpoint *site,
		       const struct endpoint *relay)
{
	if (site->family != FAMILY_NONE)
		printer_endpoint(p, site);
	else
		printer_puts(p, "no address");
	printer_puts(p, ", relay ");
	if (relay->family != FAMILY_NONE)
		printer_endpoint(p, relay);
	else
		printer_puts(p, "none");
}

static void print_channel(struct printer *p, const struct media_debug *m)
{
	printer_puts(p, "      its channel: ");
	if (m->network_error) {
		printer_puts(p, "network error \"");
		printer_puts(p, m->network_error);
		printer_puts(p, "\"");
	} else {
		printer_puts(p, "no network error");
	}
	if (m->timed_out)
		printer_puts(p, ", no media came any more");
	if (m->bye_sent || m->bye_received)
		printer_printf(p, ", RTCP BYE %s",
			       m->bye_sent ? "sent" : "received");
	printer_end(p, HANGING + 3);
}

/* A block about the channel alone tells no address. */
static bool tells_ends(const struct media_debug *m)
{
	return m->local_site.family != FAMILY_NONE ||
	       m->local_relay.family != FAMILY_NONE ||
	       m->remote_site.family != FAMILY_NONE ||
	       m->remote_relay.family != FAMILY_NONE;
}

static void print_sides(struct printer *p, const struct media_debug *m)
{
	printer_puts(p, ": local ");
	print_ends(p, &m->local_site, &m->local_relay);
	if (m->relay_seen)
		printer_puts(p, " (packets agree)");
	else if (m->relay_absent)
		printer_puts(p, " (no relay gave that in the capture)");
	printer_puts(p, "; remote ");
	print_ends(p, &m->remote_site, &m->remote_relay);
}

static void print_debug(struct printer *p, const struct media_debug *m)
{
	printer_puts(p, "      ");
	printer_puts(p, m->label ? m->label : "media");
	printer_printf(p, " of the %s", m->callee ? "called side" : "caller");
	if (tells_ends(m) || !m->has_channel)
		print_sides(p, m);
	printer_end(p, HANGING + 3);
	if (m->has_warn)
		print_warn(p, debug_table(m), m->warn, m);
	if (m->has_channel)
		print_channel(p, m);
}

/* ---- headers ---- */

/* Who speaks by an ErrorId whose meaning is not known; NULL: nobody knows. */
static const char *component_of(const struct diagnosis *d)
{
	bool error_id = d->kind == DIAGNOSIS_SERVER ||
			d->kind == DIAGNOSIS_PUBLIC ||
			d->kind == DIAGNOSIS_CLIENT || d->kind == DIAGNOSIS_SDP;

	return error_id ? diagnosis_component(d->id) : NULL;
}

static void print_meaning(struct printer *p, const struct diagnosis *d)
{
	const struct meaning *m =
		diagnosis_meaning((enum diagnosis_kind)d->kind, d->id);

	if (m)
		printer_printf(p, ": %s", m->text);
	else if (component_of(d))
		printer_printf(p, ": from %s", component_of(d));
	if (d->text) {
		printer_puts(p, " (\"");
		printer_uris(p, d->text);
		printer_puts(p, "\")");
	}
	if (d->source) {
		printer_puts(p, ", says ");
		printer_puts(p, d->source);
	}
	print_frame(p, d->place);
	printer_end(p, HANGING);
	if (!m || !m->remedy)
		return;
	printer_printf(p, "      -> %s", m->remedy);
	if (helper_name(m->helper))
		printer_printf(p, " (%s)", helper_name(m->helper));
	printer_end(p, HANGING + 3);
}

static void print_diagnosis(struct said *s, const struct diagnosis *d)
{
	const struct media_debug *rows = s->p->model->media_debugs.rows;

	if (!begin(s))
		return;
	printer_printf(s->p, "    %s",
		       diagnosis_kind_name((enum diagnosis_kind)d->kind));
	if (d->kind != DIAGNOSIS_CONFERENCE)
		printer_printf(s->p, " %" PRIu32, d->id);
	if (d->sub)
		printer_printf(s->p, ".%" PRIu32, d->sub);
	print_meaning(s->p, d);
	for (uint32_t at = d->debug; at != CHAIN_END; at = rows[at].next)
		print_debug(s->p, &rows[at]);
}

static void print_chain(struct said *s, const struct chain *chain)
{
	const struct diagnosis *rows = s->p->model->diagnoses.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		print_diagnosis(s, &rows[at]);
}

static void print_rest(struct said *s)
{
	if (s->count <= SHOWN)
		return;
	printer_printf(s->p, "      and %u others", s->count - SHOWN);
	printer_end(s->p, HANGING);
}

/* ---- quality reports ---- */

static void print_figure(struct printer *p, const char *name, uint32_t value,
			 const char *unit)
{
	if (value != QUALITY_UNTOLD)
		printer_printf(p, ", %s %" PRIu32 "%s", name, value, unit);
}

static void print_reported(struct printer *p, const struct quality *q)
{
	if (q->packets)
		printer_printf(p, ", %" PRIu64 " packets", q->packets);
	if (q->loss_permyriad != QUALITY_UNTOLD)
		printer_printf(p, ", %.2f %% lost",
			       (double)q->loss_permyriad / 100);
	print_figure(p, "jitter", q->jitter_ms, " ms");
	print_figure(p, "round trip", q->round_trip_ms, " ms");
	if (q->mos_hundredth != QUALITY_UNTOLD)
		printer_printf(p, ", MOS %.2f", (double)q->mos_hundredth / 100);
}

static void print_measured(struct printer *p, const struct quality *q)
{
	const struct media *m;
	double all;

	if (q->media == LIST_NONE) {
		printer_puts(p, "; not in the capture");
		return;
	}
	m = list_at(&p->model->media, q->media);
	all = (double)(m->packets + m->lost);
	printer_printf(p,
		       "; measured here: %" PRIu64 " packets, %.2f %% lost, "
		       "jitter %.1f ms",
		       m->packets, all > 0 ? 100 * (double)m->lost / all : 0,
		       m->jitter_ms);
}

static void print_quality(struct said *s, const struct quality *q)
{
	struct printer *p = s->p;

	if (!begin(s))
		return;
	printer_puts(p, "    ");
	printer_puts(p, q->label ? q->label : "media");
	printer_puts(p, q->inbound ? " received" : " sent");
	if (q->connectivity) {
		printer_puts(p, ", ");
		printer_puts(p, q->connectivity);
	}
	print_reported(p, q);
	print_measured(p, q);
	print_frame(p, q->place);
	printer_end(p, HANGING);
	if (q->has_warn && q->warn)
		print_warn(p, q->old_table ? ICE_TABLE_OLD : ICE_TABLE_HEADER,
			   q->warn, NULL);
}

static void print_qualities(struct said *s, const struct chain *chain)
{
	const struct quality *rows = s->p->model->qualities.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		print_quality(s, &rows[at]);
}

void text_diagnostics(struct printer *p, const struct call *call)
{
	const struct registration *r = p->model->registrations.rows;
	const struct token *t = p->model->tokens.rows;
	const struct dialog *d = p->model->dialogs.rows;
	struct said words = {.p = p, .heading = "What servers and clients say"};
	struct said reports = {.p = p, .heading = "Quality reports"};

	for (uint32_t i = 0; i < call->registrations.count; i++)
		print_chain(&words, &r[call->registrations.list[i]].diagnoses);
	for (uint32_t i = 0; i < call->tokens.count; i++)
		print_chain(&words, &t[call->tokens.list[i]].diagnoses);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		print_chain(&words, &d[call->dialogs.list[i]].diagnoses);
	print_rest(&words);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		print_qualities(&reports, &d[call->dialogs.list[i]].qualities);
	print_rest(&reports);
}
