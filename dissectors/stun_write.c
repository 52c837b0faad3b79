/* Writing STUN messages (RFC 8489 5, 14): for the engine and for tests. */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/stun_parts.h"

static void put_u16(struct text *to, unsigned n)
{
	text_putc(to, (char)(n >> 8 & 0xFF));
	text_putc(to, (char)(n & 0xFF));
}

static void put_u32(struct text *to, uint32_t n)
{
	put_u16(to, n >> 16);
	put_u16(to, n & 0xFFFF);
}

void stun_write_length(struct text *to, size_t n)
{
	if (to->failed != STATUS_OK || to->n < STUN_HEADER)
		return;
	if (n > UINT16_MAX) {
		to->failed = STATUS_LIMIT;
		return;
	}
	to->p[2] = (char)(n >> 8 & 0xFF);
	to->p[3] = (char)(n & 0xFF);
}

void stun_write_begin(struct stun_writer *w, uint16_t type,
		      const uint8_t id[16])
{
	memcpy(w->id, id, sizeof(w->id));
	put_u16(w->to, type);
	put_u16(w->to, 0);
	text_put(w->to, slice_of(w->id, sizeof(w->id)));
}

void stun_write_bytes(struct stun_writer *w, uint16_t type,
		      struct slice value)
{
	static const uint8_t zeros[4] = {0};

	if (value.n > UINT16_MAX) {
		w->to->failed = STATUS_LIMIT;
		return;
	}
	put_u16(w->to, type);
	put_u16(w->to, (unsigned)value.n);
	text_put(w->to, value);
	if (w->aligned)
		text_put(w->to, slice_of(zeros, (4 - value.n % 4) % 4));
	if (w->to->n >= STUN_HEADER)
		stun_write_length(w->to, w->to->n - STUN_HEADER);
}

void stun_write_u32(struct stun_writer *w, uint16_t type, uint32_t value)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (24 - 8 * i));
	stun_write_bytes(w, type, slice_of(bytes, sizeof(bytes)));
}

void stun_write_u64(struct stun_writer *w, uint16_t type, uint64_t value)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
	stun_write_bytes(w, type, slice_of(bytes, sizeof(bytes)));
}

/* Port and address are mixed with `key`, 16 bytes. */
static void write_address(struct stun_writer *w, uint16_t type,
			  const struct endpoint *e, const uint8_t key[16])
{
	size_t n = e->family == FAMILY_IPV6 ? 16 : 4;
	uint8_t bytes[20] = {0, n == 16 ? 2 : 1};

	bytes[2] = (uint8_t)(e->port >> 8) ^ key[0];
	bytes[3] = (uint8_t)(e->port & 0xFF) ^ key[1];
	for (size_t i = 0; i < n; i++)
		bytes[4 + i] = e->ip[i] ^ key[i];
	stun_write_bytes(w, type, slice_of(bytes, 4 + n));
}

void stun_write_address(struct stun_writer *w, uint16_t type,
			const struct endpoint *e)
{
	static const uint8_t plain[16] = {0};

	write_address(w, type, e, plain);
}

void stun_write_xor_address(struct stun_writer *w, uint16_t type,
			    const struct endpoint *e)
{
	write_address(w, type, e, w->id);
}

void stun_write_error(struct stun_writer *w, unsigned code,
		      struct slice reason)
{
	uint8_t bytes[4 + 763] = {0, 0, (uint8_t)(code / 100 & 7),
				  (uint8_t)(code % 100)};
	struct slice text = slice_first(reason, sizeof(bytes) - 4);

	if (text.n)
		memcpy(bytes + 4, text.p, text.n);
	stun_write_bytes(w, 0x0009, slice_of(bytes, 4 + text.n));
}

/* The length counts the fingerprint before it is computed (RFC 8489 14.7). */
void stun_write_fingerprint(struct stun_writer *w)
{
	uint32_t crc;

	if (w->to->failed != STATUS_OK || w->to->n < STUN_HEADER)
		return;
	stun_write_length(w->to, w->to->n - STUN_HEADER + 8);
	crc = crc32_update(0, text_slice(w->to));
	put_u16(w->to, 0x8028);
	put_u16(w->to, 4);
	put_u32(w->to, crc ^ STUN_FINGERPRINT_XOR);
}
