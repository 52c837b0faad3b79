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

static uint32_t hash_of(struct slice ufrag)
{
	return (uint32_t)hash_bytes(7, ufrag) | 1;
}

static bool has_more(const struct told_description *t, uint32_t hash)
{
	for (size_t i = 0; i < TOLD_UFRAGS && t->more[i]; i++)
		if (t->more[i] == hash)
			return true;
	return false;
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

/* So many descriptions behind an offer may be its answer, and so late. */
#define ANSWERS_LOOKED_AT 64u
#define ANSWERED_WITHIN (180 * NS_PER_S)
/* Streams of one connection may be many, and to look for one costs little. */
#define EXCHANGES_LOOKED_AT 512u

/* The newest of the same request or response of HTTP that went back. */
static size_t same_exchange(struct stages *s, const struct told_description *t)
{
	size_t i = s->model->told.count;

	for (size_t n = 0; t->exchange && i && n < EXCHANGES_LOOKED_AT; n++)
		if (told_at(s, --i)->exchange == t->exchange &&
		    told_at(s, i)->src == t->dst)
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
	back = same_exchange(s, t);
	if (back != LIST_NONE)
		return !told_at(s, back)->answer;
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
	to->partner = LIST_NONE;
	to->exchange = m->u.told->exchange;
}

static bool has_mark(const struct told_description *t, uint32_t mark)
{
	for (size_t i = 0; i < t->mark_count; i++)
		if (t->marks[i] == mark)
			return true;
	return false;
}

static void note_marks(const struct message *m, struct told_description *to)
{
	const struct told_sdp *told = m->u.told;

	for (size_t i = 0; i < told->mark_count; i++)
		if (to->mark_count < TOLD_MARKS &&
		    !has_mark(to, told->marks[i]))
			to->marks[to->mark_count++] = told->marks[i];
}

/* How much two have in common by which an application may know that they belong
 * together. */
static unsigned common(const struct told_description *a,
		       const struct told_description *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->mark_count; i++)
		n += has_mark(a, b->marks[i]);
	return n;
}

/* Does the one way lead back to where the other came from? */
static bool leads_back(const struct model *model, const end_number there[2],
		       const end_number back[2])
{
	return there[0] && there[1] && back[0] && back[1] &&
	       ends_share_host(model, back[0], there[1]) &&
	       ends_share_host(model, back[1], there[0]);
}

/* Whoever stands between hands on both: they meet on either side of it. */
static bool meets(struct stages *s, const struct told_description *offer,
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
	return meets;
}

static bool is_open(const struct told_description *t)
{
	return !t->answer && t->partner == LIST_NONE;
}

/* The offer without an answer that is of the same exchange, or with which an
 * answer has more in common than with all others; LIST_NONE: that cannot be
 * told. */
static size_t offer_of(struct stages *s, const struct told_description *answer)
{
	size_t i = same_exchange(s, answer), best = LIST_NONE;
	unsigned most = 0;

	if (i != LIST_NONE && is_open(told_at(s, i)))
		return i;
	i = s->model->told.count;
	for (size_t n = 0; i && n < ANSWERS_LOOKED_AT; n++) {
		const struct told_description *t = told_at(s, --i);
		unsigned has = common(t, answer);

		if (!is_open(t) || has < most || !meets(s, t, answer))
			continue;
		best = has > most ? i : LIST_NONE;
		most = has;
	}
	return best;
}

/* The capture shows what comes back. */
static void note_answer(struct stages *s, const struct told_description *t)
{
	size_t i = s->model->told.count;

	if (!t->answer || s->model->answers)
		return;
	for (size_t n = 0; i && n < ANSWERS_LOOKED_AT; n++) {
		const struct told_description *offer = told_at(s, --i);

		if (!offer->answer && meets(s, offer, t))
			s->model->answers = 1;
	}
}

/* Media outside of the bundle have user fragments of their own. */
static void note_more(struct told_description *t, struct slice first,
		      const struct sdp *sdp)
{
	size_t n = 0;

	for (size_t i = 0; i < sdp->media_count && n < TOLD_UFRAGS; i++) {
		struct slice ufrag = sdp->media[i].transport.ice_ufrag;

		if (ufrag.n && !slice_equal(ufrag, first) &&
		    !has_more(t, hash_of(ufrag)))
			t->more[n++] = hash_of(ufrag);
	}
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
		note_marks(m, t);
	}
	if (ufrag.n == 0 || row != INDEX_NONE)
		return;
	row = (uint32_t)s->model->told.count;
	note_ways(s, m, &fresh);
	note_marks(m, &fresh);
	fresh.answer = is_answer(s, m, &fresh);
	if (fresh.answer)
		fresh.partner = (uint32_t)offer_of(s, &fresh);
	t = list_add(&s->model->told);
	if (!t)
		return;
	*t = fresh;
	if (t->partner != LIST_NONE)
		told_at(s, t->partner)->partner = row;
	note_answer(s, t);
	description_told(s, &t->description, t->answer, m);
	if (!t->description.ufrag)
		t->description.ufrag = model_keep_text(s->model, ufrag);
	if (index_add(&s->told_index, stages_hash(s, ufrag), row) != STATUS_OK)
		s->model->out_of_memory = true;
	note_more(t, ufrag, m->u.told->sdp);
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

/* What went the same way and has most in common with it, or is the newest. */
static size_t nearest(struct stages *s, const struct told_description *way)
{
	size_t i = s->model->told.count, best = newest(s, way->src, way->dst);
	unsigned most = 0;

	for (size_t n = 0; way->mark_count && i && n < ANSWERS_LOOKED_AT; n++) {
		const struct told_description *t = told_at(s, --i);
		unsigned has = common(t, way);

		if (has <= most || t->src != way->src || t->dst != way->dst)
			continue;
		best = i;
		most = has;
	}
	return best;
}

/* It names the user fragment of its description, or tells otherwise which it is
 * of, or follows it. */
static void trickle(struct stages *s, const struct message *m)
{
	struct slice ufrag = ufrag_of(m->u.told->sdp);
	struct told_description way = {.answer = false}, *t;
	uint32_t row = ufrag.n ? find(s, ufrag) : INDEX_NONE;
	size_t at = row;

	if (row == INDEX_NONE) {
		note_ways(s, m, &way);
		note_marks(m, &way);
		at = nearest(s, &way);
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

/* ---- descriptions of a session that goes on ---- */

/* So long behind the end of what is known of a call it is offered anew. */
#define OFFERED_AGAIN (300 * NS_PER_S)

/* The call of what the same agent described before with the same o= but for its
 * version (RFC 3264 8): ICE is restarted, or media added.  LIST_NONE: none. */
static size_t call_before(struct stages *s, size_t at)
{
	const struct told_description *t = told_at(s, at);
	const nanoseconds time = place_time(s->model, t->description.place);

	for (size_t n = 0;
	     t->description.identity && t->src && at && n < ANSWERS_LOOKED_AT;
	     n++) {
		const struct told_description *old = told_at(s, --at);
		const struct call *call =
			old->call == LIST_NONE
				? NULL
				: list_at(&s->model->calls, old->call);

		if (call && old->src &&
		    old->description.identity == t->description.identity &&
		    ends_share_host(s->model, old->src, t->src) &&
		    time - call->end <= OFFERED_AGAIN)
			return old->call;
	}
	return LIST_NONE;
}

size_t told_call_before(struct stages *s, const struct session *x)
{
	size_t call = LIST_NONE;

	for (unsigned i = 0; i < 2 && call == LIST_NONE; i++) {
		uint32_t row = find(s, text_slice_at(s->model, x->ufrags[i]));

		if (row != INDEX_NONE)
			call = call_before(s, row);
	}
	return call;
}

/* The newest description with that user fragment, of any of its media. */
static size_t holder(struct stages *s, struct slice ufrag)
{
	uint32_t row = find(s, ufrag);
	size_t i = s->model->told.count;

	if (row != INDEX_NONE)
		return row;
	for (size_t n = 0; i && n < ANSWERS_LOOKED_AT; n++)
		if (has_more(told_at(s, --i), hash_of(ufrag)))
			return i;
	return LIST_NONE;
}

struct told_holders told_holders_of(struct stages *s, const struct session *x)
{
	struct told_holders of = {
		{holder(s, text_slice_at(s->model, x->ufrags[0])),
		 holder(s, text_slice_at(s->model, x->ufrags[1]))}};

	return of;
}

void told_note_call(struct stages *s, const struct session *x)
{
	const struct call *call = list_at(&s->model->calls, x->call);

	for (unsigned i = 0; i < 2 && call->dialog == LIST_NONE; i++) {
		uint32_t row = find(s, text_slice_at(s->model, x->ufrags[i]));

		if (row != INDEX_NONE)
			told_at(s, row)->call = x->call;
	}
}

/* From a description to what its agent says of it. */
static void stretch(struct stages *s, struct call *call,
		    const struct told_description *t)
{
	const place_number places[] = {t->description.place, t->checking,
				       t->connected, t->failed};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i])
			calls_stretch(call, place_time(s->model, places[i]),
				      place_time(s->model, places[i]));
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

		if (row == INDEX_NONE)
			continue;
		x->told[i] = row;
		told_at(s, row)->call = x->call;
		stretch(s, call, told_at(s, row));
	}
}

/* ---- offers that no check follows ---- */

static bool is_back(struct stages *s, const struct told_description *offer,
		    const struct told_description *t)
{
	return t->answer && t->call == LIST_NONE && meets(s, offer, t) &&
	       place_time(s->model, t->description.place) -
			       place_time(s->model, offer->description.place) <=
		       ANSWERED_WITHIN;
}

/* What belongs to it for sure, or what comes first and has no offer. */
static size_t answer_of(struct stages *s, size_t offer)
{
	const struct told_description *t = told_at(s, offer);
	const size_t count = s->model->told.count;

	if (t->partner != LIST_NONE)
		return is_back(s, t, told_at(s, t->partner)) ? t->partner
							     : LIST_NONE;
	for (size_t i = offer + 1; i < count && i <= offer + ANSWERS_LOOKED_AT;
	     i++)
		if (told_at(s, i)->partner == LIST_NONE &&
		    is_back(s, t, told_at(s, i)))
			return i;
	return LIST_NONE;
}

/* It lies where its candidates do. */
static void goes_on(struct stages *s, size_t call, size_t at)
{
	const struct candidate *rows = s->model->candidates.rows;
	struct told_description *t = told_at(s, at);
	nanoseconds time = place_time(s->model, t->description.place);
	size_t i = t->description.candidate_count
			   ? t->description.first_candidate
			   : LIST_NONE;

	t->call = call;
	stretch(s, list_at(&s->model->calls, call), t);
	for (; i != LIST_NONE; i = rows[i].next)
		calls_own_address(s, call, end_at(s->model, rows[i].endpoint),
				  time);
}

static void belongs(struct stages *s, size_t call, unsigned side, size_t at)
{
	((struct call *)list_at(&s->model->calls, call))->told[side] =
		(uint32_t)at;
	goes_on(s, call, at);
}

void told_calls(struct stages *s, size_t at)
{
	const struct told_description *t = told_at(s, at);
	size_t call, answer;

	if (t->answer || t->call != LIST_NONE || !t->src || !t->dst)
		return;
	call = call_before(s, at);
	if (call != LIST_NONE) {
		goes_on(s, call, at);
		answer = answer_of(s, at);
		if (answer != LIST_NONE)
			goes_on(s, call, answer);
		return;
	}
	call = calls_new(s, CALL_ICE,
			 place_time(s->model, t->description.place));
	if (call == LIST_NONE)
		return;
	belongs(s, call, 0, at);
	answer = answer_of(s, at);
	if (answer != LIST_NONE)
		belongs(s, call, 1, answer);
}
