/* SDP: no read outside; a candidate decoded, written, decoded is equal. */
#include "config.h"

#include <stdlib.h>

#include "core/text.h"
#include "dissectors/sdp.h"
#include "tests/fuzz/one.h"

static void again(const struct sdp_candidate *c)
{
	struct text text = text_new((size_t)16 << 20);
	struct sdp_candidate got;

	sdp_candidate_write(c, &text);
	if (sdp_candidate_parse(text_slice(&text), &got) != STATUS_OK ||
	    got.priority != c->priority || got.type != c->type ||
	    got.tcp_type != c->tcp_type ||
	    !endpoint_equal(&got.endpoint, &c->endpoint) ||
	    !endpoint_equal(&got.related, &c->related))
		abort();
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_new((size_t)64 << 20);
	struct decoding d = {.arena = &arena};
	struct sdp sdp = {.media_count = 0};
	size_t used;

	(void)!sdp_decode(&d, slice_of(data, size), &sdp, &used);
	for (size_t i = 0; i < sdp.media_count; i++)
		for (size_t k = 0; k < sdp.media[i].candidate_count; k++)
			again(&sdp.media[i].candidates[k]);
	arena_free(&arena);
	return fuzz_one(&sdp_dissector, data, size);
}
