/*
 * The fields of a SIP message, header by header.
 *
 * Secret are what credentials are made of: the response of Digest, tokens of
 * GSS-API, Bearer and Basic, and passwords in URIs.  Bodies are named only;
 * their own dissectors walk them.
 */
#include "config.h"

#include "dissectors/sip_parts.h"

/* Sends text; `where` is on the wire also when the text was unfolded. */
static void put(struct field_sink *to, const char *name, struct slice text,
		struct slice where)
{
	if (text.n)
		to->take(to->context, &(struct field){.kind = FIELD_TEXT,
						      .name = name,
						      .text = text,
						      .where = where});
}

static void put_secret(struct field_sink *to, const char *name,
		       struct slice text, struct slice where)
{
	to->take(to->context, &(struct field){.kind = FIELD_TEXT,
					      .name = name,
					      .text = text,
					      .where = where,
					      .secret = true});
}

static void put_flag(struct field_sink *to, const char *name, bool set)
{
	if (set)
		to->take(to->context, &(struct field){.kind = FIELD_FLAG,
						      .name = name,
						      .number = 1});
}

static void put_uri(struct field_sink *to, const char *name, struct slice text,
		    struct slice where)
{
	struct sip_uri uri;

	if (sip_uri_parse(text, &uri) == STATUS_OK && uri.password.n)
		put_secret(to, name, text, where);
	else
		put(to, name, text, where);
}

/* ---- header by header ---- */

static void walk_text(const struct sip_header *h, struct field_sink *to)
{
	put(to, sip_header_field(h->id), h->value, h->raw);
}

static void walk_address(struct slice entry, const struct sip_header *h,
			 struct field_sink *to)
{
	struct sip_address address;

	field_group(to, sip_header_field(h->id));
	(void)sip_address_read(entry, &address);
	put(to, "display-name", address.display, h->raw);
	put_uri(to, "uri", address.uri, h->raw);
	put(to, "parameters", address.params, h->raw);
	field_end(to);
}

static void walk_one_address(const struct sip_header *h, struct field_sink *to)
{
	walk_address(h->value, h, to);
}

static void walk_addresses(const struct sip_header *h, struct field_sink *to)
{
	struct slice rest = h->value, entry;

	while (sip_list_next(&rest, &entry))
		walk_address(entry, h, to);
}

static void walk_via(const struct sip_header *h, struct field_sink *to)
{
	struct slice rest = h->value, entry;
	struct sip_via via;

	while (sip_list_next(&rest, &entry)) {
		field_group(to, "via");
		(void)sip_via_read(entry, &via);
		put(to, "transport", via.transport, h->raw);
		put(to, "sent-by", via.host, h->raw);
		if (via.port)
			field_number(to, "port", via.port);
		put(to, "parameters", via.params, h->raw);
		field_end(to);
	}
}

/*
 * Parameters of credentials, challenges and infos (RFC 3261 20.7, 20.44, RFC
 * 7616, [MS-SIPAE]).  What is in no row is as secret as what it may hold.
 */
static const struct {
	const char *name;
	bool secret;
} auth_params[] = {
	{"algorithm", false},
	{"cnonce", false},
	{"cnum", false},
	{"crand", false},
	{"domain", false},
	{"gssapi-data", true},
	{"nc", false},
	{"nextnonce", false},
	{"nonce", false},
	{"opaque", false},
	{"qop", false},
	{"realm", false},
	{"response", true},
	{"rspauth", true},
	{"snum", false},
	{"srand", false},
	{"stale", false},
	{"sts-uri", false},
	{"targetname", false},
	{"uri", false},
	{"userhash", false},
	{"username", false},
	{"version", false},
};

static void put_auth_param(struct field_sink *to, struct slice name,
			   struct slice value, struct slice where)
{
	for (size_t i = 0; i < sizeof(auth_params) / sizeof(auth_params[0]);
	     i++) {
		if (!slice_is_nocase(name, auth_params[i].name))
			continue;
		if (auth_params[i].secret)
			put_secret(to, auth_params[i].name, value, where);
		else
			put(to, auth_params[i].name, value, where);
		return;
	}
	put_secret(to, "parameter", value.n ? value : name, where);
}

static void walk_auth(const struct sip_header *h, struct field_sink *to)
{
	struct slice rest, name, value;
	struct slice scheme = sip_auth_scheme(h->value, &rest);

	/* Authentication-Info has no scheme, but at Microsoft. */
	if (rest.n && (rest.p[0] == '=' || rest.p[0] == ',')) {
		rest = h->value;
		scheme = (struct slice){0};
	}
	field_group(to, sip_header_field(h->id));
	put(to, "scheme", scheme, h->raw);
	while (sip_param_next(&rest, ',', &name, &value))
		if (name.n)
			put_auth_param(to, name, value, h->raw);
	field_end(to);
}

static const struct {
	enum sip_header_name id;
	void (*walk)(const struct sip_header *h, struct field_sink *to);
} walkers[] = {
	{SIP_AUTHENTICATION_INFO, walk_auth},
	{SIP_AUTHORIZATION, walk_auth},
	{SIP_CONTACT, walk_addresses},
	{SIP_DIVERSION, walk_addresses},
	{SIP_FROM, walk_one_address},
	{SIP_HISTORY_INFO, walk_addresses},
	{SIP_P_ASSERTED_IDENTITY, walk_addresses},
	{SIP_PROXY_AUTHENTICATE, walk_auth},
	{SIP_PROXY_AUTHENTICATION_INFO, walk_auth},
	{SIP_PROXY_AUTHORIZATION, walk_auth},
	{SIP_RECORD_ROUTE, walk_addresses},
	{SIP_REFER_TO, walk_one_address},
	{SIP_REFERRED_BY, walk_one_address},
	{SIP_ROUTE, walk_addresses},
	{SIP_TO, walk_one_address},
	{SIP_VIA, walk_via},
	{SIP_WWW_AUTHENTICATE, walk_auth},
};

static void walk_header(const struct sip_header *h, struct field_sink *to)
{
	if (h->id == SIP_HEADER_OTHER) {
		field_group(to, "header");
		put(to, "name", h->name, h->raw);
		put(to, "value", h->value, h->raw);
		field_end(to);
		return;
	}
	for (size_t i = 0; i < sizeof(walkers) / sizeof(walkers[0]); i++) {
		if (walkers[i].id == h->id) {
			walkers[i].walk(h, to);
			return;
		}
	}
	walk_text(h, to);
}

static void walk_bodies(const struct sip_message *m, struct field_sink *to)
{
	struct sip_body bodies[SIP_BODIES_MAX];
	size_t n = sip_bodies(m, bodies, SIP_BODIES_MAX);

	for (size_t i = 0; i < n; i++) {
		field_group(to, "body");
		field_text(to, "content-type", bodies[i].type);
		if (bodies[i].disposition.n)
			field_text(to, "content-disposition",
				   bodies[i].disposition);
		if (bodies[i].content_id.n)
			field_text(to, "content-id", bodies[i].content_id);
		to->take(to->context,
			 &(struct field){.kind = FIELD_NUMBER,
					 .name = "length",
					 .number = bodies[i].bytes.n,
					 .where = bodies[i].bytes});
		field_end(to);
	}
}

void sip_walk(const struct sip_message *m, struct field_sink *to)
{
	if (m->request) {
		put(to, "method", m->method_text, m->method_text);
		put_uri(to, "request-uri", m->request_uri, m->request_uri);
	} else {
		field_number(to, "status-code", m->status);
		put(to, "reason-phrase", m->reason, m->reason);
	}
	put(to, "version", m->version, m->version);
	for (size_t i = 0; i < m->header_count; i++)
		walk_header(&m->headers[i], to);
	walk_bodies(m, to);
	put_flag(to, "body-cut", m->body_cut);
	if (m->surplus.n)
		to->take(to->context, &(struct field){.kind = FIELD_NUMBER,
						      .name = "surplus",
						      .number = m->surplus.n,
						      .where = m->surplus});
}
