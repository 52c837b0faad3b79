/* DTLS 1.3 says by its epochs that a handshake is through (RFC 9147). */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/t.h"

#define A "1:5000"
#define B "3:6000"

/* Record headers of the hellos, with as much of the messages as is looked
 * at. */
#define CLIENT_HELLO \
	"16fefd 0000 000000000000 000c 01 000030 0000 000000 000000"
#define SERVER_HELLO \
	"16fefd 0000 000000000000 000c 02 000030 0000 000000 000000"
#define BODY "0011 000102030405060708090a0b0c0d0e0f10"
#define HANDSHAKE "2e 0001" BODY
#define DATA "2f 0001" BODY

struct step {
	const char *from, *to, *bytes;
};

static void send_hex(struct wire *w, const struct step *step)
{
	struct slice bytes = t_hex(step->bytes);

	wire_udp(w, step->from, step->to, bytes);
	t_release(bytes);
}

/* Is it through when these records were seen? */
static bool is_through(const struct step *steps, size_t count)
{
	const struct handshake *h;
	struct model model;
	struct wire w;
	bool through;

	wire_open(&w);
	for (size_t i = 0; i < count; i++)
		send_hex(&w, &steps[i]);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_int_equal(model.handshakes.count, 1);
	h = model.handshakes.rows;
	through = h->finished[0] && h->finished[1];
	model_free(&model);
	return through;
}

static const struct step steps[] = {
	{A, B, CLIENT_HELLO}, {B, A, SERVER_HELLO}, {B, A, HANDSHAKE},
	{A, B, HANDSHAKE},    {B, A, DATA},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void the_servers_data_proves_it(void **state)
{
	(void)state;
	assert_true(is_through(steps, STEPS));
}

static void anything_less_does_not(void **state)
{
	struct step other[STEPS];

	(void)state;
	for (size_t n = 1; n < STEPS; n++)
		assert_false(is_through(steps, n));
	memcpy(other, steps, sizeof(steps));
	/* The client's data proves only that it has the server's Finished. */
	other[STEPS - 1] = (struct step){A, B, DATA};
	assert_false(is_through(other, STEPS));
}

/* Its flight is not in the capture, and must have been sent. */
static void data_of_both_sides_proves_it(void **state)
{
	static const struct step lossy[] = {
		{A, B, CLIENT_HELLO}, {B, A, SERVER_HELLO}, {B, A, HANDSHAKE},
		{A, B, DATA},         {B, A, DATA},
	};

	(void)state;
	assert_true(is_through(lossy, STEPS));
	assert_false(is_through(lossy, STEPS - 1));
}

#define ALERT "0001 0013 000102030405060708090a0b0c0d0e0f101112"

/* What cannot be read ends it by its length, where it stands. */
static void a_sealed_alert_ends_it(void **state)
{
	static const struct {
		size_t after; /* so many steps */
		struct step step;
		bool alert;
	} rows[] = {
		/* The certificate of the server, or of the client. */
		{3, {A, B, "2e" ALERT}, true},
		{4, {B, A, "2f" ALERT}, true},
		/* An ACK of the client before its own flight is longer. */
		{3, {A, B, HANDSHAKE}, false},
		/* Behind its first words it says much. */
		{4, {A, B, "2e" ALERT}, false},
		{5, {B, A, "2f" ALERT}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct handshake *h;
		struct model model;
		struct wire w;

		wire_open(&w);
		for (size_t k = 0; k < rows[i].after; k++)
			send_hex(&w, &steps[k]);
		send_hex(&w, &rows[i].step);
		heard_model(&w, NULL, &model);
		wire_close(&w);
		h = model.handshakes.rows;
		assert_int_equal(h->alert != 0, rows[i].alert);
		model_free(&model);
	}
}

/* At the end of a call, of which the capture shows what the server sent. */
static void an_alert_in_one_direction_may_be_the_end(void **state)
{
	static const struct step shown[] = {
		{B, A, SERVER_HELLO},
		{B, A, HANDSHAKE},
		{B, A, "2f" ALERT},
	};
	struct model model;
	struct wire w;

	(void)state;
	wire_open(&w);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		send_hex(&w, &shown[i]);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_false(MODEL_ROWS(handshake, model.handshakes)[0].alert);
	model_free(&model);
}

static void headers_are_read_as_they_say(void **state)
{
	static const struct {
		const char *hex;
		enum status status;
		size_t used;
		unsigned sequence;
	} rows[] = {
		{"2e 0102" BODY "ff", STATUS_OK, 22, 0x0102},
		{"26 07" BODY, STATUS_OK, 21, 7},
		{"22 07 000102030405060708090a0b0c0d0e0f10", STATUS_OK, 19, 7},
		{"3e 0102" BODY, STATUS_NOT_MINE, 0, 0},
		{"16 0102" BODY, STATUS_NOT_MINE, 0, 0},
		{"2e 0102 0012 000102030405060708090a0b0c0d0e0f10", STATUS_BAD,
		 0, 0},
		{"22 07 0001", STATUS_BAD, 0, 0},
		{"2e", STATUS_BAD, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].hex);
		struct tls_record m = {0};
		size_t used = 0;

		assert_int_equal(dtls_sealed_decode(in, &m, &used),
				 rows[i].status);
		assert_int_equal(used, rows[i].used);
		assert_int_equal(m.sequence, rows[i].sequence);
		t_release(in);
	}
}

#define RANDOM \
	"0001020304050607 08090a0b0c0d0e0f 1011121314151617 18191a1b1c1d1e1f"
#define HELLO(version, more) version RANDOM "00 c02b 00" more

/* What the server chose, in its hello or, where that is spread over several
 * records, by what is sealed. */
static void the_version_is_named(void **state)
{
	static const struct {
		const char *hello, *then, *name;
		uint64_t unread;
	} rows[] = {
		{"16feff 0000 000000000000 0032 02 000026 0000 000000 "
		 "000026" HELLO("feff", ""),
		 NULL, "DTLS 1.0", 0},
		{"16fefd 0000 000000000000 0032 02 000026 0000 000000 "
		 "000026" HELLO("fefd", ""),
		 NULL, "DTLS 1.2", 0},
		{"16fefd 0000 000000000000 003a 02 00002e 0000 000000 "
		 "00002e" HELLO("fefd", "0006 002b 0002 fefc"),
		 HANDSHAKE, "DTLS 1.3", 1},
		{SERVER_HELLO, HANDSHAKE, "DTLS 1.3", 1},
		{SERVER_HELLO, NULL, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct handshake *h;
		struct model model;
		struct wire w;

		wire_open(&w);
		send_hex(&w, &(struct step){A, B, CLIENT_HELLO});
		send_hex(&w, &(struct step){B, A, rows[i].hello});
		if (rows[i].then)
			send_hex(&w, &(struct step){B, A, rows[i].then});
		heard_model(&w, NULL, &model);
		wire_close(&w);
		assert_int_equal(model.handshakes.count, 1);
		h = model.handshakes.rows;
		if (rows[i].name)
			assert_string_equal(dtls_version_name(h->version),
					    rows[i].name);
		else
			assert_null(dtls_version_name(h->version));
		assert_int_equal(model.inventory.dtls13, rows[i].unread);
		model_free(&model);
	}
}

static uint64_t old_connections(const char *server_hello)
{
	struct slice client = t_hex("16 0300 002d 01 000029 0300" RANDOM
				    "00 0002 000a 01 00");
	struct slice server = t_hex(server_hello);
	struct wire_tcp c = {.ends = {A, "3:443"}};
	struct model model;
	uint64_t count;
	struct wire w;

	wire_open(&w);
	wire_tcp_syn(&w, &c);
	wire_tcp(&w, &c, 0, client);
	wire_tcp(&w, &c, 1, server);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	count = model.inventory.ssl3;
	model_free(&model);
	t_release(client);
	t_release(server);
	return count;
}

static void ssl_is_counted(void **state)
{
	(void)state;
	assert_int_equal(
		old_connections("16 0300 002a 02 000026" HELLO("0300", "")), 1);
	assert_int_equal(
		old_connections("16 0301 002a 02 000026" HELLO("0301", "")), 0);
}

static const struct t_case cases[] = {
	{"the_servers_data_proves_it", the_servers_data_proves_it},
	{"anything_less_does_not", anything_less_does_not},
	{"data_of_both_sides_proves_it", data_of_both_sides_proves_it},
	{"the_version_is_named", the_version_is_named},
	{"ssl_is_counted", ssl_is_counted},
	{"a_sealed_alert_ends_it", a_sealed_alert_ends_it},
	{"an_alert_in_one_direction_may_be_the_end",
	 an_alert_in_one_direction_may_be_the_end},
	{"headers_are_read_as_they_say", headers_are_read_as_they_say},
};
T_MAIN(cases)
