/*
 * Documents of JSON in pieces, and forms whose rows lie in a file.
 */
#include "config.h"

#include "check/differ.h"
#include "check/large.h"
#include "check/pieces.h"
#include "tests/support/t.h"

static FILE *file_of(const char *text)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	rewind(f);
	return f;
}

struct told {
	struct text text;
	size_t left; /* pieces that are wanted */
};

/* "member=whole;" or "member[number]=row;" or "member.name=row;" */
static bool tell(void *context, const struct piece *piece)
{
	struct told *told = context;

	text_puts(&told->text, piece->member);
	if (piece->name)
		text_printf(&told->text, ".%s", piece->name);
	else if (piece->row)
		text_printf(&told->text, "[%zu]", piece->number);
	text_putc(&told->text, '=');
	text_put(&told->text, piece->text);
	text_putc(&told->text, ';');
	return --told->left > 0;
}

static void reads(const char *document, bool by_name, enum status status,
		  const char *want)
{
	struct told told = {text_new(1 << 20), SIZE_MAX};
	FILE *f = file_of(document);

	assert_int_equal(pieces_read(f, by_name, tell, &told), status);
	text_putc(&told.text, '\0');
	assert_string_equal(told.text.p, want);
	text_free(&told.text);
	fclose(f);
}

#define DOCUMENT                                                            \
	" {\"a\" : 1.5e3,\n\"b\":[ {\"x\":\"]}\\\"\"} ,{}\n],\"c\":\"t,\"," \
	"\"d\":[1 , \"y\"],\"e\":[],\"f\\u0021\":{\"m\":[{}],\"n\":null}}\n"

static void rows_of_lists_are_pieces(void **state)
{
	(void)state;
	reads(DOCUMENT, false, STATUS_OK,
	      "a=1.5e3;b[0]={\"x\":\"]}\\\"\"};b[1]={};c=\"t,\";"
	      "d=[1,\"y\"];e=[];f!={\"m\":[{}],\"n\":null};");
	reads("{}", false, STATUS_OK, "");
}

static void members_of_objects_are_pieces(void **state)
{
	(void)state;
	reads(DOCUMENT, true, STATUS_OK,
	      "a=1.5e3;b=[ {\"x\":\"]}\\\"\"} ,{}\n];c=\"t,\";"
	      "d=[1 , \"y\"];e=[];f!.m=[{}];f!.n=null;");
	reads("{\"a\":{}, \"b\":{\"c\":true}}", true, STATUS_OK,
	      "a={};b.c=true;");
}

static void what_is_no_document_is_told(void **state)
{
	static const char *const broken[] = {
		"",       "[]",        "{\"a\"}",     "{\"a\":}",   "{\"a\":1",
		"{a:1}",  "{\"a\":1]", "{\"a\":1}}",  "{\"a\":[1}", "{,}",
		"{\"a\"", "{\"a\":\"", "{\"a\":[{}}", "{\"a\":[{",  "x{}"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct told told = {text_new(1 << 20), SIZE_MAX};
		FILE *f = file_of(broken[i]);

		if (pieces_read(f, false, tell, &told) != STATUS_BAD)
			fail_msg("%s", broken[i]);
		text_free(&told.text);
		fclose(f);
	}
}

static void reading_ends_where_no_more_is_wanted(void **state)
{
	struct told told = {text_new(1 << 20), 2};
	FILE *f = file_of(DOCUMENT);

	(void)state;
	assert_int_equal(pieces_read(f, false, tell, &told), STATUS_LIMIT);
	t_equal_text(text_slice(&told.text),
		     "a=1.5e3;b[0]={\"x\":\"]}\\\"\"};");
	text_free(&told.text);
	fclose(f);
}

/* Wherever a block of the file ends. */
static void pieces_go_over_blocks(void **state)
{
	(void)state;
	for (size_t before = 65536 - 24; before < 65536 + 2; before++) {
		struct text text = text_new(1 << 20), want = text_new(1 << 20);

		text_puts(&text, "{\"a\":\"");
		for (size_t i = 0; i < before; i++)
			text_putc(&text, 'x');
		text_puts(&want, "a=");
		text_put(&want, slice_from(text_slice(&text), 5));
		text_puts(&text, "\", \"b\": [{\"c\":\"\\\\\"}, {}]}");
		text_puts(&want, "\";b[0]={\"c\":\"\\\\\"};b[1]={};");
		text_putc(&text, '\0');
		text_putc(&want, '\0');
		reads(text.p, false, STATUS_OK, want.p);
		text_free(&text);
		text_free(&want);
	}
}

static void put_text(void *context, unsigned depth, struct slice member,
		     struct slice value)
{
	struct text *to = context, decoded = text_new(1 << 16);

	text_printf(to, "%u", depth);
	text_put(to, member);
	assert_true(pieces_decode(value, &decoded));
	text_puts(to, decoded.p);
	text_putc(to, ';');
	text_free(&decoded);
}

static void texts_of_a_piece_are_told(void **state)
{
	struct text text = text_new(1 << 16);

	(void)state;
	pieces_texts(SLICE("{\"a\": \"b\", \"c\":[\"d\",{\"e\" :\"\\u00e4\"},"
			   "1],\"f\":\"\\\"\"}"),
		     put_text, &text);
	t_equal_text(text_slice(&text),
		     "1\"a\"b;2\"c\"d;3\"e\"\xc3\xa4;1\"f\"\";");
	text_free(&text);
}

/* ---- forms ---- */

#define CALL(n, from)                                                       \
	"{\"id\":\"c" n "\",\"key\":\"k" n "\",\"kind\":\"call\",\"from\":" \
	"\"" from "\",\"to\":\"b\",\"call_id\":\"call-" n "-12345\","       \
	"\"start\":\"2026-01-01T00:00:0" n ".000000000Z\","                 \
	"\"verdict\":{\"outcome\":\"established\"}}"
#define FINDING(n, call) \
	"{\"id\":\"f" n "\",\"key\":\"rule " n "\",\"call\":\"" call "\"}"
#define ANALYSIS(calls, findings)                                            \
	"{\"schema\":\"mrascope.analysis/1\",\"captures\":[{\"first_time\":" \
	"\"2026-01-01T00:00:00.000000000Z\"}],\"counts\":{\"frames\":3},"    \
	"\"calls\":[" calls "],\"findings\":[" findings "]}"

static struct large *form_of(const char *analysis, bool same)
{
	FILE *f = file_of(analysis);
	struct large *form = large_of(f, tmpfile(), same);

	assert_non_null(form);
	fclose(f);
	return form;
}

static void row_is(const struct large *form, const char *member,
		   const char *name, const char *want)
{
	json_t *row = large_row(form, large_find(form, member, name));
	struct text text = text_new(1 << 16);

	if (row)
		tree_put(row, &text);
	t_equal_text(text_slice(&text), want);
	text_free(&text);
	json_decref(row);
}

static void forms_name_rows_that_come_later(void **state)
{
	struct large *form = form_of(
		ANALYSIS(CALL("1", "a") "," CALL("2", "a"), FINDING("1", "c2")),
		false);

	(void)state;
	row_is(form, "counts", "frames", "3");
	row_is(form, "findings", "rule 1", "{\"call\": \"k2\"}");
	row_is(form, "calls", "k2",
	       "{\"kind\": \"call\", \"from\": \"a\", \"to\": \"b\", "
	       "\"call_id\": \"call-2-12345\", \"start\": \"+2.000000000\", "
	       "\"verdict\": {\"outcome\": \"established\"}}");
	row_is(form, "calls", "k3", "");
	large_free(form);
}

static void scenarios_name_calls_by_their_ends(void **state)
{
	struct large *form = form_of(
		ANALYSIS(CALL("1", "a") "," CALL("2", "a"), FINDING("1", "c2")),
		true);

	(void)state;
	row_is(form, "counts", "frames", "");
	row_is(form, "findings", "rule", "{\"call\": \"a > b (call)\"}");
	row_is(form, "calls", "a > b (call)#2",
	       "{\"kind\": \"call\", \"from\": \"a\", \"to\": \"b\", "
	       "\"call_id\": \"call\", "
	       "\"verdict\": {\"outcome\": \"established\"}}");
	large_free(form);
}

static void one_row_that_differs_is_found(void **state)
{
	struct large *a = form_of(ANALYSIS(CALL("1", "a"), ""), false);
	struct large *b =
		form_of(ANALYSIS(CALL("1", "x") "," CALL("2", "a"), ""), false);
	json_t *rows = differ_large(a, b, NULL);
	struct text text = text_new(1 << 16);

	(void)state;
	tree_put(rows, &text);
	t_equal_text(
		text_slice(&text),
		"[{\"call\": \"k2\", \"section\": \"call\", \"what\": \"k2\", "
		"\"kind\": \"appeared\"}, "
		"{\"call\": \"k1\", \"section\": \"call\", \"what\": \"from\", "
		"\"kind\": \"changed\", \"was\": \"a\", \"is\": \"x\"}]");
	text_free(&text);
	json_decref(rows);
	large_free(a);
	large_free(b);
}

/* As `check` writes it, over several lines. */
static void goldens_are_read_where_they_lie(void **state)
{
	struct large *golden = large_golden(file_of(
		"{\"schema\": \"mrascope.golden/1\",\n \"analysis\": "
		"\"mrascope.analysis/1\",\n \"captures\": {\"1\": "
		"{\"first_time\": \"+0.000000000\"}},\n \"counts\": "
		"{\"frames\": 3},\n \"calls\": {},\n \"findings\": {}}\n"));
	struct large *form = form_of(ANALYSIS("", ""), false);
	json_t *rows = differ_large(golden, form, NULL);

	(void)state;
	assert_int_equal(json_array_size(rows), 0);
	assert_null(large_golden(file_of("{\"a\": [")));
	json_decref(rows);
	large_free(golden);
	large_free(form);
}

/* Each of them is looked at once: with all before it this takes minutes. */
static void many_differences_are_counted(void **state)
{
	json_t *rows = json_array();
	struct text text = text_new(1 << 16);

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		json_t *row = json_object();
		char call[32];

		snprintf(call, sizeof(call), "call %u", i / 2);
		(void)tree_set(row, "call", call);
		(void)tree_set(row, "section", "media");
		(void)tree_set(row, "what", i % 2 ? "b" : "a");
		(void)tree_set(row, "kind", "vanished");
		(void)json_array_append_new(rows, row);
	}
	differ_hunks(rows, 7, &text);
	t_equal_text(text_slice(&text),
		     "@@ call call 0, media @@\n-a\n-b\n"
		     "@@ call call 1, media @@\n-a\n-b\n"
		     "... and 49998 more\n");
	text_free(&text);
	json_decref(rows);
}

static void a_gist_has_verdicts_and_findings(void **state)
{
	FILE *f = file_of(ANALYSIS(CALL("1", "a"), FINDING("1", "c1")));
	FILE *broken = file_of("{\"calls\": [{]}");
	json_t *gist = large_gist(f);
	struct text text = text_new(1 << 16);

	(void)state;
	tree_put(gist, &text);
	t_equal_text(text_slice(&text),
		     "{\"calls\": [{\"id\": \"c1\", \"key\": \"k1\", "
		     "\"verdict\": {\"outcome\": \"established\"}}], "
		     "\"findings\": [{\"id\": \"f1\", \"key\": \"rule 1\", "
		     "\"call\": \"c1\"}]}");
	assert_null(large_gist(broken));
	json_decref(gist);
	text_free(&text);
	fclose(broken);
	fclose(f);
}

static const struct t_case cases[] = {
	{"rows_of_lists_are_pieces", rows_of_lists_are_pieces},
	{"members_of_objects_are_pieces", members_of_objects_are_pieces},
	{"what_is_no_document_is_told", what_is_no_document_is_told},
	{"reading_ends_where_no_more_is_wanted",
	 reading_ends_where_no_more_is_wanted},
	{"pieces_go_over_blocks", pieces_go_over_blocks},
	{"texts_of_a_piece_are_told", texts_of_a_piece_are_told},
	{"forms_name_rows_that_come_later", forms_name_rows_that_come_later},
	{"scenarios_name_calls_by_their_ends",
	 scenarios_name_calls_by_their_ends},
	{"one_row_that_differs_is_found", one_row_that_differs_is_found},
	{"goldens_are_read_where_they_lie", goldens_are_read_where_they_lie},
	{"many_differences_are_counted", many_differences_are_counted},
	{"a_gist_has_verdicts_and_findings", a_gist_has_verdicts_and_findings},
};
T_MAIN(cases)
