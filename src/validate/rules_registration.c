/* Rules of registration (RFC 3261 10, 22). */
#include "config.h"

#include "validate/checks.h"

static size_t attempts_kept(const struct registration *r)
{
	return r->attempt_count < ATTEMPTS_KEPT ? r->attempt_count
						: ATTEMPTS_KEPT;
}

static void check_interval(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);

		for (size_t k = 0; k < attempts_kept(r); k++)
			if (r->attempts[k].status == 423) {
				found(j, self, r->attempts[k].place, NULL);
				break;
			}
	}
}

#define IN_A_ROW 3u

/* Challenges in a row to requests with credentials, only stale or only not. */
static const struct attempt *challenged_in_a_row(const struct registration *r,
						 bool stale)
{
	unsigned run = 0;

	for (size_t k = 0; k < attempts_kept(r); k++) {
		const struct attempt *a = &r->attempts[k];

		run = a->authenticated && a->stale == stale &&
				      (a->status == 401 || a->status == 407)
			      ? run + 1
			      : 0;
		if (run == IN_A_ROW)
			return a;
	}
	return NULL;
}

static void check_stale(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct attempt *a =
			challenged_in_a_row(call_registration(j, i), true);

		if (a)
			found(j, self, a->place, NULL);
	}
}

/* NTLM and its like take several rounds; Digest takes one. */
static bool is_digest(const struct registration *r)
{
	return r->scheme && slice_is_nocase(slice_of_text(r->scheme), "Digest");
}

static void check_same_again(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct attempt *a =
			is_digest(r) ? challenged_in_a_row(r, false) : NULL;

		if (a)
			found(j, self, a->place, NULL);
	}
}

#define GUESSES 3u

/* One mistypes now and then. */
static bool are_guesses(struct judging *j, const struct fact *f)
{
	for (unsigned n = 1; f && n < GUESSES; n++)
		f = fact_after(j->model, f);
	return f;
}

/* Some clients do not stop, either, but they number what they send (RFC 3261
 * 22.3); tools that guess mostly do not. */
static void check_guesses(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct chain *facts = &call_registration(j, i)->facts;
		const struct fact *other =
			part_fact(j, facts, FACT_PASSWORD_OTHER);
		const struct fact *fast = part_fact(j, facts, FACT_TRIED_FAST);

		if (are_guesses(j, other))
			found_fact(j, self, other, "other passwords");
		else if (fast && part_fact(j, facts, FACT_NUMBER_BACK))
			found_fact(j, self, fast, "many within seconds");
	}
}

static bool sent_credentials(const struct registration *r)
{
	for (size_t i = 0; i < r->attempt_count && i < ATTEMPTS_KEPT; i++)
		if (r->attempts[i].authenticated)
			return true;
	return r->last_authenticated;
}

/* RFC 8760 2.4: who knows none of the algorithms sends nothing. */
static void check_new_digest(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct fact *f =
			part_fact(j, &r->facts, FACT_NEW_DIGEST);

		if (f && r->state != STATE_OK && !r->unanswered &&
		    !sent_credentials(r))
			found_fact(j, self, f, NULL);
	}
}

static void check_aside(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f = answered_aside(
			j, &call_registration(j, i)->facts);

		if (f)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_lapsed(struct judging *j, const struct rule *self)
{
	found_registration_fact(j, self, FACT_LAPSED);
}

static void check_no_binding(struct judging *j, const struct rule *self)
{
	found_registration_fact(j, self, FACT_NO_CONTACT_BACK);
}

static void check_private(struct judging *j, const struct rule *self)
{
	found_registration_fact(j, self, FACT_CONTACT_PRIVATE);
}

static void check_mapping(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f =
			part_fact(j, &call_registration(j, i)->facts,
				FACT_MAPPING);

		f = f ? fact_after(j->model, f) : NULL;
		if (f)
			found_fact(j, self, f, NULL);
	}
}

static void check_shortened(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct shortened_time *t = &r->shortened;

		if (t->answer && !r->removed)
			found_answer(j, self, t->request, t->answer,
				     model_sentence(j->model,
						    "%u s instead of %u",
						    t->granted, t->asked));
	}
}

static void check_refresh(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);

		if (registration_is_unheard(r))
			found(j, self, r->request,
			      r->hop.obstacle.count
				      ? obstacle_evidence(j,
							  where(j, r->hop.dst),
							  &r->hop.obstacle)
				      : times_text(j, r->unanswered));
	}
}

/* One user of one client: registered by one request, and not by another. */
static void check_other(struct judging *j, const struct rule *self)
{
	const struct registration *good = NULL;

	if (j->call->kind != CALL_ATTEMPT)
		return;
	for (size_t i = 0; i < j->call->registrations.count && !good; i++)
		if (call_registration(j, i)->bound)
			good = call_registration(j, i);
	for (size_t i = 0; i < j->call->registrations.count && good; i++) {
		const struct registration *r = call_registration(j, i);
		char server[ENDPOINT_TEXT_MAX];

		if (r->state == STATE_FAILED && r->purpose == REGISTER_BIND)
			found_all(j, self, &r->cited, r->cited.last,
				  model_text(j->model,
					     slice_of_text(endpoint_string(
						     &r->server, server))));
	}
}

/* ---- the table ---- */

const struct rule rules_registration[] = {
	[RULE_ROW(RULE_REGISTRATION_WRONG_CREDENTIALS)] = {
		.id = "registration/wrong-credentials",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar refuses the credentials",
		.source = "RFC 3261 22.2, 21.4.4",
		.remedy = "check the user name, password and realm of the "
			  "account",
	},
	[RULE_ROW(RULE_REGISTRATION_REFUSED)] = {
		.id = "registration/refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar refuses the registration",
		.source = "RFC 3261 10.3",
		.remedy = "read the status and reason; the account may be "
			  "unknown or disabled",
	},
	[RULE_ROW(RULE_REGISTRATION_UNANSWERED)] = {
		.id = "registration/unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "REGISTER is retransmitted and never answered",
		.source = "RFC 3261 17.1.2.2",
		.remedy = "check the registrar's address and the path to it",
	},
	[RULE_ROW(RULE_REGISTRATION_LOST)] = {
		.id = "registration/refresh-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a refresh of the registration is refused",
		.source = "RFC 3261 10.2.4",
		.remedy = "read the status; calls to the user fail when the "
			  "registration ends",
	},
	[RULE_ROW(RULE_REGISTRATION_PORT_CLOSED)] = {
		.id = "registration/port-closed",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "nobody listens where the REGISTER goes",
		.source = "RFC 3261 18.4, RFC 792, RFC 9293 3.5.2",
		.remedy = "the way there is open: start the server, or correct "
			  "the address or port that is used",
	},
	[RULE_ROW(RULE_REGISTRATION_UNREACHABLE)] = {
		.id = "registration/unreachable",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the network shows that the REGISTER cannot get there",
		.source = "RFC 3261 18.4, RFC 792, RFC 4443 3",
		.remedy = "look at routes and firewalls on the way, and "
			  "whether that host is up",
	},
	[RULE_ROW(RULE_REGISTRATION_CLOSED)] = {
		.id = "registration/closed-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the server closes the connection instead of "
			 "answering REGISTER",
		.source = "RFC 3261 8.1.3.1, 18.4",
		.remedy = "see whether the server behind a load balancer "
			  "runs, and whether a firewall on the way closes it",
	},
	[RULE_ROW(RULE_REGISTRATION_WITHOUT_TLS)] = {
		.id = "registration/without-tls",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "REGISTER goes without TLS to the TLS port (5061), "
			 "and the server closes the connection",
		.source = "RFC 3261 18.2.1, 26.3.1",
		.remedy = "let the client use TLS, or the server's port "
			  "without it (5060)",
	},
	[RULE_ROW(RULE_REGISTRATION_TLS_UNWANTED)] = {
		.id = "registration/tls-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "TLS goes to the port for SIP without TLS (5060), "
			 "and the server answers no ClientHello",
		.source = "RFC 3261 18.2.1, 18.3",
		.remedy = "let the client use the server's TLS port (5061), "
			  "or TCP without TLS",
	},
	[RULE_ROW(RULE_REGISTRATION_TLS_MUTE)] = {
		.id = "registration/tls-not-begun",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "a SIP server does not answer the TLS ClientHello",
		.source = "RFC 5246 7.3, RFC 8446 4.1.3",
		.remedy = "see whether a certificate with its private key is "
			  "bound to that service, and which versions of TLS it "
			  "has: Schannel tells no alert, look into its event "
			  "log; then for a device that swallows long packets",
	},
	[RULE_ROW(RULE_REGISTRATION_SILENT)] = {
		.id = "registration/connected-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the server takes the connection and does not answer "
			 "REGISTER",
		.source = "RFC 3261 17.1.2.2 (Timer F)",
		.remedy = "look at the server's own log; see whether a load "
			  "balancer or firewall on the way swallows it",
	},
	[RULE_ROW(RULE_REGISTRATION_NO_CONNECTION)] = {
		.id = "registration/no-connection",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "a client gets no connection to a SIP server, and "
			 "speaks to no other",
		.source = "RFC 9293 3.5, RFC 9260 5.1, RFC 3261 18.1.1",
		.remedy = "open that port for TCP, or SCTP where it is used; "
			  "see whether the address that the client has is the "
			  "server's",
	},
	[RULE_ROW(RULE_REGISTRATION_NAME)] = {
		.id = "registration/name-unknown",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "no name by which a client looks for its registrar "
			 "leads to an address",
		.source = "RFC 3263 4, RFC 2308 2.1; names as Lync clients "
			  "try them",
		.remedy = "publish these names where the client asks DNS; "
			  "where nobody answers, look at the way to the DNS "
			  "server",
	},
	[RULE_ROW(RULE_REGISTRATION_CERTIFICATE)] = {
		.id = "registration/certificate-refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "TLS to a SIP server ends in an alert about a "
			 "certificate",
		.source = "RFC 8446 6.2, RFC 5246 7.2.2",
		.remedy = "see whether its names, times and issuer are those "
			  "that the other side expects",
	},
	[RULE_ROW(RULE_REGISTRATION_LEFT)] = {
		.id = "registration/left-at-certificate",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "the client ends TLS to a SIP server when it sees "
			 "the certificate",
		.source = "RFC 5246 7.2.2, 7.4.2",
		.remedy = "see whether names, times and issuer are those that "
			  "the client expects; Schannel tells no alert, look "
			  "into its event log",
	},
	[RULE_ROW(RULE_REGISTRATION_TLS)] = {
		.id = "registration/tls-refused",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "TLS to a SIP server ends in an alert",
		.source = "RFC 8446 6.2, RFC 5246 7.2.2",
		.remedy = "read the alert: let both have a version and a "
			  "cipher in common (40, 70, 71), compare the name "
			  "that is asked for (112), read the server's log (80)",
	},
	[RULE_ROW(RULE_REGISTRATION_WEB_TICKET)] = {
		.id = "registration/web-ticket-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the web service gives the client no ticket",
		.source = "[MS-OCAUTHWS]",
		.remedy = "read status and fault: look at authentication and "
			  "log of the pool's web services",
		.check = rule_web_ticket,
	},
	[RULE_ROW(RULE_REGISTRATION_WEB_CERTIFICATE)] = {
		.id = "registration/certificate-not-issued",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the web service gives the client no certificate",
		.source = "[MS-OCAUTHWS]",
		.remedy = "read status and fault; without a certificate the "
			  "client cannot use TLS-DSK",
		.check = rule_web_certificate,
	},
	[RULE_ROW(RULE_REGISTRATION_NO_CREDENTIALS)] = {
		.id = "registration/challenge-not-answered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the client leaves the last challenge unanswered",
		.source = "RFC 3261 22.2, 17.1.2.2",
		.remedy = "give it the user's credentials; see whether it "
			  "knows one of the schemes that are offered",
	},
	[RULE_ROW(RULE_REGISTRATION_BESIDE)] = {
		.id = "registration/other-connection-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a client gets no further connection to a SIP "
			 "server, and has one that works",
		.source = "RFC 5626 4.4, RFC 8446 6.2",
		.remedy = "the one that works serves until it ends: see what "
			  "stops the next one, such as a certificate that "
			  "was changed",
	},
	{
		.id = "registration/refresh-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a refresh of the registration is not answered",
		.source = "RFC 3261 10.2.4, 17.1.2.2",
		.remedy = "look at the registrar and the way to it; calls to "
			  "the user fail when the registration ends",
		.check = check_refresh,
	},
	{
		.id = "registration/other-try-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "one sign-in of a user fails, and another one is "
			 "accepted",
		.source = "RFC 3261 8.1.3.1, RFC 3263 4.3",
		.remedy = "see why that server refuses: tried first it costs "
			  "time, tried later it may sign the user out",
		.check = check_other,
	},
	{
		.id = "registration/interval-too-brief",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar wants to be asked for a longer time: "
			 "423",
		.source = "RFC 3261 10.3, 21.4.17",
		.remedy = "ask for at least what Min-Expires says",
		.check = check_interval,
	},
	{
		.id = "registration/stale-again",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "each new nonce is called stale at once",
		.source = "RFC 7616 3.3",
		.remedy = "look for several registrars behind one address "
			  "that do not share nonces, and at their clocks",
		.check = check_stale,
	},
	{
		.id = "registration/refused-credentials-again",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "credentials that were refused are sent again and "
			 "again",
		.source = "RFC 3261 22.3",
		.remedy = "stop after a refusal: registrars lock accounts and "
			  "block addresses for this",
		.check = check_same_again,
	},
	{
		.id = "registration/new-digest-alone",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar takes only Digest by SHA-256 or "
			 "newer, and the client sends no credentials",
		.source = "RFC 8760 2.3, 2.4",
		.remedy = "many clients know only MD5: let the registrar "
			  "offer it after the others",
		.check = check_new_digest,
	},
	{
		.id = "registration/passwords-tried",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "one password is tried after another",
		.source = "RFC 7616 3.4.1, 5.9",
		.remedy = "somebody guesses: bar that address, and see that "
			  "passwords are long",
		.check = check_guesses,
	},
	{
		.id = "registration/answered-aside",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "answers go to another port than REGISTER comes from, "
			 "and it comes again",
		.source = "RFC 3581 4, RFC 3261 18.2.2",
		.remedy = "NAT opens only the port it comes from: let the "
			  "server answer there (rport, forced if need be)",
		.check = check_aside,
	},
	{
		.id = "registration/lapsed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the registration had ended before its refresh came",
		.source = "RFC 3261 10.2.4",
		.remedy = "calls in between did not arrive; refresh before "
			  "the granted time ends",
		.check = check_lapsed,
	},
	{
		.id = "registration/no-binding-in-answer",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar's success names no contact",
		.source = "RFC 3261 10.3",
		.remedy = "a 200 has to list all bindings: ask the registrar "
			  "whether it kept this one",
		.check = check_no_binding,
	},
	{
		.id = "registration/contact-private",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a client outside is bound under a private address",
		.source = "RFC 3581 4, RFC 5626 4",
		.remedy = "calls to it arrive only where the registrar goes by "
			  "the source address: see that it does, or use "
			  "outbound",
		.check = check_private,
	},
	{
		.id = "registration/mapping-changed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "NAT gave the client another address or port while "
			 "it was registered",
		.source = "RFC 3581 4, RFC 5626 4.4",
		.remedy = "send keep-alives more often than NAT forgets, or "
			  "use TCP",
		.check = check_mapping,
	},
	{
		.id = "registration/time-shortened",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar grants a shorter time than was asked",
		.source = "RFC 3261 10.3",
		.check = check_shortened,
	},
	{.id = NULL},
};
