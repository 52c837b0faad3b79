/*
 * Results of earlier runs, by what they came from: the program itself, the
 * case with its options, and the contents of all files that it names.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/check_parts.h"
#include "core/crypto.h"

#define CACHE_NAME "results-2.json"
#define CACHE_MAX ((size_t)1 << 30)
#define KEY_MAX ((size_t)64 << 20)
#define KEPT_MAX 100000u

struct check_cache {
	const struct check_run *run;
	json_t *file;  /* as it was read: results and digests */
	json_t *known; /* results by key, in that */
	json_t *used;  /* of this run */
	json_t *keys;  /* of the cases, by number; null: not to be known */
	struct check_digests *digests;
	struct text path;
	bool changed;
};

/* ---- keys ---- */

static bool put_file(struct check_cache *c, const char *path, struct text *to)
{
	bool fine;

	text_puts(to, path);
	text_putc(to, '=');
	fine = check_digest(c->digests, path, to);
	text_putc(to, '\n');
	return fine;
}

static bool put_files(struct check_cache *c, const json_t *list,
		      struct text *to)
{
	bool fine = true;

	for (size_t i = 0; i < json_array_size(list); i++)
		fine &= put_file(c, json_string_value(json_array_get(list, i)),
				 to);
	return fine;
}

static bool put_given(struct check_cache *c, struct text *to)
{
	const struct options *o = c->run->options;
	bool fine = true;

	text_printf(to, "%d %d %d %s\n", o->fails, (int)o->fail_on,
		    o->engine_off, o->filter ? o->filter : "");
	for (size_t i = 0; i < o->credential_count; i++)
		text_printf(to, "credential %s\n", o->credentials[i]);
	for (size_t i = 0; i < o->turn_secret_count; i++)
		text_printf(to, "secret %s\n", o->turn_secrets[i]);
	for (size_t i = 0; i < o->oauth_key_count; i++)
		text_printf(to, "oauth %s\n", o->oauth_keys[i]);
	for (size_t i = 0; i < o->credential_file_count; i++)
		fine &= put_file(c, o->credential_files[i], to);
	for (size_t i = 0; i < o->keylog_count; i++)
		fine &= put_file(c, o->keylogs[i], to);
	for (size_t i = 0; i < o->event_count; i++)
		fine &= put_file(c, o->events[i], to);
	for (size_t i = 0; i < o->rsa_key_count; i++)
		fine &= put_file(c, o->rsa_keys[i], to);
	return fine;
}

/* What holds for all cases: program, options, baseline, suites. */
static bool put_run(struct check_cache *c, struct text *to)
{
	text_puts(to, MRASCOPE_VERSION "\n");
	/* A program that was built anew may judge otherwise. */
	(void)put_file(c, "/proc/self/exe", to);
	if (c->run->baseline)
		tree_put(c->run->baseline, to);
	tree_put(c->run->suites, to);
	return put_given(c, to);
}

static bool put_case(struct check_cache *c, const json_t *expected,
		     struct text *to)
{
	const json_t *options = json_object_get(expected, "options");
	const char *golden = tree_text(expected, "golden");
	bool fine = put_files(c, json_object_get(expected, "captures"), to);

	fine &= put_files(c, json_object_get(options, "keylogs"), to);
	fine &= put_files(c, json_object_get(options, "rsa_keys"), to);
	fine &= put_files(c, json_object_get(options, "credential_files"), to);
	fine &= put_files(c, json_object_get(options, "events"), to);
	/* That a golden is not there yet is a state like another. */
	if (golden)
		(void)put_file(c, golden, to);
	if (json_object_get(expected, "quarantine"))
		text_puts(to, c->run->today);
	tree_put(expected, to);
	return fine && to->failed == STATUS_OK;
}

static json_t *key_of(const uint8_t run[SHA256_SIZE], struct slice own)
{
	const struct slice pieces[2] = {slice_of(run, SHA256_SIZE), own};
	uint8_t digest[SHA256_SIZE];
	struct text hex = text_new(128);
	json_t *key;

	sha256(pieces, 2, digest);
	text_hex(&hex, slice_of(digest, SHA256_SIZE));
	key = json_stringn(hex.p, hex.n);
	text_free(&hex);
	return key;
}

static void make_keys(struct check_cache *c)
{
	struct text all = text_new(KEY_MAX), own = text_new(KEY_MAX);
	uint8_t run[SHA256_SIZE];
	bool fine = put_run(c, &all) && all.failed == STATUS_OK;
	struct slice whole = text_slice(&all);

	sha256(&whole, 1, run);
	for (size_t i = 0; i < json_array_size(c->run->cases); i++) {
		json_t *key;

		text_clear(&own);
		key = fine && put_case(c, json_array_get(c->run->cases, i),
				       &own)
			      ? key_of(run, text_slice(&own))
			      : json_null();
		(void)json_array_append_new(c->keys, key);
	}
	text_free(&all);
	text_free(&own);
}

/* ---- the file ---- */

static void read_known(struct check_cache *c)
{
	struct text text = text_new(CACHE_MAX);

	if (check_read_file(c->path.p, true, &text))
		c->file = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
	/* A file that is damaged is as good as none. */
	c->known = json_object_get(c->file, "results");
	c->digests = check_digests_new(json_object_get(c->file, "files"));
	text_free(&text);
}

struct check_cache *check_cache_open(const struct check_run *run)
{
	const char *folder = run->options->cache;
	struct check_cache *c;

	if (!folder)
		return NULL;
	if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "mrascope: %s: %s\n", folder, strerror(errno));
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->run = run;
	c->used = json_object();
	c->keys = json_array();
	c->path = text_new(65536);
	text_printf(&c->path, "%s/%s", folder, CACHE_NAME);
	text_putc(&c->path, '\0');
	if (c->used && c->keys && c->path.failed == STATUS_OK)
		read_known(c);
	if (c->digests)
		make_keys(c);
	return c;
}

static const char *key_at(const struct check_cache *c, size_t at)
{
	return json_string_value(json_array_get(c->keys, at));
}

json_t *check_cache_find(struct check_cache *c, size_t at)
{
	const char *key = c ? key_at(c, at) : NULL;
	json_t *result = key ? json_object_get(c->known, key) : NULL;
	const char *outcome = tree_text(result, "outcome");

	/* Only what passes needs no renewing. */
	if (!outcome ||
	    (c->run->options->update && strcmp(outcome, "pass") != 0))
		return NULL;
	(void)json_object_set(c->used, key, result);
	return json_deep_copy(result);
}

void check_cache_keep(struct check_cache *c, size_t at, const json_t *result)
{
	const char *key = c ? key_at(c, at) : NULL;
	const char *outcome = tree_text(result, "outcome");
	json_t *copy;

	/* An error may be gone the next time; a golden that was written is not
	 * what the key was made of. */
	if (!key || !outcome || strcmp(outcome, "error") == 0 ||
	    c->run->options->update)
		return;
	copy = json_deep_copy(result);
	if (copy)
		(void)json_object_set_new(c->used, key, copy);
	c->changed = true;
}

/* What this run did not ask for is kept while there is room. */
static void keep_others(json_t *used, const char *name, const json_t *file)
{
	json_t *known = json_object_get(file, name);

	if (json_object_size(known) + json_object_size(used) < KEPT_MAX)
		(void)json_object_update_missing(used, known);
}

static void write_kept(struct check_cache *c)
{
	struct text text = text_new(CACHE_MAX);
	json_t *files = check_digests_used(c->digests), *file = json_object();

	keep_others(c->used, "results", c->file);
	keep_others(files, "files", c->file);
	(void)json_object_set(file, "results", c->used);
	(void)json_object_set(file, "files", files);
	tree_put(file, &text);
	if (text.failed == STATUS_OK)
		(void)check_write_file(c->path.p, text_slice(&text));
	json_decref(file);
	text_free(&text);
}

void check_cache_close(struct check_cache *c)
{
	if (!c)
		return;
	if (c->digests && (c->changed || check_digests_changed(c->digests)))
		write_kept(c);
	check_digests_free(c->digests);
	text_free(&c->path);
	json_decref(c->file);
	json_decref(c->used);
	json_decref(c->keys);
	free(c);
}
