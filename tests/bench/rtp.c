/*
 * RTP (PCMU, 20 ms) and RTCP (sender report and CNAME) of RFC 3550.
 */
#include "config.h"

#include "tests/bench/call.h"

#include <stdio.h>
#include <string.h>

#define NTP_UNIX 2208988800u	/* 1900 to 1970, in seconds */

enum {
	HEADER = 12,
	SAMPLES = 160,		/* 20 ms at 8000 Hz, a byte each */
	RTCP_SR = 200,
	RTCP_SDES = 202,
	SDES_CNAME = 1,
	REPORT = 28 + 24,	/* sender information, one block */
	CNAME_LEN = 10,
	SDES = 8 + 2 + CNAME_LEN + 4,
};

static void put_u16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static void put_u32(uint8_t *to, uint32_t v)
{
	put_u16(to, v >> 16);
	put_u16(to + 2, v);
}

void rtp_packet(struct bench *b, struct call *c, const struct call_step *row)
{
	struct call_party *from = &c->party[row->side];
	uint32_t said = from->ssrc + from->sent * SAMPLES;
	uint8_t packet[HEADER + SAMPLES];

	packet[0] = 0x80;	/* version 2 */
	packet[1] = from->sent ? 0 : 0x80;	/* PCMU; the mark begins */
	put_u16(packet + 2, from->sequence + from->sent);
	put_u32(packet + 4, from->rtp_time + from->sent * SAMPLES);
	put_u32(packet + 8, from->ssrc);
	memcpy(packet + HEADER, b->audio + said % (BENCH_AUDIO - SAMPLES),
	       SAMPLES);
	from->sent++;
	b->rtp++;
	turn_carry(b, c, row, packet, sizeof packet);
}

/* The NTP time in units of 2^-32 s. */
static uint64_t ntp_time(uint64_t time_us)
{
	uint64_t s = time_us / 1000000 + NTP_UNIX;
	uint64_t us = time_us % 1000000;

	return s << 32 | (us << 32) / 1000000;
}

/* What this side has received of the other: nothing was lost. */
static void put_block(struct bench *b, const struct call_party *other,
		      uint8_t *to)
{
	uint64_t since = b->now_us - other->reported_us;

	put_u32(to, other->ssrc);
	put_u32(to + 4, 0);
	put_u32(to + 8, other->sequence + other->sent - 1);
	put_u32(to + 12, 4);	/* jitter: half a millisecond */
	if (!other->reported_us)
		return;
	put_u32(to + 16, other->last_report);
	put_u32(to + 20, (uint32_t)(since * 65536 / 1000000));
}

void rtp_report(struct bench *b, struct call *c, const struct call_step *row)
{
	struct call_party *from = &c->party[row->side];
	uint64_t ntp = ntp_time(b->now_us);
	uint64_t since_us = b->now_us - c->media_us;
	uint8_t packet[REPORT + SDES] = { 0 };
	uint8_t *sdes = packet + REPORT;

	packet[0] = 0x81;	/* version 2, one block */
	packet[1] = RTCP_SR;
	put_u16(packet + 2, REPORT / 4 - 1);
	put_u32(packet + 4, from->ssrc);
	put_u32(packet + 8, (uint32_t)(ntp >> 32));
	put_u32(packet + 12, (uint32_t)ntp);
	put_u32(packet + 16, from->rtp_time + (uint32_t)(since_us / 125));
	put_u32(packet + 20, from->sent);
	put_u32(packet + 24, from->sent * SAMPLES);
	put_block(b, &c->party[!row->side], packet + 28);

	sdes[0] = 0x81;
	sdes[1] = RTCP_SDES;
	put_u16(sdes + 2, SDES / 4 - 1);
	put_u32(sdes + 4, from->ssrc);
	sdes[8] = SDES_CNAME;
	sdes[9] = CNAME_LEN;
	memcpy(sdes + 10, from->tag, CNAME_LEN);

	from->last_report = (uint32_t)(ntp >> 16);
	from->reported_us = b->now_us;
	turn_carry(b, c, row, packet, sizeof packet);
}
