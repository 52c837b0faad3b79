/* Compressed captures (capture-formats 2.5). */
#include "config.h"

#include "capture/compress.h"
#include "capture/source.h"
#include "tests/support/capture.h"
#include "tests/support/packer.h"
#include "tests/support/t.h"

#define PLAIN_SIZE 20000u

/* Compresses well, but not to nothing. */
static struct slice plain(void)
{
	static uint8_t bytes[PLAIN_SIZE];
	uint32_t dice = 1;

	for (size_t i = 0; i < PLAIN_SIZE; i++) {
		dice = dice * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(dice >> 28 & dice >> 24);
	}
	return slice_of(bytes, PLAIN_SIZE);
}

/* What unpacked, and how it ended. */
struct unpacked {
	enum status opened;
	enum status end; /* STATUS_END for STATUS_OK with nothing */
	const char *why;
	size_t n;
	uint8_t p[3 * PLAIN_SIZE];
};

static void read_all(struct byte_source *bytes, struct unpacked *out,
		     size_t step)
{
	size_t got = 1;

	while (out->end == STATUS_OK && got) {
		size_t room = sizeof(out->p) - out->n;

		out->end = bytes->read(bytes, out->p + out->n,
				       step < room ? step : room, &got);
		out->n += got;
	}
	if (out->end == STATUS_OK)
		out->end = STATUS_END;
	out->why = bytes->why;
	bytes->close(bytes);
}

/* The packed source comes in small pieces; all of them must be used. */
static void unpack(struct slice packed, struct unpacked *out, size_t step)
{
	struct slice first = slice_first(packed, 64);
	const struct compression *how = compression_find(first);
	struct byte_source *bytes;

	out->n = 0;
	out->end = STATUS_OK;
	out->opened = STATUS_NOT_MINE;
	if (!how)
		return;
	bytes = t_stream(slice_from(packed, first.n), STATUS_OK);
	if (!bytes)
		abort();
	out->opened = compression_open(how, bytes, first, &bytes);
	if (out->opened == STATUS_OK)
		read_all(bytes, out, step);
}

static void unpacks_what_was_packed(void **state)
{
	static const char *const names[] = {"gzip", "zstd", "lz4"};
	static const size_t steps[] = {1, 1000, 100000};
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice packed = t_pack((enum packer)how, plain());

		assert_string_equal(compression_name(compression_find(packed)),
				    names[how]);
		for (size_t i = 0; i < 3; i++) {
			unpack(packed, out, steps[i]);
			assert_int_equal(out->end, STATUS_END);
			t_equal_bytes(slice_of(out->p, out->n), plain());
		}
		t_release(packed);
	}
	free(out);
}

static struct slice joined(struct slice a, struct slice b)
{
	uint8_t *both = malloc(a.n + b.n);
	struct slice exact;

	memcpy(both, a.p, a.n);
	memcpy(both + a.n, b.p, b.n);
	exact = t_exact(slice_of(both, a.n + b.n));
	free(both);
	return exact;
}

static void pieces_read_as_one(void **state)
{
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice one = t_pack((enum packer)how, plain());
		struct slice two = t_pack((enum packer)how, SLICE("and more"));
		struct slice both = joined(one, two);

		unpack(both, out, 4096);
		assert_int_equal(out->end, STATUS_END);
		assert_int_equal(out->n, PLAIN_SIZE + 8);
		assert_memory_equal(out->p + PLAIN_SIZE, "and more", 8);
		t_release(one);
		t_release(two);
		t_release(both);
	}
	free(out);
}

static void what_follows_the_data_is_no_harm(void **state)
{
	static const char zeros[512];
	struct slice tails[] = {SLICE("junk that somebody appended"),
				SLICE("!"), SLICE("\n\n\n"), SLICE("none"),
				slice_of(zeros, sizeof(zeros))};
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice one = t_pack((enum packer)how, plain());

		for (size_t i = 0; i < 5; i++) {
			struct slice both = joined(one, tails[i]);

			unpack(both, out, 4096);
			assert_int_equal(out->end, STATUS_END);
			assert_int_equal(out->n, PLAIN_SIZE);
			t_release(both);
		}
		t_release(one);
	}
	free(out);
}

/* Wherever it is cut off: what came is right, and that it was cut is said. */
static void cut_off_data_gives_what_it_has(void **state)
{
	struct slice small = slice_first(plain(), 3000);
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice packed = t_pack((enum packer)how, small);
		size_t most = 0;

		for (size_t n = 0; n < packed.n; n++) {
			struct slice cut = t_exact(slice_first(packed, n));

			unpack(cut, out, 512);
			t_release(cut);
			if (out->opened == STATUS_NOT_MINE) {
				assert_true(n < 4);
				continue;
			}
			assert_int_equal(out->end, STATUS_BAD);
			assert_non_null(strstr(out->why, "cut off"));
			assert_true(out->n <= small.n);
			t_equal_bytes(slice_of(out->p, out->n),
				      slice_first(small, out->n));
			most = out->n > most ? out->n : most;
		}
		/* zstd gives a block only when it has all of it. */
		assert_int_equal(most, how == PACKER_ZSTD ? 0 : small.n);
		t_release(packed);
	}
	free(out);
}

static void damaged_data_is_told(void **state)
{
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice packed = t_pack((enum packer)how, plain());
		unsigned told = 0;

		for (size_t at = 20; at < packed.n; at += 97) {
			uint8_t *copy = malloc(packed.n);

			memcpy(copy, packed.p, packed.n);
			copy[at] ^= 0x55;
			unpack(slice_of(copy, packed.n), out, 4096);
			told += out->end == STATUS_BAD;
			free(copy);
		}
		assert_true(told > 10);
		t_release(packed);
	}
	free(out);
}

static void bombs_are_stopped(void **state)
{
	size_t size = 64u << 20;
	uint8_t *zeros = calloc(1, size);
	uint8_t *to = malloc(1u << 16);

	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice packed =
			t_pack((enum packer)how, slice_of(zeros, size));
		struct byte_source *bytes = t_stream(packed, STATUS_OK);
		enum status status = STATUS_OK;
		uint64_t n = 0;
		size_t got = 1;

		assert_int_equal(compression_open(compression_find(packed),
						  bytes, (struct slice){0},
						  &bytes),
				 STATUS_OK);
		while (status == STATUS_OK && got) {
			status = bytes->read(bytes, to, 1u << 16, &got);
			n += got;
		}
		/* Only zstd packs so tightly that it looks like a bomb. */
		if (size / packed.n > UNPACKED_RATIO_MAX) {
			assert_int_equal(status, STATUS_LIMIT);
			assert_string_equal(bytes->why,
					    "it unpacks to more than 1000 "
					    "times its size");
			assert_true(n < 3 * UNPACKED_RATIO_FROM);
		} else {
			assert_int_equal(status, STATUS_OK);
			assert_true(n == size);
		}
		bytes->close(bytes);
		t_release(packed);
	}
	free(to);
	free(zeros);
}

static void frames_to_skip_are_skipped(void **state)
{
	struct slice skip = t_hex("5a 2a 4d 18 05 00 00 00 01 02 03 04 05");
	struct unpacked *out = malloc(sizeof(*out));

	(void)state;
	for (int how = PACKER_ZSTD; how < PACKERS; how++) {
		struct slice packed = t_pack((enum packer)how, plain());
		struct slice both = joined(skip, packed);

		unpack(both, out, 4096);
		assert_int_equal(out->end, STATUS_END);
		t_equal_bytes(slice_of(out->p, out->n), plain());
		t_release(both);
		t_release(packed);
	}
	t_release(skip);
	free(out);
}

static void failures_below_are_passed_on(void **state)
{
	struct slice packed = t_pack(PACKER_GZIP, plain());
	struct byte_source *bytes =
		t_stream(slice_first(packed, 600), STATUS_BAD);
	struct unpacked *out = calloc(1, sizeof(*out));

	(void)state;
	assert_int_equal(compression_open(compression_find(packed), bytes,
					  (struct slice){0}, &bytes),
			 STATUS_OK);
	read_all(bytes, out, 4096);
	assert_int_equal(out->end, STATUS_BAD);
	assert_string_equal(out->why, "the stream breaks");
	assert_true(out->n > 0);
	t_release(packed);
	free(out);
}

static bool open_packed(void *context)
{
	struct slice *packed = context;
	struct unpacked *out = malloc(sizeof(*out));
	struct byte_source *bytes;
	bool through;

	if (!out)
		return false;
	out->n = 0;
	out->end = STATUS_OK;
	through = bytes_open_memory(*packed, &bytes) == STATUS_OK &&
		  compression_open(compression_find(*packed), bytes,
				   (struct slice){0}, &bytes) == STATUS_OK;
	if (through)
		read_all(bytes, out, 4096);
	through = through && out->end == STATUS_END;
	free(out);
	return through;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	(void)state;
	for (int how = 0; how < PACKERS; how++) {
		struct slice packed = t_pack((enum packer)how, plain());

		t_failing_walk(open_packed, &packed);
		t_release(packed);
	}
}

static const struct t_case cases[] = {
	{"unpacks_what_was_packed", unpacks_what_was_packed},
	{"pieces_read_as_one", pieces_read_as_one},
	{"what_follows_the_data_is_no_harm", what_follows_the_data_is_no_harm},
	{"cut_off_data_gives_what_it_has", cut_off_data_gives_what_it_has},
	{"damaged_data_is_told", damaged_data_is_told},
	{"bombs_are_stopped", bombs_are_stopped},
	{"frames_to_skip_are_skipped", frames_to_skip_are_skipped},
	{"failures_below_are_passed_on", failures_below_are_passed_on},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
