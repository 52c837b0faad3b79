/*
 * What DTLS hides in datagrams: TURN and SIP are read where a key is known, as
 * they are over UDP; what follows checks of ICE is left alone.
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "tests/support/tls_wire.h"

#define CLIENT "1:40000"
#define SERVER "2:5349"

/* The hellos are seen, and each ChangeCipherSpec and Finished. */
#define HANDSHAKE                   \
	"1 dtls 1:40000 > 2:5349\n" \
	"2 dtls 2:5349 > 1:40000\n" \
	"3 dtls 1:40000 > 2:5349\n" \
	"3 dtls 1:40000 > 2:5349\n" \
	"4 dtls 2:5349 > 1:40000\n" \
	"4 dtls 2:5349 > 1:40000\n"

/* The first record that is read is told. */
#define OPENED(frame) frame " dtls 1:40000 > 2:5349\n"

static void begin(struct tls_wire *t, struct wire *w)
{
	wire_open(w);
	tls_wire_open_datagrams(t, w, CLIENT, SERVER);
}

static void turn_is_read_with_its_envelopes(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_turn(&t);
	assert_heard_tls(
		&w, tls_wire_keylog, 0,
		HANDSHAKE OPENED("5") "5 stun 0003 absent 1:40000 > 2:5349 "
				      "dtls in dtls\n"
				      "6 stun 0103 absent 2:5349 > 1:40000 "
				      "dtls in dtls\n"
				      "7 stun 0016 absent (stun) 1:40000 > "
				      "2:5349 dtls in dtls\n"
				      "7 stun 0001 absent 9:50000 > 3:6000 "
				      "dtls in dtls,send\n");
	wire_close(&w);
}

static void without_a_key_nothing_is_heard(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_stun(&t, 0, &tls_wire_allocate);
	assert_heard(&w, HANDSHAKE);
	wire_close(&w);
}

static void a_key_may_come_late(void **state)
{
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_stun(&t, 0, &tls_wire_allocate);
	assert_heard_tls_late(
		&w, tls_wire_keylog,
		HANDSHAKE OPENED("5") "5 stun 0003 absent 1:40000 > "
				      "2:5349 dtls in dtls\n");
	wire_close(&w);
}

/* What was seen before is held, and told with its own frames. */
static void a_key_may_come_late_where_nothing_is_read_again(void **state)
{
	static const struct wire_stun granted = {.type = 0x0103,
						 .id = 1,
						 .relayed = "9:50000",
						 .mapped = "1:40000"};
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_send_stun(&t, 0, &tls_wire_allocate);
	tls_wire_send_stun(&t, 1, &granted);
	tls_wire_send_stun(&t, 0, &tls_wire_allocate);
	for (size_t frames = 0; frames <= w.count; frames++) {
		char *got = heard_tls_live(&w, tls_wire_keylog, frames);

		assert_string_equal(
			got, HANDSHAKE OPENED(
				     "5") "5 stun 0003 absent 1:40000 > 2:5349 "
					  "dtls in dtls\n"
					  "6 stun 0103 absent 2:5349 > 1:40000 "
					  "dtls in dtls\n"
					  "7 stun 0003 absent 1:40000 > 2:5349 "
					  "dtls in dtls\n");
		free(got);
	}
	wire_close(&w);
}

static void a_datagram_may_hold_several_records(void **state)
{
	struct text text = text_new(65536), both = text_new(65536);
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	wire_stun_text(&text, &tls_wire_allocate);
	tls_wire_seal(&t, 0, text_slice(&text), &both);
	text_clear(&text);
	tls_wire_put_options(&text, "1 OPTIONS");
	tls_wire_seal(&t, 0, text_slice(&text), &both);
	wire_udp(&w, CLIENT, SERVER, text_slice(&both));
	assert_heard_tls(
		&w, tls_wire_keylog, 0,
		HANDSHAKE OPENED(
			"5") "5 stun 0003 absent 1:40000 > 2:5349 dtls in "
			     "dtls\n"
			     "5 sip OPTIONS 1:40000 > 2:5349 dtls in dtls\n");
	text_free(&text);
	text_free(&both);
	wire_close(&w);
}

/* A data channel may hold what looks like anything. */
static void behind_checks_nothing_is_opened(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct tls_wire t;
	char *got;

	(void)state;
	wire_open(&w);
	wire_stun_text(&text, &tls_wire_check);
	wire_udp(&w, CLIENT, SERVER, text_slice(&text));
	tls_wire_open_datagrams(&t, &w, CLIENT, SERVER);
	tls_wire_send_stun(&t, 0, &tls_wire_allocate);
	got = heard_tls(&w, tls_wire_keylog, 0);
	assert_non_null(strstr(got, "dtls 1:40000 > 2:5349"));
	assert_null(strstr(got, "0003"));
	free(got);
	text_free(&text);
	wire_close(&w);
}

static void what_does_not_decrypt_is_said_once(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct tls_wire t;

	(void)state;
	begin(&t, &w);
	tls_wire_seal_wrongly(&t, 0, SLICE("OPTIONS"), &text);
	for (unsigned i = 0; i < 33; i++)
		wire_udp(&w, CLIENT, SERVER, text_slice(&text));
	assert_heard_tls(&w, tls_wire_keylog, 0,
			 HANDSHAKE
			 "36 capture/tls-unreadable 1:40000 > 2:5349\n");
	text_free(&text);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"turn_is_read_with_its_envelopes", turn_is_read_with_its_envelopes},
	{"without_a_key_nothing_is_heard", without_a_key_nothing_is_heard},
	{"a_key_may_come_late", a_key_may_come_late},
	{"a_key_may_come_late_where_nothing_is_read_again",
	 a_key_may_come_late_where_nothing_is_read_again},
	{"a_datagram_may_hold_several_records",
	 a_datagram_may_hold_several_records},
	{"behind_checks_nothing_is_opened", behind_checks_nothing_is_opened},
	{"what_does_not_decrypt_is_said_once",
	 what_does_not_decrypt_is_said_once},
};
T_MAIN(cases)
