/*
 * ICE connectivity checks (RFC 8445, 7) and consent (RFC 7675).  The caller
 * controls and nominates once a pair has passed.
 */
#include "config.h"

#include "tests/bench/call.h"

#include <stdio.h>

#define PRIORITY_PRFLX (110u << 24 | 65535u << 8 | 255u)

static void write_request(struct bench *b, struct call *c,
			  const struct call_step *row,
			  const uint8_t id[STUN_ID_LEN], bool nominate)
{
	const struct call_party *from = &c->party[row->side];
	const struct call_party *to = &c->party[!row->side];
	char user[2 * UFRAG_LEN + 2];
	struct stun_writer m;

	snprintf(user, sizeof user, "%s:%s", to->ufrag, from->ufrag);
	stun_begin(&m, STUN_BINDING_REQUEST, id);
	stun_text(&m, STUN_USERNAME, user);
	stun_u64(&m, row->side == CALLER ? STUN_ICE_CONTROLLING :
					   STUN_ICE_CONTROLLED,
		 from->tie_breaker);
	stun_u32(&m, STUN_PRIORITY, PRIORITY_PRFLX);
	if (nominate)
		stun_bytes(&m, STUN_USE_CANDIDATE, NULL, 0);
	stun_seal(&m, &b->crypto, &to->key);
	b->failed |= m.full;
	turn_carry(b, c, row, m.bytes, m.len);
}

/* The address that the asking side has, as the answering one sees it. */
static struct endpoint mapped(const struct call *c,
			      const struct call_step *row)
{
	const struct call_party *asked = &c->party[!row->side];

	if (row->side == CALLEE)
		return row->path == PATH_DIRECT ? asked->nat : asked->relay;
	return row->path == PATH_INDICATION ? asked->relay : asked->nat;
}

static void write_response(struct bench *b, struct call *c,
			   const struct call_step *row,
			   const uint8_t id[STUN_ID_LEN])
{
	struct stun_writer m;

	stun_begin(&m, STUN_BINDING_SUCCESS, id);
	stun_address(&m, STUN_XOR_MAPPED_ADDRESS, mapped(c, row));
	stun_seal(&m, &b->crypto, &c->party[row->side].key);
	b->failed |= m.full;
	turn_carry(b, c, row, m.bytes, m.len);
}

void ice_request(struct bench *b, struct call *c, const struct call_step *row)
{
	dice_bytes(&c->dice, c->ids[ID_CHECK], STUN_ID_LEN);
	write_request(b, c, row, c->ids[ID_CHECK], false);
}

/* A retransmission: the same bytes again. */
void ice_repeat(struct bench *b, struct call *c, const struct call_step *row)
{
	write_request(b, c, row, c->ids[ID_CHECK], false);
}

void ice_nominate(struct bench *b, struct call *c, const struct call_step *row)
{
	dice_bytes(&c->dice, c->ids[ID_CHECK], STUN_ID_LEN);
	write_request(b, c, row, c->ids[ID_CHECK], true);
}

void ice_response(struct bench *b, struct call *c, const struct call_step *row)
{
	write_response(b, c, row, c->ids[ID_CHECK]);
}

void ice_consent(struct bench *b, struct call *c, const struct call_step *row)
{
	dice_bytes(&c->dice, c->ids[ID_CONSENT], STUN_ID_LEN);
	write_request(b, c, row, c->ids[ID_CONSENT], false);
}

void ice_consent_ok(struct bench *b, struct call *c,
		    const struct call_step *row)
{
	write_response(b, c, row, c->ids[ID_CONSENT]);
}
