/*
 * What can be wrong in the headers of one SIP message (RFC 3261 8.1.1, 20;
 * the messages of RFC 4475 3.1.2 and 3.3).
 */
#include "config.h"

#include "dissectors/sip_parts.h"

#define BIT(id) (UINT64_C(1) << (id))

void sip_check_faults(struct decoding *d, unsigned faults,
		      const struct sip_header *header)
{
	static const struct {
		unsigned faults;
		enum sip_rule rule;
	} rows[] = {
		{SIP_FAULT_NO_URI | SIP_FAULT_QUOTE | SIP_FAULT_ANGLE |
			 SIP_FAULT_BLANK | SIP_FAULT_TRAIL,
		 SIP_RULE_ADDRESS},
		{SIP_FAULT_BRACKETS, SIP_RULE_ADDRESS_BRACKETS},
		{SIP_FAULT_DISPLAY, SIP_RULE_DISPLAY_NAME},
		{SIP_FAULT_SCHEME, SIP_RULE_URI},
		{SIP_FAULT_PARAM, SIP_RULE_PARAMETER},
		{SIP_FAULT_VIA, SIP_RULE_VIA},
	};

	if (!faults)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (faults & rows[i].faults)
			sip_find(d, rows[i].rule, header->raw);
}

/* Digits at the front must be a number up to `max`; `alone`: nothing else. */
static void check_number(struct decoding *d, const struct sip_header *header,
			 uint64_t max, bool alone)
{
	struct slice digits = header->value;
	uint64_t number;
	size_t n = 0;

	while (!alone && n < digits.n && digits.p[n] >= '0' &&
	       digits.p[n] <= '9')
		n++;
	if (!alone)
		digits = slice_first(digits, n);
	if (slice_number(digits, max, &number) != STATUS_OK)
		sip_find(d, SIP_RULE_NUMBER, header->raw);
}

/* Warning: 3DIGIT agent "text", a list. */
static void check_warning(struct decoding *d, const struct sip_header *header)
{
	struct slice rest = header->value, entry;
	uint64_t code;
	size_t at;

	while (sip_list_next(&rest, &entry)) {
		if (!slice_find(entry, ' ', &at))
			at = entry.n;
		if (at == 3 && slice_number(slice_first(entry, at), 999,
					    &code) == STATUS_OK)
			continue;
		sip_find(d, SIP_RULE_NUMBER, header->raw);
		return;
	}
}

static void check_contact_expires(struct decoding *d,
				  const struct sip_header *header,
				  struct slice params)
{
	struct slice value;
	uint64_t seconds;

	if (sip_param(params, ';', "expires", &value) &&
	    slice_number(value, UINT32_MAX, &seconds) != STATUS_OK)
		sip_find(d, SIP_RULE_CONTACT_EXPIRES, header->raw);
}

static void check_contact(struct decoding *d, const struct sip_message *m,
			  const struct sip_header *header)
{
	struct slice rest = header->value, entry, tag;
	struct sip_address address;
	unsigned faults = 0;

	while (sip_list_next(&rest, &entry)) {
		faults |= sip_address_read(entry, &address);
		faults |= sip_tag_read(address.params, &tag);
		if (m->method == SIP_REGISTER)
			check_contact_expires(d, header, address.params);
	}
	sip_check_faults(d, faults, header);
}

/* word (RFC 3261 25.1): nearly all that is visible. */
static bool is_word(struct slice s)
{
	static const char more[] = "()<>:\\\"/[]?{}";

	for (size_t i = 0; i < s.n; i++)
		if (!sip_is_token_byte(s.p[i]) &&
		    (s.p[i] == 0 || !strchr(more, s.p[i])))
			return false;
	return s.n > 0;
}

static void check_call_id(struct decoding *d, const struct sip_header *header)
{
	struct slice host = header->value;
	bool two = slice_find(host, '@', &(size_t){0});
	struct slice local = slice_split(&host, '@');

	if (!is_word(local) || (two && !is_word(host)))
		sip_find(d, SIP_RULE_CALL_ID, header->raw);
}

static void check_date(struct decoding *d, const struct sip_header *header)
{
	struct slice v = header->value;

	if (v.n < 3 || !slice_is_nocase(slice_from(v, v.n - 3), "GMT"))
		sip_find(d, SIP_RULE_DATE, header->raw);
}

void sip_check_header(struct decoding *d, const struct sip_message *m,
		      const struct sip_header *header)
{
	switch ((unsigned)header->id) {
	case SIP_CALL_ID:
		if (!d->logged)
			check_call_id(d, header);
		break;
	case SIP_CONTACT:
		check_contact(d, m, header);
		break;
	case SIP_DATE:
		check_date(d, header);
		break;
	case SIP_WARNING:
		check_warning(d, header);
		break;
	case SIP_MAX_FORWARDS:
		check_number(d, header, 255, true);
		break;
	case SIP_EXPIRES:
	case SIP_MIN_EXPIRES:
		check_number(d, header, UINT32_MAX, true);
		break;
	case SIP_RETRY_AFTER:
		check_number(d, header, UINT32_MAX, false);
		break;
	default:
		break;
	}
}

static void check_request_uri(struct decoding *d, const struct sip_message *m)
{
	struct sip_uri uri;
	size_t at;

	if (slice_find(m->request_uri, ' ', &at) ||
	    sip_uri_parse(m->request_uri, &uri) != STATUS_OK)
		sip_find(d, SIP_RULE_REQUEST_URI, m->start_line);
	else if (uri.headers.n)
		sip_find(d, SIP_RULE_REQUEST_URI_HEADERS, m->start_line);
}

/* The header on the wire; the start line when it was past the limit. */
static struct slice raw_of(const struct sip_message *m, enum sip_header_name id)
{
	const struct sip_header *header = sip_header(m, id);

	return header ? header->raw : m->start_line;
}

/* REGISTER: Contact * wants Expires: 0 and no other contact (10.2.2). */
static void check_star(struct decoding *d, const struct sip_message *m)
{
	const struct sip_header *contact = sip_header(m, SIP_CONTACT);
	struct slice rest, entry;
	bool star = false;
	unsigned entries = 0;
	uint64_t expires;

	for (; contact; contact = sip_header_after(m, contact)) {
		rest = contact->value;
		while (sip_list_next(&rest, &entry)) {
			entries++;
			star = star || slice_is(entry, "*");
		}
	}
	if (star && (entries > 1 || slice_number(sip_value(m, SIP_EXPIRES), 0,
						 &expires) != STATUS_OK))
		sip_find(d, SIP_RULE_CONTACT_STAR, raw_of(m, SIP_CONTACT));
}

static void check_missing(struct decoding *d, const struct sip_message *m,
			  uint64_t seen)
{
	static const struct {
		enum sip_header_name id;
		enum sip_rule rule;
		bool request_only;
	} rows[] = {
		{SIP_CALL_ID, SIP_RULE_NO_CALL_ID, false},
		{SIP_CSEQ, SIP_RULE_NO_CSEQ, false},
		{SIP_FROM, SIP_RULE_NO_FROM, false},
		{SIP_TO, SIP_RULE_NO_TO, false},
		{SIP_VIA, SIP_RULE_NO_VIA, false},
		{SIP_MAX_FORWARDS, SIP_RULE_NO_MAX_FORWARDS, true},
	};

	if (d->shown)
		seen |= BIT(SIP_VIA) | BIT(SIP_MAX_FORWARDS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!(seen & BIT(rows[i].id)) &&
		    (m->request || !rows[i].request_only))
			sip_find(d, rows[i].rule, m->start_line);
}

/* What makes a dialog says where its requests go, and between whom. */
static void check_dialog(struct decoding *d, const struct sip_message *m,
			 uint64_t seen)
{
	bool success = !m->request && m->status >= 200 && m->status < 300;

	if (m->method != SIP_INVITE || (!m->request && !success))
		return;
	if (!sip_value(m, SIP_CONTACT).n)
		sip_find(d, SIP_RULE_NO_CONTACT, m->start_line);
	if (success && (seen & BIT(SIP_TO)) && m->to_tag.n == 0 && !d->shown)
		sip_find(d, SIP_RULE_NO_TO_TAG, raw_of(m, SIP_TO));
}

static void check_response(struct decoding *d, const struct sip_message *m,
			   uint64_t seen)
{
	if ((m->status == 401 && !(seen & BIT(SIP_WWW_AUTHENTICATE))) ||
	    (m->status == 407 && !(seen & BIT(SIP_PROXY_AUTHENTICATE))))
		sip_find(d, SIP_RULE_NO_CHALLENGE, m->start_line);
	if (m->status == 415 && !(seen & BIT(SIP_ACCEPT)) &&
	    !(seen & BIT(SIP_CONTENT_ENCODING)))
		sip_find(d, SIP_RULE_NO_ACCEPT, m->start_line);
}

void sip_check_message(struct decoding *d, const struct sip_message *m,
		       uint64_t seen)
{
	check_missing(d, m, seen);
	check_dialog(d, m, seen);
	if ((seen & BIT(SIP_FROM)) && m->from_tag.n == 0)
		sip_find(d, SIP_RULE_NO_FROM_TAG, m->start_line);
	if (slice_is(m->via.branch, "z9hG4bK"))
		sip_find(d, SIP_RULE_BRANCH, raw_of(m, SIP_VIA));
	if (!m->request) {
		check_response(d, m, seen);
		return;
	}
	check_request_uri(d, m);
	if (m->has_cseq && !slice_equal(m->cseq_method, m->method_text))
		sip_find(d, SIP_RULE_CSEQ_METHOD, m->start_line);
	if (m->method == SIP_REGISTER)
		check_star(d, m);
}
