/* WebSocket: nothing takes more than it was given, nor gives more. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/websocket.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena arena = arena_new((size_t)4 << 20);
	struct decoding d = {.arena = &arena, .stream = true};
	struct websocket_message m;
	size_t used = 0;

	(void)websocket_claims(in);
	if (websocket_hello_claims(in, &used) == CLAIM_SURE && used > size)
		abort();
	if (websocket_decode(&d, in, &m, &used) == STATUS_OK &&
	    (used > size || used < 2 || m.data.n > used - 2))
		abort();
	arena_free(&arena);
	return 0;
}
