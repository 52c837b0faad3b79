/* The SIP front on real connections. */
#include "config.h"

#include "engine/mras_server.h"
#include "serve/server_parts.h"

static struct slice maybe(const char *text)
{
	return text ? slice_of_text(text) : (struct slice){0};
}

static void take_send(void *context, uint32_t connection, struct slice bytes)
{
	struct server *s = context;
	struct client *c = client_of(s, connection);

	if (c)
		(void)client_send(s, c, bytes);
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	server_random(context, out, n);
}

/* ---- the relays that MRAS tells of ---- */

static size_t named_relays(const struct serve_config *c, struct mras_relay *out,
			   size_t max)
{
	size_t n;

	for (n = 0; n < c->mras_relay_count && n < max; n++) {
		const struct serve_relay *r = &c->mras_relays[n];

		size_t at;
		bool name = !slice_find(r->host, ':', &at);

		out[n] = (struct mras_relay){.location = r->location,
					     .udp_port = r->udp_port,
					     .tcp_port = r->tcp_port};
		/* A name cannot be an address of IPv6. */
		*(name ? &out[n].host : &out[n].direct_ip) = r->host;
	}
	return n;
}

/* Where it listens with this transport: at the address that the client has
 * reached, or else at another of the family. */
static const struct place *place_near(const struct server *s,
				      const struct endpoint *here,
				      uint8_t transport)
{
	const struct place *other = NULL;

	for (size_t i = 0; i < s->place_count; i++) {
		const struct place *p = &s->places[i];

		if (p->transport != transport || p->at.family != here->family)
			continue;
		if (endpoint_same_ip(&p->at, here))
			return p;
		if (!other)
			other = p;
	}
	return other;
}

/* Both locations lead to the same relay; a host name cannot be an address of
 * IPv6 ([MS-AVEDGEA] 2.2.4.6). */
static size_t own_relays(struct server *s, const struct endpoint *here,
			 struct mras_relay *out)
{
	static const char *const locations[] = {"internet", "intranet"};
	const struct place *udp = place_near(s, here, SERVE_UDP);
	const struct place *tcp = place_near(s, here, SERVE_TCP);
	struct endpoint at;
	size_t n = 0;

	if (!s->config->ms_turn || (!udp && !tcp))
		return 0;
	at = s->config->external[here->family == FAMILY_IPV6];
	if (at.family == FAMILY_NONE)
		at = udp ? udp->at : tcp->at;
	text_clear(&s->relay_name);
	endpoint_ip_text(&at, &s->relay_name);
	for (; n < 2; n++) {
		out[n] = (struct mras_relay){
			.location = slice_of_text(locations[n]),
			.direct_ip = text_slice(&s->relay_name),
			.udp_port = udp ? udp->at.port : 0,
			.tcp_port = tcp ? tcp->at.port : 0};
		if (at.family == FAMILY_IPV4)
			out[n].host = out[n].direct_ip;
	}
	return n;
}

static size_t take_relays(void *context, uint32_t connection,
			  struct mras_relay *out, size_t max)
{
	struct server *s = context;
	struct client *c = client_of(s, connection);

	if (s->config->mras_relay_count)
		return named_relays(s->config, out, max);
	return c && max >= 2 ? own_relays(s, &c->path.server, out) : 0;
}

static bool has_relays(const struct server *s)
{
	bool listens = false;

	for (size_t i = 0; i < s->place_count; i++)
		listens |= s->places[i].transport == SERVE_UDP ||
			   s->places[i].transport == SERVE_TCP;
	return s->config->mras_relay_count || (s->config->ms_turn && listens);
}

/* ---- the machine ---- */

static bool make_machine(struct server *s)
{
	const struct serve_config *c = s->config;
	struct sip_provider provider = {.context = s,
					.send = take_send,
					.random = take_random,
					.relays = has_relays(s) ? take_relays
								: NULL};
	struct sip_server_config config = {
		.realm = maybe(c->realm),
		.host = maybe(c->sip_host),
		.domain = maybe(c->sip_domain),
		.software = SLICE("mrascope/" MRASCOPE_VERSION),
		.schemes = c->sip_schemes,
		.port_low = c->media_low,
		.port_high = c->media_high,
		.encryption = maybe(c->media_encryption),
		.expires = c->sip_expires,
		.nonce_life = c->nonce_life * NS_PER_S,
		.remote = c->sip_remote,
		.mras_refuses = c->mras_refuses,
		.mras_refusal = c->mras_refusal,
		.token_quota = c->mras_quota};

	if (c->mras_secret)
		mras_keys_of_secret(slice_of_text(c->mras_secret),
				    &config.keys);
	s->relay_name = text_new(ENDPOINT_TEXT_MAX);
	s->sip = sip_server_new(&config, &provider);
	return s->sip != NULL;
}

bool sip_front_make(struct server *s, struct text *why)
{
	bool wanted = false;

	for (size_t i = 0; i < s->place_count; i++)
		wanted |= serve_is_sip(s->places[i].transport);
	if (!wanted)
		return true;
	if (!make_machine(s))
		return false;
	for (const struct serve_account *a = s->config->accounts; a;
	     a = a->next)
		if (sip_server_add_account(s->sip, a->name, a->password) !=
		    STATUS_OK) {
			text_puts(why, "account ");
			text_escaped(why, a->name);
			text_puts(why, ": over SIP it stands twice, or is too "
				       "long");
			return false;
		}
	return true;
}

/* ---- connections ---- */

bool sip_front_opened(struct server *s, struct client *c)
{
	struct sip_path path = {.connection = c->number,
				.client = c->path.client,
				.server = c->path.server,
				.tls = c->tls != NULL};

	c->sip = sip_server_opened(s->sip, &path);
	return c->sip;
}

void sip_front_received(struct server *s, struct client *c, struct slice bytes)
{
	if (!sip_server_receive(s->sip, c->number, bytes, server_now(s)))
		client_hang_up(s, c);
}
