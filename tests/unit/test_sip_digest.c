/* SIP Digest: the examples of RFC 2617 3.5 and RFC 7616 3.9.1, and the rest. */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "tests/support/t.h"

#define FIRST                                                                \
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "      \
	"uri=\"/dir/index.html\", "                                          \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "           \
	"nc=00000001, "                                                      \
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
#define OWN                                                                  \
	"Digest username=\"ann\",realm=\"example.net\",nonce=\"n1\","        \
	"uri=\"sip:ben@example.net\",nc=00000002,cnonce=\"c2\""

static const struct {
	const char *name, *value, *method, *body, *password;
	bool is_ha1;
	const char *response;
} rows[] = {
	{"RFC 2617 3.5",
	 "Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
	 "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\","
	 "uri=\"/dir/index.html\",qop=auth,nc=00000001,cnonce=\"0a4f113b\","
	 "response=\"6629fae49393a05397450978507c4ef1\","
	 "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
	 "GET", "", "Circle Of Life", false,
	 "6629fae49393a05397450978507c4ef1"},
	{"RFC 7616 3.9.1, MD5", FIRST "algorithm=MD5", "GET", "",
	 "Circle of Life", false, "8ca523f5e9506fed4657c9700eebdbec"},
	{"RFC 7616 3.9.1, SHA-256", FIRST "algorithm=SHA-256", "GET", "",
	 "Circle of Life", false,
	 "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	{"without qop, as in RFC 2069", OWN, "INVITE", "", "sesame", false,
	 "9d55dcf2eb1cb54e45e91f25a1f78bd5"},
	{"from HA1", OWN, "INVITE", "", "2bd3b43554f64b8c922d2bfc1e248565",
	 true, "9d55dcf2eb1cb54e45e91f25a1f78bd5"},
	{"auth-int covers the body", OWN ",qop=auth-int", "INVITE",
	 "v=0\r\n", "sesame", false, "2e18c8f35f38b7fe2cbb18a5356cca2e"},
	{"SHA-256, auth-int", OWN ",qop=auth-int,algorithm=sha-256",
	 "INVITE", "v=0\r\n", "sesame", false,
	 "a029c644d103a1df5c270e56856e69e4c8994e193e85eeeabde6f5e57ec38d82"},
	{"MD5-sess", OWN ",qop=auth,algorithm=MD5-sess", "INVITE", "",
	 "sesame", false, "a840caf5438d3fbe7586b188fdd13215"},
	{"SHA-256-sess", OWN ",qop=auth,algorithm=SHA-256-sess", "INVITE", "",
	 "sesame", false,
	 "f11b0bbe44dad2ca6c05343158d2fd0ffb1b7b38cd4fbd1fcf017bbbb3dc23e3"},
	{"SHA-256-sess from HA1", OWN ",qop=auth,algorithm=SHA-256-sess",
	 "INVITE", "",
	 "b1c24431af6295d3c3205bfa996ca513fc64cbc997e443bb3407292923637724",
	 true,
	 "f11b0bbe44dad2ca6c05343158d2fd0ffb1b7b38cd4fbd1fcf017bbbb3dc23e3"},
	{"SHA-512-256",
	 "Digest username=\"ann\",realm=\"example.net\",nonce=\"n1\","
	 "uri=\"sip:example.net\",nc=00000002,cnonce=\"c2\",qop=auth,"
	 "algorithm=SHA-512-256",
	 "REGISTER", "", "sesame", false,
	 "99bdf8216f28d17849dd5b2a80ec6ab572795882e61577710776fdb381bd3c26"},
	{"SHA-512-256-sess",
	 "Digest username=\"ann\",realm=\"example.net\",nonce=\"n1\","
	 "uri=\"sip:example.net\",nc=00000002,cnonce=\"c2\",qop=auth,"
	 "algorithm=SHA-512-256-sess",
	 "REGISTER", "", "sesame", false,
	 "b91a259a62f3cab286594203b46d781582d9591f3e7f4c506149ae26560cef62"},
	{"quoted quotes, and a backslash that quotes nothing",
	 "Digest username=\"DOM\\ann\",realm=\"a \\\"b\\\" c\",nonce=\"n1\","
	 "uri=\"sip:example.net\"",
	 "REGISTER", "", "sesame", false, "c6d038eb76fa573664fabb09de10349f"},
	{"a quoted backslash",
	 "Digest username=\"DOM\\\\ann\",realm=\"a \\\"b\\\" c\","
	 "nonce=\"n1\",uri=\"sip:example.net\"",
	 "REGISTER", "", "sesame", false, "c6d038eb76fa573664fabb09de10349f"},
};

static void responses_are_those_of_the_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sip_digest_secret secret = {
			slice_of_text(rows[i].password), rows[i].is_ha1};
		struct sip_digest digest;
		char hex[64];
		size_t n = 0;

		assert_int_equal(sip_digest_parse(slice_of_text(rows[i].value),
						  &digest),
				 STATUS_OK);
		assert_int_equal(
			sip_digest_response(&digest,
					    slice_of_text(rows[i].method),
					    slice_of_text(rows[i].body),
					    &secret, hex, &n),
			STATUS_OK);
		if (!slice_is(slice_of(hex, n), rows[i].response))
			fail_msg("%s: %.*s", rows[i].name, (int)n, hex);
	}
}

static void challenges_are_read(void **state)
{
	struct sip_digest digest;

	(void)state;
	assert_int_equal(
		sip_digest_parse(SLICE("digest realm=\"example.net\", "
				       "nonce=\"n1\",\r\n algorithm=SHA-256, "
				       "stale=TRUE, opaque=\"\", "
				       "qop=\"auth,auth-int\""),
				 &digest),
		STATUS_OK);
	t_equal_text(digest.realm, "example.net");
	t_equal_text(digest.nonce, "n1");
	t_equal_text(digest.algorithm, "SHA-256");
	t_equal_text(digest.qop, "auth,auth-int");
	assert_true(digest.stale);
	assert_int_equal(digest.username.n, 0);
}

static void the_first_of_a_repeated_parameter_counts(void **state)
{
	struct sip_digest digest;

	(void)state;
	assert_int_equal(
		sip_digest_parse(SLICE("Digest realm=\"\",realm=\"x\""),
				 &digest),
		STATUS_OK);
	assert_int_equal(digest.realm.n, 0);
	assert_false(digest.stale);
}

static void other_schemes_are_not_digest(void **state)
{
	struct sip_digest digest;

	(void)state;
	assert_int_equal(sip_digest_parse(SLICE("NTLM realm=\"x\""), &digest),
			 STATUS_NOT_MINE);
	assert_int_equal(sip_digest_parse(SLICE(""), &digest),
			 STATUS_NOT_MINE);
}

static void unknown_algorithms_are_not_computed(void **state)
{
	const struct sip_digest_secret secret = {SLICE("sesame"), false};
	struct sip_digest digest;
	char hex[64];
	size_t n = 7;

	(void)state;
	assert_int_equal(sip_digest_parse(SLICE("Digest algorithm=AKAv1-MD5"),
					  &digest),
			 STATUS_OK);
	assert_int_equal(sip_digest_response(&digest, SLICE("INVITE"),
					     SLICE(""), &secret, hex, &n),
			 STATUS_NOT_MINE);
	assert_int_equal(n, 7);
}

static void endless_quoting_is_given_up(void **state)
{
	const struct sip_digest_secret secret = {SLICE("sesame"), false};
	struct sip_digest digest = {.realm = SLICE("r")};
	char user[400], hex[64];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(user); i++)
		user[i] = i % 2 ? '"' : '\\';
	digest.username = slice_of(user, sizeof(user));
	assert_int_equal(sip_digest_response(&digest, SLICE("INVITE"),
					     SLICE(""), &secret, hex, &n),
			 STATUS_LIMIT);
}

static const struct t_case cases[] = {
	{"responses_are_those_of_the_documents",
	 responses_are_those_of_the_documents},
	{"challenges_are_read", challenges_are_read},
	{"the_first_of_a_repeated_parameter_counts",
	 the_first_of_a_repeated_parameter_counts},
	{"other_schemes_are_not_digest", other_schemes_are_not_digest},
	{"unknown_algorithms_are_not_computed",
	 unknown_algorithms_are_not_computed},
	{"endless_quoting_is_given_up", endless_quoting_is_given_up},
};
T_MAIN(cases)
