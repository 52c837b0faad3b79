/* curses, and nothing but curses. */
#define _XOPEN_SOURCE 700 /* wide characters in curses */
#define _XOPEN_SOURCE_EXTENDED 1
#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include "config.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "ui/term.h"

struct term {
	SCREEN *screen;
	FILE *input; /* standard input, or the terminal when that is a pipe */
	attr_t attributes[STYLES];
	bool ascii;
	bool mono;
	int theme;
	nanoseconds quiet;   /* when nothing was there to be read, last */
	nanoseconds pressed; /* when a button was, or 0, and where */
	int pressed_x, pressed_y;
};

/* Between two clicks that are one. */
#define TWICE_TIME (400 * NS_PER_MS)

/* ---- looks ---- */

/* Colours of 8, which every terminal with colours has, and attributes that
 * tell the styles apart where there are none.  On a light ground cyan and
 * yellow cannot be read. */
struct look {
	short dark, light, back;
	attr_t attribute;
	attr_t mono;
};

#define NO_BACK (-1)

static const struct look looks[STYLES] = {
	[STYLE_PLAIN] = {-1, -1, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_DIM] = {-1, -1, NO_BACK, A_DIM, A_DIM},
	[STYLE_BOLD] = {-1, -1, NO_BACK, A_BOLD, A_BOLD},
	[STYLE_GOOD] = {COLOR_GREEN, COLOR_GREEN, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_BAD] = {COLOR_RED, COLOR_RED, NO_BACK, A_BOLD, A_BOLD},
	[STYLE_WARN] = {COLOR_YELLOW, COLOR_MAGENTA, NO_BACK, A_NORMAL,
			A_UNDERLINE},
	[STYLE_NOTE] = {COLOR_CYAN, COLOR_BLUE, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_TITLE] = {COLOR_WHITE, COLOR_WHITE, COLOR_BLUE, A_BOLD,
			 A_REVERSE},
	[STYLE_BAR] = {COLOR_BLACK, COLOR_BLACK, COLOR_CYAN, A_NORMAL,
		       A_NORMAL},
	[STYLE_KEY] = {COLOR_CYAN, COLOR_BLUE, NO_BACK, A_BOLD, A_REVERSE},
	[STYLE_HEAD] = {COLOR_BLACK, COLOR_BLACK, COLOR_CYAN, A_NORMAL,
			A_REVERSE},
	[STYLE_FRAME] = {COLOR_BLUE, COLOR_BLUE, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_NAME] = {COLOR_CYAN, COLOR_BLUE, NO_BACK, A_NORMAL, A_BOLD},
	[STYLE_VALUE] = {COLOR_YELLOW, COLOR_MAGENTA, NO_BACK, A_NORMAL,
			 A_UNDERLINE},
	[STYLE_HUE_1] = {COLOR_CYAN, COLOR_BLUE, NO_BACK, A_BOLD, A_BOLD},
	[STYLE_HUE_2] = {COLOR_WHITE, COLOR_BLACK, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_HUE_3] = {COLOR_MAGENTA, COLOR_MAGENTA, NO_BACK, A_NORMAL,
			 A_NORMAL},
	[STYLE_HUE_4] = {COLOR_YELLOW, COLOR_RED, NO_BACK, A_NORMAL, A_NORMAL},
	[STYLE_HUE_5] = {COLOR_BLUE, COLOR_BLACK, NO_BACK, A_BOLD, A_NORMAL},
	[STYLE_HUE_6] = {COLOR_GREEN, COLOR_MAGENTA, NO_BACK, A_BOLD, A_BOLD},
};

/* The same where there are 256 of them, by their numbers in xterm's palette. */
struct deep {
	short dark, light, back;
};

#define DEEP_LEAST 256

static const struct deep deeps[STYLES] = {
	[STYLE_PLAIN] = {-1, -1, NO_BACK},
	[STYLE_DIM] = {244, 241, NO_BACK},
	[STYLE_BOLD] = {-1, -1, NO_BACK},
	[STYLE_GOOD] = {77, 22, NO_BACK},
	[STYLE_BAD] = {203, 160, NO_BACK},
	[STYLE_WARN] = {215, 94, NO_BACK},
	[STYLE_NOTE] = {80, 24, NO_BACK},
	[STYLE_TITLE] = {231, 231, 24},
	[STYLE_BAR] = {16, 16, 73},
	[STYLE_KEY] = {80, 24, NO_BACK},
	[STYLE_HEAD] = {16, 16, 73},
	[STYLE_FRAME] = {67, 66, NO_BACK},
	[STYLE_NAME] = {80, 24, NO_BACK},
	[STYLE_VALUE] = {222, 94, NO_BACK},
	[STYLE_HUE_1] = {81, 25, NO_BACK},
	[STYLE_HUE_2] = {252, 238, NO_BACK},
	[STYLE_HUE_3] = {176, 127, NO_BACK},
	[STYLE_HUE_4] = {221, 94, NO_BACK},
	[STYLE_HUE_5] = {111, 23, NO_BACK},
	[STYLE_HUE_6] = {120, 28, NO_BACK},
};

static struct deep colours_of(int style)
{
	const struct look *l = &looks[style];

	return COLORS >= DEEP_LEAST ? deeps[style]
				    : (struct deep){l->dark, l->light, l->back};
}

static void make_looks(struct term *t)
{
	bool colours =
		has_colors() && !t->mono && start_color() == OK && COLORS >= 8;

	/* Where it fails the terminal has black behind all. */
	if (colours)
		(void)use_default_colors();
	for (int i = 0; i < STYLES; i++) {
		const struct look *l = &looks[i];
		struct deep c = colours_of(i);
		short front = t->theme == THEME_LIGHT ? c.light : c.dark;

		if (!colours || (front == -1 && c.back == NO_BACK)) {
			t->attributes[i] = colours ? l->attribute : l->mono;
			continue;
		}
		(void)init_pair((short)(i + 1), front, c.back);
		t->attributes[i] =
			(l->attribute & ~(attr_t)A_DIM) | COLOR_PAIR(i + 1);
	}
}

void term_configure(struct term *t, const struct settings *settings)
{
	const char *no_color = getenv("NO_COLOR");
	int ascii = settings->values[SETTING_ASCII];

	t->theme = settings->values[SETTING_THEME];
	t->mono = t->theme == THEME_MONO || (no_color && no_color[0]);
	t->ascii =
		ascii == THREE_ON || (ascii == THREE_AUTO && MB_CUR_MAX == 1);
	make_looks(t);
	(void)mousemask(settings->values[SETTING_MOUSE]
				? BUTTON1_PRESSED | BUTTON4_PRESSED |
					  BUTTON5_PRESSED
				: 0,
			NULL);
}

/* ---- taking it and giving it back ---- */

static void set_modes(void)
{
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	leaveok(stdscr, TRUE);
}

/* Standard input may be a capture; keys are pressed at the terminal. */
static FILE *open_input(void)
{
	return isatty(STDIN_FILENO) == 1 ? stdin : fopen("/dev/tty", "r");
}

static void close_input(FILE *input)
{
	if (input != stdin)
		fclose(input);
}

struct term *term_open(const struct settings *settings, const char **why)
{
	FILE *input = isatty(STDOUT_FILENO) == 1 ? open_input() : NULL;
	struct term *t;

	*why = "the screens need a terminal; see --screen for a picture "
	       "without one";
	if (!input)
		return NULL;
	*why = "out of memory";
	t = calloc(1, sizeof(*t));
	if (!t) {
		close_input(input);
		return NULL;
	}
	t->input = input;
	setlocale(LC_CTYPE, "");
	t->screen = newterm(NULL, stdout, t->input);
	if (!t->screen) {
		*why = "the type of this terminal is unknown: set TERM";
		close_input(input);
		free(t);
		return NULL;
	}
	set_term(t->screen);
	set_escdelay(25);
	set_modes();
	term_configure(t, settings);
	return t;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (!isendwin())
		endwin();
	delscreen(t->screen);
	close_input(t->input);
	free(t);
}

/* ---- showing ---- */

enum status term_fit(struct term *t, struct canvas *canvas)
{
	struct winsize size;
	int width = COLS, height = LINES;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col &&
	    size.ws_row) {
		width = size.ws_col;
		height = size.ws_row;
	}
	if (width > CANVAS_SIDE_MAX)
		width = CANVAS_SIDE_MAX;
	if (height > CANVAS_SIDE_MAX)
		height = CANVAS_SIDE_MAX;
	canvas->ascii = t->ascii;
	if (width != COLS || height != LINES)
		resizeterm(height, width);
	if (canvas->cells && canvas->width == width && canvas->height == height)
		return STATUS_OK;
	return canvas_resize(canvas, width, height);
}

static void show_cell(const struct term *t, const struct cell *cell)
{
	wchar_t text[3] = {(wchar_t)cell->code, (wchar_t)cell->mark, 0};
	attr_t attribute = t->attributes[cell->style];
	cchar_t out;

	if (cell->chosen)
		attribute ^= A_REVERSE;
	if (setcchar(&out, text, attribute & ~(attr_t)A_COLOR,
		     (short)PAIR_NUMBER(attribute), NULL) == OK)
		add_wch(&out);
}

void term_show(struct term *t, const struct canvas *canvas)
{
	for (int y = 0; y < canvas->height; y++) {
		move(y, 0);
		for (int x = 0; x < canvas->width; x++) {
			const struct cell *cell = canvas_at(canvas, x, y);

			if (cell->code)
				show_cell(t, cell);
		}
	}
	refresh();
}

/* ---- keys ---- */

#define SEQUENCE_MAX 32

struct key_pair {
	int curses, ours;
};

static const struct key_pair key_pairs[] = {
	{KEY_UP, KEY_ARROW_UP},      {KEY_DOWN, KEY_ARROW_DOWN},
	{KEY_LEFT, KEY_ARROW_LEFT},  {KEY_RIGHT, KEY_ARROW_RIGHT},
	{KEY_PPAGE, KEY_PAGE_UP},    {KEY_NPAGE, KEY_PAGE_DOWN},
	{KEY_HOME, KEY_TO_HOME},     {KEY_END, KEY_TO_END},
	{KEY_DC, KEY_DELETE},        {KEY_IC, KEY_INSERT},
	{KEY_BTAB, KEY_BACK_TAB},    {KEY_ENTER, KEY_RETURN},
	{KEY_BACKSPACE, KEY_RUBOUT}, {KEY_RESIZE, KEY_SIZE},
};

static nanoseconds now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return 0;
	return (nanoseconds)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

bool term_wait(struct term *t, int milliseconds)
{
	struct pollfd input = {.fd = fileno(t->input), .events = POLLIN};
	int ready;

	/* Of two clicks that it reads together curses tells one: they are read
	 * here instead, and when it went on after a stop it wants them back. */
	keyok(KEY_MOUSE, FALSE);
	ready = poll(&input, 1, 0);
	if (ready == 0) {
		if (milliseconds)
			ready = poll(&input, 1, milliseconds);
		t->quiet = now();
	}
	if (ready < 0)
		return errno == EINTR;
	return !(input.revents & (POLLHUP | POLLERR | POLLNVAL)) ||
	       (input.revents & POLLIN);
}

/* Two that are one came soon after each other; how late the second one is read
 * says nothing, for much may be done in between. */
static int click(struct term *t, int x, int y)
{
	bool twice = t->pressed && x == t->pressed_x && y == t->pressed_y &&
		     t->quiet - t->pressed <= TWICE_TIME;

	t->pressed_x = x;
	t->pressed_y = y;
	/* A third one begins anew. */
	t->pressed = twice ? 0 : now();
	return twice ? KEY_DOUBLE_CLICK : KEY_CLICK;
}

/* What a button did, by its number in xterm: 0 the left one, 64 and 65 the
 * wheel; with Shift, Alt and Ctrl in between. */
#define MODIFIERS 0x1Cu

static int button_key(struct term *t, unsigned button, const int at[2])
{
	switch (button & ~MODIFIERS) {
	case 0:
		return click(t, at[0], at[1]);
	case 64:
		return KEY_WHEEL_UP;
	case 65:
		return KEY_WHEEL_DOWN;
	default:
		return KEY_UNKNOWN;
	}
}

static int function_key(wint_t code)
{
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return KEY_FUNCTION_0 + (int)code - KEY_F0;
	for (size_t i = 0; i < sizeof(key_pairs) / sizeof(key_pairs[0]); i++)
		if (key_pairs[i].curses == (int)code)
			return key_pairs[i].ours;
	return KEY_UNKNOWN;
}

/* ---- sequences that the terminal's description does not have ---- */

/* The rest of one comes at once, but maybe not in one piece. */
#define REST_MS 50

static bool next_of_sequence(struct term *t, wint_t *code)
{
	if (get_wch(code) == OK)
		return true;
	return term_wait(t, REST_MS) && get_wch(code) == OK;
}

/* A click in the older way: three bytes behind "[M", from 32 on. */
static int old_mouse(struct term *t, int *x, int *y)
{
	int codes[3], at[2];

	for (size_t i = 0; i < 3; i++) {
		codes[i] = getch();
		if (codes[i] == ERR && term_wait(t, REST_MS))
			codes[i] = getch();
		if (codes[i] < ' ' || codes[i] > 255)
			return KEY_UNKNOWN;
	}
	*x = at[0] = codes[1] - 33;
	*y = at[1] = codes[2] - 33;
	if (at[0] < 0 || at[1] < 0)
		return KEY_UNKNOWN;
	return button_key(t, (unsigned)codes[0] - 32, at);
}

/* "<0;30;5M", and m where the button is released. */
static int new_mouse(struct term *t, const char *numbers, int *x, int *y)
{
	struct slice rest = slice_of_text(numbers);
	uint64_t n[3];
	int at[2];

	for (size_t i = 0; i < 3; i++)
		if (slice_number(slice_split(&rest, ';'), 9999, &n[i]) !=
			    STATUS_OK ||
		    (i && n[i] == 0))
			return KEY_UNKNOWN;
	*x = at[0] = (int)n[1] - 1;
	*y = at[1] = (int)n[2] - 1;
	return button_key(t, (unsigned)n[0], at);
}

/* Behind "[": up to its last character.  KEY_NOTHING: there is none. */
static int end_sequence(struct term *t, int *x, int *y)
{
	char text[SEQUENCE_MAX + 1] = "";
	wint_t code = 0;
	size_t n = 0;

	while (n < SEQUENCE_MAX && next_of_sequence(t, &code) &&
	       (code < '@' || code > '~'))
		text[n++] = code < 128 ? (char)code : '?';
	text[n] = 0;
	if (n == 0 && code == 0)
		return KEY_NOTHING;
	if (n == 0 && code == 'M')
		return old_mouse(t, x, y);
	return code == 'M' && text[0] == '<' ? new_mouse(t, text + 1, x, y)
					     : KEY_UNKNOWN;
}

/* Behind Escape: a click, a key with Shift, what another program has switched
 * on, ...  Nobody pressed Escape then; KEY_NOTHING: somebody did. */
static int sequence_key(struct term *t, int *x, int *y)
{
	wint_t code;
	int kind = get_wch(&code), key = KEY_NOTHING;

	/* Escape, and then a key of its own: that one is not lost. */
	if (kind == KEY_CODE_YES)
		(void)ungetch((int)code);
	if (kind != OK)
		return KEY_NOTHING;
	if (code == '[' || code == 'O')
		key = end_sequence(t, x, y);
	if (key == KEY_NOTHING)
		unget_wch((wchar_t)code);
	return key != KEY_NOTHING && code == 'O' ? KEY_UNKNOWN : key;
}

static int read_key(struct term *t, int *x, int *y)
{
	wint_t code;
	int kind = get_wch(&code), key;

	if (kind == ERR)
		return KEY_NOTHING;
	if (kind == KEY_CODE_YES)
		return function_key(code);
	if (code == '\r')
		return KEY_RETURN;
	if (code == KEY_ESCAPE) {
		key = sequence_key(t, x, y);
		return key == KEY_NOTHING ? (int)code : key;
	}
	return code < KEY_FIRST_SPECIAL ? (int)code : KEY_UNKNOWN;
}

int term_key(struct term *t, int *x, int *y)
{
	int key = read_key(t, x, y);

	/* A release tells nothing; any other key stands between two clicks. */
	if (key != KEY_NOTHING && key != KEY_UNKNOWN && key != KEY_CLICK)
		t->pressed = 0;
	return key;
}
