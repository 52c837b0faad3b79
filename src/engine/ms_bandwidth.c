/*
 * Bandwidth admission control ([MS-TURNBWM] 3.3.5.1, 3.3.5.2): a check, a
 * commit and an update ride in Allocate requests.
 *
 * The policy of this server is one sum for all calls.  What a commit and an
 * update are answered with is not written; here it is the same as a check, and
 * the identifier of the reservation.
 */
#include "config.h"

#include "core/cursor.h"
#include "engine/ms_state.h"

#define VALID UINT32_C(0x80000000)
#define PSTN UINT32_C(0x40000000)

enum { CHECK, COMMIT, UPDATE };

struct amount {
	uint32_t max_send, min_send, max_receive, min_receive;
};

static struct cursor value_of(const struct ms_ask *ask, uint16_t type)
{
	const struct stun_attribute *a = stun_find(ask->turn.m, type);

	return cursor_over(a ? a->value : (struct slice){0});
}

static bool has(const struct ms_ask *ask, uint16_t type)
{
	return stun_find(ask->turn.m, type) != NULL;
}

/* Where one is missing, the request is for no bandwidth (3.3.5.1). */
static bool is_complete(const struct ms_ask *ask, unsigned kind)
{
	if (kind == UPDATE)
		return has(ask, MS_AMOUNT) && has(ask, MS_RESERVATION);
	return has(ask, MS_AMOUNT) && has(ask, MS_REMOTE_SITE) &&
	       has(ask, MS_LOCATION_PROFILE);
}

static struct amount amount_of(const struct ms_ask *ask)
{
	struct cursor c = value_of(ask, MS_AMOUNT);
	struct amount a;

	a.max_send = cursor_u32(&c);
	a.min_send = cursor_u32(&c);
	a.max_receive = cursor_u32(&c);
	a.min_receive = cursor_u32(&c);
	return a;
}

static uint32_t least(uint64_t a, uint32_t b)
{
	return a < b ? (uint32_t)a : b;
}

/* What is granted of an amount, where so much is left; false: not even the
 * least of it. */
static bool grant(uint64_t left, const struct amount *asked, struct amount *out)
{
	if ((uint64_t)asked->min_send + asked->min_receive > left)
		return false;
	*out = *asked;
	out->max_send = least(left - asked->min_receive, asked->max_send);
	out->max_receive = least(left - out->max_send, asked->max_receive);
	return true;
}

static void write_response(struct stun_writer *w, uint16_t type, uint32_t flags,
			   const struct amount *granted)
{
	uint32_t words[3] = {flags, granted->max_send, granted->max_receive};
	uint8_t value[12];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	stun_write_bytes(w, type, slice_of(value, sizeof(value)));
}

/* The reservation of this allocation is replaced. */
static void reserve(struct ms_ask *ask, struct ms_state *ms,
		    const struct amount *granted, unsigned kind)
{
	struct turn_server *s = ask->turn.s;

	if (kind == COMMIT && ms->admitted == 0)
		s->provider.random(s->provider.context, ms->reservation,
				   sizeof(ms->reservation));
	s->admitted -= ms->admitted;
	ms->admitted = least((uint64_t)granted->max_send + granted->max_receive,
			     UINT32_MAX);
	s->admitted += ms->admitted;
}

static bool names_ours(const struct ms_ask *ask, const struct ms_state *ms)
{
	struct cursor c = value_of(ask, MS_RESERVATION);

	return ms->admitted &&
	       slice_equal(cursor_rest(&c),
			   slice_of(ms->reservation, MS_RESERVATION_ID));
}

static void write_all(struct ms_ask *ask, struct stun_writer *w, uint32_t flags,
		      const struct amount *granted)
{
	write_response(w, MS_REMOTE_SITE_RESPONSE, flags, granted);
	write_response(w, MS_LOCAL_SITE_RESPONSE, flags, granted);
	if (has(ask, MS_REMOTE_RELAY_SITE))
		write_response(w, MS_REMOTE_RELAY_RESPONSE, flags & VALID,
			       granted);
	/* There is a relay: this answers an Allocate that succeeds. */
	write_response(w, MS_LOCAL_RELAY_RESPONSE, flags & VALID, granted);
}

void ms_write_bandwidth(struct ms_ask *ask, uint32_t row, struct stun_writer *w)
{
	struct turn_server *s = ask->turn.s;
	struct ms_state *ms = allocation_row(s, row)->ms;
	struct cursor c = value_of(ask, MS_ADMISSION);
	uint64_t others = s->admitted - ms->admitted;
	uint64_t left = s->config.ms.admission > others
				? s->config.ms.admission - others
				: 0;
	struct amount asked, granted = {0};
	unsigned kind;
	bool fits;

	cursor_skip(&c, 2);
	kind = cursor_u16(&c);
	if (c.bad || !s->config.ms.admission || kind > UPDATE ||
	    !is_complete(ask, kind) || (kind == UPDATE && !names_ours(ask, ms)))
		return;
	asked = amount_of(ask);
	fits = grant(left, &asked, &granted);
	if (fits && kind != CHECK)
		reserve(ask, ms, &granted, kind);
	if (kind != CHECK && ms->admitted)
		stun_write_bytes(w, MS_RESERVATION,
				 slice_of(ms->reservation, MS_RESERVATION_ID));
	write_all(ask, w,
		  fits                         ? VALID
		  : s->config.ms.pstn_failover ? PSTN
					       : 0,
		  &granted);
}
