/*
 * Stage 2: the right to use a relay.  MRAS tokens as SERVICE brings them
 * ([MS-AVEDGEA]), and what a TURN user name tells when nothing else was seen.
 */
#include "config.h"

#include "core/crypto.h"
#include "core/cursor.h"
#include "flow/rules.h"
#include "flow/stages_state.h"

#define USERNAME_MAX 2048u
/* Expiry times before 2001 or behind 2100 are no times. */
#define EXPIRY_FIRST UINT64_C(978307200)
#define EXPIRY_LAST UINT64_C(4102444800)

static bool same_user(const void *rows, uint32_t row, const void *key)
{
	const struct token *t = (const struct token *)rows + row;

	return slice_equal(t->username, *(const struct slice *)key);
}

static uint32_t find_user(const struct stages *s, struct slice username)
{
	return index_find(&s->tokens, stages_hash(s, username), same_user,
			  s->model->tokens.rows, &username);
}

static struct token *token_of(struct stages *s, struct slice username,
			      size_t *number)
{
	struct list *list = &s->model->tokens;
	uint64_t hash = stages_hash(s, username);
	uint32_t row = find_user(s, username);
	struct token *t;

	if (row != INDEX_NONE) {
		*number = row;
		return list_at(list, row);
	}
	t = list_add(list);
	if (!t)
		return NULL;
	t->party = LIST_NONE;
	t->username = model_bytes(s->model, username);
	*number = list->count - 1;
	if (index_add(&s->tokens, hash, (uint32_t)*number) != STATUS_OK)
		s->model->out_of_memory = true;
	return t;
}

/* ---- MRAS: a SERVICE request and its answer, by Call-ID ---- */

static bool same_request(const void *rows, uint32_t row, const void *key)
{
	const struct token *t = (const struct token *)rows + row;

	return t->call_id &&
	       model_text_is(t->call_id, *(const struct slice *)key);
}

/* What was asked for in this dialog, or NULL. */
static struct token *asked_in(struct stages *s, struct slice call_id)
{
	struct list *list = &s->model->tokens;
	uint32_t row = index_find(&s->token_requests, stages_hash(s, call_id),
				  same_request, list->rows, &call_id);

	return row == INDEX_NONE ? NULL : list_at(list, row);
}

struct chain *token_diagnoses(struct stages *s, struct slice call_id)
{
	struct token *t = asked_in(s, call_id);

	return t ? &t->diagnoses : NULL;
}

static void ask(struct stages *s, const struct message *m,
		const struct mras *mras)
{
	const struct sip_message *sip = m->u.sip;
	place_number place = stages_place(s, &m->from);
	struct list *list = &s->model->tokens;
	struct token *t = asked_in(s, sip->call_id);

	if (!t) {
		t = list_add(list);
		if (!t)
			return;
		t->party = LIST_NONE;
		t->kind = TOKEN_MRAS;
		t->state = STATE_INCOMPLETE;
		t->client = m->from.src;
		t->call_id = model_text(s->model, sip->call_id);
		t->identity = party_note(s, sip->from.uri, m, &t->party);
		t->request = place;
		model_becomes(s->model, &t->history, place, WORD_REQUESTED, 0);
		token_asks(s, t, m, mras);
		if (index_add(&s->token_requests, stages_hash(s, sip->call_id),
			      (uint32_t)list->count - 1) != STATUS_OK)
			s->model->out_of_memory = true;
	}
	token_passes(s, t, m, mras);
	cite(s->model, &t->cited, place);
}

static void note_username(struct stages *s, struct token *t,
			  struct slice username)
{
	const struct token *rows = s->model->tokens.rows;

	t->username = model_bytes(s->model, username);
	if (index_add(&s->tokens, stages_hash(s, username),
		      (uint32_t)(t - rows)) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* The row of these credentials: that of the request, or, where the request is
 * not in the capture or had other credentials before, one of its own. */
static struct token *token_of_grant(struct stages *s, const struct message *m,
				    struct slice username)
{
	struct token *t = asked_in(s, m->u.sip->call_id);
	size_t number;

	if (t && slice_equal(t->username, username))
		return t;
	if (!t || t->username.n || find_user(s, username) != INDEX_NONE)
		return token_of(s, username, &number);
	note_username(s, t, username);
	return t;
}

static void keep_relays(struct stages *s, struct token *t,
			const struct mras_credentials *c)
{
	for (size_t i = 0; i < c->relay_count && i < TOKEN_RELAYS_KEPT; i++) {
		const struct mras_relay *from = &c->relays[i];

		t->relays[t->relay_count++] = (struct token_relay){
			.location = from->location.n
					    ? stages_text(s, from->location)
					    : NULL,
			.host = stages_text(s, from->host.n ? from->host
							    : from->direct_ip),
			.udp_port = from->udp_port,
			.tcp_port = from->tcp_port,
		};
	}
	if (t->relay_count)
		t->relay = t->relays[0].host;
}

static void become_granted(struct stages *s, struct token *t,
			   const struct message *m, const struct mras *mras,
			   const struct mras_credentials *c)
{
	place_number place = stages_place(s, &m->from);

	t->kind = TOKEN_MRAS;
	t->state = STATE_OK;
	if (t->client.family == FAMILY_NONE)
		t->client = m->from.dst;
	if (!t->identity)
		t->identity = party_note(s, m->u.sip->from.uri, m, &t->party);
	t->password = model_bytes(s->model, c->password);
	t->issued = m->from.time;
	t->duration_min = c->duration_min;
	/* None, or one that is no number, tells nothing. */
	if (c->duration_min)
		t->expires = clock_bounded(clock_of(
			m->from.time / NS_PER_S + (int64_t)c->duration_min * 60,
			m->from.time % NS_PER_S));
	t->answer = place;
	t->reason = model_text(s->model, mras->reason);
	if (c->realm.n && !t->realm)
		t->realm = stages_text(s, c->realm);
	keep_relays(s, t, c);
	model_becomes(s->model, &t->history, place, WORD_OK, 0);
}

static void grant(struct stages *s, const struct message *m,
		  const struct mras *mras, const struct mras_credentials *c)
{
	place_number place = stages_place(s, &m->from);
	struct token *asked, *t;
	uint8_t user[USERNAME_MAX];
	size_t n;

	if (c->username.n == 0 || c->username.n > sizeof(user) ||
	    base64_decode(c->username, user, &n) != STATUS_OK)
		return;
	t = token_of_grant(s, m, slice_of(user, n));
	if (!t)
		return;
	asked = asked_in(s, m->u.sip->call_id);
	cite(s->model, &t->cited, place);
	token_answered(s, asked,
		       asked && t->asked && t->asked != asked->asked ? asked
								     : t,
		       m, mras);
	/* Granted before: the same on another hop, or to another request. */
	if (t->state != STATE_OK)
		become_granted(s, t, m, mras, c);
	if (!asked || asked == t || asked->state == STATE_OK)
		return;
	cite(s->model, &asked->cited, place);
	if (!asked->username.n)
		asked->username = t->username;
	become_granted(s, asked, m, mras, c);
}

/* No token: MRAS says why, or SIP does ([MS-AVEDGEA] 3.1.5.1), or what came
 * is none (`why`, else NULL). */
static void refuse(struct stages *s, const struct message *m,
		   const struct mras *mras, const char *why)
{
	const struct sip_message *sip = m->u.sip;
	place_number place = stages_place(s, &m->from);
	struct token *t = asked_in(s, sip->call_id);

	if (!t || t->state == STATE_OK)
		return;
	cite(s->model, &t->cited, place);
	token_answered(s, t, t, m, mras);
	/* SIP's own challenge is how it begins. */
	if (sip->status == 401 || sip->status == 407)
		return;
	t->state = STATE_FAILED;
	t->answer = place;
	model_becomes(s->model, &t->history, place, WORD_FAILED, sip->status);
	if (why)
		t->reason = model_sentence(s->model, "%u with %s", sip->status,
					   why);
	else if (mras && mras->reason.n)
		model_set_text(s->model, &t->reason, mras->reason);
	else
		t->reason = model_sentence(s->model, "%u %s", sip->status,
					   sip_reason_text(sip->status));
}

/* Is it all there, as it was sent?  Logs may leave secrets out. */
static bool is_whole(const struct message *m)
{
	return !m->from.cut && !m->from.logged && !m->u.sip->body_cut;
}

/* Can a client make use of them ([MS-AVEDGEA] 2.2.4.3)? */
static bool is_usable(const struct message *m, const struct mras_credentials *c)
{
	uint8_t user[USERNAME_MAX];
	size_t n;

	return c->username.n && (c->password.n || !is_whole(m)) &&
	       (c->username.n > sizeof(user) ||
		base64_decode(c->username, user, &n) == STATUS_OK);
}

static bool grant_all(struct stages *s, const struct message *m,
		      const struct mras *mras)
{
	bool any = false;

	for (size_t i = 0; i < mras->count; i++) {
		if (!is_usable(m, &mras->credentials[i]))
			continue;
		grant(s, m, mras, &mras->credentials[i]);
		any = true;
	}
	return any;
}

#define MRAS_TYPE "application/msrtc-media-relay-auth+xml"

/* A body of that type in which the dissector finds nothing of MRAS? */
static bool check_form(struct stages *s, const struct message *m,
		       const struct sip_content *content)
{
	if (!is_whole(m) || !content->body.bytes.n ||
	    !slice_is_nocase(content->body.type, MRAS_TYPE))
		return false;
	stages_found(s, &flow_rules[FLOW_RULE_MRAS_FORM], m);
	return true;
}

/* [MS-AVEDGEA] 3.1.5.1: the method and the type of what carries a request. */
static void check_carrier(struct stages *s, const struct message *m,
			  const struct sip_content *content)
{
	if (m->u.sip->method != SIP_SERVICE ||
	    !slice_is_nocase(content->body.type, MRAS_TYPE))
		stages_found(s, &flow_rules[FLOW_RULE_MRAS_CARRIER], m);
}

void stage_token(struct stages *s, const struct message *m)
{
	const struct sip_message *sip = m->u.sip;
	const struct mras *refusal = NULL;
	const char *why = NULL;
	bool any = false;

	for (size_t i = 0; i < m->content_count; i++) {
		const struct mras *mras = m->contents[i].mras;

		if (!mras && check_form(s, m, &m->contents[i]))
			why = "a document that is no response of MRAS";
		if (mras && mras->kind == MRAS_REQUEST && sip->request) {
			check_carrier(s, m, &m->contents[i]);
			ask(s, m, mras);
		} else if (mras && mras->kind == MRAS_RESPONSE &&
			   grant_all(s, m, mras)) {
			any = true;
		} else if (mras && mras->kind == MRAS_RESPONSE) {
			refusal = mras;
			if (mras->count && is_whole(m))
				why = "credentials that nobody can use";
		}
	}
	if (!any && !sip->request && sip->method == SIP_SERVICE &&
	    (refusal || why || sip->status >= 300))
		refuse(s, m, refusal, why);
}

/*
 * The user name of an MRAS token: a version, 3 bytes of which the last is the
 * length of what follows, then the expiry as low and high word of a FILETIME
 * (little-endian words as seen in the field; spec mras 5.9).
 */
static nanoseconds mras_expiry(struct slice username)
{
	struct cursor c = cursor_over(username);
	uint64_t low, high;

	cursor_skip(&c, 4);
	low = cursor_u32(&c);
	high = cursor_u32(&c);
	return c.bad ? 0 : clock_of_filetime(high << 32 | low);
}

static bool looks_like_mras(struct slice username)
{
	struct cursor c = cursor_over(username);

	return cursor_u8(&c) <= 4 && cursor_u8(&c) == 0 && username.n >= 36 &&
	       mras_expiry(username) > 0;
}

static nanoseconds unix_time(struct slice digits)
{
	uint64_t seconds;

	if (digits.n < 9 ||
	    slice_number(digits, EXPIRY_LAST, &seconds) != STATUS_OK ||
	    seconds < EXPIRY_FIRST)
		return 0;
	return clock_of((int64_t)seconds, 0);
}

/* "expiry", "expiry:user" or "user:expiry" (TURN REST). */
static nanoseconds rest_expiry(struct slice username)
{
	struct slice rest = username;
	nanoseconds first = unix_time(slice_split(&rest, ':'));
	size_t at;

	if (first)
		return first;
	while (slice_find(rest, ':', &at))
		rest = slice_from(rest, at + 1);
	return unix_time(rest);
}

/* What a user name tells of its kind and its end. */
static enum token_kind kind_of(struct slice username, nanoseconds *expires)
{
	*expires = looks_like_mras(username) ? mras_expiry(username) : 0;
	if (*expires)
		return TOKEN_MRAS;
	*expires = rest_expiry(username);
	return *expires ? TOKEN_TURN_REST : TOKEN_LONG_TERM;
}

/* What an access token says of itself, where its key is known; the newest of a
 * key id counts. */
static void take_span(struct token *t, const struct message *m)
{
	if (!m->token_until)
		return;
	t->issued = m->token_made;
	t->expires = m->token_until;
	t->duration_min =
		(uint32_t)((t->expires - t->issued) / (60 * NS_PER_S));
}

static struct token *token_in_use(struct stages *s, const struct message *m,
				  const struct allocation *a, size_t *number)
{
	place_number place = stages_place(s, &m->from);
	struct token *t =
		a->username.n ? token_of(s, a->username, number) : NULL;

	if (!t)
		return NULL;
	cite(s->model, &t->cited, place);
	if (!t->first_used)
		t->first_used = place;
	t->last_used = place;
	if (t->client.family == FAMILY_NONE)
		t->client = *end_at(s->model, a->client);
	if (!t->realm && a->realm.n)
		t->realm = stages_text(s, a->realm);
	take_span(t, m);
	if (t->state != STATE_UNSEEN)
		return t;
	t->kind = kind_of(a->username, &t->expires);
	/* The name is then a key id (RFC 7635 6.1). */
	if (fact_of(s->model, &a->facts, FACT_ACCESS_TOKEN)) {
		t->kind = TOKEN_OAUTH;
		t->expires = 0;
		take_span(t, m);
	}
	return t;
}

size_t token_of_username(struct stages *s, const struct message *m,
			 const struct allocation *a)
{
	size_t number;
	struct token *t = token_in_use(s, m, a, &number);

	if (!t)
		return LIST_NONE;
	if (t->state != STATE_OK)
		t->state = STATE_INFERRED;
	if (t->history.count == 0) {
		place_number place = stages_place(s, &m->from);

		model_becomes(s->model, &t->history, place, WORD_OK, 0);
	}
	return number;
}

void token_refused(struct stages *s, const struct message *m,
		   struct allocation *a)
{
	nanoseconds expires;
	struct token *t;
	size_t number;
	uint32_t row = find_user(s, a->username);

	(void)kind_of(a->username, &expires);
	/* What the issuer said of its end stands above what the name says. */
	t = row == INDEX_NONE ? NULL : list_at(&s->model->tokens, row);
	if (t && t->expires)
		expires = t->expires;
	if (!t && (expires == 0 || expires >= m->from.time))
		return;
	t = token_in_use(s, m, a, &number);
	if (!t)
		return;
	a->token = (uint32_t)number;
	if (expires == 0 || expires >= m->from.time)
		return;
	t->refused = stages_place(s, &m->from);
	model_becomes(s->model, &t->history, t->refused, WORD_EXPIRED, 0);
	if (t->state == STATE_UNSEEN)
		t->state = STATE_FAILED;
}

void tokens_expire(struct stages *s)
{
	struct token *rows = s->model->tokens.rows;

	for (size_t i = 0; i < s->model->tokens.count; i++) {
		struct place end = {.time = rows[i].expires};

		if (rows[i].expires && rows[i].history.count &&
		    !rows[i].refused && rows[i].expires < s->model->last_time)
			model_becomes(s->model, &rows[i].history,
				      model_place(s->model, &end), WORD_EXPIRED,
				      0);
	}
}
