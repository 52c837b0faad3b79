/* Lists of rows. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/list.h"

struct list list_of(size_t size, size_t max)
{
	return (struct list){.size = size, .max = max};
}

void list_free(struct list *list)
{
	free(list->rows);
	*list = list_of(list->size, list->max);
}

bool list_copy(struct list *to, const struct list *from)
{
	size_t bytes = from->count * from->size;

	*to = *from;
	to->rows = NULL;
	to->room = to->count;
	if (bytes == 0)
		return true;
	to->rows = malloc(bytes);
	if (!to->rows) {
		to->count = to->room = 0;
		return false;
	}
	memcpy(to->rows, from->rows, bytes);
	return true;
}

static bool widen(struct list *list, size_t room)
{
	void *rows = realloc(list->rows, room * list->size);

	if (!rows)
		return false;
	list->rows = rows;
	list->room = room;
	return true;
}

bool list_join(struct list *to, const struct list *from)
{
	size_t count = to->max - to->count;

	if (count > from->count)
		count = from->count;
	if (count > to->room - to->count && !widen(to, to->count + count))
		return false;
	if (count)
		memcpy(list_at(to, to->count), from->rows, count * to->size);
	to->count += count;
	return count == from->count;
}

void *list_add(struct list *list)
{
	void *row;

	if (list->count >= list->max) {
		list->refused++;
		return NULL;
	}
	if (list->count == list->room &&
	    !widen(list, list->room ? list->room * 2 : 8))
		return NULL;
	row = list_at(list, list->count++);
	memset(row, 0, list->size);
	return row;
}
