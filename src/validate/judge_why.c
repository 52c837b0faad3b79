/* What came of each pair: the sentence that stands beside it. */
#include "config.h"

#include "validate/verdict_state.h"

#define ERROR_BAD_REQUEST 400
#define ERROR_UNAUTHORIZED 401
#define ERROR_ROLE_CONFLICT 487

struct checked {
	unsigned requests, responses, errors, strays, last_error, most_sends;
	nanoseconds first, last;         /* of the requests */
	const struct obstacle *obstacle; /* or NULL */
};

static void add_way(struct checked *sum, const struct direction *way)
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
	if (!sum->first || way->first.time < sum->first)
		sum->first = way->first.time;
	if (way->last.time > sum->last)
		sum->last = way->last.time;
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
	default:
		return "";
	}
}

static const char *silence(struct judging *j, const struct pair *p,
			   const struct checked *sum)
{
	double seconds = (double)(sum->last - sum->first) / (double)NS_PER_S;
	const char *keys = p->integrity.no_key_fits + p->integrity.bad
				   ? "; the integrity fits no known password"
				   : "";

	if (sum->obstacle)
		return model_sentence(j->model, "answered only by %s%s",
				      obstacle_text(sum->obstacle), keys);
	if (sum->requests == 1)
		return *keys ? "never answered (1 request); the integrity fits "
			       "no known password"
			     : "never answered (1 request)";
	return model_sentence(j->model,
			      "never answered (%u requests over %.1f s)%s",
			      sum->requests, seconds, keys);
}

static const char *success(const struct session *x, const struct pair *p)
{
	bool nominated = p->way[0].nominated || p->way[1].nominated;

	if (p->selected && p->consent_lost)
		return "nominated; later no check was answered for 30 s, so "
		       "the consent to send ran out";
	if (p->selected)
		return "nominated";
	if (nominated)
		return "nominated, but another pair is in use";
	if (x->nomination.frame)
		return "answered, but another pair was nominated";
	return x->roles ? "answered; no nomination is in the capture"
			: "answered";
}

static const char *why(struct judging *j, const struct session *x,
		       const struct pair *p)
{
	struct checked sum = {0};

	add_way(&sum, &p->way[0]);
	add_way(&sum, &p->way[1]);
	if (sum.responses)
		return success(x, p);
	if (sum.errors)
		return model_sentence(j->model, "answered by error %u%s",
				      sum.last_error,
				      error_meaning(sum.last_error));
	if (sum.strays)
		return model_sentence(j->model,
				      "answered only from another address than "
				      "was asked (%u answer%s)",
				      sum.strays, sum.strays == 1 ? "" : "s");
	if (sum.requests == 0)
		return "never checked in this capture";
	return silence(j, p, &sum);
}

/* Silence is a failure where checks went on long enough. */
static void note_failure(struct judging *j, struct pair *p)
{
	unsigned requests = p->way[0].requests > p->way[1].requests
				    ? p->way[0].requests
				    : p->way[1].requests;
	const struct place *last = p->way[0].last.time > p->way[1].last.time
					   ? &p->way[0].last
					   : &p->way[1].last;

	if (p->way[0].responses + p->way[1].responses + p->way[0].errors +
			    p->way[1].errors ==
		    0 &&
	    requests >= UNANSWERED_PROOF)
		model_becomes(j->model, &p->history, last, WORD_FAILED, 0);
}

void explain_pairs(struct judging *j, const struct session *x)
{
	size_t at = x->first_pair;

	while (at != LIST_NONE) {
		struct pair *p = list_at(&j->model->pairs, at);

		if (!p->why) { /* of a session of two calls: once */
			p->why = why(j, x, p);
			note_failure(j, p);
		}
		at = p->next;
	}
}
