/* Packets that several captures may show, for who compares their clocks. */
#include "config.h"

#include "core/hash.h"
#include "flow/driver_state.h"

/* Not keep-alives, which are sent again and again (RFC 9293 3.8.4), and not
 * the full segments of large transfers. */
#define SEGMENT_MIN ((size_t)16)
#define SEGMENT_MAX ((size_t)1200)

static uint64_t end_key(uint64_t key, const struct endpoint *end)
{
	key = hash_bytes(key, slice_of(end->ip, sizeof(end->ip)));
	return hash_mix(key + end->port);
}

static void show(struct driver *d, const struct origin *from, uint64_t key)
{
	key = end_key(key, &from->src);
	key = end_key(key, &from->dst);
	d->sights.take(d->sights.context, from, key);
}

void sights_segment(struct driver *d, const struct origin *from,
		    const struct packet *packet)
{
	if (d->sights.take && packet->tcp_parsed &&
	    packet->payload.n >= SEGMENT_MIN &&
	    packet->payload.n <= SEGMENT_MAX)
		show(d, from,
		     hash_mix(hash_bytes(3, packet->payload) + packet->seq));
}

void sights_media(struct driver *d, const struct origin *from,
		  const struct rtp *rtp)
{
	uint64_t key = (uint64_t)rtp->ssrc << 32 | rtp->timestamp;

	if (d->sights.take && sights_wants(rtp->sequence) &&
	    from->wrap_count == 0)
		show(d, from, hash_mix(hash_mix(key + 4) + rtp->sequence));
}
