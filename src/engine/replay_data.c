/*
 * What a server sends of its own accord, against what the capture implies: data
 * of peers (RFC 8656 10, 11.3, 11.4, 12.7; [MS-TURN] 2.2.1), and answers that
 * nobody waits for.
 */
#include "config.h"

#include "engine/replay_state.h"

#define SEND_RESPONSE 0x0104u
#define SEND_ERROR 0x0114u
#define CHANNEL_FRESH NS_PER_S /* data may be on its way when it is bound */

static uint32_t hash_of_ip(const struct replay *r, const struct endpoint *peer)
{
	size_t n = peer->family == FAMILY_IPV6 ? 16 : 4;

	return replay_hash(r, slice_of(peer->ip, n));
}

static bool is_in(const struct shadow *s, uint32_t peer)
{
	for (size_t i = 0; i < s->peer_count; i++)
		if (s->peers[i] == peer)
			return true;
	return false;
}

void replay_let_in(const struct replay *r, struct shadow *s,
		   const struct stun_message *m)
{
	struct endpoint peer;

	for (size_t i = 0; i < m->attribute_count; i++) {
		uint32_t hash;

		if (m->attributes[i].type != AT_XOR_PEER_ADDRESS ||
		    m->attributes[i].ignored ||
		    stun_address(m, &m->attributes[i], &peer) != STATUS_OK)
			continue;
		hash = hash_of_ip(r, &peer);
		if (is_in(s, hash))
			continue;
		if (s->peer_count == SHADOW_PEERS)
			s->peers_crowded = true;
		else
			s->peers[s->peer_count++] = hash;
	}
}

/* ---- indications ---- */

static void judge_parts(struct trial *t, bool ms)
{
	const struct stun_message *m = t->m->stun;
	const char *peer = ms ? "REMOTE-ADDRESS" : "XOR-PEER-ADDRESS";

	if (m->peer.family == FAMILY_NONE)
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "%s is missing in a Data indication", peer);
	if (!m->has_data && (ms || !stun_find(m, AT_ICMP)))
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "DATA is missing in a Data indication");
}

/* Bound, and not only just now?  What ICMP says has no other form than an
 * indication (RFC 8656 11.5). */
static bool has_channel(const struct trial *t)
{
	uint32_t peer = replay_hash(
		t->r, slice_of(&t->m->stun->peer, sizeof(t->m->stun->peer)));

	for (size_t i = 0; i < t->s->channel_count; i++)
		if (t->s->channels[i].peer == peer)
			return !t->s->channels[i].asked &&
			       t->m->time - t->s->channels[i].granted >
				       CHANNEL_FRESH &&
			       t->m->time - t->s->channels[i].granted <
				       CHANNEL_LIFE - CLOCK_SLACK;
	return false;
}

static void judge_peer(struct trial *t)
{
	const struct endpoint *peer = &t->m->stun->peer;
	char text[ENDPOINT_TEXT_MAX];

	if (peer->family == FAMILY_NONE || !t->s->whole ||
	    shadow_alive(t->r, t->s) != CLAIM_SURE)
		return;
	if (!t->s->peers_crowded && !is_in(t->s, hash_of_ip(t->r, peer)))
		replay_find(t, REPLAY_NOT_ASKED,
			    "a Data indication from %s, whom the client has "
			    "not let in (RFC 8656 11.3)",
			    endpoint_string(peer, text));
	else if (t->m->stun->has_data && has_channel(t))
		replay_find(t, REPLAY_CHANNEL_WRONG,
			    "a Data indication from %s, to whom a channel is "
			    "bound (RFC 8656 12.7)",
			    endpoint_string(peer, text));
}

void replay_data(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	bool ms = m->dialect == STUN_MS_TURN;

	if (m->method != STUN_DATA || m->walk_broken || m->cut || !t->s ||
	    t->s->foreign || t->s->ms != ms)
		return;
	judge_parts(t, ms);
	if (ms && m->attributes[0].type != MS_COOKIE)
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "MAGIC-COOKIE is not the first attribute of a Data "
			    "indication");
	if (!ms && !t->s->tcp)
		judge_peer(t);
}

/* [MS-TURN] 2.2.1: a Send has no answer; MSN's relays gave one. */
void replay_not_asked(struct trial *t)
{
	const struct stun_message *m = t->m->stun;

	if (t->s && t->s->ms && !t->s->msn && m->attribute_count &&
	    m->attributes[0].type == MS_COOKIE &&
	    (m->type == SEND_RESPONSE || m->type == SEND_ERROR))
		replay_find(t, REPLAY_NOT_ASKED,
			    "Send of MS-TURN was answered (0x%04x), which "
			    "has no answer ([MS-TURN] 2.2.1)",
			    (unsigned)m->type);
}
