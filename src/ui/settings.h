/*
 * Settings: one table, from which the settings screen, the configuration file
 * and an existing sngreprc are read and written.
 *
 *	set NAME VALUE		a setting, by our name or sngrep's
 *	set NAME		a text that is empty
 *	bind ACTION KEY		a further key; unbind takes one away
 *	alias ADDRESS NAME	what an address, or address:port, is called
 */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "core/endpoint.h"
#include "ui/keys.h"

enum setting {
	SETTING_THEME, /* "background" */
	SETTING_ASCII,
	SETTING_MOUSE,
	SETTING_EXIT_PROMPT,
	SETTING_AUTOSCROLL,
	SETTING_SORT_ORDER,
	SETTING_SYNTAX,
	SETTING_HUES, /* "colormode" */
	SETTING_TIMES,
	SETTING_COMPRESS,
	SETTING_SDP_INFO,
	SETTING_MEDIA,
	SETTING_PREVIEW,
	SETTING_PREVIEW_WIDTH,
	SETTING_ALIASES,
	SETTING_REPEATS,
	SETTING_HINTS,      /* "hintkeyalt" */
	SETTING_CALLS_ONLY, /* "sip.calls" */
	SETTING_LIMIT,
	SETTING_DELTA, /* "cf.deltatime" */
	SETTING_ONLY_MEDIA,
	SETTING_ALIAS_PORTS,
	SETTING_SAVE_EDIT, /* "savepatheditable" */
	SETTING_BUFFER,
	SETTING_HEP_SEND,
	SETTING_HEP_PORT,
	SETTING_HEP_AGENT,
	SETTING_HEP_VERSION, /* 0: HEP2, 1: HEP3 */
	SETTING_LISTEN,
	SETTING_LISTEN_PORT,
	SETTINGS,
};

/* Those that are texts. */
enum setting_text {
	TEXT_SAVE_PATH,
	TEXT_MATCH,   /* "filter.payload" */
	TEXT_METHODS, /* "filter.methods" */
	TEXT_DEVICE,
	TEXT_WRITE, /* "capture.outfile" */
	TEXT_RSA_KEY,
	TEXT_HEP_ADDRESS,
	TEXT_HEP_KEY,
	TEXT_LISTEN_ADDRESS,
	TEXT_LISTEN_KEY,
	SETTING_TEXTS,
};

#define SETTING_TEXT_MAX 200

enum theme { THEME_DARK, THEME_LIGHT, THEME_MONO };
enum hues { HUES_KIND, HUES_CALL, HUES_CSEQ };
enum times { TIMES_OF_DAY, TIMES_SINCE_BEGIN, TIMES_SINCE_LAST };
enum three { THREE_AUTO, THREE_ON, THREE_OFF };

struct setting_row {
	enum setting setting;
	const char *name;
	const char *sngrep;         /* or NULL */
	const char *const *choices; /* words by value; NULL: a number */
	int value;                  /* the default */
	int max;                    /* of a number */
	const char *help;
};

extern const struct setting_row setting_rows[SETTINGS];

struct setting_text_row {
	enum setting_text text;
	const char *name;
	const char *sngrep;
	const char *value; /* the default */
	bool secret;
	const char *help;
};

extern const struct setting_text_row setting_text_rows[SETTING_TEXTS];

#define ALIASES_MAX 256u
#define ALIAS_NAME_MAX 32
#define COLUMNS_MAX 32u

struct alias {
	struct endpoint at; /* port 0: all ports */
	char name[ALIAS_NAME_MAX];
};

struct settings {
	int values[SETTINGS];
	char texts[SETTING_TEXTS][SETTING_TEXT_MAX];
	struct bindings bindings;
	struct alias aliases[ALIASES_MAX];
	unsigned alias_count;
	uint8_t columns[COLUMNS_MAX]; /* numbers of view_columns, in order */
	unsigned column_count;
	uint8_t sort; /* number of a column */
};

/* All as it is without a configuration file. */
void settings_init(struct settings *s);

/* One line of a configuration file; false: it is not understood.  Comments,
 * empty lines and settings of sngrep that have no meaning here are fine. */
bool settings_line(struct settings *s, struct slice line);

/* The name of a setting of sngrep that has no meaning here, if the line is one
 * of those (mrascope-tui(1) says why); else nothing. */
struct slice settings_without_meaning(struct slice line);

/* All that differs from the defaults, as lines; without secrets keys of HEP
 * are masked. */
void settings_write(const struct settings *s, bool secrets, struct text *to);

/* The name of an address, or NULL. */
const char *settings_alias(const struct settings *s, const struct endpoint *e);

#endif /* UI_SETTINGS_H */
