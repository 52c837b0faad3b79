/* Who asks: Digest (RFC 2617, 7616, 8760) and NTLM ([MS-SIPAE]). */
#include "config.h"

#include "engine/sip_state.h"

#define HEX_MAX 64u
#define TOKEN_TEXT_MAX (NTLM_MESSAGE_MAX / 3 * 4)

/* What credentials proved. */
enum proof {
	PROOF_NONE, /* they are of no scheme that counts here */
	PROOF_GOOD,
	PROOF_STALE, /* right once: a nonce, or an association, is over */
	PROOF_WRONG,
	PROOF_BEGUN, /* an association: it is challenged */
	PROOF_MALFORMED,
};

/* ---- challenges ---- */

/* The stronger first (RFC 8760 2.3). */
static const struct {
	const char *name;
	unsigned schemes; /* with which it is offered */
} digest_algorithms[] = {{"SHA-256", SIP_DIGEST},
			 {"MD5", SIP_DIGEST | SIP_MD5}};

#define ALGORITHMS (sizeof(digest_algorithms) / sizeof(digest_algorithms[0]))

static void put_digest(struct sip_ask *a, bool stale)
{
	struct text *to = &a->s->head;
	char nonce[NONCE_SIZE];

	nonce_make(&a->s->nonces, &a->c->path.client, a->now, nonce);
	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (!(digest_algorithms[i].schemes & a->s->config.schemes))
			continue;
		text_puts(to, "WWW-Authenticate: Digest realm=\"");
		text_put(to, a->s->config.realm);
		text_puts(to, "\", nonce=\"");
		text_put(to, slice_of(nonce, NONCE_SIZE));
		text_printf(to, "\", algorithm=%s, qop=\"auth\"%s\r\n",
			    digest_algorithms[i].name,
			    stale ? ", stale=true" : "");
	}
}

static void put_target(struct sip_ask *a, struct text *to)
{
	text_puts(to, "realm=\"" SIP_NTLM_REALM "\", targetname=\"");
	text_put(to, a->s->config.host);
	text_putc(to, '"');
}

static void put_ntlm(struct sip_ask *a)
{
	struct text *to = &a->s->head;

	text_puts(to, "WWW-Authenticate: NTLM ");
	put_target(a, to);
	text_printf(to, ", version=%u\r\n", ASSOCIATION_VERSION);
}

/* All schemes, the stronger ones first. */
static void challenge(struct sip_ask *a, bool stale)
{
	a->s->counts.challenged++;
	sip_refuse(a, 401, NULL);
	if (a->s->config.schemes & SIP_NTLM)
		put_ntlm(a);
	if (a->s->config.schemes & (SIP_DIGEST | SIP_MD5))
		put_digest(a, stale);
}

static struct ntlm_challenge challenge_of(const struct sip_ask *a,
					  const struct association *of)
{
	struct ntlm_challenge c = {.host = a->s->config.host,
				   .domain = a->s->config.domain};

	if (c.domain.n == 0)
		c.domain = c.host;
	memcpy(c.nonce, of->nonce, sizeof(c.nonce));
	return c;
}

/* The second leg, with the token of it. */
static void put_begun(struct sip_ask *a)
{
	struct ntlm_challenge c = challenge_of(a, &a->c->begun);
	struct text message = text_new(NTLM_MESSAGE_MAX);
	struct text *to = &a->s->head;
	char *room;

	ntlm_write_challenge(&c, &message);
	a->s->counts.challenged++;
	sip_refuse(a, 401, NULL);
	text_printf(to, "WWW-Authenticate: NTLM opaque=\"%s\", gssapi-data=\"",
		    a->c->begun.opaque);
	room = text_room(to, (message.n + 2) / 3 * 4);
	if (room)
		to->n += base64_encode(text_slice(&message), room);
	text_puts(to, "\", ");
	put_target(a, to);
	text_printf(to, ", version=%u\r\n", ASSOCIATION_VERSION);
	text_free(&message);
}

/* ---- Digest ---- */

static bool is_offered(const struct sip_ask *a, struct slice algorithm)
{
	if (algorithm.n == 0)
		return true; /* MD5 (RFC 2617 3.2.1) */
	for (size_t i = 0; i < ALGORITHMS; i++)
		if (slice_is_nocase(algorithm, digest_algorithms[i].name))
			return digest_algorithms[i].schemes &
			       a->s->config.schemes;
	return false;
}

static bool same_hex(struct slice theirs, const char *ours, size_t n)
{
	uint8_t small[HEX_MAX];

	if (theirs.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = theirs.p[i];

		small[i] = c >= 'A' && c <= 'F' ? (uint8_t)(c | 32) : c;
	}
	return bytes_equal_constant_time(slice_of(small, n), slice_of(ours, n));
}

/* A name that nobody has costs as much as one with another password. */
static bool digest_fits(struct sip_ask *a, uint32_t row)
{
	struct sip_digest_secret secret = {.password = SLICE("nobody's")};
	char ours[HEX_MAX];
	size_t n;

	if (row != SIP_ACCOUNT_NONE)
		secret.password = a->s->accounts.rows[row].password;
	return sip_digest_response(&a->digest, a->m->method_text, a->m->body,
				   &secret, ours, &n) == STATUS_OK &&
	       same_hex(a->digest.response, ours, n) && row != SIP_ACCOUNT_NONE;
}

static enum proof digest_proof(struct sip_ask *a, struct slice value)
{
	struct sip_digest *d = &a->digest;
	uint32_t row;

	if (!(a->s->config.schemes & (SIP_DIGEST | SIP_MD5)) ||
	    sip_digest_parse(value, d) != STATUS_OK)
		return PROOF_NONE;
	if (!slice_equal(d->realm, a->s->config.realm))
		return PROOF_NONE; /* it is for another */
	/* Its URI need not be that of the request (RFC 3261 22.4). */
	if (d->username.n == 0 || d->nonce.n == 0 || d->response.n == 0 ||
	    d->uri.n == 0)
		return PROOF_MALFORMED;
	row = sip_accounts_find(&a->s->accounts, d->username,
				a->s->config.domain);
	if (!is_offered(a, d->algorithm) || !digest_fits(a, row))
		return PROOF_WRONG;
	if (!nonce_is_valid(&a->s->nonces, &a->c->path.client, a->now,
			    d->nonce))
		return PROOF_STALE;
	a->account = row;
	a->has_digest = true;
	return PROOF_GOOD;
}

/* ---- NTLM ---- */

static void begin(struct sip_ask *a)
{
	uint8_t dice[NTLM_NONCE_SIZE + ASSOCIATION_OPAQUE / 2];

	a->s->provider.random(a->s->provider.context, dice, sizeof(dice));
	association_begin(&a->c->begun, dice);
}

/* Of the proof's user; who it is depends on the domain of From, too. */
static uint32_t account_of(struct sip_ask *a, const struct ntlm_proof *proof)
{
	struct text name = text_new(3 * NTLM_NAME_MAX);
	struct slice host = sip_address_of(a->s, a->m->from.uri);
	uint32_t row;

	(void)slice_split(&host, '@');
	ntlm_user(proof, &name);
	row = sip_accounts_find(&a->s->accounts, text_slice(&name), host);
	text_free(&name);
	return row;
}

/* The third leg: keys from the token, and what is signed with them. */
static bool proves(struct sip_ask *a, struct slice token)
{
	struct association *begun = &a->c->begun;
	struct ntlm_challenge challenge = challenge_of(a, begun);
	struct association_text text;
	struct ntlm_proof proof;
	uint32_t row;

	if (ntlm_read_proof(token, &proof) != STATUS_OK)
		return false;
	row = account_of(a, &proof);
	if (row == SIP_ACCOUNT_NONE ||
	    !ntlm_check(&challenge, &proof, a->s->accounts.rows[row].password,
			&begun->keys))
		return false;
	begun->version = a->said.version;
	begun->account = row;
	begun->made = a->now;
	association_of_request(a->m, &text);
	text.claim = a->said;
	return a->said.version < ASSOCIATION_VERSION ||
	       association_verify(begun, &text);
}

static enum proof third_leg(struct sip_ask *a)
{
	struct association *begun = &a->c->begun;
	uint8_t *token;
	size_t n;
	bool fine;

	if (begun->state != ASSOCIATION_CHALLENGED ||
	    !slice_is_nocase(a->said.opaque, begun->opaque))
		return PROOF_STALE;
	if (a->said.token.n > TOKEN_TEXT_MAX)
		return PROOF_MALFORMED;
	token = arena_alloc(&a->s->scratch, a->said.token.n + 4);
	if (!token || base64_decode(a->said.token, token, &n) != STATUS_OK)
		return PROOF_MALFORMED;
	fine = proves(a, slice_of(token, n));
	if (fine) {
		a->c->stands = *begun;
		a->c->stands.state = ASSOCIATION_STANDS;
		a->by = &a->c->stands;
		a->account = begun->account;
	}
	/* A challenge is good for one try. */
	bytes_wipe(begun, sizeof(*begun));
	return fine ? PROOF_GOOD : PROOF_WRONG;
}

static enum proof signed_proof(struct sip_ask *a)
{
	struct association *stands = &a->c->stands;
	struct association_text text;

	if (stands->state != ASSOCIATION_STANDS ||
	    !slice_is_nocase(a->said.opaque, stands->opaque) ||
	    a->now - stands->made > ASSOCIATION_LASTS)
		return PROOF_STALE;
	association_of_request(a->m, &text);
	text.claim = a->said;
	if (!association_verify(stands, &text))
		return PROOF_WRONG;
	a->by = stands;
	a->account = stands->account;
	return PROOF_GOOD;
}

static enum proof ntlm_proof(struct sip_ask *a, struct slice value)
{
	struct slice params, scheme = sip_auth_scheme(value, &params);

	if (!(a->s->config.schemes & SIP_NTLM) ||
	    !slice_is_nocase(scheme, "NTLM"))
		return PROOF_NONE;
	association_read(scheme, params, &a->said);
	if (!slice_is_nocase(a->said.realm, SIP_NTLM_REALM) ||
	    !slice_equal_nocase(a->said.target, a->s->config.host))
		return PROOF_NONE; /* it is for another */
	if (a->said.token.n)
		return third_leg(a);
	if (a->said.signature.n)
		return signed_proof(a);
	if (!a->said.has_token)
		return PROOF_MALFORMED;
	begin(a);
	return PROOF_BEGUN;
}

/* ---- the whole ---- */

/* The first credentials that count, of whichever header. */
static enum proof proof_of(struct sip_ask *a)
{
	enum proof proof = PROOF_NONE;

	for (size_t i = 0; i < a->m->header_count && proof == PROOF_NONE; i++) {
		const struct sip_header *h = &a->m->headers[i];

		if (h->id != SIP_AUTHORIZATION &&
		    h->id != SIP_PROXY_AUTHORIZATION)
			continue;
		proof = digest_proof(a, h->value);
		if (proof == PROOF_NONE)
			proof = ntlm_proof(a, h->value);
	}
	return proof;
}

static void refuse(struct sip_ask *a)
{
	a->s->counts.refused++;
	if (++a->c->failures < SIP_FAILURES_MAX) {
		challenge(a, false);
		return;
	}
	sip_refuse(a, 403, "Too many wrong passwords");
	a->c->over = true;
}

bool sip_authenticate(struct sip_ask *a)
{
	if (a->s->config.schemes == 0)
		return true;
	switch (proof_of(a)) {
	case PROOF_GOOD:
		a->c->failures = 0;
		return true;
	case PROOF_BEGUN:
		put_begun(a);
		return false;
	case PROOF_WRONG:
		refuse(a);
		return false;
	case PROOF_MALFORMED:
		sip_refuse(a, 400, "Malformed credentials");
		return false;
	case PROOF_STALE:
		challenge(a, true);
		return false;
	case PROOF_NONE:
		break;
	}
	challenge(a, false);
	return false;
}

/* ---- our own signature ---- */

static void sign_ntlm(struct sip_ask *a, struct association_text *what,
		      struct text *to)
{
	char signature[2 * NTLM_SIGNATURE_SIZE + 1];
	char random[ASSOCIATION_RANDOM + 1];
	struct text number = text_new(16);

	sip_random_hex(a->s, random, ASSOCIATION_RANDOM);
	text_number(&number, ++a->by->sent);
	what->claim = (struct association_claim){
		.scheme = SLICE("NTLM"),
		.realm = SLICE(SIP_NTLM_REALM),
		.target = a->s->config.host,
		.random = slice_of(random, ASSOCIATION_RANDOM),
		.number = text_slice(&number),
	};
	association_sign(a->by, what, signature);
	text_printf(to,
		    "Authentication-Info: NTLM rspauth=\"%s\", srand=\"%s\", "
		    "snum=\"%u\", opaque=\"%s\", qop=\"auth\", ",
		    signature, random, a->by->sent, a->by->opaque);
	put_target(a, to);
	text_puts(to, "\r\n");
	text_free(&number);
}

/* RFC 7616 3.5: like the client's, of no method. */
static void sign_digest(struct sip_ask *a, struct text *to)
{
	struct sip_digest_secret secret = {
		.password = a->s->accounts.rows[a->account].password};
	char ours[HEX_MAX];
	size_t n;

	if (a->digest.qop.n == 0 ||
	    sip_digest_response(&a->digest, SLICE(""), text_slice(&a->s->body),
				&secret, ours, &n) != STATUS_OK)
		return;
	text_puts(to, "Authentication-Info: rspauth=\"");
	text_put(to, slice_of(ours, n));
	text_puts(to, "\", qop=");
	sip_put_clean(to, a->digest.qop);
	text_puts(to, ", cnonce=\"");
	sip_put_clean(to, a->digest.cnonce);
	text_puts(to, "\", nc=");
	sip_put_clean(to, a->digest.nc);
	text_puts(to, "\r\n");
}

void sip_sign(struct sip_ask *a, struct association_text *what, struct text *to)
{
	if (a->by)
		sign_ntlm(a, what, to);
	else if (a->has_digest && what->status)
		sign_digest(a, to);
}
