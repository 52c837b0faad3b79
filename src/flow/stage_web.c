/*
 * Requests to the web services of Lync beside registrations: a web ticket, a
 * certificate, autodiscovery ([MS-OCAUTHWS]).
 *
 * They belong to the sign-in of the same host that is nearest in time.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Answers come in order, soon. */
#define NEWEST 16u
/* From autodiscovery to the REGISTER with a certificate. */
#define NEAR (600 * NS_PER_S)

static void asked(struct stages *s, const struct message *m)
{
	const struct web_message *web = m->u.web;
	struct slice target = web->target;
	struct web_call *x = list_add(&s->model->webs);
	size_t at;

	if (!x)
		return;
	/* What stands behind it names people. */
	if (slice_find(target, '?', &at))
		target = slice_first(target, at);
	*x = (struct web_call){
		.client = m->from.src,
		.server = m->from.dst,
		.target = model_text(s->model, target),
		.host = web->host.n ? stages_text(s, web->host) : NULL,
		.request = place_of(&m->from),
		.service = (uint8_t)web->service,
		.next = CHAIN_END,
	};
}

static struct web_call *waiting(struct stages *s, const struct message *m)
{
	struct web_call *rows = s->model->webs.rows;
	struct web_call *found = NULL;

	for (size_t i = s->model->webs.count, n = 0; i-- && n < NEWEST; n++)
		if (!rows[i].status &&
		    endpoint_equal(&rows[i].client, &m->from.dst) &&
		    endpoint_equal(&rows[i].server, &m->from.src))
			found = &rows[i];
	return found;
}

void stage_web(struct stages *s, const struct message *m)
{
	const struct web_message *web = m->u.web;
	struct web_call *x;

	if (web->request) {
		asked(s, m);
		return;
	}
	x = waiting(s, m);
	if (!x || web->status < 200)
		return;
	x->answer = place_of(&m->from);
	x->status = (uint16_t)web->status;
	if (web->fault.n)
		x->fault = model_text(s->model, web->fault);
	else if (web->diagnostics.n && web->status >= 400)
		x->fault = model_text(s->model, web->diagnostics);
}

/* ---- to which sign-in it belongs ---- */

static nanoseconds distance(const struct registration *r,
			    const struct web_call *x)
{
	nanoseconds d = r->cited.count
				? r->cited.first[0].time - x->request.time
				: NEAR;

	return d < 0 ? -d : d;
}

static struct registration *nearest(struct stages *s, const struct web_call *x)
{
	struct registration *rows = s->model->registrations.rows;
	struct registration *best = NULL;

	for (size_t i = 0; i < s->model->registrations.count; i++)
		if (rows[i].sign_in &&
		    endpoint_same_ip(&rows[i].client, &x->client) &&
		    distance(&rows[i], x) < NEAR &&
		    (!best || distance(&rows[i], x) < distance(best, x)))
			best = &rows[i];
	return best;
}

void webs_finish(struct stages *s)
{
	struct list *list = &s->model->webs;

	for (size_t i = 0; i < list->count; i++) {
		struct registration *r = nearest(s, list_at(list, i));
		struct sign_in *x =
			r ? list_at(&s->model->sign_ins, r->sign_in - 1) : NULL;
		uint32_t *next = NULL;

		if (!x)
			continue;
		if (x->webs.count)
			next = &((struct web_call *)list_at(list, x->webs.last))
					->next;
		model_chain(&x->webs, (uint32_t)i, next);
	}
}
