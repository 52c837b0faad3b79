/* Calls from client to client: what goes on, to whom, and what does not. */
#include "config.h"

#include "engine/sip_server.h"
#include "engine/sip_signer.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1800000000) * NS_PER_S)
#define CLIENTS 4u
#define ALICE 1u /* over TCP */
#define BOB 2u   /* over TLS */
#define EVE 3u
#define ALICE_AT "<sip:alice@192.0.2.1:40001;transport=tcp>"
#define BOB_AT "<sip:bob@192.0.2.1:40002;transport=tls>"

struct client {
	struct text in; /* what it got last */
	struct sip_message m;
	struct sip_signer signer;
	unsigned cseq, got;
};

struct world {
	struct sip_server *server;
	struct client clients[CLIENTS];
	struct arena memory;
	nanoseconds now;
	uint64_t dice;
	bool signs;
};

static void take_send(void *context, uint32_t connection, struct slice bytes)
{
	struct world *w = context;
	struct client *c = &w->clients[connection];
	struct decoding d = {.arena = &w->memory, .stream = true};
	size_t used;

	text_clear(&c->in);
	text_put(&c->in, bytes);
	c->got++;
	assert_int_equal(sip_decode(&d, text_slice(&c->in), &c->m, &used),
			 STATUS_OK);
	assert_int_equal(used, c->in.n);
}

static void roll(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static void open_client(struct world *w, uint32_t number, const char *name)
{
	struct signer_config who = {.user = slice_of_text(name),
				    .password = SLICE("wonder"),
				    .context = w,
				    .random = roll};
	const uint8_t ip[4] = {192, 0, 2, 1}, here[4] = {192, 0, 2, 9};
	struct sip_path path = {
		.connection = number,
		.tls = number == BOB,
		.client = endpoint_of(slice_of(ip, 4),
				      (uint16_t)(40000 + number)),
		.server = endpoint_of(slice_of(here, 4),
				      number == BOB ? 5061 : 5060)};

	w->clients[number].in = text_new(1 << 18);
	signer_init(&w->clients[number].signer, &who);
	assert_true(sip_server_opened(w->server, &path));
}

static void start(struct world *w, unsigned schemes)
{
	struct sip_server_config config = {.realm = SLICE("test"),
					   .host = SLICE("fe"),
					   .schemes = schemes,
					   .expires = 7200,
					   .nonce_life = 60 * NS_PER_S};
	struct sip_provider provider = {
		.context = w, .send = take_send, .random = roll};

	*w = (struct world){.now = NOW,
			    .memory = arena_new(1 << 24),
			    .signs = schemes != 0};
	w->server = sip_server_new(&config, &provider);
	assert_non_null(w->server);
	assert_int_equal(sip_server_add_account(w->server, SLICE("alice"),
						SLICE("wonder")),
			 STATUS_OK);
	assert_int_equal(sip_server_add_account(w->server, SLICE("bob"),
						SLICE("wonder")),
			 STATUS_OK);
	open_client(w, ALICE, "alice");
	open_client(w, BOB, "bob");
	open_client(w, EVE, "eve");
}

static void stop(struct world *w)
{
	for (uint32_t i = ALICE; i < CLIENTS; i++) {
		sip_server_closed(w->server, i);
		text_free(&w->clients[i].in);
		signer_free(&w->clients[i].signer);
	}
	sip_server_free(w->server);
	arena_free(&w->memory);
}

/* ---- what clients say ---- */

static const char *const names[CLIENTS] = {"", "alice", "bob", "eve"};

struct request {
	const char *method, *uri, *call, *branch, *headers, *body;
	const char *to;     /* user */
	const char *to_tag; /* or NULL */
};

static void say(struct world *w, uint32_t from, struct slice bytes)
{
	(void)!sip_server_receive(w->server, from, bytes, w->now);
}

static void put_signature(struct world *w, uint32_t from,
			  const struct request *r, struct text *to)
{
	char from_uri[64], to_uri[64];
	struct association_text what = {
		.call_id = slice_of_text(r->call),
		.method = slice_of_text(r->method),
		.from_tag = SLICE("f"),
		.to_tag = slice_of_text(r->to_tag ? r->to_tag : ""),
		.cseq = w->clients[from].cseq};

	snprintf(from_uri, sizeof(from_uri), "sip:%s@example.org", names[from]);
	snprintf(to_uri, sizeof(to_uri), "sip:%s@example.org", r->to);
	what.from_uri = slice_of_text(from_uri);
	what.to_uri = slice_of_text(to_uri);
	signer_write(&w->clients[from].signer, &what, slice_of_text(r->uri),
		     SLICE(""), to);
}

static void ask(struct world *w, uint32_t from, const struct request *r)
{
	struct text t = text_new(1 << 16);

	w->clients[from].cseq++;
	text_printf(&t, "%s %s SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:%u",
		    r->method, r->uri, 40000 + from);
	text_printf(&t, ";branch=z9hG4bK%s\r\nFrom: <sip:%s@example.org>;tag=f",
		    r->branch, names[from]);
	text_printf(&t, "\r\nTo: <sip:%s@example.org>%s%s\r\n", r->to,
		    r->to_tag ? ";tag=" : "", r->to_tag ? r->to_tag : "");
	text_printf(&t, "Call-ID: %s\r\nCSeq: %u %s\r\n%s", r->call,
		    w->clients[from].cseq, r->method,
		    r->headers ? r->headers : "");
	put_signature(w, from, r, &t);
	text_printf(&t, "Content-Length: %zu\r\n\r\n%s",
		    r->body ? strlen(r->body) : 0, r->body ? r->body : "");
	say(w, from, text_slice(&t));
	text_free(&t);
}

/* Answers what it got last, with all its Vias and routes. */
static void answer(struct world *w, uint32_t from, const char *status)
{
	static const enum sip_header_name kept[] = {
		SIP_VIA, SIP_RECORD_ROUTE, SIP_FROM,
		SIP_TO,  SIP_CALL_ID,      SIP_CSEQ};
	const struct sip_message *m = &w->clients[from].m;
	struct text t = text_new(1 << 16);

	text_printf(&t, "SIP/2.0 %s\r\n", status);
	for (size_t i = 0; i < m->header_count; i++)
		for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
			if (m->headers[i].id == kept[k])
				sip_write_header(&t, m->headers[i].name,
						 m->headers[i].value);
	sip_write_end(&t, SLICE("an answer"));
	say(w, from, text_slice(&t));
	text_free(&t);
}

/* With the legs that the server asks for. */
static void sign_in(struct world *w, uint32_t who, const char *contact)
{
	char headers[256];
	struct request r = {.method = "REGISTER",
			    .uri = "sip:example.org",
			    .call = names[who],
			    .branch = "r",
			    .headers = headers,
			    .to = names[who]};

	snprintf(headers, sizeof(headers), "Contact: %s\r\n", contact);
	for (unsigned legs = 0; legs < 3; legs++) {
		ask(w, who, &r);
		if (w->clients[who].m.status == 200)
			break;
		assert_int_equal(signer_challenged(&w->clients[who].signer,
						   &w->clients[who].m, w->now),
				 SIGNER_AGAIN);
	}
	assert_int_equal(w->clients[who].m.status, 200);
	assert_int_equal(
		signer_judge(&w->clients[who].signer, &w->clients[who].m),
		w->signs ? SIGNER_GOOD : SIGNER_UNSIGNED);
}

static const struct request invite = {
	.method = "INVITE",
	.uri = "sip:bob@example.org",
	.call = "c1",
	.branch = "i",
	.headers = "Max-Forwards: 70\r\nAuthorization: Digest old\r\n"
		   "Contact: " ALICE_AT "\r\nRequire: 100rel\r\n",
	.body = "an offer",
	.to = "bob"};

static void begin(struct world *w, unsigned schemes)
{
	start(w, schemes);
	sign_in(w, ALICE, ALICE_AT);
	sign_in(w, BOB, BOB_AT);
	ask(w, ALICE, &invite);
}

static unsigned count_of(const struct sip_message *m, enum sip_header_name id)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->header_count; i++)
		n += m->headers[i].id == id;
	return n;
}

/* ---- what comes of it ---- */

static void a_call_goes_there_and_back(void **state)
{
	struct request ack = {.method = "ACK",
			      .uri = "sip:bob@192.0.2.1:40002;transport=tls",
			      .call = "c1",
			      .branch = "a",
			      .headers = "Route: <sip:192.0.2.9:5060;lr>\r\n"
					 "Route: <sip:192.0.2.9:5061;lr>\r\n",
			      .to = "bob",
			      .to_tag = "t"};
	struct request bye = {.method = "BYE",
			      .uri = "sip:alice@192.0.2.1:40001",
			      .call = "c1",
			      .branch = "b",
			      .to = "alice",
			      .to_tag = "f"};
	struct world w;
	const struct sip_message *alice = &w.clients[ALICE].m;
	const struct sip_message *bob = &w.clients[BOB].m;

	(void)state;
	begin(&w, 0);
	t_equal_text(bob->method_text, "INVITE");
	t_equal_text(bob->request_uri, "sip:bob@192.0.2.1:40002;transport=tls");
	t_equal_text(bob->via.transport, "TLS");
	t_equal_text(bob->via.host, "192.0.2.9");
	assert_int_equal(bob->via_count, 2);
	assert_int_equal(count_of(bob, SIP_AUTHORIZATION), 0);
	t_equal_text(sip_value(bob, SIP_MAX_FORWARDS), "69");
	/* Each finds its own side first, in the order that it takes them. */
	t_equal_text(sip_value(bob, SIP_RECORD_ROUTE),
		     "<sip:192.0.2.9:5061;transport=tls;lr>");
	assert_int_equal(count_of(bob, SIP_RECORD_ROUTE), 2);
	t_equal_text(sip_value(bob, SIP_REQUIRE), "100rel");
	t_equal_text(bob->body, "an offer");
	answer(&w, BOB, "200 Here");
	assert_int_equal(alice->status, 200);
	t_equal_text(alice->reason, "Here");
	assert_int_equal(alice->via_count, 1);
	t_equal_text(alice->via.branch, "z9hG4bKi");
	assert_int_equal(count_of(alice, SIP_RECORD_ROUTE), 2);
	t_equal_text(alice->body, "an answer");
	ask(&w, ALICE, &ack);
	t_equal_text(bob->method_text, "ACK");
	t_equal_text(bob->request_uri, ack.uri);
	assert_int_equal(count_of(bob, SIP_ROUTE), 0);
	assert_int_equal(count_of(bob, SIP_RECORD_ROUTE), 0);
	ask(&w, BOB, &bye);
	t_equal_text(alice->method_text, "BYE");
	t_equal_text(alice->request_uri, bye.uri);
	answer(&w, ALICE, "200 OK");
	assert_int_equal(bob->status, 200);
	assert_int_equal(bob->via_count, 1);
	stop(&w);
}

/* By the branch alone they are told to be of one transaction. */
static void a_call_may_be_given_up(void **state)
{
	struct request cancel = invite;
	struct slice branch;
	char kept[64];
	struct world w;

	(void)state;
	begin(&w, 0);
	branch = w.clients[BOB].m.via.branch;
	assert_true(branch.n < sizeof(kept));
	memcpy(kept, branch.p, branch.n);
	kept[branch.n] = '\0';
	cancel.method = "CANCEL";
	cancel.headers = cancel.body = NULL;
	w.clients[ALICE].cseq--;
	ask(&w, ALICE, &cancel);
	t_equal_text(w.clients[BOB].m.method_text, "CANCEL");
	t_equal_text(w.clients[BOB].m.via.branch, kept);
	t_equal_text(w.clients[BOB].m.request_uri,
		     "sip:bob@192.0.2.1:40002;transport=tls");
	assert_int_equal(count_of(&w.clients[BOB].m, SIP_RECORD_ROUTE), 0);
	stop(&w);
}

static void strangers_stay_out(void **state)
{
	static const char *const methods[] = {"BYE",    "INFO",   "UPDATE",
					      "NOTIFY", "CANCEL", "INVITE",
					      "MESSAGE"};
	struct request r = invite;
	struct world w;

	(void)state;
	begin(&w, 0);
	r.headers = r.body = NULL;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		r.method = methods[i];
		ask(&w, EVE, &r);
		assert_int_equal(w.clients[EVE].m.status, 481);
	}
	r.method = "ACK";
	w.clients[EVE].got = 0;
	ask(&w, EVE, &r);
	assert_int_equal(w.clients[EVE].got, 0);
	/* Nor does an answer of theirs count. */
	w.clients[EVE].m = w.clients[BOB].m;
	w.clients[ALICE].got = 0;
	answer(&w, EVE, "200 OK");
	assert_int_equal(w.clients[ALICE].got, 0);
	assert_int_equal(w.clients[BOB].got, 2);
	stop(&w);
}

static void who_is_not_there_is_not_called(void **state)
{
	struct request r = invite;
	struct world w;

	(void)state;
	start(&w, 0);
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 480);
	r.uri = "sip:example.org";
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 404);
	r = invite;
	sign_in(&w, BOB, BOB_AT);
	r.headers = "Max-Forwards: 0\r\n";
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 483);
	ask(&w, ALICE, &invite);
	t_equal_text(w.clients[BOB].m.method_text, "INVITE");
	/* The binding stands for hours, the connection does not. */
	sip_server_closed(w.server, BOB);
	r = invite;
	r.call = "c2";
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 480);
	r = invite;
	r.method = "BYE";
	r.to_tag = "t";
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 481);
	stop(&w);
}

static void odd_contacts_are_not_written(void **state)
{
	struct world w;

	(void)state;
	start(&w, 0);
	sign_in(&w, BOB, "<sip>");
	ask(&w, ALICE, &invite);
	t_equal_text(w.clients[BOB].m.method_text, "INVITE");
	t_equal_text(w.clients[BOB].m.request_uri, "sip:bob@example.org");
	stop(&w);
}

/* With NTLM, what goes to a client has the server's signature, and none calls
 * who has not signed in. */
static void what_goes_on_is_signed(void **state)
{
	struct request r = invite;
	struct world w;

	(void)state;
	start(&w, SIP_NTLM);
	sign_in(&w, ALICE, ALICE_AT);
	sign_in(&w, BOB, BOB_AT);
	r.headers = NULL;
	ask(&w, ALICE, &r);
	t_equal_text(w.clients[BOB].m.method_text, "INVITE");
	assert_int_equal(count_of(&w.clients[BOB].m, SIP_AUTHORIZATION), 0);
	assert_int_equal(
		signer_judge(&w.clients[BOB].signer, &w.clients[BOB].m),
		SIGNER_GOOD);
	answer(&w, BOB, "180 Ringing");
	assert_int_equal(w.clients[ALICE].m.status, 180);
	assert_int_equal(
		signer_judge(&w.clients[ALICE].signer, &w.clients[ALICE].m),
		SIGNER_GOOD);
	r.call = "c2";
	ask(&w, EVE, &r);
	assert_int_equal(w.clients[EVE].m.status, 401);
	stop(&w);
}

/* The table has an end: the oldest calls go first. */
static void calls_are_bounded(void **state)
{
	struct request r = invite;
	char call[16];
	struct world w;

	(void)state;
	begin(&w, 0);
	r.headers = r.body = NULL;
	r.call = call;
	for (unsigned i = 0; i < 30000; i++) {
		w.now += NS_PER_MS;
		snprintf(call, sizeof(call), "n%u", i);
		arena_reset(&w.memory);
		ask(&w, ALICE, &r);
	}
	r.method = "BYE";
	ask(&w, ALICE, &r);
	t_equal_text(w.clients[BOB].m.method_text, "BYE");
	t_equal_text(w.clients[BOB].m.call_id, call);
	r.call = "c1";
	ask(&w, ALICE, &r);
	assert_int_equal(w.clients[ALICE].m.status, 481);
	stop(&w);
}

static const struct t_case cases[] = {
	{"a_call_goes_there_and_back", a_call_goes_there_and_back},
	{"a_call_may_be_given_up", a_call_may_be_given_up},
	{"strangers_stay_out", strangers_stay_out},
	{"who_is_not_there_is_not_called", who_is_not_there_is_not_called},
	{"odd_contacts_are_not_written", odd_contacts_are_not_written},
	{"what_goes_on_is_signed", what_goes_on_is_signed},
	{"calls_are_bounded", calls_are_bounded},
};
T_MAIN(cases)
