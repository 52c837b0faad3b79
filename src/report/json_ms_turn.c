/* JSON: what [MS-TURN] adds to an allocation. */
#include "config.h"

#include "report/json_parts.h"

static void put_side(struct document *d, const char *key,
		     const struct ms_turn *ms, unsigned side)
{
	json_key(&d->j, key);
	json_object(&d->j);
	json_m_count(d, "version", ms->version[side]);
	json_m_count(d, "integrity_bytes", ms->integrity[side]);
	json_object_end(&d->j);
}

static void put_hello(struct document *d, const struct ms_turn *ms)
{
	json_key(&d->j, "pseudo_tls");
	json_object(&d->j);
	json_m_text(d, "answer",
		    hello_answer_name((enum hello_answer)ms->hello));
	json_m_place(d, "sent", ms->hello_sent);
	json_m_place(d, "answered", ms->hello_back);
	json_object_end(&d->j);
}

static void put_active(struct document *d, const struct ms_turn *ms)
{
	json_key(&d->j, "active_destination");
	if (!ms->active_asked) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_end(d, "peer", &ms->active);
	json_m_place(d, "asked", ms->active_asked);
	json_m_place(d, "set", ms->active_set);
	json_m_place(d, "refused", ms->active_refused);
	json_m_count(d, "error", ms->active_error);
	json_object_end(&d->j);
}

static void put_site(struct document *d, const struct ms_turn *ms,
		     enum bandwidth_site site)
{
	const struct bandwidth_answer *answer = &ms->sites[site];

	json_key(&d->j, bandwidth_site_name(site));
	if (!answer->told) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_bool(d, "valid", answer->valid);
	json_m_bool(d, "pstn", answer->pstn);
	json_m_number(d, "send_kbps", answer->send);
	json_m_number(d, "receive_kbps", answer->receive);
	json_object_end(&d->j);
}

static void put_bandwidth(struct document *d, const struct ms_turn *ms)
{
	json_key(&d->j, "bandwidth");
	if (!ms->bandwidth_asked) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	json_m_bool(d, "checked", ms->bandwidth_asked & BANDWIDTH_CHECK);
	json_m_bool(d, "committed", ms->bandwidth_asked & BANDWIDTH_COMMIT);
	json_m_bool(d, "updated", ms->bandwidth_asked & BANDWIDTH_UPDATE);
	for (unsigned site = 0; site < SITES; site++)
		put_site(d, ms, (enum bandwidth_site)site);
	json_object_end(&d->j);
}

static void put_quality(struct document *d, const struct ms_turn *ms)
{
	json_m_text(d, "stream", ms_stream_name(ms));
	json_key(&d->j, "service_quality");
	if (!ms->has_quality) {
		json_null(&d->j);
		return;
	}
	json_array(&d->j);
	json_number(&d->j, ms->stream);
	json_number(&d->j, ms->quality);
	json_array_end(&d->j);
}

void json_ms_turn(struct document *d, const struct allocation *a)
{
	const struct ms_turn *ms = ms_turn_of(d->m, a);

	json_key(&d->j, "ms_turn");
	if (!ms) {
		json_null(&d->j);
		return;
	}
	json_object(&d->j);
	put_side(d, "of_client", ms, 0);
	put_side(d, "of_server", ms, 1);
	json_m_text(d, "software", ms->software);
	put_quality(d, ms);
	json_m_count(d, "bandwidth_kbps", ms->bandwidth);
	json_m_end(d, "other_relayed", &ms->other);
	json_key(&d->j, "sequence");
	if (ms->has_sequence)
		json_number(&d->j, ms->sequence);
	else
		json_null(&d->j);
	put_hello(d, ms);
	put_active(d, ms);
	put_bandwidth(d, ms);
	json_object_end(&d->j);
}
