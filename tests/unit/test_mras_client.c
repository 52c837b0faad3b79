/* Asking for a token: what is asked, and what is made of answers. */
#include "config.h"

#include "dissectors/mras.h"
#include "dissectors/sip.h"
#include "engine/mras_client.h"
#include "tests/support/t.h"

#define URI "sip:edge01.example.test@example.test;gruu;opaque=srvr:MRAS:x"
#define ALICE "sip:alice@example.test"
#define TYPE "application/msrtc-media-relay-auth+xml"

struct world {
	struct mras_client *client;
	struct text sent; /* the last request */
	unsigned requests;
	uint64_t dice;
	struct arena arena;
	struct sip_message sip; /* the same, read */
	struct mras mras;
};

static void take_send(void *context, struct slice bytes)
{
	struct world *w = context;
	struct decoding d = {.arena = &w->arena};
	size_t used;

	text_clear(&w->sent);
	text_put(&w->sent, bytes);
	w->requests++;
	assert_int_equal(sip_decode(&d, text_slice(&w->sent), &w->sip, &used),
			 STATUS_OK);
	if (w->sip.method == SIP_SERVICE)
		assert_int_equal(mras_decode(&d, w->sip.body, &w->mras, &used),
				 STATUS_OK);
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static void start_as(struct world *w, const char *password, bool registers,
		     const char *uri)
{
	struct mras_client_provider with = {
		.context = w, .send = take_send, .random = take_random};
	struct mras_client_config config = {
		.uri = slice_of_text(uri),
		.registers = registers,
		.identity = SLICE(ALICE),
		.location = SLICE("internet"),
		.user = *password ? SLICE("alice") : SLICE(""),
		.password = slice_of_text(password),
		.agent = SLICE("a test"),
		.tls = true,
		.duration_min = 480,
		.patience = 5 * NS_PER_S,
	};

	memset(w, 0, sizeof(*w));
	w->sent = text_new(1 << 16);
	w->arena = arena_new(1 << 22);
	assert_int_equal(
		endpoint_parse(SLICE("192.0.2.10"), 50112, &config.local),
		STATUS_OK);
	w->client = mras_client_new(&config, &with);
	assert_non_null(w->client);
	mras_client_begin(w->client, NS_PER_S);
}

static void start(struct world *w, const char *password)
{
	start_as(w, password, false, URI);
}

static void stop(struct world *w)
{
	mras_client_free(w->client);
	text_free(&w->sent);
	arena_free(&w->arena);
}

/* An answer to the last request, a byte at a time. */
static void answer(struct world *w, unsigned status, const char *headers,
		   const char *body)
{
	struct text text = text_new(1 << 16);

	text_printf(&text, "SIP/2.0 %u Whatever\r\n", status);
	text_puts(&text, "Via: SIP/2.0/TLS 192.0.2.10:50112\r\nFrom: <" ALICE
			 ">;tag=1\r\nTo: <" URI ">;tag=2\r\nCall-ID: ");
	text_put(&text, w->sip.call_id);
	text_printf(&text, "\r\nCSeq: %u ", w->sip.cseq);
	text_put(&text, w->sip.cseq_method);
	text_printf(&text, "\r\n%s", headers);
	text_printf(&text, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	for (size_t i = 0; i < text.n; i++)
		mras_client_receive(w->client, slice_of(text.p + i, 1),
				    2 * NS_PER_S);
	text_free(&text);
}

#define RESPONSE(attributes, inside)                                          \
	"<response xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\" " \
	"version=\"3.0\" " attributes ">" inside "</response>"
#define GRANTED                                                               \
	RESPONSE("serverVersion=\"3.0\" reasonPhrase=\"OK\"",                 \
		 "<credentialsResponse credentialsRequestID=\"1\">"           \
		 "<credentials><username>AgAAJA==</username>"                 \
		 "<password>A2RA/t/LbXEHj3GmOli64dshYW0=</password>"          \
		 "<duration>240</duration></credentials><mediaRelayList>"     \
		 "<mediaRelay><location>internet</location>"                  \
		 "<hostName>av.example.test</hostName>"                       \
		 "<udpPort>3478</udpPort><tcpPort>443</tcpPort></mediaRelay>" \
		 "<mediaRelay><location>intranet</location>"                  \
		 "<directIPAddress>10.0.0.3</directIPAddress>"                \
		 "<udpPort>3478</udpPort></mediaRelay>"                       \
		 "</mediaRelayList></credentialsResponse>")

static void the_request_is_as_the_document_has_it(void **state)
{
	struct world w;

	(void)state;
	start(&w, "");
	t_equal_text(w.sip.method_text, "SERVICE");
	t_equal_text(w.sip.request_uri, URI);
	t_equal_text(w.sip.to.uri, URI);
	t_equal_text(w.sip.from.uri, ALICE);
	t_equal_text(w.sip.content_type, TYPE);
	t_equal_text(w.sip.via.transport, "TLS");
	assert_true(w.sip.from_tag.n > 0 && w.sip.to_tag.n == 0);
	t_equal_text(w.mras.to, URI);
	t_equal_text(w.mras.from, ALICE);
	t_equal_text(w.mras.version, "3.0");
	assert_int_equal(w.mras.count, 1);
	t_equal_text(w.mras.credentials[0].identity, ALICE);
	t_equal_text(w.mras.credentials[0].location, "internet");
	assert_int_equal(w.mras.credentials[0].duration_min, 480);
	stop(&w);
}

static void a_token_is_taken(void **state)
{
	const struct mras_client_report *r;
	struct world w;

	(void)state;
	start(&w, "");
	answer(&w, 100, "", "");
	assert_int_equal(mras_client_report(w.client)->outcome, MRAS_RUNS);
	answer(&w, 200, "Content-Type: " TYPE "\r\n", GRANTED);
	r = mras_client_report(w.client);
	assert_int_equal(r->outcome, MRAS_GRANTED);
	assert_int_equal(r->user_size, 4);
	assert_int_equal(r->password_size, 20);
	assert_int_equal(r->duration_min, 240);
	assert_int_equal(r->took, NS_PER_S);
	assert_int_equal(r->relay_count, 2);
	assert_string_equal(r->relays[0].host, "av.example.test");
	assert_int_equal(r->relays[0].tcp_port, 443);
	assert_string_equal(r->relays[1].host, "10.0.0.3");
	assert_int_equal(r->relays[1].tcp_port, 0);
	stop(&w);
}

static void outcomes_are_told_apart(void **state)
{
	static const struct {
		const char *name;
		unsigned status;
		const char *headers, *body;
		enum mras_outcome want;
		const char *reason;
	} rows[] = {
		{"refused with 200", 200, "",
		 RESPONSE("reasonPhrase=\"Request Malformed\"", ""),
		 MRAS_REFUSED, "Request Malformed"},
		{"refused with 500", 500, "",
		 RESPONSE("reasonPhrase=\"Server Busy\"", ""), MRAS_REFUSED,
		 "Server Busy"},
		{"no document", 200, "", "", MRAS_MALFORMED,
		 "no document in the answer"},
		{"not XML", 200, "", "hello", MRAS_MALFORMED,
		 "no document in the answer"},
		{"no credentials", 200, "", RESPONSE("reasonPhrase=\"OK\"", ""),
		 MRAS_MALFORMED, "no user name and password"},
		{"not there", 404, "", "", MRAS_REFUSED_SIP, "Whatever"},
		{"NTLM", 401,
		 "WWW-Authenticate: NTLM realm=\"SIP Communications "
		 "Service\", targetname=\"fe\"\r\n",
		 "", MRAS_WANTS_SIGN_IN, "NTLM"},
		{"Digest without password", 401,
		 "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n", "",
		 MRAS_WANTS_SIGN_IN, "Digest"},
		{"401 without challenge", 401, "", "", MRAS_WANTS_SIGN_IN, ""},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&w, "");
		answer(&w, rows[i].status, rows[i].headers, rows[i].body);
		if (mras_client_report(w.client)->outcome != rows[i].want)
			fail_msg("%s", rows[i].name);
		assert_string_equal(mras_client_report(w.client)->reason,
				    rows[i].reason);
		stop(&w);
	}
}

static void another_version_is_tried_once(void **state)
{
	struct world w;

	(void)state;
	start(&w, "");
	answer(&w, 200, "",
	       RESPONSE("serverVersion=\"2.0\" "
			"reasonPhrase=\"Version Mismatch\"",
			""));
	assert_int_equal(w.requests, 2);
	t_equal_text(w.mras.version, "2.0");
	assert_int_equal(w.sip.cseq, 2);
	answer(&w, 200, "",
	       RESPONSE("serverVersion=\"1.0\" "
			"reasonPhrase=\"Version Mismatch\"",
			""));
	assert_int_equal(w.requests, 2);
	assert_int_equal(mras_client_report(w.client)->outcome, MRAS_REFUSED);
	stop(&w);
}

static void digest_is_answered(void **state)
{
	static const char challenge[] =
		"WWW-Authenticate: Kerberos realm=\"x\"\r\n"
		"WWW-Authenticate: Digest realm=\"example.test\", "
		"nonce=\"abc\", qop=\"auth\", opaque=\"o\"\r\n";
	struct slice value, params, got;
	struct world w;

	(void)state;
	start(&w, "wonder");
	answer(&w, 401, challenge, "");
	assert_int_equal(w.requests, 2);
	value = sip_value(&w.sip, SIP_AUTHORIZATION);
	t_equal_text(sip_auth_scheme(value, &params), "Digest");
	assert_true(sip_param(params, ',', "realm", &got));
	t_equal_text(got, "example.test");
	assert_true(sip_param(params, ',', "response", &got));
	assert_int_equal(got.n, 32);
	assert_true(sip_param(params, ',', "opaque", &got));
	answer(&w, 401, challenge, "");
	assert_int_equal(mras_client_report(w.client)->outcome,
			 MRAS_WRONG_PASSWORD);
	stop(&w);
	/* One that is stale is tried again. */
	start(&w, "wonder");
	answer(&w, 401, challenge, "");
	answer(&w, 401,
	       "WWW-Authenticate: Digest realm=\"example.test\", "
	       "nonce=\"def\", stale=true\r\n",
	       "");
	assert_int_equal(w.requests, 3);
	stop(&w);
}

/* ---- signing in, by what servers say ---- */

static const struct mras_client_report *report(const struct world *w)
{
	return mras_client_report(w->client);
}

static void who_is_no_registrar_is_asked_at_once(void **state)
{
	struct world w;

	(void)state;
	start_as(&w, "wonder", true, URI);
	t_equal_text(w.sip.method_text, "REGISTER");
	t_equal_text(w.sip.request_uri, "sip:example.test");
	answer(&w, 405, "", "");
	t_equal_text(w.sip.method_text, "SERVICE");
	t_equal_text(w.sip.request_uri, URI);
	answer(&w, 200, "", GRANTED);
	assert_int_equal(report(&w)->outcome, MRAS_GRANTED);
	assert_false(report(&w)->registered);
	stop(&w);
}

static void registrations_that_fail_are_told_apart(void **state)
{
	static const struct {
		unsigned status;
		const char *headers;
		enum mras_outcome want;
		const char *reason;
	} rows[] = {
		{301,
		 "Contact: <sip:pool02.example.test:5061;transport=tls>\r\n",
		 MRAS_MOVED, "pool02.example.test"},
		{403, "", MRAS_REFUSED_SIP, "Whatever"},
		{401,
		 "WWW-Authenticate: Kerberos realm=\"x\", "
		 "targetname=\"sip/fe\", version=4\r\n"
		 "WWW-Authenticate: TLS-DSK realm=\"x\", targetname=\"fe\", "
		 "version=4\r\n",
		 MRAS_WANTS_SIGN_IN, "Kerberos, TLS-DSK"},
		{407,
		 "Proxy-Authenticate: Kerberos realm=\"x\", "
		 "targetname=\"sip/fe\", version=4\r\n",
		 MRAS_WANTS_SIGN_IN, "Kerberos"},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_as(&w, "wonder", true, URI);
		answer(&w, rows[i].status, rows[i].headers, "");
		assert_int_equal(report(&w)->outcome, rows[i].want);
		assert_int_equal(report(&w)->step, MRAS_REGISTERS);
		assert_string_equal(report(&w)->reason, rows[i].reason);
		assert_int_equal(w.requests, 1);
		stop(&w);
	}
}

#define NOTIFICATION(inside)                                                \
	"<provisionGroupList xmlns=\"http://schemas.microsoft.com/2006/09/" \
	"sip/provisiongrouplist-notification\"><provisionGroup "            \
	"name=\"ServerConfiguration\">" inside                              \
	"</provisionGroup></provisionGroupList>"

/* The server notifies in the dialog of the last request. */
static void notify(struct world *w, const char *method, const char *body)
{
	struct text text = text_new(1 << 16);

	text_printf(&text, "%s " ALICE " SIP/2.0\r\n", method);
	text_puts(&text, "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKs\r\n"
			 "From: <" ALICE ">;tag=2\r\nTo: <" ALICE
			 ">;tag=1\r\nCall-ID: ");
	text_put(&text, w->sip.call_id);
	text_printf(&text, "\r\nCSeq: 1 %s\r\nContent-Length: %zu\r\n\r\n%s",
		    method, strlen(body), body);
	mras_client_receive(w->client, text_slice(&text), 2 * NS_PER_S);
	text_free(&text);
}

static void provisioning_may_come_behind(void **state)
{
	static const char *const methods[] = {"BENOTIFY", "NOTIFY"};
	struct world w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start_as(&w, "wonder", true, "");
		answer(&w, 200, "", "");
		t_equal_text(w.sip.method_text, "SUBSCRIBE");
		t_equal_text(w.sip.request_uri, ALICE);
		answer(&w, 200, "", "");
		assert_int_equal(w.requests, 2);
		notify(&w, methods[i],
		       NOTIFICATION("<mrasUri>" URI "</mrasUri>"));
		/* A NOTIFY is answered, a BENOTIFY is not. */
		assert_int_equal(w.requests, 3 + i);
		t_equal_text(w.sip.method_text, "SERVICE");
		t_equal_text(w.sip.request_uri, URI);
		assert_string_equal(report(&w)->uri, URI);
		stop(&w);
	}
}

static void an_edge_may_be_missing(void **state)
{
	struct world w;

	(void)state;
	start_as(&w, "wonder", true, "");
	answer(&w, 200, "", "");
	answer(&w, 200, "", NOTIFICATION("<mrasUri/>"));
	/* Who has signed in signs out before it is told. */
	t_equal_text(w.sip.method_text, "REGISTER");
	t_equal_text(sip_value(&w.sip, SIP_EXPIRES), "0");
	assert_int_equal(report(&w)->outcome, MRAS_RUNS);
	answer(&w, 200, "", "");
	assert_int_equal(report(&w)->outcome, MRAS_NO_EDGE);
	assert_int_equal(report(&w)->step, MRAS_PROVISIONS);
	stop(&w);
}

static void signing_out_may_fail(void **state)
{
	struct world w;

	(void)state;
	for (unsigned how = 0; how < 3; how++) {
		start_as(&w, "wonder", true, URI);
		answer(&w, 200, "", "");
		answer(&w, 200, "", GRANTED);
		if (how == 0)
			answer(&w, 500, "", "");
		else if (how == 1)
			mras_client_closed(w.client, 3 * NS_PER_S);
		else
			mras_client_tick(w.client, 9 * NS_PER_S);
		assert_int_equal(report(&w)->outcome, MRAS_GRANTED);
		assert_int_equal(report(&w)->status, 200);
		assert_int_equal(report(&w)->took, NS_PER_S);
		stop(&w);
	}
}

static void silence_and_noise_end_it(void **state)
{
	struct world w;

	(void)state;
	start(&w, "");
	assert_int_equal(mras_client_next(w.client), 6 * NS_PER_S);
	mras_client_tick(w.client, 6 * NS_PER_S);
	assert_int_equal(mras_client_report(w.client)->outcome,
			 MRAS_UNANSWERED);
	stop(&w);
	start(&w, "");
	mras_client_receive(w.client, SLICE("HTTP/1.1 400 Bad\r\n\r\n"), 1);
	assert_int_equal(mras_client_report(w.client)->outcome, MRAS_ODD);
	stop(&w);
	start(&w, "");
	mras_client_receive(w.client, SLICE("\r\n\r\n"), 1);
	mras_client_closed(w.client, 1);
	assert_int_equal(mras_client_report(w.client)->outcome, MRAS_CLOSED);
	stop(&w);
}

static const struct t_case cases[] = {
	{"the_request_is_as_the_document_has_it",
	 the_request_is_as_the_document_has_it},
	{"a_token_is_taken", a_token_is_taken},
	{"outcomes_are_told_apart", outcomes_are_told_apart},
	{"another_version_is_tried_once", another_version_is_tried_once},
	{"digest_is_answered", digest_is_answered},
	{"who_is_no_registrar_is_asked_at_once",
	 who_is_no_registrar_is_asked_at_once},
	{"registrations_that_fail_are_told_apart",
	 registrations_that_fail_are_told_apart},
	{"provisioning_may_come_behind", provisioning_may_come_behind},
	{"an_edge_may_be_missing", an_edge_may_be_missing},
	{"signing_out_may_fail", signing_out_may_fail},
	{"silence_and_noise_end_it", silence_and_noise_end_it},
};
T_MAIN(cases)
