/*
 * The facts that rules ask for (model/facts.h), taken from messages whose
 * subject a stage knows.  Shared by the files of the stages.
 */
#ifndef FLOW_FACTS_H
#define FLOW_FACTS_H

#include "flow/stages_state.h"

/* facts_sip.c: a REGISTER or its answer, a message of a dialog. */
void facts_registration(struct stages *s, struct registration *r,
			const struct message *m);
void facts_exchange(struct stages *s, struct dialog *d,
		    const struct message *m);

/* facts_sdp.c: any description of a dialog. */
void facts_sdp(struct stages *s, struct dialog *d, const struct message *m,
	       const struct sdp *sdp);
/* Has the message but one? */
bool facts_is_alone(const struct message *m);

/* sections.c: the sections of a description, as many as it has; NULL: there is
 * none, or no room.  They are `known` ones, if those are the same. */
struct known_sections {
	const struct section *list; /* or NULL */
	size_t count;
};
const struct section *sections_of(struct stages *s, const struct sdp *sdp,
				  const struct known_sections *known,
				  size_t known_count);

/* agreements.c: an offer that changes the session, or the answer to it. */
void agreement_take(struct stages *s, struct dialog *d, const struct message *m,
		    const struct sdp *sdp);

/* facts_stun.c: a request to a relay, its answer, data on the way through; a
 * Binding's answer; a check and an error that answers it; DTLS. */
void facts_request(struct stages *s, struct allocation *a,
		   const struct message *m);
void facts_answer(struct stages *s, struct allocation *a,
		  const struct message *m, const struct pending *p);
void facts_relayed(struct stages *s, struct allocation *a,
		   const struct message *m, bool back);
void facts_binding(struct stages *s, struct binding *b,
		   const struct message *m);
/* An answer that was seen before says again what the client is seen as. */
void facts_again(struct stages *s, struct chain *facts,
		 const struct endpoint *mapped, const struct message *m);
void facts_check(struct stages *s, struct session *x, const struct message *m);
void facts_check_error(struct stages *s, struct session *x,
		       const struct message *m);
void facts_handshake(struct stages *s, struct handshake *h,
		     const struct message *m);

/* altered.c: how it looks, where there are several vantages. */
void altered_note(struct stages *s, struct chain *facts,
		  const struct message *m);

/* facts_turn.c: a request to a relay, the time of its sending before (0: it is
 * the first); its answer; a ConnectionBind on a connection of its own; an
 * indication to the client. */
void turn_request(struct stages *s, struct allocation *a,
		  const struct message *m, struct pending *p,
		  nanoseconds before);
void turn_answer(struct stages *s, const struct message *m,
		 const struct pending *p);
/* Before it: one with other credentials and the id of what was answered, as
 * libjuice sends it, is asked for the first time. */
void turn_asks_anew(struct stages *s, struct allocation *a,
		    const struct message *m, struct pending *p);
void turn_bind(struct stages *s, const struct message *m);
void turn_attempt(struct stages *s, uint32_t number, const struct message *m);

/* facts_sip.c: counts it, unless it is a copy. */
void facts_note(struct stages *s, struct chain *facts, enum fact_kind kind,
		uint32_t value, const struct message *m);

/* stage_sdp.c: has it a session id that is not made up for all, as "0"? */
bool sdp_is_numbered(const struct sdp *sdp);

static inline uint32_t short_hash(const struct stages *s, struct slice value)
{
	return (uint32_t)stages_hash(s, value);
}

#endif /* FLOW_FACTS_H */
