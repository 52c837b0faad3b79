/* Rules of ways that are there on paper and lead nowhere: NATs and Edges that
 * do not send back to themselves, IPv6 without a route, addresses from
 * inside. */
#include "config.h"

#include "validate/checks.h"

#define TYPE_HOST 1
#define TYPE_SRFLX 2
#define TYPE_RELAY 4

/* Asked often enough from one side, and never answered on either. */
static bool is_silent(const struct pair *p)
{
	return (p->way[0].requests >= UNANSWERED_PROOF ||
		p->way[1].requests >= UNANSWERED_PROOF) &&
	       !p->way[0].responses && !p->way[1].responses &&
	       !p->way[0].errors && !p->way[1].errors;
}

static const char *ends_text(struct judging *j, const struct pair *p)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s and %s",
			      endpoint_string(where(j, p->a), a),
			      endpoint_string(where(j, p->b), b));
}

typedef bool pair_fn(struct judging *j, const struct pair *p);

/* The first pair of the call that is so. */
static const struct pair *first_pair(struct judging *j, pair_fn *wanted)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (wanted(j, p))
				return p;
	return NULL;
}

static void find_pair(struct judging *j, const struct rule *self,
		      pair_fn *wanted)
{
	const struct pair *p = first_pair(j, wanted);

	if (p)
		found_all(j, self, &p->cited, p->cited.first, ends_text(j, p));
}

/* ---- one NAT for both ---- */

/* Has the other side a reflexive address on that host, too? */
static bool is_mapped_there(struct judging *j, const struct candidate *than)
{
	for (size_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (c->type == TYPE_SRFLX && c->side != than->side &&
		    ends_share_host(j->model, c->endpoint, than->endpoint))
			return true;
	}
	return false;
}

static bool is_hairpin(struct judging *j, const struct pair *p)
{
	for (unsigned end = 0; end < 2 && is_silent(p); end++) {
		uint32_t at = p->candidates[end];
		const struct candidate *c =
			at == CHAIN_END ? NULL
					: list_at(&j->model->candidates, at);

		if (c && c->type == TYPE_SRFLX &&
		    p->way[!end].requests >= UNANSWERED_PROOF &&
		    is_mapped_there(j, c))
			return true;
	}
	return false;
}

static void check_hairpin(struct judging *j, const struct rule *self)
{
	find_pair(j, self, is_hairpin);
}

static bool is_relay_hairpin(struct judging *j, const struct pair *p)
{
	(void)j;
	return is_silent(p) && p->types[0] == TYPE_RELAY &&
	       p->types[1] == TYPE_RELAY && !p->delivered[0] &&
	       !p->delivered[1] && ends_share_host(j->model, p->a, p->b);
}

/* What a relay handed on has come as far as the capture is from its client. */
static bool is_delivered(struct judging *j, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++)
		if (p->delivered[side] && !p->way[side].responses &&
		    !p->way[side].errors &&
		    p->way[side].requests >= UNANSWERED_PROOF &&
		    !is_asked_late(j, p, side))
			return true;
	return false;
}

static void check_delivered(struct judging *j, const struct rule *self)
{
	find_pair(j, self, is_delivered);
}

static void check_relay_hairpin(struct judging *j, const struct rule *self)
{
	if (!went_well(j))
		find_pair(j, self, is_relay_hairpin);
}

/* ---- IPv6 ---- */

static bool is_silent_ipv6(struct judging *j, const struct pair *p)
{
	(void)j;
	return where(j, p->a)->family == FAMILY_IPV6 && is_silent(p);
}

static bool is_good_ipv6(struct judging *j, const struct pair *p)
{
	(void)j;
	return where(j, p->a)->family == FAMILY_IPV6 &&
	       (p->way[0].responses || p->way[1].responses);
}

static bool is_chosen_ipv4(struct judging *j, const struct pair *p)
{
	(void)j;
	return p->selected && where(j, p->a)->family == FAMILY_IPV4;
}

static void check_ipv6(struct judging *j, const struct rule *self)
{
	if (first_pair(j, is_chosen_ipv4) && !first_pair(j, is_good_ipv6))
		find_pair(j, self, is_silent_ipv6);
}

/* ---- who is ICE-lite must be reachable ---- */

static bool is_all_private(struct judging *j, const struct description *d)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	for (; at != LIST_NONE;) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (candidate_extra_of(j->model, c)->host ||
		    !endpoint_is_private(where(j, c->endpoint)))
			return false;
		at = c->next;
	}
	return d->candidate_count != 0;
}

static void check_lite(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct description *own, *peer;

	if (!d)
		return;
	own = d->caller_offers ? &d->offer : &d->reply;
	peer = d->caller_offers ? &d->reply : &d->offer;
	if (own->lite && endpoint_is_public(where(j, d->src)) &&
	    is_all_private(j, own))
		found(j, self, own->place, NULL);
	else if (peer->lite && endpoint_is_public(where(j, d->dst)) &&
		 is_all_private(j, peer))
		found(j, self, peer->place, NULL);
}

/* ---- early media (RFC 3960, RFC 6337 3.1) ---- */

/* Packets cross signalling on their way. */
#define EARLY (500 * NS_PER_MS)

/* Rings, and no 18x told the caller where media comes from. */
static bool is_untold(const struct model *m, const struct dialog *d)
{
	return d && dialog_answered(d) && d->ringing && d->caller_offers &&
	       d->reply.place &&
	       place_time(m, d->reply.place) >= place_time(m, d->answer);
}

static void check_early(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	for (size_t i = 0; is_untold(j->model, d) && i < j->call->media.count;
	     i++) {
		const struct media *m = call_media(j, i);

		if (m->first + EARLY < when(j, d->answer) && !m->wrapped &&
		    endpoint_same_ip(&m->dst, where(j, d->src)) &&
		    !endpoint_same_ip(&m->src, where(j, d->src)))
			found(j, self, m->place, NULL);
	}
}

/* ---- what a device on the way changed ---- */

static const char *altered_text(struct judging *j, uint32_t what)
{
	return model_sentence(j->model, "%s%s%s",
			      what & ALTERED_VIA ? "Via " : "",
			      what & ALTERED_CONTACT ? "Contact " : "",
			      what & ALTERED_BODY ? "description" : "");
}

static void check_altered(struct judging *j, const struct rule *self)
{
	const struct fact *f =
		j->dialog ? part_fact(j, &j->dialog->facts, FACT_ALTERED)
			  : NULL;

	if (f)
		found_fact(j, self, f, altered_text(j, f->value));
}

static void check_registration_altered(struct judging *j,
				       const struct rule *self)
{
	if (!has_fact(j, FACT_ALTERED))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f = part_fact(
			j, &call_registration(j, i)->facts, FACT_ALTERED);

		if (f)
			found_fact(j, self, f, altered_text(j, f->value));
	}
}

/* ---- relays that go in the middle of it all ---- */

static void check_relay_gone(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = part_fact(j, &a->facts, FACT_RELAY_GONE);
		struct obstacle o = {.count = 1};
		char server[ENDPOINT_TEXT_MAX];

		if (!f)
			continue;
		o.kind = (uint8_t)f->value;
		found_answer(j, self, a->granted, f->first,
			     model_sentence(j->model, "%s, %s",
					    endpoint_string(where(j, a->server),
							    server),
					    obstacle_text(&o)));
	}
}

/* ---- one direction only ---- */

static bool is_half_seen(struct judging *j, const struct pair *p)
{
	(void)j;
	return p->half_seen;
}

static void check_half_seen(struct judging *j, const struct rule *self)
{
	find_pair(j, self, is_half_seen);
}

/* ---- relays that are named, and that is all ---- */

static bool is_relayed(struct judging *j, const struct pair *p)
{
	(void)j;
	return p->types[0] == TYPE_RELAY || p->types[1] == TYPE_RELAY;
}

static bool is_answered(struct judging *j, const struct pair *p)
{
	(void)j;
	return p->way[0].responses || p->way[1].responses;
}

static const struct allocation *granted_relay(struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (a->granted)
			return a;
	}
	return NULL;
}

/* RFC 8445 6.1.2.2: candidates of both sides are paired, whatever their types,
 * and each pair is checked. */
static void check_relay_not_tried(struct judging *j, const struct rule *self)
{
	const struct candidate *c = named_relay(j);
	const struct allocation *a = c ? NULL : granted_relay(j);
	char relay[ENDPOINT_TEXT_MAX];

	if ((!c && !a) || went_well(j) || !j->call->sessions.count ||
	    hidden_relay_of(j) || first_pair(j, is_relayed) ||
	    first_pair(j, is_answered) || relay_lets_nobody_in(j))
		return;
	(void)endpoint_string(where(j, c ? c->endpoint : a->relayed), relay);
	found(j, self, c ? c->place : a->granted,
	      model_sentence(j->model, "%s", relay));
}

/* ---- relays inside of TLS ---- */

static void check_hidden_relay(struct judging *j, const struct rule *self)
{
	const struct hidden_relay *x = hidden_relay_of(j);
	char client[ENDPOINT_TEXT_MAX], server[ENDPOINT_TEXT_MAX];

	if (x)
		found(j, self, x->end,
		      model_sentence(
			      j->model, "%s to %s",
			      endpoint_string(where(j, x->client), client),
			      endpoint_string(where(j, x->server), server)));
}

/* ---- the table ---- */

const struct rule rules_ways[] = {
	{.id = "probing/half-captured",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "only one direction of a pair was captured: an end answers "
		  "checks, or uses the grant of a relay, that are not there",
	 .source = "RFC 8489 6.3.1, 9.2.3; RFC 8656 10.1",
	 .remedy = "capture both directions: let the mirror port copy both, "
		   "filter by `host', not by `src' or `dst'",
	 .check = check_half_seen},
	{.id = "probing/hairpin-unanswered",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "both sides are behind one NAT, and it does not send back to "
		  "itself",
	 .source = "RFC 5128 3.3.4, RFC 4787 6",
	 .remedy =
		 "let the NAT do hairpinning, route between the two networks, "
		 "or give them a relay",
	 .check = check_hairpin},
	{.id = "probing/relay-hairpin-unanswered",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "two relays of one address do not reach each other",
	 .source = "[MS-ICE2] 3.1; field reports (ICEWarn 0x40003e0)",
	 .remedy = "allow the public address of the relay (the A/V Edge) to "
		   "talk to itself",
	 .check = check_relay_hairpin},
	{.id = "probing/relay-not-tried",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "a relay is there, and no check goes to it or comes from "
		  "it",
	 .source = "RFC 8445 6.1.2.2, 6.1.4.2",
	 .remedy = "see whether the agents took that candidate (too late, or "
		   "of a kind that they drop); where the relay is asked over "
		   "TLS or from another host, capture there, too",
	 .check = check_relay_not_tried},
	{.id = "probing/delivered-unanswered",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_PROBING,
	 .title = "a relay hands checks on to its client, which never answers",
	 .source = "RFC 8445 7.3, RFC 8489 6.3.1",
	 .remedy = "see whether they get to that client (a firewall between it "
		   "and the relay, one on the host), and whether it takes part "
		   "in the call",
	 .check = check_delivered},
	{.id = "probing/ipv6-unanswered",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_PROBING,
	 .title = "no check over IPv6 is answered, and the call goes over IPv4",
	 .source = "RFC 8421 4, 5",
	 .remedy = "IPv6 that leads nowhere costs time: fix its route, or take "
		   "it away",
	 .check = check_ipv6},
	{.id = "exchange/lite-private",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "an ICE-lite side outside names private addresses only",
	 .source = "RFC 8445 2.5, Teams Direct Routing with ICE Lite",
	 .remedy = "give the session border controller its public address",
	 .check = check_lite},
	{.id = "exchange/altered-on-the-way",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "the same message says something else at another place of "
		  "capture",
	 .source = "RFC 3261 16.6; RFC 8839 4.2.5",
	 .remedy =
		 "a device between the two rewrites SIP (an ALG): switch that "
		 "off, or use TLS",
	 .check = check_altered},
	{.id = "registration/altered-on-the-way",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_REGISTRATION,
	 .title = "the same REGISTER or answer says something else at another "
		  "place of capture",
	 .source = "RFC 3261 16.6",
	 .remedy =
		 "a device between the two rewrites SIP (an ALG): switch that "
		 "off, or use TLS",
	 .check = check_registration_altered},
	{.id = "gathering/relay-gone",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_GATHERING,
	 .title = "the network says that the relay cannot be reached any more, "
		  "after it granted an allocation",
	 .source = "RFC 792, RFC 4443 3.1, RFC 8656 3.9",
	 .remedy = "look whether the relay was stopped or restarted: what "
		   "goes through it ends there",
	 .check = check_relay_gone},
	{.id = "gathering/relay-in-tls",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_GATHERING,
	 .title = "a relay is asked inside of TLS: what it grants, and checks "
		  "and media through it, cannot be read here",
	 .source = "RFC 8656 3.1, RFC 8489 6.2.3",
	 .remedy = "give the keys (--keylog; --rsa-key where the key exchange "
		   "is RSA), or capture on the relay or behind it, where its "
		   "packets to the peers are in the clear",
	 .check = check_hidden_relay},
	{.id = "media/early-unheard",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_MEDIA,
	 .title = "media of the called side comes before any description that "
		  "the caller got",
	 .source = "RFC 3960 3, RFC 6337 3.1",
	 .remedy =
		 "the caller may play its own ringing: let 183 carry SDP, and "
		 "pass it on",
	 .check = check_early},
	{.id = NULL},
};
