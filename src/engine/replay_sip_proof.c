/* What a request proves: by Digest (RFC 3261 22, RFC 7616), or by an
 * association ([MS-SIPAE]). */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "engine/replay_sip.h"

/* Lifetimes are counted in seconds: nobody calls a nonce stale so soon. */
#define FRESH (500 * NS_PER_MS)
#define HEX_MAX 64u
#define MD5_DIGITS 32u
#define SHA_256_DIGITS 64u

/* What the response of this algorithm, or its -sess, is long. */
static uint8_t digits_of(struct slice algorithm)
{
	if (algorithm.n == 0 || slice_starts_nocase(algorithm, "MD5"))
		return MD5_DIGITS;
	return slice_starts_nocase(algorithm, "SHA-256") ||
			       slice_starts_nocase(algorithm, "SHA-512-256")
		       ? SHA_256_DIGITS
		       : 0;
}

static struct slice password_of(const struct replay_sip *m, struct slice user,
				struct slice realm)
{
	if (!m->passwords)
		return (struct slice){0};
	return m->passwords->find(m->passwords->context, user, realm);
}

/* Does it fit the password that was given?  And what will prove the server
 * (RFC 7616 3.5)? */
static void check_digest(const struct replay *r, const struct replay_sip *m,
			 const struct sip_digest *d, struct sip_credentials *c)
{
	struct sip_digest_secret secret = {
		.password = password_of(m, d->username, d->realm)};
	const struct slice nothing = {0};
	char wanted[HEX_MAX];
	size_t n;

	c->integrity = REPLAY_UNCHECKED;
	if (!secret.password.n ||
	    sip_digest_response(d, m->sip->method_text, m->sip->body, &secret,
				wanted, &n) != STATUS_OK)
		return;
	if (!slice_equal_nocase(d->response, slice_of(wanted, n))) {
		c->integrity = REPLAY_NO_KEY_FITS;
		return;
	}
	c->integrity = REPLAY_VERIFIED;
	if (slice_is_nocase(d->qop, "auth") &&
	    sip_digest_response(d, nothing, nothing, &secret, wanted, &n) ==
		    STATUS_OK)
		c->due = sip_trial_hash(r, slice_of(wanted, n));
}

static void read_digest(const struct replay *r, const struct replay_sip *m,
			struct slice value, struct sip_credentials *c)
{
	struct sip_digest d;

	if (sip_digest_parse(value, &d) != STATUS_OK)
		return;
	c->proof = SIP_PROOF_DIGEST;
	c->digits = digits_of(d.algorithm);
	c->realm = sip_trial_hash(r, d.realm);
	c->nonce = sip_trial_hash(r, d.nonce);
	c->cnonce = sip_trial_hash(r, d.cnonce);
	c->count = sip_trial_hash_nocase(r, d.nc);
	check_digest(r, m, &d, c);
}

/* ---- associations ---- */

static bool is_of_association(struct slice scheme)
{
	return slice_is_nocase(scheme, "NTLM") ||
	       slice_is_nocase(scheme, "Kerberos") ||
	       slice_is_nocase(scheme, "TLS-DSK");
}

static enum sip_proof proof_of(const struct association_claim *claim)
{
	if (claim->token.n)
		return SIP_PROOF_TOKEN;
	if (claim->signature.n)
		return SIP_PROOF_SIGNED;
	return claim->has_token ? SIP_PROOF_BEGUN : SIP_PROOF_OTHER;
}

static struct slice address_of(const struct sip_message *sip)
{
	struct slice uri = sip->from.uri;
	size_t at;

	return slice_find(uri, ':', &at) ? slice_from(uri, at + 1) : uri;
}

/* Only NTLM's can be computed again. */
static enum replay_integrity check_claim(const struct replay_sip *m,
					 const struct association_claim *claim,
					 struct sip_client *client)
{
	struct sip_signing *s = &client->signing;
	enum status status = STATUS_OK;

	if (!slice_is_nocase(claim->scheme, "NTLM") || !m->passwords ||
	    !s->challenged || !claim->signature.n)
		return REPLAY_UNCHECKED;
	if (claim->token.n)
		status = sip_signing_prove(s, claim, address_of(m->sip),
					   m->passwords);
	if (status == STATUS_BAD)
		return REPLAY_NO_KEY_FITS;
	if (!s->known)
		return REPLAY_UNCHECKED;
	return sip_signing_fits(s, m->sip, claim) ? REPLAY_VERIFIED
						  : REPLAY_BAD;
}

static void read_claim(const struct replay *r, const struct replay_sip *m,
		       struct slice value, struct sip_client *client,
		       struct sip_credentials *c)
{
	struct slice params, scheme = sip_auth_scheme(value, &params);
	struct association_claim claim;

	if (!is_of_association(scheme))
		return;
	association_read(scheme, params, &claim);
	c->proof = (uint8_t)proof_of(&claim);
	c->scheme = sip_trial_hash_nocase(r, scheme);
	c->realm = sip_trial_hash(r, claim.realm);
	c->nonce = sip_trial_hash_nocase(r, claim.opaque);
	c->target = sip_trial_hash_nocase(r, claim.target);
	c->integrity = (uint8_t)check_claim(m, &claim, client);
}

/* ---- all of it ---- */

static size_t count_headers(const struct sip_message *m,
			    enum sip_header_name id, struct slice *value)
{
	const struct sip_header *h = sip_header(m, id);
	size_t n = 0;

	for (; h; h = sip_header_after(m, h), n++)
		*value = h->value;
	return n;
}

void sip_read_credentials(const struct replay *r, const struct replay_sip *m,
			  struct sip_client *client, struct sip_waiting *w)
{
	struct sip_credentials *c = &w->credentials;
	struct slice value = {0};
	size_t n = count_headers(m->sip, SIP_AUTHORIZATION, &value);

	n += count_headers(m->sip, SIP_PROXY_AUTHORIZATION, &value);
	if (n == 0)
		return;
	c->proof = SIP_PROOF_OTHER;
	if (n > 1)
		return;
	read_digest(r, m, value, c);
	read_claim(r, m, value, client, c);
	if (!c->nonce || c->nonce != client->nonce)
		return;
	c->fresh = !client->spent && client->nonce_call == w->call &&
		   w->time - client->nonce_at < FRESH;
	client->spent = true;
}
