/*
 * Signatures of NTLM ([MS-SIPAE] 3.3.4.1, [MS-NLMP] 3.4), computed again where
 * the password was given: the CHALLENGE and the AUTHENTICATE message of the
 * sign-in make the keys, with which both sides sign all that follows.
 */
#include "config.h"

#include "dissectors/ntlm.h"
#include "dissectors/sip_association.h"
#include "flow/signin.h"

#define TEXT_MAX ((size_t)1 << 16)
#define USER_TEXT_MAX ((size_t)1024)

/* Keys of one sign-in; secret, so they stand beside the model. */
struct signing {
	uint8_t nonce[NTLM_NONCE_SIZE];
	bool challenged, known;
	unsigned version;
	struct ntlm_keys keys;
};

struct list signings_new(void)
{
	return list_of(sizeof(struct signing), MODEL_REGISTRATIONS_MAX);
}

void signings_wipe(struct list *list)
{
	if (list->count)
		bytes_wipe(list->rows, list->count * list->size);
}

static struct signing *signing_of(struct stages *s, struct sign_in *x)
{
	if (!x->signing && list_add(&s->signings))
		x->signing = (uint32_t)s->signings.count;
	return x->signing ? list_at(&s->signings, x->signing - 1) : NULL;
}

/* Base64 as bytes in the scratch text; empty when it is none. */
static struct slice bytes_of(struct stages *s, struct slice base64)
{
	struct slice out = {0};
	uint8_t bytes[NTLM_MESSAGE_MAX];
	size_t n;

	text_clear(&s->scratch);
	if (base64.n > sizeof(bytes) ||
	    base64_decode(base64, bytes, &n) != STATUS_OK)
		return out;
	text_put(&s->scratch, slice_of(bytes, n));
	return text_slice(&s->scratch);
}

void signing_challenged(struct stages *s, struct sign_in *x,
			const struct auth *a)
{
	struct signing *row;
	uint8_t nonce[NTLM_NONCE_SIZE];

	if (a->kind != AUTH_NTLM || !a->token.n ||
	    ntlm_read_nonce(bytes_of(s, a->token), nonce) != STATUS_OK)
		return;
	row = signing_of(s, x);
	if (!row)
		return;
	memcpy(row->nonce, nonce, sizeof(nonce));
	row->challenged = true;
	row->known = false;
}

/* ---- the password ---- */

/* DOMAIN\USER, as people write it. */
static struct slice password_of_whole(const struct stages *s,
				      struct slice domain, struct slice user,
				      struct slice realm)
{
	struct text whole = text_new(2 * USER_TEXT_MAX);
	struct slice found;

	text_put(&whole, domain);
	text_putc(&whole, '\\');
	text_put(&whole, user);
	found = keyring_password(s->keys, text_slice(&whole), realm);
	text_free(&whole);
	return found;
}

/* Under the name, with domain or realm, or under the address of record. */
static struct slice password_of(const struct stages *s,
				const struct registration *r,
				const struct ntlm_proof *proof,
				struct slice realm)
{
	struct text user = text_new(USER_TEXT_MAX),
		    domain = text_new(USER_TEXT_MAX);
	struct slice aor = slice_of_text(r->aor ? r->aor : "");
	struct slice found;

	ntlm_name(proof->user, &user);
	ntlm_name(proof->domain, &domain);
	found = keyring_password(s->keys, text_slice(&user),
				 text_slice(&domain));
	if (!found.n)
		found = keyring_password(s->keys, text_slice(&user), realm);
	if (!found.n && slice_starts(aor, SLICE("sip:")))
		found = keyring_password(s->keys, slice_from(aor, 4), realm);
	if (!found.n)
		found = password_of_whole(s, text_slice(&domain),
					  text_slice(&user), realm);
	text_free(&user);
	text_free(&domain);
	return found;
}

/* Does the proof fit the password?  Then the keys are known. */
static void prove_session(struct stages *s, struct registration *r,
			  struct signing *row, const struct auth *a)
{
	struct ntlm_proof proof;
	struct slice password;

	if (ntlm_read_proof(bytes_of(s, a->token), &proof) != STATUS_OK ||
	    !ntlm_is_usable(&proof))
		return;
	password = password_of(s, r, &proof, a->realm);
	if (!password.n)
		return;
	row->known = ntlm_check_nonce(row->nonce, &proof, password, &row->keys);
	r->digests_verified += row->known;
	r->digests_wrong += !row->known;
}

/* ---- signatures ---- */

static bool same_hex(struct slice hex, const uint8_t bytes[NTLM_SIGNATURE_SIZE])
{
	uint64_t value;

	if (hex.n != 2 * NTLM_SIGNATURE_SIZE)
		return false;
	for (size_t i = 0; i < NTLM_SIGNATURE_SIZE; i++)
		if (slice_hex(slice_cut(hex, 2 * i, 2), 255, &value) !=
			    STATUS_OK ||
		    value != bytes[i])
			return false;
	return true;
}

static bool fits(const struct signing *row, const struct sip_message *sip,
		 const struct auth *a)
{
	struct association_text what;
	struct text text = text_new(TEXT_MAX);
	uint8_t ours[NTLM_SIGNATURE_SIZE];
	bool same;

	association_of_request(sip, &what);
	association_read(a->scheme, a->params, &what.claim);
	what.status = sip->request ? 0 : sip->status;
	association_write(&what, row->version, &text);
	ntlm_sign(&row->keys, !sip->request, text_slice(&text), ours);
	same = text.failed == STATUS_OK && same_hex(a->signature, ours);
	text_free(&text);
	return same;
}

static unsigned version_of(const struct auth *a)
{
	struct association_claim claim;

	association_read(a->scheme, a->params, &claim);
	return claim.version;
}

enum integrity signature_judge(struct stages *s, struct registration *r,
			       const struct message *m, const struct auth *a)
{
	struct sign_in *x = sign_in_of(s, r);
	struct signing *row =
		x->signing ? list_at(&s->signings, x->signing - 1) : NULL;

	if (a->kind != AUTH_NTLM || !row || !row->challenged)
		return INTEGRITY_UNCHECKED;
	if (m->u.sip->request && a->token.n) {
		row->version = version_of(a);
		prove_session(s, r, row, a);
	}
	if (!row->known)
		return INTEGRITY_UNCHECKED;
	return fits(row, m->u.sip, a) ? INTEGRITY_VERIFIED : INTEGRITY_BAD;
}
