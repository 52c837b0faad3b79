/*
 * The ladder: in which order a TURN server looks at a request, and with what
 * it answers (RFC 8489 9.2.4, RFC 8656 7.2, 9 to 12, RFC 6062 5, RFC 8016 3).
 *
 * Each rung is a row: the first reason that holds gives the answer.  A live
 * server knows of each reason whether it holds; who watches a capture often
 * does not, so a reason may also hold MAYBE, and then several answers can be
 * right.  Server and judge climb the same rows.
 */
#ifndef ENGINE_LADDER_H
#define ENGINE_LADDER_H

#include "core/dissector.h"

/* Why a request is refused. */
enum turn_reason {
	/* Who asks? */
	REASON_NO_INTEGRITY,
	REASON_NO_NAMES, /* no USERNAME or USERHASH, REALM or NONCE */
	REASON_ALGORITHMS,
	REASON_USER_UNKNOWN,
	REASON_ACCESS_TOKEN, /* not sealed for this server, or over */
	REASON_INTEGRITY_WRONG,
	REASON_NONCE_STALE,
	REASON_OTHER_USER, /* than the one whose allocation it is */
	/* What is asked? */
	REASON_UNKNOWN_ATTRIBUTE,
	REASON_ALLOCATED,
	REASON_TRANSPORT_MALFORMED, /* or absent */
	REASON_TRANSPORT_OTHER,
	REASON_TCP_CLASH,
	REASON_NO_DONT_FRAGMENT,
	REASON_TOKEN_CLASH,
	REASON_TOKEN_GONE,
	REASON_FAMILIES_CLASH,
	REASON_FAMILY_UNSUPPORTED,
	REASON_EVEN_CLASH,
	REASON_NO_EVEN_PORT,
	REASON_ADDITIONAL_IPV4,
	REASON_MALFORMED, /* an attribute that is needed, or has a wrong size */
	REASON_QUOTA,
	REASON_REDIRECTED,
	REASON_NO_PORT,
	REASON_NO_MOBILITY,
	REASON_TICKET_BAD,
	REASON_NO_ALLOCATION,
	REASON_FAMILY_NOT_RELAYED,
	REASON_PEER_MALFORMED, /* or absent */
	REASON_PEER_FAMILY,
	REASON_PEER_DENIED,
	REASON_NO_ROOM,
	REASON_TCP_ALLOCATION,
	REASON_UDP_ALLOCATION,
	REASON_CHANNEL_MALFORMED,
	REASON_CHANNEL_RANGE,
	REASON_CHANNEL_TAKEN,
	REASON_CONNECTED,
	REASON_CONNECT_FAILED,
	REASON_CONNECTION_BAD,
	REASON_SERVER_ERROR,
	/* [MS-TURN] alone */
	REASON_NO_USERNAME,
	REASON_NO_REALM,
	REASON_NO_NONCE,
	REASON_SEQUENCE,       /* repeated, or of another connection */
	REASON_BANDWIDTH,      /* not to be had */
	REASON_NO_DESTINATION, /* it was never sent to */
	REASONS,
};

/* The requests, a bit each. */
enum turn_request {
	ASK_ALLOCATE = 1 << 0,
	ASK_REFRESH = 1 << 1,
	ASK_PERMISSION = 1 << 2,
	ASK_CHANNEL = 1 << 3,
	ASK_CONNECT = 1 << 4,
	ASK_CONNECTION_BIND = 1 << 5,
	ASK_BINDING = 1 << 6,
};

#define ASK_ANY 0x7Fu

/* One rung. */
struct turn_row {
	const char *id; /* "A3": unique; as in the list of the tests */
	const char *source;
	const char *title; /* what holds, in words */
	uint16_t code;
	uint8_t methods; /* enum turn_request */
	uint8_t reason;  /* enum turn_reason */
};

/* Where the nonce is looked at: behind the integrity, or before the user. */
enum turn_order {
	ORDER_RFC8489,
	ORDER_RFC5389,
};

/* Does each reason hold? */
struct turn_claims {
	uint8_t of[REASONS]; /* enum claim */
};

#define FORECAST_MAX 48u

/* What may be answered. */
struct turn_forecast {
	const struct turn_row *rows[FORECAST_MAX]; /* in order */
	size_t count;
	bool success; /* nothing surely stands against it */
};

/* Climbs: reasons that hold MAYBE are noted, the first that surely holds is
 * the last. */
void turn_climb(const struct turn_claims *claims, enum turn_order order,
		enum turn_request request, struct turn_forecast *out);

/* Row number `i` of all; NULL behind the last. */
const struct turn_row *turn_row_at(size_t i);

/* The request of a method; 0: none that a server answers. */
unsigned turn_request_of(unsigned method);

/* Requests of [MS-TURN], and of the MSN dialect; a bit each. */
enum ms_request {
	MS_ALLOCATE = 1 << 0, /* also a refresh, or a release */
	MS_SEND = 1 << 1,     /* never answered: a reason drops it */
	MS_DESTINATION = 1 << 2,
};

/* The same for [MS-TURN] (spec stun-turn 2.7). */
void ms_climb(const struct turn_claims *claims, enum ms_request request,
	      struct turn_forecast *out);
const struct turn_row *ms_row_at(size_t i);

struct stun_message;

/* The request of a message; 0: none. */
unsigned ms_request_of(const struct stun_message *m);
/* Is it of the MSN dialect?  Only an Allocate shows it: it is signed without a
 * challenge, and says no version. */
bool ms_is_msn(const struct stun_message *m);
/* Claims that the message alone decides. */
void ms_examine(const struct stun_message *m, struct turn_claims *claims);
/* Is the attribute one that a server must understand, and does not? */
bool ms_is_unknown(uint16_t type);

/* What the server can, as far as it is known (enum claim). */
struct turn_abilities {
	uint8_t tcp, dont_fragment, mobility, ipv4, ipv6;
	uint8_t high_channels; /* 0x5000 to 0x7FFF (RFC 5766 11) */
	uint8_t behaviour;     /* discovery as of RFC 5780 */
	uint8_t rfc8489;       /* SHA-256, USERHASH, password algorithms */
	uint8_t third_party;   /* access tokens (RFC 7635) */
	uint8_t others;        /* attributes of other documents */
};

/* Claims that the message alone decides; the others stay as they are.
 * `stream`: the client came over TCP or TLS. */
void turn_examine(const struct stun_message *m,
		  const struct turn_abilities *can, bool stream,
		  struct turn_claims *claims);

/* Is a second family asked for by the number that drafts of RFC 8656 had, as
 * coturn's client does?  In [MS-TURN] it is a host name, which is longer. */
bool turn_asks_as_in_draft(const struct stun_message *m);

/* Would a server that can this read the attribute? */
enum claim turn_understands(const struct stun_message *m, size_t attribute,
			    const struct turn_abilities *can);

#endif /* ENGINE_LADDER_H */
