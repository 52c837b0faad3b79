/* The judge of MRAS: an answer against its request ([MS-AVEDGEA] 2.2.3, 3.1.5;
 * spec mras-and-registration 5.5 to 5.10). */
#include "config.h"

#include "dissectors/mras_rules.h"
#include "dissectors/sip.h"
#include "engine/replay_mras.h"

#define SHOWN 48u

/* For "%.*s"; long ones are cut. */
#define SHOW(s) (int)((s).n < SHOWN ? (s).n : SHOWN), (const char *)(s).p

static void find(const struct mras_trial *t, enum replay_rule rule,
		 const char *what, struct slice is, struct slice due)
{
	mras_trial_find(t, rule, "%s is \"%.*s\"; \"%.*s\" is due", what,
			SHOW(is), SHOW(due));
}

static bool says(const struct mras_trial *t, const char *phrase)
{
	return slice_is(t->reply.reason, phrase);
}

static bool surely(const struct mras_trial *t, enum mras_reason reason)
{
	return t->claims.of[reason] == CLAIM_SURE;
}

static const char *title_of(enum mras_reason reason)
{
	return mras_row_of(reason)->title;
}

/* ---- no document ---- */

static bool lists(struct slice list, const char *word)
{
	struct slice entry;

	while (sip_list_next(&list, &entry)) {
		struct slice one = slice_split(&entry, ';');

		if (slice_is_nocase(slice_trim(one), word))
			return true;
	}
	return false;
}

/* What refuses the carrier says what it would take, and that is not what came
 * (3.1.5.1; RFC 3261 21.4.6, 21.4.13). */
static void judge_carrier(const struct mras_trial *t, const char *header,
			  enum sip_header_name name, const char *own)
{
	struct slice value = sip_value(t->m->sip, name);
	unsigned status = t->m->sip->status;
	bool wrong = surely(t, status == 405 ? MRAS_REASON_METHOD
					     : MRAS_REASON_TYPE);

	if (!sip_header(t->m->sip, name))
		mras_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
				"%s is missing beside %u", header, status);
	else if (!wrong && lists(value, own))
		mras_trial_find(t, REPLAY_REFUSED_WRONGLY,
				"answered with %u, and %s lists what was sent",
				status, header);
}

static void judge_bare(const struct mras_trial *t)
{
	unsigned status = t->m->sip->status;

	if (status == 405)
		judge_carrier(t, "Allow", SIP_ALLOW, "SERVICE");
	else if (status == 415)
		judge_carrier(t, "Accept", SIP_ACCEPT, MRAS_CONTENT_TYPE);
	if (status >= 300)
		return; /* a server between, maybe */
	if (surely(t, MRAS_REASON_METHOD) || surely(t, MRAS_REASON_TYPE))
		mras_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
				"answered with %u; a refusal is due: %s",
				status, title_of(t->forecast.last));
	else
		mras_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
				"the response of MRAS is missing beside %u",
				status);
}

/* ---- the schema ---- */

/* Rules of the dissector, by what is wrong there.  What depends on the request
 * is judged below. */
static const struct {
	enum mras_rule rule;
	enum replay_rule found;
} schema[] = {
	{MRAS_RULE_ATTRIBUTE, REPLAY_ATTRIBUTE_MISSING},
	{MRAS_RULE_ID, REPLAY_VALUE_WRONG},
	{MRAS_RULE_VERSION, REPLAY_VALUE_WRONG},
	{MRAS_RULE_LOCATION, REPLAY_VALUE_WRONG},
	{MRAS_RULE_DURATION, REPLAY_LIFETIME_WRONG},
	{MRAS_RULE_ORDER, REPLAY_VALUE_WRONG},
	{MRAS_RULE_REPEATED, REPLAY_ATTRIBUTE_FOREIGN},
	{MRAS_RULE_REASON, REPLAY_VALUE_WRONG},
	{MRAS_RULE_CREDENTIALS, REPLAY_ATTRIBUTE_MISSING},
	{MRAS_RULE_RELAY, REPLAY_ATTRIBUTE_MISSING},
	{MRAS_RULE_PORT, REPLAY_VALUE_WRONG},
};

static void judge_schema(const struct mras_trial *t, const struct finding *f)
{
	for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]); i++)
		if (f->rule == &mras_rules[schema[i].rule])
			mras_trial_find(t, schema[i].found, "%s: \"%.*s\"",
					f->rule->title, SHOW(f->where));
}

/* False: there is nothing to judge. */
static bool read_reply(struct mras_trial *t, struct arena *scratch)
{
	struct findings findings = {0};
	struct decoding d = {.arena = scratch, .findings = &findings};
	enum status status;
	size_t used;

	status = mras_decode(&d, t->m->document, &t->reply, &used);
	if (status == STATUS_NOMEM || status == STATUS_LIMIT)
		return false;
	if (status != STATUS_OK || t->reply.kind != MRAS_RESPONSE) {
		t->reply = (struct mras){.kind = MRAS_RESPONSE};
		mras_trial_find(t, REPLAY_VALUE_WRONG,
				"the document is no response of MRAS");
		return false;
	}
	for (size_t i = 0; i < findings.count; i++)
		judge_schema(t, &findings.list[i]);
	return true;
}

/* ---- the reason ---- */

static void judge_reason(const struct mras_trial *t)
{
	const struct mras_forecast *f = &t->forecast;
	enum mras_reason said = mras_reason_of(t->reply.reason);
	struct slice reason = t->reply.reason;

	if (says(t, "OK") && !f->success)
		mras_trial_find(t, REPLAY_ACCEPTED_WRONGLY,
				"reasonPhrase is \"OK\"; a refusal is due: %s",
				title_of(f->last));
	if (says(t, "OK") && t->m->sip->status >= 300)
		mras_trial_find(t, REPLAY_VALUE_WRONG,
				"reasonPhrase is \"OK\" under the status %u",
				t->m->sip->status);
	if (said == MRAS_REASONS || f->may[said])
		return; /* "OK", or found with the schema */
	if (f->success)
		mras_trial_find(
			t, REPLAY_REFUSED_WRONGLY,
			"reasonPhrase is \"%.*s\"; \"OK\" is due: it is "
			"not so that %s",
			SHOW(reason), title_of(said));
	else if (mras_row_of(f->last)->phrase)
		mras_trial_find(t, REPLAY_OTHER_ERROR,
				"reasonPhrase is \"%.*s\"; \"%s\" is due: %s",
				SHOW(reason), mras_row_of(f->last)->phrase,
				title_of(f->last));
	else
		mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				"a response of MRAS where SIP alone answers: "
				"%s",
				title_of(f->last));
}

/* ---- what is said back ---- */

static void judge_echo(const struct mras_trial *t, const char *name,
		       struct slice is, struct slice due)
{
	enum claim malformed = (enum claim)t->claims.of[MRAS_REASON_MALFORMED];

	if (malformed == CLAIM_SURE && is.n)
		mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				"%s stands in the answer to what is malformed",
				name);
	if (malformed == CLAIM_SURE || (says(t, "Request Malformed") && !is.n))
		return;
	if (!is.n)
		mras_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
				"%s is missing; \"%.*s\" was asked", name,
				SHOW(due));
	else if (!slice_equal(is, due))
		find(t, REPLAY_VALUE_WRONG, name, is, due);
}

/* Below 0: a is the older. */
static int compare_versions(struct slice a, struct slice b)
{
	struct slice rest[2] = {a, b};
	uint64_t minor[2] = {0, 0};
	unsigned major[2] = {mras_major_of(a), mras_major_of(b)};

	for (unsigned i = 0; i < 2; i++) {
		(void)slice_split(&rest[i], '.');
		if (slice_number(rest[i], 99999, &minor[i]) != STATUS_OK)
			minor[i] = 0;
	}
	if (major[0] != major[1])
		return major[0] < major[1] ? -1 : 1;
	if (minor[0] != minor[1])
		return minor[0] < minor[1] ? -1 : 1;
	return 0;
}

static void judge_versions(const struct mras_trial *t)
{
	const struct mras *q = &t->request, *m = &t->reply;
	bool mismatch = says(t, "Version Mismatch");

	if (!mismatch && !says(t, "Request Malformed") && m->version.n &&
	    q->version.n && !slice_equal(m->version, q->version))
		find(t, REPLAY_VALUE_WRONG, "version", m->version, q->version);
	if (!m->server_version.n)
		return;
	if (slice_is(q->version, "1.0"))
		mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				"serverVersion stands in the answer to "
				"version 1.0");
	if (m->version.n && compare_versions(m->server_version, m->version) < 0)
		mras_trial_find(t, REPLAY_VALUE_WRONG,
				"serverVersion is \"%.*s\", below the version "
				"\"%.*s\" of the answer",
				SHOW(m->server_version), SHOW(m->version));
	if (mismatch && slice_equal(m->server_version, q->version))
		mras_trial_find(t, REPLAY_REFUSED_WRONGLY,
				"reasonPhrase is \"Version Mismatch\" for "
				"\"%.*s\", and serverVersion names that",
				SHOW(q->version));
}

/* ---- what is granted ---- */

static size_t count_of(const struct mras *m, struct slice id)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += slice_equal(m->credentials[i].id, id);
	return n;
}

static void judge_ids(const struct mras_trial *t)
{
	const struct mras *q = &t->request, *m = &t->reply;

	for (size_t i = 0; i < q->count; i++)
		if (count_of(m, q->credentials[i].id) == 0)
			mras_trial_find(t, REPLAY_ATTRIBUTE_MISSING,
					"credentialsResponse is missing for "
					"credentialsRequestID \"%.*s\"",
					SHOW(q->credentials[i].id));
	for (size_t i = 0; i < m->count; i++) {
		struct slice id = m->credentials[i].id;
		size_t asked = count_of(q, id);

		if (asked == 0)
			mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
					"credentialsRequestID \"%.*s\" was not "
					"asked",
					SHOW(id));
		else if (count_of(m, id) > asked)
			mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
					"credentialsResponse stands twice for "
					"credentialsRequestID \"%.*s\"",
					SHOW(id));
	}
}

static const struct mras_credentials *asked_by(const struct mras *q,
					       struct slice id)
{
	for (size_t i = 0; i < q->count; i++)
		if (slice_equal(q->credentials[i].id, id))
			return &q->credentials[i];
	return NULL;
}

/* The longest that the server gives, as far as the answer tells; 0: not at
 * all.  Who gets less than asked gets that. */
static uint32_t longest_of(const struct mras_trial *t)
{
	uint32_t most = 0;

	for (size_t i = 0; i < t->reply.count; i++) {
		const struct mras_credentials *c = &t->reply.credentials[i];
		const struct mras_credentials *a = asked_by(&t->request, c->id);

		if (a && a->duration_min > c->duration_min &&
		    c->duration_min > most)
			most = c->duration_min;
	}
	return most;
}

static void judge_duration(const struct mras_trial *t, uint32_t asked,
			   uint32_t granted, uint32_t longest)
{
	uint32_t due = longest && longest < asked ? longest : asked;

	if (granted == 0 || asked == 0)
		return;
	if (granted > asked)
		mras_trial_find(t, REPLAY_LIFETIME_WRONG,
				"duration is %u; %u minutes were asked",
				(unsigned)granted, (unsigned)asked);
	else if (longest && granted != due)
		mras_trial_find(t, REPLAY_LIFETIME_WRONG,
				"duration is %u; %u is due, as the same answer "
				"grants elsewhere",
				(unsigned)granted, (unsigned)due);
}

static void judge_granted(const struct mras_trial *t)
{
	uint32_t longest = longest_of(t);

	for (size_t i = 0; i < t->reply.count; i++) {
		const struct mras_credentials *c = &t->reply.credentials[i];
		const struct mras_credentials *a = asked_by(&t->request, c->id);

		if (!a)
			continue;
		judge_duration(t, a->duration_min, c->duration_min, longest);
		for (size_t k = 0; a->location.n && k < c->relay_count; k++)
			if (c->relays[k].location.n &&
			    !slice_equal(c->relays[k].location, a->location))
				find(t, REPLAY_VALUE_WRONG, "location",
				     c->relays[k].location, a->location);
	}
}

/* ---- all of it ---- */

static void judge_type(const struct mras_trial *t)
{
	struct slice type = t->m->type;

	if (!slice_is_nocase(slice_trim(slice_split(&type, ';')),
			     MRAS_CONTENT_TYPE))
		find(t, REPLAY_VALUE_WRONG, "Content-Type", t->m->type,
		     SLICE(MRAS_CONTENT_TYPE));
}

void mras_trial_judge(struct mras_trial *t, struct arena *scratch)
{
	const struct mras *q = &t->request;

	if (!t->m->document.n) {
		judge_bare(t);
		return;
	}
	judge_type(t);
	if (!read_reply(t, scratch))
		return;
	judge_reason(t);
	judge_echo(t, "requestID", t->reply.request_id, q->request_id);
	judge_echo(t, "to", t->reply.to, q->to);
	judge_echo(t, "from", t->reply.from, q->from);
	judge_versions(t);
	if (!says(t, "OK") && t->reply.count)
		mras_trial_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				"credentialsResponse stands beside \"%.*s\"",
				SHOW(t->reply.reason));
	if (says(t, "OK") && t->forecast.success) {
		judge_ids(t);
		judge_granted(t);
	}
}
