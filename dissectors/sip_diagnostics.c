/* Diagnostic headers ([MS-OCER] 2.2.1, RFC 3326, RFC 3261 20.43). */
#include "config.h"

#include "core/xml.h"
#include "dissectors/sip.h"
#include "dissectors/sip_diagnostics.h"

#define ID_MAX 999999u

static struct slice value_of(struct slice params, const char *name)
{
	struct slice value;

	return sip_param(params, ';', name, &value) ? value : (struct slice){0};
}

static bool number_of(struct slice s, uint64_t max, uint32_t *out)
{
	uint64_t n;

	if (slice_number(slice_trim(s), max, &n) != STATUS_OK)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Typographic quotes come from a word processor on the way (a ticket, a mail),
 * a lone one is what was pasted in part. */
static struct slice without_quotes(struct slice s)
{
	static const char *const quotes[] = {"\"", "\xE2\x80\x9C",
					     "\xE2\x80\x9D", "\xE2\x80\x9E"};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		struct slice quote = slice_of_text(quotes[i]);

		if (slice_starts(s, quote))
			s = slice_from(s, quote.n);
		if (slice_ends(s, quote))
			s = slice_first(s, s.n - quote.n);
	}
	return s;
}

/* reason="Call failed;source="fe01": the quote that opens the next value
 * closed the reason; what stands behind the last ; belongs to that. */
static void part_unclosed(struct slice params, struct sip_diagnostic *d)
{
	struct slice head = slice_trim(d->reason), tail;
	size_t at;

	if (!slice_ends(head, SLICE("=")) ||
	    !slice_split_last(&head, ';', &tail))
		return;
	d->reason = head;
	tail = slice_trim(slice_first(tail, tail.n - 1));
	if (!slice_is_nocase(tail, "source") ||
	    !slice_search(params, head, &at))
		return;
	params = slice_from(params, at + head.n);
	if (slice_find(params, '"', &at))
		d->source = slice_split(
			&(struct slice){params.p + at + 1, params.n - at - 1},
			'"');
}

enum status sip_diagnostic_read(struct slice value, struct sip_diagnostic *out)
{
	struct slice params = value;
	struct slice sub = slice_trim(slice_split(&params, ';'));
	struct sip_diagnostic d = {.params = params};
	struct slice id = slice_split(&sub, '.');

	if (!number_of(id, ID_MAX, &d.id))
		return STATUS_BAD;
	(void)number_of(sub, ID_MAX, &d.sub);
	d.reason = without_quotes(value_of(params, "reason"));
	d.source = without_quotes(value_of(params, "source"));
	part_unclosed(params, &d);
	*out = d;
	return STATUS_OK;
}

/* ---- the media debug block ---- */

static bool hex_of(struct slice s, uint32_t *out)
{
	uint64_t n;

	s = slice_trim(s);
	if (slice_starts_nocase(s, "0x"))
		s = slice_from(s, 2);
	if (slice_hex(s, UINT32_MAX, &n) != STATUS_OK)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* "192.0.2.1:50012", brackets around IPv6; "192.0.2.1::50012" occurs.
 * FAMILY_NONE when it is none. */
static struct endpoint end_of(struct slice s)
{
	struct endpoint e;
	struct slice ip;
	size_t colon = s.n;
	uint32_t port = 0;

	while (colon && s.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || !number_of(slice_from(s, colon), UINT16_MAX, &port))
		return (struct endpoint){.family = FAMILY_NONE};
	ip = slice_trim(slice_first(s, colon - 1));
	if (ip.n && ip.p[ip.n - 1] == ':')
		ip.n--;
	if (endpoint_parse(ip, (uint16_t)port, &e) != STATUS_OK)
		return (struct endpoint){.family = FAMILY_NONE};
	return e;
}

static void read_range(struct sip_media_debug *m, struct slice value)
{
	uint32_t low, high;
	struct slice first = slice_split(&value, ':');

	if (!number_of(first, UINT16_MAX, &low) ||
	    !number_of(value, UINT16_MAX, &high))
		return;
	m->port_low = (uint16_t)low;
	m->port_high = (uint16_t)high;
}

static void read_location(struct sip_media_debug *m, uint8_t *to,
			  struct slice value)
{
	uint32_t n;

	if (!number_of(value, UINT8_MAX, &n))
		return;
	*to = (uint8_t)n;
	m->has_locations = true;
}

/* Addresses by the names that they have in the block. */
static struct endpoint *end_named(struct sip_media_debug *m, struct slice name)
{
	const struct {
		const char *name;
		struct endpoint *end;
	} rows[] = {
		{"LocalSite", &m->local_site},   {"LocalMR", &m->local_relay},
		{"RemoteSite", &m->remote_site}, {"RemoteMR", &m->remote_relay},
		{"BaseAddress", &m->base},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_is_nocase(name, rows[i].name))
			return rows[i].end;
	return NULL;
}

/* Takes over what one entry says; false when its name is not known. */
static bool take(struct sip_media_debug *m, struct slice name,
		 struct slice value)
{
	struct endpoint *end = end_named(m, name);
	uint32_t n;

	if (end)
		*end = end_of(value);
	else if (slice_is_nocase(name, "ICEWarn"))
		m->has_warn = hex_of(value, &m->warn);
	else if (slice_is_nocase(name, "ICEWarnEx"))
		m->has_warn_ex = hex_of(value, &m->warn_ex);
	else if (slice_is_nocase(name, "PortRange"))
		read_range(m, value);
	else if (slice_is_nocase(name, "LocalLocation"))
		read_location(m, &m->local_location, value);
	else if (slice_is_nocase(name, "RemoteLocation"))
		read_location(m, &m->remote_location, value);
	else if (slice_is_nocase(name, "FederationType"))
		m->federation =
			number_of(value, UINT8_MAX, &n) ? (uint8_t)n : 0;
	else if (slice_is_nocase(name, "NetworkName"))
		m->network = value;
	else
		return false;
	return true;
}

static bool is_one(struct slice value)
{
	uint32_t n;

	return number_of(value, UINT32_MAX, &n) && n != 0;
}

/* "NetworkErr=no error,ErrTime=0,...,MediaTimeout=0,RtcpByeSent=0,..." */
static void read_channel(struct sip_media_debug *m, struct slice value)
{
	struct slice name, text;

	while (sip_param_next(&value, ',', &name, &text)) {
		if (slice_is_nocase(name, "NetworkErr"))
			m->network_error = slice_is_nocase(text, "no error")
						   ? (struct slice){0}
						   : text;
		else if (slice_is_nocase(name, "MediaTimeout"))
			m->timed_out = is_one(text);
		else if (slice_is_nocase(name, "RtcpByeSent"))
			m->bye_sent = is_one(text);
		else if (slice_is_nocase(name, "RtcpByeRcvd"))
			m->bye_received = is_one(text);
		else
			continue;
		m->has_channel = true;
	}
}

/* "audio:ICEWarn" names the media that begin; doubled colons occur. */
static struct slice split_label(struct slice *name)
{
	struct slice label = {0};
	size_t colon;

	while (slice_find(*name, ':', &colon)) {
		if (colon)
			label = slice_trim(slice_first(*name, colon));
		*name = slice_trim(slice_from(*name, colon + 1));
	}
	return label;
}

struct blocks {
	struct sip_media_debug *list;
	size_t count, max;
};

static struct sip_media_debug *new_block(struct blocks *b, struct slice label,
					 bool callee)
{
	if (b->count == b->max)
		return NULL;
	b->list[b->count] =
		(struct sip_media_debug){.label = label, .callee = callee};
	return &b->list[b->count++];
}

/* The value of CallerMediaDebug: entries between commas, a label in front of
 * the first of each media. */
static void read_block(struct blocks *b, struct slice value, bool callee)
{
	struct sip_media_debug *m = NULL;
	struct slice name, text;

	while (sip_param_next(&value, ',', &name, &text)) {
		struct slice label = split_label(&name);

		if (label.n || !m)
			m = new_block(b, label, callee);
		if (!m)
			return;
		(void)take(m, name, text);
	}
}

/* Newer clients write the same names as parameters of the header. */
static void read_flat(struct blocks *b, const struct sip_diagnostic *d)
{
	struct slice rest = d->params, name, value;
	struct sip_media_debug m = {.label = value_of(d->params, "MediaType")};
	bool any = false;

	while (sip_param_next(&rest, ';', &name, &value)) {
		if (slice_is_nocase(name, "MediaChanBlob"))
			read_channel(&m, value);
		any |= take(&m, name, value) || m.has_channel;
	}
	m.callee = slice_is_nocase(value_of(d->params, "UserType"), "Callee");
	if (any && b->count < b->max)
		b->list[b->count++] = m;
}

size_t sip_media_debugs(const struct sip_diagnostic *d,
			struct sip_media_debug *out, size_t max)
{
	struct blocks b = {.list = out, .max = max};
	struct slice rest = d->params, name, value;

	while (sip_param_next(&rest, ';', &name, &value)) {
		if (slice_is_nocase(name, "CallerMediaDebug"))
			read_block(&b, value, false);
		else if (slice_is_nocase(name, "CalleeMediaDebug"))
			read_block(&b, value, true);
	}
	if (b.count == 0)
		read_flat(&b, d);
	return b.count;
}

/* ---- Reason, Warning ---- */

enum status sip_reason_read(struct slice entry, struct sip_reason *out)
{
	struct slice params = entry;
	struct sip_reason r = {
		.protocol = slice_trim(slice_split(&params, ';')),
	};

	if (r.protocol.n == 0 ||
	    !number_of(value_of(params, "cause"), 999, &r.cause))
		return STATUS_BAD;
	r.text = value_of(params, "text");
	*out = r;
	return STATUS_OK;
}

enum status sip_warning_read(struct slice entry, struct sip_warning *out)
{
	struct slice rest = slice_trim(entry);
	struct slice code = slice_split(&rest, ' ');
	struct sip_warning w = {.code = 0};

	rest = slice_trim(rest);
	if (!number_of(code, 999, &w.code) || rest.n == 0)
		return STATUS_BAD;
	/* Some do not say who warns. */
	if (rest.p[0] != '"')
		w.agent = slice_split(&rest, ' ');
	w.text = slice_trim(rest);
	if (w.text.n && w.text.p[0] == '"')
		w.text = slice_cut(w.text, 1, w.text.n - 1);
	if (w.text.n && w.text.p[w.text.n - 1] == '"')
		w.text = slice_first(w.text, w.text.n - 1);
	*out = w;
	return STATUS_OK;
}

/* ---- conference control ---- */

static bool is_named(const struct xml_element *e, const char *name)
{
	return slice_is_nocase(e->name, name);
}

enum status sip_conference_read(struct slice body, struct arena *arena,
				struct sip_conference *out)
{
	struct sip_conference c = {.response = false};
	const struct xml_element *root;
	enum status status;
	size_t at;

	if (!slice_search(body, SLICE(SIP_CONFERENCE_NAMESPACE), &at))
		return STATUS_NOT_MINE;
	status = xml_parse(body, arena, &root);
	if (status != STATUS_OK)
		return status;
	if (!slice_is_nocase(root->space, SIP_CONFERENCE_NAMESPACE) ||
	    (!is_named(root, "request") && !is_named(root, "response")))
		return STATUS_NOT_MINE;
	c.response = is_named(root, "response");
	c.code = xml_attribute_value(root, "code");
	c.reason = xml_attribute_value(root, "reason");
	if (root->first) {
		c.operation = root->first->name;
		if (!c.reason.n)
			c.reason = xml_attribute_value(root->first, "reason");
	}
	c.refused = c.response && c.code.n &&
		    !slice_is_nocase(c.code, "success") &&
		    !slice_is_nocase(c.code, "pending");
	*out = c;
	return STATUS_OK;
}
