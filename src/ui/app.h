/*
 * The application: a stack of screens over a feed.  Keys in, canvas out; it
 * knows no terminal and no clock, so tests drive it as people do.
 */
#ifndef UI_APP_H
#define UI_APP_H

#include "report/canvas.h"
#include "ui/feed.h"
#include "ui/form.h"
#include "ui/listing.h"
#include "ui/settings.h"
#include "ui/view.h"

#define APP_SCREENS_MAX 16u
#define APP_SEARCH_MAX 128

struct app;

/* What a list and a page of text have in common. */
struct lister {
	size_t count, cursor, top;
	int page;         /* rows that were drawn last, */
	struct area rows; /* and where */
	bool text;        /* a page of text: no row is chosen */
};

struct screen {
	const struct screen_class *class;
	struct lister list;
	void *own; /* of the class */
};

struct screen_class {
	unsigned scope;
	size_t size; /* of own */
	/* What stands in the title beside the name of the program. */
	void (*title)(struct app *app, struct screen *s, struct text *to);
	void (*draw)(struct app *app, struct screen *s, struct canvas *c,
		     const struct area *area);
	/* False: this action means nothing to it. */
	bool (*act)(struct app *app, struct screen *s, enum action action);
	/* The model has grown or changed, or the moment has; may be NULL. */
	void (*refresh)(struct app *app, struct screen *s);
	/* One step of what takes longer; true: there is more; may be NULL. */
	bool (*work)(struct app *app, struct screen *s);
	void (*close)(struct screen *s); /* may be NULL */
	/* For the search: the text of a row; NULL: cannot be searched. */
	void (*row_text)(struct app *app, struct screen *s, size_t row,
			 struct text *to);
	/* A click; false: not at a place of its own; may be NULL. */
	bool (*click)(struct app *app, struct screen *s, int x, int y);
};

/* A place in the line of keys that is as good as the key. */
struct hot_key {
	int x, width, key;
};
#define HOT_KEYS_MAX 32u

/* Calls that are selected, by key. */
#define MARKS_MAX 256u

struct app {
	struct feed *feed;
	struct settings settings;
	struct screen stack[APP_SCREENS_MAX];
	size_t depth;
	struct form_box form; /* open when form.title is not NULL */
	char notice[160];     /* said at the bottom until the next key */
	bool notice_bad;
	bool trouble_told; /* of the feed, once */
	char search[APP_SEARCH_MAX];
	uint64_t marks[MARKS_MAX];
	size_t mark_count;
	nanoseconds at; /* the moment that is shown; 0: the end */
	bool paused;
	bool quit;
	bool dirty;          /* something to draw */
	uint64_t generation; /* of the feed, that screens have seen */
	size_t seen;         /* rows of the journal, the same */
	int percent;         /* of what is read, in the title */
	int width, height;   /* of the canvas that was drawn last */
	struct hot_key hot[HOT_KEYS_MAX];
	size_t hot_count;
	struct area scrubber; /* of time; nothing where it is not drawn */
};

/* Begins with the list of calls; settings are filled in by now.  False:
 * memory is out. */
bool app_open(struct app *app, struct feed *feed);
void app_close(struct app *app);

/* A key of term.h: to the form that is open, else to the screen in sight. */
void app_key(struct app *app, int key);

/* mouse.c: a click at a place of the canvas, or the second of two. */
void app_click(struct app *app, int x, int y, bool twice);

/* The feed has worked. */
void app_refresh(struct app *app);

/* A step of what the screen in sight has to do, if there is anything; true:
 * there is more.  Tests and pictures go on until there is not. */
bool app_work(struct app *app);

/* All of it: the screen in sight, the form over it, the bar of keys. */
void app_draw(struct app *app, struct canvas *c);

/* ---- for screens ---- */

struct screen *app_push(struct app *app, const struct screen_class *class);
/* A screen about one call, or about all (NULL): its own begins with a struct
 * about, and refresh makes what it shows. */
struct about {
	uint64_t key; /* of the call; 0: all */
};
void app_push_about(struct app *app, const struct screen_class *class,
		    const struct view_call *v);
/* That call; false: it is about all, or the call is gone. */
bool app_about(struct app *app, const struct screen *s, struct view_call *out);
void app_pop(struct app *app);
/* An action upon the screen in sight. */
void app_act(struct app *app, enum action action);
/* All screens show this moment; 0: the end. */
void app_set_time(struct app *app, nanoseconds at);
/* A notice in the lowest line until the next key; app_complain in the colour
 * of errors. */
void app_say(struct app *app, const char *format, ...) PRINTF_LIKE(2, 3);
void app_complain(struct app *app, const char *format, ...) PRINTF_LIKE(2, 3);

/* Calls that the user has marked, by view_key; marking once more undoes it. */
bool app_is_marked(const struct app *app, uint64_t key);
void app_mark(struct app *app, uint64_t key);

/* Writes the settings to the configuration file, and says so. */
void app_keep(struct app *app);

/* An address by its alias or as it is. */
void app_put_end(const struct app *app, const struct endpoint *e,
		 bool host_only, struct text *to);
/* "integrity: 4 verified, 1 bad"; nothing where there is nothing to count. */
void app_put_integrity(const struct integrity_counts *counts, struct text *to);
/* A time as SETTING_TIMES says, in 12 columns. */
void app_put_time(const struct app *app, nanoseconds time, nanoseconds begin,
		  nanoseconds before, struct text *to);

/* lister.c: moves the cursor; false when the action does not move it. */
bool lister_act(struct lister *l, enum action action);
/* Sees to it that the cursor is in sight of the rows that are drawn there. */
void lister_show(struct lister *l, size_t count, const struct area *rows);
/* The row at a line of the canvas; LIST_NONE. */
size_t lister_at(const struct lister *l, int y);
/* A page of text, scrolled: the cursor is the first line in sight, but for a
 * search. */
struct page;
void lister_page(struct lister *l, const struct page *page, struct canvas *c,
		 const struct area *a);
/* A bar at the right edge that says which part is in sight. */
void lister_bar(const struct lister *l, struct canvas *c,
		const struct area *area);

/* ---- the screens ---- */

void open_calls(struct app *app);
/* The flow of the selected calls, or of this one; extended: all legs. */
void open_flow(struct app *app, const struct view_call *v, bool extended);
/* The same, with the cursor on this place. */
void open_flow_at(struct app *app, const struct view_call *v,
		  struct place place);
/* Of these calls the messages of one pair. */
void open_flow_of_pair(struct app *app, const struct view_call *v,
		       const struct pair *pair);
void open_message(struct app *app, const uint32_t *rows, size_t count,
		  size_t at);
void open_pairs(struct app *app, const struct view_call *v);
void open_relays(struct app *app, const struct view_call *v); /* NULL: all */
void open_findings(struct app *app, const struct view_call *v);
void open_diff_messages(struct app *app, uint32_t left, uint32_t right);
void open_diff_calls(struct app *app, const struct view_call *left,
		     const struct view_call *right);
void open_statistics(struct app *app);
void open_help(struct app *app, unsigned scope);
void open_columns(struct app *app);
void open_settings(struct app *app);
/* A form that saves; `message` is a row of the journal or LIST_NONE. */
void open_save(struct app *app, const struct view_call *v, size_t message);

/* From the command line: what messages must fit, which kinds are shown (bits
 * of enum filter_method). */
bool calls_match(struct app *app, const struct listing_match *match,
		 char why[FILTER_WHY_MAX]);
void calls_only(struct app *app, unsigned methods);
/* The same by names, "INVITE,REGISTER"; with all that sngrep has, or without
 * any: no kind is hidden. */
void calls_only_named(struct app *app, struct slice names);

/* The calls of the list that fit its filter, for statistics and saving. */
size_t calls_listed(struct app *app, const uint32_t **numbers);

#endif /* UI_APP_H */
