/* Compressed data: however it is read, the same comes out. */
#include "config.h"

#include <stdlib.h>

#include "capture/compress.h"
#include "tests/fuzz/capture_one.h"

#define OUT_MAX 262144u

/* Reads in pieces of `step` bytes; how many came. */
static size_t unpack(struct slice packed, uint8_t *to, size_t step)
{
	const struct compression *how = compression_find(packed);
	struct byte_source *bytes;
	size_t n = 0, got = 1;

	if (!how || bytes_open_memory(packed, &bytes) != STATUS_OK ||
	    compression_open(how, bytes, (struct slice){0}, &bytes) !=
		    STATUS_OK)
		return 0;
	while (got && n + step <= OUT_MAX) {
		enum status status = bytes->read(bytes, to + n, step, &got);

		if (got > step || (status != STATUS_OK && got))
			abort();
		n += got;
	}
	bytes->close(bytes);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t a[OUT_MAX], b[OUT_MAX];
	size_t n = unpack(slice_of(data, size), a, OUT_MAX / 4);
	size_t m = unpack(slice_of(data, size), b, 61);

	/* Damage may be met sooner by one; what came before is the same. */
	if (memcmp(a, b, n < m ? n : m) != 0)
		abort();
	return 0;
}
