/*
 * Asking an A/V Edge for a token of MRAS ([MS-AVEDGEA] 3.2) over a SIP
 * connection, as a client of Lync does:
 *
 *	REGISTER    where it is to sign in; not where nobody has said who asks
 *	SUBSCRIBE   to provisioning ([MS-SIPREGE]), which names the MRAS server;
 *	            not where its URI is given
 *	SERVICE     the token
 *	REGISTER    signs out
 *
 * All are signed by NTLM or Digest where that is asked for (sip_signer.h), and
 * a success that is not signed as it has to be is not believed.  Bytes and the
 * time go in, bytes come out through a provider.  Kerberos and TLS-DSK are not
 * spoken: a server that wants them is named as such.
 */
#ifndef ENGINE_MRAS_CLIENT_H
#define ENGINE_MRAS_CLIENT_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "engine/sip_signer.h"

#define MRAS_CLIENT_RELAYS 16u
#define MRAS_CLIENT_TEXT 256u
#define MRAS_CLIENT_SECRET 1024u

enum mras_outcome {
	MRAS_RUNS,
	MRAS_GRANTED,
	MRAS_UNANSWERED,
	MRAS_CLOSED,        /* by the server, before it answered */
	MRAS_ODD,           /* what came is no SIP */
	MRAS_REFUSED_SIP,   /* a status other than 2xx, no document with it */
	MRAS_WANTS_SIGN_IN, /* by a scheme that is not spoken, or no password */
	MRAS_WRONG_PASSWORD,
	MRAS_REFUSED,   /* a reasonPhrase other than OK */
	MRAS_MALFORMED, /* 200, but no document that can be used */
	MRAS_UNPROVED,  /* an answer is not signed, or wrongly */
	MRAS_MOVED,     /* the user's home is elsewhere (301, 302) */
	MRAS_NO_EDGE,   /* provisioning names no MRAS server */
};

/* What is asked, in this order. */
enum mras_step {
	MRAS_REGISTERS,
	MRAS_PROVISIONS,
	MRAS_ASKS,
	MRAS_LEAVES,
	MRAS_STEPS, /* their number */
};

struct mras_client_relay {
	char host[MRAS_CLIENT_TEXT];
	char location[16];
	uint16_t udp_port, tcp_port; /* 0: not offered */
};

struct mras_client_report {
	enum mras_outcome outcome;
	enum mras_step step;           /* that the outcome is of */
	unsigned status;               /* of SIP */
	char reason[MRAS_CLIENT_TEXT]; /* phrase, scheme, or what is wrong */
	char version[8];
	nanoseconds took;
	unsigned requests;
	enum signer_scheme scheme; /* that was asked for */
	bool registered;
	unsigned verified;          /* answers whose signature is right */
	bool unproved;              /* an error was believed without one */
	char uri[MRAS_CLIENT_TEXT]; /* of the MRAS server */
	/* As they go into TURN: raw bytes. */
	uint8_t user[MRAS_CLIENT_SECRET], password[MRAS_CLIENT_SECRET];
	size_t user_size, password_size;
	uint32_t duration_min;
	struct mras_client_relay relays[MRAS_CLIENT_RELAYS];
	size_t relay_count;
};

struct mras_client_config {
	struct slice uri;      /* of the MRAS server; empty: provisioning knows.
				* Slices are borrowed */
	struct slice identity; /* sip:..., for whom the token is */
	struct slice location; /* "internet", "intranet"; empty: both */
	/* Who signs in, as signer_config has it; empty: nobody. */
	struct slice user, domain, password;
	bool registers; /* signs in first; or it asks for the token at once */
	struct slice agent;
	struct endpoint local; /* for Via and Contact */
	bool tls;
	uint32_t duration_min;
	nanoseconds patience;
};

struct mras_client_provider {
	void *context;
	void (*send)(void *context, struct slice bytes);
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct mras_client;

/* NULL without memory. */
struct mras_client *mras_client_new(const struct mras_client_config *config,
				    const struct mras_client_provider *with);
void mras_client_free(struct mras_client *c);

/* The connection stands. */
void mras_client_begin(struct mras_client *c, nanoseconds now);
/* What came on the connection, in any pieces. */
void mras_client_receive(struct mras_client *c, struct slice bytes,
			 nanoseconds now);
/* The other end closed it, or it broke. */
void mras_client_closed(struct mras_client *c, nanoseconds now);
/* Gives up when mras_client_next is reached. */
void mras_client_tick(struct mras_client *c, nanoseconds now);
/* When the client has waited long enough; INT64_MAX: it does not wait. */
nanoseconds mras_client_next(const struct mras_client *c);

/* Of what happened so far; good as long as the client. */
const struct mras_client_report *
mras_client_report(const struct mras_client *c);

/* "REGISTER" */
const char *mras_step_text(enum mras_step step);

#endif /* ENGINE_MRAS_CLIENT_H */
