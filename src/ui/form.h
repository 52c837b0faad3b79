/*
 * A form: a box with fields to fill in, over the screen that asked.
 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "report/canvas.h"
#include "ui/keys.h"

#define FORM_FIELDS_MAX 20u
#define FORM_TEXT_MAX 256

enum form_kind {
	FORM_TEXT,
	FORM_CHECK,
	FORM_CHOICE, /* one of `choices` */
};

struct form_field {
	const char *label;
	enum form_kind kind;
	const char *const *choices; /* ended by NULL */
	int value;                  /* of a check, or a choice */
	char text[FORM_TEXT_MAX];
	size_t cursor;
};

struct app;

struct form_box {
	const char *title; /* NULL: it is closed */
	const char *hint;  /* a line below, or NULL */
	struct form_field fields[FORM_FIELDS_MAX];
	size_t count, at;
	bool one_line;     /* at the bottom of the screen instead of in a box */
	struct area shown; /* where its fields were drawn, */
	size_t first;      /* from this one on */
	uint64_t numbers[2]; /* of whoever opened it */
	/* Accepted: false keeps it open. */
	bool (*accept)(struct app *app, struct form_box *form);
	/* After each change, to show its effect at once; may be NULL. */
	void (*changed)(struct app *app, struct form_box *form);
	/* Cancelled; may be NULL. */
	void (*cancel)(struct app *app, struct form_box *form);
};

/* A closed form becomes an empty one. */
void form_box_open(struct form_box *form, const char *title);
struct form_field *form_box_text(struct form_box *form, const char *label,
				 const char *text);
struct form_field *form_box_check(struct form_box *form, const char *label,
				  bool on);
struct form_field *form_box_choice(struct form_box *form, const char *label,
				   const char *const *choices, int value);

/* A key that is no action of a form: text.  True when it was taken. */
bool form_box_type(struct form_box *form, int key);
/* An action on the field at the cursor; true when something was changed. */
bool form_box_act(struct form_box *form, enum action action);

/* A click: the cursor goes to the field, which goes on to its next value; true
 * when something was changed. */
bool form_box_click(struct form_box *form, int x, int y);

/* A box in the middle, or the lowest line for a form of one line. */
void form_box_draw(struct form_box *form, struct canvas *c);

#endif /* UI_FORM_H */
