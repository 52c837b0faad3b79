/*
 * A connection of TLS 1.2 or DTLS 1.2 on a wire, made by the test: hellos that
 * agree on TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, then records under keys that
 * come from a master secret which the test knows.
 */
#ifndef TESTS_SUPPORT_TLS_WIRE_H
#define TESTS_SUPPORT_TLS_WIRE_H

#include "tests/support/wire.h"

struct tls_wire {
	struct wire *wire;
	bool datagrams; /* DTLS: of `tcp` only the ends are used */
	struct wire_tcp tcp;
	uint8_t key[2][16], iv[2][4];
	uint64_t sequence[2]; /* of the next record; DTLS: with its epoch */
};

/* The line of a key log that opens all of them; and the one for what follows
 * tls_wire_renegotiate. */
extern const char tls_wire_keylog[], tls_wire_keylog_later[];

/* The connection up to its Finished messages: frames 1 to 6. */
void tls_wire_open(struct tls_wire *t, struct wire *w, const char *client,
		   const char *server);

/* Another handshake inside of it, with another secret: four frames. */
void tls_wire_renegotiate(struct tls_wire *t);

/* The same of DTLS: frames 1 to 4. */
void tls_wire_open_datagrams(struct tls_wire *t, struct wire *w,
			     const char *client, const char *server);

/* A record with this application data, in `to`. */
void tls_wire_seal(struct tls_wire *t, unsigned side, struct slice data,
		   struct text *to);
/* The same as the next segment. */
void tls_wire_send(struct tls_wire *t, unsigned side, struct slice data);
/* One whose last byte is another: nobody can open it. */
void tls_wire_seal_wrongly(struct tls_wire *t, unsigned side, struct slice data,
			   struct text *to);
/* An OPTIONS of SIP, and one in a record. */
void tls_wire_put_options(struct text *to, const char *cseq);
void tls_wire_send_options(struct tls_wire *t, unsigned side, const char *cseq);
/* A message of STUN in a record. */
void tls_wire_send_stun(struct tls_wire *t, unsigned side,
			const struct wire_stun *m);
/*
 * Three records: an Allocate (id 1) of the client, 1:40000, its grant of
 * 9:50000, and a Send indication with a check for 3:6000 in it.
 */
void tls_wire_send_turn(struct tls_wire *t);
extern const struct wire_stun tls_wire_allocate;
/* A check of ICE. */
extern const struct wire_stun tls_wire_check;
/* A record that this wire does not show. */
void tls_wire_lose(struct tls_wire *t, unsigned side, struct slice data);

#endif /* TESTS_SUPPORT_TLS_WIRE_H */
