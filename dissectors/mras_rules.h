/* What can be found in the bytes of an MRAS document. */
#ifndef DISSECTORS_MRAS_RULES_H
#define DISSECTORS_MRAS_RULES_H

#include "core/xml.h"
#include "dissectors/mras.h"

enum mras_rule {
	MRAS_RULE_ATTRIBUTE,
	MRAS_RULE_ID,
	MRAS_RULE_VERSION,
	MRAS_RULE_VERSION_NEW,
	MRAS_RULE_URI,
	MRAS_RULE_ASKED,
	MRAS_RULE_LOCATION,
	MRAS_RULE_DURATION,
	MRAS_RULE_ORDER,
	MRAS_RULE_REPEATED,
	MRAS_RULE_REASON,
	MRAS_RULE_ECHO,
	MRAS_RULE_SERVER_VERSION,
	MRAS_RULE_CREDENTIALS,
	MRAS_RULE_RELAY,
	MRAS_RULE_PORT,
	MRAS_RULE_PORT_OTHER,
	MRAS_RULES,
};

/* A row each; the last has no id. */
extern const struct rule mras_rules[];

/* Holds a document whose root is a request or response against the schema
 * ([MS-AVEDGEA] 2.2). */
void mras_check(struct decoding *d, const struct xml_element *root,
		enum mras_kind kind);

#endif /* DISSECTORS_MRAS_RULES_H */
