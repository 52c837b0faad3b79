/* Opening the records of one direction. */
#include "config.h"

#include "net/tls_direction.h"

#define EXPLICIT_NONCE 8u
#define HEADER_MAX (8u + 3u + 2u + 8u + 255u + 2u)

void tls_direction_clear(struct tls_direction *d)
{
	cipher_free(d->cipher);
	bytes_wipe(d, sizeof(*d));
}

enum status tls_direction_set(struct tls_direction *d,
			      const struct tls_keys *keys)
{
	enum cipher_kind kind = keys->suite->cipher;

	tls_direction_clear(d);
	if (keys->iv.n > sizeof(d->iv) || keys->mac.n > sizeof(d->mac))
		return STATUS_BAD;
	d->cipher = cipher_new(kind, keys->key);
	if (!d->cipher)
		return STATUS_NOMEM;
	d->suite = keys->suite;
	d->version = keys->version;
	d->encrypt_then_mac = keys->encrypt_then_mac;
	d->chained = cipher_block_size(kind) && keys->version < TLS_VERSION_1_1;
	if (keys->iv.n)
		memcpy(d->iv, keys->iv.p, keys->iv.n);
	if (keys->mac.n)
		memcpy(d->mac, keys->mac.p, keys->mac.n);
	return STATUS_OK;
}

static void put_number(uint8_t *to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

/* With a connection id: a mark, type, the id's size, type, version, number, the
 * id, length (RFC 9146 5). */
static struct slice header_with_id(const struct tls_record *record,
				   uint64_t sequence, size_t length,
				   uint8_t header[HEADER_MAX])
{
	size_t n = record->id.n;

	memset(header, 0xFF, 8);
	header[8] = header[10] = record->content;
	header[9] = (uint8_t)n;
	put_number(header + 11, record->version, 2);
	put_number(header + 13, sequence, 8);
	if (n)
		memcpy(header + 21, record->id.p, n);
	put_number(header + 21 + n, length, 2);
	return slice_of(header, 23 + n);
}

/* What is authenticated beside the text: number, type, version, length. */
static struct slice header_of(const struct tls_record *record,
			      uint64_t sequence, size_t length,
			      uint8_t header[HEADER_MAX])
{
	if (record->content == TLS_CONNECTION_ID)
		return header_with_id(record, sequence, length, header);
	put_number(header, sequence, 8);
	header[8] = record->content;
	put_number(header + 9, record->version, 2);
	put_number(header + 11, length, 2);
	return slice_of(header, 13);
}

/* The true type stands behind the text, zeros may follow (RFC 8446 5.2,
 * RFC 9146 4). */
static struct tls_opened inner_of(struct slice text)
{
	size_t n = text.n;

	while (n && text.p[n - 1] == 0)
		n--;
	return (struct tls_opened){
		.content = n ? text.p[n - 1] : 0,
		.text = slice_first(text, n ? n - 1 : 0),
	};
}

/* ---- ciphers that authenticate ---- */

/* The agreed IV, mixed with the number (RFC 8446 5.3, RFC 7905 2). */
static void mixed_nonce(const struct tls_direction *d, uint64_t sequence,
			uint8_t nonce[CIPHER_NONCE_SIZE])
{
	uint8_t number[8];

	put_number(number, sequence, 8);
	memcpy(nonce, d->iv, CIPHER_NONCE_SIZE);
	for (size_t i = 0; i < 8; i++)
		nonce[4 + i] ^= number[i];
}

static bool open_aead_12(struct tls_direction *d,
			 const struct tls_record *record, uint64_t sequence,
			 uint8_t *out, struct tls_opened *opened)
{
	bool chacha = d->suite->cipher == CIPHER_CHACHA20_POLY1305;
	size_t before = chacha ? 0 : EXPLICIT_NONCE;
	uint8_t nonce[CIPHER_NONCE_SIZE], header[HEADER_MAX];
	struct sealed sealed = {.nonce = slice_of(nonce, sizeof(nonce))};
	size_t n = record->body.n;

	if (n < before + d->suite->tag)
		return false;
	n -= before + d->suite->tag;
	if (chacha) {
		mixed_nonce(d, sequence, nonce);
	} else {
		memcpy(nonce, d->iv, 4);
		memcpy(nonce + 4, record->body.p, EXPLICIT_NONCE);
	}
	sealed.text = slice_cut(record->body, before, n);
	sealed.tag = slice_from(record->body, before + n);
	sealed.aad = header_of(record, sequence, n, header);
	*opened = (struct tls_opened){record->content, slice_of(out, n)};
	return cipher_open(d->cipher, &sealed, out);
}

static bool open_aead_13(struct tls_direction *d,
			 const struct tls_record *record, uint64_t sequence,
			 uint8_t *out, struct tls_opened *opened)
{
	uint8_t nonce[CIPHER_NONCE_SIZE], header[5];
	struct sealed sealed = {.nonce = slice_of(nonce, sizeof(nonce)),
				.aad = slice_of(header, sizeof(header))};
	size_t n = record->body.n;

	if (n < d->suite->tag)
		return false;
	mixed_nonce(d, sequence, nonce);
	header[0] = record->content;
	put_number(header + 1, record->version, 2);
	put_number(header + 3, n, 2);
	n -= d->suite->tag;
	sealed.text = slice_first(record->body, n);
	sealed.tag = slice_from(record->body, n);
	if (!cipher_open(d->cipher, &sealed, out))
		return false;
	*opened = inner_of(slice_of(out, n));
	return true;
}

/* ---- ciphers with a MAC ---- */

static bool mac_fits(const struct tls_direction *d,
		     const struct tls_record *record, uint64_t sequence,
		     struct slice text, struct slice mac)
{
	size_t size = tls_hash_size(d->suite->mac);
	uint8_t header[HEADER_MAX], want[TLS_HASH_MAX];
	struct slice pieces[] = {header_of(record, sequence, text.n, header),
				 text};

	tls_hmac(d->suite->mac, slice_of(d->mac, size), pieces, 2, want);
	return slice_equal(mac, slice_of(want, size));
}

/* Without padding (its length is the last byte); false: there is none. */
static bool strip_padding(struct slice *text)
{
	size_t padding;

	if (text->n == 0)
		return false;
	padding = (size_t)text->p[text->n - 1] + 1;
	if (padding > text->n)
		return false;
	*text = slice_first(*text, text->n - padding);
	return true;
}

/* The MAC at the end of the text; false: it is too short. */
static bool split_mac(const struct tls_direction *d, struct slice *text,
		      struct slice *mac)
{
	size_t size = tls_hash_size(d->suite->mac);

	if (text->n < size)
		return false;
	*mac = slice_from(*text, text->n - size);
	*text = slice_first(*text, text->n - size);
	return true;
}

static bool decrypt_blocks(struct tls_direction *d, struct slice body,
			   uint8_t *out, struct slice *text)
{
	size_t block = cipher_block_size(d->suite->cipher);
	struct sealed sealed = {.nonce = slice_of(d->iv, block), .text = body};

	if (!d->chained) {
		if (body.n < block)
			return false;
		sealed.nonce = slice_first(body, block);
		sealed.text = slice_from(body, block);
	}
	*text = slice_of(out, sealed.text.n);
	return cipher_open(d->cipher, &sealed, out);
}

static bool open_cbc(struct tls_direction *d, const struct tls_record *record,
		     uint64_t sequence, uint8_t *out, struct tls_opened *opened)
{
	struct slice body = record->body, text, mac;

	if (d->encrypt_then_mac && (!split_mac(d, &body, &mac) ||
				    !mac_fits(d, record, sequence, body, mac)))
		return false;
	if (!decrypt_blocks(d, body, out, &text) || !strip_padding(&text))
		return false;
	if (!d->encrypt_then_mac && (!split_mac(d, &text, &mac) ||
				     !mac_fits(d, record, sequence, text, mac)))
		return false;
	*opened = (struct tls_opened){record->content, text};
	return true;
}

static bool open_stream(struct tls_direction *d,
			const struct tls_record *record, uint64_t sequence,
			uint8_t *out, struct tls_opened *opened)
{
	struct sealed sealed = {.text = record->body};
	struct slice text = slice_of(out, record->body.n), mac;

	if (!cipher_open(d->cipher, &sealed, out) ||
	    !split_mac(d, &text, &mac) ||
	    !mac_fits(d, record, sequence, text, mac))
		return false;
	*opened = (struct tls_opened){record->content, text};
	return true;
}

/* ---- which number has it? ---- */

static bool open_as(struct tls_direction *d, const struct tls_record *record,
		    uint64_t sequence, uint8_t *out, struct tls_opened *opened)
{
	if (d->version == TLS_VERSION_1_3)
		return open_aead_13(d, record, sequence, out, opened);
	if (cipher_authenticates(d->suite->cipher))
		return open_aead_12(d, record, sequence, out, opened);
	if (cipher_block_size(d->suite->cipher))
		return open_cbc(d, record, sequence, out, opened);
	return open_stream(d, record, sequence, out, opened);
}

bool tls_direction_open_number(struct tls_direction *d,
			       const struct tls_record *record, uint64_t number,
			       uint8_t *out, struct tls_opened *opened)
{
	if (record->body.n > TLS_RECORD_MAX ||
	    !open_as(d, record, number, out, opened))
		return false;
	if (record->content == TLS_CONNECTION_ID)
		*opened = inner_of(opened->text);
	return true;
}

static bool open_some(struct tls_direction *d, const struct tls_record *record,
		      uint8_t *out, struct tls_opened *opened)
{
	unsigned ahead = d->lost ? TLS_SEQUENCE_AHEAD + d->unopened : 0;

	for (unsigned i = 0; i <= ahead; i++) {
		if (!open_as(d, record, d->sequence + i, out, opened))
			continue;
		d->sequence += i + 1;
		return true;
	}
	return false;
}

/* The last block of what was encrypted is the next record's IV. */
static void chain(struct tls_direction *d, const struct tls_record *record)
{
	size_t block = cipher_block_size(d->suite->cipher);
	size_t mac = d->encrypt_then_mac ? tls_hash_size(d->suite->mac) : 0;
	struct slice body = record->body;

	if (!d->chained || body.n < block + mac)
		return;
	body = slice_first(body, body.n - mac);
	memcpy(d->iv, slice_from(body, body.n - block).p, block);
	d->iv_lost = false;
}

/*
 * What cannot be opened may be early data that the server passes over too, or
 * under handshake keys that nobody logged: then none was opened before.
 */
static bool may_pass(struct tls_direction *d)
{
	bool first = d->version == TLS_VERSION_1_3 && d->sequence == 0;

	return (first || d->lost) && ++d->unopened <= TLS_UNOPENED_MAX;
}

enum status tls_direction_open(struct tls_direction *d,
			       const struct tls_record *record, uint8_t *out,
			       struct tls_opened *opened)
{
	struct tls_opened got;
	bool blind = d->iv_lost, fits = false;

	if (record->body.n > TLS_RECORD_MAX)
		return STATUS_BAD;
	if (!blind)
		fits = open_some(d, record, out, &got);
	chain(d, record);
	if (fits) {
		d->lost = false;
		d->unopened = 0;
		*opened = got;
		return STATUS_OK;
	}
	return may_pass(d) ? STATUS_SHORT : STATUS_BAD;
}

enum status tls_direction_lose(struct tls_direction *d)
{
	if (!d->cipher)
		return STATUS_OK;
	/* Its state hangs on every byte before. */
	if (d->suite->cipher == CIPHER_RC4_128)
		return STATUS_BAD;
	d->lost = true;
	d->iv_lost = d->chained;
	return STATUS_OK;
}

enum status tls_direction_skip(struct tls_direction *d, uint64_t records)
{
	if (d->suite->cipher == CIPHER_RC4_128)
		return STATUS_BAD;
	d->sequence += records;
	d->iv_lost = d->chained;
	return STATUS_OK;
}
