/*
 * The candidates of calls by address: those that descriptions name, then those
 * that checks teach.  Shared by calls_candidates.c and calls_learned.c; nobody
 * else includes this.
 */
#ifndef FLOW_CANDIDATES_H
#define FLOW_CANDIDATES_H

#include "flow/stages_state.h"

/* The numbers of struct candidate's type. */
enum { TYPE_UNKNOWN, TYPE_HOST, TYPE_SRFLX, TYPE_PRFLX, TYPE_RELAY };

/* An end that is looked for in a call. */
struct wanted {
	uint32_t call;
	end_number end;
	kept_text ufrag;     /* 0: any */
	uint32_t allocation; /* of a learned one: seen through it */
};

struct candidates {
	struct stages *s;
	struct index described; /* by call and address, and by call and base */
	struct index learned;
	/* Where allocations and Bindings were, by address: relayed addresses
	 * with the allocation; made when they are asked for. */
	struct owners relayed, local, reflexive;
	struct owners asking; /* Bindings by the address that asked */
	bool gathered;
	size_t last; /* learned of the session at hand, or LIST_NONE */
};

/* What is learned of an end of a pair. */
struct lesson {
	struct session *session;
	const struct pair *pair;
	unsigned end;      /* 0: a, 1: b */
	struct wanted who; /* the address and user fragment */
	uint8_t side;      /* enum candidate_side */
	size_t leg;        /* dialog whose descriptions name it, or LIST_NONE */
	bool complete;     /* both descriptions of the leg are readable */
	end_number base;   /* its own address, or 0 */
	const struct candidate *like; /* same component and medium, or NULL */
};

/* calls_learned.c: the candidate that the checks teach, made if need be, or
 * CHAIN_END when there is no room. */
uint32_t candidates_learn(struct candidates *c, const struct lesson *lesson);
/* Joins described candidates with the allocations that they are relayed
 * addresses of; comes before the first lesson. */
void candidates_join_relays(struct candidates *c);
/* The mapped address that a STUN server told this end last, or 0. */
end_number candidates_mapped(struct candidates *c, end_number end,
			     nanoseconds time);

static inline uint64_t candidates_hash(const struct stages *s, uint32_t call,
				       end_number end)
{
	return hash_mix(s->key + ((uint64_t)call << 32 | end));
}

#endif /* FLOW_CANDIDATES_H */
