/*
 * The view of the model that screens have: a call as a row of the list, its
 * columns, what it was at a moment, and which messages are its own.
 *
 * This is the one place of the screens that knows how calls lie in the model.
 * While a file is being read there are no calls yet, and each dialog stands
 * for one.  Behind the calls come conversations that are none: OPTIONS,
 * SUBSCRIBE, MESSAGE, ...
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "ui/feed.h"

struct settings;

struct view_call {
	struct feed *feed;
	const struct model *model;
	const struct call *call;          /* NULL: only a dialog is known */
	const struct dialog *dialog;      /* the first leg, or NULL */
	const struct conversation *other; /* no call; then both are NULL */
	uint32_t number; /* row of the calls, or of the dialogs */
	nanoseconds at;  /* as things were then; 0: at the end */
	const struct settings *settings;
};

/* How many rows there are now, and one of them. */
size_t view_count(const struct feed *feed);
struct view_call view_call(struct feed *feed, size_t row,
			   const struct settings *settings, nanoseconds at);

/* What stays the same when the model is joined anew. */
uint64_t view_key(const struct view_call *v);

/* The row with this key, in *out; false: there is none any more. */
bool view_find(struct feed *feed, uint64_t key, const struct settings *settings,
	       nanoseconds at, struct view_call *out);

/* How many of the rows are calls. */
size_t view_calls(const struct feed *feed);

/* Since 1970, of whatever the row shows. */
nanoseconds view_start(const struct view_call *v);
nanoseconds view_end(const struct view_call *v);

/* The state of a stage at v->at; *begun is false before its time. */
enum stage_state view_stage(const struct view_call *v, enum stage stage,
			    bool *begun);
uint32_t view_mark(enum stage_state state, bool begun);
int view_mark_style(enum stage_state state, bool begun);

/* One word, as of v->at: "established", "ringing", ... */
const char *view_outcome(const struct view_call *v);
/* Live: may what comes yet make another word of it?  Then nothing is proved. */
bool view_may_change(const struct view_call *v);
int view_outcome_style(const struct view_call *v);
/* What it waits for at that moment, in one sentence. */
void view_waits_for(const struct view_call *v, struct text *to);
/* What it comes to in plain words, once that is known; NULL: nothing. */
const struct cause *view_cause(const struct view_call *v);
/* Why the call went no further, in so many columns: the stage and its cause,
 * the cause alone, or its name in the catalogue. */
void view_put_why(const struct view_call *v, size_t room, struct text *to);

/* ---- columns ---- */

struct view_column {
	const char *name;
	const char *title;
	int width; /* wanted; what is left is shared by those that grow */
	bool grows;
	bool shown;  /* at first */
	bool number; /* stands at the right */
	void (*put)(const struct view_call *v, struct text *to);
	int64_t (*value)(const struct view_call *v); /* NULL: sorts as text */
};

extern const struct view_column view_columns[];
extern const unsigned view_column_count;

/* By our name or sngrep's; view_column_count: none. */
uint8_t view_column_find(struct slice name);

/* ---- messages of a call ---- */

/*
 * Rows of the journal that belong to calls, in order of time: the SIP messages
 * by Call-ID, the rest by the ends that they go between.  `legs`: of all legs,
 * else of the first only.  STATUS_NOMEM.
 */
struct view_messages {
	uint32_t *rows;
	size_t count, room;
};
MUST_CHECK enum status view_messages(const struct view_call *calls,
				     size_t count, bool legs,
				     struct view_messages *out);
void view_messages_free(struct view_messages *m);

/* The SIP message of a place; NULL when the journal has it no more. */
const struct entry *view_entry_at(const struct feed *feed, struct place place);

#endif /* UI_VIEW_H */
