/*
 * What the network says instead of an answer, joined to what it answers: also
 * where an error quotes no more than the ports, and where TCP is reset.
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

struct row {
	const char *name, *want;
	const char *lines[STORY_MAX]; /* "closed 1:5060 2:5060": ICMP */
};

static void tell(struct wire *w, const char *line)
{
	char src[16], dst[16];

	if (sscanf(line, "closed %15s %15s", src, dst) == 2)
		wire_unreachable(w, src, dst);
	else
		story_line(w, line);
}

static void run(const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct wire w;
		char *got;

		wire_open(&w);
		for (size_t k = 0; k < STORY_MAX && rows[i].lines[k]; k++)
			tell(&w, rows[i].lines[k]);
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

static void errors_that_quote_ports_only(void **state)
{
	static const struct row rows[] = {
		{"an INVITE",
		 "call failed exchange exchange/port-closed ?--F-\n",
		 {"> INVITE 1 plain", "closed 1:5060 2:5060"}},
		{"an INVITE that is answered later",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "closed 1:5060 2:5060",
		  "> INVITE 1 plain", "< 180 1 INVITE"}},
		{"another host's INVITE",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "closed 3:5060 2:5060"}},
		{"an INVITE long before",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "wait 20", "closed 1:5060 2:5060"}},
		{"what the server says to a socket that is gone",
		 "call in-progress exchange - ?--I-\n",
		 {"> INVITE 1 plain", "closed 2:5060 1:5060"}},
		{"a REGISTER",
		 "attempt failed registration registration/port-closed "
		 "F????\n",
		 {"> REGISTER 1", "closed 1:5060 2:5060"}},
		{"an Allocate",
		 "attempt failed gathering gathering/server-port-closed "
		 "??F??\n",
		 {"1:5000 2:3478 allocate 1", "closed 1:5000 2:3478"}},
		{"an Allocate that is granted in the end",
		 "attempt ok - - ?~O??\n",
		 {"1:5000 2:3478 allocate 2 auth", "closed 1:5000 2:3478",
		  "1:5000 2:3478 allocate 2 auth",
		  "2:3478 1:5000 granted 2 auth"}},
	};

	(void)state;
	run(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Calls to a closed port, which all begin alike: an INVITE each, and errors
 * that quote so much of it; the first `told` calls get one. */
static char *closed_to(unsigned calls, unsigned told, size_t quote)
{
	struct wire w;
	char *got;

	wire_open(&w);
	for (unsigned again = 0; again < 2; again++)
		for (unsigned i = 0; i < calls; i++) {
			static const char *const names[] = {"one", "two"};
			struct wire_sip invite = {
				.start = "INVITE sip:bob@example.org",
				.call = names[i],
				.branch = names[i],
				.cseq = "1 INVITE"};
			struct text text = text_new(4096);

			wire_sip_text(&text, &invite);
			wire_udp(&w, "1:5060", "2:5060", text_slice(&text));
			if (i < told)
				wire_unreachable_quoting(
					&w, "1:5060", "2:5060",
					slice_first(text_slice(&text), quote));
			text_free(&text);
		}
	got = heard_calls(&w);
	wire_close(&w);
	return got;
}

#define PORT_CLOSED "call failed exchange exchange/port-closed ???F?\n"

static void calls_to_a_closed_port(void **state)
{
	static const struct {
		unsigned calls, told;
		size_t quote;
		const char *want;
	} rows[] = {
		{2, 2, 548, PORT_CLOSED PORT_CLOSED},
		/* Behind a proxy the Call-ID stands further down. */
		{2, 2, 120, PORT_CLOSED PORT_CLOSED},
		/* Hosts send so many errors a second and no more. */
		{2, 1, 120, PORT_CLOSED PORT_CLOSED},
		{2, 0, 0,
		 "call in-progress exchange - ???I?\n"
		 "call in-progress exchange - ???I?\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *got =
			closed_to(rows[i].calls, rows[i].told, rows[i].quote);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

/* An INVITE over TCP, then the server resets the connection, or does so
 * behind an answer. */
static char *reset_after(bool answered)
{
	static const struct wire_sip invite = {
		.start = "INVITE sip:bob@example.org", .cseq = "1 INVITE"};
	static const struct wire_sip ringing = {
		.start = "180 Ringing", .cseq = "1 INVITE", .to_tag = "t"};
	struct wire_tcp c = {{"1:40000", "2:5060"}, {1000, 2000}};
	struct text text = text_new(4096);
	struct wire w;
	char *calls;

	wire_open(&w);
	wire_tcp_syn(&w, &c);
	wire_sip_text(&text, &invite);
	wire_tcp(&w, &c, 0, text_slice(&text));
	text_clear(&text);
	wire_sip_text(&text, &ringing);
	if (answered)
		wire_tcp(&w, &c, 1, text_slice(&text));
	wire_tcp_reset(&w, &c, 1);
	calls = heard_calls(&w);
	text_free(&text);
	wire_close(&w);
	return calls;
}

static void a_reset_is_no_answer(void **state)
{
	char *silent = reset_after(false), *answered = reset_after(true);

	(void)state;
	assert_string_equal(
		silent,
		"call failed exchange exchange/closed-unanswered ???F?\n");
	assert_string_equal(answered, "call in-progress exchange - ???I?\n");
	free(silent);
	free(answered);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_that_quote_ports_only),
		cmocka_unit_test(calls_to_a_closed_port),
		cmocka_unit_test(a_reset_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
