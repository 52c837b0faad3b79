/*
 * Opening a file to write it empties it: when it is a capture that is to be
 * read, that was all there was of a call.
 */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "capture/paths.h"
#include "cli/apart.h"

struct looking {
	struct stat at;
	bool found;
};

/* Results may lie in the folder of the captures, and be written anew there. */
static bool holds_nothing(const char *path)
{
	struct byte_source *bytes;
	struct source *source;
	struct fault fault = {0};
	enum status status;

	if (bytes_open_file(path, &bytes, &fault) != STATUS_OK)
		return false;
	status = source_open(bytes, path, &source, &fault);
	if (status == STATUS_OK)
		source->close(source);
	return status == STATUS_NOT_MINE || status == STATUS_SHORT;
}

/* `found`: it lies in a folder that is read. */
static enum status look(void *context, const char *path, bool found)
{
	struct looking *l = context;
	struct stat st;

	if (stat(path, &st) == 0 && st.st_dev == l->at.st_dev &&
	    st.st_ino == l->at.st_ino && !(found && holds_nothing(path)))
		l->found = true;
	return STATUS_OK;
}

/* Folders and patterns stand for files; what cannot be read is no matter. */
static void look_behind(struct looking *l, const char *path)
{
	const struct path_taker to = {.context = l, .take = look};
	struct fault fault = {0};

	if (path && paths_expand(path, &to, &fault) != STATUS_OK)
		return;
}

static void look_at_all(struct looking *l, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)look(l, paths[i], false);
}

/* Is it one of those, whatever it is called here? */
static bool is_read(const struct options *o, const char *path)
{
	struct looking l = {.found = false};

	if (stat(path, &l.at) != 0 || !S_ISREG(l.at.st_mode))
		return false;
	for (size_t i = 0; i < o->path_count; i++)
		look_behind(&l, o->paths[i]);
	look_behind(&l, o->follow);
	look_at_all(&l, o->credential_files, o->credential_file_count);
	look_at_all(&l, o->keylogs, o->keylog_count);
	look_at_all(&l, o->rsa_keys, o->rsa_key_count);
	look_at_all(&l, o->events, o->event_count);
	return l.found;
}

static bool is_apart(const struct options *o, const char *option,
		     const char *path)
{
	if (!path || !is_read(o, path))
		return true;
	fprintf(stderr, "mrascope: --%s %s: that is one of the files to read\n",
		option, path);
	return false;
}

bool outputs_are_apart(const struct options *o)
{
	bool fine = is_apart(o, "output", o->output) &&
		    is_apart(o, "write", o->write) &&
		    is_apart(o, "record", o->record) &&
		    is_apart(o, "write-baseline", o->write_baseline);

	for (size_t i = 0; fine && i < o->save_count; i++) {
		const char *file = strchr(o->saves[i], '=');

		fine = is_apart(o, "save", file ? file + 1 : NULL);
	}
	for (size_t i = 0; fine && i < o->form_count; i++)
		fine = is_apart(o, "format", o->forms[i].file);
	return fine;
}
