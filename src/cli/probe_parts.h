/*
 * What the files of `mrascope probe` share: targets, and what came of each.
 */
#ifndef CLI_PROBE_PARTS_H
#define CLI_PROBE_PARTS_H

#include "check/tree.h"
#include "cli/options.h"
#include "engine/credential.h"
#include "probe/run.h"
#include "probe/run_mras.h"
#include "report/printer.h"

#define PROBE_TARGETS_MAX 64u
#define PROBE_HOST_MAX 256u

enum probe_want {
	WANT_RELAY,
	WANT_STUN, /* Binding only: a stun: URI */
};

/* One way to one address of one server. */
struct probe_target {
	char host[PROBE_HOST_MAX]; /* as given */
	enum probe_transport transport;
	enum probe_want want;
	struct endpoint server;
	struct endpoint udp_server; /* FAMILY_NONE: it has none */
	bool ran;
	struct probe_report report;
	bool nat_ran;
	struct nat_report nat;
};

/* Whose credentials are used. */
struct probe_who {
	uint8_t user[1024], password[1024];
	size_t user_size, password_size;
	uint8_t domain[PROBE_HOST_MAX]; /* of NTLM; empty: the name's own */
	size_t domain_size;
	enum {
		WHO_NOBODY,
		WHO_LONG_TERM,
		WHO_REST,
		WHO_MRAS,
		WHO_ACCESS, /* RFC 7635: the password is the mac key */
	} kind;
	struct access_grant grant;
	uint8_t token[ACCESS_TOKEN_ROOM]; /* that was given */
	bool expired; /* REST: "expiry:name", and that is past */
	bool binary;  /* of a token */
};

/* What was asked of MRAS, and came of it. */
struct probe_token {
	bool asked, tls;
	char host[PROBE_HOST_MAX];
	char identity[PROBE_HOST_MAX + 16];
	struct endpoint server;
	struct probe_mras result;
	bool lost[MRAS_CLIENT_RELAYS]; /* relays without address */
};

struct probe_session {
	const struct options *options;
	struct probe_who who;
	struct probe_token token;
	bool ms_turn;
	struct probe_target targets[PROBE_TARGETS_MAX];
	size_t count;
	struct recorder *recorder;
	struct probe_tls tls; /* its name is each target's own */
	json_t *analysis;     /* of what was recorded; NULL: none */
	bool out_of_memory;
};

/* ---- probe_targets.c ---- */

/*
 * Adds what a SERVER of the command line means: turn:, turns:, stun: URIs
 * (RFC 7065, RFC 7064) or HOST[:PORT].  False after a message; *status is
 * EXIT_USAGE, or EXIT_INPUT for a name that has no address.
 */
bool probe_targets_add(struct probe_session *s, const char *server,
		       int *status);
/* A relay of an MRAS token: ports 0 are not offered. */
bool probe_targets_relay(struct probe_session *s, const char *host,
			 uint16_t udp_port, uint16_t tcp_port, int *status);

/* When all are there: the UDP port of a server is known to its others. */
void probe_targets_share(struct probe_session *s);

/* ---- probe_credentials.c ---- */

/* Who we are, by the options; false after a message. */
bool probe_credentials(struct probe_session *s);
/* TLS and DTLS, as the options have it; false after a message.  Their keys go
 * to the recorder that the session has then. */
bool probe_security(struct probe_session *s);
void probe_security_free(struct probe_session *s);
/* ... to a host of this name. */
struct probe_tls probe_tls_to(const struct probe_session *s, const char *host);

/* ---- probe_mras.c ---- */

/* --mras: whom to ask, and for whom; false after a message. */
bool probe_token_prepare(struct probe_session *s, int *status);
/* Asks; with a token its relays are targets where none were named.  False:
 * there is none. */
bool probe_token_get(struct probe_session *s, nanoseconds patience);
const struct probe_trouble_row *
probe_token_words(const struct probe_session *s);

/* ---- probe_table.c, of printed lines ---- */

/* "tcp 3478" */
void probe_put_way(struct printer *p, const struct probe_target *t);
/* The ways to one server. */
void probe_put_table(struct printer *p, const struct probe_session *s,
		     const struct probe_target *const *ways, size_t count);

/* ---- probe_text.c, probe_json.c ---- */

void probe_write_text(const struct probe_session *s, FILE *out);
void probe_write_json(const struct probe_session *s, FILE *out);

/* Does data come back, or what else a STUN server is for? */
bool probe_target_works(const struct probe_target *t);
/* Did any step of it fail? */
bool probe_target_failed(const struct probe_target *t);

#endif /* CLI_PROBE_PARTS_H */
