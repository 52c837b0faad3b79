/*
 * A sequence diagram in the language of Mermaid, as GitHub and GitLab render
 * it: hosts side by side, SIP messages, allocations and checks in time.
 */
#ifndef REPORT_REPORT_MERMAID_H
#define REPORT_REPORT_MERMAID_H

#include "report/report_json.h"

/* Renderers refuse more text than some 50 000 characters. */
#define MERMAID_ARROWS_MAX 250u
#define MERMAID_HOSTS_MAX 24u

/* Appends one diagram of all chosen calls, the first arrows of them. */
void report_mermaid(const struct model *model,
		    const struct report_json_options *options, struct text *to);

#endif /* REPORT_REPORT_MERMAID_H */
