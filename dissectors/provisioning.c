/* In-band provisioning ([MS-SIPREGE] 2.2.2.5). */
#include "config.h"

#include "core/xml.h"
#include "core/xml_write.h"
#include "dissectors/provisioning.h"

/* Two spellings are in use: "provision" and "provisioning". */
#define NAMESPACE_START "http://schemas.microsoft.com/2006/09/sip/provision"
#define NAMESPACE_REST "grouplist-notification"

enum claim provisioning_claims(struct slice in, bool stream)
{
	size_t at;

	(void)stream;
	return slice_search(in, SLICE(NAMESPACE_START), &at) ? CLAIM_MAYBE
							     : CLAIM_NO;
}

static void read_port(const struct xml_element *e, const char *name,
		      uint16_t *port)
{
	const struct xml_element *child = xml_child(e, name);
	uint64_t value;

	if (child &&
	    slice_number(child->text, UINT16_MAX, &value) == STATUS_OK)
		*port = (uint16_t)value;
}

static struct slice text_of(const struct xml_element *e, const char *name)
{
	const struct xml_element *child = xml_child(e, name);

	return child ? child->text : (struct slice){0};
}

static void read_group(const struct xml_element *e, struct provisioning *m)
{
	const struct xml_element *uri = xml_child(e, "mrasUri");

	m->group_count++;
	if (uri) {
		m->has_mras_uri = true;
		m->mras_uri = uri->text;
	}
	read_port(e, "ucMinMediaPort", &m->port_low);
	read_port(e, "ucMaxMediaPort", &m->port_high);
	if (slice_is_nocase(text_of(e, "ucPortRangeEnabled"), "true"))
		m->has_port_range = true;
	if (xml_child(e, "ucPC2PCAVEncryption"))
		m->encryption = text_of(e, "ucPC2PCAVEncryption");
	if (xml_child(e, "poolUri"))
		m->pool = text_of(e, "poolUri");
}

enum status provisioning_decode(struct decoding *d, struct slice in,
				struct provisioning *out, size_t *used)
{
	const struct xml_element *root;
	struct provisioning m = {0};
	enum status status = xml_parse(in, d->arena, &root);

	if (status != STATUS_OK)
		return status;
	if (!slice_starts(root->space, SLICE(NAMESPACE_START)))
		return STATUS_NOT_MINE;
	for (const struct xml_element *e = root->first; e; e = e->next)
		if (slice_is(e->name, "provisionGroup") ||
		    slice_is(e->name, "provisioningGroup"))
			read_group(e, &m);
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

void provisioning_walk(const struct provisioning *m, struct field_sink *to)
{
	field_number(to, "groups", m->group_count);
	if (m->has_mras_uri)
		field_text(to, "mras-uri", m->mras_uri);
	if (m->has_port_range) {
		field_number(to, "media-port-low", m->port_low);
		field_number(to, "media-port-high", m->port_high);
	}
	if (m->encryption.n)
		field_text(to, "encryption", m->encryption);
	if (m->pool.n)
		field_text(to, "pool-uri", m->pool);
}

void provisioning_write(const struct provisioning *m, struct text *to)
{
	text_puts(to, "<?xml version=\"1.0\"?>\r\n<provisionGroupList");
	xml_write_attribute(to, "xmlns", SLICE(NAMESPACE_START NAMESPACE_REST));
	text_puts(to, "><provisionGroup name=\"ServerConfiguration\">");
	if (m->has_port_range) {
		xml_write_element(to, "ucPortRangeEnabled", SLICE("true"));
		xml_write_number(to, "ucMinMediaPort", m->port_low);
		xml_write_number(to, "ucMaxMediaPort", m->port_high);
	}
	xml_write_element(to, "ucPC2PCAVEncryption", m->encryption);
	xml_write_element(to, "poolUri", m->pool);
	if (m->has_mras_uri && m->mras_uri.n == 0)
		text_puts(to, "<mrasUri/>");
	xml_write_element(to, "mrasUri", m->mras_uri);
	text_puts(to, "</provisionGroup></provisionGroupList>");
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return provisioning_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	provisioning_walk(message, to);
}

const struct dissector provisioning_dissector = {
	.name = "provisioning",
	.spec = "[MS-SIPREGE]",
	.size = sizeof(struct provisioning),
	.claims = provisioning_claims,
	.decode = decode_any,
	.walk = walk_any,
};
