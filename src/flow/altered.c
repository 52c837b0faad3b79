/*
 * The same SIP message at several vantages: does it say the same everywhere?
 *
 * A NAT changes the addresses of packets only.  A device that also rewrites
 * what is inside (an ALG) shows where both sides of it were captured: a message
 * of one transaction, which proxies would give a branch of their own, names
 * another Via, Contact or description.
 */
#include "config.h"

#include "flow/facts.h"

/* Of each transaction one request and one answer; looked for only where there
 * are several vantages. */
struct passing_key {
	uint64_t branch, call;
	uint32_t cseq, kind; /* status, or 0 of a request; the method */
};

static bool same_passing(const void *rows, uint32_t row, const void *key)
{
	return ((const struct passing *)rows)[row].identity ==
	       *(const uint64_t *)key;
}

/* Only those that say where somebody is. */
static bool is_telling(const struct sip_message *sip)
{
	if (sip->method != SIP_INVITE && sip->method != SIP_REGISTER)
		return false;
	return sip->request || (sip->status >= 200 && sip->status < 300);
}

static uint64_t identity_of(const struct stages *s,
			    const struct sip_message *sip)
{
	struct passing_key k = {
		.branch = hop_branch(s, sip),
		.call = stages_hash(s, sip->call_id),
		.cseq = sip->cseq,
		.kind = (uint32_t)sip->method << 16 |
			(sip->request ? 0 : sip->status),
	};

	return stages_hash(s, slice_of(&k, sizeof(k)));
}

static uint32_t via_hash(const struct stages *s, const struct sip_message *sip)
{
	return short_hash(s, sip->via.host) * 31 + sip->via.port;
}

static struct passing looks_of(const struct stages *s, const struct message *m,
			       uint64_t identity)
{
	const struct sip_message *sip = m->u.sip;

	return (struct passing){
		.identity = identity,
		.via = via_hash(s, sip),
		.contact = short_hash(s, sip_value(sip, SIP_CONTACT)),
		.body = m->from.cut || sip->body_cut
				? 0
				: short_hash(s, sip->body) | 1,
		.vantage = m->from.vantage,
	};
}

static uint32_t differences(const struct passing *a, const struct passing *b)
{
	uint32_t found = 0;

	if (a->via != b->via)
		found |= ALTERED_VIA;
	if (a->contact != b->contact)
		found |= ALTERED_CONTACT;
	if (a->body && b->body && a->body != b->body)
		found |= ALTERED_BODY;
	return found;
}

void altered_note(struct stages *s, struct chain *facts,
		  const struct message *m)
{
	struct list *list = &s->passings;
	const struct sip_message *sip = m->u.sip;
	struct passing now, *before;
	uint64_t identity;
	uint32_t row;

	/* Files are counted beforehand, interfaces of one when they show. */
	s->model->several_vantages |= m->from.vantage != 0;
	if (!s->model->several_vantages || m->from.logged || !is_telling(sip) ||
	    !sip->via.branch.n)
		return;
	identity = identity_of(s, sip);
	now = looks_of(s, m, identity);
	row = index_find(&s->passings_index, identity, same_passing, list->rows,
			 &identity);
	if (row != INDEX_NONE) {
		before = list_at(list, row);
		if (before->vantage != now.vantage && differences(before, &now))
			facts_note(s, facts, FACT_ALTERED,
				   differences(before, &now), m);
		return;
	}
	before = list_add(list);
	if (!before)
		return;
	*before = now;
	if (index_add(&s->passings_index, identity,
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
}
