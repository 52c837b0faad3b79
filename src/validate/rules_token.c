/* Rules of tokens. */
#include "config.h"

#include "validate/checks.h"

/* Refreshes of the allocation behind that time would be refused. */
static void check_ends_in_call(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		if (t->expires > j->call->start && t->expires < j->call->end)
			found(j, self, t->answer ? t->answer : t->cited.first,
			      model_sentence(
				      j->model, "%.0f s before the call's end",
				      (double)(j->call->end - t->expires) /
					      1e9));
	}
}

/* RFC 7635 9: what clocks may be apart. */
#define ACCESS_SLACK (5 * NS_PER_S)

static bool is_over(const struct token *t, nanoseconds time)
{
	nanoseconds slack = t->kind == TOKEN_OAUTH ? ACCESS_SLACK : 0;

	return t->expires && time > t->expires + slack;
}

static void check_ended(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *t = allocation_token(j, a);

		if (t && a->accepted && a->granted &&
		    is_over(t, when(j, a->granted)))
			found_answer(j, self, a->request, a->granted,
				     model_sentence(
					     j->model, "%.0f s after their end",
					     (double)(when(j, a->granted) -
						      t->expires) /
						     1e9));
	}
}

/* ---- which token a relay is asked with ---- */

/* The newest that this client got from MRAS before that time; NULL: none. */
static const struct token *handed_to(struct judging *j,
				     const struct allocation *a)
{
	nanoseconds asked = when(j, a->request);
	const struct token *newest = NULL;

	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		nanoseconds came = t->answer ? when(j, t->answer) : 0;

		if (t->kind == TOKEN_MRAS && came && came < asked &&
		    t->username.n &&
		    endpoint_same_ip(&t->client, where(j, a->client)) &&
		    (!newest || came > when(j, newest->answer)))
			newest = t;
	}
	return newest;
}

static void check_another(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *used = allocation_token(j, a);
		const struct token *handed =
			used && used->kind == TOKEN_MRAS && !used->answer
				? handed_to(j, a)
				: NULL;

		if (handed)
			found_answer(j, self, handed->answer, a->request, NULL);
	}
}

/* ---- MRAS: what was asked and what came ([MS-AVEDGEA]) ---- */

/* Long-lived secrets leak (draft-uberti-behave-turn-rest 2.2). */
#define FAR_AHEAD (7 * 86400 * NS_PER_S)
/* The time in the name of a token against what the answer says. */
#define EXPIRY_SLACK (300 * NS_PER_S)

static const struct token_request *request_of(struct judging *j,
					      const struct token *t)
{
	return t->asked ? list_at(&j->model->token_requests, t->asked - 1)
			: NULL;
}

/* A registration of who asked, or NULL. */
static const struct registration *registered(struct judging *j,
					     const struct token *t)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);

		if (r->party != LIST_NONE && r->party == t->party)
			return r;
	}
	return NULL;
}

static void check_uri(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);
		const struct registration *r = registered(j, t);

		if (q && q->to && r && r->mras_uri && r->mras_uri[0] &&
		    strcmp(q->to, r->mras_uri) != 0)
			found(j, self, t->request,
			      model_sentence(j->model, "%s", q->to));
	}
}

static void check_identity(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);

		if (q && q->identity && t->identity && q->requester &&
		    strcmp(q->requester, "client") == 0 &&
		    strcmp(q->identity, t->identity) != 0)
			found(j, self, t->request, q->identity);
	}
}

static void check_location(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);

		for (unsigned k = 0; q && k < t->relay_count; k++)
			if (q->location && t->relays[k].location &&
			    strcmp(q->location, t->relays[k].location) != 0)
				found_answer(j, self, t->request, t->answer,
					     t->relays[k].location);
	}
}

static void check_side(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);
		const struct registration *r = registered(j, t);
		const struct sign_in *x =
			r && r->sign_in
				? list_at(&j->model->sign_ins, r->sign_in - 1)
				: NULL;

		if (q && q->location && x && x->leg_count && r->bound &&
		    (strcmp(q->location, "intranet") == 0) == x->remote)
			found(j, self, t->request, q->location);
	}
}

static void check_longer(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);

		if (q && q->asked_min && t->duration_min > q->asked_min)
			found_answer(j, self, t->request, t->answer,
				     model_sentence(j->model,
						    "%u minutes instead of %u",
						    t->duration_min,
						    q->asked_min));
	}
}

static void check_echo(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);

		if (q && q->echo_differs)
			found_answer(j, self, t->request, t->answer, NULL);
	}
}

static bool any_granted(struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++)
		if (call_allocation(j, i)->granted)
			return true;
	return false;
}

static void check_ids(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);

		/* Who has a relay took one of them. */
		if (q && q->ids_differ && !any_granted(j))
			found_answer(j, self, t->request, t->answer, NULL);
	}
}

/* HMAC-SHA1, as the relay makes it of the name, in base64. */
#define TOKEN_PASSWORD 28u

static void check_name_form(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		struct token_blob b;

		if (t->kind != TOKEN_MRAS || t->state != STATE_OK ||
		    !t->answer ||
		    (token_blob_read(t->username, &b) &&
		     t->password.n == TOKEN_PASSWORD))
			continue;
		found_answer(j, self, t->request, t->answer,
			     model_sentence(j->model,
					    "a name of %zu bytes, %zu letters "
					    "of password",
					    t->username.n, t->password.n));
	}
}

/* Says a server so when nothing comes from behind it?  What else is refused
 * MRAS has seen, though the capture lacks its answer. */
static bool is_of_time(unsigned status)
{
	return status == 408 || status >= 500;
}

/* The last hop that was taken and not answered, where one before was. */
static void check_hop(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		const struct token_request *q = request_of(j, t);
		const struct token_hop *last =
			q && q->hop_count > 1 ? &q->hops[q->hop_count - 1]
					      : NULL;
		char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

		if (!last || last->status || !is_of_time(q->hops[0].status))
			continue;
		found(j, self, last->request,
		      model_sentence(j->model, "from %s to %s",
				     endpoint_string(&last->src, src),
				     endpoint_string(&last->dst, dst)));
	}
}

static void check_blob(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		nanoseconds apart;
		struct token_blob b;

		if (t->state != STATE_OK || !t->expires ||
		    !token_blob_read(t->username, &b) ||
		    !clock_of_filetime(b.filetime))
			continue;
		apart = clock_of_filetime(b.filetime) - t->expires;
		if (apart > EXPIRY_SLACK || apart < -EXPIRY_SLACK)
			found_answer(j, self, t->request, t->answer,
				     model_sentence(j->model, "%.0f s apart",
						    (double)apart / 1e9));
	}
}

/* By how much the token was over as it came, for the issuer's clock is behind;
 * 0: it was not, or its name does not tell. */
static nanoseconds over_by(struct judging *j, const struct token *t)
{
	nanoseconds behind;
	struct token_blob b;

	if (t->state != STATE_OK || !t->answer ||
	    !token_blob_read(t->username, &b) || !clock_of_filetime(b.filetime))
		return 0;
	behind = when(j, t->answer) - clock_of_filetime(b.filetime);
	return behind > EXPIRY_SLACK ? behind : 0;
}

static void check_over(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		nanoseconds behind = over_by(j, t);

		if (behind)
			found_answer(j, self, t->request, t->answer,
				     model_sentence(j->model,
						    "%.0f min after its end",
						    (double)behind / 60e9));
	}
}

/* ---- relays of a token ---- */

static const struct resolved *first_of(struct judging *j,
				       const struct token_relay *relay)
{
	return relay->resolved
		       ? list_at(&j->model->resolved, relay->resolved - 1)
		       : NULL;
}

static const struct resolved *next_of(struct judging *j,
				      const struct resolved *r)
{
	return r->next == CHAIN_END ? NULL
				    : list_at(&j->model->resolved, r->next);
}

static void check_name(struct judging *j, const struct rule *self)
{
	if (went_well(j))
		return;
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		for (unsigned k = 0;
		     k < t->relay_count && client_lacks_relay(j, &t->client);
		     k++) {
			const struct resolved *r = first_of(j, &t->relays[k]);

			if (r && r->address.family == FAMILY_NONE &&
			    !next_of(j, r))
				found(j, self, r->place, r->name);
		}
	}
}

static bool is_internet(const struct token_relay *relay)
{
	return relay->location && strcmp(relay->location, "internet") == 0;
}

static void check_private(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		for (unsigned k = 0; k < t->relay_count; k++) {
			const struct resolved *r = first_of(j, &t->relays[k]);
			struct endpoint e;

			if (!is_internet(&t->relays[k]))
				continue;
			if (endpoint_parse(slice_of_text(t->relays[k].host), 0,
					   &e) == STATUS_OK &&
			    endpoint_is_private(&e))
				found_answer(j, self, t->request, t->answer,
					     t->relays[k].host);
			else if (r && r->address.family != FAMILY_NONE &&
				 endpoint_is_private(&r->address))
				found(j, self, r->place, r->name);
		}
	}
}

/* Is this server one of those that the token names?  Unknown as long as a
 * name was not seen resolved. */
static enum fits is_named(struct judging *j, const struct token *t,
			  const struct endpoint *server)
{
	enum fits fits = t->relay_count ? FITS_NO : FITS_UNKNOWN;

	for (unsigned k = 0; k < t->relay_count; k++) {
		const struct resolved *r = first_of(j, &t->relays[k]);
		struct endpoint e;

		if (endpoint_parse(slice_of_text(t->relays[k].host), 0, &e) ==
		    STATUS_OK) {
			if (endpoint_same_ip(&e, server))
				return FITS_YES;
			continue;
		}
		if (!r)
			fits = FITS_UNKNOWN;
		for (; r; r = next_of(j, r))
			if (endpoint_same_ip(&r->address, server))
				return FITS_YES;
	}
	return fits;
}

/* Where another relay sent the client on to; many name themselves. */
static bool is_alternate(struct judging *j, const struct endpoint *server)
{
	for (size_t i = 0; i < j->call->allocations.count; i++)
		if (endpoint_same_ip(where(j, call_allocation(j, i)->alternate),
				     server) &&
		    !endpoint_same_ip(where(j, call_allocation(j, i)->server),
				      server))
			return true;
	return false;
}

static void check_other_relay(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *t = allocation_token(j, a);
		char text[ENDPOINT_TEXT_MAX];

		if (t && is_named(j, t, where(j, a->server)) == FITS_NO &&
		    !is_alternate(j, where(j, a->server)))
			found(j, self, a->request,
			      model_text(j->model,
					 slice_of_text(endpoint_string(
						 where(j, a->server), text))));
	}
}

/* [MS-TURN] 3.3.5: 436, the user is not known; the token is good elsewhere.
 * What the relay's clock calls over may be the reason as well. */
static void check_other_edge(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *t = allocation_token(j, a);

		if (t && t->state == STATE_OK && !t->refused &&
		    !over_by(j, t) && a->error_after_credentials == 436 &&
		    !is_user_forgotten(j, a) &&
		    (!any_granted(j) || is_of_side_without(j, a)))
			found_all(j, self, &a->cited, a->cited.last, NULL);
	}
}

static void check_forgotten(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);
		const struct token *t = allocation_token(j, a);

		if (is_user_forgotten(j, a) && !t->refused && !over_by(j, t))
			found_all(j, self, &a->cited, a->cited.last, NULL);
	}
}

/* Without a relay in the description of the token's party. */
static void check_unused(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	bool relay = d && (d->offer.relay || d->reply.relay);
	/* Without the INVITE who has the token may not be seen at all. */
	bool ice = d && d->invite && (d->offer.ice || d->reply.ice);

	for (size_t i = 0; i < j->call->tokens.count && ice && !relay; i++) {
		const struct token *t = call_token(j, i);

		if (t->state == STATE_OK && !any_granted(j) &&
		    when(j, t->answer) < when(j, d->offer.place) &&
		    t->expires > when(j, d->offer.place))
			found(j, self, d->offer.place, NULL);
	}
}

/* ---- OAuth (RFC 7635) ---- */

static void check_oauth(struct judging *j, const struct rule *self,
			enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct fact *f =
			part_fact(j, &call_allocation(j, i)->facts, kind);

		if (f)
			found_fact(j, self, f,
				   f->value ? model_sentence(j->model,
							     "%u bytes",
							     f->value)
					    : NULL);
	}
}

static void check_oauth_unasked(struct judging *j, const struct rule *self)
{
	check_oauth(j, self, FACT_TOKEN_UNASKED);
}

static void check_oauth_size(struct judging *j, const struct rule *self)
{
	check_oauth(j, self, FACT_TOKEN_SIZE);
}

/* What is granted all the same did no harm. */
static void check_oauth_name(struct judging *j, const struct rule *self)
{
	if (!any_granted(j))
		check_oauth(j, self, FACT_TOKEN_NAMELESS);
}

/* ---- TURN REST ---- */

static void check_far(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);
		nanoseconds seen = when(j, t->cited.first);

		if (t->kind == TOKEN_TURN_REST && t->expires &&
		    t->expires - seen > FAR_AHEAD)
			found(j, self, t->cited.first,
			      model_sentence(j->model, "%.0f days ahead",
					     (double)(t->expires - seen) / 1e9 /
						     86400));
	}
}

/* ---- the table ---- */

const struct rule rules_token[] = {
	[RULE_ROW(RULE_TOKEN_REFUSED)] =
		{
			.id = "token/refused",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "MRAS gives no token",
			.source = "[MS-AVEDGEA] 3.1.5.1",
			.remedy = "look at the reason phrase and at the Edge's "
				  "A/V "
				  "authentication service",
		},
	[RULE_ROW(RULE_TOKEN_EXPIRED)] =
		{
			.id = "token/expired",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "the relay's credentials had ended when they "
				 "were "
				 "used",
			.source = "[MS-AVEDGEA] 2.2.4.3, "
				  "draft-uberti-behave-turn-rest 2.2",
			.remedy = "renew the credentials before they end; "
				  "compare the "
				  "clocks",
		},
	[RULE_ROW(RULE_TOKEN_UNREACHABLE)] =
		{
			.id = "token/no-connection",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "a server gets no connection to MRAS on the "
				 "Edge (5062)",
			.source = "[MS-AVEDGEA] 2.1, RFC 9293 3.5",
			.remedy = "open TCP 5062 to the inner interface of the "
				  "Edge; check that its A/V authentication "
				  "service runs",
		},
	[RULE_ROW(RULE_TOKEN_TLS)] =
		{
			.id = "token/tls-refused",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "TLS between a server and MRAS on the Edge "
				 "(5062) fails",
			.source = "[MS-AVEDGEA] 2.1, RFC 5246 7.2.2",
			.remedy = "see whether each trusts the other's "
				  "certificate, and whether their clocks "
				  "agree",
		},
	[RULE_ROW(RULE_TOKEN_SEEMS_EXPIRED)] =
		{
			.id = "token/seems-expired",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_TOKEN,
			.title = "a relay refuses an MRAS token whose name "
				 "says that it had ended",
			.source = "field: names of Teams tokens (layout "
				  "unproven)",
			.remedy = "renew the token before it ends; compare "
				  "the clocks",
		},
	[RULE_ROW(RULE_TOKEN_UNANSWERED)] =
		{
			.id = "token/unanswered",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_TOKEN,
			.title = "the request for a token is never answered",
			.source = "RFC 3261 17.1.2.2",
			.remedy = "look at the Front End, and at its way to "
				  "port 5062 of the Edge",
		},
	{
		.id = "token/ends-in-call",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the relay's credentials end in the middle of the "
			 "call",
		.source = "[MS-AVEDGEA] 2.2.4.3, "
			  "draft-uberti-behave-turn-rest 2.2",
		.remedy = "issue them for longer than the longest call, or "
			  "renew them: the relay may refuse the next refresh",
		.check = check_ends_in_call,
	},
	{
		.id = "token/ended-but-accepted",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the relay took credentials whose time was over",
		.source = "[MS-AVEDGEA] 2.2.4.3, "
			  "draft-uberti-behave-turn-rest 2.2",
		.remedy = "compare the clocks of relay, issuer and capture",
		.check = check_ended,
	},
	{
		.id = "token/other-uri",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the token is asked for at another MRAS than "
			 "provisioning names",
		.source = "[MS-SIPREGE] 2.2.2.5.1",
		.remedy = "sign out and in: the client has old settings",
		.check = check_uri,
	},
	{
		.id = "token/identity-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the token is asked for on behalf of another user",
		.source = "[MS-AVEDGEA] 2.2.2.1",
		.remedy = "look at the client that asks",
		.check = check_identity,
	},
	{
		.id = "token/location-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the relay that is given is not at the location "
			 "that was asked for",
		.source = "[MS-AVEDGEA] 2.2.3.1.3.2",
		.remedy = "check the names of the Edge's interfaces in the "
			  "topology",
		.check = check_location,
	},
	{
		.id = "token/location-wrong-side",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the client asks for relays on the wrong side of "
			 "the Edge",
		.source = "[MS-AVEDGEA] 2.2.2.1",
		.remedy = "clients outside want internet, those inside "
			  "intranet",
		.check = check_side,
	},
	{
		.id = "token/longer-than-asked",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the token is granted for longer than was asked",
		.source = "[MS-AVEDGEA] 2.2.4.3",
		.remedy = NULL,
		.check = check_longer,
	},
	{
		.id = "token/echo-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the answer does not repeat id and address of the "
			 "request",
		.source = "[MS-AVEDGEA] 2.2.3.1.2",
		.remedy = "clients drop such an answer",
		.check = check_echo,
	},
	{
		.id = "token/lost-behind-server",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the request for a token is lost between two "
			 "servers",
		.source = "[MS-AVEDGEA] 2.1, RFC 3261 16.7",
		.remedy = "open TCP 5062 to the Edge's inner interface; "
			  "check its A/V authentication service, name and "
			  "certificate",
		.check = check_hop,
	},
	{
		.id = "token/name-expiry-differs",
		.severity = SEVERITY_INFO,
		.stage = STAGE_TOKEN,
		.title = "the time in the token's name is not what the "
			 "answer says",
		.source = "[MS-AVEDGEA] 2.2.4.3",
		.remedy = NULL,
		.check = check_blob,
	},
	{
		.id = "token/over-when-given",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "by the time in its name a token is over when it is "
			 "given",
		.source = "[MS-AVEDGEA] 2.2.4.3",
		.remedy = "compare the clocks of the Edge, of the relays of "
			  "its pool and of this capture",
		.check = check_over,
	},
	{
		.id = "token/relay-private",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "a relay for the internet has a private address",
		.source = "[MS-AVEDGEA] 2.2.3.1.3.2",
		.remedy = "give the A/V Edge its public name and address in "
			  "the topology and in DNS outside",
		.check = check_private,
	},
	{
		.id = "token/other-relay",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the token is used at a relay that it does not "
			 "name",
		.source = "[MS-AVEDGEA] 2.2.3.1.3.2",
		.remedy = "check DNS of the A/V Edge and which Edge pool is "
			  "associated",
		.check = check_other_relay,
	},
	{
		.id = "token/of-another-edge",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "the relay does not know the user of a token that "
			 "is fresh (436)",
		.source = "[MS-TURN] 3.3.5.1",
		.remedy = "the token is of another Edge pool: correct the "
			  "association, or DNS of the A/V Edge",
		.check = check_other_edge,
	},
	{
		.id = "token/user-forgotten",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "a relay that took the token before does not know "
			 "its user any more (436)",
		.source = "[MS-TURN] 3.3.5.1",
		.remedy = "see whether its secret changed since, and whether "
			  "several Edges answer at its address",
		.check = check_forgotten,
	},
	{
		.id = "token/another-used",
		.severity = SEVERITY_INFO,
		.stage = STAGE_TOKEN,
		.title = "a relay is asked with another token than MRAS just "
			 "gave to the client",
		.source = "[MS-AVEDGEA] 3.1.5, [MS-TURN] 3.1.12",
		.remedy = "an older token ends earlier: if the relay refuses "
			  "it, sign out and in, and update the client",
		.check = check_another,
	},
	{
		.id = "token/not-used",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "there is a good token, and no relay is offered",
		.source = "[MS-AVEDGEA]; field reports",
		.remedy = "look whether the client reaches UDP 3478 and TCP "
			  "443 of the relay",
		.check = check_unused,
	},
	{
		.id = "token/far-ahead",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "the credentials last for more than seven days",
		.source = "draft-uberti-behave-turn-rest 2.2",
		.remedy = "issue them for a day: whoever gets hold of them "
			  "can use the relay until then",
		.check = check_far,
	},
	{
		.id = "gathering/relay-name-unknown",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_GATHERING,
		.title = "the name of the relay does not exist in DNS",
		.source = "[MS-AVEDGEA] 2.2.4.6, RFC 8020",
		.remedy = "publish the A/V Edge's name where the client asks",
		.check = check_name,
	},
	{
		.id = "token/oauth-unasked",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "a relay gets an ACCESS-TOKEN that its challenge did "
			 "not ask for",
		.source = "RFC 7635 6.1",
		.remedy = "let the relay offer THIRD-PARTY-AUTHORIZATION, or "
			  "the client use a password",
		.check = check_oauth_unasked,
	},
	{
		.id = "token/oauth-size",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_TOKEN,
		.title = "an ACCESS-TOKEN is too short for what it has to "
			 "hold",
		.source = "RFC 7635 6.2",
		.remedy = "see whether it was cut, or is no self-contained "
			  "token",
		.check = check_oauth_size,
	},
	{
		.id = "token/oauth-nameless",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "an ACCESS-TOKEN comes without the USERNAME that "
			 "names its key",
		.source = "RFC 7635 6.2",
		.remedy = "fix the client: the relay cannot tell which key "
			  "opens the token",
		.check = check_oauth_name,
	},
	{
		.id = "token/mras-ids-differ",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_TOKEN,
		.title = "MRAS does not answer each request for credentials "
			 "once",
		.source = "[MS-AVEDGEA] 2.2.3.1.3.2",
		.remedy = "the client cannot tell which token is whose: look "
			  "at the Edge",
		.check = check_ids,
	},
	{
		.id = "token/name-form",
		.severity = SEVERITY_INFO,
		.stage = STAGE_TOKEN,
		.title = "a token does not have the form that A/V Edges are "
			 "known to give",
		.source = "[MS-AVEDGEA] 2.2.4.3; the form is not specified",
		.remedy = "its end cannot be read from it; nothing is wrong "
			  "with that",
		.check = check_name_form,
	},
	{.id = NULL},
};
