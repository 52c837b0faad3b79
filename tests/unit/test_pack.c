/* Unpacking of messages that go on from each other (RFC 7692 7.2). */
#include "config.h"

#include "core/pack.h"
#include "tests/support/t.h"

#define MOST 4096u

static void assert_plain(struct unpacker *u, const char *packed,
			 const char *plain)
{
	struct slice in = t_hex(packed), out;

	assert_int_equal(unpacker_put(u, in, &out), STATUS_OK);
	t_equal_text(out, plain);
	t_release(in);
}

/* RFC 7692 7.2.3.1, 7.2.3.2, 7.2.3.3, 7.2.3.4. */
static void the_rfcs_messages(void **state)
{
	struct unpacker *u = unpacker_new(MOST);

	(void)state;
	assert_non_null(u);
	assert_plain(u, "f248cdc9c90700", "Hello");
	assert_plain(u, "f200110000", "Hello"); /* points to the one before */
	unpacker_reset(u);
	assert_plain(u, "000500faff48656c6c6f00", "Hello");
	assert_plain(u, "f348cdc9c9070000", "Hello"); /* a last block */
	unpacker_reset(u);
	assert_plain(u, "f24805000000ffffcac9c90700", "Hello");
	unpacker_free(u);
}

/* What points behind the beginning is not guessed. */
static void what_is_missing_is_not_guessed(void **state)
{
	struct unpacker *u = unpacker_new(MOST);
	struct slice in = t_hex("f200110000"), out;

	(void)state;
	assert_non_null(u);
	assert_plain(u, "f248cdc9c90700", "Hello");
	unpacker_reset(u);
	assert_int_equal(unpacker_put(u, in, &out), STATUS_BAD);
	assert_int_equal(unpacker_put(u, SLICE("\xff\xff\xff"), &out),
			 STATUS_BAD);
	assert_plain(u, "f248cdc9c90700", "Hello");
	t_release(in);
	unpacker_free(u);
}

/* 1 MiB of zeros in a kilobyte. */
static void a_bomb_is_no_message(void **state)
{
	struct unpacker *u = unpacker_new(MOST);
	struct slice out;
	uint8_t bomb[1030] = {0xec, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2,
			      0xa0, 0xf5, 0x4f, 0x6d, 0x08, 0x5f, 0xa0};

	(void)state;
	assert_non_null(u);
	assert_int_equal(unpacker_put(u, slice_of(bomb, sizeof(bomb)), &out),
			 STATUS_LIMIT);
	assert_plain(u, "f248cdc9c90700", "Hello");
	unpacker_free(u);
}

static const struct t_case cases[] = {
	{"the_rfcs_messages", the_rfcs_messages},
	{"what_is_missing_is_not_guessed", what_is_missing_is_not_guessed},
	{"a_bomb_is_no_message", a_bomb_is_no_message},
};
T_MAIN(cases)
