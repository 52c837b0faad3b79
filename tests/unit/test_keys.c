/* Keys: from values alone, and told apart when values are the same. */
#include "config.h"

#include "report/keys.h"
#include "tests/support/t.h"

#define START INT64_C(1795521600000000000) /* 2026-11-24T12:00:00Z */

static struct registration *add_registration(struct model *m, const char *aor)
{
	struct registration *r = list_add(&m->registrations);

	assert_non_null(r);
	r->aor = aor;
	r->call_id = "reg@h";
	r->party = LIST_NONE;
	return r;
}

static size_t add_dialog_call(struct model *m, const char *call_id)
{
	struct dialog *d = list_add(&m->dialogs);
	struct call *call = model_call(m, CALL_DIALOG, START);

	assert_non_null(d);
	assert_non_null(call);
	d->call_id = call_id;
	call->dialog = m->dialogs.count - 1;
	call->call_id = call_id;
	return m->calls.count - 1;
}

static void is_key(const struct keys *keys, enum key_kind kind, size_t row,
		   const char *want)
{
	struct text t = text_new(1000);

	key_put(keys, kind, row, &t);
	t_equal_text(text_slice(&t), want);
	text_free(&t);
}

static void dialogs_have_call_id_and_tags(void **state)
{
	static struct fork forks[] = {{.to_tag = "early", .status = 180},
				      {.to_tag = "there", .status = 200},
				      {.to_tag = "late", .status = 180}};
	struct model m;
	struct keys keys;
	struct dialog *d;

	(void)state;
	model_init(&m);
	add_dialog_call(&m, "a@h");
	add_dialog_call(&m, "b@h");
	d = list_at(&m.dialogs, 1);
	d->from_tag_text = "here";
	d->forks = forks;
	d->fork_count = 3;
	keys = keys_of(&m);
	is_key(&keys, KEY_CALL, 0, "a@h");
	is_key(&keys, KEY_CALL, 1, "b@h;from-tag=here;to-tag=there");
	keys_free(&keys);
	model_free(&m);
}

static void sessions_have_sorted_fragments_and_start(void **state)
{
	struct model m;
	struct keys keys;

	(void)state;
	model_init(&m);
	for (int i = 0; i < 2; i++) {
		struct session *x = list_add(&m.sessions);
		struct call *call = model_call(&m, CALL_ICE, START);

		x->ufrags[i] = model_keep_text(&m, SLICE("aaaa"));
		x->ufrags[!i] = model_keep_text(&m, SLICE("bbbb"));
		x->first = model_place(&m, &(struct place){.time = START + i});
		model_member(&m, &call->sessions, (size_t)i);
	}
	keys = keys_of(&m);
	is_key(&keys, KEY_CALL, 0,
	       "ice aaaa bbbb 2026-11-24T12:00:00.000000000Z");
	is_key(&keys, KEY_CALL, 1,
	       "ice aaaa bbbb 2026-11-24T12:00:00.000000001Z");
	keys_free(&keys);
	model_free(&m);
}

static void equal_keys_are_numbered(void **state)
{
	struct model m;
	struct keys keys;
	struct call *call;

	(void)state;
	model_init(&m);
	add_registration(&m, "sip:a@h");
	add_registration(&m, "sip:b@h");
	add_registration(&m, "sip:a@h");
	call = model_call(&m, CALL_ATTEMPT, START);
	model_member(&m, &call->registrations, 2);
	keys = keys_of(&m);
	is_key(&keys, KEY_REGISTRATION, 0, "sip:a@h reg@h");
	is_key(&keys, KEY_REGISTRATION, 1, "sip:b@h reg@h");
	is_key(&keys, KEY_REGISTRATION, 2, "sip:a@h reg@h#2");
	is_key(&keys, KEY_CALL, 0, "attempt sip:a@h reg@h#2");
	keys_free(&keys);
	model_free(&m);
}

static void binary_user_names_are_base64(void **state)
{
	struct model m;
	struct keys keys;
	struct token *t;

	(void)state;
	model_init(&m);
	t = list_add(&m.tokens);
	t->kind = TOKEN_MRAS;
	t->username = slice_of("\x02\x00\x00\x24", 4);
	t = list_add(&m.tokens);
	t->kind = TOKEN_TURN_REST;
	t->username = SLICE("1795521600:alice");
	t = list_add(&m.tokens);
	t->call_id = "service@h";
	keys = keys_of(&m);
	is_key(&keys, KEY_TOKEN, 0, "mras base64:AgAAJA==");
	is_key(&keys, KEY_TOKEN, 1, "turn-rest 1795521600:alice");
	is_key(&keys, KEY_TOKEN, 2, "mras service@h");
	keys_free(&keys);
	model_free(&m);
}

static void no_key_tells_a_password(void **state)
{
	struct model m;
	struct keys keys;
	struct text t = text_new(1000);
	size_t at;

	(void)state;
	model_init(&m);
	add_registration(&m, "sip:a:pass-word@h");
	keys = keys_of(&m);
	key_put(&keys, KEY_REGISTRATION, 0, &t);
	assert_false(slice_search(text_slice(&t), SLICE("pass-word"), &at));
	text_free(&t);
	keys_free(&keys);
	model_free(&m);
}

static const struct t_case cases[] = {
	{"dialogs_have_call_id_and_tags", dialogs_have_call_id_and_tags},
	{"sessions_have_sorted_fragments_and_start",
	 sessions_have_sorted_fragments_and_start},
	{"equal_keys_are_numbered", equal_keys_are_numbered},
	{"binary_user_names_are_base64", binary_user_names_are_base64},
	{"no_key_tells_a_password", no_key_tells_a_password},
};
T_MAIN(cases)
