/* Rules of relays that speak [MS-TURN], and of addresses that something on the
 * way rewrote. */
#include "config.h"

#include <string.h>

#include "model/firewall.h"
#include "validate/checks.h"

#define MS_TURN_TCP 443

static const char *ends_text(struct judging *j, const struct allocation *a)
{
	char client[ENDPOINT_TEXT_MAX], server[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s to %s",
			      endpoint_string(where(j, a->client), client),
			      endpoint_string(where(j, a->server), server));
}

static const char *address_text(struct judging *j, const struct endpoint *e)
{
	char buffer[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s", endpoint_string(e, buffer));
}

static const struct ms_turn *ms_of(struct judging *j,
				   const struct allocation *a)
{
	return a->ms_turn ? ms_turn_of(j->model, a) : NULL;
}

/* ---- facts that speak for themselves ---- */

struct telling {
	enum fact_kind kind;
	unsigned times; /* at least */
};

static void check_fact(struct judging *j, const struct rule *self,
		       struct telling of)
{
	if (!has_fact(j, of.kind))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = part_fact(j, &a->facts, of.kind);

		if (f && f->count >= of.times)
			found_fact(j, self, f, ends_text(j, a));
	}
}

#define FACT_CHECK(name, fact, times)                                   \
	static void name(struct judging *j, const struct rule *self)    \
	{                                                               \
		check_fact(j, self, (struct telling){(fact), (times)}); \
	}
FACT_CHECK(check_send_answered, FACT_MS_SEND_ANSWERED, 1)
FACT_CHECK(check_signed, FACT_MS_CHALLENGE_SIGNED, 1)
FACT_CHECK(check_bare, FACT_MS_CHALLENGE_BARE, 1)
FACT_CHECK(check_alternate, FACT_MS_ALTERNATE_PASSED, 1)
FACT_CHECK(check_family, FACT_MS_FAMILY, 1)
FACT_CHECK(check_from_active, FACT_MS_FROM_ACTIVE, 1)
/* Some clients read only a part of the server's number: they start again, and
 * once only. */
FACT_CHECK(check_sequence, FACT_MS_SEQUENCE, 2)
#undef FACT_CHECK

static void check_swapped(struct judging *j, const struct rule *self)
{
	if (!went_well(j))
		check_fact(j, self, (struct telling){FACT_MS_SWAPPED, 1});
}

/* Who sends through it has taken it. */
static void check_no_reflexive(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count && !went_well(j);
	     i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			part_fact(j, &a->facts, FACT_MS_NO_REFLEXIVE);

		if (f && !a->refreshes && !part_fact(j, &a->facts, FACT_SEND))
			found_fact(j, self, f, ends_text(j, a));
	}
}

/* ---- versions ---- */

/* [MS-TURN] 2.2.2.17: SHA-256 from version 3 on, when both speak it. */
static void check_integrity_size(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);
		unsigned bytes = ms ? ms->integrity[0] : 0;
		bool sha256;

		if (!bytes || !ms->version[0] || !ms->version[1])
			continue;
		sha256 = ms->version[0] >= 3 && ms->version[1] >= 3;
		if (bytes != (sha256 ? 32u : 20u))
			found(j, self, a->request,
			      model_sentence(
				      j->model, "%u bytes, versions %u and %u",
				      bytes, ms->version[0], ms->version[1]));
	}
}

/* ---- addresses ---- */

/* Is it an address that the client knows the relay by? */
static bool is_of_edge(const struct model *m, const struct allocation *a,
		       const struct endpoint *e)
{
	return endpoint_same_ip(e, end_at(m, a->server)) ||
	       endpoint_same_ip(e, end_at(m, a->alternate)) ||
	       endpoint_same_ip(e, end_at(m, a->answered_from));
}

static void check_elsewhere(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->ms_turn && a->granted &&
		    endpoint_is_public(where(j, a->server)) &&
		    endpoint_is_public(where(j, a->relayed)) &&
		    !is_of_edge(j->model, a, where(j, a->relayed)))
			found_answer(j, self, a->request, a->granted,
				     address_text(j, where(j, a->relayed)));
	}
}

static void check_reflexive_is_server(struct judging *j,
				      const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->ms_turn && a->granted && a->reflexive &&
		    !ends_share_host(j->model, a->reflexive, a->client) &&
		    (ends_share_host(j->model, a->reflexive, a->server) ||
		     ends_share_host(j->model, a->reflexive, a->relayed)))
			found_answer(j, self, a->request, a->granted,
				     address_text(j, where(j, a->reflexive)));
	}
}

/* ---- addresses that were rewritten on the way ---- */

/* What comes through the relay later shows that the client took the answer. */
static void check_altered(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_ANSWER_ALTERED) || went_well(j))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			part_fact(j, &a->facts, FACT_ANSWER_ALTERED);

		if (f &&
		    part_last(j, &a->facts, FACT_DATA_BACK) < when(j, f->last))
			found_fact(j, self, f, ends_text(j, a));
	}
}

static void check_rewritten(struct judging *j, const struct rule *self)
{
	check_fact(j, self, (struct telling){FACT_MAPPED_REWRITTEN, 1});
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);
		const struct fact *f =
			part_fact(j, &b->facts, FACT_MAPPED_REWRITTEN);

		if (f)
			found_fact(j, self, f,
				   address_text(j, where(j, b->mapped)));
	}
}

/* What the servers told this socket; how many answers there are. */
static unsigned told(struct judging *j, const struct candidate *c, bool *same)
{
	unsigned answers = 0;

	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->client != c->related || !a->reflexive)
			continue;
		answers++;
		*same |= a->reflexive == c->endpoint;
	}
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->client != c->related || !b->mapped)
			continue;
		answers++;
		*same |= b->mapped == c->endpoint;
	}
	return answers;
}

#define TYPE_SRFLX 2

static void check_srflx(struct judging *j, const struct rule *self)
{
	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);
		bool same = false;

		if (c->type == TYPE_SRFLX && !c->tcp && !c->learned &&
		    c->related != c->endpoint && told(j, c, &same) && !same)
			found(j, self, c->place,
			      address_text(j, where(j, c->endpoint)));
	}
}

/* ---- the end of an allocation ---- */

#define EXPIRED_SURELY (5 * NS_PER_S)
/* Media that stops so near to it does so for it. */
#define NEAR_THE_END (30 * NS_PER_S)

/* When media went last between client and relay as it is, to or from the active
 * destination; 0: it did not. */
static nanoseconds bare_last(struct judging *j, const struct allocation *a,
			     bool back)
{
	const struct endpoint *src = where(j, back ? a->server : a->client);
	const struct endpoint *dst = where(j, back ? a->client : a->server);
	nanoseconds last = 0;

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->last > last && endpoint_equal(&m->src, src) &&
		    endpoint_equal(&m->dst, dst))
			last = m->last;
	}
	return last;
}

static bool ends_with_it(nanoseconds back, const struct allocation *a)
{
	return back <= a->until && a->until - back < NEAR_THE_END;
}

/* How long the client sends on in vain; 0: it does not. */
static nanoseconds sent_in_vain(struct judging *j, const struct allocation *a)
{
	nanoseconds sent = part_last(j, &a->facts, FACT_SEND);
	nanoseconds bare = bare_last(j, a, false);

	if (bare > a->until + EXPIRED_SURELY &&
	    ends_with_it(bare_last(j, a, true), a))
		return bare - a->until;
	return sent > a->until + EXPIRED_SURELY && !media_both_ways(j) &&
			       part_last(j, &a->facts, FACT_DATA_BACK) <=
				       a->until
		       ? sent - a->until
		       : 0;
}

static void check_expired(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		nanoseconds vain;

		if (!a->ms_turn || !a->granted || a->released ||
		    facts_full(&a->facts) || is_renewed_unseen(j, a))
			continue;
		vain = sent_in_vain(j, a);
		if (vain)
			found_all(j, self, &a->cited, a->cited.last,
				  model_sentence(j->model,
						 "%.0f s after its end",
						 (double)vain / 1e9));
	}
}

/* ---- who may send to the relayed address ---- */

/* Did the client send to that host through this allocation, or ask for a
 * permission? */
static bool let_in(struct judging *j, const struct allocation *a,
		   const struct endpoint *peer)
{
	const struct opening *rows = j->model->openings.rows;
	uint32_t at = a->openings.count ? a->openings.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (endpoint_same_ip(where(j, rows[at].peer), peer))
			return true;
	return false;
}

/* Where a NAT lies in between the relay sees another address of the peer than
 * the capture, and may have let in that one. */
static bool is_translated(const struct endpoint *peer,
			  const struct endpoint *relayed)
{
	return endpoint_is_private(peer) && !endpoint_is_private(relayed);
}

/* A peer asks the relayed address itself, in vain. */
static void check_not_let_in(struct judging *j, const struct rule *self,
			     const struct allocation *a, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct endpoint *peer = where(j, side ? p->b : p->a);
		const struct endpoint *at = where(j, side ? p->a : p->b);
		const struct direction *way = &p->way[side];

		if (allocation_gave(j->model, a, at) && !p->delivered[side] &&
		    way->requests >= UNANSWERED_PROOF && !way->responses &&
		    !way->errors && !is_translated(peer, at) &&
		    !let_in(j, a, peer))
			found(j, self, way->first, address_text(j, peer));
	}
}

static void check_permission(struct judging *j, const struct rule *self)
{
	if (went_well(j))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (!a->granted || a->has_session || facts_full(&a->facts))
			continue;
		for (size_t k = 0; k < j->call->sessions.count; k++)
			for (const struct pair *p =
				     pair_first(j, call_session(j, k));
			     p; p = pair_next(j, p))
				check_not_let_in(j, self, a, p);
	}
}

/* ---- the active destination ---- */

static void check_active_refused(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct ms_turn *ms = ms_of(j, call_allocation(j, i));

		if (ms && ms->active_refused)
			found(j, self, ms->active_refused,
			      model_sentence(j->model, "error %u",
					     ms->active_error));
	}
}

static void check_active_silent(struct judging *j, const struct rule *self)
{
	/* What comes back shows that the relay has it. */
	if (media_both_ways(j))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);

		/* Of a relay whose grant is not seen no answer may be. */
		if (ms && a->state == STATE_OK && ms->active_asked &&
		    !ms->active_set && !ms->active_refused &&
		    j->model->answers &&
		    seen_until(j, ms->active_asked) -
				    when(j, ms->active_asked) >
			    3 * NS_PER_S)
			found(j, self, ms->active_asked,
			      address_text(j, &ms->active));
	}
}

/* Media to the relay, bare, before anything said where it shall go. */
static void check_raw_early(struct judging *j, const struct rule *self)
{
	/* What comes back shows that the relay passes it on. */
	if (media_both_ways(j))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);

		for (size_t k = 0; ms && k < j->call->media.count; k++) {
			const struct media *m = call_media(j, k);

			if (!a->granted || m->wrapped ||
			    !endpoint_equal(&m->src, where(j, a->client)) ||
			    !endpoint_equal(&m->dst, where(j, a->server)) ||
			    (ms->active_set &&
			     when(j, ms->active_set) <= m->first))
				continue;
			found(j, self, m->place, ends_text(j, a));
		}
	}
}

/* ---- pseudo-TLS ---- */

static void check_early(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);

		if (ms && ms->spoke_early && ms->hello == HELLO_ANSWERED)
			found(j, self, ms->hello_sent, ends_text(j, a));
	}
}

/* Boxes that look into port 443 see no TLS there. */
static void check_bare_443(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);

		if (ms && strcmp(a->transport, "tcp") == 0 && a->allocates &&
		    where(j, a->server)->port == MS_TURN_TCP &&
		    ms->hello == HELLO_UNASKED)
			found(j, self, a->request, ends_text(j, a));
	}
}

/* ---- bandwidth management ---- */

/* Each row that asked for a check, until NULL; *at begins with 0. */
static const struct ms_turn *next_asked(struct judging *j, size_t *at)
{
	while (*at < j->call->allocations.count) {
		const struct ms_turn *ms =
			ms_of(j, call_allocation(j, (*at)++));

		if (ms && ms->bandwidth_check)
			return ms;
	}
	return NULL;
}

static bool was_told(const struct ms_turn *ms)
{
	return ms->bandwidth_answered;
}

static void check_bandwidth_partial(struct judging *j, const struct rule *self)
{
	const struct ms_turn *ms;

	for (size_t at = 0; (ms = next_asked(j, &at));)
		if (ms->bandwidth_partial)
			found(j, self, ms->bandwidth_check, NULL);
}

static void check_bandwidth_open(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct ms_turn *ms = ms_of(j, a);

		if (ms && ms->bandwidth_check && !was_told(ms) &&
		    !ms->bandwidth_partial &&
		    when(j, a->granted) > when(j, ms->bandwidth_check))
			found_answer(j, self, a->request, a->granted, NULL);
	}
}

static const char *refused_sites(struct judging *j, const struct ms_turn *ms)
{
	struct text text = text_new(128);
	const char *out = NULL;
	bool pstn = false;

	for (unsigned site = 0; site < SITES; site++) {
		if (!ms->sites[site].told || ms->sites[site].valid)
			continue;
		pstn |= ms->sites[site].pstn;
		text_printf(&text, "%s%s", text.n ? ", " : "",
			    bandwidth_site_name((enum bandwidth_site)site));
	}
	/* [MS-TURNBWM] 2.2.8. */
	if (pstn)
		text_puts(&text, "; the call is to go by PSTN instead");
	if (text.n)
		out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

static void check_bandwidth_refused(struct judging *j, const struct rule *self)
{
	const struct ms_turn *ms;

	for (size_t at = 0; (ms = next_asked(j, &at));) {
		const char *sites = refused_sites(j, ms);

		if (sites)
			found(j, self, ms->bandwidth_answered, sites);
	}
}

static const struct pair *chosen_pair(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (p->selected)
				return p;
	return NULL;
}

/* So long a client may take to commit once its pair is chosen: the capture may
 * end before. */
#define COMMIT_SURELY (3 * NS_PER_S)

static bool had_time(const struct judging *j, const struct pair *p)
{
	return seen_until(j, p->nominated) - when(j, p->nominated) >
	       COMMIT_SURELY;
}

static void check_bandwidth_commit(struct judging *j, const struct rule *self)
{
	const struct pair *p = chosen_pair(j);
	const struct ms_turn *ms, *first = NULL;
	unsigned asked = 0;

	for (size_t at = 0; (ms = next_asked(j, &at));) {
		asked |= ms->bandwidth_asked;
		if (was_told(ms) && !first)
			first = ms;
	}
	if (p && first && !(asked & BANDWIDTH_COMMIT) && j->call->media.count &&
	    had_time(j, p))
		found(j, self, first->bandwidth_check, NULL);
}

#define TYPE_RELAY 4

/* [MS-TURNBWM] 3.2.5.1: a direct path needs both sites valid, one through a
 * relay the answer about that relay. */
static bool may_use(const struct ms_turn *ms, const struct pair *p)
{
	const struct bandwidth_answer *s = ms->sites;
	bool direct = p->types[0] != TYPE_RELAY && p->types[1] != TYPE_RELAY;

	if (direct)
		return !(s[SITE_REMOTE].told && s[SITE_LOCAL].told) ||
		       (s[SITE_REMOTE].valid && s[SITE_LOCAL].valid);
	if (p->types[0] == TYPE_RELAY && s[SITE_LOCAL_RELAY].told &&
	    !s[SITE_LOCAL_RELAY].valid)
		return false;
	return p->types[1] != TYPE_RELAY || !s[SITE_REMOTE_RELAY].told ||
	       s[SITE_REMOTE_RELAY].valid;
}

static void check_bandwidth_used(struct judging *j, const struct rule *self)
{
	const struct pair *p = chosen_pair(j);
	const struct ms_turn *ms;

	for (size_t at = 0; p && (ms = next_asked(j, &at));)
		if (was_told(ms) && !may_use(ms, p))
			found_all(j, self, &p->cited, p->nominated,
				  refused_sites(j, ms));
}

/* ---- relayed ports between Edges ---- */

/* Is it a relayed address of the range that Edges give out?  What no
 * description tells is taken for one where a relay was asked to send there. */
static bool is_edge_port(const struct model *m, const struct pair *p,
			 unsigned end)
{
	const struct endpoint *e = end_at(m, end ? p->b : p->a);
	bool guessed =
		p->types[end] == 0 && (pair_is_between_edges(m, p) ||
				       (p->relayed && endpoint_is_public(e)));

	return (p->types[end] == TYPE_RELAY || guessed) &&
	       e->port >= RELAY_PORT_LOW && e->port <= RELAY_PORT_HIGH;
}

static const char *edge_port_text(struct judging *j, const struct pair *p,
				  unsigned end)
{
	char text[ENDPOINT_TEXT_MAX];

	endpoint_string(where(j, end ? p->b : p->a), text);
	return model_sentence(j->model, "%s%s", text,
			      p->types[end] == TYPE_RELAY
				      ? ""
				      : ", a relay by its port: no description "
					"tells");
}

/* Other relays give out ports of that range, too. */
static bool has_edge(const struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++)
		if (call_allocation(j, i)->ms_turn)
			return true;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		if (call_session(j, i)->versions[0] ||
		    call_session(j, i)->versions[1])
			return true;
	return false;
}

/* No firewall is in the way of what goes to a private address from outside: a
 * relay that gives one out is told as that (gathering/relay-private). */
static bool leads_inside(const struct judging *j, const struct pair *p,
			 unsigned side)
{
	return endpoint_is_private(where(j, side ? p->a : p->b)) &&
	       !endpoint_is_private(where(j, side ? p->b : p->a));
}

static void check_relay_ports(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count && has_edge(j); i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p && !went_well(j); p = pair_next(j, p))
			for (unsigned side = 0; side < 2; side++)
				if (is_edge_port(j->model, p, !side) &&
				    !leads_inside(j, p, side) &&
				    !p->delivered[side] &&
				    p->way[side].requests >= UNANSWERED_PROOF &&
				    !p->way[side].responses &&
				    !p->way[side].errors &&
				    !is_half_captured(j))
					found(j, self, p->way[side].first,
					      edge_port_text(j, p, !side));
}

/* ---- the table ---- */

#define ROW(slug, level, words, where, cure, function)                         \
	{                                                                      \
		.id = "gathering/" slug, .severity = SEVERITY_##level,         \
		.stage = STAGE_GATHERING, .title = (words), .source = (where), \
		.remedy = (cure), .check = (function)                          \
	}

const struct rule rules_ms_turn[] = {
	ROW("ms-send-answered", WARNING,
	    "the relay answers a Send request, which has no answer",
	    "[MS-TURN] 2.2.1", NULL, check_send_answered),
	ROW("ms-challenge-signed", WARNING,
	    "the relay's first 401 carries an integrity that no key can fit",
	    "[MS-TURN] 3.3.5.1", NULL, check_signed),
	ROW("ms-challenge-bare", INFO,
	    "the relay's first 401 names no ALTERNATE-SERVER or no MS-VERSION",
	    "[MS-TURN] 3.3.5.1", NULL, check_bare),
	ROW("ms-alternate-passed-over", WARNING,
	    "the client does not go on to the server that the relay's 401 "
	    "names",
	    "[MS-TURN] 2.2.2.7",
	    "behind one address of an Edge pool another server may answer: "
	    "look whether that address is routed",
	    check_alternate),
	ROW("ms-reflexive-missing", ERROR,
	    "a granted allocation lacks XOR-MAPPED-ADDRESS",
	    "[MS-TURN] 3.2.5.1",
	    "clients that follow [MS-TURN] drop it; look at the relay",
	    check_no_reflexive),
	ROW("ms-relay-family", WARNING,
	    "the relay grants an address of another family than was asked for",
	    "[MS-TURN] 3.2.5.1", NULL, check_family),
	ROW("ms-integrity-size", WARNING,
	    "the size of the integrity does not fit the versions of both sides",
	    "[MS-TURN] 2.2.2.17",
	    "20 bytes below version 3, 32 from there on: one side will not "
	    "accept it",
	    check_integrity_size),
	ROW("ms-sequence-not-rising", WARNING,
	    "sequence numbers of one connection do not rise",
	    "[MS-TURN] 2.2.2.21 (layout unproven)",
	    "the relay may take such requests for replayed ones",
	    check_sequence),
	ROW("ms-realm-nonce-swapped", ERROR,
	    "the client sends REALM and NONCE under each other's numbers",
	    "[MS-TURN] 2.2.2.13, 2.2.2.14",
	    "that client speaks RFC 5389 to a relay of [MS-TURN]",
	    check_swapped),
	ROW("ms-data-from-active", INFO,
	    "data of the active destination comes in Data indications",
	    "draft-rosenberg-midcom-turn-08 8.4", NULL, check_from_active),
	ROW("ms-active-destination-refused", WARNING,
	    "the relay refuses the active destination",
	    "[MS-TURN] 3.3.5.3 (layout unproven)",
	    "the client has to go on with Send requests, which cost more",
	    check_active_refused),
	ROW("ms-active-destination-unanswered", WARNING,
	    "Set Active Destination is not answered",
	    "[MS-TURN] 3.3.5.3 (layout unproven)",
	    "look at the way to the relay", check_active_silent),
	ROW("ms-raw-data-early", WARNING,
	    "media goes to the relay bare before an active destination is set",
	    "[MS-TURN] 3.3.5.3 (layout unproven)", "the relay drops it",
	    check_raw_early),
	ROW("ms-relay-elsewhere", WARNING,
	    "the relayed address is none of the Edge's that the client knows",
	    "[MS-TURN] 2.2.2.1",
	    "compare it with the public address that the topology gives the "
	    "A/V Edge, and that NAT gives it",
	    check_elsewhere),
	ROW("ms-reflexive-is-server", WARNING,
	    "the relay says that the client has an address of the relay",
	    "[MS-TURN] 2.2.2.16",
	    "the request was redirected: look for NAT between client and Edge",
	    check_reflexive_is_server),
	ROW("ms-expired-in-use", ERROR,
	    "the client goes on sending when its allocation is over",
	    "[MS-TURN] 2.2.2.6",
	    "it has to send Allocate again in time; look for timers that stop "
	    "in sleep",
	    check_expired),
	ROW("peer-not-let-in", WARNING,
	    "a peer asks the relayed address, and the client opened it to "
	    "nobody there",
	    "RFC 8656 9, 11.3; draft-rosenberg-midcom-turn-08 8.3",
	    "the relay drops it: the client has to send to that peer, or ask "
	    "for a permission, first",
	    check_permission),
	ROW("answer-altered", ERROR,
	    "an answer does not fit the key that is proven on this allocation",
	    "RFC 8489 14.5, [MS-TURN] 3.1.8",
	    "a device on the way changed it, as an ALG does that rewrites "
	    "addresses: switch that off",
	    check_altered),
	ROW("mapped-rewritten", WARNING,
	    "the address in an answer is another one at the next capture point",
	    "RFC 8489 14.2",
	    "the device between the two points rewrites STUN (an ALG): switch "
	    "that off",
	    check_rewritten),
	ROW("reflexive-not-as-told", WARNING,
	    "a description names another reflexive address than the servers "
	    "told",
	    "RFC 8445 5.1.1.2, RFC 8489 14.2",
	    "a device on the way rewrites addresses in STUN or in SDP (an "
	    "ALG): switch that off",
	    check_srflx),
	ROW("pseudo-tls-early", WARNING,
	    "the client goes on before its pseudo-TLS hello is answered",
	    "[MS-TURN] 2.1.1", NULL, check_early),
	ROW("pseudo-tls-missing", INFO,
	    "the connection to port 443 begins without a pseudo-TLS hello",
	    "[MS-TURN] 2.1.1", "proxies that expect TLS there will close it",
	    check_bare_443),
	ROW("bandwidth-check-incomplete", WARNING,
	    "a bandwidth check lacks an attribute that it must have",
	    "[MS-TURNBWM] 3.3.5.1 (layout unproven)",
	    "the relay passes over it", check_bandwidth_partial),
	ROW("bandwidth-no-policy", INFO,
	    "the relay says nothing to a bandwidth check: no policy applies",
	    "[MS-TURNBWM] 3.2.5.1 (layout unproven)", NULL,
	    check_bandwidth_open),
	ROW("bandwidth-refused", WARNING,
	    "bandwidth policy does not allow a way",
	    "[MS-TURNBWM] 3.2.5.1 (layout unproven)",
	    "raise the limit of that site, or let calls go over the PSTN",
	    check_bandwidth_refused),
	ROW("bandwidth-not-committed", WARNING,
	    "media flows, and the bandwidth that was checked is not committed",
	    "[MS-TURNBWM] 3.3.5.2 (layout unproven)",
	    "the policy server counts wrongly then", check_bandwidth_commit),
	ROW("bandwidth-refused-in-use", WARNING,
	    "the pair in use is one that bandwidth policy does not allow",
	    "[MS-TURNBWM] 3.2.5.1 (layout unproven)",
	    "look at the client: it has to leave such candidates out",
	    check_bandwidth_used),
	{.id = "probing/relay-ports-blocked",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "checks to a relayed address of ports 50000 to 59999 are "
		  "never answered",
	 .source = "[MS-TURN] 2.1, [MS-ICE2] 3.1; field reports",
	 .remedy =
		 "let UDP and TCP 50000 to 59999 through to the A/V Edge from "
		 "there, or 3478 and 443 between the Edges",
	 .check = check_relay_ports},
	{.id = NULL},
};
