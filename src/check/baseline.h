/*
 * The baseline: findings that are accepted, for a house that starts red.
 *
 *	accepted:
 *	  - key: gathering/udp-blocked ...
 *	    case: captures/office.pcapng    (without it: in all)
 *	    reason: the firewall request is open
 *	    date: 2026-11-24
 */
#ifndef CHECK_BASELINE_H
#define CHECK_BASELINE_H

#include "check/tree.h"

/* Its rows; NULL: `why` gets "FILE:LINE: sentence". */
json_t *baseline_read(const char *path, struct slice text, struct text *why);

/* Why a finding is accepted, or NULL when it is not. */
const char *baseline_reason(const json_t *rows, const char *name,
			    const char *key);

/* YAML of a new baseline with all findings at or above `severity_name`s that
 * these results did not accept. */
void baseline_write(const json_t *results, const json_t *rows,
		    const char *today, struct text *to);

#endif /* CHECK_BASELINE_H */
