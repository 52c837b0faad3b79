/* Walks the collected messages of other projects. */
#include "config.h"

#include <dirent.h>

#include "tests/support/collected.h"
#include "tests/support/t.h"

#define PATH_ROOM 2048
#define FILE_ROOM ((size_t)4 << 20)

static struct slice read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *room = malloc(FILE_ROOM);
	struct slice exact;
	size_t n = 0;

	if (!room)
		abort();
	if (f) {
		n = fread(room, 1, FILE_ROOM, f);
		fclose(f);
	}
	exact = t_exact(slice_of(room, n));
	free(room);
	return exact;
}

/* "folder/name"; false when it is too long. */
static bool join(char out[PATH_ROOM], const char *folder, const char *name)
{
	int n = snprintf(out, PATH_ROOM, "%s/%s", folder, name);

	return n > 0 && n < PATH_ROOM;
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

static size_t in_folder(const char *path, const char *suffix,
			void (*run)(const char *path, struct slice bytes))
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[PATH_ROOM];
	size_t count = 0;

	while (folder && (entry = readdir(folder)) != NULL) {
		struct slice bytes;

		if (!ends_in(entry->d_name, suffix) ||
		    !join(name, path, entry->d_name))
			continue;
		bytes = read_file(name);
		run(name, bytes);
		t_release(bytes);
		count++;
	}
	if (folder)
		closedir(folder);
	return count;
}

size_t collected_each(const char *suffix,
		      void (*run)(const char *path, struct slice bytes))
{
	const char *captures = getenv("MRASCOPE_CAPTURES");
	const char *top = getenv("srcdir");
	char path[PATH_ROOM], name[PATH_ROOM];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	if (!(captures ? join(path, captures, "messages")
		       : join(path, top ? top : ".",
			      "../shared/captures/messages")))
		return 0;
	folder = opendir(path);
	while (folder && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.' && join(name, path, entry->d_name))
			count += in_folder(name, suffix, run);
	}
	if (folder)
		closedir(folder);
	return count;
}
