/* Messages as the engine wants them; what goes through a relay is not between
 * client and server. */
#include "config.h"

#include "cli/engine.h"

static enum replay_integrity integrity_of(enum integrity integrity)
{
	switch (integrity) {
	case INTEGRITY_UNCHECKED:
		return REPLAY_UNCHECKED;
	case INTEGRITY_NO_KEY_FITS:
		return REPLAY_NO_KEY_FITS;
	case INTEGRITY_BAD:
		return REPLAY_BAD;
	case INTEGRITY_VERIFIED:
		return REPLAY_VERIFIED;
	case INTEGRITY_ABSENT:
		break;
	}
	return REPLAY_ABSENT;
}

void engine_take(struct replay *replay, const struct message *message)
{
	const struct origin *from = &message->from;
	struct replay_message m;

	if (message->kind == MESSAGE_TCP)
		replay_closed(replay, from->flow);
	if ((message->kind != MESSAGE_STUN &&
	     message->kind != MESSAGE_CHANNEL_DATA) ||
	    origin_is_relayed(from))
		return;
	m = (struct replay_message){
		.src = from->src,
		.dst = from->dst,
		.time = from->time,
		.file = from->file,
		.frame = from->frame,
		.flow = from->flow,
		.stream = from->transport != TRANSPORT_UDP &&
			  from->transport != TRANSPORT_DTLS,
		.integrity = integrity_of(message->integrity),
	};
	if (message->kind == MESSAGE_STUN)
		m.stun = message->u.stun;
	else
		m.channel = message->u.channel->channel;
	replay_take(replay, &m);
}
