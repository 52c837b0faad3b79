/* Help, printed from the table of keys. */
#include "config.h"

#include "ui/reading.h"

struct scope_row {
	unsigned scope;
	const char *title;
};

static const struct scope_row scope_rows[] = {
	{SCOPE_CALLS, "The list of calls"},
	{SCOPE_FLOW, "The flow of a call"},
	{SCOPE_MESSAGE, "A message"},
	{SCOPE_PAIRS, "Candidate pairs"},
	{SCOPE_RELAYS, "Allocations and tokens"},
	{SCOPE_FINDINGS, "Findings"},
	{SCOPE_TEXT, "Pages to read"},
	{SCOPE_COLUMNS, "Columns"},
	{SCOPE_SETTINGS, "Settings"},
	{SCOPE_FORM, "Forms"},
};

#define KEYS_COLUMNS 30
/* Below it what keys do stands under them. */
#define NARROW 66

static void put_keys(struct app *app, struct page *page,
		     const struct action_row *row, unsigned scope)
{
	int keys[KEYS_PER_ACTION];
	unsigned count = bindings_keys(&app->settings.bindings, row->action,
				       scope, keys);
	struct text names = text_new(256);

	for (unsigned i = 0; i < count; i++) {
		if (names.n)
			text_putc(&names, ' ');
		key_put_name(keys[i], &names);
	}
	page_printf(page, STYLE_PLAIN, "  ");
	page_put(page, STYLE_KEY, text_slice(&names));
	if (page->width < NARROW) {
		page_end(page);
		page_hang(page, 6);
		page_puts(page, STYLE_PLAIN, "      ");
	} else {
		page_hang(page, KEYS_COLUMNS + 2);
		page_printf(page, STYLE_PLAIN, "%*s",
			    names.n < KEYS_COLUMNS
				    ? (int)(KEYS_COLUMNS - names.n)
				    : 1,
			    "");
	}
	page_puts(page, STYLE_PLAIN, row->help);
	page_hang(page, 0);
	page_end(page);
	text_free(&names);
}

static void put_scope(struct app *app, struct page *page,
		      const struct scope_row *scope)
{
	page_puts(page, STYLE_BOLD, scope->title);
	page_end(page);
	for (unsigned i = 0; i < action_row_count; i++)
		if ((action_rows[i].scopes & scope->scope) &&
		    (scope->scope == SCOPE_FORM ||
		     (action_rows[i].scopes & SCOPE_LISTS) != SCOPE_LISTS))
			put_keys(app, page, &action_rows[i], scope->scope);
	page_end(page);
}

static void put_marks(struct page *page)
{
	static const struct {
		enum style style;
		const char *text;
		bool ends; /* the line */
	} rows[] = {
		{STYLE_GOOD, "  \xe2\x9c\x93 ok   ", false},
		{STYLE_BAD, "  \xe2\x9c\x97 failed", false},
		{STYLE_WARN, "  ~ unfinished", false},
		{STYLE_GOOD, "  * proved by what followed", true},
		{STYLE_DIM, "  ? not seen", false},
		{STYLE_DIM, "  - not needed", false},
		{STYLE_DIM, "  \xc2\xb7 not begun", true},
	};

	page_puts(page, STYLE_BOLD, "The five stages");
	page_end(page);
	page_puts(page, STYLE_PLAIN,
		  "  1 registration  2 token  3 gathering  4 exchange  "
		  "5 probing");
	page_end(page);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_puts(page, rows[i].style, rows[i].text);
		if (rows[i].ends)
			page_end(page);
	}
	page_end(page);
}

static void put_filters(struct page *page)
{
	static const char *const lines[] = {
		"  verdict:failed from:alice   columns that hold a text",
		("  from~^(alice|bob)@          a column that fits an "
		 "expression (PCRE2)"),
		"  msgcnt>10 totaldur<2        numbers; durations in seconds",
		"  !to:carol                   the contrary",
		"  anything else               an expression for the whole row",
	};

	page_puts(page, STYLE_BOLD, "The display filter");
	page_end(page);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		page_puts(page, STYLE_PLAIN, lines[i]);
		page_end(page);
	}
	page_puts(page, STYLE_PLAIN, "  columns:");
	page_hang(page, 4);
	for (unsigned i = 0; i < view_column_count; i++)
		page_printf(page, STYLE_PLAIN, " %s", view_columns[i].name);
	page_hang(page, 0);
	page_end(page);
	page_end(page);
}

static void write(struct app *app, struct reading *r, int width)
{
	unsigned scope = (unsigned)r->numbers[0];
	struct page *page = &r->page;

	(void)width;
	page_words(page);
	for (size_t i = 0; i < sizeof(scope_rows) / sizeof(scope_rows[0]); i++)
		if (scope_rows[i].scope == scope)
			put_scope(app, page, &scope_rows[i]);
	if (scope == SCOPE_CALLS) {
		put_marks(page);
		put_filters(page);
	}
	page_puts(page, STYLE_BOLD, "Everywhere");
	page_end(page);
	for (unsigned i = 0; i < action_row_count; i++)
		if ((action_rows[i].scopes & SCOPE_LISTS) == SCOPE_LISTS)
			put_keys(app, page, &action_rows[i], scope);
	page_end(page);
	put_scope(app, page,
		  &scope_rows[sizeof(scope_rows) / sizeof(scope_rows[0]) - 1]);
}

void open_help(struct app *app, unsigned scope)
{
	struct reading help = {
		.title = "help", .write = write, .numbers = {scope, 0}};

	open_reading(app, &help);
}
