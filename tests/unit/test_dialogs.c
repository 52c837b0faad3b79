/*
 * What the model keeps of a dialog: its messages with their copies, forks,
 * changes, history, candidates; and who takes part.
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

static void told(struct model *model, const char *const lines[STORY_MAX])
{
	struct wire w;

	story(&w, lines);
	heard_model(&w, NULL, model);
	wire_close(&w);
}

static const struct dialog *first_dialog(const struct model *m)
{
	assert_true(m->dialogs.count >= 1);
	return list_at(&m->dialogs, 0);
}

/* "line copies/again" of each message. */
static void messages_text(const struct model *m, char *out, size_t size)
{
	const struct dialog *d = first_dialog(m);
	uint32_t at =
		d->messages_seen.count ? d->messages_seen.first : CHAIN_END;
	struct text line = text_new(1024);
	size_t n = 0;

	out[0] = '\0';
	while (at != CHAIN_END) {
		const struct sip_row *r = list_at(&m->sip_rows, at);

		struct slice shown = sip_row_line(m, r, &line);

		n += (size_t)snprintf(out + n, size - n, "%.*s %u/%u, ",
				      (int)shown.n, (const char *)shown.p,
				      r->copies, r->retransmissions);
		at = r->next;
	}
	text_free(&line);
}

/* Who says BYE has a dialog (RFC 3261 15.1.1): that of before the capture. */
static void the_end_of_an_older_call_is_a_call(void **state)
{
	static const struct {
		const char *lines[STORY_MAX];
		size_t dialogs;
	} rows[] = {
		{{"> BYE 2 tag", "< 200 2 BYE"}, 1},
		{{"< 200 2 BYE"}, 0},
		{{"> ACK 1 tag"}, 0},
		{{"> BYE 2"}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;

		told(&model, rows[i].lines);
		assert_int_equal(model.dialogs.count, rows[i].dialogs);
		if (rows[i].dialogs) {
			const struct dialog *d = first_dialog(&model);

			assert_true(d->older && d->bye);
			assert_int_equal(d->invites, 0);
		}
		model_free(&model);
	}
}

/* Where only one direction was captured. */
static void answers_tell_of_the_next_try(void **state)
{
	static const char *const lines[STORY_MAX] = {"< 422 1", "< 180 2",
						     "< 200 2"};
	static const char *const refused[STORY_MAX] = {"< 422 1", "< 200 2",
						       "< 486 3"};
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(first_dialog(&model)->final, 200);
	model_free(&model);
	told(&model, refused);
	assert_int_equal(first_dialog(&model)->final, 200);
	model_free(&model);
}

#define INVITE_LINE "INVITE sip:bob@example.org SIP/2.0"

static void each_message_is_a_row_on_each_hop(void **state)
{
	static const struct {
		const char *want;
		const char *lines[STORY_MAX];
	} rows[] = {
		{INVITE_LINE " 0/0, SIP/2.0 200 OK 0/0, "
			     "ACK sip:bob@example.org SIP/2.0 0/0, ",
		 {"> INVITE 1", "< 200 1", "> ACK 1 tag"}},
		{INVITE_LINE " 0/2, ",
		 {"> INVITE 1", "> INVITE 1", "> INVITE 1"}},
		{INVITE_LINE " 0/1, " INVITE_LINE " 0/0, ",
		 {"> INVITE 1", "> INVITE 1 hop", "> INVITE 1"}},
		{INVITE_LINE " 0/0, " INVITE_LINE " 0/0, ",
		 {"> INVITE 1", "> INVITE 2 auth"}},
		/* The answers to two requests read alike. */
		{INVITE_LINE " 0/0, SIP/2.0 200 OK 0/1, "
			     "BYE sip:bob@example.org SIP/2.0 0/0, "
			     "SIP/2.0 200 OK 0/0, ",
		 {"> INVITE 1", "< 200 1", "< 200 1", "> BYE 1 tag",
		  "< 200 1 BYE"}},
		/* Reliable ones are several (RFC 3262 3). */
		{INVITE_LINE " 0/0, SIP/2.0 183 Session Progress 0/1, "
			     "SIP/2.0 183 Session Progress 0/0, ",
		 {"> INVITE 1", "< 183 1 with=RSeq:1", "< 183 1 with=RSeq:1",
		  "< 183 1 with=RSeq:2"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;
		char got[400];

		told(&model, rows[i].lines);
		messages_text(&model, got, sizeof(got));
		assert_string_equal(got, rows[i].want);
		model_free(&model);
	}
}

/* Both frames of a mirror port. */
static void the_same_at_once_is_a_copy(void **state)
{
	struct model model;
	struct wire w;
	char got[400];

	(void)state;
	wire_open(&w);
	story_line(&w, "> INVITE 1");
	story_line(&w, "> INVITE 1");
	w.times[1] = w.times[0] + 10000;
	story_line(&w, "> INVITE 1");
	heard_model(&w, NULL, &model);
	messages_text(&model, got, sizeof(got));
	assert_string_equal(got, INVITE_LINE " 1/1, ");
	wire_close(&w);
	model_free(&model);
}

static void rows_know_where_they_went(void **state)
{
	static const char *const lines[STORY_MAX] = {"> INVITE 1", "< 180 1"};
	struct endpoint alice = wire_end("1:5060"), bob = wire_end("2:5060");
	const struct sip_row *r;
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.sip_rows.count, 2);
	r = list_at(&model.sip_rows, 1);
	assert_true(endpoint_equal(end_at(&model, r->src), &bob));
	assert_true(endpoint_equal(end_at(&model, r->dst), &alice));
	assert_int_equal(place_at(&model, r->place).frame, 2);
	model_free(&model);
}

static void forks_are_known_by_their_to_tags(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1",   "< 100 1",      "< 180 1 to=x", "< 180 1 to=y",
		"< 183 1 to=y", "< 200 1 to=x", "> ACK 1 to=x"};
	const struct dialog *d;
	struct model model;

	(void)state;
	told(&model, lines);
	d = first_dialog(&model);
	assert_int_equal(d->fork_count, 2);
	assert_string_equal(d->forks[0].to_tag, "x");
	assert_int_equal(d->forks[0].status, 200);
	assert_int_equal(place_at(&model, d->forks[0].first).frame, 3);
	assert_string_equal(d->forks[1].to_tag, "y");
	assert_int_equal(d->forks[1].status, 183);
	assert_string_equal(d->from_tag_text, "f");
	model_free(&model);
}

static void many_forks_are_counted_and_few_kept(void **state)
{
	struct model model;
	struct wire w;
	char line[40];

	(void)state;
	wire_open(&w);
	story_line(&w, "> INVITE 1");
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 20; i++) {
			snprintf(line, sizeof(line), "< %u 1 to=x%u",
				 round ? 183 : 180, i);
			story_line(&w, line);
		}
	heard_model(&w, NULL, &model);
	assert_int_equal(first_dialog(&model)->fork_count, 20);
	assert_string_equal(first_dialog(&model)->forks[FORKS_KEPT - 1].to_tag,
			    "x7");
	wire_close(&w);
	model_free(&model);
}

static void history_text(const struct model *m, const struct chain *history,
			 char *out, size_t size)
{
	uint32_t at = history->count ? history->first : CHAIN_END;
	size_t n = 0;

	out[0] = '\0';
	while (at != CHAIN_END) {
		const struct change *c = list_at(&m->changes, at);
		const char *to = word_text((enum word)c->to);

		n += (size_t)snprintf(
			out + n, size - n, "%s%s %u", n ? ", " : "",
			to ? to : word_text((enum word)c->what), c->value);
		at = c->next;
	}
}

static void each_change_of_a_dialog_is_a_row(void **state)
{
	static const struct {
		const char *want;
		const char *lines[STORY_MAX];
	} rows[] = {
		{"invited 0, proceeding 100, proceeding 180, answered 200, "
		 "confirmed 0, ended 0",
		 {"> INVITE 1", "> INVITE 1", "< 100 1", "< 180 1", "< 180 1",
		  "< 200 1", "> ACK 1 tag", "> BYE 2 tag", "< 200 2 BYE"}},
		{"invited 0, challenged 407, invited 0, rejected 486",
		 {"> INVITE 1", "< 407 1", "> ACK 1 tag", "> INVITE 2 auth",
		  "< 486 2", "> ACK 2 tag"}},
		{"invited 0, cancelled 0",
		 {"> INVITE 1", "> CANCEL 1", "< 200 1 CANCEL", "< 487 1",
		  "> ACK 1 tag"}},
		{"invited 0, answered 200, confirmed 0, changed 1, changed 2",
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> INVITE 2 tag plain", "< 200 2 plain", "> ACK 2 tag",
		  "< INVITE 2 plain", "> 200 2 plain", "< ACK 2"}},
		/* Several ways at once, one answers. */
		{"invited 0, answered 200, confirmed 0",
		 {"> INVITE 1 plain", "> INVITE 2 plain src=1:5062",
		  "< 200 1 plain", "> CANCEL 2 src=1:5062", "> ACK 1 tag"}},
		/* What a branch says to the proxy is not the caller's. */
		{"invited 0, proceeding 100",
		 {"> INVITE 1", "< 100 1", "> INVITE 1 hop", "< 486 1 hop"}},
		{"invited 0, answered 200, confirmed 0, restarted 1, changed 1",
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag",
		  "> INVITE 2 tag ice ufrag=uc", "< 200 2 ice ufrag=ud"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;
		char got[400];

		told(&model, rows[i].lines);
		history_text(&model, &first_dialog(&model)->history, got,
			     sizeof(got));
		assert_string_equal(got, rows[i].want);
		model_free(&model);
	}
}

static void changes_and_restarts_are_counted(void **state)
{
	static const struct {
		unsigned changes, restarts;
		const char *lines[STORY_MAX];
	} rows[] = {
		{0, 0, {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag"}},
		/* Asked, not answered. */
		{0,
		 0,
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> INVITE 2 tag plain", "< 491 2"}},
		/* A refresh of the session timer. */
		{0,
		 0,
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> UPDATE 2 tag", "< 200 2 UPDATE"}},
		{1,
		 0,
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> UPDATE 2 tag plain", "< 200 2 UPDATE plain",
		  "< 200 2 UPDATE plain"}},
		/* Bob counts for himself: his number 1 is no answer. */
		{1,
		 0,
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag",
		  "< INVITE 1 ice", "> 200 1 ice", "< ACK 1"}},
		{1,
		 1,
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag",
		  "< INVITE 1 ice ufrag=uc", "> 200 1 ice ufrag=ud"}},
		/* The same restart on the next hop. */
		{1,
		 1,
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag",
		  "> INVITE 2 tag ice ufrag=uc",
		  "> INVITE 2 tag ice ufrag=ux hop", "< 200 2 ice ufrag=uy hop",
		  "< 200 2 ice ufrag=ud"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dialog *d;
		struct model model;

		told(&model, rows[i].lines);
		d = first_dialog(&model);
		if (d->renegotiations != rows[i].changes ||
		    d->restarts != rows[i].restarts)
			fail_msg("row %zu: %u changes, %u restarts", i,
				 d->renegotiations, d->restarts);
		model_free(&model);
	}
}

static void candidates_know_where_they_stand(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 relay", "< 200 1 ice", "> ACK 1 tag",
		"< INVITE 1 ice ufrag=uc"};
	const struct dialog *d;
	const struct candidate *c;
	struct model model;

	(void)state;
	told(&model, lines);
	d = first_dialog(&model);
	assert_int_equal(d->offer.candidate_count, 2);
	assert_int_equal(d->reply.candidate_count, 2);
	assert_string_equal(text_at(&model, d->offer.ufrag), "ua");
	assert_string_equal(text_at(&model, d->reply.ufrag), "ub");
	assert_non_null(d->offer.pwd);
	c = list_at(&model.candidates, d->offer.first_candidate);
	assert_int_equal(c->side, SIDE_OFFER);
	assert_string_equal(text_at(&model, c->ufrag), "ua");
	assert_int_equal(c->component, 1);
	assert_int_not_equal(c->foundation, 0);
	assert_int_equal(c->dialog, 0);
	assert_int_equal(place_at(&model, c->place).frame, 1);
	/* The callee's new ones after its restart. */
	c = list_at(&model.candidates, d->reply.last_candidate);
	assert_int_equal(c->side, SIDE_ANSWER);
	assert_string_equal(text_at(&model, c->ufrag), "uc");
	assert_int_equal(place_at(&model, c->place).frame, 4);
	model_free(&model);
}

/* Old clients name their fragments in a=alt, which nobody reads. */
static void checks_between_what_is_described_are_the_calls(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		"1:5000 3:6000 check 1 controlling nominate",
		"3:6000 1:5000 answer 1"};
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.calls.count, 1);
	assert_int_equal(((struct session *)list_at(&model.sessions, 0))->call,
			 0);
	model_free(&model);
}

/* ---- who takes part ---- */

static void parties_are_known_by_address_of_record(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> REGISTER 1 with=User-Agent:phone", "< 200 1 REGISTER",
		"> INVITE 1 for=BOB with=User-Agent:other", "< 180 1",
		"> INVITE 1 call=call-2 from=carol src=7:5060"};
	struct endpoint alice = wire_end("1:5060");
	const struct party *p;
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.parties.count, 4);
	p = list_at(&model.parties, 0);
	assert_string_equal(p->aor, "sip:alice@example.org");
	assert_string_equal(p->user_agent, "phone");
	assert_int_equal(p->address_count, 1);
	assert_true(endpoint_equal(end_at(&model, p->addresses[0]), &alice));
	assert_int_equal(place_at(&model, p->first).frame, 1);
	assert_int_equal(
		((struct registration *)list_at(&model.registrations, 0))
			->party,
		0);
	/* The user part has case (RFC 3261 19.1.4). */
	p = list_at(&model.parties, 1);
	assert_string_equal(p->aor, "sip:BOB@example.org");
	assert_int_equal(p->address_count, 0);
	model_free(&model);
}

static void allocations_belong_to_who_is_on_the_host(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> REGISTER 1",
		"< 200 1 REGISTER",
		"1:5000 2:3478 allocate 1",
		"2:3478 1:5000 refused 1 error=401",
		"1:5000 2:3478 allocate 2 auth",
		"2:3478 1:5000 granted 2 auth"};
	static const char *const shared[STORY_MAX] = {
		"> REGISTER 1", "> INVITE 1 from=carol call=c",
		"1:5000 2:3478 allocate 1", "2:3478 1:5000 granted 1"};
	const struct allocation *a;
	struct model model;

	(void)state;
	told(&model, lines);
	a = list_at(&model.allocations, 0);
	assert_int_equal(a->party, 0);
	assert_int_equal(
		((struct token *)list_at(&model.tokens, a->token))->party, 0);
	model_free(&model);
	told(&model, shared);
	a = list_at(&model.allocations, 0);
	assert_int_equal(a->party, LIST_NONE);
	model_free(&model);
}

static void registrations_have_a_history(void **state)
{
	static const struct {
		const char *want;
		const char *lines[STORY_MAX];
	} rows[] = {
		{"requested 0, challenged 401, requested 0, ok 0, "
		 "lifetime 600, refreshed 0, refreshed 0, released 0",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 200 2 REGISTER expires=600", "> REGISTER 3",
		  "< 200 3 REGISTER expires=600", "> REGISTER 4",
		  "< 200 4 REGISTER expires=600", "> REGISTER 5 expires=0",
		  "< 200 5 REGISTER"}},
		{"requested 0, ok 0, lifetime 60, lost 403",
		 {"> REGISTER 1", "< 200 1 REGISTER expires=60", "> REGISTER 2",
		  "< 403 2 REGISTER"}},
		{"requested 0, failed 403",
		 {"> REGISTER 1", "< 403 1 REGISTER"}},
		{"requested 0, ok 0, lifetime 60, expired 0",
		 {"> REGISTER 1", "< 200 1 REGISTER expires=60", "wait 61",
		  "> INVITE 1"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct registration *r;
		struct model model;
		char got[400];

		told(&model, rows[i].lines);
		r = list_at(&model.registrations, 0);
		history_text(&model, &r->history, got, sizeof(got));
		assert_string_equal(got, rows[i].want);
		model_free(&model);
	}
}

static const struct t_case cases[] = {
	{"answers_tell_of_the_next_try", answers_tell_of_the_next_try},
	{"the_end_of_an_older_call_is_a_call",
	 the_end_of_an_older_call_is_a_call},
	{"each_message_is_a_row_on_each_hop",
	 each_message_is_a_row_on_each_hop},
	{"the_same_at_once_is_a_copy", the_same_at_once_is_a_copy},
	{"rows_know_where_they_went", rows_know_where_they_went},
	{"forks_are_known_by_their_to_tags", forks_are_known_by_their_to_tags},
	{"many_forks_are_counted_and_few_kept",
	 many_forks_are_counted_and_few_kept},
	{"each_change_of_a_dialog_is_a_row", each_change_of_a_dialog_is_a_row},
	{"changes_and_restarts_are_counted", changes_and_restarts_are_counted},
	{"candidates_know_where_they_stand", candidates_know_where_they_stand},
	{"checks_between_what_is_described_are_the_calls",
	 checks_between_what_is_described_are_the_calls},
	{"parties_are_known_by_address_of_record",
	 parties_are_known_by_address_of_record},
	{"allocations_belong_to_who_is_on_the_host",
	 allocations_belong_to_who_is_on_the_host},
	{"registrations_have_a_history", registrations_have_a_history},
};
T_MAIN(cases)
