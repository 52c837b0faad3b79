/*
 * Segments that never arrive while shorter ones do.
 *
 * A router whose next link takes no packet so long says so (RFC 1191 3), and
 * where a firewall swallows that word the sender repeats the segment in vain
 * (RFC 2923 2.1).  It is told from a way that is dead as a whole by what the
 * receiver says meanwhile: it acknowledges once more what it had before, since
 * something shorter came behind the gap (RFC 5681 4.2).
 */
#include "config.h"

#include "net/tcp_resent.h"
#include "net/tcp_side.h"

/* Senders wait 200 ms or more (RFC 6298 2.4 wants a second); copies of mirror
 * ports, and what several vantages see, come sooner. */
#define RESENT_APART (150 * NS_PER_MS)
#define RESENT_OFTEN 4u
#define RESENT_LONG (3 * NS_PER_S)
/* No link is so narrow that it takes less (RFC 791 3.2: 576). */
#define SEGMENT_LONG 512u
/* What is said once more so soon may be the copy of a mirror port, unless it is
 * another packet; */
#define SAID_APART (60 * NS_PER_MS)
/* with data it may have crossed the segment on its way. */
#define CROSSED (1 * NS_PER_S)

void tcp_resent_take(struct tcp_resent *r, uint32_t seq, uint32_t size,
		     const struct tcp_mark *mark)
{
	struct tcp_stuck *head = &r->head;

	if (size > r->longest)
		r->longest = size;
	if (!r->known || seq != r->una || size == 0)
		return;
	if (head->sent == 0) {
		*head = (struct tcp_stuck){size, 1, *mark, *mark};
		return;
	}
	/* What the host hands to its network card may be longer than what that
	 * sends, but not where it is repeated. */
	if (size < head->size)
		head->size = size;
	if (mark->time - head->last.time < RESENT_APART)
		return;
	head->sent++;
	head->last = *mark;
}

static bool is_copy(const struct tcp_resent *r, const struct packet *packet,
		    nanoseconds time)
{
	return time - r->said < SAID_APART &&
	       (!packet->identification ||
		packet->identification == r->said_in);
}

/* A receiver whose window is shut drops what comes. */
static bool is_asking(const struct tcp_resent *r, const struct packet *packet,
		      bool bare, nanoseconds time)
{
	return r->head.sent && packet->window &&
	       (time - r->head.first.time >= CROSSED ||
		(bare && !is_copy(r, packet, time)));
}

static void note_said(struct tcp_resent *r, const struct packet *packet,
		      nanoseconds time)
{
	r->said = time;
	r->said_in = packet->identification;
}

void tcp_resent_ack(struct tcp_resent *r, const struct packet *packet,
		    bool bare, nanoseconds time)
{
	int32_t more = tcp_ahead(packet->ack, r->una);

	if (r->known && more <= 0) {
		if (more == 0 && is_asking(r, packet, bare, time))
			r->heard = true;
		if (more == 0)
			note_said(r, packet, time);
		return;
	}
	if (r->known) {
		uint32_t most = (uint32_t)more < r->longest ? (uint32_t)more
							    : r->longest;

		if (most > r->passed)
			r->passed = most;
	}
	r->known = true;
	r->una = packet->ack;
	note_said(r, packet, time);
	r->heard = false;
	r->head = (struct tcp_stuck){0};
}

bool tcp_resent_is_stuck(const struct tcp_resent *r)
{
	return r->heard && r->head.sent >= RESENT_OFTEN &&
	       r->head.last.time - r->head.first.time >= RESENT_LONG &&
	       r->head.size >= SEGMENT_LONG && r->passed < r->head.size;
}
