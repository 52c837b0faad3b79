/* NTLM, the server's side ([MS-NLMP] 2.2, 3.2, 3.3, 3.4). */
#include "config.h"

#include "dissectors/ntlm_parts.h"

#define CHALLENGE_HEADER 56u
#define SEQUENCE 100u    /* [MS-SIPAE] 3.3.4.1 */
#define RESPONSE_MIN 44u /* with an empty list of names */
#define NAMES_AT 28u     /* in what follows the proof */
#define MIC_AT 72u
#define MIC_SIZE 16u
#define FLAG_MIC 2u

/* ---- writing, little endian ---- */

static void ntlm_put_u16(struct text *to, uint32_t n)
{
	text_putc(to, (char)(n & 0xFF));
	text_putc(to, (char)(n >> 8 & 0xFF));
}

void ntlm_put_u32(struct text *to, uint32_t n)
{
	ntlm_put_u16(to, n & 0xFFFF);
	ntlm_put_u16(to, n >> 16);
}

void ntlm_put_wide(struct text *to, struct slice s)
{
	while (s.n) {
		uint32_t code = '?';
		size_t n = utf8_sequence(s, &code);

		if (code > 0xFFFF) {
			ntlm_put_u16(to, 0xD800 + ((code - 0x10000) >> 10));
			code = 0xDC00 + ((code - 0x10000) & 0x3FF);
		}
		ntlm_put_u16(to, code);
		s = slice_from(s, n ? n : 1);
	}
}

static void put_name(struct text *to, enum name_id id, struct slice name)
{
	struct text wide = text_new(WIDE_MAX);

	ntlm_put_wide(&wide, slice_first(name, NTLM_NAME_MAX));
	ntlm_put_u16(to, id);
	ntlm_put_u16(to, (uint32_t)wide.n);
	text_put(to, text_slice(&wide));
	text_free(&wide);
}

void ntlm_put_front(struct text *to, uint32_t type)
{
	text_put(to, slice_of(SIGNATURE, sizeof(SIGNATURE)));
	ntlm_put_u32(to, type);
}

void ntlm_put_version(struct text *to)
{
	static const uint8_t version[8] = {10, 0, 0x61, 0x4A, 0, 0, 0, 15};

	text_put(to, slice_of(version, sizeof(version)));
}

void ntlm_put_place(struct text *to, size_t n, size_t at)
{
	ntlm_put_u16(to, (uint32_t)n);
	ntlm_put_u16(to, (uint32_t)n);
	ntlm_put_u32(to, (uint32_t)at);
}

void ntlm_write_challenge(const struct ntlm_challenge *c, struct text *to)
{
	static const uint8_t zeros[8];
	struct text target = text_new(WIDE_MAX);
	struct text names = text_new(5 * WIDE_MAX);

	ntlm_put_wide(&target, slice_first(c->domain, NTLM_NAME_MAX));
	put_name(&names, NAME_DOMAIN, c->domain);
	put_name(&names, NAME_COMPUTER, c->host);
	put_name(&names, NAME_DNS_DOMAIN, c->domain);
	put_name(&names, NAME_DNS_COMPUTER, c->host);
	ntlm_put_u32(&names, NAME_END);
	ntlm_put_front(to, TYPE_CHALLENGE);
	ntlm_put_place(to, target.n, CHALLENGE_HEADER);
	ntlm_put_u32(to, OFFERED);
	text_put(to, slice_of(c->nonce, NTLM_NONCE_SIZE));
	text_put(to, slice_of(zeros, sizeof(zeros)));
	ntlm_put_place(to, names.n, CHALLENGE_HEADER + target.n);
	ntlm_put_version(to);
	text_put(to, text_slice(&target));
	text_put(to, text_slice(&names));
	text_free(&target);
	text_free(&names);
}

/* ---- reading ---- */

void ntlm_take_front(struct cursor *c, uint32_t type)
{
	struct slice signature = cursor_take(c, sizeof(SIGNATURE));

	if (cursor_u32le(c) != type ||
	    !slice_equal(signature, slice_of(SIGNATURE, sizeof(SIGNATURE))))
		c->bad = true;
}

struct slice ntlm_take_place(struct cursor *c, struct slice in, bool *bad)
{
	uint16_t n = cursor_u16le(c);
	uint32_t at;

	cursor_skip(c, 2);
	at = cursor_u32le(c);
	if (n && (at > in.n || n > in.n - at))
		*bad = true;
	return slice_cut(in, at, n);
}

enum status ntlm_read_proof(struct slice in, struct ntlm_proof *out)
{
	struct cursor c = cursor_over(in);
	struct ntlm_proof p = {.whole = in};
	bool bad = false;

	ntlm_take_front(&c, TYPE_AUTHENTICATE);
	(void)ntlm_take_place(&c, in, &bad); /* LM, which version 2 replaced */
	p.response = ntlm_take_place(&c, in, &bad);
	p.domain = ntlm_take_place(&c, in, &bad);
	p.user = ntlm_take_place(&c, in, &bad);
	(void)ntlm_take_place(&c, in, &bad); /* the client's host */
	p.key = ntlm_take_place(&c, in, &bad);
	p.flags = cursor_u32le(&c);
	if (c.bad || bad || p.user.n > WIDE_MAX || p.domain.n > WIDE_MAX)
		return STATUS_BAD;
	*out = p;
	return STATUS_OK;
}

void ntlm_name(struct slice wide, struct text *to)
{
	struct cursor c = cursor_over(wide);

	while (c.left >= 2) {
		uint16_t code = cursor_u16le(&c);

		/* Names beyond the basic plane are not looked for. */
		text_code(to, code >= 0xD800 && code < 0xE000 ? '?' : code);
	}
}

void ntlm_user(const struct ntlm_proof *proof, struct text *to)
{
	ntlm_name(proof->user, to);
}

#define NONCE_AT 24u

enum status ntlm_read_nonce(struct slice in, uint8_t out[NTLM_NONCE_SIZE])
{
	struct cursor c = cursor_over(in);
	struct slice nonce = slice_cut(in, NONCE_AT, NTLM_NONCE_SIZE);

	ntlm_take_front(&c, TYPE_CHALLENGE);
	if (c.bad || nonce.n != NTLM_NONCE_SIZE)
		return STATUS_BAD;
	memcpy(out, nonce.p, NTLM_NONCE_SIZE);
	return STATUS_OK;
}

/* ---- keys ---- */

/* Ranges of letters whose capitals stand `back` before them. */
static const struct {
	uint16_t first, last, back;
} small_letters[] = {
	{'a', 'z', 32},           {0x00E0, 0x00F6, 32}, {0x00F8, 0x00FE, 32},
	{0x03B1, 0x03C1, 32},     {0x03C3, 0x03CB, 32}, {0x0430, 0x044F, 32},
	{0x0450, 0x045F, 0x0050},
};

static uint16_t capital_of(uint16_t code)
{
	for (size_t i = 0; i < sizeof(small_letters) / sizeof(small_letters[0]);
	     i++)
		if (code >= small_letters[i].first &&
		    code <= small_letters[i].last)
			return (uint16_t)(code - small_letters[i].back);
	return code;
}

bool ntlm_key_of_user(const struct ntlm_proof *p, struct slice password,
		      uint8_t out[MD5_SIZE])
{
	struct text wide = text_new(4 * NTLM_MESSAGE_MAX);
	struct text user = text_new(WIDE_MAX);
	struct cursor c = cursor_over(p->user);
	struct slice pieces[2];
	uint8_t hash[MD4_SIZE];
	bool fine;

	ntlm_put_wide(&wide, password);
	while (c.left >= 2)
		ntlm_put_u16(&user, capital_of(cursor_u16le(&c)));
	md4(text_slice(&wide), hash);
	pieces[0] = text_slice(&user);
	pieces[1] = p->domain;
	hmac_md5(slice_of(hash, sizeof(hash)), pieces, 2, out);
	fine = wide.failed == STATUS_OK && user.failed == STATUS_OK;
	if (wide.p)
		bytes_wipe(wide.p, wide.n);
	bytes_wipe(hash, sizeof(hash));
	text_free(&wide);
	text_free(&user);
	return fine;
}

static void derive(const uint8_t key[MD5_SIZE], const char *purpose,
		   uint8_t out[MD5_SIZE])
{
	/* The NUL belongs to the text (3.4.5.2). */
	struct slice pieces[] = {slice_of(key, MD5_SIZE),
				 slice_of(purpose, strlen(purpose) + 1)};

	md5(pieces, 2, out);
}

#define TO_SERVER "session key to client-to-server "
#define TO_CLIENT "session key to server-to-client "

void ntlm_derive(const uint8_t key[MD5_SIZE], struct ntlm_keys *out)
{
	derive(key, TO_SERVER "signing key magic constant", out->client.sign);
	derive(key, TO_SERVER "sealing key magic constant", out->client.seal);
	derive(key, TO_CLIENT "signing key magic constant", out->server.sign);
	derive(key, TO_CLIENT "sealing key magic constant", out->server.seal);
}

/* ---- the check ---- */

struct slice ntlm_name_value(struct slice list, enum name_id wanted)
{
	struct cursor c = cursor_over(list);

	while (!c.bad) {
		uint16_t id = cursor_u16le(&c);
		struct slice value = cursor_take(&c, cursor_u16le(&c));

		if (id == NAME_END)
			break;
		if (id == wanted)
			return value;
	}
	return (struct slice){0};
}

/* Does the list of names in the response say that there is a MIC? */
static bool has_mic(const struct ntlm_proof *p)
{
	struct slice list = slice_from(p->response, PROOF_SIZE + NAMES_AT);
	struct cursor flags = cursor_over(ntlm_name_value(list, NAME_FLAGS));

	return cursor_u32le(&flags) & FLAG_MIC;
}

/* Over both messages, with nothing where it stands (3.2.5.2.2). */
static bool mic_fits(const struct ntlm_challenge *c, const struct ntlm_proof *p,
		     const uint8_t key[MD5_SIZE])
{
	static const uint8_t zeros[MIC_SIZE];
	struct slice mic = slice_cut(p->whole, MIC_AT, MIC_SIZE);
	struct text challenge = text_new(NTLM_MESSAGE_MAX);
	struct slice pieces[4];
	uint8_t ours[MD5_SIZE];
	bool fits;

	ntlm_write_challenge(c, &challenge);
	pieces[0] = text_slice(&challenge);
	pieces[1] = slice_first(p->whole, MIC_AT);
	pieces[2] = slice_of(zeros, sizeof(zeros));
	pieces[3] = slice_from(p->whole, MIC_AT + MIC_SIZE);
	hmac_md5(slice_of(key, MD5_SIZE), pieces, 4, ours);
	fits = challenge.failed == STATUS_OK &&
	       bytes_equal_constant_time(mic, slice_of(ours, sizeof(ours)));
	text_free(&challenge);
	return fits;
}

bool ntlm_is_usable(const struct ntlm_proof *p)
{
	return (p->flags & NEEDED) == NEEDED && p->user.n >= 2 &&
	       p->response.n >= RESPONSE_MIN &&
	       (!(p->flags & KEY_EXCHANGE) || p->key.n == RC4_KEY_SIZE);
}

/* The key of the session, of which all others are made (3.2.5.2.2). */
static bool session_key(const uint8_t nonce[NTLM_NONCE_SIZE],
			const struct ntlm_proof *p, struct slice password,
			uint8_t out[MD5_SIZE])
{
	struct slice pieces[] = {slice_of(nonce, NTLM_NONCE_SIZE),
				 slice_from(p->response, PROOF_SIZE)};
	struct slice proof = slice_first(p->response, PROOF_SIZE);
	uint8_t user[MD5_SIZE], ours[MD5_SIZE], base[MD5_SIZE];
	bool fits;

	if (!ntlm_key_of_user(p, password, user))
		return false;
	hmac_md5(slice_of(user, MD5_SIZE), pieces, 2, ours);
	fits = bytes_equal_constant_time(slice_of(ours, MD5_SIZE), proof);
	hmac_md5(slice_of(user, MD5_SIZE), &proof, 1, base);
	if (fits && p->flags & KEY_EXCHANGE)
		rc4_apply(base, p->key, out);
	else if (fits)
		memcpy(out, base, MD5_SIZE);
	bytes_wipe(user, sizeof(user));
	bytes_wipe(base, sizeof(base));
	return fits;
}

bool ntlm_check(const struct ntlm_challenge *c, const struct ntlm_proof *p,
		struct slice password, struct ntlm_keys *out)
{
	uint8_t key[MD5_SIZE];
	bool fits = ntlm_is_usable(p) &&
		    session_key(c->nonce, p, password, key) &&
		    (!has_mic(p) || mic_fits(c, p, key));

	if (fits) {
		ntlm_derive(key, out);
		out->exchanged = p->flags & KEY_EXCHANGE;
	}
	bytes_wipe(key, sizeof(key));
	return fits;
}

bool ntlm_check_nonce(const uint8_t nonce[NTLM_NONCE_SIZE],
		      const struct ntlm_proof *p, struct slice password,
		      struct ntlm_keys *out)
{
	uint8_t key[MD5_SIZE];
	bool fits = ntlm_is_usable(p) && session_key(nonce, p, password, key);

	if (fits) {
		ntlm_derive(key, out);
		out->exchanged = p->flags & KEY_EXCHANGE;
	}
	bytes_wipe(key, sizeof(key));
	return fits;
}

/* Without connection the key of RC4 is made anew for each number (3.4.3,
 * 3.4.4.2). */
void ntlm_sign(const struct ntlm_keys *keys, bool server, struct slice text,
	       uint8_t out[NTLM_SIGNATURE_SIZE])
{
	static const uint8_t sequence[4] = {SEQUENCE, 0, 0, 0};
	const uint8_t *sign = server ? keys->server.sign : keys->client.sign;
	const uint8_t *seal = server ? keys->server.seal : keys->client.seal;
	struct slice number = slice_of(sequence, sizeof(sequence));
	struct slice sealed[] = {slice_of(seal, MD5_SIZE), number};
	struct slice signed_[] = {number, text};
	uint8_t sum[MD5_SIZE], key[MD5_SIZE];

	hmac_md5(slice_of(sign, MD5_SIZE), signed_, 2, sum);
	memset(out, 0, NTLM_SIGNATURE_SIZE);
	out[0] = 1;
	if (keys->exchanged) {
		md5(sealed, 2, key);
		rc4_apply(key, slice_of(sum, 8), out + 4);
		bytes_wipe(key, sizeof(key));
	} else {
		memcpy(out + 4, sum, 8);
	}
	memcpy(out + 12, sequence, sizeof(sequence));
}
