/*
 * Digests of files, remembered with what stat() tells of them: a file of which
 * device, inode, size and both times are as they were is not read again.
 *
 * What changed so lately that it could change once more within the same tick
 * of the file system's clock is not remembered, only read.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/check_parts.h"
#include "core/crypto.h"

#define DIGEST_BLOCK ((size_t)1 << 20)
#define HEX_CHARS ((size_t)2 * SHA256_SIZE)
#define STAMP_MAX 256u
#define SETTLED_S 2

struct check_digests {
	const json_t *known; /* stamp and digest by path */
	json_t *used;        /* of this run */
	uint8_t *block;
	bool changed;
};

struct check_digests *check_digests_new(const json_t *known)
{
	struct check_digests *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->known = known;
	d->used = json_object();
	d->block = malloc(DIGEST_BLOCK);
	if (d->used && d->block)
		return d;
	check_digests_free(d);
	return NULL;
}

void check_digests_free(struct check_digests *d)
{
	if (!d)
		return;
	json_decref(d->used);
	free(d->block);
	free(d);
}

json_t *check_digests_used(const struct check_digests *d)
{
	return d->used;
}

bool check_digests_changed(const struct check_digests *d)
{
	return d->changed;
}

static void put_stamp(const struct stat *info, struct text *to)
{
	text_printf(to, "%ju.%ju.%jd.%jd.%09ld.%jd.%09ld ",
		    (uintmax_t)info->st_dev, (uintmax_t)info->st_ino,
		    (intmax_t)info->st_size, (intmax_t)info->st_mtim.tv_sec,
		    info->st_mtim.tv_nsec, (intmax_t)info->st_ctim.tv_sec,
		    info->st_ctim.tv_nsec);
}

static bool is_settled(const struct stat *info)
{
	time_t limit = time(NULL) - SETTLED_S;

	return info->st_mtim.tv_sec < limit && info->st_ctim.tv_sec < limit;
}

/* Of any size: a chain of the digests of its blocks. */
static bool read_digest(struct check_digests *d, FILE *f,
			uint8_t out[SHA256_SIZE])
{
	struct slice pieces[2] = {slice_of(out, SHA256_SIZE)};
	size_t n;

	memset(out, 0, SHA256_SIZE);
	while ((n = fread(d->block, 1, DIGEST_BLOCK, f)) > 0) {
		uint8_t next[SHA256_SIZE];

		pieces[1] = slice_of(d->block, n);
		sha256(pieces, 2, next);
		memcpy(out, next, SHA256_SIZE);
	}
	return !ferror(f);
}

/* Reads the file and remembers it under what the open file itself tells. */
static bool digest_anew(struct check_digests *d, const char *path,
			struct text *to)
{
	struct text row = text_new(STAMP_MAX + HEX_CHARS);
	FILE *f = fopen(path, "rb");
	uint8_t digest[SHA256_SIZE];
	struct stat info;
	bool fine = f && fstat(fileno(f), &info) == 0 && S_ISREG(info.st_mode);
	bool settled = fine && is_settled(&info);

	fine = fine && read_digest(d, f, digest);
	if (f)
		fclose(f);
	if (fine)
		text_hex(to, slice_of(digest, SHA256_SIZE));
	if (fine && settled) {
		put_stamp(&info, &row);
		text_hex(&row, slice_of(digest, SHA256_SIZE));
		if (row.failed == STATUS_OK &&
		    tree_set_slice(d->used, path, text_slice(&row)))
			d->changed = true;
	}
	text_free(&row);
	return fine;
}

bool check_digest(struct check_digests *d, const char *path, struct text *to)
{
	json_t *row = json_object_get(d->known, path);
	struct slice known =
		slice_of(json_string_value(row), json_string_length(row));
	struct text stamp = text_new(STAMP_MAX);
	struct stat info;
	bool same = false;

	if (row && stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
		put_stamp(&info, &stamp);
		same = stamp.failed == STATUS_OK &&
		       known.n == stamp.n + HEX_CHARS &&
		       slice_starts(known, text_slice(&stamp));
	}
	if (same) {
		text_put(to, slice_from(known, stamp.n));
		(void)json_object_set(d->used, path, row);
	}
	text_free(&stamp);
	return same || digest_anew(d, path, to);
}
