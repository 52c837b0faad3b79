/* Which hop a SIP message is on (RFC 3261 17.1.3, 17.2.3). */
#include "config.h"

#include "flow/stages_state.h"

/* Clients of Lync give no branch. */
uint64_t hop_branch(const struct stages *s, const struct sip_message *sip)
{
	return sip->via.branch.n ? stages_hash(s, sip->via.branch) : 0;
}

struct hop hop_of(struct stages *s, const struct message *m)
{
	return (struct hop){
		.branch = hop_branch(s, m->u.sip),
		.src = stages_src(s, &m->from),
		.dst = stages_dst(s, &m->from),
		.vantage = m->from.vantage,
		.time = m->from.time,
		.datagram = m->from.datagram,
		.clear = m->from.transport == TRANSPORT_TCP,
		.reliable = m->from.transport != TRANSPORT_UDP,
		.sent = 1,
	};
}

bool hop_carries(struct stages *s, const struct hop *hop,
		 const struct message *m)
{
	return hop->branch == hop_branch(s, m->u.sip) &&
	       stages_is_src(s, &m->from, hop->src) &&
	       stages_is_dst(s, &m->from, hop->dst);
}

bool hop_sends_again(struct hop *hop, const struct message *m)
{
	if (hop->vantage != m->from.vantage ||
	    is_copied(m->from.time - hop->time, hop->datagram,
		      m->from.datagram))
		return false;
	hop->sent++;
	hop->datagram = m->from.datagram;
	hop->time = m->from.time;
	return true;
}

/* A response may come from another address, but not by another branch. */
enum claim hop_answers(const struct stages *s, const struct hop *hop,
		       const struct message *m)
{
	uint64_t branch = hop_branch(s, m->u.sip);

	if (hop->branch != branch)
		return CLAIM_NO;
	if (endpoint_same_ip(end_at(s->model, hop->src), &m->from.dst) &&
	    endpoint_same_ip(end_at(s->model, hop->dst), &m->from.src))
		return CLAIM_SURE;
	return branch ? CLAIM_MAYBE : CLAIM_NO;
}
