/*
 * Who can mend what went wrong with a call: the catalogue of failures thinks of
 * Edges, and not every relay is one.
 */
#ifndef REPORT_HELPER_H
#define REPORT_HELPER_H

#include "model/model.h"

/* "firewall team", "whoever runs the relay"; NULL: nobody in particular. */
const char *call_helper(const struct model *model, const struct call *call,
			enum helper helper);

#endif /* REPORT_HELPER_H */
