/*
 * The fields of an analysis as its schema has them: so that a path that was
 * misspelt is an error and never a value that is not there.
 *
 * The schema is schema/mrascope.analysis-1.schema.json, a part of the program.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "check/tree.h"

/* Ends with NULL; made from the file when the program is built. */
extern const char *const analysis_schema_lines[];

struct schema;

/* NULL when memory is out. */
struct schema *schema_new(void);
void schema_free(struct schema *schema);

/* What stands at a path. */
struct schema_field {
	const json_t *node; /* of the schema; lives as long as that */
	bool rows;          /* a list of objects */
	bool object;
	bool number;
	bool text;
	bool rule;        /* its text is the id of a rule */
	bool closed;      /* its text is one of a few, see field_takes */
	const char *name; /* the last part of the path; of the path's text */
};

/*
 * Finds a path: names of members with dots between, lists are passed through.
 * "" is the document.  False: *why says what is not there (one line, good
 * until the next call).
 */
bool schema_find(struct schema *schema, const char *path,
		 struct schema_field *out, const char **why);

/* May a field whose text is one of a few be this? */
bool field_takes(const struct schema_field *field, const char *text);

#endif /* CHECK_SCHEMA_H */
