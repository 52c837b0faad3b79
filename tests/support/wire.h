/*
 * A wire between a few hosts: IPv4 frames with messages that the project's
 * own writers made, kept so that a driver can hear them once or twice.
 *
 * Endpoints are written short: "1:5060" is 192.0.2.1:5060.  Each frame comes
 * 20 ms after the one before.
 */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/text.h"

#define WIRE_FRAMES_MAX 256u
#define WIRE_STEP (20 * NS_PER_MS)

struct wire {
	struct slice frames[WIRE_FRAMES_MAX]; /* LINKTYPE_RAW */
	nanoseconds times[WIRE_FRAMES_MAX];
	size_t count;
	nanoseconds now;
};

/* An empty wire; the time is 2026-01-01. */
void wire_open(struct wire *w);
void wire_close(struct wire *w);
void wire_wait(struct wire *w, nanoseconds time);

struct endpoint wire_end(const char *end);
/* The other way; good until the text is freed. */
void wire_end_text(const struct endpoint *e, struct text *to);

void wire_udp(struct wire *w, const char *src, const char *dst,
	      struct slice payload);

/* ICMP says that nobody listens where a datagram was to go. */
void wire_unreachable(struct wire *w, const char *src, const char *dst);
/* And quotes what was in it. */
void wire_unreachable_quoting(struct wire *w, const char *src, const char *dst,
			      struct slice quote);

/* A TCP connection that began before the capture did, or with its SYNs. */
struct wire_tcp {
	const char *ends[2];
	uint32_t next[2]; /* sequence number of what comes */
};
void wire_tcp_syn(struct wire *w, struct wire_tcp *c);
/* The next bytes of a side, and an acknowledgment of all from the other. */
void wire_tcp(struct wire *w, struct wire_tcp *c, unsigned side,
	      struct slice payload);
/* Bytes at another place of the stream, relative to what is next; moves
 * nothing. */
void wire_tcp_at(struct wire *w, const struct wire_tcp *c, unsigned side,
		 int offset, struct slice payload);
void wire_tcp_reset(struct wire *w, const struct wire_tcp *c, unsigned side);
/* Bytes that this wire does not show, though they were sent. */
void wire_tcp_lose(struct wire_tcp *c, unsigned side, size_t n);

/* ---- STUN ---- */

/* Who signs: with a realm long-term, else short-term. */
struct wire_login {
	struct slice user, realm, password;
};

/* A slice of a literal, for static tables. */
#define WIRE_BYTES(literal)                                        \
	{                                                          \
		(const uint8_t *)("" literal), sizeof(literal) - 1 \
	}
#define WIRE_LOGIN(user, realm, password)                                 \
	{                                                                 \
		WIRE_BYTES(user), WIRE_BYTES(realm), WIRE_BYTES(password) \
	}

struct wire_stun {
	unsigned type;
	uint8_t id;
	bool classic; /* no cookie in the id */
	bool ms;      /* as [MS-TURN] writes it */
	/* Signs; requests also show the user name, realm and nonce. */
	const struct wire_login *login;
	const char *realm; /* of a challenge */
	const char *mapped, *relayed, *peer, *alternate;
	const char *also;   /* a second peer */
	const char *ticket; /* RFC 8016 */
	struct slice data;
	bool has_data;
	unsigned error, channel, priority;
	int lifetime; /* seconds; 0: none; below: 0 */
	bool nominates, controlling, controlled, fingerprint;
};

/* The bytes of the message, in `to`. */
void wire_stun_text(struct text *to, const struct wire_stun *m);
void wire_stun(struct wire *w, const char *src, const char *dst,
	       const struct wire_stun *m);

/* ---- SIP ---- */

struct wire_sip {
	const char *start;       /* "INVITE sip:bob@example.org" or "200 OK" */
	const char *call, *cseq; /* "1 INVITE" */
	const char *branch;      /* NULL: made of the CSeq */
	const char *from, *to;   /* NULL: alice and bob of example.org */
	const char *to_tag;
	const char *from_tag; /* NULL: "f" */
	struct {
		const char *name, *value;
	} headers[4];
	const char *type, *body;
};

void wire_sip_text(struct text *to, const struct wire_sip *m);
void wire_sip(struct wire *w, const char *src, const char *dst,
	      const struct wire_sip *m);

/* ---- SDP ---- */

struct wire_sdp {
	const char *at;            /* of c= and m= */
	const char *ufrag, *pwd;   /* NULL: no ICE */
	const char *session;       /* id in o=; NULL: "1" */
	const char *candidates[4]; /* "host 1:6000", "relay 9:50000" */
};

/* The description as a C string; free it. */
char *wire_sdp(const struct wire_sdp *m);

#endif /* TESTS_SUPPORT_WIRE_H */
