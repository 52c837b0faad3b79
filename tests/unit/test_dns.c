/* DNS messages: records, compression, loops, limits (RFC 1035 4). */
#include "config.h"

#include "dissectors/dns.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

#define QUERY "1234 0100 0001 0000 0000 0000"
#define ANSWER "1234 8180 0001 0001 0000 0000"
#define EXAMPLE "07 4578616d706c65 04 74657374 00" /* Example.test */
#define SIP_UDP "04 5f736970 04 5f756470"	   /* _sip._udp */

static struct dns decoded(const char *digits, struct t_decoding *r)
{
	struct slice in = t_hex(digits);
	struct dns m = {0};

	t_decode(r, &dns_dissector, in, T_DATAGRAM, &m);
	t_release(in);
	return m;
}

static void assert_endpoint(const struct endpoint *e, const char *want)
{
	char buffer[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_string(e, buffer), want);
}

static void question_is_read(void **state)
{
	struct t_decoding r;
	struct dns m = decoded(QUERY SIP_UDP EXAMPLE "0021 0001", &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, r.bytes.n);
	assert_int_equal(m.id, 0x1234);
	assert_false(m.response);
	assert_int_equal(m.question_count, 1);
	assert_int_equal(m.answer_count, 0);
	t_equal_text(m.questions[0].name, "_sip._udp.example.test");
	assert_int_equal(m.questions[0].type, DNS_SRV);
	assert_int_equal(m.questions[0].class, 1);
	t_decode_done(&r);
}

static void addresses_are_read(void **state)
{
	struct t_decoding r;
	struct dns m = decoded(
		"0001 8183 0001 0001 0001 0001" EXAMPLE "0001 0001"
		"c00c 0001 0001 0000003c 0004 c0000201"
		"c014 001c 0001 0000003c 0010 20010db8000000000000000000000001"
		"00 0001 0001 00000000 0005 c000020100",
		&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_true(m.response);
	assert_int_equal(m.rcode, 3);
	assert_int_equal(m.answer_count, 3);
	t_equal_text(m.answers[0].name, "example.test");
	assert_endpoint(&m.answers[0].address, "192.0.2.1:0");
	/* A pointer into the middle of a name; IPv6. */
	t_equal_text(m.answers[1].name, "test");
	assert_endpoint(&m.answers[1].address, "[2001:db8::1]:0");
	/* The root; an address of five bytes is none. */
	assert_int_equal(m.answers[2].name.n, 0);
	assert_int_equal(m.answers[2].address.family, FAMILY_NONE);
	t_decode_done(&r);
}

static void services_are_read(void **state)
{
	struct t_decoding r;
	struct dns m = decoded(
		"0001 8180 0001 0003 0000 0000"
		SIP_UDP EXAMPLE "0021 0001"
		/* SRV: target with a pointer */
		"c00c 0021 0001 00000e10 000b 000a 0014 13c4 02 7331 c016"
		/* NAPTR: "s", "SIP+D2U", "", replacement a pointer */
		"c016 0023 0001 00000e10 0011 0032 0033 01 73"
		"07 5349502b443255 00 c00c"
		/* CNAME */
		"c00c 0005 0001 00000e10 0002 c016",
		&r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.answer_count, 3);
	assert_int_equal(m.answers[0].priority, 10);
	assert_int_equal(m.answers[0].weight, 20);
	assert_int_equal(m.answers[0].address.port, 5060);
	t_equal_text(m.answers[0].target, "s1.example.test");
	assert_int_equal(m.answers[1].priority, 50);
	assert_int_equal(m.answers[1].weight, 51);
	t_equal_text(m.answers[1].service, "SIP+D2U");
	t_equal_text(m.answers[1].target, "_sip._udp.example.test");
	t_equal_text(m.answers[2].target, "example.test");
	t_decode_done(&r);
}

/* Pointers lead backwards only, so that no loop can be built. */
static void loops_are_bad(void **state)
{
	static const char *const rows[] = {
		/* to itself, forwards, to the label before itself */
		QUERY "c00c 0001 0001",
		QUERY "c00e 0161 00 0001 0001",
		QUERY "0161 c00c 0001 0001",
		/* into the header and from there on: 0x81 is no length */
		"1234 8180 0001 0000 0000 0000 c002 0001 0001",
		/* past the end, half a pointer */
		QUERY "cfff 0001 0001",
		QUERY "c0",
		/* label types that are not (RFC 6891 5) */
		QUERY "4161 00 0001 0001",
		QUERY "8161 00 0001 0001",
		/* a label past the end */
		QUERY "3f61",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_decoding r;

		(void)decoded(rows[i], &r);
		if (r.status != STATUS_BAD)
			fail_msg("row %s", rows[i]);
		t_decode_done(&r);
	}
}

/* Each pointer leads to the one before it; the first to a root name.  They
 * stand in the data of one record, the next record is named by the last. */
static size_t chain(uint8_t *bytes, size_t jumps)
{
	static const uint8_t start[] = {0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2,
					0,    0,    0,	  0,	0, 0, 1, 0,
					1,    0,    0,	  0,	0, 1};
	static const uint8_t rest[] = {0, 1, 0, 1, 0, 0,    0, 60,
				       0, 4, 0, 0, 0, 0xC0};
	size_t last = 12, n = 28;

	memcpy(bytes, start, sizeof(start));
	bytes[27] = (uint8_t)(jumps * 2);
	for (size_t i = 0; i <= jumps; i++) {
		bytes[n] = 0xC0;
		bytes[n + 1] = (uint8_t)last;
		last = n;
		n += 2;
	}
	memcpy(bytes + n, rest, sizeof(rest));
	return n + sizeof(rest);
}

static void chains_have_a_limit(void **state)
{
	(void)state;
	for (size_t jumps = 1; jumps < 60; jumps++) {
		uint8_t bytes[256] = {0};
		size_t n = chain(bytes, jumps);
		struct t_decoding r;
		struct dns m = {0};

		t_decode(&r, &dns_dissector, slice_of(bytes, n), T_DATAGRAM,
			 &m);
		assert_int_equal(r.status, STATUS_OK);
		assert_int_equal(m.answer_count, jumps < 32 ? 2 : 1);
		t_decode_done(&r);
	}
}

/* What came before a broken record is kept. */
static void records_before_a_loop_are_kept(void **state)
{
	struct t_decoding r;
	struct dns m = decoded("0001 8180 0001 0003 0000 0000" EXAMPLE
			       "0001 0001"
			       "c00c 0001 0001 0000003c 0004 c0000201"
			       "c02e 0001 0001 0000003c 0004 c0000202"
			       "c00c 0001 0001 0000003c 0004 c0000203",
			       &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.question_count, 1);
	assert_int_equal(m.answer_count, 1);
	t_decode_done(&r);
}

/* A target that loops is no target; the record stays. */
static void loop_in_a_target_costs_the_target(void **state)
{
	struct t_decoding r;
	struct dns m = decoded(ANSWER EXAMPLE "0021 0001"
			       "c00c 0021 0001 0000003c 0008 "
			       "0001 0002 13c4 c030",
			       &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.answer_count, 1);
	assert_int_equal(m.answers[0].target.n, 0);
	assert_int_equal(m.answers[0].address.port, 5060);
	t_decode_done(&r);
}

/* RFC 1035 2.3.4: 255 octets; labels of 63. */
static void long_names_have_a_limit(void **state)
{
	for (unsigned labels = 1; labels < 8; labels++) {
		uint8_t bytes[600] = {0x12, 0x34, 1, 0, 0, 1};
		size_t n = 12;
		struct t_decoding r;
		struct dns m = {0};

		(void)state;
		for (unsigned i = 0; i < labels; i++) {
			bytes[n] = 63;
			memset(bytes + n + 1, 'A', 63);
			n += 64;
		}
		n += 5; /* the root, type, class */
		t_decode(&r, &dns_dissector, slice_of(bytes, n), T_DATAGRAM,
			 &m);
		assert_int_equal(r.status, labels < 5 && labels * 64 - 1 <=
						   DNS_NAME_MAX
						   ? STATUS_OK
						   : STATUS_BAD);
		if (r.status == STATUS_OK) {
			assert_int_equal(m.questions[0].name.n,
					 labels * 64 - 1);
			assert_int_equal(m.questions[0].name.p[0], 'a');
		}
		t_decode_done(&r);
	}
}

static void records_have_a_limit(void **state)
{
	uint8_t bytes[12 + 400 * 5] = {0x12, 0x34, 1, 0, 1, 0x90};
	struct t_decoding r;
	struct dns m = {0};

	(void)state;
	t_decode(&r, &dns_dissector, slice_of(bytes, sizeof(bytes)),
		 T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.question_count, DNS_RECORDS_MAX);
	t_decode_done(&r);
}

/* A record that is longer than its message is not kept. */
static void data_past_the_end_is_left_out(void **state)
{
	struct t_decoding r;
	struct dns m = decoded(ANSWER EXAMPLE "0001 0001"
			       "c00c 0001 0001 0000003c 0004 c00002", &r);

	(void)state;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(m.question_count, 1);
	assert_int_equal(m.answer_count, 0);
	t_decode_done(&r);
}

static void claims_want_a_sane_header(void **state)
{
	static const struct {
		const char *digits;
		enum claim claim;
	} rows[] = {
		{QUERY, CLAIM_MAYBE},
		{ANSWER, CLAIM_MAYBE},
		{"0000 8400 0000 0001 0000 0000", CLAIM_MAYBE}, /* mDNS */
		{"1234 0100 0000 0000 0000 0000", CLAIM_NO},
		{"1234 3100 0001 0000 0000 0000", CLAIM_NO}, /* opcode 6 */
		{"1234 0140 0001 0000 0000 0000", CLAIM_NO}, /* Z */
		{"1234 0100 0021 0000 0000 0000", CLAIM_NO},
		{"1234 0100 0001 0201 0000 0000", CLAIM_NO},
		{"1234 0100 0001 0000 0000 00", CLAIM_NO},
		{"", CLAIM_NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);

		if (dns_claims(in, false) != rows[i].claim)
			fail_msg("row %s", rows[i].digits);
		t_release(in);
	}
}

#define LONG_ANSWER                                                     \
	"0001 8180 0001 0002 0000 0000" SIP_UDP EXAMPLE "0021 0001"     \
	"c00c 0021 0001 00000e10 000b 000a 0014 13c4 02 7331 c016"      \
	"c016 0001 0001 0000003c 0004 c0000201"

static void every_length_is_safe(void **state)
{
	struct slice in = t_hex(LONG_ANSWER);

	(void)state;
	t_prefixes(&dns_dissector, in, false);
	t_decode_failing(&dns_dissector, in);
	t_release(in);
}

static void arena_that_is_full_is_told(void **state)
{
	struct slice in = t_hex(LONG_ANSWER);
	enum status status = STATUS_NOMEM;

	(void)state;
	for (size_t max = 0; status != STATUS_OK; max += 16) {
		struct arena arena = arena_new(max);
		struct decoding d = {.arena = &arena};
		struct dns m;
		size_t used;

		status = dns_decode(&d, in, &m, &used);
		assert_true(status == STATUS_OK || status == STATUS_NOMEM);
		arena_free(&arena);
	}
	t_release(in);
}

static void fields(void **state)
{
	struct slice in = t_hex(LONG_ANSWER);

	(void)state;
	t_fields_equal(
		&dns_dissector, in,
		"id=1 response=1 rcode=0 "
		"question{ name=_sip._udp.example.test type=33 port=0 } "
		"record{ name=_sip._udp.example.test type=33 "
		"target=s1.example.test port=5060 } "
		"record{ name=example.test type=1 address=192.0.2.1:0 } ");
	t_release(in);
}

static const struct t_case cases[] = {
	{"question_is_read", question_is_read},
	{"addresses_are_read", addresses_are_read},
	{"services_are_read", services_are_read},
	{"loops_are_bad", loops_are_bad},
	{"chains_have_a_limit", chains_have_a_limit},
	{"records_before_a_loop_are_kept", records_before_a_loop_are_kept},
	{"loop_in_a_target_costs_the_target",
	 loop_in_a_target_costs_the_target},
	{"long_names_have_a_limit", long_names_have_a_limit},
	{"records_have_a_limit", records_have_a_limit},
	{"data_past_the_end_is_left_out", data_past_the_end_is_left_out},
	{"claims_want_a_sane_header", claims_want_a_sane_header},
	{"every_length_is_safe", every_length_is_safe},
	{"arena_that_is_full_is_told", arena_that_is_full_is_told},
	{"fields", fields},
};
T_MAIN(cases)
