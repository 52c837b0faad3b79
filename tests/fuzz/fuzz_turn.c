/* Frames around TURN: none takes more than it was given. */
#include "config.h"

#include <stdlib.h>

#include "dissectors/turn.h"
#include "tests/fuzz/one.h"

static void frames(struct slice in, struct decoding d)
{
	struct multiplexed multiplexed;
	struct ms_tcp_frame ms;
	struct rfc4571_frame framed;
	size_t used;

	(void)multiplexed_claims(in, d.stream);
	if (multiplexed_decode(&d, in, &multiplexed, &used) == STATUS_OK &&
	    (used > in.n || used != multiplexed.data.n + 12))
		abort();
	if (ms_tcp_decode(&d, in, &ms, &used) == STATUS_OK &&
	    (used > in.n || used != ms.data.n + 4))
		abort();
	if (rfc4571_decode(&d, in, &framed, &used) == STATUS_OK &&
	    (used > in.n || used != framed.data.n + 2))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	size_t hello = 0;

	frames(in, (struct decoding){0});
	frames(in, (struct decoding){.cut = true});
	frames(in, (struct decoding){.stream = true});
	(void)ms_tcp_claims(in);
	(void)rfc4571_claims(in);
	for (int server = 0; server < 2; server++)
		if (pseudo_tls_claims(in, server, &hello) == CLAIM_SURE &&
		    hello > size)
			abort();
	return 0;
}
