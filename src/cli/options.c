/* Reading the command line from the tables. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_rows.h"
#include "cli/options.h"
#include "core/slice.h"
#include "dissectors/access_token.h"

/* `given` of the options has a bit for each. */
_Static_assert(OPTION_VERSION < 64, "too many options for the bits");

#define JOBS_MAX 256u
#define SNAPLEN_MAX 262144u
#define BUFFER_MB_MAX 2047u
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

static bool set_fail_on(struct options *o, const char *value)
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
		return complain("not error, warning or never", value);
	return true;
}

static bool set_engine(struct options *o, const char *value)
{
	o->engine_off = strcmp(value, "off") == 0;
	if (!o->engine_off && strcmp(value, "on") != 0)
		return complain("not on or off", value);
	return true;
}

static bool set_color(struct options *o, const char *value)
{
	if (strcmp(value, "auto") == 0)
		o->color = COLOR_AUTO;
	else if (strcmp(value, "always") == 0)
		o->color = COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		o->color = COLOR_NEVER;
	else
		return complain("not auto, always or never", value);
	return true;
}

static bool set_format(struct options *o, const char *value)
{
	struct form *form = &o->forms[o->form_count];

	if (!format_read(value, form))
		return complain("no such format", value);
	o->format = form->format;
	o->form_count++;
	return true;
}

static bool set_number(uint64_t *to, const char *value, uint64_t max)
{
	if (slice_number(slice_of_text(value), max, to) == STATUS_OK)
		return true;
	return complain("not a number, or too large", value);
}

static bool set_credential(struct options *o, const char *value)
{
	const char *last = strrchr(value, ':');

	if (!last || !memchr(value, ':', (size_t)(last - value)))
		return complain("not USER:REALM:PASSWORD", "--credential");
	o->credentials[o->credential_count++] = value;
	return true;
}

static bool set_oauth_key(struct options *o, const char *value)
{
	struct access_key key;

	if (access_key_parse(slice_of_text(value), &key) != STATUS_OK)
		return complain("not KID:A256GCM:BASE64 or KID:A128GCM:BASE64",
				"--oauth-key");
	bytes_wipe(&key, sizeof(key));
	o->oauth_keys[o->oauth_key_count++] = value;
	return true;
}

static bool set_relay_family(struct options *o, const char *value)
{
	o->relay_both = strcmp(value, "both") == 0;
	if (strcmp(value, "4") == 0)
		o->relay_family = FAMILY_IPV4;
	else if (strcmp(value, "6") == 0)
		o->relay_family = FAMILY_IPV6;
	else if (!o->relay_both)
		return complain("not 4, 6 or both", "--relay-family");
	return true;
}

static bool set_family(struct options *o, const char *value)
{
	if (strcmp(value, "4") == 0)
		o->family = FAMILY_IPV4;
	else if (strcmp(value, "6") == 0)
		o->family = FAMILY_IPV6;
	else
		return complain("not 4 or 6", value);
	return true;
}

/* Of the prober. */
static bool apply_probing(struct options *o, const struct option_row *row,
			  const char *value)
{
	switch ((int)row->id) {
	case OPTION_TRANSPORT:
		o->transports = value;
		return true;
	case OPTION_DIALECT:
		o->dialect = value;
		return true;
	case OPTION_FAMILY:
		return set_family(o, value);
	case OPTION_CA:
		o->ca = value;
		return true;
	case OPTION_SERVER_NAME:
		o->server_name = value;
		return true;
	case OPTION_INSECURE:
		o->insecure = true;
		return true;
	case OPTION_RECORD:
		o->record = value;
		return true;
	case OPTION_MRAS:
		o->mras = value;
		return true;
	case OPTION_PROXY:
		o->proxy = value;
		return true;
	case OPTION_IDENTITY:
		o->identity = value;
		return true;
	case OPTION_ACCESS_TOKEN:
		o->access_token = value;
		return true;
	case OPTION_RELAY_FAMILY:
		return set_relay_family(o, value);
	default:
		return true;
	}
}

/* Of live capture and of the screens. */
static bool apply_watching(struct options *o, const struct option_row *row,
			   const char *value)
{
	switch ((int)row->id) {
	case OPTION_INTERFACE:
		o->interfaces[o->interface_count++] = value;
		return true;
	case OPTION_FOLLOW:
		o->follow = value;
		return true;
	case OPTION_STATS:
		o->stats = true;
		return true;
	case OPTION_HEP_SEND:
		o->hep_send = value;
		return true;
	case OPTION_SNAPLEN:
		return set_number(&o->snaplen, value, SNAPLEN_MAX);
	case OPTION_BUFFER:
		return set_number(&o->buffer_mb, value, BUFFER_MB_MAX);
	case OPTION_LIMIT:
		return set_number(&o->limit, value, LIMIT_MAX);
	case OPTION_WRITE:
		o->write = value;
		return true;
	case OPTION_ROTATE_SIZE:
		return set_number(&o->rotate_mb, value, ROTATE_MAX);
	case OPTION_ROTATE_TIME:
		return set_number(&o->rotate_seconds, value, ROTATE_MAX);
	case OPTION_ROTATE_COUNT:
		return set_number(&o->rotate_count, value, ROTATE_MAX);
	case OPTION_USER:
		o->user = value;
		return true;
	case OPTION_NO_SANDBOX:
		o->no_sandbox = true;
		return true;
	case OPTION_MATCH:
		o->match = value;
		return true;
	case OPTION_IGNORE_CASE:
		o->ignore_case = true;
		return true;
	case OPTION_INVERT_MATCH:
		o->invert_match = true;
		return true;
	case OPTION_CALLS_ONLY:
		o->calls_only = true;
		return true;
	case OPTION_DUMP_CONFIG:
		o->dump_config = true;
		return true;
	case OPTION_SCREEN:
		o->screen = value;
		return true;
	case OPTION_KEYS:
		o->keys = value;
		return true;
	case OPTION_SAVE:
		o->saves[o->save_count++] = value;
		return true;
	case OPTION_SAVE_MEDIA:
		o->save_media = true;
		return true;
	case OPTION_CONFIG:
		o->config = value;
		return true;
	default:
		return true;
	}
}

/* What takes no value, and is on. */
static bool *switched(struct options *o, const struct option_row *row)
{
	if (row->id == OPTION_PATHS)
		return &o->ways;
	if (row->id == OPTION_UPDATE)
		return &o->update;
	if (row->id == OPTION_QUIET)
		return &o->quiet;
	return row->id == OPTION_SERIES ? &o->series : &o->show_secrets;
}

static bool apply(struct options *o, const struct option_row *row,
		  const char *value)
{
	switch ((int)row->id) {
	case OPTION_FORMAT:
		return set_format(o, value);
	case OPTION_CALL:
		o->calls[o->call_count++] = value;
		return true;
	case OPTION_PATHS:
	case OPTION_SERIES:
	case OPTION_SHOW_SECRETS:
	case OPTION_UPDATE:
	case OPTION_QUIET:
		*switched(o, row) = true;
		return true;
	case OPTION_ENGINE:
		return set_engine(o, value);
	case OPTION_OUTPUT:
		o->output = value;
		return true;
	case OPTION_FILTER:
		o->filter = value;
		return true;
	case OPTION_CREDENTIAL:
		return set_credential(o, value);
	case OPTION_CREDENTIALS:
		o->credential_files[o->credential_file_count++] = value;
		return true;
	case OPTION_TURN_SECRET:
		o->turn_secrets[o->turn_secret_count++] = value;
		return true;
	case OPTION_OAUTH_KEY:
		return set_oauth_key(o, value);
	case OPTION_KEYLOG:
		o->keylogs[o->keylog_count++] = value;
		return true;
	case OPTION_EVENTS:
		o->events[o->event_count++] = value;
		return true;
	case OPTION_RSA_KEY:
		o->rsa_keys[o->rsa_key_count++] = value;
		return true;
	case OPTION_FAIL_ON:
		return set_fail_on(o, value);
	case OPTION_BASELINE:
		o->baseline = value;
		return true;
	case OPTION_WRITE_BASELINE:
		o->write_baseline = value;
		return true;
	case OPTION_CACHE:
		o->cache = value;
		return true;
	case OPTION_JOBS:
		return set_number(&o->jobs, value, JOBS_MAX);
	case OPTION_TIMEOUT:
		o->timeout_given = true;
		return set_number(&o->timeout, value, TIMEOUT_MAX);
	case OPTION_COLOR:
		return set_color(o, value);
	default:
		return row->id >= OPTION_TRANSPORT &&
				       row->id <= OPTION_RELAY_FAMILY
			       ? apply_probing(o, row, value)
			       : apply_watching(o, row, value);
	}
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
			return EXIT_FINE;
		}
	return command->own(argc - 1, argv + 1);
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
	*status = EXIT_FINE;
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
	struct text list = text_new(1024);
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
	if (!fine) {
		format_list(command, &list);
		fprintf(stderr, "mrascope: formats of %s: %.*s\n", command,
			(int)list.n, list.p);
	}
	text_free(&list);
	return fine;
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
	if (!o->command)
		o->command = &commands[0];
	if (o->command->run == command_check &&
	    !(o->given & UINT64_C(1) << OPTION_FAIL_ON))
		o->fails = true;
	if (!options_fit(o) || !forms_fit(o)) {
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
