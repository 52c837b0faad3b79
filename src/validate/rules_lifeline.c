/*
 * Rules of connections that have to be kept alive, and of registrations that
 * were over when somebody called ([MS-CONMGMT] 3.4.2, RFC 5626 4.4, RFC 3261
 * 10.3).
 */
#include "config.h"

#include "validate/checks.h"

/* [MS-CONMGMT] 3.4.2: the server waits a SIP transaction longer (Timer F). */
#define GRACE (32 * NS_PER_S)
/* RFC 5626 4.4.1: an answer comes within that, or never. */
#define PONG_TIME (10 * NS_PER_S)
/* RFC 5626 4.4: 24 to 29 s over UDP, since NAT forgets after 30 s. */
#define NAT_MEMORY (30 * NS_PER_S)

static const struct lifeline *lifeline_at(struct judging *j, uint32_t number)
{
	return number ? list_at(&j->model->lifelines, number - 1) : NULL;
}

typedef void lifeline_check_fn(struct judging *j, const struct rule *self,
			       const struct registration *r,
			       const struct lifeline *l);

static void each_lifeline(struct judging *j, const struct rule *self,
			  lifeline_check_fn *check)
{
	for (size_t i = 0; i < j->call->registrations.count; i++) {
		const struct registration *r = call_registration(j, i);
		const struct lifeline *l = lifeline_at(j, r->lifeline);

		for (; l; l = lifeline_at(j, l->before))
			check(j, self, r, l);
	}
}

static double seconds(nanoseconds time)
{
	return (double)time / (double)NS_PER_S;
}

static nanoseconds agreed(const struct lifeline *l)
{
	return (nanoseconds)l->timeout * NS_PER_S;
}

/* Until when it can be told that nothing came. */
static nanoseconds watched_until(struct judging *j, const struct lifeline *l)
{
	return l->closed ? when(j, l->closed) : seen_until(j, l->heard);
}

/* The client's silence at the end, which nothing broke.  Of one that was never
 * heard the capture lacks the direction. */
static nanoseconds last_silence(struct judging *j, const struct lifeline *l)
{
	return watched_until(j, l) - when(j, l->heard);
}

/* Is the registration still wanted then? */
static bool is_over(const struct model *m, const struct registration *r,
		    nanoseconds time)
{
	return (r->removed && place_time(m, r->removed) <= time) ||
	       (r->lost && place_time(m, r->lost) <= time) || r->until < time;
}

/* ---- the client ---- */

static void say_silence(struct judging *j, const struct rule *self,
			const struct lifeline *l, nanoseconds silence)
{
	found(j, self, l->told,
	      model_sentence(j->model,
			     "%.0f s without a word of the client, and %u s "
			     "were agreed on",
			     seconds(silence), l->timeout));
}

static void late(struct judging *j, const struct rule *self,
		 const struct registration *r, const struct lifeline *l)
{
	nanoseconds end = last_silence(j, l);

	if (!l->timeout || !l->stream)
		return;
	if (l->silence > agreed(l) + GRACE) {
		say_silence(j, self, l, l->silence);
		prove(j, self, l->quiet_from);
		prove(j, self, l->quiet_to);
	} else if (l->heard && end > agreed(l) + GRACE &&
		   !is_over(j->model, r, when(j, l->heard) + agreed(l))) {
		say_silence(j, self, l, end);
		prove(j, self, l->heard);
	}
}

static void check_late(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, late);
}

/* ---- the server ---- */

static void unanswered(struct judging *j, const struct rule *self,
		       const struct registration *r, const struct lifeline *l)
{
	(void)r;
	if (l->answers && l->stream && l->ping &&
	    watched_until(j, l) - when(j, l->ping) > PONG_TIME)
		found(j, self, l->ping,
		      l->pongs ? model_sentence(j->model,
						"the %u before were answered",
						l->pongs)
			       : NULL);
}

static void check_unanswered(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, unanswered);
}

/* ---- what stands between ---- */

/* How long both were silent when others than the client closed it; 0: not so.
 * Who goes on speaking is not cut off for silence. */
static nanoseconds idle_at_end(const struct model *m,
			       const struct registration *r,
			       const struct lifeline *l)
{
	nanoseconds heard = place_time(m, l->heard);
	nanoseconds answered = place_time(m, l->answered);
	nanoseconds closed = place_time(m, l->closed);
	nanoseconds idle = closed - (heard > answered ? heard : answered);

	if (!l->closed || is_over(m, r, closed) ||
	    (!l->reset && !l->by_server) || idle < NAT_MEMORY)
		return 0;
	return idle;
}

static void say_dropped(struct judging *j, const struct rule *self,
			const struct lifeline *l, nanoseconds idle)
{
	const char *how = l->reset ? "reset" : "closed by the server";

	found(j, self, l->closed,
	      l->timeout ? model_sentence(j->model,
					  "%s after %.0f s, and %u s were "
					  "agreed on",
					  how, seconds(idle), l->timeout)
			 : model_sentence(j->model, "%s after %.0f s", how,
					  seconds(idle)));
	prove(j, self, l->heard);
	if (l->timeout)
		prove(j, self, l->told);
}

static void too_soon(struct judging *j, const struct rule *self,
		     const struct registration *r, const struct lifeline *l)
{
	nanoseconds idle = idle_at_end(j->model, r, l);

	if (idle && (!l->timeout || idle < agreed(l)))
		say_dropped(j, self, l, idle);
}

static void check_too_soon(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, too_soon);
}

static void for_silence(struct judging *j, const struct rule *self,
			const struct registration *r, const struct lifeline *l)
{
	nanoseconds idle = idle_at_end(j->model, r, l);

	if (idle && l->timeout && idle >= agreed(l))
		say_dropped(j, self, l, idle);
}

static void check_for_silence(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, for_silence);
}

/* Was the connection lost while the call stood, and did the client not get a
 * new one?  Then neither side can end or change the call. */
static void not_again(struct judging *j, const struct rule *self,
		      const struct registration *r, const struct lifeline *l)
{
	const struct dialog *d = j->dialog;
	char server[ENDPOINT_TEXT_MAX];

	if (l != lifeline_at(j, r->lifeline) || !l->refusals ||
	    !dialog_answered(d) || is_bye_answered(j) ||
	    when(j, l->closed) < when(j, d->answer))
		return;
	found(j, self, l->closed,
	      model_sentence(j->model,
			     "%s, and %u more connections to %s do not come "
			     "about",
			     l->reset       ? "reset"
			     : l->by_server ? "closed by the server"
					    : "closed by the client",
			     l->refusals, endpoint_string(&l->server, server)));
	prove(j, self, l->refused);
}

static void check_not_again(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, not_again);
}

/* ---- calls that do not arrive ---- */

/* The hop to this client that nobody answers; or NULL. */
static const struct hop *silent_hop(const struct model *m,
				    const struct dialog *d,
				    const struct endpoint *client)
{
	for (unsigned i = 0; i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(m, d, i);

		if (endpoint_equal(end_at(m, hop->dst), client) &&
		    !hop->answered && hop->sent >= UNANSWERED_PROOF)
			return hop;
	}
	return NULL;
}

static void forgotten(struct judging *j, const struct rule *self,
		      const struct registration *r, const struct lifeline *l)
{
	(void)r;
	if (!l->stream && l->called && l->slept > NAT_MEMORY && j->dialog &&
	    silent_hop(j->model, j->dialog, &l->client) &&
	    when(j, l->called) >= j->call->start - NS_PER_S)
		found(j, self, l->called,
		      model_sentence(j->model,
				     "the client was last heard %.0f s before",
				     seconds(l->slept)));
}

/* RFC 5626 1: who is behind NAT is reached where its REGISTER came from. */
static bool goes_inside(struct judging *j, const struct hop *hop)
{
	return !hop->answered && hop->sent >= UNANSWERED_PROOF &&
	       endpoint_is_private(where(j, hop->dst)) &&
	       !endpoint_is_private(where(j, hop->src));
}

static const char *hop_text(struct judging *j, const struct hop *hop)
{
	char src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s to %s",
			      endpoint_string(where(j, hop->src), src),
			      endpoint_string(where(j, hop->dst), dst));
}

static void check_inside(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	for (unsigned i = 0; d && i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(j->model, d, i);

		if (!dialog_answered(d) && goes_inside(j, hop)) {
			found_all(j, self, &d->cited, d->invite,
				  hop_text(j, hop));
			return;
		}
	}
}

static void check_forgotten(struct judging *j, const struct rule *self)
{
	each_lifeline(j, self, forgotten);
}

static bool is_not_found(const struct dialog *d)
{
	return d->final == 404 || d->final == 410 || d->final == 430 ||
	       d->final == 480 || (!d->final && !d->replied);
}

static void check_over(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct fact *f =
		d ? part_fact(j, &d->facts, FACT_CALLED_LATE) : NULL;

	if (f && is_not_found(d))
		found_fact(j, self, f,
			   model_sentence(j->model, "it ended %u s before",
					  f->value));
}

/* ---- the table ---- */

const struct rule rules_lifeline[] = {
	{
		.id = "registration/keep-alive-late",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the client is silent for longer than it agreed to",
		.source = "[MS-CONMGMT] 3.4.2, RFC 5626 4.4",
		.remedy = "it has to send CRLF CRLF after two thirds of that "
			  "time: look for sleep, or a client that ignores "
			  "ms-keep-alive",
		.check = check_late,
	},
	{
		.id = "registration/keep-alive-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "keep-alives are not answered any more",
		.source = "RFC 5626 4.4.1",
		.remedy = "the connection is dead though it seems open: look "
			  "for a firewall or load balancer that forgot it",
		.check = check_unanswered,
	},
	{
		.id = "registration/dropped-too-soon",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the connection of a client that is signed in is cut "
			 "off while it is idle",
		.source = "[MS-CONMGMT] 3.4.2, RFC 5626 4.4, RFC 5382 REQ-5",
		.remedy = "a firewall or load balancer gives up sooner than "
			  "both agreed: let it wait longer, or lower the "
			  "keep-alive timeout below its own",
		.check = check_too_soon,
	},
	{
		.id = "registration/dropped-for-silence",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_REGISTRATION,
		.title = "the server gives up a client that did not keep its "
			 "connection alive",
		.source = "[MS-CONMGMT] 3.4.2",
		.remedy = "let the client send its keep-alives; see whether "
			  "they are lost on the way",
		.check = check_for_silence,
	},
	{
		.id = "exchange/connection-not-back",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the connection of signalling is lost in the call, "
			 "and a new one is not to be had",
		.source = "RFC 5626 4.2.1, 4.5, RFC 3261 18.4",
		.remedy = "look whether the server crashed or restarted; "
			  "until it is back nobody can end the call",
		.check = check_not_again,
	},
	{
		.id = "exchange/nat-forgot",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a client is called that was silent for longer than "
			 "NAT remembers, and nothing comes back",
		.source = "RFC 5626 4.4, RFC 4787 REQ-5",
		.remedy = "let it send keep-alives every 25 s, or use TCP or "
			  "TLS",
		.check = check_forgotten,
	},
	{
		.id = "exchange/sent-inside",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a server outside sends the INVITE to a private "
			 "address, and nothing comes back",
		.source = "RFC 5626 1, RFC 3581 4, RFC 1918 3",
		.remedy = "let the registrar go by the address that REGISTER "
			  "came from, not by its Contact",
		.check = check_inside,
	},
	{
		.id = "exchange/registration-over",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the callee's registration had ended",
		.source = "RFC 3261 10.2.4, 10.3",
		.remedy = "the client did not refresh it in time: see "
			  "whether its REGISTER is lost, or the client is "
			  "asleep",
		.check = check_over,
	},
	{.id = NULL},
};
