/*
 * The evidence: registrations, tokens, allocations, dialogs, ICE sessions with
 * their pairs, media, and the calls that the joins make of them.
 *
 * Plain structs in lists, referred to by number.  Strings live in the model's
 * arena.  Stages only add; views only read.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "core/arena.h"
#include "core/clock.h"
#include "core/endpoint.h"
#include "core/finding.h"
#include "core/hash.h"
#include "model/list.h"

#define MODEL_ARENA_MAX ((size_t)4 << 30)
#define MODEL_REGISTRATIONS_MAX ((size_t)1 << 18)
#define MODEL_TOKENS_MAX ((size_t)1 << 16)
#define MODEL_ALLOCATIONS_MAX ((size_t)1 << 18)
#define MODEL_DIALOGS_MAX ((size_t)1 << 18)
#define MODEL_SESSIONS_MAX ((size_t)1 << 18)
#define MODEL_PAIRS_MAX ((size_t)1 << 20)
#define MODEL_CALLS_MAX ((size_t)1 << 18)
#define MODEL_NOTES_MAX ((size_t)1 << 20)

#define PLACE_FRAME_MAX ((UINT64_C(1) << 48) - 1)

/* Where a piece of evidence stands; packed, since there are so many. */
struct place {
	uint64_t file : 16;  /* CAPTURE_FILES_MAX fits */
	uint64_t frame : 48; /* 0: nowhere */
	nanoseconds time;
};

#define CITED_MAX 8u

/* The first few frames of something, and the last. */
struct cited {
	struct place first[CITED_MAX];
	size_t count; /* of all, also those not kept */
	struct place last;
};

/* Adds a frame; the one that was added last is not added again. */
void cite(struct cited *cited, const struct place *place);

enum stage_state {
	STATE_UNSEEN, /* would be expected, nothing in the capture */
	STATE_OK,
	STATE_FAILED,
	STATE_INCOMPLETE, /* begun, its end is not in the capture */
	STATE_INFERRED,	  /* not seen, proved by what followed */
	STATE_UNNEEDED,
};

enum outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_ESTABLISHED,
	OUTCOME_FAILED,
	OUTCOME_REJECTED,
	OUTCOME_CANCELLED,
	OUTCOME_UNANSWERED,
	OUTCOME_IN_PROGRESS,
};

/* ---- stage 1 ---- */

#define ATTEMPTS_KEPT 8u

struct attempt {
	struct place place; /* of the response */
	unsigned status;
	uint32_t cseq;
	bool authenticated; /* its request carried credentials */
	bool stale;	    /* the challenge said so */
};

/*
 * One hop of a request: the same again on it is a retransmission, on another
 * it is a copy (RFC 3261 17.1.3, 17.2.3).  Responses come back by branch, or
 * by the ends where clients give none.
 */
struct hop {
	uint64_t branch; /* hash, 0: none */
	struct endpoint src, dst;
	uint32_t file;
	unsigned sent;
	nanoseconds time; /* of the newest */
	bool answered;
};

/* What a REGISTER is for (RFC 3261 10.2). */
enum register_purpose {
	REGISTER_BIND,
	REGISTER_REMOVE,
	REGISTER_QUERY, /* it names no contact */
};

struct registration {
	const char *aor;
	const char *call_id;
	const char *scheme; /* "Digest", "NTLM", ...; NULL: none seen */
	const char *user_agent;
	const char *mras_uri; /* from provisioning; "" present but empty */
	struct endpoint client, server;
	enum stage_state state;
	struct attempt attempts[ATTEMPTS_KEPT];
	size_t attempt_count;
	unsigned requests, unanswered; /* since the last response */
	uint32_t expires;
	/* Digest answers that fit the password given by the user, and not. */
	unsigned digests_verified, digests_wrong;
	bool last_authenticated;
	bool last_concludes; /* its credentials were the last of their round */
	enum register_purpose purpose; /* of the last request */
	uint32_t cseq;		       /* of the last request */
	uint64_t contact;	       /* its hash, of the last request */
	struct hop hop;		       /* of the last request */
	nanoseconds until;	       /* as last granted; 0: never */
	struct place request, answer;
	struct place bound;   /* the first success of a binding */
	struct place removed; /* the last success of a removal */
	struct place lost;    /* a later refusal */
	unsigned lost_status;
	struct cited cited;
};

/* ---- stage 2 ---- */

enum token_kind {
	TOKEN_MRAS,
	TOKEN_TURN_REST,
	TOKEN_LONG_TERM,
};

struct token {
	enum token_kind kind;
	struct slice username;
	const char *realm, *reason, *relay, *identity;
	const char *call_id; /* of the request for it, or NULL */
	enum stage_state state;
	struct endpoint client;
	nanoseconds issued, expires; /* 0: unknown */
	uint32_t duration_min;
	struct place request, answer;
	struct place refused; /* a relay refused it behind its end */
	struct cited cited;
};

/* ---- stage 3 ---- */

#define ERRORS_KEPT 8u

struct allocation {
	struct endpoint client, server;
	struct endpoint answered_from; /* where the success came from */
	struct endpoint relayed, reflexive, alternate;
	const char *transport, *dialect;
	bool ms_turn, has_session, released, authenticated;
	bool accepted; /* a request with credentials had success */
	uint8_t session[8];
	struct slice username, realm;
	enum stage_state state;
	unsigned requests, unanswered; /* since the last answer */
	unsigned allocates; /* Allocate requests; 0: it is older */
	unsigned errors[ERRORS_KEPT];
	size_t error_count;
	unsigned last_error;
	bool last_authenticated; /* the last request carried credentials */
	unsigned error_after_credentials; /* error that answered such a one */
	uint32_t lifetime;
	unsigned refreshes, permissions, channels;
	unsigned verified, bad; /* integrity */
	size_t token;		/* or LIST_NONE */
	struct place request, granted;
	struct place lost; /* the server did not know it any more (437) */
	nanoseconds until; /* as last granted; 0: never */
	struct cited cited;
	size_t call; /* or LIST_NONE */
};

/* A plain Binding to a STUN server: the reflexive address. */
struct binding {
	struct endpoint client, server, mapped;
	unsigned requests, answers;
	struct place request, answer;
	size_t call;
};

/* ---- stage 4 ---- */

struct candidate {
	bool answer; /* else of the offer */
	uint8_t type; /* 0 unknown, host, srflx, prflx, relay */
	bool tcp;
	unsigned component;
	uint32_t priority;
	const char *host; /* as written, when it is a name */
	struct endpoint endpoint;
	size_t next; /* of the description, or LIST_NONE */
};

#define DESCRIPTION_CANDIDATES_MAX 256u

struct description {
	struct place place; /* frame 0: none seen */
	const char *ufrag;  /* the first, or NULL */
	unsigned media_lines;
	size_t first_candidate, last_candidate; /* good when there are some */
	size_t candidate_count;
	bool ice, relay, lite;
	bool sends, receives; /* RTP, by port and direction (RFC 3264 5.1) */
};

#define HOPS_KEPT 3u

/* An INVITE and what came of it: all messages with its Call-ID. */
struct dialog {
	const char *call_id, *from, *to, *user_agent;
	struct endpoint src, dst; /* of the first INVITE */
	unsigned messages, retransmissions;
	unsigned invites, last_provisional, final;
	const char *final_reason;
	bool acked, bye, challenged, replied;
	bool cancelled;	   /* by the caller, not by a proxy on a branch */
	bool tried;	   /* the last INVITE had credentials */
	bool stale;	   /* the last challenge only renews the nonce */
	bool older;	   /* it was set up before the capture began */
	bool caller_offers;
	unsigned branch_final; /* a refusal that the caller did not get */
	unsigned answer_repeats; /* of the 2xx: the ACK did not arrive */
	uint32_t cseq;		 /* of the newest try */
	uint64_t from_tag, reply_tag; /* hashes */
	struct hop hops[HOPS_KEPT];   /* of the newest try; [0] the caller's */
	unsigned hop_count;
	struct place invite, ringing, answer, ended;
	struct description offer, reply;
	struct cited cited;
	size_t call;
};

/* ---- stage 5 ---- */

struct direction {
	unsigned requests, responses, errors, nominating, nominated;
	unsigned last_error;
	unsigned most_sends; /* of one request, the first included */
	unsigned conflicts; /* 487 */
	unsigned strays; /* answers from another address than was asked */
	struct place first, last, answered;
	nanoseconds rtt; /* of a request that was sent once; 0: none */
};

struct pair {
	struct endpoint a, b; /* a: who was seen sending first */
	struct direction way[2]; /* from a, from b */
	bool relayed; /* seen inside TURN */
	bool selected;
	unsigned verified, bad, no_key_fits;
	uint8_t types[2]; /* as of candidate */
	struct endpoint seen_as[2]; /* mapped address that a and b were told */
	size_t session;
	size_t next; /* pair of the session, or LIST_NONE */
	struct place nominated;
	struct cited cited;
};

struct session {
	const char *ufrags[2]; /* as in "first:second" of the first check */
	size_t first_pair, last_pair; /* or LIST_NONE */
	size_t pairs;
	struct place first, last;
	struct place first_success, nomination;
	unsigned requests;
	bool aggressive; /* the first check already nominated */
	bool roles;	 /* checks carry ICE-CONTROLLING or -CONTROLLED */
	size_t call;
};

/* ---- media ---- */

struct media {
	struct endpoint src, dst;
	uint32_t ssrc;
	const char *codec;
	uint64_t packets, lost;
	double jitter_ms;
	nanoseconds first, last;
	bool wrapped;
	size_t call;
};

struct handshake { /* DTLS between two endpoints */
	struct endpoint a, b;
	bool client_hello, server_hello, alert;
	bool finished[2]; /* by a, by b */
	struct place first, last;
	size_t call;
};

/* ---- what it comes to ---- */

enum call_kind {
	CALL_DIALOG,
	CALL_ICE,
	CALL_ATTEMPT,
};

struct stage_view {
	enum stage_state state;
	nanoseconds start, end; /* 0: none */
	struct cited cited;
	const char *text; /* one plain sentence */
};

#define CALL_MEMBERS_MAX 256u

struct members {	/* numbers in one of the lists, each once */
	uint32_t *list; /* in the model's arena */
	uint32_t count, room;
};

/* The findings of one call, or of none, in order: numbers in the notes. */
struct note_chain {
	size_t first, last; /* or LIST_NONE */
};

struct call {
	enum call_kind kind;
	nanoseconds start, end;
	const char *from, *to, *call_id;
	struct stage_view stages[STAGES];
	enum outcome outcome;
	enum stage stopped; /* STAGE_NONE when it did not */
	const struct rule *rule; /* why it stopped there, or NULL */
	const char *text;
	size_t dialog; /* or LIST_NONE */
	struct members registrations, tokens, allocations, bindings, sessions,
		media, handshakes;
	struct note_chain notes;
	/* Media was seen that belongs to this call or to another one. */
	bool media_shared;
};

/* A finding with its place, kept once per rule and counted. */
struct note {
	const struct rule *rule;
	struct place first;
	uint64_t count;
	size_t call; /* or LIST_NONE */
	size_t next; /* of the same call, or LIST_NONE */
	const char *text; /* what exactly, or NULL */
};

struct model {
	struct arena arena;
	struct list registrations, tokens, allocations, bindings, dialogs,
		candidates, sessions, pairs, media, handshakes, calls, notes;
	struct note_chain notes_alone; /* of no call */
	nanoseconds first_time, last_time;
	uint64_t icmp_errors, holes;
	uint64_t answers; /* of SIP and STUN: the capture shows some */
	uint64_t members_refused; /* by CALL_MEMBERS_MAX */
	uint64_t names_refused;	  /* by OWNERS_MAX: joins that may be missing */
	uint64_t requests_forgotten; /* their answers would not be known */
	bool out_of_memory;
};

void model_init(struct model *model);
void model_free(struct model *model);

/* A copy of captured text as a C string in the arena; never NULL ("" when
 * memory is out, which the model remembers). */
const char *model_text(struct model *model, struct slice s);
struct slice model_bytes(struct model *model, struct slice s);
/* Is `text` what model_text would make of `s`? */
bool model_text_is(const char *text, struct slice s);
/* Sets *text to a copy of `s` unless it says that already. */
void model_set_text(struct model *model, const char **text, struct slice s);
/* A formatted sentence in the arena. */
const char *model_sentence(struct model *model, const char *format, ...)
	PRINTF_LIKE(2, 3);

/*
 * Notes a finding of a call, or of none (LIST_NONE).  The new note, good until
 * the next one, to add what exactly; NULL when the same rule of the same call
 * was noted before and is only counted, or when there is no room.
 */
struct note *model_note(struct model *model, const struct rule *rule,
			const struct place *place, size_t call);

/* Adds a number unless it is there; what is over the limit is counted. */
void model_member(struct model *model, struct members *members, size_t number);

/* A new call without members; NULL at the limit. */
struct call *model_call(struct model *model, enum call_kind kind,
			nanoseconds start);

const char *state_name(enum stage_state state);
const char *outcome_name(enum outcome outcome);
/* "host", "srflx", ... for the numbers of struct candidate. */
const char *candidate_word(uint8_t type);

#define MODEL_ROWS(type, list) ((struct type *)(list).rows)

#endif /* MODEL_MODEL_H */
