/*
 * Key logs: what SSLKEYLOGFILE makes TLS libraries write (RFC 9850), as a
 * file of its own or inside a capture (pcapng Decryption Secrets Block).
 *
 *	CLIENT_RANDOM <64 hex digits> <96 hex digits>
 *
 * Empty lines, comments (#) and labels that are not for decryption here are
 * passed over; a line that is wrong costs that line.
 */
#ifndef NET_TLS_KEYLOG_H
#define NET_TLS_KEYLOG_H

#include "net/tls_secrets.h"

/* What is wrong with a line; never what stands in it. */
struct keylog_fault {
	uint64_t line;    /* from 1; 0: nothing is wrong */
	const char *text; /* "the client random is not 64 hex digits" */
};

struct keylog_report {
	uint64_t secrets; /* added or known */
	uint64_t others;  /* lines with labels of no use here */
	uint64_t bad;     /* lines that are wrong */
	struct keylog_fault first;
};

/* Reads a whole key log.  STATUS_LIMIT, STATUS_NOMEM: not all of it. */
MUST_CHECK enum status keylog_read(struct slice text, struct tls_secrets *to,
				   struct keylog_report *report);

#endif /* NET_TLS_KEYLOG_H */
