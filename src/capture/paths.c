/* From what the user named to files. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "capture/paths.h"
#include "capture/reader.h"

static int by_bytes(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;

	return strcmp(*left, *right);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static enum status walk(const char *path, unsigned depth,
			const struct path_taker *to, struct fault *fault);

/* One entry of a folder. */
static enum status visit(const char *folder, const char *name, unsigned depth,
			 const struct path_taker *to, struct fault *fault)
{
	size_t n = strlen(folder), m = strlen(name);
	char *path = malloc(n + 1 + m + 1);
	enum status status = STATUS_OK;
	struct stat st;

	if (!path)
		return STATUS_NOMEM;
	memcpy(path, folder, n);
	if (n && folder[n - 1] != '/')
		path[n++] = '/';
	memcpy(path + n, name, m + 1);
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		status = walk(path, depth + 1, to, fault);
	else if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		status = to->take(to->context, path, true);
	free(path);
	return status;
}

static enum status walk(const char *path, unsigned depth,
			const struct path_taker *to, struct fault *fault)
{
	enum status status = STATUS_OK;
	struct dirent **entries;
	int n;

	if (depth > FOLDERS_DEEP) {
		fault_say(fault, UINT64_MAX,
			  "folders are nested more than %u deep", FOLDERS_DEEP);
		return STATUS_LIMIT;
	}
	n = scandir(path, &entries, not_hidden, by_name);
	/* Who tries to read it will see why it cannot be. */
	if (n < 0 && errno != ENOMEM)
		return to->take(to->context, path, true);
	if (n < 0)
		return STATUS_NOMEM;
	for (int i = 0; i < n; i++) {
		if (status == STATUS_OK)
			status = visit(path, entries[i]->d_name, depth, to,
				       fault);
		free(entries[i]);
	}
	free(entries);
	return status;
}

static enum status file_or_folder(const char *path, const struct path_taker *to,
				  struct fault *fault)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return walk(path, 0, to, fault);
	return to->take(to->context, path, false);
}

static enum status pattern(const char *path, const struct path_taker *to,
			   struct fault *fault)
{
	enum status status = STATUS_OK;
	glob_t found;
	int result = glob(path, GLOB_NOSORT, NULL, &found);

	if (result == GLOB_NOMATCH) {
		fault_say(fault, UINT64_MAX, "no file matches");
		return STATUS_NOT_MINE;
	}
	if (result != 0)
		return fault_errno(fault,
				   result == GLOB_NOSPACE ? ENOMEM : EIO);
	/* By bytes, whatever the locale thinks. */
	qsort(found.gl_pathv, found.gl_pathc, sizeof(*found.gl_pathv),
	      by_bytes);
	for (size_t i = 0; i < found.gl_pathc && status == STATUS_OK; i++)
		status = file_or_folder(found.gl_pathv[i], to, fault);
	globfree(&found);
	return status;
}

enum status paths_expand(const char *path, const struct path_taker *to,
			 struct fault *fault)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && strpbrk(path, "*?[") &&
	    lstat(path, &st) != 0)
		return pattern(path, to, fault);
	return file_or_folder(path, to, fault);
}
