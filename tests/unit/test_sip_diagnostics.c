/* Diagnostic headers: [MS-OCER] 2.2.1, RFC 3326, RFC 3261 20.43. */
#include "config.h"

#include "dissectors/sip_diagnostics.h"
#include "tests/support/t.h"

static void numbers_reason_and_source_are_read(void **state)
{
	static const struct {
		const char *value;
		uint32_t id, sub;
		const char *reason, *source;
	} rows[] = {
		{"1003;reason=\"User does not exist\";source=\"fe.example\"",
		 1003, 0, "User does not exist", "fe.example"},
		{"13.7; reason =\"a; b, c\" ;source = \"x\"", 13, 7, "a; b, c",
		 "x"},
		{"4141", 4141, 0, "", ""},
		{"0;source=\"s\";reason=\"r\";x", 0, 0, "r", "s"},
		/* pasted from a log: the quote is never closed */
		{"23;reason=\"Call failed", 23, 0, "Call failed", ""},
		{"23;reason=\"Call failed;source=\"fe.example\"", 23, 0,
		 "Call failed", "fe.example"},
		{"23;reason=\"a;b;source = \"fe.example\";x=\"y\"", 23, 0,
		 "a;b", "fe.example"},
		{"23;reason=\"1+1=\";source=\"s\"", 23, 0, "1+1=", "s"},
		{"23;reason=\xE2\x80\x9C"
		 "Call failed\xE2\x80\x9D;source="
		 "\xE2\x80\x9Cs\xE2\x80\x9D",
		 23, 0, "Call failed", "s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_diagnostic d;

		assert_int_equal(
			sip_diagnostic_read(slice_of_text(rows[i].value), &d),
			STATUS_OK);
		assert_int_equal(d.id, rows[i].id);
		assert_int_equal(d.sub, rows[i].sub);
		t_equal_text(d.reason, rows[i].reason);
		t_equal_text(d.source, rows[i].source);
	}
}

static void what_begins_with_no_number_is_bad(void **state)
{
	static const char *const values[] = {"", "reason=\"x\"", "x;reason=\"",
					     "10000000;reason=\"x\"", ".5"};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct sip_diagnostic d;

		assert_int_equal(
			sip_diagnostic_read(slice_of_text(values[i]), &d),
			STATUS_BAD);
	}
}

static size_t debugs(const char *value, struct sip_media_debug *out)
{
	struct sip_diagnostic d;

	assert_int_equal(sip_diagnostic_read(slice_of_text(value), &d),
			 STATUS_OK);
	return sip_media_debugs(&d, out, SIP_MEDIA_DEBUGS_MAX);
}

static void equal_end(const struct endpoint *e, const char *text)
{
	char buffer[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_string(e, buffer), text);
}

static void the_end_of_a_channel_is_read(void **state)
{
	struct sip_media_debug m[SIP_MEDIA_DEBUGS_MAX];

	(void)state;
	assert_int_equal(debugs("22;reason=\"r\";UserType=\"Callee\";MediaType="
				"\"audio\";MediaChanBlob=\"NetworkErr=no error,"
				"ErrTime=0,TransptRecvErr=0x0,MediaTimeout=1,"
				"RtcpByeSent=0,RtcpByeRcvd=1,BlobVer=1\"",
				m),
			 1);
	t_equal_text(m[0].label, "audio");
	assert_true(m[0].callee && m[0].has_channel && !m[0].has_warn);
	assert_true(m[0].timed_out && !m[0].bye_sent && m[0].bye_received);
	assert_int_equal(m[0].network_error.n, 0);
	assert_int_equal(debugs("22;MediaChanBlob=\"NetworkErr=lost, "
				"MediaTimeout=x\"",
				m),
			 1);
	t_equal_text(m[0].network_error, "lost");
	assert_false(m[0].timed_out);
}

static void a_conference_answers(void **state)
{
	struct arena arena = arena_new(1 << 20);
	struct sip_conference c;

	(void)state;
	assert_int_equal(
		sip_conference_read(
			SLICE("<response xmlns=\"urn:ietf:params:xml:ns:cccp\" "
			      "requestId=\"1\" code=\"failure\"><addUser "
			      "reason=\"unauthorized\"/></response>"),
			&arena, &c),
		STATUS_OK);
	assert_true(c.response && c.refused);
	t_equal_text(c.operation, "addUser");
	t_equal_text(c.reason, "unauthorized");
	assert_int_equal(
		sip_conference_read(
			SLICE("<request xmlns=\"urn:ietf:params:xml:ns:cccp\">"
			      "<addUser/></request>"),
			&arena, &c),
		STATUS_OK);
	assert_false(c.response || c.refused);
	assert_int_equal(
		sip_conference_read(
			SLICE("<response xmlns=\"urn:ietf:params:xml:ns:cccp\" "
			      "code=\"pending\"/>"),
			&arena, &c),
		STATUS_OK);
	assert_false(c.refused);
	assert_int_equal(sip_conference_read(SLICE("<a/>"), &arena, &c),
			 STATUS_NOT_MINE);
	assert_int_equal(
		sip_conference_read(
			SLICE("<a xmlns=\"urn:ietf:params:xml:ns:cccp\">"),
			&arena, &c),
		STATUS_BAD);
	arena_free(&arena);
}

static void a_media_debug_block_is_read(void **state)
{
	struct sip_media_debug m[SIP_MEDIA_DEBUGS_MAX];

	(void)state;
	assert_int_equal(
		debugs("23;reason=\"r\";CalleeMediaDebug=\"audio:ICEWarn="
		       "0x40003a0,LocalSite=192.0.2.1:50012,LocalMR="
		       "198.51.100.4:443, RemoteSite=10.0.0.9:50020,RemoteMR=,"
		       "PortRange=50000:50019,LocalMRTCPPort=5,LocalLocation=2,"
		       "RemoteLocation=1,FederationType=1,NetworkName=corp,"
		       "BaseAddress=192.0.2.1:50012\"",
		       m),
		1);
	t_equal_text(m[0].label, "audio");
	assert_true(m[0].callee && m[0].has_warn && !m[0].has_warn_ex);
	assert_int_equal(m[0].warn, 0x40003a0);
	equal_end(&m[0].local_site, "192.0.2.1:50012");
	equal_end(&m[0].local_relay, "198.51.100.4:443");
	equal_end(&m[0].remote_site, "10.0.0.9:50020");
	equal_end(&m[0].remote_relay, "-");
	equal_end(&m[0].base, "192.0.2.1:50012");
	assert_int_equal(m[0].port_low, 50000);
	assert_int_equal(m[0].port_high, 50019);
	assert_true(m[0].has_locations);
	assert_int_equal(m[0].local_location, 2);
	assert_int_equal(m[0].remote_location, 1);
	assert_int_equal(m[0].federation, 1);
	t_equal_text(m[0].network, "corp");
}

/* Doubled colons occur; each label begins another media. */
static void blocks_of_several_media_are_parted(void **state)
{
	struct sip_media_debug m[SIP_MEDIA_DEBUGS_MAX];

	(void)state;
	assert_int_equal(debugs("51004;CallerMediaDebug=\"audio::ICEWarn=0x1,"
				"ICEWarnEx=0x2,video:ICEWarn=80000\"",
				m),
			 2);
	assert_false(m[0].callee);
	assert_int_equal(m[0].warn, 1);
	assert_int_equal(m[0].warn_ex, 2);
	t_equal_text(m[1].label, "video");
	assert_int_equal(m[1].warn, 0x80000);
	assert_int_equal(debugs("51004;CallerMediaDebug=\"audio:ICEWarn=0x0,"
				"LocalSite=192.0.2.1::58000,,"
				"RemoteSite=[2001:db8::1]::5\"",
				m),
			 1);
	equal_end(&m[0].local_site, "192.0.2.1:58000");
	equal_end(&m[0].remote_site, "[2001:db8::1]:5");
}

static void flat_parameters_are_a_block(void **state)
{
	struct sip_media_debug m[SIP_MEDIA_DEBUGS_MAX];

	(void)state;
	assert_int_equal(debugs("24;reason=\"r\";UserType=\"Callee\";MediaType="
				"\"audio\";ICEWarn=\"0x80012b\";LocalSite="
				"\"[2001:db8::1]:5\"",
				m),
			 1);
	t_equal_text(m[0].label, "audio");
	assert_true(m[0].callee);
	assert_int_equal(m[0].warn, 0x80012b);
	equal_end(&m[0].local_site, "[2001:db8::1]:5");
	assert_int_equal(debugs("24;reason=\"r\"", m), 0);
	/* What is no address, no number, no range says nothing. */
	assert_int_equal(debugs("24;LocalSite=x:1;ICEWarn=zz;PortRange=5;"
				"LocalLocation=900",
				m),
			 1);
	assert_false(m[0].has_warn || m[0].has_locations);
	assert_int_equal(m[0].local_site.family, FAMILY_NONE);
}

static void reasons_are_read(void **state)
{
	struct sip_reason r;

	(void)state;
	assert_int_equal(
		sip_reason_read(SLICE("Q.850 ;cause=16;text=\"Ok; bye\""), &r),
		STATUS_OK);
	t_equal_text(r.protocol, "Q.850");
	assert_int_equal(r.cause, 16);
	t_equal_text(r.text, "Ok; bye");
	assert_int_equal(sip_reason_read(SLICE("SIP;text=\"x\""), &r),
			 STATUS_BAD);
	assert_int_equal(sip_reason_read(SLICE(";cause=1"), &r), STATUS_BAD);
}

static void warnings_are_read(void **state)
{
	struct sip_warning w;

	(void)state;
	assert_int_equal(sip_warning_read(SLICE("308 lcs.microsoft.com "
						"\"Encryption levels\""),
					  &w),
			 STATUS_OK);
	assert_int_equal(w.code, 308);
	t_equal_text(w.agent, "lcs.microsoft.com");
	t_equal_text(w.text, "Encryption levels");
	assert_int_equal(sip_warning_read(SLICE("x y \"z\""), &w), STATUS_BAD);
	assert_int_equal(sip_warning_read(SLICE("399"), &w), STATUS_BAD);
	assert_int_equal(
		sip_warning_read(SLICE("399  \"Max-Forwards zero\""), &w),
		STATUS_OK);
	assert_int_equal(w.agent.n, 0);
	t_equal_text(w.text, "Max-Forwards zero");
}

static const struct t_case cases[] = {
	{"numbers_reason_and_source_are_read",
	 numbers_reason_and_source_are_read},
	{"what_begins_with_no_number_is_bad",
	 what_begins_with_no_number_is_bad},
	{"a_media_debug_block_is_read", a_media_debug_block_is_read},
	{"a_conference_answers", a_conference_answers},
	{"the_end_of_a_channel_is_read", the_end_of_a_channel_is_read},
	{"blocks_of_several_media_are_parted",
	 blocks_of_several_media_are_parted},
	{"flat_parameters_are_a_block", flat_parameters_are_a_block},
	{"reasons_are_read", reasons_are_read},
	{"warnings_are_read", warnings_are_read},
};
T_MAIN(cases)
