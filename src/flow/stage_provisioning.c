/*
 * In-band provisioning ([MS-SIPREGE] 2.2.2.5): what a client is told, in the
 * 200 to its SUBSCRIBE, a NOTIFY or a BENOTIFY; kept beside its registration.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/signin.h"

#define DOCUMENT_TYPE "application/vnd-microsoft-roaming-provisioning-v2+xml"

static const char *text_of(struct stages *s, struct slice text)
{
	return text.n ? stages_text(s, text) : NULL;
}

static void keep_ranges(struct provisioned *to, const struct provisioning *p)
{
	static const enum port_kind kinds[] = {
		[PROVISIONING_MEDIA] = PORTS_MEDIA,
		[PROVISIONING_AUDIO] = PORTS_AUDIO,
		[PROVISIONING_VIDEO] = PORTS_VIDEO,
		[PROVISIONING_SHARING] = PORTS_SHARING,
		[PROVISIONING_FILES] = PORTS_FILES,
	};

	for (size_t i = 0; i < PROVISIONING_PORTS; i++) {
		to->port_low[kinds[i]] = p->ranges[i].low;
		to->port_high[kinds[i]] = p->ranges[i].high;
	}
}

static struct provisioned *row_of(struct stages *s, struct sign_in *x)
{
	struct list *list = &s->model->provisioned;
	struct provisioned *row;

	if (x->provisioned)
		return list_at(list, x->provisioned - 1);
	row = list_add(list);
	if (row)
		x->provisioned = (uint32_t)list->count;
	return row;
}

static void keep_server(struct stages *s, struct provisioned *row,
			const struct provisioning *p)
{
	row->has_server = true;
	row->ranges_enabled = p->has_port_range;
	row->qos = p->qos;
	row->bandwidth_policy = p->bandwidth_policy;
	row->pool = text_of(s, p->pool);
	row->encryption = text_of(s, p->encryption);
	row->security = text_of(s, p->security);
	row->focus = text_of(s, p->focus);
	row->test_bot = text_of(s, p->test_bot);
	row->video_rate = text_of(s, p->video_rate);
	keep_ranges(row, p);
}

static void keep(struct stages *s, struct registration *r,
		 const struct message *m, const struct provisioning *p)
{
	struct sign_in *x = sign_in_made(s, r);
	struct provisioned *row = x ? row_of(s, x) : NULL;

	if (!row)
		return;
	row->place = stages_place(s, &m->from);
	model_set_text(s->model, &row->call_id, m->u.sip->call_id);
	row->groups += (uint32_t)p->group_count;
	if (p->has_server)
		keep_server(s, row, p);
	if (p->bypass || p->bypass_id.n) {
		row->bypass = p->bypass;
		row->bypass_id = text_of(s, p->bypass_id);
		row->bypass_internal = text_of(s, p->bypass_internal);
		row->bypass_external = text_of(s, p->bypass_external);
	}
}

/* To whom it goes; without a REGISTER in the capture, a registration that
 * this proves. */
static struct registration *told(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice uri = sip->request ? sip->to.uri : sip->from.uri;
	size_t party = party_known(s, uri);
	uint32_t row = party == LIST_NONE
			       ? CHAIN_END
			       : *(uint32_t *)list_at(&s->newest, party);

	return row == CHAIN_END ? signin_infer(s, m, uri)
				: list_at(&s->model->registrations, row);
}

/* Who asked for it, or whom it is for, when it is known. */
static struct registration *known(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	bool notifies = sip->request && sip->method != SIP_SUBSCRIBE;
	size_t party = party_known(s, notifies ? sip->to.uri : sip->from.uri);
	uint32_t row = party == LIST_NONE
			       ? CHAIN_END
			       : *(uint32_t *)list_at(&s->newest, party);

	return row == CHAIN_END ? NULL : list_at(&s->model->registrations, row);
}

/* What was asked for, and what came of it. */
static void note_content(struct stages *s, const struct message *m,
			 const struct sip_content *content)
{
	const struct provisioning *p = content->provisioning;
	bool asks = m->u.sip->request && m->u.sip->method == SIP_SUBSCRIBE;
	bool whole = !m->from.cut && !m->from.logged && !m->u.sip->body_cut;
	struct registration *r;

	if (!p && !slice_is_nocase(content->body.type, DOCUMENT_TYPE))
		return;
	r = known(s, m);
	if (!r)
		return;
	if (asks && p && p->has_server)
		facts_note(s, &r->facts, FACT_SERVER_ASKED, 0, m);
	else if (!asks && p && p->notification)
		facts_note(s, &r->facts, FACT_SETTINGS_TOLD, p->has_server, m);
	else if (!asks && whole && content->body.bytes.n &&
		 (m->u.sip->request || m->u.sip->status < 300))
		facts_note(s, &r->facts, FACT_SETTINGS_FORM, 0, m);
}

void stage_provisioning(struct stages *s, const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++) {
		const struct provisioning *p = m->contents[i].provisioning;
		struct registration *r;
		place_number place;

		note_content(s, m, &m->contents[i]);
		if (!p || !p->notification ||
		    !(p->has_server || p->has_mras_uri || p->bypass))
			continue;
		r = told(s, m);
		if (!r)
			continue;
		/* Absent is as good as empty: there is no Edge. */
		if (p->has_server || p->has_mras_uri)
			model_set_text(s->model, &r->mras_uri, p->mras_uri);
		place = stages_place(s, &m->from);
		cite(s->model, &r->cited, place);
		keep(s, r, m, p);
	}
}
