/* ChannelData: what is decoded, written and decoded again is equal. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/turn.h"
#include "tests/fuzz/one.h"

static void try(struct slice in, bool stream)
{
	struct decoding d = {.stream = stream};
	struct channel_data m, again;
	struct text t = text_new((size_t)1 << 17);
	size_t used;

	if (channel_data_decode(&d, in, &m, &used) == STATUS_OK) {
		channel_data_write(&t, m.channel, m.data, stream);
		if (channel_data_decode(&d, text_slice(&t), &again, &used) !=
			    STATUS_OK ||
		    used != t.n || again.channel != m.channel ||
		    !slice_equal(again.data, m.data))
			abort();
	}
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try(slice_of(data, size), false);
	try(slice_of(data, size), true);
	return fuzz_one(&channel_data_dissector, data, size);
}
