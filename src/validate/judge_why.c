/* What came of each pair: the sentence that stands beside it. */
#include "config.h"

#include <string.h>

#include "model/priority.h"
#include "validate/verdict_state.h"

#define ERROR_BAD_REQUEST 400
#define ERROR_UNAUTHORIZED 401
#define ERROR_ROLE_CONFLICT 487
/* [MS-ICE2BWM]. */
#define ERROR_DISABLE_CANDIDATE 274
#define ERROR_DISABLE_PAIR 275

struct checked {
	unsigned requests, responses, errors, strays, last_error, most_sends;
	nanoseconds first, last;         /* of the requests */
	const struct obstacle *obstacle; /* or NULL */
};

static void add_way(const struct model *m, struct checked *sum,
		    const struct direction *way)
{
	sum->requests += way->requests;
	sum->responses += way->responses;
	sum->errors += way->errors;
	sum->strays += way->strays;
	if (way->errors)
		sum->last_error = way->last_error;
	if (way->most_sends > sum->most_sends)
		sum->most_sends = way->most_sends;
	if (way->requests == 0)
		return;
	if (way->obstacle.count)
		sum->obstacle = &way->obstacle;
	if (!sum->first || place_time(m, way->first) < sum->first)
		sum->first = place_time(m, way->first);
	if (place_time(m, way->last) > sum->last)
		sum->last = place_time(m, way->last);
}

/* RFC 8445 7.2.5.1, RFC 8489 9.1.3. */
static const char *error_meaning(unsigned code)
{
	switch (code) {
	case ERROR_BAD_REQUEST:
		return " (bad request)";
	case ERROR_UNAUTHORIZED:
		return " (the integrity is wrong, or the user fragment)";
	case ERROR_ROLE_CONFLICT:
		return " (role conflict)";
	case ERROR_DISABLE_CANDIDATE:
		return " (bandwidth policy takes the candidate away)";
	case ERROR_DISABLE_PAIR:
		return " (bandwidth policy takes the pair away)";
	default:
		return "";
	}
}

/* Whose password the checks fit: the sender's own, the other one's of another
 * time, or that of somebody else. */
static const char *key_text(struct judging *j, const struct session *x,
			    const struct pair *p)
{
	const char *fits = pair_extra_of(j->model, p)->fits;

	if (p->integrity.no_key_fits + p->integrity.bad == 0)
		return "";
	if (!fits)
		return "; the integrity fits no known password";
	if (strcmp(fits, text_or_empty(j->model, x->ufrags[0])) == 0 ||
	    strcmp(fits, text_or_empty(j->model, x->ufrags[1])) == 0)
		return model_sentence(j->model,
				      "; the integrity fits the password of "
				      "%s, who sent it, instead of the "
				      "receiver's",
				      fits);
	return model_sentence(j->model,
			      "; the integrity fits the password of %s, who "
			      "has no part in these checks",
			      fits);
}

/* RFC 8445 14.3: RTO is half a second or more, so who was asked may yet answer
 * until then. */
static bool is_cut_off(const struct judging *j, const struct checked *sum)
{
	return sum->requests == 1 && !sum->obstacle &&
	       j->model->last_time - sum->last < NS_PER_S / 2;
}

static const char *silence(struct judging *j, const struct session *x,
			   struct pair *p, const struct checked *sum)
{
	double seconds = (double)(sum->last - sum->first) / (double)NS_PER_S;
	const char *keys = key_text(j, x, p);

	if (p->half_seen)
		return "no answer in the capture, which shows one direction of "
		       "this way only";
	if (sum->obstacle)
		return model_sentence(j->model, "answered only by %s%s",
				      obstacle_text(sum->obstacle), keys);
	p->cut_off = is_cut_off(j, sum);
	if (p->cut_off)
		return model_sentence(j->model,
				      "no answer before the capture ends (1 "
				      "request)%s",
				      keys);
	if (sum->requests == 1)
		return model_sentence(j->model, "never answered (1 request)%s",
				      keys);
	return model_sentence(j->model,
			      "never answered (%u requests over %.1f s)%s",
			      sum->requests, seconds, keys);
}

/* What was answered when another pair had been nominated, or only when it was
 * asked again and again. */
static const char *lateness(struct judging *j, const struct session *x,
			    const struct pair *p)
{
	place_number first =
		p->way[0].responses && (!p->way[1].responses ||
					when(j, p->way[0].answered) <
						place_time(j->model,
							   p->way[1].answered))
			? p->way[0].answered
			: p->way[1].answered;
	nanoseconds late = when(j, first) - when(j, x->nomination);

	if (x->nomination && late > 0)
		return model_sentence(j->model,
				      "answered late, %.0f ms after another "
				      "pair was nominated",
				      (double)late / 1e6);
	return NULL;
}

static bool needs_relay(const struct pair *p)
{
	return p->relayed || p->types[0] == 4 || p->types[1] == 4;
}

/* What the pair in use has before this one. */
static const char *passed_over(struct judging *j, const struct session *x,
			       const struct pair *p)
{
	for (size_t at = x->first_pair; at != LIST_NONE;) {
		const struct pair *chosen = list_at(&j->model->pairs, at);
		uint64_t mine = pair_priority(j->model, p);

		at = chosen->next;
		if (!chosen->selected || !pair_is_for_same(chosen, p))
			continue;
		if (needs_relay(p) && !needs_relay(chosen))
			return "answered, but another pair was nominated, "
			       "which needs no relay";
		if (mine && pair_priority(j->model, chosen) > mine)
			return "answered, but another pair was nominated, "
			       "whose priority is higher";
	}
	return "answered, but another pair was nominated";
}

/* So many checks in so much time are no loss: that side went away. */
#define GONE_CHECKS 5u
#define GONE_TIME (5 * NS_PER_S)

/* After a hang-up nobody needs to answer. */
static bool is_hung_up(const struct judging *j, nanoseconds heard)
{
	return j->dialog && j->dialog->ended &&
	       when(j, j->dialog->ended) <= heard + GONE_TIME;
}

static nanoseconds silence_of(const struct judging *j,
			      const struct direction *way)
{
	nanoseconds since = when(j, way->last) - way->heard;

	if (!way->heard || way->silent < GONE_CHECKS || since < GONE_TIME ||
	    is_hung_up(j, way->heard))
		return 0;
	return since;
}

/* Browsers give up long before consent runs out, and check often until then. */
#define BROKEN_TIME (10 * NS_PER_S)

bool pair_fell_silent(const struct judging *j, const struct pair *p)
{
	return silence_of(j, &p->way[0]) >= BROKEN_TIME ||
	       silence_of(j, &p->way[1]) >= BROKEN_TIME;
}

/* The last checks of a pair in use that nobody answers; NULL: it has none. */
static const char *gone_text(struct judging *j, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct direction *way = &p->way[side];
		char text[ENDPOINT_TEXT_MAX];
		nanoseconds since = silence_of(j, way);

		if (!since)
			continue;
		return model_sentence(
			j->model,
			"nominated; the last %u checks of %s, over %.0f s, "
			"are not answered",
			way->silent,
			endpoint_string(where(j, side ? p->b : p->a), text),
			(double)since / 1e9);
	}
	return NULL;
}

/* Is it the pair in use, as the other side of a NAT sees it? */
static bool is_used_elsewhere(struct judging *j, const struct session *x,
			      const struct pair *p)
{
	const struct pair *q;

	for (size_t i = x->first_pair; i != LIST_NONE; i = q->next) {
		q = list_at(&j->model->pairs, i);
		if (q != p && q->selected && pairs_are_one(j->model, p, q))
			return true;
	}
	return false;
}

static const char *success(struct judging *j, const struct session *x,
			   const struct pair *p)
{
	bool nominated = p->way[0].nominated || p->way[1].nominated;
	const char *gone = p->selected ? gone_text(j, p) : NULL;

	if (p->selected && pair_extra_of(j->model, p)->consent_lost)
		return "nominated; later no check was answered for 30 s, so "
		       "the consent to send ran out";
	if (p->selected && gone)
		return gone;
	if (p->selected && x->roles && !nominated)
		return "in use, as what it carries shows; its nomination is "
		       "not in the capture";
	if (p->selected)
		return "nominated";
	if (nominated && is_used_elsewhere(j, x, p))
		return "nominated: the pair in use, as the other side of a "
		       "NAT sees it";
	if (nominated)
		return "nominated, but another pair is in use";
	if (lateness(j, x, p))
		return lateness(j, x, p);
	if (x->nomination)
		return passed_over(j, x, p);
	return x->roles ? "answered; no nomination is in the capture"
			: "answered";
}

static const char *why(struct judging *j, const struct session *x,
		       struct pair *p)
{
	struct checked sum = {0};

	add_way(j->model, &sum, &p->way[0]);
	add_way(j->model, &sum, &p->way[1]);
	if (sum.responses)
		return success(j, x, p);
	if (sum.errors)
		return model_sentence(
			j->model, "answered by error %u%s%s", sum.last_error,
			error_meaning(sum.last_error), key_text(j, x, p));
	if (sum.strays)
		return model_sentence(j->model,
				      "answered only from another address than "
				      "was asked (%u answer%s)",
				      sum.strays, sum.strays == 1 ? "" : "s");
	if (sum.requests == 0)
		return "never checked in this capture";
	return silence(j, x, p, &sum);
}

void pair_note_failure(struct model *model, struct pair *p)
{
	unsigned requests = p->way[0].requests > p->way[1].requests
				    ? p->way[0].requests
				    : p->way[1].requests;
	place_number last = place_time(model, p->way[0].last) >
					    place_time(model, p->way[1].last)
				    ? p->way[0].last
				    : p->way[1].last;

	if (p->way[0].responses + p->way[1].responses + p->way[0].errors +
			    p->way[1].errors ==
		    0 &&
	    requests >= UNANSWERED_PROOF && !p->half_seen)
		model_becomes(model, &p->history, last, WORD_FAILED, 0);
}

static void note_failure(struct judging *j, size_t at)
{
	uint32_t *row = j->unanswered ? list_add(j->unanswered) : NULL;

	if (row)
		*row = (uint32_t)at;
	else if (j->unanswered)
		j->model->out_of_memory = true;
	else
		pair_note_failure(j->model, list_at(&j->model->pairs, at));
}

void explain_pairs(struct judging *j, const struct session *x)
{
	size_t at = x->first_pair;

	while (at != LIST_NONE) {
		struct pair *p = list_at(&j->model->pairs, at);

		if (!p->why) { /* of a session of two calls: once */
			p->why = why(j, x, p);
			note_failure(j, at);
		}
		at = p->next;
	}
}
