/* TLS and DTLS records and the clear part of their handshakes. */
#include "config.h"

#include "dissectors/tls.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

#define RANDOM                                                       \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* ClientHello: session id, two suites, no compression, groups, then the name
 * of an Edge (RFC 6066 3). */
#define HELLO_START "0303" RANDOM "0401020304"
#define HELLO_END                                                    \
	"0004c02fc030 0100"                                          \
	"001d 000a 0004 0002001d 0000 0011 000f 00 000c"             \
	"65646765 2e6578616d706c65"
#define CLIENT_HELLO                                                 \
	"160301 0052 01 00004e" HELLO_START HELLO_END
#define DTLS_CLIENT_HELLO                                            \
	"16feff 0000 000000000007 005d 01 000051 0000 000000 000051" \
	HELLO_START "02abcd" HELLO_END

/* Certificate message with a list of two (RFC 5246 7.4.2). */
#define CERTIFICATE                                                  \
	"160303 0013 0b 00000f 00000c 000005 3003020101 000001 30"

static struct tls_record decoded(const struct dissector *dissector,
				 const char *digits, enum t_input input,
				 struct t_decoding *r)
{
	struct slice in = t_hex(digits);
	struct tls_record m = {0};

	t_decode(r, dissector, in, input, &m);
	t_release(in);
	return m;
}

static void client_hello_shows_its_server_name(void **state)
{
	struct t_decoding r;
	struct tls_record m = decoded(&tls_dissector, CLIENT_HELLO, T_STREAM,
				      &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, 87);
	assert_int_equal(m.content, TLS_HANDSHAKE);
	assert_int_equal(m.version, 0x0301);
	assert_true(m.handshake_readable);
	assert_int_equal(m.handshake, TLS_CLIENT_HELLO);
	t_equal_text(m.server_name, "edge.example");
	assert_false(m.alert_readable);
	t_decode_done(&r);
}

static void dtls_hello_has_a_cookie(void **state)
{
	struct t_decoding r;
	struct tls_record m = decoded(&dtls_dissector, DTLS_CLIENT_HELLO,
				      T_DATAGRAM, &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, 106);
	assert_int_equal(m.version, 0xFEFF);
	assert_int_equal(m.epoch, 0);
	assert_int_equal(m.sequence, 7);
	assert_int_equal(m.handshake, TLS_CLIENT_HELLO);
	t_equal_text(m.server_name, "edge.example");
	t_decode_done(&r);
}

static void first_certificate_is_found(void **state)
{
	static const char der[] = "\x30\x03\x02\x01\x01";
	struct t_decoding r;
	struct tls_record m = decoded(&tls_dissector, CERTIFICATE, T_STREAM,
				      &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.handshake, TLS_CERTIFICATE);
	t_equal_bytes(m.certificate, slice_of(der, 5));
	t_decode_done(&r);
	/* Behind a ServerHello, as Schannel has it; of DTLS, in its own. */
	m = decoded(&tls_dissector,
		    "160303 0019 02 000002 0303"
		    "0b 00000f 00000c 000005 3003020101 000001 30",
		    T_STREAM, &r);
	assert_int_equal(m.handshake, TLS_SERVER_HELLO);
	t_equal_bytes(m.certificate, slice_of(der, 5));
	t_decode_done(&r);
	m = decoded(&dtls_dissector,
		    "16fefd 0000 000000000001 0025"
		    "02 000002 0001 000000 000002 0303"
		    "0b 00000b 0002 000000 00000b 000008 000005 3003020101",
		    T_DATAGRAM, &r);
	assert_int_equal(m.handshake, TLS_SERVER_HELLO);
	t_equal_bytes(m.certificate, slice_of(der, 5));
	t_decode_done(&r);
	/* The list goes on in the next record, the first is whole. */
	m = decoded(&tls_dissector,
		    "160303 0013 0b 00001f 00001c 000005 3003020101 000001 30",
		    T_STREAM, &r);
	assert_int_equal(m.handshake, TLS_CERTIFICATE);
	t_equal_bytes(m.certificate, slice_of(der, 5));
	t_decode_done(&r);
	/* It goes on itself. */
	m = decoded(&tls_dissector,
		    "160303 000f 0b 00001f 00001c 000015 3003020101",
		    T_STREAM, &r);
	assert_int_equal(m.handshake, TLS_CERTIFICATE);
	assert_int_equal(m.certificate.n, 0);
	t_decode_done(&r);
}

/* What is whole, and what has to wait for the next record. */
static void flights_go_on(void **state)
{
	static const struct {
		const char *digits, *der, *rest;
	} rows[] = {
		{"02 000002 0303 0e 000000", "", ""},
		{"02 000002 0303 0b 00000b 00", "", "0b 00000b 00"},
		{"02 000002 0303 0b", "", "0b"},
		{"02 000002 0303 0b 00000b 000008 000005 3003020101",
		 "3003020101", ""},
		{"0b 00001b 000018 000005 3003020101 00", "3003020101",
		 "0b 00001b 000018 000005 3003020101 00"},
		{"02 000009 0303", "", "02 000009 0303"},
		/* no messages */
		{"5a 000002 0303 0b 00000b 00", "", ""},
		{"ff112233", "", ""},
		{"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits), rest, found;
		struct slice der = t_hex(rows[i].der);
		struct slice waits = t_hex(rows[i].rest);

		found = tls_flight_certificate(in, &rest);
		t_equal_bytes(found, der);
		t_equal_bytes(rest, waits);
		t_release(in);
		t_release(der);
		t_release(waits);
	}
}

static void alerts_in_clear_are_read(void **state)
{
	struct t_decoding r;
	struct tls_record m = decoded(&tls_dissector, "150303 0002 0230",
				      T_STREAM, &r);

	(void)state;
	assert_true(m.alert_readable);
	assert_int_equal(m.alert_level, 2);
	assert_int_equal(m.alert_description, 48);
	t_decode_done(&r);
	m = decoded(&dtls_dissector, "15fefd 0000 000000000001 0002 0100",
		    T_DATAGRAM, &r);
	assert_true(m.alert_readable);
	assert_int_equal(m.alert_level, 1);
	t_decode_done(&r);
}

/* Cipher text is not taken for a handshake or an alert. */
static void cipher_text_claims_nothing(void **state)
{
	static const struct {
		const struct dissector *dissector;
		const char *digits;
	} rows[] = {
		{&tls_dissector, "160303 0005 5a11223344"},
		{&tls_dissector, "160303 0003 010000"},
		{&tls_dissector, "150303 0002 9a30"},
		{&tls_dissector, "150303 0012 "
				 "023000112233445566778899aabbccddeeff"},
		{&tls_dissector, "170303 0004 01000000"},
		/* epoch 1 */
		{&dtls_dissector, "15fefd 0001 000000000000 0002 0100"},
		{&dtls_dissector, "16fefd 0001 000000000000 000c "
				  "010000000000000000000000"},
		/* a fragment that does not fit its message, or the record */
		{&dtls_dissector, "16fefd 0000 000000000000 000d "
				  "01000001 0000 000001 000001 00"},
		{&dtls_dissector, "16fefd 0000 000000000000 000c "
				  "01000001 0000 000000 000001"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_decoding r;
		struct tls_record m = decoded(rows[i].dissector,
					      rows[i].digits, T_DATAGRAM, &r);

		if (r.status != STATUS_OK || m.handshake_readable ||
		    m.alert_readable)
			fail_msg("row %s", rows[i].digits);
		t_decode_done(&r);
	}
}

/* A later fragment names the message, but has not its beginning. */
static void later_fragment_has_no_name(void **state)
{
	struct t_decoding r;
	struct tls_record m =
		decoded(&dtls_dissector,
			"16feff 0000 000000000001 0010"
			"01 000008 0000 000004 000004 00000000",
			T_DATAGRAM, &r);

	(void)state;
	assert_true(m.handshake_readable);
	assert_int_equal(m.handshake, TLS_CLIENT_HELLO);
	assert_int_equal(m.server_name.n, 0);
	t_decode_done(&r);
}

static void lengths_that_lie_give_no_name(void **state)
{
	/* Lengths inside the hello, from the session id to the name. */
	static const size_t places[] = {43, 48, 54, 56, 60, 68, 70, 73};
	struct slice in = t_hex(CLIENT_HELLO);

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct t_decoding r;
		struct tls_record m;
		uint8_t bytes[87];

		memcpy(bytes, in.p, sizeof(bytes));
		bytes[places[i]] = 0xFF;
		t_decode(&r, &tls_dissector, slice_of(bytes, sizeof(bytes)),
			 T_DATAGRAM, &m);
		assert_int_equal(r.status, STATUS_OK);
		assert_int_equal(m.server_name.n, 0);
		t_decode_done(&r);
	}
	t_release(in);
}

static void claims(void **state)
{
	static const struct {
		const char *digits;
		enum claim stream, whole, dtls;
	} rows[] = {
		{"160301 0052", CLAIM_SURE, CLAIM_SURE, CLAIM_NO},
		{"140303 0001", CLAIM_SURE, CLAIM_SURE, CLAIM_NO},
		{"160300 0001", CLAIM_SURE, CLAIM_SURE, CLAIM_NO},
		{"160305 0001", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"160201 0001", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"160303 0000", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"160303 4800", CLAIM_SURE, CLAIM_SURE, CLAIM_NO},
		{"160303 4801", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"1603", CLAIM_MAYBE, CLAIM_NO, CLAIM_NO},
		{"", CLAIM_MAYBE, CLAIM_NO, CLAIM_NO},
		{"13", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"16feff 0000 000000000007 0053", CLAIM_NO, CLAIM_NO,
		 CLAIM_SURE},
		{"17fefd 0001 000000000007", CLAIM_NO, CLAIM_NO, CLAIM_SURE},
		{"160100 0000 000000000007 0053", CLAIM_NO, CLAIM_NO,
		 CLAIM_SURE},
		{"160200 0000 000000000007 0053", CLAIM_NO, CLAIM_NO,
		 CLAIM_NO},
		{"16feff 0000 0000000000", CLAIM_NO, CLAIM_NO, CLAIM_NO},
		{"1bfeff 0000 000000000007 0053", CLAIM_NO, CLAIM_NO,
		 CLAIM_NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice hex = t_hex(rows[i].digits);
		struct slice in = t_exact(hex);

		if (tls_claims(in, true) != rows[i].stream ||
		    tls_claims(in, false) != rows[i].whole ||
		    dtls_claims(in, false) != rows[i].dtls)
			fail_msg("row %s", rows[i].digits);
		t_release(in);
		t_release(hex);
	}
}

static void records_of_others_are_told(void **state)
{
	static const struct {
		const struct dissector *dissector;
		const char *digits;
		enum status status;
	} rows[] = {
		{&tls_dissector, "5345525649", STATUS_NOT_MINE},
		{&tls_dissector, "160202 0001 00", STATUS_NOT_MINE},
		{&tls_dissector, "160303 4801", STATUS_BAD},
		{&dtls_dissector, "800800000000000000000000 0000",
		 STATUS_NOT_MINE},
		{&dtls_dissector, "16fe", STATUS_BAD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_decoding r;

		(void)decoded(rows[i].dissector, rows[i].digits, T_DATAGRAM,
			      &r);
		assert_int_equal(r.status, rows[i].status);
		t_decode_done(&r);
	}
}

/* Several records stand behind each other in one datagram. */
static void rest_of_a_datagram_is_left(void **state)
{
	struct t_decoding r;

	(void)state;
	(void)decoded(&dtls_dissector,
		      "14fefd 0000 000000000001 0001 01"
		      "16fefd 0001 000000000000 0000",
		      T_DATAGRAM, &r);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, 14);
	t_decode_done(&r);
}

static void every_length_is_safe(void **state)
{
	struct slice hello = t_hex(CLIENT_HELLO);
	struct slice certificate = t_hex(CERTIFICATE);
	struct slice datagram = t_hex(DTLS_CLIENT_HELLO);

	(void)state;
	t_prefixes(&tls_dissector, hello, true);
	t_prefixes(&tls_dissector, certificate, true);
	t_prefixes(&dtls_dissector, datagram, false);
	for (size_t n = 0; n < datagram.n; n++) {
		struct tls_record m;
		struct t_decoding r;

		t_decode(&r, &dtls_dissector, slice_first(datagram, n),
			 T_CUT, &m);
		assert_int_equal(r.status, STATUS_SHORT);
		t_decode_done(&r);
	}
	t_release(hello);
	t_release(certificate);
	t_release(datagram);
}

/* Every length of a hello whose record says just that length. */
static void cut_hellos_in_whole_records_are_safe(void **state)
{
	struct slice hello = t_hex(CLIENT_HELLO);
	uint8_t bytes[87];

	(void)state;
	memcpy(bytes, hello.p, sizeof(bytes));
	for (size_t n = 5; n < sizeof(bytes); n++) {
		struct tls_record m;
		struct t_decoding r;

		bytes[4] = (uint8_t)(n - 5);
		t_decode(&r, &tls_dissector, slice_of(bytes, n), T_STREAM, &m);
		assert_int_equal(r.status, STATUS_OK);
		assert_int_equal(m.server_name.n, 0);
		t_decode_done(&r);
	}
	t_release(hello);
}

static void fields(void **state)
{
	struct slice in = t_hex(CLIENT_HELLO);

	(void)state;
	t_fields_equal(&tls_dissector, in,
		       "content-type=22 version=769 handshake-type=1 "
		       "server-name=edge.example length=82 ");
	t_release(in);
	in = t_hex("150303 0002 0230");
	t_fields_equal(&tls_dissector, in,
		       "content-type=21 version=771 alert-level=2 "
		       "alert-description=48 length=2 ");
	t_release(in);
	in = t_hex(CERTIFICATE);
	t_fields_equal(&tls_dissector, in,
		       "content-type=22 version=771 handshake-type=11 "
		       "certificate=3003020101 length=19 ");
	t_release(in);
}

static const struct t_case cases[] = {
	{"client_hello_shows_its_server_name",
	 client_hello_shows_its_server_name},
	{"dtls_hello_has_a_cookie", dtls_hello_has_a_cookie},
	{"first_certificate_is_found", first_certificate_is_found},
	{"flights_go_on", flights_go_on},
	{"alerts_in_clear_are_read", alerts_in_clear_are_read},
	{"cipher_text_claims_nothing", cipher_text_claims_nothing},
	{"later_fragment_has_no_name", later_fragment_has_no_name},
	{"lengths_that_lie_give_no_name", lengths_that_lie_give_no_name},
	{"claims", claims},
	{"records_of_others_are_told", records_of_others_are_told},
	{"rest_of_a_datagram_is_left", rest_of_a_datagram_is_left},
	{"every_length_is_safe", every_length_is_safe},
	{"cut_hellos_in_whole_records_are_safe",
	 cut_hellos_in_whole_records_are_safe},
	{"fields", fields},
};
T_MAIN(cases)
