/* MRAS requests and responses ([MS-AVEDGEA] 2.2). */
#include "config.h"

#include "core/xml.h"
#include "dissectors/mras.h"
#include "dissectors/mras_rules.h"

enum claim mras_claims(struct slice in, bool stream)
{
	size_t at;

	(void)stream;
	return slice_search(in, SLICE(MRASP_NAMESPACE), &at) ? CLAIM_MAYBE
							     : CLAIM_NO;
}

static struct slice text_of(const struct xml_element *of, const char *name)
{
	const struct xml_element *e = xml_child(of, name);

	return e ? e->text : (struct slice){0};
}

static uint64_t number_of(const struct xml_element *of, const char *name,
			  uint64_t max)
{
	uint64_t value;

	return slice_number(text_of(of, name), max, &value) == STATUS_OK ? value
									 : 0;
}

static void read_relay(const struct xml_element *e, struct mras_relay *r)
{
	*r = (struct mras_relay){
		.location = text_of(e, "location"),
		.host = text_of(e, "hostName"),
		.direct_ip = text_of(e, "directIPAddress"),
		.udp_port = (uint16_t)number_of(e, "udpPort", UINT16_MAX),
		.tcp_port = (uint16_t)number_of(e, "tcpPort", UINT16_MAX),
	};
}

static void read_asked(const struct xml_element *e, struct mras_credentials *c)
{
	c->identity = text_of(e, "identity");
	c->location = text_of(e, "location");
	c->duration_min = (uint32_t)number_of(e, "duration", UINT32_MAX);
}

static void read_granted(const struct xml_element *e,
			 struct mras_credentials *c)
{
	const struct xml_element *own = xml_child(e, "credentials");
	const struct xml_element *list = xml_child(e, "mediaRelayList");

	c->username = text_of(own, "username");
	c->password = text_of(own, "password");
	c->realm = text_of(own, "realm");
	c->duration_min = (uint32_t)number_of(own, "duration", UINT32_MAX);
	for (const struct xml_element *r = list ? list->first : NULL;
	     r && c->relay_count < MRAS_RELAYS_MAX; r = r->next)
		if (slice_is(r->name, "mediaRelay"))
			read_relay(r, &c->relays[c->relay_count++]);
}

static size_t count_children(const struct xml_element *root, const char *name)
{
	size_t n = 0;

	for (const struct xml_element *e = root->first; e; e = e->next)
		n += slice_is(e->name, name);
	return n < MRAS_CREDENTIALS_MAX ? n : MRAS_CREDENTIALS_MAX;
}

static enum status read_credentials(struct decoding *d,
				    const struct xml_element *root,
				    struct mras *m)
{
	bool request = m->kind == MRAS_REQUEST;
	const char *name =
		request ? "credentialsRequest" : "credentialsResponse";
	size_t room = count_children(root, name);
	struct mras_credentials *rows =
		arena_array(d->arena, room ? room : 1, sizeof(*rows));

	if (!rows)
		return STATUS_NOMEM;
	for (const struct xml_element *e = root->first; e && m->count < room;
	     e = e->next) {
		struct mras_credentials *c = &rows[m->count];

		if (!slice_is(e->name, name))
			continue;
		c->id = xml_attribute_value(e, "credentialsRequestID");
		c->route = xml_attribute_value(root, "route");
		if (request)
			read_asked(e, c);
		else
			read_granted(e, c);
		m->count++;
	}
	m->credentials = rows;
	return STATUS_OK;
}

enum status mras_decode(struct decoding *d, struct slice in, struct mras *out,
			size_t *used)
{
	const struct xml_element *root;
	struct mras m = {0};
	enum status status = xml_parse(in, d->arena, &root);

	if (status != STATUS_OK)
		return status;
	if (slice_is(root->name, "request"))
		m.kind = MRAS_REQUEST;
	else if (slice_is(root->name, "response"))
		m.kind = MRAS_RESPONSE;
	else
		return STATUS_NOT_MINE;
	if (!slice_is(root->space, MRASP_NAMESPACE))
		return STATUS_NOT_MINE;
	m.request_id = xml_attribute_value(root, "requestID");
	m.version = xml_attribute_value(root, "version");
	m.server_version = xml_attribute_value(root, "serverVersion");
	m.from = xml_attribute_value(root, "from");
	m.to = xml_attribute_value(root, "to");
	m.reason = xml_attribute_value(root, "reasonPhrase");
	mras_check(d, root, m.kind);
	status = read_credentials(d, root, &m);
	if (status != STATUS_OK)
		return status;
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

static void walk_relays(const struct mras_credentials *c, struct field_sink *to)
{
	for (size_t i = 0; i < c->relay_count; i++) {
		const struct mras_relay *r = &c->relays[i];

		field_group(to, "media-relay");
		field_text(to, "location", r->location);
		field_text(to, "host-name", r->host.n ? r->host : r->direct_ip);
		field_number(to, "udp-port", r->udp_port);
		field_number(to, "tcp-port", r->tcp_port);
		field_end(to);
	}
}

void mras_walk(const struct mras *m, struct field_sink *to)
{
	field_text(to, "request-id", m->request_id);
	field_text(to, "version", m->version);
	if (m->kind == MRAS_RESPONSE)
		field_text(to, "reason-phrase", m->reason);
	for (size_t i = 0; i < m->count; i++) {
		const struct mras_credentials *c = &m->credentials[i];

		field_group(to, "credentials");
		field_text(to, "credentials-request-id", c->id);
		if (m->kind == MRAS_REQUEST) {
			field_text(to, "identity", c->identity);
			field_text(to, "location", c->location);
		} else {
			field_text(to, "username", c->username);
			field_secret(to, "password", c->password);
		}
		field_number(to, "duration-minutes", c->duration_min);
		walk_relays(c, to);
		field_end(to);
	}
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return mras_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	mras_walk(message, to);
}

const struct dissector mras_dissector = {
	.name = "mras",
	.size = sizeof(struct mras),
	.rules = mras_rules,
	.claims = mras_claims,
	.decode = decode_any,
	.walk = walk_any,
};
