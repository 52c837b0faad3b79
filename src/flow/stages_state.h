/*
 * What the files of the stages share: the model, the ways into its lists, and
 * the requests that wait for their answers.  Nobody else includes this.
 */
#ifndef FLOW_STAGES_STATE_H
#define FLOW_STAGES_STATE_H

#include "core/recent.h"
#include "flow/owners.h"
#include "flow/stages.h"

/* What an open request was about. */
enum subject {
	SUBJECT_NONE,
	SUBJECT_ALLOCATION,
	SUBJECT_BINDING,
	SUBJECT_CHECK,
	SUBJECT_DIALOG,
	SUBJECT_REGISTRATION,
};

/*
 * How often something was sent.  The same packet shows more than once on a
 * mirror port, at another vantage, or inside and outside of TURN: those are
 * copies, not retransmissions.  So each place counts for itself, and the most
 * that one has seen is how often it was sent.
 */
#define SIGHTING_PLACES 3u

struct sighting {
	struct sighted {
		nanoseconds time; /* of the newest */
		uint32_t vantage : 31;
		uint32_t wrapped : 1;
		uint16_t count;      /* without copies */
		uint8_t datagram[2]; /* of the newest, and before it */
	} places[SIGHTING_PLACES];
	nanoseconds time; /* of the newest that counted */
	unsigned count;   /* the most of any place */
};

#define COPY_WINDOW (3 * NS_PER_MS) /* no sender repeats itself sooner */
/* A mirror port may be so late with the same datagram. */
#define COPY_LATE (60 * NS_PER_MS)

/* What comes again after `gap`, is it the same packet once more? */
static inline bool is_copied(nanoseconds gap, uint8_t before, uint8_t now)
{
	return gap < COPY_WINDOW || (gap < COPY_LATE && now && now == before);
}

/*
 * Replies are matched by the client's endpoint and the transaction id, not by
 * the server's address: real relays answer from another one.
 */
struct pending {
	struct recent_row recent;
	uint8_t id[16];
	end_number client, server;
	enum subject subject;
	uint8_t side; /* of a pair */
	bool nominating, authenticated;
	uint32_t row;
	uint32_t path; /* that was asked on, or CHAIN_END */
	unsigned method;
	unsigned channel; /* of a ChannelBind */
	end_number peer;  /* of CreatePermission or ChannelBind */
	uint32_t more;    /* peers of the same request, or CHAIN_END */
	struct sighting asked, answered;
	/* Vantages that saw it, a bit each; the first of them. */
	uint64_t asked_at, answered_at;
	uint32_t home;
	bool copy;      /* of a row on the other side of a NAT, counted there */
	bool moves;     /* by a ticket, from a new address */
	bool hidden;    /* a check from a relay whose address nobody told */
	bool nonce_old; /* facts_turn.c: its nonce, */
	uint16_t first_method;
	uint16_t unheard; /* times it was repeated after its answer */
	uint32_t sign, ticket; /* and hashes of it and of its ticket */
};

#define PENDING_MAX 65536u
#define PENDING_LIFE (40 * NS_PER_S) /* Ti of RFC 8489 6.2.1 */

/* Requests that share an id: sent to several servers, seen on both sides of a
 * NAT. */
#define PENDING_SAME_MAX 8u

struct pending_set {
	struct pending *rows[PENDING_SAME_MAX];
	size_t count;
};

/* A client and a server that its allocation may be known by. */
struct way {
	end_number client, server;
	uint32_t allocation;
};

/* What a relay gave for an allocation that may move (RFC 8016), hashed. */
struct ticket {
	uint64_t value;
	uint32_t allocation;
};

#define TICKETS_MAX ((size_t)1 << 16)

/* What relays gave lately, the newest few of all allocations. */
enum issued_kind {
	ISSUED_NONE,
	ISSUED_NONCE,
	ISSUED_CONNECTION, /* RFC 6062: a CONNECTION-ID */
};

struct issued {
	uint64_t value;         /* hash */
	struct endpoint client; /* to whom */
	nanoseconds time;
	uint32_t allocation;
	uint8_t kind; /* enum issued_kind */
};

#define ISSUED_ROWS ((size_t)64)

/* A further peer of a CreatePermission. */
struct more_peer {
	end_number host;
	uint32_t next; /* or CHAIN_END */
};

#define MORE_PEERS_MAX ((size_t)1 << 16)

/* A certificate that was seen, by the hashes of its fingerprints as SDP would
 * write them. */
#define FINGERPRINT_KINDS 4u

struct certificate {
	uint64_t fingerprints[FINGERPRINT_KINDS];
	uint32_t handshake;
	uint8_t side;
};

#define CERTIFICATES_MAX (MODEL_SESSIONS_MAX * 2)

/* Of the newest messages of dialogs: what each is known by (its hash), and when
 * it was sent last. */
struct heard {
	struct recent_row recent;
	nanoseconds time;
	uint32_t vantage;
	uint32_t row; /* in sip_rows */
	uint8_t datagram;
};

#define HEARD_MAX (UINT32_C(1) << 20)
/* Nobody sends a message again later than 64*T1 (RFC 3261 17.1); twice that. */
#define HEARD_LIFE (64 * NS_PER_S)

/* What a dialog says of another leg: a value that both have, */
struct leg_note {
	uint64_t value;
	uint32_t dialog;
	uint8_t link; /* enum leg_link */
};

/* its Call-ID, */
struct leg_name {
	const char *call_id;
	uint32_t dialog;
	uint8_t link; /* enum leg_link */
};

/* or, of a REFER, who shall call whom. */
struct referral {
	uint64_t whom; /* hash of an address of record */
	end_number referee;
	place_number place;
	uint32_t dialog;
};

#define LEG_NOTES_MAX ((size_t)1 << 21)

/* A description of the dialog names this address there. */
struct named_end {
	end_number end;
	uint32_t dialog;
	place_number place;
};

#define NAMINGS_MAX OWNERS_MAX

/* An ICMP error or a reset, once for all places that show it. */
struct network_error {
	struct endpoint src, dst; /* of the packet that it is about */
	struct sighting seen;
	place_number place;
	uint64_t identity;
	uint32_t row; /* of its subject */
	uint8_t subject, side;
	uint8_t hop;
	uint8_t kind;    /* enum obstacle_kind */
	bool signalling; /* it is about SIP or STUN, or a port of theirs */
	bool blind;      /* too little is quoted to tell what it is about */
};

#define ERRORS_MAX ((size_t)1 << 16)

#define WAYS_MAX (MODEL_ALLOCATIONS_MAX * 2)

/* How a message looked where it was seen first (altered.c). */
struct passing {
	uint64_t identity;
	uint32_t via, contact, body; /* hashes */
	uint32_t vantage;
};

#define PASSINGS_MAX ((size_t)1 << 18)

/* A name that tells by its form what it is for, asked by one host. */
struct lookup {
	struct endpoint client, server;
	const char *name;
	unsigned asked;
	uint8_t stage; /* enum stage */
	bool answered, known, unknown;
	struct cited cited;
};

#define LOOKUPS_MAX ((size_t)64)

/* The two addresses of one host (twins.c). */
struct twin {
	struct endpoint six, four; /* port 0 */
	bool doubtful;             /* there is more than one of IPv4 */
};

#define TWINS_MAX ((size_t)1024)

/* A client that asks a server and is answered inside of TLS. */
struct connection_used {
	struct endpoint client, server;
	nanoseconds since, spoke; /* as in struct tcp_end */
	nanoseconds closed;       /* 0: not */
	place_number end;         /* or the last segment that was seen */
};

#define CONNECTIONS_USED_MAX ((size_t)256)

/* A server that a client of TLS asks for by this name (RFC 6066 3). */
struct greeting {
	struct endpoint client, server;
	const char *name;
	nanoseconds time; /* of the newest hello */
};

#define GREETINGS_MAX ((size_t)128)

/* What servers showed lately, in case the handshake ends in an alert. */
#define CERTIFICATE_BYTES 4096u
#define SERVER_CERTIFICATES 8u

/* TLS on 443 to a server that its name tells to be a registrar. */
#define TLS_MEETINGS 32u

struct tls_meeting {
	struct endpoint client, server;
	bool answered; /* by a ServerHello */
};

/* TLS to the port of SIP without it, until the server says a word. */
#define TLS_OPENINGS 32u

struct tls_opening {
	struct endpoint client, server;
	place_number hello;
};

struct server_certificate {
	struct endpoint client, server;
	uint16_t n; /* bytes; 0: free */
	bool part;  /* they are of a message that goes on in the next record */
	bool client_spoke;   /* behind it: the client goes on */
	bool server_went_on; /* so does the server: it did not wait */
	uint8_t der[CERTIFICATE_BYTES];
};

struct assembly;   /* certificates.c */
struct legs;       /* calls_legs.c */
struct candidates; /* candidates.h */

/* How far the joins have come, and what those keep that take several steps. */
struct joining {
	size_t ends; /* of stages */
	size_t join, row;
	struct legs *legs;
	struct candidates *candidates;
};

/* Lists of codecs that sections had last: phones of a kind have the same. */
#define CODECS_REMEMBERED 4u

struct codecs_kept {
	const uint32_t *codecs; /* in the model's arena, or NULL */
	uint8_t count;
};

/* asides.c: a request that belongs to nothing else; key 0: none. */
struct aside {
	uint64_t key;
	nanoseconds time; /* of the newest */
	place_number first;
	uint32_t vantage;
	end_number dst;
	enum sip_method method;
	unsigned sent;
};

enum { ASIDES = 64, ASIDE_REFUSALS = 16 };

struct stages {
	struct model *model;
	const struct keyring *keys;
	uint64_t key;          /* of all hashes: what a sender cannot know */
	struct recent pending; /* struct pending */
	/* Those with the id of that message, or NULL. */
	const struct message *same_id_of;
	struct pending_set same_id;
	bool apart; /* some message was not of the first vantage */
	struct list ways;
	struct list more_peers;
	struct list tickets; /* struct ticket */
	struct issued issued[ISSUED_ROWS];
	size_t next_issued; /* counts all that there were */
	uint32_t last_way;  /* that was asked for, or CHAIN_END */
	/* Of user fragments: numbers of dialogs, then of calls. */
	struct owners names;
	struct list namings;     /* struct named_end: by dialogs, that joins */
	struct owners addresses; /* make this of: calls of endpoints */
	struct owners forks;        /* of To tags beyond those kept: dialogs */
	struct index registrations; /* by Call-ID */
	struct index parties;       /* by address of record */
	struct list newest;         /* of each party: its registration, or
				      * CHAIN_END */
	struct slice username, realm; /* that clients of TURN had last */
	struct codecs_kept codecs[CODECS_REMEMBERED];
	unsigned next_codecs;
	uint32_t spare_agreement; /* row + 1 of one that nobody has; 0: none */
	struct text scratch;
	/* The place of the message that is taken now; PLACE_NONE: it has no
	 * number yet. */
	const struct origin *here_of; /* or NULL */
	place_number here;
	end_number here_src, here_dst; /* 0: the same */
	struct index dialogs; /* by Call-ID */
	struct list leg_notes, leg_names, referrals;
	struct recent heard;         /* struct heard: by identity */
	struct index tokens;         /* by user name */
	struct index token_requests; /* by Call-ID */
	struct index resolved;       /* names of DNS */
	struct index allocations;    /* in ways, by client and server */
	struct index tickets_index;  /* by the ticket */
	struct index bindings;       /* by client and server */
	struct index openings;       /* the newest of allocation and peer */
	struct index sessions;       /* by ufrags, unordered */
	struct index pairs;          /* by session and endpoints */
	struct index handshakes;     /* by endpoints */
	struct index paths;          /* by host, peer, transport, purpose */
	struct index lifelines;      /* by endpoints */
	struct index lifeline_hosts; /* the newest, by host and server */
	struct list signings;        /* signatures.c: keys, secret */
	struct list certificates;
	struct assembly *assemblies; /* of certificate messages; or NULL */
	unsigned next_assembly;
	struct owners fingerprints; /* promised: numbers of calls */
	struct list lookups;        /* struct lookup */
	struct server_certificate *server_certificates; /* or NULL */
	unsigned next_certificate;
	struct tls_meeting tls_meetings[TLS_MEETINGS]; /* the newest */
	unsigned next_meeting;
	struct tls_opening tls_openings[TLS_OPENINGS]; /* the newest */
	unsigned next_opening;
	struct list twins;            /* struct twin; when all is read */
	struct list connections_used; /* to ports of ours, and 443 */
	struct list greetings;        /* the same, by name */
	struct list passings;        /* of several vantages */
	struct index findings;       /* the model's unplaced */
	struct index told_index;     /* the model's told, by user fragment */
	struct index passings_index; /* by identity */
	struct aside asides[ASIDES]; /* the newest */
	uint64_t aside_refusals[ASIDE_REFUSALS]; /* keys, likewise */
	unsigned next_aside, next_aside_refusal;
	struct list unasked;         /* answers without a request */
	struct index unasked_index;  /* by their ends */
	struct list errors;          /* struct network_error */
	struct index errors_index;   /* by what they quote */
	struct joining joining;
};

/* asides.c: a message of SIP outside of calls and registrations. */
void stage_aside(struct stages *s, const struct message *m);
void asides_finish(struct stages *s);

/* A finding of that message, which stands with the call that it is of. */
void stages_found(struct stages *s, const struct rule *rule,
		  const struct message *m);

/* Where and when a message was seen. */
struct place place_of(const struct origin *from);
/* The number of that place. */
place_number stages_place(struct stages *s, const struct origin *from);
/* The numbers of its endpoints. */
end_number stages_src(struct stages *s, const struct origin *from);
end_number stages_dst(struct stages *s, const struct origin *from);
/* Are they these?  Does not give them numbers. */
bool stages_is_src(const struct stages *s, const struct origin *from,
		   end_number end);
bool stages_is_dst(const struct stages *s, const struct origin *from,
		   end_number end);

/* Hashes for the indexes, keyed so that nobody can choose collisions. */
uint64_t stages_hash(const struct stages *s, struct slice value);
/* Is it another nonce than the one that was kept, which it becomes? */
bool stages_nonce(const struct stages *s, uint32_t *kept, struct slice nonce);
/* The same for both orders of the two. */
uint64_t stages_hash_ends(const struct stages *s, const struct endpoint *a,
			  const struct endpoint *b);

/* pending.c: the request that this message answers, or NULL. */
struct pending *pending_find(struct stages *s, const struct message *m);
/* The row of this request, new or seen before; other pointers to rows are not
 * good any more. */
struct pending *pending_note(struct stages *s, const struct message *m);
/* All rows that have this id. */
struct pending_set pending_with(const struct stages *s, const uint8_t id[16]);
/* The same of a message, good until the next one is noted. */
const struct pending_set *pending_same(struct stages *s,
				       const struct message *m);
/* The row of the same request at another vantage, where a NAT gave it other
 * addresses; NULL: none. */
struct pending *pending_twin(struct stages *s, const struct message *m);
/* Was this very request seen before? */
bool pending_seen(struct stages *s, const struct message *m);
/* Counts a message as seen; false when it is a copy of one counted before. */
bool sighting_note(struct sighting *seen, const struct origin *from);
/* The same of an answer: who is asked once answers once, what comes then is a
 * copy that nothing else tells. */
bool answer_note(struct pending *p, const struct origin *from);

/* unasked.c: an answer to a Binding request that is not in the capture; at the
 * end, pairs of which it shows one direction only. */
void unasked_begin(struct stages *s);
void unasked_note(struct stages *s, const struct message *m);
void unasked_finish(struct stages *s);

/* crossings.c: a check, or its answer, was seen at a vantage. */
void crossings_note(struct stages *s, const struct message *m,
		    struct pending *row);
/* When all is known: vantages that show one direction alone; then answers of a
 * session that never came to who asked. */
void crossings_begin(struct stages *s);
void crossings_finish(struct stages *s, size_t session);

/* Hop `i` of a dialog, to be changed. */
static inline struct hop *hop_at(const struct model *m, struct dialog *d,
				 unsigned i)
{
	return i ? list_at(&m->hops, d->further[i - 1] - 1) : &d->hop;
}

/* hops.c: is this request on that hop, was it sent again on it (else it is a
 * copy of the capture), does this response come back on it? */
uint64_t hop_branch(const struct stages *s, const struct sip_message *sip);
struct hop hop_of(struct stages *s, const struct message *m);
bool hop_carries(struct stages *s, const struct hop *hop,
		 const struct message *m);
bool hop_sends_again(struct hop *hop, const struct message *m);
enum claim hop_answers(const struct stages *s, const struct hop *hop,
		       const struct message *m);

/* parties.c: a text of the model, once for all who say the same. */
const char *stages_text(struct stages *s, struct slice text);
/* "sip:user@host" of a URI; good until the next one. */
struct slice aor_of(struct stages *s, struct slice uri);
/* The party of a URI, made if need be, in *party, or LIST_NONE where there is
 * none or no room; returns its address of record. */
const char *party_note(struct stages *s, struct slice uri,
		       const struct message *m, uint32_t *party);
/* The same if it is known, else LIST_NONE. */
size_t party_known(struct stages *s, struct slice uri);
/* This address is its own; it has sent this request. */
void party_at(struct stages *s, size_t party, const struct endpoint *e);
void party_sent(struct stages *s, size_t party, const struct message *m);

/* stage_changes.c: a row of a dialog's history; forks, as a response to the
 * INVITE shows them; what re-INVITE and UPDATE change; a new ufrag. */
struct becoming {
	enum word state;
	uint32_t value;
};
void dialog_becomes(struct stages *s, struct dialog *d, const struct message *m,
		    struct becoming what);
void dialog_forks(struct stages *s, struct dialog *d, const struct message *m);
void dialog_changes(struct stages *s, struct dialog *d,
		    const struct message *m);
void dialog_restarts(struct stages *s, struct dialog *d,
		     const struct message *m);
/* Does this belong to the newest try to set it up?  (The side that was called
 * may use the same CSeq number for something else.) */
bool dialog_is_setup(const struct stages *s, const struct dialog *d,
		     const struct sip_message *sip);

/* stage_legs.c: what the headers say of other dialogs; where a REFER sends. */
void dialog_links(struct stages *s, const struct dialog *d,
		  const struct sip_message *sip);
void dialog_refers(struct stages *s, const struct dialog *d,
		   const struct message *m);

/* stage_messages.c: keeps a message of a dialog; false when it is one that was
 * seen on this hop before. */
bool dialog_hears(struct stages *s, struct dialog *d, const struct message *m);

/* Does the Digest of this value fit the password that was given for its user?
 * VERIFIED, NO_KEY_FITS, UNCHECKED, or ABSENT when it is no Digest. */
enum integrity digest_of(const struct stages *s, const struct sip_message *sip,
			 struct slice authorization);

/* One message each. */
void stage_registration(struct stages *s, const struct message *m);
/* The registration of a Call-ID, or NULL. */
struct registration *registration_find(struct stages *s, struct slice call_id);
/* A new one of this address of record, without evidence; NULL at the limit. */
struct registration *registration_new(struct stages *s, const struct message *m,
				      struct slice uri);
/* stage_signin.c: what Lync adds to a REGISTER that counts, its final answer,
 * and all other messages; a client that was sent elsewhere asks there. */
void signin_request(struct stages *s, struct registration *r,
		    const struct message *m);
void signin_answer(struct stages *s, struct registration *r,
		   const struct message *m);
void signin_follow(struct stages *s, uint32_t before, const struct message *m);
void stage_signin(struct stages *s, const struct message *m);
/* Which certificate services were asked for, by the names of TLS. */
void sign_ins_finish(struct stages *s);
void stage_provisioning(struct stages *s, const struct message *m);
void stage_token(struct stages *s, const struct message *m);
/* The diagnoses of what was asked for in this dialog, or NULL. */
struct chain *token_diagnoses(struct stages *s, struct slice call_id);
/* token_request.c: the request for a token, one hop of it, its answer (which
 * may bring another token than was asked for first). */
void token_asks(struct stages *s, struct token *t, const struct message *m,
		const struct mras *mras);
void token_passes(struct stages *s, struct token *t, const struct message *m,
		  const struct mras *mras);
void token_answered(struct stages *s, struct token *asked, struct token *t,
		    const struct message *m, const struct mras *mras);
/* resolved.c: an answer of DNS; what DNS says of the relays of tokens. */
void resolved_note(struct stages *s, const struct message *m);
void tokens_resolve(struct stages *s);
/* stage_diagnostics.c: what the headers say of failures; after the stages that
 * know whose message it is. */
void stage_diagnostics(struct stages *s, const struct message *m);
/* stage_quality.c: quality reports. */
void stage_quality(struct stages *s, const struct message *m);
/* Does that User-Agent number the bits of ICE warnings as [MS-QoE] has it? */
bool quality_is_old(struct slice agent);
void stage_gathering(struct stages *s, const struct message *m);
/* The Bindings from that client to that server, or NULL; until the next. */
struct binding *stage_binding(struct stages *s, end_number client,
			      end_number server);
/* stage_allocation.c: a request to a relay, its answer; data through it. */
void stage_allocation(struct stages *s, const struct message *m);
void stage_relayed_data(struct stages *s, const struct message *m);
/* Bytes of a connection to a relay are missing; it was closed. */
void allocation_hole(struct stages *s, const struct message *m);
void allocation_close(struct stages *s, const struct message *m);
/* A new row for the ends of this message; CHAIN_END: no room. */
uint32_t allocation_new(struct stages *s, const struct message *m,
			const char *dialect);
/* stage_ms_turn.c: what [MS-TURN] has beside the RFC's, of a request that is
 * no retransmission, its answer, data. */
void ms_turn_request(struct stages *s, struct allocation *a,
		     const struct message *m);
void ms_turn_answer(struct stages *s, struct allocation *a,
		    const struct message *m, const struct pending *p);
void ms_turn_data(struct stages *s, uint32_t number, const struct message *m,
		  bool back);
/* stage_hello.c: pseudo-TLS; its connection was closed; what came of it. */
void stage_hello(struct stages *s, const struct message *m);
void hello_close(struct stages *s, const struct message *m);
void hello_finish(struct stages *s, struct allocation *a);
/* ways.c: the newest allocation of a client at a server, or CHAIN_END; one
 * that lies there from now on; one that may be asked for there as well. */
uint32_t allocation_at(struct stages *s, const struct endpoint *client,
		       const struct endpoint *server);
void allocation_lies_at(struct stages *s, uint32_t number,
			const struct endpoint *client,
			const struct endpoint *server);
void allocation_also_at(struct stages *s, uint32_t number,
			const struct endpoint *server);
/* rebinding.c: a client was granted something here; what a Binding says about
 * the way to its relay; what a relay says that knows no such client. */
void rebinding_granted(struct stages *s, uint32_t number);
void rebinding_mapped(struct stages *s, uint32_t row, const struct message *m);
void rebinding_unknown(struct stages *s, uint32_t number,
		       const struct message *m);
/* mobility.c: the ticket of a success; whose ticket a Refresh shows, or
 * CHAIN_END. */
void ticket_note(struct stages *s, uint32_t number, const struct message *m);
uint32_t ticket_holder(struct stages *s, const struct message *m);
/* What the captures' end says of allocations: those that ran out. */
void allocations_finish(struct stages *s);
/* openings.c: what a CreatePermission or ChannelBind asks for, what its
 * success opens, and the end of it all with the allocation. */
void openings_ask(struct stages *s, struct pending *p,
		  const struct stun_message *stun);
void openings_grant(struct stages *s, const struct pending *p,
		    place_number place);
/* A Send request of [MS-TURN] opens to its peer, for as long as the allocation
 * lives as far as is known. */
void openings_send(struct stages *s, uint32_t allocation,
		   const struct endpoint *peer, place_number place);
void openings_end(struct stages *s, const struct allocation *a,
		  nanoseconds end);
void stage_exchange(struct stages *s, const struct message *m);
/* stage_sdp.c: a description of a message of this dialog. */
void stage_description(struct stages *s, struct dialog *dialog,
		       const struct message *m, const struct sdp *sdp);
void stage_probing(struct stages *s, const struct message *m);
/* The pair of a session between two ends, whichever is first; INDEX_NONE. */
uint32_t pair_between(const struct stages *s, uint32_t session, end_number a,
		      end_number b);
/* sessions.c: the session of a check, made if need be, and which of its two
 * user fragments is the sender's; INDEX_NONE when there is none. */
uint32_t session_of(struct stages *s, const struct message *m,
		    unsigned *sender);
/* A check that is no repetition: what role its sender has. */
void session_note_check(struct stages *s, struct session *x, unsigned sender,
			const struct message *m);
/* consent.c: a success came on a way, the captures have ended: were there 30 s
 * of silence (RFC 7675 5.1)? */
void consent_renew(struct stages *s, struct pair *p, struct direction *way,
		   place_number place);
void consent_finish(struct stages *s);
void stage_handshake(struct stages *s, const struct message *m);
/* certificates.c: what a record of a handshake shows of a certificate; a
 * fingerprint that a description of a call promises (RFC 8122 5); and the
 * comparison of both. */
void certificate_take(struct stages *s, const struct handshake *h,
		      const struct origin *from, struct slice body);
void certificate_promise(struct stages *s, size_t call,
			 struct slice fingerprint, nanoseconds from);
void certificates_join(struct stages *s);
void certificates_free(struct stages *s);
void stage_icmp(struct stages *s, const struct message *m);
/* obstacles.c: an ICMP error, or a connection that was reset or closed; what
 * requests they answer, once all are known; what they are to the input as a
 * whole. */
void obstacle_icmp(struct stages *s, const struct message *m);
void obstacle_ended(struct stages *s, const struct message *m, bool reset);
/* The request on this hop is about to be repeated: did the network say
 * something of the way since it was sent last? */
void obstacle_nearby(struct stages *s, struct hop *hop);
/* What ICMP said of packets of this stream. */
void obstacle_of_media(const struct stages *s, struct media *media);
/* What a connection that ends repeated in vain; is it of ours? */
void obstacle_stuck(struct stages *s, const struct message *m, bool ours);
void obstacles_finish(struct stages *s);
void stage_tcp(struct stages *s, const struct message *m);
/* A relay that cannot be connected to is an allocation that failed, though
 * nobody could ask for it. */
void relay_refuses(struct stages *s, const struct message *m);
/* A hello of DTLS to a relay that answered none of so many. */
void relay_shuts_dtls(struct stages *s, const struct message *m);
void stage_tls(struct stages *s, const struct message *m);
/* Is it a port of SIP, MRAS, STUN or TURN? */
bool port_is_ours(uint16_t port);
/* The same: was a connection opened that nobody refused afterwards? */
bool tcp_came_about(unsigned events);
/* twins.c: finds them, when all is read.  The host of an endpoint (port 0), by
 * its IPv4 address where it has both; are they of one host? */
void twins_find(struct stages *s);
struct endpoint twins_host(const struct stages *s, const struct endpoint *e);
bool twins_share_host(const struct stages *s, const struct endpoint *a,
		      const struct endpoint *b);
/* Has one name both addresses, as DNS answers or clients of TLS call them? */
bool twins_share_name(const struct stages *s, const struct endpoint *a,
		      const struct endpoint *b);
/* shut.c: a connection has ended; does it show that its client is served? */
void shut_notes_use(struct stages *s, const struct message *m);
void stage_dns(struct stages *s, const struct message *m);
void stage_malformed(struct stages *s, const struct message *m);
/* stage_media.c: all streams that were counted become rows of the model. */
void stage_media(struct stages *s, const struct media_table *table);
/* stages.c: the evidence spans this time, too. */
void stages_note_time(struct model *model, nanoseconds time);

/* A user fragment as text that prints: itself, or escaped into `to`. */
#define NAME_TEXT_MAX ((size_t)4096)
struct slice name_text(struct slice name, struct text *to);

/* Counts what came of one more check. */
void integrity_note(struct integrity_counts *counts, enum integrity integrity);

/* Is this Binding an ICE check (or the answer to one)? */
bool is_check(struct stages *s, const struct message *m);

/* The token behind a TURN user name, made if need be; LIST_NONE if none. */
size_t token_of_username(struct stages *s, const struct message *m,
			 const struct allocation *allocation);

/* A relay refused these credentials: had they ended? */
void token_refused(struct stages *s, const struct message *m,
		   struct allocation *allocation);

/* stage_exchange.c: the dialog of a Call-ID, or NULL. */
struct dialog *dialog_find(struct stages *s, struct slice call_id);

/* paths.c: a request goes out (returns the way it takes, or CHAIN_END), its
 * answer came; a SIP or DNS message either way; what ICMP or TCP say of it;
 * the verdicts. */
uint32_t path_ask(struct stages *s, const struct origin *from,
		  enum path_purpose purpose);
/* Did the client, from any port, ask that server?  `transport` is one of
 * transport_name(). */
bool path_was_asked(struct stages *s, const struct endpoint *client,
		    const struct endpoint *server, const char *transport,
		    enum path_purpose purpose);
void path_answer(struct stages *s, uint32_t path);
void path_sip(struct stages *s, const struct message *m);
void path_dns(struct stages *s, const struct message *m);
void path_icmp(struct stages *s, const struct icmp_error *e);
void path_tcp(struct stages *s, const struct message *m,
	      enum path_purpose purpose);
void paths_finish(struct stages *s);

/* shut.c: a connection that did not come about; which of them were for a
 * relay, for SIP or for MRAS, once all is known. */
void shut_note(struct stages *s, const struct message *m);
/* The one of this server, made if need be and wished; or NULL. */
struct shut *shut_at_server(struct stages *s, const struct endpoint *client,
			    const struct endpoint *server, bool make);
bool shut_speaks_sip(const struct stages *s, const struct endpoint *host);
/* The same file: is this the name of a registrar, as clients of Lync try them
 * and SRV gives them; did DNS give it that address? */
bool shut_names_registrar(struct slice name);
bool shut_is_registrar(const struct stages *s, const struct endpoint *server);
/* shut_tls.c: does a registrar speak TLS with this host on 443? */
bool shut_meets_registrar(const struct stages *s, const struct endpoint *host);
void shuts_finish(struct stages *s);

/* stage_web.c: a message of a web service; to which sign-ins they belong. */
void stage_web(struct stages *s, const struct message *m);

/* stage_told.c: SDP that is told outside of SIP; which ICE sessions it is of,
 * and whose candidates it names. */
void stage_told(struct stages *s, const struct message *m);
void told_join(struct stages *s, size_t session);
/* The ICE call that its descriptions go on with, or LIST_NONE; and of which
 * call they are, once that is known. */
size_t told_call_before(struct stages *s, const struct session *x);
/* The descriptions that tell its two sides, or LIST_NONE. */
struct told_holders {
	size_t rows[2];
};
struct told_holders told_holders_of(struct stages *s, const struct session *x);
void told_note_call(struct stages *s, const struct session *x);
/* Makes a call of an offer that no session has. */
void told_calls(struct stages *s, size_t told);
/* stage_sdp.c: what a description of no dialog says, and what follows it. */
void description_told(struct stages *s, struct description *d, bool answer,
		      const struct message *m);
void description_trickles(struct stages *s, struct description *d, bool answer,
			  const struct message *m);
void webs_finish(struct stages *s);

/* hidden_relays.c: which calls have relays that are asked inside of TLS. */
void hidden_relays_find(struct stages *s);

/* shut_tls.c: a record in the clear of a handshake. */
void shut_tls(struct stages *s, const struct message *m);
/* The same file: the end of a connection, or of the capture of it. */
void shut_tls_end(struct stages *s, const struct message *m);

/* lookups.c: a question to DNS or its answer; those that led nowhere become
 * connections that did not come about. */
void lookup_note(struct stages *s, const struct message *m);
void lookups_finish(struct stages *s);

/* signatures.c: the list of keys, and their end. */
struct list signings_new(void);
void signings_wipe(struct list *list);

/* lifelines.c: a REGISTER had success, over the connection that has to be kept
 * alive from then on; a message or CRLF on it; its end; no other one. */
void lifeline_registered(struct stages *s, struct registration *r,
			 const struct message *m);
void lifeline_hear(struct stages *s, const struct message *m);
void lifeline_close(struct stages *s, const struct message *m);
void lifeline_not_again(struct stages *s, const struct message *m);

/* stage_agent.c: the newest description of whoever says something, with what it
 * says noted; CHAIN_END: none. */
uint32_t stage_agent_says(struct stages *s, const struct message *m);

/* stage_remarks.c: what programs say; joined when the calls are made. */
void stage_remark(struct stages *s, const struct message *m);
void remarks_join(struct stages *s);

/* calls.c: makes calls of the evidence, in steps; false: there is no
 * such step any more. */
bool calls_join_step(struct stages *s);
/* A new call that is owner of nothing yet; LIST_NONE at the limit. */
size_t calls_new(struct stages *s, enum call_kind kind, nanoseconds start);
/* A description of this dialog (before calls are made of dialogs), or a part
 * of this call, names a user fragment. */
void calls_own_name(struct stages *s, size_t call, struct slice ufrag,
		    nanoseconds from);
/* A part of this call names an endpoint; nothing where it is nobody's. */
void calls_own_address(struct stages *s, size_t call, const struct endpoint *e,
		       nanoseconds from);
bool calls_owns_name(const struct stages *s, size_t call, struct slice ufrag);
/* The same of a description of a dialog, before calls are made. */
void dialog_names_address(struct stages *s, uint32_t dialog,
			  const struct endpoint *e, place_number place);
/* Makes the call longer; a time of 0 changes nothing. */
void calls_stretch(struct call *call, nanoseconds from, nanoseconds to);

/* calls_media.c, calls_setup.c: the parts of the join. */
void calls_join_media(struct stages *s);
void calls_join_allocation(struct stages *s, size_t number);
void calls_join_binding(struct stages *s, size_t number);
void calls_join_siblings(struct stages *s);
void calls_join_named(struct stages *s);
void calls_join_hosts(struct stages *s);
/* calls_older.c: where calls end that were set up before the capture, by their
 * hosts; and the one that a session belongs to, or LIST_NONE. */
void calls_note_older(struct stages *s, struct owners *older);
size_t calls_older_of(struct stages *s, const struct owners *older,
		      const struct session *x);
void candidates_begin(struct stages *s);
void candidates_describe(struct stages *s, size_t dialog);
void candidates_describe_told(struct stages *s, size_t told);
void candidates_relay(struct stages *s);
void candidates_learn_from(struct stages *s, size_t session);
void candidates_list_described(struct stages *s, size_t dialog);
void candidates_list_told(struct stages *s, size_t told);
void candidates_list_learned(struct stages *s, size_t call);
void candidates_end(struct stages *s); /* also before its turn */
void calls_join_restarts(struct stages *s);
void calls_join_registrations(struct stages *s);
void calls_join_tokens(struct stages *s);
/* calls_keepalives.c: behind calls_join_media(). */
void calls_join_keepalives(struct stages *s);
void calls_join_attempts(struct stages *s);
/* calls_aside.c: before those, and behind them what belongs to attempts. */
void calls_join_asides(struct stages *s);
void calls_join_asides_left(struct stages *s);
/* What was granted and ended within the capture becomes that. */
void registrations_expire(struct stages *s);
void tokens_expire(struct stages *s);
/* calls_legs.c: makes calls of dialogs, legs of one call together; what names
 * and addresses say of dialogs they say of calls from then on. */
void legs_begin(struct stages *s);
void legs_find(struct stages *s, size_t pass);
void legs_end(struct stages *s);
void legs_free(struct stages *s); /* also before its turn */
#define LEGS_PASSES 12u
/* calls_parties.c: whose gathering is it, who takes part in a call? */
void calls_own_parties(struct stages *s);

/* The calls that own an endpoint and are not over at that time, newest
 * first: at most CALLS_NEAR of them. */
#define CALLS_NEAR 64u
size_t calls_at_address(struct stages *s, const struct endpoint *e,
			nanoseconds time, struct owner_stay *out);

/* mras_users.c: pseudonyms that tokens show to relays; a call has few. */
#define MRAS_USERS_TOLD 4u

struct mras_users {
	uint8_t names[MRAS_USERS_TOLD][20];
	unsigned count;
};

/* Adds that of an allocation, or NULL, if its user name tells one. */
void mras_user_add(struct mras_users *users, const struct allocation *a);
/* Are they known of both, and is none of one among those of the other? */
bool mras_users_differ(const struct mras_users *a, const struct mras_users *b);

/* Is it the address of somebody, with a port? */
bool calls_is_somewhere(const struct endpoint *e);
uint64_t calls_address_value(const struct stages *s, const struct endpoint *e);

/* Messages of one moment may come in any order. */
#define CALLS_SLACK (2 * NS_PER_S)
/* Evidence of one call begins within this time (audio, video, ...). */
#define CALLS_TOGETHER (10 * NS_PER_S)

#endif /* FLOW_STAGES_STATE_H */
