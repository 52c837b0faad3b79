/*
 * Integrity: a key is never needed to stay inside the bytes, and what we sign
 * we find signed.
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/stun_integrity.h"
#include "tests/fuzz/one.h"

/* Signs the attributes of a message that has no integrity yet. */
static void sign(const struct stun_message *m, const struct stun_key *key,
		 struct decoding *d, bool with_sha256)
{
	struct text t = text_new((size_t)1 << 17);
	struct stun_writer w = {.to = &t, .aligned = !m->unaligned};
	struct stun_message again;
	size_t used;

	stun_write_begin(&w, m->type, m->id);
	for (size_t i = 0; i < m->attribute_count; i++)
		stun_write_bytes(&w, m->attributes[i].type,
				 m->attributes[i].value);
	stun_write_integrity(&w, key, with_sha256,
			     m->dialect == STUN_MS_TURN);
	if (t.failed == STATUS_OK && m->attribute_count < 200 &&
	    m->cookie && m->dialect != STUN_MS_ICE2 &&
	    (stun_decode(d, text_slice(&t), &again, &used) != STATUS_OK ||
	     (again.unaligned == m->unaligned &&
	      again.dialect == m->dialect && stun_has_integrity(&again) &&
	      stun_check_integrity(&again, key) == COVERAGE_NONE)))
		abort();
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_new((size_t)1 << 20);
	struct decoding d = {.arena = &arena, .cut = size % 2 != 0};
	struct slice in = slice_of(data, size);
	struct stun_key key;
	struct stun_message m;
	size_t used;

	stun_key_long_term(slice_first(in, 9), slice_cut(in, 9, 9),
			   slice_cut(in, 18, 9), size % 3 == 0, &key);
	if (stun_decode(&d, in, &m, &used) == STATUS_OK) {
		(void)stun_check_integrity(&m, &key);
		if (!stun_has_integrity(&m))
			sign(&m, &key, &d, size % 5 == 0);
	}
	arena_free(&arena);
	return 0;
}
