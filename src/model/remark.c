/* What programs say beside their messages: words and known events. */
#include "config.h"

#include <string.h>

#include "model/remark.h"

const char *remark_kind_name(enum remark_kind kind)
{
	static const char *const names[] = {
		[REMARK_TRACE] = "trace",
		[REMARK_DIAGNOSTIC] = "diagnostic",
		[REMARK_EVENT] = "event",
	};

	return names[kind];
}

const char *remark_level_name(enum remark_level level)
{
	static const char *const names[] = {
		[REMARK_INFO] = "info",
		[REMARK_WARNING] = "warning",
		[REMARK_ERROR] = "error",
	};

	return names[level];
}

/* Spec "mras-and-registration" 8.1.  The numbers of Exchange are those of its
 * Unified Messaging; others use the same ones for something else. */
static const struct event_meaning meanings[] = {
	{1437, "Unified Messaging",
	 "the SIP access service was picked by guess, since none is set"},
	{1438, "Unified Messaging",
	 "media could not be established, and the SIP access service is a "
	 "guess"},
	{1439, "Unified Messaging",
	 "no relay credentials could be obtained through the SIP access "
	 "service"},
	{1440, "Unified Messaging",
	 "the relay could not be allocated on the Edge"},
	{1441, "Unified Messaging", "the SIP access service that is set"},
	{25026, "Mediation",
	 "the A/V authentication service cannot be used for this server"},
};

const struct event_meaning *event_meaning_of(const struct remark *remark)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (remark->kind == REMARK_EVENT &&
		    meanings[i].event == remark->event && remark->provider &&
		    strstr(remark->provider, meanings[i].provider))
			return &meanings[i];
	return NULL;
}
