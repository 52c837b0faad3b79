/*
 * How far a call came, why it stopped and what its five stages are: stories
 * of a few messages, and what may be said of each (design 1 and 6).
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

/* Stages: registration, token, gathering, exchange, probing; O is ok, F
 * failed, I incomplete, ~ inferred, ? unseen, - unneeded. */
struct row {
	const char *name, *want;
	const char *lines[STORY_MAX];
};

static void run(const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct wire w;
		char *got;

		story(&w, rows[i].lines);
		got = heard_calls(&w);
		if (strcmp(got, rows[i].want) != 0) {
			print_error("%s\n got  %s want %s", rows[i].name, got,
				    rows[i].want);
			wrong++;
		}
		free(got);
		wire_close(&w);
	}
	assert_int_equal(wrong, 0);
}

#define RUN(rows) run((rows), sizeof(rows) / sizeof((rows)[0]))

static void registrations(void **state)
{
	static const struct row rows[] = {
		{"without authentication",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1", "< 200 1 REGISTER expires=600"}},
		{"two accounts with one Call-ID, the first is refused",
		 "attempt failed registration registration/refused F????\n"
		 "attempt ok - - O????\n",
		 {"> REGISTER 1 from=dave for=dave",
		  "< 403 1 REGISTER for=dave", "> REGISTER 2",
		  "< 200 2 REGISTER expires=60"}},
		{"only asks what is registered",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1 query", "< 200 1 REGISTER expires=600"}},
		{"a challenge that the client leaves",
		 "attempt failed registration "
		 "registration/challenge-not-answered F????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "wait 40",
		  "> OPTIONS 1 call=o"}},
		{"the same, and the capture ends",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER"}},
		{"a refresh is challenged, and the client leaves that",
		 "attempt ok - registration/challenge-not-answered O????\n",
		 {"> REGISTER 1", "< 200 1 REGISTER expires=60", "wait 30",
		  "> REGISTER 2", "< 401 2 REGISTER", "wait 40",
		  "> OPTIONS 1 call=o"}},
		{"the second server takes the client",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1", "< 503 1 REGISTER", "> REGISTER 1 call=b",
		  "< 200 1 REGISTER call=b expires=60"}},
		{"registered and taken back",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1 expires=60", "< 200 1 REGISTER expires=60",
		  "> REGISTER 2 expires=0", "< 200 2 REGISTER"}},
		{"copies behind a proxy prove no silence",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "> REGISTER 1 hop", "> REGISTER 1",
		  "> REGISTER 1 hop"}},
		{"the answer to an older request comes late",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 401 1 REGISTER"}},
		{"a refresh is refused, the calls before were fine",
		 "attempt ok - registration/refresh-refused O????\n",
		 {"> REGISTER 1", "< 200 1 REGISTER expires=60", "> REGISTER 2",
		  "< 403 2 REGISTER"}},
		{"401 and the right password",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 200 2 REGISTER expires=600"}},
		{"challenged and the client gave up",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER"}},
		{"401 to credentials: they are wrong",
		 "attempt failed registration registration/wrong-credentials "
		 "F????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 401 2 REGISTER"}},
		{"a stale nonce is no wrong password",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 401 2 REGISTER stale"}},
		{"a nonce that is stale in words only",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER", "> REGISTER 2 auth",
		  "< 401 2 REGISTER reason=nonce_has_changed"}},
		{"a stale nonce, then well",
		 "attempt ok - - O????\n",
		 {"> REGISTER 2 auth", "< 401 2 REGISTER stale",
		  "> REGISTER 3 auth", "< 200 3 REGISTER expires=60"}},
		{"403",
		 "attempt failed registration registration/refused "
		 "F????\n",
		 {"> REGISTER 1", "< 403 1 REGISTER"}},
		{"423, then a longer time",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1 expires=10", "< 423 1 REGISTER",
		  "> REGISTER 2 expires=300", "< 200 2 REGISTER expires=300"}},
		{"NTLM takes three rounds",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER ntlm", "> REGISTER 2 ntlm",
		  "< 401 2 REGISTER ntlm", "> REGISTER 3 ntlm",
		  "< 200 3 REGISTER expires=600"}},
		{"NTLM in its second round: the end is not seen",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "< 401 1 REGISTER ntlm", "> REGISTER 2 ntlm",
		  "< 401 2 REGISTER ntlm"}},
		{"one request without an answer proves nothing",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1"}},
		{"three requests without an answer do",
		 "attempt failed registration registration/unanswered "
		 "F????\n",
		 {"> REGISTER 1", "> REGISTER 1", "> REGISTER 1"}},
		{"answered late: not unanswered",
		 "attempt ok - - O????\n",
		 {"> REGISTER 1", "> REGISTER 1", "> REGISTER 1",
		  "< 200 1 REGISTER expires=600"}},
		{"a provisional answer is one",
		 "attempt unknown - - I????\n",
		 {"> REGISTER 1", "> REGISTER 1", "< 100 1 REGISTER",
		  "> REGISTER 1"}},
	};

	(void)state;
	RUN(rows);
}

static void allocations(void **state)
{
#define ASK "1:5000 2:3478 allocate 1"
#define CHALLENGE "2:3478 1:5000 refused 1 error=401"
#define ASK_AGAIN "1:5000 2:3478 allocate 2 auth"
#define GRANT "2:3478 1:5000 granted 2 auth"
	static const struct row rows[] = {
		{"the first 401 is how it begins",
		 "attempt ok - - ?~O??\n",
		 {ASK, CHALLENGE, ASK_AGAIN, GRANT}},
		{"granted without asking who",
		 "attempt ok - - ?-O??\n",
		 {ASK, "2:3478 1:5000 granted 1"}},
		{"401 to credentials: they are wrong",
		 "attempt failed gathering gathering/wrong-credentials "
		 "??F??\n",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 refused 2 error=401"}},
		{"441 as well",
		 "attempt failed gathering gathering/wrong-credentials "
		 "??F??\n",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 refused 2 error=441"}},
		{"quota reached",
		 "attempt failed gathering gathering/refused ??F??\n",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 refused 2 error=486"}},
		{"a challenge at the end of the capture",
		 "attempt unknown - - ??I??\n",
		 {ASK, CHALLENGE}},
		{"a challenge that nobody took up",
		 "attempt unknown - gathering/challenge-not-answered "
		 "??I??\n",
		 {ASK, CHALLENGE, "wait 30", "> OPTIONS 1 call=o"}},
		{"a challenge behind which the capture ends",
		 "attempt unknown - - ??I??\n",
		 {ASK, CHALLENGE}},
		{"one request without an answer proves nothing",
		 "attempt unknown - - ??I??\n",
		 {ASK}},
		{"three do",
		 "attempt failed gathering gathering/allocate-unanswered "
		 "??F??\n",
		 {ASK, ASK, ASK}},
		{"lost twice, then answered",
		 "attempt ok - - ?~O??\n",
		 {ASK, ASK, ASK, CHALLENGE, ASK_AGAIN, GRANT}},
		{"438 only renews the nonce",
		 "attempt ok - - ?~O??\n",
		 {ASK_AGAIN, "2:3478 1:5000 refused 2 error=438",
		  "1:5000 2:3478 allocate 3 auth",
		  "2:3478 1:5000 granted 3 auth"}},
		{"438 at a refresh does not end it",
		 "attempt ok - - ?~O??\n",
		 {ASK, CHALLENGE, ASK_AGAIN, GRANT,
		  "1:5000 2:3478 refresh 5 auth lifetime=600",
		  "2:3478 1:5000 stale 5 error=438",
		  "1:5000 2:3478 refresh 6 auth lifetime=600",
		  "2:3478 1:5000 refreshed 6 auth lifetime=600"}},
		{"given back",
		 "attempt ok - - ?~O??\n",
		 {ASK, CHALLENGE, ASK_AGAIN, GRANT,
		  "1:5000 2:3478 refresh 5 auth lifetime=0",
		  "2:3478 1:5000 refreshed 5 auth lifetime=0"}},
		{"sent to another server, which grants",
		 "attempt ok - - ?~O??\n",
		 {ASK, "2:3478 1:5000 refused 1 error=401 other=7:3478",
		  "1:5000 7:3478 allocate 2 auth",
		  "7:3478 1:5000 granted 2 auth"}},
		{"told to try another server, which grants",
		 "attempt ok - - ?~O??\n",
		 {ASK, "2:3478 1:5000 refused 1 error=300 other=7:3478",
		  "1:5000 7:3478 allocate 2 auth",
		  "7:3478 1:5000 granted 2 auth"}},
		{"told to try another server, and the capture ends",
		 "attempt unknown - - ??I??\n",
		 {ASK, "2:3478 1:5000 refused 1 error=300 other=7:3478"}},
		{"older than the capture, proved by its refresh",
		 "attempt unknown - - ?~~??\n",
		 {"1:5000 2:3478 refresh 1 auth lifetime=600",
		  "2:3478 1:5000 refreshed 1 auth lifetime=600"}},
		{"the relay forgot it",
		 "attempt ok - gathering/allocation-lost ?~O??\n",
		 {ASK_AGAIN, GRANT, "1:5000 2:3478 refresh 3 auth lifetime=600",
		  "2:3478 1:5000 stale 3 error=437"}},
		{"asked one server, answered by another",
		 "attempt ok - - ?~O??\n",
		 {ASK, CHALLENGE, ASK_AGAIN, "7:3478 1:5000 granted 2 auth"}},
		{"a reflexive address is enough",
		 "attempt ok - - ??O??\n",
		 {"1:5000 2:3478 binding 1", "2:3478 1:5000 bound 1"}},
		{"refused behind the end of its user name",
		 "attempt failed token token/expired ?FF??\n",
		 {"1:5000 2:3478 allocate 2 auth user=1700000000:alice",
		  "2:3478 1:5000 refused 2 error=401"}},
		{"granted behind it: the relay's clock decides",
		 "attempt ok - - ?~O??\n",
		 {"1:5000 2:3478 allocate 2 auth user=1700000000:alice",
		  "2:3478 1:5000 granted 2 auth user=1700000000:alice"}},
	};

	(void)state;
	RUN(rows);
}

static void exchanges(void **state)
{
	static const struct row rows[] = {
		{"answered",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 100 1", "< 180 1", "< 200 1 plain",
		  "> ACK 1 tag"}},
		{"answered and never acknowledged",
		 "call established - exchange/no-ack ?--O-\n",
		 {"> INVITE 1 plain", "< 200 1 plain", "wait 5",
		  "> OPTIONS 1 call=o"}},
		{"answered, and the capture ends",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 200 1 plain"}},
		{"answered again and again: no ACK arrives",
		 "call established - exchange/ack-lost ?--O-\n",
		 {"> INVITE 1 plain", "< 200 1 plain", "< 200 1 plain",
		  "< 200 1 plain"}},
		{"busy",
		 "call rejected exchange exchange/busy ?--F-\n",
		 {"> INVITE 1 plain", "< 486 1", "> ACK 1 tag"}},
		{"refused, as the ACK shows: the answer is not captured",
		 "call rejected exchange exchange/rejected ?--F-\n",
		 {"> INVITE 1 plain", "< 180 1", "> ACK 1 tag"}},
		{"refused so, and tried again",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "> ACK 1 tag", "> INVITE 2 plain",
		  "< 180 2"}},
		{"an ACK of its own is no refusal's",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 180 1", "> ACK 1 tag branch=b"}},
		{"the ACK of a CANCEL's 487",
		 "call cancelled exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 180 1", "> CANCEL 1", "< 200 1 CANCEL",
		  "> ACK 1 tag"}},
		{"cancelled",
		 "call cancelled exchange exchange/cancelled ?--I-\n",
		 {"> INVITE 1 plain", "< 180 1", "> CANCEL 1", "< 200 1 CANCEL",
		  "< 487 1", "> ACK 1 tag"}},
		{"answered before the CANCEL arrived",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 180 1", "> CANCEL 1", "< 200 1 plain",
		  "> ACK 1 tag", "< 481 1 CANCEL"}},
		/* Three ways at once, from three ports; those that are not
		 * needed are taken back. */
		{"the first of several ways is answered",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "> INVITE 2 plain src=1:5062",
		  "< 200 1 plain", "> CANCEL 2 src=1:5062", "> ACK 1 tag",
		  "< 487 2 dst=1:5062"}},
		{"challenged, then answered",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag",
		  "> INVITE 2 auth plain", "< 180 2", "< 200 2 plain",
		  "> ACK 2 tag"}},
		{"challenged again: wrong password",
		 "call failed exchange exchange/not-authorised ?--F-\n",
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag",
		  "> INVITE 2 auth plain", "< 407 2", "> ACK 2 tag"}},
		{"challenged, and the capture ends",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag"}},
		{"challenged, and the client gave up",
		 "call failed exchange exchange/challenge-not-answered "
		 "?--F-\n",
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag", "wait 5",
		  "> OPTIONS 1 call=o"}},
		{"moved, and tried there",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 302 1", "> ACK 1 tag",
		  "> INVITE 2 plain", "< 200 2 plain", "> ACK 2 tag"}},
		{"moved, tried there and nothing more",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 302 1", "> ACK 1 tag",
		  "> INVITE 2 plain"}},
		{"a late answer to an older try is history",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag",
		  "> INVITE 2 auth plain", "< 407 1"}},
		{"moved",
		 "call rejected exchange exchange/redirected ?--F-\n",
		 {"> INVITE 1 plain", "< 302 1", "> ACK 1 tag"}},
		{"one INVITE proves nothing",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain"}},
		{"three do",
		 "call unanswered exchange exchange/invite-unanswered "
		 "?--F-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain", "> INVITE 1 plain"}},
		{"nobody took it up",
		 "call unanswered exchange "
		 "exchange/rejected ?--F-\n",
		 {"> INVITE 1 plain", "< 180 1", "< 480 1", "> ACK 1 tag"}},
		{"it rings and the capture ends",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "< 180 1"}},
		{"a proxy's copies are no retransmissions",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop",
		  "> INVITE 1 plain hop branch=b"}},
		{"both hops of a proxy",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop", "< 180 1 hop",
		  "< 180 1", "< 200 1 plain hop", "< 200 1 plain",
		  "> ACK 1 tag", "> ACK 1 tag hop"}},
		{"the next hop is silent, the caller is told",
		 "call unanswered exchange exchange/invite-unanswered "
		 "?--F-\n",
		 {"> INVITE 1 plain", "< 100 1", "> INVITE 1 plain hop",
		  "> INVITE 1 plain hop", "> INVITE 1 plain hop", "< 408 1"}},
		{"both hops repeat while the proxy works",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop",
		  "> INVITE 1 plain", "> INVITE 1 plain hop", "< 100 1"}},
		{"one fork is busy, the other rings",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop branch=a",
		  "> INVITE 1 plain hop branch=b", "< 486 1 hop branch=a",
		  "< 180 1 hop branch=b", "< 180 1"}},
		{"the proxy cancels one fork, the other goes on",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop branch=a",
		  "> CANCEL 1 hop branch=a", "< 487 1 hop branch=a",
		  "> INVITE 1 plain hop branch=b"}},
		{"older than the capture",
		 "call established - - ?--~-\n",
		 {"> INVITE 7 plain tag", "< 200 7 plain", "> ACK 7 tag"}},
		{"only its answer is in the capture",
		 "call established - - ?--O-\n",
		 {"< 200 1 plain", "> ACK 1 tag"}},
		{"a refused re-INVITE does not end the call",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> INVITE 2 plain tag", "< 488 2", "> ACK 2 tag",
		  "> BYE 3 tag", "< 200 3 BYE"}},
		{"one fork is busy, the other answers",
		 "call established - - ?--O-\n",
		 {"> INVITE 1 plain", "> INVITE 1 plain hop branch=a",
		  "> INVITE 1 plain hop branch=b", "< 486 1 hop to=a branch=a",
		  "< 200 1 plain hop to=b branch=b", "< 200 1 plain to=b",
		  "> ACK 1 to=b"}},
		{"registered before",
		 "call established - - O--O-\n",
		 {"> REGISTER 1 call=r", "< 200 1 REGISTER call=r expires=60",
		  "> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag"}},
	};

	(void)state;
	RUN(rows);
}

static void probings(void **state)
{
#define CALL "> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag"
#define CHECK(id) "1:5000 3:6000 check " id " controlling"
#define ANSWER(id) "3:6000 1:5000 answer " id
	static const struct row rows[] = {
		{"no check in the capture",
		 "call established - - ?-OO?\n",
		 {CALL}},
		{"regular nomination",
		 "call established - - ?-OOO\n",
		 {CALL, CHECK("1"), ANSWER("1"), CHECK("2") " nominate",
		  ANSWER("2")}},
		{"aggressive nomination",
		 "call established - - ?-OOO\n",
		 {CALL, CHECK("1") " nominate", ANSWER("1")}},
		{"answered and never nominated",
		 "call in-progress probing - ?-OOI\n",
		 {CALL, CHECK("1"), ANSWER("1")}},
		{"one check without an answer proves nothing",
		 "call in-progress probing - ?-OOI\n",
		 {CALL, CHECK("1")}},
		{"nobody answers",
		 "call failed probing probing/no-pair ?-OOF\n",
		 {CALL, CHECK("1"), CHECK("1"), CHECK("1")}},
		{"a role conflict is solved",
		 "call established - - ?-OOO\n",
		 {CALL, CHECK("1"), "3:6000 1:5000 denied 1 error=487",
		  "1:5000 3:6000 check 2 controlled", ANSWER("2"),
		  "3:6000 1:5000 check 3 controlling nominate back",
		  "1:5000 3:6000 answer 3 back"}},
		{"an answer from elsewhere is none",
		 "call failed probing probing/answer-from-elsewhere "
		 "?-OOF\n",
		 {CALL, CHECK("1"), "4:6000 1:5000 answer 1", CHECK("1"),
		  CHECK("1")}},
		{"one that follows does not matter",
		 "call established - - ?-OOO\n",
		 {CALL, CHECK("1") " nominate", "4:6000 1:5000 answer 1",
		  ANSWER("1")}},
		{"new requests instead of repeated ones",
		 "call failed probing probing/no-pair ?-OOF\n",
		 {CALL, CHECK("1"), CHECK("2"), CHECK("3")}},
		{"the same where no answer of any kind is captured",
		 "ice in-progress probing - ????I\n",
		 {CHECK("1"), CHECK("2"), CHECK("3")}},
		{"errors only: they do answer",
		 "call failed probing probing/errors-only ?-OOF\n",
		 {CALL, CHECK("1"), "3:6000 1:5000 denied 1 error=401",
		  CHECK("2"), "3:6000 1:5000 denied 2 error=401", CHECK("3"),
		  "3:6000 1:5000 denied 3 error=401"}},
		{"a role conflict, and the capture ends",
		 "call in-progress probing - ?-OOI\n",
		 {CALL, CHECK("1"), "3:6000 1:5000 denied 1 error=487"}},
		{"integrity that nobody's password fits",
		 "call established - probing/integrity-wrong ?-OOO\n",
		 {CALL, CHECK("1") " forged", CHECK("2") " nominate",
		  ANSWER("2")}},
		{"an ICE session without signalling",
		 "ice established - - ????O\n",
		 {CHECK("1") " nominate", ANSWER("1")}},
		{"one that nobody answers",
		 "ice failed probing probing/no-pair ????F\n",
		 {CHECK("1"), CHECK("1"), CHECK("1")}},
		{"one that only begins",
		 "ice in-progress probing - ????I\n",
		 {CHECK("1")}},
		{"the answer does not speak ICE",
		 "call established - - ?-OO-\n",
		 {"> INVITE 1 ice", "< 200 1 plain", "> ACK 1 tag"}},
		{"a relay is offered: the token is unseen",
		 "call established - - ??OO?\n",
		 {"> INVITE 1 relay", "< 200 1 ice", "> ACK 1 tag"}},
		{"through the relay",
		 "call established - - ?~OOO\n",
		 {ASK_AGAIN, GRANT, "> INVITE 1 relay", "< 200 1 ice",
		  "> ACK 1 tag",
		  "1:5000 2:3478 send 3:6000 check 1 controlling nominate",
		  "2:3478 1:5000 data 3:6000 answer 1"}},
		{"the relay refused, the direct way works",
		 "call established - gathering/refused ??FOO\n",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 refused 2 error=486", CALL,
		  CHECK("1") " nominate", ANSWER("1")}},
	};

	(void)state;
	RUN(rows);
}

/* Of a call that was set up before, the capture has its BYE. */
static void older_calls(void **state)
{
#define CHECKED \
	"1:5000 3:6000 check 1 controlling nominate", "3:6000 1:5000 answer 1"
	static const struct row rows[] = {
		{"a session of the same hosts",
		 "call established - - ???~O\n",
		 {CHECKED, "wait 5", "> BYE 5 tag src=1:5060 dst=3:5060"}},
		{"of other hosts",
		 "call established - - ???~?\n"
		 "ice established - - ????O\n",
		 {CHECKED, "wait 5", "> BYE 5 tag src=1:5060 dst=4:5060"}},
		{"that was over before",
		 "call established - - ???~?\n"
		 "ice established - - ????O\n",
		 {"> BYE 5 tag src=1:5060 dst=3:5060", "wait 5", CHECKED}},
		{"two calls may be meant",
		 "call established - - ???~?\n"
		 "call established - - ???~?\n"
		 "ice established - - ????O\n",
		 {CHECKED, "wait 5", "> BYE 5 tag src=1:5060 dst=3:5060",
		  "> BYE 5 tag call=b src=1:5060 dst=3:5060"}},
		{"long after it",
		 "call established - - ???~?\n"
		 "ice established - - ????O\n",
		 {CHECKED, "wait 90", "> BYE 5 tag src=1:5060 dst=3:5060"}},
	};

	(void)state;
	RUN(rows);
}

static const struct t_case cases[] = {
	{"registrations", registrations}, {"allocations", allocations},
	{"exchanges", exchanges},         {"probings", probings},
	{"older_calls", older_calls},
};
T_MAIN(cases)
