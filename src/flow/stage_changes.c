/*
 * What becomes of a dialog: its history, the branches that a proxy forked it
 * to (RFC 3261 16.6, by To tag), and what changes it later (RFC 3261 14,
 * RFC 3311, RFC 8445 2.4).
 */
#include "config.h"

#include "flow/stages_state.h"

void dialog_becomes(struct stages *s, struct dialog *d, const struct message *m,
		    struct becoming what)
{
	place_number place = stages_place(s, &m->from);

	model_becomes(s->model, &d->history, place, what.state, what.value);
}

/* ---- forks ---- */

static unsigned forks_kept(const struct dialog *d)
{
	return d->fork_count < FORKS_KEPT ? d->fork_count : FORKS_KEPT;
}

/* Room is for 1, 2, 4, 8: most calls have one. */
static bool make_room(struct stages *s, struct dialog *d)
{
	unsigned kept = forks_kept(d);
	struct fork *more;

	if (kept & (kept - 1))
		return true;
	more = arena_array(&s->model->arena, kept ? kept * 2u : 1u,
			   sizeof(*more));
	if (!more) {
		s->model->out_of_memory = true;
		return false;
	}
	if (kept)
		memcpy(more, d->forks, kept * sizeof(*more));
	d->forks = more;
	return true;
}

/* One that is not kept is told from others that are not by its value. */
static void count_fork(struct stages *s, struct dialog *d, struct slice tag)
{
	uint32_t number =
		(uint32_t)(d - (struct dialog *)s->model->dialogs.rows);
	uint64_t value = stages_hash(s, tag);

	if (owners_has(&s->forks, value, number))
		return;
	if (owners_add(&s->forks, value, number, 0) != STATUS_OK)
		s->model->out_of_memory = true;
	d->fork_count++;
}

static void add_fork(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (d->fork_count >= FORKS_KEPT) {
		count_fork(s, d, sip->to_tag);
		return;
	}
	if (!make_room(s, d))
		return;
	d->forks[d->fork_count++] = (struct fork){
		.to_tag = model_text(s->model, sip->to_tag),
		.status = sip->status,
		.first = stages_place(s, &m->from),
	};
}

/* Is the Contact of an answer where the INVITE was sent?  Then nobody stands
 * between. */
static bool is_direct(const struct stages *s, const struct dialog *d,
		      const struct message *m)
{
	struct sip_address contact;
	struct sip_uri uri;
	struct endpoint at;

	return endpoint_same_ip(&m->from.src, end_at(s->model, d->dst)) &&
	       sip_address_parse(sip_value(m->u.sip, SIP_CONTACT), &contact) ==
		       STATUS_OK &&
	       sip_uri_parse(contact.uri, &uri) == STATUS_OK &&
	       endpoint_parse(uri.host, 0, &at) == STATUS_OK &&
	       endpoint_same_ip(&at, end_at(s->model, d->dst));
}

void dialog_forks(struct stages *s, struct dialog *d, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->status <= 100 || sip->to_tag.n == 0)
		return;
	for (unsigned i = 0; i < forks_kept(d); i++) {
		if (!model_text_is(d->forks[i].to_tag, sip->to_tag))
			continue;
		d->forks[i].status = sip->status;
		return;
	}
	/* A refusal makes no dialog; it is only named when nothing else is. */
	if (sip->status >= 300 && d->fork_count)
		return;
	if (sip->status == 401 || sip->status == 407)
		return;
	add_fork(s, d, m);
	d->direct |= is_direct(s, d, m);
}

/* ---- changes ---- */

/* Each side numbers its requests by itself (RFC 3261 12.2.1.1). */
static struct changing *changing_of(struct stages *s, struct dialog *d,
				    const struct sip_message *sip)
{
	bool callers = stages_hash(s, sip->from_tag) == d->from_tag;
	struct changing *c = &d->changing[!callers];

	if (c->cseq != sip->cseq)
		*c = (struct changing){.cseq = sip->cseq};
	return c;
}

static bool has_description(const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++)
		if (m->contents[i].sdp && !m->contents[i].sdp->fragment)
			return true;
	return false;
}

static bool has_fax(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->media_count; i++)
		if (sdp->media[i].port &&
		    slice_is_nocase(sdp->media[i].kind, "image"))
			return true;
	return false;
}

static bool is_fax(const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++)
		if (m->contents[i].sdp && has_fax(m->contents[i].sdp))
			return true;
	return false;
}

bool dialog_is_setup(const struct stages *s, const struct dialog *d,
		     const struct sip_message *sip)
{
	return sip->cseq == d->cseq && sip->method != SIP_UPDATE &&
	       stages_hash(s, sip->from_tag) == d->from_tag;
}

void dialog_changes(struct stages *s, struct dialog *d, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct changing *c;

	if ((sip->method != SIP_INVITE && sip->method != SIP_UPDATE) ||
	    sip->to_tag.n == 0 || (!d->older && dialog_is_setup(s, d, sip)))
		return;
	c = changing_of(s, d, sip);
	c->described |= has_description(m);
	c->again = sip->request && c->asked;
	c->heard |= !sip->request;
	if (sip->request) {
		c->asked = true;
		c->fax = is_fax(m);
	}
	if (sip->request || sip->status < 200 || sip->status >= 300 ||
	    !c->asked || !c->described || c->done)
		return;
	c->done = true;
	d->renegotiations++;
	dialog_becomes(s, d, m,
		       (struct becoming){WORD_CHANGED, d->renegotiations});
}

void dialog_restarts(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	struct changing *c = changing_of(s, d, m->u.sip);

	if (c->restarted)
		return;
	c->restarted = true;
	d->restarts++;
	dialog_becomes(s, d, m, (struct becoming){WORD_RESTARTED, d->restarts});
}
