/*
 * What Lync adds to registrations (stage_signin.c, signin_auth.c).  Shared by
 * the files of that; nobody else includes this.
 */
#ifndef FLOW_SIGNIN_H
#define FLOW_SIGNIN_H

#include "flow/facts.h"
#include "flow/stages_state.h"

/* Credentials or a challenge of one scheme, or a server's signature. */
struct auth {
	struct slice scheme, params;
	enum auth_scheme kind;
	struct slice token;     /* gssapi-data */
	bool has_token;         /* maybe empty */
	struct slice signature; /* response, rspauth */
	struct slice realm, target, opaque;
};

/* signin_auth.c: reads a value; false when it has none of the schemes of
 * [MS-SIPAE]. */
bool auth_read(struct slice value, struct auth *out);
enum auth_leg_kind auth_leg(const struct auth *a);
/* Does a signature have the form that the scheme gives it? */
bool auth_signature_fits(const struct auth *a);
/* Which schemes a response offers, bit by bit. */
uint8_t auth_offers(const struct sip_message *sip);
/* What challenges lack: facts of the registration. */
void auth_check_challenges(struct stages *s, struct registration *r,
			   const struct message *m);

/* The sign-in of a registration, or NULL: it is plain SIP. */
static inline struct sign_in *sign_in_of(const struct stages *s,
					 const struct registration *r)
{
	return r->sign_in ? list_at(&s->model->sign_ins, r->sign_in - 1) : NULL;
}

/* stage_signin.c: the same, made if need be; NULL at the limit. */
struct sign_in *sign_in_made(struct stages *s, struct registration *r);
/* A registration of this address that no REGISTER shows but a message proves;
 * NULL at the limit. */
struct registration *signin_infer(struct stages *s, const struct message *m,
				  struct slice uri);

/* signin_identity.c: epid, instance and GRUU of a REGISTER, its answer. */
void identity_request(struct stages *s, struct registration *r,
		      const struct message *m);
void identity_answer(struct stages *s, struct registration *r,
		     const struct message *m);

/* signin_association.c: signatures of any message of this client. */
void association_note(struct stages *s, struct registration *r,
		      const struct message *m);
/* signatures.c: a challenge of NTLM; does a signature of either side fit the
 * password that was given?  UNCHECKED where that is not known. */
void signing_challenged(struct stages *s, struct sign_in *x,
			const struct auth *a);
enum integrity signature_judge(struct stages *s, struct registration *r,
			       const struct message *m, const struct auth *a);
/* Which request a message is or answers, as sign_in.asked holds it. */
uint64_t association_asked(const struct stages *s, const struct message *m);

/* A new handshake begins a new association. */
void association_reset(struct sign_in *x);

/* signin_compression.c: a NEGOTIATE or its answer. */
void compression_note(struct stages *s, const struct message *m);

#endif /* FLOW_SIGNIN_H */
