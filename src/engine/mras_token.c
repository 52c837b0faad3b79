/* Issuing and checking tokens of MRAS. */
#include "config.h"

#include "core/cursor.h"
#include "engine/mras_token.h"

#define BLOB_1 0x20u
#define BLOB_2 0x24u
/* From 1601, where FILETIME begins, to 1970, in its units of 100 ns. */
#define FILETIME_1970 UINT64_C(116444736000000000)
#define NS_PER_UNIT 100

void mras_keys_prepare(struct slice identity, struct slice name,
		       struct slice password, struct mras_keys *out)
{
	hmac_prepare(HASH_SHA1, identity, &out->identity);
	hmac_prepare(HASH_SHA1, name, &out->name);
	hmac_prepare(HASH_SHA1, password, &out->password);
	out->set = true;
}

static void sign(const struct hmac_key *key, struct slice s,
		 uint8_t out[SHA1_SIZE])
{
	uint8_t hash[SHA256_SIZE];

	hmac_compute(key, &s, 1, hash);
	memcpy(out, hash, SHA1_SIZE);
}

void mras_keys_of_secret(struct slice secret, struct mras_keys *out)
{
	struct hmac_key key;
	uint8_t made[3][SHA1_SIZE];

	hmac_prepare(HASH_SHA1, secret, &key);
	sign(&key, SLICE("client"), made[0]);
	sign(&key, SLICE("name"), made[1]);
	sign(&key, SLICE("password"), made[2]);
	mras_keys_prepare(slice_of(made[0], SHA1_SIZE),
			  slice_of(made[1], SHA1_SIZE),
			  slice_of(made[2], SHA1_SIZE), out);
	bytes_wipe(made, sizeof(made));
	bytes_wipe(&key, sizeof(key));
}

static void put_u32(uint8_t *to, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (24 - 8 * i));
}

static size_t blob_size(unsigned version)
{
	return version == 1 ? BLOB_1 : BLOB_2;
}

void mras_token_issue(const struct mras_keys *keys, struct slice identity,
		      nanoseconds expires, unsigned version,
		      struct mras_token *out)
{
	size_t size = blob_size(version);
	uint64_t at = clock_filetime(expires);

	*out = (struct mras_token){.version = version == 1 ? 1 : 2,
				   .name_size = (uint8_t)(size + SHA1_SIZE),
				   .expires = expires};
	out->name[0] = out->version;
	out->name[3] = (uint8_t)size;
	put_u32(out->name + 4, (uint32_t)(at & UINT32_MAX));
	put_u32(out->name + 8, (uint32_t)(at >> 32));
	sign(&keys->identity, identity, out->client);
	memcpy(out->name + 12, out->client, SHA1_SIZE);
	sign(&keys->name, slice_of(out->name, size), out->name + size);
	sign(&keys->password, slice_of(out->name, out->name_size),
	     out->password);
}

/* Far times are cut off at the end of ours. */
static nanoseconds time_of(uint64_t filetime)
{
	if (filetime < FILETIME_1970)
		return 0;
	filetime -= FILETIME_1970;
	return filetime > INT64_MAX / NS_PER_UNIT
		       ? INT64_MAX
		       : (nanoseconds)filetime * NS_PER_UNIT;
}

enum mras_verdict mras_token_check(const struct mras_keys *keys,
				   struct slice name, nanoseconds now,
				   struct mras_token *out)
{
	struct cursor c = cursor_over(name);
	unsigned version = cursor_u8(&c);
	unsigned minor = cursor_u8(&c);
	size_t size = cursor_u16(&c);
	uint64_t low = cursor_u32(&c);
	uint64_t high = cursor_u32(&c);
	struct slice client = cursor_take(&c, SHA1_SIZE);
	uint8_t hash[SHA1_SIZE];

	if (c.bad || !keys->set || (version != 1 && version != 2) || minor ||
	    size != blob_size(version) || name.n != size + SHA1_SIZE)
		return MRAS_TOKEN_OTHER;
	sign(&keys->name, slice_first(name, size), hash);
	if (!bytes_equal_constant_time(slice_of(hash, SHA1_SIZE),
				       slice_from(name, size)))
		return MRAS_TOKEN_OTHER;
	*out = (struct mras_token){.version = (uint8_t)version,
				   .name_size = (uint8_t)name.n,
				   .expires = time_of(high << 32 | low)};
	memcpy(out->name, name.p, name.n);
	memcpy(out->client, client.p, SHA1_SIZE);
	sign(&keys->password, name, out->password);
	return out->expires > now ? MRAS_TOKEN_GOOD : MRAS_TOKEN_OVER;
}
