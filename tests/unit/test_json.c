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

		json_string(&j, in);
		t_equal_text(text_slice(&t), rows[i].want);
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
		json_string(&j, slice_of(in, 2));
		out = text_slice(&t);
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

static void levels_up_to_the_limit(void **state)
{
	struct text t = text_new(1000);
	struct json j = json_to(&t);
	char want[200] = "";
	size_t n = 0;

	(void)state;
	for (unsigned i = 1; i < JSON_DEPTH_MAX; i++) {
		json_array(&j);
		json_number(&j, 1);
		memcpy(want + n, "[1,", 3);
		n += i + 1 < JSON_DEPTH_MAX ? 3 : 2;
	}
	for (unsigned i = 1; i < JSON_DEPTH_MAX; i++) {
		json_array_end(&j);
		want[n++] = ']';
	}
	want[n] = '\0';
	t_equal_text(text_slice(&t), want);
	assert_int_equal(j.depth, 0);
	text_free(&t);
}

static bool write_once(void *context)
{
	struct text t = text_new(100000);
	struct json j = json_to(&t);
	bool ok;

	(void)context;
	json_array(&j);
	for (unsigned i = 0; i < 1000; i++)
		json_string(&j, SLICE("x\x01\xFF\""));
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
	{"levels_up_to_the_limit", levels_up_to_the_limit},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
