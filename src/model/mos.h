/*
 * How a listener would rate a stream of speech: the simplified E-model (ITU-T
 * G.107) with what a capture shows of loss and jitter.
 */
#ifndef MODEL_MOS_H
#define MODEL_MOS_H

#include "model/model.h"

struct mos {
	double value; /* 1 to 4.5; 0: it cannot be told */
	/* No factors are agreed for the codec: good to compare, no more. */
	bool indicative;
};

/*
 * Of a stream of a known codec for speech with packets enough to tell; the
 * delay is the play-out buffer that its jitter asks for, and half of the round
 * trip of its pair where checks measured it.
 */
struct mos mos_of(const struct model *model, const struct media *stream);

#endif /* MODEL_MOS_H */
