/*
 * Bindings on a way that media takes and that tell no address, or that both
 * ends send each other: keep-alives, or a program's own look whether the way
 * is open, as those without ICE send them to the peer's media port.  Whom they
 * are sent to is no STUN server.
 */
#include "config.h"

#include "flow/stages_state.h"

static bool is_of_peers(const struct binding *b, const struct binding *back)
{
	return b && (!b->answers || !b->mapped || back);
}

static void mark(struct stages *s, end_number client, end_number server)
{
	struct binding *there = stage_binding(s, client, server);
	struct binding *back = stage_binding(s, server, client);

	if (is_of_peers(there, back))
		there->keepalive = true;
	if (is_of_peers(back, there))
		back->keepalive = true;
}

void calls_join_keepalives(struct stages *s)
{
	const struct media *media = s->model->media.rows;

	if (!s->model->bindings.count)
		return;
	for (size_t i = 0; i < s->model->media.count; i++)
		mark(s, model_end(s->model, &media[i].src),
		     model_end(s->model, &media[i].dst));
}
