/* Key logs: what is taken, what is passed over, what is wrong (RFC 9850). */
#include "config.h"

#include "core/text.h"
#include "net/tls_keylog.h"
#include "tests/support/t.h"

#define R "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define S "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define M S "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"

struct reading {
	struct tls_secrets secrets;
	struct keylog_report report;
	enum status status;
};

static void read_text(struct reading *r, const char *text)
{
	struct slice exact = t_exact(slice_of_text(text));

	r->status = keylog_read(exact, &r->secrets, &r->report);
	t_release(exact);
}

static size_t size_of(const struct reading *r, enum tls_label label)
{
	struct slice random = t_hex(R);
	size_t n = tls_secrets_find(&r->secrets, label, random).n;

	t_release(random);
	return n;
}

static void all_labels_are_taken(void **state)
{
	struct reading r = {.status = STATUS_OK};

	(void)state;
	read_text(&r, "CLIENT_RANDOM " R " " M "\n"
		      "CLIENT_HANDSHAKE_TRAFFIC_SECRET " R " " S "\n"
		      "SERVER_HANDSHAKE_TRAFFIC_SECRET " R " " M "\n"
		      "CLIENT_TRAFFIC_SECRET_0 " R " " S "\n"
		      "SERVER_TRAFFIC_SECRET_0 " R " " S);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.report.secrets, 5);
	assert_int_equal(r.report.bad, 0);
	assert_int_equal(size_of(&r, TLS_MASTER), 48);
	assert_int_equal(size_of(&r, TLS_CLIENT_HANDSHAKE), 32);
	assert_int_equal(size_of(&r, TLS_SERVER_HANDSHAKE), 48);
	assert_int_equal(size_of(&r, TLS_CLIENT_TRAFFIC), 32);
	assert_int_equal(size_of(&r, TLS_SERVER_TRAFFIC), 32);
	tls_secrets_free(&r.secrets);
}

static void lines_may_end_as_they_like(void **state)
{
	struct reading r = {.status = STATUS_OK};

	(void)state;
	read_text(&r, "\xEF\xBB\xBF# made by hand\r\n\r\n"
		      "CLIENT_TRAFFIC_SECRET_0 " R " " S "\r"
		      "CLIENT_RANDOM  " R "  " M " \r\n"
		      "EXPORTER_SECRET " R " " S "\n"
		      "ECH_CONFIG " R " 00\n\n");
	assert_int_equal(r.report.secrets, 2);
	assert_int_equal(r.report.others, 2);
	assert_int_equal(r.report.bad, 0);
	tls_secrets_free(&r.secrets);
}

static void the_last_of_two_wins(void **state)
{
	struct reading r = {.status = STATUS_OK};
	struct slice random = t_hex(R), want = t_hex(S);

	(void)state;
	read_text(&r, "CLIENT_TRAFFIC_SECRET_0 " R " " M "\n"
		      "CLIENT_TRAFFIC_SECRET_0 " R " " S "\n");
	t_equal_bytes(tls_secrets_find(&r.secrets, TLS_CLIENT_TRAFFIC, random),
		      want);
	assert_int_equal(r.secrets.count, 1);
	tls_secrets_free(&r.secrets);
	t_release(random);
	t_release(want);
}

struct bad_row {
	const char *line, *fault;
};

static const struct bad_row bad_rows[] = {
	{"CLIENT_RANDOM", "the client random is not 64 hex digits"},
	{"CLIENT_RANDOM ??? " M, "the client random is not 64 hex digits"},
	{"CLIENT_RANDOM " R "00 " M, "the client random is not 64 hex digits"},
	{"CLIENT_RANDOM " R " " S, "the secret is not 96 hex digits"},
	{"CLIENT_RANDOM " R " " M "0", "the secret is not 96 hex digits"},
	{"CLIENT_RANDOM " R, "the secret is not 96 hex digits"},
	{"CLIENT_TRAFFIC_SECRET_0 " R " 00",
	 "the secret is not 64 or 96 hex digits"},
	{"SERVER_TRAFFIC_SECRET_0 " R " g" S,
	 "the secret is not 64 or 96 hex digits"},
	{"SERVER_TRAFFIC_SECRET_0 " R " " S " x",
	 "there is more behind the secret"},
	{"nothing", "it is not a label with its values"},
	{"\x01\x02 x", "it is not a label with its values"},
};

/* A wrong line costs that line, and is named by its number. */
static void wrong_lines_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		struct reading r = {.status = STATUS_OK};
		struct text text = text_new(4096);

		text_printf(&text,
			    "# one\nCLIENT_TRAFFIC_SECRET_0 %s %s\r\n%s\n%s\n"
			    "SERVER_TRAFFIC_SECRET_0 %s %s\n%c",
			    R, S, bad_rows[i].line, bad_rows[i].line, R, S, 0);
		text.n--;
		read_text(&r, text.p);
		assert_int_equal(r.status, STATUS_OK);
		assert_int_equal(r.report.bad, 2);
		assert_int_equal(r.report.first.line, 3);
		assert_string_equal(r.report.first.text, bad_rows[i].fault);
		assert_int_equal(r.report.secrets, 2);
		tls_secrets_free(&r.secrets);
		text_free(&text);
	}
}

static void secrets_that_were_missed_come_late(void **state)
{
	struct reading r = {.status = STATUS_OK};

	(void)state;
	read_text(&r, "CLIENT_TRAFFIC_SECRET_0 " R " " S "\n");
	assert_false(r.secrets.late);
	r.secrets.missed = true;
	read_text(&r, "CLIENT_TRAFFIC_SECRET_0 " R " " S "\n");
	assert_false(r.secrets.late);
	read_text(&r, "SERVER_TRAFFIC_SECRET_0 " R " " S "\n");
	assert_true(r.secrets.late);
	tls_secrets_restart(&r.secrets);
	assert_false(r.secrets.late);
	assert_false(r.secrets.missed);
	tls_secrets_free(&r.secrets);
}

static void many_secrets_are_found_again(void **state)
{
	struct tls_secrets secrets = {.count = 0};
	uint8_t id[TLS_ID_SIZE] = {0}, bytes[32] = {0};

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(id, &i, sizeof(i));
		memcpy(bytes, &i, sizeof(i));
		assert_int_equal(
			tls_secrets_add(&secrets, (enum tls_label)(i % 5),
					slice_of(id, sizeof(id)),
					slice_of(bytes, sizeof(bytes))),
			STATUS_OK);
	}
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(id, &i, sizeof(i));
		memcpy(bytes, &i, sizeof(i));
		t_equal_bytes(tls_secrets_find(&secrets,
					       (enum tls_label)(i % 5),
					       slice_of(id, sizeof(id))),
			      slice_of(bytes, sizeof(bytes)));
		assert_int_equal(tls_secrets_find(&secrets,
						  (enum tls_label)((i + 1) % 5),
						  slice_of(id, sizeof(id)))
					 .n,
				 0);
	}
	tls_secrets_free(&secrets);
}

static bool read_both(void *context)
{
	static const char text[] = "CLIENT_TRAFFIC_SECRET_0 " R " " S "\n"
				   "SERVER_TRAFFIC_SECRET_0 " R " " S "\n";
	struct reading r = {.status = STATUS_OK};
	size_t count;

	(void)context;
	r.status = keylog_read(slice_of_text(text), &r.secrets, &r.report);
	count = r.secrets.count;
	tls_secrets_free(&r.secrets);
	if (r.status == STATUS_NOMEM)
		return false;
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(count, 2);
	return true;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(read_both, NULL);
}

static const struct t_case cases[] = {
	{"all_labels_are_taken", all_labels_are_taken},
	{"lines_may_end_as_they_like", lines_may_end_as_they_like},
	{"the_last_of_two_wins", the_last_of_two_wins},
	{"wrong_lines_are_named", wrong_lines_are_named},
	{"secrets_that_were_missed_come_late",
	 secrets_that_were_missed_come_late},
	{"many_secrets_are_found_again", many_secrets_are_found_again},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
