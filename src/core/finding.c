/* Names of severities and stages. */
#include "config.h"

#include "core/finding.h"

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[severity];
}

const char *stage_name(enum stage stage)
{
	static const char *const names[] = {
		[STAGE_REGISTRATION] = "registration",
		[STAGE_TOKEN] = "token",
		[STAGE_GATHERING] = "gathering",
		[STAGE_EXCHANGE] = "exchange",
		[STAGE_PROBING] = "probing",
		[STAGE_MEDIA] = "media",
		[STAGE_CAPTURE] = "capture",
		[STAGE_ENGINE] = "engine",
		[STAGE_NONE] = "none",
	};

	return names[stage];
}
