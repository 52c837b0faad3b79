/* Writing SCTP: chunks and the checksum over them. */
#include "config.h"

#include "tests/support/sctp_write.h"
#include "tests/support/put.h"

#define PACKET_MAX ((size_t)1 << 16)

/* CRC32c, least significant bit first (RFC 9260 A). */
static uint32_t crc32c(struct slice s)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ UINT32_C(0x82F63B78)
				      : crc >> 1;
	}
	return ~crc;
}

void sctp_write_chunk(struct text *to, unsigned type, unsigned flags,
		      struct slice value)
{
	put8(to, type);
	put8(to, flags);
	put16(to, (unsigned)value.n + 4);
	text_put(to, value);
	for (size_t n = value.n; n % 4; n++)
		put8(to, 0);
}

void sctp_write_data(struct text *to, const struct sctp_write *piece)
{
	struct text value = text_new(PACKET_MAX);
	unsigned flags = (piece->begins ? 2u : 0) | (piece->ends ? 1u : 0) |
			 (piece->unordered ? 4u : 0);

	put32(&value, piece->tsn);
	put16(&value, piece->stream);
	if (piece->interleaved) {
		put16(&value, 0);
		put32(&value, piece->number);
		put32(&value, piece->begins ? 0 : piece->fsn);
	} else {
		put16(&value, piece->number & 0xFFFF);
		put32(&value, 0);
	}
	text_put(&value, piece->payload);
	sctp_write_chunk(to, piece->interleaved ? SCTP_I_DATA : SCTP_DATA,
			 flags, text_slice(&value));
	text_free(&value);
}

/* One stream each way, and as much room as can be. */
void sctp_write_init(struct text *to, unsigned type, uint32_t tag, uint32_t tsn)
{
	struct text value = text_new(64);

	put32(&value, tag);
	put32(&value, 65536);
	put16(&value, 1);
	put16(&value, 1);
	put32(&value, tsn);
	if (type == SCTP_INIT_ACK) { /* a cookie */
		put16(&value, 7);
		put16(&value, 8);
		put32(&value, tag);
	}
	sctp_write_chunk(to, type, 0, text_slice(&value));
	text_free(&value);
}

void sctp_write_sack(struct text *to, uint32_t tsn)
{
	struct text value = text_new(64);

	put32(&value, tsn);
	put32(&value, 65536);
	put32(&value, 0);
	sctp_write_chunk(to, SCTP_SACK, 0, text_slice(&value));
	text_free(&value);
}

void sctp_write_packet(struct text *to, uint16_t src, uint16_t dst,
		       uint32_t tag, struct slice chunks)
{
	struct text packet = text_new(PACKET_MAX);
	uint32_t crc;

	put16(&packet, src);
	put16(&packet, dst);
	put32(&packet, tag);
	put32(&packet, 0);
	text_put(&packet, chunks);
	crc = crc32c(text_slice(&packet));
	for (size_t i = 0; packet.n >= 12 && i < 4; i++)
		packet.p[8 + i] = (char)(crc >> (8 * i) & 0xFF);
	if (packet.failed != STATUS_OK)
		to->failed = packet.failed;
	text_put(to, text_slice(&packet));
	text_free(&packet);
}
