/* What the files of the judge share.  Nobody else includes this. */
#ifndef ENGINE_REPLAY_STATE_H
#define ENGINE_REPLAY_STATE_H

#include <stdarg.h>

#include "core/hash.h"
#include "engine/attributes.h"
#include "engine/ladder.h"
#include "engine/replay.h"

#define SHADOW_CHANNELS 8u
#define SHADOW_PEERS 8u
#define CHANNEL_LIFE (600 * NS_PER_S) /* RFC 8656 12 */
/* A NAT may forget what is idle for longer (RFC 4787 4.3 wants two minutes, not
 * all do), and give another address then. */
#define MAPPING_LIFE (20 * NS_PER_S)
#define CLOCK_SLACK (5 * NS_PER_S) /* between our clock and the server's */

struct shadow_channel {
	nanoseconds granted; /* or asked for */
	uint32_t peer;       /* hash */
	uint16_t number;
	bool asked; /* no answer was seen yet */
};

/* What the capture implies of one client at one server: a flow. */
struct shadow {
	struct endpoint client, server;
	nanoseconds expires, nonce_at, mapped_at;
	uint32_t user, accepted; /* hashes of user names; 0: none */
	uint32_t heir; /* who has asked for it with a newer token, the same */
	uint32_t realm;          /* of the server */
	uint32_t accepted_realm; /* of who was accepted */
	uint32_t nonce, refused_nonce;
	uint32_t made_by; /* hash of the id of the Allocate; 0: not seen */
	uint32_t moves;   /* of the replay, when it was last known to live */
	struct endpoint mapped, relayed;
	struct shadow_channel *channels; /* SHADOW_CHANNELS; NULL: none yet */
	uint32_t peers[SHADOW_PEERS];    /* hashes of addresses let in */
	uint32_t connection, session;    /* hashes, of [MS-TURN]; 0: none */
	uint8_t channel_count, peer_count;
	uint8_t client_version, server_version; /* MS-Version; 0: not said */
	uint8_t alive;    /* enum claim: has the client an allocation? */
	uint8_t families; /* bits 1: IPv4, 2: IPv6; 0: not known */
	bool used;
	bool whole;   /* the Allocate was seen: nothing is from before */
	bool crowded; /* more channels than are kept */
	bool peers_crowded;
	bool ms, msn;
	bool foreign; /* not TURN, though it borrows its numbers */
	bool tcp;
	bool access;   /* by a token of RFC 7635 */
	bool ticketed; /* it may be moved away by a ticket (RFC 8016) */
	bool coturn_before_416;
};

/* What a request of [MS-TURNBWM] asks for. */
enum {
	BANDWIDTH_ASKED = 1,
	BANDWIDTH_WHOLE = 2, /* a check that lacks nothing */
	BANDWIDTH_REMOTE_RELAY = 4,
	BANDWIDTH_OTHER = 8, /* a commit, an update */
};

/* A request that waits for its reply. */
struct waiting {
	uint8_t id[16];
	struct endpoint client, server;
	nanoseconds time;
	uint64_t asked;         /* hash of the request */
	uint64_t reply;         /* hash of the one that came; 0: none */
	uint32_t given, mapped; /* hashes of what that made, and saw */
	struct turn_claims claims;
	uint32_t shadow; /* row + 1 */
	uint32_t moves;  /* of the replay, when it was asked */
	uint32_t user, realm, nonce, peer;
	uint32_t lifetime;
	uint32_t types[4]; /* required attributes, a bit each below 0x80 */
	uint16_t method, channel;
	uint16_t code; /* of the reply that came */
	uint8_t request;
	uint8_t ms;        /* enum ms_request; 0: it is of the RFCs */
	uint8_t integrity; /* enum replay_integrity */
	uint8_t families;  /* asked for, bits; of MS-TURN: of the relay */
	uint8_t version;   /* MS-Version; 0: never said */
	uint8_t integrity_bytes, bandwidth;
	bool used, cookie, stream;
	bool has_lifetime, even, reserves, two, ticket, token, tcp, behaviour;
	bool sha1, sha256, msn;
	bool both;      /* families, of MS-TURN */
	bool connected; /* MS-SEQUENCE-NUMBER names a connection */
	bool access;    /* a token of RFC 7635 */
	bool again;     /* the id had stood for another request */
	bool foreign;   /* nothing is known of it but its id */
};

#define WAITING_SETS ((size_t)1024)
#define WAITING_WAYS ((size_t)4)

struct replay_mras;      /* replay_mras.c: requests for tokens that wait */
struct replay_registrar; /* replay_sip.c: registrations that wait */

struct replay {
	uint64_t key;
	struct replay_mras *mras;           /* NULL until the first */
	struct replay_registrar *registrar; /* the same */
	struct shadow *shadows;
	size_t count, room;
	uint32_t *by_flow; /* row + 1 */
	size_t flow_room;
	struct waiting *waiting; /* sets of ways; NULL until the first */
	uint32_t moves; /* allocations that came to a client by a ticket */
	struct replay_finding *findings;
	size_t finding_count, finding_room;
	struct replay_counts counts;
};

/* Has this client an allocation still, as far as is known?  One that came to
 * another client may have been its own: a ticket does not say whose it was. */
static inline enum claim shadow_alive(const struct replay *r,
				      const struct shadow *s)
{
	bool may_be_moved = s->moves != r->moves && (s->ticketed || !s->whole);

	return s->alive == CLAIM_SURE && may_be_moved ? CLAIM_MAYBE
						      : (enum claim)s->alive;
}

/* A reply and all that it is held against. */
struct trial {
	struct replay *r;
	const struct replay_message *m;
	struct waiting *w;
	struct shadow *s; /* of the flow */
	unsigned code;    /* 0: success */
};

/* Adds a finding, with that text; not where there are enough, or memory is
 * out. */
__attribute__((format(printf, 3, 0))) void
replay_note(struct replay *r, const struct replay_finding *finding,
	    const char *format, va_list arguments);

/* A short hash that is never 0. */
uint32_t replay_hash(const struct replay *r, struct slice s);

/* replay_claims.c: what speaks against the request, as far as is known. */
void replay_claim(const struct replay *r, const struct shadow *s,
		  const struct replay_message *m, struct waiting *w);

/* replay_judge.c: finds what is wrong with the reply. */
void replay_judge(struct trial *t);
/* replay_values.c: the same of its values. */
void replay_values(struct trial *t);
/* Takes over what the reply tells. */
void replay_adopt(struct trial *t);

/* replay_lost.c: the capture may lack a frame.  What was asked for may be, from
 * the request on; what an answer tells whose request was not seen. */
void replay_asked(const struct replay_message *m, struct waiting *w,
		  struct shadow *s);
void replay_overheard(const struct stun_message *m, struct shadow *s);
/* The place of a channel's number, or a free one; NULL: there are too many. */
struct shadow_channel *replay_channel(struct shadow *s, uint16_t number);

/* Of values that both dialects have. */
void replay_challenge(struct trial *t);
/* The first attribute of the request that a 420 says to be unknown, or 0. */
uint16_t replay_named_unknown(const struct trial *t);
void replay_unknown(struct trial *t);
void replay_sizes(struct trial *t, enum stun_dialect dialect);
/* There is no NAT between the two. */
bool replay_on_one_link(const struct endpoint *a, const struct endpoint *b);

/* replay_data.c: what comes from the server of its own accord, or should
 * not. */
void replay_data(struct trial *t);
void replay_not_asked(struct trial *t);
/* Whom a CreatePermission or ChannelBind lets in. */
void replay_let_in(const struct replay *r, struct shadow *s,
		   const struct stun_message *m);

/* replay_ms.c: the same four for [MS-TURN]. */
bool replay_is_ms(const struct stun_message *stun);
void replay_ms_claim(const struct replay *r, const struct shadow *s,
		     const struct replay_message *m, struct waiting *w);
void replay_ms_judge(struct trial *t);
void replay_ms_adopt(struct trial *t);
/* What a request says back of earlier answers. */
void replay_ms_echo(struct trial *t);
void replay_ms_heard(struct trial *t);
const char *replay_ms_name(const struct trial *t);

/* replay_ms_reply.c: all but the code of a reply. */
void replay_ms_contents(struct trial *t);
/* The connection id of MS-SEQUENCE-NUMBER, or nothing. */
struct slice replay_ms_connection(const struct stun_message *m);

/* "success" or "error 401", for a sentence. */
#define REPLAY_ANSWER_MAX 20
const char *replay_answer(unsigned code, char out[REPLAY_ANSWER_MAX]);

void replay_mras_free(struct replay_mras *m);
void replay_registrar_free(struct replay_registrar *s);

/* Notes a finding about the message at hand. */
void replay_find(struct trial *t, enum replay_rule rule, const char *format,
		 ...) PRINTF_LIKE(3, 4);

#endif /* ENGINE_REPLAY_STATE_H */
