/* What became of one allocation: in words, and what is to blame for it. */
#include "config.h"

#include "validate/checks.h"

/* What the network says of a way decides between two rules. */
void blame_for_obstacle(struct judging *j, const struct endpoint *at,
			const struct obstacle *obstacle, enum rule_id closed,
			enum rule_id unreachable)
{
	found_swallowed(j, at, obstacle);
	blame(j, obstacle_is_closed(obstacle) ? closed : unreachable,
	      obstacle->place, obstacle_evidence(j, at, obstacle));
}

/* RFC 8489 6.2.2: who asks on a connection does so once and waits as long as
 * this (Ti). */
#define STREAM_PATIENCE (39500 * NS_PER_MS)

static bool has_waited(const struct judging *j, const struct allocation *a)
{
	nanoseconds last = when(j, a->cited.last);

	return j->model->answers && j->model->unreadable <= last &&
	       seen_until(j, a->cited.last) - last >= STREAM_PATIENCE;
}

/* The connection opened, else nothing could be asked on it. */
static bool is_silent(const struct judging *j, const struct allocation *a)
{
	return (a->state == STATE_INCOMPLETE || a->state == STATE_FAILED) &&
	       a->unanswered && a->requests && !a->obstacle.count &&
	       a->transport && strcmp(a->transport, "udp") != 0 &&
	       (a->unanswered >= UNANSWERED_PROOF || has_waited(j, a));
}

enum stage_state allocation_state(const struct judging *j,
				  const struct allocation *a)
{
	return allocation_is_unanswered(a) || allocation_is_unheard(a) ||
			       is_silent(j, a)
		       ? STATE_FAILED
		       : a->state;
}

/* What the given password says: who of the two has another one. */
static const char *key_word(struct judging *j, const struct allocation *a)
{
	if (!is_credential_error(a->error_after_credentials))
		return "";
	if (token_had_ended(j, a))
		return token_end_is_told(list_at(&j->model->tokens, a->token))
			       ? "; the credentials had ended"
			       : "; their name says that they had ended";
	if (is_user_forgotten(j, a))
		return "; it does not know that user, whose token it took "
		       "before";
	if (a->error_after_credentials == 436)
		return "; it does not know that user: another Edge may have "
		       "issued the token";
	if (a->integrity.verified)
		return "; the client's password is the one given, so the "
		       "relay has another";
	if (a->integrity.bad || a->integrity.no_key_fits)
		return "; the client's password is not the one given";
	return "";
}

/* What came back to the hello, where no Allocate could follow; NULL else. */
static const struct ms_turn *stopped_at_hello(struct judging *j,
					      const struct allocation *a)
{
	const struct ms_turn *ms = ms_turn_of(j->model, a);

	return ms && !a->allocates && ms->hello != HELLO_UNASKED &&
			       ms->hello != HELLO_ANSWERED
		       ? ms
		       : NULL;
}

static const char *hello_text(struct judging *j, const struct allocation *a,
			      const struct ms_turn *ms)
{
	static const char *const texts[] = {
		[HELLO_UNASKED] = "",
		[HELLO_UNANSWERED] = "was never answered",
		[HELLO_ANSWERED] = "",
		[HELLO_REAL_TLS] = ("was answered in real TLS: something on "
				    "the way looks into TLS"),
		[HELLO_HTTP] = "was answered in HTTP",
		[HELLO_OTHER] = "was answered by something else",
		[HELLO_CLOSED] = "was answered by closing the connection",
	};
	char server[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "the pseudo-TLS hello to %s %s",
			      endpoint_string(where(j, a->server), server),
			      texts[ms->hello]);
}

static void blame_hello(struct judging *j, const struct allocation *a,
			const struct ms_turn *ms)
{
	enum rule_id id = ms->hello == HELLO_REAL_TLS ? RULE_GATHERING_INSPECTED
			  : ms->hello == HELLO_HTTP
				  ? RULE_GATHERING_HTTP
				  : RULE_GATHERING_HELLO_UNANSWERED;

	blame(j, id, ms->hello_back ? ms->hello_back : ms->hello_sent,
	      hello_text(j, a, ms));
}

/* A connection was tried, and not a byte could be sent. */
static bool is_unconnected(const struct allocation *a)
{
	return a->unanswered >= UNANSWERED_PROOF && !a->requests;
}

/* A client that has credentials sends them at once. */
#define FOLLOW_UP (8 * NS_PER_S)

/* How long the capture goes on behind an answer that asks the client for
 * more; 0: not for long enough. */
static unsigned seconds_left(const struct judging *j,
			     const struct allocation *a)
{
	nanoseconds since =
		seen_until(j, a->cited.last) - when(j, a->cited.last);

	return allocation_is_left(a) && since >= FOLLOW_UP
		       ? (unsigned)(since / NS_PER_S)
		       : 0;
}

static const char *left_text(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX], other[ENDPOINT_TEXT_MAX];

	endpoint_string(where(j, a->server), server);
	if (allocation_passes_alternate(a))
		return model_sentence(
			j->model,
			"%s names %s to go on with (%u); the "
			"client does not ask there in %u s that "
			"the capture goes on",
			server, endpoint_string(where(j, a->alternate), other),
			a->last_error, seconds_left(j, a));
	return model_sentence(j->model,
			      "%s asks for credentials (401); the client sends "
			      "none in %u s that the capture goes on",
			      server, seconds_left(j, a));
}

static const char *redirect_text(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX], other[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s sent the client on to %s",
			      endpoint_string(where(j, a->server), server),
			      endpoint_string(where(j, a->alternate), other));
}

/* Which of both was asked last: there nobody answers. */
static const struct endpoint *asked_last(struct judging *j,
					 const struct allocation *a)
{
	return where(j, a->alternate_asked && a->unanswered ? a->alternate
							    : a->server);
}

/* "... , where 203.0.113.5:3478 sent the client on to"; or nothing. */
static const char *sent_on_text(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX];

	if (asked_last(j, a) == where(j, a->server))
		return "";
	return model_sentence(j->model, ", where %s sent the client",
			      endpoint_string(where(j, a->server), server));
}

const char *allocation_text(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX];

	if (stopped_at_hello(j, a))
		return hello_text(j, a, stopped_at_hello(j, a));

	if (a->unanswered && a->obstacle.count)
		return model_sentence(
			j->model, "%s%s",
			obstacle_sentence(j, asked_last(j, a), &a->obstacle),
			sent_on_text(j, a));
	endpoint_string(asked_last(j, a), server);
	if (allocation_is_redirected(a) &&
	    !(a->alternate_asked && a->unanswered))
		return redirect_text(j, a);
	if (is_unconnected(a))
		return model_sentence(j->model,
				      "%s does not answer attempts to connect",
				      server);
	if (is_silent(j, a))
		return model_sentence(j->model,
				      "%s takes the connection and does not "
				      "answer %u Allocate request%s%s",
				      server, a->unanswered,
				      a->unanswered == 1 ? "" : "s",
				      sent_on_text(j, a));
	if (a->unanswered >= UNANSWERED_PROOF)
		return model_sentence(j->model,
				      "%s did not answer %u Allocate "
				      "requests%s%s",
				      server, a->unanswered,
				      allocation_was_challenged(j->model, a)
					      ? " with the credentials that it "
						"asked for"
					      : "",
				      sent_on_text(j, a));
	if (a->unheard >= UNANSWERED_PROOF)
		return model_sentence(j->model,
				      "what %s answers does not get to the "
				      "client: it asked the same %u times more",
				      server, a->unheard);
	if (seconds_left(j, a))
		return left_text(j, a);
	if (allocation_leads_nowhere(a))
		return model_sentence(j->model,
				      "%s granted an allocation and did not "
				      "say at which address",
				      server);
	if (a->state == STATE_FAILED)
		return model_sentence(
			j->model, "%s refused the allocation: error %u%s%s",
			server, a->last_error,
			a->error_after_credentials ? " to an authenticated "
						     "request"
						   : "",
			key_word(j, a));
	return model_sentence(j->model,
			      "an allocation at %s began; its end is not in "
			      "the capture",
			      server);
}

static void blame_left(struct judging *j, const struct allocation *a)
{
	char other[ENDPOINT_TEXT_MAX];

	if (allocation_passes_alternate(a))
		blame_all(j, RULE_GATHERING_NOT_FOLLOWED, &a->cited,
			  a->cited.last,
			  model_text(j->model,
				     slice_of_text(endpoint_string(
					     where(j, a->alternate), other))));
	else
		blame_all(j, RULE_GATHERING_NO_CREDENTIALS, &a->cited,
			  a->cited.last, NULL);
}

void blame_allocation(struct judging *j, const struct allocation *a)
{
	if (a->state == STATE_FAILED && stopped_at_hello(j, a))
		blame_hello(j, a, stopped_at_hello(j, a));
	else if (a->unanswered && a->obstacle.kind == OBSTACLE_ENDED)
		blame_all(j, RULE_GATHERING_CLOSED, &a->cited,
			  a->obstacle.place,
			  obstacle_evidence(j, asked_last(j, a), &a->obstacle));
	else if (a->unanswered && a->obstacle.count)
		blame_for_obstacle(j, asked_last(j, a), &a->obstacle,
				   RULE_GATHERING_PORT_CLOSED,
				   RULE_GATHERING_UNREACHABLE);
	else if (is_silent(j, a))
		blame_all(j, RULE_GATHERING_SILENT, &a->cited, a->request,
			  NULL);
	else if (a->unanswered >= UNANSWERED_PROOF)
		blame_all(j,
			  allocation_was_challenged(j->model, a)
				  ? RULE_GATHERING_MUTE
				  : RULE_GATHERING_UNANSWERED,
			  &a->cited, a->request,
			  is_unconnected(a) ? allocation_text(j, a) : NULL);
	else if (a->unheard >= UNANSWERED_PROOF)
		blame_all(j, RULE_GATHERING_UNHEARD, &a->cited, a->cited.last,
			  NULL);
	else if (allocation_leads_nowhere(a))
		blame_all(j, RULE_GATHERING_NOWHERE, &a->cited, a->granted,
			  NULL);
	else if (token_had_ended(j, a) &&
		 token_end_is_told(list_at(&j->model->tokens, a->token)))
		return; /* the token is to blame */
	else if (allocation_is_redirected(a))
		return; /* the server is not */
	else if (a->error_after_credentials == 436 && a->ms_turn)
		blame_all(j, RULE_GATHERING_UNKNOWN_USER, &a->cited,
			  a->cited.last, NULL);
	else if (is_credential_error(a->error_after_credentials))
		blame_all(j, RULE_GATHERING_WRONG_CREDENTIALS, &a->cited,
			  a->cited.last, NULL);
	else if (a->state == STATE_FAILED)
		blame_all(j, RULE_GATHERING_REFUSED, &a->cited, a->cited.last,
			  NULL);
	else if (seconds_left(j, a))
		blame_left(j, a);
}
