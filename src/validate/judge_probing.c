/* Stage 5 of a call: the pairs and their checks; then media. */
#include "config.h"

#include "validate/verdict_state.h"

static struct session *session_at(struct judging *j, size_t i)
{
	return list_at(&j->model->sessions, j->call->sessions.list[i]);
}

static struct pair *pair_at(struct judging *j, size_t at)
{
	return list_at(&j->model->pairs, at);
}

static unsigned successes(const struct pair *p)
{
	return p->way[0].responses + p->way[1].responses;
}

static bool nominated(const struct pair *p)
{
	return p->way[0].nominated || p->way[1].nominated;
}

/* ---- what the ends of a pair are ---- */

static uint8_t type_in(struct judging *j, const struct description *d,
		       const struct endpoint *e)
{
	for (size_t i = 0; i < d->candidate_count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, d->first_candidate + i);

		if (c->type && endpoint_equal(&c->endpoint, e))
			return c->type;
	}
	return 0;
}

static uint8_t type_gathered(struct judging *j, const struct endpoint *e)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a =
			list_at(&j->model->allocations,
				j->call->allocations.list[i]);

		if (endpoint_equal(&a->relayed, e))
			return 4;
		if (endpoint_equal(&a->client, e))
			return 1;
		if (endpoint_equal(&a->reflexive, e))
			return 2;
	}
	return 0;
}

static uint8_t type_of(struct judging *j, const struct endpoint *e)
{
	uint8_t type = 0;

	if (j->dialog)
		type = type_in(j, &j->dialog->offer, e);
	if (!type && j->dialog)
		type = type_in(j, &j->dialog->reply, e);
	if (!type)
		type = type_gathered(j, e);
	/* With both descriptions at hand what is in none is peer-reflexive. */
	if (!type && j->dialog && j->dialog->offer.candidate_count &&
	    j->dialog->reply.candidate_count)
		type = 3;
	return type;
}

/* ---- which pairs are in use ---- */

static unsigned badness(const struct pair *p)
{
	return (unsigned)p->relayed + (p->types[0] == 4) + (p->types[1] == 4);
}

/* Regular nomination: the last one counts.  Aggressive: all are nominated
 * and the best valid pair wins (RFC 5245 8.1.1.2). */
static bool better(const struct session *x, const struct pair *p,
		   const struct pair *than)
{
	if (!x->aggressive)
		return p->nominated.time > than->nominated.time;
	if (badness(p) != badness(than))
		return badness(p) < badness(than);
	return p->nominated.time < than->nominated.time;
}

static bool touches(const struct pair *p, const struct pair *q)
{
	return endpoint_equal(&p->a, &q->a) || endpoint_equal(&p->a, &q->b) ||
	       endpoint_equal(&p->b, &q->b) || endpoint_equal(&p->b, &q->a);
}

/* Is the way to this pair free: nobody selected uses one of its ends? */
static bool is_free(struct judging *j, const struct session *x,
		    const struct pair *p)
{
	for (size_t i = x->first_pair; i != LIST_NONE; i = pair_at(j, i)->next)
		if (pair_at(j, i)->selected && touches(pair_at(j, i), p))
			return false;
	return true;
}

static void select_pairs(struct judging *j, struct session *x)
{
	for (;;) {
		struct pair *best = NULL;

		for (size_t i = x->first_pair; i != LIST_NONE;
		     i = pair_at(j, i)->next) {
			struct pair *p = pair_at(j, i);

			if (!p->selected && nominated(p) && is_free(j, x, p) &&
			    (!best || better(x, p, best)))
				best = p;
		}
		if (!best)
			return;
		best->selected = true;
	}
}

/* The client that gathered in this capture stands first. */
static void put_own_end_first(struct judging *j, struct pair *p)
{
	struct direction way = p->way[0];
	struct endpoint a = p->a, seen_as = p->seen_as[0];

	if (type_gathered(j, &p->a) || !type_gathered(j, &p->b))
		return;
	p->a = p->b;
	p->b = a;
	p->way[0] = p->way[1];
	p->way[1] = way;
	p->seen_as[0] = p->seen_as[1];
	p->seen_as[1] = seen_as;
}

void judge_pairs(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		struct session *x = session_at(j, i);

		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next) {
			struct pair *p = pair_at(j, k);

			put_own_end_first(j, p);
			p->types[0] = type_of(j, &p->a);
			p->types[1] = type_of(j, &p->b);
		}
		select_pairs(j, x);
	}
}

/* ---- the stage ---- */

struct probed {
	unsigned pairs, answered, selected, most_requests;
	bool roles;
	const struct pair *chosen;
	struct place first_failed;
	unsigned no_key_fits;
};

static void count_pair(struct probed *sum, const struct pair *p)
{
	unsigned requests = p->way[0].requests + p->way[1].requests;

	sum->pairs++;
	sum->no_key_fits += p->no_key_fits + p->bad;
	if (requests > sum->most_requests)
		sum->most_requests = requests;
	if (successes(p)) {
		sum->answered++;
		if (!sum->chosen)
			sum->chosen = p;
	}
	if (p->selected && (!sum->selected++ || p->relayed < sum->chosen->relayed))
		sum->chosen = p;
}

static struct probed probe(struct judging *j)
{
	struct probed sum = {0};

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = session_at(j, i);

		sum.roles |= x->roles;
		cite(&view(j, STAGE_PROBING)->cited, &x->first);
		if (!sum.first_failed.frame)
			sum.first_failed = x->first;
		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next)
			count_pair(&sum, pair_at(j, k));
		cite(&view(j, STAGE_PROBING)->cited, &x->first_success);
		cite(&view(j, STAGE_PROBING)->cited, &x->nomination);
		cite(&view(j, STAGE_PROBING)->cited, &x->last);
		span(view(j, STAGE_PROBING), &x->first,
		     x->nomination.frame ? &x->nomination : &x->last);
	}
	return sum;
}

static const char *chosen_text(struct judging *j, const struct probed *sum,
			       const char *verb)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	endpoint_string(&sum->chosen->a, a);
	endpoint_string(&sum->chosen->b, b);
	return model_sentence(j->model,
			      "%u of %u pair%s answered; %s %s - %s%s",
			      sum->answered, sum->pairs,
			      sum->pairs == 1 ? "" : "s", verb, a, b,
			      sum->chosen->relayed ? " through the relay"
						   : "");
}

static void judge_checks(struct judging *j, const struct probed *sum)
{
	if (sum->selected) {
		conclude(j, STAGE_PROBING, STATE_OK,
			 chosen_text(j, sum, "nominated"));
	} else if (sum->answered && !sum->roles) {
		/* Dialects without nomination on the wire ([MS-ICE]). */
		conclude(j, STAGE_PROBING, STATE_OK,
			 chosen_text(j, sum, "the first was"));
	} else if (sum->answered) {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "checks were answered; no nomination in the capture");
	} else if (sum->most_requests >= UNANSWERED_PROOF) {
		blame(j, RULE_PROBING_NO_PAIR, &sum->first_failed, NULL);
		conclude(j, STAGE_PROBING, STATE_FAILED,
			 sum->pairs == 1
				 ? "the only pair was never answered"
				 : model_sentence(
					   j->model,
					   "none of %u pairs was answered",
					   sum->pairs));
	} else {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "checks began; their end is not in the capture");
	}
}

static void judge_without_checks(struct judging *j)
{
	const struct dialog *d = j->dialog;

	if (d && d->offer.place.frame && !d->offer.ice)
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "the call does not use ICE");
	else if (d && d->reply.place.frame && !d->reply.ice)
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "the answer does not use ICE");
	else if (d && !d->offer.place.frame && !d->reply.place.frame)
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "no description in the capture asks for it");
	else
		conclude(j, STAGE_PROBING, STATE_UNSEEN,
			 "no connectivity check in the capture");
}

void judge_probing(struct judging *j)
{
	struct probed sum = probe(j);

	if (sum.no_key_fits)
		blame(j, RULE_PROBING_INTEGRITY, &sum.first_failed,
		      model_sentence(j->model, "%u messages",
				     sum.no_key_fits));
	if (sum.pairs)
		judge_checks(j, &sum);
	else
		judge_without_checks(j);
}

/* ---- media ---- */

static bool both_ways(struct judging *j)
{
	const struct media *m = j->model->media.rows;

	for (size_t i = 0; i < j->call->media.count; i++)
		for (size_t k = 0; k < j->call->media.count; k++)
			if (endpoint_same_ip(
				    &m[j->call->media.list[i]].src,
				    &m[j->call->media.list[k]].dst))
				return true;
	return false;
}

void judge_media(struct judging *j)
{
	const struct media *m = j->model->media.rows;
	struct place place = {0};

	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = list_at(
			&j->model->handshakes, j->call->handshakes.list[i]);

		if (h->alert && !h->finished)
			blame(j, RULE_MEDIA_DTLS_FAILED, &h->last, NULL);
	}
	if (j->call->outcome != OUTCOME_ESTABLISHED || !j->dialog ||
	    !j->dialog->reply.place.frame)
		return;
	place = j->dialog->answer;
	if (j->call->media.count == 0) {
		/* A capture without any media was made that way. */
		if (j->model->media.count)
			blame(j, RULE_MEDIA_NONE, &place, NULL);
	} else if (!both_ways(j)) {
		place.time = m[j->call->media.list[0]].first;
		blame(j, RULE_MEDIA_ONE_WAY, &place, NULL);
	}
}
