/*
 * TLS connections by the trace of RFC 8448 3: what is decrypted with which
 * secrets, and what loss and damage do.  Then recorded connections of other
 * versions and suites.
 */
#include "config.h"

#include "core/text.h"
#include "net/tls_keylog.h"
#include "net/tls_session.h"
#include "tests/support/rsa_key.h"
#include "tests/support/t.h"
#include "tests/support/tls_vectors.h"

#define ALL_SECRETS                                       \
	RFC8448_CLIENT_HANDSHAKE RFC8448_SERVER_HANDSHAKE \
		RFC8448_CLIENT_TRAFFIC RFC8448_SERVER_TRAFFIC

enum { CLIENT, SERVER };

struct connection {
	struct tls_decryption *home;
	struct tls_session *session;
	enum status status; /* of the last record */
	uint8_t data[64];   /* its application data */
	size_t n;
};

static void begin(struct connection *c, const char *keylog)
{
	struct keylog_report report;

	*c = (struct connection){.home = calloc(1, sizeof(*c->home))};
	assert_non_null(c->home);
	assert_int_equal(
		keylog_read(slice_of_text(keylog), &c->home->secrets, &report),
		STATUS_OK);
	assert_int_equal(report.bad, 0);
	c->session = tls_session_new(c->home);
	assert_non_null(c->session);
}

static void end(struct connection *c)
{
	tls_session_free(c->session);
	assert_int_equal(c->home->sessions_now, 0);
	tls_secrets_free(&c->home->secrets);
	free(c->home);
}

/* The flipped byte of the body; none when it is past the end. */
static void send_damaged(struct connection *c, unsigned side,
			 const char *digits, size_t flip)
{
	struct decoding decoding = {.stream = true};
	struct slice bytes = t_hex(digits), plain;
	struct tls_record record;
	uint8_t *copy = calloc(1, bytes.n);
	size_t used;

	assert_non_null(copy);
	memcpy(copy, bytes.p, bytes.n);
	if (flip < bytes.n)
		copy[flip] ^= 1;
	assert_int_equal(
		tls_decode(&decoding, slice_of(copy, bytes.n), &record, &used),
		STATUS_OK);
	c->status = tls_session_record(c->session, side, &record, &plain);
	assert_true(plain.n <= sizeof(c->data));
	c->n = plain.n;
	if (plain.n)
		memcpy(c->data, plain.p, plain.n);
	free(copy);
	t_release(bytes);
}

static void send(struct connection *c, unsigned side, const char *digits)
{
	send_damaged(c, side, digits, SIZE_MAX);
}

static void shake_hands(struct connection *c)
{
	send(c, CLIENT, RFC8448_CLIENT_HELLO);
	send(c, SERVER, RFC8448_SERVER_HELLO);
	send(c, SERVER, RFC8448_SERVER_FLIGHT);
	send(c, CLIENT, RFC8448_CLIENT_FINISHED);
}

static void assert_data(const struct connection *c)
{
	assert_int_equal(c->status, STATUS_OK);
	assert_int_equal(c->n, 50);
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(c->data[i], i);
}

/* The ticket before it is not sent: the number of the record is searched. */
static void server_data_behind_its_ticket(struct connection *c)
{
	assert_int_equal(tls_session_lose(c->session, SERVER), STATUS_OK);
	send(c, SERVER, RFC8448_SERVER_DATA);
}

static void both_directions_are_read(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	shake_hands(&c);
	assert_int_equal(c.status, STATUS_OK);
	assert_int_equal(c.n, 0);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_data(&c);
	server_data_behind_its_ticket(&c);
	assert_data(&c);
	assert_int_equal(c.home->counts.decrypted, 1);
	assert_int_equal(c.home->counts.without_key, 0);
	end(&c);
}

/* What needs handshake secrets is passed over. */
static void traffic_secrets_alone_are_enough(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, RFC8448_CLIENT_TRAFFIC RFC8448_SERVER_TRAFFIC);
	shake_hands(&c);
	assert_int_equal(c.status, STATUS_OK);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_data(&c);
	server_data_behind_its_ticket(&c);
	assert_data(&c);
	end(&c);
}

static void one_direction_may_have_no_secret(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, RFC8448_CLIENT_HANDSHAKE RFC8448_CLIENT_TRAFFIC);
	shake_hands(&c);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_data(&c);
	send(&c, SERVER, RFC8448_SERVER_DATA);
	assert_int_equal(c.status, STATUS_NOT_MINE);
	assert_int_equal(c.home->counts.decrypted, 1);
	assert_true(c.home->secrets.missed);
	end(&c);
}

/* Those of another connection. */
static void without_secrets_nothing_is_read(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, "CLIENT_RANDOM " RFC8448_SERVER_RANDOM " " RFC8448_RANDOM
		  "00000000000000000000000000000000\n");
	shake_hands(&c);
	assert_int_equal(c.status, STATUS_NOT_MINE);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_int_equal(c.status, STATUS_NOT_MINE);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.home->counts.without_key, 1);
	assert_int_equal(c.home->counts.decrypted, 0);
	end(&c);
}

/* Each byte of a record is authenticated, but for its header's type. */
static void a_damaged_record_ends_its_direction(void **state)
{
	(void)state;
	for (size_t flip = 5; flip < 72; flip += 7) {
		struct connection c;

		begin(&c, ALL_SECRETS);
		shake_hands(&c);
		send(&c, CLIENT, RFC8448_CLIENT_DATA);
		assert_data(&c);
		send_damaged(&c, CLIENT, RFC8448_CLIENT_DATA, flip);
		assert_int_equal(c.status, STATUS_BAD);
		assert_int_equal(c.n, 0);
		send(&c, CLIENT, RFC8448_CLIENT_DATA);
		assert_int_equal(c.status, STATUS_NOT_MINE);
		assert_int_equal(c.home->counts.given_up, 1);
		/* The other one goes on. */
		server_data_behind_its_ticket(&c);
		assert_data(&c);
		end(&c);
	}
}

/* The same record twice is no record of that number. */
static void a_repeated_record_is_not_read(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	shake_hands(&c);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_int_equal(c.status, STATUS_BAD);
	end(&c);
}

/* The flight that holds the Finished of the server is lost. */
static void a_lost_flight_is_got_over(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	send(&c, CLIENT, RFC8448_CLIENT_HELLO);
	send(&c, SERVER, RFC8448_SERVER_HELLO);
	server_data_behind_its_ticket(&c);
	assert_data(&c);
	end(&c);
}

static void a_lost_hello_is_not(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	send(&c, CLIENT, RFC8448_CLIENT_HELLO);
	assert_int_equal(tls_session_lose(c.session, SERVER), STATUS_OK);
	send(&c, SERVER, RFC8448_SERVER_FLIGHT);
	assert_int_equal(c.status, STATUS_NOT_MINE);
	send(&c, SERVER, RFC8448_SERVER_DATA);
	assert_int_equal(c.status, STATUS_NOT_MINE);
	assert_int_equal(c.home->counts.without_key, 1);
	end(&c);
}

/* Handshake messages are cut anywhere into records (RFC 8446 5.1). */
static void a_hello_may_come_in_pieces(void **state)
{
	struct slice hello = t_hex(RFC8448_CLIENT_HELLO);
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	for (size_t at = 5; at < hello.n; at++) {
		struct tls_record piece = {.content = TLS_HANDSHAKE,
					   .version = 0x0301,
					   .body = slice_cut(hello, at, 1)};
		struct slice plain;

		assert_int_equal(
			tls_session_record(c.session, CLIENT, &piece, &plain),
			STATUS_OK);
	}
	send(&c, SERVER, RFC8448_SERVER_HELLO);
	send(&c, CLIENT, RFC8448_CLIENT_FINISHED);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_data(&c);
	t_release(hello);
	end(&c);
}

/* Compatible middle boxes want to see it (RFC 8446 D.4). */
static void change_cipher_spec_means_nothing_in_13(void **state)
{
	static const char change[] = "140303000101";
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	send(&c, CLIENT, RFC8448_CLIENT_HELLO);
	send(&c, CLIENT, change);
	send(&c, SERVER, RFC8448_SERVER_HELLO);
	send(&c, SERVER, change);
	send(&c, CLIENT, RFC8448_CLIENT_FINISHED);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	assert_data(&c);
	end(&c);
}

/* 65 records before it are too many to be tried. */
static void the_search_for_a_number_has_an_end(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	shake_hands(&c);
	assert_int_equal(tls_session_lose(c.session, CLIENT), STATUS_OK);
	for (unsigned i = 0; i < 32; i++) {
		send_damaged(&c, CLIENT, RFC8448_CLIENT_DATA, 10);
		assert_int_equal(c.status, STATUS_OK);
		assert_int_equal(c.n, 0);
	}
	send_damaged(&c, CLIENT, RFC8448_CLIENT_DATA, 10);
	assert_int_equal(c.status, STATUS_BAD);
	end(&c);
}

static bool whole_connection(void *context)
{
	struct tls_decryption *home = context;
	struct connection c = {.home = home};
	bool fine;

	c.session = tls_session_new(home);
	if (!c.session)
		return false;
	shake_hands(&c);
	send(&c, CLIENT, RFC8448_CLIENT_DATA);
	fine = c.status == STATUS_OK && c.n == 50;
	tls_session_free(c.session);
	return fine;
}

static void connections_at_a_time_are_limited(void **state)
{
	struct connection c;

	(void)state;
	begin(&c, ALL_SECRETS);
	c.home->sessions_now = TLS_SESSIONS_MAX;
	assert_null(tls_session_new(c.home));
	assert_int_equal(c.home->counts.refused, 1);
	c.home->sessions_now = 1;
	assert_true(whole_connection(c.home));
	end(&c);
}

static void only_hellos_begin_a_session(void **state)
{
	struct tls_record record = {.content = TLS_HANDSHAKE,
				    .handshake_readable = true,
				    .handshake = TLS_CLIENT_HELLO};
	struct tls_decryption *home = calloc(1, sizeof(*home));
	struct connection c;

	(void)state;
	assert_non_null(home);
	assert_false(tls_session_begins(home, &record));
	assert_true(home->secrets.missed);
	free(home);
	begin(&c, ALL_SECRETS);
	assert_true(tls_session_begins(c.home, &record));
	record.handshake = TLS_SERVER_HELLO;
	assert_false(tls_session_begins(c.home, &record));
	end(&c);
}

/* ---- connections of OpenSSL and GnuTLS, recorded on a loopback ----
 *
 * They are saved inputs of the fuzz target: a key log up to a NUL byte, then
 * records with their side before each, and 4 added to it where another
 * connection begins.
 */

struct recorded_row {
	const char *name;
	unsigned messages; /* SIP requests in the application data */
};

static const struct recorded_row recorded[] = {
	{"tls1-aes128-sha", 5},
	{"tls1_1-ecdhe-rsa-aes128-sha-noetm", 5},
	{"tls1_2-aes128-sha256", 5}, /* encrypt-then-MAC */
	{"tls1_2-ecdhe-rsa-aes256-sha384-noetm", 5},
	{"tls1_2-ecdhe-rsa-aes256-gcm-sha384", 5},
	{"tls1_2-ecdhe-rsa-chacha20-poly1305", 5},
	{"tls1_2-ecdhe-ecdsa-aes128-ccm8", 5},
	{"tls1_3-tls_aes_256_gcm_sha384", 5},
	{"tls1_3-tls_chacha20_poly1305_sha256", 5},
	{"keyupdate", 5}, /* two of the client, one of the server */
	{"reneg", 3},
	{"hrr", 5},           /* HelloRetryRequest */
	{"res12-ticket", 10}, /* twice, resumed by a ticket */
	{"early", 11},        /* one of them in early data */
	{"gnutls-rc4", 4},
	{"gnutls-3des10", 4}, /* TLS 1.0 */
	/* Without key log, by the private key: */
	{"rsa-tls1-aes128-sha", 5},
	{"rsa-tls1_2-aes128-sha256", 5},     /* extended master secret */
	{"rsa-tls1_2-aes256-gcm-sha384", 5}, /* without */
};

static unsigned count_requests(struct slice plain)
{
	unsigned count = 0;
	size_t at;

	while (slice_search(plain, SLICE("OPTIONS sip:"), &at)) {
		plain = slice_from(plain, at + 1);
		count++;
	}
	return count;
}

static unsigned play(struct tls_decryption *home, struct slice script)
{
	struct decoding decoding = {.stream = true};
	struct tls_session *session = tls_session_new(home);
	struct tls_record record;
	unsigned count = 0;
	size_t used;

	while (script.n) {
		unsigned side = script.p[0] & 1;
		bool another = script.p[0] & 4;
		struct slice plain;

		script = slice_from(script, 1);
		if (another) {
			tls_session_free(session);
			session = tls_session_new(home);
		}
		assert_non_null(session);
		assert_int_equal(tls_decode(&decoding, script, &record, &used),
				 STATUS_OK);
		assert_int_equal(tls_session_record(session, side, &record,
						    &plain) == STATUS_BAD,
				 0);
		count += count_requests(plain);
		script = slice_from(script, used);
	}
	tls_session_free(session);
	return count;
}

static void recorded_connections_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		struct tls_decryption *home = calloc(1, sizeof(*home));
		struct text path = text_new(256);
		struct keylog_report report;
		struct slice file, script, keylog;

		text_printf(&path, "tests/fuzz/corpus/tls_session/%s%c",
			    recorded[i].name, 0);
		script = file = t_file(path.p);
		keylog = slice_split(&script, 0);
		assert_non_null(home);
		assert_int_equal(keylog_read(keylog, &home->secrets, &report),
				 STATUS_OK);
		if (keylog.n == 0)
			assert_int_equal(
				tls_secrets_add_rsa(
					&home->secrets,
					rsa_key_read(SLICE(TEST_RSA_KEY))),
				STATUS_OK);
		assert_int_equal(play(home, script), recorded[i].messages);
		tls_secrets_free(&home->secrets);
		free(home);
		text_free(&path);
		t_release(file);
	}
}

static const struct t_case cases[] = {
	{"both_directions_are_read", both_directions_are_read},
	{"traffic_secrets_alone_are_enough", traffic_secrets_alone_are_enough},
	{"one_direction_may_have_no_secret", one_direction_may_have_no_secret},
	{"without_secrets_nothing_is_read", without_secrets_nothing_is_read},
	{"a_damaged_record_ends_its_direction",
	 a_damaged_record_ends_its_direction},
	{"a_repeated_record_is_not_read", a_repeated_record_is_not_read},
	{"a_lost_flight_is_got_over", a_lost_flight_is_got_over},
	{"a_lost_hello_is_not", a_lost_hello_is_not},
	{"a_hello_may_come_in_pieces", a_hello_may_come_in_pieces},
	{"change_cipher_spec_means_nothing_in_13",
	 change_cipher_spec_means_nothing_in_13},
	{"the_search_for_a_number_has_an_end",
	 the_search_for_a_number_has_an_end},
	{"connections_at_a_time_are_limited",
	 connections_at_a_time_are_limited},
	{"only_hellos_begin_a_session", only_hellos_begin_a_session},
	{"recorded_connections_are_read", recorded_connections_are_read},
};
T_MAIN(cases)
