/* SERVICE: tokens of MRAS ([MS-AVEDGEA] 3.1.5), and what presence is published
 * ([MS-PRES]). */
#include "config.h"

#include "engine/mras_server.h"
#include "engine/provision.h"
#include "engine/sip_state.h"

/* ---- MRAS ---- */

/* The address that provisioning tells ([MS-SIPRE]), or the one that older
 * clients take for granted. */
static bool is_edge(const struct sip_ask *a)
{
	struct sip_uri uri;
	struct slice opaque;

	if (sip_uri_parse(a->m->request_uri, &uri) != STATUS_OK)
		return false;
	if (sip_param(uri.params, ';', "opaque", &opaque))
		return slice_starts_nocase(opaque, "srvr:MRAS:");
	return slice_starts_nocase(uri.user, "MRASLoc.") ||
	       (slice_equal_nocase(uri.user, a->s->config.host) &&
		uri.user.n != 0);
}

static bool may_have(void *context, struct slice from, struct slice identity)
{
	const struct sip_ask *a = context;

	return sip_is_own(a, from) && sip_is_own(a, identity);
}

static bool is_busy(struct sip_ask *a)
{
	struct sip_server *s = a->s;

	if (a->now < s->minute || a->now - s->minute >= 60 * NS_PER_S) {
		s->minute = a->now;
		s->given = 0;
	}
	return s->config.token_quota && s->given >= s->config.token_quota;
}

/* What is refused whatever is asked. */
static void put_refusal(struct sip_ask *a, struct mras_config *to)
{
	to->refuses = a->s->config.mras_refuses;
	to->refusal = a->s->config.mras_refusal;
	if (to->refuses || !is_busy(a))
		return;
	to->refuses = true;
	to->refusal = MRAS_REASON_BUSY;
}

static void token(struct sip_ask *a)
{
	struct mras_relay relays[MRAS_RELAYS_MAX];
	struct sip_server *s = a->s;
	struct mras_config config = {.keys = s->config.keys,
				     .relays = relays,
				     .minutes_max = s->config.token_minutes,
				     .may_have = may_have,
				     .context = a};
	struct mras_question question = {.method = a->m->method_text,
					 .content_type = a->m->content_type,
					 .body = a->m->body};
	struct mras_answer answer;
	bool given;

	put_refusal(a, &config);
	if (s->provider.relays)
		config.relay_count = s->provider.relays(
			s->provider.context, a->c->path.connection, relays,
			MRAS_RELAYS_MAX);
	mras_serve(&config, &question, a->now, &s->scratch, &s->body, &answer);
	a->status = answer.status;
	if (answer.allow)
		sip_put(a, "Allow", answer.allow);
	if (answer.accept)
		sip_put(a, "Accept", answer.accept);
	a->content_type = MRAS_CONTENT_TYPE;
	given = answer.reason && strcmp(answer.reason, "OK") == 0;
	s->given += given;
	s->counts.tokens += given;
}

/* ---- what a client says of itself ---- */

static void publish(struct sip_ask *a)
{
	const struct xml_element *asked;
	struct provision p = {.user = sip_address_of(a->s, a->m->to.uri)};

	if (xml_parse(a->m->body, &a->s->scratch, &asked) != STATUS_OK) {
		sip_refuse(a, 400, "Malformed document");
		return;
	}
	a->content_type = "application/vnd-microsoft-roaming-self+xml";
	provision_published(&p, asked, &a->s->body);
}

/* Heard, and forgotten: nobody else is told. */
static void hear(struct sip_ask *a)
{
	(void)a;
}

static const struct {
	const char *type;
	void (*run)(struct sip_ask *a);
} services[] = {
	{"application/msrtc-category-publish+xml", publish},
	{"application/msrtc-setcontainermembers+xml", hear},
	{"application/msrtc-presence-setsubscriber+xml", hear},
};

static void of_user(struct sip_ask *a)
{
	struct slice rest = a->m->content_type;
	struct slice type = slice_trim(slice_split(&rest, ';'));
	const size_t count = sizeof(services) / sizeof(services[0]);

	for (size_t i = 0; i < count; i++)
		if (slice_is_nocase(type, services[i].type)) {
			services[i].run(a);
			return;
		}
	sip_refuse(a, 415, NULL);
	for (size_t i = 0; i < count; i++)
		sip_put(a, "Accept", services[i].type);
}

void sip_service(struct sip_ask *a)
{
	if (is_edge(a))
		token(a);
	else if (sip_is_own(a, a->m->request_uri))
		of_user(a);
	else
		sip_refuse(a, 404, NULL);
}
