/*
 * Names of registrars and relays that DNS does not know.
 *
 * Where nothing can be read but the questions to DNS, a name tells by its form
 * what it is for; and when no such name of a host led anywhere, and it never
 * spoke to a server of that kind, its sign-in or its gathering ended there.
 */
#include "config.h"

#include "flow/stages_state.h"

#define NXDOMAIN 3

/* Clients of Lync try several names for one purpose ([MS-SIPRE]); that most of
 * them do not exist is usual. */
static const struct {
	const char *start;
	enum stage stage;
} forms[] = {
	{"_sipinternaltls.", STAGE_REGISTRATION},
	{"_sipinternal.", STAGE_REGISTRATION},
	{"_sip.", STAGE_REGISTRATION},
	{"_sips.", STAGE_REGISTRATION},
	{"sip.", STAGE_REGISTRATION},
	{"sipinternal.", STAGE_REGISTRATION},
	{"sipexternal.", STAGE_REGISTRATION},
	{"lyncdiscover.", STAGE_REGISTRATION},
	{"lyncdiscoverinternal.", STAGE_REGISTRATION},
	{"av.", STAGE_GATHERING},
	{"avedge.", STAGE_GATHERING},
	{"turn.", STAGE_GATHERING},
	{"stun.", STAGE_GATHERING},
	{"_turn.", STAGE_GATHERING},
	{"_turns.", STAGE_GATHERING},
	{"_stun.", STAGE_GATHERING},
	{"_stuns.", STAGE_GATHERING},
};

/* Tokens that are looked through for a name: a client asks for it soon after it
 * got its own. */
#define NEWEST_TOKENS 16u

static bool names(const struct token *t, struct slice name)
{
	for (unsigned k = 0; k < t->relay_count; k++)
		if (slice_equal_nocase(slice_of_text(t->relays[k].host), name))
			return true;
	return false;
}

/* Does one of the newest tokens name a relay so? */
static bool token_names(const struct stages *s, struct slice name)
{
	const struct token *rows = s->model->tokens.rows;
	size_t count = s->model->tokens.count;

	for (size_t i = 0; i < count && i < NEWEST_TOKENS; i++)
		if (names(&rows[count - 1 - i], name))
			return true;
	return false;
}

static enum stage purpose_of(const struct stages *s, struct slice name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (slice_starts_nocase(name, forms[i].start))
			return forms[i].stage;
	return token_names(s, name) ? STAGE_GATHERING : STAGE_NONE;
}

static struct lookup *lookup_of(struct stages *s, const struct endpoint *client,
				const struct endpoint *server,
				struct slice name)
{
	struct lookup *rows = s->lookups.rows, *x;

	for (size_t i = 0; i < s->lookups.count; i++)
		if (endpoint_same_ip(&rows[i].client, client) &&
		    model_text_is(rows[i].name, name))
			return &rows[i];
	x = list_add(&s->lookups);
	if (!x)
		return NULL;
	x->client = *client;
	x->server = *server;
	x->name = stages_text(s, name);
	x->stage = (uint8_t)purpose_of(s, name);
	return x;
}

static void take_answer(struct lookup *x, const struct dns *dns)
{
	x->answered = true;
	x->unknown |= dns->rcode == NXDOMAIN;
	x->known |= dns->rcode == 0 && dns->answer_count;
}

void lookup_note(struct stages *s, const struct message *m)
{
	const struct dns *dns = m->u.dns;
	place_number place = stages_place(s, &m->from);
	struct lookup *x;

	if (dns->question_count == 0 || endpoint_is_multicast(&m->from.dst) ||
	    endpoint_is_multicast(&m->from.src) ||
	    purpose_of(s, dns->questions[0].name) == STAGE_NONE)
		return;
	x = lookup_of(s, dns->response ? &m->from.dst : &m->from.src,
		      dns->response ? &m->from.src : &m->from.dst,
		      dns->questions[0].name);
	if (!x)
		return;
	cite(s->model, &x->cited, place);
	if (dns->response)
		take_answer(x, dns);
	else
		x->asked++;
}

/* ---- what came of them ---- */

static bool led_nowhere(const struct lookup *x)
{
	return !x->known &&
	       (x->unknown || (!x->answered && x->asked >= UNANSWERED_PROOF));
}

/* Other programs ask for it as well, to see whether there is Lync at all. */
static bool is_discovery(const struct lookup *x)
{
	return slice_starts_nocase(slice_of_text(x->name), "lyncdiscover");
}

/* Did each name that this host asked for the same end lead nowhere, and was
 * more asked for than what tells whether there is any? */
static bool all_failed(const struct stages *s, const struct lookup *of)
{
	const struct lookup *rows = s->lookups.rows;
	bool meant = false;

	for (size_t i = 0; i < s->lookups.count; i++) {
		if (rows[i].stage != of->stage ||
		    !endpoint_same_ip(&rows[i].client, &of->client))
			continue;
		if (!led_nowhere(&rows[i]))
			return false;
		meant |= !is_discovery(&rows[i]);
	}
	return meant;
}

static bool asked_relay(const struct stages *s, const struct endpoint *client)
{
	const struct allocation *a = s->model->allocations.rows;
	const struct binding *b = s->model->bindings.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (endpoint_same_ip(end_at(s->model, a[i].client), client))
			return true;
	for (size_t i = 0; i < s->model->bindings.count; i++)
		if (endpoint_same_ip(end_at(s->model, b[i].client), client))
			return true;
	return false;
}

static bool is_of_token(const struct stages *s, const char *name)
{
	const struct token *rows = s->model->tokens.rows;

	for (size_t i = 0; i < s->model->tokens.count; i++)
		if (names(&rows[i], slice_of_text(name)))
			return true;
	return false;
}

static bool has_server_of_sip(const struct stages *s,
			      const struct endpoint *client)
{
	const struct registration *r = s->model->registrations.rows;
	const struct dialog *d = s->model->dialogs.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++)
		if (endpoint_same_ip(&r[i].client, client))
			return true;
	for (size_t i = 0; i < s->model->dialogs.count; i++)
		if (endpoint_same_ip(end_at(s->model, d[i].src), client) ||
		    endpoint_same_ip(end_at(s->model, d[i].dst), client))
			return true;
	return shut_speaks_sip(s, client);
}

/* The row of this host and end, which another name may have made. */
static struct shut *shut_of(struct stages *s, const struct lookup *x)
{
	struct shut *rows = s->model->shuts.rows, *fresh;

	for (size_t i = 0; i < s->model->shuts.count; i++)
		if (rows[i].stage == x->stage &&
		    endpoint_same_ip(&rows[i].client, &x->client))
			return &rows[i];
	fresh = list_add(&s->model->shuts);
	if (!fresh)
		return NULL;
	fresh->client = x->client;
	fresh->server = x->server;
	fresh->stage = x->stage;
	fresh->name = x->name;
	fresh->unknown = x->unknown;
	fresh->often = true;
	return fresh;
}

static void fail(struct stages *s, const struct lookup *x)
{
	struct shut *shut = shut_of(s, x);

	/* That no connection came about says more. */
	if (!shut || !shut->name)
		return;
	shut->tries += x->asked;
	cite_again(s->model, &shut->cited, &x->cited);
	cite(s->model, &shut->cited, x->cited.last);
}

void lookups_finish(struct stages *s)
{
	const struct lookup *rows = s->lookups.rows;

	for (size_t i = 0; i < s->lookups.count; i++) {
		const struct lookup *x = &rows[i];

		/* What DNS says of a token's relay that call tells. */
		if (all_failed(s, x) &&
		    !(x->stage == STAGE_GATHERING
			      ? asked_relay(s, &x->client) ||
					(x->answered && is_of_token(s, x->name))
			      : has_server_of_sip(s, &x->client)))
			fail(s, x);
	}
}
