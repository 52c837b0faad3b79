/* Reading the command line from the tables. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "core/slice.h"
#include "dissectors/access_token.h"

enum option_id {
	OPTION_FORMAT,
	OPTION_OUTPUT,
	OPTION_CALL,
	OPTION_FILTER,
	OPTION_CREDENTIAL,
	OPTION_CREDENTIALS,
	OPTION_TURN_SECRET,
	OPTION_OAUTH_KEY,
	OPTION_KEYLOG,
	OPTION_RSA_KEY,
	OPTION_EVENTS,
	OPTION_PATHS,
	OPTION_SERIES,
	OPTION_SHOW_SECRETS,
	OPTION_ENGINE,
	OPTION_FAIL_ON,
	OPTION_UPDATE,
	OPTION_BASELINE,
	OPTION_WRITE_BASELINE,
	OPTION_CACHE,
	OPTION_JOBS,
	OPTION_TIMEOUT,
	OPTION_QUIET,
	OPTION_COLOR,
	OPTION_INTERFACE,
	OPTION_FOLLOW,
	OPTION_SNAPLEN,
	OPTION_BUFFER,
	OPTION_LIMIT,
	OPTION_WRITE,
	OPTION_ROTATE_SIZE,
	OPTION_ROTATE_TIME,
	OPTION_ROTATE_COUNT,
	OPTION_USER,
	OPTION_NO_SANDBOX,
	OPTION_STATS,
	OPTION_MATCH,
	OPTION_IGNORE_CASE,
	OPTION_INVERT_MATCH,
	OPTION_CALLS_ONLY,
	OPTION_DUMP_CONFIG,
	OPTION_SCREEN,
	OPTION_KEYS,
	OPTION_SAVE,
	OPTION_SAVE_MEDIA,
	OPTION_CONFIG,
	OPTION_TRANSPORT,
	OPTION_DIALECT,
	OPTION_FAMILY,
	OPTION_CA,
	OPTION_SERVER_NAME,
	OPTION_INSECURE,
	OPTION_RECORD,
	OPTION_MRAS,
	OPTION_PROXY,
	OPTION_IDENTITY,
	OPTION_ACCESS_TOKEN,
	OPTION_RELAY_FAMILY,
	OPTION_HEP_SEND,
	OPTION_HELP,
	OPTION_VERSION,
};

/* `given` of the options has a bit for each. */
_Static_assert(OPTION_VERSION < 64, "too many options for the bits");

struct option_row {
	enum option_id id;
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
	const char *only_for; /* the commands that it is for; NULL: all */
};

/* What reads captures. */
#define READERS "analyze, frames, check, diff, extract, tui"
/* What takes packets, of captures or of interfaces. */
#define TAKERS READERS ", live"
/* What knows passwords. */
#define KEEPERS TAKERS ", probe"

static const struct option_row option_rows[] = {
	{OPTION_FORMAT, 'f', "format", "FORMAT",
	 "text (default), json, ...; check takes several, FORMAT=FILE too",
	 "analyze, rules, check, diff, probe"},
	{OPTION_OUTPUT, 'o', "output", "FILE", "write the result to FILE",
	 NULL},
	{OPTION_CALL, 'c', "call", "SELECTOR",
	 "only these calls: 3, CALL-ID, outcome:failed, ...",
	 "analyze, diff, extract"},
	{OPTION_FILTER, 0, "filter", "BPF",
	 "read only packets that match a pcap-filter(7) expression", TAKERS},
	{OPTION_CREDENTIAL, 0, "credential", "USER:REALM:PASSWORD",
	 "a key for TURN and SIP Digest; may be repeated", KEEPERS},
	{OPTION_CREDENTIALS, 0, "credentials", "FILE",
	 "the same from a file: user, realm, password, separated by tabs",
	 KEEPERS},
	{OPTION_TURN_SECRET, 0, "turn-secret", "SECRET",
	 "shared secret of TURN REST user names; may be repeated", KEEPERS},
	{OPTION_OAUTH_KEY, 0, "oauth-key", "KID:ALGORITHM:KEY",
	 "opens access tokens (RFC 7635): A256GCM or A128GCM, and the key in "
	 "base64; may be repeated",
	 KEEPERS},
	{OPTION_KEYLOG, 0, "keylog", "FILE",
	 "a key log (SSLKEYLOGFILE) to decrypt TLS and DTLS with; may be "
	 "repeated",
	 TAKERS},
	{OPTION_RSA_KEY, 0, "rsa-key", "FILE",
	 "a private key in PEM, for TLS with RSA key exchange; likewise",
	 TAKERS},
	{OPTION_EVENTS, 0, "events", "FILE",
	 "a Windows event log as XML, as further evidence; may be repeated",
	 "analyze, check, diff, extract, tui"},
	{OPTION_PATHS, 0, "paths", NULL,
	 "the firewall table alone: ways that were tried, openings wanted",
	 "analyze"},
	{OPTION_SERIES, 0, "series", NULL,
	 "media streams over time, too, in -f json; -f html has them always",
	 "analyze"},
	{OPTION_SHOW_SECRETS, 0, "show-secrets", NULL,
	 "print passwords instead of their fingerprints", KEEPERS},
	{OPTION_ENGINE, 0, "engine", "WHEN",
	 "on (default): hold replies of servers against the engine; off",
	 "analyze, check"},
	{OPTION_FAIL_ON, 0, "fail-on", "SEVERITY",
	 "exit 1 on findings: error (check, probe), warning or never (others)",
	 READERS ", probe"},
	{OPTION_UPDATE, 0, "update", NULL,
	 "write goldens anew where they differ", "check"},
	{OPTION_BASELINE, 0, "baseline", "FILE",
	 "findings that are accepted, with reason and date", "check"},
	{OPTION_WRITE_BASELINE, 0, "write-baseline", "FILE",
	 "accept what is found now: write it to FILE", "check"},
	{OPTION_CACHE, 0, "cache", "FOLDER",
	 "keep results there, and judge only what has changed", "check"},
	{OPTION_JOBS, 'j', "jobs", "N",
	 "so many threads, or analyses at a time (default: one a processor)",
	 "analyze, frames, check"},
	{OPTION_TIMEOUT, 0, "timeout", "SECONDS",
	 "give up an analysis (default 600; 0: never), a request (5)",
	 "check, probe"},
	{OPTION_QUIET, 'q', "quiet", NULL, "no progress, no warnings", KEEPERS},
	{OPTION_COLOR, 0, "color", "WHEN", "auto (default), always or never",
	 READERS ", probe"},
	{OPTION_INTERFACE, 'i', "interface", "IFACE",
	 "capture there (any: everywhere; udp|tcp:ADDRESS:PORT: hear HEP); may "
	 "be repeated",
	 "tui, live"},
	{OPTION_FOLLOW, 0, "follow", "FILE",
	 "read FILE while it is written; \"ring*.pcap\"; -: standard input",
	 "tui, live"},
	{OPTION_SNAPLEN, 0, "snaplen", "BYTES",
	 "capture so much of each frame (default: all)", "tui, live"},
	{OPTION_BUFFER, 0, "buffer", "MB",
	 "the kernel's room for each interface (default 16)", "tui, live"},
	{OPTION_LIMIT, 0, "limit", "CALLS",
	 "keep so many calls (default 20000)", "tui, live"},
	{OPTION_WRITE, 'w', "write", "FILE",
	 "write what is captured, as pcapng with findings as comments",
	 "tui, live"},
	{OPTION_HEP_SEND, 0, "hep-send", "udp|tcp:ADDRESS:PORT",
	 "send SIP on to a collector, in HEP; of files when all is read",
	 "tui, live"},
	{OPTION_ROTATE_SIZE, 0, "rotate-size", "MB", "a new file after so much",
	 "tui, live"},
	{OPTION_ROTATE_TIME, 0, "rotate-time", "SECONDS",
	 "a new file after so long", "tui, live"},
	{OPTION_ROTATE_COUNT, 0, "rotate-count", "N",
	 "keep only the newest N files", "tui, live"},
	{OPTION_USER, 0, "user", "NAME",
	 "become this user when interfaces are open; root: stay", "tui, live"},
	{OPTION_NO_SANDBOX, 0, "no-sandbox", NULL,
	 "do not restrict system calls", "tui, live"},
	{OPTION_STATS, 0, "stats", NULL,
	 "at the end, say what was read and what it took", "tui, live"},
	{OPTION_MATCH, 0, "match", "EXPRESSION",
	 "list only calls with a SIP message that fits (PCRE2)", "tui"},
	{OPTION_IGNORE_CASE, 0, "ignore-case", NULL,
	 "--match without regard to case", "tui"},
	{OPTION_INVERT_MATCH, 0, "invert-match", NULL,
	 "list the calls that --match would not", "tui"},
	{OPTION_CALLS_ONLY, 0, "calls-only", NULL,
	 "list only what began with INVITE", "tui"},
	{OPTION_DUMP_CONFIG, 0, "dump-config", NULL,
	 "print the settings and end", "tui"},
	{OPTION_SCREEN, 0, "screen", "WIDTHxHEIGHT",
	 "print one screen as text instead of running in the terminal; none: "
	 "only what --save and --hep-send ask for",
	 "tui"},
	{OPTION_KEYS, 0, "keys", "KEYS",
	 "keys to press before that: \"Enter Down F6\"", "tui"},
	{OPTION_SAVE, 0, "save", "FORMAT=FILE",
	 "when all is read, or at the end, write the calls that are listed: "
	 "pcapng, pcap, text or json; may be repeated",
	 "tui"},
	{OPTION_SAVE_MEDIA, 0, "save-media", NULL,
	 "with --save to pcap and pcapng of files: RTP too", "tui"},
	{OPTION_CONFIG, 0, "config", "FILE",
	 "read settings from FILE only; none: the defaults", "tui"},
	{OPTION_MRAS, 0, "mras", "URI",
	 "get a token there first, and probe the relays that it names",
	 "probe"},
	{OPTION_PROXY, 0, "proxy", "HOST[:PORT]",
	 "where SIP goes, by TLS or with ;transport=tcp (default: the host of "
	 "--mras); without --mras: sign in there, and ask where MRAS is",
	 "probe"},
	{OPTION_IDENTITY, 0, "identity", "URI",
	 "for whom the token is (default: the user of --credential)", "probe"},
	{OPTION_ACCESS_TOKEN, 0, "access-token", "KID:KEY:TOKEN",
	 "a token (RFC 7635), KEY and TOKEN in base64; with --oauth-key alone "
	 "one is made",
	 "probe"},
	{OPTION_RELAY_FAMILY, 0, "relay-family", "4|6|both",
	 "of the relayed address (default: the server's)", "probe"},
	{OPTION_TRANSPORT, 0, "transport", "LIST",
	 "of udp, tcp, tls, dtls, pseudo-tls (default: what the server's URI "
	 "says)",
	 "probe"},
	{OPTION_DIALECT, 0, "dialect", "NAME",
	 "turn, or ms-turn (default with a token of MRAS)", "probe"},
	{OPTION_FAMILY, 0, "family", "4|6",
	 "only IPv4, or only IPv6 (default: both)", "probe"},
	{OPTION_CA, 0, "ca", "FILE",
	 "certificates to trust, in PEM (default: the system's)", "probe"},
	{OPTION_SERVER_NAME, 0, "server-name", "NAME",
	 "the name that the server's certificate must have", "probe"},
	{OPTION_INSECURE, 0, "insecure", NULL, "take any certificate", "probe"},
	{OPTION_RECORD, 0, "record", "FILE",
	 "write all that is sent and received, as pcapng with TLS keys",
	 "probe"},
	{OPTION_HELP, 'h', "help", NULL, "say this", NULL},
	{OPTION_VERSION, 'V', "version", NULL, "say which version this is",
	 NULL},
};

#define JOBS_MAX 256u
#define SNAPLEN_MAX 262144u
#define BUFFER_MB_MAX 2047u
#define LIMIT_MAX 1000000u
#define ROTATE_MAX 1000000u
#define TIMEOUT_MAX 86400u
#define TIMEOUT_USUAL 600u

#define OPTION_COUNT (sizeof(option_rows) / sizeof(option_rows[0]))

/* Is the name one of "analyze, rules"? */
static bool is_for(const char *list, const char *name)
{
	struct slice rest = slice_of_text(list);

	while (rest.n)
		if (slice_is(slice_trim(slice_split(&rest, ',')), name))
			return true;
	return false;
}

void options_tell(const struct command *command, const struct option_taker *to)
{
	if (command->own) {
		if (command->tell)
			command->tell(to);
		return;
	}
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		struct option_told told = {row->letter, row->name,
					   row->argument, row->help};

		if (!row->only_for || is_for(row->only_for, command->name))
			to->take(to->context, &told);
	}
}

void options_usage(FILE *to, const struct command *command)
{
	if (command) {
		fprintf(to, "usage: mrascope %s [options] %s\n  %s\n",
			command->name, command->arguments, command->summary);
	} else {
		fputs("usage: mrascope [command] [options] FILE...\n\n"
		      "How far did this call get, why did it stop there, and "
		      "what proves it?\n\ncommands (default: analyze):\n",
		      to);
		for (const struct command *c = commands; c->name; c++)
			fprintf(to, "  %-10s %s\n", c->name, c->summary);
	}
	fputs("\noptions:\n", to);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		char left[64];

		if (command && row->only_for &&
		    !is_for(row->only_for, command->name))
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
			 row->letter ? '-' : ' ',
			 row->letter ? row->letter : ' ',
			 row->letter ? ", " : "  ", row->name,
			 row->argument ? " " : "",
			 row->argument ? row->argument : "");
		fprintf(to, "  %-36s %s\n", left, row->help);
	}
	if (command && strcmp(command->name, "probe") == 0)
		fputs("\nSERVER is turn:HOST[:PORT][?transport=udp|tcp], "
		      "turns:..., stun:..., or\nHOST[:PORT].  "
		      "Exit status: 0 all is well, 1 something failed or was "
		      "found,\n2 usage, 3 no such name, 4 out of memory.\n"
		      "Manual: mrascope-probe(1), mrascope-rules(7).\n",
		      to);
	else
		fputs("\nFILE is a capture, a folder, a glob, or - for "
		      "standard input.\n"
		      "Manual: mrascope(1), mrascope-json(5), "
		      "mrascope-rules(7).\n",
		      to);
}

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
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (strlen(option_rows[i].name) == n &&
		    memcmp(option_rows[i].name, name, n) == 0)
			return &option_rows[i];
	return NULL;
}

static const struct option_row *letter_row(char letter)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].letter && option_rows[i].letter == letter)
			return &option_rows[i];
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
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(o->given & UINT64_C(1) << row->id) || !row->only_for ||
		    is_for(row->only_for, o->command->name))
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
