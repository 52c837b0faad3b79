/* The ICE agent: pairs, their states, when each has its turn. */
#include "config.h"

#include <stdlib.h>

#include "engine/ice_state.h"

#define SCRATCH_MAX ((size_t)1 << 18)

/* How profiles differ.  That of Microsoft's clients: five requests, 304 ms
 * apart, as they were recorded (no document says so). */
static const struct {
	nanoseconds pace, rto;
	bool doubles;
	unsigned sends;
} profiles[] = {
	[ICE_RFC8445] = {50 * NS_PER_MS, 500 * NS_PER_MS, true, 7},
	[ICE_RFC5245] = {20 * NS_PER_MS, 100 * NS_PER_MS, true, 7},
	[ICE_MS_ICE2] = {20 * NS_PER_MS, 304 * NS_PER_MS, false, 5},
};

uint64_t ice_pair_priority(uint32_t controlling, uint32_t controlled)
{
	uint64_t low = controlling < controlled ? controlling : controlled;
	uint64_t high = controlling < controlled ? controlled : controlling;

	return (low << 32) + 2 * high + (controlling > controlled);
}

struct ice_agent *ice_agent_new(const struct ice_config *config,
				const struct ice_provider *provider)
{
	struct ice_agent *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->config = *config;
	a->provider = *provider;
	if (a->config.components == 0)
		a->config.components = 1;
	if (a->config.pace == 0)
		a->config.pace = profiles[config->profile].pace;
	a->next_check = INT64_MAX;
	a->last_check = CLOCK_FIRST;
	for (unsigned i = 0; i < ICE_COMPONENTS_MAX; i++)
		a->valid_since[i] = INT64_MAX;
	a->out = text_new(ICE_MESSAGE_MAX);
	a->scratch = arena_new(SCRATCH_MAX);
	stun_key_short_term(config->password, &a->key);
	stun_key_short_term(config->remote_password, &a->remote_key);
	return a;
}

void ice_agent_free(struct ice_agent *a)
{
	if (!a)
		return;
	text_free(&a->out);
	arena_free(&a->scratch);
	bytes_wipe(a, sizeof(*a));
	free(a);
}

/* ---- pairs ---- */

static uint16_t ice_component(const struct ice_agent *a,
			      const struct ice_pair *p)
{
	return a->remotes[p->remote].component;
}

static uint64_t priority_of(const struct ice_agent *a, const struct ice_pair *p)
{
	uint32_t ours = a->locals[p->local].priority;
	uint32_t theirs = a->remotes[p->remote].priority;

	return a->config.controlling ? ice_pair_priority(ours, theirs)
				     : ice_pair_priority(theirs, ours);
}

size_t ice_find_pair(const struct ice_agent *a, const struct endpoint *base,
		     const struct endpoint *remote)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if (endpoint_equal(&a->locals[a->pairs[i].local].base, base) &&
		    endpoint_equal(&a->remotes[a->pairs[i].remote].at, remote))
			return i;
	return ICE_NONE;
}

/* Numbers in the queue follow the pairs when one comes between. */
static void make_room(struct ice_agent *a, size_t at)
{
	memmove(&a->pairs[at + 1], &a->pairs[at],
		(a->pair_count - at) * sizeof(a->pairs[0]));
	a->pair_count++;
	for (size_t i = 0; i < a->queued; i++)
		if (a->queue[i] >= at)
			a->queue[i]++;
	/* Timers point at the numbers that stand beside them. */
	for (size_t i = at + 1; i < a->pair_count; i++)
		if (a->pairs[i].timer.timers)
			a->pairs[i].timer.timers = &a->pairs[i].timers;
}

size_t ice_add_pair(struct ice_agent *a, size_t local, size_t remote)
{
	struct ice_pair new = {.local = (uint16_t)local,
			       .remote = (uint16_t)remote,
			       .valid = (uint16_t)local};
	size_t at = 0;

	if (a->pair_count == ICE_PAIRS_MAX)
		return ICE_NONE;
	new.priority = priority_of(a, &new);
	new.timer.next = INT64_MAX;
	while (at < a->pair_count && a->pairs[at].priority >= new.priority)
		at++;
	make_room(a, at);
	a->pairs[at] = new;
	return at;
}

static bool can_pair(const struct ice_candidate *l,
		     const struct ice_candidate *r)
{
	return l->component == r->component && l->at.family == r->at.family;
}

/* A reflexive candidate is checked from its base; of two pairs that are the
 * same then, the better one stays (RFC 8445 6.1.2.4). */
static void pair_up(struct ice_agent *a, size_t local, size_t remote)
{
	const struct ice_candidate *l = &a->locals[local];
	const struct ice_candidate *r = &a->remotes[remote];
	size_t from = local, there;

	if (!can_pair(l, r))
		return;
	if (l->type == ICE_SRFLX || l->type == ICE_PRFLX)
		for (size_t i = 0; i < a->local_count; i++)
			if (endpoint_equal(&a->locals[i].at, &l->base) &&
			    a->locals[i].component == l->component)
				from = i;
	there = ice_find_pair(a, &a->locals[from].base, &r->at);
	if (there == ICE_NONE)
		(void)ice_add_pair(a, from, remote);
}

static bool same_foundation(const struct ice_agent *a, const struct ice_pair *p,
			    const struct ice_pair *q)
{
	return strcmp(a->locals[p->local].foundation,
		      a->locals[q->local].foundation) == 0 &&
	       strcmp(a->remotes[p->remote].foundation,
		      a->remotes[q->remote].foundation) == 0;
}

static bool decided(const struct ice_agent *a, uint16_t component)
{
	return ice_agent_selected(a, component) != NULL;
}

/* Is another of this foundation on its way, or about to be? */
static bool foundation_moves(const struct ice_agent *a,
			     const struct ice_pair *p)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		const struct ice_pair *q = &a->pairs[i];

		if (q != p && same_foundation(a, p, q) &&
		    (q->state == ICE_WAITING || q->state == ICE_IN_PROGRESS))
			return true;
	}
	return false;
}

/* Of each foundation one pair waits: that of the lowest component, the best of
 * those (RFC 8445 6.1.2.6). */
static void thaw_first(struct ice_agent *a)
{
	for (uint16_t component = 1; component <= a->config.components;
	     component++)
		for (size_t i = 0; i < a->pair_count; i++) {
			struct ice_pair *p = &a->pairs[i];
			bool taken = p->state != ICE_FROZEN;

			for (size_t j = 0; j < a->pair_count && !taken; j++)
				taken = a->pairs[j].state != ICE_FROZEN &&
					same_foundation(a, p, &a->pairs[j]);
			if (!taken && ice_component(a, p) == component)
				p->state = ICE_WAITING;
		}
}

/* Something is left to begin again: not before Ta is over. */
static void wake(struct ice_agent *a, nanoseconds now)
{
	nanoseconds at = a->last_check + a->config.pace;

	if (a->begun && a->next_check == INT64_MAX)
		a->next_check = at > now ? at : now;
}

/* Pairs that came later have their turn, too. */
static void thaw_later(struct ice_agent *a)
{
	if (!a->begun)
		return;
	thaw_first(a);
	wake(a, a->last_check + a->config.pace);
}

bool ice_agent_add_local(struct ice_agent *a, const struct ice_candidate *c)
{
	if (a->local_count == ICE_CANDIDATES_MAX)
		return false;
	a->locals[a->local_count++] = *c;
	for (size_t i = 0; a->begun && i < a->remote_count; i++)
		pair_up(a, a->local_count - 1, i);
	thaw_later(a);
	return true;
}

bool ice_agent_add_remote(struct ice_agent *a, const struct ice_candidate *c)
{
	if (a->remote_count == ICE_CANDIDATES_MAX)
		return false;
	a->remotes[a->remote_count++] = *c;
	for (size_t i = 0; a->begun && i < a->local_count; i++)
		pair_up(a, i, a->remote_count - 1);
	thaw_later(a);
	return true;
}

/* Pairs are in another order then (RFC 8445 7.3.1.1). */
void ice_set_role(struct ice_agent *a, bool controlling)
{
	uint16_t moved[ICE_PAIRS_MAX];

	a->config.controlling = controlling;
	for (size_t i = 0; i < a->pair_count; i++)
		a->pairs[i].priority = priority_of(a, &a->pairs[i]);
	for (uint16_t i = 0; i < a->pair_count; i++)
		moved[i] = i;
	for (size_t i = 1; i < a->pair_count; i++)
		for (size_t j = i;
		     j > 0 && a->pairs[j - 1].priority < a->pairs[j].priority;
		     j--) {
			struct ice_pair p = a->pairs[j];
			uint16_t m = moved[j];

			a->pairs[j] = a->pairs[j - 1];
			a->pairs[j - 1] = p;
			moved[j] = moved[j - 1];
			moved[j - 1] = m;
		}
	for (size_t i = 0; i < a->pair_count; i++) {
		if (a->pairs[i].timer.timers)
			a->pairs[i].timer.timers = &a->pairs[i].timers;
		a->pairs[i].nominates = false;
	}
	for (size_t q = 0; q < a->queued; q++)
		for (uint16_t i = 0; i < a->pair_count; i++)
			if (moved[i] == a->queue[q]) {
				a->queue[q] = i;
				break;
			}
}

/* ---- checks ---- */

static struct transaction_timers timers_of(const struct ice_agent *a)
{
	nanoseconds rto = profiles[a->config.profile].rto, paced = 0;
	bool doubles = profiles[a->config.profile].doubles;

	/* RFC 8445 14.3. */
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_WAITING ||
		    a->pairs[i].state == ICE_IN_PROGRESS)
			paced += a->config.pace;
	if (doubles && paced > rto)
		rto = paced;
	return (struct transaction_timers){
		.first = rto,
		.most = doubles ? INT64_MAX : rto,
		.sends = profiles[a->config.profile].sends,
		.last = doubles ? 16 * rto : rto,
		.whole = 39500 * NS_PER_MS};
}

static void check(struct ice_agent *a, size_t pair, nanoseconds now)
{
	struct ice_pair *p = &a->pairs[pair];

	p->state = ICE_IN_PROGRESS;
	if (a->config.controlling && a->config.profile == ICE_RFC5245)
		p->nominates = true;
	/* What was asked before did not nominate. */
	if (p->nominates)
		memset(p->old_id, 0, sizeof(p->old_id));
	p->timers = timers_of(a);
	if (p->checks++ == 0)
		p->begun = now;
	transaction_begin(&p->timer, &p->timers, false, 0, now);
	ice_send_check(a, p);
}

/* Ahead of the others, at the next Ta (RFC 8445 7.3.1.4). */
void ice_trigger(struct ice_agent *a, size_t pair, nanoseconds now)
{
	struct ice_pair *p = &a->pairs[pair];

	if (p->triggered)
		return;
	transaction_end(&p->timer);
	/* An answer to what runs is taken still. */
	if (p->state == ICE_IN_PROGRESS)
		memcpy(p->old_id, p->id, sizeof(p->old_id));
	p->state = ICE_WAITING;
	p->triggered = true;
	a->queue[a->queued++] = (uint16_t)pair;
	wake(a, now);
}

static size_t next_triggered(struct ice_agent *a)
{
	size_t pair;

	if (a->queued == 0)
		return ICE_NONE;
	pair = a->queue[0];
	a->queued--;
	memmove(a->queue, a->queue + 1, a->queued * sizeof(a->queue[0]));
	a->pairs[pair].triggered = false;
	return pair;
}

/* RFC 8445 6.1.4.2: the best that waits, else the best frozen one of whose
 * foundation nothing moves. */
static size_t next_ordinary(struct ice_agent *a)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_WAITING &&
		    !a->pairs[i].triggered &&
		    !decided(a, ice_component(a, &a->pairs[i])))
			return i;
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_FROZEN &&
		    !decided(a, ice_component(a, &a->pairs[i])) &&
		    !foundation_moves(a, &a->pairs[i]))
			return i;
	return ICE_NONE;
}

static bool some_left(const struct ice_agent *a)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if ((a->pairs[i].state == ICE_WAITING ||
		     a->pairs[i].state == ICE_FROZEN) &&
		    !decided(a, ice_component(a, &a->pairs[i])))
			return true;
	return a->queued > 0;
}

/* ---- what came of them ---- */

/* What was to be asked again has been answered meanwhile. */
static void forget_trigger(struct ice_agent *a, size_t pair)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->queued; i++)
		if (a->queue[i] != pair)
			a->queue[kept++] = a->queue[i];
	a->queued = kept;
	a->pairs[pair].triggered = false;
}

void ice_succeeded(struct ice_agent *a, size_t pair, nanoseconds now)
{
	struct ice_pair *p = &a->pairs[pair];
	unsigned component = ice_component(a, p) - 1u;

	forget_trigger(a, pair);
	p->state = ICE_SUCCEEDED;
	p->valid_once = true;
	if (component < ICE_COMPONENTS_MAX &&
	    a->valid_since[component] == INT64_MAX)
		a->valid_since[component] = now;
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_FROZEN &&
		    same_foundation(a, p, &a->pairs[i]))
			a->pairs[i].state = ICE_WAITING;
	if ((p->as_controlling && p->nominates) ||
	    (!a->config.controlling && p->to_nominate))
		ice_nominated(a, pair);
	if (some_left(a))
		wake(a, now);
}

void ice_failed(struct ice_agent *a, size_t pair)
{
	struct ice_pair *p = &a->pairs[pair];

	transaction_end(&p->timer);
	p->state = ICE_FAILED;
	p->valid_once = false;
	p->nominates = false;
}

/* Checks of the component that have not begun are not begun any more, those
 * that run are not repeated (RFC 8445 8.1.2). */
void ice_nominated(struct ice_agent *a, size_t pair)
{
	uint16_t component = ice_component(a, &a->pairs[pair]);
	bool all = true;

	a->pairs[pair].nominated = true;
	a->pairs[pair].to_nominate = false;
	for (uint16_t c = 1; c <= a->config.components; c++)
		all = all && decided(a, c);
	if (all)
		a->state = ICE_COMPLETED;
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_IN_PROGRESS && i != pair &&
		    ice_component(a, &a->pairs[i]) == component &&
		    a->pairs[i].priority < a->pairs[pair].priority)
			ice_failed(a, i);
}

const struct ice_pair *ice_agent_selected(const struct ice_agent *a,
					  uint16_t component)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].nominated &&
		    ice_component(a, &a->pairs[i]) == component)
			return &a->pairs[i];
	return NULL;
}

/* Is a nomination on its way? */
static bool nominating(const struct ice_agent *a, uint16_t component)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		const struct ice_pair *p = &a->pairs[i];

		if (ice_component(a, p) == component && p->nominates &&
		    (p->triggered || p->state == ICE_IN_PROGRESS))
			return true;
	}
	return false;
}

static bool has_valid(const struct ice_agent *a, uint16_t component)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if (ice_component(a, &a->pairs[i]) == component &&
		    a->pairs[i].state == ICE_SUCCEEDED)
			return true;
	return false;
}

/* The best valid pair, when nothing better can come, or enough time is past
 * (RFC 8445 8.1.1 leaves that to the agent). */
static void nominate(struct ice_agent *a, uint16_t component, nanoseconds now)
{
	nanoseconds since = a->valid_since[component - 1];
	bool in_time = a->config.nominate_after == 0 || since == INT64_MAX ||
		       now - since < a->config.nominate_after;

	if (!a->config.controlling || decided(a, component) ||
	    nominating(a, component))
		return;
	for (size_t i = 0; i < a->pair_count; i++) {
		struct ice_pair *p = &a->pairs[i];

		if (ice_component(a, p) != component)
			continue;
		if (p->state == ICE_SUCCEEDED) {
			p->nominates = true;
			ice_trigger(a, i, now);
			return;
		}
		if (p->state != ICE_FAILED && in_time)
			return; /* a better one may come */
	}
}

void ice_consider(struct ice_agent *a, nanoseconds now)
{
	for (uint16_t c = 1; a->begun && c <= a->config.components; c++)
		nominate(a, c, now);
}

static bool hopeless(const struct ice_agent *a, uint16_t component)
{
	for (size_t i = 0; i < a->pair_count; i++)
		if (ice_component(a, &a->pairs[i]) == component &&
		    a->pairs[i].state != ICE_FAILED)
			return false;
	return a->pair_count > 0;
}

/* ---- time ---- */

void ice_agent_prepare(struct ice_agent *a)
{
	for (size_t i = 0; i < a->local_count; i++)
		for (size_t j = 0; j < a->remote_count; j++)
			pair_up(a, i, j);
	thaw_first(a);
}

void ice_agent_begin(struct ice_agent *a, nanoseconds now)
{
	a->begun = true;
	ice_agent_prepare(a);
	a->next_check = now;
	ice_agent_tick(a, now);
}

static void run_timers(struct ice_agent *a, nanoseconds now)
{
	for (size_t i = 0; i < a->pair_count; i++) {
		struct ice_pair *p = &a->pairs[i];
		enum transaction_turn turn;

		while (p->state == ICE_IN_PROGRESS &&
		       (turn = transaction_tick(&p->timer, now)) !=
			       TRANSACTION_WAITS) {
			if (turn == TRANSACTION_SENDS)
				ice_again(a, p);
			else
				ice_failed(a, i);
		}
	}
}

void ice_agent_tick(struct ice_agent *a, nanoseconds now)
{
	size_t pair;

	if (!a->begun)
		return;
	run_timers(a, now);
	ice_consider(a, now);
	if (now >= a->next_check) {
		pair = next_triggered(a);
		if (pair == ICE_NONE)
			pair = next_ordinary(a);
		if (pair != ICE_NONE) {
			check(a, pair, now);
			a->last_check = now;
		}
		/* A foundation that moves keeps its others frozen. */
		a->next_check = some_left(a) ? now + a->config.pace : INT64_MAX;
	}
	for (uint16_t c = 1;
	     a->state == ICE_RUNNING && c <= a->config.components; c++)
		if (hopeless(a, c))
			a->state = ICE_GAVE_UP;
}

static nanoseconds earlier(nanoseconds x, nanoseconds y)
{
	return x < y ? x : y;
}

nanoseconds ice_agent_next(const struct ice_agent *a)
{
	nanoseconds next = a->next_check;

	for (size_t i = 0; i < a->pair_count; i++)
		if (a->pairs[i].state == ICE_IN_PROGRESS)
			next = earlier(next, a->pairs[i].timer.next);
	for (uint16_t c = 1; c <= a->config.components; c++)
		if (a->config.nominate_after && a->config.controlling &&
		    !decided(a, c) && has_valid(a, c) && !nominating(a, c))
			next = earlier(next, a->valid_since[c - 1] +
						     a->config.nominate_after);
	return next;
}

enum ice_state ice_agent_state(const struct ice_agent *a)
{
	return a->state;
}

bool ice_agent_is_controlling(const struct ice_agent *a)
{
	return a->config.controlling;
}

size_t ice_agent_pairs(const struct ice_agent *a)
{
	return a->pair_count;
}

const struct ice_pair *ice_agent_pair(const struct ice_agent *a, size_t i)
{
	return i < a->pair_count ? &a->pairs[i] : NULL;
}

const struct ice_candidate *ice_agent_local(const struct ice_agent *a,
					    size_t number)
{
	return number < a->local_count ? &a->locals[number] : NULL;
}

const struct ice_candidate *ice_agent_remote(const struct ice_agent *a,
					     size_t number)
{
	return number < a->remote_count ? &a->remotes[number] : NULL;
}
