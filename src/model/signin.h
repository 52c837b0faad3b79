/*
 * What Lync and Skype for Business put into stages 1 and 2 beyond SIP: the
 * rounds of authentication ([MS-SIPAE]), endpoint identities ([MS-SIPRE]),
 * in-band provisioning ([MS-SIPREGE]), and the way of a token request through
 * the servers ([MS-AVEDGEA]).
 *
 * Rows of their own, since few registrations and tokens have them.
 */
#ifndef MODEL_SIGNIN_H
#define MODEL_SIGNIN_H

#include "model/evidence.h"

/* [MS-SIPAE] 3.2.2: no association is older. */
#define ASSOCIATION_LIFE (8 * 3600 * NS_PER_S)

enum auth_scheme { /* bits */
		   AUTH_NTLM = 1,
		   AUTH_KERBEROS = 2,
		   AUTH_TLS_DSK = 4,
		   AUTH_DIGEST = 8,
		   AUTH_OTHER = 16,
};

/* What a request carries of the handshake. */
enum auth_leg_kind {
	LEG_BARE,      /* no credentials */
	LEG_BEGIN,     /* NTLM: empty; TLS-DSK: ClientHello */
	LEG_CHALLENGE, /* NTLM type 2: a client must not send it */
	LEG_PROOF,     /* NTLM type 3, Kerberos AP-REQ, TLS-DSK client keys */
	LEG_SIGNED,    /* only a signature: there is an association */
};

struct auth_leg {
	place_number request, answer;
	uint16_t status; /* 0: not answered */
	uint8_t kind;    /* enum auth_leg_kind */
	uint8_t attempt; /* from 1: those that belong together */
	uint8_t scheme;  /* enum auth_scheme; 0: none */
};

#define AUTH_LEGS_KEPT 16u

enum fits {
	FITS_UNKNOWN,
	FITS_YES,
	FITS_NO,
};

#define SIGNATURES_KEPT 16u /* of each side */

struct sign_in {
	const char *epid;     /* or NULL, as the others */
	const char *instance; /* "34d859db-...": +sip.instance */
	const char *computed; /* the same, from the epid */
	const char *gruu;     /* as the registrar gave it */
	const char *target;   /* who authenticates */
	const char *server;   /* "RTC/6.0" */
	const char *redirect; /* host that a 301 names */
	const char *sts_uri;  /* where certificates come from */
	const char *subnet;   /* ms-subnet: that of the client, or NULL */
	const char *event;    /* why the server deregistered it */
	struct auth_leg legs[AUTH_LEGS_KEPT];
	unsigned leg_count; /* of all */
	unsigned attempts;
	uint8_t offered;       /* enum auth_scheme bits */
	uint8_t instance_fits; /* enum fits: with the epid */
	uint8_t gruu_fits;     /* with the instance */
	bool remote;           /* ms-user-logon-data: RemoteUser */
	bool has_skew;
	bool sts_seen;    /* a TLS client asked for that host by name */
	bool followed;    /* the redirect */
	nanoseconds skew; /* of the server's Date against the capture */
	struct integrity_counts signatures; /* of signed messages */
	uint32_t signing; /* row + 1 of the keys beside the model; 0: none */
	uint32_t keep_alive_s;
	uint32_t counter, server_counter; /* cnum, snum of the newest */
	/* Hashes of the last signatures, of client and server, the newest at
	 * the number before `signed_next`: copies may come late. */
	uint32_t signatures_seen[2][SIGNATURES_KEPT];
	uint8_t signed_next[2];
	uint64_t asked;    /* hash of Call-ID and CSeq, of the newest request
			    * that is signed; 0: none */
	uint64_t settings; /* hash of the Call-ID that asks for them; 0: none */
	uint64_t association; /* hash of opaque, realm, target; 0: none */
	place_number associated, used; /* the association: first, last use */
	place_number redirected, deregistered;
	uint32_t provisioned;   /* row + 1, 0: none seen */
	struct chain webs;      /* struct web_call */
	uint8_t web_challenges; /* 401 of web services, one after the other */
	uint8_t web; /* of REGISTER_WEB: the service that was answered last */
};

/* A request to a web service of Lync ([MS-OCAUTHWS]), and what came back. */
struct web_call {
	struct endpoint client, server;
	const char *target;       /* without its query */
	const char *host, *fault; /* or NULL */
	place_number request, answer;
	uint16_t status; /* 0: not answered */
	uint8_t service; /* enum web_service of dissectors/webservice.h */
	uint32_t next;   /* of the sign-in, or CHAIN_END */
	uint32_t stream; /* of HTTP/2; 0: HTTP/1 */
};

enum port_kind {
	PORTS_MEDIA,
	PORTS_AUDIO,
	PORTS_VIDEO,
	PORTS_SHARING,
	PORTS_FILES,
	PORT_KINDS,
};

/* What provisioning told a client. */
struct provisioned {
	place_number place;
	const char *call_id; /* of the newest message that told it */
	const char *pool, *encryption, *security, *focus; /* or NULL */
	const char *bypass_id, *bypass_internal, *bypass_external;
	const char *test_bot, *video_rate;
	uint16_t port_low[PORT_KINDS], port_high[PORT_KINDS]; /* 0: none */
	uint32_t groups;
	bool has_server, ranges_enabled;
	bool bypass, qos, bandwidth_policy;
};

#define TOKEN_HOPS_KEPT 4u

/* One hop of the SERVICE that asks for a token. */
struct token_hop {
	struct endpoint src, dst;
	place_number request, answer;
	const char *uri; /* Request-URI there */
	uint32_t sent;
	uint16_t status; /* 0: not answered */
	bool reliable;   /* a transport that repeats by itself: not UDP */
};

/* Beside a token: what was asked, by whom, over which servers. */
struct token_request {
	const char *version, *server_version, *request_id; /* or NULL */
	const char *to, *from, *identity, *location, *route;
	const char *answer_version;
	const char *requester; /* "client", "Mediation Server", ... */
	const char *agent;     /* User-Agent */
	struct token_hop hops[TOKEN_HOPS_KEPT];
	unsigned hop_count; /* kept */
	uint32_t asked_min;
	uint32_t asked_ids, asked_count; /* sum of hashes; 0: unknown */
	uint32_t cseq;                   /* of the request that these are of */
	uint16_t status;                 /* of SIP */
	bool echo_differs;
	bool ids_differ; /* not each credentialsRequestID is answered once */
};

/* What the user name of an MRAS token holds (spec: for display only). */
struct token_blob {
	uint8_t major, minor;
	uint16_t size;
	uint64_t filetime;  /* expiry, 100 ns since 1601 */
	uint8_t client[20]; /* a pseudonym of the user */
	bool has_flags;
	uint32_t flags;
};

/* False when it has not that form. */
bool token_blob_read(struct slice username, struct token_blob *out);

/* Is it the name under which clients of Lync look for their pool? */
bool is_discovery_name(const char *name);

/* An answer of DNS for a name; FAMILY_NONE: it does not exist. */
struct resolved {
	const char *name;
	struct endpoint address;
	place_number place;
	uint32_t next; /* of the same name, or CHAIN_END */
};

#endif /* MODEL_SIGNIN_H */
