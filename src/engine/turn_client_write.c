/* What the client sends. */
#include "config.h"

#include "dissectors/turn.h"
#include "engine/attributes.h"
#include "engine/turn_client_state.h"

#define MS_FRAME_CONTROL 2u /* [MS-TURN] 2.1.4 */
#define MS_FRAME_DATA 3u
#define UDP_PROTOCOL 17u

/* Method and class of each ask; the third: is it signed? */
static const struct {
	uint16_t type;
	bool is_signed;
} requests[CLIENT_ASKS] = {
	[CLIENT_BINDING] = {0x0001, false},
	[CLIENT_ALLOCATE] = {0x0003, true},
	[CLIENT_REFRESH] = {0x0004, true},
	[CLIENT_PERMISSION] = {0x0008, true},
	[CLIENT_CHANNEL] = {0x0009, true},
	[CLIENT_ACTIVE_DESTINATION] = {0x0006, true},
};

#define TYPE_SEND 0x0016u
#define TYPE_MS_SEND 0x0004u
#define TYPE_ALLOCATE 0x0003u

static void begin(struct turn_client *c, struct text *to, struct stun_writer *w,
		  uint16_t type)
{
	text_clear(to);
	*w = (struct stun_writer){.to = to, .aligned = !c->config.ms_turn};
	stun_write_begin(w, type, c->id);
	if (!c->config.ms_turn)
		return;
	stun_write_u32(w, MS_AT_MAGIC_COOKIE, MS_TURN_COOKIE);
	stun_write_u32(w, MS_AT_VERSION, c->config.ms_version);
}

/* The server's connection id and a number that grows ([MS-TURN] 2.2.2.21). */
static void write_sequence(struct turn_client *c, struct stun_writer *w)
{
	uint8_t value[MS_CONNECTION_ID + 4];

	if (!c->has_sequence)
		return;
	c->sequence++;
	memcpy(value, c->connection_id, MS_CONNECTION_ID);
	for (unsigned i = 0; i < 4; i++)
		value[MS_CONNECTION_ID + i] =
			(uint8_t)(c->sequence >> (24 - 8 * i));
	stun_write_bytes(w, MS_AT_SEQUENCE, slice_of(value, sizeof(value)));
}

static void write_family(struct stun_writer *w, uint16_t type,
			 enum address_family family)
{
	uint8_t value[4] = {family == FAMILY_IPV6 ? 2 : 1, 0, 0, 0};

	if (family != FAMILY_NONE)
		stun_write_bytes(w, type, slice_of(value, sizeof(value)));
}

static void write_change(struct stun_writer *w, const struct client_request *r)
{
	uint32_t flags = (r->change_ip ? 4u : 0) | (r->change_port ? 2u : 0);

	if (flags)
		stun_write_u32(w, AT_CHANGE_REQUEST, flags);
}

static void write_channel(struct stun_writer *w, uint16_t channel)
{
	stun_write_u32(w, AT_CHANNEL_NUMBER, (uint32_t)channel << 16);
}

static void write_rfc(struct turn_client *c, struct stun_writer *w)
{
	static const uint8_t transport[4] = {UDP_PROTOCOL, 0, 0, 0};
	const struct client_request *r = &c->request;

	if (r->ask == CLIENT_ALLOCATE) {
		stun_write_bytes(w, AT_REQUESTED_TRANSPORT,
				 slice_of(transport, sizeof(transport)));
		write_family(w, AT_REQUESTED_FAMILY, r->family);
		if (r->both)
			write_family(w, AT_ADDITIONAL_FAMILY, FAMILY_IPV6);
	}
	if (r->ask == CLIENT_BINDING)
		write_change(w, r);
	if (r->has_lifetime)
		stun_write_u32(w, AT_LIFETIME, r->lifetime);
	if (r->ask == CLIENT_CHANNEL)
		write_channel(w, r->channel);
	if (r->ask == CLIENT_PERMISSION || r->ask == CLIENT_CHANNEL)
		stun_write_xor_address(w, AT_XOR_PEER_ADDRESS, &r->peer);
	if (c->is_signed &&
	    (r->ask == CLIENT_ALLOCATE || r->ask == CLIENT_REFRESH))
		credential_put_token(&c->who, w);
	if (c->config.software.n)
		stun_write_bytes(w, AT_SOFTWARE, c->config.software);
}

static void write_ms(struct turn_client *c, struct stun_writer *w)
{
	const struct client_request *r = &c->request;

	if (r->has_lifetime)
		stun_write_u32(w, AT_LIFETIME, r->lifetime);
	if (r->ask == CLIENT_ALLOCATE)
		write_family(w, MS_AT_REQUESTED_FAMILY, r->family);
	if (r->ask == CLIENT_ACTIVE_DESTINATION)
		stun_write_address(w, MS_AT_DESTINATION, &r->peer);
	if (c->has_session)
		stun_write_bytes(w, MS_AT_SESSION,
				 slice_of(c->session, sizeof(c->session)));
	write_sequence(c, w);
}

/* [MS-TURN] refreshes by another Allocate. */
static uint16_t type_of(const struct turn_client *c)
{
	if (c->config.ms_turn && c->request.ask == CLIENT_REFRESH)
		return TYPE_ALLOCATE;
	return requests[c->request.ask].type;
}

bool client_write_request(struct turn_client *c)
{
	struct stun_writer w;

	/* A Binding is, where the server has asked for it. */
	c->is_signed = c->who.challenged &&
		       (requests[c->request.ask].is_signed || c->challenges);
	begin(c, &c->out, &w, type_of(c));
	if (c->config.ms_turn)
		write_ms(c, &w);
	else
		write_rfc(c, &w);
	if (c->is_signed)
		credential_sign(&c->who, &w);
	if (!c->config.ms_turn)
		stun_write_fingerprint(&w);
	return c->out.failed == STATUS_OK;
}

/* ---- on the wire ---- */

static void send_framed(struct turn_client *c, uint8_t kind,
			struct slice payload)
{
	struct text frame = text_new(CLIENT_MESSAGE_MAX + 4);
	char head[4] = {(char)kind, 0, (char)(payload.n >> 8 & 0xFF),
			(char)(payload.n & 0xFF)};

	text_put(&frame, slice_of(head, sizeof(head)));
	text_put(&frame, payload);
	if (frame.failed == STATUS_OK)
		c->provider.send(c->provider.context, text_slice(&frame));
	text_free(&frame);
}

void client_transmit(struct turn_client *c, struct slice message)
{
	if (c->config.ms_turn && c->config.stream)
		send_framed(c, MS_FRAME_CONTROL, message);
	else
		c->provider.send(c->provider.context, message);
}

/* [MS-TURN] 2.1.1: ClientHello of TLS 1.0, DH_anon with RC4 and MD5, no
 * session, no compression; time and random are free. */
void client_send_hello(struct turn_client *c)
{
	uint8_t hello[50] = {0x16, 3, 1, 0, 0x2D, 1, 0, 0, 0x29, 3, 1};

	c->provider.random(c->provider.context, hello + 11, 32);
	hello[43] = 0;
	hello[44] = 0;
	hello[45] = 2;
	hello[46] = 0;
	hello[47] = 0x18;
	hello[48] = 1;
	hello[49] = 0;
	c->provider.send(c->provider.context, slice_of(hello, sizeof(hello)));
}

void turn_client_send(struct turn_client *c, const struct endpoint *peer,
		      struct slice data)
{
	uint8_t saved[16];
	struct stun_writer w;

	memcpy(saved, c->id, sizeof(saved));
	c->provider.random(c->provider.context, c->id + 4, 12);
	begin(c, &c->aside, &w, c->config.ms_turn ? TYPE_MS_SEND : TYPE_SEND);
	if (c->config.ms_turn)
		stun_write_address(&w, MS_AT_DESTINATION, peer);
	else
		stun_write_xor_address(&w, AT_XOR_PEER_ADDRESS, peer);
	stun_write_bytes(&w, AT_DATA, data);
	if (c->config.ms_turn) {
		write_sequence(c, &w);
		credential_sign(&c->who, &w);
	}
	memcpy(c->id, saved, sizeof(saved));
	if (c->aside.failed == STATUS_OK)
		client_transmit(c, text_slice(&c->aside));
}

void turn_client_send_channel(struct turn_client *c, uint16_t channel,
			      struct slice data)
{
	text_clear(&c->aside);
	if (!c->config.ms_turn)
		channel_data_write(&c->aside, channel, data, c->config.stream);
	else
		text_put(&c->aside, data);
	if (c->aside.failed != STATUS_OK)
		return;
	if (c->config.ms_turn && c->config.stream)
		send_framed(c, MS_FRAME_DATA, text_slice(&c->aside));
	else
		c->provider.send(c->provider.context, text_slice(&c->aside));
}
