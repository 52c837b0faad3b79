/* The MRAS machine: every reason phrase, tokens, relays. */
#include "config.h"

#include "engine/mras_server.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1800000000) * NS_PER_S)
#define SPACE " xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\""
#define OPEN(version)                                 \
	"<request requestID=\"7\" version=\"" version \
	"\" to=\"sip:edge@example.test\" from=\"sip:a@example.test\"" SPACE
#define ONE                                                                \
	"<credentialsRequest credentialsRequestID=\"9\"><identity>sip:a@"  \
	"example.test</identity><location>internet</location><duration>60" \
	"</duration></credentialsRequest>"
#define REQUEST(version) OPEN(version) ">" ONE "</request>"

static const struct mras_relay relays[] = {
	{.location = {(const uint8_t *)"internet", 8},
	 .host = {(const uint8_t *)"av.example.test", 15},
	 .direct_ip = {(const uint8_t *)"192.0.2.1", 9},
	 .udp_port = 3478,
	 .tcp_port = 443},
	{.location = {(const uint8_t *)"intranet", 8},
	 .host = {(const uint8_t *)"in.example.test", 15},
	 .udp_port = 3478},
};

struct asking {
	struct mras_config config;
	struct arena scratch, memory;
	struct text body;
	struct mras_answer answer;
	struct mras reply;
	struct findings findings;
};

static void begin(struct asking *a)
{
	memset(a, 0, sizeof(*a));
	mras_keys_prepare(SLICE("k0"), SLICE("k1"), SLICE("k2"),
			  &a->config.keys);
	a->config.relays = relays;
	a->config.relay_count = 2;
	a->scratch = arena_new(1 << 22);
	a->memory = arena_new(1 << 22);
	a->body = text_new(1 << 20);
}

static void end(struct asking *a)
{
	arena_free(&a->scratch);
	arena_free(&a->memory);
	text_free(&a->body);
}

/* What our own reader says of the answer is held against it. */
static void ask_text(struct asking *a, struct slice body)
{
	struct mras_question question = {
		.method = SLICE("SERVICE"),
		.content_type = SLICE(MRAS_CONTENT_TYPE ";charset=utf-8"),
		.body = body};
	struct decoding d = {.arena = &a->memory, .findings = &a->findings};
	size_t used;

	text_clear(&a->body);
	a->findings = (struct findings){0};
	mras_serve(&a->config, &question, NOW, &a->scratch, &a->body,
		   &a->answer);
	assert_int_equal(a->answer.status, 200);
	assert_int_equal(
		mras_decode(&d, text_slice(&a->body), &a->reply, &used),
		STATUS_OK);
	t_equal_text(a->reply.reason, a->answer.reason);
}

static void ask(struct asking *a, const char *body)
{
	ask_text(a, slice_of_text(body));
}

static bool nobody(void *context, struct slice from, struct slice identity)
{
	(void)context;
	(void)from;
	(void)identity;
	return false;
}

enum { USUAL, NO_KEYS, NO_RELAYS, BUSY, FORBIDS };

static void every_reason_has_a_request(void **state)
{
	static const struct {
		const char *reason;
		int world;
		const char *body;
	} rows[] = {
		{"OK", USUAL, REQUEST("1.0")},
		{"OK", USUAL, REQUEST("2.0")},
		{"OK", USUAL, REQUEST("3.0")},
		{"Request Malformed", USUAL, "no XML"},
		{"Request Malformed", USUAL, "<request/>"},
		{"Request Malformed", USUAL, "<other" SPACE "/>"},
		{"Request Malformed", USUAL, OPEN("2.0") "/>"},
		{"Request Malformed", USUAL, REQUEST("two")},
		{"Request Malformed", USUAL, REQUEST("123.45")},
		{"Request Malformed", USUAL,
		 "<request version=\"2.0\" to=\"sip:e\" from=\"sip:a\"" SPACE
		 ">" ONE "</request>"},
		{"Request Malformed", USUAL,
		 "<request requestID=\"1\" version=\"2.0\" to=\"tel:1\" "
		 "from=\"sip:a\"" SPACE ">" ONE "</request>"},
		{"Request Malformed", USUAL,
		 OPEN("2.0") "><credentialsRequest credentialsRequestID=\"9\""
			     "/></request>"},
		{"Request Malformed", USUAL,
		 OPEN("2.0") "><credentialsRequest credentialsRequestID=\"9\""
			     "><identity>sip:a@b</identity><location>moon"
			     "</location></credentialsRequest></request>"},
		{"Request Malformed", USUAL,
		 OPEN("2.0") "><credentialsRequest credentialsRequestID=\"9\""
			     "><identity>sip:a@b</identity><duration>-1"
			     "</duration></credentialsRequest></request>"},
		{"Request Malformed", USUAL,
		 OPEN("2.0") "><credentialsRequest credentialsRequestID=\"9\""
			     "><duration>1</duration><identity>sip:a@b"
			     "</identity></credentialsRequest></request>"},
		{"Request Malformed", USUAL,
		 OPEN("2.0") ">" ONE ONE "</request>"},
		{"Version Mismatch", USUAL, REQUEST("4.0")},
		{"Version Mismatch", USUAL, REQUEST("0.9")},
		{"Not Supported", NO_KEYS, REQUEST("2.0")},
		{"Not Supported", NO_RELAYS, REQUEST("2.0")},
		{"Server Busy", BUSY, REQUEST("2.0")},
		{"Forbidden", FORBIDS, REQUEST("2.0")},
	};
	struct asking a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&a);
		a.config.keys.set = rows[i].world != NO_KEYS;
		a.config.refuses = rows[i].world == BUSY;
		a.config.refusal = MRAS_REASON_BUSY;
		if (rows[i].world == NO_RELAYS)
			a.config.relay_count = 0;
		if (rows[i].world == FORBIDS)
			a.config.may_have = nobody;
		ask(&a, rows[i].body);
		if (!slice_is(a.reply.reason, rows[i].reason))
			fail_msg("%s: %s", rows[i].body, a.answer.reason);
		assert_int_equal(a.reply.count,
				 strcmp(rows[i].reason, "OK") == 0);
		/* The echo: always, but for what could not be read. */
		assert_int_equal(a.reply.request_id.n == 0,
				 strcmp(rows[i].reason, "Request Malformed") ==
					 0);
		for (size_t k = 0; k < a.findings.count; k++)
			assert_int_equal(a.findings.list[k].rule->severity,
					 SEVERITY_INFO);
		end(&a);
	}
}

static void a_hundred_are_served_no_more(void **state)
{
	struct asking a;
	struct text body = text_new(1 << 16);

	(void)state;
	for (unsigned n = 100; n <= 101; n++) {
		begin(&a);
		text_clear(&body);
		text_puts(&body, OPEN("2.0") ">");
		for (unsigned i = 0; i < n; i++)
			text_printf(&body,
				    "<credentialsRequest credentialsRequestID="
				    "\"%u\"><identity>sip:a@b</identity>"
				    "</credentialsRequest>",
				    i);
		text_puts(&body, "</request>");
		ask_text(&a, text_slice(&body));
		t_equal_text(a.reply.reason,
			     n == 100 ? "OK" : "Request Too Large");
		assert_int_equal(a.reply.count, n == 100 ? 100 : 0);
		t_equal_text(a.reply.request_id, "7");
		end(&a);
	}
	text_free(&body);
}

static void tokens_are_good_for_as_long_as_granted(void **state)
{
	static const struct {
		const char *version;
		size_t size;
	} rows[] = {{"1.0", 52}, {"2.0", 56}, {"3.0", 56}};
	struct asking a;
	struct mras_token token;
	uint8_t name[128], password[64];
	char body[1024];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin(&a);
		snprintf(body, sizeof(body), REQUEST("%s"), rows[i].version);
		ask(&a, body);
		assert_int_equal(base64_decode(a.reply.credentials[0].username,
					       name, &n),
				 STATUS_OK);
		assert_int_equal(n, rows[i].size);
		assert_int_equal(
			mras_token_check(&a.config.keys, slice_of(name, n),
					 NOW + 3600 * NS_PER_S - 1, &token),
			MRAS_TOKEN_GOOD);
		assert_int_equal(
			mras_token_check(&a.config.keys, slice_of(name, n),
					 NOW + 3600 * NS_PER_S, &token),
			MRAS_TOKEN_OVER);
		assert_int_equal(base64_decode(a.reply.credentials[0].password,
					       password, &n),
				 STATUS_OK);
		t_equal_bytes(slice_of(password, n),
			      slice_of(token.password, MRAS_PASSWORD_SIZE));
		assert_int_equal(a.reply.server_version.n == 0, i == 0);
		t_equal_text(a.reply.version, rows[i].version);
		end(&a);
	}
}

static void durations_have_a_most(void **state)
{
	static const struct {
		const char *duration;
		uint32_t want;
	} rows[] = {{"", 480},
		    {"<duration>60</duration>", 60},
		    {"<duration>9999</duration>", 480}};
	struct asking a;
	char body[1024];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin(&a);
		snprintf(body, sizeof(body),
			 OPEN("2.0") "><credentialsRequest "
				     "credentialsRequestID=\"9\"><identity>"
				     "sip:a@b</identity>%s"
				     "</credentialsRequest></request>",
			 rows[i].duration);
		ask(&a, body);
		assert_int_equal(a.reply.credentials[0].duration_min,
				 rows[i].want);
		/* No location is asked for: both are told. */
		assert_int_equal(a.reply.credentials[0].relay_count, 2);
		end(&a);
	}
}

static void relays_are_those_of_the_place(void **state)
{
	struct asking a;
	const struct mras_relay *r;

	(void)state;
	begin(&a);
	ask(&a, REQUEST("2.0"));
	r = a.reply.credentials[0].relays;
	assert_int_equal(a.reply.credentials[0].relay_count, 1);
	t_equal_text(r->location, "internet");
	t_equal_text(r->host, "av.example.test");
	assert_int_equal(r->direct_ip.n, 0);
	assert_int_equal(r->udp_port, 3478);
	assert_int_equal(r->tcp_port, 443);
	ask(&a, OPEN("2.0") " route=\"directip\">" ONE "</request>");
	r = a.reply.credentials[0].relays;
	assert_int_equal(r->host.n, 0);
	t_equal_text(r->direct_ip, "192.0.2.1");
	end(&a);
}

static void what_is_no_service_has_no_body(void **state)
{
	struct mras_question message = {.method = SLICE("MESSAGE"),
					.content_type =
						SLICE(MRAS_CONTENT_TYPE)};
	struct mras_question plain = {.method = SLICE("SERVICE"),
				      .content_type = SLICE("text/plain")};
	struct asking a;

	(void)state;
	begin(&a);
	mras_serve(&a.config, &message, NOW, &a.scratch, &a.body, &a.answer);
	assert_int_equal(a.answer.status, 405);
	assert_string_equal(a.answer.allow, "SERVICE");
	mras_serve(&a.config, &plain, NOW, &a.scratch, &a.body, &a.answer);
	assert_int_equal(a.answer.status, 415);
	assert_string_equal(a.answer.accept, MRAS_CONTENT_TYPE);
	assert_null(a.answer.reason);
	assert_int_equal(a.body.n, 0);
	end(&a);
}

static const struct t_case cases[] = {
	{"every_reason_has_a_request", every_reason_has_a_request},
	{"a_hundred_are_served_no_more", a_hundred_are_served_no_more},
	{"tokens_are_good_for_as_long_as_granted",
	 tokens_are_good_for_as_long_as_granted},
	{"durations_have_a_most", durations_have_a_most},
	{"relays_are_those_of_the_place", relays_are_those_of_the_place},
	{"what_is_no_service_has_no_body", what_is_no_service_has_no_body},
};

T_MAIN(cases)
