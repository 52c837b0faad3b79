/* Messages as the engine wants them; what goes through a relay is not between
 * client and server. */
#include "config.h"

#include "cli/engine.h"
#include "dissectors/sip_signing.h"
#include "engine/mras_ladder.h"

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

/* Is it data of the client and its peer?  That is framed once more inside of a
 * data frame of [MS-TURN] over TCP (2.1.4); a control frame is for the
 * server. */
static bool is_of_peers(const struct origin *from)
{
	struct origin outer = *from;

	if (outer.wrap_count &&
	    outer.wraps[outer.wrap_count - 1] == WRAP_MS_TCP)
		outer.wrap_count--;
	return origin_is_relayed(&outer);
}

static struct slice find_password(const void *keys, struct slice user,
				  struct slice realm)
{
	return keyring_password(keys, user, realm);
}

/* What asks MRAS, or answers it: its document, or bare SERVICE. */
static void take_sip(struct replay *replay, const struct keyring *keys,
		     const struct message *message)
{
	const struct sip_passwords passwords = {.context = keys,
						.find = find_password};
	const struct origin *from = &message->from;
	struct replay_sip m = {.sip = message->u.sip,
			       .passwords = keys ? &passwords : NULL,
			       .src = from->src,
			       .dst = from->dst,
			       .time = from->time,
			       .file = from->file,
			       .frame = from->frame};

	for (size_t i = 0; i < message->content_count && !m.document.n; i++) {
		const struct sip_content *content = &message->contents[i];

		if (!content->mras &&
		    !slice_is_nocase(content->body.type, MRAS_CONTENT_TYPE))
			continue;
		m.document = content->body.bytes;
		m.type = content->body.type;
	}
	if (m.document.n || (!m.sip->request && m.sip->method == SIP_SERVICE))
		replay_take_sip(replay, &m);
	replay_take_registration(replay, &m);
}

void engine_take(struct replay *replay, const struct keyring *keys,
		 const struct message *message)
{
	const struct origin *from = &message->from;
	struct replay_message m;

	if (message->kind == MESSAGE_TCP)
		replay_closed(replay, from->flow);
	else if (message->kind == MESSAGE_SIP)
		take_sip(replay, keys, message);
	if ((message->kind != MESSAGE_STUN &&
	     message->kind != MESSAGE_CHANNEL_DATA) ||
	    is_of_peers(from) ||
	    (message->kind == MESSAGE_STUN &&
	     stun_is_private(message->u.stun)))
		return;
	m = (struct replay_message){
		.src = from->src,
		.dst = from->dst,
		.time = from->time,
		.file = from->file,
		.frame = from->frame,
		.flow = from->flow,
		.stream = transport_is_stream(from->transport),
		.integrity = integrity_of(message->integrity),
	};
	if (message->kind == MESSAGE_STUN)
		m.stun = message->u.stun;
	else
		m.channel = message->u.channel->channel;
	replay_take(replay, &m);
}
