/*
 * From messages to evidence: the listener that fills the model, stage by
 * stage, and the joins that make calls of it.
 */
#ifndef FLOW_STAGES_H
#define FLOW_STAGES_H

#include "dissectors/winevent.h"
#include "flow/keyring.h"
#include "flow/media_table.h"
#include "flow/message.h"
#include "model/model.h"

struct stages;

/* Fills `model`; `keys` gives passwords for Digest.  Both outlive it.  NULL:
 * memory is out. */
struct stages *stages_new(struct model *model, const struct keyring *keys);
void stages_free(struct stages *stages);

/* A message_sink's take; `context` is the struct stages. */
void stages_take(void *context, const struct message *message);

/* An event of Windows, as further evidence. */
void stages_take_event(struct stages *stages, const struct winevent *event);

/* The captures have ended: takes the media over and joins all to calls. */
void stages_finish(struct stages *stages, const struct media_table *media);

/* The same in steps, for who must answer keys in between; false: this was the
 * last one.  Before it the model is not to be looked at, but for its
 * dialogs. */
bool stages_finish_step(struct stages *stages, const struct media_table *media);

/*
 * What stages_finish() would make of the evidence so far, in a model of its
 * own, while `from` goes on: what somebody sees who watches.  Costs as much as
 * there is evidence.  Texts belong to the model of `from`, which must outlive
 * the view.  Somebody who watches must answer keys in between, so the copy is
 * made part by part; until it is whole `from` takes no message.
 */
struct stages_copy {
	struct stages *from, *to;
	struct model *view;
	size_t part;
	bool failed;
};

/* False: memory is out, and there is nothing to drop. */
MUST_CHECK bool stages_copy_begin(struct stages_copy *c, struct stages *from,
				  struct model *view);
/* One part; false: that was the last. */
bool stages_copy_step(struct stages_copy *c);
/* Stages to be finished step by step and freed; the view is whole then.  NULL:
 * memory is out, and *view is empty. */
struct stages *stages_copy_end(struct stages_copy *c);
void stages_copy_drop(struct stages_copy *c);

#endif /* FLOW_STAGES_H */
