/* Rules of RTP streams: what their descriptions promise, and how they begin
 * anew and end (RFC 3550, RFC 8866, [MS-SDPEXT]). */
#include "config.h"

#include "validate/checks.h"

/* Shorter ones say nothing by their figures. */
#define PACKETS_TO_JUDGE 50u

static const char *stream_text(struct judging *j, const struct media *m)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s to %s", endpoint_string(&m->src, a),
			      endpoint_string(&m->dst, b));
}

bool was_changed(struct judging *j)
{
	return j->dialog && part_fact(j, &j->dialog->facts, FACT_CHANGED) &&
	       part_fact(j, &j->dialog->facts, FACT_MEDIA_CHANGED);
}

static bool is_long(const struct media *m)
{
	return m->packets >= PACKETS_TO_JUDGE;
}

/* ---- SSRCs ([MS-SDPEXT] 3.1.5.31) ---- */

/* Ranges stand in the order of the descriptions; where some are missing
 * nothing can be said. */
static bool is_in_ranges(struct judging *j, uint32_t ssrc)
{
	const struct chain *facts = &j->dialog->facts;
	const struct fact *low = part_fact(j, facts, FACT_SSRC_FIRST);
	const struct fact *high = part_fact(j, facts, FACT_SSRC_LAST);

	while (low && high) {
		if (ssrc >= low->value && ssrc <= high->value)
			return true;
		low = fact_after(j->model, low);
		high = fact_after(j->model, high);
	}
	return low || high || facts_full(facts);
}

/* Both sides must have told theirs: any stream may be the other one's. */
static bool told_both(struct judging *j)
{
	const struct dialog *d = j->dialog;
	const struct fact *f =
		d ? part_fact(j, &d->facts, FACT_SSRC_FIRST) : NULL;
	bool offer = false, answer = false;

	for (; f; f = fact_after(j->model, f)) {
		offer |= place_same(j->model, f->first, d->offer.place);
		answer |= place_same(j->model, f->first, d->reply.place);
	}
	return offer && answer;
}

static void check_ranges(struct judging *j, const struct rule *self)
{
	if (!told_both(j) || was_changed(j))
		return;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (is_long(m) && !is_in_ranges(j, m->ssrc))
			found(j, self, m->place,
			      model_sentence(j->model, "%s: 0x%08X",
					     stream_text(j, m), m->ssrc));
	}
}

/* ---- time between packets (RFC 8866 6.4) ---- */

static double interval_ms(const struct media *m)
{
	return (double)(m->last - m->first) / (double)NS_PER_MS /
	       (double)(m->packets + m->lost - 1);
}

/* Silence makes the mean longer, and never shorter. */
static bool is_other_interval(double seen, unsigned wanted)
{
	return seen > 5.0 && seen < 0.8 * wanted;
}

static const struct fact *ptime_at(struct judging *j, uint16_t port)
{
	const struct fact *f =
		j->dialog ? part_fact(j, &j->dialog->facts, FACT_PTIME) : NULL;

	while (f && f->value >> 16 != port)
		f = fact_after(j->model, f);
	return f;
}

static void check_ptime(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		const struct fact *f =
			is_long(m) ? ptime_at(j, m->dst.port) : NULL;
		unsigned wanted = f ? f->value & 0xFFFF : 0;

		if (!f || was_changed(j) ||
		    !is_other_interval(interval_ms(m), wanted))
			continue;
		found(j, self, m->place,
		      model_sentence(j->model, "%s: %.0f ms, not %u",
				     stream_text(j, m), interval_ms(m),
				     wanted));
		prove(j, self, f->first);
	}
}

/* ---- beginning anew ---- */

static void check_jumps(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (is_long(m) && m->jumps && !was_changed(j))
			found(j, self, m->place,
			      model_sentence(j->model, "%s: %u times",
					     stream_text(j, m), m->jumps));
	}
}

/* So soon behind the other that it goes on with it. */
#define SUCCESSION (2 * NS_PER_S)

static bool goes_on_with(const struct media *a, const struct media *b)
{
	return a != b && a->ssrc != b->ssrc &&
	       endpoint_equal(&a->src, &b->src) &&
	       endpoint_equal(&a->dst, &b->dst) && b->first >= a->last &&
	       b->first - a->last < SUCCESSION;
}

static void check_source(struct judging *j, const struct rule *self)
{
	if (!dialog_answered(j->dialog) || was_changed(j))
		return;
	for (size_t i = 0; i < j->call->media.count; i++)
		for (size_t k = 0; k < j->call->media.count; k++) {
			const struct media *a = call_media(j, i);
			const struct media *b = call_media(j, k);

			if (is_long(a) && is_long(b) && goes_on_with(a, b))
				found(j, self, b->place,
				      model_sentence(j->model,
						     "%s: 0x%08X, then 0x%08X",
						     stream_text(j, a), a->ssrc,
						     b->ssrc));
		}
}

/* ---- an address that changes ---- */

/* What has the same SSRC may overlap by what was on its way. */
#define OVERLAP NS_PER_S

static bool goes_on_from(const struct media *a, const struct media *b)
{
	return a->ssrc == b->ssrc && a->kind == b->kind &&
	       endpoint_equal(&a->dst, &b->dst) &&
	       !endpoint_equal(&a->src, &b->src) &&
	       b->first + OVERLAP > a->last && b->last > a->last + NS_PER_S;
}

const struct media *stream_moved(struct judging *j, const struct media *a)
{
	if (j->call->sessions.count || was_changed(j))
		return NULL;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *b = call_media(j, i);

		if (is_long(a) && is_long(b) && goes_on_from(a, b))
			return b;
	}
	return NULL;
}

static void check_moved(struct judging *j, const struct rule *self)
{
	char now[ENDPOINT_TEXT_MAX];

	if (!dialog_answered(j->dialog))
		return;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *a = call_media(j, i);
		const struct media *b = stream_moved(j, a);

		if (b)
			found(j, self, b->place,
			      model_sentence(j->model, "%s, then from %s",
					     stream_text(j, a),
					     endpoint_string(&b->src, now)));
	}
}

/* ---- the end ---- */

/* BYE of RTCP and of SIP cross on their way. */
#define TOGETHER (5 * NS_PER_S)

/* Does the same end send anything behind that time? */
static bool sends_on(struct judging *j, const struct media *of,
		     nanoseconds time)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (endpoint_same_ip(&m->src, &of->src) &&
		    m->last > time + NS_PER_S)
			return true;
	}
	return false;
}

static void check_bye(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	nanoseconds end;

	if (!dialog_answered(d) || was_changed(j))
		return;
	end = d->ended ? when(j, d->ended) : seen_until(j, d->answer);
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		nanoseconds bye = when(j, m->bye);

		if (m->bye && is_long(m) && end - bye > TOGETHER &&
		    !sends_on(j, m, bye))
			found_answer(j, self, m->place, m->bye,
				     stream_text(j, m));
	}
}

/* What was on its way, and a tone for who did not hang up yet. */
#define WIND_UP (2 * NS_PER_S)

/* A stream of the call goes on behind its end; another leg may have use for
 * it. */
static void check_behind_bye(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	nanoseconds end;

	if (!dialog_answered(d) || !d->ended || !is_bye_answered(j) ||
	    j->call->dialogs.count != 1 || j->call->media_shared)
		return;
	end = when(j, d->ended);
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (is_long(m) && m->first < end && m->last > end + WIND_UP)
			found_answer(j, self, m->place, d->ended,
				     model_sentence(j->model, "%s, %.1f s",
						    stream_text(j, m),
						    (double)(m->last - end) /
							    (double)NS_PER_S));
	}
}

/* ---- ports that nobody told ---- */

/* The stream that comes back from that host, and from another port; NULL: it
 * sends none, or from there.  A host that NAT shows under another address has
 * the port that was told. */
static const struct media *back_from_host(struct judging *j,
					  const struct media *m)
{
	const struct media *found = NULL;

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *b =
			list_at(&j->model->media, j->call->media.list[i]);

		if (!endpoint_equal(&b->dst, &m->src) ||
		    !endpoint_same_ip(&b->src, &m->dst))
			continue;
		if (endpoint_equal(&b->src, &m->dst))
			return NULL;
		found = b;
	}
	return found;
}

/* RFC 3264 5.1: media goes where the description has it. */
static void check_port(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (!dialog_answered(d) || !d->offer.place || !d->reply.place ||
	    j->call->sessions.count)
		return;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m =
			list_at(&j->model->media, j->call->media.list[i]);
		const struct media *back =
			m->unnamed && is_long(m) ? back_from_host(j, m) : NULL;

		if (back && !back->unnamed)
			found(j, self, m->place, stream_text(j, m));
	}
}

/* ---- DTLS that nobody begins ---- */

#define BEGUN_BY (5 * NS_PER_S)

/* Is media to be had by DTLS alone?  Some offer keys in SDP beside it. */
static bool wants_dtls(const struct description *offer,
		       const struct description *answer)
{
	bool wanted = false;

	if (!offer->sections || !answer->sections)
		return false;
	for (unsigned i = 0; i < offer->media_lines && i < answer->media_lines;
	     i++) {
		const struct section *s = &answer->sections[i];

		if (s->refused || !s->rtp)
			continue;
		if (s->crypto || !s->fingerprint ||
		    !offer->sections[i].fingerprint)
			return false;
		wanted = true;
	}
	return wanted;
}

/* The pair that is in use, and whose checks went on for long; NULL: none. */
static const struct pair *pair_at_rest(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (p->selected && p->nominated && !p->half_seen &&
			    when(j, p->cited.last) - when(j, p->nominated) >=
				    BEGUN_BY)
				return p;
	return NULL;
}

/* Outside of SIP are browsers, all of whose sections have DTLS. */
static bool agree_on_dtls(struct judging *j)
{
	const struct told_description *offer, *answer;

	if (j->dialog)
		return dialog_answered(j->dialog) &&
		       wants_dtls(&j->dialog->offer, &j->dialog->reply);
	offer = told_of(j, false);
	answer = told_of(j, true);
	return offer && answer && offer->description.fingerprint &&
	       answer->description.fingerprint;
}

/* RFC 5763 5: who is active begins as soon as there is a way. */
static void check_begun(struct judging *j, const struct rule *self)
{
	const struct pair *p;

	if (j->call->handshakes.count || j->call->media.count ||
	    j->call->media_shared || !agree_on_dtls(j) ||
	    view(j, STAGE_PROBING)->state == STATE_FAILED)
		return;
	p = pair_at_rest(j);
	if (p)
		found(j, self, p->nominated,
		      model_sentence(j->model, "the pair is in use for %.0f s",
				     (double)(when(j, p->cited.last) -
					      when(j, p->nominated)) /
					     1e9));
}

/* ---- SRTP one way only ---- */

/* G.711 comes in whole pieces of 5 ms; the only tag of [MS-SDPEXT] 3.1.5.1,
 * AES_CM_128_HMAC_SHA1_80, is 10 bytes behind them. */
#define RTP_HEADER 12u
#define PIECE_BYTES 40u
#define TAG_BYTES 10u

static bool is_g711(const struct media *m)
{
	return m->codec && (strcmp(m->codec, "PCMU") == 0 ||
			    strcmp(m->codec, "PCMA") == 0);
}

static bool has_tag(const struct media *m, unsigned bytes)
{
	return is_long(m) && is_g711(m) &&
	       m->length > RTP_HEADER + PIECE_BYTES &&
	       (m->length - RTP_HEADER) % PIECE_BYTES == bytes;
}

/* The encrypted stream that comes back; an SBC has one leg of each. */
static const struct media *sealed_back(struct judging *j,
				       const struct media *clear)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (has_tag(m, TAG_BYTES) &&
		    endpoint_same_ip(&m->src, &clear->dst) &&
		    endpoint_same_ip(&m->dst, &clear->src))
			return m;
	}
	return NULL;
}

static void check_sealed(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		const struct media *back =
			has_tag(m, 0) && !was_changed(j) ? sealed_back(j, m)
							 : NULL;

		if (!back)
			continue;
		found(j, self, m->place,
		      model_sentence(j->model, "in clear: %s",
				     stream_text(j, m)));
		prove(j, self, back->place);
		return;
	}
}

/* ---- the beginning ---- */

/* When media could begin: the answer, the pair, the keys. */
static nanoseconds ready_at(struct judging *j)
{
	nanoseconds time = when(j, j->dialog->answer);

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (x->nomination && when(j, x->nomination) > time)
			time = when(j, x->nomination);
	}
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = call_handshake(j, i);

		if (handshake_is_over(h) && when(j, h->last) > time)
			time = when(j, h->last);
	}
	return time;
}

/* A transfer brings another leg, whose media it may be. */
static nanoseconds leg_before(struct judging *j, nanoseconds time)
{
	nanoseconds newest = 0;

	for (size_t i = 0; i < j->call->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&j->model->dialogs, j->call->dialogs.list[i]);

		if (dialog_answered(d) && when(j, d->answer) <= time &&
		    when(j, d->answer) > newest)
			newest = when(j, d->answer);
	}
	return newest;
}

#define BEGINS_LATE NS_PER_S

static bool goes_back(const struct media *m, const struct media *first)
{
	return endpoint_same_ip(&m->src, &first->dst) &&
	       endpoint_same_ip(&m->dst, &first->src) && m->kind == first->kind;
}

/* The first stream of all, or that comes back to the hosts of `of`. */
static const struct media *earliest(struct judging *j, const struct media *of)
{
	const struct media *first = NULL;

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->packets >= PACKETS_TO_JUDGE &&
		    (!of || goes_back(m, of)) &&
		    (!first || m->first < first->first))
			first = m;
	}
	return first;
}

/* Where one direction was there at once, the other may have begun silent. */
#define BEGINS_LATE_ALONE (2 * NS_PER_S)

static void check_begin(struct judging *j, const struct rule *self)
{
	const struct media *first, *back;
	nanoseconds ready;

	/* Of checks that are seen in part nobody knows when they were over. */
	if (!dialog_answered(j->dialog) || was_changed(j) ||
	    view(j, STAGE_PROBING)->state == STATE_INCOMPLETE)
		return;
	ready = ready_at(j);
	first = earliest(j, NULL);
	if (first && first->first > ready + BEGINS_LATE &&
	    first->first > leg_before(j, first->first) + BEGINS_LATE) {
		found(j, self, first->place,
		      model_sentence(j->model, "%.1f s later",
				     (double)(first->first - ready) /
					     (double)NS_PER_S));
		return;
	}
	back = first ? earliest(j, first) : NULL;
	if (back && back->first < first->last &&
	    back->first > ready + BEGINS_LATE_ALONE &&
	    back->first > first->first + BEGINS_LATE_ALONE &&
	    back->first > leg_before(j, back->first) + BEGINS_LATE_ALONE)
		found(j, self, back->place,
		      model_sentence(j->model, "%s, %.1f s later",
				     stream_text(j, back),
				     (double)(back->first - ready) /
					     (double)NS_PER_S));
}

const struct rule rules_streams[] = {
	{
		.id = "media/late",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media begins more than a second after it could",
		.source = "RFC 3264 5.1, RFC 8445 12.1",
		.remedy = "the first words are lost: look for a slow gateway, "
			  "or a final offer that comes late",
		.check = check_begin,
	},
	{
		.id = "media/encrypted-one-way",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media of one side is encrypted, and that of the "
			 "other is not",
		.source = "RFC 3711 4.2, [MS-SDPEXT] 3.1.5",
		.remedy = "each hears noise or nothing: make the encryption "
			  "policies of both alike, and look at which profile "
			  "and keys the answer took",
		.check = check_sealed,
	},
	{
		.id = "media/ssrc-out-of-range",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "a stream has an SSRC that no description promised",
		.source = "[MS-SDPEXT] 3.1.5.31",
		.remedy = "conferencing servers drop it: look at who sends "
			  "it",
		.check = check_ranges,
	},
	{
		.id = "media/packet-time",
		.severity = SEVERITY_INFO,
		.stage = STAGE_MEDIA,
		.title = "packets follow each other faster than the receiver "
			 "asks for",
		.source = "RFC 8866 6.4",
		.remedy = "set the packet time of both sides alike",
		.check = check_ptime,
	},
	{
		.id = "media/numbers-jump",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "the sequence numbers of a stream begin anew",
		.source = "RFC 3550 5.1, A.1",
		.remedy = "look for a change of path or server in the middle "
			  "of the call",
		.check = check_jumps,
	},
	{
		.id = "media/source-changed",
		.severity = SEVERITY_INFO,
		.stage = STAGE_MEDIA,
		.title = "another source goes on in the place of a stream, "
			 "and no description says so",
		.source = "RFC 3550 8.2",
		.remedy = "usual where a server changes from music to a "
			  "person",
		.check = check_source,
	},
	{
		.id = "media/address-changed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "a stream goes on from another address, and no "
			 "description says so",
		.source = "RFC 3264 8.3.1, RFC 4787 4.3",
		.remedy = "the network of that side changed, such as a VPN, "
			  "or its NAT forgot the port: unless the other side "
			  "follows, it is not heard any more",
		.check = check_moved,
	},
	{
		.id = "media/said-goodbye",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "RTCP says that a stream ends, and the call goes on "
			 "without it",
		.source = "RFC 3550 6.6",
		.remedy = "the media of that side gave up: see its log",
		.check = check_bye,
	},
	{
		.id = "media/behind-bye",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media goes on after the BYE, which the other side "
			 "answered",
		.source = "RFC 3261 15.1.2, RFC 3264 6",
		.remedy = "the BYE did not reach the sender, as when a "
			  "server between answers it, or that program does "
			  "not end its streams",
		.check = check_behind_bye,
	},
	{
		.id = "media/port-not-told",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media goes to a port that no description names, of a "
			 "host that sends from another one",
		.source = "RFC 3264 5.1, 6.1",
		.remedy = "look at what the sender goes by: an older "
			  "description, or a device that changed SDP on the "
			  "way",
		.check = check_port,
	},
	{
		.id = "media/dtls-not-begun",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "a pair is in use, DTLS is agreed upon, and nobody "
			 "begins it",
		.source = "RFC 5763 5, RFC 8842 5.3",
		.remedy = "look whether the side that is active (a=setup) got "
			  "and took the answer; a filter of the capture can "
			  "leave DTLS out, too",
		.check = check_begun,
	},
	{.id = NULL},
};
