/* From sngrep's words to ours: each option becomes one or some of our own. */
#define _GNU_SOURCE /* getopt_long */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/filter.h"
#include "cli/options.h"
#include "cli/sngrep.h"

#define WORDS_MAX 512
#define DEVICES_MAX 32
#define BPF_MAX 4096

enum kind {
	WORD_FLAG,    /* ours: `to` */
	WORD_VALUE,   /* ours: `to`, and the value */
	WORD_DEVICES, /* several, with commas between */
	WORD_INPUT,
	WORD_PASSED, /* without meaning here: what it asks for is so anyway */
	WORD_NO_SCREEN,
	WORD_NO_CONFIG,
	WORD_REFUSED, /* we cannot do that */
	WORD_HELP,
	WORD_VERSION,
};

struct sngrep_row {
	char letter;
	const char *name;
	bool value;
	enum kind kind;
	const char *to;
	const char *help;
};

static const struct sngrep_row rows[] = {
	{'h', "help", false, WORD_HELP, NULL, "this usage"},
	{'V', "version", false, WORD_VERSION, NULL, "version"},
	{'d', "device", true, WORD_DEVICES, NULL,
	 "capture there; several with commas (default: any)"},
	{'I', "input", true, WORD_INPUT, NULL,
	 "read a capture; may be repeated, - is standard input"},
	{'O', "output", true, WORD_VALUE, "--write",
	 "write what is captured, as pcapng"},
	{'B', "buffer", true, WORD_VALUE, "--buffer",
	 "megabytes of the kernel's buffer"},
	{'c', "calls", false, WORD_FLAG, "--calls-only",
	 "list only dialogs that begin with INVITE"},
	{'r', "rtp", false, WORD_PASSED, NULL,
	 "RTP too (is always counted, and written by -O)"},
	{'l', "limit", true, WORD_VALUE, "--limit", "keep so many calls"},
	{'i', "icase", false, WORD_FLAG, "--ignore-case",
	 "match without regard to case"},
	{'v', "invert", false, WORD_FLAG, "--invert-match",
	 "list what does not match"},
	{'N', "no-interface", false, WORD_NO_SCREEN, NULL,
	 "no screens: events of live capture, or the report of files"},
	{'q', "quiet", false, WORD_FLAG, "--quiet", "no warnings"},
	{'D', "dump-config", false, WORD_FLAG, "--dump-config",
	 "print the settings and end"},
	{'f', "config", true, WORD_VALUE, "--config",
	 "read settings from this file"},
	{'F', "no-config", false, WORD_NO_CONFIG, NULL, "the default settings"},
	{'R', "rotate", false, WORD_PASSED, NULL,
	 "forget old calls at the limit (always done)"},
	{'k', "keyfile", true, WORD_VALUE, "--rsa-key",
	 "a private RSA key, to decrypt TLS"},
	{'p', NULL, false, WORD_PASSED, NULL, NULL}, /* ngrep's habits */
	{'W', NULL, true, WORD_PASSED, NULL, NULL},
	{'t', NULL, false, WORD_PASSED, NULL, NULL},
	{'T', "text", true, WORD_REFUSED, "text is saved with F2", NULL},
	{'H', "eep-send", true, WORD_VALUE, "--hep-send",
	 "send SIP on in HEP3: udp:ADDRESS:PORT"},
	{'L', "eep-listen", true, WORD_DEVICES, NULL,
	 "hear HEP3 there: udp:ADDRESS:PORT"},
	{'E', "eep-parse", false, WORD_PASSED, NULL,
	 "read captured HEP3 (on port 9060; always done)"},
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
	bool devices, no_screen;
};

bool sngrep_is_asked(int argc, char **argv, int *skip)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	*skip = 0;
	if (strcmp(name, "sngrep") == 0)
		return true;
	*skip = 1;
	return argc > 1 && strcmp(argv[1], "sngrep") == 0;
}

static void usage(FILE *to)
{
	fputs("usage: mrascope sngrep [options] [match expression] "
	      "[capture filter]\n\n",
	      to);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].help)
			fprintf(to, "  -%c --%-14s %s\n", rows[i].letter,
				rows[i].name, rows[i].help);
	fputs("\nThe screens and their keys: mrascope-tui(1).\n", to);
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

static bool take(struct words *w, const struct sngrep_row *row, char *value)
{
	/* What is about capturing has no meaning for files; -I may follow. */
	if (row->letter == 'l' || row->letter == 'B') {
		w->live[w->live_count++ % LIVE_WORDS] =
			(struct live_word){row->to, value};
		return true;
	}
	switch (row->kind) {
	case WORD_FLAG:
		return add(w, row->to, NULL);
	case WORD_VALUE:
		return add(w, row->to, value);
	case WORD_DEVICES:
		return add_devices(w, value);
	case WORD_INPUT:
		if (w->input_count < WORDS_MAX)
			w->inputs[w->input_count++] = value;
		return true;
	case WORD_NO_SCREEN:
		w->no_screen = true;
		return true;
	case WORD_NO_CONFIG:
		return add(w, "--config", NULL) && add(w, "none", NULL);
	case WORD_PASSED:
	case WORD_REFUSED:
	case WORD_HELP:
	case WORD_VERSION:
		break;
	}
	return true;
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
static bool take_rest(struct words *w, char **rest, int count,
		      char bpf[BPF_MAX])
{
	join(rest, count, bpf);
	if (count == 0)
		return true;
	if (is_filter(bpf))
		return add(w, "--filter", bpf);
	if (!add(w, "--match", rest[0]))
		return false;
	join(rest + 1, count - 1, bpf);
	return !bpf[0] || add(w, "--filter", bpf);
}

/* Which of our commands it is, and on what. */
static bool finish(struct words *w)
{
	if (!w->input_count && !w->devices &&
	    !(add(w, "-i", NULL) && add(w, "any", NULL)))
		return false;
	for (unsigned i = 0; !w->input_count && i < LIVE_WORDS; i++)
		if (w->live[i].to && !add(w, w->live[i].to, w->live[i].value))
			return false;
	for (int i = 0; i < w->input_count && w->count + 2 < WORDS_MAX; i++)
		w->list[w->count++] = w->inputs[i];
	return true;
}

static int run_ours(struct words *w)
{
	char name[] = "mrascope", tui[] = "tui", live[] = "live";
	char analyze[] = "analyze";
	struct options options;
	int status;

	w->list[0] = name;
	w->list[1] = !w->no_screen ? tui : w->input_count ? analyze : live;
	if (options_read(w->count, w->list, &options, &status))
		status = options.command->run(&options);
	options_free(&options);
	return status;
}

/* Help, version and what cannot be done end it at once. */
static bool ends(const struct sngrep_row *row, int *status)
{
	*status = EXIT_USAGE;
	if (!row) {
		usage(stderr);
		return true;
	}
	if (row->kind == WORD_REFUSED) {
		fprintf(stderr, "mrascope: sngrep -%c: %s\n", row->letter,
			row->to);
		return true;
	}
	*status = EXIT_FINE;
	if (row->kind == WORD_HELP)
		usage(stdout);
	else if (row->kind == WORD_VERSION)
		puts("mrascope " MRASCOPE_VERSION);
	else
		return false;
	return true;
}

int sngrep_run(int argc, char **argv)
{
	struct words *w = calloc(1, sizeof(*w));
	char letters[ROWS * 2 + 1], bpf[BPF_MAX];
	struct option names[ROWS + 1] = {{0}};
	int letter, status = EXIT_LIMIT;
	bool fine = w != NULL;

	if (!w)
		return EXIT_LIMIT;
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
	if (fine && take_rest(w, argv + optind, argc - optind, bpf) &&
	    finish(w))
		status = run_ours(w);
	words_free(w);
	return status;
}
