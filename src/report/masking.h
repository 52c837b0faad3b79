/*
 * Where secrets stand in the bytes of a message, for views that show it as it
 * was sent: as text, or in hexadecimal.
 *
 * Two know it: the dissector, whose secret fields say where they are, and the
 * words beside which secrets stand in bodies (a=ice-pwd, <password>, ...).
 */
#ifndef REPORT_MASKING_H
#define REPORT_MASKING_H

#include "core/fields.h"
#include "core/text.h"
#include "model/list.h"
#include "report/secret_words.h"

struct masking {
	struct slice bytes;
	struct list rows; /* struct masked, in order when it is finished */
	bool all;         /* memory is out: nothing may be shown */
};

/* Over the bytes of a message, which must outlive it. */
void masking_begin(struct masking *m, struct slice bytes);

/* Hears the fields of a walk over the same bytes; may be left out. */
struct field_sink masking_sink(struct masking *m);

/* Looks for words, and puts what was found in order. */
void masking_finish(struct masking *m);
void masking_free(struct masking *m);

/* masking_bodies.c: calls the sink for bodies whose headers say that they are
 * encoded, and that hold secrets or cannot be decoded. */
void masking_find_bodies(struct slice text, const struct secret_sink *sink);

/* Is this byte part of a secret? */
bool masking_hides(const struct masking *m, size_t at);

/* The bytes, each secret told as secret_put does. */
void masking_put(const struct masking *m, struct text *to);

/* The text of a field that is none of the secret ones: what is hidden in the
 * bytes of the message is hidden in it, too. */
void masking_put_field(const struct masking *m, const struct field *field,
		       struct text *to);

/* All of it, for text of which no fields are known. */
void masking_text(struct slice text, bool show_secrets, struct text *to);

#endif /* REPORT_MASKING_H */
