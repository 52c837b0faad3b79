/* The rungs of an A/V Edge, and climbing them. */
#include "config.h"

#include "dissectors/mras_rules.h"
#include "engine/mras_ladder.h"

#define ROW(words, number, always, what, from)                  \
	{                                                       \
		.phrase = words, .title = what, .source = from, \
		.status = number, .any_time = always            \
	}

static const struct mras_row rows[MRAS_REASONS] = {
	[MRAS_REASON_METHOD] =
		ROW(NULL, 405, false, "the method is not SERVICE",
		    "[MS-AVEDGEA] 3.1.5.1"),
	[MRAS_REASON_TYPE] =
		ROW(NULL, 415, false, "the Content-Type is not that of MRAS",
		    "[MS-AVEDGEA] 3.1.5.1"),
	[MRAS_REASON_TOO_LARGE] = ROW("Request Too Large", 200, false,
				      "it asks for more than 100 at once",
				      "[MS-AVEDGEA] 3.1.5.1.1"),
	[MRAS_REASON_MALFORMED] =
		ROW("Request Malformed", 200, false,
		    "the schema forbids it, or to or from is no SIP URI",
		    "[MS-AVEDGEA] 3.1.5.1.1, 3.1.5.3"),
	[MRAS_REASON_VERSION] = ROW("Version Mismatch", 200, false,
				    "the server does not have its version",
				    "[MS-AVEDGEA] 3.1.5.2.1"),
	[MRAS_REASON_UNSUPPORTED] =
		ROW("Not Supported", 200, true,
		    "there are no keys, or no relays", "[MS-AVEDGEA] 2.2.4.7"),
	[MRAS_REASON_BUSY] =
		ROW("Server Busy", 200, true, "the server has no room",
		    "[MS-AVEDGEA] 2.2.4.7"),
	[MRAS_REASON_FORBIDDEN] =
		ROW("Forbidden", 200, true, "who asks may not have that",
		    "[MS-AVEDGEA] 2.2.4.7"),
	[MRAS_REASON_TIME_OUT] =
		ROW("Time Out", 200, true, "the server took too long",
		    "[MS-AVEDGEA] 2.2.4.7"),
	[MRAS_REASON_FAULT] = ROW("Internal Server Error", 200, true,
				  "the server has a fault of its own",
				  "[MS-AVEDGEA] 2.2.4.7"),
	[MRAS_REASON_OTHER] =
		ROW("Other Failure", 200, true, "something else is wrong",
		    "[MS-AVEDGEA] 2.2.4.7"),
};

const struct mras_row *mras_row_of(enum mras_reason reason)
{
	return &rows[reason];
}

enum mras_reason mras_reason_of(struct slice phrase)
{
	for (unsigned i = 0; i < MRAS_REASONS; i++)
		if (rows[i].phrase && slice_is(phrase, rows[i].phrase))
			return (enum mras_reason)i;
	return MRAS_REASONS;
}

/* ---- what the request decides ---- */

/* Without parameters, in any case of letters. */
static bool is_of_mras(struct slice content_type)
{
	struct slice type = slice_trim(slice_split(&content_type, ';'));

	return slice_is_nocase(type, MRAS_CONTENT_TYPE);
}

unsigned mras_major_of(struct slice version)
{
	struct slice digits = slice_split(&version, '.');
	uint64_t major;

	return slice_number(digits, 99999, &major) == STATUS_OK
		       ? (unsigned)major
		       : 0;
}

bool mras_wants_direct(const struct mras *request)
{
	return request->count &&
	       slice_is(request->credentials[0].route, "directip");
}

static bool is_of_count(const struct finding *f)
{
	return f->rule == &mras_rules[MRAS_RULE_ASKED];
}

/* Only more than a hundred at once is Request Too Large (3.1.5.1.1). */
static bool is_too_large(const struct mras *m, const struct findings *found)
{
	const struct finding *f = found->list;

	return m->count == MRAS_CREDENTIALS_MAX && found->count == 1 &&
	       found->dropped == 0 && is_of_count(f) &&
	       slice_is(f->where, "request");
}

/* What the schema says of one thing: a version that nobody has is something
 * else, and who does not validate overlooks order and doubles. */
static enum claim breaks_schema(const struct mras *m, const struct finding *f)
{
	if (f->rule->severity == SEVERITY_INFO)
		return CLAIM_NO;
	if (f->rule->severity == SEVERITY_WARNING ||
	    (is_of_count(f) && m->count && f->where.n))
		return CLAIM_MAYBE;
	return CLAIM_SURE;
}

static enum claim is_malformed(const struct mras *m,
			       const struct findings *found)
{
	enum claim claim = found->dropped ? CLAIM_MAYBE : CLAIM_NO;

	for (size_t i = 0; i < found->count; i++) {
		enum claim one = breaks_schema(m, &found->list[i]);

		if (one > claim)
			claim = one;
	}
	for (size_t i = 0; i < m->count; i++)
		if (m->credentials[i].identity.n == 0)
			claim = CLAIM_SURE;
	return claim;
}

/* 1.0 to 3.0 are known; what others there are nobody has told. */
static enum claim is_other_version(struct slice version)
{
	unsigned major = mras_major_of(version);

	return major < 1 || major > 3 ? CLAIM_MAYBE : CLAIM_NO;
}

void mras_examine(const struct mras_question *question, struct arena *scratch,
		  struct mras *request, struct mras_claims *claims)
{
	struct findings found = {0};
	struct decoding d = {.arena = scratch, .findings = &found};
	enum status status;
	size_t used;

	*request = (struct mras){.kind = MRAS_REQUEST};
	if (!slice_is(question->method, "SERVICE"))
		claims->of[MRAS_REASON_METHOD] = CLAIM_SURE;
	if (!is_of_mras(question->content_type))
		claims->of[MRAS_REASON_TYPE] = CLAIM_SURE;
	status = mras_decode(&d, question->body, request, &used);
	if (status == STATUS_NOMEM) {
		claims->of[MRAS_REASON_FAULT] = CLAIM_SURE;
		return;
	}
	if (status != STATUS_OK || request->kind != MRAS_REQUEST) {
		*request = (struct mras){.kind = MRAS_REQUEST};
		claims->of[MRAS_REASON_MALFORMED] = CLAIM_SURE;
		return;
	}
	if (is_too_large(request, &found))
		claims->of[MRAS_REASON_TOO_LARGE] = CLAIM_SURE;
	else
		claims->of[MRAS_REASON_MALFORMED] =
			(uint8_t)is_malformed(request, &found);
	claims->of[MRAS_REASON_VERSION] =
		(uint8_t)is_other_version(request->version);
}

/* ---- climbing ---- */

void mras_climb(const struct mras_claims *claims, struct mras_forecast *out)
{
	bool done = false;

	*out = (struct mras_forecast){.last = MRAS_REASONS};
	for (unsigned i = 0; i < MRAS_REASONS; i++) {
		enum claim holds = (enum claim)claims->of[i];

		out->may[i] = holds != CLAIM_NO && (!done || rows[i].any_time);
		if (holds == CLAIM_SURE && !done) {
			out->last = (enum mras_reason)i;
			done = true;
		}
	}
	out->success = !done;
}
