/* Stage 1 of a call: registration. */
#include "config.h"

#include "validate/checks.h"

/* The newest answer; NULL: none. */
static const struct attempt *last_answer(const struct registration *r)
{
	size_t kept = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						       : ATTEMPTS_KEPT;

	return kept ? &r->attempts[kept - 1] : NULL;
}

/* Does the client begin anew behind that time, with another Call-ID? */
static bool begins_anew(struct judging *j, nanoseconds time)
{
	for (size_t i = 0; i < j->call->registrations.count; i++)
		if (when(j, call_registration(j, i)->cited.last) > time)
			return true;
	return false;
}

/* Did the user sign in behind that, from another address or device?  This
 * client was only left. */
static bool signs_in_elsewhere(struct judging *j, const struct registration *r)
{
	const struct party *p =
		r->party == LIST_NONE
			? NULL
			: list_at(&j->model->parties, r->party);

	return p && p->bound > when(j, r->cited.last);
}

/* How long the capture goes on behind the last message of this sign-in; 0: not
 * for long enough, or it may hold what follows unreadable or not at all. */
static unsigned seconds_without(struct judging *j, const struct registration *r)
{
	nanoseconds last = when(j, r->cited.last);

	return begins_anew(j, last) || signs_in_elsewhere(j, r)
		       ? 0
		       : seconds_behind(j, last, r->hop.vantage);
}

/* Is the last request never answered, over TCP or the like? */
static bool times_out(struct judging *j, const struct registration *r)
{
	return r->state == STATE_INCOMPLETE && r->unanswered &&
	       r->purpose == REGISTER_BIND && !r->hop.obstacle.count &&
	       hop_times_out(j, &r->hop) && seconds_without(j, r);
}

/* Was the client asked for credentials, and has sent none since?  Where it
 * needs a certificate first, check_certificate tells. */
static bool leaves_challenge(struct judging *j, const struct registration *r)
{
	const struct attempt *a = last_answer(r);

	return a && !r->unanswered && r->purpose == REGISTER_BIND &&
	       (r->state == STATE_INCOMPLETE || r->state == STATE_OK) &&
	       (a->status == 401 || a->status == 407) && seconds_without(j, r);
}

/* The newest answer but the last that turned the client away for good, before
 * it tried again; NULL: none. */
static const struct attempt *refused_before(const struct registration *r)
{
	size_t i = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						    : ATTEMPTS_KEPT;

	for (i = i ? i - 1 : 0; i > 0; i--) {
		const struct attempt *a = &r->attempts[i - 1];

		if (a->status >= 400 && a->status != 401 && a->status != 407 &&
		    a->status != 423)
			return a;
	}
	return NULL;
}

/* ---- in words ---- */

/* "401, 200": the answers in order; those that repeat are counted. */
static const char *answers(struct judging *j, const struct registration *r)
{
	struct text text = text_new(256);
	const char *out;
	size_t kept = r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						       : ATTEMPTS_KEPT;

	for (size_t i = 0, run; i < kept; i += run) {
		for (run = 1; i + run < kept && r->attempts[i + run].status ==
							r->attempts[i].status;)
			run++;
		text_printf(&text, "%s%u", i ? ", " : "",
			    r->attempts[i].status);
		if (run > 1)
			text_printf(&text, " %zu times",
				    i + run == kept
					    ? run + r->attempt_count - kept
					    : run);
	}
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

/* What the given password says of the client's answers. */
static const char *digest_word(const struct registration *r)
{
	if (r->digests_wrong)
		return ", made with another password than the one given";
	return r->digests_verified ? " verified" : "";
}

static const char *registered_text(struct judging *j,
				   const struct registration *r,
				   const char *server)
{
	const char *scheme = r->scheme ? r->scheme : "no authentication";

	if (!r->bound)
		return model_sentence(j->model,
				      "%s unregistered at %s (%s%s; answers "
				      "%s)",
				      r->aor, server, scheme, digest_word(r),
				      answers(j, r));
	return model_sentence(
		j->model, "%s registered at %s%s (%s%s; answers %s; %u s)",
		r->aor, server,
		r->removed                   ? " and unregistered"
		: r->lost                    ? "; a refresh was refused later"
		: leaves_challenge(j, r)     ? "; the client left a challenge "
					       "later"
		: registration_is_unheard(r) ? "; a refresh is not answered"
					     : "",
		scheme, digest_word(r), answers(j, r), r->expires);
}

/* What came last, and what does not follow it where the capture goes on. */
static const char *open_text(struct judging *j, const struct registration *r,
			     const char *server)
{
	const struct attempt *a = r->unanswered ? NULL : last_answer(r);
	unsigned seconds = seconds_without(j, r);
	bool hours = seconds >= 2 * 3600;
	const char *unit = hours ? "hours" : "s";

	if (times_out(j, r))
		return model_sentence(j->model,
				      "%s got no answer from %s in %u s that "
				      "the capture goes on",
				      r->aor, server, seconds);
	if (signs_in_elsewhere(j, r))
		return model_sentence(j->model,
				      "%s began at %s and signed in "
				      "otherwise behind that",
				      r->aor, server);
	if (!seconds)
		return model_sentence(j->model,
				      "%s began at %s; the end is not in the "
				      "capture",
				      r->aor, server);
	if (!a)
		return model_sentence(
			j->model,
			"%s began at %s; no final answer comes in "
			"%u %s that the capture goes on",
			r->aor, server, hours ? seconds / 3600 : seconds, unit);
	return model_sentence(
		j->model,
		"%s was %s%s by %s (%u); nothing follows in %u %s that "
		"the capture goes on",
		r->aor,
		refused_before(r)
			? model_sentence(j->model, "refused (%u) and then ",
					 refused_before(r)->status)
			: "",
		a->status < 400    ? "sent on"
		: a->status == 423 ? "asked for a longer time"
				   : "asked for credentials",
		server, a->status, hours ? seconds / 3600 : seconds, unit);
}

static const char *registration_text(struct judging *j,
				     const struct registration *r)
{
	char server[ENDPOINT_TEXT_MAX];
	const char *scheme = r->scheme ? r->scheme : "no authentication";

	if (r->purpose == REGISTER_WEB)
		return judge_web_text(j, r);
	endpoint_string(&r->server, server);
	switch (r->state) {
	case STATE_OK:
		return registered_text(j, r, server);
	case STATE_FAILED:
		if (r->unanswered && r->hop.obstacle.count)
			return obstacle_sentence(j, where(j, r->hop.dst),
						 &r->hop.obstacle);
		if (r->unanswered >= UNANSWERED_PROOF)
			return model_sentence(
				j->model,
				"%s got no answer from %s to %u requests",
				r->aor, server, r->unanswered);
		return model_sentence(j->model,
				      "%s was refused at %s (%s%s; answers "
				      "%s)",
				      r->aor, server, scheme, digest_word(r),
				      answers(j, r));
	case STATE_INFERRED:
		return model_sentence(j->model,
				      "%s had signed in before the capture "
				      "began: %s proves it",
				      r->aor,
				      r->scheme ? "a server's signature"
						: "provisioning");
	case STATE_UNSEEN:
	case STATE_INCOMPLETE:
	case STATE_UNNEEDED:
		break;
	}
	if (r->purpose == REGISTER_QUERY && r->attempt_count)
		return model_sentence(j->model,
				      "%s only asked %s what is registered",
				      r->aor, server);
	return open_text(j, r, server);
}

/* ---- whom to blame ---- */

static const char *last_reason(struct judging *j, const struct registration *r,
			       place_number answer)
{
	return place_same(j->model, r->refusal, answer) ? r->refusal_reason
							: NULL;
}

/* What else its answer says: "503 Service Unavailable, try again in 120 s". */
static const char *refusal_text(struct judging *j, const struct registration *r,
				place_number answer, unsigned status)
{
	const struct fact *f = fact_of(j->model, &r->facts, FACT_RETRY_AFTER);
	const char *text = status_text(j, status);

	/* In its own words, which often say more. */
	if (last_reason(j, r, answer))
		text = model_sentence(j->model, "%u %s", status,
				      r->refusal_reason);
	for (; f; f = fact_after(j->model, f))
		if (f->value && place_same(j->model, f->last, answer))
			text = model_sentence(j->model, "%s, try again in %u s",
					      text, f->value);
	return text;
}

/* Of a 403 its words tell which kind it is. */
static enum rule_id refusal_rule(struct judging *j,
				 const struct registration *r,
				 const struct attempt *a)
{
	return a && a->status == 403 &&
			       refuses_credentials(
				       j, last_reason(j, r, a->place),
				       &r->diagnoses, a->place)
		       ? RULE_REGISTRATION_WRONG_CREDENTIALS
		       : RULE_REGISTRATION_REFUSED;
}

static void blame_registration(struct judging *j, const struct registration *r)
{
	const struct attempt *last = last_answer(r);

	if (r->purpose == REGISTER_WEB)
		blame_web(j, r);
	else if (r->unanswered && hop_lacks_tls(j, &r->hop))
		blame_all(j, RULE_REGISTRATION_WITHOUT_TLS, &r->cited,
			  r->hop.obstacle.place,
			  obstacle_evidence(j, where(j, r->hop.dst),
					    &r->hop.obstacle));
	else if (r->unanswered && r->hop.obstacle.kind == OBSTACLE_ENDED)
		blame_all(j, RULE_REGISTRATION_CLOSED, &r->cited,
			  r->hop.obstacle.place,
			  obstacle_evidence(j, where(j, r->hop.dst),
					    &r->hop.obstacle));
	else if (r->unanswered && r->hop.obstacle.count)
		blame_for_obstacle(j, where(j, r->hop.dst), &r->hop.obstacle,
				   RULE_REGISTRATION_PORT_CLOSED,
				   RULE_REGISTRATION_UNREACHABLE);
	else if (times_out(j, r))
		blame_all(j, RULE_REGISTRATION_SILENT, &r->cited, r->request,
			  NULL);
	else if (r->unanswered >= UNANSWERED_PROOF)
		blame_all(j, RULE_REGISTRATION_UNANSWERED, &r->cited,
			  r->request, NULL);
	else if (last && (last->status == 401 || last->status == 407))
		blame_all(j, RULE_REGISTRATION_WRONG_CREDENTIALS, &r->cited,
			  r->answer, NULL);
	else
		blame_all(j, refusal_rule(j, r, last), &r->cited, r->answer,
			  last ? refusal_text(j, r, last->place, last->status)
			       : NULL);
}

/* A client that leaves a challenge may do so since it was refused before. */
static void blame_challenge(struct judging *j, const struct registration *r)
{
	const struct attempt *a =
		r->state == STATE_INCOMPLETE ? refused_before(r) : NULL;

	if (a)
		blame_all(j, refusal_rule(j, r, a), &r->cited, a->place,
			  refusal_text(j, r, a->place, a->status));
	blame_all(j, RULE_REGISTRATION_NO_CREDENTIALS, &r->cited, r->answer,
		  NULL);
}

static unsigned worth(const struct registration *r)
{
	switch (r->state) {
	case STATE_OK:
		return 3;
	case STATE_INFERRED:
		return 2;
	case STATE_FAILED:
		return 1;
	case STATE_UNSEEN:
	case STATE_INCOMPLETE:
	case STATE_UNNEEDED:
		break;
	}
	return 0;
}

/* Of a call the caller's stands first: it is the one that has to be registered.
 * Those of an attempt are one user's, who may go on to another server, or try
 * again: what came of it at last counts. */
static const struct registration *decisive(struct judging *j)
{
	const struct registration *best = call_registration(j, 0);
	size_t count = j->call->kind == CALL_ATTEMPT
			       ? j->call->registrations.count
			       : 1;

	for (size_t i = 1; i < count; i++) {
		const struct registration *r = call_registration(j, i);

		if (worth(r) > worth(best) ||
		    (worth(r) == worth(best) && worth(r) < 2))
			best = r;
	}
	return best;
}

void judge_registration(struct judging *j)
{
	struct stage_view *v = view(j, STAGE_REGISTRATION);
	const struct registration *r;

	if (j->call->registrations.count == 0) {
		if (judge_shut(j, STAGE_REGISTRATION))
			return;
		conclude(j, STAGE_REGISTRATION, STATE_UNSEEN,
			 "no REGISTER in the capture");
		return;
	}
	r = decisive(j);
	cite_all(j, v, &r->cited);
	span(j, v, r->cited.first, r->bound ? r->bound : r->cited.last);
	conclude(j, STAGE_REGISTRATION,
		 times_out(j, r) || (leaves_challenge(j, r) &&
				     r->state == STATE_INCOMPLETE)
			 ? STATE_FAILED
			 : r->state,
		 registration_text(j, r));
	if (r->state == STATE_FAILED || times_out(j, r))
		blame_registration(j, r);
	else if (leaves_challenge(j, r))
		blame_challenge(j, r);
	if (r->lost)
		blame(j, RULE_REGISTRATION_LOST, r->lost,
		      refusal_text(j, r, r->lost, r->lost_status));
}
