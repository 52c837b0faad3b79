/* Reading and writing STUN messages: values, framing, what is wrong. */
#include "config.h"

#include "dissectors/stun_parts.h"
#include "tests/support/stun_reading.h"
#include "tests/support/stun_vectors.h"

static void assert_endpoint(const struct endpoint *e, const char *want)
{
	char buffer[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_string(e, buffer), want);
}

static void rfc5769_request(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, RFC5769_REQUEST);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, 108);
	assert_int_equal(r.m.class, STUN_REQUEST);
	assert_int_equal(r.m.method, STUN_BINDING);
	assert_int_equal(r.m.dialect, STUN_RFC);
	assert_true(r.m.cookie);
	assert_int_equal(r.m.attribute_count, 6);
	t_equal_text(r.m.username, "evtj:h6vY");
	t_equal_text(r.m.software, "STUN test client");
	assert_int_equal(r.m.priority, 0x6e0001ff);
	assert_true(r.m.has_controlled);
	assert_false(r.m.has_controlling);
	assert_true(r.m.tie_breaker == UINT64_C(0x932ff9b151263b36));
	assert_int_equal(r.m.integrity_at, 76);
	assert_int_equal(r.m.fingerprint_at, 100);
	assert_int_equal(r.m.fingerprint, FINGERPRINT_OK);
	assert_int_equal(stun_transaction(&r.m).n, 12);
	/* It pads with blanks, which RFC 5389 allows. */
	assert_only_found(&r, "gathering/stun-padding-not-zero");
	read_stun_done(&r);
}

static void rfc5769_responses(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, RFC5769_RESPONSE_IPV4);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.m.class, STUN_SUCCESS);
	t_equal_text(r.m.software, "test vector");
	assert_endpoint(&r.m.mapped, "192.0.2.1:32853");
	assert_int_equal(r.m.fingerprint, FINGERPRINT_OK);
	read_stun_done(&r);
	read_stun_hex(&r, RFC5769_RESPONSE_IPV6);
	assert_endpoint(&r.m.mapped,
			"[2001:db8:1234:5678:11:2233:4455:6677]:32853");
	assert_int_equal(r.m.fingerprint, FINGERPRINT_OK);
	read_stun_done(&r);
}

static void rfc5769_long_term(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, RFC5769_LONG_TERM);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.m.username.n, 18);
	t_equal_text(r.m.realm, "example.org");
	t_equal_text(r.m.nonce, "f//499k954d6OL34oL9FSTvy64sA");
	assert_int_equal(r.m.fingerprint, FINGERPRINT_ABSENT);
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void rfc8489_userhash(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, RFC8489_B1);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.m.userhash.n, 32);
	assert_int_equal(r.m.integrity_at, 0);
	assert_int_equal(r.m.integrity256_at, 128);
	assert_false(r.m.has_username);
	assert_only_found(&r, NULL);
	read_stun_done(&r);
}

static void printed_vector_has_a_wrong_length(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_hex(&r, RFC8489_B1_AS_PRINTED);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(stun_claims(r.bytes, false), CLAIM_MAYBE);
	assert_only_found(&r, "gathering/stun-length-wrong");
	t_equal_text(r.m.realm, "example.org");
	read_stun_done(&r);
}

static void chrome_and_coturn(void **state)
{
	struct stun_reading r;
	struct text method = text_new(64);

	(void)state;
	read_stun_hex(&r, CHROME_ALLOCATE);
	assert_int_equal(r.m.dialect, STUN_TURN);
	assert_int_equal(r.m.method, STUN_ALLOCATE);
	stun_method_text(&r.m, &method);
	t_equal_text(text_slice(&method), "Allocate");
	text_free(&method);
	assert_string_equal(r.m.attributes[0].row->name, "ORIGIN");
	assert_only_found(&r, NULL);
	read_stun_done(&r);

	read_stun_hex(&r, COTURN_CHALLENGE);
	assert_int_equal(r.m.class, STUN_ERROR);
	assert_int_equal(r.m.error, 401);
	t_equal_text(r.m.error_reason, "Unauthorized");
	t_equal_text(r.m.nonce, "5a0209b5cb806106");
	t_equal_text(r.m.realm, "a1.cydev.ru");
	read_stun_done(&r);

	read_stun_hex(&r, CHROME_ALLOCATE_AGAIN);
	t_equal_text(r.m.username, "ernado");
	read_stun_done(&r);

	read_stun_hex(&r, COTURN_ALLOCATED);
	assert_int_equal(r.m.class, STUN_SUCCESS);
	assert_endpoint(&r.m.relayed, "10.8.22.83:55936");
	assert_endpoint(&r.m.mapped, "213.141.156.236:36000");
	assert_true(r.m.has_lifetime);
	assert_int_equal(r.m.lifetime, 600);
	read_stun_done(&r);
}

/* RFC 8656 7.2: who asks for two families is given an address of each. */
static void two_families_are_given(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0103, STUN_ID_COOKIE,
		     "00160008 0001c000 e1baa413"
		     "00160014 0002c001 2001adb8 000000000000000000000000"
		     "00160008 0001c002 e1baa413"
		     "000d0004 00000258");
	assert_int_equal(r.m.relayed.family, FAMILY_IPV4);
	assert_int_equal(r.m.relayed_other.family, FAMILY_IPV6);
	assert_int_equal(r.m.relayed.port, 0xc000 ^ 0x2112);
	assert_int_equal(r.m.relayed_other.port, 0xc001 ^ 0x2112);
	read_stun_done(&r);
}

/* Numbers that MS-TURN uses for its own, in RFC dress. */
static void rfc_has_no_answer_to_send(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0004, STUN_ID_COOKIE, "000d0004 00000000");
	assert_int_equal(r.m.method, STUN_REFRESH);
	assert_int_equal(r.m.dialect, STUN_TURN);
	read_stun_done(&r);
	read_stun_of(&r, 0x0006, STUN_ID_COOKIE, "00130000");
	assert_int_equal(r.m.method, STUN_SEND);
	assert_only_found(&r, "gathering/stun-class-wrong");
	read_stun_done(&r);
	read_stun_of(&r, 0x0013, STUN_ID_COOKIE, "");
	assert_only_found(&r, "gathering/stun-class-wrong");
	read_stun_done(&r);
}

/* ---- what is wrong ---- */

struct wrong_row {
	const char *name;
	unsigned type;
	const char *id;
	const char *attributes;
	const char *found;
};

static const struct wrong_row wrong_rows[] = {
	{"TURN without cookie", 0x0003, STUN_ID_PLAIN, "00190004 11000000",
	 "gathering/stun-cookie-missing"},
	{"attribute longer than the message", 0x0001, STUN_ID_COOKIE,
	 "80220004 61626364 00060010 61626364",
	 "gathering/stun-attribute-overrun"},
	{"empty domain", 0x0001, STUN_ID_COOKIE, "80030000",
	 "gathering/stun-attribute-length"},
	{"fixed length", 0x0001, STUN_ID_COOKIE, "00240008 0000000000000000",
	 "gathering/stun-attribute-length"},
	{"short SHA-256", 0x0001, STUN_ID_COOKIE, "001c0004 00000000",
	 "gathering/stun-attribute-length"},
	{"behind the integrity", 0x0001, STUN_ID_COOKIE,
	 "00080014 0000000000000000000000000000000000000000"
	 "00240004 00000001",
	 "gathering/stun-attribute-misplaced"},
	{"unknown behind the integrity", 0x0001, STUN_ID_COOKIE,
	 "00080014 0000000000000000000000000000000000000000"
	 "7fff0004 00000001",
	 "gathering/stun-attribute-misplaced"},
	{"wrong fingerprint", 0x0001, STUN_ID_COOKIE, "80280004 00000000",
	 "probing/stun-fingerprint-wrong"},
	{"unknown", 0x0001, STUN_ID_COOKIE, "7fff0000",
	 "gathering/stun-attribute-unknown"},
	{"another form, in a dialect of its own", 0x0003, STUN_ID_COOKIE,
	 "40000004 00000000 00220010 00000000000000000000000000000000",
	 "gathering/stun-attribute-unknown"},
	{"Microsoft's own 0x8008", 0x0003, STUN_ID_COOKIE,
	 "000f0004 72c64bc6 80080010 00000000000000000000000000000000",
	 "gathering/stun-attribute-length"},
	{"unknown to MS-TURN", 0x0003, STUN_ID_COOKIE,
	 "000f0004 72c64bc6 00240004 00000001",
	 "gathering/stun-attribute-unknown"},
	{"user in the success of a check", 0x0101, STUN_ID_COOKIE,
	 "00060004 61626364", "probing/answer-repeats-username"},
	{"realm in a success", 0x0101, STUN_ID_COOKIE, "00140004 61626364",
	 "gathering/stun-attribute-unexpected"},
	{"user in a relay's success", 0x0103, STUN_ID_COOKIE,
	 "00060004 61626364", "gathering/stun-attribute-unexpected"},
	{"error class", 0x0111, STUN_ID_COOKIE, "00090004 00000201",
	 "gathering/stun-error-code-range"},
	{"error number", 0x0111, STUN_ID_COOKIE, "00090004 00000464",
	 "gathering/stun-error-code-range"},
	{"420 and no list", 0x0111, STUN_ID_COOKIE, "00090004 00000414",
	 "gathering/stun-unknown-attributes-missing"},
	{"IPv6 in eight bytes", 0x0101, STUN_ID_COOKIE,
	 "00200008 000211111111 1111",
	 "gathering/stun-address-family"},
	{"padding", 0x0001, STUN_ID_COOKIE, "80220001 61ff0000",
	 "gathering/stun-padding-not-zero"},
};

static void each_fault_is_found_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong_rows) / sizeof(wrong_rows[0]);
	     i++) {
		struct stun_reading r;

		print_message("# %s\n", wrong_rows[i].name);
		read_stun_of(&r, wrong_rows[i].type, wrong_rows[i].id,
			     wrong_rows[i].attributes);
		assert_int_equal(r.status, STATUS_OK);
		assert_only_found(&r, wrong_rows[i].found);
		read_stun_done(&r);
	}
}

static void what_the_rfcs_allow_is_no_fault(void **state)
{
	static const struct wrong_row rows[] = {
		{"unknown family", 0x0101, STUN_ID_COOKIE,
		 "00200008 0003111111111111", NULL},
		{"another 0x8008 than Microsoft's", 0x0001, STUN_ID_COOKIE,
		 "80080010 00000000000000000000000000000000", NULL},
		{"0x8023 that names no server", 0x0101, STUN_ID_COOKIE,
		 "80230004 00000001", NULL},
		{"unknown, optional", 0x0001, STUN_ID_COOKIE, "bfff0000",
		 NULL},
		{"SHA-256 behind SHA-1", 0x0001, STUN_ID_COOKIE,
		 "00080014 0000000000000000000000000000000000000000"
		 "001c0010 00000000000000000000000000000000", NULL},
		{"420 with its list", 0x0111, STUN_ID_COOKIE,
		 "00090004 00000414 000a0002 7fff0000", NULL},
		{"empty data", 0x0016, STUN_ID_COOKIE, "00130000", NULL},
		{"two peers", 0x0008, STUN_ID_COOKIE,
		 "00120008 0001111111111111 00120008 0001111111111112",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stun_reading r;

		print_message("# %s\n", rows[i].name);
		read_stun_of(&r, rows[i].type, rows[i].id,
			     rows[i].attributes);
		assert_int_equal(r.status, STATUS_OK);
		assert_only_found(&r, NULL);
		read_stun_done(&r);
	}
}

/* libnice to a client of Office Communicator 2007 R2: a reason of 13 bytes, and
 * no padding behind it. */
static void old_checks_are_not_padded(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0111, STUN_ID_COOKIE,
		     "00090011 00000457 526f6c6520636f6e666c696374"
		     "00080014 229cd67fe411ce0a7d2224951e9a86c822fd048c");
	assert_only_found(&r, "gathering/stun-length-unaligned");
	assert_true(r.m.unaligned);
	assert_false(r.m.walk_broken);
	assert_int_equal(r.m.error, 487);
	assert_int_equal(r.m.error_reason.n, 13);
	assert_int_equal(r.m.integrity_at, 20 + 21);
	read_stun_done(&r);
}

static void last_padding_may_lack(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0001, STUN_ID_COOKIE, "80220005 6162636465");
	t_equal_text(r.m.software, "abcde");
	assert_false(r.m.walk_broken);
	assert_true(stun_found(&r, "gathering/stun-padding-missing"));
	assert_true(stun_found(&r, "gathering/stun-length-unaligned"));
	assert_int_equal(r.findings.count, 2);
	read_stun_done(&r);
}

static void long_text_is_read_all_the_same(void **state)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 1};
	uint8_t name[513];
	struct text t = text_new(4096);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_reading r;

	(void)state;
	memset(name, 'u', sizeof(name));
	stun_write_begin(&w, 0x0001, id);
	stun_write_bytes(&w, 0x0006, slice_of(name, sizeof(name)));
	read_stun(&r, text_slice(&t));
	assert_only_found(&r, "gathering/stun-text-too-long");
	assert_int_equal(r.m.username.n, sizeof(name));
	read_stun_done(&r);
	text_free(&t);
}

static void ignored_attributes_are_not_believed(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0001, STUN_ID_COOKIE,
		     "00080014 0000000000000000000000000000000000000000"
		     "00240004 00000001 00250000");
	assert_int_equal(r.m.attribute_count, 3);
	assert_false(r.m.has_priority);
	assert_false(r.m.use_candidate);
	assert_null(stun_find(&r.m, 0x0024));
	read_stun_done(&r);
}

static void broken_walk_keeps_what_is_whole(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0001, STUN_ID_COOKIE,
		     "00060004 613a6263 00240004 00000001 8022ffff 6162");
	assert_int_equal(r.status, STATUS_OK);
	assert_true(r.m.walk_broken);
	assert_int_equal(r.m.attribute_count, 2);
	t_equal_text(r.m.username, "a:bc");
	assert_int_equal(r.m.priority, 1);
	read_stun_done(&r);
}

static void first_of_several_counts(void **state)
{
	struct stun_reading r;

	(void)state;
	read_stun_of(&r, 0x0001, STUN_ID_COOKIE,
		     "00240004 00000001 00240004 00000002"
		     "00010008 00010d96c6336402"
		     "00200008 00012c84e1 12a6 4b"
		     "00010008 00010d96c6336403");
	assert_int_equal(r.m.priority, 1);
	/* The XOR one goes before the plain one, wherever it stands. */
	assert_endpoint(&r.m.mapped, "192.0.2.9:3478");
	read_stun_done(&r);
}

/* The fingerprint is gone, the header does not know. */
static void length_of_a_lost_fingerprint_is_wrong(void **state)
{
	struct slice bytes = t_hex(RFC5769_REQUEST);
	struct stun_reading r;

	(void)state;
	read_stun(&r, slice_first(bytes, 100));
	assert_int_equal(r.status, STATUS_OK);
	assert_true(stun_found(&r, "gathering/stun-length-wrong"));
	assert_int_equal(r.m.fingerprint, FINGERPRINT_ABSENT);
	assert_int_equal(r.m.integrity_at, 76);
	read_stun_done(&r);
	t_release(bytes);
}

/* ---- framing ---- */

static void datagram_must_be_all_of_the_message(void **state)
{
	struct slice whole = t_hex(CHROME_ALLOCATE "00000000");
	struct stun_reading r;

	(void)state;
	read_stun(&r, whole);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, 56);
	assert_only_found(&r, "gathering/stun-length-wrong");
	read_stun_done(&r);
	t_release(whole);
	read_stun_hex(&r, "00010004" STUN_ID_PLAIN);
	assert_int_equal(r.status, STATUS_BAD);
	read_stun_done(&r);
	read_stun_hex(&r, "80010000" STUN_ID_COOKIE);
	assert_int_equal(r.status, STATUS_NOT_MINE);
	read_stun_done(&r);
}

static const char *const prefixed[] = {
	RFC5769_REQUEST, RFC5769_RESPONSE_IPV6, RFC8489_B1, COTURN_ALLOCATED,
	MS_ALLOCATE_SIGNED, CLASSIC_SIGNED,
};

/* What one prefix must do, cut by the capture, sent so, or on a stream. */
static void try_prefix(struct slice part, size_t full)
{
	struct arena arena = arena_new((size_t)1 << 16);
	struct stun_message m;
	size_t used;

	for (int how = 0; how < 3; how++) {
		struct decoding d = {.arena = &arena,
				     .cut = how == 1,
				     .stream = how == 2};
		enum status status = stun_decode(&d, part, &m, &used);

		if (status == STATUS_OK)
			assert_true(used <= part.n);
		if (how == 1)
			assert_int_equal(status, part.n < 20 ? STATUS_SHORT
							     : STATUS_OK);
		if (how == 1 && status == STATUS_OK && part.n < full) {
			assert_true(m.cut);
			assert_false(m.walk_broken);
		}
		if (how == 2)
			assert_int_equal(status, part.n < full ? STATUS_SHORT
							       : STATUS_OK);
	}
	(void)stun_claims(part, false);
	if (part.n < 8)
		assert_int_not_equal(stun_claims(part, true), CLAIM_SURE);
	arena_free(&arena);
}

static void prefixes_never_overrun(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prefixed) / sizeof(prefixed[0]); i++) {
		struct slice whole = t_hex(prefixed[i]);

		for (size_t n = 0; n <= whole.n; n++) {
			struct slice part = t_exact(slice_first(whole, n));

			try_prefix(part, whole.n);
			t_release(part);
		}
		t_release(whole);
	}
}

static void stream_claims_only_what_has_a_cookie(void **state)
{
	struct slice turn = t_hex(CHROME_ALLOCATE);
	struct slice ms = t_hex("00030010" STUN_ID_PLAIN
				"000f0004 72c64bc6 80080004 00000002");
	struct slice classic = t_hex(CLASSIC_SIGNED);

	(void)state;
	for (size_t n = 0; n <= turn.n; n++)
		assert_int_equal(stun_claims(slice_first(turn, n), true),
				 n < 8 ? CLAIM_MAYBE : CLAIM_SURE);
	for (size_t n = 0; n <= ms.n; n++)
		assert_int_equal(stun_claims(slice_first(ms, n), true),
				 n < 28 ? CLAIM_MAYBE : CLAIM_SURE);
	assert_int_equal(stun_claims(classic, true), CLAIM_NO);
	assert_int_equal(stun_claims(SLICE("GET / HTTP/1.1"), true), CLAIM_NO);
	t_release(turn);
	t_release(ms);
	t_release(classic);
}

static void attributes_have_a_limit(void **state)
{
	uint8_t bytes[20 + 4 * 300] = {0x00, 0x01, 4 * 300 >> 8,
				       4 * 300 & 0xFF, 0x21, 0x12, 0xA4, 0x42};
	struct stun_reading r;

	(void)state;
	for (size_t i = 20; i < sizeof(bytes); i += 4)
		bytes[i] = 0x90;
	read_stun(&r, slice_of(bytes, sizeof(bytes)));
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.m.attribute_count, STUN_ATTRIBUTES_MAX);
	assert_only_found(&r, "capture/limit-stun-attributes");
	read_stun_done(&r);
}

static void nesting_has_a_limit(void **state)
{
	struct slice bytes = t_hex(RFC5769_REQUEST);
	struct arena arena = arena_new(4096);
	struct decoding d = {.arena = &arena, .depth = NESTING_MAX + 1};
	struct stun_message m;
	size_t used;

	(void)state;
	assert_int_equal(stun_decode(&d, bytes, &m, &used), STATUS_LIMIT);
	arena_free(&arena);
	t_release(bytes);
}

static bool decode_once(void *context)
{
	struct slice *bytes = context;
	struct arena arena = arena_new((size_t)1 << 16);
	struct decoding d = {.arena = &arena};
	struct stun_message m;
	size_t used;
	enum status status = stun_decode(&d, *bytes, &m, &used);

	arena_free(&arena);
	return status == STATUS_OK;
}

static void failing_memory_is_told(void **state)
{
	struct slice bytes = t_hex(RFC5769_REQUEST);

	(void)state;
	t_failing_walk(decode_once, &bytes);
	t_release(bytes);
}

/* ---- fields ---- */

struct listener {
	size_t fields, secrets, groups;
	int depth;
	char names[2048];
};

static void listen(void *context, const struct field *field)
{
	struct listener *l = context;
	size_t n = strlen(l->names);

	l->fields++;
	l->secrets += field->secret;
	l->groups += field->kind == FIELD_GROUP;
	l->depth += field->kind == FIELD_GROUP ? 1
		    : field->kind == FIELD_END ? -1
					       : 0;
	assert_true(l->depth >= 0);
	snprintf(l->names + n, sizeof(l->names) - n, "%s ", field->name);
}

static void fields_come_in_order(void **state)
{
	struct stun_reading r;
	struct listener l = {0};
	struct field_sink sink = {.context = &l, .take = listen};

	(void)state;
	read_stun_of(&r, 0x0113, STUN_ID_COOKIE,
		     "00090006 00000414 6e6f 0000 000a0004 7fff0024"
		     "00200008 00012c84e112a64b 00070004 61626364"
		     "80040008 0000060400000514 001a0000 12340000"
		     "80500018 000102030405060708090a0b0c0d0e0f10111213"
		     "00000001 80550004 00020002 00180001 80000000"
		     "80020008 0001000000020000 00170004 01000000"
		     "00190004 11000000 000c0004 40000000"
		     "00240002 00010000 00080014"
		     "0000000000000000000000000000000000000000"
		     "80220001 61000000");
	stun_dissector.walk(&r.m, &sink);
	assert_int_equal(l.depth, 0);
	assert_int_equal(l.secrets, 1);
	assert_string_equal(
		l.names,
		"class method type dialect transaction-id "
		"ERROR-CODE reason UNKNOWN-ATTRIBUTES UNKNOWN-ATTRIBUTES "
		"XOR-MAPPED-ADDRESS PASSWORD ICMP type code data  "
		"DONT-FRAGMENT attribute type value  "
		"MS-SEQUENCE-NUMBER connection-id sequence  "
		"MS-SERVICE-QUALITY first second  EVEN-PORT "
		"PASSWORD-ALGORITHMS PASSWORD-ALGORITHMS "
		"REQUESTED-ADDRESS-FAMILY REQUESTED-TRANSPORT "
		"CHANNEL-NUMBER PRIORITY MESSAGE-INTEGRITY "
		"ignored SOFTWARE  ");
	read_stun_done(&r);
}

/* ---- writing ---- */

static void written_is_what_the_rfc_has(void **state)
{
	static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 0xb7, 0xe7,
				       0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
				       0xfa, 0x87, 0xdf, 0xae};
	struct text t = text_new(4096);
	struct stun_writer w = {.to = &t, .aligned = true};
	struct stun_reading r;
	struct endpoint e;

	(void)state;
	assert_int_equal(endpoint_parse(SLICE("192.0.2.1"), 32853, &e),
			 STATUS_OK);
	stun_write_begin(&w, stun_type(STUN_SUCCESS, STUN_BINDING), id);
	stun_write_bytes(&w, 0x8022, SLICE("test vector"));
	stun_write_xor_address(&w, 0x0020, &e);
	stun_write_address(&w, 0x0001, &e);
	stun_write_error(&w, 438, SLICE("Stale Nonce"));
	stun_write_u32(&w, 0x000D, 600);
	stun_write_u64(&w, 0x802A, UINT64_C(0x0102030405060708));
	stun_write_fingerprint(&w);
	assert_int_equal(t.failed, STATUS_OK);
	read_stun(&r, text_slice(&t));
	assert_only_found(&r, NULL);
	assert_int_equal(r.m.fingerprint, FINGERPRINT_OK);
	assert_endpoint(&r.m.mapped, "192.0.2.1:32853");
	t_equal_bytes(r.m.attributes[1].value,
		      slice_of("\0\1\xa1\x47\xe1\x12\xa6\x43", 8));
	assert_int_equal(r.m.error, 438);
	assert_int_equal(r.m.lifetime, 600);
	assert_true(r.m.tie_breaker == UINT64_C(0x0102030405060708));
	read_stun_done(&r);
	text_free(&t);
}

static void types_pack_and_unpack(void **state)
{
	(void)state;
	for (unsigned method = 0; method < 0x1000; method++) {
		for (unsigned c = 0; c < 4; c++) {
			uint16_t type = stun_type((enum stun_class)c, method);

			assert_int_equal(type >> 14, 0);
			assert_int_equal(stun_class_of(type, STUN_RFC), c);
			assert_int_equal(stun_method_of(type, STUN_RFC),
					 method);
		}
	}
	assert_int_equal(stun_type(STUN_ERROR, STUN_SET_ACTIVE_DESTINATION),
			 0x0116);
	assert_int_equal(stun_type(STUN_REQUEST, STUN_GOOG_PING), 0x0200);
}

static void writing_too_much_fails(void **state)
{
	static const uint8_t id[16] = {0};
	static const uint8_t much[40000];
	struct text t = text_new(1 << 20);
	struct stun_writer w = {.to = &t, .aligned = true};

	(void)state;
	stun_write_begin(&w, 1, id);
	stun_write_bytes(&w, 0x0013, slice_of(much, sizeof(much)));
	assert_int_equal(t.failed, STATUS_OK);
	stun_write_bytes(&w, 0x0013, slice_of(much, sizeof(much)));
	assert_int_equal(t.failed, STATUS_LIMIT);
	stun_write_fingerprint(&w);
	text_free(&t);
}

static const struct t_case cases[] = {
	{"rfc5769_request", rfc5769_request},
	{"rfc5769_responses", rfc5769_responses},
	{"rfc5769_long_term", rfc5769_long_term},
	{"rfc8489_userhash", rfc8489_userhash},
	{"printed_vector_has_a_wrong_length",
	 printed_vector_has_a_wrong_length},
	{"chrome_and_coturn", chrome_and_coturn},
	{"rfc_has_no_answer_to_send", rfc_has_no_answer_to_send},
	{"each_fault_is_found_alone", each_fault_is_found_alone},
	{"what_the_rfcs_allow_is_no_fault", what_the_rfcs_allow_is_no_fault},
	{"old_checks_are_not_padded", old_checks_are_not_padded},
	{"last_padding_may_lack", last_padding_may_lack},
	{"long_text_is_read_all_the_same", long_text_is_read_all_the_same},
	{"ignored_attributes_are_not_believed",
	 ignored_attributes_are_not_believed},
	{"broken_walk_keeps_what_is_whole", broken_walk_keeps_what_is_whole},
	{"first_of_several_counts", first_of_several_counts},
	{"length_of_a_lost_fingerprint_is_wrong",
	 length_of_a_lost_fingerprint_is_wrong},
	{"datagram_must_be_all_of_the_message",
	 datagram_must_be_all_of_the_message},
	{"prefixes_never_overrun", prefixes_never_overrun},
	{"stream_claims_only_what_has_a_cookie",
	 stream_claims_only_what_has_a_cookie},
	{"two_families_are_given", two_families_are_given},
	{"attributes_have_a_limit", attributes_have_a_limit},
	{"nesting_has_a_limit", nesting_has_a_limit},
	{"failing_memory_is_told", failing_memory_is_told},
	{"fields_come_in_order", fields_come_in_order},
	{"written_is_what_the_rfc_has", written_is_what_the_rfc_has},
	{"types_pack_and_unpack", types_pack_and_unpack},
	{"writing_too_much_fails", writing_too_much_fails},
};
T_MAIN(cases)
