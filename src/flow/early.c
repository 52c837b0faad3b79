/* Datagrams decoded before their turn. */
#include "config.h"

#include "dissectors/dns.h"
#include "dissectors/rtp.h"
#include "flow/contents.h"
#include "flow/early.h"
#include "flow/known_media.h"
#include "net/plain.h"

/* Few messages have any. */
static bool keep_findings(struct arena *arena, const struct findings *found,
			  const struct findings **out)
{
	struct findings *kept = NULL;

	if (found->count || found->dropped) {
		kept = arena_take(arena, sizeof(*kept));
		if (!kept)
			return false;
		*kept = *found;
	}
	*out = kept;
	return true;
}

static bool read_contents(struct early_sip *sip, struct arena *arena,
			  struct findings *findings)
{
	struct sip_content contents[SIP_BODIES_MAX], *kept;
	size_t count = contents_read(arena, &sip->message, findings, contents);

	if (count == 0)
		return true;
	kept = arena_take(arena, count * sizeof(*kept));
	if (!kept)
		return false;
	memcpy(kept, contents, count * sizeof(*kept));
	sip->contents = kept;
	sip->content_count = count;
	return true;
}

static bool read_sip(struct slice bytes, struct arena *arena, bool bodies,
		     struct early *out)
{
	struct early_sip *sip = arena_take(arena, sizeof(*sip));
	struct findings findings;
	struct decoding decoding = {.arena = arena, .findings = &findings};

	if (!sip)
		return false;
	findings.count = findings.dropped = 0;
	sip->contents = NULL;
	sip->content_count = 0;
	sip->status = sip_decode(&decoding, bytes, &sip->message, &sip->used);
	if (sip->status == STATUS_NOMEM ||
	    (bodies && sip->status == STATUS_OK &&
	     !read_contents(sip, arena, &findings)) ||
	    !keep_findings(arena, &findings, &sip->findings))
		return false;
	out->kind = EARLY_SIP;
	out->sip = sip;
	return true;
}

static bool read_stun(struct slice bytes, struct arena *arena,
		      struct early *out)
{
	struct early_stun *stun = arena_take(arena, sizeof(*stun));
	struct findings findings;
	struct decoding decoding = {.arena = arena, .findings = &findings};

	if (!stun)
		return false;
	findings.count = findings.dropped = 0;
	stun->fingerprint = 0;
	stun->status =
		stun_decode(&decoding, bytes, &stun->message, &stun->used);
	if (stun->status == STATUS_NOMEM ||
	    !keep_findings(arena, &findings, &stun->findings))
		return false;
	if (stun->status == STATUS_OK)
		stun->fingerprint = stun_check_fingerprint(&stun->message);
	out->kind = EARLY_STUN;
	out->stun = stun;
	return true;
}

static uint16_t port_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Those are asked before STUN and SIP, see classify_datagram(). */
static bool is_dns(const uint8_t ends[PLAIN_ENDS])
{
	return dns_is_port(port_at(ends + 8)) ||
	       dns_is_port(port_at(ends + 10));
}

static inline bool is_plain(const struct frame *frame,
			    struct plain_packet *packet)
{
	return frame->link_type == LINKTYPE_ETHERNET &&
	       plain_find(frame->bytes, packet);
}

static inline bool read_media(const struct frame *frame,
			      const struct plain_packet *packet,
			      struct early *out)
{
	struct known_key key = {.ends = packet->ends,
				.vantage = frame->vantage};
	struct early_media *media = &out->media;
	struct rtp rtp;

	if (frame_is_cut(frame) || !rtp_peek(packet->payload, &rtp))
		return false;
	key.ssrc = rtp.ssrc;
	out->kind = EARLY_MEDIA;
	out->vantage = frame->vantage;
	media->time = frame->time;
	media->length = (uint32_t)frame->bytes.n;
	media->hash = known_media_hash(&key);
	media->timestamp = rtp.timestamp;
	media->ssrc = rtp.ssrc;
	media->sequence = rtp.sequence;
	media->payload_type = rtp.payload_type;
	media->marker = rtp.marker;
	memcpy(media->ends, packet->ends, PLAIN_ENDS);
	return true;
}

bool early_read(const struct frame *frame, struct arena *arena,
		struct early *out)
{
	struct plain_packet packet;
	struct slice bytes;

	out->payload = NULL;
	if (!is_plain(frame, &packet) || packet.payload.n == 0)
		return false;
	bytes = packet.payload;
	out->payload = bytes.p;
	if (bytes.p[0] > 0x7F && read_media(frame, &packet, out))
		return true;
	if (bytes.n < STUN_HEADER || is_dns(packet.ends))
		return false;
	if (bytes.p[0] < 0x40 && stun_claims(bytes, false) == CLAIM_SURE)
		return read_stun(bytes, arena, out);
	return sip_claims(bytes, false) != CLAIM_NO &&
	       read_sip(bytes, arena, true, out);
}

bool early_skim(const struct frame *frame, struct arena *arena,
		struct early *out)
{
	struct plain_packet packet;
	struct rtp rtp;

	out->payload = NULL;
	if (!is_plain(frame, &packet) || packet.payload.n == 0)
		return false;
	out->payload = packet.payload.p;
	out->kind = EARLY_OTHER;
	if (packet.payload.p[0] > 0x7F && rtp_peek(packet.payload, &rtp))
		out->kind = EARLY_MEDIA;
	if (sip_claims(packet.payload, false) == CLAIM_NO)
		return true;
	return read_sip(packet.payload, arena, false, out);
}
