/* WebSocket: the openings and frames of RFC 6455. */
#include "config.h"

#include "dissectors/websocket.h"
#include "tests/support/t.h"

/* RFC 6455 1.2. */
#define ASKS                                                 \
	"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n" \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"      \
	"Sec-WebSocket-Protocol: sip\r\n\r\n"
#define AGREES                                                       \
	"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n" \
	"Connection: Upgrade\r\n\r\n"

struct row {
	const char *name, *digits, *want;
	enum status status;
	size_t used; /* 0: all */
};

/* RFC 6455 5.7, and what none may send. */
static const struct row rows[] = {
	{"unmasked", "81 05 48656c6c6f", "Hello", STATUS_OK, 0},
	{"masked", "81 85 37fa213d 7f9f4d5158", "Hello", STATUS_OK, 0},
	{"in two frames", "01 03 48656c 80 02 6c6f", "Hello", STATUS_OK, 0},
	{"with a ping between", "01 03 48656c 89 00 80 02 6c6f", "Hello",
	 STATUS_OK, 0},
	{"a ping", "89 05 48656c6c6f", "Hello", STATUS_OK, 0},
	{"a ping, then another", "89 00 89 00", "", STATUS_OK, 2},
	{"a length of two bytes", "82 7e 0005 48656c6c6f", "Hello", STATUS_OK,
	 0},
	{"a length of eight bytes", "82 7f 0000000000000005 48656c6c6f",
	 "Hello", STATUS_OK, 0},
	{"empty", "81 00", "", STATUS_OK, 0},
	{"the last frame is missing", "01 03 48656c", NULL, STATUS_SHORT, 0},
	{"a new message within one", "01 03 48656c 81 02 6c6f", NULL,
	 STATUS_BAD, 0},
	{"an enormous one", "82 7f 0000000100000000 48", NULL, STATUS_BAD, 0},
	{"reserved bits", "b1 05 48656c6c6f", NULL, STATUS_BAD, 0},
	{"a reserved opcode", "83 05 48656c6c6f", NULL, STATUS_BAD, 0},
	{"a ping in parts", "09 00 80 00", NULL, STATUS_BAD, 0},
	{"a long ping", "89 7e 0080", NULL, STATUS_BAD, 0},
};

static bool fits(const struct row *row, struct arena *arena)
{
	struct slice bytes = t_hex(row->digits);
	struct decoding d = {.arena = arena, .stream = true};
	struct websocket_message m;
	size_t used = 0;
	enum status status = websocket_decode(&d, bytes, &m, &used);
	bool ok = status == row->status;

	if (ok && status == STATUS_OK)
		ok = used == (row->used ? row->used : bytes.n) &&
		     slice_equal(m.data, slice_of_text(row->want));
	t_release(bytes);
	return ok;
}

static void frames_are_those_of_the_rfc(void **state)
{
	struct arena arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!fits(&rows[i], &arena))
			fail_msg("%s", rows[i].name);
	arena_free(&arena);
}

static void every_prefix_is_short(void **state)
{
	struct slice bytes = t_hex("81 fe 0005 37fa213d 7f9f4d5158");
	struct arena arena = arena_new(1 << 16);
	struct decoding d = {.arena = &arena, .stream = true};
	struct websocket_message m;
	size_t used;

	(void)state;
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_equal(
			websocket_decode(&d, slice_first(bytes, n), &m, &used),
			STATUS_SHORT);
	t_release(bytes);
	arena_free(&arena);
}

static void compression_is_told(void **state)
{
	struct slice bytes = t_hex("c1 02 6c6f");
	struct arena arena = arena_new(1 << 16);
	struct decoding d = {.arena = &arena, .stream = true};
	struct websocket_message m;
	size_t used;

	(void)state;
	assert_int_equal(websocket_decode(&d, bytes, &m, &used), STATUS_OK);
	assert_true(m.compressed);
	t_release(bytes);
	arena_free(&arena);
}

static void opening_is_claimed_when_whole(void **state)
{
	static const char *const openings[] = {ASKS, AGREES};
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct slice whole = slice_of_text(openings[i]);

		for (size_t n = 1; n < whole.n; n++)
			assert_int_equal(websocket_hello_claims(
						 slice_first(whole, n), &size),
					 CLAIM_MAYBE);
		assert_int_equal(websocket_hello_claims(whole, &size),
				 CLAIM_SURE);
		assert_int_equal(size, whole.n);
	}
	assert_int_equal(
		websocket_hello_claims(
			SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), &size),
		CLAIM_NO);
	assert_int_equal(
		websocket_hello_claims(SLICE("HTTP/1.1 200 OK\r\n"), &size),
		CLAIM_NO);
}

/* "INVITE sip:bob@e", masked by zeros. */
#define SIP_FRAME "81 90 00000000 494e56495445207369703a626f624065"

static void only_sip_is_claimed_in_the_middle(void **state)
{
	struct slice sip = t_hex(SIP_FRAME);
	struct slice other = t_hex("81 10 00112233445566778899aabbccddeeff");

	(void)state;
	assert_int_equal(websocket_claims(sip), CLAIM_SURE);
	assert_int_equal(websocket_claims(slice_first(sip, 12)), CLAIM_MAYBE);
	assert_int_equal(websocket_claims(other), CLAIM_NO);
	assert_int_equal(websocket_claims(SLICE("INVITE")), CLAIM_NO);
	t_release(sip);
	t_release(other);
}

static const struct t_case cases[] = {
	{"frames_are_those_of_the_rfc", frames_are_those_of_the_rfc},
	{"every_prefix_is_short", every_prefix_is_short},
	{"compression_is_told", compression_is_told},
	{"opening_is_claimed_when_whole", opening_is_claimed_when_whole},
	{"only_sip_is_claimed_in_the_middle",
	 only_sip_is_claimed_in_the_middle},
};
T_MAIN(cases)
