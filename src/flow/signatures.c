/*
 * Signatures of NTLM (dissectors/sip_signing.h), computed again where the
 * password was given.
 */
#include "config.h"

#include "dissectors/sip_signing.h"
#include "flow/signin.h"

struct list signings_new(void)
{
	return list_of(sizeof(struct sip_signing), MODEL_REGISTRATIONS_MAX);
}

void signings_wipe(struct list *list)
{
	if (list->count)
		bytes_wipe(list->rows, list->count * list->size);
}

static struct sip_signing *signing_of(struct stages *s, struct sign_in *x)
{
	if (!x->signing && list_add(&s->signings))
		x->signing = (uint32_t)s->signings.count;
	return x->signing ? list_at(&s->signings, x->signing - 1) : NULL;
}

void signing_challenged(struct stages *s, struct sign_in *x,
			const struct auth *a)
{
	struct sip_signing fresh = {.challenged = false};
	struct sip_signing *row;

	if (a->kind != AUTH_NTLM || !a->token.n)
		return;
	sip_signing_challenge(&fresh, a->token);
	row = fresh.challenged ? signing_of(s, x) : NULL;
	if (row)
		sip_signing_challenge(row, a->token);
}

/* ---- the password ---- */

static struct slice find_password(const void *keys, struct slice user,
				  struct slice realm)
{
	return keyring_password(keys, user, realm);
}

/* Does the proof fit the password?  Then the keys are known. */
static void prove_session(struct stages *s, struct registration *r,
			  struct sip_signing *row,
			  const struct association_claim *claim)
{
	const struct sip_passwords with = {.context = s->keys,
					   .find = find_password};
	struct slice aor = slice_of_text(r->aor ? r->aor : "");
	enum status status;

	if (!slice_starts(aor, SLICE("sip:")))
		aor = SLICE("sip:");
	status = sip_signing_prove(row, claim, slice_from(aor, 4), &with);
	r->digests_verified += status == STATUS_OK;
	r->digests_wrong += status == STATUS_BAD;
}

enum integrity signature_judge(struct stages *s, struct registration *r,
			       const struct message *m, const struct auth *a)
{
	struct sign_in *x = sign_in_of(s, r);
	struct sip_signing *row =
		x->signing ? list_at(&s->signings, x->signing - 1) : NULL;
	struct association_claim claim;

	if (a->kind != AUTH_NTLM || !row || !row->challenged)
		return INTEGRITY_UNCHECKED;
	association_read(a->scheme, a->params, &claim);
	if (m->u.sip->request && a->token.n)
		prove_session(s, r, row, &claim);
	if (!row->known)
		return INTEGRITY_UNCHECKED;
	return sip_signing_fits(row, m->u.sip, &claim) ? INTEGRITY_VERIFIED
						       : INTEGRITY_BAD;
}
