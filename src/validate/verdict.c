/* The verdict: how far a call came, and what stopped it. */
#include "config.h"

#include <string.h>

#include "validate/checks.h"

void conclude(struct judging *j, enum stage stage, enum stage_state state,
	      const char *text)
{
	struct stage_view *v = view(j, stage);

	v->state = state;
	v->text = text;
	if (v->cited.count && !v->start)
		span(j, v, v->cited.first, v->cited.last);
}

const char *obstacle_sentence(struct judging *j, const struct endpoint *at,
			      const struct obstacle *obstacle)
{
	char text[ENDPOINT_TEXT_MAX];

	endpoint_string(at, text);
	if (obstacle_is_closed(obstacle))
		return model_sentence(j->model, "nobody listens at %s (%s)",
				      text, obstacle_text(obstacle));
	if (obstacle->kind == OBSTACLE_ENDED)
		return model_sentence(j->model,
				      "%s closed the connection instead of "
				      "answering",
				      text);
	if (obstacle->kind == OBSTACLE_SWALLOWED)
		return model_sentence(j->model,
				      "it does not get to %s: TCP segments of "
				      "%u bytes are sent %u times and never "
				      "acknowledged, while short ones are",
				      text, (unsigned)obstacle->size,
				      obstacle->count);
	return model_sentence(j->model, "%s cannot be reached (%s)", text,
			      obstacle_text(obstacle));
}

const char *obstacle_evidence(struct judging *j, const struct endpoint *at,
			      const struct obstacle *obstacle)
{
	char text[ENDPOINT_TEXT_MAX];

	endpoint_string(at, text);
	if (obstacle->kind == OBSTACLE_SWALLOWED)
		return model_sentence(j->model,
				      "%s, TCP segments of %u bytes, sent %u "
				      "times and never acknowledged",
				      text, (unsigned)obstacle->size,
				      obstacle->count);
	if (obstacle->count < 2)
		return model_sentence(j->model, "%s, %s", text,
				      obstacle_text(obstacle));
	return model_sentence(j->model, "%s, %s, %u times", text,
			      obstacle_text(obstacle), obstacle->count);
}

void span(const struct judging *j, struct stage_view *v, place_number from,
	  place_number to)
{
	nanoseconds start = when(j, from);
	nanoseconds end = when(j, to);

	if (from && (!v->start || start < v->start))
		v->start = start;
	if (to && end > v->end)
		v->end = end;
	if (v->end < v->start)
		v->end = v->start;
}

void cite_all(const struct judging *j, struct stage_view *v,
	      const struct cited *cited)
{
	cite_again(j->model, &v->cited, cited);
	if (cited->count > cited->kept)
		cite(j->model, &v->cited, cited->last);
}

void found(struct judging *j, const struct rule *rule, place_number place,
	   const char *text)
{
	struct note *note = model_note(j->model, rule, place, j->number);

	if (note)
		note->text = text;
}

void blame(struct judging *j, enum rule_id id, place_number place,
	   const char *text)
{
	const struct rule *rule = rule_at(id);

	found(j, rule, place, text);
	if (!j->first[rule->stage])
		j->first[rule->stage] = rule;
}

void prove(struct judging *j, const struct rule *rule, place_number place)
{
	model_prove(j->model, rule, place, j->number);
}

void prove_all(struct judging *j, const struct rule *rule,
	       const struct cited *cited)
{
	for (size_t i = 0; i < cited->kept; i++)
		prove(j, rule, cited_at(cited, i));
	prove(j, rule, cited->last);
}

void blame_all(struct judging *j, enum rule_id id, const struct cited *by,
	       place_number place, const char *text)
{
	blame(j, id, place, text);
	prove_all(j, rule_at(id), by);
}

void blame_answer(struct judging *j, enum rule_id id, place_number request,
		  place_number answer, const char *text)
{
	blame(j, id, answer, text);
	prove(j, rule_at(id), request);
}

/* ---- outcome ---- */

static void stop(struct judging *j, enum outcome outcome, enum stage stage)
{
	j->call->outcome = outcome;
	j->call->stopped = stage;
}

static bool is_answered(const struct dialog *d)
{
	return d->final >= 200 && d->final < 300;
}

/* RFC 3261 21: who said no, or that nobody did. */
static enum outcome refusal(struct judging *j, const struct dialog *d)
{
	switch (d->final) {
	case 487: /* RFC 3261 21.4.25: ended by a CANCEL (or BYE) */
		return OUTCOME_CANCELLED;
	case 408:
		return OUTCOME_UNANSWERED;
	case 480:
		return d->ringing ? OUTCOME_UNANSWERED : OUTCOME_REJECTED;
	case 401:
	case 407:
		return view(j, STAGE_EXCHANGE)->state == STATE_FAILED
			       ? OUTCOME_FAILED
			       : OUTCOME_IN_PROGRESS;
	case 403:
		return OUTCOME_FAILED;
	default:
		return d->final >= 500 && d->final < 600 ? OUTCOME_FAILED
							 : OUTCOME_REJECTED;
	}
}

/* Without keys there is no media (RFC 5763 5). */
static void establish(struct judging *j)
{
	if (certificates_differ(j)) {
		stop(j, OUTCOME_FAILED, STAGE_MEDIA);
		j->first[STAGE_MEDIA] = rule_certificate_differs();
	} else if (handshakes_of(j) == HANDSHAKES_FAILED &&
		   !j->call->media.count) {
		stop(j, OUTCOME_FAILED, STAGE_MEDIA);
	} else {
		stop(j, OUTCOME_ESTABLISHED, STAGE_NONE);
	}
}

/* A side that has no address to tell, or none of the other's kind: ICE has no
 * pair then (RFC 8445 6.1.2.2), and nothing flowed. */
static bool has_no_pair(struct judging *j, const struct dialog *d)
{
	return view(j, STAGE_PROBING)->state == STATE_UNSEEN &&
	       j->call->media.count == 0 &&
	       (description_is_bare(&d->offer) ||
		description_is_bare(&d->reply) || candidates_are_apart(j));
}

/* So long after the answer candidates could still have trickled (RFC 8840). */
#define TRICKLING (4 * NS_PER_S)

/* Would the capture show checks?  It shows what the same host gathered. */
static bool would_show_checks(struct judging *j, const struct dialog *d)
{
	nanoseconds end =
		d->ended ? when(j, d->ended) : seen_until(j, d->answer);

	return j->call->allocations.count + j->call->bindings.count != 0 &&
	       end - when(j, d->answer) >= TRICKLING;
}

static void nothing_to_check(struct judging *j, const struct dialog *d)
{
	bool offer = description_is_bare(&d->offer);

	stop(j, OUTCOME_FAILED, STAGE_PROBING);
	if (!offer && !description_is_bare(&d->reply)) {
		j->first[STAGE_PROBING] = rule_at(RULE_PROBING_NO_COUNTERPART);
		view(j, STAGE_PROBING)->text =
			"no check is sent: no candidate of the offer pairs "
			"with one of the answer";
		return;
	}
	j->first[STAGE_PROBING] = rule_no_candidates();
	view(j, STAGE_PROBING)->text =
		offer ? "no check is sent: the offer names no candidate"
		      : "no check is sent: the answer names no candidate";
}

static void outcome_without_pair(struct judging *j, const struct dialog *d)
{
	if (view(j, STAGE_GATHERING)->state == STATE_FAILED) {
		stop(j, OUTCOME_FAILED, STAGE_GATHERING);
	} else if (would_show_checks(j, d)) {
		nothing_to_check(j, d);
	} else {
		establish(j);
	}
}

/* An agent sends a check again within this time, or is done with it: the last
 * times that RFC 8489 6.2.1 has between two are 8 s. */
#define CHECKING (8 * NS_PER_S)

static place_number last_check(struct judging *j)
{
	place_number last = 0;

	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x =
			list_at(&j->model->sessions, j->call->sessions.list[i]);

		if (!last || when(j, x->last) > when(j, last))
			last = x->last;
	}
	return last;
}

/* Answered, and the capture ends while its checks go on: nothing tells yet
 * whether they find a way. */
static bool is_checking(struct judging *j, const struct dialog *d)
{
	place_number last = last_check(j);

	return view(j, STAGE_PROBING)->state == STATE_INCOMPLETE && last &&
	       !d->ended && j->call->media.count == 0 &&
	       !j->call->media_shared && handshakes_of(j) != HANDSHAKES_DONE &&
	       seen_until(j, last) - when(j, last) < CHECKING;
}

/* Was any check answered, or could the answers not be seen? */
static bool may_have_found(struct judging *j)
{
	if (!j->model->answers || hidden_relay_of(j))
		return true;
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (p->half_seen || p->way[0].responses ||
			    p->way[1].responses)
				return true;
	return false;
}

/* The same, and somebody hangs up while its checks go on: nobody was heard. */
static bool is_hung_up_early(struct judging *j, const struct dialog *d)
{
	place_number last = last_check(j);
	nanoseconds since;

	if (!d->ended || !last ||
	    view(j, STAGE_PROBING)->state != STATE_INCOMPLETE ||
	    j->call->media.count || j->call->media_shared ||
	    handshakes_of(j) == HANDSHAKES_DONE || may_have_found(j))
		return false;
	since = when(j, d->ended) > when(j, last)
			? when(j, d->ended) - when(j, last)
			: 0;
	return since < CHECKING;
}

static void stop_hung_up(struct judging *j, const struct dialog *d)
{
	struct stage_view *v = view(j, STAGE_PROBING);
	nanoseconds took = when(j, d->ended) - when(j, d->answer);

	stop(j, OUTCOME_CANCELLED, STAGE_PROBING);
	v->text = model_sentence(j->model,
				 "hung up %.1f s after the answer, before any "
				 "check was answered",
				 took > 0 ? (double)took / 1e9 : 0.0);
	cite(j->model, &v->cited, d->ended);
}

static void outcome_of_dialog(struct judging *j)
{
	const struct dialog *d = j->dialog;

	if (is_answered(d) || answered_unseen(j)) {
		if (view(j, STAGE_EXCHANGE)->state == STATE_FAILED)
			stop(j, OUTCOME_FAILED, STAGE_EXCHANGE);
		else if (view(j, STAGE_PROBING)->state == STATE_FAILED)
			stop(j, OUTCOME_FAILED, STAGE_PROBING);
		else if (has_no_pair(j, d))
			outcome_without_pair(j, d);
		else if (is_checking(j, d))
			stop(j, OUTCOME_IN_PROGRESS, STAGE_PROBING);
		else if (is_hung_up_early(j, d))
			stop_hung_up(j, d);
		else
			establish(j);
	} else if (d->final) {
		stop(j, refusal(j, d), STAGE_EXCHANGE);
	} else if (dialog_refused_unseen(d) && !d->cancelled) {
		stop(j, OUTCOME_REJECTED, STAGE_EXCHANGE);
	} else if (view(j, STAGE_EXCHANGE)->state == STATE_FAILED) {
		stop(j,
		     dialog_obstructed(j->model, d) ? OUTCOME_FAILED
						    : OUTCOME_UNANSWERED,
		     STAGE_EXCHANGE);
	} else if (d->cancelled) {
		stop(j, OUTCOME_CANCELLED, STAGE_EXCHANGE);
	} else {
		stop(j, OUTCOME_IN_PROGRESS, STAGE_EXCHANGE);
	}
}

static void outcome_of_ice(struct judging *j)
{
	switch (view(j, STAGE_PROBING)->state) {
	case STATE_OK:
	case STATE_INFERRED:
		establish(j);
		break;
	case STATE_FAILED:
		stop(j, OUTCOME_FAILED, STAGE_PROBING);
		break;
	case STATE_INCOMPLETE:
		stop(j, OUTCOME_IN_PROGRESS, STAGE_PROBING);
		break;
	case STATE_UNSEEN:
	case STATE_UNNEEDED:
		if (view(j, STAGE_GATHERING)->state == STATE_FAILED)
			stop(j, OUTCOME_FAILED, STAGE_GATHERING);
		else if (view(j, STAGE_EXCHANGE)->state == STATE_INCOMPLETE)
			stop(j, OUTCOME_IN_PROGRESS, STAGE_EXCHANGE);
		else if (agent_said(j).connected)
			establish(j);
		else
			stop(j, OUTCOME_UNKNOWN, STAGE_NONE);
		break;
	}
}

static void outcome_of_attempt(struct judging *j)
{
	bool any = false, open = false;

	for (int stage = STAGE_REGISTRATION; stage <= STAGE_GATHERING;
	     stage++) {
		enum stage_state state = view(j, (enum stage)stage)->state;

		if (state == STATE_FAILED) {
			stop(j, OUTCOME_FAILED, (enum stage)stage);
			return;
		}
		any |= state == STATE_OK;
		open |= state == STATE_INCOMPLETE;
	}
	if (relay_lets_nobody_in(j)) {
		stop(j, OUTCOME_FAILED, STAGE_GATHERING);
		j->first[STAGE_GATHERING] = rule_peer_refused();
	} else {
		stop(j, any && !open ? OUTCOME_OK : OUTCOME_UNKNOWN,
		     STAGE_NONE);
	}
}

/* Is it one of those that explain why a token or a relay was not got? */
static bool is_of_relays(const struct rule *rule)
{
	const struct rule *first, *last;

	if (rule->stage == STAGE_TOKEN) {
		first = rule_at(RULE_TOKEN_REFUSED);
		last = rule_at(RULE_TOKEN_UNANSWERED);
	} else {
		first = rule_at(RULE_GATHERING_WRONG_CREDENTIALS);
		last = rule_at(RULE_GATHERING_TLS);
	}
	return (uintptr_t)rule >= (uintptr_t)first &&
	       (uintptr_t)rule <= (uintptr_t)last;
}

static bool had_relay(struct judging *j)
{
	for (uint32_t i = 0; i < j->call->allocations.count; i++) {
		enum stage_state state = call_allocation(j, i)->state;

		if (state == STATE_OK || state == STATE_INFERRED ||
		    call_allocation(j, i)->granted)
			return true;
	}
	return false;
}

/* So many dialogs behind one are looked at, and so long behind its end. */
#define TRIES_LOOKED_AT 64u
#define NEXT_TRY (10 * NS_PER_S)

static bool is_next_try(struct judging *j, const struct dialog *d,
			const struct dialog *next)
{
	return next->final / 100 == 2 && d->from && d->to && next->from &&
	       next->to && strcmp(d->from, next->from) == 0 &&
	       strcmp(d->to, next->to) == 0 &&
	       (d->final == 415 || d->offer.dialect != next->offer.dialect) &&
	       when(j, next->invite) - when(j, d->answer) < NEXT_TRY;
}

/* A conference that reads one dialect of ICE, or one body, refuses the other:
 * clients of Lync then call again with that ([MS-OCER] 7008). */
static bool is_taken_next(struct judging *j)
{
	const struct list *list = &j->model->dialogs;
	const struct dialog *rows = list->rows, *d = j->dialog;
	size_t at = d ? (size_t)(d - rows) + 1 : list->count;

	if (!d || (d->final != 415 && d->final != 488))
		return false;
	for (size_t i = 0; i < TRIES_LOOKED_AT && at + i < list->count; i++)
		if (is_next_try(j, d, &rows[at + i]))
			return true;
	return false;
}

static void ease_refusal(struct judging *j)
{
	struct note *notes = j->model->notes.rows;
	const struct rule *refusal = rule_at(RULE_EXCHANGE_NOT_ACCEPTABLE);

	for (size_t i = j->call->notes.first; i != LIST_NONE; i = notes[i].next)
		if (notes[i].rule == refusal) {
			notes[i].eased = true;
			notes[i].text = model_sentence(
				j->model, "%s; taken at the next try",
				notes[i].text ? notes[i].text : "refused");
		}
}

/* What was never got and not needed, as media or checks show, is no error of
 * this call; the next one may need it. */
static void ease(struct judging *j)
{
	struct note *notes = j->model->notes.rows;

	if (j->call->outcome == OUTCOME_REJECTED && is_taken_next(j))
		ease_refusal(j);
	if (j->call->outcome != OUTCOME_ESTABLISHED || !went_well(j) ||
	    had_relay(j))
		return;
	for (size_t i = j->call->notes.first; i != LIST_NONE;
	     i = notes[i].next) {
		struct note *n = &notes[i];

		if (n->rule->severity != SEVERITY_ERROR ||
		    !is_of_relays(n->rule))
			continue;
		n->eased = true;
		n->text = n->text ? model_sentence(j->model,
						   "%s; the call did without",
						   n->text)
				  : "the call did without";
	}
}

/*
 * Why it stopped there: of checks that failed the cause may be the relay that
 * was refused before, or its credentials; other stages answer for themselves.
 */
static const struct rule *cause(struct judging *j)
{
	enum stage stopped = j->call->stopped;

	if (stopped == STAGE_NONE)
		return NULL;
	if (stopped == STAGE_GATHERING && !j->first[stopped])
		return j->first[STAGE_TOKEN];
	for (int stage = STAGE_TOKEN;
	     stopped == STAGE_PROBING && stage < STAGE_EXCHANGE; stage++)
		if (view(j, (enum stage)stage)->state == STATE_FAILED &&
		    j->first[stage])
			return j->first[stage];
	return j->first[stopped];
}

/* What is told of a stop that has a cause behind it; and of which stages that
 * cause's finding is. */
static bool is_effect(const struct call *call, const struct rule *finding)
{
	if (call->stopped == STAGE_PROBING)
		return call->rule == rule_at(RULE_PROBING_NO_PAIR) &&
		       (finding->stage == STAGE_GATHERING ||
			finding->stage == STAGE_PROBING);
	return call->rule == rule_at(RULE_EXCHANGE_ACK_LOST) &&
	       finding->stage == STAGE_EXCHANGE;
}

/* That no pair works, or that no ACK comes, shows that it failed and not why:
 * the finding behind the first cause does. */
static void name_reason(struct judging *j)
{
	const struct note *notes = j->model->notes.rows;
	const struct cause *first;

	if (j->call->stopped == STAGE_NONE || !j->call->causes.count)
		return;
	first = list_at(&j->model->causes, j->call->causes.first);
	for (size_t i = j->call->notes.first; first->finding && i != LIST_NONE;
	     i = notes[i].next)
		if (strcmp(notes[i].rule->id, first->finding) == 0 &&
		    is_effect(j->call, notes[i].rule)) {
			j->call->rule = notes[i].rule;
			return;
		}
}

static const char *headline(struct judging *j)
{
	const struct call *call = j->call;

	if (call->outcome == OUTCOME_ESTABLISHED)
		return "established";
	if (call->stopped != STAGE_NONE)
		return model_sentence(
			j->model, "%s at %s: %s", outcome_name(call->outcome),
			stage_name(call->stopped), call_stop_text(call));
	if (call->kind == CALL_ATTEMPT)
		return "no call followed in the capture";
	return "unknown";
}

void verdict_of(struct model *model, const struct catalogue *catalogue,
		size_t number, struct list *unanswered)
{
	struct judging j = {
		.model = model,
		.catalogue = catalogue,
		.call = list_at(&model->calls, number),
		.number = number,
		.unanswered = unanswered,
	};

	if (j.call->dialog != LIST_NONE)
		j.dialog = list_at(&model->dialogs, j.call->dialog);
	judge_pairs(&j);
	judge_registration(&j);
	judge_token(&j);
	judge_gathering(&j);
	judge_exchange(&j);
	judge_legs(&j);
	judge_probing(&j);
	judge_vantages(&j);
	if (j.dialog)
		outcome_of_dialog(&j);
	else if (j.call->kind == CALL_ICE)
		outcome_of_ice(&j);
	else
		outcome_of_attempt(&j);
	judge_media(&j);
	judge_said(&j);
	j.call->rule = cause(&j);
	j.call->confidence = (uint8_t)confidence_of(&j);
	j.call->text = headline(&j);
	ease(&j);
	rules_check(&j);
	judge_patterns(&j);
	name_reason(&j);
}

/* What holds for the input as a whole. */
static void note_whole(struct model *model, enum rule_id rule, uint64_t count,
		       const char *unit)
{
	struct place nowhere = {.time = model->first_time};
	struct note *note;

	if (count == 0)
		return;
	note = model_note(model, rule_at(rule), model_place(model, &nowhere),
			  LIST_NONE);
	/* Units are plurals in -s. */
	if (note)
		note->text = model_sentence(
			model, "%llu %.*s", (unsigned long long)count,
			(int)(strlen(unit) - (count == 1)), unit);
}

/* What no request tells: TLS, and all that is answered in vain. */
static void note_stuck(struct model *m)
{
	const struct stuck *rows = m->stuck.rows;
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < m->stuck.count; i++) {
		const struct rule *rule = rule_at(RULE_CAPTURE_SWALLOWED);
		struct note *note =
			rows[i].ours && !rows[i].told
				? model_note(m, rule, rows[i].first, LIST_NONE)
				: NULL;

		if (!note)
			continue;
		model_prove(m, rule, rows[i].last, LIST_NONE);
		note->text =
			model_sentence(m, "%s to %s, %u bytes, sent %u times",
				       endpoint_string(&rows[i].src, src),
				       endpoint_string(&rows[i].dst, dst),
				       rows[i].size, rows[i].sent);
	}
}

static void note_lists(struct model *m)
{
	const struct {
		uint64_t count;
		const char *unit;
	} rows[] = {
		{m->registrations.refused, "registrations"},
		{m->tokens.refused, "tokens"},
		{m->allocations.refused, "allocations"},
		{m->bindings.refused, "bindings"},
		{m->dialogs.refused, "dialogs"},
		{m->candidates.refused, "candidates"},
		{m->sessions.refused, "checks of new ICE sessions"},
		{m->pairs.refused, "checks of new pairs"},
		{m->media.refused, "media streams"},
		{m->handshakes.refused, "handshakes"},
		{m->calls.refused, "calls"},
		{m->members_refused, "parts of calls"},
		{m->names_refused, "names and addresses of calls"},
		{m->requests_forgotten, "open STUN requests"},
		{m->notes.refused, "findings"},
		{m->places.refused, "frames"},
	};
	struct text text = text_new(1024);
	struct place nowhere = {.time = m->first_time};
	struct note *note;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			text_printf(&text, "%s%llu %s", text.n ? ", " : "",
				    (unsigned long long)rows[i].count,
				    rows[i].unit);
	note = text.n ? model_note(m, rule_at(RULE_CAPTURE_LIMIT_EVIDENCE),
				   model_place(m, &nowhere), LIST_NONE)
		      : NULL;
	if (note)
		note->text = model_text(m, text_slice(&text));
	text_free(&text);
	if (m->out_of_memory)
		(void)model_note(m, rule_at(RULE_CAPTURE_LIMIT_MEMORY),
				 model_place(m, &nowhere), LIST_NONE);
}

/* Up to before `end`. */
static void judge_calls(struct model *model, struct verdict_progress *p,
			size_t end, unsigned jobs)
{
	struct catalogue catalogue;

	rules_list_checks(&catalogue);
	patterns_list_wants(&catalogue);
	if (jobs > 1 && !p->asked) {
		p->apart = verdicts_apart(model);
		p->asked = true;
	}
	if (jobs > 1 && p->apart &&
	    verdicts_shared(model, &catalogue, p->calls, end, jobs)) {
		p->calls = end;
		return;
	}
	while (p->calls < end)
		verdict_of(model, &catalogue, p->calls++, NULL);
}

bool verdict_some(struct model *model, struct verdict_progress *progress,
		  size_t count, unsigned jobs)
{
	size_t left = model->calls.count - progress->calls;

	if (jobs > 1)
		count = count > SIZE_MAX / jobs ? SIZE_MAX : count * jobs;
	judge_calls(model, progress,
		    progress->calls + (count < left ? count : left), jobs);
	if (count < left)
		return true;
	unplaced_settle(model);
	note_whole(model, RULE_CAPTURE_HOLES, model->holes, "holes");
	note_stuck(model);
	note_lists(model);
	events_note(model);
	return false;
}

void verdict_all(struct model *model, unsigned jobs)
{
	struct verdict_progress progress = {0};

	(void)verdict_some(model, &progress, SIZE_MAX, jobs);
}

void verdict_note_limits(struct model *model,
			 const struct reading_limits *limits)
{
	note_whole(model, RULE_CAPTURE_LIMIT_FLOWS, limits->flows, "flows");
	note_whole(model, RULE_CAPTURE_LIMIT_FRAGMENTS, limits->fragments,
		   "datagrams");
	note_whole(model, RULE_CAPTURE_LIMIT_SEGMENTS, limits->segments,
		   "segments");
	note_whole(model, RULE_CAPTURE_LIMIT_MEDIA, limits->media, "streams");
	note_whole(model, RULE_CAPTURE_CUT, limits->cut, "frames");
}
