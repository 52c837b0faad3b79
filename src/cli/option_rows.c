/* The table of options, and what it tells whoever asks for help. */
#include "config.h"

#include <string.h>

#include "cli/option_rows.h"
#include "core/slice.h"
#include "report/wrap.h"

/* What reads captures. */
#define READERS "analyze, frames, check, diff, extract, tui"
/* What takes packets, of captures or of interfaces. */
#define TAKERS READERS ", live"
/* What knows passwords. */
#define KEEPERS TAKERS ", probe"

const struct option_row option_rows[] = {
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
	 "analyze, frames, check, extract, tui, probe"},
	{OPTION_UPDATE, 0, "update", NULL,
	 "write goldens anew where they differ", "check"},
	{OPTION_BASELINE, 0, "baseline", "FILE",
	 "findings that are accepted, with reason and date", "check"},
	{OPTION_WRITE_BASELINE, 0, "write-baseline", "FILE",
	 "accept what is found now: write it to FILE", "check"},
	{OPTION_CACHE, 0, "cache", "FOLDER",
	 "keep results there, and judge only what has changed", "check"},
	{OPTION_JOBS, 'j', "jobs", "N",
	 "so many threads, or analyses at a time (default: one per processor)",
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
	 "at the end, say what was read and kept, and what it took",
	 "tui, live"},
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
	{OPTION_HELP, 'h', "help", NULL, "print this help", NULL},
	{OPTION_VERSION, 'V', "version", NULL, "print the version",
	 NULL},
	{OPTION_VERSION, 0, NULL, NULL, NULL, NULL},
};

bool option_is_for(const struct option_row *row, const struct command *command)
{
	struct slice rest;

	if (!row->only_for)
		return true;
	rest = slice_of_text(row->only_for);
	while (rest.n)
		if (slice_is(slice_trim(slice_split(&rest, ',')),
			     command->name))
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
	for (const struct option_row *row = option_rows; row->name; row++) {
		struct option_told told = {row->letter, row->name,
					   row->argument, row->help};

		if (option_is_for(row, command))
			to->take(to->context, &told);
	}
}

/* ---- help ---- */

#define HELP_WIDTH 80u
#define HELP_COLUMN 30u
#define HELP_MAX ((size_t)4096)

static void put_option(void *context, const struct option_told *o)
{
	const struct wrapping how = {HELP_WIDTH, HELP_COLUMN};
	struct text line = text_new(HELP_MAX), out = text_new(HELP_MAX);
	FILE *to = context;
	char left[64];
	int n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s",
			 o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			 o->letter ? ", " : "  ", o->name,
			 o->argument ? " " : "",
			 o->argument ? o->argument : "");

	text_printf(&line, "%*s%s", (int)HELP_COLUMN, "", o->help);
	wrap_write(text_slice(&line), &how, &out);
	/* What is too long for its column has a line of its own. */
	if (n < (int)HELP_COLUMN && out.n > HELP_COLUMN)
		memcpy(out.p, left, (size_t)n);
	else
		fprintf(to, "%s\n", left);
	fwrite(out.p, 1, out.n, to);
	text_free(&line);
	text_free(&out);
}

static void help_of_command(FILE *to, const struct command *command)
{
	fprintf(to, "usage: mrascope %s%s%s%s\n  %s\n", command->name,
		command->own && !command->tell ? "" : " [options]",
		*command->arguments ? " " : "", command->arguments,
		command->summary);
	if (!command->own || command->tell)
		fputs("\noptions:\n", to);
	options_tell(command, &(struct option_taker){to, put_option});
	fprintf(to, "\n%sManual: %s.\n", command->notes ? command->notes : "",
		command->manual);
}

static void help_of_all(FILE *to)
{
	fputs("usage: mrascope [command] [options] FILE...\n\n"
	      "How far did this call get, why did it stop there, and "
	      "what proves it?\n\ncommands (default: analyze):\n",
	      to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-10s %s\n", c->name, c->summary);
	fputs("\noptions of analyze:\n", to);
	options_tell(&commands[0], &(struct option_taker){to, put_option});
	fprintf(to,
		"\nmrascope COMMAND --help says what another one takes.\n"
		"%sManual: %s.\n",
		commands[0].notes, commands[0].manual);
}

void options_usage(FILE *to, const struct command *command)
{
	if (command)
		help_of_command(to, command);
	else
		help_of_all(to);
}
