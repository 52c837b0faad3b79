/*
 * DTLS associations of OpenSSL, recorded on a loopback: they are saved inputs
 * of the fuzz target, a key log up to a NUL byte, then datagrams with who sends
 * it and how long it is.  In any order and with losses, what can be read is.
 */
#include "config.h"

#include "core/cursor.h"
#include "core/text.h"
#include "net/tls_keylog.h"
#include "net/tls_session.h"
#include "tests/support/rsa_key.h"
#include "tests/support/t.h"

#define DATAGRAMS_MAX 64u

struct datagram {
	unsigned side;
	struct slice bytes;
};

struct recording {
	struct slice file;
	struct tls_decryption *home;
	struct tls_session *session;
	struct datagram list[DATAGRAMS_MAX];
	size_t count;
	unsigned requests; /* read by now */
	unsigned given_up; /* so often it was said */
};

static void load(struct recording *r, const char *name)
{
	struct text path = text_new(256);
	struct keylog_report report;
	struct slice script, keylog;
	struct cursor c;

	text_printf(&path, "tests/fuzz/corpus/dtls_session/%s%c", name, 0);
	*r = (struct recording){.file = t_file(path.p),
				.home = calloc(1, sizeof(*r->home))};
	assert_non_null(r->home);
	script = r->file;
	keylog = slice_split(&script, 0);
	assert_int_equal(keylog_read(keylog, &r->home->secrets, &report),
			 STATUS_OK);
	assert_int_equal(report.bad, 0);
	if (keylog.n == 0)
		assert_int_equal(
			tls_secrets_add_rsa(&r->home->secrets,
					    rsa_key_read(SLICE(TEST_RSA_KEY))),
			STATUS_OK);
	for (c = cursor_over(script); c.left; r->count++) {
		assert_true(r->count < DATAGRAMS_MAX);
		r->list[r->count].side = cursor_u8(&c);
		r->list[r->count].bytes = cursor_take(&c, cursor_u16(&c));
		assert_false(c.bad);
	}
	r->session = dtls_session_new(r->home);
	assert_non_null(r->session);
	text_free(&path);
}

static void unload(struct recording *r)
{
	tls_session_free(r->session);
	assert_int_equal(r->home->waiting_bytes, 0);
	assert_int_equal(r->home->sessions_now, 0);
	tls_secrets_free(&r->home->secrets);
	free(r->home);
	t_release(r->file);
}

static void play_one(struct recording *r, const struct datagram *d)
{
	struct decoding decoding = {.stream = false};
	struct slice rest = d->bytes, plain;
	struct tls_record record;
	size_t used;

	while (rest.n) {
		assert_int_equal(dtls_decode(&decoding, rest, &record, &used),
				 STATUS_OK);
		r->given_up += dtls_session_record(r->session, d->side, &record,
						   &plain) == STATUS_BAD;
		r->requests += slice_starts(plain, SLICE("OPTIONS sip:"));
		rest = slice_from(rest, used);
	}
}

/* All of them but one; SIZE_MAX: all. */
static void play_without(struct recording *r, size_t lost)
{
	for (size_t i = 0; i < r->count; i++)
		if (i != lost)
			play_one(r, &r->list[i]);
}

static const char *const with_keylog[] = {
	"dtls1-aes128-sha", /* encrypt-then-MAC */
	"dtls1-ecdhe-rsa-aes256-sha-noetm",
	"dtls1_2-ecdhe-rsa-aes128-sha256",
	"dtls1_2-ecdhe-rsa-aes256-sha384-noetm",
	"dtls1_2-ecdhe-rsa-aes256-gcm-sha384",
	"dtls1_2-ecdhe-rsa-chacha20",
	"dtls1_2-ecdhe-ecdsa-aes128-ccm8",
	"cookie",    /* the server kept no state at first */
	"fragments", /* of the Certificate message */
	"reneg",     /* the keys are renewed before the fourth request */
};

static const char *const with_rsa_key[] = {
	"rsa-dtls1-aes128-sha",
	"rsa-dtls1_2-aes128-sha256", /* extended master secret */
	"rsa-fragments",
};

#define ROWS(list) (sizeof(list) / sizeof((list)[0]))

static void assert_all_read(const char *name)
{
	struct recording r;

	load(&r, name);
	play_without(&r, SIZE_MAX);
	assert_int_equal(r.requests, 5);
	assert_int_equal(r.given_up, 0);
	assert_int_equal(r.home->counts.decrypted, 1);
	assert_int_equal(r.home->counts.datagrams_without_key, 0);
	unload(&r);
}

static void recorded_associations_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(with_keylog); i++)
		assert_all_read(with_keylog[i]);
	for (size_t i = 0; i < ROWS(with_rsa_key); i++)
		assert_all_read(with_rsa_key[i]);
}

static void packets_may_come_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(with_keylog); i++) {
		struct recording r;

		load(&r, with_keylog[i]);
		for (size_t k = 0; k < r.count; k++) {
			play_one(&r, &r.list[k]);
			play_one(&r, &r.list[k]);
		}
		assert_int_equal(r.requests, 10);
		assert_int_equal(r.given_up, 0);
		unload(&r);
	}
}

/* What is under the keys before those in use is not, once these are. */
static bool renews(const char *name)
{
	return strcmp(name, "reneg") == 0;
}

static void neighbours_may_change_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(with_keylog); i++) {
		for (size_t first = 0; first < 2; first++) {
			struct recording r;

			load(&r, with_keylog[i]);
			for (size_t k = first; k + 1 < r.count; k += 2) {
				struct datagram kept = r.list[k];

				r.list[k] = r.list[k + 1];
				r.list[k + 1] = kept;
			}
			play_without(&r, SIZE_MAX);
			assert_true(r.requests == 5 || renews(with_keylog[i]));
			assert_int_equal(r.given_up, 0);
			unload(&r);
		}
	}
}

/* A lost request costs itself, and no message but a ServerHello more. */
static void losses_cost_what_is_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(with_keylog); i++) {
		size_t lost = 0;
		struct recording r;

		do {
			load(&r, with_keylog[i]);
			play_without(&r, lost);
			if (lost < r.count &&
			    r.list[lost].bytes.p[0] == TLS_APPLICATION_DATA)
				assert_true(r.requests == 4);
			else if (lost < r.count &&
				 r.list[lost].bytes.p[13] != TLS_SERVER_HELLO)
				assert_true(r.requests == 5 ||
					    renews(with_keylog[i]));
			assert_int_equal(r.given_up, 0);
			lost++;
			unload(&r);
		} while (lost <= r.count);
	}
}

/* The same ports again: other hellos, the same numbers. */
static void associations_follow_each_other(void **state)
{
	struct recording first, second;
	struct slice keylog;
	struct keylog_report report;

	(void)state;
	load(&first, "dtls1-aes128-sha");
	load(&second, "dtls1_2-ecdhe-rsa-chacha20");
	keylog = second.file;
	keylog = slice_split(&keylog, 0);
	assert_int_equal(keylog_read(keylog, &first.home->secrets, &report),
			 STATUS_OK);
	play_without(&first, SIZE_MAX);
	for (size_t i = 0; i < second.count; i++)
		play_one(&first, &second.list[i]);
	assert_int_equal(first.requests, 10);
	assert_int_equal(first.given_up, 0);
	unload(&first);
	unload(&second);
}

static void damage(struct recording *r, size_t number)
{
	struct slice bytes = r->list[number].bytes;
	size_t at = (size_t)(bytes.p - r->file.p) + bytes.n - 1;
	uint8_t *own = (uint8_t *)(uintptr_t)r->file.p;

	own[at] ^= 1;
}

/* Its neighbours are read, and so is what comes behind 30 more of it. */
static void damage_costs_the_record(void **state)
{
	struct recording r;
	size_t data = 0;

	(void)state;
	load(&r, "dtls1_2-ecdhe-rsa-aes256-gcm-sha384");
	while (r.list[data].bytes.p[0] != TLS_APPLICATION_DATA)
		data++;
	damage(&r, data);
	for (size_t i = 0; i < data; i++)
		play_one(&r, &r.list[i]);
	for (unsigned i = 0; i < 30; i++)
		play_one(&r, &r.list[data]);
	assert_int_equal(r.given_up, 0);
	for (size_t i = data; i < r.count; i++)
		play_one(&r, &r.list[i]);
	assert_int_equal(r.requests, 4);
	for (unsigned i = 0; i < 40; i++)
		play_one(&r, &r.list[data]);
	assert_int_equal(r.given_up, 1);
	assert_int_equal(r.home->counts.given_up, 1);
	unload(&r);
}

/* Of the right client, but another secret. */
static void wrong_keys_are_said_once_a_side(void **state)
{
	struct recording r;
	size_t digit = strlen("CLIENT_RANDOM ") + 64 + 1;
	struct keylog_report report;
	struct text line = text_new(1024);

	(void)state;
	load(&r, "cookie");
	text_put(&line, slice_first(r.file, digit + 96));
	line.p[digit] = line.p[digit] == '0' ? '1' : '0';
	assert_int_equal(
		keylog_read(text_slice(&line), &r.home->secrets, &report),
		STATUS_OK);
	assert_int_equal(report.secrets, 1);
	play_without(&r, SIZE_MAX);
	assert_int_equal(r.requests, 0);
	assert_int_equal(r.given_up, 2);
	text_free(&line);
	unload(&r);
}

/* A handshake without data behind it is that of media: no key is missed. */
static void without_key_only_data_counts(void **state)
{
	struct recording r;
	size_t i = 0;

	(void)state;
	load(&r, "cookie");
	tls_secrets_free(&r.home->secrets);
	for (; r.list[i].bytes.p[0] != TLS_APPLICATION_DATA; i++)
		play_one(&r, &r.list[i]);
	assert_int_equal(r.home->counts.datagrams_without_key, 0);
	for (; i < r.count; i++)
		play_one(&r, &r.list[i]);
	assert_int_equal(r.home->counts.datagrams_without_key, 1);
	assert_int_equal(r.home->counts.without_key, 0);
	assert_true(r.home->secrets.missed);
	assert_int_equal(r.requests + r.given_up, 0);
	unload(&r);
}

/* RFC 9146 4: the hellos tell how long it is; who has not seen them cannot say
 * where the record ends. */
static void a_connection_id_is_passed_over(void **state)
{
	static const char hex[] =
		"19fefd 0001 000000000007 c1c2c3 0004 01020304"
		"17fefd 0001 000000000008 0001 ff";
	struct decoding decoding = {.stream = false};
	struct slice in = t_hex(hex);
	struct tls_record m;
	size_t used;

	(void)state;
	assert_int_equal(dtls_decode(&decoding, in, &m, &used), STATUS_OK);
	assert_int_equal(used, in.n);
	assert_int_equal(m.content, TLS_CONNECTION_ID);
	assert_int_equal(dtls_decode_with_id(&decoding, in, 3, &m, &used),
			 STATUS_OK);
	assert_int_equal(used, 20);
	assert_int_equal(m.id.n, 3);
	assert_int_equal(m.id.p[2], 0xC3);
	assert_int_equal(m.body.n, 4);
	assert_int_equal(m.sequence, 7);
	assert_int_equal(dtls_decode_with_id(&decoding, slice_from(in, used), 3,
					     &m, &used),
			 STATUS_OK);
	assert_int_equal(m.content, TLS_APPLICATION_DATA);
	assert_int_equal(m.id.n, 0);
	assert_int_equal(dtls_decode_with_id(&decoding, slice_first(in, 19), 3,
					     &m, &used),
			 STATUS_BAD);
	t_release(in);
}

static const struct t_case cases[] = {
	{"a_connection_id_is_passed_over", a_connection_id_is_passed_over},
	{"recorded_associations_are_read", recorded_associations_are_read},
	{"packets_may_come_twice", packets_may_come_twice},
	{"neighbours_may_change_places", neighbours_may_change_places},
	{"losses_cost_what_is_lost", losses_cost_what_is_lost},
	{"associations_follow_each_other", associations_follow_each_other},
	{"damage_costs_the_record", damage_costs_the_record},
	{"wrong_keys_are_said_once_a_side", wrong_keys_are_said_once_a_side},
	{"without_key_only_data_counts", without_key_only_data_counts},
};
T_MAIN(cases)
