/*
 * TCP streams (RFC 9293): which segments belong to the connection, where it
 * begins and ends.  What becomes of the bytes is in net/tcp_side.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "net/tcp_resent.h"
#include "net/tcp_side.h"

struct tcp_stream {
	struct tcp_limits *limits;
	struct tcp_side sides[2];
	struct tcp_resent resent[2];
	unsigned events;
	unsigned syns;        /* without copies of one moment */
	nanoseconds syn_time; /* of the newest */
};

struct tcp_stream *tcp_stream_new(struct tcp_limits *limits)
{
	struct tcp_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->limits = limits;
	stream->sides[1].index = 1;
	return stream;
}

void tcp_stream_free(struct tcp_stream *stream)
{
	if (!stream)
		return;
	for (size_t i = 0; i < 2; i++)
		tcp_side_reset(stream->limits, &stream->sides[i]);
	free(stream);
}

static void finish_both(struct tcp_stream *stream, struct tcp_feed *f)
{
	for (size_t i = 0; i < 2; i++)
		tcp_side_finish(f, &stream->sides[i]);
}

/* ---- where a connection begins ---- */

/*
 * Another sequence number than the first SYN's.  After a refusal a client may
 * try again with the same one.
 */
static bool is_new_connection(const struct tcp_stream *stream, unsigned side,
			      const struct packet *packet)
{
	const struct tcp_side *self = &stream->sides[side];

	if (!(packet->flags & TCP_SYN) || packet->flags & TCP_RST)
		return false;
	if (self->has_isn && packet->seq == self->isn)
		return self->ended && !(packet->flags & TCP_ACK) &&
		       !(stream->events & (TCP_SAW_DATA_0 | TCP_SAW_DATA_1));
	if (self->has_isn || self->ended)
		return true;
	if (!self->started)
		return false;
	/* Captured behind the data that it was sent before? */
	return !tcp_is_near(packet->seq, self->next) ||
	       tcp_ahead(packet->seq, self->next) >= 0;
}

static void start_over(struct tcp_stream *stream, struct tcp_feed *f)
{
	finish_both(stream, f);
	for (size_t i = 0; i < 2; i++)
		tcp_side_reset(stream->limits, &stream->sides[i]);
	memset(stream->resent, 0, sizeof(stream->resent));
	stream->events = 0;
	stream->syns = 0;
}

/* RFC 6298 2.1, 5.7: nobody repeats a SYN sooner. */
#define SYN_APART (500 * NS_PER_MS)
#define SYNS_OFTEN 3u

static void count_syn(struct tcp_stream *stream, nanoseconds now)
{
	if (stream->syns && now - stream->syn_time < SYN_APART)
		return;
	stream->syn_time = now;
	if (++stream->syns > 1)
		stream->events |= TCP_SYN_AGAIN;
	if (stream->syns >= SYNS_OFTEN)
		stream->events |= TCP_SYN_OFTEN;
}

static void take_syn(struct tcp_stream *stream, unsigned side,
		     const struct packet *packet)
{
	struct tcp_side *self = &stream->sides[side];
	struct tcp_side *other = &stream->sides[!side];

	self->has_isn = true;
	self->isn = packet->seq;
	if (!self->started)
		tcp_side_start(self, packet->seq + 1);
	if (!(packet->flags & TCP_ACK)) {
		stream->events |= TCP_SAW_SYN;
		return;
	}
	stream->events |= TCP_SAW_SYN_ACK;
	if (!other->started)
		tcp_side_start(other, packet->ack);
}

/* ---- where it ends ---- */

/* Anybody can send a reset: it must fit to what was seen. */
static bool is_plausible_reset(const struct tcp_stream *stream, unsigned side,
			       const struct packet *packet)
{
	const struct tcp_side *self = &stream->sides[side];
	const struct tcp_side *other = &stream->sides[!side];

	if (!self->started || tcp_is_near(packet->seq, self->next))
		return true;
	return packet->flags & TCP_ACK && other->started &&
	       tcp_is_near(packet->ack, other->next);
}

static void take_reset(struct tcp_stream *stream, struct tcp_feed *f,
		       unsigned side, const struct packet *packet)
{
	/* What is closed already is often reset by the way. */
	if ((stream->sides[0].ended && stream->sides[1].ended) ||
	    !is_plausible_reset(stream, side, packet))
		return;
	stream->events |= TCP_SAW_RST;
	if (side)
		stream->events |= TCP_RST_BY_1;
	/* What it acknowledges is a FIN that the capture has too late, or not
	 * at all. */
	if (packet->flags & TCP_ACK && stream->sides[!side].started &&
	    packet->ack == stream->sides[!side].next + 1)
		stream->events |= side ? TCP_SAW_FIN_0 : TCP_SAW_FIN_1;
	finish_both(stream, f);
}

static void take_fin(struct tcp_stream *stream, struct tcp_feed *f,
		     unsigned side, uint32_t seq)
{
	struct tcp_side *self = &stream->sides[side];

	if (side && !(stream->events & TCP_SAW_FIN_0))
		stream->events |= TCP_FIN_FIRST_1;
	if (!self->ended)
		stream->events |= side ? TCP_SAW_FIN_1 : TCP_SAW_FIN_0;
	if (!self->started)
		tcp_side_start(self, seq);
	tcp_side_fin(f, self, seq);
}

/* ---- a segment ---- */

static struct tcp_segment segment_of(const struct packet *packet,
				     const struct tcp_mark *mark)
{
	struct tcp_segment segment = {
		.seq = packet->seq,
		.bytes = slice_first(packet->payload, TCP_SEGMENT_MAX),
		.mark = *mark,
	};
	size_t missing = packet->wire_payload > segment.bytes.n
				 ? packet->wire_payload - segment.bytes.n
				 : 0;

	if (packet->flags & TCP_SYN)
		segment.seq++;
	segment.missing =
		(uint32_t)(missing < TCP_SEGMENT_MAX ? missing
						     : TCP_SEGMENT_MAX);
	return segment;
}

/* Keep-alive: a byte that was sent before, often 0 (RFC 9293 3.8.4).  Once
 * bytes were seen it is old anyway. */
static bool is_keep_alive(const struct tcp_side *side,
			  const struct tcp_segment *segment)
{
	return !side->started && segment->bytes.n == 1 &&
	       segment->bytes.p[0] == 0 && segment->missing == 0;
}

static void take_data(struct tcp_stream *stream, struct tcp_feed *f,
		      unsigned side, const struct tcp_segment *segment)
{
	struct tcp_side *self = &stream->sides[side];

	if (segment->bytes.n + segment->missing == 0 || self->ended)
		return;
	if (is_keep_alive(self, segment)) {
		tcp_side_start(self, segment->seq + 1);
		return;
	}
	stream->events |= side ? TCP_SAW_DATA_1 : TCP_SAW_DATA_0;
	if (!self->started)
		tcp_side_start(self, segment->seq);
	tcp_side_take(f, self, *segment);
}

static void take_segment(struct tcp_stream *stream, struct tcp_feed *f,
			 unsigned side, const struct packet *packet)
{
	struct tcp_segment segment = segment_of(packet, &f->reader->mark);
	uint32_t end =
		segment.seq + (uint32_t)segment.bytes.n + segment.missing;

	if (is_new_connection(stream, side, packet))
		start_over(stream, f);
	if (side)
		stream->events |= TCP_SAW_SIDE_1;
	/* What one side says proves what the other one sent before. */
	if (packet->flags & TCP_ACK) {
		tcp_side_ack(&stream->sides[!side], packet->ack);
		tcp_resent_ack(&stream->resent[!side], packet,
			       end == segment.seq, f->now);
	}
	tcp_resent_take(&stream->resent[side], segment.seq, end - segment.seq,
			&f->reader->mark);
	if (packet->flags & TCP_RST) {
		if (packet->left_out)
			stream->sides[0].left_out = stream->sides[1].left_out =
				true;
		take_reset(stream, f, side, packet);
		return;
	}
	if (packet->flags & TCP_SYN)
		take_syn(stream, side, packet);
	else if (packet->flags & TCP_ACK && stream->sides[side].has_isn)
		stream->events |= TCP_SAW_SYN_ACK;
	if (packet->left_out) {
		stream->sides[0].left_out = stream->sides[1].left_out = true;
		tcp_side_left_out(f, &stream->sides[side], segment.seq);
	}
	if ((packet->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		count_syn(stream, f->now);
	tcp_side_check(f, &stream->sides[!side]);
	/* Known before its data is shown: those are the last bytes then. */
	if (packet->flags & TCP_FIN && end != segment.seq &&
	    stream->sides[side].started)
		take_fin(stream, f, side, end);
	take_data(stream, f, side, &segment);
	if (packet->flags & TCP_FIN)
		take_fin(stream, f, side, end);
	tcp_side_check(f, &stream->sides[side]);
}

enum status tcp_stream_feed(struct tcp_stream *stream, unsigned side,
			    const struct packet *packet, nanoseconds now,
			    const struct tcp_reader *reader)
{
	struct tcp_feed f = {
		.limits = stream->limits,
		.reader = reader,
		.now = now,
	};

	if (packet->tcp_parsed)
		take_segment(stream, &f, side & 1, packet);
	return f.status;
}

void tcp_stream_end(struct tcp_stream *stream, const struct tcp_reader *reader)
{
	struct tcp_feed f = {
		.limits = stream->limits,
		.reader = reader,
		.now = reader->mark.time,
	};

	finish_both(stream, &f);
}

unsigned tcp_stream_events(const struct tcp_stream *stream)
{
	return stream->events;
}

bool tcp_stream_stuck(const struct tcp_stream *stream, unsigned side,
		      struct tcp_stuck *out)
{
	const struct tcp_resent *resent = &stream->resent[side & 1];

	if (!tcp_resent_is_stuck(resent))
		return false;
	*out = resent->head;
	return true;
}
