/* The client of MRAS: what it makes of answers. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "dissectors/mras.h"
#include "dissectors/provisioning.h"
#include "engine/mras_client_state.h"

#define SCRATCH_MAX ((size_t)4 << 20)
#define VERSION_FIRST "3.0"

static void keep(char *to, size_t room, struct slice from)
{
	size_t n = from.n < room - 1 ? from.n : room - 1;

	if (n)
		memcpy(to, from.p, n);
	to[n] = '\0';
}

static void make_names(struct mras_client *c)
{
	for (unsigned i = 0; i < MRAS_STEPS; i++) {
		signer_random_hex(&c->signer, c->dialogs[i].call_id, WORD - 1);
		signer_random_hex(&c->signer, c->dialogs[i].tag, WORD - 1);
	}
	signer_random_hex(&c->signer, c->epid, EPID - 1);
}

struct mras_client *mras_client_new(const struct mras_client_config *config,
				    const struct mras_client_provider *with)
{
	struct signer_config who = {.user = config->user,
				    .domain = config->domain,
				    .password = config->password,
				    .context = with->context,
				    .random = with->random};
	struct mras_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->config = *config;
	c->provider = *with;
	c->gives_up = INT64_MAX;
	c->in = text_new(ANSWER_MAX);
	c->out = text_new(ANSWER_MAX);
	c->body = text_new(ANSWER_MAX);
	c->scratch = arena_new(SCRATCH_MAX);
	signer_init(&c->signer, &who);
	memcpy(c->version, VERSION_FIRST, sizeof(VERSION_FIRST));
	keep(c->report.uri, sizeof(c->report.uri), config->uri);
	make_names(c);
	return c;
}

void mras_client_free(struct mras_client *c)
{
	if (!c)
		return;
	if (c->in.p)
		bytes_wipe(c->in.p, c->in.room);
	text_free(&c->in);
	text_free(&c->out);
	text_free(&c->body);
	arena_free(&c->scratch);
	signer_free(&c->signer);
	bytes_wipe(c, sizeof(*c));
	free(c);
}

/* ---- from step to step ---- */

static void end(struct mras_client *c)
{
	c->report.outcome = c->is;
	c->report.scheme = c->signer.scheme;
	c->report.verified = c->signer.verified;
	c->gives_up = INT64_MAX;
}

/* What came of it; nothing more is sent. */
static void finish(struct mras_client *c, enum mras_outcome outcome,
		   struct slice reason, nanoseconds now)
{
	if (c->step != MRAS_LEAVES) {
		c->is = outcome;
		c->report.step = c->step;
		c->report.took = now - c->began;
		keep(c->report.reason, sizeof(c->report.reason), reason);
	}
	end(c);
}

static void ask(struct mras_client *c, nanoseconds now)
{
	if (!mras_client_ask(c, now))
		finish(c, MRAS_MALFORMED, SLICE("it goes on asking"), now);
}

static void go_to(struct mras_client *c, enum mras_step step, nanoseconds now)
{
	c->step = step;
	c->asked = 0;
	ask(c, now);
}

/* The same, but who has signed in signs out first. */
static void conclude(struct mras_client *c, enum mras_outcome outcome,
		     struct slice reason, nanoseconds now)
{
	bool leaves = c->report.registered && c->step != MRAS_LEAVES;

	finish(c, outcome, reason, now);
	if (!leaves)
		return;
	c->report.outcome = MRAS_RUNS;
	go_to(c, MRAS_LEAVES, now);
}

static enum mras_step after_register(const struct mras_client *c)
{
	return c->report.uri[0] ? MRAS_ASKS : MRAS_PROVISIONS;
}

void mras_client_begin(struct mras_client *c, nanoseconds now)
{
	c->began = now;
	go_to(c, c->config.registers ? MRAS_REGISTERS : after_register(c), now);
}

/* ---- challenges ---- */

/* "Kerberos, TLS-DSK": what is on offer. */
static void schemes_of(const struct sip_message *m, struct text *to)
{
	enum sip_header_name name = m->status == 407 ? SIP_PROXY_AUTHENTICATE
						     : SIP_WWW_AUTHENTICATE;
	const struct sip_header *h = sip_header(m, name);
	struct slice last = {0};

	for (; h; h = sip_header_after(m, h)) {
		struct slice params;
		struct slice scheme = sip_auth_scheme(h->value, &params);

		if (slice_equal_nocase(scheme, last))
			continue;
		text_puts(to, last.n ? ", " : "");
		text_put(to, scheme);
		last = scheme;
	}
}

/* One of its challenges is answered, or the outcome says why not. */
static void challenged(struct mras_client *c, const struct sip_message *m,
		       nanoseconds now)
{
	enum signer_next next = signer_challenged(&c->signer, m, now);
	struct text schemes = text_new(MRAS_CLIENT_TEXT);

	schemes_of(m, &schemes);
	if (next == SIGNER_AGAIN)
		ask(c, now);
	else if (next == SIGNER_REFUSED)
		conclude(c, MRAS_WRONG_PASSWORD, m->reason, now);
	else
		conclude(c, MRAS_WANTS_SIGN_IN, text_slice(&schemes), now);
	text_free(&schemes);
}

/* ---- the token ---- */

static bool decode(struct slice text, uint8_t out[MRAS_CLIENT_SECRET],
		   size_t *n)
{
	return text.n / 4 * 3 + 3 <= MRAS_CLIENT_SECRET &&
	       base64_decode(text, out, n) == STATUS_OK && *n > 0;
}

static void take_relays(struct mras_client *c,
			const struct mras_credentials *granted)
{
	struct mras_client_report *r = &c->report;

	for (size_t i = 0;
	     i < granted->relay_count && r->relay_count < MRAS_CLIENT_RELAYS;
	     i++) {
		const struct mras_relay *from = &granted->relays[i];
		struct mras_client_relay *to = &r->relays[r->relay_count++];

		keep(to->host, sizeof(to->host),
		     from->host.n ? from->host : from->direct_ip);
		keep(to->location, sizeof(to->location), from->location);
		to->udp_port = from->udp_port;
		to->tcp_port = from->tcp_port;
	}
}

static void granted(struct mras_client *c, const struct mras *m,
		    nanoseconds now)
{
	struct mras_client_report *r = &c->report;
	const struct mras_credentials *first = m->count ? m->credentials : NULL;

	if (r->unproved) {
		conclude(c, MRAS_UNPROVED, SLICE("no signature"), now);
		return;
	}
	if (!first || !decode(first->username, r->user, &r->user_size) ||
	    !decode(first->password, r->password, &r->password_size)) {
		conclude(c, MRAS_MALFORMED, SLICE("no user name and password"),
			 now);
		return;
	}
	r->duration_min = first->duration_min;
	take_relays(c, first);
	conclude(c, MRAS_GRANTED, m->reason, now);
}

/* [MS-AVEDGEA] 3.1.5.2.1: the server says up to which version it goes. */
static bool tries_older(struct mras_client *c, const struct mras *m)
{
	if (c->older_tried || !slice_is(m->reason, "Version Mismatch") ||
	    m->server_version.n == 0 || m->server_version.n > 5 ||
	    slice_is(m->server_version, c->version))
		return false;
	c->older_tried = true;
	keep(c->version, sizeof(c->version), m->server_version);
	return true;
}

/* The document counts, whatever the status of SIP (spec 5.1). */
static bool take_document(struct mras_client *c, const struct sip_message *sip,
			  nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch};
	struct mras m;
	size_t used;

	if (sip->body.n == 0 ||
	    mras_decode(&d, sip->body, &m, &used) != STATUS_OK ||
	    m.kind != MRAS_RESPONSE)
		return false;
	keep(c->report.version, sizeof(c->report.version), m.version);
	if (slice_is(m.reason, "OK"))
		granted(c, &m, now);
	else if (tries_older(c, &m))
		ask(c, now);
	else
		conclude(c, MRAS_REFUSED, m.reason, now);
	return true;
}

static void token_answered(struct mras_client *c, const struct sip_message *m,
			   nanoseconds now)
{
	if (take_document(c, m, now))
		return;
	if (m->status < 300)
		conclude(c, MRAS_MALFORMED, SLICE("no document in the answer"),
			 now);
	else
		conclude(c, MRAS_REFUSED_SIP, m->reason, now);
}

/* ---- signing in ---- */

/* Where the user's home is, of a redirection. */
static struct slice home_of(const struct sip_message *m)
{
	struct sip_address contact;
	struct sip_uri uri;

	if (sip_address_parse(sip_value(m, SIP_CONTACT), &contact) !=
		    STATUS_OK ||
	    sip_uri_parse(contact.uri, &uri) != STATUS_OK)
		return (struct slice){0};
	return uri.host;
}

static void register_answered(struct mras_client *c,
			      const struct sip_message *m, nanoseconds now)
{
	/* What is no registrar may give tokens all the same. */
	bool none = m->status == 405 || m->status == 501;

	c->report.registered |= m->status < 300;
	if (m->status < 300 || (none && c->report.uri[0]))
		go_to(c, after_register(c), now);
	else if (m->status == 301 || m->status == 302)
		conclude(c, MRAS_MOVED, home_of(m), now);
	else
		conclude(c, MRAS_REFUSED_SIP, m->reason, now);
}

/* ---- provisioning ---- */

/* False: there is no such document in it. */
static bool take_provisioning(struct mras_client *c,
			      const struct sip_message *m, nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch};
	struct provisioning p;
	size_t used;

	if (m->body.n == 0 ||
	    provisioning_decode(&d, m->body, &p, &used) != STATUS_OK ||
	    !p.notification)
		return false;
	if (p.mras_uri.n == 0 || p.mras_uri.n >= sizeof(c->report.uri)) {
		conclude(c, MRAS_NO_EDGE, SLICE(""), now);
		return true;
	}
	keep(c->report.uri, sizeof(c->report.uri), p.mras_uri);
	go_to(c, MRAS_ASKS, now);
	return true;
}

/* With the answer, or behind it. */
static void provision_answered(struct mras_client *c,
			       const struct sip_message *m, nanoseconds now)
{
	if (m->status >= 300)
		conclude(c, MRAS_REFUSED_SIP, m->reason, now);
	else if (!take_provisioning(c, m, now))
		c->waits = true;
}

static void left(struct mras_client *c, const struct sip_message *m,
		 nanoseconds now)
{
	(void)m;
	(void)now;
	end(c);
}

/* ---- what comes ---- */

/* What is wrong with how it is signed, or NULL.  An error counts without. */
static const char *distrust(struct mras_client *c, const struct sip_message *m)
{
	enum signer_verdict verdict = signer_judge(&c->signer, m);

	if (verdict == SIGNER_WRONG)
		return "a wrong signature";
	if (verdict != SIGNER_MISSING)
		return NULL;
	if (m->request || m->status < 300)
		return "no signature";
	c->report.unproved = m->status != 401 && m->status != 407;
	return NULL;
}

static void answered(struct mras_client *c, const struct sip_message *m,
		     nanoseconds now)
{
	static void (*const takers[MRAS_STEPS])(struct mras_client * c,
						const struct sip_message *m,
						nanoseconds now) = {
		[MRAS_REGISTERS] = register_answered,
		[MRAS_PROVISIONS] = provision_answered,
		[MRAS_ASKS] = token_answered,
		[MRAS_LEAVES] = left,
	};
	const struct mras_dialog *d = mras_client_dialog(c);
	const char *wrong;

	if (m->status < 200 || m->cseq != d->cseq ||
	    !slice_is(m->call_id, d->call_id))
		return;
	if (c->step != MRAS_LEAVES)
		c->report.status = m->status;
	wrong = distrust(c, m);
	if (wrong)
		conclude(c, MRAS_UNPROVED, slice_of_text(wrong), now);
	else if (m->status == 401 || m->status == 407)
		challenged(c, m, now);
	else
		takers[c->step](c, m, now);
}

/* A notification, of provisioning or of what we have not asked for. */
static void asked(struct mras_client *c, const struct sip_message *m,
		  nanoseconds now)
{
	bool ours = c->step == MRAS_PROVISIONS && c->waits &&
		    slice_is(m->call_id, mras_client_dialog(c)->call_id);
	const char *wrong = distrust(c, m);

	if (m->method == SIP_NOTIFY)
		mras_client_confirm(c, m);
	if (!ours)
		return;
	if (wrong)
		conclude(c, MRAS_UNPROVED, slice_of_text(wrong), now);
	else
		(void)take_provisioning(c, m, now);
}

void mras_client_receive(struct mras_client *c, struct slice bytes,
			 nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch, .stream = true};
	struct sip_message m;
	enum status status = STATUS_OK;
	size_t used;

	text_put(&c->in, bytes);
	while (c->report.outcome == MRAS_RUNS && c->in.n) {
		struct slice in = text_slice(&c->in);

		if (sip_is_keepalive(in)) {
			text_clear(&c->in);
			break;
		}
		status = sip_decode(&d, in, &m, &used);
		if (status == STATUS_SHORT)
			break;
		if (status != STATUS_OK || c->in.failed != STATUS_OK) {
			finish(c, MRAS_ODD, slice_first(in, 40), now);
			break;
		}
		if (m.request)
			asked(c, &m, now);
		else
			answered(c, &m, now);
		arena_reset(&c->scratch);
		memmove(c->in.p, c->in.p + used, c->in.n - used);
		c->in.n -= used;
	}
}

void mras_client_closed(struct mras_client *c, nanoseconds now)
{
	if (c->report.outcome == MRAS_RUNS)
		finish(c, MRAS_CLOSED, SLICE(""), now);
}

void mras_client_tick(struct mras_client *c, nanoseconds now)
{
	if (c->report.outcome == MRAS_RUNS && now >= c->gives_up)
		finish(c, MRAS_UNANSWERED, SLICE(""), now);
}

nanoseconds mras_client_next(const struct mras_client *c)
{
	return c->gives_up;
}

const struct mras_client_report *mras_client_report(const struct mras_client *c)
{
	return &c->report;
}
