/*
 * The table of rules as `mrascope rules` prints it: text that fits 100
 * columns, or a JSON document (mrascope-json(5)).
 */
#ifndef REPORT_REPORT_RULES_H
#define REPORT_REPORT_RULES_H

#include "core/finding.h"
#include "core/text.h"

/* Both append to `to`, the rows in their order. */
void report_rules_text(const struct rule *const *rows, size_t count,
		       struct text *to);
void report_rules_json(const struct rule *const *rows, size_t count,
		       struct text *to);

#endif /* REPORT_REPORT_RULES_H */
