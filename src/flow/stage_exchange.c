/*
 * Stage 4: INVITE dialogs (RFC 3261 13, 16, 17).
 *
 * All messages of a Call-ID are one dialog here, and its INVITEs without To
 * tag are tries: one more follows a challenge, a redirection or a refusal.  A
 * capture at a proxy shows each try once a hop; what the caller gets is what
 * comes back on the first.
 */
#include "config.h"

#include "flow/contents.h"
#include "flow/facts.h"
#include "flow/stages_state.h"

static bool same_call_id(const void *rows, uint32_t row, const void *key)
{
	const struct dialog *d = (const struct dialog *)rows + row;

	return model_text_is(d->call_id, *(const struct slice *)key);
}

struct dialog *dialog_find(struct stages *s, struct slice call_id)
{
	struct list *list = &s->model->dialogs;
	uint32_t row = index_find(&s->dialogs, stages_hash(s, call_id),
				  same_call_id, list->rows, &call_id);

	return row == INDEX_NONE ? NULL : list_at(list, row);
}

static struct dialog *new_dialog(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct list *list = &s->model->dialogs;
	bool forward = sip->request;
	struct dialog *d = list_add(list);

	if (!d)
		return NULL;
	d->call_id = model_text(s->model, sip->call_id);
	d->from = party_note(s, sip->from.uri, m, &d->parties[0]);
	d->to = party_note(s, sip->to.uri, m, &d->parties[1]);
	d->from_tag = stages_hash(s, sip->from_tag);
	d->from_tag_text = model_text(s->model, sip->from_tag);
	d->src = forward ? stages_src(s, &m->from) : stages_dst(s, &m->from);
	d->dst = forward ? stages_dst(s, &m->from) : stages_src(s, &m->from);
	d->cseq = sip->cseq;
	d->parent = LIST_NONE;
	d->call = LIST_NONE;
	dialog_links(s, d, sip);
	if (index_add(&s->dialogs, stages_hash(s, sip->call_id),
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	return d;
}

/* ---- hops ---- */

static void add_hop(struct stages *s, struct dialog *d, const struct hop *hop)
{
	struct list *rows = &s->model->hops;
	unsigned i = d->hop_count;

	if (i == HOPS_KEPT)
		return;
	if (i && !d->further[i - 1]) {
		if (!list_add(rows))
			return;
		d->further[i - 1] = (uint32_t)rows->count;
	}
	*hop_at(s->model, d, i) = *hop;
	d->hop_count++;
}

static struct hop *hop_of_request(struct stages *s, struct dialog *d,
				  const struct message *m)
{
	for (unsigned i = 0; i < d->hop_count; i++)
		if (hop_carries(s, hop_at(s->model, d, i), m))
			return hop_at(s->model, d, i);
	return NULL;
}

static struct hop *hop_of_response(struct stages *s, struct dialog *d,
				   const struct message *m)
{
	struct hop *found = NULL;

	for (unsigned i = 0; i < d->hop_count; i++) {
		struct hop *hop = hop_at(s->model, d, i);
		enum claim claim = hop_answers(s, hop, m);

		if (claim == CLAIM_SURE)
			return hop;
		if (claim == CLAIM_MAYBE && !found)
			found = hop;
	}
	return found;
}

/* Is this, or what it answers, where the caller stands?  What is on no hop
 * that was seen may be. */
static bool is_callers(const struct dialog *d, const struct hop *hop)
{
	return !hop || hop == &d->hop;
}

static void note_hop(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	struct hop *hop = hop_of_request(s, d, m), fresh;

	if (hop) {
		obstacle_nearby(s, hop);
		d->retransmissions += hop_sends_again(hop, m);
		return;
	}
	d->invites++;
	fresh = hop_of(s, m);
	add_hop(s, d, &fresh);
}

/* ---- the course of the INVITE ---- */

static bool has_credentials(const struct sip_message *sip)
{
	return sip_header(sip, SIP_AUTHORIZATION) ||
	       sip_header(sip, SIP_PROXY_AUTHORIZATION);
}

/* What came of the try before is history. */
static void begin_try(struct stages *s, struct dialog *d,
		      const struct sip_message *sip)
{
	d->cseq = sip->cseq;
	d->from_tag = stages_hash(s, sip->from_tag);
	model_set_text(s->model, &d->from_tag_text, sip->from_tag);
	d->hop_count = 0;
	d->final = d->branch_final = d->last_provisional = 0;
	d->replied = d->cancelled = d->acked = false;
	d->turned_down = PLACE_NONE;
	d->offer = d->reply = (struct description){0};
	d->branches = NULL;
	d->agreements = 0;
	d->reply_tag = 0;
	d->fork_count = 0;
}

static bool is_answered(const struct dialog *d)
{
	return d->final >= 200 && d->final < 300;
}

static void invite(struct stages *s, struct dialog *d, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct slice agent = sip_value(sip, SIP_USER_AGENT);

	if (sip->to_tag.n) { /* a re-INVITE */
		d->older |= !d->invite && !d->final;
		return;
	}
	if (sip->cseq < d->cseq)
		return; /* a copy that comes late */
	if (sip->cseq > d->cseq && !is_answered(d))
		begin_try(s, d, sip);
	if (d->hop_count == 0)
		dialog_becomes(s, d, m, (struct becoming){WORD_INVITED, 0});
	note_hop(s, d, m);
	d->tried = has_credentials(sip);
	if (!d->invite) {
		d->invite = stages_place(s, &m->from);
		if (agent.n)
			d->user_agent = stages_text(s, agent);
	}
}

static void provisional(struct stages *s, struct dialog *d,
			const struct message *m, const struct hop *hop)
{
	unsigned status = m->u.sip->status;

	if (is_callers(d, hop) && !is_answered(d))
		dialog_becomes(s, d, m,
			       (struct becoming){WORD_PROCEEDING, status});

	if (status > 100 && !d->ringing)
		d->ringing = stages_place(s, &m->from);
	if (status >= d->last_provisional)
		d->last_provisional = status;
}

/* A 2xx gets to the caller: at first, or again since no ACK came.  One of
 * another branch of a fork is another answer (RFC 3261 13.2.2.4); so is one to
 * another address, where a generator of load gives calls one Call-ID. */
static void reach_caller(struct stages *s, struct dialog *d,
			 const struct message *m)
{
	const struct endpoint *to = &m->from.dst;
	uint64_t tag = stages_hash(s, m->u.sip->to_tag) +
		       stages_hash(s, slice_of(to, sizeof(*to)));

	if (!d->reached) {
		d->answer_vantage = m->from.vantage;
		d->reached_tag = tag;
	} else {
		if (tag != d->reached_tag ||
		    m->from.vantage != d->answer_vantage ||
		    is_copied(m->from.time - d->reached, d->reached_as,
			      m->from.datagram))
			return;
		if (d->acked) {
			facts_note(s, &d->facts, FACT_ANSWERED_AGAIN, 0, m);
			return;
		}
		d->answer_repeats++;
	}
	d->reached = m->from.time;
	d->reached_as = m->from.datagram;
}

static void accepted(struct stages *s, struct dialog *d,
		     const struct message *m, const struct hop *hop)
{
	const struct sip_message *sip = m->u.sip;

	if (is_callers(d, hop))
		reach_caller(s, d, m);
	/* Once answered, answered (RFC 3261 16.7). */
	if (is_answered(d))
		return;
	d->final = sip->status;
	d->final_reason = stages_text(s, sip->reason);
	d->answer = stages_place(s, &m->from);
	d->forked =
		!is_callers(d, hop) &&
		endpoint_same_ip(&m->from.dst, end_at(s->model, d->hop.src));
	dialog_links(s, d, sip);
	dialog_becomes(s, d, m, (struct becoming){WORD_ANSWERED, d->final});
}

static bool is_stale(const struct sip_message *sip, enum sip_header_name id)
{
	struct slice params, stale;

	(void)sip_auth_scheme(sip_value(sip, id), &params);
	return sip_param(params, ',', "stale", &stale) &&
	       slice_is_nocase(stale, "true");
}

static enum word refusal_word(unsigned status)
{
	if (status == 401 || status == 407)
		return WORD_CHALLENGED;
	return status == 487 ? WORD_CANCELLED : WORD_REJECTED;
}

static void refused(struct stages *s, struct dialog *d, const struct message *m,
		    const struct hop *hop)
{
	const struct sip_message *sip = m->u.sip;

	if (is_answered(d))
		return;
	/* Only the proxy hears what one of its branches says. */
	if (!is_callers(d, hop)) {
		d->branch_final = sip->status;
		return;
	}
	if (sip->status == 401 || sip->status == 407) {
		if (!d->final)
			d->challenged_before = d->challenged;
		d->challenged = true;
		d->stale = is_stale(sip, SIP_WWW_AUTHENTICATE) ||
			   is_stale(sip, SIP_PROXY_AUTHENTICATE);
	}
	d->final = sip->status;
	d->final_reason = stages_text(s, sip->reason);
	d->answer = stages_place(s, &m->from);
	dialog_becomes(s, d, m,
		       (struct becoming){refusal_word(d->final),
					 d->final == 487 ? 0 : d->final});
}

/* Clients that try several ways at once number them: a success of any is one,
 * whichever came last. */
static bool is_earlier_success(const struct stages *s, const struct dialog *d,
			       const struct sip_message *sip)
{
	return !is_answered(d) && d->invite && sip->cseq < d->cseq &&
	       sip->status >= 200 && sip->status < 300 &&
	       stages_hash(s, sip->from_tag) == d->from_tag;
}

static void go_back(struct dialog *d, const struct sip_message *sip)
{
	d->cseq = sip->cseq;
	d->hop_count = 0;
	d->cancelled = false;
}

/* An answer to another INVITE shows that the refusal was not the end, though
 * that INVITE was lost, or only the other direction was captured. */
static bool is_next_try(const struct dialog *d, const struct sip_message *sip)
{
	return d->final >= 300 && sip->cseq > d->cseq;
}

/* Behind a challenge the offer goes with the credentials (RFC 3261 22.2). */
static void begin_unseen_try(struct stages *s, struct dialog *d,
			     const struct sip_message *sip)
{
	bool challenged = d->final == 401 || d->final == 407;
	struct description offer = d->offer;

	begin_try(s, d, sip);
	if (challenged)
		d->offer = offer;
}

static void response(struct stages *s, struct dialog *d,
		     const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct hop *hop;

	/* Answers to a re-INVITE do not change how it was set up, those to an
	 * older try no more. */
	if (sip->method != SIP_INVITE || d->older)
		return;
	if (is_earlier_success(s, d, sip))
		go_back(d, sip);
	if (is_next_try(d, sip))
		begin_unseen_try(s, d, sip);
	if (!dialog_is_setup(s, d, sip))
		return;
	dialog_forks(s, d, m);
	hop = hop_of_response(s, d, m);
	if (hop)
		hop->answered = true;
	d->replied = true;
	if (sip->status < 200)
		provisional(s, d, m, hop);
	else if (sip->status < 300)
		accepted(s, d, m, hop);
	else
		refused(s, d, m, hop);
}

/* A CANCEL that takes the way of the caller's INVITE with a branch of its own:
 * a server does not find what it means (RFC 3261 9.1, 9.2). */
static bool has_own_branch(struct stages *s, const struct dialog *d,
			   const struct message *m)
{
	const struct hop *hop = &d->hop;

	return stages_is_src(s, &m->from, hop->src) &&
	       stages_is_dst(s, &m->from, hop->dst) &&
	       stages_hash(s, m->u.sip->from_tag) == d->from_tag;
}

/* CANCEL takes the way of what it cancels and repeats its branch (RFC 3261
 * 9.1); where the way is another one, the branch tells. */
static bool cancels_callers(struct stages *s, struct dialog *d,
			    const struct message *m)
{
	const struct hop *hop = hop_of_request(s, d, m);

	if (hop || d->hop_count == 0)
		return is_callers(d, hop);
	if (d->hop.branch == hop_branch(s, m->u.sip))
		return true;
	if (!has_own_branch(s, d, m))
		return false;
	facts_note(s, &d->facts, FACT_CANCEL_BRANCH, 0, m);
	return true;
}

static void cancel(struct stages *s, struct dialog *d, const struct message *m)
{
	if (d->cancelled || m->u.sip->cseq != d->cseq || d->forked ||
	    !cancels_callers(s, d, m))
		return;
	d->cancelled = true;
	if (!d->final)
		dialog_becomes(s, d, m, (struct becoming){WORD_CANCELLED, 0});
}

/* RFC 3261 17.1.1.3: that of a refusal has the branch of the INVITE, and goes
 * where that went; a capture of one direction shows no answer. */
static void note_unseen(struct stages *s, struct dialog *d,
			const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	uint64_t branch = hop_branch(s, sip);

	if (d->final || !sip->to_tag.n || sip->cseq != d->cseq ||
	    !d->hop.branch || !branch ||
	    !stages_is_src(s, &m->from, d->hop.src) ||
	    stages_hash(s, sip->from_tag) != d->from_tag)
		return;
	if (branch != d->hop.branch)
		d->taken = true;
	else if (stages_is_dst(s, &m->from, d->hop.dst))
		d->turned_down = stages_place(s, &m->from);
}

static void confirm(struct stages *s, struct dialog *d, const struct message *m)
{
	note_unseen(s, d, m);
	if (d->acked || !is_answered(d))
		return;
	d->acked = true;
	dialog_becomes(s, d, m, (struct becoming){WORD_CONFIRMED, 0});
}

static void end(struct stages *s, struct dialog *d, const struct message *m)
{
	d->bye = true;
	if (d->ended)
		return;
	d->ended = stages_place(s, &m->from);
	dialog_becomes(s, d, m, (struct becoming){WORD_ENDED, 0});
}

/* An ACK, and what goes on in the dialog, names the tag of an answer (RFC 3261
 * 12.1.2, 17.1.1.3): the INVITE had one, where a capture of the caller's
 * direction does not show it. */
static void note_answered(struct stages *s, struct dialog *d,
			  const struct message *m)
{
	const struct sip_message *sip = m->u.sip;

	if (sip->to_tag.n && sip->cseq >= d->cseq &&
	    stages_is_src(s, &m->from, d->hop.src))
		d->hop.answered = d->replied = true;
}

static void request(struct stages *s, struct dialog *d, const struct message *m)
{
	enum sip_method method = m->u.sip->method;

	note_answered(s, d, m);
	if (method == SIP_INVITE)
		invite(s, d, m);
	else if (method == SIP_ACK)
		confirm(s, d, m);
	else if (method == SIP_CANCEL)
		cancel(s, d, m);
	else if (method == SIP_BYE)
		end(s, d, m);
}

/* Who speaks here, the caller or the called. */
static size_t sender(struct stages *s, const struct dialog *d,
		     const struct sip_message *sip)
{
	return d->parties[stages_hash(s, sip->from_tag) != d->from_tag];
}

/* A REFER may stand beside the dialog that it is about (RFC 4538). */
static void refer_aside(struct stages *s, const struct message *m)
{
	struct slice target = sip_value(m->u.sip, SIP_TARGET_DIALOG);
	struct dialog *d;

	target = slice_trim(slice_split(&target, ';'));
	d = target.n ? dialog_find(s, target) : NULL;
	if (d)
		dialog_refers(s, d, m);
}

static void take_message(struct stages *s, struct dialog *d,
			 const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	place_number place = stages_place(s, &m->from);

	d->messages++;
	cite(s->model, &d->cited, place);
	if (dialog_hears(s, d, m) && sip->request) {
		party_sent(s, sender(s, d, sip), m);
		if (sip->method == SIP_REFER)
			dialog_refers(s, d, m);
	}
	if (sip->request)
		request(s, d, m);
	else
		response(s, d, m);
	dialog_changes(s, d, m);
	facts_exchange(s, d, m);
	if (slice_is(sip->cseq_method, "INVITE") && !d->control)
		d->control = (uint8_t)contents_control(m->contents,
						       m->content_count);
	/* RFC 2046 5.1.4: of alternatives the last one is the best. */
	for (size_t i = m->content_count; i-- > 0;)
		if (m->contents[i].sdp)
			stage_description(s, d, m, m->contents[i].sdp);
}

/* The end of a call that was set up before the capture began: only who has both
 * tags can say BYE (RFC 3261 15.1.1). */
static bool ends_older(const struct sip_message *sip)
{
	return sip->request && sip->method == SIP_BYE && sip->to_tag.n &&
	       sip->from_tag.n;
}

static struct dialog *older_dialog(struct stages *s, const struct message *m)
{
	struct dialog *d = new_dialog(s, m);

	if (d)
		d->older = true;
	return d;
}

void stage_exchange(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	struct dialog *d;

	if (sip->call_id.n == 0)
		return;
	d = dialog_find(s, sip->call_id);
	if (!d && sip->method == SIP_INVITE)
		d = new_dialog(s, m);
	else if (!d && ends_older(sip))
		d = older_dialog(s, m);
	if (d)
		take_message(s, d, m);
	else if (sip->request && sip->method == SIP_REFER)
		refer_aside(s, m);
	else
		stage_aside(s, m);
}
