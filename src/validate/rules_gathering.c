/* Rules of gathering (RFC 8489, RFC 8656). */
#include "config.h"

#include <string.h>

#include "dissectors/stun.h"
#include "validate/checks.h"

/* ---- what a relay answered ---- */

static const char *server_text(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s",
			      endpoint_string(where(j, a->server), server));
}

/* Codes that mean the same in all dialects. */
static bool is_shared(unsigned code)
{
	return code == 300 || code == 486 || code == 508;
}

/* An error that answered this method; of any method with 0. */
static void check_error(struct judging *j, const struct rule *self,
			unsigned method, unsigned code)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = part_fact(j, &a->facts, FACT_ERROR);

		/* Relays of [MS-TURN] mean other things by their codes. */
		for (; f && (!a->ms_turn || is_shared(code));
		     f = fact_after(j->model, f))
			if ((f->value & 0xFFFF) == code &&
			    (!method || f->value >> 16 == method))
				found_each(j, self, f, server_text(j, a));
	}
}

static void check_quota(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 486);
}

static void check_capacity(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 508);
}

static void check_in_use(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 437);
}

static void check_transport(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 442);
}

static void check_redirected(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 300);
}

static void check_family(struct judging *j, const struct rule *self)
{
	check_error(j, self, STUN_ALLOCATE, 440);
	check_error(j, self, 0, 443);
}

/* A fact of an allocation that speaks for itself. */
static void check_fact(struct judging *j, const struct rule *self,
		       enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = part_fact(j, &a->facts, kind);

		if (f)
			found_fact(j, self, f, server_text(j, a));
	}
}

static void check_unsigned(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_ANSWER_UNSIGNED);
}

static void check_elsewhere(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (!a->ms_turn && a->answered_from && !a->alternate &&
		    a->answered_from != a->server)
			found_answer(j, self, a->request, a->granted,
				     server_text(j, a));
	}
}

static const char *relayed_text(struct judging *j, const struct allocation *a)
{
	char relayed[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s",
			      endpoint_string(where(j, a->relayed), relayed));
}

/* A relay outside that gives addresses of the inside. */
static void check_relay_private(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->granted && endpoint_is_public(where(j, a->server)) &&
		    a->relayed && endpoint_is_private(where(j, a->relayed)) &&
		    !relay_serves_inside(j, a))
			found_answer(j, self, a->request, a->granted,
				     relayed_text(j, a));
	}
}

/* ---- one relayed address, several allocations ---- */

static void check_ambiguous(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->ambiguous)
			found_answer(j, self, a->request, a->granted,
				     relayed_text(j, a));
	}
}

/* ---- UDP to a relay that answers over TCP ---- */

static bool is_udp(const struct allocation *a)
{
	return strcmp(a->transport, "udp") == 0;
}

static bool is_silent(const struct judging *j, const struct allocation *a)
{
	return is_udp(a) && a->state != STATE_OK && a->error_count == 0 &&
	       !allocation_was_challenged(j->model, a) &&
	       !obstacle_is_closed(&a->obstacle) &&
	       a->unanswered >= UNANSWERED_PROOF;
}

static const struct allocation *answers_otherwise(struct judging *j,
						  const struct allocation *a)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *b = call_allocation(j, i);

		if (!is_udp(b) &&
		    ends_share_host(j->model, a->server, b->server) &&
		    ends_share_host(j->model, a->client, b->client) &&
		    (b->state == STATE_OK || b->error_count))
			return b;
	}
	return NULL;
}

static void check_udp_blocked(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct allocation *b =
			is_silent(j, a) ? answers_otherwise(j, a) : NULL;

		if (b)
			found(j, self, a->request,
			      model_sentence(j->model, "%s answers over %s",
					     server_text(j, a), b->transport));
	}
}

/* ---- channels and permissions ---- */

/* Of what the relay sends data back from, the capture lacks the request. */
static bool comes_back(struct judging *j, const struct allocation *a,
		       uint32_t from)
{
	return fact_with(j->model, &a->facts, FACT_DATA_BACK, from);
}

/* May the client send to that peer? */
static bool has_permission(struct judging *j, const struct allocation *a,
			   uint32_t peer)
{
	return fact_with(j->model, &a->facts, FACT_PEER_ASKED, peer) ||
	       fact_with(j->model, &a->facts, FACT_PEER_ASKED,
			 FACT_OF_UNKNOWN) ||
	       comes_back(j, a, peer);
}

/* Was this channel asked for?  What no fact tells was not, unless they are
 * full or the allocation is older than the capture. */
static bool was_asked(struct judging *j, const struct allocation *a,
		      unsigned channel)
{
	const struct fact *f = part_fact(j, &a->facts, FACT_BIND_ASKED);

	for (; f; f = fact_after(j->model, f))
		if (f->value >> 16 == channel || f->value == FACT_OF_UNKNOWN)
			return true;
	return comes_back(j, a, channel);
}

static bool is_whole(struct judging *j, const struct allocation *a)
{
	return !a->ms_turn && a->granted && !facts_full(&a->facts) &&
	       !media_both_ways(j);
}

static void check_unbound(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = is_whole(j, a)
					       ? part_fact(j, &a->facts,
							 FACT_CHANNEL_DATA)
					       : NULL;

		for (; f; f = fact_after(j->model, f))
			if (!was_asked(j, a, f->value))
				found_fact(j, self, f,
					   model_sentence(j->model,
							  "channel 0x%04X",
							  f->value));
	}
}

static void check_no_permission(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			is_whole(j, a) ? part_fact(j, &a->facts, FACT_SEND)
				       : NULL;

		for (; f; f = fact_after(j->model, f))
			if (!has_permission(j, a, f->value))
				found_fact(j, self, f, NULL);
	}
}

/* A number for two peers, or two numbers for one, and the relay says 400. */
static const struct fact *bound_twice(struct judging *j,
				      const struct allocation *a)
{
	const struct fact *f = part_fact(j, &a->facts, FACT_BIND_ASKED);

	for (; f; f = fact_after(j->model, f))
		for (const struct fact *g = fact_after(j->model, f); g;
		     g = fact_after(j->model, g))
			if ((f->value >> 16 == g->value >> 16) !=
			    ((f->value & 0xFFFF) == (g->value & 0xFFFF)))
				return g;
	return NULL;
}

static void check_bound_twice(struct judging *j, const struct rule *self)
{
	for (size_t i = 0;
	     i < j->call->allocations.count && !went_well(j); i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *refused =
			fact_with(j->model, &a->facts, FACT_ERROR,
				  (uint32_t)STUN_CHANNEL_BIND << 16 | 400);
		const struct fact *f = refused ? bound_twice(j, a) : NULL;

		if (f)
			found_fact(j, self, f,
				   model_sentence(j->model, "channel 0x%04X",
						  f->value >> 16));
	}
}

/* ---- the end of an allocation ---- */

/* Clocks and late refreshes. */
#define EXPIRED_SURELY (5 * NS_PER_S)

/* The client goes on when the time is over, and nothing comes back. */
static void check_expired(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		nanoseconds sent, more;

		if (!is_whole(j, a) || a->released || !a->until ||
		    is_renewed_unseen(j, a))
			continue;
		sent = part_last(j, &a->facts, FACT_CHANNEL_DATA);
		more = part_last(j, &a->facts, FACT_SEND);
		sent = more > sent ? more : sent;
		if (sent > a->until + EXPIRED_SURELY &&
		    part_last(j, &a->facts, FACT_DATA_BACK) <= a->until)
			found_all(j, self, &a->cited, a->cited.last,
				  model_sentence(
					  j->model, "%.0f s after its end",
					  (double)(sent - a->until) / 1e9));
	}
}

/* A relay was had in time and no description names one. */
static void check_not_offered(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (!d || !d->offer.candidate_count || !d->reply.candidate_count ||
	    d->offer.relay || d->reply.relay)
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->granted && a->state == STATE_OK &&
		    when(j, a->granted) < when(j, d->offer.place))
			found_answer(j, self, a->request, a->granted,
				     server_text(j, a));
	}
}

/* ---- Bindings ---- */

static const char *ends_text(struct judging *j, end_number a, end_number b)
{
	char x[ENDPOINT_TEXT_MAX], y[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s, %s",
			      endpoint_string(where(j, a), x),
			      endpoint_string(where(j, b), y));
}

static void check_mapped(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct fact *f =
			part_fact(j, &call_binding(j, i)->facts,
				FACT_MAPPED_DIFFERS);

		if (f)
			found_fact(j, self, f, NULL);
	}
}

static void check_no_nat(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->answers && b->mapped == b->client &&
		    !is_told_reflexive(j, where(j, b->client)))
			found_answer(j, self, b->request, b->answer,
				     ends_text(j, b->client, b->server));
	}
}

/* One socket, two servers, and the ports that they see (RFC 5780 4.3). */
static bool is_symmetric(const struct model *m, const struct binding *a,
			 const struct binding *b)
{
	return a->answers && b->answers && a->client == b->client &&
	       a->server != b->server && a->mapped &&
	       end_at(m, a->mapped)->family == end_at(m, b->mapped)->family &&
	       a->mapped != b->mapped;
}

static void check_symmetric(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct binding *a = call_binding(j, k);
			const struct binding *b = call_binding(j, i);

			if (is_symmetric(j->model, a, b))
				found_answer(
					j, self, b->request, b->answer,
					ends_text(j, a->mapped, b->mapped));
		}
}

static void check_remapped(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);
		const struct fact *f =
			part_fact(j, &b->facts, FACT_MAPPED);

		f = f ? fact_after(j->model, f) : NULL;
		if (f)
			found_fact(j, self, f,
				   ends_text(j, b->client, b->server));
	}
}

/* ---- the table ---- */

const struct rule rules_gathering[] = {
	[RULE_ROW(RULE_GATHERING_WRONG_CREDENTIALS)] =
		{
			.id = "gathering/wrong-credentials",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title =
				"the relay refuses the credentials of Allocate",
			.source = "RFC 8489 9.2.4",
			.remedy = "compare user name, password and realm with "
				  "the relay's; for TURN REST the secret and "
				  "the clocks",
		},
	[RULE_ROW(RULE_GATHERING_NO_CREDENTIALS)] =
		{
			.id = "gathering/challenge-not-answered",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_GATHERING,
			.title = "the relay's challenge is not answered",
			.source = "RFC 8656 7.1",
			.remedy = "give the client credentials for this realm",
		},
	[RULE_ROW(RULE_GATHERING_REFUSED)] =
		{
			.id = "gathering/refused",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the relay refuses the allocation",
			.source = "RFC 8656 7.2",
			.remedy = "look at the error code: quota, capacity, "
				  "family or transport",
		},
	[RULE_ROW(RULE_GATHERING_UNANSWERED)] =
		{
			.id = "gathering/allocate-unanswered",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "Allocate, or the connection for it, is "
				 "repeated and never answered",
			.source = "RFC 8489 6.2.1",
			.remedy = "open UDP and TCP to the relay in the "
				  "firewall, or check its address",
		},
	[RULE_ROW(RULE_GATHERING_MUTE)] = {
		.id = "gathering/credentials-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay asked for credentials, and never answers "
			 "the request that has them",
		.source = "RFC 8489 6.2.1, 9.2.4",
		.remedy = "the way was open: look at the relay, its log and "
			  "what it checks credentials with; then for a device "
			  "that drops these longer packets",
	},
	[RULE_ROW(RULE_GATHERING_LOST)] =
		{
			.id = "gathering/allocation-lost",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the relay does not know the allocation any "
				 "more: a Refresh is answered 437",
			.source = "RFC 8656 8.2",
			.remedy = "look whether the relay restarted, or a load "
				  "balancer or NAT changed the way to it",
		},
	[RULE_ROW(RULE_GATHERING_TOO_LATE)] =
		{
			.id = "gathering/refreshed-too-late",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "a client refreshes its allocation when that "
				 "is over: the relay answers 437",
			.source = "RFC 8656 8.1, 8.2",
			.remedy = "refresh it in time; look for timers that "
				  "stop in sleep",
		},
	[RULE_ROW(RULE_GATHERING_GONE)] =
		{
			.id = "gathering/allocation-gone",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the relay does not know the allocation any "
				 "more (437); whether its time was over cannot "
				 "be told",
			.source = "RFC 8656 8.1, 8.2",
			.remedy = "compare the client's timers with the "
				  "relay's log: it came too late, or the relay "
				  "restarted or is another one now",
		},
	[RULE_ROW(RULE_GATHERING_REBOUND)] =
		{
			.id = "gathering/client-rebound",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "NAT gave the client another address or port, "
				 "and the relay refuses it as one without an "
				 "allocation",
			.source = "RFC 8656 5, 8.2, RFC 4787 4.3",
			.remedy = "refresh more often than NAT forgets (or "
				  "use TCP), and allocate anew after it",
		},
	[RULE_ROW(RULE_GATHERING_OTHER_FAILED)] =
		{
			.id = "gathering/other-allocation-failed",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_GATHERING,
			.title =
				"an allocation failed; another one was granted",
			.source = "RFC 8656 7",
			.remedy = "look at that server and transport if "
				  "relayed calls suffer",
		},
	[RULE_ROW(RULE_GATHERING_PORT_CLOSED)] =
		{
			.id = "gathering/server-port-closed",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "nobody listens where the relay should be",
			.source = "RFC 8489 6.2.1, RFC 792, RFC 9293 3.5.2",
			.remedy = "the way there is open: start the server, or "
				  "correct the address or port that is used",
		},
	[RULE_ROW(RULE_GATHERING_UNREACHABLE)] =
		{
			.id = "gathering/server-unreachable",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the network says that the relay cannot be "
				 "reached",
			.source = "RFC 8489 6.2.1, RFC 792, RFC 4443 3",
			.remedy = "look at routes and firewalls on the way, "
				  "and whether that host is up",
		},
	[RULE_ROW(RULE_GATHERING_UNKNOWN_USER)] =
		{
			.id = "gathering/unknown-user",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the relay does not know the user name (436)",
			.source = "[MS-TURN] 3.3.5.1",
			.remedy = "the credentials are of another Edge, or of "
				  "one whose secret changed: compare the pool "
				  "that the client is given with the Edge that "
				  "it asks, unless that took them before",
		},
	[RULE_ROW(RULE_GATHERING_INSPECTED)] =
		{
			.id = "gathering/pseudo-tls-inspected",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the pseudo-TLS hello is answered by a real "
				 "one: a "
				 "proxy or an inspection of TLS stands in the "
				 "way",
			.source = "[MS-TURN] 2.1.1",
			.remedy = "leave the Edge's A/V address, TCP 443, out "
				  "of TLS inspection: what flows there only "
				  "begins like TLS",
		},
	[RULE_ROW(RULE_GATHERING_HTTP)] =
		{
			.id = "gathering/pseudo-tls-http",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_GATHERING,
			.title = "the pseudo-TLS hello is answered in HTTP",
			.source = "[MS-TURN] 2.1.1",
			.remedy = "a web server or a proxy listens there: look "
				  "where the Edge's A/V name leads to, and "
				  "leave it out of the proxy",
		},
	[RULE_ROW(RULE_GATHERING_HELLO_UNANSWERED)] = {
		.id = "gathering/pseudo-tls-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the pseudo-TLS hello is not answered as it should, "
			 "or the connection is closed on it",
		.source = "[MS-TURN] 2.1.1",
		.remedy = "look for a firewall or proxy that lets only real "
			  "TLS through on port 443, and whether the A/V "
			  "service listens there",
	},
	[RULE_ROW(RULE_GATHERING_NAME)] = {
		.id = "gathering/name-unknown",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "no name that looks like a relay's leads to an "
			 "address, and no relay is asked",
		.source = "RFC 2308 2.1, RFC 5928 3",
		.remedy = "publish the name of the relay (in Lync, of the "
			  "A/V Edge) in the DNS that the client asks",
	},
	[RULE_ROW(RULE_GATHERING_UNHEARD)] = {
		.id = "gathering/answer-not-heard",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the client repeats what the relay has answered, and "
			 "goes no further",
		.source = "RFC 8489 6.2.1",
		.remedy = "answers do not get back to it: look at firewalls "
			  "and NAT behind the point of capture, and whether "
			  "they leave from the address that was asked",
	},
	[RULE_ROW(RULE_GATHERING_NOWHERE)] = {
		.id = "gathering/relay-not-named",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "an allocation is granted, and the answer names no "
			 "relayed address",
		.source = "RFC 8656 7.2, [MS-TURN] 2.2.2.1",
		.remedy = "no client can use it: correct the relay, or look "
			  "for what changes messages on the way",
	},
	[RULE_ROW(RULE_GATHERING_NOT_FOLLOWED)] = {
		.id = "gathering/alternate-not-asked",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay sends the client on to another server, "
			 "which it does not ask",
		.source = "[MS-TURN] 2.2.2.7, RFC 8489 10",
		.remedy = "see whether that address is routed to where the "
			  "client is, and whether the capture would show it",
	},
	[RULE_ROW(RULE_GATHERING_CLOSED)] = {
		.id = "gathering/closed-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay closes the connection instead of "
			 "answering Allocate",
		.source = "RFC 8489 6.2.2, [MS-TURN] 3.1.10",
		.remedy = "see whether the relay behind a load balancer "
			  "runs, and whether a firewall on the way closes it",
	},
	[RULE_ROW(RULE_GATHERING_SILENT)] = {
		.id = "gathering/connected-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the relay takes the connection and never answers "
			 "Allocate",
		.source = "RFC 8489 6.2.2",
		.remedy = "see whether the relay behind a load balancer runs, "
			  "and whether a firewall on the way swallows what it "
			  "does not know",
	},
	[RULE_ROW(RULE_GATHERING_TLS)] = {
		.id = "gathering/tls-refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "TLS to a relay ends before it is asked",
		.source = "RFC 8446 6.2, RFC 8656 3.1",
		.remedy = "look at the relay's certificate: its name, its end "
			  "and who issued it; and at the versions of both",
	},
	{
		.id = "gathering/udp-blocked",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay is silent over UDP and answers over TCP",
		.source = "RFC 8489 6.2.1, RFC 8656 3.1",
		.remedy = "open UDP to the relay: over TCP media suffers from "
			  "every loss",
		.check = check_udp_blocked,
	},
	{
		.id = "gathering/quota-reached",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay refuses an allocation: the user's quota "
			 "is reached (486)",
		.source = "RFC 8656 7.2, 19",
		.remedy = "look for clients that do not release allocations, "
			  "or raise the quota",
		.check = check_quota,
	},
	{
		.id = "gathering/no-capacity",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay has no capacity for an allocation (508)",
		.source = "RFC 8656 7.2, 19",
		.remedy = "look at its range of ports, its load and its "
			  "address of that family",
		.check = check_capacity,
	},
	{
		.id = "gathering/address-in-use",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay still holds an older allocation of this "
			 "address and port (437)",
		.source = "RFC 8656 7.2, 7.4",
		.remedy = "take another port: the older one ends by itself",
		.check = check_in_use,
	},
	{
		.id = "gathering/transport-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay does not offer the transport that was "
			 "asked for (442)",
		.source = "RFC 8656 7.2",
		.remedy = "ask for what it has, which is UDP nearly always: "
			  "else let it have UDP, or TCP to its peers "
			  "(RFC 6062)",
		.check = check_transport,
	},
	{
		.id = "gathering/family-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay does not serve this address family, or "
			 "the peer's is another one (440, 443)",
		.source = "RFC 8656 7.2, 10.2",
		.remedy = "ask for an allocation of the family that the peer "
			  "has",
		.check = check_family,
	},
	{
		.id = "gathering/redirected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "the relay sends the client on to another server "
			 "(300)",
		.source = "RFC 8489 10",
		.check = check_redirected,
	},
	{
		.id = "gathering/answer-unsigned",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a success that answers an authenticated request has "
			 "no integrity",
		.source = "RFC 8489 9.2.4, 9.2.5",
		.remedy = "clients drop it and ask again",
		.check = check_unsigned,
	},
	{
		.id = "gathering/answer-from-elsewhere",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay answers from another address than was "
			 "asked",
		.source = "RFC 8489 6.3",
		.remedy = "clients behind NAT do not get that; look at the "
			  "relay's routes and its NAT",
		.check = check_elsewhere,
	},
	{
		.id = "gathering/relay-private",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a relay with a public address gives out a private "
			 "one",
		.source = "RFC 8656 7.2",
		.remedy = "tell the relay its outside address (external-ip of "
			  "coturn): peers elsewhere cannot reach the other",
		.check = check_relay_private,
	},
	{
		.id = "gathering/channel-unbound",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "data is sent on a channel that nobody asked for",
		.source = "RFC 8656 12.6",
		.remedy = "the relay drops it: look for the ChannelBind that "
			  "was never sent",
		.check = check_unbound,
	},
	{
		.id = "gathering/no-permission",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "data is sent to a peer without permission",
		.source = "RFC 8656 9, 11.2",
		.remedy = "the relay drops it: look for the CreatePermission "
			  "that was never sent",
		.check = check_no_permission,
	},
	{
		.id = "gathering/channel-conflict",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "a bound channel is asked for again with another "
			 "peer, and refused",
		.source = "RFC 8656 12, 12.2",
		.remedy = "keep number and peer together until five minutes "
			  "after the binding has ended",
		.check = check_bound_twice,
	},
	{
		.id = "gathering/expired-in-use",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the client goes on sending when its allocation is "
			 "over",
		.source = "RFC 8656 8",
		.remedy = "refresh it in time; look for timers that stop in "
			  "sleep",
		.check = check_expired,
	},
	{
		.id = "gathering/relay-not-offered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a relay was granted and no description names one",
		.source = "RFC 8445 5.1.1, RFC 8839 4.2.1",
		.remedy = "look at the policy of the client; without a relay "
			  "strict NATs and firewalls stop the call",
		.check = check_not_offered,
	},
	{
		.id = "gathering/relay-ambiguous",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "several allocations have the relayed address of a "
			 "candidate, so it is joined with none of them",
		.source = "[MS-TURN] 2.2.2.24, RFC 8656 7.2",
		.check = check_ambiguous,
	},
	{
		.id = "gathering/mapped-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the two mapped addresses of an answer differ",
		.source = "RFC 8489 14.2",
		.remedy = "a device on the way rewrites addresses in STUN (an "
			  "ALG): switch that off",
		.check = check_mapped,
	},
	{
		.id = "gathering/no-nat",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "the server sees the client as it is: no NAT in "
			 "between",
		.source = "RFC 8489 2, 14.2",
		.check = check_no_nat,
	},
	{
		.id = "gathering/nat-symmetric",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "NAT gives one socket another port for each server "
			 "(symmetric)",
		.source = "RFC 5780 4.3, RFC 4787 4.1",
		.remedy = "reflexive addresses serve only open peers then: "
			  "offer a relay",
		.check = check_symmetric,
	},
	{
		.id = "gathering/mapping-changed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the address that NAT gives changed while it was in "
			 "use",
		.source = "RFC 4787 4.3",
		.remedy = "send keep-alives more often; look for two uplinks",
		.check = check_remapped,
	},
	{.id = NULL},
};
