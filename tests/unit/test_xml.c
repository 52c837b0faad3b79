/* XML: the tree, what is refused, the limits. */
#include "config.h"

#include "core/text.h"
#include "core/xml.h"
#include "tests/support/t.h"

#define ROOM ((size_t)64 << 20)

static enum status parse(const char *document, struct arena *arena,
			 const struct xml_element **root)
{
	struct slice in = t_exact(slice_of_text(document));
	enum status status;

	*arena = arena_new(ROOM);
	status = xml_parse(in, arena, root);
	t_release(in); /* the tree does not borrow from it */
	return status;
}

static enum status status_of(const char *document)
{
	const struct xml_element *root = NULL;
	struct arena arena;
	enum status status = parse(document, &arena, &root);

	assert_true((status == STATUS_OK) == (root != NULL));
	arena_free(&arena);
	return status;
}

static void tree_is_as_written(void **state)
{
	const struct xml_element *root, *b, *c;
	struct arena arena;

	(void)state;
	assert_int_equal(parse("<?xml version=\"1.0\"?>\r\n"
			       "<a xmlns='urn:x' xmlns:p='urn:p' k='1' "
			       "p:l='two'> one <b/>two<p:c> "
			       "<d>deep</d> <!-- no --> t&amp;x&#65; "
			       "</p:c><b m=''/> </a>",
			       &arena, &root),
			 STATUS_OK);
	t_equal_text(root->name, "a");
	t_equal_text(root->space, "urn:x");
	t_equal_text(root->text, "one two");
	assert_null(root->parent);
	t_equal_text(xml_attribute_value(root, "k"), "1");
	t_equal_text(xml_attribute_value(root, "l"), "two");
	assert_null(xml_attribute_value(root, "none").p);
	b = root->first;
	t_equal_text(b->name, "b");
	assert_ptr_equal(b->parent, root);
	assert_null(b->first);
	c = b->next;
	t_equal_text(c->name, "c");
	t_equal_text(c->space, "urn:p");
	t_equal_text(c->text, "t&xA");
	assert_ptr_equal(xml_child(root, "c"), c);
	assert_null(xml_child(root, "d"));
	t_equal_text(xml_descendant(root, "d")->text, "deep");
	assert_null(xml_descendant(root, "a"));
	assert_null(xml_descendant(xml_child(root, "c"), "b"));
	t_equal_text(c->next->name, "b");
	assert_null(c->next->next);
	assert_null(xml_child(NULL, "a"));
	assert_null(xml_descendant(NULL, "a"));
	assert_int_equal(xml_attribute_value(NULL, "a").n, 0);
	arena_free(&arena);
}

static void text_in_pieces_is_joined(void **state)
{
	const struct xml_element *root;
	struct arena arena;

	(void)state;
	assert_int_equal(parse("<a>x<![CDATA[<&>]]>y<b>no</b>z</a>", &arena,
			       &root),
			 STATUS_OK);
	t_equal_text(root->text, "x<&>yz");
	arena_free(&arena);
}

static void what_is_not_well_formed_is_bad(void **state)
{
	static const char *const rows[] = {
		"",	     " ",	     "text",	  "<a>",
		"<a></b>",   "<a",	     "<a/><b/>",  "<a b=c/>",
		"<a>&</a>",  "<a b='1' b='2'/>", "<a>\x01</a>",
		"<a>\xff</a>", "<p:a",	     "<?xml?>",	  "<a><b></a></b>",
		"<a/>text",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (status_of(rows[i]) != STATUS_BAD)
			fail_msg("row %s", rows[i]);
}

/* A document type and what it could bring in are refused, used or not. */
static void document_types_and_entities_are_refused(void **state)
{
	static const char *const rows[] = {
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><a/>",
		"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
		"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
		"<a>&e;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>"
		"<a/>",
		"<!DOCTYPE a [<!ENTITY a '0123456789'>"
		"<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
		"<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"
		"<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>]><a>&e;</a>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (status_of(rows[i]) != STATUS_LIMIT)
			fail_msg("row %s: %s", rows[i],
				 status_name(status_of(rows[i])));
	/* An entity that nobody declared is just wrong. */
	assert_int_not_equal(status_of("<a>&e;</a>"), STATUS_OK);
	assert_int_not_equal(status_of("<a b='&e;'/>"), STATUS_OK);
}

static enum status status_of_depth(size_t depth)
{
	struct text t = text_new(1 << 20);
	struct arena arena = arena_new(ROOM);
	const struct xml_element *root;
	enum status status;

	for (size_t i = 0; i < depth; i++)
		text_puts(&t, "<a>");
	for (size_t i = 0; i < depth; i++)
		text_puts(&t, "</a>");
	status = xml_parse(text_slice(&t), &arena, &root);
	arena_free(&arena);
	text_free(&t);
	return status;
}

static void depth_has_a_limit(void **state)
{
	(void)state;
	assert_int_equal(status_of_depth(XML_DEPTH_MAX), STATUS_OK);
	assert_int_equal(status_of_depth(XML_DEPTH_MAX + 1), STATUS_LIMIT);
	assert_int_equal(status_of_depth(10000), STATUS_LIMIT);
}

static enum status status_of_children(size_t count)
{
	struct text t = text_new(1 << 20);
	struct arena arena = arena_new(ROOM);
	const struct xml_element *root;
	enum status status;
	size_t n = 0;

	text_puts(&t, "<r>");
	for (size_t i = 0; i < count; i++)
		text_puts(&t, "<a/>");
	text_puts(&t, "</r>");
	status = xml_parse(text_slice(&t), &arena, &root);
	if (status == STATUS_OK) {
		for (const struct xml_element *e = root->first; e; e = e->next)
			n++;
		assert_int_equal(n, count);
	}
	arena_free(&arena);
	text_free(&t);
	return status;
}

static void elements_have_a_limit(void **state)
{
	(void)state;
	assert_int_equal(status_of_children(XML_ELEMENTS_MAX - 1), STATUS_OK);
	assert_int_equal(status_of_children(XML_ELEMENTS_MAX), STATUS_LIMIT);
}

static void size_has_a_limit(void **state)
{
	uint8_t *p = malloc(XML_BYTES_MAX + 1);
	const struct xml_element *root;
	struct arena arena = arena_new(ROOM);

	(void)state;
	assert_non_null(p);
	memset(p, ' ', XML_BYTES_MAX + 1);
	memcpy(p, "<a/>", 4);
	assert_int_equal(xml_parse(slice_of(p, XML_BYTES_MAX), &arena, &root),
			 STATUS_OK);
	assert_int_equal(xml_parse(slice_of(p, XML_BYTES_MAX + 1), &arena,
				   &root),
			 STATUS_LIMIT);
	arena_free(&arena);
	free(p);
}

/* A text in very many pieces must not cost their square. */
static void many_pieces_of_text_are_bounded(void **state)
{
	struct text t = text_new(XML_BYTES_MAX);
	struct arena arena = arena_new(ROOM);
	const struct xml_element *root;

	(void)state;
	text_puts(&t, "<r>");
	for (size_t i = 0; i < 100000; i++)
		text_puts(&t, "x<?p?>");
	text_puts(&t, "</r>");
	assert_int_equal(t.failed, STATUS_OK);
	assert_int_equal(xml_parse(text_slice(&t), &arena, &root), STATUS_OK);
	assert_int_equal(root->text.n, 100000);
	assert_true(arena.total < (size_t)2 << 20);
	arena_free(&arena);
	text_free(&t);
}

#define EXAMPLE \
	"<a xmlns='urn:x' k='v'>t<b>u</b><!-- c --><c d='e'/>w</a>"

static void no_prefix_is_a_document(void **state)
{
	struct slice whole = SLICE(EXAMPLE);

	(void)state;
	for (size_t n = 0; n <= whole.n; n++) {
		struct slice part = t_exact(slice_first(whole, n));
		struct arena arena = arena_new(ROOM);
		const struct xml_element *root;

		assert_int_equal(xml_parse(part, &arena, &root),
				 n == whole.n ? STATUS_OK : STATUS_BAD);
		arena_free(&arena);
		t_release(part);
	}
}

static bool parse_once(void *context)
{
	const struct slice *in = context;
	struct arena arena = arena_new(ROOM);
	const struct xml_element *root;
	enum status status = xml_parse(*in, &arena, &root);

	assert_int_equal(status, t_failure_met() ? STATUS_NOMEM : STATUS_OK);
	arena_free(&arena);
	return status == STATUS_OK;
}

static void failing_memory_is_told(void **state)
{
	struct text t = text_new(XML_BYTES_MAX);
	struct slice in;

	(void)state;
	text_puts(&t, "<r>");
	for (size_t i = 0; i < 500; i++)
		text_puts(&t, EXAMPLE);
	text_puts(&t, "</r>");
	in = text_slice(&t);
	t_failing_walk(parse_once, &in);
	text_free(&t);
}

static void arena_that_is_full_is_told(void **state)
{
	struct slice in = SLICE("<r>" EXAMPLE EXAMPLE EXAMPLE "</r>");
	const struct xml_element *root;
	enum status status = STATUS_NOMEM;

	(void)state;
	for (size_t max = 0; status != STATUS_OK; max += 16) {
		struct arena arena = arena_new(max);

		status = xml_parse(in, &arena, &root);
		assert_true(status == STATUS_OK || status == STATUS_NOMEM);
		arena_free(&arena);
	}
}

static const struct t_case cases[] = {
	{"tree_is_as_written", tree_is_as_written},
	{"text_in_pieces_is_joined", text_in_pieces_is_joined},
	{"what_is_not_well_formed_is_bad", what_is_not_well_formed_is_bad},
	{"document_types_and_entities_are_refused",
	 document_types_and_entities_are_refused},
	{"depth_has_a_limit", depth_has_a_limit},
	{"elements_have_a_limit", elements_have_a_limit},
	{"size_has_a_limit", size_has_a_limit},
	{"many_pieces_of_text_are_bounded", many_pieces_of_text_are_bounded},
	{"no_prefix_is_a_document", no_prefix_is_a_document},
	{"failing_memory_is_told", failing_memory_is_told},
	{"arena_that_is_full_is_told", arena_that_is_full_is_told},
};
T_MAIN(cases)
