/*
 * Rules of what the checks of several pairs say together: a component that
 * stays behind, a detour through a relay, another network interface, addresses
 * that were learned and left, candidates that come too late.
 */
#include "config.h"

#include "validate/checks.h"

#define TYPE_HOST 1
#define TYPE_SRFLX 2
#define TYPE_PRFLX 3
#define TYPE_RELAY 4

static const char *ends_text(struct judging *j, end_number a, end_number b)
{
	char x[ENDPOINT_TEXT_MAX], y[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s and %s",
			      endpoint_string(where(j, a), x),
			      endpoint_string(where(j, b), y));
}

static bool was_asked(const struct pair *p)
{
	return p->way[0].requests >= UNANSWERED_PROOF ||
	       p->way[1].requests >= UNANSWERED_PROOF;
}

static bool was_answered(const struct pair *p)
{
	return p->way[0].responses || p->way[1].responses;
}

/* The pair in use of the first component; NULL: none. */
static const struct pair *chosen_of(const struct judging *j,
				    const struct session *x)
{
	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p))
		if (p->selected && p->component <= 1)
			return p;
	return NULL;
}

/* ---- RTCP on a port of its own ---- */

#define COMPONENT_RTCP 2

static const struct pair *silent_rtcp(const struct judging *j,
				      const struct session *x)
{
	const struct pair *asked = NULL;

	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p)) {
		if (p->component != COMPONENT_RTCP)
			continue;
		if (was_answered(p))
			return NULL;
		if (was_asked(p) && !asked)
			asked = p;
	}
	return asked;
}

static void check_rtcp(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		const struct pair *p =
			chosen_of(j, x) ? silent_rtcp(j, x) : NULL;

		if (p)
			found_all(j, self, &p->cited, p->cited.first,
				  ends_text(j, p->a, p->b));
	}
}

/* ---- a server-reflexive candidate of another maker ---- */

/* Only clients of Lync and those behind them name their version. */
static unsigned lync_leads(const struct session *x)
{
	for (unsigned i = 0; i < 2; i++)
		if (x->role[i] == ROLE_CONTROLLING && x->versions[i] &&
		    !x->versions[!i])
			return i + 1;
	return 0;
}

static bool is_reflexive_of(const struct judging *j, const struct pair *p,
			    unsigned agent)
{
	unsigned side = p->ufrag_of_a == agent ? 0 : 1;
	const struct candidate *c =
		p->candidates[side] == CHAIN_END
			? NULL
			: list_at(&j->model->candidates, p->candidates[side]);

	return c && c->type == TYPE_SRFLX && !c->tcp && !c->learned;
}

static void check_reflexive(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		unsigned leads = went_well(j) ? 0 : lync_leads(x);

		for (const struct pair *p = leads ? pair_first(j, x) : NULL; p;
		     p = pair_next(j, p))
			if (was_answered(p) &&
			    is_reflexive_of(j, p, leads == 1)) {
				found_all(j, self, &p->cited, p->cited.first,
					  ends_text(j, p->a, p->b));
				return;
			}
	}
}

/* ---- wireless networks ---- */

/* "WLAN" or "WWAN", as the description names the network of an end; NULL: it
 * names none, or a wire. */
static const char *radio_of(const struct judging *j, const struct pair *p,
			    unsigned end)
{
	const char *name =
		p->candidates[end] == CHAIN_END
			? NULL
			: candidate_extra_of(j->model,
					     list_at(&j->model->candidates,
						     p->candidates[end]))
				  ->network;

	return name && (slice_is_nocase(slice_of_text(name), "WLAN") ||
			slice_is_nocase(slice_of_text(name), "WWAN"))
		       ? name
		       : NULL;
}

static void check_radio(struct judging *j, const struct rule *self)
{
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct pair *p = chosen_of(j, call_session(j, i));

		for (unsigned end = 0; p && end < 2; end++) {
			if (!radio_of(j, p, end))
				continue;
			endpoint_string(where(j, end ? p->b : p->a), text);
			found_all(j, self, &p->cited, p->cited.first,
				  model_sentence(j->model, "%s, %s", text,
						 radio_of(j, p, end)));
		}
	}
}

/* ---- bandwidth policy ([MS-ICE2BWM]) ---- */

#define ERROR_DISABLE_CANDIDATE 274
#define ERROR_DISABLE_PAIR 275

static void check_policy(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_CHECK_ERROR) || went_well(j))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct chain *facts = &call_session(j, i)->facts;
		const struct fact *f =
			fact_with(j->model, facts, FACT_CHECK_ERROR,
				  ERROR_DISABLE_CANDIDATE);

		if (!f)
			f = fact_with(j->model, facts, FACT_CHECK_ERROR,
				      ERROR_DISABLE_PAIR);
		if (f)
			found_fact(j, self, f,
				   f->value == ERROR_DISABLE_PAIR
					   ? "275, disable the pair"
					   : "274, disable the candidate");
	}
}

/* ---- through a relay, in one network ---- */

#define NETWORK_BYTES 3u /* a network of IPv4 as clients mostly have it: /24 */

static bool in_one_network(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == FAMILY_IPV4 && b->family == FAMILY_IPV4 &&
	       endpoint_is_private(a) && endpoint_is_private(b) &&
	       memcmp(a->ip, b->ip, NETWORK_BYTES) == 0 &&
	       !endpoint_same_ip(a, b);
}

static const struct pair *neighbours(const struct judging *j,
				     const struct session *x)
{
	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p))
		if (p->types[0] == TYPE_HOST && p->types[1] == TYPE_HOST &&
		    was_asked(p) && !was_answered(p) &&
		    in_one_network(where(j, p->a), where(j, p->b)))
			return p;
	return NULL;
}

static void check_detour(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		const struct pair *p = chosen_of(j, x);
		const struct pair *near = NULL;

		if (p &&
		    (p->types[0] == TYPE_RELAY || p->types[1] == TYPE_RELAY))
			near = neighbours(j, x);
		if (near)
			found_all(j, self, &near->cited, near->cited.first,
				  ends_text(j, near->a, near->b));
	}
}

/* ---- through a relay, and no answer ---- */

static bool goes_through_relay(const struct pair *p)
{
	return p->relayed || p->types[0] == TYPE_RELAY ||
	       p->types[1] == TYPE_RELAY;
}

static bool is_relay_at_fault(const struct judging *j)
{
	const struct note *notes = j->model->notes.rows;

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = notes[i].next)
		if (notes[i].rule->stage == STAGE_GATHERING &&
		    notes[i].rule->severity == SEVERITY_ERROR)
			return true;
	return false;
}

static void check_relay(struct judging *j, const struct rule *self)
{
	if (view(j, STAGE_PROBING)->state != STATE_FAILED ||
	    is_relay_at_fault(j))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (goes_through_relay(p) && was_asked(p) &&
			    !was_answered(p)) {
				found_all(j, self, &p->cited, p->cited.first,
					  ends_text(j, p->a, p->b));
				return;
			}
}

/* ---- through a relay to the client, and no answer ---- */

/* The client of the relay is at the other end, and hears of it. */
static bool is_passed_over(const struct pair *p, unsigned side)
{
	return p->relayed && p->through[!side] != CHAIN_END &&
	       p->through[side] == CHAIN_END &&
	       p->way[side].requests >= UNANSWERED_PROOF &&
	       !p->way[side].responses && !p->way[!side].requests;
}

static void check_passed_over(struct judging *j, const struct rule *self)
{
	if (view(j, STAGE_PROBING)->state != STATE_FAILED)
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			for (unsigned side = 0; side < 2; side++)
				if (is_passed_over(p, side))
					found_all(j, self, &p->cited,
						  p->cited.first,
						  ends_text(j, p->a, p->b));
}

/* ---- another interface ---- */

/* Of the caller, as far as the offer is its own. */
static bool offers_host(const struct judging *j, const struct endpoint *host)
{
	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (c->type == TYPE_HOST && c->side == SIDE_OFFER &&
		    endpoint_same_ip(where(j, c->endpoint), host))
			return true;
	}
	return false;
}

/* Was it bad enough to ask where it went? */
static bool suffers(const struct judging *j)
{
	const struct note *notes = j->model->notes.rows;

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = notes[i].next)
		if (notes[i].rule->stage == STAGE_MEDIA &&
		    notes[i].rule->severity != SEVERITY_INFO)
			return true;
	return false;
}

#define SLOW (150 * NS_PER_MS) /* ITU-T G.114: one way */

static bool is_bad(const struct judging *j, const struct pair *p)
{
	return p->way[0].rtt > 2 * SLOW || p->way[1].rtt > 2 * SLOW ||
	       suffers(j);
}

static void check_interface(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (!d || !d->caller_offers || !offers_host(j, where(j, d->src)))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct pair *p = chosen_of(j, call_session(j, i));

		if (!p || !is_bad(j, p))
			continue;
		for (unsigned end = 0; end < 2; end++) {
			const struct endpoint *e = where(j, end ? p->b : p->a);

			/* The other family is mostly of the same one. */
			if (p->types[end] == TYPE_HOST && offers_host(j, e) &&
			    e->family == where(j, d->src)->family &&
			    !endpoint_same_ip(e, where(j, d->src)))
				found_all(j, self, &p->cited, p->nominated,
					  ends_text(j, end ? p->b : p->a,
						    d->src));
		}
	}
}

/* ---- learned, and left ---- */

/* Its checks are answered, and it is never asked back (RFC 8445 7.3.1.4). */
static bool is_ignored(const struct pair *p, unsigned end)
{
	return p->types[end] == TYPE_PRFLX && p->way[end].responses &&
	       !p->way[!end].requests;
}

static void check_ignored(struct judging *j, const struct rule *self)
{
	if (went_well(j))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			for (unsigned end = 0; end < 2; end++)
				if (is_ignored(p, end))
					found_all(j, self, &p->cited,
						  p->cited.first,
						  ends_text(j, p->a, p->b));
}

/* ---- too late ---- */

#define LATE (5 * NS_PER_S)

/* A candidate that is told when checks have run for long in vain. */
static const struct candidate *late_of(const struct judging *j,
				       const struct session *x)
{
	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (!c->learned && c->place &&
		    when(j, c->place) > when(j, x->first) + LATE &&
		    (!x->first_success ||
		     when(j, x->first_success) > when(j, c->place)) &&
		    (c->ufrag == x->ufrags[0] || c->ufrag == x->ufrags[1]))
			return c;
	}
	return NULL;
}

static void check_late(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		const struct candidate *c = late_of(j, x);

		if (c)
			found_answer(
				j, self, x->first, c->place,
				model_sentence(j->model,
					       "%.1f s behind the first "
					       "check",
					       (double)(when(j, c->place) -
							when(j, x->first)) /
						       (double)NS_PER_S));
	}
}

/* ---- how long it took ---- */

#define NOMINATION_SLOW (3 * NS_PER_S)

static void check_slow(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		nanoseconds took = when(j, x->nomination) - when(j, x->first);

		if (x->nomination && took > NOMINATION_SLOW)
			found(j, self, x->nomination,
			      model_sentence(j->model, "%.1f s",
					     (double)took / 1e9));
	}
}

/* ---- user fragments that no description has ---- */

static bool has_fragment(struct judging *j, const struct description *d,
			 kept_text ufrag)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (c->ufrag == ufrag)
			return true;
		at = at == d->last_candidate ? LIST_NONE : c->next;
	}
	return d->ufrag == ufrag;
}

/* Does any other description of the call have it? */
static bool is_described(struct judging *j, kept_text ufrag)
{
	for (uint32_t i = 0; i < j->call->dialogs.count; i++) {
		const struct dialog *d = list_at(&j->model->dialogs,
						 j->call->dialogs.list[i]);

		if (has_fragment(j, &d->offer, ufrag) ||
		    has_fragment(j, &d->reply, ufrag))
			return true;
		for (const struct branch *b = d->branches; b; b = b->next)
			if (has_fragment(j, &b->answer, ufrag))
				return true;
	}
	return false;
}

/* Whose fragment is the other one?  The description of who is meant by this
 * one, or NULL: sections that do not share a transport may have more. */
static const struct description *meant(struct judging *j, kept_text other)
{
	const struct dialog *d = j->dialog;
	const struct description *peer = NULL;

	if (has_fragment(j, &d->offer, other))
		peer = &d->reply;
	else if (has_fragment(j, &d->reply, other))
		peer = &d->offer;
	return peer && peer->ufrag && (peer->media_lines == 1 ||
				       peer->candidate_count)
		       ? peer
		       : NULL;
}

/* RFC 8445 7.2.2: USERNAME names what the other side described. */
static void check_fragment(struct judging *j, const struct rule *self)
{
	if (!j->dialog || model_restarts(j->model, j->call))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		for (unsigned k = 0; k < 2 && !x->first_success; k++) {
			const struct description *peer =
				x->ufrags[k] && !is_described(j, x->ufrags[k])
					? meant(j, x->ufrags[!k])
					: NULL;

			if (peer)
				found(j, self, x->first,
				      model_sentence(
					      j->model,
					      "%s, and the %s has %s",
					      text_at(j->model, x->ufrags[k]),
					      peer == &j->dialog->offer
						      ? "offer"
						      : "answer",
					      text_at(j->model, peer->ufrag)));
		}
	}
}

/* ---- the table ---- */

#define ROW(level, slug, what, document, todo, function)                   \
	{                                                                  \
		.id = slug, .severity = SEVERITY_##level,                  \
		.stage = STAGE_PROBING, .title = what, .source = document, \
		.remedy = todo, .check = function                          \
	}

const struct rule rules_pairs[] = {
	ROW(WARNING, "probing/rtcp-unanswered",
	    "media found a path, and the checks for its RTCP are never "
	    "answered",
	    "RFC 8445 4, RFC 5761 5.1.3",
	    "open the port above the media port, too, or let both share one "
	    "(rtcp-mux)",
	    check_rtcp),
	ROW(WARNING, "probing/reflexive-of-other-maker",
	    "a Lync client leads, and does not go on with a pair that works, "
	    "of the other side's server-reflexive candidate",
	    "[MS-OCER] 21, as SIPE found it",
	    "let the other program leave its server-reflexive UDP candidates "
	    "out: learned from checks, the same address works",
	    check_reflexive),
	ROW(INFO, "probing/wireless",
	    "the chosen path has an end in a wireless network",
	    "[MS-SDPEXT] 3.1.5.36",
	    "where media suffers, let the user try a cable", check_radio),
	ROW(WARNING, "probing/policy-refuses",
	    "bandwidth policy takes away what is checked",
	    "[MS-ICE2BWM] 3.1.5, [MS-TURNBWM] 3.2.5",
	    "raise the limit of the site link, or allow another way",
	    check_policy),
	ROW(WARNING, "probing/relayed-in-one-network",
	    "two clients of one network need a relay: they do not reach each "
	    "other",
	    "RFC 8445 5.1.2.1",
	    "look for client isolation, the firewall of the hosts, or a filter "
	    "between ports of the switch",
	    check_detour),
	ROW(WARNING, "probing/relay-unanswered",
	    "checks through a relay are never answered",
	    "RFC 8656 11, RFC 8445 7.2.5.2",
	    "let the relay reach the other side, and the other side the "
	    "relay's own ports",
	    check_relay),
	ROW(WARNING, "probing/relayed-checks-ignored",
	    "checks come to the client through its relay, and it answers none",
	    "RFC 8656 11.4, RFC 8445 7.3",
	    "update the client: until a channel is bound to the peer, checks "
	    "come in Data indications",
	    check_passed_over),
	ROW(WARNING, "probing/other-interface",
	    "media goes over another interface of the client than its "
	    "signalling, and suffers",
	    "RFC 8445 5.1.2.1, 5.1.1.1",
	    "look for a VPN that takes media in: leave addresses of media and "
	    "relays out of it",
	    check_interface),
	ROW(WARNING, "probing/peer-reflexive-ignored",
	    "checks from an address that no description names are answered, "
	    "and never asked back",
	    "RFC 8445 7.3.1.3, 7.3.1.4",
	    "update the agent that does not learn from checks", check_ignored),
	ROW(WARNING, "probing/candidates-late",
	    "candidates are told only when checks have long run in vain",
	    "RFC 8838 12, 14",
	    "look at what delays trickled candidates: signalling, or slow "
	    "gathering",
	    check_late),
	ROW(WARNING, "probing/fragment-unknown",
	    "checks name a user fragment that the other side's description "
	    "does not have, and none succeeds",
	    "RFC 8445 7.2.2, 7.3",
	    "look for a proxy or SBC that keeps or changes ice-ufrag, and for "
	    "an agent that goes on with the one from before a restart or fork",
	    check_fragment),
	ROW(INFO, "probing/slow",
	    "it took more than three seconds from the first check to "
	    "nomination",
	    "RFC 8445 14",
	    "offer fewer candidates; look for addresses that lead nowhere",
	    check_slow),
	{.id = NULL},
};
