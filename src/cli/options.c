/* Reading the command line from the tables. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/live.h"
#include "cli/apart.h"
#include "cli/option_rows.h"
#include "cli/options.h"
#include "core/slice.h"
#include "dissectors/access_token.h"

/* `given` of the options has a bit for each. */
_Static_assert(OPTION_VERSION < 64, "too many options for the bits");

#define JOBS_MAX 256u
#define LIMIT_MAX 1000000u
#define ROTATE_MAX 1000000u
#define TIMEOUT_MAX 86400u
#define TIMEOUT_USUAL 600u

static bool complain(const char *what, const char *which)
{
	fprintf(stderr, "mrascope: %s: %s (see mrascope --help)\n", which,
		what);
	return false;
}

/* What is no secret is said again. */
static bool refuse(const struct option_row *row, const char *value,
		   const char *why)
{
	fprintf(stderr, "mrascope: --%s %s: %s (see mrascope --help)\n",
		row->name, value, why);
	return false;
}

/* ---- values that are more than text or a number ---- */

static bool set_fail_on(struct options *o, const struct option_row *row,
			const char *value)
{
	o->fail_on_given = true;
	o->fails = true;
	if (strcmp(value, "error") == 0)
		o->fail_on = SEVERITY_ERROR;
	else if (strcmp(value, "warning") == 0)
		o->fail_on = SEVERITY_WARNING;
	else if (strcmp(value, "never") == 0)
		o->fails = false;
	else
		return refuse(row, value, "not error, warning or never");
	return true;
}

static bool set_engine(struct options *o, const struct option_row *row,
		       const char *value)
{
	o->engine_off = strcmp(value, "off") == 0;
	if (!o->engine_off && strcmp(value, "on") != 0)
		return refuse(row, value, "not on or off");
	return true;
}

static bool set_color(struct options *o, const struct option_row *row,
		      const char *value)
{
	if (strcmp(value, "auto") == 0)
		o->color = COLOR_AUTO;
	else if (strcmp(value, "always") == 0)
		o->color = COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		o->color = COLOR_NEVER;
	else
		return refuse(row, value, "not auto, always or never");
	return true;
}

/* Those of the command, which may not have been named yet. */
static void say_formats(const struct options *o)
{
	const char *command = (o->command ? o->command : commands)->name;
	struct text list = text_new(1024);

	format_list(command, &list);
	fprintf(stderr, "mrascope: formats of %s: %.*s\n", command, (int)list.n,
		list.p);
	text_free(&list);
}

static bool set_format(struct options *o, const struct option_row *row,
		       const char *value)
{
	struct form *form = &o->forms[o->form_count];

	if (!format_read(value, form)) {
		fprintf(stderr, "mrascope: --%s %s: no such format\n",
			row->name, value);
		say_formats(o);
		return false;
	}
	o->format = form->format;
	o->form_count++;
	return true;
}

static bool set_credential(struct options *o, const struct option_row *row,
			   const char *value)
{
	const char *last = strrchr(value, ':');

	(void)row;
	if (!last || !memchr(value, ':', (size_t)(last - value)))
		return complain("not USER:REALM:PASSWORD", "--credential");
	o->credentials[o->credential_count++] = value;
	return true;
}

static bool set_oauth_key(struct options *o, const struct option_row *row,
			  const char *value)
{
	struct access_key key;

	(void)row;
	if (access_key_parse(slice_of_text(value), &key) != STATUS_OK)
		return complain("not KID:A256GCM:BASE64 or KID:A128GCM:BASE64",
				"--oauth-key");
	bytes_wipe(&key, sizeof(key));
	o->oauth_keys[o->oauth_key_count++] = value;
	return true;
}

static bool set_relay_family(struct options *o, const struct option_row *row,
			     const char *value)
{
	o->relay_both = strcmp(value, "both") == 0;
	if (strcmp(value, "4") == 0)
		o->relay_family = FAMILY_IPV4;
	else if (strcmp(value, "6") == 0)
		o->relay_family = FAMILY_IPV6;
	else if (!o->relay_both)
		return refuse(row, value, "not 4, 6 or both");
	return true;
}

static bool set_family(struct options *o, const struct option_row *row,
		       const char *value)
{
	if (strcmp(value, "4") == 0)
		o->family = FAMILY_IPV4;
	else if (strcmp(value, "6") == 0)
		o->family = FAMILY_IPV6;
	else
		return refuse(row, value, "not 4 or 6");
	return true;
}

static bool set_number(uint64_t *to, uint64_t max, const struct option_row *row,
		       const char *value)
{
	return slice_number(slice_of_text(value), max, to) == STATUS_OK
		       ? true
		       : refuse(row, value, "not a number, or too large");
}

static bool set_timeout(struct options *o, const struct option_row *row,
			const char *value)
{
	o->timeout_given = true;
	return set_number(&o->timeout, TIMEOUT_MAX, row, value);
}

/* ---- where values go ---- */

enum goes {
	GOES_NOWHERE, /* --help, --version */
	GOES_TO_TEXT, /* const char * */
	GOES_TO_NUMBER,
	GOES_TO_FLAG, /* which is on then */
	GOES_TO_LIST,
	GOES_THROUGH, /* `set` */
};

struct place_of {
	enum goes goes;
	size_t at;    /* of the member of struct options */
	size_t count; /* of a list: of the member that counts */
	uint64_t max; /* of a number */
	bool (*set)(struct options *o, const struct option_row *row,
		    const char *value);
};

#define TEXT(member)                                                       \
	{                                                                  \
		GOES_TO_TEXT, offsetof(struct options, member), 0, 0, NULL \
	}
#define FLAG(member)                                                       \
	{                                                                  \
		GOES_TO_FLAG, offsetof(struct options, member), 0, 0, NULL \
	}
#define NUMBER(member, max)                                                    \
	{                                                                      \
		GOES_TO_NUMBER, offsetof(struct options, member), 0, max, NULL \
	}
#define LIST(member, counter)                                      \
	{                                                          \
		GOES_TO_LIST, offsetof(struct options, member),    \
			offsetof(struct options, counter), 0, NULL \
	}
#define SET(function)                           \
	{                                       \
		GOES_THROUGH, 0, 0, 0, function \
	}

static const struct place_of places[] = {
	[OPTION_FORMAT] = SET(set_format),
	[OPTION_OUTPUT] = TEXT(output),
	[OPTION_CALL] = LIST(calls, call_count),
	[OPTION_FILTER] = TEXT(filter),
	[OPTION_CREDENTIAL] = SET(set_credential),
	[OPTION_CREDENTIALS] = LIST(credential_files, credential_file_count),
	[OPTION_TURN_SECRET] = LIST(turn_secrets, turn_secret_count),
	[OPTION_OAUTH_KEY] = SET(set_oauth_key),
	[OPTION_KEYLOG] = LIST(keylogs, keylog_count),
	[OPTION_RSA_KEY] = LIST(rsa_keys, rsa_key_count),
	[OPTION_EVENTS] = LIST(events, event_count),
	[OPTION_PATHS] = FLAG(ways),
	[OPTION_SERIES] = FLAG(series),
	[OPTION_SHOW_SECRETS] = FLAG(show_secrets),
	[OPTION_ENGINE] = SET(set_engine),
	[OPTION_FAIL_ON] = SET(set_fail_on),
	[OPTION_UPDATE] = FLAG(update),
	[OPTION_BASELINE] = TEXT(baseline),
	[OPTION_WRITE_BASELINE] = TEXT(write_baseline),
	[OPTION_CACHE] = TEXT(cache),
	[OPTION_JOBS] = NUMBER(jobs, JOBS_MAX),
	[OPTION_TIMEOUT] = SET(set_timeout),
	[OPTION_QUIET] = FLAG(quiet),
	[OPTION_COLOR] = SET(set_color),
	[OPTION_INTERFACE] = LIST(interfaces, interface_count),
	[OPTION_FOLLOW] = TEXT(follow),
	[OPTION_SNAPLEN] = NUMBER(snaplen, LIVE_SNAPLEN_MAX),
	[OPTION_BUFFER] = NUMBER(buffer_mb, LIVE_BUFFER_MB_MAX),
	[OPTION_LIMIT] = NUMBER(limit, LIMIT_MAX),
	[OPTION_WRITE] = TEXT(write),
	[OPTION_ROTATE_SIZE] = NUMBER(rotate_mb, ROTATE_MAX),
	[OPTION_ROTATE_TIME] = NUMBER(rotate_seconds, ROTATE_MAX),
	[OPTION_ROTATE_COUNT] = NUMBER(rotate_count, ROTATE_MAX),
	[OPTION_USER] = TEXT(user),
	[OPTION_NO_SANDBOX] = FLAG(no_sandbox),
	[OPTION_STATS] = FLAG(stats),
	[OPTION_MATCH] = TEXT(match),
	[OPTION_IGNORE_CASE] = FLAG(ignore_case),
	[OPTION_INVERT_MATCH] = FLAG(invert_match),
	[OPTION_CALLS_ONLY] = FLAG(calls_only),
	[OPTION_DUMP_CONFIG] = FLAG(dump_config),
	[OPTION_SCREEN] = TEXT(screen),
	[OPTION_KEYS] = TEXT(keys),
	[OPTION_SAVE] = LIST(saves, save_count),
	[OPTION_SAVE_MEDIA] = FLAG(save_media),
	[OPTION_CONFIG] = TEXT(config),
	[OPTION_TRANSPORT] = TEXT(transports),
	[OPTION_DIALECT] = TEXT(dialect),
	[OPTION_FAMILY] = SET(set_family),
	[OPTION_CA] = TEXT(ca),
	[OPTION_SERVER_NAME] = TEXT(server_name),
	[OPTION_INSECURE] = FLAG(insecure),
	[OPTION_RECORD] = TEXT(record),
	[OPTION_MRAS] = TEXT(mras),
	[OPTION_PROXY] = TEXT(proxy),
	[OPTION_IDENTITY] = TEXT(identity),
	[OPTION_ACCESS_TOKEN] = TEXT(access_token),
	[OPTION_RELAY_FAMILY] = SET(set_relay_family),
	[OPTION_HEP_SEND] = TEXT(hep_send),
	[OPTION_HELP] = {.goes = GOES_NOWHERE},
	[OPTION_VERSION] = {.goes = GOES_NOWHERE},
};

static bool apply(struct options *o, const struct option_row *row,
		  const char *value)
{
	const struct place_of *p = &places[row->id];
	void *to = (char *)o + p->at;

	switch (p->goes) {
	case GOES_TO_TEXT:
		*(const char **)to = value;
		return true;
	case GOES_TO_FLAG:
		*(bool *)to = true;
		return true;
	case GOES_TO_NUMBER:
		return set_number(to, p->max, row, value);
	case GOES_TO_LIST: {
		size_t *count = (void *)((char *)o + p->count);

		(*(const char ***)to)[(*count)++] = value;
		return true;
	}
	case GOES_THROUGH:
		return p->set(o, row, value);
	case GOES_NOWHERE:
		break;
	}
	return true;
}

static const struct option_row *long_row(const char *name, size_t n)
{
	for (const struct option_row *row = option_rows; row->name; row++)
		if (strlen(row->name) == n && memcmp(row->name, name, n) == 0)
			return row;
	return NULL;
}

static const struct option_row *letter_row(char letter)
{
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->letter && row->letter == letter)
			return row;
	return NULL;
}

/* The row of an argument and its value if that is attached ("--x=v", "-ov"). */
static const struct option_row *find_row(const char *argument,
					 const char **value)
{
	*value = NULL;
	if (argument[1] == '-') {
		const char *name = argument + 2;
		size_t n = strcspn(name, "=");

		if (name[n] == '=')
			*value = name + n + 1;
		return long_row(name, n);
	}
	if (argument[2])
		*value = argument + 2;
	return letter_row(argument[1]);
}

static const struct command *find_command(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* One that takes the common options. */
static bool is_command(const char *name)
{
	const struct command *c = find_command(name);

	return c && !c->own;
}

const struct command *options_own(int argc, char **argv)
{
	const struct command *c = argc > 1 ? find_command(argv[1]) : NULL;

	return c && c->own ? c : NULL;
}

int options_run_own(const struct command *command, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			options_usage(stdout, command);
			return options_printed();
		}
	return command->own(argc - 1, argv + 1);
}

int options_printed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	fprintf(stderr, "mrascope: standard output: cannot write: %s\n",
		strerror(errno));
	return EXIT_INPUT;
}

/* Help and version end the program at once. */
static bool is_final(const struct option_row *row, const struct options *o,
		     int *status)
{
	if (row->id == OPTION_HELP)
		options_usage(stdout, o->command);
	else if (row->id == OPTION_VERSION)
		puts("mrascope " MRASCOPE_VERSION);
	else
		return false;
	*status = options_printed();
	return true;
}

/* One option at argv[*at]; false ends the reading with *status. */
static bool read_option(int argc, char **argv, int *at, struct options *o,
			int *status)
{
	const char *value;
	const struct option_row *row = find_row(argv[*at], &value);

	*status = EXIT_USAGE;
	if (!row)
		return complain("no such option", argv[*at]);
	if (is_final(row, o, status))
		return false;
	if (!row->argument && value)
		return complain("takes no value", argv[*at]);
	if (row->argument && !value) {
		if (*at + 1 >= argc)
			return complain("needs a value", argv[*at]);
		value = argv[++*at];
	}
	o->given |= UINT64_C(1) << row->id;
	return apply(o, row, value);
}

static bool prepare(int argc, struct options *o)
{
	size_t room = (size_t)argc + 1;

	*o = (struct options){.fail_on = SEVERITY_ERROR,
			      .timeout = TIMEOUT_USUAL};
	for (size_t i = 0; i < OPTION_LISTS; i++)
		o->memory[i] = calloc(room, sizeof(struct form));
	o->credentials = o->memory[0];
	o->credential_files = o->memory[1];
	o->turn_secrets = o->memory[2];
	o->calls = o->memory[3];
	o->keylogs = o->memory[4];
	o->rsa_keys = o->memory[5];
	o->forms = o->memory[6];
	o->events = o->memory[7];
	o->interfaces = o->memory[8];
	o->oauth_keys = o->memory[9];
	o->saves = o->memory[10];
	o->paths = calloc(room, sizeof(char *));
	for (size_t i = 0; i < OPTION_LISTS; i++)
		if (!o->memory[i])
			return false;
	return o->paths;
}

static bool options_fit(const struct options *o)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(o->given & UINT64_C(1) << row->id) ||
		    option_is_for(row, o->command))
			continue;
		fprintf(stderr, "mrascope: --%s: only for %s\n", row->name,
			row->only_for);
		return false;
	}
	return true;
}

/* Each form must be one of the command's; a place of its own is for check. */
static bool forms_fit(const struct options *o)
{
	const char *command = o->command->name;
	bool fine = true;
	size_t here = 0;

	for (size_t i = 0; fine && i < o->form_count; i++) {
		const struct form *form = &o->forms[i];

		here += !form->file;
		if (here > 1)
			fine = complain("one to standard output; the others "
					"want FORMAT=FILE",
					"several formats");
		else if (form->file && strcmp(command, "check") != 0)
			fine = complain("only check has FORMAT=FILE; use -o",
					form->file);
		else if (!format_is_for(form->format, command))
			fine = false;
	}
	if (!fine)
		say_formats(o);
	return fine;
}

/* "analyse": it looks like a command, and is neither that nor a file. */
static bool is_lost_word(const char *path)
{
	return path[0] &&
	       path[strspn(path, "abcdefghijklmnopqrstuvwxyz")] == '\0' &&
	       access(path, F_OK) != 0;
}

bool options_read(int argc, char **argv, struct options *o, int *status)
{
	bool only_paths = false;

	*status = EXIT_LIMIT;
	if (!prepare(argc, o))
		return false;
	for (int i = 1; i < argc; i++) {
		const char *argument = argv[i];

		if (!only_paths && strcmp(argument, "--") == 0) {
			only_paths = true;
		} else if (!only_paths && argument[0] == '-' && argument[1]) {
			if (!read_option(argc, argv, &i, o, status))
				return false;
		} else if (!only_paths && !o->command && !o->path_count &&
			   is_command(argument)) {
			o->command = find_command(argument);
		} else {
			o->paths[o->path_count++] = argv[i];
		}
	}
	if (!o->command && o->path_count && is_lost_word(o->paths[0])) {
		*status = EXIT_INPUT;
		return complain("no such command or file", o->paths[0]);
	}
	if (!o->command)
		o->command = &commands[0];
	if (o->command->run == command_check &&
	    !(o->given & UINT64_C(1) << OPTION_FAIL_ON))
		o->fails = true;
	if (!options_fit(o) || !forms_fit(o) || !outputs_are_apart(o)) {
		*status = EXIT_USAGE;
		return false;
	}
	if (o->path_count == 0 && !o->command->alone) {
		options_usage(stderr, argc > 1 ? o->command : NULL);
		*status = EXIT_USAGE;
		return false;
	}
	return true;
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < OPTION_LISTS; i++)
		free(o->memory[i]);
	free(o->paths);
}
