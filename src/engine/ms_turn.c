/*
 * [MS-TURN] at the door of the server machine: what is theirs, frames, and
 * where messages go.
 *
 * Their messages begin with their cookie (2.2.2.8), whatever the transaction
 * id; anything else from a client with an active destination is data for it.
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/turn.h"
#include "engine/ms_state.h"

static bool is_message(struct slice bytes)
{
	struct cursor c = cursor_over(bytes);

	if (!bytes.n || (bytes.p[0] & 0xC0))
		return false;
	cursor_skip(&c, STUN_HEADER);
	return cursor_u16(&c) == MS_COOKIE && cursor_u16(&c) == 4 &&
	       cursor_u32(&c) == MS_TURN_COOKIE && !c.bad;
}

/* The length is exact, the attributes need no padding (3.1.10). */
static bool is_whole(struct slice bytes)
{
	struct cursor c = cursor_over(slice_from(bytes, 2));
	size_t length = cursor_u16(&c);

	return !c.bad && bytes.n == STUN_HEADER + length;
}

/* MSN's clients show what they are in Allocate alone; the allocation knows. */
static bool is_msn(const struct ms_ask *ask)
{
	const struct turn_allocation *a;

	if (ask->turn.allocation == ROW_NONE)
		return ms_is_msn(ask->turn.m);
	a = allocation_row(ask->turn.s, ask->turn.allocation);
	return a->ms ? a->ms->msn : ms_is_msn(ask->turn.m);
}

static void take_request(struct ms_ask *ask)
{
	struct turn_ask *turn = &ask->turn;

	if (ask->request == MS_ALLOCATE && reply_again(turn))
		return;
	turn->s->counts.requests++;
	turn->allocation = allocation_find(turn->s, turn->path, turn->now);
	ask->msn = is_msn(ask);
	ms_examine(turn->m, &turn->claims);
	ms_authenticate(ask);
	if (turn->key)
		ms_count(ask);
	switch (ask->request) {
	case MS_ALLOCATE:
		ms_allocate(ask);
		break;
	case MS_SEND:
		ms_take_send(ask);
		break;
	case MS_DESTINATION:
		ms_take_destination(ask);
		break;
	}
	bytes_wipe(ask, sizeof(*ask));
}

static void take_message(struct turn_server *s, const struct turn_path *from,
			 struct slice bytes, nanoseconds now)
{
	struct decoding d = {.arena = &s->scratch};
	struct stun_message m;
	struct ms_ask ask = {
		.turn = {.s = s, .m = &m, .path = from, .now = now}};
	size_t used;

	arena_reset(&s->scratch);
	if (!is_whole(bytes) ||
	    stun_decode(&d, bytes, &m, &used) != STATUS_OK || m.walk_broken) {
		s->counts.dropped++;
		return;
	}
	ask.request = (enum ms_request)ms_request_of(&m);
	if (ask.request)
		take_request(&ask);
	else
		s->counts.dropped++;
}

static void take_either(struct turn_server *s, const struct turn_path *from,
			struct slice bytes, nanoseconds now)
{
	if (is_message(bytes))
		take_message(s, from, bytes, now);
	else
		ms_take_data(s, from, bytes, now);
}

/* 0xFF10: the session must be the client's own (2.2.3). */
static void take_multiplexed(struct turn_server *s,
			     const struct turn_path *from, struct slice bytes,
			     nanoseconds now)
{
	struct decoding d = {.arena = &s->scratch};
	uint8_t session[MS_SESSION_ID];
	struct multiplexed frame;
	size_t used;

	ms_session_of(s, from, session);
	if (multiplexed_decode(&d, bytes, &frame, &used) != STATUS_OK ||
	    used != bytes.n ||
	    memcmp(frame.session, session, sizeof(session)) != 0)
		s->counts.dropped++;
	else
		take_either(s, from, frame.data, now);
}

static bool is_multiplexed(struct slice bytes)
{
	return bytes.n >= 2 && bytes.p[0] == 0xFF && bytes.p[1] == 0x10;
}

/* A frame of a stream: type 2 is a message, type 3 data (2.1.4). */
static void take_frame(struct turn_server *s, const struct turn_path *from,
		       struct slice bytes, nanoseconds now)
{
	struct slice inside = slice_from(bytes, 4);

	if (is_multiplexed(bytes))
		take_multiplexed(s, from, bytes, now);
	else if (is_multiplexed(inside))
		take_multiplexed(s, from, inside, now);
	else if (bytes.n && bytes.p[0] == MS_DATA)
		ms_take_data(s, from, inside, now);
	else
		take_message(s, from, inside, now);
}

static bool has_destination(struct turn_server *s, const struct turn_path *from,
			    nanoseconds now)
{
	uint32_t row = s->ms_active ? allocation_find(s, from, now) : ROW_NONE;
	const struct ms_state *ms =
		row == ROW_NONE ? NULL : allocation_row(s, row)->ms;

	return ms && ms->active.family != FAMILY_NONE;
}

bool ms_receive(struct turn_server *s, const struct turn_path *from,
		struct slice bytes, nanoseconds now)
{
	if (from->framing == TURN_FRAMING_MS)
		take_frame(s, from, bytes, now);
	else if (is_message(bytes))
		take_message(s, from, bytes, now);
	else if (!from->stream && is_multiplexed(bytes))
		take_multiplexed(s, from, bytes, now);
	else if (!from->stream && has_destination(s, from, now))
		ms_take_data(s, from, bytes, now);
	else
		return false;
	return true;
}
