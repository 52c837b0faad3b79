/*
 * HEP3 over TCP: agents that have connected, and the messages that stand one
 * behind the other in what each sends (spec "capture-formats" 6.3).
 */
#ifndef CAPTURE_HEP_AGENTS_H
#define CAPTURE_HEP_AGENTS_H

#include "core/slice.h"
#include "core/status.h"

/* At one time; the connection of one more is closed. */
#define HEP_AGENTS_MAX 64u

struct hep_agents;

/* Takes `listening`, a socket that listens, in any case.  STATUS_IO (errno says
 * why), STATUS_NOMEM. */
MUST_CHECK enum status hep_agents_new(int listening, struct hep_agents **out);
void hep_agents_free(struct hep_agents *agents); /* NULL is fine */

/* One to poll for reading, for all of them. */
int hep_agents_descriptor(const struct hep_agents *agents);

/* The next whole message, of the agents in turn, good until the next call; what
 * is no HEP3 is passed over.  STATUS_SHORT: none at the moment. */
enum status hep_agents_next(struct hep_agents *agents, struct slice *message);

#endif /* CAPTURE_HEP_AGENTS_H */
