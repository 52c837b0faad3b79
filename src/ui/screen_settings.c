/* All settings, changed on the spot. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/page.h"

#define ROWS ((size_t)SETTINGS + SETTING_TEXTS)

/* Rows behind those of the first table are of the second. */
static const struct setting_text_row *text_row(size_t at)
{
	return at >= SETTINGS ? &setting_text_rows[at - SETTINGS] : NULL;
}

static const char *name_of(size_t at)
{
	return text_row(at) ? text_row(at)->name : setting_rows[at].name;
}

static const char *help_of(size_t at)
{
	return text_row(at) ? text_row(at)->help : setting_rows[at].help;
}

static void put_value(const struct app *app, size_t at, struct text *to)
{
	const struct setting_text_row *text = text_row(at);
	int value;

	if (text) {
		const char *is = app->settings.texts[text->text];

		text_puts(to, text->secret && is[0] && !app->feed->show_secrets
				      ? "***"
				      : is);
		return;
	}
	value = app->settings.values[setting_rows[at].setting];
	if (setting_rows[at].choices)
		text_puts(to, setting_rows[at].choices[value]);
	else
		text_printf(to, "%d", value);
}

static void draw_row(struct app *app, const struct screen *s, struct canvas *c,
		     const struct area *a)
{
	size_t at = s->list.top + (size_t)(a->y - s->list.rows.y);
	struct text value = text_new(SETTING_TEXT_MAX);

	put_value(app, at, &value);
	(void)canvas_puts(c, 2, a->y, 15, STYLE_NAME, name_of(at));
	(void)canvas_put(c, 18, a->y, 12, STYLE_BOLD, text_slice(&value));
	(void)canvas_puts(c, 31, a->y, a->width - 33, STYLE_PLAIN, help_of(at));
	if (at == s->list.cursor)
		canvas_choose(c, 1, a->y, a->width - 3);
	text_free(&value);
}

/* What the row at the cursor is about, and its value, whole. */
static void draw_chosen(struct app *app, const struct screen *s,
			struct canvas *c, const struct area *a)
{
	struct text value = text_new(SETTING_TEXT_MAX);
	struct page page = {.width = 0};

	put_value(app, s->list.cursor, &value);
	page_begin(&page, a->width - 2);
	page_words(&page);
	page_puts(&page, STYLE_NAME, name_of(s->list.cursor));
	page_puts(&page, STYLE_PLAIN, value.n ? " " : "");
	page_put(&page, STYLE_BOLD, text_slice(&value));
	page_printf(&page, STYLE_DIM, ": %s", help_of(s->list.cursor));
	page_end(&page);
	page_draw(&page, 0, c,
		  &(struct area){a->x + 2, a->y, a->width - 2, a->height});
	page_free(&page);
	text_free(&value);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct area a = *area;
	bool below = a.height > 6;

	if (below)
		a.height -= 2;
	lister_show(&s->list, ROWS, &a);
	for (int i = 0; i < a.height && s->list.top + (size_t)i < ROWS; i++)
		draw_row(app, s, c, &(struct area){a.x, a.y + i, a.width, 1});
	lister_bar(&s->list, c, &a);
	if (below)
		draw_chosen(app, s, c,
			    &(struct area){a.x, a.y + a.height, a.width, 2});
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	(void)app;
	(void)s;
	text_puts(to, "settings: Space changes, F2 keeps them");
}

static bool accept_number(struct app *app, struct form_box *form)
{
	const struct setting_row *row = &setting_rows[form->numbers[0]];
	uint64_t number;

	if (slice_number(slice_of_text(form->fields[0].text),
			 (uint64_t)row->max, &number) != STATUS_OK) {
		app_complain(app, "a number from 0 to %d", row->max);
		return false;
	}
	app->settings.values[row->setting] = (int)number;
	return true;
}

static bool accept_text(struct app *app, struct form_box *form)
{
	const struct setting_text_row *row = text_row(form->numbers[0]);
	size_t n = strlen(form->fields[0].text);

	if (n >= SETTING_TEXT_MAX) {
		app_complain(app, "that is too long");
		return false;
	}
	memcpy(app->settings.texts[row->text], form->fields[0].text, n + 1);
	return true;
}

/* A number or a text is typed. */
static void ask(struct app *app, size_t at)
{
	const struct setting_text_row *row = text_row(at);
	struct text now = text_new(SETTING_TEXT_MAX);
	char was[SETTING_TEXT_MAX];

	/* Of a secret nothing is shown, and what is typed takes its place. */
	if (!row || !row->secret || app->feed->show_secrets)
		put_value(app, at, &now);
	memcpy(was, now.n ? now.p : "", now.n);
	was[now.n] = 0;
	text_free(&now);
	form_box_open(&app->form, name_of(at));
	(void)form_box_text(&app->form, name_of(at), was);
	app->form.one_line = true;
	app->form.accept = row ? accept_text : accept_number;
	app->form.numbers[0] = at;
}

static void change(struct app *app, size_t at, int step)
{
	int *value, count = 0;

	if (text_row(at) || !setting_rows[at].choices) {
		ask(app, at);
		return;
	}
	value = &app->settings.values[setting_rows[at].setting];
	while (setting_rows[at].choices[count])
		count++;
	*value = (*value + count + step) % count;
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_SELECT:
	case ACTION_RIGHT:
		change(app, s->list.cursor, 1);
		return true;
	case ACTION_LEFT:
		change(app, s->list.cursor, -1);
		return true;
	case ACTION_KEEP:
		app_keep(app);
		return true;
	default:
		return false;
	}
}

static const struct screen_class settings_class = {
	.scope = SCOPE_SETTINGS,
	.title = title,
	.draw = draw,
	.act = act,
};

void open_settings(struct app *app)
{
	struct screen *s = app_push(app, &settings_class);

	if (s)
		s->list.count = ROWS;
}
