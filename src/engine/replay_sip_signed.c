/* Authentication-Info: what a server proves itself with (RFC 7616 3.5;
 * [MS-SIPAE], spec mras-and-registration 2.4 to 2.7). */
#include "config.h"

#include "engine/replay_sip.h"

static struct slice param_of(struct slice params, const char *name)
{
	struct slice value;

	return sip_param(params, ',', name, &value) ? value : (struct slice){0};
}

static struct slice info_of(const struct sip_message *sip)
{
	struct slice value = sip_value(sip, SIP_AUTHENTICATION_INFO);

	return value.n ? value : sip_value(sip, SIP_PROXY_AUTHENTICATION_INFO);
}

/* ---- Digest ---- */

/* What the server says back of the request. */
static void judge_echo(const struct sip_trial *t, const char *name,
		       struct slice value, uint32_t due)
{
	if (value.n && sip_trial_hash_nocase(t->r, value) != due)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "%s of Authentication-Info is not the request's",
			       name);
}

static void judge_rspauth(const struct sip_trial *t, struct slice rspauth,
			  struct slice qop)
{
	const struct sip_credentials *c = &t->w->credentials;

	if (!slice_is_hex(rspauth) || (c->digits && rspauth.n != c->digits))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "rspauth is none of the algorithm of the "
			       "request");
	else if (c->due && (!qop.n || slice_is_nocase(qop, "auth")) &&
		 sip_trial_hash_nocase(t->r, rspauth) != c->due)
		sip_trial_find(t, REPLAY_INTEGRITY_WRONG,
			       "rspauth does not fit the password that the "
			       "request was proved with");
}

static void judge_digest(const struct sip_trial *t, struct slice info)
{
	const struct sip_credentials *c = &t->w->credentials;
	struct slice rspauth = param_of(info, "rspauth");
	struct slice qop = param_of(info, "qop"), next;

	if (rspauth.p)
		judge_rspauth(t, rspauth, qop);
	if (qop.n && !slice_is_nocase(qop, "auth") &&
	    !slice_is_nocase(qop, "auth-int"))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "qop of Authentication-Info is none of Digest");
	judge_echo(t, "nc", param_of(info, "nc"), c->count);
	if (param_of(info, "cnonce").n &&
	    sip_trial_hash(t->r, param_of(info, "cnonce")) != c->cnonce)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "cnonce of Authentication-Info is not the "
			       "request's");
	if (sip_param(info, ',', "nextnonce", &next) && !next.n)
		sip_trial_find(t, REPLAY_VALUE_WRONG, "nextnonce is empty");
}

/* ---- associations ---- */

static void judge_number(const struct sip_trial *t,
			 const struct association_claim *claim, bool same)
{
	uint64_t number;

	if (slice_number(claim->number, UINT32_MAX, &number) != STATUS_OK)
		sip_trial_find(t, REPLAY_VALUE_WRONG, "snum is no number");
	else if (same && number <= t->c->server_number)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "snum is %u, and was %u before",
			       (unsigned)number, (unsigned)t->c->server_number);
}

static void judge_form(const struct sip_trial *t,
		       const struct association_claim *claim)
{
	bool ntlm = slice_is_nocase(claim->scheme, "NTLM");

	if (!slice_is_hex(claim->signature) ||
	    (ntlm && !sip_signing_has_form(claim->signature)))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "rspauth has not the form of a signature");
	else if (ntlm && t->w->credentials.integrity == REPLAY_VERIFIED &&
		 !sip_signing_fits(&t->c->signing, t->sip, claim))
		sip_trial_find(t, REPLAY_INTEGRITY_WRONG,
			       "rspauth does not fit the keys that the request "
			       "was signed with");
	if (!slice_is_hex(claim->random))
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "srand is missing, or no number");
}

static void judge_same(const struct sip_trial *t, const char *name, uint32_t is,
		       uint32_t due)
{
	if (is && due && is != due)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "%s of the signature is not the request's",
			       name);
	else if (!is && due)
		sip_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
			       "%s of the signature is missing", name);
}

static void judge_claim(const struct sip_trial *t, struct slice info)
{
	const struct sip_credentials *c = &t->w->credentials;
	struct slice params, scheme = sip_auth_scheme(info, &params);
	struct association_claim claim;
	uint32_t opaque;

	association_read(scheme, params, &claim);
	opaque = sip_trial_hash_nocase(t->r, claim.opaque);
	if (sip_trial_hash_nocase(t->r, scheme) != c->scheme)
		sip_trial_find(t, REPLAY_VALUE_WRONG,
			       "the signature is of another scheme than the "
			       "request's");
	judge_form(t, &claim);
	judge_number(t, &claim, opaque && opaque == t->c->opaque);
	judge_same(t, "opaque", opaque, c->nonce);
	judge_same(t, "realm", sip_trial_hash(t->r, claim.realm), c->realm);
	judge_same(t, "targetname", sip_trial_hash_nocase(t->r, claim.target),
		   c->target);
}

static bool is_signed(const struct sip_trial *t)
{
	return t->w->credentials.proof == SIP_PROOF_TOKEN ||
	       t->w->credentials.proof == SIP_PROOF_SIGNED;
}

void sip_judge_signature(const struct sip_trial *t)
{
	struct slice info = info_of(t->sip);

	/* What a proxy answers nobody signs, and not all sign everything: it
	 * is worth a word (spec mras-and-registration 9.1, AUTH-10). */
	if (is_signed(t) && !info.n && t->sip->status < 300 &&
	    t->w->method == SIP_REGISTER)
		sip_trial_find(t, REPLAY_KNOWN_DIFFERENCE,
			       "Authentication-Info is missing in the success "
			       "that answers a signed %s",
			       sip_method_text((enum sip_method)t->w->method));
	else if (is_signed(t) && info.n)
		judge_claim(t, info);
	else if (info.n && t->w->credentials.proof == SIP_PROOF_DIGEST)
		judge_digest(t, info);
}

void sip_adopt_signature(const struct sip_trial *t)
{
	struct slice params, scheme, info = info_of(t->sip);
	struct association_claim claim;
	uint64_t number;

	if (!info.n || !is_signed(t))
		return;
	scheme = sip_auth_scheme(info, &params);
	association_read(scheme, params, &claim);
	t->c->opaque = sip_trial_hash_nocase(t->r, claim.opaque);
	if (slice_number(claim.number, UINT32_MAX, &number) == STATUS_OK)
		t->c->server_number = (uint32_t)number;
}
