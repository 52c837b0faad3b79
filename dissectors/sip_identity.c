/* Endpoint identities ([MS-SIPRE]; spec mras-and-registration 2.3). */
#include "config.h"

#include "core/crypto.h"
#include "core/text.h"
#include "dissectors/sip_identity.h"

#define UUID_SIZE 16u

/* fcacfb03-8a73-46ef-91b1-e5ebeeaba4fe as Windows keeps it: the first three
 * fields little endian. */
static const uint8_t name_space[UUID_SIZE] = {
	0x03, 0xfb, 0xac, 0xfc, 0x73, 0x8a, 0xef, 0x46,
	0x91, 0xb1, 0xe5, 0xeb, 0xee, 0xab, 0xa4, 0xfe};

/* Where the bytes of the text stand in that layout. */
static const uint8_t order[UUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
					 8, 9, 10, 11, 12, 13, 14, 15};

static void put_uuid(const uint8_t uuid[UUID_SIZE], char out[SIP_UUID_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < UUID_SIZE; i++) {
		uint8_t byte = uuid[order[i]];

		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		out[n++] = digits[byte >> 4];
		out[n++] = digits[byte & 15];
	}
	out[n] = '\0';
}

void sip_instance_of_epid(struct slice epid, char out[SIP_UUID_TEXT + 1])
{
	const struct slice pieces[] = {slice_of(name_space, UUID_SIZE), epid};
	uint8_t hash[SHA1_SIZE];

	sha1(pieces, 2, hash);
	/* Version 5 and the variant of RFC 4122 4.1; byte 7 is the high one
	 * of the third field. */
	hash[7] = (uint8_t)((hash[7] & 0x0f) | 0x50);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	put_uuid(hash, out);
}

static enum status read_uuid(struct slice text, uint8_t out[UUID_SIZE])
{
	size_t n = 0;

	if (text.n != SIP_UUID_TEXT)
		return STATUS_BAD;
	for (size_t at = 0; at < text.n;) {
		uint64_t byte;

		if (at == 8 || at == 13 || at == 18 || at == 23) {
			if (!slice_is(slice_cut(text, at, 1), "-"))
				return STATUS_BAD;
			at++;
			continue;
		}
		if (slice_hex(slice_cut(text, at, 2), UINT8_MAX, &byte) !=
		    STATUS_OK)
			return STATUS_BAD;
		out[order[n++]] = (uint8_t)byte;
		at += 2;
	}
	return STATUS_OK;
}

enum status sip_opaque_of_instance(struct slice uuid,
				   char out[SIP_EPID_OPAQUE_TEXT + 1])
{
	/* Two zero bytes behind it make the text even. */
	uint8_t bytes[UUID_SIZE + 2] = {0};
	size_t n;

	if (read_uuid(uuid, bytes) != STATUS_OK)
		return STATUS_BAD;
	n = base64_encode(slice_of(bytes, sizeof(bytes)), out);
	for (size_t i = 0; i < n; i++)
		out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
	out[n] = '\0';
	return STATUS_OK;
}

struct slice sip_instance_uuid(struct slice value)
{
	value = slice_trim(value);
	if (value.n && value.p[0] == '<')
		value = slice_from(value, 1);
	if (value.n && value.p[value.n - 1] == '>')
		value = slice_first(value, value.n - 1);
	if (slice_starts_nocase(value, "urn:uuid:"))
		value = slice_from(value, sizeof("urn:uuid:") - 1);
	return value;
}
