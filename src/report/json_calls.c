/* JSON: calls, their verdicts and stages. */
#include "config.h"

#include "report/helper.h"
#include "report/json_parts.h"

/* The root first, then what follows from it. */
static void put_causes(struct document *d, const struct call *call)
{
	const struct cause *rows = d->m->causes.rows;
	uint32_t at = call->causes.count ? call->causes.first : CHAIN_END;

	json_key(&d->j, "causes");
	json_array(&d->j);
	for (; at != CHAIN_END; at = rows[at].next) {
		const struct cause *c = &rows[at];

		json_object(&d->j);
		json_m_text(d, "id", c->id);
		json_m_text(d, "stage", stage_name((enum stage)c->stage));
		json_m_text(d, "headline", c->headline);
		json_m_text(d, "remedy", c->remedy);
		json_m_text(d, "who",
			    call_helper(d->m, call, (enum helper)c->helper));
		json_m_text(d, "confidence",
			    confidence_name((enum confidence)c->confidence));
		json_m_text(d, "source", c->source);
		json_m_frames(d, &c->evidence);
		json_object_end(&d->j);
	}
	json_array_end(&d->j);
}

static void put_verdict(struct document *d, const struct call *call)
{
	json_key(&d->j, "verdict");
	json_object(&d->j);
	json_m_text(d, "outcome", outcome_name(call->outcome));
	json_m_text(d, "stage",
		    call->stopped == STAGE_NONE ? NULL
						: stage_name(call->stopped));
	json_m_text(d, "rule", call->rule ? call->rule->id : NULL);
	json_m_text(d, "confidence",
		    confidence_name((enum confidence)call->confidence));
	json_m_text(d, "text", call->text);
	put_causes(d, call);
	json_object_end(&d->j);
}

static void put_members(struct document *d, char kind,
			const struct members *members)
{
	for (uint32_t i = 0; i < members->count; i++)
		json_id(d, kind, members->list[i]);
}

/* The pairs that were chosen stand for the checks. */
static void put_chosen(struct document *d, const struct call *call)
{
	const struct session *rows = d->m->sessions.rows;
	const struct pair *pairs = d->m->pairs.rows;

	for (uint32_t i = 0; i < call->sessions.count; i++)
		for (size_t k = rows[call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			if (pairs[k].selected)
				json_id(d, 'q', k);
}

static void put_refs(struct document *d, const struct call *call, int stage)
{
	json_key(&d->j, "refs");
	json_array(&d->j);
	if (stage == STAGE_REGISTRATION)
		put_members(d, 'r', &call->registrations);
	else if (stage == STAGE_TOKEN)
		put_members(d, 't', &call->tokens);
	else if (stage == STAGE_GATHERING)
		put_members(d, 'a', &call->allocations);
	else if (stage == STAGE_EXCHANGE)
		put_members(d, 'd', &call->dialogs);
	else
		put_chosen(d, call);
	json_array_end(&d->j);
}

static void put_stage(struct document *d, const struct call *call, int stage)
{
	const struct stage_view *v = &call->stages[stage];

	json_object(&d->j);
	json_m_text(d, "stage", stage_name((enum stage)stage));
	json_m_text(d, "state", state_name(v->state));
	json_m_time(d, "start", v->start);
	json_m_time(d, "end", v->start ? v->end : 0);
	if (v->start)
		json_m_ms(d, "duration_ms", v->end - v->start);
	else
		json_m_text(d, "duration_ms", NULL);
	put_refs(d, call, stage);
	json_m_frames(d, &v->cited);
	json_m_text(d, "summary", v->text);
	json_object_end(&d->j);
}

static void put_findings(struct document *d, const struct call *call)
{
	const struct note *rows = d->m->notes.rows;

	json_key(&d->j, "findings");
	json_array(&d->j);
	for (size_t i = call->notes.first; i != LIST_NONE; i = rows[i].next)
		json_id(d, 'f', i);
	json_array_end(&d->j);
}

static void put_head(struct document *d, size_t row)
{
	const struct call *call = list_at(&d->m->calls, row);

	json_m_names(d, 'c', KEY_CALL, row);
	json_m_text(d, "kind", call_kind_name(call->kind));
	json_m_text(d, "call_id", call->call_id);
	json_m_uris(d, "from", call->from);
	json_m_uris(d, "to", call->to);
	json_key(&d->j, "parties");
	json_array(&d->j);
	put_members(d, 'p', &call->parties);
	json_array_end(&d->j);
	json_m_time(d, "start", call->start);
	json_m_time(d, "end", call->end);
	put_verdict(d, call);
}

static void open_call(struct document *d, size_t row)
{
	const struct call *call = list_at(&d->m->calls, row);

	json_break(&d->j);
	json_object(&d->j);
	put_head(d, row);
	json_key(&d->j, "stages");
	json_array(&d->j);
	for (int stage = 0; stage < STAGES; stage++)
		put_stage(d, call, stage);
	json_array_end(&d->j);
}

static void close_call(struct document *d)
{
	json_object_end(&d->j);
	json_flush(d);
}

void json_call(struct document *d, size_t row)
{
	const struct call *call = list_at(&d->m->calls, row);

	open_call(d, row);
	json_dialogs(d, call);
	json_ice(d, call);
	json_candidates(d, call);
	json_pairs(d, call);
	json_unchecked(d, call);
	json_media(d, call);
	json_dtls(d, call);
	json_diagnostics(d, call);
	json_quality(d, call);
	put_findings(d, call);
	close_call(d);
}

void json_call_outline(struct document *d, size_t row)
{
	open_call(d, row);
	close_call(d);
}
