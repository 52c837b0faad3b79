/* The JSON writer (RFC 8259): escapes, captured bytes, commas, levels. */
#include "config.h"

#include "report/json.h"
#include "tests/support/t.h"

static void strings_are_escaped(void **state)
{
	static const struct {
		struct slice in;
		const char *want;
	} rows[] = {
		{{NULL, 0}, "\"\""},
		{{(const uint8_t *)"plain", 5}, "\"plain\""},
		{{(const uint8_t *)"\"\\/", 3}, "\"\\\"\\\\/\""},
		{{(const uint8_t *)"\r\n\t\b\f", 5},
		 "\"\\r\\n\\t\\u0008\\u000c\""},
		{{(const uint8_t *)"a\0b\x1b\x7f", 5},
		 "\"a\\u0000b\\u001b\\u007f\""},
		{{(const uint8_t *)"\xE2\x80\xAE"
				   "a\xC2\x9B"
				   "b\xEF\xBB\xBF\xC3\xA9",
		  12},
		 "\"\\u202ea\\u009bb\\ufeff\xC3\xA9\""},
		{{(const uint8_t *)"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", 9},
		 "\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\""},
		{{(const uint8_t *)"a\xFFz", 3}, "\"a\xEF\xBF\xBDz\""},
		{{(const uint8_t *)"\xC3", 1}, "\"\xEF\xBF\xBD\""},
		{{(const uint8_t *)"\xE2\x82", 2},
		 "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{{(const uint8_t *)"\xC0\xAF", 2},
		 "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{{(const uint8_t *)"\xED\xA0\x80", 3},
		 "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{{(const uint8_t *)"</script>", 9}, "\"</script>\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = text_new(1000);
		struct json j = json_to(&t);
		struct slice in = t_exact(rows[i].in);

		json_array(&j);
		json_string(&j, in);
		json_array_end(&j);
		t_equal_text(slice_cut(text_slice(&t), 1, t.n - 2),
			     rows[i].want);
		t_release(in);
		text_free(&t);
	}
}

/* Whatever two bytes stand in a string, it stays one in valid UTF-8. */
static void every_pair_of_bytes_is_one_string(void **state)
{
	struct text t = text_new(1000);

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t in[] = {(uint8_t)(i >> 8), (uint8_t)i};
		struct json j = json_to(&t);
		struct slice out, rest;
		uint32_t code;

		text_clear(&t);
		json_array(&j);
		json_string(&j, slice_of(in, 2));
		json_array_end(&j);
		out = slice_cut(text_slice(&t), 1, t.n - 2);
		assert_true(out.n >= 3 && out.p[0] == '"' &&
			    out.p[out.n - 1] == '"');
		rest = slice_cut(out, 1, out.n - 2);
		while (rest.n) {
			size_t n = utf8_sequence(rest, &code);

			assert_true(n && code >= 0x20 && code != '"');
			if (code == '\\')
				n = rest.p[1] == 'u' ? 6 : 2;
			assert_true(n <= rest.n);
			rest = slice_from(rest, n);
		}
	}
	text_free(&t);
}

static void all_kinds_of_values(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);
	struct endpoint e = endpoint_of(SLICE("\xC0\0\2\1"), 3478);
	struct endpoint none = {0};

	(void)state;
	json_object(&j);
	json_key(&j, "text");
	json_text(&j, "x");
	json_key(&j, "none");
	json_text(&j, NULL);
	json_key(&j, "numbers");
	json_array(&j);
	json_number(&j, 0);
	json_number(&j, UINT64_MAX);
	json_double(&j, 1.25, 1);
	json_double(&j, -0.5, 3);
	json_array_end(&j);
	json_key(&j, "bools");
	json_array(&j);
	json_bool(&j, true);
	json_bool(&j, false);
	json_null(&j);
	json_array_end(&j);
	json_key(&j, "time");
	json_time(&j, 1);
	json_key(&j, "at");
	json_endpoint(&j, &e);
	json_key(&j, "nowhere");
	json_endpoint(&j, &none);
	json_key(&j, "hex");
	json_hex(&j, SLICE("\x00\xAb"));
	json_key(&j, "code");
	json_code(&j, 0xF1);
	json_object_end(&j);
	t_equal_text(text_slice(&t),
		     "{\"text\":\"x\",\"none\":null,"
		     "\"numbers\":[0,18446744073709551615,1.2,-0.500],"
		     "\"bools\":[true,false,null],"
		     "\"time\":\"1970-01-01T00:00:00.000000001Z\","
		     "\"at\":\"192.0.2.1:3478\",\"nowhere\":null,"
		     "\"hex\":\"00ab\",\"code\":\"0x00f1\"}");
	text_free(&t);
}

/* JSON has no words for what is no number. */
static void no_number_is_null(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);
	volatile double zero = 0.0;

	(void)state;
	json_array(&j);
	json_double(&j, zero / zero, 1);
	json_double(&j, 1.0 / zero, 1);
	json_double(&j, -1.0 / zero, 1);
	json_double(&j, 1e300, 0);
	json_array_end(&j);
	assert_true(slice_starts(text_slice(&t), SLICE("[null,null,null,1")));
	text_free(&t);
}

static void commas_stand_between_values_only(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);

	(void)state;
	json_array(&j);
	json_array(&j);
	json_array_end(&j);
	json_object(&j);
	json_object_end(&j);
	json_object(&j);
	json_key(&j, "a");
	json_array(&j);
	json_array_end(&j);
	json_key(&j, "b");
	json_object(&j);
	json_key(&j, "c");
	json_number(&j, 1);
	json_object_end(&j);
	json_object_end(&j);
	json_array_end(&j);
	t_equal_text(text_slice(&t), "[[],{},{\"a\":[],\"b\":{\"c\":1}}]");
	text_free(&t);
}

static void lines_of_documents_have_no_commas(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		json_object(&j);
		json_key(&j, "i");
		json_number(&j, i);
		json_object_end(&j);
		text_putc(&t, '\n');
	}
	t_equal_text(text_slice(&t), "{\"i\":0}\n{\"i\":1}\n");
	text_free(&t);
}

#define LEVELS 32u

static void levels_close_as_they_were_opened(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);
	char want[200] = "";
	size_t n = 0;

	(void)state;
	for (unsigned i = 1; i < LEVELS; i++) {
		json_array(&j);
		json_number(&j, 1);
		memcpy(want + n, "[1,", 3);
		n += i + 1 < LEVELS ? 3 : 2;
	}
	for (unsigned i = 1; i < LEVELS; i++) {
		json_array_end(&j);
		want[n++] = ']';
	}
	want[n] = '\0';
	t_equal_text(text_slice(&t), want);
	assert_int_equal(j.depth, 0);
	text_free(&t);
}

/* One byte of each value at each place of strings of each length up to three
 * words and around the room that is always there. */
static void special_at(size_t n, size_t at, uint8_t c)
{
	struct text t = text_new(4096);
	struct json j = json_to(&t);
	uint8_t in[JSON_SLACK];
	struct slice exact, out;
	size_t more = c == '"' || c == '\\' || c == '\n' ? 1 : 0;

	memset(in, '~', n);
	in[at] = c;
	exact = t_exact(slice_of(in, n));
	json_array(&j);
	json_string(&j, exact);
	json_array_end(&j);
	out = slice_cut(text_slice(&t), 2, t.n - 4);
	if (c == 0x7F || c == 0x1F)
		more = 5;
	else if (c >= 0x80)
		more = 2;
	assert_int_equal(out.n, n + more);
	assert_memory_equal(out.p, in, at);
	assert_memory_equal(out.p + at + more + 1, in + at + 1, n - at - 1);
	t_release(exact);
	text_free(&t);
}

static void what_is_special_is_found_wherever_it_stands(void **state)
{
	static const uint8_t bytes[] = {'"', '\\', '\n', 0x1F,
					' ', 0x7F, 0x80, 0xFF};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		for (size_t n = 1; n <= 25; n++)
			for (size_t at = 0; at < n; at++)
				special_at(n, at, bytes[i]);
		for (size_t n = JSON_SLACK / 2 - 9; n < JSON_SLACK; n += 7)
			special_at(n, n - 1, bytes[i]);
	}
}

static void times_of_all_minutes(void **state)
{
	static const nanoseconds times[] = {
		1,
		59 * NS_PER_S + 999999999,
		60 * NS_PER_S,
		-1,
		-60 * NS_PER_S,
		-60 * NS_PER_S - 1,
		INT64_C(1767600000123456789),
		INT64_C(1767600001000000000),
		CLOCK_LAST,
		CLOCK_FIRST,
		0,
	};
	struct text t = text_new(1000), want = text_new(1000);
	struct json j = json_to(&t);

	(void)state;
	json_array(&j);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		json_time(&j, times[i]);
		text_puts(&want, i ? ",\"" : "[\"");
		clock_rfc3339(times[i], &want);
		text_putc(&want, '"');
	}
	json_array_end(&j);
	text_putc(&want, ']');
	t_equal_bytes(text_slice(&t), text_slice(&want));
	text_free(&want);
	text_free(&t);
}

/* As the calls are, which several threads write. */
static void parts_are_put_together(void **state)
{
	struct text t = text_new(1000), side = text_new(1000);
	struct json j = json_to(&t), part;

	(void)state;
	json_array(&j);
	for (unsigned i = 0; i < 3; i++) {
		text_clear(&side);
		json_part(&part, &side);
		json_break(&part);
		json_number(&part, i);
		json_object(&part);
		json_object_end(&part);
		json_part_end(&part);
		text_put(json_open_raw(&j), text_slice(&side));
		json_close_raw(&j);
	}
	json_part_end(&j);
	t_equal_text(text_slice(&t), "[\n0,{},\n1,{},\n2,{}");
	text_clear(&t);
	json_part_again(&j);
	json_null(&j);
	json_break(&j);
	json_array_end(&j);
	t_equal_text(text_slice(&t), ",null]");
	text_free(&side);
	text_free(&t);
}

static bool write_once(void *context)
{
	struct text t = text_new(100000);
	struct json j = json_to(&t);
	bool ok;

	(void)context;
	json_array(&j);
	for (unsigned i = 0; i < 1000; i++) {
		json_object(&j);
		json_key(&j, "key");
		json_string(&j, SLICE("x\x01\xFF\""));
		json_object_end(&j);
	}
	json_array_end(&j);
	ok = t.failed == STATUS_OK;
	assert_int_equal(t.failed,
			 t_failure_met() ? STATUS_NOMEM : STATUS_OK);
	text_free(&t);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(write_once, NULL);
}

static const struct t_case cases[] = {
	{"strings_are_escaped", strings_are_escaped},
	{"every_pair_of_bytes_is_one_string",
	 every_pair_of_bytes_is_one_string},
	{"all_kinds_of_values", all_kinds_of_values},
	{"no_number_is_null", no_number_is_null},
	{"commas_stand_between_values_only", commas_stand_between_values_only},
	{"lines_of_documents_have_no_commas",
	 lines_of_documents_have_no_commas},
	{"levels_close_as_they_were_opened", levels_close_as_they_were_opened},
	{"what_is_special_is_found_wherever_it_stands",
	 what_is_special_is_found_wherever_it_stands},
	{"times_of_all_minutes", times_of_all_minutes},
	{"parts_are_put_together", parts_are_put_together},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
