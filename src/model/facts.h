/*
 * Facts: what rules ask for and no view shows, each kind and value counted
 * beside its subject.
 *
 * A fact says what was seen, never what to think of it: that is for the rules.
 * A subject keeps FACTS_KEPT of them.  Where one is full, what it does not
 * tell may still have been seen (facts_full).
 */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include "model/evidence.h"

struct model;

/* What was seen; `value` where it says so, else 0. */
enum fact_kind {
	FACT_NONE,

	/* of registrations */
	FACT_LAPSED,          /* a refresh came when the time was over */
	FACT_NO_CONTACT_BACK, /* a success that names no binding */
	FACT_CONTACT_PRIVATE, /* bound as is for a client outside (also of
			       * dialogs: in the 2xx) */
	FACT_MAPPING,         /* hash of received and rport in the answer */
	FACT_NO_EPID,         /* or a longer one than 16 characters: those */
	FACT_EPID_CHANGED,
	FACT_INSTANCE_DIFFERS, /* from what the epid makes it */
	FACT_NO_GRUU,
	FACT_GRUU_DIFFERS,         /* from what the instance makes it */
	FACT_URI_HAS_USER,         /* the Request-URI of a REGISTER */
	FACT_CHALLENGE_INCOMPLETE, /* enum auth_scheme */
	FACT_KERBEROS_TARGET,      /* is no "sip/..." */
	FACT_NO_STS,               /* TLS-DSK without sts-uri */
	FACT_NOT_OFFERED,          /* enum auth_scheme of the answer */
	FACT_NTLM_ORDER,           /* enum auth_leg_kind */
	FACT_ASSOCIATION_CHANGED,
	FACT_ASSOCIATION_LOST, /* status of the challenge */
	FACT_COUNTER_BACK,     /* cnum or snum */
	FACT_SIGNATURE_FORM,   /* digits of it */
	FACT_SIGNATURE_BAD,    /* it does not fit the proven key */
	FACT_UNSIGNED,         /* a success after signed requests */
	FACT_SETTINGS_REFUSED, /* SUBSCRIBE for them: the status */
	FACT_NO_PROVISIONING,  /* Allow-Events does not name it */
	FACT_KEEP_ALIVE_FORM,
	FACT_KEEP_ALIVE_TIME, /* a timeout in a request */
	FACT_NUMBER_BACK,     /* CSeq: lower than the one before, or the same
			       * of another request (1) */
	FACT_RETRY_AFTER,     /* seconds, of a refusal */
	FACT_THIRD_PARTY,     /* From is not whom it registers */
	FACT_SETTINGS_NAMED,  /* Allow-Events names provisioning */
	FACT_SETTINGS_ASKED,  /* a SUBSCRIBE for it */
	FACT_SERVER_ASKED,    /* which names ServerConfiguration */
	FACT_SETTINGS_TOLD,   /* with ServerConfiguration (1) or without (0) */
	FACT_SETTINGS_FORM,   /* a document that is none of theirs */
	FACT_ANSWERED_ASIDE,  /* (also of dialogs) status << 16 | CSeq: to
			       * another port than who asked has */
	FACT_TRIED_FAST,      /* many Digests in vain within seconds */
	FACT_PASSWORD_OTHER,  /* hash: Digest by another than just before */
	FACT_NEW_DIGEST,      /* a challenge that does not take MD5 */

	/* of dialogs */
	FACT_LONG_INVITE,     /* bytes, over UDP */
	FACT_PIECES,          /* enum pieces */
	FACT_PARTS,           /* a multipart body */
	FACT_NO_HOPS_LEFT,    /* Max-Forwards: 0; value: hops so far */
	FACT_CALLED_LATE,     /* seconds after who is called was registered */
	FACT_REFUSAL,         /* hash of its hop: an answer that refuses */
	FACT_ACK_ELSEWHERE,   /* an ACK that does not name the Contact */
	FACT_PROGRESS_BARE,   /* 183 without a description */
	FACT_CONTACT_NUMERIC, /* towards Direct Routing of Teams */
	FACT_REFUSED,         /* status that ended a try of the caller */
	FACT_EXTENSION,       /* kept_text: what a 420 or 421 names */
	FACT_SENT_TO,         /* hash of the Contact of a 3xx, and below
			       * SENT_TO_TRIES the try */
	FACT_ACK_BARE,        /* the ACK of a 2xx has no body */
	FACT_ANSWERED_AGAIN,  /* the 2xx came again behind its ACK */
	FACT_CANCEL_BRANCH,   /* a CANCEL with another branch than its INVITE */
	FACT_CHANGE_REFUSED,  /* status of a re-INVITE or UPDATE, maybe
			       * CHANGE_UNASKED or CHANGE_FAX; 481 of INFO */
	FACT_CHANGE_AGAIN,    /* sent once more, CHANGE_NUMBER below its hop */
	FACT_CANCEL,          /* hash of its hop */
	FACT_CANCEL_ANSWERED,
	FACT_VERSION_KEPT,    /* another description under the same o= */
	FACT_CHANGED,         /* a re-INVITE or UPDATE had success */
	FACT_MEDIA_CHANGED,   /* a later description says another thing of media
			       * than the one before it, or none was seen */
	FACT_TRANSFER_FAILED, /* status of a REFER, or of what it asks for */
	FACT_PRACK_REFUSED,   /* status, before the call was answered */
	FACT_INFO_REFUSED,    /* status */
	FACT_BYE,             /* hash of its hop and CSeq, and who sends it */
	FACT_BYE_ANSWERED, /* 408 (a proxy heard nobody), else 0 */
	FACT_BYE_UNKNOWN, /* by 481, and no BYE came the other way */
	FACT_UNREACHED, /* UNREACHED_KIND, and the end that a request within
			 * the dialog did not get to: ICMP */
	FACT_BYE_CAUSE, /* CAUSE_Q850 or not, and the number */
	FACT_RELIABLE,  /* hash of hop and RSeq of a reliable 1xx */
	FACT_PRACK,
	FACT_SESSION_TIMER, /* seconds, of a 2xx */
	FACT_INVITE_AT,     /* vantage where it was seen on the first hop */
	FACT_FINAL_AT,      /* the same of its final answer, */
	FACT_ACK_AT,        /* and of the ACK */
	FACT_ACCEPTED_BY,   /* hash of the To tag of a 2xx */
	FACT_ACKED_BY,      /* the same of an ACK, where several answered */
	FACT_ANSWER,        /* high half: hash of the To tag; low half: of
			     * where the answer lets media go */
	FACT_ICE_HALF,      /* only one of ufrag and pwd changed */
	FACT_NO_DEVICE,     /* enum no_device bits: a=x-devicecaps */
	FACT_ICE2,          /* a description says a=ice-options:ice2 */
	FACT_ICE_MISMATCH,  /* a=ice-mismatch */
	FACT_PRIVATE_OFFER, /* a private c= from a sender outside */
	FACT_SSRC_FIRST,    /* of a=x-ssrc-range, */
	FACT_SSRC_LAST,     /* and its end, in the same order */
	FACT_PTIME,         /* port << 16 | milliseconds, unless 20 */
	FACT_ALTERED,       /* (also of registrations) enum altered bits: in
			     * the same message at another vantage */

	/* of allocations */
	FACT_ERROR,           /* method << 16 | code */
	FACT_ACCESS_TOKEN,    /* RFC 7635 6.2 */
	FACT_TOKEN_SIZE,      /* bytes of one that cannot be whole */
	FACT_TOKEN_NAMELESS,  /* without USERNAME */
	FACT_TOKEN_WANTED,    /* THIRD-PARTY-AUTHORIZATION in a challenge */
	FACT_TOKEN_UNASKED,   /* challenges said nothing of the kind */
	FACT_NONCE,           /* hash of a nonce that it was given */
	FACT_NONCE_OLD,       /* accepted after more than an hour */
	FACT_NONCE_ELSEWHERE, /* given to another port (1) or host (0) */
	FACT_ALGORITHMS,      /* hash of PASSWORD-ALGORITHMS in a challenge */
	FACT_ALGORITHMS_DIFFER,
	FACT_BID_DOWN,         /* the nonce promises them, they are missing */
	FACT_ID_REUSED,        /* for this other method */
	FACT_RESENT_OTHERWISE, /* method; the same id with other bytes */
	FACT_RESENT_SOON,      /* after that many milliseconds */
	FACT_RESENT_ON_STREAM,
	FACT_ANSWER_LATE,     /* seconds after the newest sending */
	FACT_BIND_ON_CONTROL, /* RFC 6062 4.3 */
	FACT_BIND_LATE,       /* seconds after its CONNECTION-ID */
	FACT_MOVED,           /* RFC 8016 */
	FACT_OLD_PLACE,       /* a request from where it was before */
	FACT_TICKET_USED,     /* hash */
	FACT_TICKET_AGAIN,
	FACT_ANSWER_UNSIGNED,
	FACT_TRANSPORT_ASKED, /* an Allocate with REQUESTED-TRANSPORT */
	FACT_REALM_OTHER, /* a 401 asks for another realm than was signed for */
	FACT_ANSWER_PARTIAL, /* lacks reflexive address or lifetime */
	FACT_LATE_REFRESH,   /* less than a minute was left */
	FACT_REFRESH_ASKED,  /* to go on with what was granted */
	FACT_BIND_ASKED,     /* channel << 16 | low half of the peer's
			       * number in the model's ends */
	FACT_PEER_ASKED,     /* hash of the address of a permission */
	FACT_CHANNEL_DATA,   /* channel number, from the client */
	FACT_SEND,           /* hash of the peer's address */
	FACT_DATA_BACK,      /* data from the relay to the client: its channel,
			       * or hash of the peer's address */
	FACT_ANSWER_ALTERED, /* a success with a bad integrity, on an
			       * allocation whose key is proven */
	FACT_RELAY_GONE,     /* enum obstacle_kind, after the grant */
	FACT_REBOUND,        /* the relay sees the client elsewhere than when
			       * it granted: REBOUND_* and a row of those */

	/* of allocations of [MS-TURN] */
	FACT_MS_SEND_ANSWERED,
	FACT_MS_CHALLENGE_SIGNED, /* a 401 with integrity */
	FACT_MS_CHALLENGE_BARE,   /* without ALTERNATE-SERVER or MS-VERSION */
	FACT_MS_ALTERNATE_PASSED, /* the next Allocate went elsewhere */
	FACT_MS_NO_REFLEXIVE,     /* a success lacks XOR-MAPPED-ADDRESS */
	FACT_MS_FAMILY,           /* granted another family than was asked */
	FACT_MS_SEQUENCE,         /* a number that is not above the last */
	FACT_MS_FROM_ACTIVE,      /* data of the active destination, wrapped */
	FACT_MS_SWAPPED,          /* REALM where NONCE belongs */

	/* of Bindings to servers */
	FACT_MAPPED_DIFFERS,   /* XOR-MAPPED- and MAPPED-ADDRESS */
	FACT_MAPPED,           /* hash of the mapped address */
	FACT_MAPPED_REWRITTEN, /* (also of allocations) the same answer has
				* another one at another vantage */

	/* of ICE sessions */
	FACT_CHECK_NO_PRIORITY,
	FACT_CHECK_NO_ROLE,
	FACT_CHECK_NO_FINGERPRINT,
	FACT_CHECK_NO_INTEGRITY,
	FACT_CONTROLLED_NOMINATES,
	FACT_CHECK_ERROR,   /* code */
	FACT_FRAME_SESSION, /* a frame to a relay names another session than
			     * checks from there do */

	/* of handshakes */
	FACT_HELLO,  /* of a client; 0: from `a`, 1: from `b` */
	FACT_RECORD, /* of any kind, the same */

	FACT_KINDS,
};

/* Of what only the beginning came: FACT_PIECES. */
enum pieces {
	PIECES_OF_INVITE,
	PIECES_OF_ANSWER,
	PIECES_REPORTED, /* of the answer: its receiver says so by ICMP */
};

/* What a client has no device for: FACT_NO_DEVICE. */
enum no_device {
	NO_MICROPHONE = 1,
	NO_SPEAKER = 2,
};

#define CAUSE_Q850 0x10000u
#define CHANGE_UNASKED 0x10000u   /* what was refused is not in the capture */
#define CHANGE_FAX 0x20000u       /* it was T.38 */
/* CSeq and sender of a change, as far as facts tell them apart. */
#define CHANGE_NUMBER(cseq, callee) \
	(((uint32_t)(cseq) & 0x7FFF) << 1 | (uint32_t)(callee))
#define CHANGE_NUMBER_MASK 0xFFFFu
#define SENT_TO_TRIES 16u         /* in the value of FACT_SENT_TO */
#define REBOUND_BINDING 0x80000000u /* row of bindings; else of allocations */

/* Of a permission or channel that was granted to a request which the capture
 * lacks. */
#define FACT_OF_UNKNOWN 0u

/* What differs between two vantages. */
enum altered {
	ALTERED_VIA = 1,
	ALTERED_CONTACT = 2,
	ALTERED_BODY = 4,
};

struct fact {
	place_number first, last;
	uint32_t value, count;
	uint32_t next; /* of the subject, or CHAIN_END */
	uint16_t vantage;
	uint8_t kind;     /* enum fact_kind */
	uint8_t datagram; /* of the last; 0: nothing tells copies */
};

/* In the value of FACT_UNREACHED: the obstacle, above the end's number. */
#define UNREACHED_KIND 24u

/* In the value of FACT_BYE. */
#define FACT_BYE_OF_CALLER 1u

#define FACTS_KEPT 64u /* of one subject */

/* The first fact of that kind, or of that kind and value; NULL: none. */
const struct fact *fact_of(const struct model *model, const struct chain *facts,
			   enum fact_kind kind);
const struct fact *fact_with(const struct model *model,
			     const struct chain *facts, enum fact_kind kind,
			     uint32_t value);
/* Sets bit kind % 64 of word kind / 64 for each fact there is. */
void facts_mark(const struct model *model, const struct chain *facts,
		uint64_t *words);
/* The next of the same kind, or NULL. */
const struct fact *fact_after(const struct model *model,
			      const struct fact *fact);

static inline bool facts_full(const struct chain *facts)
{
	return facts->count >= FACTS_KEPT;
}

/* Where and when something was seen; copies at other vantages do not count. */
struct fact_seen {
	enum fact_kind kind;
	uint32_t value;
	place_number place;
	uint32_t vantage;
	nanoseconds apart; /* what comes sooner is a copy, */
	nanoseconds late;  /* and so is the same datagram that comes sooner */
	uint8_t datagram;  /* 0: nothing tells copies */
};

/* Counts a fact of this subject. */
void fact_note(struct model *model, struct chain *facts,
	       const struct fact_seen *seen);

#endif /* MODEL_FACTS_H */
