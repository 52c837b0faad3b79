/*
 * What the checks of rules share: the parts of a call, and the facts beside
 * them.
 *
 * A check looks at the whole call, notes what it found at most once a part,
 * and says nothing where the evidence does not tell: a rule must not hit on
 * traffic that worked unless it only informs or warns.
 */
#ifndef VALIDATE_CHECKS_H
#define VALIDATE_CHECKS_H

#include "validate/verdict_state.h"

/* Part `i` of the call. */
#define CALL_PART(type, rows)                                                 \
	static inline const struct type *call_##type(const struct judging *j, \
						     size_t i)                \
	{                                                                     \
		return list_at(&j->model->rows, j->call->rows.list[i]);       \
	}
CALL_PART(registration, registrations)
CALL_PART(token, tokens)
CALL_PART(allocation, allocations)
CALL_PART(binding, bindings)
CALL_PART(session, sessions)
CALL_PART(media, media)
CALL_PART(handshake, handshakes)
#undef CALL_PART

/* Has any part of the call a fact of this kind?  Most have none. */
static inline bool has_fact(const struct judging *j, enum fact_kind kind)
{
	return j->facts[kind / 64] >> kind % 64 & 1;
}

/* The first fact of that kind of a part of the call; NULL: none. */
static inline const struct fact *part_fact(const struct judging *j,
					   const struct chain *facts,
					   enum fact_kind kind)
{
	return has_fact(j, kind) ? fact_of(j->model, facts, kind) : NULL;
}

static inline const char *kept(const struct judging *j, kept_text text)
{
	return text_or_empty(j->model, text);
}

/* When checks of the pair stopped to be answered; 0: they did not. */
static inline nanoseconds consent_end(const struct judging *j,
				      const struct pair *p)
{
	return pair_extra_of(j->model, p)->consent_lost;
}

/* The pairs of a session: pair_first, then pair_next until NULL. */
static inline const struct pair *pair_first(const struct judging *j,
					    const struct session *x)
{
	return x->first_pair == LIST_NONE
		       ? NULL
		       : list_at(&j->model->pairs, x->first_pair);
}

static inline const struct pair *pair_next(const struct judging *j,
					   const struct pair *p)
{
	return p->next == LIST_NONE ? NULL : list_at(&j->model->pairs, p->next);
}

/* judge_pairs.c: was another pair for the same chosen before this one was asked
 * that way?  Agents need not answer what is not in use (RFC 8445 8.3). */
bool is_asked_late(const struct judging *j, const struct pair *p,
		   unsigned side);

/* Did another host inside answer checks from that relay, or have its own
 * answered?  Then the private address that it gives out is of a network that
 * the peers are in, as with relays of conference services. */
bool relay_serves_inside(struct judging *j, const struct allocation *a);

static inline bool dialog_is_described(const struct dialog *d)
{
	return d->offer.place || d->reply.place;
}

/* What a dialog that describes no media is for, or NULL: it may have any. */
static inline const char *dialog_is_control(const struct dialog *d)
{
	if (!d || dialog_is_described(d) || !d->control)
		return NULL;
	return d->control == CONTROL_PHONE
		       ? "the dialog controls a phone (CSTA), without media"
		       : "the dialog controls a conference (C3P), without "
			 "media";
}

static inline bool dialog_answered(const struct dialog *d)
{
	return d && d->final >= 200 && d->final < 300;
}

static inline bool handshake_is_over(const struct handshake *h)
{
	return h->finished[0] && h->finished[1];
}

/* The first fact of that kind of the dialog; NULL: none. */
static inline const struct fact *dialog_fact(const struct judging *j,
					     enum fact_kind kind)
{
	return j->dialog ? part_fact(j, &j->dialog->facts, kind) : NULL;
}

/* An answer that comes again and again to another port than who asked has. */
const struct fact *answered_aside(struct judging *j, const struct chain *facts);

/* A 3xx that sends the caller where another one did before; or NULL. */
const struct fact *sent_again(struct judging *j);

/* A finding where the fact was seen first. */
static inline void found_fact(struct judging *j, const struct rule *self,
			      const struct fact *fact, const char *text)
{
	found(j, self, fact->first, text);
}

/* A finding for each time that the fact was seen. */
static inline void found_each(struct judging *j, const struct rule *self,
			      const struct fact *fact, const char *text)
{
	found(j, self, fact->first, text);
	model_note_more(j->model, self, fact->last, fact->count - 1, j->number);
}

/* A finding, proved by the frames of a part of the call. */
static inline void found_all(struct judging *j, const struct rule *self,
			     const struct cited *by, place_number place,
			     const char *text)
{
	found(j, self, place, text);
	prove_all(j, self, by);
}

/* A finding in an answer, with what it answers. */
static inline void found_answer(struct judging *j, const struct rule *self,
				place_number request, place_number answer,
				const char *text)
{
	found(j, self, answer, text);
	prove(j, self, request);
}

/*
 * Did what ICE, DTLS and relays are for come about?  Then what looks wrong did
 * no harm, or the capture misses what would explain it.
 */
static inline bool went_well(struct judging *j)
{
	enum stage_state probing = view(j, STAGE_PROBING)->state;

	return probing == STATE_OK || probing == STATE_INFERRED ||
	       media_both_ways(j);
}

/* The token that an allocation used; NULL: none that is known. */
static inline const struct token *allocation_token(const struct judging *j,
						   const struct allocation *a)
{
	return a->token == LIST_NONE ? NULL
				     : list_at(&j->model->tokens, a->token);
}

/* When the last fact of this kind of a part of the call was seen; 0: there is
 * none. */
nanoseconds part_last(struct judging *j, const struct chain *facts,
		      enum fact_kind kind);

/* Says the refusal at `answer`, a 403, by its reason or Warning that it is
 * about credentials?  RFC 3261 21.4.4 has 401 and 407 for them. */
bool refuses_credentials(struct judging *j, const char *reason,
			 const struct chain *diagnoses, place_number answer);

/* Did the client send a refresh in time whose answer is not seen, and which
 * nothing refused?  Or does the relay hand its data on when the time is over,
 * so that neither is in the capture?  Then nobody knows when the allocation
 * ends. */
bool is_renewed_unseen(struct judging *j, const struct allocation *a);

/* When it last handed data on, to its client or to a peer; 0: never seen. */
nanoseconds relayed_last(struct judging *j, const struct allocation *a);

/* Finds the first fact of this kind of each registration of the call. */
void found_registration_fact(struct judging *j, const struct rule *self,
			     enum fact_kind kind);

/*
 * How many seconds the capture goes on at this vantage behind the last word of
 * one side, where an answer would be seen; 0: less than clients wait for one
 * (Timers B and F of RFC 3261 17.1.1.2 and 17.1.2.2), or it may hold what
 * follows unreadable or not at all.
 */
unsigned seconds_behind(struct judging *j, nanoseconds last, uint32_t vantage);

/* What shows that the answer to the INVITE comes in part each time that it is
 * sent, where no ACK follows; NULL: nothing does. */
const struct fact *answer_in_pieces(struct judging *j, const struct dialog *d);

/* Did a request get no answer on this hop, though the transport repeats it by
 * itself, in that time?  Over UDP the client's own repetitions tell. */
bool hop_times_out(struct judging *j, const struct hop *hop);

/* Did the other side answer the BYE, and no proxy in its place? */
bool is_bye_answered(struct judging *j);

/* rules_media.c: the last stream of a side that is gone, program, machine or
 * network, while the call went on; NULL: none is. */
const struct media *stream_of_gone(struct judging *j);

/* rules_streams.c: was the call changed by a re-INVITE or UPDATE, and not only
 * refreshed, so that streams may begin anew (hold, fax)? */
bool was_changed(struct judging *j);

/* rules_streams.c: the stream that goes on in its place from another address,
 * with its SSRC; NULL: none does, or a description or ICE may say so. */
const struct media *stream_moved(struct judging *j, const struct media *a);

/* Does SIP go without TLS to the port of TLS, and the server ends the
 * connection (RFC 3261 18.2.1)? */
bool hop_lacks_tls(struct judging *j, const struct hop *hop);

/* Is it swallowed on its way to there?  Then that is found. */
void found_swallowed(struct judging *j, const struct endpoint *at,
		     const struct obstacle *obstacle);

/* Does the relay not know the user of a token (436) that it took itself? */
bool is_user_forgotten(const struct judging *j, const struct allocation *a);

/* "488 Not Acceptable Here". */
const char *status_text(struct judging *j, unsigned status);

/* "N times", or NULL for once. */
const char *times_text(struct judging *j, unsigned count);

/* Checks of rows in one table that look at the evidence of another file. */
/* judge_web.c */
void rule_web_ticket(struct judging *j, const struct rule *self);
void rule_web_certificate(struct judging *j, const struct rule *self);
void rule_web_discovery(struct judging *j, const struct rule *self);

/* judge_exchange.c: copies of the answer ended early enough for an ACK to have
 * come; f: the copies. */
bool ack_came_at_last(struct judging *j, const struct fact *f);

#endif /* VALIDATE_CHECKS_H */
