/* Stages 2 and 3 of a call: token and gathering. */
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

/* ---- 2: token ---- */

/* Of what was told outside of SIP candidates may be all that follows. */
static bool names_candidates(struct judging *j, bool answer)
{
	const struct told_description *t = told_of(j, answer);

	return t && t->description.candidate_count;
}

/* Both sides told what they have, and that is no relay. */
static bool told_without_relay(struct judging *j)
{
	return names_candidates(j, false) && names_candidates(j, true) &&
	       !told_of(j, false)->description.relay &&
	       !told_of(j, true)->description.relay;
}

/* Did the issuer say when it ends, or a name whose form is published?  That of
 * MRAS is known from the field alone. */
static bool end_is_told(const struct token *t)
{
	return t->kind != TOKEN_MRAS || t->answer;
}

static const char *expiry_text(struct judging *j, const struct token *t)
{
	struct text text = text_new(128);
	const char *out;

	if (t->expires) {
		struct civil_time c = clock_civil(t->expires);

		text_printf(&text,
			    ", until %04d-%02d-%02d %02d:%02d:%02d UTC%s",
			    c.year, c.month, c.day, c.hour, c.minute, c.second,
			    end_is_told(t) ? "" : ", as their name says");
	}
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

/* Errors that speak of user name, password or realm (RFC 8489 9.2.4, RFC 8656
 * 5, [MS-TURN] 3.3.5.1). */
static bool is_credential_error(unsigned code)
{
	return code == 401 || code == 431 || code == 436 || code == 441;
}

/* Was it refused with credentials whose time was over? */
static bool had_ended(struct judging *j, const struct allocation *a)
{
	const struct token *t = allocation_token(j, a);

	return t && t->refused &&
	       is_credential_error(a->error_after_credentials) &&
	       !(t->expires && when(j, a->cited.last) <= t->expires);
}

/* Where the relay was asked from with it. */
static const struct endpoint *user_of(struct judging *j, const struct token *t)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (had_ended(j, a) &&
		    list_at(&j->model->tokens, a->token) == t)
			return where(j, a->client);
	}
	return &t->client;
}

/* Did this call's allocations come too late for it?  Others may have used the
 * same token in time. */
static bool ended_for(struct judging *j, const struct token *t)
{
	for (size_t i = 0; t->refused && i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (had_ended(j, a) &&
		    list_at(&j->model->tokens, a->token) == t)
			return true;
	}
	return false;
}

static const char *token_text(struct judging *j, const struct token *t)
{
	static const char *const kinds[] = {
		[TOKEN_MRAS] = "MRAS credentials",
		[TOKEN_TURN_REST] = "TURN REST credentials",
		[TOKEN_LONG_TERM] = "long-term credentials",
		[TOKEN_OAUTH] = "an OAuth token",
	};
	const char *until = expiry_text(j, t);

	switch (t->state) {
	case STATE_OK:
		if (ended_for(j, t))
			return model_sentence(j->model,
					      "%s for %u minutes%s; they had "
					      "ended when a relay was asked",
					      kinds[t->kind], t->duration_min,
					      until);
		if (!t->duration_min && !t->expires)
			return model_sentence(
				j->model, "%s for a time not told, relay %s",
				kinds[t->kind],
				t->relay ? t->relay : "not named");
		return model_sentence(j->model, "%s for %u minutes%s, relay %s",
				      kinds[t->kind], t->duration_min, until,
				      t->relay ? t->relay : "not named");
	case STATE_INFERRED:
		return model_sentence(
			j->model,
			"%s%s, proved by the relay's grant; who issued them "
			"is not in the capture",
			kinds[t->kind], until);
	case STATE_FAILED:
		if (t->refused)
			return model_sentence(j->model,
					      "%s%s; used and refused later",
					      kinds[t->kind], until);
		return model_sentence(j->model, "MRAS answered: %s",
				      t->reason ? t->reason : "no token");
	case STATE_UNSEEN:
	case STATE_INCOMPLETE:
	case STATE_UNNEEDED:
		break;
	}
	return "asked for; the answer is not in the capture";
}

static bool offers_relay(const struct judging *j)
{
	return j->dialog && (j->dialog->offer.relay || j->dialog->reply.relay);
}

/* Where in-band provisioning sends the caller for a token, or NULL. */
static const char *mras_uri(struct judging *j)
{
	const char *uri = j->call->registrations.count
				  ? call_registration(j, 0)->mras_uri
				  : NULL;

	return uri && uri[0] ? uri : NULL;
}

/* Did provisioning say so to that one? */
static bool has_no_edge(const struct registration *r)
{
	return r->mras_uri && !r->mras_uri[0];
}

bool told_no_edge(struct judging *j)
{
	for (size_t i = 0; i < j->call->registrations.count; i++)
		if (has_no_edge(call_registration(j, i)))
			return true;
	return false;
}

/* Of credentials that were not seen themselves only the grants to this call
 * speak; others may use them too. */
static void cite_token(struct judging *j, const struct token *t)
{
	struct stage_view *v = view(j, STAGE_TOKEN);

	if (t->state != STATE_INFERRED) {
		cite_all(j, v, &t->cited);
		span(j, v, t->request, t->answer);
		return;
	}
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (a->token != LIST_NONE &&
		    list_at(&j->model->tokens, a->token) == t)
			cite(j->model, &v->cited, a->granted);
	}
}

void judge_token(struct judging *j)
{
	const struct token *chosen = NULL, *missed = token_of_side_without(j);

	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t =
			list_at(&j->model->tokens, j->call->tokens.list[i]);

		if (!chosen || (t->state == STATE_OK && !ended_for(j, t)))
			chosen = t;
		if (!missed && ended_for(j, t) &&
		    client_lacks_relay(j, user_of(j, t)))
			missed = t;
		if (ended_for(j, t))
			blame(j,
			      end_is_told(t) ? RULE_TOKEN_EXPIRED
					     : RULE_TOKEN_SEEMS_EXPIRED,
			      t->refused, NULL);
	}
	chosen = missed ? missed : chosen;
	if (chosen) {
		cite_token(j, chosen);
		conclude(j, STAGE_TOKEN,
			 ended_for(j, chosen) ? STATE_FAILED : chosen->state,
			 token_text(j, chosen));
		if (chosen->state == STATE_FAILED && !chosen->refused)
			blame_answer(j, RULE_TOKEN_REFUSED, chosen->request,
				     chosen->answer, chosen->reason);
	} else if (judge_shut(j, STAGE_TOKEN)) {
		return;
	} else if (mras_uri(j)) {
		conclude(j, STAGE_TOKEN, STATE_UNSEEN,
			 model_sentence(j->model,
					"provisioning names the MRAS %s; no "
					"request to it is in the capture",
					mras_uri(j)));
	} else if (j->call->registrations.count &&
		   has_no_edge(call_registration(j, 0))) {
		conclude(j, STAGE_TOKEN, STATE_UNNEEDED,
			 "provisioning names no Edge (mrasUri is empty): "
			 "there is no token to ask for");
	} else if (relays_ask_no_user(j)) {
		conclude(j, STAGE_TOKEN, STATE_UNNEEDED,
			 "the relay grants its addresses without credentials");
	} else if (j->call->allocations.count || offers_relay(j) ||
		   said_to_use_relay(j)) {
		conclude(j, STAGE_TOKEN, STATE_UNSEEN,
			 "a relay was asked; where its credentials came from "
			 "is not in the capture");
	} else if (j->dialog ? dialog_is_described(j->dialog)
			     : told_without_relay(j)) {
		conclude(j, STAGE_TOKEN, STATE_UNNEEDED, "no relay is used");
	} else {
		conclude(j, STAGE_TOKEN, STATE_UNSEEN, "none in the capture");
	}
}

/* ---- 3: gathering ---- */

struct gathered {
	unsigned ok, inferred, failed, open, sent_on, answered_bindings;
	unsigned mapped_bindings; /* of those, that told an address */
	const struct allocation *good, *bad, *lacking;
};

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

static enum stage_state allocation_state(const struct judging *j,
					 const struct allocation *a)
{
	return allocation_is_unanswered(a) || allocation_is_unheard(a) ||
			       is_silent(j, a)
		       ? STATE_FAILED
		       : a->state;
}

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
		const struct binding *b =
			list_at(&j->model->bindings, j->call->bindings.list[i]);

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

/* What the given password says: who of the two has another one. */
static const char *key_word(struct judging *j, const struct allocation *a)
{
	if (!is_credential_error(a->error_after_credentials))
		return "";
	if (had_ended(j, a))
		return end_is_told(list_at(&j->model->tokens, a->token))
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

static const char *bad_text(struct judging *j, const struct allocation *a)
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

static const char *lacking_text(struct judging *j, const struct gathered *g)
{
	char server[ENDPOINT_TEXT_MAX];

	if (!wants_more(j, g->lacking))
		return model_sentence(j->model,
				      "%s; the other side has a relay",
				      bad_text(j, g->lacking));
	return model_sentence(
		j->model,
		"%u of %u allocations granted, and no use made of them after "
		"%s refused another: error %u",
		g->ok + g->inferred, g->ok + g->inferred + g->failed + g->open,
		endpoint_string(where(j, g->lacking->server), server),
		g->lacking->last_error);
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

static void blame_allocation(struct judging *j, const struct allocation *a)
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
			  is_unconnected(a) ? bad_text(j, a) : NULL);
	else if (a->unheard >= UNANSWERED_PROOF)
		blame_all(j, RULE_GATHERING_UNHEARD, &a->cited, a->cited.last,
			  NULL);
	else if (allocation_leads_nowhere(a))
		blame_all(j, RULE_GATHERING_NOWHERE, &a->cited, a->granted,
			  NULL);
	else if (had_ended(j, a) &&
		 end_is_told(list_at(&j->model->tokens, a->token)))
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
			  a->cited.last, bad_text(j, a));
}

static bool has_ice(struct judging *j)
{
	if (!j->dialog)
		return names_candidates(j, false) || names_candidates(j, true);
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
		conclude(j, STAGE_GATHERING, STATE_FAILED, bad_text(j, g.bad));
	else if (g.open)
		conclude(j, STAGE_GATHERING, STATE_INCOMPLETE,
			 bad_text(j, g.bad));
	else if (g.sent_on)
		conclude(j, STAGE_GATHERING, STATE_FAILED, bad_text(j, g.bad));
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
	else
		conclude(j, STAGE_GATHERING, STATE_UNSEEN,
			 "nothing in the capture");
}
