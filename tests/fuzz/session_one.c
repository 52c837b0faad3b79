/* The frame around sessions of TLS and DTLS. */
#include "config.h"

#include <stdlib.h>

#include "net/tls_keylog.h"
#include "tests/fuzz/session_one.h"
#include "tests/support/rsa_key.h"

int fuzz_session(const uint8_t *data, size_t size,
		 void (*play)(struct tls_decryption *home, struct slice script))
{
	struct tls_decryption *home = calloc(1, sizeof(*home));
	struct slice script = slice_of(data, size);
	struct slice keylog = slice_split(&script, 0);
	struct keylog_report report;

	if (!home || keylog_read(keylog, &home->secrets, &report) != STATUS_OK)
		abort();
	if (tls_secrets_add_rsa(&home->secrets,
				rsa_key_read(SLICE(TEST_RSA_KEY))) != STATUS_OK)
		abort();
	play(home, script);
	play(home, script);
	tls_secrets_free(&home->secrets);
	free(home);
	return 0;
}

void fuzz_session_hold(const struct tls_decryption *home, enum status status,
		       struct slice plain, const struct tls_record *record)
{
	if (plain.n && (status != STATUS_OK || plain.p != home->plain ||
			plain.n > record->body.n))
		abort();
}
