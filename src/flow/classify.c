/*
 * Datagrams, and what envelopes carry: whose bytes are these?
 *
 * The order is that of RFC 7983 (and 9443) with MS-TURN's multiplexed frame
 * first; text is asked before ChannelData because 64 to 127 are letters too.
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/rtp.h"
#include "flow/contents.h"
#include "flow/driver_state.h"

#define TURN_PORT 3478
#define TURN_TLS_PORT 5349

/* Evidence points that make a classic message believed (spec 1.14). */
#define CLASSIC_ENOUGH 3
#define CLASSIC_ANSWERED 5 /* 16 bytes came back: settles it */
#define CLASSIC_REPEATED 1 /* RFC 3489 9.3: the same 16 bytes again */
#define CLASSIC_ON_STUN_FLOW 2

static bool is_text(struct slice bytes)
{
	return bytes.n && bytes.p[0] >= 0x20 && bytes.p[0] < 0x7F;
}

static bool looks_like_rtcp(struct slice bytes)
{
	return bytes.n >= 8 && bytes.p[0] >> 6 == 2 && bytes.p[1] >= 192 &&
	       bytes.p[1] <= 223;
}

enum payload classify_peek(struct slice bytes)
{
	struct rtp rtp;

	if (bytes.n == 0)
		return PAYLOAD_EMPTY;
	if (multiplexed_claims(bytes, false) == CLAIM_SURE ||
	    stun_claims(bytes, false) == CLAIM_SURE)
		return PAYLOAD_STUN;
	if (looks_like_rtcp(bytes))
		return PAYLOAD_RTCP;
	if (rtp_peek(bytes, &rtp))
		return PAYLOAD_RTP;
	if (dtls_claims(bytes, false) != CLAIM_NO)
		return PAYLOAD_DTLS;
	if (is_text(bytes) && sip_claims(bytes, false) == CLAIM_SURE)
		return PAYLOAD_SIP;
	return PAYLOAD_DATA;
}

/* A flow of its own, or the envelope's, which vouches for what is inside. */
static struct flow *flow_of(struct driver *d, const struct origin *from)
{
	return &d->flows.rows[from->flow];
}

static void seen(struct driver *d, const struct origin *from,
		 enum flow_seen what)
{
	struct flow *flow = flow_of(d, from);

	flow->seen = (uint16_t)(flow->seen | (unsigned)what);
}

static bool has_seen(struct driver *d, const struct origin *from, unsigned what)
{
	return (flow_of(d, from)->seen & what) != 0;
}

static void take_media(struct driver *d, const struct origin *from,
		       const struct rtp *rtp, size_t bytes)
{
	struct flow *flow = flow_of(d, from);
	uint32_t *last = &flow->media_last[from->side];
	struct media_packet packet = {
		.src = &from->src,
		.dst = &from->dst,
		.rtp = *rtp,
		.time = from->time,
		.frame = from->frame,
		.file = from->file,
		.vantage = from->vantage,
		.length = from->cut ? 0 : (uint16_t)bytes,
		.trusted = (flow->seen & (FLOW_SEEN_STUN | FLOW_SEEN_DTLS)) ||
			   from->wrap_count,
		.wrapped = origin_is_relayed(from),
	};
	uint32_t row;

	sights_media(d, from, rtp);
	row = media_table_add(&d->media, from->wrap_count ? 0 : *last, &packet);
	d->counts.rtp += media_table_count(&d->media, row);
	if (d->sampling)
		media_table_sample(&d->media, row, from->time, bytes);
	if (from->wrap_count)
		return;
	*last = row;
	if (row == 0 || !d->media.rows[row - 1].believed)
		return;
	seen(d, from, FLOW_SEEN_RTP);
	if (from->transport == TRANSPORT_UDP && from->vantage < KNOWN_VANTAGES)
		known_media_note(&d->known, &from->src, &from->dst,
				 &(struct known_stream){
					 .ssrc = rtp->ssrc,
					 .flow = from->flow,
					 .media = row,
					 .vantage = (uint16_t)from->vantage,
					 .side = (uint8_t)from->side,
				 });
}

/* What a flow knows of a classic transaction, kept for the second pass. */
static void learn_classic(struct driver *d, const struct origin *from,
			  const struct stun_message *m)
{
	struct transaction *asked =
		transaction_find(&d->classic_requests, m->id);

	if (m->class != STUN_REQUEST) {
		if (asked && id_set_add(&d->classic, m->id))
			d->late |= id_set_has(&d->unsure, m->id);
		return;
	}
	if (asked && asked->flow == from->flow &&
	    id_set_add(&d->repeated, m->id))
		d->late |= id_set_has(&d->unsure, m->id);
	asked = transaction_note(&d->classic_requests, m->id, from->time);
	if (asked)
		asked->flow = from->flow;
}

/* RFC 3489: no cookie, so evidence is added up (spec 1.14). */
static bool classic_believed(struct driver *d, const struct origin *from,
			     const struct stun_message *m)
{
	int score = stun_classic_score(m, &from->src, &from->dst);

	learn_classic(d, from, m);
	if (id_set_has(&d->classic, m->id))
		score += CLASSIC_ANSWERED;
	if (id_set_has(&d->repeated, m->id))
		score += CLASSIC_REPEATED;
	if (has_seen(d, from, FLOW_SEEN_STUN))
		score += CLASSIC_ON_STUN_FLOW;
	if (score < CLASSIC_ENOUGH)
		(void)id_set_add(&d->unsure, m->id);
	return score >= CLASSIC_ENOUGH;
}

static bool length_fits(struct slice bytes)
{
	struct cursor c = cursor_over(bytes);

	cursor_skip(&c, 2);
	return (size_t)cursor_u16(&c) + STUN_HEADER == bytes.n;
}

static bool is_turn_port(uint16_t port)
{
	return port == TURN_PORT || port == TURN_TLS_PORT;
}

/*
 * A request of TURN without the cookie, to where TURN is spoken: its length is
 * exact, and so is that of the first attribute, which one of these has.
 */
static bool lacks_cookie(struct driver *d, const struct origin *from,
			 struct slice bytes)
{
	struct cursor c = cursor_over(bytes);
	uint16_t type = cursor_u16(&c), first;

	if (!is_turn_port(from->dst.port) && !has_seen(d, from, FLOW_SEEN_TURN))
		return false;
	if ((type != 0x0003 && type != 0x0008 && type != 0x0009) ||
	    !length_fits(bytes))
		return false;
	cursor_skip(&c, STUN_HEADER - 2);
	first = cursor_u16(&c);
	cursor_skip(&c, (cursor_u16(&c) + 3u) & ~3u);
	return !c.bad && (first == 0x0019 || first == 0x0012 ||
			  first == 0x000C || first == 0x0006);
}

/* The answer to a classic request, whose end was not captured: what is left has
 * no length to go by, but the 16 bytes that came back. */
static bool is_cut_answer(struct driver *d, const struct origin *from,
			  struct slice bytes)
{
	struct cursor c = cursor_over(bytes);
	uint16_t type = cursor_u16(&c);
	size_t length = cursor_u16(&c);
	struct slice id = cursor_take(&c, 16);

	return from->cut && !c.bad && (type == 0x0101 || type == 0x0111) &&
	       length > c.left && transaction_find(&d->classic_requests, id.p);
}

/* What was read early of these bytes, or NULL. */
static const struct early *early_of(const struct driver *d, struct slice bytes)
{
	return d->early && d->early->payload == bytes.p ? d->early : NULL;
}

/* A message that was decoded with this status: is it believed, and taken? */
static bool take_decoded_stun(struct driver *d, const struct origin *from,
			      const struct early_stun *read, struct slice bytes,
			      unsigned depth)
{
	enum claim claim = stun_claims(bytes, false);
	enum status status = read->status;
	const struct stun_message *m = &read->message;

	if (status != STATUS_OK) {
		if (claim == CLAIM_SURE && status == STATUS_BAD)
			take_malformed(
				d, from,
				&(struct unreadable){"stun", status, bytes},
				read->findings);
		return claim == CLAIM_SURE;
	}
	if (claim == CLAIM_MAYBE && !classic_believed(d, from, m))
		return false;
	/* RFC 8489 6.3: a length that is not the datagram's is no STUN. */
	if (!from->cut && !length_fits(bytes)) {
		take_malformed(d, from,
			       &(struct unreadable){"stun", STATUS_BAD, bytes},
			       read->findings);
		return true;
	}
	seen(d, from, FLOW_SEEN_STUN);
	take_stun(d, from, m, read->findings, depth);
	return true;
}

static bool try_stun(struct driver *d, const struct origin *from,
		     struct slice bytes, unsigned depth)
{
	const struct early *early = early_of(d, bytes);
	struct findings findings;
	struct early_stun read;
	struct decoding decoding = {.arena = &d->scratch,
				    .findings = &findings,
				    .depth = depth,
				    .cut = from->cut};

	if (early && early->kind == EARLY_STUN)
		return take_decoded_stun(d, from, early->stun, bytes, depth);
	if (stun_claims(bytes, false) == CLAIM_NO &&
	    !lacks_cookie(d, from, bytes) && !is_cut_answer(d, from, bytes))
		return false;
	findings.count = findings.dropped = 0;
	read.findings = &findings;
	read.status = stun_decode(&decoding, bytes, &read.message, &read.used);
	return take_decoded_stun(d, from, &read, bytes, depth);
}

/*
 * ChannelData: believed on a flow that speaks TURN; without that (the capture
 * started late) only if what is inside can be recognised.  RTP has two fixed
 * bits only: a server's port must vouch for it.
 */
static bool channel_believed(struct driver *d, const struct origin *from,
			     const struct channel_data *m)
{
	enum payload inside;

	if (has_seen(d, from, FLOW_SEEN_TURN))
		return true;
	inside = classify_peek(m->data);
	if (inside == PAYLOAD_RTP || inside == PAYLOAD_RTCP)
		return is_turn_port(from->src.port) ||
		       is_turn_port(from->dst.port);
	return inside == PAYLOAD_STUN || inside == PAYLOAD_DTLS;
}

static bool try_channel_data(struct driver *d, const struct origin *from,
			     struct slice bytes, unsigned depth)
{
	struct decoding decoding = {
		.arena = &d->scratch, .depth = depth, .cut = from->cut};
	struct channel_data m;
	size_t used;

	/* A cut one cannot claim by its length: the flow must vouch. */
	if (depth ||
	    (channel_data_claims(bytes, false) == CLAIM_NO &&
	     !(from->cut && has_seen(d, from, FLOW_SEEN_TURN))) ||
	    channel_data_decode(&decoding, bytes, &m, &used) != STATUS_OK ||
	    !channel_believed(d, from, &m))
		return false;
	seen(d, from, FLOW_SEEN_TURN);
	take_channel_data(d, from, &m, bytes, depth);
	return true;
}

static bool try_multiplexed(struct driver *d, const struct origin *from,
			    struct slice bytes, unsigned depth)
{
	struct decoding decoding = {.arena = &d->scratch, .depth = depth};
	struct origin inner;
	struct multiplexed m;
	size_t used;

	if (multiplexed_claims(bytes, false) != CLAIM_SURE ||
	    multiplexed_decode(&decoding, bytes, &m, &used) != STATUS_OK)
		return false;
	seen(d, from, FLOW_SEEN_MTURN);
	inner = *from;
	inner.turn_session = turn_session_of(m.session);
	take_nested(d, &inner, WRAP_MTURN, m.data, depth);
	return true;
}

#define RTCP_SR 200u
#define RTCP_RR 201u
#define RTCP_BYE 203u

/* The streams that a compound packet ends (RFC 3550 6.6).  What is encrypted
 * (SRTCP) does not end where its lengths say. */
static void note_byes(struct driver *d, const struct origin *from,
		      struct slice bytes)
{
	struct place place = {.file = from->file & UINT16_MAX,
			      .frame = from->frame & PLACE_FRAME_MAX,
			      .time = from->time};
	struct cursor c = cursor_over(bytes), bye = {0};

	while (!c.bad && looks_like_rtcp(cursor_rest(&c))) {
		struct slice packet = cursor_rest(&c);
		size_t n = ((size_t)packet.p[2] << 8 | packet.p[3]) * 4 + 4;

		if (packet.p[1] == RTCP_BYE && (packet.p[0] & 0x1F) == 1 &&
		    n >= 8)
			bye = cursor_over(slice_first(packet, 8));
		cursor_skip(&c, n);
	}
	if (c.bad || c.left || !bye.left)
		return;
	cursor_skip(&bye, 4);
	media_table_end(&d->media, &from->src, &from->dst, cursor_u32(&bye),
			&place);
}

/* In words behind the first, with `reports` blocks in it (RFC 3550 6.4); what
 * has no such blocks may be empty. */
static size_t least_words(uint8_t type, unsigned reports)
{
	switch (type) {
	case RTCP_SR:
		return 6 + 6 * (size_t)reports;
	case RTCP_RR:
		return 1 + 6 * (size_t)reports;
	default:
		return 0;
	}
}

/* Packets end where their lengths say, all but the first may be encrypted
 * (RFC 3711 3.4), which then is a report (RFC 3550 6.1). */
static bool is_compound(struct slice bytes, bool cut)
{
	struct cursor c = cursor_over(bytes);
	bool report = bytes.p[1] == RTCP_SR || bytes.p[1] == RTCP_RR;

	while (!c.bad && looks_like_rtcp(cursor_rest(&c))) {
		uint8_t first = cursor_u8(&c);
		uint8_t type = cursor_u8(&c);
		size_t words = cursor_u16(&c);

		if (words < least_words(type, first & 0x1F))
			return false;
		cursor_skip(&c, words * 4);
		if (report)
			return !c.bad || cut;
	}
	return !c.bad && c.left == 0;
}

/* Other protocols begin with any bytes: the flow must vouch, or its form. */
static bool is_rtcp(struct driver *d, const struct origin *from,
		    struct slice bytes)
{
	return looks_like_rtcp(bytes) &&
	       (from->wrap_count ||
		has_seen(d, from,
			 FLOW_SEEN_RTP | FLOW_SEEN_RTCP | FLOW_SEEN_STUN |
				 FLOW_SEEN_DTLS) ||
		is_compound(bytes, from->cut));
}

static bool try_media(struct driver *d, const struct origin *from,
		      struct slice bytes)
{
	struct rtp rtp;

	if (is_rtcp(d, from, bytes)) {
		d->counts.rtcp++;
		seen(d, from, FLOW_SEEN_RTCP);
		note_byes(d, from, bytes);
		return true;
	}
	if (!rtp_peek(bytes, &rtp))
		return false;
	take_media(d, from, &rtp, bytes.n);
	return true;
}

static bool take_decoded_sip(struct driver *d, const struct origin *from,
			     const struct early_sip *read, struct slice bytes)
{
	if (read->status == STATUS_OK)
		take_early_sip(d, from, read, slice_first(bytes, read->used));
	else if (read->status != STATUS_NOT_MINE)
		take_malformed(d, from,
			       &(struct unreadable){"sip", read->status, bytes},
			       read->findings);
	if (read->status != STATUS_NOT_MINE)
		seen(d, from, FLOW_SEEN_SIP);
	return read->status != STATUS_NOT_MINE;
}

static bool decode_sip(struct driver *d, const struct origin *from,
		       struct slice bytes, unsigned depth)
{
	struct sip_content contents[SIP_BODIES_MAX];
	struct findings findings;
	struct early_sip read = {.contents = contents, .findings = &findings};
	struct decoding decoding = {.arena = &d->scratch,
				    .findings = &findings,
				    .depth = depth,
				    .cut = from->cut};

	findings.count = findings.dropped = 0;
	read.status = sip_decode(&decoding, bytes, &read.message, &read.used);
	if (read.status == STATUS_OK && !d->skimming)
		read.content_count = contents_read(&d->scratch, &read.message,
						   &findings, contents);
	return take_decoded_sip(d, from, &read, bytes);
}

static bool try_sip(struct driver *d, const struct origin *from,
		    struct slice bytes, unsigned depth)
{
	const struct early *early = early_of(d, bytes);

	if (early && early->kind == EARLY_SIP)
		return take_decoded_sip(d, from, early->sip, bytes);
	return sip_claims(bytes, false) != CLAIM_NO &&
	       decode_sip(d, from, bytes, depth);
}

static bool try_dns(struct driver *d, const struct origin *from,
		    struct slice bytes)
{
	struct decoding decoding = {.arena = &d->scratch, .cut = from->cut};
	struct dns dns;
	struct message message = {.kind = MESSAGE_DNS,
				  .from = *from,
				  .bytes = bytes,
				  .u.dns = &dns};
	size_t used;

	if (dns_claims(bytes, false) == CLAIM_NO ||
	    dns_decode(&decoding, bytes, &dns, &used) != STATUS_OK)
		return false;
	d->counts.dns++;
	seen(d, from, FLOW_SEEN_DNS);
	take_other(d, &message);
	return true;
}

/* A long header of a version that is spoken (RFC 8999 5.1, RFC 9000 15; drafts
 * and RFC 9369; Google's Q050 and others). */
static bool is_quic(struct slice bytes)
{
	struct cursor c = cursor_over(bytes);
	uint8_t first = cursor_u8(&c);
	uint32_t version = cursor_u32(&c);

	return !c.bad && (first & 0xC0) == 0xC0 &&
	       (version == 1 || version == 0x6B3343CF ||
		version >> 8 == 0xFF0000 || version >> 16 == 0x5130);
}

/* With which SIP may begin (RFC 3261 7: also with empty lines). */
static bool is_letter_or_line(uint8_t first)
{
	return (first >= 64 && first < 128) || first == '\r' || first == '\n';
}

void classify_datagram(struct driver *d, const struct origin *from,
		       struct slice bytes, unsigned depth)
{
	uint8_t first;

	if (depth == 0)
		arena_reset(&d->scratch);
	if (bytes.n == 0)
		return;
	first = bytes.p[0];
	if (d->skimming && !is_letter_or_line(first))
		return;
	/* Its first bytes are random: one in four looks like RTP. */
	if ((dns_is_port(from->src.port) || dns_is_port(from->dst.port)) &&
	    try_dns(d, from, bytes))
		return;
	if (first >= 128 && first < 192 && try_media(d, from, bytes))
		return;
	if (first == 0xFF && try_multiplexed(d, from, bytes, depth))
		return;
	if (first < 64 && try_stun(d, from, bytes, depth))
		return;
	if (first >= 20 && first < 64 && classify_dtls(d, from, bytes))
		return;
	if (first >= 32 && first < 64 && has_seen(d, from, FLOW_SEEN_DTLS) &&
	    classify_dtls_sealed(d, from, bytes))
		return;
	if (try_sip(d, from, bytes, depth))
		return;
	if (first >= 64 && first < 128 &&
	    try_channel_data(d, from, bytes, depth))
		return;
	if (depth == 0 && sip_is_keepalive(bytes))
		take_keepalive(d, from, bytes);
	else if (first >= 192 && is_quic(bytes))
		seen(d, from, FLOW_SEEN_QUIC);
}

/*
 * SIP in a user message of its own (RFC 4168 5).  The identifier of what a
 * message carries is 0 of SIP and of much else; nothing but SIP is looked for,
 * and TLS (RFC 3436) and DTLS (RFC 6083) are named.
 */
void classify_sctp(struct driver *d, const struct origin *from,
		   struct slice bytes)
{
	arena_reset(&d->scratch);
	if (bytes.n == 0 || try_sip(d, from, bytes, 0) || d->skimming)
		return;
	if (sip_is_keepalive(bytes))
		take_keepalive(d, from, bytes);
	else if (dtls_claims(bytes, false) != CLAIM_NO)
		seen(d, from, FLOW_SEEN_DTLS);
	else if (tls_claims(bytes, true) == CLAIM_SURE)
		seen(d, from, FLOW_SEEN_TLS);
}
