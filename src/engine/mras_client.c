/* The client of MRAS. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "dissectors/mras.h"
#include "dissectors/sip.h"
#include "dissectors/sip_digest.h"
#include "engine/mras_client.h"

#define ANSWER_MAX ((size_t)1 << 18)
#define SCRATCH_MAX ((size_t)4 << 20)
#define REQUESTS_MAX 4u
#define CONTENT_TYPE "application/msrtc-media-relay-auth+xml"
#define VERSION_FIRST "3.0"
#define WORD 17u /* 16 hex digits */

struct mras_client {
	struct mras_client_config config;
	struct mras_client_provider provider;
	struct mras_client_report report;
	struct text in, out, body, authorization;
	struct arena scratch;
	nanoseconds began, gives_up;
	char call_id[WORD], tag[WORD], id[WORD], branch[WORD];
	char version[8];
	unsigned cseq;
	bool proxy;       /* who asked for Digest */
	bool tried;       /* a password has gone out */
	bool older_tried; /* another version has been asked for */
};

static void random_word(struct mras_client *c, char out[WORD])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t dice[WORD - 1];

	c->provider.random(c->provider.context, dice, sizeof(dice));
	for (unsigned i = 0; i < WORD - 1; i++)
		out[i] = digits[dice[i] & 0xF];
	out[WORD - 1] = '\0';
}

struct mras_client *mras_client_new(const struct mras_client_config *config,
				    const struct mras_client_provider *with)
{
	struct mras_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->config = *config;
	c->provider = *with;
	c->gives_up = INT64_MAX;
	c->in = text_new(ANSWER_MAX);
	c->out = text_new(ANSWER_MAX);
	c->body = text_new(ANSWER_MAX);
	c->authorization = text_new(ANSWER_MAX);
	c->scratch = arena_new(SCRATCH_MAX);
	memcpy(c->version, VERSION_FIRST, sizeof(VERSION_FIRST));
	random_word(c, c->call_id);
	random_word(c, c->tag);
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
	text_free(&c->authorization);
	arena_free(&c->scratch);
	bytes_wipe(c, sizeof(*c));
	free(c);
}

static void keep(char *to, size_t room, struct slice from)
{
	size_t n = from.n < room - 1 ? from.n : room - 1;

	if (n)
		memcpy(to, from.p, n);
	to[n] = '\0';
}

static void finish(struct mras_client *c, enum mras_outcome outcome,
		   struct slice reason, nanoseconds now)
{
	c->report.outcome = outcome;
	c->report.took = now - c->began;
	keep(c->report.reason, sizeof(c->report.reason), reason);
	c->gives_up = INT64_MAX;
}

/* ---- the request ---- */

static void write_body(struct mras_client *c)
{
	struct mras_credentials asked = {
		.id = slice_of_text(c->id),
		.identity = c->config.identity,
		.location = c->config.location,
		.duration_min = c->config.duration_min,
	};
	struct mras request = {
		.kind = MRAS_REQUEST,
		.request_id = slice_of_text(c->id),
		.version = slice_of_text(c->version),
		.from = c->config.identity,
		.to = c->config.uri,
		.credentials = &asked,
		.count = 1,
	};

	text_clear(&c->body);
	mras_write(&request, &c->body);
}

/* A header whose value is put together. */
static void header(struct mras_client *c, const char *name, struct text *value)
{
	sip_write_header(&c->out, slice_of_text(name), text_slice(value));
	text_clear(value);
}

static void write_headers(struct mras_client *c)
{
	struct text v = text_new(ANSWER_MAX);

	text_printf(&v, "SIP/2.0/%s ", c->config.tls ? "TLS" : "TCP");
	endpoint_text(&c->config.local, &v);
	text_printf(&v, ";branch=z9hG4bK%s", c->branch);
	header(c, "Via", &v);
	text_puts(&v, "70");
	header(c, "Max-Forwards", &v);
	text_putc(&v, '<');
	text_put(&v, c->config.identity);
	text_printf(&v, ">;tag=%s", c->tag);
	header(c, "From", &v);
	text_putc(&v, '<');
	text_put(&v, c->config.uri);
	text_putc(&v, '>');
	header(c, "To", &v);
	text_puts(&v, c->call_id);
	header(c, "Call-ID", &v);
	text_printf(&v, "%u SERVICE", c->cseq);
	header(c, "CSeq", &v);
	text_put(&v, c->config.agent);
	header(c, "User-Agent", &v);
	if (c->authorization.n)
		sip_write_header(&c->out,
				 c->proxy ? SLICE("Proxy-Authorization")
					  : SLICE("Authorization"),
				 text_slice(&c->authorization));
	text_puts(&v, CONTENT_TYPE);
	header(c, "Content-Type", &v);
	text_free(&v);
}

static void ask(struct mras_client *c, nanoseconds now)
{
	if (++c->report.requests > REQUESTS_MAX) {
		finish(c, MRAS_MALFORMED, SLICE("it goes on asking"), now);
		return;
	}
	c->cseq++;
	random_word(c, c->branch);
	random_word(c, c->id);
	write_body(c);
	text_clear(&c->out);
	sip_write_request(&c->out, SLICE("SERVICE"), c->config.uri);
	write_headers(c);
	sip_write_end(&c->out, text_slice(&c->body));
	c->gives_up = c->config.patience ? now + c->config.patience : INT64_MAX;
	if (c->out.failed == STATUS_OK && c->body.failed == STATUS_OK)
		c->provider.send(c->provider.context, text_slice(&c->out));
	else
		finish(c, MRAS_MALFORMED, SLICE("the request is too long"),
		       now);
}

void mras_client_begin(struct mras_client *c, nanoseconds now)
{
	c->began = now;
	ask(c, now);
}

/* ---- Digest ---- */

static void parameter(struct text *to, const char *name, struct slice value,
		      bool quoted)
{
	if (value.n == 0)
		return;
	text_printf(to, "%s%s=%s", to->n > sizeof("Digest ") ? ", " : "", name,
		    quoted ? "\"" : "");
	text_put(to, value);
	text_puts(to, quoted ? "\"" : "");
}

static bool offers_auth(struct slice qop)
{
	while (qop.n)
		if (slice_is_nocase(slice_trim(slice_split(&qop, ',')), "auth"))
			return true;
	return false;
}

/* The answer to a challenge; false: it has an algorithm that is not known. */
static bool write_digest(struct mras_client *c, struct sip_digest *d)
{
	struct sip_digest_secret secret = {.password = c->config.password};
	struct text *to = &c->authorization;
	char response[64], cnonce[WORD];
	size_t n;

	random_word(c, cnonce);
	d->username = c->config.user;
	d->uri = c->config.uri;
	if (offers_auth(d->qop)) {
		d->qop = SLICE("auth");
		d->nc = SLICE("00000001");
		d->cnonce = slice_of_text(cnonce);
	} else {
		d->qop = (struct slice){0};
	}
	if (sip_digest_response(d, SLICE("SERVICE"), text_slice(&c->body),
				&secret, response, &n) != STATUS_OK)
		return false;
	text_clear(to);
	text_puts(to, "Digest ");
	parameter(to, "username", d->username, true);
	parameter(to, "realm", d->realm, true);
	parameter(to, "nonce", d->nonce, true);
	parameter(to, "uri", d->uri, true);
	parameter(to, "response", slice_of(response, n), true);
	parameter(to, "algorithm", d->algorithm, false);
	parameter(to, "opaque", d->opaque, true);
	parameter(to, "qop", d->qop, false);
	parameter(to, "nc", d->nc, false);
	parameter(to, "cnonce", d->cnonce, true);
	return to->failed == STATUS_OK;
}

/* One of its challenges is answered, or the outcome says why not. */
static void challenged(struct mras_client *c, const struct sip_message *m,
		       nanoseconds now)
{
	enum sip_header_name name = m->status == 407 ? SIP_PROXY_AUTHENTICATE
						     : SIP_WWW_AUTHENTICATE;
	const struct sip_header *h = sip_header(m, name);
	struct slice params,
		scheme = h ? sip_auth_scheme(h->value, &params) : SLICE("");
	struct sip_digest digest;

	c->proxy = m->status == 407;
	for (; h; h = sip_header_after(m, h)) {
		if (h->id != name ||
		    sip_digest_parse(h->value, &digest) != STATUS_OK)
			continue;
		if (c->config.user.n == 0)
			break;
		if (c->tried && !digest.stale) {
			finish(c, MRAS_WRONG_PASSWORD, digest.realm, now);
			return;
		}
		c->tried = true;
		if (write_digest(c, &digest)) {
			ask(c, now);
			return;
		}
	}
	finish(c, MRAS_WANTS_SIGN_IN, scheme, now);
}

/* ---- the answer ---- */

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

	if (!first || !decode(first->username, r->user, &r->user_size) ||
	    !decode(first->password, r->password, &r->password_size)) {
		finish(c, MRAS_MALFORMED, SLICE("no user name and password"),
		       now);
		return;
	}
	r->duration_min = first->duration_min;
	take_relays(c, first);
	finish(c, MRAS_GRANTED, m->reason, now);
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
		finish(c, MRAS_REFUSED, m.reason, now);
	return true;
}

static void answered(struct mras_client *c, const struct sip_message *m,
		     nanoseconds now)
{
	if (m->status < 200 || m->cseq != c->cseq ||
	    !slice_is(m->call_id, c->call_id))
		return;
	c->report.status = m->status;
	if (m->status == 401 || m->status == 407)
		challenged(c, m, now);
	else if (take_document(c, m, now))
		return;
	else if (m->status < 300)
		finish(c, MRAS_MALFORMED, SLICE("no document in the answer"),
		       now);
	else
		finish(c, MRAS_REFUSED_SIP, m->reason, now);
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
		if (!m.request)
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
