/* What [MS-TURN] adds to the line of an allocation. */
#include "config.h"

#include <inttypes.h>

#include "report/text_parts.h"

static void print_versions(struct printer *p, const struct ms_turn *ms)
{
	if (ms->version[0] && ms->version[1] &&
	    ms->version[0] != ms->version[1])
		printer_joined(p, ", versions %u and %u", ms->version[0],
			       ms->version[1]);
	else if (ms->version[0])
		printer_joined(p, ", version %u", ms->version[0]);
	else if (ms->version[1])
		printer_joined(p, ", the server's version %u", ms->version[1]);
	if (ms->software) {
		printer_puts(p, ", server ");
		printer_puts(p, ms->software);
	}
}

static void print_quality(struct printer *p, const struct ms_turn *ms)
{
	const char *stream = ms_stream_name(ms);

	if (stream)
		printer_joined(p, ", for %s", stream);
	else if (ms->has_quality)
		printer_joined(p, ", service quality %u/%u", ms->stream,
			       ms->quality);
	if (ms->bandwidth)
		printer_printf(p, ", %" PRIu32 " kbit/s", ms->bandwidth);
}

static void print_active(struct printer *p, const struct ms_turn *ms)
{
	if (!ms->active_asked)
		return;
	printer_puts(p, ", active destination ");
	printer_endpoint(p, &ms->active);
	if (ms->active_refused)
		printer_printf(p, " refused (%u)", ms->active_error);
	else if (!ms->active_set)
		printer_puts(p, " not confirmed");
}

static void print_bandwidth(struct printer *p, const struct ms_turn *ms)
{
	const char *between = ": ";

	if (!ms->bandwidth_asked)
		return;
	printer_puts(p, ", bandwidth ");
	printer_puts(p, ms->bandwidth_asked & BANDWIDTH_COMMIT ? "committed"
							       : "checked");
	for (unsigned site = 0; site < SITES; site++) {
		const struct bandwidth_answer *answer = &ms->sites[site];

		if (!answer->told)
			continue;
		printer_printf(p, "%s%s ", between,
			       bandwidth_site_name((enum bandwidth_site)site));
		if (answer->valid)
			printer_printf(p, "%" PRIu32 "/%" PRIu32 " kbit/s",
				       answer->send, answer->receive);
		else
			printer_puts(p, "not allowed");
		between = ", ";
	}
}

bool text_hello(struct printer *p, const struct allocation *a)
{
	static const char *const texts[] = {
		[HELLO_UNASKED] = NULL,
		[HELLO_UNANSWERED] = "the pseudo-TLS hello is not answered",
		[HELLO_ANSWERED] = NULL,
		[HELLO_REAL_TLS] = "the pseudo-TLS hello is answered in real "
				   "TLS",
		[HELLO_HTTP] = "the pseudo-TLS hello is answered in HTTP",
		[HELLO_OTHER] = "the pseudo-TLS hello is answered by "
				"something else",
		[HELLO_CLOSED] = "the connection was closed on the pseudo-TLS "
				 "hello",
	};
	const struct ms_turn *ms = ms_turn_of(p->model, a);

	if (!ms || a->allocates || !texts[ms->hello])
		return false;
	printer_puts(p, texts[ms->hello]);
	return true;
}

void text_ms_turn(struct printer *p, const struct allocation *a)
{
	const struct ms_turn *ms = ms_turn_of(p->model, a);

	if (!ms)
		return;
	print_versions(p, ms);
	print_quality(p, ms);
	print_active(p, ms);
	print_bandwidth(p, ms);
}
