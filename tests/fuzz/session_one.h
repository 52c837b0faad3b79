/*
 * What the fuzz targets of TLS and DTLS share: a key log up to a NUL byte, then
 * a script, which is played twice.
 */
#ifndef TESTS_FUZZ_SESSION_ONE_H
#define TESTS_FUZZ_SESSION_ONE_H

#include "net/tls_session.h"

/* The second time with all sessions that the first one taught; returns 0. */
int fuzz_session(const uint8_t *data, size_t size,
		 void (*play)(struct tls_decryption *home,
			      struct slice script));

/* What was read of a record lies in the room for it, and is no longer; else
 * aborts. */
void fuzz_session_hold(const struct tls_decryption *home, enum status status,
		       struct slice plain, const struct tls_record *record);

#endif /* TESTS_FUZZ_SESSION_ONE_H */
