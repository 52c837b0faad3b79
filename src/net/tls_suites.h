/*
 * Cipher suites: what a number in a ServerHello means for the records (IANA's
 * registry "TLS Cipher Suites").
 */
#ifndef NET_TLS_SUITES_H
#define NET_TLS_SUITES_H

#include "net/tls_keys.h"

struct tls_suite {
	uint16_t id;
	enum cipher_kind cipher;
	uint8_t tag;       /* bytes of it, when the cipher authenticates */
	enum tls_hash mac; /* otherwise */
	enum tls_hash prf; /* of TLS 1.2 and 1.3; before, MD5 with SHA-1 */
	bool rsa;          /* a private RSA key opens its key exchange */
};

/* NULL: not one that is decrypted here. */
const struct tls_suite *tls_suite_find(uint16_t id);

#endif /* NET_TLS_SUITES_H */
