/* The token: whom to ask, and what came of it. */
#include "config.h"

#include <string.h>

#include "cli/probe_parts.h"
#include "dissectors/sip.h"
#include "io/resolve.h"

#define PORT_SIP 5060u
#define PORT_SIPS 5061u
#define DURATION_USUAL 480u /* minutes; what clients ask for */

static bool refuse(const char *what, const char *why)
{
	fprintf(stderr, "mrascope: %s: %s\n", what, why);
	return false;
}

/* Where the SERVICE goes: --proxy, or the host of the MRAS URI. */
static bool find_server(struct probe_session *s, int *status)
{
	const char *proxy = s->options->proxy;
	const char *given = proxy ? proxy : s->options->mras;
	struct probe_token *t = &s->token;
	struct endpoint found[2];
	struct slice transport;
	struct sip_uri uri;
	struct text name = text_new(PROBE_HOST_MAX + 8);
	const char *reason;
	size_t count = 0;

	/* A host alone is one of a URI, too. */
	if (proxy && !slice_starts_nocase(slice_of_text(proxy), "sip:"))
		text_puts(&name, "sip:");
	text_puts(&name, given);
	*status = EXIT_USAGE;
	if (sip_uri_parse(text_slice(&name), &uri) != STATUS_OK ||
	    uri.host.n == 0 || uri.host.n >= sizeof(t->host)) {
		text_free(&name);
		return refuse(given, "not sip:USER@HOST, or HOST[:PORT]");
	}
	t->tls = !sip_param(uri.params, ';', "transport", &transport) ||
		 !slice_is_nocase(transport, "tcp");
	memcpy(t->host, uri.host.p, uri.host.n);
	t->host[uri.host.n] = '\0';
	if (t->host[0] == '[') { /* an IPv6 address */
		memmove(t->host, t->host + 1, uri.host.n);
		t->host[strcspn(t->host, "]")] = '\0';
	}
	count = resolve_host(t->host,
			     uri.port ? uri.port
			     : t->tls ? PORT_SIPS
				      : PORT_SIP,
			     found, &reason);
	text_free(&name);
	*status = EXIT_INPUT;
	for (size_t i = 0; i < count; i++)
		if (!s->options->family ||
		    found[i].family == s->options->family) {
			t->server = found[i];
			return true;
		}
	return refuse(t->host, count ? "no address of this family" : reason);
}

/* For whom: --identity, else the user that signs in when that has a domain,
 * else somebody at the domain of the URI. */
static bool find_identity(struct probe_session *s)
{
	const struct options *o = s->options;
	struct slice user = slice_of(s->who.user, s->who.user_size);
	struct sip_uri uri;
	int n;
	size_t at;

	if (o->identity)
		n = snprintf(s->token.identity, sizeof(s->token.identity),
			     "%s%s",
			     strncmp(o->identity, "sip:", 4) ? "sip:" : "",
			     o->identity);
	else if (slice_find(user, '@', &at))
		n = snprintf(s->token.identity, sizeof(s->token.identity),
			     "sip:%.*s", (int)user.n, (const char *)user.p);
	else if (o->mras &&
		 sip_uri_parse(slice_of_text(o->mras), &uri) == STATUS_OK)
		n = snprintf(s->token.identity, sizeof(s->token.identity),
			     "sip:mrascope@%.*s", (int)uri.host.n,
			     (const char *)uri.host.p);
	else
		return o->mras ? refuse(o->mras, "not sip:USER@HOST")
			       : refuse("--identity",
					"needed where neither --mras nor the "
					"user of --credential has a domain");
	return n > 0 && (size_t)n < sizeof(s->token.identity)
		       ? true
		       : refuse("--identity", "too long");
}

/* Only who signs in is provisioned. */
static bool may_learn_uri(const struct probe_session *s)
{
	return s->options->mras || s->who.kind == WHO_LONG_TERM ||
	       refuse("--proxy", "without --mras it takes a --credential");
}

bool probe_token_prepare(struct probe_session *s, int *status)
{
	s->token.asked = true;
	*status = EXIT_USAGE;
	if (!may_learn_uri(s) || !find_server(s, status))
		return false;
	*status = EXIT_USAGE;
	return find_identity(s);
}

static void ask(struct probe_session *s, nanoseconds patience)
{
	const struct options *o = s->options;
	struct probe_token *t = &s->token;
	struct probe_mras_job job = {
		.server = t->server,
		.tls = t->tls,
		.recorder = s->recorder,
		.choice = probe_tls_to(s, t->host),
		.config = {
			.uri = slice_of_text(o->mras ? o->mras : ""),
			.identity = slice_of_text(t->identity),
			.user = slice_of(s->who.user, s->who.user_size),
			.domain = slice_of(s->who.domain, s->who.domain_size),
			.password =
				slice_of(s->who.password, s->who.password_size),
			.registers = s->who.kind == WHO_LONG_TERM,
			.agent = SLICE("mrascope/" MRASCOPE_VERSION),
			.duration_min = DURATION_USUAL,
			.patience = patience}};

	if (!probe_run_mras(&job, &t->result))
		s->out_of_memory = true;
}

/* From now on we are who the token says. */
static void take(struct probe_session *s)
{
	const struct mras_client_report *r = &s->token.result.report;

	memcpy(s->who.user, r->user, r->user_size);
	memcpy(s->who.password, r->password, r->password_size);
	s->who.user_size = r->user_size;
	s->who.password_size = r->password_size;
	s->who.kind = WHO_MRAS;
	s->who.binary = true;
	s->who.expired = false;
}

bool probe_token_get(struct probe_session *s, nanoseconds patience)
{
	const struct mras_client_report *r = &s->token.result.report;
	int status;

	ask(s, patience);
	if (s->out_of_memory || r->outcome != MRAS_GRANTED)
		return false;
	take(s);
	/* A relay whose name is not known here is told, and is no reason to
	 * leave the others. */
	for (size_t i = 0; i < r->relay_count && s->options->path_count == 0;
	     i++)
		s->token.lost[i] = !probe_targets_relay(
			s, r->relays[i].host, r->relays[i].udp_port,
			r->relays[i].tcp_port, &status);
	return true;
}

/* ---- in words ---- */

static const struct probe_trouble_row rows[] = {
	[MRAS_RUNS] = {"unanswered", "no answer", ""},
	[MRAS_GRANTED] = {"granted", "a token", ""},
	[MRAS_UNANSWERED] =
		{"unanswered", "the connection stands, but no answer comes",
		 "to a SERVICE: look at the way from there to the Edge's "
		 "internal side, port 5062; else look into the server's log"},
	[MRAS_CLOSED] = {"closed", "the server closed the connection",
			 "look into its log; it may want a certificate of the "
			 "client"},
	[MRAS_ODD] = {"other-protocol", "what answers is no SIP",
		      "say with --proxy where SIP is served, and by which "
		      "transport"},
	[MRAS_REFUSED_SIP] =
		{"refused", "the request is refused",
		 "check the MRAS URI (mrasUri in the client's provisioning)"},
	[MRAS_WANTS_SIGN_IN] =
		{"wants-sign-in", "the server wants a sign-in",
		 "NTLM and Digest are spoken, with --credential; Kerberos and "
		 "TLS-DSK are not: let the server offer NTLM, or take a token "
		 "from a client's log or capture and give it with "
		 "--credentials"},
	[MRAS_WRONG_PASSWORD] = {"credentials", "the password is refused",
				 "check user, realm and password"},
	[MRAS_REFUSED] =
		{"mras-refused", "MRAS refuses",
		 "see the reason; `mrascope rules` explains those of MRAS"},
	[MRAS_MALFORMED] =
		{"malformed", "the answer cannot be used",
		 "record it with --record and look at it with `mrascope "
		 "analyze`"},
	[MRAS_UNPROVED] = {"unproved",
			   "an answer is not signed as it has to be",
			   "somebody in between alters or makes up answers, or "
			   "the server has lost the sign-in: ask it directly"},
	[MRAS_MOVED] = {"moved", "the user's home is another server",
			"ask that one, with --proxy"},
	[MRAS_NO_EDGE] = {"no-edge", "provisioning names no MRAS server",
			  "associate an Edge pool with the user's pool"},
};

const struct probe_trouble_row *probe_token_words(const struct probe_session *s)
{
	const struct probe_mras *result = &s->token.result;

	return result->trouble ? probe_trouble_row(result->trouble)
			       : &rows[result->report.outcome];
}
