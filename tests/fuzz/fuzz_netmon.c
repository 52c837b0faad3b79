/*
 * Network Monitor files of both kinds: no read outside, and offsets lead to the
 * bytes of frames.
 */
#include "config.h"

#include "tests/fuzz/capture_one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct capture_format *format =
		size && data[0] == 'R' ? &format_netmon1 : &format_netmon2;

	return fuzz_capture(format, data, size);
}
