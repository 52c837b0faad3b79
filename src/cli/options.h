/*
 * The command line: one table of options, one of commands; usage, the manual's
 * test and shell completion read the same rows.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/formats.h"
#include "core/endpoint.h"
#include "core/finding.h"

/* Exit status, the first that applies (design section 5). */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_LIMIT = 4,
};

enum color_choice {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

#define OPTION_LISTS 11

struct options {
	const struct command *command;
	const char *output; /* NULL or "-": standard output */
	const char *filter;
	enum format format; /* the last of: */
	struct form *forms;
	size_t form_count;
	/* live */
	const char **interfaces;
	size_t interface_count;
	const char *follow;   /* a capture that grows; NULL: none */
	const char *hep_send; /* a collector; NULL: none */
	/* Of settings: the port, where hep_send has none; a key, or NULL; the
	 * agent, 0: the usual one; the key that listeners ask for. */
	uint16_t hep_port;
	const char *hep_key, *hep_listen_key;
	uint32_t hep_agent;
	bool hep_2; /* HEP2 is sent, not HEP3 */
	bool stats;
	uint64_t snaplen, buffer_mb, limit;               /* 0: the usual */
	const char *write;                                /* or NULL */
	uint64_t rotate_mb, rotate_seconds, rotate_count; /* 0: none */
	const char *user;                                 /* or NULL */
	bool no_sandbox;
	/* tui */
	const char *match; /* or NULL */
	bool ignore_case, invert_match, calls_only, dump_config;
	const char *screen; /* "80x24", "none"; NULL: run in the terminal */
	const char **saves; /* FORMAT=FILE, of the calls that are listed */
	size_t save_count;
	bool save_media;
	const char *keys;   /* to press before that */
	const char *config; /* NULL: where the user has it */
	const char **calls; /* selectors, see report/selection.h */
	size_t call_count;
	bool show_secrets;
	bool ways;                /* --paths */
	bool series;              /* media over time */
	const char **credentials; /* USER:REALM:PASSWORD */
	size_t credential_count;
	const char **credential_files;
	size_t credential_file_count;
	const char **turn_secrets;
	size_t turn_secret_count;
	const char **oauth_keys;
	size_t oauth_key_count;
	const char *access_token; /* KID:KEY:TOKEN */
	const char **keylogs;
	size_t keylog_count;
	const char **events; /* Windows event logs as XML */
	size_t event_count;
	const char **rsa_keys;
	size_t rsa_key_count;
	bool engine_off; /* replies are not held against the engine */
	bool quiet;
	bool fails; /* --fail-on given and not "never" */
	enum severity fail_on;
	enum color_choice color;
	char **paths;
	size_t path_count;
	void *memory[OPTION_LISTS]; /* the lists above, to be freed */
	uint64_t given;             /* which options, a bit each */
	/* probe */
	const char *transports, *dialect, *record, *ca, *server_name;
	const char *mras, *proxy, *identity;
	bool insecure;
	uint8_t family;       /* enum address_family; FAMILY_NONE: either */
	uint8_t relay_family; /* ... of the relayed address; not said */
	bool relay_both;
	bool timeout_given, fail_on_given;
	/* check */
	bool update;
	const char *baseline, *write_baseline, *cache;
	uint64_t jobs;    /* 0: as many as there are processors */
	uint64_t timeout; /* seconds for one analysis; 0: none */
};

/* An option, to whom wants to know which there are. */
struct option_told {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
};

struct option_taker {
	void *context;
	void (*take)(void *context, const struct option_told *option);
};

struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *notes;  /* lines of its help, ended; NULL: none */
	const char *manual; /* "mrascope(1), ..." */
	bool alone;         /* runs without arguments, too */
	int (*run)(const struct options *options);
	/* Reads the words behind its name itself, but for --help; NULL: `run`
	 * is for it. */
	int (*own)(int argc, char **argv);
	/* Which options it has then; NULL: none. */
	void (*tell)(const struct option_taker *to);
};

/* All commands, ended by a row without name. */
extern const struct command commands[];

/*
 * Reads the command line.  Returns true to go on; false when all is said
 * already (help, version, usage error) and *status is the exit status.
 */
bool options_read(int argc, char **argv, struct options *out, int *status);
void options_free(struct options *options);

/* All options of a command. */
void options_tell(const struct command *command, const struct option_taker *to);

/* Help for a command, or for the program (NULL). */
void options_usage(FILE *to, const struct command *command);

/* What stands on standard output and is no result: was it taken?  An exit
 * status; says so where it was not. */
int options_printed(void);

/* The commands. */
int command_analyze(const struct options *options);
int command_frames(const struct options *options);
int command_check(const struct options *options);
int command_diff(const struct options *options);
int command_extract(const struct options *options);
int command_rules(const struct options *options);
int command_tui(const struct options *options);
int command_live(const struct options *options);
int command_probe(const struct options *options);
int command_serve(int argc, char **argv);

/* The command whose name is the first word and that reads its own options, or
 * NULL. */
const struct command *options_own(int argc, char **argv);
/* Runs it; returns an exit status.  Says its help, if that is asked for. */
int options_run_own(const struct command *command, int argc, char **argv);
/* The options of serve, which has its own. */
void serve_tell(const struct option_taker *to);
int command_completion(int argc, char **argv);

#endif /* CLI_OPTIONS_H */
