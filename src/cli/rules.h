/*
 * The rules of all rooms, by id.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stdbool.h>

/* Is there a rule of that id, "stage/slug"? */
bool rules_know(const char *id);

#endif /* CLI_RULES_H */
