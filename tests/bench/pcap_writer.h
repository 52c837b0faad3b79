/*
 * Writes a classic pcap file (microseconds, little-endian, Ethernet) of UDP
 * datagrams over IPv4.
 *
 * The IPv4 header checksum is right; the UDP checksum is 0, "not computed"
 * (RFC 768).  DF is set and the identification is 0 (RFC 6864, 4.1), so no
 * datagram may be longer than one Ethernet frame carries.
 */
#ifndef TESTS_BENCH_PCAP_WRITER_H
#define TESTS_BENCH_PCAP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAP_WRITER_PAYLOAD_MAX 1472u

struct endpoint {
	uint32_t ip;	/* both in host order */
	uint16_t port;
};

struct pcap_writer {
	FILE *file;
	char *buffer;	/* stdio's, larger than its own */
	uint64_t frames;
	uint64_t bytes;	/* of the whole file */
	bool failed;	/* sticky; *_close tells */
};

/* False, with errno set, if the file cannot be made. */
bool pcap_writer_open(struct pcap_writer *w, const char *path);

/*
 * Appends one datagram.  time_us is microseconds since 1970; the caller keeps
 * the order.  A payload that is too long fails the writer.
 */
void pcap_writer_udp(struct pcap_writer *w, uint64_t time_us,
		     const struct endpoint path[2], const void *payload,
		     size_t len);

/*
 * False if anything since *_open did not reach the file.  The counts stay.
 */
bool pcap_writer_close(struct pcap_writer *w);

#endif /* TESTS_BENCH_PCAP_WRITER_H */
