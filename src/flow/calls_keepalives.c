/*
 * Bindings on a way that media takes, without an answer: keep-alives, or a
 * program's own look whether the way is open, as those without ICE send them
 * to the peer's media port.  Whom they are sent to is no STUN server.
 */
#include "config.h"

#include "flow/stages_state.h"

static bool is_any_unanswered(const struct model *m)
{
	const struct binding *b = m->bindings.rows;

	for (size_t i = 0; i < m->bindings.count; i++)
		if (!b[i].answers)
			return true;
	return false;
}

static void mark(struct stages *s, end_number client, end_number server)
{
	struct binding *b = stage_binding(s, client, server);

	if (b)
		b->keepalive = !b->answers;
}

void calls_join_keepalives(struct stages *s)
{
	const struct media *media = s->model->media.rows;

	if (!is_any_unanswered(s->model))
		return;
	for (size_t i = 0; i < s->model->media.count; i++) {
		end_number src = model_end(s->model, &media[i].src);
		end_number dst = model_end(s->model, &media[i].dst);

		mark(s, src, dst);
		mark(s, dst, src);
	}
}
