/* TLS and DTLS records and the clear part of handshakes (RFC 8446, 6347). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/tls.h"

#define EXTENSION_SERVER_NAME 0

static bool is_content(uint8_t content)
{
	return content >= TLS_CHANGE_CIPHER_SPEC && content <= 26;
}

/* ---- handshake ---- */

/* The host_name of the server_name extension (RFC 6066 3). */
static struct slice host_name(struct slice body)
{
	struct cursor c = cursor_over(body);
	struct slice list = cursor_take(&c, cursor_u16(&c));

	c = cursor_over(list);
	while (c.left && !c.bad) {
		uint8_t type = cursor_u8(&c);
		struct slice name = cursor_take(&c, cursor_u16(&c));

		if (type == 0)
			return name;
	}
	return (struct slice){0};
}

static struct slice server_name(struct slice hello, bool datagram)
{
	struct cursor c = cursor_over(hello);
	struct slice extensions;

	cursor_skip(&c, 34);            /* version, random */
	cursor_skip(&c, cursor_u8(&c)); /* session id */
	if (datagram)
		cursor_skip(&c, cursor_u8(&c)); /* cookie */
	cursor_skip(&c, cursor_u16(&c));        /* cipher suites */
	cursor_skip(&c, cursor_u8(&c));         /* compression */
	extensions = cursor_take(&c, cursor_u16(&c));
	c = cursor_over(extensions);
	while (c.left && !c.bad) {
		uint16_t type = cursor_u16(&c);
		struct slice body = cursor_take(&c, cursor_u16(&c));

		if (type == EXTENSION_SERVER_NAME)
			return host_name(body);
	}
	return (struct slice){0};
}

static uint32_t cursor_u24(struct cursor *c)
{
	uint32_t high = cursor_u8(c);

	return high << 16 | cursor_u16(c);
}

struct slice tls_first_certificate(struct slice body)
{
	struct cursor c = cursor_over(body);

	cursor_skip(&c, 3); /* length of the list */
	return cursor_take(&c, cursor_u24(&c));
}

static bool is_handshake(uint8_t type)
{
	return type <= 4 || (type >= 8 && type <= 24);
}

bool tls_message_next(struct slice *bytes, struct tls_message *out)
{
	struct cursor c = cursor_over(*bytes);

	out->type = cursor_u8(&c);
	out->body = cursor_take(&c, cursor_u24(&c));
	if (c.bad)
		return false;
	out->whole = slice_first(*bytes, bytes->n - c.left);
	*bytes = cursor_rest(&c);
	return true;
}

struct slice tls_flight_certificate(struct slice bytes, struct slice *rest)
{
	struct tls_message m;
	struct cursor c;

	*rest = (struct slice){0};
	while (tls_message_next(&bytes, &m)) {
		if (m.type == TLS_CERTIFICATE)
			return tls_first_certificate(m.body);
		if (!is_handshake(m.type))
			return (struct slice){0};
	}
	if (bytes.n == 0 || !is_handshake(bytes.p[0]))
		return (struct slice){0};
	*rest = bytes;
	c = cursor_over(bytes);
	if (cursor_u8(&c) != TLS_CERTIFICATE)
		return (struct slice){0};
	cursor_skip(&c, 3);
	return tls_first_certificate(cursor_rest(&c));
}

/* The same of DTLS, of what is whole in one record. */
static struct slice dtls_certificate(struct slice body)
{
	struct dtls_fragment part;

	while (dtls_fragment_next(&body, &part))
		if (part.type == TLS_CERTIFICATE && part.bytes.n == part.length)
			return tls_first_certificate(part.bytes);
	return (struct slice){0};
}

bool dtls_fragment_next(struct slice *body, struct dtls_fragment *out)
{
	struct cursor c = cursor_over(*body);
	uint32_t part;

	out->type = cursor_u8(&c);
	out->length = cursor_u24(&c);
	out->message = cursor_u16(&c);
	out->offset = cursor_u24(&c);
	part = cursor_u24(&c);
	out->bytes = cursor_take(&c, part);
	if (c.bad || out->offset > out->length ||
	    part > out->length - out->offset)
		return false;
	*body = cursor_rest(&c);
	return true;
}

/* Encrypted handshake records look like noise here: the type or the length
 * does not fit, and nothing is claimed. */
static void read_handshake(struct tls_record *m, bool datagram)
{
	struct cursor c = cursor_over(m->body);
	uint8_t type = cursor_u8(&c);
	uint32_t length = cursor_u24(&c);
	uint32_t offset = 0, part = length;
	struct slice rest;

	if (datagram) {
		cursor_skip(&c, 2); /* message_seq */
		offset = cursor_u24(&c);
		part = cursor_u24(&c);
		if (part > c.left || offset > length || part > length - offset)
			return;
	}
	if (c.bad || !is_handshake(type) || m->epoch)
		return;
	m->handshake_readable = true;
	m->handshake = type;
	if (type == TLS_CLIENT_HELLO && offset == 0)
		m->server_name = server_name(slice_first(cursor_rest(&c), part),
					     datagram);
	else
		m->certificate =
			datagram ? dtls_certificate(m->body)
				 : tls_flight_certificate(m->body, &rest);
}

static void read_body(struct tls_record *m, bool datagram)
{
	if (m->content == TLS_HANDSHAKE) {
		read_handshake(m, datagram);
	} else if (m->content == TLS_ALERT && m->body.n == 2 && !m->epoch &&
		   (m->body.p[0] == 1 || m->body.p[0] == 2)) {
		m->alert_readable = true;
		m->alert_level = m->body.p[0];
		m->alert_description = m->body.p[1];
	}
}

bool tls_alert_is_about_certificate(unsigned description)
{
	return (description >= 41 && description <= 46) || description == 48 ||
	       (description >= 111 && description <= 114) || description == 116;
}

const char *tls_alert_name(unsigned description)
{
	static const struct {
		uint8_t number;
		const char *name;
	} rows[] = {
		{0, "close notify"},
		{10, "unexpected message"},
		{20, "bad record MAC"},
		{22, "record overflow"},
		{40, "handshake failure"},
		{41, "no certificate"},
		{42, "bad certificate"},
		{43, "unsupported certificate"},
		{44, "certificate revoked"},
		{45, "certificate expired"},
		{46, "certificate unknown"},
		{47, "illegal parameter"},
		{48, "unknown authority"},
		{49, "access denied"},
		{50, "decode error"},
		{51, "decrypt error"},
		{70, "protocol version"},
		{71, "insufficient security"},
		{80, "internal error"},
		{86, "inappropriate fallback"},
		{90, "cancelled by the user"},
		{109, "missing extension"},
		{110, "unsupported extension"},
		{112, "name not recognised"},
		{113, "bad status of the certificate"},
		{116, "certificate required"},
		{120, "no common application protocol"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == description)
			return rows[i].name;
	return "alert";
}

/* ---- TLS ---- */

enum claim tls_claims(struct slice in, bool stream)
{
	struct cursor c = cursor_over(in);
	uint8_t content = cursor_u8(&c);
	uint16_t version = cursor_u16(&c);
	uint16_t length = cursor_u16(&c);

	if (in.n && !is_content(in.p[0]))
		return CLAIM_NO;
	if (c.bad)
		return stream ? CLAIM_MAYBE : CLAIM_NO;
	(void)content;
	return version >= 0x0300 && version <= 0x0304 && length &&
			       length <= TLS_RECORD_MAX
		       ? CLAIM_SURE
		       : CLAIM_NO;
}

enum status tls_decode(struct decoding *d, struct slice in,
		       struct tls_record *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	struct tls_record m = {.content = cursor_u8(&c)};
	uint16_t length;

	m.version = cursor_u16(&c);
	length = cursor_u16(&c);
	if (c.bad)
		return d->stream || d->cut ? STATUS_SHORT : STATUS_BAD;
	if (!is_content(m.content) || m.version < 0x0300 || m.version > 0x0304)
		return STATUS_NOT_MINE;
	if (length > TLS_RECORD_MAX)
		return STATUS_BAD;
	m.body = cursor_take(&c, length);
	if (c.bad)
		return d->stream || d->cut ? STATUS_SHORT : STATUS_BAD;
	read_body(&m, false);
	*out = m;
	*used = (size_t)length + 5;
	return STATUS_OK;
}

/* ---- DTLS ---- */

enum claim dtls_claims(struct slice in, bool stream)
{
	struct cursor c = cursor_over(in);
	uint8_t content = cursor_u8(&c);
	uint16_t version = cursor_u16(&c);

	(void)stream;
	cursor_skip(&c, 8);
	if (c.bad || !is_content(content) ||
	    (version != DTLS_VERSION_1_0 && version != DTLS_VERSION_1_2 &&
	     version != 0x0100))
		return CLAIM_NO;
	return CLAIM_SURE;
}

static void dtls_head(struct cursor *c, struct tls_record *m)
{
	m->content = cursor_u8(c);
	m->version = cursor_u16(c);
	m->epoch = cursor_u16(c);
	m->sequence = (uint64_t)cursor_u16(c) << 32;
	m->sequence |= cursor_u32(c);
}

static enum status dtls_body(struct decoding *d, struct slice in,
			     struct cursor *c, struct tls_record *m)
{
	m->body = cursor_take(c, cursor_u16(c));
	if (c->bad)
		return d->cut ? STATUS_SHORT : STATUS_BAD;
	if (dtls_claims(in, false) == CLAIM_NO)
		return STATUS_NOT_MINE;
	read_body(m, true);
	return STATUS_OK;
}

enum status dtls_decode_with_id(struct decoding *d, struct slice in,
				size_t id_size, struct tls_record *out,
				size_t *used)
{
	struct cursor c = cursor_over(in);
	struct tls_record m = {.content = 0};
	enum status status;

	dtls_head(&c, &m);
	if (m.content == TLS_CONNECTION_ID)
		m.id = cursor_take(&c, id_size);
	status = dtls_body(d, in, &c, &m);
	if (status != STATUS_OK)
		return status;
	*out = m;
	*used = in.n - c.left;
	return STATUS_OK;
}

enum status dtls_decode(struct decoding *d, struct slice in,
			struct tls_record *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	struct tls_record m = {.content = 0};

	dtls_head(&c, &m);
	if (m.content != TLS_CONNECTION_ID ||
	    dtls_claims(in, false) == CLAIM_NO)
		return dtls_decode_with_id(d, in, 0, out, used);
	m.body = cursor_rest(&c);
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

/*
 *	0 0 1 C S L E E   connection id, 16 bits of sequence, length, epoch
 */
#define SEALED_MARK 0x20u
#define SEALED_MASK 0xE0u
#define SEALED_ID 0x10u
#define SEALED_LONG 0x08u
#define SEALED_LENGTH 0x04u
#define SEALED_EPOCH 0x03u
#define SEALED_LEAST 17u /* the tag and the type of what is inside */

enum status dtls_sealed_decode(struct slice in, struct tls_record *out,
			       size_t *used)
{
	struct cursor c = cursor_over(in);
	uint8_t first = cursor_u8(&c);
	struct tls_record m = {.sealed = true,
			       .version = DTLS_VERSION_1_3,
			       .epoch = first & SEALED_EPOCH};

	if ((first & SEALED_MASK) != SEALED_MARK || (first & SEALED_ID))
		return STATUS_NOT_MINE;
	m.sequence = first & SEALED_LONG ? cursor_u16(&c) : cursor_u8(&c);
	if (first & SEALED_LENGTH)
		m.body = cursor_take(&c, cursor_u16(&c));
	else
		m.body = cursor_take(&c, c.left);
	if (c.bad || m.body.n < SEALED_LEAST)
		return STATUS_BAD;
	*out = m;
	*used = in.n - c.left;
	return STATUS_OK;
}

void tls_walk(const struct tls_record *m, struct field_sink *to)
{
	field_number(to, "content-type", m->content);
	field_number(to, "version", m->version);
	if (m->handshake_readable)
		field_number(to, "handshake-type", m->handshake);
	if (m->server_name.n)
		field_text(to, "server-name", m->server_name);
	if (m->certificate.n)
		field_bytes(to, "certificate", m->certificate);
	if (m->alert_readable) {
		field_number(to, "alert-level", m->alert_level);
		field_number(to, "alert-description", m->alert_description);
	}
	field_number(to, "length", m->body.n);
}

static enum status decode_tls(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return tls_decode(d, in, out, used);
}

static enum status decode_dtls(struct decoding *d, struct slice in, void *out,
			       size_t *used)
{
	return dtls_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	tls_walk(message, to);
}

const struct dissector tls_dissector = {
	.name = "tls",
	.size = sizeof(struct tls_record),
	.claims = tls_claims,
	.decode = decode_tls,
	.walk = walk_any,
};

const struct dissector dtls_dissector = {
	.name = "dtls",
	.size = sizeof(struct tls_record),
	.claims = dtls_claims,
	.decode = decode_dtls,
	.walk = walk_any,
};
