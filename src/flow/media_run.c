/* The short way for packets of media streams that are known. */
#include "config.h"

#include "flow/driver_state.h"
#include "net/plain.h"

/* So many packets before it is counted, what was read of a packet, what it is
 * found by and then what is counted are fetched from memory. */
#define EXPECT_READ 20u
#define EXPECT_FOUND 12u
#define EXPECT_COUNTED 5u

static inline void count_known(struct driver *d,
			       const struct known_stream *known,
			       const struct rtp *rtp, nanoseconds time)
{
	struct flow *flow = &d->flows.rows[known->flow];

	flow->media_last[known->side] = known->media;
	flow_count(flow, known->side, time);
	media_stream_add(&d->media.rows[known->media - 1], rtp, time);
}

static void count_packets(struct driver *d, size_t count)
{
	net_count_plain(d->net, count);
	d->counts.rtp += count;
}

bool media_run_count(struct driver *d, const struct frame *frame)
{
	const struct known_stream *known;
	struct plain_packet packet;
	struct known_key key;
	struct rtp rtp;

	if (!net_plain(frame, &packet) || !rtp_peek(packet.payload, &rtp) ||
	    (d->sights.take && sights_wants(rtp.sequence)))
		return false;
	key = (struct known_key){packet.ends, rtp.ssrc, frame->vantage};
	known = known_media_find(&d->known, &key, known_media_hash(&key));
	if (!known)
		return false;
	count_known(d, known, &rtp, frame->time);
	count_packets(d, 1);
	return true;
}

bool media_run_passes(struct driver *d, const struct early *early)
{
	if (!early->payload || early->kind == EARLY_SIP)
		return false;
	d->counts.rtp += early->kind == EARLY_MEDIA;
	return true;
}

static size_t skim_run(struct driver *d, const struct early *run, size_t count)
{
	size_t i = 0;

	while (i < count && media_run_passes(d, &run[i]))
		i++;
	d->counts.frames += i;
	return i;
}

static inline bool is_media(const struct early *early)
{
	return early->payload && early->kind == EARLY_MEDIA;
}

static inline void expect(const struct driver *d, const struct early *next)
{
	const struct early *found = next + EXPECT_FOUND;
	const struct early *counted = next + EXPECT_COUNTED;
	const struct known_stream *known;

	__builtin_prefetch(next + EXPECT_READ);
	if (is_media(found))
		__builtin_prefetch(
			known_media_place(&d->known, found->media.hash));
	if (!is_media(counted))
		return;
	known = known_media_place(&d->known, counted->media.hash);
	if (known->media == 0)
		return;
	__builtin_prefetch(&d->flows.rows[known->flow].packets, 1);
	__builtin_prefetch(&d->media.rows[known->media - 1].last, 1);
	__builtin_prefetch(&d->media.rows[known->media - 1].statistics, 1);
}

static inline bool count_early(struct driver *d, const struct early *early)
{
	const struct early_media *media = &early->media;
	struct known_key key = {media->ends, media->ssrc, early->vantage};
	const struct known_stream *known =
		known_media_find(&d->known, &key, media->hash);
	struct rtp rtp = {
		.sequence = media->sequence,
		.timestamp = media->timestamp,
		.payload_type = media->payload_type,
	};

	if (!known || (d->sights.take && sights_wants(media->sequence)))
		return false;
	count_known(d, known, &rtp, media->time);
	return true;
}

size_t driver_count_run(struct driver *d, const struct early *run, size_t count)
{
	size_t i = 0;

	if (d->skimming)
		return skim_run(d, run, count);
	if (d->sampling || !known_media_any(&d->known))
		return 0;
	while (i < count && is_media(&run[i])) {
		if (i + EXPECT_READ < count)
			expect(d, &run[i]);
		if (!count_early(d, &run[i]))
			break;
		i++;
	}
	d->counts.frames += i;
	count_packets(d, i);
	return i;
}
