/*
 * Growing lists of plain rows with a cap; rows are reached by number, since a
 * pointer is good only until the next one is added.
 */
#ifndef MODEL_LIST_H
#define MODEL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* No list is so long that a row's number would not fit in 32 bits. */
#define LIST_NONE ((size_t)UINT32_MAX)

struct list {
	void *rows;
	size_t count, room;
	size_t size; /* of a row */
	size_t max;
	size_t refused; /* rows that did not fit */
};

struct list list_of(size_t size, size_t max);
void list_free(struct list *list);

/* A list with the same rows; false: memory is out, and *to is empty. */
MUST_CHECK bool list_copy(struct list *to, const struct list *from);

/* A new zeroed row, or NULL at the cap or when memory is out. */
void *list_add(struct list *list);

/* Puts the rows of another list behind these, as many as may be; false: not
 * all. */
MUST_CHECK bool list_join(struct list *to, const struct list *from);

/* Row `at`, which must exist. */
static inline void *list_at(const struct list *list, size_t at)
{
	return (char *)list->rows + at * list->size;
}

#endif /* MODEL_LIST_H */
