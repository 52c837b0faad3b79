/*
 * Rules about Windows events that tell of relays (spec
 * "mras-and-registration" 8.1).
 *
 * An event is the word of a server about some time, and names no call: so these
 * are findings about the input as a whole, and never errors.
 */
#include "config.h"

#include "validate/checks.h"
#include "validate/rules.h"

enum event_rule {
	EVENT_GUESSED,
	EVENT_NO_TOKEN,
	EVENT_NO_RELAY,
	EVENT_NO_SERVICE,
	EVENT_RULES,
};

const struct rule rules_events[] = {
	[EVENT_GUESSED] =
		{
			.id = "gathering/event-guessed-edge",
			.severity = SEVERITY_INFO,
			.stage = STAGE_GATHERING,
			.title = "Exchange found no media, and picked its SIP "
				 "access "
				 "service by guess",
			.source = "Exchange UM event 1438",
			.remedy = "set the SIP access service to the pool "
				  "whose Edge "
				  "is meant",
		},
	[EVENT_NO_TOKEN] =
		{
			.id = "token/event-no-credentials",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_TOKEN,
			.title = "Exchange says that it got no relay "
				 "credentials",
			.source = "Exchange UM event 1439",
			.remedy = "check the Edge that belongs to the pool, "
				  "TCP 5062 "
				  "to it, and the certificates",
		},
	[EVENT_NO_RELAY] =
		{
			.id = "gathering/event-no-relay",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_GATHERING,
			.title = "Exchange says that the Edge gave it no relay",
			.source = "Exchange UM event 1440",
			.remedy = "look at the reason in the event: name, "
				  "connection, "
				  "credentials or encryption",
		},
	[EVENT_NO_SERVICE] =
		{
			.id = "token/event-no-service",
			.severity = SEVERITY_INFO,
			.stage = STAGE_TOKEN,
			.title = "a Mediation Server seems to have no A/V "
				 "authentication service",
			.source = "Mediation Server event 25026 (meaning "
				  "unproven)",
			.remedy = "give its pool an Edge in the topology, and "
				  "check "
				  "TCP 5062 to that",
		},
	{.id = NULL},
};

static const struct {
	uint32_t event;
	enum event_rule rule;
} rows[] = {
	{1438, EVENT_GUESSED},
	{1439, EVENT_NO_TOKEN},
	{1440, EVENT_NO_RELAY},
	{25026, EVENT_NO_SERVICE},
};

static void note_event(struct model *m, const struct remark *r)
{
	struct note *note;

	if (!event_meaning_of(r))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].event != r->event)
			continue;
		note = model_note(m, &rules_events[rows[i].rule], r->place,
				  LIST_NONE);
		if (note)
			note->text = model_sentence(
				m, "record %llu of %s",
				(unsigned long long)r->record, r->provider);
	}
}

void events_note(struct model *model)
{
	const struct remark *remarks = model->remarks.rows;

	for (size_t i = 0; i < model->remarks.count; i++)
		if (remarks[i].kind == REMARK_EVENT)
			note_event(model, &remarks[i]);
}
