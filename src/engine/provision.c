/* Documents for clients that sign in. */
#include "config.h"

#include "core/xml_write.h"
#include "engine/provision.h"

#define GROUPS_MAX 64u
#define CATEGORIES_MAX 256u
#define HEAD "<?xml version=\"1.0\"?>\r\n"
#define PROVISION "http://schemas.microsoft.com/2006/09/sip/"

/* ---- groups of provisioning ---- */

static void flag(struct text *to, const char *name, bool yes)
{
	xml_write_element(to, name, yes ? SLICE("true") : SLICE("false"));
}

/* Half the ports are for audio, the rest for all else: a range is whole, and
 * lies in that of all media. */
static void write_ports(const struct provision *p, struct text *to)
{
	uint16_t middle =
		(uint16_t)(p->port_low + (p->port_high - p->port_low) / 2);
	uint16_t next = (uint16_t)(middle + (middle < p->port_high));
	const struct {
		const char *kind;
		uint16_t low, high;
	} rows[] = {
		{"Media", p->port_low, p->port_high},
		{"Audio", p->port_low, middle},
		{"Video", next, p->port_high},
		{"AppSharing", next, p->port_high},
		{"FileTransfer", next, p->port_high},
	};

	flag(to, "ucPortRangeEnabled", p->port_low != 0);
	for (size_t i = 0; p->port_low && i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		text_printf(to,
			    "<ucMin%sPort>%u</ucMin%sPort>"
			    "<ucMax%sPort>%u</ucMax%sPort>",
			    rows[i].kind, rows[i].low, rows[i].kind,
			    rows[i].kind, rows[i].high, rows[i].kind);
}

static void write_server(const struct provision *p, struct text *to)
{
	write_ports(p, to);
	xml_write_element(to, "ucPC2PCAVEncryption", p->encryption);
	flag(to, "qosEnabled", false);
	flag(to, "enableBWPolicyCheck", false);
	xml_write_element(to, "poolUri", p->pool_uri);
	if (p->mras_uri.n)
		xml_write_element(to, "mrasUri", p->mras_uri);
	else
		text_puts(to, "<mrasUri/>");
}

static void write_media(const struct provision *p, struct text *to)
{
	(void)p;
	text_puts(to, "<propertyEntryList><property name=\"bypassEnabled\">"
		      "false</property></propertyEntryList>");
}

static const struct {
	const char *name;
	void (*write)(const struct provision *p, struct text *to);
} groups[] = {
	{"ServerConfiguration", write_server},
	{"mediaConfiguration", write_media},
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* One that is asked for and that there is none of is said to be empty. */
static void write_group(const struct provision *p, struct slice name,
			struct text *to)
{
	text_puts(to, "<provisionGroup");
	xml_write_attribute(to, "name", name);
	for (size_t i = 0; i < GROUPS; i++)
		if (slice_is_nocase(name, groups[i].name)) {
			text_putc(to, '>');
			groups[i].write(p, to);
			text_puts(to, "</provisionGroup>");
			return;
		}
	text_puts(to, "/>");
}

/* Those that were asked for; all, where nothing was asked. */
static void write_provisioning(const struct provision *p,
			       const struct xml_element *asked, struct text *to)
{
	const struct xml_element *group =
		asked ? xml_child(asked, "provisioningGroup") : NULL;
	size_t n = 0;

	text_puts(to, HEAD "<provisionGroupList xmlns=\"" PROVISION
			   "provisiongrouplist-notification\">");
	for (; group && n < GROUPS_MAX; group = group->next)
		if (slice_is(group->name, "provisioningGroup")) {
			write_group(p, xml_attribute_value(group, "name"), to);
			n++;
		}
	for (size_t i = 0; n == 0 && i < GROUPS; i++)
		write_group(p, slice_of_text(groups[i].name), to);
	text_puts(to, "</provisionGroupList>");
}

/* Of Live Communications Server 2005: who it is.  It knew no Edge. */
static void write_older_provisioning(const struct provision *p,
				     const struct xml_element *asked,
				     struct text *to)
{
	struct text uri = text_new(1024);

	(void)asked;
	text_puts(&uri, "sip:");
	text_put(&uri, p->user);
	text_puts(to, HEAD "<provision><user");
	xml_write_attribute(to, "uri", text_slice(&uri));
	text_puts(to, "/></provision>");
	text_free(&uri);
}

/* ---- roaming data ---- */

static void write_contacts(const struct provision *p,
			   const struct xml_element *asked, struct text *to)
{
	(void)p;
	(void)asked;
	text_puts(to,
		  HEAD "<contactList deltaNum=\"1\"><group id=\"1\" name=\"~\" "
		       "externalURI=\"\"/></contactList>");
}

static void write_rules(const struct provision *p,
			const struct xml_element *asked, struct text *to)
{
	(void)p;
	(void)asked;
	text_puts(to, HEAD "<ACLlist deltaNum=\"1\"><ace type=\"ALL\" mask=\"\""
			   " rights=\"AA\"/></ACLlist>");
}

static void write_waiting(const struct provision *p,
			  const struct xml_element *asked, struct text *to)
{
	(void)p;
	(void)asked;
	text_puts(to, HEAD "<watchers/>");
}

static void write_uri(const struct provision *p, const char *name,
		      struct text *to)
{
	struct text uri = text_new(1024);

	text_puts(&uri, "sip:");
	text_put(&uri, p->user);
	xml_write_attribute(to, name, text_slice(&uri));
	text_free(&uri);
}

static void write_self(const struct provision *p,
		       const struct xml_element *asked, struct text *to)
{
	(void)asked;
	text_puts(to, HEAD "<roamingData xmlns=\"" PROVISION
			   "roaming-self\"><categories xmlns=\"" PROVISION
			   "categories\"");
	write_uri(p, "uri", to);
	text_puts(to, "/><containers xmlns=\"" PROVISION
		      "containers\"/><subscribers xmlns=\"" PROVISION
		      "presence-subscribers\"/></roamingData>");
}

/* RFC 3863. */
static void write_presence(const struct provision *p,
			   const struct xml_element *asked, struct text *to)
{
	(void)asked;
	text_puts(to, HEAD "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"");
	write_uri(p, "entity", to);
	text_puts(to, "><tuple id=\"0\"><status><basic>");
	text_puts(to, p->signed_in ? "open" : "closed");
	text_puts(to, "</basic></status></tuple></presence>");
}

static const struct provision_event events[] = {
	{"vnd-microsoft-provisioning-v2",
	 "application/vnd-microsoft-roaming-provisioning-v2+xml",
	 write_provisioning, true, true},
	{"vnd-microsoft-provisioning",
	 "application/vnd-microsoft-roaming-provisioning+xml",
	 write_older_provisioning, true, true},
	{"vnd-microsoft-roaming-contacts",
	 "application/vnd-microsoft-roaming-contacts+xml", write_contacts,
	 false, true},
	{"vnd-microsoft-roaming-ACL",
	 "application/vnd-microsoft-roaming-acls+xml", write_rules, false,
	 true},
	{"vnd-microsoft-roaming-self",
	 "application/vnd-microsoft-roaming-self+xml", write_self, false, true},
	{"presence.wpending", "text/xml+msrtc.wpending", write_waiting, false,
	 true},
	{"presence", "application/pidf+xml", write_presence, false, false},
};

const struct provision_event *provision_event(struct slice name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (slice_is_nocase(name, events[i].name))
			return &events[i];
	return NULL;
}

const char *provision_events(void)
{
	return "vnd-microsoft-provisioning-v2,vnd-microsoft-provisioning,"
	       "vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL,"
	       "vnd-microsoft-roaming-self,presence.wpending,presence";
}

/* ---- publications ---- */

static void write_category(const struct xml_element *e, struct text *to)
{
	static const struct {
		const char *asked, *said;
	} copied[] = {{"categoryName", "name"},
		      {"instance", "instance"},
		      {"container", "container"},
		      {"expireType", "expireType"}};
	uint64_t version = 0;
	struct slice said = xml_attribute_value(e, "version");

	if (slice_number(said, UINT32_MAX - 1, &version) != STATUS_OK)
		version = 0;
	text_puts(to, "<category");
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		struct slice value = xml_attribute_value(e, copied[i].asked);

		if (value.n)
			xml_write_attribute(to, copied[i].said, value);
	}
	text_printf(to, " version=\"%u\"/>", (unsigned)version + 1);
}

void provision_published(const struct provision *p,
			 const struct xml_element *asked, struct text *to)
{
	const struct xml_element *e =
		asked ? xml_descendant(asked, "publication") : NULL;
	size_t n = 0;

	text_puts(to, HEAD "<roamingData xmlns=\"" PROVISION
			   "roaming-self\"><categories xmlns=\"" PROVISION
			   "categories\"");
	write_uri(p, "uri", to);
	text_putc(to, '>');
	for (; e && n < CATEGORIES_MAX; e = e->next, n++)
		if (slice_is(e->name, "publication"))
			write_category(e, to);
	text_puts(to, "</categories></roamingData>");
}
