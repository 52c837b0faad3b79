/*
 * STUN in three generations (RFC 3489, RFC 5389, RFC 8489), TURN (RFC 8656,
 * RFC 6062), and the dialects that share the header: MS-TURN ([MS-TURN]),
 * MS-ICE2 checks ([MS-ICE2]), old Google and MSN relays.
 *
 *    0                   1                   2                   3
 *   |0 0|      type (14 bits)       |  length of the attributes     |
 *   |  magic cookie 2112A442, or the first part of a 128-bit id     |
 *   |                  transaction id (96 bits)                     |
 *   |  attributes: type, length, value, (padding to four)           |
 *
 * The walk goes on over broken attributes as far as framing allows; what is
 * wrong is a finding.  Nothing here allocates but the attribute list.
 */
#ifndef DISSECTORS_STUN_H
#define DISSECTORS_STUN_H

#include "core/dissector.h"

#define STUN_HEADER 20u
#define STUN_COOKIE UINT32_C(0x2112A442)
#define STUN_ATTRIBUTES_MAX 256u
#define MS_TURN_COOKIE UINT32_C(0x72C64BC6) /* value of attribute 0x000F */

enum stun_dialect {
	STUN_CLASSIC, /* RFC 3489: no cookie */
	STUN_RFC,     /* RFC 5389 and 8489 */
	STUN_TURN,    /* the same with a TURN method or attribute */
	STUN_MS_TURN, /* [MS-TURN] */
	STUN_MS_ICE2, /* checks of [MS-ICE2] */
	STUN_GOOGLE,  /* old Google and MSN relays */
};

enum stun_class {
	STUN_REQUEST,
	STUN_INDICATION,
	STUN_SUCCESS,
	STUN_ERROR,
};

/* Methods by number (RFC numbers; MS-TURN's own are given their own names). */
enum stun_method {
	STUN_BINDING = 0x001,
	STUN_SHARED_SECRET = 0x002,
	STUN_ALLOCATE = 0x003,
	STUN_REFRESH = 0x004,
	STUN_SEND = 0x006,
	STUN_DATA = 0x007,
	STUN_CREATE_PERMISSION = 0x008,
	STUN_CHANNEL_BIND = 0x009,
	STUN_CONNECT = 0x00A,
	STUN_CONNECTION_BIND = 0x00B,
	STUN_CONNECTION_ATTEMPT = 0x00C,
	STUN_GOOG_PING = 0x080,
	STUN_SET_ACTIVE_DESTINATION = 0x1001, /* [MS-TURN] 0x0006 */
};

/* How a value is read and shown. */
enum stun_value {
	STUN_VALUE_BYTES,
	STUN_VALUE_TEXT,
	STUN_VALUE_ADDRESS,     /* plain */
	STUN_VALUE_XOR_ADDRESS, /* with bytes 4.. of the message */
	STUN_VALUE_U32,
	STUN_VALUE_U64,
	STUN_VALUE_EMPTY,
	STUN_VALUE_ERROR,
	STUN_VALUE_TYPES, /* UNKNOWN-ATTRIBUTES */
	STUN_VALUE_CHANNEL,
	STUN_VALUE_FAMILY,
	STUN_VALUE_PROTOCOL,
	STUN_VALUE_SECRET, /* bytes never shown: PASSWORD, ACCESS-TOKEN */
	STUN_VALUE_ICMP,
	STUN_VALUE_EVEN_PORT,
	STUN_VALUE_ALGORITHMS,
	STUN_VALUE_SEQUENCE, /* MS-Sequence-Number */
	STUN_VALUE_MS_TYPED, /* u16, u16 */
};

/* What an attribute is for, whatever its number in the dialect. */
enum stun_role {
	STUN_ROLE_NONE,
	STUN_ROLE_MAPPED, /* plain; an XOR one is believed before it */
	STUN_ROLE_XOR_MAPPED,
	STUN_ROLE_RELAYED,
	STUN_ROLE_PEER,
	STUN_ROLE_ALTERNATE_SERVER,
	STUN_ROLE_USERNAME,
	STUN_ROLE_REALM,
	STUN_ROLE_NONCE,
	STUN_ROLE_USERHASH,
	STUN_ROLE_SOFTWARE,
	STUN_ROLE_DATA,
	STUN_ROLE_ERROR,
	STUN_ROLE_UNKNOWN_ATTRIBUTES,
	STUN_ROLE_LIFETIME,
	STUN_ROLE_CHANNEL,
	STUN_ROLE_PRIORITY,
	STUN_ROLE_USE_CANDIDATE,
	STUN_ROLE_CONTROLLING,
	STUN_ROLE_CONTROLLED,
	STUN_ROLE_MS_VERSION,
	STUN_ROLE_MS_IMPLEMENTATION,
	STUN_ROLE_MS_SESSION,
	STUN_ROLE_CANDIDATE_IDENTIFIER,
	STUN_ROLE_INTEGRITY,
	STUN_ROLE_INTEGRITY256,
	STUN_ROLE_INTEGRITY32,
	STUN_ROLE_FINGERPRINT,
};

/* One row of the attribute table; one fact in one place. */
struct stun_attribute_row {
	uint16_t type;
	uint8_t dialects; /* bits 1 << enum stun_dialect: where it means this */
	uint8_t suggests; /* the same bits: what its presence speaks for */
	uint8_t value;    /* enum stun_value */
	uint8_t role;     /* enum stun_role */
	uint16_t min, max; /* length */
	const char *name;  /* "XOR-MAPPED-ADDRESS" */
	const char *source;
};

struct stun_attribute {
	uint16_t type;
	bool ignored;       /* behind the integrity: RFC 8489 14.5 */
	struct slice value; /* without padding */
	uint32_t at;        /* offset of its header in the message */
	const struct stun_attribute_row *row; /* NULL: unknown */
};

enum stun_fingerprint {
	FINGERPRINT_ABSENT,
	FINGERPRINT_OK,
	FINGERPRINT_OK_MS_TABLE, /* right with Microsoft's CRC table */
	FINGERPRINT_BAD,
};

/* What readers need most, decoded; the first occurrence of each. */
struct stun_message {
	uint16_t type;
	enum stun_class class;
	unsigned method; /* enum stun_method, or the bare number */
	enum stun_dialect dialect;
	bool cookie;        /* bytes 4 to 7 are 2112A442 */
	uint8_t id[16];     /* bytes 4 to 19 */
	struct slice whole; /* header and attributes, borrows */

	const struct stun_attribute *attributes; /* in order, in the arena */
	size_t attribute_count;
	uint64_t missing; /* bit n: no type whose lower bits are n is there */
	bool unaligned;   /* the walk that fits has no padding */
	bool walk_broken; /* the walk does not end at the end */
	bool cut;         /* the capture ends before the message does */

	/* 0 when absent: offset of the attribute's header in `whole`. */
	uint32_t integrity_at, integrity256_at, integrity32_at, fingerprint_at;
	enum stun_fingerprint fingerprint; /* checked while decoding */

	struct slice username, realm, nonce, software, data, userhash;
	bool has_username, has_realm, has_nonce, has_data, has_software;
	unsigned error; /* 300 to 699, [MS-ICE2BWN] 274 and 275; 0: none */
	struct slice error_reason;
	struct endpoint mapped;  /* reflexive, XOR or plain, dialect-aware */
	struct endpoint relayed; /* XOR-RELAYED; MS-TURN: MAPPED-ADDRESS */
	struct endpoint relayed_other; /* of the other family: RFC 8656 7.2 */
	struct endpoint peer; /* XOR-PEER; MS-TURN: Destination or Remote */
	struct endpoint alternate_server;
	bool has_lifetime, has_priority, has_channel;
	uint32_t lifetime; /* seconds */
	uint32_t priority;
	uint16_t channel;
	bool use_candidate, has_controlling, has_controlled;
	uint64_t tie_breaker;
	uint32_t ms_version;        /* 0x8008; 0 absent */
	uint32_t ms_implementation; /* 0x8070; 0 absent */
	bool has_ms_session;
	uint8_t ms_session[8];             /* 0x8095 */
	struct slice candidate_identifier; /* 0x8054 */
};

extern const struct dissector stun_dissector;

/*
 * Could this be STUN?  SURE: cookie (or MS cookie attribute) and a length
 * that fits.  MAYBE: by its type, length and attributes it may be a classic
 * message, or it has the cookie and a length that does not fit (cut by the
 * capture, or wrong); stun_classic_score then tells more.  On a stream MAYBE
 * also means: more bytes are needed; classic messages are not looked for.
 */
enum claim stun_claims(struct slice first, bool stream);

/*
 * Reads one message.  Datagram: 20 + length must be all of it.  With either
 * cookie a wrong length is a finding and the message is decoded as far as it
 * goes; *used is then less than in.n when bytes are left behind it.  Without
 * a cookie it is BAD.  A message that the capture cut (d->cut) is decoded as
 * far as it goes, too.  Stream: SHORT until all is there; *used is 20 + length.
 * NOT_MINE: the first two bits are not 00.  BAD: a header that cannot be.
 */
MUST_CHECK enum status stun_decode(struct decoding *d, struct slice in,
				   struct stun_message *out, size_t *used);

/*
 * Evidence that a message is STUN where stun_claims said MAYBE, in points that
 * need no flow: either cookie, attributes, addresses that fit src/dst, ports.
 * From -2 up; 3 is enough to believe it alone.
 */
int stun_classic_score(const struct stun_message *m, const struct endpoint *src,
		       const struct endpoint *dst);

/* Is it a private probe in the form of RFC 3489, with attributes that no RFC
 * has (Zoom's clients send such)?  Its answer is none by the RFC. */
bool stun_is_private(const struct stun_message *m);

/* Tells the header, then the attributes in the order of the message, those that
 * are ignored as such. */
void stun_walk(const struct stun_message *m, struct field_sink *to);

/* First attribute of that type that is not ignored, or NULL. */
const struct stun_attribute *stun_find(const struct stun_message *m,
				       uint16_t type);

/* The address in an attribute, as its row says; STATUS_BAD. */
MUST_CHECK enum status stun_address(const struct stun_message *m,
				    const struct stun_attribute *a,
				    struct endpoint *out);

/* Length of the transaction id that counts: 12 with the cookie, else 16, and
 * its bytes (design 7: "txid"). */
struct slice stun_transaction(const struct stun_message *m);

/* What decoding found about the FINGERPRINT (RFC 8489 14.7). */
static inline enum stun_fingerprint
stun_check_fingerprint(const struct stun_message *m)
{
	return m->fingerprint;
}

/* "Binding", "Set Active Destination"; "0x05" when it has no name. */
void stun_method_text(const struct stun_message *m, struct text *to);
/* "request"; "stun": as frames print them. */
const char *stun_class_text(enum stun_class class);
const char *stun_dialect_text(enum stun_dialect dialect);
/* Name of an attribute in a dialect, NULL when unknown. */
const struct stun_attribute_row *stun_attribute_row(uint16_t type,
						    enum stun_dialect dialect);
/* Meaning of an error code in a dialect, "" when unknown. */
const char *stun_error_text(unsigned code, enum stun_dialect dialect);

/* ---- writing: for the engine and for tests ---- */

/*
 * Begins a message in `to` (which must be empty), then attributes, then an
 * integrity and a fingerprint if wanted; each call keeps the header's length
 * right.  `aligned` false: MS-TURN, no padding.
 */
struct stun_writer {
	struct text *to;
	bool aligned;
	uint8_t id[16];
};
void stun_write_begin(struct stun_writer *w, uint16_t type,
		      const uint8_t id[16]);
void stun_write_bytes(struct stun_writer *w, uint16_t type, struct slice value);
/* In network order. */
void stun_write_u32(struct stun_writer *w, uint16_t type, uint32_t value);
void stun_write_u64(struct stun_writer *w, uint16_t type, uint64_t value);
/* Family, port and address (RFC 8489 14.1), and the same XORed with the cookie
 * and, of IPv6, the id (14.2). */
void stun_write_address(struct stun_writer *w, uint16_t type,
			const struct endpoint *e);
void stun_write_xor_address(struct stun_writer *w, uint16_t type,
			    const struct endpoint *e);
/* ERROR-CODE (14.8) with a reason of at most 763 bytes. */
void stun_write_error(struct stun_writer *w, unsigned code,
		      struct slice reason);
/* FINGERPRINT (14.7), over all before it: comes last. */
void stun_write_fingerprint(struct stun_writer *w);

/* Type from class and method (RFC 8489 5). */
uint16_t stun_type(enum stun_class class, unsigned method);

#endif /* DISSECTORS_STUN_H */
