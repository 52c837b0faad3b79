/*
 * How the server is to be: one table of options, which the command line and a
 * file share.
 */
#ifndef SERVE_SERVE_CONFIG_H
#define SERVE_SERVE_CONFIG_H

#include "core/arena.h"
#include "dissectors/access_token.h"
#include "engine/mras_ladder.h"
#include "engine/peer_policy.h"

#define SERVE_LISTENS_MAX 32u
#define SERVE_PORT 3478u
#define SERVE_TLS_PORT 5349u

enum serve_transport {
	SERVE_UDP,
	SERVE_TCP,
	SERVE_TLS,
	SERVE_DTLS,
	SERVE_SIP,  /* over TCP */
	SERVE_SIPS, /* over TLS */
	SERVE_TRANSPORTS,
};

const char *serve_transport_name(enum serve_transport transport);

struct serve_listen {
	struct endpoint at; /* FAMILY_NONE: all addresses, this port */
	uint8_t transport;  /* enum serve_transport */
};

static inline bool serve_is_sip(uint8_t transport)
{
	return transport == SERVE_SIP || transport == SERVE_SIPS;
}

#define SERVE_RELAYS_MAX 8u

/* A relay that MRAS tells of. */
struct serve_relay {
	struct slice location, host;
	uint16_t udp_port, tcp_port; /* 0: none */
};

struct serve_account {
	struct serve_account *next;
	struct slice name, password;
};

/* Of an authorization server (RFC 7635). */
struct serve_access {
	struct serve_access *next;
	struct access_key key;
};

struct serve_config {
	struct arena memory; /* of what the slices and texts point to */
	struct serve_listen listens[SERVE_LISTENS_MAX];
	size_t listen_count;
	const char *realm, *software, *secret; /* or NULL */
	const char *mras_secret;               /* of tokens; or NULL */
	bool mras_refuses;                     /* all, for tests */
	enum mras_reason mras_refusal;
	uint32_t mras_quota; /* tokens in a minute; 0: any number */
	const char *rest_issue; /* for whom a name is issued; or NULL */
	uint32_t rest_life;     /* seconds */
	uint32_t ms_version, ms_bandwidth, ms_admission, ms_shared_port;
	const char *ms_host_name; /* or NULL */
	struct endpoint ms_alternate_server;
	struct serve_account *accounts;        /* the newest first */
	struct serve_access *access;           /* likewise */
	const char *oauth_name;                /* or NULL: the realm */
	struct endpoint relay[2], external[2]; /* IPv4, IPv6; or none */
	uint16_t port_min, port_max;           /* of relays */
	uint32_t user_quota, total_quota, clients_max;
	uint32_t lifetime, lifetime_max, nonce_life;
	struct peer_policy policy;
	struct endpoint alternate, alternate_server, metrics;
	const char *certificate, *key, *record, *user;        /* or NULL */
	const char *sip_host, *sip_domain, *media_encryption; /* or NULL */
	unsigned sip_schemes;           /* enum sip_scheme */
	uint32_t sip_expires;           /* seconds */
	uint16_t media_low, media_high; /* ports of clients; 0: any */
	struct serve_relay mras_relays[SERVE_RELAYS_MAX];
	size_t mras_relay_count;
	bool sip_remote;
	bool no_tcp_relay, strict_channels, ms_turn, ms_pstn_failover, quiet;
};

struct serve_option {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
	bool (*set)(struct serve_config *config, struct slice value);
	size_t at;         /* where in the config, for those that many share */
	const char *wants; /* "a number": what a value must be */
};

/* The rows, ended by one without name. */
extern const struct serve_option serve_options[];

/* All as it is without options; serve_config_free gives back the memory of
 * values. */
void serve_config_init(struct serve_config *config);
void serve_config_free(struct serve_config *config);

/* The row of a name, or NULL. */
const struct serve_option *serve_option_find(struct slice name);
/* False: the value is not what the option wants, or memory is out. */
MUST_CHECK bool serve_config_set(struct serve_config *config,
				 const struct serve_option *option,
				 struct slice value);
/* Accounts from a file: a name and a password a line, with a tab between;
 * blank lines and those that begin with # say nothing.  *line is where it is
 * wrong, from 1. */
MUST_CHECK enum status serve_config_accounts(struct serve_config *config,
					     struct slice file, size_t *line);

/* What must be known and is not, or contradicts itself, in words; NULL: fine.
 */
const char *serve_config_lacks(const struct serve_config *config);

#endif /* SERVE_SERVE_CONFIG_H */
