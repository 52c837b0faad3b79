/* Rules of Lync's sign-in and provisioning ([MS-SIPAE], [MS-SIPRE],
 * [MS-SIPREGE], [MS-CONMGMT]). */
#include "config.h"

#include "validate/checks.h"

/* Kerberos tolerates so much (RFC 4120 7.2 leaves it to the site; 5 minutes
 * everywhere). */
#define SKEW_MAX (300 * NS_PER_S)
/* Logs and captures in local time differ by whole quarters of an hour. */
#define ZONE_STEP (900 * NS_PER_S)
#define ZONE_SLACK (60 * NS_PER_S)
/* Fewer ports than a client needs for a call with all media. */
#define PORTS_FEW 20u
/* After a challenge a client goes on at once. */
#define PATIENCE (5 * NS_PER_S)

static const struct sign_in *sign_in_at(struct judging *j, size_t i)
{
	const struct registration *r = call_registration(j, i);

	return r->sign_in ? list_at(&j->model->sign_ins, r->sign_in - 1) : NULL;
}

static const struct provisioned *provisioned_at(struct judging *j, size_t i)
{
	const struct sign_in *x = sign_in_at(j, i);

	return x && x->provisioned
		       ? list_at(&j->model->provisioned, x->provisioned - 1)
		       : NULL;
}

#define FACT_CHECK(name, kind)                                       \
	static void name(struct judging *j, const struct rule *self) \
	{                                                            \
		found_registration_fact(j, self, kind);              \
	}

FACT_CHECK(check_epid, FACT_NO_EPID)
FACT_CHECK(check_epid_changed, FACT_EPID_CHANGED)
FACT_CHECK(check_instance, FACT_INSTANCE_DIFFERS)
FACT_CHECK(check_no_gruu, FACT_NO_GRUU)
FACT_CHECK(check_gruu, FACT_GRUU_DIFFERS)
FACT_CHECK(check_uri_user, FACT_URI_HAS_USER)
FACT_CHECK(check_kerberos, FACT_KERBEROS_TARGET)
FACT_CHECK(check_sts, FACT_NO_STS)
FACT_CHECK(check_ntlm, FACT_NTLM_ORDER)
FACT_CHECK(check_association, FACT_ASSOCIATION_CHANGED)
FACT_CHECK(check_association_lost, FACT_ASSOCIATION_LOST)
FACT_CHECK(check_counter, FACT_COUNTER_BACK)
FACT_CHECK(check_signature, FACT_SIGNATURE_FORM)
FACT_CHECK(check_signature_bad, FACT_SIGNATURE_BAD)
FACT_CHECK(check_unsigned, FACT_UNSIGNED)
FACT_CHECK(check_announced, FACT_NO_PROVISIONING)
FACT_CHECK(check_keep_alive, FACT_KEEP_ALIVE_FORM)
FACT_CHECK(check_keep_alive_time, FACT_KEEP_ALIVE_TIME)

/* Who is signed in was not hindered by it, or the capture lacks what was
 * offered. */
static void check_unbound(struct judging *j, const struct rule *self,
			  enum fact_kind kind)
{
	if (!has_fact(j, kind))
		return;
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct fact *f = part_fact(j, &r->facts, kind);

		if (f && !r->bound)
			found_fact(j, self, f, times_text(j, f->count));
	}
}

static void check_challenge(struct judging *j, const struct rule *self)
{
	check_unbound(j, self, FACT_CHALLENGE_INCOMPLETE);
}

static void check_not_offered(struct judging *j, const struct rule *self)
{
	check_unbound(j, self, FACT_NOT_OFFERED);
}

static unsigned legs_kept(const struct sign_in *x)
{
	return x->leg_count < AUTH_LEGS_KEPT ? x->leg_count : AUTH_LEGS_KEPT;
}

/* The most requests that a scheme needs (spec 2.4). */
static unsigned legs_needed(const struct sign_in *x, unsigned attempt)
{
	unsigned most = 2;

	for (unsigned i = 0; i < legs_kept(x); i++) {
		if (x->legs[i].attempt != attempt)
			continue;
		if (x->legs[i].scheme == AUTH_NTLM && most < 3)
			most = 3;
		if (x->legs[i].scheme == AUTH_TLS_DSK)
			most = 4;
	}
	return most;
}

static void check_rounds(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = sign_in_at(j, i);
		unsigned run = 0, attempt = 0;

		for (unsigned k = 0; x && k < legs_kept(x); k++) {
			run = x->legs[k].attempt == attempt ? run + 1 : 1;
			attempt = x->legs[k].attempt;
			if (run != legs_needed(x, attempt) + 1)
				continue;
			found(j, self, x->legs[k].request, NULL);
			break;
		}
	}
}

/* ---- outcome ---- */

static void check_redirect(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = sign_in_at(j, i);

		if (x && x->redirected && !x->followed &&
		    seen_until(j, x->redirected) - when(j, x->redirected) >
			    PATIENCE)
			found(j, self, x->redirected, x->redirect);
	}
}

static void check_deregistered(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = sign_in_at(j, i);

		if (x && x->deregistered)
			found(j, self, x->deregistered, x->event);
	}
}

static bool looks_like_zone(nanoseconds skew)
{
	nanoseconds rest = skew % ZONE_STEP;

	return rest <= ZONE_SLACK || ZONE_STEP - rest <= ZONE_SLACK;
}

static void check_skew(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = sign_in_at(j, i);
		nanoseconds skew = x ? x->skew : 0;

		if (skew < 0)
			skew = -skew;
		if (!x || !x->has_skew || skew <= SKEW_MAX ||
		    looks_like_zone(skew))
			continue;
		found(j, self, call_registration(j, i)->cited.first,
		      model_sentence(j->model, "%.0f s",
				     (double)(x->skew / NS_PER_S)));
	}
}

/* TLS-DSK wants a certificate first ([MS-OCAUTHWS]): the client stops. */
static const struct sign_in *stopped_at(struct judging *j, size_t i)
{
	const struct sign_in *x = sign_in_at(j, i);

	if (!x || !(x->offered & AUTH_TLS_DSK) || x->leg_count != 1 ||
	    x->legs[0].kind != LEG_BARE || x->legs[0].status != 401 ||
	    call_registration(j, i)->state == STATE_OK ||
	    seen_until(j, x->legs[0].answer) - when(j, x->legs[0].answer) <=
		    PATIENCE)
		return NULL;
	return x;
}

static void check_certificate(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = stopped_at(j, i);

		if (x)
			found_answer(j, self, x->legs[0].request,
				     x->legs[0].answer, x->sts_uri);
	}
}

/* ---- the way to the service that gives certificates ---- */

#define PORT_HTTPS 443

static struct slice host_of_uri(const char *uri)
{
	struct slice rest = slice_of_text(uri), host;

	if (!slice_starts_nocase(rest, "https://"))
		return (struct slice){0};
	rest = slice_from(rest, sizeof("https://") - 1);
	host = slice_split(&rest, '/');
	return slice_split(&host, ':');
}

/* A connection of that client to there that did not come about, or NULL. */
static const struct shut *shut_to(const struct judging *j,
				  const struct endpoint *client,
				  const struct endpoint *server)
{
	const struct shut *rows = j->model->shuts.rows;

	for (size_t i = 0; i < j->model->shuts.count; i++)
		if (rows[i].server.port == PORT_HTTPS && !rows[i].name &&
		    endpoint_same_ip(&rows[i].server, server) &&
		    endpoint_same_ip(&rows[i].client, client))
			return &rows[i];
	return NULL;
}

static void find_way(struct judging *j, const struct rule *self,
		     const struct registration *r, struct slice host)
{
	const struct resolved *rows = j->model->resolved.rows;
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < j->model->resolved.count; i++) {
		const struct resolved *x = &rows[i];
		const struct shut *shut;

		if (!slice_equal_nocase(slice_of_text(x->name), host))
			continue;
		if (x->address.family == FAMILY_NONE) {
			found(j, self, x->place,
			      model_sentence(j->model, "DNS knows no %s",
					     x->name));
			return;
		}
		shut = shut_to(j, &r->client, &x->address);
		if (!shut)
			continue;
		found_all(j, self, &shut->cited, shut->cited.first,
			  model_sentence(
				  j->model, "%s of %s %s",
				  endpoint_string(&shut->server, text), x->name,
				  shut->obstacle.count ? "refuses connections"
						       : "does not answer"));
		return;
	}
}

static void check_web_way(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = stopped_at(j, i);
		struct slice host =
			x && x->sts_uri ? host_of_uri(x->sts_uri)
					: (struct slice){0};

		if (host.n)
			find_way(j, self, call_registration(j, i), host);
	}
}

static void check_overdue(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct sign_in *x = sign_in_at(j, i);

		if (x && x->associated &&
		    when(j, x->used) - when(j, x->associated) >
			    ASSOCIATION_LIFE)
			found(j, self, x->used, NULL);
	}
}

static void check_open(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct sign_in *x = sign_in_at(j, i);

		if (x && r->bound && x->leg_count == 1 &&
		    x->legs[0].kind == LEG_BARE && !x->offered)
			found_answer(j, self, r->request, r->bound, NULL);
	}
}

/* ---- provisioning ---- */

static void check_no_edge(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);
		const struct registration *r = call_registration(j, i);

		if (p && r->mras_uri && !r->mras_uri[0])
			found(j, self, p->place, NULL);
	}
}

static void check_mras_uri(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);
		const char *uri = call_registration(j, i)->mras_uri;

		if (p && uri && uri[0] &&
		    (strncmp(uri, "sip:", 4) != 0 || !strstr(uri, ";gruu") ||
		     !strstr(uri, "opaque=srvr:MRAS:")))
			found(j, self, p->place, uri);
	}
}

static const char *const kinds[] = {
	[PORTS_MEDIA] = "media",         [PORTS_AUDIO] = "audio",
	[PORTS_VIDEO] = "video",         [PORTS_SHARING] = "sharing",
	[PORTS_FILES] = "file transfer",
};

static bool is_told(const struct provisioned *p, int kind)
{
	return p->port_low[kind] && p->port_high[kind];
}

/* Upside down, or outside of the range of all media? */
static bool is_bad_range(const struct provisioned *p, int kind)
{
	if (!is_told(p, kind))
		return false;
	if (p->port_low[kind] > p->port_high[kind])
		return true;
	return kind != PORTS_MEDIA && is_told(p, PORTS_MEDIA) &&
	       (p->port_low[kind] < p->port_low[PORTS_MEDIA] ||
		p->port_high[kind] > p->port_high[PORTS_MEDIA]);
}

static void check_ranges(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);

		for (int kind = 0; p && kind < PORT_KINDS; kind++)
			if (p->ranges_enabled && is_bad_range(p, kind))
				found(j, self, p->place,
				      model_sentence(j->model, "%s ports %u-%u",
						     kinds[kind],
						     p->port_low[kind],
						     p->port_high[kind]));
	}
}

static void check_few_ports(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);

		for (int kind = 0; p && kind < PORT_KINDS; kind++)
			if (p->ranges_enabled && is_told(p, kind) &&
			    !is_bad_range(p, kind) &&
			    p->port_high[kind] - p->port_low[kind] + 1u <
				    PORTS_FEW)
				found(j, self, p->place,
				      model_sentence(j->model, "%s ports %u-%u",
						     kinds[kind],
						     p->port_low[kind],
						     p->port_high[kind]));
	}
}

static void check_bypass(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);

		if (p && p->bypass && !p->bypass_id)
			found(j, self, p->place, NULL);
	}
}

/* Host candidates of the client's own descriptions. */
static const struct candidate *stray_candidate(struct judging *j,
					       const struct registration *r,
					       const struct provisioned *p)
{
	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (c->type == 1 && !c->tcp && !c->learned &&
		    endpoint_same_ip(where(j, c->endpoint), &r->client) &&
		    (where(j, c->endpoint)->port < p->port_low[PORTS_MEDIA] ||
		     where(j, c->endpoint)->port > p->port_high[PORTS_MEDIA]))
			return c;
	}
	return NULL;
}

static void check_stray_port(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct provisioned *p = provisioned_at(j, i);
		const struct candidate *c =
			p && p->ranges_enabled && is_told(p, PORTS_MEDIA) &&
					!is_bad_range(p, PORTS_MEDIA)
				? stray_candidate(j, call_registration(j, i), p)
				: NULL;

		if (c)
			found(j, self, c->place,
			      model_sentence(j->model, "%u, not %u-%u",
					     where(j, c->endpoint)->port,
					     p->port_low[PORTS_MEDIA],
					     p->port_high[PORTS_MEDIA]));
	}
}

/* Does this side's description offer a key? */
static bool has_key(const struct description *d)
{
	for (unsigned i = 0; d->sections && i < d->media_lines; i++)
		if (d->sections[i].crypto || d->sections[i].fingerprint ||
		    d->sections[i].secure)
			return true;
	return false;
}

static const struct description *described_by(struct judging *j,
					      const struct registration *r)
{
	const struct dialog *d = j->dialog;
	bool caller;

	if (!d)
		return NULL;
	caller = d->from && strcmp(d->from, r->aor) == 0;
	return caller == d->caller_offers ? &d->offer : &d->reply;
}

static void check_encryption(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct provisioned *p = provisioned_at(j, i);
		const struct description *d = p ? described_by(j, r) : NULL;
		struct slice policy;

		if (!d || !d->place || !d->sections || !p->encryption)
			continue;
		policy = slice_of_text(p->encryption);
		if ((slice_is_nocase(policy, "RequireEncryption") &&
		     !has_key(d)) ||
		    (slice_is_nocase(policy, "DoNotSupportEncryption") &&
		     has_key(d)))
			found(j, self, d->place, p->encryption);
	}
}

/* ---- the table ---- */

#define ROW(level, slug, what, document, todo, function)              \
	{                                                             \
		.id = slug, .severity = SEVERITY_##level,             \
		.stage = STAGE_REGISTRATION, .title = what,           \
		.source = document, .remedy = todo, .check = function \
	}

const struct rule rules_signin[] = {
	ROW(WARNING, "registration/epid-missing",
	    "a Lync client registers without an epid of 1 to 16 characters",
	    "[MS-SIPRE]", "the registrar cannot tell its endpoints apart",
	    check_epid),
	ROW(WARNING, "registration/epid-changed",
	    "the epid changes within one registration", "[MS-SIPRE]",
	    "an endpoint keeps its epid: fix the client",
	    check_epid_changed),
	ROW(WARNING, "registration/instance-differs",
	    "+sip.instance does not follow from the epid", "[MS-SIPRE]",
	    "calls to its GRUU may miss it: fix the client", check_instance),
	ROW(WARNING, "registration/gruu-missing",
	    "the registrar gives the endpoint no GRUU", "[MS-SIPRE]",
	    "conferences and transfers to this endpoint fail", check_no_gruu),
	ROW(WARNING, "registration/gruu-differs",
	    "the GRUU does not follow from the instance", "[MS-SIPRE]",
	    "it leads to another endpoint", check_gruu),
	ROW(WARNING, "registration/uri-has-user",
	    "the Request-URI of a REGISTER has a user", "RFC 3261 10.2",
	    "it names the domain only: fix the client", check_uri_user),
	ROW(ERROR, "registration/challenge-incomplete",
	    "a challenge lacks realm, targetname or version", "[MS-SIPAE]",
	    "clients cannot answer it: look at the server that challenges",
	    check_challenge),
	ROW(WARNING, "registration/kerberos-target",
	    "the targetname of a Kerberos challenge is no SIP service name",
	    "[MS-SIPAE]", "set the service principal name of the server",
	    check_kerberos),
	ROW(WARNING, "registration/certificate-service-missing",
	    "TLS-DSK is offered without the service that gives certificates",
	    "[MS-SIPAE]", "set sts-uri at the registrar", check_sts),
	ROW(ERROR, "registration/scheme-not-offered",
	    "the client answers with a scheme that was not offered",
	    "[MS-SIPAE]", "compare the security settings of both",
	    check_not_offered),
	ROW(WARNING, "registration/ntlm-order",
	    "the tokens of NTLM do not come in their order",
	    "[MS-SIPAE] 4.1, [MS-NLMP] 2.2.1", "fix the client", check_ntlm),
	ROW(WARNING, "registration/too-many-rounds",
	    "authentication takes more rounds than its scheme needs",
	    "[MS-SIPAE]",
	    "the password may be wrong, or the clocks; see the rounds above",
	    check_rounds),
	ROW(WARNING, "registration/association-changed",
	    "realm, targetname or opaque change within one association",
	    "[MS-SIPAE]", "look for several servers behind one name",
	    check_association),
	ROW(WARNING, "registration/association-lost",
	    "a client that had signed in is challenged again",
	    "[MS-SIPAE] 3.2.2",
	    "the server lost or ended the association: look for a restart or "
	    "a load balancer that does not stick",
	    check_association_lost),
	ROW(INFO, "registration/association-overdue",
	    "a security association is used for more than 8 hours",
	    "[MS-SIPAE] 3.2.2", NULL, check_overdue),
	ROW(WARNING, "registration/counter-back",
	    "the counter of signed messages goes back, or stands still",
	    "[MS-SIPAE]", "messages were replayed or out of order",
	    check_counter),
	ROW(WARNING, "registration/signature-form",
	    "a signature does not have the form of its scheme",
	    "[MS-SIPAE], [MS-NLMP] 2.2.2.9", "fix the sender's signatures",
	    check_signature),
	ROW(ERROR, "registration/signature-wrong",
	    "a signature does not fit the key that the password makes",
	    "[MS-SIPAE] 3.3.4.1, [MS-NLMP] 3.4.4.2",
	    "something on the way changes Call-ID, CSeq, From, To, Expires or "
	    "identity of signed messages: look for a proxy that rewrites them",
	    check_signature_bad),
	ROW(INFO, "registration/answer-unsigned",
	    "a success that follows signed requests is not signed",
	    "[MS-SIPAE] 3.2", NULL, check_unsigned),
	ROW(INFO, "registration/unauthenticated",
	    "the Lync registrar asks for no credentials", "[MS-SIPREGE] 3",
	    NULL, check_open),
	ROW(INFO, "registration/redirect-not-followed",
	    "the client is sent to another pool, and no REGISTER to it can be "
	    "read",
	    "[MS-SIPREGE] 3, RFC 3261 8.1.3.4",
	    "check name and port 5061 of that pool", check_redirect),
	ROW(WARNING, "registration/deregistered",
	    "the server ends the registration", "[MS-SIPREGE] 3",
	    "rejected: the user is disabled; unregistered: logged on "
	    "elsewhere; deactivated: the user was moved",
	    check_deregistered),
	ROW(WARNING, "registration/clock-skew",
	    "the server's clock is more than 5 minutes off", "RFC 4120 7.2",
	    "synchronise the clocks: Kerberos and tokens fail otherwise",
	    check_skew),
	ROW(WARNING, "registration/certificate-not-got",
	    "TLS-DSK is offered and the client does not go on", "[MS-OCAUTHWS]",
	    "it got no certificate: look at the web services of the pool and "
	    "at the web ticket",
	    check_certificate),
	ROW(WARNING, "registration/certificate-service-unreachable",
	    "the client does not reach the web service that gives "
	    "certificates",
	    "[MS-OCAUTHWS] 2.1, Lync Server: Setting Up Reverse Proxy Servers",
	    "publish the external web services: their name in DNS, and TCP 443 "
	    "by a reverse proxy to 4443 of the pool",
	    check_web_way),
	ROW(WARNING, "registration/provisioning-not-announced",
	    "Allow-Events does not name provisioning", "[MS-SIPREGE] 3",
	    "the client will not learn of the Edge", check_announced),
	ROW(ERROR, "registration/keep-alive-form",
	    "ms-keep-alive has no role UAC or UAS, or appears twice",
	    "[MS-CONMGMT] 2.2.1", "fix the sender", check_keep_alive),
	ROW(WARNING, "registration/keep-alive-timeout",
	    "a request tells a timeout in ms-keep-alive", "[MS-CONMGMT] 2.2.1",
	    "only the server tells it", check_keep_alive_time),
	ROW(WARNING, "registration/no-edge",
	    "provisioning names no Edge: mrasUri is empty",
	    "[MS-SIPREGE] 2.2.2.5.1",
	    "associate an Edge pool with the user's pool for media",
	    check_no_edge),
	ROW(WARNING, "registration/mras-uri-form",
	    "mrasUri is no GRUU of an MRAS service", "[MS-SIPREGE] 2.2.2.5.1",
	    "publish the topology again; the Front End cannot route to it",
	    check_mras_uri),
	ROW(WARNING, "registration/port-range-wrong",
	    "a provisioned port range is reversed, or lies outside of that "
	    "for all media",
	    "[MS-SIPREGE] 2.2.2.5.1", "correct the client's port ranges",
	    check_ranges),
	ROW(INFO, "registration/port-range-small",
	    "a provisioned port range has fewer than 20 ports",
	    "[MS-SIPREGE] 2.2.2.5.1; the count is a recommendation",
	    "widen it: 20 for each kind of media, 40 in all", check_few_ports),
	ROW(WARNING, "registration/bypass-without-id",
	    "media bypass is on and has no bypass id", "[MS-SIPREGE] 2.2.2.5",
	    "assign network sites and regions", check_bypass),
	{
		.id = "exchange/port-outside-range",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a host candidate lies outside of the provisioned "
			 "ports",
		.source = "[MS-SIPREGE] 2.2.2.5.1",
		.remedy = "marking and firewall rules for the range miss it; "
			  "sign out and in",
		.check = check_stray_port,
	},
	{
		.id = "exchange/encryption-against-policy",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the description does not follow the encryption "
			 "policy",
		.source = "[MS-SIPREGE] 2.2.2.5.1, [MS-SDPEXT] 3.1.5",
		.remedy = "align ucPC2PCAVEncryption and the client",
		.check = check_encryption,
	},
	{.id = NULL},
};
