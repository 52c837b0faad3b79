/* Options of the server. */
#include "config.h"

#include <stddef.h>

#include "engine/sip_server.h"
#include "serve/serve_config.h"

#define MEMORY_MAX ((size_t)64 << 20)
#define SECONDS_MAX 86400u
#define CLIENTS_MAX 1000000u

static const char *const transport_names[SERVE_TRANSPORTS] = {
	[SERVE_UDP] = "udp",   [SERVE_TCP] = "tcp", [SERVE_TLS] = "tls",
	[SERVE_DTLS] = "dtls", [SERVE_SIP] = "sip", [SERVE_SIPS] = "sips",
};

const char *serve_transport_name(enum serve_transport transport)
{
	return transport_names[transport];
}

/* ---- values ---- */

static bool set_endpoint(struct endpoint *to, struct slice value)
{
	return endpoint_parse_with_port(value, to) == STATUS_OK;
}

static bool set_listen(struct serve_config *c, struct slice value)
{
	struct serve_listen *listen = &c->listens[c->listen_count];
	struct slice name = slice_split(&value, ':');
	uint64_t port;

	if (c->listen_count == SERVE_LISTENS_MAX)
		return false;
	*listen = (struct serve_listen){.transport = SERVE_TRANSPORTS};
	for (uint8_t i = 0; i < SERVE_TRANSPORTS; i++)
		if (slice_is(name, transport_names[i]))
			listen->transport = i;
	if (listen->transport == SERVE_TRANSPORTS)
		return false;
	if (slice_starts(value, SLICE("*:"))) {
		if (slice_number(slice_from(value, 2), UINT16_MAX, &port) !=
		    STATUS_OK)
			return false;
		listen->at.port = (uint16_t)port;
	} else if (!set_endpoint(&listen->at, value)) {
		return false;
	}
	c->listen_count++;
	return true;
}

static bool keep(struct serve_config *c, struct slice value, struct slice *to)
{
	*to = arena_copy(&c->memory, value);
	return to->n == value.n;
}

static bool add_account(struct serve_config *c, struct slice name,
			struct slice password)
{
	struct serve_account *a = arena_alloc(&c->memory, sizeof(*a));

	if (!a || name.n == 0 || !keep(c, name, &a->name) ||
	    !keep(c, password, &a->password))
		return false;
	a->next = c->accounts;
	c->accounts = a;
	return true;
}

static bool set_account(struct serve_config *c, struct slice value)
{
	size_t at;

	if (!slice_find(value, ':', &at))
		return false;
	return add_account(c, slice_first(value, at),
			   slice_from(value, at + 1));
}

static bool set_oauth_key(struct serve_config *c, struct slice value)
{
	struct serve_access *a = arena_alloc(&c->memory, sizeof(*a));

	if (!a || !keep(c, value, &value) ||
	    access_key_parse(value, &a->key) != STATUS_OK)
		return false;
	a->next = c->access;
	c->access = a;
	return true;
}

enum status serve_config_accounts(struct serve_config *c, struct slice file,
				  size_t *line)
{
	for (*line = 1; file.n; (*line)++) {
		struct slice row = slice_trim(slice_split(&file, '\n'));
		size_t at;

		if (row.n == 0 || row.p[0] == '#')
			continue;
		if (!slice_find(row, '\t', &at) ||
		    !add_account(c, slice_first(row, at),
				 slice_from(row, at + 1)))
			return STATUS_BAD;
	}
	return STATUS_OK;
}

/* One address of each family. */
static bool set_by_family(struct endpoint to[2], struct slice value)
{
	struct endpoint e;

	if (endpoint_parse(value, 0, &e) != STATUS_OK)
		return false;
	to[e.family == FAMILY_IPV6] = e;
	return true;
}

static bool set_relay(struct serve_config *c, struct slice value)
{
	return set_by_family(c->relay, value);
}

static bool set_external(struct serve_config *c, struct slice value)
{
	return set_by_family(c->external, value);
}

static bool read_ports(struct slice value, uint16_t *low, uint16_t *high)
{
	struct slice first = slice_split(&value, '-');
	uint64_t min, max;

	if (slice_number(first, UINT16_MAX, &min) != STATUS_OK ||
	    slice_number(value, UINT16_MAX, &max) != STATUS_OK || min == 0 ||
	    min > max)
		return false;
	*low = (uint16_t)min;
	*high = (uint16_t)max;
	return true;
}

static bool set_ports(struct serve_config *c, struct slice value)
{
	return read_ports(value, &c->port_min, &c->port_max);
}

static bool set_media_ports(struct serve_config *c, struct slice value)
{
	return read_ports(value, &c->media_low, &c->media_high);
}

static bool set_encryption(struct serve_config *c, struct slice value)
{
	static const struct {
		const char *word, *said;
	} rows[] = {{"require", "RequireEncryption"},
		    {"support", "SupportEncryption"},
		    {"refuse", "DoNotSupportEncryption"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_is(value, rows[i].word)) {
			c->media_encryption = rows[i].said;
			return true;
		}
	return false;
}

static bool set_sip_auth(struct serve_config *c, struct slice value)
{
	c->sip_schemes = 0;
	if (slice_is(value, "none"))
		return true;
	while (value.n) {
		struct slice word = slice_split(&value, ',');

		if (slice_is(word, "digest"))
			c->sip_schemes |= SIP_DIGEST;
		else if (slice_is(word, "md5"))
			c->sip_schemes |= SIP_MD5;
		else if (slice_is(word, "ntlm"))
			c->sip_schemes |= SIP_NTLM;
		else
			return false;
	}
	return c->sip_schemes != 0;
}

/* Takes the port behind the last colon off; 0 is none. */
static bool take_port(struct slice *value, uint16_t *out)
{
	size_t at = value->n;
	uint64_t port;

	while (at && value->p[at - 1] != ':')
		at--;
	if (at == 0 || slice_number(slice_from(*value, at), UINT16_MAX,
				    &port) != STATUS_OK)
		return false;
	*out = (uint16_t)port;
	*value = slice_first(*value, at - 1);
	return true;
}

static bool set_mras_answer(struct serve_config *c, struct slice value)
{
	c->mras_refusal = mras_reason_of(value);
	c->mras_refuses = c->mras_refusal != MRAS_REASONS;
	return c->mras_refuses;
}

static bool set_mras_relay(struct serve_config *c, struct slice value)
{
	struct serve_relay *r = &c->mras_relays[c->mras_relay_count];
	struct slice location = slice_split(&value, ':');

	if (c->mras_relay_count == SERVE_RELAYS_MAX ||
	    !(slice_is(location, "internet") || slice_is(location, "intranet")))
		return false;
	if (!take_port(&value, &r->tcp_port) ||
	    !take_port(&value, &r->udp_port) || value.n == 0 ||
	    (r->udp_port == 0 && r->tcp_port == 0) ||
	    !keep(c, location, &r->location) || !keep(c, value, &r->host))
		return false;
	c->mras_relay_count++;
	return true;
}

static bool set_allow_peer(struct serve_config *c, struct slice value)
{
	return peer_policy_add(&c->policy, value, true) == STATUS_OK;
}

static bool set_deny_peer(struct serve_config *c, struct slice value)
{
	return peer_policy_add(&c->policy, value, false) == STATUS_OK;
}

static bool set_alternate(struct serve_config *c, struct slice value)
{
	return set_endpoint(&c->alternate, value);
}

static bool set_alternate_server(struct serve_config *c, struct slice value)
{
	return set_endpoint(&c->alternate_server, value);
}

static bool set_ms_alternate(struct serve_config *c, struct slice value)
{
	return set_endpoint(&c->ms_alternate_server, value);
}

static bool set_metrics(struct serve_config *c, struct slice value)
{
	return set_endpoint(&c->metrics, value);
}

/* ---- those that many share ---- */

/* Rows with no function of their own, by what they take. */
static bool set_plainly(const struct serve_option *row, struct serve_config *c,
			struct slice value)
{
	void *to = (char *)c + row->at;
	uint64_t number;

	if (!row->argument) {
		bool yes = slice_is(value, "true");

		if (!yes && !slice_is(value, "false"))
			return false;
		*(bool *)to = yes;
		return true;
	}
	if (strcmp(row->wants, "a number") != 0) {
		*(const char **)to = arena_text(&c->memory, value);
		return *(const char **)to != NULL;
	}
	if (slice_number(value, CLIENTS_MAX, &number) != STATUS_OK)
		return false;
	*(uint32_t *)to = (uint32_t)number;
	return true;
}

#define AT(member) .at = offsetof(struct serve_config, member)
#define TEXT .wants = "a text"
#define NUMBER .wants = "a number"

const struct serve_option serve_options[] = {
	{"listen", "TRANSPORT:ADDRESS:PORT",
	 "udp, tcp, tls, dtls; sip, sips; * is all addresses; repeatable",
	 set_listen, .wants = "udp|tcp|tls|dtls|sip|sips:ADDRESS:PORT"},
	{"realm", "NAME", "the realm of accounts (default: mrascope)", NULL,
	 AT(realm), TEXT},
	{"account", "NAME:PASSWORD", "who may use the relay; repeatable",
	 set_account, .wants = "NAME:PASSWORD"},
	{"accounts", "FILE", "the same from a file, with tabs between", NULL, 0,
	 TEXT},
	{"turn-secret", "SECRET", "lets in names with a time limit (TURN REST)",
	 NULL, AT(secret), TEXT},
	{"rest-issue", "USER",
	 "say such a name and its password as JSON, and end", NULL,
	 AT(rest_issue), TEXT},
	{"rest-life", "SECONDS", "of what is issued (default: 86400)", NULL,
	 AT(rest_life), NUMBER},
	{"oauth-key", "KID:ALGORITHM:KEY",
	 "lets in access tokens (RFC 7635); A256GCM or A128GCM, the key in "
	 "base64; repeatable",
	 set_oauth_key, .wants = "KID:A256GCM:BASE64 or KID:A128GCM:BASE64"},
	{"oauth-name", "NAME",
	 "the name that tokens are made for (default: the realm)", NULL,
	 AT(oauth_name), TEXT},
	{"relay-address", "ADDRESS",
	 "where relays are (default: where it listens); one of each family",
	 set_relay, .wants = "an address"},
	{"external-address", "ADDRESS",
	 "what clients are told instead, in front of a NAT; likewise",
	 set_external, .wants = "an address"},
	{"ports", "MIN-MAX", "of relays (default: 49152-65535)", set_ports,
	 .wants = "MIN-MAX"},
	{"user-quota", "N", "allocations of one user (default: no limit)", NULL,
	 AT(user_quota), NUMBER},
	{"total-quota", "N", "allocations of all (default: no limit)", NULL,
	 AT(total_quota), NUMBER},
	{"clients-max", "N",
	 "connections over TCP, TLS and DTLS at a time (default: 20000)", NULL,
	 AT(clients_max), NUMBER},
	{"lifetime", "SECONDS", "of an allocation (default: 600)", NULL,
	 AT(lifetime), NUMBER},
	{"lifetime-max", "SECONDS", "that may be asked for (default: 3600)",
	 NULL, AT(lifetime_max), NUMBER},
	{"nonce-life", "SECONDS", "of a nonce (default: 3600)", NULL,
	 AT(nonce_life), NUMBER},
	{"allow-peer", "RANGE",
	 "peers that are allowed; the first range that "
	 "fits counts; repeatable",
	 set_allow_peer, .wants = "an address or ADDRESS/BITS"},
	{"deny-peer", "RANGE", "peers that are not; likewise", set_deny_peer,
	 .wants = "an address or ADDRESS/BITS"},
	{"allow-private", NULL, "peers may have private addresses", NULL,
	 AT(policy.private_too)},
	{"allow-loopback", NULL, "peers may be on this machine, for tests",
	 NULL, AT(policy.loopback_too)},
	{"no-tcp-relay", NULL, "no connections to peers over TCP (RFC 6062)",
	 NULL, AT(no_tcp_relay)},
	{"strict-channels", NULL,
	 "only channels up to 0x4FFF (RFC 8656), not 0x7FFF (RFC 5766)", NULL,
	 AT(strict_channels)},
	{"ms-turn", NULL, "serve clients of Lync and old MSN, too ([MS-TURN])",
	 NULL, AT(ms_turn)},
	{"ms-version", "N", "the MS-Version that is said, 1 to 6 (default: 6)",
	 NULL, AT(ms_version), NUMBER},
	{"ms-shared-port", "PORT",
	 "clients from MS-Version 5 on share this port of relays", NULL,
	 AT(ms_shared_port), NUMBER},
	{"ms-host-name", "NAME", "what MS-Alternate Host Name says", NULL,
	 AT(ms_host_name), TEXT},
	{"ms-alternate-server", "ADDRESS:PORT",
	 "where a 401 sends the next Allocate (default: here)",
	 set_ms_alternate, .wants = "ADDRESS:PORT"},
	{"ms-bandwidth", "KBITS",
	 "what BANDWIDTH grants at most, a second (default: it is not said)",
	 NULL, AT(ms_bandwidth), NUMBER},
	{"ms-admission", "KBITS",
	 "of all calls together ([MS-TURNBWM]; default: no policy)", NULL,
	 AT(ms_admission), NUMBER},
	{"ms-pstn-failover", NULL, "offer the telephone when they are used up",
	 NULL, AT(ms_pstn_failover)},
	{"mras-secret", "SECRET",
	 "lets in tokens of MRAS that were made with it", NULL, AT(mras_secret),
	 TEXT},
	{"mras-relay", "WHERE:HOST:UDP:TCP",
	 "relay that MRAS tells of (default: where it listens); repeatable",
	 set_mras_relay, .wants = "internet|intranet:HOST:PORT:PORT"},
	{"mras-quota", "N",
	 "tokens in a minute, to all; more get \"Server Busy\" (default: any)",
	 NULL, AT(mras_quota), NUMBER},
	{"mras-answer", "PHRASE",
	 "MRAS refuses all with it (\"Server Busy\", ...), for tests",
	 set_mras_answer, .wants = "a reasonPhrase of MRAS other than OK"},
	{"sip-host", "NAME", "our name over SIP (default: mrascope)", NULL,
	 AT(sip_host), TEXT},
	{"sip-domain", "NAME", "of the users (default: any)", NULL,
	 AT(sip_domain), TEXT},
	{"sip-auth", "LIST",
	 "of digest, md5, ntlm; or none (default: digest,ntlm)", set_sip_auth,
	 .wants = "digest, md5, ntlm or none"},
	{"sip-expires", "SECONDS",
	 "the most that a sign-in lasts (default: 7200)", NULL, AT(sip_expires),
	 NUMBER},
	{"sip-remote", NULL, "tell clients that they come from outside", NULL,
	 AT(sip_remote)},
	{"media-ports", "MIN-MAX", "that clients are told (default: none)",
	 set_media_ports, .wants = "MIN-MAX"},
	{"media-encryption", "WORD",
	 "that clients are told: require, support or refuse", set_encryption,
	 .wants = "require, support or refuse"},
	{"alternate", "ADDRESS:PORT",
	 "a second address and port, to tell NATs apart (RFC 5780)",
	 set_alternate, .wants = "ADDRESS:PORT"},
	{"alternate-server", "ADDRESS:PORT",
	 "send all who would allocate there (300)", set_alternate_server,
	 .wants = "ADDRESS:PORT"},
	{"certificate", "FILE",
	 "of TLS and DTLS, in PEM (default: one is made for the run)", NULL,
	 AT(certificate), TEXT},
	{"key", "FILE", "its private key (default: in the same file)", NULL,
	 AT(key), TEXT},
	{"software", "TEXT", "what SOFTWARE says (default: nothing)", NULL,
	 AT(software), TEXT},
	{"record", "FILE", "write all that is sent and received, with keys",
	 NULL, AT(record), TEXT},
	{"metrics", "ADDRESS:PORT", "answer GET /metrics there (Prometheus)",
	 set_metrics, .wants = "ADDRESS:PORT"},
	{"user", "NAME", "become this user when all is open (default: nobody)",
	 NULL, AT(user), TEXT},
	{"quiet", NULL, "do not say where it listens", NULL, AT(quiet)},
	{.name = NULL},
};

const struct serve_option *serve_option_find(struct slice name)
{
	for (const struct serve_option *o = serve_options; o->name; o++)
		if (slice_is(name, o->name))
			return o;
	return NULL;
}

bool serve_config_set(struct serve_config *c, const struct serve_option *o,
		      struct slice value)
{
	return o->set ? o->set(c, value) : set_plainly(o, c, value);
}

/* ---- the whole ---- */

void serve_config_init(struct serve_config *c)
{
	*c = (struct serve_config){
		.memory = arena_new(MEMORY_MAX),
		.realm = "mrascope",
		.port_min = 49152,
		.port_max = 65535,
		.clients_max = 20000,
		.lifetime = 600,
		.lifetime_max = 3600,
		.nonce_life = 3600,
		.rest_life = 86400,
		.ms_version = 6,
		.sip_host = "mrascope",
		.sip_schemes = SIP_DIGEST | SIP_NTLM,
		.sip_expires = 7200,
		.media_encryption = "SupportEncryption",
	};
}

void serve_config_free(struct serve_config *c)
{
	arena_free(&c->memory);
}

/* Letters, digits, dots and hyphens: what needs no quotes anywhere. */
static bool is_host(const char *name)
{
	size_t n = strlen(name);

	return n && n < 128 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			    "XYZ0123456789.-_") == n;
}

/* What a front of SIP wants. */
static const char *lacks_for_sip(const struct serve_config *c)
{
	bool sip = false;

	for (size_t i = 0; i < c->listen_count; i++)
		sip |= serve_is_sip(c->listens[i].transport);
	if (sip && c->sip_schemes && !c->accounts)
		return "a listen of sip wants accounts, or sip-auth none";
	if (c->sip_expires < 60 || c->sip_expires > SECONDS_MAX)
		return "sip-expires must be between a minute and a day";
	if (!is_host(c->sip_host) || (c->sip_domain && !is_host(c->sip_domain)))
		return "sip-host and sip-domain must be names of hosts";
	if (sip && strpbrk(c->realm, "\"\\"))
		return "over sip a realm has no quotes or backslashes";
	if (!sip && c->mras_relay_count)
		return "mras-relay wants a listen of sip";
	if (c->mras_secret && !c->ms_turn && !sip)
		return "mras-secret wants ms-turn, or a listen of sip";
	return NULL;
}

/* What may be had with [MS-TURN] alone. */
static const char *lacks_for_ms(const struct serve_config *c)
{
	bool any = c->ms_shared_port || c->ms_host_name || c->ms_bandwidth ||
		   c->ms_admission || c->ms_pstn_failover ||
		   c->ms_version != 6 ||
		   c->ms_alternate_server.family != FAMILY_NONE;

	if (any && !c->ms_turn)
		return "options of MS-TURN want ms-turn";
	if (c->ms_version < 1 || c->ms_version > 6)
		return "ms-version must be 1 to 6";
	if (c->ms_shared_port && (c->ms_shared_port < c->port_min ||
				  c->ms_shared_port > c->port_max))
		return "ms-shared-port must be one of the ports";
	if (c->ms_shared_port && c->ms_version < 5)
		return "ms-shared-port wants an ms-version of 5 or 6";
	if (c->ms_host_name &&
	    (c->ms_host_name[0] == 0 || strlen(c->ms_host_name) > 255))
		return "ms-host-name must have 1 to 255 bytes";
	if (c->ms_pstn_failover && !c->ms_admission)
		return "ms-pstn-failover wants ms-admission";
	return NULL;
}

const char *serve_config_lacks(const struct serve_config *c)
{
	bool plain = false;

	if (c->lifetime == 0 || c->lifetime > c->lifetime_max ||
	    c->lifetime_max > SECONDS_MAX)
		return "lifetime must not be 0 nor above lifetime-max, and "
		       "that not above a day";
	if (c->nonce_life == 0 || c->nonce_life > SECONDS_MAX)
		return "nonce-life must be between a second and a day";
	if (c->realm[0] == 0 || strlen(c->realm) > 127)
		return "realm must have 1 to 127 bytes";
	if (c->oauth_name && !c->access)
		return "oauth-name wants an oauth-key";
	if (c->oauth_name &&
	    (c->oauth_name[0] == 0 || strlen(c->oauth_name) > 255))
		return "oauth-name must have 1 to 255 bytes";
	if (c->rest_issue && !c->secret)
		return "rest-issue wants a turn-secret";
	if (c->rest_life == 0)
		return "rest-life must not be 0";
	if (lacks_for_ms(c))
		return lacks_for_ms(c);
	if (c->key && !c->certificate)
		return "a key wants its certificate";
	if (c->clients_max == 0)
		return "clients-max must not be 0";
	for (size_t i = 0; i < c->listen_count; i++)
		plain |= c->listens[i].transport == SERVE_UDP &&
			 c->listens[i].at.family == c->alternate.family;
	if (c->alternate.family != FAMILY_NONE && !plain)
		return "alternate wants a listen of udp with an address of its "
		       "family";
	if (c->metrics.family != FAMILY_NONE &&
	    !(c->metrics.family == FAMILY_IPV4
		      ? c->metrics.ip[0] == 127
		      : c->metrics.ip[15] == 1 && c->metrics.ip[0] == 0))
		return "metrics are for the loopback only";
	return lacks_for_sip(c);
}
