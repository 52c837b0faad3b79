/*
 * Access tokens: what was sealed, what comes over the wire, and keys as text.
 * A block that is read has exactly the bytes that it says; nobody can seal a
 * token without the key.
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/access_token.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct access_key key = {.kind = CIPHER_AES_256_GCM, .bytes = {7, 1}};
	struct access_token token;

	if (access_token_read(in, &token) == STATUS_OK &&
	    (token.mac_size < ACCESS_MAC_MIN ||
	     token.mac_size > ACCESS_MAC_MAX ||
	     size != token.mac_size + 2 + 8 + 4 ||
	     memcmp(token.mac, data + 2, token.mac_size) != 0 ||
	     access_token_left(&token, token.made) <= 0))
		abort();
	if (access_token_open(&key, SLICE("fuzz"), in, &token) == STATUS_OK)
		abort();
	if (access_key_parse(in, &key) == STATUS_OK &&
	    (key.kid.n == 0 || key.kid.n > ACCESS_KID_MAX || key.kid.p != data))
		abort();
	return 0;
}
