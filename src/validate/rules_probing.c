/* Rules of connectivity checks (RFC 8445). */
#include "config.h"

#include "dissectors/sdp.h"
#include "model/priority.h"
#include "validate/checks.h"

static unsigned successes(const struct pair *p)
{
	return p->way[0].responses + p->way[1].responses;
}

static const char *pair_text(struct judging *j, const struct pair *p)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s - %s",
			      endpoint_string(where(j, p->a), a),
			      endpoint_string(where(j, p->b), b));
}

/* Did any check of the session succeed? */
static bool worked(const struct judging *j, const struct session *x)
{
	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p))
		if (successes(p))
			return true;
	return false;
}

/* The first pair of any session that this holds for. */
static void check_pairs(struct judging *j, const struct rule *self,
			bool (*wrong)(const struct judging *j,
				      const struct pair *p))
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		for (const struct pair *p = pair_first(j, x); p;
		     p = pair_next(j, p))
			if (wrong(j, p))
				found_all(j, self, &p->cited, p->cited.first,
					  pair_text(j, p));
	}
}

/* ---- which pairs came to something ---- */

static bool through_relay(const struct pair *p)
{
	return p->relayed || p->types[0] == 4 || p->types[1] == 4;
}

static void check_relay_only(struct judging *j, const struct rule *self)
{
	const struct pair *selected = NULL;
	bool direct = false;

	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p)) {
			if (through_relay(p))
				selected = p->selected ? p : selected;
			else if (successes(p))
				return;
			else
				direct = true;
		}
	if (selected && direct)
		found(j, self, selected->nominated, pair_text(j, selected));
}

static bool both_relays(const struct judging *j, const struct pair *p)
{
	(void)j;
	return p->selected && p->types[0] == 4 && p->types[1] == 4;
}

static void check_two_relays(struct judging *j, const struct rule *self)
{
	check_pairs(j, self, both_relays);
}

/* One end is asked and answers, the other one is asked and does not.  Browsers
 * never send a check again, but another one: more of these prove it. */
static bool one_way(const struct judging *j, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct direction *dead = &p->way[side];

		if ((dead->most_sends >= UNANSWERED_PROOF ||
		     dead->requests >= 3 * UNANSWERED_PROOF) &&
		    dead->requests >= UNANSWERED_PROOF && !dead->responses &&
		    !dead->errors && !dead->strays && p->way[!side].responses &&
		    !is_asked_late(j, p, side))
			return true;
	}
	return false;
}

static void check_one_way(struct judging *j, const struct rule *self)
{
	check_pairs(j, self, one_way);
}

/* RFC 6544 4.5: an active candidate is written with the discard port, and its
 * connection comes from any other one: nothing new is learned of it. */
static bool is_active(const struct judging *j, uint32_t candidate)
{
	const struct candidate *c =
		candidate == CHAIN_END
			? NULL
			: list_at(&j->model->candidates, candidate);

	return c && c->tcp && c->tcp_type == TCP_TYPE_ACTIVE;
}

static bool is_reflexive(const struct judging *j, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++)
		if (p->selected && p->types[side] == 3 &&
		    !is_active(j, p->candidates[side]))
			return true;
	return false;
}

static void check_reflexive(struct judging *j, const struct rule *self)
{
	check_pairs(j, self, is_reflexive);
}

static bool lost_consent(const struct judging *j, const struct pair *p)
{
	/* At the very end the other side just went away. */
	return p->selected &&
	       ((consent_end(j, p) && consent_end(j, p) < j->call->end) ||
		pair_fell_silent(j, p));
}

static void check_consent(struct judging *j, const struct rule *self)
{
	check_pairs(j, self, lost_consent);
}

/* ---- errors ---- */

static unsigned conflicts(const struct judging *j, const struct session *x)
{
	unsigned sum = 0;

	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p))
		sum += p->way[0].conflicts + p->way[1].conflicts;
	return sum;
}

/* RFC 8445 7.3.1.1: after a 487 one side changes its role. */
static void check_conflict(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		const struct fact *f =
			fact_with(j->model, &x->facts, FACT_CHECK_ERROR, 487);

		if (f && worked(j, x))
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_unresolved(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (conflicts(j, x) >= UNANSWERED_PROOF && !worked(j, x) &&
		    !went_well(j))
			found(j, self, x->first,
			      times_text(j, conflicts(j, x)));
	}
}

/* A single refusal at the end of the capture may be of a moment when the answer
 * was on its way. */
#define SETTLED NS_PER_S

static bool is_settled(struct judging *j, const struct fact *f)
{
	return f->count >= UNANSWERED_PROOF || !j->dialog || j->dialog->ended ||
	       view(j, STAGE_PROBING)->state == STATE_FAILED ||
	       seen_until(j, f->last) - when(j, f->last) >= SETTLED;
}

static void check_credentials(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);
		const struct fact *f =
			fact_with(j->model, &x->facts, FACT_CHECK_ERROR, 401);

		if (f && is_settled(j, f) &&
		    (!worked(j, x) || is_one_sided(j, x)) &&
		    (!went_well(j) ||
		     (f->count >= UNANSWERED_PROOF && is_left_out(j, x))))
			found_fact(j, self, f, times_text(j, f->count));
	}
}

/* ---- what checks have to carry (RFC 8445 7.1) ---- */

static void check_fact(struct judging *j, const struct rule *self,
		       enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct fact *f =
			part_fact(j, &call_session(j, i)->facts, kind);

		if (f)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_priority(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_CHECK_NO_PRIORITY);
}

static void check_role(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_CHECK_NO_ROLE);
}

static void check_fingerprint(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_CHECK_NO_FINGERPRINT);
}

static void check_integrity(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_CHECK_NO_INTEGRITY);
}

static void check_frame_session(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_FRAME_SESSION);
}

static void check_controlled(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_CONTROLLED_NOMINATES);
}

/* ---- nomination ---- */

/* So long an agent may look for a better pair. */
#define NOMINATION_PATIENCE (10 * NS_PER_S)

static void check_not_nominated(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (x->roles && x->first_success &&
		    nominations_of(j, x).asked == 0 &&
		    j->call->outcome != OUTCOME_ESTABLISHED &&
		    !media_both_ways(j) &&
		    when(j, x->last) - when(j, x->first_success) >=
			    NOMINATION_PATIENCE)
			found(j, self, x->first_success, NULL);
	}
}

static void check_nomination(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (is_nomination_lost(j, x) && !went_well(j))
			found(j, self, x->first_success,
			      times_text(j, nominations_of(j, x).asked));
	}
}

/* RFC 8445 has no aggressive nomination, and ice2 promises to follow it. */
static void check_aggressive(struct judging *j, const struct rule *self)
{
	const struct fact *f =
		j->dialog ? part_fact(j, &j->dialog->facts, FACT_ICE2) : NULL;

	for (size_t i = 0; f && i < j->call->sessions.count; i++)
		if (call_session(j, i)->aggressive)
			found(j, self, call_session(j, i)->first, NULL);
}

/* ---- checks against descriptions ---- */

/* Is it a candidate of the description, of a kind that does not lie elsewhere
 * on the wire? */
static bool names(const struct judging *j, const struct description *d,
		  end_number e)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (c->endpoint == e)
			return true;
		at = c->next;
	}
	return false;
}

/* The first check came from an end of `d`, and calls that end the receiver. */
static bool swaps(const struct judging *j, const struct session *x,
		  const struct description *d, const struct description *other)
{
	const struct pair *p = pair_first(j, x);
	end_number from = p ? pair_asked_first(j->model, p) : 0;

	return from && d->ufrag && other->ufrag && names(j, d, from) &&
	       !names(j, other, from) && x->ufrags[0] == d->ufrag &&
	       x->ufrags[1] == other->ufrag;
}

static void check_swapped(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	for (size_t i = 0; d && i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (!worked(j, x) && !went_well(j) &&
		    (swaps(j, x, &d->offer, &d->reply) ||
		     swaps(j, x, &d->reply, &d->offer)))
			found(j, self, x->first, NULL);
	}
}

/* A lite agent answers only (RFC 8445 2.5). */
static void check_lite(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	for (size_t i = 0; d && i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			for (unsigned side = 0; side < 2; side++) {
				end_number e = side ? p->b : p->a;

				if (p->way[side].requests &&
				    ((d->offer.lite &&
				      names(j, &d->offer, e)) ||
				     (d->reply.lite && names(j, &d->reply, e))))
					found(j, self, p->way[side].first,
					      pair_text(j, p));
			}
}

/* ---- candidates ---- */

struct preferences {
	unsigned host, relay; /* the highest; 0: none */
	const struct candidate *relayed;
};

static unsigned preference(const struct candidate *c)
{
	return c->priority >> 24;
}

static void weigh(struct preferences *p, const struct candidate *c)
{
	if (c->type == 1 && !c->tcp && preference(c) > p->host)
		p->host = preference(c);
	if (c->type != 4 || preference(c) < p->relay)
		return;
	p->relay = preference(c);
	p->relayed = c;
}

/* RFC 8445 5.1.2.1: 0 to 126.  draft-06 has no such parts. */
static void check_description(struct judging *j, const struct rule *self,
			      const struct description *d, bool range)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;
	struct preferences p = {0};

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (range && c->type && preference(c) > 126) {
			found(j, self, d->place,
			      model_sentence(j->model, "priority %u",
					     c->priority));
			return;
		}
		weigh(&p, c);
		at = c->next;
	}
	if (!range && p.host && p.relayed && p.relay >= p.host)
		found(j, self, d->place,
		      model_sentence(j->model, "%u and %u", p.relay, p.host));
}

/* ---- foundations ---- */

static void check_foundations_of(struct judging *j, const struct rule *self,
				 const struct description *d)
{
	const struct candidate *c = clashing_foundation(j->model, d);

	if (c)
		found(j, self, d->place,
		      model_sentence(j->model, "foundation %s",
				     kept(j, c->foundation)));
}

static void check_foundations(struct judging *j, const struct rule *self)
{
	if (!j->dialog)
		return;
	check_foundations_of(j, self, &j->dialog->offer);
	check_foundations_of(j, self, &j->dialog->reply);
}

/* ---- which pair is in use ---- */

static bool is_better(struct judging *j, const struct pair *p,
		      const struct pair *chosen)
{
	uint64_t mine = pair_priority(j->model, p);
	uint64_t its = pair_priority(j->model, chosen);

	return p != chosen && pair_is_for_same(p, chosen) && its &&
	       mine > its && (p->way[0].responses || p->way[1].responses);
}

static const struct pair *better_than(struct judging *j,
				      const struct session *x,
				      const struct pair *chosen)
{
	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p))
		if (is_better(j, p, chosen) &&
		    !pairs_are_one(j->model, p, chosen))
			return p;
	return NULL;
}

static void check_better(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		for (const struct pair *p = pair_first(j, x); p;
		     p = pair_next(j, p)) {
			const struct pair *better =
				p->selected && p->component
					? better_than(j, x, p)
					: NULL;

			if (better)
				found_all(j, self, &p->cited, p->nominated,
					  pair_text(j, better));
		}
	}
}

static void check_both(struct judging *j, const struct rule *self, bool range)
{
	if (!j->dialog)
		return;
	check_description(j, self, &j->dialog->offer, range);
	check_description(j, self, &j->dialog->reply, range);
}

static void check_range(struct judging *j, const struct rule *self)
{
	check_both(j, self, true);
}

static void check_relay_first(struct judging *j, const struct rule *self)
{
	check_both(j, self, false);
}

/* Names of RFC 8828 and draft-ietf-mmusic-mdns-ice-candidates. */
static bool has_hidden(const struct judging *j, const struct description *d)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);
		const char *host = candidate_extra_of(j->model, c)->host;
		size_t n = host ? strlen(host) : 0;

		if (n > 6 && strcmp(host + n - 6, ".local") == 0)
			return true;
		at = c->next;
	}
	return false;
}

static void check_hidden(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && has_hidden(j, &d->offer))
		found(j, self, d->offer.place, NULL);
	else if (d && has_hidden(j, &d->reply))
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

static void check_half(struct judging *j, const struct rule *self)
{
	const struct fact *f =
		j->dialog ? part_fact(j, &j->dialog->facts, FACT_ICE_HALF)
			  : NULL;

	if (f)
		found_fact(j, self, f, NULL);
}

/* ---- no pair at all ---- */

static void check_counterpart(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && j->first[STAGE_PROBING] == self)
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

/* ---- the table ---- */

const struct rule rules_probing[] = {
	[RULE_ROW(RULE_PROBING_NO_PAIR)] =
		{
			.id = "probing/no-pair",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_PROBING,
			.title = "no connectivity check was answered",
			.source = "RFC 8445 8.1.2",
			.remedy = "offer a relay on both sides, and open the "
				  "media "
				  "ports between them",
		},
	[RULE_ROW(RULE_PROBING_ERRORS)] =
		{
			.id = "probing/errors-only",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_PROBING,
			.title = "connectivity checks are answered by errors "
				 "only",
			.source = "RFC 8445 7.3",
			.remedy = "487: both sides keep the same role; 401 or "
				  "400: "
				  "passwords or user fragments are of another "
				  "session",
		},
	[RULE_ROW(RULE_PROBING_STRAY)] =
		{
			.id = "probing/answer-from-elsewhere",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "checks are answered from another address "
				 "than was "
				 "asked",
			.source = "RFC 8445 7.2.5.2.1",
			.remedy = "look for NAT on the answers of the peer or "
				  "its SBC",
		},
	[RULE_ROW(RULE_PROBING_INTEGRITY)] =
		{
			.id = "probing/integrity-wrong",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "the integrity of checks fits no password "
				 "of the descriptions",
			.source = "RFC 8489 14.5",
			.remedy = "look for a device that rewrites SDP or STUN",
		},
	[RULE_ROW(RULE_PROBING_LOST_BETWEEN)] =
		{
			.id = "probing/lost-between-vantages",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "checks pass one vantage and do not arrive at "
				 "the other end",
			.source = "RFC 8445 7.2.5.2",
			.remedy = "look at the NAT, firewall or route between "
				  "these two points",
		},
	[RULE_ROW(RULE_PROBING_ANSWER_LOST_BETWEEN)] =
		{
			.id = "probing/answer-lost-between-vantages",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "checks are answered at one end, and the "
				 "answers do "
				 "not come back to the other",
			.source = "RFC 8445 7.2.5.2",
			.remedy = "look at the NAT, firewall or route between "
				  "these "
				  "two points, in the direction of the answers",
		},
	[RULE_ROW(RULE_PROBING_ARRIVES)] =
		{
			.id = "probing/arrives-unanswered",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "checks get to another vantage, and no "
				 "answer leaves there",
			.source = "RFC 8445 7.3, RFC 8489 6.3.1",
			.remedy = "look behind that vantage: at the firewall "
				  "of the host that is asked, and whether its "
				  "program takes part in the call",
		},
	[RULE_ROW(RULE_PROBING_REFUSED)] =
		{
			.id = "probing/refused",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_PROBING,
			.title = "no check has success, and the network says "
				 "why",
			.source = "RFC 8445 7.2.5.2.1, RFC 792, RFC 4443 3",
			.remedy = "a closed port: the other side had given up; "
				  "else "
				  "look at routes and firewalls on the way",
		},
	[RULE_ROW(RULE_PROBING_ONE_SIDE)] =
		{
			.id = "probing/one-side-fails",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_PROBING,
			.title = "all checks of one side fail, though it "
				 "answers those "
				 "of the other: no pair is valid at both ends",
			.source = "RFC 8445 7.2.5.2, 8.1.2",
			.remedy = "silence: look for a firewall or NAT that "
				  "drops one "
				  "of the two directions; errors: for the ICE "
				  "password "
				  "that this side was told",
		},
	[RULE_ROW(RULE_PROBING_NO_COUNTERPART)] =
		{
			.id = "probing/no-counterpart",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_PROBING,
			.title = "no candidate of one side may pair with one "
				 "of the other: family of addresses or "
				 "transport differ",
			.source = "RFC 8445 6.1.2.2, RFC 6544 6.2",
			.remedy = "let both sides gather addresses of both "
				  "families, or give one a relay that has "
				  "both",
			.check = check_counterpart,
		},
	{
		.id = "probing/relay-only",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "only the path through a relay works",
		.source = "RFC 8445 5.1.2.1, 8.1.1",
		.remedy = "open UDP between the two, or accept the load and "
			  "delay of the relay",
		.check = check_relay_only,
	},
	{
		.id = "probing/two-relays",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "media goes through two relays",
		.source = "RFC 8445 5.1.2.1",
		.remedy = "two servers add delay: one is enough if its "
			  "permission lets the other side in",
		.check = check_two_relays,
	},
	{
		.id = "probing/one-way",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "of a pair, only the checks of one side are answered",
		.source = "RFC 8445 7.2.5.2.1, 7.3.1.4",
		.remedy = "a firewall or NAT lets packets pass in one "
			  "direction only",
		.check = check_one_way,
	},
	{
		.id = "probing/peer-reflexive",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "the pair in use has an address that no description "
			 "names",
		.source = "RFC 8445 7.2.5.3.1, 7.3.1.3",
		.check = check_reflexive,
	},
	{
		.id = "probing/consent-lost",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks of the pair in use are not answered any more",
		.source = "RFC 7675 5.1",
		.remedy = "the sender has to stop: look for a network that "
			  "changed, or NAT that forgot",
		.check = check_consent,
	},
	{
		.id = "probing/role-conflict",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "both sides had the same role; it was resolved (487)",
		.source = "RFC 8445 7.3.1.1",
		.check = check_conflict,
	},
	{
		.id = "probing/role-conflict-unresolved",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "both sides keep the same role (487)",
		.source = "RFC 8445 7.2.5.1, 7.3.1.1",
		.remedy = "one must change its role after 487: correct the "
			  "agent that does not",
		.check = check_unresolved,
	},
	{
		.id = "probing/credentials-refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "checks are refused: 401",
		.source = "RFC 8445 7.1.1, RFC 8489 9.1.3",
		.remedy = "password or user fragment are of another session: "
			  "look for a restart or a fork that one side missed",
		.check = check_credentials,
	},
	{
		.id = "probing/priority-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks carry no PRIORITY",
		.source = "RFC 8445 7.1.1",
		.remedy = "strict agents answer 400",
		.check = check_priority,
	},
	{
		.id = "probing/role-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks carry neither ICE-CONTROLLING nor "
			 "ICE-CONTROLLED",
		.source = "RFC 8445 7.1.3",
		.remedy = "role conflicts cannot be found then",
		.check = check_role,
	},
	{
		.id = "probing/fingerprint-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks carry no FINGERPRINT",
		.source = "RFC 8445 7.1, RFC 8489 7",
		.remedy = "agents may take them for media",
		.check = check_fingerprint,
	},
	{
		.id = "probing/integrity-missing",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks carry no MESSAGE-INTEGRITY",
		.source = "RFC 8445 7.1, RFC 8489 9.1.2",
		.remedy = "the peer answers 400 or nothing",
		.check = check_integrity,
	},
	{
		.id = "probing/controlled-nominates",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "the controlled agent nominates a pair",
		.source = "RFC 8445 7.1.2",
		.remedy = "USE-CANDIDATE is for the controlling agent",
		.check = check_controlled,
	},
	{
		.id = "probing/not-nominated",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "checks succeed and none is nominated",
		.source = "RFC 8445 8.1.1",
		.remedy = "look at the controlling agent: it may not see the "
			  "answers",
		.check = check_not_nominated,
	},
	{
		.id = "probing/nomination-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "checks succeed, those that nominate are never "
			 "answered",
		.source = "RFC 8445 8.1.1, 7.3.1.5",
		.remedy = "look for a device that drops longer packets, or an "
			  "agent that went away",
		.check = check_nomination,
	},
	{
		.id = "probing/aggressive-with-ice2",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "every check nominates although ice2 is promised",
		.source = "RFC 8445 8.1.1, 10",
		.check = check_aggressive,
	},
	{
		.id = "probing/names-swapped",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_PROBING,
		.title = "USERNAME has the sender's fragment first",
		.source = "RFC 8445 7.2.2",
		.remedy = "the receiver's stands first: correct the agent",
		.check = check_swapped,
	},
	{
		.id = "probing/lite-checks",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "an agent that says ice-lite sends checks",
		.source = "RFC 8445 2.5, 6.1.1",
		.remedy = "switch ICE to full, or the checks off",
		.check = check_lite,
	},
	{
		.id = "probing/type-preference-range",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "the type preference in a priority is above 126",
		.source = "RFC 8445 5.1.2.1",
		.check = check_range,
	},
	{
		.id = "probing/relay-preferred",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "a relay is preferred to every host address",
		.source = "RFC 8445 5.1.2.2",
		.remedy = "media takes the long way though a short one is "
			  "there",
		.check = check_relay_first,
	},
	{
		.id = "probing/foundation-shared",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "candidates of different type, base or transport "
			 "have the same foundation",
		.source = "RFC 8445 5.1.1.3",
		.remedy = "checks of one wait for the other without need: the "
			  "agent is wrong",
		.check = check_foundations,
	},
	{
		.id = "probing/better-pair-left",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "a pair of higher priority was answered, too, and is "
			 "not the one in use",
		.source = "RFC 8445 8.1.1, RFC 5245 8.1.1.2",
		.check = check_better,
	},
	{
		.id = "probing/mdns",
		.severity = SEVERITY_INFO,
		.stage = STAGE_PROBING,
		.title = "host addresses are hidden behind .local names",
		.source = "draft-ietf-mmusic-mdns-ice-candidates 3.1",
		.check = check_hidden,
	},
	{
		.id = "probing/restart-half",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "only one of ice-ufrag and ice-pwd changed",
		.source = "RFC 8839 4.4.1.1.1, 5.4",
		.remedy = "a restart changes both, anything else neither",
		.check = check_half,
	},
	{
		.id = "probing/turn-session-unknown",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_PROBING,
		.title = "a frame for a multiplexed relay names another "
			 "session than checks from there do",
		.source = "[MS-TURN] 2.2.3",
		.remedy = "fix the client: the relay drops such a frame",
		.check = check_frame_session,
	},
	{.id = NULL},
};
