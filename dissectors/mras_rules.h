/* What can be found in the bytes of an MRAS document; for mras.c. */
#ifndef DISSECTORS_MRAS_RULES_H
#define DISSECTORS_MRAS_RULES_H

#include "core/xml.h"
#include "dissectors/mras.h"

extern const struct rule mras_rules[];

/* Holds a document whose root is a request or response against the schema
 * ([MS-AVEDGEA] 2.2). */
void mras_check(struct decoding *d, const struct xml_element *root,
		enum mras_kind kind);

#endif /* DISSECTORS_MRAS_RULES_H */
