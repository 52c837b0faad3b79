/*
 * The parts of `mrascope check`: finding cases, running them side by side,
 * remembering results, writing.  Nobody else includes this.
 */
#ifndef CLI_CHECK_PARTS_H
#define CLI_CHECK_PARTS_H

#include "check/expect.h"
#include "cli/options.h"

struct check_run {
	const struct options *options;
	struct vocabulary words;
	json_t *cases;
	json_t *results; /* in the order of the cases */
	json_t *suites;  /* {name, file, expect, first, count} */
	json_t *baseline;
	char today[16];
	int status; /* EXIT_USAGE and the like, beside what results say */
};

/* A file as it lies there; false after a message when it cannot be read, or
 * silently when it is not there and `optional`. */
bool check_read_file(const char *path, bool optional, struct text *to);
/* Writes a file in one step; false after a message, and errno tells why. */
bool check_write_file(const char *path, struct slice text);
/* The same with what `write` puts there. */
bool check_replace_file(const char *path,
			bool (*write)(const void *context, FILE *to),
			const void *context);

/* Fills cases and suites; false after a message, with run->status. */
bool check_find(struct check_run *run);

/* Runs the cases, those of which the results are not known. */
bool check_work(struct check_run *run);

/* One case, in a process of its own: its result. */
json_t *check_case(const struct check_run *run, json_t *expected);

/* ---- results of an earlier run ---- */

struct check_cache;

/* NULL when there is none (no folder given, or out of memory). */
struct check_cache *check_cache_open(const struct check_run *run);
/* The result of a case, or NULL; the caller frees it. */
json_t *check_cache_find(struct check_cache *cache, size_t at);
void check_cache_keep(struct check_cache *cache, size_t at,
		      const json_t *result);
/* Writes it and frees it. */
void check_cache_close(struct check_cache *cache);

struct check_digests;

/* `known`: what an earlier run used, or NULL; borrowed.  NULL: no memory. */
struct check_digests *check_digests_new(const json_t *known);
void check_digests_free(struct check_digests *d);
/* The digest of a file's contents in hex; false: it cannot be read. */
bool check_digest(struct check_digests *d, const char *path, struct text *to);
/* What to know the next time; belongs to d. */
json_t *check_digests_used(const struct check_digests *d);
bool check_digests_changed(const struct check_digests *d);

/* Writes all forms.  An exit status, and a message where it is not fine. */
int check_write(const struct check_run *run);

#endif /* CLI_CHECK_PARTS_H */
