/*
 * Binding: RFC 8489 for all, RFC 3489's way for those without the cookie, and
 * behaviour discovery (RFC 5780) where the server has a second address.
 */
#include "config.h"

#include "core/cursor.h"
#include "engine/turn_state.h"

#define CHANGE_IP 0x04u
#define CHANGE_PORT 0x02u

static uint32_t u32_of(const struct stun_message *m, uint16_t type)
{
	const struct stun_attribute *a = stun_find(m, type);
	struct cursor c = cursor_over(a ? a->value : (struct slice){0});

	return cursor_u32(&c);
}

/* The address and port of one end, or those of the other, as asked. */
static struct endpoint source_of(const struct endpoint *here,
				 const struct endpoint *other, uint32_t change)
{
	struct endpoint e = change & CHANGE_IP ? *other : *here;

	e.port = change & CHANGE_PORT ? other->port : here->port;
	return e;
}

/* The end that this one is not (both address and port). */
static struct endpoint other_end(const struct turn_server *s,
				 const struct endpoint *here)
{
	const struct endpoint *first = &s->config.behaviour_first;
	const struct endpoint *other = &s->config.behaviour;
	struct endpoint e = *other;

	if (other->family != here->family)
		return (struct endpoint){0};
	if (first->family != here->family)
		return e;
	if (endpoint_same_ip(here, other))
		e = *first;
	e.port = here->port == other->port ? first->port : other->port;
	return e;
}

static void write_ends(const struct turn_ask *ask, struct stun_writer *w,
		       const struct endpoint *source,
		       const struct endpoint *other)
{
	bool cookie = ask->m->cookie;

	stun_write_address(w, cookie ? AT_RESPONSE_ORIGIN : AT_SOURCE_ADDRESS,
			   source);
	if (other->family != FAMILY_NONE)
		stun_write_address(
			w, cookie ? AT_OTHER_ADDRESS : AT_CHANGED_ADDRESS,
			other);
}

static struct turn_path answer_path(const struct turn_ask *ask,
				    const struct endpoint *source)
{
	const struct stun_attribute *port = stun_find(ask->m, AT_RESPONSE_PORT);
	struct turn_path to = *ask->path;

	to.server = *source;
	if (port && port->value.n >= 2)
		to.client.port = (uint16_t)((unsigned)port->value.p[0] << 8 |
					    port->value.p[1]);
	return to;
}

/* RFC 5780 6.1, 7.6: fragments are answered by fragments, with as many bytes
 * as were sent: no more, lest a forged address get them. */
static void write_padding(const struct turn_ask *ask, struct stun_writer *w)
{
	const struct stun_attribute *a = stun_find(ask->m, AT_PADDING);

	if (a && ask->s->can.behaviour == CLAIM_SURE)
		stun_write_bytes(w, AT_PADDING, a->value);
}

void turn_binding(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct endpoint *here = &ask->path->server;
	struct endpoint other = other_end(s, here);
	uint32_t change = u32_of(ask->m, AT_CHANGE_REQUEST);
	struct endpoint source = source_of(here, &other, change);
	const struct turn_path *was;
	struct turn_path to;
	struct stun_writer w;

	if (!reply_unless_refused(ask))
		return;
	to = answer_path(ask, &source);
	reply_begin(ask, &w, STUN_SUCCESS);
	if (ask->m->cookie)
		stun_write_xor_address(&w, AT_XOR_MAPPED_ADDRESS,
				       &ask->path->client);
	else
		stun_write_address(&w, AT_MAPPED_ADDRESS, &ask->path->client);
	if (s->can.behaviour == CLAIM_SURE || !ask->m->cookie)
		write_ends(ask, &w, &source, &other);
	write_padding(ask, &w);
	s->counts.successes++;
	/* `to` must not outlive this call. */
	was = ask->path;
	ask->path = &to;
	reply_end(ask, &w);
	ask->path = was;
}
