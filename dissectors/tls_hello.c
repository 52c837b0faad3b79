/* Hellos: the fields that keys hang on (RFC 8446 4.1, RFC 5246 7.4.1). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/tls.h"

enum extension {
	EXTENSION_ENCRYPT_THEN_MAC = 22,
	EXTENSION_EXTENDED_MASTER = 23,
	EXTENSION_SESSION_TICKET = 35,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_CONNECTION_ID = 54,
};

/* The random of a ServerHello that asks for another ClientHello. */
static const uint8_t retry_random[32] = {
	0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
	0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
	0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static void read_extension(struct tls_hello *m, uint16_t type,
			   struct slice body, bool server)
{
	switch (type) {
	case EXTENSION_ENCRYPT_THEN_MAC:
		m->encrypt_then_mac = true;
		break;
	case EXTENSION_EXTENDED_MASTER:
		m->extended_master = true;
		break;
	case EXTENSION_SESSION_TICKET:
		m->ticket = body;
		break;
	case EXTENSION_SUPPORTED_VERSIONS:
		if (server && body.n == 2)
			m->version = (uint16_t)((unsigned)body.p[0] << 8 |
						body.p[1]);
		break;
	case EXTENSION_CONNECTION_ID:
		m->has_connection_id = body.n && body.p[0] == body.n - 1;
		m->connection_id_size = m->has_connection_id ? body.p[0] : 0;
		break;
	default:
		break;
	}
}

/* Without extensions there is nothing, not even their length. */
static void read_extensions(struct tls_hello *m, struct cursor *c, bool server)
{
	struct cursor list;

	if (c->bad || c->left == 0)
		return;
	list = cursor_over(cursor_take(c, cursor_u16(c)));
	while (list.left && !list.bad) {
		uint16_t type = cursor_u16(&list);
		struct slice body = cursor_take(&list, cursor_u16(&list));

		if (!list.bad)
			read_extension(m, type, body, server);
	}
	c->bad |= list.bad;
}

static void read_start(struct tls_hello *m, struct cursor *c)
{
	m->version = cursor_u16(c);
	m->random = cursor_take(c, 32);
	m->session_id = cursor_take(c, cursor_u8(c));
}

enum status tls_client_hello_read(struct slice body, bool datagram,
				  struct tls_hello *out)
{
	struct cursor c = cursor_over(body);
	struct tls_hello m = {.version = 0};

	read_start(&m, &c);
	if (datagram)
		cursor_skip(&c, cursor_u8(&c)); /* cookie */
	cursor_skip(&c, cursor_u16(&c));        /* cipher suites */
	cursor_skip(&c, cursor_u8(&c));         /* compression methods */
	read_extensions(&m, &c, false);
	if (c.bad || c.left)
		return STATUS_BAD;
	*out = m;
	return STATUS_OK;
}

enum status tls_server_hello_read(struct slice body, struct tls_hello *out)
{
	struct cursor c = cursor_over(body);
	struct tls_hello m = {.version = 0};

	read_start(&m, &c);
	m.suite = cursor_u16(&c);
	m.compression = cursor_u8(&c);
	read_extensions(&m, &c, true);
	if (c.bad || c.left)
		return STATUS_BAD;
	m.retry = slice_equal(m.random, slice_of(retry_random, 32));
	*out = m;
	return STATUS_OK;
}
