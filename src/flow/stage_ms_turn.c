/*
 * What [MS-TURN] and [MS-TURNBWM] say beside Allocate: versions, quality,
 * sequence numbers, the active destination, bandwidth; and where a side does
 * not keep to them.
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/stun_integrity.h"
#include "flow/facts.h"

#define NONCE 0x0014
#define REALM 0x0015
#define BANDWIDTH 0x0010
#define REQUESTED_ADDRESS_FAMILY 0x0017
#define SEQUENCE_NUMBER 0x8050
#define SERVICE_QUALITY 0x8055
#define ALTERNATE_MAPPED_ADDRESS 0x8090
#define ADMISSION_MESSAGE 0x8056
#define RESERVATION_AMOUNT 0x8058
#define REMOTE_SITE_ADDRESS 0x8059
#define REMOTE_SITE_RESPONSE 0x805D
#define LOCATION_PROFILE 0x8068

enum side {
	CLIENT,
	SERVER,
};

static struct slice value_of(const struct stun_message *stun, uint16_t type)
{
	const struct stun_attribute *at = stun_find(stun, type);

	return at ? at->value : (struct slice){0};
}

static struct cursor read_value(const struct stun_message *stun, uint16_t type)
{
	return cursor_over(value_of(stun, type));
}

/* ---- what both sides say of themselves ---- */

static void note_side(struct ms_turn *ms, enum side side,
		      const struct stun_message *stun)
{
	const struct stun_attribute *at = NULL;

	if (stun->ms_version)
		ms->version[side] = stun->ms_version < UINT8_MAX
					    ? (uint8_t)stun->ms_version
					    : UINT8_MAX;
	for (size_t i = 0; i < stun->attribute_count; i++)
		if (stun->attributes[i].at == stun->integrity_at)
			at = &stun->attributes[i];
	if (stun->integrity_at && at && at->value.n < UINT8_MAX)
		ms->integrity[side] = (uint8_t)at->value.n;
}

static void note_quality(struct ms_turn *ms, const struct stun_message *stun)
{
	struct cursor c = read_value(stun, SERVICE_QUALITY);
	unsigned stream = cursor_u16(&c), quality = cursor_u16(&c);

	if (c.bad)
		return;
	ms->has_quality = true;
	ms->stream = (uint16_t)stream;
	ms->quality = (uint16_t)quality;
}

#define NO_NUMBER UINT32_MAX

/*
 * 20 bytes of Connection ID and the number, or the number alone (as Teams
 * does).  A retransmission repeats both.
 */
static uint32_t number_of(const struct message *m, struct slice *connection)
{
	struct slice value = value_of(m->u.stun, SEQUENCE_NUMBER);
	size_t at = value.n >= 4 ? value.n - 4 : value.n;
	struct cursor c = cursor_over(slice_from(value, at));
	uint32_t number = cursor_u32(&c);

	*connection = slice_first(value, at);
	return c.bad ? NO_NUMBER : number;
}

static void note_sequence(struct stages *s, struct allocation *a,
			  struct ms_turn *ms, const struct message *m)
{
	struct slice id;
	uint32_t number = number_of(m, &id);
	uint64_t connection = id.n ? stages_hash(s, id) : ms->connection;

	if (number == NO_NUMBER)
		return;
	if (ms->has_sequence && connection == ms->connection &&
	    number <= ms->sequence)
		facts_note(s, &a->facts, FACT_MS_SEQUENCE, 0, m);
	ms->has_sequence = true;
	ms->connection = connection;
	ms->sequence = number;
}

/* Send requests come close together, and out of order: of those only a number
 * that another one had tells. */
static void note_sent_number(struct stages *s, struct allocation *a,
			     struct ms_turn *ms, const struct message *m)
{
	struct slice id;
	uint32_t number = number_of(m, &id);
	uint64_t hash = stages_hash(s, stun_transaction(m->u.stun));

	if (number == NO_NUMBER)
		return;
	if (ms->sent && number == ms->sent_number && hash != ms->sent)
		facts_note(s, &a->facts, FACT_MS_SEQUENCE, 0, m);
	ms->sent_number = number;
	ms->sent = hash;
}

/* ---- bandwidth management ---- */

static void ask_bandwidth(struct stages *s, struct ms_turn *ms,
			  const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct cursor c = read_value(stun, ADMISSION_MESSAGE);
	unsigned type;

	(void)cursor_u16(&c);
	type = cursor_u16(&c);
	if (c.bad || type > 2)
		return;
	ms->bandwidth_asked = (uint8_t)(ms->bandwidth_asked | 1u << type);
	if (type != 0 || ms->bandwidth_check)
		return;
	ms->bandwidth_check = stages_place(s, &m->from);
	/* [MS-TURNBWM] 3.2.5.1: what a check must have. */
	ms->bandwidth_partial = !stun_find(stun, RESERVATION_AMOUNT) ||
				!stun_find(stun, REMOTE_SITE_ADDRESS) ||
				!stun_find(stun, LOCATION_PROFILE);
}

#define FLAG_VALID (UINT32_C(1) << 31)
#define FLAG_PSTN (UINT32_C(1) << 30)

static void answer_bandwidth(struct stages *s, struct ms_turn *ms,
			     const struct message *m)
{
	for (unsigned site = 0; site < SITES; site++) {
		uint16_t type = (uint16_t)(REMOTE_SITE_RESPONSE + site);
		struct cursor c = read_value(m->u.stun, type);
		uint32_t flags = cursor_u32(&c);
		uint32_t send = cursor_u32(&c), receive = cursor_u32(&c);

		if (c.bad)
			continue;
		ms->sites[site] = (struct bandwidth_answer){
			true, flags & FLAG_VALID, flags & FLAG_PSTN, send,
			receive};
		ms->bandwidth_answered = stages_place(s, &m->from);
	}
}

/* ---- requests ---- */

/* [MS-TURN] 2.2.2.7: over UDP the next Allocate goes to the server that the
 * challenge named. */
static void check_alternate(struct stages *s, struct allocation *a,
			    const struct message *m)
{
	if (m->from.transport == TRANSPORT_UDP && a->last_error == 401 &&
	    a->state == STATE_INCOMPLETE && a->alternate &&
	    stun_has_integrity(m->u.stun) &&
	    !endpoint_equal(end_at(s->model, a->alternate), &m->from.dst))
		facts_note(s, &a->facts, FACT_MS_ALTERNATE_PASSED, 0, m);
}

/* RFC 5389 and [MS-TURN] number the two the other way round. */
static void check_swapped(struct stages *s, struct allocation *a,
			  const struct ms_turn *ms, const struct message *m)
{
	struct slice nonce = value_of(m->u.stun, NONCE);

	if (ms->realm && nonce.n && stages_hash(s, nonce) == ms->realm)
		facts_note(s, &a->facts, FACT_MS_SWAPPED, 0, m);
}

static void ask_destination(struct stages *s, struct ms_turn *ms,
			    const struct message *m)
{
	if (m->u.stun->peer.family == FAMILY_NONE)
		return;
	if (!endpoint_equal(&ms->active, &m->u.stun->peer)) {
		ms->active = m->u.stun->peer;
		ms->active_set = PLACE_NONE;
		ms->active_refused = PLACE_NONE;
	}
	ms->active_asked = stages_place(s, &m->from);
}

void ms_turn_request(struct stages *s, struct allocation *a,
		     const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct ms_turn *ms = ms_turn_make(s->model, a);
	struct cursor c = read_value(stun, REQUESTED_ADDRESS_FAMILY);
	uint8_t family = cursor_u8(&c);

	if (!ms)
		return;
	note_side(ms, CLIENT, stun);
	note_quality(ms, stun);
	note_sequence(s, a, ms, m);
	ask_bandwidth(s, ms, m);
	check_swapped(s, a, ms, m);
	if (stun->method == STUN_SET_ACTIVE_DESTINATION) {
		ask_destination(s, ms, m);
		return;
	}
	if (!c.bad)
		ms->family_asked = family;
	check_alternate(s, a, m);
}

/* ---- answers ---- */

static void challenge(struct stages *s, struct allocation *a,
		      struct ms_turn *ms, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct slice realm = value_of(stun, REALM);

	if (realm.n)
		ms->realm = stages_hash(s, realm);
	if (stun_has_integrity(stun))
		facts_note(s, &a->facts, FACT_MS_CHALLENGE_SIGNED, 0, m);
	if (stun->alternate_server.family == FAMILY_NONE || !stun->ms_version)
		facts_note(s, &a->facts, FACT_MS_CHALLENGE_BARE, 0, m);
}

/* [MS-TURN] 3.2.5.1: which family MAPPED-ADDRESS has by the version that the
 * client speaks and the family that it asked for. */
static bool is_other_family(const struct ms_turn *ms,
			    const struct endpoint *relayed)
{
	bool six = ms->version[CLIENT] >= 4 && ms->family_asked == 2;

	return relayed->family != FAMILY_NONE &&
	       relayed->family != (six ? FAMILY_IPV6 : FAMILY_IPV4);
}

static void grant(struct stages *s, struct allocation *a, struct ms_turn *ms,
		  const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	const struct stun_attribute *other =
		stun_find(stun, ALTERNATE_MAPPED_ADDRESS);
	struct cursor c = read_value(stun, BANDWIDTH);
	uint32_t bandwidth = cursor_u32(&c);

	if (stun->has_lifetime && stun->lifetime == 0)
		return;
	if (!c.bad)
		ms->bandwidth = bandwidth;
	if (other && stun_address(stun, other, &ms->other) != STATUS_OK)
		ms->other = (struct endpoint){0};
	if (stun->mapped.family == FAMILY_NONE && !stun->cut)
		facts_note(s, &a->facts, FACT_MS_NO_REFLEXIVE, 0, m);
	if (is_other_family(ms, &stun->relayed))
		facts_note(s, &a->facts, FACT_MS_FAMILY, 0, m);
	answer_bandwidth(s, ms, m);
}

static void answer_destination(struct stages *s, struct ms_turn *ms,
			       const struct message *m)
{
	if (m->u.stun->class == STUN_SUCCESS) {
		ms->active_set = stages_place(s, &m->from);
		return;
	}
	ms->active_refused = stages_place(s, &m->from);
	ms->active_error = m->u.stun->error;
}

void ms_turn_answer(struct stages *s, struct allocation *a,
		    const struct message *m, const struct pending *p)
{
	const struct stun_message *stun = m->u.stun;
	struct ms_turn *ms = ms_turn_make(s->model, a);

	if (!ms)
		return;
	note_side(ms, SERVER, stun);
	if (stun->has_software && !ms->software)
		ms->software = model_text(s->model, stun->software);
	if (p->method == STUN_SET_ACTIVE_DESTINATION)
		answer_destination(s, ms, m);
	else if (stun->class == STUN_SUCCESS)
		grant(s, a, ms, m);
	else if (stun->error == 401 && !p->authenticated)
		challenge(s, a, ms, m);
	if (p->method == STUN_ALLOCATE)
		a->stale_run = stun->error == 438 ? a->stale_run + 1 : 0;
	if (stun->class == STUN_ERROR)
		facts_note(s, &a->facts, FACT_ERROR,
			   (uint32_t)p->method << 16 | stun->error, m);
}

/* ---- data ---- */

void ms_turn_data(struct stages *s, uint32_t number, const struct message *m,
		  bool back)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	struct ms_turn *ms = ms_turn_of(s->model, a);
	place_number place = stages_place(s, &m->from);

	if (m->kind != MESSAGE_STUN || m->u.stun->dialect != STUN_MS_TURN)
		return;
	if (!back)
		openings_send(s, number, &m->u.stun->peer, place);
	if (!back && ms && m->u.stun->method == STUN_SEND)
		note_sent_number(s, a, ms, m);
	if (m->u.stun->class == STUN_SUCCESS || m->u.stun->class == STUN_ERROR)
		facts_note(s, &a->facts, FACT_MS_SEND_ANSWERED, 0, m);
	else if (back && ms && ms->active_set &&
		 endpoint_equal(&ms->active, &m->u.stun->peer))
		facts_note(s, &a->facts, FACT_MS_FROM_ACTIVE, 0, m);
}
