/* The judge of MRAS: what a server could answer to a captured request. */
#include "config.h"

#include "dissectors/sip.h"
#include "engine/mras_ladder.h"
#include "engine/replay.h"
#include "tests/support/t.h"

#define SPACE " xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\""
#define ASKED(version)                                                      \
	"<request requestID=\"7\" version=\"" version                       \
	"\" to=\"sip:edge@example.test\" from=\"sip:a@example.test\"" SPACE \
	">"
#define ONE(id, minutes)                                               \
	"<credentialsRequest credentialsRequestID=\"" id               \
	"\"><identity>sip:a@example.test</identity><location>internet" \
	"</location><duration>" minutes "</duration></credentialsRequest>"
#define GOOD ASKED("2.0") ONE("9", "480") "</request>"
#define TWO ASKED("2.0") ONE("9", "480") ONE("8", "480") "</request>"
#define OLD ASKED("1.0") ONE("9", "480") "</request>"
#define NEW ASKED("4.0") ONE("9", "480") "</request>"
#define BAD ASKED("2.0") "</request>"
#define LOOSE                                                          \
	ASKED("2.0")                                                   \
	"<credentialsRequest credentialsRequestID=\"9\"><duration>480" \
	"</duration><identity>sip:a@example.test</identity>"           \
	"</credentialsRequest></request>"

#define ECHO                                                          \
	" requestID=\"7\" to=\"sip:edge@example.test\" from=\"sip:a@" \
	"example.test\""
#define SAYS(more, phrase) \
	"<response reasonPhrase=\"" phrase "\"" more SPACE ">"
#define GRANTED(id, minutes, where)                                            \
	"<credentialsResponse credentialsRequestID=\"" id "\"><credentials>"   \
	"<username>QUJD</username><password>REVG</password><duration>" minutes \
	"</duration></credentials><mediaRelayList><mediaRelay>"                \
	"<location>" where "</location><hostName>av.example.test</hostName>"   \
	"<udpPort>3478</udpPort></mediaRelay></mediaRelayList>"                \
	"</credentialsResponse>"
#define V2 ECHO " version=\"2.0\" serverVersion=\"3.0\""
#define YES(id, minutes, where) \
	SAYS(V2, "OK") GRANTED(id, minutes, where) "</response>"
#define NO(phrase) SAYS(V2, phrase) "</response>"

/* One request and one answer. */
struct row {
	const char *request, *answer;
	unsigned status;
	const char *found; /* words of what is found; NULL: nothing is */
	enum replay_rule rule;
};

static const struct row rows[] = {
	{GOOD, YES("9", "480", "internet"), 200, NULL, 0},
	{GOOD, YES("9", "60", "internet"), 200, NULL, 0},
	{LOOSE, YES("9", "480", "internet"), 200, NULL, 0},
	{LOOSE, SAYS(" version=\"2.0\"", "Request Malformed") "</response>",
	 200, NULL, 0},
	{OLD,
	 SAYS(ECHO " version=\"1.0\"", "OK")
		 GRANTED("9", "480", "internet") "</response>",
	 200, NULL, 0},
	{TWO,
	 SAYS(V2, "OK") GRANTED("8", "60", "internet")
		 GRANTED("9", "60", "internet") "</response>",
	 200, NULL, 0},
	{NEW, SAYS(ECHO " version=\"3.0\"", "Version Mismatch") "</response>",
	 200, NULL, 0},
	/* What the state of a server decides may be. */
	{GOOD, NO("Not Supported"), 200, NULL, 0},
	{GOOD, NO("Server Busy"), 200, NULL, 0},
	{GOOD, NO("Forbidden"), 403, NULL, 0},
	{GOOD, NO("Time Out"), 200, NULL, 0},
	{GOOD, NO("Internal Server Error"), 500, NULL, 0},
	{GOOD, NO("Other Failure"), 200, NULL, 0},
	{BAD, SAYS(" version=\"2.0\"", "Server Busy") "</response>", 200, NULL,
	 0},
	{GOOD, NULL, 504, NULL, 0},
	/* What the request decides. */
	{GOOD, NO("Request Malformed"), 200, "it is not so",
	 REPLAY_REFUSED_WRONGLY},
	{GOOD, NO("Request Too Large"), 200, "more than 100",
	 REPLAY_REFUSED_WRONGLY},
	{BAD, YES("9", "480", "internet"), 200, "a refusal is due",
	 REPLAY_ACCEPTED_WRONGLY},
	{BAD, SAYS(" version=\"2.0\"", "Version Mismatch") "</response>", 200,
	 "\"Request Malformed\" is due", REPLAY_OTHER_ERROR},
	{GOOD, NO("Busy"), 200, "none of the ten", REPLAY_VALUE_WRONG},
	{GOOD, NULL, 200, "is missing beside 200", REPLAY_ATTRIBUTE_MISSING},
	{GOOD, "<response/>", 200, "no response of MRAS", REPLAY_VALUE_WRONG},
	{GOOD, YES("9", "480", "internet"), 500, "under the status 500",
	 REPLAY_VALUE_WRONG},
	/* What is said back. */
	{GOOD,
	 SAYS(" requestID=\"8\" to=\"sip:edge@example.test\" from=\"sip:a@"
	      "example.test\" version=\"2.0\"",
	      "Forbidden") "</response>",
	 200, "requestID is \"8\"; \"7\" is due", REPLAY_VALUE_WRONG},
	{GOOD,
	 SAYS(" requestID=\"7\" version=\"2.0\"", "Forbidden") "</response>",
	 200, "to is missing", REPLAY_ATTRIBUTE_MISSING},
	{BAD, SAYS(V2, "Request Malformed") "</response>", 200,
	 "requestID stands in the answer", REPLAY_ATTRIBUTE_FOREIGN},
	{GOOD,
	 SAYS(ECHO " version=\"1.0\"", "OK")
		 GRANTED("9", "480", "internet") "</response>",
	 200, "version is \"1.0\"; \"2.0\" is due", REPLAY_VALUE_WRONG},
	{OLD,
	 SAYS(ECHO " version=\"1.0\" serverVersion=\"3.0\"",
	      "Forbidden") "</response>",
	 200, "serverVersion stands", REPLAY_ATTRIBUTE_FOREIGN},
	{GOOD,
	 SAYS(ECHO " version=\"2.0\" serverVersion=\"1.0\"",
	      "Forbidden") "</response>",
	 200, "serverVersion is \"1.0\"", REPLAY_VALUE_WRONG},
	{GOOD,
	 SAYS(ECHO " version=\"2.0\" serverVersion=\"2.0\"",
	      "Version Mismatch") "</response>",
	 200, "serverVersion names that", REPLAY_REFUSED_WRONGLY},
	/* What is granted. */
	{GOOD, YES("3", "480", "internet"), 200, "is missing for",
	 REPLAY_ATTRIBUTE_MISSING},
	{GOOD,
	 SAYS(V2, "OK") GRANTED("9", "480", "internet")
		 GRANTED("9", "480", "internet") "</response>",
	 200, "stands twice", REPLAY_ATTRIBUTE_FOREIGN},
	{GOOD,
	 SAYS(V2, "OK") GRANTED("9", "480", "internet")
		 GRANTED("3", "480", "internet") "</response>",
	 200, "\"3\" was not asked", REPLAY_ATTRIBUTE_FOREIGN},
	{GOOD,
	 SAYS(V2, "Forbidden") GRANTED("9", "480", "internet") "</response>",
	 200, "stands beside \"Forbidden\"", REPLAY_ATTRIBUTE_FOREIGN},
	{GOOD, YES("9", "481", "internet"), 200, "480 minutes were asked",
	 REPLAY_LIFETIME_WRONG},
	{TWO,
	 SAYS(V2, "OK") GRANTED("8", "60", "internet")
		 GRANTED("9", "480", "internet") "</response>",
	 200, "as the same answer", REPLAY_LIFETIME_WRONG},
	{GOOD, YES("9", "480", "intranet"), 200, "location is \"intranet\"",
	 REPLAY_VALUE_WRONG},
	{GOOD, YES("9", "0", "internet"), 200, "duration",
	 REPLAY_LIFETIME_WRONG},
};

static struct sip_message sip_of(unsigned status, const char *call)
{
	return (struct sip_message){
		.request = status == 0,
		.status = status,
		.method = SIP_SERVICE,
		.method_text = SLICE("SERVICE"),
		.call_id = slice_of_text(call),
		.cseq = 1,
		.from_tag = SLICE("f"),
		.to = {.uri = SLICE("sip:edge@example.test")},
	};
}

static const struct endpoint client = {
	.family = FAMILY_IPV4, .ip = {192, 0, 2, 1}, .port = 5061};
static const struct endpoint server = {
	.family = FAMILY_IPV4, .ip = {192, 0, 2, 2}, .port = 5061};

static void say(struct replay *r, const struct sip_message *sip,
		const char *document)
{
	struct replay_sip m = {
		.sip = sip,
		.document =
			document ? slice_of_text(document) : (struct slice){0},
		.type = document ? SLICE(MRAS_CONTENT_TYPE) : (struct slice){0},
		.src = sip->request ? client : server,
		.dst = sip->request ? server : client,
		.time = NS_PER_S,
		.frame = sip->request ? 1 : 2,
	};

	replay_take_sip(r, &m);
}

static void converse(struct replay *r, const char *call, const char *request,
		     const char *answer, unsigned status)
{
	struct sip_message asks = sip_of(0, call), says = sip_of(status, call);

	say(r, &asks, request);
	say(r, &says, answer);
}

static void answers_are_held_against_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct replay *r = replay_new();
		const struct replay_finding *found;
		size_t count, k = 0;

		converse(r, "c", row->request, row->answer, row->status);
		found = replay_findings(r, &count);
		while (row->found && k < count &&
		       (found[k].rule != row->rule ||
			!strstr(found[k].text, row->found)))
			k++;
		if (row->found ? k == count : count)
			fail_msg("row %zu, found: %s", i,
				 count ? found[0].text : "nothing");
		assert_int_equal(replay_counts(r).replies, 1);
		if (count)
			assert_int_equal(found[0].asked_frame, 1);
		replay_free(r);
	}
}

static size_t count_of(const struct replay *r)
{
	size_t count;

	(void)replay_findings(r, &count);
	return count;
}

static void a_version_that_was_served_is_had(void **state)
{
	static const char mismatch[] =
		SAYS(ECHO " version=\"3.0\" serverVersion=\"3.0\"",
		     "Version Mismatch") "</response>";
	struct replay *r = replay_new();

	(void)state;
	converse(r, "first", GOOD, mismatch, 200);
	assert_int_equal(count_of(r), 0);
	converse(r, "second", GOOD, YES("9", "480", "internet"), 200);
	assert_int_equal(count_of(r), 0);
	converse(r, "third", GOOD, mismatch, 200);
	assert_int_equal(count_of(r), 1);
	replay_free(r);
}

static void an_answer_is_judged_once(void **state)
{
	struct sip_message says = sip_of(200, "c"), busy = sip_of(401, "c");
	struct replay *r = replay_new();

	(void)state;
	say(r, &says, YES("9", "480", "internet")); /* nobody asked */
	converse(r, "c", GOOD, NULL, 401);
	assert_int_equal(replay_counts(r).replies, 0);
	say(r, &busy, NULL);
	say(r, &says, YES("9", "480", "internet"));
	say(r, &says, YES("9", "480", "internet"));
	assert_int_equal(replay_counts(r).replies, 1);
	assert_int_equal(count_of(r), 0);
	say(r, &says, YES("9", "481", "internet"));
	assert_int_equal(count_of(r), 2); /* it differs, and is wrong */
	replay_free(r);
}

static void carriers_say_what_they_take(void **state)
{
	struct sip_header accept = {.id = SIP_ACCEPT,
				    .value = SLICE(MRAS_CONTENT_TYPE)};
	struct sip_message asks = sip_of(0, "c"), says = sip_of(415, "c");
	struct replay *r = replay_new();

	(void)state;
	say(r, &asks, GOOD);
	say(r, &says, NULL);
	assert_int_equal(count_of(r), 1); /* Accept is missing */
	replay_free(r);
	r = replay_new();
	says.headers = &accept;
	says.header_count = 1;
	say(r, &asks, GOOD);
	say(r, &says, NULL);
	assert_int_equal(count_of(r), 1); /* Accept lists what was sent */
	replay_free(r);
}

/* The oldest request gives its place, and its answer is not judged. */
static void requests_are_bounded(void **state)
{
	struct sip_message says = sip_of(200, "0");
	struct replay *r = replay_new();
	char call[8];

	(void)state;
	for (unsigned i = 0; i <= REPLAY_ASKED_MAX; i++) {
		struct sip_message asks;

		(void)snprintf(call, sizeof(call), "%u", i);
		asks = sip_of(0, call);
		say(r, &asks, GOOD);
	}
	say(r, &says, NULL);
	assert_int_equal(replay_counts(r).replies, 0);
	says.call_id = slice_of_text(call);
	say(r, &says, NULL);
	assert_int_equal(replay_counts(r).replies, 1);
	replay_free(r);
}

static bool walk(void *unused)
{
	struct replay *r = replay_new();
	bool whole = r;

	(void)unused;
	if (r) {
		converse(r, "c", GOOD, YES("9", "481", "internet"), 200);
		whole = count_of(r) == 1;
	}
	replay_free(r);
	return whole;
}

static void memory_may_fail(void **state)
{
	(void)state;
	t_failing_walk(walk, NULL);
}

static const struct t_case cases[] = {
	{"answers_are_held_against_requests",
	 answers_are_held_against_requests},
	{"a_version_that_was_served_is_had", a_version_that_was_served_is_had},
	{"an_answer_is_judged_once", an_answer_is_judged_once},
	{"carriers_say_what_they_take", carriers_say_what_they_take},
	{"requests_are_bounded", requests_are_bounded},
	{"memory_may_fail", memory_may_fail},
};
T_MAIN(cases)
