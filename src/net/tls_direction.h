/*
 * One direction of a TLS connection behind its keys: opens records, and knows
 * which number the next one has (RFC 5246 6.2.3, RFC 7366, RFC 7905, RFC 8446
 * 5.2).  Private to the sessions (net/tls_session_state.h).
 */
#ifndef NET_TLS_DIRECTION_H
#define NET_TLS_DIRECTION_H

#include "dissectors/tls.h"
#include "net/tls_suites.h"

/* A record may be one of so many when some before it were lost. */
#define TLS_SEQUENCE_AHEAD 64u
/* So many records in a row that no key opens, until it is given up. */
#define TLS_UNOPENED_MAX 32u
#define TLS_NONCE_MAX 16u

struct tls_keys {
	const struct tls_suite *suite;
	uint16_t version;
	bool encrypt_then_mac;
	struct slice key, iv, mac; /* iv: the part that is agreed on */
};

struct tls_direction {
	struct cipher *cipher; /* NULL: records are in clear */
	const struct tls_suite *suite;
	uint16_t version;
	bool encrypt_then_mac;
	bool chained; /* the IV is the end of the record before */
	bool iv_lost; /* and that was lost */
	bool lost;    /* records are missing: the number must be found */
	uint8_t iv[TLS_NONCE_MAX], mac[TLS_HASH_MAX];
	uint64_t sequence; /* of the next record */
	unsigned unopened; /* in a row */
};

struct tls_opened {
	uint8_t content;   /* enum tls_content, the true one */
	struct slice text; /* in `out` */
};

/* From here on records are under these keys.  STATUS_NOMEM also when the
 * library lacks the cipher; the direction is in clear then. */
MUST_CHECK enum status tls_direction_set(struct tls_direction *d,
					 const struct tls_keys *keys);
/* In clear again, all keys wiped. */
void tls_direction_clear(struct tls_direction *d);

/*
 * Opens a record into out, which has room for TLS_RECORD_MAX bytes.
 * STATUS_SHORT: passed over; what it holds is lost, a later one may be read.
 * STATUS_BAD: no later one will be.
 */
MUST_CHECK enum status tls_direction_open(struct tls_direction *d,
					  const struct tls_record *record,
					  uint8_t *out,
					  struct tls_opened *opened);

/*
 * The same for a datagram's record, which says its number (epoch and sequence,
 * RFC 6347 4.1): others may be missing, come later or again.  False: it does
 * not open, which changes nothing.
 */
MUST_CHECK bool tls_direction_open_number(struct tls_direction *d,
					  const struct tls_record *record,
					  uint64_t number, uint8_t *out,
					  struct tls_opened *opened);

/* Bytes of this direction are missing.  STATUS_BAD: so is all that follows. */
enum status tls_direction_lose(struct tls_direction *d);

/* So many records are missing.  STATUS_BAD: so is all that follows. */
MUST_CHECK enum status tls_direction_skip(struct tls_direction *d,
					  uint64_t records);

#endif /* NET_TLS_DIRECTION_H */
