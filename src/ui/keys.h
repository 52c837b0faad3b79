/*
 * Keys and what they do: one table, from which keys are dispatched, the help
 * screen and the line of keys at the bottom are printed, and `bind` in a
 * configuration file is read.
 *
 * The defaults are sngrep's wherever the meaning is the same.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

/* Characters stand for themselves (Ctrl-A is 1, Escape 27); other keys are
 * above all characters. */
enum key {
	KEY_NOTHING = 0,
	KEY_TAB = 9,
	KEY_RETURN = 10,
	KEY_ESCAPE = 27,
	KEY_SPACE = 32,
	KEY_RUBOUT = 127,
	KEY_FIRST_SPECIAL = 0x110000,
	KEY_ARROW_UP = KEY_FIRST_SPECIAL,
	KEY_ARROW_DOWN,
	KEY_ARROW_LEFT,
	KEY_ARROW_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_TO_HOME,
	KEY_TO_END,
	KEY_DELETE,
	KEY_INSERT,
	KEY_BACK_TAB,
	KEY_FUNCTION_0, /* F1 is the next one; to F12 */
	KEY_WHEEL_UP = KEY_FUNCTION_0 + 13,
	KEY_WHEEL_DOWN,
	KEY_CLICK,        /* the place comes beside it */
	KEY_DOUBLE_CLICK, /* the second of two, a KEY_CLICK before it */
	KEY_SIZE,         /* the terminal has another size */
	KEY_UNKNOWN,      /* one that means nothing; more may follow */
};

/* Where a key means something: bits. */
enum scope {
	SCOPE_CALLS = 1 << 0,
	SCOPE_FLOW = 1 << 1,
	SCOPE_MESSAGE = 1 << 2,
	SCOPE_PAIRS = 1 << 3,
	SCOPE_RELAYS = 1 << 4,
	SCOPE_FINDINGS = 1 << 5,
	SCOPE_TEXT = 1 << 6, /* diff, statistics, help: to be read */
	SCOPE_COLUMNS = 1 << 7,
	SCOPE_SETTINGS = 1 << 8,
	SCOPE_FORM = 1 << 9, /* fields to fill in */
	SCOPE_LISTS = 0xFF | SCOPE_SETTINGS,
	SCOPE_ALL = SCOPE_LISTS | SCOPE_FORM,
};

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_DOWN,
	ACTION_PAGE_UP,
	ACTION_HALF_DOWN,
	ACTION_HALF_UP,
	ACTION_BEGIN,
	ACTION_END,
	ACTION_NEXT_FIELD,
	ACTION_PREVIOUS_FIELD,
	ACTION_ERASE,
	ACTION_BACKSPACE,
	ACTION_CLEAR_FIELD,
	ACTION_CONFIRM,
	ACTION_CANCEL,
	ACTION_OPEN,
	ACTION_SELECT,
	ACTION_HELP,
	ACTION_SAVE,
	ACTION_SEARCH,
	ACTION_SEARCH_NEXT,
	ACTION_FLOW_EXTENDED,
	ACTION_CLEAR_CALLS,
	ACTION_CLEAR_SOFT,
	ACTION_RAW,
	ACTION_FILTER,
	ACTION_SETTINGS,
	ACTION_COLUMNS,
	ACTION_STATISTICS,
	ACTION_AUTOSCROLL,
	ACTION_PAUSE,
	ACTION_SORT_PREVIOUS,
	ACTION_SORT_NEXT,
	ACTION_SORT_SWAP,
	ACTION_SDP_INFO,
	ACTION_MEDIA,
	ACTION_ONLY_MEDIA,
	ACTION_ONLY_SDP,
	ACTION_ONLY_SIP,
	ACTION_COMPRESS,
	ACTION_HUE_MODE,
	ACTION_SYNTAX,
	ACTION_ALIAS,
	ACTION_PREVIEW,
	ACTION_PREVIEW_MORE,
	ACTION_PREVIEW_LESS,
	ACTION_PREVIEW_RESET,
	ACTION_TIME_MODE,
	ACTION_REPEATS,
	ACTION_FIELDS,
	ACTION_NEXT_MESSAGE,
	ACTION_PREVIOUS_MESSAGE,
	ACTION_PAIRS,
	ACTION_RELAYS,
	ACTION_FINDINGS,
	ACTION_DIFF,
	ACTION_HINTS,
	ACTION_TIME_BACK,
	ACTION_TIME_ON,
	ACTION_TIME_FAR_BACK,
	ACTION_TIME_FAR_ON,
	ACTION_TIME_HERE,
	ACTION_TIME_NOW,
	ACTION_MOVE_UP,
	ACTION_MOVE_DOWN,
	ACTION_KEEP,
	ACTION_LEAVE,
	ACTIONS,
};

#define KEYS_PER_ACTION 5u

struct action_row {
	enum action action;
	unsigned scopes;
	const char *name;   /* as `bind` has it */
	const char *sngrep; /* the same in sngreprc, or NULL */
	const char *keys;   /* the defaults, a blank between them */
	const char *label;  /* in the line at the bottom, or NULL */
	const char *help;
};

extern const struct action_row action_rows[];
extern const unsigned action_row_count;

/* Which keys there are now: rows beside those of the table. */
struct bindings {
	int keys[ACTIONS][KEYS_PER_ACTION];
};

/* The defaults. */
void bindings_init(struct bindings *b);

/* What this key does there; ACTION_NONE. */
enum action bindings_find(const struct bindings *b, unsigned scope, int key);

/* The keys by which it is reached there, those that another action takes left
 * out; their number. */
unsigned bindings_keys(const struct bindings *b, enum action action,
		       unsigned scope, int out[KEYS_PER_ACTION]);

/* Changes the keys of an action by its name, ours or sngrep's.  STATUS_BAD:
 * no such action, or no such key; STATUS_LIMIT: it has five by now. */
MUST_CHECK enum status bindings_add(struct bindings *b, struct slice action,
				    struct slice key);
MUST_CHECK enum status bindings_remove(struct bindings *b, struct slice action,
				       struct slice key);

/* "F1", "Ctrl-L", "Up", "q"; KEY_NOTHING when it is none. */
int key_of_name(struct slice name);
void key_put_name(int key, struct text *to);

#endif /* UI_KEYS_H */
