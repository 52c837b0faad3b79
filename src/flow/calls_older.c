/*
 * Calls that were set up before the capture began: their BYE is all that is
 * left of their signalling, and no description names their ICE sessions.
 *
 * What checks such a session repeats until the call ends (RFC 7675, RFC 8445
 * 11), so it is that of the same two hosts, if but one call of them ends then.
 */
#include "config.h"

#include "flow/stages_state.h"

/* From the last check to the BYE. */
#define ENDS_WITHIN (60 * NS_PER_S)
#define PAIRS_LOOKED_AT 16u

static void note_hosts(struct stages *s, struct owners *older,
		       const struct dialog *d, const struct endpoint hosts[2])
{
	if (hosts[0].family != FAMILY_NONE && hosts[1].family != FAMILY_NONE &&
	    owners_add(older, stages_hash_ends(s, &hosts[0], &hosts[1]),
		       (uint32_t)d->call,
		       place_time(s->model, d->cited.first)) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* "BYE sip:bob@192.0.2.7:5060 SIP/2.0": the Contact that the other side gave.
 * Not an address, or no request: no family. */
static struct endpoint host_of_contact(const struct model *m,
				       const struct sip_row *row)
{
	struct endpoint host = {0};
	struct sip_uri uri;

	if (!row->method || !row->rest ||
	    sip_uri_parse(slice_of_text(text_at(m, row->rest)), &uri) !=
		    STATUS_OK ||
	    endpoint_parse(uri.host, 0, &host) != STATUS_OK)
		return (struct endpoint){0};
	return host;
}

/* Who sends it and whom it is for; a proxy may stand between. */
static void note_dialog(struct stages *s, struct owners *older,
			const struct dialog *d)
{
	const struct sip_row *row =
		list_at(&s->model->sip_rows, d->messages_seen.first);
	const struct endpoint *to = end_at(s->model, row->dst);
	struct endpoint hosts[2] = {*end_at(s->model, row->src), *to};

	hosts[0].port = 0;
	hosts[1].port = 0;
	note_hosts(s, older, d, hosts);
	hosts[1] = host_of_contact(s->model, row);
	if (!endpoint_same_ip(&hosts[1], to))
		note_hosts(s, older, d, hosts);
}

void calls_note_older(struct stages *s, struct owners *older)
{
	const struct dialog *rows = s->model->dialogs.rows;

	for (size_t i = 0; i < s->model->dialogs.count; i++)
		if (rows[i].older && !rows[i].invite &&
		    rows[i].messages_seen.count && rows[i].call != LIST_NONE)
			note_dialog(s, older, &rows[i]);
	if (owners_arrange(older) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* The only call of these hosts that ends when this session does. */
static size_t ended_then(struct stages *s, const struct owners *older,
			 const struct session *x, const struct pair *p)
{
	struct endpoint a = *end_at(s->model, p->a);
	struct endpoint b = *end_at(s->model, p->b);
	struct owner_stay near[2];
	nanoseconds until = place_time(s->model, x->last) + ENDS_WITHIN;
	size_t count;

	a.port = 0;
	b.port = 0;
	count = owners_after(older, stages_hash_ends(s, &a, &b),
			     place_time(s->model, x->first), near, 2);
	if (count == 0 || near[0].from > until ||
	    (count == 2 && near[1].from <= until))
		return LIST_NONE;
	return near[0].number;
}

size_t calls_older_of(struct stages *s, const struct owners *older,
		      const struct session *x)
{
	const struct pair *rows = s->model->pairs.rows;
	size_t at = x->first_pair, call = LIST_NONE;

	for (unsigned i = 0;
	     i < PAIRS_LOOKED_AT && at != LIST_NONE && call == LIST_NONE; i++) {
		call = ended_then(s, older, x, &rows[at]);
		at = rows[at].next;
	}
	return call;
}
