/* Web services: nothing takes more than it was given, nor gives more. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/webservice.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena arena = arena_new((size_t)4 << 20);
	struct decoding d = {.arena = &arena, .stream = true};
	struct http_head head;
	struct web_message m;
	size_t used = 0;
	long chunk;

	(void)web_claims(in);
	if (web_decode(&d, in, &m, &used) == STATUS_OK &&
	    (used > size || used < 4 || m.body.n > used))
		abort();
	if (http_head_read(in, &head) == STATUS_OK &&
	    (head.size > size || head.size < 4))
		abort();
	chunk = http_chunk_read(in, &used);
	if (used > size || chunk < -1 || (chunk > 0) != (used && chunk > 2))
		abort();
	arena_free(&arena);
	return 0;
}
