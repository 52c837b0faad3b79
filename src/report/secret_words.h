/*
 * Words beside which secrets stand: in headers, SDP, XML, JSON and forms, also
 * where they are damaged.
 *
 * For text of which no dissector knows the fields, and for what it could not
 * read.  A word of six letters and more is known with one wrong byte, whatever
 * its case; what stands behind it is a secret, whatever it looks like.
 */
#ifndef REPORT_SECRET_WORDS_H
#define REPORT_SECRET_WORDS_H

#include "core/slice.h"

/* Hears where a secret stands; the same place may come twice. */
struct secret_sink {
	void *context;
	void (*hide)(void *context, size_t from, size_t n);
};

/* Calls the sink for each; `text` is any text of SIP, SDP or a log. */
void secret_words_find(struct slice text, const struct secret_sink *sink);

#endif /* REPORT_SECRET_WORDS_H */
