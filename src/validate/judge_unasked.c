/*
 * Stage 3 where no server is seen asked: what descriptions prove of it, and
 * what clients say.
 */
#include "config.h"

#include "model/inventory.h"
#include "validate/checks.h"
#include "validate/verdict_state.h"

/* Published as one meaning ([ICEWarn] of the Resource Kit): none configured, or
 * the name of it does not resolve. */
#define WARN_NO_SERVER 0x80000u

/* What one client says of its relays. */
struct client_word {
	uint32_t bits; /* of relays and their credentials; 0: nothing bad */
	uint32_t warn; /* all that it says */
	place_number place;
	const char *relay; /* that it names as its own, or NULL */
};

/* ---- what descriptions hold ---- */

#define TYPE_SRFLX 2u
#define TYPE_RELAY 4u

/* The first candidate of the description that only a server can give. */
static const struct candidate *given(struct judging *j,
				     const struct description *d)
{
	const struct candidate *found = NULL;
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (!c->learned && c->type == TYPE_RELAY)
			return c;
		if (!c->learned && c->type == TYPE_SRFLX && !found)
			found = c;
		at = at == d->last_candidate ? LIST_NONE : c->next;
	}
	return found;
}

static const char *given_text(struct judging *j, const struct candidate *c,
			      bool offered)
{
	char text[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s %s in the %s",
			      c->type == TYPE_RELAY ? "the relay"
						    : "the reflexive address",
			      endpoint_string(where(j, c->endpoint), text),
			      offered ? "offer" : "answer");
}

/* ---- what clients say ---- */

static void add_word(struct client_word *to, uint32_t warn, place_number place)
{
	if (!said_of_relays(warn))
		return;
	if (!to->bits)
		to->place = place;
	to->bits |= said_of_relays(warn);
	to->warn |= warn;
}

static void hear_dialog(struct judging *j, const struct dialog *d,
			struct client_word *to)
{
	const struct diagnosis *rows = j->model->diagnoses.rows;
	const struct media_debug *debugs = j->model->media_debugs.rows;
	uint32_t at = d->diagnoses.count ? d->diagnoses.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		for (uint32_t k = rows[at].debug; k != CHAIN_END;
		     k = debugs[k].next) {
			char text[ENDPOINT_TEXT_MAX];

			if (said_too_soon(j, &rows[at]))
				continue;
			if (!debugs[k].old_table)
				add_word(to, debugs[k].warn, rows[at].place);
			if (!to->relay && debugs[k].local_relay.family)
				to->relay = model_text(
					j->model,
					slice_of_text(endpoint_string(
						&debugs[k].local_relay, text)));
		}
}

/* Lines of a log that its program wrote between its messages. */
static void hear_remarks(struct judging *j, struct client_word *to)
{
	const struct remark *rows = j->model->remarks.rows;

	for (size_t i = 0; i < remarks_near(j); i++)
		if (rows[i].call == j->number && rows[i].has_warn)
			add_word(to, rows[i].warn, rows[i].place);
}

static struct client_word hear(struct judging *j)
{
	struct client_word word = {.bits = 0};

	for (size_t i = 0; i < j->call->dialogs.count; i++)
		hear_dialog(
			j,
			list_at(&j->model->dialogs, j->call->dialogs.list[i]),
			&word);
	hear_remarks(j, &word);
	return word;
}

/* "ICEWarn 0x4000: TURN credentials expired or unknown" */
static const char *client_word_text(struct judging *j,
				    const struct client_word *word)
{
	struct text text = text_new(512);
	const char *out;
	size_t begun;

	text_printf(&text, "ICEWarn 0x%x: ", word->warn);
	begun = text.n;
	for (const struct ice_bit *b = ice_bits(ICE_TABLE_HEADER); b->bit; b++)
		if (word->bits & b->bit)
			text_printf(&text, "%s%s", text.n > begun ? "; " : "",
				    b->text);
	out = model_text(j->model, text_slice(&text));
	text_free(&text);
	return out;
}

bool said_to_use_relay(struct judging *j)
{
	struct client_word word = hear(j);

	return (word.bits & ~WARN_NO_SERVER) || word.relay;
}

/* ---- the stage ---- */

/* Logs show what programs said, and no packet. */
static bool is_log_alone(struct judging *j)
{
	const struct inventory *all = &j->model->inventory;

	for (size_t i = 0; i < all->row_count; i++)
		if (all->rows[i].kind != TRAFFIC_LOG)
			return false;
	return all->row_count != 0;
}

/* No Edge, or no token for it: then there was none to ask. */
static const char *nothing_to_ask(struct judging *j,
				  const struct client_word *word)
{
	if (told_no_edge(j))
		return "provisioning names no Edge to ask";
	if (view(j, STAGE_TOKEN)->state == STATE_FAILED && word->bits &&
	    !(word->bits & ~WARN_NO_SERVER))
		return "without a token there was no relay to ask";
	return NULL;
}

/* What descriptions hold is granted where nobody was seen to ask for it. */
static const char *unseen_text(struct judging *j)
{
	const struct hidden_relay *x = hidden_relay_of(j);
	char server[ENDPOINT_TEXT_MAX];

	if (!x)
		return "candidates stand in the descriptions; no server is "
		       "asked in the capture";
	return model_sentence(j->model,
			      "candidates stand in the descriptions; the relay "
			      "%s is asked inside of TLS, which cannot be read",
			      endpoint_string(where(j, x->server), server));
}

/* What was not asked in a capture was not to be seen there; a log shows no
 * packets at all, and that there was a server is concluded. */
static void judge_given(struct judging *j, const struct client_word *word,
			const char *what, bool log)
{
	const char *text =
		log ? model_sentence(j->model,
				     "%s tells of a server that gave it; a log "
				     "shows no packets",
				     what)
		    : unseen_text(j);

	if (word->bits) {
		text = model_sentence(j->model, "%s; yet a client warns, %s",
				      text, client_word_text(j, word));
		cite(j->model, &view(j, STAGE_GATHERING)->cited, word->place);
	}
	conclude(j, STAGE_GATHERING, log ? STATE_INFERRED : STATE_OK, text);
}

static void judge_said_failed(struct judging *j, const struct client_word *word,
			      bool log)
{
	conclude(j, STAGE_GATHERING, STATE_FAILED,
		 model_sentence(j->model, "a client says so (%s); %s",
				client_word_text(j, word),
				log ? "a log shows no packets"
				    : "no server is asked in the capture"));
	cite(j->model, &view(j, STAGE_GATHERING)->cited, word->place);
	j->first[STAGE_GATHERING] = rule_ice_warning();
}

static void judge_hosts_alone(struct judging *j, const struct client_word *word,
			      bool log)
{
	const char *none = nothing_to_ask(j, word);

	if (none && (log || word->bits))
		conclude(j, STAGE_GATHERING, STATE_OK,
			 model_sentence(j->model,
					"host candidates stand in the "
					"descriptions; %s",
					none));
	else if (word->bits)
		judge_said_failed(j, word, log);
	else if (log)
		conclude(j, STAGE_GATHERING, STATE_UNSEEN,
			 "the descriptions hold host candidates alone; a log "
			 "does not show whether servers were asked");
	else
		conclude(j, STAGE_GATHERING, STATE_OK, unseen_text(j));
}

/* What one side says, in SIP or outside of it. */
static const struct candidate *given_by(struct judging *j, bool answer)
{
	const struct told_description *t;

	if (j->dialog)
		return given(j, answer ? &j->dialog->reply : &j->dialog->offer);
	t = told_of(j, answer);
	return t ? given(j, &t->description) : NULL;
}

void judge_unasked(struct judging *j)
{
	const struct candidate *offered = given_by(j, false);
	const struct candidate *answered = given_by(j, true);
	struct client_word word = hear(j);
	bool log = is_log_alone(j);

	if (offered || answered)
		judge_given(j, &word,
			    given_text(j, offered ? offered : answered,
				       offered != NULL),
			    log);
	else if (word.relay)
		judge_given(j, &word,
			    model_sentence(j->model,
					   "the relay %s that a client names",
					   word.relay),
			    log);
	else
		judge_hosts_alone(j, &word, log);
}

/* ---- what relays want ---- */

/* Allocations that are seen whole, and nobody names a user for them. */
bool relays_ask_no_user(struct judging *j)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (a->ms_turn || !a->allocates || !a->granted || a->nonce ||
		    a->username.n || a->error_count)
			return false;
	}
	return j->call->allocations.count != 0;
}
