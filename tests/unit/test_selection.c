/* Selectors: what they mean, and what belongs to the calls that they choose. */
#include "config.h"

#include "report/selection.h"
#include "tests/support/t.h"

/* Three calls: one that worked, one that was refused, one registration. */
static const char *const methods[] = {"INVITE", ""};
static const char *const rests[] = {"sip:bob@h", "SIP/2.0 486 Busy Here"};

static void add_messages(struct model *m, struct dialog *d)
{
	struct sip_row *before = NULL;

	for (size_t i = 0; i < 2; i++) {
		struct sip_row *row = list_add(&m->sip_rows);

		before = i ? list_at(&m->sip_rows, i - 1) : NULL;
		row->method = model_keep_text(m, slice_of_text(methods[i]));
		row->rest = model_keep_text(m, slice_of_text(rests[i]));
		row->next = CHAIN_END;
		model_chain(&d->messages_seen, (uint32_t)i,
			    before ? &before->next : NULL);
	}
}

static struct call *add_call(struct model *m, const char *call_id,
			     const char *from, enum outcome outcome)
{
	struct dialog *d = list_add(&m->dialogs);
	struct call *call = model_call(m, CALL_DIALOG, 1);
	size_t number = m->dialogs.count - 1;

	d->call_id = call_id;
	call->dialog = number;
	call->call_id = call_id;
	call->from = from;
	call->to = "sip:bob@h";
	call->outcome = outcome;
	model_member(m, &call->dialogs, number);
	return call;
}

static void add_attempt(struct model *m)
{
	struct call *call = model_call(m, CALL_ATTEMPT, 1);
	struct registration *r = list_add(&m->registrations);
	struct party *p = list_add(&m->parties);

	p->aor = "sip:carol@h";
	r->party = 0;
	r->aor = p->aor;
	r->attempts[0].status = 403;
	r->attempt_count = 1;
	call->from = p->aor;
	call->outcome = OUTCOME_FAILED;
	call->stopped = STAGE_REGISTRATION;
	model_member(m, &call->registrations, 0);
}

static void make_model(struct model *m)
{
	static const struct rule rule = {.id = "exchange/rejected",
					 .stage = STAGE_EXCHANGE};
	static const struct rule alone = {.id = "capture/cut",
					  .stage = STAGE_CAPTURE};
	struct place first = {.frame = 1};
	place_number place;

	model_init(m);
	place = model_place(m, &first);
	add_call(m, "1@h", "sip:alice@h", OUTCOME_ESTABLISHED);
	add_call(m, "2@h", "sip:Dave@h", OUTCOME_REJECTED)->stopped =
		STAGE_EXCHANGE;
	add_messages(m, list_at(&m->dialogs, 1));
	add_attempt(m);
	(void)model_note(m, &rule, place, 1);
	(void)model_note(m, &alone, place, LIST_NONE);
}

/* A digit for each call that is chosen. */
static void chooses(const char *one, const char *two, const char *want)
{
	struct selection *s = selection_new();
	struct model m;
	struct keys keys;
	char got[4] = "";
	const char *why = NULL;
	size_t n = 0;

	make_model(&m);
	keys = keys_of(&m);
	assert_int_equal(selection_add(s, one, &why), STATUS_OK);
	if (two)
		assert_int_equal(selection_add(s, two, &why), STATUS_OK);
	assert_int_equal(selection_apply(s, &keys), STATUS_OK);
	for (size_t i = 0; i < 3; i++)
		if (selection_has(s, SELECTED_CALLS, i))
			got[n++] = (char)('1' + i);
	assert_string_equal(got, want);
	assert_int_equal(selection_count(s), n);
	selection_free(s);
	keys_free(&keys);
	model_free(&m);
}

static void selectors_choose(void **state)
{
	static const struct {
		const char *one, *two, *want;
	} rows[] = {
		{"2", NULL, "2"},
		{"c2", NULL, "2"},
		{"2-3", NULL, "23"},
		{"!2", NULL, "13"},
		{"9", NULL, ""},
		{"1", "3", "13"},
		{"2@h", NULL, "2"},
		{"call-id:2@h", NULL, "2"},
		{"key:1@h", NULL, "1"},
		{"attempt sip:carol@h -", NULL, "3"},
		{"from:ALICE", NULL, "1"},
		{"from:dave", NULL, "2"},
		{"to:bob", NULL, "12"},
		{"party:carol", NULL, "3"},
		{"outcome:failed", NULL, "3"},
		{"outcome:failed", "outcome:rejected", "23"},
		{"to:bob,outcome:established", NULL, "1"},
		{"to:bob,!from:alice", NULL, "2"},
		{"stage:exchange", NULL, "2"},
		{"stage:none", NULL, "1"},
		{"kind:attempt", NULL, "3"},
		{"rule:exchange/rejected", NULL, "2"},
		{"method:REGISTER", NULL, "3"},
		{"method:invite", NULL, "12"},
		{"method:BYE", NULL, ""},
		{"status:486", NULL, "2"},
		{"status:4xx", NULL, "23"},
		{"status:403", NULL, "3"},
		{"status:5xx", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		chooses(rows[i].one, rows[i].two, rows[i].want);
}

static void nonsense_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"!",
		"0",
		"3-2",
		"1,,2",
		"1,",
		"outcome:fine",
		"stage:invite",
		"status:99",
		"status:x86",
		"status:4867",
		"from:",
		"kind:sip",
	};
	struct selection *s = selection_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = NULL;

		if (selection_add(s, rows[i], &why) != STATUS_BAD)
			fail_msg("\"%s\" is taken", rows[i]);
		assert_non_null(why);
	}
	selection_free(s);
}

static void what_belongs_to_a_call_comes_along(void **state)
{
	struct selection *s = selection_new();
	struct model m;
	struct keys keys;
	const char *why;

	(void)state;
	make_model(&m);
	keys = keys_of(&m);
	assert_int_equal(selection_add(s, "2", &why), STATUS_OK);
	assert_int_equal(selection_apply(s, &keys), STATUS_OK);
	assert_false(selection_has(s, SELECTED_REGISTRATIONS, 0));
	assert_false(selection_has(s, SELECTED_PARTIES, 0));
	assert_true(selection_has(s, SELECTED_NOTES, 0));
	assert_true(selection_has(s, SELECTED_NOTES, 1));
	selection_free(s);
	s = selection_new();
	assert_int_equal(selection_add(s, "3", &why), STATUS_OK);
	assert_int_equal(selection_apply(s, &keys), STATUS_OK);
	assert_true(selection_has(s, SELECTED_REGISTRATIONS, 0));
	/* By its registration, though the call does not list it. */
	assert_true(selection_has(s, SELECTED_PARTIES, 0));
	assert_false(selection_has(s, SELECTED_NOTES, 0));
	assert_true(selection_has(s, SELECTED_NOTES, 1));
	assert_true(selection_has(NULL, SELECTED_CALLS, 0));
	selection_free(s);
	keys_free(&keys);
	model_free(&m);
}

/* Who names one call wants that one; who asks for a kind may find none. */
static void only_named_calls_are_missed(void **state)
{
	static const struct {
		const char *selector;
		bool missed;
	} rows[] = {
		{"7", true},
		{"nowhere@h", true},
		{"outcom:failed", true},
		{"outcome:cancelled", false},
		{"!7", false},
		{"1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct selection *s = selection_new();
		struct model m;
		struct keys keys;
		const char *why;

		make_model(&m);
		keys = keys_of(&m);
		assert_int_equal(selection_add(s, rows[i].selector, &why),
				 STATUS_OK);
		assert_int_equal(selection_apply(s, &keys), STATUS_OK);
		assert_int_equal(selection_missing(s) != NULL, rows[i].missed);
		selection_free(s);
		keys_free(&keys);
		model_free(&m);
	}
}

static const struct t_case cases[] = {
	{"selectors_choose", selectors_choose},
	{"nonsense_is_refused", nonsense_is_refused},
	{"what_belongs_to_a_call_comes_along",
	 what_belongs_to_a_call_comes_along},
	{"only_named_calls_are_missed", only_named_calls_are_missed},
};
T_MAIN(cases)
