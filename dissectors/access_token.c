/* Access tokens (RFC 7635). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/access_token.h"

#define TAG_SIZE 16u
#define DELTA (5 * NS_PER_S) /* RFC 7635 7 */
#define FRACTION 64000       /* of a second, in the last 16 bits */
#define KEY_TEXT_MAX 64u     /* of 32 bytes in base64, with blanks */

/* ---- keys ---- */

static bool kind_of(struct slice name, enum cipher_kind *out)
{
	static const struct {
		const char *name;
		enum cipher_kind kind;
	} kinds[] = {
		{"A128GCM", CIPHER_AES_128_GCM},
		{"A256GCM", CIPHER_AES_256_GCM},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_is(name, kinds[i].name)) {
			*out = kinds[i].kind;
			return true;
		}
	return false;
}

enum status access_key_parse(struct slice text, struct access_key *out)
{
	uint8_t bytes[KEY_TEXT_MAX / 4 * 3 + 3];
	struct slice key, kind;
	struct access_key made = {.kid = text};
	size_t n;

	if (!slice_split_last(&made.kid, ':', &key) ||
	    !slice_split_last(&made.kid, ':', &kind) || made.kid.n == 0 ||
	    made.kid.n > ACCESS_KID_MAX || !kind_of(kind, &made.kind) ||
	    key.n > KEY_TEXT_MAX ||
	    base64_decode(key, bytes, &n) != STATUS_OK ||
	    n != cipher_key_size(made.kind))
		return STATUS_BAD;
	memcpy(made.bytes, bytes, n);
	bytes_wipe(bytes, sizeof(bytes));
	*out = made;
	bytes_wipe(&made, sizeof(made));
	return STATUS_OK;
}

/* ---- tokens ---- */

/* 48 bits of seconds since 1970, and 16 of a fraction (RFC 7635 6.2). */
static nanoseconds time_of(uint64_t timestamp)
{
	uint64_t fraction = timestamp & 0xFFFF;

	return clock_of((int64_t)(timestamp >> 16),
			(int64_t)(fraction * (NS_PER_S / FRACTION)));
}

enum status access_token_read(struct slice block, struct access_token *out)
{
	struct cursor c = cursor_over(block);
	struct slice mac = cursor_take(&c, cursor_u16(&c));
	uint64_t timestamp = cursor_u64(&c);
	uint32_t lifetime = cursor_u32(&c);

	if (c.bad || c.left || mac.n < ACCESS_MAC_MIN || mac.n > ACCESS_MAC_MAX)
		return STATUS_BAD;
	*out = (struct access_token){.mac_size = mac.n,
				     .made = time_of(timestamp),
				     .lifetime = lifetime};
	memcpy(out->mac, mac.p, mac.n);
	return STATUS_OK;
}

/* The parts of a token; false: it has no such parts. */
static bool take_apart(struct slice token, struct sealed *out)
{
	struct cursor c = cursor_over(token);

	out->nonce = cursor_take(&c, cursor_u16(&c));
	if (c.bad || out->nonce.n != CIPHER_NONCE_SIZE || c.left < TAG_SIZE ||
	    c.left - TAG_SIZE > ACCESS_BLOCK_MAX)
		return false;
	out->text = cursor_take(&c, c.left - TAG_SIZE);
	out->tag = cursor_take(&c, TAG_SIZE);
	return !c.bad;
}

enum status access_token_open(const struct access_key *key, struct slice server,
			      struct slice token, struct access_token *out)
{
	struct sealed in = {.aad = server};
	uint8_t block[ACCESS_BLOCK_MAX];
	enum status status = STATUS_BAD;
	struct cipher *cipher;

	if (!take_apart(token, &in))
		return STATUS_BAD;
	cipher = cipher_new(key->kind,
			    slice_of(key->bytes, cipher_key_size(key->kind)));
	if (!cipher)
		return STATUS_NOMEM;
	if (cipher_open(cipher, &in, block))
		status = access_token_read(slice_of(block, in.text.n), out);
	cipher_free(cipher);
	bytes_wipe(block, sizeof(block));
	return status;
}

static void put_number(struct text *to, uint64_t value, unsigned bytes)
{
	while (bytes--)
		text_putc(to, (char)(value >> 8 * bytes));
}

static uint64_t timestamp_of(nanoseconds time)
{
	uint64_t fraction = (uint64_t)(time % NS_PER_S) / (NS_PER_S / FRACTION);

	return (uint64_t)(time / NS_PER_S) << 16 | fraction;
}

static void put_block(struct text *to, const struct access_token *content)
{
	put_number(to, content->mac_size, 2);
	text_put(to, slice_of(content->mac, content->mac_size));
	put_number(to, timestamp_of(content->made), 8);
	put_number(to, content->lifetime, 4);
}

enum status access_token_seal(const struct access_key *key, struct slice server,
			      const struct access_token *content,
			      const uint8_t nonce[CIPHER_NONCE_SIZE],
			      struct text *to)
{
	struct text block = text_new(ACCESS_BLOCK_MAX);
	uint8_t sealed[ACCESS_BLOCK_MAX], tag[CIPHER_TAG_SIZE];
	struct sealed plain = {.nonce = slice_of(nonce, CIPHER_NONCE_SIZE),
			       .aad = server};
	bool fine;

	if (content->mac_size < ACCESS_MAC_MIN ||
	    content->mac_size > ACCESS_MAC_MAX)
		return STATUS_BAD;
	put_block(&block, content);
	plain.text = text_slice(&block);
	fine = block.failed == STATUS_OK &&
	       gcm_seal(key->kind,
			slice_of(key->bytes, cipher_key_size(key->kind)),
			&plain, sealed, tag);
	if (fine) {
		put_number(to, CIPHER_NONCE_SIZE, 2);
		text_put(to, plain.nonce);
		text_put(to, slice_of(sealed, plain.text.n));
		text_put(to, slice_of(tag, sizeof(tag)));
	}
	text_free(&block);
	return fine ? to->failed : STATUS_NOMEM;
}

nanoseconds access_token_left(const struct access_token *token, nanoseconds now)
{
	nanoseconds apart =
		now > token->made ? now - token->made : token->made - now;

	return token->lifetime * NS_PER_S + DELTA - apart;
}
