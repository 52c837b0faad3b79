/* mrascope analyze: how far each call got, in five stages. */
#include "config.h"

#include "cli/analysis.h"

int command_analyze(const struct options *options)
{
	return analysis_run(options, NULL);
}
