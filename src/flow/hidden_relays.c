/*
 * Relays that are asked inside of TLS (RFC 8656 3.1).  What they grant and hand
 * on cannot be read without keys; that they are asked can be told, by the port
 * of the server or by what a description says of the relayed candidate.
 */
#include "config.h"

#include "flow/candidates.h"

#define PORT_TURN 3478
#define PORT_TURN_TLS 5349

/* A relay may be asked so long before the call that it is for. */
#define ASKED_BEFORE (120 * NS_PER_S)

static bool is_turn_port(const struct connection_used *c)
{
	return c->server.port == PORT_TURN || c->server.port == PORT_TURN_TLS;
}

/* The related address of a relayed candidate is where the relay sees its
 * client (RFC 8839 5.1); clients may hide the address, not the port. */
static bool is_granted_by(const struct stages *s, const struct candidate *c,
			  const struct connection_used *by)
{
	const struct endpoint *related = end_at(s->model, c->related);

	return c->type == TYPE_RELAY && c->allocation == CHAIN_END &&
	       endpoint_same_ip(end_at(s->model, c->endpoint), &by->server) &&
	       (is_turn_port(by) || related->port == by->client.port);
}

static bool is_client_of(const struct stages *s, const struct candidate *c,
			 const struct connection_used *by)
{
	return is_turn_port(by) && c->type != TYPE_RELAY &&
	       (endpoint_same_ip(end_at(s->model, c->endpoint), &by->client) ||
		endpoint_same_ip(end_at(s->model, c->related), &by->client));
}

/* With the keys it is read, and not hidden. */
static bool is_read(const struct stages *s, const struct call *call,
		    const struct connection_used *by)
{
	const struct allocation *rows = s->model->allocations.rows;

	for (uint32_t i = 0; i < call->allocations.count; i++)
		if (endpoint_equal(
			    end_at(s->model,
				   rows[call->allocations.list[i]].client),
			    &by->client))
			return true;
	return false;
}

static bool is_of(const struct stages *s, const struct call *call,
		  const struct connection_used *by)
{
	const struct candidate *rows = s->model->candidates.rows;

	if (by->since > call->end || by->spoke < call->start - ASKED_BEFORE)
		return false;
	for (uint32_t i = 0; i < call->candidates.count; i++) {
		const struct candidate *c = &rows[call->candidates.list[i]];

		if (is_granted_by(s, c, by) || is_client_of(s, c, by))
			return !is_read(s, call, by);
	}
	return false;
}

/* Of several the one that spoke last says most. */
static void give(struct stages *s, struct call *call,
		 const struct connection_used *by)
{
	struct hidden_relay *row;

	if (call->hidden_relay) {
		row = list_at(&s->model->hidden_relays, call->hidden_relay - 1);
	} else {
		row = list_add(&s->model->hidden_relays);
		if (!row)
			return;
		call->hidden_relay = (uint32_t)s->model->hidden_relays.count;
	}
	if (row->spoke > by->spoke)
		return;
	*row = (struct hidden_relay){
		.client = model_end(s->model, &by->client),
		.server = model_end(s->model, &by->server),
		.since = by->since,
		.spoke = by->spoke,
		.end = by->end,
	};
}

static void give_to_calls(struct stages *s, const struct connection_used *by)
{
	struct call *calls = s->model->calls.rows;

	for (size_t i = 0; i < s->model->calls.count; i++)
		if (calls[i].kind != CALL_ATTEMPT && is_of(s, &calls[i], by))
			give(s, &calls[i], by);
}

/* There are few of them (CONNECTIONS_USED_MAX). */
void hidden_relays_find(struct stages *s)
{
	const struct connection_used *rows = s->connections_used.rows;

	for (size_t i = 0; i < s->connections_used.count; i++)
		give_to_calls(s, &rows[i]);
}
