/* pcap files: no read outside, and offsets lead to the bytes of frames. */
#include "config.h"

#include "tests/fuzz/capture_one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_capture(&format_pcap, data, size);
}
