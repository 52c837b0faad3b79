/*
 * Decoded messages: counted, learned from, judged and handed on; then what is
 * inside them, outermost first.
 */
#include "config.h"

#include "flow/contents.h"
#include "flow/driver_state.h"
#include "flow/rules.h"

static void hand_on(struct driver *d, const struct message *message)
{
	if (!d->skimming || message->kind == MESSAGE_SIP)
		d->sink.take(d->sink.context, message);
}

void take_other(struct driver *d, const struct message *message)
{
	hand_on(d, message);
}

void take_finding(struct driver *d, const struct origin *from,
		  const struct rule *rule)
{
	struct findings findings = {.count = 1, .list = {{rule, {NULL, 0}}}};
	struct message message = {
		.kind = MESSAGE_FINDING, .from = *from, .findings = &findings};

	hand_on(d, &message);
}

void take_keepalive(struct driver *d, const struct origin *from,
		    struct slice bytes)
{
	struct message message = {
		.kind = MESSAGE_KEEPALIVE, .from = *from, .bytes = bytes};

	d->counts.keepalives++;
	hand_on(d, &message);
}

static const char *reason_of(enum status status)
{
	switch (status) {
	case STATUS_LIMIT:
		return "it is larger than the limit for one message";
	case STATUS_NOMEM:
		return "out of memory";
	case STATUS_SHORT:
		return "cut by the capture";
	case STATUS_OK:
	case STATUS_END:
	case STATUS_NOT_MINE:
	case STATUS_BAD:
	case STATUS_IO:
		break;
	}
	return NULL;
}

void take_malformed(struct driver *d, const struct origin *from,
		    const struct unreadable *what,
		    const struct findings *findings)
{
	struct message message = {
		.kind = MESSAGE_MALFORMED,
		.from = *from,
		.bytes = what->bytes,
		.findings = findings,
		.u.expected = what->expected,
		.reason = reason_of(what->status),
	};

	d->counts.malformed++;
	hand_on(d, &message);
}

/* ---- SIP ---- */

/* Media comes where the other section says. */
static void announce_at(struct driver *d, const struct sdp_media *media,
			const struct sdp_media *other)
{
	struct endpoint at = other->transport.address;

	at.port = other->port;
	media_table_announce(&d->media, &at, media);
	for (size_t i = 0; i < other->candidate_count; i++)
		if (other->candidates[i].component == 1)
			media_table_announce(&d->media,
					     &other->candidates[i].endpoint,
					     media);
}

static bool is_in_bundle(struct slice mids, const struct sdp_media *media)
{
	struct slice mid;

	while (media->mid.n && mids.n) {
		mid = slice_split(&mids, ' ');
		if (slice_equal(mid, media->mid))
			return true;
	}
	return false;
}

/* The section whose transport all of a bundle take (RFC 9143 7.2), NULL: there
 * is no bundle. */
static const struct sdp_media *bundle_tag(const struct sdp *sdp)
{
	struct slice rest = sdp->bundle, first = slice_split(&rest, ' ');

	for (size_t i = 0; first.n && i < sdp->media_count; i++)
		if (slice_equal(sdp->media[i].mid, first))
			return &sdp->media[i];
	return NULL;
}

static struct slice ufrag_of(const struct sdp *sdp,
			     const struct sdp_media *media)
{
	return media->transport.ice_ufrag.n ? media->transport.ice_ufrag
					    : sdp->transport.ice_ufrag;
}

/* Candidates that trickle say no codecs.  What is told outside of SIP mostly
 * trickles, and so may what is told without any. */
static void announce_late(struct driver *d, const struct sdp *sdp,
			  const struct sdp_media *media,
			  const struct sdp_media *tag, bool told)
{
	struct slice ufrag = ufrag_of(sdp, tag);

	if (ufrag.n && media->codec_count && (told || !tag->candidate_count))
		media_table_announce_fragment(&d->media, ufrag, media);
}

static void announce_all(struct driver *d, const struct sdp *sdp, bool told)
{
	const struct sdp_media *tag = bundle_tag(sdp);

	for (size_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		bool shares =
			tag && tag != media && is_in_bundle(sdp->bundle, media);

		announce_at(d, media, media);
		if (shares)
			announce_at(d, media, tag);
		announce_late(d, sdp, media, shares ? tag : media, told);
	}
}

static void count_contents(struct driver *d, const struct sip_content *contents,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct sdp *sdp = contents[i].sdp;

		d->counts.sdp += sdp != NULL;
		d->counts.mras += contents[i].mras != NULL;
		if (sdp)
			announce_all(d, sdp, false);
	}
}

static void learn_and_hand_on(struct driver *d, const struct message *message)
{
	d->counts.sip++;
	contents_learn(d->keys, message->contents, message->content_count);
	count_contents(d, message->contents, message->content_count);
	hand_on(d, message);
}

void take_told(struct driver *d, const struct message *message)
{
	const struct sdp *sdp = message->u.told->sdp;

	d->counts.sdp++;
	contents_learn_sdp(d->keys, sdp);
	announce_all(d, sdp, true);
	hand_on(d, message);
}

void take_sip(struct driver *d, const struct origin *from,
	      const struct sip_message *sip, struct slice bytes,
	      const struct findings *findings)
{
	struct sip_content contents[SIP_BODIES_MAX];
	struct findings all = findings ? *findings : (struct findings){0};
	struct message message = {
		.kind = MESSAGE_SIP,
		.from = *from,
		.bytes = bytes,
		.findings = &all,
		.u.sip = sip,
		.contents = contents,
	};

	if (!d->skimming)
		message.content_count =
			contents_read(&d->scratch, sip, &all, contents);
	learn_and_hand_on(d, &message);
}

void take_early_sip(struct driver *d, const struct origin *from,
		    const struct early_sip *sip, struct slice bytes)
{
	struct message message = {
		.kind = MESSAGE_SIP,
		.from = *from,
		.bytes = bytes,
		.findings = sip->findings,
		.u.sip = &sip->message,
		.contents = sip->contents,
		.content_count = sip->content_count,
	};

	learn_and_hand_on(d, &message);
}

/* ---- STUN ---- */

static bool is_turn(const struct stun_message *m)
{
	return m->dialect == STUN_TURN || m->dialect == STUN_MS_TURN ||
	       m->dialect == STUN_GOOGLE;
}

/* The keyring name that protects this message. */
static uint32_t name_of(struct driver *d, const struct origin *from,
			const struct stun_message *m, struct turn_flow *turn)
{
	struct transaction *t;
	uint32_t name;

	if (m->class == STUN_SUCCESS || m->class == STUN_ERROR) {
		if (m->class == STUN_ERROR)
			keyring_note_challenge(d->keys, m);
		t = transaction_find(&d->transactions, m->id);
		return t ? t->name : KEYRING_NO_NAME;
	}
	name = keyring_name_of(d->keys, m);
	if (name == KEYRING_NO_NAME && turn && is_turn(m))
		name = turn->name;
	if (m->class != STUN_REQUEST)
		return name;
	t = transaction_note(&d->transactions, m->id, from->time);
	if (t && (name || !t->name)) {
		t->name = name;
		t->flow = from->flow;
		t->type = m->type;
	}
	if (turn && is_turn(m) && name)
		turn->name = name;
	return name;
}

static void judge(struct driver *d, const struct stun_message *m,
		  struct turn_flow *turn, struct message *out)
{
	uint32_t name = name_of(d, &out->from, m, turn);

	out->integrity = keyring_judge(d->keys, name, m,
				       turn ? &turn->key_proven : NULL);
	keyring_token_span(d->keys, name, &out->token_made, &out->token_until);
}

/* TURN state belongs to the envelope's flow, not to what is inside it. */
static struct turn_flow *note_turn(struct driver *d, const struct origin *from,
				   const struct stun_message *m)
{
	struct flow *flow = &d->flows.rows[from->flow];
	unsigned bits = FLOW_SEEN_TURN;
	struct turn_flow *turn;

	if (!is_turn(m) || from->wrap_count > 1)
		return NULL;
	if (m->dialect == STUN_MS_TURN)
		bits |= FLOW_SEEN_MS_TURN;
	flow->seen = (uint16_t)(flow->seen | bits);
	turn = relay_of(flow);
	if (turn)
		relay_note(turn, m, from->side);
	return turn;
}

/* The grant may come from another server of the pool than was asked: the flow
 * that asked must know of it too. */
static void note_grant(struct driver *d, const struct origin *from,
		       const struct stun_message *m)
{
	struct transaction *t = transaction_find(&d->transactions, m->id);
	struct flow *asked;
	struct turn_flow *turn;

	if (!t || t->flow == from->flow || t->flow >= d->flows.count)
		return;
	asked = &d->flows.rows[t->flow];
	for (unsigned client = 0; asked->used && client < 2; client++) {
		if (!endpoint_equal(&asked->ends[client], &from->dst))
			continue;
		turn = relay_of(asked);
		if (turn)
			relay_note(turn, m, !client);
	}
}

static enum wrap envelope(const struct stun_message *m)
{
	return m->method == STUN_SEND ? WRAP_SEND : WRAP_DATA;
}

/* What checks the fingerprint of a datagram early has done so. */
static enum stun_fingerprint fingerprint_of(const struct driver *d,
					    const struct stun_message *m)
{
	if (d->early && d->early->kind == EARLY_STUN &&
	    m == &d->early->stun->message)
		return d->early->stun->fingerprint;
	return stun_check_fingerprint(m);
}

static bool is_envelope(const struct stun_message *m)
{
	return m->has_data &&
	       (m->method == STUN_SEND || m->method == STUN_DATA);
}

/* What the flow knows of its relay; without the grant, what a peer said. */
static struct turn_flow *turn_of(struct driver *d, const struct origin *from)
{
	struct flow *flow = &d->flows.rows[from->flow];
	struct turn_flow *turn = flow->turn;

	if (!d->relays.rows.count ||
	    (turn && turn->relayed.family != FAMILY_NONE))
		return turn;
	return relays_seen_give(&d->relays, flow);
}

/* The answer to a check that went through a relay whose grant is not in the
 * capture: it tells the relayed address (RFC 8489 14.2), which is to be known
 * from the beginning. */
static void note_relay(struct driver *d, const struct origin *from,
		       const struct stun_message *m)
{
	const struct turn_flow *turn = d->flows.rows[from->flow].turn;
	struct relay_seen relay = {from->outer_dst, from->outer_src, m->mapped};

	if (from->wrap_count == 0 || !turn || from->side == turn->client ||
	    turn->relayed.family != FAMILY_NONE || m->class != STUN_SUCCESS ||
	    m->method != STUN_BINDING || m->mapped.family == FAMILY_NONE ||
	    !endpoint_equal(&from->dst, &from->outer_dst))
		return;
	d->late |= relays_seen_add(&d->relays, &relay);
}

/* Inside an envelope the conversation is relayed address and peer. */
static struct origin inner_origin(const struct origin *outer,
				  const struct turn_flow *turn,
				  const struct endpoint *peer, bool to_peer)
{
	struct origin inner = *outer;

	if (turn && turn->relayed.family != FAMILY_NONE)
		*(to_peer ? &inner.src : &inner.dst) =
			*relay_towards(turn, peer);
	if (peer->family != FAMILY_NONE)
		*(to_peer ? &inner.dst : &inner.src) = *peer;
	return inner;
}

/* A check that its own key does not fit. */
static struct slice owner_of_key(struct driver *d, const struct stun_message *m,
				 enum integrity integrity)
{
	if (m->class != STUN_REQUEST || m->method != STUN_BINDING ||
	    !m->has_username ||
	    (integrity != INTEGRITY_NO_KEY_FITS && integrity != INTEGRITY_BAD))
		return (struct slice){0};
	return keyring_owner_of(d->keys, m);
}

/* RFC 8445 7.2.2: the fragment of whom it is for stands first. */
static void place_media(struct driver *d, const struct origin *from,
			const struct stun_message *m)
{
	struct slice rest = m->username;

	if (m->method == STUN_BINDING)
		media_table_place_fragment(&d->media, slice_split(&rest, ':'),
					   &from->dst);
}

static void tell_stun(struct driver *d, const struct origin *from,
		      const struct stun_message *m,
		      const struct findings *findings, unsigned depth)
{
	struct turn_flow *turn = note_turn(d, from, m);
	struct message message = {
		.kind = MESSAGE_STUN,
		.from = *from,
		.bytes = m->whole,
		.findings = findings,
		.u.stun = m,
	};
	struct origin inner;

	d->counts.stun++;
	if (turn && m->class == STUN_SUCCESS)
		note_grant(d, from, m);
	if (is_envelope(m))
		message.payload = classify_peek(m->data);
	if (d->media.fragments && m->class == STUN_REQUEST && m->has_username)
		place_media(d, from, m);
	judge(d, m, turn, &message);
	message.fits = owner_of_key(d, m, message.integrity);
	message.fingerprint = fingerprint_of(d, m);
	hand_on(d, &message);
	note_relay(d, from, m);
	if (!is_envelope(m) || m->data.n == 0)
		return;
	inner = inner_origin(from, turn_of(d, from), &m->peer,
			     m->method == STUN_SEND);
	take_nested(d, &inner, envelope(m), m->data, depth);
}

void take_stun(struct driver *d, const struct origin *from,
	       const struct stun_message *m, const struct findings *findings,
	       unsigned depth)
{
	if (answers_first_hold(d, from, m, depth))
		return;
	tell_stun(d, from, m, findings, depth);
	if (m->class == STUN_REQUEST && answers_first_wait(d->answers))
		answers_first_asked(d, from, m);
}

void take_channel_data(struct driver *d, const struct origin *from,
		       const struct channel_data *channel, struct slice bytes,
		       unsigned depth)
{
	const struct turn_flow *turn = turn_of(d, from);
	const struct relay_channel *bound =
		relay_channel_find(turn, channel->channel);
	struct endpoint nowhere = {0};
	struct message message = {
		.kind = MESSAGE_CHANNEL_DATA,
		.from = *from,
		.bytes = bytes,
		.u.channel = channel,
		.payload = classify_peek(channel->data),
	};
	struct origin inner;

	d->counts.channel_data++;
	hand_on(d, &message);
	inner = inner_origin(from, turn, bound ? &bound->peer : &nowhere,
			     turn && from->side == turn->client);
	take_nested(d, &inner, WRAP_CHANNEL_DATA, channel->data, depth);
}

static void say_too_deep(struct driver *d, const struct origin *from,
			 struct slice bytes)
{
	struct findings findings = {
		.count = 1,
		.list = {{&flow_rules[FLOW_RULE_TOO_DEEP], bytes}},
	};
	struct message message = {
		.kind = MESSAGE_FINDING,
		.from = *from,
		.bytes = bytes,
		.findings = &findings,
	};

	hand_on(d, &message);
}

void take_nested(struct driver *d, const struct origin *outer, enum wrap wrap,
		 struct slice bytes, unsigned depth)
{
	struct origin inner = *outer;

	if (depth + 1 >= NESTING_MAX || inner.wrap_count >= NESTING_MAX) {
		say_too_deep(d, outer, bytes);
		return;
	}
	inner.wraps[inner.wrap_count++] = (uint8_t)wrap;
	classify_datagram(d, &inner, bytes, depth + 1);
}
