/* Stage 3 of a call: what was gathered, all in all. */
#include "config.h"

#include "validate/checks.h"

struct gathered {
	unsigned ok, inferred, failed, open, sent_on, answered_bindings;
	unsigned mapped_bindings; /* of those, that told an address */
	const struct allocation *good, *bad, *lacking;
};

static void count_allocation(const struct judging *j, struct gathered *g,
			     const struct allocation *a)
{
	switch (allocation_state(j, a)) {
	case STATE_OK:
		g->good = g->ok++ ? g->good : a;
		break;
	case STATE_INFERRED:
		g->good = g->ok || g->inferred ? g->good : a;
		g->inferred++;
		break;
	case STATE_FAILED:
		if (allocation_is_redirected(a)) {
			g->sent_on++;
			g->bad = g->bad ? g->bad : a;
			break;
		}
		g->bad = g->failed++ ? g->bad : a;
		break;
	case STATE_UNSEEN:
	case STATE_INCOMPLETE:
	case STATE_UNNEEDED:
		g->bad = g->bad ? g->bad : a;
		g->open++;
		break;
	}
}

static struct gathered gather(struct judging *j)
{
	struct gathered g = {0};

	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		cite_all(j, view(j, STAGE_GATHERING), &a->cited);
		span(j, view(j, STAGE_GATHERING), a->request,
		     a->granted ? a->granted : a->cited.last);
		if (!is_behind_rebound(j, a) && !a->aside)
			count_allocation(j, &g, a);
	}
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->keepalive)
			continue;
		cite(j->model, &view(j, STAGE_GATHERING)->cited, b->request);
		cite(j->model, &view(j, STAGE_GATHERING)->cited, b->answer);
		span(j, view(j, STAGE_GATHERING), b->request, b->answer);
		g.answered_bindings += b->answers != 0;
		g.mapped_bindings += b->answers != 0 && b->mapped;
	}
	return g;
}

/* Did data pass any relay of the call? */
static bool passed_data(struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (fact_of(j->model, &a->facts, FACT_DATA_BACK))
			return true;
	}
	return false;
}

/* RFC 8656 19. */
#define ERROR_FORBIDDEN 403
#define NO_ERROR_CODE 0 /* pion/turn */
#define ERROR_QUOTA 486
#define ERROR_CAPACITY 508

/*
 * A client whose second allocation is refused for want of room, and which then
 * uses none of them, did not get what it needed.
 */
static bool wants_more(struct judging *j, const struct allocation *a)
{
	return (j->call->kind == CALL_ATTEMPT ||
		(j->call->kind == CALL_ICE && !j->call->sessions.count)) &&
	       a->state == STATE_FAILED &&
	       (a->error_after_credentials == ERROR_QUOTA ||
		a->error_after_credentials == ERROR_CAPACITY) &&
	       !passed_data(j);
}

/* What the other side has is of no use to this one. */
static bool is_missed(struct judging *j, const struct allocation *a)
{
	return allocation_state(j, a) == STATE_FAILED && !a->aside &&
	       !allocation_is_redirected(a) && is_of_side_without(j, a);
}

static void find_lacking(struct judging *j, struct gathered *g)
{
	for (size_t i = 0; i < j->call->allocations.count && g->good; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (wants_more(j, a) || is_missed(j, a)) {
			g->lacking = a;
			return;
		}
	}
}

static bool refuses_peers(const struct allocation *a, unsigned code)
{
	return a->state == STATE_OK && a->error_count && a->last_error == code;
}

static bool any_forbids(struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++)
		if (refuses_peers(list_at(&j->model->allocations,
					  j->call->allocations.list[i]),
				  ERROR_FORBIDDEN))
			return true;
	return false;
}

bool relay_lets_nobody_in(struct judging *j)
{
	bool refused = false;

	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (a->permissions || a->channels)
			return false;
		refused |= refuses_peers(a, ERROR_FORBIDDEN) ||
			   (refuses_peers(a, NO_ERROR_CODE) &&
			    fact_with(j->model, &a->facts, FACT_ERROR,
				      (uint32_t)STUN_CREATE_PERMISSION << 16 |
					      NO_ERROR_CODE));
	}
	return refused && !passed_data(j);
}

/* RFC 8656 7.3: clients that look for it may drop the allocation. */
static bool tells_no_reflexive(const struct allocation *a)
{
	return a->state == STATE_OK && a->allocates && !a->reflexive;
}

static const char *good_text(struct judging *j, const struct gathered *g)
{
	unsigned all = g->ok + g->inferred + g->failed + g->open;
	char server[ENDPOINT_TEXT_MAX], relayed[ENDPOINT_TEXT_MAX];
	const char *refused = "";
	bool known;

	if (!g->good && !g->mapped_bindings)
		return "no address in the answers, no relay asked";
	if (!g->good)
		return model_sentence(j->model,
				      "%u reflexive address%s learned, no "
				      "relay asked",
				      g->mapped_bindings,
				      g->mapped_bindings == 1 ? "" : "es");
	endpoint_string(where(j, g->good->server), server);
	if (!g->ok)
		return model_sentence(j->model,
				      "the allocation at %s is older than the "
				      "capture; what follows proves it",
				      server);
	if (j->call->kind == CALL_ATTEMPT && relay_lets_nobody_in(j))
		refused = any_forbids(j) ? ", and refused each peer (403)"
					 : ", and refused each peer";
	known = g->good->relayed;
	endpoint_string(where(j, g->good->relayed), relayed);
	return model_sentence(
		j->model, "%u of %u allocation%s granted; %s gave %s%s%s%s",
		g->ok + g->inferred, all, all == 1 ? "" : "s", server,
		known ? "the relay " : "a relay whose address is not shown",
		known ? relayed : "",
		tells_no_reflexive(g->good)
			? ", and does not tell the client's own address"
			: "",
		refused);
}

static const char *lacking_text(struct judging *j, const struct gathered *g)
{
	char server[ENDPOINT_TEXT_MAX];

	if (!wants_more(j, g->lacking))
		return model_sentence(j->model,
				      "%s; the other side has a relay",
				      allocation_text(j, g->lacking));
	return model_sentence(
		j->model,
		"%u of %u allocations granted, and no use made of them after "
		"%s refused another: error %u",
		g->ok + g->inferred, g->ok + g->inferred + g->failed + g->open,
		endpoint_string(where(j, g->lacking->server), server),
		g->lacking->last_error);
}

/* Where one of several was granted, the others are no error. */
static void judge_allocation(struct judging *j, const struct allocation *a,
			     const struct gathered *g)
{
	enum stage_state state = allocation_state(j, a);

	if (is_behind_rebound(j, a) || a->aside)
		return;
	judge_lost_allocation(j, a);
	if (state == STATE_OK || state == STATE_INFERRED)
		return;
	if (!g->good || wants_more(j, a) || is_missed(j, a))
		blame_allocation(j, a);
	else if (state == STATE_FAILED && !allocation_is_redirected(a))
		blame_all(j, RULE_GATHERING_OTHER_FAILED, &a->cited,
			  a->cited.last, allocation_text(j, a));
}

static bool has_ice(struct judging *j)
{
	if (!j->dialog)
		return candidates_are_told(j, false) ||
		       candidates_are_told(j, true);
	return j->dialog->offer.ice || j->dialog->reply.ice;
}

/* The first relay of the token, if DNS says of all that they do not exist. */
static const char *unknown_of(const struct judging *j, const struct token *t)
{
	for (unsigned k = 0; k < t->relay_count; k++) {
		const struct resolved *r =
			t->relays[k].resolved
				? list_at(&j->model->resolved,
					  t->relays[k].resolved - 1)
				: NULL;

		if (!r || r->address.family != FAMILY_NONE ||
		    r->next != CHAIN_END)
			return NULL;
	}
	return t->relay_count ? t->relays[0].host : NULL;
}

/* That of a client which then had none. */
static const char *unknown_relay(struct judging *j)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t =
			list_at(&j->model->tokens, j->call->tokens.list[i]);
		const char *name = unknown_of(j, t);

		if (name && client_lacks_relay(j, &t->client))
			return name;
	}
	return NULL;
}

static bool is_name_missed(struct judging *j)
{
	const struct shut *x =
		j->call->shut ? list_at(&j->model->shuts, j->call->shut - 1)
			      : NULL;

	return x && x->stage == STAGE_GATHERING && x->name &&
	       client_lacks_relay(j, &x->client);
}

/* Who asks STUN servers alone, and hears nothing, learns no address. */
static bool judge_stun_in_vain(struct judging *j)
{
	const struct rule *rule;
	const struct binding *b = stun_in_vain(j, &rule);
	char server[ENDPOINT_TEXT_MAX];

	if (!b)
		return false;
	j->first[STAGE_GATHERING] = rule;
	conclude(j, STAGE_GATHERING, STATE_FAILED,
		 b->obstacle.count
			 ? obstacle_sentence(j, where(j, b->server),
					     &b->obstacle)
			 : model_sentence(
				   j->model,
				   "%s did not answer %u Binding "
				   "requests",
				   endpoint_string(where(j, b->server), server),
				   b->requests));
	return true;
}

void judge_gathering(struct judging *j)
{
	struct gathered g = gather(j);

	for (size_t i = 0; i < j->call->allocations.count; i++)
		judge_allocation(j,
				 list_at(&j->model->allocations,
					 j->call->allocations.list[i]),
				 &g);
	find_lacking(j, &g);
	if (g.lacking)
		conclude(j, STAGE_GATHERING, STATE_FAILED, lacking_text(j, &g));
	else if (g.good && unknown_relay(j))
		conclude(j, STAGE_GATHERING, STATE_FAILED,
			 model_sentence(j->model,
					"one side asked no relay: DNS knows no "
					"%s",
					unknown_relay(j)));
	else if (g.good && is_name_missed(j) && judge_shut(j, STAGE_GATHERING))
		return;
	else if (g.ok ||
		 (g.answered_bindings && !g.failed && !g.open && !g.sent_on))
		conclude(j, STAGE_GATHERING, STATE_OK, good_text(j, &g));
	else if (g.inferred)
		conclude(j, STAGE_GATHERING, STATE_INFERRED, good_text(j, &g));
	else if (g.failed)
		conclude(j, STAGE_GATHERING, STATE_FAILED,
			 allocation_text(j, g.bad));
	else if (g.open)
		conclude(j, STAGE_GATHERING, STATE_INCOMPLETE,
			 allocation_text(j, g.bad));
	else if (g.sent_on)
		conclude(j, STAGE_GATHERING, STATE_FAILED,
			 allocation_text(j, g.bad));
	else if (judge_stun_in_vain(j))
		return;
	else if (unknown_relay(j))
		conclude(j, STAGE_GATHERING, STATE_FAILED,
			 model_sentence(j->model,
					"no relay was asked: DNS knows no %s",
					unknown_relay(j)));
	else if (judge_shut(j, STAGE_GATHERING))
		return;
	else if (has_ice(j))
		judge_unasked(j);
	else if (j->call->kind == CALL_DIALOG && dialog_is_described(j->dialog))
		conclude(j, STAGE_GATHERING, STATE_UNNEEDED,
			 j->call->sessions.count
				 ? "the descriptions name no candidates"
				 : "the call does not use ICE");
	else if (dialog_is_control(j->dialog))
		conclude(j, STAGE_GATHERING, STATE_UNNEEDED,
			 dialog_is_control(j->dialog));
	else
		conclude(j, STAGE_GATHERING, STATE_UNSEEN,
			 "nothing in the capture");
}
