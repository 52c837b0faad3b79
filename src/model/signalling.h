/*
 * Evidence of the stages that SIP shows: parties, registrations (1) and
 * dialogs with their descriptions (4).
 */
#ifndef MODEL_SIGNALLING_H
#define MODEL_SIGNALLING_H

#include "model/evidence.h"

#define ATTEMPTS_KEPT 8u

struct attempt {
	place_number place; /* of the response */
	unsigned status;
	uint32_t cseq;
	bool authenticated; /* its request carried credentials */
	bool stale;         /* the challenge said so */
};

/*
 * One hop of a request: the same again on it is a retransmission, on another
 * it is a copy (RFC 3261 17.1.3, 17.2.3).  Responses come back by branch, or
 * by the ends where clients give none.
 */
struct hop {
	uint64_t branch; /* hash, 0: none */
	end_number src, dst;
	uint32_t vantage;
	unsigned sent;
	nanoseconds time; /* of the newest */
	struct obstacle obstacle;
	bool answered;
	bool reliable;    /* a transport that repeats by itself: not UDP */
	bool clear;       /* TCP without TLS */
	uint8_t datagram; /* of the newest */
};

/* What a REGISTER is for (RFC 3261 10.2). */
enum register_purpose {
	REGISTER_BIND,
	REGISTER_REMOVE,
	REGISTER_QUERY, /* it names no contact */
	REGISTER_WEB,   /* none came: only web services were asked (Lync) */
};

/* Who takes part: an address of record and where it was seen. */
#define PARTY_ADDRESSES_KEPT 8u

struct party {
	const char *aor;
	const char *user_agent; /* or NULL */
	/* Its own, port too: in the model's ends. */
	end_number addresses[PARTY_ADDRESSES_KEPT];
	unsigned address_count; /* kept */
	place_number first;
	nanoseconds bound; /* the newest success of a REGISTER; 0: none */
};

/* A success that grants less than its own request asks for, in seconds. */
struct shortened_time {
	uint32_t asked, granted;
	place_number request, answer;
};

struct registration {
	uint32_t party;      /* or LIST_NONE */
	const char *aor;     /* "" of REGISTER_WEB */
	const char *call_id; /* or NULL */
	const char *scheme;  /* "Digest", "NTLM", ...; NULL: none seen */
	const char *user_agent;
	const char *mras_uri; /* from provisioning; "" present but empty */
	struct endpoint client, server;
	enum stage_state state;
	struct attempt attempts[ATTEMPTS_KEPT];
	size_t attempt_count;
	unsigned status_before; /* of the answer before the newest; 0: none */
	unsigned requests, unanswered; /* since the last response */
	uint32_t expires;
	struct shortened_time shortened; /* the first; no answer: none */
	/* Digest answers that fit the password given by the user, and not. */
	unsigned digests_verified, digests_wrong;
	bool last_authenticated;
	bool answer_unseen; /* that to a request before; none came since */
	uint32_t nonce; /* hash of the newest that was asked with; 0: none */
	bool last_concludes; /* its credentials were the last of their round */
	enum register_purpose purpose; /* of the last request */
	uint32_t cseq;                 /* of the last request */
	uint64_t contact;              /* its hash, of the last request */
	uint32_t asked;                /* seconds for it; 0: none named */
	struct hop hop;                /* of the last request */
	nanoseconds until;             /* as last granted; 0: never */
	place_number request, answer;
	place_number bound;   /* the first success of a binding */
	place_number removed; /* the last success of a removal */
	place_number lost;    /* a later refusal */
	place_number refusal; /* the newest that is no challenge, */
	const char *refusal_reason; /* and its phrase; NULL: none */
	unsigned lost_status;
	uint32_t sign_in;       /* row + 1; 0: plain SIP */
	uint32_t sent_by;       /* hash of what its Via says; 0: unknown */
	/* Hashes of the newest Digest: what it is about, and what it is. */
	uint32_t digest_of, digest;
	uint32_t digests;          /* in vain, one soon behind another, */
	nanoseconds digests_since; /* since then */
	uint32_t lifeline;      /* row + 1 of the newest; 0: none */
	struct chain diagnoses; /* struct diagnosis */
	struct chain facts;
	struct chain history;
	struct cited cited;
};

/* Bound, and asks in vain to stay so: its answers are past. */
static inline bool registration_is_unheard(const struct registration *r)
{
	return r->state == STATE_OK && r->bound && !r->removed &&
	       r->purpose == REGISTER_BIND && r->unanswered &&
	       (r->unanswered >= UNANSWERED_PROOF || r->hop.obstacle.count);
}

/*
 * The connection, or over UDP the two addresses, under which a client is
 * registered: how often it agreed to be heard, and how long it was not.
 */
struct lifeline {
	struct endpoint client, server;
	uint32_t before;  /* row + 1 of that registration's one before */
	uint32_t timeout; /* seconds that the registrar told; 0: none */
	uint32_t pings, pongs;
	place_number told;            /* the timeout */
	place_number heard, answered; /* the newest of client and server */
	place_number ping;            /* the oldest that nothing answers */
	place_number quiet_from, quiet_to;
	nanoseconds silence;   /* of the client, the longest: between those */
	place_number called;   /* the first INVITE to the client */
	nanoseconds slept;     /* how long the client was silent before it */
	place_number closed;   /* frame 0: not */
	place_number refused;  /* behind that: the client's next connection does
				* not come about */
	unsigned refusals;
	bool stream;           /* TCP or TLS */
	bool answers;          /* the server answers keep-alives */
	bool reset, by_server; /* how it was closed */
};

/*
 * A server to which no connection came about, by a host that this input shows
 * no answered SIP of: what it wanted to say can only be told by the port, or,
 * where DNS gave no address for it, by the name.
 */
#define TLS_LEFT 256u /* no alert: the client leaves at the certificate */

struct shut {
	struct endpoint client, server;
	struct cited cited;
	struct obstacle obstacle; /* a reset; kind OBSTACLE_NONE: silence */
	unsigned tries;           /* connections, or questions to DNS */
	bool often;               /* one SYN of them three times or more */
	bool sctp;                /* else TCP */
	const char *name; /* that DNS does not know, `server` is it; or NULL */
	bool unknown;     /* it says so; else it does not answer */
	uint16_t alert;   /* fatal, of TLS, + 1; 0: none */
	bool alert_by_server;
	bool mute;               /* a ClientHello got no word, */
	bool hung_up;            /* only the end of the connection */
	bool open;               /* the newest handshake was not ended by one */
	bool beside; /* another connection to the server works */
	const char *certificate; /* of the server: whose, until when; or NULL */
	uint8_t stage;           /* enum stage; STAGE_NONE: not ours */
};

/* Long segments that a connection repeats in vain (struct tcp_stuck). */
struct stuck {
	struct endpoint src, dst;
	place_number first, last;
	uint32_t size, sent;
	bool ours; /* of SIP, MRAS or a relay */
	bool told; /* by what was asked in it */
};

/* Which grammar the candidates of a description have. */
enum ice_dialect {
	DIALECT_NONE,
	DIALECT_DRAFT_06, /* [MS-ICE] */
	DIALECT_DRAFT_19, /* [MS-ICE2], and what became of it: RFC 8839 */
};

const char *ice_dialect_name(enum ice_dialect dialect);

/*
 * The final offer or answer of [MS-ICE2]: after the checks a re-INVITE names
 * the pair that both go on with (a=remote-candidates).
 */
struct final_offer {
	place_number place;
	struct endpoint local, remote; /* of the first section's component 1 */
	bool answer;
	uint32_t next; /* of the dialog, or CHAIN_END */
};

#define DESCRIPTION_CANDIDATES_MAX 256u

/* A media section, as far as offer and answer have to agree (RFC 3264 6). */
#define SECTION_CODECS_KEPT 16u

/* A tag and the hash of its suite (RFC 4568 4); of a=cryptoscale the hash of
 * that, too. */
struct section_crypto {
	uint32_t tag, suite;
};

struct section {
	const uint32_t *codecs; /* hashes of names, in the arena; or NULL */
	uint32_t kind;          /* hash of "audio", ... */
	uint32_t bypass;        /* hash of a=x-bypassid; 0: none */
	const struct section_crypto *cryptos; /* in the arena, or NULL */
	uint8_t crypto_count;                 /* kept */
	bool cryptos_dropped : 1;
	bool at_ipv4 : 1, at_ipv6 : 1; /* what c= says, if it is somewhere */
	uint8_t codec_count;              /* kept */
	uint8_t setup;                    /* enum sdp_setup */
	uint8_t direction;                /* enum sdp_direction */
	bool refused;                     /* port 0 */
	bool tones;                       /* telephone-event */
	bool rtp, secure, feedback, dtls; /* of the profile */
	bool fingerprint, crypto;
	bool rtcp_mux, rtcp_mux_only;
	bool potential, taken; /* a=pcfg, a=acfg (RFC 5939) */
	bool codecs_unnamed; /* one has no name, or not all are kept */
};

struct description {
	place_number place; /* frame 0: none seen */
	uint16_t media_lines, candidate_count;
	kept_text ufrag;         /* the first, or 0 */
	kept_text pwd;           /* of it, or 0; a secret */
	kept_text fingerprint;   /* "sha-256 AA:..", the first, or 0 */
	uint64_t identity;       /* o= without version, hashes: of its name and
				  * number, of its address; 0: none */
	uint64_t transport; /* hash of the first address and port of media */
	const struct section *sections; /* media_lines of them, or NULL */
	/* Of an answer: where the caller gets it, with these sections; 0: that
	 * was not seen, they are of another hop. */
	place_number heard;
	uint32_t first_candidate, last_candidate; /* good when there are some */
	uint8_t setup;   /* enum sdp_setup */
	uint8_t dialect; /* enum ice_dialect */
	bool ice, relay, lite;
	bool trickles;        /* more candidates may follow (RFC 8838) */
	bool sends, receives; /* RTP, by port and direction (RFC 3264 5.1) */
};

/* What a branch of a fork describes whose answer does not count. */
#define BRANCHES_KEPT 8u

struct branch {
	struct branch *next;
	uint64_t tag; /* hash of its To tag */
	struct description answer;
};

/* ICE, and no address to tell. */
static inline bool description_is_bare(const struct description *d)
{
	return d->place && d->ice && d->candidate_count == 0;
}

/* A description that an application told outside of SIP: in JSON. */
#define TOLD_MARKS 16u
#define TOLD_UFRAGS 8u /* of media that are not in one bundle */

struct told_description {
	struct description description;
	bool answer;
	uint8_t mark_count;
	uint32_t marks[TOLD_MARKS]; /* what an answer to it may have, too */
	uint32_t more[TOLD_UFRAGS]; /* of its user fragments but the first:
				     * hashes, 0 behind the last */
	uint32_t exchange;          /* of HTTP, or 0 */
	uint32_t partner; /* offer and answer that have them in common; or
			   * LIST_NONE */
	end_number src, dst;
	end_number again_src, again_dst; /* handed on, the last time; or 0 */
	size_t call;       /* that checks with its ufrag belong to, or
			    * LIST_NONE */
	/* What the agent that has it says of its checks, the first time each;
	 * 0: it does not. */
	place_number checking, connected, failed;
	place_number relays_alone; /* where it is told to use no other way */
	const char *used;          /* the pair that it used last, or NULL */
};

/*
 * A later offer and its answer, where they agree on something else than those
 * before: of a re-INVITE, an UPDATE, a PRACK (RFC 6337 2.1).  An offer that is
 * refused stays without answer, and changes nothing (RFC 3261 14.1).  Or the
 * first offer, and the answer of a branch that did not get the call.
 */
#define AGREEMENTS_KEPT 16u /* of a dialog */

struct agreement {
	place_number offered, answered; /* answered 0: not, so far */
	end_number src, dst;            /* of the offer */
	const struct section *offer, *answer;
	const struct section *other; /* of an offer in two bodies, or NULL */
	uint32_t cseq, to; /* of the request: its number, hash of its To tag */
	uint8_t offer_lines, answer_lines, other_lines;
	uint8_t dialect, other_dialect; /* enum ice_dialect, of the offer */
	uint8_t method; /* enum sip_method of the request */
	bool of_caller; /* the caller sent the request */
	bool in_answer; /* the response offers; the ACK or PRACK answers */
	bool of_branch; /* of a fork, and lost */
	uint32_t next;  /* of the dialog, or CHAIN_END */
};

#define HOPS_KEPT 3u

/* One SIP message of a dialog, once for all its copies. */
struct sip_row {
	place_number place; /* where it was seen first */
	end_number src, dst;
	uint32_t next;      /* of the dialog in order of time, or CHAIN_END */
	uint16_t
		copies; /* of the capture: mirror ports, other vantages, hops */
	uint16_t retransmissions;
	/* The first line as captured (sip_row_line): of a request whose line
	 * has the usual form its method and what stands between that and the
	 * version; else no method, and all of it. */
	kept_text method, rest;
};

#define SIP_ROW_VERSION " SIP/2.0"

/* What says that two Call-IDs are legs of one call, the surest first. */
enum leg_link {
	LINK_NONE,
	LINK_SESSION_ID,   /* RFC 7989 */
	LINK_REPLACES,     /* RFC 3891 */
	LINK_REFER,        /* RFC 3515: Refer-To, Referred-By, Target-Dialog */
	LINK_CONVERSATION, /* Ms-Conversation-ID, [MS-SIPRE] */
	LINK_CONFERENCE,   /* focus and media of one conference, [MS-CONFBAS] */
	LINK_X_CID,        /* names the Call-ID of the other leg */
	LINK_ICID,         /* P-Charging-Vector, RFC 7315 4.6 */
	LINK_FAMILIES,     /* one try over IPv4, one over IPv6 (RFC 8305) */
	LINK_SDP,          /* the same o= line */
	LINK_MEDIA,        /* the same ICE user fragment, or media address */
	LINK_COURSE,       /* the same people, begun, answered, ended at once */
};

/* An early or confirmed dialog of a fork: its To tag; where there is none, the
 * refusal's. */
#define FORKS_KEPT 8u

struct fork {
	const char *to_tag;
	unsigned status; /* the newest */
	place_number first;
};

/* A request of one side that changes the session: re-INVITE, UPDATE. */
struct changing {
	uint32_t cseq; /* of the newest */
	bool asked : 1, described : 1, done : 1, restarted : 1;
	bool fax : 1;   /* it is to become T.38 */
	bool again : 1; /* the newest message asks, not for the first time */
	bool heard : 1; /* there is an answer, if only 100 */
};

/* The newest description of a side, as its hop has it; hashes. */
struct told_version {
	end_number src;
	uint32_t origin; /* o=, with its version; 0: none, or one like "0" */
	uint32_t media;  /* what it says of media */
	uint32_t cseq;
};

/* An INVITE and what came of it: all messages with its Call-ID. */
/* What a dialog without media is for, as its bodies tell. */
enum dialog_control {
	CONTROL_NONE,
	CONTROL_PHONE,      /* ECMA-323, CSTA in XML */
	CONTROL_CONFERENCE, /* C3P of [MS-CONFBAS] */
};

struct dialog {
	const char *call_id, *from, *to, *user_agent, *from_tag_text;
	const char *final_reason;
	uint32_t parties[2];      /* caller, called; or LIST_NONE */
	end_number src, dst;      /* of the first INVITE */
	unsigned messages, retransmissions;
	unsigned invites, last_provisional, final;
	unsigned leg;  /* 1: the first of its call */
	uint32_t call; /* or LIST_NONE */
	bool acked, bye, challenged, replied;
	bool challenged_before; /* the newest try, too, was an answer to one */
	bool cancelled;         /* by the caller, not by a proxy on a branch */
	/* Who forks is the first that the capture shows, and has the answer
	 * of another branch than the first. */
	bool forked;
	bool tried; /* the last INVITE had credentials */
	bool stale; /* the last challenge only renews the nonce */
	bool older; /* it was set up before the capture began */
	bool taken; /* the caller's ACK is one of a 2xx, which was not seen */
	/* That one is of a refusal, which was not seen; 0: it is not. */
	place_number turned_down;
	bool caller_offers;
	bool direct; /* the answer's Contact is where the INVITE went */
	/* enum dialog_control, also where a description stands beside it. */
	uint8_t control;
	struct changing changing[2]; /* by the caller, by the called */
	unsigned branch_final;       /* a refusal that the caller did not get */
	uint32_t answer_vantage;     /* where the 2xx to the caller was seen, */
	nanoseconds reached;         /* when, the newest; 0: not; */
	uint64_t reached_tag;        /* hash of its To tag and where it went; */
	uint8_t reached_as;          /* and the datagram of the newest */
	unsigned answer_repeats;     /* of the 2xx: the ACK did not arrive */
	uint32_t cseq;               /* of the newest try */
	uint32_t contact; /* hash of its host, newest 2xx to the caller */
	uint64_t from_tag, reply_tag; /* hashes */
	struct hop hop;               /* the caller's, of the newest try */
	/* Those behind it (dialog_hop): rows + 1 in the model's hops, which
	 * stay when a new try begins; 0: none yet. */
	uint32_t further[HOPS_KEPT - 1];
	unsigned hop_count; /* of the newest try, kept */
	place_number invite, ringing, answer, ended;
	struct description offer, reply;
	/* The body that was not used, where the offer has one of each dialect
	 * (multipart/alternative), in the arena; or NULL. */
	struct description *other;
	struct branch *branches; /* whose answers do not count; in the arena */
	uint32_t agreements; /* row + 1 of the first in the model's; 0: none */
	struct fork *forks;      /* FORKS_KEPT at most, in the arena */
	struct chain finals;     /* struct final_offer */
	unsigned fork_count;     /* of all, also those not kept */
	unsigned renegotiations; /* re-INVITE and UPDATE with SDP, answered */
	unsigned restarts;       /* of ICE: a description changed the ufrag */
	struct chain messages_seen; /* struct sip_row */
	uint32_t parent; /* dialog of the leg that this one is joined to, or
			 * LIST_NONE */
	enum leg_link joined_by;
	struct told_version versions[2]; /* of the caller, of the called */
	uint32_t ice_names[2][2]; /* hashes of the newest ufrag and pwd of the
				   * caller and of who is called; 0: none */
	struct chain diagnoses;   /* struct diagnosis */
	struct chain qualities;   /* struct quality */
	struct chain facts;
	struct chain history;
	struct cited cited;
};

/* Does what follows show that the call was answered, though no answer is in
 * the capture? */
static inline bool dialog_stands_unseen(const struct dialog *d)
{
	return !d->final && (d->older || (d->taken && d->bye));
}

/* Or that it was refused? */
static inline bool dialog_refused_unseen(const struct dialog *d)
{
	return !d->final && d->turned_down && !d->taken && !d->bye && !d->older;
}

#endif /* MODEL_SIGNALLING_H */
