/* Saving: which calls, in which format, where to. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

static const char *const formats[] = {"pcapng", "pcap", "text", "JSON", NULL};
static const char *const all_or_listed[] = {"all calls",      "listed calls",
					    "selected calls", "this call",
					    "this message",   NULL};
static const char *const kinds[] = {"signalling", "signalling and RTP", NULL};

enum { FIELD_PATH, FIELD_WHAT, FIELD_FORMAT, FIELD_KINDS };
enum { WHAT_ALL, WHAT_LISTED, WHAT_SELECTED, WHAT_THIS, WHAT_MESSAGE };

static size_t collect_selected(struct app *app, uint32_t *out, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < view_count(app->feed) && count < max; i++) {
		struct view_call v = view_call(app->feed, i, &app->settings, 0);

		if (app_is_marked(app, view_key(&v)))
			out[count++] = (uint32_t)i;
	}
	return count;
}

static bool complain(struct app *app, const char *what)
{
	app_complain(app, "%s", what);
	return false;
}

/* What the form was opened on: a call or CHAIN_END, a message or LIST_NONE. */
enum { ON_CALL, ON_MESSAGE };

static bool choose(struct app *app, const struct form_box *form,
		   uint32_t selected[MARKS_MAX], struct save *save)
{
	save->message = LIST_NONE;
	switch (form->fields[FIELD_WHAT].value) {
	case WHAT_LISTED:
		save->call_count = calls_listed(app, &save->calls);
		return true;
	case WHAT_SELECTED:
		save->calls = selected;
		save->call_count = collect_selected(app, selected, MARKS_MAX);
		return save->call_count ? true
					: complain(app, "no call is selected");
	case WHAT_THIS:
		if (form->numbers[ON_CALL] == CHAIN_END)
			return complain(app, "the cursor is on no call");
		selected[0] = (uint32_t)form->numbers[ON_CALL];
		save->calls = selected;
		save->call_count = 1;
		return true;
	case WHAT_MESSAGE:
		save->message = (size_t)form->numbers[ON_MESSAGE];
		return save->message != LIST_NONE
			       ? true
			       : complain(app, "the cursor is on no message");
	default:
		return true;
	}
}

/* False: files are saved in their folder, and nowhere else. */
static bool is_place(struct app *app, const char *path)
{
	const char *folder = app->settings.texts[TEXT_SAVE_PATH];
	size_t n = strlen(folder);

	if (app->settings.values[SETTING_SAVE_EDIT] || !n)
		return true;
	if (strncmp(path, folder, n) == 0 && path[n] == '/' &&
	    !strchr(path + n + 1, '/'))
		return true;
	app_complain(app, "files are saved in %s: see savepath in the settings",
		     folder);
	return false;
}

static bool accept(struct app *app, struct form_box *form)
{
	uint32_t selected[MARKS_MAX];
	struct save save = {
		.path = form->fields[FIELD_PATH].text,
		.format = (enum save_format)form->fields[FIELD_FORMAT].value,
		.media = form->fields[FIELD_KINDS].value == 1,
	};
	struct text why = text_new(512);
	bool fine;

	if (!save.path[0])
		return complain(app, "it needs a name");
	if (!is_place(app, save.path))
		return false;
	if (!app->feed->joined)
		return complain(app, "wait until all is read");
	if (!choose(app, form, selected, &save))
		return false;
	fine = app->feed->save(app->feed, &save, &why);
	if (fine)
		app_say(app, "%.*s", (int)why.n, why.p);
	else
		app_complain(app, "%.*s", (int)why.n, why.p);
	text_free(&why);
	return fine;
}

void open_save(struct app *app, const struct view_call *v, size_t message)
{
	struct form_box *form = &app->form;
	const char *folder = app->settings.texts[TEXT_SAVE_PATH];
	char path[FORM_TEXT_MAX];
	int what = app->mark_count ? WHAT_SELECTED : v ? WHAT_THIS : WHAT_ALL;

	if (!v && message != LIST_NONE)
		what = WHAT_MESSAGE;
	form_box_open(form, "Save");
	snprintf(path, sizeof(path), "%s%scalls.pcapng", folder,
		 folder[0] ? "/" : "");
	(void)form_box_text(form, "File", path);
	(void)form_box_choice(form, "What", all_or_listed, what);
	(void)form_box_choice(form, "Format", formats, SAVE_PCAPNG);
	(void)form_box_choice(form, "Messages", kinds, 0);
	form->hint = "captures hold all bytes, passwords too; text masks them";
	form->accept = accept;
	form->numbers[ON_CALL] =
		v && (v->call || v->other) ? v->number : CHAIN_END;
	form->numbers[ON_MESSAGE] = message;
}
