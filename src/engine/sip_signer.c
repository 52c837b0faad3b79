/* The client's side of signing in over SIP. */
#include "config.h"

#include "engine/sip_signer.h"

#define ANSWER_MAX ((size_t)1 << 16)
#define WORD 17u /* 16 hex digits */

void signer_init(struct sip_signer *s, const struct signer_config *config)
{
	*s = (struct sip_signer){.config = *config,
				 .challenge = text_new(ANSWER_MAX),
				 .answer = text_new(ANSWER_MAX),
				 .proof = text_new(ANSWER_MAX)};
}

void signer_free(struct sip_signer *s)
{
	text_free(&s->challenge);
	text_free(&s->answer);
	text_free(&s->proof);
	bytes_wipe(s, sizeof(*s));
}

const char *signer_scheme_text(enum signer_scheme scheme)
{
	static const char *const names[] = {[SIGNER_NONE] = "",
					    [SIGNER_DIGEST] = "Digest",
					    [SIGNER_NTLM] = "NTLM"};

	return names[scheme];
}

void signer_random_hex(struct sip_signer *s, char *out, size_t digits)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t dice[WORD];

	digits = digits < WORD ? digits : WORD - 1;
	s->config.random(s->config.context, dice, digits);
	for (size_t i = 0; i < digits; i++)
		out[i] = hex[dice[i] & 0xF];
	out[digits] = '\0';
}

static bool keep(char to[SIGNER_TEXT], struct slice from)
{
	if (from.n >= SIGNER_TEXT)
		return false;
	if (from.n)
		memcpy(to, from.p, from.n);
	to[from.n] = '\0';
	return true;
}

static void parameter(struct text *to, const char *name, struct slice value,
		      bool quoted)
{
	if (value.n == 0)
		return;
	text_printf(to, ", %s=%s", name, quoted ? "\"" : "");
	text_put(to, value);
	text_puts(to, quoted ? "\"" : "");
}

/* ---- Digest ---- */

static bool digest_asked(struct sip_signer *s, struct slice value)
{
	struct sip_digest d;
	char out[64];
	size_t n;
	struct sip_digest_secret secret = {.password = s->config.password};

	/* An algorithm that is not known is left to another challenge. */
	if (sip_digest_parse(value, &d) != STATUS_OK ||
	    sip_digest_response(&d, SLICE("SERVICE"), SLICE(""), &secret, out,
				&n) != STATUS_OK)
		return false;
	text_clear(&s->challenge);
	text_put(&s->challenge, value);
	s->count = 0;
	return s->challenge.failed == STATUS_OK;
}

static bool is_stale(const struct sip_signer *s)
{
	struct sip_digest d;

	return sip_digest_parse(text_slice(&s->challenge), &d) == STATUS_OK &&
	       d.stale;
}

static bool offers_auth(struct slice qop)
{
	while (qop.n)
		if (slice_is_nocase(slice_trim(slice_split(&qop, ',')), "auth"))
			return true;
	return false;
}

static void put_digest(struct text *to, const struct sip_digest *d)
{
	text_puts(to, "Digest username=\"");
	text_put(to, d->username);
	text_putc(to, '"');
	parameter(to, "realm", d->realm, true);
	parameter(to, "nonce", d->nonce, true);
	parameter(to, "uri", d->uri, true);
	parameter(to, "response", d->response, true);
	parameter(to, "algorithm", d->algorithm, false);
	parameter(to, "opaque", d->opaque, true);
	parameter(to, "qop", d->qop, false);
	parameter(to, "nc", d->nc, false);
	parameter(to, "cnonce", d->cnonce, true);
}

static void write_digest(struct sip_signer *s, struct slice method,
			 struct slice uri, struct slice body)
{
	struct sip_digest_secret secret = {.password = s->config.password};
	char response[64], cnonce[WORD];
	struct text number = text_new(16);
	struct sip_digest d;
	size_t n;

	text_clear(&s->answer);
	if (sip_digest_parse(text_slice(&s->challenge), &d) != STATUS_OK)
		return;
	signer_random_hex(s, cnonce, WORD - 1);
	text_printf(&number, "%08x", ++s->count);
	d.username = s->config.user;
	d.uri = uri;
	if (offers_auth(d.qop)) {
		d.qop = SLICE("auth");
		d.nc = text_slice(&number);
		d.cnonce = slice_of_text(cnonce);
	} else {
		d.qop = (struct slice){0};
	}
	if (sip_digest_response(&d, method, body, &secret, response, &n) ==
	    STATUS_OK) {
		d.response = slice_of(response, n);
		put_digest(&s->answer, &d);
	}
	text_free(&number);
}

/* RFC 7616 3.5: like ours, of no method.  Few servers say it. */
static enum signer_verdict judge_digest(struct sip_signer *s,
					const struct sip_message *m)
{
	struct sip_digest_secret secret = {.password = s->config.password};
	struct slice value =
		sip_value(m, s->proxy ? SIP_PROXY_AUTHENTICATION_INFO
				      : SIP_AUTHENTICATION_INFO);
	struct slice theirs;
	struct sip_digest d;
	char ours[64];
	size_t n;

	if (!sip_param(value, ',', "rspauth", &theirs))
		return SIGNER_UNSIGNED;
	if (sip_digest_parse(text_slice(&s->answer), &d) != STATUS_OK ||
	    sip_digest_response(&d, SLICE(""), m->body, &secret, ours, &n) !=
		    STATUS_OK ||
	    !slice_equal_nocase(theirs, slice_of(ours, n)))
		return SIGNER_WRONG;
	s->verified++;
	return SIGNER_GOOD;
}

/* ---- NTLM ---- */

/* The user's name and domain, of whichever is said how. */
static void name_self(const struct sip_signer *s, struct ntlm_self *self)
{
	struct slice name = s->config.user;
	size_t at;

	self->user = name;
	self->domain = s->config.domain;
	if (slice_find(name, '\\', &at)) {
		self->domain = slice_first(name, at);
		self->user = slice_from(name, at + 1);
	}
}

/* The third leg: the proof, in base64, for the next request. */
static bool prove(struct sip_signer *s, struct slice token, nanoseconds now)
{
	struct ntlm_self self = {.host = SLICE("mrascope"),
				 .password = s->config.password,
				 .time = clock_filetime(now)};
	uint8_t bytes[NTLM_MESSAGE_MAX];
	struct text message = text_new(ANSWER_MAX);
	struct ntlm_offer offer;
	char *room = NULL;
	size_t n;

	if (token.n > sizeof(bytes) ||
	    base64_decode(token, bytes, &n) != STATUS_OK ||
	    ntlm_read_offer(slice_of(bytes, n), &offer) != STATUS_OK)
		return false;
	name_self(s, &self);
	s->config.random(s->config.context, self.nonce, sizeof(self.nonce));
	s->config.random(s->config.context, self.key, sizeof(self.key));
	if (ntlm_write_proof(&offer, &self, &message, &s->association.keys) ==
	    STATUS_OK)
		room = text_room(&s->proof, (message.n + 2) / 3 * 4);
	if (room)
		s->proof.n += base64_encode(text_slice(&message), room);
	text_free(&message);
	bytes_wipe(&self, sizeof(self));
	return room != NULL;
}

static void forget(struct sip_signer *s)
{
	text_clear(&s->proof);
	bytes_wipe(&s->association, sizeof(s->association));
	s->association.client = true;
	s->opaque[0] = '\0';
}

/* False: what it says is nothing that can be answered. */
static bool ntlm_asked(struct sip_signer *s,
		       const struct association_claim *claim, nanoseconds now)
{
	if (claim->token.n && s->association.state != ASSOCIATION_NONE &&
	    keep(s->opaque, claim->opaque) && prove(s, claim->token, now)) {
		s->tried = true;
		return true;
	}
	forget(s);
	s->association.state = ASSOCIATION_CHALLENGED;
	s->association.version = claim->version < ASSOCIATION_VERSION
					 ? claim->version
					 : ASSOCIATION_VERSION;
	return claim->token.n == 0 && keep(s->realm, claim->realm) &&
	       keep(s->target, claim->target);
}

static void put_front(const struct sip_signer *s, struct text *to)
{
	text_puts(to, "NTLM qop=\"auth\"");
	parameter(to, "opaque", slice_of_text(s->opaque), true);
	parameter(to, "realm", slice_of_text(s->realm), true);
	parameter(to, "targetname", slice_of_text(s->target), true);
	parameter(
		to, "version",
		s->association.version > 2
			? slice_of_text(s->association.version == 3 ? "3" : "4")
			: SLICE(""),
		false);
}

static void put_signature(struct sip_signer *s, struct association_text *what,
			  struct text *to)
{
	char signature[2 * NTLM_SIGNATURE_SIZE + 1];
	char random[ASSOCIATION_RANDOM + 1];
	struct text number = text_new(16);

	signer_random_hex(s, random, ASSOCIATION_RANDOM);
	text_number(&number, ++s->association.sent);
	what->claim =
		(struct association_claim){.scheme = SLICE("NTLM"),
					   .realm = slice_of_text(s->realm),
					   .target = slice_of_text(s->target),
					   .random = slice_of_text(random),
					   .number = text_slice(&number)};
	association_sign(&s->association, what, signature);
	parameter(to, "crand", what->claim.random, true);
	parameter(to, "cnum", what->claim.number, true);
	parameter(to, "response", slice_of_text(signature), true);
	text_free(&number);
}

/* Three legs: nothing; the proof, and the first signature; signatures. */
static void write_ntlm(struct sip_signer *s, struct association_text *what,
		       struct text *to)
{
	put_front(s, to);
	if (!s->opaque[0]) {
		text_puts(to, ", gssapi-data=\"\"");
		return;
	}
	parameter(to, "gssapi-data", text_slice(&s->proof), true);
	text_clear(&s->proof);
	put_signature(s, what, to);
}

static enum signer_verdict judge_ntlm(struct sip_signer *s,
				      const struct sip_message *m)
{
	struct slice params,
		value = sip_value(m, s->proxy ? SIP_PROXY_AUTHENTICATION_INFO
					      : SIP_AUTHENTICATION_INFO);
	struct slice scheme = sip_auth_scheme(value, &params);
	struct association_text what;

	if (!s->opaque[0])
		return SIGNER_UNSIGNED;
	association_of_request(m, &what);
	what.status = m->status;
	association_read(scheme, params, &what.claim);
	if (!slice_is_nocase(scheme, "NTLM") || what.claim.signature.n == 0)
		return SIGNER_MISSING;
	if (!association_verify(&s->association, &what))
		return SIGNER_WRONG;
	s->association.state = ASSOCIATION_STANDS;
	s->verified++;
	return SIGNER_GOOD;
}

/* ---- both ---- */

/* The first challenge of NTLM. */
static bool find_ntlm(const struct sip_message *m, enum sip_header_name name,
		      struct association_claim *out)
{
	const struct sip_header *h = sip_header(m, name);

	for (; h; h = sip_header_after(m, h)) {
		struct slice params,
			scheme = sip_auth_scheme(h->value, &params);

		if (!slice_is_nocase(scheme, "NTLM"))
			continue;
		association_read(scheme, params, out);
		return true;
	}
	return false;
}

static bool take_digest(struct sip_signer *s, const struct sip_message *m,
			enum sip_header_name name)
{
	const struct sip_header *h = sip_header(m, name);

	for (; h; h = sip_header_after(m, h))
		if (digest_asked(s, h->value))
			return true;
	return false;
}

/* An association that stood is lost, and made again; one that was not
 * accepted has the wrong password. */
static enum signer_next by_ntlm(struct sip_signer *s,
				const struct association_claim *claim,
				nanoseconds now)
{
	bool stood = s->association.state == ASSOCIATION_STANDS;

	if (s->scheme == SIGNER_NTLM && s->opaque[0] && !stood)
		return SIGNER_REFUSED;
	s->scheme = SIGNER_NTLM;
	return ntlm_asked(s, claim, now) ? SIGNER_AGAIN : SIGNER_NOT_SPOKEN;
}

static enum signer_next by_digest(struct sip_signer *s)
{
	if (s->config.user.n == 0)
		return SIGNER_NO_PASSWORD;
	if (s->tried && !is_stale(s))
		return SIGNER_REFUSED;
	s->scheme = SIGNER_DIGEST;
	s->tried = true;
	return SIGNER_AGAIN;
}

enum signer_next signer_challenged(struct sip_signer *s,
				   const struct sip_message *m, nanoseconds now)
{
	enum sip_header_name name = m->status == 407 ? SIP_PROXY_AUTHENTICATE
						     : SIP_WWW_AUTHENTICATE;
	struct association_claim claim;
	bool ntlm = find_ntlm(m, name, &claim);

	s->proxy = m->status == 407;
	if (ntlm && s->config.user.n)
		return by_ntlm(s, &claim, now);
	if (take_digest(s, m, name))
		return by_digest(s);
	return ntlm ? SIGNER_NO_PASSWORD : SIGNER_NOT_SPOKEN;
}

void signer_write(struct sip_signer *s, struct association_text *what,
		  struct slice request_uri, struct slice body, struct text *to)
{
	if (s->scheme == SIGNER_NONE)
		return;
	text_puts(to, s->proxy ? "Proxy-Authorization: " : "Authorization: ");
	if (s->scheme == SIGNER_NTLM) {
		write_ntlm(s, what, to);
	} else {
		write_digest(s, what->method, request_uri, body);
		text_put(to, text_slice(&s->answer));
	}
	text_puts(to, "\r\n");
}

enum signer_verdict signer_judge(struct sip_signer *s,
				 const struct sip_message *m)
{
	if (s->scheme == SIGNER_NTLM)
		return judge_ntlm(s, m);
	return s->scheme == SIGNER_DIGEST ? judge_digest(s, m)
					  : SIGNER_UNSIGNED;
}
