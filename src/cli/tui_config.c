/* The files of settings. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/tui_config.h"

#define LINE_SIZE 1024
#define IGNORED_MAX 512

struct reading {
	struct settings *settings;
	bool quiet;
};

static void note_ignored(struct slice name, char list[IGNORED_MAX])
{
	size_t n = strlen(list);

	if (name.n)
		snprintf(list + n, IGNORED_MAX - n, "%s%.*s", n ? ", " : "",
			 (int)name.n, (const char *)name.p);
}

static void read_file(const struct reading *r, const char *path)
{
	char line[LINE_SIZE], ignored[IGNORED_MAX] = "";
	FILE *f = fopen(path, "r");
	unsigned number = 0;

	while (f && fgets(line, sizeof(line), f)) {
		struct slice text = slice_of_text(line);

		number++;
		note_ignored(settings_without_meaning(text), ignored);
		if (!settings_line(r->settings, text) && !r->quiet)
			fprintf(stderr,
				"mrascope: %s: line %u is not understood\n",
				path, number);
	}
	if (f)
		fclose(f);
	if (ignored[0] && !r->quiet)
		fprintf(stderr,
			"mrascope: %s: without meaning here, see "
			"mrascope-tui(1): %s\n",
			path, ignored);
}

static char *joined(const char *folder, const char *name)
{
	size_t n = strlen(folder) + strlen(name) + 1;
	char *path = malloc(n);

	if (path)
		snprintf(path, n, "%s%s", folder, name);
	return path;
}

/* ~/.config/mrascope/config, or where XDG_CONFIG_HOME says. */
static char *config_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0])
		return joined(xdg, "/mrascope/config");
	return home && home[0] ? joined(home, "/.config/mrascope/config")
			       : NULL;
}

/* Makes the folders that settings are kept in. */
static void make_folders(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = 0;
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

static void read_sngreprc(const struct reading *r)
{
	const char *named = getenv("SNGREPRC"), *home = getenv("HOME");
	char *path;

	read_file(r, "/etc/sngreprc");
	read_file(r, "/usr/local/etc/sngreprc");
	if (named && named[0]) {
		read_file(r, named);
		return;
	}
	path = home ? joined(home, "/.sngreprc") : NULL;
	if (path)
		read_file(r, path);
	free(path);
}

/* That is no error: settings may be kept there later. */
static void say_missing(const struct reading *r, const char *path)
{
	if (access(path, R_OK) != 0 && !r->quiet)
		fprintf(stderr, "mrascope: %s: %s\n", path, strerror(errno));
}

char *tui_config_read(struct settings *s, const struct options *o, bool quiet)
{
	struct reading r = {s, quiet};
	char *path;

	settings_init(s);
	if (o->config) {
		if (strcmp(o->config, "none") != 0) {
			read_file(&r, o->config);
			say_missing(&r, o->config);
		}
		return joined(o->config, "");
	}
	/* sngrep's first: what its users have set stays until they set it
	 * here. */
	read_sngreprc(&r);
	path = config_path();
	if (path) {
		read_file(&r, path);
		make_folders(path);
	}
	return path;
}

static const char *text_of(const struct settings *s, enum setting_text text)
{
	return s->texts[text][0] ? s->texts[text] : NULL;
}

static void apply_live(const struct settings *s, struct options *o)
{
	if (!o->buffer_mb)
		o->buffer_mb = (uint64_t)s->values[SETTING_BUFFER];
	if (!o->write)
		o->write = text_of(s, TEXT_WRITE);
	o->hep_listen_key = text_of(s, TEXT_LISTEN_KEY);
}

void tui_config_apply(const struct settings *s, bool files, struct options *o)
{
	if (!o->rsa_key_count && text_of(s, TEXT_RSA_KEY))
		o->rsa_keys[o->rsa_key_count++] = text_of(s, TEXT_RSA_KEY);
	o->hep_key = text_of(s, TEXT_HEP_KEY);
	o->hep_agent = (uint32_t)s->values[SETTING_HEP_AGENT];
	o->hep_2 = s->values[SETTING_HEP_VERSION] == 0;
	if (!o->hep_send && s->values[SETTING_HEP_SEND]) {
		o->hep_send = s->texts[TEXT_HEP_ADDRESS];
		o->hep_port = (uint16_t)s->values[SETTING_HEP_PORT];
	}
	if (!files)
		apply_live(s, o);
}
