/* Rules of what a client asks for once it is registered, and of whom a REGISTER
 * is from ([MS-SIPREGE], RFC 3261 10.2). */
#include "config.h"

#include "validate/checks.h"

/* RFC 3261 17.1.2.2, Timer F: what was not asked for in this time will not
 * be. */
#define PATIENCE (32 * NS_PER_S)

static const struct sign_in *sign_in_at(struct judging *j, size_t i)
{
	const struct registration *r = call_registration(j, i);

	return r->sign_in ? list_at(&j->model->sign_ins, r->sign_in - 1) : NULL;
}

static const struct fact *fact_at(struct judging *j, size_t i,
				  enum fact_kind kind)
{
	return part_fact(j, &call_registration(j, i)->facts, kind);
}

static void check_fact(struct judging *j, const struct rule *self,
		       enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f = fact_at(j, i, kind);

		if (f)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_number(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_NUMBER_BACK))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f = fact_at(j, i, FACT_NUMBER_BACK);

		if (f)
			found_fact(j, self, f,
				   f->value ? "the same number again"
					    : "a lower number");
	}
}

static void check_third_party(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_THIRD_PARTY);
}

static void check_form(struct judging *j, const struct rule *self)
{
	check_fact(j, self, FACT_SETTINGS_FORM);
}

/* SUBSCRIBE has no other end than that ([MS-SIPREGE] 3: the settings come in
 * its answer, or in a NOTIFY). */
static void check_refused(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_SETTINGS_REFUSED))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct fact *f = fact_at(j, i, FACT_SETTINGS_REFUSED);

		if (f && !fact_at(j, i, FACT_SETTINGS_TOLD))
			found_fact(j, self, f,
				   model_sentence(j->model, "%u", f->value));
	}
}

/* Both ends in private networks, and the registrar sees a client that came
 * through an Edge.  (The other way round tells nothing: there are networks
 * with public addresses behind their Edge.) */
static void check_remote(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct sign_in *x = sign_in_at(j, i);

		if (x && x->remote && r->bound &&
		    endpoint_is_private(&r->client) &&
		    endpoint_is_private(&r->server))
			found_answer(j, self, r->request, r->bound, NULL);
	}
}

/* ---- what should follow ---- */

static void check_asked(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct sign_in *x = sign_in_at(j, i);

		if (x && !x->provisioned && r->bound && !r->removed &&
		    fact_at(j, i, FACT_SETTINGS_NAMED) &&
		    !fact_at(j, i, FACT_SETTINGS_ASKED) &&
		    seen_until(j, r->bound) - when(j, r->bound) > PATIENCE)
			found_answer(j, self, r->request, r->bound, NULL);
	}
}

static void check_server(struct judging *j, const struct rule *self)
{
	if (!has_fact(j, FACT_SERVER_ASKED))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct chain *facts = &call_registration(j, i)->facts;
		const struct fact *f =
			fact_with(j->model, facts, FACT_SETTINGS_TOLD, 0);

		if (f && fact_at(j, i, FACT_SERVER_ASKED) &&
		    !fact_with(j->model, facts, FACT_SETTINGS_TOLD, 1))
			found_fact(j, self, f, NULL);
	}
}

static bool asked_for_token(struct judging *j, size_t party)
{
	for (size_t i = 0; i < j->call->tokens.count; i++)
		if (call_token(j, i)->party == party ||
		    call_token(j, i)->first_used)
			return true;
	return false;
}

static void check_edge(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct sign_in *x = sign_in_at(j, i);
		const struct provisioned *p =
			x && x->provisioned ? list_at(&j->model->provisioned,
						      x->provisioned - 1)
					    : NULL;

		if (p && r->mras_uri && r->mras_uri[0] &&
		    !asked_for_token(j, r->party) &&
		    seen_until(j, p->place) - when(j, p->place) > PATIENCE)
			found(j, self, p->place, r->mras_uri);
	}
}

/* ---- the table ---- */

const struct rule rules_provisioning[] = {
	{
		.id = "registration/number-not-raised",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "a new REGISTER has no higher CSeq than the one "
			 "before it",
		.source = "RFC 3261 10.2",
		.remedy = "registrars take it for an old one, or refuse it: "
			  "fix the client",
		.check = check_number,
	},
	{
		.id = "registration/third-party",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "somebody registers an address that is not their "
			 "own",
		.source = "RFC 3261 10.2",
		.remedy = "fine for gateways and servers that do so for "
			  "their users",
		.check = check_third_party,
	},
	{
		.id = "registration/remote-differs",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "the registrar takes a client that asks from inside "
			 "for one outside",
		.source = "[MS-SIPREGE]",
		.remedy = "it gets the relays and addresses of that side: see "
			  "which server its name leads to",
		.check = check_remote,
	},
	{
		.id = "registration/settings-not-asked",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "a client signs in and never asks for its settings",
		.source = "[MS-SIPREGE]",
		.remedy = "without them it knows no Edge: see whether the "
			  "capture shows all that it sends",
		.check = check_asked,
	},
	{
		.id = "registration/settings-form",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_REGISTRATION,
		.title = "a provisioning document lacks the root or "
			 "namespace that it must have",
		.source = "[MS-SIPREGE] 2.2.2.5",
		.remedy = "the client gets no settings: look at the server",
		.check = check_form,
	},
	{
		.id = "registration/settings-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the server does not give the client its settings",
		.source = "[MS-SIPREGE] 3, RFC 6665 4.1.2.1",
		.remedy = "without them it learns of no Edge: see what the "
			  "status says, and the Front End's own log",
		.check = check_refused,
	},
	{
		.id = "registration/settings-without-server",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "ServerConfiguration was asked for, and the settings "
			 "come without it",
		.source = "[MS-SIPREGE] 2.2.2.5.1",
		.remedy = "the client learns no Edge and no ports: look at "
			  "the pool of the user",
		.check = check_server,
	},
	{
		.id = "registration/edge-not-asked",
		.severity = SEVERITY_INFO,
		.stage = STAGE_REGISTRATION,
		.title = "the settings name an Edge, and the client never "
			 "asks it for a token",
		.source = "[MS-SIPREGE] 2.2.2.5.1, [MS-AVEDGEA] 3.1.5.1",
		.remedy = "see whether the client's policy allows media, and "
			  "whether the capture or log is whole",
		.check = check_edge,
	},
	{
		.id = "registration/discovery-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "autodiscovery does not tell the client where to "
			 "sign in",
		.source = "[MS-OCDISCWS]",
		.remedy = "look at the web services behind lyncdiscover, and "
			  "at the reverse proxy in front of them",
		.check = rule_web_discovery,
	},
	{.id = NULL},
};
