/*
 * SDP descriptions (RFC 8866) with the ICE attributes of RFC 8839, trickle
 * fragments (RFC 8840), TCP candidates (RFC 6544), mDNS names, and both
 * Microsoft candidate grammars ([MS-ICE] draft-06, [MS-ICE2] draft-19).
 */
#ifndef DISSECTORS_SDP_H
#define DISSECTORS_SDP_H

#include "core/dissector.h"

#define SDP_MEDIA_MAX 64u
#define SDP_CANDIDATES_MAX 256u /* per description */
#define SDP_LINES_MAX 8192u

enum candidate_type {
	CANDIDATE_UNKNOWN, /* draft-06 names no type */
	CANDIDATE_HOST,
	CANDIDATE_SRFLX,
	CANDIDATE_PRFLX,
	CANDIDATE_RELAY,
};

enum candidate_transport {
	CANDIDATE_UDP,
	CANDIDATE_TCP,
	CANDIDATE_OTHER_TRANSPORT,
};

enum candidate_tcp_type {
	TCP_TYPE_NONE,
	TCP_TYPE_ACTIVE,
	TCP_TYPE_PASSIVE,
	TCP_TYPE_SO,
	TCP_TYPE_BOTH, /* draft-06: one line stands for active and passive */
};

enum candidate_grammar {
	GRAMMAR_RFC,   /* RFC 5245, RFC 8839 */
	GRAMMAR_MS_06, /* [MS-ICE] */
	GRAMMAR_MS_19, /* [MS-ICE2]: TCP-ACT or TCP-PASS as transport */
};

struct sdp_candidate {
	enum candidate_grammar grammar;
	struct slice foundation; /* draft-06: the candidate id */
	struct slice password;   /* draft-06 only */
	unsigned component;      /* 1 to 256 */
	enum candidate_transport transport;
	struct slice transport_text; /* as written */
	enum candidate_tcp_type tcp_type;
	uint32_t priority;        /* draft-06: q * 1000 */
	struct slice host;        /* address or name as written */
	struct endpoint endpoint; /* FAMILY_NONE when host is a name */
	uint16_t port;
	enum candidate_type type;
	struct slice type_text;  /* as written; draft-06: empty */
	struct endpoint related; /* raddr/rport; FAMILY_NONE when absent */
	struct slice ufrag;      /* the ext "ufrag", else empty */
	uint64_t turn_session;   /* MTURNID (Teams); 0: none */
	bool ipv6_attribute;     /* came as a=x-candidate-ipv6 */
	struct slice line;       /* value of the attribute */
};

struct sdp_codec {
	uint8_t payload_type;
	struct slice name;   /* "PCMU"; from rtpmap or the static table */
	uint32_t clock_rate; /* 0 unknown */
};

enum sdp_direction {
	SDP_SENDRECV,
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE,
};

enum sdp_setup {
	SDP_SETUP_NONE,
	SDP_SETUP_ACTPASS,
	SDP_SETUP_ACTIVE,
	SDP_SETUP_PASSIVE,
	SDP_SETUP_HOLDCONN,
};

/* What a key is for (RFC 4568 4), without the key: it is never kept. */
struct sdp_crypto {
	uint32_t tag;
	struct slice suite; /* as written */
	bool scale;         /* a=cryptoscale ([MS-SDPEXT] 3.1.5.2) */
};

#define SDP_CRYPTOS_MAX 8u /* of a section */

/* What may stand at session or at media level; media level wins. */
struct sdp_transport {
	struct slice ice_ufrag, ice_pwd;
	struct slice fingerprint; /* "sha-256 AA:BB..." */
	enum sdp_setup setup;
	struct slice connection; /* value of c=: "IN IP4 192.0.2.1" */
	struct endpoint address; /* of c=, port 0; FAMILY_NONE: a name */
	enum sdp_direction direction;
	bool has_direction;
};

struct sdp_media {
	struct slice kind; /* "audio" */
	uint16_t port;
	unsigned port_count;
	struct slice proto;   /* "RTP/SAVPF" */
	struct slice formats; /* "0 8 101" */
	struct slice mid;
	struct sdp_transport transport; /* session's where it says nothing */
	struct endpoint rtcp; /* a=rtcp; port 0: none; FAMILY_NONE: only port */
	bool rtcp_mux, rtcp_mux_only, bundle_only, end_of_candidates;
	/* What might be is offered, or what of that is taken (RFC 5939). */
	bool potential, taken;
	bool has_crypto;      /* an SDES key (RFC 4568) */
	bool key_mgmt;        /* a=key-mgmt, also of the session (RFC 4567) */
	bool cryptos_dropped; /* there are more than those kept */
	uint8_t crypto_count;
	const struct sdp_crypto *cryptos;
	struct slice encryption; /* a=encryption ([MS-SDP]) */
	const struct sdp_candidate *candidates;
	size_t candidate_count;
	const struct sdp_codec *codecs;
	size_t codec_count;
	/* a=remote-candidates / a=remote-candidate: as written */
	struct slice remote_candidates;
	struct slice remote_candidate_id; /* draft-06 */
	struct slice label;
	struct slice bypass_id;         /* a=x-bypassid */
	uint32_t ssrc_first, ssrc_last; /* a=x-ssrc-range; 0: none */
	uint16_t ptime;                 /* ms; 0: none */
};

struct sdp {
	struct slice text;   /* all of it */
	bool fragment;       /* trickle-ice-sdpfrag: no v=, o=, s= */
	struct slice origin; /* value of o= */
	struct slice origin_username, session_id, session_version;
	struct sdp_transport transport; /* session level */
	bool ice_lite, ice_mismatch;
	bool networks;               /* sdp_network_of() knows some */
	struct slice device_caps;    /* a=x-devicecaps, the first */
	struct slice ms_diagnostics; /* a=x-ms-SDP-diagnostics, the first */
	struct slice ice_options;
	struct slice bundle; /* mids of a=group:BUNDLE */
	bool end_of_candidates;
	const struct sdp_media *media;
	size_t media_count;
	size_t candidate_count; /* over all media */
};

extern const struct dissector sdp_dissector;

/*
 * Reads a description.  Tolerant: order errors, missing v=, blanks, LF alone,
 * a value that goes on in a line that starts with a blank.  STATUS_NOT_MINE
 * when there is no line of the form x=...; STATUS_LIMIT past the limits above
 * (what came before is kept in *out: the one exception to "written on OK
 * only", said by `*out` having media).
 *
 * A fragment (RFC 8840) has no v=, o= and s=, and has ice-ufrag, mid or no m=;
 * without one of those it is the second body of old Microsoft clients
 * ([MS-ICE]), which starts at m=.  A section of a fragment that names no m=,
 * only a=mid or candidates, is a medium with an empty kind.
 */
MUST_CHECK enum status sdp_decode(struct decoding *d, struct slice in,
				  struct sdp *out, size_t *used);

/* Tells the session, then each medium with its candidates. */
void sdp_walk(const struct sdp *sdp, struct field_sink *to);

/* One candidate from the value of a=candidate (or x-candidate-ipv6). */
MUST_CHECK enum status sdp_candidate_parse(struct slice value,
					   struct sdp_candidate *out);

/* "host", "srflx", ...; of a=candidate's tcptype "active", ... */
const char *candidate_type_text(enum candidate_type type);
const char *candidate_tcp_type_text(enum candidate_tcp_type type);

/* What a payload type stands for without a=rtpmap (RFC 3551 6); empty: nothing,
 * or none is bound to it. */
struct slice sdp_static_name(unsigned payload_type);

/* Does this section have a fingerprint, its own or that of the first section of
 * its bundle (RFC 9143 7.1.3)? */
bool sdp_has_fingerprint(const struct sdp *sdp,
			 const struct sdp_media *section);

/*
 * [MS-SDPEXT], in sdp_microsoft.c.  Which network the candidate of this
 * foundation is on (3.1.5.36): "WLAN", ...; empty: section `at` does not say.
 */
struct slice sdp_network_of(const struct sdp *sdp, size_t at,
			    struct slice foundation);

/* What a=x-devicecaps (3.1.5.29) says of "audio", ...: can it be sent, can it
 * be received?  False: it does not say. */
bool sdp_device_of(struct slice caps, const char *kind, bool *send,
		   bool *receive);

/* Writes the value of a=candidate in the candidate's grammar. */
void sdp_candidate_write(const struct sdp_candidate *c, struct text *to);

#endif /* DISSECTORS_SDP_H */
