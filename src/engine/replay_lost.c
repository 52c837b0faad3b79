/*
 * What is known less surely because a frame may be missing in the capture: a
 * request whose answer is not seen, an answer whose request is not.
 */
#include "config.h"

#include <stdlib.h>

#include "engine/replay_state.h"

struct shadow_channel *replay_channel(struct shadow *s, uint16_t number)
{
	size_t i = 0;

	/* Most clients bind none. */
	if (!s->channels)
		s->channels = calloc(SHADOW_CHANNELS, sizeof(*s->channels));
	while (s->channels && i < s->channel_count &&
	       s->channels[i].number != number)
		i++;
	if (!s->channels || i == SHADOW_CHANNELS) {
		s->crowded = true;
		return NULL;
	}
	if (i == s->channel_count) {
		s->channels[i] = (struct shadow_channel){.number = number};
		s->channel_count++;
	}
	return &s->channels[i];
}

/* Known and bound to that peer it stays as it is: it is asked for anew. */
static void ask_channel(const struct replay_message *m, const struct waiting *w,
			struct shadow *s)
{
	struct shadow_channel *c = replay_channel(s, w->channel);

	if (!c || c->granted)
		return;
	c->granted = m->time;
	c->peer = w->peer;
	c->asked = true;
}

static void ask_less(struct shadow *s)
{
	if (s->alive == CLAIM_SURE)
		s->alive = CLAIM_MAYBE;
}

static void ask_allocation(struct shadow *s)
{
	if (s->alive == CLAIM_NO)
		s->alive = CLAIM_MAYBE;
}

void replay_asked(const struct replay_message *m, struct waiting *w,
		  struct shadow *s)
{
	bool release = w->has_lifetime && w->lifetime == 0;

	if (w->ms == MS_ALLOCATE || w->request == ASK_ALLOCATE)
		ask_allocation(s);
	if (release && (w->ms == MS_ALLOCATE || w->request == ASK_REFRESH))
		ask_less(s);
	if (w->request == ASK_CHANNEL)
		ask_channel(m, w, s);
	if (w->request == ASK_REFRESH && w->access)
		s->heir = w->user;
}

void replay_overheard(const struct stun_message *m, struct shadow *s)
{
	if (s->foreign || m->cut)
		return;
	switch (m->method) {
	case STUN_ALLOCATE:
	case STUN_REFRESH:
		s->alive = CLAIM_MAYBE;
		s->whole = false;
		break;
	case STUN_CHANNEL_BIND:
		s->crowded = true;
		s->peers_crowded = true;
		break;
	case STUN_CREATE_PERMISSION:
		s->peers_crowded = true;
		break;
	default:
		break;
	}
}
