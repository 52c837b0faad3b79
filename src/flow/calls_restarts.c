/*
 * ICE restarts (RFC 8445 9): new user fragments on both sides, and the same two
 * ends, or hosts once the old checks have ended.  A session that begins beside
 * another one (video beside audio) has ends of its own.
 */
#include "config.h"

#include "flow/stages_state.h"

/* So many sessions before one, and pairs of one, are looked at. */
#define BACK_MAX 16u
#define PAIRS_LOOKED_AT 16u

static struct session *session_at(struct stages *s, const struct call *call,
				  uint32_t at)
{
	return list_at(&s->model->sessions, call->sessions.list[at]);
}

static bool shares_name(const struct session *x, const struct session *y)
{
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < 2; k++)
			if (x->ufrags[i] == y->ufrags[k])
				return true;
	return false;
}

/* Where each candidate has a name, two sessions of one try need not share one,
 * but each does with a third. */
static bool is_of_one_try(struct stages *s, const struct call *call,
			  uint32_t at, const struct session *x,
			  const struct session *y)
{
	if (shares_name(x, y))
		return true;
	for (uint32_t back = 1; back <= at && back <= BACK_MAX; back++) {
		const struct session *z = session_at(s, call, at - back);

		if (shares_name(x, z) && shares_name(z, y))
			return true;
	}
	return false;
}

static bool shares_ends(struct stages *s, const struct session *x, uint32_t old)
{
	const struct pair *rows = s->model->pairs.rows;
	size_t at = x->first_pair;

	for (unsigned i = 0; i < PAIRS_LOOKED_AT && at != LIST_NONE; i++) {
		if (pair_between(s, old, rows[at].a, rows[at].b) != INDEX_NONE)
			return true;
		at = rows[at].next;
	}
	return false;
}

static bool meets(const struct model *m, const struct pair *p,
		  const struct pair *q)
{
	const struct endpoint *pa = end_at(m, p->a), *pb = end_at(m, p->b);
	const struct endpoint *qa = end_at(m, q->a), *qb = end_at(m, q->b);
	bool hosts = (endpoint_same_ip(pa, qa) && endpoint_same_ip(pb, qb)) ||
		     (endpoint_same_ip(pa, qb) && endpoint_same_ip(pb, qa));

	return hosts || p->a == q->a || p->a == q->b || p->b == q->a ||
	       p->b == q->b;
}

/* The same two hosts at other ports, or one end as it was and the other one
 * elsewhere: a restart after a move, once the old checks have ended.  What
 * begins beside a session that goes on is another stream. */
static bool follows(struct stages *s, const struct session *x,
		    const struct session *y)
{
	const struct pair *rows = s->model->pairs.rows;
	size_t at = x->first_pair;

	if (place_time(s->model, x->first) <= place_time(s->model, y->last))
		return false;
	for (unsigned i = 0; i < PAIRS_LOOKED_AT && at != LIST_NONE; i++) {
		size_t old = y->first_pair;

		for (unsigned k = 0; k < PAIRS_LOOKED_AT && old != LIST_NONE;
		     k++) {
			if (meets(s->model, &rows[at], &rows[old]))
				return true;
			old = rows[old].next;
		}
		at = rows[at].next;
	}
	return false;
}

static void restart(struct stages *s, struct session *x, uint32_t old)
{
	x->restarts = old;
	model_becomes(s->model, &x->history, x->first, WORD_RESTARTED, 0);
}

/* The newest session before it is the one that it restarts. */
static void find_restarted(struct stages *s, const struct call *call,
			   uint32_t at)
{
	struct session *x = session_at(s, call, at);

	for (uint32_t back = 1; back <= at && back <= BACK_MAX; back++) {
		uint32_t number = call->sessions.list[at - back];
		const struct session *y = session_at(s, call, at - back);

		if (x->restarts == LIST_NONE &&
		    place_time(s->model, x->first) >
			    place_time(s->model, y->first) &&
		    !is_of_one_try(s, call, at, x, y) &&
		    (shares_ends(s, x, number) || follows(s, x, y)))
			restart(s, x, number);
	}
}

void calls_join_restarts(struct stages *s)
{
	for (size_t i = 0; i < s->model->calls.count; i++) {
		const struct call *call = list_at(&s->model->calls, i);

		for (uint32_t k = 1; k < call->sessions.count; k++)
			find_restarted(s, call, k);
	}
}
