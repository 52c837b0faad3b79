/*
 * What SDP says about keys: SDES (RFC 4568, RFC 6188, RFC 7714), fingerprints
 * (RFC 8122) and ICE credentials (RFC 8839 5.4).
 */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/sdp_parts.h"

#define KEY_TEXT_MAX 128u /* base64 of the longest key is 64 characters */
#define ICE_TEXT_MAX 256u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes of key and salt by suite. */
static const struct {
	const char *name;
	size_t size;
} suites[] = {
	{"AES_CM_128_HMAC_SHA1_80", 30}, {"AES_CM_128_HMAC_SHA1_32", 30},
	{"F8_128_HMAC_SHA1_80", 30},     {"AES_192_CM_HMAC_SHA1_80", 38},
	{"AES_192_CM_HMAC_SHA1_32", 38}, {"AES_256_CM_HMAC_SHA1_80", 46},
	{"AES_256_CM_HMAC_SHA1_32", 46}, {"AEAD_AES_128_GCM", 28},
	{"AEAD_AES_256_GCM", 44},
};

/* "*****": whoever wrote the log did not want the key to be seen. */
static bool is_masked(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] != '*' && (text.p[i] | 0x20) != 'x') ||
		    text.p[i] != text.p[0])
			return false;
	return text.n > 0;
}

/* "inline:<key>|...": does the key have the size that the suite wants? */
static bool key_fits(struct slice suite, struct slice method)
{
	uint8_t key[KEY_TEXT_MAX / 4 * 3 + 3];
	struct slice text;
	size_t n;

	if (!slice_starts_nocase(method, "inline:"))
		return false;
	method = slice_from(method, 7);
	text = slice_split(&method, '|');
	if (is_masked(text))
		return true;
	if (text.n == 0 || text.n > KEY_TEXT_MAX ||
	    base64_decode(text, key, &n) != STATUS_OK)
		return false;
	for (size_t i = 0; i < COUNT(suites); i++)
		if (slice_is_nocase(suite, suites[i].name))
			return n == suites[i].size;
	return true; /* a suite that nobody here knows */
}

/* "1 SUITE inline:..." or, of cryptoscale, "1 client SUITE inline:..." */
void sdp_crypto_keep(struct sdp_pass *p, struct slice value, bool scale)
{
	struct sdp_media *media = p->current;
	uint64_t tag;

	if (slice_number(sdp_word(&value), 999999999, &tag) != STATUS_OK)
		return;
	if (!p->cryptos)
		p->cryptos = arena_array(p->d->arena, SDP_CRYPTOS_MAX,
					 sizeof(*p->cryptos));
	if (!p->cryptos || media->crypto_count == SDP_CRYPTOS_MAX) {
		media->cryptos_dropped = true;
		return;
	}
	media->cryptos = p->cryptos;
	if (scale)
		(void)sdp_word(&value);
	p->cryptos[media->crypto_count++] = (struct sdp_crypto){
		.tag = (uint32_t)tag,
		.suite = sdp_word(&value),
		.scale = scale,
	};
}

void sdp_crypto_read(struct sdp_pass *p, struct slice value)
{
	struct slice rest = value;
	struct slice tag = sdp_word(&rest);
	struct slice suite = sdp_word(&rest);
	struct slice methods = sdp_word(&rest);
	bool good = methods.n > 0 && tag.n <= 9;
	uint64_t number;

	p->current->has_crypto = p->current->has_crypto || methods.n > 0;
	if (slice_number(tag, 999999999, &number) != STATUS_OK ||
	    (tag.n > 1 && tag.p[0] == '0'))
		good = false;
	while (good && methods.n)
		good = key_fits(suite, slice_split(&methods, ';'));
	sdp_crypto_keep(p, value, false);
	if (!good)
		sdp_find(p, SDP_RULE_CRYPTO, value);
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
	       (c >= 'a' && c <= 'f');
}

/* "AA:BB:..": the number of bytes, 0 when it is something else. */
static size_t octets(struct slice hex)
{
	for (size_t i = 0; i < hex.n; i++)
		if (i % 3 == 2 ? hex.p[i] != ':' : !is_hex(hex.p[i]))
			return 0;
	return hex.n % 3 == 2 ? hex.n / 3 + 1 : 0;
}

void sdp_fingerprint_check(struct sdp_pass *p, struct slice value)
{
	static const struct {
		const char *name;
		size_t size;
	} hashes[] = {
		{"sha-256", 32}, {"sha-1", 20},   {"sha-384", 48},
		{"sha-512", 64}, {"sha-224", 28}, {"md5", 16},
	};
	struct slice rest = value;
	struct slice name = sdp_word(&rest);
	size_t n = octets(sdp_word(&rest));
	bool good = n > 0;

	for (size_t i = 0; i < COUNT(hashes); i++)
		if (slice_is_nocase(name, hashes[i].name))
			good = n == hashes[i].size;
	if (!good)
		sdp_find(p, SDP_RULE_FINGERPRINT, value);
}

static bool is_ice_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '+' || c == '/';
}

void sdp_ice_check(struct sdp_pass *p, struct slice value, size_t least)
{
	size_t i = 0;

	if (value.n < least || value.n > ICE_TEXT_MAX)
		sdp_find(p, SDP_RULE_ICE_LENGTH, value);
	while (i < value.n && is_ice_char(value.p[i]))
		i++;
	if (i < value.n)
		sdp_find(p, SDP_RULE_ICE_CHARACTERS, value);
}
