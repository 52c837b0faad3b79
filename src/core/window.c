/* Windows that may be held. */
#include "config.h"

#include <stdlib.h>

#include "core/window.h"

static struct window *window_new(size_t room)
{
	struct window *window = malloc(sizeof(*window) + room);

	if (window)
		*window = (struct window){.room = room};
	return window;
}

/* The one to be replaced by a larger one: nobody holds it. */
static size_t too_small(const struct windows *windows)
{
	size_t at = 0;

	while (at < windows->count && windows->list[at]->holds)
		at++;
	return at;
}

struct window *windows_take(struct windows *windows, size_t room)
{
	struct window *window;
	size_t at;

	for (at = 0; at < windows->count; at++)
		if (!windows->list[at]->holds &&
		    windows->list[at]->room >= room)
			return windows->list[at];
	at = too_small(windows);
	if (at == WINDOWS_MAX)
		return NULL;
	window = window_new(room);
	if (!window)
		return NULL;
	if (at == windows->count)
		windows->count++;
	else
		free(windows->list[at]);
	windows->list[at] = window;
	return window;
}

struct window *windows_widen(struct windows *windows, struct window *window,
			     size_t room)
{
	size_t at = 0;

	while (windows->list[at] != window)
		at++;
	window = realloc(window, sizeof(*window) + room);
	if (!window)
		return NULL;
	window->room = room;
	windows->list[at] = window;
	return window;
}

void windows_leave(struct windows *windows)
{
	for (size_t i = 0; i < windows->count; i++) {
		struct window *window = windows->list[i];

		window->left = true;
		if (!window->holds)
			free(window);
	}
	windows->count = 0;
}

void window_drop(struct window *window)
{
	if (--window->holds == 0 && window->left)
		free(window);
}
