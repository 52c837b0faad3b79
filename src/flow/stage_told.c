/*
 * Offers and answers that an application tells outside of SIP, in JSON or over
 * HTTP.  ICE that carries their user fragments makes the call, and then is
 * known to be signalled; an offer that no check follows makes one of its own.
 */
#include "config.h"

#include "flow/stages_state.h"

static struct told_description *told_at(struct stages *s, size_t at)
{
	return list_at(&s->model->told, at);
}

/* `rows`: the model. */
static bool has_ufrag(const void *rows, uint32_t row, const void *key)
{
	const struct model *m = rows;
	const struct told_description *t = list_at(&m->told, row);

	return model_text_is(text_or_empty(m, t->description.ufrag),
			     *(const struct slice *)key);
}

static uint32_t find(struct stages *s, struct slice ufrag)
{
	return index_find(&s->told_index, stages_hash(s, ufrag), has_ufrag,
			  s->model, &ufrag);
}

static struct slice ufrag_of(const struct sdp *sdp)
{
	struct slice ufrag = sdp->transport.ice_ufrag;

	for (size_t i = 0; i < sdp->media_count && !ufrag.n; i++)
		ufrag = sdp->media[i].transport.ice_ufrag;
	return ufrag;
}

/* The newest description that went this way, or LIST_NONE. */
static size_t newest(struct stages *s, uint32_t src, uint32_t dst)
{
	for (size_t i = s->model->told.count; i-- > 0;)
		if (told_at(s, i)->src == src && told_at(s, i)->dst == dst)
			return i;
	return LIST_NONE;
}

/* Where nothing says it, what comes back is the answer. */
static bool is_answer(struct stages *s, const struct message *m,
		      const struct told_description *t)
{
	size_t there, back;

	if (m->u.told->kind != JSEP_UNKNOWN)
		return m->u.told->kind == JSEP_ANSWER;
	there = newest(s, t->src, t->dst);
	back = newest(s, t->dst, t->src);
	return back != LIST_NONE && !told_at(s, back)->answer &&
	       (there == LIST_NONE || there < back);
}

static void note_ways(struct stages *s, const struct message *m,
		      struct told_description *to)
{
	to->src = stages_src(s, &m->from);
	to->dst = stages_dst(s, &m->from);
	to->call = LIST_NONE;
}

/* Whoever hands it on tells it again: it is known by its user fragment. */
static void describe(struct stages *s, const struct message *m)
{
	struct slice ufrag = ufrag_of(m->u.told->sdp);
	struct told_description fresh = {.answer = false}, *t;
	uint32_t row = ufrag.n ? find(s, ufrag) : INDEX_NONE;

	if (row != INDEX_NONE) {
		t = told_at(s, row);
		t->again_src = stages_src(s, &m->from);
		t->again_dst = stages_dst(s, &m->from);
	}
	if (ufrag.n == 0 || row != INDEX_NONE)
		return;
	row = (uint32_t)s->model->told.count;
	note_ways(s, m, &fresh);
	fresh.answer = is_answer(s, m, &fresh);
	t = list_add(&s->model->told);
	if (!t)
		return;
	*t = fresh;
	description_told(s, &t->description, t->answer, m);
	if (!t->description.ufrag)
		t->description.ufrag = model_keep_text(s->model, ufrag);
	if (index_add(&s->told_index, stages_hash(s, ufrag), row) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* The same between two hosts: over HTTP each may go over a connection of its
 * own. */
static size_t newest_between(struct stages *s, const struct message *m)
{
	const struct model *model = s->model;

	for (size_t i = s->model->told.count; i-- > 0;) {
		const struct told_description *t = told_at(s, i);

		if (t->src && t->dst &&
		    endpoint_same_ip(end_at(model, t->src), &m->from.src) &&
		    endpoint_same_ip(end_at(model, t->dst), &m->from.dst))
			return i;
	}
	return LIST_NONE;
}

/* It names the user fragment of its description, or follows it. */
static void trickle(struct stages *s, const struct message *m)
{
	struct slice ufrag = ufrag_of(m->u.told->sdp);
	struct told_description way = {.answer = false}, *t;
	uint32_t row = ufrag.n ? find(s, ufrag) : INDEX_NONE;
	size_t at = row;

	if (row == INDEX_NONE) {
		note_ways(s, m, &way);
		at = newest(s, way.src, way.dst);
		if (at == LIST_NONE)
			at = newest_between(s, m);
	}
	if (at == LIST_NONE)
		return;
	t = told_at(s, at);
	description_trickles(s, &t->description, t->answer, m);
}

void stage_told(struct stages *s, const struct message *m)
{
	if (m->u.told->kind == JSEP_CANDIDATE)
		trickle(s, m);
	else
		describe(s, m);
}

/* Only where no dialog tells more. */
void told_join(struct stages *s, size_t session)
{
	struct session *x = list_at(&s->model->sessions, session);
	struct call *call = x->call == LIST_NONE
				    ? NULL
				    : list_at(&s->model->calls, x->call);

	if (!call || call->dialog != LIST_NONE || s->model->told.count == 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t row = find(s, text_slice_at(s->model, x->ufrags[i]));
		place_number place;

		if (row == INDEX_NONE)
			continue;
		x->told[i] = row;
		told_at(s, row)->call = x->call;
		place = told_at(s, row)->description.place;
		calls_stretch(call, place_time(s->model, place),
			      place_time(s->model, place));
	}
}

/* ---- offers that no check follows ---- */

/* So many descriptions behind an offer may be its answer, and so late. */
#define ANSWERS_LOOKED_AT 64u
#define ANSWERED_WITHIN (180 * NS_PER_S)

/* Does the one way lead back to where the other came from? */
static bool leads_back(const struct model *model, const end_number there[2],
		       const end_number back[2])
{
	return there[0] && there[1] && back[0] && back[1] &&
	       ends_share_host(model, back[0], there[1]) &&
	       ends_share_host(model, back[1], there[0]);
}

/* Whoever stands between hands on both: they meet on either side of it. */
static bool is_back(struct stages *s, const struct told_description *offer,
		    const struct told_description *t)
{
	const end_number there[2][2] = {{offer->src, offer->dst},
					{offer->again_src, offer->again_dst}};
	const end_number back[2][2] = {{t->src, t->dst},
				       {t->again_src, t->again_dst}};
	bool meets = false;

	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < 2; k++)
			meets |= leads_back(s->model, there[i], back[k]);
	return meets && t->answer && t->call == LIST_NONE &&
	       place_time(s->model, t->description.place) -
			       place_time(s->model, offer->description.place) <=
		       ANSWERED_WITHIN;
}

/* It lies where its candidates do. */
static void belongs(struct stages *s, size_t call, unsigned side, size_t at)
{
	const struct candidate *rows = s->model->candidates.rows;
	struct told_description *t = told_at(s, at);
	nanoseconds time = place_time(s->model, t->description.place);
	size_t i = t->description.candidate_count
			   ? t->description.first_candidate
			   : LIST_NONE;

	t->call = call;
	((struct call *)list_at(&s->model->calls, call))->told[side] =
		(uint32_t)at;
	calls_stretch(list_at(&s->model->calls, call), time, time);
	for (; i != LIST_NONE; i = rows[i].next)
		calls_own_address(s, call, end_at(s->model, rows[i].endpoint),
				  time);
}

void told_calls(struct stages *s, size_t at)
{
	const struct told_description *t = told_at(s, at);
	size_t call;

	if (t->answer || t->call != LIST_NONE || !t->src || !t->dst)
		return;
	call = calls_new(s, CALL_ICE,
			 place_time(s->model, t->description.place));
	if (call == LIST_NONE)
		return;
	belongs(s, call, 0, at);
	for (size_t i = at + 1;
	     i < s->model->told.count && i <= at + ANSWERS_LOOKED_AT; i++)
		if (is_back(s, t, told_at(s, i))) {
			belongs(s, call, 1, i);
			return;
		}
}
