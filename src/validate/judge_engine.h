/*
 * What the engine found in the replies of servers, noted with the calls that
 * the replies belong to.
 */
#ifndef VALIDATE_JUDGE_ENGINE_H
#define VALIDATE_JUDGE_ENGINE_H

#include "engine/replay.h"
#include "model/model.h"

/* Call once, when the calls have their verdicts: nothing in here changes
 * them. */
void judge_engine(struct model *model, const struct replay *replay);

#endif /* VALIDATE_JUDGE_ENGINE_H */
