/*
 * TLS connections and DTLS associations that are decrypted: records of both
 * sides in, application data out (RFC 5246, RFC 8446, RFC 6347).
 *
 * TLS 1.0 to 1.3 with early data, renegotiation and resumption, with the
 * secrets that are known when a side begins to encrypt.  Not: SSL 3,
 * compression, and sessions whose hellos were not seen.
 */
#ifndef NET_TLS_SESSION_H
#define NET_TLS_SESSION_H

#include "dissectors/tls.h"
#include "net/tls_secrets.h"

/* Connections that are decrypted at a time. */
#define TLS_SESSIONS_MAX 65536u
/* A handshake message, and all of them where their hash is needed. */
#define TLS_HANDSHAKE_MAX ((size_t)131072)

struct tls_counts {
	uint64_t sessions;    /* of which a hello was seen */
	uint64_t decrypted;   /* of which at least one side is readable */
	uint64_t without_key; /* no secret fits, or the suite is not known */
	uint64_t datagrams_without_key; /* the same, of DTLS with data */
	uint64_t ssl3, dtls13; /* of versions that are not read at all */
	uint64_t given_up; /* directions that stopped being readable */
	uint64_t refused;  /* more than TLS_SESSIONS_MAX at a time */
};

/* What all connections of an analysis share; all zero to begin with. */
struct tls_decryption {
	struct tls_secrets secrets;
	struct tls_counts counts;
	size_t sessions_now;
	bool awaits; /* secrets that are not known yet may still come */
	size_t waiting_bytes; /* of messages of DTLS that are not whole */
	uint8_t plain[TLS_RECORD_MAX]; /* of the latest record */
};

struct tls_session;

/* Does a connection begin with this record, and is there anything to decrypt
 * it with? */
bool tls_session_begins(struct tls_decryption *home,
			const struct tls_record *record);

/* NULL: too many, or memory is out.  `home` outlives it. */
struct tls_session *tls_session_new(struct tls_decryption *home);
void tls_session_free(struct tls_session *session);

/*
 * The next record of a side.  STATUS_OK: *plain is its application data, often
 * none, good until the next record of any connection.  STATUS_NOT_MINE: it
 * stays unread, and nothing new is to be said about that.  STATUS_BAD: this
 * direction was read until here and cannot be read any longer.
 */
MUST_CHECK enum status tls_session_record(struct tls_session *session,
					  unsigned side,
					  const struct tls_record *record,
					  struct slice *plain);

/* The same over datagrams, which may be lost, come late or again: the first
 * ClientHello begins it, too, and later ones begin new handshakes. */
struct tls_session *dtls_session_new(struct tls_decryption *home);
MUST_CHECK enum status dtls_session_record(struct tls_session *session,
					   unsigned side,
					   const struct tls_record *record,
					   struct slice *plain);
/* Bytes of the connection id in records of a side that have one. */
size_t dtls_session_id_size(const struct tls_session *session, unsigned side);

/* Bytes of a side are missing.  STATUS_BAD as above. */
MUST_CHECK enum status tls_session_lose(struct tls_session *session,
					unsigned side);

/*
 * Reading again.  Where secrets come late, the records of a connection are told
 * again, from its ClientHello on.
 */

/* Is there one that was not known when the records were told last? */
bool tls_session_gains(const struct tls_session *session);

/* Is it of no use to hold them?  Both sides have their last keys, or no key
 * would help. */
bool tls_session_is_settled(const struct tls_session *session);

/* Are records of this side opened now? */
bool tls_session_is_open(const struct tls_session *session, unsigned side);

/* Was anything of it readable? */
bool tls_session_was_read(const struct tls_session *session);

/* Forgets all that its records told. */
void tls_session_restart(struct tls_session *session);
/* The same where only what follows each side's latest ChangeCipherSpec is told
 * again: what was agreed on stays. */
void tls_session_resume(struct tls_session *session);

/* So many records of a side come now that nobody has: where numbers are enough
 * the next one can be read.  STATUS_BAD as above. */
MUST_CHECK enum status tls_session_skip(struct tls_session *session,
					unsigned side, uint64_t records);

#endif /* NET_TLS_SESSION_H */
