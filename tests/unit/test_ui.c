/* What screens are made of: keys, settings, forms, pages, lists. */
#include "config.h"

#include "tests/support/t.h"
#include "ui/app.h"
#include "ui/page.h"

/* ---- keys ---- */

static void every_default_key_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < action_row_count; i++) {
		struct slice rest = slice_of_text(action_rows[i].keys);
		unsigned count = 0;

		while (rest.n) {
			struct slice name = slice_split(&rest, ' ');

			if (key_of_name(name) == KEY_NOTHING)
				print_error("%s: %.*s\n", action_rows[i].name,
					    (int)name.n, (const char *)name.p);
			assert_int_not_equal(key_of_name(name), KEY_NOTHING);
			count++;
		}
		assert_true(count <= KEYS_PER_ACTION);
		assert_non_null(action_rows[i].help);
	}
}

static unsigned bits(unsigned scopes)
{
	unsigned n = 0;

	for (; scopes; scopes &= scopes - 1)
		n++;
	return n;
}

/* A key may be of a screen and of all lists: the screen's own meaning comes
 * first.  Two of the same reach would hide one another. */
static void no_key_has_two_meanings(void **state)
{
	struct bindings b;
	unsigned wrong = 0;

	(void)state;
	bindings_init(&b);
	for (unsigned i = 0; i < action_row_count; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct action_row *x = &action_rows[i];
			const struct action_row *y = &action_rows[k];

			if (x->action == y->action ||
			    !(x->scopes & y->scopes) ||
			    bits(x->scopes) != bits(y->scopes))
				continue;
			for (unsigned n = 0; n < KEYS_PER_ACTION; n++)
				for (unsigned m = 0; m < KEYS_PER_ACTION; m++)
					if (b.keys[x->action][n] &&
					    b.keys[x->action][n] ==
						    b.keys[y->action][m]) {
						print_error("%s and %s\n",
							    x->name, y->name);
						wrong++;
					}
		}
	assert_int_equal(wrong, 0);
}

static void names_of_keys_go_both_ways(void **state)
{
	static const char *const names[] = {"Enter", "Esc",  "F1",     "F12",
					    "Up",    "x",    "Ctrl-L", "Tab",
					    "Space", "Home", "BackTab"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct text text = text_new(100);

		key_put_name(key_of_name(slice_of_text(names[i])), &text);
		assert_true(slice_is(text_slice(&text), names[i]));
		text_free(&text);
	}
	assert_int_equal(key_of_name(SLICE("^L")), 12);
	assert_int_equal(key_of_name(SLICE("F13")), KEY_NOTHING);
	assert_int_equal(key_of_name(SLICE("")), KEY_NOTHING);
	assert_int_equal(key_of_name(SLICE("nonsense")), KEY_NOTHING);
}

static void a_key_means_what_the_screen_says(void **state)
{
	struct bindings b;
	int m = key_of_name(SLICE("m"));

	(void)state;
	bindings_init(&b);
	assert_int_equal(bindings_find(&b, SCOPE_FLOW, m), ACTION_MEDIA);
	assert_int_equal(bindings_find(&b, SCOPE_CALLS, m), ACTION_NONE);
	assert_int_equal(bindings_find(&b, SCOPE_MESSAGE, KEY_ARROW_RIGHT),
			 ACTION_NEXT_MESSAGE);
	assert_int_equal(bindings_find(&b, SCOPE_CALLS, KEY_ARROW_RIGHT),
			 ACTION_RIGHT);
}

/* Of two actions with one key the screen's own is told, and not the other. */
static void keys_are_told_that_work(void **state)
{
	struct bindings b;
	int keys[KEYS_PER_ACTION];

	(void)state;
	bindings_init(&b);
	assert_int_equal(bindings_keys(&b, ACTION_SEARCH, SCOPE_FLOW, keys), 1);
	assert_int_equal(keys[0], '/');
	assert_int_equal(bindings_keys(&b, ACTION_SEARCH, SCOPE_CALLS, keys),
			 3);
	for (unsigned i = 0; i < action_row_count; i++)
		for (unsigned bit = 1; bit < SCOPE_FORM; bit <<= 1)
			if ((action_rows[i].scopes & bit) &&
			    /* Screens may have something better to do. */
			    (action_rows[i].scopes & SCOPE_LISTS) !=
				    SCOPE_LISTS &&
			    bindings_keys(&b, action_rows[i].action, bit,
					  keys) == 0) {
				print_error("%s has no key\n",
					    action_rows[i].name);
				fail();
			}
}

/* As `sngrep -D` names them, in 1.6.0; what it has for forms we have there. */
static void actions_have_the_names_of_sngrep(void **state)
{
	static const char *const names[] = {
		"up",
		"down",
		"left",
		"right",
		"delete",
		"backspace",
		"npage",
		"ppage",
		"hnpage",
		"hppage",
		"begin",
		"end",
		"pfield",
		"nfield",
		"clear",
		"clearcalls",
		"clearcallssoft",
		"togglesyntax",
		"colormode",
		"compress",
		"togglealias",
		"pause",
		"prevscreen",
		"help",
		"raw",
		"flow",
		"flowex",
		"filters",
		"columns",
		"settings",
		"stats",
		"columnup",
		"columndown",
		"sdpinfo",
		"search",
		"save",
		"select",
		"confirm",
		"togglemedia",
		"onlymedia",
		"rawpreview",
		"morerawpreview",
		"lessrawpreview",
		"resetrawpreview",
		"onlysdp",
		"hintalt",
		"autoscroll",
		"sortprev",
		"sortnext",
		"sortswap",
		"toggletime",
	};
	struct bindings b;

	(void)state;
	bindings_init(&b);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum status status =
			bindings_add(&b, slice_of_text(names[i]), SLICE("F12"));

		if (status != STATUS_OK)
			print_error("%s\n", names[i]);
		assert_int_equal(status, STATUS_OK);
	}
}

/* ---- settings ---- */

static void settings_speak_sngreprc(void **state)
{
	static const struct {
		const char *line;
		bool fine;
	} rows[] = {
		{"", true},
		{"# comment", true},
		{"set background light", true},
		{"set cl.autoscroll on", true},
		{"set colormode cseq", true},
		{"set cf.sdpinfo yes", true},
		{"set sip.calls on", true},
		{"set hintkeyalt on", true},
		{"set capture.limit 5000", true},
		{"set capture.limit many", false},
		{"set cr.nonascii .", true}, /* sngrep's own, no meaning */
		{"set cl.column0.width 12", true},
		{"set no.such.setting on", false},
		{"set capture.device eth0,eth1", true},
		{"set capture.keyfile", true},
		{"set savepath /var/tmp ", true},
		{"set cf.sdpinfo full", true},
		{"set eep.send.pass sesame", true},
		{"set eep.send.port 70000", false},
		{"set syntax maybe", false},
		{"bind npage n", true},
		{"bind no-such-action n", false},
		{"unbind save F2", true},
		{"alias 192.0.2.1 edge", true},
		{"alias 192.0.2.1:5060 proxy", true},
		{"alias nonsense x", false},
		{"alias 192.0.2.1", false},
		{"wibble", false},
	};
	struct settings s;
	struct endpoint e;
	const uint8_t ip[] = {192, 0, 2, 1};

	(void)state;
	settings_init(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool fine = settings_line(&s, slice_of_text(rows[i].line));

		if (fine != rows[i].fine)
			print_error("%s\n", rows[i].line);
		assert_int_equal(fine, rows[i].fine);
	}
	assert_int_equal(s.values[SETTING_THEME], THEME_LIGHT);
	assert_int_equal(s.values[SETTING_HUES], HUES_CSEQ);
	assert_int_equal(s.values[SETTING_LIMIT], 5000);
	assert_int_equal(s.values[SETTING_CALLS_ONLY], 1);
	assert_int_equal(s.values[SETTING_HINTS], 1);
	assert_int_equal(s.values[SETTING_SYNTAX], 1);
	assert_int_equal(bindings_find(&s.bindings, SCOPE_CALLS, 'n'),
			 ACTION_PAGE_DOWN);
	assert_int_equal(bindings_find(&s.bindings, SCOPE_CALLS,
				       key_of_name(SLICE("F2"))),
			 ACTION_NONE);
	assert_string_equal(s.texts[TEXT_DEVICE], "eth0,eth1");
	assert_string_equal(s.texts[TEXT_SAVE_PATH], "/var/tmp");
	assert_int_equal(s.values[SETTING_SDP_INFO], 1);
	assert_true(slice_is(
		settings_without_meaning(SLICE(" set cl.column0.width 12")),
		"cl.column0.width"));
	assert_int_equal(settings_without_meaning(SLICE("set syntax on")).n, 0);
	e = endpoint_of(slice_of(ip, 4), 5060);
	assert_string_equal(settings_alias(&s, &e), "proxy");
	assert_true(settings_line(&s, SLICE("set aliasport off")));
	assert_string_equal(settings_alias(&s, &e), "edge");
	assert_true(settings_line(&s, SLICE("set aliasport on")));
	e.port = 9;
	assert_string_equal(settings_alias(&s, &e), "edge");
	assert_true(settings_line(&s, SLICE("set color off")));
	assert_int_equal(s.values[SETTING_THEME], THEME_MONO);
}

static void settings_are_written_as_they_are_read(void **state)
{
	struct settings one, other;
	struct text lines = text_new(100000), again = text_new(100000);
	struct slice rest;
	size_t at;

	(void)state;
	settings_init(&one);
	settings_init(&other);
	assert_true(settings_line(&one, SLICE("set theme mono")));
	assert_true(settings_line(&one, SLICE("set columns why,index,callid")));
	assert_true(settings_line(&one, SLICE("bind up Ctrl-P")));
	assert_true(settings_line(&one, SLICE("unbind leave Esc")));
	assert_true(settings_line(&one, SLICE("alias 2001:db8::1 six")));
	assert_true(settings_line(&one, SLICE("set listen.key sesame")));
	assert_true(settings_line(&one, SLICE("set device")));
	settings_write(&one, false, &lines);
	assert_true(slice_search(text_slice(&lines),
				 SLICE("set listen.key ***\n"), &at));
	assert_false(slice_search(text_slice(&lines), SLICE("sesame"), &at));
	text_clear(&lines);
	settings_write(&one, true, &lines);
	rest = text_slice(&lines);
	while (rest.n)
		assert_true(settings_line(&other, slice_split(&rest, '\n')));
	settings_write(&other, true, &again);
	assert_true(slice_equal(text_slice(&lines), text_slice(&again)));
	assert_int_equal(other.column_count, 3);
	text_free(&lines);
	text_free(&again);
}

/* ---- forms ---- */

static void type(struct form_box *form, const char *text)
{
	for (; *text; text++)
		assert_true(form_box_type(form, *text));
}

static void text_is_edited_by_characters(void **state)
{
	struct form_box form;
	struct form_field *f;

	(void)state;
	form_box_open(&form, "title");
	f = form_box_text(&form, "label", "ab");
	assert_true(form_box_type(&form, 0xE9));
	assert_string_equal(f->text, "ab\xc3\xa9");
	form_box_act(&form, ACTION_LEFT);
	type(&form, "x");
	assert_string_equal(f->text, "abx\xc3\xa9");
	form_box_act(&form, ACTION_ERASE);
	assert_string_equal(f->text, "abx");
	form_box_act(&form, ACTION_BACKSPACE);
	form_box_act(&form, ACTION_BEGIN);
	form_box_act(&form, ACTION_BACKSPACE);
	assert_string_equal(f->text, "ab");
	form_box_act(&form, ACTION_CLEAR_FIELD);
	assert_string_equal(f->text, "");
	for (int i = 0; i < FORM_TEXT_MAX * 2; i++)
		type(&form, "y");
	assert_int_equal(strlen(f->text), FORM_TEXT_MAX - 1);
}

static void choices_go_round(void **state)
{
	static const char *const words[] = {"one", "two", "three", NULL};
	struct form_box form;

	(void)state;
	form_box_open(&form, "title");
	form_box_choice(&form, "which", words, 2);
	form_box_check(&form, "really", false);
	type(&form, " ");
	assert_int_equal(form.fields[0].value, 0);
	form_box_act(&form, ACTION_LEFT);
	assert_int_equal(form.fields[0].value, 2);
	form_box_act(&form, ACTION_NEXT_FIELD);
	type(&form, " ");
	assert_int_equal(form.fields[1].value, 1);
	form_box_act(&form, ACTION_NEXT_FIELD);
	assert_int_equal(form.at, 0);
}

/* ---- pages and lists ---- */

static void long_lines_go_on_below(void **state)
{
	struct page page = {0};
	struct text line = text_new(1000);

	(void)state;
	page_begin(&page, 10);
	page_hang(&page, 2);
	page_puts(&page, STYLE_PLAIN, "abcdefghijklmnopqrstuvw");
	page_end(&page);
	page_puts(&page, STYLE_BOLD, "a\033b\nc");
	page_end(&page);
	assert_int_equal(page.line_count, 5);
	page_line(&page, 1, &line);
	assert_true(slice_is(text_slice(&line), "klmnopqr"));
	text_clear(&line);
	page_line(&page, 3, &line);
	assert_true(slice_is(text_slice(&line), "a\\x1bb"));
	text_free(&line);
	page_free(&page);
}

static void prose_is_broken_between_words(void **state)
{
	static const char *const lines[] = {"open UDP ",    "  between ",
					    "  the two ",   "  hosts",
					    "012345678901", "  2345"};
	struct page page = {0};

	(void)state;
	page_begin(&page, 12);
	page_words(&page);
	page_hang(&page, 2);
	page_puts(&page, STYLE_BOLD, "open UDP ");
	page_puts(&page, STYLE_PLAIN, "between the two hosts\n");
	/* No word is too long for the page. */
	page_puts(&page, STYLE_PLAIN, "0123456789012345\n");
	assert_int_equal(page.line_count, 6);
	for (size_t i = 0; i < 6; i++) {
		struct slice text = slice_trim(slice_of_text(lines[i]));
		struct text line = text_new(100);

		page_line(&page, i, &line);
		assert_true(slice_equal(slice_trim(text_slice(&line)), text));
		text_free(&line);
	}
	page_free(&page);
}

static void the_cursor_stays_in_sight(void **state)
{
	struct lister l = {0};
	const struct area rows = {0, 2, 80, 10};

	(void)state;
	lister_show(&l, 100, &rows);
	assert_true(lister_act(&l, ACTION_END));
	lister_show(&l, 100, &rows);
	assert_int_equal(l.cursor, 99);
	assert_int_equal(l.top, 90);
	assert_true(lister_act(&l, ACTION_PAGE_UP));
	assert_int_equal(l.cursor, 90);
	assert_int_equal(lister_at(&l, 2), 90);
	assert_int_equal(lister_at(&l, 1), LIST_NONE);
	assert_int_equal(lister_at(&l, 12), LIST_NONE);
	lister_show(&l, 5, &rows);
	assert_int_equal(lister_at(&l, 7), LIST_NONE);
	assert_int_equal(l.cursor, 4);
	assert_int_equal(l.top, 0);
	lister_show(&l, 0, &rows);
	assert_int_equal(l.cursor, 0);
	assert_true(lister_act(&l, ACTION_DOWN));
	assert_int_equal(l.cursor, 0);
	assert_false(lister_act(&l, ACTION_SAVE));
}

/* ---- lists of calls ---- */

/* More than one step takes. */
#define DIALOGS 5000u

static const char *no_method(unsigned code)
{
	(void)code;
	return "OPTIONS";
}

static void add_dialog(struct model *m, const char *from)
{
	struct dialog *d = list_add(&m->dialogs);

	assert_non_null(d);
	d->from = from;
	d->to = "sip:carol@example.test";
	d->call_id = "call";
	d->call = LIST_NONE;
}

static void add_other(struct journal *j)
{
	struct entry *e = list_add(&j->rows);

	assert_non_null(e);
	e->kind = ENTRY_SIP_REQUEST;
	e->group = j->rows.count;
	journal_converse(j, 0, false);
}

struct many_calls {
	struct model model;
	struct journal journal;
	struct feed feed;
	struct settings settings;
	struct listing listing;
	struct listing_source from;
};

static void many_calls_open(struct many_calls *c)
{
	*c = (struct many_calls){.feed = {.method = no_method}};
	model_init(&c->model);
	journal_init(&c->journal);
	c->feed.model = &c->model;
	c->feed.journal = &c->journal;
	settings_init(&c->settings);
	for (unsigned i = 0; i < DIALOGS; i++)
		add_dialog(&c->model, i % 2 ? "sip:alice@example.test"
					    : "sip:bob@example.test");
	c->listing.filter.methods = METHODS_ALL;
	c->from = (struct listing_source){&c->feed, &c->settings, 0};
}

static void many_calls_close(struct many_calls *c)
{
	listing_free(&c->listing);
	journal_free(&c->journal);
	model_free(&c->model);
}

static void filter_calls(struct many_calls *c, const char *text)
{
	char why[FILTER_WHY_MAX];

	assert_true(listing_filter(&c->listing, text, why));
	listing_begin(&c->listing, &c->from);
}

static void what_fits_first_is_shown_first(void **state)
{
	struct many_calls c;
	size_t first;

	(void)state;
	many_calls_open(&c);
	filter_calls(&c, "sipfrom:alice");
	assert_true(listing_step(&c.listing, &c.from));
	assert_true(listing_show(&c.listing));
	first = c.listing.count;
	assert_true(first > 0 && first < DIALOGS / 2);
	while (listing_step(&c.listing, &c.from))
		assert_true(listing_show(&c.listing));
	assert_int_equal(c.listing.count, DIALOGS / 2);
	for (size_t i = 0; i < c.listing.count; i++)
		assert_int_equal(listing_at(&c.listing, &c.feed, i), 2 * i + 1);
	many_calls_close(&c);
}

static void what_was_listed_stays_until_the_new_list_is_made(void **state)
{
	struct many_calls c;

	(void)state;
	many_calls_open(&c);
	c.listing.down = true;
	filter_calls(&c, "sipfrom:alice");
	while (listing_step(&c.listing, &c.from))
		;
	assert_int_equal(listing_at(&c.listing, &c.feed, 0), DIALOGS - 1);
	c.listing.sort = view_column_find(SLICE("sipto"));
	filter_calls(&c, "sipfrom:bob");
	assert_true(listing_step(&c.listing, &c.from));
	assert_int_equal(c.listing.count, DIALOGS / 2);
	assert_int_equal(listing_at(&c.listing, &c.feed, 0), DIALOGS - 1);
	while (listing_step(&c.listing, &c.from))
		;
	/* All go to carol: then the order is that of the calls. */
	assert_int_equal(listing_at(&c.listing, &c.feed, 0), DIALOGS - 2);
	many_calls_close(&c);
}

static void others_are_listed_behind_calls_that_came_since(void **state)
{
	struct many_calls c;

	(void)state;
	many_calls_open(&c);
	add_other(&c.journal);
	add_other(&c.journal);
	c.listing.down = true;
	filter_calls(&c, "");
	assert_true(listing_step(&c.listing, &c.from));
	add_dialog(&c.model, "sip:dave@example.test");
	while (listing_step(&c.listing, &c.from))
		;
	assert_int_equal(c.listing.count, DIALOGS + 2);
	assert_int_equal(listing_at(&c.listing, &c.feed, 0), DIALOGS + 2);
	assert_int_equal(listing_at(&c.listing, &c.feed, 2), DIALOGS - 1);
	many_calls_close(&c);
}

static const struct t_case cases[] = {
	{"every_default_key_has_a_name", every_default_key_has_a_name},
	{"no_key_has_two_meanings", no_key_has_two_meanings},
	{"names_of_keys_go_both_ways", names_of_keys_go_both_ways},
	{"a_key_means_what_the_screen_says", a_key_means_what_the_screen_says},
	{"keys_are_told_that_work", keys_are_told_that_work},
	{"actions_have_the_names_of_sngrep", actions_have_the_names_of_sngrep},
	{"settings_speak_sngreprc", settings_speak_sngreprc},
	{"settings_are_written_as_they_are_read",
	 settings_are_written_as_they_are_read},
	{"text_is_edited_by_characters", text_is_edited_by_characters},
	{"choices_go_round", choices_go_round},
	{"long_lines_go_on_below", long_lines_go_on_below},
	{"prose_is_broken_between_words", prose_is_broken_between_words},
	{"the_cursor_stays_in_sight", the_cursor_stays_in_sight},
	{"what_fits_first_is_shown_first", what_fits_first_is_shown_first},
	{"what_was_listed_stays_until_the_new_list_is_made",
	 what_was_listed_stays_until_the_new_list_is_made},
	{"others_are_listed_behind_calls_that_came_since",
	 others_are_listed_behind_calls_that_came_since},
};
T_MAIN(cases)
