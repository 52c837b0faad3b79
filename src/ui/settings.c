/* The table of settings, and the configuration file. */
#include "config.h"

#include <string.h>

#include "core/hep.h"
#include "ui/settings.h"
#include "ui/view.h"

static const char *const off_on[] = {"off", "on", NULL};
static const char *const versions[] = {"2", "3", NULL};
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
	{SETTING_DELTA, "deltatime", "cf.deltatime", off_on, 0, 0,
	 "in the flow, beside the time, also that since the message before"},
	{SETTING_ONLY_MEDIA, "onlymedia", "cf.onlymedia", off_on, 0, 0,
	 "in the flow, from the start: only media"},
	{SETTING_ALIAS_PORTS, "aliasport", "aliasport", off_on, 1, 0,
	 "names of an address with its port count, too"},
	{SETTING_SAVE_EDIT, "savepath.free", "savepatheditable", off_on, 1, 0,
	 "files may be saved elsewhere than in savepath"},
	{SETTING_BUFFER, "buffer", "capture.buffer", NULL, 0, 2047,
	 "live, from the start: the kernel's room in MB; 0: 16"},
	{SETTING_HEP_SEND, "hep", "eep.send", off_on, 0, 0,
	 "live, from the start: send SIP on to a collector, in HEP"},
	{SETTING_HEP_PORT, "hep.port", "eep.send.port", NULL, HEP_PORT, 65535,
	 "its port"},
	{SETTING_HEP_AGENT, "hep.id", "eep.send.id", NULL, HEP_AGENT,
	 2147483647, "who this agent is, for it"},
	{SETTING_HEP_VERSION, "hep.version", "eep.send.version", versions, 1, 0,
	 "of HEP; 2 tells no key"},
	{SETTING_LISTEN, "listen", "eep.listen", off_on, 0, 0,
	 "as sngrep, from the start: hear HEP instead of interfaces"},
	{SETTING_LISTEN_PORT, "listen.port", "eep.listen.port", NULL, HEP_PORT,
	 65535, "on this port"},
};

const struct setting_text_row setting_text_rows[SETTING_TEXTS] = {
	{TEXT_SAVE_PATH, "savepath", "savepath", "", false,
	 "the folder that files are saved in"},
	{TEXT_MATCH, "match", "filter.payload", "", false,
	 "from the start: only calls with a message that fits (PCRE2)"},
	{TEXT_METHODS, "methods", "filter.methods", "", false,
	 "from the start: only these kinds of calls, with commas between"},
	{TEXT_DEVICE, "device", "capture.device", "any", false,
	 "as sngrep, from the start: where to capture, with commas between"},
	{TEXT_WRITE, "write", "capture.outfile", "", false,
	 "live, from the start: write what is captured to this file"},
	{TEXT_RSA_KEY, "rsa-key", "capture.keyfile", "", false,
	 "from the start: a private RSA key, to decrypt TLS"},
	{TEXT_HEP_ADDRESS, "hep.address", "eep.send.address", "127.0.0.1",
	 false, "of the collector that SIP is sent to"},
	{TEXT_HEP_KEY, "hep.key", "eep.send.pass", "", true,
	 "its key, in clear text"},
	{TEXT_LISTEN_ADDRESS, "listen.address", "eep.listen.address", "0.0.0.0",
	 false, "where HEP is heard"},
	{TEXT_LISTEN_KEY, "listen.key", "eep.listen.pass", "", true,
	 "messages of HEP without this key are passed over"},
};

/* sngrep's, without meaning here; mrascope-tui(1) says why. */
static const char *const without_meaning[] = {
	"syntax.tag",        "syntax.branch",      "capture.tlsserver",
	"capture.eep",       "capture.rtp",        "capture.storage",
	"capture.rotate",    "capture.lookup",     "sip.noincomplete",
	"sip.xcid",          "cl.scrollstep",      "cl.colorattr",
	"cl.noexitprompt",   "cl.defexitbutton",   "cf.rawminwidth",
	"cf.splitcallid",    "cf.highlight",       "cf.scrollstep",
	"cf.localhighlight", "cr.scrollstep",      "cr.nonascii",
	"telephone_event",   "eep.listen.version", "eep.listen.uuid",
};

static bool set_text(struct settings *s, const struct setting_text_row *row,
		     struct slice value)
{
	char *to = s->texts[row->text];

	if (value.n >= SETTING_TEXT_MAX)
		return false;
	memcpy(to, value.n ? (const void *)value.p : "", value.n);
	to[value.n] = 0;
	return true;
}

void settings_init(struct settings *s)
{
	*s = (struct settings){.alias_count = 0};
	for (unsigned i = 0; i < SETTINGS; i++)
		s->values[setting_rows[i].setting] = setting_rows[i].value;
	for (unsigned i = 0; i < SETTING_TEXTS; i++)
		(void)set_text(s, &setting_text_rows[i],
			       slice_of_text(setting_text_rows[i].value));
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

/* sngrep's ways to show SDP and media that are one here. */
static bool is_shown(struct slice value)
{
	return slice_is(value, "first") || slice_is(value, "full") ||
	       slice_is(value, "compressed") || slice_is(value, "active");
}

static bool choice_of(const struct setting_row *row, struct slice value,
		      int *out)
{
	bool yes = slice_is_nocase(value, "on") ||
		   slice_is_nocase(value, "yes") || slice_is(value, "1") ||
		   ((row->setting == SETTING_SDP_INFO ||
		     row->setting == SETTING_MEDIA) &&
		    is_shown(value));
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

	if (slice_number(number, COLUMNS_MAX - 1, &place) != STATUS_OK ||
	    at == view_column_count)
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

static bool is_named(struct slice name, const char *ours, const char *sngrep)
{
	return slice_is(name, ours) || (sngrep && slice_is(name, sngrep));
}

static bool set_text_line(struct settings *s, struct slice name,
			  struct slice value, bool *known)
{
	for (unsigned i = 0; i < SETTING_TEXTS; i++) {
		const struct setting_text_row *row = &setting_text_rows[i];

		*known = is_named(name, row->name, row->sngrep);
		if (*known)
			return set_text(s, row, value);
	}
	return false;
}

static bool is_without_meaning(struct slice name)
{
	for (size_t i = 0;
	     i < sizeof(without_meaning) / sizeof(without_meaning[0]); i++)
		if (slice_is(name, without_meaning[i]))
			return true;
	/* Our widths follow the terminal. */
	return slice_starts(name, SLICE("cl.column")) && name.n > 15 &&
	       slice_is(slice_from(name, name.n - 6), ".width");
}

struct slice settings_without_meaning(struct slice line)
{
	struct slice rest = slice_trim(line), name;

	if (!slice_is(word(&rest), "set"))
		return (struct slice){0};
	name = word(&rest);
	return is_without_meaning(name) ? name : (struct slice){0};
}

static bool set_line(struct settings *s, struct slice rest)
{
	struct slice name = word(&rest);
	struct slice value = slice_trim(rest);
	bool known, fine;

	for (unsigned i = 0; i < SETTINGS; i++)
		if (is_named(name, setting_rows[i].name,
			     setting_rows[i].sngrep))
			return set_value(s, &setting_rows[i], value);
	fine = set_text_line(s, name, value, &known);
	if (known || is_without_meaning(name))
		return known ? fine : true;
	/* sngrep's: without any. */
	if (slice_is(name, "color")) {
		if (slice_is_nocase(value, "off"))
			s->values[SETTING_THEME] = THEME_MONO;
		return true;
	}
	if (slice_is(name, "columns"))
		return set_columns(s, value);
	if (slice_is(name, "sort") || slice_is(name, "cl.sortfield"))
		return set_sort(s, value);
	if (slice_starts(name, SLICE("cl.column")))
		return set_column(s, slice_from(name, 9), value);
	return false;
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

static void write_texts(const struct settings *s, bool secrets, struct text *to)
{
	for (unsigned i = 0; i < SETTING_TEXTS; i++) {
		const struct setting_text_row *row = &setting_text_rows[i];
		const char *value = s->texts[row->text];

		if (strcmp(value, row->value) != 0)
			text_printf(to, "set %s %s\n", row->name,
				    row->secret && !secrets ? "***" : value);
	}
}

void settings_write(const struct settings *s, bool secrets, struct text *to)
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
	write_texts(s, secrets, to);
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

		if (a->at.port && !s->values[SETTING_ALIAS_PORTS])
			continue;
		if (endpoint_equal(&a->at, e))
			return a->name;
		if (a->at.port == 0 && endpoint_same_ip(&a->at, e))
			of_host = a->name;
	}
	return of_host;
}
