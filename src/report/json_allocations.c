/* JSON: allocations on relays, with their whole life. */
#include "config.h"

#include "report/json_parts.h"

static void put_span(struct document *d, const struct opening *o)
{
	json_m_time(d, "from", place_time(d->m, o->granted));
	json_m_time(d, "to", o->to);
	json_object_end(&d->j);
}

/* Permissions and channels are rows of one chain. */
static void put_openings(struct document *d, const struct allocation *a,
			 bool channels)
{
	const struct opening *rows = d->m->openings.rows;
	uint32_t at = a->openings.count ? a->openings.first : CHAIN_END;

	json_key(&d->j, channels ? "channels" : "permissions");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next) {
		if ((rows[at].channel != 0) != channels)
			continue;
		json_object(&d->j);
		if (channels) {
			json_m_number(d, "number", rows[at].channel);
			json_m_end(d, "peer", end_at(d->m, rows[at].peer));
		} else {
			json_m_ip(d, "peer", end_at(d->m, rows[at].peer));
		}
		put_span(d, &rows[at]);
	}
	json_array_end(&d->j);
}

static void put_session(struct document *d, const struct allocation *a)
{
	json_key(&d->j, "session");
	if (a->has_session)
		json_hex(&d->j, slice_of(a->session, sizeof(a->session)));
	else
		json_null(&d->j);
}

static void put_errors(struct document *d, const struct allocation *a)
{
	json_key(&d->j, "errors");
	json_array(&d->j);
	for (size_t i = 0; i < a->error_count && i < ERRORS_KEPT; i++)
		json_number(&d->j, a->errors[i]);
	json_array_end(&d->j);
}

static void put_life(struct document *d, const struct allocation *a)
{
	json_m_end(d, "relayed", end_at(d->m, a->relayed));
	json_m_end(d, "relayed_other", end_at(d->m, a->relayed_other));
	json_m_end(d, "reflexive", end_at(d->m, a->reflexive));
	json_m_time(d, "granted", place_time(d->m, a->granted));
	json_m_time(d, "expires", a->until);
	json_m_count(d, "lifetime_s", a->lifetime);
	json_m_integrity(d, &a->integrity);
	put_errors(d, a);
	put_openings(d, a, false);
	put_openings(d, a, true);
	json_m_history(d, &a->history);
	json_ms_turn(d, a);
	json_m_bool(d, "ambiguous", a->ambiguous);
	json_m_frames(d, &a->cited);
}

void json_allocation(struct document *d, size_t row)
{
	const struct allocation *a = list_at(&d->m->allocations, row);

	json_break(&d->j);
	json_object(&d->j);
	json_m_names(d, 'a', KEY_ALLOCATION, row);
	json_m_id(d, "party", 'p', a->party);
	json_m_end(d, "client", end_at(d->m, a->client));
	json_m_end(d, "server", end_at(d->m, a->server));
	json_m_end(d, "alternate", end_at(d->m, a->alternate));
	json_m_text(d, "transport", a->transport);
	json_m_text(d, "dialect", a->dialect);
	put_session(d, a);
	json_m_text(d, "state", state_name(a->state));
	json_m_id(d, "token", 't', a->token);
	put_life(d, a);
	json_object_end(&d->j);
	json_flush(d);
}
