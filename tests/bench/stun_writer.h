/*
 * Composes STUN and TURN messages (RFC 8489, RFC 8656) for the bench
 * generator.  It shares no code with the program that is measured, so that a
 * mistake in one cannot hide the same mistake in the other.
 */
#ifndef TESTS_BENCH_STUN_WRITER_H
#define TESTS_BENCH_STUN_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "tests/bench/pcap_writer.h"

enum { STUN_ID_LEN = 12 };

enum stun_type {
	STUN_BINDING_REQUEST = 0x0001,
	STUN_BINDING_SUCCESS = 0x0101,
	STUN_ALLOCATE_REQUEST = 0x0003,
	STUN_ALLOCATE_SUCCESS = 0x0103,
	STUN_ALLOCATE_ERROR = 0x0113,
	STUN_PERMISSION_REQUEST = 0x0008,
	STUN_PERMISSION_SUCCESS = 0x0108,
	STUN_CHANNEL_REQUEST = 0x0009,
	STUN_CHANNEL_SUCCESS = 0x0109,
	STUN_SEND_INDICATION = 0x0016,
	STUN_DATA_INDICATION = 0x0017,
};

enum stun_attribute {
	STUN_USERNAME = 0x0006,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_CHANNEL_NUMBER = 0x000C,
	STUN_LIFETIME = 0x000D,
	STUN_XOR_PEER_ADDRESS = 0x0012,
	STUN_DATA = 0x0013,
	STUN_REALM = 0x0014,
	STUN_NONCE = 0x0015,
	STUN_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_REQUESTED_TRANSPORT = 0x0019,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_PRIORITY = 0x0024,
	STUN_USE_CANDIDATE = 0x0025,
	STUN_SOFTWARE = 0x8022,
	STUN_FINGERPRINT = 0x8028,
	STUN_ICE_CONTROLLED = 0x8029,
	STUN_ICE_CONTROLLING = 0x802A,
};

/*
 * A key of HMAC-SHA1 (RFC 2104): the states after its inner and its outer pad,
 * kept since a key signs many messages.  All NULL when closed.
 */
struct stun_key {
	EVP_MD_CTX *inner;
	EVP_MD_CTX *outer;
};

/* What sealing needs beside the key, made once a run. */
struct stun_crypto {
	EVP_MD_CTX *work;
	uint32_t crc[256];
};

/*
 * A message that grows by attributes.  `full` is set, and nothing more is
 * added, when one does not fit.
 */
struct stun_writer {
	uint8_t bytes[PCAP_WRITER_PAYLOAD_MAX];
	size_t len;
	bool full;
};

/* False if memory ran out. */
bool stun_crypto_open(struct stun_crypto *crypto);
void stun_crypto_close(struct stun_crypto *crypto);

/*
 * Makes a key of at most 64 bytes.  False if libcrypto refuses; close it even
 * then.
 */
bool stun_key_open(struct stun_key *key, const void *bytes, size_t len);
void stun_key_close(struct stun_key *key);

void stun_begin(struct stun_writer *m, enum stun_type type,
		const uint8_t id[STUN_ID_LEN]);
void stun_bytes(struct stun_writer *m, enum stun_attribute type,
		const void *value, size_t len);
void stun_text(struct stun_writer *m, enum stun_attribute type,
	       const char *value);
void stun_u32(struct stun_writer *m, enum stun_attribute type, uint32_t value);
void stun_u64(struct stun_writer *m, enum stun_attribute type, uint64_t value);

/* An address XORed with the cookie (RFC 8489, 14.2). */
void stun_address(struct stun_writer *m, enum stun_attribute type,
		  struct endpoint address);

/* MESSAGE-INTEGRITY by `key`, then FINGERPRINT (RFC 8489, 14.5 and 14.7). */
void stun_seal(struct stun_writer *m, const struct stun_crypto *crypto,
	       const struct stun_key *key);

/* FINGERPRINT alone, for what is not authenticated. */
void stun_seal_open(struct stun_writer *m, const struct stun_crypto *crypto);

#endif /* TESTS_BENCH_STUN_WRITER_H */
