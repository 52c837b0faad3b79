/* One message to read, and its neighbours. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/message_page.h"
#include "ui/remembered.h"

struct message_screen {
	struct remembered *messages;
	size_t count, at;
	bool fields;
	struct page page;
};

static const struct entry *current(struct app *app,
				   const struct message_screen *own)
{
	return remembered_entry(app->feed, &own->messages[own->at]);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *a)
{
	struct message_screen *own = s->own;
	const struct entry *e = current(app, own);

	if (!e)
		return;
	message_page(app, e, own->fields, &own->page, a->width - 2);
	lister_page(&s->list, &own->page, c, a);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct message_screen *own = s->own;
	const struct entry *e = current(app, own);

	text_printf(to, "message %zu of %zu: ", own->at + 1, own->count);
	if (e)
		app->feed->label(app->feed, e, to);
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	struct message_screen *own = s->own;

	switch ((int)action) {
	case ACTION_NEXT_MESSAGE:
		if (own->at + 1 < own->count)
			own->at++;
		s->list.cursor = 0;
		return true;
	case ACTION_PREVIOUS_MESSAGE:
		if (own->at)
			own->at--;
		s->list.cursor = 0;
		return true;
	case ACTION_FIELDS:
		own->fields = !own->fields;
		s->list.cursor = 0;
		return true;
	case ACTION_SYNTAX:
		app->settings.values[SETTING_SYNTAX] ^= 1;
		return true;
	case ACTION_SAVE:
		open_save(app, NULL,
			  remembered_row(app->feed, &own->messages[own->at]));
		return true;
	default:
		return false;
	}
}

static void row_text(struct app *app, struct screen *s, size_t row,
		     struct text *to)
{
	struct message_screen *own = s->own;

	(void)app;
	page_line(&own->page, row, to);
}

static void close(struct screen *s)
{
	struct message_screen *own = s->own;

	free(own->messages);
	page_free(&own->page);
}

static const struct screen_class message_class = {
	.scope = SCOPE_MESSAGE,
	.size = sizeof(struct message_screen),
	.title = title,
	.draw = draw,
	.act = act,
	.close = close,
	.row_text = row_text,
};

void open_message(struct app *app, const uint32_t *rows, size_t count,
		  size_t at)
{
	struct screen *s = count ? app_push(app, &message_class) : NULL;
	struct message_screen *own;

	if (!s)
		return;
	own = s->own;
	own->messages = malloc(count * sizeof(*own->messages));
	if (!own->messages) {
		app_complain(app, "out of memory");
		/* Without rows there is nothing to draw. */
		own->count = 0;
		app_pop(app);
		return;
	}
	for (size_t i = 0; i < count; i++)
		own->messages[i] = remember(app->feed, rows[i]);
	own->count = count;
	own->at = at < count ? at : 0;
}
