/*
 * Dialogs that belong together become one call, and only those: what headers
 * and descriptions say, when, and between whom.
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

/* One line a dialog: its leg, the leg that it hangs on, and why. */
static void legs_text(const struct model *m, char *out, size_t size)
{
	const struct dialog *d = m->dialogs.rows;
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < m->dialogs.count; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%u.%u%s%s",
				      i ? " " : "", d[i].call, d[i].leg,
				      d[i].joined_by == LINK_NONE ? "" : " ",
				      d[i].joined_by == LINK_NONE
					      ? ""
					      : leg_link_name(d[i].joined_by));
}

#define UUID_A "0123456789abcdef0123456789abcdef"
#define UUID_B "fedcba9876543210fedcba9876543210"
#define NIL "00000000000000000000000000000000"

static const struct row {
	const char *name, *want; /* call.leg, and the link */
	const char *lines[STORY_MAX];
} rows[] = {
	{"two calls that share nothing",
	 "0.1 1.1",
	 {"> INVITE 1 plain call=a o=123456",
	  "> INVITE 1 plain hop call=b o=654321 at=2:7000"}},
	{"Session-ID",
	 "0.1 0.2 session-id",
	 {"> INVITE 1 call=a with=Session-ID:" UUID_A ";remote=" NIL,
	  "> INVITE 1 hop call=b with=Session-ID:" UUID_A ";remote=" NIL}},
	{"the nil UUID is nobody's",
	 "0.1 1.1",
	 {"> INVITE 1 call=a with=Session-ID:" NIL,
	  "> INVITE 1 hop call=b with=Session-ID:" NIL}},
	{"Session-ID of what was called",
	 "0.1 0.2 session-id",
	 {"> INVITE 1 call=a with=Session-ID:" UUID_A,
	  "> INVITE 1 hop call=b with=Session-ID:" UUID_B,
	  "< 200 1 hop call=b with=Session-ID:" UUID_B ";remote=" UUID_A}},
	{"Session-ID an hour later is another call",
	 "0.1 1.1",
	 {"> INVITE 1 call=a with=Session-ID:" UUID_A, "< 200 1 call=a",
	  "> ACK 1 tag call=a", "> BYE 2 tag call=a", "< 200 2 BYE call=a",
	  "wait 3600", "> INVITE 1 hop call=b with=Session-ID:" UUID_A}},
	{"three legs, the second names the third's",
	 "0.1 0.2 icid 0.3 icid",
	 {"> INVITE 1 call=a with=P-Charging-Vector:icid-value=abcdefgh12",
	  "> INVITE 1 hop call=b "
	  "with=P-Charging-Vector:icid-value=\"abcdefgh12\";"
	  "icid-generated-at=x",
	  "> INVITE 1 call=c src=3:5060 dst=4:5060 "
	  "with=P-Charging-Vector:icid-value=abcdefgh12"}},
	{"Replaces",
	 "0.1 0.2 replaces",
	 {"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 tag call=a",
	  "> INVITE 1 hop call=b with=Replaces:a;to-tag=t;from-tag=f"}},
	{"Join",
	 "0.1 0.2 replaces",
	 {"> INVITE 1 call=a", "< 200 1 call=a",
	  "> INVITE 1 hop call=b with=Join:a;to-tag=t;from-tag=f"}},
	{"Replaces of what is not there",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "> INVITE 1 hop call=b with=Replaces:c"}},
	{"X-CID",
	 "0.1 0.2 x-cid",
	 {"> INVITE 1 call=a", "> INVITE 1 hop call=b with=X-CID:a"}},
	{"X-Call-ID that names what comes later",
	 "0.1 0.2 x-cid",
	 {"> INVITE 1 call=a with=X-Call-ID:b", "> INVITE 1 hop call=b"}},
	{"Ms-Conversation-ID",
	 "0.1 0.2 conversation-id",
	 {"> INVITE 1 call=a with=Ms-Conversation-ID:AdABCDEFGHIJKLMNOPQRST==",
	  "> INVITE 1 hop call=b "
	  "with=Ms-Conversation-ID:AdABCDEFGHIJKLMNOPQRST=="}},
	{"a counter is no conversation",
	 "0.1 1.1",
	 {"> INVITE 1 call=a with=Ms-Conversation-ID:1",
	  "> INVITE 1 hop call=b with=Ms-Conversation-ID:1"}},
	{"blind transfer",
	 "0.1 0.2 refer",
	 {"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 tag call=a",
	  "< REFER 1 call=a with=Refer-To:<sip:carol@EXAMPLE.org;user=phone>",
	  "> 202 1 REFER call=a", "< BYE 2 call=a", "> 200 2 BYE call=a",
	  "> INVITE 1 call=b for=carol dst=4:5060"}},
	{"somebody else calls whom another was referred to",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 tag call=a",
	  "< REFER 1 call=a with=Refer-To:<sip:carol@example.org>",
	  "> 202 1 REFER call=a",
	  "> INVITE 1 call=b from=dave for=carol src=7:5060 dst=4:5060"}},
	{"the one that was referred calls somebody else",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 tag call=a",
	  "< REFER 1 call=a with=Refer-To:<sip:carol@example.org>",
	  "> 202 1 REFER call=a", "> INVITE 1 call=b for=dave dst=4:5060"}},
	{"attended transfer",
	 "0.1 0.2 refer 0.3 replaces",
	 {"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 tag call=a",
	  "> INVITE 1 call=b src=2:5060 dst=4:5060 from=bob for=carol",
	  "< 200 1 call=b src=4:5060 dst=2:5060 from=bob for=carol",
	  "< REFER 1 call=a "
	  "with=Refer-To:<sip:carol@example.org?Replaces=b%3Bto-tag%3Dt>",
	  "> 202 1 REFER call=a",
	  "> INVITE 1 call=c for=carol dst=4:5060 "
	  "with=Replaces:b;to-tag=t"}},
	{"the same o= behind a B2BUA",
	 "0.1 0.2 sdp",
	 {"> INVITE 1 plain call=a o=123456",
	  "> INVITE 1 plain hop call=b o=123456 at=1:5000"}},
	{"o= 0 says nothing, the media address does",
	 "0.1 0.2 media",
	 {"> INVITE 1 plain call=a o=0", "> INVITE 1 plain hop call=b o=0"}},
	{"o= 0 of two calls",
	 "0.1 1.1",
	 {"> INVITE 1 plain call=a o=0",
	  "> INVITE 1 plain hop call=b o=0 at=1:5002"}},
	{"a load test repeats its o= and its port",
	 "0.1 1.1 2.1",
	 {"> INVITE 1 plain call=a o=123456",
	  "> INVITE 1 plain call=b o=123456",
	  "> INVITE 1 plain call=c o=123456"}},
	{"two may be meant: none is",
	 "0.1 1.1 2.1",
	 {"> INVITE 1 plain call=a o=123456",
	  "> INVITE 1 plain call=b o=123456",
	  "> INVITE 1 plain hop call=c o=123456 at=1:5000"}},
	{"the same o= when the first leg is long answered",
	 "0.1 1.1",
	 {"> INVITE 1 plain call=a o=123456", "< 200 1 call=a",
	  "> ACK 1 tag call=a", "wait 1",
	  "> INVITE 1 plain hop call=b o=123456 at=1:5000"}},
	{"a PBX that changes all but the caller",
	 "0.1 0.2 course",
	 {"> INVITE 1 call=a", "> INVITE 1 hop call=b for=carol",
	  "< 180 1 hop call=b for=carol", "< 200 1 hop call=b for=carol",
	  "< 200 1 call=a", "> BYE 2 tag call=a",
	  "> BYE 2 tag hop call=b for=carol"}},
	{"another host with the same caller and called",
	 "0.1 0.2 course",
	 {"> INVITE 1 call=a", "> INVITE 1 call=b src=7:5060 dst=8:5060",
	  "< 486 1 call=b src=8:5060 dst=7:5060", "< 486 1 call=a"}},
	{"the one is refused, the other is not",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "> INVITE 1 hop call=b for=carol",
	  "< 486 1 hop call=b for=carol", "< 200 1 call=a"}},
	{"the one ends, the other goes on",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "> INVITE 1 hop call=b for=carol",
	  "< 200 1 hop call=b for=carol", "< 200 1 call=a",
	  "> BYE 2 tag call=a"}},
	{"calls of one user in a row",
	 "0.1 1.1",
	 {"> INVITE 1 call=a", "> INVITE 1 call=b for=carol", "< 200 1 call=a",
	  "< 200 1 call=b for=carol"}},
	{"the same user fragment",
	 "0.1 0.2 media",
	 {"> INVITE 1 ice call=a at=1:5000",
	  "> INVITE 1 ice hop call=b at=2:7000"}},
};

static void legs_of_one_call_are_joined_and_no_others(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;
		char got[200];

		told(&model, rows[i].lines);
		legs_text(&model, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0) {
			print_error("%s: got %s, want %s\n", rows[i].name, got,
				    rows[i].want);
			wrong++;
		}
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

/* What a description names belongs to the call, not to the dialog's number. */
static void media_of_a_later_leg_is_the_calls(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 call=a",
		"> INVITE 1 hop call=b with=X-CID:a",
		"> INVITE 1 ice call=c ufrag=uc src=7:5060 dst=8:5060",
		"< 200 1 ice call=c ufrag=ud src=8:5060 dst=7:5060",
		"> INVITE 1 ice call=d with=X-CID:a",
		"< 200 1 ice call=d",
		"1:5000 3:6000 check 1 controlling nominate",
		"3:6000 1:5000 answer 1"};
	const struct session *x;
	const struct call *call;
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.calls.count, 2);
	assert_int_equal(model.sessions.count, 1);
	x = list_at(&model.sessions, 0);
	assert_int_equal(x->call, 0);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->dialogs.count, 3);
	assert_int_equal(call->dialog, 0);
	assert_string_equal(call->call_id, "a");
	model_free(&model);
}

/* Who is called in a further leg takes part in the call, if she is known to be
 * registered: that led to a call. */
static void who_is_on_a_later_leg_takes_part(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> REGISTER 1 call=r from=carol src=4:5060",
		"< 200 1 REGISTER call=r from=carol dst=4:5060 expires=600",
		"> REGISTER 1 call=q from=dave src=7:5060",
		"< 403 1 REGISTER call=q from=dave dst=7:5060",
		"> INVITE 1 call=a",
		"< 200 1 call=a",
		"> ACK 1 tag call=a",
		"< REFER 1 call=a with=Refer-To:<sip:carol@example.org>",
		"> 202 1 REFER call=a",
		"> INVITE 1 call=b for=carol dst=4:5060",
		"< 200 1 call=b for=carol src=4:5060"};
	const struct registration *r;
	const struct call *call;
	struct model model;

	(void)state;
	told(&model, lines);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->dialogs.count, 2);
	assert_int_equal(call->registrations.count, 1);
	r = list_at(&model.registrations, call->registrations.list[0]);
	assert_string_equal(r->call_id, "r");
	/* His attempt failed, and stays one. */
	assert_int_equal(model.calls.count, 2);
	model_free(&model);
}

static void chains_are_joined_once_each(void **state)
{
	struct model model;
	struct wire w;
	char line[80];

	(void)state;
	wire_open(&w);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(line, sizeof(line),
			 "> INVITE 1 call=c%u with=X-CID:c%u", i, i + 1);
		story_line(&w, line);
	}
	heard_model(&w, NULL, &model);
	assert_int_equal(model.calls.count, 1);
	assert_int_equal(
		((struct call *)list_at(&model.calls, 0))->dialogs.count, 100);
	assert_int_equal(((struct dialog *)list_at(&model.dialogs, 99))->leg,
			 100);
	model_free(&model);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"legs_of_one_call_are_joined_and_no_others",
	 legs_of_one_call_are_joined_and_no_others},
	{"media_of_a_later_leg_is_the_calls",
	 media_of_a_later_leg_is_the_calls},
	{"who_is_on_a_later_leg_takes_part", who_is_on_a_later_leg_takes_part},
	{"chains_are_joined_once_each", chains_are_joined_once_each},
};
T_MAIN(cases)
