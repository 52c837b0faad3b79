/* Windows events: elements lie in the text in order, and what is read of one
 * is within its limits. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/winevent.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), element;
	struct arena arena = arena_new((size_t)16 << 20);
	size_t before = size + 1;

	while (winevent_next(&rest, &element)) {
		struct winevent e;

		if (rest.n >= before || element.n == 0 || element.n > size)
			abort();
		before = rest.n;
		arena_reset(&arena);
		if (winevent_read(element, &arena, &e) == STATUS_OK &&
		    (e.data_count > WINEVENT_DATA_MAX || e.id > UINT16_MAX))
			abort();
	}
	arena_free(&arena);
	return 0;
}
