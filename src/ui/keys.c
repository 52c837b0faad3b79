/* The table of keys. */
#include "config.h"

#include "ui/keys.h"

#define LISTS SCOPE_LISTS
#define READ (SCOPE_MESSAGE | SCOPE_TEXT)

const struct action_row action_rows[] = {
	{ACTION_UP, LISTS, "up", "up", "Up k", NULL, "up"},
	{ACTION_DOWN, LISTS, "down", "down", "Down j", NULL, "down"},
	{ACTION_LEFT, LISTS, "left", "left", "Left", NULL, "to the left"},
	{ACTION_RIGHT, LISTS, "right", "right", "Right l", NULL,
	 "to the right"},
	{ACTION_PAGE_DOWN, LISTS, "page-down", "npage", "PageDown Ctrl-F", NULL,
	 "a page down"},
	{ACTION_PAGE_UP, LISTS, "page-up", "ppage", "PageUp Ctrl-B", NULL,
	 "a page up"},
	{ACTION_HALF_DOWN, LISTS, "half-page-down", "hnpage", "Ctrl-D", NULL,
	 "half a page down"},
	{ACTION_HALF_UP, LISTS, "half-page-up", "hppage", "Ctrl-U", NULL,
	 "half a page up"},
	{ACTION_BEGIN, SCOPE_ALL, "begin", "begin", "Home Ctrl-A", NULL,
	 "to the first"},
	{ACTION_END, SCOPE_ALL, "end", "end", "End Ctrl-E", NULL,
	 "to the last"},

	{ACTION_NEXT_FIELD, SCOPE_FORM, "next-field", "nfield", "Tab Down",
	 NULL, "next field"},
	{ACTION_PREVIOUS_FIELD, SCOPE_FORM, "previous-field", "pfield",
	 "BackTab Up", NULL, "previous field"},
	{ACTION_LEFT, SCOPE_FORM, "form-left", NULL, "Left", NULL,
	 "to the left; another choice"},
	{ACTION_RIGHT, SCOPE_FORM, "form-right", NULL, "Right", NULL,
	 "to the right; another choice"},
	{ACTION_ERASE, SCOPE_FORM, "delete", "delete", "Delete", NULL,
	 "erase the character"},
	{ACTION_BACKSPACE, SCOPE_FORM, "backspace", "backspace",
	 "Backspace Ctrl-H", NULL, "erase the character before"},
	{ACTION_CLEAR_FIELD, SCOPE_FORM, "clear-field", "clear",
	 "Ctrl-U Ctrl-W", NULL, "empty the field"},
	{ACTION_CONFIRM, SCOPE_FORM, "confirm", "confirm", "Enter", "Accept",
	 "accept"},
	{ACTION_CANCEL, SCOPE_FORM, "cancel", "cancel", "Esc", "Cancel",
	 "cancel"},

	{ACTION_OPEN,
	 SCOPE_CALLS | SCOPE_FLOW | SCOPE_PAIRS | SCOPE_RELAYS |
		 SCOPE_FINDINGS | SCOPE_COLUMNS | SCOPE_SETTINGS,
	 "open", "flow", "Enter", "Open", "open what the cursor is on"},
	{ACTION_LEAVE, LISTS, "leave", "prevscreen", "Esc q Q", "Back",
	 "back to the screen before; at the list: end"},
	{ACTION_HELP, SCOPE_ALL & ~(unsigned)SCOPE_FORM, "help", "help",
	 "F1 h H ?", "Help", "this help"},
	{ACTION_PAIRS, SCOPE_CALLS | SCOPE_FLOW, "pairs", NULL, "P", "Pairs",
	 "the matrix of candidate pairs"},
	{ACTION_RELAYS, SCOPE_CALLS | SCOPE_FLOW, "relays", NULL, "L", "Relays",
	 "allocations and tokens"},
	{ACTION_FINDINGS, SCOPE_CALLS | SCOPE_FLOW, "findings", NULL, "!",
	 "Findings", "what was found, and what to do about it"},
	{ACTION_SAVE, SCOPE_CALLS | SCOPE_FLOW | SCOPE_MESSAGE, "save", "save",
	 "F2 s S", "Save", "save calls or messages to a file"},
	{ACTION_SEARCH,
	 SCOPE_CALLS | SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_TEXT |
		 SCOPE_FINDINGS | SCOPE_RELAYS,
	 "search", "search", "F3 / Tab", "Search",
	 "search; at the list: show only calls that fit"},
	{ACTION_SEARCH_NEXT, LISTS & ~(unsigned)SCOPE_CALLS, "search-next",
	 NULL, "n", NULL, "the next place that fits"},
	{ACTION_SDP_INFO, SCOPE_FLOW, "sdp-info", "sdpinfo", "F2 d", "SDP",
	 "addresses of SDP in the arrows"},
	{ACTION_MEDIA, SCOPE_FLOW, "media", "togglemedia", "F3 m", "RTP",
	 "arrows of media streams"},
	{ACTION_SELECT,
	 SCOPE_CALLS | SCOPE_FLOW | SCOPE_COLUMNS | SCOPE_SETTINGS, "select",
	 "select", "Space", "Select",
	 "select a call or a message (the second one opens the comparison)"},
	{ACTION_FLOW_EXTENDED, SCOPE_CALLS | SCOPE_FLOW, "extended-flow",
	 "flowex", "F4 x", "Legs",
	 "the flow with all legs of the call, or without"},
	{ACTION_CLEAR_CALLS, SCOPE_CALLS, "clear-calls", "clearcalls",
	 "F5 Ctrl-L", "Clear", "forget the calls that are listed"},
	{ACTION_RAW, SCOPE_CALLS | SCOPE_FLOW, "raw", "raw", "F6 R r", "Raw",
	 "the messages as text"},
	{ACTION_FILTER, SCOPE_CALLS, "filter", "filters", "F7 f F", "Filter",
	 "show only calls with these values"},
	/* In the flow F8 is that of the colours, as in sngrep. */
	{ACTION_SETTINGS,
	 SCOPE_CALLS | SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_PAIRS | SCOPE_RELAYS,
	 "settings", "settings", "F8 o O", "Set", "settings"},
	{ACTION_CLEAR_SOFT, SCOPE_CALLS, "clear-soft", "clearcallssoft", "F9",
	 NULL, "forget the calls that the filter hides"},
	{ACTION_COLUMNS, SCOPE_CALLS, "columns", "columns", "F10 t T",
	 "Columns", "choose the columns"},

	{ACTION_STATISTICS, SCOPE_CALLS, "statistics", "stats", "i", NULL,
	 "statistics"},
	{ACTION_DIFF, SCOPE_CALLS | SCOPE_FLOW, "diff", NULL, "=", NULL,
	 "compare the two that are selected"},
	{ACTION_AUTOSCROLL, SCOPE_CALLS, "autoscroll", "autoscroll", "A", NULL,
	 "keep the newest call in sight"},
	{ACTION_PAUSE, SCOPE_CALLS | SCOPE_FLOW, "pause", "pause", "p", NULL,
	 "pause"},
	{ACTION_SORT_PREVIOUS, SCOPE_CALLS, "sort-previous", "sortprev", "<",
	 NULL, "sort by the column before"},
	{ACTION_SORT_NEXT, SCOPE_CALLS, "sort-next", "sortnext", ">", NULL,
	 "sort by the next column"},
	{ACTION_SORT_SWAP, SCOPE_CALLS, "sort-swap", "sortswap", "z", NULL,
	 "turn the order around"},

	{ACTION_ONLY_MEDIA, SCOPE_FLOW, "only-media", "onlymedia", "M", NULL,
	 "only media streams"},
	{ACTION_ONLY_SDP, SCOPE_FLOW, "only-sdp", "onlysdp", "D", NULL,
	 "only messages with SDP"},
	{ACTION_ONLY_SIP, SCOPE_FLOW, "only-sip", NULL, "I", NULL,
	 "only SIP, without STUN, TURN and DTLS"},
	{ACTION_COMPRESS, SCOPE_FLOW, "compress", "compress", "s", "Hosts",
	 "one column for a host, or for each of its ports"},
	{ACTION_HUE_MODE, SCOPE_FLOW, "color-mode", "colormode", "c F7", NULL,
	 "colours by kind, Call-ID or CSeq"},
	{ACTION_SYNTAX, READ | SCOPE_FLOW, "syntax", "togglesyntax", "C F8",
	 NULL, "colours of headers and bodies"},
	{ACTION_ALIAS, SCOPE_FLOW | SCOPE_CALLS, "alias", "togglealias", "a",
	 NULL, "names for addresses"},
	{ACTION_PREVIEW, SCOPE_FLOW, "preview", "rawpreview", "t", "Split",
	 "the message beside the flow"},
	{ACTION_PREVIEW_MORE, SCOPE_FLOW, "preview-wider", "morerawpreview",
	 "9", NULL, "more room for the message"},
	{ACTION_PREVIEW_LESS, SCOPE_FLOW, "preview-narrower", "lessrawpreview",
	 "0", NULL, "less room for it"},
	{ACTION_PREVIEW_RESET, SCOPE_FLOW, "preview-reset", "resetrawpreview",
	 "T", NULL, "the room that it had"},
	{ACTION_TIME_MODE, SCOPE_FLOW | SCOPE_CALLS, "time-mode", "toggletime",
	 "w", "Time", "time of day, since the begin, since the one before"},
	{ACTION_REPEATS, SCOPE_FLOW, "repeats", NULL, "e", NULL,
	 "fold retransmissions and copies, or show each"},
	{ACTION_FIELDS, SCOPE_FLOW | SCOPE_MESSAGE, "fields", NULL, "Tab", NULL,
	 "the message as fields or as it was sent"},
	{ACTION_NEXT_MESSAGE, SCOPE_MESSAGE, "next-message", NULL, "Right l",
	 "Next", "the next message"},
	{ACTION_PREVIOUS_MESSAGE, SCOPE_MESSAGE, "previous-message", NULL,
	 "Left", "Previous", "the message before"},

	{ACTION_HINTS, LISTS, "hints", "hintalt", "K", NULL,
	 "the line of keys with the first key of each, or with the second"},
	{ACTION_TIME_BACK, LISTS, "time-back", NULL, "[", NULL,
	 "back in time: to the change before"},
	{ACTION_TIME_ON, LISTS, "time-on", NULL, "]", NULL,
	 "on in time: to the next change"},
	{ACTION_TIME_FAR_BACK, LISTS, "time-far-back", NULL, "{", NULL,
	 "back in time: a tenth of all"},
	{ACTION_TIME_FAR_ON, LISTS, "time-far-on", NULL, "}", NULL,
	 "on in time: a tenth of all"},
	{ACTION_TIME_HERE, SCOPE_FLOW | SCOPE_CALLS, "time-here", NULL, "@",
	 NULL, "set the time to that of the row at the cursor"},
	{ACTION_TIME_NOW, LISTS, "time-now", NULL, "|", NULL,
	 "to the end of time: all that is known"},

	{ACTION_MOVE_UP, SCOPE_COLUMNS, "move-up", "columnup", "-", "Up",
	 "move the column up"},
	{ACTION_MOVE_DOWN, SCOPE_COLUMNS, "move-down", "columndown", "+",
	 "Down", "move the column down"},
	{ACTION_KEEP, SCOPE_COLUMNS | SCOPE_SETTINGS, "keep", NULL, "F2 s",
	 "Keep", "write it to the configuration file"},
};

const unsigned action_row_count = sizeof(action_rows) / sizeof(action_rows[0]);

struct key_row {
	int key;
	const char *name;
};

static const struct key_row key_rows[] = {
	{KEY_TAB, "Tab"},
	{KEY_RETURN, "Enter"},
	{KEY_ESCAPE, "Esc"},
	{KEY_SPACE, "Space"},
	{KEY_RUBOUT, "Backspace"},
	{KEY_ARROW_UP, "Up"},
	{KEY_ARROW_DOWN, "Down"},
	{KEY_ARROW_LEFT, "Left"},
	{KEY_ARROW_RIGHT, "Right"},
	{KEY_PAGE_UP, "PageUp"},
	{KEY_PAGE_DOWN, "PageDown"},
	{KEY_TO_HOME, "Home"},
	{KEY_TO_END, "End"},
	{KEY_DELETE, "Delete"},
	{KEY_INSERT, "Insert"},
	{KEY_BACK_TAB, "BackTab"},
	{KEY_WHEEL_UP, "WheelUp"},
	{KEY_WHEEL_DOWN, "WheelDown"},
};

static int function_key(struct slice name)
{
	uint64_t number;

	if (name.n < 2 || (name.p[0] != 'F' && name.p[0] != 'f') ||
	    slice_number(slice_from(name, 1), 12, &number) != STATUS_OK)
		return KEY_NOTHING;
	return KEY_FUNCTION_0 + (int)number;
}

static int control_key(struct slice name)
{
	uint8_t letter;

	if (slice_starts_nocase(name, "Ctrl-") && name.n == 6)
		letter = name.p[5];
	else if (name.n == 2 && name.p[0] == '^')
		letter = name.p[1];
	else
		return KEY_NOTHING;
	letter &= 0xDF;
	return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 1 : KEY_NOTHING;
}

int key_of_name(struct slice name)
{
	uint32_t code;
	size_t n = utf8_sequence(name, &code);
	int key;

	for (size_t i = 0; i < sizeof(key_rows) / sizeof(key_rows[0]); i++)
		if (slice_is_nocase(name, key_rows[i].name))
			return key_rows[i].key;
	key = function_key(name);
	if (key == KEY_NOTHING)
		key = control_key(name);
	if (key == KEY_NOTHING && n && n == name.n && code > ' ')
		key = (int)code;
	return key;
}

void key_put_name(int key, struct text *to)
{
	for (size_t i = 0; i < sizeof(key_rows) / sizeof(key_rows[0]); i++)
		if (key_rows[i].key == key) {
			text_puts(to, key_rows[i].name);
			return;
		}
	if (key > KEY_FUNCTION_0 && key <= KEY_FUNCTION_0 + 12)
		text_printf(to, "F%d", key - KEY_FUNCTION_0);
	else if (key > 0 && key < 27)
		text_printf(to, "Ctrl-%c", 'A' + key - 1);
	else if (key > ' ' && key < 0x7F)
		text_putc(to, (char)key);
	else
		text_printf(to, "U+%04X", (unsigned)key);
}

static void add_key(struct bindings *b, enum action action, int key)
{
	int *keys = b->keys[action];

	for (unsigned i = 0; i < KEYS_PER_ACTION; i++) {
		if (keys[i] == key)
			return;
		if (keys[i] == KEY_NOTHING) {
			keys[i] = key;
			return;
		}
	}
}

void bindings_init(struct bindings *b)
{
	*b = (struct bindings){0};
	for (unsigned i = 0; i < action_row_count; i++) {
		struct slice rest = slice_of_text(action_rows[i].keys);

		while (rest.n)
			add_key(b, action_rows[i].action,
				key_of_name(slice_split(&rest, ' ')));
	}
}

static bool has_key(const struct bindings *b, enum action action, int key)
{
	for (unsigned i = 0; i < KEYS_PER_ACTION; i++)
		if (b->keys[action][i] == key && key != KEY_NOTHING)
			return true;
	return false;
}

unsigned bindings_keys(const struct bindings *b, enum action action,
		       unsigned scope, int out[KEYS_PER_ACTION])
{
	unsigned count = 0;

	for (unsigned i = 0; i < KEYS_PER_ACTION; i++)
		if (b->keys[action][i] != KEY_NOTHING &&
		    bindings_find(b, scope, b->keys[action][i]) == action)
			out[count++] = b->keys[action][i];
	return count;
}

/* Of two actions with one key that counts which is for fewer scopes: what is
 * only for the flow comes before what is for all lists. */
enum action bindings_find(const struct bindings *b, unsigned scope, int key)
{
	enum action best = ACTION_NONE;
	unsigned least = 33;

	for (unsigned i = 0; i < action_row_count; i++) {
		const struct action_row *row = &action_rows[i];
		unsigned scopes = 0;

		if (!(row->scopes & scope) || !has_key(b, row->action, key))
			continue;
		for (unsigned bit = row->scopes; bit; bit &= bit - 1)
			scopes++;
		if (scopes < least) {
			least = scopes;
			best = row->action;
		}
	}
	return best;
}

static enum action action_of(struct slice name)
{
	for (unsigned i = 0; i < action_row_count; i++)
		if (slice_is(name, action_rows[i].name))
			return action_rows[i].action;
	for (unsigned i = 0; i < action_row_count; i++)
		if (action_rows[i].sngrep &&
		    slice_is(name, action_rows[i].sngrep))
			return action_rows[i].action;
	return ACTION_NONE;
}

enum status bindings_add(struct bindings *b, struct slice name,
			 struct slice key_text)
{
	enum action action = action_of(name);
	int key = key_of_name(key_text);

	if (action == ACTION_NONE || key == KEY_NOTHING)
		return STATUS_BAD;
	add_key(b, action, key);
	return has_key(b, action, key) ? STATUS_OK : STATUS_LIMIT;
}

enum status bindings_remove(struct bindings *b, struct slice name,
			    struct slice key_text)
{
	enum action action = action_of(name);
	int key = key_of_name(key_text);
	unsigned kept = 0;

	if (action == ACTION_NONE || key == KEY_NOTHING)
		return STATUS_BAD;
	for (unsigned i = 0; i < KEYS_PER_ACTION; i++)
		if (b->keys[action][i] != key)
			b->keys[action][kept++] = b->keys[action][i];
	while (kept < KEYS_PER_ACTION)
		b->keys[action][kept++] = KEY_NOTHING;
	return STATUS_OK;
}
