/*
 * What clients say of their media, held against what packets show: bits of
 * ICEWarn, relay addresses, and the figures of quality reports.
 */
#include "config.h"

#include "validate/verdict_state.h"

#define TYPE_HOST 1u
#define TYPE_RELAY 4u

/* What the capture shows of the relays that a client asked. */
struct asked {
	unsigned all, answered;
	unsigned udp, udp_ok, tcp, tcp_ok;
	unsigned credentials_refused, sent_on, pseudo_tls_ok;
};

static bool is_on(const struct endpoint *host, const struct media_debug *m)
{
	return endpoint_same_ip(host, &m->local_site) ||
	       (m->base.family != FAMILY_NONE &&
		endpoint_same_ip(host, &m->base));
}

static void add(struct asked *sum, const struct allocation *a)
{
	bool ok = a->state == STATE_OK || a->state == STATE_INFERRED;
	bool udp = a->transport && strcmp(a->transport, "udp") == 0;

	sum->all++;
	sum->answered += ok || a->error_count != 0;
	sum->udp += udp;
	sum->udp_ok += udp && ok;
	sum->tcp += !udp;
	sum->tcp_ok += !udp && ok;
	sum->credentials_refused +=
		!ok && is_credential_error(a->error_after_credentials);
	sum->sent_on += a->alternate;
	sum->pseudo_tls_ok +=
		ok && a->transport && strcmp(a->transport, "pseudo-tls") == 0;
}

static struct asked asked_by(struct judging *j, const struct media_debug *m)
{
	struct asked sum = {0};

	for (uint32_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (is_on(where(j, a->client), m))
			add(&sum, a);
	}
	return sum;
}

/* A bit that packets speak about: for it, or against it; by its number since
 * Lync 2010. */
static void hold(struct media_debug *m, uint32_t bit, bool for_it, bool against)
{
	if (m->old_table || !(m->warn & bit))
		return;
	if (for_it)
		m->borne_out |= bit;
	else if (against)
		m->denied |= bit;
}

static void hold_relays(struct media_debug *m, const struct asked *sum)
{
	hold(m, 0x1, sum->all && !sum->answered, sum->answered);
	hold(m, 0x2, sum->udp && !sum->udp_ok, sum->udp_ok);
	hold(m, 0x8, sum->tcp && !sum->tcp_ok, sum->tcp_ok);
	hold(m, 0x4000, sum->credentials_refused, sum->udp_ok || sum->tcp_ok);
	hold(m, 0x400000, sum->sent_on, false);
	hold(m, 0x800000, sum->tcp && !sum->tcp_ok, sum->pseudo_tls_ok);
}

/* ---- checks ---- */

struct probed {
	unsigned direct, direct_ok, relayed, relayed_ok, wrong_integrity;
};

static void add_pair(struct probed *sum, const struct pair *p)
{
	bool relayed = p->types[0] == TYPE_RELAY || p->types[1] == TYPE_RELAY;
	bool direct = p->types[0] == TYPE_HOST && p->types[1] == TYPE_HOST;
	bool ok = p->way[0].responses || p->way[1].responses;

	sum->direct += direct;
	sum->direct_ok += direct && ok;
	sum->relayed += relayed && !p->tcp;
	sum->relayed_ok += relayed && !p->tcp && ok;
	sum->wrong_integrity += p->integrity.bad || p->integrity.no_key_fits;
}

static struct probed probed(struct judging *j)
{
	const struct pair *pairs = j->model->pairs.rows;
	const struct session *rows = j->model->sessions.rows;
	struct probed sum = {0};

	for (uint32_t i = 0; i < j->call->sessions.count; i++)
		for (size_t k = rows[j->call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			add_pair(&sum, &pairs[k]);
	return sum;
}

static void hold_checks(struct media_debug *m, const struct probed *sum)
{
	hold(m, 0x20, sum->direct && !sum->direct_ok, sum->direct_ok);
	hold(m, 0x80, sum->relayed && !sum->relayed_ok, sum->relayed_ok);
	hold(m, 0x400, sum->wrong_integrity, false);
}

/* ---- relays ---- */

static bool is_relayed_address(struct judging *j, const struct endpoint *e)
{
	for (uint32_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (allocation_gave(j->model, a, e))
			return true;
	}
	return false;
}

static void hold_relay_address(struct judging *j, struct media_debug *m,
			       const struct asked *sum)
{
	if (m->local_relay.family == FAMILY_NONE)
		return;
	m->relay_seen = is_relayed_address(j, &m->local_relay);
	/* Only where this client was seen asking. */
	m->relay_absent = sum->all && !m->relay_seen;
}

static void hold_debug(struct judging *j, struct media_debug *m)
{
	struct asked relays = asked_by(j, m);
	struct probed checks = probed(j);

	hold_relays(m, &relays);
	hold_checks(m, &checks);
	hold(m, 0x80000, told_no_edge(j), relays.all != 0);
	hold_relay_address(j, m, &relays);
}

static void hold_diagnoses(struct judging *j, const struct chain *chain)
{
	const struct diagnosis *rows = j->model->diagnoses.rows;
	struct media_debug *debugs = j->model->media_debugs.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		for (uint32_t k = rows[at].debug; k != CHAIN_END;
		     k = debugs[k].next)
			hold_debug(j, &debugs[k]);
}

/* ---- quality reports ---- */

static bool is_stream_of(const struct quality *q, const struct media *m)
{
	const struct endpoint *local = q->inbound ? &m->dst : &m->src;
	const struct endpoint *remote = q->inbound ? &m->src : &m->dst;

	if (q->ssrc)
		return q->ssrc == m->ssrc;
	return endpoint_equal(&q->local, local) &&
	       endpoint_equal(&q->remote, remote);
}

/* The longest stream that fits: there may be several with that address. */
static size_t stream_of(struct judging *j, const struct quality *q)
{
	const struct media *rows = j->model->media.rows;
	size_t found = LIST_NONE;

	for (uint32_t i = 0; i < j->call->media.count; i++) {
		uint32_t at = j->call->media.list[i];

		if (is_stream_of(q, &rows[at]) &&
		    (found == LIST_NONE ||
		     rows[at].packets > rows[found].packets))
			found = at;
	}
	return found;
}

static void hold_qualities(struct judging *j, const struct chain *chain)
{
	struct quality *rows = j->model->qualities.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		rows[at].media = stream_of(j, &rows[at]);
}

void judge_said(struct judging *j)
{
	for (uint32_t i = 0; i < j->call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&j->model->dialogs, j->call->dialogs.list[i]);

		hold_diagnoses(j, &d->diagnoses);
		hold_qualities(j, &d->qualities);
	}
}
