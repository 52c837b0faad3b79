/* MRAS requests and responses ([MS-AVEDGEA] 2.2, 4). */
#include "config.h"

#include "core/text.h"
#include "dissectors/mras.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

#define NAMESPACE "xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\""
#define EDGE                                                              \
	"sip:edge01.example.test@example.test;gruu;opaque=srvr:MRAS:"     \
	"AAECAwQFBgcICQoLDA0ODwAA"
#define USERNAME                                                          \
	"AgAAJIOZQAAB2mvxpHIGu4Le0y+Xk8mfSUAiQMxKri4AAAAAeGrtGFf6eXXchjRW" \
	"4Up4AZl22NM="
#define PASSWORD "A2RA/t/LbXEHj3GmOli64dshYW0="

/* A client asks, as Lync 2010 does. */
#define REQUEST                                                           \
	"<?xml version=\"1.0\"?>\r\n"                                     \
	"<request requestID=\"71002418\" version=\"2.0\" to=\"" EDGE "\"" \
	" from=\"sip:alice@example.test\" " NAMESPACE                     \
	" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"       \
	"<credentialsRequest credentialsRequestID=\"71002418\">"          \
	"<identity>sip:alice@example.test</identity>"                     \
	"<location>internet</location><duration>480</duration>"           \
	"</credentialsRequest></request>"

#define RELAY                                                             \
	"<mediaRelay><location>internet</location>"                       \
	"<hostName>av.example.test</hostName><udpPort>3478</udpPort>"     \
	"<tcpPort>443</tcpPort></mediaRelay>"

#define RESPONSE                                                          \
	"<?xml version=\"1.0\"?>\r\n"                                     \
	"<response requestID=\"71002418\" version=\"2.0\""                \
	" serverVersion=\"3.0\" to=\"" EDGE "\""                          \
	" from=\"sip:alice@example.test\" reasonPhrase=\"OK\" " NAMESPACE \
	"><credentialsResponse credentialsRequestID=\"71002418\">"        \
	"<credentials><username>" USERNAME "</username><password>"        \
	PASSWORD "</password><duration>480</duration></credentials>"      \
	"<mediaRelayList>" RELAY "</mediaRelayList>"                      \
	"</credentialsResponse></response>"

static struct mras decoded(struct slice in, struct t_decoding *r)
{
	struct mras m = {0};

	t_decode(r, &mras_dissector, in, T_DATAGRAM, &m);
	return m;
}

static void request_is_read(void **state)
{
	struct t_decoding r;
	struct mras m = decoded(SLICE(REQUEST), &r);
	const struct mras_credentials *c = m.credentials;

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, r.bytes.n);
	assert_int_equal(m.kind, MRAS_REQUEST);
	t_equal_text(m.request_id, "71002418");
	t_equal_text(m.version, "2.0");
	t_equal_text(m.to, EDGE);
	t_equal_text(m.from, "sip:alice@example.test");
	assert_int_equal(m.reason.n, 0);
	assert_int_equal(m.count, 1);
	t_equal_text(c->id, "71002418");
	t_equal_text(c->identity, "sip:alice@example.test");
	t_equal_text(c->location, "internet");
	assert_int_equal(c->duration_min, 480);
	assert_int_equal(c->route.n, 0);
	t_decode_done(&r);
}

static void response_brings_token_and_relays(void **state)
{
	struct t_decoding r;
	struct mras m = decoded(SLICE(RESPONSE), &r);
	const struct mras_credentials *c = m.credentials;

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.kind, MRAS_RESPONSE);
	t_equal_text(m.request_id, "71002418");
	t_equal_text(m.server_version, "3.0");
	t_equal_text(m.reason, "OK");
	assert_int_equal(m.count, 1);
	t_equal_text(c->username, USERNAME);
	t_equal_text(c->password, PASSWORD);
	assert_int_equal(c->realm.n, 0);
	assert_int_equal(c->duration_min, 480);
	assert_int_equal(c->relay_count, 1);
	t_equal_text(c->relays[0].location, "internet");
	t_equal_text(c->relays[0].host, "av.example.test");
	assert_int_equal(c->relays[0].direct_ip.n, 0);
	assert_int_equal(c->relays[0].udp_port, 3478);
	assert_int_equal(c->relays[0].tcp_port, 443);
	t_decode_done(&r);
}

/* 2.2.3.1.2: a malformed request is answered without ids. */
static void refusal_has_only_a_reason(void **state)
{
	struct t_decoding r;
	struct mras m = decoded(SLICE("<response version=\"3.0\" "
				      "serverVersion=\"3.0\" reasonPhrase="
				      "\"Request Malformed\" " NAMESPACE
				      "/>"),
				&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.kind, MRAS_RESPONSE);
	t_equal_text(m.reason, "Request Malformed");
	assert_int_equal(m.request_id.n, 0);
	assert_int_equal(m.count, 0);
	t_decode_done(&r);
}

static void relays_by_address_and_realm(void **state)
{
	struct t_decoding r;
	struct mras m = decoded(
		SLICE("<m:response xmlns:m=\"http://schemas.microsoft.com/"
		      "2006/09/sip/mrasp\" version=\"3.0\" reasonPhrase="
		      "\"OK\"><m:credentialsResponse "
		      "credentialsRequestID=\"a\"><m:credentials>"
		      "<m:username>QQ==</m:username><m:password>Qg=="
		      "</m:password><m:duration>60</m:duration>"
		      "<m:realm>rtcmedia</m:realm></m:credentials>"
		      "<m:mediaRelayList><m:mediaRelay><m:location>intranet"
		      "</m:location><m:directIPAddress>2001:db8::1"
		      "</m:directIPAddress><m:udpPort>65535</m:udpPort>"
		      "<m:tcpPort>65536</m:tcpPort><m:new>x</m:new>"
		      "</m:mediaRelay><m:other/></m:mediaRelayList>"
		      "</m:credentialsResponse></m:response>"),
		&r);
	const struct mras_credentials *c = m.credentials;

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, 1);
	t_equal_text(c->realm, "rtcmedia");
	assert_int_equal(c->relay_count, 1);
	t_equal_text(c->relays[0].direct_ip, "2001:db8::1");
	assert_int_equal(c->relays[0].udp_port, 65535);
	/* No port: what it says is none. */
	assert_int_equal(c->relays[0].tcp_port, 0);
	t_decode_done(&r);
}

static void route_is_asked_for_all(void **state)
{
	struct t_decoding r;
	struct mras m = decoded(
		SLICE("<request requestID=\"1\" version=\"2.0\" "
		      "route=\"directip\" " NAMESPACE ">"
		      "<credentialsRequest credentialsRequestID=\"1\">"
		      "<identity>sip:a@b</identity></credentialsRequest>"
		      "<credentialsRequest credentialsRequestID=\"2\">"
		      "<identity>sip:c@d</identity></credentialsRequest>"
		      "</request>"),
		&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, 2);
	t_equal_text(m.credentials[0].route, "directip");
	t_equal_text(m.credentials[1].route, "directip");
	t_equal_text(m.credentials[1].id, "2");
	/* Absent, so nothing is known of it. */
	assert_int_equal(m.credentials[0].duration_min, 0);
	t_decode_done(&r);
}

/* More than the lists hold: the first ones stay. */
static void lists_have_limits(void **state)
{
	struct text t = text_new(1 << 20);
	struct t_decoding r;
	struct mras m;

	(void)state;
	text_puts(&t, "<response version=\"3.0\" reasonPhrase=\"OK\" "
		      NAMESPACE ">");
	for (size_t i = 0; i < MRAS_CREDENTIALS_MAX + 4; i++) {
		text_printf(&t, "<credentialsResponse credentialsRequestID="
				"\"%zu\"><credentials/><mediaRelayList>", i);
		for (size_t k = 0; k < MRAS_RELAYS_MAX + 4; k++)
			text_puts(&t, RELAY);
		text_puts(&t, "</mediaRelayList></credentialsResponse>");
	}
	text_puts(&t, "</response>");
	m = decoded(text_slice(&t), &r);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.count, MRAS_CREDENTIALS_MAX);
	assert_int_equal(m.credentials[0].relay_count, MRAS_RELAYS_MAX);
	t_equal_text(m.credentials[15].id, "15");
	t_decode_done(&r);
	text_free(&t);
}

/* "64k" may be 64000 or 65536 characters: no length is wrong. */
static void tokens_may_be_long(void **state)
{
	struct text t = text_new(1 << 20);
	struct t_decoding r;

	(void)state;
	text_puts(&t, "<response requestID=\"7\" version=\"3.0\" to=\"" EDGE
		      "\" from=\"sip:alice@example.test\" "
		      "reasonPhrase=\"OK\" " NAMESPACE
		      "><credentialsResponse credentialsRequestID=\"7\">"
		      "<credentials><username>");
	for (size_t i = 0; i < 70000 / 4; i++)
		text_puts(&t, "AAAA");
	text_puts(&t, "</username><password>" PASSWORD
		      "</password><duration>480</duration></credentials>"
		      "<mediaRelayList>" RELAY "</mediaRelayList>"
		      "</credentialsResponse></response>");
	(void)decoded(text_slice(&t), &r);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.findings.count, 0);
	t_decode_done(&r);
	text_free(&t);
}

static void other_documents_are_not_mine(void **state)
{
	static const struct {
		const char *document;
		enum status status;
		enum claim claim;
	} rows[] = {
		{"<presence/>", STATUS_NOT_MINE, CLAIM_NO},
		{"<request/>", STATUS_NOT_MINE, CLAIM_NO},
		{"<response xmlns='urn:x'/>", STATUS_NOT_MINE, CLAIM_NO},
		{"<other " NAMESPACE "/>", STATUS_NOT_MINE, CLAIM_MAYBE},
		{"<request " NAMESPACE ">", STATUS_BAD, CLAIM_MAYBE},
		{"", STATUS_BAD, CLAIM_NO},
		{"<!DOCTYPE request><request " NAMESPACE "/>", STATUS_LIMIT,
		 CLAIM_MAYBE},
		{"<request " NAMESPACE "/>", STATUS_OK, CLAIM_MAYBE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = slice_of_text(rows[i].document);
		struct t_decoding r;

		(void)decoded(in, &r);
		if (r.status != rows[i].status ||
		    mras_claims(r.bytes, false) != rows[i].claim)
			fail_msg("row %s", rows[i].document);
		t_decode_done(&r);
	}
}

static void every_length_is_safe(void **state)
{
	(void)state;
	t_prefixes(&mras_dissector, SLICE(REQUEST), false);
	t_prefixes(&mras_dissector, SLICE(RESPONSE), false);
	t_decode_failing(&mras_dissector, SLICE(RESPONSE));
}

static void passwords_are_secret(void **state)
{
	(void)state;
	t_fields_equal(&mras_dissector, SLICE(REQUEST),
		       "request-id=71002418 version=2.0 credentials{ "
		       "credentials-request-id=71002418 "
		       "identity=sip:alice@example.test location=internet "
		       "duration-minutes=480 } ");
	t_fields_equal(&mras_dissector, SLICE(RESPONSE),
		       "request-id=71002418 version=2.0 reason-phrase=OK "
		       "credentials{ credentials-request-id=71002418 "
		       "username=" USERNAME " password=* "
		       "duration-minutes=480 media-relay{ location=internet "
		       "host-name=av.example.test udp-port=3478 "
		       "tcp-port=443 } } ");
}

static const struct t_case cases[] = {
	{"request_is_read", request_is_read},
	{"response_brings_token_and_relays",
	 response_brings_token_and_relays},
	{"refusal_has_only_a_reason", refusal_has_only_a_reason},
	{"relays_by_address_and_realm", relays_by_address_and_realm},
	{"route_is_asked_for_all", route_is_asked_for_all},
	{"lists_have_limits", lists_have_limits},
	{"tokens_may_be_long", tokens_may_be_long},
	{"other_documents_are_not_mine", other_documents_are_not_mine},
	{"every_length_is_safe", every_length_is_safe},
	{"passwords_are_secret", passwords_are_secret},
};
T_MAIN(cases)
