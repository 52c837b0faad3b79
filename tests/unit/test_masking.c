/* Secrets in the bytes of messages, found by fields and by words. */
#include "config.h"

#include "report/masking.h"
#include "tests/support/t.h"

/* "abc" has the fingerprint ba7816bf (FIPS 180-4, B.1). */
static void words_have_secrets_beside_them(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"a=ice-pwd:abc\r\na=x", "a=ice-pwd:secret:ba7816bf\r\na=x"},
		{"a=crypto:1 X inline:abc|2^20",
		 "a=crypto:1 X inline:secret:ba7816bf|2^20"},
		{"<password>abc</password>",
		 "<password>secret:ba7816bf</password>"},
		{"<m:password></m:password><password>abc</password>",
		 "<m:password></m:password><password>secret:ba7816bf"
		 "</password>"},
		{"{\"password\": \"abc\", \"x\": 1}",
		 "{\"password\": \"secret:ba7816bf\", \"x\": 1}"},
		{"{\"credential\":\"abc\"}",
		 "{\"credential\":\"secret:ba7816bf\"}"},
		{"k=clear:abc", "k=clear:secret:ba7816bf"},
		{"INVITE sip:a:abc@h SIP/2.0\r\nTo: <sip:b:abc@i>\r\n",
		 "INVITE sip:a:secret:ba7816bf@h SIP/2.0\r\n"
		 "To: <sip:b:secret:ba7816bf@i>\r\n"},
		/* [MS-ICE], and the later grammar, which has none */
		{"a=candidate:user 1 abc UDP 0.9 192.0.2.1 5000\r\n",
		 "a=candidate:user 1 secret:ba7816bf UDP 0.9 192.0.2.1 "
		 "5000\r\n"},
		{"a=candidate:user 1 abc\n",
		 "a=candidate:user 1 secret:ba7816bf\n"},
		{"a=candidate:1 1 TCP-PASS 21 192.0.2.1 5000\r\n",
		 "a=candidate:1 1 TCP-PASS 21 192.0.2.1 5000\r\n"},
		{"a=candidate:1 1 udp 21 192.0.2.1 5000 typ host\r\n",
		 "a=candidate:1 1 udp 21 192.0.2.1 5000 typ host\r\n"},
		/* of bodies that are encoded */
		{"Content-Transfer-Encoding: base64\r\n\r\n"
		 "YT1pY2UtcHdkOmFiYw0K",
		 "Content-Transfer-Encoding: base64\r\n\r\n"
		 "secret:d8ee0b0e"},
		{"--x\ncontent-transfer-encoding:Quoted-Printable\n\n"
		 "a=3Dice-pwd:a=\r\nbc\n--x--",
		 "--x\ncontent-transfer-encoding:Quoted-Printable\n\n"
		 "secret:04db2866\n--x--"},
		{"Content-Transfer-Encoding: quoted-printable\n\nv=3D0",
		 "Content-Transfer-Encoding: quoted-printable\n\nv=3D0"},
		{"e: gzip\n\nabc", "e: gzip\n\nsecret:ba7816bf"},
		/* of messages whose fields are not known */
		{"a=ice-pwd abc\n", "a=ice-pwd secret:ba7816bf\n"},
		{"Digest response=\"abc\", x",
		 "Digest response=\"secret:ba7816bf\", x"},
		{"NTLM gssapi-data=\"abc\"",
		 "NTLM gssapi-data=\"secret:ba7816bf\""},
		{"gssapi-data=\"\", version=4", "gssapi-data=\"\", version=4"},
		{"Cookie: abc\r\n", "Cookie: secret:ba7816bf\r\n"},
		/* damaged words */
		{"a=ice<pwd:abc\r\n", "a=ice<pwd:secret:ba7816bf\r\n"},
		{"b=ICE-PWD\x01"
		 "abc\n",
		 "b=ICE-PWD\x01secret:ba7816bf\n"},
		{"a=crypto:1 X inlyne:abc", "a=crypto:1 X secret:1dafcb73"},
		{"a=crypto:1 X abc", "a=crypto:1 X secret:ba7816bf"},
		{"a=cripto:1 X inline:abc|1;inline:abc|2",
		 "a=cripto:1 X inline:secret:ba7816bf|1;inline:secret:"
		 "ba7816bf|2"},
		{"<passwo\x02"
		 "d x='1'>abc<",
		 "<passwo\x02"
		 "d x='1'>secret:ba7816bf<"},
		{"<password><![CDATA[abc", "<password><![CDATA[secret:"
					   "ba7816bf"},
		{"X-Ms-Passport-Token: abc", "X-Ms-Passport-Token: secret:"
					     "ba7816bf"},
		{"access_token=abc&x=1", "access_token=secret:ba7816bf&x=1"},
		{"{\\\"pwd\\\":\\\"abc\\\"}",
		 "{\\\"pwd\\\":\\\"secret:ba7816bf\\\"}"},
		/* credentials: what is not known to be open is none */
		{"Authorization: Bearer abc", "Authorization: Bearer secret:"
					      "ba7816bf"},
		{"Proxy-Authorizatian: X realm=\"r\", foo=\"abc\",\r\n nc=1",
		 "Proxy-Authorizatian: X realm=\"r\", foo=\"secret:"
		 "ba7816bf\",\r\n nc=1"},
		{"Authorization: Digest username=\"u\", qop=auth\r\nA: b",
		 "Authorization: Digest username=\"u\", qop=auth\r\nA: b"},
		/* what is no secret */
		{"MRAS token: expired, response: 401",
		 "MRAS token: expired, response: 401"},
		{"credentialsRequestID=\"1\"><credentials><username>u<",
		 "credentialsRequestID=\"1\"><credentials><username>u<"},
		{"a=rtpmap:8 PCMA/8000\r\nk=prompt\r\n",
		 "a=rtpmap:8 PCMA/8000\r\nk=prompt\r\n"},
		{"{\"password\":\"\",\"ttl\":1}",
		 "{\"password\":\"\",\"ttl\":1}"},
		{"a=ice-pwd:\r\n", "a=ice-pwd:\r\n"},
		{"a=ice-pwd:", "a=ice-pwd:"},
		{"password>", "password>"},
		{"", ""},
	};
	struct text t = text_new(400);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].in));

		text_clear(&t);
		masking_text(in, false, &t);
		t_equal_text(text_slice(&t), rows[i].out);
		text_clear(&t);
		masking_text(in, true, &t);
		t_equal_text(text_slice(&t), rows[i].in);
		t_release(in);
	}
	text_free(&t);
}

/* So long that it looks like one. */
#define KEY "QmVzdGVodEF1czMyWmVpY2hlbkZ1ZXI5"

static void keys_are_known_where_words_are_damaged(void **state)
{
	static const char *const hidden[] = {
		"a=ice-wd:" KEY, "a=ice-pw\r\nd:" KEY, "acandidate:u 1 " KEY,
		"a=candidate:u1 " KEY " UDP 0.9 192.0.2.1 5000",
		"a=cndidate:u 1 " KEY " UDP 0.9", "=base64:" KEY,
		"gs\nsapi-data=\"" KEY "\"", "resp\r\nonse=\"" KEY "\"",
		"response\n=\"" KEY "\"", "Authorization: B\nearer " KEY,
		"Authrization: Bearer " KEY, "Authorization Bearer " KEY,
		"Cokie: session=" KEY, "\"pssword\":\"" KEY "\"",
		"\"password\"\"" KEY "\"", "\"credential\"x:\"" KEY "\"",
		"password " KEY, "pass\r\nword=" KEY, "rspauthX=\"" KEY "\"",
	};
	static const char *const shown[] = {
		"a=candidate:1 1 udp 21 d3f2a2bc-1234-4321-abcd-0123456789ab."
		"local 5000 typ host\r\n",
		"a=end-of-candidates\r\na=ssrc:1 cname:hG3kd9fK2Qw8sLxZ01\r\n",
		"a=encryption:rejected\r\na=x:hG3kd9fK2Qw8sLxZ01\r\n",
		"Authorization: Digest username=\"hG3kd9fK2Qw8sLxZ01\", "
		"algorithm=MD5\r\nContact: <sip:hG3kd9fK2Qw8sLxZ01@h>\r\n",
		"<credentials><username>hG3kd9fK2Qw8sLxZ01</username>",
		"password of hG3kd9fK2Qw8sLxZ01 is wrong",
		"contact is online hG3kd9fK2Qw8sLxZ01",
	};
	struct text t = text_new(1000);
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		text_clear(&t);
		masking_text(slice_of_text(hidden[i]), false, &t);
		assert_false(slice_search(text_slice(&t), SLICE("QmVz"), &at));
		assert_false(slice_search(text_slice(&t), SLICE("ZXI5"), &at));
	}
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		text_clear(&t);
		masking_text(slice_of_text(shown[i]), false, &t);
		t_equal_text(text_slice(&t), shown[i]);
	}
	text_free(&t);
}

static void a_field_hides_what_its_message_hides(void **state)
{
	struct slice in = SLICE("Cookie: abc\r\nTo: abc\r\n");
	struct text t = text_new(200);
	struct masking m;

	(void)state;
	masking_begin(&m, in);
	masking_finish(&m);
	masking_put_field(&m, &(struct field){.text = slice_cut(in, 8, 3)},
			  &t);
	text_putc(&t, ' ');
	masking_put_field(&m, &(struct field){.text = slice_cut(in, 17, 3)},
			  &t);
	text_putc(&t, ' ');
	masking_put_field(&m,
			  &(struct field){.text = SLICE("abc"),
					  .where = slice_cut(in, 0, 11)},
			  &t);
	t_equal_text(text_slice(&t), "secret:ba7816bf abc secret:ba7816bf");
	masking_free(&m);
	text_free(&t);
}

static void secret_fields_are_hidden_where_they_stand(void **state)
{
	struct slice in = SLICE("one abc two abcd three");
	struct text t = text_new(200);
	struct masking m;
	struct field_sink sink = masking_sink(&m);

	(void)state;
	masking_begin(&m, in);
	field_text(&sink, "plain", slice_cut(in, 0, 3));
	field_secret(&sink, "key", slice_cut(in, 4, 3));
	/* Overlaps count once, and what was unfolded hides its header. */
	field_secret(&sink, "key", slice_cut(in, 4, 2));
	sink.take(sink.context, &(struct field){.kind = FIELD_TEXT,
						.name = "unfolded",
						.text = SLICE("elsewhere"),
						.where = slice_cut(in, 12, 4),
						.secret = true});
	masking_finish(&m);
	assert_false(masking_hides(&m, 3));
	assert_true(masking_hides(&m, 4));
	assert_true(masking_hides(&m, 6));
	assert_false(masking_hides(&m, 7));
	assert_true(masking_hides(&m, 15));
	assert_false(masking_hides(&m, 16));
	masking_put(&m, &t);
	t_equal_text(text_slice(&t),
		     "one secret:ba7816bf two secret:88d4266f three");
	masking_free(&m);
	text_free(&t);
}

static void a_secret_from_elsewhere_is_hidden_where_it_is_found(void **state)
{
	struct slice in = SLICE("one abc two");
	struct masking m;
	struct field_sink sink = masking_sink(&m);

	(void)state;
	masking_begin(&m, in);
	field_secret(&sink, "key", SLICE("abc"));
	field_secret(&sink, "key", SLICE("not there"));
	masking_finish(&m);
	assert_true(masking_hides(&m, 4));
	assert_false(masking_hides(&m, 8));
	masking_free(&m);
}

static const struct t_case cases[] = {
	{"words_have_secrets_beside_them", words_have_secrets_beside_them},
	{"keys_are_known_where_words_are_damaged",
	 keys_are_known_where_words_are_damaged},
	{"a_field_hides_what_its_message_hides",
	 a_field_hides_what_its_message_hides},
	{"secret_fields_are_hidden_where_they_stand",
	 secret_fields_are_hidden_where_they_stand},
	{"a_secret_from_elsewhere_is_hidden_where_it_is_found",
	 a_secret_from_elsewhere_is_hidden_where_it_is_found},
};
T_MAIN(cases)
