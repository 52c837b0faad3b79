/* Challenges, and whether who asks is let in rightly (RFC 3261 22, RFC 7616
 * 3.3; [MS-SIPAE], spec mras-and-registration 2.4). */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "engine/replay_sip.h"

#define STALE_SLACK NS_PER_S /* what was sent before that was known */

static const struct {
	enum sip_header_name id;
	const char *name;
	unsigned status;
} challenges[] = {
	{SIP_WWW_AUTHENTICATE, "WWW-Authenticate", 401},
	{SIP_PROXY_AUTHENTICATE, "Proxy-Authenticate", 407},
};

#define CHALLENGES (sizeof(challenges) / sizeof(challenges[0]))

static bool is_challenge(const struct sip_trial *t)
{
	return t->sip->status == 401 || t->sip->status == 407;
}

/* ---- the words of a challenge ---- */

static void lack(const struct sip_trial *t, const char *what,
		 const char *scheme)
{
	sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
		       "%s is missing in a challenge of %s", what, scheme);
}

static void judge_digest(const struct sip_trial *t, const struct sip_digest *d,
			 uint32_t realm)
{
	uint32_t nonce = sip_trial_hash(t->r, d->nonce);
	uint32_t is = sip_trial_hash(t->r, d->realm);

	if (!d->realm.p)
		lack(t, "realm", "Digest");
	if (!nonce)
		lack(t, "nonce", "Digest");
	if (d->stale && nonce && nonce == t->w->credentials.nonce)
		sip_trial_find(t, REPLAY_NONCE_NOT_NEW,
			       "a challenge with stale=true brings the nonce "
			       "that it refuses");
	if (is && realm && is != realm)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "realm is another than in the challenge before");
}

/* The second leg: what answers an empty token (2.4). */
static void judge_leg(const struct sip_trial *t,
		      const struct association_claim *claim)
{
	if (!claim->token.n) {
		lack(t, "gssapi-data", "the second leg");
		return;
	}
	if (!claim->opaque.n)
		lack(t, "opaque", "the second leg");
	if (slice_is_nocase(claim->scheme, "NTLM") &&
	    !slice_starts(claim->token, SLICE(NTLM_CHALLENGE_BASE64)))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "gssapi-data is no CHALLENGE message of NTLM");
}

static void judge_association(const struct sip_trial *t, struct slice scheme,
			      struct slice params)
{
	const struct sip_credentials *c = &t->w->credentials;
	struct association_claim claim;
	struct slice version;

	association_read(scheme, params, &claim);
	if (!claim.realm.n)
		lack(t, "realm", "[MS-SIPAE]");
	if (!claim.target.n)
		lack(t, "targetname", "[MS-SIPAE]");
	/* What goes on need not name it again. */
	if (!claim.token.n &&
	    (!sip_param(params, ',', "version", &version) || !version.n))
		lack(t, "version", "[MS-SIPAE]");
	if (c->proof != SIP_PROOF_BEGUN ||
	    sip_trial_hash_nocase(t->r, scheme) != c->scheme)
		return;
	judge_leg(t, &claim);
	if (claim.target.n &&
	    sip_trial_hash_nocase(t->r, claim.target) != c->target)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "targetname is another than the request's");
}

static void judge_challenge(const struct sip_trial *t, struct slice value,
			    uint32_t realm)
{
	struct slice params, scheme = sip_auth_scheme(value, &params);
	struct sip_digest d;

	if (sip_digest_parse(value, &d) == STATUS_OK)
		judge_digest(t, &d, realm);
	else if (slice_is_nocase(scheme, "NTLM") ||
		 slice_is_nocase(scheme, "Kerberos") ||
		 slice_is_nocase(scheme, "TLS-DSK"))
		judge_association(t, scheme, params);
}

static void judge_challenges(const struct sip_trial *t)
{
	for (size_t i = 0; i < CHALLENGES; i++) {
		const struct sip_header *h =
			sip_header(t->sip, challenges[i].id);
		uint32_t realm = t->c->realms[i];

		if (!h && challenges[i].status == t->sip->status)
			sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
				       "%s is missing beside %u",
				       challenges[i].name, t->sip->status);
		/* A proxy that forked gathers those of several realms, and
		 * has several servers behind it. */
		if (t->w->method != SIP_REGISTER ||
		    (h && sip_header_after(t->sip, h)))
			realm = 0;
		for (; h; h = sip_header_after(t->sip, h))
			judge_challenge(t, h->value, realm);
	}
}

/* ---- who is let in ---- */

/* Is what the request was proved with asked for once more? */
static bool asks_again(const struct sip_trial *t)
{
	const struct sip_credentials *c = &t->w->credentials;

	for (size_t i = 0; i < CHALLENGES; i++) {
		const struct sip_header *h =
			sip_header(t->sip, challenges[i].id);

		for (; h; h = sip_header_after(t->sip, h)) {
			struct slice params, realm;

			(void)sip_auth_scheme(h->value, &params);
			if (sip_param(params, ',', "realm", &realm) &&
			    sip_trial_hash(t->r, realm) == c->realm)
				return true;
		}
	}
	return false;
}

static void judge_refusal(const struct sip_trial *t)
{
	const struct sip_credentials *c = &t->w->credentials;

	if (c->integrity != REPLAY_VERIFIED || !c->fresh ||
	    (c->proof != SIP_PROOF_DIGEST && c->proof != SIP_PROOF_TOKEN) ||
	    !asks_again(t))
		return;
	sip_trial_find(t, REPLAY_REFUSED_WRONGLY,
		       "%s was answered with %u; its credentials fit the "
		       "password that was given, and the nonce is new",
		       sip_method_text((enum sip_method)t->w->method),
		       t->sip->status);
}

static void judge_success(const struct sip_trial *t)
{
	const struct sip_credentials *c = &t->w->credentials;
	const char *method = sip_method_text((enum sip_method)t->w->method);
	bool unfit = c->integrity == REPLAY_NO_KEY_FITS ||
		     c->integrity == REPLAY_BAD;

	if (unfit && !t->c->said_unfit)
		sip_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
			       "%s had success; its credentials do not fit the "
			       "password that was given",
			       method);
	t->c->said_unfit |= unfit;
	if (c->proof == SIP_PROOF_DIGEST && c->nonce &&
	    c->nonce == t->c->refused &&
	    t->w->time > t->c->refused_at + STALE_SLACK)
		sip_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
			       "%s had success with a nonce that was called "
			       "stale (RFC 7616 3.3)",
			       method);
	if (c->proof == SIP_PROOF_BEGUN && t->c->challenged)
		sip_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
			       "%s had success where a challenge was due: an "
			       "empty gssapi-data proves nothing",
			       method);
}

void sip_judge_auth(const struct sip_trial *t)
{
	if (is_challenge(t)) {
		judge_challenges(t);
		judge_refusal(t);
	} else if (t->sip->status < 300) {
		judge_success(t);
	}
	sip_judge_signature(t);
}

/* ---- what is known from then on ---- */

static void adopt_challenge(const struct sip_trial *t, size_t kind,
			    struct slice value)
{
	struct slice params, scheme = sip_auth_scheme(value, &params);
	struct association_claim claim;
	struct sip_client *c = t->c;
	struct sip_digest d;
	uint32_t nonce = 0;

	if (sip_digest_parse(value, &d) == STATUS_OK) {
		nonce = sip_trial_hash(t->r, d.nonce);
		if (t->w->method == SIP_REGISTER)
			c->realms[kind] = sip_trial_hash(t->r, d.realm);
		if (d.stale && t->w->credentials.proof == SIP_PROOF_DIGEST) {
			c->refused = t->w->credentials.nonce;
			c->refused_at = t->m->time;
		}
	} else if (slice_is_nocase(scheme, "NTLM")) {
		association_read(scheme, params, &claim);
		sip_signing_challenge(&c->signing, claim.token);
		nonce = sip_trial_hash_nocase(t->r, claim.opaque);
		c->server_number = 0;
	}
	c->challenged = true;
	if (!nonce || nonce == c->nonce)
		return;
	c->nonce = nonce;
	c->nonce_at = t->m->time;
	c->nonce_call = t->w->call;
	c->spent = false;
}

void sip_adopt_auth(const struct sip_trial *t)
{
	sip_adopt_signature(t);
	for (size_t i = 0; i < CHALLENGES && is_challenge(t); i++) {
		const struct sip_header *h =
			sip_header(t->sip, challenges[i].id);

		for (; h; h = sip_header_after(t->sip, h))
			adopt_challenge(t, i, h->value);
	}
}
