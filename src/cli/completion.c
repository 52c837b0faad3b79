/*
 * mrascope completion: what bash, zsh and fish complete by, from the tables of
 * commands, options and formats.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "core/slice.h"

#define LIST_BYTES 1024

/* ---- what values an option takes ---- */

enum values {
	VALUES_NONE, /* takes no value */
	VALUES_ANY,  /* nobody can guess it */
	VALUES_FILES,
	VALUES_FOLDERS,
	VALUES_USERS,
	VALUES_INTERFACES,
	VALUES_WORDS,
};

static const struct {
	const char *option, *words;
} words_of[] = {
	{"color", "auto always never"},
	{"engine", "on off"},
	{"fail-on", "error warning never"},
	{"transport", "udp tcp tls dtls pseudo-tls"},
	{"dialect", "turn ms-turn"},
	{"family", "4 6"},
	{"relay-family", "4 6 both"},
	{"sip-auth", "digest md5 ntlm none"},
	{"media-encryption", "require support refuse"},
};

static const struct {
	const char *argument;
	enum values values;
} values_of[] = {
	{"FILE", VALUES_FILES},
	{"FOLDER", VALUES_FOLDERS},
	{"IFACE", VALUES_INTERFACES},
};

/* The formats of a command, with blanks between. */
static const char *formats_of(const char *command, struct text *to)
{
	struct text list = text_new(LIST_BYTES);
	struct slice rest;

	format_list(command, &list);
	rest = text_slice(&list);
	while (rest.n) {
		text_put(to, slice_trim(slice_split(&rest, ',')));
		if (rest.n)
			text_putc(to, ' ');
	}
	text_putc(to, 0);
	text_free(&list);
	return to->p ? to->p : "";
}

/* *words only for VALUES_WORDS; good as long as `memory` is. */
static enum values values(const struct command *command,
			  const struct option_told *o, struct text *memory,
			  const char **words)
{
	if (!o->argument)
		return VALUES_NONE;
	if (strcmp(o->name, "format") == 0) {
		*words = formats_of(command->name, memory);
		return VALUES_WORDS;
	}
	if (strcmp(o->name, "user") == 0)
		return VALUES_USERS;
	for (size_t i = 0; i < sizeof(words_of) / sizeof(words_of[0]); i++)
		if (strcmp(words_of[i].option, o->name) == 0) {
			*words = words_of[i].words;
			return VALUES_WORDS;
		}
	for (size_t i = 0; i < sizeof(values_of) / sizeof(values_of[0]); i++)
		if (strcmp(values_of[i].argument, o->argument) == 0)
			return values_of[i].values;
	return VALUES_ANY;
}

struct writer {
	const struct command *command;
	const char *condition; /* fish */
};

static void each(const struct command *command, const char *condition,
		 void (*take)(void *context, const struct option_told *o))
{
	struct writer w = {command, condition};

	options_tell(command, &(struct option_taker){&w, take});
}

/* Words behind the command that are no files. */
static const char *operands_of(const struct command *c)
{
	static const struct {
		const char *command, *words;
	} rows[] = {{"completion", "bash zsh fish"},
		    {"live", ""},
		    {"probe", ""},
		    {"rules", "registration token gathering exchange probing "
			      "media capture engine"},
		    {"serve", ""},
		    {"sngrep", ""}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].command, c->name) == 0)
			return rows[i].words;
	return NULL;
}

/* Between single quotes; what the shell's own syntax would read is led by a
 * backslash. */
static void put_quoted(const char *text, const char *special)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(special, *p))
			putchar('\\');
		putchar(*p);
	}
}

/* ---- bash ---- */

static void bash_option(void *context, const struct option_told *o)
{
	(void)context;
	printf(" --%s", o->name);
	if (o->letter)
		printf(" -%c", o->letter);
}

static void bash_value(void *context, const struct option_told *o)
{
	static const char *const how[] = {
		[VALUES_NONE] = "",
		[VALUES_ANY] = "COMPREPLY=()",
		[VALUES_FILES] = "COMPREPLY=($(compgen -f -- \"$cur\"))",
		[VALUES_FOLDERS] = "COMPREPLY=($(compgen -d -- \"$cur\"))",
		[VALUES_USERS] = "COMPREPLY=($(compgen -u -- \"$cur\"))",
		[VALUES_INTERFACES] = "COMPREPLY=($(compgen -W \"any $(ls "
				      "/sys/class/net 2>/dev/null)\" -- "
				      "\"$cur\"))",
	};
	const struct writer *w = context;
	struct text memory = text_new(LIST_BYTES);
	const char *words = "";
	enum values v = values(w->command, o, &memory, &words);

	if (v != VALUES_NONE) {
		printf("\t%s:--%s", w->command->name, o->name);
		if (o->letter)
			printf("|%s:-%c", w->command->name, o->letter);
		if (v == VALUES_WORDS)
			printf(") COMPREPLY=($(compgen -W '%s' -- \"$cur\"))",
			       words);
		else
			printf(") %s", how[v]);
		fputs("; return ;;\n", stdout);
	}
	text_free(&memory);
}

static void bash_command(const struct command *c)
{
	const char *operands = operands_of(c);

	printf("\t%s) options='", c->name);
	each(c, NULL, bash_option);
	if (operands)
		printf("' words='%s' files= ;;\n", operands);
	else
		fputs("' ;;\n", stdout);
}

/* What is meant where none is named; a compiler cannot know that there is
 * one. */
static const char *usual_command(void)
{
	return commands[0].name ? commands[0].name : "";
}

static void put_names(const char *between)
{
	for (const struct command *c = commands; c->name; c++)
		printf("%s%s", c == commands ? "" : between, c->name);
}

static void write_bash(void)
{
	fputs("# bash completion for mrascope, made by: mrascope completion "
	      "bash\n"
	      "_mrascope()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal word command= options= words= files=yes\n\n"
	      "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	      "\t\tcase $word in\n\t\t",
	      stdout);
	put_names("|");
	fputs(") command=$word; break ;;\n\t\tesac\n\tdone\n"
	      "\t[ \"$prev\" != = ] || "
	      "prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\t[ \"$cur\" != = ] || { cur=; prev=${COMP_WORDS[COMP_CWORD-1]}"
	      "; }\n"
	      "\t[ -n \"$command\" ] || { words='",
	      stdout);
	put_names(" ");
	printf("'; }\n\tcase ${command:-%s}:$prev in\n", usual_command());
	for (const struct command *c = commands; c->name; c++)
		each(c, NULL, bash_value);
	printf("\tesac\n\tcase ${command:-%s} in\n", usual_command());
	for (const struct command *c = commands; c->name; c++)
		bash_command(c);
	fputs("\tesac\n"
	      "\tcase $cur in\n"
	      "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
	      "\t*)\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t\t[ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- "
	      "\"$cur\"))\n"
	      "\t\t;;\n\tesac\n}\n"
	      "complete -o filenames -F _mrascope mrascope\n",
	      stdout);
}

/* ---- zsh ---- */

static void zsh_option(void *context, const struct option_told *o)
{
	static const char *const how[] = {
		[VALUES_NONE] = "",
		[VALUES_ANY] = " ",
		[VALUES_FILES] = "_files",
		[VALUES_FOLDERS] = "_files -/",
		[VALUES_USERS] = "_users",
		[VALUES_INTERFACES] = "_net_interfaces",
	};
	const struct writer *w = context;
	struct text memory = text_new(LIST_BYTES);
	const char *words = "", *equals = o->argument ? "=" : "";
	enum values v = values(w->command, o, &memory, &words);

	if (o->letter)
		printf("\t\t\t'*'{-%c%s,--%s%s}'[", o->letter,
		       o->argument ? "+" : "", o->name, equals);
	else
		printf("\t\t\t'*--%s%s[", o->name, equals);
	put_quoted(o->help, "[]:\\");
	putchar(']');
	if (v != VALUES_NONE) {
		putchar(':');
		put_quoted(o->argument, ":\\");
		if (v == VALUES_WORDS)
			printf(":(%s)", words);
		else
			printf(":%s", how[v]);
	}
	fputs("' \\\n", stdout);
	text_free(&memory);
}

static void zsh_command(const struct command *c)
{
	const char *operands = operands_of(c);

	printf("\t%s)\n\t\t_arguments -s \\\n", c->name);
	each(c, NULL, zsh_option);
	if (operands && operands[0])
		printf("\t\t\t'*:word:(%s)'\n", operands);
	else if (operands)
		fputs("\t\t\t'*: : '\n", stdout);
	else
		fputs("\t\t\t'*:file:_files'\n", stdout);
	fputs("\t\t;;\n", stdout);
}

static void write_zsh(void)
{
	fputs("#compdef mrascope\n"
	      "# made by: mrascope completion zsh\n"
	      "_mrascope()\n{\n"
	      "\tlocal command=${words[2]}\n"
	      "\tlocal -a commands\n\n"
	      "\tcommands=(\n",
	      stdout);
	for (const struct command *c = commands; c->name; c++) {
		printf("\t\t'%s:", c->name);
		put_quoted(c->summary, "\\");
		fputs("'\n", stdout);
	}
	printf("\t)\n"
	       "\tif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n"
	       "\t\t_describe command commands\n"
	       "\t\t_files\n\t\treturn\n\tfi\n"
	       "\tif [[ -n ${commands[(r)$command:*]} ]]; then\n"
	       "\t\tshift words\n\t\t(( CURRENT-- ))\n"
	       "\telse\n\t\tcommand=%s\n\tfi\n"
	       "\tcase $command in\n",
	       usual_command());
	for (const struct command *c = commands; c->name; c++)
		zsh_command(c);
	fputs("\tesac\n}\n_mrascope \"$@\"\n", stdout);
}

/* ---- fish ---- */

static void fish_option(void *context, const struct option_told *o)
{
	static const char *const how[] = {
		[VALUES_NONE] = "",
		[VALUES_ANY] = " -x",
		[VALUES_FILES] = " -r -F",
		[VALUES_FOLDERS] = " -x -a '(__fish_complete_directories)'",
		[VALUES_USERS] = " -x -a '(__fish_complete_users)'",
		[VALUES_INTERFACES] = " -x -a 'any (ls /sys/class/net)'",
	};
	const struct writer *w = context;
	struct text memory = text_new(LIST_BYTES);
	const char *words = "";
	enum values v = values(w->command, o, &memory, &words);

	printf("complete -c mrascope -n '%s' -l %s", w->condition, o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (v == VALUES_WORDS)
		printf(" -x -a '%s'", words);
	else
		fputs(how[v], stdout);
	fputs(" -d '", stdout);
	put_quoted(o->help, "\\");
	fputs("'\n", stdout);
	text_free(&memory);
}

static void fish_command(const struct command *c)
{
	const char *operands = operands_of(c);
	char condition[128];

	printf("complete -c mrascope -n __fish_use_subcommand -a %s -d '",
	       c->name);
	put_quoted(c->summary, "\\");
	fputs("'\n", stdout);
	snprintf(condition, sizeof(condition), "__fish_seen_subcommand_from %s",
		 c->name);
	if (operands)
		printf("complete -c mrascope -n '%s' -f -a '%s'\n", condition,
		       operands);
	each(c, condition, fish_option);
}

static void write_fish(void)
{
	fputs("# fish completion for mrascope, made by: mrascope completion "
	      "fish\n",
	      stdout);
	for (const struct command *c = commands; c->name; c++)
		fish_command(c);
	/* Without a command it is the first. */
	each(&commands[0], "__fish_use_subcommand", fish_option);
}

/* ---- which ---- */

static const struct {
	const char *name;
	void (*write)(void);
} shells[] = {
	{"bash", write_bash},
	{"zsh", write_zsh},
	{"fish", write_fish},
};

int command_completion(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (argc == 2 && strcmp(argv[1], shells[i].name) == 0) {
			shells[i].write();
			return options_printed();
		}
	fputs("usage: mrascope completion bash|zsh|fish\n", stderr);
	return EXIT_USAGE;
}
