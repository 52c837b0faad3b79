/* JSON: what servers and clients say of a failure, and what packets show. */
#include "config.h"

#include "report/json_parts.h"

static void put_hex(struct document *d, const char *key, bool told,
		    uint32_t value)
{
	if (!told) {
		json_m_text(d, key, NULL);
		return;
	}
	json_key(&d->j, key);
	text_clear(&d->scratch);
	text_printf(&d->scratch, "0x%x", value);
	json_string(&d->j, text_slice(&d->scratch));
}

static void put_stage_name(struct document *d, enum stage stage)
{
	json_m_text(d, "stage",
		    stage <= STAGE_MEDIA ? stage_name(stage) : NULL);
}

static const char *packets_word(const struct media_debug *m, uint32_t bit)
{
	if (m->borne_out & bit)
		return "agree";
	return m->denied & bit ? "disagree" : NULL;
}

static void put_bit(struct document *d, const struct ice_bit *row,
		    const char *packets)
{
	json_object(&d->j);
	put_hex(d, "bit", true, row->bit);
	json_m_text(d, "meaning", row->text);
	put_stage_name(d, row->stage);
	json_m_bool(d, "usual", row->usual);
	json_m_text(d, "packets", packets);
	json_object_end(&d->j);
}

/* Those of the table, then what is left of them as one. */
static void put_bits(struct document *d, enum ice_table table, uint32_t warn,
		     const struct media_debug *m)
{
	const struct ice_bit *row = ice_bits(table);

	json_key(&d->j, "bits");
	json_array(&d->j);
	for (; row->bit; row++) {
		if (!(warn & row->bit))
			continue;
		put_bit(d, row, m ? packets_word(m, row->bit) : NULL);
		warn &= ~row->bit;
	}
	if (warn)
		put_bit(d,
			&(struct ice_bit){warn, "in no published table",
					  STAGE_NONE, false},
			NULL);
	json_array_end(&d->j);
}

static const char *location_word(const struct media_debug *m, uint8_t location)
{
	static const char *const words[] = {"unknown", "internet", "intranet"};

	return m->has_locations && location < 3 ? words[location] : NULL;
}

static const char *relay_word(const struct media_debug *m)
{
	if (m->relay_seen)
		return "agree";
	return m->relay_absent ? "disagree" : NULL;
}

static void put_addresses(struct document *d, const struct media_debug *m)
{
	json_m_end(d, "local_site", &m->local_site);
	json_m_end(d, "local_relay", &m->local_relay);
	json_m_end(d, "remote_site", &m->remote_site);
	json_m_end(d, "remote_relay", &m->remote_relay);
	json_m_text(d, "local_relay_packets", relay_word(m));
	json_m_count(d, "port_low", m->port_low);
	json_m_count(d, "port_high", m->port_high);
	json_m_text(d, "local_location", location_word(m, m->local_location));
	json_m_text(d, "remote_location", location_word(m, m->remote_location));
	json_m_text(d, "network", m->network);
}

static void put_channel(struct document *d, const struct media_debug *m)
{
	json_key(&d->j, "channel");
	if (!m->has_channel) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_text(d, "network_error", m->network_error);
	json_m_bool(d, "timed_out", m->timed_out);
	json_m_bool(d, "bye_sent", m->bye_sent);
	json_m_bool(d, "bye_received", m->bye_received);
	json_object_end(&d->j);
}

static void put_debug(struct document *d, const struct media_debug *m)
{
	json_object(&d->j);
	json_m_text(d, "media", m->label);
	json_m_text(d, "side", m->callee ? "callee" : "caller");
	put_hex(d, "ice_warn", m->has_warn, m->warn);
	put_hex(d, "ice_warn_ex", m->has_warn_ex, m->warn_ex);
	json_m_text(d, "table",
		    m->has_warn ? ice_table_name(debug_table(m)) : NULL);
	put_bits(d, debug_table(m), m->warn, m);
	put_addresses(d, m);
	put_channel(d, m);
	json_object_end(&d->j);
}

static void put_meaning(struct document *d, const struct diagnosis *x)
{
	enum diagnosis_kind kind = (enum diagnosis_kind)x->kind;
	const struct meaning *m = diagnosis_meaning(kind, x->id);
	bool error_id = kind != DIAGNOSIS_Q850 && kind != DIAGNOSIS_SIP &&
			kind != DIAGNOSIS_WARNING &&
			kind != DIAGNOSIS_CONFERENCE;

	json_m_text(d, "component",
		    error_id ? diagnosis_component(x->id) : NULL);
	json_m_text(d, "meaning", m ? m->text : NULL);
	json_m_text(d, "remedy", m ? m->remedy : NULL);
	json_m_text(d, "who", m ? helper_name(m->helper) : NULL);
	put_stage_name(d, m ? m->stage : STAGE_NONE);
	json_m_bool(d, "harmless", m && m->harmless);
}

static void put_diagnosis(struct document *d, const struct diagnosis *x)
{
	const struct media_debug *rows = d->m->media_debugs.rows;

	json_object(&d->j);
	json_m_place(d, "frame", x->place);
	json_m_end(d, "src", end_at(d->m, x->from));
	json_m_text(d, "kind",
		    diagnosis_kind_name((enum diagnosis_kind)x->kind));
	json_m_number(d, "id", x->id);
	json_m_count(d, "sub", x->sub);
	json_m_uris(d, "text", x->text);
	json_m_text(d, "source", x->source);
	json_m_number(d, "count", x->count);
	put_meaning(d, x);
	json_key(&d->j, "debug");
	json_array(&d->j);
	for (uint32_t at = x->debug; at != CHAIN_END; at = rows[at].next)
		put_debug(d, &rows[at]);
	json_array_end(&d->j);
	json_object_end(&d->j);
}

static void put_chain(struct document *d, const struct chain *chain)
{
	const struct diagnosis *rows = d->m->diagnoses.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		put_diagnosis(d, &rows[at]);
}

void json_m_diagnostics(struct document *d, const struct chain *chain)
{
	json_key(&d->j, "diagnostics");
	json_array(&d->j);
	put_chain(d, chain);
	json_array_end(&d->j);
}

void json_diagnostics(struct document *d, const struct call *call)
{
	const struct dialog *rows = d->m->dialogs.rows;

	json_key(&d->j, "diagnostics");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		put_chain(d, &rows[call->dialogs.list[i]].diagnoses);
	json_array_end(&d->j);
}

/* ---- quality reports ---- */

static void put_told(struct document *d, const char *key, uint32_t value,
		     double scale)
{
	json_key(&d->j, key);
	if (value == QUALITY_UNTOLD)
		json_null(&d->j);
	else
		json_double(&d->j, (double)value / scale, 2);
}

static void put_measured(struct document *d, const struct quality *q)
{
	const struct media *m =
		q->media == LIST_NONE ? NULL : list_at(&d->m->media, q->media);

	json_key(&d->j, "measured");
	if (!m) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_end(d, "src", &m->src);
	json_m_end(d, "dst", &m->dst);
	json_m_number(d, "packets", m->packets);
	json_m_number(d, "lost", m->lost);
	json_key(&d->j, "jitter_ms");
	json_double(&d->j, m->jitter_ms, 3);
	json_object_end(&d->j);
}

static void put_quality(struct document *d, const struct quality *q)
{
	enum ice_table table = q->old_table ? ICE_TABLE_OLD : ICE_TABLE_HEADER;

	json_object(&d->j);
	json_m_place(d, "frame", q->place);
	json_m_text(d, "media", q->label);
	json_m_text(d, "direction", q->inbound ? "inbound" : "outbound");
	json_m_text(d, "connectivity", q->connectivity);
	json_m_text(d, "transport", q->transport);
	json_m_end(d, "local", &q->local);
	json_m_end(d, "remote", &q->remote);
	json_m_end(d, "relay", &q->relay);
	json_m_count(d, "packets", q->packets);
	put_told(d, "loss_percent", q->loss_permyriad, 100);
	put_told(d, "jitter_ms", q->jitter_ms, 1);
	put_told(d, "round_trip_ms", q->round_trip_ms, 1);
	put_told(d, "mos", q->mos_hundredth, 100);
	put_hex(d, "ice_warn", q->has_warn, q->warn);
	json_m_text(d, "table", q->has_warn ? ice_table_name(table) : NULL);
	put_bits(d, table, q->warn, NULL);
	put_measured(d, q);
	json_object_end(&d->j);
}

void json_quality(struct document *d, const struct call *call)
{
	const struct dialog *dialogs = d->m->dialogs.rows;
	const struct quality *rows = d->m->qualities.rows;

	json_key(&d->j, "quality");
	json_array(&d->j);
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct chain *chain =
			&dialogs[call->dialogs.list[i]].qualities;
		uint32_t at = chain->count ? chain->first : CHAIN_END;

		for (; at != CHAIN_END; at = rows[at].next)
			put_quality(d, &rows[at]);
	}
	json_array_end(&d->j);
}
