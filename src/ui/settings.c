/* The table of settings, and the configuration file. */
#include "config.h"

#include <string.h>

#include "ui/settings.h"
#include "ui/view.h"

static const char *const off_on[] = {"off", "on", NULL};
static const char *const autos[] = {"auto", "on", "off", NULL};
static const char *const themes[] = {"dark", "light", "mono", NULL};
static const char *const orders[] = {"asc", "desc", NULL};
static const char *const hues[] = {"request", "callid", "cseq", NULL};
static const char *const times[] = {"absolute", "relative", "delta", NULL};

const struct setting_row setting_rows[SETTINGS] = {
	{SETTING_THEME, "theme", "background", themes, THEME_DARK, 0,
	 "colours for a dark or a light terminal, or none"},
	{SETTING_ASCII, "ascii", NULL, autos, THREE_AUTO, 0,
	 "lines of ASCII characters; auto: as the locale says"},
	{SETTING_MOUSE, "mouse", NULL, off_on, 0, 0,
	 "clicks and the wheel (the terminal then selects no text)"},
	{SETTING_EXIT_PROMPT, "exitprompt", "exitprompt", off_on, 0, 0,
	 "ask before the program ends"},
	{SETTING_AUTOSCROLL, "autoscroll", "cl.autoscroll", off_on, 0, 0,
	 "the list follows the newest call"},
	{SETTING_SORT_ORDER, "sort.order", "cl.sortorder", orders, 0, 0,
	 "the list goes up or down"},
	{SETTING_SYNTAX, "syntax", "syntax", off_on, 1, 0,
	 "colours of headers and bodies"},
	{SETTING_HUES, "colormode", "colormode", hues, HUES_KIND, 0,
	 "what one colour in the flow stands for"},
	{SETTING_TIMES, "times", NULL, times, TIMES_OF_DAY, 0,
	 "time of day, since the begin, or since the message before"},
	{SETTING_COMPRESS, "compress", NULL, autos, THREE_AUTO, 0,
	 "one column a host; auto: where columns would be too many"},
	{SETTING_SDP_INFO, "sdpinfo", "cf.sdpinfo", off_on, 0, 0,
	 "addresses of SDP in the arrows"},
	{SETTING_MEDIA, "media", "cf.media", off_on, 1, 0,
	 "arrows of media streams"},
	{SETTING_PREVIEW, "preview", "cf.forceraw", autos, THREE_AUTO, 0,
	 "the message beside the flow; auto: from 120 columns on"},
	{SETTING_PREVIEW_WIDTH, "preview.width", "cf.rawfixedwidth", NULL, 0,
	 400, "its columns; 0: half of the screen"},
	{SETTING_ALIASES, "aliases", "displayalias", off_on, 1, 0,
	 "show names where addresses have one"},
	{SETTING_REPEATS, "repeats", NULL, off_on, 0, 0,
	 "show each retransmission and copy"},
	{SETTING_HINTS, "hints", "hintkeyalt", off_on, 0, 0,
	 "the line of keys with the second key of each"},
	{SETTING_CALLS_ONLY, "calls", "sip.calls", off_on, 0, 0,
	 "from the start: list only what began with an INVITE"},
	{SETTING_LIMIT, "limit", "capture.limit", NULL, 20000, 200000,
	 "live, from the start: so many calls are kept"},
};

void settings_init(struct settings *s)
{
	*s = (struct settings){.alias_count = 0};
	for (unsigned i = 0; i < SETTINGS; i++)
		s->values[setting_rows[i].setting] = setting_rows[i].value;
	bindings_init(&s->bindings);
	for (unsigned i = 0; i < view_column_count; i++)
		if (view_columns[i].shown)
			s->columns[s->column_count++] = (uint8_t)i;
	s->sort = view_column_find(SLICE("index"));
}

/* ---- reading ---- */

/* The first word; what follows it is left in *rest. */
static struct slice word(struct slice *rest)
{
	struct slice all = slice_trim(*rest);
	size_t n = 0;

	while (n < all.n && all.p[n] != ' ' && all.p[n] != '\t')
		n++;
	*rest = slice_from(all, n);
	return slice_first(all, n);
}

static bool choice_of(const struct setting_row *row, struct slice value,
		      int *out)
{
	bool yes = slice_is_nocase(value, "on") ||
		   slice_is_nocase(value, "yes") || slice_is(value, "1");
	bool no = slice_is_nocase(value, "off") ||
		  slice_is_nocase(value, "no") || slice_is(value, "0");

	for (int i = 0; row->choices[i]; i++)
		if (slice_is_nocase(value, row->choices[i]) ||
		    (yes && strcmp(row->choices[i], "on") == 0) ||
		    (no && strcmp(row->choices[i], "off") == 0)) {
			*out = i;
			return true;
		}
	return false;
}

static bool set_value(struct settings *s, const struct setting_row *row,
		      struct slice value)
{
	int *to = &s->values[row->setting];
	uint64_t number;

	if (row->choices) {
		if (choice_of(row, value, to))
			return true;
		/* sngrep's "default" background has no like here. */
		return slice_is(value, "default");
	}
	if (slice_number(value, (uint64_t)row->max, &number) != STATUS_OK)
		return false;
	*to = (int)number;
	return true;
}

static bool set_columns(struct settings *s, struct slice list)
{
	unsigned count = 0;

	while (list.n && count < COLUMNS_MAX) {
		uint8_t at =
			view_column_find(slice_trim(slice_split(&list, ',')));

		if (at == view_column_count)
			return false;
		s->columns[count++] = at;
	}
	if (count)
		s->column_count = count;
	return count != 0;
}

static bool set_sort(struct settings *s, struct slice name)
{
	uint8_t at = view_column_find(name);

	if (at == view_column_count)
		return false;
	s->sort = at;
	return true;
}

/* sngrep numbers the columns of its list: cl.column2 NAME. */
static bool set_column(struct settings *s, struct slice number,
		       struct slice name)
{
	uint8_t at = view_column_find(name);
	uint64_t place;

	/* cl.columnN.width: our widths follow the terminal. */
	if (slice_number(number, COLUMNS_MAX - 1, &place) != STATUS_OK)
		return true;
	if (at == view_column_count)
		return false;
	if (place > s->column_count)
		place = s->column_count;
	if (place == 0)
		s->column_count = 0;
	s->columns[place] = at;
	if (place >= s->column_count)
		s->column_count = (unsigned)place + 1;
	return true;
}

static bool set_line(struct settings *s, struct slice rest)
{
	struct slice name = word(&rest);
	struct slice value = slice_trim(rest);

	for (unsigned i = 0; i < SETTINGS; i++)
		if (slice_is(name, setting_rows[i].name) ||
		    (setting_rows[i].sngrep &&
		     slice_is(name, setting_rows[i].sngrep)))
			return set_value(s, &setting_rows[i], value);
	/* sngrep's: without any. */
	if (slice_is(name, "color") && slice_is_nocase(value, "off"))
		s->values[SETTING_THEME] = THEME_MONO;
	if (slice_is(name, "columns"))
		return set_columns(s, value);
	if (slice_is(name, "sort") || slice_is(name, "cl.sortfield"))
		return set_sort(s, value);
	if (slice_starts(name, SLICE("cl.column")))
		return set_column(s, slice_from(name, 9), value);
	/* What only sngrep has is no mistake of the user's. */
	return name.n != 0;
}

/* "192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060" */
static bool read_address(struct slice text, struct endpoint *e)
{
	return endpoint_parse(text, 0, e) == STATUS_OK ||
	       endpoint_parse_with_port(text, e) == STATUS_OK;
}

static bool alias_line(struct settings *s, struct slice rest)
{
	struct slice address = word(&rest);
	struct slice name = slice_first(slice_trim(rest), ALIAS_NAME_MAX - 1);
	struct alias *a = &s->aliases[s->alias_count];

	if (name.n == 0 || s->alias_count == ALIASES_MAX ||
	    !read_address(address, &a->at))
		return false;
	memcpy(a->name, name.p, name.n);
	a->name[name.n] = 0;
	s->alias_count++;
	return true;
}

bool settings_line(struct settings *s, struct slice line)
{
	struct slice rest = slice_trim(line);
	struct slice verb, action;
	enum status status;

	if (rest.n == 0 || rest.p[0] == '#')
		return true;
	verb = word(&rest);
	if (slice_is(verb, "set"))
		return set_line(s, rest);
	if (slice_is(verb, "alias"))
		return alias_line(s, rest);
	action = word(&rest);
	if (slice_is(verb, "bind"))
		status = bindings_add(&s->bindings, action, slice_trim(rest));
	else if (slice_is(verb, "unbind"))
		status =
			bindings_remove(&s->bindings, action, slice_trim(rest));
	else
		return false;
	return status == STATUS_OK;
}

/* ---- writing ---- */

static void write_keys(const struct bindings *now, const struct bindings *was,
		       const char *verb, struct text *to)
{
	for (unsigned i = 0; i < action_row_count; i++) {
		enum action a = action_rows[i].action;

		if (i && action_rows[i - 1].action == a)
			continue;
		for (unsigned k = 0; k < KEYS_PER_ACTION; k++) {
			int key = now->keys[a][k];
			bool known = key == KEY_NOTHING;

			for (unsigned n = 0; n < KEYS_PER_ACTION; n++)
				known |= was->keys[a][n] == key;
			if (known)
				continue;
			text_printf(to, "%s %s ", verb, action_rows[i].name);
			key_put_name(key, to);
			text_putc(to, '\n');
		}
	}
}

static void write_alias(const struct alias *a, struct text *to)
{
	text_puts(to, "alias ");
	if (a->at.port)
		endpoint_text(&a->at, to);
	else
		endpoint_ip_text(&a->at, to);
	text_printf(to, " %s\n", a->name);
}

void settings_write(const struct settings *s, struct text *to)
{
	struct bindings defaults;

	bindings_init(&defaults);
	for (unsigned i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = &setting_rows[i];
		int value = s->values[row->setting];

		if (value == row->value)
			continue;
		text_printf(to, "set %s ", row->name);
		if (row->choices)
			text_puts(to, row->choices[value]);
		else
			text_printf(to, "%d", value);
		text_putc(to, '\n');
	}
	text_puts(to, "set columns ");
	for (unsigned i = 0; i < s->column_count; i++)
		text_printf(to, "%s%s", i ? "," : "",
			    view_columns[s->columns[i]].name);
	text_printf(to, "\nset sort %s\n", view_columns[s->sort].name);
	write_keys(&defaults, &s->bindings, "unbind", to);
	write_keys(&s->bindings, &defaults, "bind", to);
	for (unsigned i = 0; i < s->alias_count; i++)
		write_alias(&s->aliases[i], to);
}

const char *settings_alias(const struct settings *s, const struct endpoint *e)
{
	const char *of_host = NULL;

	if (!s->values[SETTING_ALIASES])
		return NULL;
	for (unsigned i = 0; i < s->alias_count; i++) {
		const struct alias *a = &s->aliases[i];

		if (endpoint_equal(&a->at, e))
			return a->name;
		if (a->at.port == 0 && endpoint_same_ip(&a->at, e))
			of_host = a->name;
	}
	return of_host;
}
