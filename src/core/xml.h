/*
 * XML through libxml2, in this one file: no network, no entities, no DTD, with
 * limits on size, depth and number of elements.
 */
#ifndef CORE_XML_H
#define CORE_XML_H

#include "core/arena.h"

#define XML_BYTES_MAX 1048576u
#define XML_DEPTH_MAX 64u
#define XML_ELEMENTS_MAX 65536u

/* Elements as a tree of plain structs in the arena; names without prefix. */
struct xml_element {
	struct slice name;
	struct slice space; /* namespace URI, empty when none */
	struct slice text;  /* the text directly inside, joined, trimmed */
	const struct xml_attribute *attributes;
	size_t attribute_count;
	const struct xml_element *first; /* child */
	const struct xml_element *next;	 /* sibling */
	const struct xml_element *parent;
};

struct xml_attribute {
	struct slice name, value;
};

/* Once before several threads read documents. */
void xml_prepare(void);

/*
 * Reads a document.  STATUS_BAD when it is not well formed, STATUS_LIMIT past
 * the limits or when it wants a DTD or an entity, STATUS_NOMEM.  The tree
 * lives in the arena and does not borrow from `in`.
 */
MUST_CHECK enum status xml_parse(struct slice in, struct arena *arena,
				 const struct xml_element **root);

/* First child (or any descendant, depth first) of that name, or NULL. */
const struct xml_element *xml_child(const struct xml_element *of,
				    const char *name);
const struct xml_element *xml_descendant(const struct xml_element *of,
					 const char *name);
struct slice xml_attribute_value(const struct xml_element *of,
				 const char *name);

#endif /* CORE_XML_H */
