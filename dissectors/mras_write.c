/* Writing MRAS requests and responses ([MS-AVEDGEA] 2.2), for the engine. */
#include "config.h"

#include "core/xml_write.h"
#include "dissectors/mras.h"

static void write_relay(struct text *to, const struct mras_relay *r)
{
	text_puts(to, "<mediaRelay>");
	xml_write_element(to, "location", r->location);
	if (r->host.n)
		xml_write_element(to, "hostName", r->host);
	else
		xml_write_element(to, "directIPAddress", r->direct_ip);
	xml_write_number(to, "udpPort", r->udp_port);
	xml_write_number(to, "tcpPort", r->tcp_port);
	text_puts(to, "</mediaRelay>");
}

static void write_asked(struct text *to, const struct mras_credentials *c)
{
	text_puts(to, "<credentialsRequest");
	xml_write_attribute(to, "credentialsRequestID", c->id);
	text_putc(to, '>');
	xml_write_element(to, "identity", c->identity);
	xml_write_element(to, "location", c->location);
	xml_write_number(to, "duration", c->duration_min);
	text_puts(to, "</credentialsRequest>");
}

static void write_granted(struct text *to, const struct mras_credentials *c)
{
	text_puts(to, "<credentialsResponse");
	xml_write_attribute(to, "credentialsRequestID", c->id);
	text_puts(to, "><credentials>");
	xml_write_element(to, "username", c->username);
	xml_write_element(to, "password", c->password);
	xml_write_number(to, "duration", c->duration_min);
	xml_write_element(to, "realm", c->realm);
	text_puts(to, "</credentials><mediaRelayList>");
	for (size_t i = 0; i < c->relay_count; i++)
		write_relay(to, &c->relays[i]);
	text_puts(to, "</mediaRelayList></credentialsResponse>");
}

static void write_attribute_if(struct text *to, const char *name,
			       struct slice value)
{
	if (value.n)
		xml_write_attribute(to, name, value);
}

void mras_write(const struct mras *m, struct text *to)
{
	bool request = m->kind == MRAS_REQUEST;
	const char *root = request ? "request" : "response";

	text_puts(to, "<?xml version=\"1.0\"?>\r\n<");
	text_puts(to, root);
	write_attribute_if(to, "requestID", m->request_id);
	write_attribute_if(to, "version", m->version);
	write_attribute_if(to, "serverVersion", m->server_version);
	write_attribute_if(to, "to", m->to);
	write_attribute_if(to, "from", m->from);
	if (request && m->count)
		write_attribute_if(to, "route", m->credentials[0].route);
	if (!request)
		xml_write_attribute(to, "reasonPhrase", m->reason);
	xml_write_attribute(to, "xmlns", SLICE(MRASP_NAMESPACE));
	text_putc(to, '>');
	for (size_t i = 0; i < m->count; i++) {
		if (request)
			write_asked(to, &m->credentials[i]);
		else
			write_granted(to, &m->credentials[i]);
	}
	text_puts(to, "</");
	text_puts(to, root);
	text_putc(to, '>');
}
