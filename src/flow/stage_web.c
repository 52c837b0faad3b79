/*
 * Requests to the web services of Lync beside registrations: a web ticket, a
 * certificate, autodiscovery ([MS-OCAUTHWS]).
 *
 * They belong to the sign-in of the same host that is nearest in time.  Where
 * that host sends no REGISTER that can be read, they are all there is of it: a
 * sign-in of their own, which got no further.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Answers come soon, those of a stream in order. */
#define NEWEST 16u
/* From autodiscovery to the REGISTER with a certificate. */
#define NEAR (600 * NS_PER_S)
#define CHALLENGES_NORMAL 2u

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
		.request = stages_place(s, &m->from),
		.service = (uint8_t)web->service,
		.stream = web->stream,
		.next = CHAIN_END,
	};
}

static struct web_call *waiting(struct stages *s, const struct message *m)
{
	struct web_call *rows = s->model->webs.rows;
	struct web_call *found = NULL;

	for (size_t i = s->model->webs.count, n = 0; i-- && n < NEWEST; n++)
		if (!rows[i].status && rows[i].stream == m->u.web->stream &&
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
	x->answer = stages_place(s, &m->from);
	x->status = (uint16_t)web->status;
	if (web->fault.n)
		x->fault = model_text(s->model, web->fault);
	else if (web->diagnostics.n && web->status >= 400)
		x->fault = model_text(s->model, web->diagnostics);
}

/* ---- to which sign-in it belongs ---- */

static nanoseconds distance(const struct model *m, const struct registration *r,
			    const struct web_call *x)
{
	nanoseconds d = r->cited.count ? place_time(m, r->cited.first) -
						 place_time(m, x->request)
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
		    distance(s->model, &rows[i], x) < NEAR &&
		    (!best || distance(s->model, &rows[i], x) <
				      distance(s->model, best, x)))
			best = &rows[i];
	return best;
}

/* ---- of hosts that send no REGISTER ---- */

static struct registration *begin(struct stages *s, const struct web_call *x)
{
	struct registration *r = list_add(&s->model->registrations);

	if (!r || !list_add(&s->model->sign_ins))
		return NULL;
	r->sign_in = (uint32_t)s->model->sign_ins.count;
	r->party = LIST_NONE;
	r->aor = "";
	r->client = x->client;
	r->server = x->server;
	r->purpose = REGISTER_WEB;
	r->state = STATE_INCOMPLETE;
	return r;
}

/* A 401 or two are how NTLM and Kerberos begin over HTTP (RFC 4559 5). */
static bool is_refusal(const struct sign_in *x, const struct web_call *web)
{
	return web->status >= 400 &&
	       (web->status != 401 || x->web_challenges > CHALLENGES_NORMAL);
}

/* What the ticket, or the certificate, came to in the end. */
static void follow(const struct model *m, struct registration *r,
		   struct sign_in *x, const struct web_call *web)
{
	cite(m, &r->cited, web->request);
	if (web->answer)
		cite(m, &r->cited, web->answer);
	if ((web->service != WEB_TICKET && web->service != WEB_CERTIFICATE) ||
	    !web->status)
		return;
	x->web_challenges = web->status == 401 ? x->web_challenges + 1 : 0;
	r->state = is_refusal(x, web) ? STATE_FAILED : STATE_INCOMPLETE;
	r->request = web->request;
	r->answer = web->answer;
	x->web = web->service;
}

void webs_finish(struct stages *s)
{
	struct list *list = &s->model->webs;

	for (size_t i = 0; i < list->count; i++) {
		const struct web_call *web = list_at(list, i);
		struct registration *r = nearest(s, web);
		struct sign_in *x;
		uint32_t *next = NULL;

		if (!r)
			r = begin(s, web);
		if (!r)
			return;
		x = list_at(&s->model->sign_ins, r->sign_in - 1);
		if (x->webs.count)
			next = &((struct web_call *)list_at(list, x->webs.last))
					->next;
		model_chain(&x->webs, (uint32_t)i, next);
		if (r->purpose == REGISTER_WEB)
			follow(s->model, r, x, web);
	}
}
