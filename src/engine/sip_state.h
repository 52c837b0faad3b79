/* What the files of the SIP front share.  Nobody else includes this. */
#ifndef ENGINE_SIP_STATE_H
#define ENGINE_SIP_STATE_H

#include "dissectors/sip_digest.h"
#include "engine/nonce.h"
#include "engine/registrar.h"
#include "engine/sip_accounts.h"
#include "engine/sip_association.h"
#include "engine/sip_server.h"

#define SIP_NTLM_REALM "SIP Communications Service"
#define SIP_ANSWERS_KEPT 2u
#define SIP_ANSWER_MAX 8192u /* longer ones are not kept */
#define SIP_TAG 16u

/* What was answered last: the same bytes again get the same answer. */
struct sip_answered {
	uint64_t hash; /* of the request */
	size_t size;
	uint8_t *bytes; /* or NULL */
	size_t count;
};

struct sip_connection {
	struct sip_path path;
	uint64_t serial; /* no other has had it */
	struct text in;  /* the front of a message */
	size_t searched; /* of that, for its end */
	size_t wanted;   /* its size, where that is known */
	size_t blank;    /* bytes of a ping */
	unsigned failures;
	bool over;       /* nothing is read any more */
	bool keep_alive; /* [MS-CONMGMT]: it pings, and gets no pong */
	/* One stands while another is made. */
	struct association stands, begun;
	struct sip_answered answered[SIP_ANSWERS_KEPT];
	unsigned next_answered;
};

struct sip_call; /* sip_proxy.c */

struct sip_server {
	struct sip_server_config config;
	struct sip_provider provider;
	struct sip_accounts accounts;
	struct registrar registrar;
	struct nonce_maker nonces;
	struct sip_connection **connections; /* by number */
	size_t room;
	uint64_t serials, key;
	nanoseconds minute; /* when it began, and the tokens given in it */
	uint32_t given;
	struct arena scratch; /* of a message */
	struct slice asked;   /* its bytes */
	struct text out, head, body;
	struct sip_counts counts;
	struct sip_call *calls; /* NULL: there was none yet */
};

/* A request that is being answered. */
struct sip_ask {
	struct sip_server *s;
	struct sip_connection *c;
	const struct sip_message *m;
	nanoseconds now;
	uint32_t account;       /* who asks; SIP_ACCOUNT_NONE: not known */
	struct association *by; /* that it was signed with, or NULL */
	struct association_claim said; /* by that */
	struct sip_digest digest;      /* that it was proved with */
	bool has_digest;
	char tag[SIP_TAG + 1]; /* of ours in To; empty: it has one */
	/* The answer; headers beyond the usual are put into s->head, a body
	 * into s->body. */
	unsigned status;
	const char *reason; /* NULL: the usual one */
	const char *content_type;
	uint32_t expires; /* said if has_expires */
	bool has_expires;
};

/* ---- sip_reply.c ---- */

/* Answers with a status alone; a phrase of its own, or NULL. */
void sip_refuse(struct sip_ask *a, unsigned status, const char *reason);
/* One header beyond the usual: what stands in it is ours. */
void sip_put(struct sip_ask *a, const char *name, const char *value);
/* Text of others in a header: no control characters. */
void sip_put_clean(struct text *to, struct slice s);
/* Those that came; the first says where from. */
void sip_put_vias(struct sip_ask *a, struct text *to);
/* Writes and sends the answer. */
void sip_reply(struct sip_ask *a);
/* A request in the dialog that the request opened: NOTIFY or BENOTIFY, with the
 * body and s->head. */
void sip_notify(struct sip_ask *a, bool best_effort);

/* ---- sip_auth.c ---- */

/* False: the answer is a challenge, or a refusal. */
bool sip_authenticate(struct sip_ask *a);
/* Authentication-Info of what goes to the client, appended. */
void sip_sign(struct sip_ask *a, struct association_text *what,
	      struct text *to);

/* ---- the methods ---- */

void sip_register(struct sip_ask *a);
void sip_subscribe(struct sip_ask *a);
void sip_service(struct sip_ask *a);

/* ---- sip_proxy.c ---- */

/* INVITE and MESSAGE to a user. */
void sip_call(struct sip_ask *a);
/* What belongs to a call. */
void sip_in_call(struct sip_ask *a);
/* An answer to what was sent on. */
void sip_answered(struct sip_server *s, struct sip_connection *c,
		  const struct sip_message *m, nanoseconds now);

/* ---- sip_server.c ---- */

/* The connection with this serial number, if it stands. */
struct sip_connection *sip_connection_of(const struct sip_server *s,
					 uint64_t serial);

/* user@host of a SIP URI, in small letters, in the scratch arena; empty: it
 * has none, or memory is out. */
struct slice sip_address_of(struct sip_server *s, struct slice uri);
/* Can the URI stand in a request line: is it of SIP, and has no blanks? */
bool sip_is_sendable(struct slice uri);
/* Is the address one of the account that asks? */
bool sip_is_own(const struct sip_ask *a, struct slice uri);
/* Is this in the list of option tags of a header, anywhere? */
bool sip_lists(const struct sip_message *m, enum sip_header_name id,
	       const char *tag);
void sip_random_hex(struct sip_server *s, char *out, size_t digits);
/* "sip:host@domain;gruu;opaque=srvr:TYPE:..." of this user's domain. */
void sip_server_uri(const struct sip_ask *a, const char *type, struct text *to);

#define SIP_METHODS                                                    \
	"REGISTER, SUBSCRIBE, SERVICE, OPTIONS, INVITE, ACK, CANCEL, " \
	"BYE, PRACK, UPDATE, INFO, MESSAGE, REFER, NOTIFY"
/* What can be subscribed to. */
const char *sip_events(void);

#endif /* ENGINE_SIP_STATE_H */
