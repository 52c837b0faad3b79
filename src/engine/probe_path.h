/*
 * One way to a relay, tried from end to end: connection, Binding, Allocate,
 * permission, data through the relay and back, a channel, release.  RFC 8656
 * and [MS-TURN] (where Allocate refreshes, Send permits, and an active
 * destination takes the place of channels).
 *
 * No sockets: legs are opened, written to and heard through a provider.  Leg 0
 * is the client.  What answers behind the relay is first a UDP socket of our
 * own (the peer), and where the relay cannot or will not reach that, a second
 * allocation (leg 1) on the same server.
 */
#ifndef ENGINE_PROBE_PATH_H
#define ENGINE_PROBE_PATH_H

#include "engine/turn_client.h"

enum probe_step {
	PROBE_CONNECT, /* TCP */
	PROBE_SECURE,  /* TLS, or the hello of pseudo-TLS */
	PROBE_BINDING,
	PROBE_ALLOCATE,
	PROBE_PEER, /* somebody behind the relay is found */
	PROBE_PERMISSION,
	PROBE_ECHO,    /* Send and Data */
	PROBE_CHANNEL, /* or active destination */
	PROBE_ECHO_CHANNEL,
	PROBE_RELEASE,
	PROBE_STEPS,
};

enum probe_state {
	PROBE_UNTRIED, /* something before it failed */
	PROBE_RUNS,
	PROBE_OK,
	PROBE_FAILED,
	PROBE_UNNEEDED,   /* this transport or dialect has no such step */
	PROBE_REFUSED_SO, /* as far as one comes without credentials */
};

/* What is the matter; each has a row with words and advice. */
enum probe_trouble {
	TROUBLE_NONE,
	TROUBLE_NAME,
	TROUBLE_UNANSWERED,
	TROUBLE_UNANSWERED_LATER, /* it answered before */
	TROUBLE_PORT_CLOSED,
	TROUBLE_UNREACHABLE,
	TROUBLE_CLOSED, /* by the server, in the middle */
	TROUBLE_TLS,
	TROUBLE_TLS_NAME,
	TROUBLE_TLS_DATE,
	TROUBLE_TLS_TRUST,
	TROUBLE_ODD, /* something else speaks there */
	TROUBLE_NEEDS_CREDENTIALS,
	TROUBLE_CREDENTIALS,
	TROUBLE_EXPIRED,
	TROUBLE_FORBIDDEN, /* to this user */
	TROUBLE_STALE,     /* each nonce, at once */
	TROUBLE_UNPROVED,
	TROUBLE_BID_DOWN,
	TROUBLE_MALFORMED,
	TROUBLE_REDIRECTS,
	TROUBLE_NO_RELAY, /* a STUN server only */
	TROUBLE_QUOTA,
	TROUBLE_CAPACITY,
	TROUBLE_FAMILY,
	TROUBLE_LOST, /* the allocation is not there (any more) */
	TROUBLE_SERVER,
	TROUBLE_PEER_FORBIDDEN,
	TROUBLE_NO_PEER,
	TROUBLE_ECHO_LOST,
	TROUBLE_OTHER_ERROR,
	TROUBLE_MEMORY,
	TROUBLES,
};

struct probe_trouble_row {
	const char *id;
	const char *text;
	const char *advice;
};
const struct probe_trouble_row *probe_trouble_row(enum probe_trouble t);

#define PROBE_REASON 128u

struct probe_result {
	enum probe_state state;
	enum probe_trouble trouble;
	unsigned code;
	char reason[PROBE_REASON]; /* as sent; or of the system */
	nanoseconds took;
	unsigned sends, passed_over;
	bool unproved;
};

enum probe_peer {
	PEER_NONE,
	PEER_OWN,   /* a socket of ours */
	PEER_RELAY, /* a second allocation */
};

struct probe_report {
	struct probe_result steps[PROBE_STEPS];
	struct endpoint server; /* that answered last */
	struct endpoint mapped, relayed, peer;
	struct endpoint additional; /* relayed, of the other family */
	unsigned additional_code;   /* why there is none; 0: not said */
	enum probe_peer peer_kind;
	enum probe_trouble own_trouble; /* why the peer is no PEER_OWN */
	uint32_t lifetime;
	unsigned redirects; /* that were followed */
	bool moved;         /* to another port of ours, after a 437 */
	unsigned echoes_sent, echoes_back; /* data, both ways of sending it */
	bool sha256, anonymous;            /* RFC 8489 was spoken */
	unsigned ms_version;               /* agreed on */
	char software[PROBE_REASON], realm[PROBE_REASON];
	char security[PROBE_REASON]; /* TLS, as who has the legs tells it */
};

#define PROBE_LEGS 3u /* client, second client, peer */
#define PROBE_LEG_PEER 2u

struct probe_provider {
	void *context;
	/* Opens a leg; probe_path_opened or probe_path_failed tells.  The
	 * peer's leg is UDP always.  May not call back at once. */
	void (*open)(void *context, unsigned leg,
		     const struct endpoint *server);
	void (*close)(void *context, unsigned leg);
	/* To the leg's server; the peer's to anybody. */
	void (*send)(void *context, unsigned leg, const struct endpoint *to,
		     struct slice bytes);
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct probe_config {
	struct endpoint server;
	struct endpoint udp_server; /* where the peer asks who it is */
	struct slice user, password, software; /* borrowed */
	const struct access_grant *grant;      /* likewise; NULL: none */
	nanoseconds patience;
	unsigned ms_version;
	bool ms_turn, stream, secure, pseudo_tls;
	bool stun_only;                   /* stops behind Binding */
	enum address_family relay_family; /* FAMILY_NONE: the server's */
	bool relay_both;                  /* IPv4 and IPv6 in one */
	bool user_expired; /* a user name of TURN REST whose time is over */
};

struct probe_path;

/* Both are copied, what they point to is borrowed.  NULL: memory is out. */
struct probe_path *probe_path_new(const struct probe_config *config,
				  const struct probe_provider *provider);
void probe_path_free(struct probe_path *p);

/* Opens the first leg; the rest follows from what the provider tells. */
void probe_path_begin(struct probe_path *p, nanoseconds now);

/* What became of an open; `secured`: the handshake of TLS is done, too. */
void probe_path_opened(struct probe_path *p, unsigned leg, bool secured,
		       nanoseconds now);
/* A leg is gone, or was never there; `reason` is for people. */
void probe_path_failed(struct probe_path *p, unsigned leg,
		       enum probe_trouble trouble, struct slice reason,
		       nanoseconds now);
/* A datagram, or what came on the stream of a leg; borrowed. */
void probe_path_receive(struct probe_path *p, unsigned leg,
			const struct endpoint *from, struct slice bytes,
			nanoseconds now);

/* What a leg's TLS is, for people. */
void probe_path_secured(struct probe_path *p, struct slice words);

/* Sends again, and gives up what took too long. */
void probe_path_tick(struct probe_path *p, nanoseconds now);
/* When tick has work; INT64_MAX: never, it is over. */
nanoseconds probe_path_next(const struct probe_path *p);
bool probe_path_is_over(const struct probe_path *p);
/* What is known so far; good as long as `p`. */
const struct probe_report *probe_path_report(const struct probe_path *p);

/* "Allocate"; in [MS-TURN] some steps have other names. */
const char *probe_step_text(enum probe_step step, bool ms_turn);
/* "allocate": for programs. */
const char *probe_step_id(enum probe_step step);

#endif /* ENGINE_PROBE_PATH_H */
