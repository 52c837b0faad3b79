/*
 * YAML as a tree (libyaml): mappings, sequences and scalars; no tags, no
 * aliases, one document.  Plain scalars that read as null, true, false or a
 * number (YAML 1.2, core schema) are that, all others are text.
 */
#ifndef CHECK_YAML_H
#define CHECK_YAML_H

#include "check/tree.h"

#define YAML_NODES_MAX 200000u
#define YAML_DEPTH_MAX 32u

/* The member of each object that says on which line it began. */
#define YAML_LINE "//line"

/*
 * NULL: *line and `why` say what is wrong; why has room for YAML_WHY bytes.
 */
#define YAML_WHY 200u
json_t *yaml_read(struct slice text, size_t *line, char why[YAML_WHY]);

/* On which line an object began; 0: unknown. */
unsigned yaml_line(const json_t *object);

#endif /* CHECK_YAML_H */
