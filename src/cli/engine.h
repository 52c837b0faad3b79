/* The way of messages from the driver to the judge of the engine. */
#ifndef CLI_ENGINE_H
#define CLI_ENGINE_H

#include "engine/replay.h"
#include "flow/keyring.h"
#include "flow/message.h"

/* Hands on what the engine judges: STUN between clients and servers,
 * ChannelData, that a connection ended, and SIP to and from MRAS and
 * registrars, whose passwords are in `keys` (or NULL). */
void engine_take(struct replay *replay, const struct keyring *keys,
		 const struct message *message);

#endif /* CLI_ENGINE_H */
