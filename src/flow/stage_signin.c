/*
 * Stage 1 of Lync: the rounds of authentication as one attempt with its legs,
 * redirects, keep-alive, clock, deregistration, and compression ([MS-SIPREGE],
 * [MS-SIPAE], [MS-CONMGMT], [MS-SIPCOMP]).
 */
#include "config.h"

#include "flow/signin.h"

/* ---- what belongs to a registration ---- */

static struct sign_in *begin(struct stages *s, struct registration *r)
{
	struct sign_in *x = list_add(&s->model->sign_ins);

	if (!x)
		return NULL;
	r->sign_in = (uint32_t)s->model->sign_ins.count;
	return x;
}

struct sign_in *sign_in_made(struct stages *s, struct registration *r)
{
	struct sign_in *x = sign_in_of(s, r);

	return x ? x : begin(s, r);
}

static bool has_epid(const struct sip_message *sip)
{
	struct slice epid;

	return sip_param(sip->from.params, ';', "epid", &epid);
}

/* Does this client speak as Lync does? */
static bool is_lync(const struct sip_message *sip)
{
	struct auth a;

	if (has_epid(sip) || auth_read(sip_value(sip, SIP_AUTHORIZATION), &a) ||
	    auth_read(sip_value(sip, SIP_PROXY_AUTHORIZATION), &a))
		return true;
	return !sip->request && (auth_offers(sip) & (AUTH_NTLM | AUTH_KERBEROS |
						     AUTH_TLS_DSK)) != 0;
}

static struct sign_in *sign_in_for(struct stages *s, struct registration *r,
				   const struct sip_message *sip)
{
	struct sign_in *x = sign_in_of(s, r);

	return x || !is_lync(sip) ? x : begin(s, r);
}

/* ---- legs ---- */

static bool credentials_of(const struct sip_message *sip, struct auth *out)
{
	return auth_read(sip_value(sip, SIP_AUTHORIZATION), out) ||
	       auth_read(sip_value(sip, SIP_PROXY_AUTHORIZATION), out);
}

static struct auth_leg *last_leg(struct sign_in *x)
{
	unsigned kept =
		x->leg_count < AUTH_LEGS_KEPT ? x->leg_count : AUTH_LEGS_KEPT;

	return kept ? &x->legs[kept - 1] : NULL;
}

/* Is the attempt before over: with success, or refused for good? */
static bool is_over(const struct auth_leg *last)
{
	return last->status && last->status != 401 && last->status != 407;
}

/* A request without credentials begins anew, unless it only opens. */
static bool begins_attempt(const struct auth_leg *last, enum auth_leg_kind kind)
{
	return !last || is_over(last) || (kind == LEG_BARE && last->status) ||
	       (kind == LEG_BEGIN && last->kind >= LEG_PROOF);
}

/* NTLM: first empty, then type 3 ([MS-SIPAE] 4.1; [MS-NLMP] 2.2.1). */
static bool is_out_of_order(const struct auth_leg *last, const struct auth *a,
			    enum auth_leg_kind kind)
{
	if (a->kind != AUTH_NTLM)
		return false;
	return kind == LEG_CHALLENGE ||
	       (kind == LEG_PROOF && last && last->scheme == AUTH_NTLM &&
		last->kind == LEG_PROOF && !is_over(last));
}

static void add_leg(struct stages *s, struct registration *r,
		    const struct message *m)
{
	struct sign_in *x = sign_in_of(s, r);
	struct auth_leg *last = last_leg(x);
	struct auth a = {.kind = 0};
	bool any = credentials_of(m->u.sip, &a);
	enum auth_leg_kind kind = any ? auth_leg(&a) : LEG_BARE;
	struct auth_leg leg = {
		.request = stages_place(s, &m->from),
		.kind = (uint8_t)kind,
		.scheme = any ? (uint8_t)a.kind : 0,
	};

	if (any && is_out_of_order(last, &a, kind))
		facts_note(s, &r->facts, FACT_NTLM_ORDER, kind, m);
	if (any && x->offered && !(x->offered & a.kind))
		facts_note(s, &r->facts, FACT_NOT_OFFERED, a.kind, m);
	if (begins_attempt(last, kind)) {
		x->attempts++;
		if (kind <= LEG_BEGIN)
			association_reset(x);
	}
	leg.attempt =
		(uint8_t)(x->attempts < UINT8_MAX ? x->attempts : UINT8_MAX);
	if (x->leg_count < AUTH_LEGS_KEPT)
		x->legs[x->leg_count] = leg;
	else
		x->legs[AUTH_LEGS_KEPT - 1] = leg;
	x->leg_count++;
}

static void answer_leg(struct stages *s, struct sign_in *x,
		       const struct message *m)
{
	struct auth_leg *last = last_leg(x);

	if (!last || last->status)
		return;
	last->answer = stages_place(s, &m->from);
	last->status = (uint16_t)m->u.sip->status;
}

/* ---- headers ---- */

/* [MS-CONMGMT] 2.2.1: "UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300". */
static void keep_alive(struct stages *s, struct registration *r,
		       const struct message *m)
{
	const struct sip_header *h = sip_header(m->u.sip, SIP_MS_KEEP_ALIVE);
	struct sign_in *x = sign_in_of(s, r);
	struct slice params, role, timeout;
	uint64_t seconds;

	if (!h)
		return;
	params = h->value;
	role = slice_trim(slice_split(&params, ';'));
	if ((!slice_is_nocase(role, "UAC") && !slice_is_nocase(role, "UAS")) ||
	    sip_header_after(m->u.sip, h))
		facts_note(s, &r->facts, FACT_KEEP_ALIVE_FORM, 0, m);
	if (!sip_param(params, ';', "timeout", &timeout))
		return;
	if (m->u.sip->request)
		facts_note(s, &r->facts, FACT_KEEP_ALIVE_TIME, 0, m);
	else if (slice_number(timeout, UINT32_MAX, &seconds) == STATUS_OK)
		x->keep_alive_s = (uint32_t)seconds;
}

static int month_of(struct slice name)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
					     "May", "Jun", "Jul", "Aug",
					     "Sep", "Oct", "Nov", "Dec"};

	for (int i = 0; i < 12; i++)
		if (slice_is_nocase(name, months[i]))
			return i + 1;
	return 0;
}

static bool take_number(struct slice *rest, uint8_t end, int *out)
{
	uint64_t n;

	if (slice_number(slice_split(rest, end), 9999, &n) != STATUS_OK)
		return false;
	*out = (int)n;
	return true;
}

/* "Fri, 01 Mar 2024 07:59:58 GMT" (RFC 3261 20.17). */
static bool date_of(struct slice value, nanoseconds *out)
{
	struct civil_time c = {0};
	struct slice rest = value;

	(void)slice_split(&rest, ',');
	rest = slice_trim(rest);
	if (!take_number(&rest, ' ', &c.day))
		return false;
	c.month = month_of(slice_split(&rest, ' '));
	return take_number(&rest, ' ', &c.year) &&
	       take_number(&rest, ':', &c.hour) &&
	       take_number(&rest, ':', &c.minute) &&
	       take_number(&rest, ' ', &c.second) &&
	       clock_of_civil(&c, out) == STATUS_OK;
}

static void note_clock(struct sign_in *x, const struct message *m)
{
	nanoseconds date;

	if (x->has_skew || !date_of(sip_value(m->u.sip, SIP_DATE), &date))
		return;
	x->skew = clock_bounded(date) - clock_bounded(m->from.time);
	x->has_skew = true;
}

static const struct sip_header *header_named(const struct sip_message *sip,
					     const char *name)
{
	for (size_t i = 0; i < sip->header_count; i++)
		if (slice_is_nocase(sip->headers[i].name, name))
			return &sip->headers[i];
	return NULL;
}

/* ---- redirects ---- */

static void redirected(struct stages *s, struct sign_in *x,
		       const struct message *m)
{
	struct slice rest = sip_value(m->u.sip, SIP_CONTACT), entry;
	struct sip_address a;
	struct sip_uri uri;

	x->redirected = stages_place(s, &m->from);
	x->followed = false;
	if (sip_list_next(&rest, &entry) &&
	    sip_address_parse(entry, &a) == STATUS_OK &&
	    sip_uri_parse(a.uri, &uri) == STATUS_OK)
		x->redirect = stages_text(s, uri.host);
}

/* Is that a request to another server than the one that sent it on? */
static void follow(struct sign_in *x, const struct registration *r,
		   const struct message *m)
{
	if (x && x->redirected && m->u.sip->request &&
	    !endpoint_equal(&m->from.dst, &r->server))
		x->followed = true;
}

void signin_follow(struct stages *s, uint32_t before, const struct message *m)
{
	struct registration *r;

	if (before == CHAIN_END)
		return;
	r = list_at(&s->model->registrations, before);
	follow(sign_in_of(s, r), r, m);
}

/* ---- the REGISTER and its answer ---- */

/* Its site, its bypass and its bandwidth policy go by that network. */
static void note_subnet(struct stages *s, struct sign_in *x,
			const struct message *m)
{
	const struct sip_header *h =
		x->subnet ? NULL : header_named(m->u.sip, "ms-subnet");

	if (h && slice_trim(h->value).n)
		x->subnet = stages_text(s, slice_trim(h->value));
}

void signin_request(struct stages *s, struct registration *r,
		    const struct message *m)
{
	if (!sign_in_for(s, r, m->u.sip))
		return;
	note_subnet(s, sign_in_of(s, r), m);
	add_leg(s, r, m);
	follow(sign_in_of(s, r), r, m);
	identity_request(s, r, m);
	keep_alive(s, r, m);
	association_note(s, r, m);
}

static void check_success(struct stages *s, struct registration *r,
			  const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct sign_in *x = sign_in_of(s, r);
	const struct sip_header *h = sip_header(sip, SIP_ALLOW_EVENTS);
	const struct sip_header *logon =
		header_named(sip, "ms-user-logon-data");
	size_t at;

	identity_answer(s, r, m);
	if (logon)
		x->remote =
			slice_is_nocase(slice_trim(logon->value), "RemoteUser");
	if ((h || x->associated) && r->purpose == REGISTER_BIND)
		facts_note(s, &r->facts,
			   h && slice_search(h->value,
					     SLICE("vnd-microsoft-provisioning"
						   "-v2"),
					     &at)
				   ? FACT_SETTINGS_NAMED
				   : FACT_NO_PROVISIONING,
			   0, m);
	if (x->associated && !sip_header(sip, SIP_AUTHENTICATION_INFO) &&
	    !sip_header(sip, SIP_PROXY_AUTHENTICATION_INFO))
		facts_note(s, &r->facts, FACT_UNSIGNED, 0, m);
}

static void note_challenge(struct stages *s, struct registration *r,
			   const struct message *m)
{
	const struct sip_header *h = sip_header(m->u.sip, SIP_WWW_AUTHENTICATE);
	struct sign_in *x = sign_in_of(s, r);
	struct slice uri;

	x->offered |= auth_offers(m->u.sip);
	auth_check_challenges(s, r, m);
	for (; h; h = sip_header_after(m->u.sip, h)) {
		struct auth a;

		if (!auth_read(h->value, &a))
			continue;
		signing_challenged(s, x, &a);
		if (!x->target && a.target.n)
			x->target = stages_text(s, a.target);
		if (sip_param(a.params, ',', "sts-uri", &uri) && uri.n)
			x->sts_uri = stages_text(s, uri);
	}
}

void signin_answer(struct stages *s, struct registration *r,
		   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct sign_in *x = sign_in_for(s, r, sip);
	struct slice server = sip_value(sip, SIP_SERVER);

	if (!x)
		return;
	answer_leg(s, x, m);
	note_clock(x, m);
	keep_alive(s, r, m);
	association_note(s, r, m);
	if (server.n && !x->server)
		x->server = stages_text(s, server);
	if (sip->status == 401 || sip->status == 407)
		note_challenge(s, r, m);
	else if (sip->status >= 300 && sip->status < 400)
		redirected(s, x, m);
	else if (sip->status < 300)
		check_success(s, r, m);
}

/* ---- other messages of the same client ---- */

static struct registration *newest(struct stages *s, struct slice uri)
{
	size_t party = party_known(s, uri);
	uint32_t row = party == LIST_NONE
			       ? CHAIN_END
			       : *(uint32_t *)list_at(&s->newest, party);

	return row == CHAIN_END ? NULL : list_at(&s->model->registrations, row);
}

/* [MS-SIPREGE]: "deregistered;event=rejected" in the implicit subscription. */
static void deregistration(struct stages *s, const struct message *m)
{
	struct slice body = m->u.sip->body, event;
	struct registration *r;
	struct sign_in *x;

	if (!slice_starts_nocase(m->u.sip->content_type,
				 "text/registration-event") ||
	    !slice_starts_nocase(slice_trim(body), "deregistered"))
		return;
	r = newest(s, m->u.sip->to.uri);
	x = r ? sign_in_made(s, r) : NULL;
	if (!x || x->deregistered)
		return;
	(void)slice_split(&body, ';');
	x->deregistered = stages_place(s, &m->from);
	x->event = "no reason told";
	if (sip_param(body, ';', "event", &event) && event.n)
		x->event = stages_text(s, event);
	cite(s->model, &r->cited, x->deregistered);
	model_becomes(s->model, &r->history, x->deregistered, WORD_LOST, 0);
}

/*
 * A message that a server has signed proves that its client had signed in,
 * also when no REGISTER is in the capture ([MS-SIPAE]: the association is made
 * by one).
 */
struct registration *signin_infer(struct stages *s, const struct message *m,
				  struct slice uri)
{
	struct registration *r = registration_new(s, m, uri);
	place_number place = stages_place(s, &m->from);

	if (!r || !begin(s, r))
		return NULL;
	r->state = STATE_INFERRED;
	cite(s->model, &r->cited, place);
	model_becomes(s->model, &r->history, place, WORD_OK, 0);
	return r;
}

static void signed_answer(struct stages *s, const struct message *m,
			  const struct auth *a)
{
	struct registration *r = newest(s, m->u.sip->from.uri);

	if (!r)
		r = signin_infer(s, m, m->u.sip->from.uri);
	if (!r || !sign_in_made(s, r))
		return;
	if (!r->scheme)
		model_set_text(s->model, &r->scheme, a->scheme);
	association_note(s, r, m);
}

/* Signed before, challenged now: the server has lost the association. */
static void challenged_again(struct stages *s, const struct message *m)
{
	struct registration *r = newest(s, m->u.sip->from.uri);
	struct sign_in *x = r ? sign_in_of(s, r) : NULL;

	if (x && x->associated && r->state == STATE_OK)
		facts_note(s, &r->facts, FACT_ASSOCIATION_LOST,
			   m->u.sip->status, m);
}

/* Of what settings_asked noted; a challenge is no end. */
static void settings_answered(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r = newest(s, sip->from.uri);
	struct sign_in *x = r ? sign_in_of(s, r) : NULL;

	if (x && x->settings && x->settings == stages_hash(s, sip->call_id))
		facts_note(s, &r->facts, FACT_SETTINGS_REFUSED, sip->status, m);
}

/* To a request that was signed. */
static void unsigned_answer(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r = newest(s, sip->from.uri);
	struct sign_in *x = r ? sign_in_of(s, r) : NULL;

	if (!x || r->state != STATE_OK || x->asked != association_asked(s, m) ||
	    !endpoint_equal(&m->from.dst, &r->client))
		return;
	facts_note(s, &r->facts, FACT_UNSIGNED, 0, m);
}

static void other_answer(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct auth a;

	if (sip->method == SIP_SUBSCRIBE && sip->status >= 300 &&
	    sip->status != 401 && sip->status != 407)
		settings_answered(s, m);
	if (auth_read(sip_value(sip, SIP_AUTHENTICATION_INFO), &a) ||
	    auth_read(sip_value(sip, SIP_PROXY_AUTHENTICATION_INFO), &a))
		signed_answer(s, m, &a);
	else if ((sip->status == 401 || sip->status == 407) &&
		 (auth_offers(sip) &
		  (AUTH_NTLM | AUTH_KERBEROS | AUTH_TLS_DSK)))
		challenged_again(s, m);
	else if (s->model->sign_ins.count && sip->status >= 200 &&
		 sip->status < 300)
		unsigned_answer(s, m);
}

/* [MS-SIPREGE]: both versions of in-band provisioning. */
static void settings_asked(struct stages *s, const struct message *m)
{
	struct registration *r;

	if (!slice_starts_nocase(sip_value(m->u.sip, SIP_EVENT),
				 "vnd-microsoft-provisioning"))
		return;
	r = newest(s, m->u.sip->from.uri);
	if (!r)
		return;
	facts_note(s, &r->facts, FACT_SETTINGS_ASKED, 0, m);
	if (sign_in_of(s, r))
		sign_in_of(s, r)->settings = stages_hash(s, m->u.sip->call_id);
}

static void other_request(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r;
	struct auth a;

	if (sip->method == SIP_NOTIFY || sip->method == SIP_BENOTIFY)
		deregistration(s, m);
	else if (sip->method == SIP_SUBSCRIBE)
		settings_asked(s, m);
	if (!credentials_of(sip, &a))
		return;
	r = newest(s, sip->from.uri);
	if (r && sign_in_of(s, r) && endpoint_equal(&m->from.src, &r->client))
		association_note(s, r, m);
}

/* "https://host:443/CertProv/...": was that host asked for over TLS? */
static bool is_asked(const struct stages *s, const char *uri)
{
	const struct inventory *seen = &s->model->inventory;
	struct slice rest = slice_of_text(uri), host;
	size_t at;

	if (slice_search(rest, SLICE("://"), &at))
		rest = slice_from(rest, at + 3);
	host = slice_split(&rest, '/');
	host = slice_split(&host, ':');
	for (size_t i = 0; i < seen->name_count; i++)
		if (slice_is_nocase(host, seen->names[i].name))
			return true;
	return false;
}

void sign_ins_finish(struct stages *s)
{
	struct sign_in *rows = s->model->sign_ins.rows;

	for (size_t i = 0; i < s->model->sign_ins.count; i++)
		rows[i].sts_seen =
			rows[i].sts_uri && is_asked(s, rows[i].sts_uri);
}

void stage_signin(struct stages *s, const struct message *m)
{
	if (m->u.sip->method == SIP_NEGOTIATE)
		compression_note(s, m);
	else if (m->u.sip->method == SIP_REGISTER)
		return;
	else if (m->u.sip->request)
		other_request(s, m);
	else
		other_answer(s, m);
}
