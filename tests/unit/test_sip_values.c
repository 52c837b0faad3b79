/* Values of SIP headers: lists, parameters, addresses, Via, URIs, tables. */
#include "config.h"

#include "dissectors/sip_parts.h"
#include "tests/support/t.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Joins what an iterator gives, with '|' behind each. */
struct joined {
	char text[512];
	size_t n;
};

static void join(struct joined *to, struct slice s)
{
	assert_true(to->n + s.n + 2 < sizeof(to->text));
	if (s.n)
		memcpy(to->text + to->n, s.p, s.n);
	to->n += s.n;
	to->text[to->n++] = '|';
	to->text[to->n] = '\0';
}

/* ---- lists ---- */

static void lists_split_outside_quotes_and_brackets(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"  ", ""},
		{"a", "a|"},
		{"a, b ,c", "a|b|c|"},
		{"a,,b,", "a|b|"},
		{",", ""},
		{"\"x, y\" <sip:a@b>, <sip:c,d@e>;p=\"f,g\"",
		 "\"x, y\" <sip:a@b>|<sip:c,d@e>;p=\"f,g\"|"},
		{"\"q \\\", r\" <a:b>, c", "\"q \\\", r\" <a:b>|c|"},
		{"\"never closed, a", "\"never closed, a|"},
		{"<never closed, a", "<never closed, a|"},
		{"100rel,timer", "100rel|timer|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice all = t_exact(slice_of_text(rows[i][0]));
		struct slice rest = all, entry;
		struct joined got = {.n = 0};

		while (sip_list_next(&rest, &entry))
			join(&got, entry);
		assert_string_equal(got.text, rows[i][1]);
		t_release(all);
	}
}

/* ---- parameters ---- */

static void parameters_come_one_by_one(void **state)
{
	static const struct {
		const char *text, *want;
		char separator;
	} rows[] = {
		{"", "", ';'},
		{";a=1;b;c=\"2;3\" ; d = 4", "a|1|b||c|2;3|d|4|", ';'},
		{";;a", "||a||", ';'},
		{"a=1;b", "a|1|b||", ';'},
		{";", "||", ';'},
		{";a=", "a||", ';'},
		{";a=\"", "a|\"|", ';'},
		{";a=\"x\\\"y\";b", "a|x\\\"y|b||", ';'},
		{"realm=\"a, b\", nonce=\"\",qop=auth",
		 "realm|a, b|nonce||qop|auth|", ','},
		{";a\r\n =\r\n 1", "a|1|", ';'},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice all = t_exact(slice_of_text(rows[i].text));
		struct slice rest = all, name, value;
		struct joined got = {.n = 0};

		while (sip_param_next(&rest, rows[i].separator, &name,
				      &value)) {
			join(&got, name);
			join(&got, value);
		}
		assert_string_equal(got.text, rows[i].want);
		t_release(all);
	}
}

static void parameters_are_found_by_name(void **state)
{
	struct slice params = SLICE(";Transport=tcp;lr;q=0.5;transport=udp");
	struct slice value = {0};

	(void)state;
	assert_true(sip_param(params, ';', "transport", &value));
	t_equal_text(value, "tcp");
	assert_true(sip_param(params, ';', "LR", &value));
	t_equal_text(value, "");
	assert_false(sip_param(params, ';', "l", &value));
	params = SLICE("0;reason=\"a; b, c\";source=\"fe.example.com\"");
	assert_true(sip_param(params, ';', "reason", &value));
	t_equal_text(value, "a; b, c");
	assert_true(sip_param(params, ';', "source", &value));
	t_equal_text(value, "fe.example.com");
}

/* ---- addresses ---- */

static void addresses_are_taken_apart(void **state)
{
	static const struct {
		const char *value, *display, *uri, *params;
		unsigned faults;
	} rows[] = {
		{"\"A. G. Bell\" <sip:agb@example.com> ;tag=x", "A. G. Bell",
		 "sip:agb@example.com", ";tag=x", 0},
		{"Anonymous <sip:c8@example.com>", "Anonymous",
		 "sip:c8@example.com", "", 0},
		{"sip:+12125551212@example.com;tag=8", "",
		 "sip:+12125551212@example.com", ";tag=8", 0},
		{"<sip:a@b;lr?x=y>", "", "sip:a@b;lr?x=y", "", 0},
		{"caller<sip:a@b>;p=\"<;>\"", "caller", "sip:a@b",
		 ";p=\"<;>\"", 0},
		{"*", "", "*", "", 0},
		{"\"\" <sip:a@b>", "", "sip:a@b", "", 0},
		{"\xd0\x90\xd0\xbd\xd1\x8f <sip:a@b>",
		 "\xd0\x90\xd0\xbd\xd1\x8f", "sip:a@b", "", 0},
		{"\"a\\\"b\" <sip:a@b>", "a\\\"b", "sip:a@b", "", 0},
		{"tel:+1-201-555-0123", "", "tel:+1-201-555-0123", "", 0},
		{"\"Ben <sip:a@b>", "Ben", "sip:a@b", "", SIP_FAULT_QUOTE},
		{"\"Ben", "Ben", "", "", SIP_FAULT_QUOTE | SIP_FAULT_NO_URI},
		{"\"", "", "", "", SIP_FAULT_QUOTE | SIP_FAULT_NO_URI},
		{"<sip:a@b", "", "sip:a@b", "", SIP_FAULT_ANGLE},
		{"< sip:a@b >", "", "sip:a@b", "", SIP_FAULT_BLANK},
		{"<sip:a@b>x", "", "sip:a@b", "x", SIP_FAULT_TRAIL},
		{"Bell, A <sip:a@b>", "Bell, A", "sip:a@b", "",
		 SIP_FAULT_DISPLAY},
		{"\"Ben\" sip:a@b;tag=1", "Ben", "sip:a@b", ";tag=1",
		 SIP_FAULT_BRACKETS},
		{"sip:a@b?Route=x", "", "sip:a@b?Route=x", "",
		 SIP_FAULT_BRACKETS},
		{"a@b", "", "a@b", "", SIP_FAULT_SCHEME},
		{"", "", "", "", SIP_FAULT_NO_URI},
		{"<>", "", "", "", SIP_FAULT_NO_URI},
		{";tag=1", "", "", ";tag=1", SIP_FAULT_NO_URI},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice value = t_exact(slice_of_text(rows[i].value));
		struct sip_address got;

		if (sip_address_read(value, &got) != rows[i].faults)
			fail_msg("%s", rows[i].value);
		t_equal_text(got.display, rows[i].display);
		t_equal_text(got.uri, rows[i].uri);
		t_equal_text(got.params, rows[i].params);
		assert_int_equal(sip_address_parse(value, &got),
				 rows[i].faults & SIP_FAULT_NO_URI
					 ? STATUS_BAD
					 : STATUS_OK);
		t_release(value);
	}
}

static void tags_are_found_among_parameters(void **state)
{
	struct slice tag;

	(void)state;
	assert_int_equal(sip_tag_read(SLICE(";epid=9;TAG=a;tag=b"), &tag), 0);
	t_equal_text(tag, "a");
	/* The line end in front of the next header is damaged. */
	assert_int_equal(sip_tag_read(SLICE(";tag=a\x01" "Via: b"), &tag), 0);
	t_equal_text(tag, "a\x01" "Via:");
	assert_int_equal(sip_tag_read(SLICE(";tag=a Via: \"b\""), &tag), 0);
	t_equal_text(tag, "a");
	assert_int_equal(sip_tag_read(SLICE(";;tag=a"), &tag),
			 SIP_FAULT_PARAM);
	t_equal_text(tag, "a");
	assert_int_equal(sip_tag_read(SLICE(""), &tag), 0);
	t_equal_text(tag, "");
}

/* ---- Via ---- */

static void via_entries_are_taken_apart(void **state)
{
	static const struct {
		const char *entry, *transport, *host;
		unsigned port;
		const char *branch, *received;
		enum status status;
	} rows[] = {
		{"SIP/2.0/UDP h.example.org:5060;branch=z9hG4bK87;received="
		 "192.0.2.1",
		 "UDP", "h.example.org", 5060, "z9hG4bK87", "192.0.2.1",
		 STATUS_OK},
		{"SIP / 2.0 / TCP   h.example.org  : 5070 ; branch = z9",
		 "TCP", "h.example.org", 5070, "z9", "", STATUS_OK},
		{"sip/2.0/tls [2001:db8::9]:5061;BRANCH=x;rport", "tls",
		 "[2001:db8::9]", 5061, "x", "", STATUS_OK},
		{"SIP/2.0/UDP [2001:db8::9:255];received=2001:db8::9:255",
		 "UDP", "[2001:db8::9:255]", 0, "", "2001:db8::9:255",
		 STATUS_OK},
		{"SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56", "WSS",
		 "df7jal23ls0d.invalid", 0, "z9hG4bK56", "", STATUS_OK},
		{"SIP/2.0/TLS 192.0.2.9:65529;ms-received-port=65529", "TLS",
		 "192.0.2.9", 65529, "", "", STATUS_OK},
		{"SIP/3.0/UDP h", "", "", 0, "", "", STATUS_BAD},
		{"SIP/2.0/UDP", "", "", 0, "", "", STATUS_BAD},
		{"SIP/2.0/UDP h:port", "", "", 0, "", "", STATUS_BAD},
		{"SIP/2.0/UDP h:99999", "", "", 0, "", "", STATUS_BAD},
		{"SIP/2.0/UDP 2001:db8::9", "", "", 0, "", "", STATUS_BAD},
		{"SIP/2.0/UDP [2001:db8::9", "", "", 0, "", "", STATUS_BAD},
		{"", "", "", 0, "", "", STATUS_BAD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice entry = t_exact(slice_of_text(rows[i].entry));
		struct sip_via got = {.port = 0};

		if (sip_via_parse(entry, &got) != rows[i].status)
			fail_msg("%s", rows[i].entry);
		t_equal_text(got.transport, rows[i].transport);
		t_equal_text(got.host, rows[i].host);
		assert_int_equal(got.port, rows[i].port);
		t_equal_text(got.branch, rows[i].branch);
		t_equal_text(got.received, rows[i].received);
		t_release(entry);
	}
}

/* ---- URIs ---- */

static void uris_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *scheme, *user, *password, *host;
		unsigned port;
		const char *params, *headers;
		enum status status;
	} rows[] = {
		{"sip:alice@atlanta.example.com", "sip", "alice", "",
		 "atlanta.example.com", 0, "", "", STATUS_OK},
		{"sip:alice:secret@atlanta.example.com;transport=tcp", "sip",
		 "alice", "secret", "atlanta.example.com", 0,
		 ";transport=tcp", "", STATUS_OK},
		{"sips:a@b.example?subject=x&priority=urgent", "sips", "a",
		 "", "b.example", 0, "", "?subject=x&priority=urgent",
		 STATUS_OK},
		{"sip:+1-212-555-1212:1234@gw.example;user=phone", "sip",
		 "+1-212-555-1212", "1234", "gw.example", 0, ";user=phone",
		 "", STATUS_OK},
		{"sip:b.example;method=REGISTER?to=a%40b", "sip", "", "",
		 "b.example", 0, ";method=REGISTER", "?to=a%40b", STATUS_OK},
		{"sip:user;par=u%40x@example.com:5070", "sip",
		 "user;par=u%40x", "", "example.com", 5070, "", "",
		 STATUS_OK},
		{"sip:[2001:db8::10]:5070;lr", "sip", "", "",
		 "[2001:db8::10]", 5070, ";lr", "", STATUS_OK},
		{"sip:[2001:db8::10:5070]", "sip", "", "",
		 "[2001:db8::10:5070]", 0, "", "", STATUS_OK},
		{"sip:a@example.com;gruu;opaque=app:conf:focus:id:X7", "sip",
		 "a", "", "example.com", 0,
		 ";gruu;opaque=app:conf:focus:id:X7", "", STATUS_OK},
		{"tel:+1-201-555-0123;x=y", "tel", "", "",
		 "+1-201-555-0123;x=y", 0, "", "", STATUS_OK},
		{"urn:service:sos", "urn", "", "", "service:sos", 0, "", "",
		 STATUS_OK},
		{"sip:2001:db8::10", "", "", "", "", 0, "", "", STATUS_BAD},
		{"sip:", "", "", "", "", 0, "", "", STATUS_BAD},
		{"sip:a@", "", "", "", "", 0, "", "", STATUS_BAD},
		{"a@b", "", "", "", "", 0, "", "", STATUS_BAD},
		{"<sip:a@b>", "", "", "", "", 0, "", "", STATUS_BAD},
		{"sip:a@b:5060x", "", "", "", "", 0, "", "", STATUS_BAD},
		{"", "", "", "", "", 0, "", "", STATUS_BAD},
		{"tel:", "", "", "", "", 0, "", "", STATUS_BAD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = t_exact(slice_of_text(rows[i].text));
		struct sip_uri got = {.port = 0};

		if (sip_uri_parse(text, &got) != rows[i].status)
			fail_msg("%s", rows[i].text);
		if (rows[i].status == STATUS_OK) {
			t_equal_text(got.scheme, rows[i].scheme);
			t_equal_text(got.user, rows[i].user);
			t_equal_text(got.password, rows[i].password);
			t_equal_text(got.host, rows[i].host);
			assert_int_equal(got.port, rows[i].port);
			t_equal_text(got.params, rows[i].params);
			t_equal_text(got.headers, rows[i].headers);
		} else {
			/* Written on OK only. */
			assert_null(got.scheme.p);
		}
		t_release(text);
	}
}

static void auth_schemes_are_split_off(void **state)
{
	struct slice params;

	(void)state;
	t_equal_text(sip_auth_scheme(SLICE("Digest  realm=\"a b\""), &params),
		     "Digest");
	t_equal_text(params, "realm=\"a b\"");
	t_equal_text(sip_auth_scheme(SLICE("TLS-DSK a=\"\""), &params),
		     "TLS-DSK");
	t_equal_text(sip_auth_scheme(SLICE("Negotiate"), &params),
		     "Negotiate");
	t_equal_text(params, "");
}

/* ---- tables ---- */

static void headers_are_found_in_any_case(void **state)
{
	(void)state;
	for (int i = SIP_HEADER_OTHER + 1; i <= SIP_X_CID; i++) {
		const enum sip_header_name id = (enum sip_header_name)i;
		struct slice text = slice_of_text(sip_header_text(id));
		const char *field = sip_header_field(id);

		assert_true(text.n > 0);
		assert_int_equal(sip_header_of(text), id);
		assert_int_equal(sip_header_of(slice_of_text(field)), id);
		assert_true(slice_is_nocase(text, field));
		/* The ids are in the order of the names. */
		if (i > 1)
			assert_true(strcmp(sip_header_field(id - 1), field) <
				    0);
	}
	assert_string_equal(sip_header_text(SIP_HEADER_OTHER), "");
	assert_int_equal(sip_header_of(SLICE("")), SIP_HEADER_OTHER);
	assert_int_equal(sip_header_of(SLICE("Call-IE")), SIP_HEADER_OTHER);
	assert_int_equal(sip_header_of(SLICE("Xall-ID")), SIP_HEADER_OTHER);
	assert_int_equal(sip_header_of(SLICE("CALL-ID")), SIP_CALL_ID);
}

static void compact_forms_are_known(void **state)
{
	static const struct {
		const char *name;
		enum sip_header_name id;
	} rows[] = {
		{"v", SIP_VIA},		 {"V", SIP_VIA},
		{"f", SIP_FROM},	 {"t", SIP_TO},
		{"i", SIP_CALL_ID},	 {"l", SIP_CONTENT_LENGTH},
		{"c", SIP_CONTENT_TYPE}, {"m", SIP_CONTACT},
		{"k", SIP_SUPPORTED},	 {"s", SIP_SUBJECT},
		{"o", SIP_EVENT},	 {"r", SIP_REFER_TO},
		{"b", SIP_REFERRED_BY},	 {"x", SIP_SESSION_EXPIRES},
		{"e", SIP_CONTENT_ENCODING}, {"z", SIP_HEADER_OTHER},
		{"\xe6", SIP_HEADER_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(sip_header_of(slice_of_text(rows[i].name)),
				 rows[i].id);
}

static void methods_keep_their_case(void **state)
{
	(void)state;
	for (int i = SIP_METHOD_OTHER + 1; i <= SIP_NEGOTIATE; i++) {
		const char *text = sip_method_text((enum sip_method)i);

		assert_int_equal(sip_method_of(slice_of_text(text)), i);
	}
	assert_int_equal(sip_method_of(SLICE("invite")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(SLICE("INVIT")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(SLICE("")), SIP_METHOD_OTHER);
	assert_string_equal(sip_method_text(SIP_METHOD_OTHER), "");
}

static void reasons_have_their_phrase(void **state)
{
	(void)state;
	assert_string_equal(sip_reason_text(100), "Trying");
	assert_string_equal(sip_reason_text(487), "Request Terminated");
	assert_string_equal(sip_reason_text(606), "Not Acceptable");
	assert_string_equal(sip_reason_text(299), "");
}

static void rules_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIP_RULES; i++) {
		const struct rule *rule = &sip_rules[i];

		assert_non_null(rule->id);
		assert_non_null(rule->title);
		assert_non_null(rule->source);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rule->id, sip_rules[k].id);
	}
	assert_null(sip_rules[SIP_RULES].id);
}

static const struct t_case cases[] = {
	{"lists_split_outside_quotes_and_brackets",
	 lists_split_outside_quotes_and_brackets},
	{"parameters_come_one_by_one", parameters_come_one_by_one},
	{"parameters_are_found_by_name", parameters_are_found_by_name},
	{"addresses_are_taken_apart", addresses_are_taken_apart},
	{"tags_are_found_among_parameters", tags_are_found_among_parameters},
	{"via_entries_are_taken_apart", via_entries_are_taken_apart},
	{"uris_are_taken_apart", uris_are_taken_apart},
	{"auth_schemes_are_split_off", auth_schemes_are_split_off},
	{"headers_are_found_in_any_case", headers_are_found_in_any_case},
	{"compact_forms_are_known", compact_forms_are_known},
	{"methods_keep_their_case", methods_keep_their_case},
	{"reasons_have_their_phrase", reasons_have_their_phrase},
	{"rules_are_complete", rules_are_complete},
};
T_MAIN(cases)
