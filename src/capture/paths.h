/*
 * From what the user named to files: folders are walked, patterns that the
 * shell left alone are expanded.
 */
#ifndef CAPTURE_PATHS_H
#define CAPTURE_PATHS_H

#include "capture/source.h"

/* Folders in folders no deeper than this. */
#define FOLDERS_DEEP 32u

struct path_taker {
	void *context;
	/* `found`: the user did not name it, it lay in a folder. */
	enum status (*take)(void *context, const char *path, bool found);
};

/*
 * Hands over each file that `path` stands for, sorted by bytes: itself (also
 * when there is no such file), what a pattern matches, and the regular files
 * below a folder but for those whose names, or whose folders' names, begin
 * with a dot.  Symbolic links to folders are not followed in folders.
 *
 * STATUS_NOT_MINE: a pattern that matches nothing; STATUS_IO: a folder cannot
 * be read; *fault says which.  STATUS_NOMEM; else what `take` returned when it
 * was not STATUS_OK, at once.
 */
MUST_CHECK enum status paths_expand(const char *path,
				    const struct path_taker *to,
				    struct fault *fault);

#endif /* CAPTURE_PATHS_H */
