/*
 * The only file that knows libxml2.  No network, no entities, no DTD: a
 * document type declaration is refused before anything in it can be used.
 */
#include "config.h"

#include <libxml/xmlreader.h>

#include "core/xml.h"

struct builder {
	struct arena *arena;
	struct xml_element *open;  /* the element whose content is read */
	struct xml_element *root;
	struct xml_element *last[XML_DEPTH_MAX + 1]; /* last child by depth */
	struct {
		uint8_t *p;
		size_t room;
	} text[XML_DEPTH_MAX + 1]; /* of the open elements, by depth */
	unsigned depth;
	unsigned elements;
	enum status status;
};

static struct slice copy(struct builder *b, const xmlChar *text)
{
	struct slice s, out;

	if (!text)
		return (struct slice){0};
	s = slice_of(text, (size_t)xmlStrlen(text));
	out = arena_copy(b->arena, s);
	if (out.n != s.n)
		b->status = STATUS_NOMEM;
	return out;
}

static void read_attributes(struct builder *b, xmlTextReaderPtr reader,
			    struct xml_element *e)
{
	int count = xmlTextReaderAttributeCount(reader);
	struct xml_attribute *rows;

	if (count <= 0)
		return;
	rows = arena_array(b->arena, (size_t)count, sizeof(*rows));
	if (!rows) {
		b->status = STATUS_NOMEM;
		return;
	}
	while (xmlTextReaderMoveToNextAttribute(reader) == 1 &&
	       e->attribute_count < (size_t)count) {
		struct xml_attribute *a = &rows[e->attribute_count++];

		a->name = copy(b, xmlTextReaderConstLocalName(reader));
		a->value = copy(b, xmlTextReaderConstValue(reader));
	}
	e->attributes = rows;
	(void)xmlTextReaderMoveToElement(reader);
}

static void start_element(struct builder *b, xmlTextReaderPtr reader)
{
	bool empty = xmlTextReaderIsEmptyElement(reader) == 1;
	struct xml_element *e;

	if (b->depth >= XML_DEPTH_MAX || ++b->elements > XML_ELEMENTS_MAX) {
		b->status = STATUS_LIMIT;
		return;
	}
	e = arena_alloc(b->arena, sizeof(*e));
	if (!e) {
		b->status = STATUS_NOMEM;
		return;
	}
	e->name = copy(b, xmlTextReaderConstLocalName(reader));
	e->space = copy(b, xmlTextReaderConstNamespaceUri(reader));
	e->parent = b->open;
	if (b->last[b->depth])
		b->last[b->depth]->next = e;
	else if (b->open)
		b->open->first = e;
	b->last[b->depth] = e;
	if (!b->root)
		b->root = e;
	read_attributes(b, reader, e);
	if (empty)
		return;
	b->open = e;
	b->last[++b->depth] = NULL;
	b->text[b->depth].p = NULL;
	b->text[b->depth].room = 0;
}

static void end_element(struct builder *b)
{
	if (!b->open || b->depth == 0)
		return;
	b->open->text = slice_trim(b->open->text);
	/* The tree is const to its readers only. */
	b->depth--;
	b->open = b->depth ? b->last[b->depth - 1] : NULL;
}

/* Room for `n` bytes of text in the open element; doubles, so that many small
 * pieces do not cost their square. */
static bool text_room(struct builder *b, size_t n)
{
	size_t room = b->text[b->depth].room * 2;
	struct slice old = b->open->text;
	uint8_t *p;

	if (n <= b->text[b->depth].room)
		return true;
	if (room < n)
		room = n;
	p = arena_alloc(b->arena, room);
	if (!p) {
		b->status = STATUS_NOMEM;
		return false;
	}
	if (old.n)
		memcpy(p, old.p, old.n);
	b->text[b->depth].p = p;
	b->text[b->depth].room = room;
	return true;
}

/* Text in several pieces is joined, so that "a<!-- -->b" reads "ab". */
static void add_text(struct builder *b, const xmlChar *text)
{
	struct slice piece;
	size_t n;

	if (!b->open || !text)
		return;
	piece = slice_of(text, (size_t)xmlStrlen(text));
	n = b->open->text.n;
	if (piece.n == 0 || !text_room(b, n + piece.n))
		return;
	memcpy(b->text[b->depth].p + n, piece.p, piece.n);
	b->open->text = slice_of(b->text[b->depth].p, n + piece.n);
}

static void take_node(struct builder *b, xmlTextReaderPtr reader)
{
	int type = xmlTextReaderNodeType(reader);

	if (type == XML_READER_TYPE_ELEMENT)
		start_element(b, reader);
	else if (type == XML_READER_TYPE_END_ELEMENT)
		end_element(b);
	else if (type == XML_READER_TYPE_TEXT ||
		 type == XML_READER_TYPE_CDATA)
		add_text(b, xmlTextReaderConstValue(reader));
	else if (type == XML_READER_TYPE_DOCUMENT_TYPE ||
		 type == XML_READER_TYPE_ENTITY_REFERENCE ||
		 type == XML_READER_TYPE_ENTITY)
		b->status = STATUS_LIMIT;
}

static void be_quiet(void *context, const char *message,
		     xmlParserSeverities severity, xmlTextReaderLocatorPtr at)
{
	(void)context;
	(void)message;
	(void)severity;
	(void)at;
}

void xml_prepare(void)
{
	xmlInitParser();
}

enum status xml_parse(struct slice in, struct arena *arena,
		      const struct xml_element **root)
{
	const int options = XML_PARSE_NONET | XML_PARSE_NOERROR |
			    XML_PARSE_NOWARNING;
	struct builder b = {.arena = arena};
	xmlTextReaderPtr reader;
	size_t at;
	int more;

	if (in.n == 0)
		return STATUS_BAD;
	/* Before libxml2 can read it; in a comment it is refused, too. */
	if (in.n > XML_BYTES_MAX || slice_search(in, SLICE("<!DOCTYPE"), &at))
		return STATUS_LIMIT;
	reader = xmlReaderForMemory((const char *)in.p, (int)in.n, NULL, NULL,
				    options);
	if (!reader)
		return STATUS_NOMEM;
	xmlTextReaderSetErrorHandler(reader, be_quiet, NULL);
	more = xmlTextReaderRead(reader);
	while (more == 1 && b.status == STATUS_OK) {
		take_node(&b, reader);
		more = b.status == STATUS_OK ? xmlTextReaderRead(reader) : 1;
	}
	if (b.status == STATUS_OK && (more != 0 || !b.root))
		b.status = STATUS_BAD;
	xmlFreeTextReader(reader);
	if (b.status == STATUS_OK)
		*root = b.root;
	return b.status;
}

const struct xml_element *xml_child(const struct xml_element *of,
				    const char *name)
{
	for (const struct xml_element *e = of ? of->first : NULL; e;
	     e = e->next)
		if (slice_is(e->name, name))
			return e;
	return NULL;
}

/* The next element in document order inside `top`. */
static const struct xml_element *following(const struct xml_element *e,
					   const struct xml_element *top)
{
	if (e->first)
		return e->first;
	while (e != top && !e->next)
		e = e->parent;
	return e == top ? NULL : e->next;
}

const struct xml_element *xml_descendant(const struct xml_element *of,
					 const char *name)
{
	const struct xml_element *e = of ? of->first : NULL;

	while (e && !slice_is(e->name, name))
		e = following(e, of);
	return e;
}

struct slice xml_attribute_value(const struct xml_element *of,
				 const char *name)
{
	for (size_t i = 0; of && i < of->attribute_count; i++)
		if (slice_is(of->attributes[i].name, name))
			return of->attributes[i].value;
	return (struct slice){0};
}
