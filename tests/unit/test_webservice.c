/* Web services of Lync: which requests are claimed, and what is read. */
#include "config.h"

#include "dissectors/webservice.h"
#include "tests/support/t.h"

static const struct {
	const char *text;
	enum claim claim;
} begins[] = {
	{"POST /WebTicket/WebTicketService.svc HTTP/1.1\r\n", CLAIM_SURE},
	{"POST /certprov/CertProvisioningService.svc HTTP/1.1\r\n", CLAIM_SURE},
	{"GET /?sipuri=sip:a@example.test HTTP/1.1\r\n"
	 "Host: lyncdiscover.example.test\r\n\r\n",
	 CLAIM_SURE},
	{"GET /Autodiscover/AutodiscoverService.svc/root HTTP/1.1\r\n",
	 CLAIM_SURE},
	{"GET /index.html HTTP/1.1\r\nHost: example.test\r\n", CLAIM_NO},
	{"POST /WebTicket/", CLAIM_MAYBE},
	{"HTTP/1.1 200 OK\r\n", CLAIM_NO},
};

static void requests_are_claimed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		assert_int_equal(web_claims(slice_of_text(begins[i].text)),
				 begins[i].claim);
}

static void faults_are_read_from_chunks(void **state)
{
	static const char whole[] =
		"HTTP/1.1 500 Internal Server Error\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"1\r\n<\r\n"
		"A5\r\ne:Envelope xmlns:e='urn:e'><e:Body><e:Fault><e:Code>"
		"<e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>No "
		"way.</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>\r\n"
		"0\r\n\r\nrest";
	struct slice in = slice_of_text(whole);
	struct arena arena = arena_new(1 << 20);
	struct decoding d = {.arena = &arena, .stream = true};
	struct web_message m;
	size_t used;

	(void)state;
	assert_int_equal(web_decode(&d, in, &m, &used), STATUS_OK);
	assert_int_equal(used, in.n - 4);
	assert_int_equal(m.status, 500);
	assert_true(slice_is(m.fault, "No way."));
	for (size_t n = 0; n < used; n++)
		assert_true(web_decode(&d, slice_first(in, n), &m, &used) !=
			    STATUS_OK);
	arena_free(&arena);
}

static void lengths_end_bodies(void **state)
{
	struct slice in =
		slice_of_text("POST /WebTicket/x HTTP/1.1\r\nHost: pool\r\n"
			      "Content-Length: 3\r\n\r\nabcGET");
	struct arena arena = arena_new(1 << 20);
	struct decoding d = {.arena = &arena, .stream = true};
	struct web_message m;
	size_t used;

	(void)state;
	assert_int_equal(web_decode(&d, in, &m, &used), STATUS_OK);
	assert_int_equal(used, in.n - 3);
	assert_int_equal(m.service, WEB_TICKET);
	assert_true(slice_is(m.host, "pool"));
	assert_true(slice_is(m.body, "abc"));
	in = slice_of_text("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
	assert_int_equal(web_decode(&d, in, &m, &used), STATUS_LIMIT);
	in = slice_of_text("SIP/2.0 200 OK\r\n\r\n");
	assert_int_equal(web_decode(&d, in, &m, &used), STATUS_NOT_MINE);
	arena_free(&arena);
}

static const struct t_case cases[] = {
	{"requests_are_claimed", requests_are_claimed},
	{"faults_are_read_from_chunks", faults_are_read_from_chunks},
	{"lengths_end_bodies", lengths_end_bodies},
};
T_MAIN(cases)
