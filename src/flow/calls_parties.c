/*
 * The joins of parties: whose allocations and tokens they are, and who takes
 * part in a call.
 *
 * A token names its party; what names nobody belongs to the only party that
 * was seen on the host of the client.
 */
#include "config.h"

#include "flow/stages_state.h"

static uint64_t host_value(const struct stages *s, const struct endpoint *e)
{
	struct endpoint host = *e;

	host.port = 0;
	return stages_hash(s, slice_of(&host, sizeof(host)));
}

/* Who never sent a request is where it answered, if nobody stands between. */
static void settle_called(struct stages *s)
{
	const struct dialog *d = s->model->dialogs.rows;
	const struct party *rows = s->model->parties.rows;

	for (size_t i = 0; i < s->model->dialogs.count; i++)
		if (d[i].direct && d[i].parties[1] != LIST_NONE &&
		    rows[d[i].parties[1]].address_count == 0)
			party_at(s, d[i].parties[1],
				 end_at(s->model, d[i].dst));
}

static void own_hosts(struct stages *s, struct owners *hosts, uint32_t party)
{
	const struct party *p = list_at(&s->model->parties, party);

	for (unsigned i = 0; i < p->address_count; i++) {
		const struct endpoint *e = end_at(s->model, p->addresses[i]);

		if (owners_add(hosts, host_value(s, e), party,
			       place_time(s->model, p->first)) != STATUS_OK)
			s->model->out_of_memory = true;
	}
}

static void settle(struct stages *s, struct owners *hosts)
{
	settle_called(s);
	for (uint32_t i = 0; i < s->model->parties.count; i++)
		own_hosts(s, hosts, i);
	if (owners_arrange(hosts) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* The only party of a host, or LIST_NONE. */
static size_t party_on(struct stages *s, const struct owners *hosts,
		       const struct endpoint *e)
{
	struct owner_stay stays[2];

	return owners_until(hosts, host_value(s, e), INT64_MAX, stays, 2) == 1
		       ? stays[0].number
		       : LIST_NONE;
}

static void own_allocation(struct stages *s, const struct owners *hosts,
			   struct allocation *a)
{
	struct token *t = a->token == LIST_NONE
				  ? NULL
				  : list_at(&s->model->tokens, a->token);

	a->party = t ? t->party : CHAIN_END;
	if (a->party == LIST_NONE)
		a->party = (uint32_t)party_on(s, hosts,
					      end_at(s->model, a->client));
	if (t && t->party == LIST_NONE)
		t->party = a->party;
}

/* ---- calls ---- */

static void take_part(struct stages *s, struct call *call, size_t party)
{
	if (party != LIST_NONE)
		model_member(s->model, &call->parties, party);
}

static void take_callers(struct stages *s, struct call *call)
{
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&s->model->dialogs, call->dialogs.list[i]);

		take_part(s, call, d->parties[0]);
		take_part(s, call, d->parties[1]);
	}
}

static void take_clients(struct stages *s, struct call *call)
{
	const struct registration *r = s->model->registrations.rows;
	const struct token *t = s->model->tokens.rows;
	const struct allocation *a = s->model->allocations.rows;

	for (uint32_t i = 0; i < call->registrations.count; i++)
		take_part(s, call, r[call->registrations.list[i]].party);
	for (uint32_t i = 0; i < call->tokens.count; i++)
		take_part(s, call, t[call->tokens.list[i]].party);
	for (uint32_t i = 0; i < call->allocations.count; i++)
		take_part(s, call, a[call->allocations.list[i]].party);
}

void calls_own_parties(struct stages *s)
{
	struct allocation *a = s->model->allocations.rows;
	struct owners hosts = owners_new();

	settle(s, &hosts);
	for (size_t i = 0; i < s->model->allocations.count; i++)
		own_allocation(s, &hosts, &a[i]);
	owners_free(&hosts);
	for (size_t i = 0; i < s->model->calls.count; i++) {
		struct call *call = list_at(&s->model->calls, i);

		take_callers(s, call);
		take_clients(s, call);
	}
}
