/*
 * TLS and DTLS records, and what their handshakes show in clear: hellos with
 * server name, certificates' presence, alerts (RFC 8446, RFC 5246, RFC 6347).
 */
#ifndef DISSECTORS_TLS_H
#define DISSECTORS_TLS_H

#include "core/dissector.h"

enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_CONNECTION_ID = 25, /* DTLS: the true one is encrypted (RFC 9146) */
};

enum tls_handshake {
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_HELLO_VERIFY_REQUEST = 3,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_CERTIFICATE = 11,
	TLS_CLIENT_KEY_EXCHANGE = 16,
	TLS_FINISHED = 20,
	TLS_KEY_UPDATE = 24,
};

#define TLS_VERSION_1_0 0x0301u
#define TLS_VERSION_1_1 0x0302u
#define TLS_VERSION_1_2 0x0303u
#define TLS_VERSION_1_3 0x0304u
#define DTLS_VERSION_1_0 0xFEFFu /* of TLS 1.1 */
#define DTLS_VERSION_1_2 0xFEFDu
#define DTLS_VERSION_1_3 0xFEFCu

/* Bytes of a record's body, at most (RFC 5246 6.2.3). */
#define TLS_RECORD_MAX (16384u + 2048u)

struct tls_record {
	uint8_t content;   /* enum tls_content */
	uint16_t version;  /* 0x0301; DTLS 0xFEFF, 0xFEFD */
	uint16_t epoch;    /* DTLS */
	uint64_t sequence; /* DTLS */
	struct slice id;   /* the connection's, where it was told to be there */
	struct slice body;
	bool handshake_readable; /* first handshake message's header in clear */
	uint8_t handshake;       /* its type */
	struct slice server_name; /* of a ClientHello */
	struct slice certificate; /* DER of the first, when whole in here,
				   * behind whatever message */
	bool alert_readable;
	uint8_t alert_level, alert_description;
	bool sealed; /* DTLS 1.3: `epoch` has its low two bits only, `content`
		      * is not known */
};

extern const struct dissector tls_dissector;
extern const struct dissector dtls_dissector;

/* One record from the front of a stream, SHORT until whole. */
enum claim tls_claims(struct slice in, bool stream);
MUST_CHECK enum status tls_decode(struct decoding *d, struct slice in,
				  struct tls_record *out, size_t *used);
void tls_walk(const struct tls_record *m, struct field_sink *to);

/* What decides about keys in a hello of either side; slices borrow from it. */
struct tls_hello {
	uint16_t version;    /* of a ServerHello: what was agreed on */
	struct slice random; /* 32 bytes */
	struct slice session_id;
	struct slice ticket;        /* ClientHello (RFC 5077 3.2) */
	uint16_t suite;             /* ServerHello */
	uint8_t compression;        /* ServerHello */
	bool extended_master;       /* RFC 7627 */
	bool encrypt_then_mac;      /* RFC 7366 */
	bool has_connection_id;     /* RFC 9146 3 */
	uint8_t connection_id_size; /* of the one that this side wants */
	bool retry;                 /* HelloRetryRequest (RFC 8446 4.1.3) */
};

/* The bodies of these handshake messages, behind their four bytes of type and
 * length (DTLS: twelve).  STATUS_BAD: cut off or overfull; *out is written on
 * STATUS_OK. */
MUST_CHECK enum status tls_client_hello_read(struct slice body, bool datagram,
					     struct tls_hello *out);
MUST_CHECK enum status tls_server_hello_read(struct slice body,
					     struct tls_hello *out);

/* "certificate expired", ...; "alert" when it has no name (RFC 8446 6). */
const char *tls_alert_name(unsigned description);

/* Is it about a certificate (RFC 5246 7.2.2, RFC 8446 6.2)? */
bool tls_alert_is_about_certificate(unsigned description);

/*
 * One record from a datagram; call again on the rest.  One with a connection id
 * (RFC 9146 4), whose length its hellos have told, takes all bytes there are.
 */
enum claim dtls_claims(struct slice in, bool stream);
MUST_CHECK enum status dtls_decode(struct decoding *d, struct slice in,
				   struct tls_record *out, size_t *used);
/* The same where a connection id, if there is one, has so many bytes. */
MUST_CHECK enum status dtls_decode_with_id(struct decoding *d, struct slice in,
					   size_t id_size,
					   struct tls_record *out,
					   size_t *used);

/*
 * The same with the header of DTLS 1.3 (RFC 9147 4), which only a flow tells
 * where DTLS was seen before.  A connection id, whose length nobody knows, is
 * not read.
 */
MUST_CHECK enum status dtls_sealed_decode(struct slice in,
					  struct tls_record *out, size_t *used);

/*
 * Handshake messages in clear inside of TLS records (RFC 5246 6.2.1): a record
 * may hold several, and a message may go on in the next ones.
 */
struct tls_message {
	uint8_t type;       /* enum tls_handshake, or another */
	struct slice whole; /* with its head, as both sides hash it */
	struct slice body;
};

/* The next one at the front of *bytes, which moves on; false when what is
 * there is not whole. */
bool tls_message_next(struct slice *bytes, struct tls_message *out);

/* The first certificate of a flight: DER; empty when it is not there or not
 * whole.  *rest is the message that is not whole yet, if there is one. */
struct slice tls_flight_certificate(struct slice bytes, struct slice *rest);

/*
 * Handshake messages in clear inside of DTLS records (RFC 6347 4.2.3): a
 * record may hold several, and a message may be spread over several records.
 */
struct dtls_fragment {
	uint8_t type;     /* enum tls_handshake */
	uint16_t message; /* its number in the handshake */
	uint32_t length;  /* of the whole message */
	uint32_t offset;
	struct slice bytes;
};

/* The next one at the front of *body, which moves on; false when there is no
 * other, or what follows is none. */
bool dtls_fragment_next(struct slice *body, struct dtls_fragment *out);

/* The first certificate (DER) of a whole Certificate message of TLS 1.2 or
 * before (RFC 5246 7.4.2); empty when it is not there. */
struct slice tls_first_certificate(struct slice body);

#endif /* DISSECTORS_TLS_H */
