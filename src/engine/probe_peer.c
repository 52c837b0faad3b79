/*
 * Somebody behind the relay, and what is sent to and fro.
 *
 * First a socket of ours: what reaches it has come out of the relay on the
 * side of the peers.  A relay that refuses such addresses, or cannot reach
 * them, still reaches another relay of the same server.
 */
#include "config.h"

#include "engine/probe_state.h"

#define ECHO_FIRST (250 * NS_PER_MS)
#define ECHO_PATIENCE (3 * NS_PER_S)
#define PEER_CHANNEL 0x4000u
#define PREFIX "mrascope "
#define OPENER "mrascope opens the way"

/* ---- finding one ---- */

static bool own_possible(const struct probe_path *p)
{
	return !p->own_failed && p->config.udp_server.family != FAMILY_NONE &&
	       p->config.udp_server.family == p->report.relayed.family;
}

void probe_peer_begin(struct probe_path *p)
{
	if (own_possible(p)) {
		p->search = SEARCH_OWN_BINDING;
		probe_leg_open(p, PROBE_LEG_PEER, &p->config.udp_server);
	} else {
		p->own_failed = true;
		p->search = SEARCH_RELAY_OPENS;
		probe_leg_open(p, 1, &p->legs[0].server);
	}
}

void probe_peer_opened(struct probe_path *p)
{
	struct client_request binding = {.ask = CLIENT_BINDING};
	struct client_request allocate = {.ask = CLIENT_ALLOCATE};

	if (p->search == SEARCH_OWN_BINDING) {
		probe_leg_ask(p, PROBE_LEG_PEER, &binding);
		return;
	}
	if (p->report.relayed.family == FAMILY_IPV6)
		allocate.family = FAMILY_IPV6;
	p->search = SEARCH_RELAY_ALLOCATES;
	probe_leg_ask(p, 1, &allocate);
}

bool probe_peer_other(struct probe_path *p, enum probe_trouble why)
{
	if (p->own_failed)
		return false;
	p->own_failed = true;
	p->report.own_trouble = why;
	p->report.peer_kind = PEER_NONE;
	for (unsigned i = PROBE_PEER; i <= (unsigned)p->step; i++)
		p->report.steps[i] = (struct probe_result){0};
	p->step = PROBE_PEER;
	p->step_ends = p->next_echo = INT64_MAX;
	p->go = true;
	return true;
}

/* That the server relays to nobody whom we could be is no matter of room. */
void probe_peer_failed(struct probe_path *p)
{
	if (!probe_peer_other(p, TROUBLE_UNANSWERED))
		probe_step_failed(p, probe_now(p)->code == 403
					     ? TROUBLE_PEER_FORBIDDEN
					     : TROUBLE_NO_PEER);
}

static void found(struct probe_path *p, enum probe_peer kind,
		  const struct endpoint *at)
{
	p->search = SEARCH_FOUND;
	p->report.peer_kind = kind;
	p->report.peer = *at;
	probe_step_ok(p, p->now - p->began);
}

/* The second allocation lets in what the first one sends.  [MS-TURN] does so
 * by sending there. */
static void permit(struct probe_path *p)
{
	struct client_request request = {.ask = CLIENT_PERMISSION,
					 .peer = p->report.relayed};

	if (p->config.ms_turn) {
		turn_client_send(p->legs[1].client, &p->report.relayed,
				 SLICE(OPENER));
		found(p, PEER_RELAY, &p->legs[1].relayed);
		return;
	}
	p->search = SEARCH_RELAY_PERMITS;
	probe_leg_ask(p, 1, &request);
}

void probe_peer_answered(struct probe_path *p, unsigned leg,
			 const struct client_answer *answer)
{
	const struct stun_message *m = answer->message;

	if (answer->outcome != CLIENT_SUCCESS ||
	    (answer->ask == CLIENT_BINDING &&
	     m->mapped.family == FAMILY_NONE)) {
		if (leg == 1) {
			probe_now(p)->code = answer->code;
			probe_keep_text(probe_now(p)->reason, answer->reason);
		}
		probe_peer_failed(p);
		return;
	}
	if (answer->ask == CLIENT_BINDING) {
		found(p, PEER_OWN, &m->mapped);
	} else if (answer->ask == CLIENT_ALLOCATE) {
		p->legs[1].relayed = m->relayed;
		p->legs[1].allocated = true;
		permit(p);
	} else {
		found(p, PEER_RELAY, &p->legs[1].relayed);
	}
}

/* ---- to and fro ---- */

static void send_one(struct probe_path *p)
{
	struct text payload = text_new(64);
	struct slice bytes;

	/* A NAT in front of the own socket lets in what it has sent to. */
	if (p->report.peer_kind == PEER_OWN)
		p->provider.send(p->provider.context, PROBE_LEG_PEER,
				 &p->report.relayed, SLICE(OPENER));
	text_printf(&payload, PREFIX "%s %u", p->token, p->echo_count);
	bytes = text_slice(&payload);
	p->echo_at[p->echo_count++] = p->now;
	p->report.echoes_sent++;
	probe_now(p)->sends = p->echo_count;
	if (p->step == PROBE_ECHO)
		turn_client_send(p->legs[0].client, &p->report.peer, bytes);
	else
		turn_client_send_channel(p->legs[0].client, PEER_CHANNEL,
					 bytes);
	text_free(&payload);
	p->next_echo = p->now + p->echo_pause;
	p->echo_pause *= 2;
}

void probe_echo_begin(struct probe_path *p)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t dice[ECHO_TOKEN];

	p->provider.random(p->provider.context, dice, sizeof(dice));
	for (unsigned i = 0; i < ECHO_TOKEN; i++)
		p->token[i] = digits[dice[i] & 0xF];
	p->echo_count = 0;
	p->echo_pause = ECHO_FIRST;
	p->step_ends = p->now + ECHO_PATIENCE;
	if (p->config.patience && p->config.patience < ECHO_PATIENCE)
		p->step_ends = p->now + p->config.patience;
	send_one(p);
}

void probe_echo_tick(struct probe_path *p)
{
	if (p->now >= p->step_ends) {
		if (!probe_peer_other(p, TROUBLE_ECHO_LOST))
			probe_step_failed(p, TROUBLE_ECHO_LOST);
		return;
	}
	if (p->now >= p->next_echo && p->echo_count < ECHO_MAX)
		send_one(p);
}

/* "mrascope TOKEN NUMBER"; SIZE_MAX: it is not. */
static size_t number_of(const struct probe_path *p, struct slice data)
{
	uint64_t n;

	if (!slice_starts(data, SLICE(PREFIX)))
		return SIZE_MAX;
	data = slice_from(data, sizeof(PREFIX) - 1);
	if (!slice_starts(data, slice_of(p->token, ECHO_TOKEN)) ||
	    slice_number(slice_from(data, ECHO_TOKEN + 1), ECHO_MAX - 1, &n) !=
		    STATUS_OK)
		return SIZE_MAX;
	return (size_t)n;
}

bool probe_is_echo(const struct probe_path *p, struct slice data)
{
	return number_of(p, data) != SIZE_MAX;
}

void probe_echo_back(struct probe_path *p, uint16_t channel, struct slice data)
{
	size_t n = number_of(p, data);
	bool by_channel = p->step == PROBE_ECHO_CHANNEL;

	if ((p->step != PROBE_ECHO && !by_channel) || n >= p->echo_count)
		return;
	/* What was sent on a channel comes back on it (RFC 8656 12.7). */
	if (!p->config.ms_turn && channel != (by_channel ? PEER_CHANNEL : 0))
		return;
	p->report.echoes_back++;
	probe_step_ok(p, p->now - p->echo_at[n]);
}
