/*
 * How a call goes: its script in one table, and the tracks that run beside it
 * while people talk.
 */
#include "config.h"

#include "tests/bench/call.h"

#include <stdlib.h>

#define EPOCH_US (UINT64_C(1767600000) * 1000000)	/* 5 January 2026 */
#define TALK UINT32_MAX

enum {
	HOSTS = 31000,		/* addresses of a kind before ports move on */
	RELAY_PORTS = 8000,
	PACKET_US = 20000,
	RTP_JITTER_US = 2000,
	REPORT_US = 5000000,
	CONSENT_MIN_US = 4000000,	/* RFC 7675, 5.1: 4 to 6 s */
	CONSENT_MAX_US = 6000000,
	SILENT_MIN_US = 2000000,	/* talk of a call without RTP */
	SILENT_MAX_US = 5600000,
	SETUP_US = 1600000,	/* what the script takes beside the talk */
};

enum track {
	TRACK_SCRIPT,
	TRACK_RTP_CALLER,
	TRACK_RTP_CALLEE,
	TRACK_REPORTS,
	TRACK_CONSENT,
};

static void media_begins(struct bench *b, struct call *c,
			 const struct call_step *row);

/*
 * One frame a row, but for media_begins, which only starts the tracks.  Rows
 * whose traits the call lacks take no time.
 */
static const struct call_step script[] = {
	{ 0, CALL_REGISTERS, sip_register, CALLER, 0 },
	{ 3000, CALL_REGISTERS, sip_register_challenge, CALLEE, 0 },
	{ 1000, CALL_REGISTERS, sip_register_again, CALLER, 0 },
	{ 4000, CALL_REGISTERS, sip_register_ok, CALLEE, 0 },

	{ 200000, CALL_ALWAYS, turn_allocate, CALLER, 0 },
	{ 15000, CALL_ALWAYS, turn_allocate_challenge, CALLEE, 0 },
	{ 1000, CALL_ALWAYS, turn_allocate_again, CALLER, 0 },
	{ 15000, CALL_ALWAYS, turn_allocate_ok, CALLEE, 0 },

	{ 5000, CALL_ALWAYS, sip_invite, CALLER, 0 },
	{ 2000, CALL_ALWAYS, sip_trying, CALLEE, 0 },
	{ 150000, CALL_ALWAYS, sip_ringing, CALLEE, 0 },
	{ 900000, CALL_ALWAYS, sip_answer, CALLEE, 0 },
	{ 2000, CALL_ALWAYS, sip_ack, CALLER, 0 },

	{ 1000, CALL_ALWAYS, turn_permit, CALLER, 0 },
	{ 15000, CALL_ALWAYS, turn_permit_ok, CALLEE, 0 },

	{ 3000, CALL_DIRECT, ice_request, CALLER, PATH_DIRECT },
	{ 30000, CALL_DIRECT, ice_response, CALLEE, PATH_DIRECT },
	{ 5000, CALL_DIRECT, ice_request, CALLEE, PATH_DIRECT },
	{ 300, CALL_DIRECT, ice_response, CALLER, PATH_DIRECT },

	{ 3000, CALL_RELAYED, ice_request, CALLER, PATH_DIRECT },
	{ 500000, CALL_RELAYED, ice_repeat, CALLER, PATH_DIRECT },
	{ 1000000, CALL_RELAYED, ice_repeat, CALLER, PATH_DIRECT },

	{ 20000, CALL_SENDS, ice_request, CALLER, PATH_INDICATION },
	{ 50000, CALL_SENDS, ice_response, CALLEE, PATH_INDICATION },
	{ 10000, CALL_HEARS, ice_request, CALLEE, PATH_INDICATION },
	{ 300, CALL_HEARS, ice_response, CALLER, PATH_INDICATION },

	{ 5000, CALL_BINDS, turn_bind, CALLER, 0 },
	{ 15000, CALL_BINDS, turn_bind_ok, CALLEE, 0 },
	{ 5000, CALL_CHANNEL_OUT, ice_request, CALLER, PATH_CHANNEL },
	{ 40000, CALL_CHANNEL_OUT, ice_response, CALLEE, PATH_CHANNEL },
	{ 5000, CALL_CHANNEL_IN, ice_request, CALLEE, PATH_CHANNEL },
	{ 300, CALL_CHANNEL_IN, ice_response, CALLER, PATH_CHANNEL },

	{ 20000, CALL_DIRECT, ice_nominate, CALLER, PATH_DIRECT },
	{ 30000, CALL_DIRECT, ice_response, CALLEE, PATH_DIRECT },
	{ 20000, CALL_RELAYED, ice_nominate, CALLER, PATH_CHANNEL },
	{ 40000, CALL_RELAYED, ice_response, CALLEE, PATH_CHANNEL },

	{ 5000, CALL_ALWAYS, media_begins, CALLER, 0 },
	{ TALK, CALL_ALWAYS, sip_bye, CALLER, 0 },
	{ 30000, CALL_ALWAYS, sip_bye_ok, CALLEE, 0 },
};

enum { STEPS = sizeof script / sizeof *script };

/* Four frames of consent: each side asks, each side answers. */
static const struct call_step consent[] = {
	{ 0, CALL_ALWAYS, ice_consent, CALLER, 0 },
	{ 30000, CALL_ALWAYS, ice_consent_ok, CALLEE, 0 },
	{ 10000, CALL_ALWAYS, ice_consent, CALLEE, 0 },
	{ 300, CALL_ALWAYS, ice_consent_ok, CALLER, 0 },
};

enum { CONSENT_STEPS = sizeof consent / sizeof *consent };

/*
 * What each call tries of its relay, by turns; a relayed call gets the third.
 */
static const unsigned relay_traits[] = {
	CALL_SENDS,
	CALL_HEARS,
	CALL_BINDS | CALL_CHANNEL_OUT,
	CALL_BINDS | CALL_CHANNEL_IN,
	0,
};

/* ---- the beginning of a call ---- */

static struct endpoint host_of(uint32_t base, uint32_t n, uint32_t port)
{
	return (struct endpoint){ base + n % HOSTS,
				  (uint16_t)(port + 2 * (n / HOSTS)) };
}

static struct endpoint relay_of(uint64_t n)
{
	return (struct endpoint){
		0xC6120100 + (uint32_t)(n / RELAY_PORTS),	/* 198.18.1 */
		(uint16_t)(49152 + 2 * (n % RELAY_PORTS)),
	};
}

/* The nth user's call number `turn`; ports differ from user to user. */
static void place_caller(struct call *c, uint32_t turn)
{
	struct call_party *p = &c->party[CALLER];
	uint32_t port = 10000 + 2 * (c->user * 37 % 5000 + turn % 5000);

	p->host = host_of(0xC6120400, c->user, port);	/* 198.18.4 */
	p->nat = host_of(0xC6128000, c->user, port + 30000);
	p->relay = relay_of(c->number);
	c->sip = (struct endpoint){ p->host.ip, 5060 };
}

static void place_callee(struct call *c, const struct bench_options *o)
{
	struct call_party *p = &c->party[CALLEE];
	uint32_t n = c->number / o->per_address;

	p->host = host_of(0xC6130000, n, 16384);	/* 198.19.0 */
	p->nat = host_of(0xC6138000, n, 40000);
	p->relay = relay_of((uint64_t)o->calls + n);
}

static bool make_party(struct call *c, enum call_side side)
{
	struct call_party *p = &c->party[side];

	dice_text(&c->dice, p->ufrag, UFRAG_LEN);
	dice_text(&c->dice, p->pwd, PWD_LEN);
	dice_text(&c->dice, p->tag, TAG_LEN);
	p->tie_breaker = dice_next(&c->dice);
	p->ssrc = (uint32_t)dice_next(&c->dice);
	p->rtp_time = (uint32_t)dice_next(&c->dice);
	p->sequence = (uint16_t)dice_next(&c->dice);
	return stun_key_open(&p->key, p->pwd, PWD_LEN);
}

static unsigned pick_traits(struct call *c, const struct bench_options *o,
			    uint32_t turn)
{
	unsigned traits = turn ? 0 : CALL_REGISTERS;

	if (dice_below(&c->dice, 100) < o->relayed)
		return traits | CALL_RELAYED | relay_traits[2];
	return traits | CALL_DIRECT | relay_traits[c->number % 5];
}

static void pick_talk(struct call *c, const struct bench_options *o)
{
	uint64_t each = o->rtp / 2;

	c->packets = (uint32_t)(each / o->calls);
	c->packets += c->number < each % o->calls;
	c->talk_us = (uint64_t)c->packets * PACKET_US;
	if (!c->packets)
		c->talk_us = SILENT_MIN_US + dice_below(&c->dice,
			SILENT_MAX_US - SILENT_MIN_US);
}

static void call_free(struct call *c)
{
	for (int side = 0; side < SIDES; side++)
		stun_key_close(&c->party[side].key);
	free(c);
}

/* NULL if memory or libcrypto gave out. */
static struct call *call_new(struct bench *b, uint32_t number)
{
	const struct bench_options *o = &b->options;
	uint32_t users = (o->calls + o->per_user - 1) / o->per_user;
	uint32_t turn = number / users;
	struct call *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->number = number;
	c->user = number % users;
	c->dice = dice_for(o->seed, number);
	place_caller(c, turn);
	place_callee(c, o);
	dice_text(&c->dice, c->id, CALL_ID_LEN);
	c->traits = pick_traits(c, o, turn);
	pick_talk(c, o);
	if (make_party(c, CALLER) && make_party(c, CALLEE))
		return c;
	call_free(c);
	return NULL;
}

/* ---- the tracks ---- */

static void track_begins(struct bench *b, struct call *c, enum track track,
			 uint64_t time_us)
{
	if (schedule_add(&b->schedule, time_us, c, (int)track))
		c->tracks++;
	else
		b->failed = true;
}

/* Ends the present event's track, and with the last one the call. */
static void track_ends(struct bench *b, struct call *c)
{
	schedule_drop(&b->schedule);
	if (--c->tracks == 0)
		call_free(c);
}

/* Puts the present track off, unless the call is about to end by then. */
static void track_goes_on(struct bench *b, struct call *c, uint64_t time_us)
{
	if (time_us + 200000 < c->media_us + c->talk_us)
		schedule_again(&b->schedule, time_us);
	else
		track_ends(b, c);
}

static uint64_t consent_pause(struct call *c)
{
	return CONSENT_MIN_US + dice_below(&c->dice, CONSENT_MAX_US -
					   CONSENT_MIN_US);
}

static bool talks_for(const struct call *c, uint64_t us)
{
	return us + 200000 < c->talk_us;
}

static void media_begins(struct bench *b, struct call *c,
			 const struct call_step *row)
{
	uint64_t pause = consent_pause(c);

	(void)row;
	c->media_us = b->now_us;
	if (talks_for(c, pause))
		track_begins(b, c, TRACK_CONSENT, b->now_us + pause);
	if (!c->packets)
		return;
	track_begins(b, c, TRACK_RTP_CALLER, b->now_us);
	track_begins(b, c, TRACK_RTP_CALLEE, b->now_us + 7000);
	if (talks_for(c, REPORT_US))
		track_begins(b, c, TRACK_REPORTS, b->now_us + REPORT_US);
}

/* The row as it goes once a pair is chosen. */
static struct call_step chosen_way(const struct call *c, struct call_step row)
{
	row.path = c->traits & CALL_RELAYED ? PATH_CHANNEL : PATH_DIRECT;
	return row;
}

static void run_rtp(struct bench *b, struct call *c, enum call_side side)
{
	struct call_step row = chosen_way(c, (struct call_step){
		.side = side });
	uint64_t due = c->media_us + (side == CALLER ? 0 : 7000);

	rtp_packet(b, c, &row);
	if (c->party[side].sent == c->packets) {
		track_ends(b, c);
		return;
	}
	due += (uint64_t)c->party[side].sent * PACKET_US;
	due += dice_below(&c->dice, RTP_JITTER_US);
	schedule_again(&b->schedule, due);
}

/* The sides report by turns, 300 ms apart. */
static void run_reports(struct bench *b, struct call *c)
{
	enum call_side side = c->reports++ % 2 ? CALLEE : CALLER;
	struct call_step row = chosen_way(c, (struct call_step){
		.side = side });
	uint64_t round = c->reports / 2 + 1;

	rtp_report(b, c, &row);
	track_goes_on(b, c, c->media_us + round * REPORT_US +
		      (side == CALLER ? 300000 : 0));
}

static void run_consent(struct bench *b, struct call *c)
{
	struct call_step row = chosen_way(c, consent[c->consent_step]);

	row.write(b, c, &row);
	c->consent_step = (c->consent_step + 1) % CONSENT_STEPS;
	if (c->consent_step)
		schedule_again(&b->schedule, b->now_us +
			       consent[c->consent_step].delay_us);
	else
		track_goes_on(b, c, b->now_us + consent_pause(c));
}

/* Finds the next row for this call and puts the script off until then. */
static void script_goes_on(struct bench *b, struct call *c)
{
	const struct call_step *row;
	uint64_t delay;

	do {
		if (++c->step == STEPS) {
			track_ends(b, c);
			return;
		}
		row = &script[c->step];
	} while ((row->traits & c->traits) != row->traits);
	delay = row->delay_us == TALK ? c->talk_us : row->delay_us;
	delay += dice_below(&c->dice, (uint32_t)(delay / 8) + 1);
	schedule_again(&b->schedule, b->now_us + delay);
}

static void run_track(struct bench *b, struct call *c, enum track track)
{
	switch (track) {
	case TRACK_SCRIPT:
		script[c->step].write(b, c, &script[c->step]);
		script_goes_on(b, c);
		break;
	case TRACK_RTP_CALLER:
		run_rtp(b, c, CALLER);
		break;
	case TRACK_RTP_CALLEE:
		run_rtp(b, c, CALLEE);
		break;
	case TRACK_REPORTS:
		run_reports(b, c);
		break;
	case TRACK_CONSENT:
		run_consent(b, c);
		break;
	}
}

/* ---- the whole ---- */

/* How long after one call the next begins. */
static uint64_t call_distance(const struct bench_options *o)
{
	uint64_t packets = o->rtp / 2 / o->calls;
	uint64_t talk = packets ? packets * PACKET_US :
				  (SILENT_MIN_US + SILENT_MAX_US) / 2;

	return (talk + SETUP_US) / o->concurrent + 1;
}

/* Begins the next call; the present event stands for the one after it. */
static void call_begins(struct bench *b)
{
	struct call *c = call_new(b, b->begun++);

	if (!c) {
		b->failed = true;
		return;
	}
	if (b->begun < b->options.calls)
		schedule_again(&b->schedule, b->now_us +
			       call_distance(&b->options));
	else
		schedule_drop(&b->schedule);
	c->step = c->traits & CALL_REGISTERS ? 0 : 4;
	track_begins(b, c, TRACK_SCRIPT, b->now_us);
}

/* Lets go of the calls that a failure left open. */
static void calls_drop(struct bench *b)
{
	while (b->schedule.count) {
		struct event e = schedule_first(&b->schedule);

		if (e.call)
			track_ends(b, e.call);
		else
			schedule_drop(&b->schedule);
	}
}

void calls_run(struct bench *b)
{
	if (!schedule_add(&b->schedule, EPOCH_US, NULL, 0))
		b->failed = true;
	while (b->schedule.count && !b->failed && !b->out.failed) {
		struct event e = schedule_first(&b->schedule);

		b->now_us = e.time_us;
		if (e.call)
			run_track(b, e.call, (enum track)e.track);
		else
			call_begins(b);
	}
	calls_drop(b);
}
