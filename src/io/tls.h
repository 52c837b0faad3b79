/*
 * TLS and DTLS without sockets (libssl): what came from the wire goes in, plain
 * bytes come out, and what the wire is to carry goes to a callback, a record or
 * datagram at a time.  Both sides: server and client.
 */
#ifndef IO_TLS_H
#define IO_TLS_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/text.h"

/* A plain message, or record, that can be sent at once. */
#define TLS_PLAIN_MAX ((size_t)1 << 18)

struct tls_setup {
	bool client;
	bool datagrams; /* DTLS */
	/* In PEM; NULL, of a server: one is made, for this run. */
	const char *certificate, *key;
	/* Of a client: the server's certificate must be good, by those that are
	 * trusted (a file in PEM; NULL: the system's). */
	bool verify;
	const char *authorities;
	/* A line of the key log for each secret; or NULL. */
	void (*secret)(void *context, struct slice line);
	void *context;
};

struct tls_context;

/* STATUS_IO (a file cannot be read), STATUS_BAD (it is not what it should be:
 * `why` says it), STATUS_NOMEM. */
MUST_CHECK enum status tls_context_new(const struct tls_setup *setup,
				       struct tls_context **out,
				       const char **why);
void tls_context_free(struct tls_context *context);

typedef void tls_wire_fn(void *context, struct slice bytes);

enum tls_state {
	TLS_SHAKING, /* hands */
	TLS_OPEN,
	TLS_ENDED,  /* the other end said so */
	TLS_FAILED, /* nothing can come any more */
};

struct tls;

/* `name` of the server, for a client; or NULL.  It may be an address, as text.
 * NULL: memory is out. */
struct tls *tls_new(struct tls_context *context, const char *name,
		    tls_wire_fn *wire, void *wire_context);
void tls_free(struct tls *tls);

/* Of a client: says hello. */
enum tls_state tls_begin(struct tls *tls);
/* Bytes from the wire (a datagram, with DTLS); plain ones are put behind what
 * `plain` has: all, or with DTLS those of one record. */
enum tls_state tls_receive(struct tls *tls, struct slice wire,
			   struct text *plain);
/* With DTLS: the next record of that datagram, put in the place of what `plain`
 * has; false: there is none. */
bool tls_next(struct tls *tls, struct text *plain);
/* Plain bytes to the wire; false when that is not possible (any more). */
MUST_CHECK bool tls_send(struct tls *tls, struct slice plain);
/* Says that it ends. */
void tls_close(struct tls *tls);
enum tls_state tls_state(const struct tls *tls);

/* Why a session has failed. */
enum tls_fault {
	TLS_FAULT_NONE,
	TLS_FAULT_PROTOCOL, /* the other end refuses, or what came is no TLS */
	TLS_FAULT_NAME,     /* the certificate is for another */
	TLS_FAULT_DATE,     /* it is not valid at this time */
	TLS_FAULT_TRUST,    /* nobody who is trusted has signed it */
};
enum tls_fault tls_fault(const struct tls *tls);
/* The same in libssl's own words. */
void tls_reason(const struct tls *tls, struct text *to);
/* "TLSv1.3, TLS_AES_256_GCM_SHA384"; nothing until hands are shaken. */
void tls_describe(const struct tls *tls, struct text *to);

/* DTLS repeats its handshake: in how long; INT64_MAX: never. */
nanoseconds tls_waits(struct tls *tls);
/* Sends it again; call it when tls_waits is over. */
void tls_again(struct tls *tls);

/*
 * A first datagram of a client of DTLS: answered with a cookie, and nothing is
 * kept, until it comes back with that (RFC 6347 4.2.1).  Then true: this
 * session is the client's from now on; a new one listens for others.
 */
bool tls_listen(struct tls *tls, const struct endpoint *client,
		struct slice datagram);

#endif /* IO_TLS_H */
