/* Stage 2 of a call: the token. */
#include "config.h"

#include "validate/checks.h"

/* RFC 3261 17.1.2.2, Timer F. */
#define PATIENCE (32 * NS_PER_S)

/* Of what was told outside of SIP candidates may be all that follows. */
bool candidates_are_told(struct judging *j, bool answer)
{
	const struct told_description *t = told_of(j, answer);

	return t && t->description.candidate_count;
}

/* Both sides told what they have, and that is no relay. */
static bool told_without_relay(struct judging *j)
{
	return candidates_are_told(j, false) && candidates_are_told(j, true) &&
	       !told_of(j, false)->description.relay &&
	       !told_of(j, true)->description.relay;
}

/* Did the issuer say when it ends, or a name whose form is published?  That of
 * MRAS is known from the field alone. */
bool token_end_is_told(const struct token *t)
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
			    token_end_is_told(t) ? "" : ", as their name says");
	}
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

/* Errors that speak of user name, password or realm (RFC 8489 9.2.4, RFC 8656
 * 5, [MS-TURN] 3.3.5.1). */
bool is_credential_error(unsigned code)
{
	return code == 401 || code == 431 || code == 436 || code == 441;
}

/* Was it refused with credentials whose time was over? */
bool token_had_ended(struct judging *j, const struct allocation *a)
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

		if (token_had_ended(j, a) &&
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

		if (token_had_ended(j, a) &&
		    list_at(&j->model->tokens, a->token) == t)
			return true;
	}
	return false;
}

/* Who has an allocation later had its answer, too; over UDP the client's own
 * repetitions tell. */
static bool is_asked_in_vain(struct judging *j, const struct token *t)
{
	const struct token_request *q =
		t->asked ? list_at(&j->model->token_requests, t->asked - 1)
			 : NULL;
	nanoseconds asked = when(j, t->request);

	if (!q || !q->hop_count || t->state != STATE_INCOMPLETE || q->status ||
	    !j->model->answers || j->model->unreadable > asked ||
	    seen_until(j, t->request) - asked <= PATIENCE)
		return false;
	for (size_t i = 0; i < j->call->allocations.count; i++)
		if (call_allocation(j, i)->granted)
			return false;
	return q->hops[0].reliable || q->hops[0].sent >= UNANSWERED_PROOF;
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
	return is_asked_in_vain(j, t)
		       ? "asked for, and never answered"
		       : "asked for; the answer is not in the capture";
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
			      token_end_is_told(t) ? RULE_TOKEN_EXPIRED
						   : RULE_TOKEN_SEEMS_EXPIRED,
			      t->refused, NULL);
		if (is_asked_in_vain(j, t))
			blame(j, RULE_TOKEN_UNANSWERED, t->request, NULL);
	}
	chosen = missed ? missed : chosen;
	if (chosen) {
		cite_token(j, chosen);
		conclude(j, STAGE_TOKEN,
			 ended_for(j, chosen) || is_asked_in_vain(j, chosen)
				 ? STATE_FAILED
				 : chosen->state,
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
	} else if (dialog_is_control(j->dialog)) {
		conclude(j, STAGE_TOKEN, STATE_UNNEEDED,
			 dialog_is_control(j->dialog));
	} else {
		conclude(j, STAGE_TOKEN, STATE_UNSEEN, "none in the capture");
	}
}
