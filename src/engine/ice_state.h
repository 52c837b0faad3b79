/* What the files of the ICE agent share.  Nobody else includes this. */
#ifndef ENGINE_ICE_STATE_H
#define ENGINE_ICE_STATE_H

#include "core/text.h"
#include "dissectors/stun_integrity.h"
#include "engine/ice_agent.h"

#define ICE_MESSAGE_MAX 2048u
#define ICE_NONE SIZE_MAX

enum ice_attribute {
	ICE_AT_PRIORITY = 0x0024,
	ICE_AT_USE_CANDIDATE = 0x0025,
	ICE_AT_CONTROLLED = 0x8029,
	ICE_AT_CONTROLLING = 0x802A,
	ICE_AT_CANDIDATE_IDENTIFIER = 0x8054,
	ICE_AT_IMPLEMENTATION_VERSION = 0x8070,
};

struct ice_agent {
	struct ice_config config;
	struct ice_provider provider;
	struct ice_candidate locals[ICE_CANDIDATES_MAX];
	struct ice_candidate remotes[ICE_CANDIDATES_MAX];
	size_t local_count, remote_count;
	struct ice_pair pairs[ICE_PAIRS_MAX]; /* best first */
	size_t pair_count;
	uint16_t queue[ICE_PAIRS_MAX]; /* triggered checks, oldest first */
	size_t queued;
	struct stun_key key, remote_key;
	struct text out;
	struct arena scratch;
	nanoseconds last_check;
	nanoseconds next_check; /* Ta; INT64_MAX: nothing is left to begin */
	nanoseconds valid_since[ICE_COMPONENTS_MAX]; /* INT64_MAX: none is */
	bool begun;
	enum ice_state state;
};

/* ---- ice_agent.c ---- */

/* The pair of a base and an address of the other side, or ICE_NONE. */
size_t ice_find_pair(const struct ice_agent *a, const struct endpoint *base,
		     const struct endpoint *remote);
/* A pair that was not there, in its place; ICE_NONE at a limit. */
size_t ice_add_pair(struct ice_agent *a, size_t local, size_t remote);
void ice_trigger(struct ice_agent *a, size_t pair, nanoseconds now);
void ice_set_role(struct ice_agent *a, bool controlling);
void ice_succeeded(struct ice_agent *a, size_t pair, nanoseconds now);
void ice_nominated(struct ice_agent *a, size_t pair);
void ice_failed(struct ice_agent *a, size_t pair);
/* Something has changed: is it time to nominate? */
void ice_consider(struct ice_agent *a, nanoseconds now);

/* ---- ice_messages.c ---- */

void ice_send_check(struct ice_agent *a, struct ice_pair *p);
void ice_again(struct ice_agent *a, struct ice_pair *p);

#endif /* ENGINE_ICE_STATE_H */
