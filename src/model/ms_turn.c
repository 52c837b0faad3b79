/* The rows of [MS-TURN] beside allocations. */
#include "config.h"

#include "model/model.h"

struct ms_turn *ms_turn_of(const struct model *model,
			   const struct allocation *allocation)
{
	return allocation->ms_row
		       ? list_at(&model->ms_turns, allocation->ms_row - 1)
		       : NULL;
}

struct ms_turn *ms_turn_make(struct model *model, struct allocation *allocation)
{
	struct ms_turn *row = ms_turn_of(model, allocation);

	if (row)
		return row;
	row = list_add(&model->ms_turns);
	if (row)
		allocation->ms_row = (uint32_t)model->ms_turns.count;
	return row;
}

#define QUALITY_RELIABLE 1

const char *ms_stream_name(const struct ms_turn *ms)
{
	static const char *const names[] = {NULL, "audio", "video",
					    "supplemental video", "data"};

	return ms->has_quality && ms->quality <= QUALITY_RELIABLE &&
			       ms->stream < sizeof(names) / sizeof(names[0])
		       ? names[ms->stream]
		       : NULL;
}

const char *hello_answer_name(enum hello_answer answer)
{
	static const char *const names[] = {
		[HELLO_UNASKED] = "none",
		[HELLO_UNANSWERED] = "unanswered",
		[HELLO_ANSWERED] = "answered",
		[HELLO_REAL_TLS] = "real-tls",
		[HELLO_HTTP] = "http",
		[HELLO_OTHER] = "other",
		[HELLO_CLOSED] = "closed",
	};

	return names[answer];
}

const char *bandwidth_site_name(enum bandwidth_site site)
{
	static const char *const names[] = {
		[SITE_REMOTE] = "remote",
		[SITE_REMOTE_RELAY] = "remote_relay",
		[SITE_LOCAL] = "local",
		[SITE_LOCAL_RELAY] = "local_relay",
	};

	return names[site];
}
