/* Sealing TLS records for a wire. */
#include "config.h"

#include <openssl/evp.h>

#include "dissectors/tls.h"
#include "net/tls_keys.h"
#include "tests/support/t.h"
#include "tests/support/tls_wire.h"

#define RECORD_TEXT_MAX 65536u

#define CLIENT_RANDOM \
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
#define LATER_RANDOM \
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddee0"
#define SERVER_RANDOM \
	"505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f"
#define MASTER                                                             \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	"202122232425262728292a2b2c2d2e2f"

#define LATER_MASTER                                                       \
	"ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	"202122232425262728292a2b2c2d2e2f"

/* Type, version, length; then ClientHello and ServerHello without any
 * extension; both have no session id. */
#define CLIENT_HELLO "16030100 2d 01000029 0303" CLIENT_RANDOM "000002c02f0100"
#define SERVER_HELLO "16030300 2a 02000026 0303" SERVER_RANDOM "00c02f00"
#define CHANGE_CIPHER_SPEC "140303000101"
/* The same of DTLS 1.2, whose heads have numbers; no cookie is asked for. */
#define DATAGRAM_CLIENT_HELLO                                         \
	"16fefd 0000 000000000000 0036 01 00002a 0000 000000 00002a " \
	"fefd" CLIENT_RANDOM "00000002c02f0100"
#define DATAGRAM_SERVER_HELLO                                         \
	"16fefd 0000 000000000000 0032 02 000026 0000 000000 000026 " \
	"fefd" SERVER_RANDOM "00c02f00"
#define DATAGRAM_CHANGE "14fefd 0000 000000000001 0001 01"

#define LATER_HELLO "01000029 0303" LATER_RANDOM "000002c02f0100"
#define LATER_ANSWER "02000026 0303" SERVER_RANDOM "00c02f00"

const char tls_wire_keylog_later[] =
	"CLIENT_RANDOM " LATER_RANDOM " " LATER_MASTER "\n";
const char tls_wire_keylog[] = "CLIENT_RANDOM " CLIENT_RANDOM " " MASTER "\n";

static void put_number(struct text *to, uint64_t value, unsigned bytes)
{
	while (bytes--) {
		uint8_t byte = (uint8_t)(value >> 8 * bytes);

		text_put(to, slice_of(&byte, 1));
	}
}

static void put_record(struct tls_wire *t, unsigned side, uint8_t content,
		       struct slice data, struct text *to)
{
	uint64_t sequence = t->sequence[side]++;
	uint8_t aad[13] = {0}, nonce[12] = {0};
	uint8_t out[16384], tag[16];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	size_t size = 8 + data.n + sizeof(tag);
	int n;

	assert_true(data.n <= sizeof(out));
	memcpy(nonce, t->iv[side], 4);
	for (unsigned i = 0; i < 8; i++)
		aad[7 - i] = nonce[11 - i] = (uint8_t)(sequence >> 8 * i);
	aad[8] = content;
	aad[9] = t->datagrams ? 0xFE : 3;
	aad[10] = t->datagrams ? 0xFD : 3;
	aad[11] = (uint8_t)(data.n >> 8);
	aad[12] = (uint8_t)data.n;
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, t->key[side], nonce);
	EVP_EncryptUpdate(c, NULL, &n, aad, sizeof(aad));
	EVP_EncryptUpdate(c, out, &n, data.p, (int)data.n);
	EVP_EncryptFinal_ex(c, out + data.n, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag);
	EVP_CIPHER_CTX_free(c);
	text_put(to, slice_of(aad + 8, 3));
	if (t->datagrams)
		put_number(to, sequence, 8);
	put_number(to, size, 2);
	text_put(to, slice_of(nonce + 4, 8));
	text_put(to, slice_of(out, data.n));
	text_put(to, slice_of(tag, sizeof(tag)));
}

static void put_hex(struct text *to, const char *digits)
{
	struct slice bytes = t_hex(digits);

	text_put(to, bytes);
	t_release(bytes);
}

static void derive_from(struct tls_wire *t, const char *random,
			const char *secret)
{
	struct slice client = t_hex(random), server = t_hex(SERVER_RANDOM);
	struct slice master = t_hex(secret);
	struct tls_seed seed = {"key expansion", server, client};
	uint8_t block[40];

	tls_prf(TLS_HASH_SHA256, master, &seed, block, sizeof(block));
	memcpy(t->key, block, 32);
	memcpy(t->iv, block + 32, 8);
	t_release(client);
	t_release(server);
	t_release(master);
}

static void derive(struct tls_wire *t)
{
	derive_from(t, CLIENT_RANDOM, MASTER);
}

static void send_text(struct tls_wire *t, unsigned side, struct text *text)
{
	if (t->datagrams)
		wire_udp(t->wire, t->tcp.ends[side], t->tcp.ends[!side],
			 text_slice(text));
	else
		wire_tcp(t->wire, &t->tcp, side, text_slice(text));
	text_free(text);
}

void tls_wire_open(struct tls_wire *t, struct wire *w, const char *client,
		   const char *server)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	*t = (struct tls_wire){
		.wire = w,
		.tcp = {.ends = {client, server}, .next = {100, 4294967000}}};
	derive(t);
	wire_tcp_syn(w, &t->tcp);
	put_hex(&text, CLIENT_HELLO);
	send_text(t, 0, &text);
	put_hex(&text, SERVER_HELLO);
	send_text(t, 1, &text);
	for (unsigned side = 0; side < 2; side++) {
		put_hex(&text, CHANGE_CIPHER_SPEC);
		put_record(t, side, TLS_HANDSHAKE,
			   SLICE("\x14\0\0\x0c"
				 "finished----"),
			   &text);
		send_text(t, side, &text);
	}
}

/* Its records are under the old keys until each side changes them. */
void tls_wire_renegotiate(struct tls_wire *t)
{
	static const char *const hellos[] = {LATER_HELLO, LATER_ANSWER};
	struct tls_wire later = *t;
	struct text text = text_new(RECORD_TEXT_MAX);

	derive_from(&later, LATER_RANDOM, LATER_MASTER);
	for (unsigned side = 0; side < 2; side++) {
		struct slice hello = t_hex(hellos[side]);

		put_record(t, side, TLS_HANDSHAKE, hello, &text);
		send_text(t, side, &text);
		t_release(hello);
	}
	for (unsigned side = 0; side < 2; side++) {
		put_record(t, side, TLS_CHANGE_CIPHER_SPEC, SLICE("\1"), &text);
		memcpy(t->key[side], later.key[side], sizeof(t->key[side]));
		memcpy(t->iv[side], later.iv[side], sizeof(t->iv[side]));
		t->sequence[side] = 0;
		put_record(t, side, TLS_HANDSHAKE,
			   SLICE("\x14\0\0\x0c"
				 "finished----"),
			   &text);
		send_text(t, side, &text);
	}
}

void tls_wire_open_datagrams(struct tls_wire *t, struct wire *w,
			     const char *client, const char *server)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	*t = (struct tls_wire){
		.wire = w,
		.datagrams = true,
		.tcp = {.ends = {client, server}},
		.sequence = {UINT64_C(1) << 48, UINT64_C(1) << 48}};
	derive(t);
	put_hex(&text, DATAGRAM_CLIENT_HELLO);
	send_text(t, 0, &text);
	put_hex(&text, DATAGRAM_SERVER_HELLO);
	send_text(t, 1, &text);
	for (unsigned side = 0; side < 2; side++) {
		put_hex(&text, DATAGRAM_CHANGE);
		put_record(t, side, TLS_HANDSHAKE,
			   SLICE("\x14\0\0\x0c\0\x05\0\0\0\0\0\x0c"
				 "finished----"),
			   &text);
		send_text(t, side, &text);
	}
}

void tls_wire_seal(struct tls_wire *t, unsigned side, struct slice data,
		   struct text *to)
{
	put_record(t, side, TLS_APPLICATION_DATA, data, to);
}

void tls_wire_send(struct tls_wire *t, unsigned side, struct slice data)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	tls_wire_seal(t, side, data, &text);
	send_text(t, side, &text);
}

void tls_wire_seal_wrongly(struct tls_wire *t, unsigned side, struct slice data,
			   struct text *to)
{
	tls_wire_seal(t, side, data, to);
	to->p[to->n - 1] ^= 1;
}

void tls_wire_put_options(struct text *to, const char *cseq)
{
	wire_sip_text(to, &(struct wire_sip){.start = "OPTIONS sip:b@a",
					     .call = "c",
					     .cseq = cseq});
}

void tls_wire_send_options(struct tls_wire *t, unsigned side, const char *cseq)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	tls_wire_put_options(&text, cseq);
	tls_wire_send(t, side, text_slice(&text));
	text_free(&text);
}

/* ---- TURN in them ---- */

const struct wire_stun tls_wire_allocate = {.type = 3, .id = 1};
const struct wire_stun tls_wire_check = {
	.type = 1, .id = 3, .priority = 5, .controlling = true};

void tls_wire_send_stun(struct tls_wire *t, unsigned side,
			const struct wire_stun *m)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	wire_stun_text(&text, m);
	tls_wire_send(t, side, text_slice(&text));
	text_free(&text);
}

void tls_wire_send_turn(struct tls_wire *t)
{
	static const struct wire_stun granted = {.type = 0x0103,
						 .id = 1,
						 .relayed = "9:50000",
						 .mapped = "1:40000"};
	struct wire_stun send = {
		.type = 0x0016, .id = 2, .peer = "3:6000", .has_data = true};
	struct text inner = text_new(RECORD_TEXT_MAX);

	tls_wire_send_stun(t, 0, &tls_wire_allocate);
	tls_wire_send_stun(t, 1, &granted);
	wire_stun_text(&inner, &tls_wire_check);
	send.data = text_slice(&inner);
	tls_wire_send_stun(t, 0, &send);
	text_free(&inner);
}

void tls_wire_lose(struct tls_wire *t, unsigned side, struct slice data)
{
	struct text text = text_new(RECORD_TEXT_MAX);

	tls_wire_seal(t, side, data, &text);
	wire_tcp_lose(&t->tcp, side, text.n);
	text_free(&text);
}
