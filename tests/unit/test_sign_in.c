/* Our client of SIP signs in to our server: both machines, and what lies in
 * between. */
#include "config.h"

#include "engine/mras_client.h"
#include "engine/sip_server.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1800000000) * NS_PER_S)
#define ALICE "sip:alice@example.test"

struct world {
	struct sip_server *server;
	struct mras_client *client;
	struct text up, down; /* what is on the way */
	nanoseconds now;
	uint64_t dice;
	unsigned downs;     /* answers that have come down */
	nanoseconds leap;   /* of time, behind the third of them */
	unsigned altered;   /* which of them is, from 1 */
	const char *cut;    /* to what begins so, of that, ... */
	const char *put_in; /* ... comes this */
	bool unsigned_too;  /* and its signature goes */
};

static void go_up(void *context, struct slice bytes)
{
	text_put(&((struct world *)context)->up, bytes);
}

/* Somebody sits on the way: `put_in` comes where `cut` stood, or, when it is
 * NULL, all of the line goes. */
static void alter(struct text *to, struct slice in, const char *cut,
		  const char *put_in)
{
	struct text whole = text_new(1 << 18);
	const char *at, *end;

	text_put(&whole, in);
	text_putc(&whole, '\0');
	at = strstr(whole.p, cut);
	assert_non_null(at);
	end = put_in ? at + strlen(cut) : strstr(at, "\r\n") + 2;
	text_put(to, slice_of(whole.p, (size_t)(at - whole.p)));
	text_puts(to, put_in ? put_in : "");
	text_puts(to, end);
	text_free(&whole);
}

static void go_down(void *context, uint32_t connection, struct slice bytes)
{
	struct world *w = context;
	struct text made = text_new(1 << 18);

	assert_int_equal(connection, 1);
	if (++w->downs != w->altered) {
		text_put(&w->down, bytes);
	} else if (w->unsigned_too) {
		alter(&made, bytes, w->cut, w->put_in);
		alter(&w->down, text_slice(&made), "Authentication-Info", NULL);
	} else {
		alter(&w->down, bytes, w->cut, w->put_in);
	}
	text_free(&made);
	if (w->downs == 3)
		w->now += w->leap;
}

static void roll(void *context, uint8_t *out, size_t n)
{
	struct world *w = context;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static size_t relays(void *context, uint32_t connection, struct mras_relay *out,
		     size_t max)
{
	(void)context;
	(void)connection;
	(void)max;
	out[0] = (struct mras_relay){.location = SLICE("internet"),
				     .host = SLICE("av.example.test"),
				     .udp_port = 3478,
				     .tcp_port = 443};
	return 1;
}

static void serve(struct world *w, unsigned schemes, bool edge)
{
	struct sip_server_config config = {.realm = SLICE("test"),
					   .host = SLICE("fe01.example.test"),
					   .schemes = schemes,
					   .expires = 7200,
					   .nonce_life = 60 * NS_PER_S};
	struct sip_provider provider = {.context = w,
					.send = go_down,
					.random = roll,
					.relays = relays};
	struct sip_path path = {.connection = 1, .tls = true};
	const uint8_t ip[4] = {192, 0, 2, 10};

	if (edge)
		mras_keys_of_secret(SLICE("s"), &config.keys);
	w->server = sip_server_new(&config, &provider);
	assert_non_null(w->server);
	assert_int_equal(sip_server_add_account(w->server, SLICE("alice"),
						SLICE("wonder")),
			 STATUS_OK);
	path.client = endpoint_of(slice_of(ip, 4), 50112);
	path.server = endpoint_of(slice_of(ip, 4), 5061);
	assert_true(sip_server_opened(w->server, &path));
}

static void start(struct world *w, unsigned schemes, bool edge)
{
	*w = (struct world){
		.now = NOW, .up = text_new(1 << 20), .down = text_new(1 << 20)};
	serve(w, schemes, edge);
}

/* Until nothing is on the way any more. */
static void run(struct world *w, const char *user, const char *password)
{
	const uint8_t ip[4] = {192, 0, 2, 10};
	struct mras_client_provider provider = {
		.context = w, .send = go_up, .random = roll};
	struct mras_client_config config = {
		.identity = SLICE(ALICE),
		.user = slice_of_text(user),
		.password = slice_of_text(password),
		.agent = SLICE("a test"),
		.tls = true,
		.registers = true,
		.duration_min = 480,
		.local = endpoint_of(slice_of(ip, 4), 50112)};
	struct text moving = text_new(1 << 20);

	w->client = mras_client_new(&config, &provider);
	assert_non_null(w->client);
	mras_client_begin(w->client, w->now);
	while (w->up.n || w->down.n) {
		text_clear(&moving);
		text_put(&moving, text_slice(w->up.n ? &w->up : &w->down));
		if (w->up.n) {
			text_clear(&w->up);
			assert_true(sip_server_receive(
				w->server, 1, text_slice(&moving), w->now));
		} else {
			text_clear(&w->down);
			mras_client_receive(w->client, text_slice(&moving),
					    w->now);
		}
	}
	text_free(&moving);
}

static const struct mras_client_report *report(const struct world *w)
{
	return mras_client_report(w->client);
}

static void stop(struct world *w)
{
	mras_client_free(w->client);
	sip_server_closed(w->server, 1);
	sip_server_free(w->server);
	text_free(&w->up);
	text_free(&w->down);
}

static void assert_all(struct world *w, enum signer_scheme scheme,
		       unsigned requests)
{
	const struct mras_client_report *r = report(w);
	struct sip_counts counts = sip_server_counts(w->server);

	assert_int_equal(r->outcome, MRAS_GRANTED);
	assert_int_equal(r->scheme, scheme);
	assert_true(r->registered);
	assert_int_equal(r->requests, requests);
	assert_string_equal(r->relays[0].host, "av.example.test");
	assert_non_null(strstr(r->uri, "opaque=srvr:MRAS:"));
	assert_int_equal(counts.tokens, 1);
	assert_int_equal(counts.refused, 0);
	/* It has signed out. */
	assert_int_equal(counts.bindings, 0);
}

static void ntlm_signs_in(void **state)
{
	static const char *const names[] = {"alice", "alice@example.test",
					    "EXAMPLE\\alice"};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		start(&w, SIP_NTLM | SIP_DIGEST, true);
		run(&w, names[i], "wonder");
		/* REGISTER has three legs; each answer is signed. */
		assert_all(&w, SIGNER_NTLM, 6);
		assert_int_equal(report(&w)->verified, 4);
		stop(&w);
	}
}

static void digest_signs_in(void **state)
{
	struct world w;

	(void)state;
	start(&w, SIP_DIGEST, true);
	run(&w, "alice@example.test", "wonder");
	assert_all(&w, SIGNER_DIGEST, 5);
	assert_int_equal(report(&w)->verified, 4);
	stop(&w);
}

static void nobody_is_asked(void **state)
{
	struct world w;

	(void)state;
	start(&w, 0, true);
	run(&w, "alice", "wonder");
	assert_all(&w, SIGNER_NONE, 4);
	assert_int_equal(report(&w)->verified, 0);
	stop(&w);
}

static void wrong_passwords_are_refused(void **state)
{
	static const unsigned schemes[] = {SIP_NTLM, SIP_DIGEST};
	struct world w;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(&w, schemes[i], true);
		run(&w, "alice", "under");
		assert_int_equal(report(&w)->outcome, MRAS_WRONG_PASSWORD);
		assert_int_equal(report(&w)->step, MRAS_REGISTERS);
		assert_int_equal(sip_server_counts(w.server).refused, 1);
		/* It is not tried again: accounts get locked. */
		assert_int_equal(report(&w)->requests, i ? 2 : 3);
		stop(&w);
	}
}

static void who_has_no_edge_is_told(void **state)
{
	struct world w;

	(void)state;
	start(&w, SIP_NTLM, false);
	run(&w, "alice", "wonder");
	assert_int_equal(report(&w)->outcome, MRAS_NO_EDGE);
	assert_int_equal(report(&w)->step, MRAS_PROVISIONS);
	assert_int_equal(sip_server_counts(w.server).bindings, 0);
	stop(&w);
}

/* What somebody in between changes is not believed. */
static void answers_are_proved(void **state)
{
	static const struct {
		unsigned schemes, answer;
		const char *cut, *put_in;
		enum mras_step step;
		const char *reason;
	} rows[] = {
		{SIP_NTLM, 3, "Expires: 7200", "Expires: 7201", MRAS_REGISTERS,
		 "a wrong signature"},
		{SIP_NTLM, 3, "Authentication-Info", NULL, MRAS_REGISTERS,
		 "no signature"},
		{SIP_NTLM, 3, "snum=\"1\"", "snum=\"2\"", MRAS_REGISTERS,
		 "a wrong signature"},
		{SIP_NTLM, 4, "Authentication-Info", NULL, MRAS_PROVISIONS,
		 "no signature"},
		{SIP_NTLM, 4, "rspauth=\"01", "rspauth=\"02", MRAS_PROVISIONS,
		 "a wrong signature"},
		{SIP_NTLM, 5, "SIP/2.0 200", "SIP/2.0 202", MRAS_ASKS,
		 "a wrong signature"},
		{SIP_NTLM, 5, "Authentication-Info: NTLM",
		 "Authentication-Info: NTLMX", MRAS_ASKS, "no signature"},
		{SIP_DIGEST, 2, "rspauth=\"", "rspauth=\"0", MRAS_REGISTERS,
		 "a wrong signature"},
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&w, rows[i].schemes, true);
		w.altered = rows[i].answer;
		w.cut = rows[i].cut;
		w.put_in = rows[i].put_in;
		run(&w, "alice", "wonder");
		if (report(&w)->outcome != MRAS_UNPROVED)
			fail_msg("%s: %d", rows[i].cut,
				 (int)report(&w)->outcome);
		assert_int_equal(report(&w)->step, rows[i].step);
		assert_string_equal(report(&w)->reason, rows[i].reason);
		assert_int_equal(report(&w)->user_size, 0);
		stop(&w);
	}
}

/* An error without a signature counts, and is marked; with one of another
 * status it is as wrong as a success. */
static void errors_count_without(void **state)
{
	static const char forbidden[] = "SIP/2.0 403 Forbidden\r\n";
	struct world w;

	(void)state;
	start(&w, SIP_NTLM, false); /* no Edge: SUBSCRIBE says so */
	w.altered = 4;
	w.cut = "SIP/2.0 200 OK\r\n";
	w.put_in = forbidden;
	w.unsigned_too = true;
	run(&w, "alice", "wonder");
	assert_int_equal(report(&w)->outcome, MRAS_REFUSED_SIP);
	assert_int_equal(report(&w)->status, 403);
	assert_true(report(&w)->unproved);
	stop(&w);
	for (unsigned i = 0; i < 2; i++) {
		start(&w, SIP_NTLM, true);
		w.altered = 5;
		w.cut = "SIP/2.0 200 OK\r\n";
		w.put_in = forbidden;
		w.unsigned_too = i;
		run(&w, "alice", "wonder");
		assert_int_equal(report(&w)->step, MRAS_ASKS);
		assert_int_equal(report(&w)->unproved, i);
		/* Nor is the token that stands in it. */
		assert_int_equal(report(&w)->outcome, MRAS_UNPROVED);
		assert_int_equal(report(&w)->user_size, 0);
		stop(&w);
	}
}

/* 8 hours are over: the server asks anew, and gets an answer. */
static void associations_are_made_anew(void **state)
{
	struct world w;

	(void)state;
	start(&w, SIP_NTLM, true);
	w.leap = 9 * 3600 * NS_PER_S;
	run(&w, "alice", "wonder");
	assert_int_equal(report(&w)->outcome, MRAS_GRANTED);
	assert_int_equal(report(&w)->requests, 8);
	assert_int_equal(report(&w)->verified, 4);
	assert_false(report(&w)->unproved);
	stop(&w);
}

static const struct t_case cases[] = {
	{"ntlm_signs_in", ntlm_signs_in},
	{"digest_signs_in", digest_signs_in},
	{"nobody_is_asked", nobody_is_asked},
	{"wrong_passwords_are_refused", wrong_passwords_are_refused},
	{"who_has_no_edge_is_told", who_has_no_edge_is_told},
	{"answers_are_proved", answers_are_proved},
	{"errors_count_without", errors_count_without},
	{"associations_are_made_anew", associations_are_made_anew},
};
T_MAIN(cases)
