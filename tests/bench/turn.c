/*
 * The caller's TURN allocation (RFC 8656), and what travels through it.
 */
#include "config.h"

#include "tests/bench/call.h"

#include <string.h>

#define SOFTWARE "bench relay 1.0 (RFC 8656)"

enum { LIFETIME_S = 600, UDP_PROTOCOL = 17 };

static struct endpoint turn_server(void)
{
	return (struct endpoint){ 0xC6120014, 3478 };	/* 198.18.0.20 */
}

static void write_message(struct bench *b, const struct call *c,
			  enum call_side from, const struct stun_writer *m)
{
	struct endpoint path[2] = { c->party[CALLER].host, turn_server() };

	if (from == CALLEE) {
		path[0] = turn_server();
		path[1] = c->party[CALLER].host;
	}
	b->failed |= m->full;
	pcap_writer_udp(&b->out, b->now_us, path, m->bytes, m->len);
}

static void begin_request(struct call *c, enum stun_type type,
			  struct stun_writer *m)
{
	dice_bytes(&c->dice, c->ids[ID_TURN], STUN_ID_LEN);
	stun_begin(m, type, c->ids[ID_TURN]);
}

static void write_request(struct bench *b, struct call *c,
			  struct stun_writer *m)
{
	stun_text(m, STUN_USERNAME, BENCH_USER);
	stun_text(m, STUN_REALM, BENCH_REALM);
	stun_text(m, STUN_NONCE, c->turn_nonce);
	stun_seal(m, &b->crypto, &b->turn_key);
	write_message(b, c, CALLER, m);
}

static void write_success(struct bench *b, struct call *c,
			  struct stun_writer *m)
{
	stun_text(m, STUN_SOFTWARE, SOFTWARE);
	stun_seal(m, &b->crypto, &b->turn_key);
	write_message(b, c, CALLEE, m);
}

void turn_allocate(struct bench *b, struct call *c,
		   const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	begin_request(c, STUN_ALLOCATE_REQUEST, &m);
	stun_u32(&m, STUN_REQUESTED_TRANSPORT, (uint32_t)UDP_PROTOCOL << 24);
	stun_seal_open(&m, &b->crypto);
	write_message(b, c, CALLER, &m);
}

void turn_allocate_challenge(struct bench *b, struct call *c,
			     const struct call_step *row)
{
	static const char error[] = "\0\0\4\1" "Unauthenticated";
	struct stun_writer m;

	(void)row;
	dice_text(&c->dice, c->turn_nonce, NONCE_LEN);
	stun_begin(&m, STUN_ALLOCATE_ERROR, c->ids[ID_TURN]);
	stun_bytes(&m, STUN_ERROR_CODE, error, sizeof error - 1);
	stun_text(&m, STUN_REALM, BENCH_REALM);
	stun_text(&m, STUN_NONCE, c->turn_nonce);
	stun_text(&m, STUN_SOFTWARE, SOFTWARE);
	stun_seal_open(&m, &b->crypto);
	write_message(b, c, CALLEE, &m);
}

void turn_allocate_again(struct bench *b, struct call *c,
			 const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	begin_request(c, STUN_ALLOCATE_REQUEST, &m);
	stun_u32(&m, STUN_REQUESTED_TRANSPORT, (uint32_t)UDP_PROTOCOL << 24);
	write_request(b, c, &m);
}

void turn_allocate_ok(struct bench *b, struct call *c,
		      const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	stun_begin(&m, STUN_ALLOCATE_SUCCESS, c->ids[ID_TURN]);
	stun_address(&m, STUN_XOR_RELAYED_ADDRESS, c->party[CALLER].relay);
	stun_address(&m, STUN_XOR_MAPPED_ADDRESS, c->party[CALLER].nat);
	stun_u32(&m, STUN_LIFETIME, LIFETIME_S);
	write_success(b, c, &m);
}

void turn_permit(struct bench *b, struct call *c, const struct call_step *row)
{
	const struct call_party *peer = &c->party[CALLEE];
	struct stun_writer m;

	(void)row;
	begin_request(c, STUN_PERMISSION_REQUEST, &m);
	stun_address(&m, STUN_XOR_PEER_ADDRESS, peer->host);
	stun_address(&m, STUN_XOR_PEER_ADDRESS, peer->nat);
	stun_address(&m, STUN_XOR_PEER_ADDRESS, peer->relay);
	write_request(b, c, &m);
}

void turn_permit_ok(struct bench *b, struct call *c,
		    const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	stun_begin(&m, STUN_PERMISSION_SUCCESS, c->ids[ID_TURN]);
	write_success(b, c, &m);
}

void turn_bind(struct bench *b, struct call *c, const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	begin_request(c, STUN_CHANNEL_REQUEST, &m);
	stun_u32(&m, STUN_CHANNEL_NUMBER, BENCH_CHANNEL << 16);
	stun_address(&m, STUN_XOR_PEER_ADDRESS, c->party[CALLEE].nat);
	write_request(b, c, &m);
}

void turn_bind_ok(struct bench *b, struct call *c, const struct call_step *row)
{
	struct stun_writer m;

	(void)row;
	stun_begin(&m, STUN_CHANNEL_SUCCESS, c->ids[ID_TURN]);
	write_success(b, c, &m);
}

static void carry_direct(struct bench *b, const struct call *c,
			 enum call_side from, const void *bytes, size_t len)
{
	struct endpoint path[2] = { c->party[CALLER].host,
				    c->party[CALLEE].nat };

	if (from == CALLEE) {
		path[0] = c->party[CALLEE].nat;
		path[1] = c->party[CALLER].host;
	}
	pcap_writer_udp(&b->out, b->now_us, path, bytes, len);
}

/* ChannelData (RFC 8656, 12.4), without the padding that UDP can spare. */
static void carry_channel(struct bench *b, const struct call *c,
			  enum call_side from, const void *bytes, size_t len)
{
	struct stun_writer m = { .len = 4 + len };

	if (m.len > sizeof m.bytes) {
		b->failed = true;
		return;
	}
	m.bytes[0] = BENCH_CHANNEL >> 8;
	m.bytes[1] = BENCH_CHANNEL & 0xFF;
	m.bytes[2] = (uint8_t)(len >> 8);
	m.bytes[3] = (uint8_t)len;
	memcpy(m.bytes + 4, bytes, len);
	write_message(b, c, from, &m);
}

/* The peer of indications is the callee's own relay: the longest way. */
static void carry_indication(struct bench *b, const struct call *c,
			     enum call_side from, const void *bytes,
			     size_t len)
{
	struct dice dice = dice_for(b->options.seed ^ b->now_us, c->number);
	uint8_t id[STUN_ID_LEN];
	struct stun_writer m;

	dice_bytes(&dice, id, sizeof id);
	stun_begin(&m, from == CALLER ? STUN_SEND_INDICATION :
					STUN_DATA_INDICATION, id);
	stun_address(&m, STUN_XOR_PEER_ADDRESS, c->party[CALLEE].relay);
	stun_bytes(&m, STUN_DATA, bytes, len);
	write_message(b, c, from, &m);
}

void turn_carry(struct bench *b, const struct call *c,
		const struct call_step *row, const void *bytes, size_t len)
{
	switch (row->path) {
	case PATH_DIRECT:
		carry_direct(b, c, row->side, bytes, len);
		break;
	case PATH_INDICATION:
		carry_indication(b, c, row->side, bytes, len);
		break;
	case PATH_CHANNEL:
		carry_channel(b, c, row->side, bytes, len);
		break;
	}
}
