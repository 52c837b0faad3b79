/*
 * TCP streams from arbitrary segments: every byte shown is the one that was
 * sent there, holes have the size of what is missing, and where no hole is
 * told all bytes are shown.
 */
#include "config.h"

#include "tests/fuzz/one.h"
#include "tests/fuzz/tcp_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(slice_of(data, size));
	uint8_t how = cursor_u8(&c);
	struct tcp_script *script = tcp_script_new(
		how & 1 ? UINT32_MAX - 30000 : 1000, how >> 1);

	while (c.left && !c.bad)
		tcp_script_step(script, &c);
	tcp_script_end(script);
	return 0;
}
