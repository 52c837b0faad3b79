/* Stage 5 of a call: its connectivity checks. */
#include "config.h"

#include "model/matrix.h"
#include "validate/checks.h"

static struct session *session_at(struct judging *j, size_t i)
{
	return list_at(&j->model->sessions, j->call->sessions.list[i]);
}

static struct pair *pair_at(struct judging *j, size_t at)
{
	return list_at(&j->model->pairs, at);
}

struct probed {
	const struct obstacle *obstacle; /* the first, or NULL */
	unsigned obstructed;             /* pairs */
	unsigned pairs, answered, selected, relayed;
	unsigned most_requests; /* of one end on one pair */
	unsigned most_sends;    /* of one request */
	unsigned unheard;       /* repeats of one that was answered */
	unsigned errors, last_error, strays;
	unsigned hardly_asked; /* pairs: too seldom to prove silence */
	/* Pairs of which the capture shows one direction. */
	unsigned half_seen;
	bool roles;
	const struct pair *chosen;
	place_number first_failed;
	unsigned no_key_fits;
};

static unsigned successes(const struct pair *p)
{
	return p->way[0].responses + p->way[1].responses;
}

static void count_way(struct probed *sum, const struct direction *way)
{
	if (way->requests > sum->most_requests)
		sum->most_requests = way->requests;
	if (way->most_sends > sum->most_sends)
		sum->most_sends = way->most_sends;
	if (way->unheard > sum->unheard)
		sum->unheard = way->unheard;
	sum->strays += way->strays;
	sum->errors += way->errors;
	if (way->errors)
		sum->last_error = way->last_error;
}

static void count_obstacles(struct probed *sum, const struct pair *p)
{
	const struct obstacle *o = p->way[0].obstacle.count
					   ? &p->way[0].obstacle
					   : &p->way[1].obstacle;

	if (!o->count)
		return;
	sum->obstructed++;
	if (!sum->obstacle)
		sum->obstacle = o;
}

/* Browsers never repeat a request: they ask anew, some eight times a second for
 * a quarter of a minute.  Who hears an answer goes on more slowly. */
#define PERSISTENT 20u

/* So often is a request repeated after its answer by who did not hear that;
 * libnice sends three in all. */
#define UNHEARD_PROOF 2u

static bool is_hardly_asked(const struct direction *way)
{
	return way->requests && way->requests < PERSISTENT &&
	       way->most_sends < UNANSWERED_PROOF && !way->responses &&
	       !way->errors && !way->obstacle.count;
}

static void count_pair(struct probed *sum, const struct pair *p)
{
	sum->pairs++;
	sum->hardly_asked +=
		is_hardly_asked(&p->way[0]) || is_hardly_asked(&p->way[1]);
	sum->relayed += p->relayed;
	sum->half_seen += p->half_seen;
	sum->no_key_fits += p->integrity.no_key_fits + p->integrity.bad;
	count_way(sum, &p->way[0]);
	count_way(sum, &p->way[1]);
	count_obstacles(sum, p);
	if (successes(p)) {
		sum->answered++;
		if (!sum->chosen)
			sum->chosen = p;
	}
	if (p->selected &&
	    (!sum->selected++ || p->relayed < sum->chosen->relayed))
		sum->chosen = p;
}

/* What a restart chose is what is used in the end. */
static void count_pairs(struct judging *j, struct probed *sum,
			const struct session *x, bool restarted)
{
	for (size_t k = x->first_pair; k != LIST_NONE;
	     k = pair_at(j, k)->next) {
		const struct pair *p = pair_at(j, k);

		count_pair(sum, p);
		if (restarted && p->selected &&
		    when(j, p->nominated) > when(j, sum->chosen->nominated))
			sum->chosen = p;
	}
}

static struct probed probe(struct judging *j)
{
	struct probed sum = {0};
	bool restarted = model_restarts(j->model, j->call) != 0;

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = session_at(j, i);

		sum.roles |= x->roles;
		cite(j->model, &view(j, STAGE_PROBING)->cited, x->first);
		if (!sum.first_failed)
			sum.first_failed = x->first;
		count_pairs(j, &sum, x, restarted);
		cite(j->model, &view(j, STAGE_PROBING)->cited,
		     x->first_success);
		cite(j->model, &view(j, STAGE_PROBING)->cited, x->nomination);
		cite(j->model, &view(j, STAGE_PROBING)->cited, x->last);
		span(j, view(j, STAGE_PROBING), x->first,
		     x->nomination ? x->nomination : x->last);
	}
	return sum;
}

/* So many are named; of more it is said how many. */
#define CHOSEN_NAMED 4u

/* The pairs that are used: one for each component of each section. */
struct chosen {
	const struct pair *list[CHOSEN_NAMED];
	unsigned count; /* of all */
};

static void choose(struct chosen *c, const struct pair *p)
{
	if (c->count < CHOSEN_NAMED)
		c->list[c->count] = p;
	c->count++;
}

static bool is_chosen(const struct chosen *c, unsigned from,
		      const struct pair *p)
{
	for (unsigned i = from; i < c->count && i < CHOSEN_NAMED; i++)
		if (pair_is_for_same(c->list[i], p))
			return true;
	return false;
}

static bool has_pair(struct judging *j, const struct session *x,
		     const struct pair *wanted)
{
	for (size_t k = x->first_pair; k != LIST_NONE; k = pair_at(j, k)->next)
		if (pair_at(j, k) == wanted)
			return true;
	return false;
}

/* Of sessions before a restart nothing is used any more. */
static struct chosen chosen_pairs(struct judging *j, const struct pair *first)
{
	bool restarted = model_restarts(j->model, j->call) != 0;
	struct chosen c = {.count = 0};

	choose(&c, first);
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = session_at(j, i);
		bool same = has_pair(j, x, first);
		unsigned from = same ? 0 : c.count;

		if (restarted && !same)
			continue;
		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next)
			if (pair_at(j, k)->selected &&
			    !is_chosen(&c, from, pair_at(j, k)))
				choose(&c, pair_at(j, k));
	}
	return c;
}

static void put_chosen(struct judging *j, const struct pair *p,
		       struct text *text)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	endpoint_string(where(j, p->a), a);
	endpoint_string(where(j, p->b), b);
	text_printf(text, "%s - %s%s", a, b,
		    p->relayed ? " through the relay" : "");
}

static const char *chosen_text(struct judging *j, const struct probed *sum,
			       const char *verb)
{
	struct chosen c = chosen_pairs(j, sum->chosen);
	struct text text = text_new(512);
	const char *out;

	text_printf(&text, "%u of %u pair%s answered; %s ", sum->answered,
		    sum->pairs, sum->pairs == 1 ? "" : "s", verb);
	for (unsigned i = 0; i < c.count && i < CHOSEN_NAMED; i++) {
		if (i)
			text_puts(&text, i + 1 == c.count ? " and " : ", ");
		put_chosen(j, c.list[i], &text);
	}
	if (c.count > CHOSEN_NAMED)
		text_printf(&text, " and %u more", c.count - CHOSEN_NAMED);
	if (model_restarts(j->model, j->call))
		text_puts(&text, "; ICE was restarted");
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

/* So many pairs are looked at for what proves that none works. */
#define PAIRS_PROVING 32u

/* What was asked of each pair first, both ways. */
static void prove_pairs(struct judging *j, enum rule_id id)
{
	const struct list *pairs = &j->model->pairs;
	unsigned left = PAIRS_PROVING;

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x =
			list_at(&j->model->sessions, j->call->sessions.list[i]);
		const struct pair *p;

		for (size_t at = x->first_pair; at != LIST_NONE && left;
		     left--, at = p->next) {
			p = list_at(pairs, at);
			prove(j, rule_at(id), p->way[0].first);
			prove(j, rule_at(id), p->way[1].first);
		}
	}
}

/* ---- one side alone ---- */

enum fate {
	FATE_OPEN, /* or nothing was asked */
	FATE_ANSWERED,
	FATE_FAILED,
};

/* RFC 8445 7.2.5.2: an error or silence is the end of a pair; after a 487
 * (7.2.5.1) it is asked again. */
static enum fate fate_of(struct judging *j, const struct direction *way)
{
	if (way->responses || way->strays)
		return FATE_ANSWERED;
	if (way->conflicts)
		return FATE_OPEN;
	if (way->errors || way->most_sends >= UNANSWERED_PROOF ||
	    (way->requests >= UNANSWERED_PROOF && j->model->answers))
		return FATE_FAILED;
	return FATE_OPEN;
}

/* ---- the end of the capture ---- */

#define AT_WORK NS_PER_S

/* Asked for the first times as the capture ends: its answer may still come. */
static bool is_open(struct judging *j, const struct direction *way)
{
	return way->requests && way->requests < UNANSWERED_PROOF &&
	       way->most_sends < UNANSWERED_PROOF && !way->responses &&
	       !way->errors && !way->strays && !way->obstacle.count &&
	       seen_until(j, way->last) - when(j, way->last) < AT_WORK;
}

static bool is_at_the_end(struct judging *j, place_number place)
{
	return seen_until(j, place) - when(j, place) < AT_WORK;
}

/* Has any session a check as the capture ends, or does the client ask a relay
 * to let one through? */
static bool checks_to_the_end(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		if (is_at_the_end(j, session_at(j, i)->last))
			return true;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (is_at_the_end(j, a->cited.last))
			return true;
	}
	return false;
}

/* Agents try one pair after the other: are there any whose turn is to come? */
static bool has_untried(struct judging *j)
{
	struct matrix all = matrix_of(j->model, j->call);
	bool any = false;

	for (size_t i = 0; i < all.count && !any; i++)
		any = all.cells[i].reason == CELL_NEVER;
	matrix_free(&all);
	return any;
}

/* Does the capture end while pairs are still tried, in a call that goes on? */
static bool is_at_work(struct judging *j)
{
	if (j->dialog && j->dialog->ended)
		return false;
	if (checks_to_the_end(j) && has_untried(j))
		return true;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (size_t k = session_at(j, i)->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next)
			for (unsigned w = 0; w < 2; w++)
				if (is_open(j, &pair_at(j, k)->way[w]) &&
				    fate_of(j, &pair_at(j, k)->way[!w]) !=
					    FATE_FAILED)
					return true;
	return false;
}

/* ---- one agent ---- */

/* What became of all that an agent asked in this session. */
static enum fate fate_of_all(struct judging *j, const struct session *x,
			     unsigned agent)
{
	enum fate fate = FATE_OPEN;

	for (size_t k = x->first_pair; k != LIST_NONE; k = pair_at(j, k)->next)
		for (unsigned w = 0; w < 2; w++) {
			const struct pair *p = pair_at(j, k);
			bool is_its =
				(w ? !p->ufrag_of_a : p->ufrag_of_a) == agent;

			if (!is_its || !p->way[w].requests)
				continue;
			if (fate_of(j, &p->way[w]) != FATE_FAILED)
				return FATE_ANSWERED;
			fate = FATE_FAILED;
		}
	return fate;
}

/* So many sessions are looked at for what an agent asked with a wrong name of
 * the other one. */
#define SESSIONS_LOOKED_AT 32u

static enum fate fate_elsewhere(struct judging *j, kept_text agent)
{
	enum fate fate = FATE_OPEN;

	for (size_t i = 0;
	     i < j->call->sessions.count && i < SESSIONS_LOOKED_AT; i++) {
		const struct session *x = session_at(j, i);

		for (unsigned k = 0; k < 2; k++) {
			enum fate its = x->ufrags[k] == agent
						? fate_of_all(j, x, k)
						: FATE_OPEN;

			if (its == FATE_ANSWERED)
				return FATE_ANSWERED;
			if (its == FATE_FAILED)
				fate = FATE_FAILED;
		}
	}
	return fate;
}

/* Did all fail that the agent with this fragment asked? */
static bool all_failed(struct judging *j, const struct session *x,
		       unsigned agent)
{
	enum fate fate = fate_of_all(j, x, agent);

	if (fate == FATE_OPEN)
		fate = fate_elsewhere(j, x->ufrags[agent]);
	return fate == FATE_FAILED;
}

bool is_one_sided(struct judging *j, const struct session *x)
{
	return all_failed(j, x, 0) || all_failed(j, x, 1);
}

bool is_left_out(struct judging *j, const struct session *x)
{
	return is_one_sided(j, x) && !media_both_ways(j) &&
	       handshakes_of(j) != HANDSHAKES_DONE;
}

/* Each of the two asked, and was refused or left alone each time. */
static bool both_failed(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		if (!all_failed(j, session_at(j, i), 0) ||
		    !all_failed(j, session_at(j, i), 1))
			return false;
	return j->call->sessions.count != 0;
}

/* No session has a pair that could be used: media needs one that both ends
 * found valid, and so does a handshake that comes to its end. */
static bool all_one_sided(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = session_at(j, i);

		if (x->first_success && !is_one_sided(j, x))
			return false;
	}
	return j->call->media.count == 0 && handshakes_of(j) != HANDSHAKES_DONE;
}

/* Where no way works, what the network says of some. */
static void blame_obstacle(struct judging *j, const struct probed *sum)
{
	if (sum->obstacle)
		blame(j, RULE_PROBING_REFUSED, sum->obstacle->place,
		      model_sentence(j->model, "%s, on %u of %u pairs",
				     obstacle_text(sum->obstacle),
				     sum->obstructed, sum->pairs));
}

static void judge_one_side(struct judging *j, const struct probed *sum)
{
	const char *text =
		sum->errors ? model_sentence(j->model,
					     "all checks of one side were "
					     "refused: %u error%s, the last %u",
					     sum->errors,
					     sum->errors == 1 ? "" : "s",
					     sum->last_error)
			    : "no check of one side was answered, though it "
			      "answers those of the other";

	blame(j, RULE_PROBING_ONE_SIDE, sum->first_failed, text);
	prove_pairs(j, RULE_PROBING_ONE_SIDE);
	blame_obstacle(j, sum);
	conclude(j, STAGE_PROBING, STATE_FAILED, text);
}

/* ---- nomination ---- */

struct nominations nominations_of(const struct judging *j,
				  const struct session *x)
{
	struct nominations sum = {0};
	const struct pair *p;

	for (size_t k = x->first_pair; k != LIST_NONE; k = p->next) {
		p = list_at(&j->model->pairs, k);
		sum.asked += p->way[0].nominating + p->way[1].nominating;
		sum.done += p->way[0].nominated + p->way[1].nominated;
	}
	return sum;
}

/* A single one may be lost, or its answer be on its way. */
#define NOMINATION_PROOF NS_PER_S

bool is_nomination_lost(struct judging *j, const struct session *x)
{
	struct nominations n = nominations_of(j, x);

	return x->first_success && !x->aggressive && !n.done &&
	       n.asked >= UNANSWERED_PROOF &&
	       when(j, x->last) - when(j, x->first_success) >= NOMINATION_PROOF;
}

/* RFC 8445 8.1.1, 7.2.5.3.4: without a pair that is nominated ICE does not come
 * to its end; and nothing else of the capture says that it did. */
static bool nominates_in_vain(struct judging *j)
{
	if (j->call->media.count || j->call->handshakes.count || is_at_work(j))
		return false;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = session_at(j, i);

		if (x->first_success && !is_nomination_lost(j, x))
			return false;
	}
	return true;
}

/* ---- silence ---- */

/*
 * A request that is repeated was not answered; that new ones follow each other
 * (some agents never repeat) proves it only where the capture shows answers at
 * all; where it shows none, what was asked once may have been answered.
 */
static bool proves_silence(struct judging *j, const struct probed *sum)
{
	if (!j->model->answers && sum->hardly_asked)
		return false;
	if (sum->most_requests >= PERSISTENT && !j->call->media.count &&
	    !j->call->handshakes.count)
		return true;
	return sum->most_sends >= UNANSWERED_PROOF ||
	       (sum->most_requests >= UNANSWERED_PROOF && j->model->answers);
}

/* One request is enough where the relay says that it lets nobody in. */
static bool relay_ends_all(struct judging *j, const struct probed *sum)
{
	return sum->relayed == sum->pairs && relay_lets_nobody_in(j);
}

static const char *silence_text(struct judging *j, const struct probed *sum)
{
	if (relay_ends_all(j, sum))
		return "every pair goes through the relay, which refused each "
		       "peer";
	if (sum->strays && sum->pairs == 1)
		return model_sentence(j->model,
				      "the only pair was answered only from "
				      "another address than was asked: %u "
				      "answer%s",
				      sum->strays, sum->strays == 1 ? "" : "s");
	if (sum->strays)
		return model_sentence(j->model,
				      "none of %u pairs was answered from the "
				      "address that was asked; %u answer%s "
				      "came from another one",
				      sum->pairs, sum->strays,
				      sum->strays == 1 ? "" : "s");
	if (sum->pairs == 1)
		return "the only pair was never answered";
	return model_sentence(j->model, "none of %u pairs was answered",
			      sum->pairs);
}

/* What a relay inside of TLS hands on may be checks that are answered. */
static bool is_hidden(struct judging *j, const struct probed *sum)
{
	return hidden_relay_speaks(j, sum->first_failed) ||
	       (hidden_relay_of(j) && !proves_silence(j, sum));
}

static void judge_silence(struct judging *j, const struct probed *sum)
{
	if (media_both_ways(j)) {
		conclude(j, STAGE_PROBING, STATE_INFERRED,
			 "no check is answered in the capture, yet media flows "
			 "both ways");
	} else if (handshakes_of(j) == HANDSHAKES_DONE) {
		conclude(j, STAGE_PROBING, STATE_INFERRED,
			 "no check is answered in the capture, yet DTLS went "
			 "through");
	} else if (is_hidden(j, sum)) {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "no check that can be read was answered; what goes "
			 "through the relay is inside of TLS");
	} else if (sum->half_seen) {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "the capture shows one direction only: an end answers "
			 "or uses what is not there");
	} else if (proves_silence(j, sum) && is_at_work(j)) {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 model_sentence(j->model,
					"none of %u pairs was answered when "
					"the capture ends, and not all were "
					"given up",
					sum->pairs));
	} else if (proves_silence(j, sum) || relay_ends_all(j, sum)) {
		blame(j, RULE_PROBING_NO_PAIR, sum->first_failed, NULL);
		prove_pairs(j, RULE_PROBING_NO_PAIR);
		blame_obstacle(j, sum);
		conclude(j, STAGE_PROBING, STATE_FAILED, silence_text(j, sum));
	} else {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "checks began; their end is not in the capture");
	}
}

/* RFC 8445 7.2.5.1: after a 487 the roles change and it asks again. */
static void judge_errors(struct judging *j, const struct probed *sum)
{
	const char *text = model_sentence(
		j->model,
		"checks were answered by %u error%s, "
		"the last %u%s",
		sum->errors, sum->errors == 1 ? "" : "s", sum->last_error,
		sum->last_error == 487 ? " (role conflict)" : "");

	if (media_both_ways(j)) {
		conclude(j, STAGE_PROBING, STATE_INFERRED,
			 model_sentence(j->model,
					"%s, yet media flows both ways", text));
		return;
	}
	if (sum->errors >= UNANSWERED_PROOF || both_failed(j)) {
		blame(j, RULE_PROBING_ERRORS, sum->first_failed, text);
		prove_pairs(j, RULE_PROBING_ERRORS);
		conclude(j, STAGE_PROBING, STATE_FAILED, text);
	} else {
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE, text);
	}
}

/* A pair that one side nominated is none to the other, whose every check was
 * refused (RFC 8445 7.2.5.2), or which asks on and on, or who nominated repeats
 * what was answered: then nothing but checks follows.  Browsers nominate with
 * their first check. */
static bool is_nominated_in_vain(struct judging *j, const struct probed *sum)
{
	if (sum->errors >= UNANSWERED_PROOF)
		return all_one_sided(j);
	return (sum->most_requests >= PERSISTENT ||
		sum->unheard >= UNHEARD_PROOF) &&
	       !j->call->handshakes.count && all_one_sided(j) && !is_at_work(j);
}

static bool is_nominated(const struct pair *p)
{
	return p->way[0].nominated || p->way[1].nominated;
}

static void judge_checks(struct judging *j, const struct probed *sum)
{
	if (sum->selected && is_nominated_in_vain(j, sum))
		judge_one_side(j, sum);
	else if (sum->selected && sum->roles && !is_nominated(sum->chosen))
		conclude(j, STAGE_PROBING, STATE_INFERRED,
			 chosen_text(j, sum,
				     j->call->media.count ? "media uses"
							  : "DTLS uses"));
	else if (sum->selected)
		conclude(j, STAGE_PROBING, STATE_OK,
			 chosen_text(j, sum,
				     sum->roles ? "nominated" : "in use"));
	else if (sum->answered && all_one_sided(j) && !is_at_work(j))
		judge_one_side(j, sum);
	else if (sum->answered && !sum->roles)
		/* Dialects without nomination on the wire ([MS-ICE]). */
		conclude(j, STAGE_PROBING, STATE_OK,
			 chosen_text(j, sum, "the first was"));
	else if (sum->answered && nominates_in_vain(j))
		conclude(j, STAGE_PROBING, STATE_FAILED,
			 "checks were answered, but none of those that "
			 "nominate");
	else if (sum->answered)
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "checks were answered; no nomination in the capture");
	else if (sum->errors)
		judge_errors(j, sum);
	else
		judge_silence(j, sum);
}

/* A log, or a capture of signalling alone: how checks ended is what the client
 * says of it when it hangs up. */
static bool ended_by_word(struct judging *j)
{
	const struct diagnosis *said =
		j->call->media.count ? NULL : said_no_way(j);

	if (!said)
		return false;
	conclude(j, STAGE_PROBING, STATE_FAILED,
		 model_sentence(j->model,
				"a client says so (%s); no check is in the "
				"capture",
				said_text(j, said)));
	cite(j->model, &view(j, STAGE_PROBING)->cited, said->place);
	j->first[STAGE_PROBING] = rule_no_way();
	return true;
}

/* The same of a browser, whose dump tells how its checks went. */
static bool told_by_agent(struct judging *j)
{
	struct agent_said said = agent_said(j);
	struct stage_view *v = view(j, STAGE_PROBING);

	if (said.connected)
		/* Its word is no proof. */
		conclude(j, STAGE_PROBING, STATE_UNSEEN,
			 said.used
				 ? model_sentence(j->model,
						  "a browser says that ICE "
						  "connected, last over %s; no "
						  "check is in the capture",
						  said.used)
				 : "a browser says that ICE connected; no "
				   "check is in the capture");
	else if (said.failed)
		conclude(j, STAGE_PROBING, STATE_FAILED,
			 "a browser says that ICE failed; no check is in the "
			 "capture");
	else if (said.checking)
		conclude(j, STAGE_PROBING, STATE_INCOMPLETE,
			 "a browser says that it checks, and not how that "
			 "ended");
	else
		return false;
	if (!said.connected && said.failed)
		j->first[STAGE_PROBING] = rule_agent_failed();
	cite(j->model, &v->cited,
	     said.connected ? said.connected
	     : said.failed  ? said.failed
			    : said.checking);
	return true;
}

/* Who offers a=remote-candidates has completed its checks (RFC 8839
 * 4.4.1.2.2, [MS-ICE2]): a log shows no more of them. */
static bool proved_by_final_offer(struct judging *j)
{
	const struct dialog *d = j->dialog;
	const struct final_offer *f = NULL;
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];
	uint32_t at = d && d->finals.count ? d->finals.first : CHAIN_END;

	for (; at != CHAIN_END; at = f->next) {
		f = list_at(&j->model->finals, at);
		if (!f->answer)
			break;
	}
	if (at == CHAIN_END)
		return false;
	conclude(j, STAGE_PROBING, STATE_INFERRED,
		 f->remote.family == FAMILY_NONE
			 ? "proved by the final offer; no check is in the "
			   "capture"
			 : model_sentence(
				   j->model,
				   "proved by the final offer: %s - %s; no "
				   "check is in the capture",
				   endpoint_string(&f->local, a),
				   endpoint_string(&f->remote, b)));
	cite(j->model, &view(j, STAGE_PROBING)->cited, f->place);
	return true;
}

static void judge_without_checks(struct judging *j)
{
	const struct dialog *d = j->dialog;

	if (d && dialog_bypasses(d))
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "media bypass: media goes straight to the gateway, "
			 "without ICE");
	else if (d && d->offer.place && !d->offer.ice)
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "the call does not use ICE");
	else if (d && d->reply.place && !d->reply.ice)
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 "the answer does not use ICE");
	else if (ended_by_word(j) || told_by_agent(j) ||
		 proved_by_final_offer(j))
		return;
	else if (dialog_is_control(d))
		conclude(j, STAGE_PROBING, STATE_UNNEEDED,
			 dialog_is_control(d));
	else if (d && !d->offer.place && !d->reply.place)
		conclude(j, STAGE_PROBING, STATE_UNSEEN,
			 "no description in the capture tells whether ICE is "
			 "used");
	else
		conclude(j, STAGE_PROBING, STATE_UNSEEN,
			 "no connectivity check in the capture");
}

void judge_probing(struct judging *j)
{
	struct probed sum = probe(j);
	bool bypassed;

	if (sum.no_key_fits)
		blame(j, RULE_PROBING_INTEGRITY, sum.first_failed,
		      model_sentence(j->model, "%u message%s", sum.no_key_fits,
				     sum.no_key_fits == 1 ? "" : "s"));
	if (sum.strays && !sum.answered)
		blame(j, RULE_PROBING_STRAY, sum.first_failed,
		      model_sentence(j->model, "%u answer%s", sum.strays,
				     sum.strays == 1 ? "" : "s"));
	/* A fork that was tried before may have used ICE. */
	bypassed = j->dialog && dialog_bypasses(j->dialog) && !sum.answered;
	if (sum.pairs && !bypassed)
		judge_checks(j, &sum);
	else
		judge_without_checks(j);
}
