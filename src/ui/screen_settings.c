/* All settings, changed on the spot. */
#include "config.h"

#include <stdlib.h>

#include "ui/app.h"

static void put_value(const struct app *app, const struct setting_row *row,
		      struct text *to)
{
	int value = app->settings.values[row->setting];

	if (row->choices)
		text_puts(to, row->choices[value]);
	else
		text_printf(to, "%d", value);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *a)
{
	lister_show(&s->list, SETTINGS, a);
	for (int i = 0; i < a->height; i++) {
		size_t at = s->list.top + (size_t)i;
		const struct setting_row *row;
		struct text value = text_new(64);

		if (at >= SETTINGS)
			break;
		row = &setting_rows[at];
		put_value(app, row, &value);
		(void)canvas_puts(c, 2, a->y + i, 15, STYLE_NAME, row->name);
		(void)canvas_put(c, 18, a->y + i, 10, STYLE_BOLD,
				 text_slice(&value));
		(void)canvas_puts(c, 29, a->y + i, a->width - 31, STYLE_PLAIN,
				  row->help);
		if (at == s->list.cursor)
			canvas_choose(c, 1, a->y + i, a->width - 3);
		text_free(&value);
	}
	lister_bar(&s->list, c, a);
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

static void change(struct app *app, const struct setting_row *row, int step)
{
	int *value = &app->settings.values[row->setting], count = 0;
	struct text text = text_new(16);
	char was[16] = "";

	if (row->choices) {
		while (row->choices[count])
			count++;
		*value = (*value + count + step) % count;
		return;
	}
	put_value(app, row, &text);
	for (size_t i = 0; i < text.n && i + 1 < sizeof(was); i++)
		was[i] = text.p[i];
	text_free(&text);
	form_box_open(&app->form, row->name);
	(void)form_box_text(&app->form, row->name, was);
	app->form.one_line = true;
	app->form.accept = accept_number;
	app->form.numbers[0] = (uint64_t)row->setting;
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_SELECT:
	case ACTION_RIGHT:
		change(app, &setting_rows[s->list.cursor], 1);
		return true;
	case ACTION_LEFT:
		change(app, &setting_rows[s->list.cursor], -1);
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
		s->list.count = SETTINGS;
}
