/* What the files of the judge of MRAS share.  Nobody else includes this. */
#ifndef ENGINE_REPLAY_MRAS_H
#define ENGINE_REPLAY_MRAS_H

#include "engine/mras_ladder.h"
#include "engine/replay_state.h"

/* An answer and all that it is held against. */
struct mras_trial {
	struct replay *r;
	const struct replay_sip *m;
	struct mras request; /* all empty: it could not be read */
	struct mras reply;
	struct mras_claims claims;
	struct mras_forecast forecast;
	uint64_t asked_file, asked_frame;
};

/* replay_mras_reply.c: finds what is wrong with the answer; fills reply. */
void mras_trial_judge(struct mras_trial *t, struct arena *scratch);

void mras_trial_find(const struct mras_trial *t, enum replay_rule rule,
		     const char *format, ...) PRINTF_LIKE(3, 4);

#endif /* ENGINE_REPLAY_MRAS_H */
