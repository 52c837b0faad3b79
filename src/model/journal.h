/*
 * The journal: where each message of signalling stands, so that a view can
 * tell it again: SIP, STUN, TURN and DTLS, in the order in which they came.
 *
 * It keeps places, not bytes; those lie in the capture or, where that cannot
 * be read again (streams, TLS, live), in what the journal was told to spill.
 * Only who wants to look at single messages keeps one; it is no part of the
 * model.
 */
#ifndef MODEL_JOURNAL_H
#define MODEL_JOURNAL_H

#include "core/hash.h"
#include "model/evidence.h"

#define JOURNAL_ROWS_MAX ((size_t)1 << 24)
#define JOURNAL_ENDS_MAX ((size_t)1 << 22)

enum entry_kind {
	ENTRY_SIP_REQUEST,  /* `code`: enum sip_method */
	ENTRY_SIP_RESPONSE, /* `code`: status */
	ENTRY_STUN,         /* `code`: method, `class`, `error` */
	ENTRY_DTLS,         /* `code`: type of the handshake message, or 0 */
	ENTRY_ICMP,         /* `code`: type << 8 | code */
	ENTRY_MALFORMED,
	ENTRY_WEB, /* of Lync's web services; `code`: status, 0: a request */
	ENTRY_TOLD, /* SDP that came in JSON; `code`: enum jsep_kind */
	ENTRY_SAID, /* of a log: what an agent says; `code`: record_level */
	ENTRY_RTP, /* a stream, made by views: no message */
};

enum entry_flag {
	ENTRY_SPILLED = 1,    /* `offset` is in the spill, not in the capture */
	ENTRY_SDP = 2,        /* a body describes a session */
	ENTRY_RELAYED = 4,    /* inside of an envelope of TURN */
	ENTRY_BAD = 8,        /* its integrity does not fit */
	ENTRY_FOUND = 16,     /* a finding of its own */
	ENTRY_AGAIN = 32,     /* equal to one before it on the same way */
	ENTRY_NOMINATES = 64, /* USE-CANDIDATE */
	ENTRY_STREAM = 128,   /* TCP or TLS */
	ENTRY_MRAS = 256,     /* a body asks for a token, or grants one */
	ENTRY_LOGGED = 512,   /* a log tells it without saying how it came */
};

struct entry {
	struct place place;
	uint64_t offset; /* of its bytes */
	uint64_t frame;  /* live: of its frame in the spill; or UINT64_MAX */
	uint64_t group;  /* hash of the Call-ID, of the transaction id, or of
			  * the ends that an ICMP error is about */
	uint64_t bytes;  /* hash of its bytes */
	uint32_t length;
	uint32_t src, dst; /* in the ends, of the innermost layer */
	uint32_t outer_src, outer_dst;
	uint16_t code;
	uint16_t error;    /* of a STUN error response; of ICMP what it says,
			    * enum obstacle_kind */
	uint16_t flags;    /* enum entry_flag */
	uint8_t kind;      /* enum entry_kind */
	uint8_t class;     /* enum stun_class */
	uint8_t transport; /* enum transport of flow/message.h */
	uint8_t dialect;   /* enum stun_dialect */
};

/* The SIP messages of a Call-ID, as far as they are no call: OPTIONS,
 * SUBSCRIBE, MESSAGE, ... */
struct conversation {
	uint64_t group;
	size_t first, last; /* rows, of which older ones may be gone */
	nanoseconds begin, end;
	uint32_t messages;
	uint16_t method; /* enum sip_method of the first request */
	uint16_t final;  /* of the newest response that is one, or 0 */
	bool owned;      /* it is of a call, a registration or a token */
};

/* Rows are in order of time but for what a capture shows a little late, and
 * but for those in ranges: messages that were told when their key came. */
#define JOURNAL_DISORDER NS_PER_S

struct row_range {
	size_t first, end; /* the row behind the last */
};

struct journal {
	struct list rows; /* struct entry; of them: */
	size_t first;     /* the number of the first; those before are gone */
	struct list late; /* struct row_range, by their numbers */
	nanoseconds newest;
	struct list ends; /* struct endpoint */
	struct index index;
	uint64_t key;
	struct list conversations; /* struct conversation */
	struct index by_group;
	struct list others; /* uint32_t: those that nothing owns */
};

void journal_init(struct journal *j);
void journal_free(struct journal *j);
/* Forgets all, keeps the memory. */
void journal_clear(struct journal *j);

/* The number of an endpoint; CHAIN_END when there is no room. */
uint32_t journal_end(struct journal *j, const struct endpoint *e);
const struct endpoint *journal_end_at(const struct journal *j, uint32_t end);
/* A hash of both, in either order. */
uint64_t journal_hash_of_ends(const struct journal *j, const struct endpoint *a,
			      const struct endpoint *b);
/* False: there is no room. */
MUST_CHECK bool journal_add(struct journal *j, const struct entry *e);
/* Where rows of that time begin: of those that are not late older ones stand
 * before it, and no others. */
size_t journal_row_at(const struct journal *j, nanoseconds time);
/* One that is gone, or is none, is an entry without bytes. */
const struct entry *journal_at(const struct journal *j, size_t row);
/* Numbers of rows are journal_first() to that before journal_last(). */
static inline size_t journal_first(const struct journal *j)
{
	return j->first;
}
static inline size_t journal_last(const struct journal *j)
{
	return j->first + j->rows.count;
}

/* The newest row is of a conversation; `method` is that of its request or CSeq;
 * `owned`: such requests are of something that the model knows. */
void journal_converse(struct journal *j, unsigned method, bool owned);

/* Conversations that nothing owns, in order of their beginning.  One that is
 * gone has no messages. */
static inline size_t journal_others(const struct journal *j)
{
	return j->others.count;
}
const struct conversation *journal_other_at(const struct journal *j, size_t at);

/* Forgets so many of the oldest rows, and ends that only they had; the others
 * keep their numbers.  False: memory is out, and all is as it was. */
MUST_CHECK bool journal_trim(struct journal *j, size_t drop);

#endif /* MODEL_JOURNAL_H */
