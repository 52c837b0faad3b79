/* What ICE agents say to each other (RFC 8445 7, 16; [MS-ICE2] 2.2). */
#include "config.h"

#include "engine/attributes.h"
#include "engine/ice_state.h"

#define TYPE_REQUEST 0x0001u
#define TYPE_SUCCESS 0x0101u
#define TYPE_ERROR 0x0111u
#define PRFLX_PREFERENCE 110u /* RFC 8445 5.1.2.2 */
#define MS_VERSION 3u         /* from which integrity is as in RFC 5389 */
#define USERNAME_MAX 513u

/* ---- requests ---- */

static void write_username(const struct ice_agent *a, struct stun_writer *w)
{
	struct text name = text_new(USERNAME_MAX);

	text_put(&name, a->config.remote_ufrag);
	text_putc(&name, ':');
	text_put(&name, a->config.ufrag);
	stun_write_bytes(w, AT_USERNAME, text_slice(&name));
	text_free(&name);
}

static void write_ms(const struct ice_agent *a, const struct ice_pair *p,
		     struct stun_writer *w)
{
	if (a->config.profile != ICE_MS_ICE2)
		return;
	if (p)
		stun_write_bytes(w, ICE_AT_CANDIDATE_IDENTIFIER,
				 slice_of_text(a->locals[p->local].foundation));
	stun_write_u32(w, ICE_AT_IMPLEMENTATION_VERSION, MS_VERSION);
}

/* What a candidate would have that is learned by this check (7.1.1). */
static uint32_t check_priority(const struct ice_candidate *local)
{
	return PRFLX_PREFERENCE << 24 | (local->priority & 0xFFFFFF);
}

/* The same bytes each time; they are made again from what the pair keeps. */
void ice_again(struct ice_agent *a, struct ice_pair *p)
{
	const struct ice_candidate *local = &a->locals[p->local];
	struct stun_writer w = {.to = &a->out, .aligned = true};

	text_clear(&a->out);
	stun_write_begin(&w, TYPE_REQUEST, p->id);
	write_username(a, &w);
	stun_write_u32(&w, ICE_AT_PRIORITY, check_priority(local));
	stun_write_u64(
		&w, p->as_controlling ? ICE_AT_CONTROLLING : ICE_AT_CONTROLLED,
		a->config.tie_breaker);
	if (p->as_controlling && p->nominates)
		stun_write_bytes(&w, ICE_AT_USE_CANDIDATE, (struct slice){0});
	write_ms(a, p, &w);
	stun_write_integrity(&w, &a->remote_key, false, false);
	stun_write_fingerprint(&w);
	if (a->out.failed == STATUS_OK)
		a->provider.send(a->provider.context, &local->base,
				 &a->remotes[p->remote].at,
				 text_slice(&a->out));
}

void ice_send_check(struct ice_agent *a, struct ice_pair *p)
{
	static const uint8_t cookie[4] = {0x21, 0x12, 0xA4, 0x42};

	memcpy(p->id, cookie, sizeof(cookie));
	a->provider.random(a->provider.context, p->id + 4, 12);
	p->as_controlling = a->config.controlling;
	ice_again(a, p);
}

/* ---- replies ---- */

struct letter {
	struct ice_agent *a;
	const struct stun_message *m;
	const struct endpoint *base, *from;
	nanoseconds now;
};

/* `proved`: the request was, so the reply is signed. */
static void reply(const struct letter *l, unsigned code, bool proved)
{
	struct ice_agent *a = l->a;
	struct stun_writer w = {.to = &a->out, .aligned = true};

	text_clear(&a->out);
	stun_write_begin(&w, code ? TYPE_ERROR : TYPE_SUCCESS, l->m->id);
	if (code)
		stun_write_error(
			&w, code,
			slice_of_text(stun_error_text(code, STUN_RFC)));
	else
		stun_write_xor_address(&w, AT_XOR_MAPPED_ADDRESS, l->from);
	write_ms(a, NULL, &w);
	if (proved)
		stun_write_integrity(&w, &a->key, false, false);
	stun_write_fingerprint(&w);
	if (a->out.failed == STATUS_OK)
		a->provider.send(a->provider.context, l->base, l->from,
				 text_slice(&a->out));
}

/* RFC 8445 7.3.1.1.  False: the request was answered with 487. */
static bool settle_roles(const struct letter *l)
{
	struct ice_agent *a = l->a;
	const struct stun_message *m = l->m;
	bool ours = a->config.tie_breaker >= m->tie_breaker;
	bool clash =
		a->config.controlling ? m->has_controlling : m->has_controlled;

	if (!clash)
		return true;
	/* The larger one is controlling. */
	if (ours == a->config.controlling) {
		reply(l, 487, true);
		return false;
	}
	ice_set_role(a, !a->config.controlling);
	return true;
}

/* The local candidate whose base that is: what a check came in by. */
static size_t local_of(const struct ice_agent *a, const struct endpoint *base)
{
	for (size_t i = 0; i < a->local_count; i++)
		if (endpoint_equal(&a->locals[i].base, base) &&
		    (a->locals[i].type == ICE_HOST ||
		     a->locals[i].type == ICE_RELAY))
			return i;
	return ICE_NONE;
}

/* A candidate of the other side that a check made known (7.3.1.3). */
static size_t remote_of(const struct letter *l, uint16_t component)
{
	struct ice_agent *a = l->a;
	struct ice_candidate *new;

	for (size_t i = 0; i < a->remote_count; i++)
		if (endpoint_equal(&a->remotes[i].at, l->from) &&
		    a->remotes[i].component == component)
			return i;
	if (a->remote_count == ICE_CANDIDATES_MAX)
		return ICE_NONE;
	new = &a->remotes[a->remote_count];
	*new = (struct ice_candidate){.at = *l->from,
				      .base = *l->from,
				      .priority = l->m->priority,
				      .component = component,
				      .type = ICE_PRFLX};
	/* Other than all that were named: those are letters and digits. */
	new->foundation[0] = '*';
	new->foundation[1] = (char)('A' + a->remote_count);
	return a->remote_count++;
}

/* Requests may come before the pairs are made: they are made by them. */
static void take_pair(const struct letter *l)
{
	struct ice_agent *a = l->a;
	size_t local = local_of(a, l->base), remote, pair;

	if (local == ICE_NONE)
		return;
	remote = remote_of(l, a->locals[local].component);
	if (remote == ICE_NONE)
		return;
	pair = ice_find_pair(a, l->base, l->from);
	if (pair == ICE_NONE)
		pair = ice_add_pair(a, local, remote);
	if (pair == ICE_NONE)
		return;
	if (l->m->use_candidate && !a->config.controlling) {
		if (a->pairs[pair].valid_once)
			ice_nominated(a, pair);
		else
			a->pairs[pair].to_nominate = true;
	}
	if (!a->pairs[pair].valid_once)
		ice_trigger(a, pair, l->now);
}

static bool is_for_us(const struct letter *l)
{
	struct slice rest = l->m->username;

	return slice_equal(slice_split(&rest, ':'), l->a->config.ufrag);
}

static void take_request(const struct letter *l)
{
	if (!l->m->has_username || !stun_has_integrity(l->m)) {
		reply(l, 400, false);
		return;
	}
	if (!is_for_us(l) ||
	    stun_check_integrity(l->m, &l->a->key) != COVERAGE_RFC) {
		reply(l, 401, false);
		return;
	}
	if (!settle_roles(l))
		return;
	reply(l, 0, true);
	take_pair(l);
}

/* ---- answers to ours ---- */

static size_t pair_of_id(const struct ice_agent *a, const uint8_t id[16])
{
	for (size_t i = 0; i < a->pair_count; i++) {
		const struct ice_pair *p = &a->pairs[i];

		if (p->state == ICE_IN_PROGRESS &&
		    memcmp(p->id, id, sizeof(p->id)) == 0)
			return i;
		if ((p->state == ICE_IN_PROGRESS || p->state == ICE_WAITING) &&
		    p->old_id[0] && memcmp(p->old_id, id, sizeof(p->id)) == 0)
			return i;
	}
	return ICE_NONE;
}

/* The candidate of ours that the mapped address is, or a new one
 * (7.2.5.3.1). */
static size_t mapped_candidate(struct ice_agent *a, const struct ice_pair *p,
			       const struct endpoint *mapped)
{
	const struct ice_candidate *base = &a->locals[p->local];

	for (size_t i = 0; i < a->local_count; i++)
		if (endpoint_equal(&a->locals[i].at, mapped) &&
		    a->locals[i].component == base->component)
			return i;
	if (a->local_count == ICE_CANDIDATES_MAX)
		return p->local;
	a->locals[a->local_count] = *base;
	a->locals[a->local_count].at = *mapped;
	a->locals[a->local_count].type = ICE_PRFLX;
	a->locals[a->local_count].priority = check_priority(base);
	return a->local_count++;
}

static void take_success(const struct letter *l, size_t pair)
{
	struct ice_agent *a = l->a;
	struct ice_pair *p = &a->pairs[pair];

	/* From where the request went, to where it came from (7.2.5.2.1). */
	if (!endpoint_equal(l->from, &a->remotes[p->remote].at) ||
	    !endpoint_equal(l->base, &a->locals[p->local].base) ||
	    l->m->mapped.family == FAMILY_NONE) {
		ice_failed(a, pair);
		return;
	}
	p->valid = (uint16_t)mapped_candidate(a, p, &l->m->mapped);
	ice_succeeded(a, pair, l->now);
}

static void take_answer(const struct letter *l)
{
	struct ice_agent *a = l->a;
	size_t pair = pair_of_id(a, l->m->id);
	struct ice_pair *p;

	if (pair == ICE_NONE)
		return;
	p = &a->pairs[pair];
	/* 400 and 401 cannot be signed; nobody else can forge the id that has
	 * not seen it. */
	if (stun_has_integrity(l->m)
		    ? stun_check_integrity(l->m, &a->remote_key) != COVERAGE_RFC
		    : l->m->class == STUN_SUCCESS)
		return;
	transaction_end(&p->timer);
	if (l->m->class == STUN_SUCCESS) {
		take_success(l, pair);
	} else if (l->m->error == 487) {
		/* Unless the role has changed meanwhile (7.2.5.1). */
		if (p->as_controlling == a->config.controlling)
			ice_set_role(a, !a->config.controlling);
		p = &a->pairs[pair_of_id(a, l->m->id)];
		p->state = ICE_WAITING;
		ice_trigger(a, (size_t)(p - a->pairs), l->now);
	} else {
		ice_failed(a, pair);
	}
}

void ice_agent_receive(struct ice_agent *a, const struct endpoint *base,
		       const struct endpoint *from, struct slice bytes,
		       nanoseconds now)
{
	struct decoding d = {.arena = &a->scratch};
	struct stun_message m;
	struct letter l = {
		.a = a, .m = &m, .base = base, .from = from, .now = now};
	size_t used;

	if (stun_claims(bytes, false) == CLAIM_SURE &&
	    stun_decode(&d, bytes, &m, &used) == STATUS_OK &&
	    m.method == STUN_BINDING && m.fingerprint != FINGERPRINT_BAD) {
		if (m.class == STUN_REQUEST)
			take_request(&l);
		else if (m.class == STUN_SUCCESS || m.class == STUN_ERROR)
			take_answer(&l);
		ice_consider(a, now);
	}
	arena_reset(&a->scratch);
}
