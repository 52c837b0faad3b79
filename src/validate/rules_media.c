/* Rules of media and its keys. */
#include "config.h"

#include "validate/checks.h"

static const char *stream_text(struct judging *j, const struct media *m)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s to %s", endpoint_string(&m->src, a),
			      endpoint_string(&m->dst, b));
}

/* ---- DTLS ---- */

static const struct fact *hello_of(struct judging *j, const struct handshake *h,
				   uint32_t side)
{
	return fact_with(j->model, &h->facts, FACT_HELLO, side);
}

/* Some begin again after 50 ms: a capture that ends soon shows three. */
#define HELLO_PATIENCE (2 * NS_PER_S)

static bool was_waited_for(struct judging *j, const struct fact *hello)
{
	return hello->count >= UNANSWERED_PROOF &&
	       seen_until(j, hello->last) - when(j, hello->first) >=
		       HELLO_PATIENCE;
}

/* RFC 6347 4.2.4.1: a flight that is not answered is sent again.  Who is at its
 * ChangeCipherSpec had an answer, which the capture does not show. */
static void check_silent(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = call_handshake(j, i);

		for (uint32_t side = 0; side < 2; side++) {
			const struct fact *f = hello_of(j, h, side);

			if (f && was_waited_for(j, f) && !h->finished[side] &&
			    !fact_with(j->model, &h->facts, FACT_RECORD,
				       !side) &&
			    !media_both_ways(j))
				found_fact(j, self, f, times_text(j, f->count));
		}
	}
}

/* Hello goes again although the other side has answered it: what is too large
 * for the way, such as certificates, is lost (RFC 6347 4.1.1.1). */
static void check_unfinished(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = call_handshake(j, i);

		for (uint32_t side = 0; side < 2; side++) {
			const struct fact *f = hello_of(j, h, side);
			const struct fact *back = fact_with(
				j->model, &h->facts, FACT_RECORD, !side);

			if (f && back && was_waited_for(j, f) &&
			    when(j, f->last) > when(j, back->first) &&
			    !h->finished[side] && !h->alert &&
			    !handshake_is_over(h) && !hello_of(j, h, !side) &&
			    !media_both_ways(j))
				found_fact(j, self, f, times_text(j, f->count));
		}
	}
}

static void check_clients(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = call_handshake(j, i);
		const struct fact *f = hello_of(j, h, 1);

		if (f && hello_of(j, h, 0) && !h->server_hello &&
		    !handshake_is_over(h) && !media_both_ways(j))
			found_fact(j, self, f, NULL);
	}
}

static void check_certificate(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = call_handshake(j, i);

		if (h->fingerprint == CERTIFICATE_DIFFERS &&
		    !media_both_ways(j))
			found(j, self, h->first, NULL);
	}
}

/* ---- streams ---- */

/* Shorter ones say nothing by their figures. */
#define PACKETS_TO_JUDGE 50u

/* At the beginning, as the last offer of ICE, it explains nothing later. */
#define BEGINNING (2 * NS_PER_S)

/* Behind a change (hold, fax) numbers may jump over the time between. */
static bool was_changed_in(struct judging *j, const struct media *m)
{
	return was_changed(j) &&
	       part_last(j, &j->dialog->facts, FACT_MEDIA_CHANGED) >
		       m->first + BEGINNING;
}

/* What is lost in an interruption is told as that. */
static uint64_t lost_otherwise(const struct media *m)
{
	return m->gap_lost < m->lost ? m->lost - m->gap_lost : 0;
}

/* It came over TCP, of which the capture lacks some. */
static bool is_cut(const struct judging *j, const struct media *m)
{
	const struct pair *p = m->pair == LIST_NONE || !m->wrapped
				       ? NULL
				       : list_at(&j->model->pairs, m->pair);

	for (unsigned i = 0; p && j->model->holes && i < 2; i++)
		if (p->through[i] != CHAIN_END &&
		    strcmp(MODEL_ROWS(allocation, j->model->allocations)
				   [p->through[i]].transport, "udp") != 0)
			return true;
	return false;
}

static void check_loss(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		uint64_t lost = lost_otherwise(m), sent = m->packets + lost;

		/* Where most is lost, few come. */
		if (sent >= PACKETS_TO_JUDGE && !was_changed_in(j, m) &&
		    m->packets >= PACKETS_TO_JUDGE / 2 &&
		    lost * 100 > sent * 3 && !is_cut(j, m))
			found(j, self, m->place,
			      model_sentence(j->model, "%s: %.1f %%",
					     stream_text(j, m),
					     (double)lost * 100 /
						     (double)sent));
	}
}

/* ---- interruptions ---- */

/* A change so near to its begin stopped the stream: hold, or a move. */
#define CHANGE_NEAR (2 * NS_PER_S)

static nanoseconds gap_end(const struct media *m)
{
	return m->gap_from + (nanoseconds)m->gap_ms * NS_PER_MS;
}

static bool is_within(nanoseconds time, nanoseconds from, nanoseconds to)
{
	return time >= from && time <= to;
}

/* When was the call changed in that time?  0: it was not. */
static nanoseconds change_between(struct judging *j, nanoseconds from,
				  nanoseconds to)
{
	const struct fact *f = dialog_fact(j, FACT_CHANGED);

	if (!f)
		return 0;
	if (is_within(when(j, f->first), from, to))
		return when(j, f->first);
	return is_within(when(j, f->last), from, to) ? when(j, f->last) : 0;
}

/* The stream the other way at that time; NULL: none is captured. */
static const struct media *back_of(struct judging *j, const struct media *m)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *b = call_media(j, i);

		if (endpoint_equal(&b->src, &m->dst) &&
		    endpoint_equal(&b->dst, &m->src) &&
		    b->first < gap_end(m) && b->last > m->gap_from)
			return b;
	}
	return NULL;
}

static bool consent_ran_out(struct judging *j, const struct media *m)
{
	nanoseconds lost;

	if (m->pair == LIST_NONE)
		return false;
	lost = pair_extra_of(j->model, list_at(&j->model->pairs, m->pair))
		       ->consent_lost;
	return lost && is_within(lost, m->gap_from, gap_end(m));
}

static const char *interruption_text(struct judging *j, const struct media *m)
{
	const struct media *back = back_of(j, m);
	nanoseconds changed = change_between(j, m->gap_from, gap_end(m));
	struct civil_time c = clock_civil(m->gap_from);
	const char *aside =
		!back ? ""
		: back->gap_ms && back->gap_from < gap_end(m) &&
				gap_end(back) > m->gap_from
			? "; the other way as well"
			: "; the other way goes on";

	return model_sentence(
		j->model, "%s: %.1f s from %02d:%02d:%02d, %u packets%s%s%s",
		stream_text(j, m), (double)m->gap_ms / 1000.0, c.hour, c.minute,
		c.second, m->gap_lost, aside,
		consent_ran_out(j, m) ? "; consent (RFC 7675) ran out in it"
				      : "",
		changed ? model_sentence(j->model,
					 "; the call was changed %.1f s behind "
					 "its begin",
					 (double)(changed - m->gap_from) / 1e9)
			: "");
}

static void check_interrupted(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->gap_ms && m->packets >= PACKETS_TO_JUDGE &&
		    !change_between(j, m->gap_from - CHANGE_NEAR,
				    m->gap_from + CHANGE_NEAR))
			found(j, self, m->place, interruption_text(j, m));
	}
}

#define JITTER_HIGH_MS 30.0

static void check_jitter(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->packets >= PACKETS_TO_JUDGE && m->clock_rate &&
		    m->clock_rate != 90000 && m->jitter_ms > JITTER_HIGH_MS)
			found(j, self, m->place,
			      model_sentence(j->model, "%s: %.0f ms",
					     stream_text(j, m), m->jitter_ms));
	}
}

static void check_payload(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->foreign && m->packets >= PACKETS_TO_JUDGE)
			found(j, self, m->place,
			      model_sentence(j->model, "%s: payload type %u",
					     stream_text(j, m),
					     m->payload_type));
	}
}

static bool go_opposite_ways(const struct media *a, const struct media *b)
{
	return endpoint_equal(&a->src, &b->dst) &&
	       endpoint_equal(&a->dst, &b->src);
}

static void check_ssrc(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct media *a = call_media(j, k);
			const struct media *b = call_media(j, i);

			if (a->ssrc == b->ssrc && go_opposite_ways(a, b))
				found(j, self, b->place,
				      model_sentence(j->model, "0x%08X",
						     a->ssrc));
		}
}

/* The newest packet of an endpoint's streams. */
static nanoseconds last_from(struct judging *j, const struct endpoint *src,
			     const struct endpoint *dst)
{
	nanoseconds last = 0;

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (endpoint_equal(&m->src, src) &&
		    endpoint_equal(&m->dst, dst) && m->last > last)
			last = m->last;
	}
	return last;
}

#define SILENCE_LONG (10 * NS_PER_S)
/* So many make it a stream that was meant to go on. */
#define PACKETS_OF_TALK 20u

/* So long before the first BYE its sender may have stopped sending. */
#define STOPS_FIRST NS_PER_S

/* RFC 3261 15.1.1: who hangs up stops sending.  The other side may not know,
 * when the BYE is lost. */
static bool was_hung_up_by(struct judging *j, nanoseconds last)
{
	const struct fact *f = dialog_fact(j, FACT_BYE);

	return f && when(j, f->first) <= last + STOPS_FIRST;
}

/* One side falls silent while the other goes on; a hold is agreed upon. */
static void check_stops(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (!dialog_answered(d) || was_changed(j) || stream_of_gone(j))
		return;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		nanoseconds mine = last_from(j, &m->src, &m->dst);
		nanoseconds theirs = last_from(j, &m->dst, &m->src);

		if (m->packets >= PACKETS_OF_TALK && theirs &&
		    theirs - mine >= SILENCE_LONG && !stream_moved(j, m) &&
		    !was_hung_up_by(j, mine))
			found(j, self, m->place, stream_text(j, m));
	}
}

/* ---- one side is gone ---- */

#define GONE_LEAST (2 * NS_PER_S)
#define BYE_NEAR NS_PER_S

/* The first BYE, where nobody but a proxy answers it; 0: none, or both sides
 * send one. */
static nanoseconds vain_bye(struct judging *j)
{
	const struct fact *f = dialog_fact(j, FACT_BYE);
	const struct fact *proxy = dialog_fact(j, FACT_BYE_ANSWERED);
	nanoseconds first = 0;
	bool often = proxy;
	uint32_t by;

	if (!f || is_bye_answered(j))
		return 0;
	by = f->value & FACT_BYE_OF_CALLER;
	for (; f; f = fact_after(j->model, f)) {
		if ((f->value & FACT_BYE_OF_CALLER) != by)
			return 0;
		often |= f->count >= UNANSWERED_PROOF;
		if (!first || when(j, f->first) < first)
			first = when(j, f->first);
	}
	return often ? first : 0;
}

/* Who only falls silent answers a BYE; who does not get it sends on. */
const struct media *stream_of_gone(struct judging *j)
{
	nanoseconds bye = vain_bye(j);

	if (!bye || !dialog_answered(j->dialog) || was_changed(j))
		return NULL;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		nanoseconds mine = last_from(j, &m->src, &m->dst);
		nanoseconds theirs = last_from(j, &m->dst, &m->src);

		if (m->packets >= PACKETS_OF_TALK && m->last == mine &&
		    bye - mine >= GONE_LEAST && theirs - mine >= GONE_LEAST &&
		    theirs < bye + BYE_NEAR)
			return m;
	}
	return NULL;
}

/* Was anything sent to it refused by its machine? */
static bool is_machine_there(struct judging *j, const struct media *gone)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->refused && endpoint_equal(&m->dst, &gone->src) &&
		    endpoint_equal(&m->src, &gone->dst))
			return true;
	}
	return false;
}

static void check_gone(struct judging *j, const struct rule *self)
{
	const struct media *m = stream_of_gone(j);
	char src[ENDPOINT_TEXT_MAX];

	if (m)
		found(j, self, m->place,
		      model_sentence(
			      j->model,
			      "nothing comes from %s in the last %.1f s before "
			      "the BYE%s",
			      endpoint_string(&m->src, src),
			      (double)(vain_bye(j) - m->last) / 1e9,
			      is_machine_there(j, m)
				      ? "; its machine is there (ICMP), its "
					"program is not"
				      : ""));
}

#define REFUSED_LONG NS_PER_S

/* Errors are few a second, and some before or behind the call are no harm: so
 * for a while of it, and nothing comes back then. */
static void check_refused(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	nanoseconds answered = d ? when(j, d->answer) : j->call->start;

	if (d ? !dialog_answered(d) || was_changed(j)
	      : j->call->kind != CALL_ICE)
		return;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		nanoseconds from = m->refused ? when(j, m->refused) : 0;
		nanoseconds until = m->refused_until;

		if (d && d->ended && when(j, d->ended) < until)
			until = when(j, d->ended);
		if (m->refusals < UNANSWERED_PROOF || from < answered ||
		    until - from < REFUSED_LONG ||
		    last_from(j, &m->dst, &m->src) > from + REFUSED_LONG)
			continue;
		found(j, self, m->refused,
		      model_sentence(j->model, "%s: %u ICMP errors",
				     stream_text(j, m), m->refusals));
	}
}

/* ---- from vantage to vantage ---- */

static const struct media_point *point_at(struct judging *j, uint32_t at)
{
	return at == CHAIN_END ? NULL : list_at(&j->model->media_points, at);
}

static const struct media_point *first_point(struct judging *j,
					     const struct media *m)
{
	return m->points.count ? point_at(j, m->points.first) : NULL;
}

static double lost_share(const struct media_figures *f)
{
	return (double)f->lost * 100 / (double)(f->packets + f->lost);
}

/* Did both see about the same part of the stream? */
static bool compare_well(const struct media_figures *a,
			 const struct media_figures *b)
{
	uint64_t sent[2] = {a->packets + a->lost, b->packets + b->lost};
	uint64_t less = sent[0] < sent[1] ? sent[0] : sent[1];
	uint64_t more = sent[0] < sent[1] ? sent[1] : sent[0];

	return a->vantage != b->vantage && less >= PACKETS_TO_JUDGE &&
	       (more - less) * 10 <= more;
}

/* Of all vantages of a source, behind whatever NAT, the two between which most
 * is lost. */
struct worst {
	const struct media_figures *before, *behind;
	double share;
};

static void compare(struct worst *w, const struct media_figures *a,
		    const struct media_figures *b)
{
	double share = lost_share(b) - lost_share(a);

	if (share < 0) {
		compare(w, b, a);
	} else if (share > w->share && compare_well(a, b)) {
		*w = (struct worst){a, b, share};
	}
}

static bool is_same_source(const struct media *a, const struct media *b)
{
	return a->ssrc == b->ssrc && !go_opposite_ways(a, b);
}

static bool has_point(struct judging *j, const struct media *m,
		      uint32_t vantage)
{
	const struct media_point *p = first_point(j, m);

	while (p && p->seen.vantage != vantage)
		p = point_at(j, p->next);
	return p != NULL;
}

/* Two rows are one part of the stream, translated between the vantages; where
 * one vantage shows both, they are two parts: the pair in use has changed. */
static bool is_one_part(struct judging *j, const struct media *a,
			const struct media_point *p, const struct media *b,
			const struct media_point *q)
{
	return a == b || (!has_point(j, a, q->seen.vantage) &&
			  !has_point(j, b, p->seen.vantage));
}

static void compare_rows(struct judging *j, struct worst *w,
			 const struct media *a, const struct media *b)
{
	const struct media_point *p, *q;

	for (p = first_point(j, a); p; p = point_at(j, p->next))
		for (q = first_point(j, b); q; q = point_at(j, q->next))
			if (p != q && is_one_part(j, a, p, b, q))
				compare(w, &p->seen, &q->seen);
}

static bool is_seen_at(struct judging *j, const struct media *m,
		       uint32_t vantage)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *other = call_media(j, i);
		const struct media_point *p = first_point(j, other);

		for (; p && is_same_source(m, other); p = point_at(j, p->next))
			if (p->seen.vantage == vantage)
				return true;
	}
	return false;
}

/* The vantage that is passed by what comes back, but not by this stream; both
 * are looked for where media passes two. */
static const struct media_figures *vanishes_before(struct judging *j,
						   const struct media *m,
						   const struct media *back)
{
	const struct media_point *p = first_point(j, back);

	for (; p && back->points.count > 1; p = point_at(j, p->next))
		if (p->seen.packets >= PACKETS_TO_JUDGE &&
		    p->seen.first < m->last && p->seen.last > m->first &&
		    !is_seen_at(j, m, p->seen.vantage))
			return &p->seen;
	return NULL;
}

static void check_vanishing(struct judging *j, const struct rule *self,
			    const struct media *m)
{
	const struct media_figures *there = NULL;
	const struct media_point *here = first_point(j, m);

	for (size_t i = 0; i < j->call->media.count && !there; i++)
		if (go_opposite_ways(m, call_media(j, i)) &&
		    is_seen_at(j, call_media(j, i), here->seen.vantage))
			there = vanishes_before(j, m, call_media(j, i));
	if (there)
		found(j, self, m->place,
		      model_sentence(j->model,
				     "%s: passes v%u, and nothing of it v%u",
				     stream_text(j, m), here->seen.vantage + 1,
				     there->vantage + 1));
}

static bool is_first_of_source(struct judging *j, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_same_source(call_media(j, i), call_media(j, at)))
			return false;
	return true;
}

#define LOST_BETWEEN 3.0 /* % */

static void check_source(struct judging *j, const struct rule *self, size_t at)
{
	const struct media *m = call_media(j, at);
	struct worst w = {.share = LOST_BETWEEN};

	for (size_t i = at; i < j->call->media.count; i++)
		for (size_t k = at; k <= i; k++)
			if (is_same_source(m, call_media(j, i)) &&
			    is_same_source(m, call_media(j, k)))
				compare_rows(j, &w, call_media(j, i),
					     call_media(j, k));
	if (w.before)
		found(j, self, m->place,
		      model_sentence(j->model,
				     "%s: %.1f %% lost up to v%u, "
				     "%.1f %% up to v%u",
				     stream_text(j, m), lost_share(w.before),
				     w.before->vantage + 1,
				     lost_share(w.behind),
				     w.behind->vantage + 1));
	else if (m->packets >= PACKETS_TO_JUDGE)
		check_vanishing(j, self, m);
}

static void check_between(struct judging *j, const struct rule *self)
{
	/* Each row has its points where there are several vantages. */
	for (size_t i = 0; i < j->call->media.count; i++)
		if (call_media(j, i)->points.count && is_first_of_source(j, i))
			check_source(j, self, i);
}

/* ---- media against the pair in use ---- */

/* Selected pairs: is there one, does one fit the stream? */
struct fit {
	nanoseconds newest;
	bool fits;
};

static void fit_session(struct judging *j, const struct session *x,
			const struct media *m, struct fit *fit)
{
	for (const struct pair *p = pair_first(j, x); p; p = pair_next(j, p)) {
		/* Any valid pair may carry media (RFC 8445 12.1). */
		if (p->way[0].responses + p->way[1].responses)
			fit->fits |= pair_lies_at(j->model, p, &m->src) ||
				     pair_lies_at(j->model, p, &m->dst);
		if (p->selected && when(j, p->nominated) > fit->newest)
			fit->newest = when(j, p->nominated);
	}
}

/* Bare between a client and its relay, which knows the active destination
 * ([MS-TURN] 3.3.5.3)? */
static bool is_to_relay(struct judging *j, const struct media *m)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->ms_turn &&
		    ((endpoint_equal(where(j, a->client), &m->src) &&
		      endpoint_equal(where(j, a->server), &m->dst)) ||
		     (endpoint_equal(where(j, a->client), &m->dst) &&
		      endpoint_equal(where(j, a->server), &m->src))))
			return true;
	}
	return false;
}

static void check_off_pair(struct judging *j, const struct rule *self)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);
		struct fit fit = {0};

		for (size_t k = 0; k < j->call->sessions.count; k++)
			fit_session(j, call_session(j, k), m, &fit);
		if (fit.newest && !fit.fits && !m->wrapped &&
		    m->packets >= PACKETS_TO_JUDGE &&
		    m->first > fit.newest + NS_PER_S && !is_to_relay(j, m))
			found(j, self, m->place, stream_text(j, m));
	}
}

const struct rule *rule_certificate_differs(void)
{
	const struct rule *rule = rules_media;

	while (rule->check != check_certificate)
		rule++;
	return rule;
}

/* ---- the table ---- */

const struct rule rules_media[] = {
	[RULE_ROW(RULE_MEDIA_NONE)] =
		{
			.id = "media/none",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_MEDIA,
			.title = "the call was answered but no media is in the "
				 "capture",
			.source = "RFC 3264 5.1",
			.remedy = "media may take another path than the one "
				  "captured",
		},
	[RULE_ROW(RULE_MEDIA_ONE_WAY)] =
		{
			.id = "media/one-way",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_MEDIA,
			.title = "media is seen in one direction only",
			.source = "RFC 3264 5.1",
			.remedy = "compare the addresses in SDP with those "
				  "that media "
				  "comes from; look for NAT without ICE",
		},
	[RULE_ROW(RULE_MEDIA_NOT_RETURNED)] =
		{
			.id = "media/not-returned",
			.severity = SEVERITY_WARNING,
			.stage = STAGE_MEDIA,
			.title = "no address gets media back from where it "
				 "sends to",
			.source = "RFC 4961 4",
			.remedy = "compare the addresses in SDP with those "
				  "that media "
				  "comes from; look for NAT without ICE",
		},
	[RULE_ROW(RULE_MEDIA_DTLS_FAILED)] =
		{
			.id = "media/dtls-failed",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_MEDIA,
			.title = "the DTLS handshake ends in a fatal alert",
			.source = "RFC 5763 5, RFC 6347 4.2",
			.remedy = "compare the fingerprints in SDP with the "
				  "certificates",
		},
	[RULE_ROW(RULE_MEDIA_DTLS_NOT_AGREED)] =
		{
			.id = "media/dtls-not-agreed",
			.severity = SEVERITY_ERROR,
			.stage = STAGE_MEDIA,
			.title = "the DTLS handshake ends in an alert that is "
				 "about no certificate",
			.source = "RFC 5763 5, RFC 6347 4.2, RFC 8446 6.2",
			.remedy = "compare the versions, ciphers and SRTP "
				  "profiles of both, and their a=setup",
		},
	{
		.id = "media/dtls-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "the DTLS ClientHello is sent again and again "
			 "without an answer",
		.source = "RFC 6347 4.2.4, RFC 5763 5",
		.remedy = "the other side does not expect DTLS there, or its "
			  "answers are dropped",
		.check = check_silent,
	},
	{
		.id = "media/dtls-not-finished",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "the DTLS ClientHello is answered, and yet sent "
			 "again and again",
		.source = "RFC 6347 4.1.1.1, 4.2.4",
		.remedy = "the answers do not arrive whole, as when packets "
			  "with certificates are too large for the path: "
			  "look at its MTU",
		.check = check_unfinished,
	},
	{
		.id = "media/dtls-both-clients",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "both sides begin DTLS as the client",
		.source = "RFC 5763 5, RFC 8842 5.3",
		.remedy = "look at a=setup: one has to be passive",
		.check = check_clients,
	},
	{
		.id = "media/certificate-differs",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_MEDIA,
		.title = "the certificate is not the one that SDP promised",
		.source = "RFC 8122 5, 6.2, RFC 5763 5",
		.remedy = "a device in between terminates DTLS, or the "
			  "fingerprint is of an older certificate",
		.check = check_certificate,
	},
	{
		.id = "media/loss",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "more than 3 % of the packets are lost",
		.source = "RFC 3550 6.4.1, A.3",
		.remedy = "look for the hop that drops: load, Wi-Fi, policing",
		.check = check_loss,
	},
	{
		.id = "media/interrupted",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "for seconds no packet of a stream comes, and what "
			 "was sent is missing",
		.source = "RFC 3550 A.3, RFC 7675 5.1",
		.remedy = "see what the network did at that time: Wi-Fi that "
			  "was left, a route or a NAT that changed, a link "
			  "that was down",
		.check = check_interrupted,
	},
	{
		.id = "media/lost-between-vantages",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "packets of media pass one vantage and are missing "
			 "at another",
		.source = "RFC 3550 6.4.1, A.3",
		.remedy = "look for what drops between these two points",
		.check = check_between,
	},
	{
		.id = "media/jitter",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "jitter is above 30 ms",
		.source = "RFC 3550 6.4.1, A.8",
		.remedy = "look for queues on the way; mark media with DSCP",
		.check = check_jitter,
	},
	{
		.id = "media/payload-not-described",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media has a payload type that the receiver did not "
			 "describe",
		.source = "RFC 3264 5.1, 6.1",
		.remedy = "the receiver cannot play it: compare with its SDP",
		.check = check_payload,
	},
	{
		.id = "media/ssrc-shared",
		.severity = SEVERITY_INFO,
		.stage = STAGE_MEDIA,
		.title = "both directions have the same SSRC",
		.source = "RFC 3550 8.2",
		.remedy = "a loop, or a device that reflects media",
		.check = check_ssrc,
	},
	{
		.id = "media/port-closed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "nobody listens where media is sent",
		.source = "RFC 792, RFC 4443 3.1, RFC 3264 5.1",
		.remedy = "see whether the program there still runs, and "
			  "compare the port with its description",
		.check = check_refused,
	},
	{
		.id = "media/party-gone",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "one side is gone in the middle of the call: its "
			 "media stops, and the BYE of the other one is not "
			 "answered",
		.source = "RFC 3261 15.1.1, RFC 4028 1, RFC 3264 5.1",
		.remedy = "look whether its program or machine crashed, slept "
			  "or lost its network; session timers, or a time-out "
			  "of media, let the other side notice sooner",
		.check = check_gone,
	},
	{
		.id = "media/stops-early",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "one side falls silent and the other goes on",
		.source = "RFC 3264 5.1",
		.remedy = "look for NAT that forgot, or a network that "
			  "changed",
		.check = check_stops,
	},
	{
		.id = "media/off-the-pair",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_MEDIA,
		.title = "media does not use the pair that was chosen",
		.source = "RFC 8445 12.1",
		.remedy = "the receiver may drop it: look at the sender",
		.check = check_off_pair,
	},
	{.id = NULL},
};
