/* mrascope serve: the reference server. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/yaml.h"
#include "cli/options.h"
#include "cli/sandbox.h"
#include "engine/rest.h"
#include "serve/server.h"

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define WHY_MAX 1024u

/* ---- words ---- */

void serve_tell(const struct option_taker *to)
{
	const struct option_told more[] = {
		{0, "config", "FILE", "the same names from a file, as YAML"},
		{'h', "help", NULL, "print this help"}};

	for (const struct serve_option *o = serve_options; o->name; o++)
		to->take(to->context,
			 &(struct option_told){0, o->name, o->argument,
					       o->help});
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		to->take(to->context, &more[i]);
}

static bool complain(const char *which, const char *what)
{
	fprintf(stderr, "mrascope: serve: %s: %s\n", which, what);
	return false;
}

/* A whole file in memory that the caller frees. */
static bool read_file(const char *path, struct text *to)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;
	bool fine;

	*to = text_new(FILE_MAX_BYTES);
	if (!f)
		return complain(path, strerror(errno));
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		text_put(to, slice_of(block, n));
	fine = !ferror(f) && to->failed == STATUS_OK;
	fclose(f);
	return fine || complain(path, "cannot be read, or is too large");
}

static bool read_accounts(struct serve_config *config, const char *path)
{
	struct text file;
	bool fine = read_file(path, &file);
	size_t line;

	if (fine && serve_config_accounts(config, text_slice(&file), &line) !=
			    STATUS_OK) {
		fprintf(stderr,
			"mrascope: serve: %s:%zu: not NAME, tab, PASSWORD\n",
			path, line);
		fine = false;
	}
	text_free(&file);
	return fine;
}

/* `where` it was said, for the complaint. */
static bool set(struct serve_config *config, const char *where,
		const struct serve_option *o, const char *value)
{
	if (strcmp(o->name, "accounts") == 0)
		return read_accounts(config, value);
	if (serve_config_set(config, o, slice_of_text(value)))
		return true;
	fprintf(stderr, "mrascope: serve: %s: not %s, or too many\n", where,
		o->wants ? o->wants : "true or false");
	return false;
}

/* ---- the file ---- */

static bool set_node(struct serve_config *config, const char *name,
		     const struct serve_option *o, const json_t *node)
{
	char number[32];

	if (json_is_string(node))
		return set(config, name, o, json_string_value(node));
	if (json_is_boolean(node))
		return set(config, name, o,
			   json_is_true(node) ? "true" : "false");
	if (!json_is_integer(node))
		return complain(name, "not a text, a number, true or false");
	snprintf(number, sizeof(number), "%lld",
		 (long long)json_integer_value(node));
	return set(config, name, o, number);
}

static bool set_member(struct serve_config *config, const char *name,
		       const json_t *value)
{
	const struct serve_option *o = serve_option_find(slice_of_text(name));
	size_t n = json_array_size(value);

	if (!o)
		return complain(name, "there is no such option");
	if (!json_is_array(value))
		return set_node(config, name, o, value);
	for (size_t i = 0; i < n; i++)
		if (!set_node(config, name, o, json_array_get(value, i)))
			return false;
	return true;
}

static bool read_config(struct serve_config *config, const char *path)
{
	struct text file;
	bool fine = read_file(path, &file);
	char why[YAML_WHY];
	size_t line;
	json_t *tree = fine ? yaml_read(text_slice(&file), &line, why) : NULL;
	const char *name;
	json_t *value;

	if (fine && !tree) {
		fprintf(stderr, "mrascope: serve: %s:%zu: %s\n", path, line,
			why);
		fine = false;
	} else if (fine && !json_is_object(tree)) {
		fine = complain(path, "not names with values");
	}
	if (fine)
		json_object_foreach(tree, name, value)
			if (strcmp(name, YAML_LINE) != 0)
				fine = fine && set_member(config, name, value);
	json_decref(tree);
	text_free(&file);
	return fine;
}

/* ---- the command line ---- */

/* One option at argv[*at]; false after a complaint. */
static bool read_option(struct serve_config *config, int argc, char **argv,
			int *at)
{
	const char *word = argv[*at];
	size_t n = strcspn(word, "=");
	struct slice name = slice_of(word, n);
	const char *value = word[n] ? word + n + 1 : NULL;
	const struct serve_option *o = NULL;
	bool file = slice_is(name, "--config");

	if (slice_starts(name, SLICE("--")))
		o = serve_option_find(slice_from(name, 2));
	if (!o && !file)
		return complain(word, "no such option (see mrascope serve "
				      "--help)");
	if (o && !o->argument)
		return value ? complain(word, "takes no value")
			     : set(config, word, o, "true");
	if (!value && *at + 1 >= argc)
		return complain(word, "needs a value");
	if (!value)
		value = argv[++*at];
	return file ? read_config(config, value) : set(config, word, o, value);
}

static bool read_options(struct serve_config *config, int argc, char **argv)
{
	const char *lack;

	for (int i = 1; i < argc; i++)
		if (!read_option(config, argc, argv, &i))
			return false;
	lack = serve_config_lacks(config);
	return !lack || complain("options", lack);
}

/* ---- the run ---- */

static void say_where(const struct server *server)
{
	char text[ENDPOINT_TEXT_MAX];
	struct serve_listen listen;

	for (size_t i = 0; server_listens(server, i, &listen); i++)
		printf("listening %s %s\n",
		       serve_transport_name(listen.transport),
		       endpoint_string(&listen.at, text));
	puts("ready");
	fflush(stdout);
}

static int serve(const struct serve_config *config)
{
	struct text why = text_new(WHY_MAX);
	struct server *server = NULL;
	enum status status = server_new(config, &server, &why);

	if (status != STATUS_OK) {
		fprintf(stderr, "mrascope: serve: %.*s\n", (int)why.n,
			why.n ? why.p : "");
		text_free(&why);
		return EXIT_INPUT;
	}
	text_free(&why);
	if (!sandbox_become(config->user) || !sandbox_keep_nothing()) {
		(void)server_free(server);
		return EXIT_INPUT;
	}
	if (!config->quiet)
		say_where(server);
	status = server_run(server);
	if (server_free(server) != STATUS_OK || status != STATUS_OK) {
		complain(config->record ? config->record : "-",
			 "the recording could not be written");
		return EXIT_INPUT;
	}
	return EXIT_FINE;
}

/* As a service of TURN REST answers (draft-uberti-behave-turn-rest 2.2). */
static int issue(const struct serve_config *config)
{
	struct rest_credential made;
	json_t *tree;
	int fine;

	if (rest_issue(slice_of_text(config->secret),
		       slice_of_text(config->rest_issue),
		       clock_of(time(NULL), 0), config->rest_life,
		       &made) != STATUS_OK) {
		complain("rest-issue", "the name is too long");
		return EXIT_USAGE;
	}
	tree = json_pack("{s:s%, s:s%, s:I}", "username", made.user,
			 made.user_size, "password", made.password,
			 sizeof(made.password), "ttl",
			 (json_int_t)config->rest_life);
	fine = tree && json_dumpf(tree, stdout, JSON_INDENT(2)) == 0;
	json_decref(tree);
	puts("");
	return fine ? EXIT_FINE : EXIT_USAGE;
}

int command_serve(int argc, char **argv)
{
	struct serve_config config;
	int status = EXIT_USAGE;

	serve_config_init(&config);
	if (read_options(&config, argc, argv))
		status = config.rest_issue ? issue(&config) : serve(&config);
	serve_config_free(&config);
	return status;
}
