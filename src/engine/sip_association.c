/* Security associations by NTLM. */
#include "config.h"

#include "engine/sip_association.h"

#define TEXT_MAX ((size_t)1 << 16)
#define WINDOW 64u

static void put_hex(struct slice s, char *out)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		*out++ = digits[s.p[i] >> 4];
		*out++ = digits[s.p[i] & 15];
	}
	*out = '\0';
}

void association_begin(
	struct association *a,
	const uint8_t dice[NTLM_NONCE_SIZE + ASSOCIATION_OPAQUE / 2])
{
	bytes_wipe(a, sizeof(*a));
	a->state = ASSOCIATION_CHALLENGED;
	memcpy(a->nonce, dice, NTLM_NONCE_SIZE);
	put_hex(slice_of(dice + NTLM_NONCE_SIZE, ASSOCIATION_OPAQUE / 2),
		a->opaque);
}

void association_read(struct slice scheme, struct slice params,
		      struct association_claim *out)
{
	struct association_claim c = {.scheme = scheme, .version = 2};
	struct slice name, value;
	uint64_t version;
	const struct {
		const char *name;
		struct slice *to;
	} rows[] = {{"realm", &c.realm},       {"targetname", &c.target},
		    {"opaque", &c.opaque},     {"gssapi-data", &c.token},
		    {"crand", &c.random},      {"cnum", &c.number},
		    {"response", &c.signature}};

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

/* ---- signatures ---- */

static void sign(const struct association *a, bool server,
		 const struct association_text *what,
		 char out[2 * NTLM_SIGNATURE_SIZE + 1])
{
	struct text text = text_new(TEXT_MAX);
	uint8_t bytes[NTLM_SIGNATURE_SIZE] = {0};

	association_write(what, a->version, &text);
	/* What is too long has the signature of nobody. */
	if (text.failed == STATUS_OK)
		ntlm_sign(&a->keys, server, text_slice(&text), bytes);
	put_hex(slice_of(bytes, sizeof(bytes)), out);
	text_free(&text);
}

void association_sign(const struct association *a,
		      const struct association_text *what,
		      char out[2 * NTLM_SIGNATURE_SIZE + 1])
{
	sign(a, true, what, out);
}

/* Messages may overtake each other, but none counts twice. */
static bool is_new(const struct association *a, uint32_t number)
{
	if (number == 0)
		return false;
	if (number > a->highest)
		return true;
	return a->highest - number < WINDOW &&
	       !(a->seen >> (a->highest - number) & 1);
}

static void note_number(struct association *a, uint32_t number)
{
	uint32_t ahead = number > a->highest ? number - a->highest : 0;

	if (ahead) {
		a->seen = ahead < WINDOW ? a->seen << ahead : 0;
		a->highest = number;
	}
	a->seen |= UINT64_C(1) << (a->highest - number);
}

/* In any case of letters. */
static bool same_hex(struct slice theirs, const char *ours)
{
	uint8_t big[2 * NTLM_SIGNATURE_SIZE];

	if (theirs.n != sizeof(big))
		return false;
	for (size_t i = 0; i < sizeof(big); i++) {
		uint8_t c = theirs.p[i];

		big[i] = c >= 'a' && c <= 'f' ? (uint8_t)(c - 32) : c;
	}
	return bytes_equal_constant_time(slice_of(big, sizeof(big)),
					 slice_of(ours, sizeof(big)));
}

bool association_verify(struct association *a,
			const struct association_text *what)
{
	char ours[2 * NTLM_SIGNATURE_SIZE + 1];
	uint64_t number;

	if (slice_number(what->claim.number, UINT32_MAX, &number) !=
		    STATUS_OK ||
	    !is_new(a, (uint32_t)number))
		return false;
	sign(a, false, what, ours);
	if (!same_hex(what->claim.signature, ours) || ours[1] != '1')
		return false;
	note_number(a, (uint32_t)number);
	return true;
}
