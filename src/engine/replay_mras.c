/*
 * The judge of MRAS ([MS-AVEDGEA] 3.1.5): requests for tokens wait here, and
 * an answer is held against what a server could say to that document.
 *
 * Nothing is known of a server's users, keys, rules, clock and longest token:
 * what depends on them may be.  Which versions it has its answers tell.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/sip.h"
#include "engine/replay_mras.h"

#define SERVERS_MAX 64u
#define SCRATCH_MAX ((size_t)1 << 23)

/* A request that waits, or has its answer. */
struct asked {
	uint64_t hash; /* of Call-ID and CSeq; 0: free */
	uint64_t file, frame;
	uint64_t answer; /* hash of what came last; 0: nothing */
	uint8_t *document;
	size_t size;
	struct mras_claims claims;
	struct endpoint client, server;
	struct endpoint answered_from, answered_to;
	uint32_t from, to; /* hashes of the tag, and of the URI */
};

/* What its answers told of a server. */
struct known {
	uint32_t to;      /* hash of its address; 0: free */
	uint8_t versions; /* bit per major version that it served */
};

struct replay_mras {
	struct arena scratch;
	struct asked asked[REPLAY_ASKED_MAX];
	struct known servers[SERVERS_MAX];
	size_t next, next_server;
};

static struct replay_mras *state_of(struct replay *r)
{
	if (r->mras)
		return r->mras;
	r->mras = calloc(1, sizeof(*r->mras));
	if (r->mras)
		r->mras->scratch = arena_new(SCRATCH_MAX);
	return r->mras;
}

void replay_mras_free(struct replay_mras *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < REPLAY_ASKED_MAX; i++)
		free(s->asked[i].document);
	arena_free(&s->scratch);
	free(s);
}

void mras_trial_find(const struct mras_trial *t, enum replay_rule rule,
		     const char *format, ...)
{
	va_list arguments;
	struct replay_finding f = {.rule = rule,
				   .file = t->m->file,
				   .frame = t->m->frame,
				   .time = t->m->time,
				   .client = t->m->dst,
				   .server = t->m->src,
				   .asked_file = t->asked_file,
				   .asked_frame = t->asked_frame,
				   .of_mras = true};
	va_start(arguments, format);
	replay_note(t->r, &f, format, arguments);
	va_end(arguments);
}

/* ---- requests ---- */

static uint64_t hash_of(const struct replay *r, const struct sip_message *sip)
{
	uint64_t hash = hash_bytes(r->key + sip->cseq, sip->call_id);

	return hash ? hash : 1;
}

static struct asked *find_asked(struct replay *r, uint64_t hash)
{
	for (size_t i = 0; r->mras && i < REPLAY_ASKED_MAX; i++)
		if (r->mras->asked[i].hash == hash)
			return &r->mras->asked[i];
	return NULL;
}

/* The oldest gives its place. */
static void take_request(struct replay *r, const struct replay_sip *m)
{
	struct mras_question question = {.method = m->sip->method_text,
					 .content_type = m->type,
					 .body = m->document};
	struct replay_mras *s;
	struct mras request;
	struct asked *a;

	if (!m->document.n || m->document.n > REPLAY_DOCUMENT_MAX ||
	    find_asked(r, hash_of(r, m->sip)))
		return; /* the same on another hop, or once more */
	s = state_of(r);
	if (!s)
		return;
	a = &s->asked[s->next++ % REPLAY_ASKED_MAX];
	free(a->document);
	*a = (struct asked){.document = malloc(m->document.n)};
	if (!a->document)
		return;
	memcpy(a->document, m->document.p, m->document.n);
	a->hash = hash_of(r, m->sip);
	a->size = m->document.n;
	a->file = m->file;
	a->frame = m->frame;
	a->client = m->src;
	a->server = m->dst;
	a->from = replay_hash(r, m->sip->from_tag);
	a->to = replay_hash(r, m->sip->to.uri);
	arena_reset(&s->scratch);
	mras_examine(&question, &s->scratch, &request, &a->claims);
}

/* ---- servers ---- */

static uint8_t bit_of(const struct mras *m)
{
	unsigned major = mras_major_of(m->version);

	if (major == 0 || major >= 8)
		return 0;
	return (uint8_t)(1u << major);
}

static struct known *known_of(const struct mras_trial *t, bool make)
{
	struct replay_mras *s = t->r->mras;
	uint32_t to = replay_hash(t->r, t->request.to);
	struct known *row;

	for (size_t i = 0; i < SERVERS_MAX; i++)
		if (s->servers[i].to == to)
			return &s->servers[i];
	if (!make)
		return NULL;
	row = &s->servers[s->next_server++ % SERVERS_MAX];
	*row = (struct known){.to = to};
	return row;
}

/* What the capture cannot tell may be; a version that was served is had. */
static void claim_state(struct mras_trial *t)
{
	const struct known *server = known_of(t, false);
	bool served = server && server->versions & bit_of(&t->request);

	for (unsigned i = 0; i < MRAS_REASONS; i++)
		if (mras_row_of((enum mras_reason)i)->any_time &&
		    t->claims.of[i] == CLAIM_NO)
			t->claims.of[i] = CLAIM_MAYBE;
	t->claims.of[MRAS_REASON_VERSION] = served ? CLAIM_NO : CLAIM_MAYBE;
}

/* What was taken for good is known from then on. */
static void adopt(const struct mras_trial *t)
{
	struct known *server;

	if (!slice_is(t->reply.reason, "OK") || !t->request.to.n)
		return;
	server = known_of(t, true);
	server->versions |= bit_of(&t->request);
}

/* ---- answers ---- */

/* RFC 3261 8.2.6.2; servers between may have names of their own. */
static void judge_sip(const struct mras_trial *t, const struct asked *a)
{
	if (!endpoint_equal(&a->client, &t->m->dst) ||
	    !endpoint_equal(&a->server, &t->m->src))
		return;
	if (replay_hash(t->r, t->m->sip->from_tag) != a->from)
		mras_trial_find(t, REPLAY_VALUE_WRONG,
				"the tag of From is not the request's");
	if (replay_hash(t->r, t->m->sip->to.uri) != a->to)
		mras_trial_find(t, REPLAY_VALUE_WRONG,
				"the address of To is not the request's");
}

static void judge(struct replay *r, const struct replay_sip *m, struct asked *a)
{
	struct mras_trial t = {.r = r,
			       .m = m,
			       .claims = a->claims,
			       .asked_file = a->file,
			       .asked_frame = a->frame};
	struct decoding d = {.arena = &r->mras->scratch};
	size_t used;

	arena_reset(&r->mras->scratch);
	/* What it was read as is told by the claims already. */
	if (mras_decode(&d, slice_of(a->document, a->size), &t.request,
			&used) != STATUS_OK ||
	    t.request.kind != MRAS_REQUEST)
		t.request = (struct mras){.kind = MRAS_REQUEST};
	claim_state(&t);
	mras_climb(&t.claims, &t.forecast);
	r->counts.replies++;
	judge_sip(&t, a);
	mras_trial_judge(&t, &r->mras->scratch);
	adopt(&t);
}

/* The next one on the same way. */
static void judge_again(struct replay *r, const struct replay_sip *m,
			const struct asked *a)
{
	const struct mras_trial t = {
		.r = r, .m = m, .asked_file = a->file, .asked_frame = a->frame};

	if (endpoint_equal(&a->answered_from, &m->src) &&
	    endpoint_equal(&a->answered_to, &m->dst))
		mras_trial_find(&t, REPLAY_ANSWERS_DIFFER,
				"one request for a token was answered with "
				"two different documents");
}

static uint64_t hash_of_answer(const struct replay *r,
			       const struct replay_sip *m)
{
	uint64_t hash = hash_bytes(r->key + m->sip->status, m->document);

	hash = hash_bytes(hash, m->type);
	hash = hash_bytes(hash, m->sip->from_tag);
	hash = hash_bytes(hash, m->sip->to.uri);
	return hash ? hash : 1;
}

/* The same answer passes hop by hop, and is judged once; what became another on
 * the way, once more. */
static void take_answer(struct replay *r, const struct replay_sip *m)
{
	struct asked *a = find_asked(r, hash_of(r, m->sip));
	uint64_t answer;

	if (!a || m->sip->body_cut)
		return;
	answer = hash_of_answer(r, m);
	if (a->answer == answer)
		return;
	if (a->answer)
		judge_again(r, m, a);
	judge(r, m, a);
	a->answer = answer;
	a->answered_from = m->src;
	a->answered_to = m->dst;
}

/* A challenge of SIP is no answer of MRAS. */
void replay_take_sip(struct replay *r, const struct replay_sip *m)
{
	const struct sip_message *sip = m->sip;

	if (sip->request)
		take_request(r, m);
	else if (r->mras && sip->status >= 200 && sip->status != 401 &&
		 sip->status != 407)
		take_answer(r, m);
}
