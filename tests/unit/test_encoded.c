/* Encodings of bodies (RFC 2045 6.7, 6.8, RFC 3261 20.12). */
#include "config.h"

#include "core/encoded.h"
#include "tests/support/packer.h"
#include "tests/support/t.h"

static void each_encoding_is_undone(void **state)
{
	static const struct {
		const char *transfer, *in, *out;
		enum status status;
	} rows[] = {
		{"base64", "dj0wDQpz\r\nPS0NCg==\r\n", "v=0\r\ns=-\r\n",
		 STATUS_OK},
		{"BASE64; x=y", "dj0w", "v=0", STATUS_OK},
		{"base64", "", "", STATUS_OK},
		{"base64", "v=0\r\ns=-\r\n", NULL, STATUS_BAD},
		{"quoted-printable", "v=3D0=0D=0As=3d-", "v=0\r\ns=-",
		 STATUS_OK},
		{"quoted-printable", "one =\r\nline=\n, =zz =3 =",
		 "one line, "
		 "=zz =3 =",
		 STATUS_OK},
		{"8bit", "v=0", NULL, STATUS_NOT_MINE},
		{"binary", "v=0", NULL, STATUS_NOT_MINE},
		{"", "v=0", NULL, STATUS_NOT_MINE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].in));
		struct text to = text_new(ENCODED_MAX);

		assert_int_equal(encoded_undo(slice_of_text(rows[i].transfer),
					      (struct slice){0}, in, &to),
				 rows[i].status);
		if (rows[i].out)
			t_equal_text(text_slice(&to), rows[i].out);
		text_free(&to);
		t_release(in);
	}
}

static void packed_bodies_are_unpacked(void **state)
{
	struct slice packed = t_pack(PACKER_GZIP, SLICE("v=0\r\n"));
	struct text to = text_new(ENCODED_MAX);

	(void)state;
	assert_int_equal(
		encoded_undo((struct slice){0}, SLICE("gzip"), packed, &to),
		STATUS_OK);
	t_equal_text(text_slice(&to), "v=0\r\n");
	assert_int_equal(
		encoded_undo(SLICE("binary"), SLICE("deflate"), packed, &to),
		STATUS_OK);
	t_equal_text(text_slice(&to), "v=0\r\n");
	for (size_t n = 0; n < packed.n - 8; n++) {
		struct slice cut = t_exact(slice_first(packed, n));

		assert_int_equal(encoded_undo((struct slice){0}, SLICE("gzip"),
					      cut, &to),
				 STATUS_BAD);
		t_release(cut);
	}
	assert_int_equal(
		encoded_undo((struct slice){0}, SLICE("br"), packed, &to),
		STATUS_NOT_MINE);
	t_release(packed);
	text_free(&to);
}

/* Few bytes that unpack to many. */
static void what_unpacks_to_too_much_is_refused(void **state)
{
	static uint8_t zeros[ENCODED_MAX + 1];
	struct slice packed =
		t_pack(PACKER_GZIP, slice_of(zeros, sizeof(zeros)));
	struct text to = text_new(ENCODED_MAX);

	(void)state;
	assert_int_equal(
		encoded_undo((struct slice){0}, SLICE("gzip"), packed, &to),
		STATUS_LIMIT);
	assert_int_equal(encoded_undo(SLICE("base64"), (struct slice){0},
				      slice_of(zeros, sizeof(zeros)), &to),
			 STATUS_LIMIT);
	t_release(packed);
	text_free(&to);
}

static const struct t_case cases[] = {
	{"each_encoding_is_undone", each_encoding_is_undone},
	{"packed_bodies_are_unpacked", packed_bodies_are_unpacked},
	{"what_unpacks_to_too_much_is_refused",
	 what_unpacks_to_too_much_is_refused},
};
T_MAIN(cases)
