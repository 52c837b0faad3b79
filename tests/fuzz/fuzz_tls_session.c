/*
 * Decrypting: a key log up to a NUL byte, then records with one byte before
 * each, which says who sends it (1), whether bytes are lost before (2), and
 * whether it begins another connection (4).
 * What is read lies in the room for it, and is no longer than the record.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "tests/fuzz/one.h"
#include "tests/fuzz/session_one.h"

static void take_record(struct tls_decryption *home,
			struct tls_session *session, unsigned how,
			const struct tls_record *record)
{
	struct slice plain = {0};
	enum status status;

	if (how & 2)
		(void)!tls_session_lose(session, how & 1);
	status = tls_session_record(session, how & 1, record, &plain);
	fuzz_session_hold(home, status, plain, record);
}

static void play(struct tls_decryption *home, struct slice script)
{
	struct decoding decoding = {.stream = true};
	struct tls_session *session = tls_session_new(home);
	struct tls_record record;
	size_t used;

	while (script.n) {
		unsigned how = script.p[0];

		script = slice_from(script, 1);
		if (how & 4) {
			tls_session_free(session);
			session = tls_session_new(home);
		}
		if (!session)
			abort();
		if (tls_decode(&decoding, script, &record, &used) != STATUS_OK)
			break;
		take_record(home, session, how, &record);
		script = slice_from(script, used);
	}
	tls_session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_session(data, size, play);
}
