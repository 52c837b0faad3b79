/* Key logs: reading one again brings nothing new, and each line is counted
 * at most once. */
#include "config.h"

#include <stdlib.h>

#include "net/tls_keylog.h"
#include "tests/fuzz/one.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_secrets secrets = {.count = 0};
	struct keylog_report first, second;
	struct slice text = slice_of(data, size);
	size_t count;

	if (keylog_read(text, &secrets, &first) != STATUS_OK)
		abort();
	count = secrets.count;
	if (keylog_read(text, &secrets, &second) != STATUS_OK)
		abort();
	if (secrets.count != count || first.secrets < count ||
	    first.secrets != second.secrets || first.bad != second.bad ||
	    (first.bad == 0) != (first.first.line == 0) ||
	    first.secrets + first.others + first.bad > size + 1)
		abort();
	tls_secrets_free(&secrets);
	return 0;
}
