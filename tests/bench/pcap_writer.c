/*
 * The capture writer of the bench generator.
 */
#include "config.h"

#include "tests/bench/pcap_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORD = 16,
	ETHERNET = 14,
	IPV4 = 20,
	UDP = 8,
	HEADERS = RECORD + ETHERNET + IPV4 + UDP,
	BUFFER = 1 << 20,
};

static void put_le32(uint8_t *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

static void put_be16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static void put_be32(uint8_t *to, uint32_t v)
{
	put_be16(to, v >> 16);
	put_be16(to + 2, v);
}

static void append(struct pcap_writer *w, const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, w->file) != len)
		w->failed = true;
	w->bytes += len;
}

bool pcap_writer_open(struct pcap_writer *w, const char *path)
{
	/* magic, version 2.4, zone, accuracy, snaplen, LINKTYPE_ETHERNET */
	static const uint32_t header[] = {
		0xA1B2C3D4, 2 | 4u << 16, 0, 0, 262144, 1,
	};
	uint8_t bytes[sizeof header];

	*w = (struct pcap_writer){ .file = fopen(path, "wb") };
	if (!w->file)
		return false;
	w->buffer = malloc(BUFFER);
	if (w->buffer)
		setvbuf(w->file, w->buffer, _IOFBF, BUFFER);
	for (size_t i = 0; i < sizeof header / sizeof *header; i++)
		put_le32(bytes + 4 * i, header[i]);
	append(w, bytes, sizeof bytes);
	return true;
}

/* The ones' complement sum of RFC 1071 over a header of whole words. */
static uint32_t ipv4_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (int i = 0; i < IPV4; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xFFFF) + (sum >> 16);
	sum = (sum & 0xFFFF) + (sum >> 16);
	return ~sum & 0xFFFF;
}

/* A locally administered address that shows the IP address it stands for. */
static void put_mac(uint8_t *to, uint32_t ip)
{
	put_be16(to, 0x0200);
	put_be32(to + 2, ip);
}

static void put_headers(uint8_t *frame, const struct endpoint path[2],
			size_t len)
{
	uint8_t *ip = frame + ETHERNET;
	uint8_t *udp = ip + IPV4;

	put_mac(frame, path[1].ip);
	put_mac(frame + 6, path[0].ip);
	put_be16(frame + 12, 0x0800);

	put_be16(ip, 0x4500);
	put_be16(ip + 2, (uint32_t)(IPV4 + UDP + len));
	put_be32(ip + 4, 0x00004000);	/* identification 0, DF */
	put_be32(ip + 8, 64u << 24 | 17u << 16);
	put_be32(ip + 12, path[0].ip);
	put_be32(ip + 16, path[1].ip);
	put_be16(ip + 10, ipv4_checksum(ip));

	put_be16(udp, path[0].port);
	put_be16(udp + 2, path[1].port);
	put_be32(udp + 4, (uint32_t)(UDP + len) << 16);
}

void pcap_writer_udp(struct pcap_writer *w, uint64_t time_us,
		     const struct endpoint path[2], const void *payload,
		     size_t len)
{
	uint8_t record[HEADERS + PCAP_WRITER_PAYLOAD_MAX];
	uint32_t frame_len = (uint32_t)(HEADERS - RECORD + len);

	if (len > PCAP_WRITER_PAYLOAD_MAX) {
		errno = EMSGSIZE;
		w->failed = true;
		return;
	}
	put_le32(record, (uint32_t)(time_us / 1000000));
	put_le32(record + 4, (uint32_t)(time_us % 1000000));
	put_le32(record + 8, frame_len);
	put_le32(record + 12, frame_len);
	put_headers(record + RECORD, path, len);
	memcpy(record + HEADERS, payload, len);
	append(w, record, HEADERS + len);
	w->frames++;
}

bool pcap_writer_close(struct pcap_writer *w)
{
	if (fclose(w->file) != 0)
		w->failed = true;
	free(w->buffer);
	w->file = NULL;
	w->buffer = NULL;
	return !w->failed;
}
