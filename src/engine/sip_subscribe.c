/* SUBSCRIBE (RFC 6665; [MS-SIP] 3.4: the first notification with the
 * answer). */
#include "config.h"

#include "engine/provision.h"
#include "engine/sip_state.h"

#define SECONDS_MAX 28800u

const char *sip_events(void)
{
	return provision_events();
}

/* How long it lasts: as long as wanted, up to eight hours. */
static uint32_t lasts(const struct sip_ask *a,
		      const struct provision_event *event)
{
	struct slice said = sip_value(a->m, SIP_EXPIRES);
	uint64_t seconds = SECONDS_MAX;

	if (event->once)
		return 0;
	if (said.n && slice_number(said, UINT32_MAX, &seconds) != STATUS_OK)
		seconds = SECONDS_MAX;
	return seconds < SECONDS_MAX ? (uint32_t)seconds : SECONDS_MAX;
}

static void put_state(struct sip_ask *a, const char *name,
		      const struct provision_event *event)
{
	struct text *to = &a->s->head;

	sip_put(a, "Event", event->name);
	if (a->expires)
		text_printf(to, "%s: active;expires=%u\r\n", name, a->expires);
	else
		text_printf(to, "%s: terminated;expires=0\r\n", name);
}

static void write_body(struct sip_ask *a, const struct provision_event *event,
		       struct slice user)
{
	const struct sip_server_config *c = &a->s->config;
	const struct registrar_binding *first;
	const struct xml_element *asked = NULL;
	struct text mras = text_new(2048), pool = text_new(2048);
	struct provision p = {.user = user,
			      .encryption = c->encryption,
			      .port_low = c->port_low,
			      .port_high = c->port_high};

	sip_server_uri(a, "HomeServer", &pool);
	if (c->keys.set && a->s->provider.relays)
		sip_server_uri(a, "MRAS", &mras);
	p.mras_uri = text_slice(&mras);
	p.pool_uri = text_slice(&pool);
	p.signed_in =
		registrar_list(&a->s->registrar, user, a->now, &first, 1) != 0;
	if (a->m->body.n == 0 ||
	    xml_parse(a->m->body, &a->s->scratch, &asked) != STATUS_OK)
		asked = NULL;
	a->content_type = event->type;
	event->write(&p, asked, &a->s->body);
	text_free(&mras);
	text_free(&pool);
}

/* The answer with the first notification in it, or that behind it. */
static void accept(struct sip_ask *a, const struct provision_event *event,
		   struct slice user)
{
	bool best_effort = sip_lists(a->m, SIP_SUPPORTED, "ms-benotify");
	bool together =
		sip_lists(a->m, SIP_SUPPORTED, "ms-piggyback-first-notify");
	struct text contact = text_new(2048);

	a->has_expires = true;
	a->expires = lasts(a, event);
	sip_server_uri(a, "HomeServer", &contact);
	text_puts(&a->s->head, "Contact: <");
	text_put(&a->s->head, text_slice(&contact));
	text_puts(&a->s->head, ">\r\n");
	text_free(&contact);
	if (together) {
		sip_put(a, "Supported",
			"ms-benotify, ms-piggyback-first-notify");
		sip_put(a, "ms-piggyback-cseq", "1");
		put_state(a, "subscription-state", event);
		write_body(a, event, user);
		return;
	}
	sip_reply(a);
	text_clear(&a->s->head);
	put_state(a, "Subscription-State", event);
	write_body(a, event, user);
	sip_notify(a, best_effort);
	a->status = 0;
}

static bool accepts(const struct sip_ask *a, const char *type)
{
	return sip_value(a->m, SIP_ACCEPT).n == 0 ||
	       sip_lists(a->m, SIP_ACCEPT, type) ||
	       sip_lists(a->m, SIP_ACCEPT, "*/*");
}

void sip_subscribe(struct sip_ask *a)
{
	struct slice name = sip_value(a->m, SIP_EVENT), rest = name, host;
	const struct provision_event *event =
		provision_event(slice_trim(slice_split(&rest, ';')));
	struct slice user = sip_address_of(a->s, a->m->to.uri);

	if (!event) {
		sip_refuse(a, 489, NULL);
		sip_put(a, "Allow-Events", sip_events());
		return;
	}
	host = user;
	if (event->own && !sip_is_own(a, a->m->to.uri)) {
		a->s->counts.refused++;
		sip_refuse(a, 403, NULL);
	} else if (user.n == 0 ||
		   (a->s->config.schemes &&
		    sip_accounts_find(&a->s->accounts, slice_split(&host, '@'),
				      host) == SIP_ACCOUNT_NONE)) {
		sip_refuse(a, 404, NULL);
	} else if (!accepts(a, event->type)) {
		sip_refuse(a, 406, NULL);
	} else {
		accept(a, event, user);
	}
}
