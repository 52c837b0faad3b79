/* Authentication as [MS-SIPAE] has it: NTLM, Kerberos, TLS-DSK. */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/sip_signing.h"
#include "flow/signin.h"

static const struct {
	const char *name;
	enum auth_scheme scheme;
} schemes[] = {
	{"NTLM", AUTH_NTLM},
	{"Kerberos", AUTH_KERBEROS},
	{"TLS-DSK", AUTH_TLS_DSK},
	{"Digest", AUTH_DIGEST},
};

#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static enum auth_scheme scheme_of(struct slice name)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (slice_is_nocase(name, schemes[i].name))
			return schemes[i].scheme;
	return AUTH_OTHER;
}

static struct slice value_of(struct slice params, const char *name)
{
	struct slice value;

	return sip_param(params, ',', name, &value) ? value : (struct slice){0};
}

bool auth_read(struct slice value, struct auth *out)
{
	struct auth a = {.signature = {0}};

	a.scheme = sip_auth_scheme(value, &a.params);
	a.kind = scheme_of(a.scheme);
	if (a.kind == AUTH_OTHER || a.kind == AUTH_DIGEST)
		return false;
	a.has_token = sip_param(a.params, ',', "gssapi-data", &a.token);
	a.signature = value_of(a.params, "response");
	if (!a.signature.n)
		a.signature = value_of(a.params, "rspauth");
	a.realm = value_of(a.params, "realm");
	a.target = value_of(a.params, "targetname");
	a.opaque = value_of(a.params, "opaque");
	*out = a;
	return true;
}

/* ---- legs of the handshake ---- */

/* Is the token a TLS record with a ClientHello (RFC 8446 4, 5.1)? */
static bool is_client_hello(struct slice token)
{
	uint8_t bytes[9];
	size_t n;

	return base64_decode(slice_first(token, 8), bytes, &n) == STATUS_OK &&
	       n >= 6 && bytes[0] == 22 && bytes[1] == 3 && bytes[5] == 1;
}

enum auth_leg_kind auth_leg(const struct auth *a)
{
	if (a->token.n == 0)
		return a->signature.n ? LEG_SIGNED : LEG_BEGIN;
	if (a->kind == AUTH_TLS_DSK)
		return is_client_hello(a->token) ? LEG_BEGIN : LEG_PROOF;
	if (a->kind == AUTH_NTLM &&
	    slice_starts(a->token, SLICE(NTLM_CHALLENGE_BASE64)))
		return LEG_CHALLENGE;
	return LEG_PROOF;
}

/* ---- signatures ---- */

bool auth_signature_fits(const struct auth *a)
{
	if (!slice_is_hex(a->signature))
		return false;
	if (a->kind == AUTH_NTLM)
		return sip_signing_has_form(a->signature);
	if (a->kind == AUTH_TLS_DSK)
		return a->signature.n == 2 * MD5_SIZE ||
		       a->signature.n == 2 * SHA1_SIZE;
	return true; /* the mechanism decides */
}

/* ---- challenges ---- */

static const enum sip_header_name challenge_headers[] = {
	SIP_WWW_AUTHENTICATE, SIP_PROXY_AUTHENTICATE};

uint8_t auth_offers(const struct sip_message *sip)
{
	unsigned bits = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct sip_header *h =
			sip_header(sip, challenge_headers[i]);

		for (; h; h = sip_header_after(sip, h)) {
			struct slice params;

			bits |= scheme_of(sip_auth_scheme(h->value, &params));
		}
	}
	return (uint8_t)bits;
}

static void check_challenge(struct stages *s, struct registration *r,
			    const struct message *m, const struct auth *a)
{
	struct slice uri;

	/* What goes on with a handshake need not name the version again. */
	if (!a->realm.n || !a->target.n ||
	    (!a->token.n && !value_of(a->params, "version").n))
		facts_note(s, &r->facts, FACT_CHALLENGE_INCOMPLETE, a->kind, m);
	if (a->kind == AUTH_KERBEROS && a->target.n &&
	    !slice_starts_nocase(a->target, "sip/"))
		facts_note(s, &r->facts, FACT_KERBEROS_TARGET, 0, m);
	/* Only where the handshake has not begun. */
	if (a->kind == AUTH_TLS_DSK && !a->token.n && !a->opaque.n &&
	    !sip_param(a->params, ',', "sts-uri", &uri))
		facts_note(s, &r->facts, FACT_NO_STS, 0, m);
}

void auth_check_challenges(struct stages *s, struct registration *r,
			   const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	for (size_t i = 0; i < 2; i++) {
		const struct sip_header *h =
			sip_header(sip, challenge_headers[i]);

		for (; h; h = sip_header_after(sip, h)) {
			struct auth a;

			if (auth_read(h->value, &a))
				check_challenge(s, r, m, &a);
		}
	}
}
