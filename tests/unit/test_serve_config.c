/* Options of the server: each row takes what it says, and nothing else. */
#include "config.h"

#include "serve/serve_config.h"
#include "tests/support/t.h"

static bool set(struct serve_config *c, const char *name, const char *value)
{
	const struct serve_option *o = serve_option_find(slice_of_text(name));

	assert_non_null(o);
	return serve_config_set(c, o, slice_of_text(value));
}

static void values_are_taken_or_refused(void **state)
{
	static const struct {
		const char *name, *good, *bad;
	} rows[] = {
		{"listen", "udp:127.0.0.1:3478", "sctp:127.0.0.1:3478"},
		{"listen", "tls:[::1]:0", "tls:[::1]"},
		{"listen", "dtls:*:5349", "dtls:*:70000"},
		{"listen", "sip:127.0.0.1:5060", "sip:127.0.0.1"},
		{"listen", "sips:*:5061", "sipx:*:5061"},
		{"mras-relay", "internet:av.example.org:3478:443",
		 "moon:av.example.org:3478:443"},
		{"mras-relay", "intranet:2001:db8::1:3478:0", "intranet:h:0:0"},
		{"mras-relay", "internet:h:0:443", "internet:443"},
		{"sip-auth", "ntlm,md5", "kerberos"},
		{"sip-auth", "none", ""},
		{"sip-expires", "60", "soon"},
		{"sip-remote", "true", "yes"},
		{"media-ports", "50000-50039", "50000"},
		{"media-encryption", "require", "RequireEncryption"},
		{"account", "a:b:c", "nobody"},
		{"account", "a:", ":b"},
		{"relay-address", "2001:db8::1", "example.org"},
		{"external-address", "203.0.113.1", "203.0.113.1:5"},
		{"ports", "1-65535", "0-9"},
		{"ports", "5-5", "6-5"},
		{"user-quota", "3", "-3"},
		{"mras-quota", "60", "often"},
		{"clients-max", "1000000", "1000001"},
		{"allow-peer", "10.0.0.0/8", "10.0.0.0/33"},
		{"deny-peer", "2001:db8::/32", "x"},
		{"allow-private", "true", "yes"},
		{"no-tcp-relay", "false", ""},
		{"alternate", "192.0.2.1:9", "192.0.2.1"},
		{"alternate-server", "[2001:db8::1]:9", ":9"},
		{"metrics", "127.0.0.1:0", "127.0.0.1:65536"},
	};
	struct serve_config c;

	(void)state;
	serve_config_init(&c);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!set(&c, rows[i].name, rows[i].good))
			fail_msg("%s %s", rows[i].name, rows[i].good);
		if (set(&c, rows[i].name, rows[i].bad))
			fail_msg("%s %s", rows[i].name, rows[i].bad);
	}
	assert_int_equal(c.listen_count, 5);
	assert_int_equal(c.mras_relay_count, 3);
	t_equal_text(c.mras_relays[1].host, "2001:db8::1");
	assert_int_equal(c.mras_relays[2].tcp_port, 443);
	assert_string_equal(c.media_encryption, "RequireEncryption");
	assert_int_equal(c.listens[2].at.family, FAMILY_NONE);
	assert_int_equal(c.port_min, 5);
	assert_int_equal(c.user_quota, 3);
	assert_int_equal(c.relay[1].family, FAMILY_IPV6);
	assert_int_equal(c.external[0].family, FAMILY_IPV4);
	assert_int_equal(c.policy.count, 2);
	assert_true(c.policy.private_too);
	assert_null(serve_option_find(SLICE("list")));
	serve_config_free(&c);
}

static void there_are_only_so_many_listens(void **state)
{
	struct serve_config c;

	(void)state;
	serve_config_init(&c);
	for (unsigned i = 0; i < SERVE_LISTENS_MAX; i++)
		assert_true(set(&c, "listen", "udp:127.0.0.1:0"));
	assert_false(set(&c, "listen", "udp:127.0.0.1:0"));
	serve_config_free(&c);
}

static void accounts_come_from_a_file(void **state)
{
	struct serve_config c;
	size_t line;

	(void)state;
	serve_config_init(&c);
	assert_int_equal(serve_config_accounts(
				 &c,
				 SLICE("# who\n\nann\tone two\r\nbob\ta:b\n"),
				 &line),
			 STATUS_OK);
	t_equal_text(c.accounts->name, "bob");
	t_equal_text(c.accounts->password, "a:b");
	t_equal_text(c.accounts->next->password, "one two");
	assert_null(c.accounts->next->next);
	assert_int_equal(
		serve_config_accounts(&c, SLICE("ann\tx\nbob y\n"), &line),
		STATUS_BAD);
	assert_int_equal(line, 2);
	serve_config_free(&c);
}

static void contradictions_are_told(void **state)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
		{"lifetime", "0"},
		{"lifetime", "4000"},
		{"lifetime-max", "100000"},
		{"nonce-life", "0"},
		{"realm", ""},
		{"key", "k.pem"},
		{"clients-max", "0"},
		{"alternate", "127.0.0.2:1"},
		{"metrics", "10.0.0.1:9"},
		{"metrics", "[2001::1]:9"},
		{"listen", "sip:127.0.0.1:5060"}, /* and no account */
		{"sip-expires", "59"},
		{"sip-host", "a b"},
		{"sip-domain", ""},
		{"mras-relay", "internet:h:1:2"},
		{"mras-secret", "s"},
	};
	struct serve_config c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		serve_config_init(&c);
		assert_null(serve_config_lacks(&c));
		assert_true(set(&c, rows[i].name, rows[i].value));
		if (!serve_config_lacks(&c))
			fail_msg("%s %s", rows[i].name, rows[i].value);
		serve_config_free(&c);
	}
}

static const struct t_case cases[] = {
	{"values_are_taken_or_refused", values_are_taken_or_refused},
	{"there_are_only_so_many_listens", there_are_only_so_many_listens},
	{"accounts_come_from_a_file", accounts_come_from_a_file},
	{"contradictions_are_told", contradictions_are_told},
};

T_MAIN(cases)
