/* Security associations of SIP: what is said, and what is signed. */
#include "config.h"

#include "dissectors/sip_association.h"

void association_read(struct slice scheme, struct slice params,
		      struct association_claim *out)
{
	struct association_claim c = {.scheme = scheme, .version = 2};
	struct slice name, value;
	uint64_t version;
	const struct {
		const char *name;
		struct slice *to;
	} rows[] = {{"realm", &c.realm},        {"targetname", &c.target},
		    {"opaque", &c.opaque},      {"gssapi-data", &c.token},
		    {"crand", &c.random},       {"cnum", &c.number},
		    {"response", &c.signature}, {"srand", &c.random},
		    {"snum", &c.number},        {"rspauth", &c.signature}};

	while (sip_param_next(&params, ',', &name, &value)) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (slice_is_nocase(name, rows[i].name))
				*rows[i].to = value;
		c.has_token |= slice_is_nocase(name, "gssapi-data");
		if (slice_is_nocase(name, "version") &&
		    slice_number(value, 99, &version) == STATUS_OK)
			c.version = (unsigned)version;
	}
	*out = c;
}

/* ---- what is signed ---- */

/* The first URI with this scheme in P-Asserted-Identity, or else in
 * P-Preferred-Identity. */
static struct slice identity_of(const struct sip_message *m, const char *scheme)
{
	struct slice preferred = {0};

	for (size_t i = 0; i < m->header_count; i++) {
		const struct sip_header *h = &m->headers[i];
		bool asserted = h->id == SIP_P_ASSERTED_IDENTITY;
		struct slice rest = h->value, entry;

		if (!asserted &&
		    !slice_is_nocase(h->name, "P-Preferred-Identity"))
			continue;
		while (sip_list_next(&rest, &entry)) {
			struct sip_address a;

			if (sip_address_parse(entry, &a) != STATUS_OK ||
			    !slice_starts_nocase(a.uri, scheme))
				continue;
			if (asserted)
				return a.uri;
			if (preferred.n == 0)
				preferred = a.uri;
		}
	}
	return preferred;
}

void association_of_request(const struct sip_message *m,
			    struct association_text *out)
{
	*out = (struct association_text){
		.call_id = m->call_id,
		.method = m->cseq_method,
		.from_uri = m->from.uri,
		.from_tag = m->from_tag,
		.to_uri = m->to.uri,
		.to_tag = m->to_tag,
		.identity_sip = identity_of(m, "sip:"),
		.identity_tel = identity_of(m, "tel:"),
		.expires = sip_value(m, SIP_EXPIRES),
		.cseq = m->cseq,
	};
}

static void item(struct text *to, struct slice s)
{
	text_putc(to, '<');
	text_put(to, s);
	text_putc(to, '>');
}

void association_write(const struct association_text *w, unsigned version,
		       struct text *to)
{
	item(to, w->claim.scheme);
	item(to, w->claim.random);
	item(to, w->claim.number);
	item(to, w->claim.realm);
	item(to, w->claim.target);
	item(to, w->call_id);
	text_printf(to, "<%u>", w->cseq);
	item(to, w->method);
	item(to, w->from_uri);
	item(to, w->from_tag);
	if (version > 2)
		item(to, w->to_uri);
	item(to, w->to_tag);
	if (version > 2) {
		item(to, w->identity_sip);
		item(to, w->identity_tel);
	}
	item(to, w->expires);
	if (w->status)
		text_printf(to, "<%u>", w->status);
}
