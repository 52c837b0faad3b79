/*
 * One line of a dump of bytes in hexadecimal, as tcpdump -x and -X, tshark -x,
 * Wireshark, text2pcap, xxd, hexdump -C, od -Ax -tx1 and the sniffers of
 * firewalls and routers print them:
 *
 *   0x0010:  7f00 0001 7f00 0001 13c4 13c4 0012 fe25  ...............%
 *   0010  7f 00 00 01 7f 00 00 01  13 c4 13 c4 00 12 fe 25   .......%
 *
 * For the reader of dumps only.
 */
#ifndef CAPTURE_HEXDUMP_LINE_H
#define CAPTURE_HEXDUMP_LINE_H

#include "core/slice.h"

/* No program is known that puts more bytes into a line. */
#define HEXDUMP_LINE_MAX 64u

struct hexdump_line {
	uint32_t offset; /* of the first byte in what is dumped */
	size_t n;
	uint8_t bytes[HEXDUMP_LINE_MAX];
};

/* False when it is no such line: an offset and one byte at least. */
bool hexdump_line_read(struct slice line, struct hexdump_line *out);

/* A line with which a dump begins: its offset is zero. */
bool hexdump_line_begins(struct slice line);

/* The offset alone, with which hexdump -C and od end a dump. */
bool hexdump_line_ends(struct slice line, uint32_t *offset);

#endif /* CAPTURE_HEXDUMP_LINE_H */
