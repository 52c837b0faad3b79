/*
 * Shared by the files of the verdict: one call under judgement.  Nobody else
 * includes this.
 */
#ifndef VALIDATE_VERDICT_STATE_H
#define VALIDATE_VERDICT_STATE_H

#include "validate/rules.h"
#include "validate/verdict.h"

/* Words of 64 bits for the kinds of facts. */
#define FACT_WORDS (FACT_KINDS / 64 + 1)

#define CHECKS_MAX 640u
#define PATTERNS_MAX 512u

/*
 * What all calls are held against, without its words, which fill more than a
 * cache: made once for many calls.
 */
struct catalogue {
	struct listed_check {
		void (*check)(struct judging *j, const struct rule *self);
		const struct rule *rule;
	} checks[CHECKS_MAX];
	size_t check_count;
	/*
	 * Of each pattern: most want a finding that the call has not, or words
	 * where none were said.  Findings are bits by a hash of their names,
	 * so a bit that is set says nothing.
	 */
	struct pattern_wants {
		const struct pattern *pattern;
		uint64_t findings;
		bool words;
	} wants[PATTERNS_MAX];
	size_t pattern_count;
};

/* rules.c, judge_patterns.c: fill their part of it. */
void rules_list_checks(struct catalogue *to);
void patterns_list_wants(struct catalogue *to);

struct judging {
	struct model *model;
	const struct catalogue *catalogue;
	struct call *call;
	size_t number;
	const struct dialog *dialog;              /* NULL: none */
	const struct rule *first[STAGE_NONE + 1]; /* blamed, by stage */
	uint64_t facts[FACT_WORDS]; /* kinds that any part has, by number */
	struct list *unanswered; /* pairs whose history is for later; or NULL */
};

/* verdict.c: one call. */
void verdict_of(struct model *model, const struct catalogue *catalogue,
		size_t number, struct list *unanswered);
/* judge_why.c: silence is a failure where checks went on long enough; a row of
 * history says so. */
void pair_note_failure(struct model *model, struct pair *pair);
/* verdict_shared.c: may several threads judge? */
bool verdicts_apart(const struct model *model);
/* The calls from `first` to before `end`, by so many threads; false: it is not
 * worth it, none is judged. */
bool verdicts_shared(struct model *model, const struct catalogue *catalogue,
		     size_t first, size_t end, unsigned jobs);

void judge_registration(struct judging *j);
void judge_token(struct judging *j);
void judge_gathering(struct judging *j);
void judge_exchange(struct judging *j);
/* Adds to stage 4 what became of the legs behind the first. */
void judge_legs(struct judging *j);
void judge_probing(struct judging *j);
void judge_media(struct judging *j);
/* judge_pairs.c: do both sides name candidates, and none of one may pair with
 * one of the other? */
bool candidates_are_apart(struct judging *j);

/* Of a verdict with outcome and rule. */
enum confidence confidence_of(struct judging *j);

/* judge_patterns.c: which patterns of the catalogue it shows; after all
 * rules. */
void judge_patterns(struct judging *j);

/* judge_said.c: what clients say, held against what packets show. */
void judge_said(struct judging *j);
/* rules_said.c: the first word of a client of this call that media found no
 * way, or NULL; what it says, and the rule that finds it. */
const struct diagnosis *said_no_way(struct judging *j);
const char *said_text(struct judging *j, const struct diagnosis *d);
const struct rule *rule_no_way(void);

/* The same: what browsers say of the checks of this call, in dumps; 0: they do
 * not. */
struct agent_said {
	place_number checking, connected, failed;
	const char *used; /* the pair that was in use last, or NULL */
};
struct agent_said agent_said(struct judging *j);
const struct rule *rule_agent_failed(void);
/* The same for warnings of ICE; did the user hang up too soon for them to mean
 * anything? */
const struct rule *rule_ice_warning(void);
bool said_too_soon(struct judging *j, const struct diagnosis *d);
/* The bits of ICEWarn that speak of relays and credentials, and are not
 * usual. */
uint32_t said_of_relays(uint32_t warn);
/* How many lines of logs may be about this very call: all or none. */
size_t remarks_near(const struct judging *j);
/* judge_token.c: did provisioning tell any of them that there is no Edge
 * (an empty mrasUri)? */
bool told_no_edge(struct judging *j);
/* The same file: does that side's description name candidates, as one that was
 * told outside of SIP? */
bool candidates_are_told(struct judging *j, bool answer);
/* The same file: is the end of the token told, and not its user name's form
 * alone; had it ended when the relay refused it; is that error of a relay one
 * of credentials (RFC 8489 9.2.4, RFC 8656 5, [MS-TURN] 3.3.5.1)? */
bool token_end_is_told(const struct token *t);
bool token_had_ended(struct judging *j, const struct allocation *a);
bool is_credential_error(unsigned code);
/* judge_allocation.c: its state, where one that got no answer has failed; what
 * became of it, where it was not granted, in the model's memory; and the
 * finding that explains it. */
enum stage_state allocation_state(const struct judging *j,
				  const struct allocation *a);
const char *allocation_text(struct judging *j, const struct allocation *a);
void blame_allocation(struct judging *j, const struct allocation *a);
/* judge_exchange.c: what an application told of a call outside of SIP, or
 * NULL. */
const struct told_description *told_of(struct judging *j, bool answer);

/* judge_unasked.c: stage 3 of a call with ICE when no server is seen asked. */
void judge_unasked(struct judging *j);
/* The same file: does a client name a relay, or say what went wrong with
 * one? */
bool said_to_use_relay(struct judging *j);
/* The same file: did all relays of the call grant without a user's name? */
bool relays_ask_no_user(struct judging *j);

/* Did a DTLS handshake of the call come to its end, or all that did to a fatal
 * alert? */
enum handshakes {
	HANDSHAKES_OPEN, /* or there are none */
	HANDSHAKES_DONE,
	HANDSHAKES_FAILED,
};
enum handshakes handshakes_of(struct judging *j);
/* Has each handshake another certificate than SDP promised, and no media flows
 * both ways?  Who checks it ends the call (RFC 5763 6.9). */
bool certificates_differ(struct judging *j);
/* rules_media.c: the rule that finds that. */
const struct rule *rule_certificate_differs(void);
/* Does any host of the call get media back from where it sends to?  And still
 * some time after `since`? */
bool media_both_ways(struct judging *j);
/* Does the dialog stand, though its answer is not in the capture? */
static inline bool answered_unseen(struct judging *j)
{
	return dialog_stands_unseen(j->dialog) ||
	       (j->dialog->taken && !j->dialog->final && media_both_ways(j));
}
bool media_goes_on(struct judging *j, nanoseconds since);
/* Does the capture lack one direction of a way that was checked?  Then what is
 * not answered there may have been, and media of that direction be missing. */
bool is_half_captured(struct judging *j);
/* judge_sides.c: does this allocation belong to a side of the call that got no
 * relay, nor a way, while the other one got its own? */
bool is_of_side_without(struct judging *j, const struct allocation *a);
/* Was no relay granted to that client, and is it missed where the other side
 * has one? */
bool client_lacks_relay(struct judging *j, const struct endpoint *client);
/* What MRAS refused to a client that then lacked it; NULL: none. */
const struct token *token_of_side_without(struct judging *j);
/* The end that asked first, whichever stands first; 0: that is not sure. */
end_number pair_asked_first(const struct model *m, const struct pair *p);
/* judge_gathering.c: did the relay refuse each peer of an attempt? */
bool relay_lets_nobody_in(struct judging *j);
/* rules_gathering.c: the rule that finds that. */
const struct rule *rule_peer_refused(void);
/* rules_turn.c: the first STUN server that is asked in vain where none answers,
 * and the rule that finds it; NULL: there is none. */
const struct binding *stun_in_vain(struct judging *j, const struct rule **rule);
/* rules_offer.c: the rule that finds a description without candidates. */
const struct rule *rule_no_candidates(void);
/* judge_lost.c: what the relay granted and does not know any more; is it only
 * what came of one that NAT gave another address? */
void judge_lost_allocation(struct judging *j, const struct allocation *a);
bool is_behind_rebound(struct judging *j, const struct allocation *a);
/* Does a description say that NAT gives that host? */
bool is_told_reflexive(struct judging *j, const struct endpoint *e);
/* judge_probing.c: did every check of one of the two agents fail? */
bool is_one_sided(struct judging *j, const struct session *x);
/* And no media or DTLS says that it got in all the same: what the other one
 * sends does not. */
bool is_left_out(struct judging *j, const struct session *x);
struct nominations {
	unsigned asked, done;
};
struct nominations nominations_of(const struct judging *j,
				  const struct session *x);
/* Checks have success, and those that nominate never. */
bool is_nomination_lost(struct judging *j, const struct session *x);

/* Of several vantages, the point behind which checks vanish. */
void judge_vantages(struct judging *j);

/* Which pairs of the call were selected, and which end stands first. */
void judge_pairs(struct judging *j);
/* judge_why.c: did the checks of a side that was answered before go on without
 * answers for long, and nobody had hung up? */
bool pair_fell_silent(const struct judging *j, const struct pair *p);
/* What came of each pair of a session, in one sentence. */
void explain_pairs(struct judging *j, const struct session *x);

static inline struct stage_view *view(struct judging *j, enum stage stage)
{
	return &j->call->stages[stage];
}

/* Sets state and sentence of a stage, and its time from what it cites unless
 * `span` has set that. */
void conclude(struct judging *j, enum stage stage, enum stage_state state,
	      const char *text);

/* "nobody listens at 192.0.2.1:5060 (ICMP port unreachable)", or that it
 * cannot be reached. */
const char *obstacle_sentence(struct judging *j, const struct endpoint *at,
			      const struct obstacle *obstacle);

/* "192.0.2.1:5060, ICMP port unreachable, 3 times". */
const char *obstacle_evidence(struct judging *j, const struct endpoint *at,
			      const struct obstacle *obstacle);

/* The hop of the INVITE where the network answered, and nobody else did; or
 * NULL. */
const struct hop *dialog_obstructed(const struct model *m,
				    const struct dialog *d);

/* Do both sides name the same site for media bypass (a=x-bypassid), and the
 * answer no ICE?  Then media goes straight to the gateway. */
bool dialog_bypasses(const struct dialog *d);

static inline nanoseconds when(const struct judging *j, place_number place)
{
	return place_time(j->model, place);
}

static inline const struct endpoint *where(const struct judging *j,
					   end_number end)
{
	return end_at(j->model, end);
}

/* The first relayed candidate that a description names, or NULL. */
const struct candidate *named_relay(struct judging *j);

/* The relay of the call that is asked inside of TLS, or NULL; and does it say
 * more to its client than that it will hand on what is sent? */
const struct hidden_relay *hidden_relay_of(const struct judging *j);
bool hidden_relay_speaks(const struct judging *j, place_number check);

/* checks.c: until when the capture goes on where this place lies.  Of several
 * files another one may be of another day, and shows nothing of this one. */
nanoseconds seen_until(const struct judging *j, place_number place);

/* Takes evidence's frames over into a stage. */
void cite_all(const struct judging *j, struct stage_view *view,
	      const struct cited *cited);

/* From the first request to what ended the stage; what has no frame is left
 * out, and several add up. */
void span(const struct judging *j, struct stage_view *view, place_number from,
	  place_number to);

/* Notes a finding of this call. */
void found(struct judging *j, const struct rule *rule, place_number place,
	   const char *text);

/* Notes a finding of this call; the first of a stage explains the verdict if
 * the call stopped there. */
void blame(struct judging *j, enum rule_id id, place_number place,
	   const char *text);

/* judge_allocation.c: what the network says of a way decides between two
 * rules. */
void blame_for_obstacle(struct judging *j, const struct endpoint *at,
			const struct obstacle *obstacle, enum rule_id closed,
			enum rule_id unreachable);
/* judge_shut.c: concludes a stage from a connection that did not come about;
 * false: none is known. */
bool judge_shut(struct judging *j, enum stage stage);

/* What also proves a finding noted before. */
void prove(struct judging *j, const struct rule *rule, place_number place);
void prove_all(struct judging *j, const struct rule *rule,
	       const struct cited *cited);

/* The same, proved by the frames of a part of the call. */
void blame_all(struct judging *j, enum rule_id id, const struct cited *by,
	       place_number place, const char *text);

/* The same of an answer, with what it answers. */
void blame_answer(struct judging *j, enum rule_id id, place_number request,
		  place_number answer, const char *text);

/* judge_web.c: where only web services were asked (REGISTER_WEB). */
const char *judge_web_text(struct judging *j, const struct registration *r);
void blame_web(struct judging *j, const struct registration *r);

#endif /* VALIDATE_VERDICT_STATE_H */
