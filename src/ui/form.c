/* Fields to fill in. */
#include "config.h"

#include <string.h>

#include "core/text.h"
#include "ui/form.h"

void form_box_open(struct form_box *form, const char *title)
{
	*form = (struct form_box){.title = title};
}

static struct form_field *add(struct form_box *form, const char *label,
			      enum form_kind kind)
{
	struct form_field *f = &form->fields[form->count];

	if (form->count + 1 < FORM_FIELDS_MAX)
		form->count++;
	*f = (struct form_field){.label = label, .kind = kind};
	return f;
}

struct form_field *form_box_text(struct form_box *form, const char *label,
				 const char *text)
{
	struct form_field *f = add(form, label, FORM_TEXT);
	size_t n = strlen(text);

	if (n >= sizeof(f->text))
		n = sizeof(f->text) - 1;
	memcpy(f->text, text, n);
	f->cursor = n;
	return f;
}

struct form_field *form_box_check(struct form_box *form, const char *label,
				  bool on)
{
	struct form_field *f = add(form, label, FORM_CHECK);

	f->value = on;
	return f;
}

struct form_field *form_box_choice(struct form_box *form, const char *label,
				   const char *const *choices, int value)
{
	struct form_field *f = add(form, label, FORM_CHOICE);

	f->choices = choices;
	f->value = value;
	return f;
}

/* ---- editing ---- */

/* Bytes of the character before, or at, a place. */
static size_t before(const struct form_field *f)
{
	size_t n = 1;

	if (f->cursor == 0)
		return 0;
	while (n < f->cursor &&
	       ((unsigned char)f->text[f->cursor - n] & 0xC0) == 0x80)
		n++;
	return n;
}

static size_t at(const struct form_field *f)
{
	size_t n = 1, length = strlen(f->text);

	if (f->cursor >= length)
		return 0;
	while (f->cursor + n < length &&
	       ((unsigned char)f->text[f->cursor + n] & 0xC0) == 0x80)
		n++;
	return n;
}

static bool cut(struct form_field *f, size_t n)
{
	size_t length = strlen(f->text);

	if (n == 0)
		return false;
	memmove(f->text + f->cursor, f->text + f->cursor + n,
		length - f->cursor - n + 1);
	return true;
}

static bool insert(struct form_field *f, uint32_t code)
{
	uint8_t bytes[UTF8_MAX];
	size_t n = utf8_put(code, bytes), length = strlen(f->text);

	if (length + n >= sizeof(f->text))
		return true;
	memmove(f->text + f->cursor + n, f->text + f->cursor,
		length - f->cursor + 1);
	memcpy(f->text + f->cursor, bytes, n);
	f->cursor += n;
	return true;
}

bool form_box_type(struct form_box *form, int key)
{
	struct form_field *f = &form->fields[form->at];

	if (key < KEY_SPACE || key == KEY_RUBOUT || key >= KEY_FIRST_SPECIAL)
		return false;
	if (f->kind == FORM_TEXT)
		return insert(f, (uint32_t)key);
	if (key != KEY_SPACE)
		return true;
	if (f->kind == FORM_CHECK)
		f->value = !f->value;
	else
		f->value = f->choices[f->value + 1] ? f->value + 1 : 0;
	return true;
}

static bool choose(struct form_field *f, int step)
{
	int last = 0;

	if (f->kind == FORM_CHECK) {
		f->value = !f->value;
		return true;
	}
	while (f->choices[last + 1])
		last++;
	f->value += step;
	if (f->value < 0)
		f->value = last;
	if (f->value > last)
		f->value = 0;
	return true;
}

static bool text_act(struct form_field *f, enum action action)
{
	size_t n;

	switch ((int)action) {
	case ACTION_LEFT:
		f->cursor -= before(f);
		return false;
	case ACTION_RIGHT:
		f->cursor += at(f);
		return false;
	case ACTION_BEGIN:
		f->cursor = 0;
		return false;
	case ACTION_END:
		f->cursor = strlen(f->text);
		return false;
	case ACTION_ERASE:
		return cut(f, at(f));
	case ACTION_BACKSPACE:
		n = before(f);
		f->cursor -= n;
		return cut(f, n);
	case ACTION_CLEAR_FIELD:
		f->text[0] = 0;
		f->cursor = 0;
		return true;
	default:
		return false;
	}
}

bool form_box_act(struct form_box *form, enum action action)
{
	struct form_field *f = &form->fields[form->at];

	if (action == ACTION_NEXT_FIELD) {
		form->at = form->at + 1 < form->count ? form->at + 1 : 0;
		return false;
	}
	if (action == ACTION_PREVIOUS_FIELD) {
		form->at = form->at ? form->at - 1 : form->count - 1;
		return false;
	}
	if (f->kind == FORM_TEXT)
		return text_act(f, action);
	if (action == ACTION_LEFT || action == ACTION_RIGHT)
		return choose(f, action == ACTION_LEFT ? -1 : 1);
	return false;
}

bool form_box_click(struct form_box *form, int x, int y)
{
	const struct area *a = &form->shown;
	size_t at = form->first + (size_t)(y - a->y);

	if (y < a->y || y >= a->y + a->height || x < a->x ||
	    x >= a->x + a->width || at >= form->count)
		return false;
	form->at = at;
	return form->fields[at].kind != FORM_TEXT &&
	       choose(&form->fields[at], 1);
}

/* ---- drawing ---- */

static int label_width(const struct form_box *form)
{
	int width = 0;

	for (size_t i = 0; i < form->count; i++) {
		int n = (int)strlen(form->fields[i].label);

		width = n > width ? n : width;
	}
	return width;
}

/* The end of a text that does not fit is what is being typed. */
static void draw_text(const struct form_field *f, struct canvas *c,
		      const struct area *a, bool here)
{
	struct slice s = slice_of_text(f->text);
	struct slice left = slice_first(s, f->cursor);
	int cursor;

	canvas_repeat(c, a->x, a->y, a->width, STYLE_VALUE, ' ');
	while (left.n && (int)left.n >= a->width) {
		uint32_t code;
		size_t n = utf8_sequence(left, &code);

		left = slice_from(left, n ? n : 1);
		s = slice_from(s, n ? n : 1);
	}
	(void)canvas_put(c, a->x, a->y, a->width, STYLE_VALUE, s);
	cursor = canvas_put(c, a->x, a->y, a->width, STYLE_VALUE, left);
	if (here)
		canvas_choose(c, a->x + cursor, a->y, 1);
}

static void draw_field(const struct form_field *f, struct canvas *c,
		       const struct area *a, bool here)
{
	if (f->kind == FORM_TEXT)
		draw_text(f, c, a, here);
	else if (f->kind == FORM_CHECK)
		(void)canvas_printf(c, a->x, a->y, a->width, STYLE_VALUE,
				    "[%c]", f->value ? 'x' : ' ');
	else
		(void)canvas_printf(c, a->x, a->y, a->width, STYLE_VALUE,
				    "< %s >", f->choices[f->value]);
	if (here && f->kind != FORM_TEXT)
		canvas_choose(c, a->x, a->y,
			      f->kind == FORM_CHECK
				      ? 3
				      : (int)strlen(f->choices[f->value]) + 4);
}

static void draw_line(struct form_box *form, struct canvas *c)
{
	const struct form_field *f = &form->fields[0];
	int y = c->height - 1, n;
	struct area a;

	canvas_repeat(c, 0, y, c->width, STYLE_PLAIN, ' ');
	n = canvas_puts(c, 0, y, c->width, STYLE_BOLD, f->label);
	a = (struct area){n + 1, y, c->width - n - 2, 1};
	draw_field(f, c, &a, true);
	form->shown = (struct area){0, y, c->width, 1};
	form->first = 0;
}

void form_box_draw(struct form_box *form, struct canvas *c)
{
	int label = label_width(form), rows = (int)form->count;
	int width = c->width < 72 ? c->width : 72;
	int height = rows + (form->hint ? 4 : 2), room, first = 0;
	struct area box;

	if (form->one_line) {
		draw_line(form, c);
		return;
	}
	height = height > c->height ? c->height : height;
	room = height - (form->hint ? 4 : 2);
	box = (struct area){(c->width - width) / 2, (c->height - height) / 2,
			    width, height};
	canvas_box(c, &box, form->title);
	if ((int)form->at >= room)
		first = (int)form->at - room + 1;
	form->shown = (struct area){box.x, box.y + 1, width, room};
	form->first = (size_t)first;
	for (int i = 0; i < room && first + i < rows; i++) {
		const struct form_field *f = &form->fields[first + i];
		int y = box.y + 1 + i;
		struct area a = {box.x + label + 4, y, width - label - 6, 1};

		(void)canvas_puts(c, box.x + 2, y, label, STYLE_NAME, f->label);
		draw_field(f, c, &a, (size_t)(first + i) == form->at);
	}
	if (form->hint)
		(void)canvas_puts(c, box.x + 2, box.y + height - 2, width - 4,
				  STYLE_DIM, form->hint);
}
