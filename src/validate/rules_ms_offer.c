/* Rules of offers as Microsoft's clients make them: two dialects of ICE, and
 * the final offer that names the pair. */
#include "config.h"

#include "validate/checks.h"

static const struct final_offer *first_final(struct judging *j)
{
	const struct dialog *d = j->dialog;

	return d && d->finals.count
		       ? list_at(&j->model->finals, d->finals.first)
		       : NULL;
}

/* An older peer takes the older one of two bodies. */
static void check_fallback(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && d->other && d->other->dialect == DIALECT_DRAFT_19 &&
	    d->reply.dialect == DIALECT_DRAFT_06)
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

/* One body with draft-19 alone, and an answer that knows nothing of it. */
static void check_dropped(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && !d->other && d->offer.dialect == DIALECT_DRAFT_19 &&
	    d->reply.dialect == DIALECT_DRAFT_06)
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

static const struct pair *selected_pair(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (p->selected && p->component <= 1)
				return p;
	return NULL;
}

static void check_final(struct judging *j, const struct rule *self)
{
	const struct final_offer *f = first_final(j);
	const struct pair *p = f ? selected_pair(j) : NULL;
	char remote[ENDPOINT_TEXT_MAX];

	if (p && f->remote.family != FAMILY_NONE &&
	    !pair_lies_at(j->model, p, &f->remote))
		found(j, self, f->place,
		      model_sentence(j->model, "%s",
				     endpoint_string(&f->remote, remote)));
}

/* Clients of [MS-ICE2] say their version in checks; those of Teams make no
 * final offer in SIP. */
#define VERSION_TEAMS 7
#define FINAL_PATIENCE (5 * NS_PER_S)

static const struct session *native_session(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x = call_session(j, i);

		if (x->nomination && x->versions[0] && x->versions[1] &&
		    x->versions[0] < VERSION_TEAMS &&
		    x->versions[1] < VERSION_TEAMS)
			return x;
	}
	return NULL;
}

static void check_no_final(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct session *x =
		d && dialog_answered(d) ? native_session(j) : NULL;

	if (x && !d->finals.count && d->ended && !d->renegotiations &&
	    when(j, d->ended) - when(j, x->nomination) > FINAL_PATIENCE)
		found(j, self, x->nomination, NULL);
}

/* ---- media bypass ---- */

static void check_bypass(struct judging *j, const struct rule *self)
{
	if (j->dialog && dialog_bypasses(j->dialog))
		found_answer(j, self, j->dialog->offer.place,
			     j->dialog->reply.place, NULL);
}

/* Each side names a site, and another one. */
static void check_other_site(struct judging *j, const struct rule *self)
{
	const struct description *o = j->dialog ? &j->dialog->offer : NULL;
	const struct description *a = j->dialog ? &j->dialog->reply : NULL;

	if (!o || !o->sections || !a->sections || dialog_bypasses(j->dialog))
		return;
	for (unsigned i = 0; i < o->media_lines && i < a->media_lines; i++) {
		uint32_t ours = o->sections[i].bypass;
		uint32_t theirs = a->sections[i].bypass;

		if (ours && theirs && ours != theirs) {
			found_answer(j, self, o->place, a->place, NULL);
			return;
		}
	}
}

/* Gateways that answer an early dialog each are not made for bypass. */
static void check_bypass_forks(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && dialog_bypasses(d) && d->fork_count > 1)
		found(j, self, d->forks[1].first,
		      model_sentence(j->model, "%u dialogs", d->fork_count));
}

/* Two bodies, and a server that takes one only. */
static void check_two_bodies(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct fact *f =
		d && d->other
			? fact_with(j->model, &d->facts, FACT_REFUSED, 415)
			: NULL;

	if (f)
		found_answer(j, self, d->offer.place, f->first, NULL);
}

/* ---- limits of [MS-ICE] ---- */

#define OLDER_CANDIDATES_MAX 20u

/* Both descriptions, where a peer of 2007 reads them. */
static const struct description *older(const struct dialog *d, bool answer)
{
	const struct description *x = answer ? &d->reply : &d->offer;

	return x->dialect == DIALECT_DRAFT_06 && x->candidate_count ? x : NULL;
}

static bool has_udp(const struct judging *j, const struct description *x)
{
	const struct candidate *rows = j->model->candidates.rows;
	size_t at = x->first_candidate;

	for (; at != LIST_NONE; at = rows[at].next)
		if (!rows[at].tcp)
			return true;
	return false;
}

static void check_older_udp(struct judging *j, const struct rule *self)
{
	for (unsigned i = 0; j->dialog && i < 2; i++) {
		const struct description *x = older(j->dialog, i);

		if (x && !has_udp(j, x) && !went_well(j))
			found(j, self, x->place,
			      i ? "the answer" : "the offer");
	}
}

static void check_older_many(struct judging *j, const struct rule *self)
{
	for (unsigned i = 0; j->dialog && i < 2; i++) {
		const struct description *x = older(j->dialog, i);

		if (x && x->candidate_count > OLDER_CANDIDATES_MAX)
			found(j, self, x->place,
			      model_sentence(j->model, "%u in the %s",
					     x->candidate_count,
					     i ? "answer" : "offer"));
	}
}

/* ---- ICE-lite, which clients of Lync do not know ---- */

/* By its name, or by the two bodies that only they send. */
static bool is_lync(const struct dialog *d)
{
	return d->other ||
	       (d->user_agent && (strstr(d->user_agent, "UCCAPI/") ||
				  strstr(d->user_agent, "RTCC/")));
}

static void check_lite(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && is_lync(d) && d->offer.ice && !d->offer.lite &&
	    d->reply.lite && !went_well(j))
		found_answer(j, self, d->offer.place, d->reply.place, NULL);
}

/* ---- devices ---- */

static void check_device(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_NO_DEVICE);

	if (f)
		found_fact(j, self, f,
			   f->value == NO_MICROPHONE ? "no microphone"
			   : f->value == NO_SPEAKER  ? "no speaker"
						     : "neither");
}

/* ---- the table ---- */

const struct rule rules_ms_offer[] = {
	{.id = "exchange/bypass-forked",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_EXCHANGE,
	 .title = "media bypasses the Mediation Server, and the gateway "
		  "answers in several dialogs",
	 .source = "Lync Server 2010: Technical Requirements for Media Bypass",
	 .remedy = "where the first words are missing, switch bypass or "
		   "forking off for this gateway",
	 .check = check_bypass_forks},
	{.id = "exchange/two-bodies-refused",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "an offer in two bodies is refused: 415",
	 .source = "[MS-ICE2] 3.1.4, RFC 3261 21.4.13",
	 .remedy = "look for an archiving or other server that reads one body "
		   "only; clients try one body again",
	 .check = check_two_bodies},
	{.id = "exchange/older-ice-answered",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_EXCHANGE,
	 .title = "of the offer's two bodies the older one (draft-06) is "
		  "answered",
	 .source = "[MS-ICE] 3.1.4, [MS-ICE2] 3.1.4",
	 .check = check_fallback},
	{.id = "exchange/ice-dialect-differs",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "the offer has only ICE of draft-19, the answer has that "
	 	"of draft-06",
	 .source = "[MS-ICE] 3.1.4, [MS-ICE2] 3.1.4",
	 .remedy = "the peer is of 2007: it cannot use such candidates",
	 .check = check_dropped},
	{.id = "exchange/final-offer-differs",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "the final offer names another pair than checks nominated",
	 .source = "[MS-ICE2] 3.1.4.8, RFC 8839 4.4.3",
	 .remedy = "media may go to where nobody listens: look for forks that "
		   "mix, or a device that rewrites SDP",
	 .check = check_final},
	{.id = "exchange/final-offer-missing",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "a pair was nominated, and no final offer tells the server",
	 .source = "[MS-ICE2] 3.1.4.8",
	 .remedy = "look for a re-INVITE that was lost or refused on its way",
	 .check = check_no_final},
	{.id = "exchange/media-bypass",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_EXCHANGE,
	 .title = "media bypasses the Mediation Server: both sides name the "
		  "same site",
	 .source = "Lync Server 2010: How Media Bypass Works; [MS-SDPEXT]",
	 .check = check_bypass},
	{.id = "exchange/bypass-site-differs",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_EXCHANGE,
	 .title = "the two sides are of different sites for media bypass",
	 .source = "Lync Server 2010: How Media Bypass Works; [MS-SDPEXT]",
	 .remedy = "media goes through the Mediation Server; if it should not, "
		   "look at sites and subnets",
	 .check = check_other_site},
	{.id = "exchange/older-ice-without-udp",
	 .severity = SEVERITY_ERROR,
	 .stage = STAGE_EXCHANGE,
	 .title = "a description of draft-06 has no UDP candidate, which that "
		  "ICE cannot do without",
	 .source = "[MS-ICE] 3.1.4.1",
	 .remedy = "let that side reach its Edge by UDP 3478; peers of 2007 "
		   "cannot go by TCP alone",
	 .check = check_older_udp},
	{.id = "exchange/older-ice-too-many",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "a description of draft-06 has more than 20 candidates",
	 .source = "[MS-ICE] 3.1.4.8.1",
	 .remedy = "the peer may leave some out, or refuse it: switch off "
		   "interfaces (VPN, virtual machines) that are not needed",
	 .check = check_older_many},
	{.id = "exchange/lite-for-lync",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "the answer is ICE-lite, which Lync clients do not support",
	 .source = "[MS-SDPEXT] 3.1.5.21.2",
	 .remedy = "let that gateway do full ICE, or none and be reached "
		   "through the Mediation Server",
	 .check = check_lite},
	{.id = "exchange/no-device",
	 .severity = SEVERITY_INFO,
	 .stage = STAGE_EXCHANGE,
	 .title = "a client says that it has no audio device",
	 .source = "[MS-SDPEXT] 3.1.5.29",
	 .remedy = "plug in a headset, or let the user choose another device",
	 .check = check_device},
	{.id = NULL},
};
