/*
 * STUN: no read outside; what is decoded, written and decoded again has the
 * same attributes.
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/stun.h"
#include "tests/fuzz/one.h"

static void write_again(const struct stun_message *m, struct decoding *d)
{
	struct text t = text_new((size_t)1 << 20);
	struct stun_writer w = {.to = &t, .aligned = !m->unaligned};
	struct stun_message again;
	size_t used;

	stun_write_begin(&w, m->type, m->id);
	for (size_t i = 0; i < m->attribute_count; i++)
		stun_write_bytes(&w, m->attributes[i].type,
				 m->attributes[i].value);
	/* Padding that lacked may make it too long; else it must be read. */
	if (t.failed == STATUS_OK &&
	    stun_decode(d, text_slice(&t), &again, &used) != STATUS_OK)
		abort();
	/* Padding other than zero may hide that the other walk fits. */
	if (t.failed == STATUS_OK && again.unaligned == m->unaligned) {
		if (used != t.n || again.attribute_count != m->attribute_count)
			abort();
		for (size_t i = 0; i < m->attribute_count; i++)
			if (!slice_equal(m->attributes[i].value,
					 again.attributes[i].value))
				abort();
	}
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_new((size_t)1 << 20);
	struct decoding d = {.arena = &arena};
	struct stun_message m;
	size_t used;

	fuzz_one(&stun_dissector, data, size);
	if (stun_decode(&d, slice_of(data, size), &m, &used) == STATUS_OK)
		write_again(&m, &d);
	arena_free(&arena);
	return 0;
}
