/* Allocate of [MS-TURN] (3.3.5.1): a new allocation, its refresh, its end. */
#include "config.h"

#include <stdlib.h>

#include "engine/ms_state.h"

#define FAMILY_BYTE_IPV6 2
#define VERSION_IPV6 4u

struct wanted {
	bool ipv4, ipv6, both, release;
	uint32_t lifetime;
};

/* Spec stun-turn 2.7: the family by version and by what is asked for. */
static struct wanted wanted_of(const struct turn_server *s,
			       const struct stun_message *m)
{
	const struct ms_turn_config *c = &s->config.ms;
	const struct stun_attribute *a = stun_find(m, MS_FAMILY);
	bool knows = m->ms_version >= VERSION_IPV6;
	bool six =
		knows && a && a->value.n && a->value.p[0] == FAMILY_BYTE_IPV6;
	uint32_t lifetime = m->has_lifetime ? m->lifetime : c->lifetime;

	return (struct wanted){
		.ipv4 = !six,
		.ipv6 = six,
		.both = knows && !a && s->config.ipv6,
		.release = m->has_lifetime && m->lifetime == 0,
		.lifetime =
			lifetime < c->lifetime_max ? lifetime : c->lifetime_max,
	};
}

/* ---- what stands against it ---- */

static void claim(struct ms_ask *ask, enum turn_reason reason, bool holds)
{
	if (holds)
		ask->turn.claims.of[reason] = CLAIM_SURE;
}

static void claim_new(struct ms_ask *ask, const struct wanted *want)
{
	struct turn_server *s = ask->turn.s;
	const struct turn_config *c = &s->config;
	uint32_t row = ask->turn.who.row;

	claim(ask, REASON_NO_ALLOCATION, want->release);
	claim(ask, REASON_REDIRECTED, c->ms.redirect.family != FAMILY_NONE);
	claim(ask, REASON_FAMILY_UNSUPPORTED, want->ipv6 ? !c->ipv6 : !c->ipv4);
	if (ask->turn.key && c->user_quota && row != USER_NONE)
		claim(ask, REASON_QUOTA,
		      s->users.rows[row].allocations >= c->user_quota);
	claim(ask, REASON_NO_PORT,
	      (c->total_quota && s->live >= c->total_quota) ||
		      s->live >= TURN_ALLOCATIONS_MAX);
}

static void claim_old(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;
	const struct turn_allocation *a =
		allocation_row(s, ask->turn.allocation);

	claim(ask, REASON_ALLOCATED, !a->ms);
	claim(ask, REASON_OTHER_USER,
	      ask->turn.key && !users_is(&s->users, a->user, &ask->turn.who));
}

/* ---- making one ---- */

static uint32_t open_one(struct turn_server *s, uint32_t row,
			 enum address_family family)
{
	struct turn_wish wish = {.family = family};

	return relay_add(s, row, &wish);
}

static bool open_relays(struct ms_ask *ask, uint32_t row,
			const struct wanted *want)
{
	struct turn_server *s = ask->turn.s;
	uint32_t four = ROW_NONE, six = ROW_NONE;

	if (want->ipv4)
		four = open_one(s, row, FAMILY_IPV4);
	if (want->ipv6 || want->both)
		six = open_one(s, row, FAMILY_IPV6);
	allocation_row(s, row)->relays[0] = four;
	allocation_row(s, row)->relays[1] = six;
	return want->ipv4 ? four != ROW_NONE : six != ROW_NONE;
}

/* With the session that the 401 gave, the relay is shared. */
static bool wants_share(const struct ms_ask *ask)
{
	uint8_t session[MS_SESSION_ID];

	if (!ms_shares(ask) || !ask->turn.m->has_ms_session)
		return false;
	ms_session_of(ask->turn.s, ask->turn.path, session);
	return memcmp(session, ask->turn.m->ms_session, sizeof(session)) == 0;
}

static bool furnish(struct ms_ask *ask, uint32_t row, const struct wanted *want)
{
	struct turn_server *s = ask->turn.s;
	struct turn_allocation *a = allocation_row(s, row);
	struct ms_state *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return false;
	a->made = ask->turn.now;
	a->ms = ms;
	ms->msn = ask->msn;
	s->provider.random(s->provider.context, ms->connection,
			   sizeof(ms->connection));
	if (wants_share(ask))
		return ms_share(s, row, ask->turn.m->ms_session);
	return open_relays(ask, row, want);
}

static uint32_t make(struct ms_ask *ask, const struct wanted *want)
{
	struct turn_server *s = ask->turn.s;
	uint32_t user = users_row(&s->users, &ask->turn.who);
	uint32_t row;

	if (user == USER_NONE)
		return ROW_NONE;
	/* Held once more, so that the row outlives a failure. */
	users_hold(&s->users, user);
	row = allocation_add(s, ask->turn.path, user,
			     ask->turn.now + want->lifetime * NS_PER_S);
	if (row != ROW_NONE && !furnish(ask, row, want)) {
		allocation_remove(s, row);
		row = ROW_NONE;
	}
	users_release(&s->users, user);
	return row;
}

/* ---- replies ---- */

static void write_relays(struct ms_ask *ask, const struct turn_allocation *a,
			 struct stun_writer *w)
{
	struct turn_server *s = ask->turn.s;
	uint32_t four = a->relays[0], six = a->relays[1];

	if (a->ms->multiplexed)
		four = s->shared[0];
	if (four != ROW_NONE)
		stun_write_address(w, MS_RELAY_ADDRESS,
				   &relay_row(s, four)->at);
	if (six != ROW_NONE)
		stun_write_address(w,
				   four == ROW_NONE ? MS_RELAY_ADDRESS
						    : MS_ALTERNATE_RELAY,
				   &relay_row(s, six)->at);
}

static void write_sequence(struct ms_state *ms, struct stun_writer *w)
{
	uint8_t value[MS_CONNECTION_ID + 4];

	memcpy(value, ms->connection, MS_CONNECTION_ID);
	for (size_t i = 0; i < 4; i++)
		value[MS_CONNECTION_ID + i] =
			(uint8_t)(ms->sent >> (24 - 8 * i));
	ms->sent++;
	stun_write_bytes(w, MS_SEQUENCE, slice_of(value, sizeof(value)));
}

static void write_bandwidth(struct ms_ask *ask, struct stun_writer *w)
{
	const struct stun_attribute *a = stun_find(ask->turn.m, MS_BANDWIDTH);
	uint32_t most = ask->turn.s->config.ms.bandwidth;
	uint32_t asked = most;

	if (!most)
		return;
	if (a && a->value.n == 4)
		asked = (uint32_t)a->value.p[0] << 24 |
			(uint32_t)a->value.p[1] << 16 |
			(uint32_t)a->value.p[2] << 8 | a->value.p[3];
	stun_write_u32(w, MS_BANDWIDTH, asked < most ? asked : most);
}

static void reply_allocated(struct ms_ask *ask, uint32_t row, uint32_t lifetime)
{
	struct turn_server *s = ask->turn.s;
	const struct turn_allocation *a = allocation_row(s, row);
	struct stun_writer w;

	ms_begin(ask, &w, STUN_SUCCESS);
	stun_write_u32(&w, AT_LIFETIME, lifetime);
	write_relays(ask, a, &w);
	if (ask->msn) {
		stun_write_address(&w, MS_MSN_REFLEXIVE,
				   &ask->turn.path->client);
	} else {
		stun_write_xor_address(&w, MS_XOR_MAPPED,
				       &ask->turn.path->client);
		write_sequence(a->ms, &w);
		write_bandwidth(ask, &w);
		ms_write_bandwidth(ask, row, &w);
	}
	s->counts.successes++;
	ms_end(ask, &w);
}

static void refresh(struct ms_ask *ask, const struct wanted *want)
{
	struct turn_server *s = ask->turn.s;
	uint32_t row = ask->turn.allocation;

	allocation_ends(s, row, ask->turn.now + want->lifetime * NS_PER_S);
	reply_allocated(ask, row, want->lifetime);
	if (want->release)
		allocation_remove(s, row);
}

void ms_allocate(struct ms_ask *ask)
{
	struct wanted want = wanted_of(ask->turn.s, ask->turn.m);
	uint32_t row;

	if (ask->turn.allocation == ROW_NONE)
		claim_new(ask, &want);
	else
		claim_old(ask);
	if (!ms_unless_refused(ask))
		return;
	if (ask->turn.allocation != ROW_NONE) {
		refresh(ask, &want);
		return;
	}
	row = make(ask, &want);
	if (row != ROW_NONE) {
		reply_allocated(ask, row, want.lifetime);
		return;
	}
	claim(ask, REASON_NO_PORT, true);
	(void)ms_unless_refused(ask);
}
