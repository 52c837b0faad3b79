/* The server machine: what comes in, and to whom it goes. */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/turn.h"
#include "engine/turn_state.h"

#define SCRATCH_MAX ((size_t)1 << 20)
#define MESSAGE_MAX ((size_t)65536 + 64)

void turn_config_default(struct turn_config *config)
{
	*config = (struct turn_config){
		.lifetime = 600,
		.lifetime_max = 3600,
		.nonce_life = 3600,
		.channel_max = 0x4FFF,
		.ipv4 = true,
		.ms = {.version = 6, .lifetime = 600, .lifetime_max = 3600},
	};
}

static enum claim sure_if(bool holds)
{
	return holds ? CLAIM_SURE : CLAIM_NO;
}

static struct turn_abilities abilities_of(const struct turn_config *c)
{
	return (struct turn_abilities){
		.tcp = (uint8_t)sure_if(c->tcp),
		.dont_fragment = (uint8_t)sure_if(c->dont_fragment),
		.mobility = (uint8_t)sure_if(c->mobility),
		.ipv4 = (uint8_t)sure_if(c->ipv4),
		.ipv6 = (uint8_t)sure_if(c->ipv6),
		.high_channels = (uint8_t)sure_if(c->channel_max > 0x4FFF),
		.behaviour =
			(uint8_t)sure_if(c->behaviour.family != FAMILY_NONE),
		.rfc8489 = CLAIM_SURE,
		.third_party = CLAIM_NO, /* until there is a key */
		.others = CLAIM_NO,
	};
}

static struct table table_of(size_t size, size_t max)
{
	return (struct table){.size = size, .max = max, .free = ROW_NONE};
}

static void init_nonces(struct turn_server *s)
{
	uint8_t secret[32];

	s->provider.random(s->provider.context, secret, sizeof(secret));
	hmac_prepare(HASH_SHA256, slice_of(secret, sizeof(secret)),
		     &s->nonces.key);
	bytes_wipe(secret, sizeof(secret));
	s->nonces.life = s->config.nonce_life * NS_PER_S;
	/* Of a name that is not in a list no hash tells (RFC 8489 9.2.4). */
	s->nonces.features = s->config.secret.n ? 0 : NONCE_ANONYMITY;
	if (s->config.algorithms)
		s->nonces.features |= NONCE_ALGORITHMS;
}

struct turn_server *turn_server_new(const struct turn_config *config,
				    const struct turn_provider *provider)
{
	struct turn_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->config = *config;
	s->provider = *provider;
	s->can = abilities_of(config);
	provider->random(provider->context, (uint8_t *)&s->key, sizeof(s->key));
	users_init(&s->users, config->realm, config->secret, s->key);
	init_nonces(s);
	s->scratch = arena_new(SCRATCH_MAX);
	s->out = text_new(MESSAGE_MAX);
	s->peers = text_new(MESSAGE_MAX);
	s->framed = text_new(MESSAGE_MAX);
	s->shared[0] = s->shared[1] = ROW_NONE;
	s->allocations =
		table_of(sizeof(struct turn_allocation), TURN_ALLOCATIONS_MAX);
	s->relays = table_of(sizeof(struct relay),
			     TURN_ALLOCATIONS_MAX * 2 + RESERVATIONS_MAX);
	s->connections =
		table_of(sizeof(struct connection), TURN_ALLOCATIONS_MAX);
	return s;
}

void turn_server_free(struct turn_server *s)
{
	if (!s)
		return;
	tables_free(s);
	users_free(&s->users);
	reply_cache_free(&s->replies);
	arena_free(&s->scratch);
	text_free(&s->out);
	text_free(&s->peers);
	text_free(&s->framed);
	bytes_wipe(&s->nonces, sizeof(s->nonces));
	bytes_wipe(s->issuers, sizeof(s->issuers));
	free(s);
}

enum status turn_server_add_user(struct turn_server *s, struct slice name,
				 struct slice password)
{
	return users_add(&s->users, name, password);
}

struct turn_counts turn_server_counts(const struct turn_server *s)
{
	struct turn_counts counts = s->counts;

	counts.allocations = s->live;
	counts.users = s->users.count;
	return counts;
}

/* ---- requests ---- */

/* Is the allocation another user's?  Refresh asks that itself, since a ticket
 * may lead elsewhere. */
static void claim_owner(struct turn_ask *ask)
{
	const struct turn_allocation *a;

	if (ask->allocation == ROW_NONE) {
		ask->claims.of[REASON_NO_ALLOCATION] = CLAIM_SURE;
		return;
	}
	a = allocation_row(ask->s, ask->allocation);
	if (ask->key && !users_is(&ask->s->users, a->user, &ask->who))
		ask->claims.of[REASON_OTHER_USER] = CLAIM_SURE;
}

/* Something else than the Refresh came from where an allocation moves to: the
 * client is there. */
static void settle(struct turn_ask *ask)
{
	struct turn_allocation *a;

	if (ask->allocation == ROW_NONE || ask->request == ASK_REFRESH)
		return;
	a = allocation_row(ask->s, ask->allocation);
	if (!a->mobility || !a->mobility->moving ||
	    !turn_path_same(&a->mobility->to, ask->path))
		return;
	allocation_leaves_path(ask->s, ask->allocation, &a->path);
	a->path = a->mobility->to;
	a->mobility->moving = false;
}

static void request(struct turn_ask *ask)
{
	ask->s->counts.requests++;
	turn_examine(ask->m, &ask->s->can, ask->path->stream, &ask->claims);
	if (ask->request == ASK_BINDING) {
		turn_binding(ask);
		return;
	}
	turn_authenticate(ask);
	claim_owner(ask);
	if (ask->key)
		settle(ask);
	switch (ask->request) {
	case ASK_ALLOCATE:
		turn_allocate(ask);
		break;
	case ASK_REFRESH:
		turn_refresh(ask);
		break;
	case ASK_PERMISSION:
		turn_permission(ask);
		break;
	case ASK_CHANNEL:
		turn_channel(ask);
		break;
	case ASK_CONNECT:
		turn_connect(ask);
		break;
	case ASK_CONNECTION_BIND:
		turn_connection_bind(ask);
		break;
	case ASK_BINDING:
		break;
	}
}

/* Is it a message that a server of this kind answers? */
static bool is_for_us(const struct turn_server *s, const struct stun_message *m)
{
	unsigned request = turn_request_of(m->method);

	if (m->dialect != STUN_RFC && m->dialect != STUN_TURN &&
	    m->method != STUN_BINDING)
		return false;
	if (!m->cookie && m->method != STUN_BINDING)
		return false;
	if ((request == ASK_CONNECT || request == ASK_CONNECTION_BIND) &&
	    !s->config.tcp)
		return false;
	return request != 0;
}

static void take_message(struct turn_server *s, const struct turn_path *from,
			 const struct stun_message *m, nanoseconds now)
{
	struct turn_ask ask = {
		.s = s,
		.m = m,
		.path = from,
		.now = now,
		.request = (enum turn_request)turn_request_of(m->method)};
	bool sends = m->class == STUN_INDICATION && m->method == STUN_SEND;

	if (m->fingerprint == FINGERPRINT_BAD ||
	    (m->class == STUN_REQUEST ? !is_for_us(s, m) : !sends)) {
		s->counts.dropped++;
		return;
	}
	if (reply_again(&ask))
		return;
	ask.allocation = allocation_find(s, from, now);
	if (sends) {
		settle(&ask);
		turn_send_indication(&ask);
	} else {
		request(&ask);
	}
	bytes_wipe(&ask.who, sizeof(ask.who));
	bytes_wipe(&ask.own_key, sizeof(ask.own_key));
}

/* A server reads no broken message, as an analysis does (RFC 8489 6.3). */
static bool is_whole(struct slice bytes)
{
	struct cursor c = cursor_over(slice_from(bytes, 2));
	size_t length = cursor_u16(&c);

	return !c.bad && length % 4 == 0 && bytes.n == STUN_HEADER + length;
}

void turn_server_receive(struct turn_server *s, const struct turn_path *from,
			 struct slice bytes, nanoseconds now)
{
	struct decoding d = {.arena = &s->scratch};
	struct stun_message m;
	size_t used;

	if (s->config.ms.enabled && ms_receive(s, from, bytes, now))
		return;
	if (bytes.n && (bytes.p[0] & 0xC0) == 0x40) {
		turn_channel_data(s, from, bytes, now);
		return;
	}
	arena_reset(&s->scratch);
	if (!is_whole(bytes) ||
	    stun_decode(&d, bytes, &m, &used) != STATUS_OK || m.walk_broken)
		s->counts.dropped++;
	else
		take_message(s, from, &m, now);
}

size_t turn_frame_size(struct slice in)
{
	struct cursor c = cursor_over(in);
	uint16_t first = cursor_u16(&c);
	size_t length = cursor_u16(&c);

	if (c.bad)
		return 0;
	switch (first >> 14) {
	case 0:
		return length % 4 ? SIZE_MAX : STUN_HEADER + length;
	case 1:
		return (4 + length + 3) / 4 * 4;
	default:
		return SIZE_MAX;
	}
}
