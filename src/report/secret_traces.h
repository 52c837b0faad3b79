/*
 * Secrets behind words that lost a letter, got one too many or were torn by
 * the end of a line, and behind words that lost what parts them from their
 * value: what secret_words.h cannot tell.
 *
 * There is nothing left to say where the secret ends or begins.  What is hidden
 * is what looks like a key: so many signs of base64 or hexadecimal digits in
 * a row, of more than one kind, also where lines are broken in it.
 */
#ifndef REPORT_SECRET_TRACES_H
#define REPORT_SECRET_TRACES_H

#include "report/secret_words.h"

/* Calls the sink for each; the same place may come twice. */
void secret_traces_find(struct slice text, const struct secret_sink *sink);

#endif /* REPORT_SECRET_TRACES_H */
