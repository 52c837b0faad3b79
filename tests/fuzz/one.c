/* What every dissector's fuzz target does. */
#include "config.h"

#include <stdlib.h>

#include "tests/fuzz/one.h"

#define ARENA_MAX ((size_t)64 << 20)

/* A listener that reads every byte it is told of. */
static void listen(void *context, const struct field *field)
{
	unsigned *sum = context;

	for (size_t i = 0; i < field->text.n; i++)
		*sum += field->text.p[i];
	if (!field->name)
		abort();
}

static void decode(const struct dissector *dissector, struct slice in,
		   bool stream, bool cut)
{
	struct arena arena = arena_new(ARENA_MAX);
	struct findings findings = {0};
	struct decoding d = {.arena = &arena,
			     .findings = &findings,
			     .stream = stream,
			     .cut = cut};
	void *out = calloc(1, dissector->size);
	unsigned sum = 0;
	struct field_sink sink = {&sum, listen};
	size_t used = SIZE_MAX;

	if (!out)
		abort();
	if (dissector->decode(&d, in, out, &used) == STATUS_OK) {
		if (used > in.n)
			abort();
		dissector->walk(out, &sink);
	} else if (used != SIZE_MAX) {
		abort(); /* outputs are written on OK only */
	}
	free(out);
	arena_free(&arena);
}

int fuzz_one(const struct dissector *dissector, const uint8_t *data,
	     size_t size)
{
	struct slice in = slice_of(data, size);

	(void)dissector->claims(in, false);
	(void)dissector->claims(in, true);
	decode(dissector, in, false, false);
	decode(dissector, in, false, true);
	decode(dissector, in, true, false);
	return 0;
}
