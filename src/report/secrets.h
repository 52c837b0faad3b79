/*
 * Secrets in reports: passwords of TURN and MRAS tokens, a=ice-pwd, passwords
 * in URIs.
 *
 * A secret prints as a fingerprint, "secret:" and eight hexadecimal digits of
 * its SHA-256: the same secret can be known again, but is not told.  User names
 * are no secrets.
 */
#ifndef REPORT_SECRETS_H
#define REPORT_SECRETS_H

#include "core/text.h"

/* The secret itself when `show`, else its fingerprint. */
void secret_put(struct slice secret, bool show, struct text *to);

/*
 * Captured text with a URI or several (a request line, an address of record):
 * passwords in them (RFC 3261 19.1.1) are told as secret_put does.
 */
void secret_put_uris(struct slice line, bool show, struct text *to);

/* Is there a password in a URI of this text? */
bool secret_in_uris(struct slice line);

/* The password of the first URI that has one, in *password. */
bool secret_find_in_uris(struct slice line, struct slice *password);

/* A sentence of ours that quotes others: itself, or what stands for it where
 * it has a value beside a word of secrets, or a password in a URI, and not
 * `show`. */
const char *secret_sentence(const char *text, bool show);

/* Does free text of others hold such a value, or such a word at all? */
bool secret_may_be_in(struct slice text);

#endif /* REPORT_SECRETS_H */
