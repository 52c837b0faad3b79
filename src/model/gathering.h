/*
 * Evidence of stages 2 and 3: tokens, allocations on relays and Bindings to
 * STUN servers.
 */
#ifndef MODEL_GATHERING_H
#define MODEL_GATHERING_H

#include "model/evidence.h"
#include "model/ms_turn.h"

enum token_kind {
	TOKEN_MRAS,
	TOKEN_TURN_REST,
	TOKEN_LONG_TERM,
	TOKEN_OAUTH, /* RFC 7635 */
};

#define TOKEN_RELAYS_KEPT 4u

struct token_relay {
	const char *location; /* "internet", "intranet", or NULL */
	const char *host;
	uint16_t udp_port, tcp_port; /* 0: none */
	uint32_t resolved; /* row + 1 of what DNS says first; 0: nothing */
};

/* Relays that took a token, of which the first are kept. */
#define TOKEN_TAKERS_KEPT 2u

struct token {
	uint32_t party; /* or LIST_NONE */
	struct token_relay relays[TOKEN_RELAYS_KEPT];
	unsigned relay_count; /* kept */
	enum token_kind kind;
	struct slice username;
	struct slice password; /* as MRAS gave it; a secret; empty: unknown */
	const char *realm, *reason, *relay, *identity;
	const char *call_id; /* of the request for it, or NULL */
	enum stage_state state;
	struct endpoint client;
	nanoseconds issued, expires; /* 0: unknown */
	uint32_t duration_min;
	place_number request, answer;
	place_number refused; /* a relay refused it behind its end */
	end_number takers[TOKEN_TAKERS_KEPT]; /* with port 0; or 0 */
	place_number first_used, last_used;   /* by a relay that was asked */
	struct chain diagnoses;               /* struct diagnosis */
	uint32_t asked; /* row + 1 of its request; 0: not seen */
	struct chain history;
	struct cited cited;
};

#define ERRORS_KEPT 8u

/* What lets a peer through: a permission, or a channel with its number. */
struct opening {
	end_number peer;      /* of a permission the port is 0 */
	unsigned channel;     /* 0: a permission */
	nanoseconds to;       /* as last renewed, to its end */
	place_number granted; /* first */
	uint32_t allocation;
	uint32_t next; /* of the allocation, or CHAIN_END */
};

struct allocation {
	uint32_t party, token, call; /* or LIST_NONE */
	end_number client, server;
	end_number answered_from; /* where the success came from */
	end_number relayed, reflexive, alternate;
	end_number relayed_other; /* of the other family, of two */
	const char *transport, *dialect;
	bool ms_turn, has_session, released, authenticated;
	bool accepted;        /* a request with credentials had success */
	bool alternate_asked; /* where it was sent on to, by that client */
	bool nowhere; /* granted, and the answer names no relayed address */
	/* Asked from an address that leads nowhere, while another one of the
	 * same client is answered. */
	bool aside;
	bool last_authenticated; /* the last request carried credentials */
	bool repeated;           /* and had been sent before */
	bool ambiguous; /* several candidates or calls fit: none was joined */
	bool deaf;      /* answers reach no socket: its client has closed it */
	uint8_t session[8];
	struct slice username, realm;
	enum stage_state state;
	unsigned requests, unanswered; /* since the last answer */
	unsigned unheard; /* repetitions of what was answered, at the end */
	struct obstacle obstacle; /* the same */
	unsigned allocates;       /* Allocate requests; 0: it is older */
	uint16_t errors[ERRORS_KEPT];
	unsigned error_count, last_error;
	uint32_t nonce; /* hash of the newest that was asked with; 0: none */
	unsigned error_after_credentials; /* error that answered such a one */
	uint32_t lifetime;
	unsigned refreshes, permissions, channels;
	struct integrity_counts integrity;
	struct chain openings;
	struct chain history;
	place_number request, granted;
	place_number lost;   /* the server did not know it any more (437) */
	place_number closed; /* the TCP connection that it lived on */
	nanoseconds until;   /* as last granted; 0: never */
	/* Since then: served behind its end, by a Refresh that the capture
	 * lacks; the first Refresh in time of which it lacks the answer. */
	nanoseconds served, asked;
	struct cited cited;
	unsigned stale_run; /* 438s since the last success */
	struct chain facts;
	uint32_t ms_row; /* of ms_turns, from 1; 0: none */
};

/* What servers answer to a client that has no allocation, as they see it: 437
 * (RFC 8656 8.2); some 441; coturn 400, to who would bind a channel. */
static inline bool allocation_error_is_unknown(unsigned code)
{
	return code == 437 || code == 441 || code == 400;
}

/* Nobody answers it: asked often enough, or the network says so. */
static inline bool allocation_is_unanswered(const struct allocation *a)
{
	return a->state == STATE_INCOMPLETE && a->unanswered &&
	       (a->unanswered >= UNANSWERED_PROOF || a->obstacle.count);
}

/* RFC 8489 6.2.1: who hears an answer does not ask the same again. */
static inline bool allocation_is_unheard(const struct allocation *a)
{
	return a->unheard >= UNANSWERED_PROOF;
}

/* Ended by being sent on to another server (RFC 8489 10), which was asked from
 * another address. */
#define REDIRECT 300u

static inline bool allocation_is_redirected(const struct allocation *a)
{
	return a->state == STATE_FAILED && a->last_error == REDIRECT &&
	       a->alternate;
}

/* Is there another server that the client should have gone on with? */
static inline bool allocation_passes_alternate(const struct allocation *a)
{
	return a->alternate && !a->alternate_asked && a->alternate != a->server;
}

/* Asked for credentials, or sent on, and it is the client's turn. */
static inline bool allocation_is_left(const struct allocation *a)
{
	return a->state == STATE_INCOMPLETE && !a->unanswered && !a->deaf &&
	       ((a->last_error == 401 && !a->authenticated) ||
		(a->last_error == REDIRECT && allocation_passes_alternate(a)));
}

/* Granted in name only: no client can offer an address that it is not told, and
 * nothing came through it. */
static inline bool allocation_leads_nowhere(const struct allocation *a)
{
	return a->state == STATE_FAILED && a->nowhere;
}

/* A plain Binding to a STUN server: the reflexive address. */
struct binding {
	end_number client, server, mapped;
	unsigned requests, answers;
	unsigned most_sends; /* of one request, the first included */
	struct obstacle obstacle;
	place_number request; /* the first */
	place_number answer;  /* that told what `mapped` is */
	place_number last;    /* answer */
	struct chain facts;
	bool aside;     /* as of allocation */
	bool keepalive; /* its ends are peers: calls_keepalives.c */
	size_t call;
};

/* A relay that is asked inside of TLS which cannot be read. */
struct hidden_relay {
	end_number client, server;
	nanoseconds since; /* it was seen to answer */
	nanoseconds spoke; /* last */
	place_number end;  /* of the connection, or its last segment */
};

#endif /* MODEL_GATHERING_H */
