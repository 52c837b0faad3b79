/*
 * An ICE agent without sockets (RFC 8445; RFC 5245's aggressive nomination;
 * [MS-ICE2], which is draft 19 of RFC 5245 with two attributes of its own).
 *
 * Candidates of both sides go in, checks come out, one each Ta; what comes back
 * moves the pairs through their states until each component has a pair that is
 * nominated.  It reads no clock: two of them can talk in a test, and one alone
 * says what an agent with these candidates would do next.
 *
 * Gathering, keep-alives and consent are their owners'.
 */
#ifndef ENGINE_ICE_AGENT_H
#define ENGINE_ICE_AGENT_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "engine/transaction.h"

#define ICE_CANDIDATES_MAX 32u /* of a side */
#define ICE_PAIRS_MAX 100u     /* RFC 8445 6.1.2.5 */
#define ICE_COMPONENTS_MAX 2u
#define ICE_FOUNDATION_MAX 33u

enum ice_type {
	ICE_HOST,
	ICE_SRFLX,
	ICE_PRFLX,
	ICE_RELAY,
};

struct ice_candidate {
	struct endpoint at;
	struct endpoint base; /* of ours; of the other side it does not count */
	uint32_t priority;
	uint16_t component; /* 1 or 2 */
	uint8_t type;       /* enum ice_type */
	char foundation[ICE_FOUNDATION_MAX];
};

enum ice_pair_state {
	ICE_FROZEN,
	ICE_WAITING,
	ICE_IN_PROGRESS,
	ICE_SUCCEEDED,
	ICE_FAILED,
};

struct ice_pair {
	uint16_t local, remote; /* candidates, by number */
	uint16_t valid;         /* local candidate of the valid pair */
	uint64_t priority;
	uint8_t state;    /* enum ice_pair_state */
	bool valid_once;  /* it has succeeded, whatever runs now */
	bool triggered;   /* in that queue */
	bool nominates;   /* the check that is due, or runs, nominates */
	bool to_nominate; /* the other side has, before ours succeeded */
	bool nominated;
	bool as_controlling;        /* the role that the running check claims */
	unsigned checks;            /* transactions that were begun */
	nanoseconds begun;          /* the first of them */
	uint8_t id[16], old_id[16]; /* of the check before, while it may be
				     * answered; 0: none */
	struct transaction_timers timers;
	struct transaction timer;
};

enum ice_state {
	ICE_RUNNING,
	ICE_COMPLETED,
	ICE_GAVE_UP, /* a component has no pair left; for who trickles that
		      * need not be the end */
};

enum ice_profile {
	ICE_RFC8445,
	ICE_RFC5245, /* nominates aggressively */
	ICE_MS_ICE2, /* as clients of Skype for Business and Teams do it */
};

struct ice_config {
	enum ice_profile profile;
	bool controlling;
	uint64_t tie_breaker;
	struct slice ufrag, password; /* ours; slices are borrowed */
	struct slice remote_ufrag, remote_password; /* the other side's */
	nanoseconds pace;                           /* Ta; 0: the profile's */
	/* A better pair is waited for so long; 0: until none can come. */
	nanoseconds nominate_after;
	uint16_t components;
};

struct ice_provider {
	void *context;
	/* From a base of ours (a relayed address: through that relay). */
	void (*send)(void *context, const struct endpoint *base,
		     const struct endpoint *to, struct slice bytes);
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct ice_agent;

/* NULL without memory. */
struct ice_agent *ice_agent_new(const struct ice_config *config,
				const struct ice_provider *provider);
void ice_agent_free(struct ice_agent *a);

/* Before it begins, or, trickled, later.  False: there are too many. */
bool ice_agent_add_local(struct ice_agent *a, const struct ice_candidate *c);
bool ice_agent_add_remote(struct ice_agent *a, const struct ice_candidate *c);

/* Makes the pairs and says which of them wait, without sending: what would be
 * checked, in order, as long as nothing is heard. */
void ice_agent_prepare(struct ice_agent *a);
/* Prepares, and sends the first check (RFC 8445 6.1.4.2). */
void ice_agent_begin(struct ice_agent *a, nanoseconds now);
/* What came to a base of ours. */
void ice_agent_receive(struct ice_agent *a, const struct endpoint *base,
		       const struct endpoint *from, struct slice bytes,
		       nanoseconds now);
/* Sends what is due: checks by the pace, requests again by their timers. */
void ice_agent_tick(struct ice_agent *a, nanoseconds now);
/* When tick has work; INT64_MAX: never as of now. */
nanoseconds ice_agent_next(const struct ice_agent *a);

/* ICE_RUNNING until each component has its pair, or none is left. */
enum ice_state ice_agent_state(const struct ice_agent *a);
/* As of now: a role conflict may change it (RFC 8445 7.3.1.1). */
bool ice_agent_is_controlling(const struct ice_agent *a);
/* In the order in which they would be checked. */
size_t ice_agent_pairs(const struct ice_agent *a);
/* NULL: there is no such; good until a candidate or a check is added. */
const struct ice_pair *ice_agent_pair(const struct ice_agent *a, size_t i);
/* By the numbers of a pair; NULL and good for as long as above. */
const struct ice_candidate *ice_agent_local(const struct ice_agent *a,
					    size_t number);
const struct ice_candidate *ice_agent_remote(const struct ice_agent *a,
					     size_t number);
/* The nominated pair of a component, or NULL. */
const struct ice_pair *ice_agent_selected(const struct ice_agent *a,
					  uint16_t component);

/* RFC 8445 6.1.2.3. */
uint64_t ice_pair_priority(uint32_t controlling, uint32_t controlled);

#endif /* ENGINE_ICE_AGENT_H */
