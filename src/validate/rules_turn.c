/* Rules of the talk with a server: repetition, nonces, connections for data,
 * tickets (RFC 8489, RFC 8656, RFC 6062, RFC 8016), and of those that say
 * nothing. */
#include "config.h"

#include "dissectors/stun.h"
#include "validate/checks.h"

typedef const char *say_fn(struct judging *j, const struct fact *f);

static const char *say_nothing(struct judging *j, const struct fact *f)
{
	(void)j;
	(void)f;
	return NULL;
}

static const char *say_times(struct judging *j, const struct fact *f)
{
	return times_text(j, f->count);
}

static const char *say_seconds(struct judging *j, const struct fact *f)
{
	return model_sentence(j->model, "%u s later", f->value);
}

static const char *say_milliseconds(struct judging *j, const struct fact *f)
{
	return model_sentence(j->model, "after %u ms", f->value);
}

static const char *say_place(struct judging *j, const struct fact *f)
{
	return model_sentence(j->model, "%s",
			      f->value ? "to another port of the same host"
				       : "to another host");
}

/* The first fact of this kind of each allocation. */
static void check_fact(struct judging *j, const struct rule *self,
		       enum fact_kind kind, say_fn *say)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct fact *f =
			part_fact(j, &call_allocation(j, i)->facts, kind);

		if (f)
			found_fact(j, self, f, say(j, f));
	}
}

#define FACT_CHECK(name, kind, say)                                  \
	static void name(struct judging *j, const struct rule *self) \
	{                                                            \
		check_fact(j, self, kind, say);                      \
	}

FACT_CHECK(check_realm, FACT_REALM_OTHER, say_nothing)
FACT_CHECK(check_reused, FACT_ID_REUSED, say_nothing)
FACT_CHECK(check_otherwise, FACT_RESENT_OTHERWISE, say_times)
FACT_CHECK(check_soon, FACT_RESENT_SOON, say_milliseconds)
FACT_CHECK(check_on_stream, FACT_RESENT_ON_STREAM, say_times)
FACT_CHECK(check_late, FACT_ANSWER_LATE, say_seconds)
FACT_CHECK(check_nonce, FACT_NONCE_ELSEWHERE, say_place)
FACT_CHECK(check_nonce_old, FACT_NONCE_OLD, say_nothing)
FACT_CHECK(check_on_control, FACT_BIND_ON_CONTROL, say_nothing)
FACT_CHECK(check_bind_late, FACT_BIND_LATE, say_seconds)
FACT_CHECK(check_old_place, FACT_OLD_PLACE, say_times)
FACT_CHECK(check_ticket, FACT_TICKET_AGAIN, say_nothing)
FACT_CHECK(check_late_refresh, FACT_LATE_REFRESH, say_times)

/* What the relay grants all the same did no harm. */
static void check_ungranted(struct judging *j, const struct rule *self,
			    enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f = part_fact(j, &a->facts, kind);

		if (f && !a->granted)
			found_fact(j, self, f, NULL);
	}
}

static void check_bid_down(struct judging *j, const struct rule *self)
{
	check_ungranted(j, self, FACT_BID_DOWN);
}

static void check_algorithms(struct judging *j, const struct rule *self)
{
	check_ungranted(j, self, FACT_ALGORITHMS_DIFFER);
}

/* ---- errors of Connect (RFC 6062 5.2) ---- */

static void check_connect(struct judging *j, const struct rule *self,
			  unsigned code)
{
	if (!has_fact(j, FACT_ERROR))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct fact *f = fact_with(
			j->model, &call_allocation(j, i)->facts, FACT_ERROR,
			(uint32_t)STUN_CONNECT << 16 | code);

		if (f)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_connected(struct judging *j, const struct rule *self)
{
	check_connect(j, self, 446);
}

static void check_connect_failed(struct judging *j, const struct rule *self)
{
	check_connect(j, self, 447);
}

/* ---- how long allocations are kept ---- */

/* So often that it is how the relay is set up. */
#define STALE_OFTEN 2u

static void check_stale_refresh(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_ERROR))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			fact_with(j->model, &a->facts, FACT_ERROR,
				  (uint32_t)STUN_REFRESH << 16 | 438);

		if (f && f->count >= STALE_OFTEN && f->count >= a->refreshes)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

/* A client needs some time to clean up. */
#define RELEASE_PATIENCE (5 * NS_PER_S)

static bool is_kept(const struct allocation *a)
{
	return !a->ms_turn && a->granted && a->state == STATE_OK &&
	       !a->released && !a->closed && !a->lost;
}

static void check_not_released(struct judging *j, const struct rule *self)
{
	nanoseconds end;

	if (!j->dialog || !j->dialog->ended)
		return;
	end = when(j, j->dialog->ended) + RELEASE_PATIENCE;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (is_kept(a) && a->until > end &&
		    seen_until(j, a->cited.last) > end)
			found_answer(j, self, a->request, a->granted, NULL);
	}
}

static bool is_used(struct judging *j, const struct allocation *a)
{
	return a->permissions || a->channels ||
	       part_fact(j, &a->facts, FACT_PEER_ASKED) ||
	       part_fact(j, &a->facts, FACT_SEND) ||
	       part_fact(j, &a->facts, FACT_CHANNEL_DATA) ||
	       part_fact(j, &a->facts, FACT_DATA_BACK);
}

/* Longer is more than the time until a call has found its way. */
#define KEPT_LONG (600 * NS_PER_S)

static bool is_kept_long(const struct model *m, const struct allocation *a)
{
	return a->refreshes && a->until - (nanoseconds)a->lifetime * NS_PER_S -
					       place_time(m, a->granted) >=
				       KEPT_LONG;
}

static void check_unused(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (is_kept(a) && is_kept_long(j->model, a) &&
		    !facts_full(&a->facts) && !is_used(j, a))
			found_all(j, self, &a->cited, a->granted,
				  times_text(j, a->refreshes));
	}
}

/* ---- the table ---- */

static const char *server_of(struct judging *j, const struct allocation *a)
{
	char server[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s",
			      endpoint_string(where(j, a->server), server));
}

#define STALE_RUN 3u

static void check_stale(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->stale_run >= STALE_RUN)
			found_all(j, self, &a->cited, a->cited.last,
				  server_of(j, a));
	}
}

/* Did the client take the allocation for what it needs? */
static bool is_taken(struct judging *j, const struct allocation *a)
{
	return a->permissions || a->channels || a->refreshes ||
	       part_fact(j, &a->facts, FACT_DATA_BACK);
}

/* Others borrow Allocate for ends of their own; those that do not say what to
 * allocate are no TURN (RFC 8656 7.1). */
static void check_partial(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			part_fact(j, &a->facts, FACT_ANSWER_PARTIAL);

		if (f && part_fact(j, &a->facts, FACT_TRANSPORT_ASKED) &&
		    !is_taken(j, a))
			found_fact(j, self, f, server_of(j, a));
	}
}

/* ---- STUN servers ---- */

static const char *asked_text(struct judging *j, const struct binding *b)
{
	char client[ENDPOINT_TEXT_MAX], server[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s, %s",
			      endpoint_string(where(j, b->client), client),
			      endpoint_string(where(j, b->server), server));
}

/* Peers of other protocols ask each other with plain Bindings as well. */
static bool is_server(const struct endpoint *e)
{
	return e->port == 3478 || e->port == 5349 || e->port == 19302;
}

/* Who sends one request again and again has no answer to it; new ones prove
 * something only where the capture shows answers at all. */
static bool is_silent(const struct judging *j, const struct binding *b)
{
	return b->answers == 0 && !b->aside && !b->keepalive &&
	       b->requests >= UNANSWERED_PROOF && !b->obstacle.count &&
	       (j->model->answers || b->most_sends >= UNANSWERED_PROOF) &&
	       is_server(where(j, b->server));
}

static void check_stun_silent(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (is_silent(j, b))
			found(j, self, b->request, asked_text(j, b));
	}
}

static void check_stun_refused(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->answers == 0 && b->obstacle.count && !b->keepalive)
			found(j, self, b->obstacle.place,
			      obstacle_evidence(j, where(j, b->server),
						&b->obstacle));
	}
}

const struct binding *stun_in_vain(struct judging *j, const struct rule **rule)
{
	const struct binding *silent = NULL;

	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->answers)
			return NULL;
		if (b->keepalive)
			continue;
		if (b->obstacle.count || is_silent(j, b))
			silent = silent ? silent : b;
	}
	*rule = rules_turn;
	while (silent &&
	       (*rule)->check != (silent->obstacle.count ? check_stun_refused
							 : check_stun_silent))
		(*rule)++;
	return silent;
}

/* ---- addresses of the client ---- */

static const char *host_text(struct judging *j, end_number end)
{
	struct text text = text_new(ENDPOINT_TEXT_MAX);
	const char *out;

	endpoint_ip_text(end_at(j->model, end), &text);
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

static void check_aside(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->aside)
			found_all(j, self, &a->cited, a->request,
				  host_text(j, a->client));
	}
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->aside)
			found(j, self, b->request, host_text(j, b->client));
	}
}

static bool is_left_alone(const struct allocation *a)
{
	return a->unanswered >= UNANSWERED_PROOF && !a->obstacle.count;
}

/* Of the same client, so that both take one way. */
static bool answers_binding(struct judging *j, const struct allocation *a)
{
	for (size_t i = 0; i < j->call->bindings.count; i++) {
		const struct binding *b = call_binding(j, i);

		if (b->answers && b->server == a->server &&
		    endpoint_same_ip(where(j, b->client), where(j, a->client)))
			return true;
	}
	return false;
}

static void check_no_turn(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (is_left_alone(a) && !a->alternate &&
		    strcmp(a->transport, "udp") == 0 && answers_binding(j, a))
			found_all(j, self, &a->cited, a->request,
				  host_text(j, a->server));
	}
}

static void check_alternate_silent(struct judging *j, const struct rule *self)
{
	char to[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->alternate && a->alternate_asked && is_left_alone(a))
			found_all(j, self, &a->cited, a->request,
				  model_sentence(j->model, "%s",
						 endpoint_string(
							 where(j, a->alternate),
							 to)));
	}
}

/* pion/turn names no code where its handler says no. */
static bool is_peer_refused(uint32_t error)
{
	unsigned method = error >> 16, code = error & 0xFFFF;

	return (method == STUN_CREATE_PERMISSION &&
		(code == 403 || code == 0)) ||
	       (method == STUN_CHANNEL_BIND && code == 403);
}

static void check_peer(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			a->ms_turn ? NULL : part_fact(j, &a->facts, FACT_ERROR);
		char server[ENDPOINT_TEXT_MAX];

		for (; f; f = fact_after(j->model, f))
			if (is_peer_refused(f->value))
				found_fact(j, self, f,
					   model_sentence(
						   j->model, "%s: %s",
						   endpoint_string(
							   where(j, a->server),
							   server),
						   f->value & 0xFFFF
							   ? "403"
							   : "no code"));
	}
}

/* The relay read what was asked without credentials, and wanted some. */
static void check_answered_400(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct fact *f =
			fact_with(j->model, &a->facts, FACT_ERROR,
				  (uint32_t)STUN_ALLOCATE << 16 | 400);

		if (f && !a->ms_turn && !a->granted &&
		    a->error_after_credentials == 400 &&
		    fact_with(j->model, &a->facts, FACT_ERROR,
			      (uint32_t)STUN_ALLOCATE << 16 | 401))
			found_fact(j, self, f, NULL);
	}
}

const struct rule *rule_peer_refused(void)
{
	const struct rule *rule = rules_turn;

	while (rule->check != check_peer)
		rule++;
	return rule;
}

const struct rule rules_turn[] = {
	{
		.id = "gathering/credentials-answered-400",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay asks for credentials, and answers 400 to "
			 "those that it gets",
		.source = "RFC 8489 9.2.4 (401 where they are wrong); "
			  "pion/turn",
		.remedy = "compare user name, password and realm with the "
			  "relay's: some (pion/turn) answer 400 where the "
			  "password is wrong",
		.check = check_answered_400,
	},
	{
		.id = "gathering/peer-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay may not send to this peer",
		.source = "RFC 8656 10.2, 21.2",
		.remedy = "look at its list of denied peers; private "
			  "addresses of the other side are expected there",
		.check = check_peer,
	},
	{
		.id = "gathering/turn-ignored",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a server answers Binding of the client, and none of "
			 "its Allocates",
		.source = "RFC 8489 6.2.1, RFC 8656 7.1",
		.remedy = "the way there is open: switch TURN on in the "
			  "server, or name one that has it",
		.check = check_no_turn,
	},
	{
		.id = "gathering/alternate-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay sends the client on to another server, "
			 "which does not answer",
		.source = "RFC 8489 10",
		.remedy = "see whether the server that ALTERNATE-SERVER names "
			  "runs, and open the way there, too",
		.check = check_alternate_silent,
	},
	{
		.id = "gathering/stun-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a STUN server is asked again and again and does not "
			 "answer",
		.source = "RFC 8489 6.2.1",
		.remedy = "check its address and the firewall: no reflexive "
			  "address is learned",
		.check = check_stun_silent,
	},
	{
		.id = "gathering/stun-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a STUN server does not listen, or the network "
			 "refuses the way to it",
		.source = "RFC 8489 6.2.1, RFC 792, RFC 4443 3",
		.remedy = "check its address and port: no reflexive address is "
			  "learned",
		.check = check_stun_refused,
	},
	{
		.id = "gathering/address-leads-nowhere",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "a server does not answer one address of the client, "
			 "and answers another",
		.source = "RFC 8445 5.1.1.1",
		.remedy = "nothing is lost if it is that of a container "
			  "bridge or a VPN: agents ask from each address of "
			  "their host",
		.check = check_aside,
	},
	{
		.id = "gathering/transaction-id-reused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "one transaction id stands for two different "
			 "requests",
		.source = "RFC 8489 5",
		.remedy = "fix the client: its answers can be mixed up",
		.check = check_reused,
	},
	{
		.id = "gathering/resent-otherwise",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a request is sent again with other bytes, but the "
			 "same transaction id",
		.source = "RFC 8489 6.2.1",
		.remedy = "fix the client: the relay may answer the older one",
		.check = check_otherwise,
	},
	{
		.id = "gathering/resent-soon",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "a request is sent again sooner than any timer of "
			 "STUN allows",
		.source = "RFC 8489 6.2.1, RFC 3489 9.3",
		.remedy = "begin with 500 ms, and double the time",
		.check = check_soon,
	},
	{
		.id = "gathering/resent-on-stream",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "a request is sent again over TCP, which does that "
			 "by itself",
		.source = "RFC 8489 6.2.2",
		.check = check_on_stream,
	},
	{
		.id = "gathering/answered-late",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay answers when clients have given up",
		.source = "RFC 8489 6.2.1",
		.remedy = "look at the load of the relay, and for queues on "
			  "the way to it",
		.check = check_late,
	},
	{
		.id = "gathering/nonce-from-elsewhere",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a nonce is used that was given to another address "
			 "or port",
		.source = "RFC 8489 9.2.4",
		.remedy = "look for NAT that changes ports between two "
			  "requests, or a client that opens another socket",
		.check = check_nonce,
	},
	{
		.id = "gathering/nonce-outlived",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a nonce is accepted more than an hour after it was "
			 "given",
		.source = "RFC 8656 5",
		.remedy = "let the relay renew its nonces",
		.check = check_nonce_old,
	},
	{
		.id = "gathering/bid-down",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the nonce promises PASSWORD-ALGORITHMS, and the "
			 "challenge has none",
		.source = "RFC 8489 9.2.5",
		.remedy = "clients must give up here: look for a device that "
			  "removes attributes, or fix the relay",
		.check = check_bid_down,
	},
	{
		.id = "gathering/algorithms-differ",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the client does not repeat the PASSWORD-ALGORITHMS "
			 "that the relay offered",
		.source = "RFC 8489 9.2.4",
		.remedy = "the relay must answer 400: look for a device that "
			  "changes attributes, or fix the client",
		.check = check_algorithms,
	},
	{
		.id = "gathering/refresh-stale",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "each Refresh finds its nonce stale and has to be "
			 "sent twice",
		.source = "RFC 8489 9.2.4",
		.remedy = "let nonces live longer than the time between two "
			  "refreshes",
		.check = check_stale_refresh,
	},
	{
		.id = "gathering/not-released",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "an allocation is not given back when the call is "
			 "over",
		.source = "RFC 8656 8.1",
		.remedy = "the relay keeps its port until the time is over: "
			  "send a Refresh with lifetime 0",
		.check = check_not_released,
	},
	{
		.id = "gathering/kept-unused",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "an allocation is refreshed and never opened to "
			 "anybody",
		.source = "RFC 8656 8.1",
		.remedy = "give it back once another way is chosen",
		.check = check_unused,
	},
	{
		.id = "gathering/bind-on-control",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "ConnectionBind goes over the connection of the "
			 "allocation",
		.source = "RFC 6062 4.3",
		.remedy = "fix the client: data needs a connection of its own",
		.check = check_on_control,
	},
	{
		.id = "gathering/bind-late",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "ConnectionBind comes more than 30 seconds after "
			 "its CONNECTION-ID",
		.source = "RFC 6062 5.3",
		.remedy = "the relay has closed the connection to the peer "
			  "by then: see what held the client up",
		.check = check_bind_late,
	},
	{
		.id = "gathering/peer-connected",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay has a connection to that peer already: "
			 "446",
		.source = "RFC 6062 5.2",
		.remedy = "fix the client: one connection per peer",
		.check = check_connected,
	},
	{
		.id = "gathering/peer-not-reached",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the relay gets no TCP connection to the peer: 447",
		.source = "RFC 6062 5.2",
		.remedy = "let the relay reach the peer's port by TCP, or use "
			  "UDP",
		.check = check_connect_failed,
	},
	{
		.id = "gathering/old-place",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "a client that has moved still asks from its old "
			 "address",
		.source = "RFC 8016 3.2",
		.check = check_old_place,
	},
	{
		.id = "gathering/ticket-again",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "a relay accepts the same mobility ticket twice",
		.source = "RFC 8016 3.2",
		.remedy = "a ticket that was seen would move the allocation "
			  "to anybody: let the relay renew it each time",
		.check = check_ticket,
	},
	{
		.id = "gathering/refresh-late",
		.severity = SEVERITY_INFO,
		.stage = STAGE_GATHERING,
		.title = "an allocation is refreshed less than a minute "
			 "before its end",
		.source = "RFC 8656 8.1",
		.check = check_late_refresh,
	},
	{
		.id = "gathering/realm-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_GATHERING,
		.title = "the client signs for another realm than the relay "
			 "asks for",
		.source = "RFC 8489 9.2.4, 9.2.5",
		.remedy = "give the client the credentials that belong to the "
			  "realm of the 401",
		.check = check_realm,
	},
	{
		.id = "gathering/answer-incomplete",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "a granted allocation lacks its reflexive address or "
			 "lifetime",
		.source = "RFC 8656 7.2, 7.3",
		.remedy = "clients may drop it; correct the relay",
		.check = check_partial,
	},
	{
		.id = "gathering/stale-nonce-loop",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "each new nonce of the relay is called stale at once "
			 "(438)",
		.source = "RFC 8489 9.2.4, 9.2.5",
		.remedy = "look for a load balancer or NAT that changes the "
			  "client's way: nonces belong to one address",
		.check = check_stale,
	},
	{.id = NULL},
};
