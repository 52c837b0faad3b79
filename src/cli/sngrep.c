/* From sngrep's words to ours: each option becomes one or some of our own. */
#define _GNU_SOURCE /* getopt_long */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/filter.h"
#include "cli/options.h"
#include "cli/sngrep.h"
#include "cli/tui_config.h"

#define WORDS_MAX 512
#define DEVICES_MAX 32
#define BPF_MAX 4096

enum kind {
	WORD_DUMP,    /* ours: `to`; screens or not */
	WORD_VALUE,   /* ours: `to`, and the value */
	WORD_DEVICES, /* several, with commas between */
	WORD_LISTEN,
	WORD_INPUT,
	WORD_OUTPUT,
	WORD_MEDIA,
	WORD_LIVE,   /* ours: `to`, and the value; of files it says nothing */
	WORD_LIST,   /* ours: `to`; it chooses from the list */
	WORD_PASSED, /* without meaning here: what it asks for is so anyway */
	WORD_NO_SCREEN,
	WORD_NO_CONFIG,
	WORD_CONFIG,
	WORD_SEND,
	WORD_TEXT,
	WORD_QUIET,
	WORD_HELP,
	WORD_VERSION,
};

struct sngrep_row {
	char letter;
	const char *name;
	const char *value; /* NULL: it takes none */
	enum kind kind;
	const char *to;
	const char *help;
};

static const struct sngrep_row rows[] = {
	{'h', "help", NULL, WORD_HELP, NULL, "this usage"},
	{'V', "version", NULL, WORD_VERSION, NULL, "version"},
	{'d', "device", "IFACE", WORD_DEVICES, NULL,
	 "capture there; several with commas (default: any)"},
	{'I', "input", "FILE", WORD_INPUT, NULL,
	 "read a capture; may be repeated, - is standard input"},
	{'O', "output", "FILE", WORD_OUTPUT, NULL,
	 "write what is captured, or SIP of the files, as pcapng"},
	{'B', "buffer", "MB", WORD_LIVE, "--buffer",
	 "megabytes of the kernel's buffer"},
	{'c', "calls", NULL, WORD_LIST, "--calls-only",
	 "list only dialogs that begin with INVITE"},
	{'r', "rtp", NULL, WORD_MEDIA, NULL,
	 "RTP too, with -O of files (is always counted; live -O writes all)"},
	{'l', "limit", "CALLS", WORD_LIVE, "--limit", "keep so many calls"},
	{'i', "icase", NULL, WORD_LIST, "--ignore-case",
	 "match without regard to case"},
	{'v', "invert", NULL, WORD_LIST, "--invert-match",
	 "list what does not match"},
	{'N', "no-interface", NULL, WORD_NO_SCREEN, NULL,
	 "no screens: events of live capture, or the report of files"},
	{'q', "quiet", NULL, WORD_QUIET, NULL,
	 "no warnings; with -N nothing but files"},
	{'D', "dump-config", NULL, WORD_DUMP, "--dump-config",
	 "print the settings and end"},
	{'f', "config", "FILE", WORD_CONFIG, NULL,
	 "read settings from this file"},
	{'F', "no-config", NULL, WORD_NO_CONFIG, NULL, "the default settings"},
	{'R', "rotate", NULL, WORD_PASSED, NULL,
	 "forget old calls at the limit (always done)"},
	{'k', "keyfile", "FILE", WORD_VALUE, "--rsa-key",
	 "a private RSA key, to decrypt TLS"},
	{'p', NULL, NULL, WORD_PASSED, NULL, NULL}, /* ngrep's habits */
	{'W', NULL, "WAY", WORD_PASSED, NULL, NULL},
	{'t', "telephone-event", NULL, WORD_PASSED, NULL,
	 "events of telephones (are counted with their stream)"},
	{'T', "text", "FILE", WORD_TEXT, NULL,
	 "no screens: write messages of the dialogs as text, at the end"},
	{'H', "eep-send", "WHERE", WORD_SEND, NULL,
	 "send SIP on in HEP: udp|tcp:ADDRESS:PORT"},
	{'L', "eep-listen", "WHERE", WORD_LISTEN, NULL,
	 "hear HEP there, alone without -d: udp|tcp:ADDRESS:PORT"},
	{'E', "eep-parse", NULL, WORD_PASSED, NULL,
	 "read captured HEP (always done)"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

#define LIVE_WORDS 4

struct live_word {
	const char *to;
	char *value;
};

struct words {
	struct live_word live[LIVE_WORDS];
	unsigned live_count;
	char *list[WORDS_MAX];
	int count;
	char *owned[WORDS_MAX]; /* of them */
	int owned_count;
	char *inputs[WORDS_MAX];
	int input_count;
	char *listeners[DEVICES_MAX];
	int listener_count;
	char *config, *output, *text, *collector; /* or NULL */
	char bpf[BPF_MAX];
	bool devices, no_config, no_screen, quiet, dumps;
	bool chooses; /* -c, -i, -v, or an expression */
	bool media;
	char command[16];
	struct settings settings;
};

bool sngrep_is_name(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	return strcmp(name, "sngrep") == 0;
}

void sngrep_tell(const struct option_taker *to)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].help)
			to->take(to->context,
				 &(struct option_told){
					 rows[i].letter, rows[i].name,
					 rows[i].value, rows[i].help});
}

static void usage(FILE *to)
{
	const struct command *c = commands;

	while (c->own != sngrep_run)
		c++;
	options_usage(to, c);
}

static bool add(struct words *w, const char *word, char *value)
{
	size_t n = strlen(word) + 1;
	char *copy = w->count + 2 < WORDS_MAX ? malloc(n) : NULL;

	if (!copy)
		return false;
	memcpy(copy, word, n);
	w->owned[w->owned_count++] = copy;
	w->list[w->count++] = copy;
	if (value)
		w->list[w->count++] = value;
	return true;
}

/* "option=value" in one word of ours. */
static bool add_pair(struct words *w, const char *option, const char *form,
		     const char *value)
{
	size_t n = strlen(form) + strlen(value) + 1;
	char *word = malloc(n);
	bool fine;

	if (!word)
		return false;
	snprintf(word, n, "%s%s", form, value);
	fine = add(w, option, NULL) && add(w, word, NULL);
	free(word);
	return fine;
}

static void words_free(struct words *w)
{
	for (int i = 0; i < w->owned_count; i++)
		free(w->owned[i]);
	free(w);
}

static bool add_devices(struct words *w, char *list)
{
	bool fine = true;

	w->devices = true;
	while (fine && list) {
		char *comma = strchr(list, ',');

		if (comma)
			*comma = 0;
		fine = add(w, "-i", list);
		list = comma ? comma + 1 : NULL;
	}
	return fine;
}

/* What is only noted: whether it is about files is known at the end. */
static void note(struct words *w, const struct sngrep_row *row, char *value)
{
	if (row->kind == WORD_INPUT && w->input_count < WORDS_MAX)
		w->inputs[w->input_count++] = value;
	else if (row->kind == WORD_LISTEN && w->listener_count < DEVICES_MAX)
		w->listeners[w->listener_count++] = value;
	else if (row->kind == WORD_OUTPUT)
		w->output = value;
	else if (row->kind == WORD_TEXT)
		w->text = value;
	else if (row->kind == WORD_SEND)
		w->collector = value;
	else if (row->kind == WORD_CONFIG)
		w->config = value;
	else if (row->kind == WORD_LIVE)
		w->live[w->live_count++ % LIVE_WORDS] =
			(struct live_word){row->to, value};
	w->no_screen |= row->kind == WORD_NO_SCREEN;
	w->dumps |= row->kind == WORD_DUMP;
	w->no_config |= row->kind == WORD_NO_CONFIG;
	w->quiet |= row->kind == WORD_QUIET;
	w->media |= row->kind == WORD_MEDIA;
}

static bool take(struct words *w, const struct sngrep_row *row, char *value)
{
	note(w, row, value);
	switch ((int)row->kind) {
	case WORD_LIST:
		w->chooses = true;
		return add(w, row->to, NULL);
	case WORD_DUMP:
		return add(w, row->to, NULL);
	case WORD_VALUE:
		return add(w, row->to, value);
	case WORD_DEVICES:
		return add_devices(w, value);
	default:
		return true;
	}
}

static const struct sngrep_row *row_of(int letter)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

static void make_tables(char letters[ROWS * 2 + 1],
			struct option names[ROWS + 1])
{
	size_t n = 0, count = 0;

	for (size_t i = 0; i < ROWS; i++) {
		letters[n++] = rows[i].letter;
		if (rows[i].value)
			letters[n++] = ':';
		if (rows[i].name)
			names[count++] = (struct option){
				rows[i].name,
				rows[i].value ? required_argument : no_argument,
				NULL, rows[i].letter};
	}
	letters[n] = 0;
}

/* The words that are no options, with blanks between. */
static void join(char *const *from, int count, char out[BPF_MAX])
{
	size_t n = 0;

	out[0] = 0;
	for (int i = 0; i < count && n + 1 < BPF_MAX; i++) {
		int more = snprintf(out + n, BPF_MAX - n, "%s%s", i ? " " : "",
				    from[i]);

		n += more > 0 ? (size_t)more : 0;
	}
}

static bool is_filter(const char *text)
{
	struct packet_filter *filter;
	struct fault ignored;
	bool yes = packet_filter_new(text, &filter, &ignored) == STATUS_OK;

	if (yes)
		packet_filter_free(filter);
	return yes;
}

/* "port 5060" is a capture filter; else the first word is what to match. */
static bool take_rest(struct words *w, char **rest, int count)
{
	join(rest, count, w->bpf);
	if (count == 0)
		return true;
	if (is_filter(w->bpf))
		return add(w, "--filter", w->bpf);
	w->chooses = true;
	if (!add(w, "--match", rest[0]))
		return false;
	join(rest + 1, count - 1, w->bpf);
	return !w->bpf[0] || add(w, "--filter", w->bpf);
}

/* Where to capture: -d and -L, or as the settings say. */
static bool add_sources(struct words *w)
{
	bool heard = w->listener_count || w->settings.values[SETTING_LISTEN];
	bool fine = true;

	for (int i = 0; fine && i < w->listener_count; i++)
		fine = add(w, "-i", w->listeners[i]);
	if (fine && heard && !w->listener_count) {
		char place[SETTING_TEXT_MAX + 16];

		snprintf(place, sizeof(place), "udp:%s:%d",
			 w->settings.texts[TEXT_LISTEN_ADDRESS],
			 w->settings.values[SETTING_LISTEN_PORT]);
		fine = add(w, "-i", NULL) && add(w, place, NULL);
	}
	if (fine && !heard && !w->devices)
		fine = add_devices(w, w->settings.texts[TEXT_DEVICE]);
	for (unsigned i = 0; fine && i < LIVE_WORDS; i++)
		if (w->live[i].to)
			fine = add(w, w->live[i].to, w->live[i].value);
	if (fine && w->output)
		fine = add(w, "--write", w->output);
	return fine;
}

static void add_inputs(struct words *w)
{
	for (int i = 0; i < w->input_count && w->count + 2 < WORDS_MAX; i++)
		w->list[w->count++] = w->inputs[i];
}

/* Without -d it is about files alone: listening has no meaning then, for sngrep
 * neither. */
static bool add_files(struct words *w)
{
	add_inputs(w);
	if (w->output && w->media && !add(w, "--save-media", NULL))
		return false;
	return !w->output || add_pair(w, "--save", "pcapng=", w->output);
}

/* Without screens: what our other commands tell says more than sngrep does, but
 * they choose no calls. */
static const char *command_of(const struct words *w)
{
	bool writes =
		w->text || (w->input_count && (w->output || w->collector));

	if (w->dumps || (!w->no_screen && !w->text))
		return "tui";
	if (writes || w->chooses || (w->input_count && w->devices))
		return "batch";
	return w->input_count ? "analyze" : "live";
}

/* What only the screens and what stands for them know. */
static bool add_for_screens(struct words *w, bool batch)
{
	bool fine = true;

	if (w->no_config)
		fine = add(w, "--config", NULL) && add(w, "none", NULL);
	else if (w->config)
		fine = add(w, "--config", w->config);
	if (fine && w->text)
		fine = add_pair(w, "--save", "text=", w->text);
	if (fine && batch)
		fine = add(w, "--screen", NULL) && add(w, "none", NULL);
	return fine;
}

/* Which of our commands it is, and on what. */
static bool finish(struct words *w, const char **command)
{
	struct options wanted = {.config = w->no_config ? "none" : w->config};
	bool batch, screens, fine = true;

	*command = command_of(w);
	batch = strcmp(*command, "batch") == 0;
	screens = batch || strcmp(*command, "tui") == 0;
	if (batch)
		*command = "tui";
	/* The screens say what is wrong with it. */
	free(tui_config_read(&w->settings, &wanted, screens));
	if (w->quiet)
		fine = add(w, "--quiet", NULL);
	if (fine && w->quiet && w->no_screen && !screens)
		fine = add(w, "--output", NULL) && add(w, "/dev/null", NULL);
	if (fine && screens)
		fine = add_for_screens(w, batch);
	if (fine && w->collector)
		fine = add(w, "--hep-send", w->collector);
	if (!fine || !w->input_count)
		return fine && add_sources(w);
	if (!w->devices)
		return add_files(w);
	add_inputs(w);
	return add_sources(w);
}

static int run_ours(struct words *w, const char *command)
{
	char name[] = "mrascope";
	struct options options;
	int status;

	w->list[0] = name;
	w->list[1] = w->command;
	snprintf(w->command, sizeof(w->command), "%s", command);
	if (options_read(w->count, w->list, &options, &status)) {
		if (strcmp(command, "live") == 0)
			tui_config_apply(&w->settings, false, &options);
		status = options.command->run(&options);
	}
	options_free(&options);
	return status;
}

/* Help and version end it at once. */
static bool ends(const struct sngrep_row *row, int *status)
{
	*status = EXIT_USAGE;
	if (!row) {
		usage(stderr);
		return true;
	}
	*status = EXIT_FINE;
	if (row->kind == WORD_HELP)
		usage(stdout);
	else if (row->kind == WORD_VERSION)
		puts("mrascope " MRASCOPE_VERSION);
	else
		return false;
	*status = options_printed();
	return true;
}

/* The habit of other programs. */
static bool is_file(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-' || access(argv[1], F_OK) != 0)
		return false;
	fprintf(stderr, "mrascope: %s is a file: sngrep reads it with -I\n",
		argv[1]);
	return true;
}

int sngrep_run(int argc, char **argv)
{
	struct words *w = calloc(1, sizeof(*w));
	char letters[ROWS * 2 + 1];
	const char *command;
	struct option names[ROWS + 1] = {{0}};
	int letter, status = EXIT_LIMIT;
	bool fine = w != NULL;

	if (!w)
		return EXIT_LIMIT;
	if (is_file(argc, argv)) {
		free(w);
		return EXIT_USAGE;
	}
	w->count = 2;
	make_tables(letters, names);
	while (fine &&
	       (letter = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct sngrep_row *row = row_of(letter);

		if (ends(row, &status)) {
			words_free(w);
			return status;
		}
		fine = take(w, row, optarg);
	}
	if (fine && take_rest(w, argv + optind, argc - optind) &&
	    finish(w, &command))
		status = run_ours(w, command);
	words_free(w);
	return status;
}
