/* Facts of allocations, Bindings, checks and handshakes. */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "flow/facts.h"

#define XOR_PEER_ADDRESS 0x0012
#define MAPPED_ADDRESS 0x0001
#define XOR_MAPPED_ADDRESS 0x0020
#define REQUESTED_TRANSPORT 0x0019

static bool is_rfc(const struct stun_message *stun)
{
	return stun->dialect == STUN_RFC || stun->dialect == STUN_TURN;
}

static uint32_t address_hash(const struct stages *s, const struct endpoint *e)
{
	return short_hash(s, slice_of(e->ip, sizeof(e->ip)));
}

/* ---- allocations ---- */

/* RFC 8656 8.1: not later than a minute before the end. */
#define REFRESH_AHEAD (60 * NS_PER_S)
#define LIFETIME_SHORT 120u

static void refresh(struct stages *s, struct allocation *a,
		    const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	nanoseconds left = a->until - m->from.time;

	if (stun->has_lifetime && stun->lifetime == 0)
		return;
	if (a->until && a->lifetime > LIFETIME_SHORT && left >= 0 &&
	    left < REFRESH_AHEAD)
		facts_note(s, &a->facts, FACT_LATE_REFRESH, 0, m);
}

static void ask_peers(struct stages *s, struct allocation *a,
		      const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct endpoint peer;

	for (size_t i = 0; i < stun->attribute_count; i++) {
		const struct stun_attribute *at = &stun->attributes[i];

		if (at->type == XOR_PEER_ADDRESS && !at->ignored &&
		    stun_address(stun, at, &peer) == STATUS_OK)
			facts_note(s, &a->facts, FACT_PEER_ASKED,
				   address_hash(s, &peer), m);
	}
	if (stun->method == STUN_CHANNEL_BIND && stun->has_channel)
		facts_note(s, &a->facts, FACT_BIND_ASKED,
			   (uint32_t)stun->channel << 16 |
				   (model_end(s->model, &stun->peer) & 0xFFFF),
			   m);
	else if (stun->method == STUN_CHANNEL_BIND && stun->cut)
		facts_note(s, &a->facts, FACT_BIND_ASKED, FACT_OF_UNKNOWN, m);
	if (stun->cut)
		facts_note(s, &a->facts, FACT_PEER_ASKED, FACT_OF_UNKNOWN, m);
}

void facts_request(struct stages *s, struct allocation *a,
		   const struct message *m)
{
	if (!is_rfc(m->u.stun))
		return;
	switch (m->u.stun->method) {
	case STUN_ALLOCATE:
		if (stun_find(m->u.stun, REQUESTED_TRANSPORT))
			facts_note(s, &a->facts, FACT_TRANSPORT_ASKED, 0, m);
		break;
	case STUN_REFRESH:
		refresh(s, a, m);
		break;
	case STUN_CREATE_PERMISSION:
	case STUN_CHANNEL_BIND:
		ask_peers(s, a, m);
		break;
	default:
		break;
	}
}

static void success(struct stages *s, struct allocation *a,
		    const struct message *m, const struct pending *p)
{
	const struct stun_message *stun = m->u.stun;

	a->stale_run = 0;
	if (p->authenticated && !stun_has_integrity(stun))
		facts_note(s, &a->facts, FACT_ANSWER_UNSIGNED, 0, m);
	if (p->method == STUN_ALLOCATE && !stun->cut &&
	    stun->relayed.family != FAMILY_NONE &&
	    (stun->mapped.family == FAMILY_NONE || !stun->has_lifetime))
		facts_note(s, &a->facts, FACT_ANSWER_PARTIAL, 0, m);
}

void facts_answer(struct stages *s, struct allocation *a,
		  const struct message *m, const struct pending *p)
{
	const struct stun_message *stun = m->u.stun;

	if (m->integrity == INTEGRITY_BAD && stun->class == STUN_SUCCESS)
		facts_note(s, &a->facts, FACT_ANSWER_ALTERED, 0, m);
	if (!is_rfc(stun))
		return;
	if (stun->class == STUN_SUCCESS) {
		success(s, a, m, p);
		return;
	}
	if (stun->error == 438)
		a->stale_run++;
	if (stun->error || !stun->cut)
		facts_note(s, &a->facts, FACT_ERROR,
			   (uint32_t)p->method << 16 | stun->error, m);
}

/* The channel, or the peer; 0: neither is told. */
static uint32_t other_end(const struct stages *s, const struct message *m)
{
	if (m->kind == MESSAGE_CHANNEL_DATA)
		return m->u.channel->channel;
	return m->u.stun->peer.family == FAMILY_NONE
		       ? 0
		       : address_hash(s, &m->u.stun->peer);
}

void facts_relayed(struct stages *s, struct allocation *a,
		   const struct message *m, bool back)
{
	uint32_t end = other_end(s, m);

	if (strcmp(a->dialect, "google") == 0)
		return;
	if (back)
		facts_note(s, &a->facts, FACT_DATA_BACK, end, m);
	else if (m->kind == MESSAGE_CHANNEL_DATA)
		facts_note(s, &a->facts, FACT_CHANNEL_DATA, end, m);
	else if (m->u.stun->peer.family != FAMILY_NONE)
		facts_note(s, &a->facts, FACT_SEND, end, m);
}

/* ---- Bindings ---- */

void facts_again(struct stages *s, struct chain *facts,
		 const struct endpoint *mapped, const struct message *m)
{
	if (m->u.stun->class == STUN_SUCCESS &&
	    m->u.stun->mapped.family != FAMILY_NONE &&
	    mapped->family != FAMILY_NONE &&
	    !endpoint_equal(&m->u.stun->mapped, mapped))
		facts_note(s, facts, FACT_MAPPED_REWRITTEN, 0, m);
}

void facts_binding(struct stages *s, struct binding *b, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	const struct stun_attribute *plain, *hidden;
	struct endpoint x, y;

	if (stun->class != STUN_SUCCESS || !is_rfc(stun))
		return;
	if (stun->mapped.family != FAMILY_NONE)
		facts_note(s, &b->facts, FACT_MAPPED,
			   short_hash(s, slice_of(&stun->mapped,
						  sizeof(stun->mapped))),
			   m);
	plain = stun_find(stun, MAPPED_ADDRESS);
	hidden = stun_find(stun, XOR_MAPPED_ADDRESS);
	if (plain && hidden && stun_address(stun, plain, &x) == STATUS_OK &&
	    stun_address(stun, hidden, &y) == STATUS_OK &&
	    !endpoint_equal(&x, &y))
		facts_note(s, &b->facts, FACT_MAPPED_DIFFERS, 0, m);
}

/* ---- checks ---- */

void facts_check(struct stages *s, struct session *x, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	if (!is_rfc(stun) || stun->cut)
		return;
	if (!stun->has_priority)
		facts_note(s, &x->facts, FACT_CHECK_NO_PRIORITY, 0, m);
	if (!stun->has_controlling && !stun->has_controlled)
		facts_note(s, &x->facts, FACT_CHECK_NO_ROLE, 0, m);
	if (!stun->fingerprint_at)
		facts_note(s, &x->facts, FACT_CHECK_NO_FINGERPRINT, 0, m);
	if (!stun_has_integrity(stun))
		facts_note(s, &x->facts, FACT_CHECK_NO_INTEGRITY, 0, m);
	if (stun->use_candidate && stun->has_controlled)
		facts_note(s, &x->facts, FACT_CONTROLLED_NOMINATES, 0, m);
}

void facts_check_error(struct stages *s, struct session *x,
		       const struct message *m)
{
	facts_note(s, &x->facts, FACT_CHECK_ERROR, m->u.stun->error, m);
}

/* ---- DTLS ---- */

void facts_handshake(struct stages *s, struct handshake *h,
		     const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	uint32_t side = !endpoint_equal(&h->a, &m->from.src);

	facts_note(s, &h->facts, FACT_RECORD, side, m);
	if (record->content == TLS_HANDSHAKE && record->handshake_readable &&
	    record->handshake == TLS_CLIENT_HELLO)
		facts_note(s, &h->facts, FACT_HELLO, side, m);
}
