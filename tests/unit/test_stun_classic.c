/* Classic STUN, and the protocols that look like it. */
#include "config.h"

#include "tests/support/stun_reading.h"
#include "tests/support/stun_vectors.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct look_row {
	const char *name;
	const char *digits;
	enum claim want;
};

static const struct look_row looks[] = {
	{"Binding request, empty", "00010000" STUN_ID_PLAIN, CLAIM_MAYBE},
	{"Binding request, signed", CLASSIC_SIGNED, CLAIM_MAYBE},
	{"USERNAME of no length", "00010004" STUN_ID_PLAIN "00060000",
	 CLAIM_MAYBE},
	{"CHANGE-REQUEST", "00010008" STUN_ID_PLAIN "00030004 00000006",
	 CLAIM_MAYBE},
	{"CHANGE-REQUEST, no flag", "00010008" STUN_ID_PLAIN
	 "00030004 00000000", CLAIM_MAYBE},
	{"response", "01010024" STUN_ID_PLAIN "00010008 00010d96c0000201"
	 "00040008 00010d96c0000201 00050008 00010d97c0000202", CLAIM_MAYBE},
	{"error", "01110010" STUN_ID_PLAIN "00090004 00000414"
	 "000a0004 00130013", CLAIM_MAYBE},
	{"SharedSecret", "00020000" STUN_ID_PLAIN, CLAIM_MAYBE},
	{"Vovida", "01010018" STUN_ID_PLAIN "80200008 00010d96c0000201"
	 "80500008 00010d96c0000201", CLAIM_MAYBE},
	{"old Google relay", "0003000c" STUN_ID_PLAIN "000f0004 72c64bc6"
	 "00060000", CLAIM_SURE},

	{"id of zeros", "00010000 00000000 00000000 00000000 00000000",
	 CLAIM_NO},
	{"length not a multiple of four", "00010005" STUN_ID_PLAIN
	 "00060001 61", CLAIM_NO},
	{"length too short", "00010000" STUN_ID_PLAIN "00060000", CLAIM_NO},
	{"private attribute", "00010008" STUN_ID_PLAIN "01010004 00000000",
	 CLAIM_MAYBE},
	{"unknown attribute", "00010008" STUN_ID_PLAIN "80990004 00000000",
	 CLAIM_NO},
	{"TURN without any cookie", "00030000" STUN_ID_PLAIN, CLAIM_NO},
	{"address of a third family", "0101000c" STUN_ID_PLAIN
	 "00010008 00030d96c0000201", CLAIM_NO},
	{"address that begins with one", "0101000c" STUN_ID_PLAIN
	 "00010008 01010d96c0000201", CLAIM_NO},
	{"flags that are none", "00010008" STUN_ID_PLAIN "00030004 00000008",
	 CLAIM_NO},
	{"integrity not last", "00010020" STUN_ID_PLAIN "00080014"
	 "0000000000000000000000000000000000000000 00060004 61626364",
	 CLAIM_NO},
	{"integrity too short", "00010008" STUN_ID_PLAIN
	 "00080004 00000000", CLAIM_NO},
	{"error number over 99", "01110008" STUN_ID_PLAIN
	 "00090004 00000464", CLAIM_NO},
	{"error class over 6", "01110008" STUN_ID_PLAIN
	 "00090004 00000700", CLAIM_NO},
	{"attribute past the end", "00010008" STUN_ID_PLAIN
	 "00060008 61626364", CLAIM_NO},

	{"TFTP read request", "0001 66696c652e62696e00 6f6374657400"
	 "7473697a650030000000", CLAIM_NO},
	{"uTP with selective ack", "0101 1234 00000001 00000002 00010000"
	 "00010002 0004 00000000 6162", CLAIM_NO},
	{"uTP state", "2100 1234 00000001 00000002 00010000 00010002",
	 CLAIM_NO},
	{"RADIUS, identifier 1", "0101 0018 00112233445566778899aabbccddeeff"
	 "01047573", CLAIM_NO},
	{"DNS query with id 1", "0001 0100 0001 0000 0000 0000 0377777703"
	 "6e657400 0001 0001", CLAIM_NO},
	{"GTP", "30ff0004 00000000 00000000 00000000 00000000 00000000",
	 CLAIM_NO},
	{"PTP sync", "0002002c 0000020000000000000000000000000000001b19"
	 "fffe010203000100000000000000000000", CLAIM_NO},
	{"WhatsApp under the cookie", "08000000" STUN_ID_COOKIE, CLAIM_NO},
	{"RTP", "80000001 00000001 00000001 0000000000000000", CLAIM_NO},
	{"cookie and a wrong length", "00010004" STUN_ID_COOKIE, CLAIM_MAYBE},
};

static void others_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct slice in = t_hex(looks[i].digits);

		print_message("# %s\n", looks[i].name);
		for (size_t n = 0; n < in.n; n++) {
			struct slice part = t_exact(slice_first(in, n));

			assert_int_not_equal(stun_claims(part, false),
					     CLAIM_SURE);
			t_release(part);
		}
		assert_int_equal(stun_claims(in, false), looks[i].want);
		t_release(in);
	}
}

struct score_row {
	const char *name;
	const char *digits;
	uint16_t src_port, dst_port;
	int want;
};

/* From 198.51.100.1 to 192.0.2.1. */
static const struct score_row scores[] = {
	{"empty, no known port", "00010000" STUN_ID_PLAIN, 5000, 5002, -2},
	{"empty, to a server", "00010000" STUN_ID_PLAIN, 5000, 3478, 3},
	{"empty, to an old server", "00010000" STUN_ID_PLAIN, 5000, 19302, 2},
	{"attributes", CLASSIC_SIGNED, 5000, 5002, 3},
	{"a private probe", "00010008" STUN_ID_PLAIN "01010004 31323300",
	 5000, 5002, 0},
	{"a private probe to a server", "00010008" STUN_ID_PLAIN
	 "01010004 31323300", 5000, 3478, 3},
	{"mapped is the destination", "0101000c" STUN_ID_PLAIN
	 "00010008 0001138a c0000201", 5000, 5002, 5},
	{"mapped is another port", "0101000c" STUN_ID_PLAIN
	 "00010008 0001138b c0000201", 5000, 5002, 3},
	{"from a server", "0101000c" STUN_ID_PLAIN
	 "00010008 0001138a c0000201", 3478, 5002, 8},
	{"cookie and a wrong length", "00010004" STUN_ID_COOKIE, 5000, 5002,
	 3},
};

static void evidence_adds_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scores); i++) {
		const struct score_row *row = &scores[i];
		struct endpoint src, dst;
		struct stun_reading r;

		print_message("# %s\n", row->name);
		assert_int_equal(endpoint_parse(SLICE("198.51.100.1"),
						row->src_port, &src),
				 STATUS_OK);
		assert_int_equal(endpoint_parse(SLICE("192.0.2.1"),
						row->dst_port, &dst),
				 STATUS_OK);
		read_stun_hex(&r, row->digits);
		assert_int_equal(r.status, STATUS_OK);
		assert_int_equal(stun_classic_score(&r.m, &src, &dst),
				 row->want);
		read_stun_done(&r);
	}
}

static void classic_has_a_long_id_and_plain_addresses(void **state)
{
	struct stun_reading r;
	char buffer[ENDPOINT_TEXT_MAX];

	(void)state;
	read_stun_of(&r, 0x0101, STUN_ID_PLAIN,
		     "00010008 00010d96c0000201 00040008 00010d96c0000202"
		     "00050008 00010d97c0000203");
	assert_int_equal(r.m.dialect, STUN_CLASSIC);
	assert_int_equal(r.m.class, STUN_SUCCESS);
	assert_int_equal(stun_transaction(&r.m).n, 16);
	assert_string_equal(endpoint_string(&r.m.mapped, buffer),
			    "192.0.2.1:3478");
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static const struct t_case cases[] = {
	{"others_are_told_apart", others_are_told_apart},
	{"evidence_adds_up", evidence_adds_up},
	{"classic_has_a_long_id_and_plain_addresses",
	 classic_has_a_long_id_and_plain_addresses},
};
T_MAIN(cases)
