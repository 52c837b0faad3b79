/* Words for the values of enum status. */
#include "config.h"

#include "core/status.h"

const char *status_name(enum status status)
{
	static const char *const names[] = {
		[STATUS_OK] = "ok",
		[STATUS_END] = "end",
		[STATUS_SHORT] = "short",
		[STATUS_NOT_MINE] = "not mine",
		[STATUS_BAD] = "bad",
		[STATUS_LIMIT] = "limit reached",
		[STATUS_NOMEM] = "out of memory",
		[STATUS_IO] = "input/output error",
	};

	return names[status];
}
