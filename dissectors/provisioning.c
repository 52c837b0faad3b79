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

/* Managed clients write the names of settings in lower case. */
static const struct xml_element *child_of(const struct xml_element *of,
					  const char *name)
{
	for (const struct xml_element *e = of->first; e; e = e->next)
		if (slice_is_nocase(e->name, name))
			return e;
	return NULL;
}

static void read_port(const struct xml_element *e, const char *name,
		      uint16_t *port)
{
	const struct xml_element *child = child_of(e, name);
	uint64_t value;

	if (child && slice_number(child->text, UINT16_MAX, &value) == STATUS_OK)
		*port = (uint16_t)value;
}

static void read_text(const struct xml_element *e, const char *name,
		      struct slice *text)
{
	const struct xml_element *child = child_of(e, name);

	if (child)
		*text = child->text;
}

static void read_flag(const struct xml_element *e, const char *name, bool *flag)
{
	const struct xml_element *child = child_of(e, name);

	if (child)
		*flag = slice_is_nocase(child->text, "true");
}

static void read_ranges(const struct xml_element *e, struct provisioning *m)
{
	static const struct {
		enum provisioning_ports kind;
		const char *low, *high;
	} rows[] = {
		{PROVISIONING_MEDIA, "ucMinMediaPort", "ucMaxMediaPort"},
		{PROVISIONING_AUDIO, "ucMinAudioPort", "ucMaxAudioPort"},
		{PROVISIONING_VIDEO, "ucMinVideoPort", "ucMaxVideoPort"},
		{PROVISIONING_SHARING, "ucMinAppSharingPort",
		 "ucMaxAppSharingPort"},
		{PROVISIONING_FILES, "ucMinFileTransferPort",
		 "ucMaxFileTransferPort"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_port(e, rows[i].low, &m->ranges[rows[i].kind].low);
		read_port(e, rows[i].high, &m->ranges[rows[i].kind].high);
	}
	m->port_low = m->ranges[PROVISIONING_MEDIA].low;
	m->port_high = m->ranges[PROVISIONING_MEDIA].high;
}

/* [MS-SIPREGE] 2.2.2.5.1: one element for each setting. */
static void read_server(const struct xml_element *e, struct provisioning *m)
{
	const struct xml_element *uri = child_of(e, "mrasUri");

	m->has_server |= e->first != NULL;
	if (uri) {
		m->has_mras_uri = true;
		m->mras_uri = uri->text;
	}
	read_ranges(e, m);
	read_flag(e, "ucPortRangeEnabled", &m->has_port_range);
	read_flag(e, "qosEnabled", &m->qos);
	read_flag(e, "enableBWPolicyCheck", &m->bandwidth_policy);
	read_text(e, "ucPC2PCAVEncryption", &m->encryption);
	read_text(e, "ucEnableSIPSecurityMode", &m->security);
	read_text(e, "poolUri", &m->pool);
	read_text(e, "focusFactoryUri", &m->focus);
	read_text(e, "botSipUriForTestCall", &m->test_bot);
	read_text(e, "ucMaxVideoRateAllowed", &m->video_rate);
}

/* Groups of the property list kind: property elements with a name. */
static void read_property(const struct xml_element *e, struct provisioning *m)
{
	struct slice name = xml_attribute_value(e, "name");

	if (slice_is_nocase(name, "bypassEnabled"))
		m->bypass = slice_is_nocase(e->text, "true");
	else if (slice_is_nocase(name, "bypassId"))
		m->bypass_id = e->text;
	else if (slice_is_nocase(name, "internalBypassMode"))
		m->bypass_internal = e->text;
	else if (slice_is_nocase(name, "externalBypassMode"))
		m->bypass_external = e->text;
}

static void read_media(const struct xml_element *e, struct provisioning *m)
{
	const struct xml_element *list = child_of(e, "propertyEntryList");

	for (const struct xml_element *p = list ? list->first : NULL; p;
	     p = p->next)
		if (slice_is_nocase(p->name, "property"))
			read_property(p, m);
}

static void read_group(const struct xml_element *e, struct provisioning *m)
{
	struct slice name = xml_attribute_value(e, "name");

	m->group_count++;
	if (slice_is_nocase(name, "mediaConfiguration"))
		read_media(e, m);
	else if (!m->notification)
		m->has_server |= slice_is_nocase(name, "ServerConfiguration");
	else if (slice_is_nocase(name, "ServerConfiguration") || !name.n)
		read_server(e, m);
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
	m.notification = slice_is_nocase(root->name, "provisionGroupList");
	for (const struct xml_element *e = root->first; e; e = e->next)
		if (slice_is_nocase(e->name, "provisionGroup") ||
		    slice_is_nocase(e->name, "provisioningGroup"))
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
	if (m->bypass) {
		field_text(to, "bypass-id", m->bypass_id);
		field_text(to, "bypass-internal", m->bypass_internal);
		field_text(to, "bypass-external", m->bypass_external);
	}
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
	.size = sizeof(struct provisioning),
	.claims = provisioning_claims,
	.decode = decode_any,
	.walk = walk_any,
};
