/*
 * SIP: no read outside, never more taken than given, bodies lie inside, and
 * what is decoded, written and decoded again is equal.
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/sip.h"
#include "tests/fuzz/one.h"
#include "tests/support/sip_again.h"

#define ARENA_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_new(ARENA_MAX);
	struct decoding d = {.arena = &arena};
	struct sip_body bodies[SIP_BODIES_MAX];
	struct sip_message m;
	size_t used, n;

	if (sip_decode(&d, slice_of(data, size), &m, &used) == STATUS_OK) {
		if (used + m.surplus.n != size || !sip_again(&m))
			abort();
		n = sip_bodies(&m, bodies, SIP_BODIES_MAX);
		for (size_t i = 0; i < n; i++)
			if (bodies[i].bytes.n > m.body.n)
				abort();
	}
	arena_free(&arena);
	return fuzz_one(&sip_dissector, data, size);
}
