/* Streams of clients: whose framing, and where messages end. */
#include "config.h"

#include "dissectors/turn.h"
#include "engine/turn_stream.h"
#include "tests/support/turn_world.h"

#define HELLO                                                            \
	"16030100 2d010000 290301 00112233 445566778899aabbccddeeff0011" \
	"2233445566778899aabbccddeeff 00 0002 0018 0100"

struct row {
	const char *name, *hex;
	enum turn_piece piece;
	size_t size;
	enum turn_framing framing;
};

static const struct row rows[] = {
	{"nothing", "", PIECE_SHORT, 0, TURN_FRAMING_NONE},
	{"stun", "00010000 2112a442 000102030405060708090a0b 4000",
	 PIECE_MESSAGE, 20, TURN_FRAMING_RFC},
	{"half a header", "0001", PIECE_SHORT, 0, TURN_FRAMING_RFC},
	{"ChannelData", "40000001 78000000 ff", PIECE_MESSAGE, 8,
	 TURN_FRAMING_RFC},
	{"a control frame", "02000002 aabb cc", PIECE_MESSAGE, 6,
	 TURN_FRAMING_MS},
	{"a data frame", "03000000", PIECE_MESSAGE, 4, TURN_FRAMING_MS},
	{"half a frame", "02000004 aa", PIECE_SHORT, 0, TURN_FRAMING_MS},
	{"a multiplexed frame", "ff100008 0102030405060708", PIECE_MESSAGE, 12,
	 TURN_FRAMING_MS},
	{"a reserved byte", "02010004", PIECE_BROKEN, 0, TURN_FRAMING_MS},
	{"the hello", HELLO " 02", PIECE_HELLO, 50, TURN_FRAMING_MS},
	{"half a hello", "16030100 2d01", PIECE_SHORT, 0, TURN_FRAMING_NONE},
	{"true TLS", "16030102 00010001 fc0303", PIECE_BROKEN, 0,
	 TURN_FRAMING_RFC},
	{"noise", "80808080", PIECE_BROKEN, 0, TURN_FRAMING_RFC},
};

static void first_bytes_decide(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct turn_path path = {.stream = true};
		struct slice in = t_hex(row->hex);
		size_t size = 0;
		enum turn_piece piece = turn_stream_piece(&path, in, &size);

		if (piece != row->piece || size != row->size ||
		    path.framing != row->framing)
			fail_msg("%s: %d, %zu bytes, framing %d", row->name,
				 (int)piece, size, (int)path.framing);
		t_release(in);
	}
}

static void a_stream_keeps_its_framing(void **state)
{
	struct turn_path path = {.stream = true, .framing = TURN_FRAMING_MS};
	struct slice stun = t_hex("00010000 2112a442 000102030405060708090a0b");
	size_t size;

	(void)state;
	assert_int_equal(turn_stream_piece(&path, stun, &size), PIECE_BROKEN);
	t_release(stun);
}

/* By every length of what is there, never more than there is. */
static void pieces_wait_for_their_end(void **state)
{
	static const char *const whole[] = {
		"00010000 2112a442 000102030405060708090a0b",
		"40000003 787878 00", "02000003 aabbcc", HELLO};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct slice in = t_hex(whole[i]);

		for (size_t n = 0; n < in.n; n++) {
			struct turn_path path = {.stream = true};
			size_t size;

			assert_int_equal(turn_stream_piece(&path,
							   slice_first(in, n),
							   &size),
					 PIECE_SHORT);
		}
		t_release(in);
	}
}

static void the_answer_is_microsofts(void **state)
{
	struct turn_world w;
	uint8_t answer[TURN_HELLO_ANSWER];
	size_t size = 0;

	(void)state;
	world_init(&w);
	world_start(&w);
	turn_hello_answer(w.server, answer);
	assert_int_equal(pseudo_tls_claims(slice_of(answer, sizeof(answer)),
					   true, &size),
			 CLAIM_SURE);
	assert_int_equal(size, sizeof(answer));
	world_free(&w);
}

static const struct t_case cases[] = {
	{"first_bytes_decide", first_bytes_decide},
	{"a_stream_keeps_its_framing", a_stream_keeps_its_framing},
	{"pieces_wait_for_their_end", pieces_wait_for_their_end},
	{"the_answer_is_microsofts", the_answer_is_microsofts},
};

T_MAIN(cases)
