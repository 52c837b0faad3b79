/*
 * SDP in JSON: no read outside; the same text gives the same again, and what is
 * found there can be decoded.
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/jsep.h"
#include "dissectors/sdp.h"
#include "tests/fuzz/one.h"

#define ARENA_MAX ((size_t)16 << 20)

static void decode(struct arena *arena, struct slice text)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = arena, .findings = &findings};
	struct sdp sdp;
	size_t used;

	if (sdp_decode(&decoding, text, &sdp, &used) == STATUS_OK &&
	    used > text.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_new(ARENA_MAX);
	struct jsep_item items[JSEP_ITEMS_MAX], again[JSEP_ITEMS_MAX];
	size_t count = jsep_read(&arena, slice_of(data, size), items);

	if (count > JSEP_ITEMS_MAX ||
	    jsep_read(&arena, slice_of(data, size), again) != count)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (items[i].kind != again[i].kind ||
		    !slice_equal(items[i].text, again[i].text))
			abort();
		decode(&arena, items[i].text);
	}
	arena_free(&arena);
	return 0;
}
