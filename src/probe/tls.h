/*
 * The client's end of TLS over bytes that somebody else carries: libssl
 * between two buffers.
 */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include "core/text.h"
#include "engine/probe_path.h"

struct tls_choice {
	const char *name;    /* that the certificate must have; or NULL */
	const char *ca_file; /* whom to trust; NULL: as the system does */
	bool insecure;       /* any certificate will do */
	/* A line of a key log. */
	void (*secret)(void *context, struct slice line);
	void *context;
};

struct tls_end;

/* Begins; NULL: libssl has no memory, or cannot read `ca_file`. */
struct tls_end *tls_end_new(const struct tls_choice *choice);
void tls_end_free(struct tls_end *end);

enum tls_end_state {
	TLS_END_GREETS, /* the handshake goes on */
	TLS_END_READY,
	TLS_END_FAILED, /* see tls_end_trouble */
	TLS_END_CLOSED, /* the other side has said so */
};

/*
 * Takes what came over the wire (may be empty, to begin); what is to be sent
 * is appended to `wire`, what was said to `plain`.
 */
enum tls_end_state tls_end_receive(struct tls_end *end, struct slice bytes,
				   struct text *wire, struct text *plain);
/* Seals; when TLS_END_READY only. */
bool tls_end_send(struct tls_end *end, struct slice plain, struct text *wire);

/* Why it failed, in a word of ours and in libssl's own. */
enum probe_trouble tls_end_trouble(const struct tls_end *end);
const char *tls_end_reason(const struct tls_end *end);
/* "TLSv1.3, TLS_AES_256_GCM_SHA384" */
void tls_end_describe(const struct tls_end *end, struct text *to);

#endif /* PROBE_TLS_H */
