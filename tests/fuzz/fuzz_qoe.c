/* Quality reports: no read outside, and it never takes more than it was
 * given. */
#include "config.h"

#include "dissectors/qoe.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_one(&qoe_dissector, data, size);
}
