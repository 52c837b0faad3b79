/* What the files of the judge of registrars share.  Nobody else includes
 * this. */
#ifndef ENGINE_REPLAY_SIP_H
#define ENGINE_REPLAY_SIP_H

#include "dissectors/sip_signing.h"
#include "engine/replay_state.h"

#define SIP_CONTACTS_KEPT 4u
#define SIP_TAGS_KEPT 8u

/* What a request proves itself with. */
enum sip_proof {
	SIP_PROOF_NONE,
	SIP_PROOF_DIGEST,
	SIP_PROOF_BEGUN,  /* [MS-SIPAE]: it asks for an association */
	SIP_PROOF_TOKEN,  /* its own token of the handshake */
	SIP_PROOF_SIGNED, /* by an association */
	SIP_PROOF_OTHER,  /* nothing that is known here, or several */
};

struct sip_asked_contact {
	uint32_t uri, user, instance; /* hashes; 0: none */
	uint32_t seconds;
	uint16_t port; /* 0: none is said */
	bool has_seconds;
};

/* Of one header with credentials. */
struct sip_credentials {
	uint8_t proof;     /* enum sip_proof */
	uint8_t integrity; /* enum replay_integrity */
	uint8_t digits;    /* of a response of its algorithm; 0: not known */
	bool fresh; /* the nonce is new, and this is its first use */
	/* Hashes; 0: not there.  The opaque of an association is its nonce. */
	uint32_t scheme, realm, nonce, cnonce, count, target;
	uint32_t due; /* the hash of the rspauth that is due; 0: not known */
};

/* A REGISTER or SUBSCRIBE that waits for its answer on one hop. */
struct sip_waiting {
	uint64_t hash; /* of Call-ID, CSeq, branch and client; 0: free */
	uint64_t whole;
	uint64_t file, frame;
	uint64_t answer; /* hash of what came; 0: nothing */
	nanoseconds time;
	struct endpoint client, server;
	struct endpoint answered_from, answered_to;
	struct sip_credentials credentials;
	struct sip_asked_contact contacts[SIP_CONTACTS_KEPT];
	uint32_t tags[SIP_TAGS_KEPT];  /* hashes, of Require and its kind */
	uint32_t paths[SIP_TAGS_KEPT]; /* hashes, of Path */
	uint32_t from_uri, from_tag, to_uri, to_tag, call;
	uint32_t expires, cseq;
	uint16_t code;  /* of the answer */
	uint8_t method; /* enum sip_method */
	uint8_t contact_count, tag_count, path_count, vias;
	bool has_expires;
	bool all;     /* Contact: * */
	bool crowded; /* more than is kept */
	bool invalid; /* a "*" that wants more than Expires: 0 */
	bool has_body, has_outbound, rewrites;
	bool again; /* another request had this name: nothing is sure */
};

/* What the capture implies of one user of one host at one registrar. */
struct sip_client {
	uint64_t key; /* 0: free */
	nanoseconds used, nonce_at, refused_at, success_at;
	nanoseconds bound_until; /* 0: nothing is bound, as far as is known */
	uint32_t nonce, nonce_call; /* of the newest challenge */
	uint32_t refused;           /* called stale */
	uint32_t realms[2];         /* of the registrar, of proxies */
	uint32_t call, cseq;        /* of the newest success */
	uint32_t server_number;     /* snum of the newest answer */
	uint32_t opaque;            /* of that association */
	struct sip_signing signing; /* of it, and secret */
	bool spent;                 /* the nonce was used */
	bool challenged;
	bool said_unfit; /* that digests do not fit was said */
};

/* An answer and all that it is held against. */
struct sip_trial {
	struct replay *r;
	const struct replay_sip *m;
	const struct sip_message *sip;
	struct sip_waiting *w;
	struct sip_client *c;
	uint32_t *shortest; /* ever granted by the server; 0: not known */
};

/* A hash; 0: it is empty. */
uint32_t sip_trial_hash(const struct replay *r, struct slice s);
/* The same for what has no case. */
uint32_t sip_trial_hash_nocase(const struct replay *r, struct slice s);

/* The next header of that name behind `after`, or the first of all. */
const struct sip_header *sip_trial_header(const struct sip_message *m,
					  const struct sip_header *after,
					  const char *name);

/* replay_sip_proof.c: what a request proves, as far as that is known. */
void sip_read_credentials(const struct replay *r, const struct replay_sip *m,
			  struct sip_client *c, struct sip_waiting *w);

/* replay_sip_auth.c: is who asks let in rightly, and with the right words? */
void sip_judge_auth(const struct sip_trial *t);
void sip_adopt_auth(const struct sip_trial *t);

/* replay_sip_signed.c: what the server proves itself with. */
void sip_judge_signature(const struct sip_trial *t);
void sip_adopt_signature(const struct sip_trial *t);

/* replay_sip_contacts.c */
void sip_read_contacts(const struct replay *r, const struct sip_message *m,
		       struct sip_waiting *w);
void sip_judge_contacts(const struct sip_trial *t);
/* What the server granted is what it can grant. */
void sip_adopt_contacts(const struct sip_trial *t);
/* Is a shorter time than that refused rightly?  0: nothing was asked that
 * could be too short (RFC 3261 10.3). */
uint32_t sip_shortest_asked(const struct sip_waiting *w);

/* replay_sip_reply.c: finds all that is wrong. */
void sip_trial_judge(const struct sip_trial *t);

/* As replay_find. */
void sip_trial_find(const struct sip_trial *t, enum replay_rule rule,
		    const char *format, ...) PRINTF_LIKE(3, 4);

#endif /* ENGINE_REPLAY_SIP_H */
