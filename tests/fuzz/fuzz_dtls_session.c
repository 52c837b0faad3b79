/*
 * Decrypting datagrams: a key log up to a NUL byte, then datagrams with three
 * bytes before each, which say who sends it (1) and whether it begins another
 * association (4), and how long it is.
 * What is read lies in the room for it, and is no longer than the record.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "tests/fuzz/one.h"
#include "tests/fuzz/session_one.h"

static void take_datagram(struct tls_decryption *home,
			  struct tls_session *session, unsigned side,
			  struct slice bytes)
{
	struct decoding decoding = {.stream = false};
	struct tls_record record;
	struct slice plain;
	size_t used;

	while (dtls_decode_with_id(&decoding, bytes,
				   dtls_session_id_size(session, side), &record,
				   &used) == STATUS_OK ||
	       dtls_sealed_decode(bytes, &record, &used) == STATUS_OK) {
		enum status status =
			dtls_session_record(session, side, &record, &plain);

		fuzz_session_hold(home, status, plain, &record);
		bytes = slice_from(bytes, used);
	}
}

static void play(struct tls_decryption *home, struct slice script)
{
	struct tls_session *session = dtls_session_new(home);
	struct cursor c = cursor_over(script);

	while (c.left && !c.bad) {
		unsigned how = cursor_u8(&c);

		if (how & 4) {
			tls_session_free(session);
			session = dtls_session_new(home);
		}
		if (!session)
			abort();
		take_datagram(home, session, how & 1,
			      cursor_take(&c, cursor_u16(&c)));
	}
	tls_session_free(session);
	if (home->waiting_bytes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_session(data, size, play);
}
