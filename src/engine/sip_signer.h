/*
 * The client's side of signing in over SIP: challenges are answered by NTLM
 * ([MS-SIPAE]) or Digest (RFC 3261 22, RFC 7616), what goes out is signed, and
 * what the server signed is checked.
 *
 *	signer_init
 *	signer_challenged     a 401 or 407 came: is there an answer?
 *	signer_write          the header of the next request, and of all after
 *	signer_judge          of each final answer, and of the server's requests
 *
 * Of both, NTLM is taken.  Kerberos and TLS-DSK are not spoken.
 */
#ifndef ENGINE_SIP_SIGNER_H
#define ENGINE_SIP_SIGNER_H

#include "dissectors/sip_digest.h"
#include "engine/sip_association.h"

#define SIGNER_TEXT 256u

enum signer_scheme {
	SIGNER_NONE, /* nobody has asked */
	SIGNER_DIGEST,
	SIGNER_NTLM,
};

enum signer_next {
	SIGNER_AGAIN,       /* send it again, signed */
	SIGNER_NOT_SPOKEN,  /* none of the schemes on offer is */
	SIGNER_NO_PASSWORD, /* one is, but nobody has said who asks */
	SIGNER_REFUSED,     /* the password, as it seems */
};

enum signer_verdict {
	SIGNER_UNSIGNED, /* and none is due */
	SIGNER_GOOD,
	SIGNER_MISSING,
	SIGNER_WRONG,
};

struct signer_config {
	/* Borrowed.  DOMAIN\USER, or USER and `domain`; the name alone may be
	 * an address. */
	struct slice user, domain, password;
	void *context;
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct sip_signer {
	struct signer_config config;
	enum signer_scheme scheme;
	bool proxy; /* who asks is one (407) */
	bool tried; /* a password has gone out */
	/* Digest: the challenge, and what answered it last. */
	struct text challenge, answer;
	uint32_t count;
	/* NTLM: what the server said of itself, and our proof, until it went
	 * out. */
	char realm[SIGNER_TEXT], target[SIGNER_TEXT], opaque[SIGNER_TEXT];
	struct text proof;
	struct association association;
	unsigned verified; /* signatures of the server */
};

/* The config is copied, its texts stay borrowed.  signer_free wipes what was
 * secret. */
void signer_init(struct sip_signer *s, const struct signer_config *config);
void signer_free(struct sip_signer *s);

/* `m` is the 401 or 407; `now` in nanoseconds since 1970. */
enum signer_next signer_challenged(struct sip_signer *s,
				   const struct sip_message *m,
				   nanoseconds now);

/* Appends the header of the request that `what` describes (its claim is made
 * here); nothing where nobody has asked. */
void signer_write(struct sip_signer *s, struct association_text *what,
		  struct slice request_uri, struct slice body, struct text *to);

/* Did the server sign this answer, and rightly ([MS-SIPAE] 3.2.5; rspauth of
 * RFC 7616 3.5)? */
enum signer_verdict signer_judge(struct sip_signer *s,
				 const struct sip_message *m);

/* Up to 16 digits by the dice that it has, and a NUL. */
void signer_random_hex(struct sip_signer *s, char *out, size_t digits);

/* "Digest", "NTLM", "" */
const char *signer_scheme_text(enum signer_scheme scheme);

#endif /* ENGINE_SIP_SIGNER_H */
