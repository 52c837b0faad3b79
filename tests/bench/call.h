/*
 * The calls of the bench generator: who takes part, what has been said so
 * far, and the messages that can come next.
 *
 * The capture is taken on the caller's network, inside its NAT:
 *
 *   caller --+-- SIP proxy                     callee
 *     host   |                           +---- NAT ---- host
 *            +-- NAT ==== the internet ==+
 *            |                           +---- the callee's TURN relay
 *            +-- TURN server
 *
 * so the caller shows its host address, and the callee the outside of its own
 * NAT or, behind the TURN server's peer addresses, that or its relay.
 */
#ifndef TESTS_BENCH_CALL_H
#define TESTS_BENCH_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/dice.h"
#include "tests/bench/pcap_writer.h"
#include "tests/bench/schedule.h"
#include "tests/bench/stun_writer.h"

#define BENCH_USER "bench"
#define BENCH_REALM "bench.example"
#define BENCH_CHANNEL 0x4000u

enum {
	BENCH_PASSWORD_LEN = 16,
	BENCH_AUDIO = 4096,
	UFRAG_LEN = 8,
	PWD_LEN = 24,
	TAG_LEN = 16,
	CALL_ID_LEN = 32,
	BRANCH_LEN = 24,
	NONCE_LEN = 56,
};

enum call_side { CALLER, CALLEE, SIDES };

/* How a datagram gets from one side to the other. */
enum call_path { PATH_DIRECT, PATH_INDICATION, PATH_CHANNEL };

/* What happens in some calls only. */
enum call_trait {
	CALL_ALWAYS = 0,
	CALL_REGISTERS = 1 << 0,	/* its user's first call */
	CALL_DIRECT = 1 << 1,		/* direct checks pass */
	CALL_RELAYED = 1 << 2,		/* they do not: media by channel */
	CALL_SENDS = 1 << 3,		/* check from the caller in Send */
	CALL_HEARS = 1 << 4,		/* check from the callee in Data */
	CALL_BINDS = 1 << 5,		/* has a channel */
	CALL_CHANNEL_OUT = 1 << 6,	/* check from the caller in it */
	CALL_CHANNEL_IN = 1 << 7,	/* check from the callee in it */
};

/* Transactions that may be open at the same time. */
enum call_transaction { ID_TURN, ID_CHECK, ID_CONSENT, IDS };

struct call_party {
	struct endpoint host;
	struct endpoint nat;	/* server reflexive */
	struct endpoint relay;
	char ufrag[UFRAG_LEN + 1];
	char pwd[PWD_LEN + 1];
	struct stun_key key;	/* made from pwd */
	uint64_t tie_breaker;
	char tag[TAG_LEN + 1];

	uint32_t ssrc;
	uint32_t rtp_time;	/* of the first packet */
	uint16_t sequence;	/* of the first packet */
	uint32_t sent;		/* packets so far */
	uint32_t last_report;	/* middle of the last SR's NTP time */
	uint64_t reported_us;	/* when that was, 0 if never */
};

struct call {
	uint32_t number;
	uint32_t user;
	unsigned traits;	/* enum call_trait, or-ed */
	struct dice dice;
	struct call_party party[SIDES];
	struct endpoint sip;	/* the caller's user agent */

	char id[CALL_ID_LEN + 1];	/* Call-ID, before the @ */
	char register_id[CALL_ID_LEN + 1];
	char branch[BRANCH_LEN + 1];
	char sip_nonce[NONCE_LEN + 1];
	char turn_nonce[NONCE_LEN + 1];
	uint8_t ids[IDS][STUN_ID_LEN];

	unsigned step;		/* of the script */
	unsigned consent_step;
	unsigned reports;
	int tracks;		/* events that point here */
	uint32_t packets;	/* of RTP, each way */
	uint64_t talk_us;
	uint64_t media_us;	/* when media began */
};

struct bench_options {
	uint32_t calls;
	uint64_t rtp;		/* packets in all */
	uint32_t per_address;	/* calls that share the callee's address */
	uint32_t per_user;
	uint32_t relayed;	/* per cent */
	uint32_t concurrent;	/* calls at a time, about */
	uint64_t seed;
};

struct bench {
	struct bench_options options;
	struct pcap_writer out;
	struct schedule schedule;
	struct stun_crypto crypto;
	struct stun_key turn_key;
	char password[BENCH_PASSWORD_LEN + 1];
	uint8_t audio[BENCH_AUDIO];	/* what everybody says */
	uint64_t now_us;
	uint32_t begun;		/* calls */
	uint64_t rtp;		/* packets written */
	bool failed;		/* memory or libcrypto gave out */
};

struct call_step;

/* Writes the frame of a row, at the present time. */
typedef void call_write_fn(struct bench *b, struct call *c,
			   const struct call_step *row);

/* One row of the script: a frame, so long after the one before. */
struct call_step {
	uint32_t delay_us;
	unsigned traits;	/* all of them are asked for */
	call_write_fn *write;
	enum call_side side;	/* who sends */
	enum call_path path;
};

/* calls.c: runs the script and the tracks beside it until nothing is left. */
void calls_run(struct bench *b);

/* sip.c: between the caller and its proxy. */
call_write_fn sip_register, sip_register_challenge, sip_register_again,
	sip_register_ok, sip_invite, sip_trying, sip_ringing, sip_answer,
	sip_ack, sip_bye, sip_bye_ok;

/* turn.c: the caller's allocation. */
call_write_fn turn_allocate, turn_allocate_challenge, turn_allocate_again,
	turn_allocate_ok, turn_permit, turn_permit_ok, turn_bind, turn_bind_ok;

/* Sends a datagram from one side to the other, wrapped as the path asks. */
void turn_carry(struct bench *b, const struct call *c,
		const struct call_step *row, const void *bytes, size_t len);

/* ice.c: Binding requests and their answers. */
call_write_fn ice_request, ice_repeat, ice_response, ice_nominate, ice_consent,
	ice_consent_ok;

/* rtp.c: one packet of PCMU, one sender report. */
call_write_fn rtp_packet, rtp_report;

#endif /* TESTS_BENCH_CALL_H */
