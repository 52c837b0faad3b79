/*
 * Stage 2: the right to use a relay.  MRAS tokens as SERVICE brings them
 * ([MS-AVEDGEA]), and what a TURN user name tells when nothing else was seen.
 */
#include "config.h"

#include "core/crypto.h"
#include "core/cursor.h"
#include "flow/stages_state.h"

#define USERNAME_MAX 2048u
/* 1601-01-01 to 1970-01-01 in 100 ns units. */
#define FILETIME_EPOCH UINT64_C(116444736000000000)
/* Expiry times before 2001 or behind 2100 are no times. */
#define EXPIRY_FIRST UINT64_C(978307200)
#define EXPIRY_LAST UINT64_C(4102444800)

static bool same_user(const void *rows, uint32_t row, const void *key)
{
	const struct token *t = (const struct token *)rows + row;

	return slice_equal(t->username, *(const struct slice *)key);
}

static struct token *token_of(struct stages *s, struct slice username,
			      size_t *number)
{
	struct list *list = &s->model->tokens;
	uint64_t hash = stages_hash(s, username);
	uint32_t row = index_find(&s->tokens, hash, same_user, list->rows,
				  &username);
	struct token *t;

	if (row != INDEX_NONE) {
		*number = row;
		return list_at(list, row);
	}
	t = list_add(list);
	if (!t)
		return NULL;
	t->username = model_bytes(s->model, username);
	*number = list->count - 1;
	if (index_add(&s->tokens, hash, (uint32_t)*number) != STATUS_OK)
		s->model->out_of_memory = true;
	return t;
}

static void granted(struct stages *s, const struct message *m,
		    const struct mras *mras, const struct mras_credentials *c)
{
	struct place place = place_of(&m->from);
	uint8_t user[USERNAME_MAX];
	struct token *t;
	size_t n, number;

	if (c->username.n == 0 || c->username.n > sizeof(user) ||
	    base64_decode(c->username, user, &n) != STATUS_OK)
		return;
	t = token_of(s, slice_of(user, n), &number);
	if (!t)
		return;
	t->kind = TOKEN_MRAS;
	t->state = STATE_OK;
	t->client = m->from.dst;
	t->issued = m->from.time;
	t->duration_min = c->duration_min;
	t->expires = clock_bounded(
		clock_of(m->from.time / NS_PER_S +
				 (int64_t)c->duration_min * 60,
			 m->from.time % NS_PER_S));
	t->answer = place;
	t->reason = model_text(s->model, mras->reason);
	if (c->relay_count)
		t->relay = model_text(s->model, c->relays[0].host);
	cite(&t->cited, &place);
}

/* A request, or an answer without credentials: known by who asked. */
static void asked(struct stages *s, const struct message *m,
		  const struct mras *mras)
{
	struct place place = place_of(&m->from);
	struct token *rows = MODEL_ROWS(token, s->model->tokens);
	bool request = mras->kind == MRAS_REQUEST;
	const struct endpoint *client = request ? &m->from.src : &m->from.dst;
	struct token *t = NULL;

	for (size_t i = 0; i < s->model->tokens.count && !t; i++)
		if (rows[i].kind == TOKEN_MRAS && rows[i].username.n == 0 &&
		    endpoint_equal(&rows[i].client, client))
			t = &rows[i];
	if (!t)
		t = list_add(&s->model->tokens);
	if (!t)
		return;
	t->kind = TOKEN_MRAS;
	t->client = *client;
	t->state = request ? STATE_INCOMPLETE : STATE_FAILED;
	if (request)
		t->request = place;
	else
		t->answer = place;
	if (mras->reason.n)
		t->reason = model_text(s->model, mras->reason);
	cite(&t->cited, &place);
}

void stage_token(struct stages *s, const struct message *m)
{
	for (size_t i = 0; i < m->content_count; i++) {
		const struct mras *mras = m->contents[i].mras;
		bool any = false;

		if (!mras)
			continue;
		for (size_t k = 0; k < mras->count; k++) {
			if (mras->kind != MRAS_RESPONSE ||
			    mras->credentials[k].username.n == 0)
				continue;
			granted(s, m, mras, &mras->credentials[k]);
			any = true;
		}
		if (!any)
			asked(s, m, mras);
	}
}

/*
 * The user name of an MRAS token: a version, 3 bytes of which the last is the
 * length of what follows, then the expiry as low and high word of a FILETIME
 * (little-endian words as seen in the field; spec mras 5.9).
 */
static nanoseconds mras_expiry(struct slice username)
{
	struct cursor c = cursor_over(username);
	uint64_t low, high, filetime;

	cursor_skip(&c, 4);
	low = cursor_u32(&c);
	high = cursor_u32(&c);
	filetime = high << 32 | low;
	if (c.bad || filetime < FILETIME_EPOCH ||
	    filetime - FILETIME_EPOCH > (uint64_t)INT64_MAX / 100)
		return 0;
	return clock_bounded((nanoseconds)(filetime - FILETIME_EPOCH) * 100);
}

static bool looks_like_mras(struct slice username)
{
	return username.n >= 36 && username.p[1] == 0 &&
	       username.p[0] <= 4 && mras_expiry(username) > 0;
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

static struct token *token_in_use(struct stages *s, const struct message *m,
				  const struct allocation *a, size_t *number)
{
	struct place place = place_of(&m->from);
	struct token *t =
		a->username.n ? token_of(s, a->username, number) : NULL;

	if (!t)
		return NULL;
	cite(&t->cited, &place);
	if (t->client.family == FAMILY_NONE)
		t->client = a->client;
	if (t->state != STATE_UNSEEN)
		return t;
	t->kind = kind_of(a->username, &t->expires);
	t->realm = model_text(s->model, a->realm);
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
	return number;
}

void token_refused(struct stages *s, const struct message *m,
		   struct allocation *a)
{
	nanoseconds expires;
	struct token *t;
	size_t number;

	(void)kind_of(a->username, &expires);
	if (expires == 0 || expires >= m->from.time)
		return;
	t = token_in_use(s, m, a, &number);
	if (!t)
		return;
	a->token = number;
	t->refused = place_of(&m->from);
	if (t->state == STATE_UNSEEN)
		t->state = STATE_FAILED;
}
