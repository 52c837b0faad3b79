/*
 * The rules of all rooms, by id.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stdbool.h>

bool rules_know(const char *id);

#endif /* CLI_RULES_H */
