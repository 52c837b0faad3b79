/* Bodies of SIP messages: what they are, and which keys they hold. */
#include "config.h"

#include "core/crypto.h"
#include "flow/contents.h"

#define TOKEN_MAX 4096u

static bool is_type(struct slice type, const char *wanted)
{
	return slice_is_nocase(type, wanted);
}

static bool is_sdp(struct slice type)
{
	return is_type(type, "application/sdp") ||
	       is_type(type, "application/sdp-ngc-1.0") ||
	       is_type(type, "application/trickle-ice-sdpfrag");
}

static const struct sdp *read_sdp(struct decoding *d, struct slice bytes)
{
	struct sdp *sdp = arena_alloc(d->arena, sizeof(*sdp));
	size_t used;

	if (!sdp || sdp_decode(d, bytes, sdp, &used) != STATUS_OK)
		return NULL;
	return sdp;
}

static const struct mras *read_mras(struct decoding *d, struct slice bytes)
{
	struct mras *mras = arena_alloc(d->arena, sizeof(*mras));
	size_t used;

	if (!mras || mras_decode(d, bytes, mras, &used) != STATUS_OK)
		return NULL;
	return mras;
}

static const struct provisioning *read_provisioning(struct decoding *d,
						    struct slice bytes)
{
	struct provisioning *p = arena_alloc(d->arena, sizeof(*p));
	size_t used;

	if (!p || provisioning_decode(d, bytes, p, &used) != STATUS_OK)
		return NULL;
	return p;
}

static const struct qoe *read_qoe(struct decoding *d, struct slice bytes)
{
	struct qoe *qoe = arena_alloc(d->arena, sizeof(*qoe));
	size_t used;

	if (!qoe || qoe_decode(d, bytes, qoe, &used) != STATUS_OK)
		return NULL;
	return qoe;
}

static const struct sip_conference *read_conference(struct decoding *d,
						    struct slice bytes)
{
	struct sip_conference *c = arena_alloc(d->arena, sizeof(*c));

	if (!c || sip_conference_read(bytes, d->arena, c) != STATUS_OK)
		return NULL;
	return c;
}

static void read_one(struct decoding *d, struct sip_content *content)
{
	struct slice bytes = content->body.bytes;

	if (is_sdp(content->body.type))
		content->sdp = read_sdp(d, bytes);
	else if (is_type(content->body.type, "application/cccp+xml"))
		content->conference = read_conference(d, bytes);
	else if (mras_claims(bytes, false) != CLAIM_NO)
		content->mras = read_mras(d, bytes);
	else if (provisioning_claims(bytes, false) != CLAIM_NO)
		content->provisioning = read_provisioning(d, bytes);
	else if (qoe_claims(bytes, false) != CLAIM_NO)
		content->qoe = read_qoe(d, bytes);
}

enum dialog_control contents_control(const struct sip_content *contents,
				     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_type(contents[i].body.type, "application/csta+xml"))
			return CONTROL_PHONE;
		if (is_type(contents[i].body.type, "application/cccp+xml"))
			return CONTROL_CONFERENCE;
	}
	return CONTROL_NONE;
}

size_t contents_read(struct arena *arena, const struct sip_message *sip,
		     struct findings *findings, struct sip_content *out)
{
	struct sip_body bodies[SIP_BODIES_MAX];
	struct decoding decoding = {
		.arena = arena, .findings = findings, .cut = sip->body_cut};
	size_t count;

	if (sip->body.n == 0)
		return 0;
	count = sip_bodies(sip, bodies, SIP_BODIES_MAX);
	for (size_t i = 0; i < count; i++) {
		out[i] = (struct sip_content){.body = bodies[i]};
		if (!sip->body_cut)
			out[i].body.bytes =
				body_decoded(arena, &bodies[i], findings);
		read_one(&decoding, &out[i]);
	}
	return count;
}

void contents_learn_sdp(struct keyring *keys, const struct sdp *sdp)
{
	keyring_add_ice(keys, sdp->transport.ice_ufrag, sdp->transport.ice_pwd);
	for (size_t i = 0; i < sdp->media_count; i++)
		keyring_add_ice(keys, sdp->media[i].transport.ice_ufrag,
				sdp->media[i].transport.ice_pwd);
}

/* The token travels as base64 text and is used decoded ([MS-AVEDGEA]). */
static void learn_token(struct keyring *keys, const struct mras_credentials *c)
{
	uint8_t user[TOKEN_MAX], password[TOKEN_MAX];
	size_t user_n, password_n;

	if (c->username.n == 0 || c->username.n > TOKEN_MAX ||
	    c->password.n > TOKEN_MAX ||
	    base64_decode(c->username, user, &user_n) != STATUS_OK ||
	    base64_decode(c->password, password, &password_n) != STATUS_OK)
		return;
	keyring_add_credential(keys, slice_of(user, user_n), (struct slice){0},
			       slice_of(password, password_n));
}

void contents_learn(struct keyring *keys, const struct sip_content *contents,
		    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mras *mras = contents[i].mras;

		if (contents[i].sdp)
			contents_learn_sdp(keys, contents[i].sdp);
		for (size_t k = 0;
		     mras && mras->kind == MRAS_RESPONSE && k < mras->count;
		     k++)
			learn_token(keys, &mras->credentials[k]);
	}
}
