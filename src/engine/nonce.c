/* Making and checking nonces. */
#include "config.h"

#include "engine/nonce.h"

#define COOKIE "obMatJos2"
#define COOKIE_SIZE 9u
#define FEATURES_SIZE 4u
#define TIME_SIZE 8u
#define HASH_BYTES 12u

static void put_hex(char *out, struct slice s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.n; i++) {
		out[2 * i] = digits[s.p[i] >> 4];
		out[2 * i + 1] = digits[s.p[i] & 15];
	}
}

static void make_at(const struct nonce_maker *maker,
		    const struct endpoint *client, uint32_t seconds,
		    char out[NONCE_SIZE])
{
	uint8_t features[3] = {(uint8_t)(maker->features >> 16),
			       (uint8_t)(maker->features >> 8 & 0xFF),
			       (uint8_t)(maker->features & 0xFF)};
	uint8_t time[4] = {(uint8_t)(seconds >> 24), (uint8_t)(seconds >> 16),
			   (uint8_t)(seconds >> 8), (uint8_t)seconds};
	struct slice pieces[] = {slice_of(time, 4),
				 slice_of(client, sizeof(*client))};
	uint8_t hash[SHA256_SIZE];

	memcpy(out, COOKIE, COOKIE_SIZE);
	(void)base64_encode(slice_of(features, 3), out + COOKIE_SIZE);
	put_hex(out + COOKIE_SIZE + FEATURES_SIZE, slice_of(time, 4));
	hmac_compute(&maker->key, pieces, 2, hash);
	put_hex(out + COOKIE_SIZE + FEATURES_SIZE + TIME_SIZE,
		slice_of(hash, HASH_BYTES));
}

void nonce_make(const struct nonce_maker *maker, const struct endpoint *client,
		nanoseconds now, char out[NONCE_SIZE])
{
	make_at(maker, client, (uint32_t)(now / NS_PER_S & UINT32_MAX), out);
}

bool nonce_is_valid(const struct nonce_maker *maker,
		    const struct endpoint *client, nanoseconds now,
		    struct slice nonce)
{
	uint32_t seconds = (uint32_t)(now / NS_PER_S & UINT32_MAX);
	char ours[NONCE_SIZE];
	uint64_t made;

	if (nonce.n != NONCE_SIZE ||
	    slice_hex(slice_cut(nonce, COOKIE_SIZE + FEATURES_SIZE, TIME_SIZE),
		      UINT32_MAX, &made) != STATUS_OK)
		return false;
	make_at(maker, client, (uint32_t)made, ours);
	return bytes_equal_constant_time(slice_of(ours, NONCE_SIZE), nonce) &&
	       seconds - (uint32_t)made <= (uint32_t)(maker->life / NS_PER_S);
}

uint32_t nonce_features(struct slice nonce)
{
	struct slice text = slice_cut(nonce, COOKIE_SIZE, FEATURES_SIZE);
	uint8_t bytes[6];
	size_t n;

	if (!slice_starts(nonce, SLICE(COOKIE)) || text.n != FEATURES_SIZE ||
	    base64_decode(text, bytes, &n) != STATUS_OK || n != 3)
		return 0;
	return (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
}
