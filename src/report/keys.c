/* Keys from values. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "report/keys.h"
#include "report/secrets.h"

#define KEY_MAX ((size_t)1 << 16)
/* Rows are compared by hash; who floods it gains a "#2". */
#define KEYS_SEED UINT64_C(0x6d7261736b657973)

const char *token_kind_name(enum token_kind kind)
{
	static const char *const names[] = {
		[TOKEN_MRAS] = "mras",
		[TOKEN_TURN_REST] = "turn-rest",
		[TOKEN_LONG_TERM] = "long-term",
		[TOKEN_OAUTH] = "oauth",
	};

	return names[kind];
}

const char *dialog_to_tag(const struct dialog *d)
{
	unsigned kept = d->fork_count < FORKS_KEPT ? d->fork_count : FORKS_KEPT;
	const char *tag = NULL;

	for (unsigned i = 0; d->forks && i < kept; i++) {
		if (d->forks[i].status >= 200 && d->forks[i].status < 300)
			return d->forks[i].to_tag;
		tag = d->forks[i].to_tag;
	}
	return tag;
}

static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] >= 0x7F)
			return false;
	return true;
}

/* What the credentials file of --credentials would have, too. */
void key_put_username(struct slice username, struct text *to)
{
	char *encoded;

	if (is_plain(username)) {
		text_put(to, username);
		return;
	}
	encoded = malloc((username.n + 2) / 3 * 4);
	if (!encoded)
		return;
	text_put(to, SLICE("base64:"));
	text_put(to, slice_of(encoded, base64_encode(username, encoded)));
	free(encoded);
}

static void put_word(struct text *to, const char *word)
{
	text_putc(to, ' ');
	text_puts(to, word);
}

static void put_party(const struct keys *k, size_t row, struct text *to)
{
	const struct party *p = list_at(&k->model->parties, row);

	secret_put_uris(slice_of_text(p->aor ? p->aor : ""), false, to);
}

static void put_registration(const struct keys *k, size_t row, struct text *to)
{
	const struct registration *r = list_at(&k->model->registrations, row);

	if (r->purpose == REGISTER_WEB) {
		text_puts(to, "web ");
		endpoint_ip_text(&r->client, to);
		return;
	}
	secret_put_uris(slice_of_text(r->aor ? r->aor : "-"), false, to);
	put_word(to, r->call_id ? r->call_id : "-");
}

static void put_token(const struct keys *k, size_t row, struct text *to)
{
	const struct token *t = list_at(&k->model->tokens, row);

	text_puts(to, token_kind_name(t->kind));
	text_putc(to, ' ');
	if (t->username.n)
		key_put_username(t->username, to);
	else
		text_puts(to, t->call_id ? t->call_id : "-");
}

static void put_allocation(const struct keys *k, size_t row, struct text *to)
{
	const struct allocation *a = list_at(&k->model->allocations, row);

	endpoint_text(end_at(k->model, a->client), to);
	text_putc(to, ' ');
	endpoint_text(end_at(k->model, a->server), to);
	put_word(to, a->transport);
	text_putc(to, ' ');
	if (a->has_session)
		text_hex(to, slice_of(a->session, sizeof(a->session)));
	else if (a->relayed)
		endpoint_text(end_at(k->model, a->relayed), to);
	else
		clock_rfc3339(place_time(k->model, a->request), to);
}

/* As RFC 3891 writes it. */
static void put_dialog(const struct dialog *d, struct text *to)
{
	const char *to_tag = dialog_to_tag(d);

	text_puts(to, d->call_id);
	if (d->from_tag_text) {
		text_put(to, SLICE(";from-tag="));
		text_puts(to, d->from_tag_text);
	}
	if (to_tag) {
		text_put(to, SLICE(";to-tag="));
		text_puts(to, to_tag);
	}
}

static void put_session(const struct model *m, const struct session *x,
			struct text *to)
{
	const char *first = text_or_empty(m, x->ufrags[0]);
	const char *second = text_or_empty(m, x->ufrags[1]);
	bool swapped = strcmp(first, second) > 0;

	text_put(to, SLICE("ice"));
	put_word(to, swapped ? second : first);
	put_word(to, swapped ? first : second);
	text_putc(to, ' ');
	clock_rfc3339(place_time(m, x->first), to);
}

static void put_binding(const struct model *m, const struct binding *b,
			struct text *to)
{
	endpoint_text(end_at(m, b->client), to);
	text_putc(to, ' ');
	endpoint_text(end_at(m, b->server), to);
	text_putc(to, ' ');
	clock_rfc3339(place_time(m, b->request), to);
}

static void put_shut(const struct model *m, const struct shut *x,
		     struct text *to)
{
	endpoint_text(&x->client, to);
	text_putc(to, ' ');
	endpoint_text(&x->server, to);
	text_putc(to, ' ');
	clock_rfc3339(place_time(m, x->cited.first), to);
}

static void put_attempt(const struct keys *k, const struct call *call,
			struct text *to)
{
	text_put(to, SLICE("attempt "));
	if (call->registrations.count)
		key_put(k, KEY_REGISTRATION, call->registrations.list[0], to);
	else if (call->tokens.count)
		key_put(k, KEY_TOKEN, call->tokens.list[0], to);
	else if (call->allocations.count)
		key_put(k, KEY_ALLOCATION, call->allocations.list[0], to);
	else if (call->shut)
		put_shut(k->model, list_at(&k->model->shuts, call->shut - 1),
			 to);
	else if (call->bindings.count)
		put_binding(
			k->model,
			list_at(&k->model->bindings, call->bindings.list[0]),
			to);
	else
		clock_rfc3339(call->start, to);
}

static void put_told(const struct model *m, const struct told_description *t,
		     struct text *to)
{
	text_put(to, SLICE("told"));
	put_word(to, text_or_empty(m, t->description.ufrag));
	text_putc(to, ' ');
	clock_rfc3339(place_time(m, t->description.place), to);
}

static void put_call(const struct keys *k, size_t row, struct text *to)
{
	const struct call *call = list_at(&k->model->calls, row);

	if (call->dialog != LIST_NONE)
		put_dialog(list_at(&k->model->dialogs, call->dialog), to);
	else if (call->sessions.count)
		put_session(
			k->model,
			list_at(&k->model->sessions, call->sessions.list[0]),
			to);
	else if (call->told[0] != CHAIN_END)
		put_told(k->model, list_at(&k->model->told, call->told[0]), to);
	else
		put_attempt(k, call, to);
}

static void put_note(const struct keys *k, size_t row, struct text *to)
{
	const struct note *note = list_at(&k->model->notes, row);

	text_puts(to, note->rule->id);
	if (note->call != LIST_NONE) {
		text_putc(to, ' ');
		key_put(k, KEY_CALL, note->call, to);
	}
	if (note->subject)
		put_word(to, note->subject);
}

typedef void put_fn(const struct keys *keys, size_t row, struct text *to);

/* Those that stand in other keys come before these. */
static put_fn *const put_rows[KEY_KINDS] = {
	[KEY_PARTY] = put_party, [KEY_REGISTRATION] = put_registration,
	[KEY_TOKEN] = put_token, [KEY_ALLOCATION] = put_allocation,
	[KEY_CALL] = put_call,   [KEY_NOTE] = put_note,
};

static size_t count_of(const struct model *m, enum key_kind kind)
{
	const struct list *const lists[KEY_KINDS] = {
		[KEY_PARTY] = &m->parties,
		[KEY_REGISTRATION] = &m->registrations,
		[KEY_TOKEN] = &m->tokens,
		[KEY_ALLOCATION] = &m->allocations,
		[KEY_CALL] = &m->calls,
		[KEY_NOTE] = &m->notes,
	};

	return lists[kind]->count;
}

void key_put(const struct keys *keys, enum key_kind kind, size_t row,
	     struct text *to)
{
	put_rows[kind](keys, row, to);
	if (keys->ordinals[kind] && keys->ordinals[kind][row] > 1)
		text_printf(to, "#%u", (unsigned)keys->ordinals[kind][row]);
}

/* ---- equal keys ---- */

struct seen {
	uint64_t hash;
	uint32_t count;
};

static bool same_hash(const void *rows, uint32_t row, const void *key)
{
	return ((const struct seen *)rows)[row].hash == *(const uint64_t *)key;
}

/* How many had this hash, this one included; 0 when memory is out. */
static uint32_t count_hash(struct index *index, struct list *rows,
			   uint64_t hash)
{
	uint32_t row = index_find(index, hash, same_hash, rows->rows, &hash);
	struct seen *seen;

	if (row != INDEX_NONE) {
		seen = list_at(rows, row);
		return ++seen->count;
	}
	seen = list_add(rows);
	if (!seen)
		return 0;
	*seen = (struct seen){hash, 1};
	return index_add(index, hash, (uint32_t)rows->count - 1) == STATUS_OK;
}

static void number_kind(struct keys *k, enum key_kind kind, struct text *text)
{
	size_t count = count_of(k->model, kind);
	uint32_t *ordinals = calloc(count + 1, sizeof(*ordinals));
	struct list rows = list_of(sizeof(struct seen), count);
	struct index index = {0};

	for (size_t i = 0; ordinals && i < count; i++) {
		text_clear(text);
		put_rows[kind](k, i, text);
		ordinals[i] = count_hash(
			&index, &rows, hash_bytes(KEYS_SEED, text_slice(text)));
	}
	k->ordinals[kind] = ordinals;
	list_free(&rows);
	index_free(&index);
}

struct keys keys_of(const struct model *model)
{
	struct keys k = {.model = model};
	struct text text = text_new(KEY_MAX);

	for (int kind = 0; kind < KEY_KINDS; kind++)
		number_kind(&k, (enum key_kind)kind, &text);
	text_free(&text);
	return k;
}

void keys_free(struct keys *keys)
{
	for (int kind = 0; kind < KEY_KINDS; kind++)
		free(keys->ordinals[kind]);
	*keys = (struct keys){0};
}
