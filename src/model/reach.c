/* Which addresses lead nowhere from where somebody asks. */
#include "config.h"

#include "model/reach.h"

/* How servers see one host. */
struct sight {
	const struct model *model;
	const struct endpoint *host;
	const struct endpoint *outside; /* its address there, or NULL */
	bool bare;                      /* some see it as it is */
};

static void look(struct sight *s, end_number client, end_number mapped)
{
	const struct endpoint *e = mapped ? end_at(s->model, mapped) : NULL;

	if (!e || !endpoint_same_ip(end_at(s->model, client), s->host))
		return;
	if (endpoint_same_ip(e, s->host))
		s->bare = true;
	else
		s->outside = e;
}

static struct sight sight_of(const struct model *m, const struct call *call,
			     const struct endpoint *host)
{
	struct sight s = {.model = m, .host = host};

	for (size_t i = 0; i < call->allocations.count; i++) {
		const struct allocation *a =
			list_at(&m->allocations, call->allocations.list[i]);

		look(&s, a->client, a->reflexive);
	}
	for (size_t i = 0; i < call->bindings.count; i++) {
		const struct binding *b =
			list_at(&m->bindings, call->bindings.list[i]);

		look(&s, b->client, b->mapped);
	}
	return s;
}

bool reach_is_cut_by_nat(const struct model *model, const struct call *call,
			 const struct endpoint *src, const struct endpoint *dst)
{
	struct sight to, from;

	if (!endpoint_is_private(dst))
		return false;
	to = sight_of(model, call, dst);
	if (!to.outside || to.bare)
		return false;
	if (!endpoint_is_private(src))
		return true;
	from = sight_of(model, call, src);
	return from.outside && !from.bare &&
	       !endpoint_same_ip(from.outside, to.outside);
}
