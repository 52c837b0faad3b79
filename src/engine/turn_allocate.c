/* Allocate (RFC 8656 7.2, RFC 6062 5.1, RFC 8016 3.1). */
#include "config.h"

#include "engine/turn_state.h"

#define FAMILY_BYTE_IPV6 2
#define PROTOCOL_TCP 6
#define ERROR_FAMILY 440
#define ERROR_CAPACITY 508

/* What is asked for. */
struct wanted {
	bool ipv4, ipv6, both, tcp, even, reserve, ticket;
	struct slice token; /* of a reservation */
};

static uint8_t byte_of(const struct stun_message *m, uint16_t type)
{
	const struct stun_attribute *a = stun_find(m, type);

	return a && a->value.n ? a->value.p[0] : 0;
}

/* The draft's way asks where nothing of RFC 8656 excludes it. */
static bool wants_both(const struct stun_message *m)
{
	if (byte_of(m, AT_ADDITIONAL_FAMILY) == FAMILY_BYTE_IPV6)
		return true;
	return turn_asks_as_in_draft(m) && !stun_find(m, AT_REQUESTED_FAMILY) &&
	       !stun_find(m, AT_RESERVATION_TOKEN) &&
	       !(byte_of(m, AT_EVEN_PORT) & 0x80);
}

static struct wanted wanted_of(const struct stun_message *m)
{
	const struct stun_attribute *token = stun_find(m, AT_RESERVATION_TOKEN);
	bool six = byte_of(m, AT_REQUESTED_FAMILY) == FAMILY_BYTE_IPV6;
	bool both = wants_both(m);

	return (struct wanted){
		.ipv4 = !six,
		.ipv6 = six || both,
		.both = both,
		.tcp = byte_of(m, AT_REQUESTED_TRANSPORT) == PROTOCOL_TCP,
		.even = stun_find(m, AT_EVEN_PORT) != NULL,
		.reserve = (byte_of(m, AT_EVEN_PORT) & 0x80) != 0,
		.ticket = stun_find(m, AT_MOBILITY_TICKET) != NULL,
		.token = token ? token->value : (struct slice){0},
	};
}

uint32_t turn_lifetime(const struct turn_config *config,
		       const struct stun_message *m)
{
	uint32_t want = m->has_lifetime ? m->lifetime : config->lifetime;

	if (want > config->lifetime_max)
		want = config->lifetime_max;
	return want < config->lifetime ? config->lifetime : want;
}

/* ---- what stands against it ---- */

static void claim(struct turn_ask *ask, enum turn_reason reason, bool holds)
{
	if (holds)
		ask->claims.of[reason] = CLAIM_SURE;
}

static uint32_t held_by(const struct turn_ask *ask)
{
	const struct users *users = &ask->s->users;

	return ask->who.row == USER_NONE
		       ? 0
		       : users->rows[ask->who.row].allocations;
}

static void claim_state(struct turn_ask *ask, const struct wanted *want)
{
	struct turn_server *s = ask->s;
	const struct turn_config *c = &s->config;
	const struct reservation *r;

	claim(ask, REASON_ALLOCATED, ask->allocation != ROW_NONE);
	claim(ask, REASON_REDIRECTED,
	      c->alternate_server.family != FAMILY_NONE);
	if (ask->key)
		claim(ask, REASON_QUOTA,
		      c->user_quota && held_by(ask) >= c->user_quota);
	claim(ask, REASON_NO_PORT,
	      (c->total_quota && s->live >= c->total_quota) ||
		      s->live >= TURN_ALLOCATIONS_MAX);
	if (!want->token.n || !ask->key)
		return;
	r = reservation_find(s, want->token, ask->now);
	claim(ask, REASON_TOKEN_GONE,
	      !r || !users_is(&s->users, r->user, &ask->who));
}

/* ---- relays ---- */

/* The port of an earlier allocation becomes the relay of this one. */
static bool take_reserved(struct turn_ask *ask, uint32_t row,
			  const struct wanted *want)
{
	struct turn_server *s = ask->s;
	struct reservation *r = reservation_find(s, want->token, ask->now);
	struct relay *relay;

	if (!r)
		return false;
	relay = relay_row(s, r->relay);
	relay->allocation = row;
	allocation_row(s, row)->relays[relay->at.family == FAMILY_IPV6] =
		r->relay;
	reservation_remove(s, r);
	return true;
}

static bool open_one(struct turn_ask *ask, uint32_t row, const struct wanted *w,
		     enum address_family family)
{
	struct turn_wish wish = {
		.family = family, .tcp = w->tcp, .even = w->even};
	uint32_t relay = relay_add(ask->s, row, &wish);

	allocation_row(ask->s, row)->relays[family == FAMILY_IPV6] = relay;
	return relay != ROW_NONE;
}

/* Odd ports whose pair is taken are tried a few times. */
#define PAIR_TRIES 8u

static bool open_pair(struct turn_ask *ask, uint32_t row,
		      const struct wanted *w)
{
	struct turn_server *s = ask->s;
	enum address_family family = w->ipv4 ? FAMILY_IPV4 : FAMILY_IPV6;
	struct turn_wish next = {.family = family};
	struct reservation *r;
	uint32_t first, second;

	for (unsigned i = 0; i < PAIR_TRIES; i++) {
		if (!open_one(ask, row, w, family))
			return false;
		first = allocation_row(s, row)->relays[family == FAMILY_IPV6];
		next.port = (uint16_t)(relay_row(s, first)->at.port + 1);
		second = relay_add(s, ROW_NONE, &next);
		r = second == ROW_NONE
			    ? NULL
			    : reservation_add(s, second,
					      allocation_row(s, row)->user,
					      ask->now);
		if (r) {
			memcpy(allocation_row(s, row)->token, r->token, 8);
			allocation_row(s, row)->has_token = true;
			return true;
		}
		if (second != ROW_NONE)
			relay_remove(s, second);
		relay_remove(s, first);
		allocation_row(s, row)->relays[family == FAMILY_IPV6] =
			ROW_NONE;
	}
	return false;
}

/* One of two families may fail (RFC 8656 7.2). */
static bool open_both(struct turn_ask *ask, uint32_t row,
		      const struct wanted *w)
{
	const struct turn_config *c = &ask->s->config;
	bool four = c->ipv4 && open_one(ask, row, w, FAMILY_IPV4);
	bool six = c->ipv6 && open_one(ask, row, w, FAMILY_IPV6);
	bool can = six ? c->ipv4 : c->ipv6;

	if (four != six)
		allocation_row(ask->s, row)->refused =
			can ? ERROR_CAPACITY : ERROR_FAMILY;
	return four || six;
}

static bool open_relays(struct turn_ask *ask, uint32_t row,
			const struct wanted *w)
{
	if (w->token.n)
		return take_reserved(ask, row, w);
	if (w->both)
		return open_both(ask, row, w);
	if (w->reserve)
		return open_pair(ask, row, w);
	return open_one(ask, row, w, w->ipv4 ? FAMILY_IPV4 : FAMILY_IPV6);
}

/* ---- the reply ---- */

static void write_refused(struct stun_writer *w,
			  const struct turn_allocation *a)
{
	uint8_t value[4] = {a->relays[0] == ROW_NONE ? 1 : 2, 0,
			    (uint8_t)(a->refused / 100),
			    (uint8_t)(a->refused % 100)};

	stun_write_bytes(w, AT_ADDRESS_ERROR_CODE, slice_of(value, 4));
}

static void reply_allocated(struct turn_ask *ask, uint32_t row)
{
	struct turn_server *s = ask->s;
	const struct turn_allocation *a = allocation_row(s, row);
	uint32_t left = (uint32_t)((a->expires - a->made) / NS_PER_S);
	struct stun_writer w;

	reply_begin(ask, &w, STUN_SUCCESS);
	for (size_t i = 0; i < 2; i++)
		if (a->relays[i] != ROW_NONE)
			stun_write_xor_address(&w, AT_XOR_RELAYED_ADDRESS,
					       &relay_row(s, a->relays[i])->at);
	if (a->refused)
		write_refused(&w, a);
	stun_write_xor_address(&w, AT_XOR_MAPPED_ADDRESS, &ask->path->client);
	stun_write_u32(&w, AT_LIFETIME, left);
	if (a->has_token)
		stun_write_bytes(&w, AT_RESERVATION_TOKEN,
				 slice_of(a->token, 8));
	if (a->mobility)
		stun_write_bytes(&w, AT_MOBILITY_TICKET,
				 slice_of(a->mobility->ticket, 16));
	s->counts.successes++;
	reply_end(ask, &w);
}

/* The same request again gets the same answer (RFC 8489 6.3.1). */
static bool is_again(const struct turn_ask *ask)
{
	const struct turn_allocation *a;

	if (ask->allocation == ROW_NONE || !ask->key)
		return false;
	a = allocation_row(ask->s, ask->allocation);
	return memcmp(a->id, ask->m->id + 4, sizeof(a->id)) == 0 &&
	       ask->now - a->made < RETRANSMISSIONS;
}

static uint32_t make(struct turn_ask *ask, const struct wanted *want)
{
	struct turn_server *s = ask->s;
	uint32_t lifetime =
		access_lifetime(ask, turn_lifetime(&s->config, ask->m));
	uint32_t user = users_row(&s->users, &ask->who);
	uint32_t row;

	if (user == USER_NONE)
		return ROW_NONE;
	/* Held once more, so that a user by the secret outlives a failure. */
	users_hold(&s->users, user);
	row = allocation_add(s, ask->path, user,
			     ask->now + lifetime * NS_PER_S);
	if (row != ROW_NONE) {
		struct turn_allocation *a = allocation_row(s, row);

		a->made = ask->now;
		a->tcp = want->tcp;
		memcpy(a->id, ask->m->id + 4, sizeof(a->id));
		if (!access_keep(ask, a) || !open_relays(ask, row, want) ||
		    (want->ticket && !allocation_ticket(s, row))) {
			allocation_remove(s, row);
			row = ROW_NONE;
		}
	}
	users_release(&s->users, user);
	return row;
}

void turn_allocate(struct turn_ask *ask)
{
	struct wanted want = wanted_of(ask->m);
	uint32_t row;

	if (is_again(ask)) {
		reply_allocated(ask, ask->allocation);
		return;
	}
	claim_state(ask, &want);
	if (!reply_unless_refused(ask))
		return;
	row = make(ask, &want);
	if (row != ROW_NONE) {
		reply_allocated(ask, row);
		return;
	}
	claim(ask, want.even ? REASON_NO_EVEN_PORT : REASON_NO_PORT, true);
	(void)reply_unless_refused(ask);
}
