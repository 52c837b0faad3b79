/*
 * Evidence of stage 5 and what follows: candidates, checks and their pairs,
 * DTLS handshakes, media.
 */
#ifndef MODEL_PROBING_H
#define MODEL_PROBING_H

#include "model/evidence.h"

enum candidate_side {
	SIDE_UNKNOWN,
	SIDE_OFFER,
	SIDE_ANSWER,
};

/* What few candidates have, or those of a section have in common. */
struct candidate_extra {
	const char *host;      /* as written, when it is a name; else NULL */
	const char *mid;       /* or NULL */
	const char *network;   /* "WLAN", ... ([MS-SDPEXT]), or NULL */
	uint64_t turn_session; /* MTURNID of its relay; 0: none */
};

/* Sections behind these are not told apart. */
#define SECTIONS_TOLD 15u

/*
 * A candidate: from a description, or learned from checks (peer-reflexive, or
 * of any kind where no description can be read).
 */
struct candidate {
	uint8_t side; /* enum candidate_side */
	uint8_t type; /* 0 unknown, host, srflx, prflx, relay */
	bool tcp;
	uint8_t tcp_type;   /* enum candidate_tcp_type of dissectors/sdp.h */
	bool learned;       /* from checks, no description names it */
	uint8_t section;    /* of the description, from 1; 0: unknown */
	uint16_t component; /* 0: unknown */
	uint32_t priority;  /* 0: unknown */
	uint32_t extra; /* row + 1 of the model's extras; 0: nothing there */
	kept_text foundation, ufrag; /* or 0 */
	end_number endpoint; /* FAMILY_NONE, with the port, for a name */
	end_number related;
	place_number place;
	uint32_t dialog;     /* or CHAIN_END */
	uint32_t call;       /* or CHAIN_END */
	uint32_t allocation; /* whose relayed address it is, or CHAIN_END */
	uint32_t next; /* of the description or the session, or LIST_NONE */
};

struct direction {
	unsigned requests, responses, errors, nominating, nominated;
	unsigned last_error;
	unsigned most_sends; /* of one request, the first included */
	unsigned unheard;    /* most repeats of one that was answered */
	unsigned conflicts;  /* 487 */
	unsigned strays;     /* answers from another address than was asked */
	place_number first, last, answered;
	nanoseconds rtt;          /* of a request that was sent once; 0: none */
	uint32_t priority;        /* PRIORITY of the newest request; 0: none */
	unsigned silent;          /* requests since the last success */
	nanoseconds heard;        /* the last success; 0: none */
	struct obstacle obstacle; /* to requests without an answer */
};

/* What one vantage saw of the checks of a pair; transactions, by the side
 * that asks. */
struct crossing {
	uint32_t vantage;
	uint32_t next; /* of the pair, or CHAIN_END */
	uint32_t requests[2], responses[2];
	nanoseconds first[2]; /* of the requests */
};

/* What few pairs have. */
struct pair_extra {
	/* When checks stopped to be answered in the middle of the call; 0: they
	 * did not. */
	nanoseconds consent_lost;
	/* The session behind the relay of an end, as its own checks say it, or
	 * frames to it ([MS-TURN] 2.2.3); 0: none. */
	uint64_t turn_sessions[2];
	/* CANDIDATE-IDENTIFIER that checks of this end carry ([MS-ICE2] 2.2),
	 * as far as it fits; filled up with NULs. */
	char identifiers[2][4];
	const char *fits; /* the user fragment whose password a check fits that
			   * its own does not, or NULL */
};

struct pair {
	end_number a, b;         /* a: who was seen sending first */
	struct direction way[2]; /* from a, from b */
	bool relayed;            /* seen inside TURN */
	bool plain;              /* seen outside of it */
	bool tcp;
	bool selected;
	uint8_t section; /* as of candidate */
	/* Of one end nothing is in the capture, though the other answers checks
	 * of it; or of a relay that hands on what its client sends. */
	bool half_seen;
	bool cut_off; /* the capture ends before an answer could be there */
	/* Another vantage shows that checks get to the end that is asked: 1
	 * those of a, 2 those of b. */
	uint8_t arrived;
	uint16_t component; /* 0: unknown */
	uint8_t ufrag_of_a; /* in the session's: a's, the other one is b's */
	/* Allocations that an end was seen to be the relayed address of, by
	 * the envelope; or CHAIN_END. */
	uint32_t through[2];
	/* A relay handed on to the other end what this one sent. */
	bool delivered[2];
	uint8_t types[2]; /* as of candidate */
	/* Checks of this end named the session of its relay ([MS-TURN]
	 * 2.2.2.24). */
	bool behind_relay[2];
	/* Checks of this end went into a relay whose address is not known: it
	 * is the client's until candidates are joined, and none then, or that
	 * of the only relay that its description names. */
	bool hidden[2];
	uint32_t extra; /* row + 1 of the model's pair_extras; 0: nothing */
	struct integrity_counts integrity;
	uint32_t candidates[2]; /* of a and b, or CHAIN_END */
	/* Where the mapped address that an end was told is not its base, the
	 * candidate of that address: the one of the valid pair, which some
	 * programs name instead (RFC 8445 7.2.5.3.2); or CHAIN_END. */
	uint32_t valid[2];
	end_number seen_as[2];      /* mapped address that a and b were told */
	uint32_t session;
	uint32_t next; /* pair of the session, or LIST_NONE */
	place_number nominated;
	const char *why; /* one sentence: what came of it */
	struct chain crossings, history;
	struct cited cited;
};

/* Are both for one component of one section?  One is used in the end. */
static inline bool pair_is_for_same(const struct pair *p, const struct pair *q)
{
	return p->component == q->component &&
	       (p->section == q->section || !p->section || !q->section);
}

enum ice_role {
	ROLE_UNKNOWN,
	ROLE_CONTROLLING,
	ROLE_CONTROLLED,
};

struct session {
	kept_text ufrags[2]; /* as in "first:second" of the first check */
	uint32_t first_pair, last_pair; /* or LIST_NONE */
	uint32_t pairs;
	place_number first, last;
	place_number first_success, nomination;
	unsigned requests;
	bool aggressive; /* the controlling agent's first check nominated */
	bool led;        /* a check of that agent was seen */
	/* It numbers its nominations, and the newest counts
	 * (draft-thatcher-ice-renomination). */
	bool renominates;
	bool roles;      /* checks carry ICE-CONTROLLING or -CONTROLLED */
	uint8_t favours; /* times in a row, the last, that it was nominated: */
	uint32_t favourite; /* a pair */
	/* MS-IMPLEMENTATION-VERSION of both agents ([MS-ICE2] 2.2); 0: none */
	uint8_t versions[2];
	uint8_t role[2]; /* enum ice_role of ufrags[0] and [1], the newest */
	unsigned role_changes;  /* after a conflict (RFC 8445 7.3.1.1) */
	place_number conflict;  /* both had the same role; frame 0: never */
	uint32_t first_candidate; /* learned by this session, or LIST_NONE */
	/* Descriptions outside of SIP that have ufrags[0] and [1], in the
	 * model's told; or CHAIN_END. */
	uint32_t told[2];
	uint32_t
		restarts; /* the session that this one restarts, or LIST_NONE */
	struct chain history;
	struct chain facts;
	uint32_t call; /* or LIST_NONE */
};

/* Is the certificate of the handshake the one that SDP promised? */
enum certificate_state {
	CERTIFICATE_UNCHECKED,
	CERTIFICATE_MATCHES,
	CERTIFICATE_DIFFERS,
};

/* What one vantage saw of a stream. */
struct media_figures {
	uint64_t packets, lost;
	double jitter_ms;
	nanoseconds first, last;
	uint32_t vantage;
};

struct media_point {
	struct media_figures seen;
	uint32_t next; /* of the stream, or CHAIN_END */
};

/* A stream; its figures are those of the vantage that misses most. */
struct media {
	struct endpoint src, dst;
	uint32_t ssrc;
	const char *codec;
	uint64_t packets, lost;
	double jitter_ms;
	nanoseconds first, last;
	nanoseconds gap_from; /* the longest time without a packet in which */
	uint32_t gap_ms;      /* some are missing; 0: none of seconds */
	uint32_t gap_lost;
	uint32_t series;  /* of the series, from 1; 0: none */
	place_number bye; /* RTCP says that it ends */
	uint32_t tones;   /* events of a telephone (RFC 4733) */
	uint32_t jumps;   /* of its sequence numbers, to begin anew */
	bool wrapped;
	uint16_t sequence; /* of the first packet where it was measured, */
	uint32_t spanned;  /* and how many numbers follow it */
	const char *kind;  /* "audio", ... as SDP has it, or NULL */
	uint16_t length; /* of the first packet of RTP; 0: it was cut */
	uint8_t payload_type;
	uint32_t clock_rate;  /* 0: unknown */
	bool foreign;         /* the receiver's description has no such type */
	bool unnamed;         /* no call names where it goes */
	size_t pair;          /* or LIST_NONE */
	place_number place;   /* of the first packet */
	place_number refused; /* by ICMP: nobody listens there; 0: not */
	unsigned refusals;
	nanoseconds refused_until;
	struct chain points; /* struct media_point: each vantage that saw it;
			      * none where there is but one */
	size_t call;
};

#define ALERT_SEALED 256u /* what such an alert says is encrypted */

struct handshake { /* DTLS between two endpoints */
	struct endpoint a, b;
	bool client_hello, server_hello;
	uint16_t alert; /* fatal: what it says + 1; 0: none */
	bool alert_by_b;
	bool finished[2];  /* by a, by b */
	bool sealed[2];    /* DTLS 1.3: by a, by b in the handshake's epoch */
	uint16_t version;  /* that the server chose, as in DTLS; 0: not seen */
	uint8_t server;    /* 0: a, 1: b; good with server_hello */
	bool certified[2]; /* a certificate of a, of b was seen in clear */
	bool opened;       /* what it holds is read: a key fits */
	place_number first, last;
	uint8_t fingerprint; /* enum certificate_state */
	struct chain facts;
	struct cited cited;
	size_t call;
};

/* "DTLS 1.2", ...; NULL: none that is known. */
const char *dtls_version_name(uint16_t version);

#endif /* MODEL_PROBING_H */
