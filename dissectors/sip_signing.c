/* Signatures by NTLM, checked by one who watches. */
#include "config.h"

#include "dissectors/sip_signing.h"

#define TEXT_MAX ((size_t)1 << 16)
#define NAME_TEXT_MAX ((size_t)1024)

/* Base64 as bytes; empty when it is none. */
static struct slice bytes_of(struct slice base64,
			     uint8_t room[NTLM_MESSAGE_MAX])
{
	size_t n;

	if (base64.n == 0 || base64.n > NTLM_MESSAGE_MAX ||
	    base64_decode(base64, room, &n) != STATUS_OK)
		return (struct slice){0};
	return slice_of(room, n);
}

void sip_signing_challenge(struct sip_signing *s, struct slice token)
{
	uint8_t room[NTLM_MESSAGE_MAX], nonce[NTLM_NONCE_SIZE];

	if (ntlm_read_nonce(bytes_of(token, room), nonce) != STATUS_OK)
		return;
	memcpy(s->nonce, nonce, sizeof(nonce));
	s->challenged = true;
	s->known = false;
}

/* ---- the password ---- */

/* DOMAIN\USER, as people write it. */
static struct slice password_of_whole(const struct sip_passwords *with,
				      struct slice domain, struct slice user,
				      struct slice realm)
{
	struct text whole = text_new(2 * NAME_TEXT_MAX);
	struct slice found;

	text_put(&whole, domain);
	text_putc(&whole, '\\');
	text_put(&whole, user);
	found = with->find(with->context, text_slice(&whole), realm);
	text_free(&whole);
	return found;
}

static struct slice password_of(const struct sip_passwords *with,
				const struct ntlm_proof *proof,
				struct slice realm, struct slice address)
{
	struct text user = text_new(NAME_TEXT_MAX),
		    domain = text_new(NAME_TEXT_MAX);
	struct slice found;

	ntlm_name(proof->user, &user);
	ntlm_name(proof->domain, &domain);
	found = with->find(with->context, text_slice(&user),
			   text_slice(&domain));
	if (!found.n)
		found = with->find(with->context, text_slice(&user), realm);
	if (!found.n && address.n)
		found = with->find(with->context, address, realm);
	if (!found.n)
		found = password_of_whole(with, text_slice(&domain),
					  text_slice(&user), realm);
	text_free(&user);
	text_free(&domain);
	return found;
}

enum status sip_signing_prove(struct sip_signing *s,
			      const struct association_claim *claim,
			      struct slice address,
			      const struct sip_passwords *with)
{
	uint8_t room[NTLM_MESSAGE_MAX];
	struct ntlm_proof proof;
	struct slice password;

	s->version = claim->version;
	if (ntlm_read_proof(bytes_of(claim->token, room), &proof) !=
		    STATUS_OK ||
	    !ntlm_is_usable(&proof))
		return STATUS_NOT_MINE;
	password = password_of(with, &proof, claim->realm, address);
	if (!password.n)
		return STATUS_NOT_MINE;
	s->known = ntlm_check_nonce(s->nonce, &proof, password, &s->keys);
	return s->known ? STATUS_OK : STATUS_BAD;
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

bool sip_signing_fits(const struct sip_signing *s, const struct sip_message *m,
		      const struct association_claim *claim)
{
	struct association_text what;
	struct text text = text_new(TEXT_MAX);
	uint8_t ours[NTLM_SIGNATURE_SIZE];
	bool same;

	association_of_request(m, &what);
	what.claim = *claim;
	what.status = m->request ? 0 : m->status;
	association_write(&what, s->version, &text);
	ntlm_sign(&s->keys, !m->request, text_slice(&text), ours);
	same = text.failed == STATUS_OK && same_hex(claim->signature, ours);
	text_free(&text);
	return same;
}

bool sip_signing_has_form(struct slice hex)
{
	return hex.n == 2 * NTLM_SIGNATURE_SIZE &&
	       (slice_is_nocase(slice_from(hex, 24), "64000000") ||
		slice_starts(hex, SLICE("0100000000000000")));
}
