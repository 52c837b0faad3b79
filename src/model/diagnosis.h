/*
 * What servers and clients say themselves of a failure: diagnostic headers,
 * Reason, Warning, media debug blocks and quality reports; and the tables that
 * tell what their numbers mean.
 *
 * Somebody's word is no proof: what packets show stands beside it.
 */
#ifndef MODEL_DIAGNOSIS_H
#define MODEL_DIAGNOSIS_H

#include "model/evidence.h"

enum diagnosis_kind {
	DIAGNOSIS_SERVER, /* ms-diagnostics */
	DIAGNOSIS_PUBLIC, /* ms-diagnostics-public */
	DIAGNOSIS_CLIENT, /* ms-client-diagnostics */
	DIAGNOSIS_SIP,    /* Reason: SIP */
	DIAGNOSIS_Q850,   /* Reason: Q.850 */
	DIAGNOSIS_WARNING,
	DIAGNOSIS_SDP,        /* a=x-ms-SDP-diagnostics */
	DIAGNOSIS_CONFERENCE, /* what a conference answers to a join (C3P) */
};

/* One header, once for all copies of it. */
struct diagnosis {
	place_number place;
	const char *text;   /* as written; NULL: none */
	const char *source; /* the server that says so, or NULL */
	uint32_t id, sub;   /* sub 0: none */
	uint32_t count;
	uint32_t debug; /* first media debug block, or CHAIN_END */
	uint32_t next;  /* of the same subject, or CHAIN_END */
	end_number from; /* who sent it */
	uint8_t kind;   /* enum diagnosis_kind */
	bool refused;   /* of a conference: it says no */
};

/* What a client's media stack says of one media, and what packets say. */
struct media_debug {
	const char *label, *network; /* or NULL */
	const char *network_error;   /* of its channel, or NULL */
	struct endpoint local_site, local_relay, remote_site, remote_relay,
		base;
	uint32_t warn, warn_ex;
	/* Bits that the capture bears out, and those that it speaks against. */
	uint32_t borne_out, denied;
	uint32_t next; /* of the same header, or CHAIN_END */
	uint16_t port_low, port_high;
	uint8_t local_location, remote_location, federation;
	bool has_warn, has_warn_ex, has_locations, callee;
	bool has_channel, timed_out, bye_sent, bye_received;
	bool old_table; /* of ICEWarn: its sender is older than Lync 2010 */
	/* Is that relay address one that the capture shows granted? */
	bool relay_seen, relay_absent;
};

/* A stream as a quality report tells of it ([MS-QoE]). */
struct quality {
	place_number place;
	const char *label;        /* "main-audio", or NULL */
	const char *connectivity; /* "DIRECT", "RELAY", "HTTP", or NULL */
	const char *transport;    /* "UDP", "TCP", or NULL */
	struct endpoint local, remote, relay;
	uint64_t packets;
	uint32_t ssrc;
	uint32_t loss_permyriad; /* of packets; UINT32_MAX: not told */
	uint32_t jitter_ms, round_trip_ms; /* the same */
	uint32_t mos_hundredth;            /* the same */
	uint32_t warn;                     /* of Ice */
	uint64_t reporter; /* hash of the Call-ID that brought it */
	uint32_t next;     /* of the dialog, or CHAIN_END */
	size_t media;      /* the stream of the capture, or LIST_NONE */
	bool has_warn, old_table, inbound;
};

#define QUALITY_UNTOLD UINT32_MAX

/* Who can mend it. */
enum helper {
	HELPER_NONE,
	HELPER_FIREWALL,
	HELPER_EDGE,   /* administrator of the Edge */
	HELPER_SERVER, /* of Front End, registrar, proxy */
	HELPER_CLIENT, /* who runs the client */
	HELPER_NETWORK,
	HELPER_VOICE, /* dial plans, gateways, trunks */
	HELPER_PARTNER,
};

/* What a number means. */
struct meaning {
	uint32_t id;
	const char *text;
	const char *remedy; /* or NULL */
	enum stage stage;   /* STAGE_NONE: none of them */
	enum helper helper;
	bool harmless; /* progress, or a normal end */
};

/* Never NULL where the number is known; NULL otherwise. */
const struct meaning *diagnosis_meaning(enum diagnosis_kind kind, uint32_t id);
/* "Mediation Server": whose range of numbers it is; NULL: of none. */
const char *diagnosis_component(uint32_t id);
const char *diagnosis_kind_name(enum diagnosis_kind kind);
const char *helper_name(enum helper helper);

/* A bit of ICEWarn. */
struct ice_bit {
	uint32_t bit;
	const char *text;
	enum stage stage;
	bool usual; /* may be set on a healthy call */
};

enum ice_table {
	ICE_TABLE_HEADER, /* ICEWarn of Lync 2010 and later */
	ICE_TABLE_OLD,    /* IceWarningFlags of [MS-QoE] 2.2.1.7.1 */
};

/* What the bits of a block mean. */
static inline enum ice_table debug_table(const struct media_debug *m)
{
	return m->old_table ? ICE_TABLE_OLD : ICE_TABLE_HEADER;
}

/* The rows of a table, ended by bit 0. */
const struct ice_bit *ice_bits(enum ice_table table);
const char *ice_table_name(enum ice_table table);

#endif /* MODEL_DIAGNOSIS_H */
