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
	 .title = "of two bodies of the offer the older one is answered "
		  "(draft-06)",
	 .source = "[MS-ICE] 3.1.4, [MS-ICE2] 3.1.4",
	 .check = check_fallback},
	{.id = "exchange/ice-dialect-differs",
	 .severity = SEVERITY_WARNING,
	 .stage = STAGE_EXCHANGE,
	 .title = "the offer has ICE of draft-19 alone, the answer of draft-06",
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
	{.id = NULL},
};
