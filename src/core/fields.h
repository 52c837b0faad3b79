/*
 * Fields: how a dissected message tells a listener what it holds.
 *
 * A dissector's `walk` sends the fields of a message in order; text, JSON, the
 * detail pane and the tests are listeners.  "Secret" is a property of a field,
 * so masking happens in one place for all.
 */
#ifndef CORE_FIELDS_H
#define CORE_FIELDS_H

#include "core/endpoint.h"

enum field_kind {
	FIELD_GROUP,	/* fields up to the matching FIELD_END belong to it */
	FIELD_END,
	FIELD_NUMBER,	/* .number */
	FIELD_CODE,	/* .number, with its name in .text */
	FIELD_TEXT,	/* .text: captured text, not escaped */
	FIELD_BYTES,	/* .text: binary, shown as hex */
	FIELD_ENDPOINT, /* .endpoint */
	FIELD_FLAG,	/* .number is 0 or 1 */
};

struct field {
	enum field_kind kind;
	const char *name; /* lower case, the document's word: "call-id" */
	uint64_t number;
	struct slice text;
	struct endpoint endpoint;
	struct slice where; /* the bytes in the message */
	bool secret;
};

struct field_sink {
	void *context;
	void (*take)(void *context, const struct field *field);
};

/* Short ways to send one. */
void field_number(struct field_sink *to, const char *name, uint64_t number);
void field_text(struct field_sink *to, const char *name, struct slice text);
void field_bytes(struct field_sink *to, const char *name, struct slice bytes);
void field_secret(struct field_sink *to, const char *name, struct slice bytes);
void field_endpoint(struct field_sink *to, const char *name,
		    const struct endpoint *endpoint);
void field_code(struct field_sink *to, const char *name, uint64_t number,
		const char *meaning);
void field_group(struct field_sink *to, const char *name);
void field_end(struct field_sink *to);

#endif /* CORE_FIELDS_H */
