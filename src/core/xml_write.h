/*
 * Writing XML: the few forms that the engine speaks (attributes, elements with
 * text), with what must be escaped escaped (XML 1.0 2.4, 3.1).
 */
#ifndef CORE_XML_WRITE_H
#define CORE_XML_WRITE_H

#include "core/text.h"

/* ` name="value"` */
void xml_write_attribute(struct text *to, const char *name,
			 struct slice value);

/* <name>text</name>; nothing at all when the text is empty. */
void xml_write_element(struct text *to, const char *name, struct slice text);

/* The same with a number; nothing when it is 0. */
void xml_write_number(struct text *to, const char *name, uint64_t number);

#endif /* CORE_XML_WRITE_H */
