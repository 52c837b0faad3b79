/* HPACK: the examples of RFC 7541, and blocks that are none. */
#include "config.h"

#include "core/hpack.h"
#include "core/text.h"
#include "tests/support/t.h"

static void put(void *context, struct slice name, struct slice value)
{
	struct text *to = context;

	text_put(to, name);
	text_puts(to, "=");
	text_put(to, value);
	text_puts(to, ";");
}

/* Blocks of one direction, one after the other; BAD ends it. */
struct row {
	const char *name;
	const char *blocks[3];
	const char *want[3]; /* NULL: BAD */
};

#define FIRST ":method=GET;:scheme=http;:path=/;:authority=www.example.com;"
#define THIRD                                              \
	":method=GET;:scheme=https;:path=/index.html;"     \
	":authority=www.example.com;custom-key=custom-value;"

static const struct row rows[] = {
	{"C.3: requests",
	 {"828684410f7777772e6578616d706c652e636f6d",
	  "828684be58086e6f2d6361636865",
	  "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"},
	 {FIRST, FIRST "cache-control=no-cache;", THIRD}},
	{"C.4: requests in Huffman's code",
	 {"828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
	  "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"},
	 {FIRST, FIRST "cache-control=no-cache;", THIRD}},
	{"a reference to nothing", {"be"}, {NULL}},
	{"a literal that is cut", {"400a637573"}, {NULL}},
	{"an empty block", {""}, {""}},
	{"a table of 65536 bytes", {"3fe1ff0382"}, {":method=GET;"}},
	{"a larger one", {"3fe2ff0382"}, {NULL}},
	{"a table that is emptied",
	 {"828684410f7777772e6578616d706c652e636f6d", "20be"},
	 {FIRST, NULL}},
};

static bool fits(const struct row *row)
{
	struct hpack *hpack = hpack_new();
	bool fine = true;

	assert_non_null(hpack);
	for (size_t i = 0; i < 3 && row->blocks[i] && fine; i++) {
		struct slice block = t_hex(row->blocks[i]);
		struct text text = text_new(4096);
		enum status status = hpack_read(hpack, block, put, &text);

		fine = row->want[i]
			       ? status == STATUS_OK &&
					 slice_is(text_slice(&text),
						  row->want[i])
			       : status == STATUS_BAD;
		text_free(&text);
		t_release(block);
	}
	hpack_free(hpack);
	return fine;
}

static void blocks_are_read_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!fits(&rows[i]))
			fail_msg("%s", rows[i].name);
}

static void count(void *context, struct slice name, struct slice value)
{
	*(size_t *)context += name.n + value.n;
}

/* A value of 4000 bytes, and a thousand references to it. */
static void bombs_are_cut_short(void **state)
{
	struct text block = text_new(65536);
	struct hpack *hpack = hpack_new();
	size_t told = 0;

	(void)state;
	assert_non_null(hpack);
	text_put(&block, SLICE("\x40\x01" "a" "\x7f\xa1\x1e"));
	for (int i = 0; i < 4000; i++)
		text_putc(&block, 'v');
	for (int i = 0; i < 1000; i++)
		text_putc(&block, '\xbe');
	assert_int_equal(hpack_read(hpack, text_slice(&block), count, &told),
			 STATUS_OK);
	assert_true(told > HPACK_FIELDS_MAX / 2 && told <= HPACK_FIELDS_MAX);
	text_free(&block);
	hpack_free(hpack);
}

static const struct t_case cases[] = {
	{"blocks_are_read_as_they_should", blocks_are_read_as_they_should},
	{"bombs_are_cut_short", bombs_are_cut_short},
};
T_MAIN(cases)
