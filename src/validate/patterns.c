/* The failure catalogue: a row for each way to tell a failure, in tables by
 * the stage that stops, cause before consequence (patterns.h). */
#include "config.h"

#include "validate/patterns_rows.h"

const struct pattern *const pattern_tables[PATTERN_TABLES] = {
	patterns_registration,
	patterns_relay,
	patterns_exchange,
	patterns_probing,
};
