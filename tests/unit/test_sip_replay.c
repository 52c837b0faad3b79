/* The judge of registrars: what could be answered to a captured REGISTER. */
#include "config.h"

#include "dissectors/sip_signing.h"
#include "engine/replay.h"
#include "tests/support/t.h"

#define HERE "Contact: <sip:a@192.0.2.1:5060>\r\n"
#define THERE "Contact: <sip:b@192.0.2.9>;expires=60\r\n"
#define BOUND(seconds) "Contact: <sip:a@192.0.2.1:5060>;expires=" seconds "\r\n"
#define ASKS(seconds) HERE "Expires: " seconds "\r\n"
#define DIGEST(more) "WWW-Authenticate: Digest realm=\"r\", " more "\r\n"

/* One request and one answer, by their headers. */
struct row {
	const char *request;
	unsigned status;
	const char *answer;
	const char *found; /* words of what is found; NULL: nothing is */
	enum replay_rule rule;
};

static const struct row rows[] = {
	/* RFC 3261 10.3: may be shorter, may list others, may say more. */
	{ASKS("600"), 200, BOUND("600"), NULL, 0},
	{ASKS("600"), 200, BOUND("30"), NULL, 0},
	{ASKS("600"), 200, THERE BOUND("600") "X-New: 1\r\n", NULL, 0},
	{ASKS("600"), 200, HERE "Expires: 600\r\n", NULL, 0},
	{HERE, 200, BOUND("7200"), NULL, 0},
	{"", 200, "", NULL, 0},
	{"", 200, THERE, NULL, 0},
	{ASKS("0"), 200, "", NULL, 0},
	{ASKS("0"), 200, BOUND("0"), NULL, 0},
	{ASKS("0"), 200, THERE, NULL, 0},
	{"Contact: *\r\nExpires: 0\r\n", 200, "", NULL, 0},
	{ASKS("600"), 403, "", NULL, 0},
	{ASKS("600"), 404, "", NULL, 0},
	{ASKS("600"), 503, "Retry-After: 5\r\n", NULL, 0},
	{ASKS("600"), 301, HERE, NULL, 0},
	{ASKS("600"), 423, "Min-Expires: 1800\r\n", NULL, 0},
	{ASKS("600"), 401, DIGEST("nonce=\"1\""), NULL, 0},
	{ASKS("600"), 407,
	 "Proxy-Authenticate: Digest realm=\"r\", nonce=\"1\""
	 "\r\n",
	 NULL, 0},
	{"Require: never\r\n", 420, "Unsupported: never\r\n", NULL, 0},
	/* Contacts. */
	{ASKS("600"), 200, "", "Contact is missing", REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 200, THERE, "not among", REPLAY_VALUE_WRONG},
	{ASKS("600"), 200, "Contact: <sip:a@192.0.2.1:9>;expires=60\r\n",
	 "not among", REPLAY_VALUE_WRONG},
	{"Contact: <sip:a@Phone.Example>\r\n", 200,
	 "Contact: <sip:a@phone.example:5060;ob>;expires=60\r\n", NULL, 0},
	{ASKS("600"), 200, HERE, "expires is missing",
	 REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 200, "Contact: nowhere\r\n", "no address",
	 REPLAY_VALUE_WRONG},
	{ASKS("0"), 200, BOUND("60"), "removed is listed", REPLAY_VALUE_WRONG},
	{"Contact: *\r\nExpires: 0\r\n", 200, BOUND("60"), "all were removed",
	 REPLAY_VALUE_WRONG},
	{"Contact: *\r\nExpires: 5\r\n", 200, "", "400 was due",
	 REPLAY_ACCEPTED_WRONGLY},
	{"Contact: *\r\n", 200, "", "400 was due", REPLAY_ACCEPTED_WRONGLY},
	/* Times. */
	{ASKS("600"), 200, BOUND("0"), "expires is 0", REPLAY_LIFETIME_WRONG},
	{ASKS("600"), 200, BOUND("soon"), "no time", REPLAY_LIFETIME_WRONG},
	{ASKS("600"), 200, BOUND("3601"), "3601", REPLAY_LIFETIME_WRONG},
	{ASKS("7200"), 200, BOUND("7201"), "7201", REPLAY_LIFETIME_WRONG},
	{ASKS("600"), 200, BOUND("900"), "least time", REPLAY_KNOWN_DIFFERENCE},
	{ASKS("3600"), 423, "Min-Expires: 7200\r\n", "below an hour",
	 REPLAY_REFUSED_WRONGLY},
	{"", 423, "Min-Expires: 60\r\n", "below an hour",
	 REPLAY_REFUSED_WRONGLY},
	{ASKS("600"), 423, "", "Min-Expires is missing",
	 REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 423, "Min-Expires: 600\r\n", "600 is refused",
	 REPLAY_VALUE_WRONG},
	/* Codes. */
	{ASKS("600"), 202, BOUND("600"), "status is 202", REPLAY_VALUE_WRONG},
	{ASKS("600"), 486, "", "answered with 486", REPLAY_REFUSED_WRONGLY},
	{ASKS("600"), 420, "Unsupported: x\r\n", "requires no",
	 REPLAY_REFUSED_WRONGLY},
	{"Require: never\r\n", 420, "Unsupported: other\r\n", "not required",
	 REPLAY_VALUE_WRONG},
	{ASKS("600"), 439, "", "no outbound", REPLAY_REFUSED_WRONGLY},
	{"Contact: <sip:a@192.0.2.1>;reg-id=1\r\n", 439, "", NULL, 0},
	{ASKS("600"), 405, "", "Allow is missing", REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 302, "", "Contact is missing", REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 415, "Accept: x/y\r\n", "no body",
	 REPLAY_REFUSED_WRONGLY},
	/* Challenges. */
	{ASKS("600"), 401, "", "WWW-Authenticate is missing",
	 REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 401, DIGEST("qop=\"auth\""), "nonce is missing",
	 REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 401, "WWW-Authenticate: Digest nonce=\"1\"\r\n",
	 "realm is missing", REPLAY_ATTRIBUTE_MISSING},
	{ASKS("600"), 401, "WWW-Authenticate: NTLM realm=\"r\", version=4\r\n",
	 "targetname is missing", REPLAY_ATTRIBUTE_MISSING},
	{"Authorization: Digest username=\"a\", realm=\"r\", nonce=\"1\", "
	 "uri=\"sip:r\", response=\"0\"\r\n",
	 401, DIGEST("nonce=\"1\", stale=true"), "that it refuses",
	 REPLAY_NONCE_NOT_NEW},
	{"Authorization: NTLM realm=\"r\", targetname=\"t\", gssapi-data="
	 "\"\"\r\n",
	 401,
	 "WWW-Authenticate: NTLM realm=\"r\", targetname=\"t\", version=4\r\n",
	 "gssapi-data is missing", REPLAY_ATTRIBUTE_MISSING},
	{"Authorization: NTLM realm=\"r\", targetname=\"t\", opaque=\"1\", "
	 "cnum=\"1\", response=\"00\"\r\n",
	 200, "", "Authentication-Info is missing", REPLAY_KNOWN_DIFFERENCE},
	/* Headers that belong elsewhere. */
	{ASKS("600"), 200, BOUND("600") DIGEST("nonce=\"1\""),
	 "does not belong", REPLAY_ATTRIBUTE_FOREIGN},
	{ASKS("600"), 200, BOUND("600") "Min-Expires: 60\r\n",
	 "does not belong", REPLAY_ATTRIBUTE_FOREIGN},
	{ASKS("600"), 403, "Service-Route: <sip:p;lr>\r\n", "does not belong",
	 REPLAY_ATTRIBUTE_FOREIGN},
	/* RFC 3327 5.3, RFC 3608 5. */
	{ASKS("600") "Path: <sip:p;lr>\r\n", 200,
	 BOUND("600") "Path: <sip:q;lr>, <sip:p;lr>\r\n", NULL, 0},
	{ASKS("600") "Path: <sip:p;lr>\r\n", 200, BOUND("600"), NULL, 0},
	{ASKS("600") "Path: <sip:p;lr>\r\n", 200,
	 BOUND("600") "Path: <sip:p;lr>, <sip:q;lr>\r\n", "does not end",
	 REPLAY_VALUE_WRONG},
	{ASKS("600"), 200, BOUND("600") "Service-Route: <sip:p;lr>\r\n", NULL,
	 0},
	{ASKS("600"), 200, BOUND("600") "Service-Route: <sip:p>\r\n",
	 "loose route", REPLAY_VALUE_WRONG},
};

/* ---- saying it ---- */

static const struct endpoint client = {
	.family = FAMILY_IPV4, .ip = {192, 0, 2, 1}, .port = 5060};
static const struct endpoint server = {
	.family = FAMILY_IPV4, .ip = {192, 0, 2, 2}, .port = 5060};

static struct slice find_password(const void *context, struct slice user,
				  struct slice realm)
{
	(void)context;
	return slice_is(user, "a") && slice_is(realm, "r") ? SLICE("word")
							   : (struct slice){0};
}

static void take(struct replay *r, struct slice bytes, nanoseconds time,
		 bool knows)
{
	const struct sip_passwords passwords = {.find = find_password};
	struct arena memory = arena_new(1 << 18);
	struct decoding d = {.arena = &memory};
	struct replay_sip m = {.passwords = knows ? &passwords : NULL,
			       .time = time};
	struct sip_message sip;
	size_t used;

	assert_int_equal(sip_decode(&d, bytes, &sip, &used), STATUS_OK);
	m.sip = &sip;
	m.src = sip.request ? client : server;
	m.dst = sip.request ? server : client;
	m.frame = sip.request ? 1 : 2;
	replay_take_registration(r, &m);
	arena_free(&memory);
}

#define COMMON(tag)                                                       \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%u\r\n"            \
	"From: <sip:a@r>;tag=f\r\nTo: <sip:a@r>" tag "\r\nCall-ID: c\r\n" \
	"CSeq: %u REGISTER\r\n%s\r\n"

static void asks_at(struct replay *r, unsigned number, nanoseconds time,
		    const char *headers, bool knows)
{
	struct text text = text_new(1 << 14);

	text_printf(&text, "REGISTER sip:r SIP/2.0\r\n" COMMON(""), number,
		    number, headers);
	take(r, text_slice(&text), time, knows);
	text_free(&text);
}

static void asks(struct replay *r, unsigned number, const char *headers,
		 bool knows)
{
	asks_at(r, number, number * 10 * NS_PER_S, headers, knows);
}

static void asks_late(struct replay *r, unsigned number, const char *headers)
{
	asks_at(r, number, 1000 * NS_PER_S, headers, false);
}

static void answers(struct replay *r, unsigned number, unsigned status,
		    const char *headers)
{
	struct text text = text_new(1 << 14);

	text_printf(&text, "SIP/2.0 %u Said\r\n" COMMON(";tag=t"), status,
		    number, number, headers);
	take(r, text_slice(&text), number * 10 * NS_PER_S + NS_PER_MS, false);
	text_free(&text);
}

/* Is it found, and nothing where nothing is to be found? */
static void expect(const struct replay *r, const char *words,
		   enum replay_rule rule, size_t row)
{
	const struct replay_finding *found;
	size_t count, k = 0;

	found = replay_findings(r, &count);
	while (words && k < count &&
	       (found[k].rule != rule || !strstr(found[k].text, words)))
		k++;
	if (words ? k == count : count)
		fail_msg("row %zu, found: %s", row,
			 count ? found[0].text : "nothing");
}

static void answers_are_held_against_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct replay *r = replay_new();

		asks(r, 1, rows[i].request, false);
		answers(r, 1, rows[i].status, rows[i].answer);
		expect(r, rows[i].found, rows[i].rule, i);
		assert_int_equal(replay_counts(r).replies, 1);
		replay_free(r);
	}
}

/* ---- what a registrar showed before ---- */

/* MD5 of a:r:word, of nonce "1" and nothing else. */
#define RIGHT                                                              \
	"Authorization: Digest username=\"a\", realm=\"r\", nonce=\"1\", " \
	"uri=\"sip:r\", response=\"3ea2dbb0e2df99a73192111c6e191ff6\"\r\n"
#define WRONG                                                              \
	"Authorization: Digest username=\"a\", realm=\"r\", nonce=\"1\", " \
	"uri=\"sip:r\", response=\"00000000000000000000000000000000\"\r\n"

static void a_stale_nonce_stays_stale(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	asks(r, 1, RIGHT, false);
	answers(r, 1, 401, DIGEST("nonce=\"2\", stale=true"));
	asks(r, 2, RIGHT, false);
	answers(r, 2, 200, "");
	expect(r, "called stale", REPLAY_ACCEPTED_WRONGLY, 0);
	replay_free(r);
}

static void passwords_tell_who_is_let_in(void **state)
{
	struct replay *blind = replay_new(), *knows = replay_new();

	(void)state;
	asks(blind, 1, WRONG, false);
	answers(blind, 1, 200, "");
	expect(blind, NULL, 0, 0);
	asks(knows, 1, RIGHT, true);
	answers(knows, 1, 200, "");
	expect(knows, NULL, 0, 1);
	asks(knows, 2, WRONG, true);
	answers(knows, 2, 200, "");
	expect(knows, "do not fit", REPLAY_ACCEPTED_WRONGLY, 2);
	replay_free(blind);
	replay_free(knows);
}

/* It cannot be its least that it gives: it has given less. */
static void a_least_time_is_the_same_for_all(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	asks(r, 1, ASKS("60"), false);
	answers(r, 1, 200, BOUND("60"));
	asks(r, 2, ASKS("30"), false);
	answers(r, 2, 200, BOUND("60"));
	expect(r, "least time", REPLAY_KNOWN_DIFFERENCE, 0);
	assert_int_equal(replay_counts(r).findings, 1);
	asks(r, 3, ASKS("60"), false);
	answers(r, 3, 200, BOUND("300"));
	expect(r, "expires is 300", REPLAY_LIFETIME_WRONG, 1);
	replay_free(r);
}

static void an_answer_is_judged_once(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	answers(r, 1, 486, ""); /* nobody asked */
	asks(r, 1, ASKS("60"), false);
	asks(r, 1, ASKS("60"), false);
	answers(r, 1, 200, BOUND("60"));
	answers(r, 1, 200, BOUND("60"));
	assert_int_equal(replay_counts(r).replies, 1);
	expect(r, NULL, 0, 0);
	answers(r, 1, 403, "");
	expect(r, "with 200 and with 403", REPLAY_ANSWERS_DIFFER, 0);
	replay_free(r);
}

/* RFC 3261 10.3, step 7. */
static void an_old_number_is_refused(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	asks(r, 7, ASKS("3600"), false);
	answers(r, 7, 200, BOUND("3600"));
	asks(r, 3, ASKS("3600"), false);
	answers(r, 3, 200, BOUND("3600"));
	expect(r, NULL, 0, 0); /* it was sent before */
	replay_free(r);
	r = replay_new();
	asks(r, 7, ASKS("3600"), false);
	answers(r, 7, 200, BOUND("3600"));
	asks_late(r, 3, ASKS("3600"));
	answers(r, 3, 200, BOUND("3600"));
	expect(r, "CSeq is below", REPLAY_ACCEPTED_WRONGLY, 1);
	replay_free(r);
	r = replay_new();
	asks(r, 7, ASKS("60"), false);
	answers(r, 7, 200, BOUND("60"));
	asks_late(r, 3, ASKS("60"));
	answers(r, 3, 200, BOUND("60"));
	expect(r, NULL, 0, 2); /* the binding was over */
	replay_free(r);
}

static const struct t_case cases[] = {
	{"answers_are_held_against_requests",
	 answers_are_held_against_requests},
	{"a_stale_nonce_stays_stale", a_stale_nonce_stays_stale},
	{"passwords_tell_who_is_let_in", passwords_tell_who_is_let_in},
	{"a_least_time_is_the_same_for_all", a_least_time_is_the_same_for_all},
	{"an_answer_is_judged_once", an_answer_is_judged_once},
	{"an_old_number_is_refused", an_old_number_is_refused},
};
T_MAIN(cases)
