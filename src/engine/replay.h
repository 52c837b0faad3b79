/*
 * The judge of captures: would a correct server have answered that request,
 * and with what?
 *
 * Each request climbs the ladder of the server machine with what the capture
 * implies: reasons hold surely, maybe or not.  So the forecast is a set of
 * answers, and a reply outside of it is found.  What only the reply itself
 * tells (ports, nonces, tokens) is taken over from it and not held against it.
 *
 * Judged are STUN Bindings that are no checks of ICE, and TURN (RFC 8656 and
 * 5766, RFC 6062, RFC 8016; [MS-TURN], [MS-TURNBWM] and the dialect of MSN).
 * One look-up a message; nothing is allocated but a row for each flow that
 * speaks TURN.
 *
 * Judged are also the answers of MRAS ([MS-AVEDGEA]) to requests for tokens:
 * the last REPLAY_ASKED_MAX requests wait for theirs; and those of registrars
 * to REGISTER and SUBSCRIBE (RFC 3261 8.2, 10.3, 22; RFC 6665; [MS-SIPAE]).
 */
#ifndef ENGINE_REPLAY_H
#define ENGINE_REPLAY_H

#include "core/clock.h"
#include "dissectors/stun.h"

#define REPLAY_FLOWS_MAX ((size_t)1 << 18)
#define REPLAY_FINDINGS_MAX ((size_t)4096)
#define REPLAY_TEXT_MAX 240u
#define REPLAY_ASKED_MAX ((size_t)64)
#define REPLAY_DOCUMENT_MAX ((size_t)65536)

/* What is known of a message's integrity. */
enum replay_integrity {
	REPLAY_ABSENT,
	REPLAY_UNCHECKED,
	REPLAY_NO_KEY_FITS,
	REPLAY_BAD, /* the key is proven here, this one does not fit */
	REPLAY_VERIFIED,
};

struct replay_message {
	const struct stun_message *stun; /* NULL: ChannelData */
	uint16_t channel;                /* of it */
	struct endpoint src, dst;
	nanoseconds time;
	uint64_t file, frame; /* handed back in findings */
	uint32_t flow;        /* the driver's number of the 5-tuple */
	bool stream;
	enum replay_integrity integrity;
};

enum replay_rule {
	REPLAY_REFUSED_WRONGLY, /* an error where success was due */
	REPLAY_ACCEPTED_WRONGLY,
	REPLAY_OTHER_ERROR,
	REPLAY_OTHER_METHOD, /* than the request's */
	REPLAY_ATTRIBUTE_MISSING,
	REPLAY_ATTRIBUTE_FOREIGN, /* does not belong there */
	REPLAY_ATTRIBUTE_BEHIND,  /* the integrity, where nobody reads it */
	REPLAY_MAPPED_WRONG,
	REPLAY_RELAYED_WRONG,
	REPLAY_LIFETIME_WRONG,
	REPLAY_VALUE_WRONG, /* of another attribute */
	REPLAY_NONCE_NOT_NEW,
	REPLAY_INTEGRITY_WRONG,
	REPLAY_CHANNEL_WRONG,    /* data in a channel that is not bound */
	REPLAY_ANSWERS_DIFFER,   /* to one request */
	REPLAY_NOT_ASKED,        /* an answer, or data, that is not due */
	REPLAY_KNOWN_DIFFERENCE, /* some servers are known to do that */
	REPLAY_RULES,
};

struct replay_finding {
	enum replay_rule rule;
	uint64_t file, frame;
	nanoseconds time;
	struct endpoint client, server;
	/* Of SIP: where it was asked; frame 0: it is of STUN or TURN. */
	uint64_t asked_file, asked_frame;
	bool of_mras;               /* and not of a registrar */
	char text[REPLAY_TEXT_MAX]; /* both sides, in words */
};

struct replay;

struct replay *replay_new(void); /* NULL: memory is out */
void replay_free(struct replay *replay);
/* No message follows: only findings and counts are kept. */
void replay_rest(struct replay *replay);

/* The next message of a server or client, in order of time. */
void replay_take(struct replay *replay, const struct replay_message *m);

struct sip_message;
struct sip_passwords;

/* A SIP message: one that may ask MRAS for tokens, or answer it; or another. */
struct replay_sip {
	const struct sip_message *sip;
	struct slice document;                 /* of MRAS, or empty */
	struct slice type;                     /* the Content-Type of that */
	const struct sip_passwords *passwords; /* given by the user, or NULL */
	struct endpoint src, dst;
	nanoseconds time;
	uint64_t file, frame;
};

/* The same of SIP: what MRAS is asked and answers. */
void replay_take_sip(struct replay *replay, const struct replay_sip *m);
/* All requests to registrars, and all that may be answers to them. */
void replay_take_registration(struct replay *replay,
			      const struct replay_sip *m);

/* A connection has ended, or nobody can follow it any more: what lived on it is
 * not known. */
void replay_closed(struct replay *replay, uint32_t flow);

/* What was found, in order; good until the next message. */
const struct replay_finding *replay_findings(const struct replay *replay,
					     size_t *count);

struct replay_counts {
	uint64_t replies; /* that were judged */
	uint64_t known_differences;
	uint64_t findings; /* also those that are not kept */
};
struct replay_counts replay_counts(const struct replay *replay);

#endif /* ENGINE_REPLAY_H */
