/*
 * What the headers of a message say of failures ([MS-OCER], RFC 3326, RFC 3261
 * 20.43), kept beside the dialog, registration or token that it is about.
 */
#include "config.h"

#include "dissectors/sip_diagnostics.h"
#include "flow/rules.h"
#include "flow/stages_state.h"

/* A subject keeps so many; a loop of refusals says the same again. */
#define DIAGNOSES_KEPT 64u

struct hearing {
	struct stages *s;
	const struct message *m;
	struct chain *to;
};

static const char *text_of(const struct hearing *h, struct slice s)
{
	return s.n ? stages_text(h->s, s) : NULL;
}

static struct diagnosis *find(const struct hearing *h,
			      const struct diagnosis *d, struct slice text)
{
	struct list *list = &h->s->model->diagnoses;
	uint32_t at = h->to->count ? h->to->first : CHAIN_END;

	while (at != CHAIN_END) {
		struct diagnosis *row = list_at(list, at);

		if (row->kind == d->kind && row->id == d->id &&
		    row->sub == d->sub &&
		    model_text_is(row->text ? row->text : "", text))
			return row;
		at = row->next;
	}
	return NULL;
}

static struct diagnosis *add(const struct hearing *h, const struct diagnosis *d)
{
	struct list *list = &h->s->model->diagnoses;
	struct diagnosis *row, *last;

	if (h->to->count >= DIAGNOSES_KEPT)
		return NULL;
	row = list_add(list);
	if (!row)
		return NULL;
	*row = *d;
	last = h->to->count ? list_at(list, h->to->last) : NULL;
	model_chain(h->to, (uint32_t)list->count - 1,
		    last ? &last->next : NULL);
	return row;
}

/* Notes it once for all hops and repetitions; the new row, or NULL. */
static struct diagnosis *note(const struct hearing *h, struct diagnosis d,
			      struct slice text)
{
	struct diagnosis *known = find(h, &d, text);

	if (known) {
		known->count++;
		return NULL;
	}
	d.place = stages_place(h->s, &h->m->from);
	d.from = stages_src(h->s, &h->m->from);
	d.text = text_of(h, text);
	d.count = 1;
	d.debug = d.next = CHAIN_END;
	return add(h, &d);
}

/* ---- media debug blocks ---- */

static uint32_t keep_debug(const struct hearing *h,
			   const struct sip_media_debug *from, uint32_t next)
{
	struct list *list = &h->s->model->media_debugs;
	struct media_debug *row = list_add(list);

	if (!row)
		return next;
	*row = (struct media_debug){
		.label = text_of(h, from->label),
		.network = text_of(h, from->network),
		.local_site = from->local_site,
		.local_relay = from->local_relay,
		.remote_site = from->remote_site,
		.remote_relay = from->remote_relay,
		.base = from->base,
		.warn = from->warn,
		.warn_ex = from->warn_ex,
		.next = next,
		.port_low = from->port_low,
		.port_high = from->port_high,
		.local_location = from->local_location,
		.remote_location = from->remote_location,
		.federation = from->federation,
		.has_warn = from->has_warn,
		.has_warn_ex = from->has_warn_ex,
		.has_locations = from->has_locations,
		.callee = from->callee,
		.network_error = text_of(h, from->network_error),
		.has_channel = from->has_channel,
		.timed_out = from->timed_out,
		.bye_sent = from->bye_sent,
		.bye_received = from->bye_received,
		.old_table = quality_is_old(
			sip_value(h->m->u.sip, SIP_USER_AGENT)),
	};
	return (uint32_t)list->count - 1;
}

static void note_debugs(const struct hearing *h, struct diagnosis *d,
			const struct sip_diagnostic *said)
{
	struct sip_media_debug blocks[SIP_MEDIA_DEBUGS_MAX];
	size_t count = sip_media_debugs(said, blocks, SIP_MEDIA_DEBUGS_MAX);

	while (count > 0)
		d->debug = keep_debug(h, &blocks[--count], d->debug);
}

static void diagnostic(const struct hearing *h, enum diagnosis_kind kind,
		       struct slice value)
{
	struct sip_diagnostic said;
	struct diagnosis *d;

	if (sip_diagnostic_read(value, &said) != STATUS_OK) {
		stages_found(h->s, &flow_rules[FLOW_RULE_DIAGNOSTICS], h->m);
		return;
	}
	d = note(h,
		 (struct diagnosis){.kind = (uint8_t)kind,
				    .id = said.id,
				    .sub = said.sub,
				    .source = text_of(h, said.source)},
		 said.reason);
	if (d && kind == DIAGNOSIS_CLIENT)
		note_debugs(h, d, &said);
}

/* ---- Reason, Warning ---- */

static void reasons(const struct hearing *h, struct slice rest)
{
	struct slice entry;

	while (sip_list_next(&rest, &entry)) {
		struct sip_reason r;
		enum diagnosis_kind kind = DIAGNOSIS_SIP;

		if (sip_reason_read(entry, &r) != STATUS_OK)
			continue;
		if (slice_is_nocase(r.protocol, "Q.850"))
			kind = DIAGNOSIS_Q850;
		else if (!slice_is_nocase(r.protocol, "SIP"))
			continue;
		(void)note(h,
			   (struct diagnosis){.kind = (uint8_t)kind,
					      .id = r.cause},
			   r.text);
	}
}

static void warnings(const struct hearing *h, struct slice rest)
{
	struct slice entry;

	while (sip_list_next(&rest, &entry)) {
		struct sip_warning w;

		if (sip_warning_read(entry, &w) != STATUS_OK)
			continue;
		(void)note(h,
			   (struct diagnosis){.kind = DIAGNOSIS_WARNING,
					      .id = w.code,
					      .source = text_of(h, w.agent)},
			   w.text);
	}
}

/* ---- whose they are ---- */

static struct chain *subject_of(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct registration *r;
	struct dialog *d;

	if (sip->call_id.n == 0)
		return NULL;
	if (sip->method == SIP_REGISTER) {
		r = registration_find(s, sip->call_id);
		return r ? &r->diagnoses : NULL;
	}
	if (sip->method == SIP_SERVICE)
		return token_diagnoses(s, sip->call_id);
	d = dialog_find(s, sip->call_id);
	return d ? &d->diagnoses : NULL;
}

static void hear(struct hearing *h, const struct sip_header *header)
{
	if (!h->to)
		h->to = subject_of(h->s, h->m);
	if (!h->to)
		return;
	switch ((int)header->id) {
	case SIP_MS_DIAGNOSTICS:
		diagnostic(h, DIAGNOSIS_SERVER, header->value);
		break;
	case SIP_MS_DIAGNOSTICS_PUBLIC:
		diagnostic(h, DIAGNOSIS_PUBLIC, header->value);
		break;
	case SIP_MS_CLIENT_DIAGNOSTICS:
		diagnostic(h, DIAGNOSIS_CLIENT, header->value);
		break;
	case SIP_REASON:
		reasons(h, header->value);
		break;
	default:
		warnings(h, header->value);
		break;
	}
}

/* [MS-SDPEXT] 3.1.5.26. */
static void hear_descriptions(struct hearing *h)
{
	for (size_t i = 0; i < h->m->content_count; i++) {
		const struct sdp *sdp = h->m->contents[i].sdp;

		if (!sdp || !sdp->ms_diagnostics.n)
			continue;
		if (!h->to)
			h->to = subject_of(h->s, h->m);
		if (h->to)
			diagnostic(h, DIAGNOSIS_SDP, sdp->ms_diagnostics);
	}
}

#define CONFERENCE_TEXT_MAX ((size_t)256)

/* Requests are told by the messages themselves; "pending" says nothing. */
static void conference(struct hearing *h, const struct sip_conference *c)
{
	struct text to = text_new(CONFERENCE_TEXT_MAX);

	text_put(&to, c->operation.n ? c->operation : SLICE("request"));
	text_puts(&to, ": ");
	text_put(&to, c->code);
	if (c->reason.n) {
		text_puts(&to, ", ");
		text_put(&to, c->reason);
	}
	(void)note(h,
		   (struct diagnosis){.kind = DIAGNOSIS_CONFERENCE,
				      .refused = c->refused},
		   text_slice(&to));
	text_free(&to);
}

static void hear_conferences(struct hearing *h)
{
	for (size_t i = 0; i < h->m->content_count; i++) {
		const struct sip_conference *c = h->m->contents[i].conference;

		if (!c || !c->response || !c->code.n)
			continue;
		if (!h->to)
			h->to = subject_of(h->s, h->m);
		if (h->to)
			conference(h, c);
	}
}

void stage_diagnostics(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct hearing h = {.s = s, .m = m};

	for (size_t i = 0; i < sip->header_count; i++)
		switch ((int)sip->headers[i].id) {
		case SIP_MS_DIAGNOSTICS:
		case SIP_MS_DIAGNOSTICS_PUBLIC:
		case SIP_MS_CLIENT_DIAGNOSTICS:
		case SIP_REASON:
		case SIP_WARNING:
			hear(&h, &sip->headers[i]);
			break;
		default:
			break;
		}
	hear_descriptions(&h);
	hear_conferences(&h);
}
