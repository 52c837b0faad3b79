/* Any dissector on bytes in a block of just their size. */
#include "config.h"

#include "tests/support/dissecting.h"
#include "tests/support/t.h"

void t_decode(struct t_decoding *r, const struct dissector *dissector,
	      struct slice bytes, enum t_input input, void *out)
{
	struct decoding d = {
		.stream = input == T_STREAM,
		.cut = input == T_CUT,
	};

	memset(r, 0, sizeof(*r));
	r->arena = arena_new(T_ARENA_MAX);
	r->bytes = t_exact(bytes);
	r->used = SIZE_MAX;
	d.arena = &r->arena;
	d.findings = &r->findings;
	r->status = dissector->decode(&d, r->bytes, out, &r->used);
}

void t_decode_done(struct t_decoding *r)
{
	arena_free(&r->arena);
	t_release(r->bytes);
}

static void put_value(struct text *to, const struct field *field)
{
	if (field->secret)
		text_putc(to, '*');
	else if (field->kind == FIELD_ENDPOINT)
		endpoint_text(&field->endpoint, to);
	else if (field->kind == FIELD_BYTES)
		text_hex(to, field->text);
	else if (field->kind == FIELD_TEXT)
		text_escaped(to, field->text);
	else
		text_number(to, field->number);
	if (field->kind == FIELD_CODE) {
		text_putc(to, '/');
		text_escaped(to, field->text);
	}
}

static void put_field(void *context, const struct field *field)
{
	struct text *to = context;

	if (field->kind == FIELD_END) {
		text_puts(to, "} ");
		return;
	}
	text_puts(to, field->name);
	if (field->kind == FIELD_GROUP) {
		text_puts(to, "{ ");
		return;
	}
	text_putc(to, '=');
	put_value(to, field);
	text_putc(to, ' ');
}

void t_fields(const struct dissector *dissector, const void *message,
	      struct text *to)
{
	struct field_sink sink = {to, put_field};

	dissector->walk(message, &sink);
}

void t_fields_equal(const struct dissector *dissector, struct slice bytes,
		    const char *want)
{
	struct t_decoding r;
	struct text got = text_new(65536);
	void *out = calloc(1, dissector->size);

	assert_non_null(out);
	t_decode(&r, dissector, bytes, T_DATAGRAM, out);
	assert_int_equal(r.status, STATUS_OK);
	t_fields(dissector, out, &got);
	t_equal_text(text_slice(&got), want);
	text_free(&got);
	t_decode_done(&r);
	free(out);
}

static bool is_zero(const void *out, size_t n)
{
	const uint8_t *p = out;

	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static enum status decode_prefix(const struct dissector *dissector,
				 struct slice bytes, enum t_input input)
{
	struct t_decoding r;
	struct text fields = text_new(1 << 20);
	void *out = calloc(1, dissector->size);

	assert_non_null(out);
	t_decode(&r, dissector, bytes, input, out);
	if (r.status == STATUS_OK) {
		assert_true(r.used <= bytes.n);
		t_fields(dissector, out, &fields);
	} else {
		assert_true(r.used == SIZE_MAX);
		assert_true(is_zero(out, dissector->size));
	}
	(void)dissector->claims(r.bytes, input == T_STREAM);
	text_free(&fields);
	t_decode_done(&r);
	free(out);
	return r.status;
}

void t_prefixes(const struct dissector *dissector, struct slice whole,
		bool framed)
{
	for (size_t n = 0; n <= whole.n; n++) {
		struct slice part = slice_first(whole, n);
		enum status datagram = decode_prefix(dissector, part,
						     T_DATAGRAM);
		enum status cut = decode_prefix(dissector, part, T_CUT);
		enum status stream = decode_prefix(dissector, part, T_STREAM);

		if (n == whole.n) {
			assert_int_equal(datagram, STATUS_OK);
			assert_int_equal(cut, STATUS_OK);
			assert_int_equal(stream, STATUS_OK);
		} else if (framed) {
			assert_int_not_equal(datagram, STATUS_OK);
			assert_int_equal(stream, STATUS_SHORT);
		}
	}
}

struct failing {
	const struct dissector *dissector;
	struct slice whole;
	void *out;
};

static bool decode_failing(void *context)
{
	struct failing *f = context;
	struct arena arena = arena_new(T_ARENA_MAX);
	struct decoding d = {.arena = &arena};
	size_t used;
	enum status status =
		f->dissector->decode(&d, f->whole, f->out, &used);

	arena_free(&arena);
	assert_int_equal(status, t_failure_met() ? STATUS_NOMEM : STATUS_OK);
	return status == STATUS_OK;
}

void t_decode_failing(const struct dissector *dissector, struct slice whole)
{
	struct failing f = {
		.dissector = dissector,
		.whole = whole,
		.out = calloc(1, dissector->size),
	};

	assert_non_null(f.out);
	t_failing_walk(decode_failing, &f);
	free(f.out);
}
